"""The linear relaxation of a plan and its bounds: rows of a program that HiGHS solves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lcc.budget.plan.cuts import Cut, list_levels, make_chord, make_cut, measure_cut
from lcc.budget.plan.problem import Problem
from lcc.budget.plan.quiet import quiet_solver
from lcc.errors import FieldError

__all__ = ["Linear", "Relaxation", "Whole"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]

INFEASIBLE: Final = 2
"""SciPy's status of a program that has no solution."""

CUT_TOLERANCE: Final = 1e-5
"""Share of a scope by which a bound must be violated to be added, on the linear relaxation."""

FIRST_CHORDS: Final = (0.2, 0.4, 0.6, 0.8)
"""Parts of the most that levers of a scope may do at which a first bound is made."""

SLACK: Final = 3e-3
"""Share of a scope by which a bound may be slack and still be kept."""

EXACT_TOLERANCE: Final = 1e-9
"""The same at a choice of starts."""


@dataclass(frozen=True)
class Linear:
    """Solution of the linear relaxation; `reduced` costs are those of taking a candidate left."""

    value: float
    candidates: Floats
    emissions: Floats
    reduced: Floats


@dataclass(frozen=True)
class Whole:
    """Solution of the mixed-integer program: its bound, and what it takes, if anything."""

    bound: float
    candidates: Floats | None
    emissions: Floats


