"""Open data: neutral texts, tables and their schemas, data package, catalogue, the whole."""

from __future__ import annotations

import csv
import datetime
import hashlib
import io
import itertools
import json
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from lcc.errors import FieldError, InputError, OutputError
from lcc.publication.about import About, read_about
from lcc.publication.dataset import Dataset, csv_bytes, open_schema
from lcc.publication.disclosure import load_disclosure_rule
from lcc.publication.neutral import is_armed, neutralise, restore
from lcc.publication.package import check_package
from lcc.publication.people import mask_share_by_sex, protect_hours
from lcc.publication.publish import Extra, publish_tables
from lcc.publication.tables import (
    limit_to_lawful,
    publish_contracts,
    publish_groups,
    publish_hours,
    publish_indicators,
    publish_members,
)
from lcc.register.register import Register, empty_table, make_table

SOLE_TRADER = "90000000100017"
FIRM = "00000267500015"
BUYER = "00009999400014"

HOSTILE = [
    '=HYPERLINK("http://example.org","Cliquez")',
    "+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "  =1+1",
    "\u00a0=1+1",
    "\u200b=1+1",
    "\ufeff=1+1",
    '"=1+1',
    "'=1+1",
    "''=1+1",
    "\uff1d1+1",  # full-width equals sign
    "\uff0b1+1",
    "\uff0d1+1",
    "\uff20SUM(1)",
    "\u22121+1",  # minus sign
    '=DDE("cmd";"/C calc";"x")',
]
"""After OWASP, « CSV Injection », and what spreadsheets drop or fold before they look."""


def about(**facts: Any) -> About:
    return About(
        "Ville d'Essai", 2024, datetime.date(2025, 3, 31), siret=BUYER,
        rule=load_disclosure_rule().sentences, **facts,
    )  # fmt: skip


def values(**facts: Any) -> pd.DataFrame:
    row = {
        "indicator": "social-clause", "variant": "published", "year": 2024, "unit": "share",
        "known": 3 / 7, "low": 0.3, "high": 0.6, "counted": 3.0, "not_counted": 4.0,
        "unknown": 3.0, "target": 0.3, "state": "held", "written": "", "note": None, **facts,
    }  # fmt: skip
    return pd.DataFrame([row])


NAMES = pd.DataFrame(
    [{"indicator": "social-clause", "label_fr": "Clause sociale", "label_en": "Social clause"}]
)


def register(*contracts: dict[str, Any]) -> Register:
    """Contracts, each with one holder."""
    frames = {
        name: empty_table(form)
        for name, form in {
            "modifications": "contract_modification", "tags": "contract_tag",
            "candidates": "contract_candidate", "problems": "register_problem",
        }.items()
    }  # fmt: skip
    rows = pd.DataFrame([{k: v for k, v in each.items() if k != "holder_id"} for each in contracts])
    held = pd.DataFrame(
        [{k: each.get(k) for k in ("buyer_id", "contract", "holder_id")} for each in contracts]
    )
    return Register(
        contracts=rows.reindex(columns=empty_table("contract").columns),
        holders=held.reindex(columns=empty_table("contract_holder").columns),
        **frames,
    )


def contract(number: str, amount: float | None, holder: str = FIRM, **facts: Any) -> dict[str, Any]:
    return {
        "buyer_id": BUYER, "contract": number, "amount_eur": amount, "holder_id": holder,
        "kind": "contract", "label": f"Objet {number}", **facts,
    }  # fmt: skip


class TestNeutral:
    @pytest.mark.parametrize("text", HOSTILE)
    def test_a_hostile_text_is_never_first(self, text: str) -> None:
        safe = neutralise(text)
        assert safe == f"'{text}" and safe.startswith("'")
        assert restore(safe) == text

    @pytest.mark.parametrize("text", ["", "Dupont", "l'eau", "'quoted'", "3-4", "a=b", "« Été »"])
    def test_a_plain_text_stays(self, text: str) -> None:
        assert neutralise(text) == text and restore(text) == text

    @settings(max_examples=200)
    @given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=8))
    def test_nothing_is_lost(self, text: str) -> None:
        assert restore(neutralise(text)) == text
        assert not is_armed(text) or neutralise(text).startswith("'")

    def test_characters_no_workbook_holds_are_dropped(self) -> None:
        assert neutralise("a\x00b\x0bc") == "abc"


