r"""Kinds of distribution: moments, quantiles and draws of each, from its numbers alone.

========== ======================= ==========================================================
kind       numbers                 mean and variance
========== ======================= ==========================================================
normal     mean, sd                as stated
lognormal  mean, cv                as stated, :math:`(cv \cdot mean)^2` [1]_
uniform    low, high               :math:`(a+b)/2`, :math:`(b-a)^2/12`
triangular low, mode, high         :math:`(a+m+b)/3`,
                                   :math:`((b-a)^2 - (m-a)(b-m))/18` [2]_
pert       low, mode, high         :math:`\mu = (a+4m+b)/6` [3]_,
                                   :math:`(\mu-a)(b-\mu)/7`
discrete   values, probabilities   :math:`\sum p v`, :math:`\sum p (v-\mu)^2`
between    low95, high95           normal whose central 95 % interval is [low95, high95]
========== ======================= ==========================================================

A PERT here is the beta distribution on [low, high] with the mean of [3]_ and shapes that add up to
6, hence its variance; the original takes ((high - low) / 6)^2 for the variance of any of them.

References
----------
.. [1] Limpert, E., Stahel, W. A., Abbt, M. (2001). Log-normal distributions across the sciences.
   BioScience 51(5), 341-352. doi:10.1641/0006-3568(2001)051[0341:LNDATS]2.0.CO;2
.. [2] Kotz, S., van Dorp, J. R. (2004). Beyond Beta. World Scientific, chapter 1.
.. [3] Malcolm, D. G., Roseboom, J. H., Clark, C. E., Fazar, W. (1959). Application of a technique
   for research and development program evaluation. Operations Research 7(5), 646-669.
   doi:10.1287/opre.7.5.646
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import accumulate
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from lcc.uncertainty.lognormal import calc_log_sd

__all__ = ["KINDS", "Kind"]

Floats = NDArray[np.float64]
Numbers = tuple[float, ...]

Z95 = NormalDist().inv_cdf(0.975)
"""Half-width of the central 95 % interval of a standard normal."""


@dataclass(frozen=True)
class Kind:
    """What a kind of distribution does with its numbers, once they are checked.

    Attributes
    ----------
    names : tuple of str
        Names of its numbers, in the order they are written.
    moments : callable
        numbers → mean and standard deviation.
    quantiles : callable
        numbers, probabilities in [0, 1] → quantiles of the same shape.
    draw : callable
        numbers, generator, size → draws of shape (size,).

    The standard deviation is above 0 whenever quantiles or draws are asked for.
    """

    names: tuple[str, ...]
    moments: Callable[[Numbers], tuple[float, float]]
    quantiles: Callable[[Numbers, Floats], Floats]
    draw: Callable[[Numbers, np.random.Generator, int], Floats]


# Moments: sums and products rather than powers, which raise where a float overflows; from the lower
# bound, so that equal bounds give exactly their value.


def _normal_moments(numbers: Numbers) -> tuple[float, float]:
    return numbers[0], numbers[1]


def _lognormal_moments(numbers: Numbers) -> tuple[float, float]:
    return numbers[0], numbers[0] * numbers[1]


def _uniform_moments(numbers: Numbers) -> tuple[float, float]:
    low, high = numbers
    return low + (high - low) / 2, (high - low) / math.sqrt(12)


def _triangular_moments(numbers: Numbers) -> tuple[float, float]:
    low, mode, high = numbers
    left, right, width = mode - low, high - mode, high - low
    return low + (left + width) / 3, math.sqrt(max(width * width - left * right, 0.0) / 18)


def _pert_moments(numbers: Numbers) -> tuple[float, float]:
    low, mode, high = numbers
    above = (4 * (mode - low) + (high - low)) / 6
    return low + above, math.sqrt(above * max(high - low - above, 0.0) / 7)


def _discrete_moments(numbers: Numbers) -> tuple[float, float]:
    values, probabilities = _split_pairs(numbers)
    # Stated probabilities add up to 1 within a tolerance only.
    total = math.fsum(probabilities)
    pairs = [(value, each / total) for value, each in zip(values, probabilities, strict=True)]
    mean = math.fsum(value * p for value, p in pairs)
    return mean, math.sqrt(math.fsum(p * (value - mean) * (value - mean) for value, p in pairs))


def _between_moments(numbers: Numbers) -> tuple[float, float]:
    low, high = numbers
    return low + (high - low) / 2, (high - low) / (2 * Z95)


# Quantiles. SciPy takes a quarter of a second to import, and a draw needs none of it.


def _normal_quantiles(numbers: Numbers, shares: Floats) -> Floats:
    from scipy.special import ndtri

    return np.asarray(numbers[0] + numbers[1] * ndtri(shares))


def _lognormal_quantiles(numbers: Numbers, shares: Floats) -> Floats:
    from scipy.special import ndtri

    log_mean, log_sd = _calc_logs(numbers)
    return np.asarray(np.exp(log_mean + log_sd * ndtri(shares)))


def _uniform_quantiles(numbers: Numbers, shares: Floats) -> Floats:
    low, high = numbers
    return np.clip(low + (high - low) * shares, low, high)


def _triangular_quantiles(numbers: Numbers, shares: Floats) -> Floats:
    low, mode, high = numbers
    left, right, width = mode - low, high - mode, high - low
    rising = low + np.sqrt(shares * width * left)
    falling = high - np.sqrt((1 - shares) * width * right)
    return np.clip(np.where(shares * width < left, rising, falling), low, high)


def _pert_quantiles(numbers: Numbers, shares: Floats) -> Floats:
    from scipy.special import betaincinv

    low, _, high = numbers
    first, second = _calc_shapes(numbers)
    share_of_width = np.asarray(betaincinv(first, second, shares))
    return np.clip(low + (high - low) * share_of_width, low, high)


def _discrete_quantiles(numbers: Numbers, shares: Floats) -> Floats:
    values, cumulative = _calc_steps(numbers)
    return np.asarray(values[np.searchsorted(cumulative, shares, side="left")])


def _between_quantiles(numbers: Numbers, shares: Floats) -> Floats:
    return _normal_quantiles(_between_moments(numbers), shares)


# Draws, by NumPy's own methods, in place.


def _draw_normal(numbers: Numbers, rng: np.random.Generator, size: int) -> Floats:
    drawn = rng.standard_normal(size)
    drawn *= numbers[1]
    drawn += numbers[0]
    return drawn


def _draw_lognormal(numbers: Numbers, rng: np.random.Generator, size: int) -> Floats:
    # The exponential of a whole array is faster than `Generator.lognormal`, one value at a time.
    drawn = _draw_normal(_calc_logs(numbers), rng, size)
    np.exp(drawn, out=drawn)
    return drawn


def _draw_uniform(numbers: Numbers, rng: np.random.Generator, size: int) -> Floats:
    return rng.uniform(numbers[0], numbers[1], size)


def _draw_triangular(numbers: Numbers, rng: np.random.Generator, size: int) -> Floats:
    return rng.triangular(numbers[0], numbers[1], numbers[2], size)


def _draw_pert(numbers: Numbers, rng: np.random.Generator, size: int) -> Floats:
    first, second = _calc_shapes(numbers)
    drawn = rng.beta(first, second, size)
    drawn *= numbers[2] - numbers[0]
    drawn += numbers[0]
    return drawn


def _draw_discrete(numbers: Numbers, rng: np.random.Generator, size: int) -> Floats:
    values, cumulative = _calc_steps(numbers)
    return np.asarray(values[np.searchsorted(cumulative, rng.random(size), side="right")])


def _draw_between(numbers: Numbers, rng: np.random.Generator, size: int) -> Floats:
    return _draw_normal(_between_moments(numbers), rng, size)


def _calc_logs(numbers: Numbers) -> tuple[float, float]:
    """Return mean and standard deviation of the logarithm of a lognormal: the mean is kept."""
    mean, cv = numbers
    log_sd = float(calc_log_sd(cv))
    return math.log(mean) - log_sd * log_sd / 2, log_sd


def _calc_shapes(numbers: Numbers) -> tuple[float, float]:
    """Return the two shapes of the beta of a PERT."""
    low, mode, high = numbers
    return 1 + 4 * ((mode - low) / (high - low)), 1 + 4 * ((high - mode) / (high - low))


def _split_pairs(numbers: Numbers) -> tuple[Numbers, Numbers]:
    """Return values and probabilities: the numbers of a discrete are one after the other."""
    half = len(numbers) // 2
    return numbers[:half], numbers[half:]


def _calc_steps(numbers: Numbers) -> tuple[Floats, Floats]:
    """Return the possible values, increasing, and their cumulative probabilities."""
    pairs = sorted(pair for pair in zip(*_split_pairs(numbers), strict=True) if pair[1] > 0)
    cumulative = np.array(list(accumulate(p for _, p in pairs)))
    # Rounding must leave no probability above the last step.
    cumulative[-1] = 1.0
    return np.array([value for value, _ in pairs]), cumulative


KINDS: Mapping[str, Kind] = {
    "normal": Kind(("mean", "sd"), _normal_moments, _normal_quantiles, _draw_normal),
    "lognormal": Kind(("mean", "cv"), _lognormal_moments, _lognormal_quantiles, _draw_lognormal),
    "uniform": Kind(("low", "high"), _uniform_moments, _uniform_quantiles, _draw_uniform),
    "triangular": Kind(
        ("low", "mode", "high"), _triangular_moments, _triangular_quantiles, _draw_triangular
    ),
    "pert": Kind(("low", "mode", "high"), _pert_moments, _pert_quantiles, _draw_pert),
    "discrete": Kind(
        ("values", "probabilities"), _discrete_moments, _discrete_quantiles, _draw_discrete
    ),
    "between": Kind(("low95", "high95"), _between_moments, _between_quantiles, _draw_between),
}
"""Name of each kind → what it does."""
