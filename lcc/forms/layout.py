"""The look of a form: what is fixed and what is to be filled in, the same in every workbook.

Fixed cells are locked; cells to be filled in are open, framed and shaded, and each carries the
words a screen reader or a mouse shows. No formula and no macro is ever written.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.workbook.protection import WorkbookProtection
from openpyxl.worksheet.datavalidation import DataValidation

from lcc.forms.workbook import safe_text

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

__all__ = [
    "add_choice",
    "add_number",
    "add_sheet",
    "finish_sheet",
    "new_book",
    "open_cell",
    "write_cell",
    "write_guide",
    "write_header",
    "write_heading",
    "write_title",
]

INK = "1F2A37"
SHADE = "DCE6F1"
PAPER = "FFF9DB"
LINE = Side(style="thin", color="8A94A3")
FRAME = Border(left=LINE, right=LINE, top=LINE, bottom=LINE)
WRAPPED = Alignment(wrap_text=True, vertical="top")
PROMPT_CHARACTERS = 255
"""What a spreadsheet shows of the words that go with a cell."""

ANY_NUMBER = 1e15
"""Limit of a cell whose number has none: a spreadsheet's validation wants one."""


def new_book(title: str) -> Workbook:
    """Return an empty workbook in French, its sheets locked in place."""
    book = Workbook()
    book.remove(book.active)
    book.properties.title = safe_text(title)
    book.properties.language = "fr"
    book.properties.creator = "lcc"
    book.security = WorkbookProtection(lockStructure=True)
    return book


def add_sheet(
    book: Workbook, name: str, widths: Sequence[float], *, keys: bool = True
) -> Worksheet:
    """Return a new sheet with columns of the widths given, after a hidden one for keys."""
    sheet = book.create_sheet(name)
    if keys:
        sheet.column_dimensions["A"].hidden = True
    for rank, width in enumerate(widths, 2 if keys else 1):
        sheet.column_dimensions[get_column_letter(rank)].width = width
    return sheet


def write_cell(sheet: Worksheet, row: int, column: int, text: str | float) -> Cell:
    """Write a fixed cell; a text in it is never run."""
    cell = sheet.cell(row=row, column=column)
    if isinstance(text, str):
        cell.value = safe_text(text)
        cell.data_type = "s"
    else:
        cell.value = text
    cell.alignment = WRAPPED
    cell.font = Font(color=INK)
    return cell


def write_title(sheet: Worksheet, row: int, text: str) -> None:
    """Write the title of a sheet."""
    cell = write_cell(sheet, row, 2, text)
    cell.font = Font(bold=True, size=14, color=INK)
    cell.alignment = Alignment(vertical="center")


def write_heading(sheet: Worksheet, row: int, text: str, column: int = 2) -> None:
    """Write the heading of a part."""
    cell = write_cell(sheet, row, column, text)
    cell.font = Font(bold=True, size=12, color=INK)
    cell.alignment = Alignment(vertical="center")


def write_header(sheet: Worksheet, row: int, texts: Sequence[str], column: int = 2) -> None:
    """Write the headings of columns."""
    for rank, text in enumerate(texts, column):
        cell = write_cell(sheet, row, rank, text)
        cell.font = Font(bold=True, color=INK)
        cell.fill = PatternFill("solid", start_color=SHADE)
        cell.border = FRAME


def open_cell(sheet: Worksheet, row: int, column: int, *, text: bool = False) -> Cell:
    """Return a cell to be filled in: open, framed and shaded."""
    cell = sheet.cell(row=row, column=column)
    cell.protection = Protection(locked=False)
    cell.fill = PatternFill("solid", start_color=PAPER)
    cell.border = FRAME
    cell.alignment = WRAPPED
    # A text cell keeps the zeros of an identifier, and runs nothing that begins with « = ».
    cell.number_format = "@" if text else "General"
    return cell


def add_number(
    sheet: Worksheet, cell: Cell, prompt: str, minimum: float | None, maximum: float | None
) -> None:
    """Make a cell accept numbers within limits only, and say so."""
    low = -ANY_NUMBER if minimum is None else minimum
    high = ANY_NUMBER if maximum is None else maximum
    _attach(
        sheet,
        cell,
        DataValidation(
            type="decimal", operator="between", formula1=repr(low), formula2=repr(high),
            allow_blank=True,
        ),
        prompt,
    )  # fmt: skip


def add_choice(sheet: Worksheet, cell: Cell, prompt: str, choices: Sequence[str]) -> None:
    """Make a cell accept one of a few words, and say so."""
    words = ",".join(choices)
    _attach(
        sheet, cell, DataValidation(type="list", formula1=f'"{words}"', allow_blank=True), prompt
    )


def finish_sheet(sheet: Worksheet, *, frozen: str | None = None) -> None:
    """Protect a sheet, and set its page: landscape, one page wide."""
    sheet.protection.sheet = True
    sheet.protection.formatColumns = False
    sheet.protection.formatRows = False
    sheet.freeze_panes = frozen
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


def write_guide(book: Workbook, parts: Sequence[tuple[str, Sequence[str]]]) -> None:
    """Add the sheet « Mode d'emploi »: headings, each with its paragraphs."""
    sheet = add_sheet(book, "Mode d'emploi", [110], keys=False)
    row = 1
    for heading, paragraphs in parts:
        write_heading(sheet, row, heading, column=1)
        row += 1
        for text in paragraphs:
            write_cell(sheet, row, 1, text)
            row += 1
        row += 1
    finish_sheet(sheet)


def _attach(sheet: Worksheet, cell: Cell, rule: Any, prompt: str) -> None:
    rule.promptTitle = "À remplir"
    rule.prompt = rule.error = safe_text(prompt)[:PROMPT_CHARACTERS]
    rule.errorTitle = "Valeur non admise"
    rule.showInputMessage = rule.showErrorMessage = True
    sheet.add_data_validation(rule)
    rule.add(cell.coordinate)