class Relaxation:
    """The rows of a program, to which bounds are added.

    Columns: the n candidates; then the emissions of each scope and year that several levers share;
    then, in the elastic program, the excess over each budget. Amounts are scaled to be near one.
    """

    def __init__(self, problem: Problem, *, excess: bool = False) -> None:
        self.problem = problem
        self.candidates = np.arange(len(problem.cost_eur))
        self._cuts: list[Cut] = []
        self._index_emissions()
        count = len(self.candidates)
        self._emitted_from, self._excess_from = count, count + len(self._pairs)
        self.columns = self._excess_from + (len(problem.budgets) if excess else 0)
        self.scale_t = max(1.0, float(problem.baseline_tco2e.sum(axis=0).max(initial=0.0)))
        objective = np.zeros(self.columns)
        if excess:
            objective[self._excess_from :] = 1.0
            self.unit = self.scale_t
        else:
            mean = float(np.abs(problem.cost_eur).mean()) if count else 1.0
            self.unit = max(mean, 1e-9)
            objective[:count] = problem.cost_eur / self.unit
        self.tolerance = 1e-6 * self.unit
        self.objective = objective
        self._elastic = excess
        self._fixed: Any = None
        self._margins = np.zeros(len(problem.budgets))
        self._start_cuts()

    def _index_emissions(self) -> None:
        """Give a column to each scope and year that levers may bring down and a budget counts."""
        problem = self.problem
        self._pairs: list[tuple[int, int]] = []
        self._pair_of: dict[tuple[int, int], int] = {}
        counted = {
            (int(scope), row.year) for row in problem.budgets for scope in row.scopes.tolist()
        }
        for scope, year in sorted(counted):
            columns = problem.columns[scope]
            moved = problem.share[columns, year].any() or problem.tonnes[columns, year].any()
            if len(columns) and moved:
                self._pair_of[scope, year] = len(self._pairs)
                self._pairs.append((scope, year))

    def _start_cuts(self) -> None:
        for scope, year in self._pairs:
            members = self.problem.members[scope]
            nothing = np.zeros(len(members))
            self._cuts.append(make_cut(self.problem, scope, year, nothing, "join"))
            if len(members) == 2:
                largest = self.problem.largest_share[members, year]
                self._cuts.append(make_cut(self.problem, scope, year, largest, "join"))
        self._first = len(self._cuts)
        for scope, year in self._pairs:
            levels = list_levels(self.problem, scope, year)
            if levels is not None and len(self.problem.members[scope]) > 2:
                for part in FIRST_CHORDS:
                    chord = make_chord(self.problem, scope, year, part * float(levels[-1]))
                    self._cuts += [] if chord is None else [chord]

    def add_cuts(self, candidates: Floats, emissions: Floats, *, whole: bool = False) -> int:
        """Add the bounds that a solution violates; return how many.

        Parameters
        ----------
        candidates : array, shape (n,)
        emissions : array
            Emissions of the solution, for each scope and year that has a column.
        whole : bool
            True where candidates are zeros and ones: every bound made there is exact.
        """
        problem, added = self.problem, 0
        for rank, (scope, year) in enumerate(self._pairs):
            columns, members = problem.columns[scope], problem.members[scope]
            taken = candidates[columns]
            if len(members) < 2 or not (taken > 1e-9).any():
                continue
            own = np.searchsorted(members, problem.lever[columns])
            share = problem.share[columns, year]
            mean = np.minimum(np.bincount(own, share * taken, len(members)), 1.0)
            tried, chord = [(mean, "join"), (mean, "meet")], None
            if not whole:
                logs = np.log1p(-np.minimum(share, 1 - 1e-9))
                levels = np.bincount(own, logs * taken, len(members))
                chord = make_chord(problem, scope, year, -float(levels.sum()))
                if chord is None:
                    tried.append((1.0 - np.exp(levels), "tangent"))
                largest = problem.largest_share[members, year]
                most = np.where(mean > largest / 2, largest, 0.0)
                tried += [(most, "join"), (most, "meet")]
            cuts = [make_cut(problem, scope, year, each, kind) for each, kind in tried]
            if chord is not None:
                cuts.append(chord)
            over = [measure_cut(each, candidates) - emissions[rank] for each in cuts]
            base = max(1.0, float(problem.baseline_tco2e[scope, year]))
            if whole:
                kept = [
                    cut for cut, by in zip(cuts, over, strict=True) if by > EXACT_TOLERANCE * base
                ]
            else:
                best = int(np.argmax(over))
                kept = [cuts[best]] if over[best] > CUT_TOLERANCE * base else []
            self._cuts += kept
            added += len(kept)
        return added

    def drop_cuts(self, candidates: Floats, emissions: Floats) -> None:
        """Drop the bounds that are far from a solution: they are found again where they matter."""
        kept = []
        for rank, cut in enumerate(self._cuts):
            base = max(1.0, float(self.problem.baseline_tco2e[cut.scope, cut.year]))
            place = self._pair_of[cut.scope, cut.year]
            room = emissions[place] - measure_cut(cut, candidates)
            if rank < self._first or room < SLACK * base:
                kept.append(cut)
        self._cuts = kept

    def take_margin(self, excess_tco2e: Floats) -> None:
        """Tighten budgets that a solution exceeds by no more than the solver's own tolerance."""
        self._margins = self._margins + 2.0 * excess_tco2e
        self._fixed = None

    def solve_linear(self) -> Linear | None:
        """Return the solution of the linear relaxation, None where it has none."""
        from scipy.optimize import linprog

        matrix, right = self._rows()
        low, high = self._bounds()
        for method in ("highs", "highs-ipm"):
            found = linprog(
                self.objective, A_ub=matrix, b_ub=right, bounds=np.column_stack([low, high]),
                method=method,
            )  # fmt: skip
            if found.status == INFEASIBLE:
                return None
            if found.status == 0:
                break
        else:
            raise FieldError("the solver gave no answer", field="plan", found=str(found.message),
                             remedy="look for amounts far too large or too small")  # fmt: skip
        count = len(self.candidates)
        return Linear(
            value=float(found.fun) * self.unit,
            candidates=np.clip(found.x[:count], 0.0, 1.0),
            emissions=found.x[self._emitted_from : self._excess_from] * self.scale_t,
            reduced=np.maximum(0.0, found.lower.marginals[:count]) * self.unit,
        )

    def solve_whole(self, free: Booleans, gap: float, seconds: float) -> Whole | None:
        """Return the solution of the mixed-integer program over some candidates.

        None where it has no solution at all.
        """
        from scipy.optimize import Bounds, LinearConstraint, milp

        matrix, right = self._rows()
        low, high = self._bounds()
        count = len(self.candidates)
        high[:count] = np.where(free, high[:count], 0.0)
        whole = np.zeros(self.columns)
        whole[:count] = 1
        with quiet_solver():
            found = milp(
                self.objective,
                constraints=LinearConstraint(matrix, -np.inf, right),
                bounds=Bounds(low, high),
                integrality=whole,
                options={"mip_rel_gap": gap, "time_limit": max(0.05, seconds)},
            )
        if found.status == INFEASIBLE:
            return None
        bound = -np.inf if found.mip_dual_bound is None else float(found.mip_dual_bound)
        bound *= self.unit
        if found.x is None:
            return Whole(bound, None, np.zeros(0))
        return Whole(
            bound,
            np.round(found.x[:count]),
            found.x[self._emitted_from : self._excess_from] * self.scale_t,
        )

    def _bounds(self) -> tuple[Floats, Floats]:
        low, high = np.zeros(self.columns), np.full(self.columns, np.inf)
        high[: self._emitted_from] = 1.0
        for rank, (scope, year) in enumerate(self._pairs):
            low[self._emitted_from + rank] = self.problem.floor_tco2e[scope, year] / self.scale_t
        return low, high

    def _rows(self) -> tuple[Any, Floats]:
        """Return matrix and right-hand side of ``matrix @ columns <= right``."""
        from scipy import sparse

        if self._fixed is None:
            self._fixed = _stack(self._rule_rows() + self._budget_rows(), self.columns)
        rows = []
        for cut in self._cuts:
            base = max(1.0, float(self.problem.baseline_tco2e[cut.scope, cut.year]))
            column = self._emitted_from + self._pair_of[cut.scope, cut.year]
            rows.append(
                (
                    np.append(cut.columns, column),
                    np.append(cut.coefficients / base, -self.scale_t / base),
                    -cut.constant / base,
                )
            )
        matrix, right = _stack(rows, self.columns)
        fixed, fixed_right = self._fixed
        return sparse.vstack([fixed, matrix]).tocsr(), np.concatenate([fixed_right, right])

    def _rule_rows(self) -> list[tuple[Integers, Floats, float]]:
        problem = self.problem
        own = [np.flatnonzero(problem.lever == each) for each in range(problem.levers)]
        rows = [(each, np.ones(len(each)), 1.0) for each in own if len(each)]
        for one, other in problem.exclusive:
            both = np.concatenate([own[one], own[other]])
            rows.append((both, np.ones(len(both)), 1.0))
        for one, need in problem.requires:
            for year in range(len(problem.years)):
                mine = own[one][problem.start[own[one]] <= year]
                needed = own[need][problem.start[own[need]] <= year]
                if len(mine):
                    signs = np.concatenate([np.ones(len(mine)), -np.ones(len(needed))])
                    rows.append((np.concatenate([mine, needed]), signs, 0.0))
        for some, most in problem.start_limits:
            inside = np.isin(problem.lever, some)
            for year in range(len(problem.years)):
                starting = np.flatnonzero(inside & (problem.start == year))
                if len(starting) > most:
                    rows.append((starting, np.ones(len(starting)), float(most)))
        return rows

    def _budget_rows(self) -> list[tuple[Integers, Floats, float]]:
        rows = []
        for rank, row in enumerate(self.problem.budgets):
            held = [self._pair_of.get((int(each), row.year)) for each in row.scopes]
            fixed = sum(
                float(self.problem.baseline_tco2e[scope, row.year])
                for scope, pair in zip(row.scopes, held, strict=True)
                if pair is None
            )
            columns = [self._emitted_from + each for each in held if each is not None]
            values = [1.0] * len(columns)
            if self._elastic:
                columns.append(self._excess_from + rank)
                values.append(-1.0)
            right = (row.budget_tco2e - self._margins[rank] - fixed) / self.scale_t
            rows.append((np.array(columns, dtype=np.int64), np.array(values), right))
        return rows


def _stack(rows: list[tuple[Integers, Floats, float]], columns: int) -> tuple[Any, Floats]:
    from scipy import sparse

    if not rows:
        return sparse.csr_matrix((0, columns)), np.zeros(0)
    ends = np.concatenate([[0], np.cumsum([len(each) for each, _, _ in rows])])
    matrix = sparse.csr_matrix(
        (
            np.concatenate([values for _, values, _ in rows]),
            np.concatenate([each for each, _, _ in rows]),
            ends,
        ),
        shape=(len(rows), columns),
    )
    return matrix, np.array([right for _, _, right in rows])
