"""When contracts end: dates from the lists of contracts, spending from what the map is made of."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lcc.carbon.lines import create_map_line
from lcc.carbon.result import CarbonMap
from lcc.errors import InputError
from lcc.register.ranks import SHARE_OF_A_HABIT
from lcc.spending.check import Spending
from lcc.tables import load_table, schema, write_table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["load_contract_ends", "read_contract_ends", "write_contract_ends"]

NEWER = ("environmental_considerations", "social_considerations")
"""Columns that files of older versions do not have: their considerations are unknown."""

PAID = """
SELECT
    m.group_key AS contract,
    l.directorate AS directorate,
    m.budget_year AS year,
    CAST(SUM(m.amount_cents) AS DOUBLE) / 100 AS spend_eur,
    bool_or(m.group_key <> l.contract) AS prefixed
FROM map_line m JOIN line l USING (line_id)
WHERE m.scope_reason IS NULL
GROUP BY 1, 2, 3
ORDER BY 1 NULLS LAST, 2 NULLS LAST, 3
"""

DATED = """
WITH ranking AS (
    SELECT source_file
    FROM line JOIN (SELECT DISTINCT source_file, format FROM file) USING (source_file)
    WHERE format LIKE 'decp-%-2019%' AND contract IS NOT NULL
    GROUP BY source_file
    HAVING AVG(CAST(right(contract, 2) = '00' AS INTEGER)) > {habit}
),
shorter AS (
    SELECT
        COALESCE(buyer_id, '') AS buyer,
        left(contract, length(contract) - 2) AS stem
    FROM line JOIN ranking USING (source_file)
    WHERE kind IN ('award', 'ceiling', 'concession')
        AND regexp_matches(contract, '^.*[[:alnum:]]0[0-9]$')
    GROUP BY 1, 2
    HAVING COUNT(DISTINCT lower(trim(label))) <= 1 AND COUNT(DISTINCT date) <= 1
),
named AS (
    SELECT * FROM line
    WHERE kind IN ('award', 'ceiling', 'concession') AND contract IS NOT NULL
),
written AS (
    SELECT * FROM named
    UNION ALL BY NAME
    SELECT named.* REPLACE (shorter.stem AS contract)
    FROM named JOIN ranking USING (source_file) JOIN shorter
        ON shorter.buyer = COALESCE(named.buyer_id, '')
        AND shorter.stem = left(named.contract, length(named.contract) - 2)
    ANTI JOIN named AS other
        ON COALESCE(other.buyer_id, '') = shorter.buyer AND other.contract = shorter.stem
    WHERE regexp_matches(named.contract, '0[0-9]$')
),
stated AS (
    SELECT
        {key} AS contract,
        label,
        COALESCE(start_date, date) AS start_date,
        environmental_considerations,
        social_considerations,
        NULLIF(duration_months, 0) AS duration_months
    FROM written
),
ended AS (
    SELECT
        *,
        COALESCE(start_date, DATE '0001-01-01') AS rank_date,
        CAST(start_date + to_months(CAST(duration_months AS INTEGER)) - INTERVAL 1 DAY AS DATE)
            AS end_date
    FROM stated
)
SELECT
    contract,
    MIN(label) AS label,
    MIN(start_date) AS start_date,
    arg_max(duration_months, end_date) AS duration_months,
    MAX(end_date) AS end_date,
    arg_max(environmental_considerations, rank_date) AS environmental_considerations,
    arg_max(social_considerations, rank_date) AS social_considerations
FROM ended
GROUP BY contract
"""
"""A contract that stands several times (co-contractors, modifications) ends at its latest end, and
its considerations are those its latest record states. In a file of 2019 that ranks its numbers, a
contract is found without the rank too, under the conditions of `lcc.register.ranks`: payments do
not write it."""


def read_contract_ends(spending: Spending, carbon: CarbonMap) -> pd.DataFrame:
    """Return the contracts of a map with their end, by directorate and budget year.

    The last day is start of performance (else notification) plus duration, minus one day. Without
    a list of contracts, or without a duration in it, the end is empty: unknown, never guessed.

    Parameters
    ----------
    spending : Spending
        The checked lines that `carbon` was made of.
    carbon : CarbonMap
        Map of them.

    Returns
    -------
    pandas.DataFrame
        Schema `contract_end`: spending under no stated contract has an empty `contract`.
    """
    connection = spending.connection
    create_map_line(connection, carbon.manifest["kind"], "contract")
    paid = connection.execute(PAID).df()
    # The map's own keys say whether a contract's number is preceded by its buyer's.
    prefixed = bool(paid["prefixed"].fillna(value=False).any())
    key = "COALESCE(buyer_id, buyer_name) || ' ' || contract" if prefixed else "contract"
    dated = connection.execute(DATED.format(key=key, habit=SHARE_OF_A_HABIT)).df()
    found = paid.drop(columns="prefixed").merge(dated, on="contract", how="left")
    for name in ("start_date", "end_date"):
        dates = found[name].astype("datetime64[s]")
        found[name] = dates.dt.date.astype(object).where(dates.notna(), None)
    columns = schema("contract_end").names
    found["duration_months"] = found["duration_months"].astype("Int64")
    return found[columns]


def write_contract_ends(contracts: pd.DataFrame, path: Path) -> Path:
    """Write contracts and their ends as CSV (schema `contract_end`), to be opened by reports."""
    import pyarrow as pa

    form = schema("contract_end").arrow()
    write_table(pa.Table.from_pandas(contracts, schema=form, preserve_index=False), path)
    return path


def load_contract_ends(path: Path | str) -> pd.DataFrame:
    """Return contracts and their ends from a file that `write_contract_ends` wrote.

    Raises
    ------
    InputError
        If there is no such file.
    TableError
        If it is not such a table.
    """
    source = Path(path)
    if not source.is_file():
        raise InputError(
            "the table of contracts is not there",
            file=source.name,
            expected="contrats.csv, that `lcc reports FILE…` writes beside its map",
        )
    frame: pd.DataFrame = load_table(source, "contract_end", newer=NEWER).to_pandas()
    return frame
