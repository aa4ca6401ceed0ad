"""Shares of suppliers within families, by hand and by properties.

Worked by hand (also in docs/change.md), prices + 25 % (index 100, then 125). Thousand constant
euros V, share S, tonnes per thousand constant euros I; E is bought by the tonne from two suppliers.

====== ============ ============ ============== ================ =====================
family V            S            I              E (tCO2e)        what changes
====== ============ ============ ============== ================ =====================
A      30 → 24      0.3 → 0.2    2 → 2          60 → 48          share
B      20 → 36      0.2 → 0.3    1 → 1          20 → 36          share
C      20 → 24      0.2          1 → 0.9        20 → 21.6        ratio of another year
D      20 → 24      0.2          1 → 0.5        20 → 12          euros, then kWh
E      10 → 12      0.1          2.6 → 1.5      26 → 18          suppliers
F      – → (4)      –            –              0 → 4            bought in one year only
total  100 → 120                                146 → 139.6
====== ============ ============ ============== ================ =====================

In E, X sells 8 t of 10 at 3 tCO2e/t, then 6 of 12 at 2; Y 2 t, then 6, at 1. Where two factors of
a product change, each takes its change times the mean of the other:

- volume: 20 × 0.25 × 2 (A) + 20 × 0.25 × 1 (B) + 4 × 0.95 (C) + 4 × 0.75 (D) + 2 × 2.05 (E) = 25.9
- mix: 110 × (−0.1) × 2 + 110 × 0.1 × 1 = −11
- method: 22 × (0.5 − 1) = −11; factors: 22 × (0.9 − 1) = −2.2
- suppliers: 11 × (−0.3 × 2.5 + 0.3 × 1) = −4.95; real: 11 × 0.65 × (2 − 3) = −7.15
- perimeter: 4; price: 0 t, and 158 − 5 − 120 = 33 thousand euros.

Sum: −6.4 = 139.6 − 146.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lcc.carbon.change import CAUSES, compare_years, list_causes, list_readings
from lcc.carbon.change.volumes import OWN_QUANTITY
from lcc.carbon.prices import index_level
from lcc.carbon.result import CarbonMap
from lcc.errors import FieldError
from tests.carbon.change_maps import GRAM_T, effects, make_within

INDEX = {2023: 100.0, 2024: 125.0}
TONNE = {"unit": "t", "method": "supplier", "bridge_cv": 0.0, "source_share": 0.0}

WORKED_FACTORS: list[dict[str, Any]] = [
    {"family": "13.01", "factor_id": "a", "kgco2e_per_unit": 2.0, "product": "a"},
    {"family": "13.01", "factor_id": "a", "kgco2e_per_unit": 1.6, "product": "a"},
    {"family": "17.01", "factor_id": "b", "kgco2e_per_unit": 1.0, "product": "b"},
    {"family": "17.01", "factor_id": "b", "kgco2e_per_unit": 0.8, "product": "b"},
    {"family": "06.02", "factor_id": "c2023", "kgco2e_per_unit": 1.0, "product": "c"},
    {"family": "06.02", "factor_id": "c2024", "kgco2e_per_unit": 0.72, "product": "c"},
    {"family": "09.01", "factor_id": "d", "kgco2e_per_unit": 1.0, "product": "d"},
    {
        "family": "09.01",
        "factor_id": "kwh",
        "kgco2e_per_unit": 0.1,
        "product": "kwh",
        "unit": "kWh",
        "method": "physical",
    },
    {"family": "02.01", "factor_id": "x3", "kgco2e_per_unit": 3000.0, "product": "x", **TONNE},
    {"family": "02.01", "factor_id": "x2", "kgco2e_per_unit": 2000.0, "product": "x", **TONNE},
    {"family": "02.01", "factor_id": "y", "kgco2e_per_unit": 1000.0, "product": "y", **TONNE},
    {"family": "14.01", "factor_id": "f", "kgco2e_per_unit": 0.8, "product": "f"},
]
WORKED_ROWS: Sequence[tuple[int, str, int, float, float | None]] = [
    (2023, "P", 0, 30, None),
    (2024, "P", 1, 30, None),
    (2023, "P", 2, 20, None),
    (2024, "Q", 3, 45, None),
    (2023, "P", 4, 20, None),
    (2024, "P", 5, 30, None),
    (2023, "P", 6, 20, None),
    (2024, "P", 7, 30, 120_000.0),
    (2023, "X", 8, 8, 8.0),
    (2023, "Y", 10, 2, 2.0),
    (2024, "X", 9, 10, 6.0),
    (2024, "Y", 10, 8, 6.0),
    (2024, "P", 11, 5, None),
]


def make_rows(rows: Sequence[tuple[int, str, int, float, float | None]]) -> list[dict[str, Any]]:
    return [
        {
            "budget_year": year,
            "group_key": supplier,
            "factor_key": key,
            "k_eur": k_eur,
            "quantity": quantity,
            "quantity_squared": None if quantity is None else quantity**2,
        }
        for year, supplier, key, k_eur, quantity in rows
    ]


def make_worked() -> CarbonMap:
    return make_within(make_rows(WORKED_ROWS), WORKED_FACTORS, "supplier")


class TestByHand:
    EXPECTED: ClassVar = {
        "perimeter": 4.0,
        "volume": 25.9,
        "mix": -11.0,
        "suppliers": -4.95,
        "method": -11.0,
        "factors": -2.2,
        "real": -7.15,
    }

    def test_the_worked_example(self) -> None:
        change = compare_years(make_worked(), 2023, 2024, within="supplier", index=INDEX)
        assert change.emissions(2023) == pytest.approx(146.0)
        assert change.emissions(2024) == pytest.approx(139.6)
        assert effects(change) == pytest.approx(self.EXPECTED)
        assert change.effect("price") == 0.0
        euros = change.steps.set_index("cause")["change_eur"]
        assert euros[["perimeter", "volume", "price"]].tolist() == pytest.approx(
            [5_000, 20_000, 33_000]
        )
        assert change.reading("purchases")["change_tco2e"] == pytest.approx(25.9 - 11 - 4.95 - 7.15)
        assert change.reading("real")["change_tco2e"] == pytest.approx(-7.15)
        # Two suppliers' data tell 26 of 146 t, then 18 of 139.6.
        assert change.seen_share == pytest.approx((26 + 18) / (146 + 139.6))

    def test_without_suppliers_their_shares_stand_under_real(self) -> None:
        # The other causes are the same: shares within families part what intensities change.
        change = compare_years(make_worked(), 2023, 2024, index=INDEX)
        expected = {**self.EXPECTED, "real": -4.95 - 7.15}
        del expected["suppliers"]
        assert effects(change) == pytest.approx(expected)
        assert change.members is None

    def test_which_supplier_made_it(self) -> None:
        change = compare_years(make_worked(), 2023, 2024, within="supplier", index=INDEX)
        assert change.members is not None
        family = change.members[change.members["group"] == "02.01"].set_index("member")
        # Against the mean of E, (2.6 + 1.5) / 2: X 11 × (−0.3) × (2.5 − 2.05), Y 11 × 0.3 ×
        # (1 − 2.05); of their own, X 11 × 0.65 × (−1), Y nothing.
        assert family["suppliers_tco2e"].to_dict() == pytest.approx({"X": -1.485, "Y": -3.465})
        assert family["real_tco2e"].to_dict() == pytest.approx({"X": -7.15, "Y": 0.0})
        # One ratio for whoever sells B: that Q replaces P adds nothing to either.
        other = change.members[change.members["group"] == "17.01"]
        assert other[["suppliers_tco2e", "real_tco2e"]].abs().to_numpy().max() == 0.0
        # Constant euros follow tonnes: 1 000 € of 2023 each.
        assert family["constant_after_eur"].to_dict() == pytest.approx({"X": 6000, "Y": 6000})
        groups = change.groups.set_index("group")
        assert groups.loc["02.01", "price_index"] == OWN_QUANTITY
        assert groups.loc["02.01", "suppliers_tco2e"] == pytest.approx(-4.95)

    def test_the_steps_of_one_family(self) -> None:
        change = compare_years(make_worked(), 2023, 2024, within="supplier", index=INDEX)
        steps = change.steps_of("02.01").set_index("cause")["change_tco2e"]
        assert steps[["volume", "suppliers", "real"]].tolist() == pytest.approx([4.1, -4.95, -7.15])
        assert steps.sum() == pytest.approx(18 - 26)
        with pytest.raises(FieldError, match=r"not bought, or not covered[\s\S]*found: 19.11"):
            change.steps_of("19.11")

    def test_causes_and_readings_name_what_is_told(self) -> None:
        assert list_causes() == CAUSES
        assert list_causes("contract")[4] == "contracts"
        assert list_readings("supplier")["purchases"] == ("volume", "mix", "suppliers", "real")
        assert list_readings("supplier")["real"] == ("real",)
        assert set(list_readings("supplier")["observed"]) == {*CAUSES, "suppliers"}


class TestIndicesOfAFamily:
    """A price series that turned euros into litres is the index of its family's volumes."""

    def make(self, years: tuple[int, int]) -> CarbonMap:
        # 10 000 litres a year at that year's price, 3 kg a litre: 30 t, whatever the price.
        factors: list[dict[str, Any]] = [
            {
                "family": "09.01",
                "factor_id": "diesel",
                "kgco2e_per_unit": 3.0 / index_level("diesel-pump", year).value,
                "method": "price-derived",
                "price_series": "diesel-pump",
                "price_cv": 0.1,
            }
            for year in years
        ]
        spent = [10_000 * index_level("diesel-pump", year).value / 1000 for year in years]
        rows = [(year, "P", key, spent[key], None) for key, year in enumerate(years)]
        return make_within(make_rows(rows), factors, "supplier")

    def test_dearer_litres_are_no_volume_and_no_tonne(self) -> None:
        # Diesel rose by a quarter from 2021 to 2022, consumer prices by a twentieth.
        change = compare_years(self.make((2021, 2022)), 2021, 2022, within="supplier")
        assert change.emissions(2021) == pytest.approx(30.0, rel=1e-4)
        # Amounts are whole cents: half a cent is a few grams.
        assert all(abs(tonnes) < 1e-4 for tonnes in effects(change).values())
        assert change.groups.iloc[0]["price_index"] == "diesel-pump"
        euros = change.steps.set_index("cause")["change_eur"]
        assert euros["price"] > 2_000 and abs(euros["volume"]) < 0.01

    def test_a_series_held_is_named(self) -> None:
        # Beyond its years and those of the index that extends it, the level is the last one's.
        change = compare_years(self.make((2097, 2098)), 2097, 2098, within="supplier")
        assert effects(change) == {}
        assert change.held == ("diesel-pump",)


