"""Contracts of a file of essential data, as its records state them: `read_decp`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lcc.errors import InputError
from lcc.register.decp.decode import Record, decode_record
from lcc.register.decp.judge import judge_record
from lcc.register.decp.repeats import PARTS, SCALARS_APART, join_repeats
from lcc.register.decp.values import Notes, Problem
from lcc.register.register import TABLES, Stated, make_table
from lcc.spending.sources import decp_json, decp_xml
from lcc.spending.sources.decp_record import (
    NumberReader,
    is_contract,
    record_text,
    written_amounts,
)

__all__ = ["firm_key", "is_decp", "open_records", "read_decp"]

HEAD_BYTES = 65_536
SHOWN = 200
SEPARATOR = "; "


def is_decp(path: Path | str) -> bool:
    """Whether a file begins like essential data in JSON or XML."""
    with Path(path).open("rb") as stream:
        head = stream.read(HEAD_BYTES)
    return decp_json.sniff(Path(path), head) or decp_xml.sniff(Path(path), head)


def open_records(path: Path | str) -> Iterator[Any]:
    """Yield the records of a file as objects, in order, XML ones as JSON would hold them.

    Raises
    ------
    InputError
        If the file is neither JSON nor XML of the essential data, or cannot be read to its end.
    """
    path = Path(path)
    try:
        with path.open("rb") as stream:
            head = stream.read(HEAD_BYTES)
    except OSError as error:
        raise InputError(
            "the file cannot be opened", file=path.name, found=error.strerror or str(error)
        ) from error
    source: decp_json.DecpJson | decp_xml.DecpXml
    if decp_json.sniff(path, head):
        source = decp_json.DecpJson(path)
    elif decp_xml.sniff(path, head):
        source = decp_xml.DecpXml(path)
    else:
        raise InputError(
            "this is no essential data of public contracts",
            file=path.name,
            found=head[:40].decode("utf-8", "replace"),
            expected="JSON or XML of the DECP, layout of 2019 or 2022",
            remedy="give a DECP file; a register kept in a table is read by its headers",
        )
    for record, _ in source.records():
        yield record


def read_decp(path: Path | str) -> Stated:
    """Return what a file of essential data states of its contracts, nothing lost.

    JSON and XML of the layouts of 2019 and 2022 are told apart record by record. Every field of
    the format goes to a column (table `decp_fields`). What is wrong is a row of `problems`: what
    cannot be read is null, its text being in the problem; what can be read is kept as stated.
    Records that are one contract are joined; different contracts under one number are kept apart,
    under numbers of ours. Where records of one contract disagree, `contracts` holds one row for
    each state, so that settling tells both values.

    Parameters
    ----------
    path : path
        The file.

    Raises
    ------
    InputError
        If the file cannot be read to its end, holds something else, or no contract at all.
    """
    path = Path(path)
    listed = list(open_records(path))
    if not listed:
        raise InputError(
            "the file lists no contract",
            file=path.name,
            found="an empty list",
            expected="at least one contract",
            remedy="export the file again, or leave it out",
        )
    read_number = NumberReader(lambda: written_amounts(listed))
    builder = _Builder(path.name)
    records = []
    for row, each in enumerate(listed, start=1):
        if is_contract(each):
            records.append(decode_record(each, row, read_number))
            judge_record(records[-1].facts, records[-1].notes)
        else:
            text = record_text(each)[:SHOWN]
            notes = Notes()
            notes.add("record-not-a-contract", None, text)
            builder.add_problem(notes.problems[0], {}, row)
    unknown = Counter(name for each in records for name in set(each.notes.unknown_fields))
    for record in join_repeats(records):
        builder.add_record(record)
    for name, count in sorted(unknown.items()):
        notes = Notes()
        notes.add("field-not-in-format", name, f"{count} enregistrement(s)")
        builder.add_problem(notes.problems[0], {}, None)
    return builder.stated()


def firm_key(holder: Mapping[str, Any]) -> str:
    """Return a firm as `TYPE:identifier`, the type being empty where it is not stated."""
    return f"{holder.get('id_type') or ''}:{holder.get('holder_id') or ''}"


class _Builder:
    """Gathers rows of a source's tables from nested records."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.rows: dict[str, list[dict[str, Any]]] = {name: [] for name in TABLES}

    def stated(self) -> Stated:
        """Return the tables."""
        frames = {name: make_table(rows, TABLES[name]) for name, rows in self.rows.items()}
        return Stated(**frames)

    def add_record(self, record: Record) -> None:
        """Add all rows of one contract."""
        facts = record.facts
        key = {"buyer_id": facts.get("buyer_id"), "contract": facts["contract"]}
        common = {**key, **self._source(record.row)}
        for state in (record, *facts.get("states", ())):
            self._add_state(state, key)
        self._add_holders(facts, common)
        for each in facts["modifications"]:
            firms = SEPARATOR.join(firm_key(holder) for holder in each.get("holders", ()))
            row = {name: value for name, value in each.items() if name not in PARTS}
            self.rows["modifications"].append({**common, **row, "holders": firms or None})
        self._add_subcontracts(facts, common)
        for rank, year in enumerate(facts.get("executions", ()), start=1):
            shared = {name: value for name, value in year.items() if name != "prices"}
            prices = year["prices"] or [{}]
            for place, price in enumerate(prices, start=1):
                ranks = {"year_rank": rank, "price_rank": place if price else None}
                self.rows["executions"].append({**common, **shared, **ranks, **price})
        for problem in record.notes.problems:
            self.add_problem(problem, key, record.row)

    def _add_state(self, record: Record, key: Mapping[str, Any]) -> None:
        source = self._source(record.row)
        columns = {name: v for name, v in record.facts.items() if name not in SCALARS_APART}
        self.rows["contracts"].append({**columns, **key, "layout": record.layout, **source})
        for tag, value in record.facts["tags"].items():
            self.rows["tags"].append({**key, "tag": tag, "value": value, **source})

    def _add_holders(self, facts: Mapping[str, Any], common: Mapping[str, Any]) -> None:
        """Add the firms: those of the start, those a modification brings, the subcontractors."""
        several = len(facts["holders"]) > 1
        rows = [
            (each, "co-contractor" if several else "contractor", 0) for each in facts["holders"]
        ]
        known = {firm_key(each) for each in facts["holders"]}
        for change in facts["modifications"]:
            listed = change.get("holders", ())
            role = "co-contractor" if len(listed) > 1 else "contractor"
            for each in listed:
                if firm_key(each) not in known:
                    known.add(firm_key(each))
                    rows.append((each, role, change["modification"]))
        seen: set[str] = set()
        for each in facts.get("subcontracts", ()):
            if firm_key(each) not in seen and each.get("holder_id") is not None:
                seen.add(firm_key(each))
                rows.append((each, "subcontractor", 0))
        for rank, (each, role, modification) in enumerate(rows, start=1):
            firm = {name: each.get(name) for name in ("holder_id", "id_type", "name")}
            place = {"rank": rank, "role": role, "modification": modification}
            self.rows["holders"].append({**common, **firm, **place})

    def _add_subcontracts(self, facts: Mapping[str, Any], common: Mapping[str, Any]) -> None:
        ranks: Counter[int | None] = Counter()
        for each in facts.get("subcontracts", ()):
            self.rows["subcontracts"].append({**common, **each, "change": 0})
        for each in facts.get("changes", ()):
            ranks[each.get("act")] += 1
            change = {"change": ranks[each.get("act")]}
            self.rows["subcontracts"].append({**common, **each, **change})

    def add_problem(self, problem: Problem, key: Mapping[str, Any], row: int | None) -> None:
        """Add one problem of a record, or of the file where no row is named."""
        self.rows["problems"].append(
            {
                "code": problem.code,
                **key,
                "field": problem.field,
                "found": problem.found,
                "expected": problem.expected,
                "remedy": problem.remedy,
                **self._source(row),
            }
        )

    def _source(self, row: int | None) -> dict[str, Any]:
        return {"source_file": self.file, "source_row": row}
