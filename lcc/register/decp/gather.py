"""Contracts of a register as nested rows, as a record of the essential data holds them."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping
from typing import Any

from lcc.register.decp.fields import CONCESSION, CONTRACT
from lcc.register.register import Register
from lcc.register.settle import frame_records

__all__ = ["gather_contracts", "object_of"]

Key = tuple[str | None, str]
Rows = list[dict[str, Any]]
BETWEEN_FIRMS = re.compile("; (?=[A-Z-]*:)")
"""A foreign identifier may hold a semicolon of its own."""
SOURCE = ("buyer_id", "contract", "source_file", "source_row")


def object_of(facts: Mapping[str, Any]) -> str:
    """Return which kind of record states a contract."""
    return CONCESSION if facts.get("kind") == "concession" else CONTRACT


def gather_contracts(register: Register) -> Iterator[dict[str, Any]]:
    """Yield each contract with its lists, in the order of the register.

    The columns of schema `contract`, and `tags` (tag → yes or no), `holders`, `modifications` (each
    with `holders`), `subcontracts`, `changes`, `executions` (each with `prices`), as
    `lcc.register.decp.decode.Record` holds them; `unplaced` are the subcontractors that no act
    names. Rows that two sources state alike are one.
    """
    holders = _by_contract(frame_records(register.holders))
    modifications = _by_contract(frame_records(register.modifications))
    tags = _by_contract(frame_records(register.tags))
    acts = _by_contract(frame_records(register.subcontracts))
    executions = _by_contract(frame_records(register.executions))
    for facts in frame_records(register.contracts):
        key = (facts["buyer_id"], facts["contract"])
        firms = holders.get(key, [])
        subcontracts = _distinct(each for each in acts.get(key, []))
        named = {each["holder_id"] for each in subcontracts}
        yield {
            **facts,
            "tags": {each["tag"]: bool(each["value"]) for each in tags.get(key, [])},
            "holders": _distinct(each for each in firms if _is_first(each)),
            "modifications": [
                {**each, "holders": _firms(each["holders"])}
                for each in sorted(modifications.get(key, []), key=_number)
            ],
            "subcontracts": [each for each in subcontracts if not each["change"]],
            "changes": [each for each in subcontracts if each["change"]],
            "executions": _years(executions.get(key, [])),
            "unplaced": [
                each
                for each in firms
                if each["role"] == "subcontractor" and each["holder_id"] not in named
            ],
        }


def _by_contract(rows: Rows) -> Mapping[Key, Rows]:
    found: dict[Key, Rows] = {}
    for row in rows:
        found.setdefault((row["buyer_id"], row["contract"]), []).append(row)
    return found


def _is_first(holder: Mapping[str, Any]) -> bool:
    """Whether a firm holds the contract from the start."""
    return holder["role"] != "subcontractor" and not holder["modification"]


def _number(row: Mapping[str, Any]) -> int:
    return row["modification"] or 0


def _distinct(rows: Iterator[dict[str, Any]]) -> Rows:
    """Return rows without those that only their source, or rank, tells from another."""
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in rows:
        told = tuple(value for name, value in row.items() if name not in (*SOURCE, "rank"))
        found.setdefault(told, row)
    return list(found.values())


def _firms(text: str | None) -> Rows:
    """Return the firms that a modification lists as `TYPE:identifier`."""
    parts = [each.partition(":") for each in BETWEEN_FIRMS.split(text or "") if each]
    return [{"id_type": kind or None, "holder_id": firm or None} for kind, _, firm in parts]


def _years(rows: Rows) -> Rows:
    """Return the yearly data of a concession, each with its prices.

    A year that two sources state alike is one, whatever its rank in each: a file may list all
    years, or the last alone. Years of several sources stand in the order of their publication.
    """
    sources: dict[Any, dict[Any, dict[str, Any]]] = {}
    for row in rows:
        years = sources.setdefault((row["source_file"], row["source_row"]), {})
        told = (row["year_rank"], row["publication_date"], row["investment_eur"])
        year = years.setdefault(told, {**row, "prices": []})
        if row["price_rank"] is not None:
            year["prices"].append(row)
    kept: Rows = []
    known: set[Any] = set()
    for years in sources.values():
        told_here = {rank: _content(year) for rank, year in years.items()}
        kept += [year for rank, year in years.items() if told_here[rank] not in known]
        known |= set(told_here.values())
    if len(sources) > 1:
        kept.sort(key=lambda year: year["publication_date"] or datetime.date.max)
    return kept


def _content(year: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return what a year says, but for its place."""
    prices = tuple((each["price_label"], each["price_eur"]) for each in year["prices"])
    return year["publication_date"], year["investment_eur"], prices
