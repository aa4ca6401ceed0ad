r"""Ranks with their probability: which totals are the largest, when their errors are shared.

In a draw each total takes its rank, 1 for the largest. Over *D* draws with common numbers

.. math:: P(r_i \le k) = \frac{1}{D} \sum_d [r_{id} \le k], \quad
          E[r_i] = \frac{1}{D} \sum_d r_{id}, \quad P(A > B) = \frac{1}{D} \sum_d [A_d > B_d]

What two totals share moves both and changes no rank (Heijungs [1]_): only what they do not share
leaves the order open. Ranks of estimates are themselves uncertain, more than their intervals let
think (Goldstein & Spiegelhalter [2]_, who show intervals of ranks). Totals that are the same in
every draw (no emissions at all, one factor and one amount) share the ranks that they take: each
has each of them with equal probability.

Draws are made in blocks of `DRAWS_PER_BLOCK`, each with a generator of its own, so that the result
does not depend on the number of threads. A draw's totals are single precision, ranked by one sort
of integers that hold the total and its group; ranks alone are kept, in two bytes each.

References
----------
.. [1] Heijungs, R. (2020). On the number of Monte Carlo runs in comparative probabilistic LCA.
   Int. J. Life Cycle Assess. 25, 394-402. doi:10.1007/s11367-019-01698-4
.. [2] Goldstein, H., Spiegelhalter, D. J. (1996). League tables and their limitations: statistical
   issues in comparisons of institutional performance. J. R. Stat. Soc. A 159(3), 385-443.
   doi:10.2307/2983325
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lcc.errors import FieldError
from lcc.uncertainty.choice import probability_interval
from lcc.uncertainty.shared import SharedErrors

__all__ = ["Comparison", "RankChances", "calc_ranks", "compare_totals"]

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Integers = NDArray[np.int64]

DRAWS_PER_BLOCK = 250
"""Draws of one generator: whatever is ranked, a draw has the same multipliers."""

HELD_BYTES = 1_000_000_000
"""Bytes of ranks above which they are held in a file that nobody sees."""

GROUPS_PER_COUNT = 256
SAME_BITS = 2.0**40
"""Totals that agree to 40 bits are one total: what is left is the rounding of sums."""


@dataclass(frozen=True)
class RankChances:
    """Ranks of groups, 1 for the largest, and how sure they are.

    Attributes
    ----------
    rank : array of int, shape (groups,)
        By the exact mean; groups of one mean share the best of their ranks.
    expected_rank : array, shape (groups,)
        Mean over the draws.
    rank_low, rank_high : array of int, shape (groups,)
        Bounds of the interval of the rank.
    k : tuple of int
    within : array, shape (groups, k)
        Probability of being among the k largest.
    first_ranks : array, shape (groups, ranks)
        Probability of each of the first ranks.
    head : array, shape (groups,)
        Probability of belonging to the largest groups that together make the share asked.
    above_next : array, shape (groups,)
        Probability of being larger than the next group in the order of means; not a number for
        the last.
    pairs : array, shape (pairs,)
        Probability that the first of each pair asked is the larger.
    draws, seed : int
    """

    rank: Integers
    expected_rank: Floats
    rank_low: Integers
    rank_high: Integers
    k: tuple[int, ...]
    within: Floats
    first_ranks: Floats
    head: Floats
    above_next: Floats
    pairs: Floats
    draws: int
    seed: int

    def bound_within(self, level: float = 0.95) -> tuple[Floats, Floats]:
        """Return what the number of draws leaves open of `within`, by Wilson's interval."""
        return probability_interval(np.clip(self.within, 0.0, 1.0), self.draws, level)


@dataclass(frozen=True)
class Comparison:
    """Two totals side by side, A and B.

    Attributes
    ----------
    probability : float
        That A is larger; equal totals count for a half.
    low, high : float
        What the number of draws leaves open of it (Wilson).
    ratio, ratio_low, ratio_high : float
        Median and bounds of A / B; not a number where B may be zero or negative.
    difference, difference_low, difference_high : float
        Median and bounds of A − B, in the unit of the totals.
    draws : int
    """

    probability: float
    low: float
    high: float
    ratio: float
    ratio_low: float
    ratio_high: float
    difference: float
    difference_low: float
    difference_high: float
    draws: int