class TestPersistence:
    """One line of 100 k€ by a ratio of 1 t/k€, in both years: nothing changes; line CV 0.5."""

    FACTORS: ClassVar[list[dict[str, Any]]] = [
        {"family": "13.01", "factor_id": "a", "kgco2e_per_unit": 1.0, "factor_cv": 0.0},
        {"family": "13.01", "factor_id": "a", "kgco2e_per_unit": 1.0, "factor_cv": 0.0},
    ]

    def make(self, *suppliers: tuple[int, str]) -> CarbonMap:
        rows = make_rows([(year, name, 0, 100, None) for year, name in suppliers])
        for row in rows:
            row["spend_cents_squared"] = float(100 * 100_000) ** 2
        factors = [{**each, "bridge_cv": 0.0} for each in self.FACTORS]
        return make_within(rows, factors, "supplier")

    @pytest.mark.parametrize(("persistence", "sd_t"), [(0.0, 50 * 2**0.5), (0.5, 50), (1.0, 0)])
    def test_what_lasts_cancels(self, persistence: float, sd_t: float) -> None:
        # Var = 50² + 50² − 2 ρ 50² t².
        carbon = self.make((2023, "P"), (2024, "P"))
        change = compare_years(
            carbon, 2023, 2024, within="supplier", index={2023: 1, 2024: 1}, persistence=persistence
        )
        for row in (change.reading("observed"), change.groups.iloc[0]):
            assert row["high_tco2e"] == pytest.approx(1.96 * sd_t, rel=1e-3, abs=1e-4)
            assert row["low_tco2e"] == pytest.approx(-1.96 * sd_t, rel=1e-3, abs=1e-4)

    def test_another_supplier_errs_afresh(self) -> None:
        carbon = self.make((2023, "P"), (2024, "Q"))
        change = compare_years(
            carbon, 2023, 2024, within="supplier", index={2023: 1, 2024: 1}, persistence=1.0
        )
        assert change.reading("observed")["high_tco2e"] == pytest.approx(
            1.96 * 50 * 2**0.5, rel=1e-3
        )

    @pytest.mark.parametrize(("persistence", "within"), [(1.5, "supplier"), (0.5, "")])
    def test_what_has_no_meaning_is_refused(self, persistence: float, within: str) -> None:
        carbon = self.make((2023, "P"), (2024, "P"))
        with pytest.raises(FieldError, match="errors that last are those of suppliers"):
            compare_years(carbon, 2023, 2024, within=within, persistence=persistence)


