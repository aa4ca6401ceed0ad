"""The ledger: each euro and each kilogram of an alternative, in its year and its category."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lcc.cost.engine.model import PlacedFlows
from lcc.cost.engine.timing import SAME_MOMENT

__all__ = ["LedgerLine", "make_ledger", "sum_by_year"]

Floats = NDArray[np.float64]


class LedgerLine(NamedTuple):
    """One event: what an item costs and emits at a time.

    Attributes
    ----------
    year : int
        0 for the base date, then the year of the study in which the event falls.
    amount_eur : float
        Euros on the price basis of the study, undiscounted; costs positive.
    present_eur : float
        The same at the base date.
    carbon_cost_eur, carbon_present_eur : float
        Carbon value of the tonnes, net of what the price contains; undiscounted and present.
    """

    alternative: str
    item: str
    category: str
    investment: bool
    year: int
    time_years: float
    discount_years: float
    amount_eur: float
    discount_factor: float
    present_eur: float
    emissions_tco2e: float
    avoided_tco2e: float
    carbon_cost_eur: float
    carbon_present_eur: float


def make_ledger(placed: PlacedFlows, key: str) -> list[LedgerLine]:
    """Return the events of an alternative, in order of time.

    Parameters
    ----------
    placed : PlacedFlows
        Flows at one value of each input.
    key : str
        Key of the alternative.
    """
    flows, valuation = placed.flows[key], placed.valuation
    lines = []
    for flow in flows:
        timing = flow.timing
        weights, factors = timing.weights[0], valuation.discount(timing)[0]
        level = np.broadcast_to(valuation.level(flow), timing.weights.shape)[0]
        amounts = float(np.reshape(flow.amount, (-1,))[0]) * weights * level
        tonnes, avoided, carbon = np.zeros((3, len(weights)))
        for emission in flow.emissions:
            occurrence = float(np.reshape(valuation.per_event(emission), (-1,))[0])
            each = occurrence * weights * valuation.trend(timing, emission.change)[0]
            if emission.avoided:
                avoided = avoided + each
                continue
            tonnes = tonnes + each
            carbon = carbon + valuation.carbon_events(timing, emission)[0]
        years = np.maximum(np.ceil(timing.times[0] - SAME_MOMENT), 0).astype(np.int64)
        columns = (
            years, timing.times[0], timing.discount_times[0], amounts, factors, amounts * factors,
            tonnes, avoided, carbon, carbon * factors,
        )  # fmt: skip
        counted = np.flatnonzero(weights)
        head = (key, flow.item, flow.category, flow.investment)
        rows = zip(*(each[counted].tolist() for each in columns), strict=True)
        lines += [LedgerLine(*head, *row) for row in rows]
    return sorted(lines, key=lambda line: (line.time_years, line.item, line.category))


def sum_by_year(lines: list[LedgerLine], column_name: str, years: int) -> Floats:
    """Return a column of the ledger summed by year, shape (years + 1,)."""
    total = np.zeros(years + 1)
    for line in lines:
        total[min(line.year, years)] += getattr(line, column_name)
    return total
