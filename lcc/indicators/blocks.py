"""Joint outcomes of units that share something unknown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import prod

import numpy as np
from numpy.typing import NDArray

from lcc.indicators.bounds import Choices, Outcome
from lcc.indicators.disputes import Dispute
from lcc.indicators.expression import AWARD_FACTS, HOLDS
from lcc.indicators.outcomes import Pattern

__all__ = ["Atom", "Blocks", "enumerate_blocks"]

MOST_WORK = 200_000
"""Joint states of what a block does not know, times its awards, that are enumerated; a larger block
is reduced, and where it remains larger its units are taken to choose freely and a joint state that
reaches the bound is looked for."""

PLACE_FACTS = ("region",)
"""Facts of an establishment; others are of the firm."""

Unknown = tuple[str, object]
"""What several units may share: a contract, a firm or an establishment, of which facts are open."""

State = dict[str, int]
Pairs = frozenset[tuple[int, int]]
ORDERS = {
    "low": (Outcome.IN_NO, Outcome.OUT, Outcome.IN_YES),
    "high": (Outcome.IN_YES, Outcome.OUT, Outcome.IN_NO),
}


@dataclass(frozen=True)
class Atom:
    """An award: its unit, its outcomes, its pattern, and whose facts or doubts it shares."""

    unit: int
    mask: int
    pattern: Pattern
    contract: int
    firm: str
    place: str
    dispute: Dispute | None = None

    @property
    def is_open(self) -> bool:
        """Whether it can have several outcomes."""
        return bool(self.mask & (self.mask - 1))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Unknown facts that decide its outcome."""
        return self.pattern.table[0]

    @cached_property
    def unknowns(self) -> dict[str, Unknown]:
        """Fact → whose it is."""
        return {name: self._owner(name) for name in self.names}

    def _owner(self, name: str) -> Unknown:
        if name == HOLDS and self.dispute is not None:
            return ("dispute", self.dispute.owner)
        if name in PLACE_FACTS:
            return ("place", self.place)
        return ("firm", self.firm) if name in AWARD_FACTS else ("contract", self.contract)

    def outcome(self, states: Mapping[Unknown, State]) -> Outcome:
        """Return its outcome where what is unknown is in some state."""
        key = tuple(self.cell(name, states[owner]) for name, owner in self.unknowns.items())
        return self.pattern.table[1][key]

    def cell(self, name: str, state: State) -> int:
        """Return the cell of a fact where whose it is, is in some state."""
        if name == HOLDS and self.dispute is not None:
            return state[name] >> self.dispute.rank & 1
        return state[name]


@dataclass(frozen=True)
class Blocks:
    """Joint outcomes of all units.

    Attributes
    ----------
    low, high : Choices
        Pairs among which the least and the greatest value are to be found; the same but for blocks
        too large to be enumerated whole.
    is_whole : bool
        Whether they are the same.
    enclosing : bool
        Whether bounds from them may be wider than need be.
    """

    low: Choices
    high: Choices
    is_whole: bool
    enclosing: bool


def enumerate_blocks(atoms: Sequence[Atom], masks: NDArray[np.int64]) -> Blocks:
    """Return the joint outcomes of all units.

    A block too large to be enumerated is first made smaller, for each bound apart: what is unknown
    of a firm (or contract) takes the state that suits the bound best for all awards it bears on,
    whatever else is unknown, where there is such a state; others no longer hang together by it.

    Why that is allowed. Outcomes are ordered by how they suit a bound: in-no, out, in-yes for the
    least. Replacing an award's outcome by an earlier one replaces that of its unit (the greatest
    of out, in-no, in-yes over its awards) by an earlier one or the same, and so never raises the
    share (see `bound_share`) nor the count. The greatest is likewise.

    Parameters
    ----------
    atoms : sequence of Atom
        Awards of the units that are open, unit after unit.
    masks : numpy.ndarray
        Outcomes of each unit, as if its awards chose freely; those of units in enumerated blocks
        are corrected in place.
    """
    by_unit: dict[int, list[Atom]] = {}
    for atom in atoms:
        by_unit.setdefault(atom.unit, []).append(atom)
    sure = np.ones(len(masks), dtype=bool)
    sure[list(by_unit)] = False
    yes, no = (int((masks[sure] == 1 << each).sum()) for each in (Outcome.IN_YES, Outcome.IN_NO))
    shared: Counter[Pairs] = Counter({frozenset({(yes, yes + no)}): 1})
    known: dict[object, tuple[Pairs, list[int]]] = {}
    large: list[list[int]] = []
    for block in _components(by_unit):
        inside = [atom for unit in block for atom in by_unit[unit]]
        if sum(each.is_open for each in inside) == 1:
            shared[_free_pairs(int(masks[block[0]]))] += 1
            continue
        signature = _signature(inside)
        if signature not in known:
            states = _states(inside)
            if _is_large(inside, states):
                large.append(block)
                continue
            known[signature] = _enumerate(inside, states)
        pairs, reached = known[signature]
        shared[pairs] += 1
        masks[block] = reached
    ends, enclosing = {}, False
    for end, order in ORDERS.items():
        ends[end] = Counter(shared)
        for block in large:
            pairs_of, reached_all = _reduce(block, by_unit, masks, order)
            ends[end].update(pairs_of)
            enclosing |= not reached_all
    return Blocks(ends["low"], ends["high"], not large, enclosing)


