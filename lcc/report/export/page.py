"""The parts of a page put together: one title, headings in order, a list of sections."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from html import unescape
from typing import Any, Final

from lcc.report.catalogue import translate
from lcc.report.export.outputs import ExportError
from lcc.report.export.settings import PageSettings
from lcc.report.running import running_style
from lcc.report.template import render_template

__all__ = ["order_headings", "render_page", "site_name"]

log = logging.getLogger(__name__)

HEADING: Final = re.compile(r"<h([1-6])\b([^>]*)>(.*?)</h\1>", re.DOTALL)
OPENING: Final = re.compile(r'<div class="title">.*?</div>|<h1\b.*?</h1>', re.DOTALL)
TAG: Final = re.compile(r"<[^>]+>")


def order_headings(body: str) -> tuple[str, str, list[tuple[str, str]]]:
    """Return a body whose headings follow each other, its title, its sections with their anchors.

    A heading that skips a level is raised to the one that was skipped, a second title becomes a
    section: the order is plain, so nothing is asked of the author. A body without title is refused:
    nobody else knows what it is called.

    Parameters
    ----------
    body : str
        HTML; texts in it are escaped, so that `<h2` is always a heading.

    Raises
    ------
    ExportError
        If there is no title, or the first heading is not one.

    References
    ----------
    RGAA 4.1, criterion 9.1 (titles and their levels).
    """
    title = ""
    sections: list[tuple[str, str]] = []
    level = 0

    def order(match: re.Match[str]) -> str:
        nonlocal title, level
        asked, attributes, text = int(match[1]), match[2], match[3]
        if level == 0 and asked != 1:
            raise _untitled(TAG.sub("", text).strip())
        given = min(max(asked, 2 if level else 1), level + 1)
        if given != asked:
            log.info("a heading of level %d becomes one of level %d: %s", asked, given, text)
        level = given
        if given == 1:
            title = TAG.sub("", text).strip()
        if given != 2:
            return f"<h{given}{attributes}>{text}</h{given}>"
        anchor = f"section-{len(sections) + 1}"
        sections.append((anchor, TAG.sub("", text).strip()))
        return f'<h2 id="{anchor}">{text}</h2>'

    body = HEADING.sub(order, body)
    if not title:
        raise _untitled("no heading")
    return body, title, sections


def _untitled(found: str) -> ExportError:
    return ExportError(
        "the notebook has no title before its sections",
        found=found,
        expected="a first heading of level 1",
        remedy="begin it with a cell « # Title », or show page.title(…) first",
    )


def site_name(kind: str, settings: PageSettings) -> str:
    """Return the name of the site a page belongs to, from the kind its notebook states."""
    if settings.site:
        return settings.site
    if kind == "cost":
        return translate("Études du coût du cycle de vie", settings.language)
    return translate("Achats et carbone", settings.language)


def render_page(
    body: str,
    title: str,
    sections: Sequence[tuple[str, str]],
    settings: PageSettings,
    *,
    kind: str = "carbon",
    downloads: Sequence[dict[str, Any]] = (),
    print_form: bool = False,
) -> str:
    """Return the page of a report.

    Parameters
    ----------
    body : str
        HTML whose headings are in order.
    title : str
        HTML of the title, without tags.
    sections : sequence of (str, str)
        Anchor and HTML of each section.
    settings : PageSettings
    kind : str
        What the footer explains: `carbon`, `cost`, or nothing.
    downloads : sequence of mapping
        `href`, `label`, `form`, `size` of each file beside the page.
    print_form : bool
        True for the page that becomes a PDF: no link to another page, no download.
    """
    opening, rest = _split_opening(body)
    demo_text = translate("Données de démonstration", settings.language)
    running = running_style(unescape(title), settings.stamp, demo_text, settings.demo)
    return render_template(
        "report.html.j2",
        styles=(running,) if settings.stamp else (),
        language=settings.language,
        settings=settings,
        title=title,
        site=site_name(kind, settings),
        sections=sections,
        opening=opening,
        body=rest,
        kind=kind,
        downloads=downloads,
        print_form=print_form,
    )


def _split_opening(body: str) -> tuple[str, str]:
    """Return the title with the lines around it, and what follows: the list of sections between."""
    end = OPENING.search(body)
    cut = end.end() if end else 0
    return body[:cut], body[cut:]
