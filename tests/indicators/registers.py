"""Small registers written by hand, for tests."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pandas as pd
import pyarrow as pa

from lcc.register.firms import Firms
from lcc.register.register import Register, empty_table
from lcc.tables import schema

Rows = Sequence[Mapping[str, Any]]
BUYER = "24590010100016"


def frame(schema_name: str, rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Return rows as a frame of a schema; columns left out are null."""
    filled = [dict(row) for row in rows]
    if not filled:
        return _empty(schema_name).copy()
    table: pd.DataFrame = pa.Table.from_pylist(
        filled, schema=schema(schema_name).arrow()
    ).to_pandas()
    return table


@cache
def _empty(schema_name: str) -> pd.DataFrame:
    """Return a frame without rows."""
    return empty_table(schema_name)


def day(text: str | None) -> datetime.date | None:
    """Return a day."""
    return None if text is None else datetime.date.fromisoformat(text)


@dataclass
class RegisterMaker:
    """Rows of a register, written one contract at a time."""

    contracts: list[dict[str, Any]] = field(default_factory=list)
    holders: list[dict[str, Any]] = field(default_factory=list)
    modifications: list[dict[str, Any]] = field(default_factory=list)
    tags: list[dict[str, Any]] = field(default_factory=list)
    candidates: list[dict[str, Any]] = field(default_factory=list)

    def add(
        self,
        contract: str,
        *,
        yes: str = "",
        no: str = "",
        held: str = "",
        **facts: Any,
    ) -> None:
        """Add a contract: tags stated yes and no, firms that hold it, fields of its schema."""
        key = {"buyer_id": BUYER, "contract": contract}
        stated = {name: day(v) if name.endswith("_date") else v for name, v in facts.items()}
        self.contracts.append(
            {**key, "kind": "contract", "buyer_role": "own", "source_file": "registre.csv",
             "source_row": len(self.contracts) + 2, **stated}
        )  # fmt: skip
        for value, names in ((True, yes), (False, no)):
            self.tags += [{**key, "tag": name, "value": value} for name in names.split()]
        for rank, firm in enumerate(held.split(), 1):
            role = "contractor" if rank == 1 else "co-contractor"
            self.holders.append(
                {**key, "rank": rank, "role": role, "holder_id": firm, "id_type": "SIRET",
                 "modification": 0}
            )  # fmt: skip

    def subcontract(self, contract: str, firm: str) -> None:
        """Add a subcontractor."""
        self.holders.append(
            {"buyer_id": BUYER, "contract": contract, "rank": 9, "role": "subcontractor",
             "holder_id": firm, "id_type": "SIRET", "modification": 0}
        )  # fmt: skip

    def modify(self, contract: str, number: int, date: str | None, amount: float | None) -> None:
        """Add a modification."""
        self.modifications.append(
            {"buyer_id": BUYER, "contract": contract, "modification": number,
             "notification_date": day(date), "amount_eur": amount}
        )  # fmt: skip

    def disagree(self, contract: str, name: str, *values: str) -> None:
        """Add the values on which sources disagree."""
        self.candidates += [
            {"buyer_id": BUYER, "contract": contract, "field": name, "value": value,
             "source_file": f"source{rank}.csv", "source_row": 2}
            for rank, value in enumerate(values, 1)
        ]  # fmt: skip

    def dispute(self, contract: str, *lists: Sequence[str]) -> None:
        """Add the holders that some sources name and others do not: a list per source."""
        self.candidates += [
            {"buyer_id": BUYER, "contract": contract, "field": "holder_id", "value": firm,
             "source_file": f"source{rank}.csv", "source_row": 2, "source_rank": rank}
            for rank, firms in enumerate(lists)
            for firm in firms
        ]  # fmt: skip

    def make(self) -> Register:
        """Return the register."""
        return Register(
            contracts=frame("contract", self.contracts),
            holders=frame("contract_holder", self.holders),
            modifications=frame("contract_modification", self.modifications),
            tags=frame("contract_tag", self.tags),
            candidates=frame("contract_candidate", self.candidates),
            problems=frame("register_problem", []),
        )


def known_firms(facts: Mapping[str, Mapping[str, Any]]) -> Firms:
    """Return firms that a test states: SIRET → facts."""
    rows = [{"siret": siret, "siren": siret[:9], **each} for siret, each in facts.items()]
    return Firms(frame("firm", rows))
