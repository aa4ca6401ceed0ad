"""Scope: what is a purchase is decided by leaf account, never by its first two digits."""

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


def scope_accounts(con: duckdb.DuckDBPyConnection, user_bridge: Path | None = None) -> None:
    """Put out of scope the lines of `work` whose account is no purchase, with the reason.

    A line whose account no bridge knows stays in scope: uncovered is visible, dropped is not.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        Database holding `work`.
    user_bridge : Path, optional
        The user's own bridge.
    """
    default = {"default": DEFAULT_NOMENCLATURE}
    stated = con.execute(ACCOUNTS, default).fetchall()
    if not stated:
        return
    codes = pa.table(
        {
            "nomenclature": pa.array([row[0] for row in stated], pa.string()),
            "code": pa.array([row[1] for row in stated], pa.string()),
        }
    )
    con.register("arriving", compile_codes(codes, user_bridge=user_bridge))
    con.execute("CREATE TABLE account_scope AS SELECT * FROM arriving")
    con.unregister("arriving")
    con.execute(SCOPE, default)
