"""Why two years differ, by hand, by properties, and on damaged questions.

Worked by hand, two families, prices + 10 % (index 100, then 110), kilograms per constant euro 2
and 1 in both years:

======== =========== =========== ============ ============= =============
family   before (k€) after (k€)  after, const before (tCO2e) after (tCO2e)
======== =========== =========== ============ ============= =============
A        60          44          40           120            80
B        40          88          80           40             80
total    100         132         120          160            160
======== =========== =========== ============ ============= =============

The two orders of changing V (100 → 120) and S_A (0.6 → 1/3) give, with the mean of shares
(0.6 + 1/3) / 2 = 0.46667 for A and (0.4 + 2/3) / 2 = 0.53333 for B:

- volume = 20 × (0.46667 × 2 + 0.53333 × 1) = 29.333 t;
- mix = 110 × ((1/3 − 0.6) × 2 + (2/3 − 0.4) × 1) = 110 × (−0.26667) = −29.333 t;
- price = 0 t, and 132 − 120 = 12 k€; the rest 0. Sum: 0 = 160 − 160.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lcc.carbon.change import CAUSES, RESTATEMENT, compare_years
from lcc.carbon.change.shapley import calc_shapley_effects, calc_shapley_weights
from lcc.carbon.change.volumes import OWN_QUANTITY
from lcc.carbon.prices import name_own_index
from lcc.carbon.result import CarbonMap
from lcc.errors import FieldError, MissingFactorError
from lcc.tables import schema
from tests.carbon.change_maps import GRAM_T, effects, make_by_hand
from tests.carbon.conftest import BASIC

MakeMap = Callable[..., CarbonMap]

FURNITURE = {"cpv": "39100000"}
INSURANCE = {"cpv": "66510000"}
WASTE = {"cpv": "90500000"}
POWER = {"cpv": "09310000"}
CPI = {2022: "112009.00", 2023: "117473.00", 2024: "119822.00"}
"""Amounts in the proportions of the consumer price index, `emission_factors/price_index.csv`."""

INDEX = {2023: 100.0, 2024: 110.0}


def pay(what: dict[str, str], year: int, amount: str, **more: str) -> dict[str, object]:
    return {**what, "date": f"{year}-06-01", "budget_year": year, "amount_ht": amount, **more}


def make_worked() -> CarbonMap:
    """Return the map of the worked example; a ratio per euro follows the index: 2, then 2 / 1.1."""
    factors = [
        {"family": "13.01", "factor_id": "a", "kgco2e_per_unit": 2.0},
        {"family": "13.01", "factor_id": "a", "kgco2e_per_unit": 2 / 1.1},
        {"family": "17.01", "factor_id": "b", "kgco2e_per_unit": 1.0},
        {"family": "17.01", "factor_id": "b", "kgco2e_per_unit": 1 / 1.1},
    ]
    amounts = [(2023, 0, 60), (2024, 1, 44), (2023, 2, 40), (2024, 3, 88)]
    rows = [
        {"budget_year": year, "factor_key": key, "spend_cents": thousands * 100_000}
        for year, key, thousands in amounts
    ]
    return make_by_hand(rows, factors)


class TestShares:
    def test_two_factors_share_what_they_do_together(self) -> None:
        # 3 × 5 → 4 × 7: 1 × 5 + ½ × 1 × 2 = 6 for the first, 2 × 3 + ½ × 1 × 2 = 7 for the second.
        found = calc_shapley_effects(np.array([[3.0], [5.0]]), np.array([[4.0], [7.0]]))
        assert found[:, 0] == pytest.approx([6.0, 7.0])

    def test_three_factors_as_sun_writes_them(self) -> None:
        # Sun (1998), three factors: Δx y z + ½ Δx (Δy z + y Δz) + ⅓ Δx Δy Δz.
        x, y, z, dx, dy, dz = 2.0, 3.0, 5.0, 1.0, -1.0, 2.0
        found = calc_shapley_effects(
            np.array([[x], [y], [z]]), np.array([[x + dx], [y + dy], [z + dz]])
        )
        assert found[0, 0] == pytest.approx(
            dx * y * z + 0.5 * dx * (dy * z + y * dz) + dx * dy * dz / 3
        )

    @given(
        st.lists(
            st.tuples(st.floats(-5, 5, allow_subnormal=False), st.floats(-5, 5)),
            min_size=1,
            max_size=5,
        )
    )
    @settings(max_examples=40, deadline=None)
    def test_shares_add_up_forget_order_and_reverse(self, pairs: list[tuple[float, float]]) -> None:
        before, after = (np.array([[each[side]] for each in pairs]) for side in (0, 1))
        found = calc_shapley_effects(before, after)
        assert found.sum() == pytest.approx(after.prod() - before.prod(), abs=1e-9)
        assert calc_shapley_effects(after, before) == pytest.approx(-found, abs=1e-9)
        turned = calc_shapley_effects(before[::-1], after[::-1])
        assert turned[::-1] == pytest.approx(found, abs=1e-9)
        first, last = calc_shapley_weights(before[:-1], after[:-1])
        assert first.sum() == pytest.approx(-before[:-1].prod(), abs=1e-9)
        assert last.sum() == pytest.approx(after[:-1].prod(), abs=1e-9)


class TestByHand:
    def test_the_worked_example(self) -> None:
        change = compare_years(make_worked(), 2023, 2024, index=INDEX)
        volume = 20 * ((0.6 + 1 / 3) / 2 * 2 + (0.4 + 2 / 3) / 2)
        expected = {"volume": volume, "mix": -volume}
        assert volume == pytest.approx(29.3333, abs=1e-4)
        assert effects(change) == pytest.approx(expected)
        euros = change.steps.set_index("cause")["change_eur"]
        assert euros["price"] == pytest.approx(12_000)
        assert euros["volume"] == pytest.approx(20_000)
        assert change.effect("price") == 0.0
        assert list(change.years["constant_eur"]) == pytest.approx([100_000, 120_000])
        groups = change.groups.set_index("group")
        assert groups.loc["13.01", "change_tco2e"] == pytest.approx(-40)
        # Family A alone: volume 20 × 0.46667 × 2, mix 110 × (1/3 − 0.6) × 2.
        assert groups.loc["13.01", "volume_tco2e"] == pytest.approx(20 * (0.6 + 1 / 3) / 2 * 2)
        assert groups.loc["13.01", "mix_tco2e"] == pytest.approx(110 * (1 / 3 - 0.6) * 2)
        assert change.price_index == "own 2023=100.0 2024=110.0" and change.held == ()

    def test_a_ratio_published_for_another_year_is_no_saving(self, make_map: MakeMap) -> None:
        # SDES GES.501, E37T39: 0.801 kg/€ in 2022, 0.785 in 2023; 112 009 € and 117 473 € are the
        # same purchases (consumer prices 112.009 and 117.473), so all of it is the ratio's:
        # 117.473 × 0.785 − 112.009 × 0.801 t.
        carbon = make_map(pay(WASTE, 2022, CPI[2022]), pay(WASTE, 2023, CPI[2023]))
        change = compare_years(carbon, 2022, 2023)
        expected = 117.473 * 0.785 - 112.009 * 0.801
        assert effects(change) == pytest.approx({"factors": expected})
        assert change.readings.set_index("reading").loc["purchases", "change_tco2e"] == 0.0

    def test_inflation_alone_adds_no_tonne(self, make_map: MakeMap) -> None:
        carbon = make_map(
            *(pay(FURNITURE, year, CPI[year]) for year in (2023, 2024)),
            *(pay(INSURANCE, year, CPI[year]) for year in (2023, 2024)),
        )
        change = compare_years(carbon, 2023, 2024)
        assert effects(change) == {}
        assert change.steps.set_index("cause").loc["volume", "change_eur"] == pytest.approx(0)
        rise = 2 * (119822 - 117473)
        assert change.steps.set_index("cause").loc["price", "change_eur"] == pytest.approx(rise)

    def test_an_index_held_is_said_and_the_study_may_give_its_own(self, make_map: MakeMap) -> None:
        # The index stops in 2024: the map's ratio of 2025 is that of 2024, and spending + 10 %
        # reads as + 10 % of tonnes. With the study's index, they are prices, not volume.
        carbon = make_map(pay(FURNITURE, 2024, "100000"), pay(FURNITURE, 2025, "110000"))
        held = compare_years(carbon, 2024, 2025)
        assert held.held == ("cpi-fr",)
        assert "held:cpi-fr" in held.steps.set_index("cause").loc["price", "detail"]
        assert effects(held) == pytest.approx({"volume": held.emissions(2024) * 0.1})
        own = compare_years(carbon, 2024, 2025, index={2024: 100, 2025: 110})
        assert effects(own) == pytest.approx({"price": own.emissions(2024) * 0.1})
        assert own.held == ()

    def test_a_map_by_the_study_s_index_adds_no_tonne(self, make_map: MakeMap) -> None:
        # Scenario S5: spending + 10 %, same purchases, price index + 10 %, in a year that no
        # shipped index reaches.
        index = name_own_index({2024: 100, 2025: 110})
        own = replace(BASIC, map=replace(BASIC.map, price_index=index))
        carbon = make_map(
            pay(FURNITURE, 2024, "100000"), pay(FURNITURE, 2025, "110000"), settings=own
        )
        change = compare_years(carbon, 2024, 2025)
        assert effects(change) == {}
        assert change.held == ()
        assert change.emissions(2025) == pytest.approx(change.emissions(2024))
        # The ratio of 2023 reaches 2024 by consumer prices, and 2025 by the study's index.
        last = carbon.factors.to_pylist()[-1]
        assert (last["year_rule"], last["index_name"]) == ("deflated", index)
        assert "indice : étude" in carbon.sources(2025)["source"].iloc[0]

    def test_the_same_quantities_dearer_are_the_same_tonnes(self, make_map: MakeMap) -> None:
        power = {"quantity": "100000", "unit": "kWh"}
        carbon = make_map(pay(POWER, 2023, "20000", **power), pay(POWER, 2024, "35000", **power))
        change = compare_years(carbon, 2023, 2024)
        assert effects(change) == {}
        row = change.groups.iloc[0]
        assert row["price_index"] == OWN_QUANTITY
        assert row["constant_after_eur"] == pytest.approx(20_000)
        assert (row["low_tco2e"], row["high_tco2e"]) == pytest.approx((0, 0))

    def test_quantities_then_euros_is_a_change_of_method(self, make_map: MakeMap) -> None:
        # The same euros in constant prices; a bill without kWh, then with: 50 000 kWh measured.
        carbon = make_map(
            pay(POWER, 2023, CPI[2023]),
            pay(POWER, 2024, CPI[2024], quantity="50000", unit="kWh"),
        )
        change = compare_years(carbon, 2023, 2024)
        found = change.emissions(2024) - change.emissions(2023)
        assert effects(change) == pytest.approx({"method": found})

    def test_another_supplier_who_emits_less_is_a_real_reduction(
        self, make_map: MakeMap, tmp_path: Path
    ) -> None:
        # 10 t of furniture at 3 kg/kg, then at 2: 30 t, then 20 t, whatever it cost.
        factors = tmp_path / "fournisseurs.csv"
        factors.write_text(
            "supplier_id,family,unit,kgco2e_per_unit,error_cv,quality,source,locator\n"
            "11111111111111,13.01,t,3000,0.1,1,bilan,\n"
            "22222222222222,13.01,t,2000,0.1,1,bilan,\n",
            encoding="utf-8",
        )
        weight = {"quantity": "10", "unit": "t"}
        carbon = make_map(
            pay(FURNITURE, 2023, "50000", supplier_id="11111111111111", **weight),
            pay(FURNITURE, 2024, "65000", supplier_id="22222222222222", **weight),
            settings=replace(BASIC, supplier_factors=factors),
        )
        change = compare_years(carbon, 2023, 2024)
        assert effects(change) == pytest.approx({"real": -10.0})
        readings = change.readings.set_index("reading")
        assert readings.loc["real", "share"] == pytest.approx(-1 / 3)
        assert readings.loc["real", "high_tco2e"] < 0

    def test_what_is_bought_in_one_year_only_stands_apart(self, make_map: MakeMap) -> None:
        carbon = make_map(
            *(pay(FURNITURE, year, CPI[year]) for year in (2023, 2024)),
            pay(INSURANCE, 2024, "10000"),
            pay(WASTE, 2023, "10000"),
        )
        change = compare_years(carbon, 2023, 2024)
        groups = change.groups.set_index("group")
        assert set(effects(change)) == {"perimeter"}
        assert sorted(groups["detail"]) == ["", "gone", "new"]
        assert change.steps.set_index("cause").loc["perimeter", "detail"] == "gone new"
        assert change.readings.set_index("reading").loc["same-perimeter", "change_tco2e"] == 0.0

    def test_a_family_of_net_credit_has_no_price_to_share(self, make_map: MakeMap) -> None:
        carbon = make_map(
            *(pay(FURNITURE, year, CPI[year]) for year in (2023, 2024)),
            pay(WASTE, 2023, "10000"),
            pay(WASTE, 2024, "-2000"),
        )
        change = compare_years(carbon, 2023, 2024)
        assert set(effects(change)) == {"perimeter"}
        assert "net-credit" in set(change.groups["detail"])

    def test_a_figure_restated_stands_before_what_changed(self) -> None:
        # Denmark, purchases of 2019: 12 Mt as first published, 14.3 Mt by a later method
        # (Økonomistyrelsen 2020, 2023): 2.3 Mt that nobody emitted in between.
        change = compare_years(make_worked(), 2023, 2024, index=INDEX)
        steps = change.steps_from(160.0 * 12 / 14.3)
        first = steps.iloc[0]
        assert first["cause"] == RESTATEMENT
        assert first["change_tco2e"] == pytest.approx(160.0 * 2.3 / 14.3)
        total = 160.0 * 12 / 14.3 + steps["change_tco2e"].sum()
        assert total == pytest.approx(change.emissions(2024))
        assert list(steps["cause"][1:]) == list(CAUSES)


class TestIntervals:
    def test_errors_shared_by_both_years_cancel(self, make_map: MakeMap) -> None:
        # Twice the kWh by the same factor: the change is one year's figure, with its interval.
        carbon = make_map(
            pay(POWER, 2023, "20000", quantity="100000", unit="kWh"),
            pay(POWER, 2024, "40000", quantity="200000", unit="kWh"),
        )
        change = compare_years(carbon, 2023, 2024)
        year = carbon.total(2023).iloc[0]
        step = change.steps.set_index("cause").loc["volume"]
        for name in ("low_tco2e", "high_tco2e"):
            assert step[name] == pytest.approx(year[name])

    def test_closed_form_agrees_with_draws(self) -> None:
        carbon = make_worked()
        change = compare_years(carbon, 2023, 2024, index=INDEX)
        found = carbon.emissions()
        years = np.array(carbon.cells["family"]["budget_year"].to_pylist())
        totals = found.calc_totals((years == 2024).astype(np.int64), 2)
        drawn = found.errors.draw_totals(totals, 40_000, np.random.default_rng(1))
        low, high = np.quantile(drawn[:, 1] - drawn[:, 0], [0.025, 0.975]) / 1000
        seen = change.readings.set_index("reading").loc["observed"]
        # The difference of two sums of lognormals is taken for a normal: within a tenth.
        assert seen["low_tco2e"] == pytest.approx(low, rel=0.1)
        assert seen["high_tco2e"] == pytest.approx(high, rel=0.1)

    def test_a_group_that_is_all_has_the_interval_of_the_whole(self) -> None:
        worked = make_worked()
        kept = [row for row in worked.cells["family"].to_pylist() if row["family"] == "13.01"]
        form = schema("cell").arrow()
        carbon = replace(worked, cells={"family": pa.Table.from_pylist(kept, schema=form)})
        change = compare_years(carbon, 2023, 2024, index=INDEX)
        group, seen = change.groups.iloc[0], change.readings.iloc[0]
        for name in ("change_tco2e", "low_tco2e", "high_tco2e"):
            assert group[name] == pytest.approx(seen[name])

    def test_a_change_of_lines_in_doubt_may_have_either_sign(self, make_map: MakeMap) -> None:
        # One line a year, each within a factor of its family: 5 % more says little.
        carbon = make_map(pay(FURNITURE, 2023, "100000"), pay(FURNITURE, 2024, "107000"))
        row = compare_years(carbon, 2023, 2024).groups.iloc[0]
        assert row["low_tco2e"] < 0 < row["high_tco2e"]


FAMILIES = ("13.01", "17.01", "06.02")
amount = st.integers(-20_000, 900_000)
cell = st.tuples(st.sampled_from((2022, 2023)), st.integers(0, 5), amount, st.integers(0, 900))


class TestProperties:
    FACTORS: tuple[dict[str, Any], ...] = tuple(
        {"family": family, **each}
        for family in FAMILIES
        for each in (
            {"kgco2e_per_unit": 0.7, "product": family},
            {"kgco2e_per_unit": 3.1, "product": family, "method": "physical", "unit": "t"},
        )
    )

    def make(self, cells: list[tuple[int, int, int, int]]) -> CarbonMap:
        rows = [
            {
                "budget_year": year,
                "factor_key": key,
                "spend_cents": cents,
                "spend_cents_squared": float(cents) ** 2,
                "quantity": float(quantity) if key % 2 else None,
                "quantity_squared": float(quantity) ** 2 if key % 2 else None,
            }
            for year, key, cents, quantity in cells
        ]
        # Both years are in the map, whatever is drawn.
        rows += [
            {"budget_year": year, "factor_key": 0, "spend_cents": 50_000} for year in (2022, 2023)
        ]
        return make_by_hand(rows, list(self.FACTORS))

    @given(st.lists(cell, max_size=9))
    @settings(max_examples=40, deadline=None)
    def test_causes_sum_to_the_gram_and_reverse(
        self, cells: list[tuple[int, int, int, int]]
    ) -> None:
        carbon = self.make(cells)
        there, back = compare_years(carbon, 2022, 2023), compare_years(carbon, 2023, 2022)
        found = there.emissions(2023) - there.emissions(2022)
        assert there.steps["change_tco2e"].sum() == pytest.approx(found, abs=GRAM_T)
        assert list(there.steps["change_tco2e"]) == pytest.approx(
            list(-back.steps["change_tco2e"]), abs=GRAM_T
        )
        for row in there.groups.to_dict("records"):
            told = sum(row[f"{cause}_tco2e"] for cause in CAUSES)
            assert told == pytest.approx(row["change_tco2e"], abs=GRAM_T)
            assert row["after_tco2e"] - row["before_tco2e"] == pytest.approx(told, abs=GRAM_T)
        spent = there.years.set_index("year")["covered_eur"]
        assert there.steps["change_eur"].sum() == pytest.approx(
            spent[2023] - spent[2022], abs=0.005
        )
        steps = there.steps
        assert (steps["low_tco2e"] <= steps["change_tco2e"] + GRAM_T).all()
        assert (steps["change_tco2e"] <= steps["high_tco2e"] + GRAM_T).all()

    @given(st.lists(st.integers(1, 900_000), min_size=3, max_size=3), st.floats(0.5, 2.0))
    @settings(max_examples=20, deadline=None)
    def test_prices_alone_move_nothing_but_euros(self, cents: list[int], rise: float) -> None:
        factors, rows = [], []
        for rank, (family, amount) in enumerate(zip(FAMILIES, cents, strict=True)):
            for year, level in ((2023, 1.0), (2024, rise)):
                factors.append(
                    {"family": family, "factor_id": str(rank), "kgco2e_per_unit": 0.5 / level}
                )
                rows.append(
                    {
                        "budget_year": year,
                        "factor_key": len(factors) - 1,
                        "spend_cents": round(amount * level * 1000),
                    }
                )
        carbon = make_by_hand(rows, factors)
        change = compare_years(carbon, 2023, 2024, index={2023: 1.0, 2024: rise})
        assert list(change.steps["change_tco2e"]) == pytest.approx([0.0] * len(CAUSES), abs=1e-5)
        assert change.steps.set_index("cause").loc["volume", "change_eur"] == pytest.approx(
            0, abs=0.05
        )


class TestDimensions:
    def test_by_directorate_the_same_total_is_shared_otherwise(self, make_map: MakeMap) -> None:
        rows = [
            pay(FURNITURE, 2023, "60000", directorate="Bâtiments"),
            pay(FURNITURE, 2024, "90000", directorate="Bâtiments"),
            pay(INSURANCE, 2024, "20000", directorate="Bâtiments"),
            pay(INSURANCE, 2023, "40000", directorate="Finances"),
            pay(INSURANCE, 2024, "30000", directorate="Finances"),
            pay(WASTE, 2024, "5000", directorate="Déchets"),
        ]
        change = compare_years(make_map(*rows, by="directorate"), 2023, 2024, by="directorate")
        groups = change.groups.set_index("group")
        # A family that a directorate did not buy before is another purchase, not another perimeter.
        assert groups.loc["Bâtiments", "perimeter_tco2e"] == 0.0
        assert groups.loc["Bâtiments", "mix_tco2e"] > 0
        assert groups.loc["Déchets", "detail"] == "new"
        found = change.emissions(2024) - change.emissions(2023)
        assert change.steps["change_tco2e"].sum() == pytest.approx(found, abs=GRAM_T)

    def test_the_demonstration_is_told_in_full(self, demo_map: CarbonMap) -> None:
        for before, after in ((2022, 2023), (2023, 2024)):
            change = compare_years(demo_map, before, after)
            found = change.emissions(after) - change.emissions(before)
            assert change.steps["change_tco2e"].sum() == pytest.approx(found, abs=GRAM_T)
            assert change.effect("price") == 0.0
            assert change.held == ()
            # Ratios are published to 2023 and deflated after: no ratio of another year in 2024.
            assert (change.effect("factors") == 0.0) is (after == 2024)


class TestRefused:
    def test_a_year_with_itself(self) -> None:
        with pytest.raises(FieldError, match="2023 twice"):
            compare_years(make_worked(), 2023, 2023)

    def test_a_year_that_the_map_lacks(self) -> None:
        with pytest.raises(FieldError, match=r"found: 2021\n  expected: 2023, 2024"):
            compare_years(make_worked(), 2021, 2023)

    def test_a_dimension_that_the_map_lacks(self) -> None:
        with pytest.raises(FieldError, match="not made by this dimension"):
            compare_years(make_worked(), 2023, 2024, by="supplier")

    def test_an_index_nobody_knows(self) -> None:
        with pytest.raises(MissingFactorError, match="no price index called bpu"):
            compare_years(make_worked(), 2023, 2024, index="bpu")

    def test_a_map_by_an_index_that_holds_nothing(self, make_map: MakeMap) -> None:
        broken = replace(BASIC, map=replace(BASIC.map, price_index="own 2024"))
        with pytest.raises(MissingFactorError, match="no price index called own 2024"):
            make_map(pay(WASTE, 2023, "1"), settings=broken)

    @pytest.mark.parametrize(
        ("levels", "told"),
        [
            ({2023: 100.0}, "no level for a year compared"),
            ({2023: 100.0, 2024: 0.0}, "positive numbers, by year"),
        ],
    )
    def test_an_index_without_a_level(self, levels: dict[int, float], told: str) -> None:
        with pytest.raises(FieldError, match=told):
            compare_years(make_worked(), 2023, 2024, index=levels)
