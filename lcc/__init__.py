"""Carbon and life-cycle cost of a city's purchases, with honest uncertainty.

`check` reads spending files and names their damage; `map_carbon` says where the tonnes are and how
sure one can be; `cost_study` and `draw_costs` cost a contract over its life. Heavy libraries are
imported on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from lcc.version import __version__

if TYPE_CHECKING:
    from lcc.carbon.explain import explain
    from lcc.carbon.map import map_carbon
    from lcc.carbon.result import CarbonMap
    from lcc.carbon.store import load_map, write_map
    from lcc.carbon.study import default_year, demo_files, is_demo, main_years, open_map
    from lcc.clauses.contract_file import open_clause
    from lcc.clauses.evaluation import ClauseEvaluation, evaluate_clause
    from lcc.cost.files.study import list_contracts, open_study
    from lcc.cost.results.doubt import draw_costs
    from lcc.cost.results.result import CostResult, cost_study
    from lcc.settings import Settings, load_settings
    from lcc.spending.check import Spending, check

__all__ = [
    "CarbonMap",
    "ClauseEvaluation",
    "CostResult",
    "Settings",
    "Spending",
    "__version__",
    "check",
    "cost_study",
    "default_year",
    "demo_files",
    "draw_costs",
    "evaluate_clause",
    "explain",
    "is_demo",
    "list_contracts",
    "load_map",
    "load_settings",
    "main_years",
    "map_carbon",
    "open_clause",
    "open_map",
    "open_study",
    "write_map",
]

_HOMES = {
    "CarbonMap": "lcc.carbon.result",
    "ClauseEvaluation": "lcc.clauses.evaluation",
    "CostResult": "lcc.cost.results.result",
    "Settings": "lcc.settings",
    "Spending": "lcc.spending.check",
    "check": "lcc.spending.check",
    "cost_study": "lcc.cost.results.result",
    "default_year": "lcc.carbon.study",
    "demo_files": "lcc.carbon.study",
    "draw_costs": "lcc.cost.results.doubt",
    "evaluate_clause": "lcc.clauses.evaluation",
    "explain": "lcc.carbon.explain",
    "is_demo": "lcc.carbon.study",
    "list_contracts": "lcc.cost.files.study",
    "load_map": "lcc.carbon.store",
    "load_settings": "lcc.settings",
    "main_years": "lcc.carbon.study",
    "map_carbon": "lcc.carbon.map",
    "open_clause": "lcc.clauses.contract_file",
    "open_map": "lcc.carbon.study",
    "open_study": "lcc.cost.files.study",
    "write_map": "lcc.carbon.store",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'lcc' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
