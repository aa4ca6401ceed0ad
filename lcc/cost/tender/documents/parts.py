"""Parts of a document's content: plain mappings, drawn elsewhere as HTML and PDF."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

__all__ = [
    "Cell",
    "Part",
    "Row",
    "column",
    "document",
    "facts",
    "formula",
    "items",
    "section",
    "table",
    "text",
]

Cell = str | int | float
Row = Mapping[str, Cell]
Part = dict[str, Any]


def text(words: str) -> Part:
    """Return a paragraph."""
    return {"kind": "text", "text": words}


def items(entries: Iterable[str]) -> Part:
    """Return a list."""
    return {"kind": "list", "items": list(entries)}


def facts(rows: Iterable[tuple[str, Cell]]) -> Part:
    """Return facts, each with its label; those without a value are left out."""
    return {"kind": "facts", "rows": [[label, value] for label, value in rows if value != ""]}


def formula(words: str, where: Iterable[tuple[str, str]] = ()) -> Part:
    """Return a formula and what its symbols mean."""
    return {"kind": "formula", "text": words, "where": [[symbol, said] for symbol, said in where]}


def column(
    key: str, heading: str, *, numeric: bool = False, decimals: int | None = None
) -> dict[str, Any]:
    """Return a column of a table."""
    made: dict[str, Any] = {"key": key, "heading": heading, "numeric": numeric}
    if decimals is not None:
        made["decimals"] = decimals
    return made


def table(caption: str, columns: Sequence[Mapping[str, Any]], rows: Iterable[Row]) -> Part:
    """Return a table."""
    return {
        "kind": "table",
        "caption": caption,
        "columns": [dict(each) for each in columns],
        "rows": [dict(each) for each in rows],
    }


def section(heading: str, parts: Iterable[Part]) -> dict[str, Any]:
    """Return a section."""
    return {"heading": heading, "parts": list(parts)}


def document(
    title: str, subtitle: str, sections: Iterable[Mapping[str, Any]], *, stamp: str | None = None
) -> dict[str, Any]:
    """Return the content of a document in French; the stamp stands on every page."""
    return {
        "title": title,
        "subtitle": subtitle,
        "stamp": stamp,
        "language": "fr",
        "sections": [dict(each) for each in sections if each["parts"]],
    }
