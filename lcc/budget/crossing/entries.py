"""From cells to rows: one entry per cell and post, summed by key, scope, family and post."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from lcc.carbon.posts import assign_posts, infer_capital
from lcc.carbon.result import CarbonMap
from lcc.tables import schema
from lcc.uncertainty.shared import Interval
from lcc.units import KG_PER_TONNE

__all__ = ["Entries", "make_entries", "measure_groups", "sum_entries"]

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Entries:
    """Shares of cells, as parallel arrays: one row per cell and post.

    Attributes
    ----------
    cell : array of int
        Cell of the map.
    row : array of int
        Row of the table it adds to.
    share : array
        Part of the cell's emissions.
    principal : array of bool
        Whether the cell's euros stand here: once per cell.
    """

    cell: Integers
    row: Integers
    share: Floats
    principal: NDArray[np.bool_]
    post: NDArray[np.object_]
    key: Integers


def make_entries(
    carbon: CarbonMap, key: Integers, sections: Sequence[str | None], nomenclature: str
) -> Entries:
    """Return the entries of the cells that have a key; the rows are set by `sum_entries`.

    Parameters
    ----------
    carbon : CarbonMap
        Made by `budget_line`.
    key : array of int, shape (cells,)
        Key of each cell; negative where it is in none.
    sections : sequence of str or None
        Section of each key: it tells capital goods from purchases of the year.
    nomenclature : str
        Of the posts.
    """
    cells = carbon.cells["budget_line"]
    known = np.array([*(each is not None for each in sections), False], dtype=bool)[key]
    said = np.array([*(each == "capital" for each in sections), False], dtype=bool)[key]
    capital = np.where(known, said, infer_capital(cells))
    shares = assign_posts(cells, carbon.factors, nomenclature, capital)
    inside = key[shares.cell] >= 0
    outside = np.flatnonzero((key >= 0) & np.asarray(cells["scope_reason"].is_valid().to_numpy()))
    nothing: NDArray[np.object_] = np.full(outside.size, None, dtype=object)
    cell = np.concatenate([shares.cell[inside], outside])
    return Entries(
        cell=cell,
        row=np.zeros(cell.size, dtype=np.int64),
        share=np.concatenate([shares.share[inside], np.ones(outside.size)]),
        principal=np.concatenate([shares.principal[inside], np.ones(outside.size, dtype=bool)]),
        post=np.concatenate([shares.post[inside], nothing]),
        key=key[cell],
    )


def sum_entries(
    entries: Entries, carbon: CarbonMap, keys: Sequence[tuple[Any, ...]], names: Sequence[str]
) -> pa.Table:
    """Return the rows of the crossing (schema `crossing`), and set the row of each entry.

    Ratings are left to be set. Euros of a cell stand on its principal post, tonnes on all.
    """
    cells = carbon.cells["budget_line"]
    scopes, scope = _encode(cells["scope_reason"], entries.cell)
    families, family = _encode(cells["family"], entries.cell)
    posts, post = _encode(pa.array(entries.post, type=pa.string()), None)
    code = ((entries.key * len(scopes) + scope) * len(families) + family) * len(posts) + post
    found, row = np.unique(code, return_inverse=True)
    entries.row[:] = row
    rest, post_rank = np.divmod(found, len(posts))
    rest, family_rank = np.divmod(rest, len(families))
    key_rank, scope_rank = np.divmod(rest, len(scopes))
    size = found.size

    def sum_cents(name: str, keep: NDArray[np.bool_]) -> Integers:
        kept = entries.principal & keep
        total = np.zeros(size, dtype=np.int64)
        np.add.at(total, row[kept], cells[name].to_numpy()[entries.cell[kept]])
        return total

    all_of_it = np.ones(row.size, dtype=bool)
    bought = np.asarray(cells["scope_reason"].is_null().to_numpy(), dtype=bool)[entries.cell]
    factored = np.asarray(cells["factor_key"].is_valid().to_numpy(), dtype=bool)[entries.cell]
    interval = measure_groups(entries, carbon, row, size)
    covered = np.bincount(row[factored], minlength=size) > 0
    place = pa.array(key_rank)
    stated = {
        name: pa.array([key[rank] for key in keys]).take(place) for rank, name in enumerate(names)
    }
    columns: dict[str, Any] = {
        **stated,
        "scope_reason": pa.array(scopes).take(pa.array(scope_rank)),
        "family": pa.array(families).take(pa.array(family_rank)),
        "post": pa.array(posts).take(pa.array(post_rank)),
        "rating": pa.nulls(size),
        "rating_origin": pa.nulls(size),
        "explained": np.ones(size, dtype=bool),
        "lines": sum_cents("line_count", all_of_it),
        "executed_cents": sum_cents("executed_cents", all_of_it),
        "spend_ht_cents": sum_cents("spend_cents", bought),
        "covered_ht_cents": sum_cents("spend_cents", factored),
        **{
            f"{name}_tco2e": pa.array(values / KG_PER_TONNE, mask=~covered)
            for name, values in (
                ("emissions", interval.mean),
                ("low", interval.low),
                ("high", interval.high),
            )
        },
    }
    form = schema("crossing").arrow()
    return pa.table([_as_array(columns[each.name]).cast(each.type) for each in form], schema=form)


def _as_array(values: Any) -> pa.Array:
    return values if isinstance(values, pa.Array) else pa.array(values)


def measure_groups(entries: Entries, carbon: CarbonMap, group: Integers, count: int) -> Interval:
    """Return the emissions of groups of entries with their interval, in kg.

    Parameters
    ----------
    group : array of int, shape (entries,)
        Group of each entry, from 0; negative where it is in none.
    """
    emissions = carbon.emissions("budget_line")
    inside = np.flatnonzero((group >= 0) & (emissions.method[entries.cell] >= 0))
    cell, place, share = entries.cell[inside], group[inside], entries.share[inside]
    own = _sum_own_variance(emissions.line_variance, cell, place, share, count)
    width = max(emissions.errors.terms, 1)
    pair = place * width + emissions.terms[cell]
    kilograms = emissions.kgco2e[cell] * share
    if count <= DENSE_GROUPS:
        totals = np.bincount(pair, kilograms, minlength=count * width).astype(np.float64)
        return emissions.errors.calc_interval(totals.reshape(count, width), own)
    pairs, rank = np.unique(pair, return_inverse=True)
    values = np.asarray(np.bincount(rank, kilograms, minlength=pairs.size), dtype=np.float64)
    return emissions.errors.calc_sparse_interval(pairs // width, pairs % width, values, count, own)


def _sum_own_variance(
    line_variance: Floats, cell: Integers, place: Integers, share: Floats, count: int
) -> Floats:
    """Return the variance of single lines in each group.

    The errors of single lines are those of the whole cell: its shares in one group add first.
    """
    several = np.bincount(cell, minlength=line_variance.size)[cell] > 1
    alone = ~several
    whole = line_variance[cell[alone]] * share[alone] ** 2
    total = np.bincount(place[alone], whole, minlength=count)
    merged, rank = np.unique(
        place[several] * line_variance.size + cell[several], return_inverse=True
    )
    added = np.bincount(rank, share[several], minlength=merged.size)
    of_group, of_cell = np.divmod(merged, line_variance.size)
    shared = np.bincount(of_group, line_variance[of_cell] * added**2, minlength=count)
    return np.asarray(total + shared, dtype=np.float64)


DENSE_GROUPS = 200
"""Up to so many groups, groups by terms are laid out in full; beyond, they are mostly empty."""


def _encode(
    column: pa.Array | pa.ChunkedArray, rows: Integers | None
) -> tuple[list[str | None], Integers]:
    """Return the distinct values of a column, sorted and None last, and the rank of each row."""
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    coded = array.dictionary_encode()
    names = coded.dictionary.to_pylist()
    ordered: list[str | None] = [*sorted(names), None]
    rank = np.array([*(ordered.index(each) for each in names), len(names)], dtype=np.int64)
    codes = rank[coded.indices.fill_null(len(names)).to_numpy(zero_copy_only=False)]
    return ordered, codes if rows is None else codes[rows]
