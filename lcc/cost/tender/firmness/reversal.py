r"""When the winner would change: by chance, by one parameter, by the weights, by a carbon price.

What bids share is drawn once for all of them; what each bid states is drawn on its own. A
probability that the first bid changes is the share of draws in which it is no longer first, draws
in which several are first being shared among them.

These figures help the buyer to know how firm a ranking is. They change no mark, and are kept out of
the analysis report: the rule alone decides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lcc.cost.tender.comparison.compared import Comparison
from lcc.cost.tender.comparison.weights import draw_weights, weight_limits, weight_vertices
from lcc.cost.tender.evaluation.evaluate import Marks, earning_bids, mark_bids, sort_bids
from lcc.cost.tender.evaluation.results import LotResult
from lcc.cost.tender.rule.published import Tender
from lcc.cost.tender.rule.scoring import calc_marks, find_undefined, round_marks
from lcc.errors import FieldError
from lcc.uncertainty.choice import probability_interval, rank_probabilities
from lcc.uncertainty.draws import draw_inputs, make_generator

__all__ = [
    "Flip",
    "WeightDoubt",
    "WinnerDoubt",
    "compare_lot",
    "draw_winner",
    "find_flips",
    "weigh_winner",
]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

DRAWS = 10_000
SEED = 20260101
LEVEL = 0.95
GRID = 401
ZOOMS = 6
REACH = 10.0
"""How many times the published one a carbon price is followed to."""


@dataclass(frozen=True)
class WinnerDoubt:
    """How firm a ranking is under the errors of its inputs.

    Attributes
    ----------
    bids : tuple of str
        Keys, in the order of the arrays.
    winners : tuple of str
        First at central values.
    probability_first : tuple of float
        Of each bid; they add up to 1.
    rank_probabilities : array, shape (bids, ranks)
    flip_probability : float
        That the first bid is no longer first.
    flip_interval : (float, float)
        95 % interval of it, from the number of draws.
    lead_quantiles : tuple of float
        5, 50 and 95 % of the winner's lead over the best of the others, in points.
    draws, seed : int
    undefined_draws : int
        Draws left out because a formula was not defined there.
    inputs : tuple of str
        What was drawn.
    """

    bids: tuple[str, ...]
    winners: tuple[str, ...]
    probability_first: tuple[float, ...]
    rank_probabilities: Floats
    flip_probability: float
    flip_interval: tuple[float, float]
    lead_quantiles: tuple[float, float, float]
    draws: int
    seed: int
    undefined_draws: int
    inputs: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the figures as a mapping."""
        return {
            "winners": list(self.winners),
            "probability_first": dict(zip(self.bids, self.probability_first, strict=True)),
            "rank_probabilities": dict(
                zip(self.bids, self.rank_probabilities.tolist(), strict=True)
            ),
            "flip_probability": self.flip_probability,
            "flip_interval_95": list(self.flip_interval),
            "lead_points_5_50_95": list(self.lead_quantiles),
            "draws": self.draws,
            "seed": self.seed,
            "undefined_draws": self.undefined_draws,
            "inputs": list(self.inputs),
        }


@dataclass(frozen=True)
class Flip:
    """Where the first bid changes as one parameter moves, all else at its central value.

    Attributes
    ----------
    name, label, unit : str
    central, low, high : float
        Central value and range looked at.
    below, above : float or None
        Nearest value below and above the central one at which the first place changes, were it to
        be shared; None where there is none in the range.
    winners_below, winners_above : tuple of str
        Who is first there.
    """

    name: str
    label: str
    unit: str
    central: float
    low: float
    high: float
    below: float | None
    above: float | None
    winners_below: tuple[str, ...] = ()
    winners_above: tuple[str, ...] = ()

    @property
    def flips(self) -> bool:
        """Whether the first bid changes anywhere in the range."""
        return self.below is not None or self.above is not None

    def to_json(self) -> dict[str, Any]:
        """Return the figures as a mapping."""
        return {
            "name": self.name,
            "label": self.label,
            "unit": self.unit,
            "central": self.central,
            "low": self.low,
            "high": self.high,
            "below": self.below,
            "winners_below": list(self.winners_below),
            "above": self.above,
            "winners_above": list(self.winners_above),
        }


