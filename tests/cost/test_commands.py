"""The commands of costs and tenders as people meet them, from files to files."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from lcc.cost.files.study import list_contracts
from lcc.errors import LccError
from lcc.tables import data_path

Run = Callable[..., tuple[int, str, str]]

STUDY = """
[study]
key = "chaudiere"
title = "Chaudière"
base_date = 2026-01-01
period_years = 2
reference = "garder"
[discount]
rate_per_year = 0.0
source = "essai"
[[alternatives]]
key = "garder"
items = [{ name = "Gaz", kind = "recurring", amount_eur = 1000 }]
[[alternatives]]
key = "remplacer"
items = [
  { name = "Chaudière", kind = "purchase", amount_eur = 500 },
  { name = "Gaz", kind = "recurring", amount_eur = 600 },
]
"""
"""Without discount: 2 × 1000 = 2000 against 500 + 2 × 600 = 1700."""

TENDER = data_path("procurement_map", "tenders", "collecte-dechets.toml")

BIDS: dict[str, dict[str, Any]] = {
    "a": {"price:levee": 1.5, "price:tonne": 20, "field:consumption": 0.50},
    "b": {"price:levee": 1.6, "price:tonne": 23, "field:consumption": 0.45},
    "c": {"price:levee": 1.9, "price:tonne": 27, "field:consumption": 0.40},
    "d": {"price:levee": 0.9, "price:tonne": 13, "field:consumption": 0.55},
    "e": {"price:levee": 1.55, "price:tonne": 21},
}
"""Totals over 40 000 levées and 2 000 tonnes: A 60 + 40 = 100 k€, B 64 + 46 = 110, C 76 + 54 = 130,
D 36 + 26 = 62; E leaves its consumption empty."""

JURY = """
[marks]
offre-a = { technique = 14 }
offre-b = { technique = 15 }
offre-c = { technique = 16 }
offre-d = { technique = 11 }
offre-e = { technique = 13 }
"""

REJECTION = """
[[decisions]]
bid = "offre-d"
decision = "reject-abnormally-low"
reason = "La décomposition demandée n'explique pas le prix."
date = 2026-11-20
by = "Commission d'appel d'offres"
"""


class TestCost:
    def test_a_study_is_told(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "etude.toml").write_text(STUDY, encoding="utf-8")
        code, out, _ = run("cost", "etude.toml")
        assert code == 0
        assert "ranked by cost at market prices" in out.splitlines()[1]
        first, second = [line.split() for line in out.splitlines()[2:4]]
        assert first[0] == "1,700" and "remplacer" in first
        assert second[0] == "2,000" and "(reference)" in second

    def test_json_in_and_out(self, run: Run, tmp_path: Path) -> None:
        import tomllib

        content = tomllib.loads(STUDY)
        content["study"]["base_date"] = "2026-01-01"
        (tmp_path / "etude.json").write_text(json.dumps(content), encoding="utf-8")
        code, out, _ = run("cost", "etude.json", "--json")
        assert code == 0
        told = json.loads(out)
        costs = {each["key"]: each["lcc_eur"] for each in told["alternatives"]}
        assert costs == {"garder": 2000.0, "remplacer": 1700.0}
        assert told["alternatives"][1]["net_savings_eur"] == {"value": 300.0, "reason": ""}
        assert told["alternatives"][0]["sir"] == {"value": None, "reason": "reference"}

    def test_one_command_runs_the_eight_contracts(self, run: Run) -> None:
        code, out, err = run("cost", "--json")
        assert code == 0, err
        told = json.loads(out)
        assert sorted(each["study"] for each in told) == list_contracts()
        assert len(told) == 8
        for each in told:
            assert len(each["alternatives"]) >= 2 and each["doubt"]["draws"] == 10_000
            chances = [row["probability_cheapest"] for row in each["doubt"]["alternatives"]]
            assert sum(chances) == pytest.approx(1)

    def test_a_page_tables_and_json(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "etude.toml").write_text(STUDY, encoding="utf-8")
        code, _, err = run("cost", "etude.toml", "--out", "pages")
        assert code == 0, err
        folder = tmp_path / "pages" / "chaudiere"
        assert "Chaudière" in (folder / "index.html").read_text(encoding="utf-8")
        assert not (folder / "resultat.csv").exists()
        rows = list(csv.DictReader(io.StringIO((folder / "solutions.csv").read_text("utf-8"))))
        assert [float(row["lcc_eur"]) for row in rows] == [2000.0, 1700.0]
        assert json.loads((folder / "resultat.json").read_text("utf-8"))["study"] == "chaudiere"

        page = (folder / "index.html").read_text(encoding="utf-8").replace("\u00a0", " ")
        # Nothing has a factor: nothing is said to emit zero.
        assert "non couvert" in page and "95 %" in page and "Intervalle à 95" not in page
        lead = page.partition('<p class="lead">')[2].partition("</p>")[0]
        assert lead == (
            "Aux prix du marché, la moins chère est « remplacer » : "
            "300 € de moins que la référence."
        )
        # One study needs no index.
        assert not (tmp_path / "pages" / "index.html").exists()

    def test_several_studies_have_an_index(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "un.toml").write_text(STUDY, encoding="utf-8")
        other = STUDY.replace("chaudiere", "pompe").replace('"Chaudière"', '"Pompe"', 1)
        (tmp_path / "deux.toml").write_text(other.replace("= 500", "= 900"), encoding="utf-8")
        code, _, err = run("cost", "un.toml", "deux.toml", "--out", "pages")
        assert code == 0, err
        index = (tmp_path / "pages" / "index.html").read_text(encoding="utf-8")
        assert 'href="chaudiere/index.html"' in index and 'href="pompe/index.html"' in index
        # 900 + 2 × 600 = 2 100, more than 2 000: the reference stays the cheapest.
        assert "remplacer" in index and "garder" in index and "non couvert" in index
        page = (tmp_path / "pages" / "pompe" / "index.html").read_text(encoding="utf-8")
        assert 'href="../index.html"' in page
        rows = list(csv.DictReader((tmp_path / "pages" / "index.csv").open(encoding="utf-8")))
        assert [row["cheapest"] for row in rows] == ["remplacer", "garder"]

    def test_market_prices_rank_by_market_cost(self, run: Run) -> None:
        # Diesel is the cheapest at market prices, biogas with carbon.
        _, with_carbon, _ = run("cost", "benne-collecte")
        code, out, _ = run("cost", "benne-collecte", "--market-prices")
        assert code == 0 and "ranked by cost at market prices" in out
        costs = [float(line.split()[0].replace(",", "")) for line in out.splitlines()[2:]]
        assert costs == sorted(costs) and len(costs) > 1
        assert "ranked by cost with the value of carbon" in with_carbon
        first = [text.splitlines()[2].split("%")[-1].strip() for text in (out, with_carbon)]
        assert first[0] != first[1]

    def test_words_of_the_screen(self, run: Run, tmp_path: Path) -> None:
        text = STUDY.replace('key = "garder"', 'key = "garder"\nlabel = "Garder (référence)"')
        text = text.replace(
            '"recurring", amount_eur = 1000', '"recurring", category = "energy", amount_eur = 1000'
        )
        (tmp_path / "etude.toml").write_text(text, encoding="utf-8")
        _, out, _ = run("cost", "etude.toml")
        assert "common-horizon" not in out and "horizon the same for all" in out
        assert "(référence)" in out and "(reference)" not in out
        assert "not covered" in out and "0.0 tCO2e" not in out
        assert "without an emission factor, not counted: Garder (référence) : Gaz" in out
        run("cost", "etude.toml", "--out", "pages")
        page = (tmp_path / "pages" / "chaudiere" / "index.html").read_text(encoding="utf-8")
        page = page.replace("\u00a0", " ")
        told = "Postes sans facteur d'émission, non comptés : Garder (référence) : Gaz."
        assert told in page.replace("&#x27;", "'")

    def test_the_value_of_carbon_is_on_the_page(self, run: Run, tmp_path: Path) -> None:
        code, _, err = run("cost", "ordinateurs", "--draws", "200", "--out", "pages")
        assert code == 0, err
        folder = tmp_path / "pages" / "ordinateurs"
        rows = list(csv.DictReader((folder / "valeur-carbone.csv").open(encoding="utf-8")))
        assert len(rows) > 1 and float(rows[0]["carbon_eur_per_tco2e"]) > 200
        assert "Valeur du carbone (€/tCO2e)" in (folder / "index.html").read_text(encoding="utf-8")

    @pytest.mark.parametrize("name", [TENDER])
    def test_a_tender_is_no_study(self, run: Run, name: Path) -> None:
        code, _, err = run("cost", name)
        assert code == 2 and "tender" in err and "lcc annex" in err and "inflation" not in err

    @pytest.mark.parametrize(
        ("written", "meant"),
        [("1 800,00", "1800.00"), ("1\u202f800", "1800"), ("1.800,5", "1800.5"), ("-3 €", "-3")],
    )
    def test_a_number_between_quotes(
        self, run: Run, tmp_path: Path, written: str, meant: str
    ) -> None:
        text = STUDY.replace("amount_eur = 500", f'amount_eur = "{written}"')
        (tmp_path / "etude.toml").write_text(text, encoding="utf-8")
        code, _, err = run("cost", "etude.toml")
        assert code == 2 and f"without quotes: {meant}\n" in err

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("[study]\n", "base_date"),
            (STUDY.replace("period_years", "period_year"), "did you mean period_years?"),
            (STUDY[: len(STUDY) // 2], "etude.toml"),
        ],
    )
    def test_a_wrong_study_exits_2_and_names_file_and_field(
        self, run: Run, tmp_path: Path, text: str, said: str
    ) -> None:
        (tmp_path / "etude.toml").write_text(text, encoding="utf-8")
        code, out, err = run("cost", "etude.toml", "--out", "pages")
        assert code == 2 and out == ""
        assert "etude.toml" in err and said in err and "Traceback" not in err
        assert not (tmp_path / "pages").exists()

    def test_a_questionnaire_becomes_a_study(self, run: Run, tmp_path: Path) -> None:
        code, _, _ = run("questionnaire", "questions.xlsx", "--alternatives", "2")
        assert code == 0
        code, _, err = run("cost", "questions.xlsx")
        # Blank, it lacks its required answers: named, not guessed.
        assert code == 2 and "questions.xlsx" in err and "alternative" in err


def fill_forms(form: Path, folder: Path) -> None:
    """Fill in the bidder's form five times, as bidders would."""
    folder.mkdir()
    for key, values in BIDS.items():
        book = openpyxl.load_workbook(form)
        sheet = book["Offre"]
        rows = {sheet.cell(row, 1).value: row for row in range(1, sheet.max_row + 1)}
        sheet.cell(rows["bid:name"], 4).value = f"Entreprise {key.upper()}"
        for name, value in values.items():
            sheet.cell(rows[name], 4).value = value
        if "field:consumption" in values:
            reach = ("entreprise", "Certificat") if key == "c" else ("marché", "Mesure")
            for column, text in enumerate(reach, 7):
                sheet.cell(rows["field:consumption"], column).value = text
        book.save(folder / f"offre-{key}.xlsx")


