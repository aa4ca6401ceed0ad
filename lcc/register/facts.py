"""What the register knows of a contract that the law of a day asks for; nothing is completed."""

from __future__ import annotations

from datetime import date
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import pandas as pd

from lcc.errors import FieldError
from lcc.law.judge import ContractFacts, purchase_of_cpv
from lcc.register.decp.judge import judge_amount

if TYPE_CHECKING:
    from lcc.register.register import Register

__all__ = ["contract_facts", "find_contract"]

NAMES_SHOWN = 5


def find_contract(register: Register, contract: str, buyer_id: str | None = None) -> pd.Series:
    """Return the row of a contract.

    Parameters
    ----------
    register : Register
        Contracts.
    contract : str
        Number of the contract at its buyer.
    buyer_id : str, optional
        SIRET of the buyer, where several have a contract of this number.

    Raises
    ------
    FieldError
        If no contract has this number, or those of several buyers do.
    """
    rows = register.contracts[register.contracts["contract"] == contract]
    buyers = ", ".join(rows["buyer_id"].fillna("?").map(str))
    if buyer_id is not None and len(rows):
        rows = rows[rows["buyer_id"] == buyer_id]
        if not len(rows):
            raise FieldError(
                "this buyer has no contract of this number",
                field="buyer",
                found=f"{buyer_id}, contract {contract}",
                expected=buyers,
            )
    if len(rows) == 1:
        return rows.iloc[0]
    if len(rows):
        raise FieldError(
            "several buyers have a contract of this number",
            field="contract",
            found=f"{contract}: {buyers}",
            expected="the buyer's SIRET besides",
        )
    known = register.contracts["contract"].dropna().map(str)
    near = sorted(each for each in known if contract[:4] and each.startswith(contract[:4]))
    near = near or get_close_matches(contract, list(known), n=NAMES_SHOWN)
    raise FieldError(
        "the register has no contract of this number",
        field="contract",
        found=contract,
        expected=f"one of its {len(known)} contracts"
        + (f", such as {', '.join(near[:NAMES_SHOWN])}" if near else ""),
    )


def contract_facts(
    register: Register,
    contract: str,
    *,
    buyer_id: str | None = None,
    buyer_kind: str | None = "local-authority",
) -> ContractFacts:
    """Return what is known of a contract, for `lcc.law.judge.judge_contract`.

    The need is the sum of the lots that the register holds of the same consultation; without a
    consultation, the amount of the contract is its least value, and other lots may come on top. A
    subsequent contract has the launch, the award and the need of its framework agreement, unknown
    where the register does not hold it. Amounts are those at notification: what was estimated at
    launch is in no register. An amount that cannot be one (nought, one euro, a filler) is unknown.

    Parameters
    ----------
    register : Register
        Contracts, settled: a field on which sources disagree is null, so unknown.
    contract : str
        Number of the contract.
    buyer_id : str, optional
        SIRET of its buyer.
    buyer_kind : {"local-authority", "contracting-entity", "state"}, optional
        What the buyer is for this contract; None where that is not known.

    Raises
    ------
    FieldError
        If the contract is not in the register, or several buyers have it.
    """
    row = find_contract(register, contract, buyer_id)
    kind = _text(row["kind"])
    source: pd.Series | None = row
    if kind == "subsequent":
        source = _framework_of(register, row)
    low, high = (None, None) if source is None else _need(register, source)
    return ContractFacts(
        kind=kind,
        purchase=purchase_of_cpv(_text(row["cpv"])),
        amount_eur=_amount(row["amount_eur"]),
        need_low_eur=low,
        need_high_eur=high,
        launch_date=None if source is None else _day(source["launch_date"]),
        notification_date=_day(row["notification_date"]),
        awarded_date=None if source is None else _day(source["notification_date"]),
        buyer_kind=buyer_kind,
    )


def _framework_of(register: Register, row: pd.Series) -> pd.Series | None:
    """Return the framework agreement of a subsequent contract, where the register holds it."""
    name = _text(row["framework"])
    rows = _of_buyer(register.contracts, row["buyer_id"])
    rows = rows[rows["contract"] == name] if name else rows.iloc[:0]
    return rows.iloc[0] if len(rows) == 1 else None


def _need(register: Register, row: pd.Series) -> tuple[float | None, float | None]:
    """Return the bounds of the need that a contract is part of, in euros excl. VAT."""
    consultation = _text(row["consultation"])
    if consultation is None:
        return _amount(row["amount_eur"]), None
    rows = _of_buyer(register.contracts, row["buyer_id"])
    lots = rows[(rows["consultation"] == consultation) & (rows["kind"] != "subsequent")]
    amounts = pd.Series([_amount(each) for each in lots["amount_eur"]], dtype=float)
    if amounts.isna().all():
        return None, None
    total = float(amounts.sum())
    return total, None if amounts.isna().any() else total


def _of_buyer(contracts: pd.DataFrame, buyer_id: Any) -> pd.DataFrame:
    """Return the contracts of a buyer; a buyer that is not stated is one of its own."""
    known = contracts["buyer_id"]
    return contracts[known.isna() if _text(buyer_id) is None else known == buyer_id]


def _text(value: Any) -> str | None:
    """Return a cell as text; None where it is empty."""
    return None if value is None or pd.isna(value) or value == "" else str(value)


def _number(value: Any) -> float | None:
    """Return a cell as a number; None where it is empty."""
    return None if value is None or pd.isna(value) else float(value)


def _amount(value: Any) -> float | None:
    """Return an amount; None where none is stated, or one that fills a field."""
    amount = _number(value)
    return None if amount is None or judge_amount(amount, None) is not None else amount


def _day(value: Any) -> date | None:
    """Return a cell as a day; None where it is empty."""
    return None if value is None or pd.isna(value) else pd.Timestamp(value).date()
