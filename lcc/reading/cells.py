"""Cells of tables that people edit: text in, a typed value out, or what was expected."""

from __future__ import annotations

import datetime
import math
import re
from typing import Any

from lcc.reading.dialect import canonical_decimal, date_reader, is_ambiguous, normalise_header
from lcc.tables import Field

__all__ = ["read_cell"]

WORDS_OF_BOOLEANS = {
    **dict.fromkeys(("oui", "vrai", "true", "yes", "1", "x"), "true"),
    **dict.fromkeys(("non", "faux", "false", "no", "0"), "false"),
}
PERCENT = 100
LARGEST_WHOLE = 2**53
"""Largest whole number that a float, through which it is read, holds exactly."""


def read_cell(text: str, field: Field, decimal: str | None) -> Any:
    """Return a cell in the type of its field, None where it is empty.

    Raises
    ------
    ValueError
        If it does not fit; its text says what was expected.
    """
    rules, body = field.constraints, text.strip()
    if not body:
        if rules.get("required"):
            raise ValueError(field.description)
        return None
    if field.type == "string":
        value: Any = _read_word(body.removeprefix("'"), field)
    elif field.type == "boolean":
        # « oui ? » is a doubt, no yes.
        word = WORDS_OF_BOOLEANS.get(normalise_header(body))
        if word is None or not body.strip(".'").isalnum():
            raise ValueError("oui | non")
        value = word == "true"
    elif field.type == "date":
        value = _read_date(body)
    else:
        value = _read_number(text, field, decimal)
    if "minimum" in rules and value < rules["minimum"]:
        raise ValueError(f"at least {rules['minimum']}")
    if "maximum" in rules and value > rules["maximum"]:
        raise ValueError(f"at most {rules['maximum']}")
    return value


def _read_word(body: str, field: Field) -> str:
    """Return a text, or the code of a word of a list."""
    choices = field.constraints.get("enum")
    if choices:
        spelled = {normalise_header(str(each)): str(each) for each in choices}
        spelled |= {normalise_header(word): code for word, code in field.words.items()}
        for word, meant in field.words.items():
            spelled.setdefault(_other_gender(word), meant)
        code = spelled.get(normalise_header(body))
        if code is None:
            raise ValueError(" | ".join(field.words) or " | ".join(map(str, choices)))
        return code
    pattern = field.constraints.get("pattern")
    if pattern and not re.fullmatch(pattern, body):
        raise ValueError(f"{field.description} ({pattern})")
    return body


def _other_gender(word: str) -> str:
    """Return a participle in its other gender, as headers are compared; any other word as it is."""
    if word.endswith("ée"):
        return normalise_header(word[:-1])
    return normalise_header(f"{word}e" if word.endswith("é") else word)


def _read_date(body: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(date_reader(None)(body))
    except ValueError:
        raise ValueError("a date such as 2024-12-31 or 31/12/2024") from None


def _read_number(text: str, field: Field, decimal: str | None) -> int | float:
    """Return a number; `30 %` is 0.30, and `1.234` is one only where the file tells its mark."""
    percent = text.strip().endswith("%")
    if decimal is None and is_ambiguous(text.strip(" %") if percent else text):
        raise ValueError("a number that cannot be read in two ways, such as 1234 or 1,2340")
    try:
        number = float(canonical_decimal(text, decimal))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(
            "a whole number" if field.type == "integer" else "a number, such as 1234,50"
        )
    if percent:
        number /= PERCENT
    elif "%" in field.title and abs(number) > 1:
        # Under a header in percent, 5 means 5 % to who types it, and 500 % to who computes.
        raise ValueError("a percentage with its sign, such as 5 % (or 0,05)")
    if field.type == "integer":
        if number != int(number) or abs(number) > LARGEST_WHOLE:
            raise ValueError("a whole number")
        return int(number)
    return number
