"""Contracts: modifications, co-contractors, framework agreements and their subsequent contracts."""

from __future__ import annotations

from collections.abc import Mapping

from lcc.spending.rules.condition import Condition
from lcc.units import CENTS_PER_EUR

__all__ = ["REPAIRS", "STATEMENTS"]

STATEMENTS: Mapping[str, str | Condition] = {
    "modification-unusable": Condition(
        where="modified_text IS NOT NULL AND (modified_cents IS NULL"
        f" OR modified_cents < $threshold * {CENTS_PER_EUR})",
        field="modified_amount",
        found="modified_text",
    ),
    "modification": """
        SELECT source_file, source_row, line_id, 'amount' AS field, modified_text AS found,
            modified_share_cents - amount_declared_cents AS adjustment_cents
        FROM {lines} WHERE modified_share_cents IS NOT NULL
    """,
    "co-contractors": Condition(where="parts > 1", field="supplier_id", found="parts"),
    "framework-of-subsequent": """
        SELECT source_file, source_row, NULL AS line_id, 'framework_id' AS field,
            any_value(contract) AS found, 0 AS adjustment_cents
        FROM {lines} AS line
        SEMI JOIN (
            SELECT buyer_id, framework_id AS contract FROM work WHERE framework_id <> contract
            UNION ALL
            -- The framework's unique identifier: its buyer's SIRET, then its number.
            SELECT left(framework_id, 14), ltrim(substr(framework_id, 15), ' -_/')
            FROM work WHERE regexp_matches(framework_id, '^[0-9]{14}.')
        ) AS named USING (buyer_id, contract)
        GROUP BY source_file, source_row
    """,
    "framework-ceiling": Condition(
        where="true", field="procurement_nature", found="procurement_nature"
    ),
    "concession-turnover": Condition(
        where="true", field="procurement_nature", found="procurement_nature"
    ),
}

REPAIRS: Mapping[str, str] = {
    "modification-unusable": """
        UPDATE work SET modified_cents = NULL, modified_share_cents = NULL,
            record_current_cents = record_cents
        FROM finding
        WHERE finding.code = 'modification-unusable' AND work.source_file = finding.source_file
            AND work.source_row = finding.source_row
    """,
    "framework-of-subsequent": """
        UPDATE work SET kind = 'ceiling' FROM finding
        WHERE finding.code = 'framework-of-subsequent' AND work.source_file = finding.source_file
            AND work.source_row = finding.source_row
    """,
}
