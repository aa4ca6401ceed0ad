"""Tables: dialects, mappings, conventional headers, damage of every kind."""

from __future__ import annotations

import datetime
import zipfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from lcc.errors import FieldError, InputError, LccError
from lcc.reading.dialect import canonical_decimal, date_reader, guess_decimal
from lcc.spending.check import check
from lcc.spending.mapping import load_mapping
from lcc.spending.sources import open_source
from lcc.spending.sources.tabular import draft_mapping, open_tabular

HEADER = "Exercice;Date de mandat;Compte;Tiers;Objet;Montant TTC"
ROW = "2023;31/12/2023;6068;Café Élan;Fournitures;1 234,50"


def rows_of(path: Path, mapping: Any = None) -> list[dict[str, Any]]:
    return pa.Table.from_batches(list(open_tabular(path, mapping).batches())).to_pylist()


def write(folder: Path, text: str, encoding: str = "utf-8", name: str = "mandats.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


class TestAmounts:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("1 234,50 €", "1234.50"),
            ("1\u00a0234,50", "1234.50"),
            ("1\u202f234\u202f567,89", "1234567.89"),
            ("1.234,50", "1234.50"),
            ("1.234.567", "1234567"),
            ("(1 234,50)", "-1234.50"),
            ("1 234,50-", "-1234.50"),
            ("−500,00", "-500.00"),
            ("+12", "12"),
            ("1234.5", "1234.5"),
            (",5", "0.5"),
            ("20 %", "20"),
            # What does not fit is left for the check to name.
            ("12 34,5", "12 34,5"),
            ("1,2,3", "1,2,3"),
            ("1E+05", "1E+05"),
            ("--5", "--5"),
            ("NC", "NC"),
            ("١٢", "١٢"),
        ],
    )
    def test_decimal_comma(self, text: str, expected: str) -> None:
        assert canonical_decimal(text, ",") == expected

    def test_ambiguous_thousands_are_left_alone(self) -> None:
        """`1.234` is one thousand or one unit: only the file's decimal mark can say."""
        assert canonical_decimal("1.234", None) == "1.234"
        assert canonical_decimal("1.234", ",") == "1234"
        assert canonical_decimal("1.234", ".") == "1.2340"  # settled
        assert canonical_decimal("1,234", ".") == "1234"

    def test_decimal_mark_is_guessed_from_what_cannot_be_thousands(self) -> None:
        assert guess_decimal(["12", "1 234,50", "1.234"]) == ","
        assert guess_decimal(["12.5", "1,234"]) == "."
        assert guess_decimal(["1.234", "5,678"]) is None
        assert guess_decimal(["12.5", "12,5"]) is None

    @given(st.decimals(-(10**12), 10**12, places=2, allow_nan=False))
    def test_every_french_writing_reads_back(self, amount: Any) -> None:
        sign = "-" if amount < 0 else ""
        whole, cents = f"{abs(amount):.2f}".split(".")
        for space in ("", " ", "\u00a0", "\u202f", "."):
            written = f"{sign}{int(whole):,}".replace(",", space) + f",{cents}"
            assert canonical_decimal(written, ",") == f"{sign}{whole}.{cents}"


class TestDates:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("31/12/2023", "2023-12-31"),
            ("1/2/24", "2024-02-01"),
            ("31.12.2023", "2023-12-31"),
            ("2023-12-31T10:00:00", "2023-12-31"),
            ("31/12/2023 10:00", "2023-12-31"),
            ("20231231", "2023-12-31"),
            ("31/02/2023", "31/02/2023"),
            ("2023", "2023"),
            ("45291", "45291"),
        ],
    )
    def test_usual_writings(self, text: str, expected: str) -> None:
        assert date_reader(None)(text) == expected

    def test_stated_format(self) -> None:
        assert date_reader("%m/%d/%Y")("12/31/2023") == "2023-12-31"
        assert date_reader("%m/%d/%Y")("31/12/2023") == "31/12/2023"

    def test_unknown_format_is_refused(self) -> None:
        with pytest.raises(FieldError, match="format of dates"):
            date_reader("jj/mm/aaaa")


