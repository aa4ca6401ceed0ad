r"""The cheapest choice of starts that holds the budgets: a mixed-integer program, by HiGHS.

Compounded emissions are convex in the choice, in the sense of `cuts`: they are replaced by linear
bounds that never exceed them, and bounds are added where a choice found shows them too low (outer
approximation). Each program solved is a relaxation, so its proven bound is one of the true problem;
a choice is accepted only if its true emissions hold the budgets. The gap stated is between the two.

Steps: bounds are added on the linear relaxation, which is cheap; a small program over the
candidates of least reduced cost gives a first plan; candidates whose reduced cost exceeds the
distance between that plan and the bound can be in no better plan and are left out; the program of
what remains is solved, and bounds added, until the gap is proven or the time is over.

References
----------
.. [1] Huangfu, Q., Hall, J. A. J. (2018). Parallelizing the dual revised simplex method.
   Mathematical Programming Computation 10, 119-142. doi:10.1007/s12532-017-0130-5 (HiGHS, which
   SciPy calls).
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from lcc.budget.plan.moves import improve_starts, repair_starts
from lcc.budget.plan.problem import Problem
from lcc.budget.plan.relaxation import Linear, Relaxation

__all__ = ["DEFAULT_GAP", "DEFAULT_SECONDS", "Solution", "solve_problem"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

DEFAULT_GAP: Final = 1e-3
DEFAULT_SECONDS: Final = 10.0

ROUNDS_OF_CUTS: Final = 25
CORE_CANDIDATES: Final = 250
"""Candidates of the first, small program."""
CORE_SHARE_OF_TIME: Final = 0.4
MARGIN_SECONDS: Final = 0.3
"""Time kept for what follows a search: the solver looks at its clock now and then."""
SMALL: Final = 400
"""Candidates up to which the program is solved at once, without a small one first."""

Status = Literal["optimal", "within-gap", "time-limit", "infeasible"]


@dataclass(frozen=True)
class Solution:
    """What was found, and what was proven.

    Attributes
    ----------
    status : {"optimal", "within-gap", "time-limit", "infeasible"}
        `optimal`: nothing is cheaper; `within-gap`: nothing is cheaper by more than the gap asked
        for; `time-limit`: the best found when time was over (perhaps none); `infeasible`: proven
        that no choice holds the budgets.
    starts : array of int, shape (L,), or None
    cost_eur : float
        Discounted; infinite where there is no plan.
    bound_eur : float
        No plan is cheaper than this.
    seconds : float
    """

    status: Status
    starts: Integers | None
    cost_eur: float
    bound_eur: float
    seconds: float = field(compare=False)

    @property
    def gap(self) -> float:
        """Share of the cost (of the larger of cost and bound, without sign) not proven."""
        if not math.isfinite(self.cost_eur):
            return math.inf
        largest = max(abs(self.cost_eur), abs(self.bound_eur), 1e-9)
        return max(0.0, self.cost_eur - self.bound_eur) / largest


def solve_problem(
    problem: Problem,
    *,
    gap: float = DEFAULT_GAP,
    seconds: float = DEFAULT_SECONDS,
    excess: bool = False,
    warm: Integers | None = None,
) -> Solution:
    """Return the cheapest choice of starts that holds the budgets, or the one of least excess.

    Parameters
    ----------
    problem : Problem
    gap : float
        Share of the cost that may stay unproven; 0 to ask for the optimum itself.
    seconds : float
        Time after which the best found is returned with its gap.
    excess : bool
        True to minimise the tonnes above the budgets, whatever it costs: the elastic program.
        `cost_eur` and `bound_eur` are then tonnes.
    warm : array of int, optional
        A choice of starts to begin from; used if it is feasible.
    """
    search = _Search(problem, gap, seconds, excess)
    return search.run(warm)


class _Search:
    """One search: its clock, its best choice, its bound."""

    def __init__(self, problem: Problem, gap: float, seconds: float, excess: bool) -> None:
        self.problem, self.gap, self.excess = problem, gap, excess
        self.began = time.perf_counter()
        self.until = self.began + seconds
        self.relaxed = Relaxation(problem, excess=excess)
        self.best: Integers | None = None
        self.best_value, self.bound = math.inf, -math.inf

    def run(self, warm: Integers | None) -> Solution:
        if warm is not None:
            self._propose(warm)
        self._propose(np.full(self.problem.levers, -1, dtype=np.int64))
        if not len(self.problem.cost_eur):
            return self._end("optimal" if self.best is not None else "infeasible")
        linear = self._tighten()
        if linear is None:
            return self._end("infeasible")
        if self._proven():
            return self._end(self._verdict())
        tried = self.relaxed.candidates
        if len(tried) > SMALL and not self.excess:
            self._try_core(linear)
            if self._proven():
                return self._end(self._verdict())
        return self._end(self._search_whole(linear))

    def _tighten(self) -> Linear | None:
        """Add bounds on the linear relaxation; return its solution, or None if it has none."""
        linear: Linear | None = None
        last = -math.inf
        for rank in range(ROUNDS_OF_CUTS):
            solved = self.relaxed.solve_linear()
            if solved is None:
                return None
            linear = solved
            self.bound = max(self.bound, linear.value)
            late = time.perf_counter() > self.began + 0.35 * (self.until - self.began)
            slow = linear.value - last < self.gap / 20 * abs(linear.value)
            if late or slow or not self.relaxed.add_cuts(linear.candidates, linear.emissions):
                break
            if rank % 5 == 4:
                self.relaxed.drop_cuts(linear.candidates, linear.emissions)
            last = linear.value
        assert linear is not None
        self.relaxed.drop_cuts(linear.candidates, linear.emissions)
        starts = self._round(linear.candidates)
        self._propose(starts if self.excess else repair_starts(self.problem, starts))
        return linear

    def _round(self, candidates: Floats) -> Integers:
        """Start each lever taken by half at least, in the year it is most taken."""
        problem = self.problem
        taken = np.zeros((problem.levers, len(problem.years)))
        taken[problem.lever, problem.start] = candidates
        return np.where(taken.sum(axis=1) > 0.5, taken.argmax(axis=1), -1)

    def _try_core(self, linear: Linear) -> None:
        """Look for a plan among the candidates of least reduced cost."""
        order = np.argsort(np.where(linear.candidates > 1e-7, -1.0, linear.reduced), kind="stable")
        free = np.zeros(len(order), dtype=bool)
        fractional = (linear.candidates > 1e-7) & (linear.candidates < 1 - 1e-7)
        count = max(CORE_CANDIDATES, 3 * int(fractional.sum()))
        free[order[: count + int((linear.candidates > 1 - 1e-7).sum())]] = True
        limit = CORE_SHARE_OF_TIME * (self.until - self.began)
        stop = time.perf_counter() + limit
        while time.perf_counter() < stop and not self._proven():
            found = self.relaxed.solve_whole(
                free, self.gap / 4, min(limit, stop - time.perf_counter())
            )
            if found is None or found.candidates is None:
                break
            starts = self.problem.starts(found.candidates)
            fits = self._propose(starts)
            if not fits:
                self._propose(repair_starts(self.problem, starts))
            if fits or not self.relaxed.add_cuts(found.candidates, found.emissions, whole=True):
                break

    def _search_whole(self, linear: Linear) -> Status:
        """Solve the program, adding bounds, until the best choice is proven or time is over."""
        while True:
            left = self.until - time.perf_counter()
            if left <= 0.05:
                return "time-limit"
            free = np.ones(len(self.problem.cost_eur), dtype=bool)
            if math.isfinite(self.best_value):
                slack = self.best_value - linear.value
                free = linear.reduced <= slack + 1e-6 * max(1.0, abs(self.best_value))
            found = self.relaxed.solve_whole(free, 0.8 * self.gap, max(0.05, left - MARGIN_SECONDS))
            if found is None:
                # Nothing better among what could be better: the best choice is the optimum.
                self.bound = max(self.bound, self.best_value)
                return "optimal" if self.best is not None else "infeasible"
            self.bound = max(self.bound, min(found.bound, self.best_value))
            if found.candidates is None:
                return self._verdict() if self._proven() else "time-limit"
            starts = self.problem.starts(found.candidates)
            fits = self._propose(starts)
            if not fits and not self.excess:
                self._propose(repair_starts(self.problem, starts))
            if self._proven():
                return self._verdict()
            if fits and not self.excess:
                return "time-limit"
            if not self.relaxed.add_cuts(found.candidates, found.emissions, whole=True):
                self.relaxed.take_margin(self.problem.excess(starts))

    def _propose(self, starts: Integers | None) -> bool:
        """Keep a choice if it is the best yet; tell whether it is feasible as it stands."""
        if starts is None or not self.problem.keeps_rules(starts):
            return False
        excess = float(self.problem.excess(starts).sum())
        if excess > 0 and not self.excess:
            return False
        if not self.excess:
            starts = improve_starts(self.problem, starts, self.until)
        value = excess if self.excess else self.problem.cost(starts)
        if value < self.best_value - 1e-9 * max(1.0, abs(value)):
            self.best, self.best_value = starts, value
        return True

    def _proven(self) -> bool:
        if not math.isfinite(self.best_value):
            return False
        largest = max(abs(self.best_value), abs(self.bound), 1e-9)
        tolerance = max(self.gap, 1e-6) * largest
        if self.excess:
            tolerance = max(tolerance, self.relaxed.tolerance)
        return self.best_value - self.bound <= tolerance

    def _verdict(self) -> Status:
        largest = max(abs(self.best_value), abs(self.bound), 1e-9)
        exact = self.best_value - self.bound <= 1e-6 * largest
        return "optimal" if exact else "within-gap"

    def _end(self, status: Status) -> Solution:
        if self.best is None and status != "infeasible":
            status = "time-limit"
        return Solution(
            status=status,
            starts=self.best,
            cost_eur=self.best_value,
            bound_eur=min(self.bound, self.best_value),
            seconds=time.perf_counter() - self.began,
        )
