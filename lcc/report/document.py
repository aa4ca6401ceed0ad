"""A document: the content that a computation made, as one accessible page and a tagged PDF.

Content is a plain mapping: it holds what is said and no form. The same content gives the same
bytes. A document is written in one language, which its content names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from lcc.errors import FieldError
from lcc.files import make_folder, write_text
from lcc.report import format as fmt
from lcc.report.blocks import LONG_CHARACTERS, colon
from lcc.report.catalogue import translate, typeset
from lcc.report.pdf import write_pdf
from lcc.report.running import running_style
from lcc.report.template import render_template

__all__ = ["PART_KINDS", "render_document", "write_document"]

PART_KINDS: Final = ("text", "list", "facts", "formula", "table", "code")

DECIMALS: Final = 2
GROUPED_FROM: Final = 10_000
"""A whole number among words is cut into thousands from here on: a year never is."""

WIDE_COLUMNS: Final = 7
BROAD_COLUMNS: Final = 11
"""Columns from which a printed table takes smaller letters, then a page laid on its side."""


def render_document(
    content: Mapping[str, Any], *, language: str | None = None, demo: bool = False
) -> str:
    """Return a document as one HTML page that asks nothing of any host.

    Parameters
    ----------
    content : mapping
        `title`, `sections`, and optionally `subtitle`, `stamp` (shown on every printed page) and
        `language`. A section has a `heading` and `parts`; a part has a `kind`:

        - ``text``: `text`; an empty line starts another paragraph;
        - ``list``: `items`, sequence of str;
        - ``facts``: `rows`, pairs of a label and a value;
        - ``formula``: `text`, and `where`, pairs of a symbol and what it is;
        - ``table``: `caption`, `columns` (`key`, `heading`, and optionally `numeric` and
          `decimals`, 2 by default) and `rows`, mappings by key; the first column heads its row;
        - ``code``: `text`, kept as it is.

        A value is a str, an int, a float, a date or None; a missing one says so.
    language : {"fr", "en"}, optional
        Language of the content where it names none; by default French.
    demo : bool
        True to say that the data are a demonstration.

    Raises
    ------
    FieldError
        Where the content lacks a field, or a part is of an unknown kind; it names the place.
    """
    language = _language(content, language)
    writer = _Writer(language)
    title = writer.words(_text(content, "title", "title"))
    stamp = writer.words(str(content.get("stamp") or ""))
    running = running_style(title, stamp, translate("Données de démonstration", language), demo)
    return render_template(
        "document.html.j2",
        language=language,
        demo=demo,
        title=title,
        subtitle=writer.words(str(content.get("subtitle") or "")),
        stamp=stamp,
        sections=[
            {
                "heading": writer.words(_text(section, "heading", f"sections[{rank}].heading")),
                "parts": [
                    writer.part(part, f"sections[{rank}].parts[{place}]")
                    for place, part in enumerate(section.get("parts", ()))
                ],
            }
            for rank, section in enumerate(_sequence(content, "sections", "sections"))
        ],
        colon=colon(language),
        styles=(running,),
    )


def write_document(
    content: Mapping[str, Any],
    folder: Path,
    name: str,
    *,
    language: str | None = None,
    demo: bool = False,
) -> tuple[Path, Path | None]:
    """Write NAME.html and NAME.pdf into a folder; return both, None for a PDF not made.

    Parameters
    ----------
    content : mapping
        As for `render_document`.
    folder : Path
        Created where it is missing.
    name : str
        Name of the files, without folder nor suffix.
    language, demo
        As for `render_document`.

    Raises
    ------
    FieldError
        If the name is not that of a file, or as `render_document`.
    OutputError
        If the folder cannot be written.
    """
    if not name or name in {".", ".."} or Path(name).name != name or "\\" in name:
        raise FieldError(
            "the document cannot have this name",
            field="name",
            found=repr(name),
            expected="a file name without folder",
        )
    page = render_document(content, language=language, demo=demo)
    make_folder(folder)
    html_path, pdf_path = folder / f"{name}.html", folder / f"{name}.pdf"
    # A PDF left by an earlier run would contradict the page, should this one not be made.
    pdf_path.unlink(missing_ok=True)
    write_text(html_path, page)
    return html_path, write_pdf(page, pdf_path)


def _language(content: Mapping[str, Any], asked: str | None) -> str:
    own = content.get("language")
    if own and asked and own != asked:
        raise FieldError(
            "the document is written in another language than the one asked",
            field="language",
            found=repr(own),
            expected=repr(asked),
            remedy="make the content in the language asked, or leave the language out",
        )
    return fmt.check_language(str(own or asked or "fr"))


def _sequence(given: Mapping[str, Any], key: str, field: str) -> Sequence[Any]:
    value = given.get(key)
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise FieldError(
            "the document lacks a list",
            field=field,
            found=type(value).__name__,
            expected="a list",
        )
    return value


def _text(given: Mapping[str, Any], key: str, field: str) -> str:
    value = given.get(key)
    if not isinstance(value, str) or not value.strip():
        raise FieldError(
            "the document lacks a text", field=field, found=repr(value), expected="a text"
        )
    return value


class _Writer:
    """Writes what a content holds as the text the template shows."""

    def __init__(self, language: str) -> None:
        self.language = language

    def words(self, text: str) -> str:
        """Return a text as it is shown: French signs do not break from their word."""
        return typeset(text) if self.language == "fr" else text

    def value(self, value: object, *, numeric: bool = False, decimals: int | None = None) -> str:
        """Return a value as it is shown."""
        plain = value.item() if hasattr(value, "item") else value
        if isinstance(plain, str):
            return self.words(plain)
        if fmt.is_missing(plain) or isinstance(plain, bool | date):
            return fmt.format_text(plain, language=self.language)
        if isinstance(plain, int) and decimals is None:
            grouped = numeric or abs(plain) >= GROUPED_FROM
            return fmt.format_count(plain, language=self.language) if grouped else str(plain)
        if isinstance(plain, int | float | Decimal):
            step = Decimal(1).scaleb(-(DECIMALS if decimals is None else decimals))
            return fmt.format_number(plain, language=self.language, step=step)
        return self.words(str(plain))

    def part(self, part: Mapping[str, Any], field: str) -> dict[str, Any]:
        """Return a part, its texts ready to be shown."""
        kind = part.get("kind")
        if kind not in PART_KINDS:
            raise FieldError(
                "the document has a part of an unknown kind",
                field=f"{field}.kind",
                found=repr(kind),
                expected=", ".join(PART_KINDS),
            )
        made: dict[str, Any] = getattr(self, f"_{kind}")(part, field)
        return {"kind": kind, **made}

    def _text(self, part: Mapping[str, Any], field: str) -> dict[str, Any]:
        blocks = _text(part, "text", f"{field}.text").split("\n\n")
        return {"paragraphs": [self.words(block).splitlines() for block in blocks if block.strip()]}

    def _list(self, part: Mapping[str, Any], field: str) -> dict[str, Any]:
        return {"items": [self.value(each) for each in _sequence(part, "items", f"{field}.items")]}

    def _facts(self, part: Mapping[str, Any], field: str) -> dict[str, Any]:
        return {"rows": self._pairs(part, "rows", field)}

    def _formula(self, part: Mapping[str, Any], field: str) -> dict[str, Any]:
        return {
            "text": self.words(_text(part, "text", f"{field}.text")),
            "where": self._pairs({"where": (), **part}, "where", field),
        }

    def _code(self, part: Mapping[str, Any], field: str) -> dict[str, Any]:
        return {"text": _text(part, "text", f"{field}.text")}

    def _pairs(self, part: Mapping[str, Any], key: str, field: str) -> list[tuple[str, str]]:
        pairs = []
        for rank, pair in enumerate(_sequence(part, key, f"{field}.{key}")):
            if isinstance(pair, str) or len(pair) != 2:
                raise FieldError(
                    "the document lacks a pair",
                    field=f"{field}.{key}[{rank}]",
                    found=repr(pair),
                    expected="a label and a value",
                )
            pairs.append((self.words(str(pair[0])), self.value(pair[1])))
        return pairs

    def _table(self, part: Mapping[str, Any], field: str) -> dict[str, Any]:
        columns = _sequence(part, "columns", f"{field}.columns")
        headings = []
        for rank, column in enumerate(columns):
            place = f"{field}.columns[{rank}]"
            _text(column, "key", f"{place}.key")
            heading = self.words(_text(column, "heading", f"{place}.heading"))
            headings.append((heading, bool(column.get("numeric"))))
        if not headings:
            raise FieldError("a table of the document has no column", field=f"{field}.columns")
        rows = [
            [self._cell(row.get(column["key"]), column) for column in columns]
            for row in _sequence(part, "rows", f"{field}.rows")
        ]
        return {
            "caption": self.words(_text(part, "caption", f"{field}.caption")),
            "headings": headings,
            "rows": rows,
            "width": _name_width(len(headings)),
        }

    def _cell(self, value: object, column: Mapping[str, Any]) -> tuple[str, str]:
        """Return the text of a cell, and its class."""
        numeric = bool(column.get("numeric"))
        text = self.value(value, numeric=numeric, decimals=column.get("decimals"))
        if numeric:
            return text, "number"
        return text, "long" if len(text) > LONG_CHARACTERS else ""


def _name_width(columns: int) -> str:
    """Return the classes of a table that is too wide for a page in usual letters."""
    if columns >= BROAD_COLUMNS:
        return " wide broad"
    return " wide" if columns >= WIDE_COLUMNS else ""
