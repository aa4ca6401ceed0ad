"""Formulas: marks by hand, degenerate cases, and what holds for all bids."""

from __future__ import annotations

import doctest
from types import ModuleType

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from lcc.cost.tender.comparison import weights
from lcc.cost.tender.rule import expression
from lcc.cost.tender.rule.expression import parse_expression
from lcc.cost.tender.rule.published import Criterion, Parameter
from lcc.cost.tender.rule.scoring import (
    FORMULAS,
    admits_nil,
    calc_marks,
    find_undefined,
    round_marks,
)
from lcc.errors import FieldError

PARAMETERS: dict[str, dict[str, Parameter]] = {
    "proportional": {},
    "proportional-power": {"exponent": 2.0},
    "linear-bounds": {"bounds": (80.0, 200.0)},
    "linear-multiple": {"multiple": 2.0},
    "expression": {"expression": "W * P_min / P"},
}


def criterion(formula: str, better: str = "lower", **parameters: Parameter) -> Criterion:
    given = parameters or PARAMETERS.get(formula, {})
    return Criterion("price", "Prix", "measured", formula, given, weight=40.0, better=better)


def marks(formula: str, values: list[float], better: str = "lower", **parameters: Parameter):
    return calc_marks(criterion(formula, better, **parameters), np.array(values), 40.0)


prices = st.lists(st.floats(1.0, 1e7), min_size=1, max_size=8)


class TestByHand:
    def test_proportional(self) -> None:
        # 40 × 100 / P.
        assert_allclose(marks("proportional", [100, 125, 200, 400]), [40, 32, 20, 10])

    def test_proportional_where_more_is_better(self) -> None:
        # 40 × P / 80.
        assert_allclose(marks("proportional", [80, 40, 20, 0], "higher"), [40, 20, 10, 0])

    def test_proportional_to_a_power(self) -> None:
        # 40 × (100/200)² = 10.
        assert_allclose(marks("proportional-power", [100, 200]), [40, 10])

    def test_linear_between_bounds(self) -> None:
        # 40 × (200 − P) / 120, from 0 to 40.
        expected = [40, 40, 20, 0, 0]
        assert_allclose(marks("linear-bounds", [50, 80, 140, 200, 500]), expected)
        assert_allclose(marks("linear-bounds", [80, 140, 200], "higher"), [0, 20, 40])

    def test_linear_to_a_multiple(self) -> None:
        # 40 × (2 × 100 − P) / 100, never under 0.
        assert_allclose(marks("linear-multiple", [100, 150, 200, 300]), [40, 20, 0, 0])

    def test_jury(self) -> None:
        jury = Criterion("t", "T", "jury", "jury-scale", weight=35.0, scale=20.0)
        assert_allclose(calc_marks(jury, np.array([20.0, 12.0, 0.0]), 35.0), [35, 21, 0])
        best = Criterion("t", "T", "jury", "jury-best", weight=35.0, scale=20.0)
        assert_allclose(calc_marks(best, np.array([16.0, 12.0, 0.0]), 35.0), [35, 26.25, 0])
        assert_allclose(calc_marks(best, np.array([0.0, 0.0]), 35.0), [0, 0])

    def test_a_formula_of_the_buyer_s_own_is_not_defined_for_nil(self) -> None:
        """Higher is better, and the formula divides by P: nil would have endless points."""
        own = {"expression": "W * (1 - P_min / (2 * P))"}
        criterion = Criterion("p", "P", "measured", "expression", own, 40.0, better="higher")
        assert find_undefined(criterion, np.array([0.0, 1.0])).tolist() == [True, False]
        assert not admits_nil(criterion)
        with pytest.raises(FieldError, match="not defined for a value"):
            calc_marks(criterion, np.array([0.0, 1.0]), 40.0)

    def test_a_mark_that_is_no_number_is_refused(self) -> None:
        """W × (P_max - P) ÷ (P_max - P_min) of equal bids is nil over nil."""
        own = {"expression": "W * (P_max - P) / (P_max - P_min)"}
        criterion = Criterion("p", "P", "measured", "expression", own, 40.0)
        with pytest.raises(FieldError, match="no number"):
            calc_marks(criterion, np.array([5.0, 5.0]), 40.0)

    def test_an_expression_out_of_twenty(self) -> None:
        # 20 × 100/200 = 10 out of 20: 20 of 40 points.
        twenty = Criterion(
            "p", "P", "price", "expression", {"expression": "20 * P_min / P"}, 40.0, scale=20.0
        )
        assert_allclose(calc_marks(twenty, np.array([100.0, 200.0]), 40.0), [40, 20])

    def test_marks_of_many_draws_at_once(self) -> None:
        table = np.array([[100.0, 200.0], [300.0, 150.0]])
        assert_allclose(calc_marks(criterion("proportional"), table, 40.0), [[40, 20], [20, 40]])

    @pytest.mark.parametrize(
        ("mark", "rounded"),
        [(22.545454, 22.55), (19.076923, 19.08), (2.675, 2.68), (0.285, 0.29), (0.284999, 0.28)],
    )
    def test_halves_are_rounded_up(self, mark: float, rounded: float) -> None:
        # Binary floats hold 2.675 and 0.285 a hair below; a buyer rounds the decimals read.
        assert round_marks(np.array([mark]), 2)[0] == pytest.approx(rounded, abs=1e-12)


