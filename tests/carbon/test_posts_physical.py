"""Quantities in place of euros: each thing counted once, and each bad row named."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import replace
from math import exp, log, sqrt
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from lcc.carbon.posts import POST_DIMENSIONS, make_posts
from lcc.carbon.result import CarbonMap
from lcc.errors import FieldError, InputError, LccError, UnitError
from lcc.reading.edited import write_edited
from lcc.tables import schema

KWH = 0.052
"""kgCO2e per kWh, Base Carbone, element 42513."""
EUR_PER_KWH = 0.2005
"""Eurostat nrg_pc_205, non-household, 2023, as the library holds it."""
LITRE = 3.1
"""kgCO2e per litre of diesel B7, Base Carbone."""
DIESEL_USE = 2.51279 / (2.51279 + 0.61101)
"""Part of combustion, DESNZ 2024."""

ROW = {
    "entry": "E1",
    "year": 2023,
    "product": "phys:electricity-fr",
    "quantity": 300_000.0,
    "unit": "kWh",
    "replaces_kind": "contract",
    "replaces": "M1",
    "document": "Relevés 2023",
    "quality": "metered",
    "post": "2.1",
}

ALL = list(POST_DIMENSIONS)

SPENDING = (
    # The same contract, in kWh on one line and in euros alone on another.
    {
        "family": "09.01",
        "contract": "M1",
        "amount_ht": "20050",
        "quantity": "100000",
        "unit": "kWh",
        "section": "operating",
    },
    {"family": "09.01", "contract": "M1", "amount_ht": "40100", "section": "operating"},
    {"family": "09.01", "contract": "M2", "amount_ht": "20050", "section": "operating"},
    {"family": "13.02", "contract": "M3", "amount_ht": "1000", "section": "operating"},
)

Maker = Callable[..., CarbonMap]


@pytest.fixture(scope="module")
def carbon(make_shared_map: Maker) -> CarbonMap:
    """Return the map of four payments of 2023."""
    return make_shared_map(*SPENDING, by=ALL)


@pytest.fixture
def posts_file(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes rows, each the basic one with some cells changed."""

    def write(*changes: dict[str, object], name: str = "physique.csv") -> Path:
        rows = [ROW | {"entry": f"E{rank}"} | each for rank, each in enumerate(changes, 1)]
        return write_edited(rows, "physical_post", tmp_path / name)

    return write


Writer = Callable[..., Path]


def tonnes_of(table: object, post: str) -> float:
    """Return the tonnes of a post in a table."""
    return float(table.set_index("post").loc[post, "tco2e"])  # type: ignore[attr-defined]


