"""Carbon values, double counting, gases, and the historical pollutants of Directive 2009/33/EC."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lcc.cost.externalities.carbon_paths import list_carbon_paths, load_carbon_path, own_carbon_path
from lcc.cost.externalities.double_counting import (
    CORRECTIONS,
    calc_co2e_kg,
    calc_net_carbon_value,
    calc_net_price,
    check_double_counting,
    choose_gwp_set,
    correct_double_counting,
    describe_correction,
)
from lcc.cost.externalities.pollutants import (
    calc_directive_cost,
    load_fuel_energy_mj,
    load_lifetime_km,
    load_pollutant_costs,
)
from lcc.cost.files.externalities import read_externalities
from lcc.errors import FieldError, MissingFactorError, UnitError
from lcc.reading.sections import Section

Reader = Callable[[str, str], dict[str, Any]]


class TestForbidden:
    """What would be a silent mistake is refused."""

    def test_a_year_before_the_first_anchor(self) -> None:
        path = load_carbon_path("fr-2025")
        with pytest.raises(FieldError, match="first anchor") as error:
            path.value_eur_per_tco2e([2026, 2024.5])
        assert (error.value.found, error.value.field) == ("2024.5", "years")
        assert "before = first" in str(error.value)
        assert load_carbon_path("fr-2025", before="first").value_eur_per_tco2e(2010) == 256

    def test_a_year_that_is_no_number(self) -> None:
        with pytest.raises(FieldError, match="not a number"):
            load_carbon_path("fr-2025").value_eur_per_tco2e([2030, math.nan])

    def test_euros_of_a_year_the_index_does_not_know(self) -> None:
        # The deflator stops in 2023, consumer prices in 2024: held beyond, they would be a guess.
        path = load_carbon_path("fr-2025")
        with pytest.raises(FieldError, match="gdp-deflator-fr") as error:
            path.in_price_year(2024, "gdp-deflator-fr")
        assert error.value.found == "2024"
        assert error.value.expected == "years 2000 to 2023"
        assert "price_ratio" in str(error.value)
        with pytest.raises(FieldError):
            path.in_price_year(2026, "cpi-fr")
        with pytest.raises(FieldError):
            own_carbon_path({2025: 100, 2030: 120}, 1999, "essai").in_price_year(2010, "cpi-fr")

    def test_an_energy_price_as_index(self) -> None:
        with pytest.raises(MissingFactorError, match="never follows an energy price"):
            load_carbon_path("fr-2019").in_price_year(2023, "diesel-pump")

    def test_two_conversions(self) -> None:
        path = load_carbon_path("fr-2019").in_price_year(2023, "cpi-fr")
        with pytest.raises(FieldError, match="already brought"):
            path.in_price_year(2022, "gdp-deflator-fr")
        assert path.in_price_year(2023, "gdp-deflator-fr") is path

    def test_a_ratio_without_source_or_sense(self) -> None:
        path = load_carbon_path("fr-2019")
        for ratio, source in ((1.1, " "), (0.0, "blog"), (-1.0, "blog"), (math.nan, "blog")):
            with pytest.raises(FieldError, match="ratio"):
                path.rebased(2023, ratio, source)

    @pytest.mark.parametrize(
        ("anchors", "words"),
        [
            ({}, "one anchor at least"),
            ({"deux mille": 100}, "a year and a number"),
            ({"2025": "100"}, "a year and a number"),
            ({"2025": True}, "a year and a number"),
            ({"2025": math.inf}, "not a number"),
            ({"2025": -1, "2030": 10}, "does not fit"),
            ({"2025": 0, "2030": 10}, "does not fit"),
            ({"2025": 100}, "cannot be derived"),
        ],
    )
    def test_anchors_that_make_no_path(self, anchors: dict[str, Any], words: str) -> None:
        with pytest.raises(FieldError, match=words):
            own_carbon_path(anchors, 2024, "essai")

    def test_a_rule_that_does_not_exist(self) -> None:
        rule: Any = "spline"
        for name in ("interpolation", "beyond", "before"):
            with pytest.raises(FieldError, match="no such rule") as error:
                load_carbon_path("fr-2025", **{name: rule})
            assert error.value.field == name
        with pytest.raises(FieldError, match="growth"):
            own_carbon_path({2025: 100}, 2024, "essai", growth_per_year=3.2)
        with pytest.raises(FieldError, match="source"):
            own_carbon_path({2025: 100, 2030: 110}, 2024, "")
        with pytest.raises(MissingFactorError, match="fr-2025"):
            load_carbon_path("criqui")


class TestCarbonPath:
    @pytest.mark.parametrize("name", list_carbon_paths())
    @pytest.mark.parametrize("rule", ["constant-growth", "linear", "step"])
    def test_every_rule_passes_through_every_anchor(self, name: str, rule: Any) -> None:
        path = load_carbon_path(name, interpolation=rule)
        read = path.value_eur_per_tco2e(path.anchor_years)
        assert tuple(read) == path.anchor_eur_per_tco2e

    def test_the_published_growth_leads_from_anchor_to_anchor(self) -> None:
        # Case fr-vac2025-2030: 256 × 1.032^5 = 299.67, published 300; ×1.032^25 = 562.7, 563.
        grown = own_carbon_path({2025: 256}, 2023, "commission Quinet 2025", growth_per_year=0.032)
        assert grown.value_eur_per_tco2e(2030) == pytest.approx(300, abs=0.6)
        assert grown.value_eur_per_tco2e(2030) == pytest.approx(299.66667685, abs=1e-8)
        assert load_carbon_path("fr-2025").value_eur_per_tco2e(2030) == pytest.approx(300)
        assert grown.value_eur_per_tco2e(2050) == pytest.approx(563, abs=0.6)

    def test_three_rules_by_hand(self) -> None:
        # 2040 lies half-way from 2030 (300) to 2050 (563).
        values = {
            rule: float(load_carbon_path("fr-2025", interpolation=rule).value_eur_per_tco2e(2040))
            for rule in ("constant-growth", "linear", "step")
        }
        assert values["constant-growth"] == pytest.approx(math.sqrt(300 * 563))  # 410.97
        assert values["linear"] == pytest.approx(431.5)
        assert values["step"] == 300

    def test_the_path_of_2019_is_read_by_straight_lines(self) -> None:
        # 54 + (250 - 54) × 2/12 = 86.7, its anchor of 2020; a constant growth would give 69.7.
        assert pytest.approx(87, abs=0.5) == 54 + (250 - 54) * 2 / 12
        path = load_carbon_path("fr-2019")
        assert path.interpolation == "linear"
        # 87 + (250 - 87) / 2 = 168.5.
        assert path.value_eur_per_tco2e(2025) == pytest.approx(168.5)

    def test_beyond_the_last_anchor(self) -> None:
        # Stated growth for 2025: 563 × 1.032^10 = 771.4.
        assert load_carbon_path("fr-2025").value_eur_per_tco2e(2060) == pytest.approx(
            563 * 1.032**10
        )
        # That of the last interval for 2019: (775/500)^(1/10), so 775 × 775/500 ten years later.
        assert load_carbon_path("fr-2019").value_eur_per_tco2e(2060) == pytest.approx(
            775 * 775 / 500
        )
        for name, last in (("fr-2019", 775), ("fr-2025", 563)):
            flat = load_carbon_path(name, beyond="flat")
            assert flat.value_eur_per_tco2e([2050, 2051.5, 2100]).tolist() == [last] * 3

    def test_any_shape(self) -> None:
        path = load_carbon_path("fr-2025")
        years = np.array([[2025.0, 2030.0, 2031.25], [2050.0, 2055.0, 2049.99]])
        read = path.value_eur_per_tco2e(years)
        assert read.shape == (2, 3)
        single = [[float(path.value_eur_per_tco2e(each)) for each in row] for row in years]
        assert read == pytest.approx(np.array(single), rel=1e-14)
        assert path.value_eur_per_tco2e(2030).shape == ()
        assert path.value_eur_per_tco2e([]).shape == (0,)

    def test_a_value_growing_at_the_discount_rate_makes_timing_indifferent(self) -> None:
        # V(t) (1 + d)^-t is the same for every t.
        path = own_carbon_path({2025: 256}, 2023, "commission Quinet 2025", growth_per_year=0.032)
        years = np.linspace(2025, 2085, 121)
        present = path.value_eur_per_tco2e(years) * 1.032 ** -(years - 2025)
        assert present == pytest.approx(256, rel=1e-12)
        # The shipped path nearly so: its anchors are rounded to the euro (0.2 %).
        shipped = load_carbon_path("fr-2025").value_eur_per_tco2e(years)
        assert shipped * 1.032 ** -(years - 2025) == pytest.approx(256, rel=0.002)

    @given(
        years=st.lists(st.floats(2018, 2120), min_size=2, max_size=8),
        rule=st.sampled_from(["constant-growth", "linear", "step"]),
        name=st.sampled_from(["fr-2019", "fr-2025"]),
    )
    def test_a_rising_path_never_falls(self, years: list[float], rule: Any, name: str) -> None:
        path = load_carbon_path(name, interpolation=rule, before="first")
        read = path.value_eur_per_tco2e(sorted(years))
        assert (np.diff(read) >= -1e-9 * read[1:]).all()

    @given(years=st.lists(st.floats(2025, 2090), min_size=1, max_size=8))
    def test_step_is_lowest_and_straight_lines_highest_between_anchors(
        self, years: list[float]
    ) -> None:
        step, growth, line = (
            load_carbon_path("fr-2025", interpolation=rule, beyond="flat").value_eur_per_tco2e(
                years
            )
            for rule in ("step", "constant-growth", "linear")
        )
        assert (step <= growth * (1 + 1e-12)).all() and (growth <= line * (1 + 1e-12)).all()

    def test_anchors_may_come_in_any_order_and_as_text(self) -> None:
        path = own_carbon_path({"2030": 150, 2025: 100}, 2024, "essai", interpolation="linear")
        assert path.value_eur_per_tco2e(2026) == pytest.approx(110)
        assert path.anchor_years == (2025, 2030)

    def test_a_path_may_start_at_zero_with_straight_lines(self) -> None:
        path = own_carbon_path(
            {2025: 0, 2030: 50}, 2024, "essai", interpolation="linear", beyond="flat"
        )
        assert path.value_eur_per_tco2e([2025, 2027, 2040]).tolist() == [0, 20, 50]


class TestEuros:
    def test_one_index_by_hand(self) -> None:
        # Consumer prices 117.473 (2023) and 119.822 (2024): 300 × 1.019996 = 306.00.
        path = load_carbon_path("fr-2025").in_price_year(2024, "cpi-fr")
        assert path.value_eur_per_tco2e(2030) == pytest.approx(300 * 119.822 / 117.473)
        assert path.value_eur_per_tco2e(2030) == pytest.approx(306.0, abs=0.01)
        assert (path.price_year, path.published_price_year) == (2024, 2023)
        # Growth is in constant euros: it does not change.
        assert path.growth_beyond_per_year == 0.032

    def test_going_back_in_years(self) -> None:
        # Deflator 102.234 (2018) and 117.232 (2023).
        path = load_carbon_path("fr-2019").in_price_year(2023, "gdp-deflator-fr")
        assert path.value_eur_per_tco2e(2030) == pytest.approx(250 * 117.232 / 102.234)
        back = load_carbon_path("fr-2025").in_price_year(2018, "gdp-deflator-fr")
        assert back.value_eur_per_tco2e(2030) == pytest.approx(300 * 102.234 / 117.232)

    def test_the_value_of_2030_as_the_press_rebased_it(self) -> None:
        # Case fr-vac2018-to-2023-euro: 250 EUR2018 shown as 279 EUR2023, hence 1.116.
        path = load_carbon_path("fr-2019").rebased(2023, 1.116, "rapport de 279 à 250, Veltys")
        assert path.value_eur_per_tco2e(2030) == pytest.approx(279, abs=0.5)
        # The trap: 563 (EUR2023) stands beside about 865 EUR2023, not beside 775 (EUR2018).
        assert path.value_eur_per_tco2e(2050) == pytest.approx(865, abs=0.5)
        # Neither shipped index gives that ratio: the choice moves the value by 2 to 3 %.
        for index, ratio in (("cpi-fr", 1.1395), ("gdp-deflator-fr", 1.1467)):
            moved = load_carbon_path("fr-2019").in_price_year(2023, index)
            assert moved.conversion_ratio == pytest.approx(ratio, abs=1e-4)

    def test_same_year_changes_nothing(self) -> None:
        path = load_carbon_path("fr-2025")
        assert path.in_price_year(2023, "gdp-deflator-fr") is path

    def test_the_sentence_says_every_choice(self) -> None:
        said = load_carbon_path("fr-2025").describe()
        for fact in (
            "fr-2025",
            "2025, 2030, 2050",
            "euros constants de 2023",
            "croissance constante",
            "après 2050 : croissance de 3,2 % par an",
            "avant 2025 : refusé",
        ):
            assert fact in said
        moved = load_carbon_path("fr-2019", beyond="flat", before="first", interpolation="step")
        said = moved.in_price_year(2023, "cpi-fr").describe()
        for fact in (
            "euros constants de 2023",
            "publiées en euros de 2018, × 1,1395 : cpi-fr",
            "palier",
            "dernière valeur maintenue",
            "première valeur maintenue",
            "à vérifier : 2020",
        ):
            assert fact in said
        assert said.endswith(".") and "\n" not in said


class TestDoubleCounting:
    def test_a_price_whose_component_is_not_declared_is_refused(self) -> None:
        with pytest.raises(FieldError) as error:
            check_double_counting(None, price="diesel", carbon_path="fr-2025", file="bus.toml")
        assert error.value.field == "prices.diesel.carbon_component_eur_per_tco2e"
        assert error.value.file == "bus.toml"
        assert "fr-2025" in str(error.value) and "second time" in str(error.value)

    def test_zero_is_a_declaration(self) -> None:
        assert check_double_counting(0.0, price="electricity", carbon_path="fr-2025") == 0

    @pytest.mark.parametrize("wrong", [-1.0, math.nan, math.inf])
    def test_a_component_that_is_no_price(self, wrong: float) -> None:
        with pytest.raises(FieldError, match="no price"):
            check_double_counting(wrong, price="gas", carbon_path="fr-2025")

    def test_a_component_larger_than_its_price_is_a_slip_of_units(self) -> None:
        # 44.60 EUR/t on 2.65 kg/litre is 0.118 EUR/litre; in EUR/kg it would be 118 EUR/litre.
        told: dict[str, Any] = {
            "price": "diesel",
            "carbon_path": "fr-2025",
            "price_eur_per_unit": 1.45,
            "taxed_kgco2e_per_unit": 2.65,
        }
        assert check_double_counting(44.60, **told) == 44.60
        with pytest.raises(FieldError, match="more than the price"):
            check_double_counting(44_600, **told)

    def test_by_hand(self) -> None:
        # 1.50 EUR/litre, 3.1 kg/litre, 44.60 EUR/t inside, 300 EUR/t in full:
        # component 0.13826; net price 1.36174; full carbon 0.93; difference 0.79174; total 2.29174.
        one, two = (
            correct_double_counting(1.50, 300, 44.60, 3.1, correction=each) for each in CORRECTIONS
        )
        assert one.price_eur_per_unit == pytest.approx(1.36174)
        assert one.carbon_eur_per_unit == pytest.approx(0.93)
        assert two.price_eur_per_unit == pytest.approx(1.50)
        assert two.carbon_eur_per_unit == pytest.approx(0.79174)
        assert one.total_eur_per_unit == pytest.approx(2.29174)
        assert two.total_eur_per_unit == pytest.approx(2.29174)
        # Counted twice it would be 2.43.
        assert pytest.approx(2.43) == 1.50 + 0.93

    def test_the_pieces(self) -> None:
        assert calc_net_price(1.50, 44.60, 3.1) == pytest.approx(1.36174)
        assert calc_net_carbon_value([300, 40], 44.60) == pytest.approx([255.4, -4.6])

    def test_a_tax_on_combustion_alone(self) -> None:
        # Counted 3.1 kg/litre, taxed 2.65: the component is 44.60 × 2.65 / 1000 = 0.11819.
        one, two = (
            correct_double_counting(
                1.50, 300, 44.60, 3.1, correction=each, taxed_kgco2e_per_unit=2.65
            )
            for each in CORRECTIONS
        )
        assert one.price_eur_per_unit == pytest.approx(1.50 - 0.11819)
        assert two.carbon_eur_per_unit == pytest.approx(0.93 - 0.11819)
        assert one.total_eur_per_unit == pytest.approx(float(two.total_eur_per_unit))

    @given(
        price=st.lists(st.floats(0.01, 10), min_size=3, max_size=3),
        shadow=st.lists(st.floats(0, 2000), min_size=3, max_size=3),
        component=st.floats(0, 200),
        factor=st.floats(0, 20),
        taxed=st.none() | st.floats(0, 20),
    )
    def test_both_corrections_give_the_same_total(
        self,
        price: list[float],
        shadow: list[float],
        component: float,
        factor: float,
        taxed: float | None,
    ) -> None:
        one, two = (
            correct_double_counting(
                price, shadow, component, factor, correction=each, taxed_kgco2e_per_unit=taxed
            )
            for each in CORRECTIONS
        )
        assert one.total_eur_per_unit == pytest.approx(two.total_eur_per_unit, abs=1e-9)
        # Each applies one correction and only one.
        assert two.price_eur_per_unit.tolist() == price
        assert one.carbon_eur_per_unit == pytest.approx(np.array(shadow) * factor / 1000)

    def test_both_give_the_same_over_a_whole_study(self) -> None:
        # Twenty years, three draws, a price that grows and a carbon value that grows: the total of
        # 12 000 units a year, discounted at 3.2 %, is the same to the cent.
        years = 2026 + np.arange(20)
        price = np.array([[1.2], [1.5], [1.9]]) * 1.01 ** np.arange(1, 21)
        shadow = load_carbon_path("fr-2025").value_eur_per_tco2e(years)
        present = 1.032 ** -np.arange(1.0, 21.0)
        totals = [
            (
                12_000
                * present
                * correct_double_counting(
                    price, shadow, 44.60, 3.1, correction=each
                ).total_eur_per_unit
            ).sum(axis=1)
            for each in CORRECTIONS
        ]
        assert totals[0].shape == (3,)
        assert totals[0] == pytest.approx(totals[1], abs=0.005)

    def test_neither_or_both_is_refused(self) -> None:
        for wrong in ("both", "none", ""):
            with pytest.raises(FieldError, match="counted once"):
                correct_double_counting(1.0, 300, 44.6, 3.1, correction=wrong)
            with pytest.raises(FieldError):
                describe_correction(wrong)

    def test_the_sentence_names_the_correction(self) -> None:
        assert "retirée du prix" in describe_correction("subtract-from-price")
        assert "ne contient pas" in describe_correction("difference")


class TestGases:
    def test_one_named_set_by_hand(self) -> None:
        # AR5: 10 × 1 + 2 × 28 + 0.1 × 265 = 92.5; AR6: 10 + 2 × 27.9 + 0.1 × 273 = 93.1.
        gases = {"CO2": 10.0, "CH4": 2.0, "N2O": 0.1}
        assert calc_co2e_kg(gases, "AR5") == pytest.approx(92.5)
        assert calc_co2e_kg(gases, "AR6") == pytest.approx(93.1)

    def test_a_set_must_be_named(self) -> None:
        for wrong in ("", "GWP100", "AR5 or AR6"):
            with pytest.raises(UnitError, match="named set"):
                calc_co2e_kg({"CH4": 1.0}, wrong)

    def test_no_gas_is_borrowed_from_another_set(self) -> None:
        # Base Carbone tells fossil from biogenic methane; the IPCC sets here do not.
        with pytest.raises(MissingFactorError, match="CH4"):
            calc_co2e_kg({"CH4": 1.0}, "base-carbone")
        assert calc_co2e_kg({"CH4 (fossil)": 1.0}, "base-carbone") == 30
        with pytest.raises(MissingFactorError, match="R410A"):
            calc_co2e_kg({"R410A": 1.0}, "AR6")
        with pytest.raises(MissingFactorError):
            calc_co2e_kg({"CO2 (biogenic)": 1.0}, "AR6")

    def test_a_mix_of_sets_is_refused(self) -> None:
        assert choose_gwp_set(["AR5", "AR5"]) == "AR5"
        with pytest.raises(UnitError, match="different sets"):
            choose_gwp_set(["AR5", "AR6"])
        for silent in ([], ["AR5", None], [None]):
            with pytest.raises(UnitError, match="named set"):
                choose_gwp_set(silent)

    def test_a_mass_that_is_no_number(self) -> None:
        with pytest.raises(FieldError, match="not a number"):
            calc_co2e_kg({"CO2": math.nan}, "AR6")

    def test_doubling_the_gases_doubles_the_total(self) -> None:
        gases = {"CO2": 3.0, "SF6": 0.001}
        doubled = {gas: 2 * mass for gas, mass in gases.items()}
        assert calc_co2e_kg(doubled, "AR5") == pytest.approx(2 * calc_co2e_kg(gases, "AR5"))
        assert calc_co2e_kg({}, "AR5") == 0


class TestDirective:
    BUS = (800_000, 18, 0.03, 1.3, 4.0, 0.4, 0.02)

    def test_an_illustrative_bus(self) -> None:
        # Case fr-cvd2009-33-bus: 800 000 × 18 / 3.6 × 0.03 = 120 000; × 1.3 × 0.03 = 31 200;
        # × 4 × 0.0044 = 14 080; × 0.4 × 0.001 = 320; × 0.02 × 0.087 = 1 392.
        cost = calc_directive_cost(*self.BUS)
        assert cost.energy_eur == pytest.approx(120_000, abs=0.01)
        assert cost.co2_eur == pytest.approx(31_200, abs=0.01)
        assert cost.nox_eur == pytest.approx(14_080, abs=0.01)
        assert cost.nmhc_eur == pytest.approx(320, abs=0.01)
        assert cost.pm_eur == pytest.approx(1_392, abs=0.01)
        assert cost.emissions_eur == pytest.approx(46_992, abs=0.01)
        assert cost.total_eur == pytest.approx(166_992, abs=0.01)
        assert cost.emission_price_year == 2007

    def test_the_higher_cost_of_carbon(self) -> None:
        # 800 000 × 1.3 × 0.04 = 41 600; nothing else moves.
        low = calc_directive_cost(*self.BUS)
        high = calc_directive_cost(*self.BUS, costs=load_pollutant_costs("high"))
        assert high.co2_eur == pytest.approx(41_600, abs=0.01)
        assert dataclasses.replace(high, co2_eur=low.co2_eur) == low

    def test_grams_given_as_kilograms_are_a_thousandfold(self) -> None:
        # CO2 is told in kilograms: 1 300 (grams) would cost 31.2 million.
        assert calc_directive_cost(800_000, 0, 0, 1_300, 0, 0, 0).co2_eur == pytest.approx(31.2e6)

    def test_kilometres_already_driven(self) -> None:
        half = calc_directive_cost(*self.BUS, travelled_km=400_000)
        assert half.total_eur == pytest.approx(166_992 / 2, abs=0.01)
        with pytest.raises(FieldError, match="at least zero") as error:
            calc_directive_cost(*self.BUS, travelled_km=800_001)
        assert error.value.field == "kilometres left"

    @pytest.mark.parametrize("place", range(7))
    @pytest.mark.parametrize("wrong", [-0.001, math.nan])
    def test_a_negative_or_missing_figure_is_refused(self, place: int, wrong: float) -> None:
        given_ = [*self.BUS]
        given_[place] = wrong
        with pytest.raises(FieldError, match="at least zero"):
            calc_directive_cost(*given_)

    def test_arrays_cost_as_single_vehicles_do(self) -> None:
        energy = np.array([18.0, 12.0, 0.0])
        cost = calc_directive_cost(800_000, energy, 0.03, 1.3, 4.0, 0.4, 0.02)
        assert np.asarray(cost.energy_eur).tolist() == pytest.approx([120_000, 80_000, 0])

    def test_lifetimes_by_either_name(self) -> None:
        # Directive 2009/33/EC, annex, table 3.
        expected = {"car": 200_000, "light-commercial": 250_000, "heavy-goods": 1_000_000}
        expected |= {"bus": 800_000, "M1": 200_000, "N1": 250_000, "N2": 1_000_000}
        expected |= {"N3": 1_000_000, "M2": 800_000, "M3": 800_000}
        assert {name: load_lifetime_km(name) for name in expected} == expected
        with pytest.raises(MissingFactorError, match="bicycle"):
            load_lifetime_km("bicycle")

    def test_energy_contents(self) -> None:
        # Directive 2009/33/EC, annex, table 1.
        expected = {"diesel": 36, "petrol": 32, "lpg": 24, "ethanol": 21, "biodiesel": 33}
        expected |= {"emulsion": 32, "hydrogen": 11}
        assert {fuel: load_fuel_energy_mj(fuel) for fuel in expected} == expected

    def test_a_range_asks_for_a_choice(self) -> None:
        with pytest.raises(FieldError, match="range"):
            load_fuel_energy_mj("natural-gas")
        assert load_fuel_energy_mj("natural-gas", bound="low") == 33
        assert load_fuel_energy_mj("natural-gas", bound="high") == 38
        wrong: Any = "middle"
        with pytest.raises(FieldError):
            load_fuel_energy_mj("diesel", bound=wrong)
        with pytest.raises(FieldError):
            load_pollutant_costs(wrong)
        with pytest.raises(MissingFactorError):
            load_fuel_energy_mj("coal")


class TestWorkedCases:
    """The same cases, from their own file, within their own tolerance."""

    FILE = "fr_eu_parameters.json"

    def test_carbon_value_of_2030(self, worked_case: Reader) -> None:
        case = worked_case(self.FILE, "fr-vac2025-2030")
        told, year = case["inputs"], case["inputs"]["year"]
        for path in (
            own_carbon_path(
                {2025: told["value_2025"]}, 2023, "cas", growth_per_year=told["growth"]
            ),
            load_carbon_path("fr-2025"),
        ):
            read = float(path.value_eur_per_tco2e(year))
            assert read == pytest.approx(case["outputs"]["value"], abs=case["tolerance_abs"])

    def test_value_in_other_euros(self, worked_case: Reader) -> None:
        case = worked_case(self.FILE, "fr-vac2018-to-2023-euro")
        path = load_carbon_path("fr-2019").rebased(
            2023, case["inputs"]["deflator_2018_2023"], case["source"]
        )
        read = float(path.value_eur_per_tco2e(2030))
        assert read == pytest.approx(case["outputs"]["value"], abs=case["tolerance_abs"])

    def test_bus(self, worked_case: Reader) -> None:
        case = worked_case(self.FILE, "fr-cvd2009-33-bus")
        told = dict(case["inputs"])
        costs = dataclasses.replace(load_pollutant_costs(), co2_eur_per_kg=told.pop("co2_price"))
        cost = calc_directive_cost(told.pop("km"), costs=costs, **told)
        for name, expected in case["outputs"].items():
            assert getattr(cost, f"{name}_eur") == pytest.approx(
                expected, abs=case["tolerance_abs"]
            )


class TestRatioOfAStudy:
    """Euros of a path are brought to those of a study by one thing, and only where they differ."""

    @pytest.mark.parametrize(
        ("price_year", "given", "expected"),
        [
            (2023, {"price_ratio": 1.02, "price_ratio_source": "x"}, "both in euros of 2023"),
            (
                2024,
                {"price_ratio": 1.02, "price_ratio_source": "x", "price_index": "cpi-fr"},
                "not both",
            ),
        ],
    )
    def test_one_too_many(self, price_year: int, given: dict[str, object], expected: str) -> None:
        section = {"carbon_path": "fr-2025", "double_counting": "difference", **given}
        with pytest.raises(FieldError) as caught:
            read_externalities(Section(section, "etude.toml", "externalities."), price_year)
        assert caught.value.field == "externalities.price_ratio"
        assert expected in str(caught.value)
