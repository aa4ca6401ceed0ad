"""The order of drawn totals: sorted, ranked and counted, block by block.

What `lcc.uncertainty.ranks` does with the draws of its totals; no draw is made here.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lcc.uncertainty.shared import OwnErrors

__all__ = ["Classes", "Summary", "hold_ranks", "rank_block", "summarise"]

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Integers = NDArray[np.int64]

HELD_BYTES = 1_000_000_000
"""Bytes of ranks above which they are held in a file that nobody sees."""

GROUPS_PER_COUNT = 256


@dataclass(frozen=True)
class Classes:
    """Totals that differ, the largest mean first, and how many groups have each.

    `of_group` is the class of each group, `head` how many classes make the head by their means.
    """

    totals: Singles
    own: OwnErrors
    size: Integers
    of_group: Integers
    head: int


def rank_block(
    drawn: Singles, classes: Classes, share: float, pairs: Integers, ranks: NDArray[Any]
) -> tuple[Floats, Floats, Floats]:
    """Fill `ranks` with how many groups are larger; return counts of head, neighbours, pairs."""
    count = drawn.shape[1]
    keys = _sort(drawn)
    order = keys & 0xFFFFFFFF
    sizes = classes.size[order] if classes.size.max() > 1 else None
    if sizes is None:
        larger = np.broadcast_to(np.arange(count, dtype=ranks.dtype), order.shape)
        goal = share * np.maximum(drawn, 0).sum(axis=1, keepdims=True, dtype=np.float64)
        head = _count_head(keys, order, goal, classes.head)
    else:
        larger = (np.cumsum(sizes, axis=1) - sizes).astype(ranks.dtype)
        head = _count_tied_head(_read_totals(keys), order, sizes, share)
    np.put_along_axis(ranks, order, larger, axis=1)
    above = np.zeros(count)
    above[:-1] = (drawn[:, :-1] > drawn[:, 1:]).sum(axis=0)
    above[:-1] += 0.5 * (drawn[:, :-1] == drawn[:, 1:]).sum(axis=0)
    first, second = drawn[:, pairs[:, 0]], drawn[:, pairs[:, 1]]
    wins = ((first > second) + 0.5 * (first == second)).sum(axis=0)
    return head, above, np.asarray(wins, dtype=np.float64)


def _sort(drawn: Singles) -> Integers:
    """Return sorted keys of each draw, the largest total first: total above, class below.

    The bits of a float, its sign mended, are an integer of the same order: with the class in the
    lower half of 64 bits, one sort of integers gives order and totals. Where two totals of a draw
    round to one, the larger mean goes first.
    """
    bits = drawn.view(np.int32)
    falling = ~(bits ^ ((bits >> 31) & np.int32(0x7FFFFFFF)))
    keys = falling.astype(np.int64) << 32
    keys |= np.arange(drawn.shape[1], dtype=np.int64)
    keys.sort(axis=1)
    return keys


def _read_totals(keys: Integers) -> Singles:
    """Return the totals that sorted keys hold."""
    found = ~(keys >> 32).astype(np.int32)
    return (found ^ ((found >> 31) & np.int32(0x7FFFFFFF))).view(np.float32)


def _count_head(keys: Integers, order: Integers, goal: Floats, expected: int) -> Floats:
    """Return in how many draws each class is of the head: what is before it makes less than goal.

    The same rule as classes A, B and C of a map: the group that reaches the share belongs to it.
    The head is mostly short, about as many classes as are `expected`: no more is added up.
    """
    count = keys.shape[1]
    taken = min(count, expected + expected // 4 + 16)
    while True:
        mass = np.maximum(_read_totals(keys[:, :taken]), 0).astype(np.float64)
        reached = np.cumsum(mass, axis=1)
        if taken == count or np.all(reached[:, -1:] >= goal):
            break
        taken = min(count, 2 * taken)
    inside = order[:, :taken][reached - mass < goal]
    return np.asarray(np.bincount(inside, minlength=count), dtype=np.float64)


def _count_tied_head(values: Singles, order: Integers, sizes: Integers, share: float) -> Floats:
    """Return the same where totals tie: of equal ones as many belong to the head as it takes."""
    mass = np.maximum(values, 0).astype(np.float64) * sizes
    before = np.cumsum(mass, axis=1)
    goal = share * before[:, -1:]
    before -= mass
    needed = np.divide(goal - before, values, out=np.zeros_like(before), where=values > 0)
    inside = np.clip(np.ceil(needed), 0, sizes) / sizes
    counts = np.bincount(order.ravel(), inside.ravel(), minlength=order.shape[1])
    return np.asarray(counts, dtype=np.float64)


def hold_ranks(draws: int, classes: int, groups: int) -> NDArray[Any]:
    """Return room for ranks, in memory or, where there are very many, in a file."""
    kind = np.dtype(np.uint16 if groups <= np.iinfo(np.uint16).max else np.uint32)
    if draws * classes * kind.itemsize <= HELD_BYTES:
        return np.empty((draws, classes), dtype=kind)
    return np.memmap(tempfile.TemporaryFile(), dtype=kind, shape=(draws, classes), mode="w+")


@dataclass(frozen=True)
class Summary:
    """What is told of the ranks of each class."""

    expected: Floats
    low: Integers
    high: Integers
    within: Floats
    first: Floats


def summarise(
    ranks: NDArray[Any], classes: Classes, k: tuple[int, ...], told: int, level: float
) -> Summary:
    """Return what is told of ranks, in how many draws how many groups are larger.

    Parameters
    ----------
    ranks : array of int, shape (draws, classes)
        Filled by `rank_block`.
    classes : Classes
    k : tuple of int
        Numbers of first ranks whose probability is asked.
    told : int
        How many of the first ranks are told one by one.
    level : float
        Probability inside the interval of a rank.
    """
    draws, count = ranks.shape
    found = Summary(
        expected=np.empty(count),
        low=np.empty(count, dtype=np.int64),
        high=np.empty(count, dtype=np.int64),
        within=np.empty((count, len(k))),
        first=np.zeros((count, told)),
    )
    # Draws are whole: what a level asks of them may miss a whole number by rounding.
    tails = np.array([(1 - level) / 2, (1 + level) / 2]) * draws * (1 - 1e-12)
    for rank, (least, counts) in enumerate(_count(ranks)):
        size = int(classes.size[rank])
        share = counts.astype(np.float64)
        if size > 1:
            share = np.convolve(share, np.full(size, 1 / size))
        # A group that `least` others are always larger than has no better rank than the next.
        reached = np.concatenate([[0.0], np.cumsum(share)])
        found.expected[rank] = share @ np.arange(least + 1, least + 1 + share.size) / draws
        found.low[rank], found.high[rank] = least + np.searchsorted(reached, tails)
        asked = np.clip(np.array(k, dtype=np.int64) - least, 0, share.size)
        found.within[rank] = np.minimum(reached[asked] / draws, 1.0)
        seen = share[: max(0, told - least)]
        found.first[rank, least : least + seen.size] = seen / draws
    return found


def _count(ranks: NDArray[Any]) -> Iterator[tuple[int, Integers]]:
    """Yield, class by class, the least number of larger groups, and draws by number from there."""
    for start in range(0, ranks.shape[1], GROUPS_PER_COUNT):
        for column in np.ascontiguousarray(ranks[:, start : start + GROUPS_PER_COUNT].T):
            least = column.min()
            yield int(least), np.bincount(column - least)
