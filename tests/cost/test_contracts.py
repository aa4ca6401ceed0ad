"""The eight test contracts: sourced or labelled figures, and costs recalculated by hand.

The hand calculations are plain Python on the figures of the files, with the means of their
distributions: (a + b + c) / 3 for a triangular one, (a + 4 b + c) / 6 for a PERT one.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lcc.cost.files.study import list_contracts, open_study
from lcc.cost.results.result import CostResult, cost_study

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "procurement_map" / "contracts"
CONTRACTS = (
    "autobus",
    "benne-collecte",
    "eclairage-public",
    "enrobes-routiers",
    "mobilier-bureau",
    "ordinateurs",
    "renovation-batiment",
    "restauration-scolaire",
)
STATUSES = {"published", "judgement", "illustrative"}

RATE = 0.032
CPI = {
    2016: 100.183,
    2020: 104.730,
    2021: 106.450,
    2022: 112.009,
    2023: 117.473,
    2024: 119.822,
}
"""Consumer prices, 2015 = 100: emission_factors/price_index.csv, cpi-fr."""

EUR_LITRE_DIESEL = 1.71 / 1.20
"""Pump price of 2024 without VAT: emission_factors/energy_price.csv, diesel-pump."""

EUR_KWH = 0.167
"""0.15195 without taxes (energy_price.csv, electricity-non-household, 2024) + 0.015 of excise."""


def present(years: float) -> float:
    """One euro in so many years, today."""
    return (1 + RATE) ** -years


def annuity(years: int) -> float:
    """One euro at the end of each year."""
    return sum(present(year) for year in range(1, years + 1))


def year_2024(year: int) -> float:
    """Euros of 2024 that make one euro of another year."""
    return CPI[2024] / CPI[year]


def carbon_value(year: float) -> float:
    """Path of March 2025, in euros of 2024: 256 (2025) and 300 (2030) euros of 2023."""
    assert 2025 <= year <= 2030
    return 256 * (300 / 256) ** ((year - 2025) / 5) * year_2024(2023)


@pytest.fixture(scope="module", params=CONTRACTS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def results() -> dict[str, CostResult]:
    return {each: cost_study(open_study(each)) for each in CONTRACTS}


def read(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def figures(study: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every table of a study that holds figures, with its place."""
    for group in ("parameters", "prices", "factors", "series"):
        for key, table in study.get(group, {}).items():
            yield f"{group}.{key}", table
    yield "discount", study["discount"]
    for alternative in study["alternatives"]:
        for key, table in alternative.get("parameters", {}).items():
            yield f"{alternative['key']}.parameters.{key}", table
        for item in alternative["items"]:
            yield f"{alternative['key']}.{item['name']}", item


def holds_a_number(table: dict[str, Any]) -> bool:
    """Tell whether an item states a figure of its own, beyond names of prices and parameters."""
    for key, value in table.items():
        if key in ("price_year", "vat_rate", "at_year", "phases"):
            continue
        values = value if isinstance(value, list) else [value]
        if any(isinstance(each, int | float | dict) for each in values):
            return True
    return False


