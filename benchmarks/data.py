"""The benchmarks' input: synthetic lines with text keys, the same for every contender.

120 families' worth of CPV codes, 9 000 distinct, a skewed list of suppliers, one line in ten with a
physical quantity: the shape `docs/architecture.md` was measured on. Written once per size, by hash
functions of the row number, so that every machine gets the same file.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from lcc.tables import load_reference, schema

FOLDER = Path(__file__).parent / "data"

LINES = """
CREATE TABLE stated AS
    SELECT
        'bench.csv#' || i AS line_id,
        'bench.csv' AS source_file,
        i AS source_row,
        'payment' AS kind,
        2019 + CAST(hash(i, 1) % 5 AS BIGINT) AS budget_year,
        CAST(exp(8 + 1.5 * sqrt(-2 * ln((1 + hash(i, 2) % 1000000) / 1000001.0))
            * cos(6.283185 * (hash(i, 3) % 1000000) / 1e6)) * 100 AS BIGINT)
            AS amount_declared_cents,
        amount_declared_cents AS amount_usable_cents,
        'in' AS scope,
        'M57' AS nomenclature,
        (['60612', '6156', '6068', '2315', '21351', '611', '6288', '60622', '2188', '6226'])
            [1 + CAST(hash(i, 4) % 10 AS INT)] AS account,
        CASE WHEN hash(i, 5) % 3 = 0 THEN NULL ELSE code.code8 END AS cpv,
        CASE WHEN hash(i, 7) % 5 = 0 THEN '09.0' || (1 + hash(i, 8) % 9) END AS family,
        lpad(CAST(CAST(pow((hash(i, 9) % 1000000) / 1e6, 4) * 5000 AS INT) AS VARCHAR), 14, '1')
            AS supplier_id,
        'DIR' || (hash(i, 10) % 40) AS directorate,
        CASE WHEN hash(i, 11) % 10 = 0 THEN CAST(hash(i, 12) % 100000 AS VARCHAR) END AS quantity,
        CASE WHEN hash(i, 11) % 10 = 0
            THEN (['kWh', 'litre', 'm3'])[1 + CAST(hash(i, 13) % 3 AS INT)] END AS unit
    FROM range({count}) AS lines(i)
    JOIN code ON code.rank = hash(i, 6) % 9000
    ORDER BY i
"""

TYPES = {"string": "VARCHAR", "integer": "BIGINT", "date": "DATE", "boolean": "BOOLEAN"}
"""Types of Table Schema → those of DuckDB, for the columns the benchmark leaves empty."""


def make_lines(count: int) -> Path:
    """Write `count` lines, unless they are there, and return the file."""
    path = FOLDER / f"lines_{count}.parquet"
    if not path.exists():
        FOLDER.mkdir(exist_ok=True)
        connection = duckdb.connect()
        connection.execute("SET enable_progress_bar = false")
        connection.register("cpv", load_reference("procurement_map", "cpv"))
        connection.execute(
            "CREATE TABLE code AS SELECT code8, row_number() OVER (ORDER BY code8) - 1 AS rank "
            "FROM cpv"
        )
        connection.execute(LINES.format(count=count))
        stated = set(connection.sql("SELECT * FROM stated LIMIT 0").columns)
        columns = ", ".join(
            f'"{field.name}"'
            if field.name in stated
            else f'CAST(NULL AS {TYPES[field.type]}) AS "{field.name}"'
            for field in schema("line").fields
        )
        connection.execute(
            f"COPY (SELECT {columns} FROM stated ORDER BY source_row) TO '{path}' "
            "(FORMAT parquet, ROW_GROUP_SIZE 500000)"
        )
    return path
