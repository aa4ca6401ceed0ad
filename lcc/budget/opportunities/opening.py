"""One way to open what opportunities are read from: files, a map, a register; or the demo."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from lcc.budget.calendar.opening import demo_periods_files
from lcc.budget.grid.contract_ends import read_contract_ends
from lcc.budget.opening import open_contract_ends, read_as_of
from lcc.budget.opportunities.study import Opportunities, find_opportunities
from lcc.carbon.map import check_inputs, map_carbon
from lcc.carbon.store import find_map
from lcc.carbon.study import DEMO_MAPPING, check_dimensions, default_year, demo_files, is_demo
from lcc.carbon.study import open_map as open_saved
from lcc.errors import FieldError
from lcc.reading.dialect import split_list
from lcc.register.open import open_register
from lcc.settings import Settings
from lcc.tables import demo_path

if TYPE_CHECKING:
    import pandas as pd

    from lcc.carbon.result import CarbonMap
    from lcc.register.register import Register
    from lcc.spending.check import Spending

__all__ = ["NEEDED", "demo_neighbours", "demo_registers", "open_opportunities"]

Paths = Sequence[str | Path] | str

NEEDED = ("family", "contract")
"""Dimensions of a map that opportunities are read from."""

CONTRACTS = "contrats.csv"
DEMO_PROGRAMME = "programme.csv"


def demo_registers() -> list[Path]:
    """Return the files that state the demonstration's contracts, those of directorates too."""
    return [*demo_periods_files(), demo_path("marches_directions.csv")]


def demo_neighbours() -> list[Path]:
    """Return the contracts of the demonstration's neighbours."""
    return [demo_path("marches_voisins.json")]


def open_opportunities(
    inputs: Paths = (),
    *,
    registers: Paths = (),
    neighbours: Paths = (),
    programme: str | Path = "",
    as_of: str = "",
    year: int = 0,
    months: int | None = None,
    settings: Settings | None = None,
    mapping: str | Path = "",
    rates: str | Path = "",
    changed: Mapping[str, float] | None = None,
) -> tuple[Opportunities, CarbonMap | None]:
    """Return the opportunities that files state, and the map of their spending where there is one.

    Parameters
    ----------
    inputs : sequence of path, or text
        Spending files, or the folder of a map; neither these nor a register: the demonstration. A
        text may hold several, separated by `;`.
    registers, neighbours : likewise
        What states this buyer's contracts, and those of others (see `open_register`).
    programme : path
        Purchases programmed (schema `programmed_contract`).
    as_of : str
        Day of reading (2025-01-31); by default the last day of the year of the map.
    year : int
        Budget year; 0 for the last whole one.
    months : int, optional
        Months ahead; by default the horizon of the rules.
    settings : Settings, optional
        Choices of the map.
    mapping : path
        How to read a buyer's own table of payments.
    rates : path
        The user's own expectations of savings.
    changed : mapping, optional
        Parameters of the search to change.

    Raises
    ------
    FieldError
        If the day of reading is not said and there is no map, or a choice does not fit.
    InputError
        If a file cannot be read, or a map was not made by family and contract.
    """
    inputs, registers, neighbours = (_split_paths(each) for each in (inputs, registers, neighbours))
    choices = settings or Settings()
    if mapping:
        choices = replace(choices, mapping=Path(mapping))
    shown = not inputs and not registers
    if shown:
        registers = tuple(demo_registers())
        neighbours = neighbours or tuple(demo_neighbours())
        programme = programme or demo_path(DEMO_PROGRAMME)
    carbon, contracts, spending = (
        _open_map(inputs, choices) if inputs or shown else (None, None, None)
    )
    if carbon is None and not as_of:
        raise FieldError(
            "without a map the day of reading must be said",
            field="as_of",
            expected="a date such as 2025-01-31",
        )
    chosen = None if carbon is None else year or default_year(carbon)
    register: Register | None = open_register(registers) if registers else None
    others: Register | None = open_register(neighbours) if neighbours else None
    found = find_opportunities(
        as_of=read_as_of(as_of, chosen or 0),
        register=register,
        neighbours=others,
        programme=programme or None,
        carbon=carbon,
        contracts=contracts,
        spending=spending,
        year=chosen,
        months=months,
        changed=changed,
        rates=rates or None,
        own_bridge=choices.own_bridge,
    )
    return found, carbon


def _split_paths(paths: Paths) -> tuple[Path, ...]:
    """Return paths; a text holds several, separated by `;`."""
    return tuple(map(Path, split_list(paths) if isinstance(paths, str) else paths))


def _open_map(
    inputs: Sequence[str | Path], choices: Settings
) -> tuple[CarbonMap, pd.DataFrame, Spending | None]:
    """Return the map of files, when its contracts end, and its lines where they are at hand."""
    if len(inputs) == 1 and find_map(inputs[0]) is not None:
        carbon = open_saved(inputs[0])
        check_dimensions(carbon, NEEDED, str(inputs[0]))
        beside = Path(inputs[0]).parent / CONTRACTS
        if beside.is_file():
            return carbon, open_contract_ends(beside, carbon), None
        if not is_demo(carbon):
            return carbon, open_contract_ends("", carbon), None
        inputs = ()
    if not inputs:
        inputs = demo_files()
        choices = replace(choices, mapping=demo_path(DEMO_MAPPING))
    spending = check_inputs(list(inputs), choices)
    carbon = map_carbon(spending, NEEDED, settings=choices)
    return carbon, read_contract_ends(spending, carbon), spending
