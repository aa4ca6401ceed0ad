"""Digital footprint: equipment, electricity and IT spending, each kilogram once."""

from lcc.carbon.digital.extension import (
    Extension,
    extend_life,
    extension_table,
    list_digital_levers,
    write_digital_levers,
)
from lcc.carbon.digital.footprint import DigitalFootprint, make_footprint
from lcc.carbon.digital.inventory import DigitalInventory, Equipment, Finding, read_equipment
from lcc.carbon.digital.opening import open_equipment

__all__ = [
    "DigitalFootprint",
    "DigitalInventory",
    "Equipment",
    "Extension",
    "Finding",
    "extend_life",
    "extension_table",
    "list_digital_levers",
    "make_footprint",
    "open_equipment",
    "read_equipment",
    "write_digital_levers",
]
