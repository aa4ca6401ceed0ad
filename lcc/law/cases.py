"""Decisions of courts, from the table `case_law`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache

from lcc.errors import MissingFactorError
from lcc.tables import load_reference

__all__ = ["Case", "case_against", "load_cases"]


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
