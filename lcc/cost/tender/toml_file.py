"""TOML files that people write: bids, marks, decisions; each reader names file and field."""

from __future__ import annotations

import datetime
import math
import tomllib
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from lcc.errors import FieldError, InputError

__all__ = [
    "read_date",
    "read_numbers",
    "read_section",
    "read_text",
    "read_toml",
    "refuse_unknown",
    "unknown_name",
]

LARGEST_FILE_BYTES = 5_000_000
"""A bid in TOML takes a few kilobytes; a larger file is no bid."""


def read_toml(path: Path, what: str) -> dict[str, Any]:
    """Return the content of a TOML file of people who may be careless or hostile."""
    try:
        if path.stat().st_size > LARGEST_FILE_BYTES:
            raise InputError(
                f"the file is too large for {what}",
                file=path.name,
                found=f"{path.stat().st_size} bytes",
                expected=f"at most {LARGEST_FILE_BYTES} bytes",
            )
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise InputError(
            "the file cannot be read",
            file=path.name,
            found=error.strerror or str(error),
            expected=f"{what}, in TOML",
            remedy="check the path",
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(
            "the file is not TOML",
            file=path.name,
            found=str(error) or type(error).__name__,
            expected=f"{what}, in TOML and in UTF-8; a decimal is written 1.5",
            remedy="correct the line named",
        ) from error


def unknown_name(
    found: str, known: Sequence[str], file: str, field: str, problem: str
) -> FieldError:
    """Return the error of a name that is not among those known, with the nearest."""
    near = get_close_matches(found, known, n=1)
    return FieldError(
        problem,
        file=file,
        field=field,
        found=found,
        expected=", ".join(known) or "none",
        remedy=f"did you mean {near[0]}?" if near else None,
    )


def refuse_unknown(
    given: Mapping[str, Any],
    known: Sequence[str],
    file: str,
    where: str,
    problem: str = "this key does not exist here",
) -> None:
    """Raise where a key is not among those known."""
    for key in given:
        if key not in known:
            raise unknown_name(key, known, file, f"{where}{key}", problem)


def read_section(
    content: Mapping[str, Any], key: str, file: str, where: str = ""
) -> Mapping[str, Any]:
    """Return a section, empty where it is absent."""
    given = content.get(key, {})
    if not isinstance(given, Mapping):
        raise FieldError(
            "a section is expected here",
            file=file,
            field=f"{where}{key}",
            found=repr(given)[:80],
            expected=f"a table [{where}{key}]",
        )
    return given


def read_text(
    given: Mapping[str, Any], key: str, file: str, where: str, *, required: bool = False
) -> str:
    """Return a text without the spaces around it, empty where it is absent and not required."""
    value = given.get(key, "")
    if not isinstance(value, str) or (required and not value.strip()):
        raise FieldError(
            "a text is missing" if key not in given or value == "" else "a text is expected here",
            file=file,
            field=f"{where}{key}",
            found="nothing" if key not in given else repr(value)[:80],
            expected=f'a text, such as {key} = "…"',
        )
    return value.strip()


def read_date(given: Mapping[str, Any], key: str, file: str, where: str) -> datetime.date | None:
    """Return a date, or None where it is absent."""
    value = given.get(key)
    if isinstance(value, datetime.datetime):
        return value.date()
    if value is None or isinstance(value, datetime.date):
        return value
    raise FieldError(
        "a date is expected here",
        file=file,
        field=f"{where}{key}",
        found=repr(value)[:80],
        expected="a date without quotation marks, such as 2026-11-20",
    )


def read_numbers(given: Mapping[str, Any], file: str, where: str) -> dict[str, float | None]:
    """Return the numbers of a section; an empty text is a value left empty."""
    numbers: dict[str, float | None] = {}
    for key, value in given.items():
        if value == "":
            numbers[key] = None
            continue
        plain = isinstance(value, int | float) and not isinstance(value, bool)
        if not plain or not math.isfinite(value):
            raise FieldError(
                "a number is expected here",
                file=file,
                field=f"{where}.{key}",
                found=repr(value)[:80],
                expected="a number without quotation marks, such as 1.5",
                remedy="leave the line out where the value is not known",
            )
        numbers[key] = float(value)
    return numbers
