"""Tables that people edit: what a finance office writes is read; what does not fit is named."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from lcc.errors import FieldError, InputError
from lcc.reading import edited
from lcc.reading.cells import read_cell
from lcc.reading.edited import read_edited, write_edited
from lcc.tables import Field, Schema

FORM = Schema(
    name="rating",
    title="Ratings",
    fields=(
        Field("account", "string", "Account", {"required": True, "pattern": "[0-9]+"}, "Compte"),
        Field(
            "rating",
            "string",
            "Rating",
            {"enum": ["favourable", "neutral"]},
            "Cotation",
            {"favorable": "favourable", "neutre": "neutral"},
        ),
        Field("share", "number", "Share", {"minimum": 0, "maximum": 1}, "Part"),
        Field("year", "integer", "Year", {}, "Exercice"),
        Field("decided", "boolean", "Whether decided", {}, "Décidé"),
        Field("decided_on", "date", "Day of the decision", {}, "Date de décision"),
    ),
    primary_key=("account",),
)

FRENCH = (
    "Compte;COTATION;Part;Exercice;Décidé;Date de decision\r\n"
    "60612;Favorable;12,5 %;2024;oui;31/12/2024\r\n"
    "\r\n"
    "6156;neutre;0,25;;non;\r\n"
)
EXPECTED: tuple[dict[str, Any], ...] = (
    {
        "account": "60612",
        "rating": "favourable",
        "share": 0.125,
        "year": 2024,
        "decided": True,
        "decided_on": datetime.date(2024, 12, 31),
    },
    {
        "account": "6156",
        "rating": "neutral",
        "share": 0.25,
        "year": None,
        "decided": False,
        "decided_on": None,
    },
)


@pytest.fixture(autouse=True)
def only_this_schema(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edited, "schema", lambda name: FORM)


def write(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "cotations.csv"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_a_french_file_is_read_whatever_its_encoding(tmp_path: Path, encoding: str) -> None:
    table = read_edited(write(tmp_path, FRENCH, encoding), "rating")
    assert table.records == EXPECTED
    # Rows are numbered as a spreadsheet numbers them, blank ones included.
    assert table.rows == (2, 4)


@pytest.mark.parametrize("name", ["cotations.csv", "cotations.xlsx"])
def test_what_is_written_reads_back(tmp_path: Path, name: str) -> None:
    path = write_edited(EXPECTED, "rating", tmp_path / name)
    assert read_edited(path, "rating").records == EXPECTED


def test_codes_are_written_as_the_words_of_their_list(tmp_path: Path) -> None:
    path = write_edited(EXPECTED, "rating", tmp_path / "cotations.csv")
    assert ";favorable;" in path.read_text(encoding="utf-8-sig")


def test_columns_may_stand_in_any_order_and_be_left_out(tmp_path: Path) -> None:
    table = read_edited(write(tmp_path, "rating,account\nneutral,60\n"), "rating")
    assert table.records[0]["rating"] == "neutral" and table.records[0]["share"] is None
    assert table.to_arrow()["account"].to_pylist() == ["60"]


def test_a_workbook_typed_by_hand_is_read(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["Compte", "Part", "Date de décision"])
    book.active.append([60612, 0.3, datetime.date(2024, 1, 2)])
    book.save(tmp_path / "a.xlsx")
    record = read_edited(tmp_path / "a.xlsx", "rating").records[0]
    assert (record["account"], record["share"]) == ("60612", 0.3)
    assert record["decided_on"] == datetime.date(2024, 1, 2)


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx"])
def test_a_number_written_has_one_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    fields = (Field("lot", "string", "Lot", {}, "Lot"), Field("eur", "number", "Cost", {}, "Coût"))
    monkeypatch.setattr(edited, "schema", lambda name: Schema("t", "t", fields, ()))
    write_edited([{"lot": "A", "eur": 60.949}], "t", tmp_path / name)
    assert read_edited(tmp_path / name, "t").records == ({"lot": "A", "eur": 60.949},)


def test_a_text_that_a_spreadsheet_would_run_is_disarmed_and_read_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = Schema("t", "t", (Field("why", "string", "Why", {}, "Pourquoi"),), ())
    monkeypatch.setattr(edited, "schema", lambda name: form)
    for name in ("a.csv", "a.xlsx"):
        path = write_edited([{"why": '=HYPERLINK("http://x")'}], "t", tmp_path / name)
        assert read_edited(path, "t").records == ({"why": '=HYPERLINK("http://x")'},)
    cell = load_workbook(tmp_path / "a.xlsx").active["A2"]
    assert cell.data_type == "s" and cell.value.startswith("'=")


CELLS = {
    "a word that is none of the list": ("60;excellent;;;;", "Cotation", "favorable | neutre"),
    "a number that is none": ("60;;beaucoup;;;", "Part", "a number"),
    "a number with two readings": ("60;;1.234;;;", "Part", "two ways"),
    "a share with two readings": ("60;;1.234 %;;;", "Part", "two ways"),
    "above the most": ("60;;130 %;;;", "Part", "at most 1"),
    "below the least": ("60;;-1;;;", "Part", "at least 0"),
    "not whole": ("60;;;2024,5;;", "Exercice", "whole number"),
    "neither yes nor no": ("60;;;;peut-être;", "Décidé", "oui | non"),
    "a day that does not exist": ("60;;;;;31/02/2024", "Date de décision", "a date such as"),
    "an empty key": (";neutre;;;;", "Compte", "Account"),
    "letters in a code": ("6O612;;;;;", "Compte", "[0-9]+"),
}


@pytest.mark.parametrize(("row", "field", "expected"), CELLS.values(), ids=CELLS.keys())
def test_a_cell_that_does_not_fit_is_named(
    tmp_path: Path, row: str, field: str, expected: str
) -> None:
    path = write(tmp_path, f"Compte;Cotation;Part;Exercice;Décidé;Date de décision\n{row}\n")
    with pytest.raises(FieldError) as caught:
        read_edited(path, "rating")
    assert caught.value.rows == (2,) and caught.value.field == field
    assert caught.value.file == "cotations.csv" and expected in str(caught.value.expected)


def test_other_faults_are_counted_beside_the_first(tmp_path: Path) -> None:
    path = write(tmp_path, "Compte;Part\n60;x\n61;y\n62;z\n")
    with pytest.raises(FieldError, match="2 more"):
        read_edited(path, "rating")


def test_a_row_longer_than_the_header_is_refused(tmp_path: Path) -> None:
    """A text with the delimiter in it, not quoted, moves what follows: nothing is taken."""
    path = write(tmp_path, "Compte;Cotation\n60612;neutre;;\n6156;favorable;neutre\n")
    with pytest.raises(FieldError, match="more cells than the header") as caught:
        read_edited(path, "rating")
    assert caught.value.rows == (3,) and caught.value.found == "neutre"


def test_two_rows_of_one_key_are_refused_naming_both(tmp_path: Path) -> None:
    path = write(tmp_path, "Compte;Part\n60;0,1\n61;0,2\n60;0,3\n")
    with pytest.raises(FieldError) as caught:
        read_edited(path, "rating")
    assert caught.value.rows == (2, 4) and caught.value.found == "60"


@pytest.mark.parametrize(("cell", "read"), [("5 %", 0.05), ("0,05", 0.05), ("120 %", 1.2)])
def test_a_percentage_carries_its_sign(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cell: str, read: float
) -> None:
    fields = (Field("lot", "string", "Lot", {}, "Lot"), Field("u", "number", "U", {}, "± %"))
    monkeypatch.setattr(edited, "schema", lambda name: Schema("t", "t", fields, ()))
    table = read_edited(write(tmp_path, f"Lot;± %\nA;{cell}\n"), "t")
    assert table.records[0]["u"] == pytest.approx(read)
    # 5 under a header in percent is 5 % to who types it: never 500 %.
    with pytest.raises(FieldError, match="such as 5 %"):
        read_edited(write(tmp_path, "Lot;± %\nA;5\n"), "t")


FILES = {
    "an unknown column": (b"Compte;Cotatoin\n60;neutre\n", "did you mean Cotation"),
    "a column twice": (b"Compte;Part;part\n60;0,1;0,2\n", "stands twice"),
    "a missing column": (b"Cotation;Part\nneutre;0,1\n", "a column is missing"),
    "an empty file": (b"", "empty"),
    "only blanks": (b"\n;;\n", "empty"),
    "a quote left open": (b'Compte;Part\n"60;0,1\n', "broken CSV"),
    "a broken workbook": (b"PK\x03\x04 cut short", "cannot be opened"),
    "no text": (bytes(range(256)) * 8, "cotations.csv"),
}


@pytest.mark.parametrize(("content", "told"), FILES.values(), ids=FILES.keys())
def test_a_damaged_file_is_refused(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "cotations.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"cotations\.csv") as caught:
        read_edited(path, "rating")
    assert told in str(caught.value)


def test_a_missing_column_is_told_from_those_that_may_be_absent(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_edited(write(tmp_path, "Cotation;Part\nneutre;0,1\n"), "rating")
    assert caught.value.expected == "Compte"
    assert "may be absent: Cotation, Part, Exercice" in str(caught.value)


@pytest.mark.parametrize("cell", ["acceptée", "accepté", "Accepte", "accepted"])
def test_a_participle_is_read_in_both_genders(cell: str) -> None:
    rules, words = {"enum": ["accepted", "pending"]}, {"acceptée": "accepted", "payé": "pending"}
    field = Field("status", "string", "Status", rules, "Statut", words)
    assert read_cell(cell, field, None) == "accepted"
    assert read_cell("payée", field, None) == "pending"
    with pytest.raises(ValueError, match="acceptée"):
        read_cell("accepter", field, None)


def test_a_missing_file_and_a_wrong_name_are_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_edited(tmp_path / "absent.csv", "rating")
    with pytest.raises(FieldError, match="CSV or XLSX"):
        write_edited([], "rating", tmp_path / "a.ods")