class TestFiles:
    def test_eight_contracts_are_shipped(self):
        assert tuple(list_contracts()) == CONTRACTS

    def test_the_readme_names_them_all(self):
        text = (FOLDER / "README.md").read_text(encoding="utf-8")
        assert all(f"`{each}.toml`" in text for each in CONTRACTS)

    def test_a_study_is_called_as_its_file(self, name):
        assert read(name)["study"]["key"] == name

    def test_every_figure_has_a_source(self, name):
        for place, table in figures(read(name)):
            if place.startswith("factors.") and "factor" in table:
                continue  # the library of factors holds the source
            if holds_a_number(table):
                assert table.get("source"), place

    def test_every_figure_says_what_it_is(self, name):
        for place, table in figures(read(name)):
            if place.startswith("factors.") and "factor" in table:
                continue  # published, with the library's source
            if "value" in table or "price_eur_per_unit" in table or "amount_eur" in table:
                assert table.get("status") in STATUSES, place

    def test_an_illustrative_figure_gives_its_reason_and_marks_the_study(self, name):
        study = read(name)
        marked = [
            (place, table)
            for place, table in figures(study)
            if table.get("status") == "illustrative"
        ]
        assert bool(marked) == study["study"]["illustrative"]
        for place, table in marked:
            if "value" in table or "price_eur_per_unit" in table or "amount_eur" in table:
                assert len(table["source"]) > len("ordre de grandeur illustratif : "), place

    def test_every_factor_is_in_the_library(self, name):
        with (ROOT / "emission_factors" / "physical.csv").open(encoding="utf-8") as file:
            known = {row["factor_id"] for row in csv.DictReader(file)}
        used = {each["factor"] for each in read(name)["factors"].values() if "factor" in each}
        assert used and used <= known

    def test_errors_of_factors_are_those_of_the_library(self, name):
        with (ROOT / "emission_factors" / "physical.csv").open(encoding="utf-8") as file:
            known = {row["factor_id"]: row for row in csv.DictReader(file)}
        with (ROOT / "emission_factors" / "error_default.csv").open(encoding="utf-8") as file:
            usual = {row["error_kind"]: row["error_cv"] for row in csv.DictReader(file)}
        for each in read(name)["factors"].values():
            if "factor" in each and "value" in each:
                row = known[each["factor"]]
                error = float(row["error_cv"] or usual[row["error_kind"]])
                assert each["value"]["lognormal"] == [float(row["value"]), pytest.approx(error)]

    def test_prices_of_energy_are_those_of_the_library(self, name):
        with (ROOT / "emission_factors" / "energy_price.csv").open(encoding="utf-8") as file:
            known = {
                (row["price_series"], row["year"]): float(row["price_eur_per_unit"])
                for row in csv.DictReader(file)
            }
        expected = {
            "diesel": known["diesel-pump", "2024"],
            "electricity": known["electricity-non-household", "2024"] + 0.015,
            "gas": known["gas-non-household-i2", "2024"] / 0.9,
        }
        for key, value in expected.items():
            price = read(name)["prices"].get(key)
            if price is not None:
                mean, _ = price["value"]["lognormal"]
                assert mean == pytest.approx(value, rel=1e-3)

    def test_every_energy_price_declares_its_carbon(self, name):
        for key, price in read(name)["prices"].items():
            assert "carbon_component_eur_per_tco2e" in price, key

    def test_names_are_in_both_languages(self, name):
        study = read(name)
        tables = [table for place, table in figures(study) if "label" in table or "name" in table]
        assert all(each.get("label_en") for each in (*tables, *study["alternatives"]))
        assert study["study"]["title_en"]

    def test_the_reference_comes_first(self, name):
        study = read(name)
        assert study["alternatives"][0]["key"] == study["study"]["reference"]


class TestResults:
    def test_a_study_runs_and_its_ledger_adds_up(self, name, results):
        result = results[name]
        ledger = result.ledger().groupby("alternative")
        for key, measure in result.measures.items():
            lines = ledger.get_group(key)
            assert lines["present_eur"].sum() == pytest.approx(measure.lcc_eur, rel=1e-9)
            assert lines["emissions_tco2e"].sum() == pytest.approx(measure.emissions_tco2e)

    def test_alternatives_share_what_they_share(self, name, results):
        """Energy prices and use are one draw for all; what is an alternative's own is not."""
        inputs = results[name].model.uncertain
        shared = {each for each, found in inputs.items() if found.shared}
        assert {each for each in shared if each.startswith(("prices.", "parameters."))}
        assert all("." in each for each in set(inputs) - shared)

    @pytest.mark.parametrize(
        ("contract", "ranking", "with_carbon"),
        [
            # Cheapest first. Carbon changes the order of the lorries and of the furniture.
            (
                "autobus",
                ("biogaz", "gazole", "batteries", "hydrogene"),
                ("biogaz", "gazole", "batteries", "hydrogene"),
            ),
            (
                "benne-collecte",
                ("gazole", "biogaz", "electrique"),
                ("biogaz", "electrique", "gazole"),
            ),
            ("mobilier-bureau", ("neuf", "seconde-main"), ("seconde-main", "neuf")),
        ],
    )
    def test_the_order_with_and_without_carbon(self, contract, ranking, with_carbon, results):
        assert results[contract].ranking == ranking
        assert results[contract].ranking_with_externalities == with_carbon

    @pytest.mark.parametrize(
        ("contract", "alternative", "tonnes"),
        [
            # litres × 3.1 + 20 buses × 11.5 t × 5.5
            ("autobus", "gazole", 20 * 40000 * 0.429 * 15 * 3.1 / 1000 + 20 * 11.5 * 5.5),
            (
                "autobus",
                "hydrogene",
                20 * 40000 * 0.08 * 15 * 2.86 / 1000 + 20 * 13 * 5.5,
            ),
            ("benne-collecte", "gazole", 10 * 18000 * 0.8 * 10 * 3.1 / 1000 + 10 * 14.5 * 5.5),
            (
                "eclairage-public",
                "led",
                4270 * (0.0451 * 3100 * 20 * 0.052 + 8 * 5.64794563 + 8 * 1.995) / 1000,
            ),
            (
                "enrobes-routiers",
                "chaud",
                2 * 1410 * (39.21249 + 30 * 0.14 + 1.5 * 3.161689) / 1000,
            ),
            ("mobilier-bureau", "neuf", 500 * 0.070 * (1833 + 531) / 1000),
            ("ordinateurs", "garde", (2 * 182.6 + 2 * 15 + 12 * 33 * 0.052 + 2 * 2.8)),
            (
                "renovation-batiment",
                "existant",
                30 * 3000 * (130 * 0.243 + 25 * 0.052) / 1000,
            ),
            (
                "restauration-scolaire",
                "actuel",
                1400
                * 4
                * (
                    0.20 * 7.26
                    + 0.30 * 1.58
                    + 0.25 * 1.98
                    + 0.25 * 0.51
                    + 0.6 * 0.052
                    + 0.113 * 0.173
                ),
            ),
        ],
    )
    def test_tonnes_by_hand(self, contract, alternative, tonnes, results):
        assert results[contract].measures[alternative].emissions_tco2e == pytest.approx(tonnes)


