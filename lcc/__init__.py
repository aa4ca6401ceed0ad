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
    from lcc.budget.accounts.table import Accounts, read_accounts
    from lcc.budget.calendar.opening import open_calendar
    from lcc.budget.crossing.cross import cross_budget
    from lcc.budget.crossing.result import Crossing
    from lcc.budget.grid.leverage import rank_leverage
    from lcc.budget.grid.reading_grid import load_grid
    from lcc.budget.opportunities.opening import open_opportunities
    from lcc.budget.plan.doubt import draw_plans
    from lcc.budget.plan.plan import solve_plan
    from lcc.budget.study import open_budget
    from lcc.budget.trajectory.follow import follow_trajectory
    from lcc.carbon.change.compare import compare_years
    from lcc.carbon.change.maps import compare_maps
    from lcc.carbon.digital.footprint import DigitalFootprint, make_footprint
    from lcc.carbon.digital.opening import open_equipment
    from lcc.carbon.explain import explain
    from lcc.carbon.map import map_carbon
    from lcc.carbon.measurement_plan import plan_measurements
    from lcc.carbon.posts.make import POST_DIMENSIONS, make_posts
    from lcc.carbon.posts.result import BegesPosts
    from lcc.carbon.posts.series import PostSeries, join_posts
    from lcc.carbon.ranks import rank_groups
    from lcc.carbon.result import CarbonMap
    from lcc.carbon.store import load_map, write_map
    from lcc.carbon.study import default_year, demo_files, is_demo, main_years, open_map
    from lcc.carbon.update.apply import update_map
    from lcc.carbon.update.read import read_measured
    from lcc.carbon.worth import weigh_measurements
    from lcc.clauses.contract_file import open_clause
    from lcc.clauses.evaluation import ClauseEvaluation, evaluate_clause
    from lcc.cost.files.study import list_contracts, open_study
    from lcc.cost.results.doubt import draw_costs
    from lcc.cost.results.result import CostResult, cost_study
    from lcc.settings import Settings, load_settings
    from lcc.spending.check import Spending, check
    from lcc.spending.suggest.predict import suggest
    from lcc.spending.suggest.train import train_model

__all__ = [
    "POST_DIMENSIONS",
    "Accounts",
    "BegesPosts",
    "CarbonMap",
    "ClauseEvaluation",
    "CostResult",
    "Crossing",
    "DigitalFootprint",
    "PostSeries",
    "Settings",
    "Spending",
    "__version__",
    "check",
    "compare_maps",
    "compare_years",
    "cost_study",
    "cross_budget",
    "default_year",
    "demo_files",
    "draw_costs",
    "draw_plans",
    "evaluate_clause",
    "explain",
    "follow_trajectory",
    "is_demo",
    "join_posts",
    "list_contracts",
    "load_grid",
    "load_map",
    "load_settings",
    "main_years",
    "make_footprint",
    "make_posts",
    "map_carbon",
    "open_budget",
    "open_calendar",
    "open_clause",
    "open_equipment",
    "open_map",
    "open_opportunities",
    "open_study",
    "plan_measurements",
    "rank_groups",
    "rank_leverage",
    "read_accounts",
    "read_measured",
    "solve_plan",
    "suggest",
    "train_model",
    "update_map",
    "weigh_measurements",
    "write_map",
]

_HOMES = {
    "load_grid": "lcc.budget.grid.reading_grid",
    "rank_leverage": "lcc.budget.grid.leverage",
    "follow_trajectory": "lcc.budget.trajectory.follow",
    "open_opportunities": "lcc.budget.opportunities.opening",
    "draw_plans": "lcc.budget.plan.doubt",
    "solve_plan": "lcc.budget.plan.plan",
    "Accounts": "lcc.budget.accounts.table",
    "DigitalFootprint": "lcc.carbon.digital.footprint",
    "make_footprint": "lcc.carbon.digital.footprint",
    "open_equipment": "lcc.carbon.digital.opening",
    "Crossing": "lcc.budget.crossing.result",
    "cross_budget": "lcc.budget.crossing.cross",
    "read_accounts": "lcc.budget.accounts.table",
    "POST_DIMENSIONS": "lcc.carbon.posts.make",
    "BegesPosts": "lcc.carbon.posts.result",
    "PostSeries": "lcc.carbon.posts.series",
    "CarbonMap": "lcc.carbon.result",
    "ClauseEvaluation": "lcc.clauses.evaluation",
    "CostResult": "lcc.cost.results.result",
    "Settings": "lcc.settings",
    "Spending": "lcc.spending.check",
    "check": "lcc.spending.check",
    "compare_maps": "lcc.carbon.change.maps",
    "compare_years": "lcc.carbon.change.compare",
    "cost_study": "lcc.cost.results.result",
    "default_year": "lcc.carbon.study",
    "demo_files": "lcc.carbon.study",
    "draw_costs": "lcc.cost.results.doubt",
    "evaluate_clause": "lcc.clauses.evaluation",
    "explain": "lcc.carbon.explain",
    "is_demo": "lcc.carbon.study",
    "join_posts": "lcc.carbon.posts.series",
    "list_contracts": "lcc.cost.files.study",
    "load_map": "lcc.carbon.store",
    "load_settings": "lcc.settings",
    "main_years": "lcc.carbon.study",
    "make_posts": "lcc.carbon.posts.make",
    "map_carbon": "lcc.carbon.map",
    "open_budget": "lcc.budget.study",
    "open_calendar": "lcc.budget.calendar.opening",
    "open_clause": "lcc.clauses.contract_file",
    "open_map": "lcc.carbon.study",
    "open_study": "lcc.cost.files.study",
    "plan_measurements": "lcc.carbon.measurement_plan",
    "weigh_measurements": "lcc.carbon.worth",
    "rank_groups": "lcc.carbon.ranks",
    "suggest": "lcc.spending.suggest.predict",
    "train_model": "lcc.spending.suggest.train",
    "write_map": "lcc.carbon.store",
    "read_measured": "lcc.carbon.update.read",
    "update_map": "lcc.carbon.update.apply",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'lcc' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
