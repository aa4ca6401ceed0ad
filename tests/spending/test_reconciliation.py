"""Nothing lost: what was read is kept or set aside, to the cent; awards spread to the cent."""

from __future__ import annotations

import csv
import datetime as dt
import json
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st
from pyarrow import parquet

from lcc.errors import InputError
from lcc.spending.check import check
from lcc.spending.phase import phase_awards
from lcc.tables import schema

AWS = "decp/json_2019/marches-publics.info_2019-03-07.json"


def test_files_are_written_whole_and_twice_the_same(real_data: Path, tmp_path: Path) -> None:
    spending = check([real_data / AWS])
    spending.write(tmp_path / "a")
    check([real_data / AWS]).write(tmp_path / "b")
    names = {path.name for path in (tmp_path / "a").iterdir()}
    assert {"lines.parquet", "quarantine.csv", "reconciliation.json"} <= names
    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_written_files_hold_what_was_checked(real_data: Path, tmp_path: Path) -> None:
    spending = check([real_data / AWS])
    spending.write(tmp_path)
    written = json.loads((tmp_path / "reconciliation.json").read_text(encoding="utf-8"))
    assert written == spending.reconciliation
    account = written["files"][0]
    lines = parquet.read_table(tmp_path / "lines.parquet")
    assert lines.column_names == schema("line").names
    assert sum(lines["amount_declared_cents"].to_pylist()) == account["amount_kept_cents"]
    with (tmp_path / "quarantine.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert list(rows[0]) == schema("quarantine").names
    assert len(rows) == account["rows_quarantined"]
    assert (
        sum(int(row["amount_declared_cents"]) for row in rows)
        == (account["amount_quarantined_cents"])
    )
    assert all(row["record_text"] for row in rows)


def test_lines_checked_before_are_taken_as_they_are(real_data: Path, tmp_path: Path) -> None:
    spending = check([real_data / AWS])
    spending.write(tmp_path)
    again = check([tmp_path / "lines.parquet"])
    query = "SELECT * FROM line ORDER BY line_id"
    assert (
        again.connection.execute(query).fetchall() == spending.connection.execute(query).fetchall()
    )
    account = again.reconciliation["files"][0]
    # The records of a file of lines are its lines.
    assert account["rows_read"] == len(spending.lines)
    kept = spending.reconciliation["files"][0]["amount_kept_cents"]
    assert account["amount_read_cents"] == account["amount_kept_cents"] == kept
    with pytest.raises(InputError, match="counted twice"):
        check([tmp_path / "lines.parquet", real_data / AWS])


def phased(*awards: dict[str, Any]) -> duckdb.DuckDBPyConnection:
    """Return a database where the given awards are phased; fields absent are null."""
    form = schema("line").arrow()
    rows = [
        {"kind": "award", "scope": "in", "amount_declared_cents": 0, **award} for award in awards
    ]
    table = pa.Table.from_pylist(rows, schema=form)
    con = duckdb.connect()
    con.register("line", table)
    phase_awards(con)
    return con


YEARS = "SELECT year, amount_cents FROM phased ORDER BY year"


def test_an_award_is_spread_over_its_months() -> None:
    # 12 000.00 € over 12 months from October 2018: three months in 2018, nine in 2019.
    con = phased(
        {"amount_usable_cents": 1_200_000, "duration_months": 12, "date": dt.date(2018, 10, 17)}
    )
    assert con.execute(YEARS).fetchall() == [(2018, 300_000), (2019, 900_000)]


def test_performance_begins_where_it_is_said_to() -> None:
    con = phased(
        {
            "amount_usable_cents": 1_200_000,
            "duration_months": 12,
            "date": dt.date(2018, 10, 17),
            "start_date": dt.date(2019, 1, 1),
        }
    )
    assert con.execute(YEARS).fetchall() == [(2019, 1_200_000)]


def test_cents_that_do_not_divide() -> None:
    # 100.00 € over 36 months from December 2018: 1, 12, 12 and 11 months; cumulated floors of
    # 10 000 × 1/36, 13/36, 25/36, 36/36 are 277, 3 611, 6 944, 10 000.
    con = phased(
        {"amount_usable_cents": 10_000, "duration_months": 36, "date": dt.date(2018, 12, 31)}
    )
    assert con.execute(YEARS).fetchall() == [(2018, 277), (2019, 3334), (2020, 3333), (2021, 3056)]


def test_without_duration_one_month_without_date_no_year() -> None:
    con = phased(
        {"amount_usable_cents": 5, "date": dt.date(2018, 12, 31)},
        {"amount_usable_cents": 7, "duration_months": 24},
        {"amount_usable_cents": 11, "duration_months": 2, "budget_year": 2020},
    )
    assert set(con.execute(YEARS).fetchall()) == {(2018, 5), (None, 7), (2020, 11)}


def test_only_awards_are_phased() -> None:
    con = phased(
        {"kind": "ceiling", "amount_usable_cents": 5},
        {"kind": "payment", "amount_usable_cents": 5},
        {"kind": "concession", "amount_usable_cents": 5},
    )
    assert con.execute(YEARS).fetchall() == []


@given(
    amount=st.integers(-(10**13), 10**13),
    months=st.integers(1, 1188),
    first=st.dates(min_value=dt.date(2000, 1, 1), max_value=dt.date(2030, 12, 31)),
)
@settings_of_hypothesis(max_examples=40, deadline=None)
def test_the_years_add_up_to_the_amount(amount: int, months: int, first: dt.date) -> None:
    con = phased({"amount_usable_cents": amount, "duration_months": months, "date": first})
    rows = con.execute(YEARS).fetchall()
    assert sum(cents for _, cents in rows) == amount
    assert [year for year, _ in rows] == list(
        range(first.year, first.year + (first.month - 1 + months - 1) // 12 + 1)
    )
    if amount >= 0:
        assert all(cents >= 0 for _, cents in rows)


def test_phasing_a_real_file_loses_no_cent(real_data: Path) -> None:
    spending = check([real_data / AWS])
    phase_awards(spending.connection)
    total = "SELECT sum({column}) FROM {table}"
    assert (
        spending.connection.execute(total.format(column="amount_cents", table="phased")).fetchone()
        == spending.connection.execute(
            total.format(column="amount_usable_cents", table="line") + " WHERE kind = 'award'"
        ).fetchone()
    )


def test_an_award_s_quantity_is_spread_like_its_amount(tmp_path):
    # 3 GWh over 36 months from July 2023: 6, 12, 12 and 6 months, so 0.5, 1, 1 and 0.5 GWh.
    import pandas as pd

    from lcc.spending.check import check
    from lcc.spending.phase import phase_awards

    frame = pd.DataFrame(
        {
            "date": ["2023-07-01"],
            "amount_ht": ["360000.00"],
            "duration_months": ["36"],
            "cpv": ["09310000"],
            "quantity": ["3000000"],
            "unit": ["kWh"],
            "contract": ["2023E01"],
        }
    )
    mapping = {"file": {"kind": "award"}, "columns": {name: name for name in frame.columns}}
    connection = check([frame], mapping=mapping).connection
    phase_awards(connection)
    found = connection.execute(
        "SELECT year, amount_cents, CAST(quantity_phased AS DOUBLE) FROM phased ORDER BY year"
    ).fetchall()
    assert found == [
        (2023, 6_000_000, 500_000.0),
        (2024, 12_000_000, 1_000_000.0),
        (2025, 12_000_000, 1_000_000.0),
        (2026, 6_000_000, 500_000.0),
    ]
