"""The PDF of a report: tags, language, outline, alternatives, headings of tables; and its tables.

Checked by pikepdf, which reads the structure tree. PDF/UA-1 (ISO 14289-1:2014): 7.1 (title shown,
tagged content), 7.2 (language), 7.3 (alternatives), 7.4 (headings), 7.5 (headers of tables).
"""

from __future__ import annotations

import io
import re
import sys
from collections import Counter
from pathlib import Path

import nbformat
import pandas as pd
import pikepdf
import pytest

from lcc.report.blocks import Figures, Table, Text, Title
from lcc.report.charts import draw_ranking, draw_scatter
from lcc.report.export import Crumb, PageSettings, export_report
from lcc.report.export.paper import render_paper
from lcc.report.export.paper_tables import count_rows, fit_table

sys.path.insert(0, str(Path(__file__).parent))
from frames import map_table

NAME = "Gaz & électricité <b>"


def cell(thing):
    data, metadata = thing._repr_mimebundle_()
    output = nbformat.v4.new_output("display_data", data=data, metadata=metadata)
    return nbformat.v4.new_code_cell("x", outputs=[output])


def make_notebook():
    markdown = nbformat.v4.new_markdown_cell
    long = pd.concat([map_table()] * 5, ignore_index=True)
    cells = [
        cell(Title(NAME, above="Famille", below="2024")),
        cell(Figures([("Émissions", "8 300 tCO2e", "note"), ("Dépense", "3 M€", "")])),
        markdown("## Où sont les tonnes"),
        cell(draw_ranking(map_table(), subject="Familles", name="familles")),
        cell(draw_scatter(map_table(), subject="Nuage", name="nuage")),
        markdown("### Détail"),
        # 60 rows: the table goes on over the page
        cell(Table(long, ["label", "group", "spend_eur"], "Longue table", name="longue")),
        cell(Text("Fin.")),
    ]
    return nbformat.v4.new_notebook(cells=cells)


@pytest.fixture(scope="module")
def files():
    crumbs = (Crumb("Tous les rapports", "../index.html"),)
    made = export_report(make_notebook(), PageSettings(crumbs=crumbs, demo=True), pdf=True)
    if "rapport.pdf" not in made:
        pytest.skip("no system library for PDF: run tools/system_packages.sh")
    return made


@pytest.fixture(scope="module")
def document(files):
    with pikepdf.open(io.BytesIO(files["rapport.pdf"])) as opened:
        yield opened


def elements(document):
    """Yield every element of the structure tree, with the kind of its parent."""

    def walk(node, parent):
        if isinstance(node, pikepdf.Array):
            for each in node:
                yield from walk(each, parent)
        elif isinstance(node, pikepdf.Dictionary) and "/S" in node:
            kind = str(node.S)
            yield kind, parent, node
            if "/K" in node:
                yield from walk(node.K, kind)

    yield from walk(document.Root.StructTreeRoot.K, "")


class TestDocument:
    def test_it_says_its_language_its_title_and_that_it_is_tagged(self, document):
        assert str(document.Root.Lang) == "fr"
        assert bool(document.Root.MarkInfo.Marked)
        assert bool(document.Root.ViewerPreferences.DisplayDocTitle)
        assert str(document.docinfo["/Title"]) == f"{NAME} – Achats et carbone"
        with document.open_metadata() as told:
            assert told["pdfuaid:part"] == "1"
            assert told["dc:title"] == f"{NAME} – Achats et carbone"

    def test_its_outline_is_its_headings(self, document):
        with document.open_outline() as outline:
            (top,) = outline.root
            assert top.title == NAME
            assert [each.title for each in top.children] == [
                "Où sont les tonnes",
                "Données des graphiques",
            ]
            assert [each.title for each in top.children[0].children] == ["Détail"]

    def test_every_figure_has_the_alternative_of_the_page(self, document, files):
        told = [
            str(node.get("/Alt", "")) for kind, _, node in elements(document) if kind == "/Figure"
        ]
        alternatives = re.findall(r'<img alt="([^"]*)"', files["index.html"].decode())
        assert len(told) == 2 and all(len(each) > 40 for each in told)
        assert [each[:40] for each in told] == [each[:40] for each in alternatives]

    def test_headings_of_tables_tell_their_scope(self, document):
        told = Counter(
            str(node.A.get("/Scope", ""))
            for kind, parent, node in elements(document)
            if kind == "/TH" and parent == "/TR"
        )
        assert set(told) == {"/Column", "/Row"} and told["/Row"] > 60

    def test_its_elements_hold_what_they_may(self, document):
        found = Counter((parent, kind) for kind, parent, _ in elements(document))
        inside = lambda name: {kind for parent, kind in found if parent == name}  # noqa: E731
        assert inside("/L") == {"/LI"} and inside("/TR") == {"/TH", "/TD"}
        assert inside("/Table") <= {"/Caption", "/THead", "/TBody"}
        levels = [int(kind[2]) for kind, _, _ in elements(document) if re.fullmatch(r"/H\d", kind)]
        assert levels == [1, 2, 3, 2]

    def test_what_is_drawn_is_tagged_or_told_to_be_no_content(self, document):
        for page in document.pages:
            depth, loose = 0, []
            for operands, operator in pikepdf.parse_content_stream(page):
                name = str(operator)
                if name in {"BDC", "BMC"}:
                    depth += 1
                elif name == "EMC":
                    depth -= 1
                elif name in {"Tj", "TJ"} and depth == 0:
                    loose.append(operands)
            assert loose == []

    def test_every_letter_of_a_chart_is_text(self, document):
        # Fonts are embedded, and the page draws charts by letters of DejaVu, not by their outlines.
        fonts = [
            each
            for each in document.objects
            if isinstance(each, pikepdf.Dictionary) and each.get("/Type") == "/FontDescriptor"
        ]
        assert fonts and all({"/FontFile2", "/FontFile3"} & set(each.keys()) for each in fonts)

    def test_twice_the_same_bytes(self, files):
        again = export_report(
            make_notebook(),
            PageSettings(crumbs=(Crumb("Tous les rapports", "../index.html"),), demo=True),
            pdf=True,
        )
        assert again["rapport.pdf"] == files["rapport.pdf"]

    def test_the_page_lists_it(self, files):
        assert b'href="rapport.pdf" download' in files["index.html"]


