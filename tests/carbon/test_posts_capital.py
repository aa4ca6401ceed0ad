"""Capital goods in the year of purchase or over their life, never both in one series."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from lcc.carbon.posts import join_posts, make_posts
from lcc.carbon.posts.capital import calc_annuity, find_life
from lcc.carbon.result import CarbonMap
from lcc.errors import FieldError
from lcc.tables import load_reference

RATIO = {2022: 0.238, 2023: 0.216}
"""kgCO2e per euro HT at basic prices of computers (SDES GES.501, C26)."""

LIFE = 4
"""Years of segment 11 in asset_life.csv: within the 2 to 5 of the decree's schedule."""


@pytest.fixture(scope="module")
def carbon(make_shared_map: Callable[..., CarbonMap]) -> CarbonMap:
    """Return the map of computers bought in two years, and of paper."""
    computers = {"family": "11.01", "section": "capital"}
    return make_shared_map(
        computers | {"budget_year": 2022, "amount_ht": "100000", "date": "2022-05-01"},
        computers | {"budget_year": 2023, "amount_ht": "200000"},
        {"family": "11.01", "section": "operating", "budget_year": 2023, "amount_ht": "5000"},
        {"family": "11.01", "budget_year": 2023, "amount_ht": "7000"},
        by=["family", "section"],
    )


def capital_tonnes(carbon: CarbonMap, year: int, convention: str) -> float:
    """Return the tonnes of post 4.2."""
    table = make_posts(carbon, year, capital_goods=convention).table().set_index("post")
    return float(table.loc["4.2", "tco2e"])


class TestConventions:
    def test_whole_in_the_year_of_purchase(self, carbon: CarbonMap) -> None:
        # The section is capital, or is not stated and computers usually are.
        assert_allclose(capital_tonnes(carbon, 2022, "purchase"), 100 * RATIO[2022], rtol=1e-9)
        assert_allclose(capital_tonnes(carbon, 2023, "purchase"), 207 * RATIO[2023], rtol=1e-9)
        goods = make_posts(carbon, 2023).table().set_index("post").loc["4.1", "tco2e"]
        assert_allclose(goods, 5 * RATIO[2023], rtol=1e-9)

    def test_in_equal_parts_over_the_life(self, carbon: CarbonMap) -> None:
        expected = (100 * RATIO[2022] + 207 * RATIO[2023]) / LIFE
        assert_allclose(capital_tonnes(carbon, 2023, "depreciated"), expected, rtol=1e-9)
        assert_allclose(
            capital_tonnes(carbon, 2022, "depreciated"), 100 * RATIO[2022] / LIFE, rtol=1e-9
        )

    def test_years_before_the_map_are_missing_not_invented(
        self, make_map: Callable[..., CarbonMap]
    ) -> None:
        both = {"family": "11.01", "section": "capital", "amount_ht": "100000"}
        carbon = make_map(both | {"budget_year": 2022}, both, by=["family", "section"])
        missing = make_posts(carbon, 2023, capital_goods="depreciated").missing_years()
        # A life of 4 years needs 2020 to 2023; the map holds 2022 and 2023.
        assert missing.iloc[0, :4].tolist() == [4, 2020, 2022, 2]
        assert make_posts(carbon, 2023).missing_years().empty

    def test_the_balance_shows_what_was_spread(self, carbon: CarbonMap) -> None:
        balance = make_posts(carbon, 2023, capital_goods="depreciated").balance()
        steps = balance.set_index("step").tco2e
        assert_allclose(steps["capital-out"], -207 * RATIO[2023], rtol=1e-9)
        assert_allclose(steps["total"], steps.drop("total").sum(), rtol=1e-9)

    def test_annuities_add_up_to_the_purchase(self) -> None:
        years = range(2010, 2040)
        for life in (1, 4, 25):
            parts = [calc_annuity(np.array([2015]), np.array([life]), year)[0] for year in years]
            assert_allclose(sum(parts), 1.0)
            assert parts[:5] == [0.0] * 5 and parts[5] == 1 / life


class TestRefusals:
    def test_two_conventions_never_add(self, carbon: CarbonMap) -> None:
        bought = make_posts(carbon, 2022)
        spread = make_posts(carbon, 2023, capital_goods="depreciated")
        with pytest.raises(FieldError, match="purchase and depreciated"):
            bought + spread
        with pytest.raises(FieldError, match="2022 and 2016"):
            join_posts([bought, make_posts(carbon, 2023, nomenclature="2016")])
        with pytest.raises(FieldError, match="twice"):
            bought + bought
        with pytest.raises(FieldError, match="at least one"):
            join_posts([])

    def test_one_convention_is_a_series(self, carbon: CarbonMap) -> None:
        series = make_posts(carbon, 2023) + make_posts(carbon, 2022)
        assert series.table().groupby("year").tco2e.sum().index.tolist() == [2022, 2023]
        with pytest.raises(FieldError, match="never add"):
            series + make_posts(carbon, 2022, capital_goods="depreciated")

    @pytest.mark.parametrize(
        ("change", "fact"),
        [
            ({"capital_goods": "linear"}, "linear"),
            ({"nomenclature": "2020"}, "2020"),
            ({"year": 1999}, "1999"),
        ],
    )
    def test_what_does_not_exist_is_named(
        self, carbon: CarbonMap, change: dict[str, object], fact: str
    ) -> None:
        with pytest.raises(FieldError, match=fact):
            make_posts(carbon, **({"year": 2023} | change))  # type: ignore[arg-type]


