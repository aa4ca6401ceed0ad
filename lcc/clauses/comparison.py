"""Effect of the clause across contracts: before and after, matched, and both at once.

Three estimators, all on the logarithm of intensities, all with Student's interval on independent
differences (`lcc.clauses.paired`), widened by the error of method that the contracts have in common
(`lcc.clauses.common_error`), which no number of contracts averages out:

- `before-after`: after over before, in contracts with the clause. Moves with everything that
  changed for all contracts;
- `matched`: with the clause over its neighbour without it. Moves with what differed already before;
- `difference-in-differences`: the change of the one over the change of the other. Rests on both
  having moved alike without the clause.

A crude one, `unmatched` (Welch's interval of the difference of means), stands beside them to show
what matching changes; it holds no conclusion.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lcc.clauses.balance import Balance, Caution, find_warnings, measure_balance
from lcc.clauses.common_error import after_terms, before_terms, calc_common_sd
from lcc.clauses.comparables import (
    ComparedContract,
    align_units,
    characteristics_of,
    stratum_of,
)
from lcc.clauses.matching import CALIPER_SD, calc_distances, match_pairs, pool_deviations
from lcc.clauses.paired import MeanEffect, calc_mean_effect, calc_variance, calc_welch

__all__ = ["ESTIMATORS", "Comparison", "compare_contracts"]

Floats = NDArray[np.float64]

ESTIMATORS = ("unmatched", "before-after", "matched", "difference-in-differences")


@dataclass(frozen=True)
class Comparison:
    """What a set of contracts says of the clause.

    Attributes
    ----------
    treated, others : tuple of ComparedContract
        With the clause; without it, in the same families and units.
    pairs : tuple of (int, int)
        Ranks in both.
    caliper : float
        Largest distance of a pair, in pooled standard deviations.
    effects : dict of str to MeanEffect
        By estimator.
    balance : tuple of Balance
    warnings : tuple of Caution
    """

    treated: tuple[ComparedContract, ...]
    others: tuple[ComparedContract, ...]
    pairs: tuple[tuple[int, int], ...]
    caliper: float
    effects: dict[str, MeanEffect]
    balance: tuple[Balance, ...]
    warnings: tuple[Caution, ...]

    @property
    def confounded(self) -> bool:
        """Whether a warning stands against the comparison."""
        return any(each.severity == "warning" for each in self.warnings)


def compare_contracts(
    contracts: Sequence[ComparedContract], *, caliper: float = CALIPER_SD, level: float = 0.95
) -> Comparison:
    """Return the effect of the clause by each estimator, with balance and warnings.

    Parameters
    ----------
    contracts : sequence of ComparedContract
        With and without the clause.
    caliper : float
        Largest distance of a pair, in pooled standard deviations of size, duration and year.
    level : float
        Probability of the intervals.
    """
    contracts = align_units(contracts)
    treated = [each for each in contracts if each.clause]
    strata = [stratum_of(each) for each in treated]
    others = [each for each in contracts if not each.clause and stratum_of(each) in set(strata)]
    pairs: list[tuple[int, int]] = []
    if treated and others:
        one, zero = characteristics_of(treated), characteristics_of(others)
        distances = calc_distances(one, zero, pool_deviations(one, zero))
        pairs = match_pairs(distances, strata, [stratum_of(each) for each in others], caliper)
    balance = measure_balance(treated, others, pairs)
    return Comparison(
        treated=tuple(treated),
        others=tuple(others),
        pairs=tuple(pairs),
        caliper=caliper,
        effects=_estimate(treated, others, pairs, level),
        balance=tuple(balance),
        warnings=tuple(find_warnings(treated, others, pairs, balance)),
    )


def _estimate(
    treated: Sequence[ComparedContract],
    others: Sequence[ComparedContract],
    pairs: Sequence[tuple[int, int]],
    level: float,
) -> dict[str, MeanEffect]:
    changes = np.array([each.log_change for each in treated])
    changed = [each for each in treated if math.isfinite(each.log_change)]
    kept = [(treated[i], others[j]) for i, j in pairs]
    known = [(one, zero) for one, zero in kept if math.isfinite(one.log_change - zero.log_change)]
    matched = np.array(
        [math.log(treated[i].intensity / others[j].intensity) for i, j in pairs], dtype=float
    )
    both = np.array([treated[i].log_change - others[j].log_change for i, j in pairs], dtype=float)
    return {
        "unmatched": _unmatched(treated, others, level),
        "before-after": calc_mean_effect(
            changes[np.isfinite(changes)], level, calc_common_sd(_change_terms(changed, 1.0))
        ),
        "matched": calc_mean_effect(matched, level, calc_common_sd(_level_terms(kept))),
        "difference-in-differences": calc_mean_effect(
            both[np.isfinite(both)],
            level,
            calc_common_sd(
                _change_terms([one for one, _ in known], 1.0)
                + _change_terms([zero for _, zero in known], -1.0)
            ),
        ),
    }


def _level_terms(
    pairs: Sequence[tuple[ComparedContract, ComparedContract]],
) -> list[tuple[str, float]]:
    """Return the loadings of the mean of levels, with the clause over without."""
    weight = 1 / max(1, len(pairs))
    ones, zeros = [one for one, _ in pairs], [zero for _, zero in pairs]
    return after_terms(ones, weight) + after_terms(zeros, -weight)


def _change_terms(contracts: Sequence[ComparedContract], sign: float) -> list[tuple[str, float]]:
    """Return the loadings of the mean change, after over before."""
    weight = sign / max(1, len(contracts))
    return after_terms(contracts, weight) + before_terms(contracts, -weight)


def _unmatched(
    treated: Sequence[ComparedContract], others: Sequence[ComparedContract], level: float
) -> MeanEffect:
    """Return the difference of mean logarithms, each within its family, with Welch's interval."""
    # Families differ in what they emit: each is brought to its own mean without the clause.
    means: dict[tuple[str, str], list[float]] = {}
    for each in others:
        means.setdefault(stratum_of(each), []).append(math.log(each.intensity))

    def centred(rows: Sequence[ComparedContract]) -> Floats:
        return np.array(
            [
                math.log(each.intensity) - float(np.mean(means[stratum_of(each)]))
                for each in rows
                if stratum_of(each) in means
            ],
            dtype=float,
        )

    one, zero = centred(treated), centred(others)
    if len(one) < 2 or len(zero) < 2:
        return calc_mean_effect(one[:1], level)
    # Each contract with the clause stands against the mean of those of its family without it.
    beside = [each for each in treated if stratum_of(each) in means]
    terms = after_terms(beside, 1 / len(beside))
    for each in beside:
        near = [other for other in others if stratum_of(other) == stratum_of(each)]
        terms += after_terms(near, -1 / len(beside) / len(near))
    common = calc_common_sd(terms)
    mean, low, high, p_value = calc_welch(one, zero, level, common)
    sd = math.sqrt((calc_variance(one) + calc_variance(zero)) / 2)
    return MeanEffect(len(one), mean, sd, low, high, p_value, level, common)
