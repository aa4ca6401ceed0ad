"""Small moves on a plan: start, stop or shift one or two levers, to hold the budgets for less.

Emissions of different scopes add, so the effect of two moves on two scopes is the sum of theirs,
and all pairs are looked at in arrays. What moves find is a plan; that it is the cheapest, only the
program proves.
"""

from __future__ import annotations

import time

import numpy as np
from numpy.typing import NDArray

from lcc.budget.plan.problem import HELD, NOT_STARTED, Problem

__all__ = ["improve_starts", "repair_starts"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

REPAIRS = 1_000
"""Moves after which a repair gives up."""

TRIED = 20
"""Partners of a move that are tried against the rules before it is left."""


class _Neighbours:
    """Every change of one lever of a choice of starts: its cost, and its tonnes in each budget.

    `candidate` is -1 where the lever is not started; the last change is none at all.
    """

    def __init__(self, problem: Problem, starts: Integers) -> None:
        self.problem, self.starts = problem, starts.copy()
        self.year = np.array([row.year for row in problem.budgets], dtype=np.int64)
        self.counted = np.zeros((len(problem.baseline_tco2e), len(problem.budgets)))
        for rank, row in enumerate(problem.budgets):
            self.counted[row.scopes, rank] = 1.0
        self.lever = np.concatenate([problem.lever, np.arange(problem.levers), [-1]])
        self.candidate = np.concatenate(
            [np.arange(len(problem.lever)), np.full(problem.levers + 1, -1)]
        )
        self.scope = np.append(problem.scope[self.lever[:-1]], -1)
        self.cost = np.zeros(len(self.lever))
        self.tonnes = np.zeros((len(self.lever), len(problem.budgets)))
        self.of_scope = [np.flatnonzero(self.scope == s) for s in range(len(problem.members))]
        self.emissions = problem.emissions(self.starts)
        for place in range(len(problem.members)):
            self._measure(place)
        self._total()

    def _total(self) -> None:
        emitted = (self.counted * self.emissions[:, self.year]).sum(axis=0)
        self.over = emitted - np.array([row.budget_tco2e for row in self.problem.budgets])

    def _measure(self, scope: int) -> None:
        """Measure the changes of the levers of a scope."""
        problem, ranks = self.problem, self.of_scope[scope]
        if not len(ranks):
            return
        members = problem.members[scope]
        count, years = len(members), len(problem.years)
        kept, removed, paid = np.ones((count, years)), np.zeros((count, years)), np.zeros(count)
        for rank_of, lever in enumerate(members):
            rank = problem.candidate_of(int(lever), int(self.starts[lever]))
            if rank >= 0:
                kept[rank_of] = 1.0 - problem.share[rank]
                removed[rank_of] = problem.tonnes[rank]
                paid[rank_of] = problem.cost_eur[rank]
        left = np.array([np.delete(kept, each, axis=0).prod(axis=0) for each in range(count)])
        left *= problem.baseline_tco2e[scope]
        others = removed.sum(axis=0) - removed
        place = np.searchsorted(members, self.lever[ranks])
        chosen = self.candidate[ranks]
        some = (chosen >= 0)[:, None]
        share = np.where(some, problem.share[chosen], 0.0)
        tonnes = np.where(some, problem.tonnes[chosen], 0.0)
        own = np.maximum(
            problem.floor_tco2e[scope], left[place] * (1.0 - share) - others[place] - tonnes
        )
        self.cost[ranks] = np.where(chosen >= 0, problem.cost_eur[chosen], 0.0) - paid[place]
        self.tonnes[ranks] = (own - self.emissions[scope])[:, self.year] * self.counted[scope]

    def after(self, *changes: int) -> Integers:
        """Return the starts after some changes."""
        starts = self.starts.copy()
        for rank in changes:
            if self.lever[rank] >= 0:
                chosen = self.candidate[rank]
                starts[self.lever[rank]] = NOT_STARTED if chosen < 0 else self.problem.start[chosen]
        return starts

    def apply(self, starts: Integers) -> None:
        """Go to a choice of starts."""
        scopes = np.unique(self.problem.scope[starts != self.starts])
        self.starts = starts
        self.emissions = self.problem.emissions(starts)
        for scope in scopes:
            self._measure(int(scope))
        self._total()


def repair_starts(problem: Problem, starts: Integers) -> Integers | None:
    """Return a choice near another that holds the budgets, or None if small moves find none.

    At each move, the change of one lever that takes away most excess for its extra cost.
    """
    if not problem.keeps_rules(starts):
        return None
    near = _Neighbours(problem, starts)
    for _ in range(REPAIRS):
        if not problem.excess(near.starts).any():
            return near.starts
        excess = np.maximum(near.over, 0.0)
        gained = excess.sum() - np.maximum(near.over + near.tonnes, 0.0).sum(axis=1)
        score = np.where(
            gained > 1e-9 * excess.sum(),
            np.maximum(near.cost, 1e-9) / np.maximum(gained, 1e-12),
            np.inf,
        )
        moved = False
        for rank in np.argsort(score, kind="stable")[: TRIED * TRIED]:
            if not np.isfinite(score[rank]):
                break
            tried = near.after(int(rank))
            if problem.keeps_rules(tried):
                near.apply(tried)
                moved = True
                break
        if not moved:
            return None
    return None


def improve_starts(problem: Problem, starts: Integers, until: float) -> Integers:
    """Return a choice at most as dear that holds the budgets, by changes of one or two levers.

    Parameters
    ----------
    problem : Problem
    starts : array of int, shape (L,)
        A choice that holds the budgets and the rules.
    until : float
        Clock (`time.perf_counter`) at which to stop.
    """
    near = _Neighbours(problem, starts)
    room = HELD / 10 * max(1.0, float(problem.baseline_tco2e.sum(axis=0).max(initial=0.0)))
    moved = True
    while moved:
        moved = False
        least = 1e-7 * max(1.0, float(np.abs(problem.cost_eur).mean()))
        for rank in np.argsort(near.cost, kind="stable"):
            if time.perf_counter() > until:
                return near.starts
            saved = -near.cost[rank]
            if saved <= least:
                break
            partners = np.flatnonzero(near.cost < saved - least)
            partners = partners[near.scope[partners] != near.scope[rank]]
            over = near.tonnes[partners] + (near.over + near.tonnes[rank] - room)
            partners = partners[(over <= 0).all(axis=1)]
            partners = partners[np.argsort(near.cost[partners], kind="stable")]
            for other in partners[:TRIED]:
                tried = near.after(int(rank), int(other))
                if problem.keeps_rules(tried):
                    near.apply(tried)
                    moved = True
                    break
    return near.starts
