"""The fifteen traps of life-cycle costing, one class each, expected values computed by hand here.

Traps are those of the method's list, numbered alike: each is a mistake met in a published tool, a
table or a worked example. Hand calculations are plain Python sums over years.
"""

from __future__ import annotations

import math
import sys
from datetime import date
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from studies import content, cost, item

from lcc.cost.engine.model import Model
from lcc.cost.files.study import build_study
from lcc.cost.rates.annuities import calc_escalated_factor, calc_inflation, calc_uniform_factor
from lcc.cost.rates.discounting import RateBands, calc_band_factors
from lcc.cost.rates.official_rates import load_official_rate
from lcc.cost.results.doubt import draw_costs
from lcc.cost.results.measures import calc_irr
from lcc.cost.results.result import AlternativeMeasures, CostResult
from lcc.errors import FieldError

YEARS_10 = range(1, 11)

OWN_PATH = {
    "carbon_path": "own",
    "own": {"2025": 100, "2030": 200},
    "own_price_year": 2025,
    "own_source": "essai",
    "double_counting": "difference",
}
"""A carbon value that doubles in five years."""

NO_CARBON = {"carbon_component_eur_per_tco2e": 0}
"""A price that holds no price of carbon."""


def lcc(result: CostResult, key: str = "a") -> float:
    """Life-cycle cost of an alternative, in euros."""
    return result.measures[key].lcc_eur


def upkeep(amount_eur: float, **keys: object) -> dict[str, object]:
    """An item of every year."""
    return item("upkeep", "recurring", amount_eur, **keys)


class TestTrap1RoundedRate:
    """A printed rate is rounded: 3.1 % printed, about 3.103 % used."""

    def test_the_exact_rate_is_used(self) -> None:
        result = cost(
            {"a": [upkeep(1000, escalation={"rate_per_year": 0.0, "basis": "nominal"})]},
            rate={"rate_per_year": 0.03, "basis": "real"},
            years=15,
            price_basis="nominal",
            sections={"inflation": {"rate_per_year": 0.001}},
        )
        # 1.03 × 1.001 = 1.03103: Fisher, not 3.1 %.
        exact = sum(1000 / 1.03103**t for t in range(1, 16))
        rounded = sum(1000 / 1.031**t for t in range(1, 16))
        assert lcc(result) == pytest.approx(exact, abs=1e-6)
        assert abs(lcc(result) - rounded) > 2

    def test_what_is_printed_is_not_rounded_to_a_tenth_of_a_percent(self) -> None:
        result = cost(
            {"a": [upkeep(1)]},
            rate={"rate_per_year": 0.03, "basis": "real"},
            price_basis="nominal",
            sections={"inflation": {"rate_per_year": 0.001}},
        )
        assert result.conventions()["discount_rate_per_year"] == "0.03103"

    def test_inflation_of_two_rates_is_a_ratio(self) -> None:
        # OMB: nominal 4.0 %, real 1.2 %: 1.04 / 1.012 - 1 = 2.767 %, not 2.8 %.
        assert float(calc_inflation(0.04, 0.012)) == pytest.approx(1.04 / 1.012 - 1, abs=1e-12)


class TestTrap2Exponent:
    """A price of the base date has grown once at the first payment; one of year 1 has not."""

    def test_both_conventions(self) -> None:
        growth = {"rate_per_year": 0.02}
        base = cost({"a": [upkeep(100, escalation=growth)]})
        first = cost({"a": [upkeep(100, escalation=growth, price_at="first-year")]})
        assert lcc(base) == pytest.approx(sum(100 * (1.02 / 1.03) ** t for t in YEARS_10))
        assert lcc(first) == pytest.approx(sum(100 * 1.02 ** (t - 1) / 1.03**t for t in YEARS_10))
        assert lcc(base) / lcc(first) == pytest.approx(1.02)

    def test_growth_equal_to_the_discount_rate(self) -> None:
        growth = {"rate_per_year": 0.03}
        base = cost({"a": [upkeep(100, escalation=growth)]})
        first = cost({"a": [upkeep(100, escalation=growth, price_at="first-year")]})
        assert lcc(base) == pytest.approx(100 * 10)
        assert lcc(first) == pytest.approx(100 * 10 / 1.03)
        assert float(calc_escalated_factor(0.03, 0.03, 10)) == pytest.approx(10)
        assert float(calc_escalated_factor(0.03, 0.03, 10, "first-year")) == pytest.approx(
            10 / 1.03
        )

    @pytest.mark.parametrize("gap", [1e-15, 1e-12, 1e-9, -1e-9, 1e-6])
    def test_growth_next_to_the_discount_rate(self, gap: float) -> None:
        # The quotient x (1 - x^N) / (1 - x) loses its figures there; the sum does not.
        brute = math.fsum(((1.03 + gap) / 1.03) ** t for t in YEARS_10)
        assert float(calc_escalated_factor(0.03, 0.03 + gap, 10)) == pytest.approx(brute, rel=1e-12)

    def test_one_price_has_one_level_at_a_date_whatever_it_prices(self) -> None:
        prices = {
            "power": {
                "value": 0.2,
                "unit": "EUR/kWh",
                "price_at": "first-year",
                "escalation": {"rate_per_year": 0.05},
            }
        }
        use = {"quantity": 1000, "unit": "kWh/year", "price": "power"}
        whole = cost({"a": [item("use", "recurring", **use)]}, sections={"prices": prices})
        parts = cost(
            {
                "a": [
                    item("early", "recurring", last_year=4, **use),
                    item("late", "recurring", first_year=5, **use),
                ]
            },
            sections={"prices": prices},
        )
        expected = sum(200 * 1.05 ** (t - 1) / 1.03**t for t in YEARS_10)
        assert lcc(whole) == pytest.approx(expected)
        assert lcc(parts) == pytest.approx(expected)

    def test_a_first_year_price_grows_until_the_renewal(self) -> None:
        # Bought at 100 in year 0, again in year 5 at 100 × 1.02^5.
        result = cost(
            {
                "a": [
                    item(
                        "p", "purchase", 100, life_years=5, price_at="first-year",
                        escalation={"rate_per_year": 0.02},
                    )
                ]
            }
        )  # fmt: skip
        assert lcc(result) == pytest.approx(100 + 100 * (1.02 / 1.03) ** 5)


