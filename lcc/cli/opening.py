"""How commands open a map: a folder, files, or the demonstration; with when contracts end."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lcc.cli.options import choose_settings

if TYPE_CHECKING:
    import pandas as pd

    from lcc.carbon.result import CarbonMap

__all__ = ["open_report_map", "open_with_contracts"]


def open_report_map(
    inputs: tuple[str, ...],
    settings: Path | None,
    mapping: Path | None,
    by: Sequence[str],
    needed: Sequence[str] | None = None,
) -> CarbonMap:
    """Return the map of a folder or of the table beside it, of files, or of the demonstration.

    Files are mapped `by` the dimensions given; a map must tell those that are `needed`, by default
    the same.
    """
    from lcc.carbon.map import map_carbon
    from lcc.carbon.study import check_dimensions, open_map

    if not names_map(inputs):
        if not inputs:
            return open_map(by=by)
        return map_carbon(list(inputs), by, settings=choose_settings(settings, mapping))
    carbon = open_map(inputs[0])
    check_dimensions(carbon, by if needed is None else needed, inputs[0])
    return carbon


def names_map(inputs: tuple[str, ...]) -> bool:
    """Tell whether what is given is a map: its folder, or the table that `lcc map` wrote."""
    from lcc.carbon.store import find_map

    return len(inputs) == 1 and find_map(inputs[0]) is not None


def open_with_contracts(
    inputs: tuple[str, ...],
    settings: Path | None,
    mapping: Path | None,
    needed: Sequence[str] = ("contract",),
) -> tuple[CarbonMap, pd.DataFrame]:
    """Return the map as `open_report_map`, and when its contracts end; files by all dimensions."""
    from lcc.budget.opening import map_with_contracts, open_contract_ends
    from lcc.carbon.study import DEMO_MAPPING, demo_files
    from lcc.settings import Settings
    from lcc.tables import demo_path

    if not inputs:
        return map_with_contracts(demo_files(), Settings(mapping=demo_path(DEMO_MAPPING)))
    if not names_map(inputs):
        return map_with_contracts(inputs, choose_settings(settings, mapping))
    carbon = open_report_map(inputs, settings, mapping, needed)
    beside = Path(inputs[0]).parent / "contrats.csv"
    if beside.is_file():
        return carbon, open_contract_ends(beside, carbon)
    contracts = open_contract_ends("", carbon)
    if not len(contracts):
        click.echo("  no contrats.csv beside the map: when contracts end is unknown", err=True)
    return carbon, contracts
