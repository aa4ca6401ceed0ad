"""What published figures imply: the total that an amount and a percentage leave possible."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from lcc.errors import FieldError
from lcc.tables import load_reference

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["WRITINGS", "can_agree", "growth", "implied_total", "load_published"]

WRITINGS = {"rounded": (-0.5, 0.5), "truncated": (0.0, 1.0)}
"""How a percentage is written → what it may be below and above itself, in points."""


def load_published() -> pd.DataFrame:
    """Return the figures that the model scheme published, each with what is ambiguous in it.

    Table `published_indicators` (schema `published_indicator`), as written in the text.
    """
    frame: pd.DataFrame = load_reference("procurement_map", "published_indicators").to_pandas()
    return frame


def implied_total(part_eur: float, percent: float, writing: str) -> tuple[float, float]:
    """Return the totals of which a part may be so many per cent, as written.

    A percentage p written rounded is in [p − ½, p + ½); truncated, in [p, p + 1). The total is
    part / share: above part / (upper share), up to part / (lower share).

    Parameters
    ----------
    part_eur : float
        The part, in euros, above zero.
    percent : float
        The percentage as written, a whole number above zero.
    writing : {"rounded", "truncated"}

    Returns
    -------
    low, high : float
        The total lies in (low, high].

    Raises
    ------
    FieldError
        If the writing is not known, or a figure is not above zero.
    """
    if writing not in WRITINGS:
        raise FieldError(
            "this way of writing is not known",
            field="writing",
            found=writing,
            expected=" | ".join(WRITINGS),
        )
    if not (part_eur > 0 and percent > WRITINGS["rounded"][1]):
        raise FieldError(
            "a total follows from a part and a percentage above zero",
            field="part_eur, percent",
            found=f"{part_eur}, {percent}",
            expected="both above zero",
        )
    below, above = WRITINGS[writing]
    return part_eur * 100 / (percent + above), part_eur * 100 / (percent + below)


def can_agree(first: tuple[float, float], second: tuple[float, float]) -> bool:
    """Tell whether two implied totals (low, high] may be one total."""
    return max(first[0], second[0]) < min(first[1], second[1])


def growth(before: float, after: float) -> float:
    """Return after / before − 1.

    Raises
    ------
    FieldError
        If there is nothing to grow from.
    """
    if not (before > 0 and math.isfinite(after)):
        raise FieldError(
            "growth needs a figure above zero to start from", field="before", found=str(before)
        )
    return after / before - 1
