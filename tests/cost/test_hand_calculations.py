"""A hand calculation for each measure and each convention, written out in plain Python.

Every expected value is a sum over years, months or days made here from the figures of the study; no
function of the engine takes part in it.
"""

from __future__ import annotations

import math
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from studies import content, cost, item

from lcc.cost.engine.model import Model
from lcc.cost.files.study import build_study
from lcc.cost.results.decision import (
    find_break_even,
    find_carbon_reversal,
    map_break_even,
    sweep_input,
)
from lcc.cost.results.measures import calc_irr, calc_mirr, calc_payback
from lcc.cost.results.result import CostResult
from lcc.errors import FieldError

RATE = 0.03
TEN = range(1, 11)
BASE = date(2025, 1, 1)


def lcc(result: CostResult, key: str = "a") -> float:
    """Life-cycle cost of an alternative, in euros."""
    return result.measures[key].lcc_eur


def pv(years: float, rate: float = RATE) -> float:
    """One euro in so many years, today."""
    return (1 + rate) ** -years


def upv(years: int, rate: float = RATE) -> float:
    """One euro at the end of each year."""
    return sum(pv(t, rate) for t in range(1, years + 1))


def upkeep(amount_eur: Any, name: str = "upkeep", **keys: Any) -> dict[str, Any]:
    """An item of every year."""
    return item(name, "recurring", amount_eur, **keys)


def bisect(flows: list[float], low: float, high: float) -> float:
    """The rate at which yearly flows are worth nothing, by halving."""

    def worth(rate: float) -> float:
        return sum(flow / (1 + rate) ** t for t, flow in enumerate(flows))

    assert worth(low) * worth(high) < 0
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if worth(low) * worth(middle) > 0 else (low, middle)
    return low


PATH = {
    "carbon_path": "own",
    "own": {"2025": 100, "2045": 300},
    "interpolation": "linear",
    "own_price_year": 2025,
    "own_source": "essai",
    "double_counting": "difference",
}
"""A carbon value of 100 euros in 2025 that gains 10 euros a year."""


@pytest.fixture(scope="module")
def result() -> CostResult:
    sections = {
        "prices": {
            "gas": {
                "value": 0.10,
                "unit": "EUR/kWh",
                "escalation": {"rate_per_year": 0.01},
                "carbon_component_eur_per_tco2e": 20,
            }
        },
        "factors": {"gas": {"value": 0.2, "unit": "kgCO2e/kWh"}},
        "externalities": PATH,
    }

    def boiler(first: float, life: int, kwh: float, emissions: float) -> list[dict[str, Any]]:
        return [
            item(
                "boiler", "purchase", first, life_years=life, emissions_kgco2e=emissions,
                residual={"method": "linear"},
            ),
            item(
                "gas", "recurring", quantity=kwh, unit="kWh/year", price="gas", factor="gas",
                category="energy",
            ),
        ]  # fmt: skip

    return cost(
        {"old": boiler(3000, 8, 20_000, 500), "new": boiler(5000, 15, 15_000, 700)},
        sections=sections,
    )


