"""Measurements: tables, forms, SEVE results; each damage is named, and nothing is taken from it."""

from __future__ import annotations

import datetime

import openpyxl
import pytest

from lcc.clauses.evaluation import evaluate_clause
from lcc.clauses.forms import FORM_SHEET, clause_form, form_periods, write_form
from lcc.clauses.seve import compare_solutions
from lcc.clauses.uploads import read_measurements
from lcc.errors import FieldError, InputError

from .conftest import ROW_2024, ROW_2025  # isort: skip

AS_OF = datetime.date(2026, 11, 26)


class TestTable:
    def test_units_are_converted_once(self, contract, write_table):
        first, second = read_measurements([write_table(ROW_2025, ROW_2024)], [contract])
        # 94 t over 100 000 km; 85 000 kg over 100 Mm = 100 000 km. ± 10 % at 95 %: 0.1 / 1.96.
        assert (first.start.year, first.level) == (2024, pytest.approx(0.94))
        assert second.work == pytest.approx(100_000) and second.level == pytest.approx(0.85)
        assert first.error_cv == pytest.approx(0.1 / 1.959964)
        assert first.accepted and (first.file, first.row) == ("mesures.csv", 3)

    def test_an_intensity_stands_for_emissions(self, contract, write_table):
        row = ROW_2024.replace(";94;tCO2e;;;", ";;;0,00094;tCO2e/km;")
        (found,) = read_measurements([write_table(row)], [contract])
        assert found.emissions_kgco2e == pytest.approx(94_000)

    def test_an_unverified_one_is_kept_and_used_for_nothing(self, contract, write_table):
        row = ROW_2025.replace("contrôle;15/02/2026", ";")
        found = evaluate_clause(contract, [write_table(ROW_2024, row)], as_of=AS_OF)
        assert len(found.measurements) == 2
        assert found.baseline_effects["24M01"].measurements == 1
        assert found.baseline_effects["24M01"].effect == pytest.approx(-0.06)
        assert found.statuses["24M01"].status == "pending"
        assert found.records()["status"].to_pylist() == ["accepted", "pending"]
        assert found.noted


GOOD = ROW_2024.replace("2024", "2026").replace("02/2025", "02/2027")
DAMAGE = [
    (ROW_2024.replace("24M01", "24M99"), "Marché", "24M99", "of another contract"),
    (ROW_2024.replace("01/01/2024", "01/12/2023"), "Début de période", "2023-12-01", "outside"),
    (ROW_2025.replace("31/12/2025", "31/12/2027"), "Fin de période", "2027-12-31", "outside"),
    (ROW_2024.replace("31/12/2024", "01/01/2023"), "Fin de période", "2023-01-01", "before"),
    (ROW_2024.replace(";km;", ";zorglub;"), "Unité de la quantité", "zorglub", "convert"),
    (ROW_2024.replace(";km;", ";kWh;"), "Unité de la quantité", "kWh", "convert"),
    (ROW_2024.replace("tCO2e", "kg"), "Unité des émissions", "kg", "convert"),
    (ROW_2024.replace(";100000;", ";-100000;"), "Quantité d'ouvrage", "-100000", "fit"),
    (ROW_2024.replace(";94;", ";-94;"), "Émissions", "-94", "fit"),
    (ROW_2024.replace(";94;tCO2e;", ";;;"), "Émissions", "nothing", "one of the two"),
    (ROW_2024.replace(";10 %;", ";;"), "Incertitude (± %, à 95 %)", "nothing", "empty"),
    (ROW_2024.replace("15/02/2025", ""), "Vérifié le", "nothing", "verification"),
    (ROW_2024.replace("15/02/2025", "01/06/2024"), "Vérifié le", "2024-06-01", "before"),
    (ROW_2024.replace("contrôle", ""), "Vérifié par", "nothing", "nobody"),
]


@pytest.mark.parametrize(("row", "field", "found", "said"), DAMAGE, ids=range(len(DAMAGE)))
def test_each_damage_is_named_and_nothing_is_computed(
    contract, write_table, row, field, found, said
):
    with pytest.raises(FieldError) as caught:
        evaluate_clause(contract, [write_table(GOOD, row)], as_of=AS_OF)
    error = caught.value
    assert (error.file, error.rows, error.field) == ("mesures.csv", (3,), field)
    assert found in (error.found or "") and said in error.problem


