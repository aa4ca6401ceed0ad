"""Excel workbooks, read by calamine: values as stored, formulas by the value last computed."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from lcc.errors import InputError
from lcc.reading.dialect import cell_text
from lcc.reading.workbooks import broken_workbook, refuse_bomb
from lcc.spending.mapping import ColumnMapping, closest
from lcc.spending.raw import BATCH_ROWS
from lcc.spending.sources.headers import no_rows, unique_names
from lcc.spending.sources.layout import (
    HEADER_ROWS_SEARCHED,
    decide_layout,
    find_header,
)

__all__ = ["WorkbookSource", "read_head"]

logger = logging.getLogger(__name__)

SAMPLE_ROWS = 1_000


def _open_sheet(path: Path, mapping: ColumnMapping) -> tuple[Any, str, str | None]:
    """Return the sheet, its name, and whether others were left aside."""
    import python_calamine

    with path.open("rb") as stream:
        zipped = stream.read(4) == b"PK\x03\x04"
    if zipped:
        refuse_bomb(path)
    try:
        book = python_calamine.load_workbook(path)
        names = list(book.sheet_names)
        name = mapping.sheet
        if name is None:
            # The first sheet that holds something: covers and blank sheets come before the rows.
            name = next((n for n in names if book.get_sheet_by_name(n).total_height > 1), names[0])
        elif name not in names:
            raise InputError(
                "the workbook has no such sheet",
                file=path.name,
                field="sheet",
                found="sheets: " + ", ".join(names),
                expected=name,
                remedy=f"correct sheet in {mapping.name}: {closest(name, names)}",
            )
        sheet = book.get_sheet_by_name(name)
    except (python_calamine.CalamineError, OSError, IndexError) as error:
        raise broken_workbook(path, str(error)) from error
    others = [each for each in names if each != name]
    return sheet, name, ", ".join(others) or None


def _rows(sheet: Any) -> Iterator[list[str]]:
    """Yield the rows from the first of the sheet, as text."""
    # The rows begin at the first of the sheet, but at the first column that holds something.
    left = [""] * (sheet.start or (0, 0))[1]
    for row in sheet.iter_rows():
        yield left + [cell_text(cell) for cell in row]


def _merge_header(sheet: Any, rows: list[list[str]], index: int) -> tuple[list[str], int]:
    """Return the header, and how many rows it takes: a cell merged across names its columns."""
    header = list(rows[index])
    across = [
        (first, last)
        for first, last in (sheet.merged_cell_ranges or [])
        if first[0] <= index <= last[0] and last[1] > first[1]
    ]
    below = rows[index + 1] if index + 1 < len(rows) else []
    parents = {
        column: header[first[1]]
        for first, last in across
        for column in range(first[1], min(last[1] + 1, len(header)))
    }
    if not parents or not any(below[column].strip() for column in parents if column < len(below)):
        return header, 1
    for column, parent in parents.items():
        child = below[column] if column < len(below) else ""
        header[column] = f"{parent} {child}".strip()
    for column, name in enumerate(below):
        if column < len(header) and not header[column].strip():
            header[column] = name
    return header, 2


def read_head(path: Path, mapping: ColumnMapping) -> tuple[list[list[str]], dict[str, str]]:
    """Return the first rows of a workbook's sheet, and its dialect for a draft mapping."""
    sheet, name, _ = _open_sheet(path, mapping)
    rows = list(islice(_rows(sheet), HEADER_ROWS_SEARCHED + 1))
    if not any(any(cell.strip() for cell in row) for row in rows):
        raise _empty(path, name)
    index = find_header(rows, mapping, path.name)
    header, _ = _merge_header(sheet, rows, index)
    return [*rows[:index], header], {"format": "xlsx", "sheet": name}


class WorkbookSource:
    """One sheet of an Excel workbook.

    Parameters
    ----------
    path : Path
        The file.
    mapping : ColumnMapping
        Columns, sheet and header row; what it leaves out is recognised.

    Raises
    ------
    InputError
        If the workbook is broken, empty, a bomb, or its columns are not recognised.
    """

    format = "xlsx"

    def __init__(self, path: Path, mapping: ColumnMapping) -> None:
        self.name = path.name
        self._sheet, sheet_name, others = _open_sheet(path, mapping)
        if others is not None and mapping.sheet is None:
            logger.warning("%s: sheet %s read, not %s", path.name, sheet_name, others)
        head = list(islice(_rows(self._sheet), HEADER_ROWS_SEARCHED + 1))
        if not any(any(cell.strip() for cell in row) for row in head):
            raise _empty(path, sheet_name)
        index = find_header(head, mapping, self.name)
        header, height = _merge_header(self._sheet, head, index)
        self._skip = index + height
        self.columns = unique_names(header)
        sample = list(islice(_rows(self._sheet), self._skip, self._skip + SAMPLE_ROWS))
        self.layout = decide_layout(self.columns, sample, mapping, self.name)
        if not any(any(cell.strip() for cell in row) for row in sample):
            raise no_rows(self.name, self.columns)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the raw records in order; the text of a record is its cells, by column."""
        width = len(self.columns)
        numbers: list[int] = []
        kept: list[list[str]] = []
        for number, row in enumerate(_rows(self._sheet), 1):
            if number <= self._skip or not any(cell.strip() for cell in row):
                continue
            numbers.append(number)
            kept.append((row + [""] * (width - len(row)))[:width])
            if len(kept) >= BATCH_ROWS:
                yield self._batch(numbers, kept)
                numbers, kept = [], []
        if kept:
            yield self._batch(numbers, kept)

    def _batch(self, numbers: list[int], rows: list[list[str]]) -> pa.RecordBatch:
        nothing: list[str | None] = [None] * len(rows)
        texts = [
            json.dumps(
                {name: cell for name, cell in zip(self.columns, row, strict=True) if cell},
                ensure_ascii=False,
            )
            for row in rows
        ]
        return self.layout.batch(numbers, rows, texts, nothing, nothing)


def _empty(path: Path, sheet: str) -> InputError:
    return InputError(
        "the sheet is empty",
        file=path.name,
        field="sheet",
        found=sheet,
        expected="a header and at least one row",
        remedy='name the sheet that holds the rows: sheet = "…" under [file] of a mapping',
    )
