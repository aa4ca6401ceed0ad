r"""Why the emissions of two years differ, at constant method: causes that sum to the gram.

Both years come from one map: one method, one set of tables. With :math:`V` the covered spending in
euros of the base year (`lcc.carbon.volumes`), :math:`S_g = V_g / V` the share of a group,
:math:`R_{s|g} = V_s / V_g` that of a stratum (way of calculating) in its group and
:math:`I_s = E_s / V_s` its kilograms per constant euro,

.. math:: E = \sum_g \sum_{s \in g} V \; S_g \; R_{s|g} \; I_s

and the change is shared among the four factors by Shapley's value (`lcc.carbon.shapley`): exact, of
no preferred order, of opposite sign when years are exchanged. The causes:

======== =============================================================================
perimeter groups bought, or covered by a factor, in one year only; groups of net credit
price     tonnes that inflation adds: zero where the map and the volumes use one index
volume    :math:`V`: more or less bought, in constant euros
mix       :math:`S`: other purchases
method    :math:`R`: other ways of calculating the same purchases (data, not tonnes saved)
factors   :math:`I` where ratios of another year are published: the economy's, not the buyer's
real      :math:`I` where nothing but the purchase changed: suppliers' and measured data
======== =============================================================================

Every effect is linear in the kilograms of the cells, so its interval is the closed form of shared
errors (`lcc.uncertainty.shared`): what is wrong alike in both years cancels. The weights (euros)
are taken as they are.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from lcc.carbon.kilograms import BY_FAMILY
from lcc.carbon.result import CarbonMap
from lcc.carbon.shapley import calc_shapley_weights
from lcc.carbon.volumes import EURO, PriceIndex, Strata, Stratum, gather_strata
from lcc.errors import FieldError, LccError
from lcc.uncertainty.lognormal import calc_normal_interval
from lcc.uncertainty.shared import MIXED_SHARE
from lcc.units import KG_PER_TONNE

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CAUSES", "READINGS", "Change", "compare_years"]

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

CAUSES: Final = ("perimeter", "price", "volume", "mix", "method", "factors", "real")
"""Causes of a change, in the order in which they are told."""

READINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "observed": CAUSES,
    "same-perimeter": CAUSES[1:],
    "purchases": ("volume", "mix", "real"),
    "real": ("real",),
}
"""What is left of a change → causes it holds. `purchases`: after price, method, factors and
perimeter; `real`: after volume and mix too."""

ONE_GRAM_KG: Final = 1e-3
NOTHING_KG: Final = 1e-6
SAME: Final = 1e-9
"""Relative difference under which two intensities are one: rounding only."""


@dataclass(frozen=True)
class Change:
    """Why the emissions of two years of one map differ.

    Attributes
    ----------
    title : str
        What the tonnes are, as the map says.
    by : str
        Dimension whose groups make the mix.
    before, after : int
        Years compared.
    base_year : int
        Year whose euros measure volumes.
    price_index : str
        Index of what has neither quantities nor a price series; `own-index` where given.
    held : tuple of str
        Indices that do not reach one of the years, and were held there: prices of that year are
        taken for those of the last one known, in the map and in the volumes alike.
    years : pandas.DataFrame
        Two rows: `year`, `spend_eur`, `covered_eur`, `uncovered_eur`, `coverage`, `constant_eur`
        (covered, in euros of `base_year`), `emissions_tco2e`, `low_tco2e`, `high_tco2e`.
    steps : pandas.DataFrame
        One row per cause: `from_year`, `to_year`, `cause`, `change_tco2e`, `low_tco2e`,
        `high_tco2e` (interval at 95 %), `change_eur` (current euros that the cause explains),
        `detail` (codes: of groups left apart, of indices held).
    readings : pandas.DataFrame
        One row per reading (`READINGS`): `reading`, `change_tco2e`, `low_tco2e`, `high_tco2e`,
        `share` (of the emissions before).
    groups : pandas.DataFrame
        One row per group: `group`, `label_fr`, `label_en`, `before_eur`, `after_eur`,
        `constant_before_eur`, `constant_after_eur`, `price_index`, `before_tco2e`, `after_tco2e`,
        `change_tco2e`, `low_tco2e`, `high_tco2e`, one `CAUSE_tco2e` per cause, `detail`; the
        largest change first.
    """

    title: str
    by: str
    before: int
    after: int
    base_year: int
    price_index: str
    held: tuple[str, ...]
    years: pd.DataFrame
    steps: pd.DataFrame
    readings: pd.DataFrame
    groups: pd.DataFrame

    def effect(self, cause: str) -> float:
        """Return the tonnes of a cause."""
        return float(self.steps.set_index("cause").loc[cause, "change_tco2e"])

    def emissions(self, year: int) -> float:
        """Return the tonnes of one of the two years."""
        return float(self.years.set_index("year").loc[year, "emissions_tco2e"])


def compare_years(
    carbon: CarbonMap,
    before: int,
    after: int,
    *,
    by: str = "family",
    index: str | Mapping[int, float] | None = None,
) -> Change:
    """Return why the emissions of two years of one map differ, cause by cause.

    Parameters
    ----------
    carbon : CarbonMap
        Holds both years: they are under one method.
    before, after : int
        Budget years.
    by : str
        Dimension whose groups make the mix; but for families, families within groups make it too.
    index : str or mapping of int to float, optional
        Price index of what has neither quantities nor a price series: the name of a shipped one, or
        levels by year of the study's own; by default, the map's.

    Returns
    -------
    Change

    Raises
    ------
    FieldError
        If the years are one, the map lacks one of them, was not made by the dimension, or the
        study's own index lacks a year.
    MissingFactorError
        If no index has the name.
    LccError
        If the causes do not add up to the change: a fault of the program.

    References
    ----------
    Sun, J. W. (1998), doi:10.1016/S0140-9883(97)00012-1, for the shares; the identity is that of
    index decomposition analysis (activity, structure, intensity): Ang, B. W. (2015),
    doi:10.1016/j.enpol.2015.07.007.
    """
    _check_years(carbon, before, after)
    used = PriceIndex.open(index, carbon.manifest["settings"]["price_index"])
    strata = gather_strata(carbon, by, before, after, used)
    apart = _set_apart(carbon, by, strata)
    weights = _weigh_cells(strata, apart, by)
    measured = _Measure(carbon, by, strata, weights)
    change = Change(
        title=carbon.title,
        by=by,
        before=before,
        after=after,
        base_year=min(before, after),
        price_index=used.name,
        held=tuple(sorted(strata.held)),
        years=_tabulate_years(carbon, strata, before, after),
        steps=measured.tabulate_steps(apart, before, after),
        readings=measured.tabulate_readings(),
        groups=measured.tabulate_groups(apart, (before, after)),
    )
    _prove(change)
    return change


def _check_years(carbon: CarbonMap, before: int, after: int) -> None:
    if before == after:
        raise FieldError(
            "a year is not compared with itself",
            field="before, after",
            found=f"{before} twice",
            expected="two years of the map",
        )
    unknown = [each for each in (before, after) if each not in carbon.years]
    if unknown:
        raise FieldError(
            "the map holds no such year",
            field="before, after",
            found=", ".join(map(str, unknown)),
            expected=", ".join(map(str, carbon.years)),
            remedy="map the payments of both years together: they are compared under one method",
        )


def _set_apart(carbon: CarbonMap, by: str, strata: Strata) -> list[str]:
    """Return why each stratum is left out of volume, mix and intensity; empty where it is not."""
    groups = [each.group for each in strata.keys]
    bought = [_gather_groups(carbon, by, strata, second) for second in (False, True)]
    present = _sum_by(groups, strata.present.astype(float))
    volume = _sum_by(groups, strata.volume_eur)
    units = _sum_by([_unit(each, by) for each in strata.keys], strata.volume_eur)
    reasons = []
    for place, key in enumerate(strata.keys):
        here = present[key.group] > 0
        inside = strata.present[:, place]
        unit = units[_unit(key, by)]
        if not here.all():
            other = int(here[0])
            absent = "gone" if other else "new"
            reasons.append("coverage" if key.group in bought[other] else absent)
        elif (volume[key.group] <= 0).any():
            reasons.append("net-credit")
        elif (inside & ((strata.volume_eur[:, place] == 0) | (unit == 0))).any():
            reasons.append("no-price")
        else:
            reasons.append("")
    return reasons


def _gather_groups(carbon: CarbonMap, by: str, strata: Strata, second: bool) -> set[str | None]:
    """Return the groups that a year buys from, covered or not."""
    cells = carbon.cells[by]
    chosen = carbon.choose_cells(by, strata.years[int(second)], None)
    names = cells["family" if by == "family" else "group_key"].to_pylist()
    return {names[rank] for rank in np.flatnonzero(chosen)}


def _unit(key: Stratum, by: str) -> Hashable:
    """Return what shares of the whole are taken of: the group, or a family within it."""
    return key.group if by == "family" else (key.group, key.family)


def _sum_by(names: Sequence[Hashable], values: Floats) -> dict[Hashable, Floats]:
    """Return the sums of columns by name, each of shape (2,)."""
    sums: dict[Hashable, Floats] = {}
    for place, name in enumerate(names):
        sums[name] = sums.get(name, np.zeros(2)) + values[:, place]
    return sums


def _weigh_cells(strata: Strata, apart: Sequence[str], by: str) -> Floats:
    """Return how much of the kilograms of each cell each cause takes, shape (causes, cells)."""
    kept = np.array([not each for each in apart], dtype=bool)
    volume = np.where(kept, strata.volume_eur, 0.0)
    units = _sum_by([_unit(each, by) for each in strata.keys], volume)
    inside = np.array([units[_unit(each, by)] for each in strata.keys]).reshape(-1, 2).T
    total = volume.sum(axis=1)[:, None] * np.ones(volume.shape)
    share = _divide(inside, total)
    part = _divide(volume, inside)
    # What a year lacks whole has no parts of its own: it takes those of the other year.
    part = np.where(inside != 0, part, part[::-1])
    first, last = calc_shapley_weights(
        np.array([total[0], share[0], part[0]]), np.array([total[1], share[1], part[1]])
    )
    # Likewise the intensity of a stratum that a year lacks.
    first, last = (
        np.where(volume[0] != 0, first, 0.0) + np.where(volume[1] != 0, 0.0, last),
        np.where(volume[1] != 0, last, 0.0) + np.where(volume[0] != 0, 0.0, first),
    )
    effects = np.zeros((len(CAUSES), *volume.shape))
    for rank, cause in enumerate(("volume", "mix", "method")):
        effects[CAUSES.index(cause)] = [first[rank], last[rank]]
    for place, cause in enumerate(_name_intensities(strata)):
        effects[CAUSES.index(cause), :, place] = first[3, place], last[3, place]
    effects = _divide(effects, np.broadcast_to(volume, effects.shape))
    outside = np.broadcast_to(np.array([[-1.0], [1.0]]), volume.shape)
    effects[CAUSES.index("perimeter")] = np.where(kept, 0.0, outside)
    place = strata.cells
    found = effects[:, strata.second.astype(int), place]
    return np.where(place >= 0, found, 0.0)


def _name_intensities(strata: Strata) -> list[str]:
    """Return the cause of a change of each stratum's kilograms per constant euro."""
    intensity = _divide(strata.kgco2e, strata.volume_eur)
    same = np.isclose(intensity[0], intensity[1], rtol=SAME, atol=0.0)
    causes = []
    for place, key in enumerate(strata.keys):
        if key.method in BY_FAMILY and not strata.same_factor[place]:
            causes.append("factors")
        elif key.unit == EURO and strata.same_factor[place] and not same[place]:
            # One ratio per euro in both years: what differs is how it followed prices.
            causes.append("price")
        else:
            causes.append("real")
    return causes


