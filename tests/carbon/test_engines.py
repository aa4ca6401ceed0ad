"""The same text on DuckDB, PostgreSQL and Spark gives the same integers and decimals."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from pyarrow import parquet

from lcc.carbon.cells import map_text
from lcc.carbon.compile import compile_map
from lcc.carbon.lines import create_map_line
from lcc.settings import Settings
from lcc.spending.check import check
from lcc.tables import data_path

TABLES = (
    "map_line",
    "map_code",
    "contract_factor",
    "contract_ratio",
    "supplier_factor",
    "supplier_ratio",
    "market_factor",
    "physical_factor",
    "monetary_factor",
)

JAVA = 17
"""Spark 4 runs on Java 17 or newer."""


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    """The demonstration's payments by supplier, with a supplier's own factors."""
    demo = data_path("procurement_map", "demo")
    spending = check([demo / "paiements.csv"], mapping=demo / "correspondance.toml")
    supplier = spending.connection.execute(
        "SELECT supplier_id, family, contract FROM line WHERE supplier_id IS NOT NULL "
        "AND family IS NOT NULL AND contract IS NOT NULL ORDER BY amount_usable_cents DESC LIMIT 1"
    ).fetchall()[0]
    own = tmp_path_factory.mktemp("study") / "fournisseurs.csv"
    own.write_text(
        "supplier_id,family,unit,kgco2e_per_unit,error_cv,quality,source,locator,contract\n"
        f"{supplier[0]},{supplier[1]},EUR,0.1,0.1,1,bilan du titulaire,p. 4,\n"
        f"{supplier[0]},{supplier[1]},EUR,0.2,0.1,1,relevés du marché,p. 4,{supplier[2]}\n",
        encoding="utf-8",
    )
    create_map_line(spending.connection, "payment", "supplier")
    compile_map(spending.connection, Settings(supplier_factors=own))
    return spending.connection


@pytest.fixture(scope="module")
def expected(prepared: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    return canonical(prepared.execute(map_text()).fetchall())


def canonical(rows: list[Any]) -> list[tuple[Any, ...]]:
    """Rows in one order, exact numbers in one spelling whatever their type or scale."""
    plain = [tuple(spell(value) for value in row) for row in rows]
    return sorted(plain, key=repr)


def spell(value: Any) -> Any:
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    assert isinstance(value, int | Decimal), f"not an exact number: {value!r}"
    return str(Decimal(value).normalize() + 0)


def read(connection: duckdb.DuckDBPyConnection, name: str) -> pa.Table:
    return connection.sql(f"SELECT * FROM {name}").to_arrow_table()


def test_the_text_is_portable() -> None:
    # docs/architecture.md: integers and decimals only, no division, no placeholder.
    text = re.sub(r"--.*", "", map_text())
    assert not re.search(r"[/?%]|::|\bDOUBLE\b|\bFLOAT\b|\$|\{", text)
    assert set(re.findall(r"CAST\(\w+ AS (\w+)", text)) == {"DECIMAL"}


def test_duckdb_gives_the_same_five_times(
    prepared: duckdb.DuckDBPyConnection, expected: list[tuple[Any, ...]]
) -> None:
    for threads in (1, 2, 3, 4):
        prepared.execute(f"SET threads = {threads}")
        assert canonical(prepared.execute(map_text()).fetchall()) == expected


def test_postgresql_gives_the_same(
    prepared: duckdb.DuckDBPyConnection,
    expected: list[tuple[Any, ...]],
    postgresql_uri: str,
) -> None:
    adbc = pytest.importorskip("adbc_driver_postgresql.dbapi", reason="extra postgresql")
    with adbc.connect(postgresql_uri) as server, server.cursor() as cursor:
        for name in TABLES:
            # Decimals travel as text: the driver would bring them as text anyway.
            table = prepared.sql(
                f"SELECT * REPLACE (CAST(quantity AS VARCHAR) AS quantity) FROM {name}"
                if name == "map_line"
                else f"SELECT * FROM {name}"
            ).to_arrow_table()
            cursor.adbc_ingest(name, table, mode="replace")
        cursor.execute(
            "ALTER TABLE map_line ALTER COLUMN quantity TYPE DECIMAL(18, 4) "
            "USING CAST(quantity AS DECIMAL(18, 4))"
        )
        cursor.execute(f"CREATE TABLE cells AS {map_text()}")
        names = [
            row[0]
            for row in run(
                cursor,
                "SELECT column_name FROM information_schema.columns "
                "WHERE table_name = 'cells' ORDER BY ordinal_position",
            )
        ]
        numbers = ("line_count", "spend_cents", "executed_cents", "quantity", "spend_cents_squared")
        texts = ", ".join(
            f"CAST({name} AS TEXT)" if name.startswith(numbers) else name for name in names
        )
        found = run(cursor, f"SELECT {texts} FROM cells")
    exact = [
        tuple(
            Decimal(value) if name.startswith(numbers) and value is not None else value
            for name, value in zip(names, row, strict=True)
        )
        for row in found
    ]
    assert canonical(exact) == expected


def run(cursor: Any, query: str) -> list[tuple[Any, ...]]:
    cursor.execute(query)
    return list(cursor.fetchall())


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    sql = pytest.importorskip("pyspark.sql", reason="extra spark is not installed")
    java = shutil.which("java")
    if java is None:
        pytest.skip("Spark needs Java 17: install openjdk-17-jre-headless")
    told = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "(\d+)', told)
    if version is None or int(version[1]) < JAVA:
        pytest.skip(f"Spark needs Java {JAVA} or newer; found {told.splitlines()[:1]}")
    session = (
        sql.SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.sql.shuffle.partitions", "4")
        .config("spark.log.level", "ERROR")
        .getOrCreate()
    )
    yield session
    session.stop()


def test_spark_gives_the_same(
    prepared: duckdb.DuckDBPyConnection,
    expected: list[tuple[Any, ...]],
    spark: Any,
    tmp_path: Path,
) -> None:
    for name in TABLES:
        path = tmp_path / f"{name}.parquet"
        parquet.write_table(read(prepared, name), path)
        spark.read.parquet(str(path)).createOrReplaceTempView(name)
    found = [tuple(row) for row in spark.sql(map_text()).collect()]
    assert canonical(found) == expected