class TestRatiosShowNoSupplier:
    """Where the figure is the family's ratio, whoever sells changes nothing, and it is said."""

    FACTORS: ClassVar[list[dict[str, Any]]] = [
        {"family": "13.01", "factor_id": "2023", "kgco2e_per_unit": 1.0},
        {"family": "13.01", "factor_id": "2024", "kgco2e_per_unit": 0.4},
    ]

    def test_another_supplier_is_zero_with_an_interval(self) -> None:
        # R leaves and Q comes; the ratio of 2024 is of another year: all of it is the ratio's.
        rows = make_rows(
            [
                *[(2023, "P", 0, 60, None), (2023, "R", 0, 40, None)],
                *[(2024, "P", 1, 25, None), (2024, "Q", 1, 100, None)],
            ]
        )
        for row in rows:
            row["spend_cents_squared"] = float(row["k_eur"] * 100_000) ** 2 / 4
        carbon = make_within(rows, self.FACTORS, "supplier")
        change = compare_years(carbon, 2023, 2024, within="supplier", index=INDEX)
        assert effects(change) == pytest.approx({"factors": 125 * 0.4 - 100})
        step = change.steps.set_index("cause").loc["suppliers"]
        # What their lines are is not known: zero is what the ratio shows, not what was measured.
        assert step["low_tco2e"] < -1 < 1 < step["high_tco2e"]
        assert change.seen_share == 0.0

    def test_one_factor_per_kwh_shows_no_supplier_either(self) -> None:
        # The same kWh from a supplier twice as dear: no change of anything.
        factors = [{**WORKED_FACTORS[7]}]
        rows = make_rows([(2023, "P", 0, 10, 50_000.0), (2024, "Q", 0, 25, 50_000.0)])
        carbon = make_within(rows, factors, "supplier")
        change = compare_years(carbon, 2023, 2024, within="supplier", index=INDEX)
        assert effects(change) == {}
        assert change.steps.set_index("cause").loc["price", "change_eur"] == pytest.approx(15_000)


