"""Small spending files for the tests of the map."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from lcc.carbon.result import CarbonMap
from lcc.settings import MapSettings, Settings

COLUMNS = (
    "date",
    "budget_year",
    "amount_ht",
    "account",
    "family",
    "cpv",
    "supplier_id",
    "supplier_name",
    "directorate",
    "contract",
    "section",
    "quantity",
    "unit",
    "green_contract",
    "label",
)

MAPPING = """
[file]
kind = "payment"
nomenclature = "M57"
delimiter = ";"
decimal = "."
dates = "%Y-%m-%d"
[columns]
""" + "\n".join(f'{name} = "{name}"' for name in COLUMNS)

BASIC = Settings(map=MapSettings(purchaser_prices=False))
"""Ratios as published, at basic prices: hand calculations can quote the SDES table."""


@pytest.fixture
def payments(tmp_path: Path) -> Callable[..., tuple[Path, Path]]:
    """Return a function that writes payments and the mapping that reads them."""

    def write(*rows: dict[str, object], name: str = "paiements.csv") -> tuple[Path, Path]:
        path, mapping = tmp_path / name, tmp_path / "correspondance.toml"
        with path.open("w", newline="", encoding="utf-8") as stream:
            writer = csv.DictWriter(stream, COLUMNS, delimiter=";")
            writer.writeheader()
            for rank, row in enumerate(rows):
                default = {"date": "2023-06-01", "budget_year": 2023, "label": f"achat {rank}"}
                writer.writerow(default | row)
        mapping.write_text(MAPPING, encoding="utf-8")
        return path, mapping

    return write


@pytest.fixture
def make_map(payments: Callable[..., tuple[Path, Path]]) -> Callable[..., CarbonMap]:
    """Return a function from payments to their map, at basic prices unless told otherwise."""

    def make(
        *rows: dict[str, object], by: str | list[str] = "family", settings: Settings = BASIC
    ) -> CarbonMap:
        from lcc.carbon.map import map_carbon

        path, mapping = payments(*rows)
        return map_carbon(path, by=by, mapping=mapping, settings=settings)

    return make


@pytest.fixture(scope="session")
def demo_map() -> CarbonMap:
    """Return the demonstration's map by the dimensions that regulatory posts use."""
    from lcc.carbon.study import open_map

    return open_map(by=("family", "section", "contract", "account"))
