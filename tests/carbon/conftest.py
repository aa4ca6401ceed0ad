"""Small spending files for the tests of the map."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

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
    "budget",
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


def write_payments(folder: Path, rows: Iterable[dict[str, object]], name: str) -> tuple[Path, Path]:
    """Write payments and the mapping that reads them; return both paths."""
    path, mapping = folder / name, folder / "correspondance.toml"
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, COLUMNS, delimiter=";")
        writer.writeheader()
        for rank, row in enumerate(rows):
            default = {"date": "2023-06-01", "budget_year": 2023, "label": f"achat {rank}"}
            writer.writerow(default | row)
    mapping.write_text(MAPPING, encoding="utf-8")
    return path, mapping


def map_payments(
    folder: Path,
    *rows: dict[str, object],
    by: str | list[str] = "family",
    settings: Settings = BASIC,
) -> CarbonMap:
    """Return the map of payments, at basic prices unless told otherwise."""
    from lcc.carbon.map import map_carbon

    path, mapping = write_payments(folder, rows, "paiements.csv")
    return map_carbon(path, by=by, mapping=mapping, settings=settings)


@pytest.fixture
def payments(tmp_path: Path) -> Callable[..., tuple[Path, Path]]:
    """Return a function that writes payments and the mapping that reads them."""

    def write(*rows: dict[str, object], name: str = "paiements.csv") -> tuple[Path, Path]:
        return write_payments(tmp_path, rows, name)

    return write


@pytest.fixture
def make_map(tmp_path: Path) -> Callable[..., CarbonMap]:
    """Return a function from payments to their map, at basic prices unless told otherwise."""
    return partial(map_payments, tmp_path)


@pytest.fixture(scope="module")
def make_shared_map(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., CarbonMap]:
    """Return the same function, for a map that all tests of a module use."""

    def make(*rows: dict[str, object], **choices: Any) -> CarbonMap:
        return map_payments(tmp_path_factory.mktemp("carte"), *rows, **choices)

    return make


@pytest.fixture(scope="session")
def demo_map() -> CarbonMap:
    """Return the demonstration's map by what regulatory posts use, and by contract."""
    from lcc.carbon.posts import POST_DIMENSIONS
    from lcc.carbon.study import open_map

    return open_map(by=(*POST_DIMENSIONS, "contract"))
