"""The engine: a study compiled once, evaluated for numbers or for thousands of draws at a time.

`Model.evaluate` takes values of named inputs, each a number or an array of draws, and returns the
costs and tonnes of every alternative. Draws, tornado, break-even and maps are this one function
with other values. Nothing loops over draws or years.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lcc.cost.engine.cashflow import Flow, place_flows
from lcc.cost.engine.compiled import CompiledItem, Emission, compile_item
from lcc.cost.engine.horizon import make_clocks, service_delay_years
from lcc.cost.engine.inputs import Input, InputTable, Term, Values
from lcc.cost.engine.timing import SAME_MOMENT, Clock, column
from lcc.cost.engine.valuation import Valuation
from lcc.cost.rates.annuities import calc_annuity
from lcc.cost.study import Study
from lcc.errors import FieldError

__all__ = ["AlternativeCost", "Evaluation", "Model", "PlacedFlows"]

Floats = NDArray[np.float64]

LARGEST = 1e18
"""Euros or tonnes from which a figure means nothing: ten thousand times what the world earns a
year."""


@dataclass
class AlternativeCost:
    """What one alternative costs and emits; arrays of shape (draws or 1,).

    Attributes
    ----------
    lcc_eur : array
        Present value of all its flows, at market prices.
    carbon_cost_eur : array
        Present value of its emissions, net of the carbon its energy prices contain.
    carbon_in_prices_eur : array
        Present value of the carbon its energy prices contain.
    investment_eur : array
        The part of `lcc_eur` that is investment: purchases, renewals, residual value, disposal.
    emissions_tco2e, avoided_tco2e : array
        Tonnes over the study; those avoided elsewhere are apart.
    discounted_tco2e : array
        Tonnes times present factors.
    annuity_factor : array
        What turns a present value into an equivalent annual cost.
    by_category_eur, by_category_tco2e : dict of str to array
        Present euros and tonnes by category.
    """

    lcc_eur: Floats
    carbon_cost_eur: Floats
    carbon_in_prices_eur: Floats
    investment_eur: Floats
    emissions_tco2e: Floats
    avoided_tco2e: Floats
    discounted_tco2e: Floats
    annuity_factor: Floats
    horizon_years: Floats
    by_category_eur: dict[str, Floats] = field(default_factory=dict)
    by_category_tco2e: dict[str, Floats] = field(default_factory=dict)


@dataclass(frozen=True)
class Evaluation:
    """Costs of all alternatives under some values of the inputs."""

    keys: tuple[str, ...]
    rule: str
    costs: Mapping[str, AlternativeCost]
    draws: int

    def _stack(self, name: str) -> Floats:
        columns = [
            np.broadcast_to(getattr(self.costs[key], name), (self.draws,)) for key in self.keys
        ]
        return np.column_stack(columns)

    @cached_property
    def lcc_eur(self) -> Floats:
        """Life-cycle cost at market prices, shape (draws, alternatives)."""
        return self._stack("lcc_eur")

    @cached_property
    def lcc_with_externalities_eur(self) -> Floats:
        """Life-cycle cost with the value of carbon, shape (draws, alternatives)."""
        return self.lcc_eur + self._stack("carbon_cost_eur")

    @cached_property
    def emissions_tco2e(self) -> Floats:
        """Tonnes of CO2e over the study, shape (draws, alternatives)."""
        return self._stack("emissions_tco2e")

    @cached_property
    def eac_eur(self) -> Floats:
        """Equivalent annual cost at market prices, shape (draws, alternatives)."""
        return self.lcc_eur * self._stack("annuity_factor")

    def compared_eur(self, *, externalities: bool = False) -> Floats:
        """Return what the rule compares: life-cycle costs, or annual ones over own lives."""
        cost = self.lcc_with_externalities_eur if externalities else self.lcc_eur
        return cost * self._stack("annuity_factor") if self.rule == "annuity" else cost


@dataclass(frozen=True)
class PlacedFlows:
    """Dated flows of every alternative by key, their clocks, and what values them."""

    rule: str
    clocks: Mapping[str, Clock]
    flows: Mapping[str, list[Flow]]
    valuation: Valuation


class Model:
    """A study ready to be computed.

    Parameters
    ----------
    study : Study

    Raises
    ------
    FieldError, UnitError
        If quantities, prices and factors do not agree.
    """

    def __init__(self, study: Study) -> None:
        self.study = study
        table = InputTable(study)
        self._items: dict[str, list[CompiledItem]] = {}
        self._lives: dict[str, Term | None] = {}
        self._add_study_inputs(table)
        for alternative in study.alternatives:
            table.add_alternative(alternative)
            self._items[alternative.key] = [
                compile_item(item, alternative, table) for item in alternative.items
            ]
            self._lives[alternative.key] = (
                None
                if alternative.life_years is None
                else table.term(
                    alternative.life_years,
                    "year",
                    alternative=alternative,
                    field=f"{alternative.key}.life_years",
                    label=f"{alternative.label} : durée de vie",
                )
            )
        self.inputs: dict[str, Input] = table.inputs
        self.path = None if study.externalities is None else study.externalities.path

    def _add_study_inputs(self, table: InputTable) -> None:
        study = self.study
        shift = study.discount.bands is not None
        table.add(
            "discount",
            study.discount.rate_per_year,
            label="Écart au taux d'actualisation" if shift else "Taux d'actualisation",
            label_en="Shift of the discount rate" if shift else "Discount rate",
            unit="1/year",
        )
        table.add(
            "period",
            study.period_years,
            label="Durée de l'étude",
            label_en="Study period",
            unit="year",
        )
        if study.inflation_per_year is not None:
            table.add(
                "inflation",
                study.inflation_per_year,
                label="Inflation",
                label_en="Inflation",
                unit="1/year",
            )
        if study.externalities is not None:
            multiplier = study.externalities.multiplier
            table.add(
                "carbon-value",
                multiplier,
                label="Multiplicateur de la valeur carbone",
                label_en="Multiplier of the carbon value",
            )

    @property
    def known_years(self) -> float:
        """Years that every list of growths or amounts reaches; infinite where there is none."""
        delay = service_delay_years(self.study)
        known = [np.inf]
        for each in (each for items in self._items.values() for each in items):
            known.append(each.escalation.growth.years)
            if each.item.amounts_eur and each.item.last_year is None:
                known.append(delay + len(each.item.amounts_eur))
        return min(known)

    @property
    def uncertain(self) -> dict[str, Input]:
        """Inputs that have a distribution, by name."""
        return {name: each for name, each in self.inputs.items() if each.distribution is not None}

    def evaluate(
        self, values: Mapping[str, Floats | float] | None = None, *, rule: str | None = None
    ) -> Evaluation:
        """Return costs and tonnes of every alternative.

        Parameters
        ----------
        values : mapping of str to float or array, shape (draws,)
            Values of some inputs; the others keep their central value.
        rule : str, optional
            A horizon rule in place of the study's.

        Raises
        ------
        FieldError
            If an input does not exist, or a value makes no sense for it.
        """
        return self.value(self.place(values, rule=rule))

    def place(
        self, values: Mapping[str, Floats | float] | None = None, *, rule: str | None = None
    ) -> PlacedFlows:
        """Return the dated flows of every alternative, for `value` and for the ledger.

        Parameters are those of `evaluate`.
        """
        taken = Values(self.inputs, values or {})
        chosen = rule or self.study.horizon_rule
        clocks = make_clocks(self.study, taken, self._lives, chosen)
        flows: dict[str, list[Flow]] = {key: [] for key in self._items}
        for key, items in self._items.items():
            for each in items:
                try:
                    flows[key] += place_flows(each, clocks[key], taken)
                except FieldError as error:
                    where = f"{key}.{each.item.name}.{error.field}"
                    raise error.located(file=self.study.file, field=where) from error
        return PlacedFlows(chosen, clocks, flows, Valuation(self.study, taken, self.path))

    def value(self, placed: PlacedFlows) -> Evaluation:
        """Return what dated flows are worth."""
        valuation = placed.valuation
        costs = {
            key: self._cost(flows, placed.clocks[key], valuation)
            for key, flows in placed.flows.items()
        }
        return Evaluation(self.study.keys, placed.rule, costs, valuation.values.draws)

    def check(self) -> None:
        """Raise where the study cannot be computed, or an item falls outside its period.

        Raises
        ------
        FieldError
            Naming file and field.
        """
        # Meaningless figures are told by an error, not by warnings of overflow.
        with np.errstate(all="ignore"):
            placed = self.place()
            found = self.value(placed)
        self._check_size(placed, found)
        for key, items in self._items.items():
            horizon = float(placed.clocks[key].horizon[0, 0])
            for each in items:
                self._check_within(key, each, horizon, placed.valuation.values)

    def _check_size(self, placed: PlacedFlows, found: Evaluation) -> None:
        """Raise where a figure is beyond any meaning, or no number."""
        for key, cost in found.costs.items():
            totals = (cost.lcc_eur, cost.carbon_cost_eur, cost.emissions_tco2e)
            amounts = (np.asarray(flow.amount) for flow in placed.flows[key])
            if all((np.abs(each) < LARGEST).all() for each in (*totals, *amounts)):
                continue
            raise FieldError(
                "the figures of an alternative are beyond any meaning",
                file=self.study.file,
                field=key,
                found=f"{cost.lcc_eur[0]:g} EUR, {cost.emissions_tco2e[0]:g} tCO2e",
                expected=f"costs and tonnes under {LARGEST:g}",
                remedy="check units, rates (0.03 for 3 %) and amounts",
            )

    def _check_within(self, key: str, each: CompiledItem, horizon: float, values: Values) -> None:
        """Raise where an item falls after the end of its alternative's horizon."""
        item, delay = each.item, service_delay_years(self.study)
        if each.at is not None or item.kind in ("purchase", "one-off", "loan"):
            start = 0.0 if each.at is None else float(each.at.value(values))
            start += delay if item.counted_from == "service" else 0.0
            # A replacement at the very end is not bought.
            late = item.kind == "replacement" and start > horizon - SAME_MOMENT
            start += max(month for month, _ in item.phases) / 12
            late |= start > horizon + SAME_MOMENT
            stated, found = "at_year", f"year {start:g}"
        elif item.first_year is not None:
            late = delay + item.first_year - 1 > horizon - SAME_MOMENT
            stated, found = "first_year", f"year {item.first_year} of service"
        else:
            return
        if late:
            raise FieldError(
                "an item falls after the end of the study and would not count",
                file=self.study.file,
                field=f"{key}.{item.name}.{stated}",
                found=found,
                expected=f"before the end, {horizon:g} years from the base date"
                if item.kind == "replacement"
                else f"at most {horizon:g}, the years from the base date to the end",
                remedy="lengthen period_years (or the life, where each alternative has its own), "
                "or remove the item",
            )

    def _cost(self, flows: list[Flow], clock: Clock, valuation: Valuation) -> AlternativeCost:
        zero = np.zeros(1)
        cost = AlternativeCost(*(zero,) * 7, self._annuity(clock, valuation), clock.length_years)
        _add_flows(cost, flows, valuation)
        return cost

    def _annuity(self, clock: Clock, valuation: Valuation) -> Floats:
        """Return the annuity factor over the whole horizon, with the rate of the flows."""
        known = clock.length_years > 0
        # No year to spread a cost over: no annuity.
        years = np.where(known, clock.length_years, 1.0)
        if self.study.discount.bands is None:
            factor = calc_annuity(np.reshape(valuation.rate, (-1,)), years)
        else:
            count = int(np.ceil(np.max(years) - 1e-9))
            ends = np.minimum(np.arange(1, count + 1)[None, :], column(years))
            weights = np.clip(column(years) - np.arange(count)[None, :], 0.0, 1.0)
            factor = 1 / (weights * valuation.factors(ends)).sum(axis=1)
        return np.where(known, factor, np.nan)


