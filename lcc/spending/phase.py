"""Phasing: an award's amount spread over the months it is to be performed.

An award covers its whole duration; only payments say what was spent when. The spread is even, by
month, from the first day of performance (else the notification), and is an estimate by nature.
"""

from __future__ import annotations

import duckdb

from lcc.tables import schema

__all__ = ["phase_awards"]

MONTHS_PER_YEAR = 12

PHASED = """
CREATE OR REPLACE TABLE phased AS
WITH timed AS (
    SELECT
        {columns},
        coalesce(year(start_date), year(date), budget_year) AS first_year,
        coalesce(month(start_date), month(date), 1) - 1 AS first_month,
        greatest(coalesce(duration_months, 1), 1) AS months
    FROM {table} WHERE kind = 'award'
),
yearly AS (
    SELECT *, unnest(CASE
        WHEN first_year IS NULL THEN [NULL]
        ELSE range(first_year, first_year + (first_month + months - 1) // {year} + 1)
    END) AS year
    FROM timed
),
bounded AS (
    SELECT
        *,
        CAST(TRY_CAST(quantity AS DECIMAL(18, 4)) * 10000 AS HUGEINT) AS tenthousandths,
        -- Months of the contract gone by when the year begins and when it ends.
        coalesce(greatest((year - first_year) * {year} - first_month, 0), 0) AS months_before,
        coalesce(least((year - first_year + 1) * {year} - first_month, months), months)
            AS months_after
    FROM yearly
)
SELECT
    {columns},
    CAST(year AS BIGINT) AS year,
    -- Differences of cumulated whole cents: the years add up to the amount, to the cent.
    CAST(
        CAST(amount_usable_cents AS HUGEINT) * months_after // months
        - CAST(amount_usable_cents AS HUGEINT) * months_before // months AS BIGINT
    ) AS amount_cents,
    CAST(
        CAST(amount_declared_cents AS HUGEINT) * months_after // months
        - CAST(amount_declared_cents AS HUGEINT) * months_before // months AS BIGINT
    ) AS declared_cents,
    -- A quantity covers the whole duration too: ten-thousandths of it, shared the same way.
    CAST(
        CAST(
            tenthousandths * months_after // months - tenthousandths * months_before // months
            AS DECIMAL(22, 0)
        ) * CAST(0.0001 AS DECIMAL(5, 4)) AS VARCHAR
    ) AS quantity_phased
FROM bounded
"""


def phase_awards(con: duckdb.DuckDBPyConnection, table: str = "line") -> None:
    r"""Create the table `phased`: the awards' lines, one row per year, with `amount_cents`.

    With :math:`A` the usable amount, :math:`n` the duration in months and :math:`m_y` the months
    gone by at the end of year :math:`y`, the year's amount is
    :math:`\lfloor A m_y / n \rfloor - \lfloor A m_{y-1} / n \rfloor`: whole cents whose sum is
    :math:`A` exactly. An award without a duration falls on one month; without any date, on no year.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        Database of a check.
    table : str
        Table of lines to phase.
    """
    columns = ", ".join(f'"{name}"' for name in schema("line").names)
    con.execute(PHASED.format(columns=columns, table=table, year=MONTHS_PER_YEAR))
