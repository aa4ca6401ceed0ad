r"""Textbook formulas of engineering economics: pure functions of numbers or arrays.

:math:`d` is a discount rate per period, :math:`e` a growth rate of prices, :math:`N` a number of
periods. Rates are fractions (0.03 for 3 %), a negative rate is legal down to -1 (excluded). Every
function takes numbers or arrays that broadcast together, and returns the same.

References
----------
.. [1] Fuller, S. K., Petersen, S. R. (1996). Life-Cycle Costing Manual for the Federal Energy
   Management Program. NIST Handbook 135, chapters 3 and 4.
.. [2] Newnan, D. G., Eschenbach, T. G., Lavelle, J. P. (2012). Engineering Economic Analysis,
   11th edition, chapters 3, 4, 6 and 14.
.. [3] Fisher, I. (1930). The Theory of Interest, chapter II (real and nominal rates).
.. [4] HM Treasury (2022). The Green Book, annexes A5 (optimism bias) and A6 (discount factors).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "adjust_optimism",
    "build_discount_rate",
    "calc_annuity",
    "calc_construction_interest",
    "calc_effective_rate",
    "calc_equivalent_annual_cost",
    "calc_escalated_factor",
    "calc_future_value",
    "calc_gradient_factor",
    "calc_inflation",
    "calc_monthly_rate",
    "calc_nominal_rate",
    "calc_payment",
    "calc_periodic_factor",
    "calc_present_factor",
    "calc_present_value",
    "calc_real_rate",
    "calc_sinking_fund",
    "calc_uniform_factor",
    "calc_uniform_future_factor",
    "calc_volatile_factor",
]

Floats = NDArray[np.float64]
PriceDate = Literal["base-date", "first-year"]

MONTHS_PER_YEAR = 12


def _array(number: ArrayLike) -> Floats:
    return np.asarray(number, dtype=np.float64)


def _checked_rate(rate: ArrayLike) -> Floats:
    value = _array(rate)
    if not np.all(value > -1):
        raise ValueError("a rate per period is a number above -1 (-100 %)")
    return value


def calc_present_factor(rate: ArrayLike, periods: ArrayLike) -> Floats:
    r"""Return the present value of 1 paid after `periods` (SPV): :math:`(1+d)^{-t}`.

    Parameters
    ----------
    rate : array_like
        Discount rate per period, above -1.
    periods : array_like
        Periods, fractions allowed (mid-year: t - 0.5).

    Raises
    ------
    ValueError
        If a rate is not above -1.

    References
    ----------
    [1]_, chapter 3.
    """
    return np.asarray((1 + _checked_rate(rate)) ** -_array(periods))


def calc_uniform_factor(rate: ArrayLike, periods: ArrayLike) -> Floats:
    r"""Return the present value of 1 at the end of each of N periods (UPV).

    .. math:: \frac{1 - (1+d)^{-N}}{d}, \quad N \text{ if } d = 0

    Parameters
    ----------
    rate : array_like
        Discount rate per period, above -1.
    periods : array_like
        Number of periods, at least 0.

    References
    ----------
    [1]_, chapter 3.
    """
    d, n = np.broadcast_arrays(_checked_rate(rate), _array(periods))
    # expm1 and log1p keep the ratio exact where the rate is near zero.
    growth = -np.expm1(-n * np.log1p(d))
    return np.asarray(np.divide(growth, d, out=n.astype(np.float64).copy(), where=d != 0))


def calc_escalated_factor(
    rate: ArrayLike,
    growth_rate: ArrayLike,
    periods: ArrayLike,
    price_at: PriceDate = "base-date",
) -> Floats:
    r"""Return the present value of 1 a period whose price grows at a constant rate (UPV*).

    With :math:`x = (1+e)/(1+d)`,

    .. math:: \sum_{t=1}^{N} x^t = \frac{x (1 - x^N)}{1 - x}, \quad N \text{ if } e = d

    when 1 is the price of the base date: the first payment has already grown once. When 1 is the
    price of the first payment, the same divided by :math:`1+e`.

    Parameters
    ----------
    rate, growth_rate : array_like
        Rates per period, above -1, on one basis (both real or both nominal).
    periods : array_like
        Number of periods, at least 0.
    price_at : {"base-date", "first-year"}
        Which date the price is of.

    References
    ----------
    [1]_, chapter 3 (base date); VDI 2067 part 1 (first year).
    """
    d, e = _checked_rate(rate), _checked_rate(growth_rate)
    # The sum of x^t is an annuity at the rate 1/x - 1.
    factor = calc_uniform_factor((d - e) / (1 + e), periods)
    return np.asarray(factor if price_at == "base-date" else factor / (1 + e))


def calc_volatile_factor(rate: float, growth_rates: Sequence[float]) -> float:
    r"""Return the present value of 1 a period whose price follows a list of growth rates.

    .. math:: \sum_{t=1}^{N} \frac{\prod_{s \le t} (1+e_s)}{(1+d)^t}

    Parameters
    ----------
    rate : float
        Discount rate per period, above -1.
    growth_rates : sequence of float
        Growth of the price in each period, N of them.

    References
    ----------
    [1]_, chapter 3 (modified uniform present value from a price list).
    """
    prices = np.cumprod(1 + _checked_rate(growth_rates))
    return float(prices @ calc_present_factor(rate, np.arange(1, len(prices) + 1)))


def calc_periodic_factor(rate: ArrayLike, periods: int, every: int) -> Floats:
    r"""Return the present value of 1 at the end of every `every` periods, the last included.

    .. math:: \sum_{k \ge 1,\ k m \le N} (1+d)^{-k m}

    An upkeep that falls at the very end is paid; a renewal is not bought (`engine.timing`).

    Parameters
    ----------
    rate : array_like
        Discount rate per period, above -1.
    periods, every : int
        Number of periods, and periods between two payments, at least 1.
    """
    whole = (1 + _checked_rate(rate)) ** every - 1
    return calc_uniform_factor(whole, periods // every)


def calc_gradient_factor(rate: ArrayLike, periods: ArrayLike) -> Floats:
    r"""Return the present value of an arithmetic gradient: 0, 1, 2, … at the end of each period.

    .. math:: \frac{UPV - N (1+d)^{-N}}{d}, \quad N (N-1) / 2 \text{ if } d = 0

    References
    ----------
    [2]_, chapter 4.
    """
    d, n = np.broadcast_arrays(_checked_rate(rate), _array(periods))
    difference = calc_uniform_factor(d, n) - n * calc_present_factor(d, n)
    return np.asarray(np.divide(difference, d, out=np.asarray(n * (n - 1) / 2), where=d != 0))


def calc_future_value(rate: ArrayLike, periods: ArrayLike, present: ArrayLike = 1.0) -> Floats:
    r"""Return what an amount is worth after N periods: :math:`P (1+d)^N`."""
    return np.asarray(_array(present) * calc_present_factor(rate, -_array(periods)))


def calc_uniform_future_factor(rate: ArrayLike, periods: ArrayLike) -> Floats:
    r"""Return the future value of 1 at the end of each of N periods: :math:`((1+d)^N - 1)/d`.

    References
    ----------
    [2]_, chapter 4.
    """
    return calc_uniform_factor(rate, periods) * calc_future_value(rate, periods)


def calc_annuity(rate: ArrayLike, periods: ArrayLike) -> Floats:
    r"""Return the payment per period whose present value is 1 (capital recovery).

    .. math:: \frac{d}{1 - (1+d)^{-N}}, \quad 1/N \text{ if } d = 0

    Raises
    ------
    ValueError
        If N is not positive: nothing can be spread over no period.

    References
    ----------
    [2]_, chapter 4.
    """
    if not np.all(_array(periods) > 0):
        raise ValueError("an annuity needs at least a part of a period")
    return np.asarray(1 / calc_uniform_factor(rate, periods))


def calc_sinking_fund(rate: ArrayLike, periods: ArrayLike) -> Floats:
    r"""Return the payment at the end of each of N periods whose future value is 1.

    .. math:: \frac{d}{(1+d)^N - 1}, \quad 1/N \text{ if } d = 0

    Raises
    ------
    ValueError
        If N is not positive.

    References
    ----------
    [2]_, chapter 4 (sinking fund).
    """
    return np.asarray(calc_annuity(rate, periods) * calc_present_factor(rate, periods))


def calc_equivalent_annual_cost(
    present_cost: ArrayLike, rate: ArrayLike, periods: ArrayLike
) -> Floats:
    """Return the constant yearly cost, end of year, with the same present value (EAC).

    Parameters
    ----------
    present_cost : array_like
        Life-cycle cost at the base date.
    rate, periods : array_like
        The rate and the very number of years the cost was computed with.

    References
    ----------
    [1]_, chapter 6 (annual value).
    """
    return np.asarray(_array(present_cost) * calc_annuity(rate, periods))


def calc_payment(
    principal: ArrayLike, rate: ArrayLike, periods: ArrayLike, *, in_advance: bool = False
) -> Floats:
    """Return the constant payment that repays a loan, at the end of each period or in advance.

    Parameters
    ----------
    principal : array_like
        Amount borrowed.
    rate, periods : array_like
        Rate per period (per month for monthly payments) and number of payments.
    in_advance : bool
        True where each payment is due at the beginning of its period.
    """
    payment = _array(principal) * calc_annuity(rate, periods)
    return np.asarray(payment / (1 + _checked_rate(rate)) if in_advance else payment)


def calc_present_value(rate: ArrayLike, flows: ArrayLike) -> Floats:
    """Return the present value of flows, the first of which is not discounted.

    Spreadsheets' NPV discounts the first flow too: theirs is this one divided by ``1 + rate``.

    Parameters
    ----------
    rate : array_like, shape (...)
        Rate per period.
    flows : array_like, shape (..., periods)
        Flows of periods 0, 1, 2 …; leading axes are those of different series.

    Returns
    -------
    array
        Shape ``rate.shape + flows.shape[:-1]``.
    """
    amounts = _array(flows)
    times = np.arange(amounts.shape[-1])
    factors = calc_present_factor(_array(rate)[..., None], times)
    return np.asarray(np.tensordot(factors, amounts, axes=([-1], [-1])))


def calc_nominal_rate(real_rate: ArrayLike, inflation: ArrayLike) -> Floats:
    r"""Return :math:`(1+d)(1+i) - 1`: a real rate in current money. Never a sum.

    References
    ----------
    [3]_; [1]_, chapter 3.
    """
    return (1 + _checked_rate(real_rate)) * (1 + _checked_rate(inflation)) - 1


def calc_real_rate(nominal_rate: ArrayLike, inflation: ArrayLike) -> Floats:
    r"""Return :math:`(1+D)/(1+i) - 1`: a nominal rate in constant money. Never a difference."""
    return (1 + _checked_rate(nominal_rate)) / (1 + _checked_rate(inflation)) - 1


def calc_inflation(nominal_rate: ArrayLike, real_rate: ArrayLike) -> Floats:
    r"""Return the inflation that a nominal and a real rate imply: :math:`(1+D)/(1+d) - 1`."""
    return calc_real_rate(nominal_rate, real_rate)


def calc_monthly_rate(yearly_rate: ArrayLike) -> Floats:
    r"""Return the effective monthly rate :math:`(1+d)^{1/12} - 1`, not :math:`d/12`."""
    return np.asarray(np.expm1(np.log1p(_checked_rate(yearly_rate)) / MONTHS_PER_YEAR))


def calc_effective_rate(quoted_rate: ArrayLike, periods_per_year: ArrayLike) -> Floats:
    r"""Return the yearly rate that a rate quoted per year and compounded m times comes to.

    .. math:: (1 + r/m)^m - 1

    Parameters
    ----------
    quoted_rate : array_like
        Rate quoted per year, such as that of a loan paid by the month; above -m.
    periods_per_year : array_like
        Times it is compounded in a year: 12 for months, 4 for quarters.

    References
    ----------
    [2]_, chapter 4 (nominal and effective interest).
    """
    times = _array(periods_per_year)
    each = np.log1p(_checked_rate(_array(quoted_rate) / times))
    return np.asarray(np.expm1(times * each))


def calc_construction_interest(
    costs: ArrayLike, months_before_service: ArrayLike, yearly_rate: float
) -> float:
    """Return the interest accrued on construction costs until service begins.

    Parameters
    ----------
    costs : array_like
        Amounts paid during construction.
    months_before_service : array_like
        Months between each payment and the start of service; same shape.
    yearly_rate : float
        Yearly rate, compounded by its effective monthly rate.
    """
    amounts = _array(costs)
    grown = calc_future_value(calc_monthly_rate(yearly_rate), months_before_service, amounts)
    return float(np.sum(grown - amounts))


def build_discount_rate(risk_free: float, risk_premium: float, beta: float = 1.0) -> float:
    r"""Return a socio-economic rate: risk-free plus beta times the premium.

    In France since 2021, 1.2 % + beta × 2 %, with beta = 1 by convention: 3.2 % real (table
    ``discount_rate`` of `emission_factors`).
    """
    return risk_free + beta * risk_premium


def adjust_optimism(
    cost: ArrayLike,
    optimism_bias: ArrayLike,
    mitigated: ArrayLike = 0.0,
    tax_burden: ArrayLike = 0.0,
) -> Floats:
    r"""Return a capital cost shifted by the optimism of its estimate.

    .. math:: C (1 + b (1 - m)) (1 + \tau)

    A shift upwards, not a symmetric error.

    Parameters
    ----------
    cost : array_like
        Estimated cost.
    optimism_bias : array_like
        Upper bound of the bias, as a fraction (0.24 to 2.00 by category in [4]_).
    mitigated : array_like
        Share of the bias that the project has already removed, 0 to 1.
    tax_burden : array_like
        Marginal excess burden of the taxes that pay for it, as a fraction.

    References
    ----------
    [4]_, annex A5.
    """
    shifted = _array(cost) * (1 + _array(optimism_bias) * (1 - _array(mitigated)))
    return np.asarray(shifted * (1 + _array(tax_burden)))
