"""One way to open an inventory and its footprint: files, or the demonstration's."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lcc.carbon.digital.footprint import DigitalFootprint, make_footprint
from lcc.carbon.digital.inventory import DigitalInventory, read_equipment
from lcc.carbon.study import REPORT_DIMENSIONS, open_map
from lcc.errors import FieldError
from lcc.reading.dialect import split_list
from lcc.tables import demo_path

__all__ = [
    "DEMO_AGENTS",
    "DEMO_EQUIPMENT",
    "DEMO_KEEP",
    "DEMO_LEFT_OUT",
    "choose_keep",
    "open_digital",
    "open_equipment",
    "read_pairs",
]

DEMO_EQUIPMENT = "parc_numerique.csv"

DEMO_LEFT_OUT = ("2013DSP016",)
"""The demonstration's concession of a fibre network for its inhabitants."""

DEMO_AGENTS = 3_000
"""Agents of the demonstration, invented as the rest of it."""

DEMO_KEEP = "laptop=7 ; smartphone=5"


def open_equipment(source: Path | str = "") -> DigitalInventory:
    """Return the inventory of a file, or of the demonstration where none is named.

    Raises
    ------
    InputError, FieldError
        See `lcc.carbon.digital.inventory.read_equipment`.
    """
    return read_equipment(source if str(source) else demo_path(DEMO_EQUIPMENT))


def open_digital(
    inventory: Path | str = "",
    spending: Path | str = "",
    *,
    year: int = 0,
    agents: int = 0,
    left_out: str = "",
) -> tuple[DigitalFootprint, bool]:
    """Return the footprint of an inventory, and whether it is the demonstration's.

    Parameters
    ----------
    inventory : path
        Table of equipment; empty for the demonstration, its spending included.
    spending : path
        Folder of a map, or file of spending; empty beside an inventory for the equipment alone.
    year, agents : int
        0 for the default, or for an unknown number; the demonstration has its own.
    left_out : str
        Contracts that are not the services' own use, separated by `;`.

    Raises
    ------
    InputError, FieldError
        See `open_equipment`, `lcc.open_map` and `make_footprint`.
    """
    demo = not str(inventory)
    carbon = open_map(spending, by=REPORT_DIMENSIONS) if demo or str(spending) else None
    contracts = tuple(split_list(left_out))
    if demo and not str(spending):
        agents, contracts = agents or DEMO_AGENTS, contracts or DEMO_LEFT_OUT
    found = make_footprint(
        open_equipment(inventory),
        carbon,
        year=year or None,
        agents=agents or None,
        left_out=contracts,
    )
    return found, demo


def choose_keep(keep: str, demo: bool) -> dict[str, float]:
    """Return the kinds kept longer and for how many years; those of the demonstration by default.

    Raises
    ------
    FieldError
        See `read_pairs`.
    """
    return read_pairs(keep or (DEMO_KEEP if demo else ""), "keep")


def read_pairs(texts: str | Sequence[str], field: str) -> dict[str, float]:
    """Return values given as NAME=NUMBER, separated by `;` where they stand in one text.

    Raises
    ------
    FieldError
        If one is not of this form, or a name stands twice.
    """
    pairs: dict[str, float] = {}
    for text in split_list(texts) if isinstance(texts, str) else texts:
        name, equals, number = (part.strip() for part in text.partition("="))
        try:
            value = float(number.replace(",", "."))
        except ValueError:
            value = float("nan")
        if not (name and equals and abs(value) < float("inf")) or name in pairs:
            raise FieldError(
                "a name stands twice" if name in pairs else "this is no name with its number",
                field=field,
                found=text,
                expected="NAME=NUMBER, such as laptop=7, each name once",
            )
        pairs[name] = value
    return pairs
