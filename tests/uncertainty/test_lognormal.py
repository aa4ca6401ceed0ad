"""Lognormal errors: hand calculations and published identities."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lcc.uncertainty.lognormal import calc_cv, calc_interval, calc_log_sd


def test_log_sd_is_the_textbook_one() -> None:
    # Limpert et al. 2001, table 2: cv = sqrt(exp(s²) - 1). For s = 0.5: sqrt(e^0.25 - 1) = 0.5329.
    assert calc_cv(0.5) == pytest.approx(0.53294, abs=1e-5)
    assert calc_log_sd(0.53294) == pytest.approx(0.5, abs=1e-5)


@pytest.mark.parametrize("cv", [-0.1, math.nan])
def test_a_negative_or_missing_coefficient_is_refused(cv: float) -> None:
    with pytest.raises(ValueError, match="at least 0"):
        calc_log_sd(cv)


def test_interval_of_a_known_lognormal() -> None:
    # By hand: sigma² = ln(1 + 30²/100²) = 0.0861777, sigma = 0.2935604;
    # median = 100 / sqrt(1.09) = 95.78263; times exp(±1.959964 × 0.2935604) = exp(±0.5753678).
    low, high = calc_interval(np.array([100.0]), np.array([900.0]))
    assert low[0] == pytest.approx(95.78263 * math.exp(-0.5753678), rel=1e-6)
    assert high[0] == pytest.approx(95.78263 * math.exp(0.5753678), rel=1e-6)


def test_a_negative_total_mirrors_the_interval() -> None:
    low, high = calc_interval(np.array([-100.0, 100.0]), np.array([900.0, 900.0]))
    assert low[0] == -high[1]
    assert high[0] == -low[1]


def test_without_variance_the_interval_is_the_mean() -> None:
    low, high = calc_interval(np.array([7.0, 0.0]), np.zeros(2))
    assert low.tolist() == pytest.approx([7.0, 0.0])
    assert high.tolist() == pytest.approx([7.0, 0.0])


@given(st.floats(0.001, 5.9), st.floats(1e-6, 1e9))
def test_the_mean_lies_inside(cv: float, mean: float) -> None:
    low, high = calc_interval(np.array([mean]), np.array([(cv * mean) ** 2]))
    assert low[0] < mean < high[0]
