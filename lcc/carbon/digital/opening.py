"""One way to open an inventory of equipment: a file, or the demonstration's."""

from __future__ import annotations

from pathlib import Path

from lcc.carbon.digital.inventory import DigitalInventory, read_equipment
from lcc.tables import demo_path

__all__ = ["DEMO_EQUIPMENT", "DEMO_LEFT_OUT", "open_equipment"]

DEMO_EQUIPMENT = "parc_numerique.csv"

DEMO_LEFT_OUT = ("2013DSP016",)
"""The demonstration's concession of a fibre network for its inhabitants."""


def open_equipment(source: Path | str = "") -> DigitalInventory:
    """Return the inventory of a file, or of the demonstration where none is named.

    Raises
    ------
    InputError, FieldError
        See `lcc.carbon.digital.inventory.read_equipment`.
    """
    return read_equipment(source if str(source) else demo_path(DEMO_EQUIPMENT))
