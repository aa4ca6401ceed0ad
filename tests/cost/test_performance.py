"""Energy-service bids: calendar, day count, exact value."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lcc.cost.performance import (
    ServiceBid,
    ServiceValue,
    calc_period_factors,
    evaluate_service_bid,
    list_paid_days,
    list_period_days,
)
from lcc.errors import FieldError

SAVINGS = (92.47, *[250] * 20)
AUGUST = date(2017, 8, 18)
RATE = 0.125
PUBLISHED = 1e-6


def value_of(
    *,
    share: Any = 0.7,
    rate: Any = RATE,
    announced: date = AUGUST,
    savings: tuple[Any, ...] = SAVINGS,
    contract: tuple[int, int] = (2, 10),
) -> ServiceValue:
    """Evaluate the base bid of the published cases, changed in one place."""
    return evaluate_service_bid(ServiceBid(savings, share, *contract), announced, rate)


class TestPublished:
    """openprocurement/esculator (Apache-2.0), esculator/tests/data.py: figures it asserts."""

    @pytest.mark.parametrize(
        ("share", "price", "npv"),
        [
            (0.0, 0.0, 1810.95435405817),
            (0.0001, 0.05068535616, 1810.91186107787),
            (0.0499, 25.29199272603, 1789.75035688874),
            (0.5, 253.42678082192, 1598.48945256093),
            (0.71, 359.86602876712, 1509.25419393209),
            (0.8999, 456.11752012329, 1428.56002434343),
            (0.9, 456.16820547945, 1428.51753136313),
        ],
    )
    def test_shares(self, share: float, price: float, npv: float) -> None:
        value = value_of(share=share)
        assert value.contract_price_eur == pytest.approx(price, abs=PUBLISHED)
        assert value.npv_eur == pytest.approx(npv, abs=PUBLISHED)

    @pytest.mark.parametrize(
        ("rate", "npv"),
        [
            (0.0, 4645.20675342466),
            (0.0001, 4640.02004460226),
            (0.125, 1513.50349196203),
            (0.22, 851.2654035466),
            (1.0, 117.87571646511),
        ],
    )
    def test_rates(self, rate: float, npv: float) -> None:
        value = value_of(rate=rate)
        assert value.npv_eur == pytest.approx(npv, abs=PUBLISHED)
        assert value.contract_price_eur == pytest.approx(354.79749315068, abs=PUBLISHED)

    @pytest.mark.parametrize(
        ("contract", "price", "npv"),
        [
            ((15, 0), 2625.00297260274, 650.19504129090),
            ((0, 1), 0.47947407407, 1810.49606787280),
            ((3, 11), 530.27694520548, 1390.67586224709),
            ((3, 15), 532.19475342466, 1389.38844523075),
            ((7, 15), 1232.19475342466, 1021.78487284750),
        ],
    )
    def test_lengths(self, contract: tuple[int, int], price: float, npv: float) -> None:
        value = value_of(contract=contract)
        assert value.contract_price_eur == pytest.approx(price, abs=PUBLISHED)
        assert value.npv_eur == pytest.approx(npv, abs=PUBLISHED)

    @pytest.mark.parametrize(
        ("announced", "price", "npv"),
        [
            (date(2017, 5, 2), 303.01667123288, 1493.11261864549),
            (date(2017, 5, 6), 304.93447945205, 1493.85118113158),
            (date(2017, 5, 11), 307.33173972603, 1494.77610045941),
        ],
    )
    def test_dates(self, announced: date, price: float, npv: float) -> None:
        value = value_of(announced=announced)
        assert value.contract_price_eur == pytest.approx(price, abs=PUBLISHED)
        assert value.npv_eur == pytest.approx(npv, abs=PUBLISHED)

    @pytest.mark.parametrize(
        ("announced", "npv"),
        [
            (date(2017, 12, 30), 1540.63620088962),
            (date(2017, 12, 31), 1513.14383477073),
            (date(2018, 1, 1), 1471.31191860622),
            (date(2018, 12, 31), 1513.14383477073),
        ],
    )
    def test_the_turn_of_the_year(self, announced: date, npv: float) -> None:
        # Asserted by the tests of the same platform's auction module. On 31 December the saving
        # of 92.47 stated for a period of no days does not count: it would give 1605.61.
        assert value_of(announced=announced).npv_eur == pytest.approx(npv, abs=PUBLISHED)

    def test_all_49_bids(self, worked_cases: Callable[[str], list[dict[str, Any]]]) -> None:
        seen = 0
        for case in worked_cases("prozorro_esco.json"):
            told, found = case["inputs"], case["outputs"]
            for rank, varied in enumerate(told["values"]):
                bid = {**told["base_bid"], told["vary"]: varied}
                length = bid["contractDuration"]
                value = evaluate_service_bid(
                    ServiceBid(
                        tuple(bid["annualCostsReduction"]),
                        bid["yearlyPaymentsPercentage"],
                        length["years"],
                        length["days"],
                    ),
                    date.fromisoformat(bid["announcementDate"]),
                    bid["NBUdiscountRate"],
                )
                within = case["tolerance_abs"]
                assert value.npv_eur == pytest.approx(found["npv_to_buyer"][rank], abs=within)
                assert value.contract_price_eur == pytest.approx(
                    found["contract_price"][rank], abs=within
                )
                seen += 1
        assert seen == 49


class TestCalendar:
    def test_periods_by_hand(self) -> None:
        # From 18 August 2017, itself not counted, to 31 December: 13 + 30 + 31 + 30 + 31 = 135.
        assert list_period_days(AUGUST) == (135, *[365] * 19, 230)
        assert sum(list_period_days(AUGUST)) == 20 * 365

    def test_31_december_and_1_january(self) -> None:
        assert list_period_days(date(2017, 12, 31), 3) == (0, 365, 365, 365)
        assert list_period_days(date(2018, 1, 1), 3) == (364, 365, 365, 1)

    def test_leap_years(self) -> None:
        # 2020 has 366 days: from 1 January to 31 December 365 remain, and nothing is left over.
        assert list_period_days(date(2020, 1, 1), 2) == (365, 365, 0)
        assert list_period_days(date(2020, 2, 29), 2) == (306, 365, 59)
        assert list_period_days(date(2021, 3, 1), 2) == (305, 365, 60)

    def test_a_moment_counts_as_its_day(self) -> None:
        assert list_period_days(datetime(2017, 8, 18, 23, 59)) == list_period_days(AUGUST)

    def test_one_year(self) -> None:
        assert list_period_days(AUGUST, 1) == (135, 230)
        with pytest.raises(FieldError, match="one year at least"):
            list_period_days(AUGUST, 0)

    def test_paid_days_by_hand(self) -> None:
        # Two years and ten days are 740 days: 135 + 365 + 240.
        assert list_paid_days(2, 10, list_period_days(AUGUST, 4)) == (135, 365, 240, 0, 0)
        assert list_paid_days(0, 1, (135, 365, 230)) == (1, 0, 0)
        assert list_paid_days(2, 0, (135, 365, 230)) == (135, 365, 230)

    @pytest.mark.parametrize("contract", [(0, 0), (-1, 400), (1, -1), (2, 1), (20, 0)])
    def test_a_contract_that_does_not_fit(self, contract: tuple[int, int]) -> None:
        with pytest.raises(FieldError, match="does not fit") as error:
            list_paid_days(*contract, list_period_days(AUGUST, 2))
        assert "730" in str(error.value)

    def test_factors_by_hand(self) -> None:
        # 10 %: 73 days of 365 are 2 %, then a whole year: 1/1.02 and 1/(1.02 × 1.1).
        assert calc_period_factors(0.1, (73, 365)) == (
            Fraction(100, 102),
            Fraction(100, 102) * Fraction(10, 11),
        )
        assert calc_period_factors(0, (73, 365, 292)) == (1, 1, 1)
        assert calc_period_factors(-0.008, (365,)) == (Fraction(1000, 992),)
        for wrong in (-1, -1.5, float("nan"), float("inf"), True):
            with pytest.raises(FieldError):
                calc_period_factors(wrong, (365,))


class TestValue:
    def test_a_whole_bid_by_hand(self) -> None:
        # One year, announced 73 days before the year's end; 20 EUR saved in them, 100 a year after;
        # half is paid for 146 days: all 73 of period 0 (10) and 73 of 292 in the rest.
        # Savings 20 and 100 × 292/365 = 80; payments 10 and 0.5 × 80 × 73/292 = 10.
        # At 10 %: 10/1.02 + 70/(1.02 × 1.08) = 9.803922 + 63.543936 = 73.347858.
        bid = ServiceBid((20, 100), 0.5, 0, 146)
        value = evaluate_service_bid(bid, date(2022, 10, 19), 0.1, years=1)
        assert value.period_days == (73, 292)
        assert value.savings_eur == (20, 80) and value.payments_eur == (10, 10)
        assert value.contract_price_eur == 20
        assert value.npv_eur == pytest.approx(73.347858, abs=1e-6)

    def test_all_the_savings_for_all_the_time_leave_nothing(self) -> None:
        # The last, short period included.
        for announced in (AUGUST, date(2017, 12, 31), date(2020, 1, 1)):
            value = value_of(share=1, contract=(20, 0), announced=announced)
            assert value.exact_npv_eur == 0

    def test_decimals_are_read_as_written(self) -> None:
        one = value_of(share=0.7, rate=0.1)
        two = value_of(share=Decimal("0.7"), rate=Fraction(1, 10))
        assert one == two
        assert one.payments_eur[1] == 175

    def test_huge_amounts_stay_exact(self) -> None:
        # 10^18 times the bid is 10^18 times its value, to the last digit.
        huge = tuple(Fraction(str(each)) * 10**18 for each in SAVINGS)
        assert value_of(savings=huge).exact_npv_eur == value_of().exact_npv_eur * 10**18
        assert value_of(savings=(1e300, *[1e300] * 20), share=0).npv_eur > 1e300

    def test_two_bids_a_hair_apart_are_told_apart(self) -> None:
        near = value_of(share=Decimal("0.70000000000000000001"))
        assert near.exact_npv_eur < value_of().exact_npv_eur

    @given(
        share=st.fractions(0, 1, max_denominator=1000),
        rate=st.fractions(0, 1, max_denominator=1000),
        announced=st.dates(date(2000, 1, 1), date(2060, 12, 31)),
        length=st.integers(1, 20 * 365),
    )
    def test_what_is_saved_is_paid_or_kept(
        self, share: Fraction, rate: Fraction, announced: date, length: int
    ) -> None:
        value = value_of(share=share, rate=rate, announced=announced, contract=(0, length))
        assert sum(value.period_days) == 20 * 365 and sum(value.paid_days) == length
        pairs = zip(value.payments_eur, value.savings_eur, strict=True)
        assert all(0 <= paid <= share * saved for paid, saved in pairs)
        kept = sum(value.savings_eur) - value.exact_contract_price_eur
        # A rate of zero gives the plain sum, a positive one less.
        plain = value_of(share=share, rate=0, announced=announced, contract=(0, length))
        assert plain.exact_npv_eur == kept
        assert 0 <= value.exact_npv_eur <= kept

    @given(lower=st.integers(0, 999), rate=st.floats(0, 1))
    def test_a_larger_share_is_worth_less_to_the_buyer(self, lower: int, rate: float) -> None:
        one = value_of(share=Fraction(lower, 1000), rate=rate)
        two = value_of(share=Fraction(lower + 1, 1000), rate=rate)
        assert two.exact_npv_eur < one.exact_npv_eur

    def test_years_are_a_parameter(self) -> None:
        bid = ServiceBid(SAVINGS[:11], 0.7, 2, 10)
        ten = evaluate_service_bid(bid, AUGUST, RATE, years=10)
        assert len(ten.period_days) == 11
        assert ten.exact_npv_eur < value_of().exact_npv_eur
        assert ten.exact_contract_price_eur == value_of().exact_contract_price_eur

    def test_a_missing_saving_is_not_filled_in(self) -> None:
        with pytest.raises(FieldError, match="one saving per period") as error:
            value_of(savings=SAVINGS[:-1])
        assert error.value.found == "20 savings"
        assert (error.value.expected or "").startswith("21")

    @pytest.mark.parametrize("wrong", [-0.1, 1.01, 70, float("nan"), "0.7%", None, True])
    def test_a_share_that_is_none(self, wrong: Any) -> None:
        with pytest.raises(FieldError) as error:
            value_of(share=wrong)
        assert error.value.field == "payment_share"

    @pytest.mark.parametrize("wrong", [float("inf"), "deux cents", None])
    def test_a_saving_that_is_none(self, wrong: Any) -> None:
        with pytest.raises(FieldError) as error:
            value_of(savings=(wrong, *SAVINGS[1:]))
        assert error.value.field == "savings_eur"