class TestTrap3Escalation:
    """Real lists in nominal runs; yearly rates against cumulative index; lists too short."""

    RATES = (0.03, -0.01, 0.02)
    INFLATION = 0.02

    def real_levels(self) -> list[float]:
        return [1.03, 1.03 * 0.99, 1.03 * 0.99 * 1.02]

    def test_a_real_list_in_a_nominal_run(self) -> None:
        series = {"energy": {"rates_per_year": list(self.RATES), "basis": "real"}}
        result = cost(
            {"a": [upkeep(100, series="energy")]},
            rate=0.05,
            years=3,
            price_basis="nominal",
            sections={"series": series, "inflation": {"rate_per_year": self.INFLATION}},
        )
        expected = sum(
            100 * level * 1.02**t / 1.05**t for t, level in enumerate(self.real_levels(), 1)
        )
        assert lcc(result) == pytest.approx(expected)
        # The mistake: the real list taken for a nominal one.
        wrong = sum(100 * level / 1.05**t for t, level in enumerate(self.real_levels(), 1))
        assert lcc(result) - wrong > 9

    def test_a_nominal_list_in_a_real_run(self) -> None:
        series = {"energy": {"rates_per_year": list(self.RATES), "basis": "nominal"}}
        result = cost(
            {"a": [upkeep(100, series="energy")]},
            years=3,
            sections={"series": series, "inflation": {"rate_per_year": self.INFLATION}},
        )
        expected = sum(
            100 * level / 1.02**t / 1.03**t for t, level in enumerate(self.real_levels(), 1)
        )
        assert lcc(result) == pytest.approx(expected)

    def test_rates_and_index_are_two_inputs_for_one_price(self) -> None:
        by_rates = cost({"a": [upkeep(100, escalation={"rates_per_year": [0.02, 0.01]})]}, years=2)
        by_index = cost({"a": [upkeep(100, escalation={"index": [1.02, 1.0302]})]}, years=2)
        expected = 102 / 1.03 + 103.02 / 1.03**2
        assert lcc(by_rates) == pytest.approx(expected)
        assert lcc(by_index) == pytest.approx(expected)

    def test_an_index_given_as_rates_is_refused(self) -> None:
        with pytest.raises(FieldError, match="fraction") as error:
            cost({"a": [upkeep(100, escalation={"rates_per_year": [1.02, 1.0302]})]}, years=2)
        assert "index" in str(error.value)

    def test_rates_given_as_an_index_are_refused(self) -> None:
        with pytest.raises(FieldError, match="1 at the base date") as error:
            cost({"a": [upkeep(100, escalation={"index": [0.02, 0.01]})]}, years=2)
        assert "rates_per_year" in str(error.value)

    def test_both_at_once_are_refused(self) -> None:
        twice = {"rates_per_year": [0.02, 0.01], "index": [1.02, 1.0302]}
        with pytest.raises(FieldError, match="one way"):
            cost({"a": [upkeep(100, escalation=twice)]}, years=2)

    def test_a_list_shorter_than_the_horizon_is_refused(self) -> None:
        series = {"energy": {"rates_per_year": [0.01] * 9}}
        with pytest.raises(FieldError, match="shorter") as error:
            cost({"a": [upkeep(100, series="energy")]}, sections={"series": series})
        assert error.value.field == "series.energy"
        assert error.value.found == "9 years"
        assert error.value.expected == "at least 10 years"

    def test_a_list_is_long_enough_if_nothing_is_paid_beyond_it(self) -> None:
        short = {"rates_per_year": [0.01] * 5}
        result = cost({"a": [upkeep(100, last_year=5, escalation=short)]})
        assert lcc(result) == pytest.approx(sum(100 * (1.01 / 1.03) ** t for t in range(1, 6)))


class TestTrap4FirstFlow:
    """The price is of year 0, and the first flow falls in year 1."""

    def test_the_first_payment_has_grown_once(self) -> None:
        result = cost({"a": [upkeep(100, escalation={"rate_per_year": 0.1})]}, years=3)
        lines = result.ledger_lines("a")
        assert [line.year for line in lines] == [1, 2, 3]
        assert [line.amount_eur for line in lines] == pytest.approx([110, 121, 133.1])

    def test_a_purchase_at_the_base_date_has_not_grown(self) -> None:
        result = cost({"a": [item("p", "purchase", 100, escalation={"rate_per_year": 0.1})]})
        assert lcc(result) == 100


