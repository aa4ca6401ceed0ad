"""Reliability of probabilities: hand counts, Wilson's interval, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from lcc.errors import FieldError
from lcc.uncertainty.reliability import measure_reliability


class TestByHand:
    # Five forecasts in two bins of width a half:
    # [0, 0.5): 0.1 (no), 0.3 (yes) → mean 0.2, one of two. [0.5, 1]: 0.5, 0.9, 1.0 (yes, yes, no)
    # → mean 0.8, two of three.
    FOUND = measure_reliability([0.1, 0.3, 0.5, 0.9, 1.0], [False, True, True, True, False], bins=2)

    def test_bins(self) -> None:
        bins = self.FOUND.bins
        assert bins["low"].tolist() == [0.0, 0.5] and bins["high"].tolist() == [0.5, 1.0]
        assert bins["count"].tolist() == [2, 3]
        assert bins["mean_forecast"].tolist() == pytest.approx([0.2, 0.8])
        assert bins["observed"].tolist() == pytest.approx([1 / 2, 2 / 3])

    def test_brier_score(self) -> None:
        # 0.1² + 0.7² + 0.5² + 0.1² + 1² = 0.01 + 0.49 + 0.25 + 0.01 + 1 = 1.76, over 5.
        assert self.FOUND.brier_score == pytest.approx(1.76 / 5)
        # Three of five happened: 0.6 × 0.4.
        assert self.FOUND.base_score == pytest.approx(0.24)

    def test_calibration_error(self) -> None:
        # (2 × |0.2 − 0.5| + 3 × |0.8 − 2/3|) / 5 = (0.6 + 0.4) / 5.
        assert self.FOUND.calibration_error == pytest.approx(0.2)
        assert self.FOUND.count == 5

    def test_interval_is_that_of_wilson(self) -> None:
        for successes, row in zip((1, 2), self.FOUND.bins.to_dict("records"), strict=True):
            wilson = binomtest(successes, row["count"]).proportion_ci(method="wilson")
            assert (row["low_observed"], row["high_observed"]) == pytest.approx(wilson)


def test_empty_bins_are_left_out() -> None:
    assert measure_reliability([0.05, 0.95], [0, 1]).bins["low"].tolist() == [0.0, 0.9]


def test_a_forecast_that_knows_is_perfect() -> None:
    found = measure_reliability([0.0, 1.0, 1.0], [0, 1, 1])
    assert found.brier_score == found.calibration_error == 0


def test_calibrated_forecasts_are_found_calibrated() -> None:
    rng = np.random.default_rng(4)
    chances = rng.random(40_000)
    found = measure_reliability(chances, rng.random(40_000) < chances)
    assert found.calibration_error < 0.01
    # Of uniform forecasts, the score is E[p(1 − p)] = 1/6.
    assert found.brier_score == pytest.approx(1 / 6, abs=0.005)


def test_overconfident_forecasts_are_found_out() -> None:
    rng = np.random.default_rng(4)
    happened = rng.random(5_000) < 0.7
    found = measure_reliability(np.full(5_000, 0.9), happened)
    row = found.bins.iloc[0]
    assert not row["low_observed"] <= row["mean_forecast"] <= row["high_observed"]
    assert found.calibration_error == pytest.approx(0.2, abs=0.02)
    assert found.brier_score > found.base_score


@settings(max_examples=30)
@given(
    st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=40),
    st.integers(1, 12),
)
def test_properties(cases: list[tuple[float, bool]], bins: int) -> None:
    chances, happened = zip(*cases, strict=True)
    found = measure_reliability(chances, happened, bins)
    table = found.bins
    assert table["count"].sum() == len(cases)
    assert (table["low"] <= table["mean_forecast"]).all()
    assert (table["mean_forecast"] <= table["high"]).all()
    assert (table["low_observed"] <= table["observed"]).all()
    assert (table["observed"] <= table["high_observed"]).all()
    assert 0 <= found.brier_score <= 1 and 0 <= found.calibration_error <= 1


@pytest.mark.parametrize(
    ("forecasts", "outcomes", "facts"),
    [
        ([], [], "at least 1"),
        ([0.5], [1, 0], "each forecast has one outcome"),
        ([0.5, 1.2], [1, 0], "row 2, field forecasts.*1.2"),
        ([0.5, float("nan")], [1, 0], "not a probability"),
        ([0.5, 0.5], [1, 2], "row 2, field outcomes"),
    ],
)
def test_what_is_refused(forecasts: list[float], outcomes: list[float], facts: str) -> None:
    with pytest.raises(FieldError, match=f"(?s){facts}"):
        measure_reliability(forecasts, outcomes)


def test_no_bin_is_refused() -> None:
    with pytest.raises(FieldError, match="at least one bin"):
        measure_reliability([0.5], [1], bins=0)
