r"""The rows an inventory is made of: cells and quantities, their posts, weights and errors.

A row's emissions are :math:`e = (k_c - r_c)\, s\, w`, with :math:`k_c` the kilograms of its cell,
:math:`r_c` what physical posts take out of it, *s* the share of its post and *w* its weight in the
year: 1, or the yearly part of a depreciated asset. Quantities are cells too, of factors that share
their errors with the map's; their own error, where one is stated, nothing else shares.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from lcc.carbon.kilograms import METHODS, Emissions, calc_emissions
from lcc.carbon.posts.assign import PostShares, assign_posts, infer_capital
from lcc.carbon.posts.capital import calc_annuity, find_life, list_lives
from lcc.carbon.posts.nomenclature import CAPITAL_POST, UPSTREAM_POST, convert_post
from lcc.carbon.posts.physical import ENERGY_CATEGORIES, Entry, write_factors
from lcc.carbon.posts.replace import Removal
from lcc.carbon.posts.splits import find_split
from lcc.carbon.result import CarbonMap
from lcc.tables import schema
from lcc.units import CENTS_PER_EUR

__all__ = ["Groups", "Inventory", "join_cells"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]


@dataclass(frozen=True)
class Groups:
    """Measures of groups of rows: arrays of shape (groups,), kilograms and euros."""

    kgco2e: Floats
    low_kgco2e: Floats
    high_kgco2e: Floats
    by_method: dict[str, Floats]
    spend_eur: Floats
    uncovered_eur: Floats
    lines: Integers


@dataclass(frozen=True)
class Inventory:
    """Cells of a map followed by physical quantities, and what of each goes to which post.

    Attributes
    ----------
    cells : pa.Table
        Schema `cell`; the quantities are the last rows, one each.
    shares : PostShares
        Over all of them.
    emissions : Emissions
        Over all of them, before anything is taken out.
    removed : array, shape (cells,)
        Kilograms that quantities replace.
    own_variance : array, shape (cells,)
        Variance that nothing shares, in kg², after what is taken out.
    weight : array, shape (rows of shares,)
        Part of each row that the year takes.
    this_year : array of bool, shape (rows of shares,)
        Whether the row is of the year of the inventory.
    life_years : array of int, shape (cells,)
        Life of each cell's purchases, if they are capital goods.
    entries : tuple of Entry
        The quantities, in order.
    """

    cells: pa.Table
    shares: PostShares
    emissions: Emissions
    removed: Floats
    own_variance: Floats
    weight: Floats
    this_year: Booleans
    life_years: Integers
    entries: tuple[Entry, ...]

    @property
    def quantities_from(self) -> int:
        """Rank of the first quantity among the cells."""
        return int(self.cells.num_rows) - len(self.entries)

    @property
    def kept(self) -> Floats:
        """Kilograms of each row before its weight in the year."""
        kept = self.emissions.kgco2e - self.removed
        return np.asarray(kept[self.shares.cell] * self.shares.share)

    @property
    def years(self) -> Integers:
        """Budget year of each row; 0 where it has none."""
        years = self.cells["budget_year"].fill_null(0).to_numpy()
        return np.asarray(years, dtype=np.int64)[self.shares.cell]

    def measure(self, group: Integers, size: int) -> Groups:
        """Return the measures of groups of rows; `group` is negative where a row is in none."""
        inside = group >= 0
        cell = self.shares.cell
        kilograms = self.kept * self.weight

        def sum_by(values: Floats, keep: Booleans) -> Floats:
            chosen = inside & keep
            summed = np.bincount(group[chosen], values[chosen], minlength=size)
            return np.asarray(summed, dtype=np.float64)

        everything = np.ones(cell.size, dtype=bool)
        method = self.emissions.method[cell]
        totals = np.zeros((size, self.emissions.errors.terms))
        np.add.at(totals, (group[inside], self.emissions.terms[cell[inside]]), kilograms[inside])
        interval = self.emissions.errors.calc_interval(totals, self._own_variance(group, size))
        # Euros follow the budget, not the life of assets: those of the year, with the principal.
        spent = self.shares.principal & self.this_year
        cents = np.asarray(self.cells["spend_cents"].to_numpy(), dtype=np.float64)[cell]
        lines = np.asarray(self.cells["line_count"].to_numpy(), dtype=np.float64)[cell]
        return Groups(
            kgco2e=sum_by(kilograms, everything),
            low_kgco2e=interval.low,
            high_kgco2e=interval.high,
            by_method={
                name: sum_by(kilograms, method == rank) for rank, name in enumerate(METHODS)
            },
            spend_eur=sum_by(cents, spent) / CENTS_PER_EUR,
            uncovered_eur=sum_by(cents, spent & (method < 0)) / CENTS_PER_EUR,
            lines=sum_by(lines, spent).astype(np.int64),
        )

    def _own_variance(self, group: Integers, size: int) -> Floats:
        """Return the variance of groups that nothing shares: one error per cell, whole."""
        inside = group >= 0
        part = self.shares.share * self.weight
        # The parts of one cell in one group err together.
        key = group[inside] * self.cells.num_rows + self.shares.cell[inside]
        keys, rank = np.unique(key, return_inverse=True)
        parts = np.bincount(rank, part[inside], minlength=keys.size)
        variance = parts**2 * self.own_variance[keys % max(1, self.cells.num_rows)]
        summed = np.bincount(keys // max(1, self.cells.num_rows), variance, minlength=size)
        return np.asarray(summed, dtype=np.float64)


def join_cells(
    carbon: CarbonMap,
    by: str,
    year: int,
    nomenclature: str,
    depreciated: bool,
    removals: Sequence[Removal],
) -> Inventory:
    """Return the inventory of a year: the cells of a dimension, and the quantities of batches.

    Parameters
    ----------
    carbon : CarbonMap
        Map.
    by : str
        Dimension whose cells are taken: `section` where the map has it, else `family`.
    year : int
        Year of the inventory.
    nomenclature : str
        `2022` or `2016`.
    depreciated : bool
        Whether capital goods are spread over their life.
    removals : sequence of Removal
        What the quantities take out of these cells.
    """
    cells = carbon.cells[by]
    entries = tuple(entry for each in removals for entry in each.batch.entries)
    products = list(dict.fromkeys(each.product for each in entries))
    reading = carbon.manifest["settings"]["error_reading"]
    added = write_factors(products, carbon.factors.num_rows, reading)
    ranks = {product: carbon.factors.num_rows + rank for rank, product in enumerate(products)}
    whole = pa.concat_tables([cells, _write_cells(entries, ranks)]).combine_chunks()
    emissions = calc_emissions(
        whole,
        pa.concat_tables([carbon.factors, added]),
        carbon.rule_cv,
        carbon.line_cv,
        carbon.manifest.get("error_correlations"),
    )
    none = np.zeros(cells.num_rows)
    removed = np.concatenate(
        [sum((each.kgco2e for each in removals), none), np.zeros(len(entries))]
    )
    taken = sum((each.variance for each in removals), none)
    quantity_cv = np.array([each.error_cv for each in entries], dtype=np.float64)
    own = np.concatenate(
        [
            np.maximum(emissions.line_variance[: cells.num_rows] - taken, 0.0),
            (emissions.kgco2e[cells.num_rows :] * quantity_cv) ** 2,
        ]
    )
    shares = _join_shares(
        _assign_by_section(cells, carbon.factors, by, nomenclature),
        entries,
        cells.num_rows,
        nomenclature,
    )
    lives = np.concatenate(
        [
            list_lives(cells),
            [find_life(each.codes[0] if each.kind == "family" else None) for each in entries],
        ]
    ).astype(np.int64)
    years = np.asarray(whole["budget_year"].fill_null(0).to_numpy(), dtype=np.int64)[shares.cell]
    this_year = years == year
    capital = shares.post == CAPITAL_POST[nomenclature]
    annuity = calc_annuity(years, lives[shares.cell], year)
    weight = this_year.astype(np.float64)
    if depreciated:
        weight = np.where(capital & (years > 0), annuity, weight)
    return Inventory(whole, shares, emissions, removed, own, weight, this_year, lives, entries)


def _write_cells(entries: Sequence[Entry], ranks: dict[str, int]) -> pa.Table:
    """Return the quantities as cells: no line, no euro."""
    rows = [
        {
            "budget_year": each.year,
            "factor_key": ranks[each.product],
            "line_count": 0,
            "spend_cents": 0,
            "quantity": each.quantity,
            "spend_cents_squared": 0.0,
            "quantity_squared": each.quantity**2,
        }
        for each in entries
    ]
    return pa.Table.from_pylist(rows, schema=schema("cell").arrow())


def _assign_by_section(
    cells: pa.Table, factors: pa.Table, by: str, nomenclature: str
) -> PostShares:
    """Return the posts of cells, by the section of their lines where the map tells it."""
    if by != "section":
        return assign_posts(cells, factors, nomenclature)
    inferred = assign_posts(cells, factors, nomenclature)
    section = np.array(cells["group_key"].to_pylist(), dtype=object)
    known = np.isin(section, ("capital", "operating"))
    told = assign_posts(
        cells, factors, nomenclature, np.where(known, section == "capital", infer_capital(cells))
    )
    reason = np.where(known[told.cell], told.reason, inferred.reason)
    return PostShares(told.cell, told.post, told.share, told.principal, reason)


def _join_shares(
    shares: PostShares, entries: Sequence[Entry], first: int, nomenclature: str
) -> PostShares:
    """Return the shares of cells, followed by those of the quantities."""
    parts = [
        (first + rank, *part)
        for rank, entry in enumerate(entries)
        for part in _divide_entry(entry, nomenclature)
    ]
    post, reason = np.empty(len(parts), dtype=object), np.empty(len(parts), dtype=object)
    post[:] = [part[1] for part in parts]
    reason[:] = [part[4] for part in parts]
    return PostShares(
        cell=np.concatenate([shares.cell, np.array([part[0] for part in parts], dtype=np.int64)]),
        post=np.concatenate([shares.post, post]),
        share=np.concatenate([shares.share, np.array([part[2] for part in parts], dtype=float)]),
        principal=np.concatenate(
            [shares.principal, np.array([part[3] for part in parts], dtype=bool)]
        ),
        reason=np.concatenate([shares.reason, reason]),
    )


def _divide_entry(entry: Entry, nomenclature: str) -> list[tuple[str, float, bool, str]]:
    """Return the parts of a quantity: post, share, whether it is the principal, reason.

    The upstream leaves for its own post only where the energy is the buyer's: a carrier's diesel
    counts whole with the freight.
    """
    # Where one post became several before, the last holds all but what has its own part here.
    post = entry.post if nomenclature == "2022" else convert_post(entry.post, "2022", "2016")[-1]
    if not entry.post.startswith(ENERGY_CATEGORIES):
        return [(post, 1.0, True, "purchase")]
    split = find_split(entry.product, entry.codes[0] if entry.kind == "family" else "")
    parts = [(post, split.use_share, True, split.rule)]
    if split.use_share < 1:
        parts.append((UPSTREAM_POST[nomenclature], 1 - split.use_share, False, split.rule))
    return parts
