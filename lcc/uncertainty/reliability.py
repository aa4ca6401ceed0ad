r"""Reliability of probabilities: how often what is said to be likely happens.

Forecasts :math:`p_i` and outcomes :math:`y_i` (0 or 1) are put into bins by their forecast. In a
bin of *n* forecasts the mean forecast stands beside the observed share, with the interval of
Wilson [2]_ for what *n* outcomes leave open. Two figures sum it up:

.. math:: B = \frac{1}{N} \sum_i (p_i - y_i)^2, \qquad
          E = \sum_b \frac{n_b}{N} |\bar{p}_b - \bar{y}_b|

the score of Brier [1]_ and the expected calibration error [3]_.

References
----------
.. [1] Brier, G. W. (1950). Verification of forecasts expressed in terms of probability. Monthly
   Weather Review 78(1), 1-3. doi:10.1175/1520-0493(1950)078<0001:VOFEIT>2.0.CO;2
.. [2] Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference.
   JASA 22(158), 209-212. doi:10.1080/01621459.1927.10502953
.. [3] Naeini, M. P., Cooper, G. F., Hauskrecht, M. (2015). Obtaining well calibrated probabilities
   using Bayesian binning. AAAI 29, 2901-2907. doi:10.1609/aaai.v29i1.9602
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lcc.errors import FieldError
from lcc.uncertainty.choice import probability_interval

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Reliability", "measure_reliability"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Reliability:
    """How forecast probabilities compare with what happened.

    Attributes
    ----------
    bins : pandas.DataFrame
        Bins that hold forecasts, in order: `low`, `high` (their bounds), `mean_forecast`,
        `observed` (share that happened), `low_observed`, `high_observed` (Wilson's interval),
        `count`.
    brier_score : float
        Mean squared difference, 0 (perfect) to 1; what always forecasting the overall share gets
        is `base_score`.
    base_score : float
        Brier score of forecasting for all the share that happened.
    calibration_error : float
        Mean distance of forecast and observed share over the bins, weighted by their counts.
    count : int
        Forecasts in all.
    """

    bins: pd.DataFrame
    brier_score: float
    base_score: float
    calibration_error: float
    count: int


def measure_reliability(
    forecasts: ArrayLike, outcomes: ArrayLike, bins: int = 10, level: float = 0.95
) -> Reliability:
    """Return how often events happened, by the probability they were given.

    Parameters
    ----------
    forecasts : array, shape (cases,)
        Probabilities, 0 to 1.
    outcomes : array, shape (cases,)
        Whether each event happened: true or false, or 1 or 0.
    bins : int
        Bins of equal width between 0 and 1, at least 1. A forecast on a bound is of the upper bin,
        1 of the last.
    level : float
        Probability inside the interval of an observed share. It takes the outcomes of a bin for
        independent; of outcomes that share their draws it is too narrow.

    Raises
    ------
    FieldError
        If there is no forecast, the two differ in their number, a forecast is not between 0 and 1,
        an outcome is neither, or the number of bins is not positive.
    """
    import pandas as pd

    chances, happened = _check(forecasts, outcomes)
    if bins < 1:
        raise FieldError(
            "reliability is told by at least one bin", field="bins", found=str(bins), expected="≥ 1"
        )
    place = np.searchsorted(np.arange(1, bins) / bins, chances, side="right")
    count = np.bincount(place, minlength=bins)
    held = np.flatnonzero(count)
    mean = np.bincount(place, chances, minlength=bins)[held] / count[held]
    observed = np.bincount(place, happened, minlength=bins)[held] / count[held]
    bounds = [
        probability_interval(share, int(size), level)
        for share, size in zip(observed, count[held], strict=True)
    ]
    table = pd.DataFrame(
        {
            "low": held / bins,
            "high": (held + 1) / bins,
            # A mean of equal numbers may miss them by rounding: it stays in its bin.
            "mean_forecast": np.clip(mean, held / bins, (held + 1) / bins),
            "observed": observed,
            "low_observed": [float(low) for low, _ in bounds],
            "high_observed": [float(high) for _, high in bounds],
            "count": count[held],
        }
    )
    share = happened.mean()
    return Reliability(
        bins=table,
        brier_score=float(np.mean((chances - happened) ** 2)),
        base_score=float(share * (1 - share)),
        calibration_error=float(np.sum(count[held] * np.abs(mean - observed)) / chances.size),
        count=int(chances.size),
    )


def _check(forecasts: ArrayLike, outcomes: ArrayLike) -> tuple[Floats, Floats]:
    chances = np.asarray(forecasts, dtype=np.float64)
    happened = np.asarray(outcomes, dtype=np.float64)
    if chances.ndim != 1 or chances.shape != happened.shape or not chances.size:
        raise FieldError(
            "each forecast has one outcome",
            field="outcomes",
            found=f"{happened.shape} outcomes for {chances.shape} forecasts",
            expected="two lists of one length, at least 1",
        )
    outside = np.flatnonzero(~((chances >= 0) & (chances <= 1)))
    if outside.size:
        raise FieldError(
            "a forecast is not a probability",
            rows=[int(each) + 1 for each in outside],
            field="forecasts",
            found=", ".join(str(each) for each in chances[outside[:5]]),
            expected="numbers between 0 and 1",
        )
    neither = np.flatnonzero((happened != 0) & (happened != 1))
    if neither.size:
        raise FieldError(
            "an outcome is neither true nor false",
            rows=[int(each) + 1 for each in neither],
            field="outcomes",
            found=", ".join(str(each) for each in happened[neither[:5]]),
            expected="1 where the event happened, 0 where it did not",
        )
    return chances, happened
