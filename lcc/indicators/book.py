"""Contracts of a register looked up by number, with how long they run and their social clause."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from lcc.register.register import Register
from lcc.register.settle import frame_records

__all__ = ["ContractBook"]

MONTHS_PER_YEAR = 12
SOCIAL_CLAUSE = "social_clause"

Key = tuple[str | None, str]
Row = dict[str, Any]


@dataclass(frozen=True)
class ContractBook:
    """What quantities ask of a register.

    Attributes
    ----------
    by_number : dict
        Number → contracts of the register that have it, as rows; there may be several buyers.
    months : dict
        (buyer, number) → the longest duration stated, modifications included, in months: it bounds
        what is done under the contract from above, whatever is true.
    clauses : tuple of dict
        Contracts known to have a social clause, as rows.
    """

    by_number: dict[str, list[Row]]
    months: dict[Key, int]
    clauses: tuple[Row, ...]

    @classmethod
    def of(cls, register: Register) -> ContractBook:
        """Return the book of a register."""
        rows = frame_records(register.contracts)
        by_number: dict[str, list[Row]] = {}
        months: dict[Key, int] = {}
        for row in rows:
            by_number.setdefault(str(row["contract"]), []).append(row)
        for row in (*rows, *frame_records(register.modifications)):
            length = row["duration_months"]
            if length is not None:
                key = _key(row)
                months[key] = max(int(length), months.get(key, 0))
        tagged = {
            _key(row)
            for row in frame_records(register.tags)
            if row["tag"] == SOCIAL_CLAUSE and row["value"]
        }
        return cls(by_number, months, tuple(row for row in rows if _key(row) in tagged))

    def find(self, buyer_id: str | None, contract: str) -> list[Row]:
        """Return the contracts a number names: of the buyer where it is stated, else of any."""
        return [
            row
            for row in self.by_number.get(contract, [])
            if buyer_id is None or row["buyer_id"] in (None, buyer_id)
        ]

    def longest(self, rows: Sequence[Row]) -> int | None:
        """Return the longest duration of some contracts, in months; None where none is stated."""
        stated = (self.months.get(_key(row)) for row in rows)
        return max((each for each in stated if each is not None), default=None)

    def silent(self, told: Iterable[Key], year: int) -> list[Row]:
        """Return contracts with a social clause that may run in a year and that nobody tells of.

        Parameters
        ----------
        told : iterable of (buyer or None, number)
            Contracts told of; without a buyer, the number of any.
        year : int
        """
        keys = set(told)
        return [
            row
            for row in self.clauses
            if not {_key(row), (None, str(row["contract"]))} & keys and self._may_run(row, year)
        ]

    def _may_run(self, row: Row, year: int) -> bool:
        """Tell whether a contract may be performed in a year: neither over nor to come.

        One that does not state its start or its duration may.
        """
        start = row["start_date"] or row["notification_date"]
        if start is None:
            return True
        months = self.longest([row])
        # A month of grace: durations count from a start that may follow the notification.
        ends = None if months is None else start.year + (start.month + months) // MONTHS_PER_YEAR
        return start.year <= year and (ends is None or ends >= year)


def _key(row: Row) -> Key:
    return row["buyer_id"], str(row["contract"])