class TestCsv:
    def test_it_is_rfc_4180(self) -> None:
        rows = values(written='dit "un peu", sans plus\nou si')
        content = csv_bytes(publish_indicators(rows, NAMES))
        assert not content.startswith(b"\xef\xbb\xbf")
        lines = content.decode("utf-8").split("\r\n")
        # Header, one record, and the end of the last line; the break within quotes is no CRLF.
        assert len(lines) == 3 and lines[2] == ""
        assert '"dit ""un peu"", sans plus\nou si"' in lines[1]
        read = list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline="")))
        assert read[0]["ecrit"] == 'dit "un peu", sans plus\nou si'

    def test_numbers_are_never_neutralised_nor_in_powers_of_ten(self) -> None:
        rows = values(known=-1.5, low=-1e-5, high=1e15)
        (row,) = csv.DictReader(io.StringIO(csv_bytes(publish_indicators(rows, NAMES)).decode()))
        assert (row["connu"], row["au_moins"]) == ("-1.5", "-0.00001")
        assert row["au_plus"].rstrip("0").rstrip(".") == "1" and "e" not in row["au_plus"]

    def test_unknown_is_empty_never_zero(self) -> None:
        rows = values(known=float("nan"), target=None)
        (row,) = csv.DictReader(io.StringIO(csv_bytes(publish_indicators(rows, NAMES)).decode()))
        assert row["connu"] == row["cible"] == ""

    def test_a_text_in_a_column_of_numbers_is_refused(self) -> None:
        with pytest.raises(FieldError) as caught:
            csv_bytes(publish_indicators(values(known="trois").astype({"known": object}), NAMES))
        assert caught.value.field == "connu" and caught.value.expected == "number"
        assert caught.value.file == "indicateurs.csv"

    def test_a_missing_column_is_named(self) -> None:
        with pytest.raises(FieldError) as caught:
            csv_bytes(Dataset(open_schema("hours"), pd.DataFrame({"year": [2024]})))
        assert "performed_hours" in (caught.value.field or "")

    @pytest.mark.parametrize(
        "name",
        ["indicators", "indicator_contracts", "families", "directorates", "hours", "contracts",
         "quality"],
    )  # fmt: skip
    def test_every_field_is_described_in_both_languages(self, name: str) -> None:
        form = open_schema(name)
        texts = [form.title, form.title_en, form.description, form.description_en]
        for each in form.fields:
            texts += [each.title, each.title_en, each.description, each.description_en]
            assert each.name.isascii()
        assert all(texts)
        assert set(form.primary_key) <= {each.name for each in form.fields}


