"""Workbooks of unknown hands: refused where they are broken or would fill the memory."""

from __future__ import annotations

import datetime
import io
import re
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from lcc.errors import InputError

if TYPE_CHECKING:
    from openpyxl import Workbook

__all__ = ["broken_workbook", "frozen_bytes", "refuse_bomb"]

BYTES_MAX = 2_000_000_000
"""Unpacked size above which a workbook is refused."""
RATIO_MAX = 250
"""Unpacked over packed size above which a large member is refused; real sheets stay under 50."""
RATIO_BYTES_MIN = 50_000_000
CELLS_MAX = 200_000_000
"""Cells of the used range above which a sheet is refused: the reader holds the whole range."""
REFERENCE = re.compile(rb'<c r="([A-Z]{1,3})([0-9]{1,7})"')
BLOCK_BYTES = 1 << 20
EPOCH = datetime.datetime(2000, 1, 1)
"""Creation and change date written in workbooks: the clock does not show in the bytes."""
ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(</dcterms:modified>)")


def refuse_bomb(path: Path) -> None:
    """Raise where a zipped workbook would unpack to more than a workbook holds.

    Raises
    ------
    InputError
        If the archive is broken, too large once unpacked, or its cells span too wide a range.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            total = sum(member.file_size for member in members)
            worst = max(
                (
                    member.file_size / max(member.compress_size, 1)
                    for member in members
                    if member.file_size >= RATIO_BYTES_MIN
                ),
                default=0.0,
            )
            if total > BYTES_MAX or worst > RATIO_MAX:
                raise _bomb(path, f"{total} bytes once unpacked, {worst:.0f} times their size")
            for member in members:
                if member.filename.startswith("xl/worksheets/") and _span(archive, member):
                    raise _bomb(path, "cells at the far end of an otherwise empty sheet")
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        NotImplementedError,
        RuntimeError,
    ) as error:
        raise broken_workbook(path, str(error)) from error


def _span(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bool:
    """Return whether the used range of a sheet is out of proportion with what it holds."""
    widest = tallest = 0
    rest = b""
    with archive.open(member) as stream:
        for block in iter(lambda: stream.read(BLOCK_BYTES), b""):
            text = rest + block
            for letters, digits in REFERENCE.findall(text):
                widest = max(widest, _column_rank(letters))
                tallest = max(tallest, int(digits))
            rest = text[-24:]
    return widest * tallest > max(CELLS_MAX, member.file_size)


def _column_rank(letters: bytes) -> int:
    rank = 0
    for letter in letters:
        rank = rank * 26 + letter - 64
    return rank


def _bomb(path: Path, found: str) -> InputError:
    return InputError(
        "the workbook would fill the memory: refused",
        file=path.name,
        found=found,
        expected=f"at most {BYTES_MAX} bytes and {RATIO_MAX} times the packed size",
        remedy="export the rows as CSV",
    )


def broken_workbook(path: Path, found: str) -> InputError:
    """Return the error of a workbook that cannot be opened."""
    return InputError(
        "the workbook cannot be opened",
        file=path.name,
        found=found,
        expected="an Excel workbook without a password",
        remedy="open it in the spreadsheet and save it again, or export the sheet as CSV",
    )


def frozen_bytes(book: Workbook) -> bytes:
    """Return a workbook of openpyxl as bytes that depend on its content alone, not on the hour."""
    book.properties.created = book.properties.modified = EPOCH
    saved = io.BytesIO()
    book.save(saved)
    packed = io.BytesIO()
    stamp = EPOCH.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    with (
        zipfile.ZipFile(saved) as source,
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for member in source.infolist():
            content = source.read(member)
            if member.filename == "docProps/core.xml":
                # openpyxl writes the hour of the day here, whatever one asks.
                content = MODIFIED.sub(rb"\g<1>" + stamp + rb"\g<2>", content)
            fixed = zipfile.ZipInfo(member.filename, date_time=ZIP_EPOCH)
            fixed.compress_type = zipfile.ZIP_DEFLATED
            fixed.external_attr = 0o644 << 16
            fixed.create_system = 3
            target.writestr(fixed, content)
    return packed.getvalue()
