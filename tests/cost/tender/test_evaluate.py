"""Evaluation: amounts, lots, parts, variants, jury, carbon and cost criteria, degenerate cases."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lcc.cost.tender.bids.bid import Bid, Evidence
from lcc.cost.tender.bids.decisions import Decision
from lcc.cost.tender.bids.jury import build_jury, jury_form, load_jury, with_jury
from lcc.cost.tender.comparison.amounts import calc_amount
from lcc.cost.tender.evaluation.evaluate import evaluate_tender
from lcc.cost.tender.evaluation.results import LotResult
from lcc.cost.tender.publication.tender_file import build_tender
from lcc.cost.tender.rule.published import Tender
from lcc.errors import FieldError

sys.path.insert(0, str(Path(__file__).parent))
from form_cases import fill
from refuse_collection import (
    CERTIFICATE,
    MEASURED,
    REJECTION,
    make_bid,
    make_bids,
    make_content,
    make_content_with_carbon_value,
    make_rule,
    price_only,
)


def points(lot: LotResult, criterion: str) -> dict[str, float]:
    return {each.key: each.scores[criterion].points for each in lot.scored}


def priced(key: str, price: float | None, mark: float | None = 10.0, **others: Any) -> Bid:
    return Bid(key, key.upper(), {"price": price}, jury={"technique": mark}, file=key, **others)


class TestAmounts:
    @staticmethod
    def rule(**sections: Any) -> Tender:
        content = make_content(**sections)
        content["quantities"] = [
            {"key": "levee", "label": "Levée", "quantity": 1000, "unit": "item"},
            {"key": "tonne", "label": "Tonne", "quantity": 50, "unit": "tonne"},
            {"key": "verre", "label": "Verre", "quantity": 200, "unit": "item", "part": "verre"},
            {"key": "papier", "label": "Papier", "quantity": 10, "unit": "item",
             "part": "papier"},
        ]  # fmt: skip
        content["options"] = [
            {"key": "verre", "label": "Verre", "compared": True},
            {"key": "papier", "label": "Papier", "compared": False},
        ]
        return build_tender(content)

    BID = replace(
        make_bid("a", 1000, 0.5),
        unit_prices={"levee": 2.0, "tonne": 30.0, "verre": 1.5, "papier": 9.0},
    )

    def test_unit_prices_times_published_quantities(self) -> None:
        amount = calc_amount(self.rule(), self.BID)
        assert amount is not None
        # 2 × 1000 + 30 × 50 = 3500; glass 1.5 × 200 = 300 is compared; paper 90 is not.
        assert amount.base_eur == 3500 and amount.compared_eur == 3800
        assert amount.parts_eur == {"verre": 300, "papier": 90}

    def test_a_missing_unit_price_is_never_completed(self) -> None:
        bid = replace(self.BID, unit_prices={**self.BID.unit_prices, "tonne": None})
        lot = evaluate_tender(self.rule(), [bid, replace(self.BID, key="b", file="b")]).lot()
        assert lot.result("a").status == "to-be-regularised"
        assert [(each.kind, each.key) for each in lot.result("a").missing] == [
            ("unit-price", "tonne")
        ]
        with pytest.raises(FieldError, match="lacks an amount"):
            calc_amount(self.rule(), bid)

    def test_a_part_that_is_not_compared_may_be_left_out(self) -> None:
        bid = replace(self.BID, unit_prices={**self.BID.unit_prices, "papier": None})
        assert evaluate_tender(self.rule(), [bid]).lot().result("a").status == "scored"
        bid = replace(self.BID, unit_prices={**self.BID.unit_prices, "verre": None})
        assert evaluate_tender(self.rule(), [bid]).lot().result("a").status != "scored"

    def test_tranches_given_as_fields(self) -> None:
        content = price_only()
        content["fields"]["tc1"] = {"label": "Tranche optionnelle 1", "unit": "EUR"}
        content["tranches"] = [
            {"key": "tf", "label": "Tranche ferme", "firm": True},
            {"key": "tc1", "label": "Tranche optionnelle 1", "compared": True, "field": "tc1"},
        ]
        bids = [
            Bid("a", "A", {"price": 100.0, "tc1": 60.0}, jury={"technique": 10.0}),
            Bid("b", "B", {"price": 120.0, "tc1": 20.0}, jury={"technique": 10.0}),
        ]
        lot = evaluate_tender(build_tender(content), bids).lot()
        # 160 against 140: 40 × 140/160 = 35.
        assert points(lot, "price") == {"a": 35.0, "b": 40.0}

    @pytest.mark.parametrize("section", ["options", "tranches"])
    def test_the_rule_says_whether_a_part_is_compared(self, section: str) -> None:
        content = price_only()
        content[section] = [{"key": "x", "label": "X"}]
        with pytest.raises(FieldError, match="compared = true"):
            build_tender(content)

    @settings(max_examples=30, deadline=None)
    @given(st.floats(0.01, 100), st.lists(st.floats(1, 1e6), min_size=2, max_size=5))
    def test_scaling_all_prices_changes_no_mark(self, scale: float, prices: list[float]) -> None:
        rule = build_tender(price_only())
        plain = [priced(f"b{i}", price) for i, price in enumerate(prices)]
        scaled = [priced(f"b{i}", scale * price) for i, price in enumerate(prices)]
        marks = [points(evaluate_tender(rule, bids).lot(), "price") for bids in (plain, scaled)]
        # Rounded to the hundredth: a half may fall on either side.
        assert marks[0] == pytest.approx(marks[1], abs=0.0101)


class TestLots:
    def rule(self) -> Tender:
        content = price_only()
        content["consultation"] = {
            **content["consultation"],
            "lots": [{"key": "nord", "label": "Nord"}, {"key": "sud", "label": "Sud"}],
        }
        return build_tender(content)

    def test_each_is_evaluated_alone(self) -> None:
        bids = [
            priced("a", 100.0, lot="nord"),
            priced("b", 200.0, lot="nord"),
            priced("c", 1_000_000.0, lot="sud"),
        ]
        result = evaluate_tender(self.rule(), bids)
        assert points(result.lot("nord"), "price") == {"a": 40.0, "b": 20.0}
        assert points(result.lot("sud"), "price") == {"c": 40.0}
        assert [each.lot for each in result.lots] == ["nord", "sud"]
        content = result.to_json()
        assert "total_points" not in content and len(content["lots"]) == 2

    def test_a_bid_of_one_lot_moves_no_mark_of_another(self) -> None:
        north = [priced("a", 100.0, lot="nord"), priced("b", 200.0, lot="nord")]
        alone = evaluate_tender(self.rule(), north).lot("nord")
        beside = evaluate_tender(self.rule(), [*north, priced("c", 5.0, lot="sud")]).lot("nord")
        assert alone.to_json() == beside.to_json()

    def test_a_lot_without_a_bid(self) -> None:
        lot = evaluate_tender(self.rule(), [priced("a", 100.0, lot="nord")]).lot("sud")
        assert lot.results == () and lot.winners == ()

    @pytest.mark.parametrize("lot", [None, "est"])
    def test_a_bid_for_no_lot(self, lot: str | None) -> None:
        with pytest.raises(FieldError, match="no lot"):
            evaluate_tender(self.rule(), [priced("a", 100.0, lot=lot)])


class TestVariants:
    BIDS = (priced("a", 100.0), priced("a-bis", 80.0, variant_of="a"))

    def test_refused_where_the_rule_admits_none(self) -> None:
        with pytest.raises(FieldError, match="admits no variant") as caught:
            evaluate_tender(build_tender(price_only()), self.BIDS)
        assert caught.value.field == "bid.variant_of"

    def test_a_bid_of_its_own_where_admitted(self) -> None:
        content = {**price_only(), "variants": {"admitted": True, "requirements": "Annexe 2."}}
        lot = evaluate_tender(build_tender(content), self.BIDS).lot()
        assert points(lot, "price") == {"a-bis": 40.0, "a": 32.0}
        assert lot.result("a-bis").to_json()["variant_of"] == "a"


class TestJury:
    def test_a_missing_mark_names_bid_and_criterion(self) -> None:
        bids = [priced("a", 100.0), priced("b", 120.0, None)]
        with pytest.raises(FieldError, match="the jury gave no mark") as caught:
            evaluate_tender(build_tender(price_only()), bids)
        assert caught.value.field == "marks.b.technique" and "Technique" in str(caught.value)
        assert caught.value.file == "the jury's marks"

    def test_a_missing_mark_names_the_jury_s_file_and_its_cell(self, tmp_path: Path) -> None:
        rule = build_tender(price_only())
        bids = [priced("a", 100.0), priced("b", 120.0, None)]
        given = {"marks": {"a": {"technique": 12}}}
        marked = with_jury(bids, build_jury(given, rule, bids, file="jury.toml"))
        with pytest.raises(FieldError) as caught:
            evaluate_tender(rule, marked)
        assert (caught.value.file, caught.value.field) == ("jury.toml", "marks.b.technique")
        form = fill(jury_form(rule, bids), tmp_path / "jury.xlsx", {"mark:a": 12}, sheet="Jury")
        with pytest.raises(FieldError) as caught:
            evaluate_tender(rule, with_jury(bids, load_jury(form, rule, bids)))
        assert (caught.value.file, caught.value.field) == ("jury.xlsx", "Jury!D5")
        assert "bid b (" in str(caught.value)

    def test_a_decision_on_an_unknown_bid_tells_keys_and_names(self) -> None:
        bids = [priced("a", 100.0), priced("b", 120.0)]
        with pytest.raises(FieldError, match=r"a \(.+\), b \(") as caught:
            evaluate_tender(
                build_tender(price_only()), bids, decisions=[replace(REJECTION, bid="A")]
            )
        assert caught.value.found == "A"

    @pytest.mark.parametrize("mark", [-1.0, 20.5, float("nan")])
    def test_a_mark_off_its_scale(self, mark: float) -> None:
        with pytest.raises(FieldError, match="off its scale") as caught:
            evaluate_tender(build_tender(price_only()), [priced("a", 100.0, mark)])
        assert caught.value.expected is not None and "0 to 20" in caught.value.expected

    def test_no_mark_is_asked_for_a_bid_that_is_not_marked(self) -> None:
        bids = [priced("a", 100.0), priced("b", None, None)]
        lot = evaluate_tender(build_tender(price_only()), bids).lot()
        assert lot.result("b").status == "to-be-regularised"


class TestDegenerate:
    def test_a_single_bid(self) -> None:
        lot = evaluate_tender(build_tender(price_only()), [priced("a", 100.0)]).lot()
        assert points(lot, "price") == {"a": 40.0} and lot.lead() == {}
        assert "Une seule offre" in lot.notes[0] and lot.flags == ()

    @pytest.mark.parametrize("price", [0.0, -10.0])
    def test_a_zero_or_negative_price_stops_and_names_the_bid(self, price: float) -> None:
        bids = [priced("a", 100.0), priced("b", price)]
        with pytest.raises(FieldError, match="not defined for a bid") as caught:
            evaluate_tender(build_tender(price_only()), bids)
        assert caught.value.field == "b.price" and "linear-bounds" in str(caught.value)

    def test_the_buyer_may_decide_of_it(self) -> None:
        bids = [priced("a", 100.0), priced("b", 0.0)]
        aside = Decision("b", "set-aside", "Prix nul : offre inacceptable.", date(2026, 11, 3))
        lot = evaluate_tender(build_tender(price_only()), bids, decisions=[aside]).lot()
        assert lot.winners == ("a",)
        assert lot.result("b").status_text == "écartée par décision de l'acheteur"

    def test_revenue_is_marked_between_bounds(self) -> None:
        rule = build_tender(price_only("linear-bounds", bounds=[-100, 100]))
        lot = evaluate_tender(rule, [priced("a", -50.0), priced("b", 50.0)]).lot()
        # 40 × (100 + 50)/200 = 30; 40 × 50/200 = 10.
        assert points(lot, "price") == {"a": 30.0, "b": 10.0}

    def test_two_bids_beyond_a_bound_are_told(self) -> None:
        rule = build_tender(price_only("linear-bounds", bounds=[80, 200]))
        lot = evaluate_tender(rule, [priced("a", 60.0), priced("b", 70.0)]).lot()
        assert points(lot, "price") == {"a": 40.0, "b": 40.0}
        assert any("au-delà d'une borne" in each for each in lot.notes)

    def test_two_bids_of_one_name_are_told(self) -> None:
        bids = [replace(each, name=" entreprise  X ") for each in make_bids()[:2]]
        lot = evaluate_tender(make_rule(), [*bids, make_bids()[3]]).lot()
        (note,) = [each for each in lot.notes if "même dénomination" in each]
        assert ": a, b." in note
        variant = replace(bids[1], variant_of="a")
        admitted = make_rule(variants={"admitted": True})
        notes = evaluate_tender(admitted, [bids[0], variant]).lot().notes
        assert not any("dénomination" in each for each in notes)

    def test_equal_totals_share_a_rank_and_the_buyer_decides(self) -> None:
        bids = [priced("b", 100.0), priced("a", 100.0), priced("c", 200.0)]
        lot = evaluate_tender(build_tender(price_only()), bids).lot()
        assert [(each.key, each.rank) for each in lot.scored] == [("a", 1), ("b", 1), ("c", 3)]
        assert lot.winners == ("a", "b") and any("Égalité" in each for each in lot.notes)

    def test_unless_the_rule_says_how(self) -> None:
        # A: 40 × 100/200 + 60 × 20/20 = 80; B: 40 + 60 × (40/3)/20 = 80.
        content = {**price_only(), "scoring": {"tie_break": "price"}}
        bids = [priced("a", 200.0, 20.0), priced("b", 100.0, 40 / 3)]
        lot = evaluate_tender(build_tender(content), bids).lot()
        assert {each.total_points for each in lot.scored} == {80.0}
        assert lot.winners == ("b",)

    def test_no_bid_at_all(self) -> None:
        assert evaluate_tender(build_tender(price_only()), []).lot().winners == ()


class TestStates:
    def test_a_decision_on_no_bid(self) -> None:
        with pytest.raises(FieldError, match="not there"):
            evaluate_tender(
                make_rule(), make_bids(), decisions=[Decision("z", "keep", "x", date(2026, 1, 1))]
            )

    def test_a_decision_older_than_the_consultation(self) -> None:
        early = Decision("d", "set-aside", "Motif.", date(2026, 9, 30))
        with pytest.raises(FieldError, match="older than the consultation") as caught:
            evaluate_tender(make_rule(), make_bids(), decisions=[early])
        assert caught.value.field == "decisions.date"
        assert caught.value.found == "2026-09-30, for d"

    def test_the_latest_decision_holds(self) -> None:
        decisions = [
            Decision("d", "reject-abnormally-low", "x", date(2026, 11, 20)),
            Decision("d", "keep", "Justifié.", date(2026, 11, 25)),
        ]
        for order in (decisions, decisions[::-1]):
            lot = evaluate_tender(make_rule(), make_bids(), decisions=order).lot()
            assert lot.result("d").status == "scored"

    def test_keeping_a_bid_completes_nothing(self) -> None:
        keep = Decision("e", "keep", "x", date(2026, 11, 20))
        lot = evaluate_tender(make_rule(), make_bids(), decisions=[keep]).lot()
        assert lot.result("e").status == "to-be-regularised"

    def test_missing_evidence_waits_and_may_be_passed_over(self) -> None:
        bare = make_bid("c", 130_000, 0.40, evidence={})
        bids = [make_bid("a", 100_000, 0.5), bare]
        lot = evaluate_tender(make_rule(), bids).lot()
        assert lot.result("c").status == "to-be-regularised"
        keep = Decision("c", "keep", "Pièce accessoire.", date(2026, 11, 20))
        score = evaluate_tender(make_rule(), bids, decisions=[keep]).lot().result("c").scores["co2"]
        assert score.points == 0 and "aucune preuve propre au marché" in score.reason

    def test_a_level_that_the_bidder_does_not_say_is_the_buyers_to_check(self) -> None:
        bid = make_bid("a", 100_000, 0.5, evidence={"consumption": Evidence(None, "x.pdf")})
        waiting = evaluate_tender(make_rule(), [bid]).lot().result("a")
        assert waiting.status == "to-be-regularised" and "à vérifier" in waiting.notes[0]
        keep = Decision("a", "keep", "La pièce porte sur nos tournées.", date(2026, 11, 20))
        checked = evaluate_tender(make_rule(), [bid], decisions=[keep]).lot().result("a")
        assert checked.status == "scored" and checked.scores["co2"].points > 0


class TestCarbonAndCost:
    def carbon(self, **criterion: Any) -> Tender:
        content = make_content()
        content["criteria"][2] = {
            "key": "co2", "label": "CO2", "weight": 25, "formula": "proportional",
            "method": "Périmètre et facteurs de l'annexe.", **criterion,
        }  # fmt: skip
        content["fields"]["tonnes"] = {
            "label": "Émissions", "unit": "kgCO2e", "evidence_level": "contract",
        }  # fmt: skip
        return build_tender(content)

    @staticmethod
    def bids(**company: bool) -> list[Bid]:
        proof = {**MEASURED, "tonnes": Evidence("contract", "note.pdf")}
        other = {**MEASURED, "tonnes": Evidence("company", "certificat.pdf")}
        found = []
        for key, price, kilograms in (("a", 100_000, 200_000.0), ("b", 110_000, 100_000.0)):
            evidence = other if company.get(key) else proof
            bid = make_bid(key, price, 0.5, evidence=evidence)
            found.append(replace(bid, values={"consumption": 0.5, "tonnes": kilograms}))
        return found

    def test_tonnes_of_a_field_in_kilograms(self) -> None:
        rule = self.carbon(kind="co2-tonnes", tonnes="tonnes")
        lot = evaluate_tender(rule, self.bids()).lot()
        # 200 and 100 t: 25 × 100/200.
        assert points(lot, "co2") == {"a": 12.5, "b": 25.0}
        assert lot.result("a").scores["co2"].value == 200.0

    def test_euros_add_the_value_of_carbon_to_the_amount(self) -> None:
        rule = self.carbon(kind="co2-euros", tonnes="tonnes", eur_per_tco2e=256, basis="dqe")
        lot = evaluate_tender(rule, self.bids()).lot()
        # 100 000 + 200 × 256 = 151 200; 110 000 + 25 600 = 135 600; 25 × 135.6/151.2 = 22.42.
        assert lot.result("a").scores["co2"].value == pytest.approx(151_200)
        assert lot.result("b").scores["co2"].value == pytest.approx(135_600)
        assert points(lot, "co2") == {"a": 22.42, "b": 25.0}

    def test_a_notional_discount_on_reductions(self) -> None:
        rule = self.carbon(kind="co2-discount", tonnes="tonnes", eur_per_tco2e=100,
                           reference_tco2e=250, basis="dqe")  # fmt: skip
        lot = evaluate_tender(rule, self.bids()).lot()
        # A saves 50 t: 100 000 − 5 000; B 150 t: 110 000 − 15 000: equal.
        assert {each.scores["co2"].value for each in lot.scored} == {95_000.0}

    def test_no_discount_for_the_company_s_own_certificate(self) -> None:
        rule = self.carbon(kind="co2-discount", tonnes="tonnes", eur_per_tco2e=100,
                           reference_tco2e=250, basis="dqe")  # fmt: skip
        score = evaluate_tender(rule, self.bids(b=True)).lot().result("b").scores["co2"]
        assert score.value == 110_000.0
        assert "aucune réduction" in score.reason and "417580" in score.reason

    def test_emissions_above_the_reference_are_no_surcharge(self) -> None:
        rule = self.carbon(kind="co2-discount", tonnes="tonnes", eur_per_tco2e=100,
                           reference_tco2e=150, basis="dqe")  # fmt: skip
        lot = evaluate_tender(rule, self.bids()).lot()
        assert lot.result("a").scores["co2"].value == 100_000.0

    def test_where_everything_is_the_company_s_nobody_earns(self) -> None:
        rule = self.carbon(kind="co2-tonnes", tonnes="tonnes")
        lot = evaluate_tender(rule, self.bids(a=True, b=True)).lot()
        assert points(lot, "co2") == {"a": 0.0, "b": 0.0}

    def cost(self, **criterion: Any) -> Tender:
        content = make_content()
        content["criteria"][0] = {
            "key": "cost", "label": "Coût du cycle de vie", "kind": "life-cycle-cost",
            "weight": 40, "formula": "proportional", **criterion,
        }  # fmt: skip
        return build_tender(content)

    def test_life_cycle_cost_by_hand(self) -> None:
        lot = evaluate_tender(self.cost(), make_bids()[:2]).lot()
        # Price at once, fuel at the end of each of 7 years at 3.2 %: factor (1 − 1.032⁻⁷)/0.032.
        factor = (1 - 1.032**-7) / 0.032
        a = 100_000 + 0.50 * 100_000 * 1.5 * factor
        b = 110_000 + 0.45 * 100_000 * 1.5 * factor
        assert lot.result("a").scores["cost"].value == pytest.approx(a)
        assert lot.result("b").scores["cost"].value == pytest.approx(b)
        assert b < a and points(lot, "cost") == {"a": round(40 * b / a, 2), "b": 40.0}

    def test_with_externalities(self) -> None:
        content = make_content_with_carbon_value()
        content["criteria"][0] = {
            "key": "cost", "label": "Coût du cycle de vie", "kind": "life-cycle-cost",
            "weight": 40, "formula": "proportional", "externalities": True,
        }  # fmt: skip
        lot = evaluate_tender(build_tender(content), make_bids()[:1]).lot()
        factor = (1 - 1.032**-7) / 0.032
        carbon = 0.5 * 100_000 * 3.1 / 1000 * 100
        expected = 100_000 + (0.5 * 100_000 * 1.5 + carbon) * factor
        assert lot.result("a").scores["cost"].value == pytest.approx(expected)

    def test_a_cost_that_rests_on_a_company_s_certificate_waits_for_evidence(self) -> None:
        content = make_content()
        content["criteria"] = [
            {"key": "cost", "label": "Coût", "kind": "life-cycle-cost", "weight": 65,
             "formula": "proportional", "environmental": True},
            content["criteria"][1],
        ]  # fmt: skip
        bid = make_bid("c", 130_000, 0.4, evidence=CERTIFICATE)
        result = evaluate_tender(build_tender(content), [bid]).lot().result("c")
        assert result.status == "to-be-regularised"
        assert [each.kind for each in result.missing] == ["evidence"]
        assert "n'est pas prouvée pour ce marché" in result.notes[0]

    def test_a_measure_of_which_more_is_better(self) -> None:
        content = price_only()
        content["criteria"] = [
            {**content["criteria"][0], "weight": 80},
            {"key": "recycled", "label": "Part recyclée", "kind": "measured", "weight": 20,
             "field": "recycled", "better": "higher", "formula": "proportional",
             "environmental": True},
        ]  # fmt: skip
        content["fields"]["recycled"] = {"label": "Part recyclée", "unit": "percent"}
        bids = [
            Bid("a", "A", {"price": 100.0, "recycled": 40.0}),
            Bid("b", "B", {"price": 100.0, "recycled": 80.0}),
            Bid("c", "C", {"price": 100.0, "recycled": 0.0}),
        ]
        lot = evaluate_tender(build_tender(content), bids).lot()
        assert points(lot, "recycled") == {"b": 20.0, "a": 10.0, "c": 0.0}
