"""The digital footprint: hand calculations, properties, and every cent of IT spending once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import exp, log, sqrt
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from lcc.carbon.digital import (
    DigitalFootprint,
    DigitalInventory,
    extend_life,
    extension_table,
    make_footprint,
    open_equipment,
    read_equipment,
    write_digital_levers,
)
from lcc.carbon.digital.accounts import (
    age_table,
    electricity_table,
    map_steps,
    reconcile,
    source_table,
    uncovered_table,
)
from lcc.carbon.digital.entries import VIEWS
from lcc.carbon.digital.formulas import (
    calc_kept_share,
    calc_kwh,
    calc_older_share,
    calc_year_share,
)
from lcc.carbon.digital.opening import DEMO_LEFT_OUT, open_digital, read_pairs
from lcc.carbon.result import CarbonMap
from lcc.errors import FieldError
from lcc.reading.edited import write_edited

LAPTOP, MONITOR = 182.6, 65.9
"""kgCO2e of manufacture: ADEME, Impact CO2."""
KWH = 0.052
"""kgCO2e per kWh, Base Carbone, element 42513."""

ROW: dict[str, Any] = {
    "year": 2023,
    "kind": "laptop",
    "count": 100,
    "purchase_year": 2022,
    "lifetime_years": 5,
    "owner": "owned",
    "document": "Export du parc",
}


@pytest.fixture
def footprint(tmp_path: Path) -> Callable[..., DigitalFootprint]:
    """Return a function from rows, each a change of `ROW`, to their footprint."""

    def make(
        *rows: dict[str, Any], carbon: CarbonMap | None = None, **choices: Any
    ) -> DigitalFootprint:
        records = [
            ROW | {"entry": f"N{rank}", "label": f"Lot {rank}"} | row
            for rank, row in enumerate(rows, 1)
        ]
        path = write_edited(records, "digital_equipment", tmp_path / "parc.csv")
        return make_footprint(read_equipment(path), carbon, **choices)

    return make


def tonnes(found: DigitalFootprint, view: str) -> float:
    return float(found.total(view).emissions_tco2e[0])


def phase(found: DigitalFootprint, view: str, name: str) -> float:
    frame = found.breakdown(view)
    return float(frame.loc[frame.phase == name, "emissions_tco2e"].sum())


class TestFormulas:
    def test_a_year_carries_its_part(self) -> None:
        assert calc_year_share(0, 5) == calc_year_share(4, 5) == 0.2
        assert calc_year_share(5, 5) == calc_year_share(9, 5) == 0.0
        # Two years and a half: 1, 1 and a half of 2.5.
        assert [calc_year_share(age, 2.5) for age in range(4)] == [0.4, 0.4, 0.2, 0.0]

    @given(st.floats(0.5, 50))
    @settings(max_examples=30, deadline=None)
    def test_the_years_carry_the_whole_and_no_more(self, lifetime: float) -> None:
        assert_allclose(sum(calc_year_share(age, lifetime) for age in range(60)), 1.0)

    @pytest.mark.parametrize(("age", "lifetime"), [(-1, 5), (0, 0), (2, -3)])
    def test_what_is_no_age_or_lifetime_raises(self, age: float, lifetime: float) -> None:
        with pytest.raises(ValueError, match="an age is at least 0"):
            calc_year_share(age, lifetime)

    def test_keeping_and_electricity(self) -> None:
        assert_allclose(calc_kept_share(5, 7), 2 / 7)
        assert calc_kept_share(7, 5) == calc_older_share(7, 5) == 0.0
        assert_allclose(calc_older_share(5, 7), 2 / 7)
        # 10 servers, 9 of them on, 2 600 kWh each, PUE 1.5.
        assert_allclose(calc_kwh(10, 2600, use_share=0.9, pue=1.5), 35_100)


class TestByHand:
    def test_amortised_and_purchases(self, footprint: Callable[..., DigitalFootprint]) -> None:
        found = footprint(
            {},  # age 1 of 5: 100 × 182.6 / 5 = 3 652 kg
            {"count": 40, "purchase_year": 2023},  # 40 × 182.6 / 5, and 7 304 kg whole
            {"count": 30, "purchase_year": 2018},  # age 5: nothing left to carry
        )
        assert_allclose(phase(found, "amortised", "manufacture"), (3652 + 40 * LAPTOP / 5) / 1000)
        assert_allclose(phase(found, "purchases", "manufacture"), 40 * LAPTOP / 1000)
        # Without stated electricity, a year of the source: 1.7 kg a laptop.
        assert_allclose(phase(found, "amortised", "use"), 170 * 1.7 / 1000)
        assert_allclose(tonnes(found, "amortised"), (140 * LAPTOP / 5 + 170 * 1.7) / 1000)

    def test_electricity_of_a_server_room(self, footprint: Callable[..., DigitalFootprint]) -> None:
        found = footprint(
            {"kind": "server", "count": 10, "kwh_per_year": 2600, "use_share": 0.9, "pue": 1.5,
             "quality": "metered", "lifetime_years": 6, "manufacture_kgco2e": 1200}
        )  # fmt: skip
        assert_allclose(phase(found, "purchases", "use"), 35_100 * KWH / 1000)
        assert_allclose(phase(found, "amortised", "manufacture"), 10 * 1200 / 6 / 1000)
        table = electricity_table(found).set_index("basis")
        assert_allclose(table.loc["stated", "kwh"], 35_100)
        assert "meters" not in table.index

    def test_agents_and_kinds(self, footprint: Callable[..., DigitalFootprint]) -> None:
        found = footprint({}, {"kind": "monitor", "count": 50, "lifetime_years": 6}, agents=200)
        kg = 100 * LAPTOP / 5 + 170 + 50 * MONITOR / 6 + 50 * 4.0
        assert_allclose(found.total("amortised").kgco2e_per_agent[0], kg / 200)
        kinds = found.by_kind("amortised").set_index("kind")
        assert list(kinds.index) == ["laptop", "monitor"]
        assert_allclose(kinds.loc["monitor", "manufacture_tco2e"], 50 * MONITOR / 6 / 1000)
        assert_allclose(found.equipment_tco2e("amortised"), kg / 1000)
        assert found.units == 150

    def test_a_makers_sheet_wins(self, footprint: Callable[..., DigitalFootprint]) -> None:
        found = footprint({"manufacture_kgco2e": 250.0, "purchase_year": 2023})
        assert_allclose(phase(found, "purchases", "manufacture"), 25.0)
        assert "Export du parc" in set(source_table(found).source)

    def test_the_suppliers_equipment_only_takes_electricity(
        self, footprint: Callable[..., DigitalFootprint]
    ) -> None:
        found = footprint({"owner": "service", "purchase_year": 2023})
        assert phase(found, "purchases", "manufacture") == 0
        assert_allclose(tonnes(found, "purchases"), 0.17)

    def test_an_unknown_age_counts_within_its_lifetime(
        self, footprint: Callable[..., DigitalFootprint]
    ) -> None:
        found = footprint({"purchase_year": None})
        assert_allclose(phase(found, "amortised", "manufacture"), 100 * LAPTOP / 5 / 1000)
        assert phase(found, "purchases", "manufacture") == 0
        assert age_table(found).age_years.isna().all()

    def test_what_no_open_factor_tells_is_listed(
        self, footprint: Callable[..., DigitalFootprint]
    ) -> None:
        found = footprint({"kind": "switch", "count": 12})
        missing = uncovered_table(found)
        assert list(zip(missing.phase, missing.units, strict=True)) == [
            ("manufacture", 12), ("use", 12)
        ]  # fmt: skip
        assert tonnes(found, "amortised") == 0
        assert found.by_kind("amortised").untold_units[0] == 12
        # Nothing was bought in the year: no manufacture is missing from its purchases.
        assert found.by_kind("purchases").untold_units[0] == 0
        assert found.by_kind("amortised")[["manufacture_tco2e", "use_tco2e"]].isna().all(axis=None)

    def test_the_interval_is_that_of_shared_errors(
        self, footprint: Callable[..., DigitalFootprint]
    ) -> None:
        # Two lots of laptops share the whole error of manufacture: ± adds up, as one lot would.
        one = footprint({"count": 200, "purchase_year": 2023}).total("purchases").iloc[0]
        two = footprint(*[{"purchase_year": 2023}] * 2).total("purchases").iloc[0]
        assert_allclose(two.low_tco2e, one.low_tco2e)
        assert_allclose(two.high_tco2e, one.high_tco2e)
        # Stated lifetime: cv 0.26 of a manufactured good. 36.52 t → z σ of the lognormal.
        alone = footprint({"count": 200, "purchase_year": 2023, "kwh_per_year": 5,
                           "quality": "metered"})  # fmt: skip
        frame = alone.breakdown("purchases").set_index("phase")
        made = frame.loc["manufacture"]
        ratio = made.high_tco2e / made.low_tco2e
        # ln(high / low) = 2 × 1.96 σ, σ² = ln(1 + 0.26²)
        assert_allclose(ratio, exp(2 * 1.959964 * sqrt(log(1 + 0.26**2))), rtol=1e-6)

    def test_a_lifetime_of_the_kind_adds_its_doubt(
        self, footprint: Callable[..., DigitalFootprint]
    ) -> None:
        stated = footprint({}).total("amortised").iloc[0]
        default = footprint({"lifetime_years": None}).total("amortised").iloc[0]
        # Both are 5 years.
        assert_allclose(default.emissions_tco2e, stated.emissions_tco2e)
        assert default.high_tco2e > 1.05 * stated.high_tco2e

    def test_estimates_of_one_document_are_wrong_together(
        self, footprint: Callable[..., DigitalFootprint]
    ) -> None:
        lot = {"kind": "switch", "kwh_per_year": 400, "quality": "estimated", "error_95": 0.5}
        together = footprint(*[lot] * 4).total("purchases").iloc[0]
        apart = footprint(*[lot | {"document": f"D{n}"} for n in range(4)])
        one = footprint(lot | {"count": 400}).total("purchases").iloc[0]
        assert_allclose(together.high_tco2e, one.high_tco2e)
        assert apart.total("purchases").high_tco2e[0] < together.high_tco2e


class TestProperties:
    @pytest.fixture(scope="class")
    def base(self, tmp_path_factory: pytest.TempPathFactory) -> DigitalInventory:
        """Return an inventory of one row, bought in its year."""
        record = ROW | {"entry": "N1", "label": "A", "purchase_year": 2023}
        folder = tmp_path_factory.mktemp("parc")
        return read_equipment(write_edited([record], "digital_equipment", folder / "parc.csv"))

    @given(st.integers(1, 5000), st.integers(1, 12), st.integers(2, 4))
    @settings(max_examples=10, deadline=None)
    def test_count_multiplies_and_lifetime_divides(
        self, base: DigitalInventory, count: int, years: int, times: int
    ) -> None:
        (row,) = base.equipment

        def make(**changes: Any) -> DigitalFootprint:
            return make_footprint(replace(base, equipment=(replace(row, **changes),)))

        plain = make(count=count, lifetime_years=float(years))
        doubled = make(count=2 * count, lifetime_years=float(years))
        for view in VIEWS:
            assert_allclose(doubled.equipment_tco2e(view), 2 * plain.equipment_tco2e(view))
        longer = make(count=count, lifetime_years=float(years * times))
        assert_allclose(
            phase(plain, "amortised", "manufacture"),
            times * phase(longer, "amortised", "manufacture"),
        )
        total = plain.total("amortised").iloc[0]
        assert total.low_tco2e <= total.emissions_tco2e <= total.high_tco2e

    def test_the_parts_are_the_whole(self) -> None:
        found = make_footprint(open_equipment(), agents=3000)
        for view in VIEWS:
            whole = tonnes(found, view)
            for frame in (found.breakdown(view), found.by_tier(view), found.by_kind(view)):
                assert_allclose(frame.emissions_tco2e.sum(), whole)


class TestSpending:
    @pytest.fixture(scope="class")
    def carbon(self, make_shared_map: Callable[..., CarbonMap]) -> CarbonMap:
        """Return a map of IT spending: hardware, software, telecommunications, and a rent."""
        return make_shared_map(
            {"amount_ht": 100_000.33, "family": "11.01", "contract": "M1"},
            {"amount_ht": 50_000, "family": "11.04", "contract": "M2"},
            {"amount_ht": 20_000, "family": "11.07", "contract": "M3"},
            {"amount_ht": 7_000.10, "family": "11.07", "contract": "M4"},
            {"amount_ht": 5_000, "family": "11.08", "contract": "M5"},
            {"amount_ht": 90_000, "family": "02.01", "contract": "M6"},
            by=["family", "contract"],
        )

    def test_hardware_gives_way_and_services_stay(
        self, carbon: CarbonMap, footprint: Callable[..., DigitalFootprint]
    ) -> None:
        found = footprint({"purchase_year": 2023}, carbon=carbon)
        table = reconcile(found).set_index("family")
        assert table.loc["11.01", "by_inventory_cents"] == 10_000_033
        assert table.loc["11.04", "by_spend_cents"] == 5_000_000
        assert table.loc["11.07", "by_spend_cents"] == 2_700_010
        assert table.loc["11.08", "not_counted_cents"] == 500_000
        parts = table[["by_inventory_cents", "by_spend_cents", "not_counted_cents"]]
        assert (parts.sum(axis=1) == table.spend_cents).all()
        # Only IT: the 90 000 € of 02.01 are not here.
        assert table.spend_cents.sum() == 10_000_033 + 5_000_000 + 2_700_010 + 500_000
        families = carbon.table("family", 2023).set_index("group").emissions_tco2e
        kept = families[["11.04", "11.07"]].sum()
        assert_allclose(phase(found, "purchases", "spending"), kept)
        assert_allclose(tonnes(found, "purchases"), kept + (100 * LAPTOP + 170) / 1000)
        steps = map_steps(found).set_index("step").emissions_tco2e
        whole = carbon.total(2023).emissions_tco2e[0]
        expected = whole - families["11.01"] + 100 * LAPTOP / 1000
        assert_allclose(steps["map-with-inventory"], expected)

    def test_spending_without_a_purchase_stays_in_the_view_of_purchases(
        self, carbon: CarbonMap, footprint: Callable[..., DigitalFootprint]
    ) -> None:
        found = footprint({}, carbon=carbon)
        purchases, amortised = (reconcile(found, view).set_index("family") for view in VIEWS)
        assert purchases.loc["11.01", "by_spend_cents"] == 10_000_033
        assert amortised.loc["11.01", "by_inventory_cents"] == 10_000_033
        assert [each.code for each in found.findings] == [
            "spending-without-purchase", "one-contract-outweighs"
        ]  # fmt: skip

    def test_nothing_takes_the_place_of_equipment_that_no_factor_tells(
        self,
        make_map: Callable[..., CarbonMap],
        footprint: Callable[..., DigitalFootprint],
    ) -> None:
        carbon = make_map(
            {"amount_ht": 8_000, "family": "11.03", "contract": "M7"},
            {"amount_ht": 27_000.10, "family": "11.07", "contract": "M3"},
            by=["family", "contract"],
        )
        # No open factor of a laser printer: its spending, and its rent, stay in euros.
        printers = {"kind": "printer", "purchase_year": 2023, "lifetime_years": None}
        rented = printers | {"owner": "rented", "contract": "M3"}
        found = footprint(printers, rented, carbon=carbon)
        for view in VIEWS:
            table = reconcile(found, view).set_index("family")
            assert table.loc["11.03", "by_spend_cents"] == 800_000
            assert table.loc["11.07", "by_spend_cents"] == 2_700_010
        told = {each.entry: each for each in found.findings if each.code == "spending-untold"}
        assert told["11.03"].found == "8\u202f000,00 € ; 200 / 200"
        # With one that a factor tells, spending gives way, and what is not told is said.
        inkjet = printers | {"kind": "printer-inkjet", "count": 50}
        some = footprint(printers, inkjet, carbon=carbon)
        assert reconcile(some).set_index("family").loc["11.03", "by_inventory_cents"] == 800_000
        (said,) = [each for each in some.findings if each.code == "replaced-untold"]
        assert said.found == "8\u202f000,00 € ; 100 / 150"
        stated = footprint(printers, inkjet, carbon=carbon, replaces={"11.03": 0.25})
        assert "replaced-untold" not in {each.code for each in stated.findings}
        assert reconcile(stated).set_index("family").loc["11.03", "by_inventory_cents"] == 200_000

    def test_what_stays_in_the_map_is_not_added_to_it(
        self, carbon: CarbonMap, footprint: Callable[..., DigitalFootprint]
    ) -> None:
        # Televisions are bought within 11.08, whose spending the map keeps whole.
        found = footprint({"kind": "television", "purchase_year": 2023}, carbon=carbon)
        steps = map_steps(found).set_index("step").emissions_tco2e
        assert steps["manufacture"] == 0
        assert steps["map-with-inventory"] == carbon.total(2023).emissions_tco2e[0]
        assert phase(found, "purchases", "manufacture") == pytest.approx(37.58)

    def test_a_rent_is_not_counted_again(
        self, carbon: CarbonMap, footprint: Callable[..., DigitalFootprint]
    ) -> None:
        phones = {"kind": "smartphone", "owner": "rented", "contract": "M3", "lifetime_years": 3}
        found = footprint({"purchase_year": 2023}, phones, carbon=carbon)
        table = reconcile(found).set_index("family")
        assert table.loc["11.07", "by_inventory_cents"] == 2_000_000
        assert table.loc["11.07", "by_spend_cents"] == 700_010
        lost = footprint(phones | {"contract": "M9"}, carbon=carbon)
        assert "rent-not-found" in {each.code for each in lost.findings}

    def test_a_contract_left_out_is_shown_and_not_counted(
        self, carbon: CarbonMap, footprint: Callable[..., DigitalFootprint]
    ) -> None:
        found = footprint({"purchase_year": 2023}, carbon=carbon, left_out=["M4"])
        table = reconcile(found).set_index("family")
        assert table.loc["11.07", "not_counted_cents"] == 700_010
        with pytest.raises(FieldError, match="M6 in 2023"):
            footprint({}, carbon=carbon, left_out=["M6"])

    def test_a_map_by_family_alone_knows_the_same_cents(
        self, carbon: CarbonMap, footprint: Callable[..., DigitalFootprint]
    ) -> None:
        alone = replace(carbon, cells={"family": carbon.cells["family"]})
        tables = [reconcile(footprint({"purchase_year": 2023}, carbon=c)) for c in (carbon, alone)]
        assert tables[0].spend_cents.equals(tables[1].spend_cents)
        assert_allclose(tables[0].kept_tco2e, tables[1].kept_tco2e)
        with pytest.raises(FieldError, match="a map made by contract"):
            footprint({}, carbon=alone, left_out=["M4"])

    def test_draws_agree_with_the_closed_form(
        self, carbon: CarbonMap, footprint: Callable[..., DigitalFootprint]
    ) -> None:
        found = footprint({"lifetime_years": None}, {"kind": "monitor"}, carbon=carbon)
        group = np.zeros(found.emissions.kgco2e.size, dtype=np.int64)
        totals = found.emissions.calc_totals(group, 1, found.weights("amortised"))
        own = np.array([(found.emissions.line_variance * found.weights("amortised")).sum()])
        drawn = found.emissions.errors.draw_interval(
            totals, 20_000, np.random.default_rng(7), own_variance=own
        )
        row = found.total("amortised").iloc[0]
        # Two quantiles of 20 000 draws and a lognormal for a sum: within 3 %.
        assert_allclose(drawn.low[0] / 1000, row.low_tco2e, rtol=0.03)
        assert_allclose(drawn.high[0] / 1000, row.high_tco2e, rtol=0.03)

    def test_a_share_of_the_spending(
        self, carbon: CarbonMap, footprint: Callable[..., DigitalFootprint]
    ) -> None:
        found = footprint({"purchase_year": 2023}, carbon=carbon, replaces={"11.01": 0.6})
        row = reconcile(found).set_index("family").loc["11.01"]
        # 60 % of 10 000 033 cents is 6 000 019.8.
        assert (row.by_inventory_cents, row.by_spend_cents) == (6_000_020, 4_000_013)
        assert_allclose(row.kept_tco2e, 0.4 * row.in_map_tco2e)

    @pytest.mark.parametrize(
        ("choices", "said"),
        [
            ({"replaces": {"11.04": 0.5}}, "11.01, 11.02, 11.03"),
            ({"replaces": {"11.01": 1.5}}, "0 to 1"),
            ({"agents": 0}, "1 or more"),
            ({"year": 2019}, "2023"),
        ],
    )
    def test_a_choice_that_cannot_be(
        self,
        carbon: CarbonMap,
        footprint: Callable[..., DigitalFootprint],
        choices: dict[str, Any],
        said: str,
    ) -> None:
        with pytest.raises(FieldError, match=said):
            footprint({}, carbon=carbon, **choices)

    def test_an_inventory_alone_replaces_nothing(
        self, footprint: Callable[..., DigitalFootprint]
    ) -> None:
        with pytest.raises(FieldError, match="an inventory alone"):
            footprint({}, replaces={"11.01": 1.0})
        found = footprint({})
        assert reconcile(found).empty
        assert map_steps(found).empty
        with pytest.raises(FieldError, match=r"purchases \| amortised"):
            found.total("other")


class TestExtension:
    def test_five_to_seven_years(self, footprint: Callable[..., DigitalFootprint]) -> None:
        found = footprint({}, {"count": 40, "purchase_year": 2023})
        purchases, amortised = extend_life(found, {"ordinateur portable": 7})
        # 140 × 182.6 × (1/5 - 1/7) = 1 460.8 kg; 40 bought × 182.6 × 2/7 = 2 086.9 kg.
        assert_allclose(amortised.avoided_tco2e, 140 * LAPTOP * (1 / 5 - 1 / 7) / 1000)
        assert_allclose(purchases.avoided_tco2e, 40 * LAPTOP * 2 / 7 / 1000)
        assert purchases.units == amortised.units == 140
        assert amortised.low_tco2e < amortised.avoided_tco2e < amortised.high_tco2e

    def test_more_electricity_is_taken_off(
        self, footprint: Callable[..., DigitalFootprint]
    ) -> None:
        _, plain = extend_life(footprint({}), {"laptop": 7})
        _, less = extend_life(footprint({}), {"laptop": 7}, extra_kwh={"laptop": 10})
        # Two sevenths of 100 laptops are older than five years: 100 × 2/7 × 10 kWh × 0.052.
        assert_allclose(less.extra_electricity_tco2e, 100 * 2 / 7 * 10 * KWH / 1000)
        assert_allclose(plain.avoided_tco2e - less.avoided_tco2e, less.extra_electricity_tco2e)

    @pytest.mark.parametrize(
        ("keep", "extra", "said"),
        [
            ({"laptop": 5}, {}, "more than 5 years"),
            ({"laptop": 51}, {}, "at most 50"),
            ({"ordinateur portatif": 7}, {}, "did you mean"),
            ({"tablet": 7}, {}, "the inventory holds no such equipment"),
            ({"laptop": 7}, {"laptop": -1}, "at least 0"),
            ({"laptop": 7, "portable": 8}, {}, "named twice"),
        ],
    )
    def test_what_cannot_be_kept(
        self,
        footprint: Callable[..., DigitalFootprint],
        keep: dict[str, float],
        extra: dict[str, float],
        said: str,
    ) -> None:
        with pytest.raises(FieldError, match=said):
            extend_life(footprint({}), keep, extra_kwh=extra)

    def test_levers_wait_for_their_cost(
        self, tmp_path: Path, footprint: Callable[..., DigitalFootprint]
    ) -> None:
        from lcc.budget.plan.levers import load_levers

        found = footprint({})
        extensions = extend_life(found, {"laptop": 7})
        facts = {"year": found.year, "file": found.file}
        path = write_digital_levers(extensions, tmp_path / "leviers.csv", **facts)
        with pytest.raises(FieldError, match="a lever has no cost") as caught:
            load_levers(path)
        assert "row 2" in str(caught.value)
        write_digital_levers(extensions, path, costs={"laptop": -12_000}, **facts)
        (lever,) = load_levers(path)
        assert (lever.scope_kind, lever.scope, lever.in_tonnes) == ("family", "11.01", True)
        assert lever.recurring_eur_per_year == -12_000
        assert_allclose(lever.abatement, 100 * LAPTOP * (1 / 5 - 1 / 7) / 1000)
        with pytest.raises(FieldError, match="a kind that is kept longer"):
            write_digital_levers(extensions, path, costs={"monitor": 1}, **facts)

    @pytest.mark.parametrize("text", ["laptop", "laptop=", "=7", "laptop=sept", "laptop=inf"])
    def test_a_pair_that_is_none(self, text: str) -> None:
        with pytest.raises(FieldError, match="NAME=NUMBER"):
            read_pairs(text, "keep")

    def test_pairs(self) -> None:
        assert read_pairs("laptop=7 ; écran = 8,5", "keep") == {"laptop": 7.0, "écran": 8.5}
        with pytest.raises(FieldError, match="stands twice"):
            read_pairs(["laptop=7", "laptop=8"], "keep")


class TestDemonstration:
    @pytest.fixture(scope="class")
    def found(self, demo_map: CarbonMap) -> DigitalFootprint:
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr("lcc.carbon.digital.opening.open_map", lambda *_, **__: demo_map)
            found, demonstration = open_digital()
        assert demonstration
        return found

    def test_it_reconciles_to_the_cent(self, found: DigitalFootprint) -> None:
        assert found.carbon is not None
        families = found.carbon.table("family", 2024).set_index("group").spend_eur
        for view in VIEWS:
            table = reconcile(found, view)
            held = [each for each in table.family if each in families.index]
            assert table.spend_cents.sum() == round(100 * families[held].sum())
            parts = table[["by_inventory_cents", "by_spend_cents", "not_counted_cents"]]
            assert (parts.sum(axis=1) == table.spend_cents).all()

    def test_its_fibre_concession_is_left_out(self, found: DigitalFootprint) -> None:
        table = reconcile(found, "amortised").set_index("family")
        # 51 M€ paid for a public network, which agents do not use.
        assert table.loc["11.07", "not_counted_cents"] > 5e9
        assert DEMO_LEFT_OUT == ("2013DSP016",)
        assert "one-contract-outweighs" not in {each.code for each in found.findings}

    def test_equipment_takes_a_part_of_the_meters(self, found: DigitalFootprint) -> None:
        table = electricity_table(found).set_index("basis").emissions_tco2e
        assert 0 < table["stated"] + table["source"] < 0.05 * table["meters"]

    def test_keeping_longer_avoids_in_both_views(self, found: DigitalFootprint) -> None:
        extensions = extension_table(extend_life(found, {"laptop": 7, "smartphone": 5}))
        assert list(extensions["view"]) == [*VIEWS, *VIEWS]
        assert (extensions.low_tco2e > 0).all()
