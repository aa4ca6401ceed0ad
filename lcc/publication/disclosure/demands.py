"""What must stay uncertain, to whom, and the proof that it does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lcc.publication.disclosure.attack import TOLERANCE, System, View, look, open_system
from lcc.publication.disclosure.cells import Layout
from lcc.publication.disclosure.rule import DisclosureRule, is_sensitive

__all__ = ["Demand", "Prover", "Sums"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Demand:
    """One sum that one attacker must not come near.

    Attributes
    ----------
    cells : frozenset of int
        Finest cells of the sum.
    view : View
        The attacker.
    rank : int
        Value, among those tied together in the view.
    margin : float
        By how much the sum must be able to move, with its sign, nothing shown changing.
    """

    cells: frozenset[int]
    view: View
    rank: int
    margin: float


class Sums:
    """The sums that must stay uncertain, as sets of finest cells.

    1. Every cell masked because of the rule.
    2. Within each cell, a person's cells together, where the rule would mask their sum.
    3. Every finest cell of few suppliers with a person, though it be in no table: linked tables may
       give it back together.
    4. Within each shown cell, what is left when the shown cells inside it are taken off, where
       fewer suppliers than the rule asks for make it: the differencing of a table by hand.

    Parameters
    ----------
    layout : Layout
        What is to be published.
    primary : numpy.ndarray
        Cells the rule names.
    rule : DisclosureRule
        Thresholds.
    """

    def __init__(self, layout: Layout, primary: Bools, rule: DisclosureRule) -> None:
        self._layout, self._rule = layout, rule
        self._judged: dict[frozenset[int], bool] = {}
        members = layout.members
        named = [members[rank] for rank in np.flatnonzero(primary)]
        fixed = dict.fromkeys(named)
        for person in sorted(layout.persons):
            places = frozenset(layout.own[person][0].tolist())
            theirs = [each for each in dict.fromkeys(named) if each & places]
            for whole in members if len(theirs) > 1 else ():
                parts = [each for each in theirs if each < whole]
                union = frozenset[int]().union(*parts)
                if len(parts) > 1 and union != whole and self._few(union):
                    fixed.setdefault(union)
        for place, suppliers in enumerate(layout.suppliers):
            finest = frozenset([place])
            if not layout.persons.isdisjoint(suppliers) and self._few(finest):
                fixed.setdefault(finest)
        self._fixed = list(fixed)

    def of(self, masked: Bools) -> list[frozenset[int]]:
        """Return the sums, given which cells are masked."""
        sums = dict.fromkeys(self._fixed)
        members = self._layout.members
        for rank in np.flatnonzero(~masked):
            inside = self._layout.inside[rank]
            left = members[rank].difference(*(members[each] for each in inside[~masked[inside]]))
            if left and left != members[rank] and self._few(left):
                sums.setdefault(left)
        return list(sums)

    def _few(self, cells: frozenset[int]) -> bool:
        if cells not in self._judged:
            self._judged[cells] = is_sensitive(self._layout, cells, self._rule, by_share=False)
        return self._judged[cells]


@dataclass
class Prover:
    """Proves that demands hold, keeping the changes it found: a proof may serve again.

    Attributes
    ----------
    layout : Layout
        What is to be published.
    ties : sequence of sequence of int
        Ranks of the values that are tied to each other; the others stand alone.
    rule : DisclosureRule
        Thresholds.
    """

    layout: Layout
    ties: Sequence[Sequence[int]]
    rule: DisclosureRule
    changes: dict[tuple[frozenset[int], int, int, bool], list[Floats]] = field(default_factory=dict)
    """Changes found, by sum, group, value and sense; another prover may start from them."""

    tried: int = 4
    """Changes found for one attacker that are tried for another before a program is solved."""

    _views: dict[tuple[int, str | None], View] = field(default_factory=dict)
    _listed: dict[tuple[frozenset[int], int, str | None], list[Demand]] = field(
        default_factory=dict
    )
    _proofs: dict[tuple[frozenset[int], int, int, bool, str | None], list[_Proof]] = field(
        default_factory=dict
    )
    _places: dict[str, frozenset[int]] = field(default_factory=dict)
    programs_left: int | None = None
    """Programs that may still be solved; None: as many as it takes."""

    def __post_init__(self) -> None:
        """Note where each supplier knows something."""
        self._places = {
            name: frozenset(places.tolist()) for name, (places, _) in self.layout.own.items()
        }

    def failures(self, sums: Sequence[frozenset[int]], masked: Bools) -> Iterator[Demand]:
        """Yield the demands on some sums that do not hold."""
        system = open_system(self.layout, masked)
        for cells in sums:
            yield from self.failures_of(cells, system)

    def failures_of(self, cells: frozenset[int], system: System) -> Iterator[Demand]:
        """Yield the demands on one sum that do not hold, the public's before the suppliers'."""
        part = system.part(cells)
        knowing = sorted(set().union(*(self.layout.suppliers[each] for each in part)))
        for group in range(len(self.ties)):
            # Who knows nothing of the amounts a proof moves sees them as the public does.
            reach = cells
            for demand in self._demands_of(cells, group, None):
                proof = self._prove(group, demand, system)
                if proof is None:
                    yield demand
                else:
                    reach = reach | proof.support
            for supplier in knowing:
                if not self._places[supplier].isdisjoint(reach):
                    for demand in self._demands_of(cells, group, supplier):
                        if self._prove(group, demand, system) is None:
                            yield demand

    def _demands_of(self, cells: frozenset[int], group: int, supplier: str | None) -> list[Demand]:
        """Return what one attacker must not come near: each value of the sum, down and up."""
        key = (cells, group, supplier)
        if key not in self._listed:
            self._listed[key] = list(self._list_demands(cells, group, supplier))
        return self._listed[key]

    def _list_demands(
        self, cells: frozenset[int], group: int, supplier: str | None
    ) -> Iterator[Demand]:
        inside = sorted(cells)
        view = self._view(group, supplier)
        moving = [each for each in inside if view.room[each] > 0]
        # One amount alone: tied values move with it.
        alone = len(moving) == 1 and view.rest[moving[0], 0] != 0
        for rank in range(1 if alone else view.rest.shape[1]):
            margin = self.rule.protection_share * float(view.persons[inside, rank].sum())
            if margin > 0:
                yield Demand(cells, view, rank, -margin)
                yield Demand(cells, view, rank, margin)

    def _view(self, group: int, supplier: str | None) -> View:
        key = (group, supplier)
        if key not in self._views:
            self._views[key] = look(self.layout, self.ties[group], supplier)
        return self._views[key]

    def _prove(self, group: int, demand: Demand, system: System) -> _Proof | None:
        """Return the proof that a demand holds, known before or found now; None where none is."""
        shared = (demand.cells, group, demand.rank, demand.margin > 0)
        proofs = self._proofs.setdefault((*shared, demand.view.supplier), [])
        for proof in proofs:
            if proof.altered <= system.hidden:
                return proof
        changes = self.changes.setdefault(shared, [])
        for change in changes[-self.tried :]:
            found = check_change(self.layout, change, demand)
            if found is not None and found.altered <= system.hidden:
                proofs.append(found)
                return found
        if self.programs_left is not None:
            if self.programs_left <= 0:
                return None
            self.programs_left -= 1
        moved = system.move(demand.view, demand.cells, demand.rank, demand.margin)
        if moved is None:
            return None
        # In the unit of the value, so that it serves attackers with other margins.
        change = moved * abs(demand.margin)
        found = check_change(self.layout, change, demand)
        if found is None or not found.altered <= system.hidden:
            return None
        changes.append(change)
        proofs.append(found)
        return found


@dataclass(frozen=True)
class _Proof:
    """A change of amounts by which a demand holds, as long as what it alters is masked.

    Attributes
    ----------
    support : frozenset of int
        Finest cells it changes.
    altered : frozenset of int
        Published cells it alters.
    """

    support: frozenset[int]
    altered: frozenset[int]


def check_change(layout: Layout, change: Floats, demand: Demand) -> _Proof | None:
    """Return what a change of amounts alters, or None where it does not meet a demand.

    The change is put into the equations themselves: what it proves does not rest on the solver.
    """
    unit, view = abs(demand.margin), demand.view
    scaled = change / unit
    if np.any(scaled < -view.room / unit - TOLERANCE) or np.any(scaled[view.room == 0] != 0):
        return None
    moved = float((scaled * view.ties[:, demand.rank])[list(demand.cells)].sum())
    if moved * np.sign(demand.margin) < 1 - TOLERANCE:
        return None
    altered = np.zeros(len(layout.keys), dtype=bool)
    for rank in range(view.ties.shape[1]):
        size = max(float(np.abs(view.ties[:, rank]).max(initial=0.0)), np.finfo(float).tiny)
        altered |= np.abs(layout.matrix @ (scaled * view.ties[:, rank] / size)) > TOLERANCE
    return _Proof(
        frozenset(np.flatnonzero(change).tolist()), frozenset(np.flatnonzero(altered).tolist())
    )