@dataclass
class _EuroGroup:
    """Amounts of flows that share events, price level and category: one sum serves them all."""

    flow: Flow
    amount: Floats | float = 0.0


@dataclass
class _CarbonGroup:
    """Tonnes per occurrence of emissions that share events, trend and category."""

    flow: Flow
    emission: Emission
    tonnes: Floats | float = 0.0
    component_eur: Floats | float = 0.0


def _add_flows(cost: AlternativeCost, flows: list[Flow], valuation: Valuation) -> None:
    """Add flows to the cost of their alternative, like ones together."""
    euros: dict[Hashable, _EuroGroup] = {}
    carbon: dict[Hashable, _CarbonGroup] = {}
    for flow in flows:
        timing, category = flow.timing.key, flow.category
        key = (timing, flow.price_key, category, flow.investment)
        euro = euros.setdefault(key, _EuroGroup(flow))
        euro.amount = euro.amount + flow.amount
        for emission in flow.emissions:
            name = (timing, emission.change, category, emission.avoided)
            group = carbon.setdefault(name, _CarbonGroup(flow, emission))
            tonnes = valuation.per_event(emission)
            group.tonnes = group.tonnes + tonnes
            if emission.component is not None:
                rate = emission.component_eur_per_tco2e
                inside = (
                    emission.component.value(valuation.values) if rate is None else tonnes * rate
                )
                group.component_eur = group.component_eur + inside
    for euro in euros.values():
        _add_euros(cost, euro, valuation)
    for group in carbon.values():
        _add_carbon(cost, group, valuation)


