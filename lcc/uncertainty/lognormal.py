"""Lognormal errors with mean one: an error widens a figure, it never moves it.

References
----------
.. [1] Limpert, E., Stahel, W. A., Abbt, M. (2001). Log-normal distributions across the sciences.
   BioScience 51(5), 341-352. doi:10.1641/0006-3568(2001)051[0341:LNDATS]2.0.CO;2
.. [2] Fenton, L. F. (1960). The sum of log-normal probability distributions in scatter
   transmission systems. IRE Transactions on Communications Systems 8(1), 57-67.
   doi:10.1109/TCOM.1960.1097606
"""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

__all__ = ["calc_cv", "calc_interval", "calc_log_sd", "calc_normal_interval"]

Floats = NDArray[np.float64]


def calc_log_sd(cv: Floats | float) -> Floats:
    r"""Return the standard deviation of the logarithm of a lognormal of coefficient `cv`.

    .. math:: \sigma = \sqrt{\ln(1 + cv^2)}

    Parameters
    ----------
    cv : float or array
        Coefficient of variation (standard deviation over mean), at least 0.

    Raises
    ------
    ValueError
        If a coefficient is negative or not a number.

    References
    ----------
    [1]_, table 2.
    """
    ratio = np.asarray(cv, dtype=np.float64)
    if not np.all(ratio >= 0):
        raise ValueError("a coefficient of variation is a number of at least 0")
    return np.asarray(np.sqrt(np.log1p(ratio**2)))


def calc_cv(log_sd: Floats | float) -> Floats:
    r"""Return the coefficient of variation of a lognormal, the inverse of `calc_log_sd`.

    .. math:: cv = \sqrt{e^{\sigma^2} - 1}
    """
    return np.asarray(np.sqrt(np.expm1(np.asarray(log_sd, dtype=np.float64) ** 2)))


def calc_interval(mean: Floats, variance: Floats, level: float = 0.95) -> tuple[Floats, Floats]:
    r"""Return the bounds of the central interval of a lognormal with given mean and variance.

    A sum of correlated lognormals is close to one lognormal with its exact mean and variance
    (Fenton-Wilkinson [2]_):

    .. math:: \sigma^2 = \ln(1 + V/m^2), \quad
       e^{\ln m - \sigma^2/2 \pm z\sigma}

    A negative mean (a group of credit notes) gives the mirrored interval; a mean of zero, which no
    lognormal has, a normal one.

    Parameters
    ----------
    mean, variance : array
        Same shape; any unit and its square.
    level : float
        Probability inside, between 0 and 1.

    Returns
    -------
    low, high : array
        Same shape and unit as `mean`, with ``low <= mean`` only where the skew allows it: the mean
        of a very wide lognormal may lie above the bound, never for a level of 95 % and a
        coefficient of variation under 6.
    """
    z = NormalDist().inv_cdf(0.5 + level / 2)
    size, deviation = np.abs(mean), np.sqrt(variance)
    # Deviation over mean, then squared: the square of a very small mean would be zero.
    relative = np.divide(deviation, size, out=np.zeros_like(size), where=size > 0)
    log_variance = np.log1p(relative**2)
    log_sd = np.sqrt(log_variance)
    near = size * np.exp(-log_variance / 2 - z * log_sd)
    far = size * np.exp(-log_variance / 2 + z * log_sd)
    # Adding zero turns the minus zero of an empty group into zero.
    low = np.where(mean > 0, near, np.where(mean < 0, -far, -z * deviation)) + 0.0
    high = np.where(mean > 0, far, np.where(mean < 0, -near, z * deviation))
    return low, high


def calc_normal_interval(
    mean: Floats, variance: Floats, level: float = 0.95
) -> tuple[Floats, Floats]:
    r"""Return the bounds :math:`m \pm z\sqrt{V}` of the central interval of a normal.

    For differences of lognormals, whose sign may be either: no lognormal stands for them.
    """
    reach = NormalDist().inv_cdf(0.5 + level / 2) * np.sqrt(variance)
    return mean - reach, mean + reach