class TestMeasures:
    """Two boilers over ten years at 3 %: the second costs 2 000 EUR more and burns less."""

    # Old: bought in years 0 and 8; in year 10, 6/8 of the second is left.
    OLD_INVESTMENT = 3000 + 3000 * pv(8) - 3000 * 6 / 8 * pv(10)
    NEW_INVESTMENT = 5000 - 5000 * 5 / 15 * pv(10)
    GROWN = sum((1.01 / 1.03) ** t for t in TEN)
    OLD_ENERGY, NEW_ENERGY = 2000 * GROWN, 1500 * GROWN
    SAVED = OLD_ENERGY - NEW_ENERGY
    EXTRA = NEW_INVESTMENT - OLD_INVESTMENT
    # Tonnes a year: 4 and 3; made: 0.5 t twice, 0.7 t once. The price holds 20 EUR a tonne.
    USE = sum((100 + 10 * t - 20) * pv(t) for t in TEN)
    OLD_CARBON = 4 * USE + 0.5 * 100 + 0.5 * 180 * pv(8)
    NEW_CARBON = 3 * USE + 0.7 * 100

    def test_life_cycle_cost(self, result: CostResult) -> None:
        assert lcc(result, "old") == pytest.approx(self.OLD_INVESTMENT + self.OLD_ENERGY)
        assert lcc(result, "new") == pytest.approx(self.NEW_INVESTMENT + self.NEW_ENERGY)
        row = result.measures["old"]
        assert row.investment_eur == pytest.approx(self.OLD_INVESTMENT)
        assert row.operation_eur == pytest.approx(self.OLD_ENERGY)

    def test_with_externalities(self, result: CostResult) -> None:
        old, new = result.measures["old"], result.measures["new"]
        assert old.carbon_cost_eur == pytest.approx(self.OLD_CARBON)
        assert new.carbon_cost_eur == pytest.approx(self.NEW_CARBON)
        assert old.carbon_in_prices_eur == pytest.approx(4 * 20 * upv(10))
        assert old.lcc_with_externalities_eur == pytest.approx(
            self.OLD_INVESTMENT + self.OLD_ENERGY + self.OLD_CARBON
        )
        assert old.emissions_tco2e == pytest.approx(40 + 1.0)
        assert new.emissions_tco2e == pytest.approx(30 + 0.7)

    def test_equivalent_annual_cost(self, result: CostResult) -> None:
        expected = (self.OLD_INVESTMENT + self.OLD_ENERGY) / upv(10)
        assert result.measures["old"].eac_eur.value == pytest.approx(expected)

    def test_net_savings(self, result: CostResult) -> None:
        row = result.measures["new"]
        assert row.net_savings_eur.value == pytest.approx(self.SAVED - self.EXTRA)
        assert row.net_savings_with_externalities_eur.value == pytest.approx(
            self.SAVED - self.EXTRA + self.OLD_CARBON - self.NEW_CARBON
        )
        assert result.measures["old"].net_savings_eur.reason == "reference"

    def test_savings_to_investment_ratio(self, result: CostResult) -> None:
        assert result.measures["new"].sir.value == pytest.approx(self.SAVED / self.EXTRA)

    def test_adjusted_rate_of_return(self, result: CostResult) -> None:
        expected = 1.03 * (self.SAVED / self.EXTRA) ** 0.1 - 1
        assert result.measures["new"].airr_per_year.value == pytest.approx(expected)

    def test_benefit_cost_ratio(self, result: CostResult) -> None:
        expected = (self.SAVED + self.OLD_CARBON - self.NEW_CARBON) / self.EXTRA
        assert result.measures["new"].benefit_cost_ratio.value == pytest.approx(expected)

    def test_euros_per_tonne_avoided(self, result: CostResult) -> None:
        # It saves euros and tonnes: a quotient below zero would rank backwards.
        assert self.SAVED > self.EXTRA
        found = result.measures["new"].eur_per_tco2e_avoided
        assert (found.value, found.reason) == (None, "cheaper-and-cleaner")
        # Twice as dear to buy: 1 000 EUR more, over 10 t less 2 t.
        alternatives = {
            "old": [item("p", "purchase", 1000, emissions_kgco2e=10_000)],
            "new": [item("p", "purchase", 2000, emissions_kgco2e=2000)],
        }
        found = cost(alternatives).measures["new"].eur_per_tco2e_avoided
        assert found.value == pytest.approx(1000 / 8)

    def test_nearly_the_same_tonnes_are_not_divided_by(self) -> None:
        # 10 t against 9.991 t, 0.9 thousandths: 111 111 EUR/t; 9.989 t is beyond one thousandth.
        for kg, reason, value in ((9991, "no-tonnes-avoided", None), (9989, "", 1000 / 0.011)):
            alternatives = {
                "old": [item("p", "purchase", 1000, emissions_kgco2e=10_000)],
                "new": [item("p", "purchase", 2000, emissions_kgco2e=kg)],
            }
            found = cost(alternatives).measures["new"].eur_per_tco2e_avoided
            assert found.reason == reason
            assert found.value == (None if value is None else pytest.approx(value))

    def savings(self) -> list[float]:
        flows = [-2000.0] + [500 * 1.01**t for t in TEN]
        flows[8] += 3000
        flows[10] += 5000 / 3 - 3000 * 6 / 8
        return flows

    def test_simple_payback(self, result: CostResult) -> None:
        # 505.00, 510.05, 515.15, 520.30: 2 050.50 after four years.
        found = result.measures["new"].simple_payback
        assert found.year == 4
        assert found.interpolated_years == pytest.approx(
            3 + (2000 - 500 * (1.01 + 1.01**2 + 1.01**3)) / (500 * 1.01**4)
        )

    def test_discounted_payback(self, result: CostResult) -> None:
        # 490.29, 480.77, 471.43, 462.28, 453.30: 1 904.77 after four years, 2 358.08 after five.
        found = result.measures["new"].discounted_payback
        assert found.year == 5
        before = sum(500 * (1.01 / 1.03) ** t for t in range(1, 5))
        assert found.interpolated_years == pytest.approx(
            4 + (2000 - before) / (500 * (1.01 / 1.03) ** 5)
        )

    def test_payback_with_externalities(self, result: CostResult) -> None:
        # 0.2 t more at 100 EUR to make; then 1 t less a year at (80 + 10 t) EUR.
        cumulated, year = -2020.0, 0
        while cumulated < 0:
            year += 1
            cumulated += (500 * 1.01**year + 80 + 10 * year) * pv(year)
        assert result.measures["new"].payback_with_externalities.year == year == 4

    def test_internal_rates_of_return(self, result: CostResult) -> None:
        # 552.31 + 1 666.67 - 2 250 = -31.02 in year 10: two changes of sign, and two rates.
        found = result.measures["new"].irr
        assert (found.rate_per_year, found.reason, found.sign_changes) == (None, "several", 2)
        for low, high in ((-0.97, -0.90), (0.2, 0.4)):
            rate = bisect(self.savings(), low, high)
            assert any(each == pytest.approx(rate, abs=1e-9) for each in found.roots_per_year)
        assert len(found.roots_per_year) == 2

    def test_internal_rate_of_return(self) -> None:
        row = cost(
            {"base": [upkeep(500)], "alt": [item("p", "purchase", 1000), upkeep(200)]}, years=5
        ).measures["alt"]
        assert row.irr.rate_per_year == pytest.approx(
            bisect([-1000] + [300] * 5, 0.0, 1.0), abs=1e-9
        )
        assert row.irr.sign_changes == 1

    def test_a_negative_rate_of_return(self) -> None:
        row = cost(
            {"base": [upkeep(500)], "alt": [item("p", "purchase", 1000), upkeep(350)]}, years=5
        ).measures["alt"]
        # 750 come back of 1 000.
        assert row.irr.rate_per_year == pytest.approx(
            bisect([-1000] + [150] * 5, -0.5, 0.0), abs=1e-9
        )

    def test_modified_rate_of_return(self, result: CostResult) -> None:
        flows = self.savings()
        future = sum(flow * 1.03 ** (10 - t) for t, flow in enumerate(flows) if flow > 0)
        present = sum(-flow / 1.03**t for t, flow in enumerate(flows) if flow < 0)
        assert result.measures["new"].mirr_per_year.value == pytest.approx(
            (future / present) ** 0.1 - 1
        )

    def test_two_rates_in_a_modified_rate_of_return(self) -> None:
        # Out 100 now and 50 in year 2, financed at 10 %; in 80 in years 1 and 3, reinvested at 5 %.
        future, present = 80 * 1.05**2 + 80, 100 + 50 / 1.1**2
        found = calc_mirr([-100, 80, -50, 80], 0.10, 0.05)
        assert found.value == pytest.approx((future / present) ** (1 / 3) - 1)
        assert calc_mirr([100, 80], 0.1, 0.1).reason == "no-outflow"
        assert calc_mirr([-100, 0], 0.1, 0.1).reason == "no-inflow"
        assert calc_mirr([-100], 0.1, 0.1).reason == "no-period"

    def test_the_ledger_by_year(self, result: CostResult) -> None:
        lines = result.ledger_lines("old")
        assert [(each.year, each.category) for each in lines if each.category != "energy"] == [
            (0, "acquisition"), (8, "replacement"), (10, "residual"),
        ]  # fmt: skip
        energy = [each for each in lines if each.category == "energy"]
        assert [each.amount_eur for each in energy] == pytest.approx([2000 * 1.01**t for t in TEN])
        assert [each.emissions_tco2e for each in energy] == pytest.approx([4.0] * 10)
        assert [each.carbon_cost_eur for each in energy] == pytest.approx(
            [4 * (80 + 10 * t) for t in TEN]
        )

    def test_undefined_is_a_reason(self) -> None:
        same = cost({"a": [upkeep(1)], "b": [upkeep(1)]}).measures["b"]
        assert (same.emissions_tco2e, same.eur_per_tco2e_avoided.reason) == (None, "not-covered")
        clean = {"emissions_kgco2e": 1}
        same = cost({"a": [upkeep(1, **clean)], "b": [upkeep(1, **clean)]}).measures["b"]
        assert (same.net_savings_eur.value, same.sir.reason) == (0, "no-extra-investment")
        assert same.simple_payback.reason == "no-saving"
        assert same.irr.reason == "no-sign-change"
        assert same.mirr_per_year.reason == "no-outflow"
        assert same.eur_per_tco2e_avoided.reason == "no-tonnes-avoided"
        worse = cost({"a": [upkeep(1)], "b": [item("p", "purchase", 10), upkeep(2)]}).measures["b"]
        assert worse.sir.value == pytest.approx(-upv(10) / 10)
        assert worse.airr_per_year.reason == "no-positive-ratio"

    def test_an_unpaid_payback(self) -> None:
        # Cumulated: -100, -40, 20, -10, 30: at two, lost at three, for good at four.
        found = calc_payback([-100, 60, 60, -30, 40])
        assert (found.year, found.first_year) == (4, 2)
        assert found.interpolated_years == pytest.approx(3 + 10 / 40)
        assert calc_payback([-100, 60, 60, -30, 5]).reason == "paid-back-then-lost"
        assert calc_payback([-100, 60]).reason == "never"
        assert calc_payback([100, -60]).year == 0

    def test_rates_of_flows_at_any_time(self) -> None:
        # 100 now, 60 in half a year and in a year and a half: 100 = 60 v + 60 v³, v = (1+r)^-½.
        found = calc_irr([-100, 60, 60], [0, 0.5, 1.5])
        assert found.rate_per_year is not None
        v = (1 + found.rate_per_year) ** -0.5
        assert 60 * v + 60 * v**3 == pytest.approx(100)


