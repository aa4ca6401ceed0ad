"""A buyer's own table, by a mapping or conventional headers: CSV, Excel workbook or Parquet."""

from __future__ import annotations

import logging
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from lcc.errors import InputError
from lcc.spending.mapping import ColumnMapping, load_mapping
from lcc.spending.raw import BATCH_ROWS
from lcc.spending.sources.delimited import DelimitedText, TextRow
from lcc.spending.sources.draft import draft_text
from lcc.spending.sources.headers import AWARD_KINDS, no_rows, unique_names
from lcc.spending.sources.layout import (
    HEADER_ROWS_SEARCHED,
    MissingColumnError,
    decide_layout,
    find_header,
)

if TYPE_CHECKING:
    from lcc.spending.sources.columnar import ParquetSource
    from lcc.spending.sources.workbook import WorkbookSource

__all__ = ["DelimitedSource", "Tabular", "draft_mapping", "open_tabular", "sniff"]

logger = logging.getLogger(__name__)

SAMPLE_ROWS = 1_000
"""Rows whose amounts tell the decimal mark."""

WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")
TEXTS = (".csv", ".txt", ".tsv", ".dat")
ZIP_SIGNATURE = b"PK\x03\x04"
OLE_SIGNATURE = b"\xd0\xcf\x11\xe0"
PARQUET_SIGNATURE = b"PAR1"
DELIMITERS = (b";", b",", b"|", b"\t")


def sniff(path: Path, head: bytes) -> bool:
    """Return whether a file is a table: the last format tried, since any text may be one.

    Parameters
    ----------
    path : Path
        The file; its extension counts.
    head : bytes
        Its first bytes.
    """
    if head.startswith((PARQUET_SIGNATURE, OLE_SIGNATURE)):
        return True
    if head.startswith(ZIP_SIGNATURE):
        return path.suffix.lower() in WORKBOOKS
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<", b"{", b"[", b"%PDF")):
        return False
    text = b"\0" not in head or head.startswith((BOM_UTF16_LE, BOM_UTF16_BE))
    return path.suffix.lower() in TEXTS or (
        text and any(mark in head.partition(b"\n")[0] for mark in DELIMITERS)
    )


def open_tabular(
    path: Path, mapping: ColumnMapping | Mapping[str, object] | str | Path | None = None
) -> DelimitedSource | WorkbookSource | ParquetSource:
    """Return the source of a CSV file, workbook or Parquet file.

    Parameters
    ----------
    path : Path
        The file; its first bytes decide the format, unless the mapping states it.
    mapping : ColumnMapping, mapping, str, Path or None
        As for `lcc.spending.mapping.load_mapping`.

    Raises
    ------
    InputError
        If the file cannot be read at all, or its columns are not recognised.
    FieldError
        If the mapping is wrong.
    """
    stated = load_mapping(mapping)
    try:
        return _open(path, stated)
    except MissingColumnError as error:
        # One mapping is given for all files: a contract list beside the payments has its own
        # conventional headers. Any other file that does not fit shows an error in the mapping.
        if error.amount_found or stated.kind in AWARD_KINDS:
            raise
        try:
            source = _open(path, ColumnMapping(name=stated.name, budgets=stated.budgets))
        except InputError:
            raise error from None
        if source.layout.kind not in AWARD_KINDS:
            raise
        logger.warning("%s: a contract list, read without %s", path.name, stated.name)
        return source


def _open(path: Path, stated: ColumnMapping) -> DelimitedSource | WorkbookSource | ParquetSource:
    form = stated.format or _decide_format(path)
    if form == "xlsx":
        from lcc.spending.sources.workbook import WorkbookSource

        return WorkbookSource(path, stated)
    if form == "parquet":
        from lcc.spending.sources.columnar import ParquetSource

        return ParquetSource(path, stated)
    return DelimitedSource(path, stated)


class Tabular:
    """A table of any of the three formats; see `open_tabular` for parameters and errors."""

    def __init__(
        self,
        path: Path,
        mapping: ColumnMapping | Mapping[str, object] | str | Path | None = None,
    ) -> None:
        self._source = open_tabular(path, mapping)
        self.name = self._source.name
        self.format = self._source.format
        self.layout = self._source.layout

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the raw records in order."""
        return self._source.batches()


def draft_mapping(path: Path) -> str:
    """Return the text of a mapping file for a table: what is recognised filled in.

    Raises
    ------
    InputError
        If the file cannot be read at all.
    """
    form = _decide_format(path)
    if form == "xlsx":
        from lcc.spending.sources.workbook import read_head

        rows, dialect = read_head(path, ColumnMapping())
    elif form == "parquet":
        from lcc.spending.sources.columnar import parquet_columns

        return draft_text(parquet_columns(path), dialect={"format": "parquet"})
    else:
        text = DelimitedText(path, ColumnMapping())
        rows = [row.cells for row in islice(text.rows(), HEADER_ROWS_SEARCHED)]
        dialect = {"format": "csv", "encoding": text.encoding, "delimiter": text.delimiter}
    index = find_header(rows, ColumnMapping(), path.name)
    return draft_text(unique_names(rows[index]), dialect=dialect)


def _decide_format(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            head = stream.read(8)
    except OSError as error:
        raise InputError(
            "the file cannot be read",
            file=path.name,
            found=error.strerror or str(error),
            remedy="check the path and the right to read it",
        ) from error
    if head.startswith(PARQUET_SIGNATURE):
        return "parquet"
    if head.startswith((ZIP_SIGNATURE, OLE_SIGNATURE)):
        return "xlsx"
    return "csv"


class DelimitedSource:
    """A delimited text file (CSV), streamed.

    Parameters
    ----------
    path : Path
        The file.
    mapping : ColumnMapping
        Columns and dialect; what it leaves out is recognised.

    Raises
    ------
    InputError
        If the file is empty, has no rows, or its encoding or columns are not recognised.
    """

    format = "csv"

    def __init__(self, path: Path, mapping: ColumnMapping) -> None:
        self.name = path.name
        self._text = DelimitedText(path, mapping)
        first = [row.cells for row in islice(self._text.rows(), HEADER_ROWS_SEARCHED)]
        self._skip = find_header(first, mapping, self.name) + 1
        self.columns = unique_names(first[self._skip - 1])
        sample = [row.cells for row in islice(self._records(), SAMPLE_ROWS)]
        self.layout = decide_layout(self.columns, sample, mapping, self.name)
        self.layout.typed = False
        if len(sample) < SAMPLE_ROWS and not any(any(map(str.strip, row)) for row in sample):
            raise no_rows(self.name, self.columns)

    def _records(self) -> Iterator[TextRow]:
        return islice(self._text.rows(len(self.columns), self._skip), self._skip, None)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the raw records in order; blank rows count in the numbers and yield nothing."""
        numbers: list[int] = []
        kept: list[TextRow] = []
        for number, row in enumerate(self._records(), self._skip + 1):
            if row.code is None and not any(map(str.strip, row.cells)):
                continue
            numbers.append(number)
            kept.append(row)
            if len(kept) >= BATCH_ROWS:
                yield self._batch(numbers, kept)
                numbers, kept = [], []
        if kept:
            yield self._batch(numbers, kept)

    def _batch(self, numbers: list[int], rows: list[TextRow]) -> pa.RecordBatch:
        width = len(self.columns)
        return self.layout.batch(
            numbers,
            [
                [cell.replace("\0", "") for cell in row.cells]
                if row.code == "read-null-byte"
                else row.cells
                if len(row.cells) == width
                else []
                for row in rows
            ],
            [row.text for row in rows],
            [row.code for row in rows],
            [row.found for row in rows],
        )
