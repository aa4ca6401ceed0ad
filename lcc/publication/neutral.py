"""Texts that no spreadsheet runs, in CSV and in workbooks, and how they are read back.

A spreadsheet runs a cell that begins with = + - @, a tab or a carriage return; some drop spaces,
quotes and invisible signs first, and some take full-width forms for plain ones. Such a text gets
one apostrophe before it, and loses one when read back: nothing else changes, nothing is lost.
Numbers are never touched.
"""

from __future__ import annotations

import re
import unicodedata

from lcc.tables import FORMULA_STARTS, disarm_cell

__all__ = ["is_armed", "neutralise", "restore"]

UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""Control characters that no workbook can hold; dropped from tables too, so that both agree."""

QUOTES = "'\"`\u2018\u2019\u201c\u201d\u00ab\u2039"

MINUS_SIGNS = "\u2212\u2010\u2011\u2012\u2013\u2014"
"""Signs that some spreadsheets take for a minus."""


def is_armed(text: str) -> bool:
    """Tell whether some spreadsheet may run a text as a formula.

    What is looked at is the first sign after quotes, spaces and invisible signs, in its plain form;
    a tab or a line break before it is enough.

    References
    ----------
    OWASP, « CSV Injection »; full-width forms: Unicode Standard Annex 15 (NFKC).
    """
    for sign in text:
        if sign in "\t\r\n":
            return True
        if sign in QUOTES or sign.isspace() or unicodedata.category(sign) in ("Cf", "Cc"):
            continue
        plain = unicodedata.normalize("NFKC", sign)
        return plain.startswith(FORMULA_STARTS) or sign in MINUS_SIGNS
    return False


def neutralise(text: str) -> str:
    """Return a text as it is published: one apostrophe before it where it is armed."""
    kept = UNWRITABLE.sub("", text)
    if not is_armed(kept):
        return kept
    plain = disarm_cell(kept)
    return plain if plain != kept else f"'{kept}"


def restore(text: str) -> str:
    """Return a text as it was before `neutralise`, control characters apart."""
    return text[1:] if text.startswith("'") and is_armed(text[1:]) else text
