r"""Formulas of a trajectory: the path between targets, the rate that is left, the trend.

References
----------
.. [1] N. R. Draper, H. Smith (1998). *Applied Regression Analysis*, 3rd ed., Wiley,
   doi:10.1002/9781118625590: §1.4 and §3.1 (prediction of one further observation by a straight
   line, Student's law with n − 2 degrees of freedom).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lcc.errors import FieldError

__all__ = ["calc_required_rate", "draw_trend", "fit_trend", "interpolate_path"]

Floats = NDArray[np.float64]

LEAST_YEARS = 3
"""Years from which a straight line leaves a residual, so that its doubt can be told."""

LARGEST_LOG = 600.0
"""Beyond it, an exponential leaves the floats: a trend of three years may draw anything."""


def interpolate_path(
    years: Sequence[int], levels: Floats, wanted: Sequence[int], rule: str = "linear"
) -> Floats:
    r"""Return the level of a path in each year asked for; not a number outside its years.

    Between two stated years :math:`t_0 < t_1` with levels :math:`L_0, L_1` and
    :math:`w = (t - t_0)/(t_1 - t_0)`,

    .. math:: L_t = (1 - w) L_0 + w L_1 \quad\text{(linear)}, \qquad
              L_t = L_0^{1-w} L_1^{w} \quad\text{(constant-rate)}

    The second is the same rate every year.

    Parameters
    ----------
    years : sequence of int
        Stated years, rising.
    levels : array, shape (years, draws)
        Level in each stated year, in any unit.
    wanted : sequence of int
    rule : {"linear", "constant-rate"}

    Returns
    -------
    array, shape (wanted, draws)

    Raises
    ------
    FieldError
        If the rule is not known, or the rate is asked for where a level is not positive.
    """
    if rule not in ("linear", "constant-rate"):
        raise FieldError(
            "a path between two targets follows another rule",
            field="interpolation",
            found=rule,
            expected="linear | constant-rate",
        )
    geometric = rule == "constant-rate"
    if geometric and np.any(levels <= 0):
        raise FieldError(
            "no constant rate leads to or from nothing",
            field="interpolation",
            found="a level of zero or less",
            expected="levels above zero",
            remedy="interpolate in a straight line (interpolation: droite)",
        )
    found = np.full((len(wanted), levels.shape[1]), np.nan)
    scale = np.log(levels) if geometric else levels
    for place, year in enumerate(wanted):
        if not years or not years[0] <= year <= years[-1]:
            continue
        after = int(np.searchsorted(years, year))
        if years[after] == year:
            found[place] = levels[after]
            continue
        share = (year - years[after - 1]) / (years[after] - years[after - 1])
        between = (1 - share) * scale[after - 1] + share * scale[after]
        found[place] = np.exp(between) if geometric else between
    return found


def calc_required_rate(last_tco2e: Floats, target_tco2e: Floats, years: int) -> Floats:
    r"""Return the yearly rate of reduction that leads from the last observed year to a target.

    .. math:: E_{last} (1 - r)^n = C \iff r = 1 - (C / E_{last})^{1/n}

    Negative where emissions may still grow; one where the target is nothing; not a number where
    there was nothing to reduce.

    Parameters
    ----------
    last_tco2e, target_tco2e : array
        Emissions of the last observed year, and the target; of one shape.
    years : int
        Years between them, at least 1.
    """
    if years < 1:
        raise FieldError(
            "the target lies before the emissions that are to reach it",
            field="year",
            found=f"{years} years",
            expected="at least one year",
        )
    ratio = np.full(np.shape(last_tco2e), np.nan)
    np.divide(target_tco2e, last_tco2e, out=ratio, where=np.asarray(last_tco2e) > 0)
    return np.asarray(1 - np.maximum(ratio, 0.0) ** (1 / years))


def fit_trend(years: Sequence[int], levels: Floats) -> tuple[Floats, Floats, Floats]:
    r"""Return the straight line through the logarithms of levels, and its residual.

    Least squares of :math:`\ln E_t = a + b (t - \bar t) + \varepsilon`: :math:`a` is the mean of
    the logarithms, :math:`b = \sum (t - \bar t) \ln E_t / S_{tt}`, and
    :math:`s^2 = \sum \hat\varepsilon^2 / (n - 2)`.

    Parameters
    ----------
    years : sequence of int
        At least three.
    levels : array, shape (draws, years)
        Above zero.

    Returns
    -------
    level, slope, residual_sd : array, shape (draws,)

    Raises
    ------
    FieldError
        If there are fewer than three years, or a level is not above zero.
    """
    if len(years) < LEAST_YEARS:
        raise FieldError(
            "a trend needs more years",
            field="projection",
            found=f"{len(years)} years: {', '.join(map(str, years))}",
            expected=f"at least {LEAST_YEARS} observed years",
            remedy="project with constant volumes, or with a stated growth",
        )
    if np.any(levels <= 0):
        raise FieldError(
            "a trend of emissions that are zero or less has no rate",
            field="projection",
            found="a year without emissions",
            expected="emissions above zero in every observed year",
            remedy="project with constant volumes",
        )
    time = np.asarray(years, dtype=np.float64) - np.mean(years)
    logs = np.log(levels)
    level = logs.mean(axis=1)
    slope = logs @ time / (time @ time)
    residual = logs - level[:, None] - slope[:, None] * time
    residual_sd = np.sqrt((residual**2).sum(axis=1) / (len(years) - 2))
    return level, slope, residual_sd


def draw_trend(
    years: Sequence[int], levels: Floats, wanted: Sequence[int], rng: np.random.Generator
) -> Floats:
    r"""Return draws of what a trend predicts for further years, shape (draws, wanted).

    Each draw of the observed years (one set of factor errors, shared by all years) has its own
    line; around it, one further observation follows Student's law with :math:`n - 2` degrees of
    freedom [1]_, in logarithms:

    .. math:: \ln E_{t} = a + b (t - \bar t)
              + T_{n-2} \; s \sqrt{1 + 1/n + (t - \bar t)^2 / S_{tt}}

    The same :math:`T` serves all years of a draw: what was misjudged of the line lasts. With three
    years there is one degree of freedom, and the interval is as wide as that honestly is.

    Parameters
    ----------
    years, levels
        As in `fit_trend`.
    wanted : sequence of int
    rng : numpy.random.Generator
    """
    level, slope, residual_sd = fit_trend(years, levels)
    count = len(years)
    mean = float(np.mean(years))
    spread = float(((np.asarray(years) - mean) ** 2).sum())
    time = np.asarray(wanted, dtype=np.float64) - mean
    student = rng.standard_t(count - 2, size=levels.shape[0])
    further = np.sqrt(1 + 1 / count + time**2 / spread)
    logs = level[:, None] + slope[:, None] * time
    logs = logs + (student * residual_sd)[:, None] * further
    return np.asarray(np.exp(np.clip(logs, -LARGEST_LOG, LARGEST_LOG)))