@dataclass(frozen=True)
class _Classes:
    """Totals that differ, the largest mean first, and how many groups have each.

    `of_group` is the class of each group.
    """

    totals: Singles
    log_sd: Singles
    size: Integers
    of_group: Integers


def calc_ranks(
    errors: SharedErrors,
    totals: Floats,
    own_variance: Floats | None = None,
    *,
    k: Sequence[int] = (1, 5, 10),
    draws: int = 10_000,
    seed: int,
    share: float = 0.8,
    level: float = 0.95,
    first_ranks: int = 10,
    pairs: Sequence[tuple[int, int]] = (),
    threads: int | None = None,
) -> RankChances:
    """Return the ranks of linear totals with their probability.

    Parameters
    ----------
    errors : SharedErrors
        Error model over the terms.
    totals : array, shape (groups, terms)
        Central contribution of each term to each group; one unit. Negative totals rank last, by
        their value.
    own_variance : array, shape (groups,), optional
        Variance that nothing shares, drawn as in `SharedErrors.draw_totals`.
    k : sequence of int
        Numbers of first ranks asked, at least 1.
    draws : int
        At least 1.
    seed : int
        At least 0. The same seed gives the same figures, whatever the number of threads.
    share : float
        Share of the sum of positive totals that makes the head, strictly between 0 and 1.
    level : float
        Probability inside the interval of a rank.
    first_ranks : int
        How many of the first ranks are told one by one.
    pairs : sequence of (int, int)
        Groups to compare.
    threads : int, optional
        By default one per core.

    Raises
    ------
    FieldError
        If a total or a variance is not a finite number, there is no group, or a number is out of
        its range.
    """
    _check(errors, totals, own_variance, draws=draws, seed=seed, share=share, level=level, k=k)
    own = np.zeros(len(totals)) if own_variance is None else own_variance
    classes = _merge(errors, totals, own)
    starts = range(0, draws, DRAWS_PER_BLOCK)
    ranks = _hold(draws, len(classes.size), len(totals))
    asked = classes.of_group[np.array(pairs, dtype=np.int64).reshape(-1, 2)]

    def run(block: int) -> tuple[Floats, Floats, Floats]:
        start = starts[block]
        rows = min(DRAWS_PER_BLOCK, draws - start)
        drawn = _draw(errors, classes, rows, seed, block)
        return _rank_block(drawn, classes, share, asked, ranks[start : start + rows])

    workers = threads or os.cpu_count() or 1
    with ThreadPoolExecutor(workers) as pool:
        blocks = list(pool.map(run, range(len(starts))))
    # Added in the order of the blocks, whichever came first.
    head, above, larger = (np.sum(part, axis=0) / draws for part in zip(*blocks, strict=True))
    told = min(first_ranks, len(totals))
    summed = _Summary.of(ranks, classes, tuple(k), told, level)
    means = totals.sum(axis=1)
    order = np.argsort(-means, kind="stable")
    neighbours = np.full(len(totals), np.nan)
    following = classes.of_group[order]
    same = following[1:] == following[:-1]
    neighbours[order[:-1]] = np.where(same, 0.5, above[following[:-1]])
    group = classes.of_group
    first = np.searchsorted(np.sort(-means), -means, side="left") + 1
    return RankChances(
        rank=np.asarray(first, dtype=np.int64),
        expected_rank=summed.expected[group],
        rank_low=summed.low[group],
        rank_high=summed.high[group],
        k=tuple(int(each) for each in k),
        within=summed.within[group],
        first_ranks=summed.first[group],
        head=head[group],
        above_next=neighbours,
        pairs=larger,
        draws=draws,
        seed=seed,
    )


