"""Learning from measurements, against densities on a grid, textbook figures and properties.

The grids multiply densities of the model as its docstring writes it, one number at a time: no
matrix, no conditioning formula. What PyMC gives on three cases is in `docs/learning.md`.
"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lcc.errors import FieldError
from lcc.uncertainty.hierarchy import (
    HALF_NORMAL_MEDIAN,
    LogMixture,
    Readings,
    Spread,
    calc_conflict,
    condition_logs,
    fit_family,
)
from lcc.uncertainty.known import KnownErrors
from lcc.uncertainty.shared import Component, SharedErrors

TAU = math.sqrt(math.log(1.25))
"""Spread of a coefficient of variation of 0.5."""

BETA = math.sqrt(math.log(1.01))


def bell(x, mean, sd):
    """Density of a normal, its constant left out where it is one for all points."""
    return np.exp(-0.5 * ((x - mean) / sd) ** 2) / sd


def axis(mean, sd, count=161, reach=7.0):
    return np.linspace(mean - reach * sd, mean + reach * sd, count)


def moments(density, values):
    weight = density / density.sum()
    mean = float((weight * values).sum())
    return mean, float((weight * (values - mean) ** 2).sum())


class TestAgainstAGrid:
    def test_one_family_one_contract(self):
        s, ratio = 0.15, 0.7
        found = fit_family(0.5, np.array([ratio]), np.array([s]), Spread(TAU, BETA))
        theta = axis(-0.125, 0.5, 401)[:, None]
        other = axis(-(TAU**2 + BETA**2) / 2, math.hypot(TAU, BETA), 401)[None, :]
        density = (
            bell(theta, -0.125, 0.5)
            * bell(other, -(TAU**2 + BETA**2) / 2, math.hypot(TAU, BETA))
            * bell(math.log(ratio) - s**2 / 2, theta + other, s)
        )
        for rank, values in enumerate((theta, theta + other)):
            mean, variance = moments(density, values)
            assert found.targets.log_mean()[rank] == pytest.approx(mean, abs=1e-8)
            assert found.targets.log_variance()[rank] == pytest.approx(variance, abs=1e-8)
            factor = float((density / density.sum() * np.exp(values)).sum())
            assert found.targets.factor_mean()[rank] == pytest.approx(factor, rel=1e-8)

    def test_several_contracts_with_unequal_errors_and_an_unknown_spread(self):
        ratios = np.array([0.6, 0.75, 1.05, 0.9, 0.5])
        s = np.array([0.08, 0.2, 0.1, 0.35, 0.15])
        found = fit_family(0.55, ratios, s, Spread(TAU, BETA, learn=True))
        theta = axis(-(0.55**2) / 2, 0.55, 121, 6)[:, None, None]
        bias = axis(-(BETA**2) / 2, BETA, 41, 6)[None, :, None]
        scale = TAU / HALF_NORMAL_MEDIAN
        tau = (np.arange(150) + 0.5)[None, None, :] * (5 * scale / 150)
        density = bell(theta, -(0.55**2) / 2, 0.55) * bell(bias, -(BETA**2) / 2, BETA)
        density = density * np.exp(-0.5 * (tau / scale) ** 2)
        logs = np.log(ratios) - s**2 / 2
        for y, sd in zip(logs, s, strict=True):
            density = density * bell(y, theta + bias - tau**2 / 2, np.hypot(tau, sd))
        mean, variance = moments(density, theta)
        assert found.targets.log_mean()[0] == pytest.approx(mean, abs=2e-5)
        assert found.targets.log_variance()[0] == pytest.approx(variance, rel=2e-4)
        assert found.weights @ found.spreads == pytest.approx(moments(density, tau)[0], rel=2e-4)
        weight = density / density.sum()
        factor = float((weight * np.exp(theta)).sum())
        assert found.targets.factor_mean()[0] == pytest.approx(factor, rel=1e-4)
        # The first contract: between its own figure and its family's, by their precisions.
        own = tau**2 / (tau**2 + s[0] ** 2)
        middle = own * logs[0] + (1 - own) * (theta + bias - tau**2 / 2)
        middle = float((weight * middle).sum())
        assert found.targets.log_mean()[1] == pytest.approx(middle, abs=2e-5)
        # An interval of the family: where the grid's cumulated density meets its tails.
        marginal = weight.sum(axis=(1, 2)).cumsum()
        low, high = (np.interp(tail, marginal, theta.ravel()) for tail in (0.025, 0.975))
        bounds = [float(np.log(each[0])) for each in found.targets.interval()]
        step = float(theta[1, 0, 0] - theta[0, 0, 0])
        assert bounds == pytest.approx([low + step / 2, high + step / 2], abs=0.01)

    def test_two_families_that_share_a_product_and_one_method(self):
        shared, own_a, own_b, s, part = 0.32, 0.4, 0.3, np.array([0.1, 0.12]), 0.4
        covariance = np.full((2, 2), shared**2)
        covariance += np.diag([own_a**2, own_b**2])
        ratios = np.array([0.55, 0.8])
        readings = Readings(
            logs=np.log(ratios) - s**2 / 2,
            weights=np.array([[1.0, 0.0], [1.0, 0.0]]),
            contracts=np.array([0, 1]),
            families=np.array([0, 0]),
            methods=np.array([0, 0]),
            log_sd=s,
            own_share=np.full(2, part),
        )
        found = condition_logs(-np.diag(covariance) / 2, covariance, readings, Spread(TAU, BETA))
        both = axis(0, shared, 121)[:, None, None]
        alone_sd = math.hypot(own_a, BETA)
        alone = axis(0, alone_sd, 121)[None, :, None]
        method = axis(0, 1, 81)[None, None, :]
        density = bell(both, 0, shared) * bell(alone, 0, alone_sd) * bell(method, 0, 1)
        start = -(shared**2 + own_a**2 + BETA**2 + TAU**2) / 2
        for y, sd in zip(readings.logs, s, strict=True):
            seen = both + alone + start + method * sd * math.sqrt(1 - part)
            density = density * bell(y, seen, math.sqrt(TAU**2 + part * sd**2))
        mean, variance = moments(density, both)
        expected = mean - (shared**2 + own_b**2) / 2
        assert found.targets.log_mean()[1] == pytest.approx(expected, abs=1e-6)
        assert found.covariance[1, 1] == pytest.approx(variance + own_b**2, rel=1e-6)
        # Of the measured family: what is its own, selection taken off by its share of the variance.
        inside = both + alone * own_a**2 / alone_sd**2
        mean, variance = moments(density, inside)
        kept = own_a**2 * BETA**2 / alone_sd**2
        assert found.targets.log_mean()[0] == pytest.approx(
            mean - (shared**2 + own_a**2) / 2, abs=1e-6
        )
        assert found.covariance[0, 0] == pytest.approx(variance + kept, rel=1e-6)

    def test_the_grid_of_spreads_is_fine_enough(self):
        ratios, s = np.array([0.7, 0.8, 1.1, 0.6]), np.array([0.1, 0.2, 0.1, 0.3])
        coarse, fine = (
            fit_family(0.5, ratios, s, Spread(TAU, BETA, learn=True), nodes=count)
            for count in (96, 960)
        )
        assert coarse.targets.factor_mean() == pytest.approx(fine.targets.factor_mean(), rel=1e-6)
        assert coarse.targets.interval()[1] == pytest.approx(fine.targets.interval()[1], rel=1e-5)
        assert coarse.log_likelihood == pytest.approx(fine.log_likelihood, abs=1e-5)


class TestPublished:
    EFFECTS = np.array([28.0, 8, -3, 7, -1, 1, 18, 12])
    ERRORS = np.array([15.0, 10, 16, 11, 9, 11, 10, 18])
    """Gelman, A. et al., Bayesian Data Analysis, 3rd ed., CRC, 2013, table 5.2: eight schools."""

    def readings(self):
        return Readings(
            logs=self.EFFECTS,
            weights=np.ones((8, 1)),
            contracts=np.arange(8),
            families=np.zeros(8, dtype=np.int64),
            methods=np.arange(8),
            log_sd=self.ERRORS,
            own_share=np.ones(8),
        )

    def test_pooled_estimate_of_eight_schools(self):
        """Same book, section 5.5: estimate 7.7, standard error 4.1 (no spread, flat prior)."""
        found = condition_logs(np.zeros(1), np.array([[1e8]]), self.readings(), Spread(1e-4))
        assert found.targets.log_mean()[0] == pytest.approx(7.7, abs=0.05)
        assert math.sqrt(found.covariance[0, 0]) == pytest.approx(4.1, abs=0.05)

    def test_a_contract_shrinks_by_its_own_precision(self):
        """Same book, equation 5.17: weights are inverse variances, 1/s² and 1/τ²."""
        tau = 10.0
        found = condition_logs(np.zeros(1), np.array([[1e-12]]), self.readings(), Spread(tau))
        # The family is known to be zero, its contracts to lie around −τ²/2 = −50.
        expected = (28 / 15**2 - 50 / tau**2) / (1 / 15**2 + 1 / tau**2)
        assert found.targets.log_mean()[1] == pytest.approx(expected, abs=1e-6)
        assert found.own_weight(15.0**2) == pytest.approx(100 / 325)

    def test_a_prior_predictive_tail_by_hand(self):
        # One reading at 1.96 standard deviations of what was expected: 5 % lie as far.
        sd = math.sqrt(0.3**2 + TAU**2 + 0.1**2)
        y = -(0.3**2) / 2 - TAU**2 / 2 + 1.959964 * sd
        readings = Readings(
            np.array([y]), np.ones((1, 1)), np.array([0]), np.array([0]), np.array([0]),
            np.array([0.1]), np.ones(1),
        )  # fmt: skip
        p = calc_conflict(np.array([-0.045]), np.array([[0.09]]), readings, Spread(TAU))
        assert p == pytest.approx(0.05, abs=1e-6)


ratios_of = st.lists(st.floats(0.2, 4.0), min_size=1, max_size=5)


class TestProperties:
    @settings(max_examples=12, deadline=None)
    @given(ratios=ratios_of, sd=st.floats(0.03, 0.6), log_sd=st.floats(0.05, 0.9))
    def test_a_measurement_narrows_and_what_says_nothing_changes_nothing(self, ratios, sd, log_sd):
        values = np.array(ratios)
        found = fit_family(log_sd, values, np.full(values.size, sd), Spread(TAU, BETA))
        assert found.covariance[0, 0] < log_sd**2
        assert np.linalg.eigvalsh(found.covariance).min() > -1e-9
        low, high = found.targets.interval()
        assert (low < found.targets.factor_mean()).all() and (low < high).all()
        vague = fit_family(log_sd, values, np.full(values.size, 1e4), Spread(TAU, BETA))
        assert vague.covariance[0, 0] == pytest.approx(log_sd**2, rel=1e-4)

    @settings(max_examples=8, deadline=None)
    @given(ratios=st.lists(st.floats(0.3, 3.0), min_size=2, max_size=5), shift=st.integers(1, 4))
    def test_the_order_of_measurements_changes_nothing(self, ratios, shift):
        values = np.array(ratios)
        sd = np.linspace(0.05, 0.3, values.size)
        turn = np.roll(np.arange(values.size), shift)
        learn = Spread(TAU, BETA, learn=True)
        one, other = (
            fit_family(0.5, values, sd, learn),
            fit_family(0.5, values[turn], sd[turn], learn),
        )
        assert other.targets.factor_mean()[0] == pytest.approx(one.targets.factor_mean()[0])
        assert other.covariance[0, 0] == pytest.approx(one.covariance[0, 0])

    def test_more_contracts_narrow_but_never_below_selection(self):
        widths = [
            fit_family(0.5, np.full(n, 0.8), np.full(n, 0.1), Spread(TAU, BETA)).covariance[0, 0]
            for n in (1, 3, 10, 60)
        ]
        assert all(late < early for early, late in pairwise(widths))
        # What selection leaves: 1/(1/0.5² + 1/β²).
        assert widths[-1] > 1 / (1 / 0.25 + 1 / BETA**2)

    def test_agreeing_contracts_make_the_spread_small(self):
        learn = Spread(TAU, BETA, learn=True)
        alike = fit_family(0.5, np.full(6, 0.8), np.full(6, 0.1), learn)
        apart = fit_family(0.5, np.geomspace(0.3, 2.0, 6), np.full(6, 0.1), learn)
        assert alike.weights @ alike.spreads < TAU / 3
        assert apart.weights @ apart.spreads > TAU
        # A new contract is in doubt by the spread too.
        known = alike.targets.interval()
        new = alike.predict(0).interval()
        assert new[0][0] < known[0][0] and new[1][0] > known[1][0]

    def test_a_contract_counted_in_quantities_spreads_less(self):
        def readings(relative):
            return Readings(
                np.array([-0.4]), np.ones((1, 1)), np.array([0]), np.array([0]), np.array([0]),
                np.array([0.05]), np.ones(1), np.array([relative]),
            )  # fmt: skip

        mean, covariance = np.array([-0.02]), np.array([[0.04]])
        wide, narrow = (
            condition_logs(mean, covariance, readings(each), Spread(TAU)) for each in (1.0, 0.2)
        )
        assert narrow.covariance[0, 0] < wide.covariance[0, 0]
        # Stated spread times what is relative to it: the same as a smaller spread.
        same = condition_logs(mean, covariance, readings(1.0), Spread(0.2 * TAU))
        assert narrow.targets.log_mean() == pytest.approx(same.targets.log_mean())

    def test_a_family_alone_is_the_marginal_of_all_together(self):
        """Families that share nothing: together or alone, the same posterior."""
        s = np.array([0.1, 0.15, 0.2])
        readings = Readings(
            logs=np.log([0.7, 0.9, 1.3]) - s**2 / 2,
            weights=np.array([[1.0, 0], [1, 0], [0, 1]]),
            contracts=np.arange(3),
            families=np.array([0, 0, 1]),
            methods=np.arange(3),
            log_sd=s,
            own_share=np.ones(3),
        )
        covariance = np.diag([0.25, 0.16])
        both = condition_logs(-np.diag(covariance) / 2, covariance, readings, Spread(TAU, BETA))
        first = fit_family(0.5, np.array([0.7, 0.9]), s[:2], Spread(TAU, BETA))
        second = fit_family(0.4, np.array([1.3]), s[2:], Spread(TAU, BETA))
        assert both.targets.factor_mean()[:2] == pytest.approx(
            [first.targets.factor_mean()[0], second.targets.factor_mean()[0]]
        )
        assert both.covariance[0, 1] == pytest.approx(0, abs=1e-12)
        assert both.influence[0] == pytest.approx([*first.influence[0], 0.0])


def test_intervals_cover_when_the_model_holds():
    """250 simulated truths: 95 ± 4.1 %, three standard errors of a share of 250."""
    rng = np.random.default_rng(5)
    inside = np.zeros(3)
    trials, count, prior_sd, s = 250, 4, 0.5, 0.15
    scale = TAU / HALF_NORMAL_MEDIAN
    for _ in range(trials):
        tau = abs(rng.normal(0, scale))
        theta = rng.normal(-(prior_sd**2) / 2, prior_sd)
        bias = rng.normal(-(BETA**2) / 2, BETA)
        truth = theta + bias + rng.normal(-(tau**2) / 2, tau, count)
        measured = np.exp(truth + rng.normal(0, s, count) + s**2 / 2)
        found = fit_family(
            prior_sd, measured, np.full(count, s), Spread(TAU, BETA, learn=True), nodes=48
        )
        told = found.targets.probability_below(np.exp([theta, *truth]))[:2]
        new = theta + rng.normal(-(tau**2) / 2, tau)
        told = [*told, found.predict(0).probability_below(np.exp(np.array([new])))[0]]
        inside += [0.025 < each < 0.975 for each in told]
    assert inside / trials == pytest.approx(np.full(3, 0.95), abs=0.041)


class TestBadInput:
    def readings(self, **changed):
        parts = {
            "logs": np.zeros(1), "weights": np.ones((1, 1)), "contracts": np.array([0]),
            "families": np.array([0]), "methods": np.array([0]), "log_sd": np.array([0.1]),
            "own_share": np.ones(1),
        }  # fmt: skip
        return Readings(**(parts | changed))

    @pytest.mark.parametrize(
        ("covariance", "changed", "message"),
        [
            (np.array([[-0.1]]), {}, "negative"),
            (np.array([[0.1]]), {"log_sd": np.zeros(1)}, "above zero"),
            (np.array([[0.1]]), {"logs": np.array([np.nan])}, "finite"),
            (np.array([[0.1, 0.3], [0.2, 0.4]]), {"weights": np.array([[1.0, 0]])}, "symmetric"),
            (np.array([[0.1, 0.3], [0.3, 0.1]]), {"weights": np.array([[1.0, 0]])}, "negative"),
        ],
    )
    def test_what_is_no_covariance_or_no_measurement_is_refused(self, covariance, changed, message):
        with pytest.raises(ValueError, match=message):
            condition_logs(
                np.zeros(len(covariance)), covariance, self.readings(**changed), Spread(TAU)
            )


class TestKnownErrors:
    COMPONENTS = (
        Component(np.array([0, 0, 1, 1]), np.array([0.3, 0.3, 0.2, 0.2])),
        Component(np.array([0, 1, 2, 3]), np.array([0.1, 0.4, 0.3, 0.0])),
    )

    def test_it_says_what_shared_errors_of_the_same_covariance_say(self):
        shared = SharedErrors(self.COMPONENTS)
        known = KnownErrors(shared.log_covariance())
        totals = np.array([[1.0, 2, 3, 4], [5, 0, 0, 1]])
        for name in ("mean", "variance", "low", "high"):
            assert getattr(known.calc_interval(totals), name) == pytest.approx(
                getattr(shared.calc_interval(totals), name)
            )
        groups, terms = np.nonzero(totals)
        sparse = known.calc_sparse_interval(groups, terms, totals[groups, terms], 2, np.zeros(2))
        assert sparse.high == pytest.approx(shared.calc_interval(totals).high)
        chosen = np.array([3, 1])
        assert known.select(chosen).log_covariance() == pytest.approx(
            shared.select(chosen).log_covariance()
        )
        drawn = known.draw_totals(totals, 40_000, np.random.default_rng(1))
        assert drawn.mean(axis=0) == pytest.approx([10, 6], rel=0.02)
        assert drawn.var(axis=0) == pytest.approx(shared.calc_interval(totals).variance, rel=0.08)

    def test_its_components_are_tied(self):
        known = KnownErrors(np.array([[0.1, 0.05], [0.05, 0.1]]))
        with pytest.raises(FieldError, match="tied"):
            known.loading(0)
        with pytest.raises(FieldError, match="tied"):
            known.without(0, np.ones(2, dtype=bool))


def test_a_quantile_of_one_normal_is_its_own():
    one = LogMixture(np.ones(1), np.array([[0.2, 0.0]]), np.array([[0.09, 0.0]]))
    low, high = one.interval()
    assert low == pytest.approx([math.exp(0.2 - 1.959964 * 0.3), 1.0])
    assert high == pytest.approx([math.exp(0.2 + 1.959964 * 0.3), 1.0])