class TestTrap5Residual:
    """A residual value off by one year, discounted twice, or forgotten on a renewal."""

    def residual(self, result: CostResult) -> float:
        return float(result.evaluation.costs["a"].by_category_eur["residual"][0])

    @pytest.mark.parametrize(
        ("life", "share"), [(10, 0.0), (11, 1 / 11), (9, 8 / 9), (20, 0.5), (5, 0.0)]
    )
    def test_the_share_that_remains(self, life: int, share: float) -> None:
        result = cost(
            {"a": [item("p", "purchase", 1000, life_years=life, residual={"method": "linear"})]}
        )
        # Life 9: bought again in year 9, one year old in year 10.
        assert self.residual(result) == pytest.approx(-1000 * share / 1.03**10)

    def test_it_is_discounted_once(self) -> None:
        result = cost(
            {"a": [item("p", "purchase", 1000, life_years=20, residual={"method": "linear"})]}
        )
        assert self.residual(result) == pytest.approx(-500 / 1.03**10)
        assert self.residual(result) != pytest.approx(-500 / 1.03**20)
        (line,) = [each for each in result.ledger_lines("a") if each.category == "residual"]
        assert (line.year, line.amount_eur) == (10, -500)

    def test_the_renewal_has_one(self) -> None:
        # Life 8 in a study of 12 years: bought in years 0 and 8, half used at the end.
        result = cost(
            {"a": [item("p", "purchase", 1000, life_years=8, residual={"method": "linear"})]},
            years=12,
        )
        assert self.residual(result) == pytest.approx(-1000 * 4 / 8 / 1.03**12)

    def test_the_renewal_has_its_own_price(self) -> None:
        result = cost(
            {
                "a": [
                    item(
                        "p", "purchase", 1000, life_years=8, replacement_eur=600,
                        residual={"method": "linear"},
                    )
                ]
            },
            years=12,
        )  # fmt: skip
        assert lcc(result) == pytest.approx(1000 + 600 / 1.03**8 - 300 / 1.03**12)

    def test_there_is_none_unless_stated(self) -> None:
        assert lcc(cost({"a": [item("p", "purchase", 1000, life_years=20)]})) == 1000


class TestTrap6Replacement:
    """A renewal in the last year; a life counted from the wrong date."""

    def dates(self, result: CostResult) -> list[float]:
        return [line.time_years for line in result.ledger_lines("a")]

    def test_a_renewal_at_the_very_end_is_not_bought(self) -> None:
        result = cost({"a": [item("p", "purchase", 100, life_years=5)]})
        assert self.dates(result) == [0, 5]
        assert lcc(result) == pytest.approx(100 + 100 / 1.03**5)

    def test_nor_a_replacement_after_a_life_as_long_as_the_study(self) -> None:
        again = item("r", "replacement", 100, life_years=10, residual={"method": "linear"})
        result = cost({"a": [again]})
        assert self.dates(result) == [10]
        # Not bought, it leaves nothing.
        assert lcc(result) == 0

    def test_a_replacement_after_each_life(self) -> None:
        result = cost({"a": [item("r", "replacement", 100, life_years=4)]})
        assert self.dates(result) == [4, 8]

    def test_a_life_begins_with_the_purchase(self) -> None:
        # Bought in year 3 with a life of 4: again in year 7, not in years 4 and 8.
        result = cost({"a": [item("p", "purchase", 100, at_year=3, life_years=4)]})
        assert self.dates(result) == [3, 7]

    def test_or_with_service_where_that_is_later(self) -> None:
        # In use from month 12; a life of 3 years ends in year 4, not 3.
        result = cost({"a": [item("p", "purchase", 100, life_years=3)]}, service_date="2026-01-01")
        assert self.dates(result) == [0, 4, 7]
        lasting = cost(
            {"a": [item("r", "replacement", 100, life_years=3)]}, service_date="2026-01-01"
        )
        assert self.dates(lasting) == [4, 7]

    def test_an_age_at_the_end_follows_the_purchase(self) -> None:
        result = cost(
            {
                "a": [
                    item(
                        "p", "purchase", 100, at_year=3, life_years=4, residual={"method": "linear"}
                    )
                ]
            }
        )
        # The second one, bought in year 7, is three years old in year 10: a quarter is left.
        assert lcc(result) == pytest.approx(100 / 1.03**3 + 100 / 1.03**7 - 25 / 1.03**10)

    def test_a_stated_replacement_at_the_end_is_refused(self) -> None:
        with pytest.raises(FieldError, match="would not count") as error:
            cost({"a": [item("r", "replacement", 100, at_year=10)]})
        assert error.value.field == "a.r.at_year"


