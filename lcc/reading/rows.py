"""Rows of tables that people edit, CSV or XLSX, as text and with the number a spreadsheet shows."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from lcc.errors import InputError
from lcc.reading.dialect import cell_text
from lcc.reading.encoding import CELL_CHARACTERS, decide_delimiter, decide_encoding
from lcc.reading.workbooks import broken_workbook, refuse_bomb

__all__ = ["read_rows"]

LARGEST_FILE_BYTES = 50_000_000
"""A table kept by hand takes some kilobytes; a larger one is something else."""


def read_rows(
    path: Path,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    sheet: str | None = None,
) -> list[tuple[int, list[str]]]:
    """Return the rows of a CSV or XLSX file as text, numbered as a spreadsheet shows them.

    Parameters
    ----------
    path : Path
        The file.
    encoding, delimiter, sheet : str, optional
        What a mapping file says of it; else the encoding and the delimiter are told from the
        content, and the sheet is the first that holds something.

    Raises
    ------
    InputError
        If the file cannot be read, is far too large, or is damaged.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as stream:
            head = stream.read(4)
    except OSError as error:
        raise InputError(
            "the table cannot be read",
            file=path.name,
            found=error.strerror or str(error),
            remedy="check the path",
        ) from error
    if size > LARGEST_FILE_BYTES:
        raise InputError(
            "the file is too large for a table kept by hand",
            file=path.name,
            found=f"{size} bytes",
            expected=f"at most {LARGEST_FILE_BYTES} bytes",
        )
    if head[:2] == b"PK" or path.suffix.lower() in (".xlsx", ".xlsm", ".xls", ".ods"):
        return _read_sheet(path, sheet)
    encoding, damaged = decide_encoding(path, encoding)
    if damaged:
        raise InputError(
            "the text of the table is damaged",
            file=path.name,
            found="characters that are neither UTF-8 nor cp1252",
            remedy="open it in the spreadsheet and save it again as CSV UTF-8",
        )
    text = path.read_text(encoding=encoding)
    csv.field_size_limit(CELL_CHARACTERS)
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=delimiter or decide_delimiter(text), strict=True
    )
    try:
        return list(enumerate(reader, 1))
    except csv.Error as error:
        raise InputError(
            "the table is broken CSV",
            file=path.name,
            rows=[reader.line_num],
            found=str(error),
            remedy="look for a quote left open, or save the table as XLSX",
        ) from error


def _read_sheet(path: Path, name: str | None) -> list[tuple[int, list[str]]]:
    import python_calamine

    refuse_bomb(path)
    try:
        book = python_calamine.load_workbook(path)
        named = [each for each in book.sheet_names if name is None or each == name]
        sheets = [book.get_sheet_by_name(each) for each in named]
    except (python_calamine.CalamineError, OSError) as error:
        raise broken_workbook(path, str(error)) from error
    if not named:
        raise InputError(
            "the workbook has no such sheet",
            file=path.name,
            field=name,
            found=", ".join(book.sheet_names),
            expected=name,
        )
    sheet = next((each for each in sheets if each.start is not None), None)
    if sheet is None:
        return []
    left = [""] * (sheet.start or (0, 0))[1]
    return [
        (number, left + [cell_text(cell) for cell in row])
        for number, row in enumerate(sheet.iter_rows(), 1)
    ]
