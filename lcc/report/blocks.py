"""Blocks of a report: accessible HTML for the eye, CSV for the machine, text for the rest.

A block shows itself in a notebook (``_repr_mimebundle_``): HTML, plain text and, where it holds
figures, the CSV that the renderer writes beside the page.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any

from lcc.report import format as fmt
from lcc.report.catalogue import translate
from lcc.report.columns import Column, describe_column
from lcc.tables import disarm_cell

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Block", "Figures", "Table", "Text", "Title", "guard_cell", "keep_together", "write_csv"]

LONG_CHARACTERS = 36
"""Length from which a cell asks for a wide column."""

LONGEST_FIGURE = 24
"""Length from which what stands in a column of figures is a sentence, which may break."""

SHORT_ROWS = 12
"""Rows up to which a table needs no search."""

PROTECTION, MASKED = "protection", "masked"
"""Column and code of the rows whose figures are masked to protect a person."""

INTERVAL = re.compile(r"\[[^\]]*\]")


def guard_cell(value: object) -> object:
    """Return a cell that no spreadsheet will run: a text that looks like a formula is quoted."""
    if fmt.is_missing(value):
        return ""
    return disarm_cell(value) if isinstance(value, str) else value


@dataclass(frozen=True)
class Block:
    """Something a report shows."""

    language: str = field(default="fr", kw_only=True)
    name: str = field(default="", kw_only=True)

    def html(self) -> str:
        """Return the block as HTML."""
        raise NotImplementedError

    def text(self) -> str:
        """Return the block as plain text."""
        raise NotImplementedError

    def csv(self) -> str | None:
        """Return the figures of the block as CSV, or None where it holds none."""
        return None

    def label(self) -> str:
        """Return what the CSV holds, in the list of the files beside a page."""
        return self.text()

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> tuple[dict[str, str], dict[str, Any]]:
        bundle = {"text/html": self.html(), "text/plain": self.text()}
        content = self.csv()
        if content is not None:
            bundle["text/csv"] = content
        return bundle, {"lcc": {"name": self.name, "label": self.label()}}


@dataclass(frozen=True)
class Title(Block):
    """The title of the page, with a line above and a line below."""

    title: str
    above: str = ""
    below: str = ""

    def html(self) -> str:
        """Return an `h1` in a header."""
        above = f'<p class="above">{escape(self.above)}</p>' if self.above else ""
        below = f'<p class="below">{escape(self.below)}</p>' if self.below else ""
        return f'<div class="title">{above}<h1>{escape(self.title)}</h1>{below}</div>'

    def text(self) -> str:
        """Return the title."""
        return self.title


@dataclass(frozen=True)
class Text(Block):
    """A paragraph, plain or set off."""

    paragraph: str
    kind: str = "note"

    def html(self) -> str:
        """Return a paragraph."""
        return f'<p class="{escape(self.kind)}">{escape(self.paragraph)}</p>'

    def text(self) -> str:
        """Return the paragraph."""
        return self.paragraph


@dataclass(frozen=True)
class Figures(Block):
    """Key figures: label, figure, note."""

    figures: Sequence[tuple[str, str, str]]

    def html(self) -> str:
        """Return a description list."""
        items = "".join(
            f'<div><dt>{escape(label)}</dt><dd class="figure">{escape(figure)}</dd>'
            + (f'<dd class="note">{keep_together(escape(note))}</dd>' if note else "")
            + "</div>"
            for label, figure, note in self.figures
        )
        return f'<dl class="figures">{items}</dl>'

    def text(self) -> str:
        """Return one line per figure."""
        return "\n".join(
            f"{label}{colon(self.language)}{figure} {note}".strip()
            for label, figure, note in self.figures
        )

    def label(self) -> str:
        """Return the name of all key figures together."""
        return translate("Chiffres clés", self.language)

    def csv(self) -> str:
        """Return the figures as shown."""
        return write_csv(["label", "figure", "note"], self.figures)


@dataclass(frozen=True)
class Table(Block):
    """A table with a caption, whose headings carry a scope.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per line.
    columns : sequence of str
        Columns to show, in order. `label` takes the label of the language; `interval` is made of
        `low_tco2e` and `high_tco2e`. The first that is `label` (else the first) heads its row.
    caption : str
        Text above the table.
    limit : int, optional
        Rows shown at most; the CSV holds all of them.
    headings : mapping of str to str
        Headings that replace those of the registry.
    """

    frame: pd.DataFrame
    columns: Sequence[str]
    caption: str
    limit: int | None = None
    note: str = ""
    headings: Mapping[str, str] = field(default_factory=dict)

    def rows(self) -> list[dict[str, Any]]:
        """Return all rows, with `label` in the language."""
        records: list[dict[str, Any]] = self.frame.to_dict("records")
        for row in records:
            if "label" not in row:
                row["label"] = row.get(f"label_{self.language}", row.get("label_fr"))
            row.setdefault("interval", None)
        return records

    def heading(self, name: str, form: Column) -> str:
        """Return the heading of a column, that of the registry or the one given."""
        if name in self.headings:
            return translate(self.headings[name], self.language)
        return form.heading(self.language)

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> tuple[dict[str, str], dict[str, Any]]:
        bundle, metadata = super()._repr_mimebundle_(include, exclude)
        if len(self.frame) > SHORT_ROWS:
            from lcc.report.lab import is_interactive, write_long_table

            if is_interactive():
                bundle["text/html"] = write_long_table(self)
        return bundle, metadata

    def html(self) -> str:
        """Return the table, with a note where rows are left out."""
        rows = self.rows()
        sample = rows[0] if rows else {}
        shown = rows if self.limit is None else rows[: self.limit]
        form = {
            name: describe_column(name, self.language, sample.get(name)) for name in self.columns
        }
        head = next((name for name in self.columns if name == "label"), self.columns[0])
        cells = []
        for name in self.columns:
            heading = escape(self.heading(name, form[name]))
            cells.append(f'<th scope="col"{_align(form[name].numeric)}>{heading}</th>')
        body = []
        for row in shown:
            line = []
            for name in self.columns:
                text = escape(self._write(form[name], row, name))
                spoken = form[name].spoken
                said = f' lang="{spoken}"' if spoken not in {"", self.language} else ""
                if name == head:
                    line.append(f'<th scope="row"{said}>{text}</th>')
                else:
                    line.append(f"<td{_dress(text, form[name].numeric)}{said}>{text}</td>")
            body.append(f"<tr>{''.join(line)}</tr>")
        caption = escape(self.caption)
        if not body:
            empty = escape(translate("aucune ligne.", self.language))
            return f'<p class="note">{caption}{colon(self.language)}{empty}</p>'
        return (
            f'<section class="table" tabindex="0" aria-label="{caption}"><table>'
            f"<caption>{caption}</caption><thead><tr>{''.join(cells)}</tr></thead>"
            f"<tbody>{''.join(body)}</tbody></table></section>{self._notes(len(rows), len(shown))}"
        )

    def _write(self, form: Column, row: dict[str, Any], name: str) -> str:
        """Return a cell as text; one that is masked to protect a person says so."""
        if row.get(PROTECTION) == MASKED and (form.numeric or name == "interval"):
            return translate("masqué (secret)", self.language)
        return form.write(row, name, self.language)

    def _notes(self, total: int, shown: int) -> str:
        notes = [self.note] if self.note else []
        if shown < total:
            notes.append(
                translate(
                    "{shown} lignes sur {total} ; le fichier CSV les donne toutes.",
                    self.language,
                    shown=fmt.format_count(shown, language=self.language),
                    total=fmt.format_count(total, language=self.language),
                )
            )
        return "".join(f'<p class="note">{escape(note)}</p>' for note in notes)

    def text(self) -> str:
        """Return the caption."""
        return self.caption

    def csv(self) -> str | None:
        """Return all rows and every column, unrounded; None where there is no row."""
        if not len(self.frame):
            return None
        names = [str(name) for name in self.frame.columns]
        return write_csv(names, self.frame.itertuples(index=False, name=None))


def keep_together(text: str) -> str:
    """Keep an interval on one line: browsers may break after its dash."""
    return INTERVAL.sub(r'<span class="together">\g<0></span>', text)


def colon(language: str) -> str:
    """Return what stands between a term and what is said of it."""
    return f"{fmt.NO_BREAK}: " if language == "fr" else ": "


def _dress(text: str, numeric: bool) -> str:
    if numeric and len(text) > LONGEST_FIGURE:
        return ' class="number reason"'
    return ' class="long"' if not numeric and len(text) > LONG_CHARACTERS else _align(numeric)


def _align(numeric: bool) -> str:
    return ' class="number"' if numeric else ""


def write_csv(names: Sequence[str], rows: Any) -> str:
    """Return rows as CSV (RFC 4180, a header, a decimal point), with guarded cells."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow([guard_cell(name) for name in names])
    writer.writerows([guard_cell(_plain(cell)) for cell in row] for row in rows)
    return stream.getvalue()


def _plain(cell: object) -> object:
    # numpy scalars know item(); str(np.float64) would otherwise depend on numpy's version.
    return cell.item() if hasattr(cell, "item") else cell
