"""The ledger: each euro and each kilogram of an alternative, in its year and its category."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lcc.cost.engine.cashflow import Flow
from lcc.cost.engine.model import PlacedFlows
from lcc.cost.engine.timing import SAME_MOMENT
from lcc.cost.engine.valuation import Valuation

__all__ = ["Ledger", "LedgerLine", "make_ledger"]

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


FIGURES = LedgerLine._fields[4:]
"""Columns of figures, in order; the first four say whose they are."""


@dataclass(frozen=True)
class Ledger:
    """The events of an alternative, kept as columns: most questions are sums over them.

    Attributes
    ----------
    alternative : str
    heads : tuple of (str, str, bool)
        Item, category and whether it is an investment, of each flow.
    owners : array of int, shape (events,)
        Place of each event's flow in `heads`.
    figures : array, shape (figures, events)
        In the order of `FIGURES`.
    """

    alternative: str
    heads: tuple[tuple[str, str, bool], ...]
    owners: NDArray[np.int64]
    figures: Floats

    def column(self, name: str) -> Floats:
        """Return one column of figures, shape (events,)."""
        return np.asarray(self.figures[FIGURES.index(name)])

    def by_year(self, name: str, years: int) -> Floats:
        """Return a column summed by year, shape (years + 1,); what is later falls in the last."""
        place = np.minimum(self.column("year").astype(np.int64), years)
        total = np.bincount(place, weights=self.column(name), minlength=years + 1)
        return np.asarray(total, dtype=np.float64)

    @cached_property
    def lines(self) -> list[LedgerLine]:
        """The events one by one, in order of time."""
        rows = zip(self.owners.tolist(), self.figures.T.tolist(), strict=True)
        lines = [
            LedgerLine._make((self.alternative, *self.heads[owner], int(year), *row))
            for owner, (year, *row) in rows
        ]
        return sorted(lines, key=attrgetter("time_years", "item", "category"))


def make_ledger(placed: PlacedFlows, key: str) -> Ledger:
    """Return the events of an alternative.

    Parameters
    ----------
    placed : PlacedFlows
        Flows at one value of each input.
    key : str
        Key of the alternative.
    """
    flows = placed.flows[key]
    blocks = [_events(flow, placed.valuation) for flow in flows]
    counts = [block.shape[1] for block in blocks]
    return Ledger(
        alternative=key,
        heads=tuple((flow.item, flow.category, flow.investment) for flow in flows),
        owners=np.repeat(np.arange(len(flows)), counts),
        figures=np.hstack([np.empty((len(FIGURES), 0)), *blocks]),
    )


def _events(flow: Flow, valuation: Valuation) -> Floats:
    """Return the figures of the events of a flow that count, shape (figures, events)."""
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
    years = np.maximum(np.ceil(timing.times[0] - SAME_MOMENT), 0)
    table = np.stack((
        years, timing.times[0], timing.discount_times[0], amounts, factors, amounts * factors,
        tonnes, avoided, carbon, carbon * factors,
    ))  # fmt: skip
    return np.asarray(table[:, weights != 0])
