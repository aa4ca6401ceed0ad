"""What changed in method between two maps, and published figures beside the same recomputed."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from lcc.carbon.method import compare_factors, compare_methods, differ_in
from lcc.carbon.restate import name_figure, read_published, restate
from lcc.carbon.result import CarbonMap
from lcc.carbon.store import load_map, write_map
from lcc.errors import FieldError
from lcc.reading.edited import write_edited

MakeMap = Callable[..., CarbonMap]

WASTE = {"cpv": "90500000", "amount_ht": "100000.00"}
INSURANCE = {"cpv": "66510000", "amount_ht": "40000.00"}
SDES_WASTE = 0.785
"""kgCO2e per euro of 2023 at basic prices: SDES and Insee, GES.501, line E37T39."""

RATIOS = "emission_factors/monetary_fr.csv"


@pytest.fixture(scope="module")
def carbon(make_shared_map: MakeMap) -> CarbonMap:
    """Return a map of two families in 2023."""
    return make_shared_map(WASTE, INSURANCE)


def rework(carbon: CarbonMap, growth: float = 1.0, **changes: Any) -> CarbonMap:
    """Return a map whose ratios are multiplied, with a manifest changed at dotted places."""
    manifest = copy.deepcopy(carbon.manifest)
    for place, value in changes.items():
        *folders, name = place.split("__")
        part = manifest
        for each in folders:
            part = part[each]
        part[name] = value
    factors = carbon.factors.to_pylist()
    for row in factors:
        row["kgco2e_per_unit"] *= growth
    table = pa.Table.from_pylist(factors, schema=carbon.factors.schema)
    return replace(carbon, factors=table, manifest=manifest, _emissions={})


def with_table(carbon: CarbonMap, name: str, growth: float = 1.0) -> CarbonMap:
    """Return a map made with another version of a table."""
    made = rework(carbon, growth)
    made.manifest["tables"][name] = made.manifest["tables"][name] | {
        "hash": "sha256:0123456789abcdef",
        "version": "2018",
    }
    return made


class TestMethods:
    def test_the_same_method_differs_in_nothing(self, carbon: CarbonMap, tmp_path: Path) -> None:
        again = load_map(write_map(carbon, tmp_path / "carte"))
        found = compare_methods(again.manifest, carbon.manifest)
        assert len(found) == 0
        assert differ_in(found) == "nothing"

    def test_every_part_of_a_method_is_told_by_its_kind(self, carbon: CarbonMap) -> None:
        before = with_table(carbon, RATIOS)
        for name in (
            "emission_factors/price_index.csv",
            "emission_factors/error_default.csv",
            "procurement_map/bridge_cpv.csv",
            "procurement_map/vat_rates.csv",
            "procurement_map/clauses.csv",
        ):
            before = with_table(before, name)
        before = rework(
            before,
            software="lcc 0.0.9",
            map_text_sha256="f" * 64,
            settings__price_index="gdp-deflator-fr",
            settings__error_reading="multiplicative-95",
            settings__seed=7,
            settings__rules={"amount-above-limit": {"threshold": 5.0}},
        )
        found = compare_methods(before.manifest, carbon.manifest)
        assert [(row["kind"], row["what"]) for row in found.to_dict("records")] == [
            ("factors", RATIOS),
            ("prices", "emission_factors/price_index.csv"),
            ("bridges", "procurement_map/bridge_cpv.csv"),
            ("reading", "procurement_map/vat_rates.csv"),
            ("setting", "price_index"),
            ("setting", "rules.amount-above-limit"),
            ("calculation", "map.sql"),
            ("software", "lcc"),
            ("doubt", "emission_factors/error_default.csv"),
            ("doubt", "error_reading"),
        ]
        ratios = found.iloc[0]
        assert ratios["before"] == "2018 (0123456789ab)"
        assert ratios["after"].startswith("2019\u20132023 (")
        index = found.set_index("what").loc["price_index"]
        assert (index["before"], index["after"]) == ("gdp-deflator-fr", "cpi-fr")
        assert differ_in(found) == "method"

    def test_what_moves_intervals_only_is_no_change_of_figure(self, carbon: CarbonMap) -> None:
        before = rework(carbon, settings__error_reading="multiplicative-95")
        assert differ_in(compare_methods(before.manifest, carbon.manifest)) == "nothing"

    def test_a_file_corrected_is_data_a_file_more_is_not(self, carbon: CarbonMap) -> None:
        (file,) = carbon.manifest["inputs"]
        corrected = rework(carbon, inputs=[file | {"sha256": "0" * 64}])
        found = compare_methods(corrected.manifest, carbon.manifest)
        assert list(found["kind"]) == ["input"]
        assert differ_in(found) == "data"
        more = rework(carbon, inputs=[file, {"path": "2024.csv", "sha256": "0" * 64}])
        assert len(compare_methods(carbon.manifest, more.manifest)) == 0
        gone = compare_methods(more.manifest, carbon.manifest)
        assert gone.iloc[0]["after"] == ""

    def test_payments_and_awards_are_not_one_figure_counted_twice(self, carbon: CarbonMap) -> None:
        awards = rework(carbon, kind="award")
        with pytest.raises(FieldError, match="award, then payment"):
            compare_methods(awards.manifest, carbon.manifest)
        with pytest.raises(FieldError, match="award, then payment"):
            compare_factors(awards, carbon, 2023)
        with pytest.raises(FieldError, match="award, then payment"):
            restate(awards, carbon, 2023)


class TestFactors:
    def test_spend_times_difference_of_factors(self, carbon: CarbonMap) -> None:
        # 100 000 € × (0.785 − 0.785 / 1.25) = 15.7 t.
        before = with_table(carbon, RATIOS, 1 / 1.25)
        found = compare_factors(before, carbon, 2023).set_index("family")
        row = found.loc[found["before_id"] == "sdes-ges501:E37T39:2023"].iloc[0]
        assert row["factor_tco2e"] == pytest.approx(100 * SDES_WASTE * 0.2)
        assert row["amount_tco2e"] == pytest.approx(0.0, abs=1e-9)
        assert row["amount"] == pytest.approx(100_000)
        assert row["after_kgco2e_per_unit"] == pytest.approx(SDES_WASTE)
        total = carbon.total(2023).iloc[0]["emissions_tco2e"]
        assert found["factor_tco2e"].sum() == pytest.approx(0.2 * total)

    def test_the_same_map_has_no_effect(self, carbon: CarbonMap) -> None:
        assert len(compare_factors(carbon, carbon, 2023)) == 0

    def test_both_effects_add_up_when_lines_were_corrected_too(
        self, carbon: CarbonMap, make_map: MakeMap
    ) -> None:
        # Waste 100 → 150 k€ and its factor 0.785 × 1.2 → 0.785; furniture new; insurance gone.
        before = with_table(carbon, RATIOS, 1.2)
        now = make_map(WASTE | {"amount_ht": "150000"}, {"cpv": "39100000", "amount_ht": "1000"})
        found = compare_factors(before, now, 2023)
        row = found[found["after_id"] == "sdes-ges501:E37T39:2023"].iloc[0]
        assert row["factor_tco2e"] == pytest.approx(-125 * SDES_WASTE * 0.2)
        assert row["amount_tco2e"] == pytest.approx(50 * SDES_WASTE * 1.1)
        moved = (
            now.total(2023).iloc[0]["emissions_tco2e"]
            - before.total(2023).iloc[0]["emissions_tco2e"]
        )
        assert found[["factor_tco2e", "amount_tco2e"]].to_numpy().sum() == pytest.approx(moved)

    def test_a_year_that_a_map_lacks(self, carbon: CarbonMap) -> None:
        with pytest.raises(FieldError, match="no such year"):
            compare_factors(carbon, carbon, 2022)


def publish(path: Path, *rows: dict[str, Any]) -> Path:
    common = {"year": 2023, "source": "Bilan 2023, p. 3", "perimeter": "payment"}
    return write_edited([common | row for row in rows], "published_figure", path)


class TestPublished:
    def test_figures_stand_beside_the_same_recomputed(
        self, carbon: CarbonMap, tmp_path: Path
    ) -> None:
        whole = carbon.total(2023).iloc[0]
        waste = carbon.table("family", 2023).set_index("group")
        family = waste.index[waste["spend_eur"] == 100_000][0]
        table = read_published(
            publish(
                tmp_path / "publies.csv",
                {"figure": "Émissions", "value": 0.05, "unit": "ktCO2e", "low": 0.04, "high": 0.07},
                {"figure": "emissions", "scope": family, "value": 78.5, "unit": "tCO2e"},
                {"figure": "dépense couverte", "value": 140.0, "unit": "k€"},
                {"figure": "couverture", "value": 95.0, "unit": "%", "perimeter": "award"},
                {"figure": "insertion-hours", "value": 374408.0, "unit": "heures"},
                {"year": 2022, "figure": "émissions", "value": 1.0, "unit": "tCO2e"},
            )
        )
        found = restate(table, carbon, 2023)
        rows = found.set_index("figure")
        assert list(found["cause"]) == [
            "not-known",
            "same",
            "same",
            "other-perimeter",
            "not-in-map",
        ]
        first = found.iloc[0]
        assert first["unit"] == "tCO2e"
        bounds = (first["published"], first["published_low"], first["published_high"])
        assert bounds == pytest.approx((50.0, 40.0, 70.0))
        assert first["recomputed"] == pytest.approx(whole["emissions_tco2e"])
        assert first["difference"] == pytest.approx(whole["emissions_tco2e"] - 50)
        assert first["relative"] == pytest.approx(whole["emissions_tco2e"] / 50 - 1)
        assert found.iloc[1]["label_fr"] == waste.loc[family, "label_fr"]
        assert rows.loc["covered-spend", "published"] == pytest.approx(140_000)
        assert rows.loc["coverage", "published"] == pytest.approx(0.95)
        assert rows.loc["coverage", "recomputed"] == pytest.approx(1.0)
        assert pd.isna(rows.loc["coverage", "difference"])
        assert pd.isna(rows.loc["insertion-hours", "recomputed"])
        # The same from a frame, as a folder of data keeps it.
        frame = restate(table.to_arrow().to_pandas(), carbon, 2023)
        pd.testing.assert_frame_equal(frame, found, check_dtype=False)

    def test_what_a_map_published_is_told_with_what_moved_it(self, carbon: CarbonMap) -> None:
        published = with_table(carbon, RATIOS, 0.8)
        found = restate(published, carbon, 2023)
        whole = found[found["scope"] == ""].set_index("figure")
        assert whole.loc["emissions", "cause"] == "method"
        assert whole.loc["emissions", "relative"] == pytest.approx(0.25)
        assert whole.loc["spend", "cause"] == "same"
        assert set(found[found["scope"] != ""]["relative"].round(9)) == {0.25}

    def test_the_same_method_and_data_leave_a_difference_to_be_looked_at(
        self, carbon: CarbonMap
    ) -> None:
        odd = {"year": 2023, "figure": "spend", "value": 1.0, "unit": "EUR", "source": "?"}
        found = restate(pd.DataFrame([odd]), carbon, 2023, previous=carbon.manifest)
        assert list(found["cause"]) == ["nothing"]

    def test_no_figure_of_the_year(self, carbon: CarbonMap) -> None:
        assert len(restate(pd.DataFrame(columns=["year"]), carbon, 2023)) == 0

    def test_a_year_that_the_map_lacks(self, carbon: CarbonMap) -> None:
        with pytest.raises(FieldError, match="no such year"):
            restate(pd.DataFrame(columns=["year"]), carbon, 2020)

    @pytest.mark.parametrize(
        ("row", "told"),
        [
            ({"figure": "émissions", "value": 5.0, "unit": "€"}, "another unit than its own"),
            ({"figure": "dépense", "value": 5.0, "unit": "tCO2e"}, "another unit than its own"),
            ({"figure": "couverture", "value": 0.95, "unit": "%"}, "read in two ways"),
            ({"figure": "couverture", "value": 95.0, "unit": "part"}, "outside 0 to 100 %"),
            ({"figure": "couverture", "value": 101.0, "unit": "%"}, "outside 0 to 100 %"),
            ({"figure": "intensity", "value": 0.4, "unit": "kgCO2e/€"}, "under two names"),
            (
                {"figure": "émissions", "value": 5.0, "low": 6.0, "unit": "tCO2e"},
                "outside its bounds",
            ),
        ],
    )
    def test_damage_is_refused_with_its_row(
        self, tmp_path: Path, row: dict[str, Any], told: str
    ) -> None:
        path = publish(
            tmp_path / "publies.csv", {"figure": "intensité", "value": 0.3, "unit": "kgCO2e/€"}, row
        )
        with pytest.raises(FieldError, match=told) as caught:
            read_published(path)
        assert caught.value.rows == (3,)
        assert caught.value.file == "publies.csv"

    def test_a_figure_published_twice_is_refused(self, tmp_path: Path) -> None:
        row = {"figure": "émissions", "value": 5.0, "unit": "tCO2e"}
        with pytest.raises(FieldError, match="row 2, 3"):
            read_published(publish(tmp_path / "publies.csv", row, row | {"value": 6.0}))

    def test_names_of_figures(self) -> None:
        assert name_figure("  Dépense couverte ") == "covered-spend"
        assert name_figure("INTENSITE") == "intensity"
        assert name_figure("smes-share") == "smes-share"