class TestDialects:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "latin-1", "utf-16"])
    def test_encodings(self, tmp_path: Path, encoding: str) -> None:
        (row,) = rows_of(write(tmp_path, f"{HEADER}\n{ROW}\n", encoding))
        assert row["payee_name"] == "Café Élan"
        assert row["amount_ttc"] == "1234.50"
        assert row["date"] == "2023-12-31"
        assert row["record_text"] == ROW

    @pytest.mark.parametrize("delimiter", [";", "|", "\t", ","])
    def test_delimiters(self, tmp_path: Path, delimiter: str) -> None:
        row = ROW.replace("1 234,50", '"1 234,50"')
        text = f"{HEADER}\n{row}\n{row}\n".replace(";", delimiter)
        assert [r["amount_ttc"] for r in rows_of(write(tmp_path, text))] == ["1234.50"] * 2

    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    def test_line_ends(self, tmp_path: Path, end: str) -> None:
        rows = rows_of(write(tmp_path, f"{HEADER}{end}{ROW}{end}{ROW}"))
        assert [row["source_row"] for row in rows] == [2, 3]

    def test_accent_across_two_blocks(self, tmp_path: Path) -> None:
        """Encodings are counted a megabyte at a time: a character may straddle two blocks."""
        for shift in range(3):
            filler = "x" * ((1 << 20) - len(HEADER) - 2 - shift)
            text = f"{HEADER}\n2023;;;{filler};é;1,00\n"
            assert len(rows_of(write(tmp_path, text))) == 1

    def test_stated_encoding_that_is_not_the_files(self, tmp_path: Path) -> None:
        columns = {"amount_ttc": "Montant TTC", "budget_year": "Exercice"}
        for real, stated in (("cp1252", "utf-8"), ("utf-8", "cp1252")):
            path = write(tmp_path, f"{HEADER}\n{ROW}\n", real)
            with pytest.raises(InputError, match="not in the encoding") as raised:
                open_tabular(path, {"file": {"encoding": stated}, "columns": columns})
            assert raised.value.field == "encoding"

    def test_dos_accents_cannot_be_decided(self, tmp_path: Path) -> None:
        path = write(tmp_path, f"{HEADER}\n2023;;6068;Café Élève;été;1,00\n", "cp850")
        with pytest.raises(InputError, match="encoding") as raised:
            open_tabular(path)
        assert "cp850" in str(raised.value)
        stated = {"file": {"encoding": "cp850"}}
        assert rows_of(path, stated)[0]["payee_name"] == "Café Élève"

    def test_damaged_characters_in_utf8_are_reported_not_repaired(self, tmp_path: Path) -> None:
        path = tmp_path / "mandats.csv"
        good = f"{HEADER}\n{ROW}\n{ROW}\n".encode()
        path.write_bytes(good + b"2023;31/12/2023;6068;Caf\xe9;x;10,00\n")
        rows = rows_of(path)
        assert [row["payee_name"] for row in rows] == ["Café Élan", "Café Élan", "Caf\ufffd"]
        assert "text-damaged" in check([path]).reconciliation["files"][0]["codes"]

    def test_excel_text_formula_keeps_zeros(self, tmp_path: Path) -> None:
        path = write(tmp_path, f'{HEADER}\n2023;;="06068";A;x;="1,50"\n')
        assert rows_of(path)[0]["account"] == "06068"

    def test_preamble_blank_and_total_rows(self, tmp_path: Path) -> None:
        """Row numbers are the spreadsheet's; the total is set aside, for it would count twice."""
        text = f"Export du 1er janvier\n\n{HEADER}\n{ROW}\n\n{ROW}\n;;;;;\nTOTAL;;;;;2 469,00\n"
        path = write(tmp_path, text)
        rows = rows_of(path)
        assert [row["source_row"] for row in rows] == [4, 6, 8]
        assert [row["read_code"] for row in rows] == [None, None, "read-total-row"]
        files = check([path]).reconciliation["files"][0]
        assert (files["rows_kept"], files["rows_quarantined"]) == (2, 1)
        assert files["amount_kept_cents"] == files["amount_quarantined_cents"] == 2_469_00

    def test_total_energies_is_no_total(self, tmp_path: Path) -> None:
        row = "2023;;60612;TOTALENERGIES;Gaz;12,00"
        assert rows_of(write(tmp_path, f"{HEADER}\n{row}\n"))[0]["read_code"] is None