class TestBreakEven:
    """Where two alternatives cost the same, solved on paper."""

    def model(self, **keys: Any) -> Model:
        sections = {"prices": {"gas": {"value": 0.10, "unit": "EUR/kWh"}}}
        use = {"unit": "kWh/year", "price": "gas"}
        alternatives = {
            "old": [item("gas", "recurring", quantity=20_000, **use)],
            "new": [
                item("p", "purchase", 5000),
                item("gas", "recurring", quantity=15_000, **use),
            ],
        }
        return Model(build_study(content(alternatives, sections=sections, **keys)))

    def test_of_a_price(self) -> None:
        # 5 000 = 5 000 kWh × p × UPV.
        found = find_break_even(self.model(), "prices.gas", "old", "new")
        assert found.roots == (pytest.approx(1 / upv(10)),)
        assert found.cheaper_at_central == "old"
        assert found.unit == "EUR/kWh"

    def test_of_the_first_cost(self) -> None:
        found = find_break_even(self.model(), "new.p.amount_eur", "old", "new")
        assert found.roots == (pytest.approx(500 * upv(10)),)

    def test_of_the_discount_rate(self) -> None:
        # 5 000 = 500 × UPV(d, 12): d of an annuity of 10.
        found = find_break_even(self.model(years=12), "discount", "old", "new")
        (rate,) = found.roots
        assert sum(500 / (1 + rate) ** t for t in range(1, 13)) == pytest.approx(5000)

    def test_of_the_period(self) -> None:
        # N full years and a part of one that make UPV = 10 at 3 %.
        found = find_break_even(self.model(), "period", "old", "new")
        (years,) = found.roots
        whole = math.floor(years)
        part = years - whole
        assert upv(whole) + part * pv(years) == pytest.approx(10, rel=1e-6)

    def test_none(self) -> None:
        found = find_break_even(self.model(), "prices.gas", "old", "new", low=0.0, high=0.11)
        assert (found.roots, found.reason) == ((), "no-reversal")

    def test_a_sweep_and_a_map(self) -> None:
        swept = sweep_input(self.model(), "prices.gas", [0.0, 0.2])
        assert swept["compared_eur"].tolist() == pytest.approx(
            [0, 5000, 4000 * upv(10), 5000 + 3000 * upv(10)]
        )
        assert swept["rank"].tolist() == [1, 2, 2, 1]
        grid = map_break_even(
            self.model(), "prices.gas", "new.p.amount_eur", "old", "new",
            x_range=(0.0, 0.2), y_range=(0.0, 5000.0), points=3,
        )  # fmt: skip
        for row in grid.itertuples():
            assert row.difference == pytest.approx(5000 * row.x * upv(10) - row.y, abs=1e-6)


class TestCarbonReversal:
    """The carbon price that reverses the order, alone, along a path, inside prices."""

    def model(self, *, path: bool = True, component: float = 0.0, **keys: Any) -> Model:
        sections = {
            "prices": {
                "gas": {
                    "value": 0.10, "unit": "EUR/kWh", "carbon_component_eur_per_tco2e": component,
                }
            },
            "factors": {"gas": {"value": 0.2, "unit": "kgCO2e/kWh"}},
            **({"externalities": {**PATH, **keys}} if path else {}),
        }  # fmt: skip
        use = {"unit": "kWh/year", "price": "gas", "factor": "gas", "category": "energy"}
        alternatives = {
            "old": [item("gas", "recurring", quantity=20_000, **use)],
            "new": [item("p", "purchase", 6000), item("gas", "recurring", quantity=15_000, **use)],
        }
        return Model(build_study(content(alternatives, sections=sections)))

    # New costs 6 000 more and saves 500 EUR and 1 t a year.
    GAP = 6000 - 500 * upv(10)

    def test_flat(self) -> None:
        found = find_carbon_reversal(self.model(path=False), "old", "new")
        assert found.flat_eur_per_tco2e.value == pytest.approx(self.GAP / upv(10))
        assert found.path_multiple.reason == "no-carbon-path"
        assert found.cheaper_without == "old"

    def test_multiple_of_the_path(self) -> None:
        found = find_carbon_reversal(self.model(), "old", "new")
        along = sum((100 + 10 * t) * pv(t) for t in TEN)
        assert found.path_multiple.value == pytest.approx(self.GAP / along)
        assert found.flat_eur_per_tco2e.value == pytest.approx(self.GAP / upv(10))

    def test_what_prices_contain_is_part_of_it(self) -> None:
        # 20 EUR a tonne are paid already: without them new saves 20 EUR a year less.
        model = self.model(component=20.0)
        found = find_carbon_reversal(model, "old", "new")
        gap = self.GAP + 20 * upv(10)
        along = sum((100 + 10 * t) * pv(t) for t in TEN)
        assert found.flat_eur_per_tco2e.value == pytest.approx(gap / upv(10))
        assert found.path_multiple.value == pytest.approx(gap / along)
        costs = model.evaluate({"carbon-value": found.path_multiple.value})
        with_carbon = costs.lcc_with_externalities_eur[0]
        assert with_carbon[0] == pytest.approx(with_carbon[1])

    def test_a_study_that_takes_a_multiple_already(self) -> None:
        model = self.model(component=20.0, multiplier=3.0)
        found = find_carbon_reversal(model, "old", "new")
        costs = model.evaluate({"carbon-value": found.path_multiple.value})
        with_carbon = costs.lcc_with_externalities_eur[0]
        assert with_carbon[0] == pytest.approx(with_carbon[1])

    def test_cheaper_and_cleaner(self) -> None:
        alternatives = {
            "a": [item("p", "purchase", 100, emissions_kgco2e=10)],
            "b": [item("p", "purchase", 90, emissions_kgco2e=5)],
            "c": [item("p", "purchase", 80, emissions_kgco2e=5)],
        }
        model = Model(build_study(content(alternatives)))
        found = find_carbon_reversal(model, "a", "b")
        assert found.flat_eur_per_tco2e.reason == "cheaper-and-cleaner"
        assert found.cheaper_without == "b"
        assert find_carbon_reversal(model, "b", "c").flat_eur_per_tco2e.reason == "same-emissions"

    def test_nearly_the_same_tonnes_reverse_nothing(self) -> None:
        # 1 887 EUR over 9 kg of 10 t were 209 667 EUR/t; over 11 kg, a price again.
        for kg, reason, value in ((9991, "same-emissions", None), (9989, "", 1887 / 0.011)):
            alternatives = {
                "a": [item("p", "purchase", 1000, emissions_kgco2e=10_000)],
                "b": [item("p", "purchase", 2887, emissions_kgco2e=kg)],
            }
            model = Model(build_study(content(alternatives)))
            found = find_carbon_reversal(model, "a", "b").flat_eur_per_tco2e
            assert found.reason == reason
            assert found.value == (None if value is None else pytest.approx(value))