class TestHours:
    def hours(self, *rows: tuple[str, str | None, float]) -> pd.DataFrame:
        return pd.DataFrame(rows, columns=["contract", "sex", "performed_hours"]).assign(year=2024)

    def test_a_small_split_is_masked_and_totals_do_not_give_it_back(self) -> None:
        """M1 may be of one woman (200 h); 8 000 h are of five people at least (8 000 / 1 607).

        With M1 alone masked, the women's total less M2 and M3 would be its 200 h.
        """
        found = protect_hours(
            self.hours(
                ("M1", "women", 200.0), ("M1", "men", 300.0), ("M2", "women", 8000.0),
                ("M2", "men", 9000.0), ("M3", "women", 8100.0), ("M3", "men", 9100.0),
            )
        )  # fmt: skip
        by_sex = found[found["contract"].notna() & found["sex"].notna()]
        masked = set(by_sex.loc[by_sex["protection"] == "masked", "contract"])
        assert "M1" in masked and len(masked) >= 2
        assert by_sex.loc[by_sex["protection"] == "masked", "performed_hours"].isna().all()
        # Whatever the sex, the contract's hours are its performance.
        whole = found[found["sex"].isna() & (found["contract"] == "M1")].iloc[0]
        assert whole["performed_hours"] == 500.0
        total = found[found["sex"].isna() & found["contract"].isna()].iloc[0]
        assert total["performed_hours"] == 34_700.0

    def test_hours_of_one_sex_alone_mask_the_contract_too(self) -> None:
        found = protect_hours(
            self.hours(
                ("M1", "women", 200.0), ("M2", "women", 8000.0), ("M2", "men", 9000.0),
                ("M3", "women", 8000.0), ("M3", "men", 9000.0), ("M4", "men", 9000.0),
            )
        )  # fmt: skip
        one = found[found["contract"] == "M1"]
        assert (one["protection"] == "masked").all()
        # The total over contracts, less M2, would be M1: something of these is masked.
        rest = found[(found["contract"] != "M1") & found["sex"].isna()]
        assert (rest["protection"] == "masked").any()

    def test_only_small_contracts_leave_the_totals_by_sex_masked(self) -> None:
        found = protect_hours(self.hours(("M1", "women", 200.0), ("M1", "men", 300.0)))
        assert (found.loc[found["sex"].notna(), "protection"] == "masked").all()

    def test_hours_without_a_sex_cost_no_total_by_sex(self) -> None:
        """95 hours of which nobody stated the sex are no split: women's total stays."""
        found = protect_hours(
            self.hours(
                *((f"M{rank}", sex, 8000.0) for rank in range(1, 4) for sex in ("women", "men")),
                ("M4", "women", 200.0), ("M4", "men", 300.0), ("M4", None, 95.0),
            )
        )  # fmt: skip
        totals = found[found["contract"].isna()].set_index("sex")["performed_hours"]
        assert totals["femmes"] == 24_200.0 and totals["hommes"] == 24_300.0

    def test_one_sex_and_hours_of_none_tell_the_contract_apart(self) -> None:
        """M4: 200 h of women and 95 h unstated. The 95 are a total too: the whole less them."""
        found = protect_hours(
            self.hours(
                *((f"M{rank}", sex, 8000.0) for rank in range(1, 4) for sex in ("women", "men")),
                ("M4", "women", 200.0), ("M4", None, 95.0),
            )
        )  # fmt: skip
        assert (found.loc[found["contract"] == "M4", "protection"] == "masked").all()

    def test_a_year_of_one_contract_tells_no_sex(self) -> None:
        """Its hours are the total of the year, which is shown: that they are men's is not."""
        found = protect_hours(self.hours(("M1", "men", 150.0)))
        assert found["sex"].isna().all() and list(found["performed_hours"]) == [150.0, 150.0]

    def test_the_share_of_women_is_masked_with_their_hours(self) -> None:
        """300 h in all and 40 % of them women's: the share would give both back."""
        share = values(indicator="women-hours")
        small = mask_share_by_sex(share, self.hours(("M1", "women", 120.0), ("M1", "men", 180.0)))
        assert small.loc[0, "note"] == "masked"
        assert small[["known", "low", "high", "counted"]].isna().all(axis=None)
        large = [(f"M{rank}", sex, 8000.0) for rank in range(3) for sex in ("women", "men")]
        assert mask_share_by_sex(share, self.hours(*large)).loc[0, "low"] == 0.3

    def test_negative_hours_are_refused(self) -> None:
        with pytest.raises(FieldError, match="negative"):
            protect_hours(self.hours(("M1", "women", -1.0)))

    @settings(max_examples=40, deadline=None)
    @given(
        st.lists(
            st.tuples(st.floats(0, 20_000).map(round), st.floats(0, 20_000).map(round)),
            min_size=1, max_size=6,
        )
    )  # fmt: skip
    def test_no_split_is_worked_out(self, pairs: list[tuple[int, int]]) -> None:
        """Women's hours of each masked contract, by a program over all that is published."""
        rows = [
            (f"M{rank}", sex, float(amount))
            for rank, pair in enumerate(pairs)
            for sex, amount in zip(("women", "men"), pair, strict=True)
        ]
        found = protect_hours(self.hours(*rows))
        key = found.set_index(["contract", "sex"])["performed_hours"]
        named = found[found["contract"].notna()]
        totals = found[found["contract"].isna()].set_index("sex")["performed_hours"]
        if "femmes" not in totals:
            # No row says that any hours are of one sex.
            assert found["sex"].isna().all()
            return
        if pd.isna(totals["femmes"]):
            return
        names = list(named["contract"].unique())
        hidden = [name for name in names if pd.isna(key[(name, "femmes")])]
        for name, intruder in itertools.product(hidden, [None, *names]):
            women, men = pairs[int(name[1:])]
            if name == intruder or not women or not men:
                continue
            # Unknown: women and men of every contract; known: totals, what is shown, one's own.
            size, rows_eq, right = len(names), [], []
            for rank, each in enumerate(names):
                pair = pairs[int(each[1:])]
                for sex, amount in enumerate(pair):
                    fixed = each not in hidden or each == intruder or not amount
                    if fixed:
                        rows_eq.append(np.eye(2 * size)[2 * rank + sex])
                        right.append(amount)
                if not pd.isna(named[(named["contract"] == each) & named["sex"].isna()]
                               ["performed_hours"].iloc[0]):  # fmt: skip
                    rows_eq.append(np.eye(2 * size)[2 * rank] + np.eye(2 * size)[2 * rank + 1])
                    right.append(sum(pair))
            for sex, word in enumerate(("femmes", "hommes")):
                rows_eq.append(np.tile(np.eye(2)[sex], size))
                right.append(totals[word])
            goal = np.eye(2 * size)[2 * names.index(name)]
            ends = [
                sign * linprog(sign * goal, A_eq=np.array(rows_eq), b_eq=right).fun
                for sign in (1, -1)
            ]
            assert ends[0] <= 0.8 * women + 1e-4
            assert ends[1] >= min(1.2 * women, women + men) - 1e-4


