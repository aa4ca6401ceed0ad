"""The scenario of the refuse-collection tender, by hand-calculated marks."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from lcc.cost.tender.documents.justification_letter import draft_letter
from lcc.cost.tender.evaluation.evaluate import evaluate_tender
from lcc.cost.tender.evaluation.results import TenderResult
from lcc.cost.tender.publication.freezing import ChangedRuleError, load_frozen, write_frozen
from lcc.cost.tender.publication.refusals import RefusedRuleError
from lcc.cost.tender.publication.tender_file import build_tender

sys.path.insert(0, str(Path(__file__).parent))
from refuse_collection import REJECTION, make_bids, make_content, make_rule, price_only


def marks(result: TenderResult, criterion: str) -> dict[str, float]:
    return {each.key: each.scores[criterion].points for each in result.lot().scored}


class TestMarks:
    RESULT = evaluate_tender(make_rule(), make_bids())

    def test_price_with_the_low_bid(self) -> None:
        # 40 × 62 / P: 62/100 → 24.80; 62/110 → 22.545; 62/130 → 19.077; 62/62 → 40.
        assert marks(self.RESULT, "price") == {"a": 24.80, "b": 22.55, "c": 19.08, "d": 40.00}

    def test_price_after_a_recorded_rejection(self) -> None:
        # 40 × 100 / P: 100/110 → 36.364; 100/130 → 30.769.
        after = evaluate_tender(make_rule(), make_bids(), decisions=[REJECTION])
        assert marks(after, "price") == {"a": 40.00, "b": 36.36, "c": 30.77}
        rejected = after.lot().result("d")
        assert rejected.status == "rejected-abnormally-low" and rejected.scores == {}
        assert rejected.decision == REJECTION and rejected.rank is None

    def test_jury(self) -> None:
        # 35 × n / 20.
        expected = {"a": 26.25, "b": 28.00, "c": 31.50, "d": 15.75}
        assert marks(self.RESULT, "technique") == expected

    def test_tonnes_and_a_certificate_that_earns_nothing(self) -> None:
        # 25 × 0.45 / c for what is driven alike: 0.50 → 22.5; 0.45 → 25; 0.55 → 20.4545. C's 0.40
        # would be the best: it is proven for the company only, earns nothing and refers to nothing.
        assert marks(self.RESULT, "co2") == {"a": 22.50, "b": 25.00, "c": 0.00, "d": 20.45}
        score = self.RESULT.lot().result("c").scores["co2"]
        # 0.40 litre/km × 100 000 km × 7 years × 3.1 kg = 868 t.
        assert score.value == pytest.approx(868.0) and score.unit == "tCO2e"
        assert "certificat-carbone.pdf" in score.reason and "417580" in score.reason

    def test_totals_and_ranks(self) -> None:
        totals = {each.key: (each.rank, each.total_points) for each in self.RESULT.lot().scored}
        # A 24.80 + 26.25 + 22.50; B 22.55 + 28 + 25; C 19.08 + 31.50; D 40 + 15.75 + 20.45.
        assert totals == {"d": (1, 76.20), "b": (2, 75.55), "a": (3, 73.55), "c": (4, 50.58)}
        assert self.RESULT.lot().winners == ("d",)

    def test_the_lead_adds_up(self) -> None:
        lead = self.RESULT.lot().lead()
        assert lead == {"price": 17.45, "technique": -12.25, "co2": -4.55}
        assert sum(lead.values()) == pytest.approx(76.20 - 75.55)

    def test_the_incomplete_bid_waits_for_the_buyer(self) -> None:
        waiting = self.RESULT.lot().result("e")
        assert waiting.status_text == "à régulariser ou à écarter : l'acheteur décide"
        assert waiting.scores == {} and waiting.total_points is None
        assert [(each.kind, each.key) for each in waiting.missing] == [("value", "consumption")]
        assert waiting.decision is None

    def test_tables_and_json(self) -> None:
        table = self.RESULT.scores_table()
        assert list(table.columns) == ["label", "criterion", "points"] and len(table) == 12
        assert table["points"].sum() == pytest.approx(76.20 + 75.55 + 73.55 + 50.58)
        content = json.loads(json.dumps(self.RESULT.to_json()))
        assert content["lots"][0]["winners"] == ["d"]
        assert self.RESULT.ranking_table()["rank"].tolist()[:4] == [1, 2, 3, 4]


class TestLowBid:
    def test_it_is_flagged_and_still_ranked(self) -> None:
        lot = evaluate_tender(make_rule(), make_bids()).lot()
        assert [flag.bid for flag in lot.flags] == ["d"]
        flag = lot.flags[0]
        # Mean of the others 113 333.33: 1 − 62/113.33 = 45.3 %; next bid: 1 − 62/100 = 38 %.
        assert flag.gaps["mean-of-others"] == pytest.approx(1 - 62 / (340 / 3))
        assert flag.gaps["next-bid"] == pytest.approx(0.38)
        assert lot.result("d").rank == 1 and "reste classée" in flag.conclusion

    def test_the_letter_asks_and_tells_no_other_price(self) -> None:
        rule, bids = make_rule(), make_bids()
        flag = evaluate_tender(rule, bids).lot().flags[0]
        letter = json.dumps(draft_letter(rule, bids[3], flag), ensure_ascii=False)
        assert "Entreprise D" in letter and "62\u202f000,00" in letter
        assert "R2152-3" in letter and "votre offre reste examinée" in letter
        for secret in ("100", "110", "130", "113"):
            assert f"{secret}\u202f" not in letter
        assert "Entreprise A" not in letter


class TestFrozenRule:
    def test_the_hash_of_the_annex_is_that_of_the_evaluation(self, tmp_path: Path) -> None:
        write_frozen(make_rule(), tmp_path)
        frozen = load_frozen(tmp_path)
        result = evaluate_tender(make_rule(), make_bids(), frozen=frozen)
        assert frozen.hash == result.hash == result.frozen_hash == make_rule().hash
        assert result.stamp is None and result.changes == ()

    def test_a_weight_changed_after_the_opening(self, tmp_path: Path) -> None:
        frozen = load_frozen(write_frozen(make_rule(), tmp_path))
        content = make_content()
        content["criteria"][0]["weight"], content["criteria"][1]["weight"] = 45, 30
        changed = build_tender(content, file="collecte.toml")
        with pytest.raises(ChangedRuleError) as caught:
            evaluate_tender(changed, make_bids(), frozen=frozen)
        assert [str(each) for each in caught.value.changes] == [
            "criteria[price].weight: was 40, is 45",
            "criteria[technique].weight: was 35, is 30",
        ]
        forced = evaluate_tender(changed, make_bids(), frozen=frozen, force=True)
        assert forced.stamp == "simulation, non opposable"
        assert forced.to_json()["stamp"] == forced.stamp
        assert forced.hash != forced.frozen_hash == frozen.hash


class TestTraps:
    def test_a_formula_that_neutralises_the_price(self) -> None:
        content = price_only("expression", expression="10/3 × (7 − P/P0)", scale=20)
        with pytest.raises(RefusedRuleError) as caught:
            build_tender(content)
        first = caught.value.findings[0]
        assert first.practice == "compressed" and first.case is not None
        assert first.case.case == "CE 373362" and "373362" in str(caught.value)
        # 10/3 × 6 = 20; 10/3 × 5 = 16.67.
        assert first.numbers["best"] == pytest.approx(20)
        assert first.numbers["double"] == pytest.approx(50 / 3)
        assert "20.00 to 16.67" in str(caught.value)

    def test_a_formula_that_can_go_negative(self) -> None:
        # W × (2 − P/P0): a bid three times the lowest has −W.
        content = price_only("expression", expression="W * (2 - P/P_min)")
        with pytest.raises(RefusedRuleError, match="362532") as caught:
            build_tender(content)
        assert caught.value.findings[0].practice == "negative-mark"

    @pytest.mark.parametrize(
        ("launched", "kind", "standardised", "accepted"),
        [
            ("2026-09-01", "supplies", True, False),
            ("2026-08-22", "supplies", True, False),
            ("2026-08-21", "supplies", True, True),
            ("2026-07-01", "supplies", True, True),
            ("2026-07-01", "services", True, True),
            ("2026-07-01", "works", True, False),
            ("2026-07-01", "supplies", False, False),
        ],
    )
    def test_the_price_as_the_only_criterion(
        self, launched: str, kind: str, standardised: bool, accepted: bool
    ) -> None:
        content = price_only()
        content["criteria"] = [{**content["criteria"][0], "weight": 100}]
        content["consultation"] = {
            **content["consultation"],
            "launched": launched,
            "purchase_kind": kind,
            "standardised": standardised,
        }
        if not accepted:
            with pytest.raises(RefusedRuleError, match="R2152-7"):
                build_tender(content)
            return
        (note,) = build_tender(content).notes
        assert "standardisés" in note and "seul critère" in note

    def test_the_decree_and_the_act_differ_by_a_day_and_it_is_said(self) -> None:
        content = price_only()
        content["criteria"] = [{**content["criteria"][0], "weight": 100}]
        with pytest.raises(RefusedRuleError) as caught:
            build_tender(content)
        sentence = caught.value.findings[0].sentence
        assert "22 août 2026" in sentence and "le 21" in sentence

    def test_permuting_bids_changes_nothing(self) -> None:
        straight = evaluate_tender(make_rule(), make_bids())
        turned = evaluate_tender(make_rule(), make_bids()[::-1])
        assert straight.to_json() == turned.to_json()

    def test_a_decision_is_only_that_of_its_bid(self) -> None:
        kept = replace(REJECTION, decision="keep", reason="Justifications suffisantes.")
        lot = evaluate_tender(make_rule(), make_bids(), decisions=[kept]).lot()
        assert lot.result("d").status == "scored" and lot.result("d").decision == kept
