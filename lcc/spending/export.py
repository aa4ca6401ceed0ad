"""Export: the results of a check as files, whole or not at all, the same bytes every time."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import duckdb

from lcc.files import atomic_path
from lcc.tables import schema

__all__ = ["neutral_cell", "write_spending"]

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def neutral_cell(text: str) -> str:
    """Return the text as a spreadsheet will show it, never run it as a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def write_spending(
    con: duckdb.DuckDBPyConnection, reconciliation: dict[str, Any], folder: Path
) -> None:
    """Write `lines.parquet`, `findings.parquet`, `quarantine.csv` and `reconciliation.json`."""
    _write_parquet(con, "SELECT * FROM line", folder / "lines.parquet")
    _write_parquet(
        con,
        "SELECT * FROM finding ORDER BY source_file, source_row, code, line_id, field, found",
        folder / "findings.parquet",
    )
    _write_quarantine(con, folder / "quarantine.csv")
    with atomic_path(folder / "reconciliation.json") as path:
        text = json.dumps(reconciliation, ensure_ascii=False, indent=2)
        path.write_text(text + "\n", encoding="utf-8")


def _write_parquet(con: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
    with atomic_path(path) as beside:
        con.execute(
            f"COPY ({query}) TO '{str(beside).replace(chr(39), chr(39) * 2)}'"
            " (FORMAT parquet, COMPRESSION zstd)"
        )


def _write_quarantine(con: duckdb.DuckDBPyConnection, path: Path) -> None:
    names = schema("quarantine").names
    with atomic_path(path) as beside, beside.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\r\n")
        writer.writerow(names)
        rows = con.execute("SELECT * FROM quarantine")
        while batch := rows.fetchmany(10_000):
            for row in batch:
                writer.writerow(
                    neutral_cell(cell) if isinstance(cell, str) else cell for cell in row
                )