class TestLives:
    def test_the_most_precise_row_wins(self) -> None:
        assert find_life("11.01") == LIFE
        assert find_life("11.01", "M57:21848") == 12
        assert find_life("08.02") == 6 and find_life("08.01") == 7
        assert find_life("16.01") == find_life(None) == 10

    def test_lives_lie_in_their_range_and_say_why(self) -> None:
        for row in load_reference("procurement_map", "asset_life").to_pylist():
            assert row["low_years"] <= row["life_years"] <= row["high_years"]
            assert row["source"] or row["confidence"] == "low"


class TestDemonstration:
    def test_every_year_holds_everything_once(self, demo_map: CarbonMap) -> None:
        for year in demo_map.years:
            for nomenclature in ("2022", "2016"):
                found = make_posts(demo_map, year, nomenclature=nomenclature)
                whole = demo_map.total(year)
                assert_allclose(found.table().tco2e.sum(), whole.emissions_tco2e[0], rtol=1e-9)
                assert_allclose(found.table().spend_eur.sum(), whole.spend_eur[0], rtol=1e-12)
                # Splitting does not change the errors of the whole.
                assert_allclose(found.total().high_tco2e[0], whole.high_tco2e[0], rtol=1e-9)

    def test_categories_hold_their_posts(self, demo_map: CarbonMap) -> None:
        for nomenclature, scopes in (("2022", [1, 2, 3, 3, 3, 3]), ("2016", [1, 2, 3])):
            found = make_posts(demo_map, 2024, nomenclature=nomenclature)
            table, categories = found.table(), found.categories().set_index("category")
            assert categories.scope.tolist() == scopes
            sums = table.groupby("category").tco2e.sum()
            known = categories.tco2e.dropna()
            assert_allclose(known, sums[known.index], rtol=1e-9)
            assert_allclose(categories.spend_eur.sum(), table.spend_eur[:-1].sum(), rtol=1e-12)
            silent = table[table.status == "not-covered"].groupby("category").size()
            counted = categories.posts_not_covered[categories.posts_not_covered > 0]
            assert counted.to_dict() == silent.to_dict()
        six = make_posts(demo_map, 2024).categories().set_index("category")
        assert np.isnan(six.loc["5", "tco2e"]) and np.isnan(six.loc["6", "tco2e"])
        # Posts that share errors: the category is wider than if they were independent.
        rows = make_posts(demo_map, 2024).table()
        rows = rows[rows.category == "4"].fillna(0.0)
        apart = np.sqrt(((rows.high_tco2e - rows.low_tco2e) ** 2).sum())
        assert six.loc["4", "high_tco2e"] - six.loc["4", "low_tco2e"] > apart

    def test_every_tonne_has_its_judgement(self, demo_map: CarbonMap) -> None:
        for nomenclature in ("2022", "2016"):
            found = make_posts(demo_map, 2024, nomenclature=nomenclature)
            why = found.judgements()
            assert_allclose(why.tco2e.sum(), found.total().tco2e[0], rtol=1e-9)
            assert set(why.confidence) <= {"high", "medium", "low"} and why.reason.all()
            # Works of the capital section are capital goods for certain.
            works = why[(why.family == "01.01") & (why.rule == "purchase")]
            assert works.confidence.tolist() == ["high"]
            by_post = why.groupby("post").tco2e.sum()
            table = found.table().set_index("post").tco2e
            assert_allclose(by_post, table[by_post.index], rtol=1e-9)

    def test_the_old_posts_group_as_the_correspondence_says(self, demo_map: CarbonMap) -> None:
        new = make_posts(demo_map, 2024).table().set_index("post").tco2e
        old = make_posts(demo_map, 2024, nomenclature="2016").table().set_index("post").tco2e
        assert_allclose(old["8"] + old["9"], new["4.1"] + new["4.5"], rtol=1e-9)
        for before, after in (("1", "1.1"), ("6", "2.1"), ("10", "4.2"), ("11", "4.3")):
            assert_allclose(old[before], new[after], rtol=1e-9)


class TestMontpellier:
    def test_the_accounts_of_2018_reconcile_by_post(self, real_data: Path) -> None:
        from lcc.carbon.map import map_carbon

        path = real_data / "spending/montpellier_CA_2018_totem_M57.xml"
        carbon = map_carbon(path, by=["section", "account"])
        table = make_posts(carbon, 2018).table().set_index("post")
        # The accounts hold VAT, the map does not: each of its euros is in one post, to the cent.
        assert round(table.spend_eur.sum(), 2) == round(carbon.total(2018).spend_eur[0], 2)
        # Every purchase on an account of class 2 is a capital good, and no other is.
        cells = carbon.cells["account"].to_pandas()
        inside = cells[cells.scope_reason.isna()]
        capital = inside[inside.group_key.str.startswith("2")].spend_cents.sum() / 100
        assert capital > 0 and table.loc["4.2", "spend_eur"] == pytest.approx(capital)
