"""One way to open a climate budget: payments, accounts, or nothing for the demonstration."""

from __future__ import annotations

from pathlib import Path

from lcc.budget.crossing.cross import cross_budget
from lcc.budget.crossing.result import Crossing
from lcc.budget.ratings.scales import DEFAULT_SCALE
from lcc.carbon.posts import POST_DIMENSIONS, BegesPosts, make_posts
from lcc.carbon.study import REPORT_DIMENSIONS, is_demo
from lcc.reading.dialect import split_list
from lcc.tables import demo_path

__all__ = ["demo_accounts", "open_budget", "open_posts"]

DEMO_YEARS = (2022, 2023, 2024)
DIMENSIONS = tuple(dict.fromkeys((*REPORT_DIMENSIONS, *POST_DIMENSIONS)))
"""Dimensions that posts, contract ends, trajectory and plan make use of."""


def demo_accounts() -> list[Path]:
    """Return the accounts of the embedded demonstration."""
    return [demo_path(f"comptes_{year}.xml") for year in DEMO_YEARS]


def open_budget(
    source: str = "",
    accounts: str = "",
    *,
    ratings: str = "",
    scale: str = DEFAULT_SCALE,
    mapping: str = "",
) -> Crossing:
    """Return the crossing of a source; see `lcc.cross_budget`.

    Parameters
    ----------
    source : str
        Payments, or accounts (TOTEM) alone, several separated by `;`; empty for the demonstration.
    accounts : str
        Accounts beside payments, separated by `;`.
    ratings, mapping : str
        Table of ratings, and mapping file of the payments; empty for none. The demonstration has
        both.
    scale : str
        Scale of the ratings.
    """
    if not source:
        return cross_budget(
            [demo_path("paiements.csv")],
            accounts=demo_accounts(),
            ratings=ratings or demo_path("cotations.csv"),
            scale=scale,
            mapping=demo_path("correspondance.toml"),
            also_by=DIMENSIONS,
        )
    return cross_budget(
        split_list(source),
        accounts=split_list(accounts) or None,
        ratings=ratings or None,
        scale=scale,
        mapping=mapping or None,
        also_by=DIMENSIONS,
    )


def open_posts(crossing: Crossing, year: int, physical: Path | str = "") -> BegesPosts:
    """Return the regulatory posts of the purchases of a year, once quantities are counted.

    Parameters
    ----------
    crossing : Crossing
        Opened by `open_budget`.
    year : int
    physical : path
        Table of quantities (schema `physical_post`); empty for the demonstration's own, where the
        spending is the demonstration's, or for none.
    """
    if not str(physical) and is_demo(crossing.carbon):
        physical = demo_path("postes_physiques.csv")
    return make_posts(crossing.carbon, year, physical=physical or None)
