"""Cells: the map's one SQL text run here, named, proved whole, and put in one order.

All of it stays in the engine, in integers and decimals; what leaves is a small table.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import files

import duckdb
import pyarrow as pa

from lcc.carbon.compile import Compiled
from lcc.errors import LccError
from lcc.tables import schema

__all__ = ["map_text", "read_family_cells", "run_map"]

KEYS = (
    "group_key",
    "budget_year",
    "scope_reason",
    "family",
    "code_rule",
    "factor_key",
    "market_factor_key",
)
"""What a cell is of, in the order cells are sorted by; its other columns are sums."""

NUMBERS = (
    "group_key",
    "budget_year",
    "scope_reason",
    "rule_key",
    "factor_key",
    "market_factor_key",
)
"""The same, a rule by its number: one order too, found sooner where there are many cells."""

SUMS = {
    "line_count": "BIGINT",
    "spend_cents": "BIGINT",
    "executed_cents": "BIGINT",
    "quantity": "DOUBLE",
    "spend_cents_squared": "DOUBLE",
    "quantity_squared": "DOUBLE",
}
"""Sums of a cell, exact until here, and the type they leave the engine in."""


@cache
def map_text() -> str:
    """Return the one SQL text of the map, the same for every engine."""
    return (files("lcc") / "carbon" / "map.sql").read_text(encoding="utf-8")


NUMBERED = """
SELECT cell.* REPLACE (budget_group.group_key AS group_key)
FROM ({text}) AS cell JOIN budget_group ON budget_group.group_hash = cell.group_key
"""
"""Cells of budget lines, their hashes replaced by the lines' numbers."""


def run_map(
    connection: duckdb.DuckDBPyConnection, compiled: Compiled, by: str = "family"
) -> pa.Table:
    """Run the map's text in a connection that holds its small tables; return sorted cells.

    Returns
    -------
    pa.Table
        Schema `cell`: the same bytes for the same lines, in whatever order they come.

    Raises
    ------
    LccError
        If the cells do not hold every line once: a fault of the program, never of a file.
    """
    text = NUMBERED.format(text=map_text()) if by == "budget_line" else map_text()
    connection.register("rule_names", _name_rules(compiled))
    connection.execute("CREATE OR REPLACE TEMP TABLE map_rule AS SELECT * FROM rule_names")
    connection.unregister("rule_names")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE found_cell AS {text}")
    _prove_whole(connection)
    return _read(connection, "group_key", NUMBERS if by == "budget_line" else KEYS)


def read_family_cells(connection: duckdb.DuckDBPyConnection) -> pa.Table:
    """Return the cells of the last map run, whatever its dimension, without their group."""
    return _read(connection, "CAST(NULL AS VARCHAR)")


def _read(
    connection: duckdb.DuckDBPyConnection, group: str, order: Sequence[str] = KEYS
) -> pa.Table:
    sums = ", ".join(f"CAST(SUM({name}) AS {kind}) AS {name}" for name, kind in SUMS.items())
    keys = ", ".join(KEYS)
    grouped, sorted_by = ", ".join(dict.fromkeys((*KEYS, *order))), ", ".join(order)
    found = connection.sql(
        f"SELECT {keys}, {sums} FROM (SELECT * REPLACE ({group} AS group_key) FROM found_cell) "
        f"LEFT JOIN map_rule USING (rule_key) GROUP BY {grouped} ORDER BY {sorted_by}"
    ).to_arrow_table()
    return found.cast(schema("cell").arrow()).combine_chunks()


def _name_rules(compiled: Compiled) -> pa.Table:
    """Return the family each rule leads to, by the rule's key."""
    columns = (compiled.rules[name].to_pylist() for name in ("rule_id", "family"))
    family_of = dict(zip(*columns, strict=True))
    return pa.table(
        {
            "rule_key": pa.array(range(len(compiled.rule_ids)), type=pa.int64()),
            "code_rule": pa.array(compiled.rule_ids, type=pa.string()),
            "family": pa.array([family_of[rule] for rule in compiled.rule_ids], type=pa.string()),
        }
    )


def _prove_whole(connection: duckdb.DuckDBPyConnection) -> None:
    """Raise unless the cells hold the lines and the cents of the map, all and once."""
    lines, cells = (
        connection.execute(query).fetchall()[0]
        for query in (
            "SELECT COUNT(*), COALESCE(SUM(amount_cents), 0), COALESCE(SUM(executed_cents), 0) "
            "FROM map_line",
            "SELECT COALESCE(SUM(line_count), 0), COALESCE(SUM(spend_cents), 0), "
            "COALESCE(SUM(executed_cents), 0) FROM found_cell",
        )
    )
    if lines != cells:
        raise LccError(
            "the map lost or doubled lines",
            found=f"{cells[0]} lines, {cells[1]} cents in the cells",
            expected=f"{lines[0]} lines, {lines[1]} cents",
            remedy="report this with the files: it is a fault of the program",
        )
