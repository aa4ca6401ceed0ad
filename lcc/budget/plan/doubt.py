r"""A plan over the doubt of its levers: which levers are always in it, and whether it holds.

Each draw takes abatements and costs of all levers, and the cheapest plan is solved again for it.
An interval ``[low, high]`` at 95 % around a stated figure :math:`m` becomes two halves of a normal
joined at the median :math:`m`: :math:`m + z\,(\text{high} - m)/1.96` where :math:`z \ge 0`, and
:math:`m + z\,(m - \text{low})/1.96` below, :math:`z` being standard normal, so that 2.5 % of draws
fall under `low` and 2.5 % above `high`. Shares are cut to 0 and 1, tonnes to 0. Levers of one doubt
group share the draw of their abatement; the two costs of a lever share theirs. Draws have a stream
per name (`lcc.uncertainty.draws`): adding a lever changes no other's.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from lcc.budget.plan.assemble import assemble_problem
from lcc.budget.plan.plan import Plan, plain_records
from lcc.budget.plan.problem import Problem
from lcc.budget.plan.program import solve_problem
from lcc.errors import FieldError
from lcc.uncertainty.distributions import Distribution
from lcc.uncertainty.draws import draw_inputs

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["DEFAULT_SEED", "NO_REGRET", "PlanDraws", "calc_two_halves", "draw_plans"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

DEFAULT_SEED: Final = 20190101

NO_REGRET: Final = 0.90
"""Share of the draws from which a lever is called no-regret: a judgement."""

HALF_WIDTH: Final = 1.959963984540054
"""Half-width of the central 95 % of a standard normal, in standard deviations."""

STANDARD: Final = Distribution("normal", (0.0, 1.0))


def calc_two_halves(stated: float, low: float, high: float, z: Floats) -> Floats:
    """Return draws of a figure from standard normal draws; see the module."""
    return np.asarray(stated + z * np.where(z >= 0, high - stated, stated - low) / HALF_WIDTH)


@dataclass(frozen=True)
class PlanDraws:
    """Plans over draws; see `draw_plans`.

    Attributes
    ----------
    plan : Plan
        The plan at the stated figures.
    starts : array of int, shape (draws solved, L)
        Rank of the year of start, -1 where a lever is not in that draw's plan.
    cost_eur : array, shape (draws solved,)
        Of that draw's cheapest plan.
    nominal_cost_eur : array, shape (draws,)
        Of the plan at the stated figures, followed whatever the draw.
    nominal_excess_tco2e : array, shape (draws, budgets)
        By how much that plan exceeds each budget, 0 where it holds.
    infeasible : int
        Draws in which no plan holds the budgets.
    unsolved : int
        Draws left for want of time, or whose search found nothing in its time.
    largest_gap : float
        Of the plans solved.
    """

    plan: Plan
    draws: int
    seed: int
    starts: Integers
    cost_eur: Floats
    nominal_cost_eur: Floats
    nominal_excess_tco2e: Floats
    infeasible: int
    unsolved: int
    largest_gap: float
    include_baseline: bool

    @property
    def solved(self) -> int:
        """Draws in which a plan was found."""
        return len(self.cost_eur)

    @cached_property
    def probability_in_plan(self) -> Floats:
        """Share of the draws solved in which each lever is in the plan, shape (L,)."""
        if not self.solved:
            return np.full(len(self.plan.levers), math.nan)
        return np.asarray((self.starts >= 0).mean(axis=0))

    def levers(self, threshold: float = NO_REGRET) -> pd.DataFrame:
        """Return one row per lever, the surest first.

        Columns: `group`, `label`, `probability_in_plan` (among draws in which a plan exists),
        `standard_error` (of that share), `median_start_year` (where it is in), `in_nominal_plan`,
        `no_regret` (probability of `threshold` at least).
        """
        import pandas as pd

        years = np.asarray(self.plan.baseline.years)
        rows = []
        for place, lever in enumerate(self.plan.levers):
            share = float(self.probability_in_plan[place])
            inside = self.starts[:, place] if self.solved else np.zeros(0, dtype=np.int64)
            begun = np.sort(years[inside[inside >= 0]])
            rows.append(
                {
                    "group": lever.lever_id,
                    "label": lever.label,
                    "probability_in_plan": share,
                    "standard_error": math.sqrt(share * (1 - share) / self.solved)
                    if self.solved
                    else None,
                    "median_start_year": int(begun[(len(begun) - 1) // 2]) if len(begun) else None,
                    "in_nominal_plan": lever.lever_id in self.plan.starts,
                    "no_regret": bool(share >= threshold),
                }
            )
        frame = pd.DataFrame(rows).astype({"median_start_year": "Int64"})
        order = ["probability_in_plan", "group"]
        return frame.sort_values(order, ascending=[False, True], kind="stable").reset_index(
            drop=True
        )

    def budgets(self) -> pd.DataFrame:
        """Return one row per budget: `probability_held` by the plan at the stated figures.

        Beside it `mean_excess_tco2e` over the draws in which it is exceeded.
        """
        import pandas as pd

        rows = []
        for rank, budget in enumerate(self.plan.budgets):
            over = self.nominal_excess_tco2e[:, rank]
            rows.append(
                {
                    "year": budget.year,
                    "scope": budget.scope or "all",
                    "budget_tco2e": budget.budget_tco2e,
                    "probability_held": float((over == 0).mean()),
                    "mean_excess_tco2e": float(over[over > 0].mean()) if (over > 0).any() else 0.0,
                }
            )
        return pd.DataFrame(rows)

    def costs(self) -> pd.DataFrame:
        """Return quantiles of the cost: of each draw's own plan, and of the plan as stated."""
        import pandas as pd

        rows = []
        for which, values in (
            ("own-plan", self.cost_eur),
            ("nominal-plan", self.nominal_cost_eur),
        ):
            if len(values):
                low, middle, high = np.quantile(values, [0.05, 0.5, 0.95])
                rows.append((which, len(values), float(values.mean()), low, middle, high))
        return pd.DataFrame(rows, columns=["plan", "draws", "mean_eur", "q5_eur", "q50_eur",
                                           "q95_eur"])  # fmt: skip

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values, ready for JSON."""
        return {
            "draws": self.draws,
            "seed": self.seed,
            "solved": self.solved,
            "infeasible": self.infeasible,
            "unsolved": self.unsolved,
            "largest_gap": self.largest_gap,
            "include_baseline": self.include_baseline,
            "levers": plain_records(self.levers()),
            "budgets": plain_records(self.budgets()),
            "costs": plain_records(self.costs()),
        }


def draw_plans(
    plan: Plan,
    draws: int = 200,
    *,
    seed: int = DEFAULT_SEED,
    seconds: float = 60.0,
    include_baseline: bool = False,
) -> PlanDraws:
    """Return the cheapest plan of each of some draws, and how the plan as stated fares in them.

    Parameters
    ----------
    plan : Plan
        With a plan found.
    draws : int
        At least 1.
    seed : int
    seconds : float
        Time for all searches: draws not reached are counted as unsolved. Each search starts from
        the plan as stated and may take a tenth of it.
    include_baseline : bool
        True to draw the emissions without a plan too (each scope by its own interval, all years
        together). They are what a budget was set from, so by default only levers are in doubt.

    Raises
    ------
    FieldError
        If there is no plan, or `draws` or `seed` is out of its range.
    """
    if plan.solution.starts is None:
        raise FieldError("there is no plan to draw around", field="status",
                         found=plan.solution.status)  # fmt: skip
    problems = _Drawn(plan, draws, seed, include_baseline)
    until = time.perf_counter() + seconds
    starts, costs, infeasible, unsolved, gap = [], [], 0, 0, 0.0
    nominal = plan.solution.starts
    nominal_costs, excesses = np.zeros(draws), np.zeros((draws, len(plan.budgets)))
    for rank in range(draws):
        problem = problems.make(rank)
        nominal_costs[rank] = problem.cost(nominal)
        excesses[rank] = problem.excess(nominal)
        left = until - time.perf_counter()
        if left <= 0.05:
            unsolved += 1
            continue
        found = solve_problem(
            problem, gap=plan.settings.gap, seconds=min(left, seconds / 10, plan.settings.seconds),
            warm=nominal,
        )  # fmt: skip
        if found.starts is not None:
            starts.append(found.starts)
            costs.append(found.cost_eur)
            gap = max(gap, found.gap)
        elif found.status == "infeasible":
            infeasible += 1
        else:
            unsolved += 1
    return PlanDraws(
        plan, draws, seed,
        np.array(starts, dtype=np.int64).reshape(len(starts), len(plan.levers)),
        np.array(costs), nominal_costs, excesses, infeasible, unsolved, gap, include_baseline,
    )  # fmt: skip


class _Drawn:
    """The numbers of a plan, draw by draw."""

    def __init__(self, plan: Plan, draws: int, seed: int, include_baseline: bool) -> None:
        self.plan = plan
        names = {f"abatement:{each.uncertainty_group}" for each in plan.levers}
        names |= {f"cost:{each.lever_id}" for each in plan.levers}
        if include_baseline:
            names |= {f"baseline:{kind}:{scope}" for kind, scope in plan.baseline.scopes}
        z = draw_inputs(dict.fromkeys(sorted(names), STANDARD), draws, seed)
        self.abatements: dict[str, Floats] = {}
        self.costs: dict[str, tuple[Floats, Floats]] = {}
        for each in plan.levers:
            drawn = calc_two_halves(
                each.abatement, each.abatement_low, each.abatement_high,
                z[f"abatement:{each.uncertainty_group}"],
            )  # fmt: skip
            most = math.inf if each.in_tonnes else 1.0
            self.abatements[each.lever_id] = np.clip(drawn, 0.0, most)
            own = z[f"cost:{each.lever_id}"]
            self.costs[each.lever_id] = (
                calc_two_halves(each.one_off_eur, *each.one_off_bounds, own),
                calc_two_halves(each.recurring_eur_per_year, *each.recurring_bounds, own),
            )
        self.emissions: list[Floats] | None = None
        if include_baseline:
            base = plan.baseline
            self.emissions = []
            for rank in range(draws):
                own = np.array([[z[f"baseline:{k}:{s}"][rank]] for k, s in base.scopes])
                high, low = base.high_tco2e, base.low_tco2e
                width = np.where(own >= 0, high - base.emissions_tco2e, base.emissions_tco2e - low)
                self.emissions.append(
                    np.maximum(0.0, base.emissions_tco2e + own * width / HALF_WIDTH)
                )

    def make(self, rank: int) -> Problem:
        """Return the numbers of one draw."""
        plan = self.plan
        return assemble_problem(
            plan.levers,
            plan.budgets,
            plan.baseline,
            discount_rate_per_year=plan.settings.discount_rate_per_year,
            base_year=plan.settings.base_year,
            starts_per_year=plan.settings.starts_per_year,
            abatements={name: float(each[rank]) for name, each in self.abatements.items()},
            costs={
                name: (float(one[rank]), float(year[rank]))
                for name, (one, year) in self.costs.items()
            },
            emissions_tco2e=None if self.emissions is None else self.emissions[rank],
        )
