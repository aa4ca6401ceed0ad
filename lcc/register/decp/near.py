"""Records of one number that may be one contract, found without comparing each with each.

A file may give no number to thousands, one object to as many, and 0 € to most. Records are one
contract only where their objects are alike and their firms or their amounts are equal, on one day
(see `lcc.register.decp.repeats`): they are kept by that.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator
from typing import Any

from lcc.reading.dialect import normalise_header
from lcc.register.decp.decode import Record

__all__ = ["CUT_CHARACTERS", "NearRecords", "firms_of", "label_of"]

CUT_CHARACTERS = 40
"""An object cut shorter than this is another: “travaux” begins many."""
ANY_DAY = "any day"
ANY_LABEL = "any label"


def label_of(record: Record) -> str:
    """Return the object of a record, as objects are compared."""
    return normalise_header(record.facts.get("label") or "")


def firms_of(record: Record) -> frozenset[tuple[Any, Any]]:
    """Return the firms of a record."""
    return frozenset((each.get("holder_id"), each.get("name")) for each in record.facts["holders"])


class NearRecords:
    """Records kept by object, firms, amount and day."""

    def __init__(self) -> None:
        self._kept: dict[tuple[Any, ...], dict[int, Record]] = {}
        self._labels: list[str] = []
        self._known: set[str] = set()
        self._lengths: set[int] = set()

    def add(self, record: Record) -> None:
        """Keep a record; one kept already is kept by what it states now besides."""
        label, firms, amount, day = _facts(record)
        for when in {day, ANY_DAY}:
            keys = [(label, firms, when), (label, "amount", amount, when)]
            keys.append((ANY_LABEL, firms, amount, when))
            keys += [("", firms, amount, when)] * (not label)
            for key in keys:
                self._kept.setdefault(key, {})[id(record)] = record
        if label and label not in self._known:
            self._known.add(label)
            self._lengths.add(len(label))
            insort(self._labels, label)

    def find(self, record: Record) -> list[Record]:
        """Return the records kept that may be the same contract, in the order of the file."""
        label, firms, amount, day = _facts(record)
        found: dict[int, Record] = {}
        for when in (day, None) if day is not None else (ANY_DAY,):
            # An object that is not stated is like any, of the same firms and amount.
            keys: list[tuple[Any, ...]] = [("" if label else ANY_LABEL, firms, amount, when)]
            for each in self._alike(label):
                keys += [(each, firms, when), (each, "amount", amount, when)]
            for key in keys:
                found |= self._kept.get(key, {})
        return sorted(found.values(), key=lambda each: each.row)

    def _alike(self, label: str) -> Iterator[str]:
        """Yield the objects kept that are this one, whole or cut short."""
        yield label
        if len(label) < CUT_CHARACTERS:
            return
        for length in self._lengths:
            if CUT_CHARACTERS <= length < len(label) and label[:length] in self._known:
                yield label[:length]
        place = bisect_left(self._labels, label)
        while place < len(self._labels) and self._labels[place].startswith(label):
            if self._labels[place] != label:
                yield self._labels[place]
            place += 1


def _facts(record: Record) -> tuple[str, frozenset[tuple[Any, Any]], Any, Any]:
    facts = record.facts
    return (
        label_of(record),
        firms_of(record),
        facts.get("amount_eur"),
        facts.get("notification_date"),
    )