class TestDiscounting:
    """Where in its year a recurring cost falls."""

    @pytest.mark.parametrize(
        ("convention", "shift"),
        [("end-of-year", 0.0), ("mid-year", 0.5), ("beginning-of-year", 1.0)],
    )
    def test_of_a_year(self, convention: str, shift: float) -> None:
        result = cost({"a": [upkeep(100)]}, discounting=convention)
        assert lcc(result) == pytest.approx(sum(100 * pv(t - shift) for t in TEN))
        # Prices move to the date of the payment.
        grown = cost(
            {"a": [upkeep(100, escalation={"rate_per_year": 0.02})]}, discounting=convention
        )
        assert lcc(grown) == pytest.approx(
            sum(100 * 1.02 ** (t - shift) * pv(t - shift) for t in TEN)
        )

    @pytest.mark.parametrize(
        ("convention", "shift"),
        [("end-of-year", 0.0), ("mid-year", 0.5), ("beginning-of-year", 1.0)],
    )
    def test_of_a_month(self, convention: str, shift: float) -> None:
        result = cost({"a": [upkeep(10, per="month")]}, discounting=convention, years=2)
        expected = sum(10 * pv((month - shift) / 12) for month in range(1, 25))
        assert lcc(result) == pytest.approx(expected)

    @pytest.mark.parametrize("convention", ["mid-year", "beginning-of-year"])
    def test_what_is_dated_keeps_its_date(self, convention: str) -> None:
        items = [
            item("p", "purchase", 100, at_year=2, life_years=16, residual={"method": "linear"}),
            item("x", "one-off", 50, at_year=2.5),
        ]
        result = cost({"a": items}, discounting=convention)
        assert lcc(result) == pytest.approx(100 * pv(2) + 50 * pv(2.5) - 50 * pv(10))

    def test_annual_cost_is_one_of_the_end_of_years(self) -> None:
        result = cost({"a": [upkeep(100)]}, discounting="mid-year")
        assert result.measures["a"].eac_eur.value == pytest.approx(100 * 1.03**0.5)

    def test_by_the_calendar(self) -> None:
        result = cost(
            {"a": [upkeep(100)]}, base_date=date(2026, 3, 15), discounting="calendar-date", years=6
        )
        # 29 February 2028 falls in the second year.
        days = [(date(2026 + t, 3, 15) - date(2026, 3, 15)).days for t in range(1, 7)]
        assert days == [365, 731, 1096, 1461, 1826, 2192]
        assert lcc(result) == pytest.approx(sum(100 * pv(day / 365) for day in days))

    def test_by_the_calendar_from_a_leap_day(self) -> None:
        result = cost(
            {"a": [upkeep(100)]}, base_date=date(2028, 2, 29), discounting="calendar-date", years=4
        )
        ends = [date(2029, 2, 28), date(2030, 2, 28), date(2031, 2, 28), date(2032, 2, 29)]
        days = [(end - date(2028, 2, 29)).days for end in ends]
        assert lcc(result) == pytest.approx(sum(100 * pv(day / 365) for day in days))

    def test_by_the_calendar_from_31_december(self) -> None:
        # Ends are 31 December of each year; 2028 is a leap year: 366 days.
        result = cost(
            {"a": [upkeep(100)]}, base_date=date(2026, 12, 31), discounting="calendar-date", years=3
        )
        days = [365, 365 + 366, 365 + 366 + 365]
        assert date(2026, 12, 31) + timedelta(days=days[2]) == date(2029, 12, 31)
        assert lcc(result) == pytest.approx(sum(100 * pv(day / 365) for day in days))

    def test_by_bands(self) -> None:
        result = cost(
            {"a": [upkeep(100), item("x", "one-off", 1000, at_year=2.5)]},
            rate={"bands": [[2, 0.04], [5, 0.03], [99, 0.01]], "basis": "real"},
            years=7,
        )
        factor, expected = 1.0, 1000 / (1.04**2 * 1.03**0.5)
        for year in range(1, 8):
            factor /= 1.04 if year <= 2 else 1.03 if year <= 5 else 1.01
            expected += 100 * factor
        assert lcc(result) == pytest.approx(expected)

    def test_beyond_the_last_band_its_rate_goes_on(self) -> None:
        result = cost(
            {"a": [item("x", "one-off", 1000, at_year=4)]},
            rate={"bands": [[2, 0.04], [3, 0.03]], "basis": "real"},
        )
        assert lcc(result) == pytest.approx(1000 / (1.04**2 * 1.03**2))


class TestService:
    """Service that begins after the base date, parts of years, months."""

    def test_recurring_costs_begin_with_service(self) -> None:
        # Base January 2025, service July: nine and a half years of service; the last half counts
        # for its half, at the end.
        result = cost({"a": [upkeep(100)]}, service_date="2025-07-01")
        expected = sum(100 * pv(0.5 + k) for k in range(1, 10)) + 50 * pv(10)
        assert lcc(result) == pytest.approx(expected)

    def test_by_months(self) -> None:
        result = cost({"a": [upkeep(10, per="month")]}, service_date="2025-04-01", years=1)
        expected = sum(10 * pv(month / 12) for month in range(4, 13))
        assert lcc(result) == pytest.approx(expected)

    def test_the_day_of_the_month_does_not_count(self) -> None:
        by_day = [
            lcc(cost({"a": [upkeep(100)]}, service_date=f"2025-07-{day:02}")) for day in (1, 15, 31)
        ]
        assert by_day == pytest.approx([by_day[0]] * 3)

    def test_a_year_of_construction(self) -> None:
        # ECIP: a study of 21 years with one of construction has 20 of service.
        result = cost(
            {"a": [upkeep(100), item("x", "one-off", 500, at_year=6, counted_from="service")]},
            service_date="2026-01-01",
            years=21,
        )
        expected = sum(100 * pv(t) for t in range(2, 22)) + 500 * pv(7)
        assert lcc(result) == pytest.approx(expected)
        assert lcc(result) == pytest.approx(100 * upv(20) * pv(1) + 500 * pv(7))

    def test_a_part_of_a_year_at_the_end(self) -> None:
        half = cost({"a": [upkeep(100)]}, years=2.5)
        assert lcc(half) == pytest.approx(100 * pv(1) + 100 * pv(2) + 50 * pv(2.5))
        middle = cost({"a": [upkeep(100)]}, years=2.5, discounting="mid-year")
        assert lcc(middle) == pytest.approx(100 * pv(0.5) + 100 * pv(1.5) + 50 * pv(2.25))

    def test_a_part_too_small_to_be_one(self) -> None:
        # A period that comes out of a division is ten years, not ten years and an instant.
        result = cost({"a": [upkeep(100)]}, years=10 + 1e-12)
        assert len(result.ledger_lines("a")) == 10

    def test_every_few_years(self) -> None:
        every_three = [upkeep(100, every_years=3)]
        assert lcc(cost({"a": every_three})) == pytest.approx(100 * (pv(3) + pv(6) + pv(9)))
        # One that falls at the very end is upkeep, and is paid.
        assert lcc(cost({"a": every_three}, years=9)) == pytest.approx(
            100 * (pv(3) + pv(6) + pv(9))
        )
        first = [upkeep(100, every_years=3, first_year=1, last_year=7)]
        assert lcc(cost({"a": first})) == pytest.approx(100 * (pv(1) + pv(4) + pv(7)))

    def test_amounts_by_year(self) -> None:
        result = cost({"a": [item("x", "recurring", amounts_eur=[10, 20, 30])]}, years=2.5)
        assert lcc(result) == pytest.approx(10 * pv(1) + 20 * pv(2) + 0.5 * 30 * pv(2.5))
        monthly = cost({"a": [item("x", "recurring", amounts_eur=[1, 2], per="month")]}, years=2)
        assert lcc(monthly) == pytest.approx(
            sum((1 if month <= 12 else 2) * pv(month / 12) for month in range(1, 25))
        )

    def test_a_date(self) -> None:
        result = cost({"a": [item("x", "one-off", 100, date="2027-04-20")]})
        assert lcc(result) == pytest.approx(100 * pv(27 / 12))

    def test_phased_construction(self) -> None:
        # 30 % in month 0, 70 % in month 6; in use in month 6: renewed 4 years later.
        phased = item(
            "p", "purchase", 1000, life_years=4, phases=[[0, 0.3], [6, 0.7]],
            escalation={"rate_per_year": 0.02},
        )  # fmt: skip
        x = 1.02 / 1.03
        assert lcc(cost({"a": [phased]})) == pytest.approx(
            300 + 700 * x**0.5 + 1000 * x**4.5 + 1000 * x**8.5
        )

    def test_payback_counts_from_the_base_date(self) -> None:
        result = cost(
            {"base": [upkeep(500)], "alt": [item("p", "purchase", 300), upkeep(400)]},
            service_date="2026-01-01",
        )
        assert result.measures["alt"].simple_payback.year == 4


