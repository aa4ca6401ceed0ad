"""When a cell would say something of a person: the stated rule, as data, and its judgement."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from lcc.publication.disclosure.cells import Layout
from lcc.tables import load_reference

__all__ = ["DisclosureRule", "count_people_at_least", "is_sensitive", "load_disclosure_rule"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class DisclosureRule:
    """Thresholds of the rule.

    Attributes
    ----------
    fewest_suppliers : int
        Suppliers a cell with a person must have to be shown.
    largest_share : float
        Share of one supplier, from 0 to 1, above which a cell with a person is not shown.
    protection_share : float
        Share of a masked amount that must stay uncertain on either side, from 0 to 1.
    fewest_people : int
        People a headcount, or hours by sex, must surely be of to be shown.
    hours_per_person : float
        Hours one person makes in a year at most.
    essential_data_from_eur : float
        Amount excluding VAT from which the law has a contract published.
    sentences : mapping of str to tuple of str
        The rule as published, by language (`fr`, `en`).
    """

    fewest_suppliers: int
    largest_share: float
    protection_share: float
    fewest_people: int
    hours_per_person: float
    essential_data_from_eur: float
    sentences: Mapping[str, tuple[str, ...]]


@cache
def load_disclosure_rule() -> DisclosureRule:
    """Return the rule of table `disclosure_rules`."""
    rows = load_reference("procurement_map", "disclosure_rules").to_pylist()
    value = {row["rule"]: row["value"] for row in rows}
    return DisclosureRule(
        fewest_suppliers=int(value["fewest-suppliers"]),
        largest_share=value["largest-share"],
        protection_share=value["protection-share"],
        fewest_people=int(value["fewest-people"]),
        hours_per_person=value["hours-per-person"],
        essential_data_from_eur=value["essential-data-from"],
        sentences={
            language: tuple(row[f"sentence_{language}"] for row in rows)
            for language in ("fr", "en")
        },
    )


def is_sensitive(
    layout: Layout, cells: frozenset[int], rule: DisclosureRule, *, by_share: bool = True
) -> bool:
    """Tell whether the sum over some finest cells may not be shown.

    It may not where a contributor is, or may be, a natural person, and

    - fewer than `rule.fewest_suppliers` contribute, or
    - a person makes more than `rule.largest_share` of any of the values, or of what is left of it
      once the largest other supplier has taken off its own, which it knows.

    Who contributes nothing on balance is not counted; shares are of absolute amounts, so that
    credit notes make no cell look shared.

    Parameters
    ----------
    layout : Layout
        What is to be published.
    cells : frozenset of int
        Finest cells.
    rule : DisclosureRule
        Thresholds.
    by_share : bool
        Whether the second half of the rule applies.

    References
    ----------
    Frequency and dominance rules of business statistics: Insee, Manuel de protection des tableaux,
    annexe « Règles ». Restricting them to cells with persons, and the share to persons and to what
    the largest other leaves, are the project's own decisions.
    """
    sums = layout.sum_by_supplier(cells)
    active = {name: np.abs(each) for name, each in sums.items() if np.any(each != 0)}
    if not active or layout.persons.isdisjoint(active):
        return False
    if len(active) < rule.fewest_suppliers:
        return True
    if not by_share:
        return False
    names = list(active)
    amounts = np.array([active[name] for name in names])
    total = amounts.sum(axis=0)
    for rank, name in enumerate(names):
        if name not in layout.persons:
            continue
        others = np.delete(amounts, rank, axis=0)
        left = total - others.max(axis=0, initial=0.0)
        if np.any(amounts[rank] > rule.largest_share * left):
            return True
    return False


def count_people_at_least(hours: float, rule: DisclosureRule) -> int:
    """Return the fewest people who can have made some hours in a year: hours / 1 607, rounded up.

    The legal year of full-time work (Code du travail, L3121-41) is taken as the most one person
    makes.
    """
    return math.ceil(max(hours, 0.0) / rule.hours_per_person)
