"""The floor: a DuckDB process that only reads the nine columns a map needs.

`made` makes every value (the greatest row of nine); `scanned` lets the engine add up numbers and
lengths, which it does on the file's dictionaries without making the texts: the least there can be.
"""

from __future__ import annotations

import sys

import duckdb

NUMBERS = ("budget_year", "amount_usable_cents")
TEXTS = ("family", "cpv", "account", "supplier_id", "directorate", "quantity", "unit")

READS = {
    "made": f"max(({', '.join(NUMBERS + TEXTS)}))",
    "scanned": ", ".join(
        [f"sum({name})" for name in NUMBERS] + [f"sum(strlen({name}))" for name in TEXTS]
    ),
}

reads = READS[sys.argv[2]]
print(duckdb.execute(f"SELECT {reads} FROM read_parquet(?)", [sys.argv[1]]).fetchall())
