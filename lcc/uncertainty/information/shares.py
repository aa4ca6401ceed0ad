r"""Shares of a variance that add up to one: of each error, and of each group.

The total :math:`T = \sum_i t_i \prod_c M_{c,i}` plus the errors of single lines has, in closed
form, every part of its analysis of variance. For terms *i* and *j* that hold one key of component
*c*, :math:`a^c_{ij} = e^{\sigma_{ic} \sigma_{jc}} - 1`, else zero; then

.. math:: V = \sum_{ij} t_i t_j \Big( \prod_c (1 + a^c_{ij}) - 1 \Big)
            + \sum_i w_i \prod_c (1 + a^c_{ii})

with :math:`w_i` the variance of the lines of term *i* where their multipliers are known. Expanding
the products gives the part of each set of errors; a part goes to its errors by equal shares: the
Shapley effect [1]_. An equal share is :math:`1/|u| = \int_0^1 s^{|u|-1} ds`, so that with

.. math:: g_c(s) = \sum_{ij} t_i t_j \, a^c_{ij} \prod_{c' \ne c} (1 + s \, a^{c'}_{ij})
                 + s \sum_i w_i \, a^c_{ii} \prod_{c' \ne c} (1 + s \, a^{c'}_{ii})

the first-order index is :math:`g_c(0)/V`, the total index :math:`g_c(1)/V`, and the Shapley effect
:math:`\int_0^1 g_c(s) ds / V`: Owen's multilinear extension [2]_ of the game. The integrand is a
polynomial of low degree: Gauss-Legendre is exact.

The groups of a total (contracts, families) depend on one another; the share of group *g* is
:math:`\mathrm{Cov}(E_g, T) / V`, the Shapley value of the game whose worth is the variance of a
partial sum [3]_. It is negative for what offsets others (credit notes).

References
----------
.. [1] Owen, A. B. (2014). Sobol' indices and Shapley value. SIAM/ASA J. Uncertainty Quantification
   2(1), 245-251. doi:10.1137/130936233
.. [2] Owen, G. (1972). Multilinear extensions of games. Management Science 18(5), P64-P79.
   doi:10.1287/mnsc.18.5.64
.. [3] Colini-Baldeschi, R., Scarsini, M., Vaccari, S. (2018). Variance allocation and Shapley
   value. Methodology and Computing in Applied Probability 20, 919-933.
   doi:10.1007/s11009-016-9540-5
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lcc.uncertainty.shared import SharedErrors

__all__ = [
    "LINES",
    "TermShares",
    "VarianceShares",
    "share_by_error",
    "share_by_group",
    "share_by_term",
]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

LINES = -1
"""Component of the errors that no two lines share, all lines together."""

BLOCK_VALUES = 400_000
"""Pairs of terms held at once, times the number of components: a few megabytes of floats."""


@dataclass(frozen=True)
class VarianceShares:
    """Shares of a variance, one row per error.

    Attributes
    ----------
    component : array of int, shape (errors,)
        Rank of the component; `LINES` for the errors of single lines.
    key : array of int, shape (errors,)
        Key in the component; 0 for lines.
    first : array, shape (errors,)
        Part of the variance where this error alone is in doubt.
    shapley : array, shape (errors,)
        Shapley effects: they add up to 1. `shapley - first` is its part of the interactions.
    total : array, shape (errors,)
        Part of the variance that goes away, on average, once this error is known.
    variance : float
        Of the total, in its unit squared. Where it is zero there is no row.
    """

    component: Integers
    key: Integers
    first: Floats
    shapley: Floats
    total: Floats
    variance: float


@dataclass(frozen=True)
class TermShares:
    """Shares of a variance by component and term, of which those of errors are sums.

    Attributes
    ----------
    first, shapley, total : array, shape (components + 1, terms)
        As in `VarianceShares`; the last row is that of single lines. Where a study states that
        the errors of two keys are correlated, what they make together goes to both by halves.
    variance : float
        Of the total; where it is zero all shares are.
    """

    first: Floats
    shapley: Floats
    total: Floats
    variance: float


def share_by_error(
    errors: SharedErrors, totals: Floats, line_variance: Floats | None = None
) -> VarianceShares:
    """Return how much of the variance of a total each of its errors explains.

    Parameters
    ----------
    errors : SharedErrors
    totals : array, shape (terms,)
        Central contribution of each term, in any unit.
    line_variance : array, shape (terms,), optional
        Variance that the errors of single lines add to each term, in the unit squared, as in
        `lcc.carbon.kilograms.Emissions`: the mean square of the shared multiplier is in it.

    Raises
    ------
    ValueError
        If the shapes differ, or a variance is negative.
    """
    terms = share_by_term(errors, totals, line_variance)
    component: list[int] = []
    key: list[int] = []
    sums: list[Floats] = []
    rows = np.stack([terms.first, terms.shapley, terms.total])
    for rank in range(errors.components):
        keys, loads = errors.keys(rank), errors.loading(rank)
        held = np.unique(keys[loads > 0])
        component += [rank] * held.size
        key += held.tolist()
        summed = np.stack([np.bincount(keys, row) for row in rows[:, rank]])
        sums.append(np.asarray(summed[:, held], dtype=np.float64))
    if np.any(rows[1, LINES] > 0):
        component, key = [*component, LINES], [*key, 0]
        sums.append(rows[:, LINES].sum(axis=1)[:, None])
    if not terms.variance > 0:
        component, key, sums = [], [], [np.zeros((3, 0))]
    first, shapley, total = np.concatenate(sums, axis=1)
    return VarianceShares(
        np.array(component, dtype=np.int64),
        np.array(key, dtype=np.int64),
        first,
        shapley,
        total,
        terms.variance,
    )


def share_by_term(
    errors: SharedErrors, totals: Floats, line_variance: Floats | None = None
) -> TermShares:
    """Return the same shares by component and term; see `share_by_error`."""
    terms, count = errors.terms, errors.components
    own = np.zeros(terms) if line_variance is None else np.asarray(line_variance, dtype=float)
    if totals.shape != (terms,) or own.shape != (terms,) or np.any(own < 0):
        raise ValueError("one contribution and one variance of at least 0 per term")
    # Degree at most the number of components: pairs of count − 1, lines one more.
    nodes, weights = np.polynomial.legendre.leggauss(count // 2 + 1)
    places = np.concatenate([[0.0, 1.0], (nodes + 1) / 2])
    rows = np.zeros((places.size, count + 1, terms))
    step = max(1, BLOCK_VALUES // max(1, terms * count))
    for start in range(0, terms, step):
        here = np.arange(start, min(start + step, terms))
        alone = np.stack(
            [np.expm1(errors.part_log_covariance(rank, here)) for rank in range(count)]
        )
        for place, s in enumerate(places):
            grown = 1 + s * alone
            parts = alone * (grown.prod(axis=0) / grown)
            rows[place, :count, here[0] : here[-1] + 1] = (parts @ totals) * totals[here]
    # What lines would add, were the multipliers they are enlarged by known.
    lines = own * np.exp(-errors.log_variance())
    square = np.expm1(np.stack([errors.loading(rank) for rank in range(count)]) ** 2)
    grown = 1 + places[:, None, None] * square
    whole = grown.prod(axis=1)
    rows[:, :count] += places[:, None, None] * lines * square * (whole[:, None, :] / grown)
    rows[:, count] = lines * whole
    shapley = np.tensordot(weights, rows[2:], axes=1) / 2
    variance = float(shapley.sum())
    scale = 1 / variance if variance > 0 else 0.0
    return TermShares(
        rows[0] * scale, shapley * scale, rows[1] * scale, variance if variance > 0 else 0.0
    )


def share_by_group(covariance_with_total: Floats, variance: float) -> Floats:
    r"""Return the share of each group in the variance of their sum: it adds up to 1.

    .. math:: \mathrm{Cov}(E_g, T) / V

    Parameters
    ----------
    covariance_with_total : array, shape (groups,)
        Covariance of each group with the sum of all.
    variance : float
        Of the sum, the same unit.

    Returns
    -------
    array, shape (groups,)
        Zeros where nothing is in doubt.
    """
    if not variance > 0:
        return np.zeros(covariance_with_total.shape)
    return np.asarray(covariance_with_total / variance)
