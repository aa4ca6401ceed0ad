"""Price indices and energy prices, against the published figures."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lcc.carbon.prices import (
    check_own_index,
    deflate,
    energy_price,
    energy_series,
    index_level,
    name_own_index,
)
from lcc.errors import FieldError, MissingFactorError
from lcc.tables import load_reference
from lcc.units import unit_ratio

FOLDER = "emission_factors"


class TestIndex:
    @pytest.mark.parametrize(
        ("year", "insee"),
        # INSEE, consumer prices, all households, base 2015, yearly means (through cnr.fr).
        [(2000, 79.95), (2005, 87.87), (2010, 94.71), (2015, 100.0), (2017, 101.23)],
    )
    def test_within_three_hundredths_of_insee(self, year: int, insee: float) -> None:
        assert index_level("cpi-fr", year).value == pytest.approx(insee, abs=0.03)

    def test_a_study_s_own_index_is_its_name(self) -> None:
        name = name_own_index({2025: 110, 2024: 100})
        assert name == "own 2024=100.0 2025=110.0"
        assert deflate(name, 2024, 2025).value == pytest.approx(100 / 110)
        # Before its first year it follows consumer prices: 117.473 in 2023, 119.822 in 2024.
        before = deflate(name, 2023, 2025)
        assert before.value == pytest.approx(100 / 110 * 117.473 / 119.822)
        assert not before.held
        assert index_level(name, 2026).held

    @pytest.mark.parametrize("levels", [{}, {2024: 0.0}, {2024: float("nan")}])
    def test_an_index_of_no_levels_is_refused(self, levels: dict[int, float]) -> None:
        with pytest.raises(FieldError, match="positive numbers, by year"):
            name_own_index(levels)

    @pytest.mark.parametrize("name", ["own ", "own 2024", "own 2024=x", "own 2025=1.0 2024=1.0"])
    def test_a_name_that_holds_no_levels_is_refused(self, name: str) -> None:
        with pytest.raises(MissingFactorError, match="no price index called"):
            check_own_index(name)

    def test_held_beyond_its_years(self) -> None:
        last = index_level("cpi-fr", 2024)
        assert not last.held
        later = index_level("cpi-fr", 2027)
        assert (later.value, later.held) == (last.value, True)
        assert index_level("cpi-fr", 1990).held
        assert index_level("gdp-deflator-fr", 2024).held

    def test_unknown_name_lists_the_known_ones(self) -> None:
        with pytest.raises(MissingFactorError) as error:
            index_level("inflation", 2020)
        assert error.value.expected is not None
        assert "gdp-deflator-fr" in error.value.expected

    def test_deflate_by_hand(self) -> None:
        # CPI 2022 112.009, 2023 117.473: 112.009 / 117.473 = 0.953487.
        assert deflate("cpi-fr", 2022, 2023).value == pytest.approx(0.953487, abs=5e-7)
        # GDP deflator 2019 103.471, 2023 117.232: 103.471 / 117.232 = 0.882617.
        assert deflate("gdp-deflator-fr", 2019, 2023).value == pytest.approx(0.882617, abs=5e-7)

    @given(st.integers(1995, 2030), st.integers(1995, 2030), st.integers(1995, 2030))
    def test_deflate_is_transitive(self, first: int, second: int, third: int) -> None:
        steps = deflate("cpi-fr", first, second).value * deflate("cpi-fr", second, third).value
        assert steps == pytest.approx(deflate("cpi-fr", first, third).value)


class TestEnergyPrice:
    def test_pump_price_loses_its_vat(self) -> None:
        # DGEC, mean 2023: 1.82 EUR/l TTC; 1.82 / 1.20 = 1.516667 EUR/l, excise inside.
        price = energy_price("diesel-pump", 2023)
        assert price.price_eur_per_unit == pytest.approx(1.82 / 1.2)
        assert (price.unit, price.year_rule, price.index_name) == ("litre", "published", "")

    def test_older_rate_of_vat(self) -> None:
        # DGEC, mean 2013: 1.3502 EUR/l TTC, VAT 19.6 % until the end of 2013.
        assert energy_price("diesel-pump", 2013).price_eur_per_unit == pytest.approx(1.3502 / 1.196)

    def test_price_without_excise_is_not_an_invoice_price(self) -> None:
        # Trap: the DGEC series « HT » holds no excise (0.4106 EUR/l in 2016); an invoice does.
        assert energy_price("diesel-pump", 2016).price_eur_per_unit > 2 * 0.4106

    def test_half_years_are_averaged_and_counted(self) -> None:
        # Eurostat nrg_pc_205, France: 0.2071 and 0.1939 EUR/kWh in 2023, mean 0.2005.
        price = energy_price("electricity-non-household", 2023)
        assert price.price_eur_per_unit == pytest.approx(0.2005)
        table = load_reference(FOLDER, "energy_price").to_pylist()
        parts = {
            row["year"]: row["parts"]
            for row in table
            if row["price_series"] == "electricity-non-household"
        }
        assert parts == {2021: 1, 2022: 2, 2023: 2, 2024: 2, 2025: 2, 2026: 1}

    def test_after_its_last_year_a_price_follows_its_index(self) -> None:
        # E10: 1.8477 EUR/l TTC in 2024 (stations). SP95, DGEC: 1.83 in 2024, 1.74 in 2025.
        price = energy_price("petrol-e10-pump", 2025)
        assert price.price_eur_per_unit == pytest.approx(1.8477 / 1.2 * 1.74 / 1.83)
        assert (price.year_rule, price.index_name) == ("deflated", "petrol-sp95-pump")

    def test_before_its_first_year(self) -> None:
        # 0.089 EUR/kWh in 2021 (second half); CPI 2019 104.233, 2021 106.45.
        price = energy_price("electricity-non-household", 2019)
        assert price.price_eur_per_unit == pytest.approx(0.089 * 104.233 / 106.45)
        assert (price.year_rule, price.index_name) == ("carried-back", "cpi-fr")

    def test_beyond_the_index_the_price_is_held(self) -> None:
        assert energy_price("lpg-pump", 2026).year_rule == "held"

    def test_a_study_may_name_the_index(self) -> None:
        # LPG: 0.7327 EUR/l TTC in 2007; deflator 2005 88.546, 2007 92.468.
        price = energy_price("lpg-pump", 2005, index="gdp-deflator-fr")
        assert price.price_eur_per_unit == pytest.approx(0.7327 / 1.196 * 88.546 / 92.468)
        assert price.index_name == "gdp-deflator-fr"
        # Heating oil keeps following the fuel it comes from the same barrel with.
        assert energy_price("heating-oil", 2020, index="gdp-deflator-fr").index_name == (
            "diesel-pump"
        )

    def test_unknown_series(self) -> None:
        with pytest.raises(MissingFactorError, match="coal"):
            energy_price("coal", 2020)

    def test_every_series_has_prices_an_extension_and_a_unit(self) -> None:
        priced = set(load_reference(FOLDER, "energy_price")["price_series"].to_pylist())
        assert priced == set(energy_series())
        for name, series in energy_series().items():
            assert unit_ratio(series["unit"], series["unit"]) == 1
            for year in (1995, 2015, 2040):
                assert energy_price(name, year).price_eur_per_unit > 0
