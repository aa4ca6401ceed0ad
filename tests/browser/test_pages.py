"""The pages as a browser shows them: no error, no host, readable by keyboard and screen reader.

Contrast: WCAG 2.1, success criterion 1.4.3 (4.5 to 1; 3 to 1 for large text) and its definition of
relative luminance. Reflow without horizontal scrolling of the page: criterion 1.4.10.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from lcc.batch.job import Job
from lcc.batch.run import render_reports
from lcc.cli.batches import page_settings
from lcc.cli.site_pages import list_entries
from lcc.cost.tender.documents.annex import annex_content
from lcc.cost.tender.publication.tender_file import load_tender
from lcc.files import write_text
from lcc.report.document import render_document
from lcc.report.notebooks import find_notebook
from lcc.report.page import open_page
from lcc.report.site import write_index
from lcc.tables import data_path

sys.path.insert(0, str(Path(__file__).parent))
from demo_map import write_demo

PAGES = (
    "index.html",
    "cartographie/index.html",
    "familles/09.02/index.html",
    "etude/index.html",
    "annexe.html",
)

CONTRAST = """
(() => {
  const light = ([r, g, b]) => {
    const part = v => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; };
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  };
  const parse = text => (text.match(/[\\d.]+/g) || []).map(Number);
  const ground = node => {
    for (; node; node = node.parentElement) {
      const c = parse(getComputedStyle(node).backgroundColor);
      if (c.length === 3 || c[3] > 0) return c;
    }
    return [255, 255, 255];
  };
  const poor = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walk.nextNode());) {
    const box = node.parentElement;
    if (!node.textContent.trim() || !box.getClientRects().length) continue;
    const style = getComputedStyle(box);
    const [a, b] = [light(parse(style.color)), light(ground(box))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5)) poor.push(`${ratio.toFixed(2)} ${node.textContent.trim()}`);
  }
  return poor;
})()
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Index, overview and one report of the demonstration."""
    out = tmp_path_factory.mktemp("site")
    carbon, given, of_report = write_demo(out)
    year, family = given["year"], {**of_report, "family": "09.02"}
    jobs = [
        Job("cartographie", find_notebook("notebooks/01-cartographie-carbone"), given),
        Job("familles/09.02", find_notebook("reports/famille"), family),
        Job("etude", find_notebook("reports/etude"), {"study": "eclairage-public"}),
    ]
    jobs = [replace(job, settings=page_settings(job.name, "fr", demo=True)) for job in jobs]
    outcomes = render_reports(jobs, out)
    assert [each.error for each in outcomes] == [None, None, None]
    tender = load_tender(data_path("procurement_map", "tenders", "collecte-dechets.toml"))
    write_text(out / "annexe.html", render_document(annex_content(tender), demo=True))
    write_index(
        out,
        carbon.table("family", year),
        list_entries(outcomes, out),
        title="Rapports carbone par famille d'achat",
        headline=open_page().headline(carbon.total(year).iloc[0]),
        overview="cartographie/index.html",
        demo=True,
    )
    return out


@pytest.fixture(params=PAGES)
def page(request, site, browser):
    browser.open(site / request.param)
    return browser


def test_no_error_and_no_request_beyond_the_page(page):
    assert page.said() == []
    assert {address.partition(":")[0] for address in page.asked()} <= {"file", "data"}


def test_the_demonstration_is_said_on_top(page):
    assert "Données de démonstration" in page.run("document.body.innerText.slice(0, 200)")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_has_contrast(page, scheme):
    page.prefer(scheme)
    try:
        ground = page.run("getComputedStyle(document.body).backgroundColor")
        assert (ground == "rgb(255, 255, 255)") == (scheme == "light")
        assert page.run(CONTRAST) == []
        # Charts are drawn in dark ink.
        cards = page.run(
            "[...document.querySelectorAll('figure.chart img')]"
            ".map(each => getComputedStyle(each).backgroundColor)"
        )
        assert scheme == "light" or set(cards) <= {"rgb(255, 255, 255)"}
    finally:
        page.prefer("light")


def test_a_screen_reader_is_given_names(page):
    nodes = page.accessible_nodes()
    named = [
        node for node in nodes if node["role"]["value"] in {"image", "link", "table", "navigation"}
    ]
    assert named
    assert [node for node in named if not node["name"]["value"].strip()] == []


def test_images_are_drawn(page):
    assert page.run("[...document.images].every(each => each.naturalWidth > 300)")


def test_the_first_tab_skips_to_the_content(page):
    page.press("Tab")
    assert page.run("document.activeElement.className") == "skip"
    assert page.run("document.activeElement.getBoundingClientRect().left") >= 0
    page.press("Enter")
    assert page.run("location.hash") == "#contenu"


@pytest.mark.parametrize("width", [320, 390, 768])
@pytest.mark.parametrize("name", PAGES)
def test_a_narrow_screen_never_scrolls_sideways(site, browser, name, width):
    browser.open(site / name, width=width)
    assert browser.run("document.documentElement.scrollWidth") <= width


def test_links_between_pages_lead_somewhere(site, browser):
    for name in PAGES:
        browser.open(site / name)
        hrefs = browser.run(
            "[...document.querySelectorAll('a[href]')].map(a => a.getAttribute('href'))"
        )
        for href in hrefs:
            if href.startswith("#"):
                assert browser.run(f"!!document.getElementById({href[1:]!r})"), href
            else:
                assert ((site / name).parent / href).resolve().is_file(), href


def test_a_page_can_be_looked_at(page, tmp_path):
    picture = tmp_path / "page.png"
    page.screenshot(picture)
    assert picture.read_bytes().startswith(b"\x89PNG") and picture.stat().st_size > 20_000