@dataclass(frozen=True)
class WeightDoubt:
    """How firm a ranking is over the weights the rule admits.

    Attributes
    ----------
    share_first : mapping of str to float
        Bid → share of the admissible weightings under which it is first.
    flip_share : float
        Share under which the first bid is another.
    certain : bool
        Whether the same bid is first at every corner of the admissible weights, hence everywhere
        (marks before rounding).
    """

    share_first: Mapping[str, float]
    flip_share: float
    certain: bool
    draws: int
    seed: int

    def to_json(self) -> dict[str, Any]:
        """Return the figures as a mapping."""
        return {
            "share_first": dict(self.share_first),
            "flip_share": self.flip_share,
            "certain": self.certain,
            "draws": self.draws,
            "seed": self.seed,
        }


def compare_lot(tender: Tender, lot: LotResult) -> Comparison:
    """Return the comparison of the bids a lot marked.

    Raises
    ------
    FieldError
        If the lot marked none.
    """
    if not lot.scored:
        raise FieldError(
            "no bid of the lot is marked",
            file=tender.file,
            field=lot.lot or "lot",
            found="nothing to compare",
            expected="at least one complete bid",
        )
    # By key, as the marks were made: the order of the ranking is no order of the draws.
    return Comparison.build(tender, sorted((each.bid for each in lot.scored), key=lambda b: b.key))


def draw_winner(
    tender: Tender, lot: LotResult, *, draws: int = DRAWS, seed: int = SEED
) -> WinnerDoubt:
    """Return how often each bid is first under the errors of the inputs.

    Parameters
    ----------
    tender : Tender
    lot : LotResult
        The evaluation of a lot.
    draws : int
        Number of draws.
    seed : int
        At least 0; each input has its own stream (`uncertainty.draws`).
    """
    comparison = compare_lot(tender, lot)
    uncertain = comparison.uncertain
    laws = {
        name: each.distribution for name, each in uncertain.items() if each.distribution is not None
    }
    values = draw_inputs(laws, draws, seed)
    compared = comparison.evaluate(values)
    defined = _find_defined(comparison, compared)
    kept = {key: array[defined] for key, array in compared.items()}
    if not defined.any():
        raise FieldError(
            "no draw gives every bid a mark",
            file=tender.file,
            field="fields.distribution",
            found=f"{defined.size} draws in which a formula is not defined",
            expected="values the formulas are defined for",
        )
    marks = mark_bids(comparison, lot.weights, compared=kept)
    places = sort_bids(tender, marks)
    first = places == 1
    shares = (first / first.sum(axis=1, keepdims=True)).mean(axis=0)
    keys = tuple(bid.key for bid in comparison.bids)
    own = [keys.index(key) for key in lot.winners]
    flip = float(np.clip(1.0 - shares[own].sum(), 0.0, 1.0))
    count = int(places.shape[0])
    # A single row means that nothing is drawn: the ranking is as sure as its inputs.
    interval = probability_interval(flip, count) if count > 1 else (flip, flip)
    return WinnerDoubt(
        bids=keys,
        winners=lot.winners,
        probability_first=tuple(float(each) for each in shares),
        rank_probabilities=rank_probabilities(places.astype(np.float64)),
        flip_probability=flip,
        flip_interval=(float(interval[0]), float(interval[1])),
        lead_quantiles=_lead(marks, own),
        draws=count,
        seed=seed,
        undefined_draws=int((~defined).sum()),
        inputs=tuple(uncertain),
    )


def _lead(marks: Marks, own: list[int]) -> tuple[float, float, float]:
    """Return 5, 50 and 95 % of the lead of the first bids over the best of the others."""
    others = np.setdiff1d(np.arange(marks.totals.shape[1]), own)
    best = marks.totals[:, own].max(axis=1)
    lead = best - marks.totals[:, others].max(axis=1) if others.size else best
    low, middle, high = np.quantile(lead, [0.05, 0.5, 0.95])
    return float(low), float(middle), float(high)


def _find_defined(comparison: Comparison, compared: Mapping[str, Floats]) -> Flags:
    """Tell in which draws every formula is defined for every bid it marks, shape (draws,)."""
    defined = np.ones(max(array.shape[0] for array in compared.values()), dtype=np.bool_)
    for criterion in comparison.tender.criteria:
        earns = earning_bids(comparison, criterion)
        broken = find_undefined(criterion, compared[criterion.key]) & earns[None, :]
        defined &= ~broken.any(axis=1)
    return defined


Winners = Callable[[Floats], Flags]
"""Values of a parameter, shape (n,) → which bids are first, shape (n, bids): none where a formula
is not defined."""


