r"""Growth of prices: by a constant rate, by yearly rates, or by a cumulative index.

A growth gives, for a time in years from the base date, what a price of the base date has become.
Yearly *rates* and a cumulative *index* are different inputs: rates of 2 % and 1 % make the index
1.02, 1.0302. Inside a year a price moves at that year's constant rate.

References
----------
.. [1] Fuller, S. K., Petersen, S. R. (1996). NIST Handbook 135, chapter 3.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lcc.cost.rates.discounting import Basis
from lcc.errors import FieldError

__all__ = ["CONSTANT_REAL", "FIXED_NOMINAL", "Growth"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Growth:
    """How a price moves from the base date on.

    Attributes
    ----------
    basis : {"real", "nominal"}
        Whether the growth is above general inflation, or includes it.
    rate_per_year : bool
        True where the growth is one constant rate, held by an input of the study.
    index : tuple of float
        Cumulative index at the end of years 1, 2 …, relative to the base date; empty for a
        constant rate.
    name : str
        Name of the series, if it has one.
    """

    basis: Basis = "real"
    index: tuple[float, ...] = ()
    name: str = ""

    @property
    def years(self) -> float:
        """Years the growth is known for."""
        return len(self.index) if self.index else math.inf

    def calc_levels(self, times: Floats, rate_per_year: Floats | float = 0.0) -> Floats:
        r"""Return the level of the price at times, 1 at the base date.

        .. math:: (1+e)^t \quad\text{or}\quad I_{\lfloor t\rfloor}^{1-f} I_{\lfloor t\rfloor+1}^f

        with :math:`f` the fraction of the year and :math:`I_0 = 1`.

        Parameters
        ----------
        times : array, shape (..., events)
            Years from the base date.
        rate_per_year : float or array, shape (draws, 1)
            The constant rate; an addition to each year's rate where the growth is an index.

        Raises
        ------
        FieldError
            If a time lies beyond the years the index is known for.
        """
        drift = np.exp(times * np.log1p(rate_per_year))
        if not self.index:
            return np.asarray(drift)
        latest = float(np.max(times, initial=0.0))
        if latest > self.years + 1e-9:
            raise FieldError(
                f"the growth {self.name or 'of a price'} is shorter than the period",
                field=f"series.{self.name}" if self.name else "escalation",
                found=f"{len(self.index)} years",
                expected=f"at least {math.ceil(latest - 1e-9)} years",
                remedy="complete the list, or shorten the period of study",
            )
        logs = np.log(np.array([1.0, *self.index]))
        known = np.interp(times, np.arange(len(logs)), logs)
        return np.asarray(np.exp(known) * drift)


CONSTANT_REAL = Growth("real")
"""A price that follows general prices: constant in real euros."""

FIXED_NOMINAL = Growth("nominal")
"""An amount fixed in current euros: the payments of a loan."""
