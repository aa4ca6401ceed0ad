r"""Mean of paired log ratios: estimate, Student interval, power, sample size.

A ratio of two intensities is compared on its logarithm, so that −20 % and +25 % are as far from no
change. With :math:`d_i = \ln(after_i / before_i)` the mean effect is :math:`e^{\bar d} - 1`, and
under normal :math:`d_i` the interval :math:`\bar d \pm t_{n-1} s / \sqrt n` is exact.

References
----------
.. [1] Student (1908). The probable error of a mean. Biometrika 6(1), 1-25.
   doi:10.1093/biomet/6.1.1
.. [4] JCGM 100:2008 (GUM), annex G.4.1: effective degrees of freedom of joined uncertainties.
.. [3] Welch, B. L. (1947). The generalization of “Student's” problem when several different
   population variances are involved. Biometrika 34(1-2), 28-35. doi:10.1093/biomet/34.1-2.28
.. [2] Dupont, W. D., Plummer, W. D. (1990). Power and sample size calculations. Controlled
   Clinical Trials 11(2), 116-128. doi:10.1016/0197-2456(90)90005-M
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "LARGEST_SAMPLE",
    "ROUNDING",
    "MeanEffect",
    "calc_freedom",
    "calc_mean_effect",
    "calc_mean_interval",
    "calc_power",
    "calc_variance",
    "calc_welch",
    "find_detectable_effect",
    "find_sample_size",
]

Floats = NDArray[np.float64]

LARGEST_SAMPLE = 100_000
"""Number of contracts beyond which an effect is out of reach of any test."""

NORMAL_FREEDOM = 1e4
"""Degrees of freedom from which the noncentral t is the normal distribution to four decimals."""

ROUNDING = 1e-9
"""Deviation, beside the size of the values, that is rounding and no scatter."""


@dataclass(frozen=True)
class MeanEffect:
    """Mean effect over some contracts, on the logarithm and as a share.

    Attributes
    ----------
    contracts : int
        Number of differences; an interval needs two.
    mean_log, sd_log : float
        Mean and standard deviation of the differences of logarithms; NaN where there are too few.
    low_log, high_log : float
        Student's interval.
    p_value : float
        Two-sided, against no effect.
    level : float
        Probability of the interval.
    common_sd_log : float
        Part of the standard error that all contracts share, such as an error of method; it is in
        the interval, and not in `sd_log`.
    """

    contracts: int
    mean_log: float
    sd_log: float
    low_log: float
    high_log: float
    p_value: float
    level: float
    common_sd_log: float = 0.0

    @property
    def effect(self) -> float:
        """Relative effect: -0.2 is 20 % less."""
        return math.expm1(self.mean_log)

    @property
    def low(self) -> float:
        """Lower bound of the relative effect."""
        return math.expm1(self.low_log)

    @property
    def high(self) -> float:
        """Upper bound of the relative effect."""
        return math.expm1(self.high_log)


def calc_mean_interval(
    differences: Floats, level: float = 0.95
) -> tuple[Floats, Floats, Floats, Floats]:
    r"""Return mean, standard deviation and bounds :math:`\bar d \pm t_{n-1} s/\sqrt n` [1]_.

    Parameters
    ----------
    differences : array, shape (…, n)
        Differences of logarithms, n at least 2, independent of each other.
    level : float
        Probability inside, between 0 and 1.

    Returns
    -------
    mean, sd, low, high : array, shape (…)

    Raises
    ------
    ValueError
        If there are fewer than two differences.
    """
    from scipy.stats import t

    values = np.asarray(differences, dtype=np.float64)
    count = values.shape[-1]
    if count < 2:
        raise ValueError("an interval needs two differences at least")
    mean, sd = values.mean(axis=-1), values.std(axis=-1, ddof=1)
    reach = float(t.ppf(0.5 + level / 2, count - 1)) * sd / math.sqrt(count)
    return mean, sd, mean - reach, mean + reach


def calc_mean_effect(
    differences: Floats, level: float = 0.95, common_sd: float = 0.0
) -> MeanEffect:
    """Return the mean effect of some differences of logarithms, with its interval.

    One difference gives an effect without an interval; none gives nothing but NaN. With a common
    error the interval is that of `lcc.clauses.common_error`; without, Student's.

    Parameters
    ----------
    differences : array, shape (n,)
    level : float
        Probability of the interval.
    common_sd : float
        Standard deviation of the error that all differences share.
    """
    from scipy.stats import t

    values = np.asarray(differences, dtype=np.float64)
    count, nothing = int(values.size), math.nan
    if count < 2:
        mean = float(values[0]) if count else nothing
        return MeanEffect(count, mean, nothing, nothing, nothing, nothing, level, common_sd)
    mean_log, variance = float(values.mean()), calc_variance(values)
    error = math.sqrt(variance / count + common_sd**2)
    freedom = calc_freedom(variance / count, count, common_sd)
    reach = float(t.ppf(0.5 + level / 2, freedom)) * error
    if error > 0:
        p_value = 2 * float(t.sf(abs(mean_log) / error, freedom))
    else:
        p_value = float(abs(mean_log) < ROUNDING)
    low, high = mean_log - reach, mean_log + reach
    return MeanEffect(count, mean_log, math.sqrt(variance), low, high, p_value, level, common_sd)


def calc_freedom(variance_of_mean: float, count: int, common_sd: float) -> float:
    r"""Return the degrees of freedom of :math:`s^2/n + \sigma_c^2`, the second known [4]_.

    .. math:: \nu = (n - 1) \left(1 + \frac{\sigma_c^2}{s^2/n}\right)^2
    """
    if common_sd == 0:
        return count - 1.0
    if variance_of_mean == 0:
        return math.inf
    return (count - 1) * (1 + common_sd**2 / variance_of_mean) ** 2


def calc_variance(values: Floats) -> float:
    """Return the variance of values, 0 where they differ by nothing but rounding."""
    if len(values) < 2:
        return 0.0
    variance = float(values.var(ddof=1))
    return 0.0 if variance < (ROUNDING * (1 + float(np.abs(values).max()))) ** 2 else variance


def calc_welch(
    first: Floats, second: Floats, level: float = 0.95, common_sd: float = 0.0
) -> tuple[float, float, float, float]:
    """Return the difference of two means, Welch's interval and p value [3]_.

    Parameters
    ----------
    first, second : array, shape (n,)
        Two values at least in each.
    level : float
        Probability of the interval.
    common_sd : float
        Standard deviation of an error of the difference that no scatter shows.

    Returns
    -------
    gap, low, high, p_value : float
        Where nothing varies, an interval without width and a p value of 0 or 1.
    """
    from scipy.stats import t

    gap = float(first.mean() - second.mean())
    parts = [calc_variance(each) / len(each) for each in (first, second)]
    total = sum(parts) + common_sd**2
    if total == 0:
        return gap, gap, gap, float(abs(gap) < ROUNDING)
    squares = sum(
        part**2 / (len(each) - 1) for part, each in zip(parts, (first, second), strict=True)
    )
    freedom = total**2 / squares if squares > 0 else math.inf
    reach = float(t.ppf(0.5 + level / 2, freedom)) * math.sqrt(total)
    p_value = 2 * float(t.sf(abs(gap) / math.sqrt(total), freedom))
    return gap, gap - reach, gap + reach, p_value


def calc_power(
    contracts: int, effect: float, sd_log: float, alpha: float = 0.05, common_sd: float = 0.0
) -> float:
    r"""Return the probability that a two-sided paired t test sees an effect.

    .. math:: P(|T'_\nu(\delta)| > t_{\nu, 1-\alpha/2}), \quad
       \delta = \ln(1 + effect) / \sqrt{s^2/n + \sigma_c^2}

    where :math:`T'` follows the noncentral t distribution ([2]_), with n - 1 degrees of freedom
    without a common error and those of `calc_freedom` with one.

    Parameters
    ----------
    contracts : int
        Number of pairs.
    effect : float
        Relative effect above -1, such as -0.1 for 10 % less.
    sd_log : float
        Standard deviation of the differences of logarithms, above 0.
    alpha : float
        Level of the test.
    common_sd : float
        Standard deviation of the error that all pairs share: no number of them lessens it.

    Returns
    -------
    float
        0 with fewer than two pairs: there is no test.
    """
    from scipy.stats import nct, norm, t

    if contracts < 2:
        return 0.0
    delta = math.log1p(effect) / math.sqrt(sd_log**2 / contracts + common_sd**2)
    freedom = calc_freedom(sd_log**2 / contracts, contracts, common_sd)
    critical = float(t.ppf(1 - alpha / 2, freedom))
    if freedom > NORMAL_FREEDOM:
        return float(norm.sf(critical - abs(delta)) + norm.cdf(-critical - abs(delta)))
    # Far in a tail the noncentral distribution underflows to NaN: the power is one there.
    upper = float(nct.sf(critical, freedom, abs(delta)))
    lower = float(nct.cdf(-critical, freedom, abs(delta)))
    total = (upper if math.isfinite(upper) else 1.0) + (lower if math.isfinite(lower) else 0.0)
    return min(1.0, total)


def find_sample_size(
    effect: float,
    sd_log: float,
    power: float = 0.8,
    alpha: float = 0.05,
    common_sd: float = 0.0,
) -> int | None:
    """Return how many pairs see an effect with a power; None beyond `LARGEST_SAMPLE`.

    The smallest n whose power, by the noncentral t distribution, is at least `power`; iterated by
    halving, since power grows with n.

    Parameters
    ----------
    effect, sd_log, alpha, common_sd
        As in `calc_power`.
    power : float
        Probability wanted, between `alpha` and 1.
    """
    if effect == 0:
        return None
    low, high = 1, 2
    while calc_power(high, effect, sd_log, alpha, common_sd) < power:
        low, high = high, high * 2
        if high > LARGEST_SAMPLE:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        if calc_power(middle, effect, sd_log, alpha, common_sd) < power:
            low = middle
        else:
            high = middle
    return high


def find_detectable_effect(
    contracts: int,
    sd_log: float,
    power: float = 0.8,
    alpha: float = 0.05,
    common_sd: float = 0.0,
) -> float:
    """Return the smallest reduction that a sample sees with a power, such as -0.12.

    NaN with fewer than two pairs, or where even -99 % would not be seen.
    """
    if contracts < 2 or calc_power(contracts, -0.99, sd_log, alpha, common_sd) < power:
        return math.nan
    low, high = 0.0, 0.99
    for _ in range(60):
        middle = (low + high) / 2
        if calc_power(contracts, -middle, sd_log, alpha, common_sd) < power:
            low = middle
        else:
            high = middle
    return -high
