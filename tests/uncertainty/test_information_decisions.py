"""What knowing is worth for a list and for a target, against draws and figures by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal, norm

from lcc.uncertainty.information.decisions import (
    calc_list_loss,
    calc_target_value,
    value_for_list,
)


def draw_lognormal(rng, mean, cv, size):
    """Return lognormal draws of a mean and a coefficient of variation."""
    wide = math.sqrt(math.log(1 + cv**2))
    return mean * np.exp(wide * rng.standard_normal(size) - wide**2 / 2)


class TestList:
    def test_loss_by_hand(self):
        """Two equal draws of two contracts: each is the larger once, by 2 and by 4.

        Means 6 and 5: the first is listed; in the second draw 4 t are missed, half of the time.
        """
        draws = np.array([[8.0, 4.0], [4.0, 6.0]])
        assert calc_list_loss(draws, 1) == pytest.approx((0 + 2) / 2)
        assert calc_list_loss(draws, 2) == 0
        for count in (0, 3):
            with pytest.raises(ValueError, match="at least one"):
                calc_list_loss(draws, count)

    @pytest.mark.parametrize(("rank", "part"), [(0, 1), (1, 1), (2, 1), (3, 1), (1, 0.6), (2, 0.6)])
    def test_worth_is_that_of_draws(self, rank, part):
        """A precise measurement of one contract, or of a part: the rest is known by its mean alone.

        Lists of two among 100, 90, 60 and 50 t: the one measured enters or leaves by its figure.
        """
        mean, cv = np.array([100.0, 90.0, 60.0, 50.0]), 0.5
        found = value_for_list(mean, (cv * mean) ** 2, np.full(4, 1e-6), 2, np.full(4, part))
        drawn = draw_lognormal(np.random.default_rng(rank), mean[rank], cv, 400_000)
        drawn = part * drawn + (1 - part) * mean[rank]
        others = np.sort(np.delete(mean, rank))[::-1]
        before = mean[:2].sum()
        after = others[0] + np.maximum(drawn, others[1])
        # Against the draws' own mean: their sampling error would be most of the difference.
        gain = after.mean() - before - (drawn.mean() - mean[rank])
        assert found.gain[rank] == pytest.approx(gain, abs=0.2)
        listed = drawn > others[1]
        changes = (listed != (rank < 2)).mean()
        assert found.probability_changes[rank] == pytest.approx(changes, abs=0.003)

    def test_a_coarser_measurement_is_worth_less_and_the_border_is_worth_most(self):
        mean = np.array([100.0, 90.0, 60.0, 50.0, 5.0])
        fine, coarse = (
            value_for_list(mean, (0.4 * mean) ** 2, np.full(5, cv), 2).gain for cv in (0.1, 0.8)
        )
        assert (coarse < fine).all()
        assert fine.argmax() in (1, 2)
        assert fine[4] < fine[0] < fine[1]

    def test_what_is_known_or_never_listed_changes_nothing(self):
        mean = np.array([9.0, 8.0, -3.0])
        found = value_for_list(mean, np.array([0.0, 4.0, 4.0]), np.full(3, 0.1), 1)
        assert found.gain[0] == found.gain[2] == 0
        assert found.gain[1] > 0
        assert value_for_list(mean, np.ones(3), np.ones(3), 3).gain.tolist() == [0, 0, 0]
        with pytest.raises(ValueError, match="at least one"):
            value_for_list(mean, np.ones(3), np.ones(3), 0)


class TestTarget:
    def test_probabilities_are_those_of_two_normals(self):
        """Mean 100, cv 0.3, target 90; half of the log-variance goes away."""
        wide = math.log(1.09)
        after = 100**2 * math.expm1(wide / 2)
        found = calc_target_value(100.0, 900.0, 90.0, after)
        place = (math.log(0.9) + wide / 2) / math.sqrt(wide)
        assert found.probability_held == pytest.approx(norm.cdf(place))
        rho = math.sqrt(0.5)
        both = multivariate_normal([0, 0], [[1, rho], [rho, 1]])
        right = both.cdf([place, place / rho]) + both.cdf([-place, -place / rho])
        assert found.probability_right_after == pytest.approx(right, abs=1e-4)
        assert found.probability_changes == pytest.approx(norm.cdf(-abs(place) / rho))
        assert found.probability_right_now == pytest.approx(max(norm.cdf([place, -place])))

    def test_gain_is_the_smaller_mistake_over_draws(self):
        """Answer by the posterior mean; a wrong answer costs the distance to the target."""
        wide = math.log(1.09)
        found = calc_target_value(100.0, 900.0, 90.0, 100**2 * math.expm1(wide / 2))
        rng = np.random.default_rng(4)
        moved = draw_lognormal(rng, 100.0, math.sqrt(math.expm1(wide / 2)), 400_000)
        total = moved * draw_lognormal(rng, 1.0, math.sqrt(math.expm1(wide / 2)), 400_000)

        def mistake(says_held):
            return np.where(says_held == (total <= 90), 0, np.abs(total - 90)).mean()

        before = mistake(np.zeros(total.size, dtype=bool))
        assert found.gain == pytest.approx(before - mistake(moved <= 90), abs=0.1)

    def test_nothing_learnt_is_worth_nothing_and_all_learnt_is_always_right(self):
        same = calc_target_value(100.0, 900.0, 90.0, 900.0)
        assert same.gain == same.probability_changes == 0
        assert same.probability_right_after == same.probability_right_now
        sure = calc_target_value(100.0, 900.0, 90.0, 0.0)
        assert sure.probability_right_after == 1
        assert sure.probability_changes == pytest.approx(1 - sure.probability_right_now)
        known = calc_target_value(100.0, 0.0, 90.0, 0.0)
        assert (known.probability_held, known.probability_right_now) == (0.0, 1.0)

    @settings(max_examples=50, deadline=None)
    @given(st.floats(0.05, 1.5), st.floats(0.2, 3.0), st.floats(0.0, 1.0))
    def test_more_is_never_worth_less(self, cv, target, kept):
        variance = cv**2
        less = calc_target_value(1.0, variance, target, variance * kept)
        more = calc_target_value(1.0, variance, target, variance * kept / 2)
        assert less.probability_right_now - 1e-12 <= less.probability_right_after
        assert less.probability_right_after <= more.probability_right_after + 1e-4
        assert less.gain <= more.gain + 1e-12

    @pytest.mark.parametrize("bad", [(0, 1, 1, 0), (1, 1, 0, 0), (1, 1, 1, 2), (1, 1, 1, -1)])
    def test_what_is_out_of_range_is_refused(self, bad):
        with pytest.raises(ValueError, match="positive"):
            calc_target_value(*map(float, bad))
