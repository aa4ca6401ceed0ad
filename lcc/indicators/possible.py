"""Facts of contracts as sets of possible values, over the few values a condition can tell apart.

A condition compares a fact with a few constants, so its values fall into a few *cells* within which
nothing changes: below, at, between and above the constants for an amount or a day; each constant
and « another » for a word; yes and no for a tag. What a contract's fact may be is then a set of
cells, written as the bits of an integer: one bit where the fact is known, the bits of the stated
values where sources disagree, all bits where nothing is stated. One value per cell stands for all
of it, so enumeration over cells is enumeration over all values.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lcc.indicators.expression import kind_of_fact

__all__ = ["DOMAINS", "Cells", "Column", "Masks", "make_cells"]

Masks = NDArray[np.int64]

DOMAINS: dict[str, tuple[str, ...]] = {
    "kind": ("contract", "framework", "subsequent", "concession"),
    "role": ("own", "coordinator", "central-body", "member"),
    "size": ("pme", "eti", "ge"),
    "structure": ("ea", "esat", "siae", "none"),
}
"""Words a fact can only be one of."""

OTHER = "\0other"
"""Stands for a word that no condition names."""


@dataclass(frozen=True)
class Column:
    """What is stated of one fact, for each contract (or award).

    Attributes
    ----------
    known : numpy.ndarray
        Value of each row: floats (days as ordinals, flags as 0 and 1), not a number where there is
        not one value; or objects, None where there is not one.
    several : mapping
        Row → the values stated, where there are several.
    """

    known: NDArray[Any]
    several: Mapping[int, tuple[Any, ...]]

    @cached_property
    def is_known(self) -> NDArray[np.bool_]:
        """Rows with one value."""
        if self.known.dtype == object:
            return np.array([each is not None for each in self.known], dtype=bool)
        return np.asarray(~np.isnan(self.known), dtype=bool)

    def take(self, rows: NDArray[np.int64]) -> Column:
        """Return the column of other rows, each standing for one of this column."""
        several = (
            {
                rank: self.several[row]
                for rank, row in enumerate(rows.tolist())
                if row in self.several
            }
            if self.several
            else {}
        )
        return Column(self.known[rows], several)


@dataclass(frozen=True)
class Cells:
    """The cells of one fact.

    Attributes
    ----------
    values : tuple
        One value per cell; None for a cell that holds no value.
    full : int
        Bits of the cells that a fact of which nothing is stated may be in.
    """

    fact: str
    constants: tuple[Any, ...]
    values: tuple[Any, ...]
    full: int

    def cell_of(self, value: Any) -> int:
        """Return the cell of a value."""
        if kind_of_fact(self.fact) == "flag":
            return int(bool(value))
        if kind_of_fact(self.fact) == "text":
            return self.constants.index(value) if value in self.constants else len(self.constants)
        return int(self.ranks(np.array([float(value)]))[0])

    def ranks(self, numbers: NDArray[Any]) -> NDArray[np.int64]:
        """Return the cells of numbers (any cell where it is not a number)."""
        points = np.array(self.constants, dtype=float)
        left = np.searchsorted(points, numbers, side="left")
        right = np.searchsorted(points, numbers, side="right")
        return (left + right).astype(np.int64)

    def masks(self, column: Column) -> Masks:
        """Return what each row may be, as bits."""
        found = np.full(len(column.known), self.full, dtype=np.int64)
        kind, sure = kind_of_fact(self.fact), column.is_known
        if kind == "text":
            code = {value: rank for rank, value in enumerate(self.constants)}
            other = len(self.constants)
            cells = np.array([code.get(each, other) for each in column.known[sure]], dtype=np.int64)
        elif kind == "flag":
            cells = column.known[sure].astype(np.int64)
        else:
            cells = self.ranks(column.known[sure])
        found[sure] = np.int64(1) << cells
        for row, values in column.several.items():
            found[row] = bits_of(self.cell_of(each) for each in values)
        return found

    def choices(self, mask: int) -> list[tuple[int, Any]]:
        """Return the cells of a mask with the value that stands for each."""
        return [(cell, value) for cell, value in enumerate(self.values) if mask >> cell & 1]


def bits_of(cells: Iterable[int]) -> int:
    """Return the bits of some cells."""
    total = 0
    for cell in cells:
        total |= 1 << cell
    return total


def make_cells(fact: str, constants: Iterable[Any]) -> Cells:
    """Return the cells of a fact that is compared with some constants.

    Amounts are 0 or more; days are whole, so that no cell lies between two days that follow.
    """
    kind = kind_of_fact(fact)
    if kind == "flag":
        return Cells(fact, (), (False, True), 0b11)
    ordered = tuple(sorted(constants))
    if kind == "text":
        domain = DOMAINS.get(fact)
        others = [OTHER] if domain is None else [each for each in domain if each not in ordered]
        values = (*ordered, others[0] if others else OTHER)
        open_cells = [rank for rank, each in enumerate(ordered) if domain is None or each in domain]
        return Cells(
            fact, ordered, values, bits_of([*open_cells, *([len(ordered)] * bool(others))])
        )
    return _number_cells(fact, ordered, whole=kind == "date")


def _number_cells(fact: str, points: Sequence[float], *, whole: bool) -> Cells:
    """Return the cells of an amount or of a day: below, at, between, above the points."""
    if not points:
        return Cells(fact, (), (0.0,), 1)
    values: list[float] = []
    full = []
    for rank, point in enumerate(points):
        before = points[rank - 1] if rank else None
        if before is None:
            between = point - 1 if whole else point / 2 if point > 0 else point - 1
            reachable = whole or point > 0
        else:
            between = before + 1 if whole else (before + point) / 2
            reachable = not whole or between < point
        full += [len(values)] * reachable + [len(values) + 1] * (whole or point >= 0)
        values += [between, point]
    full.append(len(values))
    return Cells(fact, tuple(points), (*values, points[-1] + 1), bits_of(full))