def find_flips(
    tender: Tender,
    lot: LotResult,
    *,
    ranges: Mapping[str, tuple[float, float]] | None = None,
    level: float = LEVEL,
) -> tuple[Flip, ...]:
    """Return, for each parameter alone, where the first bid changes in its range.

    Parameters
    ----------
    tender : Tender
    lot : LotResult
        The evaluation of a lot.
    ranges : mapping of str to (float, float), optional
        Input → range to look at, in place of its distribution's; any input of the comparison may
        be named.
    level : float
        Share of a distribution that its range holds.

    Returns
    -------
    tuple of Flip
        Uncertain inputs, then carbon prices of the rule (from 0 to ten times the published one),
        then weights published as ranges, the others giving way in proportion to their room.

    Notes
    -----
    A grid of 401 values, then six closer ones around the nearest change: two changes within one
    step of the first grid go unseen. A range in which nothing changes ends where a formula is no
    longer defined for a bid, such as an amount that a discount takes down to zero.
    """
    comparison = compare_lot(tender, lot)
    asked = dict(ranges or {})
    for name in asked:
        if name not in comparison.inputs:
            raise FieldError(
                "no input of this name",
                field=name,
                found=name,
                expected=", ".join(sorted(comparison.inputs)),
            )
    flips = []
    for name, each in comparison.inputs.items():
        if name in asked:
            low, high = asked[name]
        elif each.distribution is not None:
            low, high = each.distribution.bounds(level)
        else:
            continue

        def by_input(values: Floats, name: str = name) -> Flags:
            return _first_of(comparison, lot, comparison.evaluate({name: values}))

        flips.append(
            _scan(by_input, comparison, name, each.label, each.unit, each.central, low, high)
        )
    flips += _carbon_flips(tender, lot, comparison)
    flips += _weight_flips(tender, lot, comparison)
    return tuple(flips)


def _carbon_flips(tender: Tender, lot: LotResult, comparison: Comparison) -> list[Flip]:
    """Return where the carbon prices of the rule, or the carbon value of the study, flip."""
    flips = []
    for criterion in tender.criteria:
        if criterion.eur_per_tco2e is None:
            continue

        def by_price(values: Floats, key: str = criterion.key) -> Flags:
            found = comparison.evaluate(carbon_prices={key: values})
            return _first_of(comparison, lot, found)

        published = criterion.eur_per_tco2e
        flips.append(
            _scan(by_price, comparison, f"criteria.{criterion.key}.eur_per_tco2e",
                  f"{criterion.label} : prix de la tonne", "EUR/tCO2e", published, 0.0,
                  REACH * published)
        )  # fmt: skip
    valued = any(each.externalities for each in tender.criteria)
    multiplier = comparison.inputs.get("carbon-value")
    if valued and multiplier is not None:

        def by_multiplier(values: Floats) -> Flags:
            return _first_of(comparison, lot, comparison.evaluate({"carbon-value": values}))

        flips.append(
            _scan(by_multiplier, comparison, "carbon-value", multiplier.label, multiplier.unit,
                  multiplier.central, 0.0, REACH * multiplier.central)
        )  # fmt: skip
    return flips


def _weight_flips(tender: Tender, lot: LotResult, comparison: Comparison) -> list[Flip]:
    """Return where each weight published as a range flips the first bid."""
    low, high = weight_limits(tender)
    base = np.array([lot.weights[each.key] for each in tender.criteria])
    if tender.weighting != "ranges":
        return []
    shares = _share_of_points(comparison, lot.weights)
    flips = []
    for place, criterion in enumerate(tender.criteria):
        # The others can give no more than their own ranges leave.
        least = max(
            low[place], base[place] - (np.delete(high, place) - np.delete(base, place)).sum()
        )
        most = min(
            high[place], base[place] + (np.delete(base, place) - np.delete(low, place)).sum()
        )
        if most - least <= 0:
            continue

        def by_weight(values: Floats, place: int = place) -> Flags:
            weights = _rebalance(base, low, high, place, values)
            return _first(tender, _weigh(tender, shares, weights))

        flips.append(
            _scan(by_weight, comparison, f"criteria.{criterion.key}.weight",
                  f"{criterion.label} : poids", "points", float(base[place]), float(least),
                  float(most))
        )  # fmt: skip
    return flips


