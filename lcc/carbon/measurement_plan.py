"""Which measurements to make first under a budget, and how much better any other choice could be.

The list narrows the interval of a total step by step; no choice within the same budget narrows it
by more than the bound that stands beside, which is proved (docs/method.md), not estimated.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lcc.carbon.worth import LEAST_NARROWED, Worth
from lcc.errors import FieldError
from lcc.uncertainty.information.bounds import bound_gain
from lcc.uncertainty.information.budget import calc_set_gain, choose_measurements
from lcc.uncertainty.information.decisions import TargetValue, calc_target_value
from lcc.uncertainty.information.preposterior import Candidates

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "MeasurementPlan",
    "list_measurements",
    "plan_measurements",
    "value_for_target",
    "weigh_for_target",
]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

DEFAULT_COUNT = 10
"""Measurements where no budget is given."""


@dataclass(frozen=True)
class MeasurementPlan:
    """Measurements to make first, and what they do to the interval of the total.

    Attributes
    ----------
    steps : pandas.DataFrame
        One row per measurement, in order: `step`, the columns of `Worth.table`, `spent_eur`,
        `reached_share` (part of the width gone after this one and those before), `low_tco2e_after`,
        `high_tco2e_after`.
    reached_share : float
        Part of the width that all of them take away.
    bound_share : float
        What no choice within the same budget takes away more than: certified.
    learned_reached_share : float
        What the same measurements take away with all they teach, at best.
    variance_after : float
        Left on average, in tonnes squared.
    mean_tco2e, low_tco2e, high_tco2e : float
        The total today, with its interval.
    bound_low_tco2e, bound_high_tco2e : float
        Its interval after the best choice there could be, at best.
    by : str
        What is measured: `contract` or `family`.
    counted_in : str
        `eur`, or `count` where the budget is a number of measurements.
    budget : float
    priced : int
        Rows that could be bought: with a cost, where the budget is in euros.
    """

    steps: pd.DataFrame
    reached_share: float
    bound_share: float
    learned_reached_share: float
    variance_after: float
    mean_tco2e: float
    low_tco2e: float
    high_tco2e: float
    bound_low_tco2e: float
    bound_high_tco2e: float
    by: str
    counted_in: str
    budget: float
    priced: int


def plan_measurements(
    worth: Worth,
    *,
    count: int | None = None,
    budget_eur: float | None = None,
    learning: bool = False,
    limit: int | None = None,
) -> MeasurementPlan:
    """Return the measurements to make first under a budget, and the bound on any other choice.

    Parameters
    ----------
    worth : Worth
    count : int, optional
        Number of measurements; `DEFAULT_COUNT` where neither this nor a budget is given.
    budget_eur : float, optional
        Euros; measurements whose cost is not known are left out.
    learning : bool
        True to choose by what figures teach about others too.
    limit : int, optional
        Measurements at most, within a budget in euros.

    Raises
    ------
    FieldError
        If both are given, either is not above zero, no measurement has a cost, or the budget
        buys none.
    """
    if count is not None and budget_eur is not None:
        raise FieldError(
            "a budget is in euros or in measurements",
            field="budget",
            found=f"{budget_eur:g} € and {count} measurements",
            expected="one of them",
        )
    if budget_eur is None:
        budget = float(DEFAULT_COUNT if count is None else count)
        _check_budget("count", budget, "at least one measurement")
        places, cost = np.arange(len(worth.candidates)), np.ones(len(worth.candidates))
    else:
        budget = float(budget_eur)
        _check_budget("budget", budget, "euros above 0")
        places = np.flatnonzero(np.isfinite(worth.cost_eur))
        cost = worth.cost_eur[places]
        _check_priced(worth, cost, budget)
    open_to = worth.candidates.select(places)
    chosen = choose_measurements(open_to, cost, budget, learning=learning, limit=limit)
    # The bound holds whatever the limit: more is let to others than to the choice.
    most = bound_gain(open_to, cost, budget, chosen.ranks, learning=learning)
    # A bound that the choice reaches may fall below it by the rounding of a sum.
    least = worth.variance - min(max(most, chosen.gain), worth.variance)
    known = _replay(open_to, chosen.ranks)
    taught = calc_set_gain(open_to, chosen.ranks, learning=True)
    reached = chosen.gains if learning else known
    low, high = worth.interval(worth.variance - reached)
    left = float(worth.variance - (reached[-1] if reached.size else 0.0))
    steps = worth.table.iloc[places[chosen.ranks]].reset_index(drop=True)
    steps.insert(0, "step", np.arange(1, len(steps) + 1))
    return MeasurementPlan(
        steps=steps.assign(
            spent_eur=chosen.spent if budget_eur is not None else np.nan,
            reached_share=worth.narrow(worth.variance - reached),
            low_tco2e_after=low,
            high_tco2e_after=high,
        ),
        reached_share=float(worth.narrow(left)),
        bound_share=float(worth.narrow(least)),
        learned_reached_share=float(worth.narrow(worth.variance - taught)),
        variance_after=left,
        mean_tco2e=worth.mean_tco2e,
        **_bounds("low_tco2e", "high_tco2e", worth.interval(worth.variance)),
        **_bounds("bound_low_tco2e", "bound_high_tco2e", worth.interval(least)),
        by=worth.by,
        counted_in="count" if budget_eur is None else "eur",
        budget=budget,
        priced=int(places.size),
    )


def value_for_target(worth: Worth, plan: MeasurementPlan, target_tco2e: float) -> TargetValue:
    """Return what the measurements of a plan are worth to tell whether a target holds.

    Raises
    ------
    FieldError
        If the target or the total is not above zero.
    """
    _check_target(worth, target_tco2e)
    left = min(max(plan.variance_after, 0.0), worth.variance)
    return calc_target_value(worth.mean_tco2e, worth.variance, target_tco2e, left)


def weigh_for_target(worth: Worth, target_tco2e: float) -> pd.DataFrame:
    """Return what measuring each contract or family alone is worth to tell whether a target holds.

    More variance taken away is worth more for any target: the order is that of the gains.

    Returns
    -------
    pandas.DataFrame
        `group`, `target_changes` (probability that the likelier answer becomes the other one),
        `target_right` (probability that the answer is right afterwards), `target_gain_tco2e`
        (expected tonnes by which a mistake is smaller).

    Raises
    ------
    FieldError
        If the target or the total is not above zero.
    """
    import pandas as pd

    _check_target(worth, target_tco2e)
    left = np.clip(worth.variance - worth.candidates.replaced(), 0.0, worth.variance)
    found = [
        calc_target_value(worth.mean_tco2e, worth.variance, target_tco2e, float(each))
        for each in left
    ]
    return pd.DataFrame(
        {
            "group": worth.table["group"],
            "target_changes": [each.probability_changes for each in found],
            "target_right": [each.probability_right_after for each in found],
            "target_gain_tco2e": [each.gain for each in found],
        }
    )


def list_measurements(worth: Worth, plan: MeasurementPlan) -> pd.DataFrame:
    """Return all that can be measured, what a plan chose first, and what is not covered last.

    Returns
    -------
    pandas.DataFrame
        Columns of `Worth.table`, with `step` and `reached_share` where the plan chose it, and
        `status`: `chosen`, `later`, `no-gain` (coarser than the estimate, or an offset) or
        `uncovered`.
    """
    import pandas as pd

    table = worth.table.merge(
        plan.steps[["group", "step", "reached_share"]], on="group", how="left"
    )
    gains = table["narrowed_share"] > LEAST_NARROWED
    status = np.where(table["step"].notna(), "chosen", np.where(gains, "later", "no-gain"))
    table = table.assign(status=status)
    bare = worth.uncovered[["group", "label_fr", "label_en", "uncovered_eur"]]
    bare = bare.assign(spend_eur=bare["uncovered_eur"], status="uncovered")
    rows = table.to_dict("records"), bare.to_dict("records")
    frame = pd.DataFrame([*rows[0], *rows[1]], columns=table.columns)
    frame = frame.sort_values("step", kind="stable", na_position="last")
    first = ["status", "step", "group"]
    frame = frame[[*first, *(each for each in frame.columns if each not in first)]]
    return frame.astype({"step": "Int64"}).reset_index(drop=True)


def _bounds(low: str, high: str, interval: tuple[Floats, Floats]) -> dict[str, float]:
    """Return the two bounds of one interval by their names."""
    return {low: float(interval[0]), high: float(interval[1])}


def _replay(candidates: Candidates, ranks: Integers) -> Floats:
    """Return the variance taken away in place of the estimates after each of some measurements."""
    gains, reached, total = candidates.replaced(), [], 0.0
    for each in ranks:
        total += float(gains[each])
        reached.append(total)
        gains = gains - 2 * candidates.column(int(each))
    return np.array(reached, dtype=np.float64)


def _check_budget(field: str, budget: float, expected: str) -> None:
    least = 1.0 if field == "count" else np.nextafter(0.0, 1.0)
    if not (np.isfinite(budget) and budget >= least):
        raise FieldError(
            "this budget buys no measurement", field=field, found=f"{budget:g}", expected=expected
        )


def _check_priced(worth: Worth, cost: Floats, budget: float) -> None:
    """Raise where no measurement has a cost, or all cost more than the budget."""
    told: dict[str, Any] = {"field": "budget", "found": f"{budget:,.0f} €"}
    if not cost.size:
        raise FieldError(
            "no measurement of this map has a cost: a budget in euros buys what nobody priced",
            expected="--options TABLE with costs in it (lcc table measurement-options)",
            remedy="or count measurements: --count N",
            **told,
        )
    if cost.min() > budget:
        rank = int(np.nanargmin(worth.cost_eur))
        raise FieldError(
            "this budget buys no measurement",
            expected=f"at least {cost.min():,.0f} €, the cheapest "
            f"({worth.table['group'].iloc[rank]})",
            **told,
        )


def _check_target(worth: Worth, target_tco2e: float) -> None:
    if not 0 < target_tco2e < np.inf:
        raise FieldError(
            "a target is a total of emissions",
            field="target",
            found=f"{target_tco2e:g}",
            expected="tonnes of CO2 equivalent above 0",
        )
    if not worth.mean_tco2e > 0:
        raise FieldError(
            "no target is compared with a total that is not above zero",
            field="target",
            found=f"{worth.mean_tco2e:,.0f} tCO2e",
            expected="emissions above 0",
        )
