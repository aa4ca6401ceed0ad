r"""The plan as numbers: candidates, effects, costs, rules; and what a choice really emits.

A *candidate* is a lever with a year of start. In year :math:`y` a lever started in year :math:`s`
has the part :math:`\varphi(y - s)` of its full effect (`calc_ramp`). On a scope with baseline
:math:`B_y`, shares compound and tonnes come off what is left:

.. math:: E_y = \max\Big(F_y,\; B_y \prod_l \big(1 - a_l\,\varphi_l(y - s_l)\big)
   - \sum_m t_m\,\varphi_m(y - s_m)\Big)

with the floor :math:`F_y = (1 - \text{limit})\,B_y`, zero where no lever of the scope states one:
levers together never remove more than the limit, and what goes beyond it does not count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["HELD", "BudgetRow", "Problem", "calc_discount_factors", "calc_ramp"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

NOT_STARTED = -1

HELD = 1e-6
"""Share of the baseline by which a computer's numbers may exceed a budget and still hold it."""


def calc_ramp(years_since_start: Integers, ramp_years: float, life_years: float | None) -> Floats:
    r"""Return the part of its full effect that a lever has, from 0 to 1.

    .. math:: \varphi(k) = \min\big(1, (k + 1) / \max(1, r)\big) \quad (0 \le k < \text{life}),
       \qquad \varphi(k) = 0 \text{ otherwise}

    The year of start counts: with a ramp of three years a lever has a third of its effect in the
    year it starts, all of it two years later; a ramp of zero or one year is none.

    Parameters
    ----------
    years_since_start : array of int
        :math:`k`, negative before the start.
    ramp_years : float
        :math:`r`, years to full effect, at least 0.
    life_years : float, optional
        Years of effect; None for an effect without end.
    """
    since = np.asarray(years_since_start)
    part = np.minimum(1.0, (since + 1) / max(1.0, ramp_years))
    alive = since >= 0
    if life_years is not None:
        alive &= since < life_years
    return np.where(alive, part, 0.0)


def calc_discount_factors(years: Sequence[int], rate_per_year: float, base_year: int) -> Floats:
    r"""Return what a euro of each year is worth in the base year: :math:`(1 + r)^{-(y - y_0)}`."""
    return np.asarray((1.0 + rate_per_year) ** -(np.asarray(years, dtype=float) - base_year))


@dataclass(frozen=True)
class BudgetRow:
    """One yearly budget: which scopes it holds, in which year, at most how many tonnes.

    Attributes
    ----------
    label : str
        Its scope, for people: « all », or a family's code.
    scopes : array of int
        Ranks of the scopes counted.
    year : int
        Rank of the year.
    budget_tco2e : float
        What these scopes may emit, what has no lever's scope being taken off already.
    stated_tco2e : float
        As written in the table.
    """

    label: str
    scopes: Integers
    year: int
    budget_tco2e: float
    stated_tco2e: float