class TestQuotes:
    def test_newline_and_delimiter_in_quotes(self, tmp_path: Path) -> None:
        text = f'{HEADER}\n2023;;6068;"A; ""B""\nSuite";x;1,00\n{ROW}\n'
        rows = rows_of(write(tmp_path, text))
        assert rows[0]["payee_name"] == 'A; "B"\nSuite'
        assert rows[0]["record_text"] == '2023;;6068;"A; ""B""\nSuite";x;1,00'
        assert [row["source_row"] for row in rows] == [2, 3]

    def test_open_quote_swallows_no_row(self, tmp_path: Path) -> None:
        text = f'{HEADER}\n2023;;6068;"Société;x;1,00\n{ROW}\n2023;;6068;"B";x;3,00\n'
        rows = rows_of(write(tmp_path, text))
        assert [row["amount_ttc"] for row in rows] == ["1.00", "1234.50", "3.00"]
        assert [row["read_code"] for row in rows] == [None] * 3

    def test_open_quote_at_the_end(self, tmp_path: Path) -> None:
        rows = rows_of(write(tmp_path, f'{HEADER}\n{ROW}\n2023;;6068;"B;x;3,00'))
        assert [row["amount_ttc"] for row in rows] == ["1234.50", "3.00"]

    def test_name_that_begins_with_a_quoted_word(self, tmp_path: Path) -> None:
        rows = rows_of(write(tmp_path, f'{HEADER}\n2023;;6068;"ACME" SARL;x;3,00\n{ROW}\n'))
        assert rows[0]["payee_name"] == "ACME SARL"
        assert len(rows) == 2


class TestDamage:
    def test_wrong_number_of_cells_is_set_aside_with_its_text(self, tmp_path: Path) -> None:
        path = write(tmp_path, f"{HEADER}\n{ROW}\n2023;oops\n1;2;3;4;5;6;7\n{ROW};;\n")
        rows = rows_of(path)
        assert [row["read_code"] for row in rows] == [None, *["read-cell-count"] * 2, None]
        spending = check([path])
        assert spending.quarantine["code"].tolist() == ["read-cell-count"] * 2
        assert spending.quarantine["record_text"].tolist() == ["2023;oops", "1;2;3;4;5;6;7"]
        assert spending.quarantine["source_row"].tolist() == [3, 4]

    def test_null_bytes_are_set_aside(self, tmp_path: Path) -> None:
        rows = f"{ROW}\n" * 5
        path = write(tmp_path, f"{HEADER}\n{rows}2023;;6068;A\0B;x;1,00\n")
        assert check([path]).quarantine["code"].tolist() == ["read-null-byte"]

    def test_unreadable_amount_is_set_aside(self, tmp_path: Path) -> None:
        path = write(tmp_path, f"{HEADER}\n{ROW}\n2023;;6068;A;x;mille\n2023;;6068;A;x;\n")
        assert check([path]).quarantine["code"].tolist() == ["amount-unreadable"] * 2

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (b"", "empty"),
            (b"  \r\n\n ", "empty"),
            (b"\xef\xbb\xbf", "empty"),
            ((HEADER + "\n").encode(), "no rows"),
            ((HEADER + "\n;;;;;\n\n").encode(), "no rows"),
            (b"abc\n", "columns"),
            (b"\x00\x01\x02" * 50, "."),
            (b"PK\x03\x04 not a workbook", "workbook"),
            (b"PAR1 cut short", "Parquet"),
        ],
    )
    def test_unreadable_files_say_why(self, tmp_path: Path, content: bytes, words: str) -> None:
        path = tmp_path / "dossier d’été" / "mandats.csv"
        path.parent.mkdir()
        path.write_bytes(content)
        with pytest.raises(LccError, match=words) as raised:
            list(open_tabular(path).batches())
        assert "mandats.csv" in str(raised.value)
        assert raised.value.found is not None

    def test_absent_file(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match="cannot be read") as raised:
            open_tabular(tmp_path / "absent.csv")
        assert raised.value.remedy is not None

    def test_hostile_texts_are_only_texts(self, tmp_path: Path) -> None:
        hostile = ['=HYPERLINK("http://x")', "'; DROP TABLE work; --", "$threshold", "{lines}"]
        rows = "\n".join(
            f'2023;;6068;"{text.replace(chr(34), chr(34) * 2)}";"{text[:5]}";1,20'
            for text in hostile
        )
        path = write(tmp_path, f"{HEADER}\n{rows}\n", name="a'; DROP TABLE line; --.csv")
        spending = check([path])
        assert spending.lines["payee_name"].tolist() == hostile
        assert spending.lines["amount_usable_cents"].tolist() == [100] * 4

    def test_one_long_line_of_quotes(self, tmp_path: Path) -> None:
        path = write(tmp_path, f"{HEADER}\n{ROW}\n" + '"' + "x" * 3_000_000 + "\n")
        assert [row["read_code"] for row in rows_of(path)] == [None, "read-cell-count"]

    @pytest.mark.parametrize("keep", [10, 40, 80, 100, 130])
    def test_half_a_file_never_ends_in_a_traceback(self, tmp_path: Path, keep: int) -> None:
        path = tmp_path / "m.csv"
        path.write_bytes(f"{HEADER}\n{ROW}\n{ROW}\n".encode("cp1252")[:keep])
        try:
            check([path])
        except LccError as error:
            assert error.remedy is not None


