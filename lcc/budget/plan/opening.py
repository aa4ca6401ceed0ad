"""One way to open a plan: tables of levers and budgets, and what is emitted without it."""

from __future__ import annotations

from pathlib import Path

from lcc.budget.plan.inputs import (
    Baseline,
    Budget,
    baseline_from_map,
    load_baseline,
    load_budgets,
)
from lcc.budget.plan.levers import Lever, load_levers
from lcc.carbon.result import CarbonMap
from lcc.carbon.study import default_year, is_demo
from lcc.tables import demo_path

__all__ = ["demo_plan_files", "gather_plan"]


def demo_plan_files() -> tuple[Path, Path]:
    """Return the levers and the carbon budgets of the embedded demonstration."""
    return demo_path("leviers.csv"), demo_path("budgets_carbone.csv")


def gather_plan(
    levers: Path | str = "",
    budgets: Path | str = "",
    *,
    carbon: CarbonMap | None = None,
    baseline: Path | str = "",
    first_year: int | None = None,
) -> tuple[tuple[Lever, ...], tuple[Budget, ...], Baseline] | None:
    """Return what `solve_plan` takes, or None where neither files nor the demonstration give it.

    Parameters
    ----------
    levers, budgets : path
        Tables of schemas `lever` and `carbon_budget`; empty for the demonstration's own, where the
        map is the demonstration's, or for none.
    carbon : CarbonMap, optional
        Its last whole year, repeated, is the baseline where no file gives one; made by contract
        where a lever acts on one.
    baseline : path, optional
        Table of schema `plan_baseline`.
    first_year : int, optional
        First year of the plan, with a map; by default the year before the first budget.

    Raises
    ------
    FieldError, InputError
        If a table does not fit its schema, or a lever refers to nothing.
    """
    demo = carbon is not None and is_demo(carbon)
    shipped = demo_plan_files() if demo else ("", "")
    levers, budgets = levers or shipped[0], budgets or shipped[1]
    if not str(levers) or not str(budgets):
        return None
    acts, limits = load_levers(levers), load_budgets(budgets)
    if str(baseline):
        return acts, limits, load_baseline(baseline)
    if carbon is None:
        return None
    last = limits[-1].year
    first = first_year or min(limits[0].year, last) - 1
    contracts = sorted({each.scope for each in acts if each.scope_kind == "contract"})
    years = range(first, last + 1)
    before = baseline_from_map(carbon, years, year=default_year(carbon), contracts=contracts)
    return acts, limits, before
