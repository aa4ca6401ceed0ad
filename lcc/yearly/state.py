"""Whether an account is final, and what counts on the day it is read.

An account is final once its accounts are given for the year and were adopted on or before the day
of reading. Until then every page says « Provisoire au … », and nothing dated after that day counts:
contracts notified, modifications, payments and measurements.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lcc.errors import FieldError

if TYPE_CHECKING:
    import pandas as pd

    from lcc.register.register import Register

__all__ = ["REASONS", "State", "choose_day", "decide_state", "keep_until", "limit_register"]

Key = tuple[object, object]

REASONS = ("final", "accounts-not-given", "accounts-not-adopted", "year-not-over")


@dataclass(frozen=True)
class State:
    """How firm an account is.

    Attributes
    ----------
    year : int
    as_of : date
        Day it is read: nothing later counts.
    reason : str
        One of `REASONS`.
    """

    year: int
    as_of: datetime.date
    reason: str

    @property
    def provisional(self) -> bool:
        """Whether every page must say so."""
        return self.reason != "final"


def choose_day(text: str, year: int, accounts_final: datetime.date | None = None) -> datetime.date:
    """Return the day an account is read: as asked, else that of its accounts, else the year's end.

    Never today's: the same inputs give the same account.

    Raises
    ------
    FieldError
        If the text is no date, or a day before the year began.
    """
    end = datetime.date(year, 12, 31)
    if not text:
        return max(end, accounts_final) if accounts_final is not None else end
    try:
        day = datetime.date.fromisoformat(text)
    except ValueError as error:
        raise FieldError(
            "the date of reading is no date",
            field="as_of",
            found=text,
            expected="a date such as 2026-03-31",
        ) from error
    if day.year < year:
        raise FieldError(
            "the account of a year that has not begun cannot be read",
            field="as_of",
            found=f"{text}, for the year {year}",
            expected=f"a day from {year}-01-01 on",
        )
    return day


def decide_state(
    year: int,
    as_of: datetime.date,
    *,
    accounts_years: Iterable[int],
    accounts_final: datetime.date | None,
) -> State:
    """Return whether the account of a year is final on a day, and why not.

    Parameters
    ----------
    year : int
    as_of : date
    accounts_years : iterable of int
        Budget years of the accounts that are given.
    accounts_final : date or None
        Day they were adopted; None while they are not.
    """
    if as_of < datetime.date(year, 12, 31):
        reason = "year-not-over"
    elif year not in set(accounts_years):
        reason = "accounts-not-given"
    elif accounts_final is None or accounts_final > as_of:
        reason = "accounts-not-adopted"
    else:
        reason = "final"
    return State(year, as_of, reason)


def keep_until(frame: pd.DataFrame, column: str, as_of: datetime.date) -> pd.DataFrame:
    """Return the rows dated on or before a day; an unknown date is kept, since it may be."""
    return frame[~_are_later(frame, column, as_of)].reset_index(drop=True)


def limit_register(register: Register, as_of: datetime.date) -> Register:
    """Return a register as it stood on a day: later contracts, changes and subcontracts left out.

    What is said of a contract left out (contractors, tags, candidates) goes with it; problems stay.
    The amount after modifications becomes that of the last one kept that states an amount.
    """
    later = _are_later(register.contracts, "notification_date", as_of)
    gone = set(_keys(register.contracts[later]))

    def stays(frame: pd.DataFrame) -> pd.DataFrame:
        kept = [key not in gone for key in _keys(frame)]
        return frame[kept].reset_index(drop=True) if gone and len(frame) else frame

    contracts, changes = stays(register.contracts), stays(register.modifications)
    late = _are_later(changes, "notification_date", as_of)
    dropped = set(zip(_keys(changes[late]), changes.loc[late, "modification"], strict=True))
    holders = stays(register.holders)
    if dropped:
        contracts = _restate_amounts(contracts, {key for key, _ in dropped}, changes[~late])
        named = zip(_keys(holders), holders["modification"], strict=True)
        holders = holders[[each not in dropped for each in named]].reset_index(drop=True)
    return replace(
        register,
        contracts=contracts,
        holders=holders,
        modifications=changes[~late].reset_index(drop=True),
        tags=stays(register.tags),
        candidates=stays(register.candidates),
        subcontracts=keep_until(stays(register.subcontracts), "notification_date", as_of),
        executions=keep_until(stays(register.executions), "publication_date", as_of),
    )


def _restate_amounts(
    contracts: pd.DataFrame, changed: set[Key], kept: pd.DataFrame
) -> pd.DataFrame:
    """Return contracts, the amount after modification of some being that of the last one kept."""
    stated = kept[kept["amount_eur"].notna()]
    ordered = stated.sort_values("modification", kind="stable", na_position="first")
    last = dict(zip(_keys(ordered), ordered["amount_eur"], strict=True))
    amounts = [
        last.get(key) if key in changed else amount
        for key, amount in zip(_keys(contracts), contracts["amount_now_eur"], strict=True)
    ]
    return contracts.assign(amount_now_eur=amounts)


def _keys(frame: pd.DataFrame) -> list[Key]:
    buyers = frame["buyer_id"].astype(object).where(frame["buyer_id"].notna(), None)
    return list(zip(buyers, frame["contract"], strict=True))


def _are_later(frame: pd.DataFrame, column: str, as_of: datetime.date) -> NDArray[np.bool_]:
    """Return which rows are dated after a day; an unknown date is not."""
    days = [_day(each) for each in frame[column]]
    return np.array([day is not None and day > as_of for day in days], dtype=bool)


def _day(value: object) -> datetime.date | None:
    """Return a date as one, whichever library made it; None where it is missing."""
    import pandas as pd

    if value is pd.NaT:
        return None
    if isinstance(value, datetime.datetime):
        return value.date()
    return value if isinstance(value, datetime.date) else None
