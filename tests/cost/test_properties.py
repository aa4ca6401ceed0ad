"""What holds for every study: random ones, checked against each other and against plain loops."""

from __future__ import annotations

import copy
import math
import sys
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))
from studies import content, cost, item

from lcc.cost.engine.model import Evaluation, Model
from lcc.cost.files.study import build_study
from lcc.cost.results.decision import find_break_even
from lcc.cost.results.doubt import draw_costs
from lcc.cost.results.result import AlternativeMeasures, CostResult, cost_study

Content = dict[str, Any]

few = settings(
    max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
CLOSE = 1e-9
LONGEST_YEARS = 15
"""Longest random study; lists of growths are that long."""

RATES = st.floats(-0.02, 0.08).map(lambda rate: round(rate, 4))
AMOUNTS = st.floats(0, 10_000).map(lambda amount: round(amount, 2))
BASES = st.sampled_from(["real", "nominal"])
CLOCKS = st.sampled_from(["end-of-year", "mid-year", "beginning-of-year", "calendar-date"])


@st.composite
def growths(draw: st.DrawFn) -> Content:
    """A growth: a rate, yearly rates or an index, on a stated basis."""
    basis = draw(BASES)
    kind = draw(st.sampled_from(["rate_per_year", "rates_per_year", "index"]))
    if kind == "rate_per_year":
        return {"rate_per_year": draw(RATES), "basis": basis}
    rates = draw(st.lists(RATES, min_size=LONGEST_YEARS, max_size=LONGEST_YEARS))
    if kind == "rates_per_year":
        return {"rates_per_year": rates, "basis": basis}
    return {"index": np.cumprod(1 + np.array(rates)).tolist(), "basis": basis}


@st.composite
def residuals(draw: st.DrawFn) -> Content:
    method = draw(st.sampled_from(["linear", "declining", "fraction", "market"]))
    number: Content = {
        "linear": {},
        "declining": {"rate_per_year": draw(st.floats(0, 1))},
        "fraction": {"fraction": draw(st.floats(0, 1))},
        "market": {"amount_eur": draw(AMOUNTS)},
    }[method]
    on = draw(st.sampled_from(["first", "escalated", "re-escalated"]))
    return {"method": method, "on": on, **number}


KINDS = (
    "purchase", "one-off", "recurring", "replacement", "residual", "disposal", "revenue", "loan",
    "lease", "use",
)  # fmt: skip


@st.composite
def dates(draw: st.DrawFn, kind: str, years: int) -> Content:
    """When an item falls: a date in the first years, or first and following years of service."""
    keys: Content = {}
    if kind in ("purchase", "one-off", "replacement", "loan"):
        keys["counted_from"] = "base"
        if kind == "replacement" or draw(st.booleans()):
            keys["at_year"] = draw(st.integers(0, 4 * (years - 1))) / 4
        if kind in ("purchase", "one-off") and draw(st.booleans()):
            keys["phases"] = [[0, 0.25], [3, 0.75]]
    elif kind in ("recurring", "use", "revenue", "lease"):
        keys["per"] = draw(st.sampled_from(["year", "month"]))
        if draw(st.booleans()):
            keys["first_year"] = draw(st.integers(1, years - 1))
        if keys["per"] == "year" and kind != "use":
            keys["every_years"] = draw(st.integers(1, 3))
    return keys


@st.composite
def terms(draw: st.DrawFn, kind: str) -> Content:
    """Lives, renewals and residual values of what is bought; terms of a loan."""
    if kind == "loan":
        return {
            "rate_per_year": draw(RATES),
            "term_years": draw(st.integers(1, 20)),
            "repayment": draw(st.sampled_from(["annuity", "linear", "bullet"])),
        }
    if kind not in ("purchase", "replacement"):
        return {}
    keys = {
        "life_years": draw(st.one_of(st.integers(1, 20), st.floats(0.5, 20))),
        "replaced": draw(st.booleans()),
    }
    if draw(st.booleans()):
        keys["replacement_eur"] = draw(AMOUNTS)
    if draw(st.booleans()):
        keys["residual"] = draw(residuals())
    return keys


@st.composite
def items(draw: st.DrawFn, name: str, years: int, *, first_year_prices: bool) -> Content:
    """An item of any kind, in a study of so many years at least."""
    kind = draw(st.sampled_from(KINDS))
    timed = {**draw(dates(kind, years)), **draw(terms(kind))}
    if kind == "use":
        return {
            "name": name, "kind": "recurring",
            "category": draw(st.sampled_from(["energy", "operation"])),
            "quantity": [draw(AMOUNTS), "hours"], "price": "power", "factor": "power", **timed,
        }  # fmt: skip
    made_of: Content = {"name": name, "kind": kind, "amount_eur": draw(AMOUNTS), **timed}
    if kind == "loan":
        return made_of
    if draw(st.booleans()):
        made_of["emissions_kgco2e"] = draw(AMOUNTS)
    if first_year_prices:
        made_of["price_at"] = draw(st.sampled_from(["base-date", "first-year"]))
    return {**made_of, "escalation": draw(growths())}


@st.composite
def studies(
    draw: st.DrawFn, *, first_year_prices: bool = True, rules: tuple[str, ...] = ("common-horizon",)
) -> Content:
    """The sections of a study that uses most of what there is."""
    delay_months = draw(st.sampled_from([0, 0, 3, 12]))
    rule = draw(st.sampled_from(rules))
    if rule == "least-common-multiple":
        delay_months = 0
    years = draw(st.integers(3, LONGEST_YEARS))
    lives = [draw(st.sampled_from([2, 3, 4, 5, 6])) for _ in range(2)]
    if rule == "least-common-multiple":
        assume(math.lcm(*lives) <= LONGEST_YEARS)
    alternatives = []
    for key, life in zip(("a", "b"), lives, strict=True):
        room = life if rule in ("annuity", "least-common-multiple") else years - 1
        names = [f"{key}{rank}" for rank in range(draw(st.integers(1, 4)))]
        made = [draw(items(name, room, first_year_prices=first_year_prices)) for name in names]
        alternatives.append({"key": key, "life_years": life, "items": made})
    price = {
        "value": draw(st.floats(0.01, 1)),
        "unit": "EUR/kWh",
        "escalation": draw(growths()),
        "carbon_component_eur_per_tco2e": 20,
        "taxed_kgco2e_per_unit": 0.1,
    }
    if first_year_prices:
        price["price_at"] = draw(st.sampled_from(["base-date", "first-year"]))
    rate: Content = {"rate_per_year": draw(RATES), "basis": "real"}
    if draw(st.booleans()):
        rate = {"bands": [[4, draw(RATES)], [9, draw(RATES)]], "basis": "real"}
    return content(
        alternatives,
        rate=rate,
        years=years,
        base_date=draw(st.sampled_from([date(2025, 1, 1), date(2027, 12, 31), date(2028, 2, 29)])),
        service_date=None,
        discounting=draw(CLOCKS),
        price_basis="real",
        horizon_rule=rule,
        sections={
            "inflation": {"rate_per_year": draw(RATES)},
            "parameters": {"hours": {"value": draw(st.floats(0, 3)), "unit": "kWh"}},
            "prices": {"power": price},
            "factors": {
                "power": {
                    "value": draw(st.floats(0, 1)),
                    "unit": "kgCO2e/kWh",
                    "change_per_year": draw(st.sampled_from([0.0, -0.03])),
                }
            },
            "externalities": {
                "carbon_path": "own",
                "own": {"2025": 100, "2040": 300},
                "own_price_year": 2025,
                "own_source": "essai",
                "price_ratio": 1.0,
                "price_ratio_source": "essai",
                "double_counting": draw(st.sampled_from(["difference", "subtract-from-price"])),
            },
        },
    ) | {"delay_months": delay_months}


def finished(sections: Content, **study: Any) -> Content:
    """Return the sections with dates settled, and some keys of [study] replaced."""
    given_ = copy.deepcopy(sections)
    months = given_.pop("delay_months", 0)
    base = given_["study"]["base_date"]
    given_["study"].pop("service_date", None)
    if months:
        year, month = divmod(base.month - 1 + months, 12)
        given_["study"]["service_date"] = date(base.year + year, month + 1, 1)
    given_["study"] |= study
    return given_


def made(sections: Content, **study: Any) -> CostResult:
    """Return the result of random sections."""
    return cost_study(build_study(finished(sections, **study)))


def tonnes_of(row: AlternativeMeasures) -> float:
    """Return the tonnes of an alternative, zero where the study covers none."""
    return row.emissions_tco2e or 0.0


def scale(*results: CostResult) -> float:
    """Return the euros that rounding is relative to: all that is paid or received, discounted."""
    lines = [line for each in results for key in each.keys for line in each.ledger_lines(key)]
    return 1 + sum(abs(line.present_eur) + abs(line.carbon_present_eur) for line in lines)


def assert_same(one: CostResult, other: CostResult, *, factor: float = 1.0) -> None:
    """Assert that costs and tonnes are the same by alternative, times a factor for euros."""
    size = scale(one, other)
    for key in one.keys:
        first, second = one.measures[key], other.measures[key]
        assert second.lcc_eur == pytest.approx(factor * first.lcc_eur, abs=CLOSE * size)
        assert tonnes_of(second) == pytest.approx(tonnes_of(first), rel=CLOSE)
        if factor == 1:
            assert second.carbon_cost_eur == pytest.approx(first.carbon_cost_eur, abs=CLOSE * size)


class TestRealAndNominal:
    @few
    @given(studies(first_year_prices=False))
    def test_they_agree(self, sections: Content) -> None:
        real = made(sections, price_basis="real")
        nominal = made(
            sections, price_basis="nominal", price_year=sections["study"]["base_date"].year
        )
        assert_same(real, nominal)

    def test_a_first_year_price_is_one_of_its_year(self) -> None:
        # In current euros, 100 is what is paid in year 1; in constant euros, what it is worth then
        # in euros of the base date. The two are not one price.
        paid = item("x", "recurring", 100, price_at="first-year")
        real = cost({"a": [paid]}, years=1)
        nominal = cost(
            {"a": [paid]},
            years=1,
            rate={"rate_per_year": 0.03, "basis": "real"},
            price_basis="nominal",
            sections={"inflation": {"rate_per_year": 0.02}},
        )
        assert real.measures["a"].lcc_eur == pytest.approx(100 / 1.03)
        assert nominal.measures["a"].lcc_eur == pytest.approx(100 / 1.03 / 1.02)


class TestIdentities:
    @few
    @given(studies())
    def test_the_difference_is_the_net_saving(self, sections: Content) -> None:
        rows = made(sections).measures
        difference = rows["a"].lcc_eur - rows["b"].lcc_eur
        assert rows["b"].net_savings_eur.value == difference
        carbon = rows["a"].carbon_cost_eur - rows["b"].carbon_cost_eur
        assert rows["b"].net_savings_with_externalities_eur.value == pytest.approx(
            difference + carbon, abs=1e-6
        )

    @few
    @given(studies())
    def test_a_ratio_above_one_is_a_saving(self, sections: Content) -> None:
        row = made(sections).measures["b"]
        if row.sir.value is not None and abs(row.sir.value - 1) > CLOSE:
            assert (row.sir.value > 1) == (row.net_savings_eur.value > 0)
            if row.airr_per_year.value is not None:
                rate = made(sections).equivalent_rate_per_year
                assert (row.airr_per_year.value > rate) == (row.sir.value > 1)

    @few
    @given(studies())
    def test_investment_and_operation_make_the_cost(self, sections: Content) -> None:
        for row in made(sections).measures.values():
            assert row.investment_eur + row.operation_eur == pytest.approx(row.lcc_eur)

    @few
    @given(studies())
    def test_a_rate_of_return_makes_the_flows_worth_nothing(self, sections: Content) -> None:
        result = made(sections)
        flows: list[tuple[float, float]] = []
        for sign, key in ((1, "a"), (-1, "b")):
            lines = result.ledger_lines(key)
            flows += [(line.discount_years, sign * line.amount_eur) for line in lines]
        for rate in result.measures["b"].irr.roots_per_year:
            worth = math.fsum(flow * (1 + rate) ** -time for time, flow in flows)
            size = math.fsum(abs(flow) * (1 + rate) ** -time for time, flow in flows)
            assert worth == pytest.approx(0, abs=1e-7 * size)

    @few
    @given(studies())
    def test_the_annual_cost_has_the_same_present_value(self, sections: Content) -> None:
        result = made(sections, discounting="end-of-year")
        years = result.evaluation.costs["a"].horizon_years[0]
        annual = result.measures["a"].eac_eur.value
        again = finished(sections, discounting="end-of-year", horizon_rule="common-horizon")
        again["study"].pop("service_date", None)
        again["study"]["period_years"] = float(years)
        again["alternatives"] = [
            {"key": "a", "items": [item("x", "recurring", annual)]},
        ]
        same = cost_study(build_study(again)).measures["a"].lcc_eur
        assert same == pytest.approx(result.measures["a"].lcc_eur, rel=1e-9, abs=1e-6)


class TestInvariance:
    @few
    @given(studies(), st.randoms(use_true_random=False))
    def test_order_changes_nothing(self, sections: Content, random: Any) -> None:
        shuffled = copy.deepcopy(sections)
        shuffled["study"]["reference"] = "a"
        random.shuffle(shuffled["alternatives"])
        for each in shuffled["alternatives"]:
            random.shuffle(each["items"])
        one, other = made(sections), made(shuffled)
        assert_same(one, other)
        for key in ("a", "b"):
            first, second = one.measures[key], other.measures[key]
            assert first.sir.reason == second.sir.reason
            assert first.simple_payback.reason == second.simple_payback.reason
            if first.sir.value is not None:
                assert second.sir.value == pytest.approx(first.sir.value, rel=1e-6)

    @few
    @given(studies())
    def test_doubling_all_prices_doubles_the_cost(self, sections: Content) -> None:
        doubled = copy.deepcopy(sections)
        doubled["prices"]["power"]["value"] *= 2
        for alternative in doubled["alternatives"]:
            for each in alternative["items"]:
                for key in ("amount_eur", "replacement_eur"):
                    if key in each:
                        each[key] *= 2
                if "amount_eur" in each.get("residual", {}):
                    each["residual"]["amount_eur"] *= 2
        assert_same(made(sections), made(doubled), factor=2.0)

    @few
    @given(studies())
    def test_doubling_all_quantities_doubles_the_tonnes(self, sections: Content) -> None:
        doubled = copy.deepcopy(sections)
        for alternative in doubled["alternatives"]:
            for each in alternative["items"]:
                if "emissions_kgco2e" in each:
                    each["emissions_kgco2e"] *= 2
                if "quantity" in each:
                    each["quantity"][0] *= 2
        one, other = made(sections).measures, made(doubled).measures
        for key in ("a", "b"):
            assert tonnes_of(other[key]) == pytest.approx(2 * tonnes_of(one[key]))

    @few
    @given(studies())
    def test_an_item_in_two_halves_costs_the_same(self, sections: Content) -> None:
        halved = copy.deepcopy(sections)
        for alternative in halved["alternatives"]:
            twice = []
            for each in alternative["items"]:
                for key in ("amount_eur", "replacement_eur", "emissions_kgco2e"):
                    if key in each:
                        each[key] /= 2
                if "amount_eur" in each.get("residual", {}):
                    each["residual"]["amount_eur"] /= 2
                if "quantity" in each:
                    each["quantity"][0] /= 2
                twice += [each, {**copy.deepcopy(each), "name": each["name"] + " (second half)"}]
            alternative["items"] = twice
        assert_same(made(sections), made(halved))

    @few
    @given(studies())
    def test_an_alternative_does_not_depend_on_the_others(self, sections: Content) -> None:
        # Two alternatives of one horizon share their clock: nothing of one may reach the other.
        alone = copy.deepcopy(sections)
        alone["alternatives"] = alone["alternatives"][1:]
        one, other = made(sections).measures["b"], made(alone).measures["b"]
        assert one.lcc_eur == other.lcc_eur
        assert one.carbon_cost_eur == other.carbon_cost_eur

    @few
    @given(studies())
    def test_no_discounting_is_the_plain_sum(self, sections: Content) -> None:
        sections["discount"] = {"rate_per_year": 0.0, "basis": "real"}
        result = made(sections)
        for key in result.keys:
            plain = math.fsum(line.amount_eur for line in result.ledger_lines(key))
            assert result.measures[key].lcc_eur == pytest.approx(plain, abs=CLOSE * scale(result))


RULES = ("common-horizon", "contract-term", "least-common-multiple", "annuity")


class TestLedger:
    @few
    @given(studies(rules=RULES), BASES)
    def test_its_sums_are_the_results(self, sections: Content, basis: str) -> None:
        result = made(sections, price_basis=basis)
        size = scale(result)
        for key, row in result.measures.items():
            lines, cost_ = result.ledger_lines(key), result.evaluation.costs[key]
            total = math.fsum(line.present_eur for line in lines)
            assert total == pytest.approx(row.lcc_eur, abs=CLOSE * size)
            tonnes = math.fsum(line.emissions_tco2e for line in lines)
            assert tonnes == pytest.approx(tonnes_of(row), rel=CLOSE)
            carbon = math.fsum(line.carbon_present_eur for line in lines)
            assert carbon == pytest.approx(row.carbon_cost_eur, abs=CLOSE * size)
            invested = math.fsum(line.present_eur for line in lines if line.investment)
            assert invested == pytest.approx(row.investment_eur, abs=CLOSE * size)
            for category, present in cost_.by_category_eur.items():
                of_it = math.fsum(line.present_eur for line in lines if line.category == category)
                assert of_it == pytest.approx(float(present[0]), abs=CLOSE * size)

    @few
    @given(studies(rules=RULES), BASES)
    def test_nothing_falls_outside_the_horizon(self, sections: Content, basis: str) -> None:
        result = made(sections, price_basis=basis)
        for key, row in result.measures.items():
            for line in result.ledger_lines(key):
                assert 0 <= line.time_years <= row.horizon_years + 1e-9
                assert math.ceil(line.time_years - 1e-9) == line.year
                assert line.present_eur == pytest.approx(line.amount_eur * line.discount_factor)

    @few
    @given(studies(rules=RULES), BASES)
    def test_tables_agree_with_it(self, sections: Content, basis: str) -> None:
        result = made(sections, price_basis=basis)
        size = scale(result)
        ends = result.cumulative().groupby("group")["cumulative_eur"].last()
        parts = result.by_category()
        if parts.empty:
            return
        for key, row in result.measures.items():
            assert ends[key] == pytest.approx(row.lcc_eur, abs=CLOSE * size)
            assert parts[parts["group"] == key]["eur"].sum() == pytest.approx(
                row.lcc_with_externalities_eur, abs=CLOSE * size
            )


class TestCarbonTiming:
    @few
    @given(
        rate=st.floats(0.0, 0.08),
        years=st.lists(st.integers(0, 20), min_size=2, max_size=5),
        basis=BASES,
    )
    def test_where_the_value_grows_at_the_discount_rate_dates_do_not_matter(
        self, rate: float, years: list[int], basis: str
    ) -> None:
        path = {
            "carbon_path": "own",
            "own": {"2025": 250},
            "own_growth_per_year": rate,
            "own_price_year": 2025,
            "own_source": "essai",
            "double_counting": "difference",
        }
        alternatives = {
            f"a{rank}": [item("x", "one-off", 0, at_year=year, emissions_kgco2e=3000)]
            for rank, year in enumerate(years)
        }
        result = cost(
            alternatives,
            years=20,
            rate={"rate_per_year": rate, "basis": "real"},
            price_basis=basis,
            sections={"externalities": path, "inflation": {"rate_per_year": 0.02}},
        )
        for row in result.measures.values():
            assert row.carbon_cost_eur == pytest.approx(3 * 250)


class TestHorizonRules:
    @few
    @given(studies(rules=("least-common-multiple",)), RATES)
    def test_annual_costs_agree_where_renewals_are_identical(
        self, sections: Content, rate: float
    ) -> None:
        sections["discount"] = {"rate_per_year": rate, "basis": "real"}
        sections["prices"]["power"].pop("escalation")
        for alternative in sections["alternatives"]:
            # Payments of a loan are fixed in current euros: those of a next one are not identical.
            alternative["items"] = [e for e in alternative["items"] if e["kind"] != "loan"]
            for each in alternative["items"]:
                each.pop("escalation", None)
        assume(sections["study"]["discounting"] != "calendar-date")
        common = made(sections)
        own = made(sections, horizon_rule="annuity")
        for key in common.keys:
            assert common.measures[key].eac_eur.value == pytest.approx(
                own.measures[key].eac_eur.value, abs=CLOSE * scale(common)
            )
            assert common.measures[key].horizon_years % own.measures[key].horizon_years == 0


class TestPlainLoop:
    """The same studies by a slow loop that knows nothing of the engine."""

    @staticmethod
    def loop(sections: Content, key: str) -> float:
        """Life-cycle cost of an alternative, year by year, in a real study without bands."""
        study, rate = sections["study"], sections["discount"]["rate_per_year"]
        inflation = sections["inflation"]["rate_per_year"]
        horizon, delay = study["period_years"], sections.get("delay_months", 0) / 12
        shift = {"end-of-year": 1.0, "mid-year": 0.5, "beginning-of-year": 0.0}
        place = shift[study["discounting"]]

        def level(growth: Content | None, time: float) -> float:
            if growth is None:
                return 1.0
            if "rate_per_year" in growth:
                value = (1 + growth["rate_per_year"]) ** time
            else:
                rates = growth.get("rates_per_year")
                index = [1.0, *growth.get("index", [])]
                for each in rates or []:
                    index.append(index[-1] * (1 + each))
                whole = int(time + 1e-12)
                part = time - whole
                value = index[whole]
                if part > 1e-12:
                    value *= (index[whole + 1] / index[whole]) ** part
            return value / (1 + inflation) ** time if growth["basis"] == "nominal" else value

        def paid(amount: float, time: float, growth: Content | None, origin: float | None) -> float:
            if time > horizon + 1e-9:
                return 0.0
            price = level(growth, time) / (1.0 if origin is None else level(growth, origin))
            return amount * price * (1 + rate) ** -time

        def recurring(each: Content, amount: float, growth: Content | None, named: bool) -> float:
            advance = each["kind"] == "lease"
            steps = 12 if each.get("per") == "month" else 1
            every = each.get("every_years", 1)
            first = each.get("first_year", every)
            events = []
            for number in range(1, 20 * 12 * steps):
                begin = (number - 1) / steps
                share = min(1.0, (horizon - delay - begin) * steps)
                if share <= 1e-9:
                    break
                year = -(-number // steps)
                if year < first or (year - first) % every or (every > 1 and share < 1 - 1e-9):
                    continue
                at = delay + begin + (0.0 if advance else share / steps * place)
                events.append((share, at))
            origin = None
            if each.get("price_at") == "first-year" and events:
                origin = delay + place if named else events[0][1]
            return sum(paid(share * amount, at, growth, origin) for share, at in events)

        def bought(each: Content) -> float:
            at, amount, growth = each.get("at_year", 0.0), each["amount_eur"], each["escalation"]
            phases = each.get("phases", [[0, 1.0]])
            again = each.get("replacement_eur", amount)
            life, last = each["life_years"], phases[-1][0] / 12
            origin = at if each.get("price_at") == "first-year" else None
            if each["kind"] == "replacement" and at >= horizon - 1e-9:
                return 0.0
            total = sum(
                paid(share * amount, at + month / 12, growth, origin) for month, share in phases
            )
            begin = max(at + last, delay)
            unit, unit_price, unit_paid = begin, amount, at + last
            rank = 1
            while each["replaced"] and begin + rank * life < horizon - 1e-9:
                unit = unit_paid = begin + rank * life
                unit_price = again
                total += paid(again, unit, growth, origin)
                rank += 1
            residual = each.get("residual")
            if residual is None or unit > horizon:
                return total
            left = residual.get("amount_eur", 0.0)
            of_price = {
                "linear": min(max(1 - (horizon - unit) / life, 0.0), 1.0),
                "declining": (1 - residual.get("rate_per_year", 0.0)) ** (horizon - unit),
                "fraction": residual.get("fraction", 0.0),
                "market": 0.0,
            }[residual["method"]]
            if residual["method"] != "market":
                on = {"first": None, "escalated": unit_paid, "re-escalated": horizon}
                moment = on[residual["on"]]
                price = 1.0 if moment is None else level(growth, moment)
                if moment is not None and origin is not None:
                    price /= level(growth, origin)
                left = unit_price * of_price * price
            return total - left * (1 + rate) ** -horizon

        def lent(each: Content) -> float:
            interest, term = each["rate_per_year"], each["term_years"]
            at, owed = each.get("at_year", 0.0), each["amount_eur"]
            real = (1 + inflation) * (1 + rate)
            total, amount = -owed * real**-at, owed
            time = at
            for year in range(1, term + 1):
                if each["repayment"] == "annuity":
                    factor = sum((1 + interest) ** -t for t in range(1, term + 1))
                    payment = amount / factor
                elif each["repayment"] == "linear":
                    payment = amount / term + owed * interest
                else:
                    payment = owed * interest + (owed if year == term else 0.0)
                if at + year > horizon + 1e-9:
                    return total + owed * (1 + interest) ** (horizon - time) * real**-horizon
                owed = owed * (1 + interest) - payment
                time = at + year
                total += payment * real**-time
            return total

        def one(each: Content) -> float:
            kind, growth = each["kind"], each.get("escalation")
            if "quantity" in each:
                price = sections["prices"]["power"]
                amount = each["quantity"][0] * sections["parameters"]["hours"]["value"]
                named = {**each, "price_at": price["price_at"]}
                return recurring(named, amount * price["value"], price["escalation"], True)
            amount = each["amount_eur"]
            first = each.get("price_at") == "first-year"
            if kind in ("purchase", "replacement"):
                return bought(each)
            if kind == "loan":
                return lent(each)
            if kind == "one-off":
                at, phases = each.get("at_year", 0.0), each.get("phases", [[0, 1.0]])
                return sum(
                    paid(share * amount, at + month / 12, growth, at if first else None)
                    for month, share in phases
                )
            if kind in ("residual", "disposal"):
                end = paid(amount, horizon, growth, horizon if first else None)
                return -end if kind == "residual" else end
            total = recurring(each, amount, growth, False)
            return -total if kind == "revenue" else total

        (alternative,) = [each for each in sections["alternatives"] if each["key"] == key]
        return sum(map(one, alternative["items"]))

    @settings(few, max_examples=80)
    @given(studies(), RATES, st.sampled_from([0, 0.25, 0.5]))
    def test_costs(self, sections: Content, rate: float, part: float) -> None:
        assume(sections["study"]["discounting"] != "calendar-date")
        sections["discount"] = {"rate_per_year": rate, "basis": "real"}
        sections["study"]["period_years"] -= part
        result = made(sections)
        for key in result.keys:
            assert result.measures[key].lcc_eur == pytest.approx(
                self.loop(sections, key), abs=CLOSE * scale(result)
            )


class TestDegenerate:
    """d = 0, d < 0, e = d, N = 1, N = 0, on everything at once."""

    @few
    @given(studies(), st.sampled_from([0.0, -0.008, -0.5, 0.02, 1.0]))
    def test_rates(self, sections: Content, rate: float) -> None:
        sections["discount"] = {"rate_per_year": rate, "basis": "real"}
        result = made(sections)
        for row in result.measures.values():
            assert math.isfinite(row.lcc_eur)
        result.to_json()

    @few
    @given(rate=st.floats(-0.5, 0.5), years=st.integers(1, 40))
    @example(rate=0.0, years=1)
    def test_growth_at_the_discount_rate_counts_years(self, rate: float, years: int) -> None:
        grown = item("x", "recurring", 100, escalation={"rate_per_year": rate})
        assert cost({"a": [grown]}, rate=rate, years=years).measures["a"].lcc_eur == pytest.approx(
            100 * years
        )

    @few
    @given(studies())
    def test_no_period_costs_what_is_bought_at_once(self, sections: Content) -> None:
        for alternative in sections["alternatives"]:
            for each in alternative["items"]:
                for key in ("at_year", "phases", "first_year"):
                    each.pop(key, None)
                if each["kind"] == "replacement":
                    each["kind"] = "purchase"
        sections["study"]["period_years"] = 0
        sections["delay_months"] = 0
        result = made(sections)
        for key in result.keys:
            assert all(line.time_years == 0 for line in result.ledger_lines(key))
            assert result.measures[key].eac_eur.reason == "no-period"
        result.to_json()


def stacked(found: Evaluation) -> dict[str, np.ndarray]:
    """Return all arrays of an evaluation, by name."""
    arrays = {
        "lcc": found.lcc_eur,
        "with carbon": found.lcc_with_externalities_eur,
        "tonnes": found.emissions_tco2e,
        "annual": found.eac_eur,
        "compared": found.compared_eur(externalities=True),
    }
    for key in found.keys:
        cost_ = found.costs[key]
        arrays |= {
            f"{key} {name}": np.broadcast_to(getattr(cost_, name), (found.draws,))[:, None]
            for name in ("investment_eur", "discounted_tco2e", "horizon_years", "avoided_tco2e")
        }
        for category, present in cost_.by_category_eur.items():
            arrays[f"{key} {category}"] = np.broadcast_to(present, (found.draws,))[:, None]
    return arrays


class TestDraws:
    """Arrays of draws of any input give what one evaluation for each draw gives."""

    DRAWS = 6

    def values(self, model: Model, random: np.random.Generator, years: float) -> Content:
        """Return draws of every input of a model that keep within what makes sense."""
        drawn = {}
        for name, each in model.inputs.items():
            if name == "period":
                # Quarters of years fall on events; other fractions between them.
                wholes = random.integers(4, 4 * years + 1, self.DRAWS) / 4
                drawn[name] = np.where(random.random(self.DRAWS) < 0.5, wholes, random.uniform(
                    1.0, years, self.DRAWS))  # fmt: skip
            elif each.unit == "1/year" or name.endswith("rate_per_year"):
                drawn[name] = each.central + random.uniform(-0.01, 0.01, self.DRAWS)
            elif name.endswith("at_year"):
                drawn[name] = random.integers(0, 4 * years, self.DRAWS) / 4
            elif name.endswith("life_years"):
                drawn[name] = random.integers(2, 40, self.DRAWS) / 4
            else:
                drawn[name] = each.central * random.uniform(0.5, 1.5, self.DRAWS)
            if name.endswith("residual.rate_per_year"):
                drawn[name] = random.uniform(0, 1, self.DRAWS)
        return drawn

    def check(self, model: Model, values: Content) -> None:
        together = stacked(model.evaluate(values))
        for draw in range(self.DRAWS):
            alone = stacked(model.evaluate({name: float(v[draw]) for name, v in values.items()}))
            size = 1 + sum(float(np.abs(each).sum()) for each in alone.values())
            for name, each in alone.items():
                assert each[0] == pytest.approx(
                    together[name][draw], rel=CLOSE, abs=1e-12 * size
                ), name

    @settings(few, max_examples=30)
    @given(studies(rules=("common-horizon", "annuity")), st.integers(0, 2**32))
    def test_of_all_inputs_at_once(self, sections: Content, seed: int) -> None:
        model = Model(build_study(finished(sections)))
        years = sections["study"]["period_years"]
        values = self.values(model, np.random.default_rng(seed), years)
        if sections["study"]["horizon_rule"] == "annuity":
            for key in ("a", "b"):
                values[f"{key}.life_years"] = np.random.default_rng(seed).uniform(
                    2, LONGEST_YEARS - 2, self.DRAWS
                )
        self.check(model, values)

    @settings(few, max_examples=30)
    @given(studies(rules=("common-horizon", "annuity")), st.integers(0, 2**32), st.data())
    def test_of_one_input_alone(self, sections: Content, seed: int, data: st.DataObject) -> None:
        model = Model(build_study(finished(sections)))
        values = self.values(model, np.random.default_rng(seed), sections["study"]["period_years"])
        name = data.draw(st.sampled_from(sorted(model.inputs)))
        if name.endswith(("a.life_years", "b.life_years")):
            values[name] = np.clip(values[name], 2, LONGEST_YEARS - 2)
        self.check(model, {name: values[name]})

    @few
    @given(studies(rules=("least-common-multiple",)), st.integers(0, 2**32))
    def test_over_a_common_multiple(self, sections: Content, seed: int) -> None:
        model = Model(build_study(finished(sections)))
        values = self.values(model, np.random.default_rng(seed), 10)
        self.check(
            model,
            {name: v for name, v in values.items()
             if name not in ("a.life_years", "b.life_years", "period")},
        )  # fmt: skip

    def test_items_dated_by_the_same_parameters(self) -> None:
        # From the base date and from service, at once and by phases: never one date for two.
        bought = {"at_year": "start", "life_years": "life"}
        study = content(
            {
                "a": [
                    item("x", "one-off", 100, at_year="start"),
                    item("y", "one-off", 100, at_year="start", counted_from="service"),
                    item("p", "purchase", 50, **bought),
                    item("q", "purchase", 50, phases=[[0, 0.5], [12, 0.5]], **bought),
                    item("t", "purchase", 50, counted_from="service", **bought),
                    item("r", "replacement", 70, life_years="start"),
                    item("s", "one-off", 70, at_year="start"),
                ]
            },
            service_date="2026-01-01",
            sections={
                "parameters": {
                    "start": {"value": 2, "unit": "year"},
                    "life": {"value": 3, "unit": "year"},
                }
            },
        )
        model = Model(build_study(study))
        starts, lives = np.array([1.0, 2.0, 3.0, 4.0]), np.array([3.0, 4.0, 2.5, 7.0])
        drawn = {"parameters.start": starts, "parameters.life": lives}
        together = model.evaluate(drawn).lcc_eur[:, 0]

        def by_hand(start: float, life: float) -> float:
            def renewed(begin: float, each: float, amount: float) -> float:
                times = [begin + each * rank for rank in range(1, 10)]
                return sum(amount * 1.03**-time for time in times if time < 10)

            now, later = 1.03**-start, 1.03 ** -(start + 1)
            total = 100 * now + 100 * later
            total += 50 * now + renewed(start, life, 50)
            total += 25 * now + 25 * later + renewed(start + 1, life, 50)
            total += 50 * later + renewed(start + 1, life, 50)
            # What is replaced has been in use since service began, in year 1.
            return total + renewed(1, start, 70) + 70 * now

        expected = [by_hand(start, life) for start, life in zip(starts, lives, strict=True)]
        assert together == pytest.approx(expected)


class TestBreakEvens:
    @settings(few, max_examples=15)
    @given(studies(rules=("common-horizon", "annuity")), st.data())
    def test_of_any_input(self, sections: Content, data: st.DataObject) -> None:
        model = Model(build_study(finished(sections)))
        name = data.draw(st.sampled_from(sorted(model.inputs)))
        found = find_break_even(model, name, "a", "b")
        assert found.low <= found.central <= found.high
        for root in found.roots:
            # Zero there, or of two signs on the two sides of a step.
            step = 1e-9 * max(1.0, abs(root))
            around = np.array([max(root - step, found.low), root, min(root + step, found.high)])
            costs = model.evaluate({name: around}).compared_eur()
            gaps, size = costs[:, 0] - costs[:, 1], np.abs(costs).max()
            assert gaps.min() <= 1e-6 * size
            assert gaps.max() >= -1e-6 * size


class TestSharedDraws:
    """What alternatives share is drawn once; what is their own is drawn apart."""

    def draws(self) -> Any:
        doubt = {"triangular": [0.5, 1.0, 1.5]}
        alternatives = [
            {
                "key": key,
                "parameters": {"need": {"value": doubt, "unit": "MWh/year"}},
                "items": [
                    item("use", "recurring", quantity="need", price="power"),
                    item("p", "purchase", {"lognormal": [100, 0.2]}),
                    item("hours", "recurring", ["hours"]),
                ],
            }
            for key in ("a", "b")
        ]
        sections = {
            "parameters": {"hours": {"value": {"uniform": [10, 20]}}},
            "prices": {
                "power": {
                    "value": {"normal": [100, 10]}, "unit": "EUR/MWh",
                    "escalation": {"rate_per_year": {"normal": [0.01, 0.01]}},
                }
            },
        }  # fmt: skip
        study = content(
            alternatives,
            rate={"rate_per_year": {"uniform": [0.02, 0.04]}, "basis": "real"},
            years={"uniform": [8, 12]},
            sections=sections,
        )
        return draw_costs(build_study(study), 4000, seed=7)

    def test_each_shared_input_is_one(self) -> None:
        drawn = self.draws()
        assert set(drawn.values) == {
            "discount", "period", "parameters.hours", "prices.power", "prices.power.escalation",
            "a.parameters.need", "b.parameters.need", "a.p.amount_eur", "b.p.amount_eur",
        }  # fmt: skip
        shared = {name for name, each in drawn.model.inputs.items() if each.shared}
        assert shared >= {"discount", "period", "parameters.hours", "prices.power",
                          "prices.power.escalation"}  # fmt: skip

    def test_own_inputs_are_independent(self) -> None:
        drawn = self.draws().values
        for one, other in (
            ("a.parameters.need", "b.parameters.need"),
            ("a.p.amount_eur", "b.p.amount_eur"),
            ("a.parameters.need", "prices.power"),
        ):
            # The correlation of independent draws is within four standard errors of zero.
            assert abs(np.corrcoef(drawn[one], drawn[other])[0, 1]) < 4 / math.sqrt(4000)

    def test_costs_are_those_of_each_draw(self) -> None:
        drawn = self.draws()
        for draw in (0, 17, 3999):
            alone = drawn.model.evaluate({n: float(v[draw]) for n, v in drawn.values.items()})
            assert drawn.costs_eur[draw] == pytest.approx(alone.lcc_eur[0], rel=CLOSE)

    def test_removing_an_input_changes_no_other_draw(self) -> None:
        plain = build_study(
            content(
                {"a": [item("p", "purchase", {"lognormal": [100, 0.2]})]},
                rate={"rate_per_year": {"uniform": [0.02, 0.04]}, "basis": "real"},
            )
        )
        alone, among = draw_costs(plain, 4000, seed=7).values, self.draws().values
        for name in ("a.p.amount_eur", "discount"):
            assert np.array_equal(alone[name], among[name])
