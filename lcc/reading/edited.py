"""Tables that people keep and edit, in CSV or XLSX: French headers in, typed rows out.

A schema of `lcc/schemas` says which columns there are. A column may be headed by its `name` or by
its French `title`; a word of a list may be written as its code or as one of the schema's French
`words` for it. Accents, case and the order of columns do not matter. A cell that does not fit is
never guessed: the whole table is refused, naming the rows.
"""

from __future__ import annotations

import csv
import datetime
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import pyarrow as pa

from lcc.errors import FieldError, InputError, first_of
from lcc.files import atomic_path
from lcc.reading.cells import read_cell
from lcc.reading.dialect import cell_text, guess_decimal, normalise_header, settle_number
from lcc.reading.rows import read_rows
from lcc.reading.workbooks import frozen_bytes
from lcc.tables import Field, Schema, disarm_cell, schema

__all__ = ["EditedTable", "read_edited", "write_edited"]

ISSUE = "the cell does not fit its column"


@dataclass(frozen=True)
class EditedTable:
    """The rows of an edited table, each with the number a spreadsheet shows for it.

    Attributes
    ----------
    file : str
        Name of the file.
    schema : Schema
        What the columns are.
    records : tuple of dict
        One per row: every column of the schema, None where the cell is empty.
    rows : tuple of int
        Row number of each record, the header being row 1.
    """

    file: str
    schema: Schema
    records: tuple[dict[str, Any], ...]
    rows: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.records)

    def __iter__(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield row number and record."""
        return iter(zip(self.rows, self.records, strict=True))

    def error(
        self,
        problem: str,
        row: int | Sequence[int],
        field: str,
        *,
        found: object = None,
        expected: str | None = None,
        remedy: str | None = None,
    ) -> FieldError:
        """Return the error of a cell, or of a column over some rows."""
        return FieldError(
            problem,
            file=self.file,
            rows=[row] if isinstance(row, int) else row,
            field=field,
            found=None if found is None else str(found),
            expected=expected,
            remedy=remedy,
        )

    def title(self, name: str) -> str:
        """Return what people call a field: the header of its column."""
        return next(each.title for each in self.schema.fields if each.name == name)

    def to_arrow(self) -> pa.Table:
        """Return the records as an Arrow table of the schema."""
        return pa.Table.from_pylist(list(self.records), schema=self.schema.arrow())


def read_edited(path: Path | str, schema_name: str) -> EditedTable:
    """Return the rows of a table that people edit, checked against its schema.

    Parameters
    ----------
    path : path
        CSV (any usual delimiter, UTF-8 or cp1252, decimal comma or point) or XLSX (first sheet that
        holds something).
    schema_name : str
        Name of the schema in `lcc/schemas`.

    Raises
    ------
    InputError
        If the file cannot be read, or its header is not the schema's.
    FieldError
        If a cell does not fit its column or two rows have one key: the first, with the count of the
        others. Nothing is taken from such a table.
    """
    source, form = Path(path), schema(schema_name)
    numbered = [(n, cells) for n, cells in read_rows(source) if any(c.strip() for c in cells)]
    if not numbered:
        raise InputError(
            "the table is empty", file=source.name, expected=f"a header and rows: {form.title}"
        )
    columns = _match_header(numbered[0][1], form, source.name)
    numeric = [
        columns[each.name] for each in form.fields if each.type == "number" and each.name in columns
    ]
    decimal = guess_decimal(
        cells[rank] for _, cells in numbered[1:] for rank in numeric if rank < len(cells)
    )
    problems: list[FieldError] = []
    records, rows = [], []
    width = len(numbered[0][1])
    for number, cells in numbered[1:]:
        if beyond := [each.strip() for each in cells[width:] if each.strip()]:
            # A text that holds the delimiter moves all that follows it to other columns.
            problems.append(
                FieldError(
                    "a row has more cells than the header",
                    file=source.name,
                    rows=[number],
                    found=", ".join(beyond),
                    expected=f"{width} cells",
                    remedy="put a text that holds the delimiter between quotes",
                )
            )
            continue
        record = dict.fromkeys(form.names)
        for field in form.fields:
            rank = columns.get(field.name)
            text = cells[rank] if rank is not None and rank < len(cells) else ""
            try:
                record[field.name] = read_cell(text, field, decimal)
            except ValueError as error:
                problems.append(
                    FieldError(
                        ISSUE if text.strip() else "a cell is empty",
                        file=source.name,
                        rows=[number],
                        field=field.title,
                        found=text.strip() or "nothing",
                        expected=str(error),
                    )
                )
        records.append(record)
        rows.append(number)
    table = EditedTable(source.name, form, tuple(records), tuple(rows))
    problems += _repeated_keys(table)
    if problems:
        raise first_of(problems)
    return table


def write_edited(records: Iterable[Mapping[str, Any]], schema_name: str, path: Path | str) -> Path:
    """Write rows as a table people can edit: French headers; CSV (`;`, comma decimals) or XLSX.

    `read_edited` reads back what this writes.

    Raises
    ------
    FieldError
        If the name ends in neither `.csv` nor `.xlsx`.
    OutputError
        If the file cannot be written.
    """
    target, form = Path(path), schema(schema_name)
    if target.suffix.lower() not in (".csv", ".xlsx"):
        raise FieldError(
            "an edited table is written as CSV or XLSX",
            field="out",
            found=target.name,
            expected="a name ending in .csv or .xlsx",
        )
    rows = [[_word_of(record.get(each.name), each) for each in form.fields] for record in records]
    titles = [field.title for field in form.fields]
    with atomic_path(target) as beside:
        if target.suffix.lower() == ".csv":
            stream = io.StringIO(newline="")
            writer = csv.writer(stream, delimiter=";", lineterminator="\r\n")
            writer.writerow(titles)
            writer.writerows([_french_cell(cell) for cell in row] for row in rows)
            beside.write_bytes(stream.getvalue().encode("utf-8-sig"))
        else:
            _write_workbook(beside, form, titles, rows)
    return target


def _write_workbook(path: Path, form: Schema, titles: list[str], rows: list[list[Any]]) -> None:
    from openpyxl import Workbook
    from openpyxl.comments import Comment
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    book = Workbook()
    sheet = book.active
    sheet.title = "Table"
    sheet.append(titles)
    sheet.freeze_panes = "A2"
    for row in rows:
        sheet.append([disarm_cell(cell) if isinstance(cell, str) else cell for cell in row])
    for rank, field in enumerate(form.fields, 1):
        head = sheet.cell(1, rank)
        head.font = Font(bold=True)
        head.comment = Comment(field.description, "lcc")
        letter = get_column_letter(rank)
        sheet.column_dimensions[letter].width = max(12, min(40, len(field.title) + 4))
        choices = list(field.words) or [str(each) for each in field.constraints.get("enum", ())]
        if choices and len(",".join(choices)) < 250:
            rule = DataValidation("list", formula1=f'"{",".join(choices)}"', allow_blank=True)
            sheet.add_data_validation(rule)
            rule.add(f"{letter}2:{letter}10000")
    path.write_bytes(frozen_bytes(book))


def _word_of(cell: Any, field: Field) -> Any:
    """Return the French word of a code of a list, any other cell as it is."""
    return next((word for word, code in field.words.items() if code == cell), cell)


def _french_cell(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "oui" if cell else "non"
    if isinstance(cell, float):
        # Three decimals after one figure would read as thousands: they get a fourth.
        return settle_number(cell_text(cell)).replace(".", ",")
    if isinstance(cell, datetime.date):
        return cell.isoformat()
    return disarm_cell(cell) if isinstance(cell, str) else str(cell)


def _match_header(header: Sequence[str], form: Schema, file: str) -> dict[str, int]:
    """Return the rank of each column of the schema that the header holds."""
    spelled = {
        normalise_header(text): field.name
        for field in form.fields
        for text in (field.name, field.title)
    }
    found: dict[str, int] = {}
    for rank, cell in enumerate(header):
        if not cell.strip():
            continue
        name = spelled.get(normalise_header(cell))
        if name is None or name in found:
            near = get_close_matches(cell, [each.title for each in form.fields], n=1)
            raise InputError(
                "a column stands twice" if name else "a column is not known",
                file=file,
                rows=[1],
                field=cell.strip(),
                found=", ".join(each.strip() for each in header if each.strip()),
                expected=", ".join(field.title for field in form.fields),
                remedy="keep one of them"
                if name
                else f"did you mean {near[0]}?"
                if near
                else "rename it as one of those expected, or take it out",
            )
        found[name] = rank
    required = [field for field in form.fields if field.constraints.get("required")]
    missing = [field.title for field in required if field.name not in found]
    if missing:
        others = ", ".join(field.title for field in form.fields if field not in required)
        raise InputError(
            "a column is missing",
            file=file,
            rows=[1],
            field=", ".join(missing),
            found=", ".join(each.strip() for each in header if each.strip()),
            expected=", ".join(field.title for field in required),
            remedy="add it" + (f"; these may be absent: {others}" if others else ""),
        )
    return found


def _repeated_keys(table: EditedTable) -> list[FieldError]:
    """Return one error per row whose key an earlier row has."""
    key = table.schema.primary_key
    if not key:
        return []
    seen: dict[tuple[Any, ...], int] = {}
    problems = []
    for number, record in table:
        values = tuple(record[name] for name in key)
        first = seen.setdefault(values, number)
        if first != number:
            problems.append(
                table.error(
                    "two rows say something of the same thing",
                    [first, number],
                    ", ".join(key),
                    found=", ".join("" if each is None else str(each) for each in values),
                    expected="one row per key",
                    remedy="keep one of the two rows",
                )
            )
    return problems
