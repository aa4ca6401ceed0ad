"""What must stay uncertain, to whom, and the proof that it does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lcc.publication.disclosure.attack import System, View, look, open_system
from lcc.publication.disclosure.cells import Layout
from lcc.publication.disclosure.rule import DisclosureRule, is_sensitive

__all__ = ["Demand", "Prover", "list_sums"]

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


def list_sums(
    layout: Layout, primary: Bools, masked: Bools, rule: DisclosureRule
) -> list[frozenset[int]]:
    """Return the sums that must stay uncertain, as sets of finest cells.

    1. Every cell masked because of the rule.
    2. Within each shown cell, what is left when the shown cells inside it are taken off, where
       fewer suppliers than the rule asks for make it: the differencing of a table by hand.
    3. Within each cell, a person's cells together, where the rule would mask their sum.
    """
    members = layout.members
    sums = {members[rank]: None for rank in np.flatnonzero(primary)}
    for rank in np.flatnonzero(~masked):
        inside = [
            members[other] for other in np.flatnonzero(~masked) if members[other] < members[rank]
        ]
        left = members[rank].difference(*inside)
        if left and left != members[rank] and is_sensitive(layout, left, rule, by_share=False):
            sums.setdefault(left)
    hidden = [members[rank] for rank in np.flatnonzero(primary)]
    for person in sorted(layout.persons):
        places = frozenset(layout.own[person][0].tolist())
        theirs = [each for each in hidden if each & places]
        if len(theirs) < 2:
            continue
        for whole in members:
            parts = [each for each in theirs if each < whole]
            union = frozenset().union(*parts)
            if (
                len(parts) > 1
                and union != whole
                and is_sensitive(layout, union, rule, by_share=False)
            ):
                sums.setdefault(union)
    return list(sums)


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
    _views: dict[tuple[int, str | None], View] = field(default_factory=dict)
    _proofs: dict[tuple[frozenset[int], int, int, int], list[Floats]] = field(default_factory=dict)

    def failures(
        self, primary: Bools, masked: Bools, *, first_only: bool = False
    ) -> list[tuple[int, Demand]]:
        """Return the demands that do not hold, with the rank of their group of values."""
        system = open_system(self.layout, masked)
        found = []
        for group, demand in self.demands(primary, masked, system):
            if not self._holds(group, demand, system):
                found.append((group, demand))
                if first_only:
                    break
        return found

    def demands(
        self, primary: Bools, masked: Bools, system: System
    ) -> Iterator[tuple[int, Demand]]:
        """Yield every demand: each sum, to the public and to each supplier that may know more."""
        for cells in list_sums(self.layout, primary, masked, self.rule):
            part = system.part(cells)
            knowing = sorted(set().union(*(self.layout.suppliers[each] for each in part)))
            for supplier in (None, *knowing):
                yield from self._demands_of(cells, supplier)

    def _demands_of(
        self, cells: frozenset[int], supplier: str | None
    ) -> Iterator[tuple[int, Demand]]:
        if supplier is not None and not self._hides_a_person(cells, supplier):
            return
        inside = sorted(cells)
        for group, columns in enumerate(self.ties):
            view = self._view(group, columns, supplier)
            moving = [each for each in inside if view.room[each] > 0]
            # One amount alone: tied values move with it.
            ranks = range(1 if len(moving) == 1 and view.rest[moving[0], 0] else len(columns))
            for rank in ranks:
                size = float(np.abs(view.rest[inside, rank]).sum())
                margin = self.rule.protection_share * size
                if margin > 0:
                    for sign in (-1.0, 1.0):
                        yield group, Demand(cells, view, rank, sign * margin)

    def _hides_a_person(self, cells: frozenset[int], supplier: str) -> bool:
        """Tell whether somebody else in a sum is, or may be, a natural person."""
        others = set().union(*(self.layout.suppliers[each] for each in cells)) - {supplier}
        return not self.layout.persons.isdisjoint(others)

    def _view(self, group: int, columns: Sequence[int], supplier: str | None) -> View:
        key = (group, supplier)
        if key not in self._views:
            self._views[key] = look(self.layout, columns, supplier)
        return self._views[key]

    def _holds(self, group: int, demand: Demand, system: System) -> bool:
        """Tell whether a demand holds, by a change found before or one found now."""
        key = (demand.cells, group, demand.rank, int(np.sign(demand.margin)))
        known = self._proofs.setdefault(key, [])
        if any(proves(change, demand, system) for change in known):
            return True
        change = system.move(demand.view, demand.cells, demand.rank, demand.margin)
        if change is None:
            return False
        # In the unit of the value, so that it serves attackers with other margins.
        known.append(change * abs(demand.margin))
        return True


def proves(change: Floats, demand: Demand, system: System) -> bool:
    """Tell whether a change of amounts shows that a demand holds."""
    unit = abs(demand.margin)
    scaled, view = change / unit, demand.view
    if np.any(scaled < -view.room / unit - 1e-9) or np.any(scaled[view.room == 0] != 0):
        return False
    moved = float((scaled * view.ties[:, demand.rank])[list(demand.cells)].sum())
    if moved * np.sign(demand.margin) < 1 - 1e-9:
        return False
    return not system.violates(scaled, view)
