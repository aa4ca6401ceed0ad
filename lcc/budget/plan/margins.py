r"""What a tonne costs at the margin: budgets moved by a step, a frontier, levers taken out.

Plans are made of whole levers, so the least cost as a function of the budget is a staircase: it has
no derivative, and the price of a tonne depends on the step and on its side. Steps are stated, and
both sides shown. The frontier solves the whole plan again at each tightness, so that interactions,
exclusions and starts are those of a plan that could be followed; ranking levers by their own cost
per tonne and stacking them, the textbook curve, holds none of these [1]_.

References
----------
.. [1] Kesicki, F., Ekins, P. (2012). Marginal abatement cost curves: a call for caution. Climate
   Policy 12(2), 219-236. doi:10.1080/14693062.2011.582347
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from lcc.budget.plan.assemble import Relaxed
from lcc.budget.plan.plan import Plan
from lcc.errors import FieldError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["measure_contributions", "measure_marginal_cost", "trace_frontier"]

STEP_SHARE: Final = 0.001
"""Step of the finite difference where none is stated: this share of the largest budget."""

TIGHTNESS: Final = (0.0, 0.2, 0.4, 0.6, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4, 1.5)
"""Grid of the frontier: 0 is the plan without budgets, 1 the budgets as stated."""


def measure_marginal_cost(
    plan: Plan,
    *,
    delta_tco2e: float | None = None,
    by_year: bool = False,
    seconds: float | None = None,
) -> pd.DataFrame:
    """Return what one tonne a year less, or more, in the budget changes in the cost.

    Parameters
    ----------
    plan : Plan
        With a plan found.
    delta_tco2e : float, optional
        Tonnes per year by which budgets are moved; by default one thousandth of the largest, or of
        the baseline where budgets are zero.
    by_year : bool
        True to move each year's budget by itself too, after all years together.
    seconds : float, optional
        Time of each search.

    Returns
    -------
    pandas.DataFrame
        `year` (missing for all years together), `side` (« tighter », « looser »), `delta_tco2e`
        (tonnes per year), `cost_eur`, `difference_eur` (against the plan), `eur_per_tco2e`
        (discounted euros per tonne of budget, over all years moved; missing where every budget is
        zero and none can be tighter), `gap`. No cost where no plan holds the budget moved: `status`
        says so.

    Raises
    ------
    FieldError
        If the plan was not found, or the step is not positive.
    """
    import pandas as pd

    _need_plan(plan)
    largest = max(each.budget_tco2e for each in plan.budgets)
    # Budgets of zero have no thousandth: that of the baseline, else one tonne.
    emitted = float((plan.baseline.emissions_tco2e.sum(axis=0) + plan.baseline.rest_tco2e).max())
    step = STEP_SHARE * (largest or emitted) or 1.0 if delta_tco2e is None else delta_tco2e
    if not (math.isfinite(step) and step > 0):
        raise FieldError("a step is a positive number of tonnes per year", field="delta_tco2e",
                         found=str(step))  # fmt: skip
    years: list[int | None] = [None]
    if by_year:
        years += sorted({each.year for each in plan.budgets})
    rows = []
    for year in years:
        for side, sign in (("tighter", -1.0), ("looser", 1.0)):
            moved = [
                replace(each, budget_tco2e=max(0.0, each.budget_tco2e + sign * step))
                if year in (None, each.year)
                else each
                for each in plan.budgets
            ]
            # A budget does not go under zero: what it really moved by is what counts.
            tonnes = sum(
                abs(new.budget_tco2e - old.budget_tco2e)
                for new, old in zip(moved, plan.budgets, strict=True)
            )
            solved = plan.solve_again(budgets=moved, seconds=seconds)
            found = solved.found
            # Looser budgets never cost more: the plan itself holds them, and is tried first.
            difference = solved.cost_eur - plan.cost_eur if found else None
            rows.append(
                {
                    "year": year,
                    "side": side,
                    "delta_tco2e": sign * step,
                    "cost_eur": solved.cost_eur if found else None,
                    "difference_eur": difference,
                    "eur_per_tco2e": None
                    if difference is None or tonnes == 0
                    else -sign * difference / tonnes + 0.0,
                    "gap": solved.gap if found else None,
                    "status": solved.solution.status,
                }
            )
    frame = pd.DataFrame(rows)
    return frame.astype({"year": "Int64"})


def trace_frontier(
    plan: Plan, *, tightness: Sequence[float] = TIGHTNESS, seconds: float | None = None
) -> pd.DataFrame:
    """Return the least cost of ever tighter budgets: the abatement cost curve, by whole plans.

    At tightness t each budget is what the plan without any budget emits, less t times the distance
    to the budget stated: 0 is the cheapest plan of all, 1 the stated budgets. A budget that the
    plan without budgets already holds is never tightened below what is stated before t is 1.

    Returns
    -------
    pandas.DataFrame
        `tightness`, `avoided_tco2e` (against the baseline, over all years), `present_eur`,
        `step_tco2e` and `step_eur` (against the row before), `eur_per_tco2e_avoided` (the one over
        the other: the incremental cost), `levers` (how many), `status`, `gap`. Stops after the
        first         row where no plan holds the budgets.

    Raises
    ------
    FieldError
        If no plan holds even the loosest budgets.
    """
    import pandas as pd

    huge = [replace(each, budget_tco2e=1e15) for each in plan.budgets]
    free = plan.solve_again(budgets=huge, seconds=seconds, warm=False)
    _need_plan(free)
    emitted = {
        (row["scope"], row["year"]): row["planned_tco2e"]
        for row in free.emissions().to_dict("records")
    }
    rows, last, warm = [], None, free
    for each in sorted(set(tightness)):
        budgets = []
        for budget in plan.budgets:
            start = emitted[budget.scope or "all", budget.year]
            slack = budget.budget_tco2e - start
            aim = start + each * slack if slack < 0 else budget.budget_tco2e
            budgets.append(replace(budget, budget_tco2e=max(0.0, aim)))
        solved = free if each == 0 else warm.solve_again(budgets=budgets, seconds=seconds)
        row = {
            "tightness": each,
            "avoided_tco2e": None,
            "present_eur": None,
            "step_tco2e": None,
            "step_eur": None,
            "eur_per_tco2e_avoided": None,
            "levers": None,
            "status": solved.solution.status,
            "gap": None,
        }
        if solved.found:
            avoided = float(solved.avoided().sum())
            row |= {"avoided_tco2e": avoided, "present_eur": solved.cost_eur,
                    "levers": len(solved.starts), "gap": solved.gap}  # fmt: skip
            if last is not None:
                step_t, step_eur = avoided - last[0], solved.cost_eur - last[1]
                row |= {"step_tco2e": step_t, "step_eur": step_eur}
                row["eur_per_tco2e_avoided"] = step_eur / step_t if step_t > 1e-6 else None
            last = (avoided, solved.cost_eur)
        rows.append(row)
        if not solved.found:
            break
    return pd.DataFrame(rows)


def measure_contributions(plan: Plan, *, seconds: float | None = None) -> pd.DataFrame:
    """Return what each lever of a plan is worth, given the others: the plan without it.

    Leave one out: the lever is taken out (with those that need it) and the plan is solved again.
    The rise in cost is what it saves; where no plan holds the budgets without it, it is
    indispensable, and the least excess is given. Beside it, the tonnes lost if it is taken out and
    nothing replaces it: less than its stated abatement where others act on the same scope.

    Returns
    -------
    pandas.DataFrame
        `group`, `label`, `lost_tco2e` (over all years), `extra_eur` (missing where indispensable),
        `excess_tco2e` (over all years, without it), `replaced_by` (codes that come in, or
        `no-lever`), `status`.
    """
    import pandas as pd

    _need_plan(plan)
    starts = plan.solution.starts
    assert starts is not None
    now = plan.problem.emissions(starts).sum()
    rows = []
    for place, lever in enumerate(plan.levers):
        if lever.lever_id not in plan.starts:
            continue
        without = starts.copy()
        without[place] = -1
        lost = float(plan.problem.emissions(without).sum() - now)
        relaxed = Relaxed(out=frozenset({lever.lever_id}))
        solved = plan.solve_again(relaxed=relaxed, seconds=seconds)
        new, excess = sorted(set(solved.starts) - set(plan.starts)), 0.0
        if solved.infeasible:
            elastic = plan.solve_again(relaxed=relaxed, seconds=seconds, excess=True)
            excess = elastic.solution.cost_eur
        rows.append(
            {
                "group": lever.lever_id,
                "label": lever.label,
                "lost_tco2e": lost,
                "extra_eur": solved.cost_eur - plan.cost_eur if solved.found else None,
                "extra_eur_reason": "infeasible" if solved.infeasible else None,
                "excess_tco2e": excess,
                "replaced_by": "; ".join(new) or "no-lever",
                "status": solved.solution.status,
            }
        )
    columns = ["group", "label", "lost_tco2e", "extra_eur", "extra_eur_reason", "excess_tco2e",
               "replaced_by", "status"]  # fmt: skip
    frame = pd.DataFrame(rows, columns=columns)
    order = np.where(frame["extra_eur"].isna(), np.inf, frame["extra_eur"].astype(float))
    return frame.iloc[np.argsort(-order, kind="stable")].reset_index(drop=True)


def _need_plan(plan: Plan) -> None:
    if not plan.found:
        raise FieldError(
            "there is no plan to measure from",
            field="status",
            found=plan.solution.status,
            remedy="explain_infeasible names what would have to give",
        )
