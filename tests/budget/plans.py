"""Small plans that tests share: levers by keyword, random instances, and every choice of starts."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd

from lcc.budget.plan.inputs import Baseline, Budget, make_baseline
from lcc.budget.plan.levers import Lever
from lcc.budget.plan.problem import BudgetRow, Problem, calc_discount_factors, calc_ramp


def make_lever(code: str, **given: Any) -> Lever:
    """Return a lever on family 01.01 that removes a fifth and costs nothing, unless told."""
    facts: dict[str, Any] = {
        "lever_id": code, "label": f"Levier {code}", "scope_kind": "family", "scope": "01.01",
        "in_tonnes": False, "abatement": 0.2, "one_off_eur": 0.0, "recurring_eur_per_year": 0.0,
        "uncertainty_group": code,
    } | given  # fmt: skip
    facts.setdefault("abatement_low", facts["abatement"])
    facts.setdefault("abatement_high", facts["abatement"])
    facts.setdefault("one_off_bounds", (facts["one_off_eur"],) * 2)
    facts.setdefault("recurring_bounds", (facts["recurring_eur_per_year"],) * 2)
    return Lever(**facts)


def flat_baseline(emissions: dict[str, float], years: list[int]) -> Baseline:
    """Return constant emissions by family."""
    rows = [
        {"scope_kind": "family", "scope": scope, "year": year, "emissions_tco2e": value}
        for scope, value in emissions.items()
        for year in years
    ]
    return make_baseline(pd.DataFrame(rows))


def make_budgets(by_year: dict[int, float]) -> list[Budget]:
    """Return budgets of all purchases."""
    return [Budget(year, "", value, 2 + n, "budgets.csv") for n, (year, value) in
            enumerate(by_year.items())]  # fmt: skip


def random_problem(seed: int, *, levers: int = 4, years: int = 3, scopes: int = 2) -> Problem:
    """Return a small problem with every kind of rule, drawn from a seed."""
    rng = np.random.default_rng(seed)
    base = rng.uniform(200, 1000, scopes)[:, None] * np.ones(years)
    scope = rng.integers(0, scopes, levers)
    in_tonnes = rng.random(levers) < 0.25
    lever, start, share, tonnes, cost = [], [], [], [], []
    factors = calc_discount_factors(range(years), 0.04, 0)
    for rank in range(levers):
        amount = rng.uniform(20, 300) if in_tonnes[rank] else rng.uniform(0.1, 1.0)
        one_off, yearly = rng.uniform(0, 5000), rng.uniform(-800, 2000)
        life = None if rng.random() < 0.6 else int(rng.integers(1, years + 1))
        ramp = int(rng.integers(0, 3))
        for first in range(int(rng.integers(0, 2)), years):
            since = np.arange(years) - first
            effect = amount * calc_ramp(since, ramp, life)
            alive = (since >= 0) & (since < (life or years + 1))
            lever.append(rank)
            start.append(first)
            share.append(np.zeros(years) if in_tonnes[rank] else effect)
            tonnes.append(effect if in_tonnes[rank] else np.zeros(years))
            cost.append(one_off * factors[first] + yearly * factors[alive].sum())
    floor = base * np.where(rng.random(scopes) < 0.3, rng.uniform(0.2, 0.6, scopes), 0.0)[:, None]
    tightness = rng.uniform(0.35, 1.0, years)
    budgets = tuple(
        BudgetRow("all", np.arange(scopes), year, t * base[:, year].sum(), t * base[:, year].sum())
        for year, t in enumerate(tightness)
    )
    pairs = list(itertools.combinations(range(levers), 2))
    exclusive = (pairs[int(rng.integers(len(pairs)))],) if rng.random() < 0.5 else ()
    needs = pairs[int(rng.integers(len(pairs)))]
    requires = (needs,) if rng.random() < 0.4 and needs not in exclusive else ()
    limits = ((np.arange(levers), int(rng.integers(1, 3))),) if rng.random() < 0.3 else ()
    return Problem(
        tuple(range(years)), base, floor, scope, np.array(lever), np.array(start),
        np.array(share), np.array(tonnes), np.array(cost), budgets, exclusive, requires, limits,
    )  # fmt: skip


def every_choice(problem: Problem) -> list[np.ndarray]:
    """Return every choice of starts that keeps the rules."""
    options = [
        [-1, *problem.start[problem.lever == each].tolist()] for each in range(problem.levers)
    ]
    choices = [np.array(each) for each in itertools.product(*options)]
    return [each for each in choices if problem.keeps_rules(each)]


def brute_emissions(problem: Problem, starts: np.ndarray) -> np.ndarray:
    """Return emissions by plain loops, scope by scope and year by year."""
    emitted = np.zeros_like(problem.baseline_tco2e)
    for scope in range(len(emitted)):
        for year in range(len(problem.years)):
            left = problem.baseline_tco2e[scope, year]
            for rank in range(len(problem.lever)):
                lever = problem.lever[rank]
                if problem.scope[lever] == scope and starts[lever] == problem.start[rank]:
                    left *= 1 - problem.share[rank, year]
            for rank in range(len(problem.lever)):
                lever = problem.lever[rank]
                if problem.scope[lever] == scope and starts[lever] == problem.start[rank]:
                    left -= problem.tonnes[rank, year]
            emitted[scope, year] = max(left, problem.floor_tco2e[scope, year])
    return emitted


def brute_optimum(problem: Problem) -> tuple[float, float]:
    """Return the least cost that holds the budgets (infinite if none) and the least excess."""
    cheapest, least = np.inf, np.inf
    for starts in every_choice(problem):
        emitted = brute_emissions(problem, starts)
        over = sum(
            max(0.0, emitted[row.scopes, row.year].sum() - row.budget_tco2e)
            for row in problem.budgets
        )
        least = min(least, over)
        if over <= 1e-6:
            cost = sum(
                problem.cost_eur[rank]
                for rank in range(len(problem.lever))
                if starts[problem.lever[rank]] == problem.start[rank]
            )
            cheapest = min(cheapest, cost)
    return float(cheapest), float(least)


def solve_by_columns(problem: Problem) -> float:
    """Return the least cost by a second formulation: one column per scope and combination.

    Every combination of starts of the levers of a scope is a column, with its true emissions and
    its cost; one column is taken per scope. Nothing is linearised, so nothing is shared with the
    program under test but the solver.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp

    columns = []
    for scope, members in enumerate(problem.members):
        options = [
            [-1, *problem.start[problem.lever == each].tolist()] for each in members.tolist()
        ]
        for combination in itertools.product(*options):
            starts = np.full(problem.levers, -1)
            starts[members] = combination
            emitted = brute_emissions(problem, starts)[scope]
            cost = sum(
                problem.cost_eur[rank]
                for rank in range(len(problem.lever))
                if starts[problem.lever[rank]] == problem.start[rank]
            )
            columns.append((scope, starts, emitted, cost))
    rows, low, high = [], [], []

    def add(row: list[float], least: float, most: float) -> None:
        rows.append(row)
        low.append(least)
        high.append(most)

    for scope in range(len(problem.members)):
        add([float(each[0] == scope) for each in columns], 1, 1)
    for budget in problem.budgets:
        add([each[2][budget.year] * (each[0] in budget.scopes) for each in columns],
            -np.inf, budget.budget_tco2e)  # fmt: skip
    for one, other in problem.exclusive:
        add([float(each[1][one] >= 0) + float(each[1][other] >= 0) for each in columns],
            -np.inf, 1)  # fmt: skip
    for one, need in problem.requires:
        for year in range(len(problem.years)):
            add([float(0 <= each[1][one] <= year) - float(0 <= each[1][need] <= year)
                 for each in columns], -np.inf, 0)  # fmt: skip
    for some, most in problem.start_limits:
        for year in range(len(problem.years)):
            add([float((each[1][some] == year).sum()) for each in columns], -np.inf, most)
    found = milp(
        np.array([each[3] for each in columns]),
        constraints=LinearConstraint(np.array(rows), np.array(low), np.array(high)),
        bounds=Bounds(0, 1),
        integrality=np.ones(len(columns)),
        options={"mip_rel_gap": 0.0},
    )
    return float(found.fun) if found.status == 0 else float("inf")
