"""Delimited text: its encoding and its delimiter, decided from what the file holds."""

from __future__ import annotations

import codecs
import csv
import logging
import re
from collections import Counter
from pathlib import Path

from lcc.errors import InputError

__all__ = ["CELL_CHARACTERS", "HEAD_BYTES", "decide_delimiter", "decide_encoding", "empty_file"]

logger = logging.getLogger(__name__)

HEAD_BYTES = 65_536
DELIMITERS = (";", "\t", "|", ",")
ROWS_SAMPLED = 50
CELL_CHARACTERS = 1_000_000
"""Longest cell accepted: beyond it a quote was left open."""
PUNCTUATION_CP1252 = frozenset(b"\x80\x82\x84\x85\x8c\x91\x92\x93\x94\x95\x96\x97\x99\x9c")
"""Bytes 0x80–0x9F that French text in cp1252 holds: € ‚ „ … Œ ‘ ’ “ ” • – — ™ œ."""
ASCII_RUN = re.compile(rb"[\x00-\x7f]+")
SPACE = 0x20
UNDEFINED_CP1252 = frozenset(b"\x81\x8d\x8f\x90\x9d")


def decide_delimiter(head: str) -> str:
    """Return the delimiter among `;` tab `|` `,` that gives the most rows of the same width."""
    lines = head.replace("\r\n", "\n").split("\n")[: ROWS_SAMPLED + 1]
    lines = lines[:-1] if len(lines) > 1 and len(head) >= HEAD_BYTES else lines
    best, best_score = DELIMITERS[0], (0.0, 0)
    for delimiter in DELIMITERS:
        csv.field_size_limit(CELL_CHARACTERS)
        try:
            rows = [row for row in csv.reader(lines, delimiter=delimiter) if row]
        except csv.Error:
            continue
        widths = [len(row) for row in rows]
        width = max(set(widths), key=lambda each: (widths.count(each), each), default=1)
        if width < 2:
            continue
        score = (widths.count(width) / len(widths), width)
        if score > best_score:
            best, best_score = delimiter, score
    return best


def decide_encoding(path: Path, stated: str | None) -> tuple[str, bool]:
    """Return the encoding of a text file, and whether some of its bytes do not fit it.

    A byte-order mark decides; else UTF-8 where the whole file is; else cp1252, unless its accents
    would be control characters (a file from DOS or an old Macintosh). A file that is UTF-8 but for
    a few rows stays UTF-8: what does not fit shows as U+FFFD, for the check to report.

    Raises
    ------
    InputError
        If the file cannot be opened, is empty or binary, is not in the stated encoding, or its
        encoding cannot be decided.
    """
    try:
        with path.open("rb") as stream:
            head = stream.read(HEAD_BYTES)
            if not head.strip():
                raise empty_file(path)
            marked = _byte_order_mark(head)
            if stated is not None and codecs.lookup(stated).name.startswith(("utf-16", "utf-32")):
                return marked or stated, False
            if marked is not None:
                return marked, False
            if head.count(0) > len(head) // 100:
                raise _undecided(path, "bytes that are no text")
            stream.seek(0)
            counts = _Bytes()
            for block in iter(lambda: stream.read(1 << 20), b""):
                counts.add(block)
            counts.close()
    except OSError as error:
        raise InputError(
            "the file cannot be read",
            file=path.name,
            found=error.strerror or str(error),
            remedy="check the path and the right to read it",
        ) from error
    if stated is not None:
        return _stated(path, stated, counts)
    if counts.wrong == 0:
        return "utf-8", False
    if counts.accents > counts.wrong:
        logger.warning("%s: UTF-8 with %d damaged characters", path.name, counts.wrong)
        return "utf-8", True
    if counts.controls > counts.letters:
        raise _undecided(path, "accents that are neither UTF-8 nor cp1252")
    return "cp1252", counts.undefined > 0


def _stated(path: Path, stated: str, counts: _Bytes) -> tuple[str, bool]:
    """Return the stated encoding where the bytes do not contradict it."""
    name = codecs.lookup(stated).name
    if name == "utf-8" and counts.wrong > counts.accents:
        raise InputError(
            "the file is not in the encoding the mapping states",
            file=path.name,
            field="encoding",
            found=f"{counts.wrong} characters that are not {stated}",
            expected="cp1252 (what French spreadsheets write)",
            remedy='write encoding = "cp1252" under [file], or leave it out to have it detected',
        )
    if name in ("cp1252", "iso8859-1", "iso8859-15") and counts.accents and not counts.wrong:
        raise InputError(
            "the file is not in the encoding the mapping states",
            file=path.name,
            field="encoding",
            found="UTF-8",
            expected=stated,
            remedy='write encoding = "utf-8" under [file], or leave it out to have it detected',
        )
    return stated, True


class _Bytes:
    """Counts, block by block, what tells encodings apart."""

    def __init__(self) -> None:
        self.accents = self.wrong = self.controls = self.letters = self.undefined = 0
        self._rest = b""

    def add(self, block: bytes) -> None:
        if block.isascii() and not self._rest:
            return
        block = self._rest + block
        # A block may end within a character: its last bytes wait for the next block.
        cut = len(block)
        while cut > len(block) - 4 and cut > 0 and block[cut - 1] >= 0x80:
            cut -= 1
        self._rest = block[cut:]
        self._count(block[:cut])

    def close(self) -> None:
        self._count(self._rest)
        self._rest = b""

    def _count(self, block: bytes) -> None:
        high = ASCII_RUN.sub(b" ", block)
        if high in (b"", b" "):
            return
        bytes_of = Counter(high)
        del bytes_of[SPACE]
        self.letters += sum(count for byte, count in bytes_of.items() if byte >= 0xA0)
        self.controls += sum(
            count
            for byte, count in bytes_of.items()
            if byte < 0xA0 and byte not in PUNCTUATION_CP1252
        )
        self.undefined += sum(bytes_of[byte] for byte in UNDEFINED_CP1252)
        characters = Counter(high.decode("utf-8", "surrogateescape"))
        del characters[" "]
        wrong = sum(count for each, count in characters.items() if "\udc80" <= each <= "\udcff")
        self.wrong += wrong
        self.accents += characters.total() - wrong


def _byte_order_mark(head: bytes) -> str | None:
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return None


def empty_file(path: Path) -> InputError:
    """Return the error of a file that holds nothing."""
    return InputError(
        "the file is empty",
        file=path.name,
        found="no text",
        expected="a header and at least one row",
        remedy="export it again from the finance software",
    )


def _undecided(path: Path, found: str) -> InputError:
    return InputError(
        "the encoding of the file cannot be decided",
        file=path.name,
        field="encoding",
        found=found,
        expected="text in UTF-8 or cp1252",
        remedy="export it again in UTF-8, or state encoding under [file] of a mapping (cp850 …)",
    )