class TestTrap7SavingsToInvestment:
    """A ratio to less than nothing, or to almost nothing; payments of a contract as investment."""

    def test_less_investment_has_no_ratio(self) -> None:
        result = cost(
            {
                "base": [item("p", "purchase", 1000), upkeep(10)],
                "alt": [item("p", "purchase", 600), upkeep(50)],
            }
        )
        row = result.measures["alt"]
        assert row.sir.value is None
        assert row.sir.reason == "less-investment"
        assert row.airr_per_year.reason == "less-investment"
        assert row.benefit_cost_ratio.value is None

    def test_almost_no_investment_has_none_either(self) -> None:
        # 0.05 EUR more for 100 EUR a year less: a real tool printed 22 513.
        result = cost(
            {
                "base": [item("p", "purchase", 1000), upkeep(200)],
                "alt": [item("p", "purchase", 1000.05), upkeep(100)],
            }
        )
        assert result.measures["alt"].sir.reason == "no-extra-investment"

    def test_a_plain_ratio(self) -> None:
        result = cost(
            {
                "base": [item("p", "purchase", 1000), upkeep(200)],
                "alt": [item("p", "purchase", 1500), upkeep(100)],
            }
        )
        saved = sum(100 / 1.03**t for t in YEARS_10)
        assert result.measures["alt"].sir.value == pytest.approx(saved / 500)

    def test_payments_of_a_lease_are_no_investment(self) -> None:
        result = cost(
            {
                "base": [upkeep(200)],
                "alt": [item("rent", "lease", 50), upkeep(100)],
            }
        )
        assert result.measures["alt"].investment_eur == 0
        assert result.measures["alt"].sir.reason == "no-extra-investment"
        for kind in ("lease", "loan"):
            terms = {"rate_per_year": 0.03, "term_years": 5} if kind == "loan" else {}
            with pytest.raises(FieldError, match="no investment"):
                cost({"a": [item("x", kind, 50, investment=True, **terms)]})


class TestTrap8Payback:
    """On the difference with the base, not on own flows; never; at once; lost again."""

    def payback(self, extra: float, saved: float) -> AlternativeMeasures:
        result = cost(
            {"base": [upkeep(500)], "alt": [item("p", "purchase", extra), upkeep(500 - saved)]}
        )
        return result.measures["alt"]

    def test_the_difference_pays_back_where_own_flows_never_would(self) -> None:
        row = self.payback(300, 100)
        # 300 after 3 years; discounted, 97.09 + 94.26 + 91.51 = 282.86 then 88.85 in year 4.
        assert row.simple_payback.year == 3
        assert row.discounted_payback.year == 4
        assert row.discounted_payback.interpolated_years == pytest.approx(
            3 + (300 - 282.86113549) / 88.84870479, abs=1e-8
        )

    def test_never(self) -> None:
        row = self.payback(2000, 100)
        assert (row.simple_payback.year, row.simple_payback.reason) == (None, "never")

    def test_at_once(self) -> None:
        row = self.payback(0, 100)
        assert row.simple_payback.year == 0
        assert row.simple_payback.interpolated_years == 0

    def test_no_difference(self) -> None:
        assert self.payback(0, 0).simple_payback.reason == "no-saving"

    def test_paid_back_then_lost_at_a_renewal(self) -> None:
        result = cost(
            {
                "base": [upkeep(500)],
                "alt": [item("p", "purchase", 300, life_years=9), upkeep(400)],
            }
        )
        # Year 3: 0; year 8: 500; year 9: 500 + 100 - 300 = 300; year 10: 400: never lost.
        assert result.measures["alt"].simple_payback.year == 3
        dear = cost(
            {
                "base": [upkeep(500)],
                "alt": [item("p", "purchase", 300, life_years=4), upkeep(400)],
            }
        )
        # Year 3: 0; year 4: 100 - 300; year 7: 100; year 8: 200 - 300 = -100; year 9: 0 again.
        assert dear.measures["alt"].simple_payback.first_year == 3
        assert dear.measures["alt"].simple_payback.year == 9
        # Bought again after 3.5 years, in a study of 4: 0 at year 3, -200 at the end.
        lost = cost(
            {
                "base": [upkeep(500)],
                "alt": [item("p", "purchase", 300, life_years=3.5), upkeep(400)],
            },
            years=4,
        ).measures["alt"]
        assert lost.simple_payback.reason == "paid-back-then-lost"
        assert (lost.simple_payback.year, lost.simple_payback.first_year) == (None, 3)


class TestTrap9RateOfReturn:
    """Several roots, none, a negative one, a double one; flows of one sign."""

    def test_one(self) -> None:
        found = calc_irr([-100, 110])
        assert found.rate_per_year == pytest.approx(0.1)
        assert found.sign_changes == 1

    def test_none(self) -> None:
        # x² - 2 x + 2 has no real root.
        found = calc_irr([100, -200, 200])
        assert (found.rate_per_year, found.roots_per_year) == (None, ())
        assert found.reason == "no-root"

    def test_negative(self) -> None:
        # 100 becomes 50 in three years: 0.5^(1/3) - 1.
        found = calc_irr([-100, 0, 0, 50])
        assert found.rate_per_year == pytest.approx(0.5 ** (1 / 3) - 1)

    def test_several(self) -> None:
        # (1 - 1.1 v)(1 - 1.2 v)(1 - 1.3 v), v = 1 / (1 + r).
        product = np.polynomial.polynomial.polyfromroots([1 / 1.1, 1 / 1.2, 1 / 1.3])
        found = calc_irr(-1000 * product / product[0])
        assert found.rate_per_year is None
        assert found.reason == "several"
        assert found.roots_per_year == pytest.approx([0.1, 0.2, 0.3])
        assert found.sign_changes == 3

    def test_two_next_to_each_other(self) -> None:
        product = np.polynomial.polynomial.polyfromroots([1 / 1.1, 1 / 1.101])
        found = calc_irr(1000 * product / product[0])
        assert found.roots_per_year == pytest.approx([0.1, 0.101], abs=1e-8)

    def test_double(self) -> None:
        # (1 - 1.1 v)²: worth touches zero at 10 % and is never below.
        found = calc_irr([1000, -2200, 1210])
        assert found.rate_per_year == pytest.approx(0.1, abs=1e-6)
        assert found.sign_changes == 2
        halves = calc_irr([1000, -2200, 1210], [0, 0.5, 1])
        assert halves.rate_per_year == pytest.approx(0.21, abs=1e-6)

    def test_triple(self) -> None:
        found = calc_irr([-1000, 3300, -3630, 1331])
        assert found.rate_per_year == pytest.approx(0.1, abs=1e-4)

    def test_flows_of_one_sign(self) -> None:
        for flows in ([1, 2, 3], [-1, 0, -2], [0, 0], []):
            assert calc_irr(flows).reason == "no-sign-change"

    def test_over_a_long_time(self) -> None:
        # 1 000 for 10 a year during 400 years, then 5 000 to pay: two roots, by brute force below.
        flows = [-1000.0] + [10.0] * 399 + [-5000.0]
        found = calc_irr(flows)
        assert len(found.roots_per_year) == 2
        for rate in found.roots_per_year:
            worth = math.fsum(flow / (1 + rate) ** t for t, flow in enumerate(flows))
            assert worth == pytest.approx(0, abs=1e-6)


