"""What may be wrong in a register, listed with its values and sources; nothing is overwritten."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from lcc.tables import Field, load_reference

__all__ = ["expected_of", "in_french", "plain_text", "problem_codes", "problem_row"]

EXPECTED = {
    "boolean": "oui | non",
    "date": "une date, comme 2024-12-31 ou 31/12/2024",
    "integer": "un nombre entier",
    "number": "un nombre, comme 1234,50",
}


@cache
def problem_codes() -> Mapping[str, dict[str, str]]:
    """Return what each code of a problem means and what to do, in French and English."""
    rows = load_reference("procurement_map", "register_codes").to_pylist()
    return MappingProxyType({row["code"]: row for row in rows})


def problem_row(
    code: str,
    *,
    key: tuple[str | None, str | None] = (None, None),
    field: str | None = None,
    found: object = None,
    source: tuple[str | None, int | None] = (None, None),
    other_found: object = None,
    other: tuple[str | None, int | None] = (None, None),
    expected: str | None = None,
) -> dict[str, Any]:
    """Return a row of the table of problems (schema `register_problem`).

    Parameters
    ----------
    code : str
        One of `register_codes`, which gives the remedy.
    key : tuple
        Buyer and contract concerned.
    field : str, optional
        Field or tag concerned.
    found, other_found : object
        What a source states, and what the other does.
    source, other : tuple
        File and row of each.
    expected : str, optional
        What was expected.
    """
    return {
        "code": code,
        "buyer_id": key[0],
        "contract": key[1],
        "field": field,
        "found": None if found is None else plain_text(found),
        "source_file": source[0],
        "source_row": source[1],
        "other_found": None if other_found is None else plain_text(other_found),
        "other_file": other[0],
        "other_row": other[1],
        "expected": expected,
        "remedy": problem_codes()[code]["remedy_fr"],
    }


def expected_of(field: Field) -> str:
    """Return what a cell of a field may hold, in French as the tables of problems are."""
    return " | ".join(field.words) or EXPECTED.get(field.type, field.title)


FRENCH_WORDS = {"true": "oui", "false": "non"}
STATED = ("value", "found", "other_found")


def in_french(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return rows of problems or candidates whose values are oui and non, as people write tags."""
    return [
        {
            name: FRENCH_WORDS.get(str(value), value) if name in STATED else value
            for name, value in row.items()
        }
        for row in rows
    ]


def plain_text(value: object) -> str:
    """Return a value as plain text: ISO date, number with a point, true or false."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.2f}" if abs(value) > 1 else f"{value:.4g}"
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
