"""Periods of contracts and steps back from their ends: hand calculations, properties, bad input."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lcc.budget.calendar.periods import (
    ContractPeriods,
    PeriodError,
    calc_last_day,
    find_periods,
)
from lcc.budget.calendar.steps import (
    PROCEDURES,
    calc_step_days,
    find_procedure,
    load_steps,
    plan_launch,
    purchase_of_family,
)
from lcc.errors import FieldError

FIRST = date(2024, 1, 1)


def periods(**stated: Any) -> ContractPeriods:
    return find_periods({"start_date": FIRST} | stated, notice_months=3)


class TestLastDay:
    @pytest.mark.parametrize(
        ("start", "months", "end"),
        [
            # One whole year, and a leap one: the day before the anniversary.
            (date(2023, 1, 1), 12, date(2023, 12, 31)),
            (date(2024, 2, 29), 12, date(2025, 2, 27)),
            (date(2024, 2, 29), 48, date(2028, 2, 28)),
            # 31 January + 1 month is the last of February, less a day.
            (date(2023, 1, 31), 1, date(2023, 2, 27)),
            (date(2024, 3, 31), 6, date(2024, 9, 29)),
            (date(2023, 9, 15), 18, date(2025, 3, 14)),
        ],
    )
    def test_by_calendar_months(self, start: date, months: int, end: date) -> None:
        assert calc_last_day(start, months) == end

    @given(
        st.dates(date(2000, 1, 1), date(2040, 12, 31)),
        st.integers(1, 200),
        st.integers(1, 60),
    )
    @settings(max_examples=60, deadline=None)
    def test_a_longer_contract_ends_later(self, start: date, months: int, more: int) -> None:
        assert start <= calc_last_day(start, months) + timedelta(days=1)
        assert calc_last_day(start, months) < calc_last_day(start, months + more)

    @pytest.mark.parametrize("months", [0, -12])
    def test_no_month_is_refused(self, months: int) -> None:
        with pytest.raises(PeriodError, match="not positive"):
            calc_last_day(FIRST, months)

    def test_a_day_beyond_the_calendar_is_refused(self) -> None:
        with pytest.raises(PeriodError, match="implausible"):
            calc_last_day(date(9990, 1, 1), 240)


class TestPeriods:
    def test_firm_then_three_renewals(self) -> None:
        found = periods(firm_months=12, renewals=3, renewal_months=12)
        assert found.ends == tuple(date(year, 12, 31) for year in (2024, 2025, 2026, 2027))
        assert found.firm_end == date(2024, 12, 31) and found.renewals == 3
        # Notice by default: three months before the end of the firm year.
        assert found.decision_day(0) == date(2024, 9, 30)

    def test_the_duration_of_essential_data_holds_renewals_and_options(self) -> None:
        # dureeMois: « comprend la durée des tranches et reconductions potentielles ».
        alone = periods(duration_months=48)
        assert alone.latest_end == date(2027, 12, 31)
        assert alone.firm_end is None and alone.renewals is None
        deduced = periods(duration_months=48, renewals=3, renewal_months=12)
        assert deduced.firm_end == date(2024, 12, 31)
        split = periods(duration_months=48, firm_months=24, renewals=2)
        assert split.ends[1] == date(2026, 12, 31)

    def test_options_come_last(self) -> None:
        found = periods(firm_months=24, renewals=0, option_months=6, duration_months=30)
        assert found.ends == (date(2025, 12, 31),)
        assert found.latest_end == date(2026, 6, 30)

    def test_a_modification_prolongs_the_last_period(self) -> None:
        stated = {"start_date": FIRST, "firm_months": 12, "renewals": 1, "renewal_months": 12}
        found = find_periods(stated, notice_months=3, prolonged_months=30)
        assert found.ends == (date(2024, 12, 31), date(2026, 6, 30))
        plain = {"start_date": FIRST, "duration_months": 12}
        assert find_periods(plain, notice_months=3, prolonged_months=18).latest_end == date(
            2025, 6, 30
        )

    def test_the_silence_of_a_contract_is_tacit(self) -> None:
        # Code de la commande publique, R2112-4.
        silent = periods(firm_months=12, renewals=1, renewal_months=12)
        assert silent.renewal_kind == "tacit" and not silent.kind_stated
        assert silent.running_period(date(2025, 6, 1)) == 1
        assert not silent.is_presumed(date(2025, 6, 1))

    def test_an_express_renewal_runs_only_if_it_was_decided(self) -> None:
        stated: dict[str, Any] = {"firm_months": 12, "renewals": 2, "renewal_months": 12}
        day = date(2025, 6, 1)
        unknown = periods(**stated, renewal_kind="express")
        assert unknown.running_period(day) == 1 and unknown.is_presumed(day)
        refused = periods(**stated, renewal_kind="express", renewals_confirmed=0)
        assert refused.running_period(day) is None
        decided = periods(**stated, renewal_kind="express", renewals_confirmed=1)
        assert decided.running_period(day) == 1 and not decided.is_presumed(day)

    def test_a_notice_never_precedes_the_start(self) -> None:
        found = periods(firm_months=6, renewals=1, renewal_months=6, notice_months=9)
        assert found.decision_day(0) == FIRST and found.notice_stated

    @pytest.mark.parametrize(
        ("stated", "reason"),
        [
            ({"start_date": None, "duration_months": 12}, "start-unknown"),
            ({"start_date": date(2, 3, 1), "duration_months": 12}, "date-implausible"),
            ({"start_date": date(5021, 3, 1), "duration_months": 12}, "date-implausible"),
            ({}, "duration-unknown"),
            ({"duration_months": 0}, "duration-not-positive"),
            ({"duration_months": -3}, "duration-not-positive"),
            ({"firm_months": 0, "renewals": 2, "renewal_months": 12}, "duration-not-positive"),
            ({"firm_months": 12, "renewals": 1, "renewal_months": 0}, "duration-not-positive"),
            ({"firm_months": 12, "renewals": -1}, "duration-not-positive"),
            ({"duration_months": 1460}, "duration-implausible"),
            ({"renewals": 3, "renewal_months": 12}, "renewals-without-firm-period"),
            ({"renewals": 3}, "renewals-without-firm-period"),
            (
                {"firm_months": 12, "renewals": 3, "renewal_months": 12, "duration_months": 36},
                "periods-disagree",
            ),
            ({"firm_months": 36, "duration_months": 24}, "periods-disagree"),
            ({"duration_months": 24, "renewals": 2, "renewal_months": 12}, "periods-disagree"),
            ({"duration_months": 12, "end_date": date(2023, 1, 1)}, "end-before-start"),
        ],
    )
    def test_what_cannot_be_told_is_refused(self, stated: dict[str, Any], reason: str) -> None:
        with pytest.raises(PeriodError) as caught:
            periods(**stated)
        assert caught.value.reason == reason

    @given(st.integers(1, 48), st.integers(0, 4), st.integers(1, 24), st.integers(0, 12))
    @settings(max_examples=60, deadline=None)
    def test_periods_add_up_to_the_whole(
        self, firm: int, renewals: int, each: int, option: int
    ) -> None:
        whole = firm + renewals * each + option
        found = periods(
            duration_months=whole, firm_months=firm, renewals=renewals, renewal_months=each,
            option_months=option,
        )  # fmt: skip
        assert found.latest_end == calc_last_day(FIRST, whole)
        assert list(found.ends) == sorted(found.ends) and len(found.ends) == renewals + 1


class TestSteps:
    def test_days_are_counted_back(self) -> None:
        # 30 days before 1 July: 1 June; 20 more: 12 May.
        days = calc_step_days(date(2025, 7, 1), [20, 30])
        assert days == (date(2025, 5, 12), date(2025, 6, 1))

    def test_least_periods_are_those_of_the_code(self) -> None:
        # R2161-2: 35 days; R2182-1: 11 days, electronically; R3124-2: 22 days; R3125-2: 11 days.
        legal = {
            (procedure, step.step): (step.legal_days, step.locator)
            for procedure in PROCEDURES
            for step in load_steps(procedure)
            if step.legal_days is not None and procedure != "unknown"
        }
        assert legal == {
            ("formal", "receipt"): (35, "R2161-2"),
            ("formal", "standstill"): (11, "R2182-1"),
            ("concession", "tenders"): (22, "R3124-2"),
            ("concession", "standstill"): (11, "R3125-2"),
        }

    @pytest.mark.parametrize("procedure", sorted(set(PROCEDURES) - {"unknown"}))
    def test_a_step_is_never_shorter_than_the_law(self, procedure: str) -> None:
        for step in load_steps(procedure):
            assert step.days >= (step.legal_days or 1)
            # Only what has a source and the days of the law is called legal.
            assert (step.status == "legal") == (step.days == step.legal_days)
            assert step.status == "judgement" or (step.source and step.locator)

    @pytest.mark.parametrize(
        ("day", "amount_eur", "purchase", "expected"),
        [
            # R2122-8: 40 000 € up to 31 March 2026, 60 000 € from 1 April on (supplies, services).
            (date(2026, 3, 31), 50_000, "supplies-services", "adapted"),
            (date(2026, 4, 1), 50_000, "supplies-services", "no-publicity"),
            # European thresholds: 221 000 € in 2024-2025, 216 000 € from 2026; works 5 404 000 €.
            (date(2025, 12, 31), 220_999, "supplies-services", "adapted"),
            (date(2026, 1, 1), 220_999, "supplies-services", "formal"),
            (date(2026, 6, 1), 5_403_999, "works", "adapted"),
            (date(2026, 6, 1), 5_404_000, "works", "formal"),
            (date(2026, 6, 1), None, "works", "unknown"),
            # Formal for supplies, adapted for works: not known which.
            (date(2026, 6, 1), 300_000, None, "unknown"),
            (date(2026, 6, 1), 100_000, None, "adapted"),
        ],
    )
    def test_the_procedure_is_that_of_the_day(
        self, day: date, amount_eur: float | None, purchase: str | None, expected: str
    ) -> None:
        assert find_procedure(day, amount_eur, purchase=purchase) == expected

    def test_a_concession_and_a_subsequent_contract_have_their_own(self) -> None:
        assert find_procedure(FIRST, None, kind="concession") == "concession"
        assert plan_launch(FIRST, None, kind="subsequent").procedure == "subsequent"

    def test_launch_comes_after_census_and_before_the_need(self) -> None:
        plan = plan_launch(date(2027, 1, 1), 500_000, purchase="supplies-services")
        # Formal: 35 + 60 + 11 + 14 + 30 = 150 days from the launch; 180 before it.
        assert plan.procedure == "formal"
        assert plan.launch_by == date(2027, 1, 1) - timedelta(days=150)
        assert plan.census_by == plan.launch_by - timedelta(days=180)

    def test_an_unknown_procedure_takes_the_steps_of_a_formal_one(self) -> None:
        assert load_steps("unknown") == load_steps("formal")
        with pytest.raises(FieldError, match="negotiated"):
            load_steps("negotiated")

    def test_families_of_works(self) -> None:
        # 02.01 holds division 45 alone; 01.01 holds modular buildings too, which are supplies.
        assert purchase_of_family("02.01") == "works"
        assert purchase_of_family("13.01") == "supplies-services"
        assert purchase_of_family("01.01") is None


@pytest.mark.parametrize("amount_eur", [None, 0.0, -5.0, float("nan")])
def test_an_amount_that_says_nothing_gives_no_procedure(amount_eur: float | None) -> None:
    # A schedule of prices is often published with an amount of nought.
    assert find_procedure(date(2024, 6, 1), amount_eur, purchase="works") == "unknown"


class TestEndForGood:
    """When a contract ends for good, as far as is known on a day."""

    STATED: ClassVar = {"start_date": FIRST, "firm_months": 12, "renewals": 2, "renewal_months": 12}

    def test_every_renewal_and_option_is_used(self) -> None:
        found = find_periods(self.STATED | {"option_months": 6}, notice_months=3)
        # From 1 January 2024: 12 + 2 × 12 + 6 months.
        assert found.whole_months == 42
        assert found.last_day(date(2024, 6, 1)) == date(2027, 6, 30)

    def test_an_express_renewal_that_was_not_decided_ends_it(self) -> None:
        express = self.STATED | {"renewal_kind": "express", "renewals_confirmed": 1}
        found = find_periods(express, notice_months=3)
        # The second year runs: a second renewal may yet be decided; past its end, it was not.
        assert found.last_day(date(2025, 6, 1)) == date(2026, 12, 31)
        assert found.last_day(date(2026, 2, 1)) == date(2025, 12, 31)
        unknown = find_periods(self.STATED | {"renewal_kind": "express"}, notice_months=3)
        assert unknown.last_day(date(2026, 2, 1)) == date(2026, 12, 31)

    def test_a_count_that_fills_a_cell_is_a_mistake(self) -> None:
        with pytest.raises(PeriodError) as caught:
            find_periods(self.STATED | {"renewals": 999_999_999}, notice_months=3)
        assert caught.value.reason == "duration-implausible"

    def test_a_modification_that_shortens_is_not_read(self) -> None:
        # 24 months, then 12: the whole, or what is added? Two of 24 in the file of March 2019.
        with pytest.raises(PeriodError) as caught:
            find_periods(
                {"start_date": FIRST, "duration_months": 24}, notice_months=3, prolonged_months=12
            )
        assert caught.value.reason == "prolonged-shorter"
