"""Carbon and life-cycle cost of a city's purchases, with honest uncertainty.

`check` reads spending files and names their damage; `map_carbon` says where the tonnes are and how
sure one can be. Heavy libraries are imported on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lcc.carbon.map import CarbonMap, map_carbon
    from lcc.spending.check import Spending, check

__all__ = ["CarbonMap", "Spending", "__version__", "check", "map_carbon"]

__version__ = "0.1.0"

_HOMES = {
    "CarbonMap": "lcc.carbon.map",
    "Spending": "lcc.spending.check",
    "check": "lcc.spending.check",
    "map_carbon": "lcc.carbon.map",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'lcc' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
