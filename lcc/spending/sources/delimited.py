"""Delimited text: encoding, delimiter and quoting decided; each row kept with its original text."""

from __future__ import annotations

import csv
import io
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lcc.reading.encoding import (
    CELL_CHARACTERS,
    HEAD_BYTES,
    decide_delimiter,
    decide_encoding,
    empty_file,
)
from lcc.spending.mapping import ColumnMapping

__all__ = ["DelimitedText", "TextRow"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TextRow:
    """One record of the file: its cells, its original text, and what is wrong with it, if any."""

    cells: list[str]
    text: str
    code: str | None = None
    found: str | None = None


class DelimitedText:
    """A delimited text file whose encoding and delimiter are decided.

    Parameters
    ----------
    path : Path
        The file.
    mapping : ColumnMapping
        May state `encoding` and `delimiter`; they are detected where it does not.

    Raises
    ------
    InputError
        If the file is empty, binary, or its encoding contradicts the mapping or cannot be decided.
    """

    def __init__(self, path: Path, mapping: ColumnMapping) -> None:
        self.path = path
        self.encoding, self.damaged = decide_encoding(path, mapping.encoding)
        with self._open() as stream:
            head = stream.read(HEAD_BYTES)
        if not head.strip():
            raise empty_file(path)
        self.delimiter = mapping.delimiter or decide_delimiter(head)
        if mapping.encoding is None:
            logger.info("%s: encoding %s, delimiter %r", path.name, self.encoding, self.delimiter)

    def rows(self, columns: int | None = None, skip: int = 0) -> Iterator[TextRow]:
        """Yield the records in order, blank ones included (as no cells).

        A row whose quotes are broken is read again line by line, so that an open quote does not
        swallow the rows after it. With `columns`, rows of another count carry a code, the first
        `skip` ones (title, header) excepted.
        """
        wanted = columns
        columns = None if skip else wanted
        yielded = 0
        with self._open() as stream:
            lines = _Lines(stream)
            reader = self._reader(lines)
            while True:
                if yielded >= skip:
                    columns = wanted
                try:
                    cells = next(reader)
                except StopIteration:
                    return
                except csv.Error:
                    for row in self._reread(lines.take(), columns):
                        yielded += 1
                        yield row
                    continue
                yielded += 1
                taken = lines.take()
                if columns is None or not cells or len(cells) == columns:
                    yield self._row(cells, taken)
                elif len(cells) > columns and not any(each.strip() for each in cells[columns:]):
                    yield self._row(cells[:columns], taken)
                else:
                    yield from self._reread(taken, columns, cells)

    def _open(self) -> io.TextIOWrapper:
        errors = "replace" if self.damaged else "strict"
        return self.path.open(encoding=self.encoding, errors=errors, newline="")

    def _reader(self, lines: Iterator[str], *, strict: bool = True) -> Iterator[list[str]]:
        csv.field_size_limit(CELL_CHARACTERS)
        return csv.reader(lines, delimiter=self.delimiter, strict=strict)

    def _row(self, cells: list[str], taken: list[str]) -> TextRow:
        text = "".join(taken).rstrip("\r\n")
        if "\0" in text:
            shown = text.replace("\0", "\u2400")
            return TextRow(cells, shown, "read-null-byte", "NUL")
        return TextRow(cells, text)

    def _reread(
        self, taken: list[str], columns: int | None, cells: list[str] | None = None
    ) -> Iterator[TextRow]:
        """Read again, each physical line by itself, what the quotes ran together."""
        singles = [self._single(line, columns) for line in taken]
        if columns is None or any(each is not None for each in singles):
            for line, single in zip(taken, singles, strict=True):
                if single is not None:
                    yield self._row(single, [line])
                elif line.strip():
                    yield self._wrong_count(line, None, columns)
            return
        yield self._wrong_count("".join(taken), cells, columns)

    def _single(self, line: str, columns: int | None) -> list[str] | None:
        """Return the cells of one physical line, with lax quotes, else with none."""
        if not line.strip():
            return None
        try:
            lax = next(self._reader(iter([line]), strict=False), [])
        except csv.Error:
            lax = []
        if columns is None or len(lax) == columns:
            return lax
        plain = [each.strip('"') for each in line.rstrip("\r\n").split(self.delimiter)]
        return plain if len(plain) == columns else None

    def _wrong_count(self, text: str, cells: list[str] | None, columns: int | None) -> TextRow:
        count = len(cells) if cells else text.count(self.delimiter) + 1
        return TextRow(
            cells or [],
            text.rstrip("\r\n").replace("\0", "\u2400"),
            "read-cell-count",
            f"{count} ≠ {columns}",
        )


class _Lines:
    """Physical lines of a stream, remembered until taken."""

    def __init__(self, stream: io.TextIOWrapper) -> None:
        self._stream = stream
        self._taken: list[str] = []

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = next(self._stream)
        self._taken.append(line)
        return line

    def take(self) -> list[str]:
        taken, self._taken = self._taken, []
        return taken
