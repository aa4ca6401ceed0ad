"""Rules of public procurement by date, from the table `dated_rules`.

A rule is a name; its rows follow each other in time, and on any day one row of a name holds at
most. Which day is compared with a row (the launch of the consultation, the notification, the year
of the purchases) is said by its column `date_of`.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import pairwise

from lcc.errors import FieldError, MissingFactorError
from lcc.reading.dialect import split_list
from lcc.tables import load_reference, schema

__all__ = [
    "Change",
    "DatedRule",
    "changes_between",
    "check_periods",
    "load_dated_rules",
    "rows_of",
    "rule_on",
    "rules_on",
    "topics",
]


@dataclass(frozen=True)
class DatedRule:
    """A rule and the days between which it holds; columns of `dated_rules`."""

    rule: str
    label_fr: str
    label_en: str
    topic: str
    value: str
    effect: str
    amount_eur: float | None
    compare: str | None
    amount_of: str | None
    number: float | None
    unit: str | None
    applies_to: str
    buyer_kind: str
    date_of: str
    demands: str | None
    valid_from: date | None
    valid_to: date | None
    sentence_fr: str
    sentence_en: str
    source: str
    locator: str | None
    detail: str | None
    confidence: str
    confidence_fr: str

    @property
    def first_day(self) -> date:
        """First day it holds for."""
        return self.valid_from or date.min

    @property
    def last_day(self) -> date:
        """Last day it holds for."""
        return self.valid_to or date.max

    @property
    def demanded_tags(self) -> tuple[str, ...]:
        """Tags of which it demands one; none where it demands nothing that a tag says."""
        return split_list(self.demands)

    @property
    def citation(self) -> str:
        """Text and article it comes from."""
        return f"{self.source}, {self.locator}" if self.locator else self.source

    def holds_on(self, day: date) -> bool:
        """Tell whether the row holds on a day, its first and its last being such days."""
        return self.first_day <= day <= self.last_day

    def concerns(self, applies_to: str | None, buyer_kind: str | None) -> bool:
        """Tell whether a purchase and a buyer may be concerned; None leaves either open."""
        wide = {"all", "contracts"} if applies_to in ("supplies-services", "works") else {"all"}
        return (applies_to is None or self.applies_to in {applies_to, *wide}) and (
            buyer_kind is None or self.buyer_kind in {buyer_kind, "all"}
        )


@dataclass(frozen=True)
class Change:
    """A day on which a rule becomes another.

    Attributes
    ----------
    day : date
        First day of the new state.
    rule : str
        Name of the rule.
    before, after : DatedRule or None
        What held on the day before, and what holds from then on; None where the table has no row.
    shown : DatedRule
        What holds from then on, or else what held before.
    """

    day: date
    rule: str
    before: DatedRule | None
    after: DatedRule | None
    shown: DatedRule


@cache
def load_dated_rules() -> tuple[DatedRule, ...]:
    """Return the rules by date, in the order of the table.

    Raises
    ------
    FieldError
        If two rows of a rule hold on one day, or a day between two of them has none.
    """
    rows = load_reference("procurement_map", "dated_rules").to_pylist()
    rules = tuple(DatedRule(**row) for row in rows)
    check_periods(rules)
    return rules


def rows_of(rule: str, rules: tuple[DatedRule, ...] | None = None) -> tuple[DatedRule, ...]:
    """Return the rows of a rule in the order of time.

    Raises
    ------
    MissingFactorError
        If the table has no such rule.
    """
    known = load_dated_rules() if rules is None else rules
    rows = sorted((each for each in known if each.rule == rule), key=lambda each: each.first_day)
    if not rows:
        raise MissingFactorError(
            "no rule of this name", file="dated_rules.csv", field="rule", found=rule
        )
    return tuple(rows)


def check_periods(rules: tuple[DatedRule, ...]) -> None:
    """Raise where the periods of one rule overlap, leave a gap, or end before they begin.

    Raises
    ------
    FieldError
        Naming the rule and its two periods.
    """
    by_name: dict[str, list[DatedRule]] = defaultdict(list)
    for each in rules:
        by_name[each.rule].append(each)
        if each.first_day > each.last_day:
            raise FieldError(
                "a rule ends before it begins",
                file="dated_rules.csv",
                field=each.rule,
                found=f"{each.valid_from} – {each.valid_to}",
            )
    for name, rows in by_name.items():
        rows.sort(key=lambda each: each.first_day)
        for before, after in pairwise(rows):
            if before.last_day == date.max or before.last_day >= after.first_day:
                problem = "two rows of one rule hold on one day"
            elif before.last_day + timedelta(days=1) < after.first_day:
                problem = "a day between two rows of a rule has none"
            else:
                continue
            raise FieldError(
                problem,
                file="dated_rules.csv",
                field=name,
                found=f"up to {before.valid_to}, then from {after.valid_from}",
                expected="each row begins on the day after the last day of the one before",
            )


def rule_on(rule: str, day: date) -> DatedRule:
    """Return the row of a rule that holds for a day: of launch, of notification, or of purchase.

    Raises
    ------
    MissingFactorError
        If no row holds on that day.
    """
    for row in load_dated_rules():
        if row.rule == rule and row.holds_on(day):
            return row
    raise MissingFactorError(
        "no row of the table holds on this day",
        file="dated_rules.csv",
        field=rule,
        found=day.isoformat(),
    )


def rules_on(
    day: date, *, applies_to: str | None = None, buyer_kind: str | None = None
) -> tuple[DatedRule, ...]:
    """Return the rows that hold on a day, in the order of the table.

    Parameters
    ----------
    day : date
        Day of launch, of notification or of purchase, as each row's `date_of` says.
    applies_to : {"supplies-services", "works", "concession"}, optional
        What is bought; rules for anything else are left out.
    buyer_kind : {"local-authority", "contracting-entity", "state"}, optional
        Who buys; rules for others are left out.

    Raises
    ------
    FieldError
        If either is another word.
    """
    _check_word("applies_to", applies_to, without=("all", "contracts"))
    _check_word("buyer_kind", buyer_kind, without=("all",))
    return tuple(
        each
        for each in load_dated_rules()
        if each.holds_on(day) and each.concerns(applies_to, buyer_kind)
    )


def changes_between(after: date, until: date) -> tuple[Change, ...]:
    """Return what changes after a day and up to another one, that one included, in order of time.

    Parameters
    ----------
    after : date
        Day from which one looks on; what began on that very day is no change.
    until : date
        Last day.

    Raises
    ------
    FieldError
        If the second day is before the first.
    """
    if until < after:
        raise FieldError(
            "the days are not in order", field="since", found=f"{after} – {until}",
            expected="the day one looks from, then the later day",
        )  # fmt: skip
    found = []
    for name in dict.fromkeys(each.rule for each in load_dated_rules()):
        rows = rows_of(name)
        for rank, row in enumerate(rows):
            before = rows[rank - 1] if rank else None
            if after < row.first_day <= until:
                found.append(Change(row.first_day, name, before, row, row))
        end = rows[-1].last_day
        if end != date.max and after < end + timedelta(days=1) <= until:
            found.append(Change(end + timedelta(days=1), name, rows[-1], None, rows[-1]))
    return tuple(sorted(found, key=lambda each: each.day))


def topics() -> tuple[str, ...]:
    """Return what rules are about, in the order in which they are shown."""
    field = next(each for each in schema("dated_rule").fields if each.name == "topic")
    return tuple(field.constraints["enum"])


def _check_word(name: str, word: str | None, *, without: tuple[str, ...]) -> None:
    """Raise where a word is none of a column's."""
    field = next(each for each in schema("dated_rule").fields if each.name == name)
    allowed = [each for each in field.constraints["enum"] if each not in without]
    if word is not None and word not in allowed:
        raise FieldError("no such word", field=name, found=word, expected=" | ".join(allowed))
