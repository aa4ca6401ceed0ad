"""Sources: one module per format, each a class that yields raw records, and how they are found."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from lcc.errors import InputError

if TYPE_CHECKING:
    from lcc.spending.mapping import ColumnMapping
    from lcc.spending.raw import Source

__all__ = ["FORMATS", "HEAD_BYTES", "open_source"]

HEAD_BYTES = 1 << 16
"""What a sniffer is given of a file."""

FORMATS: tuple[tuple[str, str], ...] = (
    ("own_lines", "OwnLines"),
    ("archive", "Archive"),
    ("decp_xml", "DecpXml"),
    ("totem", "Totem"),
    ("pes", "Pes"),
    ("decp_json", "DecpJson"),
    ("decp_table", "DecpTable"),
    ("tabular", "Tabular"),
)
"""Modules of this package and their class, in the order they are asked: the strictest first."""


def open_source(path: Path, mapping: ColumnMapping | None = None) -> Source:
    """Return the reader of a file, chosen by what the file holds and never by its name alone.

    Parameters
    ----------
    path : Path
        File to read.
    mapping : ColumnMapping, optional
        Which column holds which field of a table; the formats that need none are read as such.

    Raises
    ------
    InputError
        If there is no such file, it is empty, or no format is recognised.
    """
    head = _read_head(path)
    for module_name, class_name in FORMATS:
        module = import_module(f"lcc.spending.sources.{module_name}")
        as_table = mapping is not None and module_name == FORMATS[-1][0]
        if as_table or module.sniff(path, head):
            source: Source = getattr(module, class_name)(path, mapping)
            return source
    raise InputError(
        "the format of the file is not recognised",
        file=path.name,
        found=f"a file beginning with {head[:40]!r}",
        expected="DECP (JSON, XML, CSV), TOTEM or PES XML, CSV, XLSX or Parquet",
        remedy="check the file, or describe its columns in a mapping file (--mapping)",
    )


def _read_head(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            head = stream.read(HEAD_BYTES)
    except OSError as error:
        raise InputError(
            "the file cannot be opened",
            file=str(path),
            found=error.strerror or str(error),
            expected="a file that exists and may be read",
            remedy="check the name and your rights on it",
        ) from error
    if not head.strip():
        raise InputError(
            "the file is empty",
            file=path.name,
            found=f"{len(head)} bytes",
            expected="at least one record",
            remedy="export the file again",
        )
    return head