@dataclass(frozen=True)
class Problem:
    """Numbers of a plan: L levers, P scopes, Y years, n candidates, in the order of levers' codes.

    Attributes
    ----------
    years : tuple of int
        Years of the horizon.
    baseline_tco2e : array, shape (P, Y)
    floor_tco2e : array, shape (P, Y)
        Emissions under which levers do not bring a scope.
    scope : array of int, shape (L,)
        Rank of each lever's scope.
    lever, start : array of int, shape (n,)
        Rank of the lever, and of the year of start, of each candidate.
    share : array, shape (n, Y)
        Share of the scope removed in each year.
    tonnes : array, shape (n, Y)
        Tonnes removed in each year, by levers stated in tonnes.
    cost_eur : array, shape (n,)
        Discounted cost of each candidate.
    budgets : tuple of BudgetRow
    exclusive, requires : tuple of (int, int)
        Pairs of ranks of levers; in `requires`, the first needs the second.
    start_limits : tuple of (array of int, int)
        Levers, and how many of them may start in one year.
    """

    years: tuple[int, ...]
    baseline_tco2e: Floats
    floor_tco2e: Floats
    scope: Integers
    lever: Integers
    start: Integers
    share: Floats
    tonnes: Floats
    cost_eur: Floats
    budgets: tuple[BudgetRow, ...]
    exclusive: tuple[tuple[int, int], ...] = ()
    requires: tuple[tuple[int, int], ...] = ()
    start_limits: tuple[tuple[Integers, int], ...] = ()

    @property
    def levers(self) -> int:
        """Number of levers."""
        return len(self.scope)

    @cached_property
    def members(self) -> list[Integers]:
        """Ranks of the levers of each scope."""
        return [np.flatnonzero(self.scope == each) for each in range(len(self.baseline_tco2e))]

    @cached_property
    def columns(self) -> list[Integers]:
        """Ranks of the candidates of each scope."""
        own = self.scope[self.lever] if self.levers else np.zeros(0, dtype=np.int64)
        return [np.flatnonzero(own == each) for each in range(len(self.baseline_tco2e))]

    @cached_property
    def levels(self) -> dict[tuple[int, int], Floats | None]:
        """What `cuts.list_levels` found, by scope and year."""
        return {}

    @cached_property
    def largest_share(self) -> Floats:
        """Largest share that each lever may remove in each year, shape (L, Y)."""
        largest = np.zeros((self.levers, len(self.years)))
        np.maximum.at(largest, self.lever, self.share)
        return largest

    @cached_property
    def _rank(self) -> Integers:
        """Rank of the candidate of each lever and start, -1 where there is none."""
        ranks = np.full((self.levers, len(self.years) + 1), -1, dtype=np.int64)
        ranks[self.lever, self.start] = np.arange(len(self.lever))
        return ranks

    def candidate_of(self, lever: int, start: int) -> int:
        """Return the rank of the candidate of a lever and start; -1 for none (start -1)."""
        return int(self._rank[lever, start])

    def pick(self, starts: Integers) -> Integers:
        """Return the ranks of the candidates that a choice of starts takes.

        Parameters
        ----------
        starts : array of int, shape (L,)
            Rank of the year in which each lever starts, -1 where it does not.
        """
        return np.flatnonzero(starts[self.lever] == self.start)

    def starts(self, chosen: Any) -> Integers:
        """Return the starts that a vector of candidates taken (n zeros and ones) stands for."""
        ranks = np.flatnonzero(np.asarray(chosen) > 0.5)
        found = np.full(self.levers, NOT_STARTED, dtype=np.int64)
        found[self.lever[ranks]] = self.start[ranks]
        return found

    def emissions(self, starts: Integers) -> Floats:
        """Return the true, compounded emissions of a choice of starts, in tonnes, shape (P, Y)."""
        taken = self.pick(starts)
        scopes = self.scope[self.lever[taken]]
        left = np.ones_like(self.baseline_tco2e)
        np.multiply.at(left, scopes, 1.0 - self.share[taken])
        removed = np.zeros_like(self.baseline_tco2e)
        np.add.at(removed, scopes, self.tonnes[taken])
        return np.maximum(self.floor_tco2e, self.baseline_tco2e * left - removed)

    def cost(self, starts: Integers) -> float:
        """Return the discounted cost of a choice of starts, in euros."""
        return float(self.cost_eur[self.pick(starts)].sum())

    def excess(self, starts: Integers) -> Floats:
        """Return by how many tonnes each budget is exceeded, 0 where it is held."""
        emitted = self.emissions(starts)
        over = np.array(
            [emitted[each.scopes, each.year].sum() - each.budget_tco2e for each in self.budgets]
        )
        tolerance = HELD * max(1.0, float(self.baseline_tco2e.sum(axis=0).max(initial=0.0)))
        return np.where(over > tolerance, over, 0.0)

    def keeps_rules(self, starts: Integers) -> bool:
        """Tell whether a choice of starts keeps exclusions, requirements and limits of starts."""
        started = starts >= 0
        return (
            not any(started[one] and started[other] for one, other in self.exclusive)
            and all(
                not started[one] or (started[need] and starts[need] <= starts[one])
                for one, need in self.requires
            )
            and all(
                (np.bincount(starts[some][started[some]], minlength=1) <= most).all()
                for some, most in self.start_limits
            )
        )
