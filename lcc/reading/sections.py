"""Sections of a file that people write (TOML, JSON): every key known, every value of its kind."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from lcc.errors import FieldError

__all__ = ["Section", "is_number", "limits_text"]

SHOWN = 80
"""Characters of a wrong value that a message quotes."""

LARGEST_WHOLE = 1_000_000_000
"""Largest whole number taken, where a field states none: beyond it a mistake was made."""


class Section:
    """One table of a file, read key by key.

    Parameters
    ----------
    content : mapping
        The table.
    file : str
        Name of the file, for messages.
    where : str
        Path of the table in the file, such as ``criteria[2].``; empty for the file itself.
    """

    def __init__(self, content: Mapping[str, Any], file: str, where: str = "") -> None:
        self.content = content
        self.file = file
        self.where = where
        self._asked: set[str] = set()

    def has(self, key: str) -> bool:
        """Tell whether the table gives a key."""
        self._asked.add(key)
        return key in self.content

    def error(
        self, problem: str, key: str, *, expected: str | None = None, remedy: str | None = None
    ) -> FieldError:
        """Return the error of a key, with what was found there."""
        found = _show(self.content[key]) if key in self.content else "nothing"
        if key not in self.content and remedy is None:
            unread = sorted(str(each) for each in self.content if each not in self._asked)
            near = get_close_matches(key, unread, n=1)
            remedy = f"“{near[0]}” is written there: did you mean {key}?" if near else None
        return FieldError(
            problem,
            file=self.file,
            field=f"{self.where}{key}",
            found=found,
            expected=expected,
            remedy=remedy,
        )

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text; without a default, an empty or missing one raises."""
        if not self.has(key):
            if default is None:
                raise self.error("a text is missing", key, expected=f'{key} = "…"')
            return default
        value = self.content[key]
        if not isinstance(value, str) or (default is None and not value.strip()):
            raise self.error("a text is expected here", key, expected=f'{key} = "…"')
        return value.strip()

    def choice(self, key: str, choices: Sequence[str], default: str | None = None) -> str:
        """Return one of a few words."""
        if default is None and not self.has(key):
            raise self.error("a word is missing", key, expected=" | ".join(choices))
        value = self.text(key, default)
        if value not in choices:
            near = get_close_matches(value, choices, n=1)
            raise self.error(
                "this word is not one of those expected here",
                key,
                expected=" | ".join(choices),
                remedy=f"did you mean {near[0]}?" if near else None,
            )
        return value

    def flag(self, key: str, default: bool) -> bool:
        """Return true or false."""
        value = self.content[key] if self.has(key) else default
        if not isinstance(value, bool):
            raise self.error("true or false is expected here", key, expected="true | false")
        return value

    def date(self, key: str) -> datetime.date:
        """Return a date; JSON, which has none, gives it as a text."""
        value = self.content[key] if self.has(key) else None
        if isinstance(value, datetime.datetime):
            return value.date()
        if isinstance(value, str):
            try:
                return datetime.date.fromisoformat(value)
            except ValueError:
                value = None
        if not isinstance(value, datetime.date):
            raise self.error("a date is expected here", key, expected="such as 2026-10-01")
        return value

    def number(
        self,
        key: str,
        default: float | None = None,
        *,
        minimum: float = -math.inf,
        maximum: float = math.inf,
        above: float = -math.inf,
    ) -> float:
        """Return a finite number within limits; without a default, a missing one raises."""
        if not self.has(key) and default is not None:
            return default
        value: Any = self.content.get(key)
        if not (is_number(value) and minimum <= value <= maximum and value > above):
            raise self.error(
                "a number is missing" if value is None else "the number does not fit",
                key,
                expected=limits_text(minimum, maximum, above),
            )
        return float(value)

    def optional_number(self, key: str, **limits: float) -> float | None:
        """Return a number, or None where the table gives none."""
        return self.number(key, **limits) if self.has(key) else None

    def whole(
        self, key: str, default: int, *, minimum: int = 0, maximum: int = LARGEST_WHOLE
    ) -> int:
        """Return a whole number."""
        value = self.content[key] if self.has(key) else default
        whole = isinstance(value, int) and not isinstance(value, bool)
        if not (whole and minimum <= value <= maximum):
            expected = f"at least {minimum}"
            if whole and value > maximum:
                expected += f" and at most {maximum}"
            raise self.error("a whole number is expected here", key, expected=expected)
        return int(value)

    def pair(self, key: str) -> tuple[float, float]:
        """Return two numbers, the first below the second."""
        value: Any = self.content[key] if self.has(key) else None
        if (
            not isinstance(value, list | tuple)
            or len(value) != 2
            or not all(is_number(each) for each in value)
            or not float(value[0]) < float(value[1])
        ):
            raise self.error(
                "two numbers in order are expected here", key, expected=f"{key} = [low, high]"
            )
        return float(value[0]), float(value[1])

    def table(self, key: str) -> Mapping[str, Any]:
        """Return a table as it stands; empty where there is none."""
        value = self.content[key] if self.has(key) else {}
        if not isinstance(value, Mapping):
            raise self.error("a table is expected here", key, expected=f"[{self.where}{key}]")
        return value

    def section(self, key: str) -> Section:
        """Return a table to be read in its turn."""
        return Section(self.table(key), self.file, f"{self.where}{key}.")

    def sections(self, key: str) -> Iterator[Section]:
        """Yield the tables of a list of tables."""
        value = self.content[key] if self.has(key) else []
        if not isinstance(value, list | tuple) or not all(isinstance(v, Mapping) for v in value):
            raise self.error(
                "a list of tables is expected here", key, expected=f"[[{self.where}{key}]]"
            )
        for rank, each in enumerate(value, 1):
            yield Section(each, self.file, f"{self.where}{key}[{rank}].")

    def close(self, remedy: str | None = None) -> None:
        """Raise where the table has a key that nothing asked for."""
        for key in self.content:
            if key not in self._asked:
                near = get_close_matches(str(key), sorted(self._asked), n=1)
                raise self.error(
                    "this key does not exist here",
                    key,
                    expected=", ".join(sorted(self._asked)),
                    remedy=f"did you mean {near[0]}?" if near else remedy,
                )


def is_number(value: Any) -> bool:
    """Tell whether a value is a finite number; true and false are none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:
        # A whole number too long for any float.
        return False


def _show(value: Any) -> str:
    """Quote a wrong value, shortened; nesting or figures may be too deep or long to be written."""
    try:
        return repr(value)[:SHOWN]
    except (RecursionError, ValueError):
        return f"a {type(value).__name__} too deep or too long to be shown"


def limits_text(
    minimum: float, maximum: float, above: float = -math.inf, kind: str = "a number"
) -> str:
    """Say in words what a number may be."""
    parts = [
        words
        for words, stated in (
            (f"at least {minimum:g}", minimum > -math.inf),
            (f"above {above:g}", above > -math.inf),
            (f"at most {maximum:g}", maximum < math.inf),
        )
        if stated
    ]
    return f"{kind} {' and '.join(parts)}" if parts else kind