class TestPaper:
    def test_data_of_charts_stand_at_the_end_and_no_link_leads_away(self):
        body = (
            '<h1>T</h1><figure><img alt="a" src="x"><details><summary>D</summary>'
            '<section class="table"><table><caption>C</caption><tbody><tr></tr></tbody></table>'
            '</section></details></figure><p class="csv"><a href="a.csv">CSV</a></p><p>Fin</p>'
        )
        page = render_paper(body, "T", (), PageSettings(crumbs=(Crumb("Tous", "../index.html"),)))
        assert page.index("Fin") < page.index("Données des graphiques") < page.index("<caption>C")
        assert "a.csv" not in page and "../index.html" not in page and "<details" not in page

    def test_long_data_are_left_to_their_file(self):
        rows = "<tr><td>1</td></tr>" * 41
        body = (
            "<h1>T</h1><figure><details><summary>D</summary><table>"
            f"<caption>Vue d'ensemble</caption><tbody>{rows}</tbody></table></details></figure>"
        )
        page = render_paper(body, "T", (), PageSettings())
        assert "Vue d&#x27;ensemble\u00a0: 41 lignes, dans le fichier CSV." in page

    @pytest.mark.parametrize(
        ("each", "kind", "printed"),
        [(20, "part", True), (21, "part", False), (21, "", True), (41, "", True)],
    )
    def test_parts_of_a_chart_are_counted_together_and_what_no_csv_holds_is_printed(
        self, each, kind, printed
    ):
        # 40 rows at most, whether they stand in one table or in two
        dress = f' class="{kind}"' if kind else ""
        folded = "".join(
            f"<details{dress}><summary>{name}</summary><table><caption>{name}</caption><tbody>"
            f"{'<tr><td>1</td></tr>' * each}</tbody></table></details>"
            for name in ("Voirie", "Eau")
        )
        own = "<details><summary>D</summary><table><caption>Grille</caption></table></details>"
        body = f"<h1>T</h1><figure>{own}</figure>{folded}<p>Fin</p>"
        page = render_paper(body, "T", (), PageSettings())
        assert page.index("Fin") < page.index("<caption>Grille") and "<details" not in page
        assert ("<caption>Voirie" in page) is ("<caption>Eau" in page) is printed
        assert (f"Grille\u00a0: {2 * each} lignes, dans le fichier CSV." in page) is not printed


def table(*rows, numbers=()):
    def line(tag, cells):
        dress = [' class="number"' if place in numbers else "" for place in range(len(cells))]
        pairs = zip(dress, cells, strict=True)
        return "".join(f"<{tag}{each}>{text}</{tag}>" for each, text in pairs)

    body = "".join(f"<tr>{line('td', row)}</tr>" for row in rows[1:])
    return (
        '<section class="table"><table><caption>C</caption>'
        f"<thead><tr>{line('th', rows[0])}</tr></thead><tbody>{body}</tbody></table></section>"
    )


def widths(block):
    return [float(each) for each in re.findall(r"width:([\d.]+)%", block)]


class TestTables:
    def test_widths_follow_what_is_written(self):
        made = widths(
            fit_table(table(("Nom", "t"), ("Collecte des déchets ménagers", "12"), numbers=(1,)))
        )
        assert sum(made) == pytest.approx(100, abs=0.2) and made[0] > 3 * made[1]

    def test_a_figure_never_breaks(self):
        rows = ("A", "B"), ("mot " * 60, "[123 456 – 789 012]")
        made = widths(fit_table(table(*rows, numbers=(1,))))
        # 19 signs and a gutter of 2, of 84 on a page
        assert made[1] == pytest.approx(100 * 21 / 84, abs=1)

    def test_no_word_of_french_is_cut(self):
        rows = ("Risque", "Raison"), ("approvisionnement", "mot " * 60)
        for count in (1, 4):
            made = widths(fit_table(table(*(row * count for row in rows))))
            # 17 letters and a gutter of 2: of 84 on a page, of 104 where letters are small
            assert min(made[::2]) >= 100 * 19 / (84 if count == 1 else 151) - 0.1

    def test_letters_shrink_then_the_page_turns(self):
        few = fit_table(table(("A",) * 3, ("x",) * 3))
        many = fit_table(table(("Mot" * 3,) * 8, ("x",) * 8))
        most = fit_table(table(("Mot" * 4,) * 12, ("x",) * 12))
        assert 'class="table"' in few and 'class="table wide"' in many
        assert 'class="table wide broad"' in most

    def test_a_table_of_uneven_rows_is_left_as_it_is(self):
        block = "<table><tr><th>a</th></tr><tr><td>1</td><td>2</td></tr></table>"
        assert fit_table(block) == block

    def test_rows_are_those_of_the_body(self):
        assert count_rows(table(("A",), ("1",), ("2",))) == 2
        assert count_rows("<p></p>") == 0
