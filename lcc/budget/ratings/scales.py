"""Scales, axes and correspondences of climate ratings: data, read once."""

from __future__ import annotations

from functools import cache
from typing import Any

from lcc.errors import FieldError
from lcc.tables import load_reference

__all__ = [
    "DEFAULT_AXIS",
    "DEFAULT_SCALE",
    "SCALES",
    "UNDEFINED",
    "axes_of",
    "check_axis",
    "check_scale",
    "convert_rating",
    "labels_of",
    "ratings_of",
]

SCALES = ("i4ce", "statutory")
DEFAULT_SCALE = "i4ce"
DEFAULT_AXIS = "mitigation"
UNDEFINED = "undefined"
"""What nobody has judged: never neutral."""


@cache
def ratings_of(scale: str) -> tuple[str, ...]:
    """Return the ratings of a scale, the best first.

    Raises
    ------
    FieldError
        If the scale does not exist.
    """
    check_scale(scale)
    rows = [each for each in _rows("rating_scales") if each["scale"] == scale]
    return tuple(each["rating"] for each in sorted(rows, key=lambda each: each["rank"]))


def check_scale(scale: str) -> str:
    """Return the scale, or raise where it does not exist."""
    return _check("scale", scale, [each["scale"] for each in _rows("rating_scales")])


def check_axis(axis: str) -> str:
    """Return the axis, or raise where it does not exist."""
    return _check("axis", axis, [each["axis"] for each in _rows("rating_axes")])


def _check(field: str, value: str, known: list[str]) -> str:
    if value not in known:
        raise FieldError(
            f"no {field} of climate ratings has this name",
            field=field,
            found=value,
            expected=", ".join(dict.fromkeys(known)),
        )
    return value


def labels_of(scale: str, language: str = "fr") -> dict[str, str]:
    """Return the label of each rating of a scale, the best first."""
    rows = {each["rating"]: each for each in _rows("rating_scales") if each["scale"] == scale}
    return {rating: rows[rating][f"label_{language}"] for rating in ratings_of(scale)}


def axes_of(year: int) -> list[str]:
    """Return the axes that the green annex of a budget year counts, by their number."""
    rows = sorted(_rows("rating_axes"), key=lambda each: each["number"])
    return [each["axis"] for each in rows if each["counts_from"] <= year]


def convert_rating(rating: str, scale: str, target: str) -> str | None:
    """Return what a rating says on another scale, None where it says nothing."""
    if scale == target:
        return rating
    for each in _rows("rating_correspondence"):
        if (each["from_scale"], each["from_rating"], each["to_scale"]) == (scale, rating, target):
            converted: str | None = each["to_rating"]
            return converted
    return None


@cache
def _rows(name: str) -> tuple[dict[str, Any], ...]:
    return tuple(load_reference("procurement_map", name).to_pylist())
