"""Damage of finance exports: rows twice, impossible budget years, broken accounts, payees' SIRETs.

These rules run before those of `payments`, which rely on the account, the year and the payee.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["REPAIRS", "STATEMENTS"]


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


STATEMENTS: Mapping[str, str] = {
    # Some exports hold no number of order, and then equal rows may be equal purchases: they are
    # doubles only where they are rare.
    "payment-row-twice": """
        WITH seen AS (
            SELECT source_file, source_row, file_no, record_text,
                row_number() OVER (
                    PARTITION BY file_no, hash(record_text), record_text ORDER BY source_row
                ) AS rank,
                count(*) OVER (PARTITION BY file_no) AS records
            FROM {lines} WHERE part = 1 AND record_text IS NOT NULL
        )
        SELECT source_file, source_row, NULL AS line_id, 'record' AS field,
            CAST(rank AS VARCHAR) AS found, 0 AS adjustment_cents
        FROM (SELECT *, count(*) FILTER (rank > 1) OVER (PARTITION BY file_no) AS doubles FROM seen)
        WHERE rank > 1 AND doubles * 100 <= $threshold * records
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
