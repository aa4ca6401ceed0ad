"""Workbooks sent out and taken back: the same content gives the same bytes, and nothing is trusted.

A form is written without macros or formulas, its structure protected and its input cells open. What
comes back was in other hands: it is measured before it is unpacked, read row by row within bounds,
and a cell that holds a formula is told from one that holds a number.
"""

from __future__ import annotations

import datetime
import math
import re
import warnings
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lcc.errors import FieldError, InputError
from lcc.files import atomic_path
from lcc.reading.workbooks import frozen_bytes
from lcc.tables import disarm_cell
from lcc.wording import number_text

if TYPE_CHECKING:
    from openpyxl import Workbook

__all__ = [
    "IDENTITY_SHEET",
    "PERCENT_UNITS",
    "FormBook",
    "FormCell",
    "read_book",
    "read_identity",
    "read_number",
    "read_rows",
    "read_words",
    "safe_text",
    "save_workbook",
    "workbook_bytes",
]

IDENTITY_SHEET = "lcc"
"""Hidden sheet that says which form of which consultation a workbook is."""

ROWS_MAX = 2_000
COLUMNS_MAX = 60
"""Cells beyond these are not read: no form is as large."""

FILE_BYTES_MAX = 5_000_000
UNPACKED_BYTES_MAX = 60_000_000
MEMBERS_MAX = 500
TEXT_CHARACTERS_MAX = 4_000


CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")

FRENCH_DECIMAL = re.compile(
    r"[+\-\u2212]?(?:[0-9]{1,3}(?:[ \u00a0\u202f][0-9]{3})+|[0-9]+)(?:,[0-9]+)?(?:[eE][+-]?[0-9]+)?"
)
"""A number as a French hand writes it: comma for decimals, spaces between thousands. A point is
left out on purpose: 1.234 is one thousand to some and one and a quarter to others."""


LITERALS = re.compile(r'"[^"]*"|\\.')
"""Parts of a number format that are shown as they stand."""

PERCENT = 100.0
PERCENT_UNITS = ("%", "percent")
SMALLEST_PERCENT = 0.2
"""Under this, a number where percents are asked for is more often a share: 0.032 for 3.2 %."""

SIGNIFICANT = 12
"""Figures kept of a share made a percentage: 0.07 is 7 %, not 7.000000000000001 %."""


@dataclass(frozen=True)
class FormCell:
    """One cell of a filled form.

    Attributes
    ----------
    place : str
        Sheet and cell, such as `Offre!D12`.
    value : object
        What it holds: number, text, date, true or false; None where empty.
    formula : bool
        Whether it holds a formula.
    percent : bool
        Whether the spreadsheet shows its number as a percentage: 0.032 stands there as 3,2 %.
    """

    place: str
    value: Any = None
    formula: bool = False
    percent: bool = False

    @property
    def empty(self) -> bool:
        """Whether nothing was entered, spaces counting for nothing."""
        return not self.formula and (
            self.value is None or (isinstance(self.value, str) and not self.value.strip())
        )


@dataclass(frozen=True)
class FormBook:
    """What was read of a workbook.

    Attributes
    ----------
    sheets : mapping of str to list of list of FormCell
        Sheet → its rows.
    others : tuple of str
        Names of the sheets that were not read.
    """

    sheets: Mapping[str, list[list[FormCell]]]
    others: tuple[str, ...] = ()


def safe_text(text: str) -> str:
    """Return a text a workbook can hold and a spreadsheet will not run.

    Control characters, which XML refuses, are dropped; very long texts are cut.
    """
    return disarm_cell(CONTROLS.sub("", text)[:TEXT_CHARACTERS_MAX])


def workbook_bytes(book: Workbook, identity: Mapping[str, str]) -> bytes:
    """Return a workbook as bytes that depend on its content alone.

    Parameters
    ----------
    book : openpyxl.Workbook
        The workbook; a hidden sheet with its identity is added to it.
    identity : mapping of str to str
        What tells this form from any other: kind, consultation, hash of the rule.
    """
    hidden = book.create_sheet(IDENTITY_SHEET)
    for name, text in identity.items():
        hidden.append([name, safe_text(text)])
    hidden.sheet_state = "veryHidden"
    hidden.protection.sheet = True
    return frozen_bytes(book)


