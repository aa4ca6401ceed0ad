"""Documents: one accessible page and one tagged PDF, the same bytes each time.

What a PDF must hold to be read aloud: ISO 14289-1:2014 (PDF/UA-1), 7.1 (tags, title shown), 7.2
(language); a mark that the file claims it: its section 5.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
import socket
import subprocess
import sys
import zlib
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from lcc.errors import FieldError, OutputError
from lcc.report import pdf
from lcc.report.document import PART_KINDS, render_document, write_document

HARD, THIN = "\u00a0", "\u202f"
STAMP = "simulation, non opposable"
HOSTILE = "</style><script>alert(1)</script> & \"q\" 'r' } body { display: none"


def make_content(**changes):
    """Return a document of every kind of part."""
    return {
        "title": "Annexe : méthode d'évaluation",
        "subtitle": "Consultation 2026-COLLECTE-01",
        "stamp": STAMP,
        "language": "fr",
        "sections": [
            {
                "heading": "Objet",
                "parts": [
                    {
                        "kind": "text",
                        "text": "Un paragraphe.\n\nUn autre : « oui » à 95 % !\nSuite.",
                    },
                    {"kind": "list", "items": ["acte signé ;", "bordereau <b>"]},
                    {
                        "kind": "facts",
                        "rows": [
                            ["Acheteur", "Métropole"],
                            ["Année des prix", 2026],
                            ["Tirages", 10_000],
                            ["Taux", 3.2],
                            ["Date de base", date(2026, 1, 31)],
                            ["Lot", None],
                            ["Variantes admises", False],
                        ],
                    },
                ],
            },
            {
                "heading": "Formule",
                "parts": [
                    {
                        "kind": "formula",
                        "text": "N = 40 × P_min / P",
                        "where": [["P", "prix de l'offre"]],
                    },
                    {"kind": "code", "text": "sha256 : 3f0a\n  deux"},
                ],
            },
            {
                "heading": "Prix",
                "parts": [
                    {
                        "kind": "table",
                        "caption": "Prix unitaires",
                        "columns": [
                            {"key": "line", "heading": "Ligne"},
                            {"key": "quantity", "heading": "Quantité", "numeric": True},
                            {"key": "price", "heading": "Prix", "numeric": True, "decimals": 3},
                            {"key": "total", "heading": "Total", "numeric": True},
                            {"key": "year", "heading": "Année"},
                        ],
                        "rows": [
                            {
                                "line": "Levée",
                                "quantity": 2_500,
                                "price": 0.1234,
                                "total": 12_345.678,
                                "year": 2026,
                            },
                            {
                                "line": "Bac",
                                "quantity": None,
                                "price": 5,
                                "total": "",
                                "year": 2027,
                            },
                        ],
                    },
                    {
                        "kind": "table",
                        "caption": "Options",
                        "columns": [{"key": "a", "heading": "A"}],
                        "rows": [],
                    },
                ],
            },
        ],
    } | changes


def with_part(part):
    return make_content(sections=[{"heading": "S", "parts": [part]}])


def soup_of(content, **more):
    return BeautifulSoup(render_document(content, **more), "lxml")


def text_of(node):
    return node.get_text().replace(HARD, " ").replace(THIN, " ")


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """The document as page and PDF, or skip where the system makes no PDF."""
    page, made = write_document(make_content(), tmp_path_factory.mktemp("document"), "annexe")
    if made is None:
        pytest.skip("no system library for PDF: run tools/system_packages.sh")
    return page, made


def objects_of(path):
    """Return the bytes of a PDF followed by those of its streams that can be inflated."""
    content = path.read_bytes()
    parts = [content]
    for found in re.finditer(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL):
        try:
            parts.append(zlib.decompress(found[1]))
        except zlib.error:
            continue
    return b"\n".join(parts)


class TestPage:
    def test_it_is_accessible(self):
        page = soup_of(make_content())
        assert page.html["lang"] == "fr"
        assert page.title.get_text() == page.h1.get_text() == f"Annexe{HARD}: méthode d'évaluation"
        levels = [int(each.name[1]) for each in page.find_all(re.compile("^h[1-6]$"))]
        assert levels == [1, 2, 2, 2]
        assert all(after - before <= 1 for before, after in pairwise(levels))
        assert page.body.find("a")["href"] == "#contenu"
        assert page.find(id="contenu").name == "main"
        names = [each["id"] for each in page.find_all(id=True)]
        assert len(names) == len(set(names))
        for table in page.find_all("table"):
            labelled = table.get("aria-labelledby")
            assert labelled in names if labelled else table.caption.get_text().strip()
            assert all(th["scope"] in {"col", "row"} for th in table.find_all("th"))
            assert table.select("tbody th")

    def test_it_asks_nothing_of_any_host_and_runs_nothing(self):
        text = render_document(make_content())
        assert "<script" not in text and "@import" not in text and "url(" not in text
        assert not re.search(r'(?:src|href)="(?!#)', text)
        policy = soup_of(make_content()).find("meta", {"http-equiv": "Content-Security-Policy"})
        assert "default-src 'none'" in policy["content"]
        assert "script-src" not in policy["content"]

    def test_the_contents_list_every_section(self):
        page = soup_of(make_content())
        links = page.select("nav.sections a")
        assert [each.get_text() for each in links] == ["Objet", "Formule", "Prix"]
        assert [page.find(id=each["href"][1:]).get_text() for each in links] == [
            "Objet",
            "Formule",
            "Prix",
        ]

    def test_paragraphs_and_lines_are_kept(self):
        first, second = soup_of(make_content()).select("section p")[:2]
        assert first.get_text() == "Un paragraphe."
        assert second.get_text() == f"Un autre{HARD}: «{HARD}oui{HARD}» à 95{HARD}%{HARD}!Suite."
        assert len(second.find_all("br")) == 1

    def test_values_are_written_by_the_formats(self):
        page = soup_of(make_content())
        facts = {row.th.get_text(): text_of(row.td) for row in page.select("table.facts tbody tr")}
        assert facts == {
            "Acheteur": "Métropole",
            # a year is no amount: it is not cut into thousands
            "Année des prix": "2026",
            "Tirages": "10 000",
            "Taux": "3,20",
            "Date de base": "31/01/2026",
            "Lot": "n.d.",
            "Variantes admises": "non",
        }
        rows = [
            [text_of(cell) for cell in row.find_all(["th", "td"])]
            for row in page.select("section.table tbody tr")
        ]
        # 0.1234 to the thousandth, 12 345.678 to the hundredth
        assert rows == [
            ["Levée", "2 500", "0,123", "12 345,68", "2026"],
            ["Bac", "n.d.", "5,000", "", "2027"],
        ]

    def test_numbers_of_numpy_are_numbers(self):
        import numpy as np

        part = {"kind": "facts", "rows": [["a", np.float64(1.5)], ["b", np.int64(12)]]}
        cells = [each.get_text() for each in soup_of(with_part(part)).select("table.facts td")]
        assert cells == ["1,50", "12"]

    def test_a_table_without_rows_is_a_sentence(self):
        assert f"Options{HARD}: aucune ligne." in soup_of(make_content()).get_text()

    def test_code_is_kept_as_it_is(self):
        assert soup_of(make_content()).pre.get_text() == "sha256 : 3f0a\n  deux"

    def test_the_formula_tells_its_symbols(self):
        page = soup_of(make_content())
        assert page.select_one("p.formula").get_text() == "N = 40 × P_min / P"
        assert text_of(page.select_one("ul.where li")) == "P : prix de l'offre"

    def test_the_stamp_is_on_the_screen_and_on_every_printed_page(self):
        text = render_document(make_content())
        page = BeautifulSoup(text, "lxml")
        assert page.select_one("p.stamp").get_text() == STAMP
        running = page.find_all("style")[1].get_text()
        boxes = dict(re.findall(r"@([a-z-]+) \{ content: \"([^\"]*)\"; \}", running))
        shown = {
            name: re.sub(r"\\([0-9a-f]{6})", lambda each: chr(int(each[1], 16)), text)
            for name, text in boxes.items()
        }
        # The first page, which the banner heads, has it once.
        assert "@page :first { @top-center { content: none; } }" in running
        assert shown == {"bottom-left": f"Annexe{HARD}: méthode d'évaluation", "top-center": STAMP}

    def test_without_stamp_nothing_is_stamped(self):
        page = soup_of(make_content(stamp=None))
        assert page.select_one("p.stamp") is None
        assert "top-center" not in page.find_all("style")[1].get_text()

    def test_the_demonstration_is_said(self):
        assert "Données de démonstration" in soup_of(make_content(), demo=True).body.get_text()
        assert "démonstration" not in soup_of(make_content()).body.get_text()

    def test_the_same_content_gives_the_same_page(self):
        assert render_document(make_content()) == render_document(make_content())

    def test_a_document_in_english(self):
        english = make_content(language="en")
        page = soup_of(english, language="en")
        assert page.html["lang"] == "en"
        assert page.title.get_text() == "Annexe : méthode d'évaluation"
        assert "12,345.68" in page.get_text() and "Options: no line." in page.get_text()
        assert "Skip to content" in page.get_text()


class TestHostileTexts:
    def test_markup_stays_text_everywhere(self):
        content = make_content(
            title=HOSTILE,
            subtitle=HOSTILE,
            stamp=HOSTILE,
            sections=[
                {
                    "heading": HOSTILE,
                    "parts": [
                        {"kind": "text", "text": HOSTILE},
                        {"kind": "list", "items": [HOSTILE]},
                        {"kind": "facts", "rows": [[HOSTILE, HOSTILE]]},
                        {"kind": "formula", "text": HOSTILE, "where": [[HOSTILE, HOSTILE]]},
                        {"kind": "code", "text": HOSTILE},
                        {
                            "kind": "table",
                            "caption": HOSTILE,
                            "columns": [{"key": HOSTILE, "heading": HOSTILE}],
                            "rows": [{HOSTILE: HOSTILE}],
                        },
                    ],
                }
            ],
        )
        text = render_document(content, demo=True)
        assert "<script" not in text and text.count("</style>") == 2
        page = BeautifulSoup(text, "lxml")
        assert page.find("script") is None
        assert "display: none" not in page.find_all("style")[1].get_text()
        assert page.h1.get_text().startswith("</style><script>alert(1)</script> & \"q\" 'r' }")


class TestBadContent:
    @pytest.mark.parametrize("kind", ["chart", None, "__class__", ["text"]])
    def test_an_unknown_part_is_refused_with_its_place(self, kind):
        content = make_content()
        content["sections"][1]["parts"].append({"kind": kind, "text": "x"})
        with pytest.raises(FieldError) as caught:
            render_document(content)
        assert caught.value.field == "sections[1].parts[2].kind"
        assert caught.value.found == repr(kind)
        assert caught.value.expected == ", ".join(PART_KINDS)

    @pytest.mark.parametrize(
        ("part", "field"),
        [
            ({"kind": "text"}, "text"),
            ({"kind": "text", "text": " "}, "text"),
            ({"kind": "list", "items": "abc"}, "items"),
            ({"kind": "facts", "rows": [["a"]]}, "rows[0]"),
            ({"kind": "facts", "rows": ["ab"]}, "rows[0]"),
            ({"kind": "formula"}, "text"),
            ({"kind": "table", "caption": "C", "columns": [], "rows": []}, "columns"),
            ({"kind": "table", "caption": "C", "columns": [{"key": "a"}]}, "columns[0].heading"),
            (
                {"kind": "table", "columns": [{"key": "a", "heading": "A"}], "rows": []},
                "caption",
            ),
        ],
    )
    def test_a_part_that_lacks_something_says_what(self, part, field):
        with pytest.raises(FieldError) as caught:
            render_document(with_part(part))
        assert caught.value.field == f"sections[0].parts[0].{field}"

    def test_a_document_needs_a_title_and_sections(self):
        with pytest.raises(FieldError, match="title"):
            render_document({"sections": []})
        with pytest.raises(FieldError, match="sections"):
            render_document({"title": "T"})

    def test_the_language_asked_must_be_that_of_the_content(self):
        with pytest.raises(FieldError, match=r"'fr'(.|\n)*'en'"):
            render_document(make_content(), language="en")
        with pytest.raises(FieldError, match="de"):
            render_document(make_content(language=None), language="de")

    @pytest.mark.parametrize("name", ["", ".", "..", "../a", "a/b", "a\\b", "/a"])
    def test_a_name_never_leaves_the_folder(self, name, tmp_path):
        with pytest.raises(FieldError, match="name"):
            write_document(make_content(), tmp_path / "out", name)
        assert not (tmp_path / "out").exists()


class TestPdf:
    def test_it_is_tagged_named_and_in_its_language(self, written):
        content = objects_of(written[1])
        assert content.startswith(b"%PDF-1.7")
        assert re.search(rb"/MarkInfo\s*<<\s*/Marked true", content)
        assert b"/StructTreeRoot" in content and b"/Lang (fr)" in content
        assert re.search(rb"/ViewerPreferences\s*<<\s*/DisplayDocTitle true", content)
        assert b'pdfuaid:part="1"' in content
        assert b"/Outlines" in content and content.count(b"/Title") >= 5
        for tag in (b"/H1", b"/H2", b"/Table", b"/TH", b"/TD", b"/Caption", b"/LI", b"/P"):
            assert re.search(rb"/S " + tag + rb"\b", content), tag

    def test_it_holds_no_date(self, written):
        content = objects_of(written[1])
        assert b"CreationDate" not in content and b"ModDate" not in content
        assert b"CreateDate" not in content

    def test_its_letters_are_embedded(self, written):
        content = objects_of(written[1])
        fonts = len(re.findall(rb"/Type /FontDescriptor", content))
        assert fonts > 0 and len(re.findall(rb"/FontFile[23]?\b", content)) >= fonts

    def test_twice_the_same_bytes(self, written, tmp_path):
        again = write_document(make_content(), tmp_path, "annexe")
        assert again[0].read_bytes() == written[0].read_bytes()
        assert again[1].read_bytes() == written[1].read_bytes()
        other = write_document(make_content(subtitle="autre"), tmp_path, "autre")
        assert other[1].read_bytes() != written[1].read_bytes()

    def test_another_process_makes_the_same_bytes(self, written, tmp_path):
        code = (
            "import sys; from pathlib import Path; from lcc.report.pdf import write_pdf; "
            "write_pdf(Path(sys.argv[1]).read_text(encoding='utf-8'), Path(sys.argv[2]))"
        )
        path = tmp_path / "again.pdf"
        subprocess.run(
            [sys.executable, "-c", code, written[0], path],
            check=True,
            env={**os.environ, "PYTHONHASHSEED": "7"},
        )
        assert path.read_bytes() == written[1].read_bytes()

    def test_the_stamp_and_the_page_number_stand_on_every_page(self, tmp_path):
        program = shutil.which("pdftotext")
        if program is None:
            pytest.skip("no pdftotext (Debian package poppler-utils)")
        long = make_content()
        long["sections"][0]["parts"].append({"kind": "list", "items": ["ligne"] * 200})
        path = write_document(long, tmp_path, "long")[1]
        if path is None:
            pytest.skip("no system library for PDF: run tools/system_packages.sh")
        told = subprocess.run([program, path, "-"], check=True, capture_output=True, text=True)
        pages = told.stdout.split("\f")[:-1]
        assert len(pages) > 2
        for number, page in enumerate(pages, start=1):
            assert page.count(STAMP) == 1 and re.search(rf"\b{number} ?/ ?{len(pages)}\b", page)

    def test_nothing_is_fetched(self, tmp_path, monkeypatch, caplog, written):
        asked = []
        monkeypatch.setattr(socket.socket, "connect", lambda *given: asked.append(given))
        monkeypatch.setattr(socket, "getaddrinfo", lambda *given, **more: asked.append(given))
        secret = tmp_path / "secret.css"
        secret.write_text("p { color: red }", encoding="utf-8")
        page = (
            "<!doctype html><html lang='fr'><title>T</title>"
            f"<link rel='stylesheet' href='{secret.as_uri()}'>"
            "<img alt='x' src='http://example.invalid/a.png'>"
            "<img alt='y' src='data:image/svg+xml,<svg xmlns=\"http://www.w3.org/2000/svg\"/>'>"
        )
        assert pdf.write_pdf(page, tmp_path / "a.pdf") is not None
        assert asked == []
        refused = [each.getMessage() for each in caplog.records if each.name == "weasyprint"]
        assert len(refused) == 2 and all("disallowed" in each for each in refused)

    def test_a_folder_that_cannot_be_written_is_an_error(self, tmp_path, written):
        (tmp_path / "file").write_text("", encoding="utf-8")
        with pytest.raises(OutputError):
            write_document(make_content(), tmp_path / "file", "annexe")


class Broken:
    """A finder that breaks the import of one library, as a missing system library does."""

    def find_spec(self, name, path=None, target=None):
        if name == "weasyprint":
            sys.stdout.write("a notice of five lines")
            raise OSError("cannot load library 'libpango-1.0-0'")


class TestWithoutLibrary:
    @pytest.fixture
    def broken(self, monkeypatch):
        for name in [each for each in sys.modules if each.partition(".")[0] == "weasyprint"]:
            monkeypatch.delitem(sys.modules, name)
        monkeypatch.setattr(sys, "meta_path", [Broken(), *sys.meta_path])
        pdf._load_weasyprint.cache_clear()
        yield
        pdf._load_weasyprint.cache_clear()

    def test_the_page_is_written_and_one_line_says_what_to_install(
        self, broken, tmp_path, caplog, capsys
    ):
        stale = tmp_path / "annexe.pdf"
        stale.write_bytes(b"old")
        with caplog.at_level(logging.WARNING, logger="lcc.report.pdf"):
            first = write_document(make_content(), tmp_path, "annexe")
            second = write_document(make_content(), tmp_path, "autre")
        assert first == (tmp_path / "annexe.html", None)
        assert second == (tmp_path / "autre.html", None)
        assert first[0].stat().st_size > 5_000 and not stale.exists()
        (said,) = [each.getMessage() for each in caplog.records if each.name == "lcc.report.pdf"]
        assert "libpango-1.0-0 libpangoft2-1.0-0" in said and "\n" not in said
        assert capsys.readouterr().out == ""


def test_the_library_is_loaded_on_use_only():
    code = "import sys, lcc.report.document; print('weasyprint' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert told.stdout.strip() == "False"


def test_the_names_of_debian_are_those_the_script_installs():
    script = Path(__file__).parents[2] / "tools" / "system_packages.sh"
    for name in pdf.PACKAGES.split():
        assert name in script.read_text(encoding="utf-8")
