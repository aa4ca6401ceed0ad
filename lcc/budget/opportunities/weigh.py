r"""Euros and tonnes at stake in candidates: what is bought, never what would be spared.

A contract paid in the year has the map's own tonnes. One that is not paid (another buyer's, one
just awarded, a purchase programmed) is read at the intensity of its family in the map: with
:math:`E_f` the emissions and :math:`S_f` the covered spending of family *f* in the year, *x* euros
are :math:`x E_f / S_f`; of a family that the map does not hold in the year, at the intensity of its
segment, and the result says so. Both are sums of cells, each times a weight, so that the errors
that cells share stay shared, and the interval is the map's own (`lcc.budget.tonnes.Totals`). The
two stand apart: kinds of amounts never add. A ceiling is no spending and has no tonnes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lcc.budget.opportunities.needs import OWN, Need
from lcc.budget.tonnes import Totals, list_cells
from lcc.carbon.result import CarbonMap
from lcc.uncertainty.shared import Interval
from lcc.units import CENTS_PER_EUR

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

__all__ = ["Stakes", "Weights"]

Floats = NDArray[np.float64]
SEGMENT_DIGITS = 2


@dataclass(frozen=True)
class Stakes:
    """What some sets of needs weigh.

    Attributes
    ----------
    spend_eur : array
        Paid in the year under their contracts.
    paid : Interval
        Tonnes of it.
    expected : Interval
        Tonnes of what is awarded or programmed and not paid in the year, a year of each contract.
    """

    spend_eur: Floats
    paid: Interval
    expected: Interval


class Weights:
    """What needs weigh in a map, in one year.

    Parameters
    ----------
    carbon : CarbonMap
        Made by `contract`.
    year : int

    Raises
    ------
    FieldError
        If the map was not made by contract.
    """

    def __init__(self, carbon: CarbonMap, year: int) -> None:
        columns = ("group_key", "budget_year", "family", "spend_cents", "factor_key")
        rows = list_cells(carbon, "contract", *columns)
        self.carbon = carbon
        self._count = len(rows)
        self._of_contract: defaultdict[str, list[int]] = defaultdict(list)
        self._of_family: defaultdict[str, list[int]] = defaultdict(list)
        self._outside: defaultdict[str | None, list[int]] = defaultdict(list)
        self._cents = np.zeros(len(rows))
        for place, (contract, when, family, cents, factor) in enumerate(rows):
            if when != year:
                continue
            self._cents[place] = float(str(cents or 0))
            if contract is None:
                self._outside[None if family is None else str(family)].append(place)
            else:
                self._of_contract[str(contract)].append(place)
            if family is not None and factor is not None:
                self._of_family[str(family)].append(place)
                self._of_family[str(family)[:SEGMENT_DIGITS]].append(place)

    def cells_of(self, need: Need) -> list[int]:
        """Return the cells under the contract of a need; none where it is not paid here."""
        if need.origin != OWN:
            return []
        return self._of_contract.get(need.map_name(self._of_contract), [])

    def is_paid(self, need: Need) -> bool:
        """Tell whether the map holds payments of the year under the contract of a need."""
        return bool(self.cells_of(need))

    def spend_eur(self, need: Need) -> float | None:
        """Return what was paid in the year under a contract; None where nothing was."""
        cells = self.cells_of(need)
        return float(self._cents[cells].sum()) / CENTS_PER_EUR if cells else None

    def read_at(self, need: Need) -> str | None:
        """Return the family, else the segment, whose intensity an unpaid need is read at.

        None for what is paid, for a ceiling, and where the map holds neither.
        """
        if self.is_paid(need) or need.family is None or need.amount_kind == "ceiling":
            return None
        if need.eur_per_year is None:
            return None
        codes = (need.family, need.family[:SEGMENT_DIGITS])
        return next((each for each in codes if self.covered_eur(each) > 0), None)

    def covered_eur(self, family: str) -> float:
        """Return the covered spending of a family, or of a segment, in the year."""
        return float(self._cents[self._of_family.get(family, [])].sum()) / CENTS_PER_EUR

    def measure(self, sets: Sequence[Sequence[Need]]) -> Stakes:
        """Return what each set of needs weighs."""
        paid, expected = self._matrix(len(sets)), self._matrix(len(sets))
        spend = np.zeros(len(sets))
        for rank, needs in enumerate(sets):
            for each in needs:
                cells = self.cells_of(each)
                if cells:
                    paid.add(rank, cells, 1.0)
                    spend[rank] += float(self._cents[cells].sum()) / CENTS_PER_EUR
                    continue
                code, euros = self.read_at(each), each.eur_per_year
                if code is not None and euros is not None:
                    expected.add(rank, self._of_family[code], euros / self.covered_eur(code))
        return Stakes(spend, self._totals(paid), self._totals(expected))

    def outside(self, shares: Sequence[Mapping[str | None, float]]) -> Interval:
        """Return the tonnes paid outside any contract: a share, 0 to 1, of each family's."""
        weights = self._matrix(len(shares))
        for rank, by_family in enumerate(shares):
            for family, share in by_family.items():
                if family in self._outside:
                    weights.add(rank, self._outside[family], share)
        return self._totals(weights)

    def outside_eur(self, family: str | None) -> float:
        """Return what a family paid outside any contract in the year."""
        return float(self._cents[self._outside.get(family, [])].sum()) / CENTS_PER_EUR

    def _matrix(self, rows: int) -> _Sparse:
        return _Sparse(rows, self._count)

    def _totals(self, weights: _Sparse) -> Interval:
        from scipy.sparse import csr_matrix

        found = self.carbon.emissions("contract")
        places = np.arange(self._count)
        shape = (self._count, found.errors.terms)
        terms: csr_matrix = csr_matrix((found.kgco2e, (places, found.terms)), shape=shape)
        chosen = weights.build()
        totals = Totals(
            found.errors,
            np.asarray((chosen @ terms).todense()),
            np.asarray(chosen.multiply(chosen) @ found.line_variance).ravel(),
        )
        return totals.measure()


class _Sparse:
    """Weights of cells in sets, gathered before the matrix is made."""

    def __init__(self, rows: int, columns: int) -> None:
        self.shape = (rows, columns)
        self.rows: list[int] = []
        self.columns: list[int] = []
        self.values: list[float] = []

    def add(self, row: int, columns: Sequence[int], value: float) -> None:
        """Add a weight to some cells of a set; weights of one cell add."""
        self.rows += [row] * len(columns)
        self.columns += columns
        self.values += [value] * len(columns)

    def build(self) -> csr_matrix:
        """Return the matrix, shape (sets, cells)."""
        from scipy.sparse import csr_matrix

        return csr_matrix((self.values, (self.rows, self.columns)), shape=self.shape)
