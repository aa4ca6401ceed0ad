"""Carbon and life-cycle cost of a city's purchases, with honest uncertainty.

`check` reads spending files and names their damage; `map_carbon` says where the tonnes are and how
sure one can be. Heavy libraries are imported on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lcc.carbon.explain import explain
    from lcc.carbon.map import map_carbon
    from lcc.carbon.result import CarbonMap
    from lcc.carbon.store import load_map, write_map
    from lcc.carbon.study import default_year, demo_files, is_demo, main_years, open_map
    from lcc.settings import Settings, load_settings
    from lcc.spending.check import Spending, check

__all__ = [
    "CarbonMap",
    "Settings",
    "Spending",
    "__version__",
    "check",
    "default_year",
    "demo_files",
    "explain",
    "is_demo",
    "load_map",
    "load_settings",
    "main_years",
    "map_carbon",
    "open_map",
    "write_map",
]

__version__ = "0.1.0"

_HOMES = {
    "CarbonMap": "lcc.carbon.result",
    "Settings": "lcc.settings",
    "Spending": "lcc.spending.check",
    "check": "lcc.spending.check",
    "default_year": "lcc.carbon.study",
    "demo_files": "lcc.carbon.study",
    "explain": "lcc.carbon.explain",
    "is_demo": "lcc.carbon.study",
    "load_map": "lcc.carbon.store",
    "load_settings": "lcc.settings",
    "main_years": "lcc.carbon.study",
    "map_carbon": "lcc.carbon.map",
    "open_map": "lcc.carbon.study",
    "write_map": "lcc.carbon.store",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'lcc' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