class _Measure:
    """Measures weighted kilograms, with the errors that cells share."""

    def __init__(self, carbon: CarbonMap, by: str, strata: Strata, weights: Floats) -> None:
        self.carbon, self.by, self.strata, self.weights = carbon, by, strata, weights
        self.found = carbon.emissions(by)

    def measure(self, weights: Floats) -> tuple[Floats, Floats, Floats]:
        """Return tonnes and bounds of totals, each cell counted by a weight, shape (n, cells)."""
        totals = np.zeros((weights.shape[0], self.found.errors.terms))
        for place, weight in enumerate(weights):
            np.add.at(totals[place], self.found.terms, self.found.kgco2e * weight)
        own = (weights**2) @ self.found.line_variance
        interval = self.found.errors.calc_interval(totals, own)
        gross = np.abs(weights) @ np.abs(self.found.kgco2e)
        # Errors of single lines never cancel: where lines of both signs weigh, neither is sure.
        mixed = gross - np.abs(interval.mean) > 2 * MIXED_SHARE * gross
        mixed &= own > MIXED_SHARE * interval.variance
        bounds = calc_normal_interval(interval.mean, interval.variance)
        moved = gross >= NOTHING_KG
        low = np.where(moved, np.where(mixed, bounds[0], interval.low), 0.0)
        high = np.where(moved, np.where(mixed, bounds[1], interval.high), 0.0)
        central = np.where(np.abs(interval.mean) < NOTHING_KG, 0.0, interval.mean)
        return central / KG_PER_TONNE, low / KG_PER_TONNE, high / KG_PER_TONNE

    def tabulate_steps(self, apart: Sequence[str], before: int, after: int) -> pd.DataFrame:
        import pandas as pd

        tonnes, low, high = self.measure(self.weights)
        kept = np.array([not each for each in apart], dtype=bool)
        spent = np.diff(self.strata.spend_eur, axis=0)[0]
        bought = np.diff(self.strata.volume_eur, axis=0)[0]
        euros = dict.fromkeys(CAUSES, 0.0) | {
            "perimeter": float(spent[~kept].sum()),
            "volume": float(bought[kept].sum()),
            "price": float((spent - bought)[kept].sum()),
        }
        detail = dict.fromkeys(CAUSES, "") | {
            "perimeter": " ".join(sorted({each for each in apart if each})),
            "price": " ".join(f"held:{name}" for name in sorted(self.strata.held)),
        }
        return pd.DataFrame(
            {
                "from_year": before,
                "to_year": after,
                "cause": CAUSES,
                "change_tco2e": tonnes,
                "low_tco2e": low,
                "high_tco2e": high,
                "change_eur": [euros[cause] for cause in CAUSES],
                "detail": [detail[cause] for cause in CAUSES],
            }
        )

    def tabulate_readings(self) -> pd.DataFrame:
        import pandas as pd

        chosen = [
            self.weights[[CAUSES.index(cause) for cause in causes]].sum(axis=0)
            for causes in READINGS.values()
        ]
        tonnes, low, high = self.measure(np.array(chosen))
        start = float(self.strata.kgco2e[0].sum()) / KG_PER_TONNE
        return pd.DataFrame(
            {
                "reading": list(READINGS),
                "change_tco2e": tonnes,
                "low_tco2e": low,
                "high_tco2e": high,
                "share": tonnes / start if start > 0 else np.nan,
            }
        )

    def tabulate_groups(self, apart: Sequence[str], years: tuple[int, int]) -> pd.DataFrame:
        import pandas as pd

        strata = self.strata
        names = list(dict.fromkeys(each.group for each in strata.keys))
        rank = {name: place for place, name in enumerate(names)}
        group = np.array([rank[each.group] for each in strata.keys], dtype=np.int64)
        of_cell = np.where(strata.cells >= 0, group[strata.cells] if group.size else -1, -1)
        every = self.weights.sum(axis=0)
        tonnes, low, high = self.measure(
            np.array([np.where(of_cell == place, every, 0.0) for place in range(len(names))])
            if names
            else np.zeros((0, of_cell.size))
        )

        def sum_by(values: Floats, of: Any = group) -> Floats:
            return np.asarray(np.bincount(of, values, minlength=len(names)), dtype=np.float64)

        inside = of_cell >= 0
        causes = {
            f"{cause}_tco2e": _clean(
                sum_by((row * self.found.kgco2e)[inside], of_cell[inside]) / KG_PER_TONNE
            )
            for cause, row in zip(CAUSES, self.weights, strict=True)
        }
        labels = pd.concat([self.carbon.table(self.by, year) for year in years])
        labels = labels.drop_duplicates("group")[["group", "label_fr", "label_en"]]
        table = pd.DataFrame(
            {
                "group": pd.Series(names, dtype=object),
                "before_eur": sum_by(strata.spend_eur[0]),
                "after_eur": sum_by(strata.spend_eur[1]),
                "constant_before_eur": sum_by(strata.volume_eur[0]),
                "constant_after_eur": sum_by(strata.volume_eur[1]),
                "price_index": _join(names, strata.keys, strata.index_names),
                "before_tco2e": sum_by(strata.kgco2e[0]) / KG_PER_TONNE,
                "after_tco2e": sum_by(strata.kgco2e[1]) / KG_PER_TONNE,
                "change_tco2e": tonnes,
                "low_tco2e": low,
                "high_tco2e": high,
                **causes,
                "detail": _join(names, strata.keys, apart),
            }
        )
        table = labels.merge(table, on="group", how="right")
        order = np.lexsort((table["label_fr"].astype(str), -np.abs(table["change_tco2e"])))
        return table.iloc[order].reset_index(drop=True)


