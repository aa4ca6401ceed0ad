"""One contract as its register and the law of its day know it; a hand-made register."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from lcc.errors import FieldError
from lcc.indicators.one_contract import contract_in_indicators
from lcc.register.dossier import describe_contract
from lcc.register.facts import contract_facts, find_contract
from lcc.register.open import open_register
from lcc.tables import load_reference

sys.path.insert(0, str(Path(__file__).parent))
from contracts import AFTER, BUYER, hand_register

REGISTER = hand_register()


class TestFacts:
    def test_the_need_is_the_sum_of_the_lots(self) -> None:
        # 60 000 + 5 400 000.
        facts = contract_facts(REGISTER, "LOT-1")
        assert (facts.need_low_eur, facts.need_high_eur) == (5_460_000, 5_460_000)
        assert (facts.amount_eur, facts.purchase, facts.launch_date) == (60_000, "works", AFTER)

    def test_a_lot_without_an_amount_leaves_the_need_open(self) -> None:
        facts = contract_facts(REGISTER, "LOT-4")
        assert (facts.amount_eur, facts.need_low_eur, facts.need_high_eur) == (None, 10_000, None)

    def test_an_amount_of_nothing_is_not_known(self) -> None:
        # A framework agreement without a maximum, published with 0, or 1 as the format of 2022
        # asks for (its schema: minimum 1): it is below no threshold.
        facts = contract_facts(REGISTER, "SANS-MAX")
        assert (facts.amount_eur, facts.need_low_eur, facts.need_high_eur) == (None, None, None)
        rows = describe_contract(REGISTER, "SANS-MAX").rules().set_index("rule")
        for rule in ("no-publicity-supplies-services", "essential-data", "smart-environment"):
            assert rows.at[rule, "outcome"] == "unknown"

    def test_what_fills_the_field_of_an_amount_is_no_amount(self) -> None:
        # 60 000 € and the 12 311 111 111 of decp.info: the need is 60 000 € at least, no more.
        contracts = REGISTER.contracts.copy()
        contracts.loc[contracts["contract"] == "LOT-2", "amount_eur"] = 12_311_111_111.0
        register = replace(REGISTER, contracts=contracts)
        facts = contract_facts(register, "LOT-1")
        assert (facts.need_low_eur, facts.need_high_eur) == (60_000, None)
        assert contract_facts(register, "LOT-2").amount_eur is None

    def test_without_a_consultation_other_lots_may_come_on_top(self) -> None:
        facts = contract_facts(REGISTER, "SEUL")
        assert (facts.need_low_eur, facts.need_high_eur) == (120_000, None)
        assert facts.purchase == "supplies-services"

    def test_a_subsequent_contract_is_judged_at_its_framework(self) -> None:
        facts = contract_facts(REGISTER, "MS")
        assert facts.launch_date == date(2026, 3, 2) and facts.awarded_date == date(2026, 6, 1)
        assert facts.notification_date == date(2026, 11, 1)
        assert (facts.amount_eur, facts.need_low_eur, facts.need_high_eur) == (
            50_000, 900_000, 900_000,
        )  # fmt: skip

    def test_without_its_framework_nothing_of_the_launch_is_known(self) -> None:
        facts = contract_facts(REGISTER, "MS-SEUL")
        assert (facts.launch_date, facts.awarded_date, facts.need_low_eur) == (None, None, None)
        assert facts.amount_eur == 50_000

    def test_what_is_not_stated_is_not_known(self) -> None:
        facts = contract_facts(REGISTER, "DEUX", buyer_id=BUYER, buyer_kind=None)
        assert facts.purchase is None and facts.amount_eur is None and facts.buyer_kind is None

    def test_a_contract_that_is_not_there(self) -> None:
        with pytest.raises(FieldError, match=r"LOT-9[\s\S]*LOT-1, LOT-2"):
            find_contract(REGISTER, "LOT-9")

    def test_a_number_that_two_buyers_have(self) -> None:
        with pytest.raises(FieldError, match="several buyers") as caught:
            find_contract(REGISTER, "DEUX")
        assert BUYER in str(caught.value) and "SIRET" in str(caught.value)
        assert find_contract(REGISTER, "DEUX", BUYER)["buyer_id"] == BUYER
        with pytest.raises(FieldError, match="this buyer has no contract") as caught:
            find_contract(REGISTER, "DEUX", "99999999999999")
        assert BUYER in str(caught.value)


class TestInIndicators:
    """Which indicators of contracts it counts in, as published (amounts above 90 000 €)."""

    def of(self, number: str, **more: object) -> dict[str, str]:
        row = find_contract(REGISTER, number)
        table = contract_in_indicators(REGISTER, row, **more).set_index("indicator")
        return table["membership"].to_dict()

    def test_a_lot_of_sixty_thousand_is_outside_those_above_ninety(self) -> None:
        found = self.of("LOT-1")
        assert found["social-clause"] == "outside"
        assert found["environmental-consideration"] == "outside"

    def test_a_tag_that_is_stated_counts_and_one_that_is_not_may(self) -> None:
        # 120 000 €, environmental criterion stated yes, social clause not stated.
        found = self.of("SEUL")
        assert found["environmental-consideration"] == "counts"
        assert found["environmental-criterion"] == "counts"
        assert found["social-clause"] == "unknown"
        row = find_contract(REGISTER, "SEUL")
        missing = contract_in_indicators(REGISTER, row).set_index("indicator")["missing"]
        assert missing["social-clause"] == "social_clause"

    def test_without_a_region_no_indicator_of_a_region(self) -> None:
        assert "local-awardees" not in self.of("SEUL")
        assert self.of("SEUL", region="32")["local-awardees"] == "unknown"

    def test_without_a_notification_it_counts_in_no_known_year(self) -> None:
        assert self.of("LOT-2") == {}


class TestDossier:
    FOUND = describe_contract(REGISTER, "LOT-1")

    def test_a_field_is_known_unknown_or_disputed(self) -> None:
        rows = self.FOUND.identity().set_index("field")
        assert rows.at["cpv", "state"] == "known"
        assert rows.at["framework", "state"] == "unknown"
        assert rows.at["directorate", "state"] == "disagree"
        assert rows.at["directorate", "value"] is None
        assert rows.at["directorate", "stated"] == (
            "Voirie (registre.csv, l.\u00a02) ; Espaces publics (marches.json, l.\u00a01)"
        )

    def test_a_tag_is_yes_no_unknown_or_disputed(self) -> None:
        rows = self.FOUND.considerations().set_index("tag")
        assert list(rows.index) == (
            load_reference("procurement_map", "contract_tags")["tag"].to_pylist()
        )
        assert rows.at["environmental_clause", "state"] == "yes"
        assert rows.at["environmental_criterion", "state"] == "no"
        assert rows.at["reserved", "state"] == "unknown"
        assert rows.at["social_clause", "state"] == "disagree"
        assert "oui (registre.csv, l.\u00a02)" in rows.at["social_clause", "stated_fr"]
        assert "no (marches.json, l.\u00a01)" in rows.at["social_clause", "stated_en"]
        assert rows.at["environmental_clause", "stated_fr"] == "registre.csv"

    def test_what_the_law_demanded_against_what_is_stated(self) -> None:
        # Launched on 15 September 2026: criterion and clause demanded, the need of 5 460 000 €
        # is above 5 404 000 €, so a social clause too, of which sources disagree; the scheme's
        # target is about contracts above 90 000 €, and this lot has 60 000 €.
        rows = self.FOUND.demands_table().set_index("rule")
        assert rows["met"].to_dict() == {
            "environmental-criterion": "no",
            "environmental-condition": "yes",
            "social-condition-works": "unknown",
            "smart-environment": "not-demanded",
        }
        assert rows.at["smart-environment", "tags_fr"] == (
            "Clause environnementale ou Critère environnemental"
        )

    def test_rules_for_other_purchases_are_left_out(self) -> None:
        shown, every = self.FOUND.rules(), self.FOUND.rules(every=True)
        assert "formal-procedure-concession" not in set(shown["rule"])
        assert len(every) > len(shown)
        formal = shown.set_index("rule").loc["formal-procedure-works"]
        assert formal["outcome"] == "yes" and "5 460 000" in formal["why_fr"].replace("\u202f", " ")
        assert formal["date_used"] == AFTER

    def test_nothing_demanded_reads_so(self) -> None:
        rows = describe_contract(REGISTER, "MS").rules().set_index("rule")
        assert rows.at["environmental-criterion", "outcome"] == "nothing"

    def test_days_of_the_contract(self) -> None:
        rows = self.FOUND.moments().set_index("kind")
        assert rows.at["launch", "date"] == AFTER
        # 24 months from 1 December 2026: the last day is 30 November 2028.
        assert rows.at["performance", "date_end"] == date(2028, 11, 30)
        assert rows.at["modification", "date"] == date(2027, 3, 1)
        window = describe_contract(REGISTER, "SEUL").moments().set_index("kind")
        assert window.at["launch-window", "date_end"] == date(2026, 10, 1)
        assert "performance" not in window.index
        assert len(describe_contract(REGISTER, "MS-SEUL").moments()) == 1

    def test_periods_are_those_of_rules_that_change(self) -> None:
        periods = self.FOUND.periods()
        criterion = periods[periods["rule"] == "environmental-criterion"]
        assert list(criterion["text_fr"]) == ["rien d'exigé", "exigé"]
        assert "company-certificate" not in set(periods["rule"])

    def test_a_contract_without_a_label_is_named_by_its_number(self) -> None:
        assert self.FOUND.title == "Voirie, lot 1"
        assert describe_contract(REGISTER, "SEUL").title == "SEUL"


def test_contracts_of_a_published_file(real_data: Path) -> None:
    """Five contracts of 2024: expected answers from the raw amounts and codes of the file."""
    path = real_data / "decp" / "json_2022" / "decp-59920013600241-2024-07-09-01.json"
    if not path.is_file():
        pytest.skip(f"no file {path.name}")
    raw = json.loads(path.read_text(encoding="utf-8"))["marches"]["marche"]
    register = open_register([path])
    assert len(register.contracts) == len(raw) == 5
    for each in raw:
        rules = describe_contract(register, each["id"]).rules().set_index("rule")
        amount = float(each["montant"])
        # Notified in 2024: 45 fields from 40 000 € on; nothing environmental was demanded yet.
        assert rules.at["essential-data", "outcome"] == ("yes" if amount >= 40_000 else "no")
        assert rules.at["environmental-criterion", "outcome"] == "nothing"
        assert each["codeCPV"].startswith("45") == ("formal-procedure-works" in rules.index)
