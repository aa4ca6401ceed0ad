"""The proof that what must stay uncertain does: one change of amounts for many attackers at once.

A demand holds for an attacker where some change of the amounts moves the sum by the margin and
alters nothing shown. A change that leaves to every cell what its largest supplier does not have,
and that moves up what it may move down, serves nearly every attacker in either sense: one small
program finds it, and it is put into the equations of each attacker. Only whom it does not serve
has a program of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from lcc.publication.disclosure.attack import TOLERANCE, System, View, look, open_system
from lcc.publication.disclosure.cells import Layout
from lcc.publication.disclosure.demands import Demand
from lcc.publication.disclosure.rule import DisclosureRule

__all__ = ["Change", "Prover"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Integers = NDArray[np.int64]
Attacker = str | None
Sum = tuple[frozenset[int], int, int]
"""Finest cells, group of tied values, value."""

NOTHING = 1e-9
"""Part of an amount that is but a rounding of floats."""

WIDTHS = (3, 8)
"""Finest cells by shown cell among which a change is looked for before all are tried."""


@dataclass(frozen=True)
class Change:
    """A change of amounts that may prove a demand.

    Attributes
    ----------
    places : numpy.ndarray
        Finest cells that change.
    amounts : numpy.ndarray
        By how much, in units of the first of the tied values.
    rows : numpy.ndarray
        Published cells these are in.
    matrix : numpy.ndarray
        The same, published cells × finest cells, of zeros and ones.
    """

    places: Integers
    amounts: Floats
    rows: Integers
    matrix: Floats


@dataclass(frozen=True)
class _Proof:
    """Attackers to whom a demand holds, as long as some published cells are masked.

    Attributes
    ----------
    support : frozenset of int
        Finest cells that change.
    altered : frozenset of int
        Published cells that change.
    covers : frozenset
        Attackers; None for the public.
    """

    support: frozenset[int]
    altered: frozenset[int]
    covers: frozenset[Attacker]


@dataclass(frozen=True)
class _Asked:
    """By how much a sum must be able to move, for each who contributes to it and for the public.

    Attributes
    ----------
    margins : mapping of str to numpy.ndarray
        By attacker, of each value; zero where nothing is asked.
    """

    margins: dict[Attacker, Floats]

    def of(self, attacker: Attacker) -> Floats:
        """Return the margins of an attacker: who has no part in the sum knows it as all do."""
        return self.margins.get(attacker, self.margins[None])


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
    changes: dict[Sum, list[Change]] = field(default_factory=dict)
    """Changes found; another prover may start from them."""

    tried: int = 8
    """Changes of a sum, the latest, that are tried before a program is solved."""

    programs_left: int | None = None
    """Programs that may still be solved; None: as many as it takes."""

    _proofs: dict[tuple[Sum, bool], list[_Proof]] = field(default_factory=dict)
    _asked: dict[tuple[frozenset[int], int], _Asked] = field(default_factory=dict)
    _sizes: dict[tuple[int, Attacker], Floats] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Lay out who contributes what to each finest cell, and what all but one leave of it."""
        self._names = sorted(self.layout.own)
        self._ranks = {name: rank for rank, name in enumerate(self._names)}
        self._person = np.array([name in self.layout.persons for name in self._names], dtype=bool)
        places = [self.layout.own[name][0] for name in self._names]
        owner = np.repeat(np.arange(len(places)), [len(each) for each in places])
        place = np.concatenate(places) if places else np.array([], dtype=np.int64)
        held = [self.layout.own[name][1] for name in self._names]
        amounts = np.concatenate(held) if held else np.zeros((0, len(self.layout.values)))
        order = np.argsort(place, kind="stable")
        self._owner, self._held = owner[order], amounts[order]
        self._starts = np.searchsorted(place[order], np.arange(len(self.layout.amounts) + 1))
        self._columns = sparse.csc_array(self.layout.matrix)
        self._public = [look(self.layout, columns) for columns in self.ties]
        self._steady = [self._leave(group) for group in range(len(self.ties))]

    def failures(self, sums: Sequence[frozenset[int]], masked: Bools) -> Iterator[Demand]:
        """Yield the demands on some sums that do not hold."""
        system = open_system(self.layout, masked)
        for cells in sums:
            yield from self.failures_of(cells, system)

    def failures_of(self, cells: frozenset[int], system: System) -> Iterator[Demand]:
        """Yield the demands on one sum that do not hold, the public's before the suppliers'."""
        for group in range(len(self.ties)):
            asked = self._ask(cells, group)
            for rank in range(len(self.ties[group])):
                for up in (False, True):
                    key = ((cells, group, rank), up)
                    for attacker in self._unproven(key, asked, system):
                        view = self._view(group, attacker)
                        margin = float(asked.of(attacker)[rank])
                        yield Demand(cells, view, rank, margin if up else -margin)

    def _unproven(self, key: tuple[Sum, bool], asked: _Asked, system: System) -> Iterator[Attacker]:
        """Yield the attackers to whom a demand does not hold."""
        (cells, _, rank), _ = key
        proofs = self._proofs.setdefault(key, [])
        open_to_all = bool(asked.of(None)[rank] > 0)
        # Who knows nothing of the amounts a proof moves sees them as the public does.
        reach = cells
        if open_to_all:
            public = self._find(key, None, asked, system)
            if public is None:
                yield None
            else:
                reach = cells | public.support
        own = self.layout.suppliers
        knowing = sorted(set().union(*(own[each] for each in reach)))
        waiting = [name for name in knowing if asked.of(name)[rank] > 0]
        for proof in proofs:
            if proof.altered <= system.hidden:
                waiting = [name for name in waiting if name not in proof.covers]
        for change in self._latest(key) if waiting else ():
            held = self._check(key, change, waiting, asked, system)
            waiting = [name for name in waiting if name not in held]
        while waiting:
            attacker = waiting.pop(0)
            if self._find(key, attacker, asked, system) is None:
                yield attacker
            elif waiting:
                held = self._check(key, self._latest(key)[-1], waiting, asked, system)
                waiting = [name for name in waiting if name not in held]

    def _latest(self, key: tuple[Sum, bool]) -> list[Change]:
        return self.changes.get(key[0], [])[-self.tried :]

    def _find(
        self, key: tuple[Sum, bool], attacker: Attacker, asked: _Asked, system: System
    ) -> _Proof | None:
        """Return the proof that a demand holds to one attacker, known or found now, or None."""
        proofs = self._proofs[key]

        def known() -> _Proof | None:
            return next(
                (e for e in proofs if attacker in e.covers and e.altered <= system.hidden), None
            )

        found = known()
        if found is not None:
            return found
        for change in self._latest(key):
            if attacker in self._check(key, change, [attacker], asked, system):
                return known()
        if self.programs_left is not None:
            if self.programs_left <= 0:
                return None
            self.programs_left -= 1
        for change in self._search(key, attacker, asked, system):
            if attacker in self._check(key, change, [attacker], asked, system):
                self.changes.setdefault(key[0], []).append(change)
                return known()
        return None

    def _search(
        self, key: tuple[Sum, bool], attacker: Attacker, asked: _Asked, system: System
    ) -> Iterator[Change]:
        """Yield changes that may prove a demand: of few cells first, of any at last."""
        (cells, group, rank), up = key
        margin = float(asked.of(attacker)[rank])
        inside = sorted(cells)
        if attacker is None:
            view, room = self._public[group], self._steady[group].copy()
            if float((room * np.abs(view.ties[:, rank]))[inside].sum()) < margin:
                room[inside] = view.room[inside]
        else:
            view = self._view(group, attacker)
            room = np.minimum(self._steady[group], view.room)
            room[inside] = view.room[inside]
        for width in (*WIDTHS, None):
            among = system.part(cells) if width is None else system.block(cells, room, width)
            among = among[room[among] > 0]
            yield from self._cut(
                system.move(view, cells, rank, margin, among=among, room=room), margin
            )
        yield from self._cut(system.move(view, cells, rank, margin if up else -margin), margin)

    def _cut(self, moved: Floats | None, margin: float) -> Iterator[Change]:
        """Yield a change as the cells it is made of, if there is one."""
        if moved is None:
            return
        places = np.flatnonzero(np.abs(moved) > NOTHING)
        part = self._columns[:, places]
        rows = np.unique(part.indices)
        matrix = sparse.csr_array(part)[rows].toarray()
        yield Change(places, moved[places] * margin, rows, matrix)

    def _check(
        self,
        key: tuple[Sum, bool],
        change: Change,
        attackers: Sequence[Attacker],
        asked: _Asked,
        system: System,
    ) -> set[Attacker]:
        """Note to whom a change proves a demand; return those for whom nothing shown is altered.

        The change, scaled to the margin of each, is put into the equations themselves: what it
        proves does not rest on the solver. Asked for the public, it is tried for all who know
        something of what it moves.
        """
        (cells, group, rank), up = key
        names = list(attackers)
        if None in names:
            near = [self.layout.suppliers[each] for each in (*change.places.tolist(), *cells)]
            names += sorted(set().union(*near))
        rest = self._see(change.places, group, names)
        room, ties = _tie(rest)
        margin = np.array([asked.of(name)[rank] for name in names])
        goal = np.isin(change.places, list(cells))
        moved = (change.amounts * ties[:, :, rank])[:, goal].sum(axis=1) * (1.0 if up else -1.0)
        able = (margin > 0) & (moved != 0) & np.all(room > 0, axis=1)
        scaled = change.amounts / np.where(able, moved, 1.0)[:, None]
        unit = np.where(able, margin, 1.0)[:, None]
        able &= np.all(scaled >= -room / unit - TOLERANCE, axis=1)
        names = [name for name, one in zip(names, able, strict=True) if one]
        if not names:
            return set()
        sizes = np.array([self._size(group, name) for name in names])
        flows = scaled[able, :, None] * ties[able] / sizes[:, None, :]
        altered = np.any(np.abs(change.matrix @ flows) > TOLERANCE, axis=2)
        support = frozenset(change.places.tolist())
        held: set[Attacker] = set()
        patterns, which = np.unique(altered, axis=0, return_inverse=True)
        for number, pattern in enumerate(patterns):
            chosen = np.flatnonzero(which.reshape(-1) == number)
            proof = _Proof(
                support,
                frozenset(change.rows[pattern].tolist()),
                frozenset(names[each] for each in chosen),
            )
            if proof.altered <= system.hidden:
                self._proofs[key].append(proof)
                held |= proof.covers
        return held

    def _ask(self, cells: frozenset[int], group: int) -> _Asked:
        """Return by how much a sum must be able to move: the stated share of what persons have."""
        if (cells, group) in self._asked:
            return self._asked[cells, group]
        places = np.array(sorted(cells), dtype=np.int64)
        columns = list(self.ties[group])
        names: list[Attacker] = [
            None, *sorted(set().union(*(self.layout.suppliers[each] for each in cells)))
        ]  # fmt: skip
        row = {name: number for number, name in enumerate(names)}
        persons = np.zeros((len(names), len(columns)))
        for place in places:
            part = slice(self._starts[place], self._starts[place + 1])
            person = self._person[self._owner[part]]
            held = np.abs(self._held[part][person][:, columns])
            theirs = np.tile(held.sum(axis=0), (len(names), 1))
            for number, owner in enumerate(self._owner[part][person].tolist()):
                theirs[row[self._names[owner]]] = np.delete(held, number, axis=0).sum(axis=0)
            persons += theirs
        margins = self.rule.protection_share * persons
        rest = self._see(places, group, names)
        moving = _tie(rest)[0] > 0
        first = rest[np.arange(len(names)), np.argmax(moving, axis=1), 0]
        # One amount alone: tied values move with it.
        margins[(moving.sum(axis=1) == 1) & (first != 0), 1:] = 0.0
        found = _Asked(dict(zip(names, margins, strict=True)))
        self._asked[cells, group] = found
        return found

    def _see(self, places: Integers, group: int, names: Sequence[Attacker]) -> Floats:
        """Return attackers × finest cells × values: the amounts that are not the attacker's."""
        columns = list(self.ties[group])
        whole = self.layout.amounts[places][:, columns]
        rest = np.repeat(whole[None], len(names), axis=0)
        row = np.full(len(self._names), -1)
        for number, name in enumerate(names):
            if name is not None:
                row[self._ranks[name]] = number
        for number, place in enumerate(places):
            part = slice(self._starts[place], self._starts[place + 1])
            who = row[self._owner[part]]
            known = who >= 0
            rest[who[known], number] -= self._held[part][known][:, columns]
        # Cents of a difference of floats are nobody's.
        return np.where(np.abs(rest) <= NOTHING * np.abs(whole), 0.0, rest)

    def _leave(self, group: int) -> Floats:
        """Return what is left of each finest cell to whoever knows most of it."""
        public = self._public[group]
        first = self.ties[group][0]
        place = np.repeat(np.arange(len(public.room)), np.diff(self._starts))
        left = np.abs(self.layout.amounts[place, first] - self._held[:, first])
        steady = public.room.copy()
        np.minimum.at(steady, place, left)
        return np.where(steady <= NOTHING * public.room, 0.0, steady)

    def _size(self, group: int, attacker: Attacker) -> Floats:
        """Return the largest tie of each value, for an attacker: what its rows are divided by."""
        key = (group, attacker)
        if key not in self._sizes:
            ties = np.abs(self._public[group].ties)
            if attacker is not None:
                places = self.layout.own[attacker][0]
                ties[places] = np.abs(_tie(self._see(places, group, [attacker]))[1][0])
            self._sizes[key] = np.maximum(ties.max(axis=0, initial=0.0), np.finfo(float).tiny)
        return self._sizes[key]

    def _view(self, group: int, attacker: Attacker) -> View:
        if attacker is None:
            return self._public[group]
        return look(self.layout, self.ties[group], attacker)


def _tie(rest: Floats) -> tuple[Floats, Floats]:
    """Return how far amounts may fall, and what one unit of that moves in each value."""
    room = np.abs(rest[..., 0])
    # Where the first value is nothing and another is not, one unit moves the others alone.
    room = np.where((room == 0) & np.any(rest != 0, axis=-1), 1.0, room)
    ties = np.divide(rest, room[..., None], out=np.zeros_like(rest), where=room[..., None] > 0)
    return room, ties
