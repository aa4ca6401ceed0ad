"""A run notebook as files for everyone: what is refused, cleaned, escaped, listed."""

from __future__ import annotations

import base64
import json
import logging
import re
import sys
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from bs4 import BeautifulSoup

from lcc.report.blocks import Figures, Table, Text, Title
from lcc.report.charts import draw_ranking
from lcc.report.export import Crumb, ExportError, PageSettings, export_report
from lcc.report.export.page import order_headings
from lcc.report.plain import drop_controls

sys.path.insert(0, str(Path(__file__).parent))
from frames import map_table

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</title></style><h1>faux</h1>",
    '=HYPERLINK("http://x.invalid")',
    "👩🏽‍🚒 Société",
    "fac\u202egpj.exe\u202c",
    "-->]]><!--",
    "é" * 300,
)

PIXEL = base64.b64encode(b"\x89PNG\r\n\x1a\n").decode()
PLACEHOLDER = "No description has been provided for this image"


def show(data, metadata=None, source="show()"):
    output = nbformat.v4.new_output("display_data", data=data, metadata=metadata or {})
    return nbformat.v4.new_code_cell(source, outputs=[output])


def block(thing):
    data, metadata = thing._repr_mimebundle_()
    return show(data, metadata)


def notebook(*cells, title="# Essai", parameters=""):
    made = [nbformat.v4.new_markdown_cell(title)] if title else []
    if parameters:
        given = nbformat.v4.new_code_cell(parameters)
        given.metadata["tags"] = ["injected-parameters"]
        made.append(given)
    return nbformat.v4.new_notebook(cells=[*made, *cells])


def export(*cells, settings=None, **more):
    return export_report(notebook(*cells, **more), settings or PageSettings())


def page_of(*cells, **more):
    return BeautifulSoup(export(*cells, **more)["index.html"].decode(), "lxml")


def frame(text="A"):
    return pd.DataFrame({"label": [text, "B"], "spend_eur": [2e6, 1e6]})


class TestImages:
    @pytest.mark.parametrize("kind", ["image/png", "image/svg+xml", "image/jpeg"])
    def test_an_image_without_alternative_stops_the_export_and_names_the_cell(self, kind):
        cell = show({kind: PIXEL, "text/plain": "<Figure>"}, source="figure.show()\n1")
        with pytest.raises(ExportError) as caught:
            export(cell)
        assert caught.value.field == "cell 2"
        assert "figure.show()" in caught.value.found and kind in caught.value.found
        assert "metadata={'alt'" in caught.value.remedy

    @pytest.mark.parametrize("alternative", ["", "  ", PLACEHOLDER, PLACEHOLDER.upper(), 3, None])
    def test_an_alternative_that_says_nothing_is_none(self, alternative):
        for metadata in ({"alt": alternative}, {"image/png": {"alt": alternative}}):
            with pytest.raises(ExportError):
                export(show({"image/png": PIXEL}, metadata))

    @pytest.mark.parametrize("where", ["alt", "image/png"])
    def test_an_image_with_an_alternative_is_shown(self, where):
        told = 'Hausse de 3 % <b> "nette"'
        metadata = {"alt": told} if where == "alt" else {"image/png": {"alt": told}}
        image = page_of(show({"image/png": PIXEL}, metadata)).find("img")
        assert image["alt"] == told and image["src"] == f"data:image/png;base64,{PIXEL}"

    @pytest.mark.parametrize(
        "source", ["![](data:image/png;base64,AAAA)", '<img src="data:image/png;base64,AAAA">']
    )
    def test_an_image_in_a_text_needs_one_too(self, source):
        with pytest.raises(ExportError, match="no alternative"):
            export(nbformat.v4.new_markdown_cell(source))

    def test_an_image_of_another_host_is_refused(self):
        with pytest.raises(ExportError, match="outside the page"):
            export(nbformat.v4.new_markdown_cell("![plan](https://x.invalid/a.png)"))

    def test_the_words_of_nbconvert_never_appear(self):
        text = export(show({"image/png": PIXEL}, {"alt": "Hausse"}))["index.html"].decode()
        assert "No description" not in text


