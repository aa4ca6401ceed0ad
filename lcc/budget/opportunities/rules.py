"""Parameters of the search for opportunities: data with a reason, which a user may change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from lcc.errors import FieldError
from lcc.tables import load_reference

__all__ = ["SearchRules", "load_rules", "pooled_by"]

SHARES = (
    "title-similarity",
    "least-score",
    "weight-family",
    "weight-object",
    "weight-supplier",
    "weight-dates",
    "scattered-share",
)
SUM_TOLERANCE = 1e-9
LARGEST = 1_200
"""Largest whole number that is taken: a century of months, and more needs than a set may hold."""


@dataclass(frozen=True)
class SearchRules:
    """Parameters of the search; `procurement_map/opportunity_rules.csv` says why each value.

    Attributes
    ----------
    near_months, lead_months, horizon_months : int
        Months within which launches are near; from launch to renewal; looked ahead.
    title_similarity : float
        Least cosine of two objects that are alike, 0 to 1.
    shared_words : int
        Least number of words two such objects share.
    weights : mapping of str to float
        Weight of `family`, `object`, `supplier` and `dates` in the score; their sum is 1.
    members_most : int
        Needs of one candidate at most, unless they are of one day.
    least_score : float
        Score under which needs are no candidate, 0 to 1.
    scattered_suppliers, scattered_orders : int
        Least number of suppliers and of orders of a scattered purchase.
    scattered_share : float
        Its largest median order, as a share of the day's threshold of publicity, 0 to 1.
    """

    near_months: int
    lead_months: int
    horizon_months: int
    title_similarity: float
    shared_words: int
    weights: Mapping[str, float]
    members_most: int
    least_score: float
    scattered_suppliers: int
    scattered_orders: int
    scattered_share: float


def load_rules(changed: Mapping[str, float] | None = None) -> SearchRules:
    """Return the parameters, some of them changed.

    Parameters
    ----------
    changed : mapping of str to float, optional
        Name in `opportunity_rules.csv` → another value.

    Raises
    ------
    FieldError
        If a name is none of the table's, a value is negative, a share is above 1, a count is no
        whole number up to 1 200, or weights do not sum to 1.
    """
    values = dict(_shipped())
    for name, value in (changed or {}).items():
        if name not in values:
            raise FieldError(
                "the search for opportunities has no such parameter",
                field=name,
                found=str(value),
                expected=", ".join(values),
            )
        most = 1.0 if name in SHARES else float(LARGEST)
        if not 0 <= value <= most or (name not in SHARES and value != int(value)):
            raise FieldError(
                "the parameter is out of its range",
                field=name,
                found=str(value),
                expected="0 to 1" if name in SHARES else f"a whole number, 0 to {LARGEST}",
            )
        values[name] = float(value)
    parts = ("family", "object", "supplier", "dates")
    weights = {each: values[f"weight-{each}"] for each in parts}
    if abs(sum(weights.values()) - 1.0) > SUM_TOLERANCE:
        raise FieldError(
            "the weights of the score do not sum to 1",
            field=", ".join(f"weight-{each}" for each in parts),
            found=str(sum(weights.values())),
            expected="1",
        )
    return SearchRules(
        near_months=int(values["near-months"]),
        lead_months=int(values["lead-months"]),
        horizon_months=int(values["horizon-months"]),
        title_similarity=values["title-similarity"],
        shared_words=int(values["shared-words"]),
        weights=weights,
        members_most=int(values["members-most"]),
        least_score=values["least-score"],
        scattered_suppliers=int(values["scattered-suppliers"]),
        scattered_orders=int(values["scattered-orders"]),
        scattered_share=values["scattered-share"],
    )


@cache
def _shipped() -> tuple[tuple[str, float], ...]:
    table = load_reference("procurement_map", "opportunity_rules")
    return tuple(zip(table["parameter"].to_pylist(), table["value"].to_pylist(), strict=True))


def pooled_by(family: str | None) -> str:
    """Return what makes two purchases of a family fit to be pooled: `family`, `object`, `none`.

    A family that is not known is pooled by its object only.
    """
    if family is None:
        return "object"
    scope = _scope()
    return scope.get(family) or scope.get(family[:2]) or "object"


@cache
def _scope() -> Mapping[str, str]:
    table = load_reference("procurement_map", "mutualisation_scope")
    return dict(zip(table["code"].to_pylist(), table["by"].to_pylist(), strict=True))
