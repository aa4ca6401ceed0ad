"""How a published "± u %" is read: a named convention, never a silent choice.

None of the collected sources says which interval or distribution its percentage stands for, so the
reading is a choice that a study states and may switch. Whatever the reading, the error that comes
out is the coefficient of variation of a lognormal of mean one, so it stays positive above 100 %.

References
----------
.. [1] IPCC (2006). Guidelines for National Greenhouse Gas Inventories, vol. 1, ch. 3, section 3.1.3
   and 3.2.3.1: percentage uncertainty is half the 95 % confidence interval over the mean.
.. [2] Association pour la transition Bas Carbone, Méthode Bilan Carbone, section 4.4.2: 95 %
   confidence interval, and a percentage by which the result may be greater than its value.
.. [3] GHG Protocol. Quantitative Inventory Uncertainty: the squared geometric standard deviation
   bounds the 95 % interval of a lognormal by division and multiplication.
"""

from __future__ import annotations

import math
from statistics import NormalDist

from lcc.errors import FieldError, UnitError

__all__ = ["HALF_WIDTH", "MULTIPLICATIVE", "NOT_STATED", "READINGS", "read_published_error"]

HALF_WIDTH = "half-width-95"
MULTIPLICATIVE = "multiplicative-95"
NOT_STATED = "not-stated"
READINGS = (HALF_WIDTH, MULTIPLICATIVE)

PERCENT = 100
Z_95 = NormalDist().inv_cdf(0.975)
"""1.96: half of a 95 % interval, in standard deviations."""


def read_published_error(published_pct: float | None, reading: str = HALF_WIDTH) -> float | None:
    r"""Return the coefficient of variation meant by a published "± u %", or None if not stated.

    With :math:`u` the percentage as a share and :math:`z = 1.96`:

    - ``half-width-95`` [1]_: :math:`u` is half of a 95 % interval over the mean,
      :math:`cv = u / z`; 80 % gives 0.408.
    - ``multiplicative-95``, the strict reading [2]_ [3]_: the value is a median, and the 95 %
      interval goes from :math:`m/(1+u)` to :math:`m(1+u)`, so :math:`\sigma = \ln(1+u)/z` and
      :math:`cv = \sqrt{e^{\sigma^2} - 1}`; 80 % gives 0.307.

    A percentage of zero says that nothing was stated: no measured factor is exact.

    Parameters
    ----------
    published_pct : float or None
        Percentage as published, at least 0; may exceed 100.
    reading : str
        One of `READINGS`.

    Raises
    ------
    UnitError
        If the reading is not a known convention.
    FieldError
        If the percentage is negative or not a number.
    """
    if reading not in READINGS:
        raise UnitError(
            "this way of reading a published error is not known",
            found=reading,
            expected=" | ".join(READINGS),
        )
    if published_pct is None or published_pct == 0:
        return None
    if not published_pct > 0:
        raise FieldError("a published error is a percentage above 0", found=str(published_pct))
    share = published_pct / PERCENT
    if reading == HALF_WIDTH:
        return share / Z_95
    log_sd = math.log1p(share) / Z_95
    return math.sqrt(math.expm1(log_sd**2))