class TestForeignOutputs:
    def test_html_of_unknown_make_is_refused(self):
        with pytest.raises(ExportError) as caught:
            export(show({"text/html": "<div onclick='x()'>a</div>", "text/plain": "a"}))
        assert caught.value.field == "cell 2" and "page.table" in caught.value.remedy

    def test_a_frame_without_caption_is_refused(self):
        with pytest.raises(ExportError, match="caption"):
            export(show({"text/html": frame().to_html()}))

    def test_a_frame_with_a_caption_becomes_a_table_for_everyone(self):
        cell = show({"text/html": frame("<i>").to_html()})
        cell.metadata["caption"] = "Dépense <par> tiers"
        table = page_of(cell).find("table")
        assert table.caption.get_text() == "Dépense <par> tiers"
        assert [each.get_text() for each in table.select("thead th")] == ["label", "spend_eur"]
        assert {each["scope"] for each in table.select("thead th")} == {"col"}
        assert [each.get_text() for each in table.select("tbody th[scope=row]")] == ["0", "1"]
        assert table.select("tbody td")[0].get_text() == "<i>"
        assert "border" not in table.attrs and table.parent["aria-label"] == "Dépense <par> tiers"

    def test_headings_of_several_levels_are_refused(self):
        deep = frame().set_index(["label", "spend_eur"]).assign(a=1).T
        cell = show({"text/html": deep.to_html()})
        cell.metadata["caption"] = "Niveaux"
        with pytest.raises(ExportError, match="several levels"):
            export(cell)

    def test_text_is_shown_escaped_without_addresses(self):
        page = page_of(show({"text/plain": "<object at 0x7f00ab12> & co"}))
        assert page.pre.get_text() == "<object> & co"

    def test_what_a_page_cannot_hold_is_refused(self):
        with pytest.raises(ExportError, match="application/x-y"):
            export(show({"application/x-y": "z"}))


class TestMarkdown:
    @pytest.mark.parametrize(
        "source",
        [
            "<script>alert(1)</script>",
            "un <SCRIPT src=//x.invalid></SCRIPT> mot",
            "<p onclick=alert(1)>a</p>",
            '<a href="java\tscript:alert(1)">a</a>',
            "<iframe src=https://x.invalid></iframe>",
            '<meta http-equiv="refresh" content="0;url=https://x.invalid">',
            "<img alt=plan src=https://x.invalid/a.png>",
            "<IMG ALT='plan' SRC=//x.invalid/a.png>",
            "<svg onload=alert(1)></svg>",
            "<form action=https://x.invalid><input></form>",
        ],
    )
    def test_html_that_runs_or_fetches_is_refused_in_a_cell_and_text_in_an_output(self, source):
        with pytest.raises(ExportError) as caught:
            export(nbformat.v4.new_markdown_cell(source))
        assert caught.value.field == "cell 2"
        page = page_of(show({"text/markdown": source}))
        assert not page.find(["script", "iframe", "svg", "form", "img"])
        assert not page.main.select("a:not([download])")
        assert "<" in page.main.get_text()

    def test_a_link_of_markdown_that_runs_leads_nowhere(self):
        for cell in (nbformat.v4.new_markdown_cell, lambda text: show({"text/markdown": text})):
            text = export(cell("[a](javascript:alert(1))"))["index.html"].decode()
            assert "javascript:" not in text

    def test_a_table_of_markdown_has_scopes_and_no_style_that_the_policy_stops(self):
        page = page_of(nbformat.v4.new_markdown_cell("| a | b |\n|--:|:-:|\n| 1 | 2 |"))
        assert [each["scope"] for each in page.select("thead th")] == ["col", "col"]
        assert page.tbody.td["class"] == ["number"] and not page.select("[style]")

    def test_harmless_html_stays(self):
        page = page_of(nbformat.v4.new_markdown_cell('H<sub>2</sub>O, <a href="a.csv">a</a>\n<hr>'))
        assert page.sub.get_text() == "2" and page.main.p.a["href"] == "a.csv"