class TestPriceDate:
    """Which date a price is of: the base date, or the first payment."""

    GROWTH = 0.04

    @pytest.mark.parametrize(
        ("convention", "shift"),
        [("end-of-year", 0.0), ("mid-year", 0.5), ("beginning-of-year", 1.0)],
    )
    def test_under_each_convention(self, convention: str, shift: float) -> None:
        result = cost(
            {"a": [upkeep(100, price_at="first-year", escalation={"rate_per_year": self.GROWTH})]},
            discounting=convention,
        )
        expected = sum(100 * 1.04 ** (t - 1) * pv(t - shift) for t in TEN)
        assert lcc(result) == pytest.approx(expected)

    def test_with_service_later(self) -> None:
        growth = {"rate_per_year": self.GROWTH}
        result = cost(
            {"a": [upkeep(100, price_at="first-year", escalation=growth)]},
            service_date="2027-01-01",
        )
        expected = sum(100 * 1.04 ** (t - 3) * pv(t) for t in range(3, 11))
        assert lcc(result) == pytest.approx(expected)

    def test_by_a_list(self) -> None:
        growth = {"rates_per_year": [0.5, 0.1, 0.2]}
        result = cost({"a": [upkeep(100, price_at="first-year", escalation=growth)]}, years=3)
        assert lcc(result) == pytest.approx(100 * pv(1) + 110 * pv(2) + 132 * pv(3))

    def test_of_a_purchase_it_is_that_of_its_date(self) -> None:
        # 100 when bought in year 2; a quarter of the growth later when bought again.
        bought = item(
            "p", "purchase", 100, at_year=2, life_years=5, price_at="first-year",
            escalation={"rate_per_year": self.GROWTH},
            residual={"method": "linear", "on": "escalated"},
        )  # fmt: skip
        again = 100 * 1.04**5
        assert lcc(cost({"a": [bought]})) == pytest.approx(
            100 * pv(2) + again * pv(7) - again * 2 / 5 * pv(10)
        )


RESIDUAL_SHARES = {"linear": 2 / 6, "declining": 0.8**4, "fraction": 0.15}
RESIDUAL_KEYS = {
    "linear": {},
    "declining": {"rate_per_year": 0.2},
    "fraction": {"fraction": 0.15},
    "market": {"amount_eur": 130},
}
RESIDUAL_LEVELS = {"first": 1.0, "escalated": 1.02**6, "re-escalated": 1.02**10}
"""On the price of the base date, of the purchase (year 6), of the end (year 10)."""


class TestResidual:
    """Four methods, on three prices, in constant and in current euros.

    A purchase of 1 000 EUR with a life of 6 years in a study of 10: bought in years 0 and 6, the
    second is 4 years old at the end. Its price grows by 2 % a year above general prices.
    """

    GROWTH, INFLATION = 0.02, 0.015

    def expected(self, method: str, on: str) -> float:
        left = 130.0 if method == "market" else 1000 * RESIDUAL_SHARES[method] * RESIDUAL_LEVELS[on]
        return 1000 + 1000 * (1.02 / 1.03) ** 6 - left * pv(10)

    def purchase(self, method: str, on: str) -> dict[str, Any]:
        return item(
            "p", "purchase", 1000, life_years=6,
            escalation={"rate_per_year": self.GROWTH, "basis": "real"},
            residual={"method": method, "on": on, **RESIDUAL_KEYS[method]},
        )  # fmt: skip

    @pytest.mark.parametrize("on", ["first", "escalated", "re-escalated"])
    @pytest.mark.parametrize("method", ["linear", "declining", "fraction", "market"])
    def test_in_constant_euros(self, method: str, on: str) -> None:
        result = cost({"a": [self.purchase(method, on)]})
        assert lcc(result) == pytest.approx(self.expected(method, on))

    @pytest.mark.parametrize("on", ["first", "escalated", "re-escalated"])
    @pytest.mark.parametrize("method", ["linear", "declining", "fraction", "market"])
    def test_in_current_euros(self, method: str, on: str) -> None:
        result = cost(
            {"a": [self.purchase(method, on)]},
            rate={"rate_per_year": RATE, "basis": "real"},
            price_basis="nominal",
            sections={"inflation": {"rate_per_year": self.INFLATION}},
        )
        assert lcc(result) == pytest.approx(self.expected(method, on))
        (line,) = [each for each in result.ledger_lines("a") if each.category == "residual"]
        left = 130.0 if method == "market" else 1000 * RESIDUAL_SHARES[method] * RESIDUAL_LEVELS[on]
        assert line.amount_eur == pytest.approx(-left * 1.015**10)

    def test_none(self) -> None:
        result = cost({"a": [item("p", "purchase", 1000, residual={"method": "none"})]})
        assert lcc(result) == 1000

    def test_the_price_of_the_purchase_is_that_of_its_payment(self) -> None:
        # Paid in year 0, in use from year 1: 9 of 20 years of life are used in year 10.
        bought = item(
            "p", "purchase", 1000, life_years=20, escalation={"rate_per_year": 0.05},
            residual={"method": "linear", "on": "escalated"},
        )  # fmt: skip
        result = cost({"a": [bought]}, service_date="2026-01-01")
        assert lcc(result) == pytest.approx(1000 - 1000 * 11 / 20 * pv(10))

    def test_once_bought_it_wears_to_nothing(self) -> None:
        bought = item(
            "p", "purchase", 1000, life_years=6, replaced=False, residual={"method": "linear"}
        )
        assert lcc(cost({"a": [bought]})) == 1000

    def test_as_an_item(self) -> None:
        items = [item("p", "purchase", 1000), item("left", "residual", 100)]
        assert lcc(cost({"a": items})) == pytest.approx(1000 - 100 * pv(10))
        assert cost({"a": items}).measures["a"].investment_eur == pytest.approx(1000 - 100 * pv(10))

    def test_disposal_and_revenue(self) -> None:
        items = [item("end", "disposal", 80), item("sold", "revenue", 30),
                 item("grant", "revenue", 500, at_year=1)]  # fmt: skip
        assert lcc(cost({"a": items})) == pytest.approx(80 * pv(10) - 30 * upv(10) - 500 * pv(1))


