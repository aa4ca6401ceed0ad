"""Targets held, missed or undecided; values as a publisher writes them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lcc.indicators.definitions import Target, load_indicators
from lcc.indicators.targets import judge_value, write_value

THIRTY = Target("x", 0.3, "share", "at-least", None, None, None, "year", "", "", "")
AT_MOST = replace(THIRTY, comparison="at-most")


@pytest.mark.parametrize(
    ("target", "low", "high", "state"),
    [
        (THIRTY, 0.3, 0.6, "held"),  # at least 30 %, whatever the unknowns
        (THIRTY, 0.286, 0.643, "undecided"),
        (THIRTY, 0.1, 0.2999, "missed"),
        (THIRTY, 0.4, None, "held"),  # nothing bounds it from above
        (THIRTY, None, None, "undecided"),
        (AT_MOST, 0.1, 0.3, "held"),
        (AT_MOST, 0.31, 0.5, "missed"),
        (AT_MOST, None, 0.5, "undecided"),
    ],
)
def test_a_target_is_judged_by_both_bounds(
    target: Target, low: float | None, high: float | None, state: str
) -> None:
    row = judge_value({"low": low, "high": high}, [target])
    assert (row["state"], row["target"]) == (state, 0.3)
    assert row["gap_low"] == (None if low is None else pytest.approx(low - 0.3))


def test_of_two_targets_the_most_demanding_is_compared() -> None:
    row = judge_value({"low": 0.35, "high": 0.35}, [THIRTY, replace(THIRTY, value=0.4)])
    assert (row["target"], row["state"]) == (0.4, "missed")
    assert judge_value({"low": 1.0, "high": 1.0}, [])["state"] == "no-target"


@pytest.mark.parametrize(
    ("rounding", "value", "unit", "text"),
    [
        # 66,2 %, 55 % and 232 are how the scheme writes; 374 408 h / 1 607 = 232.98 is cut.
        ("one-decimal", 0.6621, "share", "66,2\u00a0%"),
        ("one-decimal", 0.66250000001, "share", "66,3\u00a0%"),
        ("one-decimal", 0.6625, "share", "66,3\u00a0%"),  # half up, not to the even figure
        ("whole", 0.55, "share", "55\u00a0%"),
        ("whole", 0.125, "share", "13\u00a0%"),
        ("truncated", 374_408 / 1_607, "fte", "232"),
        ("whole", 1234.0, "contracts", "1\u202f234"),
        ("none", 0.5, "share", None),
        ("whole", None, "share", None),
    ],
)
def test_a_value_is_written_as_its_publisher_does(
    rounding: str, value: float | None, unit: str, text: str | None
) -> None:
    indicator = replace(load_indicators()["social-clause"], rounding=rounding)
    assert write_value(value, indicator, unit) == text
