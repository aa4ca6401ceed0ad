"""Contract numbers: one contract may be written in several ways, and no two are ever guessed one.

Two keys bring ways of writing together. The compact key drops what is neither letter nor figure
(`2021-045` is `2021045`), unless both ways cut the figures, and elsewhere (`21-1-12` is not
`21-11-2`); the plain key keeps the parts apart and drops the zeros before each (`2021-045` is
`2021-45`, never `202-145`). Which way of writing is right, no key says.
"""

from __future__ import annotations

import re

from lcc.reading.dialect import normalise_text

__all__ = [
    "compact_number",
    "cut_alike",
    "lot_number",
    "plain_number",
    "split_lot",
    "with_lot",
]

PARTS = re.compile(r"\d+|[a-z]+")
LOT = re.compile(r"(?P<root>.*\d.*?)[\s\-_/.]*(?:lot|l)[\s\-_/.n°]*(?P<lot>\d{1,3})", re.IGNORECASE)
"""A number that ends by its lot: `2021T0045L2`, `2021-45 lot n° 2`."""


def compact_number(text: str) -> str:
    """Return the letters and figures of a number, in lower case, without anything between them."""
    return re.sub(r"lotn?(?=\d)", "l", normalise_text(text).replace(" ", ""))


def cut_alike(one: str, other: str) -> bool:
    """Tell whether two numbers cut their figures in the same places, or one of them nowhere."""
    first, second = _cuts(one), _cuts(other)
    return first == second or not first or not second


def _cuts(text: str) -> set[int]:
    """Return after how many letters and figures a number parts two figures."""
    found, place, last = set(), 0, ""
    for each in normalise_text(text).split():
        if last.isdigit() and each[0].isdigit():
            found.add(place)
        place, last = place + len(each), each[-1]
    return found


def plain_number(text: str) -> str:
    """Return the parts of a number, letters and figures apart, without the zeros before figures."""
    parts = PARTS.findall(re.sub(r"lot( n)?(?= ?\d)", "l", normalise_text(text)))
    return "-".join((each.lstrip("0") or "0") if each.isdigit() else each for each in parts)


def split_lot(text: str) -> tuple[str, str]:
    """Return a number without the lot it ends with, and that lot; empty where it ends with none."""
    found = LOT.fullmatch(text.strip())
    return (found["root"], lot_number(found["lot"])) if found else (text, "")


def lot_number(text: str) -> str:
    """Return a lot without the zeros before it."""
    digits = re.sub(r"(?i)^\s*lot\s*(?:n°)?\s*", "", text).strip()
    return digits.lstrip("0") or digits


def with_lot(number: str, lot: str) -> str:
    """Return a number completed by a lot, unless it ends with it already."""
    return number if split_lot(number)[1] == lot_number(lot) else f"{number}L{lot_number(lot)}"
