r"""Energy-service bids: what the buyer keeps of the savings a contractor promises.

The contractor invests and is paid a share of the yearly savings for the length of the contract; the
buyer keeps the rest, and all of it afterwards. Bids are ranked by the buyer's net present value
over a fixed number of years from the announcement, the highest first.

The calendar and the day count are those of a public e-procurement engine [1]_; they are no French
rule. Period 0 runs from the day after the announcement to 31 December, then come whole years, then
what is left of the last one, so that all periods together last the stated number of years of 365
days; a leap day is not counted but in period 0. With *n* days in a period, *a* the yearly saving,
*q* the days of contract in the period, and *s* the share paid:

.. math:: S_0 = a_0, \quad S_k = a_k n_k / 365, \quad P_k = s S_k q_k / n_k

.. math:: D_k = \prod_{j \le k} \frac{1}{1 + r n_j / 365}, \quad
   NPV = \sum_k D_k (S_k - P_k)

The saving of period 0 is given for that period and not pro-rated; the rate is simple within a
period and compounds between them. An announcement on 31 December leaves no period 0: nothing is
saved or paid in it, whatever the bid says of it [2]_.

Sums are exact fractions of the decimals given, so that no bid wins by a rounding.

References
----------
.. [1] openprocurement/esculator (Apache-2.0), constants PAYMENTS_PERCENTAGE and DISCOUNT_RATES.
.. [2] Announcements of 30 and 31 December 2017, 1 January and 31 December 2018, in the tests of the
   auction module of the same platform.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from lcc.errors import FieldError

__all__ = [
    "DAYS_PER_YEAR",
    "ServiceBid",
    "ServiceValue",
    "calc_period_factors",
    "evaluate_service_bid",
    "list_paid_days",
    "list_period_days",
]

DAYS_PER_YEAR = 365
DEFAULT_YEARS = 20
Exact = int | float | Decimal | Fraction


@dataclass(frozen=True)
class ServiceBid:
    """An energy-service bid.

    Attributes
    ----------
    savings_eur : tuple of number
        Saving of period 0 as a whole, then the yearly saving of each later period: one more than
        the years of the evaluation.
    payment_share : number
        Share of the savings paid to the contractor while the contract lasts, 0 to 1.
    contract_years, contract_days : int
        Length of the contract from the announcement: years of 365 days, and days.
    """

    savings_eur: tuple[Exact, ...]
    payment_share: Exact
    contract_years: int
    contract_days: int = 0


@dataclass(frozen=True)
class ServiceValue:
    """What an energy-service bid is worth, period by period, in exact fractions.

    Attributes
    ----------
    period_days, paid_days : tuple of int
        Days in each period, and days of contract in it.
    discount_factors : tuple of Fraction
        Present factor of each period.
    savings_eur, payments_eur : tuple of Fraction
        Saved, and paid to the contractor, in each period.
    """

    period_days: tuple[int, ...]
    paid_days: tuple[int, ...]
    discount_factors: tuple[Fraction, ...]
    savings_eur: tuple[Fraction, ...]
    payments_eur: tuple[Fraction, ...]

    @property
    def exact_npv_eur(self) -> Fraction:
        """Net present value to the buyer: the figure that ranks bids, highest first."""
        kept = zip(self.discount_factors, self.savings_eur, self.payments_eur, strict=True)
        return sum((factor * (saved - paid) for factor, saved, paid in kept), Fraction(0))

    @property
    def exact_contract_price_eur(self) -> Fraction:
        """Sum of the payments, undiscounted."""
        return sum(self.payments_eur, Fraction(0))

    @property
    def npv_eur(self) -> float:
        """Net present value to the buyer, as a float to be shown."""
        return float(self.exact_npv_eur)

    @property
    def contract_price_eur(self) -> float:
        """Sum of the payments, undiscounted, as a float to be shown."""
        return float(self.exact_contract_price_eur)


def list_period_days(announced: date, years: int = DEFAULT_YEARS) -> tuple[int, ...]:
    """Return the days of each period: to 31 December, ``years - 1`` whole years, the rest.

    Parameters
    ----------
    announced : date
        Day of the announcement, itself not counted.
    years : int
        Years of the evaluation, at least 1.

    Raises
    ------
    FieldError
        If there is no year to evaluate.
    """
    if years < 1:
        raise FieldError(
            "an energy-service bid is evaluated over one year at least",
            field="years",
            found=str(years),
            expected="1 or more",
        )
    day = announced.date() if isinstance(announced, datetime) else announced
    first = (date(day.year, 12, 31) - day).days
    return (first, *[DAYS_PER_YEAR] * (years - 1), DAYS_PER_YEAR - first)


def list_paid_days(
    contract_years: int, contract_days: int, period_days: Sequence[int]
) -> tuple[int, ...]:
    """Return the days of contract that fall in each period, the contract starting with the first.

    Raises
    ------
    FieldError
        If the contract has no day, or outlasts the periods.
    """
    left = contract_years * DAYS_PER_YEAR + contract_days
    if min(contract_years, contract_days) < 0 or not 0 < left <= sum(period_days):
        raise FieldError(
            "the contract does not fit the evaluated years",
            field="contract",
            found=f"{contract_years} years and {contract_days} days",
            expected=f"from 1 to {sum(period_days)} days, years counting {DAYS_PER_YEAR}",
            remedy="correct the length of the contract, or evaluate over more years",
        )
    paid = []
    for days in period_days:
        paid.append(min(left, days))
        left -= paid[-1]
    return tuple(paid)


def calc_period_factors(rate_per_year: Exact, period_days: Sequence[int]) -> tuple[Fraction, ...]:
    r"""Return the present factor of each period: :math:`\prod 1 / (1 + r n / 365)`.

    Parameters
    ----------
    rate_per_year : number
        Simple yearly rate within a period, above -1; zero gives ones.

    Raises
    ------
    FieldError
        If the rate is not a number above -1.
    """
    rate = _read_exactly(rate_per_year, "rate_per_year")
    if rate <= -1:
        raise FieldError(
            "a discount rate lies above -100 %",
            field="rate_per_year",
            found=str(rate_per_year),
            expected="a fraction above -1",
        )
    factors, factor = [], Fraction(1)
    for days in period_days:
        factor /= 1 + rate * Fraction(days, DAYS_PER_YEAR)
        factors.append(factor)
    return tuple(factors)


def evaluate_service_bid(
    bid: ServiceBid, announced: date, rate_per_year: Exact, *, years: int = DEFAULT_YEARS
) -> ServiceValue:
    """Return the buyer's value and the price of an energy-service bid, by the formulas above.

    Parameters
    ----------
    bid : ServiceBid
    announced : date
        Day the consultation was announced: the same for all bids.
    rate_per_year : number
        Yearly discount rate, as a fraction.
    years : int
        Years of the evaluation; 20 in the published cases.

    Raises
    ------
    FieldError
        If the bid has another number of savings than periods, a share outside 0 to 1, a number
        that is none, or a contract that does not fit.

    Examples
    --------
    >>> bid = ServiceBid((0, *[250] * 20), 0.7, contract_years=2)
    >>> value = evaluate_service_bid(bid, date(2017, 12, 31), 0)
    >>> value.contract_price_eur, value.npv_eur
    (350.0, 4650.0)
    """
    days = list_period_days(announced, years)
    if len(bid.savings_eur) != len(days):
        raise FieldError(
            "the bid does not give one saving per period",
            field="savings_eur",
            found=f"{len(bid.savings_eur)} savings",
            expected=f"{len(days)}: to 31 December, {years - 1} whole years, and the rest",
            remedy="give each period its saving; the software fills none in",
        )
    share = _read_exactly(bid.payment_share, "payment_share")
    if not 0 <= share <= 1:
        raise FieldError(
            "the contractor is paid a share of the savings",
            field="payment_share",
            found=str(bid.payment_share),
            expected="a fraction from 0 to 1, such as 0.7 for 70 %",
        )
    yearly = [_read_exactly(each, "savings_eur") for each in bid.savings_eur]
    paid_days = list_paid_days(bid.contract_years, bid.contract_days, days)
    savings = [yearly[0] if days[0] else Fraction(0)]
    savings += [
        each * Fraction(length, DAYS_PER_YEAR)
        for each, length in zip(yearly[1:], days[1:], strict=True)
    ]
    payments = [
        share * saved * Fraction(paid, length) if length else Fraction(0)
        for saved, paid, length in zip(savings, paid_days, days, strict=True)
    ]
    return ServiceValue(
        period_days=days,
        paid_days=paid_days,
        discount_factors=calc_period_factors(rate_per_year, days),
        savings_eur=tuple(savings),
        payments_eur=tuple(payments),
    )


def _read_exactly(number: Exact, field: str) -> Fraction:
    """Return the fraction that a number shows in decimals: 0.7 is 7/10, not its binary neighbour.

    Raises
    ------
    FieldError
        If it is no number.
    """
    try:
        if isinstance(number, bool):
            raise TypeError
        return Fraction(str(number)) if isinstance(number, float) else Fraction(number)
    except (TypeError, ValueError, OverflowError) as error:
        raise FieldError(
            "this is no number",
            field=field,
            found=repr(number),
            expected="a finite number",
        ) from error
