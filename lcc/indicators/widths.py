"""How wide bounds can still be once some units were checked by hand, whatever is found there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from math import floor, prod

import numpy as np

__all__ = ["KINDS", "Open", "fewest_checks", "worst_width"]

KINDS = (frozenset({"no", "yes"}), frozenset({"out", "no"}), frozenset({"out", "yes"}),
         frozenset({"out", "no", "yes"}))  # fmt: skip
"""Kinds of open units, by what they may be: A, B, C, D."""

MOST_TRIED = 4000
"""Ways to share checks among kinds that are all tried; beyond, a greedy way is taken."""

ROUNDING = 1e-12
STEPS = 50

Counts = tuple[int, int, int, int]


@dataclass(frozen=True)
class Open:
    """Units of a share: those certain, and how many are open of each kind.

    Attributes
    ----------
    yes, no : int
        Units that surely count, surely are in and do not count.
    kinds : tuple of int
        Open units of the kinds A (in, may count), B (may be in, would not count), C (may be in,
        would count), D (anything).
    """

    yes: int
    no: int
    kinds: Counts

    def floor_in(self) -> int:
        """Return how many units are surely in."""
        return self.yes + self.no + self.kinds[0]


def worst_width(units: Open, checked: Sequence[int]) -> float:
    r"""Return the greatest width of the bounds of a share after checks, over all answers.

    With P = A + C + D and Q = A + B + D the units left open, counted y and not counted n after the
    answers, the bounds are :math:`y/(y+n+Q)` and :math:`(y+P)/(y+n+P)` (`bound_share`). For a
    given number in, t = y + n, their difference is linear in y, so its greatest value is at the
    least or the greatest y that the answers allow with this t: one value of t after another, both
    ends are looked at. Nothing is approximated.

    Parameters
    ----------
    units : Open
        Before checks.
    checked : sequence of int
        Units checked of each kind.
    """
    a, b, c, d = (int(each) for each in checked)
    left_a, left_b, left_c, left_d = (
        total - done for total, done in zip(units.kinds, checked, strict=True)
    )
    upper, lower = left_a + left_c + left_d, left_a + left_b + left_d
    beyond = np.arange(b + c + d + 1)
    inside = units.yes + units.no + a + beyond
    fewest = units.yes + np.maximum(0, beyond - b - d)
    most = units.yes + a + np.minimum(beyond, c + d)
    high_of, low_of = inside + upper, inside + lower
    widths = []
    for yes in (fewest, most):
        # A perimeter left empty has the share of what may enter it (see bound_share).
        high = np.where(high_of > 0, (yes + upper) / np.maximum(high_of, 1), 0.0)
        low = np.where(low_of > 0, yes / np.maximum(low_of, 1), 1.0 if left_c else 0.0)
        widths.append(np.where((high_of == 0) & (low_of == 0), 0.0, high - low))
    return float(max(each.max() for each in widths))


def fewest_checks(units: Open, width: float) -> tuple[Counts, str]:
    """Return how many units of each kind to check, and whether fewer can do (exact or greedy).

    Where all open units are surely in, the denominator D is fixed and the width after k checks is
    (A − k) / D whatever the answers: the smallest k is read off. Otherwise all ways to share
    checks among the four kinds are tried, from the fewest checks on, where they are not too many.
    Beyond, checks are added where the width falls most, then taken back where they are not
    needed: as more checks never widen the bounds, what remains is enough, and not proved minimal.
    """
    limit = width + ROUNDING
    if not any(units.kinds[1:]):
        allowed = floor(width * units.floor_in() + ROUNDING * max(1, units.floor_in()))
        return (max(0, units.kinds[0] - allowed), 0, 0, 0), "exact"
    if prod(each + 1 for each in units.kinds) <= MOST_TRIED:
        a, b, c, d = (range(each + 1) for each in units.kinds)
        ways = sorted(product(a, b, c, d), key=sum)
        return next(each for each in ways if worst_width(units, each) <= limit), "exact"
    return _greedy(units, limit), "greedy"


def _greedy(units: Open, limit: float) -> Counts:
    """Return enough checks of each kind."""
    checked = [0, 0, 0, 0]
    while worst_width(units, checked) > limit:
        step = max(1, (sum(units.kinds) - sum(checked)) // STEPS)
        checked = list(min(_moves(units, checked, step), key=partial(worst_width, units)))
    for kind in range(len(checked)):
        low, high = 0, checked[kind]
        while low < high:
            middle = (low + high) // 2
            tried = [middle if rank == kind else each for rank, each in enumerate(checked)]
            low, high = (low, middle) if worst_width(units, tried) <= limit else (middle + 1, high)
        checked[kind] = high
    return checked[0], checked[1], checked[2], checked[3]


def _moves(units: Open, checked: Sequence[int], step: int) -> Iterator[list[int]]:
    """Yield checks with some more of one kind."""
    for kind, total in enumerate(units.kinds):
        if checked[kind] < total:
            more = list(checked)
            more[kind] = min(total, checked[kind] + step)
            yield more


def count_open(yes: int, no: int, sets: Sequence[frozenset[str]]) -> Open:
    """Return units counted by kind."""
    empty = Open(yes, no, (0, 0, 0, 0))
    a, b, c, d = (sum(each == kind for each in sets) for kind in KINDS)
    return replace(empty, kinds=(a, b, c, d))
