"""Numbers of the essential data of 2019: they end by the rank of the modification.

The schema of 2019 (data.gouv.fr, decp 1.5.0, IdentifiantMarche) makes the last two characters of a
number those of the modification, `00` at first. Few other sources write them. Not every platform
followed: the two figures are dropped only in a file most of whose numbers end in `00`. The number
as published is kept beside (`published_number`), by which a source that writes it is found.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence, Set
from typing import TYPE_CHECKING, Any

import pandas as pd

from lcc.reading.dialect import normalise_text
from lcc.register.problems import problem_row
from lcc.register.register import TABLES, Stated, make_table

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["SHARE_OF_A_HABIT", "drop_ranks"]

RANK_DIGITS = 2
SIREN_DIGITS = 9
LAYOUT = "2019"
LATER_LAYOUT = "2022"
FIRST = "00"
ASKED = (
    "buyer_id",
    "contract",
    "label",
    "notification_date",
    "layout",
    "source_file",
    "source_row",
)
SHARE_OF_A_HABIT = 0.5
"""A file of which a larger share of numbers ends in `00` ranks its numbers (a judgement: of the
platforms seen, 60 to 98 % do)."""

SHORTEST_STEM = 5
"""Characters of the shortest number that is thought to have lost two zeros: a year and something
(a judgement: in a plain sequence, 1 is not 100)."""

Number = tuple[str, str]
"""Buyer, empty where it is not stated, and number."""

Shorter = dict[Number, str]
"""Buyer and number → number without its rank."""


def drop_ranks(stated: Sequence[Stated]) -> list[Stated]:
    """Return what sources state, their numbers without the rank of the modification.

    In a file that ranks its numbers, the figures are dropped from each, unless that would make one
    contract of records of another object, another day of notification or other holders, or some
    source holds the longer and the shorter number as two contracts; a row of `problems` says for
    how many. A record of 2022 under such a number loses them too, where another source holds the
    shorter number with the same day of notification, and none the longer one.
    """
    if not any(each.contracts["layout"].isin((LAYOUT, LATER_LAYOUT)).any() for each in stated):
        return list(stated)
    apart = set[Number]().union(*(_both(each.contracts) for each in stated))
    sources = [_drop(each, _shorter(each, apart), summed=True) for each in stated]
    days: dict[tuple[str, str], set[Any]] = {}
    for each in sources:
        for buyer, number, row in _rows(each.contracts):
            days.setdefault((buyer, number), set()).add(row.notification_date)
    holders = Counter(key for each in sources for key in {key[:2] for key in _rows(each.contracts)})
    return [
        _drop(each, _republished(each.contracts, days, holders), summed=False) for each in sources
    ]


def _rows(contracts: pd.DataFrame) -> Iterator[tuple[str, str, Any]]:
    for row in contracts[list(ASKED)].itertuples(index=False):
        yield row.buyer_id if isinstance(row.buyer_id, str) else "", str(row.contract), row


def _both(contracts: pd.DataFrame) -> set[Number]:
    """Return the numbers that a source holds beside the same without their last two figures."""
    known = {(buyer, number) for buyer, number, _ in _rows(contracts)}
    return {each for each in known if (each[0], each[1][:-RANK_DIGITS]) in known}


def _shorter(stated: Stated, apart: Set[Number]) -> Shorter:
    """Return the shorter numbers of a file that ranks its numbers; none for another."""
    contracts = stated.contracts
    old = contracts.loc[contracts["layout"] == LAYOUT]
    last = old["contract"].astype(str).str[-RANK_DIGITS:]
    if not len(old) or (last == FIRST).mean() <= SHARE_OF_A_HABIT:
        return {}
    wanted: dict[tuple[str, str], dict[str, set[Any]]] = {}
    for buyer, number, row in _rows(old):
        stem, rank = number[:-RANK_DIGITS], number[-RANK_DIGITS:]
        if rank.isdigit() and rank < "10" and stem[-1:].isalnum():
            what = normalise_text(str(row.label)), row.notification_date
            wanted.setdefault((buyer, stem), {}).setdefault(number, set()).add(what)
    held = _holders(stated.holders)
    return {
        (buyer, number): stem
        for (buyer, stem), numbers in wanted.items()
        if apart.isdisjoint((one, each) for one in (buyer, "") for each in numbers)
        and len(set[Any]().union(*numbers.values())) == 1
        and len({held[buyer, number] for number in numbers if (buyer, number) in held}) <= 1
        for number in numbers
    }


def _holders(holders: pd.DataFrame) -> dict[tuple[str, str], frozenset[str]]:
    """Return the firms that hold each contract from the start, by their SIREN."""
    found: dict[tuple[str, str], set[str]] = {}
    for row in holders[["buyer_id", "contract", "holder_id", "modification"]].itertuples():
        if isinstance(row.holder_id, str) and not (row.modification or 0) > 0:
            key = row.buyer_id if isinstance(row.buyer_id, str) else "", str(row.contract)
            found.setdefault(key, set()).add(row.holder_id.replace(" ", "")[:SIREN_DIGITS])
    return {key: frozenset(firms) for key, firms in found.items()}


def _republished(
    contracts: pd.DataFrame,
    days: Mapping[tuple[str, str], set[Any]],
    holders: Mapping[tuple[str, str], int],
) -> Shorter:
    """Return the numbers of records of 2022 that another source holds without their two zeros."""
    if not (contracts["layout"] == LATER_LAYOUT).any():
        return {}
    own = {(buyer, number) for buyer, number, _ in _rows(contracts)}
    return {
        (buyer, number): number[:-RANK_DIGITS]
        for buyer, number, row in _rows(contracts)
        if row.layout == LATER_LAYOUT
        and number.endswith(FIRST)
        and len(number) >= SHORTEST_STEM + RANK_DIGITS
        and holders[(buyer, number)] == 1
        and (buyer, number[:-RANK_DIGITS]) not in own
        and row.notification_date is not None
        and row.notification_date in days.get((buyer, number[:-RANK_DIGITS]), ())
    }


def _drop(stated: Stated, shorter: Shorter, *, summed: bool) -> Stated:
    """Return what a source states under shorter numbers, one row of problems saying so, or each."""
    if not shorter:
        return stated
    rows: list[dict[str, Any]] = []
    for buyer, number, row in _rows(stated.contracts):
        if (stem := shorter.get((buyer, number))) is not None and not (summed and rows):
            rows.append(
                problem_row(
                    "number-ranks" if summed else "number-written-differently",
                    key=(None, None) if summed else (buyer or None, number),
                    field="contract",
                    found=number,
                    source=(row.source_file, None if summed else row.source_row),
                    other_found=stem,
                    expected=f"{len(shorter)} numéros" if summed else None,
                )
            )
    tables = {name: _renumber(getattr(stated, name), shorter) for name in TABLES}
    published = stated.contracts["published_number"]
    dropped = tables["contracts"]["contract"] != stated.contracts["contract"]
    tables["contracts"]["published_number"] = published.where(
        published.notna() | ~dropped, stated.contracts["contract"]
    )
    noted = make_table(rows, "register_problem")
    known = tables["problems"]
    tables["problems"] = pd.concat([known, noted], ignore_index=True) if len(known) else noted
    return dataclasses.replace(stated, **tables)


def _renumber(frame: pd.DataFrame, shorter: Shorter) -> pd.DataFrame:
    """Return a table with the shorter numbers."""
    if frame.empty:
        return frame
    keys = zip(frame["buyer_id"].fillna(""), frame["contract"], strict=True)
    return frame.assign(contract=[shorter.get((buyer, one), one) for buyer, one in keys])
