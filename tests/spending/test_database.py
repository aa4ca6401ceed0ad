"""PostgreSQL tables and frames: streamed, typed values exact, passwords never shown."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa
import pytest

from lcc.errors import InputError
from lcc.spending.check import check
from lcc.spending.raw import BATCH_ROWS
from lcc.spending.sources.database import Database, hide_password, read_database
from lcc.spending.sources.frame import Frame

SECRET = "p@ss/w:rd"
MAPPING = {
    "file": {"kind": "payment", "nomenclature": "M57"},
    "columns": {
        "date": "paid_on",
        "amount_ttc": "amount",
        "account": "account",
        "payee_name": "payee",
        "payee_id": "siret",
        "quantity": "kwh",
    },
}


def rows_of(source: Any) -> list[dict[str, Any]]:
    return pa.Table.from_batches(list(source.batches())).to_pylist()


@pytest.fixture(scope="module")
def table(postgresql_uri: str) -> Iterator[str]:
    """Address of a table with the types and the traps of a finance database."""
    from adbc_driver_postgresql import dbapi

    with dbapi.connect(postgresql_uri) as connection, connection.cursor() as cursor:
        cursor.execute(
            'CREATE TABLE "mandats 2023" (paid_on date, amount numeric(18,2), account text,'
            " payee text, siret text, kwh double precision)"
        )
        cursor.execute(
            """INSERT INTO "mandats 2023" VALUES
            ('2023-03-12', 12000.00, '60612', 'EDF', '55208131766522', 1234.5),
            ('2023-04-14', -0.10, '61551', 'L''Été ; "DROP TABLE"', '00000000000019', NULL),
            (NULL, 90071992547409.91, '2315', '=HYPERLINK("x")', NULL, 'NaN')"""
        )
        connection.commit()
    yield f"{postgresql_uri}?table=mandats%202023"


def test_values_come_out_exact(table: str) -> None:
    """A numeric beyond 2^53 keeps its cents; NaN and NULL are both missing."""
    source = Database(table, MAPPING)
    rows = rows_of(source)
    assert source.name == "mandats 2023"
    assert source.format == "postgresql"
    assert [row["source_row"] for row in rows] == [2, 3, 4]
    assert [Decimal(row["amount_ttc"]) for row in rows] == [
        Decimal("12000.00"),
        Decimal("-0.10"),
        Decimal("90071992547409.91"),
    ]
    assert [row["date"] for row in rows] == ["2023-03-12", "2023-04-14", None]
    assert [row["quantity"] for row in rows] == ["1234.5", None, None]
    assert rows[1]["payee_id"] == "00000000000019"
    assert rows[1]["payee_name"] == 'L\'Été ; "DROP TABLE"'


def test_query_with_check(table: str, postgresql_uri: str) -> None:
    """The query is streamed through the check: 12 000.00 TTC at 20 % is 10 000.00 HT."""
    source = read_database(
        postgresql_uri, "SELECT * FROM \"mandats 2023\" WHERE account = '60612'", MAPPING
    )
    spending = check([source])
    (usable,) = spending.connection.execute("SELECT amount_usable_cents FROM line").fetchone()
    assert usable == 10_000_00


def test_many_rows_come_in_batches(postgresql_uri: str) -> None:
    count = 2 * BATCH_ROWS + 5
    query = (
        "SELECT '2023-01-01'::date AS paid_on, 1.00 AS amount, '6068' AS account, 'A' AS payee,"
        f" NULL::text AS siret, 1 AS kwh FROM generate_series(1, {count})"
    )
    batches = list(read_database(postgresql_uri, query, MAPPING).batches())
    assert sum(batch.num_rows for batch in batches) == count
    assert max(batch.num_rows for batch in batches) <= BATCH_ROWS


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda uri: uri + "?table=absent", "absent"),
        (lambda uri: uri.replace("lcc:", "nobody:") + "?table=t", "nobody"),
        (lambda uri: uri + "?table=" + "x%22%3B%20DROP%20TABLE%20a", "DROP"),
        (lambda uri: uri + "?query=SELEC%201", "SELEC"),
    ],
)
def test_refusals_show_no_password(postgresql_uri: str, change: Any, found: str) -> None:
    with pytest.raises(InputError) as raised:
        Database(change(postgresql_uri), MAPPING)
    message = str(raised.value)
    assert found in message
    assert SECRET not in message
    assert urlsplit(postgresql_uri).password not in message


def test_empty_table_and_no_table(postgresql_uri: str) -> None:
    with pytest.raises(InputError, match="no rows"):
        read_database(postgresql_uri, "SELECT 1 AS amount, 2023 AS paid_on WHERE false", {
            "columns": {"amount_ttc": "amount", "date": "paid_on"},
        })  # fmt: skip
    with pytest.raises(InputError, match="no table") as raised:
        Database(postgresql_uri)
    assert SECRET not in str(raised.value)


def test_unreachable_server_shows_no_password() -> None:
    with pytest.raises(InputError) as raised:
        Database("postgresql://ana:hunter2@127.0.0.1:1/base?table=t", MAPPING)
    assert "hunter2" not in str(raised.value)
    assert "127.0.0.1" in str(raised.value)


def test_hide_password_in_any_text() -> None:
    assert "abc" not in hide_password("connection to x failed: password=abc host=y")
    assert hide_password("postgresql://u:abc@h/b?sslkey=k&table=t") == "postgresql://u@h/b?table=t"


COLUMNS = {
    "Exercice": [2023, 2023],
    "Compte": ["6068", "6156"],
    "Tiers": ["A", None],
    "Montant TTC": [1200.1, float("nan")],
}


@pytest.mark.parametrize("library", ["pandas", "polars", "arrow"])
def test_frames_are_alike(library: str) -> None:
    """1 200.10 stays 1200.1; NaN and NULL are both a missing amount, never `nan`."""
    if library == "pandas":
        import pandas as pd

        frame: Any = pd.DataFrame(COLUMNS)
    elif library == "polars":
        import polars as pl

        frame = pl.DataFrame(COLUMNS)
    else:
        frame = pa.table(COLUMNS)
    rows = rows_of(Frame(frame))
    assert [row["amount_ttc"] for row in rows] == ["1200.1", None]
    assert [row["payee_name"] for row in rows] == ["A", None]
    assert [row["budget_year"] for row in rows] == ["2023", "2023"]
    assert [row["account"] for row in rows] == ["6068", "6156"]
    assert "nan" not in (rows[1]["record_text"] or "").lower()
    spending = check([frame])
    assert spending.reconciliation["files"][0]["rows_quarantined"] == 1


def test_integer_column_with_a_hole_in_pandas() -> None:
    """pandas makes a float column of integers with a hole: the account is 6068, not 6068.0."""
    import pandas as pd

    frame = pd.DataFrame({"Exercice": [2023, 2023], "Compte": [6068, None], "Montant TTC": [1, 2]})
    assert [row["account"] for row in rows_of(Frame(frame))] == ["6068", None]


def test_frame_of_mixed_types_is_refused_in_words() -> None:
    import pandas as pd

    frame = pd.DataFrame({"Exercice": [2023, "x"], "Montant TTC": [1, object()]})
    with pytest.raises(InputError, match="frame"):
        check([frame])
