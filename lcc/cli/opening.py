"""How commands open a map: a folder, files, or the demonstration; with when contracts end."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from lcc.cli.options import choose_settings
from lcc.errors import FieldError

if TYPE_CHECKING:
    import pandas as pd

    from lcc.carbon.result import CarbonMap

__all__ = ["open_report_map", "open_with_contracts"]


def open_report_map(
    inputs: tuple[str, ...], settings: Path | None, mapping: Path | None
) -> CarbonMap:
    """Return the map of a folder, of files, or of the demonstration."""
    from lcc.carbon.map import map_carbon
    from lcc.carbon.study import NEEDED_DIMENSIONS, REPORT_DIMENSIONS, open_map

    if not inputs or (len(inputs) == 1 and Path(inputs[0]).is_dir()):
        carbon = open_map(*inputs)
        if not set(NEEDED_DIMENSIONS) <= set(carbon.cells):
            raise FieldError(
                "this map was not made for reports",
                file=inputs[0],
                field="by",
                found=", ".join(carbon.cells),
                expected=", ".join(NEEDED_DIMENSIONS),
                remedy="give the files themselves, or the folder “carte” of an earlier lcc reports",
            )
        return carbon
    return map_carbon(inputs, REPORT_DIMENSIONS, settings=choose_settings(settings, mapping))


def open_with_contracts(
    inputs: tuple[str, ...], settings: Path | None, mapping: Path | None
) -> tuple[CarbonMap, pd.DataFrame]:
    """Return the map as `open_report_map`, and when its contracts end."""
    from lcc.budget.opening import map_with_contracts, open_contract_ends
    from lcc.carbon.study import DEMO_MAPPING, demo_files
    from lcc.settings import Settings
    from lcc.tables import demo_path

    if not inputs:
        return map_with_contracts(demo_files(), Settings(mapping=demo_path(DEMO_MAPPING)))
    if not (len(inputs) == 1 and Path(inputs[0]).is_dir()):
        return map_with_contracts(inputs, choose_settings(settings, mapping))
    carbon = open_report_map(inputs, settings, mapping)
    beside = Path(inputs[0]).parent / "contrats.csv"
    if beside.is_file():
        return carbon, open_contract_ends(beside, carbon)
    contracts = open_contract_ends("", carbon)
    if not len(contracts):
        click.echo("  no contrats.csv beside the map: when contracts end is unknown", err=True)
    return carbon, contracts
