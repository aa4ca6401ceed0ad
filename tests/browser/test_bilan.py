"""The page of the yearly account: what two checkers find, in both languages; its stamp stays."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from lcc.files import write_bytes
from lcc.report.export import PageSettings, export_report
from lcc.report.notebooks import find_notebook
from lcc.yearly.gather import gather_year
from lcc.yearly.store import write_yearly
from lcc.yearly.study import open_study

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "yearly"))
from checkers import missing_axe, missing_validator, run_axe, run_validator
from in_process import run_here
from scenario_s5 import write_study

STAMPS = {"fr": "Provisoire au 31/03/2026", "en": "Provisional as of 31/03/2026"}


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """The account of scenario S5, in both languages."""
    root = tmp_path_factory.mktemp("bilan")
    study = open_study(write_study(tmp_path_factory.mktemp("s5")))
    work = write_yearly(gather_year(study, 2025, "2026-03-31"), root / "travail")
    for language, stamp in STAMPS.items():
        run = run_here(find_notebook("reports/bilan"), {"folder": str(work), "language": language})
        for name, content in export_report(run, PageSettings(language, stamp=stamp)).items():
            write_bytes(root / language / name, content)
    return root


def test_html_validate_finds_nothing(pages):
    if reason := missing_validator():
        pytest.skip(reason)
    assert run_validator(sorted(pages.rglob("*.html"))) == []


@pytest.mark.parametrize("language", STAMPS)
def test_axe_finds_nothing(pages, browser, language):
    if reason := missing_axe():
        pytest.skip(reason)
    width, scheme = (1200, "light") if language == "fr" else (360, "dark")
    try:
        browser.prefer(scheme)
        browser.open(pages / language / "index.html", width=width)
        browser.run("document.querySelectorAll('details').forEach(each => each.open = true)")
        assert run_axe(browser)["violations"] == []
    finally:
        browser.prefer("light")


@pytest.mark.parametrize("language", STAMPS)
def test_the_stamp_is_the_first_thing_seen(pages, browser, language):
    browser.open(pages / language / "index.html")
    stamp = "document.querySelector('.stamp')"
    assert browser.run(f"{stamp}.getBoundingClientRect().bottom") < 60
    assert browser.run(f"{stamp}.innerText").replace("\u00a0", " ") == STAMPS[language]


def test_twice_as_large_nothing_is_cut(pages, browser):
    # WCAG 1.4.4, 1.4.10: 200 % of a 1280-pixel window is a window of 640 pixels.
    browser.open(pages / "en" / "index.html", width=640, height=480)
    assert browser.run("document.documentElement.scrollWidth") <= 640
