"""Settle: the tables `line`, `finding` and `quarantine`, as their schemas say."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
import pyarrow as pa

from lcc.spending.rules import Rule
from lcc.tables import schema

__all__ = ["settle"]

CODES = """
CREATE TABLE line_codes AS
SELECT source_file, source_row, line_id, string_agg(DISTINCT code, ' ' ORDER BY code) AS codes
FROM finding WHERE severity <> 'set-aside'
GROUP BY source_file, source_row, line_id
"""

QUARANTINE = """
CREATE TABLE quarantine AS
WITH ranked AS (
    SELECT finding.*, row_number() OVER (
        PARTITION BY source_file, source_row ORDER BY rule.rank, finding.field, finding.found
    ) AS place
    FROM finding JOIN rule USING (code) WHERE finding.severity = 'set-aside'
),
records AS (
    SELECT file_no, source_file, source_row,
        CAST(sum(amount_declared_cents) AS BIGINT) AS amount_declared_cents,
        coalesce(string_agg(record_text, ' | ' ORDER BY part), '') AS record_text
    FROM work SEMI JOIN aside USING (source_file, source_row)
    GROUP BY file_no, source_file, source_row
)
SELECT code, source_file, source_row, sentence_fr AS reason, field, found, amount_declared_cents,
    record_text
FROM records JOIN ranked USING (source_file, source_row) JOIN rule USING (code)
WHERE place = 1
ORDER BY file_no, source_row
"""


def settle(con: duckdb.DuckDBPyConnection, rules: Mapping[str, Rule], checked: bool) -> None:
    """Create `line`, `quarantine` and `rule` from `work`, `finding` and `aside`.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        Database in which the rules have run.
    rules : mapping of str to Rule
        The rules as they were applied.
    checked : bool
        Whether there are lines checked before, to be shown with the others.
    """
    con.register(
        "arriving",
        pa.table(
            {
                "rank": list(range(len(rules))),
                "code": list(rules),
                "severity": [rule.severity for rule in rules.values()],
                "sentence_fr": [rule.sentence_fr for rule in rules.values()],
                "sentence_en": [rule.sentence_en for rule in rules.values()],
            }
        ),
    )
    con.execute("CREATE TABLE rule AS SELECT * FROM arriving")
    con.unregister("arriving")
    con.execute(CODES)
    names = ", ".join(
        "nullif(concat_ws(' ', of_record.codes, of_line.codes), '') AS codes"
        if name == "codes"
        else f'work."{name}"'
        for name in schema("line").names
    )
    lines = "new_line" if checked else "line"
    con.execute(
        f"""
        CREATE TABLE {lines} AS SELECT {names} FROM work
        ANTI JOIN aside USING (source_file, source_row)
        LEFT JOIN line_codes AS of_line ON of_line.line_id = work.line_id
        LEFT JOIN line_codes AS of_record ON of_record.line_id IS NULL
            AND of_record.source_file = work.source_file
            AND of_record.source_row = work.source_row
        ORDER BY work.file_no, work.source_row, work.part
        """
    )
    if checked:
        columns = ", ".join(f'"{name}"' for name in schema("line").names)
        con.execute(
            f"CREATE VIEW line AS SELECT {columns} FROM new_line"
            f" UNION ALL SELECT {columns} FROM checked_line"
        )
    con.execute(QUARANTINE)
