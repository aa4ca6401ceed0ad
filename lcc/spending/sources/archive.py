"""A ZIP holding one file, unpacked beside within limits; anything else in a ZIP is refused."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pyarrow as pa

from lcc.errors import InputError
from lcc.spending.mapping import ColumnMapping

__all__ = ["Archive", "sniff"]

ZIP_MARK = b"PK\x03\x04"
MAX_RATIO = 100
"""DECP and TOTEM files shrink 10 to 40 times; beyond a hundred it is a bomb."""
MAX_BYTES = 4 << 30
CHUNK_BYTES = 1 << 20


def sniff(path: Path, head: bytes) -> bool:
    """Whether the file is a ZIP, and not a workbook (a ZIP of its own kind)."""
    if not head.startswith(ZIP_MARK):
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            return "[Content_Types].xml" not in archive.namelist()
    except (zipfile.BadZipFile, OSError):
        return True


class Archive:
    """One ZIP file holding one file that another source reads."""

    def __init__(self, path: Path, mapping: ColumnMapping | None = None) -> None:
        self.path = path
        self.mapping = mapping
        self.name = path.name
        self.format = "zip"

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the records of the file inside.

        Raises
        ------
        InputError
            If the ZIP is damaged, encrypted, holds more than one file or an archive, or unpacks
            to far more than its size.
        """
        from lcc.spending.sources import open_source

        try:
            with zipfile.ZipFile(self.path) as archive, tempfile.TemporaryDirectory() as folder:
                member = self._only_member(archive)
                # The name inside is never used as a path: it may climb out of the folder.
                inside = Path(folder) / f"content{Path(member.filename).suffix[:8]}"
                with archive.open(member) as packed, inside.open("wb") as plain:
                    self._unpack(packed, plain, member.compress_size)
                source = open_source(inside, self.mapping)
                if isinstance(source, Archive):
                    raise self._refusal("an archive within the archive")
                source.name = self.name
                yield from source.batches()
                self.format = f"{source.format}-zip"
        except (zipfile.BadZipFile, EOFError, RuntimeError, NotImplementedError) as error:
            raise self._refusal(str(error)) from error

    def _only_member(self, archive: zipfile.ZipFile) -> zipfile.ZipInfo:
        members = [each for each in archive.infolist() if not each.is_dir()]
        if len(members) != 1:
            raise self._refusal(f"{len(members)} files")
        return members[0]

    def _unpack(self, packed: IO[bytes], plain: IO[bytes], packed_bytes: int) -> None:
        """Copy, counting what really comes out: a ZIP may lie about its sizes."""
        limit = min(MAX_BYTES, max(packed_bytes, CHUNK_BYTES) * MAX_RATIO)
        written = 0
        while chunk := packed.read(CHUNK_BYTES):
            written += len(chunk)
            if written > limit:
                raise self._refusal(f"more than {limit} bytes once unpacked")
            plain.write(chunk)

    def _refusal(self, found: str) -> InputError:
        return InputError(
            "the ZIP is refused",
            file=self.name,
            found=found,
            expected=f"one file, at most {MAX_RATIO} times its packed size",
            remedy="unpack it yourself and give the file it holds",
        )
