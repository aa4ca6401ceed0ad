"""Identifiers and codes, judged once per distinct value: SIRET, CPV."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache

import pyarrow as pa
from stdnum.fr import siret

from lcc.tables import load_reference

__all__ = ["judge_cpv", "judge_siret", "known_cpv"]

SEPARATORS = re.compile(r"[\s.\-]")
SIRET_DIGITS = 14
CPV_DIGITS = 8
DIVISION_DIGITS = 2


def judge_siret(identifiers: Iterable[str]) -> pa.Table:
    """Return each distinct identifier with its verdict as a SIRET.

    The sum is Luhn's, but for the establishments of La Poste (SIREN 356000000), whose digits add
    up to a multiple of five; python-stdnum knows the exception.

    Parameters
    ----------
    identifiers : iterable of str
        Identifiers as written.

    Returns
    -------
    pyarrow.Table
        `text`, `id` (without spaces, points and hyphens; null where nothing is left), `verdict`:
        `valid`, `length` (not 14 digits) or `checksum`.
    """
    texts = list(identifiers)
    ids = [SEPARATORS.sub("", text) or None for text in texts]
    return pa.table(
        {
            "text": pa.array(texts, pa.string()),
            "id": pa.array(ids, pa.string()),
            "verdict": pa.array([_siret(each) if each else None for each in ids], pa.string()),
        }
    )


def _siret(identifier: str) -> str:
    if len(identifier) != SIRET_DIGITS or not identifier.isascii() or not identifier.isdigit():
        return "length"
    return "valid" if siret.is_valid(identifier) else "checksum"


@cache
def known_cpv() -> Mapping[str, str]:
    """Return the CPV of 2008: code of eight digits → published check digit."""
    table = load_reference("procurement_map", "cpv")
    return dict(zip(table["code8"].to_pylist(), table["check_digit"].to_pylist(), strict=True))


def judge_cpv(codes: Iterable[str]) -> pa.Table:
    """Return each distinct CPV code as written, with the code it stands for.

    The check digit is compared with the published one. A formula will not do: 532 of the 9 454
    published digits escape the weights 3, 7, 1 that give the others, because codes moved in 2008
    kept theirs.

    Parameters
    ----------
    codes : iterable of str
        Codes as written.

    Returns
    -------
    pyarrow.Table
        `text`, `cpv` (eight digits, or null), `known_digits` (digits that were stated and known),
        `verdict`: `valid`, `padded`, `check-digit` (the published digit differs), `unknown` (not in
        the list: its nearest known ancestor stands for it) or `unreadable`.
    """
    texts = list(codes)
    rows = [_cpv(text) for text in texts]
    return pa.table(
        {
            "text": pa.array(texts, pa.string()),
            "cpv": pa.array([row[0] for row in rows], pa.string()),
            "known_digits": pa.array([row[1] for row in rows], pa.int64()),
            "verdict": pa.array([row[2] for row in rows], pa.string()),
        }
    )


def _cpv(text: str) -> tuple[str | None, int | None, str]:
    root, _, check = text.replace(" ", "").partition("-")
    if not (root.isascii() and root.isdigit()) or len(root) < DIVISION_DIGITS:
        return None, None, "unreadable"
    if len(root) == CPV_DIGITS + 1 and not check:
        root, check = root[:CPV_DIGITS], root[CPV_DIGITS:]
    if len(root) > CPV_DIGITS:
        return None, None, "unreadable"
    digits = len(root)
    code = root.ljust(CPV_DIGITS, "0")
    known = known_cpv()
    if code in known:
        if check and check != known[code]:
            return code, digits, "check-digit"
        return code, digits, "valid" if digits == CPV_DIGITS else "padded"
    for length in range(digits - 1, DIVISION_DIGITS - 1, -1):
        ancestor = root[:length].ljust(CPV_DIGITS, "0")
        if ancestor in known:
            return ancestor, length, "unknown"
    return None, None, "unknown"
