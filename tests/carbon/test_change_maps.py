"""Two maps compared: joined where methods are one, restated or refused where they are not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest

from lcc.carbon.change import RESTATEMENT, PerimeterChange, compare_maps, compare_years
from lcc.carbon.change.maps import join_maps
from lcc.carbon.result import CarbonMap
from lcc.errors import FieldError
from tests.carbon.change_maps import GRAM_T, effects, make_by_hand, make_within
from tests.carbon.conftest import map_payments
from tests.carbon.test_change import FURNITURE, INSURANCE, POWER, pay

BOUGHT: list[dict[str, object]] = [
    pay(FURNITURE, 2023, "60000", directorate="Bâtiments"),
    pay(INSURANCE, 2023, "40000", directorate="Finances"),
    pay(FURNITURE, 2024, "90000", directorate="Bâtiments"),
    pay(POWER, 2023, "9000", quantity="40000", unit="kWh", directorate="Bâtiments"),
    pay(POWER, 2024, "9000", quantity="30000", unit="kWh", directorate="Bâtiments"),
    pay(INSURANCE, 2024, "30000", directorate="Finances"),
]


@pytest.fixture(scope="module")
def maps(tmp_path_factory: pytest.TempPathFactory) -> tuple[CarbonMap, CarbonMap, CarbonMap]:
    """Return the purchases of each year mapped apart, then those of both years mapped together."""
    found = []
    for years in ((2023,), (2024,), (2023, 2024)):
        folder = tmp_path_factory.mktemp("carte")
        rows = [each for each in BOUGHT if each["budget_year"] in years]
        found.append(map_payments(folder, *rows, by=["perimeter_supplier", "directorate"]))
    return found[0], found[1], found[2]


Maps = tuple[CarbonMap, CarbonMap, CarbonMap]


def make_footprint(k_eur: float, factor_id: str, kgco2e_per_eur: float, **more: Any) -> CarbonMap:
    rows = [{"budget_year": 2019, "factor_key": 0, "k_eur": k_eur}]
    factor = {"family": "13.01", "factor_id": factor_id, "kgco2e_per_unit": kgco2e_per_eur}
    return make_by_hand(rows, [factor], **more)


class TestOneMethod:
    def test_two_years_mapped_apart_are_told_as_mapped_together(self, maps: Maps) -> None:
        first, second, together = maps
        for by in ("family", "directorate"):
            joint = compare_maps(first, second, by=by, perimeter=[])
            whole = compare_years(together, 2023, 2024, by=by, perimeter=[])
            for name in ("change_tco2e", "low_tco2e", "high_tco2e", "change_eur"):
                assert list(joint.steps[name]) == pytest.approx(list(whole.steps[name]), abs=1e-9)
            assert list(joint.groups["group"]) == list(whole.groups["group"])
            assert joint.published_tco2e is None

    def test_a_supplier_s_figure_of_each_year_is_real(self) -> None:
        # 10 t at 3 t/t in the table of 2023, at 2 in that of 2024: 30 t, then 20 t. What suppliers
        # measured is data, not method.
        measured = [
            make_by_hand(
                [{"budget_year": year, "factor_key": 0, "k_eur": 50, "quantity": 10.0}],
                [
                    {
                        "family": "13.01",
                        "factor_id": "supplier:1:13.01:t",
                        "kgco2e_per_unit": factor,
                        "unit": "t",
                        "method": "supplier",
                    }
                ],
                manifest={
                    "setting_files": {
                        "supplier_factors": {"path": f"fournisseurs_{year}.csv", "sha256": "0"}
                    }
                },
            )
            for year, factor in ((2023, 3000.0), (2024, 2000.0))
        ]
        change = compare_maps(measured[0], measured[1])
        assert effects(change) == pytest.approx({"real": -10.0})
        assert change.seen_share == 1.0

    def test_two_perimeters_of_one_year(self) -> None:
        # A directorate joins: the same year, counted without it (100 t), then with it (130 t).
        factor = {"family": "13.01", "factor_id": "a", "kgco2e_per_unit": 1.0}
        rows = [
            {"budget_year": 2024, "group_key": name, "factor_key": 0, "k_eur": k_eur}
            for name, k_eur in (("Bâtiments", 100), ("Eau", 30))
        ]
        small, large = (
            make_within(
                rows[:count],
                [factor],
                "directorate",
                manifest={"inputs": [{"path": "p.csv", "sha256": str(count)}]},
            )
            for count in (1, 2)
        )
        with pytest.raises(FieldError, match=r"directorate Eau \(0\.00 € in sans, 30,000"):
            compare_maps(small, large, perimeter=[], names=("sans", "avec"))
        joined = PerimeterChange("directorate", "Eau", 2024, "in")
        change = compare_maps(small, large, perimeter=[joined])
        assert effects(change) == pytest.approx({"perimeter": 30.0})
        assert (change.before_tco2e, change.after_tco2e) == pytest.approx((100, 130))
        # Taken for purchases, it is volume.
        assert effects(compare_maps(small, large)) == pytest.approx({"volume": 30.0})

    def test_a_map_with_itself(self) -> None:
        carbon = make_footprint(1, "a", 1.0)
        with pytest.raises(FieldError, match="a map is not compared with itself"):
            compare_maps(carbon, carbon, 2019, 2019)

    def test_joined_cells_keep_cents_and_kilograms(self, maps: Maps) -> None:
        first, second, _ = maps
        joined, sides = join_maps(first, second, 2023, 2024)
        assert joined.years == [2023, 2024]
        for by in ("family", "directorate"):
            cents = joined.cells[by]["spend_cents"].to_numpy()
            kilograms = joined.emissions(by).kgco2e
            for side, year, each in zip(sides[by], (2023, 2024), (first, second), strict=True):
                total = each.total(year).iloc[0]
                assert cents[side].sum() == round(total["spend_eur"] * 100)
                assert kilograms[side].sum() / 1000 == pytest.approx(total["emissions_tco2e"])


class TestOtherMethods:
    def test_denmark_is_a_change_of_method_alone(self) -> None:
        # Climate footprint of Danish public procurement, 2019: 12 Mt as first published, 14.3 Mt by
        # a later method (Økonomistyrelsen 2020, 2023). One year, bought once: 2.3 Mt that nobody
        # emitted in between. In tonnes per thousand tonnes here.
        early = make_footprint(40_000, "early", 0.3, manifest={"software": "lcc 1"})
        late = make_footprint(40_000, "late", 0.3575)
        change = compare_maps(early, late, 2019, 2019)
        assert change.published_tco2e == pytest.approx(12_000)
        assert change.restated_by == "method"
        steps = change.all_steps()
        assert steps["cause"].iloc[0] == RESTATEMENT
        assert steps["change_tco2e"].iloc[0] == pytest.approx(2_300)
        assert steps["change_tco2e"].iloc[1:].abs().max() == 0.0
        real = change.reading("real")
        assert (real["change_tco2e"], real["low_tco2e"], real["high_tco2e"]) == (0.0, 0.0, 0.0)

    def test_the_year_before_recomputed_then_what_changed(self, maps: Maps) -> None:
        early, _, carbon = maps
        late = replace(carbon, manifest={**carbon.manifest, "software": "lcc 99"})
        change = compare_maps(early, late, 2023, 2024)
        # The same lines by the same factors, whatever the software: nothing to restate.
        assert (change.published_tco2e, change.restated_by) == (None, "same")
        factors = early.factors.to_pandas()
        factors["kgco2e_per_unit"] *= 0.9
        lower = pa.Table.from_pandas(factors, schema=early.factors.schema, preserve_index=False)
        change = compare_maps(replace(early, factors=lower, _emissions={}), late, 2023, 2024)
        assert change.published_tco2e == pytest.approx(0.9 * change.before_tco2e)
        # The file of the map before is another one, with fewer lines.
        assert change.restated_by == "method-and-data"
        total = change.start_tco2e + change.all_steps()["change_tco2e"].sum()
        assert total == pytest.approx(change.after_tco2e, abs=GRAM_T)

    def test_methods_that_differ_are_not_compared(self, maps: Maps) -> None:
        first, second, _ = maps
        other = replace(first, manifest={**first.manifest, "software": "lcc 0.1"})
        with pytest.raises(FieldError) as refused:
            compare_maps(other, second)
        told = str(refused.value)
        assert "two maps of different methods are not compared" in told
        assert "software lcc: 0.1 → " in told and "lcc change 2023 2024 FILE…" in told

    def test_awards_and_payments_are_not_compared(self) -> None:
        carbon = make_footprint(1, "a", 1.0)
        awards = replace(carbon, manifest={**carbon.manifest, "kind": "award"})
        with pytest.raises(FieldError, match="two maps of different amounts"):
            compare_maps(awards, carbon, 2019, 2019)
