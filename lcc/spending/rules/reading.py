"""Records that cannot be read as lines at all."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["STATEMENTS"]


def _named(code: str) -> str:
    """Return the search for records that their reader set aside under a code of their own."""
    return f"""
        SELECT source_file, source_row, NULL AS line_id, any_value(read_field) AS field,
            any_value(read_found) AS found, 0 AS adjustment_cents
        FROM {{lines}} WHERE read_code = '{code}' GROUP BY source_file, source_row
    """


STATEMENTS: Mapping[str, str] = {
    "read-cell-count": _named("read-cell-count"),
    "read-null-byte": _named("read-null-byte"),
    "read-total-row": _named("read-total-row"),
    "record-not-a-contract": """
        SELECT source_file, source_row, NULL AS line_id, read_field AS field, read_found AS found,
            0 AS adjustment_cents
        FROM {lines} WHERE read_code = 'record-not-a-contract'
    """,
    "record-unreadable": """
        SELECT source_file, source_row, NULL AS line_id, any_value(read_field) AS field,
            any_value(read_found) AS found, 0 AS adjustment_cents
        FROM {lines} WHERE read_code IS NOT NULL AND read_code <> 'record-not-a-contract'
        GROUP BY source_file, source_row
    """,
    "kind-unknown": """
        SELECT source_file, source_row, NULL AS line_id, 'kind' AS field, any_value(kind) AS found,
            0 AS adjustment_cents
        FROM {lines}
        WHERE kind IS NULL OR kind NOT IN
            ('payment', 'award', 'ceiling', 'concession', 'account', 'commitment', 'revenue')
        GROUP BY source_file, source_row
    """,
    "amount-unreadable": """
        SELECT source_file, source_row, NULL AS line_id, 'amount' AS field,
            any_value(amount_text) AS found, 0 AS adjustment_cents
        FROM {lines} WHERE record_cents IS NULL AND modified_cents IS NULL
        GROUP BY source_file, source_row
    """,
}
