"""The tables of costs: carbon values, the historical Directive, official discount rates."""

from __future__ import annotations

import csv
import math
from pathlib import Path
from typing import Any

import pytest

from lcc.cost.rates.official_rates import (
    calc_risk_adjusted_rate,
    list_official_rates,
    load_official_rate,
)
from lcc.errors import FieldError, MissingFactorError
from lcc.tables import load_reference

FOLDER = "emission_factors"
TABLES = (
    "carbon_value",
    "pollutant_cost",
    "vehicle_lifetime",
    "fuel_energy_content",
    "discount_rate",
)


def rows_of(name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = load_reference(FOLDER, name).to_pylist()
    return rows


@pytest.mark.parametrize("name", TABLES)
def test_a_doubtful_value_says_why(name: str) -> None:
    for row in rows_of(name):
        assert row["label_fr"] and row["label_en"]
        assert row["confidence"] == "high" or row["note"] or name == "discount_rate"
        assert row["confidence"] != "low" or row["note"]


class TestCarbonValue:
    def test_the_anchors_are_the_published_ones(self) -> None:
        paths: dict[str, dict[int, float]] = {}
        for row in rows_of("carbon_value"):
            paths.setdefault(row["path_name"], {})[row["year"]] = row["eur_per_tco2e"]
        # Commissions Quinet, 2019 (euros of 2018) and 2025 (euros of 2023).
        assert paths == {
            "fr-2019": {2018: 54, 2020: 87, 2030: 250, 2040: 500, 2050: 775},
            "fr-2025": {2025: 256, 2030: 300, 2050: 563},
        }

    def test_each_path_has_one_year_of_euros_and_one_rule(self) -> None:
        said = {
            (row["path_name"], row["price_year"], row["growth_per_year"], row["interpolation"])
            for row in rows_of("carbon_value")
        }
        assert said == {
            ("fr-2019", 2018, None, "linear"),
            ("fr-2025", 2023, 0.032, "constant-growth"),
        }

    def test_a_rebased_value_is_no_anchor(self) -> None:
        # 187 and 279 are the path of 2019 in other euros, not values of a path.
        assert not {187.0, 279.0} & {row["eur_per_tco2e"] for row in rows_of("carbon_value")}

    def test_the_anchor_not_found_again_is_marked(self) -> None:
        low = [row["year"] for row in rows_of("carbon_value") if row["confidence"] == "low"]
        assert low == [2020]

    def test_the_collected_anchors_agree(self, real_data: Path) -> None:
        ours = {
            (row["path_name"], row["year"]): row["eur_per_tco2e"] for row in rows_of("carbon_value")
        }
        with (real_data / "factors" / "carbon_value_fr.csv").open(encoding="utf-8") as stream:
            collected = [row for row in csv.DictReader(stream) if "rebased" not in row["id"]]
        assert len(collected) == 7
        for row in collected:
            path = "fr-" + row["id"].removeprefix("VAC")[:4]
            assert ours[path, int(row["year"])] == float(row["value"])


class TestDirective:
    def test_units_are_those_of_the_annex(self) -> None:
        # Directive 2009/33/EC, annex, table 2: CO2 by the kilogram, the others by the gram.
        costs = {
            row["pollutant"]: (row["low_eur_per_unit"], row["high_eur_per_unit"], row["unit"])
            for row in rows_of("pollutant_cost")
        }
        assert costs == {
            "CO2": (0.03, 0.04, "kilogram"),
            "NOx": (0.0044, 0.0044, "gram"),
            "NMHC": (0.001, 0.001, "gram"),
            "PM": (0.087, 0.087, "gram"),
        }
        assert {row["price_year"] for row in rows_of("pollutant_cost")} == {2007}

    def test_ranges_run_upwards(self) -> None:
        for row in [*rows_of("pollutant_cost")]:
            assert row["low_eur_per_unit"] <= row["high_eur_per_unit"]
        for row in rows_of("fuel_energy_content"):
            assert row["low_mj_per_unit"] <= row["high_mj_per_unit"]

    def test_it_is_said_to_be_repealed(self) -> None:
        for name in ("pollutant_cost", "vehicle_lifetime", "fuel_energy_content"):
            assert all("2019/1161" in row["source_version"] for row in rows_of(name))


class TestOfficialRates:
    def test_france_since_2021(self) -> None:
        rate = load_official_rate("fr-2021")
        assert rate.is_constant and rate.rates_per_year == (0.032,)
        assert (rate.basis, rate.valid_from) == ("real", "2021-10-21")
        # Case fr-rate-build-up: 1.2 % + 1 × 2 % = 3.2 %.
        assert rate.risk_free_per_year is not None and rate.risk_premium_per_year is not None
        built = calc_risk_adjusted_rate(rate.risk_free_per_year, rate.risk_premium_per_year, 1)
        assert built == pytest.approx(0.032, abs=1e-12)
        # A project twice as sensitive to growth: 1.2 % + 2 × 2 % = 5.2 %.
        assert calc_risk_adjusted_rate(0.012, 0.02, 2) == pytest.approx(0.052, abs=1e-12)

    def test_half_in_22_years(self) -> None:
        # Case fr-half-life-3.2: published 0.5; 1.032^-22 = 0.50009.
        assert load_official_rate("fr-2021").rates_per_year[0] == 0.032
        assert pytest.approx(0.5, abs=0.001) == 1.032**-22

    def test_the_bands_of_the_green_book(self) -> None:
        rate = load_official_rate("uk-green-book")
        assert rate.until_years == (30, 75, 125, 200, 300, math.inf)
        assert rate.rates_per_year == (0.035, 0.03, 0.025, 0.02, 0.015, 0.01)
        # Case greenbook-kink-31: 1.035^-30 / 1.03.
        first, second = rate.rates_per_year[:2]
        assert (1 + first) ** -30 / (1 + second) == pytest.approx(0.3459013695167984, abs=1e-12)

    def test_a_lower_real_rate_comes_with_a_higher_nominal_one(self) -> None:
        # Case femp-2024-implied-inflation: 1.042 / 1.03 - 1 = 1.165 %, published 1.2 %.
        real, nominal = (
            load_official_rate("us-femp-2024"),
            load_official_rate("us-femp-2024-nominal"),
        )
        assert (real.basis, nominal.basis) == ("real", "nominal")
        implied = (1 + nominal.rates_per_year[0]) / (1 + real.rates_per_year[0]) - 1
        assert implied == pytest.approx(0.012, abs=0.0005)

    @pytest.mark.parametrize("name", list_official_rates())
    def test_bands_are_in_order_and_the_last_is_open(self, name: str) -> None:
        rate = load_official_rate(name)
        assert list(rate.until_years) == sorted(set(rate.until_years))
        assert rate.until_years[-1] == math.inf
        assert all(0 < each < 0.1 for each in rate.rates_per_year)
        assert rate.source and rate.label_fr and rate.label_en

    def test_an_unknown_rate_is_refused(self) -> None:
        with pytest.raises(MissingFactorError, match="fr-2021"):
            load_official_rate("fr-2099")
        with pytest.raises(FieldError):
            calc_risk_adjusted_rate(0.012, float("nan"), 1)
