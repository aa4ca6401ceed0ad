"""Ranks with probability: closed forms of two totals, hand counts, properties, calibration."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from lcc.errors import FieldError
from lcc.uncertainty import ordering
from lcc.uncertainty.choice import rank_probabilities
from lcc.uncertainty.ranks import calc_ranks, compare_totals
from lcc.uncertainty.reliability import measure_reliability
from lcc.uncertainty.shared import Component, SharedErrors

DRAWS = 40_000


def make_errors(*parts: tuple[list[int], list[float]]) -> SharedErrors:
    return SharedErrors([Component(np.array(keys), np.array(sds)) for keys, sds in parts])


def two_families(bridge_first: float, bridge_second: float) -> SharedErrors:
    """Return two terms of one source and one product, each with its family's bridge."""
    return make_errors(
        ([0, 0], [0.20, 0.20]), ([0, 0], [0.25, 0.25]), ([0, 1], [bridge_first, bridge_second])
    )


class TestOneRatioForTwoFamilies:
    """A family with 5 % more spending than another of the same ratio is not surely larger.

    A = a S P B_A and B = b S P B_B: source S and product P cancel in A / B. With bridges
    ln B ~ N(−σ²/2, σ²), ln(A/B) is normal of mean ln(a/b) − (σ_A² − σ_B²)/2 and variance
    σ_A² + σ_B², so P(A > B) = Φ(mean / √variance).
    """

    TOTALS = np.diag([105.0, 100.0])

    @pytest.mark.parametrize(("first", "second"), [(0.34, 0.34), (0.10, 0.40), (0.02, 0.02)])
    def test_probability_is_that_of_the_bridges(self, first: float, second: float) -> None:
        mean = math.log(1.05) - (first**2 - second**2) / 2
        expected = norm.cdf(mean / math.hypot(first, second))
        errors = two_families(first, second)
        found = calc_ranks(errors, self.TOTALS, k=(1,), draws=DRAWS, seed=3, pairs=[(0, 1)])
        standard_error = math.sqrt(expected * (1 - expected) / DRAWS)
        assert found.pairs[0] == pytest.approx(expected, abs=4 * standard_error)
        assert found.within[0, 0] == pytest.approx(found.pairs[0])
        compared = compare_totals(errors, self.TOTALS, draws=DRAWS, seed=3)
        assert compared.probability == pytest.approx(expected, abs=4 * standard_error)
        # The median of a lognormal ratio is e^mean, its bounds e^(mean ± 1.96 sd).
        assert compared.ratio == pytest.approx(math.exp(mean), rel=0.02)
        high = math.exp(mean + norm.ppf(0.975) * math.hypot(first, second))
        assert compared.ratio_high == pytest.approx(high, rel=0.04)

    def test_at_the_project_s_usual_bridge_it_is_little_more_than_even(self) -> None:
        # Φ(0.04879 / (0.34 √2)) = Φ(0.1015) = 0.540.
        found = compare_totals(two_families(0.34, 0.34), self.TOTALS, draws=DRAWS, seed=3)
        assert found.probability == pytest.approx(0.540, abs=0.011)

    def test_without_a_bridge_it_is_certain(self) -> None:
        found = calc_ranks(two_families(0.0, 0.0), self.TOTALS, k=(1,), draws=2_000, seed=3)
        assert found.within[0, 0] == 1 and found.rank_high[0] == 1
        # Yet 2 000 draws that agree prove no certainty: Wilson's bound at p = 1 is n / (n + z²).
        low, _ = found.bound_within()
        assert low[0, 0] == pytest.approx(2_000 / (2_000 + norm.ppf(0.975) ** 2))

    def test_errors_of_single_lines_open_it_as_well(self) -> None:
        own = np.array([900.0, 900.0])
        found = calc_ranks(two_families(0, 0), self.TOTALS, own, k=(1,), draws=DRAWS, seed=3)
        assert 0.5 < found.within[0, 0] < 0.6

    def test_independent_errors_would_hide_what_cancels(self) -> None:
        """With a source each, the order of 150 and 100 looks open; sharing it, it is sure."""
        apart = make_errors(([0, 1], [0.5, 0.5]))
        together = make_errors(([0, 0], [0.5, 0.5]))
        totals = np.diag([150.0, 100.0])
        assert calc_ranks(apart, totals, k=(1,), draws=2_000, seed=1).within[0, 0] < 0.8
        assert calc_ranks(together, totals, k=(1,), draws=2_000, seed=1).within[0, 0] == 1


