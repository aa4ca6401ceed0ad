"""Scope: what is a purchase is decided by leaf account, never by its first two digits.

A few CPV codes are no purchase either (land, loans, meal vouchers). They are heard where the line
names no family of its own.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa

from lcc.spending.classify import compile_codes

__all__ = ["DEFAULT_NOMENCLATURE", "scope_accounts"]

DEFAULT_NOMENCLATURE = "M57"
"""Chart of accounts of all French local authorities since 2024, taken where a file names none."""

ACCOUNTS = """
SELECT DISTINCT coalesce(nomenclature, $default) AS nomenclature, account AS code
FROM work WHERE account IS NOT NULL ORDER BY ALL
"""

SCOPE = """
UPDATE work SET scope = judged.scope, scope_reason = judged.scope_reason
FROM account_scope AS judged
WHERE work.account = judged.code AND coalesce(work.nomenclature, $default) = judged.nomenclature
    AND work.scope = 'in' AND judged.scope = 'out'
"""

CODES = """
SELECT DISTINCT 'cpv' AS nomenclature, cpv AS code
FROM work WHERE cpv IS NOT NULL AND family IS NULL ORDER BY ALL
"""

CODE_SCOPE = """
UPDATE work SET scope = judged.scope, scope_reason = judged.scope_reason
FROM code_scope AS judged
WHERE work.cpv = judged.code AND work.family IS NULL
    AND work.scope = 'in' AND judged.scope = 'out'
"""


def scope_accounts(con: duckdb.DuckDBPyConnection, user_bridge: Path | None = None) -> None:
    """Put out of scope the lines of `work` whose account or CPV is no purchase, with the reason.

    A line whose code no bridge knows stays in scope: uncovered is visible, dropped is not.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        Database holding `work`.
    user_bridge : Path, optional
        The user's own bridge.
    """
    default = {"default": DEFAULT_NOMENCLATURE}
    if _judge(con, "account_scope", con.execute(ACCOUNTS, default).fetchall(), user_bridge):
        con.execute(SCOPE, default)
    if _judge(con, "code_scope", con.execute(CODES).fetchall(), user_bridge):
        con.execute(CODE_SCOPE)


def _judge(
    con: duckdb.DuckDBPyConnection,
    table: str,
    stated: list[tuple[str, str]],
    user_bridge: Path | None,
) -> bool:
    """Create a table of what the bridges say of codes, and return whether there are any."""
    if not stated:
        return False
    codes = pa.table(
        {
            "nomenclature": pa.array([row[0] for row in stated], pa.string()),
            "code": pa.array([row[1] for row in stated], pa.string()),
        }
    )
    con.register("arriving", compile_codes(codes, user_bridge=user_bridge))
    # `table` is one of two names of this module.
    con.execute(f"CREATE TABLE {table} AS SELECT * FROM arriving")
    con.unregister("arriving")
    return True
