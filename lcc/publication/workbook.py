"""The published tables in one workbook, for people who open it; its bytes depend on them alone."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from lcc.publication.dataset import Dataset, plain_rows
from lcc.reading.workbooks import frozen_bytes

__all__ = ["workbook_of"]

NAME_CHARACTERS = 31
"""What a spreadsheet allows for the name of a sheet."""

CELL_CHARACTERS = 32_767
"""What a spreadsheet allows in a cell."""

WIDEST, NARROWEST = 60, 10


def workbook_of(datasets: Sequence[Dataset], title: str) -> bytes:
    """Return a workbook with a sheet per table: header in French, first row frozen, no formula.

    Texts are those of the CSV, neutralised the same way, and marked as texts.
    """
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    book.remove(book.active)
    book.properties.title = title
    book.properties.language = "fr"
    book.properties.creator = "lcc"
    for dataset in datasets:
        sheet = book.create_sheet(dataset.form.name[:NAME_CHARACTERS])
        rows = plain_rows(dataset)
        for rank, each in enumerate(dataset.form.fields, 1):
            cell = sheet.cell(row=1, column=rank, value=each.title)
            cell.font = Font(bold=True)
            longest = max((len(str(row[rank - 1])) for row in rows[:200]), default=0)
            width = min(max(longest, len(each.title), NARROWEST), WIDEST)
            sheet.column_dimensions[get_column_letter(rank)].width = width + 2
        for number, row in enumerate(rows, 2):
            for rank, (value, each) in enumerate(zip(row, dataset.form.fields, strict=True), 1):
                if value is not None:
                    _write(sheet.cell(row=number, column=rank), value, each.type)
        sheet.freeze_panes = "A2"
        sheet.auto_filter.ref = sheet.dimensions
    return frozen_bytes(book)


def _write(cell: Any, value: Any, kind: str) -> None:
    """Write a value; a text as a text, whatever it begins with."""
    if kind == "date":
        cell.value = datetime.date.fromisoformat(value)
        cell.number_format = "yyyy-mm-dd"
    elif isinstance(value, str):
        cell.value = value[:CELL_CHARACTERS]
        cell.data_type = "s"
        cell.quotePrefix = True
    else:
        cell.value = value