class TestTies:
    ERRORS = make_errors(([0, 1], [0.3, 0.3]))

    def test_equal_totals_share_their_ranks(self) -> None:
        """Ranks 1 to 3 are held by three equal groups; the fourth is always the last."""
        totals = np.array([[10.0, 0], [10, 0], [10, 0], [1, 0]])
        found = calc_ranks(self.ERRORS, totals, k=(1, 2, 3, 4), draws=500, seed=1)
        assert found.rank.tolist() == [1, 1, 1, 4]
        assert found.expected_rank.tolist() == pytest.approx([2, 2, 2, 4])
        assert found.within[0].tolist() == pytest.approx([1 / 3, 2 / 3, 1, 1])
        assert found.within[3].tolist() == [0, 0, 0, 1]
        assert (found.rank_low[0], found.rank_high[0]) == (1, 3)
        assert found.above_next[0] == 0.5 and math.isnan(found.above_next[3])
        # 80 % of 31 is 24.8: it takes all three of the equal ones, 20 not being enough.
        assert found.head.tolist() == pytest.approx([1, 1, 1, 0])

    def test_rounding_makes_no_difference(self) -> None:
        # 0.1 + 0.2 is not 0.3 for a machine.
        totals = np.array([[0.1 + 0.2, 0.0], [0.3, 0.0]])
        found = calc_ranks(self.ERRORS, totals, k=(1,), draws=500, seed=1)
        assert found.within[:, 0].tolist() == [0.5, 0.5]
        assert compare_totals(self.ERRORS, totals, draws=500, seed=1).probability == 0.5

    def test_nothing_and_less_than_nothing(self) -> None:
        """Groups without emissions tie; a net credit comes last; neither is of the head."""
        totals = np.array([[0.0, 0.0], [5.0, 0.0], [0.0, 0.0], [-2.0, 0.0]])
        found = calc_ranks(self.ERRORS, totals, k=(1, 3), draws=500, seed=1)
        assert found.rank.tolist() == [2, 1, 2, 4]
        assert found.expected_rank.tolist() == pytest.approx([2.5, 1, 2.5, 4])
        assert found.head.tolist() == [0, 1, 0, 0]

    def test_a_variance_of_its_own_parts_equal_totals(self) -> None:
        totals = np.array([[10.0, 0], [10.0, 0]])
        found = calc_ranks(self.ERRORS, totals, np.array([4.0, 4.0]), k=(1,), draws=9_000, seed=1)
        assert found.within[:, 0] == pytest.approx(0.5, abs=0.03)
        assert found.rank_high.tolist() == [2, 2]


def random_model(
    rng: np.random.Generator, groups: int, terms: int = 6
) -> tuple[SharedErrors, np.ndarray]:
    errors = SharedErrors(
        [
            Component(rng.integers(0, 2, terms), np.full(terms, 0.2)),
            Component(np.arange(terms), rng.uniform(0.1, 0.5, terms)),
        ]
    )
    totals = np.zeros((groups, terms))
    totals[np.arange(groups), rng.integers(0, terms, groups)] = rng.lognormal(3, 0.5, groups)
    return errors, totals


