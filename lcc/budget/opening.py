"""What reports open beside a map: contracts and their ends, targets, measurements, a date."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from lcc.budget.grid.contract_ends import load_contract_ends, read_contract_ends
from lcc.budget.trajectory.targets import Target, read_targets
from lcc.carbon.map import check_inputs, map_carbon
from lcc.carbon.restate import read_published, restate
from lcc.carbon.result import CarbonMap
from lcc.carbon.store import find_map
from lcc.carbon.study import DEMO_MAPPING, REPORT_DIMENSIONS, demo_files, is_demo
from lcc.carbon.study import open_map as open_saved
from lcc.carbon.update.read import read_measured
from lcc.errors import FieldError
from lcc.reading.dialect import split_list
from lcc.settings import Settings
from lcc.spending.check import check
from lcc.tables import demo_path, schema

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "map_with_contracts",
    "open_contract_ends",
    "open_measured",
    "open_purchases",
    "open_restated",
    "open_targets",
    "read_as_of",
]

CONTRACTS = "contrats.csv"
DEMO_TARGETS = "cibles.csv"
DEMO_MEASURED = "mesures_fournisseurs.csv"
DEMO_PUBLISHED = "chiffres_publies_2023.csv"


def read_as_of(text: str, year: int) -> date:
    """Return the date of reading: as written (2025-01-31), else the last day of a budget year.

    Never today's: the same inputs give the same report.

    Raises
    ------
    FieldError
        If the text is no date.
    """
    if not text:
        return date(year, 12, 31)
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise FieldError(
            "the date of reading is no date",
            field="as_of",
            found=text,
            expected="a date such as 2025-01-31, or nothing for the end of the budget year",
        ) from error


def open_contract_ends(path: str | Path, carbon: CarbonMap) -> pd.DataFrame:
    """Return contracts and their ends from a file; of the demonstration; else none, all unknown.

    Parameters
    ----------
    path : path
        File that `lcc reports` wrote (``contrats.csv``); empty for the demonstration's own, or for
        none where the map is another's.
    carbon : CarbonMap
    """
    if str(path):
        return load_contract_ends(path)
    if is_demo(carbon):
        mapping = demo_path(DEMO_MAPPING)
        return read_contract_ends(check(demo_files(), mapping=mapping), carbon)
    nothing: pd.DataFrame = schema("contract_end").arrow().empty_table().to_pandas()
    return nothing


def open_targets(path: str | Path, carbon: CarbonMap) -> tuple[Target, ...]:
    """Return the targets of a file; of the demonstration, for its map; else none."""
    if str(path):
        return read_targets(path, carbon)
    return read_targets(demo_path(DEMO_TARGETS), carbon) if is_demo(carbon) else ()


def map_with_contracts(
    inputs: Sequence[str | Path], settings: Settings
) -> tuple[CarbonMap, pd.DataFrame]:
    """Return the map of files, and when its contracts end: lines are read once for both."""
    spending = check_inputs(list(inputs), settings)
    carbon = map_carbon(spending, REPORT_DIMENSIONS, settings=settings)
    return carbon, read_contract_ends(spending, carbon)


def open_purchases(source: str = "", mapping: str = "") -> tuple[CarbonMap, pd.DataFrame]:
    """Return a map, and when its contracts end, as a notebook asks for them.

    Parameters
    ----------
    source : str
        Folder of a map, or files of spending separated by `;`; empty for the demonstration. Beside
        a folder, `contrats.csv` tells the ends; without it they are unknown.
    mapping : str
        How to read a buyer's own table of payments; empty where its columns are recognised.
    """
    files = [Path(each) for each in split_list(source)]
    if len(files) == 1 and find_map(files[0]) is not None:
        carbon = open_saved(files[0])
        beside = files[0].parent / CONTRACTS
        return carbon, open_contract_ends(beside if beside.is_file() else "", carbon)
    if files:
        return map_with_contracts(files, Settings(mapping=Path(mapping) if mapping else None))
    return map_with_contracts(demo_files(), Settings(mapping=demo_path(DEMO_MAPPING)))


def open_measured(path: str | Path, carbon: CarbonMap) -> pd.DataFrame | None:
    """Return suppliers' measurements of a file; of the demonstration, for its map; else None."""
    if str(path):
        return read_measured(path)
    return read_measured(demo_path(DEMO_MEASURED)) if is_demo(carbon) else None


def open_restated(path: str | Path, carbon: CarbonMap, year: int) -> pd.DataFrame | None:
    """Return figures published for a year beside the same recomputed (`lcc.carbon.restate`).

    Of a file; of the demonstration, for its map; else None.
    """
    chosen = path if str(path) else demo_path(DEMO_PUBLISHED) if is_demo(carbon) else None
    return None if chosen is None else restate(read_published(chosen), carbon, year)