def compare_totals(
    errors: SharedErrors,
    totals: Floats,
    own_variance: Floats | None = None,
    *,
    draws: int = 10_000,
    seed: int,
    level: float = 0.95,
) -> Comparison:
    """Return the probability that the first of two totals is the larger, and by how much.

    Parameters
    ----------
    totals : array, shape (2, terms)
        A, then B.
    errors, own_variance, draws, seed, level
        As in `calc_ranks`: a draw has the same multipliers.

    Raises
    ------
    FieldError
        As `calc_ranks`, or if there are not two totals.
    """
    _check(errors, totals, own_variance, draws=draws, seed=seed, share=0.5, level=level, k=(1,))
    if len(totals) != 2:
        raise FieldError(
            "two totals are compared", field="totals", found=str(len(totals)), expected="2"
        )
    own = np.zeros(2) if own_variance is None else own_variance
    if _agree(totals[0], totals[1]) and not own.any():
        low, high = probability_interval(0.5, draws, level)
        same = 1.0 if totals[0].sum() > 0 else float("nan")
        return Comparison(0.5, float(low), float(high), same, same, same, 0.0, 0.0, 0.0, draws)
    log_sd = errors.own_log_sd(totals, own)
    parts = []
    for block, start in enumerate(range(0, draws, DRAWS_PER_BLOCK)):
        rows = min(DRAWS_PER_BLOCK, draws - start)
        rng = np.random.default_rng([seed, block])
        drawn = np.concatenate(list(errors.draw_multipliers(rows, rng))) @ totals.T
        if log_sd.any():
            drawn *= np.exp(rng.standard_normal(drawn.shape) * log_sd - log_sd**2 / 2)
        parts.append(drawn)
    first, second = np.concatenate(parts).T
    larger = float(np.mean((first > second) + 0.5 * (first == second)))
    tails = [0.5, (1 - level) / 2, (1 + level) / 2]
    ratios = np.quantile(first / second, tails) if np.all(second > 0) else np.full(3, np.nan)
    gaps = np.quantile(first - second, tails)
    low, high = probability_interval(larger, draws, level)
    return Comparison(
        probability=larger,
        low=float(low),
        high=float(high),
        ratio=float(ratios[0]),
        ratio_low=float(ratios[1]),
        ratio_high=float(ratios[2]),
        difference=float(gaps[0]),
        difference_low=float(gaps[1]),
        difference_high=float(gaps[2]),
        draws=draws,
    )


def _merge(errors: SharedErrors, totals: Floats, own: Floats) -> _Classes:
    """Return the totals that differ, the largest mean first; a group with errors of its own does.

    Products of matrices may round one row in two ways by where it stands: equal rows are drawn
    once.
    """
    means = totals.sum(axis=1)
    order = np.argsort(-means, kind="stable")
    kept: list[int] = []
    sizes: list[int] = []
    of_group = np.empty(len(totals), dtype=np.int64)
    for group in order:
        # Rows of one total are neighbours in the order of means, but for others of that mean.
        found = None
        for back in range(len(kept) - 1, -1, -1):
            if not _near(means[kept[back]], means[group]):
                break
            if not (own[group] or own[kept[back]]) and _agree(totals[group], totals[kept[back]]):
                found = back
                break
        if found is None:
            found = len(kept)
            kept.append(int(group))
            sizes.append(0)
        sizes[found] += 1
        of_group[group] = found
    chosen = totals[kept]
    return _Classes(
        totals=np.ascontiguousarray(chosen.T, dtype=np.float32),
        log_sd=errors.own_log_sd(chosen, own[kept]).astype(np.float32),
        size=np.array(sizes, dtype=np.int64),
        of_group=of_group,
    )


def _near(first: float, second: float) -> bool:
    return bool(abs(first - second) * SAME_BITS <= max(abs(first), abs(second)))


def _agree(first: Floats, second: Floats) -> bool:
    size = max(np.abs(first).max(initial=0.0), np.abs(second).max(initial=0.0))
    return bool(np.all(np.abs(first - second) * SAME_BITS <= size))