class TestLoan:
    """Annuity, linear and bullet, in constant and in current euros, outliving the study."""

    def payments(self, repayment: str) -> list[float]:
        """What 1 000 EUR at 4 % over five years ask for at the end of each year."""
        if repayment == "annuity":
            return [1000 / sum(1.04**-t for t in range(1, 6))] * 5
        if repayment == "linear":
            return [200 + 0.04 * (1000 - 200 * (t - 1)) for t in range(1, 6)]
        return [40.0] * 4 + [1040.0]

    def loan(self, repayment: str, **keys: Any) -> dict[str, Any]:
        return item(
            "loan", "loan", 1000, rate_per_year=0.04, term_years=5, repayment=repayment, **keys
        )

    KINDS = pytest.mark.parametrize("repayment", ["annuity", "linear", "bullet"])

    @KINDS
    def test_in_current_euros(self, repayment: str) -> None:
        result = cost(
            {"a": [self.loan(repayment)]},
            rate=0.05,
            price_basis="nominal",
            sections={"inflation": {"rate_per_year": 0.02}},
        )
        expected = -1000 + sum(paid / 1.05**t for t, paid in enumerate(self.payments(repayment), 1))
        assert lcc(result) == pytest.approx(expected)

    @KINDS
    def test_in_constant_euros_payments_lose_their_value(self, repayment: str) -> None:
        result = cost(
            {"a": [self.loan(repayment)]}, sections={"inflation": {"rate_per_year": 0.02}}
        )
        expected = -1000 + sum(
            paid / 1.02**t / 1.03**t for t, paid in enumerate(self.payments(repayment), 1)
        )
        assert lcc(result) == pytest.approx(expected)

    @KINDS
    def test_at_the_rate_of_the_study_it_costs_nothing(self, repayment: str) -> None:
        for years in (10, 5, 3, 2.5):
            result = cost(
                {"a": [self.loan(repayment)]},
                rate=0.04,
                years=years,
                price_basis="nominal",
                sections={"inflation": {"rate_per_year": 0.02}},
            )
            assert lcc(result) == pytest.approx(0, abs=1e-9)

    @KINDS
    def test_a_debt_that_outlives_the_study_is_repaid_then(self, repayment: str) -> None:
        result = cost(
            {"a": [self.loan(repayment)]},
            rate=0.05,
            years=3,
            price_basis="nominal",
            sections={"inflation": {"rate_per_year": 0.02}},
        )
        paid, owed = self.payments(repayment), 1000.0
        for each in paid[:3]:
            owed = owed * 1.04 - each
        expected = -1000 + sum(paid[t - 1] / 1.05**t for t in (1, 2, 3)) + owed / 1.05**3
        assert lcc(result) == pytest.approx(expected)

    def test_one_that_begins_later(self) -> None:
        result = cost(
            {"a": [self.loan("bullet", at_year=2)]},
            rate=0.05,
            years=4,
            price_basis="nominal",
            sections={"inflation": {"rate_per_year": 0.02}},
        )
        assert lcc(result) == pytest.approx(-1000 / 1.05**2 + 40 / 1.05**3 + 1040 / 1.05**4)

    def test_one_that_would_begin_after_the_end_is_not_taken(self) -> None:
        study = build_study(
            content(
                {"a": [self.loan("annuity", at_year=6)]},
                sections={"inflation": {"rate_per_year": 0.02}},
            )
        )
        assert Model(study).evaluate({"period": 5.0}).lcc_eur[0, 0] == 0

    def test_without_inflation_it_cannot_be_told_in_constant_euros(self) -> None:
        with pytest.raises(FieldError, match="inflation"):
            cost({"a": [self.loan("annuity")]})

    def test_it_is_no_investment(self) -> None:
        result = cost(
            {"a": [item("p", "purchase", 1000), self.loan("annuity")]},
            sections={"inflation": {"rate_per_year": 0.02}},
        )
        assert result.measures["a"].investment_eur == 1000

    def test_two_loans_of_one_name_begin_at_their_own_dates(self) -> None:
        sections = {
            "inflation": {"rate_per_year": 0.02},
            "parameters": {"rate": {"value": 0.04}},
        }
        loan = {"rate_per_year": "rate", "term_years": 5, "repayment": "bullet"}
        result = cost(
            {
                "now": [item("loan", "loan", 1000, **loan)],
                "later": [item("loan", "loan", 1000, counted_from="service", **loan)],
            },
            sections=sections,
            service_date="2026-01-01",
        )
        d = 1.02 * 1.03
        now = -1000 + sum(40 / d**t for t in range(1, 6)) + 1000 / d**5
        assert lcc(result, "now") == pytest.approx(now)
        assert lcc(result, "later") == pytest.approx(now / d)


class TestLease:
    """Paid at the beginning of its period, whatever the convention."""

    @pytest.mark.parametrize("convention", ["end-of-year", "mid-year", "beginning-of-year"])
    def test_in_advance(self, convention: str) -> None:
        result = cost({"a": [item("rent", "lease", 100)]}, discounting=convention)
        assert lcc(result) == pytest.approx(sum(100 * pv(t - 1) for t in TEN))

    def test_by_months_from_service(self) -> None:
        result = cost(
            {"a": [item("rent", "lease", 100, per="month")]}, service_date="2025-03-01", years=1
        )
        assert lcc(result) == pytest.approx(sum(100 * pv(month / 12) for month in range(2, 12)))

    def test_over_a_part_of_the_study(self) -> None:
        result = cost({"a": [item("rent", "lease", 100, first_year=2, last_year=4)]})
        assert lcc(result) == pytest.approx(100 * (pv(1) + pv(2) + pv(3)))

    def test_with_a_growing_price(self) -> None:
        rent = item("rent", "lease", 100, escalation={"rate_per_year": 0.02})
        assert lcc(cost({"a": [rent]})) == pytest.approx(
            sum(100 * (1.02 / 1.03) ** (t - 1) for t in TEN)
        )


