"""How far the closed form of an interval (Fenton-Wilkinson) is from draws, over shapes of totals.

docs/uncertainty.md says where it is good; these are the limits it states. Draws are of the model
itself, with a seed; bounds of 80 000 draws are known to about one percent.
"""

from __future__ import annotations

import numpy as np
import pytest

from lcc.uncertainty.shared import Component, SharedErrors

DRAWS = 80_000

SHAPES = {
    "equal": np.ones(10),
    "falling": 0.7 ** np.arange(10),
    "one half": np.array([9.0, *np.ones(9)]),
}


def measure(shape: str, shared: float, own: float) -> tuple[float, float]:
    """Return by how much the closed form's bounds are off those of draws, as shares."""
    weights = SHAPES[shape]
    terms = len(weights)
    errors = SharedErrors(
        [
            Component(np.zeros(terms, dtype=np.int64), np.full(terms, shared)),
            Component(np.arange(terms), np.full(terms, own)),
        ]
    )
    closed = errors.calc_interval(weights[None])
    drawn = errors.draw_interval(weights[None], DRAWS, np.random.default_rng(20261127))
    return closed.low[0] / drawn.low[0] - 1, closed.high[0] / drawn.high[0] - 1


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("shared", "own"), [(0.2, 0.2), (0.5, 0.3), (0.8, 0.3), (1.0, 0.3)])
def test_where_the_shared_error_is_the_larger_it_is_within_three_percent(
    shape: str, shared: float, own: float
) -> None:
    assert np.abs(measure(shape, shared, own)) == pytest.approx(0, abs=0.03)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("own", [0.5, 0.8, 1.0])
def test_the_upper_bound_stays_within_seven_percent(shape: str, own: float) -> None:
    assert abs(measure(shape, 0.2, own)[1]) < 0.07


@pytest.mark.parametrize("own", [0.5, 0.8])
def test_of_totals_that_no_term_dominates_the_lower_bound_too(own: float) -> None:
    assert abs(measure("equal", 0.2, own)[0]) < 0.07


def test_where_one_term_makes_half_and_has_a_wide_error_of_its_own_it_is_not_good() -> None:
    """One lognormal has too long a tail below: the others do not go down with the large one."""
    assert measure("one half", 0.0, 0.8)[0] < -0.15
    assert -0.15 < measure("one half", 0.2, 0.5)[0] < -0.03