class TestYearsInARow:
    def test_a_supplier_that_measures_then_improves(self) -> None:
        # Same purchases: 100 k€ by a ratio of 1 t/k€ (100 t); then 40 t measured at 2 (80 t); then
        # 40 t at 1.5 (60 t). Knowing more is method, improving is real.
        factors: list[dict[str, Any]] = [
            {"family": "13.01", "factor_id": "ratio", "kgco2e_per_unit": 1.0},
            {"family": "13.01", "factor_id": "m", "kgco2e_per_unit": 2000.0, **TONNE},
            {"family": "13.01", "factor_id": "n", "kgco2e_per_unit": 1500.0, **TONNE},
        ]
        rows = make_rows(
            [(2022, "P", 0, 100, None), (2023, "P", 1, 100, 40.0), (2024, "P", 2, 100, 40.0)]
        )
        carbon = make_within(rows, factors, "supplier")
        flat = {2022: 1.0, 2023: 1.0, 2024: 1.0}
        for within in ("", "supplier"):
            first = compare_years(carbon, 2022, 2023, within=within, index=flat)
            assert effects(first) == pytest.approx({"method": -20.0})
            second = compare_years(carbon, 2023, 2024, within=within, index=flat)
            assert effects(second) == pytest.approx({"real": -20.0})

    def test_a_measured_contract_that_gets_dearer_does_not_change(self) -> None:
        # The green premium: 10 t at 2, for 20 k€ then 30; a ratio would have said 50 % more.
        rows = make_rows([(2023, "P", 0, 20, 10.0), (2024, "P", 0, 30, 10.0)])
        factor = {"family": "13.01", "factor_id": "m", "kgco2e_per_unit": 2000.0, **TONNE}
        carbon = make_within(rows, [factor], "supplier")
        change = compare_years(carbon, 2023, 2024, within="supplier", index="cpi-fr")
        assert effects(change) == {}
        # Its factor serves both years: what is wrong of it is wrong twice, and cancels.
        observed = change.reading("observed")
        assert (observed["low_tco2e"], observed["high_tco2e"]) == pytest.approx((0.0, 0.0))
        assert carbon.total(2023)["high_tco2e"].iloc[0] > 24

    def test_common_errors_make_a_difference_surer(self) -> None:
        # Twelve tonnes for ten by one factor (CV 0.3): the difference is 4 t ± that factor; with
        # errors drawn for each year apart, its standard deviation would be 0.3 √(20² + 24²) = 9.4.
        factor = {"family": "13.01", "factor_id": "m", "kgco2e_per_unit": 2000.0, **TONNE}
        rows = make_rows([(2023, "P", 0, 20, 10.0), (2024, "P", 0, 20, 12.0)])
        change = compare_years(make_within(rows, [factor], "supplier"), 2023, 2024)
        observed = change.reading("observed")
        assert observed["change_tco2e"] == pytest.approx(4.0)
        width = observed["high_tco2e"] - observed["low_tco2e"]
        # A lognormal of mean 4 and CV 0.3: log sd 0.2936, median 3.831.
        assert observed["low_tco2e"] == pytest.approx(3.831 * np.exp(-1.96 * 0.2936), rel=1e-3)
        assert observed["high_tco2e"] == pytest.approx(3.831 * np.exp(1.96 * 0.2936), rel=1e-3)
        assert width < 2 * 1.96 * 9.37 / 7


