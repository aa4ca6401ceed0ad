"""Columns already typed: Parquet files, and any Arrow batches (frames, query results)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path

import pyarrow as pa

from lcc.errors import InputError
from lcc.reading.dialect import cell_text
from lcc.spending.mapping import ColumnMapping
from lcc.spending.raw import BATCH_ROWS
from lcc.spending.sources.headers import no_rows, unique_names
from lcc.spending.sources.layout import decide_layout

__all__ = ["ArrowSource", "ParquetSource", "parquet_columns"]

FIRST_ROW = 2
"""Row numbers are those a spreadsheet would show: the names of the columns are row 1."""


class ArrowSource:
    """Arrow batches whose columns are named by a mapping or by conventional names.

    Parameters
    ----------
    name, form : str
        Name and format shown to people.
    batches : iterable of pyarrow.RecordBatch
        Read once.
    columns : sequence of str
        Names of the columns.
    mapping : ColumnMapping
        Columns and dialect of the texts; numbers and dates are taken as typed.

    Raises
    ------
    InputError
        If there are no rows, or the columns are not recognised.
    """

    def __init__(
        self,
        name: str,
        form: str,
        batches: Iterable[pa.RecordBatch],
        columns: list[str],
        mapping: ColumnMapping,
    ) -> None:
        self.name = name
        self.format = form
        self.columns = unique_names(columns)
        # Batches of a kept size: a single one may hold the whole table.
        pieces = (
            batch.slice(start, BATCH_ROWS)
            for batch in batches
            for start in range(0, batch.num_rows, BATCH_ROWS)
        )
        first = list(islice(pieces, 1))
        rows = _rows(first[0]) if first else []
        self.layout = decide_layout(self.columns, rows, mapping, name)
        if not rows:
            raise no_rows(name, self.columns)
        self._pieces = chain(first, pieces)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the raw records in order; the text of a record is its cells, by column."""
        number = FIRST_ROW
        for piece in self._pieces:
            rows = _rows(piece)
            nothing: list[str | None] = [None] * len(rows)
            texts = [
                json.dumps(
                    {name: cell for name, cell in zip(self.columns, row, strict=True) if cell},
                    ensure_ascii=False,
                )
                for row in rows
            ]
            numbers = range(number, number + len(rows))
            number += len(rows)
            yield self.layout.batch(numbers, rows, texts, nothing, nothing)


def _rows(batch: pa.RecordBatch) -> list[list[str]]:
    columns = [[cell_text(cell) for cell in _cells(column)] for column in batch.columns]
    return [list(row) for row in zip(*columns, strict=True)]


def _cells(column: pa.Array) -> list[object]:
    try:
        return list(column.to_pylist())
    except UnicodeDecodeError:
        # Damaged characters show as U+FFFD, for the check to report.
        return list(column.cast(pa.binary()).to_pylist())


def parquet_columns(path: Path) -> list[str]:
    """Return the names of a Parquet file's columns.

    Raises
    ------
    InputError
        If the file is not Parquet, or cut short.
    """
    return list(_open(path).schema_arrow.names)


def _open(path: Path) -> pa.parquet.ParquetFile:
    from pyarrow import parquet

    try:
        return parquet.ParquetFile(path)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise InputError(
            "the Parquet file cannot be opened",
            file=path.name,
            found=str(error).splitlines()[0],
            expected="a whole Parquet file",
            remedy="export it again; a file cut short cannot be read in part",
        ) from error


class ParquetSource(ArrowSource):
    """A Parquet file, streamed by groups of rows."""

    def __init__(self, path: Path, mapping: ColumnMapping) -> None:
        file = _open(path)
        super().__init__(
            path.name,
            "parquet",
            _batches(file, path),
            list(file.schema_arrow.names),
            mapping,
        )


def _batches(file: pa.parquet.ParquetFile, path: Path) -> Iterator[pa.RecordBatch]:
    try:
        yield from file.iter_batches(batch_size=BATCH_ROWS)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise InputError(
            "the Parquet file is damaged",
            file=path.name,
            found=str(error).splitlines()[0],
            expected="a whole Parquet file",
            remedy="export it again",
        ) from error
