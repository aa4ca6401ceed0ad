"""Plans of 500 levers over 10 years: time to a proof within 0.1 %, or the gap when time is over.

Shapes, each drawn from its own seed: `usual` (levers of all sizes and costs on 100 families, each
with a few years in which it may start), `free start` (any year from its first: ten times 500
candidates), `tight` (budgets near what all levers together can do), `near-equal` (levers of one
family or another all alike within one or two per cent), `crowded` (30 families: seventeen levers
compound on each), `ruled` (exclusions, needs, limits of starts).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from lcc.budget.plan.problem import BudgetRow, Problem, calc_discount_factors, calc_ramp
from lcc.budget.plan.program import solve_problem

LEVERS, YEARS, SECONDS, RATE = 500, 10, 10.0, 0.032


def make_problem(
    seed: int,
    *,
    families: int = 100,
    shares: tuple[float, float] = (0.02, 0.25),
    spread: float = 0.6,
    window: int = 4,
    effort: float = 0.5,
    alike: bool = False,
) -> Problem:
    """Return a plan's numbers.

    Parameters
    ----------
    seed : int
    families : int
    shares : (float, float)
        Range of the abatements.
    spread : float
        Standard deviation of the logarithm of the cost per tonne.
    window : int
        Years in which a lever may start, from its first.
    effort : float
        Budget of the last year, as part of the way from the baseline to what all levers leave; the
        budgets of the years before lie on a line.
    alike : bool
        True for families and levers all alike but for one or two per cent.
    """
    rng = np.random.default_rng(seed)
    scope = np.arange(LEVERS) % families
    size = rng.uniform(1000, 1010, families) if alike else rng.lognormal(7.5, 0.8, families)
    base = size[:, None] * np.ones(YEARS)
    abatement = rng.uniform(*shares, LEVERS)
    eur_per_t = rng.uniform(100, 102, LEVERS) if alike else 100 * rng.lognormal(0, spread, LEVERS)
    saved = rng.random(LEVERS) < (0.0 if alike else 0.1)
    yearly = eur_per_t * abatement * base[scope, 0] * np.where(saved, -0.3, 1.0)
    capital = rng.uniform(0.3, 1.0, LEVERS)
    first = np.zeros(LEVERS, int) if alike else rng.integers(0, 5, LEVERS)
    ramp = np.ones(LEVERS, int) if alike else rng.integers(1, 4, LEVERS)
    factors = calc_discount_factors(range(YEARS), RATE, 0)
    lever, start, share, cost = [], [], [], []
    for each in range(LEVERS):
        for year in range(first[each], min(YEARS, first[each] + window)):
            since = np.arange(YEARS) - year
            lever.append(each)
            start.append(year)
            share.append(abatement[each] * calc_ramp(since, ramp[each], None))
            running = (1 - capital[each]) * yearly[each] * factors[since >= 0].sum()
            cost.append(8 * capital[each] * abs(yearly[each]) * factors[year] + running)
    problem = Problem(
        tuple(range(YEARS)), base, np.zeros_like(base), scope, np.array(lever), np.array(start),
        np.array(share), np.zeros((len(lever), YEARS)), np.array(cost), (),
    )  # fmt: skip
    earliest = np.array(
        [min(start[k] for k in np.flatnonzero(problem.lever == n)) for n in range(LEVERS)]
    )
    before = base.sum(axis=0)
    possible = before - problem.emissions(earliest).sum(axis=0)
    # A line that no year makes impossible.
    part = np.linspace(0, effort, YEARS + 1)[1:]
    cut = np.minimum(part * possible[-1], 0.9 * possible)
    budgets = tuple(
        BudgetRow("all", np.arange(families), year, before[year] - cut[year], before[year])
        for year in range(YEARS)
    )
    return replace(problem, budgets=budgets)


def add_rules(problem: Problem) -> Problem:
    """Return a plan with 100 exclusions, 100 needs, and sixty starts a year at most."""
    pairs = [(n, n + 100) for n in range(100)]
    needs = [(n + 200, n + 300) for n in range(100)]
    return replace(
        problem,
        exclusive=tuple(pairs),
        requires=tuple(needs),
        start_limits=((np.arange(LEVERS), 60),),
    )


SHAPES: dict[str, Callable[[int], Problem]] = {
    "usual": make_problem,
    "free start": lambda seed: make_problem(seed, window=YEARS),
    "tight": lambda seed: make_problem(seed, effort=0.85),
    "near-equal": lambda seed: make_problem(
        seed, shares=(0.1, 0.11), window=YEARS, alike=True, effort=0.5
    ),
    "crowded": lambda seed: make_problem(seed, families=30),
    "ruled": lambda seed: add_rules(make_problem(seed, effort=0.4)),
}


def main() -> None:
    """Measure and print one line per shape."""
    wanted = sys.argv[1:] or list(SHAPES)
    for name in wanted:
        found: list[dict[str, Any]] = []
        for seed in (1, 2, 3):
            solved = solve_problem(SHAPES[name](seed), seconds=SECONDS)
            found.append(
                {"status": solved.status, "gap": round(solved.gap, 5),
                 "seconds": round(solved.seconds, 1)}
            )  # fmt: skip
        print(json.dumps({"shape": name, "runs": found}), flush=True)


if __name__ == "__main__":
    main()
