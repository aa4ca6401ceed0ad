r"""Which measurements to make under a budget: greedy by what is taken away per euro.

What a set *S* of measurements takes away of the variance of the total is, in place of the estimates
(`preposterior`, with :math:`b_g = \mathrm{Cov}(X_g, T)` and :math:`Q` the covariance of what the
measured parts share),

.. math:: h(S) = \sum_{g \in S} (2 b_g - \mathrm{Var} X_g - N_g) - \sum_{g \ne j \in S} Q_{gj}

and, with what the figures teach,

.. math:: f(S) = b_S^\top A_{SS}^{-1} b_S, \qquad A = Q + \mathrm{diag}(\text{lines} + N)

Each step takes the measurement that takes away most per euro among those still affordable; the
result is compared with the single best one that the budget buys [1]_. Where covariances are not
negative *h* is submodular (its second differences are :math:`-2 Q_{gj}`); where besides no
measurement is coarser than what it replaces, and none misses together with another, it never falls,
and the better of the two is then at least :math:`(1 - 1/e)/2` of the best choice [1]_ [2]_. After
each step all gains are brought up to date at once, by one column of *Q* (*h*) or one step of a
pivoted Cholesky factorisation (*f*): nothing is left to re-evaluate lazily. How far a choice may be
from the best one is told by `bounds`.

References
----------
.. [1] Leskovec, J., Krause, A., Guestrin, C., Faloutsos, C., VanBriesen, J., Glance, N. (2007).
   Cost-effective outbreak detection in networks. KDD '07, 420-429. doi:10.1145/1281192.1281239
.. [2] Khuller, S., Moss, A., Naor, J. (1999). The budgeted maximum coverage problem. Information
   Processing Letters 70(1), 39-45. doi:10.1016/S0020-0190(99)00031-9
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lcc.uncertainty.information.preposterior import Candidates

__all__ = ["Choice", "calc_set_gain", "choose_measurements"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

LEAST_GAIN = 1e-12
"""Part of the variance below which a gain is the rounding of a sum."""


@dataclass(frozen=True)
class Choice:
    """Measurements chosen, in the order they are worth making.

    Attributes
    ----------
    ranks : array of int, shape (steps,)
        Candidates.
    gains : array, shape (steps,)
        Variance taken away by the first 1, 2, … of them.
    spent : array, shape (steps,)
        Cost of the first 1, 2, … of them.
    single : bool
        True where one dear measurement alone takes away more than the list by gain per cost.
    """

    ranks: Integers
    gains: Floats
    spent: Floats
    single: bool = False

    @property
    def gain(self) -> float:
        """Variance taken away by all of them."""
        return float(self.gains[-1]) if self.gains.size else 0.0


def choose_measurements(
    candidates: Candidates,
    cost: Floats,
    budget: float,
    *,
    learning: bool = False,
    limit: int | None = None,
) -> Choice:
    """Return measurements that take away much of the variance for a budget.

    Parameters
    ----------
    candidates : Candidates
    cost : array, shape (candidates,)
        At least 0; ones where the budget counts measurements.
    budget : float
        At least 0, in the unit of `cost`.
    learning : bool
        True to count what figures teach about those who share their factors.
    limit : int, optional
        Measurements at most.

    Raises
    ------
    ValueError
        If a cost or the budget is negative or not a number, or the shapes differ.
    """
    if cost.shape != (len(candidates),) or not np.all(cost >= 0) or not budget >= 0:
        raise ValueError("costs and the budget are numbers of at least 0, one cost per candidate")
    greedy = _climb(candidates, cost, budget, learning, limit)
    alone = candidates.learned() if learning else candidates.replaced()
    alone = np.where(cost <= budget, alone, 0.0)
    best = int(alone.argmax()) if alone.size else 0
    if alone.size and alone[best] > greedy.gain + LEAST_GAIN * candidates.variance:
        return Choice(np.array([best]), alone[[best]], cost[[best]], single=True)
    return greedy


def calc_set_gain(candidates: Candidates, ranks: Integers, *, learning: bool = False) -> float:
    """Return what a set of measurements takes away of the variance: h or f above."""
    if not len(ranks):
        return 0.0
    chosen = candidates.select(np.asarray(ranks, dtype=np.int64))
    shared = chosen.covariance()
    if not learning:
        between = shared.sum() - np.trace(shared)
        return float(chosen.replaced().sum() - between)
    whole = shared + np.diag(chosen.lines + chosen.noise)
    return float(chosen.with_total @ np.linalg.solve(whole, chosen.with_total))


def _climb(
    candidates: Candidates, cost: Floats, budget: float, learning: bool, limit: int | None
) -> Choice:
    """Return the greedy choice, all gains brought up to date at each step."""
    free = np.ones(len(candidates), dtype=bool)
    gains = candidates.learned() if learning else candidates.replaced()
    least = LEAST_GAIN * candidates.variance
    left, total = float(budget), 0.0
    ranks: list[int] = []
    reached: list[float] = []
    spent: list[float] = []
    moved = np.array(candidates.with_total)
    whole = candidates.spread + candidates.noise
    steps = np.zeros((len(candidates), 0))
    while limit is None or len(ranks) < limit:
        open_to = free & (cost <= left * (1 + 1e-12)) & (gains > least)
        if not open_to.any():
            break
        worth = np.divide(gains, cost, out=np.full(gains.size, np.inf), where=cost > 0)
        best = _first(open_to, worth, gains)
        free[best] = False
        left -= float(cost[best])
        total += float(gains[best])
        ranks.append(best)
        reached.append(total)
        spent.append(float(budget) - left)
        column = candidates.column(best)
        if not learning:
            gains = gains - 2 * column
            continue
        # One step of a Cholesky factorisation: what is left once this figure is known.
        column = (column - steps @ steps[best]) / np.sqrt(whole[best])
        moved = moved - column * (moved[best] / np.sqrt(whole[best]))
        whole = whole - column**2
        steps = np.column_stack([steps, column])
        gains = np.divide(moved**2, whole, out=np.zeros(moved.size), where=free & (whole > 0))
    return Choice(np.array(ranks, dtype=np.int64), np.array(reached), np.array(spent))


def _first(open_to: NDArray[np.bool_], worth: Floats, gains: Floats) -> int:
    """Return the affordable candidate that is worth most; of several, the one that gains most."""
    places = np.flatnonzero(open_to)
    order = np.lexsort((-gains[places], -worth[places]))
    return int(places[order[0]])