class TestProperties:
    @settings(max_examples=25, deadline=None)
    @given(st.integers(0, 10_000), st.integers(1, 9), st.integers(1, 600))
    def test_ranks_are_shared_out_whole(self, seed: int, groups: int, draws: int) -> None:
        rng = np.random.default_rng(seed)
        errors, totals = random_model(rng, groups)
        if groups > 2:
            totals[1] = totals[0]
        k = tuple(range(1, groups + 1))
        found = calc_ranks(errors, totals, k=k, draws=draws, seed=seed, first_ranks=groups)
        # Each rank is somebody's, each group has a rank.
        assert found.first_ranks.sum(axis=0) == pytest.approx(np.ones(groups))
        assert found.first_ranks.sum(axis=1) == pytest.approx(np.ones(groups))
        assert found.within.sum(axis=0) == pytest.approx(np.array(k, dtype=float))
        assert found.within == pytest.approx(np.cumsum(found.first_ranks, axis=1))
        assert found.expected_rank.sum() == pytest.approx(groups * (groups + 1) / 2)
        assert (found.rank_low <= found.rank_high).all()
        assert (found.head <= 1 + 1e-12).all() and (found.head >= 0).all()

    def test_the_same_as_another_function_of_the_package(self) -> None:
        """`choice.rank_probabilities` ranks costs, the cheapest first, another way."""
        rng = np.random.default_rng(5)
        errors, totals = random_model(rng, 7)
        found = calc_ranks(errors, totals, k=(1,), draws=1_000, seed=8, first_ranks=7)
        drawn = np.concatenate(
            [
                np.concatenate(list(errors.draw_multipliers(250, np.random.default_rng([8, b]))))
                @ totals.T
                for b in range(4)
            ]
        )
        assert found.first_ranks == pytest.approx(rank_probabilities(-drawn), abs=2e-3)

    def test_an_order_of_groups_changes_nothing(self) -> None:
        rng = np.random.default_rng(6)
        errors, totals = random_model(rng, 30)
        order = rng.permutation(30)
        found = calc_ranks(errors, totals, k=(3,), draws=1_000, seed=2)
        mixed = calc_ranks(errors, totals[order], k=(3,), draws=1_000, seed=2)
        for name in ("rank", "expected_rank", "rank_low", "rank_high", "within", "head"):
            assert getattr(mixed, name) == pytest.approx(getattr(found, name)[order], abs=3e-3)

    def test_a_scale_changes_nothing(self) -> None:
        errors, totals = random_model(np.random.default_rng(6), 12)
        found = calc_ranks(errors, totals, k=(3,), draws=1_000, seed=2)
        again = calc_ranks(errors, 1024 * totals, k=(3,), draws=1_000, seed=2)
        assert np.array_equal(found.within, again.within)

    def test_the_number_of_threads_changes_no_byte(self) -> None:
        rng = np.random.default_rng(7)
        errors, totals = random_model(rng, 300)
        own = (0.1 * totals.sum(axis=1)) ** 2
        one, three = (
            calc_ranks(errors, totals, own, k=(1, 10), draws=2_100, seed=9, threads=threads)
            for threads in (1, 3)
        )
        other = calc_ranks(errors, totals, own, k=(1, 10), draws=2_100, seed=10)
        for name in ("expected_rank", "rank_low", "within", "first_ranks", "head", "above_next"):
            assert getattr(one, name).tobytes() == getattr(three, name).tobytes()
        assert one.within.tobytes() != other.within.tobytes()

    def test_ranks_held_in_a_file_are_the_same(self, monkeypatch: pytest.MonkeyPatch) -> None:
        errors, totals = random_model(np.random.default_rng(7), 20)
        inside = calc_ranks(errors, totals, k=(2,), draws=600, seed=9)
        monkeypatch.setattr(ordering, "HELD_BYTES", 1_000)
        beside = calc_ranks(errors, totals, k=(2,), draws=600, seed=9)
        assert np.array_equal(inside.within, beside.within)

    def test_the_head_is_class_a(self) -> None:
        """Without errors: 50, 30, 15, 5. 50 and 80 % before the second and the third: two do."""
        errors = make_errors(([0, 1, 2, 3], [0.0] * 4))
        found = calc_ranks(errors, np.diag([50.0, 30, 15, 5]), draws=1, seed=0, share=0.8)
        assert found.head.tolist() == [1, 1, 0, 0]
        found = calc_ranks(errors, np.diag([50.0, 30, 15, 5]), draws=1, seed=0, share=0.81)
        assert found.head.tolist() == [1, 1, 1, 0]


