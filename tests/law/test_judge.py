"""A contract judged by the rules of its own date; expected answers are worked out in each test."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lcc.law.dated import load_dated_rules, rows_of
from lcc.law.judge import (
    ContractFacts,
    Judgement,
    check_demands,
    judge_contract,
    launch_window,
    purchase_of_cpv,
)

WORKS = ContractFacts(
    kind="contract",
    purchase="works",
    amount_eur=95_000.0,
    need_low_eur=95_000.0,
    need_high_eur=95_000.0,
    launch_date=date(2026, 9, 1),
    notification_date=date(2026, 11, 2),
    awarded_date=date(2026, 11, 2),
    buyer_kind="local-authority",
)
"""Works of 95 000 €, one lot, launched on 1 September 2026."""


def judge(facts: ContractFacts, rule: str) -> Judgement:
    return next(each for each in judge_contract(facts) if each.rule == rule)


def of_amount(facts: ContractFacts, amount: float) -> ContractFacts:
    return replace(facts, amount_eur=amount, need_low_eur=amount, need_high_eur=amount)


def launched(facts: ContractFacts, day: date | None) -> ContractFacts:
    return replace(facts, launch_date=day)


class TestThresholds:
    def test_small_works_need_no_publicity_and_so_no_notice(self) -> None:
        # 95 000 < 100 000: no publicity (R2122-8), so no notice in the bulletin, though R2131-12
        # asks for one from 90 000 on of what is awarded by an adapted procedure; < 5 404 000.
        assert judge(WORKS, "no-publicity-works").applies == "yes"
        assert judge(WORKS, "boamp-works").applies == "no"
        assert judge(WORKS, "boamp").in_scope == "no"
        assert judge(WORKS, "formal-procedure-works").applies == "no"

    @pytest.mark.parametrize(
        ("amount", "rule", "applies"),
        [
            (99_999.99, "no-publicity-works", "yes"),
            (100_000, "no-publicity-works", "no"),  # « below »: the amount itself is out
            (99_999.99, "boamp-works", "no"),
            (100_000, "boamp-works", "yes"),  # « from … on »: the amount itself is in
            (5_403_999, "formal-procedure-works", "no"),
            (5_404_000, "formal-procedure-works", "yes"),
            (90_000, "smart-environment", "no"),  # « above »: the amount itself is out
            (90_000.01, "smart-environment", "yes"),
            (39_999.99, "essential-data", "no"),
            (40_000, "essential-data", "yes"),
        ],
    )
    def test_edges_of_amounts(self, amount: float, rule: str, applies: str) -> None:
        assert judge(of_amount(WORKS, amount), rule).applies == applies

    @pytest.mark.parametrize("buyer", ["local-authority", "contracting-entity", "state", None])
    def test_the_notice_is_due_whoever_buys(self, buyer: str | None) -> None:
        # R2131-12 names the State, its establishments, local authorities and theirs.
        supplies = replace(WORKS, purchase="supplies-services", buyer_kind=buyer)
        assert judge(of_amount(supplies, 89_999.99), "boamp").applies == "no"
        assert judge(of_amount(supplies, 90_000), "boamp").applies == "yes"

    def test_the_state_has_its_own_threshold_of_the_social_clause(self) -> None:
        # 140 000 for the State, 216 000 for a local authority (thresholds of 2026).
        supplies = of_amount(replace(WORKS, purchase="supplies-services"), 150_000)
        state = replace(supplies, buyer_kind="state")
        assert judge(state, "social-condition-supplies-services-state").applies == "yes"
        assert judge(supplies, "social-condition-supplies-services").applies == "no"

    def test_supplies_of_218_000_by_the_year_of_their_launch(self) -> None:
        # 221 000 in 2024–2025, 216 000 from 2026 on, 215 000 in 2022–2023.
        supplies = of_amount(replace(WORKS, purchase="supplies-services"), 218_000)
        rule = "formal-procedure-supplies-services"
        for day, applies, value in (
            (date(2023, 12, 31), "yes", "215000"),
            (date(2024, 1, 1), "no", "221000"),
            (date(2025, 12, 31), "no", "221000"),
            (date(2026, 1, 1), "yes", "216000"),
        ):
            found = judge(launched(supplies, day), rule)
            assert (found.applies, found.value, found.date_used) == (applies, value, day)
            assert found.date_kind == "launch"

    def test_other_buyers_have_other_thresholds(self) -> None:
        supplies = of_amount(replace(WORKS, purchase="supplies-services"), 300_000)
        networks = replace(supplies, buyer_kind="contracting-entity")
        unknown = replace(supplies, buyer_kind=None)
        rule = "formal-procedure-supplies-services-entities"
        assert judge(supplies, rule).in_scope == "no"
        assert judge(networks, rule).applies == "no"  # 300 000 < 432 000
        assert judge(networks, "formal-procedure-supplies-services").in_scope == "no"
        assert judge(unknown, "formal-procedure-supplies-services").applies == "unknown"
        assert judge(unknown, rule).applies == "no"  # whoever buys, 300 000 < 432 000

    def test_a_lot_counts_with_its_consultation(self) -> None:
        # A lot of 60 000 in a need of 250 000: no exemption, formal procedure from 216 000 on.
        lot = replace(
            WORKS, purchase="supplies-services",
            amount_eur=60_000, need_low_eur=250_000, need_high_eur=250_000,
        )  # fmt: skip
        assert judge(lot, "no-publicity-supplies-services").applies == "no"
        assert judge(lot, "formal-procedure-supplies-services").applies == "yes"
        # The scheme's target is about each contract: 60 000 is not above 90 000.
        assert judge(lot, "smart-environment").applies == "no"

    def test_other_lots_that_are_not_known_leave_it_open(self) -> None:
        lot = replace(WORKS, purchase="supplies-services", need_high_eur=None)
        found = judge(lot, "formal-procedure-supplies-services")
        assert found.applies == "unknown" and "au moins 95" in found.why_fr
        # 95 000 at least is enough for the bulletin.
        assert judge(lot, "boamp").applies == "yes"

    def test_an_amount_that_is_not_stated_leaves_it_open(self) -> None:
        blank = replace(WORKS, amount_eur=None, need_low_eur=None, need_high_eur=None)
        for rule in ("no-publicity-works", "boamp-works", "essential-data", "smart-environment"):
            assert judge(blank, rule).applies == "unknown"
        # What has no threshold is known all the same.
        assert judge(blank, "environmental-criterion").applies == "yes"


class TestPurchases:
    @pytest.mark.parametrize(
        ("cpv", "purchase"),
        [
            ("45000000-7", "works"),
            ("45316110", "works"),
            ("09310000-5", "supplies-services"),
            ("90511100-3", "supplies-services"),
            ("", None),
            (None, None),
            ("45", None),
            ("00000000", None),
            ("abcdefgh", None),
        ],
    )
    def test_works_are_division_45(self, cpv: str | None, purchase: str | None) -> None:
        assert purchase_of_cpv(cpv) == purchase

    def test_a_concession_is_judged_as_one(self) -> None:
        concession = of_amount(replace(WORKS, kind="concession"), 6_000_000)
        assert judge(concession, "formal-procedure-concession").applies == "yes"
        assert judge(concession, "formal-procedure-works").in_scope == "no"
        assert judge(concession, "boamp").in_scope == "no"
        assert judge(concession, "environmental-criterion").applies == "yes"

    def test_a_purchase_of_unknown_nature_is_open_where_natures_differ(self) -> None:
        blank = of_amount(replace(WORKS, purchase=None), 80_000)
        assert judge(blank, "no-publicity-works").applies == "unknown"
        assert "nature non renseignée" in judge(blank, "no-publicity-works").why_fr
        # Works or supplies, 80 000 is far from 5 404 000.
        assert judge(blank, "formal-procedure-works").applies == "no"

    def test_a_kind_that_is_not_stated_may_be_a_concession(self) -> None:
        blank = of_amount(replace(WORKS, kind=None), 120_000)
        assert judge(blank, "boamp-works").applies == "unknown"
        assert judge(blank, "smart-environment").applies == "yes"


class TestDays:
    @pytest.mark.parametrize("rule", ["environmental-criterion", "environmental-condition"])
    def test_the_day_before_and_the_day_of(self, rule: str) -> None:
        assert judge(launched(WORKS, date(2026, 8, 21)), rule).applies == "no"
        assert judge(launched(WORKS, date(2026, 8, 22)), rule).applies == "yes"

    def test_price_alone_is_open_before_and_refused_from_then_on(self) -> None:
        # Before: for standardised purchases only, which no register states. Never for works.
        supplies = replace(WORKS, purchase="supplies-services")
        early = judge(launched(supplies, date(2026, 8, 21)), "price-only")
        assert (early.applies, early.outcome, early.effect) == ("unknown",) * 2 + ("conditional",)
        assert "condition" in early.why_fr and "condition" in early.why_en
        late = judge(launched(supplies, date(2026, 8, 22)), "price-only")
        assert (late.applies, late.outcome) == ("yes", "refused")
        # Whether it was allowed or refused is not known: that is no « yes ».
        assert judge(launched(supplies, None), "price-only").applies == "unknown"
        for day in (date(2025, 1, 1), date(2026, 9, 1), None):
            assert judge(launched(WORKS, day), "price-only-works").outcome == "refused"
            assert judge(launched(WORKS, day), "price-only").in_scope == "no"

    def test_rows_that_say_opposite_things_leave_it_open(self) -> None:
        may, must_not = rows_of("price-only")
        table = (replace(may, effect="allowed"), must_not)
        facts = launched(replace(WORKS, purchase="supplies-services"), None)
        (found,) = judge_contract(facts, table)
        assert [each.applies for each in found.alternatives] == ["yes", "yes"]
        assert found.applies == "unknown" and found.outcome == "unknown"

    def test_what_a_rule_comes_to(self) -> None:
        told = {each.rule: each.outcome for each in judge_contract(WORKS)}
        assert told["life-cycle-cost"] == "allowed"
        assert told["company-certificate"] == "refused"
        assert told["environmental-criterion"] == "yes"
        assert told["formal-procedure-works"] == "no"

    def test_without_a_launch_both_answers_are_shown(self) -> None:
        # Notified on 2 November 2026: launched before it, so before or after 22 August.
        found = judge(launched(WORKS, None), "environmental-criterion")
        assert found.applies == "unknown" and found.value is None
        assert found.date_kind == "before-notification"
        assert [(each.value, each.applies) for each in found.alternatives] == [
            ("optional", "no"),
            ("required", "yes"),
        ]
        assert "02/11/2026" in found.why_fr and "21/08/2026" in found.why_fr
        assert "2026-11-02" in found.why_en

    def test_a_notification_before_the_rule_settles_it(self) -> None:
        early = replace(
            launched(WORKS, None),
            notification_date=date(2026, 8, 21), awarded_date=date(2026, 8, 21),
        )  # fmt: skip
        assert judge(early, "environmental-criterion").applies == "no"
        late = replace(early, notification_date=date(2026, 8, 22), awarded_date=date(2026, 8, 22))
        assert judge(late, "environmental-criterion").applies == "unknown"

    def test_a_launch_is_at_most_twenty_four_months_before_the_notification(self) -> None:
        # A judgement of the project, in the table of thresholds.
        first, last, kind = launch_window(launched(WORKS, None))
        assert (first, last) == (date(2024, 11, 2), date(2026, 11, 2))
        assert kind == "before-notification"
        leap = replace(launched(WORKS, None), awarded_date=date(2026, 8, 31))
        assert launch_window(leap)[0] == date(2024, 8, 31)
        leap = replace(leap, awarded_date=date(2028, 2, 29))
        assert launch_window(leap)[0] == date(2026, 2, 28)

    def test_answers_that_agree_are_given_without_a_launch(self) -> None:
        # 95 000 € of works: below 5 538 000 as below 5 404 000.
        found = judge(launched(WORKS, None), "formal-procedure-works")
        assert found.applies == "no" and len(found.alternatives) == 2

    def test_without_any_day_the_rules_of_all_days_count(self) -> None:
        undated = replace(WORKS, launch_date=None, notification_date=None, awarded_date=None)
        assert judge(undated, "environmental-criterion").applies == "unknown"
        assert judge(undated, "essential-data").applies == "unknown"
        assert judge(undated, "life-cycle-cost").applies == "yes"
        assert "aucune date connue" in judge(undated, "life-cycle-cost").why_fr.lower()

    def test_a_launch_after_the_notification_is_no_launch(self) -> None:
        wrong = launched(WORKS, date(2027, 1, 1))
        found = judge(wrong, "environmental-criterion")
        assert found.applies == "unknown" and found.date_kind == "contradictory"
        assert "contradictoires" in found.why_fr

    def test_a_day_the_table_does_not_know_is_said(self) -> None:
        old = replace(
            WORKS, launch_date=date(2014, 1, 1),
            notification_date=date(2014, 3, 1), awarded_date=date(2014, 3, 1),
        )  # fmt: skip
        found = judge(old, "formal-procedure-works")
        assert found.applies == "unknown" and "la table n'a pas de ligne" in found.why_fr
        assert judge(old, "formal-procedure-concession").applies == "no"

    def test_essential_data_go_by_the_notification(self) -> None:
        # Launched in 2023 and notified on 2 January 2024: the format of 2024.
        contract = replace(
            WORKS, launch_date=date(2023, 9, 1),
            notification_date=date(2024, 1, 2), awarded_date=date(2024, 1, 2),
        )  # fmt: skip
        found = judge(contract, "essential-data")
        assert (found.value, found.date_kind) == ("45-fields", "notification")

    def test_a_subsequent_contract_has_the_launch_of_its_framework(self) -> None:
        # Framework launched in January 2026, order notified in November: no criterion demanded.
        order = replace(
            WORKS, kind="subsequent", launch_date=date(2026, 1, 10), awarded_date=date(2026, 4, 1)
        )
        found = judge(order, "environmental-criterion")
        assert found.applies == "no" and "accord-cadre" in found.why_fr
        orphan = replace(order, launch_date=None, awarded_date=None)
        assert judge(orphan, "environmental-criterion").applies == "unknown"


class TestDemands:
    def met(self, facts: ContractFacts, stated: dict[str, bool], rule: str) -> str:
        return next(
            each.met for each in check_demands(judge_contract(facts), stated) if each.rule == rule
        )

    def test_an_empty_tag_is_unknown_never_no(self) -> None:
        assert self.met(WORKS, {}, "environmental-criterion") == "unknown"
        criterion = {"environmental_criterion": False}
        assert self.met(WORKS, criterion, "environmental-criterion") == "no"
        criterion = {"environmental_criterion": True}
        assert self.met(WORKS, criterion, "environmental-criterion") == "yes"

    def test_one_of_several_tags_is_enough(self) -> None:
        rule = "smart-environment"
        assert self.met(WORKS, {"environmental_clause": True}, rule) == "yes"
        assert self.met(WORKS, {"environmental_clause": False}, rule) == "unknown"
        both = {"environmental_clause": False, "environmental_criterion": False}
        assert self.met(WORKS, both, rule) == "no"

    def test_nothing_is_missing_where_nothing_was_demanded(self) -> None:
        early = launched(WORKS, date(2025, 1, 1))
        stated = {"environmental_criterion": False, "environmental_clause": False}
        for rule in ("environmental-criterion", "smart-environment"):
            assert self.met(early, stated, rule) == "not-demanded"

    def test_where_the_rule_is_not_certain_a_no_is_no_breach(self) -> None:
        open_ = launched(WORKS, None)
        stated = {"environmental_criterion": False}
        assert self.met(open_, stated, "environmental-criterion") == "unknown"
        stated = {"environmental_criterion": True}
        assert self.met(open_, stated, "environmental-criterion") == "yes"


class TestThreeValued:
    """What is answered is true of every completion of what is not known."""

    DAYS = sorted(
        {
            day
            for each in load_dated_rules()
            for day in (each.valid_from, each.valid_to)
            if day is not None and date(2024, 1, 1) <= day <= date(2026, 12, 31)
        }
    )
    AMOUNTS = (30_000.0, 50_000.0, 89_999.0, 95_000.0, 218_000.0, 440_000.0, 5_450_000.0)

    @settings(max_examples=60, deadline=None)
    @given(
        st.sampled_from([None, "contract", "concession"]),
        st.sampled_from([None, "works", "supplies-services"]),
        st.sampled_from([None, *AMOUNTS]),
        st.sampled_from([None, *DAYS]),
        st.sampled_from([None, "local-authority", "contracting-entity"]),
        st.data(),
    )
    def test_a_completion_never_contradicts(
        self,
        kind: str | None,
        purchase: str | None,
        amount: float | None,
        launch: date | None,
        buyer: str | None,
        data: st.DataObject,
    ) -> None:
        notified = date(2026, 12, 31)
        facts = ContractFacts(
            kind, purchase, amount, amount, amount, launch, notified, notified, buyer
        )
        pick = data.draw
        full_amount = amount or pick(st.sampled_from(self.AMOUNTS))
        complete = ContractFacts(
            kind or pick(st.sampled_from(["contract", "concession"])),
            purchase or pick(st.sampled_from(["works", "supplies-services"])),
            full_amount,
            full_amount,
            full_amount,
            launch or pick(st.sampled_from([*self.DAYS, notified - timedelta(days=700)])),
            notified,
            notified,
            buyer or pick(st.sampled_from(["local-authority", "contracting-entity", "state"])),
        )
        for before, after in zip(judge_contract(facts), judge_contract(complete), strict=True):
            assert after.applies != "unknown" or after.effect == "conditional"
            assert before.applies in ("unknown", after.applies), (before, after)
            assert before.in_scope in ("unknown", after.in_scope) or before.alternatives

    def test_each_judgement_says_why_in_both_languages(self) -> None:
        for each in judge_contract(launched(WORKS, None)):
            assert each.why_fr.endswith(".") and each.why_en.endswith(".")
            assert each.source and each.confidence_fr and each.confidence_en

    def test_rules_about_a_year_are_no_matter_of_one_contract(self) -> None:
        names = {each.rule for each in judge_contract(WORKS)}
        assert not names & {"spaser", "beges", "agec-quotas", "green-annex-axes"}
        assert all(rows_of(name)[0].date_of != "year" for name in names)