def _add_euros(cost: AlternativeCost, group: _EuroGroup, valuation: Valuation) -> None:
    present = group.amount * valuation.present_factor(group.flow)
    category = group.flow.category
    cost.lcc_eur = cost.lcc_eur + present
    if group.flow.investment:
        cost.investment_eur = cost.investment_eur + present
    known = cost.by_category_eur.get(category, 0.0)
    cost.by_category_eur[category] = np.asarray(known + present)


def _add_carbon(cost: AlternativeCost, group: _CarbonGroup, valuation: Valuation) -> None:
    timing, category = group.flow.timing, group.flow.category
    change = group.emission.change
    tonnes = group.tonnes * valuation.occurrences(timing, change)
    if group.emission.avoided:
        cost.avoided_tco2e = cost.avoided_tco2e + tonnes
        return
    cost.emissions_tco2e = cost.emissions_tco2e + tonnes
    known = cost.by_category_tco2e.get(category, 0.0)
    cost.by_category_tco2e[category] = np.asarray(known + tonnes)
    discounted = valuation.discounted_occurrences(timing, change)
    cost.discounted_tco2e = cost.discounted_tco2e + group.tonnes * discounted
    if valuation.path is not None:
        inside = group.component_eur * discounted
        full = group.tonnes * valuation.carbon_factor(timing, change)
        cost.carbon_cost_eur = cost.carbon_cost_eur + full - inside
        cost.carbon_in_prices_eur = cost.carbon_in_prices_eur + inside
