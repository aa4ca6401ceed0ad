"""Notebooks run by papermill: refusals, isolation, pages that anyone can read, same bytes."""

from __future__ import annotations

import re
import sys
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup

from lcc.batch.job import Job
from lcc.batch.run import render_reports
from lcc.cli.batches import page_settings
from lcc.cli.site_pages import list_entries
from lcc.errors import FieldError
from lcc.report.notebooks import check_notebook_parameters
from lcc.report.page import check_choice, check_parameters, open_page
from lcc.report.site import write_index

sys.path.insert(0, str(Path(__file__).parent))
from frames import map_table

HERE = Path(__file__).parent

KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
CELLS = f"""
import sys
sys.path.insert(0, {str(HERE)!r})
from frames import map_table, year_table
from lcc.report.page import check_parameters, open_page
""".strip()
CHECK = 'check_parameters(globals(), family=str, language=("fr", "en"), fail=str)'


@pytest.fixture(scope="module")
def notebook(tmp_path_factory):
    """A report in the form of the real ones, on made-up figures."""
    markdown, code = nbformat.v4.new_markdown_cell, nbformat.v4.new_code_cell
    parameters = code('family: str = "A"\nlanguage: str = "fr"\nfail: str = ""')
    parameters.metadata["tags"] = ["parameters"]
    cells = [
        markdown("# Rapport d'essai"),
        parameters,
        code(CELLS),
        code(CHECK),
        code(
            'page = open_page(language=language, source="fiction", demo=True)\n'
            'page.title("Voirie <b>", above="Exercice {year}", year=2023)'
        ),
        code("if fail == 'raise': raise ValueError(f'no figure for {family}')"),
        code("import os\nif fail == 'die': os._exit(9)"),
        code("import time\nif fail == 'sleep': time.sleep(60)"),
        code("print('noise', id(page))\npage.headline(map_table().iloc[0])"),
        markdown("## Où sont les tonnes"),
        code('page.ranking(map_table(), subject="Les familles", name="familles")'),
        code(
            'page.table(map_table(), ["label", "spend_eur", "interval"], caption="T", name="t", '
            "limit=3)"
        ),
        markdown("## Ce qui n'est pas couvert"),
        code('page.table(map_table().head(0), ["label"], caption="Vide", name="vide")'),
    ]
    path = tmp_path_factory.mktemp("notebook") / "essai.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=KERNEL), path)
    return path


def ask(notebook: Path, code: str, fault: str = "") -> Job:
    name = f"familles/{code}"
    return Job(
        name,
        notebook,
        {"family": code, "fail": fault},
        label=code,
        settings=page_settings(name, "en", demo=True),
    )


@pytest.fixture(scope="module")
def rendered(notebook, tmp_path_factory):
    """A batch of which three of five reports fail, each in its own way."""
    out = tmp_path_factory.mktemp("out")
    faults = {"10.01": "", "22.01": "raise", "22.03": "die", "31.02": "sleep", "40.01": ""}
    jobs = [ask(notebook, code, fault) for code, fault in faults.items()]
    outcomes = render_reports(jobs, out, workers=2, cell_timeout_s=10)
    table = map_table()
    write_index(
        out,
        table,
        list_entries(outcomes, out),
        title="Reports",
        language="en",
        demo=True,
        headline=open_page(language="en").headline(table.iloc[0]),
    )
    return out, outcomes


def soup_of(path: Path) -> BeautifulSoup:
    return BeautifulSoup(path.read_text(encoding="utf-8"), "lxml")


def test_a_failure_stops_no_other(rendered):
    out, outcomes = rendered
    assert [each.page is not None for each in outcomes] == [True, False, False, False, True]
    raised, died, slept = (outcomes[rank].error for rank in (1, 2, 3))
    assert "no figure for 22.01" in raised and "ValueError" in raised
    assert "the kernel stopped" in died
    assert "too long" in slept and "at most 10 s" in slept
    assert not (out / "familles" / "22.01" / "index.html").exists()


def test_the_index_ranks_links_and_names_the_failures(rendered):
    out, _ = rendered
    index = soup_of(out / "index.html")
    links = [a["href"] for a in index.select("table a")]
    # emissions of the made-up table: 27 900 t for 10.01, 2 960 t for 40.01
    assert links == ["familles/10.01/index.html", "familles/40.01/index.html"]
    assert all((out / each).is_file() for each in links)
    names = [row.th.get_text() for row in index.select("tbody tr")]
    assert names[0] == "Road and utility works" and len(names) == len(map_table())
    failures = index.select_one(".failures").get_text()
    assert "22.01" in failures and "no figure for 22.01" in failures
    assert "2 reports rendered, 3 failed." in index.get_text()
    assert (out / "index.csv").read_text(encoding="utf-8").startswith("group,label_fr")