def test_probabilities_of_ranks_are_calibrated() -> None:
    """Over worlds whose truth is a draw of the model, what is said to have 30 % has it in 30 %.

    The figures the model starts from are drawn around the truth: with a flat prior on the log of
    a total, an estimate E = T × error means T = E × error, the errors being symmetric in the log.
    """
    rng = np.random.default_rng(12)
    forecasts, outcomes = [], []
    for world in range(150):
        groups = 8
        truth = np.exp(rng.uniform(0, 40, groups) / 10)
        source, own = rng.normal(0, 0.3), rng.normal(0, 0.5, groups)
        seen = np.diag(truth * np.exp(source + own))
        # Mean-one multipliers of loading s have median e^(−s²/2), the same for all groups here.
        errors = make_errors(([0] * groups, [0.3] * groups), (list(range(groups)), [0.5] * groups))
        found = calc_ranks(errors, seen, k=(1, 3), draws=500, seed=world)
        place = (-truth).argsort().argsort()
        for rank, k in enumerate((1, 3)):
            forecasts.append(found.within[:, rank])
            outcomes.append(place < k)
    reliability = measure_reliability(np.concatenate(forecasts), np.concatenate(outcomes), bins=8)
    bins = reliability.bins
    inside = (bins["low_observed"] <= bins["mean_forecast"]) & (
        bins["mean_forecast"] <= bins["high_observed"]
    )
    # Bins at 95 %, of forecasts that share their world: most of eight hold.
    assert inside.mean() >= 0.6
    assert reliability.calibration_error < 0.03
    assert reliability.brier_score < reliability.base_score / 2


class TestDamage:
    ERRORS = make_errors(([0, 1], [0.1, 0.1]))
    TOTALS = np.diag([2.0, 1.0])

    def test_shapes(self) -> None:
        with pytest.raises(FieldError, match=r"(?s)groups by terms.*2 terms"):
            calc_ranks(self.ERRORS, np.ones((2, 3)), seed=0)
        with pytest.raises(FieldError, match="at least one group"):
            calc_ranks(self.ERRORS, np.ones((0, 2)), seed=0)
        with pytest.raises(FieldError, match="one variance"):
            calc_ranks(self.ERRORS, self.TOTALS, np.ones(3), seed=0)
        with pytest.raises(FieldError, match=r"(?s)two totals are compared.*found: 3"):
            compare_totals(self.ERRORS, np.ones((3, 2)), seed=0)

    def test_figures_that_are_none(self) -> None:
        with pytest.raises(FieldError, match=r"(?s)row 2, field totals.*not a finite number"):
            calc_ranks(self.ERRORS, np.array([[1.0, 1.0], [np.nan, 1.0]]), seed=0)
        with pytest.raises(FieldError, match="row 1"):
            calc_ranks(self.ERRORS, self.TOTALS, np.array([-1.0, 1.0]), seed=0)

    @pytest.mark.parametrize(
        ("choice", "field"),
        [
            ({"draws": 0}, "draws"),
            ({"seed": -1}, "seed"),
            ({"share": 1.0}, "share"),
            ({"level": 0.0}, "level"),
            ({"k": (0,)}, "k"),
        ],
    )
    def test_choices(self, choice: dict[str, object], field: str) -> None:
        with pytest.raises(FieldError, match=f"field {field}"):
            calc_ranks(self.ERRORS, self.TOTALS, **{"seed": 0, **choice})  # type: ignore[arg-type]
