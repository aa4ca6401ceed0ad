"""Rules of public procurement by date, from the table `dated_rules`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache

from lcc.errors import MissingFactorError
from lcc.tables import load_reference

__all__ = ["DatedRule", "load_dated_rules", "rule_on"]


@dataclass(frozen=True)
class DatedRule:
    """A rule and the days between which it holds; columns of `dated_rules`."""

    rule: str
    value: str
    valid_from: date | None
    valid_to: date | None
    sentence_fr: str
    sentence_en: str
    source: str
    confidence: str


@cache
def load_dated_rules() -> tuple[DatedRule, ...]:
    """Return the rules by date, in the order of the table."""
    rows = load_reference("procurement_map", "dated_rules").to_pylist()
    return tuple(DatedRule(**row) for row in rows)


def rule_on(rule: str, day: date) -> DatedRule:
    """Return the row of a rule that holds for a consultation launched on a day.

    Raises
    ------
    MissingFactorError
        If no row holds on that day.
    """
    for row in load_dated_rules():
        starts, ends = row.valid_from or date.min, row.valid_to or date.max
        if row.rule == rule and starts <= day <= ends:
            return row
    raise MissingFactorError(
        "no row of the table holds on this day",
        file="dated_rules.csv",
        field=rule,
        found=day.isoformat(),
    )
