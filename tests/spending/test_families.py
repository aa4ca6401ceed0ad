"""Families and bridges: everything that can be bought has a place, or a reason not to."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pyarrow as pa
import pytest

from lcc.spending.classify import compile_codes
from lcc.tables import load_reference

DIVISIONS = [
    "03",
    "09",
    "14",
    "15",
    "16",
    "18",
    "19",
    "22",
    "24",
    "30",
    "31",
    "32",
    "33",
    "34",
    "35",
    "37",
    "38",
    "39",
    "41",
    "42",
    "43",
    "44",
    "45",
    "48",
    "50",
    "51",
    "55",
    "60",
    "63",
    "64",
    "65",
    "66",
    "70",
    "71",
    "72",
    "73",
    "75",
    "76",
    "77",
    "79",
    "80",
    "85",
    "90",
    "92",
    "98",
]
"""The 45 divisions of CPV 2008 (Regulation (EC) 213/2008, annex I)."""

WITHOUT_CODE = {"07.03", "22.02"}
"""Families no shared code leads to (shared mobility, mixed concessions): own code or suggestion."""

UPSTREAM_ONLY = {"sdes:D35", "sdes:C19"}
"""Products whose ratio stops before the fuel is burnt: a family on it must say so."""


def read_rows(name: str) -> list[dict[str, Any]]:
    return load_reference("procurement_map", name).to_pylist()


def read_bridges() -> list[dict[str, Any]]:
    return read_rows("bridge_cpv") + read_rows("bridge_account")


def compile_many(nomenclature: str, codes: list[str]) -> list[dict[str, Any]]:
    table = pa.table({"nomenclature": [nomenclature] * len(codes), "code": codes})
    return compile_codes(table).to_pylist()


class TestFamilies:
    def test_two_levels_exactly(self) -> None:
        for row in read_rows("families"):
            if row["segment"] is None:
                assert re.fullmatch(r"\d\d", row["family"])
            else:
                assert re.fullmatch(r"\d\d\.\d\d", row["family"])
                assert row["family"].startswith(row["segment"] + ".")

    def test_each_segment_exists_and_holds_families(self) -> None:
        rows = read_rows("families")
        segments = {row["family"] for row in rows if row["segment"] is None}
        assert {row["segment"] for row in rows if row["segment"] is not None} == segments

    def test_there_are_about_as_many_as_a_metropole_uses(self) -> None:
        assert 110 <= sum(row["segment"] is not None for row in read_rows("families")) <= 150

    @pytest.mark.parametrize("column", ["label_fr", "label_en"])
    def test_labels_are_one_family_s_only(self, column: str) -> None:
        labels = Counter(row[column] for row in read_rows("families"))
        assert [label for label, times in labels.items() if times > 1] == []
        assert all(label == label.strip() and len(label) < 90 for label in labels)

    def test_electricity_is_location_based(self) -> None:
        located = {row["label_fr"] for row in read_rows("families") if row["location_based"]}
        assert located == {"Électricité", "Électricité et gaz non ventilés"}


class TestFactorsOfFamilies:
    def test_each_family_has_exactly_one_monetary_product(self) -> None:
        families = [row["family"] for row in read_rows("families") if row["segment"] is not None]
        monetary = [
            row["family"] for row in read_rows("family_factor") if row["method"] == "monetary"
        ]
        assert sorted(monetary) == sorted(families)

    def test_monetary_products_are_in_the_published_table(self, real_data: Path) -> None:
        with (real_data / "factors/monetary_fr_sdes_ges501_2019_2023.csv").open() as stream:
            published = {f"sdes:{row['nace_code']}" for row in csv.DictReader(stream)}
        used = {r["product"] for r in read_rows("family_factor") if r["method"] == "monetary"}
        assert used <= published

    def test_other_products_and_prices_are_shipped(self) -> None:
        physical = set(load_reference("emission_factors", "physical")["product"].to_pylist())
        series = set(
            load_reference("emission_factors", "energy_series")["price_series"].to_pylist()
        )
        for row in read_rows("family_factor"):
            if row["method"] != "monetary":
                assert row["product"] in physical, row["rule_id"]
            assert (row["price_series"] in series) == (row["method"] == "price-derived")

    def test_a_ratio_that_stops_upstream_has_a_better_method_or_says_so(self) -> None:
        rows = read_rows("family_factor")
        better = {row["family"] for row in rows if row["method"] != "monetary"}
        for row in rows:
            if row["product"] in UPSTREAM_ONLY and row["family"] not in better:
                assert "combustion" in row["reason"], row["rule_id"]

    def test_rule_names(self) -> None:
        for row in read_rows("family_factor"):
            assert row["rule_id"].startswith(f"{row['family']}:{row['method']}")
            assert row["status"] == "judgement"


class TestBridges:
    def test_bridges_lead_to_families_or_to_a_reason(self) -> None:
        families = {row["family"] for row in read_rows("families") if row["segment"] is not None}
        reasons = {row["scope_reason"] for row in read_rows("scope_reasons")}
        for row in read_bridges():
            if row["scope"] == "in":
                assert row["family"] in families, row["rule_id"]
                assert row["error_cv"] is not None, row["rule_id"]
                assert row["scope_reason"] is None, row["rule_id"]
            else:
                assert row["family"] is None, row["rule_id"]
                assert row["scope_reason"] in reasons, row["rule_id"]

    def test_each_row_gives_its_reason_and_whose_it_is(self) -> None:
        for row in read_bridges():
            assert row["reason"], row["rule_id"]
            assert row["status"] == "judgement"
            assert row["rule_id"] == f"{row['nomenclature']}:{row['prefix']}"

    def test_each_reason_to_be_out_of_scope_is_used(self) -> None:
        used = {row["scope_reason"] for row in read_bridges() if row["scope"] == "out"}
        assert used == {row["scope_reason"] for row in read_rows("scope_reasons")}

    def test_families_without_a_code_are_known(self) -> None:
        families = {row["family"] for row in read_rows("families") if row["segment"] is not None}
        assert families - {row["family"] for row in read_bridges()} == WITHOUT_CODE

    def test_words_of_the_trade_lead_to_families(self) -> None:
        families = {row["family"] for row in read_rows("families") if row["segment"] is not None}
        assert {row["family"] for row in read_rows("family_words")} <= families


class TestCpv:
    def test_all_divisions_have_their_row(self) -> None:
        assert len(DIVISIONS) == 45
        prefixes = {row["prefix"] for row in read_rows("bridge_cpv")}
        assert set(DIVISIONS) <= prefixes

    def test_each_group_of_the_nomenclature_has_its_row(self) -> None:
        codes = load_reference("procurement_map", "cpv")["code8"].to_pylist()
        groups = {code[:3] for code in codes if code[2] != "0"}
        assert groups - {row["prefix"] for row in read_rows("bridge_cpv")} == set()

    def test_each_prefix_fits_a_code(self) -> None:
        codes = load_reference("procurement_map", "cpv")["code8"].to_pylist()
        prefixes = {code[:length] for code in codes for length in range(2, 9)}
        assert {row["prefix"] for row in read_rows("bridge_cpv")} - prefixes == set()

    def test_nine_real_contracts_in_ten_match_at_group_level(self, real_data: Path) -> None:
        codes = Counter(read_contract_codes(real_data))
        assert codes.total() > 15_000
        digits = {r["code"]: r["matched_digits"] for r in compile_many("cpv", list(codes))}
        fine = sum(times for code, times in codes.items() if digits[code] >= 3)
        assert fine / codes.total() >= 0.90


class TestAccounts:
    @pytest.mark.parametrize(
        "plan",
        ["planDeCompte_2018_M57", "planDeCompte_2024_M57_D", "planDeCompte_2024_M57_A"],
    )
    def test_each_account_of_the_plan_is_in_or_out(self, real_data: Path, plan: str) -> None:
        accounts = [code for code, _ in read_plan(real_data, plan)]
        assert len(accounts) > 1_000
        unmatched = [r["code"] for r in compile_many("M57", accounts) if not r["matched_digits"]]
        assert unmatched == []

    @pytest.mark.parametrize("plan", ["planDeCompte_2018_M57", "planDeCompte_2024_M57_D"])
    def test_purchases_sit_in_the_chapters_of_purchases(self, real_data: Path, plan: str) -> None:
        # Chapters of real expenditure (attribute DR of the plan): 011 general charges, 20 to 23
        # assets; and the purchases met elsewhere, each for its own reason.
        elsewhere = {
            "6218": "012",  # interim work, booked with the staff
            "6525": "65",
            "6581": "65",
            "65811": "65",
            "65818": "65",
            "65862": "6586",
            "65881": "65",
        }
        chapters = dict(read_plan(real_data, plan))
        paid = {code: chapter for code, chapter in chapters.items() if chapter}
        for row in compile_many("M57", list(paid)):
            if row["scope"] == "in":
                chapter = paid[row["code"]]
                assert chapter in {"011", "20", "21", "22", "23"} or (
                    elsewhere.get(row["code"]) == chapter
                ), row

    @pytest.mark.parametrize(
        ("nomenclature", "account", "reason"),
        [
            ("M57", "20422", "subsidy"),
            ("M57", "2324", "subsidy"),
            ("M57", "6216", "shared-staff"),
            ("M57", "2111", "land"),
            ("M57", "6015", "land"),
            ("M57", "64111", "wages"),
            ("M57", "1641", "debt"),
            ("M57", "66111", "debt"),
            ("M57", "63512", "taxes"),
            ("M57", "65748", "subsidy"),
            ("M57", "6031", "non-cash"),
            ("M57", "6811", "non-cash"),
            ("M57", "4581", "third-party"),
            ("M57", "65311", "elected"),
            ("M57", "739211", "revenue"),
            ("M14", "6215", "shared-staff"),
            ("M4", "6215", "shared-staff"),
            ("M4", "2115", "land"),
        ],
    )
    def test_what_is_no_purchase_says_why(
        self, nomenclature: str, account: str, reason: str
    ) -> None:
        found = compile_many(nomenclature, [account])[0]
        assert (found["scope"], found["scope_reason"]) == ("out", reason)

    @pytest.mark.parametrize(
        ("nomenclature", "account"),
        [
            ("M57", "238"),  # advance: counted once, when it is paid
            ("M57", "65811"),  # cloud, booked outside the chapters of purchases
            ("M14", "6512"),
            ("M57", "6218"),
            ("M4", "605"),
            ("M4", "6211"),
        ],
    )
    def test_purchases_that_do_not_look_it(self, nomenclature: str, account: str) -> None:
        assert compile_many(nomenclature, [account])[0]["scope"] == "in"

    def test_montpellier_2018_to_the_cent(self, real_data: Path) -> None:
        # README of the collected accounts: 135 017 312.34 of accounts 60 to 62 and 20, 21, 23,
        # less 13 276 792.83 (204), 12 958 612.60 (6216) and 1 736 850.10 (211).
        spent = read_montpellier(real_data)
        assert sum(spent.values()) == Decimal("410624337.33")
        found = compile_many("M57-M57", list(spent))
        purchases = sum(spent[row["code"]] for row in found if row["scope"] == "in")
        assert purchases == Decimal("107045056.81")

    @pytest.mark.parametrize(
        ("folder", "nomenclature"),
        [
            ("DOCBUDG-21560046100010-056025-CA-2021-01032022000000", "M14-M14_COM_500_3500"),
            ("DOCBUDG-21560134500014-CFU-BP-2023", "M57_A"),
        ],
    )
    def test_small_towns_accounts_all_match(
        self, real_data: Path, folder: str, nomenclature: str
    ) -> None:
        path = real_data / "spending/yatotem2scdl" / folder / "expected.csv"
        with path.open(encoding="utf-8") as stream:
            accounts = sorted({row["BGT_NATURE"] for row in csv.DictReader(stream)})
        found = compile_many(nomenclature, accounts)
        assert [row["code"] for row in found if not row["matched_digits"]] == []


def read_plan(real_data: Path, plan: str) -> Iterator[tuple[str, str]]:
    """Yield the accounts by nature of a plan, with their chapter of real expenditure."""
    tree = ElementTree.parse(real_data / "nomenclature/m57" / f"{plan}.xml")
    nature = next(e for e in tree.iter() if e.tag.endswith("Nature"))
    for element in nature.iter():
        if element.tag.endswith("Compte"):
            yield element.attrib["Code"], element.attrib.get("DR", "")


def read_montpellier(real_data: Path) -> dict[str, Decimal]:
    """Return the real expenditure by account: CodRD=D, OpBudg=0, field MtReal."""
    tree = ElementTree.parse(real_data / "spending/montpellier_CA_2018_totem_M57.xml")
    spent: dict[str, Decimal] = {}
    for line in tree.iter():
        if not line.tag.endswith("LigneBudget"):
            continue
        facts = {child.tag.rpartition("}")[2]: child.attrib.get("V") for child in line}
        if facts["CodRD"] == "D" and facts["OpBudg"] == "0":
            account = str(facts["Nature"])
            spent[account] = spent.get(account, Decimal()) + Decimal(facts.get("MtReal") or "0")
    return spent


def read_contract_codes(real_data: Path) -> Iterator[str]:
    """Yield the CPV code of every coded row of the collected contract files."""
    for path in sorted((real_data / "decp").glob("json_20*/*.json")):
        yield from find_codes(json.loads(path.read_text(encoding="utf-8-sig"), strict=False))
    for name, delimiter in (
        ("decp_2024H2_travaux_cpv4521_filtered.csv", ","),
        ("region_bretagne_marches_2021.csv", "|"),
    ):
        with (real_data / "decp/csv" / name).open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream, delimiter=delimiter):
                if row["codeCPV"].strip():
                    yield row["codeCPV"]


def find_codes(node: object) -> Iterator[str]:
    """Yield the value of every non-empty key `codeCPV` of a JSON document."""
    if isinstance(node, dict):
        if node.get("codeCPV"):
            yield str(node["codeCPV"])
        for child in node.values():
            yield from find_codes(child)
    elif isinstance(node, list):
        for child in node:
            yield from find_codes(child)


@pytest.mark.parametrize(
    "name",
    ["families", "bridge_cpv", "bridge_account", "family_factor", "scope_reasons", "family_words"],
)
def test_texts_hold_no_control_character(name: str) -> None:
    for row in read_rows(name):
        for value in row.values():
            assert not isinstance(value, str) or not re.search(r"[\x00-\x1f\x7f]", value), row