class TestHorizonRules:
    """Common horizon, contract term, least common multiple, annuity."""

    def alternatives(self, **keys: Any) -> list[dict[str, Any]]:
        def items(first: float, life: int) -> list[dict[str, Any]]:
            return [item("p", "purchase", first, life_years=life, **keys), upkeep(10)]

        return [
            {"key": "a", "life_years": 4, "items": items(100, 4)},
            {"key": "b", "life_years": 6, "items": items(140, 6)},
        ]

    @pytest.mark.parametrize("rule", ["common-horizon", "contract-term"])
    def test_over_the_period(self, rule: str) -> None:
        result = cost(self.alternatives(residual={"method": "linear"}), horizon_rule=rule)
        assert lcc(result, "a") == pytest.approx(
            100 * (1 + pv(4) + pv(8)) - 100 * 2 / 4 * pv(10) + 10 * upv(10)
        )
        assert lcc(result, "b") == pytest.approx(
            140 * (1 + pv(6)) - 140 * 2 / 6 * pv(10) + 10 * upv(10)
        )

    def test_least_common_multiple(self) -> None:
        growth = {"rate_per_year": 0.02}
        result = cost(self.alternatives(escalation=growth), horizon_rule="least-common-multiple")
        x = 1.02 / 1.03
        assert result.measures["a"].horizon_years == 12
        assert lcc(result, "a") == pytest.approx(100 * (1 + x**4 + x**8) + 10 * upv(12))
        assert lcc(result, "b") == pytest.approx(140 * (1 + x**6) + 10 * upv(12))
        assert result.measures["b"].net_savings_eur.value == pytest.approx(
            lcc(result, "a") - lcc(result, "b")
        )

    def test_residual_values_of_each_life_of_the_chain(self) -> None:
        # A life of 5 in an alternative of 4, twice: a fifth is left in years 4 and 8, of the
        # price paid in years 0 and 4.
        bought = item(
            "p", "purchase", 100, life_years=5, escalation={"rate_per_year": 0.02},
            residual={"method": "linear", "on": "escalated"},
        )  # fmt: skip
        result = cost(
            [
                {"key": "a", "life_years": 4, "items": [bought]},
                {"key": "b", "life_years": 8, "items": [upkeep(1)]},
            ],
            horizon_rule="least-common-multiple",
        )
        assert lcc(result, "a") == pytest.approx(
            100 - 20 * pv(4) + 100 * 1.02**4 * pv(4) - 20 * 1.02**4 * pv(8)
        )

    def test_annuity(self) -> None:
        result = cost(self.alternatives(), horizon_rule="annuity")
        a = (100 + 10 * upv(4)) / upv(4)
        b = (140 + 10 * upv(6)) / upv(6)
        assert result.measures["a"].eac_eur.value == pytest.approx(a)
        assert result.measures["b"].eac_eur.value == pytest.approx(b)
        assert result.ranking == (("a", "b") if a < b else ("b", "a"))
        assert [each.compared_eur for each in result.rules if each.rule == "annuity"] == [
            (pytest.approx(a), pytest.approx(b))
        ]

    def test_annuity_with_a_year_of_construction(self) -> None:
        alternatives = [{"key": "a", "life_years": 4, "items": [item("p", "purchase", 100)]}]
        result = cost(alternatives, horizon_rule="annuity", service_date="2026-01-01")
        assert result.measures["a"].horizon_years == 5
        assert result.measures["a"].eac_eur.value == pytest.approx(100 / upv(5))

    @pytest.mark.parametrize("rule", ["annuity", "least-common-multiple"])
    def test_an_item_after_the_end_of_a_life_is_refused(self, rule: str) -> None:
        late = [{"key": "a", "life_years": 4, "items": [item("x", "one-off", 100, at_year=8)]}]
        with pytest.raises(FieldError, match="would not count") as error:
            cost(late, horizon_rule=rule)
        assert error.value.field == "a.x.at_year"

    def test_a_multiple_of_parts_of_years_is_refused(self) -> None:
        lives = [{"key": "a", "life_years": 2.5, "items": [upkeep(1)]},
                 {"key": "b", "life_years": 3, "items": [upkeep(1)]}]  # fmt: skip
        with pytest.raises(FieldError, match="whole years"):
            cost(lives, horizon_rule="least-common-multiple")


class TestTaxes:
    """HT and TTC, the refund of the compensation fund, price years."""

    def test_a_price_with_tax_in_a_study_without(self) -> None:
        bought = item("p", "purchase", 120, tax="TTC", vat_rate=0.2)
        assert lcc(cost({"a": [bought]})) == pytest.approx(100)

    def test_a_price_without_tax_in_a_study_with(self) -> None:
        bought = item("p", "purchase", 100, tax="HT", vat_rate=0.055)
        assert lcc(cost({"a": [bought]}, tax_basis="TTC")) == pytest.approx(105.5)

    def test_the_refund_is_one_of_investment(self) -> None:
        # FCTVA: 16.404 % of the cost with tax.
        items = [item("p", "purchase", 1200), upkeep(120)]
        result = cost({"a": items}, tax_basis="TTC", fctva_rate=0.16404)
        assert lcc(result) == pytest.approx(1200 * (1 - 0.16404) + 120 * upv(10))

    def test_it_applies_to_what_is_priced_by_name(self) -> None:
        sections = {"prices": {"lamp": {"value": 100, "unit": "EUR/item", "tax": "HT",
                                        "vat_rate": 0.2}}}  # fmt: skip
        lamps = item("lamps", "purchase", quantity=10, unit="item", price="lamp")
        result = cost({"a": [lamps]}, tax_basis="TTC", fctva_rate=0.16404, sections=sections)
        assert lcc(result) == pytest.approx(1200 * (1 - 0.16404))

    def test_it_refunds_no_income(self) -> None:
        items = [
            item("p", "purchase", 1200, residual={"method": "market", "amount_eur": 100}),
            item("left", "residual", 50),
            item("end", "disposal", 30),
        ]
        result = cost({"a": items}, tax_basis="TTC", fctva_rate=0.16404)
        assert lcc(result) == pytest.approx(1200 * (1 - 0.16404) + (30 - 100 - 50) * pv(10))

    def test_it_changes_no_kilogram(self) -> None:
        sections = {"factors": {"works": {"value": 0.5, "unit": "kgCO2e/EUR"}}}
        bought = item("p", "purchase", 1000, factor="works")
        result = cost({"a": [bought]}, tax_basis="TTC", fctva_rate=0.16404, sections=sections)
        assert result.measures["a"].emissions_tco2e == pytest.approx(0.5)

    def test_a_renewal_emits_by_what_it_costs(self) -> None:
        sections = {"factors": {"works": {"value": 0.5, "unit": "kgCO2e/EUR"}}}
        bought = item("p", "purchase", 1000, factor="works", life_years=6, replacement_eur=400)
        row = cost({"a": [bought]}, sections=sections).measures["a"]
        assert row.emissions_tco2e == pytest.approx(0.5 + 0.2)

    def test_a_price_of_another_year(self) -> None:
        # Consumer prices, 2015 = 100: 104.730 (2020), 117.473 (2023).
        bought = item("p", "purchase", 1000, price_year=2020)
        result = cost({"a": [bought]}, price_year=2023, price_index="cpi-fr")
        assert lcc(result) == pytest.approx(1000 * 117.473 / 104.730, rel=1e-5)

    def test_of_a_named_price_too(self) -> None:
        sections = {"prices": {"lamp": {"value": 100, "unit": "EUR/item", "price_year": 2020}}}
        lamps = item("lamps", "purchase", quantity=10, unit="item", price="lamp")
        result = cost({"a": [lamps]}, price_year=2023, price_index="cpi-fr", sections=sections)
        assert lcc(result) == pytest.approx(1000 * 117.473 / 104.730, rel=1e-5)


