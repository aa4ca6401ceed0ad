"""Mixtures: closed form by hand and against draws of every single line."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lcc.errors import FieldError
from lcc.uncertainty.mixtures import Mixture, calc_mixture, draw_mixture
from lcc.uncertainty.shared import Component, SharedErrors

EXACT = SharedErrors([Component(np.arange(2), np.zeros(2))])
FACTORS = np.diag([1.0, 3.0])


def one_row(amount: float, lines: int, *chances: float) -> Mixture:
    return Mixture(np.array([amount]), np.array([lines]), np.array([chances]))


class TestByHand:
    def test_one_line_of_two_families(self) -> None:
        """10 € at 1 or 3 kg/€, one chance in four of the second: Bernoulli.

        Mean 10 (0.75 + 0.25 · 3) = 15; variance 10² · 0.25 · 0.75 · (3 − 1)² = 75.
        """
        found = calc_mixture(one_row(10, 1, 0.75, 0.25), FACTORS, EXACT)
        assert found.mean[0] == pytest.approx(15)
        assert found.variance[0] == found.between[0] == pytest.approx(75)

    def test_a_thousand_lines_of_it(self) -> None:
        """Of the same sum, a thousand lines have a thousandth of the variance."""
        found = calc_mixture(one_row(10, 1000, 0.75, 0.25), FACTORS, EXACT)
        assert found.between[0] == pytest.approx(0.075)

    def test_a_factor_that_all_candidates_share_is_no_doubt_of_family(self) -> None:
        """Families of one ratio and no bridge: being of one or the other is the same."""
        errors = SharedErrors([Component(np.zeros(1, dtype=int), np.array([0.4]))])
        found = calc_mixture(one_row(10, 1, 0.75, 0.25), np.array([[2.0], [2.0]]), errors)
        assert found.between[0] == pytest.approx(0, abs=1e-9)
        # (10 · 2)² (e^0.16 − 1).
        assert found.variance[0] == pytest.approx(400 * math.expm1(0.16))

    def test_bridges_apart_are_doubt_of_family_even_at_one_ratio(self) -> None:
        """F_k = 2 M_k, independent, σ 0.4: E[F_k²] = 4 e^0.16, E[F_1 F_2] = 4.

        Between: 100 (4 e^0.16 − (0.75² + 0.25²) 4 e^0.16 − 2 · 0.75 · 0.25 · 4)
        = 100 · 0.375 · 4 (e^0.16 − 1).
        """
        errors = SharedErrors([Component(np.arange(2), np.full(2, 0.4))])
        found = calc_mixture(one_row(10, 1, 0.75, 0.25), np.diag([2.0, 2.0]), errors)
        assert found.between[0] == pytest.approx(150 * math.expm1(0.16))
        # All of it: one line, whichever its family, has the variance of one factor.
        assert found.variance[0] == pytest.approx(400 * math.expm1(0.16))

    def test_the_error_of_a_line(self) -> None:
        """cv 0.5: 0.25 · 100 · E[F²] = 25 (0.75 + 0.25 · 9) = 75 more."""
        found = calc_mixture(one_row(10, 1, 0.75, 0.25), FACTORS, EXACT, 0.5)
        assert found.line[0] == pytest.approx(75)
        assert found.variance[0] == pytest.approx(150)

    def test_a_family_that_is_none_of_the_candidates_weighs_nothing(self) -> None:
        found = calc_mixture(one_row(10, 1, 0.5, 0.0), FACTORS, EXACT)
        assert found.mean[0] == pytest.approx(5)
        assert found.variance[0] == pytest.approx(25)


def test_brute_force() -> None:
    """Every line draws its family and its own error, every draw its multipliers."""
    rng = np.random.default_rng(3)
    errors = SharedErrors(
        [Component(np.array([0, 0, 1]), np.full(3, 0.3)), Component(np.arange(3), np.full(3, 0.4))]
    )
    factors = np.array([[0.5, 0.1, 0.0], [0.0, 2.0, 0.0], [0.0, 0.0, 4.0]])
    mixture = Mixture(
        np.array([90.0, 40.0, 30.0]),
        np.array([3, 1, 30]),
        np.array([[0.6, 0.3, 0.1], [0.2, 0.5, 0.2], [0.0, 0.5, 0.5]]),
    )
    draws = 60_000
    multipliers = np.concatenate(list(errors.draw_multipliers(draws, rng))) @ factors.T
    log_sd = math.sqrt(math.log1p(0.5**2))
    rows = np.zeros((draws, 3))
    for row in range(3):
        chances = np.append(mixture.probability[row], 1 - mixture.probability[row].sum())
        for _ in range(int(mixture.lines[row])):
            family = rng.choice(4, size=draws, p=chances / chances.sum())
            factor = np.where(family < 3, multipliers[np.arange(draws), np.minimum(family, 2)], 0.0)
            own = np.exp(rng.normal(-(log_sd**2) / 2, log_sd, draws))
            rows[:, row] += mixture.amount[row] / mixture.lines[row] * factor * own
    found = calc_mixture(mixture, factors, errors, 0.5)
    assert found.mean == pytest.approx(rows.mean(axis=0), rel=0.02)
    assert found.variance == pytest.approx(rows.var(axis=0), rel=0.08)
    total = rows.sum(axis=1)
    assert found.total_mean == pytest.approx(total.mean(), rel=0.02)
    assert found.total_variance == pytest.approx(total.var(), rel=0.08)


def test_multinomial_draws_have_the_moments_of_the_closed_form() -> None:
    errors = SharedErrors([Component(np.array([0, 0]), np.array([0.3, 0.2]))])
    mixture = Mixture(np.array([90.0, 40.0]), np.array([9, 2]), np.array([[0.7, 0.2], [0.1, 0.9]]))
    drawn = draw_mixture(mixture, FACTORS, errors, 60_000, np.random.default_rng(5))
    found = calc_mixture(mixture, FACTORS, errors)
    assert drawn.mean() == pytest.approx(found.total_mean, rel=0.01)
    assert drawn.var() == pytest.approx(found.total_variance, rel=0.05)
    again = draw_mixture(mixture, FACTORS, errors, 60_000, np.random.default_rng(5))
    assert np.array_equal(drawn, again)


@settings(max_examples=40)
@given(
    st.floats(-1e6, 1e6), st.integers(1, 10_000), st.floats(0, 1), st.floats(0, 2), st.floats(0, 1)
)
def test_properties(amount: float, lines: int, chance: float, sd: float, cv: float) -> None:
    errors = SharedErrors([Component(np.array([0, 1]), np.array([sd, sd]))])
    found = calc_mixture(one_row(amount, lines, 1 - chance, chance), FACTORS, errors, cv)
    assert found.total_mean == pytest.approx(amount * (1 + 2 * chance))
    assert found.variance[0] >= found.between[0] + found.line[0]
    assert found.total_variance == pytest.approx(found.variance[0])
    twice = calc_mixture(one_row(2 * amount, lines, 1 - chance, chance), FACTORS, errors, cv)
    assert twice.total_variance == pytest.approx(4 * found.total_variance)


class TestDamage:
    def test_probabilities(self) -> None:
        with pytest.raises(FieldError, match=r"(?s)row 1, field probability.*sum 1.2"):
            one_row(10, 1, 0.6, 0.6)
        with pytest.raises(FieldError, match="field probability"):
            one_row(10, 1, -0.1, 0.6)
        with pytest.raises(FieldError, match="field probability"):
            one_row(10, 1, float("nan"), 0.6)

    def test_amounts_and_shapes(self) -> None:
        with pytest.raises(FieldError, match="row 1, field amount"):
            one_row(float("inf"), 1, 0.5)
        with pytest.raises(FieldError, match="row 1, field amount"):
            one_row(1.0, 0, 0.5)
        with pytest.raises(FieldError, match="field mixture"):
            Mixture(np.ones(2), np.ones(1, dtype=int), np.ones((2, 1)))

    def test_factors(self) -> None:
        with pytest.raises(FieldError, match=r"(?s)field factors.*expected: \(1, 2\)"):
            calc_mixture(one_row(1.0, 1, 0.5), FACTORS, EXACT)
        with pytest.raises(FieldError, match="field line_cv"):
            calc_mixture(one_row(1.0, 1, 0.5, 0.5), FACTORS, EXACT, -1.0)
