"""Why two years, or two perimeters, differ: exact causes, in constant euros, with intervals."""

from lcc.carbon.change.causes import CAUSES, READINGS, list_causes, list_readings
from lcc.carbon.change.compare import compare_years, list_steps
from lcc.carbon.change.maps import compare_maps
from lcc.carbon.change.perimeter import PerimeterChange, read_perimeter
from lcc.carbon.change.told import RESTATEMENT, Change

__all__ = [
    "CAUSES",
    "READINGS",
    "RESTATEMENT",
    "Change",
    "PerimeterChange",
    "compare_maps",
    "compare_years",
    "list_causes",
    "list_readings",
    "list_steps",
    "read_perimeter",
]
