"""Small maps for the tests of the reading grid and the trajectory, at basic prices."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from lcc.carbon.map import map_carbon
from lcc.carbon.result import CarbonMap
from lcc.settings import MapSettings, Settings
from lcc.spending.check import Spending, check

COLUMNS = (
    "date",
    "budget_year",
    "amount_ht",
    "account",
    "cpv",
    "directorate",
    "contract",
    "quantity",
    "unit",
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

FURNITURE = {"cpv": "39100000", "amount_ht": "10000.00"}
"""SDES/Insee GES.501, year 2023, C31_32: 231 kgCO2e per k€ HT at basic prices; family 13.01."""


def furniture(euros: float, **more: object) -> dict[str, object]:
    """Return a payment of furniture of 2023."""
    return {**FURNITURE, "amount_ht": f"{euros:.2f}", **more}


def diesel(litres: float, year: int, **more: object) -> dict[str, object]:
    """Return a payment of diesel with its litres: no error of single lines, family 09.05."""
    return {
        "cpv": "09134100",
        "amount_ht": "1000",
        "quantity": f"{litres:g}",
        "unit": "litre",
        "budget_year": year,
        "date": f"{year}-06-01",
        **more,
    }


def write_payments(folder: Path, *rows: dict[str, object]) -> tuple[Path, Path]:
    """Write payments and the mapping that reads them."""
    path, mapping = folder / "paiements.csv", folder / "correspondance.toml"
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, COLUMNS, delimiter=";")
        writer.writeheader()
        for rank, row in enumerate(rows):
            default = {"date": "2023-06-01", "budget_year": 2023, "label": f"achat {rank}"}
            writer.writerow({**default, **row})
    mapping.write_text(MAPPING, encoding="utf-8")
    return path, mapping


def make_spending(
    folder: Path, *rows: dict[str, object], also: tuple[Path, ...] = ()
) -> tuple[Spending, CarbonMap]:
    """Return checked payments (and other files), and their map by all dimensions of a report."""
    path, mapping = write_payments(folder, *rows)
    spending = check([path, *also], mapping=mapping, settings=BASIC)
    by = ("family", "contract", "directorate", "year")
    return spending, map_carbon(spending, by=by, settings=BASIC)


def make_map(folder: Path, *rows: dict[str, object]) -> CarbonMap:
    """Return the map of payments, by all dimensions of a report."""
    return make_spending(folder, *rows)[1]


def write_rows(path: Path, *rows: dict[str, Any]) -> Path:
    """Write a table with the header of its first row, `;` between cells."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), delimiter=";")
        writer.writeheader()
        writer.writerows(rows)
    return path
