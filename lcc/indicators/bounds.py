"""Exact bounds of a share and of a count, over all completions of what is not known."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from fractions import Fraction

from lcc.errors import FieldError

__all__ = ["Bounds", "Choices", "Outcome", "bound_count", "bound_ratio", "bound_share"]


class Outcome(IntEnum):
    """What a unit is to an indicator; the order is that of folding: in if any is, yes if any is."""

    OUT = 0
    """Outside the perimeter."""
    IN_NO = 1
    """In the perimeter, and does not count."""
    IN_YES = 2
    """In the perimeter, and counts."""


OUT, IN_NO, IN_YES = Outcome.OUT, Outcome.IN_NO, Outcome.IN_YES

LOWEST = (IN_NO, OUT, IN_YES)
HIGHEST = (IN_YES, OUT, IN_NO)
"""Order in which a unit chooses its outcome for the least and for the greatest share."""

Choices = Mapping[frozenset[tuple[int, int]], int]
"""Reachable (counted, in the perimeter) of a block of units → how many blocks have just these."""


@dataclass(frozen=True)
class Bounds:
    """A value with what is not known of it.

    Attributes
    ----------
    known : float or None
        Value over units whose outcome is certain; None where none is in the perimeter.
    low, high : float or None
        Least and greatest value over all completions; None where no completion has one.
    counted, not_counted, unknown, outside : float
        Weight (number, without weights) of units that surely count, surely are in and do not
        count, may be one or the other, surely are outside.
    undefined : bool
        Whether some completion leaves the perimeter empty. It has no share: `low` and `high` are
        those of the others.
    """

    known: float | None
    low: float | None
    high: float | None
    counted: float
    not_counted: float
    unknown: float
    outside: float = 0.0
    undefined: bool = False


def bound_share(
    outcomes: Sequence[frozenset[Outcome]], weights: Sequence[float] | None = None
) -> Bounds:
    r"""Return the share of what counts in the perimeter, with its exact bounds.

    The share is :math:`R = \sum_u w_u y_u / \sum_u w_u d_u`, where each unit :math:`u` freely has
    one of its reachable outcomes: :math:`(y, d) = (0, 0)` outside, :math:`(0, 1)` in and does not
    count, :math:`(1, 1)` in and counts.

    Proof of the bounds. A share :math:`r = N / D` lies in [0, 1]. Adding (0, w) never raises it:
    :math:`N / (D + w) \le N / D`. Adding (w, w) never lowers it: :math:`(N + w) / (D + w) \ge N /
    D` as :math:`N \le D`. So whatever the other units are, « in and does not count » gives at most
    the share that « outside » gives, which is at most the share of « in and counts ». Replacing,
    unit after unit, the outcome of any completion by the first of (in-no, out, in-yes) that the
    unit can reach therefore never raises the share: the completion so reached is a least one, and
    the reverse order gives a greatest one. The argument needs :math:`D > 0` throughout. If the
    least completion is empty, no unit reaches in-no and none is certainly in: every completion
    that is not empty holds in-yes alone, and the least share is 1. Likewise the greatest is 0
    where no unit reaches in-yes and none is certainly in.

    Parameters
    ----------
    outcomes : sequence of frozenset of Outcome
        For each unit, the outcomes it can have, independently of other units.
    weights : sequence of float, optional
        Weight of each unit, 0 or more; 1 for each when left out.

    Returns
    -------
    Bounds
        `low` and `high` between 0 and 1.

    Raises
    ------
    FieldError
        If a weight is negative or not finite, a unit has no outcome, or lengths differ.

    Examples
    --------
    >>> yes, no = frozenset({Outcome.IN_YES}), frozenset({Outcome.IN_NO})
    >>> found = bound_share([yes] * 3 + [no] * 4 + [yes | no] * 3)
    >>> round(found.known, 3), found.low, found.high
    (0.429, 0.3, 0.6)
    """
    used = _check_weights(outcomes, weights)
    counted, not_counted, unknown, outside = _sum_certain(outcomes, used)
    certain = counted + not_counted
    low, high = (_follow(outcomes, used, order) for order in (LOWEST, HIGHEST))
    return Bounds(
        known=counted / certain if certain > 0 else None,
        low=low,
        high=high,
        counted=counted,
        not_counted=not_counted,
        unknown=unknown,
        outside=outside,
        undefined=all(OUT in each for each, weight in zip(outcomes, used, strict=True) if weight),
    )


def bound_count(
    outcomes: Sequence[frozenset[Outcome]], weights: Sequence[float] | None = None
) -> Bounds:
    """Return the number (or weight) of units that count: certain ones, at least, at most.

    At least: units that can only count. At most: units that can count. Both are reached, as units
    choose independently.

    Raises
    ------
    FieldError
        As `bound_share`.
    """
    used = _check_weights(outcomes, weights)
    counted, not_counted, unknown, outside = _sum_certain(outcomes, used)
    most = math.fsum(w for each, w in zip(outcomes, used, strict=True) if IN_YES in each)
    return Bounds(counted, counted, most, counted, not_counted, unknown, outside)


def bound_ratio(choices: Choices) -> tuple[float | None, float | None]:
    r"""Return the least and greatest :math:`\sum n / \sum d` over blocks that choose freely.

    A block is a set of units that share something unknown (the awards of a contract of unknown
    amount, those of a firm of unknown size): only some joint outcomes are reachable. For a ratio
    :math:`\lambda`, the sum of the least :math:`n - \lambda d` of each block is negative exactly
    where some completion has a smaller ratio; starting from any completion and moving to the one
    that attains that sum ends at a least ratio after finitely many steps (Dinkelbach, « On
    nonlinear fractional programming », Management Science 13(7), 1967, 492–498). Fractions are
    exact. Completions whose perimeter is empty are left out.

    Parameters
    ----------
    choices : mapping
        Reachable pairs (n, d), 0 ≤ n ≤ d, of a block → number of such blocks.

    Returns
    -------
    low, high : float or None
        None where every completion is empty.
    """
    low = _least_ratio(choices)
    turned = {frozenset((d - n, d) for n, d in pairs): count for pairs, count in choices.items()}
    high = _least_ratio(turned)
    return (
        None if low is None else float(low),
        None if high is None else float(1 - high),
    )


def _least_ratio(choices: Choices) -> Fraction | None:
    """Return the least ratio over completions that are not empty, None where all are."""
    if not any(d for pairs in choices for _, d in pairs):
        return None
    if all((0, 0) in pairs for pairs in choices):
        # All may be outside: the least ratio is that of one block alone, as a ratio of sums lies
        # between the ratios of its parts.
        return min(Fraction(n, d) for pairs in choices for n, d in pairs if d)
    ratio = Fraction(1)
    while True:
        total_n = total_d = 0
        for pairs, count in choices.items():
            n, d = min(pairs, key=lambda pair: (pair[0] - ratio * pair[1], -pair[1]))
            total_n, total_d = total_n + count * n, total_d + count * d
        reached = Fraction(total_n, total_d)
        if reached >= ratio:
            return ratio
        ratio = reached


def _follow(
    outcomes: Sequence[frozenset[Outcome]], weights: Sequence[float], order: Sequence[Outcome]
) -> float | None:
    """Return the share where each unit has the first outcome of an order that it can have."""
    chosen = [
        (next(each for each in order if each in reachable), weight)
        for reachable, weight in zip(outcomes, weights, strict=True)
    ]
    inside = math.fsum(weight for outcome, weight in chosen if outcome is not OUT)
    if inside > 0:
        return math.fsum(weight for outcome, weight in chosen if outcome is IN_YES) / inside
    # Nothing need be in: what may be in is all of the last kind of the order.
    last = order[-1]
    reachable_last = any(
        last in reachable and weight > 0
        for reachable, weight in zip(outcomes, weights, strict=True)
    )
    return float(last is IN_YES) if reachable_last else None


def _sum_certain(
    outcomes: Sequence[frozenset[Outcome]], weights: Sequence[float]
) -> tuple[float, float, float, float]:
    """Return the weights that count, do not, are unknown, are outside."""
    sums: dict[Outcome | None, list[float]] = {IN_YES: [], IN_NO: [], None: [], OUT: []}
    for reachable, weight in zip(outcomes, weights, strict=True):
        sums[next(iter(reachable)) if len(reachable) == 1 else None].append(weight)
    yes, no, unknown, out = (math.fsum(each) for each in sums.values())
    return yes, no, unknown, out


def _check_weights(
    outcomes: Sequence[frozenset[Outcome]], weights: Sequence[float] | None
) -> Sequence[float]:
    """Return the weights, checked."""
    empty = [rank for rank, each in enumerate(outcomes) if not each]
    if empty:
        raise FieldError(
            "a unit has no possible outcome",
            field="outcomes",
            rows=empty,
            expected="at least one of OUT, IN_NO, IN_YES",
        )
    if weights is None:
        return [1.0] * len(outcomes)
    if len(weights) != len(outcomes):
        raise FieldError(
            "there is not one weight per unit",
            field="weights",
            found=str(len(weights)),
            expected=str(len(outcomes)),
        )
    wrong = [rank for rank, w in enumerate(weights) if not (math.isfinite(w) and w >= 0)]
    if wrong:
        raise FieldError(
            "a weight is not a number of 0 or more",
            field="weights",
            rows=wrong,
            found=str(weights[wrong[0]]),
            expected="0 or more",
        )
    return weights