class TestMapping:
    MAPPING = """\
[file]
kind = "payment"
nomenclature = "M57"
[columns]
amount_ttc = ["Montant mandaté", "Montant TTC"]
date = "Date de mandat"
account = "Compte"
payee_name = "tiers"
entry_type = "Objet"
[constants]
buyer_id = "20009320100016"
budget = "EAU"
[values.entry_type]
"Fournitures" = "non-cash"
[budgets]
"Eau" = "recovered"
"""

    def test_everything_it_says_is_done(self, tmp_path: Path) -> None:
        mapping = tmp_path / "m.toml"
        mapping.write_text(self.MAPPING, encoding="utf-8")
        (row,) = rows_of(write(tmp_path, f"{HEADER}\n{ROW}\n", "cp1252"), mapping)
        assert row["amount_ttc"] == "1234.50"
        assert row["payee_name"] == "Café Élan"
        assert row["entry_type"] == "non-cash"
        assert row["buyer_id"] == "20009320100016"
        assert row["nomenclature"] == "M57"
        assert row["vat_regime"] == "recovered"
        assert row["budget_year"] is None

    @pytest.mark.parametrize(
        ("content", "field", "proposal"),
        [
            ({"columns": {"amount_tc": "x"}}, "amount_tc", "amount_ttc"),
            ({"colums": {}}, "colums", "columns"),
            ({"file": {"delimeter": ";"}}, "delimeter", "delimiter"),
            ({"file": {"kind": "paiement"}}, "paiement", "payment"),
            ({"file": {"encoding": "utf-9"}}, "encoding", "cp1252"),
            ({"file": {"delimiter": ";;"}}, "delimiter", '";"'),
            ({"file": {"header_row": 0}}, "header_row", "row number"),
            ({"budgets": {"EAU": "recouvré"}}, "recouvré", "recovered"),
            ({"columns": {"date": 3}}, "date", "text"),
            ({"constants": {"amout_ht": "1"}}, "amout_ht", "amount_ht"),
            ({"columns": "date"}, "columns", "table"),
        ],
    )
    def test_mistakes_are_named_with_what_was_meant(
        self, content: dict[str, Any], field: str, proposal: str
    ) -> None:
        with pytest.raises(FieldError) as raised:
            load_mapping(content)
        assert raised.value.field == field
        assert proposal in str(raised.value)

    def test_broken_toml_and_absent_file(self, tmp_path: Path) -> None:
        path = tmp_path / "m.toml"
        path.write_text("[columns\n", encoding="utf-8")
        with pytest.raises(InputError, match=r"m\.toml.*not TOML"):
            load_mapping(path)
        with pytest.raises(InputError, match="cannot be read"):
            load_mapping(tmp_path / "absent.toml")

    def test_missing_column_lists_those_found(self, tmp_path: Path) -> None:
        path = write(tmp_path, f"{HEADER}\n{ROW}\n")
        columns = {"amount_ttc": "Montant TTC", "date": "Date de mandta"}
        with pytest.raises(InputError) as raised:
            open_tabular(path, {"columns": columns})
        message = str(raised.value)
        assert "Exercice, Date de mandat, Compte" in message
        assert "did you mean Date de mandat" in message

    def test_wrong_delimiter_shows_the_one_column_it_makes(self, tmp_path: Path) -> None:
        path = write(tmp_path, f"{HEADER}\n{ROW}\n")
        content = {"file": {"delimiter": "|"}, "columns": {"amount_ttc": "Montant TTC"}}
        with pytest.raises(InputError, match="Exercice;Date de mandat"):
            open_tabular(path, content)

    def test_duplicate_headers(self, tmp_path: Path) -> None:
        path = write(tmp_path, "Exercice;Montant;Montant\n2023;10,00;12,00\n")
        columns = {"budget_year": "Exercice", "amount_ttc": "Montant"}
        with pytest.raises(InputError, match="several times") as raised:
            open_tabular(path, {"columns": columns})
        assert "Montant (2)" in str(raised.value)
        columns["amount_ttc"] = "Montant (2)"
        assert rows_of(path, {"columns": columns})[0]["amount_ttc"] == "12.00"

    def test_no_amount_no_year(self, tmp_path: Path) -> None:
        path = write(tmp_path, f"{HEADER}\n{ROW}\n")
        with pytest.raises(InputError, match="amount_ht or amount_ttc"):
            open_tabular(path, {"columns": {"date": "Date de mandat"}})
        with pytest.raises(InputError, match="budget_year"):
            open_tabular(path, {"columns": {"amount_ttc": "Montant TTC"}})
        fixed = {"columns": {"amount_ttc": "Montant TTC"}, "constants": {"budget_year": "2023"}}
        assert rows_of(path, fixed)[0]["budget_year"] == "2023"

    def test_mapping_beside_files_that_need_none(self, tmp_path: Path) -> None:
        """A contract list with conventional headers goes through beside mapped payments."""
        payments = write(tmp_path, "An;Ce qu'on paie\n2023;12,00\n2023;1,00\n")
        contracts = write(
            tmp_path,
            "id|nature|objet|codeCPV|dateNotification|montant|procedure\n"
            "1|Marché|x|45000000-7|01/01/2023|5 000,00|MAPA\n",
            name="contrats.csv",
        )
        mapping = {
            "file": {"kind": "payment"},
            "columns": {"budget_year": "An", "amount_ttc": "Ce qu'on paie"},
        }
        loaded = load_mapping(mapping)
        kinds = [
            next(iter(open_source(path, loaded).batches())).column("kind")[0].as_py()
            for path in (payments, contracts)
        ]
        assert kinds == ["payment", "award"]


