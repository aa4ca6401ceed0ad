r"""What a measurement is worth for a decision: who enters a list, does a target hold.

**A list of the k largest.** The k contracts of largest mean are chosen. What that loses on average
is :math:`E[\text{sum of the k largest}] - \sum_{g \in L} m_g`, the expected value of perfect
information [1]_ (in tonnes that the list misses), by draws with common numbers. A measurement of
one contract moves its own mean :math:`m` to a posterior mean, a lognormal of the same mean and of
log-variance :math:`s^2 = \sigma^4 / (\sigma^2 + \sigma_\varepsilon^2)` (estimate and error of the
measurement both lognormal). With :math:`\theta` the largest mean left out, or the smallest kept,
of the others,

.. math:: \mathrm{EVSI} = E[(m_y - \theta)^+] = m \Phi(d) - \theta \Phi(d - s), \qquad
          d = \frac{\ln(m/\theta)}{s} + \frac{s}{2}

for a contract outside the list, and :math:`E[(\theta - m_y)^+] = \theta \Phi(s - d) - m \Phi(-d)`
inside it: the partial expectations of a lognormal [2]_. Where a share *p* alone is measured, the
rest keeps its mean: :math:`\theta` becomes :math:`(\theta - (1 - p) m) / p`, and the value is *p*
times what it is there. What the figure would teach about others is
not counted: it moves them the same way, so that fewer decisions change.

**A target.** The total, lognormal of log-variance :math:`\sigma^2`, holds a target *L* with
probability :math:`\Phi(a)`, :math:`a = (\ln L - \mu)/\sigma`. Measurements that take away the part
:math:`\rho^2` of the log-variance leave a decision that follows a signal of correlation
:math:`\rho` with the total: the better answer changes with probability :math:`\Phi(-|a|/\rho)`, and
the answer is right with probability

.. math:: P(Z < a, U < a/\rho) + P(Z > a, U > a/\rho)

*Z* and *U* standard normals of correlation :math:`\rho`. Where a wrong answer costs the distance to
the target, :math:`|T - L|`, the measurements are worth :math:`E[(m_y - L)^+]` where the target
holds by the mean, :math:`E[(L - m_y)^+]` where it does not: the expectations above with
:math:`\theta = L`.

References
----------
.. [1] Raiffa, H., Schlaifer, R. (1961). Applied Statistical Decision Theory. Harvard University,
   chapters 4 and 5 (perfect and sample information).
.. [2] Johnson, N. L., Kotz, S., Balakrishnan, N. (1994). Continuous Univariate Distributions 1, 2nd
   ed., Wiley, chapter 14 (moments of truncated lognormals).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "ListValue",
    "TargetValue",
    "calc_list_loss",
    "calc_target_value",
    "value_for_list",
]

Floats = NDArray[np.float64]

NODES = 400
"""Points of the integral over the signal: its error is below 1e-4 (tests)."""

ALL_KNOWN = 1e-12
"""Part of the log-variance below which nothing is left in doubt."""


@dataclass(frozen=True)
class ListValue:
    """What measuring each contract is worth for the choice of a list, others left as they are.

    Attributes
    ----------
    gain : array, shape (contracts,)
        Expected tonnes that the list would hold more, at least 0, in the unit of the means.
    probability_changes : array, shape (contracts,)
        Probability that the contract enters or leaves the list.
    """

    gain: Floats
    probability_changes: Floats


@dataclass(frozen=True)
class TargetValue:
    """What measurements are worth to tell whether a target holds.

    Attributes
    ----------
    probability_held : float
        Now.
    probability_right_now, probability_right_after : float
        That the likelier answer is the true one, before and, on average, after.
    probability_changes : float
        That the likelier answer becomes the other one.
    gain : float
        Expected tonnes by which the mistake is smaller, in the unit of the total: value where a
        wrong answer costs the distance to the target.
    """

    probability_held: float
    probability_right_now: float
    probability_right_after: float
    probability_changes: float
    gain: float


def calc_list_loss(draws: Floats, count: int) -> float:
    """Return what a list of the `count` largest means is expected to miss, against the true one.

    Parameters
    ----------
    draws : array, shape (draws, contracts)
        With common numbers, in any unit.
    count : int
        Length of the list, from 1 to the number of contracts.

    Returns
    -------
    float
        At least 0, in the unit of the draws: the expected value of perfect information.

    Raises
    ------
    ValueError
        If the list is empty or longer than there are contracts.
    """
    contracts = draws.shape[1]
    if not 1 <= count <= contracts:
        raise ValueError("a list holds at least one contract and at most all")
    largest = np.partition(draws, contracts - count, axis=1)[:, contracts - count :].sum(axis=1)
    means = draws.mean(axis=0)
    listed = np.argsort(-means, kind="stable")[:count]
    return float(max(0.0, (largest - draws[:, listed].sum(axis=1)).mean()))


def value_for_list(
    mean: Floats,
    spread: Floats,
    precision_cv: Floats,
    count: int,
    covered_share: Floats | None = None,
) -> ListValue:
    """Return what measuring each contract is worth for the list of the `count` largest.

    Parameters
    ----------
    mean : array, shape (contracts,)
        Emissions of each contract, in any unit; one of no positive mean is never on the list.
    spread : array, shape (contracts,)
        Their variance.
    precision_cv : array, shape (contracts,)
        Coefficient of variation of each measurement.
    count : int
        Length of the list, at least 1.
    covered_share : array, shape (contracts,), optional
        Share of each contract that is measured, above 0 and at most 1; by default all of it.

    Raises
    ------
    ValueError
        If the list is empty.
    """
    if count < 1:
        raise ValueError("a list holds at least one contract")
    none = np.zeros(mean.size)
    if count >= mean.size:
        return ListValue(none, none)
    order = np.argsort(-mean, kind="stable")
    listed = np.zeros(mean.size, dtype=bool)
    listed[order[:count]] = True
    # What stands on the other side of the border, were this contract not there.
    border = np.where(listed, mean[order[count]], mean[order[count - 1]])
    part = np.ones(mean.size) if covered_share is None else covered_share
    border = (border - (1 - part) * mean) / part
    square = np.divide(spread, mean**2, out=np.zeros(mean.size), where=mean > 0)
    wide = np.log1p(square)
    read = wide + np.log1p(precision_cv**2)
    moved = np.sqrt(np.divide(wide**2, read, out=np.zeros(mean.size), where=read > 0))
    above, below, over = _expect_parts(np.where(mean > 0, mean, 0.0), border, moved)
    gain = part * np.where(listed, below, above)
    changes = np.where(listed, 1 - over, over)
    # A contract that cannot move, or stands on the border with its equal, changes nothing.
    fixed = (moved == 0) | (mean <= 0) | (border <= 0)
    return ListValue(np.where(fixed, 0.0, gain), np.where(fixed, 0.0, changes))


def calc_target_value(
    mean: float, variance: float, target: float, variance_after: float
) -> TargetValue:
    """Return what measurements are worth to tell whether a total is at most a target.

    Parameters
    ----------
    mean, variance : float
        Of the total, of positive mean, in any unit and its square.
    target : float
        Above 0, the same unit.
    variance_after : float
        Variance that the measurements leave on average, from 0 to `variance`.

    Raises
    ------
    ValueError
        If the mean or the target is not positive, or a variance is out of its range.
    """
    from scipy.special import ndtr

    if not (mean > 0 and target > 0 and 0 <= variance_after <= variance * (1 + 1e-12)):
        raise ValueError("a positive mean and target, and at most the variance of before after")
    wide = float(np.log1p(variance / mean**2))
    left = min(wide, float(np.log1p(variance_after / mean**2)))
    if wide == 0:
        held = float(mean <= target)
        return TargetValue(held, 1.0, 1.0, 0.0, 0.0)
    deviation = np.sqrt(wide)
    place = float((np.log(target / mean) + wide / 2) / deviation)
    held = float(ndtr(place))
    now = max(held, 1 - held)
    rho = float(np.sqrt(1 - left / wide))
    if rho == 0:
        return TargetValue(held, now, now, 0.0, 0.0)
    # Midpoints of equal probability of the signal.
    from scipy.special import ndtri

    signal = ndtri((np.arange(NODES) + 0.5) / NODES)
    if left > ALL_KNOWN * wide:
        given = ndtr((place - rho * signal) / np.sqrt(left / wide))
        after = float(np.maximum(given, 1 - given).mean())
    else:
        after = 1.0
    moved = rho * deviation
    above, below, _ = _expect_parts(np.array([mean]), np.array([target]), np.array([moved]))
    gain = float(below[0] if mean > target else above[0])
    return TargetValue(held, now, max(now, after), float(ndtr(-abs(place) / rho)), gain)


def _expect_parts(mean: Floats, border: Floats, moved: Floats) -> tuple[Floats, Floats, Floats]:
    """Return E[(m − θ)⁺], E[(θ − m)⁺] and P(m > θ) of lognormal posterior means."""
    from scipy.special import ndtr

    possible = (mean > 0) & (border > 0) & (moved > 0)
    ratio = np.log(np.where(possible, mean, 1.0) / np.where(possible, border, 1.0))
    upper = np.where(possible, ratio / np.where(possible, moved, 1.0) + moved / 2, 0.0)
    above = np.where(
        possible, mean * ndtr(upper) - border * ndtr(upper - moved), np.maximum(mean - border, 0.0)
    )
    below = np.where(
        possible, border * ndtr(moved - upper) - mean * ndtr(-upper), np.maximum(border - mean, 0.0)
    )
    over = np.where(possible, ndtr(upper - moved), (mean > border).astype(float))
    return np.maximum(above, 0.0), np.maximum(below, 0.0), over
