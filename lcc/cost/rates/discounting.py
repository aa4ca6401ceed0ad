r"""Discounting: what a euro paid at some time is worth at the base date.

A rate is constant, or declines by bands: each year uses its own band's rate and the factors
compound. Times are years from the base date, fractions allowed; inside a year the factor moves at
that year's constant rate.

References
----------
.. [1] HM Treasury (2022). The Green Book, annex A6, tables 7 and 8 (bands, compounded).
.. [2] Fuller, S. K., Petersen, S. R. (1996). NIST Handbook 135, chapter 3 (conventions).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

import numpy as np
from dateutil.relativedelta import relativedelta
from numpy.typing import NDArray

from lcc.cost.rates.annuities import MONTHS_PER_YEAR, calc_nominal_rate, calc_real_rate
from lcc.errors import FieldError

__all__ = [
    "CONVENTIONS",
    "Basis",
    "Convention",
    "RateBands",
    "add_months",
    "calc_band_factors",
    "convert_rate",
    "months_between",
    "years_by_calendar",
]

Floats = NDArray[np.float64]
Basis = Literal["real", "nominal"]
Convention = Literal["end-of-year", "mid-year", "beginning-of-year", "calendar-date"]

CONVENTIONS: Final[dict[str, float]] = {
    "end-of-year": 1.0,
    "calendar-date": 1.0,
    "mid-year": 0.5,
    "beginning-of-year": 0.0,
}
"""Convention → where in its year a recurring flow falls: 0 at the beginning, 1 at the end."""

DAYS_PER_YEAR = 365
"""Days of the year by which calendar dates are turned into years (actual/365, as XIRR does)."""


@dataclass(frozen=True)
class RateBands:
    """Yearly discount rates that change with the horizon.

    Attributes
    ----------
    until_years : tuple of float
        Last year of each band, from the base date, increasing; the last band goes on.
    rates_per_year : tuple of float
        Rate of each band.
    """

    until_years: tuple[float, ...]
    rates_per_year: tuple[float, ...]

    def convert(self, given: Basis, wanted: Basis, inflation: float | None) -> RateBands:
        """Return the same bands on another basis (Fisher, band by band)."""
        if given == wanted:
            return self
        rates = [
            float(convert_rate(rate, given, wanted, inflation)) for rate in self.rates_per_year
        ]
        return RateBands(self.until_years, tuple(rates))


def calc_band_factors(times: Floats, bands: RateBands, shift: Floats | float = 0.0) -> Floats:
    r"""Return the present factors of times under rates that decline by bands.

    .. math:: \prod_b (1 + d_b + s)^{-(\min(t, u_b) - u_{b-1})^+}

    Parameters
    ----------
    times : array, shape (..., events)
        Years from the base date; a time before it uses the first band.
    bands : RateBands
    shift : float or array, shape (draws, 1)
        Added to every band's rate, for sensitivity.

    References
    ----------
    [1]_: the factor of year 31 is that of year 30 divided by 1.03.
    """
    starts = (0.0, *bands.until_years[:-1])
    logs = np.zeros(np.broadcast_shapes(np.shape(times), np.shape(shift)))
    last = len(starts) - 1
    for place, (start, until, rate) in enumerate(
        zip(starts, bands.until_years, bands.rates_per_year, strict=True)
    ):
        upper = np.inf if place == last else until
        lower = -np.inf if place == 0 else 0.0
        spent = np.maximum(np.minimum(times, upper) - start, lower)
        logs -= spent * np.log1p(rate + shift)
    return np.asarray(np.exp(logs))


def convert_rate(
    rate: Floats | float, given: Basis, wanted: Basis, inflation: Floats | float | None
) -> Floats | float:
    """Return a rate on another basis, by Fisher's relation.

    Raises
    ------
    FieldError
        If the basis changes and no inflation is stated.
    """
    if given == wanted:
        return rate
    if inflation is None:
        raise FieldError(
            f"a {given} rate cannot serve a {wanted} study without an inflation",
            field="inflation.rate_per_year",
            found="nothing",
            expected="the yearly inflation that separates real from nominal",
            remedy="add [inflation] with rate_per_year and source, or state every rate as "
            f"{wanted}",
        )
    return (
        calc_nominal_rate(rate, inflation)
        if wanted == "nominal"
        else calc_real_rate(rate, inflation)
    )


def months_between(start: date, end: date) -> int:
    """Return the whole months from one date to another (month precision)."""
    return (end.year - start.year) * MONTHS_PER_YEAR + end.month - start.month


def add_months(start: date, months: int) -> date:
    """Return the date so many months later; the 31st becomes the last day of a shorter month."""
    later: date = start + relativedelta(months=months)
    return later


LAST_YEAR = 9998
"""Last whole year that dates are made in."""


def years_by_calendar(base: date, times: Floats | Sequence[float]) -> Floats:
    """Return the years, by actual days over 365, between the base date and nominal times.

    Parameters
    ----------
    base : date
        Base date.
    times : array
        Years from the base date, in whole months.

    Raises
    ------
    FieldError
        If a time lies beyond the calendar.
    """
    months = np.rint(np.asarray(times, dtype=np.float64) * MONTHS_PER_YEAR).astype(np.int64)
    distinct, places = np.unique(months, return_inverse=True)
    last = int(distinct.max(initial=0))
    if (LAST_YEAR - base.year) * MONTHS_PER_YEAR < last:
        raise FieldError(
            "the calendar ends before the study does",
            field="period_years",
            found=f"{last} months from {base}",
            expected=f"dates before the year {LAST_YEAR}",
            remedy="shorten the period, or use discounting = “end-of-year”",
        )
    days = np.array([(add_months(base, int(each)) - base).days for each in distinct], dtype=float)
    return np.asarray((days / DAYS_PER_YEAR)[places].reshape(months.shape))
