"""Staging: the raw records of all inputs in one DuckDB table, in the order they were given."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from lcc.errors import InputError
from lcc.files import sha256
from lcc.spending.mapping import ColumnMapping
from lcc.spending.raw import Source, raw_schema
from lcc.spending.sources import open_source
from lcc.spending.sources.own_lines import OwnLines
from lcc.tables import schema

__all__ = ["SQL_TYPES", "connect", "open_inputs", "paths_of", "stage"]

QUOTE = "'"

SQL_TYPES: dict[pa.DataType, str] = {
    pa.string(): "VARCHAR",
    pa.int64(): "BIGINT",
    pa.float64(): "DOUBLE",
    pa.bool_(): "BOOLEAN",
    pa.date32(): "DATE",
}
"""Arrow type of a schema's field → type of the column in DuckDB."""


def _cores() -> int:
    """Return the cores this process may use: DuckDB counts the machine's, whatever is allowed."""
    allowed = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed else os.cpu_count() or 1


def connect() -> duckdb.DuckDBPyConnection:
    """Return a private DuckDB in memory that reads and fetches nothing by itself."""
    return duckdb.connect(
        config={
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "preserve_insertion_order": "true",
            "threads": str(_cores()),
        }
    )


def open_inputs(
    inputs: Sequence[Any], mapping: ColumnMapping | None = None
) -> list[tuple[str, Source]]:
    """Return the source of each input with the name it bears in the results.

    Parameters
    ----------
    inputs : sequence of str, Path or frame
        Files, addresses of a PostgreSQL table or query, sources already open, or any frame that
        offers Arrow's stream interface (pandas, polars, Arrow).
    mapping : ColumnMapping, optional
        Passed to the readers of tables.

    Raises
    ------
    InputError
        If an input is of no known kind, a file cannot be opened, or two files hold the same bytes.
    """
    _refuse_twice(paths_of(inputs))
    opened: list[tuple[str, Source]] = []
    names: dict[str, int] = {}
    for each in inputs:
        source = _open_input(each, mapping)
        count = names[source.name] = names.get(source.name, 0) + 1
        opened.append((source.name if count == 1 else f"{source.name} ({count})", source))
    return opened


def _refuse_twice(paths: Sequence[Path]) -> None:
    """Raise where two files hold the same bytes: all they hold would be counted twice.

    Only files of the same size are read for it.

    Raises
    ------
    InputError
        Naming both files.
    """
    sizes: dict[int, list[Path]] = {}
    for path in paths:
        if path.is_file():
            sizes.setdefault(path.stat().st_size, []).append(path)
    for alike in sizes.values():
        seen: dict[str, Path] = {}
        for path in alike if len(alike) > 1 else ():
            first = seen.setdefault(sha256(path), path)
            if first is not path:
                raise InputError(
                    "the same file is given twice: all its amounts would count twice",
                    file=f"{first}, {path}",
                    found="the same content, to the byte",
                    expected="each file once",
                    remedy="give it once",
                )


def paths_of(inputs: Sequence[Any]) -> list[Path]:
    """Return the inputs that are files."""
    return [
        Path(each) for each in inputs if isinstance(each, str | Path) and not _is_database(each)
    ]


def _is_database(each: Any) -> bool:
    return isinstance(each, str) and each.startswith(("postgresql://", "postgres://"))


def _open_input(each: Any, mapping: ColumnMapping | None) -> Source:
    if _is_database(each):
        from lcc.spending.sources.database import Database

        database: Source = Database(each, mapping)
        return database
    if isinstance(each, (str, Path)):
        return open_source(Path(each), mapping)
    if hasattr(each, "batches") and hasattr(each, "name"):
        opened: Source = each
        return opened
    if hasattr(each, "__arrow_c_stream__") or hasattr(each, "to_arrow"):
        from lcc.spending.sources.frame import Frame

        frame: Source = Frame(each, mapping)
        return frame
    raise InputError(
        "this input cannot be read",
        found=type(each).__name__,
        expected="a path, a postgresql:// address, or a pandas, polars or Arrow table",
        remedy="give the file's name, or convert the object to an Arrow table",
    )


