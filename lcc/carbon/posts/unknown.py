"""What an inventory does not know: energies not split, lines unclassified, years not held."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from lcc.carbon.posts.inventory import Inventory
from lcc.units import CENTS_PER_EUR, KG_PER_TONNE

__all__ = ["LISTED", "list_missing_years", "list_reason"]

LISTED = ("lines", "spend_eur", "tco2e")
"""What the lists of things not known sum."""


def list_reason(inventory: Inventory, reason: str, by: Sequence[str]) -> list[dict[str, Any]]:
    """Return the rows that lie where they do for a reason, summed, the heaviest first.

    Parameters
    ----------
    inventory : Inventory
        Rows of the year.
    reason : str
        A key of `assign.REASONS`.
    by : sequence of str
        Facts to sum by: `family`, `code_rule`, `post`, `quantity` (name of a physical entry).
    """
    cells = inventory.cells.select(["family", "code_rule", "line_count", "spend_cents"])
    facts, kilograms = cells.to_pylist(), inventory.kept * inventory.weight
    sums: dict[tuple[Any, ...], dict[str, Any]] = {}
    for rank in np.flatnonzero((inventory.shares.reason == reason) & (inventory.weight > 0)):
        cell = int(inventory.shares.cell[rank])
        entry = cell - inventory.quantities_from
        row = facts[cell] | {
            "post": inventory.shares.post[rank],
            "quantity": inventory.entries[entry].entry if entry >= 0 else None,
        }
        key = tuple(row[name] for name in by)
        found = sums.setdefault(key, dict(zip(by, key, strict=True)) | dict.fromkeys(LISTED, 0))
        found["lines"] += row["line_count"]
        found["spend_eur"] += row["spend_cents"] / CENTS_PER_EUR
        found["tco2e"] += float(kilograms[rank]) / KG_PER_TONNE
    return sorted(sums.values(), key=lambda row: -abs(row["tco2e"]))


def list_missing_years(
    inventory: Inventory, capital_post: str, year: int, years_held: Collection[int]
) -> list[tuple[int, int, int, int, float]]:
    """Return, by life of the assets, the years of purchase that a depreciated year lacks.

    Parameters
    ----------
    inventory : Inventory
        Rows of the year, capital goods spread.
    capital_post : str
        Post of capital goods.
    year : int
        Year of the inventory.
    years_held : collection of int
        Years the map holds in earnest.

    Returns
    -------
    list of tuple
        Life, first year needed, first year held, years missing, tonnes that the year takes.
    """
    chosen = (inventory.shares.post == capital_post) & (inventory.weight > 0)
    lives = inventory.life_years[inventory.shares.cell]
    kilograms = inventory.kept * inventory.weight
    rows = []
    for life in map(int, np.unique(lives[chosen])):
        needed = range(year - life + 1, year + 1)
        missing = sum(each not in years_held for each in needed)
        tonnes = float(kilograms[chosen & (lives == life)].sum()) / KG_PER_TONNE
        rows.append((life, needed[0], min(years_held), missing, tonnes))
    return rows
