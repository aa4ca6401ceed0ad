"""One contract published twice, by two platforms, once per contractor or in several states."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

__all__ = ["REPAIRS", "STATEMENTS", "prepare"]

RECORDS = """
CREATE OR REPLACE TABLE contract_record AS
WITH numbered AS (
    SELECT source_file, source_row, buyer_id,
        left(contract, greatest(length(contract) - 2, 1)) AS stem
    FROM work
    WHERE part = 1 AND NOT set_aside AND buyer_id IS NOT NULL
        AND kind IN ('award', 'ceiling', 'concession')
),
-- A buyer's number without a like has neither double nor earlier state: it is left out.
repeated AS (
    SELECT buyer_id, stem FROM numbered GROUP BY buyer_id, stem HAVING count(*) > 1
),
kept AS (
    SELECT source_file, source_row FROM numbered JOIN repeated
        ON repeated.buyer_id = numbered.buyer_id
        AND repeated.stem IS NOT DISTINCT FROM numbered.stem
),
several AS (
    SELECT source_file, source_row,
        string_agg(DISTINCT supplier_id, ' ' ORDER BY supplier_id) AS suppliers,
        string_agg(DISTINCT left(supplier_id, 9), ' ' ORDER BY left(supplier_id, 9)) AS firms
    FROM work WHERE parts > 1 AND NOT set_aside GROUP BY source_file, source_row
)
SELECT
    work.file_no, source_file, source_row, line_id, format, parts, contract, buyer_id, date,
    publication_date, record_current_cents AS current_cents,
    -- In the format of 2019 the last two digits of the number are those of the modification.
    CASE
        WHEN format LIKE 'decp-%-2019%' AND regexp_matches(contract, '^.{5,}[0-9]{2}$')
        THEN left(contract, length(contract) - 2) ELSE contract
    END AS root,
    CASE WHEN format LIKE 'decp-%-2019%' THEN right(contract, 2) ELSE '' END AS state,
    CASE WHEN parts = 1 THEN supplier_id ELSE several.suppliers END AS suppliers,
    -- Two platforms may name two establishments of one firm: its SIREN tells.
    CASE WHEN parts = 1 THEN left(supplier_id, 9) ELSE several.firms END AS firms,
    words(label) AS label,
    coalesce(words(label), cpv) AS subject
FROM work JOIN kept USING (source_file, source_row)
LEFT JOIN several USING (source_file, source_row)
WHERE part = 1
"""

LIVE_RECORDS = "(SELECT * FROM contract_record ANTI JOIN aside USING (source_file, source_row))"

STATES = f"""(
    -- A modification may replace the suppliers: they tell contracts apart only where the number
    -- does not, that is where it has no first state 00 or several suppliers share one state.
    SELECT *, CASE
        WHEN bool_or(state = '00') OVER number AND bool_and(alone) OVER number THEN ''
        ELSE coalesce(suppliers, '')
    END AS holders
    FROM (
        SELECT *, min(coalesce(suppliers, '')) OVER one = max(coalesce(suppliers, '')) OVER one
            AS alone
        FROM {LIVE_RECORDS}
        WHERE contract IS NOT NULL AND subject IS NOT NULL
        WINDOW one AS (PARTITION BY buyer_id, root, subject, state)
    )
    WINDOW number AS (PARTITION BY buyer_id, root, subject)
)"""

STATEMENTS: Mapping[str, str] = {
    "duplicate-record": f"""
        SELECT source_file, source_row, NULL AS line_id, 'contract' AS field,
            'same as ' || first_seen AS found, 0 AS adjustment_cents
        FROM (
            SELECT source_file, source_row,
                row_number() OVER same AS rank,
                first_value(source_file || '#' || source_row) OVER same AS first_seen
            FROM {LIVE_RECORDS}
            WHERE contract IS NOT NULL OR label IS NOT NULL
            WINDOW same AS (
                PARTITION BY buyer_id, contract, suppliers, current_cents, date, label
                ORDER BY file_no, source_row
            )
        )
        WHERE rank > 1
    """,
    "duplicate-across-files": f"""
        SELECT source_file, source_row, NULL AS line_id, 'contract' AS field,
            'same as ' || first_seen AS found, 0 AS adjustment_cents
        FROM (
            SELECT source_file, source_row, file_no,
                min(file_no) OVER same AS first_file,
                first_value(source_file || '#' || source_row) OVER same AS first_seen
            FROM {LIVE_RECORDS}
            WHERE contract IS NOT NULL
            WINDOW same AS (
                PARTITION BY buyer_id, contract, firms, date
                ORDER BY file_no, source_row
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
            )
        )
        WHERE file_no > first_file
    """,
    "superseded-state": f"""
        SELECT source_file, source_row, NULL AS line_id, 'contract' AS field,
            'replaced by ' || latest AS found, 0 AS adjustment_cents
        FROM (
            SELECT source_file, source_row, state, date, publication_date,
                last_value(source_file || '#' || source_row) OVER states AS latest,
                last_value(state) OVER states AS last_state,
                last_value(date) OVER states AS last_date,
                last_value(publication_date) OVER states AS last_publication
            FROM {STATES}
            WINDOW states AS (
                PARTITION BY buyer_id, root, holders, subject
                ORDER BY state, date NULLS FIRST, publication_date NULLS FIRST,
                    file_no, source_row
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
            )
        )
        WHERE (state, coalesce(date, DATE '0001-01-01'),
                coalesce(publication_date, DATE '0001-01-01'))
            < (last_state, coalesce(last_date, DATE '0001-01-01'),
                coalesce(last_publication, DATE '0001-01-01'))
    """,
    "contractor-share": f"""
        SELECT source_file, source_row, line_id, 'amount' AS field,
            'one of ' || records || ' contractors' AS found,
            share(current_cents, rank, records) - current_cents AS adjustment_cents
        FROM (
            SELECT source_file, source_row, line_id, suppliers, current_cents,
                row_number() OVER (same ORDER BY file_no, source_row) AS rank,
                count(*) OVER same AS records
            FROM {LIVE_RECORDS}
            WHERE contract IS NOT NULL AND parts = 1 AND suppliers IS NOT NULL
                AND format NOT LIKE 'decp-json%' AND format NOT LIKE 'decp-xml%'
            WINDOW same AS (PARTITION BY buyer_id, contract, current_cents, date, subject)
        )
        WHERE records > 1
    """,
    "contract-id-shared": f"""
        SELECT source_file, source_row, NULL AS line_id, 'contract' AS field,
            contract AS found, 0 AS adjustment_cents
        FROM (
            SELECT source_file, source_row, contract,
                count(*) OVER (PARTITION BY buyer_id, contract) AS records
            FROM {LIVE_RECORDS} WHERE contract IS NOT NULL AND line_id NOT IN
                (SELECT line_id FROM finding WHERE code = 'contractor-share')
        )
        WHERE records > 1
    """,
}

REPAIRS: Mapping[str, str] = {}


def prepare(con: duckdb.DuckDBPyConnection) -> None:
    """Gather each contract's identity on one row."""
    con.execute(RECORDS)
