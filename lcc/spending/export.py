"""Export: the results of a check as files, whole or not at all, the same bytes every time."""

from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import duckdb

from lcc.files import atomic_path
from lcc.tables import write_columns

__all__ = ["write_spending"]

RESULTS = {
    "lines.parquet": "SELECT * FROM line ORDER BY source_file, source_row, line_id",
    "findings.parquet": "SELECT * FROM finding "
    "ORDER BY source_file, source_row, code, line_id, field, found",
    "quarantine.csv": "SELECT * FROM quarantine",
}
"""Files of a check, with the query of each."""

RECONCILIATION = "reconciliation.json"


def write_spending(
    con: duckdb.DuckDBPyConnection, reconciliation: dict[str, Any], folder: Path
) -> None:
    """Write `lines.parquet`, `findings.parquet`, `quarantine.csv` and `reconciliation.json`.

    Raises
    ------
    OutputError
        If a file cannot be written.
    """
    with ExitStack() as all_or_none:
        # Every file is whole before the first takes its place.
        beside = {
            name: all_or_none.enter_context(atomic_path(folder / name))
            for name in (*RESULTS, RECONCILIATION)
        }
        for name, query in RESULTS.items():
            write_columns(con.sql(query).to_arrow_table(), beside[name], Path(name).suffix)
        text = json.dumps(reconciliation, ensure_ascii=False, indent=2)
        beside[RECONCILIATION].write_text(text + "\n", encoding="utf-8")
