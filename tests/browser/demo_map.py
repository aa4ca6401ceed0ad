"""The map of the demonstration and its contracts, made once for all tests of a process."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from lcc.budget.grid.contract_ends import read_contract_ends, write_contract_ends
from lcc.carbon.map import map_carbon
from lcc.carbon.result import CarbonMap
from lcc.carbon.store import write_map
from lcc.carbon.study import DEMO_MAPPING, REPORT_DIMENSIONS, default_year, demo_files
from lcc.spending.check import check
from lcc.tables import demo_path


@cache
def _make() -> tuple[CarbonMap, Any]:
    spending = check(demo_files(), mapping=demo_path(DEMO_MAPPING))
    carbon = map_carbon(spending, REPORT_DIMENSIONS)
    return carbon, read_contract_ends(spending, carbon)


def write_demo(folder: Path) -> tuple[CarbonMap, dict[str, Any], dict[str, Any]]:
    """Write the map and its contracts; return the map, what every notebook gets, what reports get.

    Without the file of contracts, each report would read the accounts again.
    """
    carbon, ends = _make()
    contracts = folder / "contrats.csv"
    given = {"input": str(write_map(carbon, folder / "carte")), "year": default_year(carbon)}
    write_contract_ends(ends, contracts)
    return carbon, given, {**given, "contracts": str(contracts)}