def test_overlapping_periods_name_both_rows(contract, write_table):
    second = ROW_2025.replace("01/01/2025", "31/12/2024")
    with pytest.raises(FieldError) as caught:
        read_measurements([write_table(ROW_2024, second)], [contract])
    assert caught.value.rows == (2, 3) and "overlap" in caught.value.problem
    assert "2024-12-31" in (caught.value.found or "")


def test_overlap_between_two_files_is_found(contract, write_table):
    paths = [write_table(ROW_2024), write_table(ROW_2024, name="copie.csv")]
    with pytest.raises(FieldError) as caught:
        read_measurements(paths, [contract])
    assert "mesures.csv" in str(caught.value) and "copie.csv" in str(caught.value)


class TestForm:
    @pytest.fixture
    def fill(self, contract, tmp_path):
        """Return the form, some cells of its first period filled in."""

        def fill(*values, sheet=FORM_SHEET, of=contract):
            path = write_form(of, tmp_path / "mesures.xlsx")
            book = openpyxl.load_workbook(path)
            row = next(
                row[0].row
                for row in book[sheet].iter_rows()
                if str(row[0].value).startswith("period:")
            )
            for column, value in enumerate(values, 4):
                book[sheet].cell(row=row, column=column).value = value
            book.save(path)
            return path

        return fill

    def test_what_is_filled_in_is_read_and_waits(self, contract, fill):
        path = fill(100_000, 94, 10, "cuves", "factures, p. 2", 500_000)
        (found,) = read_measurements([path], [contract])
        assert (found.level, found.error_cv) == pytest.approx((0.94, 0.1 / 1.959964))
        assert (found.start, found.end) == (datetime.date(2024, 1, 1), datetime.date(2024, 12, 31))
        assert not found.accepted and found.evidence == "factures, p. 2"

    def test_same_contract_same_bytes_no_formula(self, contract, tmp_path):
        assert clause_form(contract) == clause_form(contract)
        book = openpyxl.load_workbook(write_form(contract, tmp_path / "a.xlsx"))
        cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
        assert not [cell for cell in cells if cell.data_type == "f"]
        assert book.sheetnames[:2] == [FORM_SHEET, "Mode d'emploi"]
        text = " ".join(str(cell.value) for cell in cells if cell.value)
        assert contract.hash in text and "Émissions de la période (tCO2e)" in text

    def test_periods_follow_the_plan_to_the_end(self, make_contract):
        contract = make_contract(
            contract={"end": datetime.date(2025, 2, 10)}, measurement={"every_months": 6},
            commitment={"steps": [{"date": datetime.date(2024, 1, 1), "reduction": 0.1}]},
        )  # fmt: skip
        assert [end.isoformat() for _, end in form_periods(contract)] == [
            "2024-06-30", "2024-12-31", "2025-02-10",
        ]  # fmt: skip

    def test_an_amended_contract_refuses_the_old_form(self, make_contract, fill):
        path = fill(100_000, 94, 10, "cuves", "p. 2")
        amended = make_contract(baseline={"value": 1.2})
        with pytest.raises(FieldError) as caught:
            read_measurements([path], [amended])
        assert caught.value.field == "contract_hash" and caught.value.expected == amended.hash

    def test_the_form_of_another_contract_is_refused(self, make_contract, fill):
        path = fill(100_000, 94, 10, "cuves", "p. 2")
        with pytest.raises(FieldError) as caught:
            read_measurements([path], [make_contract(contract={"id": "25M07"})])
        assert (caught.value.field, caught.value.found) == ("contract", "24M01")

    @pytest.mark.parametrize(
        ("values", "said", "found"),
        [
            (("=1+1", 94, 10, "m", "p"), "formula", "=1+1"),
            ((100_000, "beaucoup", 10, "m", "p"), "text", "beaucoup"),
            ((100_000, -94, 10, "m", "p"), "negative", "94"),
            ((100_000, 94, None, "m", "p"), "missing", "nothing"),
            ((100_000, 94, 0.1, "m", "p"), "share", "0,1"),
        ],
    )
    def test_an_answer_that_cannot_be_taken_is_named_by_its_cell(
        self, contract, fill, values, said, found
    ):
        with pytest.raises(FieldError) as caught:
            read_measurements([fill(*values)], [contract])
        assert caught.value.file == "mesures.xlsx" and "Mesures!" in (caught.value.field or "")
        assert said in caught.value.problem and found in (caught.value.found or "")

    def test_a_form_whose_rows_are_gone_is_refused(self, contract, fill):
        path = fill(100_000, 94, 10, "m", "p")
        book = openpyxl.load_workbook(path)
        sheet = book[FORM_SHEET]
        sheet.delete_rows(sheet.max_row)
        book.save(path)
        with pytest.raises(InputError) as caught:
            read_measurements([path], [contract])
        assert "2026-01-01" in (caught.value.found or "")


