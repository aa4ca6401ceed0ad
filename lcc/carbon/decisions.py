"""Decisions of the user on titles without a code, brought to the lines of a map.

They are rules like those of the bridges, the last to be asked: a line with a code that leads to a
family never looks at them. Without decisions nothing of this costs anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from lcc.spending.classify import compile_codes
from lcc.spending.suggest.decide import DECISION, read_decisions
from lcc.spending.suggest.text import title_key

__all__ = ["DECIDED", "compile_decisions", "create_decisions", "has_decisions"]

DECIDED = """(
                SELECT map_decision.rule_id FROM map_decision
                WHERE map_decision.label = spent.label
                    AND map_decision.contract = COALESCE(spent.contract, '')
                    AND map_decision.supplier =
                        COALESCE(spent.supplier_id, spent.supplier_name, '')
            )"""
"""How a line finds its decision: the tables hold each title, contract and supplier once."""


TITLES = "SELECT DISTINCT label FROM line WHERE kind = ? AND label IS NOT NULL ORDER BY label"
"""Titles are brought to their words once each, whatever contracts and suppliers they stand for."""

MATCH = """
CREATE OR REPLACE TABLE map_decision AS
SELECT
    spent.label, spent.contract, spent.supplier,
    -- The row that says most of a line: contract and supplier, contract, supplier, title alone.
    arg_max(
        decision_row.rule_id,
        2 * CAST(decision_row.contract <> '' AS INTEGER)
            + CAST(decision_row.supplier <> '' AS INTEGER)
    ) AS rule_id
FROM (
    SELECT DISTINCT
        label,
        COALESCE(contract, '') AS contract,
        COALESCE(supplier_id, supplier_name, '') AS supplier
    FROM line
    WHERE kind = ? AND label IS NOT NULL
) AS spent
JOIN decision_title ON decision_title.label = spent.label
JOIN decision_row
    ON decision_row.title = decision_title.title
        AND decision_row.contract IN ('', spent.contract)
        AND decision_row.supplier IN ('', spent.supplier)
GROUP BY ALL
"""


def create_decisions(
    connection: duckdb.DuckDBPyConnection, kind: str, path: Path | None
) -> list[str]:
    """Create, in the connection, the decisions that lines of a kind are given; none without file.

    Parameters
    ----------
    connection : DuckDBPyConnection
        Database of a check.
    kind : str
        Kind of the lines of the map.
    path : Path or None
        Table of decisions (schema `suggestion_decision`).

    Returns
    -------
    list of str
        Rules of the decisions that no line has: title, contract or supplier are written otherwise.

    Raises
    ------
    InputError, FieldError
        If the table cannot be read or does not hold together.
    """
    if path is None:
        for name in ("map_decision", "decision_rule"):
            connection.execute(f"DROP TABLE IF EXISTS {name}")
        return []
    decisions = read_decisions(path)
    titles = connection.execute(TITLES, [kind]).fetchall()
    keyed = [(label, title_key(label)) for (label,) in titles]
    _create(connection, "decision_title", ("label", "title"), keyed)
    stated = [(*each.key, each.rule_id) for each in decisions]
    _create(connection, "decision_row", ("title", "contract", "supplier", "rule_id"), stated)
    connection.execute(MATCH, [kind])
    for name in ("decision_title", "decision_row"):
        connection.execute(f"DROP TABLE {name}")
    rules = pa.table(
        {
            "rule_id": pa.array([each.rule_id for each in decisions], pa.string()),
            "family": pa.array([each.family for each in decisions], pa.string()),
            "error_cv": pa.array([each.error_cv for each in decisions], pa.float64()),
        }
    )
    connection.register("small_table", rules)
    connection.execute("CREATE OR REPLACE TABLE decision_rule AS SELECT * FROM small_table")
    connection.unregister("small_table")
    found = connection.execute("SELECT DISTINCT rule_id FROM map_decision").fetchall()
    used = {rule for (rule,) in found}
    return [each.rule_id for each in decisions if each.rule_id not in used]


def has_decisions(connection: duckdb.DuckDBPyConnection) -> bool:
    """Return whether decisions were created in a connection."""
    found = connection.execute(
        "SELECT COUNT(*) FROM duckdb_tables() WHERE table_name = 'map_decision'"
    ).fetchall()
    return bool(found[0][0])


def compile_decisions(connection: duckdb.DuckDBPyConnection) -> pa.Table:
    """Return the rules of decisions that the lines use, in the columns of `compile_codes`."""
    form = compile_codes(
        pa.table({"nomenclature": pa.array([], pa.string()), "code": pa.array([], pa.string())})
    )
    if not has_decisions(connection):
        return form
    rows = connection.execute(
        "SELECT rule_id, family, error_cv FROM decision_rule "
        "WHERE rule_id IN (SELECT decision FROM map_line) ORDER BY rule_id"
    ).fetchall()
    return pa.Table.from_pylist(
        [
            {
                "nomenclature": DECISION,
                "code": rule,
                "rule_id": rule,
                "family": family,
                "scope": "in",
                "error_cv": error_cv,
                "matched_digits": 0,
            }
            for rule, family, error_cv in rows
        ],
        schema=form.schema,
    )


def _create(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    columns: tuple[str, ...],
    rows: Sequence[tuple[str, ...]],
) -> None:
    arrays = list(zip(*rows, strict=True)) or [()] * len(columns)
    table = pa.table(
        {
            column: pa.array(values, type=pa.string())
            for column, values in zip(columns, arrays, strict=True)
        }
    )
    connection.register("small_table", table)
    connection.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM small_table")
    connection.unregister("small_table")
