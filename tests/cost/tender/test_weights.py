"""Weights: those stated, those a buyer chose, and all those a rule admits."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from lcc.cost.tender.comparison.weights import (
    ChosenWeights,
    centroid_of_ranks,
    draw_weights,
    load_chosen_weights,
    settle_weights,
    weight_vertices,
)
from lcc.cost.tender.evaluation.evaluate import evaluate_tender
from lcc.cost.tender.publication.tender_file import build_tender
from lcc.cost.tender.rule.published import Tender
from lcc.errors import FieldError

sys.path.insert(0, str(Path(__file__).parent))
from refuse_collection import make_bids, make_content, make_rule

CHOICE = ChosenWeights({"price": 45, "technique": 33, "co2": 22}, date(2026, 10, 30), "Achats")


def ranged(*limits: Any) -> Tender:
    content = make_content()
    for criterion, each in zip(content["criteria"], limits, strict=True):
        if isinstance(each, list):
            del criterion["weight"]
            criterion["weight_range"] = each
        else:
            criterion["weight"] = each
    return build_tender(content)


RANGES = ranged([35, 50], [30, 40], [15, 30])


def ranked() -> Tender:
    content = make_content(scoring={"weighting_justification": "Raisons de l'annexe."})
    for criterion, rank in zip(content["criteria"], (2, 1, 3), strict=True):
        del criterion["weight"]
        criterion["rank"] = rank
    return build_tender(content)


class TestSettled:
    def test_points(self) -> None:
        assert settle_weights(make_rule()) == {"price": 40, "technique": 35, "co2": 25}

    def test_a_range_without_a_choice_is_refused(self) -> None:
        with pytest.raises(FieldError, match="before the bids are opened"):
            settle_weights(RANGES)

    def test_a_choice_within_the_ranges(self) -> None:
        result = evaluate_tender(RANGES, make_bids(), chosen_weights=CHOICE)
        # 45 × 62/100 = 27.90.
        assert result.lot().result("a").scores["price"].points == 27.90
        chosen = result.to_json()["chosen_weights"]
        assert chosen is not None and chosen["date"] == "2026-10-30"

    @pytest.mark.parametrize(
        ("points", "message"),
        [
            ({"price": 55, "technique": 30, "co2": 15}, "35 to 50"),
            ({"price": 45, "technique": 33, "co2": 20}, "do not make 100"),
            ({"price": 60, "technique": 40}, "not those of the criteria"),
        ],
    )
    def test_a_choice_outside_is_refused(self, points: dict[str, float], message: str) -> None:
        with pytest.raises(FieldError, match=message):
            settle_weights(RANGES, ChosenWeights(points, date(2026, 10, 30)))

    def test_a_choice_is_not_a_way_to_change_points(self) -> None:
        with pytest.raises(FieldError, match="40 to 40"):
            settle_weights(make_rule(), CHOICE)

    def test_a_choice_made_after_the_first_bid_came_in_is_told(self) -> None:
        from dataclasses import replace

        bids = [replace(bid, received=date(2026, 10, 29)) for bid in make_bids()]
        notes = evaluate_tender(RANGES, bids, chosen_weights=CHOICE).notes
        assert any("avant" in each or "précède l'ouverture" in each for each in notes)

    def test_from_a_file(self, tmp_path: Path) -> None:
        path = tmp_path / "poids.toml"
        path.write_text(
            'date = 2026-10-30\nby = "Achats"\n[points]\nprice = 45\ntechnique = 33\nco2 = 22\n',
            encoding="utf-8",
        )
        assert load_chosen_weights(path) == CHOICE

    def test_ranks_stand_for_their_centre(self) -> None:
        # Barron and Barrett (1996), three ranks: 11/18, 5/18, 2/18.
        expected = {"technique": 1100 / 18, "price": 500 / 18, "co2": 200 / 18}
        assert settle_weights(ranked()) == pytest.approx(expected)

    @pytest.mark.parametrize("ranks", range(1, 9))
    def test_the_centre_of_ranks_makes_a_hundred_and_decreases(self, ranks: int) -> None:
        weights = centroid_of_ranks(ranks)
        assert weights.sum() == pytest.approx(100) and (np.diff(weights) < 0).all()


class TestAdmissible:
    def test_points_admit_one_weighting(self) -> None:
        rng = np.random.default_rng(1)
        assert_allclose(draw_weights(make_rule(), 5, rng), [[40, 35, 25]] * 5)
        assert_allclose(weight_vertices(make_rule()), [[40, 35, 25]])

    def test_corners_of_ranges_by_hand(self) -> None:
        # 35 ≤ a ≤ 50, 30 ≤ b ≤ 40, 15 ≤ c ≤ 30, sum 100: two at an end, the third what is left.
        expected = {(35, 35, 30), (35, 40, 25), (40, 30, 30), (45, 40, 15), (50, 30, 20),
                    (50, 35, 15)}  # fmt: skip
        assert {tuple(each) for each in weight_vertices(RANGES)} == expected

    def test_a_fixed_weight_beside_ranges(self) -> None:
        rule = ranged(40, [30, 40], [20, 30])
        assert {tuple(each) for each in weight_vertices(rule)} == {(40, 30, 30), (40, 40, 20)}
        drawn = draw_weights(rule, 1000, np.random.default_rng(2))
        assert_allclose(drawn.sum(axis=1), 100)
        # Even along the only edge: mean in the middle, deviation of a uniform, 10/√12.
        assert drawn[:, 1].mean() == pytest.approx(35, abs=0.4)
        assert drawn[:, 1].std() == pytest.approx(10 / np.sqrt(12), rel=0.05)

    def test_draws_keep_to_the_ranges(self) -> None:
        drawn = draw_weights(RANGES, 2000, np.random.default_rng(3))
        assert_allclose(drawn.sum(axis=1), 100)
        assert (drawn >= [35, 30, 15]).all() and (drawn <= [50, 40, 30]).all()

    def test_draws_are_even_as_those_of_rejection(self) -> None:
        """The walk against exact sampling: uniform points of the plane, kept where admissible."""
        rng = np.random.default_rng(4)
        square = rng.uniform([35, 30], [50, 40], size=(60_000, 2))
        third = 100 - square.sum(axis=1)
        exact = np.column_stack([square, third])[(third >= 15) & (third <= 30)]
        drawn = draw_weights(RANGES, 20_000, np.random.default_rng(5))
        assert_allclose(drawn.mean(axis=0), exact.mean(axis=0), atol=0.1)
        assert_allclose(np.cov(drawn.T), np.cov(exact.T), atol=0.4)

    def test_ranks_keep_their_order_and_their_centre(self) -> None:
        drawn = draw_weights(ranked(), 40_000, np.random.default_rng(6))
        assert (drawn[:, 1] >= drawn[:, 0]).all() and (drawn[:, 0] >= drawn[:, 2]).all()
        # The mean of the even distribution is the centroid: 5/18, 11/18, 2/18.
        assert_allclose(drawn.mean(axis=0), [500 / 18, 1100 / 18, 200 / 18], atol=0.3)
        corners = {tuple(np.round(each, 6)) for each in weight_vertices(ranked())}
        third = round(100 / 3, 6)
        assert corners == {(0, 100, 0), (50, 50, 0), (third, third, third)}
