"""The buyer's own register of contracts and tables of tags: read row by row, nothing guessed.

A register of two thousand rows is not refused for one bad date: a cell that does not fit is
unknown and listed as a problem; a row without the number of its contract is set aside.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from lcc.errors import FieldError, InputError
from lcc.reading.cells import read_cell
from lcc.reading.dialect import date_reader, guess_decimal, normalise_text
from lcc.reading.rows import read_rows
from lcc.register.headers import REGISTER_FIELDS, Columns, match_columns, register_fields
from lcc.register.numbers import lot_number, split_lot, with_lot
from lcc.register.problems import expected_of, problem_row
from lcc.register.register import Stated, make_table, tag_names
from lcc.spending.identifiers import judge_siret
from lcc.spending.mapping import ColumnMapping, load_mapping
from lcc.tables import schema

__all__ = [
    "MappingSource",
    "read_own_register",
    "read_register_table",
    "read_register_tables",
    "read_tags",
    "register_mapping",
]

MAKES_A_REGISTER = (
    "kind",
    "launch_date",
    "notification_date",
    "start_date",
    "consultation",
    "holder_id",
    "holder_name",
    "firm_months",
    "renewals",
)
"""A table that states one of these is a register; one that has tags and none of them has tags only
and adds no contract."""

SIRET_DIGITS = 14
TOTAL = re.compile(r"(sous )?tota(l|ux)\b(?!.*\d)")
"""What stands in the column of numbers on a row that sums others up: no contract."""

SEPARATED = re.compile(r"[,;|\n]+")
KEPT = ("buyer_id", "contract", "source_file", "source_row")
NOT_OF_REGISTERS = ("kind", "nomenclature", "budgets", "format")

MappingSource = ColumnMapping | Mapping[str, Any] | str | Path | None


def register_mapping(source: MappingSource) -> ColumnMapping:
    """Return the mapping of a register's own headers, from a TOML file or its content.

    `[columns]`, `[constants]` and `[values.FIELD]` take fields of `contract`, `register_row` and
    tags; `[file]` takes `header_row`, `decimal`, `dates`, `encoding`, `delimiter` and `sheet`.

    Raises
    ------
    InputError
        If the file cannot be read.
    FieldError
        If it holds a key, field or value that does not exist, or one of payments only.
    """
    mapping = load_mapping(source, fields=REGISTER_FIELDS)
    for name in NOT_OF_REGISTERS:
        if getattr(mapping, name):
            raise FieldError(
                f"{name} has no meaning for a register of contracts",
                file=mapping.name,
                field=name,
                found=str(getattr(mapping, name)),
                expected="a mapping of a register: [columns], [constants], [values], [file]",
            )
    return mapping


def read_register_table(path: Path | str, mapping: MappingSource = None) -> Stated:
    """Return what a table states, whether it is a register of contracts or a table of tags.

    Parameters
    ----------
    path : path
        CSV or XLSX.
    mapping : ColumnMapping, mapping, path or None
        Mapping of its own headers (see `register_mapping`).

    Raises
    ------
    InputError
        If it cannot be read, is neither, or lacks a column that the mapping names.
    """
    return read_register_tables([path], mapping)[0]


def read_register_tables(
    paths: Sequence[Path | str], mapping: MappingSource = None
) -> list[Stated]:
    """Return what each of some tables states, under one mapping.

    Raises
    ------
    InputError
        As `read_register_table`; a column that the mapping names must stand in one table at least.
    """
    form = register_mapping(mapping)
    readers = [_Reader(Path(each), form) for each in paths]
    if readers:
        found = frozenset[str]().union(*(each.columns.mapped for each in readers))
        readers[0].refuse_missing([each for each in form.columns if each not in found])
    return [each.read(None) for each in readers]


def read_own_register(path: Path | str, mapping: MappingSource = None) -> Stated:
    """Return what the buyer's own register states (see `read_register_table`).

    Raises
    ------
    InputError
        If it cannot be read, states no contracts, or lacks a column that the mapping names.
    """
    return _read_as("register", path, mapping)


def read_tags(path: Path | str, mapping: MappingSource = None) -> Stated:
    """Return the tags of a wide table, one column per tag; other columns are not used.

    An empty cell is unknown, never « no »; a cell that is neither yes nor no is a problem, and
    unknown.

    Raises
    ------
    InputError
        If it cannot be read, has no column of a tag, or lacks one that the mapping names.
    """
    return _read_as("tags", path, mapping)


def _read_as(wanted: str, path: Path | str, mapping: MappingSource) -> Stated:
    form = register_mapping(mapping)
    reader = _Reader(Path(path), form)
    reader.refuse_missing([each for each in form.columns if each not in reader.columns.mapped])
    return reader.read(wanted)


class _Reader:
    """Reads one table."""

    def __init__(self, path: Path, mapping: ColumnMapping) -> None:
        self.file = path.name
        self.mapping = mapping
        rows = read_rows(
            path, encoding=mapping.encoding, delimiter=mapping.delimiter, sheet=mapping.sheet
        )
        if not any(each.strip() for _, cells in rows for each in cells):
            raise InputError(
                "the table is empty", file=self.file, expected="a header and rows of contracts"
            )
        self.columns: Columns = match_columns(rows, mapping, self.file)
        self.rows = [
            (number, cells)
            for number, cells in rows
            if number > self.columns.header_row and any(each.strip() for each in cells)
        ]
        self.dates = date_reader(mapping.dates)
        self.decimal = mapping.decimal or self._decimal()
        self.problems: list[dict[str, Any]] = []
        self.wrong_buyers: set[str] = set()

    def read(self, wanted: str | None) -> Stated:
        """Return what the table states."""
        columns = self.columns
        is_register = any(each in columns.ranks for each in MAKES_A_REGISTER)
        if wanted != "tags" and not is_register and (wanted == "register" or not columns.tags):
            raise self._refuse(
                "the table is neither a register of contracts nor a table of tags"
                if wanted is None
                else "the table is no register of contracts",
                "Type de contrat, Date de notification, SIRET du titulaire",
            )
        if wanted == "tags" and not columns.tags:
            raise self._refuse("the table has no column of a tag", "Clause sociale, Marché réservé")
        if columns.unused:
            self._note("column-not-used", None, columns.header_row, found=", ".join(columns.unused))
        read = [self._record(row, cells) for row, cells in self.rows]
        records = [each for each in read if each is not None]
        _complete_lots(records, self.problems, self.file)
        tags = self._tags(records)
        if wanted == "tags" or not is_register:
            records = []
        return Stated(
            contracts=make_table([_contract(each) for each in records], "contract"),
            holders=make_table(self._holders(records), "contract_holder"),
            modifications=make_table([], "contract_modification"),
            tags=make_table(tags, "contract_tag"),
            problems=make_table(self.problems, "register_problem"),
        )

    def refuse_missing(self, missing: Sequence[str]) -> None:
        """Raise where fields that the mapping maps have no column."""
        if missing:
            raise InputError(
                "the table lacks a column that the mapping names",
                file=self.file,
                rows=[self.columns.header_row],
                field=", ".join(missing),
                found=", ".join([*self.columns.titles.values(), *self.columns.unused]),
                expected=", ".join(self.mapping.columns[missing[0]]),
                remedy=f"correct {self.mapping.name}, or the header",
            )

    def _refuse(self, problem: str, expected: str) -> InputError:
        return InputError(
            problem,
            file=self.file,
            rows=[self.columns.header_row],
            found=", ".join([*self.columns.titles.values(), *self.columns.unused]),
            expected=f"columns such as {expected}",
            remedy="name its columns in a mapping file (--mapping; `lcc mapping FILE --register` "
            "drafts one), or give another file",
        )

    def _decimal(self) -> str | None:
        """Return the decimal mark that the numbers of the table show."""
        ranks = [
            rank
            for field, rank in self.columns.ranks.items()
            if register_fields()[field].type == "number"
        ]
        return guess_decimal(
            cells[rank] for _, cells in self.rows for rank in ranks if rank < len(cells)
        )

    def _note(
        self,
        code: str,
        record: Mapping[str, Any] | None,
        row: int,
        *,
        field: str | None = None,
        found: object = None,
        expected: str | None = None,
    ) -> None:
        key = (record.get("buyer_id"), record.get("contract")) if record else (None, None)
        self.problems.append(
            problem_row(
                code, key=key, field=field, found=found, source=(self.file, row), expected=expected
            )
        )

    def _record(self, row: int, cells: list[str]) -> dict[str, Any] | None:
        """Return what a row states; None where it is set aside."""
        if beyond := [each.strip() for each in cells[self.columns.width :] if each.strip()]:
            # A text that holds the delimiter moves all that follows it to other columns.
            self._note(
                "row-too-wide",
                None,
                row,
                found=", ".join(beyond),
                expected=f"{self.columns.width} cellules",
            )
            return None
        texts = {
            field: cells[rank].strip() if rank < len(cells) else ""
            for field, rank in self.columns.ranks.items()
        }
        for field, value in self.mapping.constants.items():
            texts[field] = texts.get(field) or value
        for field, words in self.mapping.values.items():
            texts[field] = words.get(texts.get(field, ""), texts.get(field, ""))
        number = texts.get("contract", "").removeprefix("'").strip()
        if not number or TOTAL.match(normalise_text(number)):
            shown = "; ".join(each for each in texts.values() if each)
            self._note("contract-number-missing", None, row, field="contract", found=shown)
            return None
        record: dict[str, Any] = {
            "contract": number,
            "buyer_id": texts.get("buyer_id") or None,
            "source_file": self.file,
            "source_row": row,
        }
        for field, text in texts.items():
            if field not in ("contract", "buyer_id") and text:
                record[field] = self._cell(record, row, field, text)
        if record["buyer_id"]:
            record["buyer_id"] = self._identifier(record, row, "buyer_id", record["buyer_id"])
        return record

    def _cell(self, record: Mapping[str, Any], row: int, field: str, text: str) -> Any:
        """Return the value of a cell, None where it does not fit."""
        form = register_fields()[field]
        try:
            if form.type == "date":
                text = self.dates(text)
                if self.mapping.dates and not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
                    raise ValueError(text)
            return read_cell(text, form, self.decimal)
        except ValueError:
            code = "tag-outside-enumeration" if field in tag_names() else "cell-unreadable"
            expected = expected_of(form)
            if form.type == "date" and self.mapping.dates:
                expected = f"une date écrite {self.mapping.dates}"
            self._note(code, record, row, field=field, found=text, expected=expected)
            return None

    def _identifier(self, record: Mapping[str, Any], row: int, field: str, text: str) -> str:
        """Return a SIRET without spaces; one that is none stays as written, and is listed."""
        if (siret := _valid_siret(text)) is not None:
            return siret
        # One buyer stands on every row of its register: its number is listed once.
        if field != "buyer_id" or text not in self.wrong_buyers:
            expected = f"SIRET de {SIRET_DIGITS} chiffres, clé juste"
            self._note(
                "identifier-invalid", record, row, field=field, found=text, expected=expected
            )
        if field == "buyer_id":
            self.wrong_buyers.add(text)
        return text

    def _tags(self, records: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [
            {**{name: each[name] for name in KEPT}, "tag": tag, "value": each[tag]}
            for each in records
            for tag in tag_names()
            if each.get(tag) is not None
        ]

    def _holders(self, records: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return the firms of each contract: contractor, then co-contractors, subcontractors."""
        found = []
        for record in records:
            firms: list[tuple[str, str | None, str | None]] = []
            if record.get("holder_id") or record.get("holder_name"):
                firms.append(("contractor", record.get("holder_id"), record.get("holder_name")))
            for role, field in (
                ("co-contractor", "co_holder_ids"),
                ("subcontractor", "subcontractor_ids"),
            ):
                texts = [each.strip() for each in SEPARATED.split(record.get(field) or "")]
                firms += [(role, each, None) for each in texts if each]
            row = record["source_row"]
            for rank, (role, stated, name) in enumerate(firms, 1):
                field = {"contractor": "holder_id", "co-contractor": "co_holder_ids"}.get(
                    role, "subcontractor_ids"
                )
                identifier = self._identifier(record, row, field, stated) if stated else None
                is_siret = identifier is not None and len(identifier) == SIRET_DIGITS
                found.append(
                    {
                        **{key: record[key] for key in KEPT},
                        "rank": rank,
                        "role": role,
                        "holder_id": identifier,
                        "id_type": "SIRET" if is_siret else None,
                        "name": name,
                        "modification": 0,
                    }
                )
        return found


