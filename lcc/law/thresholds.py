"""Thresholds of what is examined in a tender, from the table `tender_thresholds`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from lcc.errors import MissingFactorError
from lcc.tables import load_reference

__all__ = ["Threshold", "load_threshold"]


@dataclass(frozen=True)
class Threshold:
    """A threshold and why it has its value; columns of `tender_thresholds`."""

    threshold: str
    value: float
    unit: str
    reason_fr: str
    reason_en: str
    status: str


@cache
def load_threshold(name: str) -> Threshold:
    """Return a threshold, with its reason.

    Raises
    ------
    MissingFactorError
        If the table holds none of this name.
    """
    for row in load_reference("procurement_map", "tender_thresholds").to_pylist():
        if row["threshold"] == name:
            return Threshold(**row)
    raise MissingFactorError(
        "no threshold of this name", file="tender_thresholds.csv", field="threshold", found=name
    )