class TestRealAndNominal:
    """Fisher's relation, by hand, both ways."""

    def test_a_nominal_study(self) -> None:
        items = [
            upkeep(100, "general"),
            upkeep(100, "real", escalation={"rate_per_year": 0.01, "basis": "real"}),
            upkeep(100, "nominal", escalation={"rate_per_year": 0.04, "basis": "nominal"}),
        ]
        result = cost(
            {"a": items},
            rate=0.05,
            price_basis="nominal",
            sections={"inflation": {"rate_per_year": 0.02}},
        )
        expected = sum(100 * (1.02**t + (1.01 * 1.02) ** t + 1.04**t) / 1.05**t for t in TEN)
        assert lcc(result) == pytest.approx(expected)

    def test_a_nominal_rate_in_a_real_study(self) -> None:
        result = cost(
            {"a": [upkeep(100)]},
            rate={"rate_per_year": 0.05, "basis": "nominal"},
            sections={"inflation": {"rate_per_year": 0.02}},
        )
        assert lcc(result) == pytest.approx(sum(100 * (1.02 / 1.05) ** t for t in TEN))

    def test_nominal_bands_in_a_real_study(self) -> None:
        result = cost(
            {"a": [upkeep(100)]},
            rate={"bands": [[1, 0.05], [2, 0.04]], "basis": "nominal"},
            years=2,
            sections={"inflation": {"rate_per_year": 0.02}},
        )
        d1, d2 = 1.05 / 1.02, 1.04 / 1.02
        assert lcc(result) == pytest.approx(100 / d1 + 100 / d1 / d2)

    def test_carbon_follows_general_prices_in_a_nominal_study(self) -> None:
        result = cost(
            {"a": [item("x", "one-off", 0, at_year=5, emissions_kgco2e=2000)]},
            rate=0.05,
            price_basis="nominal",
            sections={"inflation": {"rate_per_year": 0.02}, "externalities": PATH},
        )
        # 2 t at 150 EUR of 2025, in euros of 2030.
        assert result.measures["a"].carbon_cost_eur == pytest.approx(2 * 150 * (1.02 / 1.05) ** 5)


class TestQuantities:
    """Euros and kilograms from one quantity, through units."""

    def test_a_product_of_parameters(self) -> None:
        sections = {
            "parameters": {"hours": {"value": 4100, "unit": "h/an"}},
            "prices": {"power": {"value": 180, "unit": "EUR/MWh"}},
            "factors": {"power": {"value": 52, "unit": "kgCO2e/MWh"}},
        }
        lamps = item(
            "lamps", "recurring", quantity=[1000, "power", "hours"], price="power", factor="power"
        )
        alternatives = [
            {"key": "a", "parameters": {"power": {"value": 50, "unit": "W"}}, "items": [lamps]}
        ]
        row = cost(alternatives, years=1, sections=sections).measures["a"]
        # 1 000 × 50 W × 4 100 h = 205 MWh.
        assert row.lcc_eur == pytest.approx(205 * 180 / 1.03)
        assert row.emissions_tco2e == pytest.approx(205 * 0.052)

    def test_a_quantity_by_month(self) -> None:
        use = item(
            "use", "recurring", quantity=1, unit="MWh/mois", per="month",
            price_eur_per_unit=0.2, price_unit="EUR/kWh",
        )  # fmt: skip
        assert lcc(cost({"a": [use]}, rate=0.0, years=1)) == pytest.approx(12 * 200)
        yearly = {**use, "per": "year"}
        assert lcc(cost({"a": [yearly]}, rate=0.0, years=1)) == pytest.approx(12 * 200)

    def test_a_price_by_power_and_time(self) -> None:
        subscribed = item(
            "power", "recurring", quantity=36, unit="kW",
            price_eur_per_unit=12, price_unit="EUR/kW/an",
        )  # fmt: skip
        assert lcc(cost({"a": [subscribed]}, rate=0.0, years=2)) == pytest.approx(36 * 12 * 2)
        by_month = {**subscribed, "price_unit": "EUR/kW/mois"}
        assert lcc(cost({"a": [by_month]}, rate=0.0, years=1)) == pytest.approx(36 * 12 * 12)

    def test_a_price_whose_unit_is_that_of_the_quantity(self) -> None:
        for unit in ("kWh/year", "kWh", "m2/an", "item"):
            use = item("use", "recurring", quantity=40, unit=unit, price_eur_per_unit=12)
            assert lcc(cost({"a": [use]}, rate=0.0, years=1)) == pytest.approx(480)

    def test_a_factor_that_changes(self) -> None:
        sections = {
            "factors": {"power": {"value": 0.1, "unit": "kgCO2e/kWh", "change_per_year": -0.05}}
        }
        use = item("use", "recurring", 1, quantity=10_000, unit="kWh/year", factor="power")
        row = cost({"a": [use]}, years=3, sections=sections).measures["a"]
        assert row.emissions_tco2e == pytest.approx(0.95 + 0.95**2 + 0.95**3)


def test_a_loan_repaid_by_months() -> None:
    """The loan of numpy-financial's documentation: 200 000 at 7.5 %, 15 years, monthly: 1854.02."""
    loan = item("loan", "loan", 200_000, rate_per_year=0.075, term_years=15, payments_per_year=12)
    result = cost(
        {"a": [loan]}, rate=0.0, years=15, price_basis="nominal",
        sections={"inflation": {"rate_per_year": 0.0}},
    )  # fmt: skip
    paid = [line.amount_eur for line in result.ledger_lines("a") if line.amount_eur > 0]
    assert len(paid) == 180
    assert paid == pytest.approx([1854.0247200054619] * 180, abs=1e-6)
    # By hand, two half-years at 2 %, linear: 50 + 100 × 0.02, then 50 + 50 × 0.02 …
    halves = item(
        "loan", "loan", 100, rate_per_year=0.04, term_years=1, payments_per_year=2,
        repayment="linear",
    )  # fmt: skip
    second = cost(
        {"a": [halves]}, rate=0.0, years=1, sections={"inflation": {"rate_per_year": 0.0}}
    )
    told = [line.amount_eur for line in second.ledger_lines("a") if line.amount_eur > 0]
    assert told == pytest.approx([52.0, 51.0])
