"""One contract published twice, by two platforms, once per contractor or in several states."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

__all__ = ["REPAIRS", "STATEMENTS", "prepare"]

RECORDS = """
CREATE OR REPLACE TABLE contract_record AS
SELECT
    line.file_no, source_file, source_row,
    any_value(line.kind) AS kind,
    any_value(buyer_id) AS buyer_id,
    any_value(contract) AS contract,
    -- In the format of 2019 the last two digits of the number are those of the modification.
    any_value(CASE
        WHEN format LIKE 'decp-%-2019' AND regexp_matches(contract, '^.{5,}[0-9]{2}$')
        THEN substr(contract, 1, length(contract) - 2) ELSE contract
    END) AS root,
    any_value(CASE WHEN format LIKE 'decp-%-2019' THEN right(contract, 2) END) AS state,
    string_agg(DISTINCT supplier_id, ' ' ORDER BY supplier_id) AS suppliers,
    any_value(words(label)) AS label,
    any_value(coalesce(words(label), cpv)) AS subject,
    any_value(date) AS date,
    any_value(publication_date) AS publication_date,
    any_value(record_cents) AS record_cents,
    any_value(record_current_cents) AS current_cents,
    any_value(parts) AS parts,
    any_value(line_id) AS line_id,
    any_value(format) AS format
FROM live AS line JOIN file USING (source_file)
WHERE line.kind IN ('award', 'ceiling', 'concession') AND buyer_id IS NOT NULL
GROUP BY line.file_no, source_file, source_row
"""

LIVE_RECORDS = "(SELECT * FROM contract_record ANTI JOIN aside USING (source_file, source_row))"

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
                PARTITION BY buyer_id, contract, suppliers, current_cents, date
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
                last_value(coalesce(state, '')) OVER states AS last_state,
                last_value(date) OVER states AS last_date,
                last_value(publication_date) OVER states AS last_publication
            FROM {LIVE_RECORDS}
            WHERE contract IS NOT NULL AND subject IS NOT NULL
            WINDOW states AS (
                PARTITION BY buyer_id, root, suppliers, subject
                ORDER BY coalesce(state, ''), date NULLS FIRST, publication_date NULLS FIRST,
                    file_no, source_row
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
            )
        )
        WHERE (coalesce(state, ''), coalesce(date, DATE '0001-01-01'),
                coalesce(publication_date, DATE '0001-01-01'))
            < (last_state, coalesce(last_date, DATE '0001-01-01'),
                coalesce(last_publication, DATE '0001-01-01'))
    """,
    "contract-id-shared": f"""
        SELECT source_file, source_row, NULL AS line_id, 'contract' AS field,
            contract AS found, 0 AS adjustment_cents
        FROM (
            SELECT source_file, source_row, contract,
                count(*) OVER (PARTITION BY buyer_id, contract) AS records
            FROM {LIVE_RECORDS} WHERE contract IS NOT NULL
        )
        WHERE records > 1
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
}

REPAIRS: Mapping[str, str] = {}


def prepare(con: duckdb.DuckDBPyConnection) -> None:
    """Gather each contract's identity on one row."""
    con.execute(RECORDS)
