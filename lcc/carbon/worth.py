"""What it is worth to measure contracts or families: shares of the doubt, gains, lists.

The total of a map, or of one family, is the sum of its contracts (or families), which are wrong
together where they share a source, a product, a bridge or a rule. `weigh_measurements` says what
each explains of the variance of the total and what measuring it would take away;
`lcc.carbon.measurement_plan` says which to make first. Formulas: `lcc.uncertainty.information`;
proofs: docs/method.md.

An interval after a measurement is that of the total at its present mean, with the variance that is
left on average. Nothing is counted of what figures teach about others, unless asked: the map takes
a measured figure in place of its estimate, and does no more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lcc.carbon.measurement_options import MeasurementOptions, Option
from lcc.carbon.result import CarbonMap
from lcc.errors import FieldError
from lcc.uncertainty.information.preposterior import Candidates, prepare_candidates
from lcc.uncertainty.information.shares import share_by_group
from lcc.uncertainty.lognormal import calc_interval, calc_normal_interval
from lcc.uncertainty.shared import MIXED_SHARE, OWN_SHARE
from lcc.units import KG_PER_TONNE

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "LEAST_NARROWED",
    "Worth",
    "rank_measurements",
    "weigh_measurements",
]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

DIMENSIONS = ("contract", "family")

LEAST_NARROWED = 1e-9
"""Narrowing from which a measurement is worth making: below, it is rounding, or an offset."""


@dataclass(frozen=True)
class Worth:
    """What each contract (or family) weighs in the doubt of a total.

    Attributes
    ----------
    by : str
        `contract` or `family`.
    table : pandas.DataFrame
        One row per group that has emissions to measure, by falling `narrowed_share`: `group`,
        `label_fr`, `label_en`, `family` (that weighs most in it), `family_share` (of the emissions
        of its payments, in that family), `spend_eur`, `uncovered_eur`,
        `emissions_tco2e`, `low_tco2e`, `high_tco2e`, `share_monetary`, `variance_share` (of the
        total's variance; all groups and what has no name add up to 1), `precision_cv`,
        `covered_share`, `cost_eur`, `narrowed_share` (part of the width of the total's interval
        that measuring it alone takes away), `learned_share` (the same with what it teaches),
        `rest_low_tco2e`, `rest_high_tco2e` (interval of the total then).
    uncovered : pandas.DataFrame
        Groups without emissions: `group`, `label_fr`, `label_en`, `uncovered_eur`,
        `share_of_spend`, by falling euros. Measuring them may add tonnes: no gain can be told.
    unnamed_share : float
        Share of the variance of what has no name, and of credit notes: nobody can measure it.
    candidates : Candidates
        The rows of `table`, in their order, in kilograms.
    cost_eur : array, shape (rows,)
        Not a number where nobody said.
    mean_tco2e, variance : float
        Of the total; the variance in tonnes squared.
    mixed : bool
        True where credit notes weigh enough for the total to be taken as a difference.
    """

    by: str
    table: pd.DataFrame
    uncovered: pd.DataFrame
    unnamed_share: float
    candidates: Candidates
    cost_eur: Floats
    mean_tco2e: float
    variance: float
    mixed: bool

    def interval(self, variance: Floats | float) -> tuple[Floats, Floats]:
        """Return the bounds of the total at 95 % where some variance is left, in tonnes."""
        left = np.maximum(np.asarray(variance, dtype=np.float64), 0.0)
        bound = calc_normal_interval if self.mixed else calc_interval
        return bound(np.full(left.shape, self.mean_tco2e), left)

    def narrow(self, variance: Floats | float) -> Floats:
        """Return the part of the width of the interval that is gone where a variance is left."""
        low, high = self.interval(self.variance)
        after_low, after_high = self.interval(variance)
        width = float(high - low)
        return np.asarray(1 - (after_high - after_low) / width if width > 0 else 0 * after_low)


def weigh_measurements(
    carbon: CarbonMap,
    by: str = "contract",
    year: int | None = None,
    family: str | None = None,
    options: MeasurementOptions | None = None,
) -> Worth:
    """Return what each contract or family explains of a total's doubt, and what measuring it gains.

    Parameters
    ----------
    carbon : CarbonMap
    by : {"contract", "family"}
    year : int, optional
        Only this budget year.
    family : str, optional
        The total is that of this purchasing family, or of this segment.
    options : MeasurementOptions, optional
        Costs and precisions; by default the published precision of each segment, and no cost.

    Raises
    ------
    FieldError
        If the dimension is another, the map was not made by it, or it holds no such year or no
        purchase of the family.
    """
    if by not in DIMENSIONS:
        raise FieldError(
            "measurements are made of contracts or of families",
            field="by",
            found=by,
            expected=" | ".join(DIMENSIONS),
        )
    choices = options or MeasurementOptions()
    table = carbon.table(by, year, family)
    table = table[table["group"].notna()].reset_index(drop=True)
    chosen = carbon.choose_cells(by, year, family)
    if family is not None and not chosen.any():
        raise FieldError(
            "there is no purchase of this family, or segment",
            field="family",
            found=family,
            expected=", ".join(sorted(_list_families(carbon, year))) or "none has a family",
        )
    groups, main, main_share = _place_cells(carbon, by, chosen, table["group"].to_list())
    found = carbon.emissions(by)
    terms = found.calc_totals(np.where(chosen, 0, -1), 1)[0]
    own = found.calc_own_variance(np.where(chosen, 0, -1), 1)[0]
    held = np.unique(found.terms[chosen])
    positive = np.flatnonzero(table["emissions_tco2e"].to_numpy() > 0)
    totals = found.calc_totals(groups, len(table))[:, held] / KG_PER_TONNE
    variances = found.calc_own_variance(groups, len(table)) / KG_PER_TONNE**2
    picked = [
        choices.choose(name if by == "contract" else None, code)
        for name, code in zip(table["group"], main, strict=True)
    ]
    candidates = prepare_candidates(
        found.errors.select(held),
        totals[positive],
        variances[positive],
        terms[held] / KG_PER_TONNE - totals[positive].sum(axis=0),
        float(max(0.0, own / KG_PER_TONNE**2 - variances[positive].sum())),
        np.array([picked[place].precision_cv for place in positive], dtype=np.float64),
        np.array([picked[place].covered_share for place in positive], dtype=np.float64),
        _number([picked[place].shared for place in positive]),
    )
    gross = float(np.abs(terms).sum()) / KG_PER_TONNE
    mean = float(terms.sum()) / KG_PER_TONNE
    worth = Worth(
        by=by,
        table=_describe(table.iloc[positive], [main[place] for place in positive],
                        main_share[positive], [picked[place] for place in positive]),
        uncovered=_list_uncovered(table),
        unnamed_share=0.0,
        candidates=candidates,
        cost_eur=np.array([_cost(picked[place]) for place in positive], dtype=np.float64),
        mean_tco2e=mean,
        variance=candidates.variance,
        mixed=gross - abs(mean) > 2 * MIXED_SHARE * gross
        or own / KG_PER_TONNE**2 > OWN_SHARE * (mean**2 + candidates.variance),
    )  # fmt: skip
    return _fill(worth)


def rank_measurements(
    carbon: CarbonMap, year: int | None = None, family: str | None = None
) -> pd.DataFrame:
    """Return the contracts to measure first, by how much each alone narrows the whole's interval.

    Returns
    -------
    pandas.DataFrame
        Rows of `Worth.table` that narrow it. Lines under no stated contract are no contract to
        measure, and are left out.

    Raises
    ------
    FieldError
        If the map holds no such year, or was not made by contract.
    """
    table = weigh_measurements(carbon, "contract", year, family).table
    return table[table["narrowed_share"] > LEAST_NARROWED].reset_index(drop=True)


def _list_families(carbon: CarbonMap, year: int | None) -> set[str]:
    chosen = carbon.choose_cells("family", year, None)
    names = carbon.cells["family"]["family"].to_pylist()
    return {name for name, kept in zip(names, chosen, strict=True) if kept and name is not None}


def _place_cells(
    carbon: CarbonMap, by: str, chosen: NDArray[np.bool_], names: list[str]
) -> tuple[Integers, list[str | None], Floats]:
    """Return the group of each cell, -1 where in none, each group's main family and its share."""
    cells = carbon.cells[by]
    keys = cells["family" if by == "family" else "group_key"].to_pylist()
    rank = {name: place for place, name in enumerate(names)}
    groups = np.array([rank.get(key, -1) for key in keys], dtype=np.int64)
    groups[~chosen] = -1
    if by == "family":
        return groups, list(names), np.ones(len(names))
    kilograms = np.abs(carbon.emissions(by).kgco2e)
    weights: list[dict[str, float]] = [{} for _ in names]
    for group, code, weight in zip(groups, cells["family"].to_pylist(), kilograms, strict=True):
        if group >= 0 and code is not None:
            weights[group][code] = weights[group].get(code, 0.0) + float(weight)
    main = [max(sorted(each), key=each.__getitem__, default=None) for each in weights]
    largest = [max(each.values(), default=0.0) / (sum(each.values()) or 1.0) for each in weights]
    return groups, main, np.array(largest, dtype=np.float64)


def _number(shared: list[str]) -> Integers:
    """Return the rank of what each measurement shares, -1 where it shares nothing."""
    ranks = {name: place for place, name in enumerate(sorted({*shared} - {""}))}
    return np.array([ranks.get(name, -1) for name in shared], dtype=np.int64)


def _cost(option: Option) -> float:
    return float("nan") if option.cost_eur is None else float(option.cost_eur)


def _describe(
    table: pd.DataFrame, families: list[str | None], shares: Floats, options: list[Option]
) -> pd.DataFrame:
    """Return what is known of each candidate before any gain."""
    columns = [
        *("group", "label_fr", "label_en", "spend_eur", "uncovered_eur", "emissions_tco2e"),
        *("low_tco2e", "high_tco2e", "share_monetary"),
    ]
    frame = table[columns].reset_index(drop=True)
    frame.insert(3, "family", families)
    frame.insert(4, "family_share", shares)
    return frame.assign(
        precision_cv=[each.precision_cv for each in options],
        covered_share=[each.covered_share for each in options],
        cost_eur=[_cost(each) for each in options],
    )


def _list_uncovered(table: pd.DataFrame) -> pd.DataFrame:
    """Return the groups no euro of which has a factor, by falling euros."""
    bare = table[(table["covered_eur"] == 0) & (table["uncovered_eur"] > 0)]
    whole = float(table["spend_eur"].abs().sum())
    bare = bare.assign(share_of_spend=bare["uncovered_eur"] / whole if whole else np.nan)
    columns = ["group", "label_fr", "label_en", "uncovered_eur", "share_of_spend"]
    bare = bare.sort_values(["uncovered_eur", "group"], ascending=[False, True])
    return bare[columns].reset_index(drop=True)


def _fill(worth: Worth) -> Worth:
    """Return the same with shares and gains, rows by falling gain."""
    candidates = worth.candidates
    whole = candidates.with_total / worth.table["covered_share"].to_numpy(dtype=np.float64)
    shares = share_by_group(whole, worth.variance)
    left = worth.variance - candidates.replaced()
    low, high = worth.interval(left)
    table = worth.table.assign(
        variance_share=shares,
        narrowed_share=worth.narrow(left),
        learned_share=worth.narrow(worth.variance - candidates.learned()),
        rest_low_tco2e=low,
        rest_high_tco2e=high,
    )
    order = np.lexsort((table["group"].to_numpy(dtype=str), -table["narrowed_share"].to_numpy()))
    return Worth(
        by=worth.by,
        table=table.iloc[order].reset_index(drop=True),
        uncovered=worth.uncovered,
        unnamed_share=float(1 - shares.sum()) if worth.variance > 0 else 0.0,
        candidates=candidates.select(order),
        cost_eur=worth.cost_eur[order],
        mean_tco2e=worth.mean_tco2e,
        variance=worth.variance,
        mixed=worth.mixed,
    )