SEVE_HEADER = (
    "Marché;Solution;Début de période;Fin de période;Quantité d'ouvrage;Unité de la quantité;"
    "Émissions de GES (tCO2e);Énergie (MJ);Version de SEVE;Incertitude (± %, à 95 %);Justificatif;"
    "Vérifié par;Vérifié le"
)
BASE = "24M01;solution de base;01/01/2024;31/12/2024;100000;km;100;8000;4.0;8 %;p. 1;;"
VARIANT = BASE.replace("solution de base", "variante").replace(";100;8000;", ";93;7000;")


class TestSeve:
    """Indicators: SEVE, Méthodologie et sources, version 4.0 (2022), section 3.2."""

    def test_the_variant_is_what_was_done(self, contract, write_table):
        path = write_table(BASE, VARIANT, header=SEVE_HEADER)
        (found,) = read_measurements([path], [contract])
        assert found.level == pytest.approx(0.93) and found.method == "SEVE 4.0"
        assert not found.accepted

    def test_indicators_side_by_side(self, write_table):
        table = compare_solutions(write_table(BASE, VARIANT, header=SEVE_HEADER))
        changes = table.set_index("indicator")["change"]
        assert changes["emissions_tco2e"] == pytest.approx(-0.07)
        assert changes["energy_mj"] == pytest.approx(-0.125)
        assert table.set_index("indicator")["base"].isna()["transport_tkm"]

    def test_a_variant_without_base_is_refused(self, contract, write_table):
        with pytest.raises(FieldError) as caught:
            read_measurements([write_table(VARIANT, header=SEVE_HEADER)], [contract])
        assert "base" in caught.value.problem and caught.value.rows == (2,)

    def test_a_wrong_cell_is_named_as_one_of_a_seve_table(self, contract, write_table):
        path = write_table(BASE, VARIANT.replace(";93;", ";-93;"), header=SEVE_HEADER)
        with pytest.raises(FieldError) as caught:
            read_measurements([path], [contract])
        assert caught.value.field == "Émissions de GES (tCO2e)" and caught.value.rows == (3,)

    def test_a_header_that_lacks_a_column_is_told_as_that_of_a_seve_table(
        self, contract, write_table
    ):
        header = SEVE_HEADER.replace("Émissions de GES (tCO2e);", "")
        path = write_table(BASE.replace(";100;", ";"), header=header)
        with pytest.raises(InputError) as caught:
            read_measurements([path], [contract])
        assert "Émissions de GES (tCO2e)" in str(caught.value)


def test_what_waits_is_written_as_the_same_bytes(tmp_path, contract, measurement, monkeypatch):
    # Two seconds of a zip's clock apart, and another hour: the content alone decides.
    from lcc.clauses.records import write_pending

    waiting = [measurement(2024, 0.9, verified_by="")]
    write_pending([contract], waiting, tmp_path / "a.xlsx")
    monkeypatch.setattr("time.time", lambda: 2e9)
    write_pending([contract], waiting, tmp_path / "b.xlsx")
    first, second = ((tmp_path / name).read_bytes() for name in ("a.xlsx", "b.xlsx"))
    assert first == second
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert book.properties.modified == datetime.datetime(2000, 1, 1)