class TestLawful:
    def test_small_contracts_of_persons_are_left_out(self) -> None:
        """R2196-1: essential data from 40 000 €; under it nothing has a person's contract shown."""
        given_contracts = register(
            contract("M1", 39_999.99, SOLE_TRADER), contract("M2", 40_000.0, SOLE_TRADER),
            contract("M3", 10_000.0, FIRM), contract("M4", None, SOLE_TRADER),
            contract("M5", None, FIRM),
        )  # fmt: skip
        kept, left_out = limit_to_lawful(given_contracts, {FIRM}, buyer=BUYER)
        assert list(kept.contracts["contract"]) == ["M2", "M3", "M5"] and left_out == 2
        assert list(kept.holders["contract"]) == ["M2", "M3", "M5"]

    def test_a_small_contract_tells_no_act_of_a_person(self) -> None:
        """The holder is a firm, the subcontractor a person: the act states what it receives."""
        held = register(contract("M1", 39_000.0, FIRM), contract("M2", 39_000.0, FIRM))
        act = {"buyer_id": BUYER, "contract": "M1", "holder_id": SOLE_TRADER, "amount_eur": 8_000.0}
        held = replace(held, subcontracts=make_table([act], "contract_subcontract"))
        kept, left_out = limit_to_lawful(held, {FIRM}, buyer=BUYER)
        assert list(kept.contracts["contract"]) == ["M2"] and left_out == 1
        assert not len(kept.subcontracts)

    def test_contracts_of_other_buyers_are_theirs_to_publish(self) -> None:
        others = contract("M1", 90_000.0) | {"buyer_id": "13000000000017"}
        kept, left_out = limit_to_lawful(register(others), {FIRM}, buyer=BUYER)
        assert len(kept.contracts) == 0 and left_out == 0

    def test_the_list_of_contracts_names_no_holder(self) -> None:
        content = csv_bytes(publish_contracts(register(contract("M2", 40_000.0, SOLE_TRADER))))
        assert SOLE_TRADER.encode() not in content and b"M2" in content


class TestMembers:
    def test_amounts_and_awardees_are_left_out(self) -> None:
        rows = [
            ("social-clause", "M1", 1.0), ("social-clause", "M9", 1.0),
            ("sme-awardees", f"M1 / {SOLE_TRADER}", 1.0), ("sme-euros", "M1", 1234.56),
        ]  # fmt: skip
        members = pd.DataFrame(rows, columns=["indicator", "member", "weight"]).assign(
            variant="published", year=2024, buyer_id=BUYER, label="Objet", outcome="counts",
            missing=None, amount_eur=9.0,
        )  # fmt: skip
        found = publish_members(
            members, register(contract("M1", 50_000.0)), values(), ["social-clause"]
        )
        content = csv_bytes(found).decode("utf-8")
        assert list(found.rows["member"]) == ["M1"]
        assert SOLE_TRADER not in content and "1234.56" not in content


