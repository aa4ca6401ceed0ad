r"""What measuring a group would take away of the variance of a total, before it is measured.

Groups (contracts, families) emit :math:`E_g = \sum_i t_{gi} M_i` plus the errors of their own
lines; they share the multipliers. A measurement covers a share :math:`p` of a group, and reads
:math:`y = X (1 + \varepsilon)` with :math:`X = p E_g` in its expectation (the lines measured have
the share :math:`p` of the variance of lines) and :math:`\varepsilon` of mean 0 and standard
deviation :math:`c`, independent of all else. Its noise :math:`\eta = X\varepsilon` is uncorrelated
with every emission, of variance :math:`N = c^2 E[X^2]`. Measurements that borrow one factor miss
together: of :math:`N`, :math:`c^2 E[X]^2` is then shared, :math:`\mathrm{Cov}(\eta_g, \eta_j) =
c_g c_j E[X_g] E[X_j]` (to first order in the doubt of the estimates). Two answers stand side by
side.

**In place of the estimate.** The map takes the measured figure where it had an estimate, and
nothing else changes: what remains is :math:`\mathrm{Var}(T - X) + N`, so that

.. math:: G = 2\,\mathrm{Cov}(X, T) - \mathrm{Var}(X) - N

**With what it teaches.** The figure also says something of the multipliers that others share. The
best linear estimator of *T* from *y* leaves, on average [1]_ [2]_,

.. math:: G^* = \frac{\mathrm{Cov}(X, T)^2}{\mathrm{Var}(X) + N} \ge G

(the first answer is a linear estimator too, :math:`E[T - X] + y`). The multipliers being
lognormal, the best estimator is not linear: with *y* taken as lognormal, exactly so where *X* is
one term, the variance of the conditional mean is, with :math:`\kappa_i = \ln(1 + \mathrm{Cov}(M_i,
X)/E[X])` and :math:`\sigma_y^2 = \ln(1 + \mathrm{Var}(y)/E[X]^2)`,

.. math:: G^{**} = \sum_{ij} t_i t_j (e^{\kappa_i \kappa_j / \sigma_y^2} - 1)

`calc_lognormal_gain` gives it as a check: it holds the linear answer for a part of itself.

References
----------
.. [1] Goldstein, M., Wooff, D. (2007). Bayes Linear Statistics: Theory and Methods. Wiley.
   doi:10.1002/9780470065662, chapter 3 (adjusted variance).
.. [2] Raiffa, H., Schlaifer, R. (1961). Applied Statistical Decision Theory. Harvard University,
   chapter 5 (preposterior analysis).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lcc.uncertainty.shared import SharedErrors

__all__ = ["Candidates", "calc_lognormal_gain", "prepare_candidates"]

Floats = NDArray[np.float64]

LEAST_DOUBT = 1e-9
"""Variance over mean square of a measured part below which nothing of it is in doubt."""

BLOCK_GROUPS = 2_000
"""Groups whose terms are held at once."""


@dataclass(frozen=True)
class Candidates:
    """What could be measured, and how it moves with the total.

    The measured part of candidate *g* is :math:`X_g`; covariances between the parts of two
    candidates are ``terms @ multipliers @ terms.T``, with `lines` on the diagonal besides.

    Attributes
    ----------
    terms : array, shape (candidates, terms)
        Measured part of each term, in the unit of the total; then one column per error that
        measurements share.
    multipliers : array, shape (terms, terms)
        Covariance of the shared multipliers, and of what measurements share.
    mean : array, shape (candidates,)
        Of the measured part.
    lines : array, shape (candidates,)
        Variance of the measured part that comes from errors of single lines.
    spread : array, shape (candidates,)
        Variance of the measured part, shared and of lines, and of the errors that measurements
        share.
    noise : array, shape (candidates,)
        Variance of the error of the measurement that no other shares.
    with_total : array, shape (candidates,)
        Covariance of the measured part with the total.
    variance : float
        Of the total.
    """

    terms: Floats
    multipliers: Floats
    mean: Floats
    lines: Floats
    spread: Floats
    noise: Floats
    with_total: Floats
    variance: float

    def __len__(self) -> int:
        return int(self.mean.size)

    def replaced(self) -> Floats:
        """Return what each measurement alone takes away, in place of the estimate: G above."""
        return np.asarray(2 * self.with_total - self.spread - self.noise)

    def learned(self) -> Floats:
        """Return what each alone takes away with what it teaches: G* above."""
        whole = self.spread + self.noise
        return np.divide(self.with_total**2, whole, out=np.zeros_like(whole), where=whole > 0)

    def covariance(self) -> Floats:
        """Return the covariance between the shared parts of candidates: without lines."""
        return np.asarray((self.terms @ self.multipliers) @ self.terms.T)

    def column(self, rank: int) -> Floats:
        """Return one column of `covariance`."""
        return np.asarray(self.terms @ (self.multipliers @ self.terms[rank]))

    def select(self, ranks: NDArray[np.int64]) -> Candidates:
        """Return some of the candidates, of the same total."""
        return Candidates(
            self.terms[ranks],
            self.multipliers,
            self.mean[ranks],
            self.lines[ranks],
            self.spread[ranks],
            self.noise[ranks],
            self.with_total[ranks],
            self.variance,
        )


def prepare_candidates(
    errors: SharedErrors,
    groups: Floats,
    own_variance: Floats,
    rest: Floats,
    rest_variance: float,
    precision_cv: Floats,
    covered_share: Floats,
    precision_key: NDArray[np.int64] | None = None,
) -> Candidates:
    """Return the candidates of a total: the sum of all groups and of a rest nobody measures.

    Parameters
    ----------
    errors : SharedErrors
    groups : array, shape (candidates, terms)
        Central contribution of each term to each candidate.
    own_variance : array, shape (candidates,)
        Variance of each candidate that comes from errors of single lines.
    rest : array, shape (terms,)
        What belongs to the total and to no candidate.
    rest_variance : float
        Variance of its lines.
    precision_cv : array, shape (candidates,)
        Coefficient of variation of each measurement, above 0.
    covered_share : array, shape (candidates,)
        Share of each candidate that is measured, above 0 and at most 1.
    precision_key : array of int, shape (candidates,), optional
        What the error of a measurement shares with others, from 0; -1 where nothing. By default
        all are independent.

    Raises
    ------
    ValueError
        If the shapes differ, a precision is not above 0 or a share is out of its range.
    """
    count, terms = groups.shape
    shapes = {own_variance.shape, precision_cv.shape, covered_share.shape}
    if terms != errors.terms or rest.shape != (terms,) or shapes - {(count,)}:
        raise ValueError("one row, one variance, one precision and one share per candidate")
    if np.any(precision_cv <= 0) or np.any(covered_share <= 0) or np.any(covered_share > 1):
        raise ValueError("a precision is above 0, a share is above 0 and at most 1")
    multipliers = np.expm1(errors.log_covariance())
    total = groups.sum(axis=0) + rest
    measured = groups * covered_share[:, None]
    lines = own_variance * covered_share
    # The covariance of each candidate's terms with themselves, block by block.
    spread = np.array(lines, dtype=np.float64)
    for start in range(0, count, BLOCK_GROUPS):
        here = slice(start, start + BLOCK_GROUPS)
        spread[here] += np.einsum("gt,gt->g", measured[here] @ multipliers, measured[here])
    mean = measured.sum(axis=1)
    moved = multipliers @ total
    variance = float(total @ moved + own_variance.sum() + rest_variance)
    with_total = measured @ moved + lines
    noise = precision_cv**2 * (mean**2 + spread)
    keys = np.full(count, -1) if precision_key is None else precision_key
    if keys.shape != (count,):
        raise ValueError("one key per candidate")
    if np.any(keys >= 0):
        # One more term per shared error, independent of all others and in no total. What is known
        # already keeps its error for itself: it would gauge those of others.
        joined = (keys >= 0) & (spread > LEAST_DOUBT * mean**2)
        missed = np.where(joined, precision_cv * mean, 0.0)
        together = np.where(keys[:, None] == np.arange(keys.max() + 1), missed[:, None], 0.0)
        measured = np.hstack([measured, together])
        known, multipliers = multipliers, np.eye(measured.shape[1])
        multipliers[:terms, :terms] = known
        spread, noise = spread + missed**2, noise - missed**2
    return Candidates(
        terms=measured,
        multipliers=multipliers,
        mean=mean,
        lines=lines,
        spread=spread,
        noise=noise,
        with_total=with_total,
        variance=variance,
    )


def calc_lognormal_gain(candidates: Candidates, rank: int, total: Floats) -> float:
    r"""Return what one measurement takes away where all that is read is lognormal: G** above.

    Exact where the measured part is one term without errors of lines; elsewhere its sum is taken
    as one lognormal (Fenton-Wilkinson), like the intervals. What lines share with nothing enters
    as one more error of the measured part.

    Parameters
    ----------
    candidates : Candidates
    rank : int
        Which of them, of positive mean.
    total : array, shape (terms,)
        Central contribution of each term to the total, the same unit.

    Raises
    ------
    ValueError
        If the measured part is not positive.
    """
    mean = float(candidates.mean[rank])
    if mean <= 0:
        raise ValueError("no lognormal stands for what is not positive")
    read = np.log1p((candidates.spread[rank] + candidates.noise[rank]) / mean**2)
    if read == 0:
        return 0.0
    # What measurements share is in no total.
    part, held = candidates.terms[rank, : total.size], slice(0, total.size)
    covariance = candidates.multipliers[held, held] @ part
    moved = np.log1p(covariance / mean)
    # The measured lines, a lognormal of their own on top of the shared multiplier.
    own = np.log1p(candidates.lines[rank] / (float(part @ covariance) + mean**2))
    with_lines = moved + own
    rest = total - part
    weights = np.concatenate([rest, part])
    loads = np.concatenate([moved, with_lines])
    weights, loads = weights[weights != 0], loads[weights != 0]
    return float(weights @ np.expm1(np.outer(loads, loads) / read) @ weights)
