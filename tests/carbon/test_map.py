"""The map: hand calculations, the three laws, properties.

Ratios quoted: SDES/Insee GES.501, year 2023, kgCO2e per k€ HT at basic prices (C31_32 furniture
231, K65 insurance 77), as in `factors/monetary_fr_sdes_ges501_2019_2023.csv` of the collected data.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lcc.carbon.map import map_carbon
from lcc.carbon.result import CarbonMap
from lcc.carbon.store import load_map, write_map
from lcc.errors import FieldError, InputError, MissingFactorError, TableError
from lcc.settings import Settings
from tests.carbon.conftest import BASIC

MakeMap = Callable[..., CarbonMap]

FURNITURE = {"cpv": "39100000", "amount_ht": "10000.00"}
INSURANCE = {"cpv": "66510000", "amount_ht": "5000.00"}


def row_of(carbon: CarbonMap, group: str, by: str = "family") -> dict[str, object]:
    rows = {row["group"]: row for row in carbon.arrow_table(by).to_pylist()}
    return dict(rows[group])


def test_kilograms_are_euros_times_the_published_ratio(make_map: MakeMap) -> None:
    carbon = make_map(FURNITURE, INSURANCE)
    # 10 000 € × 231 kg/k€ = 2 310 kg; 5 000 € × 77 kg/k€ = 385 kg.
    total = carbon.arrow_total().to_pylist()[0]
    assert total["emissions_tco2e"] == pytest.approx(2.310 + 0.385)
    assert total["spend_eur"] == 15_000.00
    assert total["coverage"] == 1.0
    assert total["share_monetary"] == pytest.approx(1.0)


def test_the_ratio_is_the_one_of_the_spending_year(make_map: MakeMap) -> None:
    # C31_32 in 2019: 236 kg/k€ would be another year's; each year takes its own, read in the table
    # by the loader test. Here: two years, two factors, one product.
    carbon = make_map(FURNITURE, FURNITURE | {"budget_year": 2019, "date": "2019-06-01"})
    used = carbon.sources()
    assert sorted(used["budget_year"]) == [2019, 2023]
    assert set(used["product"]) == {"sdes:C31_32"}
    assert set(used["year_rule"]) == {"published"}


def test_a_purchase_out_of_scope_has_no_kilograms_and_stays_visible(make_map: MakeMap) -> None:
    # 64111 wages, 20422 subsidy: not purchases, whatever their amount.
    wages = {"account": "64111", "amount_ht": "500000"}
    subsidy = {"account": "20422", "amount_ht": "80000"}
    carbon = make_map(FURNITURE, wages, subsidy)
    assert carbon.arrow_total().to_pylist()[0]["spend_eur"] == 10_000.0
    assert carbon.out_of_scope()["spend_eur"].sum() == 580_000.0


def test_a_line_without_a_known_code_is_uncovered_not_zero(make_map: MakeMap) -> None:
    carbon = make_map(FURNITURE, {"amount_ht": "2000", "label": "divers"})
    uncovered = carbon.uncovered().to_dict("records")
    assert [(row["reason"], row["spend_eur"]) for row in uncovered] == [("no-code-known", 2000.0)]
    total = carbon.arrow_total().to_pylist()[0]
    assert total["uncovered_eur"] == 2000.0
    # The intensity is per covered euro: an uncovered one does not dilute it.
    assert total["intensity_kgco2e_per_eur"] == pytest.approx(0.231)


def test_negative_lines_net(make_map: MakeMap) -> None:
    carbon = make_map(FURNITURE, FURNITURE | {"amount_ht": "-4000.00"})
    # 6 000 € × 231 kg/k€.
    assert carbon.arrow_total().to_pylist()[0]["emissions_tco2e"] == pytest.approx(1.386)


def test_a_measured_quantity_wins_over_euros(make_map: MakeMap) -> None:
    with_quantity = {"cpv": "09134100", "amount_ht": "1000", "quantity": "700", "unit": "litre"}
    carbon = make_map(with_quantity)
    row = carbon.arrow_table().to_pylist()[0]
    # ADEME Base Carbone, road diesel at the pump, whole chain: 3.10 kgCO2e per litre (3.1 in the
    # collected data's README, trap 7).
    assert row["share_physical"] == pytest.approx(1.0)
    assert row["emissions_tco2e"] == pytest.approx(0.700 * 3.1, rel=0.02)


def test_units_convert(make_map: MakeMap) -> None:
    litres = {"cpv": "09134100", "amount_ht": "1000", "quantity": "700", "unit": "litre"}
    cubic = litres | {"quantity": "0.7", "unit": "m3"}
    by_litre, by_cubic = (
        make_map(row).arrow_total().to_pylist()[0]["emissions_tco2e"] for row in (litres, cubic)
    )
    assert by_cubic == pytest.approx(by_litre)


def test_fuel_without_a_quantity_is_priced_then_burnt(make_map: MakeMap) -> None:
    carbon = make_map({"cpv": "09134100", "amount_ht": "1000"})
    row = carbon.arrow_table().to_pylist()[0]
    assert row["share_price_derived"] == pytest.approx(1.0)
    # Trap 7: the 2023 ratio C19 (856 kg/k€) stops at the pump; 1 000 € HT of diesel at about
    # 1.5 €/l HT burn about 2 t.
    assert 1.7 < row["emissions_tco2e"] < 2.5


def test_supplier_data_wins_except_for_electricity(make_map: MakeMap, tmp_path: Path) -> None:
    factors = tmp_path / "fournisseurs.csv"
    factors.write_text(
        "supplier_id,family,unit,kgco2e_per_unit,error_cv,quality,source,locator\n"
        "11111111111111,13.01,EUR,0.1,0.1,1,bilan du titulaire 2023,p. 4\n"
        "11111111111111,09.01,kWh,0.011,0.05,1,garanties d'origine 2023,p. 2\n",
        encoding="utf-8",
    )
    chosen = replace(BASIC, supplier_factors=factors)
    supplier = {"supplier_id": "11111111111111"}
    power = supplier | {
        "cpv": "09310000",
        "amount_ht": "20000",
        "quantity": "100000",
        "unit": "kWh",
        "green_contract": "oui",
    }
    carbon = make_map(FURNITURE | supplier, power, by="supplier", settings=chosen)
    furniture, electricity = row_of(carbon, "13.01"), row_of(carbon, "09.01")
    # 10 000 € × 0.1 kg/€.
    assert furniture["emissions_tco2e"] == pytest.approx(1.0)
    assert furniture["share_supplier"] == pytest.approx(1.0)
    # The total keeps the grid average; the contract's own figure stands beside:
    # 100 000 kWh × 0.011 kg = 1.1 t.
    assert electricity["share_physical"] == pytest.approx(1.0)
    beside = carbon.green_energy().to_dict("records")[0]
    assert beside["market_tco2e"] == pytest.approx(1.1)
    assert beside["emissions_tco2e"] == pytest.approx(electricity["emissions_tco2e"])
    assert electricity["emissions_tco2e"] > 3 * 1.1


def test_a_contract_s_own_factor_serves_that_contract_alone(
    make_map: MakeMap, tmp_path: Path
) -> None:
    factors = tmp_path / "fournisseurs.csv"
    header = "supplier_id,family,unit,kgco2e_per_unit,error_cv,quality,source,locator,contract\n"
    named, furniture = "11111111111111", "11111111111111,13.01,EUR"
    factors.write_text(
        f"{header}{furniture},0.1,0.1,1,bilan,,\n{furniture},0.3,0.1,1,relevés,,M1\n"
        f"{named},09.05,litre,3,0.1,1,relevés,,M1\n",
        encoding="utf-8",
    )
    fuel = {"cpv": "09134100", "amount_ht": "150", "quantity": "100", "unit": "litres"}
    lines = [
        each | {"supplier_id": supplier, "contract": contract}
        for each, supplier, contract in (
            (FURNITURE, named, "M1"), (FURNITURE, named, "M2"), (FURNITURE, "2" * 14, "M1"),
            (fuel, named, "M1"), (fuel, named, "M2"),
        )
    ]  # fmt: skip
    carbon = make_map(*lines, by="contract", settings=replace(BASIC, supplier_factors=factors))
    cells = carbon.cells["contract"].to_pylist()
    applied = {
        (cell["group_key"], cell["family"], row["method"]): row["kgco2e_per_unit"]
        for cell in cells
        for row in [carbon.factors.to_pylist()[cell["factor_key"]]]
    }
    # 0.3 and 3 of the contract's, 0.1 of the supplier's; another supplier of M1, and its fuel
    # under M2, have what the library says.
    assert applied["M1", "13.01", "supplier"] == 0.3 and applied["M2", "13.01", "supplier"] == 0.1
    assert applied["M1", "09.05", "supplier"] == pytest.approx(3)
    assert ("M1", "13.01", "monetary") in applied and ("M2", "09.05", "physical") in applied
    twice = factors.read_text(encoding="utf-8") + f"{furniture},0.4,0.1,1,relevés,,M1\n"
    factors.write_text(twice, encoding="utf-8")
    with pytest.raises(TableError, match="row 3, 5"):
        make_map(FURNITURE, settings=replace(BASIC, supplier_factors=factors))


def test_every_euro_is_in_scope_out_or_uncovered(make_map: MakeMap) -> None:
    rows = [FURNITURE, INSURANCE, {"account": "64111", "amount_ht": "7.01"}, {"amount_ht": "0.99"}]
    carbon = make_map(*rows, by=["supplier", "directorate", "year", "account"])
    expected = 1_000_000 + 500_000 + 701 + 99
    for by, cells in carbon.cells.items():
        assert sum(cells["spend_cents"].to_pylist()) == expected, by


def test_every_dimension_has_the_same_total(make_map: MakeMap) -> None:
    dimensions = ["supplier", "directorate", "contract", "year", "cpv", "account", "budget"]
    carbon = make_map(
        FURNITURE | {"directorate": "Achats", "supplier_name": "Bois et Cie"},
        INSURANCE | {"directorate": "Finances"},
        by=dimensions,
    )
    whole = carbon.arrow_total().to_pylist()[0]["emissions_tco2e"]
    for by in ["family", *dimensions]:
        tonnes = carbon.arrow_table(by)["emissions_tco2e"].to_pylist()
        assert sum(tonnes) == pytest.approx(whole), by


def test_the_source_of_a_factor_survives_to_the_result(make_map: MakeMap) -> None:
    source = make_map(FURNITURE).sources().to_dict("records")[0]
    assert "SDES" in source["source"]
    assert "C31_32" in source["locator"]
    assert source["licence"].startswith("Licence Ouverte 2.0")
    assert source["kgco2e_per_unit"] == pytest.approx(0.231)


def test_an_interval_holds_its_centre_and_one_family_is_less_sure_than_the_sum(
    make_map: MakeMap,
) -> None:
    carbon = make_map(FURNITURE, INSURANCE)
    relative = {}
    for row in [*carbon.arrow_table().to_pylist(), *carbon.arrow_total().to_pylist()]:
        assert row["low_tco2e"] < row["emissions_tco2e"] < row["high_tco2e"]
        relative[row["group"]] = (row["high_tco2e"] - row["low_tco2e"]) / row["emissions_tco2e"]
    assert relative["total"] < max(relative.values())


def test_draws_agree_with_the_closed_form(make_map: MakeMap) -> None:
    carbon = make_map(FURNITURE, INSURANCE)
    closed, drawn = (carbon.arrow_total(draws=draws).to_pylist()[0] for draws in (None, 200_000))
    assert drawn["low_tco2e"] == pytest.approx(closed["low_tco2e"], rel=0.03)
    assert drawn["high_tco2e"] == pytest.approx(closed["high_tco2e"], rel=0.03)


def test_the_same_lines_give_the_same_bytes(make_map: MakeMap, tmp_path: Path) -> None:
    written = []
    for attempt in range(5):
        folder = write_map(make_map(FURNITURE, INSURANCE, by="supplier"), tmp_path / str(attempt))
        written.append({path.name: path.read_bytes() for path in sorted(folder.iterdir())})
    assert all(each == written[0] for each in written)


def test_a_map_written_and_loaded_says_the_same(make_map: MakeMap, tmp_path: Path) -> None:
    carbon = make_map(FURNITURE, INSURANCE, by="supplier")
    loaded = load_map(write_map(carbon, tmp_path / "carte"))
    for by in ("family", "supplier"):
        assert loaded.arrow_table(by).equals(carbon.arrow_table(by))
    assert loaded.manifest == carbon.manifest


def test_the_manifest_names_no_machine(make_map: MakeMap, tmp_path: Path) -> None:
    folder = write_map(make_map(FURNITURE), tmp_path / "carte")
    assert str(tmp_path) not in (folder / "manifest.json").read_text(encoding="utf-8")


def test_classes_follow_pareto(make_map: MakeMap) -> None:
    # 1 000 : 100 : 10 of one family's euros by directorate: A reaches 80 %, the last is C.
    rows = [
        FURNITURE | {"amount_ht": amount, "directorate": name}
        for name, amount in (("grande", "100000"), ("moyenne", "18000"), ("petite", "2000"))
    ]
    table = make_map(*rows, by="directorate").arrow_table("directorate").to_pylist()
    assert [(row["group"], row["abc_class"]) for row in table] == [
        ("grande", "A"),
        ("moyenne", "B"),
        ("petite", "C"),
    ]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [({"by": "direction"}, "directorate"), ({"by": "family", "kind": "ceiling"}, "payment")],
)
def test_what_does_not_exist_is_refused_by_name(
    payments: Callable[..., tuple[Path, Path]], arguments: dict[str, str], expected: str
) -> None:
    path, mapping = payments(FURNITURE)
    with pytest.raises(FieldError, match=expected):
        map_carbon(path, mapping=mapping, **arguments)


def test_a_kind_that_is_not_there_is_refused(
    payments: Callable[..., tuple[Path, Path]],
) -> None:
    path, mapping = payments(FURNITURE)
    with pytest.raises(InputError, match="no line can be mapped"):
        map_carbon(path, mapping=mapping, kind="award")


def test_a_year_that_is_not_there_is_refused(make_map: MakeMap) -> None:
    with pytest.raises(FieldError, match="2023"):
        make_map(FURNITURE).arrow_table(year=1999)


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.permutations(range(4)), st.integers(2, 9))
def test_order_changes_nothing_and_doubling_doubles(
    make_map: MakeMap, order: list[int], times: int
) -> None:
    rows = [FURNITURE, INSURANCE, FURNITURE | {"amount_ht": "333.33"}, {"amount_ht": "1"}]
    once = make_map(*rows)
    again = make_map(*(rows[rank] for rank in order))
    assert again.cells["family"].equals(once.cells["family"])
    more = make_map(
        *(row | {"amount_ht": f"{float(row['amount_ht']) * times:.2f}"} for row in rows)
    )
    tonnes = [each.arrow_total().to_pylist()[0]["emissions_tco2e"] for each in (once, more)]
    assert tonnes[1] == pytest.approx(times * tonnes[0])


def test_two_factors_of_one_supplier_for_the_same_lines_are_refused(
    make_map: MakeMap, tmp_path: Path
) -> None:
    # Trap: litre and m3 both convert to the unit of the line; served twice, it would count twice.
    factors = tmp_path / "fournisseurs.csv"
    header = "supplier_id,family,unit,kgco2e_per_unit,error_cv,quality,source,locator\n"
    rows = [
        "11111111111111,09.05,litre,3,0.1,1,bilan,\n",
        "11111111111111,09.05,m3,3000,0.1,1,b,\n",
    ]
    factors.write_text(header + "".join(rows), encoding="utf-8")
    with pytest.raises(TableError, match="row 2, 3"):
        make_map(FURNITURE, settings=replace(BASIC, supplier_factors=factors))


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("1,99.99,EUR,1,0.1,1,bilan,", "no family has this code"),
        ("1,13.01,truc,1,0.1,1,bilan,", "no such unit"),
        ("1,09.01,EUR,1,0.1,1,bilan,", "grid average"),
        ("1,09.01,kWh,1,0.1,1,bilan,,M1", "one contract has no place"),
    ],
)
def test_a_supplier_factor_that_serves_nothing_is_refused(
    make_map: MakeMap, tmp_path: Path, row: str, told: str
) -> None:
    factors = tmp_path / "fournisseurs.csv"
    header = "supplier_id,family,unit,kgco2e_per_unit,error_cv,quality,source,locator"
    header += ",contract" if row.endswith("M1") else ""
    factors.write_text(f"{header}\n{row}\n", encoding="utf-8")
    with pytest.raises(TableError, match=told):
        make_map(FURNITURE, settings=replace(BASIC, supplier_factors=factors))


POWER = {"cpv": "09310000", "amount_ht": "12000", "quantity": "100000", "unit": "kWh"}


def test_a_credit_note_takes_its_quantity_back(make_map: MakeMap) -> None:
    # Whichever sign the file gives the quantity: +100 MWh, then a credit note of 100 MWh, is none.
    for quantity in ("100000", "-100000"):
        carbon = make_map(POWER, POWER | {"amount_ht": "-12000", "quantity": quantity})
        assert carbon.arrow_total()["emissions_tco2e"][0].as_py() == pytest.approx(0.0)


@pytest.mark.parametrize("unit", ["KWH", "kwh", " kWh"])
def test_units_in_capitals_are_units(make_map: MakeMap, unit: str) -> None:
    expected, found = (
        make_map(POWER | {"unit": each}).arrow_total()["emissions_tco2e"][0].as_py()
        for each in ("kWh", unit)
    )
    assert found == pytest.approx(expected)


def test_a_measured_quantity_has_no_error_of_price(make_map: MakeMap) -> None:
    # Factor cv 0.05 and bridge cv 0.05 (electricity): sd of the logarithm 0.0706, so 100 MWh are
    # known within about ± 14 %, not within the half that a line of euros may be off.
    row = make_map(POWER).arrow_total().to_pylist()[0]
    half = (row["high_tco2e"] - row["low_tco2e"]) / 2
    assert half / row["emissions_tco2e"] == pytest.approx(1.96 * 0.0706, rel=0.03)


def test_coverage_stays_a_share_when_credit_notes_net(make_map: MakeMap) -> None:
    # 10 000 covered, 5 000 back without a code: two thirds of what moved were covered, not 200 %.
    carbon = make_map(FURNITURE, {"amount_ht": "-5000.00"})
    assert carbon.arrow_total()["coverage"][0].as_py() == pytest.approx(10_000 / 15_000)


def test_a_map_replaces_the_one_that_stood_there(make_map: MakeMap, tmp_path: Path) -> None:
    write_map(make_map(FURNITURE, by="supplier"), tmp_path / "carte")
    folder = write_map(make_map(INSURANCE), tmp_path / "carte")
    assert sorted(path.name for path in folder.glob("cells_*")) == ["cells_family.parquet"]


def test_margins_of_2023_are_brought_to_the_year_of_the_ratio(make_map: MakeMap) -> None:
    # C31_32 in 2019: published ratio × price ratio + margins of 2023 × CPI 2023 / CPI 2019.
    from lcc.carbon.prices import deflate
    from lcc.tables import load_reference

    margin = next(
        row
        for row in load_reference("emission_factors", "margins_figaro").to_pylist()
        if row["product"] == "sdes:C31_32"
    )
    ratio = next(
        row["value"]
        for row in load_reference("emission_factors", "monetary_fr").to_pylist()
        if row["product"] == "sdes:C31_32" and row["price_year"] == 2019
    )
    moved = margin["margin_kgco2e_per_keur"] / 1000 * deflate("cpi-fr", 2023, 2019).value
    expected = 10_000 * (ratio * margin["price_ratio"] + moved) / 1000
    old = FURNITURE | {"budget_year": 2019, "date": "2019-06-01"}
    carbon = make_map(old, settings=Settings())
    assert carbon.arrow_total()["emissions_tco2e"][0].as_py() == pytest.approx(expected)


def test_an_unknown_price_index_is_refused_even_where_no_year_needs_it(make_map: MakeMap) -> None:
    unknown = replace(BASIC, map=replace(BASIC.map, price_index="ipc"))
    with pytest.raises(MissingFactorError, match="ipc"):
        make_map(FURNITURE, settings=unknown)


def test_a_frame_is_mapped_like_a_file() -> None:
    import pandas as pd

    frame = pd.DataFrame(
        {
            "budget_year": [2023],
            "date": ["2023-05-01"],
            "amount_ht": ["10000.00"],
            "account": ["2184"],
            "cpv": ["39100000"],
        }
    )
    mapping = {"file": {"kind": "payment"}, "columns": {name: name for name in frame.columns}}
    from lcc.spending.check import check

    carbon = map_carbon(check([frame], mapping=mapping), settings=BASIC)
    assert carbon.arrow_total()["emissions_tco2e"][0].as_py() == pytest.approx(2.31)


def test_the_table_of_rules_is_in_one_order(demo_map: CarbonMap) -> None:
    """A map written twice has the same bytes: threads do not decide the order of its codes."""
    listed = demo_map.rules.to_pandas()
    for _, codes in listed.groupby("nomenclature", sort=False)["code"]:
        assert codes.is_monotonic_increasing
    together = listed["nomenclature"].ne(listed["nomenclature"].shift()).sum()
    assert together == listed["nomenclature"].nunique()
