r"""Mixtures: totals of lines whose family is one of several, each with its probability.

A line of amount *q* is of family *k* with probability :math:`p_k`; a family's factor is linear in
the shared multipliers, :math:`F_k = \sum_t f_{kt} M_t`. Families of two lines are independent;
their factors are the same. With :math:`S_{kl} = E[F_k F_l] = \sum_{tu} f_{kt} f_{lu} e^{K_{tu}}`
(`lcc.uncertainty.shared`), :math:`g_t = \sum_k p_k f_{kt}` and :math:`Q = \sum q^2` over the *n*
lines of a row, the law of total variance [1]_, conditional on the multipliers, is exact:

.. math::
   E[T] &= \Big(\sum q\Big) \sum_t g_t \\
   V_{between} &= E[Var(T \mid M)] = Q \Big(\sum_k p_k S_{kk} - \sum_{kl} p_k p_l S_{kl}\Big) \\
   V_{shared} &= Var(E[T \mid M]) = \Big(\sum q\Big)^2 g^\top (e^K - 1) g \\
   V_{line} &= Q \, cv^2 \sum_k p_k S_{kk}

What is between families is a line's own: :math:`Q` grows like *n* where the square of the sum grows
like :math:`n^2`, so that it vanishes in a total of many lines. What is shared does not. The last is
the error of a line around the factor of its family, of mean one and coefficient *cv*.

References
----------
.. [1] Weiss, N. A. (2005). A Course in Probability. Addison-Wesley, 385-386 (law of total
   variance). McLachlan, G., Peel, D. (2000). Finite Mixture Models. Wiley, section 1.4 (moments).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lcc.errors import FieldError
from lcc.uncertainty.shared import SharedErrors

__all__ = ["Mixture", "MixtureMoments", "calc_mixture", "draw_mixture"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

MISSED = 1e-9
"""By how much probabilities may pass their sum by rounding."""

BLOCK_VALUES = 2_000_000
"""Counts of lines held at once while drawing."""


@dataclass(frozen=True)
class Mixture:
    """Groups of lines that are alike: one amount, the same candidates.

    Attributes
    ----------
    amount : array, shape (rows,)
        Amount of all lines of a row, in any unit.
    lines : array of int, shape (rows,)
        How many lines of equal amounts it is, at least 1.
    probability : array, shape (rows, candidates)
        Of each candidate; a sum under 1 leaves the rest of no candidate, which weighs nothing.
    """

    amount: Floats
    lines: Integers
    probability: Floats

    def __post_init__(self) -> None:
        """Refuse what is no mixture."""
        rows = self.amount.shape[0] if self.amount.ndim == 1 else -1
        if (
            self.lines.shape != (rows,)
            or self.probability.ndim != 2
            or (self.probability.shape[0] != rows)
        ):
            raise FieldError(
                "a mixture has one amount, one count and one list of candidates per row",
                field="mixture",
                found=f"{self.amount.shape}, {self.lines.shape}, {self.probability.shape}",
            )
        bad = ~np.isfinite(self.amount) | (self.lines < 1)
        if bad.any():
            raise FieldError(
                "an amount is not a number, or is of no line",
                rows=_rows(bad), field="amount", expected="finite amounts of at least one line",
            )  # fmt: skip
        inside = np.all((self.probability >= 0) & (self.probability <= 1), axis=1)
        sums = self.probability.sum(axis=1)
        bad = ~(inside & (sums <= 1 + MISSED))
        if bad.any():
            raise FieldError(
                "the probabilities of a row's candidates are none",
                rows=_rows(bad), field="probability",
                found=", ".join(f"sum {each:.6g}" for each in sums[bad][:5]),
                expected="each between 0 and 1, and together 1 at most",
            )  # fmt: skip


@dataclass(frozen=True)
class MixtureMoments:
    """Mean and variance of each row and of their total, in the unit of amount × factor.

    Attributes
    ----------
    mean, variance : array, shape (rows,)
    between : array, shape (rows,)
        Part of the variance that comes from not knowing the family; a line's own.
    line : array, shape (rows,)
        Part that comes from a line around its family's factor; a line's own.
    contribution : array, shape (terms,)
        Central contribution of each term to the total: with it, `SharedErrors` answers.
    total_mean, total_variance : float
    total_between, total_line : float
        Parts of the total's variance; the rest is shared.
    """

    mean: Floats
    variance: Floats
    between: Floats
    line: Floats
    contribution: Floats
    total_mean: float
    total_variance: float
    total_between: float
    total_line: float


def calc_mixture(
    mixture: Mixture, factors: Floats, errors: SharedErrors, line_cv: float = 0.0
) -> MixtureMoments:
    """Return the exact mean and variance of mixtures.

    Parameters
    ----------
    mixture : Mixture
    factors : array, shape (candidates, terms)
        Central contribution of each term to a candidate's factor, per unit of amount.
    errors : SharedErrors
        Error model over the terms.
    line_cv : float
        Coefficient of variation of a line around its family's factor, at least 0.

    Raises
    ------
    FieldError
        If the factors are not of these candidates and terms, or `line_cv` is negative.
    """
    _check(mixture, factors, errors, line_cv)
    covariance = np.expm1(errors.log_covariance())
    means = factors.sum(axis=1)
    seconds = factors @ covariance @ factors.T + np.outer(means, means)
    chances = mixture.probability
    square = mixture.amount**2 / mixture.lines
    spread = chances @ np.diag(seconds)
    known = np.einsum("rk,kl,rl->r", chances, seconds, chances, optimize=True)
    between = square * np.maximum(spread - known, 0.0)
    line = square * line_cv**2 * spread
    weights = chances @ factors
    shared = mixture.amount**2 * np.einsum(
        "rt,tu,ru->r", weights, covariance, weights, optimize=True
    )
    contribution = mixture.amount @ weights
    total_shared = float(contribution @ covariance @ contribution)
    return MixtureMoments(
        mean=mixture.amount * (chances @ means),
        variance=np.maximum(shared, 0.0) + between + line,
        between=between,
        line=line,
        contribution=contribution,
        total_mean=float(contribution.sum()),
        total_variance=max(total_shared, 0.0) + float(between.sum() + line.sum()),
        total_between=float(between.sum()),
        total_line=float(line.sum()),
    )


def draw_mixture(
    mixture: Mixture,
    factors: Floats,
    errors: SharedErrors,
    draws: int,
    rng: np.random.Generator,
) -> Floats:
    """Return draws of the total of mixtures, shape (draws,), without errors around a factor.

    The lines of a row fall to their candidates by one multinomial draw: no line is drawn alone.

    Raises
    ------
    FieldError
        As `calc_mixture`.
    """
    _check(mixture, factors, errors, 0.0)
    rest = np.maximum(1 - mixture.probability.sum(axis=1, keepdims=True), 0.0)
    chances = np.concatenate([mixture.probability, rest], axis=1)
    chances /= chances.sum(axis=1, keepdims=True)
    each = mixture.amount / mixture.lines
    step = max(1, BLOCK_VALUES // max(1, chances.size))
    drawn = np.concatenate(list(errors.draw_multipliers(draws, rng))) @ factors.T
    totals = np.empty(draws)
    for start in range(0, draws, step):
        size = min(step, draws - start)
        counts = rng.multinomial(mixture.lines, chances, size=(size, len(chances)))
        amounts = np.einsum("r,drk->dk", each, counts[:, :, :-1])
        totals[start : start + size] = np.einsum("dk,dk->d", amounts, drawn[start : start + size])
    return totals


def _rows(bad: NDArray[np.bool_]) -> list[int]:
    return [int(each) + 1 for each in np.flatnonzero(bad)]


def _check(mixture: Mixture, factors: Floats, errors: SharedErrors, line_cv: float) -> None:
    candidates = mixture.probability.shape[1]
    if factors.shape != (candidates, errors.terms) or not np.isfinite(factors).all():
        raise FieldError(
            "each candidate has one factor over the terms",
            field="factors",
            found=f"shape {factors.shape}, {np.count_nonzero(~np.isfinite(factors))} not finite",
            expected=f"({candidates}, {errors.terms}), finite",
        )
    if not line_cv >= 0:
        raise FieldError(
            "a coefficient of variation is at least 0", field="line_cv", found=str(line_cv)
        )
