"""The carbon price at which two bids cost the same: what a tonne must be worth to reverse them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lcc.cost.results.decision import find_carbon_reversal
from lcc.cost.tender.comparison.compared import Comparison, company_level
from lcc.cost.tender.evaluation.results import LotResult
from lcc.cost.tender.firmness.reversal import compare_lot
from lcc.cost.tender.rule.published import Tender

__all__ = ["CarbonBreakEven", "find_carbon_break_evens"]

NEGLIGIBLE_TCO2E = 1e-12


@dataclass(frozen=True)
class CarbonBreakEven:
    """Carbon price at which the first bid and another cost the same, carbon included.

    Attributes
    ----------
    first, other : str
        Keys of the bids.
    eur_per_tco2e : float or None
        Constant price per tonne; None where their tonnes are equal, or the price is negative.
    reason : str
        Why there is none: `same-emissions`, `never` (one is both cheaper and cleaner), `unproven`
        (tonnes that a bid proves for the company only are not compared).
    """

    first: str
    other: str
    eur_per_tco2e: float | None
    reason: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the figures as a mapping."""
        return {
            "first": self.first,
            "other": self.other,
            "eur_per_tco2e": self.eur_per_tco2e,
            "reason": self.reason,
        }


def find_carbon_break_evens(tender: Tender, lot: LotResult) -> tuple[CarbonBreakEven, ...]:
    r"""Return the carbon price at which the first bid and each other cost the same.

    On a life-cycle cost, with discounted tonnes (`decision.find_carbon_reversal`); otherwise, with
    compared amounts *A* and tonnes *E*, exactly

    .. math:: V^* = \frac{A_{other} - A_{first}}{E_{first} - E_{other}}

    Empty where the rule compares no amount or no tonnes.
    """
    comparison = compare_lot(tender, lot)
    costs = any(each.kind == "life-cycle-cost" for each in tender.criteria)
    carbon = [each for each in tender.criteria if each.tonnes is not None]
    if not lot.winners:
        return ()
    first = lot.winners[0]
    others = [bid.key for bid in comparison.bids if bid.key != first]
    if costs and comparison.model is not None:
        return tuple(_reversal(comparison, first, other) for other in others)
    priced = all(amount is not None for amount in comparison.amounts)
    if not carbon or not priced:
        return ()
    keys = [bid.key for bid in comparison.bids]
    amounts = [amount.compared_eur for amount in comparison.amounts if amount is not None]
    tonnes = comparison.emitted_tonnes(carbon[0])
    unproven = {
        bid.key for bid in comparison.bids if company_level(tender, bid, carbon[0]) is not None
    }
    found = []
    for other in others:
        if unproven & {first, other}:
            found.append(CarbonBreakEven(first, other, None, "unproven"))
            continue
        a, b = keys.index(first), keys.index(other)
        gap, reach = amounts[b] - amounts[a], float(tonnes[a] - tonnes[b])
        if abs(reach) < NEGLIGIBLE_TCO2E:
            found.append(CarbonBreakEven(first, other, None, "same-emissions"))
        elif gap / reach < 0:
            found.append(CarbonBreakEven(first, other, None, "never"))
        else:
            found.append(CarbonBreakEven(first, other, gap / reach))
    return tuple(found)


def _reversal(comparison: Comparison, first: str, other: str) -> CarbonBreakEven:
    assert comparison.model is not None
    figure = find_carbon_reversal(comparison.model, first, other).flat_eur_per_tco2e
    if figure.value is None or figure.value < 0:
        never = figure.reason != "same-emissions"
        return CarbonBreakEven(first, other, None, "never" if never else figure.reason)
    return CarbonBreakEven(first, other, figure.value)
