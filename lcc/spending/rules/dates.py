"""Dates and durations: what follows a date, impossible years, days entered as months."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["REPAIRS", "STATEMENTS"]

STATEMENTS: Mapping[str, str] = {
    "date-suffix": """
        SELECT source_file, source_row, NULL AS line_id, 'date' AS field,
            any_value(date_text) AS found, 0 AS adjustment_cents
        FROM {lines} WHERE date IS NOT NULL AND length(trim(date_text)) > 10
        GROUP BY source_file, source_row
    """,
    "date-unreadable": """
        SELECT source_file, source_row, NULL AS line_id, 'date' AS field,
            any_value(date_text) AS found, 0 AS adjustment_cents
        FROM {lines} WHERE date IS NULL AND date_text IS NOT NULL
        GROUP BY source_file, source_row
    """,
    "publication-date-unreadable": """
        SELECT source_file, source_row, NULL AS line_id, 'publication_date' AS field,
            any_value(publication_text) AS found, 0 AS adjustment_cents
        FROM {lines} WHERE publication_date IS NULL AND publication_text IS NOT NULL
        GROUP BY source_file, source_row
    """,
    "date-too-early": """
        SELECT source_file, source_row, NULL AS line_id, 'date' AS field,
            any_value(date_text) AS found, 0 AS adjustment_cents
        FROM {lines} WHERE year(date) < $threshold
        GROUP BY source_file, source_row
    """,
    "date-too-late": """
        SELECT source_file, source_row, NULL AS line_id, 'date' AS field,
            any_value(date_text) AS found, 0 AS adjustment_cents
        FROM {lines} WHERE year(date) > $threshold
        GROUP BY source_file, source_row
    """,
    "publication-date-implausible": """
        SELECT source_file, source_row, NULL AS line_id, 'publication_date' AS field,
            any_value(publication_text) AS found, 0 AS adjustment_cents
        FROM {lines} WHERE abs(year(publication_date) - 2015) > $threshold
        GROUP BY source_file, source_row
    """,
    "date-from-publication": """
        SELECT source_file, source_row, NULL AS line_id, 'date' AS field,
            any_value(publication_text) AS found, 0 AS adjustment_cents
        FROM {lines} WHERE date IS NULL AND publication_date IS NOT NULL
        GROUP BY source_file, source_row
    """,
    "date-missing": """
        SELECT source_file, source_row, NULL AS line_id, 'date' AS field,
            any_value(date_text) AS found, 0 AS adjustment_cents
        FROM {lines} WHERE date IS NULL AND budget_year IS NULL
        GROUP BY source_file, source_row
    """,
    "publication-before-notification": """
        SELECT source_file, source_row, NULL AS line_id, 'publication_date' AS field,
            any_value(publication_text) AS found, 0 AS adjustment_cents
        FROM {lines} WHERE publication_date < date
        GROUP BY source_file, source_row
    """,
    "publication-late": """
        SELECT source_file, source_row, NULL AS line_id, 'publication_date' AS field,
            any_value(publication_text) AS found, 0 AS adjustment_cents
        FROM {lines} WHERE publication_date - date > $threshold
        GROUP BY source_file, source_row
    """,
    "duration-missing": """
        SELECT source_file, source_row, NULL AS line_id, 'duration_months' AS field,
            any_value(duration_text) AS found, 0 AS adjustment_cents
        FROM {lines} WHERE duration_months IS NULL OR duration_months < 1
        GROUP BY source_file, source_row
    """,
    "duration-in-days": """
        SELECT source_file, source_row, NULL AS line_id, 'duration_months' AS field,
            any_value(duration_text) AS found, 0 AS adjustment_cents
        FROM {lines}
        WHERE duration_months IN (360, 365, 366, 730, 731, 1095, 1096, 1460, 1461)
            AND record_current_cents < $threshold * 100
        GROUP BY source_file, source_row
    """,
    "duration-long": """
        SELECT source_file, source_row, NULL AS line_id, 'duration_months' AS field,
            any_value(duration_text) AS found, 0 AS adjustment_cents
        FROM {lines} WHERE duration_months > 120 AND record_current_cents < $threshold * 100
        GROUP BY source_file, source_row
    """,
}


def _update(code: str, assignment: str) -> str:
    return f"""
        UPDATE work SET {assignment} FROM finding
        WHERE finding.code = '{code}' AND work.source_file = finding.source_file
            AND work.source_row = finding.source_row
    """


REPAIRS: Mapping[str, str] = {
    "date-too-early": _update("date-too-early", "date = NULL"),
    "date-too-late": _update("date-too-late", "date = NULL"),
    "publication-date-implausible": _update(
        "publication-date-implausible", "publication_date = NULL"
    ),
    "date-from-publication": _update("date-from-publication", "date = publication_date"),
    "duration-missing": _update("duration-missing", "duration_months = NULL"),
    "duration-in-days": _update(
        "duration-in-days",
        "duration_months = greatest(1, CAST(round(duration_months * 12 / 365.25) AS BIGINT))",
    ),
}