amount = st.integers(1, 900)
part = st.tuples(st.sampled_from((2023, 2024)), st.sampled_from("PQRS"), st.integers(0, 3), amount)


class TestProperties:
    FACTORS: tuple[dict[str, Any], ...] = (
        {"family": "13.01", "factor_id": "a", "kgco2e_per_unit": 0.7, "product": "a"},
        {"family": "13.01", "factor_id": "p", "kgco2e_per_unit": 3000.0, "product": "p", **TONNE},
        {"family": "13.01", "factor_id": "q", "kgco2e_per_unit": 1000.0, "product": "q", **TONNE},
        {"family": "17.01", "factor_id": "b", "kgco2e_per_unit": 0.2, "product": "b"},
    )

    def make(self, parts: Sequence[tuple[int, str, int, int]]) -> CarbonMap:
        both = [(year, "P", key, 50) for year in (2023, 2024) for key in (0, 3)]
        rows = [
            (year, supplier, key, float(k_eur), k_eur / 7 if key in (1, 2) else None)
            for year, supplier, key, k_eur in [*parts, *both]
        ]
        return make_within(make_rows(rows), list(self.FACTORS), "supplier")

    @given(st.lists(part, max_size=10))
    @settings(max_examples=12, deadline=None)
    def test_shares_part_the_real_change_and_nothing_else(
        self, parts: list[tuple[int, str, int, int]]
    ) -> None:
        carbon = self.make(parts)
        there = compare_years(carbon, 2023, 2024, within="supplier", index="cpi-fr")
        back = compare_years(carbon, 2024, 2023, within="supplier", index="cpi-fr")
        alone = compare_years(carbon, 2023, 2024, index="cpi-fr")
        assert there.steps["change_tco2e"].sum() == pytest.approx(
            there.emissions(2024) - there.emissions(2023), abs=GRAM_T
        )
        assert list(there.steps["change_tco2e"]) == pytest.approx(
            list(-back.steps["change_tco2e"]), abs=GRAM_T
        )
        for cause in CAUSES:
            told = there.effect(cause) + (there.effect("suppliers") if cause == "real" else 0.0)
            assert told == pytest.approx(alone.effect(cause), abs=GRAM_T)
        assert there.members is not None
        for cause in ("suppliers", "price", "factors", "real"):
            assert there.members[f"{cause}_tco2e"].sum() == pytest.approx(
                there.effect(cause), abs=GRAM_T
            )
        assert there.members["before_eur"].sum() == pytest.approx(
            there.years["covered_eur"].iloc[0], abs=0.005
        )

    @given(st.lists(part, max_size=8))
    @settings(max_examples=12, deadline=None)
    def test_a_supplier_told_as_two_halves_changes_nothing(
        self, parts: list[tuple[int, str, int, int]]
    ) -> None:
        even = [(year, supplier, key, 2 * k_eur) for year, supplier, key, k_eur in parts]
        halves = [
            (year, f"{supplier}{half}", key, k_eur)
            for year, supplier, key, k_eur in parts
            for half in "12"
        ]
        whole, split = (
            compare_years(self.make(each), 2023, 2024, within="supplier", index="cpi-fr")
            for each in (even, halves)
        )
        assert list(split.steps["change_tco2e"]) == pytest.approx(
            list(whole.steps["change_tco2e"]), abs=GRAM_T
        )

    @given(st.lists(amount, min_size=4, max_size=4), st.floats(0.2, 4.0))
    @settings(max_examples=12, deadline=None)
    def test_quantities_alone_are_volume_alone(self, amounts: list[int], times: float) -> None:
        rows = [
            (year, supplier, key, k_eur * size, k_eur * size / 7 if key in (1, 2) else None)
            for year, size in ((2023, 1.0), (2024, times))
            for supplier, key, k_eur in zip("PQRP", (0, 1, 2, 3), amounts, strict=True)
        ]
        carbon = make_within(make_rows(rows), list(self.FACTORS), "supplier")
        flat = {2023: 1.0, 2024: 1.0}
        change = compare_years(carbon, 2023, 2024, within="supplier", index=flat)
        found = change.emissions(2024) - change.emissions(2023)
        assert change.effect("volume") == pytest.approx(found, abs=1e-3)
        others = [each for each in list_causes("supplier") if each != "volume"]
        assert [change.effect(each) for each in others] == pytest.approx([0] * 7, abs=1e-3)

    def test_credit_notes_that_leave_a_supplier_nothing(self) -> None:
        rows = make_rows(
            [
                *[(2023, "P", 1, 50, 7.0), (2024, "P", 1, 50, 7.0)],
                *[(2023, "Q", 1, 20, 3.0), (2024, "Q", 1, 20, -3.0), (2024, "Q", 1, -20, 3.0)],
                *[(2023, "R", 1, 5, -1.0), (2024, "R", 1, -5, 1.0)],
            ]
        )
        carbon = make_within(rows, list(self.FACTORS), "supplier")
        change = compare_years(carbon, 2023, 2024, within="supplier")
        assert change.steps["change_tco2e"].sum() == pytest.approx(
            change.emissions(2024) - change.emissions(2023), abs=GRAM_T
        )


class TestRefused:
    def test_members_within_other_groups(self) -> None:
        with pytest.raises(FieldError, match=r"supplier within directorate\n  expected: by family"):
            compare_years(make_worked(), 2023, 2024, by="directorate", within="supplier")

    def test_members_that_the_map_does_not_tell(self) -> None:
        with pytest.raises(FieldError, match=r"not made by this dimension[\s\S]*contract"):
            compare_years(make_worked(), 2023, 2024, within="contract")
