"""The worked example of the annex: invented bids, marked by the very code that will mark the real.

The numbers are invented and round; they come from the published limits and bounds alone, never from
the buyer's estimate nor from the ranges of its simulations, which bidders must not know.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lcc.cost.tender.bids.bid import Bid, Evidence
from lcc.cost.tender.bids.forms import wants_document
from lcc.cost.tender.comparison.amounts import price_basis
from lcc.cost.tender.comparison.weights import weight_vertices
from lcc.cost.tender.rule.published import Field, Tender

if TYPE_CHECKING:
    from lcc.cost.tender.comparison.compared import Comparison

__all__ = ["Example", "invent_bids", "work_example"]

SHARES = (0.25, 0.5, 0.75)
"""Where the invented values stand between the published limits."""

PLAIN = (10.0, 12.0, 15.0)
"""Invented values where no limit is published."""

MARKS = (0.7, 0.8, 0.5)
"""Invented marks of a jury, as shares of the scale."""

NAMES = ("Exemple 1", "Exemple 2", "Exemple 3")
FIGURES = 2
"""Significant figures of an invented number: it must look invented."""


@dataclass(frozen=True)
class Example:
    """An evaluation of invented bids.

    Attributes
    ----------
    bids : tuple of Bid
        The invented bids.
    comparison : Comparison
        What they are compared by; its study is the one every bid fills.
    points : dict of str to float
        Criterion → points used: those stated, or the middle of what the rule admits.
    values, marks : dict of str to list of float
        Criterion → value compared, and points given, of each bid in order.
    totals : list of float
        Points of each bid.
    """

    bids: tuple[Bid, ...]
    comparison: Comparison
    points: dict[str, float]
    values: dict[str, list[float]]
    marks: dict[str, list[float]]
    totals: list[float]


def work_example(tender: Tender, lot: str | None = None) -> Example:
    """Return the evaluation of invented bids under a rule, for a lot.

    Raises
    ------
    FieldError, UnitError
        If the rule's study cannot be built, or a formula is not defined for plain values: the
        annex would then publish a method that does not work.
    """
    from lcc.cost.tender.comparison.compared import Comparison
    from lcc.cost.tender.evaluation.evaluate import mark_bids

    bids = invent_bids(tender, lot)
    comparison = Comparison.build(tender, bids)
    compared = comparison.evaluate()
    middle = weight_vertices(tender).mean(axis=0)
    points = {
        each.key: float(each.weight if each.weight is not None else np.round(middle[rank], 2))
        for rank, each in enumerate(tender.criteria)
    }
    marks = mark_bids(comparison, points, compared=compared)
    return Example(
        bids,
        comparison,
        points,
        {each.key: compared[each.key][0].tolist() for each in tender.criteria},
        {key: marks.points[0, :, rank].tolist() for rank, key in enumerate(marks.keys)},
        marks.totals[0].round(tender.decimals).tolist(),
    )


def invent_bids(tender: Tender, lot: str | None = None) -> tuple[Bid, ...]:
    """Return the invented bids of a lot, from the published limits and bounds alone."""
    fields = tender.fields_of(lot)
    amounts = _amounts(tender)
    basis, price_field = price_basis(tender)
    lines = tender.quantities_of(lot)
    bids = []
    for rank, name in enumerate(NAMES):
        values: dict[str, float | None] = {
            key: _invent(field, _bounds_of(tender, key), rank) for key, field in fields.items()
        }
        if price_field is not None:
            values[price_field] = _within(fields[price_field], amounts[rank], rank)
        unit_prices: dict[str, float | None] = {}
        for line in lines:
            share = amounts[rank] / len(lines) / line.quantity
            unit_prices[line.key] = _round(share) if basis == "dqe" else None
        bids.append(
            Bid(
                key=f"exemple-{rank + 1}",
                name=name,
                values=values,
                unit_prices=unit_prices,
                jury={
                    each.key: MARKS[rank] * (each.scale or 0.0)
                    for each in tender.criteria
                    if each.kind == "jury"
                },
                evidence={
                    key: Evidence("contract", "document d'exemple")
                    for key, field in fields.items()
                    if wants_document(field)
                },
                lot=lot,
            )
        )
    return tuple(bids)


def _amounts(tender: Tender) -> tuple[float, ...]:
    """Return invented amounts: between published bounds, or 100, 120 and 150 thousand euros."""
    for each in tender.criteria:
        if each.kind in ("price", "co2-euros", "co2-discount", "life-cycle-cost"):
            bounds = each.parameters.get("bounds")
            if isinstance(bounds, tuple):
                low, high = bounds
                return tuple(_round(low + share * (high - low)) for share in SHARES)
    return tuple(10_000 * each for each in PLAIN)


def _bounds_of(tender: Tender, field: str) -> tuple[float, float] | None:
    """Return the bounds of a formula that compares a field."""
    for each in tender.criteria:
        bounds = each.parameters.get("bounds")
        if field in (each.field, each.tonnes) and isinstance(bounds, tuple):
            return bounds
    return None


def _invent(field: Field, bounds: tuple[float, float] | None, rank: int) -> float:
    """Return an invented value of a field, within its limits."""
    low, high = field.minimum, field.maximum
    if bounds is not None:
        low = bounds[0] if low is None else max(low, bounds[0])
        high = bounds[1] if high is None else min(high, bounds[1])
    if low is not None and high is not None:
        return _within(field, _round(low + SHARES[rank] * (high - low)), rank)
    value = PLAIN[rank]
    if low is not None and value < low:
        value = _round(low * (1 + SHARES[rank])) if low > 0 else low
    if high is not None and value > high:
        value = _round(high * SHARES[rank]) if high > 0 else high
    return _within(field, value, rank)


def _within(field: Field, value: float, rank: int) -> float:
    """Return a value kept within the limits of a field, which rounding may have left."""
    low = -np.inf if field.minimum is None else field.minimum
    high = np.inf if field.maximum is None else field.maximum
    if low <= value <= high:
        return float(value)
    if np.isfinite(low) and np.isfinite(high):
        return float(low + SHARES[rank] * (high - low))
    return float(min(max(value, low), high))


def _round(value: float) -> float:
    """Return a number of two significant figures."""
    return float(f"{value:.{FIGURES}g}")