def _draw(errors: SharedErrors, classes: _Classes, rows: int, seed: int, block: int) -> Singles:
    """Return the totals of one block, shape (rows, classes)."""
    rng = np.random.default_rng([seed, block])
    multipliers = np.concatenate(list(errors.draw_multipliers(rows, rng))).astype(np.float32)
    drawn: Singles = multipliers @ classes.totals
    if classes.log_sd.any():
        logs = rng.standard_normal(drawn.shape, dtype=np.float32)
        logs *= classes.log_sd
        logs -= classes.log_sd**2 / 2
        drawn *= np.exp(logs, out=logs)
    # Minus zero would come before zero.
    drawn += np.float32(0.0)
    return drawn


def _rank_block(
    drawn: Singles, classes: _Classes, share: float, pairs: Integers, ranks: NDArray[Any]
) -> tuple[Floats, Floats, Floats]:
    """Fill `ranks` with how many groups are larger; return counts of head, neighbours, pairs."""
    count = drawn.shape[1]
    order, values = _sort(drawn)
    sizes = classes.size[order] if classes.size.max() > 1 else None
    if sizes is None:
        larger = np.broadcast_to(np.arange(count, dtype=ranks.dtype), order.shape)
    else:
        larger = (np.cumsum(sizes, axis=1) - sizes).astype(ranks.dtype)
    np.put_along_axis(ranks, order, larger, axis=1)
    head = _count_head(values, order, sizes, share)
    above = np.zeros(count)
    above[:-1] = (drawn[:, :-1] > drawn[:, 1:]).sum(axis=0)
    above[:-1] += 0.5 * (drawn[:, :-1] == drawn[:, 1:]).sum(axis=0)
    first, second = drawn[:, pairs[:, 0]], drawn[:, pairs[:, 1]]
    wins = ((first > second) + 0.5 * (first == second)).sum(axis=0)
    return head, above, np.asarray(wins, dtype=np.float64)


def _sort(drawn: Singles) -> tuple[Integers, Singles]:
    """Return classes by falling total in each draw, and the totals in that order.

    The bits of a float, its sign mended, are an integer of the same order: with the class in the
    lower half of 64 bits, one sort of integers gives order and totals. Where two totals of a draw
    round to one, the larger mean goes first.
    """
    bits = drawn.view(np.int32)
    falling = ~(bits ^ ((bits >> 31) & np.int32(0x7FFFFFFF)))
    keys = falling.astype(np.int64) << 32
    keys |= np.arange(drawn.shape[1], dtype=np.int64)
    keys.sort(axis=1)
    order = keys & 0xFFFFFFFF
    found = ~(keys >> 32).astype(np.int32)
    values = (found ^ ((found >> 31) & np.int32(0x7FFFFFFF))).view(np.float32)
    return order, values


def _count_head(values: Singles, order: Integers, sizes: Integers | None, share: float) -> Floats:
    """Return in how many draws each class is of the head: what is before it makes less than share.

    The same rule as classes A, B and C of a map: the group that reaches the share belongs to it.
    """
    mass = np.maximum(values, 0).astype(np.float64)
    if sizes is not None:
        mass *= sizes
    before = np.cumsum(mass, axis=1)
    goal = share * before[:, -1:]
    before -= mass
    if sizes is None:
        counts = np.bincount(order[before < goal], minlength=order.shape[1])
        return np.asarray(counts, dtype=np.float64)
    # Of equal totals as many belong to it as it takes.
    needed = np.divide(goal - before, values, out=np.zeros_like(before), where=values > 0)
    inside = np.clip(np.ceil(needed), 0, sizes) / sizes
    counts = np.bincount(order.ravel(), inside.ravel(), minlength=order.shape[1])
    return np.asarray(counts, dtype=np.float64)


