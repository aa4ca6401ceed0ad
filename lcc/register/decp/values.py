"""Values of the essential data: text as published in, a typed value and what is wrong out.

What cannot be read is null, with its text in the problem. What can be read but cannot be right (an
amount of zero, a share above 1) is kept as stated, with a problem: nothing is overwritten.
"""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from functools import cache
from typing import Any

from lcc.reading.dialect import date_reader, normalise_header
from lcc.register.decp.fields import Leaf
from lcc.register.problems import problem_codes
from lcc.spending.sources.decp_record import canonical, is_nothing, unwrap

__all__ = [
    "BOOLEANS",
    "Notes",
    "Problem",
    "clean_text",
    "match_word",
    "read_leaf",
    "read_words",
]

FIRST_YEAR, LAST_YEAR = 1950, 2100
"""Years of a date that can be one: concessions last for decades. Rules on dates judge the rest."""
SHOWN = 200
IDENTIFIERS = frozenset({"contract", "buyer_id", "holder_id", "cpv"})
"""Columns whose text names something: « NC » names nothing (a place may: NC is a country)."""
FIRMS = ("buyer_id", "holder_id")
BETWEEN_FIGURES = re.compile(r"[\s.]")
SIRET = re.compile(r"[0-9]{14}")
TRUE, FALSE = ("true", "oui", "vrai", "1"), ("false", "non", "faux", "0")
BOOLEANS = {**dict.fromkeys(TRUE, True), **dict.fromkeys(FALSE, False)}
READ_DATE = date_reader(None)


@dataclass(frozen=True)
class Problem:
    """What is wrong with one field of one record."""

    code: str
    field: str | None
    found: str | None = None
    expected: str | None = None
    remedy: str | None = None


@dataclass
class Notes:
    """Problems met while one record is read."""

    problems: list[Problem] = field(default_factory=list)
    unknown_fields: list[str] = field(default_factory=list)

    def add(
        self,
        code: str,
        name: str | None,
        found: object = None,
        expected: str | None = None,
        remedy: str | None = None,
    ) -> None:
        """Note a problem; a long text found is cut. The table of codes gives the usual remedy."""
        shown = None if found is None else clean_text(str(found)[:SHOWN])
        called = None if name is None else clean_text(name)
        usual = problem_codes()[code]["remedy_fr"]
        self.problems.append(Problem(code, called, shown, expected, remedy or usual))


def clean_text(text: str) -> str:
    """Return a text that can be written: halves of a character, which JSON lets through, go."""
    return text.encode("utf-8", "replace").decode("utf-8")


def read_leaf(
    raw: Any, leaf: Leaf, read_number: Callable[[Any], str | None], notes: Notes, name: str
) -> Any:
    """Return the value of a field, typed as its column; None where it states none.

    Parameters
    ----------
    raw : object
        What the record holds.
    leaf : Leaf
        The field.
    read_number : callable
        Returns a published number as plain text (`lcc.spending.sources.decp_record.NumberReader`).
    notes : Notes
        What is wrong is added to it.
    name : str
        How problems call the field.
    """
    if leaf.kind == "list":
        listed, complete = read_words(raw, leaf, notes, name)
        return "; ".join(leaf.codes.get(word, word) for word in listed) if complete else None
    text = canonical(raw)
    if text is None:
        return None
    text = clean_text(text)
    if isinstance(raw, (dict, list)):
        notes.add("value-unreadable", name, text, leaf.kind)
        return None
    if leaf.values:
        word = match_word(text, leaf.values, notes, name)
        return word if word is None else leaf.codes.get(word, word)
    if leaf.column in IDENTIFIERS and is_nothing(text):
        notes.add("value-not-stated", name, text, "un identifiant")
        return None
    if leaf.column in FIRMS:
        text = _plain_siret(text, notes, name)
    return text if leaf.kind == "string" else _typed(raw, text, leaf, read_number, notes, name)