def _reduce(
    block: Sequence[int],
    by_unit: Mapping[int, Sequence[Atom]],
    masks: NDArray[np.int64],
    order: Sequence[Outcome],
) -> tuple[Counter[Pairs], bool]:
    """Return the pairs of a large block that bear on one bound, and whether that bound is exact."""
    inside = [atom for unit in block for atom in by_unit[unit]]
    concerned = _concerned(inside)
    states = dict(_states(inside))
    settled = set()
    cache: dict[object, set[tuple[int, ...]]] = {}
    for owner, options in states.items():
        best = _dominant(owner, options, concerned[owner], order, cache)
        if best is not None:
            states[owner] = [best]
            settled.add(owner)
    found: Counter[Pairs] = Counter()
    exact = True
    for units in _components({unit: by_unit[unit] for unit in block}, settled):
        atoms = [atom for unit in units for atom in by_unit[unit]]
        own = {owner: states[owner] for owner in _concerned(atoms)}
        if _is_large(atoms, own):
            found.update(_free_pairs(int(masks[unit])) for unit in units)
            exact &= _is_reached(atoms, own, masks, order)
        else:
            found[_enumerate(atoms, own)[0]] += 1
    return found, exact


def _is_large(atoms: Sequence[Atom], states: Mapping[Unknown, Sequence[State]]) -> bool:
    """Tell whether a block has too many joint states."""
    return prod(len(each) for each in states.values()) * len(atoms) > MOST_WORK


def _concerned(atoms: Sequence[Atom]) -> dict[Unknown, list[Atom]]:
    """Return the open awards that each thing unknown bears on."""
    found: dict[Unknown, list[Atom]] = {}
    for atom in atoms:
        if atom.is_open:
            for owner in dict.fromkeys(atom.unknowns.values()):
                found.setdefault(owner, []).append(atom)
    return found


def _dominant(
    owner: Unknown,
    options: Sequence[State],
    atoms: Sequence[Atom],
    order: Sequence[Outcome],
    cache: dict[object, set[tuple[int, ...]]],
) -> State | None:
    """Return the state that suits a bound best for all awards, whatever else is; None without."""
    left = list(options)
    for atom in atoms:
        ranks = tuple(rank for rank, name in enumerate(atom.names) if atom.unknowns[name] == owner)
        key = (id(atom.pattern), ranks)
        if key not in cache:
            cache[key] = _best_cells(atom.pattern, ranks, order)
        names = [atom.names[rank] for rank in ranks]
        left = [each for each in left if tuple(each[name] for name in names) in cache[key]]
    return left[0] if left else None


def _best_cells(
    pattern: Pattern, ranks: Sequence[int], order: Sequence[Outcome]
) -> set[tuple[int, ...]]:
    """Return the cells of some facts that are best whatever the cells of the others."""
    groups: dict[tuple[int, ...], dict[tuple[int, ...], int]] = {}
    for cells, outcome in pattern.table[1].items():
        others = tuple(each for rank, each in enumerate(cells) if rank not in ranks)
        own = tuple(cells[rank] for rank in ranks)
        groups.setdefault(others, {})[own] = order.index(outcome)
    return set.intersection(
        *(
            {own for own, rank in group.items() if rank == min(group.values())}
            for group in groups.values()
        )
    )


def _signature(atoms: Sequence[Atom]) -> object:
    """Return what two blocks share whose joint outcomes are the same, unit by unit."""
    units: dict[int, int] = {}
    owners: dict[Unknown, int] = {}
    return tuple(
        (
            units.setdefault(atom.unit, len(units)),
            *(
                (
                    id(atom.pattern),
                    *(owners.setdefault(each, len(owners)) for each in atom.unknowns.values()),
                    *((atom.dispute.rank, atom.dispute.states) if atom.dispute else ()),
                )
                if atom.is_open
                else (-atom.mask,)
            ),
        )
        for atom in atoms
    )


def _components(
    by_unit: Mapping[int, Sequence[Atom]], settled: Collection[Unknown] = ()
) -> Iterator[list[int]]:
    """Yield the open units that hang together through what they do not know."""
    parent: dict[object, object] = {}

    def root(node: object) -> object:
        while parent.setdefault(node, node) != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for unit, atoms in by_unit.items():
        for atom in atoms:
            if atom.is_open:
                for owner in atom.unknowns.values():
                    if owner not in settled:
                        parent[root(("unit", unit))] = root(owner)
    groups: dict[object, list[int]] = {}
    for unit in by_unit:
        groups.setdefault(root(("unit", unit)), []).append(unit)
    yield from groups.values()


