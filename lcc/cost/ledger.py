"""The ledger: each euro and each kilogram of an alternative, in its year and its category."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lcc.cost.model import Model
from lcc.cost.timing import SAME_MOMENT
from lcc.units import KG_PER_TONNE

__all__ = ["LedgerLine", "make_ledger", "sum_by_year"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class LedgerLine:
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


def make_ledger(model: Model, key: str, *, rule: str | None = None) -> list[LedgerLine]:
    """Return the events of an alternative at central values, in order of time.

    Parameters
    ----------
    model : Model
    key : str
        Key of the alternative.
    rule : str, optional
        A horizon rule in place of the study's.
    """
    flows, _, valuation = model.flows(key, rule=rule)
    lines = []
    for flow in flows:
        timing = flow.timing
        weights, factors = timing.weights[0], valuation.discount(timing)[0]
        level = np.broadcast_to(valuation.level(flow), timing.weights.shape)[0]
        amounts = float(np.reshape(flow.amount, (-1,))[0]) * weights * level
        tonnes, avoided, carbon = np.zeros((3, len(weights)))
        for emission in flow.emissions:
            kilograms = float(np.reshape(emission.kg.value(valuation.values), (-1,))[0])
            each = kilograms / KG_PER_TONNE * weights * valuation.trend(timing, emission)[0]
            if emission.avoided:
                avoided = avoided + each
                continue
            tonnes = tonnes + each
            carbon = carbon + valuation.carbon_events(flow, emission)[0]
        for place in np.flatnonzero(weights):
            time = float(timing.times[0, place])
            lines.append(
                LedgerLine(
                    alternative=key,
                    item=flow.item,
                    category=flow.category,
                    investment=flow.investment,
                    year=max(int(np.ceil(time - SAME_MOMENT)), 0),
                    time_years=time,
                    discount_years=float(timing.discount_times[0, place]),
                    amount_eur=float(amounts[place]),
                    discount_factor=float(factors[place]),
                    present_eur=float(amounts[place] * factors[place]),
                    emissions_tco2e=float(tonnes[place]),
                    avoided_tco2e=float(avoided[place]),
                    carbon_cost_eur=float(carbon[place]),
                    carbon_present_eur=float(carbon[place] * factors[place]),
                )
            )
    return sorted(lines, key=lambda line: (line.time_years, line.item, line.category))


def sum_by_year(lines: list[LedgerLine], column_name: str, years: int) -> Floats:
    """Return a column of the ledger summed by year, shape (years + 1,)."""
    total = np.zeros(years + 1)
    for line in lines:
        total[min(line.year, years)] += getattr(line, column_name)
    return total
