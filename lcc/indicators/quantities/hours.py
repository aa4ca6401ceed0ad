"""Insertion hours, their full-time equivalents, the contracts they are on, women's share."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from lcc.indicators.inputs import HOURS_PER_FTE
from lcc.indicators.quantities.ledger import (
    MONTHS_PER_YEAR,
    HourEntry,
    ledger_entries,
)
from lcc.indicators.quantities.rows import Row, get, member_row, value_row
from lcc.indicators.quantities.sums import Limits, Term, bound_part, bound_sum

if TYPE_CHECKING:
    import pandas as pd

    from lcc.indicators.book import ContractBook

__all__ = [
    "HOUR_VARIANTS",
    "calc_fte",
    "count_hour_contracts",
    "fte_of_hours",
    "hour_members",
    "hours_growth",
    "sum_hours",
    "women_share",
]

HOUR_VARIANTS = ("published", "at-most-contracted", "with-clauses")
"""Ways of reading what the ledger leaves empty; see docs/indicators.md."""


@dataclass(frozen=True)
class _Block:
    """The entries of one contract in one year, and what bounds what they leave empty."""

    entries: tuple[HourEntry, ...]
    terms: tuple[Term, ...]
    total: Term

    @property
    def contract(self) -> str:
        return self.entries[0].contract


def calc_fte(hours: float, hours_per_fte: float = HOURS_PER_FTE) -> int:
    """Return full-time equivalents as the publisher writes them: hours / divisor, truncated.

    340 723 h give 212 and 374 408 h give 232 at 1 607 h a year, as published; rounded, the second
    would be 233. That the publisher truncates is an inference from these two figures.

    Parameters
    ----------
    hours : float
        Hours of a year.
    hours_per_fte : float
        Hours of a full-time year, above zero.
    """
    return math.floor(hours / hours_per_fte)


def sum_hours(
    hours: pd.DataFrame,
    book: ContractBook,
    year: int,
    *,
    column: str = "performed_hours",
    variant: str = "published",
    hours_per_fte: float = HOURS_PER_FTE,
) -> Limits:
    """Return the hours of a year: stated, at least, at most.

    Stated are the figures of the ledger, the least one where rows disagree: the same as at least.
    Hours that are not stated are zero or more. They have no upper bound, unless the staff of the
    contract is stated: then hours ≤ min(12, months) / 12 × staff × hours of a full-time year.

    Parameters
    ----------
    hours : pandas.DataFrame
        Schema `insertion_hours`.
    book : ContractBook
        Durations, and contracts with a social clause.
    year : int
        Budget year.
    column : {"performed_hours", "planned_hours"}
    variant : {"published", "at-most-contracted", "with-clauses"}
        `at-most-contracted` holds hours performed that are not stated to be at most those
        contracted; `with-clauses` adds, as unknown, the contracts that have a social clause, run in
        the year, and have no row.
    hours_per_fte : float
        Hours of a full-time year.
    """
    blocks = _blocks(hours, book, year, column, variant, hours_per_fte)
    limits = bound_sum(each.total for each in blocks)
    terms = [term for each in blocks for term in each.terms]
    stated = [term.low for term in terms if term.known]
    missing = _silent(hours, book, year) if variant == "with-clauses" else []
    if not blocks:
        # A ledger without a row of the year says nothing of it.
        return Limits(None, 0.0, None, 0, len(missing))
    return Limits(
        known=limits.low if stated else None,
        low=limits.low,
        high=None if missing else limits.high,
        stated=len(stated),
        unknown=len(terms) - len(stated) + len(missing),
    )


def fte_of_hours(limits: Limits, hours_per_fte: float = HOURS_PER_FTE) -> Limits:
    """Return full-time equivalents, truncated, of hours and of their bounds; see `calc_fte`."""
    known, low, high = (
        None if each is None else float(calc_fte(each, hours_per_fte))
        for each in (limits.known, limits.low, limits.high)
    )
    return replace(limits, known=known, low=low, high=high)


def hours_growth(after: Limits, before: Limits) -> Limits:
    """Return after / before − 1 of two years' hours, and its bounds.

    It rises with the hours of the year and falls with those of the year before: at least
    low / high − 1, at most high / low − 1. Without hours the year before there is no growth. Where
    nothing bounds the year before from above, all that can be said is « above −100 % », which is
    true of any growth: there is no bound.

    Parameters
    ----------
    after, before : Limits
        Hours of a year and of the one before (`sum_hours`).
    """

    def rate(last: float | None, first: float | None) -> float | None:
        return last / first - 1 if last is not None and first else None

    return Limits(
        known=rate(after.known, before.known),
        low=rate(after.low, before.high),
        high=rate(after.high, before.low),
        stated=after.stated + before.stated,
        unknown=after.unknown + before.unknown,
    )


def women_share(
    hours: pd.DataFrame,
    book: ContractBook,
    year: int,
    *,
    column: str = "performed_hours",
    variant: str = "published",
    hours_per_fte: float = HOURS_PER_FTE,
) -> Limits:
    """Return the share of women in insertion hours, 0 to 1; parameters as in `sum_hours`.

    Hours whose sex is not stated may be of either.
    """
    blocks = _blocks(hours, book, year, column, variant, hours_per_fte)
    sides: dict[str | None, bool | None] = {"women": True, "men": False, None: None}
    terms = [
        (term, sides[entry.sex])
        for each in blocks
        for entry, term in zip(each.entries, each.terms, strict=True)
    ]
    missing = _silent(hours, book, year) if variant == "with-clauses" else []
    return bound_part([*terms, *((Term(0.0, None), None) for _ in missing)])


def count_hour_contracts(
    hours: pd.DataFrame,
    book: ContractBook,
    year: int,
    indicator: str,
    *,
    variant: str = "published",
    column: str = "performed_hours",
) -> tuple[list[Row], list[Row]]:
    """Return how many contracts had insertion hours in a year, and which.

    A contract counts where hours above zero are stated, does not where all its hours are stated
    and zero, and may otherwise.
    """
    blocks = _blocks(hours, book, year, column, "published", HOURS_PER_FTE)
    members = []
    for each in blocks:
        low, high = each.total.low, each.total.high
        outcome = "counts" if low > 0 else "does-not" if high == 0 else "unknown"
        members.append(_member(indicator, variant, year, each.entries, book, outcome, column))
    if variant == "with-clauses":
        for row in _silent(hours, book, year):
            members.append(_silent_member(indicator, variant, year, row, column))
    tally = {each: sum(row["outcome"] == each for row in members) for each in
             ("counts", "does-not", "unknown")}  # fmt: skip
    sure, unsure = float(tally["counts"]), tally["unknown"]
    limits = Limits(
        sure if blocks else None, sure, sure + unsure if blocks else None, int(sure), unsure
    )
    row = value_row(
        indicator, variant, year, "contracts", limits, not_counted=tally["does-not"],
        note=None if blocks else "no-row-of-the-year",
    )  # fmt: skip
    return [row], members


def hour_members(
    hours: pd.DataFrame,
    book: ContractBook,
    year: int,
    indicator: str,
    *,
    column: str,
    variant: str = "published",
) -> list[Row]:
    """Return what each contract of the ledger is to a sum of hours, weighed in hours stated."""
    members = []
    for each in _blocks(hours, book, year, column, variant, HOURS_PER_FTE):
        known = each.total.known
        member = _member(
            indicator, variant, year, each.entries, book,
            "counts" if known else "unknown", column,
        )  # fmt: skip
        members.append(member | {"weight": each.total.low})
    if variant == "with-clauses":
        members += [
            _silent_member(indicator, variant, year, row, column) | {"weight": 0.0}
            for row in _silent(hours, book, year)
        ]
    return members


def _blocks(
    hours: pd.DataFrame,
    book: ContractBook,
    year: int,
    column: str,
    variant: str,
    hours_per_fte: float,
) -> list[_Block]:
    """Return the entries of a year by contract, each with what bounds it."""
    grouped: dict[tuple[str | None, str], list[HourEntry]] = {}
    for entry in ledger_entries(hours, year):
        grouped.setdefault((entry.buyer_id, entry.contract), []).append(entry)
    blocks = []
    for (buyer_id, contract), entries in grouped.items():
        rows = book.find(buyer_id, contract)
        ceiling = _ceiling(entries, book.longest(rows), hours_per_fte)
        least = math.fsum(each.term(column).low for each in entries)
        room = None if ceiling is None else max(0.0, ceiling - least)
        terms = tuple(each.term(column, cap=_cap(each, column, variant, room)) for each in entries)
        blocks.append(_Block(tuple(entries), terms, _total(entries, terms, column, room)))
    return blocks


def _total(
    entries: Sequence[HourEntry], terms: Sequence[Term], column: str, room: float | None
) -> Term:
    """Return the hours of a contract: what is missing of them shares the room under its ceiling."""
    told = [bool(each.stated(column)) for each in entries]
    stated = bound_sum(term for term, is_told in zip(terms, told, strict=True) if is_told)
    missing = bound_sum(term for term, is_told in zip(terms, told, strict=True) if not is_told)
    low = (stated.low or 0.0) + (missing.low or 0.0)
    if stated.high is None or missing.high is None:
        return Term(low, None)
    return Term(low, stated.high + (missing.high if room is None else min(missing.high, room)))


def _ceiling(
    entries: Sequence[HourEntry], months: float | None, hours_per_fte: float
) -> float | None:
    staff = max((each.staff for each in entries if each.staff is not None), default=None)
    if staff is None or staff < 0:
        return None
    length = MONTHS_PER_YEAR if months is None else min(MONTHS_PER_YEAR, months)
    return length / MONTHS_PER_YEAR * staff * hours_per_fte


def _cap(entry: HourEntry, column: str, variant: str, room: float | None) -> float | None:
    """Return what bounds hours that an entry does not state."""
    caps = [] if room is None else [room]
    if variant == "at-most-contracted" and column == "performed_hours" and entry.planned:
        caps.append(max(0.0, *entry.planned))
    return min(caps, default=None)


def _silent(hours: pd.DataFrame, book: ContractBook, year: int) -> list[dict[str, Any]]:
    """Return contracts with a social clause that may run in a year and have no row of it."""
    return book.silent(
        [(each.buyer_id, each.contract) for each in ledger_entries(hours, year)], year
    )


def _member(
    indicator: str,
    variant: str,
    year: int,
    entries: Sequence[HourEntry],
    book: ContractBook,
    outcome: str,
    column: str,
) -> Row:
    first = entries[0]
    rows = book.find(first.buyer_id, first.contract)
    held = rows[0] if len(rows) == 1 else {}
    return member_row(
        indicator,
        variant,
        year,
        first.contract,
        outcome,
        buyer_id=first.buyer_id or get(held, "buyer_id"),
        label=get(held, "label"),
        amount_eur=get(held, "amount_eur"),
        missing=column if outcome == "unknown" else None,
        source_file=get(first.rows[0], "source_file"),
        source_row=get(first.rows[0], "source_row"),
    )


def _silent_member(
    indicator: str, variant: str, year: int, row: dict[str, Any], column: str
) -> Row:
    return member_row(
        indicator,
        variant,
        year,
        str(row["contract"]),
        "unknown",
        buyer_id=get(row, "buyer_id"),
        label=get(row, "label"),
        amount_eur=get(row, "amount_eur"),
        missing=column,
        source_file=get(row, "source_file"),
        source_row=get(row, "source_row"),
    )
