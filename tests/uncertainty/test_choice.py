"""Choice between options: hand counts, closed forms of two normals, and properties."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import binomtest, norm

from lcc.errors import FieldError
from lcc.uncertainty import choice

# Four draws of three options, with every kind of tie.
HAND = np.array([[1, 1, 3], [2, 1, 1], [3, 3, 3], [1, 2, 3]])

DRAWS = 200_000

# Whole numbers: sums and shifts are exact, so that ties stay ties.
COSTS = st.tuples(st.integers(1, 30), st.integers(1, 5)).flatmap(
    lambda shape: arrays(np.int64, shape, elements=st.integers(-6, 6))
)


def draw_normals(difference: float, sd: float, seed: int = 11) -> np.ndarray:
    """Return costs of two options whose difference is N(difference, sd²), sharing a large part."""
    rng = np.random.default_rng(seed)
    shared = rng.normal(1000.0, 300.0, DRAWS)
    return np.stack([shared, shared + rng.normal(difference, sd, DRAWS)], axis=1)


def calc_loss(difference: float, sd: float) -> float:
    """Return the unit normal loss integral times sd (Raiffa & Schlaifer 1961, chapter 5)."""
    z = abs(difference) / sd
    return float(sd * (norm.pdf(z) - z * norm.sf(z)))


class TestProbability:
    def test_by_hand_with_ties_shared(self) -> None:
        # Draws give (1/2, 1/2, 0), (0, 1/2, 1/2), (1/3, 1/3, 1/3), (1, 0, 0).
        expected = [11 / 24, 8 / 24, 5 / 24]
        assert choice.probability_lowest(HAND) == pytest.approx(expected, abs=1e-15)

    def test_two_normals(self) -> None:
        # P(A < B) = Φ(5 / 20), the part they share playing no role.
        found = choice.probability_lowest(draw_normals(5, 20))
        error = choice.probability_standard_error(draw_normals(5, 20))
        assert abs(found[0] - norm.cdf(0.25)) < 4 * error[0]
        # √(p (1 - p) / n) without ties.
        assert error == pytest.approx(math.sqrt(found[0] * found[1] / DRAWS), rel=1e-9)

    def test_the_standard_error_counts_shares(self) -> None:
        # Shares of the first option: 1/2, 0, 1/3, 1, of mean 11/24; squares 1/4 + 1/9 + 1.
        variance = (1 / 4 + 1 / 9 + 1) / 4 - (11 / 24) ** 2
        found = choice.probability_standard_error(HAND)[0]
        assert found == pytest.approx(math.sqrt(variance / 4), rel=1e-12)

    @pytest.mark.parametrize(("count", "draws"), [(0, 50), (50, 50), (3, 40), (123, 10_000)])
    def test_interval_against_scipy(self, count: int, draws: int) -> None:
        expected = binomtest(count, draws).proportion_ci(0.95, method="wilson")
        low, high = choice.probability_interval(count / draws, draws)
        assert (float(low), float(high)) == pytest.approx((expected.low, expected.high), abs=1e-12)

    @given(st.floats(0, 1), st.integers(1, 10**6), st.floats(0.01, 0.999))
    def test_interval_holds_the_probability(self, share: float, draws: int, level: float) -> None:
        low, high = choice.probability_interval(share, draws, level)
        assert 0 <= low <= share <= high <= 1 and low < high

    @pytest.mark.parametrize(
        ("share", "draws", "level"), [(1.1, 9, 0.9), (math.nan, 9, 0.9), (0.5, 0, 0.9), (0.5, 9, 1)]
    )
    def test_interval_refuses(self, share: float, draws: int, level: float) -> None:
        with pytest.raises(ValueError, match=r"probability|draws"):
            choice.probability_interval(share, draws, level)


class TestRanks:
    def test_by_hand(self) -> None:
        # Draw 1: options 1 and 2 hold ranks 1 and 2, option 3 rank 3; draw 2: option 1 rank 3,
        # the others ranks 1 and 2; draw 3: all hold all; draw 4: 1, 2, 3.
        third = 1 / 3
        expected = np.array([
            [0.5 + 0 + third + 1, 0.5 + 0 + third + 0, 0 + 1 + third + 0],
            [0.5 + 0.5 + third + 0, 0.5 + 0.5 + third + 1, 0 + 0 + third + 0],
            [0 + 0.5 + third + 0, 0 + 0.5 + third + 0, 1 + 0 + third + 1],
        ]) / 4  # fmt: skip
        np.testing.assert_allclose(choice.rank_probabilities(HAND), expected, atol=1e-15)
        # Mean ranks 1.5, 3, 2, 1; 1.5, 1.5, 2, 2; 3, 1.5, 2, 3.
        assert choice.expected_rank(HAND) == pytest.approx([7.5 / 4, 7 / 4, 9.5 / 4])

    def test_each_option_has_the_rank_of_its_place(self) -> None:
        costs = np.arange(7.0)[None] + np.random.default_rng(1).uniform(0, 0.5, (100, 7))
        np.testing.assert_array_equal(choice.rank_probabilities(costs), np.eye(7))

    @given(COSTS)
    def test_rows_and_columns_add_up_to_one(self, costs: np.ndarray) -> None:
        ranks = choice.rank_probabilities(costs)
        assert ranks.min() >= 0
        np.testing.assert_allclose(ranks.sum(axis=0), 1, atol=1e-12)
        np.testing.assert_allclose(ranks.sum(axis=1), 1, atol=1e-12)
        np.testing.assert_allclose(ranks[:, 0], choice.probability_lowest(costs), atol=1e-12)
        places = np.arange(1, costs.shape[1] + 1)
        np.testing.assert_allclose(ranks @ places, choice.expected_rank(costs), atol=1e-12)


class TestDifferences:
    def test_by_hand(self) -> None:
        # Differences 1..5 and a constant: quantiles 0, 1/2, 1 are exact.
        costs = np.array([[10, 11, 7], [20, 22, 17], [5, 8, 2], [0, 4, -3], [9, 14, 6]])
        found = choice.difference_quantiles(costs, 0, (0, 0.5, 1))
        np.testing.assert_array_equal(found, [[0, 0, 0], [1, 3, 5], [-3, -3, -3]])

    def test_two_normals_share_what_they_share(self) -> None:
        # N(5, 20²), though each option has a standard deviation of 300: 5 ± 20 × 1.644854.
        found = choice.difference_quantiles(draw_normals(5, 20), 0)[1]
        # Standard error of a 5 % quantile: √(0.05 × 0.95 / n) / density = 0.095.
        assert found == pytest.approx([5 - 32.897, 5, 5 + 32.897], abs=4 * 0.095)

    @pytest.mark.parametrize("base", [-1, 3])
    def test_the_base_is_an_option(self, base: int) -> None:
        with pytest.raises(FieldError, match=rf"option does not exist(.|\n)*{base}"):
            choice.difference_quantiles(HAND, base)


class TestInformation:
    def test_regret_by_hand(self) -> None:
        # Over the lowest of each draw: (0, 0, 2), (1, 0, 0), (0, 0, 0), (0, 1, 2).
        assert choice.regret(HAND) == pytest.approx([0.25, 0.25, 1.0])

    def test_perfect_information_by_hand(self) -> None:
        # Means 2, 4; lowest of each draw 1, 1: choosing the first costs 1 too much on average.
        costs = [[1, 7], [3, 1]]
        assert choice.expected_value_of_perfect_information(costs) == 1
        assert choice.expected_value_of_perfect_information(costs, chosen=1) == 3
        with pytest.raises(FieldError, match="option does not exist"):
            choice.expected_value_of_perfect_information(costs, chosen=2)

    @pytest.mark.parametrize(("difference", "sd"), [(0, 20), (5, 20), (-30, 20)])
    def test_perfect_information_of_two_normals(self, difference: float, sd: float) -> None:
        costs = draw_normals(difference, sd)
        error = sd / math.sqrt(DRAWS)
        found = choice.expected_value_of_perfect_information(costs)
        assert found == pytest.approx(calc_loss(difference, sd), abs=4 * error)

    @pytest.mark.parametrize(("difference", "own", "other"), [(0, 20, 0), (5, 20, 20), (9, 10, 20)])
    def test_one_input_of_two_normals(self, difference: float, own: float, other: float) -> None:
        # Difference = difference + own X + other Z: knowing X is worth the loss integral of N(
        # difference, own²); the estimate is low by at most some hundredths of it.
        rng = np.random.default_rng(17)
        known, unknown = rng.standard_normal((2, DRAWS))
        shared = rng.normal(1000.0, 300.0, DRAWS)
        gap = difference + own * known + other * unknown
        costs = np.stack([shared, shared + gap], axis=1)
        found = choice.evppi(costs, known)
        error = math.hypot(own, other) / math.sqrt(DRAWS)
        expected = calc_loss(difference, own)
        assert 0.97 * expected - 4 * error < found < expected + 4 * error

    def test_an_input_of_no_effect_is_worth_nothing(self) -> None:
        # The trap: the least of noisy means is low. The difference of two options has a standard
        # deviation of 20√2; in classes of 100 draws, choosing and valuing on the same draws would
        # find 0.3989 × 20√2 / √100 = 1.13. Where the choice is made on other draws, half of them
        # move the estimate, of standard error 20√2 × √0.5 / √10 000 = 0.2.
        rng = np.random.default_rng(23)
        costs = rng.normal(100, 20, (10_000, 2))
        assert choice.evppi(costs, rng.random(10_000), classes=100) < 4 * 0.2

    def test_a_discrete_input_is_known_by_its_values(self) -> None:
        # X is 0 or 1, P(1) = 0.3; option B costs 10 more at 0 and 20 less at 1: A is chosen
        # (B costs 7 - 6 = 1 more), and knowing X saves 20 × 0.3 = 6.
        known = np.repeat([0.0, 1.0], [7_000, 3_000])
        np.random.default_rng(2).shuffle(known)
        costs = np.stack([np.full(10_000, 50.0), 60 - 30 * known], axis=1)
        assert choice.evppi(costs, known) == pytest.approx(6)

    def test_few_draws_and_one_option(self) -> None:
        assert choice.evppi([[1, 2]], [0]) == 0
        assert choice.evppi([[1], [2], [3]], [0, 1, 2]) == 0
        assert choice.evppi([[1, 2], [2, 1]], [0, 1]) >= 0

    @pytest.mark.parametrize("values", [[1, 2], [1, 2, 3, math.nan], [[1, 2, 3, 4]]])
    def test_one_value_per_draw(self, values: list[float]) -> None:
        with pytest.raises(FieldError, match=r"one finite value per draw(.|\n)*\(4,\)"):
            choice.evppi(HAND, values)

    @pytest.mark.parametrize("classes", [0, 3])
    def test_classes_hold_two_draws(self, classes: int) -> None:
        with pytest.raises(FieldError, match="number of classes"):
            choice.evppi(HAND, [1, 2, 3, 4], classes)

    @given(COSTS, st.randoms(use_true_random=False))
    def test_knowing_one_input_is_worth_no_more_than_knowing_all(
        self, costs: np.ndarray, random: object
    ) -> None:
        values = [random.random() for _ in costs]  # type: ignore[attr-defined]
        one = choice.evppi(costs, values)
        every = choice.expected_value_of_perfect_information(costs)
        assert 0 <= one <= every + 1e-9


class TestProperties:
    @given(COSTS, st.randoms(use_true_random=False))
    def test_permuting_options_permutes_results(self, costs: np.ndarray, random: object) -> None:
        order = list(range(costs.shape[1]))
        random.shuffle(order)  # type: ignore[attr-defined]
        for function in (
            choice.probability_lowest,
            choice.probability_standard_error,
            choice.rank_probabilities,
            choice.expected_rank,
            choice.regret,
        ):
            moved = function(costs[:, order])
            np.testing.assert_allclose(moved, function(costs)[order], atol=1e-12)
        assert choice.expected_value_of_perfect_information(costs[:, order]) == pytest.approx(
            choice.expected_value_of_perfect_information(costs), abs=1e-12
        )

    @given(COSTS, st.integers(-1000, 1000), st.integers(1, 9))
    def test_a_shift_or_a_scale_of_all_changes_no_probability(
        self, costs: np.ndarray, shift: int, scale: int
    ) -> None:
        moved = scale * costs + shift * np.arange(len(costs))[:, None]
        for function in (
            choice.probability_lowest,
            choice.rank_probabilities,
            choice.expected_rank,
        ):
            np.testing.assert_array_equal(function(moved), function(costs))
        np.testing.assert_allclose(choice.regret(moved), scale * choice.regret(costs), atol=1e-9)

    @given(COSTS, st.randoms(use_true_random=False))
    def test_permuting_draws_changes_nothing(self, costs: np.ndarray, random: object) -> None:
        order = list(range(len(costs)))
        random.shuffle(order)  # type: ignore[attr-defined]
        np.testing.assert_allclose(
            choice.rank_probabilities(costs[order]), choice.rank_probabilities(costs), atol=1e-12
        )


class TestForbidden:
    @pytest.mark.parametrize("bad", [math.nan, math.inf])
    @pytest.mark.parametrize(
        "function",
        [
            choice.probability_lowest,
            choice.probability_standard_error,
            choice.rank_probabilities,
            choice.expected_rank,
            choice.regret,
            choice.expected_value_of_perfect_information,
            lambda costs: choice.difference_quantiles(costs, 0),
            lambda costs: choice.evppi(costs, np.zeros(len(costs))),
        ],
    )
    def test_a_cost_that_is_no_number_is_named(self, function: object, bad: float) -> None:
        costs = np.zeros((9, 3))
        costs[1:8, 2] = bad
        with pytest.raises(FieldError) as raised:
            function(costs)  # type: ignore[operator]
        message = str(raised.value)
        assert "row 2, 3, 4, 5, 6 … (7 in all), field option 3" in message
        assert "7 of 27 costs" in message

    @pytest.mark.parametrize("costs", [np.zeros(3), np.zeros((0, 3)), np.zeros((3, 0))])
    def test_costs_are_a_table(self, costs: np.ndarray) -> None:
        with pytest.raises(FieldError, match="a table of draws by options"):
            choice.probability_lowest(costs)
