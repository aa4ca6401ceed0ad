"""From scores to probabilities: a case by hand, and codes that are wrong at a known rate."""

from __future__ import annotations

import numpy as np
import pytest

from lcc.spending.suggest.calibrate import Calibration, apply_calibration, fit_calibration
from lcc.uncertainty.reliability import measure_reliability

SEGMENTS = np.array([0, 0, 1])


def test_three_families_by_hand() -> None:
    # Scores ln 8, ln 1, ln 1 give softmax 0.8, 0.1, 0.1. Noise 0.5 of the first family alone, a
    # half of it inside the segment, weights 0.5, 0.25, 0.25: lost 0.4. Inside its segment the
    # weights are 2/3 and 1/3, so 0.2 goes as 0.13333 and 0.06667; elsewhere 0.2 goes as 0.1, 0.05
    # and 0.05.
    calibration = Calibration(1.0, 1.0, np.array([0.5, 0.0, 0.0]), 0.5, np.array([0.5, 0.25, 0.25]))
    found = apply_calibration(calibration, np.log([[8.0, 1.0, 1.0]]), np.zeros((1, 3)), SEGMENTS)
    expected = [0.4 + 0.2 * 2 / 3 + 0.1, 0.1 + 0.2 / 3 + 0.05, 0.1 + 0.05]
    assert found[0] == pytest.approx(expected, abs=1e-12)
    assert found.sum() == pytest.approx(1.0, abs=1e-12)


def test_codes_wrong_three_times_in_ten_are_not_said_to_be_sure() -> None:
    # Titles say their family plainly; three codes in ten are drawn anew among all families.
    rng = np.random.default_rng(1)
    families, count = 12, 3_000
    segments = np.arange(families) // 4
    true = rng.integers(0, families, count)
    drawn = rng.random(count) < 0.3
    coded = np.where(drawn, rng.integers(0, families, count), true)
    scores = np.eye(families)[true] + 0.05 * rng.normal(size=(count, families))
    half = count // 2
    labels = np.zeros_like(scores)
    found = fit_calibration(scores[:half], labels[:half], coded[:half], segments)
    chances = apply_calibration(found, scores[half:], labels[half:], segments)
    right = chances.argmax(axis=1) == coded[half:]
    # A redrawn code is the right one once in twelve: 0.7 + 0.3 / 12 = 0.725.
    assert chances.max(axis=1).mean() == pytest.approx(0.725, abs=0.03)
    # 125 titles of a family leave 0.04 of its noise open, and as many tried 0.04 more.
    assert measure_reliability(chances.max(axis=1), right).calibration_error < 0.08
