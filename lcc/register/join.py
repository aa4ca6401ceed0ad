"""Payments and contracts: which line was paid under which contract, by which key, and which not.

The two come from different systems, and numbers are missing or written otherwise. Keys are tried
from the strictest; a key that leads to several contracts chooses none of them. What is joined and
what is not add up to the payments, to the cent.
"""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lcc.errors import InputError
from lcc.register.agree import FIRST_HOLDER
from lcc.register.index import ContractIndex
from lcc.register.keys import Key
from lcc.register.register import Register, make_table
from lcc.register.settle import frame_records

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["KEYS", "REASONS", "Join", "join_payments"]

KEYS = (
    "number-and-lot",
    "number",
    "published-number",
    "normalised",
    "without-lot",
    "order",
    "supplier",
)
"""What may join a line to a contract, from the strictest to the loosest."""

REASONS = ("no-number", "not-in-register", "several-contracts")
"""Why a line is joined to none."""

FOR_OTHERS = "central-body"
"""Role of a buyer that awards for others. One that coordinates pays its own share: that is its own
spending, whatever the other members pay."""
SIREN_DIGITS = 9

Span = tuple[datetime.date | None, datetime.date | None]
"""First and last day, None where not known."""

NEEDED = ("line_id", "kind", "scope", "buyer_id", "contract", "amount_usable_cents")


@dataclass(frozen=True)
class Join:
    """Payments joined to the contracts of a register.

    Attributes
    ----------
    matched : pandas.DataFrame
        Schema `payment_match`: one row per line joined.
    unmatched : pandas.DataFrame
        Schema `payment_unmatched`: one row per line that is not, with the reason.
    contracts_without_payment : pandas.DataFrame
        Schema `contract_unpaid`.
    summary : pandas.DataFrame
        Schema `payment_join`: lines and cents by key and by reason; they add up to `total_cents`.
    total_cents : int
        Purchases paid, in cents excluding VAT.
    """

    matched: pd.DataFrame
    unmatched: pd.DataFrame
    contracts_without_payment: pd.DataFrame
    summary: pd.DataFrame
    total_cents: int


def join_payments(lines: pd.DataFrame, register: Register, *, by_supplier: bool = False) -> Join:
    """Return which contract each payment was made under, as far as it can be known.

    Only payments that are purchases are joined (`kind` payment, `scope` in). A line is joined by
    its contract number with its lot; by the number as written; by the number as published; by the
    number written differently (`spellings`); by the number but for a lot, where one contract only
    has it; by its purchase order, where other lines of the order name one contract.

    Parameters
    ----------
    lines : pandas.DataFrame
        Lines of `Spending.lines` (schema `line`).
    register : Register
        The contracts.
    by_supplier : bool
        Whether a line without a number may be joined by its supplier (SIREN) and its date, where
        the supplier holds one contract only that runs that day. An inference, labelled `supplier`.

    Raises
    ------
    InputError
        If a column is missing, or what is joined and what is not do not add up.
    """
    missing = [each for each in NEEDED if each not in lines.columns]
    if missing:
        raise InputError(
            "the payment lines lack a column",
            field=", ".join(missing),
            found=", ".join(map(str, lines.columns)),
            expected="the lines of a checked export (`lcc check`)",
        )
    paid = lines.loc[(lines["kind"] == "payment") & (lines["scope"] == "in")]
    records = frame_records(paid)
    contracts = frame_records(register.contracts)
    index = ContractIndex(contracts)
    known: dict[tuple[Any, ...], tuple[str | None, tuple[Key, ...]]] = {}
    found: list[tuple[str | None, tuple[Key, ...]]] = []
    for each in records:
        asked = (each["buyer_id"], each["contract"], each.get("lot"))
        if asked not in known:
            known[asked] = index.find(*asked)
        found.append(known[asked])
    found = _by_order(records, found)
    if by_supplier:
        found = _by_supplier(records, found, register)
    matched, unmatched = _rows(records, found, contracts, register)
    paid_keys = {(each["buyer_id"], each["contract"]) for each in matched}
    total = sum(each["amount_usable_cents"] for each in records)
    summary = _summary(matched, unmatched)
    if sum(each["amount_cents"] for each in summary) != total:
        raise InputError(
            "payments joined and not joined do not add up to the payments",
            found=str(sum(each["amount_cents"] for each in summary)),
            expected=f"{total} cents",
        )
    return Join(
        matched=make_table(matched, "payment_match"),
        unmatched=make_table(unmatched, "payment_unmatched"),
        contracts_without_payment=make_table(_unpaid(contracts, paid_keys), "contract_unpaid"),
        summary=make_table(summary, "payment_join"),
        total_cents=total,
    )


