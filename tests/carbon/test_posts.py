"""Regulatory posts: nomenclatures, families, and which share of a cell goes where."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray

from lcc.carbon.factors import load_factors
from lcc.carbon.posts import assign_posts, convert_post, infer_capital, load_posts
from lcc.carbon.result import CarbonMap
from lcc.errors import FieldError
from lcc.tables import load_reference, schema

DIESEL_COMBUSTION, DIESEL_UPSTREAM = 2.51279, 0.61101
"""kgCO2e per litre, DESNZ 2024, sheets Fuels and WTT- fuels (average biofuel blend)."""

DIESEL_USE = DIESEL_COMBUSTION / (DIESEL_COMBUSTION + DIESEL_UPSTREAM)


def cells_of(*rows: dict[str, object]) -> pa.Table:
    """Return cells of year 2023, one line each, with what the rows say."""
    default = {"budget_year": 2023, "line_count": 1, "spend_cents": 100_000}
    return pa.Table.from_pylist([default | row for row in rows], schema=schema("cell").arrow())


def factors_of(*products: str) -> pa.Table:
    """Return applied factors of some products, keyed by their rank."""
    rows = [
        {
            "factor_key": rank,
            "family": "09.05",
            "method": "physical",
            "product": product,
            "unit": "litres",
            "kgco2e_per_unit": 3.1,
            "factor_cv": 0.05,
            "bridge_cv": 0.05,
            "source": "ademe-base-carbone",
            "source_share": 0.1,
            "quality": 1,
        }
        for rank, product in enumerate(products)
    ]
    return pa.Table.from_pylist(rows, schema=schema("applied_factor").arrow())


class TestNomenclatures:
    def test_the_decree_has_22_posts_in_6_categories(self) -> None:
        # Counts of the decree, verified; numbers per category: 5, 2, 5, 5, 4, 1.
        posts = load_posts("2022").values()
        counts = np.bincount([int(each.category) for each in posts], minlength=7)[1:]
        assert counts.tolist() == [5, 2, 5, 5, 4, 1]
        assert all(each.post.startswith(f"{each.category}.") for each in posts)

    def test_the_method_before_had_23(self) -> None:
        assert list(load_posts("2016")) == [str(rank) for rank in range(1, 24)]
        # Numbers met in published inventories of towns.
        assert load_posts("2016")["22"].label_fr == "Déplacements domicile-travail"
        assert load_posts("2016")["10"].label_fr == "Immobilisations de biens"

    def test_the_correspondence_is_complete_both_ways(self) -> None:
        rows = load_reference("procurement_map", "beges_correspondence").to_pylist()
        assert {row["post_2016"] for row in rows} == set(load_posts("2016"))
        assert {row["post_2022"] for row in rows} == set(load_posts("2022"))
        for old in load_posts("2016"):
            for new in convert_post(old):
                assert old in convert_post(new, "2022", "2016")

    def test_it_is_many_to_many(self) -> None:
        assert convert_post("9") == ("4.1", "4.5")
        assert convert_post("8") == ("4.1",)
        assert convert_post("6.1", "2022", "2016") == ("20", "23")

    def test_what_does_not_exist_is_named(self) -> None:
        with pytest.raises(FieldError, match="2030"):
            load_posts("2030")
        with pytest.raises(FieldError, match="24"):
            convert_post("24")


class TestFamilies:
    def test_every_family_has_posts_of_both_nomenclatures(self) -> None:
        families = {
            row["family"]
            for row in load_reference("procurement_map", "families").to_pylist()
            if row["segment"]
        }
        rows = load_reference("procurement_map", "family_post").to_pylist()
        assert {row["family"] for row in rows} == families
        for family in families:
            parts = {row["part"]: row for row in rows if row["family"] == family}
            assert set(parts) in ({"use", "upstream"}, {"operating", "capital"})
            assert sum(row["by_default"] for row in parts.values()) == 1
        for row in rows:
            assert row["post_2022"] in load_posts("2022")
            assert row["post_2016"] in load_posts("2016")
            # The two posts of a row agree with the correspondence.
            assert row["post_2022"] in convert_post(row["post_2016"])

    def test_posts_no_family_leads_to_are_those_purchases_cannot_tell(self) -> None:
        rows = load_reference("procurement_map", "family_post").to_pylist()
        for nomenclature in ("2022", "2016"):
            told = {row[f"post_{nomenclature}"] for row in rows}
            posts = load_posts(nomenclature).values()
            assert told == {each.post for each in posts if each.from_purchases}


class TestShares:
    def test_diesel_is_split_by_the_published_stages(self) -> None:
        known = {row["product"]: row["value"] for row in load_factors("physical").to_pylist()}
        assert known["phys:diesel-combustion"] == DIESEL_COMBUSTION
        assert known["phys:diesel-upstream"] == DIESEL_UPSTREAM
        shares = assign_posts(
            cells_of({"family": "09.05", "factor_key": 0}), factors_of("phys:diesel")
        )
        assert shares.post.tolist() == ["1.2", "4.1"]
        assert_allclose(shares.share, [DIESEL_USE, 1 - DIESEL_USE], rtol=1e-12)
        assert shares.principal.tolist() == [True, False]
        assert shares.reason.tolist() == ["ratio", "ratio"]

    def test_gas_factors_add_up_to_their_stages(self) -> None:
        # DESNZ 2024: 0.18290 + 0.03021 = 0.21311 kgCO2e/kWh gross.
        shares = assign_posts(
            cells_of({"family": "09.02", "factor_key": 0}), factors_of("phys:natural-gas-gcv")
        )
        assert_allclose(shares.share * 0.21311, [0.1829, 0.03021], rtol=1e-9)
        assert shares.post.tolist() == ["1.1", "4.1"]

    def test_old_posts_hold_upstream_energy_apart(self) -> None:
        shares = assign_posts(
            cells_of({"family": "09.05", "factor_key": 0}), factors_of("phys:diesel"), "2016"
        )
        assert shares.post.tolist() == ["2", "8"]

    def test_what_no_row_splits_is_whole_and_flagged(self) -> None:
        shares = assign_posts(
            cells_of({"family": "09.01", "factor_key": 0}), factors_of("phys:electricity-fr")
        )
        assert (shares.post.tolist(), shares.share.tolist()) == (["2.1"], [1.0])
        assert shares.reason.tolist() == ["not-split"]

    def test_a_ratio_that_stops_at_delivery_is_upstream_and_its_euros_are_not(self) -> None:
        shares = assign_posts(
            cells_of({"family": "09.05", "factor_key": 0}), factors_of("sdes:C19")
        )
        assert (shares.post.tolist(), shares.share.tolist()) == (["1.2", "4.1"], [0.0, 1.0])
        assert shares.principal_of(1).tolist() == ["1.2"]

    def test_section_then_account_then_habit_say_what_is_capital(self) -> None:
        cells = cells_of(
            {"family": "11.01", "code_rule": "M57:6068"},
            {"family": "11.01", "code_rule": "M57:2183"},
            {"family": "11.01", "code_rule": "cpv:302"},
            {"family": "13.02", "code_rule": "cpv:301"},
            {"family": "09.05", "code_rule": "M57:2183"},
        )
        told = assign_posts(cells, factors_of())
        assert told.post.tolist() == ["4.1", "4.2", "4.2", "4.1", "1.2"]
        assert told.reason.tolist()[:4] == ["purchase"] * 2 + ["usual-section"] * 2
        assert infer_capital(cells)[:4].tolist() == [False, True, True, False]
        section = np.array([True, False, False, True, True])
        given = assign_posts(cells, factors_of(), capital=section)
        assert given.post.tolist() == ["4.2", "4.1", "4.1", "4.2", "1.2"]

    def test_scope_and_unclassified(self) -> None:
        cells = cells_of(
            {"family": "11.01", "scope_reason": "wages"}, {"family": None}, {"family": "06.01"}
        )
        shares = assign_posts(cells, factors_of())
        assert shares.cell.tolist() == [1, 2]
        assert shares.post.tolist() == [None, "4.3"]
        assert shares.reason.tolist() == ["no-family", "usual-section"]

    def test_no_cell_at_all(self) -> None:
        shares = assign_posts(cells_of(), factors_of())
        assert shares.cell.size == shares.share.size == 0

    @pytest.mark.parametrize("capital", [np.array([True, False]), np.array([1])])
    def test_the_section_is_one_truth_value_per_cell(self, capital: NDArray[np.bool_]) -> None:
        with pytest.raises(FieldError, match="one truth value per cell"):
            assign_posts(cells_of({"family": "11.01"}), factors_of(), capital=capital)

    def test_shares_of_the_demonstration_sum_to_one(self, demo_map: CarbonMap) -> None:
        cells, factors = demo_map.cells["section"], demo_map.factors
        for nomenclature in ("2022", "2016"):
            shares = assign_posts(cells, factors, nomenclature)
            sums = np.bincount(shares.cell, shares.share, minlength=cells.num_rows)
            inside = np.asarray(cells["scope_reason"].is_null().to_numpy(), dtype=bool)
            assert_allclose(sums, inside.astype(float), atol=1e-12)
            once = np.bincount(shares.cell, shares.principal, minlength=cells.num_rows)
            assert once.tolist() == inside.astype(float).tolist()
