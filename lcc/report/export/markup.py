"""Markdown as HTML that runs nothing: what an author may write, what only data say.

Markdown lets HTML through. In a cell, its author wrote it: harmless elements are kept, others are
refused. In an output, it may be a supplier's name: there it is shown as the text it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

__all__ = ["find_live_markup", "render_markdown"]

ELEMENTS: Final = {
    "a", "abbr", "b", "blockquote", "br", "caption", "cite", "code", "col", "colgroup", "dd",
    "del", "details", "div", "dl", "dt", "em", "figcaption", "figure", "h1", "h2", "h3", "h4",
    "h5", "h6", "hr", "i", "img", "ins", "kbd", "li", "mark", "ol", "p", "pre", "q", "s",
    "section", "small", "span", "strong", "sub", "summary", "sup", "table", "tbody", "td",
    "tfoot", "th", "thead", "tr", "u", "ul", "var",
}  # fmt: skip
ATTRIBUTES: Final = {
    "align", "alt", "class", "colspan", "headers", "height", "href", "id", "lang", "rowspan",
    "scope", "src", "start", "title", "value", "width",
}  # fmt: skip
ALIGNED: Final = re.compile(r'<(t[hd]) style="text-align:(\w+)">')
"""How Markdown aligns a column; the policy of a page allows no style in an element."""

HEADING: Final = re.compile(r"<th\b(?![^>]*\bscope=)")
ADDRESSES: Final = ("http://", "https://", "mailto:", "#")
IMAGES: Final = "data:image/"


def render_markdown(source: str, *, trusted: bool) -> str:
    """Return Markdown as HTML; where its source is not trusted, HTML in it is shown as text.

    Parameters
    ----------
    source : str
    trusted : bool
        True for what an author wrote, False for what a cell shows.
    """
    from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

    renderer = IPythonRenderer(
        escape=not trusted, allow_harmful_protocols=False, exclude_anchor_links=True
    )
    made: str = MarkdownWithMath(renderer=renderer).render(source)
    return HEADING.sub('<th scope="col"', ALIGNED.sub(_dress, made.strip()))


def _dress(cell: re.Match[str]) -> str:
    return f'<{cell[1]} class="number">' if cell[2] == "right" else f"<{cell[1]}>"


def find_live_markup(page: str) -> str:
    """Return the first thing in HTML that may run, fetch, or lie about where it leads; "" if none.

    Parameters
    ----------
    page : str
        HTML, as `render_markdown` makes it.
    """
    from lxml import html

    if "<" not in page:
        return ""
    tree = html.fragment_fromstring(page, create_parent="div")
    return next((each for node in tree.iter() for each in _faults(node)), "")


def _faults(node: object) -> Iterator[str]:
    tag = getattr(node, "tag", None)
    if not isinstance(tag, str):
        return
    if tag not in ELEMENTS:
        yield f"<{tag}>"
    for name, value in getattr(node, "attrib", {}).items():
        address = "".join(value.split()).casefold()
        relative = ":" not in address.partition("/")[0] and not address.startswith("//")
        if name not in ATTRIBUTES:
            yield f"<{tag} {name}>"
        elif name == "href" and not (address.startswith(ADDRESSES) or relative):
            yield f"<{tag} href={value}>"
        elif name == "src" and not address.startswith(IMAGES):
            yield f"<{tag} src={value}>"