class TestTrap10UnequalHorizons:
    """Present values over different lives do not rank."""

    ALTERNATIVES = (
        {"key": "long", "life_years": 3, "items": [
            item("p", "purchase", 290_000, life_years=3), upkeep(8_000)]},
        {"key": "short", "life_years": 2, "items": [
            item("p", "purchase", 180_000, life_years=2), upkeep(12_000)]},
    )  # fmt: skip

    def result(self, rule: str, years: float = 6) -> CostResult:
        return cost(list(self.ALTERNATIVES), rate=0.14, years=years, horizon_rule=rule)

    def annual(self, first: float, yearly: float, life: int) -> float:
        present = first + sum(yearly / 1.14**t for t in range(1, life + 1))
        return present / sum(1 / 1.14**t for t in range(1, life + 1))

    def test_own_lives_compare_annual_costs(self) -> None:
        rows = self.result("annuity").measures
        assert rows["long"].eac_eur.value == pytest.approx(self.annual(290_000, 8_000, 3))
        assert rows["short"].eac_eur.value == pytest.approx(self.annual(180_000, 12_000, 2))
        assert rows["short"].eac_eur.value == pytest.approx(121_312, abs=50)  # as printed
        # Present values alone would say the same here of two years and of three.
        assert rows["long"].lcc_eur > rows["short"].lcc_eur
        assert rows["short"].net_savings_eur.reason == "own-lives"
        assert rows["short"].sir.reason == "own-lives"

    def test_least_common_multiple_agrees_where_renewals_are_identical(self) -> None:
        own = self.result("annuity").measures
        common = self.result("least-common-multiple").measures
        for key in ("long", "short"):
            assert common[key].horizon_years == 6
            assert common[key].eac_eur.value == pytest.approx(own[key].eac_eur.value)
        bought = 180_000 * (1 + 1.14**-2 + 1.14**-4) + sum(12_000 / 1.14**t for t in range(1, 7))
        assert common["short"].lcc_eur == pytest.approx(bought)

    def test_the_result_says_whether_the_rule_matters(self) -> None:
        # Over 4 years, without residual values, the life of 3 years is bought twice.
        same, other = self.result("annuity"), self.result("common-horizon", 3)
        assert not same.ranking_depends_on_rule
        # Over 3 years: long 290 000 + ..., short bought twice: the order turns.
        assert other.ranking == ("long", "short")
        assert other.ranking_depends_on_rule
        assert other.conventions()["ranking_depends_on_rule"] == "yes"
        assert {each.rule for each in other.rules} == {
            "common-horizon", "contract-term", "least-common-multiple", "annuity",
        }  # fmt: skip

    def test_a_rule_without_lives_says_so(self) -> None:
        result = cost({"a": [upkeep(1)]})
        reasons = {each.rule: each.reason for each in result.rules}
        assert "life" in reasons["annuity"]
        with pytest.raises(FieldError, match="life") as error:
            cost({"a": [upkeep(1)]}, horizon_rule="annuity")
        assert error.value.field == "alternatives.life_years"


