"""The page as it is printed: letters of charts as text, their data at the end, columns that fit.

On screen the data of a chart unfold below it. On paper nothing unfolds, and a table after each
chart would break the reading: they stand together at the end, in the order of the charts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape, unescape
from typing import Final
from urllib.parse import unquote

from lcc.report import format as fmt
from lcc.report.catalogue import translate
from lcc.report.charts.svg import encode_svg, write_letters
from lcc.report.export.page import render_page
from lcc.report.export.paper_tables import count_rows, fit_table
from lcc.report.export.settings import PageSettings

__all__ = ["render_paper"]

DETAILS: Final = re.compile(r"<details\b[^>]*>\s*<summary>.*?</summary>(.*?)</details>", re.DOTALL)
PARTS: Final = re.compile(
    r'</figure>((?:<details class="part">(?:(?!</details>).)*</details>)+)', re.DOTALL
)
"""Tables that unfold below a chart, and are parts of its data."""

DRAWING: Final = re.compile(r'src="(data:image/svg\+xml,[^"]*)"')
FIGURES: Final = re.compile(r'<dl class="figures">(.*?)</dl>', re.DOTALL)
AS_LIST: Final = (
    ("<div><dt>", '<li><p class="label">'),
    ("</dt>", "</p>"),
    ("<dd ", "<p "),
    ("</dd>", "</p>"),
    ("</div>", "</li>"),
)
"""Key figures as items: a list of a PDF holds items, not groups of terms (ISO 14289-1, 7.6)."""

CSV_LINK: Final = re.compile(r'<p class="csv">.*?</p>', re.DOTALL)
TABLE: Final = re.compile(r'<section class="table".*?</section>', re.DOTALL)
BROAD: Final = re.compile(
    r'(<h[23]\b[^>]*>[^<]*</h[23]>\s*)(<section class="table wide broad".*?</section>)', re.DOTALL
)
"""A page on its side takes along the heading of what stands on it."""

CAPTION: Final = re.compile(r"<caption>(.*?)</caption>", re.DOTALL)
APPENDIX: Final = "donnees"
LONGEST_ROWS: Final = 40
"""Rows beyond which a chart's data, or all their parts below it, are left to its CSV.

Nobody reads them on paper: the grid of one directorate takes ten pages, and half of the time.
"""


def render_paper(
    body: str,
    title: str,
    sections: Sequence[tuple[str, str]],
    settings: PageSettings,
    *,
    kind: str = "carbon",
) -> str:
    """Return the page from which a PDF is made.

    Parameters
    ----------
    body, title, sections, settings, kind
        As for `render_page`.
    """
    language = settings.language
    body = PARTS.sub(lambda each: _shorten_parts(each, language), body)
    tables = [_shorten(each, language) for each in DETAILS.finditer(body)]
    body = DETAILS.sub("", body)
    body = CSV_LINK.sub("", body)
    body = FIGURES.sub(_list_figures, body)
    body = DRAWING.sub(_write_drawing, body)
    if tables:
        heading = escape(translate("Données des graphiques", language))
        appendix = CSV_LINK.sub("", "\n".join(tables))
        body += f'\n<h2 class="appendix" id="{APPENDIX}">{heading}</h2>\n{appendix}'
    body = TABLE.sub(lambda each: fit_table(each[0]), body)
    body = BROAD.sub(r'<div class="broad">\1\2</div>', body)
    return render_page(body, title, sections, settings, kind=kind, print_form=True)


def _list_figures(match: re.Match[str]) -> str:
    items = match[1]
    for written, meant in AS_LIST:
        items = items.replace(written, meant)
    return f'<ul class="figures">{items}</ul>'


def _shorten(match: re.Match[str], language: str) -> str:
    """Return what unfolds; of a chart's own data, where they are if too many for paper."""
    table, rows = match[1], count_rows(match[1])
    own = match.string.startswith("</figure>", match.end())
    if rows <= LONGEST_ROWS or not own:
        return table
    caption = CAPTION.search(table)
    return _leave_to_csv(caption[1] if caption else "", rows, language)


def _shorten_parts(match: re.Match[str], language: str) -> str:
    """Return what unfolds below a chart, or where it is: the chart's own CSV holds it all."""
    rows = sum(count_rows(each) for each in DETAILS.findall(match[1]))
    if rows <= LONGEST_ROWS:
        return match[0]
    told = CAPTION.findall(match.string, match.string.rfind("<figure", 0, match.start()))
    note = _leave_to_csv(told[0] if told else "", rows, language)
    return f"</figure><details><summary></summary>{note}</details>"


def _leave_to_csv(caption: str, rows: int, language: str) -> str:
    text = translate(
        "{title} : {count} lignes, dans le fichier CSV.",
        language,
        title=unescape(caption),
        count=fmt.format_count(rows, language=language),
    )
    return f'<p class="note">{escape(text)}</p>'


def _write_drawing(match: re.Match[str]) -> str:
    svg = unquote(match[1].partition(",")[2])
    return f'src="{encode_svg(write_letters(svg))}"'
