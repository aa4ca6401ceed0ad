"""The bidder's form: the same bytes, closed structure, and every way of filling it in wrongly."""

from __future__ import annotations

import copy
import io
import os
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lcc.cost.tender.bids.bid import Bid
from lcc.cost.tender.bids.form_reading import read_bid_form
from lcc.cost.tender.bids.forms import bid_form, write_bid_forms
from lcc.cost.tender.bids.jury import build_jury, jury_form, load_jury, with_jury
from lcc.cost.tender.bids.reception import missing_values, read_bid, read_bids
from lcc.errors import FieldError, InputError
from lcc.forms.workbook import FormCell, read_number
from lcc.wording import number_text

sys.path.insert(0, str(Path(__file__).parent))
from form_cases import CONTENT, fill, fill_bid, make_tender, rewrite_member, row_of

TENDER = make_tender()
SHARE = make_tender(
    fields={
        **CONTENT["fields"],
        "share": {"label": "Part de recyclé", "unit": "%", "minimum": -5, "maximum": 100},
    }
)
FORM = bid_form(TENDER)


def open_form(content: bytes = FORM) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content))


class TestForm:
    def test_the_same_tender_gives_the_same_bytes_whatever_the_clock(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("TZ", "Pacific/Auckland")
        if hasattr(time, "tzset"):
            time.tzset()
        time.sleep(1.1)  # the change date openpyxl writes has one second
        assert bid_form(make_tender()) == FORM
        monkeypatch.undo()
        if hasattr(time, "tzset"):
            time.tzset()

    def test_no_date_of_the_clock_is_inside(self) -> None:
        with zipfile.ZipFile(io.BytesIO(FORM)) as archive:
            assert {each.date_time for each in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
            core = archive.read("docProps/core.xml").decode()
        assert core.count("2000-01-01T00:00:00Z") == 2

    def test_another_rule_gives_another_form(self) -> None:
        changed = make_tender(criteria=[{**CONTENT["criteria"][0], "weight": 100}])
        assert changed.hash != TENDER.hash and bid_form(changed) != FORM

    def test_no_formula_no_macro_no_link(self) -> None:
        book = open_form()
        cells = [cell for page in book for row in page.iter_rows() for cell in row]
        assert not [cell for cell in cells if cell.data_type == "f"]
        with zipfile.ZipFile(io.BytesIO(FORM)) as archive:
            names = archive.namelist()
        assert not [name for name in names if "vba" in name.lower() or "external" in name.lower()]

    def test_sheets_are_protected_and_only_the_answers_are_open(self) -> None:
        book = open_form()
        assert book.security.lockStructure
        assert book.sheetnames == ["Offre", "Mode d'emploi", "lcc"]
        assert book["lcc"].sheet_state == "veryHidden"
        page = book["Offre"]
        assert page.protection.sheet
        opened = {
            cell.coordinate
            for row in page.iter_rows()
            for cell in row
            if not cell.protection.locked
        }
        answers = ["bid:name", "bid:siret", "price:levee", "price:tonne", "field:emissions",
                   "field:consumption", "field:noise"]  # fmt: skip
        expected = {f"D{row_of(page, key)}" for key in answers}
        emissions = row_of(page, "field:emissions")  # alone asks for a document
        assert opened == expected | {f"G{emissions}", f"H{emissions}"}

    def test_each_row_says_unit_limits_and_evidence(self) -> None:
        page = open_form()["Offre"]
        row = row_of(page, "field:emissions")
        texts = [page.cell(row, column).value for column in range(2, 7)]
        assert texts[:2] == ["Émissions du service", "tCO2e"]
        assert texts[3] == "de 0 à 5\u202f000"
        assert "Note de calcul sur les tournées du marché" in texts[4]
        assert "l'entreprise en général ne compte pas" in texts[4]
        row = row_of(page, "price:levee")
        assert page.cell(row, 3).value == "€/unité"
        assert page.cell(row, 5).value == "120\u202f000 unités"

    def test_numbers_are_validated_within_the_published_limits(self) -> None:
        page = open_form()["Offre"]
        rules = {str(each.sqref): each for each in page.data_validations.dataValidation}
        rule = rules[f"D{row_of(page, 'field:consumption')}"]
        assert (rule.type, rule.operator) == ("decimal", "between")
        assert (float(rule.formula1), float(rule.formula2)) == (0, 2)
        assert float(rules[f"D{row_of(page, 'price:levee')}"].formula1) == 0

    def test_the_hash_of_the_rule_is_seen_and_hidden(self) -> None:
        book = open_form()
        seen = [cell.value for row in book["Offre"].iter_rows() for cell in row]
        guide = " ".join(str(row[0].value) for row in book["Mode d'emploi"].iter_rows())
        assert TENDER.hash in seen and TENDER.hash in guide

    def test_the_guide_lists_all_answers_that_are_required(self) -> None:
        options = [
            {"key": "kept", "label": "Nuit", "compared": True},
            {"key": "left", "label": "Fête", "compared": False},
        ]
        lines = [
            *CONTENT["quantities"],
            {"key": "n", "label": "Tournée de nuit", "quantity": 9, "unit": "item", "part": "kept"},
            {"key": "f", "label": "Tournée de fête", "quantity": 9, "unit": "item", "part": "left"},
        ]
        form = bid_form(make_tender(quantities=lines, options=options))
        guide = [str(row[0].value) for row in open_form(form)["Mode d'emploi"].iter_rows()]
        (said,) = [each for each in guide if each.startswith("Réponses obligatoires")]
        assert "prix unitaire, Levée de bac" in said and "prix unitaire, Tournée de nuit" in said
        assert "Tournée de fête" not in said and "Consommation (en tournée)" in said

    def test_the_guide_says_what_company_evidence_is_worth(self) -> None:
        guide = " ".join(str(row[0].value) for row in open_form()["Mode d'emploi"].iter_rows())
        assert "aucun point" in guide and "jamais complétée à votre place" in guide

    def test_hostile_labels_are_never_run(self) -> None:
        hostile = '=HYPERLINK("http://x","y")'
        fields = {"x": {"label": hostile, "unit": "kg"}}
        tender = make_tender(
            consultation={**CONTENT["consultation"], "title": hostile, "buyer": "@SUM(1)\x07"},
            criteria=[{**CONTENT["criteria"][0], "weight": 100}],
            fields=fields,
        )
        book = open_form(bid_form(tender))
        cells = [cell for page in book for row in page.iter_rows() for cell in row]
        assert not [cell for cell in cells if cell.data_type == "f"]
        assert [cell for cell in cells if cell.value == "'" + hostile]
        assert [cell for cell in cells if cell.value == "'@SUM(1)"]

    def test_one_form_per_lot(self, tmp_path: Path) -> None:
        lots = [{"key": "nord", "label": "Nord"}, {"key": "sud/../x", "label": "Sud"}]
        quantities = [
            {**CONTENT["quantities"][0], "lot": "nord"},
            {**CONTENT["quantities"][1], "lot": "sud/../x"},
        ]
        tender = make_tender(
            consultation={**CONTENT["consultation"], "lots": lots}, quantities=quantities
        )
        written = write_bid_forms(tender, tmp_path / "forms")
        assert [each.name for each in written] == ["offre-nord.xlsx", "offre-sud-x.xlsx"]
        keys = [row[0].value for row in open_form(written[0].read_bytes())["Offre"].iter_rows()]
        assert "price:levee" in keys and "price:tonne" not in keys
        with pytest.raises(FieldError, match="no such lot"):
            bid_form(tender, "est")


class TestReading:
    def test_a_filled_form_is_read_as_typed(self, tmp_path: Path) -> None:
        bid = read_bid(fill_bid(TENDER, tmp_path / "A.xlsx"), TENDER)
        assert (bid.key, bid.name, bid.file) == ("A", "Entreprise A", "A.xlsx")
        assert bid.unit_prices == {"levee": 0.5, "tonne": 5.25}
        assert bid.values == {"emissions": 410.0, "consumption": 0.42, "noise": None}
        assert bid.rule_hash == TENDER.hash and not bid.problems and not bid.notes

    @pytest.mark.parametrize(
        ("typed", "noted"),
        [("732 829 320 00074", False), (73282932000074, False), ("123", True), (None, False)],
    )
    def test_a_siret_that_is_none_is_noted(
        self, tmp_path: Path, typed: object, noted: bool
    ) -> None:
        bid = read_bid(fill_bid(TENDER, tmp_path / "A.xlsx", {"bid:siret": typed}), TENDER)
        assert bool(bid.notes) is noted
        assert bid.siret == ("" if typed is None else str(typed).replace(" ", ""))

    def test_evidence_keeps_its_level_and_its_document(self, tmp_path: Path) -> None:
        def attach(page: Any) -> None:
            row = row_of(page, "field:emissions")
            page.cell(row, 7).value = "Entreprise"
            page.cell(row, 8).value = "Certificat"

        bid = read_bid(fill_bid(TENDER, tmp_path / "C.xlsx", change=attach), TENDER)
        assert bid.evidence["emissions"].level == "company"
        assert bid.evidence["emissions"].document == "Certificat"

    def test_an_empty_answer_is_listed_never_completed(self, tmp_path: Path) -> None:
        path = fill_bid(TENDER, tmp_path / "E.xlsx", {"field:consumption": None})
        bid = read_bid(path, TENDER)
        assert bid.values["consumption"] is None
        missing = missing_values(bid, TENDER)
        assert ("value", "consumption") in [(each.kind, each.key) for each in missing]
        # The optional one is not asked for.
        assert "noise" not in [each.key for each in missing]

    def test_spaces_are_an_empty_answer(self, tmp_path: Path) -> None:
        bid = read_bid(fill_bid(TENDER, tmp_path / "E.xlsx", {"price:levee": "  "}), TENDER)
        assert bid.unit_prices["levee"] is None

    @pytest.mark.parametrize(
        ("typed", "read"),
        [("0,42", 0.42), (" 1,5 ", 1.5), ("1", 1.0), ("1 234,5", 1234.5),
         ("1\u202f234", 1234.0), ("1\u00a0234,5", 1234.5)],
    )  # fmt: skip
    def test_a_french_decimal_typed_as_text_is_read_and_said(self, typed: str, read: float) -> None:
        cell = FormCell("Offre!D12", typed)
        number, note = read_number(cell, "A.xlsx", "Consommation", "a number")
        assert number == read
        assert "Offre!D12" in note and typed.strip() in note

    @given(st.floats(-1e9, 1e9).filter(lambda number: number == 0 or abs(number) > 1e-3))
    def test_what_documents_write_is_read_back(self, number: float) -> None:
        """To the twelve figures a document shows, minus sign and thin spaces included."""
        cell = FormCell("Offre!D12", number_text(number))
        back, _ = read_number(cell, "A.xlsx", "Consommation", "a number")
        assert back == pytest.approx(number, rel=1e-9, abs=1e-12)

    @pytest.mark.parametrize(
        "typed",
        ["1.5", "1.234", "1,234,567", "1.234,5", "12 34", "0,42 l/km", "environ 3", "#N/A", "1,",
         "--1", "１", "NaN", "inf", "=1+1", "<script>", "1e9999"],
    )  # fmt: skip
    def test_any_other_text_is_refused_by_cell(self, typed: str) -> None:
        with pytest.raises(FieldError) as error:
            read_number(FormCell("Offre!D12", typed), "A.xlsx", "Consommation", "in litre/km")
        shown = str(error.value)
        assert "A.xlsx" in shown and "Offre!D12" in shown and "Consommation" in shown
        assert "in litre/km" in shown and "remedy" in shown

    @pytest.mark.parametrize(
        ("typed", "format_", "read"),
        [
            (3.2, "General", 3.2), (0.032, "0.0%", 3.2), (0.07, "0%", 7.0),
            (0.0005, "0.00%", 0.05), (3.2, '0.0" %"', 3.2), (3.2, r"0.0\%", 3.2),
            ("3,2 %", "@", 3.2), ("0,05%", "@", 0.05),
            (0, "General", 0.0), (0.2, "General", 0.2), (-0.01, "0%", -1.0),
        ],
    )  # fmt: skip
    def test_a_percentage_is_read_as_it_is_shown(
        self, tmp_path: Path, typed: object, format_: str, read: float
    ) -> None:
        """A spreadsheet that is given « 3,2 % » keeps 0.032 and a format that shows a sign."""
        bid = read_bid(self.fill_share(tmp_path, typed, format_), SHARE)
        assert bid.values["share"] == read
        shown = isinstance(typed, str) or format_ in ("0.0%", "0%", "0.00%")
        assert (len(bid.notes) == 1) is shown

    @pytest.mark.parametrize("typed", [0.032, 0.1999, -0.05, "0,032"])
    def test_a_percentage_so_small_needs_its_sign(self, tmp_path: Path, typed: object) -> None:
        with pytest.raises(FieldError, match="may be a share") as error:
            read_bid(self.fill_share(tmp_path, typed, "General"), SHARE)
        assert "Offre!D" in str(error.value) and "type the sign" in str(error.value.remedy)
        if typed in (0.032, "0,032"):
            assert "0,032 % or 3,2 %" in str(error.value)

    def test_a_share_in_another_unit_is_left_as_it_is(self) -> None:
        cell = FormCell("Offre!D12", 0.032, percent=True)
        assert read_number(cell, "A.xlsx", "Part", "a share") == (0.032, "")

    @staticmethod
    def fill_share(folder: Path, typed: object, format_: str) -> Path:
        def write(page: Any) -> None:
            cell = page.cell(row_of(page, "field:share"), 4)
            cell.value, cell.number_format = typed, format_

        return fill_bid(SHARE, folder / "A.xlsx", change=write)

    @pytest.mark.parametrize("typed", [True, float("nan"), float("inf")])
    def test_what_is_no_finite_number_is_refused(self, typed: object) -> None:
        with pytest.raises(FieldError):
            read_number(FormCell("Offre!D12", typed), "A.xlsx", "Consommation", "a number")

    def test_a_formula_is_refused_by_its_cell(self, tmp_path: Path) -> None:
        path = fill_bid(TENDER, tmp_path / "A.xlsx", {"price:levee": "=0.4+0.1"})
        with pytest.raises(FieldError, match="formula") as error:
            read_bid(path, TENDER)
        row = row_of(open_form()["Offre"], "price:levee")
        shown = str(error.value)
        assert f"Offre!D{row}" in shown and "=0.4+0.1" in shown and "Levée de bac" in shown

    def test_one_slip_does_not_hide_the_others_bids(self, tmp_path: Path) -> None:
        fill_bid(TENDER, tmp_path / "A.xlsx")
        fill_bid(
            TENDER, tmp_path / "B.xlsx", {"price:levee": "=1+1", "field:consumption": "env. 3"}
        )
        (tmp_path / "~$A.xlsx").write_bytes(b"lock")
        first, second = read_bids([tmp_path], TENDER)
        assert not first.problems
        assert set(second.problems) == {"unit-price:levee", "value:consumption"}
        assert second.unit_prices["levee"] is None and second.values["consumption"] is None
        missing = {each.key: each.problem for each in missing_values(second, TENDER)}
        assert "formula" in str(missing["levee"]) and "env. 3" in str(missing["consumption"])
        with pytest.raises(FieldError, match="1 more"):
            read_bids([tmp_path], TENDER, strict=True)

    def test_a_value_out_of_the_published_limits_is_set_apart(self, tmp_path: Path) -> None:
        path = fill_bid(TENDER, tmp_path / "A.xlsx", {"field:consumption": 2.01})
        bid = read_bid(path, TENDER, strict=False)
        assert bid.values["consumption"] is None
        shown = str(bid.problems["value:consumption"])
        assert "2,01 litres/km" in shown and "de 0 à 2" in shown and "buyer decides" in shown

    def test_a_date_a_spreadsheet_made_of_a_number_is_refused(self, tmp_path: Path) -> None:
        from datetime import datetime

        path = fill_bid(TENDER, tmp_path / "A.xlsx", {"field:consumption": datetime(2026, 5, 1)})
        with pytest.raises(FieldError, match="no number"):
            read_bid(path, TENDER)

    def test_a_formula_for_a_name_is_refused(self, tmp_path: Path) -> None:
        path = fill_bid(TENDER, tmp_path / "A.xlsx", {"bid:name": '=HYPERLINK("x","y")'})
        bid = read_bid(path, TENDER, strict=False)
        assert bid.name == "A" and "formula" in str(bid.problems["bid:name"])
        # The buyer reads what was there, and not that nothing was.
        said = " ".join(bid.notes)
        assert "n'a pas pu être lue" in said and "HYPERLINK" in said and "vide" not in said

    @pytest.mark.parametrize("name", ["../../x", "<script>alert(1)</script>", "'=1+1", "Ñ" * 9000])
    def test_a_hostile_name_is_a_name(self, tmp_path: Path, name: str) -> None:
        bid = read_bid(fill_bid(TENDER, tmp_path / "A.xlsx", {"bid:name": name}), TENDER)
        assert name.startswith(bid.name) and bid.key == "A"

    def test_a_reach_without_a_described_document_still_has_its_cells(self, tmp_path: Path) -> None:
        fields = {"x": {"label": "X", "unit": "kg", "evidence_level": "contract"}}
        tender = make_tender(fields=fields, criteria=[{**CONTENT["criteria"][0], "weight": 100}])

        def attach(page: Any) -> None:
            page.cell(row_of(page, "field:x"), 7).value = "marché"
            page.cell(row_of(page, "field:x"), 8).value = "Essai"

        values = {"bid:name": "A", "price:levee": 1, "price:tonne": 1, "field:x": 2}
        path = fill(bid_form(tender), tmp_path / "A.xlsx", values, change=attach)
        bid = read_bid(path, tender)
        assert bid.evidence["x"].level == "contract" and missing_values(bid, tender) == ()
        path = fill(bid_form(tender), tmp_path / "B.xlsx", values)
        assert [each.kind for each in missing_values(read_bid(path, tender), tender)] == [
            "evidence"
        ]

    def test_a_word_that_is_no_level_is_refused(self, tmp_path: Path) -> None:
        def attach(page: Any) -> None:
            page.cell(row_of(page, "field:emissions"), 7).value = "groupe"

        path = fill_bid(TENDER, tmp_path / "A.xlsx", change=attach)
        with pytest.raises(FieldError, match=r"marché \| entreprise"):
            read_bid(path, TENDER)


class TestAnotherForm:
    def test_of_another_consultation(self, tmp_path: Path) -> None:
        other = make_tender(consultation={**CONTENT["consultation"], "reference": "2025-X"})
        path = fill_bid(other, tmp_path / "A.xlsx")
        with pytest.raises(FieldError, match="another consultation") as error:
            read_bid(path, TENDER)
        assert "2025-X" in str(error.value) and "2026-COLLECTE-01" in str(error.value)

    def test_of_another_rule_and_read_when_asked(self, tmp_path: Path) -> None:
        criteria = [dict(each) for each in CONTENT["criteria"]]
        criteria[0]["weight"], criteria[1]["weight"] = 45, 30
        path = fill_bid(TENDER, tmp_path / "A.xlsx")
        changed = make_tender(criteria=criteria)
        with pytest.raises(FieldError, match="another version of the rule"):
            read_bid(path, changed)
        bid = read_bid(path, changed, any_rule=True)
        assert bid.rule_hash == TENDER.hash != changed.hash

    def test_of_another_rule_with_other_limits_but_never_other_units(self, tmp_path: Path) -> None:
        path = fill_bid(TENDER, tmp_path / "A.xlsx")
        for change, refused in (({"maximum": 3}, False), ({"unit": "litre/100 km"}, True)):
            fields = copy.deepcopy(CONTENT["fields"])
            fields["consumption"] |= change
            changed = make_tender(fields=fields)
            if refused:
                with pytest.raises(FieldError, match="fixed cell"):
                    read_bid(path, changed, any_rule=True)
            else:
                assert read_bid(path, changed, any_rule=True).notes == ()

    def test_of_the_jury(self, tmp_path: Path) -> None:
        path = tmp_path / "A.xlsx"
        path.write_bytes(jury_form(TENDER, [Bid("A", "A")]))
        with pytest.raises(InputError, match="not the form"):
            read_bid(path, TENDER)

    def test_without_its_identity(self, tmp_path: Path) -> None:
        def forget(page: Any) -> None:
            del page.parent["lcc"]

        with pytest.raises(InputError, match="not the form"):
            read_bid(fill_bid(TENDER, tmp_path / "A.xlsx", change=forget), TENDER)

    def test_a_unit_changed_after_unlocking_is_seen(self, tmp_path: Path) -> None:
        def change(page: Any) -> None:
            page.cell(row_of(page, "price:tonne"), 3).value = "€/kg"

        with pytest.raises(FieldError, match="fixed cell") as error:
            read_bid(fill_bid(TENDER, tmp_path / "A.xlsx", change=change), TENDER)
        assert "€/kg" in str(error.value) and "€/tonne" in str(error.value)

    def test_a_row_deleted_is_seen(self, tmp_path: Path) -> None:
        def change(page: Any) -> None:
            page.delete_rows(row_of(page, "price:tonne"))

        with pytest.raises(InputError, match="Tonne collectée"):
            read_bid(fill_bid(TENDER, tmp_path / "A.xlsx", change=change), TENDER)

    def test_a_row_copied_is_seen(self, tmp_path: Path) -> None:
        def change(page: Any) -> None:
            row = row_of(page, "price:tonne")
            for column in range(1, 9):
                page.cell(40, column).value = page.cell(row, column).value
            page.cell(40, 4).value = 3

        with pytest.raises(InputError, match="stands twice") as error:
            read_bid(fill_bid(TENDER, tmp_path / "A.xlsx", change=change), TENDER)
        assert "Offre!A40" in str(error.value)

    def test_a_reservation_beside_the_cells_is_told(self, tmp_path: Path) -> None:
        def change(page: Any) -> None:
            page.cell(14, 10).value = "sous réserve d'une hausse du gazole"
            page.cell(60, 2).value = "=1+1"
            page.parent.create_sheet("Conditions")

        bid = read_bid(fill_bid(TENDER, tmp_path / "A.xlsx", change=change), TENDER)
        notes = " ".join(bid.notes)
        assert "Offre!J14" in notes and "sous réserve d'une hausse du gazole" in notes
        assert "Offre!B60" in notes and "Conditions" in notes

    def test_rows_moved_are_read_by_their_key(self, tmp_path: Path) -> None:
        def change(page: Any) -> None:
            page.insert_rows(1, 3)

        bid = read_bid(fill_bid(TENDER, tmp_path / "A.xlsx", change=change), TENDER)
        assert bid.unit_prices == {"levee": 0.5, "tonne": 5.25}


class TestDamage:
    @pytest.mark.parametrize("share", [0.02, 0.3, 0.7, 0.95, 0.999])
    def test_a_file_cut_short(self, tmp_path: Path, share: float) -> None:
        path = tmp_path / "A.xlsx"
        path.write_bytes(FORM[: int(len(FORM) * share)])
        with pytest.raises(InputError) as error:
            read_bid(path, TENDER)
        assert "A.xlsx" in str(error.value)

    @pytest.mark.parametrize(
        "content",
        [b"", b"PK", b"PK\x03\x04" + b"\0" * 64, b"\xd0\xcf\x11\xe0" + b"\0" * 600, b"%PDF-1.7",
         b"<html>", os.urandom(2048)],
    )  # fmt: skip
    def test_a_file_that_is_no_workbook(self, tmp_path: Path, content: bytes) -> None:
        path = tmp_path / "A.xlsx"
        path.write_bytes(content)
        with pytest.raises(InputError, match=r"A\.xlsx"):
            read_bid(path, TENDER)

    def test_a_missing_file_and_a_folder(self, tmp_path: Path) -> None:
        for name in ("none.xlsx", "offres"):
            with pytest.raises(InputError, match="no such file or folder") as error:
                read_bids([tmp_path / name], TENDER)
            assert error.value.file == name
        with pytest.raises(InputError, match="no such file or folder"):
            read_bid(tmp_path / "none.xlsx", TENDER)
        with pytest.raises(InputError, match="no bid to read"):
            read_bids([tmp_path], TENDER)
        (tmp_path / "x.xlsx").mkdir()
        with pytest.raises(InputError, match="cannot be read"):
            read_bid(tmp_path / "x.xlsx", TENDER)

    def test_another_extension(self, tmp_path: Path) -> None:
        (tmp_path / "A.ods").write_bytes(b"PK")
        with pytest.raises(InputError, match=r"save the form as \.xlsx"):
            read_bid(tmp_path / "A.ods", TENDER)

    def test_an_archive_that_is_no_workbook(self, tmp_path: Path) -> None:
        path = tmp_path / "A.xlsx"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("content.xml", "<x/>")
        with pytest.raises(InputError, match="no workbook of Excel"):
            read_bid(path, TENDER)

    def test_a_bomb_is_not_unpacked(self, tmp_path: Path) -> None:
        path = tmp_path / "A.xlsx"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("xl/workbook.xml", "<x/>")
            archive.writestr("xl/sharedStrings.xml", b"\0" * 100_000_000)
        assert path.stat().st_size < 1_000_000
        start = time.perf_counter()
        with pytest.raises(InputError, match="unpacks to more"):
            read_bid(path, TENDER)
        assert time.perf_counter() - start < 1

    def test_a_size_that_lies_is_caught(self, tmp_path: Path) -> None:
        source, path = fill_bid(TENDER, tmp_path / "B.xlsx"), tmp_path / "A.xlsx"
        with zipfile.ZipFile(source) as archive:
            member = archive.getinfo("xl/worksheets/sheet1.xml")
        real = member.file_size.to_bytes(4, "little")
        path.write_bytes(source.read_bytes().replace(real, (10).to_bytes(4, "little")))
        with pytest.raises(InputError):
            read_bid(path, TENDER)

    def test_entities_are_not_expanded(self, tmp_path: Path) -> None:
        bomb = (
            b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
            b'<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
        )

        def add(content: bytes) -> bytes:
            return bomb + content.partition(b"?>")[2].replace(b"Entreprise A", b"&b;")

        source = fill_bid(TENDER, tmp_path / "B.xlsx")
        path = rewrite_member(source, tmp_path / "A.xlsx", "xl/sharedStrings.xml", add)
        try:
            bid = read_bid(path, TENDER)
        except InputError as error:
            assert "A.xlsx" in str(error)
        else:
            assert "aaaa" not in bid.name

    def test_a_far_cell_and_a_far_merge_cost_nothing(self, tmp_path: Path) -> None:
        source = fill_bid(TENDER, tmp_path / "B.xlsx")
        merged = b'<mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells>'

        def add(content: bytes) -> bytes:
            far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
            return content.replace(b"</sheetData>", far + merged)

        path = rewrite_member(source, tmp_path / "A.xlsx", "xl/worksheets/sheet1.xml", add)
        start = time.perf_counter()
        assert read_bid(path, TENDER).values["consumption"] == 0.42
        assert time.perf_counter() - start < 5

    def test_a_number_beyond_all_numbers(self, tmp_path: Path) -> None:
        source = fill_bid(TENDER, tmp_path / "B.xlsx", {"field:consumption": 0.123456})
        path = rewrite_member(
            source,
            tmp_path / "A.xlsx",
            "xl/worksheets/sheet1.xml",
            lambda content: content.replace(b"<v>0.123456</v>", b"<v>1e999</v>"),
        )
        with pytest.raises(FieldError, match="finite"):
            read_bid(path, TENDER)

    def test_macros_are_refused(self, tmp_path: Path) -> None:
        source = fill_bid(TENDER, tmp_path / "A.xlsx")
        with zipfile.ZipFile(source, "a") as archive:
            archive.writestr("xl/vbaProject.bin", b"\0")
        with pytest.raises(InputError, match="macros"):
            read_bid(source, TENDER)

    def test_a_large_file(self, tmp_path: Path) -> None:
        path = tmp_path / "A.xlsx"
        path.write_bytes(b"PK\x03\x04" + b"\0" * 6_000_000)
        with pytest.raises(InputError, match="too large"):
            read_bid(path, TENDER)

    def test_flipped_bytes_never_give_another_kind_of_error(self, tmp_path: Path) -> None:
        import random

        source = fill_bid(TENDER, tmp_path / "B.xlsx").read_bytes()
        chance = random.Random(1)
        for trial in range(60):
            content = bytearray(source)
            for _ in range(3):
                content[chance.randrange(len(content))] = chance.randrange(256)
            path = tmp_path / f"{trial}.xlsx"
            path.write_bytes(content)
            try:
                read_bid_form(path, TENDER)
            except (InputError, FieldError) as error:
                assert f"{trial}.xlsx" in str(error)


class TestJury:
    def test_the_guide_says_what_an_empty_mark_does(self) -> None:
        book = open_form(jury_form(TENDER, self.BIDS))
        guide = " ".join(str(row[0].value) for row in book["Mode d'emploi"].iter_rows())
        assert "l'évaluation s'arrête" in guide and "n'est pas classée" not in guide

    BIDS = (Bid("A", "Entreprise A"), Bid("B", '=HYPERLINK("x")'))

    def test_the_form_names_bids_without_running_them(self) -> None:
        page = open_form(jury_form(TENDER, self.BIDS))["Jury"]
        assert page["C5"].value == '\'=HYPERLINK("x")' and page["C5"].data_type == "s"
        assert page["D3"].value == "Valeur technique : note sur 20"
        assert jury_form(TENDER, self.BIDS) == jury_form(TENDER, self.BIDS)

    def test_marks_are_read_and_an_empty_one_stays_empty(self, tmp_path: Path) -> None:
        path = fill(
            jury_form(TENDER, self.BIDS), tmp_path / "jury.xlsx", {"mark:A": "14,5"}, sheet="Jury"
        )
        jury = load_jury(path, TENDER, self.BIDS)
        assert jury.marks == {"A": {"technique": 14.5}, "B": {"technique": None}}
        assert len(jury.notes) == 1
        assert [bid.jury["technique"] for bid in with_jury(self.BIDS, jury)] == [14.5, None]

    @pytest.mark.parametrize("mark", [20.5, -1, "=20", "bien"])
    def test_a_mark_off_its_scale_is_refused(self, tmp_path: Path, mark: object) -> None:
        path = fill(
            jury_form(TENDER, self.BIDS), tmp_path / "jury.xlsx", {"mark:A": mark}, sheet="Jury"
        )
        with pytest.raises(FieldError, match="Jury!D4"):
            load_jury(path, TENDER, self.BIDS)

    def test_the_same_in_toml(self, tmp_path: Path) -> None:
        path = tmp_path / "jury.toml"
        path.write_text(
            '[marks.A]\ntechnique = 14\n[comments.A]\ntechnique = "Clair."', encoding="utf-8"
        )
        bids = with_jury(self.BIDS, load_jury(path, TENDER, self.BIDS))
        assert bids[0].jury == {"technique": 14.0} and bids[0].comments == {"technique": "Clair."}
        assert bids[1].jury == {}

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            ({"marks": {"Z": {"technique": 1}}}, "bid that is not there"),
            ({"marks": {"A": {"price": 1}}}, "no such criterion"),
            ({"marks": {"A": {"technique": 21}}}, "off the published scale"),
            ({"marks": {"A": {"technique": "14"}}}, "number is expected"),
            ({"notes": {}}, "does not exist"),
            ({"comments": {"A": {"prix": "x"}}}, "no such criterion"),
        ],
    )
    def test_wrong_marks_are_named(self, content: dict[str, Any], message: str) -> None:
        with pytest.raises(FieldError, match=message):
            build_jury(content, TENDER, self.BIDS)

    def test_nothing_to_mark(self) -> None:
        with pytest.raises(InputError, match="nothing for a jury"):
            jury_form(TENDER, [])
