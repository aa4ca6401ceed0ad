"""Amounts that cannot be, judged on the record's amount after its modifications."""

from __future__ import annotations

from collections.abc import Mapping

from lcc.spending.rules.condition import Condition
from lcc.units import CENTS_PER_EUR

__all__ = ["REPAIRS", "STATEMENTS"]

EUROS = "CAST(record_current_cents // 100 AS VARCHAR)"
"""Whole euros of the record's amount, as digits."""

RUN = (
    "(record_current_cents % 100 = 0 OR record_current_cents % 100 = 99) AND ("
    + " OR ".join(
        f"ends_with({EUROS}, repeat('{digit}', CAST($threshold AS BIGINT)))"
        for digit in range(1, 10)
    )
    + ")"
)
"""The same digit to the end of the whole euros. The cents tell a filler from an honest third:
6 666 666.67 is a share of 20 millions."""


COUNTED = "12345789"
"""Digits that the rival rule counts: its list leaves out 6."""

REPEATED = (
    "record_current_cents // 100 > 100000000 AND ("
    + " OR ".join(
        f"length({EUROS}) - length(replace({EUROS}, '{digit}', '')) > $threshold"
        for digit in COUNTED
    )
    + ")"
)
"""The same digit, wherever it stands in the whole euros of an amount above 100 millions."""


def _records(condition: str) -> Condition:
    return Condition(where=condition, field="amount", found="coalesce(modified_text, amount_text)")


ABOVE = f"record_current_cents > $threshold * {CENTS_PER_EUR}"
BELOW = f"record_current_cents < $threshold * {CENTS_PER_EUR}"

MONTHLY = "record_current_cents / greatest(duration_months, 1)"


WORKS = "45"
"""CPV division of works, whose contracts may all be of millions."""

MIDDLE_ABOVE_LOWEST = 0.6
"""By how much, in log10, the median of supplies and services in cents must exceed the threshold on
the first quartile: 3.2 million, under the lowest in three real files of 2019 (45 175 € to
106 344 €, a hundred times over) and above that of contracts chosen for exceeding a million."""

FILES = f"""
    files AS (
        -- The whole file, ceilings and awards together: those of a large buyer's frameworks alone
        -- may all exceed a million euros.
        SELECT source_file, count(*) AS records,
            quantile_cont(size, 0.25) AS lowest,
            count(*) FILTER (euros % 100 = 0) AS hundreds,
            count(*) FILTER (euros % 1000 = 0) AS thousands,
            count(*) FILTER (NOT works) AS others,
            quantile_cont(size, 0.25) FILTER (NOT works) AS others_lowest,
            median(size) FILTER (NOT works) AS others_middle
        FROM (
            SELECT source_file, record_current_cents, record_current_cents // 100 AS euros,
                log10(record_current_cents / 100) AS size,
                starts_with(coalesce(cpv, ''), '{WORKS}') AS works
            FROM {{lines}} WHERE part = 1 AND record_current_cents >= 100
        )
        GROUP BY source_file HAVING bool_and(record_current_cents % 100 = 0)
    )
"""
"""What a file's amounts are like, in the files whose amounts all are whole numbers."""


def _outliers() -> str:
    """Return the statement that finds amounts far from those of their peers.

    Peers have the same kind and CPV division. The distance is |x - m| / (1.4826 MAD) on x = log10
    of the amount, m and MAD being the median and the median absolute deviation of the peers; 1.4826
    makes the MAD of a normal law its standard deviation (Rousseeuw and Croux, 1993,
    doi:10.1080/01621459.1993.10476408).
    """
    return """
        WITH amounts AS (
            SELECT source_file, source_row, substr(cpv, 1, 2) AS division, kind, amount_text,
                log10(record_current_cents) AS size
            FROM {lines} WHERE part = 1 AND record_current_cents > 0 AND cpv IS NOT NULL
        ),
        middles AS (
            SELECT kind, division, median(size) AS middle FROM amounts
            GROUP BY kind, division HAVING count(*) >= 30
        ),
        spreads AS (
            SELECT kind, division, any_value(middle) AS middle,
                1.4826 * median(abs(size - middle)) AS spread
            FROM amounts JOIN middles USING (kind, division) GROUP BY kind, division
        )
        SELECT source_file, source_row, NULL AS line_id, 'amount' AS field, amount_text AS found,
            0 AS adjustment_cents
        FROM amounts JOIN spreads USING (kind, division)
        WHERE abs(size - middle) > $threshold * spread AND spread > 0
    """


