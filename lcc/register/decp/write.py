"""The register as essential data of the layout of 2022: `write_decp`."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lcc.files import write_text
from lcc.reading.edited import write_edited
from lcc.register.decp.encode import Gap, encode_contract
from lcc.register.decp.fields import CONCESSION, CONTRACT
from lcc.register.decp.gather import gather_contracts, object_of
from lcc.register.register import Register, make_table
from lcc.register.settle import frame_records

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["REFUSALS", "Export", "build_export", "write_decp"]

REFUSALS = ".refus.csv"


@dataclass(frozen=True)
class Export:
    """What an export holds, and what it refuses.

    Attributes
    ----------
    document : dict
        The file's content: `{"marches": {"marche": […], "contrat-concession": […]}}`.
    written : int
        Contracts in it.
    refused : int
        Contracts that lack something and are not in it.
    refusals : pandas.DataFrame
        Schema `decp_refusal`: each thing that is missing or does not fit, by contract and field.
    """

    document: dict[str, Any]
    written: int
    refused: int
    refusals: pd.DataFrame


def build_export(register: Register, *, published_on: datetime.date | None = None) -> Export:
    """Return the essential data of a register, in the layout of 2022.

    A contract that lacks a field the format requires, or holds a value it does not allow, is not
    written; it is never completed. Contracts stand in the order of buyer and number.

    Parameters
    ----------
    register : Register
    published_on : datetime.date, optional
        Day of this publication, for contracts, modifications, acts and yearly data of which none is
        stated. Without it they are refused.
    """
    listed: dict[str, list[dict[str, Any]]] = {CONTRACT: [], CONCESSION: []}
    refusals: list[dict[str, Any]] = []
    refused = 0
    for facts in sorted(gather_contracts(register), key=_order):
        record, gaps = encode_contract(facts, published_on=published_on)
        refusals += [_refusal(facts, gap) for gap in gaps]
        if any(gap.refuses for gap in gaps):
            refused += 1
        else:
            listed[object_of(facts)].append(record)
    held = {name: records for name, records in listed.items() if records} or {CONTRACT: []}
    return Export(
        document={"marches": held},
        written=sum(map(len, listed.values())),
        refused=refused,
        refusals=make_table(refusals, "decp_refusal"),
    )


def write_decp(
    register: Register, path: Path | str, *, published_on: datetime.date | None = None
) -> Export:
    """Write the essential data of a register (JSON, layout of 2022), and what is refused beside it.

    `NAME.json` has the same bytes for the same register; `NAME.refus.csv` lists, in French, the
    contracts that are not written and the fields they lack.

    Parameters
    ----------
    register : Register
    path : path
        File to write.
    published_on : datetime.date, optional
        Day of this publication (see `build_export`).

    Raises
    ------
    OutputError
        If a file cannot be written.
    """
    target = Path(path)
    export = build_export(register, published_on=published_on)
    text = json.dumps(export.document, ensure_ascii=False, indent=1, allow_nan=False)
    write_text(target, f"{text}\n")
    refusals = frame_records(export.refusals)
    write_edited(refusals, "decp_refusal", target.with_name(f"{target.stem}{REFUSALS}"))
    return export


def _order(facts: Mapping[str, Any]) -> tuple[str, str, str]:
    return object_of(facts), facts["buyer_id"] or "", facts["contract"]


def _refusal(facts: Mapping[str, Any], gap: Gap) -> dict[str, Any]:
    return {
        "buyer_id": facts["buyer_id"],
        "contract": facts["contract"],
        "label": facts["label"],
        "field": gap.field,
        "column": gap.column,
        "reason": gap.reason,
        "found": gap.found,
        "expected": gap.expected,
        "effect": "contract-refused" if gap.refuses else "part-left-out",
        "source_file": facts["source_file"],
        "source_row": facts["source_row"],
    }