class TestTrap11Carbon:
    """Price year, interpolation, kilograms and tonnes, double counting, and a price unannounced."""

    def result(
        self, *, keys: dict[str, object] | None = None, own: dict[str, object] | None = None,
        price: dict[str, object] | None = None, years: float = 2,
    ) -> CostResult:  # fmt: skip
        sections = {
            "prices": {"gas": {"value": 0.1, "unit": "EUR/kWh", **(price or {})}},
            "factors": {"gas": {"value": 0.2, "unit": "kgCO2e/kWh"}},
            "externalities": {**OWN_PATH, **(own or {})},
        }
        use = {
            "quantity": 10_000, "unit": "kWh/year", "price": "gas", "factor": "gas",
            "category": "energy", **(keys or {}),
        }  # fmt: skip
        return cost({"a": [item("gas", "recurring", **use)]}, years=years, sections=sections)

    def test_tonnes_kilograms_and_euros(self) -> None:
        row = self.result(price=NO_CARBON).measures["a"]
        # 10 000 kWh × 0.2 kg = 2 000 kg = 2 t a year; anchors 100 (2025), 200 (2030).
        assert row.emissions_tco2e == pytest.approx(4)
        values = [100 * 2 ** (t / 5) for t in (1, 2)]
        expected = sum(2 * value / 1.03**t for t, value in enumerate(values, 1))
        assert row.carbon_cost_eur == pytest.approx(expected)
        assert row.lcc_with_externalities_eur == pytest.approx(row.lcc_eur + expected)

    @pytest.mark.parametrize(
        ("rule", "values"),
        [
            ("constant-growth", [100 * 2**0.2, 100 * 2**0.4]),
            ("linear", [120.0, 140.0]),
            ("step", [100.0, 100.0]),
        ],
    )
    def test_interpolation_is_named_and_changes_the_result(
        self, rule: str, values: list[float]
    ) -> None:
        result = self.result(price=NO_CARBON, own={"interpolation": rule})
        expected = sum(2 * value / 1.03**t for t, value in enumerate(values, 1))
        assert result.measures["a"].carbon_cost_eur == pytest.approx(expected)

    def test_beyond_the_last_anchor(self) -> None:
        flat = self.result(price=NO_CARBON, own={"beyond": "flat"}, years=6)
        growing = self.result(price=NO_CARBON, years=6)
        at_six = [
            next(line.carbon_cost_eur for line in each.ledger_lines("a") if line.year == 6)
            for each in (flat, growing)
        ]
        assert at_six == pytest.approx([2 * 200, 2 * 200 * 2**0.2])

    def test_the_euros_of_the_path_are_brought_to_the_study(self) -> None:
        with pytest.raises(FieldError, match="price index") as error:
            self.result(price=NO_CARBON, own={"own_price_year": 2018})
        assert "2018" in str(error.value.expected)
        brought = self.result(
            price=NO_CARBON,
            own={"own_price_year": 2018, "price_ratio": 1.2, "price_ratio_source": "essai"},
        )
        plain = self.result(price=NO_CARBON)
        assert brought.measures["a"].carbon_cost_eur == pytest.approx(
            1.2 * plain.measures["a"].carbon_cost_eur
        )

    def test_a_price_that_contains_carbon_says_how_much(self) -> None:
        with pytest.raises(FieldError, match="second time") as error:
            self.result()
        assert error.value.field == "prices.gas.carbon_component_eur_per_tco2e"

    def test_the_guard_does_not_depend_on_how_the_item_is_shown(self) -> None:
        with pytest.raises(FieldError, match="second time"):
            self.result(keys={"category": "operation"})
        shown = [
            self.result(price={"carbon_component_eur_per_tco2e": 44.6}, keys={"category": name})
            for name in ("energy", "operation", "maintenance")
        ]
        costs = [each.measures["a"].carbon_cost_eur for each in shown]
        assert costs == pytest.approx([costs[0]] * 3)

    @pytest.mark.parametrize("correction", ["difference", "subtract-from-price"])
    def test_carbon_inside_a_price_counts_once(self, correction: str) -> None:
        row = self.result(
            price={"carbon_component_eur_per_tco2e": 44.6}, own={"double_counting": correction}
        ).measures["a"]
        values = [100 * 2 ** (t / 5) for t in (1, 2)]
        assert row.lcc_eur == pytest.approx(sum(1000 / 1.03**t for t in (1, 2)))
        assert row.carbon_cost_eur == pytest.approx(
            sum(2 * (value - 44.6) / 1.03**t for t, value in enumerate(values, 1))
        )
        assert row.carbon_in_prices_eur == pytest.approx(sum(2 * 44.6 / 1.03**t for t in (1, 2)))

    def test_it_counts_once_where_an_item_states_its_kilograms_twice(self) -> None:
        row = self.result(
            price={"carbon_component_eur_per_tco2e": 44.6, "taxed_kgco2e_per_unit": 0.15},
            keys={"emissions_kgco2e": 500, "emissions_stage": "use"},
        ).measures["a"]
        # 10 000 kWh × 0.15 kg taxed = 1.5 t a year.
        assert row.carbon_in_prices_eur == pytest.approx(sum(1.5 * 44.6 / 1.03**t for t in (1, 2)))
        assert row.emissions_tco2e == pytest.approx(2 * (2 + 0.5))

    def test_an_energy_bought_without_a_named_price_is_refused(self) -> None:
        energy = item(
            "gas", "recurring", 1000, emissions_kgco2e=2000, category="energy",
        )  # fmt: skip
        with pytest.raises(FieldError, match="second time") as error:
            cost({"a": [energy]}, sections={"externalities": OWN_PATH})
        assert error.value.field == "a.gas.price"
        # One that costs nothing contains nothing.
        free = item("sun", "recurring", emissions_kgco2e=2000, category="energy")
        row = cost({"a": [free]}, years=1, sections={"externalities": OWN_PATH}).measures["a"]
        assert row.carbon_cost_eur == pytest.approx(2 * 100 * 2**0.2 / 1.03)

    def test_a_component_larger_than_its_price_is_a_slip_of_units(self) -> None:
        # 44 600 EUR "a tonne" (thousands for kilograms): 8.92 EUR in a kWh at 0.10 EUR.
        with pytest.raises(FieldError, match="more than the price") as error:
            self.result(price={"carbon_component_eur_per_tco2e": 44_600})
        assert error.value.field == "prices.gas.carbon_component_eur_per_tco2e"
        assert "89200 EUR of carbon in 1000 EUR" in str(error.value.found)
        assert "TONNE" in str(error.value.remedy)

    def test_no_carbon_value_without_a_path_announced(self) -> None:
        use = {"quantity": 10_000, "unit": "kWh/year", "price": "gas", "factor": "gas"}
        result = cost(
            {"a": [item("gas", "recurring", category="energy", **use)]},
            sections={
                "prices": {"gas": {"value": 0.1, "unit": "EUR/kWh"}},
                "factors": {"gas": {"value": 0.2, "unit": "kgCO2e/kWh"}},
            },
        )
        row = result.measures["a"]
        assert row.emissions_tco2e == pytest.approx(20)
        assert row.carbon_cost_eur == 0
        assert row.lcc_with_externalities_eur == row.lcc_eur
        assert "carbon_path" not in result.conventions()

    def test_a_path_never_enters_the_market_ranking(self) -> None:
        sections = {"externalities": {**OWN_PATH, "own": {"2025": 10_000, "2030": 10_000}}}
        result = cost(
            {
                "dirty": [item("p", "purchase", 100, emissions_kgco2e=1000)],
                "clean": [item("p", "purchase", 101)],
            },
            sections=sections,
        )
        assert result.ranking == ("dirty", "clean")
        assert result.ranking_with_externalities == ("clean", "dirty")

    def test_what_is_avoided_elsewhere_is_shown_apart(self) -> None:
        sections = {"externalities": OWN_PATH}
        credit = item("d", "disposal", 0, emissions_kgco2e=300, emissions_stage="avoided")
        row = cost({"a": [credit]}, sections=sections).measures["a"]
        # Alone it does not make the emissions known.
        assert (row.emissions_tco2e, row.avoided_tco2e) == (None, pytest.approx(0.3))
        assert row.carbon_cost_eur == 0
        made = item("p", "purchase", 0, emissions_kgco2e=500)
        row = cost({"a": [credit, made]}, sections=sections).measures["a"]
        assert (row.emissions_tco2e, row.avoided_tco2e) == pytest.approx((0.5, 0.3))


