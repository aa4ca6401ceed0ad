"""Contracts: modifications, co-contractors, framework agreements and their subsequent contracts."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["REPAIRS", "STATEMENTS"]

STATEMENTS: Mapping[str, str] = {
    "modification-unusable": """
        SELECT source_file, source_row, NULL AS line_id, 'modified_amount' AS field,
            any_value(modified_text) AS found, 0 AS adjustment_cents
        FROM {lines}
        WHERE modified_text IS NOT NULL
            AND (modified_cents IS NULL OR modified_cents < $threshold * 100)
        GROUP BY source_file, source_row
    """,
    "modification": """
        SELECT source_file, source_row, line_id, 'amount' AS field, modified_text AS found,
            modified_share_cents - amount_declared_cents AS adjustment_cents
        FROM {lines} WHERE modified_share_cents IS NOT NULL
    """,
    "co-contractors": """
        SELECT source_file, source_row, NULL AS line_id, 'supplier_id' AS field,
            CAST(any_value(parts) AS VARCHAR) AS found, 0 AS adjustment_cents
        FROM {lines} WHERE parts > 1 GROUP BY source_file, source_row
    """,
    "framework-of-subsequent": """
        SELECT source_file, source_row, NULL AS line_id, 'framework_id' AS field,
            any_value(contract) AS found, 0 AS adjustment_cents
        FROM {lines} AS line
        SEMI JOIN (
            SELECT buyer_id, framework_id AS contract FROM work WHERE framework_id <> contract
        ) AS named USING (buyer_id, contract)
        GROUP BY source_file, source_row
    """,
    "framework-ceiling": """
        SELECT source_file, source_row, NULL AS line_id, 'procurement_nature' AS field,
            any_value(procurement_nature) AS found, 0 AS adjustment_cents
        FROM {lines} GROUP BY source_file, source_row
    """,
    "concession-turnover": """
        SELECT source_file, source_row, NULL AS line_id, 'kind' AS field,
            any_value(procurement_nature) AS found, 0 AS adjustment_cents
        FROM {lines} GROUP BY source_file, source_row
    """,
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