def _plain_siret(text: str, notes: Notes, name: str) -> str:
    """Return a SIRET without the spaces and points of its writing; anything else as it is."""
    plain = BETWEEN_FIGURES.sub("", text)
    if plain == text or not SIRET.fullmatch(plain):
        return text
    notes.add("value-spelling", name, text, "14 chiffres", f"lu « {plain} »")
    return plain


def _typed(
    raw: Any,
    text: str,
    leaf: Leaf,
    read_number: Callable[[Any], str | None],
    notes: Notes,
    name: str,
) -> Any:
    """Return a date, a number or a yes or no."""
    if text != "0" and is_nothing(text):
        notes.add("value-not-stated", name, text, leaf.kind)
        return None
    if leaf.kind == "date":
        return _date(text, notes, name)
    if leaf.kind != "boolean":
        return _number(text, read_number(raw), leaf, notes, name)
    value = BOOLEANS.get(text.casefold())
    if value is None:
        notes.add("value-unreadable", name, text, "true | false")
    return value


def _date(text: str, notes: Notes, name: str) -> datetime.date | None:
    try:
        day = datetime.date.fromisoformat(READ_DATE(text))
    except ValueError:
        notes.add("value-unreadable", name, text, "AAAA-MM-JJ")
        return None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        notes.add("date-impossible", name, text, f"{FIRST_YEAR}–{LAST_YEAR}")
        return None
    return day


def _number(
    text: str, plain: str | None, leaf: Leaf, notes: Notes, name: str
) -> int | float | None:
    try:
        number = Decimal(plain or "")
    except InvalidOperation:
        number = Decimal("NaN")
    if not math.isfinite(float(number)):
        notes.add("value-unreadable", name, text, leaf.kind)
        return None
    if leaf.kind == "integer" and (number != number.to_integral_value() or abs(number) >= 2**63):
        notes.add("value-unreadable", name, text, "nombre entier")
        return None
    low, high = leaf.limits.get("minimum"), leaf.limits.get("maximum")
    # Shares are judged where sources are settled, whatever their source.
    if low is not None and high is None and number < Decimal(str(low)):
        notes.add("value-out-of-range", name, text, f"≥ {low:g}")
    return int(number) if leaf.kind == "integer" else float(number)


@cache
def _plain_words(values: tuple[str, ...]) -> dict[str, str]:
    return {normalise_header(value): value for value in values}


def match_word(text: str, values: tuple[str, ...], notes: Notes, name: str) -> str | None:
    """Return the published word a text is; None where it is none of them.

    Accents, case, spaces and punctuation do not matter, but are noted (`value-spelling`).
    """
    if text in values:
        return text
    word = _plain_words(values).get(normalise_header(text))
    expected = " | ".join(values)
    if word is not None:
        notes.add("value-spelling", name, text, word, f"lu « {word} »")
        return word
    if is_nothing(text):
        notes.add("value-not-stated", name, text, expected)
        return None
    closest = get_close_matches(normalise_header(text), list(_plain_words(values)), n=1, cutoff=0.5)
    remedy = f"le plus proche : « {_plain_words(values)[closest[0]]} »" if closest else None
    notes.add("value-outside-enumeration", name, text, expected, remedy)
    return None


def read_words(raw: Any, leaf: Leaf, notes: Notes, name: str) -> tuple[Sequence[str], bool]:
    """Return the words of a list in the order of the format, and whether it can be trusted whole.

    A list that states nothing, or holds a word that is none, is not whole.
    """
    texts = [canonical(each) for each in unwrap(raw, leaf.path[-1])]
    stated = [clean_text(text) for text in texts if text is not None]
    words: set[str] = set()
    complete = bool(stated)
    for text in stated:
        word = match_word(text, leaf.values, notes, name)
        complete = complete and word is not None
        words |= {word} if word else set()
    return [word for word in leaf.values if word in words], complete