def price_marks(out: Path) -> dict[str, float]:
    """Return the price marks of an evaluation."""
    told = json.loads((out / "interne" / "evaluation.json").read_text(encoding="utf-8"))
    return {
        each["bid"]: each["scores"]["price"]["points"]
        for each in told["lots"][0]["results"]
        if each["scores"]
    }


def evaluate(home: Path, out: Path, *more: str | Path, tender: Path = TENDER) -> Any:
    """Evaluate the five bids from the command; return exit code and output."""
    from click.testing import CliRunner

    from lcc.cli import main

    given = (
        "tender", tender, home / "offres", "--jury", home / "jury.toml",
        "--frozen", home / "publie", "--out", out, *more,
    )  # fmt: skip
    return CliRunner().invoke(main, [str(each) for each in given])


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The annex, forms and frozen rule of the example, five forms filled in, and an evaluation."""
    from click.testing import CliRunner

    from lcc.cli import main

    home = tmp_path_factory.mktemp("consultation")
    done = CliRunner().invoke(main, ["annex", str(TENDER), "--out", str(home / "publie")])
    assert done.exit_code == 0, done.output
    fill_forms(home / "publie" / "offre.xlsx", home / "offres")
    (home / "jury.toml").write_text(JURY, encoding="utf-8")
    (home / "decisions.toml").write_text(REJECTION, encoding="utf-8")
    return home


@pytest.fixture(scope="module")
def evaluated(published: Path) -> Path:
    """The folder of the evaluation; its output is in `sortie.txt`."""
    done = evaluate(published, published / "analyse")
    assert done.exit_code == 1, done.output
    (published / "analyse" / "sortie.txt").write_text(done.output, encoding="utf-8")
    return published / "analyse"


def read_evaluation(out: Path) -> dict[str, Any]:
    """Return what an evaluation wrote for machines."""
    told: dict[str, Any] = json.loads((out / "interne/evaluation.json").read_text("utf-8"))
    return told


class TestTender:
    """Scenario of the refuse-collection tender, from the forms."""

    def test_the_hash_stands_in_annex_form_rule_and_evaluation(
        self, published: Path, evaluated: Path
    ) -> None:
        rule = json.loads((published / "publie" / "regle.json").read_text(encoding="utf-8"))
        annex = (published / "publie" / "annexe.html").read_text(encoding="utf-8")
        assert rule["hash"] in annex
        told = read_evaluation(evaluated)
        assert told["rule_hash"] == told["frozen_hash"] == rule["hash"]

    def test_marks_of_the_price(self, evaluated: Path) -> None:
        # 40 × 62 / P: 62/100 → 24.80; 62/110 → 22.545; 62/130 → 19.077.
        assert price_marks(evaluated) == {
            "offre-a": 24.80, "offre-b": 22.55, "offre-c": 19.08, "offre-d": 40.00,
        }  # fmt: skip
        told = (evaluated / "sortie.txt").read_text(encoding="utf-8")
        assert "suspected of being abnormally low: offre-d" in told
        assert "à régulariser ou à écarter : l'acheteur décide" in told
        letters = {each.name for each in (evaluated / "lettres").glob("*.html")}
        assert letters == {
            "justification-prix-offre-d.html", "regularisation-offre-e.html",
            "lettre-offre-a.html", "lettre-offre-b.html", "lettre-offre-c.html",
        }  # fmt: skip

    def test_after_a_recorded_rejection(self, published: Path, tmp_path: Path) -> None:
        # 40 × 100 / P: 100/110 → 36.364; 100/130 → 30.769.
        done = evaluate(published, tmp_path, "--decisions", published / "decisions.toml")
        assert done.exit_code == 1
        assert price_marks(tmp_path) == {
            "offre-a": 40.00, "offre-b": 36.36, "offre-c": 30.77,
        }  # fmt: skip

    def test_no_letter_holds_a_unit_price_of_another(self, evaluated: Path) -> None:
        letter = (evaluated / "lettres" / "lettre-offre-a.html").read_text(encoding="utf-8")
        assert "Entreprise D" in letter and "40,00" in letter
        for other in ("1,6", "1,9", "0,9", "23", "27", "13"):
            assert f">{other}<" not in letter and f">{other}0<" not in letter

    def test_the_certificate_of_a_company_earns_no_point(self, evaluated: Path) -> None:
        results = read_evaluation(evaluated)["lots"][0]["results"]
        found = next(each for each in results if each["bid"] == "offre-c")
        assert found["scores"]["carbon"]["points"] == 0

    def test_a_weight_changed_after_the_opening(self, published: Path, tmp_path: Path) -> None:
        changed, out = tmp_path / "change.toml", tmp_path / "e"
        text = TENDER.read_text(encoding="utf-8")
        text = text.replace("weight = 40", "weight = 45").replace("weight = 35", "weight = 30")
        changed.write_text(text, encoding="utf-8")
        refused = evaluate(published, out, tender=changed)
        assert isinstance(refused.exception, LccError) and not out.exists()
        # The rule is named, field by field, though the forms answer another version of it too.
        assert "criteria[price].weight: was 40, is 45" in str(refused.exception)
        forced = evaluate(published, out, "--force", tender=changed)
        assert forced.exit_code == 1 and "simulation, non opposable" in forced.output
        for page in out.rglob("*.html"):
            assert "simulation, non opposable" in page.read_text("utf-8").replace("\u00a0", " ")

    def test_a_filled_form_is_never_overwritten(
        self, run: Run, published: Path, tmp_path: Path
    ) -> None:
        (tmp_path / "q.xlsx").write_bytes(b"filled in")
        assert run("questionnaire", "q.xlsx")[0] == 2
        assert (tmp_path / "q.xlsx").read_bytes() == b"filled in"
        assert run("questionnaire", "q.xls")[0] == 2
        (tmp_path / "e").mkdir()
        (tmp_path / "e" / "jury.xlsx").write_bytes(b"marks")
        code, out, _ = run("tender", TENDER, published / "offres", "--out", "e")
        assert code == 1 and "is there" in out
        assert (tmp_path / "e" / "jury.xlsx").read_bytes() == b"marks"

    def test_a_published_rule_is_never_overwritten(
        self, run: Run, published: Path, tmp_path: Path
    ) -> None:
        other = tmp_path / "autre.toml"
        text = TENDER.read_text(encoding="utf-8").replace("weight = 40", "weight = 45")
        other.write_text(text.replace("weight = 35", "weight = 30"), encoding="utf-8")
        before = (published / "publie" / "annexe.html").read_bytes()
        code, _, err = run("annex", other, "--out", published / "publie")
        assert code == 2 and "another rule" in err
        assert (published / "publie" / "annexe.html").read_bytes() == before

    def test_letters_of_an_earlier_evaluation_go(self, published: Path, tmp_path: Path) -> None:
        evaluate(published, tmp_path)
        assert (tmp_path / "lettres" / "lettre-offre-b.html").exists()
        (tmp_path / "lettres" / "note.txt").write_text("à moi", encoding="utf-8")
        evaluate(published, tmp_path, "--decisions", published / "decisions.toml")
        # D rejected, B stands first: no letter tells it that it was not chosen.
        assert not (tmp_path / "lettres" / "lettre-offre-b.html").exists()
        assert not (tmp_path / "lettres" / "justification-prix-offre-d.pdf").exists()
        assert (tmp_path / "lettres" / "note.txt").exists()

    def test_the_robustness_study_is_apart_and_made_of_no_bid(self, published: Path) -> None:
        study = published / "publie" / "interne" / "etude-de-robustesse.html"
        text = study.read_text(encoding="utf-8")
        assert "Entreprise" not in text and "rapport d'analyse" in text.replace("&#39;", "'")

    def test_without_the_jury_the_form_for_it_is_written(
        self, run: Run, published: Path, tmp_path: Path
    ) -> None:
        code, out, _ = run("tender", TENDER, published / "offres", "--out", "e")
        assert code == 1 and "jury.xlsx" in out
        sheet = openpyxl.load_workbook(tmp_path / "e" / "jury.xlsx")["Jury"]
        names = {cell.value for row in sheet.iter_rows() for cell in row}
        assert {"Entreprise A", "Entreprise E"} <= names

    def test_a_cell_that_holds_a_formula_is_named(
        self, run: Run, published: Path, tmp_path: Path
    ) -> None:
        folder = tmp_path / "offres"
        fill_forms(published / "publie" / "offre.xlsx", folder)
        book = openpyxl.load_workbook(folder / "offre-b.xlsx")
        sheet = book["Offre"]
        keys = [sheet.cell(row, 1).value for row in range(1, sheet.max_row + 1)]
        row = keys.index("price:levee") + 1
        sheet.cell(row, 4).value = "=1.2+0.4"
        book.save(folder / "offre-b.xlsx")
        jury = published / "jury.toml"
        code, out, err = run("tender", TENDER, folder, "--jury", jury, "--out", "e")
        assert code == 1 and f"Offre!D{row}" in err and "offre-b.xlsx" in err
        assert "offre-b" not in price_marks(tmp_path / "e") and "régulariser" in out

    def test_the_same_inputs_give_the_same_bytes(
        self, run: Run, published: Path, evaluated: Path, tmp_path: Path
    ) -> None:
        run("annex", TENDER, "--out", "publie")
        evaluate(published, tmp_path / "analyse")
        for part in ("publie", "analyse"):
            again = sorted((tmp_path / part).rglob("*.*"))
            assert len(again) > 4
            for each in again:
                first = published / each.relative_to(tmp_path)
                assert each.read_bytes() == first.read_bytes(), each.name
