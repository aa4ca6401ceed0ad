"""What the cells of a run notebook show, as parts of a page; what cannot be read is refused.

Blocks of `lcc.report` say what they are (`lcc` in the metadata of the output): their HTML is our
own. Anything else comes from a user's own cell. An image is shown where it has an alternative, a
frame of pandas where it has a caption; other HTML is refused, as nobody can say whether it can be
read with a screen reader, nor what it would run. No alternative is ever made up.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any, Final

from lcc.errors import LccError
from lcc.forms.safe_names import safe_name
from lcc.report.catalogue import translate
from lcc.report.export.markup import find_live_markup, render_markdown
from lcc.report.lab import STYLE_ROLE
from lcc.report.notebooks import INJECTED_TAG

__all__ = ["IMAGES", "ExportError", "Shown", "read_outputs", "without_addresses"]

ADDRESS: Final = re.compile(r" at 0x[0-9a-fA-F]+")
IMAGES: Final = ("image/svg+xml", "image/png", "image/jpeg", "image/gif", "image/webp")
STAND_IN: Final = "no description has been provided"
"""What nbconvert writes where nobody described an image: it passes checks, and says nothing."""

IMAGE_TAG: Final = re.compile(r"<img\b[^>]*>")
ALTERNATIVE: Final = re.compile(r"\balt=(\"[^\"]*\"|'[^']*')")
IMAGE_SOURCE: Final = re.compile(r"\bsrc=[\"'](?!data:)")
SOURCE_SHOWN: Final = 60


class ExportError(LccError, ValueError):
    """A cell shows something that a page for everyone cannot hold."""


@dataclass(frozen=True)
class Shown:
    """Everything a notebook shows: pieces of the page in order, and its tables.

    Parameters
    ----------
    parts : list of str
        Pieces of HTML.
    tables : dict of str to (str, str)
        File name without extension → what it holds, and the CSV.
    """

    parts: list[str] = field(default_factory=list)
    tables: dict[str, tuple[str, str]] = field(default_factory=dict)


def read_outputs(notebook: Any, language: str) -> Shown:
    """Return what the cells of a run notebook show.

    Parameters
    ----------
    notebook : NotebookNode
        As `run_notebook` returns it; it is not changed.
    language : {"fr", "en"}

    Raises
    ------
    ExportError
        If a cell shows an image without alternative, a frame without caption, or foreign HTML.
    """
    shown = Shown()
    titled = any("<h1>" in each for _, output in _outputs(notebook) for each in _html(output))
    for rank, cell in _number_cells(notebook):
        if cell.cell_type == "markdown":
            source = translate(cell.source.strip(), language)
            # The notebook's own title gives way to that of its data.
            if source and not (titled and source.startswith("# ")):
                shown.parts.append(_markdown(source, cell, rank, trusted=True))
        elif cell.cell_type == "code":
            for output in cell.get("outputs", ()):
                if output.output_type in {"display_data", "execute_result"}:
                    _add_output(shown, output, cell, rank, language)
    return shown


def without_addresses(text: str) -> str:
    """Return a text without addresses in memory: they change from run to run."""
    return ADDRESS.sub("", text)


def _number_cells(notebook: Any) -> Iterator[tuple[int, Any]]:
    """Yield each cell with its place, from 1; the cell that papermill put in shares one."""
    rank = 0
    for cell in notebook.cells:
        rank += INJECTED_TAG not in cell.metadata.get("tags", ())
        yield rank, cell


def _outputs(notebook: Any) -> Iterator[tuple[int, Any]]:
    for rank, cell in _number_cells(notebook):
        for output in cell.get("outputs", ()):
            yield rank, output


def _html(output: Any) -> Iterator[str]:
    found = output.get("data", {}).get("text/html")
    if found is not None:
        yield found


def _add_output(shown: Shown, output: Any, cell: Any, rank: int, language: str) -> None:
    data, own = output.data, output.metadata.get("lcc")
    if own is None:
        shown.parts.append(_foreign(output, cell, rank))
        return
    if own.get("role") == STYLE_ROLE:
        # What makes a notebook look like a page: a page has it already.
        return
    page = _check_images(data.get("text/html", ""), cell, rank)
    if "text/csv" in data:
        name = _unique(safe_name(own.get("name", ""), "tableau"), shown.tables)
        shown.tables[name] = (own.get("label") or name, data["text/csv"])
        if not page.startswith("<dl"):
            page += _csv_link(name, language)
    shown.parts.append(page)


def _csv_link(name: str, language: str) -> str:
    label = escape(translate("Données au format CSV", language))
    return f'<p class="csv"><a href="{name}.csv" download>{label} ({name}.csv)</a></p>'


def _unique(stem: str, taken: Mapping[str, object]) -> str:
    """Return a file name not yet taken, on systems too that know no capitals."""
    held = {each.casefold() for each in taken}
    candidate, rank = stem, 2
    while candidate.casefold() in held:
        candidate, rank = f"{stem}-{rank}", rank + 1
    return candidate


def _markdown(source: str, cell: Any, rank: int, *, trusted: bool) -> str:
    page = _check_images(render_markdown(source, trusted=trusted), cell, rank)
    if found := find_live_markup(page):
        raise _refuse(
            cell,
            rank,
            "a text holds HTML that may run or fetch something",
            found=found[:SOURCE_SHOWN],
            remedy="write it in Markdown; show a block of lcc.report instead of HTML",
        )
    return page


def _foreign(output: Any, cell: Any, rank: int) -> str:
    """Return what a cell shows by other means than ours, or refuse it."""
    data = output.data
    kind = next((each for each in IMAGES if each in data), None)
    if kind is not None:
        return _image(output, kind, cell, rank)
    if "text/html" in data:
        return _frame(output, cell, rank)
    if "text/markdown" in data:
        return _markdown(data["text/markdown"], cell, rank, trusted=False)
    if "text/plain" in data:
        return f"<pre>{escape(without_addresses(data['text/plain']))}</pre>"
    raise _refuse(
        cell,
        rank,
        "a cell shows what a page cannot hold",
        found=", ".join(sorted(data)),
        remedy="show a block of lcc.report, an image with an alternative, or text",
    )


def _image(output: Any, kind: str, cell: Any, rank: int) -> str:
    """Return an image with the alternative that its metadata hold."""
    told = output.metadata.get(kind, {})
    alternative = (told.get("alt") if isinstance(told, Mapping) else None) or output.metadata.get(
        "alt", ""
    )
    if not _says_something(alternative):
        raise _refuse_image(cell, rank, kind)
    content = output.data[kind]
    if kind == "image/svg+xml":
        content = base64.b64encode(content.encode()).decode("ascii")
    return (
        f'<figure class="chart"><img alt="{escape(alternative)}" '
        f'src="data:{kind};base64,{"".join(content.split())}"></figure>'
    )


def _says_something(alternative: object) -> bool:
    return (
        isinstance(alternative, str)
        and bool(alternative.strip())
        and STAND_IN not in alternative.casefold()
    )


def _check_images(page: str, cell: Any, rank: int) -> str:
    """Return HTML whose images all have an alternative, and ask nothing of a host."""
    for image in IMAGE_TAG.findall(page):
        found = ALTERNATIVE.search(image)
        if found is None or not _says_something(found[1][1:-1]):
            raise _refuse_image(cell, rank, "img")
        if IMAGE_SOURCE.search(image):
            raise _refuse(
                cell,
                rank,
                "an image lies outside the page",
                found=image[:SOURCE_SHOWN],
                remedy="show it from a code cell, with IPython.display.Image(data=…, metadata=…)",
            )
    return page


def _refuse_image(cell: Any, rank: int, kind: str) -> ExportError:
    return _refuse(
        cell,
        rank,
        "an image has no alternative: who does not see it learns nothing",
        found=kind,
        remedy="draw it with lcc.report.charts, or show it with metadata={'alt': 'what it says'}",
    )


def _refuse(cell: Any, rank: int, problem: str, *, found: str, remedy: str) -> ExportError:
    source = cell.source.strip().partition("\n")[0][:SOURCE_SHOWN]
    return ExportError(
        problem, field=f"cell {rank}", found=f"{found} in « {source} »", remedy=remedy
    )


def _frame(output: Any, cell: Any, rank: int) -> str:
    """Return a frame of pandas as a table with a caption and scopes; refuse any other HTML."""
    from lxml import html

    page = output.data["text/html"]
    tables = html.fromstring(f"<div>{page}</div>").xpath("//table[contains(@class, 'dataframe')]")
    if len(tables) != 1 or "<script" in page:
        raise _refuse(
            cell,
            rank,
            "a cell shows HTML of unknown make",
            found=page.strip()[:SOURCE_SHOWN],
            remedy="show a block of lcc.report instead, as page.table(frame, …)",
        )
    caption = output.metadata.get("caption") or cell.metadata.get("caption", "")
    heads = tables[0].xpath("./thead/tr")
    if not caption or len(heads) != 1 or tables[0].xpath(".//*[@rowspan or @colspan]"):
        raise _refuse(
            cell,
            rank,
            "a frame is shown without a caption, or its headings have several levels",
            found="a table of pandas",
            remedy="show it with page.table(frame, columns, caption=…), or put a caption in the "
            "metadata of the cell, and reset the index",
        )
    title = escape(caption)
    head = "".join(
        f'<th scope="col">{text}</th>' if text else "<td></td>"
        for text in (escape(each.text_content().strip()) for each in heads[0])
    )
    body = "".join(
        "<tr>"
        + "".join(
            f'<th scope="row">{escape(each.text_content())}</th>'
            if each.tag == "th"
            else f"<td>{escape(each.text_content())}</td>"
            for each in row
        )
        + "</tr>"
        for row in tables[0].xpath("./tbody/tr")
    )
    return (
        f'<section class="table" tabindex="0" aria-label="{title}"><table><caption>{title}'
        f"</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></section>"
    )
