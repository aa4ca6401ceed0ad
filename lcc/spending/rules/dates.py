"""Dates and durations: what follows a date, impossible years, days entered as months."""

from __future__ import annotations

from collections.abc import Mapping

from lcc.spending.rules.condition import Condition
from lcc.units import CENTS_PER_EUR

__all__ = ["DAYS_OF_YEARS", "DAYS_PER_YEAR", "REPAIRS", "STATEMENTS"]

LAST_CHARACTER = 10
"""A date is written in ten characters; what follows is a time zone or an hour."""

DAYS_OF_YEARS = (360, 365, 366, 730, 731, 1095, 1096, 1460, 1461)
"""Durations that are one, two, three or four years in days."""

DAYS_PER_YEAR = 365.25
MONTHS_PER_YEAR = 12

STATEMENTS: Mapping[str, Condition] = {
    "date-suffix": Condition(
        where=f"date IS NOT NULL AND length(trim(date_text)) > {LAST_CHARACTER}",
        field="date",
        found="date_text",
    ),
    "date-unreadable": Condition(
        where="date IS NULL AND date_text IS NOT NULL", field="date", found="date_text"
    ),
    "publication-date-unreadable": Condition(
        where="publication_date IS NULL AND publication_text IS NOT NULL",
        field="publication_date",
        found="publication_text",
    ),
    "date-too-early": Condition(where="year(date) < $threshold", field="date", found="date_text"),
    "date-too-late": Condition(where="year(date) > $threshold", field="date", found="date_text"),
    "publication-date-implausible": Condition(
        where="abs(year(publication_date) - 2015) > $threshold",
        field="publication_date",
        found="publication_text",
    ),
    "duration-missing": Condition(
        where="duration_months IS NULL OR duration_months < 1",
        field="duration_months",
        found="duration_text",
    ),
    "duration-in-days": Condition(
        where=f"duration_months IN {DAYS_OF_YEARS}"
        f" AND record_current_cents < $threshold * {CENTS_PER_EUR}",
        field="duration_months",
        found="duration_text",
    ),
    "duration-implausible": Condition(
        where="duration_months > $threshold",
        field="duration_months",
        found="duration_text",
        # 1460 is four years in days before it is a century in months.
        after_repairs=True,
    ),
    "date-from-publication": Condition(
        where="date IS NULL AND publication_date IS NOT NULL",
        field="date",
        found="publication_text",
        after_repairs=True,
    ),
    "duration-long": Condition(
        where=f"duration_months > 120 AND record_current_cents < $threshold * {CENTS_PER_EUR}",
        field="duration_months",
        found="duration_text",
    ),
    "date-missing": Condition(
        where="date IS NULL AND budget_year IS NULL",
        field="date",
        found="date_text",
        after_repairs=True,
    ),
    "publication-before-notification": Condition(
        where="publication_date < date", field="publication_date", found="publication_text"
    ),
    "publication-late": Condition(
        where="publication_date - date > $threshold",
        field="publication_date",
        found="publication_text",
    ),
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
    "duration-implausible": _update("duration-implausible", "duration_months = NULL"),
    "duration-in-days": _update(
        "duration-in-days",
        "duration_months = greatest(1, CAST("
        f"round(duration_months * {MONTHS_PER_YEAR} / {DAYS_PER_YEAR}) AS BIGINT))",
    ),
}
