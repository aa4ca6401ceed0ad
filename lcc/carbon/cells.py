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
from lcc.carbon.lines import HASHED
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

GROUPED = (
    "group_key",
    "budget_year",
    "scope_reason",
    "rule_key",
    "factor_key",
    "market_factor_key",
)
"""What the map's text groups by, a rule by its number: one order too, found sooner where there are
many cells."""

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
SELECT cell.* REPLACE (numbered.group_key AS group_key)
FROM ({text}) AS cell JOIN {by}_group AS numbered ON numbered.group_hash = cell.group_key
"""
"""Cells of groups of several facts, their hashes replaced by the groups' numbers."""


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
    text = NUMBERED.format(text=map_text(), by=by) if by in HASHED else map_text()
    connection.register("rule_names", _name_rules(compiled))
    connection.execute("CREATE OR REPLACE TEMP TABLE map_rule AS SELECT * FROM rule_names")
    connection.unregister("rule_names")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE found_cell AS {text}")
    _prove_whole(connection)
    return _read(connection, "found_cell", GROUPED if by in HASHED else KEYS)


def read_family_cells(connection: duckdb.DuckDBPyConnection) -> pa.Table:
    """Return the cells of the last map run, whatever its dimension, without their group."""
    keys = ", ".join(GROUPED[1:])
    sums = ", ".join(f"SUM({name}) AS {name}" for name in SUMS)
    return _read(
        connection,
        f"(SELECT CAST(NULL AS VARCHAR) AS group_key, {keys}, {sums} FROM found_cell "
        f"GROUP BY {keys})",
    )


def _read(
    connection: duckdb.DuckDBPyConnection, cells: str, order: Sequence[str] = KEYS
) -> pa.Table:
    """Return cells with the names of their rules, in an order; each stands there once already."""
    sums = ", ".join(f"CAST({name} AS {kind}) AS {name}" for name, kind in SUMS.items())
    found = connection.sql(
        f"SELECT {', '.join(KEYS)}, {sums} FROM {cells} AS cell "
        f"LEFT JOIN map_rule USING (rule_key) ORDER BY {', '.join(order)}"
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
