"""The dated rules: each row of the project's list of rules, with the days at its edges.

Expected values: the list of dated rules of the project (its values and days), and, for rows that
the table calls recalled, the notices that `dated_rules.csv` names beside them.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lcc.errors import FieldError, MissingFactorError
from lcc.law.dated import (
    changes_between,
    check_periods,
    load_dated_rules,
    rows_of,
    rule_on,
    rules_on,
    topics,
)
from lcc.tables import load_reference

EUROS = [
    # Rule, first day, amount before it (None: not in the table), amount from it on.
    ("no-publicity-supplies-services", date(2020, 1, 1), 25_000, 40_000),
    ("no-publicity-supplies-services", date(2026, 4, 1), 40_000, 60_000),
    ("no-publicity-works", date(2020, 12, 9), 70_000, 100_000),
    ("no-publicity-works", date(2026, 1, 1), 100_000, 100_000),
    ("formal-procedure-supplies-services", date(2018, 1, 1), None, 221_000),
    ("formal-procedure-supplies-services", date(2020, 1, 1), 221_000, 214_000),
    ("formal-procedure-supplies-services", date(2022, 1, 1), 214_000, 215_000),
    ("formal-procedure-supplies-services", date(2024, 1, 1), 215_000, 221_000),
    ("formal-procedure-supplies-services", date(2026, 1, 1), 221_000, 216_000),
    ("formal-procedure-supplies-services-entities", date(2022, 1, 1), 428_000, 431_000),
    ("formal-procedure-supplies-services-entities", date(2024, 1, 1), 431_000, 443_000),
    ("formal-procedure-supplies-services-entities", date(2026, 1, 1), 443_000, 432_000),
    ("formal-procedure-supplies-services-state", date(2022, 1, 1), 139_000, 140_000),
    ("formal-procedure-supplies-services-state", date(2024, 1, 1), 140_000, 143_000),
    ("formal-procedure-supplies-services-state", date(2026, 1, 1), 143_000, 140_000),
    ("formal-procedure-works", date(2022, 1, 1), 5_350_000, 5_382_000),
    ("formal-procedure-works", date(2024, 1, 1), 5_382_000, 5_538_000),
    ("formal-procedure-works", date(2026, 1, 1), 5_538_000, 5_404_000),
    ("formal-procedure-concession", date(2024, 1, 1), 5_382_000, 5_538_000),
    ("formal-procedure-concession", date(2026, 1, 1), 5_538_000, 5_404_000),
    ("boamp-works", date(2020, 12, 9), 90_000, 100_000),
    ("spaser", date(2023, 1, 1), 100_000_000, 50_000_000),
]

VALUES = [
    ("essential-data", date(2024, 1, 1), "16-fields", "45-fields"),
    ("price-only", date(2026, 8, 22), "standardised-only", "refused"),
    ("environmental-criterion", date(2026, 8, 22), "optional", "required"),
    ("environmental-condition", date(2026, 8, 22), "optional", "required"),
    ("social-condition-works", date(2026, 8, 22), "optional", "required"),
    ("smart-environment", date(2026, 1, 1), "none", "100-percent"),
    ("agec-quotas", date(2024, 7, 1), "decree-2021-254", "decree-2024-134"),
    ("beges", date(2023, 1, 1), None, "significant-indirect"),
    ("green-annex-accounts", date(2024, 1, 1), None, "17-accounts"),
    ("green-annex-accounts", date(2025, 1, 1), "17-accounts", "all-real-investment"),
    ("green-annex-axes", date(2025, 1, 1), "axis-1", "axes-1-6"),
    ("green-annex-axes", date(2027, 1, 1), "axes-1-6", "all-axes"),
]

ALWAYS = [
    # Rules of the list without a day: rule, amount, value.
    ("boamp", 90_000, "90000"),
    ("life-cycle-cost", None, "admitted"),
    ("company-certificate", None, "refused"),
    ("price-only-works", None, "refused"),
    ("agec-declaration", None, "6-months"),
    ("label-climat", None, "61-measures"),
]


class TestEachRuleOfTheList:
    @pytest.mark.parametrize(("rule", "day", "before", "after"), EUROS)
    def test_an_amount_changes_on_its_day(
        self, rule: str, day: date, before: int | None, after: int
    ) -> None:
        assert rule_on(rule, day).amount_eur == after
        eve = day - timedelta(days=1)
        if before is None:
            with pytest.raises(MissingFactorError, match=eve.isoformat()):
                rule_on(rule, eve)
        else:
            assert rule_on(rule, eve).amount_eur == before

    @pytest.mark.parametrize(("rule", "day", "before", "after"), VALUES)
    def test_a_value_changes_on_its_day(
        self, rule: str, day: date, before: str | None, after: str
    ) -> None:
        assert rule_on(rule, day).value == after
        eve = day - timedelta(days=1)
        if before is None:
            with pytest.raises(MissingFactorError):
                rule_on(rule, eve)
        else:
            assert rule_on(rule, eve).value == before

    @pytest.mark.parametrize(("rule", "amount", "value"), ALWAYS)
    def test_a_rule_without_a_day_holds_always(
        self, rule: str, amount: float | None, value: str
    ) -> None:
        for day in (date(2019, 4, 1), date(2026, 9, 1)):
            row = rule_on(rule, day)
            assert (row.amount_eur, row.value) == (amount, value)

    def test_numbers_beside_amounts(self) -> None:
        on = date(2026, 9, 1)
        assert rule_on("essential-data", on).amount_eur == 40_000
        assert rule_on("essential-data", on).number == 45
        assert rule_on("beges", on).number == 50_000
        assert rule_on("green-annex-accounts", on).number == 3_500
        assert rule_on("agec-quotas", on).number == 17
        assert rule_on("agec-declaration", on).number == 6
        assert rule_on("smart-environment", on).amount_eur == 90_000
        assert rule_on("smart-environment", on).compare == "above"

    def test_decree_and_act_give_two_days_and_the_row_says_so(self) -> None:
        for rule in ("price-only", "environmental-criterion", "environmental-condition"):
            row = rule_on(rule, date(2026, 8, 22))
            assert "22 août 2026" in row.sentence_fr and "le 21" in row.sentence_fr
            assert row.confidence == "high on the month"

    def test_what_is_recalled_is_labelled(self) -> None:
        old = [each for each in load_dated_rules() if each.rule.startswith("formal-procedure")]
        for each in old:
            assert ("recalled" in each.confidence) == (each.first_day < date(2024, 1, 1))
        assert "CE 417580" in rule_on("company-certificate", date(2026, 1, 1)).confidence


class TestPeriods:
    def test_the_table_has_no_overlap_and_no_gap(self) -> None:
        check_periods(load_dated_rules())

    def test_overlap_is_refused(self) -> None:
        first, second = rows_of("price-only")
        with pytest.raises(FieldError, match="price-only"):
            check_periods((replace(first, valid_to=date(2026, 8, 22)), second))
        with pytest.raises(FieldError, match="hold on one day"):
            check_periods((replace(first, valid_to=None), second))

    def test_a_gap_is_refused(self) -> None:
        first, second = rows_of("price-only")
        with pytest.raises(FieldError, match="has none"):
            check_periods((replace(first, valid_to=date(2026, 8, 20)), second))

    def test_a_period_that_ends_before_it_begins_is_refused(self) -> None:
        first, _ = rows_of("price-only")
        with pytest.raises(FieldError, match="ends before"):
            check_periods((replace(first, valid_from=date(2027, 1, 1)),))

    @settings(max_examples=40, deadline=None)
    @given(st.dates(date(1990, 1, 1), date(2040, 12, 31)))
    def test_one_row_of_a_rule_at_most_holds_on_a_day(self, day: date) -> None:
        assert max(Counter(each.rule for each in rules_on(day)).values()) == 1


class TestRulesOfADay:
    def test_other_purchases_and_buyers_are_left_out(self) -> None:
        rules = rules_on(date(2026, 9, 1), applies_to="works", buyer_kind="local-authority")
        names = {each.rule for each in rules}
        assert {"no-publicity-works", "formal-procedure-works", "boamp-works"} <= names
        assert not names & {
            "no-publicity-supplies-services",
            "boamp",
            "formal-procedure-supplies-services-state",
            "formal-procedure-concession",
        }

    def test_quotas_bind_works_that_hold_supplies_since_2024(self) -> None:
        # Decree 2024-134, art. 1: supplies, or works and services that hold some; before: supplies.
        names = {each.rule for each in rules_on(date(2024, 7, 1), applies_to="works")}
        assert "agec-quotas" in names
        names = {each.rule for each in rules_on(date(2024, 6, 30), applies_to="works")}
        assert "agec-quotas" not in names

    def test_a_concession_is_no_contract_of_supplies(self) -> None:
        names = {each.rule for each in rules_on(date(2026, 9, 1), applies_to="concession")}
        assert "formal-procedure-concession" in names and "boamp" not in names

    @pytest.mark.parametrize("word", ["all", "goods"])
    def test_another_word_is_refused(self, word: str) -> None:
        with pytest.raises(FieldError, match=word):
            rules_on(date(2026, 9, 1), applies_to=word)

    def test_topics_are_those_of_the_rows(self) -> None:
        assert set(topics()) == {each.topic for each in load_dated_rules()}


class TestChanges:
    def test_of_the_summer_of_2026(self) -> None:
        changes = changes_between(date(2026, 4, 1), date(2026, 8, 22))
        assert {each.day for each in changes} == {date(2026, 8, 22)}
        assert {each.rule for each in changes} >= {
            "price-only",
            "environmental-criterion",
            "environmental-condition",
        }
        change = next(each for each in changes if each.rule == "price-only")
        assert change.before is not None and change.before.value == "standardised-only"
        assert change.after is not None and change.after.value == "refused"

    def test_edges(self) -> None:
        names = [each.rule for each in changes_between(date(2026, 3, 31), date(2026, 4, 1))]
        assert names == ["no-publicity-supplies-services"]
        assert changes_between(date(2026, 4, 1), date(2026, 4, 1)) == ()

    def test_days_out_of_order_are_refused(self) -> None:
        with pytest.raises(FieldError, match="not in order"):
            changes_between(date(2026, 4, 2), date(2026, 4, 1))


class TestSources:
    def test_every_detail_table_exists(self) -> None:
        for each in load_dated_rules():
            if each.detail:
                assert len(load_reference("procurement_map", each.detail))

    def test_every_demand_is_a_tag(self) -> None:
        tags = set(load_reference("procurement_map", "contract_tags")["tag"].to_pylist())
        demanded = {tag for each in load_dated_rules() for tag in each.demanded_tags}
        assert demanded and demanded <= tags

    def test_rates_and_carbon_values_are_not_doubled(self) -> None:
        # They are tables of emission_factors, with their own dates.
        text = " ".join(each.sentence_en for each in load_dated_rules()).lower()
        assert "discount" not in text and "carbon value" not in text
        for name in ("discount_rate", "carbon_value"):
            assert len(load_reference("emission_factors", name))


QUOTAS = [
    # Decree 2024-134 as the list of dated rules has it: category, year, reuse, recycled.
    ("textiles", 2024, 0.08, 0.20),
    ("textiles", 2027, 0.15, 0.25),
    ("textiles", 2030, 0.15, 0.30),
    ("mobilier-interieur", 2024, 0.20, 0.15),
    ("mobilier-interieur", 2027, None, None),
    ("mobilier-urbain", 2024, 0.05, 0.20),
    ("mobilier-urbain", 2030, None, None),
]


class TestAgecQuotas:
    TABLE = load_reference("procurement_map", "agec_quotas").to_pylist()

    @pytest.mark.parametrize(("category", "year", "reuse", "recycled"), QUOTAS)
    def test_quotas_of_the_list(
        self, category: str, year: int, reuse: float | None, recycled: float | None
    ) -> None:
        (row,) = [
            each for each in self.TABLE if (each["category"], each["year_from"]) == (category, year)
        ]
        assert (row["reuse_share"], row["recycled_share"]) == (reuse, recycled)

    def test_seventeen_categories_of_which_fourteen_are_not_collected(self) -> None:
        years = Counter(each["category"] for each in self.TABLE)
        assert len(years) == 17 and set(years.values()) == {3}
        known = {each["category"] for each in self.TABLE if each["reuse_share"] is not None}
        assert known == {"textiles", "mobilier-interieur", "mobilier-urbain"}
        for each in self.TABLE:
            empty = each["reuse_share"] is None
            assert empty == (each["confidence"] == "not collected")