class TestHeadings:
    def test_a_skipped_level_is_closed_and_a_second_title_is_a_section(self):
        body, title, sections = order_headings(
            "<h1>T</h1><h2>a</h2><h4>b</h4><h5 class='x'>c</h5><h1>d</h1><h3>e</h3>"
        )
        assert body == (
            "<h1>T</h1><h2 id=\"section-1\">a</h2><h3>b</h3><h4 class='x'>c</h4>"
            '<h2 id="section-2">d</h2><h3>e</h3>'
        )
        assert title == "T" and sections == [("section-1", "a"), ("section-2", "d")]

    @pytest.mark.parametrize("title", ["", "## Section", "du texte"])
    def test_a_notebook_without_title_is_refused(self, title):
        with pytest.raises(ExportError, match="no title"):
            export(nbformat.v4.new_markdown_cell("## Suite"), title=title)

    def test_the_title_of_the_data_replaces_that_of_the_notebook(self):
        page = page_of(block(Title("Voirie", above="Famille")))
        assert [each.get_text() for each in page.find_all("h1")] == ["Voirie"]
        assert page.title.get_text() == "Voirie – Achats et carbone"


class TestNotebook:
    SOURCE = (
        'input = "/srv/anne/sortie/carte"\n'
        'more = ["C:\\\\Users\\\\anne\\\\b.csv", "/tmp/x/y.csv"]\n'
        'family = "09.02"\nrate = 1 / 3'
    )

    @pytest.fixture
    def files(self):
        cells = [
            show({"text/plain": "lu : /srv/anne/sortie/carte puis /srv/anne/sortie/b.csv"}),
            block(Table(frame(), ["label", "spend_eur"], "T", name="t")),
        ]
        made = notebook(*cells, parameters=self.SOURCE)
        made.metadata["papermill"] = {"start_time": "2026-01-01", "output_path": "/srv/anne/x"}
        made.cells[-1].metadata["execution"] = {"iopub.execute_input": "2026-01-01T00:00:00Z"}
        made.cells[-1].outputs.insert(0, nbformat.v4.new_output("stream", text="bruit /srv/anne"))
        made.metadata["kernelspec"] = {"name": "lcc", "display_name": "lcc"}
        return export_report(made, PageSettings())

    def test_it_names_no_folder_no_time_no_kernel_of_its_own(self, files):
        text = files["rapport.ipynb"].decode()
        assert not re.search(r"/srv|/tmp|anne|2026-01-01|papermill|bruit", text)
        made = nbformat.reads(text, as_version=4)
        assert made.metadata.kernelspec.name == "python3"
        assert 'input = "carte"' in made.cells[1].source and '"b.csv", "y.csv"' in text.replace(
            '\\"', '"'
        )
        assert "rate = 1 / 3" in made.cells[1].source
        assert made.cells[2].outputs[0].data["text/plain"] == "lu : carte puis b.csv"

    def test_the_page_names_no_folder_either(self, files):
        assert "/srv" not in files["index.html"].decode()

    @pytest.mark.parametrize(
        "name", ["/p", "/td/", "/p></section>/x", "/a/b", "//", "/ an", "/</x"]
    )
    def test_a_name_that_looks_like_a_folder_spoils_no_page(self, name):
        # "/a/b/" stands in the bytes of the image
        image = base64.b64encode(base64.b64decode("xx/a/b/x")).decode()
        cells = [
            block(Table(frame(name), ["label", "spend_eur"], name, name="t")),
            block(Text(name)),
            show({"image/png": image}, {"alt": "Plan"}),
        ]
        bare = page_of(*cells)
        page = page_of(*cells, parameters=f"directorate = {name!r}")
        assert [each.name for each in page.find_all(True)] == [
            each.name for each in bare.find_all(True)
        ]
        assert page.find("img")["src"] == f"data:image/png;base64,{image}"
        made = json.loads(export(*cells, parameters=f"directorate = {name!r}")["rapport.ipynb"])
        assert "".join(made["cells"][-1]["outputs"][0]["data"]["image/png"]) == image

    def test_a_path_with_signs_of_html_is_hidden(self):
        files = export(
            block(Text("lu : /srv/R&D d'Anne/carte")), parameters='input = "/srv/R&D d\'Anne/carte"'
        )
        page = BeautifulSoup(files["index.html"].decode(), "lxml")
        assert "lu\u00a0: carte" in page.get_text() or "lu : carte" in page.get_text()
        assert b"R&D" not in files["rapport.ipynb"] and b"R&amp;D" not in files["rapport.ipynb"]

    def test_what_goes_with_an_output_is_cleaned_too(self):
        told = {"alt": "Plan de /srv/anne/carte\u202e"}
        data = {"image/png": PIXEL, "application/x+json": {"path": "/srv/anne/carte"}}
        files = export(show(data, told), parameters='input = "/srv/anne/carte"')
        made = json.loads(files["rapport.ipynb"])
        (output,) = made["cells"][-1]["outputs"]
        assert set(output["data"]) == {"image/png"}
        assert output["metadata"]["alt"] == "Plan de carte"

    def test_it_is_a_notebook_with_its_outputs(self, files):
        made = nbformat.reads(files["rapport.ipynb"].decode(), as_version=4)
        nbformat.validate(made)
        assert "<table" in made.cells[3].outputs[0].data["text/html"]
        assert [each.id for each in made.cells] == ["cell-01", "cell-02", "cell-03", "cell-04"]

    def test_the_notebook_that_was_run_is_left_as_it_was(self):
        made = notebook(block(Table(frame(), ["label"], "T", name="t")), parameters=self.SOURCE)
        before = nbformat.writes(made)
        export_report(made, PageSettings())
        assert nbformat.writes(made) == before