def _hold(draws: int, classes: int, groups: int) -> NDArray[Any]:
    """Return room for ranks, in memory or, where there are very many, in a file."""
    kind = np.dtype(np.uint16 if groups <= np.iinfo(np.uint16).max else np.uint32)
    if draws * classes * kind.itemsize <= HELD_BYTES:
        return np.empty((draws, classes), dtype=kind)
    return np.memmap(tempfile.TemporaryFile(), dtype=kind, shape=(draws, classes), mode="w+")


@dataclass(frozen=True)
class _Summary:
    """What is told of the ranks of each class."""

    expected: Floats
    low: Integers
    high: Integers
    within: Floats
    first: Floats

    @classmethod
    def of(
        cls,
        ranks: NDArray[Any],
        classes: _Classes,
        k: tuple[int, ...],
        told: int,
        level: float,
    ) -> _Summary:
        draws, count = ranks.shape
        groups = int(classes.size.sum())
        found = cls(
            expected=np.empty(count),
            low=np.empty(count, dtype=np.int64),
            high=np.empty(count, dtype=np.int64),
            within=np.empty((count, len(k))),
            first=np.empty((count, told)),
        )
        wanted = np.minimum(np.array(k, dtype=np.int64), groups) - 1
        # Draws are whole: what a level asks of them may miss a whole number by rounding.
        tails = np.array([(1 - level) / 2, (1 + level) / 2]) * draws * (1 - 1e-12)
        places = np.arange(1, groups + 1)
        for rank, counts in enumerate(_count(ranks, groups)):
            size = int(classes.size[rank])
            share = counts.astype(np.float64)
            if size > 1:
                share = np.convolve(share, np.full(size, 1 / size))[:groups]
            reached = np.cumsum(share)
            found.expected[rank] = (share @ places) / draws
            found.low[rank], found.high[rank] = np.searchsorted(reached, tails) + 1
            found.within[rank] = np.minimum(reached[wanted] / draws, 1.0)
            found.first[rank] = share[:told] / draws
        return found


def _count(ranks: NDArray[Any], groups: int) -> Iterator[Integers]:
    """Yield, class by class, in how many draws how many groups are larger."""
    for start in range(0, ranks.shape[1], GROUPS_PER_COUNT):
        for column in np.ascontiguousarray(ranks[:, start : start + GROUPS_PER_COUNT].T):
            yield np.bincount(column, minlength=groups)


def _check(
    errors: SharedErrors,
    totals: Floats,
    own: Floats | None,
    *,
    draws: int,
    seed: int,
    share: float,
    level: float,
    k: Sequence[int],
) -> None:
    """Refuse what cannot be ranked."""
    if totals.ndim != 2 or not len(totals) or totals.shape[1] != errors.terms:
        raise FieldError(
            "totals are a table of groups by terms",
            field="totals",
            found=f"shape {totals.shape}",
            expected=f"at least one group, {errors.terms} terms",
        )
    bad = np.flatnonzero(~np.isfinite(totals).all(axis=1))
    if own is not None:
        if own.shape != (len(totals),):
            raise FieldError(
                "each group has one variance of its own",
                field="own_variance",
                found=f"shape {own.shape}",
                expected=f"({len(totals)},)",
            )
        bad = np.union1d(bad, np.flatnonzero(~(np.isfinite(own) & (own >= 0))))
    if bad.size:
        raise FieldError(
            "a total or its variance is not a finite number",
            rows=[int(each) + 1 for each in bad],
            field="totals",
            expected="finite numbers, variances of at least 0",
        )
    for field, found, fits, expected in (
        ("draws", draws, draws >= 1, "at least 1"),
        ("seed", seed, seed >= 0, "at least 0"),
        ("share", share, 0 < share < 1, "strictly between 0 and 1"),
        ("level", level, 0 < level < 1, "strictly between 0 and 1"),
        ("k", list(k), all(each >= 1 for each in k), "numbers of first ranks, at least 1"),
    ):
        if not fits:
            raise FieldError(
                "a choice of the ranking is out of its range",
                field=field,
                found=str(found),
                expected=expected,
            )
