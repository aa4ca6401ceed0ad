"""What two checkers, a keyboard and a screen reader find on the pages, in both languages.

axe-core: every rule it has, best practices and experimental ones included, in light and dark, wide
and narrow, disclosures open. html-validate: its recommended and its accessibility rules. Each
checker is first shown a fault, as a checker that finds nothing may be asleep.

Rules: WCAG 2.1, 1.4.10 (reflow), 1.4.12, 2.1.1 (keyboard), 2.4.7 (focus visible); RGAA 4.1.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from bs4 import BeautifulSoup

from lcc.cli.site_pages import list_neighbours, write_indexes
from lcc.files import write_bytes
from lcc.forms.safe_names import unique_names
from lcc.report.export import Crumb, PageSettings, export_report
from lcc.report.notebooks import find_notebook
from lcc.report.page import open_page

sys.path.insert(0, str(Path(__file__).parent))
from checkers import missing_axe, missing_validator, run_axe, run_validator
from demo_map import write_demo
from in_process import run_here

DIRECTORATE = "Direction des sports"
REPORTS = {
    "cartographie": ("notebooks/01-cartographie-carbone", {}),
    "familles/09.02": ("reports/famille", {"family": "09.02"}),
    "directions/Direction-des-sports": ("reports/direction", {"directorate": DIRECTORATE}),
}
PAGES = ("index.html", "comparaison.html", *(f"{each}/index.html" for each in REPORTS))
LANGUAGES = ("fr", "en")

FAULTY = """<!DOCTYPE html><html><head><title>x</title></head><body><img src="data:,">
<p style="color: #999">Un texte trop pâle.</p><input></body></html>"""

FOCUS = """
(() => {
  const node = document.activeElement;
  const style = getComputedStyle(node);
  const box = node.getBoundingClientRect();
  return [node.tagName, (node.textContent || node.id || "").trim().slice(0, 40),
    style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    box.width > 0 && box.top >= -1 && box.top < innerHeight];
})()
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Reports, index and comparison of the demonstration, in both languages."""
    root = tmp_path_factory.mktemp("languages")
    carbon, given, of_report = write_demo(root)
    year = given["year"]
    families = carbon.table("family", year)
    directorates = carbon.table("directorate", year)
    directorates = directorates[directorates["group"].notna()]
    folders = unique_names(directorates["group"], "direction")
    directorates = directorates.assign(
        label=directorates["group"], group=directorates["group"].map(folders)
    )
    for language in LANGUAGES:
        out = root / language
        links = list_neighbours(families, directorates, language)
        outcomes = []
        for name, (notebook, parameters) in REPORTS.items():
            asked = given if name == "cartographie" else of_report
            asked = {**asked, **parameters, "language": language}
            run = run_here(find_notebook(notebook), asked)
            before, after = links.get(name, (None, None))
            home = "../" * len(Path(name).parts) + "index.html"
            settings = PageSettings(
                language, True, (Crumb("Tous les rapports", home),), previous=before, next=after
            )
            for file, content in export_report(run, settings).items():
                write_bytes(out / name / file, content)
            job = SimpleNamespace(name=name, label=name)
            outcomes.append(SimpleNamespace(job=job, page=out / name / "index.html", error=None))
        job = SimpleNamespace(name="familles/06.01", label='<b>"raté"')
        outcomes.append(SimpleNamespace(job=job, page=None, error="erreur <script>"))
        page = open_page(language=language, demo=True)
        tables = {"family": families, "directorate": directorates}
        # The pages of directorates have the same template: once is enough.
        by = "both" if language == "fr" else "family"
        write_indexes(page, carbon, out, year, by, tables, outcomes)
    return root


@pytest.fixture
def index(site, browser):
    browser.open(site / "fr" / "index.html")
    return browser


class TestCheckers:
    def test_html_validate_finds_nothing(self, site, tmp_path):
        if reason := missing_validator():
            pytest.skip(reason)
        faulty = tmp_path / "faulty.html"
        faulty.write_text(FAULTY, encoding="utf-8")
        found = run_validator([faulty, *sorted(site.rglob("*.html"))])
        assert any("faulty" in each and "wcag/h37" in each for each in found)
        assert [each for each in found if "faulty" not in each] == []

    def test_axe_finds_the_faults_of_a_faulty_page(self, browser, tmp_path):
        if reason := missing_axe():
            pytest.skip(reason)
        faulty = tmp_path / "faulty.html"
        faulty.write_text(FAULTY, encoding="utf-8")
        browser.open(faulty)
        found = run_axe(browser)
        told = {each.partition(" ")[0] for each in found["violations"]}
        # one of each kind: images, contrast (A, AA), titles (best practice), regions
        assert {"image-alt", "color-contrast", "html-has-lang", "label", "region"} <= told
        assert found["rules"] > 90

    @pytest.mark.parametrize("name", PAGES)
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_axe_finds_nothing(self, site, browser, language, name):
        if reason := missing_axe():
            pytest.skip(reason)
        width, scheme = (1200, "light") if language == "fr" else (360, "dark")
        try:
            browser.prefer(scheme)
            browser.open(site / language / name, width=width)
            browser.run("document.querySelectorAll('details').forEach(each => each.open = true)")
            assert run_axe(browser)["violations"] == []
        finally:
            browser.prefer("light")


class TestPages:
    @pytest.mark.parametrize("name", PAGES)
    def test_the_policy_stops_nothing_of_the_page_and_nothing_is_asked(self, site, browser, name):
        browser.open(site / "fr" / name)
        assert browser.said() == []
        assert {each.partition(":")[0] for each in browser.asked()} <= {"file", "data"}

    def test_no_image_has_words_that_say_nothing(self, site):
        for page in site.rglob("*.html"):
            assert "No description" not in page.read_text(encoding="utf-8")

    @pytest.mark.parametrize("name", PAGES)
    def test_twice_as_large_nothing_is_cut(self, site, browser, name):
        # 200 % of a 1280-pixel window is a window of 640 pixels (WCAG 1.4.4, 1.4.10).
        browser.open(site / "en" / name, width=640, height=480)
        assert browser.run("document.documentElement.scrollWidth") <= 640

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_every_chart_says_its_year_and_its_source(self, site, language):
        charts = [
            (page.parent.name, chart)
            for page in sorted((site / language).rglob("*.html"))
            for chart in BeautifulSoup(page.read_text(encoding="utf-8"), "lxml").select("figure")
        ]
        assert len(charts) > 15
        silent = [place for place, chart in charts if chart.select_one("p.source") is None]
        assert silent == []
        compared = BeautifulSoup((site / language / "comparaison.html").read_text("utf-8"), "lxml")
        told = [each.get_text() for each in compared.select("figure .about")]
        assert len(told) == 2 and all(" · 2024 · " in each for each in told)

    def test_a_report_is_light(self, site):
        sizes = {page: page.stat().st_size for page in site.rglob("index.html")}
        assert max(sizes.values()) < 400_000, sizes


class TestKeyboard:
    def test_every_stop_is_seen(self, index):
        seen = []
        for _ in range(14):
            index.press("Tab")
            seen.append(index.run(FOCUS))
        tags = [each[0] for each in seen]
        assert tags[0] == "A" and "INPUT" in tags and "SECTION" in tags and "BUTTON" in tags
        assert all(outlined and visible for _, _, outlined, visible in seen), seen

    def test_the_search_is_typed_and_its_result_told(self, index):
        index.run("document.getElementById('recherche').focus()")
        index.send("Input.insertText", text="DÉCHETS collecte")
        shown = index.run(
            "[...document.querySelectorAll('tbody tr')].filter(r => !r.hidden)"
            ".map(r => r.cells[0].textContent)"
        )
        assert shown == ["Collecte et transport des déchets"]
        assert index.run("document.querySelector('output').textContent") == (
            "Lignes affichées\u00a0: 1 sur 103."
        )
        index.run("document.getElementById('recherche').value = ''")
        index.send("Input.insertText", text="introuvable")
        assert "Aucune ligne" in index.run("document.querySelector('output').textContent")

    def test_a_heading_sorts_by_its_figures_and_says_so(self, index):
        index.run("document.querySelectorAll('thead button')[2].focus()")
        state = "document.querySelectorAll('thead th')[2].getAttribute('aria-sort')"
        column = (
            "[...document.querySelectorAll('tbody tr')].map(r => Number(r.cells[2].dataset.value))"
        )
        index.press("Enter")
        spend = index.run(column)
        assert index.run(state) == "descending" and spend == sorted(spend, reverse=True)
        index.press("Enter")
        assert index.run(state) == "ascending" and index.run(column) == spend[::-1]
        assert "Tri croissant : Dépense" in index.run(
            "document.querySelector('output').textContent.replace(/\\u00a0/g, ' ')"
        )
        assert index.run("document.querySelectorAll('[aria-sort]').length") == 1

    def test_names_sort_as_french_does(self, index):
        index.run("document.querySelector('thead button').click()")
        names = index.run(
            "[...document.querySelectorAll('tbody tr')].map(r => r.cells[0].dataset.value)"
        )
        # « É » stands among « E », not after « Z »
        rank = next(n for n, each in enumerate(names) if each.startswith("É"))
        assert rank < next(n for n, each in enumerate(names) if each.startswith("V"))
        assert names[0].casefold() < "b"


class TestPaper:
    def test_a_printed_page_has_no_tools_and_keeps_its_figures(self, site, browser):
        browser.open(site / "fr" / "familles/09.02/index.html")
        browser.send("Emulation.setEmulatedMedia", media="print")
        try:
            hidden = browser.run(
                "['.skip', 'nav.sections', 'nav.beside', '.crumbs', 'section.files', 'summary']"
                ".every(s => getComputedStyle(document.querySelector(s)).display === 'none')"
            )
            assert hidden
            assert browser.run("[...document.images].every(i => i.getClientRects().length === 1)")
        finally:
            browser.send("Emulation.setEmulatedMedia", media="")

    def test_forced_colours_leave_bars_and_charts_to_be_seen(self, site, browser):
        browser.open(site / "fr" / "comparaison.html")
        forced = [{"name": "forced-colors", "value": "active"}]
        browser.send("Emulation.setEmulatedMedia", features=forced)
        try:
            ground = browser.run("getComputedStyle(document.body).backgroundColor")
            span = browser.run("getComputedStyle(document.querySelector('svg.bar .span')).fill")
            assert ground != span
        finally:
            browser.prefer("light")

    def test_nothing_moves(self, index):
        assert index.run("document.getAnimations().length") == 0
        assert index.run("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
