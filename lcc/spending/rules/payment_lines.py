"""Damage of finance exports: rows twice, impossible budget years, broken accounts, payees' SIRETs.

These rules run before those of `payments`, which rely on the account, the year and the payee.
"""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

__all__ = ["REPAIRS", "STATEMENTS", "prepare"]


def _payee(verdict: str) -> str:
    return f"""
        SELECT source_file, source_row, line_id, 'payee_id' AS field, payee_id AS found,
            0 AS adjustment_cents
        FROM {{lines}} AS line JOIN siret_judged ON siret_judged.id = line.payee_id
        WHERE siret_judged.verdict = '{verdict}'
    """


def _written(field: str, condition: str) -> str:
    """Look at a field as the file writes it, beside what normalising made of it."""
    return f"""
        SELECT line.source_file, line.source_row, line.line_id, '{field}' AS field,
            raw.{field} AS found, 0 AS adjustment_cents
        FROM {{lines}} AS line JOIN raw
            ON raw.source_file = line.source_file AND raw.source_row = line.source_row
            AND raw.part = line.part
        WHERE {condition}
    """


AGAIN = """
CREATE OR REPLACE TABLE row_again AS
WITH alike AS (
    SELECT hash(record_text) AS digest FROM live
    WHERE kind IN ('payment', 'commitment') AND record_text IS NOT NULL
    GROUP BY digest HAVING count(*) > 1
),
seen AS (
    SELECT source_file, source_row, file_no, record_text,
        coalesce(voucher, "order") IS NOT NULL AS numbered,
        date IS NOT NULL AND coalesce(payee_name, supplier_name, payee_id, supplier_id, label)
            IS NOT NULL AS identified,
        row_number() OVER (PARTITION BY file_no, record_text ORDER BY source_row) AS rank
    FROM live SEMI JOIN alike ON alike.digest = hash(record_text)
    WHERE kind IN ('payment', 'commitment') AND part = 1
),
times AS (
    SELECT file_no, source_file, record_text, count(*) AS times FROM seen GROUP BY ALL
),
before AS (
    SELECT file_no, record_text, max(times) OVER earlier AS earlier,
        first_value(source_file) OVER earlier AS first_file
    FROM times
    WINDOW earlier AS (
        PARTITION BY record_text ORDER BY file_no
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    )
)
SELECT seen.* EXCLUDE (record_text), coalesce(before.earlier, 0) AS earlier, before.first_file,
    count(*) FILTER (rank > 1) OVER (PARTITION BY seen.file_no) AS doubles, of_file.records
FROM seen JOIN before USING (file_no, record_text)
JOIN (SELECT file_no, count(*) AS records FROM live GROUP BY file_no) AS of_file
    ON of_file.file_no = seen.file_no
"""
"""Rows of the same text: their rank in their file, and how often a file before holds them."""

STATEMENTS: Mapping[str, str] = {
    # A number tells a row twice from equal purchases; so does another file, where the row has a day
    # and a name. Rows twice in one file stay doubles only where they are rare.
    "payment-row-twice": """
        SELECT source_file, source_row, NULL AS line_id, 'record' AS field,
            CASE WHEN earlier > 0 THEN 'in ' || first_file ELSE CAST(rank AS VARCHAR) END AS found,
            0 AS adjustment_cents
        FROM row_again
        WHERE (numbered AND rank > 1 AND doubles * 100 <= $threshold * records)
            OR (identified AND rank <= earlier)
    """,
    "payment-row-repeated": """
        SELECT source_file, source_row, NULL AS line_id, 'record' AS field,
            CAST(rank AS VARCHAR) AS found, 0 AS adjustment_cents
        FROM row_again JOIN {lines} AS line USING (source_file, source_row) WHERE rank > 1
    """,
    "payment-test": """
        SELECT source_file, source_row, line_id, 'label' AS field, label AS found,
            0 AS adjustment_cents
        FROM {lines}
        WHERE regexp_matches(lower(trim(label)), '^(ceci est un )?(tests?|essai)[^a-z]*$')
    """,
    "account-unreadable": _written("account", "regexp_matches(raw.account, '[0-9][A-Za-z]+[0-9]')"),
    "budget-year-implausible": """
        SELECT source_file, source_row, line_id, 'budget_year' AS field,
            CAST(budget_year AS VARCHAR) AS found, 0 AS adjustment_cents
        FROM {lines} WHERE abs(budget_year - year(date)) > $threshold
    """,
    "payee-siret-cleaned": _written("payee_id", "raw.payee_id <> line.payee_id"),
    "payee-siret-length": _payee("length"),
    "payee-siret-checksum": _payee("checksum"),
}


def _update(code: str, assignment: str) -> str:
    return f"""
        UPDATE work SET {assignment} FROM finding
        WHERE finding.code = '{code}' AND work.line_id = finding.line_id
    """


REPAIRS: Mapping[str, str] = {
    # The digits left of a broken account would be another account, perhaps out of scope.
    "account-unreadable": _update(
        "account-unreadable", "account = NULL, scope = 'in', scope_reason = NULL"
    ),
    "budget-year-implausible": _update("budget-year-implausible", "budget_year = year(date)"),
}


def prepare(con: duckdb.DuckDBPyConnection) -> None:
    """Gather the rows whose very text occurs again."""
    con.execute(AGAIN)
