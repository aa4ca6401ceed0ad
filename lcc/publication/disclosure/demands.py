"""What must stay uncertain, to whom: sums of finest cells, and by how much."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lcc.publication.disclosure.attack import View
from lcc.publication.disclosure.cells import Layout
from lcc.publication.disclosure.rule import DisclosureRule, is_sensitive

__all__ = ["Demand", "Sums"]

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
