"""Small moves on a plan: start, stop or shift one lever, to hold the budgets or to cost less."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lcc.budget.plan.problem import NOT_STARTED, Problem

__all__ = ["improve_starts", "repair_starts"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

MOVES = 60
"""Moves after which a repair gives up."""

PASSES = 4
"""Times each lever is looked at for a cheaper start."""


class _Rows:
    """Emissions of a choice of starts and of its neighbours, against the budgets."""

    def __init__(self, problem: Problem, starts: Integers) -> None:
        self.problem = problem
        self.starts = starts.copy()
        self.counted = np.zeros((len(problem.budgets), len(problem.baseline_tco2e)), dtype=bool)
        for rank, row in enumerate(problem.budgets):
            self.counted[rank, row.scopes] = True
        self.year = np.array([row.year for row in problem.budgets], dtype=np.int64)
        self.emissions = problem.emissions(self.starts)

    def changed(self, lever: int) -> tuple[Integers, Floats, Floats]:
        """Return candidates of a lever (and -1 for none), their cost, their excess by budget."""
        problem = self.problem
        scope = int(problem.scope[lever])
        ranks = np.flatnonzero(problem.lever == lever)
        others = self.starts.copy()
        others[lever] = NOT_STARTED
        taken = problem.pick(others)
        taken = taken[problem.scope[problem.lever[taken]] == scope]
        left = problem.baseline_tco2e[scope] * np.prod(1.0 - problem.share[taken], axis=0)
        removed = problem.tonnes[taken].sum(axis=0)
        shares = np.vstack([np.zeros(len(problem.years)), problem.share[ranks]])
        tonnes = np.vstack([np.zeros(len(problem.years)), problem.tonnes[ranks]])
        own = np.maximum(problem.floor_tco2e[scope], left * (1 - shares) - removed - tonnes)
        base = self.totals()
        delta = (own - self.emissions[scope])[:, self.year] * self.counted[:, scope]
        over = base + delta
        return (
            np.concatenate([[-1], ranks]),
            np.concatenate([[0.0], problem.cost_eur[ranks]]),
            over,
        )

    def totals(self) -> Floats:
        """Return emissions above each budget, negative where it is held with room."""
        emitted = (self.counted * self.emissions.T[self.year]).sum(axis=1)
        return np.asarray(emitted - [row.budget_tco2e for row in self.problem.budgets])

    def move(self, lever: int, candidate: int) -> None:
        """Change the start of a lever."""
        problem = self.problem
        self.starts[lever] = NOT_STARTED if candidate < 0 else problem.start[candidate]
        self.emissions = problem.emissions(self.starts)

    def cost_of(self, lever: int) -> float:
        """Return what a lever costs as it stands."""
        start = self.starts[lever]
        if start < 0:
            return 0.0
        problem = self.problem
        rank = np.flatnonzero((problem.lever == lever) & (problem.start == start))
        return float(problem.cost_eur[rank].sum())


def repair_starts(problem: Problem, starts: Integers) -> Integers | None:
    """Return a choice near another that holds the budgets, or None if small moves find none.

    At each move, the change of one lever that takes away most excess for its extra cost.
    """
    rows = _Rows(problem, starts)
    if not problem.keeps_rules(starts):
        return None
    for _ in range(MOVES):
        excess = np.maximum(rows.totals(), 0.0)
        if not problem.excess(rows.starts).any():
            return rows.starts
        best: tuple[float, int, int] | None = None
        for lever in range(problem.levers):
            candidates, costs, over = rows.changed(lever)
            gained = excess.sum() - np.maximum(over, 0.0).sum(axis=1)
            extra = np.maximum(costs - rows.cost_of(lever), 1e-9)
            score = np.where(gained > 1e-9 * excess.sum(), extra / np.maximum(gained, 1e-12), np.inf)
            for rank in np.argsort(score, kind="stable")[:2]:
                if not np.isfinite(score[rank]) or (best and score[rank] >= best[0]):
                    break
                tried = rows.starts.copy()
                chosen = int(candidates[rank])
                tried[lever] = NOT_STARTED if chosen < 0 else problem.start[chosen]
                if problem.keeps_rules(tried):
                    best = (float(score[rank]), lever, chosen)
                    break
        if best is None:
            return None
        rows.move(best[1], best[2])
    return None


def improve_starts(problem: Problem, starts: Integers) -> Integers:
    """Return a choice at most as dear, holding the budgets as the first does: one lever at a time."""
    rows = _Rows(problem, starts)
    tolerance = 1e-7 * np.array([max(1.0, abs(row.stated_tco2e)) for row in problem.budgets])
    for _ in range(PASSES):
        moved = False
        for lever in range(problem.levers):
            candidates, costs, over = rows.changed(lever)
            now = rows.cost_of(lever)
            fits = (over <= tolerance).all(axis=1) & (costs < now - 1e-9 * max(1.0, abs(now)))
            for rank in np.argsort(np.where(fits, costs, np.inf), kind="stable"):
                if not fits[rank]:
                    break
                tried = rows.starts.copy()
                chosen = int(candidates[rank])
                tried[lever] = NOT_STARTED if chosen < 0 else problem.start[chosen]
                if problem.keeps_rules(tried):
                    rows.move(lever, chosen)
                    moved = True
                    break
        if not moved:
            break
    return rows.starts