class TestHostileTexts:
    @pytest.fixture(params=HOSTILE, ids=range(len(HOSTILE)))
    def files(self, request):
        text = request.param
        chart = draw_ranking(
            map_table().assign(label=text, label_fr=text, label_en=text), subject=text, name=text
        )
        settings = PageSettings(
            crumbs=(Crumb(text, "../index.html"),), previous=Crumb(text, "../a/index.html")
        )
        cells = [
            block(Title(text, above=text, below=text)),
            block(Text(text)),
            block(Figures([(text, text, text)], name=text)),
            block(Table(frame(text), ["label", "spend_eur"], text, name="../../" + text)),
            block(chart),
        ]
        return text, export(*cells, settings=settings)

    def test_no_element_comes_from_a_text(self, files):
        _, made = files
        page = BeautifulSoup(made["index.html"].decode(), "lxml")
        assert page.find("script") is None and len(page.find_all("h1")) == 1
        assert len(page.find_all("style")) == 1 and len(page.find_all("title")) == 1
        assert len(page.find_all("img")) == 1
        assert not [
            each for each in page.find_all(True) if any(a.startswith("on") for a in each.attrs)
        ]

    def test_texts_are_shown_as_they_are_but_for_signs_that_deceive(self, files):
        text, made = files
        page = BeautifulSoup(made["index.html"].decode(), "lxml")
        shown = drop_controls(text)
        assert page.h1.get_text() == shown and "\u202e" not in made["index.html"].decode()
        assert page.find("tbody").th.get_text() == shown
        assert page.select_one("nav.beside a").get_text().endswith(shown)

    def test_files_stay_in_the_folder_under_plain_names(self, files):
        _, made = files
        assert all(re.fullmatch(r"[A-Za-z0-9._-]{1,70}", each) for each in made)
        assert not any(each.startswith(".") for each in made)

    def test_no_spreadsheet_runs_a_cell(self, files):
        _, made = files
        cells = [
            cell
            for name, content in made.items()
            if name.endswith(".csv")
            for cell in re.split(r"\r\n|,", content.decode())
        ]
        assert not [each for each in cells if each.lstrip('"').startswith("=")]

    def test_the_drawing_is_well_formed_and_holds_no_element_of_the_text(self, files):
        from urllib.parse import unquote

        from lxml import etree

        _, made = files
        page = BeautifulSoup(made["index.html"].decode(), "lxml")
        svg = unquote(page.find("img")["src"].partition(",")[2])
        names = {
            each.tag.rpartition("}")[2]
            for each in etree.fromstring(svg.encode()).iter()
            if isinstance(each.tag, str)
        }
        assert names <= {"svg", "defs", "path", "g", "use", "rect", "clipPath", "style"}
        assert "\u202e" not in svg

    def test_the_notebook_is_json_that_can_be_read(self, files):
        _, made = files
        assert json.loads(made["rapport.ipynb"])["nbformat"] == 4