@pytest.mark.parametrize("name", ["index.html", "familles/10.01/index.html"])
def test_pages_are_accessible(rendered, name):
    page = soup_of(rendered[0] / name)
    assert page.html["lang"] == "en"
    assert page.title.get_text().strip()
    levels = [int(each.name[1]) for each in page.find_all(re.compile("^h[1-6]$"))]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    skip = page.body.find("a")
    assert skip["href"] == "#contenu" and page.find(id="contenu").name == "main"
    assert all(image.get("alt", "").strip() for image in page.find_all("img"))
    for table in page.find_all("table"):
        assert table.caption.get_text().strip()
        assert all(th["scope"] in {"col", "row"} for th in table.find_all("th"))
        assert table.select("thead th") and table.select("tbody th")
    names = [each["id"] for each in page.find_all(id=True)]
    assert len(names) == len(set(names))
    assert "Demonstration data" in page.get_text()


@pytest.mark.parametrize("name", ["index.html", "familles/10.01/index.html"])
def test_pages_need_no_host_and_name_no_machine(rendered, name):
    whole = (rendered[0] / name).read_text(encoding="utf-8")
    text = re.sub(r'src="data:[^"]*"', "", whole)
    assert not re.search(r'(?:src|href)="(?:https?:)?//', text)
    assert "@import" not in text and "url(" not in text
    # The index alone has a script: search and sort.
    assert text.count("<script") == (name == "index.html")
    assert str(HERE) not in text and str(rendered[0]) not in text
    assert "noise" not in text
    assert " 0x" not in text


def test_the_page_is_in_the_language_asked(rendered):
    page = soup_of(rendered[0] / "familles/10.01/index.html")
    assert [each.get_text() for each in page.find_all("h2")] == [
        "Where the tonnes are",
        "What is not covered",
        "Files to download",
    ]
    assert page.h1.get_text() == "Voirie <b>"
    assert page.title.get_text() == "Voirie <b> – Purchases and carbon"
    assert [a["href"] for a in page.select("nav.sections a")] == [
        "#section-1",
        "#section-2",
        "#telechargements",
    ]
    assert page.select_one("nav.crumbs a")["href"] == "../../index.html"


def test_every_figure_has_its_csv(rendered):
    folder = rendered[0] / "familles/10.01"
    page = soup_of(folder / "index.html")
    files = {a["href"] for a in page.select("p.csv a")}
    assert files == {"familles.csv", "t.csv"}
    lines = (folder / "t.csv").read_bytes().decode("utf-8").split("\r\n")
    assert len(lines) - 2 == len(map_table()) and "label_fr" in lines[0]


def test_twice_the_same_bytes(notebook, rendered, tmp_path):
    render_reports([ask(notebook, "10.01")], tmp_path)
    for path in sorted((tmp_path / "familles/10.01").iterdir()):
        assert path.read_bytes() == (rendered[0] / "familles/10.01" / path.name).read_bytes()


def test_a_misspelt_parameter_is_refused_before_the_kernel(notebook):
    with pytest.raises(FieldError, match=r"famly(.|\n)*fail, family, language"):
        check_notebook_parameters(notebook, {"famly": "31.02"})


def test_a_notebook_refuses_what_it_does_not_declare():
    declared = {"family": str, "year": int, "language": ("fr", "en")}
    good = {"family": "31.02", "year": 2023, "language": "fr", "In": [], "_": 1, "pd": sys}
    check_parameters(good, **declared)
    with pytest.raises(FieldError, match="yaer"):
        check_parameters({**good, "yaer": 2023}, **declared)
    with pytest.raises(FieldError, match=r"year(.|\n)*'2023'(.|\n)*int"):
        check_parameters({**good, "year": "2023"}, **declared)
    with pytest.raises(FieldError, match=r"language(.|\n)*'de'(.|\n)*fr, en"):
        check_parameters({**good, "language": "de"}, **declared)
    with pytest.raises(FieldError, match="family"):
        check_parameters({"year": 2023, "language": "fr"}, **declared)


def test_a_choice_names_what_is_allowed():
    with pytest.raises(FieldError, match=r"20 in all"):
        check_choice("family", "99.99", [f"{rank:02d}.01" for rank in range(20)])