class TestConventions:
    def test_unknown_layout_offers_a_draft(self, tmp_path: Path) -> None:
        path = write(tmp_path, "Quand;Combien\n2023;1,00\n")
        with pytest.raises(InputError) as raised:
            open_tabular(path)
        message = str(raised.value)
        assert "Quand, Combien" in message
        assert "[columns]" in message
        assert "--mapping" in message

    def test_amount_without_tax_basis_is_refused(self, tmp_path: Path) -> None:
        """« Montant » alone is HT or TTC: 20 % apart, so the user chooses."""
        path = write(tmp_path, "Exercice;N° mandat;Compte;Tiers;Montant\n2023;1;6068;A;12,00\n")
        with pytest.raises(InputError, match="HT or TTC"):
            open_tabular(path)

    def test_draft_is_a_mapping_that_reads_the_file(self, tmp_path: Path) -> None:
        path = write(tmp_path, f"{HEADER};Divers\n{ROW};x\n", "cp1252")
        draft = tmp_path / "draft.toml"
        draft.write_text(draft_mapping(path), encoding="utf-8")
        (row,) = rows_of(path, draft)
        assert row["amount_ttc"] == "1234.50"
        assert row["account"] == "6068"
        assert '"Divers"' in draft.read_text(encoding="utf-8")

    def test_region_bretagne(self, real_data: Path) -> None:
        """195 awards (count of ../shared/data/decp/README.md), pipes, French dates and decimals.

        First row as the file shows it: 14 700,00 €, notified 01/01/2021.
        """
        path = real_data / "decp/csv/region_bretagne_marches_2021.csv"
        rows = rows_of(path)
        assert len(rows) == 195
        assert {row["kind"] for row in rows} == {"award"}
        assert (rows[0]["amount_ht"], rows[0]["date"]) == ("14700.00", "2021-01-01")
        assert rows[0]["cpv"] == "48411000-2"
        assert rows[0]["supplier_id"] == "45066344800022"
        assert all(row["read_code"] is None for row in rows)


