"""Interval, power and sample size of paired differences, against published figures."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lcc.clauses.paired import (
    calc_mean_effect,
    calc_mean_interval,
    calc_power,
    calc_welch,
    find_detectable_effect,
    find_sample_size,
)

SLEEP_HOURS = (1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4)
"""Student (1908), Biometrika 6(1), p. 20: additional hours, laevo minus dextro, ten patients."""


def test_interval_of_students_sleep_data():
    # R, ?t.test, paired example on `sleep`: mean 1.58, t = 4.0621, df = 9, p = 0.002833,
    # 95 percent confidence interval 0.7001142 to 2.4598858.
    mean, sd, low, high = calc_mean_interval(np.array(SLEEP_HOURS))
    assert float(mean) == pytest.approx(1.58)
    assert float(mean / (sd / math.sqrt(10))) == pytest.approx(4.0621, abs=5e-5)
    assert float(low) == pytest.approx(0.7001142, abs=5e-8)
    assert float(high) == pytest.approx(2.4598858, abs=5e-8)
    assert calc_mean_effect(np.array(SLEEP_HOURS)).p_value == pytest.approx(0.002833, abs=5e-7)


def test_welch_of_the_same_data_unpaired():
    # R, ?t.test, `t.test(extra ~ group, data = sleep)`: p = 0.07939, 95 percent confidence interval
    # -3.3654832 to 0.2054832.
    first = np.array([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0])
    gap, low, high, p_value = calc_welch(first, first + np.array(SLEEP_HOURS))
    assert gap == pytest.approx(-1.58)
    assert (low, high) == pytest.approx((-3.3654832, 0.2054832), abs=5e-8)
    assert p_value == pytest.approx(0.07939, abs=5e-6)


def test_effect_is_a_share():
    # Ratios 0.8, 0.8, 0.8: exactly 20 % less, no scatter.
    found = calc_mean_effect(np.log([0.8, 0.8, 0.8]))
    assert found.effect == pytest.approx(-0.2)
    assert (found.low, found.high) == pytest.approx((-0.2, -0.2))


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_give_no_interval(count):
    found = calc_mean_effect(np.log([0.9] * count))
    assert found.contracts == count and math.isnan(found.low) and math.isnan(found.p_value)
    with pytest.raises(ValueError, match="two differences"):
        calc_mean_interval(np.zeros(count))


def test_sample_size_of_a_textbook():
    # P. Dalgaard, Introductory Statistics with R, 2nd ed., Springer 2008, p. 162 (section 9.3):
    # paired, delta 10, standard deviation of differences 10·sqrt(2), power 0.85: n = 19.96892.
    assert find_sample_size(math.expm1(10.0), 10 * math.sqrt(2), 0.85) == 20
    assert calc_power(19, math.expm1(10.0), 10 * math.sqrt(2)) < 0.85


def test_power_of_a_published_run():
    # E. Barnard Browne, rstudio-pubs 192099: n = 10, delta = 0.5, sd of differences 0.3088401,
    # two-sided 5 %: power 0.9947832 (power.t.test of R and the noncentral t by hand).
    # The second tail, which R leaves out by default, is under 1e-9 here.
    assert calc_power(10, math.expm1(0.5), 0.3088401) == pytest.approx(0.9947832, abs=5e-8)


def test_what_no_sample_sees_is_said():
    assert find_sample_size(0.0, 0.1) is None
    assert find_sample_size(-1e-5, 1.0) is None
    assert calc_power(1, -0.5, 0.1) == 0.0
    assert math.isnan(find_detectable_effect(1, 0.1))
    assert math.isnan(find_detectable_effect(2, 50.0))


def test_detectable_effect_inverts_power():
    effect = find_detectable_effect(12, 0.15)
    assert calc_power(12, effect, 0.15) == pytest.approx(0.8, abs=1e-6)
    assert -0.99 < effect < 0


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 60), st.floats(0.02, 0.6), st.floats(0.02, 0.5))
def test_more_contracts_never_see_less(count, reduction, sd):
    assert calc_power(count + 1, -reduction, sd) >= calc_power(count, -reduction, sd) - 1e-9
    # The sign of an effect on the logarithm makes no difference.
    mirrored = calc_power(count, 1 / (1 - reduction) - 1, sd)
    assert mirrored == pytest.approx(calc_power(count, -reduction, sd), abs=1e-9)


class TestCoverage:
    """Nominal 95 % within ±2 points over 2 000 seeded runs; power likewise."""

    RUNS = 2_000

    @pytest.mark.parametrize(("count", "seed"), [(4, 1), (12, 2), (40, 3)])
    def test_interval_of_pairs(self, count, seed):
        true = math.log(0.9)
        rng = np.random.default_rng(seed)
        _, _, low, high = calc_mean_interval(rng.normal(true, 0.12, (self.RUNS, count)))
        assert np.mean((low <= true) & (true <= high)) == pytest.approx(0.95, abs=0.02)

    @pytest.mark.parametrize(
        ("count", "effect", "seed"), [(6, -0.2, 4), (16, -0.1, 5), (65, -0.05, 6)]
    )
    def test_power_of_pairs(self, count, effect, seed):
        rng = np.random.default_rng(seed)
        draws = rng.normal(math.log1p(effect), 0.14, (self.RUNS, count))
        _, _, low, high = calc_mean_interval(draws)
        seen = np.mean((high < 0) | (low > 0))
        assert seen == pytest.approx(calc_power(count, effect, 0.14), abs=0.02)

    def test_sample_size_gives_its_power(self):
        needed = find_sample_size(-0.1, 0.14)
        assert needed is not None
        rng = np.random.default_rng(7)
        _, _, _, high = calc_mean_interval(rng.normal(math.log(0.9), 0.14, (self.RUNS, needed)))
        assert 0.78 <= np.mean(high < 0) <= 0.86
