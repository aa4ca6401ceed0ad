"""Suspicion of an abnormally low bid: signs, thresholds, and what the letter does not tell."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from lcc.cost.tender.bids.bid import Bid
from lcc.cost.tender.comparison.amounts import calc_amount
from lcc.cost.tender.documents.justification_letter import draft_letter
from lcc.cost.tender.documents.records import low_bid_letters
from lcc.cost.tender.evaluation.abnormal import find_abnormally_low
from lcc.cost.tender.evaluation.evaluate import evaluate_tender
from lcc.cost.tender.publication.tender_file import build_tender
from lcc.law.thresholds import load_threshold

sys.path.insert(0, str(Path(__file__).parent))
from refuse_collection import REJECTION, make_bid, make_bids, make_rule, price_only

RULE = build_tender(price_only())


def flagged(*prices: float) -> list[int]:
    bids = [Bid(f"b{i}", f"B{i}", {"price": price}) for i, price in enumerate(prices)]
    flags = find_abnormally_low(RULE, bids, [calc_amount(RULE, bid) for bid in bids])
    return [int(flag.bid[1:]) for flag in flags]


class TestSigns:
    @pytest.mark.parametrize(
        ("prices", "expected"),
        [
            ((100, 110, 130, 62), [3]),
            ((100, 110, 130), []),
            # A quarter below the mean of the others, 100: 75 is flagged, 75.01 is not, and neither
            # is a fifth below the next.
            ((75, 90, 110), [0]),
            ((75.01, 90, 110), []),
            # A fifth below the next, 80 against 100.
            ((80, 100, 100), [0]),
            ((80.01, 100, 100), []),
            ((100,), []),
            ((100, 100, 100), []),
        ],
    )
    def test_by_hand(self, prices: tuple[float, ...], expected: list[int]) -> None:
        assert flagged(*prices) == expected

    def test_a_single_bid_is_compared_with_the_estimate(self) -> None:
        content = {
            **price_only(),
            "robustness": {"estimate_eur": 100, "ranges": {"price": [50, 150]}},
        }
        rule = build_tender(content)
        for price, count in ((75.0, 1), (76.0, 0)):
            bid = Bid("a", "A", {"price": price})
            assert len(find_abnormally_low(rule, [bid], [calc_amount(rule, bid)])) == count

    def test_thresholds_are_judgements_in_a_table(self) -> None:
        for name in ("abnormal-below-mean", "abnormal-below-next"):
            assert load_threshold(name).status == "judgement"

    def test_a_flag_says_that_a_gap_decides_nothing(self) -> None:
        bids = [make_bid("a", 62_000, 0.5), make_bid("b", 100_000, 0.5)]
        rule = make_rule()
        (flag,) = find_abnormally_low(rule, bids, [calc_amount(rule, bid) for bid in bids])
        assert "n° 417421" in flag.conclusion and "reste classée" in flag.conclusion
        assert flag.to_json()["conclusion"] == flag.conclusion


class TestLetter:
    def test_unit_prices_that_are_far_below_are_asked_for(self) -> None:
        rule = make_rule()
        bids = [make_bid("a", 30_000, 0.5), make_bid("b", 100_000, 0.5)]
        (flag,) = find_abnormally_low(rule, bids, [calc_amount(rule, bid) for bid in bids])
        assert flag.lines == ("levee",)
        text = json.dumps(draft_letter(rule, bids[0], flag), ensure_ascii=False)
        assert "Levée de bac : 30 €/unité" in text and "100,00" not in text
        assert "mean" not in text and "moyenne" not in text

    def test_a_unit_price_is_asked_about_as_it_was_given(self) -> None:
        rule = make_rule()
        bids = [make_bid("a", 4, 0.5), make_bid("b", 100_000, 0.5)]
        (flag,) = find_abnormally_low(rule, bids, [calc_amount(rule, bid) for bid in bids])
        text = json.dumps(draft_letter(rule, bids[0], flag), ensure_ascii=False)
        # 4 € on a thousand units: nothing is rounded to 0,00 €.
        assert "Levée de bac : 0,004 €/unité" in text

    def test_a_hostile_name_stays_a_text(self) -> None:
        rule = make_rule()
        bids = [
            replace(make_bid("a", 30_000, 0.5), name="<script>alert(1)</script>"),
            make_bid("b", 100_000, 0.5),
        ]
        (flag,) = find_abnormally_low(rule, bids, [calc_amount(rule, bid) for bid in bids])
        facts = draft_letter(rule, bids[0], flag)["sections"][0]["parts"][0]["rows"]
        assert ["Candidat", "<script>alert(1)</script>"] in facts

    def test_it_is_a_document_content(self) -> None:
        rule = make_rule()
        bids = [make_bid("a", 30_000, 0.5), make_bid("b", 100_000, 0.5)]
        (flag,) = find_abnormally_low(rule, bids, [calc_amount(rule, bid) for bid in bids])
        letter = draft_letter(rule, bids[0], flag)
        assert set(letter) == {"title", "subtitle", "stamp", "language", "sections"}
        kinds = {part["kind"] for section in letter["sections"] for part in section["parts"]}
        assert kinds <= {"text", "list", "facts"}


class TestAfterTheDecision:
    """A rejection keeps its grounds in the record; a decision ends the letters."""

    def test_the_flag_stays_and_no_letter_is_drafted(self) -> None:
        before = evaluate_tender(make_rule(), make_bids())
        assert [each.bid for each in before.lot().waiting_flags] == ["d"]
        after = evaluate_tender(make_rule(), make_bids(), decisions=[REJECTION])
        assert [each.bid for each in after.lot().flags] == ["d"]
        assert after.lot().waiting_flags == () and low_bid_letters(after) == {}
