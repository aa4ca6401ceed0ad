r"""What flows are worth: discounting, price levels and carbon value, for numbers or draws.

References
----------
.. [1] Fuller, S. K., Petersen, S. R. (1996). NIST Handbook 135, chapter 3 (present value, constant
   and current money).
"""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np
from numpy.typing import NDArray

from lcc.cost.engine.cashflow import Flow
from lcc.cost.engine.compiled import Emission
from lcc.cost.engine.inputs import Values, within
from lcc.cost.engine.timing import Timing, column
from lcc.cost.externalities.carbon_value import CarbonPath
from lcc.cost.rates.discounting import calc_band_factors
from lcc.cost.study import Study
from lcc.errors import FieldError
from lcc.units import KG_PER_TONNE

__all__ = ["Valuation"]

Floats = NDArray[np.float64]


class Valuation:
    """Discount factors, price levels and carbon values of one evaluation; sums are formed once.

    Parameters
    ----------
    study : Study
    values : Values
    path : CarbonPath or None
        Carbon value, in the price year of the study.
    """

    def __init__(self, study: Study, values: Values, path: CarbonPath | None) -> None:
        self.study = study
        self.values = values
        self.path = path
        self.rate = values["discount"]
        self._known: dict[Hashable, Floats] = {}

    def discount(self, timing: Timing) -> Floats:
        """Return the present factor of each event."""
        key = ("discount", timing.key)
        if key not in self._known:
            self._known[key] = self.factors(timing.discount_times)
        return self._known[key]

    def factors(self, times: Floats) -> Floats:
        """Return present factors of times, shape (draws or 1, events)."""
        bands = self.study.discount.bands
        rate = column(self.rate)
        if bands is not None:
            within(rate + min(bands.rates_per_year), "discount", "a rate", above=-1)
            return calc_band_factors(times, bands, rate)
        return np.asarray(np.exp(-times * np.log1p(rate)))

    def general_level(self, times: Floats) -> Floats:
        """Return general prices at times: 1 in a real study, inflation in a nominal one.

        Raises
        ------
        FieldError
            If a nominal study states no inflation.
        """
        if self.study.price_basis == "real":
            return np.ones((1, 1))
        return self._inflation(times)

    def _inflation(self, times: Floats) -> Floats:
        if self.study.inflation_per_year is None:
            raise FieldError(
                "a price that follows general prices in a nominal study, or one fixed in current "
                "euros in a real study, needs an inflation",
                file=self.study.file,
                field="inflation.rate_per_year",
                found="nothing",
                expected="the yearly inflation",
                remedy="add [inflation] with rate_per_year and source, or state the growth of "
                "every price on the basis of the study",
            )
        return np.asarray(np.exp(times * np.log1p(column(self.values["inflation"]))))

    def level(self, flow: Flow) -> Floats:
        """Return the price level of each event of a flow, on the basis of the study."""
        key = ("level", flow.timing.key, flow.price_key)
        if key not in self._known:
            self._known[key] = self._make_level(flow)
        return self._known[key]

    def _make_level(self, flow: Flow) -> Floats:
        timing = flow.timing
        if flow.level == "general":
            return self.general_level(timing.discount_times)
        if flow.price_time is not None:
            # The price of the purchase, carried by general prices to the end.
            level = self._own_level(flow, flow.price_time) / self.general_level(flow.price_time)
            level = level * self.general_level(timing.discount_times)
        else:
            level = self._own_level(flow, timing.times, timing.discount_times)
        if flow.price_at == "first-year":
            level = level / self._own_level(flow, self._origin(flow))
        return level

    def _origin(self, flow: Flow) -> Floats:
        """Return the time that a first-year price is the price of, shape (draws or 1, 1)."""
        if flow.price_origin is not None:
            return flow.price_origin
        counted = np.where(flow.timing.weights != 0, flow.timing.times, np.inf)
        first = np.min(counted, axis=1, keepdims=True, initial=np.inf)
        return np.where(np.isfinite(first), first, 0.0)

    def _own_level(self, flow: Flow, times: Floats, discount_times: Floats | None = None) -> Floats:
        """Return the level of an item's price at times, on the basis of the study.

        General prices move by the clock of discounting, so that real and nominal studies agree.
        """
        growth, key = flow.escalation.growth, flow.escalation.key
        rate = column(self.values[key]) if key else 0.0
        counted = (
            times
            if times.shape != flow.timing.times.shape
            else np.where(flow.timing.weights != 0, times, 0.0)
        )
        try:
            level = growth.calc_levels(counted, rate) if key or growth.index else np.ones((1, 1))
        except FieldError as error:
            raise error.located(file=self.study.file, field=key) from error
        if growth.basis == self.study.price_basis:
            return level
        inflation = self._inflation(times if discount_times is None else discount_times)
        return level * inflation if growth.basis == "real" else level / inflation

    def present_factor(self, flow: Flow) -> Floats:
        """Return the present value of one euro per event weight, shape (draws or 1,)."""
        key = ("present", flow.timing.key, flow.price_key)
        if key not in self._known:
            worth = flow.timing.weights * self.level(flow) * self.discount(flow.timing)
            self._known[key] = worth.sum(axis=1)
        return self._known[key]

    def trend(self, timing: Timing, change: str) -> Floats:
        """Return how a factor has moved at each event, 1 at the base date.

        Parameters
        ----------
        timing : Timing
        change : str
            Name of the input that holds its yearly change; empty for none.
        """
        if not change:
            return np.ones((1, 1))
        return np.asarray(np.exp(timing.times * np.log1p(column(self.values[change]))))

    def per_event(self, emission: Emission) -> Floats | float:
        """Return the tonnes of CO2e per occurrence of an item, at base-date factor."""
        return emission.kg.value(self.values) / KG_PER_TONNE

    def occurrences(self, timing: Timing, change: str) -> Floats:
        """Return how many times the tonnes of one occurrence fall in the study."""
        key = ("tonnes", timing.key, change)
        if key not in self._known:
            self._known[key] = (timing.weights * self.trend(timing, change)).sum(axis=1)
        return self._known[key]

    def discounted_occurrences(self, timing: Timing, change: str) -> Floats:
        """Return the same times present factors: what a flat euro per tonne would be paid on."""
        key = ("discounted", timing.key, change)
        if key not in self._known:
            weights = timing.weights * self.trend(timing, change)
            level = self.general_level(timing.discount_times)
            self._known[key] = (weights * level * self.discount(timing)).sum(axis=1)
        return self._known[key]

    def carbon_eur_per_tco2e(self, timing: Timing) -> Floats:
        """Return the carbon value at each event, on the basis of the study."""
        assert self.path is not None
        key = ("carbon", timing.key)
        if key not in self._known:
            base = self.study.base_date
            years = base.year + (base.month - 1) / 12 + (base.day - 1) / 365 + timing.times
            value = self.path.value_eur_per_tco2e(years)
            self._known[key] = value * self.general_level(timing.discount_times)
        return self._known[key] * column(self.values["carbon-value"])

    def carbon_factor(self, timing: Timing, change: str) -> Floats:
        """Return the present value of the carbon of one tonne per occurrence of an item."""
        key = ("carbon-cost", timing.key, change)
        if key not in self._known:
            worth = timing.weights * self.trend(timing, change) * self.discount(timing)
            self._known[key] = (worth * self.carbon_eur_per_tco2e(timing)).sum(axis=1)
        return self._known[key]

    def carbon_events(self, timing: Timing, emission: Emission) -> Floats:
        """Return the carbon cost of each event net of what the price contains, undiscounted.

        What the price contains is constant in real euros: it falls with the emissions, and does
        not follow the price. Shape (draws or 1, events).
        """
        if self.path is None:
            return np.zeros_like(timing.weights)
        cost = column(self.per_event(emission)) * self.carbon_eur_per_tco2e(timing)
        if emission.component is not None:
            inside = column(emission.component.value(self.values))
            cost = cost - inside * self.general_level(timing.discount_times)
        return np.asarray(timing.weights * self.trend(timing, emission.change) * cost)
