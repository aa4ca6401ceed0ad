"""Bounds of sums and of shares of sums, some of whose terms are missing.

A term is known, or lies between two limits; the upper one may be unknown, and the sum then has no
upper bound. Nothing is put in the place of what is missing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

__all__ = ["Limits", "Term", "bound_mean", "bound_part", "bound_sum", "bound_weighted"]


@dataclass(frozen=True)
class Term:
    """One term of a sum.

    Attributes
    ----------
    low : float
        What it is at least.
    high : float or None
        What it is at most; None where nothing bounds it.
    """

    low: float
    high: float | None

    @property
    def known(self) -> bool:
        """Tell whether the term is one figure."""
        return self.high is not None and self.low == self.high

    @classmethod
    def of(cls, value: float) -> Term:
        """Return the term of a figure that is stated."""
        return cls(value, value)


@dataclass(frozen=True)
class Limits:
    """What a quantity is, from what is known alone and whatever the unknowns.

    Attributes
    ----------
    known : float or None
        Over what is stated alone; None where nothing is.
    low, high : float or None
        At least, at most; None where nothing bounds it.
    stated, unknown : int
        How many terms are stated, and how many are not.
    """

    known: float | None
    low: float | None
    high: float | None
    stated: int
    unknown: int


def bound_sum(terms: Iterable[Term]) -> Limits:
    """Return the bounds of a sum: those of its terms, added; known is the sum of known terms.

    Terms are free of one another, so that the least sum is the sum of the least terms, and the
    largest that of the largest; one term without upper limit leaves the sum without one.

    Parameters
    ----------
    terms : iterable of Term
        In one unit.
    """
    every = list(terms)
    known = [each.low for each in every if each.known]
    highs = [each.high for each in every]
    return Limits(
        known=math.fsum(known) if known or not every else None,
        low=math.fsum(each.low for each in every),
        high=None if None in highs else math.fsum(each for each in highs if each is not None),
        stated=len(known),
        unknown=len(every) - len(known),
    )


def bound_part(terms: Sequence[tuple[Term, bool | None]]) -> Limits:
    """Return the bounds of the share a / (a + b) of non-negative terms.

    Each term is of `a` (true), of `b` (false), or of either (None). The share rises with `a` and
    falls with `b`: it is least with the least of `a`, the largest of `b`, and all that may be of
    either put to `b`; largest the other way round. A term without upper limit brings the share as
    near as one likes to 0 or 1, which is then the bound (never reached).

    Parameters
    ----------
    terms : sequence of (Term, bool or None)
        Non-negative, in one unit.
    """
    sure = [(each.low, side) for each, side in terms if each.known and side is not None]
    known_all = math.fsum(each for each, _ in sure)
    known_part = math.fsum(each for each, side in sure if side)
    return Limits(
        known=known_part / known_all if known_all > 0 else None,
        low=_least_part(terms),
        high=_complement(_least_part([(each, _turn(side)) for each, side in terms])),
        stated=len(sure),
        unknown=len(terms) - len(sure),
    )


def _turn(side: bool | None) -> bool | None:
    return None if side is None else not side


def _complement(share: float | None) -> float | None:
    return None if share is None else 1.0 - share


def _least_part(terms: Sequence[tuple[Term, bool | None]]) -> float | None:
    """Return the least share of `a`; None where there may be nothing to share."""
    part = math.fsum(each.low for each, side in terms if side is True)
    others = [each.high for each, side in terms if side is not True]
    if None in others:
        return 0.0
    rest = math.fsum(each for each in others if each is not None)
    if part + rest > 0:
        return part / (part + rest)
    # All that is certain is nothing: whatever comes on top is of `a`, or there is no share.
    return 1.0 if any(each.high is None or each.high > 0 for each, _ in terms) else None


def bound_weighted(weights: Sequence[tuple[float, bool | None]]) -> Limits:
    """Return the bounds of a share of a fixed total, its terms being of either sign.

    The total is Σ w over all terms, whatever is not known of them; the part is Σ w over those that
    count (true) and over any of those that may (None). The part is least where, of these, only the
    negative ones count, and largest where only the positive ones do. What is known alone is the
    part among the terms that are settled, over their own total.

    Parameters
    ----------
    weights : sequence of (float, bool or None)
        In one unit; credit notes are negative.
    """
    total = math.fsum(each for each, _ in weights)
    sure = math.fsum(each for each, side in weights if side)
    settled = math.fsum(each for each, side in weights if side is not None)
    unsure = [each for each, side in weights if side is None]
    stated = len(weights) - len(unsure)
    if total <= 0:
        return Limits(None, None, None, stated, len(unsure))
    return Limits(
        known=sure / settled if settled > 0 else None,
        low=(sure + math.fsum(each for each in unsure if each < 0)) / total,
        high=(sure + math.fsum(each for each in unsure if each > 0)) / total,
        stated=stated,
        unknown=len(unsure),
    )


def bound_mean(shares: Sequence[float | None]) -> Limits:
    """Return the bounds of a mean of shares; one that is missing lies between 0 and 1."""
    if not shares:
        return Limits(None, None, None, 0, 0)
    known = [each for each in shares if each is not None]
    unknown = len(shares) - len(known)
    total = math.fsum(known)
    return Limits(
        known=total / len(known) if known else None,
        low=total / len(shares),
        high=(total + unknown) / len(shares),
        stated=len(known),
        unknown=unknown,
    )