class TestTrap12SharedDoubt:
    """What alternatives share has one draw for all; what is their own has its own."""

    def draws(self, *, shared: bool) -> np.ndarray:
        price = {"value": {"normal": [0.2, 0.05]}, "unit": "EUR/kWh"}
        own = {"value": {"normal": [0.2, 0.05]}, "unit": "EUR/kWh"}
        alternatives = []
        for key, first in (("a", 0.0), ("b", 10.0)):
            use = item(
                "use", "recurring", quantity=[100], unit="kWh/year",
                **({"price": "power"} if shared
                   else {"price_eur_per_unit": "tariff", "price_unit": "EUR/kWh"}),
            )  # fmt: skip
            alternative = {"key": key, "items": [item("p", "purchase", first), use]}
            if not shared:
                alternative["parameters"] = {"tariff": own}
            alternatives.append(alternative)
        study = build_study(
            content(alternatives, sections={"prices": {"power": price}} if shared else {})
        )
        return draw_costs(study, 2000, seed=1).costs_eur

    def test_a_shared_price_cancels_in_the_difference(self) -> None:
        costs = self.draws(shared=True)
        assert costs[:, 1] - costs[:, 0] == pytest.approx(np.full(2000, 10.0))
        assert (costs[:, 0] < costs[:, 1]).all()

    def test_own_prices_do_not(self) -> None:
        costs = self.draws(shared=False)
        correlation = np.corrcoef(costs.T)[0, 1]
        assert abs(correlation) < 0.1
        # Sum of two normals: sd = 100 × 0.05 × UPV × sqrt(2).
        factor = sum(1 / 1.03**t for t in YEARS_10)
        spread = np.std(costs[:, 1] - costs[:, 0])
        assert spread == pytest.approx(5 * factor * math.sqrt(2), rel=0.06)
        assert 0.3 < np.mean(costs[:, 0] < costs[:, 1]) < 0.7

    def test_the_mean_of_a_skewed_input_is_the_stated_one(self) -> None:
        study = build_study(content({"a": [item("p", "purchase", {"lognormal": [1000, 0.8]})]}))
        model = Model(study)
        assert model.evaluate().lcc_eur[0, 0] == pytest.approx(1000)
        assert draw_costs(model, 40_000, seed=2).costs_eur.mean() == pytest.approx(1000, rel=0.02)


class TestTrap13RateTables:
    """A table of rates may be wrong: bands are checked by multiplying, not trusted."""

    def test_factors_compound_across_a_band(self) -> None:
        bands = RateBands((30, 75), (0.035, 0.03))
        by_hand = [1.035**-30, 1.035**-30 / 1.03, 1.035**-30 * 1.03**-45]
        found = calc_band_factors(np.array([30.0, 31.0, 75.0]), bands)
        assert found == pytest.approx(by_hand)
        # The mistake: the rate of year 31 over all 31 years.
        assert found[1] != pytest.approx(1.03**-31, rel=0.05)

    def test_every_shipped_table_declines_year_by_year(self) -> None:
        for name in ("fr-2005", "uk-green-book"):
            rate = load_official_rate(name)
            bands = RateBands(rate.until_years, rate.rates_per_year)
            factors = calc_band_factors(np.arange(0, 321, dtype=float), bands)
            yearly = factors[:-1] / factors[1:] - 1
            years = np.arange(1, 321)
            expected = [
                next(r for u, r in zip(rate.until_years, rate.rates_per_year, strict=True)
                     if year <= u)
                for year in years
            ]  # fmt: skip
            assert yearly == pytest.approx(expected)

    def test_a_study_by_bands(self) -> None:
        result = cost(
            {"a": [upkeep(100)]},
            rate={"bands": [[2, 0.05], [10, 0.02]], "basis": "real"},
            years=4,
        )
        factors = [1 / 1.05, 1.05**-2, 1.05**-2 / 1.02, 1.05**-2 / 1.02**2]
        assert lcc(result) == pytest.approx(100 * sum(factors))
        assert result.measures["a"].eac_eur.value == pytest.approx(100)


