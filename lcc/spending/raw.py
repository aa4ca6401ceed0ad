"""Raw records: the one shape in which every reader hands over what it found, as text.

A reader decides a file's layout and dialect, never whether a value is right: that is the check's.
Amounts, quantities and dates are written in one canonical way where they fit the file's dialect
(`1234.50`, `2024-12-31`), and left as found where they do not, for the check to name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Protocol

import pyarrow as pa

from lcc.tables import schema

__all__ = ["BATCH_ROWS", "RawBatcher", "Source", "raw_schema"]

BATCH_ROWS = 20_000
"""Rows per batch: what a reader holds in memory at a time."""


def raw_schema() -> pa.Schema:
    """Arrow schema of raw records, `source_file` aside: the reader of a file need not know it."""
    return pa.schema([field for field in schema("raw").arrow() if field.name != "source_file"])


class Source(Protocol):
    """One opened file, query or frame."""

    name: str
    """File name (or query, or `frame`) shown to people and kept in every line."""

    format: str
    """Name of the format, as `reconciliation.json` shows it."""

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the raw records in order, in batches of the schema `raw_schema()`."""
        ...


class RawBatcher:
    """Collects raw records as dictionaries and hands them over as batches."""

    def __init__(self) -> None:
        self._schema = raw_schema()
        self._lines: list[tuple[int, int, int, Mapping[str, object]]] = []

    def add(self, row: int, values: Mapping[str, object], part: int = 1, parts: int = 1) -> None:
        """Add one line of record `row`; keys absent from `values` are null.

        `values` is kept as it is, not copied: hand over a new one for each line.
        """
        self._lines.append((row, part, parts, values))

    @property
    def full(self) -> bool:
        """Whether a batch's worth of lines is waiting."""
        return len(self._lines) >= BATCH_ROWS

    def flush(self) -> pa.RecordBatch:
        """Return what was collected as one batch, and start anew."""
        lines, self._lines = self._lines, []
        ranks = list(zip(*(line[:3] for line in lines), strict=True)) or [(), (), ()]
        filled = sorted({name for line in lines for name in line[3]})
        values = dict(zip(filled, _columns([line[3] for line in lines], filled), strict=True))
        columns = [
            pa.array(ranks[rank], field.type)
            if rank < len(ranks)
            else pa.array(values[field.name], field.type)
            if field.name in values
            else pa.nulls(len(lines), field.type)
            for rank, field in enumerate(self._schema)
        ]
        return pa.RecordBatch.from_arrays(columns, schema=self._schema)


def _columns(
    lines: Sequence[Mapping[str, object]], names: Sequence[str]
) -> Iterable[tuple[object, ...]]:
    """Yield the values of each name over all lines; those a line lacks are null."""
    if len(names) > 1:
        pick = itemgetter(*names)
        try:
            # Most readers fill the same names in every line: one call a line, not one a value.
            return list(zip(*map(pick, lines), strict=True))
        except KeyError:
            pass
    return [tuple(line.get(name) for line in lines) for name in names]