def _by_order(
    records: Sequence[Mapping[str, Any]], found: Sequence[tuple[str | None, tuple[Key, ...]]]
) -> list[tuple[str | None, tuple[Key, ...]]]:
    """Join lines without a number by their order, where its other lines name one contract."""
    orders: dict[tuple[Any, Any], set[Key]] = {}
    for each, (how, keys) in zip(records, found, strict=True):
        if each.get("order") and how is not None:
            orders.setdefault((each["buyer_id"], each["order"]), set()).update(keys)
    joined = []
    for each, (how, keys) in zip(records, found, strict=True):
        named = orders.get((each["buyer_id"], each.get("order")), set())
        if how is not None or keys or each["contract"] or not each.get("order") or not named:
            joined.append((how, keys))
        else:
            joined.append(("order" if len(named) == 1 else None, tuple(sorted(named, key=str))))
    return joined


def _by_supplier(
    records: Sequence[Mapping[str, Any]],
    found: Sequence[tuple[str | None, tuple[Key, ...]]],
    register: Register,
) -> list[tuple[str | None, tuple[Key, ...]]]:
    """Join lines without a number by supplier and day, where one contract only runs that day."""
    longest: dict[Key, int] = {}
    for change in frame_records(register.modifications):
        key = (change["buyer_id"], change["contract"])
        longest[key] = max(longest.get(key, 0), int(change["duration_months"] or 0))
    spans = {
        key: _span(each, longest.get(key, 0))
        for each in frame_records(register.contracts)
        if (key := (each["buyer_id"], each["contract"]))
    }
    held: dict[str, list[Key]] = {}
    for holder in frame_records(register.holders):
        key, siren = (holder["buyer_id"], holder["contract"]), _siren(holder["holder_id"])
        if siren and key in spans and key not in held.setdefault(siren, []):
            held[siren].append(key)
    # A contract that sources give to another firm may be this one's: it leaves the line open.
    disputed: dict[str, list[Key]] = {}
    for named in frame_records(register.candidates):
        key = (named["buyer_id"], named["contract"])
        siren = _siren(named["value"])
        if named["field"] == FIRST_HOLDER and siren and key in spans:
            disputed.setdefault(siren, []).append(key)
    joined = []
    for each, (how, keys) in zip(records, found, strict=True):
        day, siren = each.get("date"), _siren(each.get("supplier_id"))
        if how is not None or keys or each["contract"] or day is None or not siren:
            joined.append((how, keys))
            continue
        sure = held.get(siren, [])
        running = [
            key
            for key in dict.fromkeys([*sure, *disputed.get(siren, ())])
            if _may_run(spans[key], day) and _same_buyer(key[0], each["buyer_id"])
        ]
        # A contract whose dates are not known may run: it is a candidate, never the answer.
        is_one = len(running) == 1 and running[0] in sure and None not in spans[running[0]]
        joined.append(("supplier" if is_one else None, tuple(running)))
    return joined