def whole(folder: Path, **facts: Any) -> Path:
    """Publish a small set of tables with everything that tables may hold."""
    held = register(
        contract("M1", 50_000.0, label=HOSTILE[0], notification_date=datetime.date(2024, 5, 2)),
        contract("M2", 60_000.0, label=HOSTILE[1]),
    )
    members = pd.DataFrame(
        [("M1", HOSTILE[0], "counts"), ("M2", HOSTILE[1], "unknown")],
        columns=["member", "label", "outcome"],
    ).assign(
        indicator="social-clause", variant="published", year=2024, buyer_id=BUYER, weight=1.0,
        missing=None,
    )  # fmt: skip
    groups = pd.DataFrame(
        [
            ("01.01", "Bureau", "Office", 100.5, "shown"),
            ("02.01", "Voirie", "Roads", None, "masked"),
        ],
        columns=["group", "label_fr", "label_en", "spend_eur", "protection"],
    ).assign(covered_eur=lambda t: t["spend_eur"], emissions_tco2e=lambda t: t["spend_eur"] / 3,
             low_tco2e=None, high_tco2e=None)  # fmt: skip
    hours = pd.DataFrame(
        [("M1", "women", 200.0), ("M1", "men", 300.0)],
        columns=["contract", "sex", "performed_hours"],
    ).assign(year=2024)
    total = groups.head(1).assign(spend_eur=300.0)
    publish_tables(
        [
            publish_indicators(values(), NAMES),
            publish_members(members, held, values(), ["social-clause"]),
            publish_groups(groups, total, 2024, "families"),
            publish_hours(hours),
            publish_contracts(held),
        ],
        folder,
        about(**facts),
        [Extra("decp-2022.json", "Données essentielles", "Essential data", b"{}\n")],
    )
    return folder


