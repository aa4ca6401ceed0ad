"""The plan: levers chosen with their start, what they cost and remove, budgets and their slack."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lcc.budget.plan.assemble import NOTHING, Relaxed, assemble_problem, check_inputs, close_out
from lcc.budget.plan.inputs import Baseline, Budget
from lcc.budget.plan.levers import Lever
from lcc.budget.plan.problem import Problem, calc_discount_factors
from lcc.budget.plan.program import DEFAULT_GAP, DEFAULT_SECONDS, Solution, solve_problem
from lcc.errors import FieldError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Plan", "PlanSettings", "plain_records", "share_abatement", "solve_plan"]

Floats = NDArray[np.float64]

OFFICIAL_RATE = "fr-2021"
"""Social discount rate taken where none is stated (`lcc.cost.rates.official_rates`)."""


@dataclass(frozen=True)
class PlanSettings:
    """Choices of a plan.

    Attributes
    ----------
    discount_rate_per_year : float
        Real: costs are in constant euros.
    base_year : int
        Year of the present values.
    starts_per_year : int, optional
        How many levers may start in one year.
    gap : float
        Share of the cost that may stay unproven.
    seconds : float
        Time a search may take.
    rate_source : str
        Where the rate comes from.
    """

    discount_rate_per_year: float
    base_year: int
    starts_per_year: int | None = None
    gap: float = DEFAULT_GAP
    seconds: float = DEFAULT_SECONDS
    rate_source: str = "user"


def solve_plan(
    levers: Sequence[Lever],
    budgets: Sequence[Budget],
    baseline: Baseline,
    *,
    discount_rate_per_year: float | None = None,
    base_year: int | None = None,
    starts_per_year: int | None = None,
    gap: float = DEFAULT_GAP,
    seconds: float = DEFAULT_SECONDS,
) -> Plan:
    """Return the cheapest plan that holds the budgets, with the gap that was proven.

    Costs are those of the years of the baseline, discounted to the base year; what a lever costs
    after the last year is not counted. A plan may save money: levers that do are in it whether or
    not a budget needs them.

    Parameters
    ----------
    levers : sequence of Lever
    budgets : sequence of Budget
    baseline : Baseline
        Its years are those of the plan.
    discount_rate_per_year : float, optional
        Real rate, over -1; by default the official social rate `fr-2021` of its first years.
    base_year : int, optional
        By default the first year of the baseline.
    starts_per_year : int, optional
        How many levers may start in one year.
    gap : float
        Share of the cost that may stay unproven: 0.001; 0 for the optimum itself.
    seconds : float
        Time after which the best plan found is returned with its gap.

    Raises
    ------
    FieldError
        If levers, budgets and baseline do not fit together, or a parameter is out of its range.
    """
    check_inputs(levers, budgets, baseline)
    source = "user"
    if discount_rate_per_year is None:
        from lcc.cost.rates.official_rates import load_official_rate

        official = load_official_rate(OFFICIAL_RATE)
        discount_rate_per_year, source = official.rates_per_year[0], official.source
    for name, value, least in (
        ("discount_rate_per_year", discount_rate_per_year, -0.99),
        ("gap", gap, 0.0),
        ("seconds", seconds, 0.05),
        ("starts_per_year", starts_per_year or 0, 0),
    ):
        if not (math.isfinite(value) and value >= least):
            raise FieldError("a parameter of the plan is out of its range", field=name,
                             found=str(value), expected=f"at least {least}")  # fmt: skip
    settings = PlanSettings(
        discount_rate_per_year,
        baseline.years[0] if base_year is None else base_year,
        starts_per_year,
        gap,
        seconds,
        source,
    )
    ordered = tuple(sorted(levers, key=lambda each: each.lever_id))
    rows = tuple(sorted(budgets, key=lambda each: (each.year, each.scope)))
    return _solve(ordered, rows, baseline, settings)


def _solve(
    levers: tuple[Lever, ...],
    budgets: tuple[Budget, ...],
    baseline: Baseline,
    settings: PlanSettings,
    *,
    relaxed: Relaxed = NOTHING,
    warm: Any = None,
    excess: bool = False,
) -> Plan:
    problem = assemble_problem(
        levers, budgets, baseline, discount_rate_per_year=settings.discount_rate_per_year,
        base_year=settings.base_year, starts_per_year=settings.starts_per_year, relaxed=relaxed,
    )  # fmt: skip
    solution = solve_problem(
        problem, gap=settings.gap, seconds=settings.seconds, warm=warm, excess=excess
    )
    kept = {each.lever_id for each in levers} - close_out(levers, relaxed)
    return Plan(
        tuple(each for each in levers if each.lever_id in kept),
        budgets, baseline, settings, problem, solution,
    )  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """A plan and its proof; see `solve_plan`.

    Attributes
    ----------
    levers, budgets, baseline, settings
        What it was made from.
    problem : Problem
    solution : Solution
    """

    levers: tuple[Lever, ...]
    budgets: tuple[Budget, ...]
    baseline: Baseline
    settings: PlanSettings
    problem: Problem
    solution: Solution

    @property
    def found(self) -> bool:
        """Whether a plan was found; not the same as proven impossible."""
        return self.solution.starts is not None

    @property
    def infeasible(self) -> bool:
        """Whether it was proven that no plan holds the budgets."""
        return self.solution.status == "infeasible"

    @property
    def cost_eur(self) -> float:
        """Discounted cost, in euros of the base year."""
        return self.solution.cost_eur

    @property
    def gap(self) -> float:
        """Share of the cost by which a cheaper plan is not ruled out."""
        return self.solution.gap

    @cached_property
    def starts(self) -> dict[str, int]:
        """Year of start of each lever chosen, by code."""
        if self.solution.starts is None:
            return {}
        return {
            lever.lever_id: self.baseline.years[start]
            for lever, start in zip(self.levers, self.solution.starts.tolist(), strict=True)
            if start >= 0
        }

    def solve_again(
        self,
        *,
        budgets: Sequence[Budget] | None = None,
        relaxed: Relaxed = NOTHING,
        seconds: float | None = None,
        excess: bool = False,
        warm: bool = True,
    ) -> Plan:
        """Return the plan solved again with other budgets or without some rules."""
        settings = self.settings if seconds is None else replace(self.settings, seconds=seconds)
        return _solve(
            self.levers,
            self.budgets if budgets is None else tuple(budgets),
            self.baseline,
            settings,
            relaxed=relaxed,
            warm=self.solution.starts if warm and not relaxed.out else None,
            excess=excess,
        )

    def _costs_by_year(self) -> Floats:
        """Return what each chosen lever costs each year, in undiscounted euros."""
        years = np.asarray(self.baseline.years)
        costs = np.zeros((len(self.levers), len(years)))
        for place, lever in enumerate(self.levers):
            start = self.starts.get(lever.lever_id)
            if start is not None:
                since = years - start
                alive = (since >= 0) & (since < (lever.life_years or len(years) + 1))
                costs[place] = lever.recurring_eur_per_year * alive
                costs[place] += lever.one_off_eur * (since == 0)
        return costs

    def chosen(self) -> pd.DataFrame:
        """Return one row per lever of the plan, in the order of starts.

        Columns: `group` (code), `label`, `scope`, `start_year`, `one_off_eur`,
        `recurring_eur_per_year`, `cost_eur` (discounted), `avoided_tco2e` (over the years of the
        plan, shared as `share_abatement` does), `eur_per_tco2e` (the one over the other), `status`,
        `source`.
        """
        import pandas as pd

        avoided = self.avoided().sum(axis=1)
        rows = []
        for place, lever in enumerate(self.levers):
            start = self.starts.get(lever.lever_id)
            if start is None:
                continue
            rank = self.problem.candidate_of(place, self.baseline.years.index(start))
            cost = float(self.problem.cost_eur[rank])
            rows.append(
                {
                    "group": lever.lever_id,
                    "label": lever.label,
                    "scope": lever.scope,
                    "start_year": start,
                    "one_off_eur": lever.one_off_eur,
                    "recurring_eur_per_year": lever.recurring_eur_per_year,
                    "present_eur": cost,
                    "avoided_tco2e": float(avoided[place]),
                    "eur_per_tco2e_avoided": cost / avoided[place] if avoided[place] > 0 else None,
                    "status": lever.status,
                    "source": lever.source,
                }
            )
        columns = ["group", "label", "scope", "start_year", "one_off_eur", "recurring_eur_per_year",
                   "present_eur", "avoided_tco2e", "eur_per_tco2e_avoided", "status",
                   "source"]  # fmt: skip
        frame = pd.DataFrame(rows, columns=columns)
        return frame.sort_values(["start_year", "group"], kind="stable").reset_index(drop=True)

    def avoided(self) -> Floats:
        """Return the tonnes each lever removes each year, shape (levers, years)."""
        if self.solution.starts is None:
            return np.zeros((len(self.levers), len(self.baseline.years)))
        return share_abatement(self.problem, self.solution.starts)

    def abatements(self) -> pd.DataFrame:
        """Return one row per lever of the plan and year: `avoided_tco2e`, `eur` (undiscounted)."""
        import pandas as pd

        avoided, costs = self.avoided(), self._costs_by_year()
        rows = [
            (lever.lever_id, lever.label, year, avoided[place, rank], costs[place, rank])
            for place, lever in enumerate(self.levers)
            if lever.lever_id in self.starts
            for rank, year in enumerate(self.baseline.years)
        ]
        return pd.DataFrame(rows, columns=["group", "label", "year", "avoided_tco2e", "eur"])

    def emissions(self) -> pd.DataFrame:
        """Return one row per year and budget's scope, and per year for all purchases.

        Columns: `year`, `scope` (« all » for all), `baseline_tco2e`, `planned_tco2e`
        (compounded), `budget_tco2e` and `slack_tco2e` (missing where there is none).
        """
        import pandas as pd

        starts = self.solution.starts
        base = self.problem.baseline_tco2e
        emitted = base if starts is None else self.problem.emissions(starts)
        stated = {(each.scope or "all", each.year): each.budget_tco2e for each in self.budgets}
        names = ["all", *sorted({each.scope for each in self.budgets if each.scope})]
        rows = []
        for name in names:
            inside = [name in ("all", code) for kind, code in self.baseline.scopes]
            rest = self.baseline.rest_tco2e if name == "all" else 0.0 * self.baseline.rest_tco2e
            before = base[inside].sum(axis=0) + rest
            after = emitted[inside].sum(axis=0) + rest
            for rank, year in enumerate(self.baseline.years):
                budget = stated.get((name, year))
                rows.append((year, name, before[rank], after[rank], budget,
                             None if budget is None else budget - after[rank]))  # fmt: skip
        return pd.DataFrame(rows, columns=["year", "scope", "baseline_tco2e", "planned_tco2e",
                                           "budget_tco2e", "slack_tco2e"])  # fmt: skip

    def costs_by_year(self) -> pd.DataFrame:
        """Return one row per year: `eur` paid and `present_eur`, discounted to the base year."""
        import pandas as pd

        paid = self._costs_by_year().sum(axis=0)
        factors = calc_discount_factors(
            self.baseline.years, self.settings.discount_rate_per_year, self.settings.base_year
        )
        return pd.DataFrame(
            {"year": self.baseline.years, "eur": paid, "present_eur": paid * factors}
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the plan as plain values, ready for JSON."""
        finite = math.isfinite(self.solution.cost_eur)
        return {
            "status": self.solution.status,
            "cost_eur": self.solution.cost_eur if finite else None,
            "bound_eur": self.solution.bound_eur
            if math.isfinite(self.solution.bound_eur)
            else None,
            "gap": self.solution.gap if finite else None,
            "discount_rate_per_year": self.settings.discount_rate_per_year,
            "rate_source": self.settings.rate_source,
            "base_year": self.settings.base_year,
            "levers": plain_records(self.chosen()),
            "emissions": plain_records(self.emissions()),
            "costs": plain_records(self.costs_by_year()),
        }


