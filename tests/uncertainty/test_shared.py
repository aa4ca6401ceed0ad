"""Shared errors: closed form against hand calculations and against draws."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lcc.uncertainty.lognormal import calc_log_sd
from lcc.uncertainty.shared import Component, SharedErrors


def make_errors(*components: tuple[list[int], list[float]]) -> SharedErrors:
    return SharedErrors(
        [Component(np.array(keys), np.array(log_sd)) for keys, log_sd in components]
    )


def test_two_terms_of_one_key_add_their_standard_deviations() -> None:
    # One shared error of cv 0.4: total 30 has exactly sd 0.4 × 30 = 12, variance 144.
    sigma = float(calc_log_sd(0.4))
    mean, variance = make_errors(([0, 0], [sigma, sigma])).calc_moments(np.array([[10.0, 20.0]]))
    assert mean[0] == pytest.approx(30.0)
    assert variance[0] == pytest.approx(144.0)


def test_two_terms_of_two_keys_add_their_variances() -> None:
    # Independent errors of cv 0.4: variance = (0.4 × 10)² + (0.4 × 20)² = 16 + 64 = 80.
    sigma = float(calc_log_sd(0.4))
    _, variance = make_errors(([0, 1], [sigma, sigma])).calc_moments(np.array([[10.0, 20.0]]))
    assert variance[0] == pytest.approx(80.0)


def test_a_product_of_errors_has_the_product_of_their_second_moments() -> None:
    # cv² of a product of independent mean-one variables: (1 + 0.3²)(1 + 0.4²) - 1 = 0.2644.
    errors = make_errors(([0], [float(calc_log_sd(0.3))]), ([0], [float(calc_log_sd(0.4))]))
    _, variance = errors.calc_moments(np.array([[10.0]]))
    assert variance[0] == pytest.approx(100 * 0.2644)


def test_two_families_of_one_ratio_differ_by_their_bridge() -> None:
    # Trap: with the product's error alone, the difference of two families that borrow the same
    # ratio would be certain. Product cv 0.28 shared; bridges cv 0.2 apart.
    sigma, bridge = float(calc_log_sd(0.28)), float(calc_log_sd(0.2))
    alone = make_errors(([0, 0], [sigma, sigma]))
    both = make_errors(([0, 0], [sigma, sigma]), ([0, 1], [bridge, bridge]))
    difference = np.array([[10.0, -10.0]])
    assert alone.calc_moments(difference)[1][0] == pytest.approx(0.0, abs=1e-9)
    # By hand: 2 × 100 × ((1 + 0.28²)(1 + 0.2²) - 1) - 2 × 100 × 0.28².
    expected = 200 * ((1 + 0.28**2) * (1 + 0.2**2) - 1) - 200 * 0.28**2
    assert both.calc_moments(difference)[1][0] == pytest.approx(expected)


def test_sharing_a_part_of_the_error_of_a_source() -> None:
    # Part rho = 0.5 of the log-variance shared: log-covariance 0.5 σ², covariance e^{0.5σ²} - 1.
    sigma = 0.3
    half = math.sqrt(0.5) * sigma
    errors = make_errors(([0, 0], [half, half]), ([0, 1], [half, half]))
    _, variance = errors.calc_moments(np.array([[1.0, 1.0]]))
    expected = 2 * math.expm1(sigma**2) + 2 * math.expm1(0.5 * sigma**2)
    assert variance[0] == pytest.approx(expected)


def test_closed_form_against_200_000_draws() -> None:
    rng = np.random.default_rng(7)
    terms, groups = 60, 12
    errors = SharedErrors(
        [
            Component(rng.integers(0, 3, terms), np.full(terms, 0.2)),
            Component(rng.integers(0, 25, terms), rng.uniform(0.1, 0.4, terms)),
            Component(rng.integers(0, 40, terms), rng.uniform(0.0, 0.3, terms)),
        ]
    )
    totals = rng.gamma(0.5, 100.0, (groups, terms)) * (rng.random((groups, terms)) < 0.5)
    own = (0.05 * totals.sum(axis=1)) ** 2
    closed = errors.calc_interval(totals, own)
    drawn = errors.draw_totals(totals, 200_000, np.random.default_rng(11), own)
    # Monte Carlo error of a mean: sd / sqrt(n); five of them is far beyond chance.
    slack = 5 * np.sqrt(closed.variance / 200_000)
    assert np.all(np.abs(drawn.mean(axis=0) - closed.mean) < slack)
    assert drawn.var(axis=0) == pytest.approx(closed.variance, rel=0.03)
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
    # Fenton-Wilkinson is an approximation in the tails: 3 % of the bound is what is claimed.
    assert low == pytest.approx(closed.low, rel=0.03)
    assert high == pytest.approx(closed.high, rel=0.03)


def test_a_difference_may_be_negative() -> None:
    # 100 less 90 of two independent terms of cv 0.3: mean 10, variance 30² + 27² = 1629; no
    # lognormal of mean 10 has the negative values that draws give in four cases of ten.
    sigma = float(calc_log_sd(0.3))
    errors = make_errors(([0, 1], [sigma, sigma]))
    totals = np.array([[100.0, -90.0]])
    closed = errors.calc_interval(totals)
    reach = 1.959964 * math.sqrt(1629)
    assert closed.low[0] == pytest.approx(10 - reach, rel=1e-6)
    assert closed.high[0] == pytest.approx(10 + reach, rel=1e-6)
    drawn = errors.draw_interval(totals, 200_000, np.random.default_rng(5))
    assert drawn.low[0] == pytest.approx(closed.low[0], rel=0.1)
    assert drawn.high[0] == pytest.approx(closed.high[0], rel=0.1)


def test_draws_do_not_depend_on_the_grouping() -> None:
    errors = make_errors(([0, 0, 1], [0.2, 0.3, 0.4]))
    together = errors.draw_totals(np.ones((1, 3)), 500, np.random.default_rng(3))
    apart = errors.draw_totals(np.eye(3), 500, np.random.default_rng(3))
    assert together[:, 0] == pytest.approx(apart.sum(axis=1))


def test_components_of_different_sizes_are_refused() -> None:
    with pytest.raises(ValueError, match="same terms"):
        make_errors(([0, 1], [0.1, 0.1]), ([0], [0.1]))


@given(st.lists(st.floats(0.0, 1e6), min_size=3, max_size=3), st.floats(1.01, 10.0))
def test_doubling_what_is_spent_scales_the_interval(amounts: list[float], scale: float) -> None:
    errors = make_errors(([0, 0, 1], [0.2, 0.3, 0.4]), ([0, 1, 2], [0.1, 0.1, 0.1]))
    totals = np.array([amounts])
    once, more = errors.calc_interval(totals), errors.calc_interval(totals * scale)
    assert more.low == pytest.approx(once.low * scale, rel=1e-9, abs=1e-9)
    assert more.high == pytest.approx(once.high * scale, rel=1e-9, abs=1e-9)


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 4), st.integers(-50, 200)),
        min_size=1,
        max_size=12,
        unique_by=lambda each: each[:2],
    )
)
def test_many_groups_of_few_terms_have_the_interval_of_the_full_layout(
    entries: list[tuple[int, int, int]],
) -> None:
    errors = make_errors(
        ([0, 0, 1, 1, 2], [0.3, 0.2, 0.5, 0.1, 0.4]), ([0, 1, 0, 1, 0], [0.2, 0.2, 0.3, 0.1, 0.1])
    )
    groups, terms = (np.array([each[rank] for each in entries]) for rank in (0, 1))
    values = np.array([float(each[2]) for each in entries])
    own = np.array([1.0, 0.0, 4.0, 9.0])
    totals = np.zeros((4, 5))
    totals[groups, terms] = values
    full = errors.calc_interval(totals, own)
    sparse = errors.calc_sparse_interval(groups, terms, values, 4, own)
    for name in ("mean", "variance", "low", "high"):
        np.testing.assert_allclose(
            getattr(sparse, name), getattr(full, name), rtol=1e-9, atol=1e-9, err_msg=name
        )


def test_covariance_between_groups_by_hand_and_by_draws() -> None:
    """Two groups of one source (σ 0.3) and a bridge each (σ 0.4): Cov = a b (e^0.09 − 1)."""
    errors = SharedErrors(
        [
            Component(np.zeros(2, dtype=np.int64), np.full(2, 0.3)),
            Component(np.arange(2), np.full(2, 0.4)),
        ]
    )
    totals, own = np.diag([5.0, 3.0]), np.array([2.0, 0.0])
    found = errors.calc_covariance(totals, own)
    assert found[0, 1] == found[1, 0] == pytest.approx(15 * np.expm1(0.09))
    assert np.diag(found) == pytest.approx(errors.calc_moments(totals, own)[1])
    drawn = errors.draw_totals(totals, 200_000, np.random.default_rng(5))
    assert np.cov(drawn.T)[0, 1] == pytest.approx(found[0, 1], rel=0.03)
