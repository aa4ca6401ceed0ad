"""The table of what quantities replaced: tonnes before, tonnes after, by post."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from lcc.carbon.kilograms import METHODS
from lcc.carbon.posts.inventory import Inventory
from lcc.carbon.posts.replace import Removal
from lcc.units import KG_PER_TONNE

__all__ = ["REPLACED", "list_replaced"]

Floats = NDArray[np.float64]

BEFORE = {name: f"before_{name.replace('-', '_')}_tco2e" for name in reversed(METHODS)}
"""Method → column of the tonnes it had given."""

DIFFERENCE = ("difference_tco2e", "low_difference_tco2e", "high_difference_tco2e")
"""Columns of physical − before, with its 95 % interval."""

REPLACED = pa.schema(
    [
        *((name, pa.string()) for name in ("batch", "replaces_kind", "replaces", "post")),
        *((name, pa.float64()) for name in ("covers", "spend_eur", "before_tco2e")),
        *((name, pa.float64()) for name in BEFORE.values()),
        *((name, pa.float64()) for name in ("physical_tco2e", *DIFFERENCE)),
        *((name, pa.string()) for name in ("entries", "documents")),
    ]
)
"""Columns of the table, described in `BegesPosts.replaced`."""


def list_replaced(
    inventory: Inventory,
    removals: Sequence[Removal],
    group: NDArray[np.int64],
    posts: Sequence[str],
) -> pa.Table:
    """Return one row per batch and post: what it replaced, and what it counts instead.

    Parameters
    ----------
    inventory : Inventory
        Rows of the year.
    removals : sequence of Removal
        Those of the year.
    group : array of int, shape (rows,)
        Rank of the post of each row in `posts`.
    posts : sequence of str
        Posts by rank.
    """
    rows: list[dict[str, Any]] = []
    for removal in removals:
        rows += _list_batch(inventory, removal, group, posts)
    return pa.Table.from_pylist(rows, schema=REPLACED)


def _list_batch(
    inventory: Inventory, removal: Removal, group: NDArray[np.int64], posts: Sequence[str]
) -> list[dict[str, Any]]:
    batch, shares, here = removal.batch, inventory.shares, inventory.this_year
    method = inventory.emissions.method[shares.cell]
    padded = np.concatenate([removal.kgco2e, np.zeros(len(inventory.entries))])
    taken = padded[shares.cell] * shares.share
    mine = [
        inventory.quantities_from + rank
        for rank, each in enumerate(inventory.entries)
        if each in batch.entries
    ]
    added = np.where(np.isin(shares.cell, mine), inventory.kept, 0.0)
    errors, terms = inventory.emissions.errors, inventory.emissions.terms[shares.cell]
    padded = np.concatenate([removal.variance, np.zeros(len(inventory.entries))])
    own = np.where(np.isin(shares.cell, mine), inventory.own_variance[shares.cell], 0.0)
    own = (own + padded[shares.cell]) * shares.share**2
    rows: list[dict[str, Any]] = []
    for rank in np.unique(group[here & ((taken != 0) | (added != 0))]):
        inside = here & (group == rank)
        before, after = _sum(taken[inside]), _sum(added[inside])
        # Errors of one factor on both sides cancel in the difference.
        totals = np.zeros((1, errors.terms))
        np.add.at(totals[0], terms[inside], (added - taken)[inside])
        interval = errors.calc_interval(totals, np.array([own[inside].sum()]))
        rows.append(
            {
                "batch": batch.name,
                "replaces_kind": batch.kind,
                "replaces": ", ".join(batch.codes),
                "post": posts[rank],
                "covers": batch.covers,
                # The euros of a batch stand on its first row: they add up over the table.
                "spend_eur": 0.0 if rows else removal.spend_eur,
                "before_tco2e": before,
                "physical_tco2e": after,
                "difference_tco2e": after - before,
                "low_difference_tco2e": float(interval.low[0]) / KG_PER_TONNE,
                "high_difference_tco2e": float(interval.high[0]) / KG_PER_TONNE,
                "entries": ", ".join(each.entry for each in batch.entries),
                "documents": ", ".join(dict.fromkeys(each.document for each in batch.entries)),
            }
            | {
                column: _sum(taken[inside & (method == METHODS.index(name))])
                for name, column in BEFORE.items()
            }
        )
    return rows


def _sum(kilograms: Floats) -> float:
    """Return kilograms as tonnes, summed."""
    return float(kilograms.sum()) / KG_PER_TONNE