@lru_cache(maxsize=65_536)
def _valid_siret(text: str) -> str | None:
    """Return a SIRET without spaces; None where it is none. One firm stands on many rows."""
    judged = judge_siret([text]).to_pylist()[0]
    return str(judged["id"]) if judged["verdict"] == "valid" else None


def _contract(record: Mapping[str, Any]) -> dict[str, Any]:
    return {name: record.get(name) for name in schema("contract").names}


def _complete_lots(
    records: list[dict[str, Any]], problems: list[dict[str, Any]], file: str
) -> None:
    """Complete by its lot a number that several lots share: each lot is a contract."""
    shared: dict[tuple[str | None, str], list[dict[str, Any]]] = {}
    for each in records:
        shared.setdefault((each["buyer_id"], each["contract"]), []).append(each)
    for (buyer, number), group in shared.items():
        lots = {lot_number(each["lot"]) for each in group if each.get("lot")}
        if len(lots) < 2 or split_lot(number)[1] in lots:
            continue
        for each in group:
            if each.get("lot"):
                each["contract"] = with_lot(number, each["lot"])
                each["published_number"], each["number_made"] = number, True
        problems.append(
            problem_row(
                "number-of-lots",
                key=(buyer, number),
                field="contract",
                found=number,
                source=(file, group[0]["source_row"]),
                other_found=", ".join(each["contract"] for each in group),
                other=(file, group[1]["source_row"]),
            )
        )
