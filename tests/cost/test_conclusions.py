"""What a study concludes, what its tonnes cover, and what its figures rest on."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from studies import content, cost, item

from lcc.cost.engine.model import Model
from lcc.cost.files.study import build_study
from lcc.cost.results.conclusion import conclude_study
from lcc.cost.results.decision import find_carbon_reversal
from lcc.cost.results.doubt import draw_costs
from lcc.cost.results.result import cost_study

PATH = {
    "carbon_path": "own",
    "own": {"2025": 100, "2035": 200},
    "own_price_year": 2025,
    "own_source": "test",
    "interpolation": "linear",
    "double_counting": "difference",
}


def bought(amount_eur: Any, kg: float) -> list[dict[str, Any]]:
    """An alternative bought at the base date, and the kilograms of making it."""
    return [item("p", "purchase", amount_eur, emissions_kgco2e=kg)]


class TestConclusion:
    """100 EUR a tonne at the base date, where all is bought."""

    def test_two_winners(self) -> None:
        # 1 000 EUR + 10 t × 100 = 2 000; 1 400 EUR + 2 t × 100 = 1 600.
        result = cost(
            {"old": bought(1000, 10_000), "new": bought(1400, 2000)},
            sections={"externalities": PATH},
        )
        found = conclude_study(result)
        assert (found.market.key, found.market.against) == ("old", "new")
        assert found.market.saved_eur == pytest.approx(400)
        assert found.market.saved_tco2e == pytest.approx(-8)
        assert found.with_carbon is not None
        assert (found.with_carbon.key, found.with_carbon.against) == ("new", "old")
        assert found.with_carbon.saved_eur == pytest.approx(400)
        assert found.with_carbon.saved_tco2e == pytest.approx(8)
        assert found.with_carbon.probability is None and found.last is found.with_carbon

    def test_how_sure(self) -> None:
        # Uniform from 500 to 1 500 against 1 250: cheaper three times in four.
        study = build_study(
            content({"old": bought(1250, 1), "new": bought({"uniform": [500, 1500]}, 1)})
        )
        found = conclude_study(cost_study(study), draw_costs(study, 20_000))
        assert found.with_carbon is None and found.market.key == "new"
        assert found.market.probability == pytest.approx(0.75, abs=0.01)
        assert found.market.saved_eur == pytest.approx(250)

    def test_each_its_own_life(self) -> None:
        # Without discount, 1 000 EUR over 10 years and 900 over 5: 100 and 180 EUR a year.
        lives = [
            {"key": "long", "life_years": 10, "items": bought(1000, 1)},
            {"key": "short", "life_years": 5, "items": bought(900, 1)},
        ]
        found = conclude_study(cost(lives, rate=0.0, horizon_rule="annuity"))
        assert found.per_year and found.market.saved_eur == pytest.approx(80)
        assert found.market.saved_tco2e is None

    def test_one_alternative(self) -> None:
        found = conclude_study(cost({"only": bought(1000, 1)}))
        assert (found.market.key, found.market.against) == ("only", "")


GAS = {"unit": "kWh/year", "price": "gas", "category": "energy"}
PRICES = {"prices": {"gas": {"value": 0.1, "unit": "EUR/kWh", "source": "test"}}}


class TestCoverage:
    """Gas that is burnt without a factor does not emit nothing."""

    def test_tonnes_of_no_factor_are_not_zero(self) -> None:
        alternatives = {
            "old": [item("gas", "recurring", quantity=2000, **GAS)],
            "new": [item("p", "purchase", 500), item("gas", "recurring", quantity=1000, **GAS)],
        }
        study = build_study(content(alternatives, sections=PRICES))
        result = cost_study(study)
        assert [row.emissions_tco2e for row in result.measures.values()] == [None, None]
        table = result.table()
        assert table["emissions_tco2e"].isna().all()
        assert set(table["emissions_tco2e_reason"]) == {"not-covered"}
        assert result.by_category()["tco2e"].isna().all()
        assert "probability_cleanest" not in draw_costs(study, 100).table()
        reversal = find_carbon_reversal(Model(study), "old", "new")
        assert reversal.flat_eur_per_tco2e.reason == "not-covered"
        told = result.to_dict()
        assert told["emissions_covered"] is False
        assert {each["tco2e"] for each in told["by_category"]} == {None}
        assert [each["label_fr"] for each in told["uncounted_energy"]] == ["old : gas", "new : gas"]

    def test_energy_left_out_is_named(self) -> None:
        sections = {**PRICES, "factors": {"gas": {"value": 0.2, "unit": "kgCO2e/kWh"}}}
        alternatives = {
            "a": [item("counted", "recurring", quantity=1000, factor="gas", **GAS)],
            "b": [item("left out", "recurring", quantity=1000, **GAS)],
        }
        result = cost(alternatives, sections=sections)
        assert result.measures["a"].emissions_tco2e == pytest.approx(2.0)
        assert result.measures["b"].emissions_tco2e == 0
        assert list(result.uncounted_energy()["item"]) == ["left out"]

    def test_what_is_avoided_elsewhere_covers_nothing(self) -> None:
        result = cost(
            {"a": [item("p", "purchase", 1, emissions_kgco2e=9, emissions_stage="avoided")]}
        )
        assert not result.emissions_covered and result.measures["a"].emissions_tco2e is None


class TestFigures:
    """What the figures of a study rest on."""

    def test_names_only_are_figures_of_others(self) -> None:
        sections = {**PRICES, "parameters": {"use": {"value": 9, "unit": "kWh/year"}}}
        named = {"price": "gas", "category": "energy"}
        alternatives = {
            "a": [
                item("named", "recurring", quantity=["use"], **named),
                item("sourced", "recurring", quantity=["use"], source="bill", **named),
                item("stated", "recurring", quantity=[2, "use"], **named),
                item("aged", "recurring", amounts_eur=[1] * 10),
            ]
        }
        found = list(cost(alternatives, sections=sections).figures()["label_fr"])
        assert found[-3:] == ["a : sourced", "a : stated", "a : aged"]
        assert "a : named" not in found and "gas" in found

    def test_the_value_of_carbon_at_each_anniversary(self) -> None:
        result = cost({"a": bought(1, 1)}, years=3, sections={"externalities": PATH})
        found = result.carbon_values()
        assert list(found["date"]) == [date(year, 1, 1) for year in range(2025, 2029)]
        # Ten euros more each year.
        assert list(found["carbon_eur_per_tco2e"]) == pytest.approx([100, 110, 120, 130])
        assert not len(cost({"a": bought(1, 1)}).carbon_values())

    def test_the_value_of_carbon_in_current_euros(self) -> None:
        result = cost(
            {"a": bought(1, 1)},
            years=2,
            price_basis="nominal",
            sections={
                "externalities": {**PATH, "multiplier": 2.0},
                "inflation": {"rate_per_year": 0.02},
            },
        )
        found = list(result.carbon_values()["carbon_eur_per_tco2e"])
        assert found == pytest.approx([200, 220 * 1.02, 240 * 1.02**2])