class TestNothingCountsTwice:
    def test_kwh_and_euros_of_one_contract_count_once(
        self, carbon: CarbonMap, posts_file: Writer
    ) -> None:
        # In the map: M1 = 100 000 kWh × 0.052 = 5.2 t, and 40 100 € / 0.2005 €/kWh = 200 000 kWh =
        # 10.4 t; M2 = 20 050 € = 100 000 kWh = 5.2 t. By the meter, M1 is 300 000 kWh = 15.6 t.
        before = make_posts(carbon, 2023)
        assert_allclose(tonnes_of(before.table(), "2.1"), 5.2 + 10.4 + 5.2, rtol=1e-9)
        after = make_posts(carbon, 2023, physical=posts_file({"quantity": 310_000.0}))
        # 310 000 kWh = 16.12 t, once, and M2.
        assert_allclose(tonnes_of(after.table(), "2.1"), 16.12 + 5.2, rtol=1e-9)
        assert_allclose(after.total().tco2e[0] - before.total().tco2e[0], 16.12 - 15.6, rtol=1e-7)
        row = after.replaced().iloc[0]
        assert (row.replaces_kind, row.replaces, row.post) == ("contract", "M1", "2.1")
        assert_allclose(
            [
                row.before_tco2e,
                row.before_physical_tco2e,
                row.before_price_derived_tco2e,
                row.physical_tco2e,
                row.difference_tco2e,
            ],
            [15.6, 5.2, 10.4, 16.12, 0.52],
            rtol=1e-9,
        )
        assert row.spend_eur == pytest.approx(60_150)
        assert row.documents == "Relevés 2023"
        # Euros stay where they were: they are spent once too.
        assert after.total().spend_eur[0] == before.total().spend_eur[0]

    def test_a_family_in_part(self, carbon: CarbonMap, posts_file: Writer) -> None:
        change = {"replaces_kind": "family", "replaces": "09.01", "covers": 0.25, "post": None}
        after = make_posts(carbon, 2023, physical=posts_file(change))
        # Three quarters of 20.8 t stay; 300 000 kWh = 15.6 t come.
        assert_allclose(tonnes_of(after.table(), "2.1"), 0.75 * 20.8 + 15.6, rtol=1e-9)

    def test_an_account(self, make_map: Maker, posts_file: Writer) -> None:
        carbon = make_map(
            {"account": "60612", "amount_ht": "1000", "section": "operating"},
            {"account": "6064", "amount_ht": "1000", "section": "operating"},
            by=ALL,
        )
        path = posts_file({"replaces_kind": "account", "replaces": "60612"})
        after = make_posts(carbon, 2023, physical=path)
        assert_allclose(tonnes_of(after.table(), "2.1"), 15.6, rtol=1e-9)
        assert after.replaced().before_monetary_tco2e[0] > 0

    def test_meters_of_one_batch_replace_once(self, carbon: CarbonMap, posts_file: Writer) -> None:
        path = posts_file(
            {"quantity": 100.0, "unit": "MWh", "batch": "M1", "site": "Mairie"},
            {"quantity": 200_000.0, "batch": "M1", "site": "Piscine"},
        )
        after = make_posts(carbon, 2023, physical=path)
        assert_allclose(tonnes_of(after.table(), "2.1"), 15.6 + 5.2, rtol=1e-9)
        assert after.replaced().entries.tolist() == ["E1, E2"]

    def test_two_shares_of_one_family(self, carbon: CarbonMap, posts_file: Writer) -> None:
        part = {"replaces_kind": "family", "replaces": "09.01", "quantity": 1000.0}
        path = posts_file(part | {"covers": 0.4}, part | {"covers": 0.6})
        after = make_posts(carbon, 2023, physical=path)
        assert_allclose(tonnes_of(after.table(), "2.1"), 2 * 0.052, rtol=1e-9)

    def test_fuel_is_split_whatever_the_unit(self, make_map: Maker, posts_file: Writer) -> None:
        carbon = make_map({"family": "09.05", "amount_ht": "1500"}, by=ALL)
        path = posts_file(
            {
                "product": "Gazole routier B7",
                "quantity": 2.0,
                "unit": "m3",
                "replaces_kind": "family",
                "replaces": "09.05",
                "post": None,
            }
        )
        # 2 m³ = 2 000 litres × 3.1 = 6.2 t.
        new = make_posts(carbon, 2023, physical=path).table()
        assert_allclose(tonnes_of(new, "1.2"), 6.2 * DIESEL_USE, rtol=1e-9)
        assert_allclose(tonnes_of(new, "4.1"), 6.2 * (1 - DIESEL_USE), rtol=1e-9)
        old = make_posts(carbon, 2023, nomenclature="2016", physical=path).table()
        assert_allclose(tonnes_of(old, "8"), 6.2 * (1 - DIESEL_USE), rtol=1e-9)

    def test_combustion_and_upstream_as_two_rows_of_a_batch(
        self, carbon: CarbonMap, posts_file: Writer
    ) -> None:
        gas = {"quantity": 1000.0, "unit": "kWh PCS", "post": "1.1", "batch": "gaz"}
        path = posts_file(
            gas | {"product": "natural-gas-gcv-combustion"},
            gas | {"product": "natural-gas-gcv-upstream"},
        )
        table = make_posts(carbon, 2023, physical=path).table()
        assert_allclose(tonnes_of(table, "1.1"), 0.1829, rtol=1e-9)
        # DESNZ 2024, and the paper of the other contract: 1 000 € of C17.
        paper = tonnes_of(make_posts(carbon, 2023).table(), "4.1")
        assert_allclose(tonnes_of(table, "4.1") - paper, 0.03021, rtol=1e-6)

    def test_a_contract_of_two_sections(self, make_map: Maker, posts_file: Writer) -> None:
        buses = {"family": "08.03", "contract": "M1", "amount_ht": "3000"}
        carbon = make_map(
            buses | {"section": "capital"},
            buses | {"section": "operating"},
            buses | {"section": "capital", "contract": "M2"},
            by=ALL,
        )
        before = make_posts(carbon)
        path = posts_file(
            {"product": "vehicle-manufacture", "unit": "t", "quantity": 1.0, "post": "4.2"}
        )
        after = make_posts(carbon, physical=path)
        # Two thirds of what was bought goes, 5.5 t comes (Base Carbone: 5 500 kgCO2e per tonne).
        whole = before.total().tco2e[0] / 3 + 5.5
        assert_allclose(after.total().tco2e[0], whole, rtol=1e-9)
        assert after.year == 2023

    @pytest.mark.parametrize(("by", "goods", "services"), [
        (ALL, 0.0, 1.0),
        # A map that does not divide contracts by section can only share out what is taken.
        (["family", "section", "contract"], 0.5, 0.5),
    ])  # fmt: skip
    def test_a_contract_is_taken_from_its_own_section(
        self, make_map: Maker, posts_file: Writer, by: list[str], goods: float, services: float
    ) -> None:
        buses = {"family": "08.03", "amount_ht": "3000"}
        carbon = make_map(
            buses | {"section": "capital", "contract": "M1"},
            buses | {"section": "operating", "contract": "M2"},
            by=by,
        )
        one = carbon.total().emissions_tco2e[0] / 2
        change = {"product": "vehicle-manufacture", "unit": "t", "quantity": 1.0, "post": "4.2"}
        table = make_posts(carbon, physical=posts_file(change)).table()
        # M1 is all of 4.2; M2, bought in the other section, stays in 4.1.
        assert_allclose(tonnes_of(table, "4.2"), goods * one + 5.5, rtol=1e-9)
        assert_allclose(tonnes_of(table, "4.1"), services * one, rtol=1e-9)

    def test_a_contract_whose_section_nets_to_nothing_goes_all_the_same(
        self, make_map: Maker, posts_file: Writer
    ) -> None:
        # M1 is paid, M2 is a credit note of as much: the cell of both holds nothing.
        line = {"family": "09.01", "section": "operating"}
        carbon = make_map(
            line | {"contract": "M1", "amount_ht": "20050"},
            line | {"contract": "M2", "amount_ht": "-20050"},
            by=ALL,
        )
        assert_allclose(carbon.total().emissions_tco2e[0], 0, atol=1e-9)
        after = make_posts(carbon, 2023, physical=posts_file({}))
        # − 5.2 t of the credit note, and 300 000 kWh = 15.6 t.
        assert_allclose(tonnes_of(after.table(), "2.1"), 15.6 - 5.2, rtol=1e-9)

    def test_a_carrier_s_diesel_stays_whole_with_the_freight(
        self, make_map: Maker, posts_file: Writer
    ) -> None:
        carbon = make_map({"family": "07.05", "amount_ht": "1500"}, by=ALL)
        change = {"product": "diesel", "quantity": 1000.0, "unit": "litres", "post": "3.1"}
        path = posts_file(change | {"replaces_kind": "family", "replaces": "07.05"})
        assert_allclose(
            tonnes_of(make_posts(carbon, 2023, physical=path).table(), "3.1"), 3.1, rtol=1e-9
        )

    def test_what_purchases_cannot_tell_replaces_nothing(
        self, carbon: CarbonMap, posts_file: Writer
    ) -> None:
        before = make_posts(carbon, 2023).table().set_index("post")
        assert before.loc["3.3", "status"] == "not-covered" and np.isnan(before.loc["3.3", "tco2e"])
        assert before.loc["3.1", "status"] == "no-spending" and before.loc["3.1", "tco2e"] == 0
        path = posts_file(
            {
                "product": "car-diesel",
                "quantity": 1_000_000.0,
                "unit": "véhicule.km",
                "replaces_kind": "none",
                "replaces": None,
                "post": "3.3",
                "quality": "estimated",
                "error_95": 0.2,
            }
        )
        after = make_posts(carbon, 2023, physical=path)
        # Base Carbone: 0.227 kgCO2e per vehicle-kilometre.
        assert_allclose(tonnes_of(after.table(), "3.3"), 227.0, rtol=1e-9)
        assert after.replaced().before_tco2e.tolist() == [0.0]

    def test_a_lost_tonne_is_a_fault_of_the_program(self, carbon: CarbonMap) -> None:
        found = make_posts(carbon, 2023)
        with pytest.raises(LccError, match="every tonne once"):
            replace(found, map_kgco2e=found.map_kgco2e + 1.0)

    def test_what_is_not_known_is_listed(self, make_map: Maker, posts_file: Writer) -> None:
        carbon = make_map(*SPENDING, {"amount_ht": "500"}, by=ALL)
        path = posts_file({"replaces_kind": "family", "replaces": "09.01", "covers": 0.5})
        found = make_posts(carbon, 2023, physical=path)
        unsplit = found.not_split()
        # Half of the family, and 300 000 kWh: no row tells the upstream of either.
        assert_allclose(unsplit.tco2e.sort_values(), [10.4, 15.6], rtol=1e-9)
        assert unsplit.quantity.dropna().tolist() == ["E1"]
        unknown = found.unclassified()
        assert unknown.spend_eur.tolist() == [500.0] and unknown.lines.tolist() == [1]
        row = found.table().set_index("post").loc["unclassified"]
        assert row.status == "no-factor" and np.isnan(row.tco2e) and row.uncovered_eur == 500.0

    def test_other_years_wait(self, carbon: CarbonMap, posts_file: Writer) -> None:
        after = make_posts(carbon, 2023, physical=posts_file({"year": 2019}))
        assert after.replaced().empty
        assert_allclose(tonnes_of(after.table(), "2.1"), 20.8, rtol=1e-9)

    @settings(
        max_examples=15,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(kwh=st.floats(1, 1e6), covers=st.floats(0, 1), family=st.floats(0, 1))
    def test_total_is_map_less_replaced_plus_quantities(
        self, carbon: CarbonMap, posts_file: Writer, kwh: float, covers: float, family: float
    ) -> None:
        path = posts_file(
            {"quantity": kwh, "covers": covers},
            {
                "quantity": kwh,
                "replaces_kind": "family",
                "replaces": "09.01",
                "covers": min(family, 1 - covers),
            },
        )
        found = make_posts(carbon, 2023, physical=path)
        taken = covers * 15.6 + min(family, 1 - covers) * 20.8
        whole = carbon.total(2023).emissions_tco2e[0] - taken + 2 * kwh * KWH / 1000
        assert_allclose(found.total().tco2e[0], whole, rtol=1e-6, atol=1e-6)
        assert_allclose(found.table().tco2e.sum(), whole, rtol=1e-6, atol=1e-6)
        assert_allclose(found.replaced().before_tco2e.sum(), taken, rtol=1e-6, atol=1e-6)


class TestErrors:
    def test_a_quantity_has_the_error_of_its_factor(
        self, make_map: Maker, posts_file: Writer
    ) -> None:
        carbon = make_map({"family": "09.01", "amount_ht": "20050"}, by=ALL)
        path = posts_file({"replaces_kind": "family", "replaces": "09.01"})
        row = make_posts(carbon, 2023, physical=path).table().set_index("post").loc["2.1"]
        # Base Carbone publishes ± 10 %, read as half of a 95 % interval: cv = 0.10 / 1.96.
        sigma = sqrt(log(1 + (0.10 / NormalDist().inv_cdf(0.975)) ** 2))
        bounds = [15.6 * exp(-(sigma**2) / 2 + z * sigma) for z in (-1.959964, 1.959964)]
        assert_allclose([row.low_tco2e, row.high_tco2e], bounds, rtol=1e-6)

    def test_it_is_shared_with_other_quantities_of_the_factor(
        self, carbon: CarbonMap, posts_file: Writer
    ) -> None:
        # Two halves of one quantity err as the whole: independent, they would err √2 times less.
        one = posts_file({}, name="un.csv")
        two = posts_file(*[{"quantity": 150_000.0, "batch": "b"}] * 2, name="deux.csv")
        tables = [make_posts(carbon, 2023, physical=path).total() for path in (one, two)]
        assert_allclose(tables[0].high_tco2e, tables[1].high_tco2e, rtol=1e-9)

    def test_in_a_difference_the_factor_s_error_cancels(
        self, make_map: Maker, posts_file: Writer
    ) -> None:
        line = {"family": "09.01", "contract": "M1", "amount_ht": "20050"}
        carbon = make_map(line | {"quantity": "100000", "unit": "kWh"}, by=ALL)
        row = make_posts(carbon, 2023, physical=posts_file({"quantity": 110_000.0})).replaced()
        # By the meter 5.72 t = 5.72 F; before, 5.2 t = 5.2 F B, with the family's bridge B of 5 %:
        # var = a²(v−1) + b²(vb−1) − 2ab(v−1), with v = 1 + cv_F² and b = 1 + cv_B².
        factor = 1 + (0.10 / NormalDist().inv_cdf(0.975)) ** 2
        bridge, after, before = 1 + 0.05**2, 5.72, 5.2
        variance = (
            after**2 * (factor - 1)
            + before**2 * (factor * bridge - 1)
            - 2 * after * before * (factor - 1)
        )
        half = NormalDist().inv_cdf(0.975) * sqrt(variance)
        assert_allclose(row.difference_tco2e, [0.52], rtol=1e-9)
        assert_allclose(
            [row.low_difference_tco2e[0], row.high_difference_tco2e[0]],
            [0.52 - half, 0.52 + half],
            rtol=1e-6,
        )

    def test_an_estimate_is_wider(self, carbon: CarbonMap, posts_file: Writer) -> None:
        change = {"quality": "estimated", "error_95": 0.5}
        wide = make_posts(carbon, 2023, physical=posts_file(change, name="a.csv")).total()
        narrow = make_posts(carbon, 2023, physical=posts_file({}, name="b.csv")).total()
        assert wide.high_tco2e[0] > narrow.high_tco2e[0] + 1
        assert wide.tco2e[0] == pytest.approx(narrow.tco2e[0])


BAD = {
    "replaces nothing in the map": (
        [{"replaces": "M9"}],
        FieldError,
        ("replaces no spending", "M9", "row 2"),
    ),
    "family without spending": (
        [{"replaces_kind": "family", "replaces": "09.04", "post": "1.1"}],
        FieldError,
        ("replaces no spending", "09.04"),
    ),
    "no code": ([{"replaces": None}], FieldError, ("which spending", "no code")),
    "code with « rien »": (
        [{"replaces_kind": "none", "post": "3.3"}],
        FieldError,
        ("which spending", "M1"),
    ),
    "« rien » for a post of purchases": (
        [{"replaces_kind": "none", "replaces": None}],
        FieldError,
        ("count twice", "2.1"),
    ),
    "same contract twice": ([{}, {}], FieldError, ("more than once", "200 %", "row 2, 3")),
    "shares above the whole": (
        [{"covers": 0.7}, {"covers": 0.4}],
        FieldError,
        ("more than once", "110 %"),
    ),
    "family and its contract": (
        [{"covers": 0.5}, {"replaces_kind": "family", "replaces": "09.01", "covers": 0.6}],
        FieldError,
        ("more than once", "contract and family 09.01", "row 3, 2"),
    ),
    "batch of two things": (
        [{"batch": "b"}, {"batch": "b", "replaces": "M2"}],
        FieldError,
        ("same spending", "M1", "M2"),
    ),
    "unknown unit": ([{"unit": "kWk"}], UnitError, ("no unit has this name", "kWk", "row 2")),
    "unit of something else": (
        [{"unit": "litres"}],
        UnitError,
        ("litres does not convert to kWh", "row 2", "Unité"),
    ),
    "gross for net calorific value": (
        [{"product": "natural-gas-ncv", "unit": "kWh PCS", "post": "1.1"}],
        UnitError,
        ("does not convert", "kWh PCI"),
    ),
    "unknown family": (
        [{"replaces_kind": "family", "replaces": "09.1"}],
        FieldError,
        ("no family has this code", "09.1", "did you mean"),
    ),
    "unknown post": ([{"post": "2.3"}], FieldError, ("no post has this number", "2.3")),
    "unknown product": (
        [{"product": "phys:electricty-fr"}],
        FieldError,
        ("no physical factor", "did you mean phys:electricity-fr"),
    ),
    "no post, for a contract": ([{"post": None}], FieldError, ("post of this quantity", "nothing")),
    "no post, several possible": (
        [{"post": None, "replaces_kind": "family", "replaces": "09"}],
        FieldError,
        ("post of this quantity", "1.1, 1.2, 2.1, 2.2"),
    ),
    "no quantity": ([{"quantity": 0.0}], FieldError, ("without quantity", "more than 0")),
    "negative quantity": ([{"quantity": -5.0}], FieldError, ("Quantité", "at least 0")),
    "estimate without error": ([{"quality": "estimated"}], FieldError, ("states its error",)),
    "covers more than all": ([{"covers": 1.5}], FieldError, ("Part couverte", "at most 1")),
    "combustion alone": (
        [{"product": "natural-gas-gcv-combustion", "unit": "kWh PCS", "post": "1.1"}],
        FieldError,
        ("combustion and its upstream", "phys:natural-gas-gcv-combustion", "row 2"),
    ),
    "two rows of one name": ([{}, {"entry": "E1"}], FieldError, ("entry, year", "E1, 2023")),
}


class TestDamage:
    @pytest.mark.parametrize("name", BAD)
    def test_it_is_named_and_nothing_is_computed(
        self, carbon: CarbonMap, posts_file: Writer, name: str
    ) -> None:
        changes, kind, facts = BAD[name]
        with pytest.raises(kind) as caught:
            make_posts(carbon, 2023, physical=posts_file(*changes))
        assert isinstance(caught.value, LccError)
        assert caught.value.file == "physique.csv" or "entry, year" in facts
        message = str(caught.value).replace("%", " %").replace("  %", " %")
        for fact in facts:
            assert fact in message

    def test_a_contract_needs_the_map_by_contract(
        self, make_map: Maker, posts_file: Writer
    ) -> None:
        carbon = make_map(*SPENDING)
        with pytest.raises(FieldError, match="make the map again with by"):
            make_posts(carbon, 2023, physical=posts_file({}))

    def test_contract_and_account_may_be_the_same_lines(
        self, make_map: Maker, posts_file: Writer
    ) -> None:
        carbon = make_map({"account": "60612", "contract": "M1", "amount_ht": "1000"}, by=ALL)
        path = posts_file({}, {"replaces_kind": "account", "replaces": "60612"})
        with pytest.raises(FieldError, match="contract and account"):
            make_posts(carbon, 2023, physical=path)

    @pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2), (2, 1, 0)])
    def test_the_contract_replaced_most_counts_beside_an_account(
        self, make_map: Maker, posts_file: Writer, order: tuple[int, ...]
    ) -> None:
        line = {"account": "60612", "amount_ht": "1000", "section": "operating"}
        carbon = make_map(line | {"contract": "A"}, line | {"contract": "B"}, by=ALL)
        rows = [
            {"replaces": "A", "covers": 0.2},
            {"replaces": "B"},
            {"replaces_kind": "account", "replaces": "60612", "covers": 0.5},
        ]
        # B is in the account: all of it and half of it are 150 %, whatever A is.
        with pytest.raises(FieldError, match=r"contract and account of family 09\.10: 150%"):
            make_posts(carbon, 2023, physical=posts_file(*(rows[each] for each in order)))

    def test_family_contract_and_account_add_up(self, make_map: Maker, posts_file: Writer) -> None:
        carbon = make_map(
            {"family": "09.01", "account": "60612", "contract": "M1", "amount_ht": "1000"}, by=ALL
        )
        share = {"covers": 0.4}
        rows = [
            share,
            share | {"replaces_kind": "account", "replaces": "60612"},
            share | {"replaces_kind": "family", "replaces": "09.01"},
        ]
        with pytest.raises(FieldError, match=r"contract and account and family 09\.01: 120%"):
            make_posts(carbon, 2023, physical=posts_file(*rows))
        # Two parts of one contract, and a part of its family: 0.3 + 0.3 + 0.5.
        part = {"covers": 0.3}
        family = {"replaces_kind": "family", "replaces": "09.01", "covers": 0.5}
        with pytest.raises(FieldError, match=r"contract and family 09\.01: 110%"):
            make_posts(carbon, 2023, physical=posts_file(part, part, family))

    def test_a_foreign_header_is_refused(self, carbon: CarbonMap, tmp_path: Path) -> None:
        path = tmp_path / "autre.csv"
        with path.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, delimiter=";").writerows([["Identifiant", "Puissance"], ["a", "3"]])
        with pytest.raises(InputError, match="Puissance"):
            make_posts(carbon, 2023, physical=path)

    def test_a_workbook_reads_the_same(self, carbon: CarbonMap, posts_file: Writer) -> None:
        tables = [
            make_posts(carbon, 2023, physical=posts_file({}, name=name)).table()
            for name in ("p.csv", "p.xlsx")
        ]
        assert tables[0].equals(tables[1])
        assert {"Quantité", "Remplace", "Part couverte"} <= {
            field.title for field in schema("physical_post").fields
        }