def _states(atoms: Sequence[Atom]) -> dict[Unknown, list[State]]:
    """Return the states of each thing unknown: joint cells of its open facts."""
    names: dict[Unknown, dict[str, None]] = {}
    patterns: dict[Unknown, dict[int, Pattern]] = {}
    disputes: dict[Unknown, Dispute] = {}
    for atom in atoms:
        if atom.is_open:
            if atom.dispute is not None and HOLDS in atom.unknowns:
                disputes[atom.unknowns[HOLDS]] = atom.dispute
            for name, owner in atom.unknowns.items():
                names.setdefault(owner, {})[name] = None
                patterns.setdefault(owner, {})[id(atom.pattern)] = atom.pattern
    states = {}
    for owner, facts in names.items():
        if owner in disputes:
            states[owner] = [{HOLDS: each} for each in disputes[owner].states]
            continue
        wanted = tuple(facts)
        each, *others = patterns[owner].values()
        if not others or owner[0] == "contract":
            # All awards of a contract share its facts.
            states[owner] = each.joint_cells(wanted)
            continue
        # What one establishment states of its firm another may leave open: all that any may be.
        found = {
            tuple(state.values()): state
            for pattern in (each, *others)
            for state in pattern.joint_cells(wanted)
        }
        states[owner] = [found[cells] for cells in sorted(found)]
    return states


def _enumerate(
    atoms: Sequence[Atom], states: Mapping[Unknown, Sequence[State]]
) -> tuple[Pairs, list[int]]:
    """Return the reachable pairs of a block, and what each of its units can be.

    All joint states stand side by side: one array per unit holds its outcome in each of them.
    """
    sizes = [len(each) for each in states.values()]
    total = prod(sizes)
    chosen = dict(zip(states, np.unravel_index(np.arange(total), sizes), strict=True))
    found: dict[int, NDArray[np.int64]] = {}
    for atom in atoms:
        if atom.is_open:
            owners = list(dict.fromkeys(atom.unknowns.values()))
            each = _outcomes_of(atom, owners, states)[tuple(chosen[owner] for owner in owners)]
        else:
            each = np.full(total, atom.mask.bit_length() - 1)
        before = found.get(atom.unit)
        found[atom.unit] = each if before is None else np.maximum(before, each)
    every = np.array(list(found.values()))
    yes = (every == Outcome.IN_YES).sum(axis=0)
    inside = (every != Outcome.OUT).sum(axis=0)
    codes = np.unique(yes * (len(every) + 1) + inside)
    pairs = frozenset(divmod(code, len(every) + 1) for code in codes.tolist())
    reached: list[int] = np.bitwise_or.reduce(1 << every, axis=1).tolist()
    return pairs, reached


def _outcomes_of(
    atom: Atom, owners: Sequence[Unknown], states: Mapping[Unknown, Sequence[State]]
) -> NDArray[np.int64]:
    """Return the outcomes of an award, by the state of each thing unknown it depends on."""
    options = [states[owner] for owner in owners]
    listed = [atom.outcome(dict(zip(owners, chosen, strict=True))) for chosen in product(*options)]
    return np.array(listed, dtype=np.int64).reshape([len(each) for each in options])


def _outcomes(atoms: Sequence[Atom], states: Mapping[Unknown, State]) -> dict[int, Outcome]:
    """Return the outcome of each unit where what is unknown is in some state."""
    found: dict[int, Outcome] = {}
    for atom in atoms:
        outcome = atom.outcome(states) if atom.is_open else Outcome(atom.mask.bit_length() - 1)
        found[atom.unit] = max(found.get(atom.unit, Outcome.OUT), outcome)
    return found


def _pair(outcomes: Sequence[Outcome]) -> tuple[int, int]:
    """Return how many count and how many are in."""
    yes = outcomes.count(Outcome.IN_YES)
    return yes, yes + outcomes.count(Outcome.IN_NO)


def _free_pairs(mask: int) -> frozenset[tuple[int, int]]:
    """Return the pairs of a unit that chooses freely."""
    return frozenset(_pair([each]) for each in Outcome if mask >> each & 1)


def _is_reached(
    atoms: Sequence[Atom],
    states: Mapping[Unknown, Sequence[State]],
    masks: NDArray[np.int64],
    order: Sequence[Outcome],
) -> bool:
    """Tell whether one joint state is found in which each unit has the outcome it prefers.

    Each thing unknown takes the state that most awards prefer; the joint state is then looked at.
    """
    concerned = _concerned(atoms)
    chosen: dict[Unknown, State] = {}
    for owner, options in states.items():
        votes = [
            sum(_prefers(each, owner, state, order) for each in concerned[owner])
            for state in options
        ]
        chosen[owner] = options[votes.index(max(votes))]
    return all(
        outcome == next(each for each in order if masks[unit] >> each & 1)
        for unit, outcome in _outcomes(atoms, chosen).items()
    )


def _prefers(atom: Atom, owner: Unknown, state: State, order: Sequence[Outcome]) -> bool:
    """Tell whether an award can have its preferred outcome where one thing is in some state."""
    wanted = next(each for each in order if atom.mask >> each & 1)
    names, table = atom.pattern.table
    return any(
        outcome == wanted
        and all(
            key[rank] == atom.cell(name, state)
            for rank, name in enumerate(names)
            if atom.unknowns[name] == owner
        )
        for key, outcome in table.items()
    )
