"""The floor: a DuckDB process that only reads the nine columns a map needs.

Lengths and sums, not extremes: those it would answer from the file's statistics without reading.
"""

from __future__ import annotations

import sys

import duckdb

NUMBERS = ("budget_year", "amount_usable_cents")
TEXTS = ("family", "cpv", "account", "supplier_id", "directorate", "quantity", "unit")

reads = ", ".join(
    [f"sum({name})" for name in NUMBERS] + [f"sum(strlen({name}))" for name in TEXTS]
)
print(duckdb.execute(f"SELECT {reads} FROM read_parquet(?)", [sys.argv[1]]).fetchall())
