"""Exceptions of `lcc`: one base class, carrying facts before words.

Every error says what was found, what was expected, where (file, row, field), and what to do.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

__all__ = [
    "FieldError",
    "InputError",
    "LccError",
    "MissingFactorError",
    "OutputError",
    "TableError",
    "UnitError",
    "first_of",
]

ROWS_SHOWN = 5
"""How many row numbers a message names before it says only how many there are."""


class LccError(Exception):
    """Base of every error raised on purpose by `lcc`.

    Parameters
    ----------
    problem : str
        What is wrong, in a sentence a buyer understands.
    file, field : str, optional
        Where it is.
    rows : sequence of int, optional
        Row numbers concerned (as a spreadsheet numbers them for tabular files, the header being
        row 1; the rank of the record elsewhere).
    found, expected : str, optional
        The facts.
    remedy : str, optional
        What to do next.
    """

    def __init__(
        self,
        problem: str,
        *,
        file: str | None = None,
        rows: Sequence[int] = (),
        field: str | None = None,
        found: str | None = None,
        expected: str | None = None,
        remedy: str | None = None,
    ) -> None:
        self.problem = problem
        self.file = file
        self.rows = tuple(rows)
        self.field = field
        self.found = found
        self.expected = expected
        self.remedy = remedy
        super().__init__(self._sentence())

    def _where(self) -> str:
        parts = []
        if self.file is not None:
            parts.append(self.file)
        if self.rows:
            shown = ", ".join(str(row) for row in self.rows[:ROWS_SHOWN])
            more = f" … ({len(self.rows)} in all)" if len(self.rows) > ROWS_SHOWN else ""
            parts.append(f"row {shown}{more}")
        if self.field is not None:
            parts.append(f"field {self.field}")
        return ", ".join(parts)

    def _sentence(self) -> str:
        where = self._where()
        lines = [f"{where}: {self.problem}" if where else self.problem]
        lines += [
            f"  {name}: {fact}"
            for name, fact in (
                ("found", self.found),
                ("expected", self.expected),
                ("remedy", self.remedy),
            )
            if fact is not None
        ]
        return "\n".join(lines)

    def located(self, *, file: str | None = None, field: str | None = None) -> Self:
        """Return the same error, with a file where it names none, and with a field if given."""
        return type(self)(
            self.problem,
            file=self.file or file or None,
            rows=self.rows,
            field=field or self.field,
            found=self.found,
            expected=self.expected,
            remedy=self.remedy,
        )

    def __str__(self) -> str:
        # KeyError quotes its argument; a message for humans stays as written.
        return self._sentence()


class InputError(LccError, ValueError):
    """A file, table or frame could not be read at all."""


class FieldError(LccError, ValueError):
    """A value does not fit the field that holds it."""


def first_of(problems: Sequence[FieldError]) -> FieldError:
    """Return the first of some problems, saying how many others there are and where."""
    first, others = problems[0], problems[1:]
    if not others:
        return first
    where = ", ".join(each.field or "" for each in others[:ROWS_SHOWN])
    return FieldError(
        first.problem,
        file=first.file,
        rows=first.rows,
        field=first.field,
        found=f"{first.found} ({len(others)} more: {where})",
        expected=first.expected,
        remedy=first.remedy,
    )


class TableError(LccError, ValueError):
    """A reference table breaks its own schema, key or checksum."""


class MissingFactorError(LccError, KeyError):
    """A factor, index or price was asked for that no table holds."""


class UnitError(LccError, ValueError):
    """Two quantities that do not convert, or a conversion that needs a choice not made."""


class OutputError(LccError, OSError):
    """A result could not be written; nothing half-written was left."""
