"""The command: from a contract to a form, from a form to what is verified, paid and recorded."""

from __future__ import annotations

import json

import openpyxl
import pytest
from bs4 import BeautifulSoup
from click.testing import CliRunner

from lcc.carbon.supplier import load_supplier_factors
from lcc.clauses.forms import FORM_SHEET
from lcc.cli import main
from lcc.errors import FieldError, OutputError
from lcc.tables import data_path, load_table

DEMO = data_path("procurement_map", "demo", "clauses")
KEYS = ("voirie-enrobes", "collecte-dechets", "repas-scolaires")
AS_OF = ("--as-of", "2026-11-26")


def run(*arguments):
    return CliRunner().invoke(main, ["clause", *map(str, arguments)])


def all_of_demo(out, *more):
    return run(
        *KEYS, "--measurements", DEMO / "mesures.csv", "--measurements",
        DEMO / "resultats_seve.csv", "--comparable", DEMO / "comparables.csv", *AS_OF,
        "--out", out, *more,
    )  # fmt: skip


def test_help_says_what_each_does():
    text = run("--help").output
    assert "evaluate" in text and "form" in text and "reference" in text
    assert "--comparable" in run("evaluate", "--help").output


def test_what_is_evaluated_is_told_and_written(tmp_path):
    result = all_of_demo(tmp_path / "out", "--no-page")
    assert result.exit_code == 1, result.output
    assert "indicator 13: 2 covered at least, 3 at most" in result.output
    content = json.loads((tmp_path / "out/evaluation.json").read_text("utf-8"))
    assert content["indicator_13"] == {"at_least": 2, "at_most": 3}
    assert {each["estimator"] for each in content["comparison"]} >= {"matched", "before-after"}
    assert load_table(tmp_path / "out/mesures.csv", "measurement").num_rows == 9
    assert len(load_supplier_factors(tmp_path / "out/facteurs_fournisseurs.csv")) == 3


def test_the_page_of_a_users_own_files_is_no_demonstration(tmp_path):
    contract = tmp_path / "marche.toml"
    text = (DEMO / "collecte-dechets.toml").read_text("utf-8")
    contract.write_text(text.replace("demonstration = true", ""), encoding="utf-8")
    rows = (DEMO / "mesures.csv").read_text("utf-8").splitlines()
    table = tmp_path / "mesures.csv"
    kept = [row for row in rows if "CARBONE-03" not in row]
    table.write_text("\n".join(kept) + "\n", encoding="utf-8")
    result = run(
        contract, "--measurements", table, *AS_OF, "--language", "en", "--out", tmp_path / "o"
    )
    assert result.exit_code == 1, result.output
    page = (tmp_path / "o/page/index.html").read_text("utf-8")
    assert "Demonstration data" not in page and str(tmp_path) not in page
    text = BeautifulSoup(page, "lxml").get_text()
    assert "Collecte des déchets ménagers" in text and "Carbon clauses" in text


def test_a_form_goes_out_comes_back_waits_and_is_verified(tmp_path):
    form = tmp_path / "formulaire.xlsx"
    assert run("form", "repas-scolaires", "--out", form).exit_code == 0
    with pytest.raises(OutputError):
        raise run("form", "repas-scolaires", "--out", form).exception
    book = openpyxl.load_workbook(form)
    sheet = book[FORM_SHEET]
    row = next(r[0].row for r in sheet.iter_rows() if str(r[0].value).startswith("period:2024"))
    for column, value in enumerate((900_000, 1_890.123, 12, "pesées", "p. 3", 4e6), 4):
        sheet.cell(row=row, column=column).value = value
    book.save(form)
    first = run("repas-scolaires", "--measurements", form, "--as-of", "2025-02-01",
                "--out", tmp_path / "a", "--no-page")  # fmt: skip
    assert first.exit_code == 1 and "no accepted measurement" in first.output
    table = tmp_path / "a" / "mesures_a_verifier.xlsx"
    book = openpyxl.load_workbook(table)
    heads = [cell.value for cell in book.active[1]]
    book.active.cell(2, heads.index("Vérifié par") + 1).value = "diététicienne"
    book.active.cell(2, heads.index("Vérifié le") + 1).value = "2025-01-31"
    book.save(table)
    second = run("repas-scolaires", "--measurements", table, "--as-of", "2025-02-01",
                 "--out", tmp_path / "b", "--no-page")  # fmt: skip
    assert second.exit_code == 0, second.output
    # 1 890.123 t over 900 000 meals: 2.1001 kg; baseline 2.15: −2.3 %.
    assert "-2.3%" in second.output and not (tmp_path / "b/mesures_a_verifier.xlsx").exists()


def test_a_bad_measurement_leaves_nothing_behind(tmp_path):
    table = tmp_path / "mesures.csv"
    text = (DEMO / "mesures.csv").read_text("utf-8")
    table.write_text(text.replace("2024-06-30", "2044-06-30"), encoding="utf-8")
    result = run(*KEYS, "--measurements", table, *AS_OF, "--out", tmp_path / "out")
    assert isinstance(result.exception, FieldError) and "outside" in str(result.exception)
    assert not (tmp_path / "out").exists()


def test_the_reference_is_listed_for_a_family(tmp_path):
    result = run("reference", "--usage", DEMO / "usages.csv", "--family", "06.01")
    assert result.exit_code == 0 and "collection-vehicles" in result.output
    assert "warm-asphalt" not in result.output
    assert run("reference", "--out", tmp_path / "r.csv").exit_code == 0
    assert (tmp_path / "r.csv").stat().st_size > 1000
    assert isinstance(run("reference", "--family", "99.99").exception, FieldError)


def test_own_wording_is_shown_under_its_clause(tmp_path):
    from lcc.clauses.reference import load_clauses
    from lcc.reading.edited import write_edited

    own = load_clauses().head(1).to_dict("records")[0] | {"wording": "Notre rédaction."}
    path = write_edited([own], "clause", tmp_path / "clauses.csv")
    result = run("reference", "--own", path)
    assert result.exit_code == 0 and "| Notre rédaction." in result.output
