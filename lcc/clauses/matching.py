r"""Pairs of like contracts, one with the clause and one without.

Exact on family and unit; within them, one to one, without replacement, so that differences stay
independent and Student's interval keeps its meaning. The assignment is optimal: among all that
pair as many contracts, the one whose sum of distances is least ([2]_). The distance is the root
mean square of the gaps in standard deviations:

.. math:: D_{ij} = \sqrt{\frac1K \sum_k \left(\frac{x_{ik} - x_{jk}}{s_k}\right)^2}

with :math:`s_k` the pooled standard deviation of characteristic k. A pair farther apart than the
caliper is none.

References
----------
.. [1] Stuart, E. A. (2010). Matching methods for causal inference: a review and a look forward.
   Statistical Science 25(1), 1-21. doi:10.1214/09-STS313
.. [2] Rosenbaum, P. R. (1989). Optimal matching for observational studies. Journal of the American
   Statistical Association 84(408), 1024-1032. doi:10.1080/01621459.1989.10478868
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["CALIPER_SD", "calc_distances", "match_pairs", "pool_deviations"]

Floats = NDArray[np.float64]

CALIPER_SD = 1.0
"""Largest distance of a pair, in pooled standard deviations (a judgement)."""

FAR = 1e6
"""Cost of a pair that is none: larger than any sum of distances."""


def pool_deviations(treated: Floats, others: Floats) -> Floats:
    r"""Return :math:`\sqrt{(s_1^2 + s_0^2)/2}` of each characteristic; 1 where nothing varies.

    Parameters
    ----------
    treated, others : array, shape (contracts, characteristics)
    """

    def variance(values: Floats) -> Floats:
        if len(values) < 2:
            return np.full(values.shape[1], np.nan)
        return np.asarray(values.var(axis=0, ddof=1))

    both = np.vstack([variance(treated), variance(others)])
    known = np.isfinite(both)
    total = np.where(known, both, 0.0).sum(axis=0)
    pooled = np.sqrt(total / np.maximum(1, known.sum(axis=0)))
    return np.where(pooled > 0, pooled, 1.0)


def calc_distances(treated: Floats, others: Floats, deviations: Floats) -> Floats:
    """Return the distance of each treated contract to each other one, shape (treated, others)."""
    gaps = (treated[:, None, :] - others[None, :, :]) / deviations
    return np.asarray(np.sqrt((gaps**2).mean(axis=-1)))


def match_pairs(
    distances: Floats,
    treated_strata: Sequence[Hashable],
    other_strata: Sequence[Hashable],
    caliper: float = CALIPER_SD,
) -> list[tuple[int, int]]:
    """Return the pairs (treated, other), ordered by treated; those left out are in none.

    Parameters
    ----------
    distances : array, shape (treated, others)
        At least 0.
    treated_strata, other_strata : sequence
        What must be equal: family and unit.
    caliper : float
        Largest distance of a pair.
    """
    from scipy.optimize import linear_sum_assignment

    if not distances.size:
        return []
    same = np.array([[a == b for b in other_strata] for a in treated_strata], dtype=bool)
    allowed = same & (distances <= caliper)
    rows, columns = linear_sum_assignment(np.where(allowed, distances, FAR))
    return [
        (int(row), int(column))
        for row, column in zip(rows, columns, strict=True)
        if allowed[row, column]
    ]