class TestWorkbooks:
    def make(self, path: Path, rows: list[list[Any]], merged: tuple[str, ...] = ()) -> Path:
        import openpyxl

        book = openpyxl.Workbook()
        cover = book.active
        cover.title = "Lisez-moi"
        sheet = book.create_sheet("Mandats")
        for row in rows:
            sheet.append(row)
        for cells in merged:
            sheet.merge_cells(cells)
        book.save(path)
        return path

    def test_typed_cells_are_exact(self, tmp_path: Path) -> None:
        """0.1 + 0.2 is 0.3 as the spreadsheet shows it; an account is no decimal."""
        path = self.make(
            tmp_path / "m.xlsx",
            [
                ["Exercice", "Date de mandat", "Compte", "SIRET", "Montant TTC"],
                [2023, datetime.date(2023, 12, 31), 60612, 20009320100016, 0.1 + 0.2],
                [2023, datetime.datetime(2023, 12, 31, 10), "6068", "00012", 1234567.891],
                [2023, "31/12/2023", "6068", None, "1 234,50"],
                [2023, None, "6068", None, 123.456],
            ],
        )
        rows = rows_of(path)
        assert [row["amount_ttc"] for row in rows] == ["0.3", "1234567.891", "1234.50", "123.4560"]
        assert [row["date"] for row in rows] == ["2023-12-31"] * 3 + [None]
        assert [row["account"] for row in rows] == ["60612", "6068", "6068", "6068"]
        assert [row["supplier_id"] for row in rows] == ["20009320100016", "00012", None, None]
        assert [row["source_row"] for row in rows] == [2, 3, 4, 5]

    def test_merged_header_under_a_title(self, tmp_path: Path) -> None:
        path = self.make(
            tmp_path / "m.xlsx",
            [
                ["Export des mandats"],
                [],
                ["Exercice", "Compte", "N° mandat", "Montant", None],
                [None, None, None, "HT", "TTC"],
                [2023, 6068, 1, 10, 12],
            ],
            merged=("A1:E1", "A3:A4", "B3:B4", "C3:C4", "D3:E3"),
        )
        (row,) = rows_of(path)
        assert (row["amount_ht"], row["amount_ttc"]) == ("10", "12")
        assert row["source_row"] == 5

    def test_sheet_and_header_row(self, tmp_path: Path) -> None:
        path = self.make(tmp_path / "m.xlsx", [["note"], ["An", "Prix"], [2023, 12.5]])
        mapping = {
            "file": {"sheet": "Mandats", "header_row": 2},
            "columns": {"budget_year": "An", "amount_ttc": "Prix"},
        }
        assert rows_of(path, mapping)[0]["amount_ttc"] == "12.5"
        mapping["file"]["sheet"] = "Mandat"
        with pytest.raises(InputError, match="Mandats"):
            open_tabular(path, mapping)

    def test_zip_bomb_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "m.xlsx"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("[Content_Types].xml", "<Types/>")
            with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as stream:
                for _ in range(60):
                    stream.write(b" " * 1_000_000)
        with pytest.raises(InputError, match="refused"):
            open_tabular(path)

    def test_cell_at_the_far_end_is_refused(self, tmp_path: Path) -> None:
        """Two cells span 17 billion: the reader would hold them all."""
        import openpyxl

        book = openpyxl.Workbook()
        book.active["A1"] = "Exercice"
        book.active["XFD1048576"] = 1
        book.save(tmp_path / "m.xlsx")
        with pytest.raises(InputError, match="refused"):
            open_tabular(tmp_path / "m.xlsx")

    def test_half_a_workbook(self, tmp_path: Path) -> None:
        whole = self.make(tmp_path / "m.xlsx", [["Exercice", "Montant TTC"], [2023, 1]])
        whole.write_bytes(whole.read_bytes()[:-200])
        with pytest.raises(InputError, match="cannot be opened"):
            open_tabular(whole)

    def test_damaged_compression(self, tmp_path: Path) -> None:
        """Bytes changed inside a compressed sheet: one message, whatever the library meets."""
        path = self.make(tmp_path / "m.xlsx", [["Exercice", "Montant TTC"], *[[2023, 1]] * 200])
        content = bytearray(path.read_bytes())
        with zipfile.ZipFile(path) as archive:
            start = archive.getinfo("xl/worksheets/sheet2.xml").header_offset + 80
        content[start : start + 40] = bytes(40)
        path.write_bytes(content)
        with pytest.raises(InputError, match="cannot be opened"):
            open_tabular(path)

    def test_rows_and_columns_that_begin_further_on(self, tmp_path: Path) -> None:
        import openpyxl

        book = openpyxl.Workbook()
        for cell, content in {"C4": "Exercice", "D4": "Montant TTC", "C5": 2023, "D5": 1.5}.items():
            book.active[cell] = content
        book.save(tmp_path / "m.xlsx")
        columns = {"budget_year": "Exercice", "amount_ttc": "Montant TTC"}
        (row,) = rows_of(tmp_path / "m.xlsx", {"columns": columns})
        assert (row["source_row"], row["amount_ttc"]) == (5, "1.5")

    def test_empty_workbook(self, tmp_path: Path) -> None:
        path = self.make(tmp_path / "m.xlsx", [])
        with pytest.raises(InputError, match="empty"):
            open_tabular(path)