class TestPackage:
    def test_it_is_valid_for_frictionless(self, tmp_path: Path) -> None:
        pytest.importorskip("frictionless")
        assert check_package(whole(tmp_path / "ouvertes")) == []

    def test_damage_is_found_by_frictionless(self, tmp_path: Path) -> None:
        pytest.importorskip("frictionless")
        folder = whole(tmp_path / "ouvertes")
        path = folder / "marches.csv"
        path.write_bytes(path.read_bytes().replace(b"2024-05-02", b"2 mai 2024"))
        assert any("date_notification" in each for each in check_package(folder))

    def test_no_package_is_said(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match="no data package"):
            check_package(tmp_path)

    def test_it_describes_each_file_and_no_clock(self, tmp_path: Path) -> None:
        folder = whole(tmp_path / "ouvertes")
        package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
        assert package["licenses"][0]["name"] == "etalab-2.0"
        assert package["temporal"] == {"start": "2024-01-01", "end": "2024-12-31"}
        assert "created" not in package
        assert "Provisoire au 31/03/2025" in package["title"]
        for each in package["resources"]:
            content = (folder / each["path"]).read_bytes()
            assert each["bytes"] == len(content)
            assert each["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
            form = json.loads((folder / each["schema"]).read_text(encoding="utf-8"))
            header = content.decode("utf-8").split("\r\n", 1)[0].split(",")
            assert [field["name"] for field in form["fields"]] == header
            assert form["missingValues"] == [""]

    def test_the_same_tables_give_the_same_bytes(self, tmp_path: Path) -> None:
        one, two = whole(tmp_path / "une"), whole(tmp_path / "deux")
        names = sorted(path.relative_to(one) for path in one.rglob("*") if path.is_file())
        assert len(names) == 15
        assert all((one / name).read_bytes() == (two / name).read_bytes() for name in names)

    def test_all_files_or_none(self, tmp_path: Path) -> None:
        folder = whole(tmp_path / "ouvertes")
        before = (folder / "LISEZMOI.md").read_bytes()
        bad = Dataset(open_schema("hours"), pd.DataFrame({"year": [2024]}))
        with pytest.raises(FieldError):
            publish_tables([bad], folder, about())
        assert (folder / "LISEZMOI.md").read_bytes() == before
        assert [each.name for each in tmp_path.iterdir()] == ["ouvertes"]
        (tmp_path / "fichier").write_text("x", encoding="utf-8")
        with pytest.raises(OutputError):
            publish_tables([publish_indicators(values(), NAMES)], tmp_path / "fichier", about())
        with pytest.raises(FieldError, match="nothing to publish"):
            publish_tables([], folder, about())

    def test_the_workbook_runs_nothing(self, tmp_path: Path) -> None:
        folder = whole(tmp_path / "ouvertes")
        book = openpyxl.load_workbook(folder / "tableaux.xlsx")
        cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
        assert not [cell for cell in cells if cell.data_type == "f"]
        texts = [cell.value for cell in cells if isinstance(cell.value, str)]
        assert f"'{HOSTILE[0]}" in texts and not [text for text in texts if is_armed(text[:1])]

    def test_a_masked_cell_is_empty_in_every_file(self, tmp_path: Path) -> None:
        folder = whole(tmp_path / "ouvertes")
        rows = list(
            csv.DictReader(io.StringIO((folder / "carbone-par-famille.csv").read_text("utf-8")))
        )
        (masked,) = [row for row in rows if row["etat"] == "masque"]
        assert masked["famille"] == "02.01" and masked["depense_eur"] == ""
        assert "| `carbone-par-famille.csv` |" in (folder / "LISEZMOI.md").read_text("utf-8")


class TestCatalogue:
    def read(self, folder: Path) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((folder / "catalogue.jsonld").read_text("utf-8"))
        return found

    def test_it_has_what_dcat_ap_demands(self, tmp_path: Path) -> None:
        """DCAT-AP 3.0: mandatory properties, and those recommended that the study states."""
        folder = whole(
            tmp_path / "o", base_url="https://data.example.org/achats/2024/",
            contact="Service achats", email="achats@example.org", spatial="https://www.geonames.org/1/",
        )  # fmt: skip
        catalogue = self.read(folder)
        assert {"dct:title", "dct:description", "dct:publisher"} <= set(catalogue)
        assert catalogue["dct:publisher"]["foaf:name"] == "Ville d'Essai"
        for each in catalogue["dcat:dataset"]:
            assert {title["@language"] for title in each["dct:title"]} == {"fr", "en"}
            assert {text["@language"] for text in each["dct:description"]} == {"fr", "en"}
            assert each["dcat:contactPoint"]["vcard:hasEmail"] == {
                "@id": "mailto:achats@example.org"
            }
            assert each["dct:spatial"]["@id"].startswith("https://www.geonames.org")
            assert all("/authority/data-theme/" in one["@id"] for one in each["dcat:theme"])
            assert each["dct:accrualPeriodicity"]["@id"].endswith("/frequency/ANNUAL")
            for part in each["dcat:distribution"]:
                address = part["dcat:accessURL"]["@id"]
                assert address.startswith("https://data.example.org/achats/2024/")
                content = (folder / address.rpartition("/")[2]).read_bytes()
                assert part["dcat:byteSize"]["@value"] == str(len(content))
                told = part["spdx:checksum"]["spdx:checksumValue"]["@value"]
                assert told == hashlib.sha256(content).hexdigest()
                assert part["dct:license"]["@id"] == "https://spdx.org/licenses/etalab-2.0"
        table = next(e for e in catalogue["dcat:dataset"] if e["@id"].endswith("#marches"))
        (part,) = table["dcat:distribution"]
        assert part["dct:conformsTo"]["@id"].endswith("/schemas/marches.json")
        assert part["dcat:mediaType"]["@id"].endswith("/text/csv")

    def test_prefixes_are_declared(self, tmp_path: Path) -> None:
        catalogue = self.read(whole(tmp_path / "o"))
        declared = set(catalogue["@context"])

        def names(node: Any) -> set[str]:
            if isinstance(node, dict):
                own = {key for key in node if not key.startswith("@")}
                return own.union(*(names(each) for key, each in node.items() if key != "@context"))
            return set().union(*map(names, node)) if isinstance(node, list) else set()

        used = {name.partition(":")[0] for name in names(catalogue) if ":" in name}
        assert used <= declared

    def test_what_the_study_does_not_state_is_left_out(self, tmp_path: Path) -> None:
        folder = whole(tmp_path / "o")
        for each in self.read(folder)["dcat:dataset"]:
            assert "dcat:contactPoint" not in each and "dct:spatial" not in each
            (part,) = each["dcat:distribution"]
            assert "://" not in part["dcat:accessURL"]["@id"]
        assert "relatives" in (folder / "LISEZMOI.md").read_text(encoding="utf-8")


class TestAbout:
    FACTS: ClassVar[dict[str, Any]] = {"year": 2024, "as_of": datetime.date(2025, 3, 31)}

    @pytest.mark.parametrize(
        "address", ["ftp://example.org", "example.org", "https://", "https://a?b"]
    )
    def test_an_address_that_is_none_is_refused(self, address: str) -> None:
        with pytest.raises(FieldError) as caught:
            read_about({"base_url": address}, {"name": "Ville"}, "bilan.toml", **self.FACTS)
        assert caught.value.field == "base_url" and caught.value.file == "bilan.toml"

    def test_an_unknown_key_is_refused(self) -> None:
        with pytest.raises(FieldError) as caught:
            read_about({"base_ulr": "https://a.org"}, {"name": "V"}, "bilan.toml", **self.FACTS)
        assert "base_ulr" in str(caught.value)
