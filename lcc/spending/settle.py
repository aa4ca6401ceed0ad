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

NAME_RECORDS = """
UPDATE work SET codes = line_codes.codes FROM line_codes
WHERE line_codes.line_id IS NULL
    AND line_codes.source_file = work.source_file AND line_codes.source_row = work.source_row
"""

NAME_LINES = """
UPDATE work SET codes = concat_ws(' ', work.codes, line_codes.codes) FROM line_codes
WHERE line_codes.line_id = work.line_id
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
    for statement in (CODES, NAME_RECORDS, NAME_LINES):
        con.execute(statement)
    names = ", ".join(f'"{name}"' for name in schema("line").names)
    lines = "new_line" if checked else "line"
    con.execute(f"CREATE VIEW {lines} AS SELECT {names} FROM work WHERE NOT set_aside")
    if checked:
        con.execute(
            f"CREATE VIEW line AS SELECT {names} FROM new_line"
            f" UNION ALL SELECT {names} FROM checked_line"
        )
        # What the earlier check said of those lines is still said of them.
        con.execute("INSERT INTO finding SELECT * FROM checked_finding")
    con.execute(QUARANTINE)