def _join(names: Sequence[str | None], keys: Sequence[Stratum], words: Sequence[str]) -> list[str]:
    """Return the words of the strata of each group, each once."""
    found: dict[str | None, set[str]] = {name: set() for name in names}
    for key, word in zip(keys, words, strict=True):
        found[key.group].add(word)
    return [" ".join(sorted(found[name] - {""})) for name in names]


def _clean(tonnes: Floats) -> Floats:
    """Return tonnes without what is rounding only."""
    return np.where(np.abs(tonnes) < NOTHING_KG / KG_PER_TONNE, 0.0, tonnes)


def _tabulate_years(carbon: CarbonMap, strata: Strata, before: int, after: int) -> pd.DataFrame:
    import pandas as pd

    columns = ["spend_eur", "covered_eur", "uncovered_eur", "coverage"]
    bounds = ["emissions_tco2e", "low_tco2e", "high_tco2e"]
    rows = pd.concat([carbon.total(year) for year in (before, after)], ignore_index=True)
    rows = rows.assign(year=[before, after], constant_eur=strata.volume_eur.sum(axis=1))
    return rows[["year", *columns, "constant_eur", *bounds]]


def _prove(change: Change) -> None:
    """Raise unless the causes add up to the change of the map's totals, to the gram."""
    told = float(change.steps["change_tco2e"].sum())
    found = change.emissions(change.after) - change.emissions(change.before)
    by_group = float(change.groups["change_tco2e"].sum())
    if max(abs(told - found), abs(by_group - found)) * KG_PER_TONNE > ONE_GRAM_KG:
        raise LccError(
            "the causes of a change do not add up to it",
            found=f"{told!r} tCO2e by cause, {by_group!r} by group",
            expected=f"{found!r} tCO2e",
            remedy="report this with the map: it is a fault of the program",
        )


def _divide(part: Floats, whole: Floats) -> Floats:
    """Return part / whole, zero where the whole is."""
    return np.divide(part, whole, out=np.zeros(part.shape), where=whole != 0)