class TestPage:
    def test_downloads_name_each_file_with_its_form_and_its_size(self):
        settings = PageSettings(language="en")
        table = Table(frame(), ["label", "spend_eur"], "Who is paid", name="paid", language="en")
        files = export(block(table), settings=settings)
        page = BeautifulSoup(files["index.html"].decode(), "lxml")
        listed = {each.a["href"]: each for each in page.select("ul.downloads li")}
        assert set(listed) == {"paid.csv", "rapport.ipynb"} == set(files) - {"index.html"}
        assert listed["paid.csv"].get_text(" ", strip=True) == "Who is paid paid.csv, CSV, 1 kB"
        assert page.select_one("p.csv a")["href"] == "paid.csv"

    def test_the_policy_allows_the_style_by_its_hash_and_nothing_else(self):
        import hashlib

        page = page_of(block(Text("a")))
        policy = page.find("meta", attrs={"http-equiv": True})["content"]
        digest = base64.b64encode(hashlib.sha256(page.style.string.encode()).digest()).decode()
        assert policy == (
            f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; "
            "form-action 'none'"
        )
        assert not page.select("[style]")

    def test_neighbours_and_crumbs_are_links_with_names(self):
        settings = PageSettings(
            crumbs=(Crumb("Tous les rapports", "../index.html"),),
            previous=Crumb("Eau", "../1/index.html"),
            next=Crumb("Gaz", "../3/index.html"),
        )
        page = page_of(block(Text("a")), settings=settings)
        assert page.select_one("nav.crumbs li[aria-current=page]").get_text() == "Essai"
        assert page.select_one("a[rel=prev]")["href"] == "../1/index.html"
        assert page.select_one("a[rel=next]").get_text(" ", strip=True) == "Rapport suivant Gaz"
        names = [each["aria-label"] for each in page.find_all("nav")]
        assert len(names) == len(set(names))

    def test_a_pdf_that_cannot_be_made_is_not_listed(self, monkeypatch):
        monkeypatch.setattr("lcc.report.export.make_pdf", lambda page: None)
        files = export(block(Text("a")), settings=PageSettings(pdf=True))
        assert "rapport.pdf" not in files and b"rapport.pdf" not in files["index.html"]

    def test_a_report_of_eight_charts_is_light(self):
        # 400 kB, of which the issue of this project speaks: 400 000 bytes.
        charts = [
            block(draw_ranking(map_table(), subject=f"Sujet {rank}", name=f"c{rank}", demo=True))
            for rank in range(8)
        ]
        files = export(*charts)
        assert len(files["index.html"]) < 400_000 and len(files) == 10


def test_nbconvert_makes_the_same_page_and_its_files(tmp_path):
    from nbconvert.writers import FilesWriter

    from lcc.report.export.exporter import PageExporter

    made = notebook(block(Table(frame(), ["label"], "T", name="t")))
    page, resources = PageExporter().from_notebook_node(made)
    files = export_report(made, PageSettings())
    assert page == files["index.html"].decode()
    FilesWriter(build_directory=str(tmp_path)).write(page, resources, notebook_name="essai")
    assert {each.name for each in tmp_path.iterdir()} == {"essai.html", "rapport.ipynb", "t.csv"}
    with pytest.raises(ExportError):
        PageExporter().from_notebook_node(notebook(show({"image/png": PIXEL})))


def test_nbconvert_writes_a_page_beside_the_notebook_and_runs_it_where_asked(tmp_path, monkeypatch):
    from nbconvert.nbconvertapp import NbConvertApp

    source = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_markdown_cell("# Titre"),
            nbformat.v4.new_code_cell("6 * 7"),
        ]
    )
    nbformat.write(source, tmp_path / "essai.ipynb")
    monkeypatch.chdir(tmp_path)
    app = NbConvertApp()
    app.initialize(["--to", "lcc-page", "--execute", "essai.ipynb"])
    app.start()
    assert "42" in (tmp_path / "essai.html").read_text(encoding="utf-8")
    assert (tmp_path / "rapport.ipynb").is_file()


def test_signs_that_deceive_are_dropped_and_others_kept():
    assert drop_controls("a\u202eb\u2066c\u200fd\x00e\x1bf\x85") == "abcdef"
    kept = "é\u00a0\u202f\u200d👩🏽‍🚒\t\n’«»"
    assert drop_controls(kept) == kept


def test_a_mended_heading_is_told(caplog):
    with caplog.at_level(logging.INFO, logger="lcc.report.export.page"):
        order_headings("<h1>T</h1><h3>b</h3>")
    assert "level 3 becomes one of level 2" in caplog.text
