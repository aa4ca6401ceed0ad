"""Numbers of the essential data of 2019: they end by the rank of the modification.

The schema of 2019 (data.gouv.fr, decp 1.5.0, IdentifiantMarche) makes the last two characters of a
number those of the modification, `00` at first. No other source writes them. Not every platform
followed: the two figures are dropped only in a file most of whose numbers end in `00`.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pandas as pd

from lcc.register.problems import problem_row
from lcc.register.register import TABLES, Stated, make_table

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["drop_ranks"]

RANK_DIGITS = 2
LAYOUT = "2019"
FIRST = "00"
SHARE_OF_A_HABIT = 0.5
"""A file of which a larger share of numbers ends in `00` ranks its numbers (a judgement: of the
platforms seen, 60 to 98 % do)."""


def drop_ranks(stated: Stated) -> Stated:
    """Return what a source states, its numbers of 2019 without the rank of the modification.

    A number stays as published where dropping would make it one with another of the source; one row
    of `problems` says for the file how many numbers were shortened.
    """
    contracts = stated.contracts
    old = contracts.loc[contracts["layout"] == LAYOUT]
    numbers = old["contract"].astype(str)
    if not len(old) or (numbers.str[-RANK_DIGITS:] == FIRST).mean() <= SHARE_OF_A_HABIT:
        return stated
    shorter = _shorter(contracts, old)
    if not shorter:
        return stated
    file = old["source_file"].iloc[0]
    row = problem_row(
        "number-ranks",
        field="contract",
        found=next(iter(shorter))[1],
        source=(file, None),
        other_found=next(iter(shorter.values())),
        expected=f"{len(shorter)} numéros",
    )
    tables = {name: _renumber(getattr(stated, name), shorter) for name in TABLES}
    tables["problems"] = pd.concat(
        [tables["problems"], make_table([row], "register_problem")], ignore_index=True
    )
    return dataclasses.replace(stated, **tables)


def _shorter(contracts: pd.DataFrame, old: pd.DataFrame) -> dict[tuple[str, str], str]:
    """Return buyer and number → number without its rank, where that is one contract only."""
    wanted: dict[tuple[str, str], dict[str, None]] = {}
    for buyer, number in zip(old["buyer_id"].fillna(""), old["contract"], strict=True):
        stem, rank = number[:-RANK_DIGITS], number[-RANK_DIGITS:]
        if rank.isdigit() and rank < "10" and stem[-1:].isalnum():
            wanted.setdefault((buyer, stem), {})[number] = None
    taken = set(zip(contracts["buyer_id"].fillna(""), contracts["contract"], strict=True))
    return {
        (buyer, next(iter(numbers))): stem
        for (buyer, stem), numbers in wanted.items()
        if len(numbers) == 1 and (buyer, stem) not in taken
    }


def _renumber(frame: pd.DataFrame, shorter: Mapping[tuple[str, str], str]) -> pd.DataFrame:
    """Return a table with the shorter numbers."""
    if frame.empty:
        return frame
    keys = zip(frame["buyer_id"].fillna(""), frame["contract"], strict=True)
    return frame.assign(contract=[shorter.get((buyer, one), one) for buyer, one in keys])
