"""Reconcile: per file, in records and whole cents, what was read is what was kept or set aside."""

from __future__ import annotations

from typing import Any

import duckdb

from lcc.errors import LccError

__all__ = ["reconcile"]

TOTALS = """
WITH records AS (
    SELECT file_no, source_file, source_row, sum(amount_declared_cents) AS cents
    FROM work GROUP BY file_no, source_file, source_row
),
kept AS (
    SELECT source_file, count(DISTINCT source_row) AS records, sum(amount_declared_cents) AS cents
    FROM line WHERE source_file IN (SELECT source_file FROM work) GROUP BY source_file
),
put_aside AS (
    SELECT source_file, count(*) AS records, sum(amount_declared_cents) AS cents
    FROM quarantine GROUP BY source_file
),
read AS (
    SELECT source_file, count(*) AS records, sum(cents) AS cents FROM records GROUP BY source_file
)
SELECT file.source_file, file.format,
    coalesce(read.records, 0), coalesce(kept.records, 0), coalesce(put_aside.records, 0),
    coalesce(read.cents, 0), coalesce(kept.cents, 0), coalesce(put_aside.cents, 0)
FROM file LEFT JOIN read USING (source_file) LEFT JOIN kept USING (source_file)
LEFT JOIN put_aside USING (source_file)
ORDER BY file.file_no
"""

CODES = """
SELECT source_file, code, count(DISTINCT source_row) FROM finding
GROUP BY source_file, code ORDER BY source_file, code
"""

KEYS = (
    "file",
    "format",
    "rows_read",
    "rows_kept",
    "rows_quarantined",
    "amount_read_cents",
    "amount_kept_cents",
    "amount_quarantined_cents",
)


CHECKED = """
SELECT file.source_file, file.format,
    -- The records of a file of lines are its lines.
    count(*) AS records,
    CAST(coalesce(sum(amount_declared_cents), 0) AS BIGINT) AS cents
FROM checked_line AS line JOIN file USING (file_no)
GROUP BY file.file_no, file.source_file, file.format
"""


def reconcile(con: duckdb.DuckDBPyConnection, checked: bool) -> dict[str, Any]:
    """Return the account of every file, after proving that it balances.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        Database after `settle`.
    checked : bool
        Whether there are lines checked before.

    Raises
    ------
    LccError
        If a record or a cent was lost or made: a fault of the program, never of the file.
    """
    codes: dict[str, dict[str, int]] = {}
    for file, code, count in con.execute(CODES).fetchall():
        codes.setdefault(file, {})[code] = count
    # Of tables alone: other formats have no columns to choose from.
    ignored = dict(
        con.execute(
            "SELECT source_file, columns_ignored FROM file WHERE columns_ignored IS NOT NULL"
        ).fetchall()
    )
    # What was checked before was reconciled then: it is counted here, and all of it is kept.
    before = {}
    if checked:
        for file, _, records, cents in con.execute(CHECKED).fetchall():
            before[file] = (records, records, 0, cents, cents, 0)
    files = []
    for row in con.execute(TOTALS).fetchall():
        entry = dict(zip(KEYS, (*row[:2], *before.get(row[0], row[2:])), strict=True))
        for unit, suffix in (("rows", ""), ("amount", "_cents")):
            read, kept, aside = (
                entry[f"{unit}_{state}{suffix}"] for state in ("read", "kept", "quarantined")
            )
            if read != kept + aside:
                raise LccError(
                    f"the {unit} do not balance",
                    file=entry["file"],
                    found=f"{kept} kept + {aside} set aside",
                    expected=f"{read} read",
                    remedy="report this with the file: it is a fault of the program",
                )
        if row[0] in ignored:
            entry["columns_ignored"] = ignored[row[0]]
        entry["codes"] = codes.get(entry["file"], {})
        files.append(entry)
    return {"files": files}
