"""The commands that render reports, from a file to the index."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from click.testing import CliRunner

from lcc.cli import main
from lcc.errors import FieldError

PAYMENTS = """Exercice;Date de mandat;Nature;Famille;Montant HT;Fournisseur;Marché
2022;15/03/2022;615231;02.01;100000,00;Routes SARL;22M01
2022;15/04/2022;60611;;5000,00;Inconnue SARL;
2023;15/03/2023;615231;02.01;120000,00;Routes SARL;22M01
2023;16/03/2023;60622;09.05;30000,00;=HYPERLINK("x");23M02
"""


@pytest.fixture(scope="module")
def payments(tmp_path_factory):
    path = tmp_path_factory.mktemp("files") / "paiements.csv"
    path.write_text(PAYMENTS, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def site(payments, tmp_path_factory):
    out = tmp_path_factory.mktemp("site")
    result = CliRunner().invoke(main, ["reports", str(payments), "--out", str(out)])
    return out, result


def test_all_reports_come_from_one_command(site):
    out, result = site
    assert result.exit_code == 0, result.output
    index = BeautifulSoup((out / "index.html").read_text(encoding="utf-8"), "lxml")
    links = {a["href"] for a in index.select("main a[href$='.html']")}
    assert {
        "cartographie/index.html",
        "familles/02.01/index.html",
        "familles/09.05/index.html",
    } <= links
    assert all((out / href).is_file() for href in links)
    # the year by default is the last
    assert "Exercice\u00a02023" in index.get_text() or "Exercice 2023" in index.get_text()


def test_figures_of_the_page_are_those_of_the_file(site):
    page = (site[0] / "familles" / "02.01" / "index.html").read_text(encoding="utf-8")
    text = BeautifulSoup(page, "lxml").get_text()
    # 120 000 € paid in 2023 for family 02.01, all of it covered
    assert "120\u00a0k€" in text
    assert "Routes SARL" in (site[0] / "familles/02.01/fournisseurs.csv").read_text("utf-8")


def test_only_the_demonstration_says_that_it_is_one(site):
    for path in sorted(site[0].rglob("*.html")):
        assert "Données de démonstration" not in path.read_text(encoding="utf-8")


def test_a_supplier_named_like_a_formula_is_quoted(site):
    content = (site[0] / "familles/09.05/fournisseurs.csv").read_text("utf-8")
    assert "'=HYPERLINK" in content


def test_pages_name_no_folder_of_the_machine(site, payments):
    for path in sorted(site[0].rglob("*.*")):
        if path.suffix in {".html", ".csv", ".json"}:
            assert str(payments.parent) not in path.read_text(encoding="utf-8")


def test_one_report_in_english(payments, tmp_path):
    result = CliRunner().invoke(
        main, ["report", "02.01", str(payments), "--out", str(tmp_path), "--language", "en"]
    )
    assert result.exit_code == 0, result.output
    page = (tmp_path / "familles/02.01/index.html").read_text(encoding="utf-8")
    assert '<html lang="en">' in page and "95 % interval" in page
    assert not (tmp_path / "index.html").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["report", "99.99"], "02.01"), (["reports", "--year", "1789"], "2022, 2023")],
)
def test_what_the_map_does_not_hold_is_refused(payments, tmp_path, arguments, said):
    command = [*arguments, str(payments), "--out", str(tmp_path / "out")]
    result = CliRunner().invoke(main, command)
    assert isinstance(result.exception, FieldError)
    assert said in str(result.exception)
    assert not (tmp_path / "out").exists()


def test_a_map_of_fewer_dimensions_is_refused_before_any_page(payments, tmp_path):
    table = tmp_path / "carte.csv"
    assert CliRunner().invoke(main, ["map", str(payments), "--out", str(table)]).exit_code in (0, 1)
    command = ["reports", str(tmp_path / "carte.map"), "--out", str(tmp_path / "out")]
    result = CliRunner().invoke(main, command)
    assert isinstance(result.exception, FieldError)
    assert "supplier" in str(result.exception) and "give the files" in str(result.exception)
    assert not (tmp_path / "out").exists()