def plain_records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table as plain values; what is missing is None."""
    return [
        {
            str(key): None if isinstance(value, float) and not math.isfinite(value) else value
            for key, value in row.items()
        }
        for row in frame.astype(object).where(frame.notna(), None).to_dict("records")
    ]


def share_abatement(problem: Problem, starts: NDArray[np.int64]) -> Floats:
    r"""Return the tonnes each lever removes, so that they add up to what the plan removes.

    Shares compound, so the tonnes of one lever depend on the others. They are shared by the
    logarithmic mean, exact and the same for any order of levers [1]_: lever :math:`l` gets
    :math:`(B - B\prod_m (1 - u_m)) \ln(1 - u_l) / \sum_m \ln(1 - u_m)`. Levers in tonnes get
    theirs; where a scope's floor holds, all are cut in proportion.

    Returns
    -------
    array, shape (levers, years)

    References
    ----------
    .. [1] Ang, B. W. (2005). The LMDI approach to decomposition analysis: a practical guide.
       Energy Policy 33(7), 867-871. doi:10.1016/j.enpol.2003.10.010
    """
    shape = (problem.levers, len(problem.years))
    share, tonnes = np.zeros(shape), np.zeros(shape)
    taken = problem.pick(starts)
    share[problem.lever[taken]] = problem.share[taken]
    tonnes[problem.lever[taken]] = problem.tonnes[taken]
    after = problem.emissions(starts)
    removed = np.zeros(shape)
    for scope, members in enumerate(problem.members):
        if not len(members):
            continue
        base = problem.baseline_tco2e[scope]
        logs = -np.log1p(-np.minimum(share[members], 1.0 - 1e-12))
        total = logs.sum(axis=0)
        compounded = base * (1.0 - np.prod(1.0 - share[members], axis=0))
        own = np.divide(logs, total, out=np.zeros_like(logs), where=total > 0) * compounded
        own += tonnes[members]
        wanted = own.sum(axis=0)
        got = base - after[scope]
        removed[members] = own * np.divide(got, wanted, out=np.zeros_like(got), where=wanted > 0)
    return removed