class TestCostsByHand:
    """One alternative at least of each study, in plain Python."""

    def test_buses(self, results):
        km = 20 * 40000
        diesel = 20 * 293400 + km * (0.429 * EUR_LITRE_DIESEL + 0.28) * annuity(15)
        diesel += 20 * 1000 * present(15)
        assert results["autobus"].measures["gazole"].lcc_eur == pytest.approx(diesel)

        station = 350000 * year_2024(2020)  # 20 years of life, 5 of them left
        biogas = 20 * 310300 + km * (0.429 * 1.009 + 0.35) * annuity(15) + 20 * 1000 * present(15)
        biogas += station * (1 - 5 / 20 * present(15))
        assert results["autobus"].measures["biogaz"].lcc_eur == pytest.approx(biogas)

        chargers = 20 * 50000
        at_the_plug = (1.0 + 4 * 1.3 + 1.8) / 6
        battery = 20 * 554400 + 20 * 350 * 400 * present(8) + 20 * 1000 * present(15)
        battery += km * (at_the_plug * EUR_KWH + 0.26) * annuity(15)
        battery += chargers * (1 - 5 / 20 * present(15))
        assert results["autobus"].measures["batteries"].lcc_eur == pytest.approx(battery)

        hydrogen = 20 * 650000 + 20 * 1000 * present(15)
        hydrogen += km * (0.08 * 9.5 * year_2024(2021) + 0.33) * annuity(15)
        assert results["autobus"].measures["hydrogene"].lcc_eur == pytest.approx(hydrogen)

    def test_buses_agree_with_the_study_they_come_from(self, results):
        """Undiscounted, without station: the cost of ownership that CATP published (2024)."""
        ledger = results["autobus"].ledger()
        left_out = ["Station de compression", "Bornes et raccordement", "Démolition"]
        kept = ledger[~ledger["item"].isin(left_out)]
        each = kept.groupby("alternative")["amount_eur"].sum() / 20
        assert each["biogaz"] == pytest.approx(780000, rel=0.001)
        # At the pump price; CATP counts about 1.28 EUR/l, the excise being refunded in part.
        diesel = 790900 + 600000 * 0.429 * (EUR_LITRE_DIESEL - 329500 / (600000 * 0.429))
        assert each["gazole"] == pytest.approx(diesel, rel=0.001)
        assert each["batteries"] == pytest.approx(1.23 * 790900, rel=0.02)
        assert each["hydrogene"] == pytest.approx(1.40 * 1.23 * 790900, rel=0.01)

    def test_refuse_lorries(self, results):
        """Mid-year: what recurs is paid half a year earlier, on average, than at the end."""
        middle = sum(present(year - 0.5) for year in range(1, 11))
        diesel = 10 * 240000 * year_2024(2022)
        diesel += 10 * 18000 * 0.8 * EUR_LITRE_DIESEL * middle + 10 * 12000 * middle
        diesel -= 150000 * year_2024(2022) * present(10)
        assert results["benne-collecte"].measures["gazole"].lcc_eur == pytest.approx(diesel)

        electric = 10 * 450000 * year_2024(2022) + 10 * 30000 * (1 - 10 / 20 * present(10))
        electric += (10 * 18000 * 2.4 * EUR_KWH + 10 * 9000) * middle
        electric -= 250000 * year_2024(2022) * present(10)
        assert results["benne-collecte"].measures["electrique"].lcc_eur == pytest.approx(electric)

    def test_street_lighting(self, results):
        points, hours = 4270, 3100
        old = points * 0.1156 * hours * EUR_KWH + points * 39 * year_2024(2016)
        led = points * 0.0451 * hours * EUR_KWH + points * 15
        existing = old * annuity(8) + led * (annuity(20) - annuity(8))
        # Bought in year 8 for 20 years, 8 of which are left in year 20.
        existing += points * 584 * (present(8) - 8 / 20 * present(20)) + points * 25 * present(8)
        assert results["eclairage-public"].measures["existant"].lcc_eur == pytest.approx(existing)

        dimmed = points * 0.0451 * hours * 0.588 * EUR_KWH + points * 15
        dimming = points * (584 + 40 + 25) + dimmed * annuity(20) + 0.2 * points * 150 * present(12)
        assert results["eclairage-public"].measures["led-gradation"].lcc_eur == pytest.approx(
            dimming
        )

    def test_road_surfacing(self, results):
        """Laid in years 0 and 15; year 30 is the end, nothing is laid then."""
        surface = 10000
        tonnes = surface * 0.141
        twice = 1 + present(15)
        layer = tonnes * (95 - 5) + surface * 4 + tonnes * 30 * 0.14 + tonnes * 1.5 * 1.20
        sealing = 1.5 * surface * 0.4 * (present(8) + present(23))
        recycled = layer * twice + sealing
        assert results["enrobes-routiers"].measures["recycle"].lcc_eur == pytest.approx(recycled)

    def test_office_furniture_with_its_carbon(self, results):
        new = 500 * (650 + 45) + 0.02 * 500 * 90 * annuity(14)
        measure = results["mobilier-bureau"].measures["neuf"]
        assert measure.lcc_eur == pytest.approx(new)

        # Made in 2026, thrown away in 2040, when the tonne is worth 300 × 1.032^10 euros of 2023.
        made = 500 * 0.070 * 1.833 * carbon_value(2026)
        thrown = 500 * 0.070 * 0.531 * 300 * (563 / 300) ** (10 / 20) * year_2024(2023)
        assert measure.carbon_cost_eur == pytest.approx(made + thrown * present(14))

    def test_laptops(self, results):
        bought = 1 + present(4) + present(8)
        new = 1000 * (850 + 60) * bought + 1000 * (0.2 * 150 + 33 * EUR_KWH) * annuity(12)
        new -= 1000 * 90 * (present(4) + present(8) + present(12))
        assert results["ordinateurs"].measures["neuf"].lcc_eur == pytest.approx(new)

        kept = 1000 * (850 + 60) * (1 + present(6)) + 1000 * 120 * (present(4) + present(10))
        kept += 1000 * (0.25 * 150 + 33 * EUR_KWH) * annuity(12)
        assert results["ordinateurs"].measures["garde"].lcc_eur == pytest.approx(kept)

    def test_school_building(self, results):
        """Service begins after 18 months: a year of use ends 1.5, 2.5 … years after the base."""
        served = sum(present(1.5 + year) for year in range(1, 31))
        yearly = 3000 * (130 * 0.1035 + 25 * EUR_KWH + 4)
        existing = yearly * served + 3000 * 100 * present(12)
        # Boilers in years 10 and 30; the second has 18.5 of its 20 years left at the end.
        existing += 3000 * 20 * (present(10) + present(30) - 18.5 / 20 * present(31.5))
        measure = results["renovation-batiment"].measures["existant"]
        assert measure.lcc_eur == pytest.approx(existing)

        works = 3000 * 300 * year_2024(2023)
        first = works * (0.3 * present(0.5) + 0.4 * present(1) + 0.3 * present(1.5))
        # The 40 years run from the end of the works: 10 of them are left.
        first -= works * 10 / 40 * present(31.5)
        first += 3000 * (130 * 0.72 * 0.1035 + 0.85 * 25 * EUR_KWH + 4) * served
        first += 3000 * 20 * (present(10) + present(30) - 18.5 / 20 * present(31.5))
        level = results["renovation-batiment"].measures["niveau-1"]
        assert level.lcc_eur == pytest.approx(first)

    def test_school_meals(self, results):
        middle = sum(present(year - 0.5) for year in range(1, 5))
        food = (0.10 * 2.70 + 0.25 * 2.00 + 0.15 * 2.20 + 0.50 * 1.48) * year_2024(2020)
        leftovers = (0.040 + 0.0565 + 0.073) / 3
        meals = 1_400_000 * (0.93 * food + 0.6 * EUR_KWH + leftovers * 0.120)
        whole = (meals + 45000) * middle + 35000 + 90000 * (1 - 4 / 8 * present(4))
        measure = results["restauration-scolaire"].measures["complet"]
        assert measure.lcc_eur == pytest.approx(whole)

    def test_the_current_menu_costs_what_canteens_pay(self):
        """2.06 EUR of food per school meal with little organic food (Un Plus Bio, 2020)."""
        weighted = 0.2 * 2.70 + 0.3 * 2.00 + 0.25 * 2.20 + 0.25 * 1.48
        assert weighted == pytest.approx(2.06)
