r"""Linear bounds on compounded emissions: valid for every choice, exact where they are made.

What is left of a scope, :math:`f(u) = B \prod_l (1 - u_l)`, falls with each share :math:`u_l` and
is supermodular: what a lever removes shrinks as others are there. So for a reference :math:`v` and
any choice :math:`u`, going through :math:`u \vee v` or through :math:`u \wedge v`,

.. math::

   f(u) &\ge f(v) - \sum_{u_l > v_l} (u_l - v_l)\frac{f(v)}{1 - v_l}
        + \sum_{u_l < v_l} (v_l - u_l)\,B \prod_{m \ne l} (1 - \bar u_m) \\
   f(u) &\ge f(v) - \sum_{u_l > v_l} (u_l - v_l)\,B
        + \sum_{u_l < v_l} (v_l - u_l)\frac{f(v)}{1 - v_l}

with :math:`\bar u_m` the largest share lever :math:`m` may remove that year. A lever has one start
at most, so each :math:`u_l` is linear in the candidates, and both bounds are rows of a linear
program: the two inequalities of Nemhauser and Wolsey [1]_ for levers that come in several sizes.
The chord of :math:`B e^{-z}`, with :math:`z = -\sum_l \ln(1 - u_l)` linear too, between two values
of :math:`z` that no choice of the scope's levers falls between is a third: the function is convex,
so it is above the chord everywhere else. Where a scope has too many combinations to list them, the
tangent takes its place [2]_.
Proof of the first: by supermodularity the fall from :math:`v` to :math:`u \vee v` is at most the
sum of the falls by one lever at a time from :math:`v`, and the rise from :math:`u \vee v` to
:math:`u` at least the sum of rises by one at a time where all others are at their largest. The
second likewise from :math:`u \wedge v`.

References
----------
.. [1] Nemhauser, G. L., Wolsey, L. A. (1981). Maximizing submodular set functions: formulations
   and analysis of algorithms. North-Holland Mathematics Studies 59, 279-301.
.. [2] Duran, M. A., Grossmann, I. E. (1986). An outer-approximation algorithm for a class of
   mixed-integer nonlinear programs. Mathematical Programming 36, 307-339. doi:10.1007/BF02592064
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lcc.budget.plan.problem import Problem

__all__ = ["CUT_KINDS", "Cut", "list_levels", "make_chord", "make_cut", "measure_cut"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

CUT_KINDS: Final = ("join", "meet", "tangent")

LISTED: Final = 5_000
"""Combinations of a scope up to which they are listed, for chords."""

SAME: Final = 1e-9
"""Distance under which two values of z are one."""

WHOLE: Final = 1.0 - 1e-9
"""Share above which a lever removes all of its scope: no tangent there."""


@dataclass(frozen=True)
class Cut:
    """A bound ``emissions >= constant + coefficients @ candidates`` of one scope and year."""

    scope: int
    year: int
    columns: Integers
    coefficients: Floats
    constant: float


def make_cut(problem: Problem, scope: int, year: int, reference: Floats, kind: str) -> Cut:
    """Return the bound of a scope and year made at a reference.

    Parameters
    ----------
    problem : Problem
    scope, year : int
        Ranks.
    reference : array, shape (levers of the scope,)
        Share removed by each of them, from 0 to the largest it may remove.
    kind : {"join", "meet", "tangent"}
        By way of the join, of the meet, or the tangent of the exponential.
    """
    members, columns = problem.members[scope], problem.columns[scope]
    share = problem.share[columns, year]
    own = np.searchsorted(members, problem.lever[columns])
    base = float(problem.baseline_tco2e[scope, year])
    kept = 1.0 - reference
    left = base * float(kept.prod())
    if kind == "tangent":
        logs = -np.log1p(-np.minimum(share, WHOLE))
        constant = left * (1.0 - float(np.log(np.maximum(kept, 1.0 - WHOLE)).sum()))
        coefficients = -left * logs
    else:
        first = base * _products_of_others(kept)
        if kind == "join":
            falls, rises = (
                first,
                base * _products_of_others(1 - problem.largest_share[members, year]),
            )
        else:
            falls, rises = np.full(len(members), base), first
        beyond = share - reference[own]
        coefficients = np.where(beyond > 0, -beyond * falls[own], -beyond * rises[own])
        coefficients = coefficients - (reference * rises)[own]
        constant = left + float((reference * rises).sum())
    return Cut(scope, year, columns, coefficients - problem.tonnes[columns, year], constant)


def make_chord(problem: Problem, scope: int, year: int, log_left: float) -> Cut | None:
    """Return the chord between the two nearest combinations of a scope's levers.

    None where the combinations are too many to list.

    Parameters
    ----------
    problem : Problem
    scope, year : int
    log_left : float
        Value of z, at least 0, between those of the two.
    """
    known = list_levels(problem, scope, year)
    if known is None:
        return None
    after = int(np.searchsorted(known, log_left))
    if after == 0 or after == len(known):
        return None
    low, high = float(known[after - 1]), float(known[after])
    columns = problem.columns[scope]
    base = float(problem.baseline_tco2e[scope, year])
    slope = base * (np.exp(-high) - np.exp(-low)) / (high - low)
    logs = -np.log1p(-np.minimum(problem.share[columns, year], WHOLE))
    return Cut(
        scope, year, columns, slope * logs - problem.tonnes[columns, year],
        base * float(np.exp(-low)) - slope * low,
    )  # fmt: skip


def list_levels(problem: Problem, scope: int, year: int) -> Floats | None:
    """Return every value of z that choices of a scope's levers reach in a year, in order.

    None where they are too many to list.
    """
    levels = problem.levels
    if (scope, year) not in levels:
        columns = problem.columns[scope]
        found: Floats | None = np.zeros(1)
        for lever in problem.members[scope]:
            share = problem.share[columns[problem.lever[columns] == lever], year]
            own = np.unique(np.append(-np.log1p(-np.minimum(share, WHOLE)), 0.0))
            if found is None or len(found) * len(own) > LISTED:
                found = None
                break
            found = np.unique((found[:, None] + own[None]).ravel())
        if found is not None:
            found = found[np.append(True, np.diff(found) > SAME)]
        levels[scope, year] = found
    return levels[scope, year]


def measure_cut(cut: Cut, candidates: Floats) -> float:
    """Return the bound in tonnes at a vector of candidates, shape (n,)."""
    return cut.constant + float(cut.coefficients @ candidates[cut.columns])


def _products_of_others(factors: Floats) -> Floats:
    """Return, for each factor, the product of the others, also where some are zero."""
    before = np.concatenate([[1.0], np.cumprod(factors[:-1])])
    after = np.concatenate([np.cumprod(factors[:0:-1])[::-1], [1.0]])
    return np.asarray(before * after)