STATEMENTS: Mapping[str, str | Condition] = {
    "amounts-in-cents": f"""
        WITH {FILES}, proven AS (
            SELECT source_file FROM files WHERE records >= 30 AND lowest >= $threshold AND (
                -- Whole euros written in cents: all end in two noughts, few in three. Euros that
                -- are rounded end in three or more.
                (hundreds = records AND thousands <= records / 2)
                -- Amounts with cents: nothing but cents makes supplies and services this large.
                OR (thousands <= 0.9 * records AND others >= 10 AND others_lowest >= $threshold
                    AND others_middle >= $threshold + {MIDDLE_ABOVE_LOWEST})
            )
        )
        SELECT source_file, source_row, line_id, 'amount' AS field, amount_text AS found,
            share(CAST(round(record_current_cents / 100) AS BIGINT), part, parts)
                - amount_usable_cents AS adjustment_cents
        FROM {{lines}} AS line SEMI JOIN proven USING (source_file)
    """,
    "amounts-in-cents-doubtful": f"""
        WITH {FILES}
        SELECT source_file, source_row, NULL AS line_id, 'amount' AS field,
            any_value(amount_text) AS found, 0 AS adjustment_cents
        FROM {{lines}} AS line
        SEMI JOIN (SELECT source_file FROM files WHERE records >= 10 AND lowest >= $threshold)
            USING (source_file)
        ANTI JOIN (SELECT source_file FROM finding WHERE code = 'amounts-in-cents')
            USING (source_file)
        GROUP BY source_file, source_row
    """,
    "amount-sentinel": _records("record_current_cents // 100 = CAST($threshold AS BIGINT)"),
    "amount-placeholder": _records(RUN),
    "amount-sequence": _records(
        f"starts_with({EUROS}, '123456789') OR (length({EUROS}) >= $threshold"
        f" AND starts_with('123456789', {EUROS}))"
    ),
    "amount-above-limit": _records(ABOVE),
    "amount-below-one": _records(BELOW),
    "ceiling-below-one": _records(BELOW),
    "amount-symbolic": _records(
        "record_current_cents >= 100 AND record_current_cents <= $threshold * 100"
    ),
    "amount-below-200": _records(BELOW),
    "amount-above-999m": _records(ABOVE),
    "amount-above-1bn": _records(ABOVE),
    "amount-above-100m": _records(ABOVE),
    "monthly-amount-low": _records(f"{MONTHLY} < $threshold * 100"),
    "monthly-amount-doubtful": _records(
        f"{MONTHLY} < $threshold * 100 AND record_current_cents < 200000 * 100"
    ),
    "amount-repeated-digit": _records(REPEATED),
    "amount-three-deviations": """
        WITH amounts AS (SELECT * FROM {lines} WHERE part = 1 AND record_current_cents > 0),
        law AS (
            SELECT avg(record_current_cents) AS middle, stddev_samp(record_current_cents) AS spread
            FROM amounts
        )
        SELECT source_file, source_row, NULL AS line_id, 'amount' AS field, amount_text AS found,
            0 AS adjustment_cents
        FROM amounts, law WHERE abs(record_current_cents - middle) > $threshold * spread
    """,
    "amount-outlier": _outliers(),
    "amount-suspect": _outliers(),
}

REPAIRS: Mapping[str, str] = {
    "amounts-in-cents": """
        UPDATE work SET record_current_cents = CAST(round(record_current_cents / 100) AS BIGINT)
        FROM finding
        WHERE finding.code = 'amounts-in-cents' AND work.line_id = finding.line_id
    """,
}
