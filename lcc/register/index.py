"""Contracts of a register, looked up by a number written by another system."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from lcc.register.keys import Key, spellings
from lcc.register.numbers import compact_number, cut_alike, lot_number, split_lot, with_lot
from lcc.register.problems import problem_row
from lcc.register.register import make_table
from lcc.register.settle import frame_records

if TYPE_CHECKING:
    import pandas as pd

    from lcc.register.register import Register

__all__ = ["ContractIndex", "name_contracts"]

SAME_NUMBER = ("published-number", "normalised")
"""Levels at which a number is that of the contract, written otherwise."""

EXACT = ("number", "published-number")
"""Levels at which a number is the same text."""

Found = tuple[str | None, tuple[Key, ...]]


class ContractIndex:
    """Contracts by the ways their numbers may be written.

    Parameters
    ----------
    contracts : iterable of mapping
        Rows of the schema `contract`.
    """

    def __init__(self, contracts: Iterable[Mapping[str, Any]]) -> None:
        self._levels: dict[tuple[str, str], dict[Key, str]] = {}
        self._lots: dict[Key, str] = {}
        for each in contracts:
            key: Key = (each["buyer_id"], each["contract"])
            number, lot = each["contract"], each["lot"]
            self._lots[key] = _lot(number, lot)
            self._add("number", number, key)
            if published := each["published_number"]:
                self._add("published-number", published, key)
                if not each["number_made"]:
                    for spelling in spellings(published, None):
                        self._add("normalised", spelling, key, published)
            for spelling in spellings(number, lot):
                self._add("normalised", spelling, key)
            self._add("without-lot", compact_number(split_lot(number)[0]), key)

    def _add(self, level: str, text: str, key: Key, written: str | None = None) -> None:
        self._levels.setdefault((level, text), {}).setdefault(key, written or key[1])

    def find(self, buyer: str | None, number: str | None, lot: str | None = None) -> Found:
        """Return by which key one contract is found, and it; several where it is not one alone.

        The first key that leads to any contract decides: one contract is the answer, several are
        candidates among which nothing is chosen, and the key is then None. A contract of another
        lot than the one stated is none of them.

        Parameters
        ----------
        buyer : str or None
            SIRET of the buyer; None where it is not stated.
        number, lot : str or None
            Number and lot as written.
        """
        if not number:
            return None, ()
        number = number.strip()
        tries = [("number", number), ("published-number", number)]
        if lot:
            tries.insert(0, ("number-and-lot", with_lot(number, lot)))
        tries += [("normalised", each) for each in spellings(number, lot)]
        tries.append(("without-lot", compact_number(split_lot(number)[0])))
        asked = _lot(number, lot)
        for name, text in tries:
            level = "number" if name == "number-and-lot" else name
            found = tuple(
                key
                for key, written in self._levels.get((level, text), {}).items()
                if (level in EXACT or cut_alike(written, number))
                and (key[0] is None or buyer is None or key[0] == buyer)
                and (not asked or not self._lots[key] or asked == self._lots[key])
            )
            if found:
                exact = name == "number-and-lot" and text == number
                key_name = "number" if exact else name
                return (key_name if len(found) == 1 else None), found
        return None, ()


def name_contracts(table: pd.DataFrame, register: Register) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a table under the numbers of a register, and which of them it writes otherwise.

    Parameters
    ----------
    table : pandas.DataFrame
        Rows of contracts: `buyer_id`, `contract`, its file and row. A number that is not
        in the register as written, and is one of its numbers written otherwise, becomes that one;
        any other stays.
    register : Register
        The contracts.

    Returns
    -------
    table, problems : pandas.DataFrame
        The second of schema `register_problem`, one row per number.
    """
    index = ContractIndex(frame_records(register.contracts))
    known: dict[tuple[str | None, str], str] = {}
    noted = []
    for row in frame_records(table):
        asked = row["buyer_id"], row["contract"]
        if asked in known:
            continue
        how, found = index.find(*asked)
        known[asked] = found[0][1] if how in SAME_NUMBER else asked[1]
        if known[asked] != asked[1]:
            noted.append(
                problem_row(
                    "number-written-differently",
                    key=asked,
                    field="contract",
                    found=asked[1],
                    source=(row.get("source_file"), row.get("source_row")),
                    other_found=known[asked],
                )
            )
    named = [known[each["buyer_id"], each["contract"]] for each in frame_records(table)]
    return table.assign(contract=named), make_table(noted, "register_problem")


def _lot(number: str, lot: str | None) -> str:
    """Return the lot that a number ends with, else the one stated beside it; empty for none."""
    return split_lot(number)[1] or lot_number(lot or "")
