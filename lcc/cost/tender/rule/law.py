"""Decisions of courts, rules by date and thresholds, from the tables of `procurement_map`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache

from lcc.errors import MissingFactorError
from lcc.tables import load_reference

__all__ = [
    "Case",
    "DatedRule",
    "Threshold",
    "case_against",
    "load_cases",
    "load_dated_rules",
    "load_threshold",
    "rule_on",
]


@dataclass(frozen=True)
class Case:
    """A decision and what it condemns; columns of `case_law`."""

    case: str
    date: date | None
    party: str
    condemns: str
    holding_fr: str
    holding_en: str
    used_in: str
    status: str
    source: str

    @property
    def citation(self) -> str:
        """The decision as one cites it."""
        number = self.case.removeprefix("CE ")
        day = f", {self.date:%d/%m/%Y}" if self.date else ""
        return f"Conseil d'État{day}, n° {number}, {self.party}"


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
def load_cases() -> tuple[Case, ...]:
    """Return the decisions, in the order of the table."""
    return tuple(Case(**row) for row in load_reference("procurement_map", "case_law").to_pylist())


@cache
def case_against(practice: str) -> Case:
    """Return the decision that condemns a practice.

    Raises
    ------
    MissingFactorError
        If the table names none.
    """
    for case in load_cases():
        if case.condemns == practice:
            return case
    raise MissingFactorError(
        "no decision of the table condemns this practice",
        file="case_law.csv",
        field="condemns",
        found=practice,
    )


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
