r"""Updates against truths: a truth, what suppliers measure of it, what the package makes of that.

For each truth the errors of terms are drawn from the map's model, those of measured contracts from
the hierarchical one (`lcc.uncertainty.hierarchy`): a spread :math:`\tau` from its prior where it is
learnt, a difference of each contract and one of the senders of each family, the error of each
measurement. `lcc.carbon.update` then runs as for a user, set-aside figures included, and its
intervals are held against the truth.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from lcc.carbon.result import CarbonMap
from lcc.carbon.trials.coverage import Bounds, bound_year
from lcc.carbon.trials.truths import AS_STATED, Departure, draw_terms, draw_totals
from lcc.carbon.trials.world import World
from lcc.carbon.update.contracts import gather_contracts
from lcc.carbon.update.judge import judge_measurements
from lcc.carbon.update.learn import Learnt, learn_together
from lcc.carbon.update.parameters import Learning, load_learning
from lcc.carbon.update.rebuild import rebuild_map
from lcc.tables import schema
from lcc.uncertainty.hierarchy import HALF_NORMAL_MEDIAN
from lcc.uncertainty.lognormal import calc_log_sd
from lcc.units import KG_PER_TONNE

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Campaign", "Senders", "TriedUpdates", "restrict_map", "try_updates"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Senders:
    """In what measured contracts and their figures are otherwise than the model states.

    Attributes
    ----------
    greener : float
        What the truth of a measured contract is times: 0.7 where those that send figures emit 30 %
        less than the others of their family.
    understated : float
        What each figure is times: 0.8 where all of them leave a fifth out.
    """

    greener: float = 1.0
    understated: float = 1.0


HONEST = Senders()


@dataclass(frozen=True)
class Campaign:
    """Which contracts are measured in a year, and how well.

    Attributes
    ----------
    contracts : tuple of (str, str)
        Family and contract.
    year : int
    error_cv : float
        Coefficient of variation of a measurement's error.
    own_share : float
        Share of that error's variance that no other measurement by the method has; contracts of one
        family use one method.
    accepted : bool
        Whether somebody accepts figures by name and date, so that none is too far to be used.
    """

    contracts: tuple[tuple[str, str], ...]
    year: int
    error_cv: float = 0.1
    own_share: float = 0.5
    accepted: bool = False

    @classmethod
    def of_largest(
        cls, world: World, year: int, families: Sequence[str], each: int, **how: Any
    ) -> Campaign:
        """Return the campaign that measures the largest contracts of some families.

        Those without credit notes, and without payments in other families.
        """
        chosen: list[tuple[str, str]] = []
        for family in families:
            held = (world.family == family) & (world.year == year) & (world.contract != "")
            names, of_line = np.unique(world.contract[held], return_inverse=True)
            sums = np.bincount(of_line, world.kgco2e[held], minlength=names.size)
            credit = np.bincount(of_line, world.kgco2e[held] < 0, minlength=names.size) > 0
            several = np.isin(names, world.contract[world.family != family])
            size = np.where(credit | several, 0.0, sums)
            order = np.argsort(-size, kind="stable")[:each]
            chosen += [(family, str(names[rank])) for rank in order if size[rank] > 0]
        return cls(tuple(chosen), year, **how)

    def record(self, tonnes: Floats) -> pd.DataFrame:
        """Return the table of measurements, as `lcc.carbon.update.read` would read it."""
        import pandas as pd

        rows = []
        for rank, ((family, contract), measured) in enumerate(
            zip(self.contracts, tonnes, strict=True)
        ):
            row = dict.fromkeys([*schema("measurement").names, "row"])
            rows.append(
                row
                | {
                    "measurement_id": f"{contract}:{family}",
                    "contract": contract,
                    "supplier_id": "",
                    "family": family,
                    "period_start": datetime.date(self.year, 1, 1),
                    "period_end": datetime.date(self.year, 12, 31),
                    "value": float(measured),
                    "unit": "tCO2e",
                    "error_cv": self.error_cv,
                    "own_share": self.own_share,
                    "method": f"method of {family}",
                    "quality": 2,
                    "document": "trial",
                    "status": "accepted",
                    "accepted_by": "trial" if self.accepted else None,
                    "accepted_on": datetime.date(self.year + 1, 1, 1) if self.accepted else None,
                    "row": rank + 2,
                }
            )
        return pd.DataFrame(rows).astype(object)


@dataclass(frozen=True)
class TriedUpdates:
    """Shares of truths in the intervals of updated maps.

    Attributes
    ----------
    whole : float
        Of the year's total.
    families : dict
        Of the tonnes of each measured family.
    factors : dict
        Of each measured family's factor, the term that most of what was measured goes by.
    terms : array
        Of the multiplier of every term of the map, measured or not.
    narrowed : float
        Mean part of the width of the total's interval that is gone.
    set_aside : float
        Mean share of measurements that were not used.
    truths : int
    """

    whole: float
    families: dict[str, float]
    factors: dict[str, float]
    terms: Floats
    narrowed: float
    set_aside: float
    truths: int


def restrict_map(
    carbon: CarbonMap, world: World, families: Sequence[str], year: int
) -> tuple[CarbonMap, World]:
    """Return a map by family and contract, and its lines, of some families and one year."""
    cells = {}
    for name in ("family", "contract"):
        table = carbon.cells[name]
        kept = pc.and_(
            pc.is_in(table["family"], value_set=pa.array(families)),
            pc.equal(table["budget_year"], year),
        )
        cells[name] = table.filter(kept).combine_chunks()
    held = np.isin(world.family, families) & (world.year == year)
    return replace(carbon, cells=cells, _emissions={}), world.select(held)


@dataclass
class _Counts:
    """What is counted truth by truth."""

    whole: list[bool] = field(default_factory=list)
    families: list[NDArray[np.bool_]] = field(default_factory=list)
    terms: list[NDArray[np.bool_]] = field(default_factory=list)
    narrowed: list[float] = field(default_factory=list)
    aside: list[float] = field(default_factory=list)


def try_updates(
    carbon: CarbonMap,
    world: World,
    campaign: Campaign,
    truths: int,
    seed: int,
    departure: Departure = AS_STATED,
    senders: Senders = HONEST,
) -> TriedUpdates:
    """Return the shares of truths that the intervals after a campaign of measurements hold.

    Parameters
    ----------
    carbon : CarbonMap
        By family and contract; a small one, for it is updated once per truth (`restrict_map`).
    world : World
        Its lines.
    campaign : Campaign
    truths : int
    seed : int
    departure : Departure
    senders : Senders
    """
    learning = load_learning()
    start = bound_year(carbon, campaign.year)
    rng = np.random.default_rng(seed)
    terms = draw_terms(world, truths, rng, departure)
    true, figures, everything = _draw_campaign(
        carbon, world, campaign, terms, rng, departure, senders, learning
    )
    # The map by contract may order its terms otherwise than its lines do.
    place = _match_terms(carbon, world)
    counts = _Counts()
    for truth in range(truths):
        judged = judge_measurements(campaign.record(figures[truth]), carbon, learning)
        counts.aside.append(1 - len(judged.used) / len(campaign.contracts))
        if not judged.used:
            after, found = carbon, None
        else:
            measured = gather_contracts(judged, learning)
            found = learn_together(
                judged.held.emissions,
                [record for each in measured for record in each.records],
                [beside for each in measured for beside in each.compared],
                [rank for rank, each in enumerate(measured) for _ in each.records],
                [(rank, term) for rank, each in enumerate(measured) for term in each.other_terms],
                learning,
            )
            after = rebuild_map(carbon, judged, found, measured)
        _count(counts, start, after, campaign.year, everything, truth)
        if found is not None:
            counts.terms.append(_count_terms(found, terms[truth, place]))
    return _sum_up(counts, start, campaign, carbon, true.shape[0])


def _draw_campaign(
    carbon: CarbonMap,
    world: World,
    campaign: Campaign,
    terms: Floats,
    rng: np.random.Generator,
    departure: Departure,
    senders: Senders,
    learning: Learning,
) -> tuple[Floats, Floats, dict[str, Floats]]:
    """Return true tonnes of contracts, their figures, and true tonnes of the whole and families."""
    truths = len(terms)
    families = sorted({family for family, _ in campaign.contracts})
    line_of = np.full(len(world), -1, dtype=np.int64)
    for rank, (family, contract) in enumerate(campaign.contracts):
        held = (world.family == family) & (world.contract == contract)
        line_of[held & (world.year == campaign.year)] = rank
    kilograms = np.bincount(line_of[line_of >= 0], world.kgco2e[line_of >= 0])
    judged = judge_measurements(campaign.record(kilograms / KG_PER_TONNE), carbon, learning)
    euros = np.array([judged.compared[rank].euro_share for rank in range(len(campaign.contracts))])
    relative = np.array([learning.relative_spread(float(each)) for each in euros])
    taught = len(campaign.contracts) - len(families) >= learning.learn_from
    spread = learning.spread(learn=taught)
    tau = np.full(truths, spread.log_sd)
    if taught:
        tau = np.abs(rng.standard_normal(truths)) * spread.log_sd / HALF_NORMAL_MEDIAN
    own = tau[:, None] * relative
    u = rng.standard_normal(own.shape) * own - own**2 / 2
    beta = spread.selection_log_sd
    sent = rng.standard_normal((truths, len(families))) * beta - beta**2 / 2
    of_family = np.array([families.index(family) for family, _ in campaign.contracts])
    true = np.zeros((truths, len(campaign.contracts)))
    for rank in range(len(campaign.contracts)):
        lines = np.flatnonzero(line_of == rank)
        true[:, rank] = terms[:, world.terms[lines]] @ world.kgco2e[lines] / KG_PER_TONNE
    true *= np.exp(u + sent[:, of_family]) * senders.greener
    log_sd = float(calc_log_sd(campaign.error_cv))
    error = np.sqrt(campaign.own_share) * rng.standard_normal(true.shape)
    common = rng.standard_normal((truths, len(families)))[:, of_family]
    error += np.sqrt(1 - campaign.own_share) * common
    # A figure is the mean of what the truth may be: above it by half the variance of its error.
    figures = true * np.exp(log_sd * error + log_sd**2 / 2) * senders.understated
    others = world.select((line_of < 0) & (world.year == campaign.year))
    names = bound_year(carbon, campaign.year).groups
    rank_of = {name: rank for rank, name in enumerate(names)}
    place = np.array([rank_of[str(each)] for each in others.family], dtype=np.int64)
    rest = draw_totals(others, [(place, len(names))], truths, rng, departure, terms)[0]
    by_family = rest / KG_PER_TONNE
    for rank, (family, _) in enumerate(campaign.contracts):
        by_family[:, rank_of[family]] += true[:, rank]
    return true, figures, {"whole": by_family.sum(axis=1), "families": by_family}


def _match_terms(carbon: CarbonMap, world: World) -> NDArray[np.int64]:
    """Return the rank, among the terms of lines, of each term of the map by contract."""
    found = carbon.emissions("contract")
    count = len(world.keys)
    described = {
        tuple((world.keys[rank][term], world.loadings[rank, term]) for rank in range(count)): term
        for term in range(world.loadings.shape[1])
    }
    loads = [found.errors.loading(rank) for rank in range(count)]
    return np.array(
        [
            described[
                tuple(
                    (found.component_keys[rank][term], loads[rank][term]) for rank in range(count)
                )
            ]
            for term in range(found.errors.terms)
        ]
    )


def _count(
    counts: _Counts,
    start: Bounds,
    after: CarbonMap,
    year: int,
    true: dict[str, Floats],
    truth: int,
) -> None:
    found = bound_year(after, year)
    rank = {name: place + 1 for place, name in enumerate(found.groups)}
    order = [rank[name] for name in start.groups]
    whole, families = true["whole"][truth], true["families"][truth]
    counts.whole.append(bool(found.low[0] <= whole <= found.high[0]))
    counts.families.append((found.low[order] <= families) & (families <= found.high[order]))
    width = float(found.high[0] - found.low[0])
    counts.narrowed.append(1 - width / float(start.high[0] - start.low[0]))


def _count_terms(found: Learnt, true: Floats) -> NDArray[np.bool_]:
    """Return which multipliers of terms lie in their interval given the measurements."""
    low, high = (each[: found.layout.terms] for each in found.bounds)
    return np.asarray((low <= true) & (true <= high))


def _sum_up(
    counts: _Counts, start: Bounds, campaign: Campaign, carbon: CarbonMap, truths: int
) -> TriedUpdates:
    shares = dict(zip(start.groups, np.mean(counts.families, axis=0), strict=True))
    terms = np.mean(counts.terms, axis=0)
    found = carbon.emissions("contract")
    families = sorted({family for family, _ in campaign.contracts})
    cells = np.array(carbon.cells["contract"]["family"].to_pylist())
    main = {
        each: int(
            np.bincount(found.terms[cells == each], np.abs(found.kgco2e[cells == each])).argmax()
        )
        for each in families
    }
    return TriedUpdates(
        whole=float(np.mean(counts.whole)),
        families={each: float(shares[each]) for each in families},
        factors={each: float(terms[main[each]]) for each in families},
        terms=terms,
        narrowed=float(np.mean(counts.narrowed)),
        set_aside=float(np.mean(counts.aside)),
        truths=truths,
    )
