"""Small registers and ledgers for the tests of quantities; every figure is made up here."""

from __future__ import annotations

import datetime
from typing import Any

import pandas as pd
import pyarrow as pa

from lcc.indicators.book import ContractBook
from lcc.register.register import Register, empty_table
from lcc.tables import schema

__all__ = ["book", "frame", "ledger", "payments", "register"]


def frame(schema_name: str, rows: list[dict[str, Any]], file: str = "test.csv") -> pd.DataFrame:
    """Return rows as a frame of a schema, with file and row, as the readers give it."""
    table = pa.Table.from_pylist(rows, schema=schema(schema_name).arrow())
    made: pd.DataFrame = table.to_pandas(date_as_object=True)
    return made.assign(source_file=file, source_row=range(2, len(rows) + 2))


def register(
    contracts: list[dict[str, Any]] | None = None, clauses: tuple[str, ...] = ()
) -> Register:
    """Return a register of contracts, some of which have a social clause."""
    rows = [{"notification_date": datetime.date(2023, 1, 15)} | each for each in contracts or []]
    tags = [{"contract": each, "tag": "social_clause", "value": True} for each in clauses]
    empty = empty_table
    return Register(
        contracts=pa.Table.from_pylist(rows, schema=schema("contract").arrow()).to_pandas()
        if rows
        else empty("contract"),
        holders=empty("contract_holder"),
        modifications=empty("contract_modification"),
        tags=pa.Table.from_pylist(tags, schema=schema("contract_tag").arrow()).to_pandas(),
        candidates=empty("contract_candidate"),
        problems=empty("register_problem"),
    )


def book(
    contracts: list[dict[str, Any]] | None = None, clauses: tuple[str, ...] = ()
) -> ContractBook:
    """Return the book of such a register."""
    return ContractBook.of(register(contracts, clauses))


def ledger(*rows: tuple[Any, ...]) -> pd.DataFrame:
    """Return a ledger of hours: contract, year, sex, planned, performed, staff."""
    names = ("contract", "year", "sex", "planned_hours", "performed_hours", "staff")
    words = {"F": "women", "H": "men"}
    made = [dict(zip(names, each, strict=False)) for each in rows]
    return frame(
        "insertion_hours",
        [{**each, "sex": words.get(each["sex"])} for each in made],
        "heures.csv",
    )


def payments(*rows: dict[str, Any]) -> pd.DataFrame:
    """Return lines of payments; euros are given, cents are kept."""
    base = {
        "source_file": "mandats.csv",
        "kind": "payment",
        "budget_year": 2024,
        "scope": "in",
        "contract": "M1",
    }
    made = []
    for rank, each in enumerate(rows, 2):
        row = {**base, "line_id": f"mandats.csv#{rank}", "source_row": rank, **each}
        cents = round(100 * row.pop("eur"))
        made.append({**row, "amount_declared_cents": cents, "amount_usable_cents": cents})
    found: pd.DataFrame = pa.Table.from_pylist(made, schema=schema("line").arrow()).to_pandas()
    return found