def _span(contract: Mapping[str, Any], longest_months: int) -> Span:
    """Return first and last day of a contract, modifications included; None for what is unknown."""
    start = contract["start_date"] or contract["notification_date"]
    months = max(int(contract["duration_months"] or 0), longest_months)
    if start is None or months <= 0:
        return start, None
    rank = start.year * 12 + start.month - 1 + months
    if rank // 12 > datetime.MAXYEAR:
        return start, None
    year, month = rank // 12, rank % 12 + 1
    return start, datetime.date(year, month, min(start.day, calendar.monthrange(year, month)[1]))


def _may_run(span: Span, day: datetime.date) -> bool:
    start, end = span
    return (start is None or start <= day) and (end is None or day <= end)


def _same_buyer(one: str | None, other: str | None) -> bool:
    return one is None or other is None or one == other


def _siren(identifier: str | None) -> str:
    text = (identifier or "").replace(" ", "")
    return text[:SIREN_DIGITS] if len(text) >= SIREN_DIGITS and text.isdigit() else ""


def _rows(
    records: Sequence[Mapping[str, Any]],
    found: Sequence[tuple[str | None, tuple[Key, ...]]],
    contracts: Sequence[Mapping[str, Any]],
    register: Register,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the rows of the lines joined, and of those that are not."""
    facts = {(each["buyer_id"], each["contract"]): each for each in contracts}
    roles: dict[Key, dict[str, str | None]] = {}
    for holder in frame_records(register.holders):
        firms = roles.setdefault((holder["buyer_id"], holder["contract"]), {})
        firms.setdefault(_siren(holder["holder_id"]), holder["role"])
    matched: list[dict[str, Any]] = []
    unmatched: list[dict[str, Any]] = []
    for each, (how, keys) in zip(records, found, strict=True):
        common = {"line_id": each["line_id"], "amount_cents": each["amount_usable_cents"]}
        if how is None:
            reason = (
                "several-contracts"
                if keys
                else ("not-in-register" if each["contract"] else "no-number")
            )
            listed = "; ".join(key[1] for key in keys) or None
            row = {"reason": reason, "stated": each["contract"], "candidates": listed}
            unmatched.append(common | row)
            continue
        (key,) = keys
        siren, firms = _siren(each.get("supplier_id")), roles.get(key, {})
        known = {one for one in firms if one}
        matched.append(
            common
            | {
                "buyer_id": key[0],
                "contract": key[1],
                "key": how,
                "role": each.get("role") or (firms.get(siren) if siren else None),
                "supplier_named": siren in known if siren and known else None,
                "nature": _nature(facts[key]),
            }
        )
    return matched, unmatched


def _nature(contract: Mapping[str, Any]) -> str | None:
    """Return what makes a contract no ordinary spending of its buyer."""
    if contract["buyer_role"] == FOR_OTHERS:
        return "for-others"
    return "concession" if contract["kind"] == "concession" else None


def _unpaid(
    contracts: Sequence[Mapping[str, Any]], paid: set[tuple[Any, Any]]
) -> list[dict[str, Any]]:
    """Return the contracts without payment, and what may explain it."""
    parents = {
        (each["buyer_id"], each["framework"])
        for each in contracts
        if each["framework"] and (each["buyer_id"], each["contract"]) in paid
    }
    rows = []
    for each in contracts:
        key = (each["buyer_id"], each["contract"])
        if key not in paid:
            reason = _nature(each) or ("through-subsequents" if key in parents else None)
            rows.append(
                {
                    "buyer_id": key[0],
                    "contract": key[1],
                    "label": each["label"],
                    "amount_eur": each["amount_eur"],
                    "reason": reason,
                }
            )
    return rows


def _summary(
    matched: Sequence[Mapping[str, Any]], unmatched: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    rows = []
    for outcome, table, name, words in (
        ("matched", matched, "key", KEYS),
        ("unmatched", unmatched, "reason", REASONS),
    ):
        for word in words:
            cents = [each["amount_cents"] for each in table if each[name] == word]
            if cents:
                row = {"outcome": outcome, "key": word, "lines": len(cents)}
                rows.append(row | {"amount_cents": sum(cents)})
    return rows
