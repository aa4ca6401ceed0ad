"""What a value is to its targets, and how its publisher would write it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from lcc.indicators.definitions import Indicator, Target
from lcc.wording import number_text

__all__ = ["judge_value", "write_value"]

DIGITS = 12
"""Significant digits a value is read with before it is rounded: 0.1 + 0.2 is 0.3."""
PERCENT = 100


def judge_value(row: dict[str, Any], targets: Sequence[Target]) -> dict[str, Any]:
    """Return a row of values with its target, gaps and state.

    The state is `held` or `missed` only where it is so whatever the unknowns, else `undecided`.
    Where several targets hold in the year, the most demanding one is compared.
    """
    low, high = row.get("low"), row.get("high")
    if not targets:
        return {**row, "target": None, "gap_low": None, "gap_high": None, "state": "no-target"}
    at_least = targets[0].comparison == "at-least"
    values = [each.value for each in targets]
    target = max(values) if at_least else min(values)
    if at_least:
        held = low is not None and low >= target
        missed = high is not None and high < target
    else:
        held = high is not None and high <= target
        missed = low is not None and low > target
    return {
        **row,
        "target": target,
        "gap_low": None if low is None else low - target,
        "gap_high": None if high is None else high - target,
        "state": "held" if held else "missed" if missed else "undecided",
    }


def write_value(value: float | None, indicator: Indicator, unit: str) -> str | None:
    r"""Return a value as the publisher writes it; None where it writes it in no known way.

    `whole` and `one-decimal` round half up; `truncated` cuts. A share is written in percent.
    """
    if value is None or not math.isfinite(value) or indicator.rounding == "none":
        return None
    exact = Decimal(f"{value:.{DIGITS}g}") * (PERCENT if unit == "share" else 1)
    if indicator.rounding == "truncated":
        shown, decimals = Decimal(math.floor(exact)), 0
    else:
        decimals = 1 if indicator.rounding == "one-decimal" else 0
        shown = exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return number_text(float(shown), decimals) + ("\u00a0%" if unit == "share" else "")
