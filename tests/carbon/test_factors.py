"""The factor library: its tables, their sources, and what is compiled from them."""

from __future__ import annotations

import csv
import importlib.util
import json
import math
import shutil
from pathlib import Path
from types import ModuleType
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lcc.carbon.factors import (
    compile_monetary,
    compile_physical,
    compile_price_derived,
    factor_origin,
    find_factors,
    list_sources,
    load_factors,
)
from lcc.carbon.readings import HALF_WIDTH, MULTIPLICATIVE, READINGS, read_published_error
from lcc.errors import FieldError, MissingFactorError, TableError, UnitError
from lcc.tables import data_path, load_reference, load_table, schema
from lcc.units import unit_ratio

FOLDER = "emission_factors"
ROOT = Path(__file__).resolve().parents[2]
PACKAGE = json.loads((ROOT / FOLDER / "datapackage.json").read_text(encoding="utf-8"))
RESOURCES = [resource["name"] for resource in PACKAGE["resources"]]


def only(table: pa.Table) -> dict[str, Any]:
    """Return the single row of a table."""
    rows: list[dict[str, Any]] = table.to_pylist()
    assert len(rows) == 1
    return rows[0]


def collected(folder: Path, name: str) -> list[dict[str, str]]:
    """Return the rows of a collected file."""
    with (folder / "factors" / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


class TestTables:
    @pytest.mark.parametrize("name", RESOURCES)
    def test_loads_under_its_schema_and_checksum(self, name: str) -> None:
        assert load_reference(FOLDER, name).num_rows > 0

    @pytest.mark.parametrize("resource", PACKAGE["resources"], ids=RESOURCES)
    def test_is_a_valid_table_schema_resource(self, resource: dict[str, Any]) -> None:
        frictionless = pytest.importorskip("frictionless")
        form = json.loads(
            (ROOT / "lcc" / "schemas" / f"{resource['schema_name']}.json").read_text("utf-8")
        )
        report = frictionless.Resource(
            path=resource["path"],
            basepath=str(ROOT / FOLDER),
            schema=frictionless.Schema.from_descriptor(form),
        ).validate()
        assert report.valid, report.flatten(["rowNumber", "fieldName", "message"])[:5]

    @pytest.mark.parametrize("resource", PACKAGE["resources"], ids=RESOURCES)
    def test_says_whence_and_under_which_licence(self, resource: dict[str, Any]) -> None:
        for key in ("title", "licence", "sources", "version", "retrieved", "hash", "bytes"):
            assert resource[key], key
        licences = (ROOT / FOLDER / "LICENCES.md").read_text(encoding="utf-8")
        assert f"`{resource['path']}`" in licences

    @pytest.mark.parametrize("resource", PACKAGE["resources"], ids=RESOURCES)
    def test_every_row_names_source_version_locator_licence(self, resource: dict[str, Any]) -> None:
        names = schema(resource["schema_name"]).names
        if "status" in names:
            table = load_reference(FOLDER, resource["name"])
            assert set(table["status"].to_pylist()) == {"judgement"}
            return
        table = load_reference(FOLDER, resource["name"])
        for name in ("source", "source_version", "locator", "licence"):
            assert all(table[name].to_pylist()), name

    def test_no_file_is_left_unlisted(self) -> None:
        files = {path.name for path in (ROOT / FOLDER).glob("*.csv")}
        assert files == {resource["path"] for resource in PACKAGE["resources"]}

    def test_the_share_alike_table_stays_apart(self) -> None:
        # CC BY-SA 4.0 asks for attribution and the same licence: no other table may hold its rows.
        for name in RESOURCES:
            table = load_reference(FOLDER, name)
            licences = set(table["licence"].to_pylist()) if "licence" in table.column_names else {}
            if name == "margins_figaro":
                assert licences == {"CC BY-SA 4.0"}
            else:
                assert not any("SA" in each for each in licences), name
        text = (ROOT / FOLDER / "LICENCES.md").read_text(encoding="utf-8")
        for fact in ("Ecodex", "10.5281/zenodo.23157020", "CC BY-SA 4.0", "Changes made"):
            assert fact in text

    def test_a_changed_byte_is_refused(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        shutil.copytree(ROOT / FOLDER, tmp_path / FOLDER)
        monkeypatch.setattr("lcc.tables.data_path", tmp_path.joinpath)
        load = load_reference.__wrapped__
        assert load(FOLDER, "monetary_fr").num_rows == 315
        table = tmp_path / FOLDER / "monetary_fr.csv"
        content = table.read_bytes()
        table.write_bytes(content.replace(b",1.727,", b",1.728,", 1))
        with pytest.raises(TableError, match="checksum") as error:
            load(FOLDER, "monetary_fr")
        assert error.value.expected is not None
        assert error.value.found != error.value.expected.removeprefix("sha256:")

    def test_half_a_table_is_refused(self, tmp_path: Path) -> None:
        whole = data_path(FOLDER, "physical.csv").read_bytes()
        half = tmp_path / "physical.csv"
        # Within a row, after its first cell.
        half.write_bytes(whole[: whole.index(b",", whole.index(b"\n", len(whole) // 2))])
        with pytest.raises(TableError):
            load_table(half, "factor")

    def test_a_table_in_another_encoding_is_refused(self, tmp_path: Path) -> None:
        text = data_path(FOLDER, "error_default.csv").read_text(encoding="utf-8")
        other = tmp_path / "error_default.csv"
        other.write_bytes(text.encode("cp1252"))
        with pytest.raises(TableError):
            load_table(other, "error_default")


class TestTranscription:
    @pytest.fixture
    def script(self) -> ModuleType:
        spec = importlib.util.spec_from_file_location(
            "transcribe_factors", ROOT / "tools" / "transcribe_factors.py"
        )
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    def test_gives_the_shipped_bytes(
        self,
        real_data: Path,
        tmp_path: Path,
        script: ModuleType,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(script, "TABLES", tmp_path)
        monkeypatch.setattr(script, "COLLECTED", real_data / "factors")
        script.main()
        written = sorted(tmp_path.glob("*.csv"))
        assert len(written) == 7
        for path in written:
            assert path.read_bytes() == (ROOT / FOLDER / path.name).read_bytes(), path.name

    def test_a_value_of_low_confidence_cannot_be_chosen(
        self,
        real_data: Path,
        tmp_path: Path,
        script: ModuleType,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(script, "TABLES", tmp_path)
        monkeypatch.setattr(script, "COLLECTED", real_data / "factors")
        row = {**script.choices("physical_selection.csv")[0], "source_ids": "ADEME-37089"}
        monkeypatch.setattr(script, "choices", lambda _: [row])
        with pytest.raises(ValueError, match="low confidence"):
            script.physical()

    def test_every_monetary_value_is_the_collected_one(self, real_data: Path) -> None:
        ours = {
            (row["product"], row["price_year"]): row["value"]
            for row in load_factors("monetary_fr").to_pylist()
        }
        rows = collected(real_data, "monetary_fr_sdes_ges501_2019_2023.csv")
        assert len(rows) == len(ours) == 63 * 5
        for row in rows:
            given = int(row["value"])
            assert ours[f"sdes:{row['nace_code']}", int(row["year"])] * 1000 == pytest.approx(given)

    def test_21_of_23_ademe_values_match(self, real_data: Path) -> None:
        ours = {
            row["product"].removeprefix("sdes:"): round(row["value"] * 1000)
            for row in load_factors("monetary_fr").to_pylist()
            if row["price_year"] == 2023
        }
        rows = collected(real_data, "monetary_fr_ademe_basecarbone_2023_crosscheck.csv")
        assert len(rows) == 23
        differ = {
            row["nace_code"]: (int(row["value"]), ours[row["nace_code"]])
            for row in rows
            if int(row["value"]) != ours[row["nace_code"]]
        }
        # C33 differs by a rounding, M74_75 is another cut of the product.
        assert differ == {"C33": (195, 196), "M74_75": (110, 141)}

    def test_margins_give_back_the_publisher_s_own_values(self, real_data: Path) -> None:
        margins = {
            row["product"]: row for row in load_reference(FOLDER, "margins_figaro").to_pylist()
        }
        rows = collected(real_data, "monetary_fr_figaro_purchaser_2023.csv")
        assert len(rows) == len(margins) == 60
        for row in rows:
            ours = margins[f"sdes:{row['nace_code']}"]
            value = (
                float(row["total_basic_prices"]) * ours["price_ratio"]
                + ours["margin_kgco2e_per_keur"]
            )
            # The ratio is published with four decimals: half a unit of them on the basic value.
            assert value == pytest.approx(float(row["value"]), abs=0.12), row["nace_code"]


class TestMonetary:
    def test_published_year(self) -> None:
        # SDES GES.501, C29: 284 kgCO2e/kEUR in 2023.
        row = only(compile_monetary(["sdes:C29"], [2023], purchaser_prices=False))
        assert row["kgco2e_per_eur"] == pytest.approx(0.284)
        assert row["year_rule"] == "published"
        assert row["index_name"] is None
        assert row["valuation_rule"] == "as-published"
        assert row["factor_id"] == "sdes-ges501:C29:2023"
        assert row["stage"] == "upstream"

    def test_each_published_year_has_its_own_ratio(self) -> None:
        # The move is not inflation: C19 1590 → 725 from 2019 to 2022, D35 695 → 421 from 2022.
        table = compile_monetary(
            ["sdes:C19", "sdes:D35"], [2019, 2022, 2023], purchaser_prices=False
        )
        values = {(r["product"], r["year"]): r["kgco2e_per_eur"] for r in table.to_pylist()}
        assert values["sdes:C19", 2019] == pytest.approx(1.590)
        assert values["sdes:C19", 2022] == pytest.approx(0.725)
        assert values["sdes:D35", 2022] == pytest.approx(0.695)
        assert values["sdes:D35", 2023] == pytest.approx(0.421)

    def test_deflated_by_hand(self) -> None:
        # 284 kg/kEUR of 2023; CPI 117.473 (2023), 119.822 (2024): 0.284 × 0.980396 = 0.278432.
        row = only(compile_monetary(["sdes:C29"], [2024], purchaser_prices=False))
        assert row["kgco2e_per_eur"] == pytest.approx(0.278432, abs=5e-7)
        assert (row["year_rule"], row["index_name"]) == ("deflated", "cpi-fr")
        assert row["factor_id"] == "sdes-ges501:C29:2023"

    def test_carried_back_by_hand(self) -> None:
        # 333 kg/kEUR of 2019; CPI 104.233 (2019), 103.091 (2018): 0.333 × 1.011078 = 0.336689.
        row = only(compile_monetary(["sdes:C29"], [2018], purchaser_prices=False))
        assert row["kgco2e_per_eur"] == pytest.approx(0.336689, abs=5e-7)
        assert (row["year_rule"], row["index_name"]) == ("carried-back", "cpi-fr")

    def test_beyond_the_index_it_is_held(self) -> None:
        table = compile_monetary(["sdes:C29"], [2024, 2026, 1998, 2000], purchaser_prices=False)
        rows = {row["year"]: row for row in table.to_pylist()}
        assert rows[2026]["year_rule"] == rows[1998]["year_rule"] == "held"
        assert rows[2026]["kgco2e_per_eur"] == rows[2024]["kgco2e_per_eur"]
        assert rows[1998]["kgco2e_per_eur"] == rows[2000]["kgco2e_per_eur"]

    def test_another_index(self) -> None:
        # The deflator ends in 2023: 2024 is held at the ratio of 2023.
        row = only(
            compile_monetary(["sdes:F"], [2024], purchaser_prices=False, index="gdp-deflator-fr")
        )
        assert row["kgco2e_per_eur"] == pytest.approx(0.245)
        assert (row["year_rule"], row["index_name"]) == ("held", "gdp-deflator-fr")
        with pytest.raises(MissingFactorError):
            compile_monetary(["sdes:F"], [2024], index="no-such-index")

    def test_purchaser_price_by_hand(self) -> None:
        # Textiles 2023: 271 × 0.7081 + 33.94 = 225.8351 kgCO2e/kEUR; the term is per 1000 EUR.
        row = only(compile_monetary(["sdes:C13T15"], [2023]))
        assert row["kgco2e_per_eur"] == pytest.approx(0.2258351)
        assert row["valuation_rule"] == "converted"
        # Carried to 2024 afterwards: 0.2258351 × 117.473 / 119.822 = 0.2214078.
        later = only(compile_monetary(["sdes:C13T15"], [2024]))
        assert later["kgco2e_per_eur"] == pytest.approx(0.2214078, abs=5e-8)

    def test_products_without_margins_say_so(self) -> None:
        # O84, Q87_88 and T are not in the margins table: 60 of 63 products are.
        products = [f"sdes:{code}" for code in ("O84", "Q87_88", "T", "F")]
        rules = {
            row["product"]: row["valuation_rule"]
            for row in compile_monetary(products, [2023]).to_pylist()
        }
        assert rules == {
            "sdes:O84": "as-published",
            "sdes:Q87_88": "as-published",
            "sdes:T": "as-published",
            "sdes:F": "converted",
        }

    def test_goods_lose_up_to_a_third_services_little(self) -> None:
        # Collected note: French ratios of euros run 0.64 to 0.97 for goods, IT services 3 %.
        margins = {
            row["product"]: row["price_ratio"]
            for row in load_reference(FOLDER, "margins_figaro").to_pylist()
        }
        goods = [v for k, v in margins.items() if k[5] in "ABC" and k != "sdes:C33"]
        assert 0.63 < min(goods) < 0.66
        assert max(goods) == pytest.approx(0.97, abs=0.005)
        assert 1 - margins["sdes:J62_63"] == pytest.approx(0.03, abs=0.006)

    def test_what_no_table_knows_is_absent(self) -> None:
        assert compile_monetary(["sdes:nowhere", "'; DROP TABLE line; --"], [2023]).num_rows == 0
        assert compile_monetary([], [2023]).num_rows == 0
        assert compile_monetary(["sdes:F"], []).num_rows == 0

    def test_order_and_repetition_do_not_matter(self) -> None:
        one = compile_monetary(["sdes:F", "sdes:C29", "sdes:F"], [2023])
        two = compile_monetary(["sdes:C29", "sdes:F"], [2023])
        assert one.sort_by("product").equals(two.sort_by("product"))

    def test_the_superseded_set_is_never_the_default(self) -> None:
        # Machines 700 against 273, furniture 600 against 231 kgCO2e/kEUR: no mixing.
        legacy = load_factors("monetary_fr_legacy")
        assert not set(legacy["product"].to_pylist()) & set(load_factors()["product"].to_pylist())
        assert find_factors("legacy").num_rows == 0
        with pytest.raises(UnitError, match="price year"):
            compile_monetary(["legacy:25022"], [2023], factors=legacy)
        values = dict(zip(legacy["product"].to_pylist(), legacy["value"].to_pylist(), strict=True))
        assert values["legacy:25022"] == pytest.approx(0.7)

    def test_a_gap_between_published_years_takes_the_ratio_before(self) -> None:
        rows = [
            r for r in load_factors().to_pylist() if r["factor_id"].endswith((":2019", ":2023"))
        ]
        table = pa.Table.from_pylist(rows, schema=load_factors().schema)
        row = only(compile_monetary(["sdes:F"], [2021], purchaser_prices=False, factors=table))
        # 296 kg/kEUR of 2019; CPI 104.233 (2019), 106.45 (2021): 0.296 × 0.979173 = 0.289835.
        assert row["kgco2e_per_eur"] == pytest.approx(0.289835, abs=5e-7)
        assert (row["factor_id"], row["year_rule"]) == ("sdes-ges501:F:2019", "deflated")

    def test_a_factor_that_holds_tax_is_refused(self) -> None:
        own = load_factors().slice(0, 1).to_pylist()
        own[0]["tax_basis"] = "TTC"
        table = pa.Table.from_pylist(own, schema=load_factors().schema)
        with pytest.raises(UnitError, match="with tax"):
            compile_monetary([own[0]["product"]], [2023], factors=table)

    def test_a_user_s_factor_of_unknown_source_is_refused(self) -> None:
        own = load_factors().slice(0, 1).to_pylist()
        own[0]["source_key"] = "my-spreadsheet"
        table = pa.Table.from_pylist(own, schema=load_factors().schema)
        with pytest.raises(TableError, match="my-spreadsheet"):
            compile_monetary([own[0]["product"]], [2023], factors=table)

    def test_its_error_is_a_default_and_says_so(self) -> None:
        row = only(compile_monetary(["sdes:F"], [2023]))
        assert row["error_origin"] == "default"
        # Judgement: middle of the 30 to 80 % range, 55 %, as half of a 95 % interval.
        assert row["error_cv"] == pytest.approx(0.55 / 1.96, abs=0.001)
        assert row["source"] == "sdes-ges501"
        assert 0 < row["source_share"] < 1

    @given(st.integers(1990, 2040), st.sampled_from(["sdes:F", "sdes:C19", "sdes:T", "sdes:I"]))
    def test_always_positive_and_flagged(self, year: int, product: str) -> None:
        row = only(compile_monetary([product], [year]))
        assert row["kgco2e_per_eur"] > 0
        assert (row["year_rule"] == "published") == (2019 <= year <= 2023)
        assert (row["index_name"] is None) == (row["year_rule"] == "published")


class TestPhysical:
    def test_electricity(self) -> None:
        # ADEME Base Carbone, element 42513: 0.052 kgCO2e/kWh, mean consumption mix 2022, ± 10 %.
        row = only(compile_physical(["phys:electricity-fr"]))
        assert (row["kgco2e_per_unit"], row["unit"]) == (0.052, "kWh")
        assert row["error_origin"] == "published"
        assert row["error_cv"] == pytest.approx(0.10 / 1.96, abs=1e-5)

    def test_stages_add_up_to_the_whole(self) -> None:
        # DESNZ 2024: natural gas, gross: 0.18290 burnt + 0.03021 upstream = 0.21311 kgCO2e/kWh.
        names = ["natural-gas-gcv", "natural-gas-gcv-combustion", "natural-gas-gcv-upstream"]
        rows = {
            row["product"]: row
            for row in compile_physical([f"phys:{n}" for n in names]).to_pylist()
        }
        whole, burnt, upstream = (rows[f"phys:{name}"] for name in names)
        assert whole["kgco2e_per_unit"] == pytest.approx(0.18290 + 0.03021)
        assert burnt["kgco2e_per_unit"] == 0.1829
        assert upstream["kgco2e_per_unit"] == 0.03021
        assert [row["stage"] for row in (whole, burnt, upstream)] == [
            "whole",
            "combustion",
            "upstream",
        ]

    def test_gas_by_net_and_gross_heat_agree(self) -> None:
        # Gross to net calorific value of natural gas: 0.9 (usual French convention 1.11).
        rows = compile_physical(["phys:natural-gas-ncv", "phys:natural-gas-gcv"]).to_pylist()
        net, gross = (row["kgco2e_per_unit"] for row in rows)
        assert gross == pytest.approx(net * 0.9, rel=0.03)
        with pytest.raises(UnitError):
            unit_ratio("kWh PCS", "kWh PCI")

    def test_every_unit_is_known(self) -> None:
        for unit in set(load_factors("physical")["unit"].to_pylist()):
            assert unit_ratio(unit, unit) == 1

    def test_one_factor_per_product(self) -> None:
        products = load_factors("physical")["product"].to_pylist()
        assert len(products) == len(set(products))
        assert 120 <= len(products) <= 180

    def test_one_generation_of_smartphone(self) -> None:
        # 33 (old Base Carbone) and 85.1 kgCO2e (ADEME-Arcep) are two generations.
        rows = [r for r in load_factors("physical").to_pylist() if "martphone" in r["label_fr"]]
        assert [(row["product"], row["value"]) for row in rows if row["stage"] == "upstream"] == [
            ("phys:smartphone", 85.1)
        ]

    def test_mistakes_met_upstream_stayed_out(self) -> None:
        rows = {row["product"]: row for row in load_factors("physical").to_pylist()}
        # 2.32 is per m³ of gas, never per kWh; 0.385 kgCO2e/kWh is no heat network's mean.
        assert rows["phys:natural-gas-m3"]["unit"] == "m³"
        assert rows["phys:heat-network-fr"]["value"] == 0.113
        # The flat 41 kg/t rows of waste, and the British cut-off ones, serve no treatment here.
        waste = [row for key, row in rows.items() if key.startswith("phys:waste")]
        assert waste
        assert all(row["source_key"] != "desnz-2024" for row in waste)
        assert all(row["value"] != 41 for row in waste)
        # No data under an unclear licence.
        assert {row["licence"] for row in rows.values()} == {
            "Licence Ouverte 2.0 (Etalab)",
            "Open Government Licence v3.0",
            "Fait cité avec sa source",
        }

    def test_orders_of_magnitude(self) -> None:
        # kgCO2e per unit, bounds wide enough for any source met.
        bounds = {
            "kWh": (0.02, 0.2),
            "kWh PCI": (0.15, 0.4),
            "kWh PCS": (0.02, 0.3),
            "litre": (0.4, 4),
            "repas": (0.3, 8),
            "passager.km": (0.002, 0.4),
            "véhicule.km": (0.005, 0.3),
            "t.km": (0.004, 1.2),
            "tonne": (0.9, 30_000),
            "m²": (50, 1000),
            "nuit": (3, 20),
        }
        for row in load_factors("physical").to_pylist():
            low, high = bounds.get(row["unit"], (0, math.inf))
            assert low < row["value"] < high, row["product"]

    def test_stored_errors_are_the_default_reading(self) -> None:
        for name in ("physical", "monetary_fr_legacy", "monetary_fr"):
            for row in load_factors(name).to_pylist():
                cv = read_published_error(row["error_published_pct"])
                if cv is None:
                    assert (row["error_cv"], row["error_reading"]) == (None, "not-stated")
                else:
                    assert row["error_cv"] == pytest.approx(cv, abs=5e-5)
                    assert row["error_reading"] == HALF_WIDTH


class TestPriceDerived:
    def test_diesel_by_hand(self) -> None:
        # 3.1 kgCO2e/l (Base Carbone 25775) over 1.82 / 1.2 EUR/l HT (DGEC 2023) = 2.043956.
        row = only(compile_price_derived(["phys:diesel"], ["diesel-pump"], [2023]))
        assert row["kgco2e_per_eur"] == pytest.approx(2.043956, abs=5e-7)
        assert row["year_rule"] == "published"
        assert row["stage"] == "whole"

    def test_a_monetary_ratio_leaves_the_burning_out(self) -> None:
        # Collected note: ratio × pump price gives about 1.3 kgCO2e/l, the physical factor 3.1.
        ratio = only(compile_monetary(["sdes:C19"], [2023], purchaser_prices=False))
        per_litre = ratio["kgco2e_per_eur"] * 1.82 / 1.2
        assert per_litre == pytest.approx(1.3, abs=0.02)
        derived = only(compile_price_derived(["phys:diesel"], ["diesel-pump"], [2023]))
        assert derived["kgco2e_per_eur"] * 1.82 / 1.2 == pytest.approx(3.1)

    def test_error_is_wider_than_that_of_the_factor(self) -> None:
        # (1 + 0.05²)(1 + 0.1²) − 1 = 0.01252500; its root is 0.111915.
        row = only(compile_price_derived(["phys:diesel"], ["diesel-pump"], [2023]))
        assert row["error_cv"] == pytest.approx(0.111915, abs=5e-7)
        assert row["error_origin"] == "default"
        assert row["quality"] >= only(compile_physical(["phys:diesel"]))["quality"]

    def test_units_are_converted(self) -> None:
        # CNG is per tonne; a price per litre of it makes no sense, and says so.
        with pytest.raises(UnitError):
            compile_price_derived(["phys:cng"], ["diesel-pump"], [2023])

    def test_gas_needs_its_own_price(self) -> None:
        with pytest.raises(UnitError):
            compile_price_derived(["phys:natural-gas-ncv"], ["gas-non-household"], [2023])
        row = only(compile_price_derived(["phys:natural-gas-gcv"], ["gas-non-household"], [2016]))
        # 0.21311 kgCO2e/kWh PCS over 0.033 EUR/kWh PCS (SDES, 2016) = 6.457879.
        assert row["kgco2e_per_eur"] == pytest.approx(6.457879, abs=5e-7)

    def test_gas_of_a_public_site(self) -> None:
        # Eurostat nrg_pc_203, France, 1 000 to 9 999 GJ, excluding VAT: 26.2346 and 28.3185 EUR/GJ
        # in the two halves of 2023, so 0.09819558 EUR/kWh PCS; 0.21311 / 0.098196 = 2.170251.
        row = only(
            compile_price_derived(["phys:natural-gas-gcv"], ["gas-non-household-i2"], [2023])
        )
        assert row["kgco2e_per_eur"] == pytest.approx(2.170251, abs=5e-7)
        assert row["year_rule"] == "published"

    def test_unknown_series(self) -> None:
        with pytest.raises(MissingFactorError):
            compile_price_derived(["phys:diesel"], ["diesel"], [2023])

    def test_years_outside_the_series_are_flagged(self) -> None:
        table = compile_price_derived(["phys:heating-oil"], ["heating-oil"], [2016, 2023])
        rules = [(row["year_rule"], row["index_name"]) for row in table.to_pylist()]
        assert rules == [("published", None), ("deflated", "diesel-pump")]


class TestReadings:
    def test_eighty_percent(self) -> None:
        # Half-width: 0.80 / 1.959964 = 0.408171.
        assert read_published_error(80) == pytest.approx(0.408171, abs=5e-7)
        # Strict: σ = ln(1.8) / 1.959964 = 0.299897; √(exp(σ²) − 1) = 0.306768.
        assert read_published_error(80, MULTIPLICATIVE) == pytest.approx(0.306768, abs=5e-7)

    def test_the_reading_reaches_the_result(self) -> None:
        half = only(compile_physical(["phys:car-electric"]))
        strict = only(compile_physical(["phys:car-electric"], reading=MULTIPLICATIVE))
        # ± 70 %: 0.70 / 1.959964 = 0.357149; σ = ln(1.7) / 1.959964 = 0.270734, cv 0.275771.
        assert half["error_cv"] == pytest.approx(0.357149, abs=5e-7)
        assert strict["error_cv"] == pytest.approx(0.275771, abs=5e-7)

    def test_strict_bounds_are_the_published_ones(self) -> None:
        # The 95 % interval of the lognormal read strictly runs from m / 1.8 to m × 1.8.
        cv = read_published_error(80, MULTIPLICATIVE)
        assert cv is not None
        log_sd = math.sqrt(math.log1p(cv**2))
        assert math.exp(1.959964 * log_sd) == pytest.approx(1.8, abs=1e-5)

    @pytest.mark.parametrize("reading", READINGS)
    def test_zero_and_absence_are_not_exactness(self, reading: str) -> None:
        assert read_published_error(0, reading) is None
        assert read_published_error(None, reading) is None

    @pytest.mark.parametrize("reading", READINGS)
    def test_above_a_hundred(self, reading: str) -> None:
        # 170 % is met in the collected files: a symmetric interval would go below zero.
        cv = read_published_error(170, reading)
        assert cv is not None
        assert 0 < cv < 1.7

    def test_nonsense_is_refused(self) -> None:
        with pytest.raises(FieldError):
            read_published_error(-5)
        with pytest.raises(FieldError):
            read_published_error(math.nan)
        with pytest.raises(UnitError, match="half-width-95"):
            read_published_error(80, "standard-deviation")

    @given(st.floats(0.1, 500), st.floats(0.1, 500), st.sampled_from(READINGS))
    def test_a_larger_percentage_is_a_larger_error(
        self, one: float, two: float, reading: str
    ) -> None:
        low, high = sorted((one, two))
        smaller, larger = read_published_error(low, reading), read_published_error(high, reading)
        assert smaller is not None
        assert larger is not None
        assert smaller <= larger


class TestOrigin:
    def test_one_row_is_followed_to_the_result(self) -> None:
        # SDES GES.501, textiles, 2023: 271 kgCO2e/kEUR, Base Carbone element 43405.
        row = only(compile_monetary(["sdes:C13T15"], [2025]))
        origin = factor_origin(row["factor_id"])
        assert origin["source"].startswith("SDES et Insee")
        assert "GES.501" in origin["source"]
        assert "2023" in origin["source_version"]
        assert "C13T15" in origin["locator"]
        assert "43405" in origin["locator"]
        assert origin["licence"] == "Licence Ouverte 2.0 (Etalab)"

    def test_what_the_value_was_made_with_follows_it(self) -> None:
        row = only(compile_monetary(["sdes:C13T15"], [2024]))
        origin = factor_origin(
            row["factor_id"], valuation_rule=row["valuation_rule"], index_name=row["index_name"]
        )
        assert "SDES" in origin["source"]
        assert "marges : Ecodex" in origin["source"]
        assert "indice : Banque mondiale" in origin["source"]
        assert "marges : CC BY-SA 4.0" in origin["licence"]
        assert "zenodo.23157020" in origin["source_version"]

    def test_every_source_of_a_result_is_listed(self) -> None:
        table = list_sources(compile_monetary(["sdes:C13T15"], [2023, 2024]))
        rows = {row["role"]: row for row in table.to_pylist()}
        assert set(rows) == {"factor", "margins", "index"}
        assert "zenodo.23157020" in rows["margins"]["source_version"]
        assert rows["margins"]["licence"] == "CC BY-SA 4.0"
        assert rows["index"]["name"] == "cpi-fr"
        plain = list_sources(compile_monetary(["sdes:C13T15"], [2023], purchaser_prices=False))
        assert plain["role"].to_pylist() == ["factor"]

    def test_a_price_derived_factor_names_factor_and_price(self) -> None:
        row = only(compile_price_derived(["phys:diesel"], ["diesel-pump"], [2023]))
        origin = factor_origin(row["factor_id"])
        assert "ADEME" in origin["source"]
        assert "DGEC" in origin["source"]
        assert "25775" in origin["locator"]

    def test_every_shipped_factor_has_an_origin(self) -> None:
        for name in ("monetary_fr", "physical", "monetary_fr_legacy"):
            for factor_id in load_factors(name)["factor_id"].to_pylist():
                assert all(factor_origin(factor_id).values())

    def test_an_unknown_factor(self) -> None:
        with pytest.raises(MissingFactorError, match="sdes-ges501:C99:2023"):
            factor_origin("sdes-ges501:C99:2023")
        with pytest.raises(MissingFactorError):
            factor_origin("ademe-base-carbone:diesel@no-such-series")

    def test_find(self) -> None:
        assert "phys:diesel" in find_factors("GAZOLE")["product"].to_pylist()
        assert find_factors("43405")["factor_id"].to_pylist() == ["sdes-ges501:C13T15:2023"]
        assert find_factors("nothing holds this").num_rows == 0

    def test_every_source_key_and_error_kind_is_described(self) -> None:
        sources = set(load_reference(FOLDER, "source")["source_key"].to_pylist())
        kinds = set(load_reference(FOLDER, "error_default")["error_kind"].to_pylist())
        used = [
            row
            for name in ("monetary_fr", "physical", "monetary_fr_legacy")
            for row in load_factors(name).to_pylist()
        ]
        assert {row["source_key"] for row in used} == sources
        assert {row["error_kind"] for row in used} <= kinds


class TestWarmingPotentials:
    def value(self, gas: str, gwp_set: str) -> float:
        rows = load_reference(FOLDER, "gwp").to_pylist()
        found = [r["gwp100"] for r in rows if (r["gas"], r["gwp_set"]) == (gas, gwp_set)]
        assert len(found) == 1
        return float(found[0])

    @pytest.mark.parametrize(
        ("gas", "gwp_set", "expected"),
        # IPCC AR4 table 2.14, AR5 table 8.A.1, AR6 table 7.SM.7; Base Carbone, AR5 with 30 for CH4.
        [
            ("CH4", "AR4", 25),
            ("CH4", "AR5", 28),
            ("CH4", "AR6", 27.9),
            ("N2O", "AR4", 298),
            ("N2O", "AR5", 265),
            ("N2O", "AR6", 273),
            ("SF6", "AR5", 23500),
            ("CH4 (fossil)", "base-carbone", 30),
            ("CH4 (biogenic)", "base-carbone", 28),
            ("HFC-32", "AR5", 677),
            ("HFC-32", "AR6", 771),
            ("HFC-32", "base-carbone", 677),
        ],
    )
    def test_published_values(self, gas: str, gwp_set: str, expected: float) -> None:
        assert self.value(gas, gwp_set) == expected

    def test_a_refrigerant_of_another_set_says_so(self) -> None:
        rows = load_reference(FOLDER, "gwp").to_pylist()
        r410a = next(row for row in rows if row["gas"] == "R410A")
        assert "AR6" in r410a["source_version"]

    def test_recalled_values_stayed_out(self) -> None:
        rows = load_reference(FOLDER, "gwp").to_pylist()
        assert not [row for row in rows if "recalled" in row["source"]]
        assert not [row for row in rows if row["gwp100"] == 24300]
