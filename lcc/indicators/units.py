"""What an indicator counts once: contracts, consultations, awards or firms, and their outcomes.

A consultation is its lots folded, a firm its awards, a contract its awards where the indicator is
about firms: in the perimeter if any part is, and counting if any part does. Units that share
something unknown (an amount, the size of a firm) do not choose freely: they are gathered in
blocks, whose joint outcomes are enumerated.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lcc.indicators.blocks import Atom, Blocks, enumerate_blocks
from lcc.indicators.bounds import Outcome
from lcc.indicators.expression import AWARD_FACTS
from lcc.indicators.facts import Facts
from lcc.indicators.outcomes import Patterns, Question, field_of, find_patterns

__all__ = ["Units", "find_units", "mask_of", "outcomes_of"]

SEPARATOR = "; "
OUTSIDE = 1
"""Outcomes of a unit that is surely outside, as bits."""

HOLDER = "holder"
"""What would settle an award of which no holder is identified, or one that sources dispute."""


@dataclass(frozen=True)
class Units:
    """What is counted once.

    Attributes
    ----------
    rows : numpy.ndarray
        First contract of each unit.
    names, contracts, missing : numpy.ndarray
        Name of each, the contracts it is made of, and the fields that would settle it.
    masks : numpy.ndarray
        Outcomes each can have: 1 out, 2 in and does not count, 4 in and counts, added.
    outside : int
        Units surely outside that are not among them.
    blocks : Blocks or None
        Joint outcomes of units that do not choose freely, and of all others; None where all do.
    """

    rows: NDArray[np.int64]
    names: NDArray[Any]
    contracts: NDArray[Any]
    missing: NDArray[Any]
    masks: NDArray[np.int64]
    outside: int = 0
    blocks: Blocks | None = None


def mask_of(outcomes: Iterable[Outcome]) -> int:
    """Return outcomes as bits."""
    return sum(1 << each for each in set(outcomes))


def outcomes_of(mask: int) -> frozenset[Outcome]:
    """Return the outcomes of some bits."""
    return OUTCOMES[mask]


OUTCOMES = [
    frozenset(each for each in Outcome if mask >> each & 1) for mask in range(1 << len(Outcome))
]
"""Outcomes, by their bits."""


FOLD = [
    [
        mask_of(max(one, other) for one in outcomes_of(a) for other in outcomes_of(b))
        for b in range(8)
    ]
    for a in range(8)
]
"""Outcomes of a unit made of two parts that choose freely."""


def find_units(question: Question, facts: Facts) -> Units:
    """Return the units of a question, with the outcomes each can have."""
    patterns = find_patterns(question, facts)
    masks = np.array([mask_of(each) for each in patterns.outcomes()], dtype=np.int64)
    if question.of_awards:
        return _of_awards(question, facts, patterns, masks[patterns.rows])
    settling = [" ".join(map(field_of, each.settling())) for each in patterns.found]
    numbers = np.array(facts.numbers, dtype=object)
    units = Units(
        rows=np.arange(len(numbers), dtype=np.int64),
        names=numbers,
        contracts=numbers,
        missing=np.array([*settling, ""], dtype=object)[patterns.rows],
        masks=masks[patterns.rows],
    )
    return _fold_lots(units, facts) if question.unit == "consultation" else units


def _fold_lots(units: Units, facts: Facts) -> Units:
    """Return consultations: a contract whose consultation is not stated is one by itself."""
    groups: dict[int, list[int]] = {}
    for row, key in enumerate(facts.consultations.tolist()):
        groups.setdefault(key, []).append(row)
    rows, names, contracts, missing, masks = [], [], [], [], []
    for lots in groups.values():
        mask = _fold(units.masks[lots])
        rows.append(lots[0])
        names.append(facts.consultation_names[lots[0]])
        masks.append(mask)
        asked = _open_parts(lots, units.masks) if mask & (mask - 1) else []
        contracts.append(SEPARATOR.join(units.contracts[row] for row in asked or lots))
        missing.append(_join_fields(units.missing[row] for row in asked))
    return Units(*_arrays(rows, names, contracts, missing, masks))


def _of_awards(
    question: Question, facts: Facts, patterns: Patterns, masks: NDArray[np.int64]
) -> Units:
    """Return units made of awards; those surely outside in number only."""
    awards = facts.awards
    numbers = facts.numbers
    keys = facts.unit_keys[question.unit]
    kept = np.flatnonzero(masks != OUTSIDE)
    kept = kept[np.argsort(keys[kept], kind="stable")]
    starts = np.flatnonzero(np.diff(keys[kept], prepend=-1))
    groups = [each.tolist() for each in np.split(kept, starts[1:])] if len(kept) else []
    found = np.array([_fold(masks[group]) for group in groups], dtype=np.int64)
    open_units = [unit for unit, mask in enumerate(found.tolist()) if mask & (mask - 1)]
    blocks = None
    if open_units:
        atoms = [
            Atom(
                unit,
                int(masks[atom]),
                patterns.found[patterns.rows[atom]],
                int(awards.contract[atom]),
                awards.firm[atom],
                awards.place[atom],
                awards.disputes.get(atom),
            )
            for unit in open_units
            for atom in groups[unit]
        ]
        blocks = enumerate_blocks(atoms, found)
    settling: dict[int, tuple[str, ...]] = {}
    rows, names, contracts, missing = [], [], [], []
    for group, mask in zip(groups, found.tolist(), strict=True):
        first, asked, fields = group[0], [], []
        if mask & (mask - 1):
            asked = _open_parts(group, masks)
            for atom in asked:
                code = int(patterns.rows[atom])
                if code not in settling:
                    settling[code] = patterns.found[code].settling()
                fields.append(_award_fields(settling[code], awards.named[atom]))
        rows.append(int(awards.contract[first]))
        names.append(_name_of(question.unit, facts, first, rows[-1]))
        parts = dict.fromkeys(numbers[awards.contract[atom]] for atom in asked or group)
        contracts.append(SEPARATOR.join(parts))
        missing.append(_join_fields(fields))
    outside = len(np.unique(keys)) - len(groups)
    return Units(
        *_arrays(rows, names, contracts, missing, found.tolist()),
        outside=outside,
        blocks=blocks,
    )


def _name_of(unit: str, facts: Facts, award: int, row: int) -> str:
    """Return the name of a unit, by one of its awards."""
    number, holder = facts.numbers[row], facts.awards.names[award]
    if unit == "award":
        return f"{number} / {holder}"
    if unit == "firm":
        return holder or f"{number} / "
    return facts.consultation_names[row] if unit == "consultation" else number


def _arrays(
    rows: Sequence[int],
    names: Sequence[str],
    contracts: Sequence[str],
    missing: Sequence[str],
    masks: Sequence[int],
) -> tuple[NDArray[np.int64], NDArray[Any], NDArray[Any], NDArray[Any], NDArray[np.int64]]:
    """Return the columns of units as arrays."""
    return (
        np.array(rows, dtype=np.int64),
        np.array(names, dtype=object),
        np.array(contracts, dtype=object),
        np.array(missing, dtype=object),
        np.array(masks, dtype=np.int64),
    )


def _fold(masks: NDArray[np.int64]) -> int:
    """Return the outcomes of a unit whose parts choose freely."""
    total = OUTSIDE
    for each in masks.tolist():
        total = FOLD[total][each]
    return total


def _open_parts(parts: Sequence[int], masks: NDArray[np.int64]) -> list[int]:
    """Return the parts that leave a unit open: those that can rise above all that is certain."""
    floor = max(min(outcomes_of(int(masks[each]))) for each in parts)
    return [
        each
        for each in parts
        if masks[each] & (masks[each] - 1) and max(outcomes_of(int(masks[each]))) > floor
    ]


def _award_fields(settling: Iterable[str], named: bool) -> str:
    """Return the fields that would settle an award."""
    return _join_fields(
        HOLDER if name in AWARD_FACTS and not named else field_of(name) for name in settling
    )


def _join_fields(texts: Iterable[str]) -> str:
    """Return each field once."""
    return " ".join(dict.fromkeys(name for text in texts for name in text.split()))


def count_masks(masks: NDArray[np.int64]) -> Counter[int]:
    """Return how many units have each set of outcomes."""
    different, counts = np.unique(masks, return_counts=True)
    return Counter(dict(zip(different.tolist(), counts.tolist(), strict=True)))
