"""Tonnes of chosen cells, with their errors: the one place where the budget asks the map."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from lcc.carbon.result import CarbonMap
from lcc.uncertainty.shared import Interval, SharedErrors
from lcc.units import KG_PER_TONNE

__all__ = ["Totals", "list_cells", "measure_groups", "number_groups"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Mask = NDArray[np.bool_]


def list_cells(carbon: CarbonMap, by: str, *columns: str) -> list[tuple[object, ...]]:
    """Return some columns of the cells of a dimension, row by row; out of scope, all are None.

    Raises
    ------
    FieldError
        If the map was not made by this dimension.
    """
    carbon.emissions(by)
    table: pa.Table = carbon.cells[by]
    inside = table["scope_reason"].is_null().to_pylist()
    rows = zip(*(table[name].to_pylist() for name in columns), strict=True)
    nothing = (None,) * len(columns)
    return [row if kept else nothing for row, kept in zip(rows, inside, strict=True)]


def number_groups(keys: Sequence[Hashable], wanted: Sequence[Hashable]) -> Integers:
    """Return the rank in `wanted` of the key of each cell, -1 where it is not among them."""
    rank = {key: place for place, key in enumerate(wanted)}
    return np.array([rank.get(key, -1) for key in keys], dtype=np.int64)


@dataclass(frozen=True)
class Totals:
    """Totals of chosen cells, linear in the errors that the cells share.

    Attributes
    ----------
    errors : SharedErrors
    terms_kgco2e : array, shape (totals, terms)
        Contribution of each term of the error model to each total.
    own_variance : array, shape (totals,)
        Variance, in kg², of the errors of single lines.
    """

    errors: SharedErrors
    terms_kgco2e: Floats
    own_variance: Floats

    @classmethod
    def of_groups(cls, carbon: CarbonMap, by: str, groups: Integers, count: int) -> Totals:
        """Return the totals of groups of cells; a negative group is none."""
        found = carbon.emissions(by)
        return cls(
            found.errors,
            found.calc_totals(groups, count),
            found.calc_own_variance(groups, count),
        )

    @classmethod
    def of_weights(cls, carbon: CarbonMap, by: str, weights: Sequence[Floats]) -> Totals:
        """Return totals that may hold the same cells, each counted by a weight, shape (cells,)."""
        found = carbon.emissions(by)
        terms, own = np.zeros((len(weights), found.errors.terms)), np.zeros(len(weights))
        for place, weight in enumerate(weights):
            np.add.at(terms[place], found.terms, found.kgco2e * weight)
            own[place] = float(found.line_variance @ weight**2)
        return cls(found.errors, terms, own)

    def measure(self) -> Interval:
        """Return the totals in tCO2e, with their interval at 95 % in closed form."""
        found = self.errors.calc_interval(self.terms_kgco2e, self.own_variance)
        return Interval(
            found.mean / KG_PER_TONNE,
            found.variance / KG_PER_TONNE**2,
            found.low / KG_PER_TONNE,
            found.high / KG_PER_TONNE,
        )

    def draw(self, draws: int, rng: np.random.Generator) -> Floats:
        """Return draws of the totals in tCO2e, shape (draws, totals).

        The errors that cells share are drawn once for all totals: a difference between two years
        is one between numbers that are wrong together.
        """
        drawn = self.errors.draw_totals(self.terms_kgco2e, draws, rng, self.own_variance)
        return np.asarray(drawn / KG_PER_TONNE, dtype=np.float64)


def measure_groups(carbon: CarbonMap, by: str, groups: Integers, count: int) -> Interval:
    """Return the emissions of groups of cells in tCO2e, with their interval at 95 %."""
    return Totals.of_groups(carbon, by, groups, count).measure()
