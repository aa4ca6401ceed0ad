r"""Is the comparison fair? Balance of the two groups, and named warnings with their figure.

The standardised mean difference of a characteristic is

.. math:: SMD = \frac{\bar x_1 - \bar x_0}{\sqrt{(s_1^2 + s_0^2)/2}}

and 0.25 is the limit of [1]_ and [2]_. In small samples chance alone often goes beyond it: with 10
and 30 contracts its standard deviation is about 0.37. So what lies beyond 0.25 is always shown as a
note, and is a *warning* where it also lies beyond chance (Welch's t test, Fisher's exact test for
suppliers), the 5 % of false alarms being shared among the tests of a comparison (Bonferroni). What
is left within the pairs is held to the same limit, and graded by whether the groups differed beyond
chance to begin with.

References
----------
.. [1] Rubin, D. B. (2001). Using propensity scores to help design observational studies. Health
   Services & Outcomes Research Methodology 2, 169-188. doi:10.1023/A:1020363010465
.. [2] Stuart, E. A. (2010). Matching methods for causal inference. Statistical Science 25(1), 1-21.
   doi:10.1214/09-STS313, section 4.1
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lcc.clauses.comparables import CHARACTERISTICS, ComparedContract, characteristics_of, name_of
from lcc.clauses.paired import ROUNDING, calc_variance, calc_welch

__all__ = [
    "FALSE_ALARMS",
    "SMD_LIMIT",
    "Balance",
    "Caution",
    "calc_smd",
    "find_warnings",
    "measure_balance",
]

Floats = NDArray[np.float64]

SMD_LIMIT = 0.25
FALSE_ALARMS = 0.05
"""Share of fair comparisons in which a warning of imbalance before matching is raised."""

CHANGED_SHARE = 0.2
"""Difference in the share of contracts whose method or scope changed, from which it is named (a
judgement)."""

UNMATCHED_SHARE = 0.5
"""Share of clause contracts without neighbour from which the overlap is said to be missing."""


@dataclass(frozen=True)
class Balance:
    """One characteristic in both groups."""

    characteristic: str
    smd_before: float
    smd_matched: float
    p_value: float
    beyond_chance: bool


@dataclass(frozen=True)
class Caution:
    """A reason why the comparison may say something else than the effect of the clause.

    Attributes
    ----------
    code : str
        Its name, such as `size-imbalance`.
    severity : str
        `warning`, or `note` where chance would do as well.
    figure : float
        The figure that gave rise to it.
    limit : float
        What it was held against.
    what_fr, what_en : str
        The figure in words.
    """

    code: str
    severity: str
    figure: float
    limit: float
    what_fr: str
    what_en: str


def calc_smd(treated: Floats, others: Floats) -> float:
    """Return the standardised mean difference of a characteristic.

    0 where the groups do not differ; infinite where they differ and nothing varies within them.

    Parameters
    ----------
    treated, others : array, shape (contracts,)
    """
    gap = float(treated.mean() - others.mean())
    scale = math.sqrt((calc_variance(treated) + calc_variance(others)) / 2)
    if scale > 0:
        return gap / scale
    return 0.0 if abs(gap) < ROUNDING else math.copysign(math.inf, gap)


def measure_balance(
    treated: Sequence[ComparedContract],
    others: Sequence[ComparedContract],
    pairs: Sequence[tuple[int, int]],
    tests: int = len(CHARACTERISTICS) + 1,
) -> list[Balance]:
    """Return the balance of each characteristic, before matching and within the pairs.

    Parameters
    ----------
    treated, others : sequence of ComparedContract
        With the clause, and without it in the same families.
    pairs : sequence of (int, int)
        Ranks in `treated` and `others`.
    tests : int
        How many tests share the false alarms.
    """
    rows = []
    x1, x0 = characteristics_of(treated), characteristics_of(others)
    for rank, name in enumerate(CHARACTERISTICS):
        one, zero = x1[:, rank], x0[:, rank]
        enough = len(one) > 1 and len(zero) > 1
        smd = calc_smd(one, zero) if len(one) and len(zero) else math.nan
        p_value = calc_welch(one, zero)[3] if enough else math.nan
        matched = math.nan
        if len(pairs) > 1:
            left, right = (np.array(side) for side in zip(*pairs, strict=True))
            # The scale is that of all contracts: matching must not shrink the ruler.
            scale = math.sqrt((calc_variance(one) + calc_variance(zero)) / 2)
            gap = float(one[left].mean() - zero[right].mean())
            matched = gap / scale if scale > 0 else 0.0
        beyond = abs(smd) > SMD_LIMIT and p_value < FALSE_ALARMS / tests
        rows.append(Balance(name, smd, matched, p_value, bool(beyond)))
    return rows


def find_warnings(
    treated: Sequence[ComparedContract],
    others: Sequence[ComparedContract],
    pairs: Sequence[tuple[int, int]],
    balance: Sequence[Balance],
) -> list[Caution]:
    """Return what makes a comparison unfair, the graver first."""
    found = [
        *_imbalances(balance),
        *_suppliers(treated, others),
        *_changes(treated, others),
        *_overlap(treated, pairs),
        *_unknown_errors([*treated, *others]),
    ]
    return sorted(found, key=lambda each: (each.severity != "warning", each.code))


WORDS = {
    "size": ("taille", "size"),
    "duration": ("durée", "duration"),
    "year": ("date de début", "start date"),
}


def _imbalances(balance: Sequence[Balance]) -> list[Caution]:
    found = []
    for each in balance:
        french, english = WORDS[each.characteristic]
        severity = "warning" if each.beyond_chance else "note"
        for suffix, smd, where in (
            ("", each.smd_before, ("avant appariement", "before matching")),
            ("-in-pairs", each.smd_matched, ("dans les paires", "within pairs")),
        ):
            if not abs(smd) > SMD_LIMIT:
                continue
            chance = severity == "note" and not suffix
            found.append(
                Caution(
                    f"{each.characteristic}-imbalance{suffix}",
                    severity,
                    smd,
                    SMD_LIMIT,
                    f"{french} : écart standardisé de {_write(smd)} {where[0]}"
                    + (", ce que le hasard peut faire seul" if chance else ""),
                    f"{english}: standardised difference of {smd:.2f} {where[1]}"
                    + (", which chance alone may do" if chance else ""),
                )
            )
    return found


def _suppliers(
    treated: Sequence[ComparedContract], others: Sequence[ComparedContract]
) -> list[Caution]:
    """Return a warning where one supplier holds the clause contracts and hardly any other."""
    from scipy.stats import hypergeom

    if not treated or not others:
        return []
    held = Counter(name_of(each.supplier) for each in treated)
    without = Counter(name_of(each.supplier) for each in others)
    tests = (len(CHARACTERISTICS) + 1) * len(held)
    worst: Caution | None = None
    for supplier, count in sorted(held.items()):
        other = without[supplier]
        share, share_other = count / len(treated), other / len(others)
        # Fisher's exact test, one-sided: as many of the supplier's contracts, or more, by chance.
        drawn = (len(treated) + len(others), count + other, len(treated))
        p_value = float(hypergeom.sf(count - 1, *drawn))
        gap = share - share_other
        if p_value < FALSE_ALARMS / tests and (worst is None or gap > worst.figure):
            worst = Caution(
                "supplier-differs",
                "warning",
                gap,
                0.0,
                f"un même titulaire a {_percent(share)} des marchés avec clause et "
                f"{_percent(share_other)} des autres",
                f"one supplier holds {share:.0%} of contracts with the clause and "
                f"{share_other:.0%} of the others",
            )
    return [worst] if worst else []


def _changes(
    treated: Sequence[ComparedContract], others: Sequence[ComparedContract]
) -> list[Caution]:
    """Return warnings where method or scope changed together with the clause."""

    def method_changed(each: ComparedContract) -> bool | None:
        if not each.method_before or each.intensity_before is None:
            return None
        return name_of(each.method) != name_of(each.method_before)

    def scope_changed(each: ComparedContract) -> bool | None:
        return each.scope_changed

    found = []
    for code, words, asked in (
        ("method-change", ("la méthode de mesure", "the method of measurement"), method_changed),
        ("scope-change", ("le périmètre", "the scope"), scope_changed),
    ):
        with_clause = [each for each in map(asked, treated) if each is not None]
        without = [each for each in map(asked, others) if each is not None]
        if not with_clause:
            continue
        share = sum(with_clause) / len(with_clause)
        share_other = sum(without) / len(without) if without else 0.0
        if share - share_other > CHANGED_SHARE:
            found.append(
                Caution(
                    code,
                    "warning",
                    share - share_other,
                    CHANGED_SHARE,
                    f"{words[0]} a changé en même temps pour {_percent(share)} des marchés avec "
                    f"clause et {_percent(share_other)} des autres",
                    f"{words[1]} changed at the same time for {share:.0%} of contracts with the "
                    f"clause and {share_other:.0%} of the others",
                )
            )
    return found


def _overlap(
    treated: Sequence[ComparedContract], pairs: Sequence[tuple[int, int]]
) -> list[Caution]:
    if not treated:
        return []
    share = 1 - len(pairs) / len(treated)
    if share <= 0:
        return []
    grave = share >= UNMATCHED_SHARE
    return [
        Caution(
            "no-overlap" if grave else "partial-overlap",
            "warning" if grave else "note",
            share,
            UNMATCHED_SHARE,
            f"{len(treated) - len(pairs)} des {len(treated)} marchés avec clause n'ont pas de "
            "voisin assez proche : l'effet apparié ne parle pas d'eux",
            f"{len(treated) - len(pairs)} of {len(treated)} contracts with the clause have no "
            "neighbour near enough: the matched effect does not speak of them",
        )
    ]


def _unknown_errors(contracts: Sequence[ComparedContract]) -> list[Caution]:
    """Return a note where contracts state no uncertainty: their method's error is not counted."""
    unknown = sum(each.method_log_sd is None for each in contracts)
    if not unknown:
        return []
    return [
        Caution(
            "method-error-unknown",
            "note",
            unknown / len(contracts),
            0.0,
            f"{unknown} marchés sur {len(contracts)} ne disent pas leur incertitude : l'erreur de "
            "leur méthode n'est pas dans l'intervalle",
            f"{unknown} of {len(contracts)} contracts state no uncertainty: the error of their "
            "method is not in the interval",
        )
    ]


def _write(number: float) -> str:
    from lcc.wording import number_text

    return number_text(number, 2)


def _percent(share: float) -> str:
    from lcc.wording import number_text

    return f"{number_text(100 * share, 0)} %"
