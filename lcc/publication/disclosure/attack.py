"""The attack: what can be worked out of a masked amount from everything published around it.

The attacker knows every shown cell exactly, which cells exist, the sign of each, and how values
of one cell tie to each other (tonnes per euro are public factors). A supplier knows, on top of
that, its own amounts everywhere. What is left open is a linear program: the finest amounts that
nothing shown fixes, each of its own sign.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import linprog
from scipy.sparse.csgraph import connected_components

from lcc.publication.disclosure.cells import Layout

__all__ = ["TOLERANCE", "System", "View", "look", "open_cells", "open_system"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Integers = NDArray[np.int64]

TOLERANCE = 1e-6
"""What counts as nothing, in units of the margin that is asked for."""

WIDEST = 1e5
"""How far one amount may move, in units of that margin: beyond, a program is but ill-scaled."""

SOLVED, IMPOSSIBLE = 0, 2


@dataclass(frozen=True)
class View:
    """The finest amounts as one attacker sees them: less what is its own.

    Attributes
    ----------
    supplier : str or None
        Who attacks; None for the public.
    room : numpy.ndarray
        By finest cell, how far its amount may fall: the amount itself, in units of the first value.
    ties : numpy.ndarray
        Finest cells × values: what one unit of that moves in each value.
    rest : numpy.ndarray
        Finest cells × values: the amounts that are not the attacker's.
    persons : numpy.ndarray
        Finest cells × values: of these, what is of persons, in absolute amounts.
    """

    supplier: str | None
    room: Floats
    ties: Floats
    rest: Floats
    persons: Floats


def look(layout: Layout, columns: Sequence[int], supplier: str | None = None) -> View:
    """Return what an attacker does not know from itself, for values that are tied together.

    Parameters
    ----------
    layout : Layout
        What is to be published.
    columns : sequence of int
        Values tied to each other, by their rank.
    supplier : str, optional
        Who attacks.
    """
    rest = layout.amounts[:, list(columns)].copy()
    if supplier is not None:
        places, amounts = layout.own[supplier]
        whole = np.abs(rest[places])
        rest[places] -= amounts[:, list(columns)]
        # Cents of a difference of floats are nobody's.
        rest[places] = np.where(np.abs(rest[places]) <= 1e-9 * whole, 0.0, rest[places])
    room = np.abs(rest[:, 0])
    # Where the first value is nothing and another is not, one unit moves the others alone.
    room = np.where((room == 0) & np.any(rest != 0, axis=1), 1.0, room)
    ties = np.divide(rest, room[:, None], out=np.zeros_like(rest), where=room[:, None] > 0)
    persons = np.zeros_like(rest)
    for name in layout.persons - {supplier}:
        places, amounts = layout.own[name]
        persons[places] += np.abs(amounts[:, list(columns)])
    return View(supplier, room, ties, rest, persons)


def open_cells(layout: Layout, masked: Bools) -> Bools:
    """Return which finest cells no shown cell states by itself."""
    free = np.ones(layout.amounts.shape[0], dtype=bool)
    for rank, members in enumerate(layout.members):
        if not masked[rank] and len(members) == 1:
            free[next(iter(members))] = False
    return free


@dataclass(frozen=True)
class System:
    """What is shown about finest cells that are open.

    Attributes
    ----------
    free : numpy.ndarray
        Which finest cells are open.
    rows : scipy.sparse.csr_array
        Shown cells × all finest cells, closed ones left out.
    label : numpy.ndarray
        Number of the part of the system each finest cell is in.
    hidden : frozenset of int
        Ranks of the masked cells.
    """

    free: Bools
    rows: sparse.csr_array
    label: Integers
    hidden: frozenset[int]

    def part(self, cells: frozenset[int]) -> Integers:
        """Return the open finest cells whose amounts bear on some of them."""
        inside = [each for each in cells if self.free[each]]
        wanted = np.unique(self.label[inside]) if inside else np.array([], dtype=np.int64)
        return np.flatnonzero(self.free & np.isin(self.label, wanted))

    @cached_property
    def columns(self) -> sparse.csc_array:
        """What is shown, by finest cell."""
        return sparse.csc_array(self.rows)

    def block(self, cells: frozenset[int], room: Floats, width: int) -> Integers:
        """Return some open finest cells within which amounts can be moved about.

        For each shown cell that a sum bears on, the widest few finest cells; then every finest cell
        that bears on nothing but what these bear on. Any choice will do: a change of few is one.

        Parameters
        ----------
        cells : frozenset of int
            Finest cells of the sum.
        room : numpy.ndarray
            By finest cell, how far its amount may move.
        width : int
            Finest cells by shown cell.
        """
        part = self.part(cells)
        near = np.array(sorted(set(part.tolist()) & cells), dtype=np.int64)
        widest = [near]
        for row in np.unique(self.columns[:, near].indices):
            inside = self.rows.indices[self.rows.indptr[row] : self.rows.indptr[row + 1]]
            widest.append(inside[np.argsort(-room[inside], kind="stable")[:width]])
        wanted = np.zeros(self.rows.shape[0])
        wanted[np.unique(self.columns[:, np.unique(np.concatenate(widest))].indices)] = 1.0
        within = self.columns.T @ wanted == np.diff(self.columns.indptr)
        return np.asarray(part[within[part]], dtype=np.int64)

    def move(
        self,
        view: View,
        cells: frozenset[int],
        rank: int,
        margin: float,
        *,
        among: Integers | None = None,
        room: Floats | None = None,
    ) -> Floats | None:
        """Return a change that moves a sum by a margin and that nothing shown reveals, or None.

        Parameters
        ----------
        view : View
            The attacker.
        cells : frozenset of int
            Finest cells of the sum.
        rank : int
            Value that is to move, among those tied together.
        margin : float
            By how much, with its sign, in the unit of that value.
        among : numpy.ndarray, optional
            Finest cells that may change; by default all that bear on the sum.
        room : numpy.ndarray, optional
            By finest cell, how far its amount may change, up or down: the change found can be
            turned round. By default an amount may fall to nothing and rise at will.

        Returns
        -------
        numpy.ndarray or None
            Change of each finest cell in units of `abs(margin)`.
        """
        part = self.part(cells) if among is None else among
        goal = np.where(np.isin(part, list(cells)), view.ties[part, rank], 0.0)
        if not np.any(goal):
            return None
        unit = abs(margin)
        fall = np.minimum((view.room if room is None else room)[part] / unit, WIDEST)
        rise = np.where(view.room[part] > 0, WIDEST, 0.0) if room is None else fall
        kept = self._equations(view, part)
        rows = sparse.vstack([kept, sparse.csr_array(goal[None, :])])
        # Ups and downs apart, each at a price: the corner found leaves most amounts as they are.
        found = solve(
            np.ones(2 * part.size),
            sparse.hstack([rows, -rows]),
            np.append(np.zeros(kept.shape[0]), margin / unit),
            np.zeros(2 * part.size),
            np.concatenate([rise, fall]),
        )
        if found is None:
            return None
        change = np.zeros(self.free.size)
        change[part] = found[: part.size] - found[part.size :]
        return change

    def bounds(
        self, view: View, cells: frozenset[int], rank: int
    ) -> tuple[float | None, float | None]:
        """Return the least and the most a sum can be, for an attacker; None: without bound."""
        actual = float(view.rest[sorted(cells), rank].sum())
        part = self.part(cells)
        unit = max(float(np.abs(view.rest[sorted(cells), rank]).sum()), np.finfo(float).tiny)
        if part.size == 0:
            return actual, actual
        goal = np.where(np.isin(part, list(cells)), view.ties[part, rank], 0.0)
        kept = self._equations(view, part)
        ends: list[float | None] = []
        for sign in (1.0, -1.0):
            found = solve(
                sign * goal,
                kept,
                np.zeros(kept.shape[0]),
                np.maximum(-view.room[part] / unit, -WIDEST),
                np.where(view.room[part] > 0, WIDEST, 0.0),
            )
            moved = None if found is None else float(goal @ found)
            far = moved is None or abs(moved) > WIDEST / 2
            ends.append(None if far or moved is None else actual + moved * unit)
        return ends[0], ends[1]

    def _equations(self, view: View, part: Integers) -> sparse.csr_array:
        """Return what no change may alter, over the finest cells of a part."""
        shown = sparse.csr_array(self.columns[:, part])
        blocks = [
            shown.multiply(view.ties[part, rank] / _size(view, rank))
            for rank in range(view.ties.shape[1])
        ]
        kept = sparse.csr_array(sparse.vstack(blocks))
        kept.eliminate_zeros()
        return kept[np.diff(kept.indptr) > 0]


def open_system(layout: Layout, masked: Bools) -> System:
    """Return what is shown about the cells that are not, in parts that bear on each other."""
    free = open_cells(layout, masked)
    rows = sparse.csr_array(layout.matrix[~masked]).multiply(free[None, :])
    rows = sparse.csr_array(rows)
    rows.eliminate_zeros()
    rows = rows[np.diff(rows.indptr) > 0]
    # A graph of two sides, shown and finest cells: those that one shown cell sums are joined.
    graph = sparse.block_array([[None, rows], [rows.T, None]], format="csr")
    label = connected_components(graph, directed=False)[1][rows.shape[0] :]
    hidden = frozenset(np.flatnonzero(masked).tolist())
    return System(free, rows, np.asarray(label, dtype=np.int64), hidden)


def solve(cost: Floats, rows: Any, right: Floats, low: Floats, high: Floats) -> Floats | None:
    """Return the cheapest solution of a linear program with equalities, or None if there is none.

    HiGHS, dual simplex: a corner, the same at each run.
    """
    found = linprog(
        cost, A_eq=rows, b_eq=right, bounds=np.column_stack([low, high]), method="highs-ds"
    )
    if found.status == SOLVED:
        return np.asarray(found.x, dtype=np.float64)
    return None


def _size(view: View, rank: int) -> float:
    """Return the largest tie of a value: what its rows are divided by."""
    return max(float(np.abs(view.ties[:, rank]).max(initial=0.0)), np.finfo(float).tiny)