def _rebalance(base: Floats, low: Floats, high: Floats, place: int, values: Floats) -> Floats:
    """Return weights with one of them given, the others moved in proportion to their room."""
    weights = np.repeat(base[None, :], values.size, axis=0)
    change = values - base[place]
    room = np.where(change[:, None] > 0, base - low, high - base)
    room[:, place] = 0.0
    total = room.sum(axis=1, keepdims=True)
    weights -= change[:, None] * np.divide(room, total, out=np.zeros_like(room), where=total > 0)
    weights[:, place] = values
    return weights


def weigh_winner(
    tender: Tender, lot: LotResult, *, draws: int = DRAWS, seed: int = SEED
) -> WeightDoubt:
    """Return how often each bid is first over all the weights the rule admits.

    Points admit one weighting only: the share is then 0 or 1.
    """
    comparison = compare_lot(tender, lot)
    shares = _share_of_points(comparison, lot.weights)
    weights = draw_weights(tender, draws, make_generator("weights", seed))
    first = _first(tender, _weigh(tender, shares, weights))
    held = (first / first.sum(axis=1, keepdims=True)).mean(axis=0)
    keys = [bid.key for bid in comparison.bids]
    own = [keys.index(key) for key in lot.winners]
    corners = weight_vertices(tender) @ shares.T
    best = np.delete(corners, own, axis=1)
    ahead = corners[:, own].min(axis=1)
    return WeightDoubt(
        share_first=dict(zip(keys, held.tolist(), strict=True)),
        flip_share=float(np.clip(1.0 - held[own].sum(), 0.0, 1.0)),
        certain=bool(best.size == 0 or (ahead[:, None] >= best).all()),
        draws=draws,
        seed=seed,
    )


def _share_of_points(comparison: Comparison, weights: Mapping[str, float]) -> Floats:
    """Return the share of the points each bid earns on each criterion, shape (bids, criteria)."""
    compared = comparison.evaluate()
    columns = []
    for criterion in comparison.tender.criteria:
        earns = earning_bids(comparison, criterion)
        column = np.zeros(len(comparison.bids))
        if earns.any():
            weight = weights[criterion.key]
            column[earns] = (
                calc_marks(criterion, compared[criterion.key][0, earns], weight) / weight
            )
        columns.append(column)
    return np.column_stack(columns)


def _weigh(tender: Tender, shares: Floats, weights: Floats) -> Marks:
    """Return marks for many weightings, shape (weightings, bids, criteria)."""
    exact = weights[:, None, :] * shares[None, :, :]
    keys = tuple(each.key for each in tender.criteria)
    return Marks(keys, exact, round_marks(exact, tender.decimals))


def _first(tender: Tender, marks: Marks) -> Flags:
    return np.asarray(sort_bids(tender, marks) == 1)


def _first_of(comparison: Comparison, lot: LotResult, compared: Mapping[str, Floats]) -> Flags:
    """Return which bids are first, none where a formula is not defined, shape (draws, bids)."""
    defined = _find_defined(comparison, compared)
    first = np.zeros((defined.size, len(comparison.bids)), dtype=np.bool_)
    if defined.any():
        kept = {key: array[defined] for key, array in compared.items()}
        first[defined] = _first(
            comparison.tender, mark_bids(comparison, lot.weights, compared=kept)
        )
    return first


def _scan(
    winners: Winners,
    comparison: Comparison,
    name: str,
    label: str,
    unit: str,
    central: float,
    low: float,
    high: float,
) -> Flip:
    """Return where the first bid changes between the central value and each end of a range."""
    keys = [bid.key for bid in comparison.bids]
    base = winners(np.array([central]))[0]
    found: dict[str, tuple[float | None, tuple[str, ...]]] = {}
    ends = {"below": low, "above": high}
    for side, end in tuple(ends.items()):
        found[side] = None, ()
        near, far = central, end
        if (side == "below" and end >= central) or (side == "above" and end <= central):
            continue
        for _ in range(1 + ZOOMS):
            grid = np.linspace(near, far, GRID)
            changed = (winners(grid) != base).any(axis=1)
            if not changed.any():
                break
            at = int(np.argmax(changed))
            if at == 0:
                break
            near, far = float(grid[at - 1]), float(grid[at])
            named = winners(np.array([far]))[0]
            found[side] = far, tuple(k for k, on in zip(keys, named, strict=True) if on)
        if found[side][0] is not None and not found[side][1]:
            # Nobody is marked there: the range ends, and nothing flips within it.
            ends[side], found[side] = near, (None, ())
    return Flip(
        name, label, unit, central, ends["below"], ends["above"],
        found["below"][0], found["above"][0], found["below"][1], found["above"][1],
    )  # fmt: skip