def stage(con: duckdb.DuckDBPyConnection, sources: Iterable[tuple[str, Source]]) -> bool:
    """Create the tables `raw` (schema `raw`, plus `file_no`) and `file` (number, name, format).

    Lines checked before (`lines.parquet`) are not read: the view `checked_line` shows them.

    Returns
    -------
    bool
        Whether there are such lines.

    Raises
    ------
    InputError
        If an input cannot be read to its end.
    """
    form = raw_schema()
    columns = ", ".join(f'"{field.name}" {SQL_TYPES[field.type]}' for field in form)
    con.execute(f"CREATE TABLE raw (file_no BIGINT, source_file VARCHAR, {columns})")
    con.execute(
        "CREATE TABLE file (file_no BIGINT, source_file VARCHAR, format VARCHAR,"
        " columns_ignored VARCHAR[])"
    )
    listed = ", ".join(f'"{name}"' for name in form.names)
    checked: list[tuple[int, Path]] = []
    for file_no, (name, source) in enumerate(sources):
        if isinstance(source, OwnLines):
            checked.append((file_no, source.path))
        else:
            for batch in source.batches():
                con.register("arriving", pa.Table.from_batches([batch]))
                con.execute(f"INSERT INTO raw SELECT ?, ?, {listed} FROM arriving", [file_no, name])
                con.unregister("arriving")
        layout = getattr(source, "layout", None)
        ignored = None if layout is None else list(layout.ignored)
        con.execute("INSERT INTO file VALUES (?, ?, ?, ?)", [file_no, name, source.format, ignored])
    if checked:
        _view_checked(con, checked)
    return bool(checked)


def _read_findings(con: duckdb.DuckDBPyConnection, paths: Sequence[Path]) -> None:
    """Create `checked_finding` from the findings that lie beside lines checked before."""
    form = ", ".join(
        f'"{field.name}" {SQL_TYPES[field.type]}' for field in schema("finding").arrow()
    )
    con.execute(f"CREATE TABLE checked_finding ({form})")
    for path in paths:
        if path.is_file():
            con.execute("INSERT INTO checked_finding SELECT * FROM read_parquet(?)", [str(path)])


def _view_checked(con: duckdb.DuckDBPyConnection, checked: Sequence[tuple[int, Path]]) -> None:
    """Create the view `checked_line` over lines checked before; the files are not copied.

    Raises
    ------
    InputError
        If the lines of one file would be counted twice.
    """
    # A view takes no bound values; quotes in a path are doubled, as SQL has it.
    views = [
        f"SELECT {file_no} AS file_no, {_columns(path)}"
        f" FROM read_parquet('{str(path).replace(QUOTE, QUOTE * 2)}')"
        for file_no, path in checked
    ]
    con.execute("CREATE VIEW checked_line AS " + " UNION ALL ".join(views))
    _read_findings(con, [path.with_name("findings.parquet") for _, path in checked])
    if con.execute("SELECT count(*) FROM file").fetchone() == (1,):
        return
    twice = con.execute(
        "SELECT source_file FROM (SELECT DISTINCT file_no, source_file FROM checked_line"
        " UNION ALL SELECT file_no, source_file FROM file)"
        " GROUP BY source_file HAVING count(*) > 1 ORDER BY 1"
    ).fetchall()
    if twice:
        raise InputError(
            "the same lines would be counted twice",
            file=", ".join(row[0] for row in twice),
            found="a file given with the lines.parquet made from it, or two such tables",
            expected="each file once",
            remedy="give either the file or its checked lines",
        )


def _columns(path: Path) -> str:
    """Return the columns of the schema `line` in a file, null for those it was written without."""
    from pyarrow import parquet

    written = set(parquet.read_schema(path).names)
    return ", ".join(
        f'"{name}"' if name in written else f'CAST(NULL AS VARCHAR) AS "{name}"'
        for name in schema("line").names
    )
