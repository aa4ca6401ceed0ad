"""Which records of several sources are one contract: same buyer, same number, nothing guessed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lcc.register.numbers import compact_number, cut_alike, plain_number, split_lot, with_lot
from lcc.register.problems import problem_row

__all__ = ["Key", "KeyBook", "spellings"]

Key = tuple[str | None, str]
"""Buyer and number of a contract."""

Record = Mapping[str, Any]


@dataclass
class KeyBook:
    """The contracts met so far, and how each source writes their numbers.

    A number is one of another source's where it is the same text; else where one way of writing
    (`compact_number`, then `plain_number`, with and without the lot) leads to one contract only,
    beside which no source holds it: that is listed as a problem all the same.

    Attributes
    ----------
    problems : list of dict
        Rows of `register_problem`.
    """

    problems: list[dict[str, Any]] = field(default_factory=list)
    _spelled: dict[tuple[str | None, str], dict[str, str]] = field(default_factory=dict)
    _known: dict[str, dict[str | None, str]] = field(default_factory=dict)
    _buyers: set[str] = field(default_factory=set)
    _held: dict[Key, set[int]] = field(default_factory=dict)
    _aliases: dict[tuple[str | None, str], str] = field(default_factory=dict)
    _noted: set[tuple[Any, ...]] = field(default_factory=set)

    def learn(self, sources: Sequence[Sequence[Record]]) -> None:
        """Take note of the buyers of all sources, then of the numbers that each of them holds."""
        for each in (record for records in sources for record in records):
            if each["buyer_id"]:
                self._buyers.add(each["buyer_id"])
                self._known.setdefault(each["contract"], {})[each["buyer_id"]] = each["contract"]
        for rank, records in enumerate(sources):
            for each in records:
                buyer = self._buyer(each)
                if not isinstance(buyer, bool):
                    self._held.setdefault((buyer, each["contract"]), set()).add(rank)

    def add_source(self, records: Iterable[Record]) -> list[Key | None]:
        """Return the key of each record of a register; None where its buyer is unclear."""
        rows = [(each, self._buyer(each)) for each in records]
        matches: list[list[str]] = []
        claims: dict[tuple[Any, str], set[str]] = {}
        for each, buyer in rows:
            found = [] if isinstance(buyer, bool) else self._find_record(buyer, each)
            number = each["contract"]
            matches.append(found)
            for one in found:
                claims.setdefault((buyer, one), set()).add(number)
        keys: list[Key | None] = []
        for (each, buyer), found in zip(rows, matches, strict=True):
            if isinstance(buyer, bool):
                keys.append(None)
                continue
            number = each["contract"]
            sure = len(found) == 1 and len(claims[(buyer, found[0])]) == 1
            if number in found or not found:
                keys.append((buyer, number))
            elif sure:
                self._note("number-written-differently", each, number, found[0])
                keys.append((buyer, found[0]))
            else:
                self._note("number-unclear", each, number, ", ".join(found))
                keys.append((buyer, number))
        for (each, _), key in zip(rows, keys, strict=True):
            if key is not None:
                self._aliases[(key[0], each["contract"])] = key[1]
                self._spell(key, key[1], each.get("lot"))
                if each["published_number"] and not each["number_made"]:
                    self._spell(key, each["published_number"], None)
        return keys

    def look_up(self, record: Record) -> Key | None:
        """Return the key of a record that adds no contract (tags); None where there is none."""
        buyer, number = self._buyer(record), record["contract"]
        if isinstance(buyer, bool):
            return None
        found = self._find(buyer, number, record.get("lot"))
        if len(found) != 1:
            code = "number-unclear" if found else "contract-not-in-register"
            self._note(code, record, number, ", ".join(found) or None)
            return None
        if (buyer, number) not in self._aliases:
            self._note("number-written-differently", record, number, found[0])
        return buyer, found[0]

    def alias(self, buyer: str | None, number: str) -> str:
        """Return the number by which a contract is known, the number itself where it is not."""
        found = self._find(buyer, number, None)
        return found[0] if len(found) == 1 else number

    def _apart(self, one: Key, other: Key) -> bool:
        """Tell whether some source holds two numbers as two contracts."""
        return not self._held.get(one, set()).isdisjoint(self._held.get(other, ()))

    def _buyer(self, record: Record) -> str | bool | None:
        """Return the buyer of a record; False where several are possible."""
        if record["buyer_id"]:
            return str(record["buyer_id"])
        known = self._known.get(record["contract"], {})
        if len(known) == 1:
            return next(iter(known))
        if len(self._buyers) == 1:
            return next(iter(self._buyers))
        if known:
            self._note("buyer-unclear", record, None, ", ".join(sorted(map(str, known))))
            return False
        return None

    def _find(self, buyer: str | None, number: str, lot: str | None) -> list[str]:
        """Return the known numbers that a number may be, by the strictest key that finds any."""
        if (buyer, number) in self._aliases:
            return [self._aliases[(buyer, number)]]
        for spelling in spellings(number, lot):
            known = self._spelled.get((buyer, spelling), {})
            if found := [one for one, text in known.items() if cut_alike(text, number)]:
                return found
        return []

    def _find_record(self, buyer: str | None, record: Record) -> list[str]:
        """Return the known numbers of a contract, by its number, else by the one published."""
        found = self._find(buyer, record["contract"], record.get("lot"))
        if not found and record["published_number"] and not record["number_made"]:
            found = self._find(buyer, record["published_number"], None)
        # A number that some source holds beside this one is another contract.
        number = record["contract"]
        return [
            one for one in found if one == number or not self._apart((buyer, one), (buyer, number))
        ]

    def _spell(self, key: Key, number: str, lot: str | None) -> None:
        for spelling in spellings(number, lot):
            self._spelled.setdefault((key[0], spelling), {}).setdefault(key[1], number)

    def _note(self, code: str, record: Record, found: str | None, other: str | None) -> None:
        seen = (code, record["buyer_id"], record["contract"], record["source_file"],
                record["source_row"])  # fmt: skip
        if seen in self._noted:
            return
        self._noted.add(seen)
        self.problems.append(
            problem_row(
                code,
                key=(record["buyer_id"], record["contract"]),
                field="contract",
                found=found,
                source=(record["source_file"], record["source_row"]),
                other_found=other,
            )
        )


def spellings(number: str, lot: str | None) -> list[str]:
    """Return the keys under which a number is looked for, the strictest first."""
    forms = [number]
    if lot and not split_lot(number)[1]:
        forms.insert(0, with_lot(number, lot))
    found = [f"compact {compact_number(each)}" for each in forms]
    found += [f"plain {plain_number(each)}" for each in forms]
    return [each for each in found if not each.endswith(" ")]
