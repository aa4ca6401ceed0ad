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
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lcc.errors import FieldError
from lcc.uncertainty.choice import probability_interval
from lcc.uncertainty.ordering import Classes, hold_ranks, rank_block, summarise
from lcc.uncertainty.shared import OwnErrors, SharedErrors

__all__ = ["Comparison", "RankChances", "calc_ranks", "compare_totals"]

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Integers = NDArray[np.int64]

DRAWS_PER_BLOCK = 250
"""Draws of one generator: whatever is ranked, a draw has the same multipliers."""

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
        Median and bounds of A / B; not a number where one of them may be zero or negative.
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
    classes = _merge(errors, totals, own, share)
    starts = range(0, draws, DRAWS_PER_BLOCK)
    ranks = hold_ranks(draws, len(classes.size), len(totals))
    asked = classes.of_group[np.array(pairs, dtype=np.int64).reshape(-1, 2)]

    def run(block: int) -> tuple[Floats, Floats, Floats]:
        start = starts[block]
        rows = min(DRAWS_PER_BLOCK, draws - start)
        drawn = _draw(errors, classes, rows, seed, block)
        return rank_block(drawn, classes, share, asked, ranks[start : start + rows])

    from threadpoolctl import threadpool_limits

    workers = threads or os.cpu_count() or 1
    # Blocks run side by side: products of matrices that fork as well would wait for each other.
    with threadpool_limits(1, "blas"), ThreadPoolExecutor(workers) as pool:
        blocks = list(pool.map(run, range(len(starts))))
    # Added in the order of the blocks, whichever came first.
    head, above, larger = (np.sum(part, axis=0) / draws for part in zip(*blocks, strict=True))
    told = min(first_ranks, len(totals))
    summed = summarise(ranks, classes, tuple(k), told, level)
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
    alone = errors.own_errors(totals, own)
    parts = []
    for block, start in enumerate(range(0, draws, DRAWS_PER_BLOCK)):
        rows = min(DRAWS_PER_BLOCK, draws - start)
        rng = np.random.default_rng([seed, block])
        drawn = np.concatenate(list(errors.draw_multipliers(rows, rng))) @ totals.T
        if alone:
            alone.apply(drawn, rng.standard_normal(drawn.shape))
        parts.append(drawn)
    first, second = np.concatenate(parts).T
    larger = float(np.mean((first > second) + 0.5 * (first == second)))
    tails = [0.5, (1 - level) / 2, (1 + level) / 2]
    positive = bool(np.all(first > 0) and np.all(second > 0))
    ratios = np.quantile(first / second, tails) if positive else np.full(3, np.nan)
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


def _merge(errors: SharedErrors, totals: Floats, own: Floats, share: float) -> Classes:
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
    alone = errors.own_errors(chosen, own[kept])
    mass = np.cumsum(np.maximum(means[kept], 0.0) * sizes)
    return Classes(
        totals=np.ascontiguousarray(chosen.T, dtype=np.float32),
        own=OwnErrors(alone.log_sd.astype(np.float32), alone.added_sd.astype(np.float32)),
        size=np.array(sizes, dtype=np.int64),
        of_group=of_group,
        head=int(np.searchsorted(mass, share * mass[-1])) + 1,
    )


def _near(first: float, second: float) -> bool:
    return bool(abs(first - second) * SAME_BITS <= max(abs(first), abs(second)))


def _agree(first: Floats, second: Floats) -> bool:
    size = max(np.abs(first).max(initial=0.0), np.abs(second).max(initial=0.0))
    return bool(np.all(np.abs(first - second) * SAME_BITS <= size))


def _draw(errors: SharedErrors, classes: Classes, rows: int, seed: int, block: int) -> Singles:
    """Return the totals of one block, shape (rows, classes)."""
    rng = np.random.default_rng([seed, block])
    multipliers = np.concatenate(list(errors.draw_multipliers(rows, rng))).astype(np.float32)
    drawn: Singles = multipliers @ classes.totals
    if classes.own:
        classes.own.apply(drawn, rng.standard_normal(drawn.shape, dtype=np.float32))
    # Minus zero would come before zero.
    drawn += np.float32(0.0)
    return drawn


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
