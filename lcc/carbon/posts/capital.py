"""Capital goods in the year of purchase, or spread over the life of the asset: never both.

An assembly votes the lives of its assets; the table shipped is the project's own judgement within
the ranges of public schedules. A depreciated year needs the purchases of all the years before it
that are not worn out: those before the first year of the map are missing, and are counted as
missing years, never invented.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from lcc.carbon.posts.assign import ACCOUNT_PLANS
from lcc.errors import FieldError
from lcc.tables import load_reference

__all__ = ["CONVENTIONS", "calc_annuity", "check_convention", "find_life", "list_lives"]

CONVENTIONS = ("purchase", "depreciated")
"""Whole in the year of purchase; or in equal parts over the life."""


def check_convention(convention: str) -> str:
    """Return the convention, if there is one of this name.

    Raises
    ------
    FieldError
        If there is none.
    """
    if convention not in CONVENTIONS:
        raise FieldError(
            "no convention of capital goods has this name",
            field="capital_goods",
            found=str(convention),
            expected="purchase (whole in the year) or depreciated (over the life of the asset)",
        )
    return convention


def calc_annuity(
    purchase_year: NDArray[np.int64], life_years: NDArray[np.int64], year: int
) -> NDArray[np.float64]:
    r"""Return the part of a purchase that a year takes, when depreciated in equal parts.

    .. math:: w = 1/L \text{ if } y_0 \le y < y_0 + L, \text{ else } 0

    The year of purchase takes a whole part: months are not known.

    Parameters
    ----------
    purchase_year : array of int
        Year :math:`y_0` of each purchase.
    life_years : array of int
        Life *L* of each, at least 1.
    year : int
        Year *y* of the inventory.

    References
    ----------
    .. [1] Ministère de la transition écologique (2022). Méthode pour la réalisation des bilans
       d'émissions de gaz à effet de serre, version 5, post 4.2 (both conventions admitted).
    """
    age = year - purchase_year
    return np.where((age >= 0) & (age < life_years), 1.0 / life_years, 0.0)


def find_life(family: str | None, code_rule: str | None = None) -> int:
    """Return the years a capital good is depreciated over, by `procurement_map/asset_life.csv`.

    The longest prefix of the account that led to the family, where one did; else the family; else
    its segment; else the row for all others.
    """
    lives = _lives()
    plan, _, account = (code_rule or "").partition(":")
    if plan in ACCOUNT_PLANS:
        for end in range(len(account), 0, -1):
            if ("account", account[:end]) in lives:
                return lives["account", account[:end]]
    for kind, key in (("family", family or ""), ("segment", (family or "")[:2])):
        if (kind, key) in lives:
            return lives[kind, key]
    return lives["default", "*"]


def list_lives(cells: pa.Table) -> NDArray[np.int64]:
    """Return the life of each cell's purchases, if they are capital goods, in years."""
    pairs = list(zip(cells["family"].to_pylist(), cells["code_rule"].to_pylist(), strict=True))
    known = {pair: find_life(*pair) for pair in set(pairs)}
    return np.array([known[pair] for pair in pairs], dtype=np.int64)


@cache
def _lives() -> dict[tuple[str, str], int]:
    """Return the years of each key."""
    return {
        (row["key_kind"], row["key"]): row["life_years"]
        for row in load_reference("procurement_map", "asset_life").to_pylist()
    }
