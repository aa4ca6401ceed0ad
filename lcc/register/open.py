"""One way to open a register of contracts: any mix of the files that state something of it."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from lcc.errors import InputError
from lcc.register.own import MappingSource, read_register_tables
from lcc.register.register import Register, Stated
from lcc.register.settle import settle
from lcc.spending.sources.decp_json import UTF16_MARKS
from lcc.tables import demo_path

__all__ = ["DEMO_REGISTER", "demo_firms", "demo_register_files", "open_register"]

DEMO_REGISTER = (
    "marches.json",
    "marches_2019.json",
    "marches_centimes.json",
    "registre.csv",
    "etiquettes.csv",
)
"""Files of the demonstration that state something of its contracts."""

HEAD_BYTES = 512


def open_register(paths: Sequence[Path | str], *, mapping: MappingSource = None) -> Register:
    """Return the register that files state together (see `settle`).

    Parameters
    ----------
    paths : sequence of path
        Essential data (JSON or XML, 2019 or 2022), the buyer's own register and tables of tags (CSV
        or XLSX), in any mix: what each is is told from its content.
    mapping : ColumnMapping, mapping, path or None
        Mapping of own headers, for the tables it fits: each of the columns it names must stand in
        one of them at least (see `register_mapping`).

    Raises
    ------
    InputError
        If no file is given, one cannot be read, or the mapping names a column that none has.
    """
    if not paths:
        raise InputError(
            "no file states any contract",
            found="no path",
            expected="essential data, a register of contracts, a table of tags",
        )
    sources = [Path(each) for each in paths]
    tables = [each for each in sources if not _is_essential_data(each)]
    stated = dict(zip(tables, read_register_tables(tables, mapping), strict=True))
    return settle([stated.get(each) or _read_essential_data(each) for each in sources], paths)


def _read_essential_data(path: Path) -> Stated:
    read: Any = import_module("lcc.register.decp.read").read_decp
    stated: Stated = read(path)
    return stated


def demo_register_files() -> list[Path]:
    """Return the files that state the contracts of the embedded demonstration."""
    return [demo_path(name) for name in DEMO_REGISTER]


def demo_firms() -> Path:
    """Return the extract of the register of firms of the embedded demonstration."""
    return demo_path("entreprises.csv")


def _is_essential_data(path: Path) -> bool:
    """Tell JSON and XML from tables by their first character."""
    try:
        with path.open("rb") as stream:
            head = stream.read(HEAD_BYTES)
    except OSError as error:
        raise InputError(
            "the file cannot be read",
            file=path.name,
            found=error.strerror or str(error),
            expected="essential data, a register of contracts or a table of tags",
            remedy="check the path",
        ) from error
    plain = head[2:].replace(b"\0", b"") if head.startswith(UTF16_MARKS) else head
    return plain.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"[", b"<")
