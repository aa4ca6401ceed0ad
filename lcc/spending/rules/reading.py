"""Records that cannot be read as lines at all."""

from __future__ import annotations

from collections.abc import Mapping

from lcc.spending.rules.condition import Condition

__all__ = ["STATEMENTS"]

NAMED = (
    "record-not-a-contract",
    "read-cell-count",
    "read-null-byte",
    "read-total-row",
    "read-without-account",
)
"""Reasons of the readers that are rules of their own."""

NO_AMOUNT = "read_code IS NULL AND record_cents IS NULL AND modified_cents IS NULL"
AMBIGUOUS = "regexp_full_match(amount_text, '[^0-9a-zA-Z]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9]*')"
"""Three digits after one mark, where nothing else in the file says what the mark is."""

STATEMENTS: Mapping[str, Condition] = {
    **{
        code: Condition(
            where=f"read_code = '{code}'",
            field="(read_field)",
            found="read_found",
            per_line=True,
        )
        for code in NAMED
    },
    "record-unreadable": Condition(
        where=f"read_code IS NOT NULL AND read_code NOT IN {NAMED}",
        field="(read_field)",
        found="read_found",
        per_line=True,
    ),
    "kind-unknown": Condition(
        where="kind IS NULL OR kind NOT IN"
        " ('payment', 'award', 'ceiling', 'concession', 'account', 'commitment', 'revenue')",
        field="kind",
        found="kind",
        per_line=True,
    ),
    "amount-ambiguous": Condition(
        where=f"{NO_AMOUNT} AND {AMBIGUOUS}",
        field="amount",
        found="amount_text",
        per_line=True,
    ),
    "amount-unreadable": Condition(
        where=f"{NO_AMOUNT} AND NOT coalesce({AMBIGUOUS}, false)",
        field="amount",
        found="amount_text",
        per_line=True,
    ),
}
