"""Export: the results of a check as files, whole or not at all, the same bytes every time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb

from lcc.files import atomic_path
from lcc.tables import write_table

__all__ = ["write_spending"]

RESULTS = {
    "lines.parquet": "SELECT * FROM line ORDER BY source_file, source_row, line_id",
    "findings.parquet": "SELECT * FROM finding "
    "ORDER BY source_file, source_row, code, line_id, field, found",
    "quarantine.csv": "SELECT * FROM quarantine",
}
"""Files of a check, with the query of each."""


def write_spending(
    con: duckdb.DuckDBPyConnection, reconciliation: dict[str, Any], folder: Path
) -> None:
    """Write `lines.parquet`, `findings.parquet`, `quarantine.csv` and `reconciliation.json`.

    Raises
    ------
    OutputError
        If a file cannot be written.
    """
    for name, query in RESULTS.items():
        write_table(con.sql(query).to_arrow_table(), folder / name)
    with atomic_path(folder / "reconciliation.json") as path:
        text = json.dumps(reconciliation, ensure_ascii=False, indent=2)
        path.write_text(text + "\n", encoding="utf-8")
