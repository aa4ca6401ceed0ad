"""Ranks of a map's groups: the closed form of two families of one ratio, what is not ranked.

Roads (02.01, CPV 45233140) and networks of pipes (03.01, CPV 45231300) take one monetary ratio,
construction (`procurement_map/family_factor.csv`). Their coefficients of variation are read in
the map's own factors and rules, that of a line in `emission_factors/error_default.csv`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.stats import norm

from lcc.carbon.ranks import rank_groups, say_likelihood
from lcc.carbon.result import CarbonMap
from lcc.errors import FieldError
from lcc.uncertainty.shared import Component, SharedErrors

MakeMap = Callable[..., CarbonMap]

ROADS = {"cpv": "45233140", "contract": "R1", "supplier_id": "S1", "supplier_name": "Route SA"}
PIPES = {"cpv": "45231300", "contract": "P1", "supplier_id": "S2", "supplier_name": "Tuyau SA"}
NOTHING_KNOWN = {"amount_ht": "400000.00", "supplier_id": "S3", "supplier_name": "Inconnu"}


WITH_UNKNOWN = (
    ROADS | {"amount_ht": "105000.00"}, PIPES | {"amount_ht": "100000.00"}, NOTHING_KNOWN
)  # fmt: skip


@pytest.fixture(scope="module")
def make_map(make_shared_map: MakeMap) -> MakeMap:
    made: dict[str, CarbonMap] = {}

    def make(*rows: dict[str, object], **choices: Any) -> CarbonMap:
        key = repr((rows, choices))
        if key not in made:
            made[key] = make_shared_map(*rows, **choices)
        return made[key]

    return make


def lines(family: dict[str, str], amount: float, count: int) -> list[dict[str, str]]:
    return [family | {"amount_ht": f"{amount / count:.2f}"} for _ in range(count)]


def log_variances(carbon: CarbonMap, family: str) -> dict[str, float]:
    """Return the log-variance of what the two families do not share."""
    row = next(each for each in carbon.factors.to_pylist() if each["family"] == family)
    rule = next(
        each for each in carbon.rules.to_pylist() if each["family"] == family and each["error_cv"]
    )
    return {
        "bridge": math.log1p(row["bridge_cv"] ** 2),
        "rule": math.log1p(rule["error_cv"] ** 2),
        "line": math.log1p(carbon.line_cv**2),
    }


class TestOneRatioForTwoFamilies:
    def test_five_percent_more_is_not_certainly_larger(self, make_map: MakeMap) -> None:
        """P(A > B) = Φ((ln 1.05 − (s_A² − s_B²)/2) / √(s_A² + s_B²)): source and product cancel.

        One line each: its error is one more lognormal, so that the form stays closed.
        """
        carbon = make_map(*lines(ROADS, 105_000, 1), *lines(PIPES, 100_000, 1))
        roads, pipes = (sum(log_variances(carbon, each).values()) for each in ("02.01", "03.01"))
        mean = math.log(1.05) - (roads - pipes) / 2
        expected = norm.cdf(mean / math.sqrt(roads + pipes))
        assert 0.5 < expected < 0.6
        found = rank_groups(carbon, "family", 2023, k=(1,), draws=40_000)
        first = found.table.iloc[0]
        error = math.sqrt(expected * (1 - expected) / 40_000)
        assert first["group"] == "02.01"
        assert first["p_top_1"] == pytest.approx(expected, abs=4 * error)
        assert first["p_top_1_low"] < first["p_top_1"] < first["p_top_1_high"]
        compared = found.compare("02.01", "03.01")
        assert compared.chances.probability == pytest.approx(expected, abs=4 * error)
        assert compared.chances.ratio == pytest.approx(math.exp(mean), rel=0.02)

    def test_what_makes_the_difference_and_what_cancels(self, make_map: MakeMap) -> None:
        carbon = make_map(*lines(ROADS, 105_000, 1), *lines(PIPES, 100_000, 1))
        causes = rank_groups(carbon, "family", 2023).compare("02.01", "03.01").causes
        causes = causes.set_index("component")
        for shared in ("source", "product"):
            assert causes.loc[shared, "ratio_share"] == 0
            assert causes.loc[shared, "cancelled_share"] == 1
        for apart in ("bridge", "rule"):
            assert causes.loc[apart, "cancelled_share"] == pytest.approx(0)
        # One kind at a time: cv² of each of the two, by hand.
        by_kind = {
            kind: sum(math.expm1(log_variances(carbon, each)[kind]) for each in ("02.01", "03.01"))
            for kind in ("bridge", "rule")
        }
        assert causes.loc["bridge", "ratio_share"] / causes.loc["rule", "ratio_share"] == (
            pytest.approx(by_kind["bridge"] / by_kind["rule"])
        )
        assert causes["ratio_share"].sum() == pytest.approx(1)
        assert causes["alone_share"].sum() == pytest.approx(1)

    def test_with_a_known_bridge_and_many_lines_it_is_certain(self, make_map: MakeMap) -> None:
        """A study that knows bridges and rules: what is left is shared, and single lines."""
        carbon = make_map(*lines(ROADS, 150_000, 400), *lines(PIPES, 100_000, 400))
        known = carbon.emissions().errors
        for component in (3, 4):
            known = known.without(component, np.ones(known.terms, dtype=bool))
        found = rank_groups(carbon, "family", 2023, k=(1,), draws=2_000, errors=known, top=1)
        assert found.table["p_top_1"].tolist() == [1, 0]
        assert found.table["leading"].tolist() == ["certain", "unlikely"]
        usual = rank_groups(carbon, "family", 2023, k=(1,), draws=2_000, top=1)
        assert usual.table.iloc[0]["leading"] != "certain"


class TestTable:
    def test_columns_and_sums(self, make_map: MakeMap) -> None:
        carbon = make_map(*lines(ROADS, 105_000, 1), *lines(PIPES, 100_000, 1))
        found = rank_groups(carbon, "family", 2023, k=(1, 5))
        table = found.table
        assert found.k == (1, 5, 10) and found.top == 10 and found.draws == 10_000
        assert found.seed == carbon.manifest["settings"]["seed"]
        assert table["rank"].tolist() == [1, 2]
        assert table["p_top_1"].sum() == pytest.approx(1)
        assert table["expected_rank"].sum() == pytest.approx(3)
        plain = carbon.table("family", 2023)
        columns = ["group", "emissions_tco2e", "low_tco2e", "high_tco2e", "spend_eur"]
        assert table[columns].to_dict() == plain[columns].to_dict()
        assert table["cumulated_high"].iloc[-1] == pytest.approx(1)
        assert table["cumulated_low"].iloc[0] < 105 / 205 < table["cumulated_high"].iloc[0]
        chances = found.chances.groupby("group")["probability"].sum()
        assert chances.tolist() == pytest.approx([1, 1])

    def test_what_has_no_factor_or_no_name_is_not_last_but_apart(self, make_map: MakeMap) -> None:
        carbon = make_map(*WITH_UNKNOWN, by="supplier")
        found = rank_groups(carbon, "supplier", 2023)
        assert found.table["group"].tolist() == ["S1", "S2"]
        assert found.not_ranked[["group", "spend_eur", "reason"]].to_dict("records") == [
            {"group": "S3", "spend_eur": 400_000.0, "reason": "not-covered"}
        ]
        by_family = rank_groups(carbon, "family", 2023)
        assert by_family.not_ranked["reason"].tolist() == ["not-stated"]

    def test_a_credit_note_ranks_by_its_value(self, make_map: MakeMap) -> None:
        credit = PIPES | {"amount_ht": "-50000.00"}
        carbon = make_map(*lines(ROADS, 105_000, 1), credit)
        table = rank_groups(carbon, "family", 2023, k=(1,)).table
        assert table["p_top_1"].tolist() == [1, 0]
        assert table["p_class_a"].tolist() == [1, 0]
        assert math.isnan(table["cumulated_low"].iloc[1])

    def test_a_seed_gives_the_same_bytes(self, make_map: MakeMap) -> None:
        carbon = make_map(*lines(ROADS, 105_000, 1), *lines(PIPES, 100_000, 1))
        first, again, other = (
            rank_groups(carbon, "family", 2023, draws=1_000, seed=seed).table.to_csv()
            for seed in (1, 1, 2)
        )
        assert first == again != other


class TestDamage:
    def test_dimensions_and_choices(self, make_map: MakeMap) -> None:
        carbon = make_map(*lines(ROADS, 105_000, 1), *lines(PIPES, 100_000, 1))
        with pytest.raises(FieldError, match="was not made by this dimension"):
            rank_groups(carbon, "supplier")
        with pytest.raises(FieldError, match="no such year"):
            rank_groups(carbon, "family", 1999)
        with pytest.raises(FieldError, match=r"(?s)field draws.*found: 50"):
            rank_groups(carbon, "family", draws=50)
        with pytest.raises(FieldError, match="field top"):
            rank_groups(carbon, "family", top=0)
        other = SharedErrors([Component(np.arange(1), np.ones(1))])
        with pytest.raises(FieldError, match=r"(?s)field errors.*found: 1 terms"):
            rank_groups(carbon, "family", errors=other)

    def test_nothing_to_rank(self, make_map: MakeMap) -> None:
        carbon = make_map(*WITH_UNKNOWN, by="supplier")
        with pytest.raises(FieldError, match="no group can be ranked"):
            rank_groups(carbon, "supplier", family="09")

    def test_comparisons(self, make_map: MakeMap) -> None:
        carbon = make_map(*WITH_UNKNOWN, by="supplier")
        found = rank_groups(carbon, "supplier", 2023)
        with pytest.raises(FieldError, match=r"(?s)no rank.*S3 \(without a factor\)"):
            found.compare("S1", "S3")
        with pytest.raises(FieldError, match=r"(?s)S9.*expected: S1, S2"):
            found.compare("S9", "S1")
        with pytest.raises(FieldError, match="S1 twice"):
            found.compare("S1", "S1")


def test_words_hold_beyond_the_noise_of_draws() -> None:
    """Wilson at 95 %: of 10 000 draws, 95.2 % leave 94.8 % open, 95.6 % no less than 95.2 %."""
    assert say_likelihood(0.952, 10_000) == "likely"
    assert say_likelihood(0.956, 10_000) == "certain"
    assert say_likelihood(0.5, 10_000) == "open"
    assert say_likelihood(0.32, 1_000) == "open"
    assert say_likelihood(0.30, 10_000) == "unlikely"
    assert say_likelihood(1.0, 100) == "certain"
    assert say_likelihood(1.0, 10) == "likely"