class TestDegenerate:
    @pytest.mark.parametrize("formula", ["proportional", "proportional-power", "linear-multiple"])
    def test_a_single_bid_has_all_points(self, formula: str) -> None:
        assert_allclose(marks(formula, [123.0]), [40])

    @pytest.mark.parametrize("formula", list(PARAMETERS))
    def test_equal_bids_have_equal_marks(self, formula: str) -> None:
        found = marks(formula, [120.0, 120.0, 120.0])
        assert np.ptp(found) == 0

    @pytest.mark.parametrize("value", [0.0, -5.0, float("nan"), float("inf")])
    @pytest.mark.parametrize("formula", ["proportional", "proportional-power", "linear-multiple"])
    def test_a_zero_or_negative_value_is_refused(self, formula: str, value: float) -> None:
        with pytest.raises(FieldError, match="linear-bounds"):
            marks(formula, [100.0, value])

    def test_bounds_mark_zero_and_negative_costs(self) -> None:
        # A contract that brings revenue: 40 × (200 + 100) / (200 + 200) = 30.
        found = marks("linear-bounds", [-100.0, 0.0, -300.0], bounds=(-200.0, 200.0))
        assert_allclose(found, [30, 20, 40])

    def test_no_bid_has_no_mark(self) -> None:
        assert marks("proportional", []).size == 0

    @pytest.mark.parametrize("formula", FORMULAS.values(), ids=lambda each: each.name)
    def test_the_annex_can_tell_each_formula(self, formula) -> None:
        assert formula.label and formula.sentence and formula.where and formula.degenerate
        assert formula.text or formula.name == "expression"


class TestProperties:
    @given(prices, st.sampled_from(sorted(PARAMETERS)))
    def test_marks_lie_between_zero_and_the_points(self, values: list[float], name: str) -> None:
        found = marks(name, values)
        assert (found >= 0).all() and (found <= 40 * (1 + 1e-12)).all()

    @given(prices, st.sampled_from(sorted(PARAMETERS)))
    def test_the_best_bid_has_the_best_mark(self, values: list[float], name: str) -> None:
        found = marks(name, values)
        assert found[int(np.argmin(values))] == found.max()

    @given(prices, st.sampled_from(sorted(PARAMETERS)))
    def test_a_better_bid_has_no_lower_mark(self, values: list[float], name: str) -> None:
        order = np.argsort(values, kind="stable")
        assert (np.diff(marks(name, values)[order]) <= 1e-9).all()

    @given(prices, st.permutations(range(8)), st.sampled_from(sorted(PARAMETERS)))
    def test_permuting_bids_permutes_marks(
        self, values: list[float], order: list[int], name: str
    ) -> None:
        kept = [each for each in order if each < len(values)]
        turned = marks(name, [values[each] for each in kept])
        assert_allclose(turned, marks(name, values)[kept])

    @given(prices, st.floats(0.01, 100), st.sampled_from(["proportional", "linear-multiple"]))
    def test_another_currency_changes_no_mark(
        self, values: list[float], scale: float, name: str
    ) -> None:
        assert_allclose(
            marks(name, [scale * each for each in values]), marks(name, values), atol=1e-9
        )

    @given(prices, st.floats(1.0, 1e7))
    def test_a_dearer_bid_moves_no_mark_of_relative_formulas(
        self, values: list[float], more: float
    ) -> None:
        assume(more >= min(values))
        for name in ("proportional", "proportional-power", "linear-multiple", "linear-bounds"):
            assert_allclose(marks(name, [*values, more])[:-1], marks(name, values))


@pytest.mark.parametrize("module", [expression, weights], ids=lambda each: each.__name__)
def test_examples_of_docstrings_run(module: ModuleType) -> None:
    found = doctest.testmod(module)
    assert found.attempted > 0 and found.failed == 0


class TestExpression:
    def test_arithmetic(self) -> None:
        formula = parse_expression("max(0, W * (1 - (P - P_min) / P_mean)) ** 1 + 0")
        given = {"P": np.array(150.0), "P_min": 100.0, "P_mean": 125.0, "W": 40.0}
        assert float(formula(given)) == pytest.approx(40 * (1 - 50 / 125))
        assert formula.names == {"P", "P_min", "P_mean", "W"}

    @pytest.mark.parametrize(
        "text",
        [
            "__import__('os').system('true')",
            "P.__class__",
            "P if P > 1 else 2",
            "[P for P in (1,)]",
            "lambda: P",
            "P ** 99",
            "P ** P",
            "9 ** 9 ** 9 * P",
            "exp(P)",
            "max(P)",
            "max(P, 1, 2)",
            "max(P, key=1)",
            "Q * P",
            "P[0]",
            "'P'",
            "True * P",
            "1e400 * P",
            "10, P",
            "(P",
            "P := 1",
            "W",
            "",
            "P" + " + P" * 100,
            "(" * 150 + "P" + ")" * 150,
            "P\x00",
        ],
    )
    def test_what_is_not_arithmetic_is_refused(self, text: str) -> None:
        with pytest.raises(FieldError) as caught:
            parse_expression(text, file="t.toml", field="criteria[1].expression")
        assert caught.value.field == "criteria[1].expression"

    @given(st.text(max_size=60))
    def test_any_text_is_read_or_refused(self, text: str) -> None:
        try:
            formula = parse_expression(text)
        except FieldError:
            return
        assert "P" in formula.names
