"""Indicators of a small register by enumeration of all that it may be: the tests' own account.

Nothing of the package is used: the rules of each variant are written again here, on plain values,
and every completion of what is not known is counted one by one.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator
from fractions import Fraction
from itertools import product
from typing import Any

AMOUNTS = (12_000.0, 40_000.0, 40_001.0, 90_000.0, 90_001.0)
DAYS = tuple(
    datetime.date.fromisoformat(text)
    for text in ("2024-06-30", "2025-03-01", "2025-11-30", "2026-02-01", "2026-09-01")
)
KINDS = ("contract", "framework", "subsequent", "concession")
ROLES = ("own", "coordinator", "central-body", "member")
SIZES = ("pme", "ge")
STRUCTURES = ("siae", "none")
SETS = {
    "sme-awardees": ("award", 40_000, False),
    "social-clause": ("contract", 90_000, True),
    "environmental-criterion": ("contract", 90_000, True),
    "environmental-consideration": ("contract", 90_000, True),
    "notified-to-structures": ("contract", None, True),
    "carbon-clause": ("contract", None, True),
}
"""Indicator → what it counts, its threshold, whether concessions are in."""


def complete(world: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield every completion: `world` maps a variable to its possible values."""
    names = list(world)
    for values in product(*world.values()):
        yield dict(zip(names, values, strict=True))


def is_in(
    contract: dict[str, Any],
    threshold: float | None,
    concessions: bool,
    variant: str,
    year: int,
    as_of: datetime.date | None,
    followed: bool,
) -> bool:
    """Tell whether a contract whose facts are known is in the perimeter."""
    decisive = contract["launched"] if variant == "launched" else contract["notified"]
    amount = contract["amount_modified"] if variant == "modified" else contract["amount"]
    kind = contract["kind"]
    if variant == "with-concessions":
        concessions = True
    elif variant == "without-concessions":
        concessions = False
    reasons_to_be_out = (
        decisive.year != year,
        as_of is not None and contract["notified"] > as_of,
        variant != "all-contracts" and threshold is not None and not amount > threshold,
        variant == "above-90000" and not amount > 90_000,
        variant == "launched-from-2026" and contract["launched"].year < 2026,
        variant == "subsequent" and kind == "framework" and followed,
        variant not in ("subsequent", "every-agreement") and kind == "subsequent",
        kind == "concession" and not concessions,
        variant != "for-others" and contract["role"] == "central-body",
    )
    return not any(reasons_to_be_out)


def evaluate(
    contracts: list[dict[str, Any]],
    indicator: str,
    variant: str,
    year: int,
    as_of: datetime.date | None,
) -> tuple[int, int]:
    """Return how many count and how many are in, where all is known.

    A contract is a dict of its facts, `followed`, `consultation`, and `awards`: firms, each a dict.
    """
    counted, threshold, concessions = SETS[indicator]
    unit = {"consultation": "consultation", "contract": "contract", "firms": "firm"}.get(
        variant, counted
    )
    units: dict[Any, tuple[bool, bool]] = {}
    for rank, contract in enumerate(contracts):
        inside = is_in(contract, threshold, concessions, variant, year, as_of, contract["followed"])
        if indicator == "environmental-criterion":
            inside = inside and (
                contract["environmental_clause"] or contract["environmental_criterion"]
            )
        for number, firm in enumerate(contract["awards"]):
            counts = {
                "sme-awardees": firm["size"] == "pme",
                "social-clause": contract["social_clause"],
                "environmental-criterion": contract["environmental_criterion"],
                "environmental-consideration": contract["environmental_clause"]
                or contract["environmental_criterion"],
                "notified-to-structures": firm["structure"] != "none",
                "carbon-clause": contract["carbon_clause"],
            }[indicator]
            key = {
                "contract": rank,
                "award": (rank, number),
                "firm": firm["id"],
                "consultation": contract["consultation"] or rank,
            }[unit]
            was_in, did = units.get(key, (False, False))
            units[key] = (was_in or inside, did or (inside and counts))
    return sum(did for _, did in units.values()), sum(inside for inside, _ in units.values())


def bounds(pairs: set[tuple[int, int]], *, share: bool) -> tuple[float | None, float | None]:
    """Return the least and greatest value over completions."""
    if not share:
        return float(min(n for n, _ in pairs)), float(max(n for n, _ in pairs))
    ratios = [Fraction(n, d) for n, d in pairs if d]
    return (float(min(ratios)), float(max(ratios))) if ratios else (None, None)


def same(one: float | None, other: Any) -> bool:
    """Tell whether two values, None or not a number where there is none, are the same."""
    if one is None or other is None or math.isnan(other):
        return one is None and (other is None or math.isnan(other))
    return math.isclose(one, other, abs_tol=1e-12)
