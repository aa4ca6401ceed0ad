"""The crossing against the map by family alone, on the same lines: cold processes in turn, a ratio.

Usage: python benchmarks/crossing.py [--lines 10000000] [--runs 2]

The lines are those of `data.py`, given what a finance export says of each: an account that goes
with what is bought (three accounts per division of the CPV or family), a function (thirty, some far
more used than others), and with the function its directorate and its budget. They make about as
many pairs of account and function as the accounts of a large town.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

import duckdb
from data import FOLDER, make_lines
from run import compare

ACCOUNTS = (
    *("60611", "60612", "60613", "60621", "60622", "60623", "60628", "60631", "60632", "60636"),
    *("6064", "6068", "611", "6132", "61351", "61521", "615221", "615231", "61551", "6156"),
    *("617", "6182", "6184", "6226", "6227", "6231", "6236", "6247", "6251", "6262"),
    *("2031", "2051", "2128", "21351", "2151", "2152", "21828", "2188", "2313", "2315"),
)
FUNCTIONS = 30

STATED = """
COPY (
    SELECT * EXCLUDE (kinds, place, accounts) REPLACE (
        accounts[1 + CAST((kinds * 3 + hash(source_row, 21) % 3) % len(accounts) AS INT)]
            AS account,
        CAST(100 + place AS VARCHAR) AS function,
        CASE WHEN accounts[1 + CAST((kinds * 3 + hash(source_row, 21) % 3) % len(accounts) AS INT)]
            LIKE '2%' THEN 'capital' ELSE 'operating' END AS section,
        CASE WHEN place < 24 THEN 'PRINCIPAL' ELSE 'ANNEXE ' || place % 3 END AS budget,
        'DIR' || (place * 2 // 3) AS directorate
    )
    FROM (
        SELECT
            *,
            hash(coalesce(family, substr(cpv, 1, 2), '')) % 13 AS kinds,
            CAST(floor(pow((hash(source_row, 20) % 1000000) / 1e6, 2) * {functions}) AS BIGINT)
                AS place
        FROM '{lines}'
    ), (SELECT {accounts} AS accounts) AS plan
    ORDER BY source_row
) TO '{path}' (FORMAT parquet, ROW_GROUP_SIZE 500000)
"""


def make_budget_lines(count: int) -> Path:
    """Write the lines with their budget, unless they are there, and return the file."""
    path = FOLDER / f"budget_lines_{count}.parquet"
    if not path.exists():
        connection = duckdb.connect()
        connection.execute("SET enable_progress_bar = false")
        connection.execute(
            STATED.format(
                functions=FUNCTIONS, lines=make_lines(count), path=path, accounts=list(ACCOUNTS)
            )
        )
    return path


def main() -> None:
    """Measure and print one object of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=10_000_000)
    parser.add_argument("--runs", type=int, default=2)
    chosen = parser.parse_args()
    lines = str(make_budget_lines(chosen.lines))
    lcc = [sys.executable, "-c", "from lcc.cli import run; run()"]
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        found = compare(
            {
                "map": [*lcc, "map", lines, "--out", str(out / "table.csv")],
                "crossing": [*lcc, "budget", "cross", lines, "--out", str(out / "crossing")],
            },
            chosen.runs,
        )
        proof = json.loads((out / "crossing" / "reconciliation.json").read_text(encoding="utf-8"))
        rows = duckdb.sql(f"SELECT count(*) FROM '{out}/crossing/crossing.parquet'").fetchall()
    print(
        json.dumps(
            {
                "lines": chosen.lines,
                "rows": rows[0][0],
                "map_s": round(found["map"].seconds, 2),
                "crossing_s": round(found["crossing"].seconds, 2),
                "ratio": round(found["crossing"].seconds / found["map"].seconds, 2),
                "crossing_peak_mb": round(found["crossing"].peak_mb),
                "proved": proof["reconciliation"]["proved"],
            }
        )
    )


if __name__ == "__main__":
    main()