class TestTrap14PrintedSolutions:
    """A printed solution may transpose its figures: recalculated values stand beside printed."""

    def test_a_transposed_present_value(self) -> None:
        # Design A, 7 %, 14 years: printed 851 081.87; the sum gives 851 018.87.
        result = cost({"a": [item("p", "purchase", 405_000), upkeep(51_000)]}, rate=0.07, years=14)
        by_hand = 405_000 + sum(51_000 / 1.07**t for t in range(1, 15))
        assert lcc(result) == pytest.approx(by_hand)
        assert lcc(result) == pytest.approx(851_018.87, abs=0.01)
        assert lcc(result) != pytest.approx(851_081.87, abs=1)

    def test_and_the_annual_cost_that_carries_the_error(self) -> None:
        result = cost({"a": [item("p", "purchase", 405_000), upkeep(51_000)]}, rate=0.07, years=14)
        factor = sum(1 / 1.07**t for t in range(1, 15))
        found = result.measures["a"].eac_eur.value
        assert found == pytest.approx(405_000 / factor + 51_000)
        assert found != pytest.approx(97_316.90, abs=1)


class TestTrap15Limits:
    """d = 0, d < 0, N = 1, N = 0, leap years, a start on 31 December."""

    def test_no_discounting_is_the_plain_sum(self) -> None:
        result = cost({"a": [item("p", "purchase", 100, life_years=4), upkeep(10)]}, rate=0.0)
        assert lcc(result) == pytest.approx(100 * 3 + 10 * 10)
        assert result.measures["a"].eac_eur.value == pytest.approx(40)

    def test_a_negative_rate(self) -> None:
        # The sample of BLCC has -0.8 %.
        result = cost({"a": [upkeep(10)]}, rate=-0.008)
        assert lcc(result) == pytest.approx(sum(10 / 0.992**t for t in YEARS_10))
        assert lcc(result) > 100
        assert float(calc_uniform_factor(-0.008, 10)) == pytest.approx(
            sum(1 / 0.992**t for t in YEARS_10)
        )

    def test_one_year(self) -> None:
        result = cost({"a": [item("p", "purchase", 100, life_years=1), upkeep(10)]}, years=1)
        assert lcc(result) == pytest.approx(100 + 10 / 1.03)
        assert result.measures["a"].eac_eur.value == pytest.approx(103 + 10)

    def test_no_year(self) -> None:
        items = [
            item("p", "purchase", 100, life_years=5, residual={"method": "linear"}),
            upkeep(10, price_at="first-year", escalation={"rate_per_year": 0.02}),
            item("rent", "lease", 7),
            item("month", "recurring", 1, per="month"),
        ]
        result = cost({"a": items, "b": [item("p", "purchase", 50)]}, years=0)
        # Bought and worth its price at the same instant; nothing recurs.
        assert lcc(result) == pytest.approx(0)
        row = result.measures["b"]
        assert row.lcc_eur == 50
        assert (row.eac_eur.value, row.eac_eur.reason) == (None, "no-period")
        assert row.net_savings_eur.value == pytest.approx(-50)
        result.to_json()

    def test_leap_years_by_the_calendar(self) -> None:
        # 2025-01-01 to 2029-01-01: 1 461 days with 29 February 2028.
        result = cost({"a": [item("x", "one-off", 100, at_year=4)]}, discounting="calendar-date")
        days = (date(2029, 1, 1) - date(2025, 1, 1)).days
        assert days == 1461
        assert lcc(result) == pytest.approx(100 * 1.03 ** -(1461 / 365))

    def test_a_start_on_29_february(self) -> None:
        result = cost(
            {"a": [item("x", "one-off", 100, at_year=1)]},
            base_date=date(2028, 2, 29),
            discounting="calendar-date",
        )
        days = (date(2029, 2, 28) - date(2028, 2, 29)).days
        assert lcc(result) == pytest.approx(100 * 1.03 ** -(days / 365))

    def test_a_start_on_31_december(self) -> None:
        monthly = item("m", "recurring", 100, per="month")
        result = cost(
            {"a": [monthly]},
            years=1,
            base_date=date(2025, 12, 31),
            discounting="calendar-date",
        )
        # The 31st becomes the last day of a shorter month.
        ends = [
            date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30),
            date(2026, 5, 31), date(2026, 6, 30), date(2026, 7, 31), date(2026, 8, 31),
            date(2026, 9, 30), date(2026, 10, 31), date(2026, 11, 30), date(2026, 12, 31),
        ]  # fmt: skip
        expected = sum(100 * 1.03 ** (-(end - date(2025, 12, 31)).days / 365) for end in ends)
        assert lcc(result) == pytest.approx(expected)
        plain = cost({"a": [upkeep(100)]}, base_date=date(2025, 12, 31), years=2)
        assert lcc(plain) == pytest.approx(100 / 1.03 + 100 / 1.03**2)