def save_workbook(book: Workbook, path: Path, identity: Mapping[str, str]) -> None:
    """Write a workbook beside, then rename it; see `workbook_bytes`.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    content = workbook_bytes(book, identity)
    with atomic_path(path) as beside:
        beside.write_bytes(content)


def read_book(path: Path, sheets: Sequence[str]) -> FormBook:
    """Return the cells of the sheets asked for, row by row, from a workbook nobody vouches for.

    Parameters
    ----------
    path : Path
        The workbook, `.xlsx`.
    sheets : sequence of str
        Names of the sheets.

    Raises
    ------
    InputError
        If the file is no workbook, is broken, holds macros, unpacks to more than a form holds, or
        has no such sheet.
    """
    _measure(path)
    import openpyxl

    try:
        with warnings.catch_warnings():
            # What openpyxl does not keep (extensions of other programs) is of no use here.
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(path, read_only=True, data_only=False, keep_links=False)
            try:
                missing = [name for name in sheets if name not in book.sheetnames]
                if missing:
                    raise InputError(
                        "the workbook is not the form that was sent",
                        file=path.name,
                        found="sheets: " + ", ".join(book.sheetnames[:10]),
                        expected="sheets: " + ", ".join(sheets),
                        remedy="fill in the form that came with the consultation",
                    )
                return FormBook(
                    {name: _read_cells(book[name], name) for name in sheets},
                    tuple(name[:80] for name in book.sheetnames if name not in sheets),
                )
            finally:
                book.close()
    except InputError:
        raise
    except Exception as error:
        # A damaged workbook makes openpyxl raise almost any kind of error.
        raise _broken(path, f"{type(error).__name__}: {error}"[:300]) from error


def read_identity(rows: Sequence[Sequence[FormCell]]) -> dict[str, str]:
    """Return what a workbook says it is, from the rows of its hidden sheet."""
    pairs = (row[:2] for row in rows if len(row) >= 2)
    return {
        str(name.value): str(text.value)
        for name, text in pairs
        if not name.empty and not text.empty and not text.formula
    }


def read_rows(rows: Sequence[Sequence[FormCell]], file: str) -> dict[str, Sequence[FormCell]]:
    """Return the rows that carry a key in their first, hidden column, by that key.

    Raises
    ------
    InputError
        If two rows have the same key: which of the two answers holds cannot be told.
    """
    found: dict[str, Sequence[FormCell]] = {}
    for row in rows:
        key = row[0].value if row else None
        if not isinstance(key, str) or row[0].formula or not key:
            continue
        first = found.setdefault(key, row)
        if first is not row:
            raise InputError(
                "a row of the form stands twice",
                file=file,
                found=f"{key[:80]}, at {first[0].place} and {row[0].place}",
                expected="each row once",
                remedy="fill in a fresh copy of the form",
            )
    return found


def read_number(
    cell: FormCell, file: str, field: str, expected: str, unit: str = ""
) -> tuple[float | None, str]:
    """Return the number of a cell, None where it is empty, and a note where it was a text.

    A text that a French hand would write for a number (`1,5`, `1 234,50`) is read, and said; any
    other text is refused, as is a formula: its result depends on who opens the file.

    Where percents are asked for, a number that the spreadsheet shows with its sign is read as it is
    shown (a spreadsheet that is given `3,2 %` keeps 0.032), and said; one so small that it may be a
    share is refused without the sign.

    Parameters
    ----------
    cell : FormCell
        The cell.
    file, field : str
        For messages.
    expected : str
        What should stand there, with its unit.
    unit : str
        Unit asked for.

    Raises
    ------
    FieldError
        Naming file, cell, field, what was found and what was expected.
    """
    if cell.empty:
        return None, ""

    def refuse(problem: str, found: str, remedy: str) -> FieldError:
        return FieldError(
            problem,
            file=file,
            field=f"{cell.place} ({field})",
            found=found,
            expected=expected,
            remedy=remedy,
        )

    value, in_percent = cell.value, unit.strip() in PERCENT_UNITS
    if cell.formula:
        raise refuse(
            "the cell holds a formula", str(value)[:80], "type the number itself in the cell"
        )
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise refuse(
            "the cell holds no number",
            str(value)[:80],
            "type the number itself, the cell being in the format Number",
        )
    if isinstance(value, str):
        text = value.strip()
        signed = in_percent and text.endswith("%")
        text = text.removesuffix("%").rstrip() if signed else text
        if not FRENCH_DECIMAL.fullmatch(text):
            raise refuse(
                "the cell holds a text where a number is expected",
                repr(value[:80]),
                "type digits alone, with a decimal comma and without unit",
            )
        plain = re.sub(r"[ \u00a0\u202f]", "", text).replace(",", ".").replace("\u2212", "-")
        number = float(plain)
        read = number_text(number)
        note = f"{cell.place} : le texte « {value.strip()} » a été lu comme le nombre {read}."
    else:
        number, note = float(value), ""
        signed = in_percent and cell.percent
        if signed and math.isfinite(number):
            number = float(f"{PERCENT * number:.{SIGNIFICANT}g}")
            note = (
                f"{cell.place} : {number_text(value)}, affiché en pourcentage, a été lu "
                f"{number_text(number)} %."
            )
    if not math.isfinite(number):
        raise refuse("the cell holds no finite number", str(value)[:80], "type the number itself")
    if in_percent and not signed and 0 < abs(number) < SMALLEST_PERCENT:
        shown, share = number_text(number), number_text(PERCENT * number)
        raise refuse(
            f"a percentage so small may be a share: {shown} % or {share} %?",
            shown,
            f"type the sign too: {share} % or {shown} %",
        )
    return number, note


def read_words(cell: FormCell, file: str, field: str) -> str:
    """Return the text of a cell, without the spaces around it; empty where the cell is.

    Raises
    ------
    FieldError
        If the cell holds a formula.
    """
    if cell.formula:
        raise FieldError(
            "the cell holds a formula",
            file=file,
            field=f"{cell.place} ({field})",
            found=str(cell.value)[:80],
            expected="a text",
            remedy="type the text itself in the cell",
        )
    if cell.value is None:
        return ""
    if isinstance(cell.value, float) and cell.value.is_integer():
        return str(int(cell.value))
    if isinstance(cell.value, datetime.datetime):
        return cell.value.date().isoformat()
    return CONTROLS.sub("", str(cell.value)).strip()[:TEXT_CHARACTERS_MAX]


def _read_cells(sheet: Any, name: str) -> list[list[FormCell]]:
    """Return the cells of a sheet, within bounds whatever the sheet says of its size."""
    from openpyxl.utils import get_column_letter

    letters = [get_column_letter(rank) for rank in range(1, COLUMNS_MAX + 1)]
    # A sheet may declare any used range: it is not believed.
    sheet.reset_dimensions()
    rows = []
    for number, row in enumerate(sheet.iter_rows(max_row=ROWS_MAX, max_col=COLUMNS_MAX), 1):
        rows.append(
            [
                FormCell(
                    place=f"{name}!{letter}{number}",
                    value=_plain(cell.value),
                    formula=cell.data_type == "f",
                    percent=_in_percent(cell),
                )
                for letter, cell in zip(letters, row, strict=False)
            ]
        )
    return rows


def _in_percent(cell: Any) -> bool:
    """Tell whether a cell shows its number times a hundred; a sign within quotes is but a text."""
    if isinstance(cell.value, bool) or not isinstance(cell.value, int | float):
        return False
    return "%" in LITERALS.sub("", cell.number_format or "")


def _plain(value: Any) -> Any:
    """Return the value of a cell; of a formula kept as an object, its text."""
    return getattr(value, "text", None) or value if hasattr(value, "ref") else value


def _measure(path: Path) -> None:
    """Raise where a file is no workbook, or would unpack to more than a form holds."""
    expected = "a workbook .xlsx, the form that came with the consultation"
    try:
        size = path.stat().st_size
        with path.open("rb") as stream:
            head = stream.read(4)
        if size > FILE_BYTES_MAX:
            raise InputError(
                "the file is too large for a form",
                file=path.name,
                found=f"{size} bytes",
                expected=f"at most {FILE_BYTES_MAX} bytes",
                remedy="take out the pictures; send the documents beside the form",
            )
        if head == b"\xd0\xcf\x11\xe0":
            raise InputError(
                "the workbook is locked by a password, or in the format of Excel before 2007",
                file=path.name,
                expected=expected,
                remedy="save it as .xlsx, without a password to open it",
            )
        if head != b"PK\x03\x04":
            raise InputError(
                "the file is no workbook",
                file=path.name,
                found="an empty file" if not size else f"{size} bytes of another format",
                expected=expected,
            )
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            total = sum(member.file_size for member in members)
            names = {member.filename for member in members}
    except (OSError, zipfile.BadZipFile, zlib.error, NotImplementedError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        if isinstance(error, OSError):
            raise InputError(
                "the file cannot be read",
                file=path.name,
                found=error.strerror or str(error),
                expected=expected,
                remedy="check the path",
            ) from error
        raise _broken(path, str(error)) from error
    if total > UNPACKED_BYTES_MAX or len(members) > MEMBERS_MAX:
        raise InputError(
            "the workbook unpacks to more than a form holds; it was not opened",
            file=path.name,
            found=f"{total} bytes in {len(members)} parts, from {size} bytes",
            expected=f"at most {UNPACKED_BYTES_MAX} bytes in {MEMBERS_MAX} parts",
            remedy="fill in a fresh copy of the form",
        )
    if "xl/workbook.xml" not in names:
        raise InputError(
            "the archive is no workbook of Excel",
            file=path.name,
            found=", ".join(sorted(names)[:5]),
            expected=expected,
            remedy="save the form as .xlsx",
        )
    if any(name.casefold().endswith("vbaproject.bin") for name in names):
        raise InputError(
            "the workbook holds macros; the form has none",
            file=path.name,
            expected=expected,
            remedy="save it as .xlsx, without macros",
        )


def _broken(path: Path, found: str) -> InputError:
    return InputError(
        "the workbook is broken: it was cut short or damaged on its way",
        file=path.name,
        found=found,
        expected="a workbook .xlsx that a spreadsheet opens",
        remedy="ask for the file again; keep the one received",
    )