def test_parquet_types_are_exact(tmp_path: Path) -> None:
    from decimal import Decimal

    table = pa.table(
        {
            "Exercice": pa.array([2023, 2023], pa.int16()),
            "Compte": pa.array(["6068", "6156"]).dictionary_encode(),
            "Date": pa.array([datetime.date(2023, 1, 2), None]),
            "Montant TTC": pa.array([Decimal("1234.50"), Decimal("-0.01")], pa.decimal128(18, 2)),
            "Quantité": [0.1 + 0.2, float("nan")],
        }
    )
    path = tmp_path / "m.parquet"
    parquet.write_table(table, path)
    rows = rows_of(path)
    assert [row["amount_ttc"] for row in rows] == ["1234.50", "-0.01"]
    assert [row["quantity"] for row in rows] == ["0.3", None]
    assert [row["date"] for row in rows] == ["2023-01-02", None]
    assert [row["account"] for row in rows] == ["6068", "6156"]


def test_parquet_with_damaged_characters(tmp_path: Path) -> None:
    damaged = pa.StringArray.from_buffers(
        1, pa.py_buffer(b"\0\0\0\0\4\0\0\0"), pa.py_buffer(b"Caf\xe9")
    )
    table = pa.table({"Exercice": [2023], "Tiers": damaged, "Compte": ["1"], "Montant TTC": [1.5]})
    path = tmp_path / "m.parquet"
    parquet.write_table(table, path)
    assert rows_of(path)[0]["payee_name"] == "Caf\ufffd"


def test_unknown_words_of_a_closed_field_are_dropped(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = write(tmp_path, "Exercice;Compte;Rôle;N° mandat;Montant TTC\n2023;6068;chef;1;12,00\n")
    assert rows_of(path)[0]["role"] is None
    assert "'chef'" in caplog.text
