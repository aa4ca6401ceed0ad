"""Perimeters that differ: told where declared, refused where not, as far as a map can tell.

Furniture (SDES GES.501 by consumer prices) bought by the main budget in both years, 60 000 then
CPI-equal euros; the budget EAU buys 40 000 € of it in 2024 only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import pytest

from lcc.carbon.change import PerimeterChange, compare_years, read_perimeter
from lcc.carbon.change.perimeter import choose_declared
from lcc.carbon.result import CarbonMap
from lcc.errors import FieldError
from lcc.reading.edited import write_edited
from tests.carbon.change_maps import GRAM_T, effects, make_within
from tests.carbon.test_change import CPI, FURNITURE, INSURANCE, pay

MakeMap = Callable[..., CarbonMap]

WATER = PerimeterChange("budget", "EAU", 2024, "in", "transfert de compétence")


def pay_all() -> list[dict[str, object]]:
    main = {"budget": "PRINCIPAL", "directorate": "Bâtiments"}
    water = {"budget": "EAU", "directorate": "Eau"}
    return [
        pay(FURNITURE, 2023, CPI[2023], supplier_id="11111111111111", **main),
        pay(FURNITURE, 2024, CPI[2024], supplier_id="22222222222222", **main),
        pay(FURNITURE, 2024, "30000", supplier_id="22222222222222", **water),
        pay(INSURANCE, 2024, "10000", **water),
    ]


@pytest.fixture(scope="module")
def water_map(make_shared_map: MakeMap) -> CarbonMap:
    return make_shared_map(*pay_all(), by=["perimeter_supplier", "directorate", "budget"])


class TestRefused:
    def test_a_budget_that_joined_is_named_with_its_euros(self, water_map: CarbonMap) -> None:
        with pytest.raises(FieldError) as refused:
            compare_years(water_map, 2023, 2024, perimeter=[])
        told = str(refused.value)
        assert "a change of perimeter is not declared" in told
        assert "budget EAU (0.00 € in 2023, 40,000.00 € in 2024)" in told
        assert "directorate Eau" in told
        assert "lcc table perimeter" in told and "--same-perimeter" in told

    def test_nothing_is_asked_where_the_perimeter_is_said_to_be_one(
        self, water_map: CarbonMap
    ) -> None:
        change = compare_years(water_map, 2023, 2024)
        assert change.perimeter is None
        assert set(effects(change)) == {"volume", "perimeter"}

    def test_a_declared_name_that_the_map_does_not_hold(self, water_map: CarbonMap) -> None:
        wrong = PerimeterChange("budget", "EAUX", 2024, "in")
        with pytest.raises(FieldError, match=r"on neither side[\s\S]*did you mean EAU\?"):
            compare_years(water_map, 2023, 2024, perimeter=[wrong])

    def test_a_declared_change_the_money_contradicts(self, water_map: CarbonMap) -> None:
        wrong = PerimeterChange("budget", "EAU", 2024, "out")
        with pytest.raises(FieldError, match=r"moved the other way[\s\S]*0\.00 €, then 40,000\.00"):
            compare_years(water_map, 2023, 2024, perimeter=[wrong])

    def test_a_map_that_does_not_tell_what_is_declared(self, water_map: CarbonMap) -> None:
        cells = {name: water_map.cells[name] for name in ("family", "directorate")}
        carbon = replace(water_map, cells=cells)
        with pytest.raises(FieldError, match=r"not made by this dimension[\s\S]*expected: budget"):
            compare_years(carbon, 2023, 2024, perimeter=[WATER])

    def test_what_no_cells_of_the_map_tell_at_once(self, water_map: CarbonMap) -> None:
        cells = {name: water_map.cells[name] for name in ("family", "directorate", "budget")}
        carbon = replace(water_map, cells=cells)
        with pytest.raises(FieldError, match="by='perimeter_supplier'"):
            compare_years(carbon, 2023, 2024, within="supplier", perimeter=[WATER])
        with pytest.raises(FieldError, match="no map tells all of these at once"):
            compare_years(carbon, 2023, 2024, within="contract", perimeter=[WATER])


class TestDeclared:
    @pytest.mark.parametrize("within", ["", "supplier"])
    def test_what_joined_stands_apart_and_the_rest_is_compared(
        self, water_map: CarbonMap, within: str
    ) -> None:
        # The main budget buys the same in constant euros: all the change is the budget that joined.
        change = compare_years(water_map, 2023, 2024, within=within, perimeter=[WATER])
        found = change.emissions(2024) - change.emissions(2023)
        assert effects(change) == pytest.approx({"perimeter": found})
        step = change.steps.set_index("cause").loc["perimeter"]
        assert (step["change_eur"], step["detail"]) == (40_000.0, "declared")
        assert change.perimeter is not None
        row = change.perimeter.iloc[0]
        assert (row["key"], row["before_eur"], row["after_eur"]) == ("EAU", 0.0, 40_000.0)
        assert row["after_tco2e"] == pytest.approx(found)
        assert change.reading("same-perimeter")["change_tco2e"] == pytest.approx(0.0, abs=GRAM_T)

    def test_going_back_changes_every_sign(self, water_map: CarbonMap) -> None:
        there = compare_years(water_map, 2023, 2024, perimeter=[WATER])
        back = compare_years(water_map, 2024, 2023, perimeter=[WATER])
        assert list(back.steps["change_tco2e"]) == pytest.approx(
            list(-there.steps["change_tco2e"]), abs=GRAM_T
        )

    def test_cells_of_several_facts_give_the_figures_of_each(self, water_map: CarbonMap) -> None:
        # By directorate from its own cells, and from those that also hold the budget.
        alone = compare_years(water_map, 2023, 2024, by="directorate")
        budget = PerimeterChange("budget", "PRINCIPAL", 2030, "out")
        joint = compare_years(water_map, 2023, 2024, by="directorate", perimeter=[WATER, budget])
        groups = [each.groups.set_index("group") for each in (alone, joint)]
        assert groups[0].loc["Eau", "after_tco2e"] == pytest.approx(
            groups[1].loc["Eau", "after_tco2e"]
        )
        assert groups[1].loc["Eau", "detail"] == "declared"

    def test_a_directorate_s_own_cells_are_enough(self, water_map: CarbonMap) -> None:
        cells = {name: water_map.cells[name] for name in ("family", "directorate")}
        eau = PerimeterChange("directorate", "Eau", 2024, "in")
        change = compare_years(replace(water_map, cells=cells), 2023, 2024, perimeter=[eau])
        assert set(effects(change)) == {"perimeter"}

    def test_a_file_may_be_declared(self, water_map: CarbonMap) -> None:
        change = compare_years(
            water_map,
            2023,
            2024,
            perimeter=[WATER, PerimeterChange("file", "paiements.csv", 2024, "out")],
        )
        # The file holds everything: nothing is left to compare.
        assert set(effects(change)) == {"perimeter"}
        assert change.years["constant_eur"].sum() > 0

    def test_only_changes_between_the_two_years_count(self) -> None:
        years = [2022, 2023, 2024, 2025]
        told = [PerimeterChange("budget", "B", year, "in") for year in years]
        assert [each.year_from for each in choose_declared(told, (2022, 2024))] == [2023, 2024]
        assert [each.year_from for each in choose_declared(told, (2024, 2022))] == [2023, 2024]
        assert len(choose_declared(told, (2024, 2024))) == 4


class TestWhatAMapTells:
    FACTOR: ClassVar = {"family": "13.01", "factor_id": "a", "kgco2e_per_unit": 1.0}

    def make(self, rows: list[tuple[int, str | None, float]]) -> CarbonMap:
        told: list[dict[str, Any]] = [
            {"budget_year": year, "group_key": key, "factor_key": 0, "k_eur": k_eur}
            for year, key, k_eur in rows
        ]
        return make_within(told, [self.FACTOR], "directorate")

    def test_below_one_hundredth_nobody_is_asked(self) -> None:
        rows = [(2023, "A", 1000.0), (2024, "A", 1000.0), (2024, "B", 10.0)]
        compare_years(self.make(rows), 2023, 2024, perimeter=[])
        rows[-1] = (2024, "B", 11.0)
        with pytest.raises(FieldError, match="directorate B"):
            compare_years(self.make(rows), 2023, 2024, perimeter=[])

    def test_late_invoices_of_who_left_hide_nothing(self) -> None:
        rows = [(2023, "A", 100.0), (2024, "A", 100.0), (2023, "B", 50.0), (2024, "B", 0.4)]
        with pytest.raises(FieldError, match=r"directorate B \(50,000\.00 € in 2023, 400\.00 €"):
            compare_years(self.make(rows), 2023, 2024, perimeter=[])
        gone = PerimeterChange("directorate", "B", 2024, "out")
        change = compare_years(self.make(rows), 2023, 2024, perimeter=[gone])
        assert change.effect("perimeter") == pytest.approx(0.4 - 50.0)

    def test_a_year_that_states_no_directorate_says_nothing(self) -> None:
        rows = [(2023, None, 100.0), (2024, "A", 60.0), (2024, "B", 40.0)]
        change = compare_years(self.make(rows), 2023, 2024, perimeter=[])
        assert change.unstated == ("directorate",)

    def test_where_no_line_states_anything_nothing_was_checked(self) -> None:
        rows = [(2023, None, 100.0), (2024, None, 300.0)]
        change = compare_years(self.make(rows), 2023, 2024, perimeter=[])
        assert change.unstated == ("directorate",)

    def test_what_stands_in_neither_year_is_not_declared(self) -> None:
        rows = [(2022, "B", 40.0), (2023, "A", 100.0), (2024, "A", 100.0)]
        gone = PerimeterChange("directorate", "B", 2024, "out")
        with pytest.raises(FieldError, match="on neither side"):
            compare_years(self.make(rows), 2023, 2024, perimeter=[gone])


class TestTable:
    def test_a_table_in_french_is_read_back(self, tmp_path: Path) -> None:
        path = tmp_path / "perimetre.csv"
        record = {
            "fact": "payer",
            "key": "20009320100016",
            "year_from": 2024,
            "direction": "in",
            "reason": "fusion",
        }
        write_edited([record], "perimeter_change", path)
        text = path.read_text(encoding="utf-8-sig")
        assert "entité payeuse;20009320100016;2024;entre;fusion" in text
        assert read_perimeter(path) == [PerimeterChange(**record)]  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        ("row", "told"),
        [
            ("commune;EAU;2024;entre;fusion", "commune"),
            ("budget;EAU;2024;revient;fusion", "revient"),
            ("budget;EAU;24;entre;fusion", "24"),
            ("budget;EAU;2024;entre;", "nothing"),
        ],
    )
    def test_a_cell_that_does_not_fit_refuses_the_table(
        self, tmp_path: Path, row: str, told: str
    ) -> None:
        path = tmp_path / "perimetre.csv"
        head = "Ce qui change;Nom ou numéro;À partir de;Sens;Motif\n"
        path.write_text(head + row + "\n", encoding="utf-8")
        with pytest.raises(FieldError, match=rf"row 2[\s\S]*found: {told}"):
            read_perimeter(path)
