"""The page as it is printed: letters of charts as text, their data in an appendix.

On screen the data of a chart unfold below it. On paper nothing unfolds, and a table after each
chart would break the reading: they stand together at the end, in the order of the charts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from typing import Final
from urllib.parse import unquote

from lcc.report.catalogue import translate
from lcc.report.charts.svg import encode_svg, write_letters
from lcc.report.export.page import render_page
from lcc.report.export.settings import PageSettings

__all__ = ["render_paper"]

DETAILS: Final = re.compile(r"<details>\s*<summary>.*?</summary>(.*?)</details>", re.DOTALL)
DRAWING: Final = re.compile(r'src="(data:image/svg\+xml,[^"]*)"')
CSV_LINK: Final = re.compile(r'<p class="csv">.*?</p>', re.DOTALL)
APPENDIX: Final = "donnees"


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
    tables = DETAILS.findall(body)
    body = DETAILS.sub("", body)
    body = CSV_LINK.sub("", body)
    body = DRAWING.sub(_write_drawing, body)
    if tables:
        heading = escape(translate("Données des graphiques", settings.language))
        appendix = CSV_LINK.sub("", "\n".join(tables))
        body += f'\n<h2 class="appendix" id="{APPENDIX}">{heading}</h2>\n{appendix}'
    return render_page(body, title, sections, settings, kind=kind, print_form=True)


def _write_drawing(match: re.Match[str]) -> str:
    svg = unquote(match[1].partition(",")[2])
    return f'src="{encode_svg(write_letters(svg))}"'
