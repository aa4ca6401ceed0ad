"""Bids and decisions in TOML: what is wrong in them is named, what is missing stays missing."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from typing import Any, ClassVar

import pytest

from lcc.cost.tender.bids.bid import (
    Bid,
    build_bid,
    check_unique,
    load_toml_bid,
)
from lcc.cost.tender.bids.decisions import (
    build_decisions,
    latest_decisions,
    load_decisions,
    with_receipts,
)
from lcc.cost.tender.bids.reception import check_bid, missing_values, read_bid, read_bids
from lcc.errors import FieldError, InputError
from lcc.forms.safe_names import safe_name

sys.path.insert(0, str(Path(__file__).parent))
from form_cases import CONTENT, make_tender

TENDER = make_tender()

CONTENT_OF_A: dict[str, Any] = {
    "bid": {"name": "Entreprise A", "consultation": "2026-COLLECTE-01"},
    "values": {"emissions": 410, "consumption": 0.42},
    "unit_prices": {"levee": 0.5, "tonne": 5.25},
    "evidence": {"emissions": {"level": "contract", "document": "Note de calcul"}},
}

TOML_OF_A = """
[bid]
name = "Entreprise A"
received = 2026-11-02
[values]
emissions = 410
[unit_prices]
levee = 0.5
tonne = 5.25
[evidence.emissions]
level = "contract"
document = "Note de calcul"
"""


class TestToml:
    def test_a_bid_is_read_and_what_it_lacks_is_listed(self, tmp_path: Path) -> None:
        path = tmp_path / "Société É.toml"
        path.write_text(TOML_OF_A, encoding="utf-8")
        bid = read_bid(path, TENDER)
        assert (bid.key, bid.name, bid.received) == (
            "Societe-E",
            "Entreprise A",
            date(2026, 11, 2),
        )
        assert "consumption" not in bid.values
        missing = missing_values(bid, TENDER)
        assert [(each.kind, each.key, each.label) for each in missing] == [
            ("value", "consumption", "Consommation (en tournée)")
        ]

    def test_a_document_asked_for_and_not_attached_is_listed(self) -> None:
        bid = build_bid({**CONTENT_OF_A, "evidence": {}})
        assert [(each.kind, each.key) for each in missing_values(bid, TENDER)] == [
            ("evidence", "emissions")
        ]

    def test_an_empty_text_is_an_empty_answer_and_zero_is_zero(self) -> None:
        bid = build_bid({**CONTENT_OF_A, "values": {"emissions": 0, "consumption": ""}})
        assert bid.values == {"emissions": 0.0, "consumption": None}

    def test_a_price_of_a_part_left_out_is_not_required(self) -> None:
        options = [{"key": "plus", "label": "Option", "compared": False}]
        line = {"key": "verre", "label": "Verre", "quantity": 1, "unit": "tonne", "part": "plus"}
        tender = make_tender(options=options, quantities=[*CONTENT["quantities"], line])
        assert missing_values(build_bid(CONTENT_OF_A), tender) == ()
        tender = make_tender(
            options=[{**options[0], "compared": True}], quantities=[*CONTENT["quantities"], line]
        )
        assert [each.key for each in missing_values(build_bid(CONTENT_OF_A), tender)] == ["verre"]

    @pytest.mark.parametrize(
        ("change", "field", "message"),
        [
            ({"values": {"consumption": "0,42"}}, "values.consumption", "0,42"),
            ({"values": {"consumption": True}}, "values.consumption", "number"),
            ({"values": {"consumption": float("nan")}}, "values.consumption", "nan"),
            ({"values": {"consumption": float("inf")}}, "values.consumption", "inf"),
            ({"values": {"consumption": [1]}}, "values.consumption", "number"),
            ({"values": 3}, "values", "table"),
            ({"bid": {}}, "bid.name", "missing"),
            ({"bid": {"name": "  "}}, "bid.name", "text"),
            ({"bid": {"name": 3}}, "bid.name", "text"),
            ({"bid": {"name": "A", "key": "../x"}}, "bid.key", "file name"),
            ({"bid": {"name": "A", "nom": "B"}}, "bid.nom", "name"),
            ({"bid": {"name": "A", "received": "hier"}}, "bid.received", "date"),
            ({"evidence": {"emissions": "certificat"}}, "evidence.emissions", "table"),
            ({"evidence": {"emissions": {"level": "groupe"}}}, "level", "contract | company"),
            ({"jury": {"technique": 20}}, "jury", "its own marks"),
            ({"marks": {}}, "marks", "its own marks"),
            ({"prices": {}}, "prices", "did you mean"),
        ],
    )
    def test_what_is_wrong_is_named(self, change: dict[str, Any], field: str, message: str) -> None:
        with pytest.raises(FieldError) as error:
            build_bid({**CONTENT_OF_A, **change}, file="a.toml")
        assert "a.toml" in str(error.value)
        assert field in str(error.value) and message in str(error.value)

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"bid": {"name": "A", "consultation": "2025-X"}}, "another consultation"),
            ({"bid": {"name": "A", "rule_hash": "0" * 64}}, "another version of the rule"),
            ({"bid": {"name": "A", "lot": "nord"}}, "no lot"),
            ({"bid": {"name": "A", "variant_of": "B"}}, "no variant"),
            ({"values": {"consomation": 1}}, "consumption|does not ask"),
            ({"unit_prices": {"levées": 1}}, "did you mean levee"),
            ({"evidence": {"price": {"document": "x"}}}, "does not ask"),
        ],
    )
    def test_what_does_not_answer_the_tender_is_named(
        self, change: dict[str, Any], message: str
    ) -> None:
        with pytest.raises(FieldError, match=message):
            check_bid(build_bid({**CONTENT_OF_A, **change}), TENDER)

    def test_a_negative_price_is_set_apart(self) -> None:
        bid = check_bid(build_bid({**CONTENT_OF_A, "unit_prices": {"levee": -1}}), TENDER)
        assert bid.unit_prices == {"levee": None}
        assert "negative" in str(bid.problems["unit-price:levee"])

    def test_a_bid_on_another_rule_is_read_when_asked(self) -> None:
        bid = build_bid({**CONTENT_OF_A, "bid": {"name": "A", "rule_hash": "0" * 64}})
        assert check_bid(bid, TENDER, any_rule=True).rule_hash == "0" * 64

    @pytest.mark.parametrize(
        "content",
        [b"x = 1,5", b"\xff\xfe", b"[bid", b"a = " + b"[" * 5000, b"a = " + b"9" * 5000],
        ids=lambda content: repr(content[:12]),
    )
    def test_a_file_that_is_not_toml(self, tmp_path: Path, content: bytes) -> None:
        path = tmp_path / "a.toml"
        path.write_bytes(content)
        with pytest.raises(InputError, match=r"a\.toml"):
            load_toml_bid(path)

    def test_a_missing_or_a_huge_file(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match="cannot be read"):
            load_toml_bid(tmp_path / "a.toml")
        path = tmp_path / "b.toml"
        path.write_bytes(b"#" * 6_000_000)
        with pytest.raises(InputError, match="too large"):
            load_toml_bid(path)

    def test_the_same_in_json(self, tmp_path: Path) -> None:
        path = tmp_path / "a.json"
        head = {**CONTENT_OF_A["bid"], "received": "2026-11-02"}
        path.write_text(json.dumps({**CONTENT_OF_A, "bid": head}), encoding="utf-8")
        (bid,) = read_bids([tmp_path], TENDER)
        assert bid.received == date(2026, 11, 2) and bid.values == CONTENT_OF_A["values"]

    @pytest.mark.parametrize("content", ["[1]", '"x"', "{", '{"values": NaN}', "[" * 9999])
    def test_json_that_is_no_bid(self, tmp_path: Path, content: str) -> None:
        path = tmp_path / "a.json"
        path.write_text(content, encoding="utf-8")
        with pytest.raises((InputError, FieldError), match=r"a\.json"):
            read_bid(path, TENDER)

    def test_a_file_with_a_byte_order_mark(self, tmp_path: Path) -> None:
        path = tmp_path / "a.toml"
        path.write_text(TOML_OF_A, encoding="utf-8-sig")
        assert load_toml_bid(path).name == "Entreprise A"


class TestKeys:
    def test_two_bids_of_one_key(self, tmp_path: Path) -> None:
        for folder in ("x", "y"):
            (tmp_path / folder).mkdir()
        (tmp_path / "x" / "a.toml").write_text(TOML_OF_A, encoding="utf-8")
        (tmp_path / "y" / "A.toml").write_text(TOML_OF_A, encoding="utf-8")
        with pytest.raises(FieldError, match="same key"):
            read_bids([tmp_path / "x", tmp_path / "y" / "A.toml"], TENDER)

    def test_a_variant_without_its_base(self) -> None:
        with pytest.raises(FieldError, match="base bid"):
            check_unique([Bid("a", "A"), Bid("a2", "A", variant_of="b")])
        check_unique([Bid("a", "A"), Bid("a2", "A", variant_of="a")])

    @pytest.mark.parametrize(
        ("text", "safe"),
        [
            ("Société Générale", "Societe-Generale"),
            ("../../etc/passwd", "etc-passwd"),
            ("..\\..\\x", "x"),
            ("=HYPERLINK(1)", "HYPERLINK-1"),
            ("<script>", "script"),
            ("nul", "offre-nul"),
            ("COM1.xlsx", "offre-COM1.xlsx"),
            (".cache", "cache"),
            ("a\0b\nc", "a-b-c"),
            ("漢字", "offre"),
            ("", "offre"),
            ("...", "offre"),
            ("x" * 300, "x" * 60),
            ("a. ", "a"),
        ],
    )
    def test_a_name_is_safe_for_a_file(self, text: str, safe: str) -> None:
        assert safe_name(text) == safe
        assert safe_name(safe) == safe


class TestDecisions:
    BIDS = (Bid("D", "Entreprise D"), Bid("E", "Entreprise E"))
    REJECTED: ClassVar[dict[str, Any]] = {
        "bid": "D",
        "decision": "reject-abnormally-low",
        "reason": "La décomposition demandée n'explique pas le prix.",
        "date": date(2026, 11, 20),
        "by": "Commission d'appel d'offres",
    }

    def test_a_decision_is_read_with_reason_and_date(self, tmp_path: Path) -> None:
        path = tmp_path / "decisions.toml"
        path.write_text(
            '[[decisions]]\nbid = "D"\ndecision = "reject-abnormally-low"\n'
            'reason = "Prix inexpliqué."\ndate = 2026-11-20\n',
            encoding="utf-8",
        )
        (decision,) = load_decisions(path, self.BIDS)
        assert (decision.bid, decision.reason, decision.date, decision.file) == (
            "D", "Prix inexpliqué.", date(2026, 11, 20), "decisions.toml",
        )  # fmt: skip
        assert decision.removes

    @pytest.mark.parametrize(
        ("change", "field", "message"),
        [
            ({"bid": "Z"}, "decisions[1].bid", "D (Entreprise D), E (Entreprise E)"),
            ({"bid": "d"}, "decisions[1].bid", "did you mean D?"),
            ({"decision": "reject"}, "decisions[1].decision", "reject-abnormally-low"),
            ({"decision": None}, "decisions[1].decision", "missing"),
            ({"reason": None}, "decisions[1].reason", "missing"),
            ({"reason": "  "}, "decisions[1].reason", "text"),
            ({"date": None}, "decisions[1].date", "no date"),
            ({"date": "20 novembre"}, "decisions[1].date", "2026"),
            ({"motif": "x"}, "decisions[1].motif", "reason"),
        ],
    )
    def test_a_wrong_decision_is_named(
        self, change: dict[str, Any], field: str, message: str
    ) -> None:
        given = {k: v for k, v in {**self.REJECTED, **change}.items() if v is not None}
        with pytest.raises(FieldError) as error:
            build_decisions({"decisions": [given]}, self.BIDS, file="decisions.toml")
        shown = str(error.value)
        assert "decisions.toml" in shown and field in shown and message in shown

    def test_decisions_that_are_no_list(self) -> None:
        with pytest.raises(FieldError, match="list of tables"):
            build_decisions({"decisions": "D"}, self.BIDS)

    def test_the_latest_decision_holds(self) -> None:
        kept = {**self.REJECTED, "decision": "keep", "date": date(2026, 11, 25)}
        made = build_decisions({"decisions": [kept, self.REJECTED]}, self.BIDS)
        assert latest_decisions(made) == {"D": made[0]} and not made[0].removes
        assert latest_decisions(made[1:])["D"].removes

    def test_two_of_one_day_contradict_each_other(self) -> None:
        kept = {**self.REJECTED, "decision": "keep"}
        with pytest.raises(FieldError, match="contradict"):
            build_decisions({"decisions": [self.REJECTED, kept]}, self.BIDS)

    def test_asking_to_regularise_removes_nothing(self) -> None:
        asked = {**self.REJECTED, "bid": "E", "decision": "regularise"}
        (decision,) = build_decisions({"decisions": [asked]}, self.BIDS)
        assert not decision.removes


class TestReceipts:
    """Dates of receipt come from the buyer's register, beside the decisions."""

    def test_a_bid_takes_the_day_of_the_register(self, tmp_path: Path) -> None:
        bids = [build_bid({"bid": {"name": key}}, key=key) for key in ("a", "b")]
        path = tmp_path / "decisions.toml"
        path.write_text("[received]\na = 2026-11-02\n", encoding="utf-8")
        first, second = with_receipts(bids, path)
        assert first.received == date(2026, 11, 2) and second.received is None
        assert load_decisions(path, bids) == []

    def test_an_unknown_bid_is_named(self, tmp_path: Path) -> None:
        path = tmp_path / "decisions.toml"
        path.write_text("[received]\nz = 2026-11-02\n", encoding="utf-8")
        with pytest.raises(FieldError, match=r"received\.z"):
            with_receipts([build_bid({"bid": {"name": "a"}}, key="a")], path)
