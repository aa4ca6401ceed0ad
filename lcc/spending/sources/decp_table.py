"""The tabular CSV of decp.info: one row per contract, contractor and modification.

Each row is a record and repeats the contract's whole amount: the rules on duplicates share it
among its contractors and set earlier states aside.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TextIO

import pyarrow as pa

from lcc.errors import InputError
from lcc.spending.mapping import ColumnMapping
from lcc.spending.raw import RawBatcher
from lcc.spending.sources.decp_record import NumberReader, is_framework, named_framework

__all__ = ["DecpTable", "sniff"]

DELIMITERS = (",", ";", "\t", "|")
NEEDED = frozenset({"uid", "montant", "acheteur_id", "titulaire_id", "dateNotification"})
COLUMNS = {
    "date": "dateNotification",
    "publication_date": "datePublicationDonnees",
    "buyer_id": "acheteur_id",
    "buyer_name": "acheteur_nom",
    "supplier_id": "titulaire_id",
    "supplier_id_type": "titulaire_typeIdentifiant",
    "supplier_name": "titulaire_nom",
    "contract": "id",
    "procurement_nature": "nature",
    "framework_id": "idAccordCadre",
    "cpv": "codeCPV",
    "label": "objet",
    "social_considerations": "considerationsSociales",
    "environmental_considerations": "considerationsEnvironnementales",
}
NUMBERS = {"amount_ht": "montant", "duration_months": "dureeMois"}
TYPE_COLUMNS = ("titulaire_typeIdentifiant", "typeIdentifiant")
UTF8 = "utf-8-sig"


def sniff(path: Path, head: bytes) -> bool:
    """Whether the first line is the header of decp.info's table."""
    return _delimiter(_first_line(head)) is not None


def _first_line(head: bytes) -> str:
    return head.split(b"\n", 1)[0].decode(UTF8, errors="replace").rstrip("\r")


def _delimiter(line: str) -> str | None:
    """Return the delimiter under which the header has the columns needed."""
    for delimiter in DELIMITERS:
        if {name.strip().strip('"') for name in line.split(delimiter)} >= NEEDED:
            return delimiter
    return None


class DecpTable:
    """One CSV file of decp.info."""

    def __init__(self, path: Path, mapping: ColumnMapping | None = None) -> None:
        self.path = path
        self.name = path.name
        self.format = "decp-table"

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the rows in order, in batches of the schema `raw_schema()`.

        Raises
        ------
        InputError
            If the file is not UTF-8, or holds a header and no row.
        """
        batcher = RawBatcher()
        read_number = NumberReader(self._amounts)
        row = 1
        try:
            with self.path.open(encoding=UTF8, newline="") as stream:
                header, delimiter, reader = _open_rows(stream)
                for row, cells in enumerate(reader, start=2):
                    if cells:
                        batcher.add(row, _fields(header, cells, delimiter, read_number))
                    if batcher.full:
                        yield batcher.flush()
        except (UnicodeDecodeError, csv.Error) as error:
            raise InputError(
                "the table cannot be read to its end",
                file=self.name,
                rows=[row],
                found=str(error),
                expected="CSV in UTF-8, as decp.info publishes it",
                remedy="download the file again, without opening it in a spreadsheet",
            ) from error
        if row == 1:
            raise InputError(
                "the table has a header and no row",
                file=self.name,
                rows=[1],
                found="no record",
                expected="at least one row",
                remedy="download the file again",
            )
        yield batcher.flush()

    def _amounts(self) -> Iterator[str]:
        """Yield the amounts, in one more reading of the file."""
        with self.path.open(encoding=UTF8, newline="") as stream:
            header, _, reader = _open_rows(stream)
            place = header.index(NUMBERS["amount_ht"])
            for cells in reader:
                if len(cells) == len(header):
                    yield cells[place]


def _open_rows(stream: TextIO) -> tuple[list[str], str, Iterator[list[str]]]:
    """Return the header, the delimiter and the rows after the header."""
    delimiter = _delimiter(stream.readline().rstrip("\r\n")) or ","
    stream.seek(0)
    reader = csv.reader(stream, delimiter=delimiter)
    return [name.strip() for name in next(reader)], delimiter, reader


def _fields(
    header: list[str],
    cells: list[str],
    delimiter: str,
    read_number: Callable[[Any], str | None],
) -> dict[str, object]:
    """Return one row as a raw record."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="").writerow(cells)
    text = out.getvalue()
    if len(cells) != len(header):
        return {
            "record_text": text,
            "kind": "award",
            "read_code": "record-unreadable",
            "read_found": f"{len(cells)} cells, {len(header)} columns",
        }
    named = dict(zip(header, cells, strict=True))
    values: dict[str, object] = {
        field: named[column].strip() or None for field, column in COLUMNS.items() if column in named
    }
    for field, column in NUMBERS.items():
        values[field] = read_number(named.get(column))
    for column in TYPE_COLUMNS:
        if named.get(column):
            values["supplier_id_type"] = named[column].strip()
    framework_id = named_framework(
        named.get("idAccordCadre", "").strip(), named["acheteur_id"], named.get("id")
    )
    values["framework_id"] = framework_id
    nature = named.get("nature", "")
    techniques = re.split("[,;|]", named.get("techniques", ""))
    framework = is_framework(nature, techniques, framework_id)
    concession = "concession" in nature.lower()
    values["kind"] = "concession" if concession else "ceiling" if framework else "award"
    values["record_text"] = text
    return values
