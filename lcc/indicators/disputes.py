"""Awards that sources dispute: each may be one, as far as the lists of the sources allow it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lcc.register.agree import FIRST_HOLDER
from lcc.register.register import HOLDER_FIELDS
from lcc.register.settle import frame_records

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Dispute", "find_disputes"]

MOST_TOGETHER = 8
"""Firms that a dispute is about, beyond which each is taken to hold the contract or not by itself:
bounds then hold, and may be wider than need be."""


@dataclass(frozen=True)
class Dispute:
    """A dispute, as one of the awards it is about sees it.

    Attributes
    ----------
    owner : tuple of int
        What tells it from other disputes.
    rank : int
        Rank of the award among those that are disputed.
    states : tuple of int
        Sets of these awards that may be the true one, as bits.
    """

    owner: tuple[int, ...]
    rank: int
    states: tuple[int, ...]


def find_disputes(
    candidates: pd.DataFrame,
    rows: Mapping[tuple[str | None, str], int],
    held: Collection[int],
) -> dict[tuple[int, str], Dispute]:
    """Return row of the contract and firm → the dispute about this award.

    A list may leave firms out, as those that agree may (`lcc.register.agree`): what holds the
    contract is the whole list of one source at least, and whatever others name.

    Parameters
    ----------
    candidates : pandas.DataFrame
        Schema `contract_candidate`.
    rows : mapping
        Contract → its row.
    held : collection of int
        Contracts that have a holder on whom all agree: of the others, one firm at least holds them.
    """
    lists: dict[int, dict[object, dict[str, None]]] = {}
    for each in frame_records(candidates):
        row = rows.get((each["buyer_id"], each["contract"]))
        if row is None or each["field"] not in HOLDER_FIELDS:
            continue
        rank = each["source_rank"]
        source = each["source_file"] if rank is None else rank
        named = lists.setdefault(row, {}).setdefault(source, {})
        if each["field"] == FIRST_HOLDER:
            named[each["value"]] = None
    found: dict[tuple[int, str], Dispute] = {}
    for row, stated in lists.items():
        firms = list(dict.fromkeys(firm for each in stated.values() for firm in each))
        sets = [sum(1 << firms.index(firm) for firm in each) for each in stated.values()]
        if len(firms) > MOST_TOGETHER:
            found |= {(row, firm): Dispute((row, k), 0, (0, 1)) for k, firm in enumerate(firms)}
            continue
        states = tuple(
            each
            for each in range(0 if row in held else 1, 1 << len(firms))
            if any(each & one == one for one in sets)
        )
        found |= {(row, firm): Dispute((row,), k, states) for k, firm in enumerate(firms)}
    return found
