"""What holds of any register: cells stand for their values, order is nothing, knowing narrows."""

from __future__ import annotations

import datetime
import operator
from dataclasses import replace

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from lcc.indicators.definitions import load_indicators
from lcc.indicators.evaluate import evaluate_indicators
from lcc.indicators.inputs import IndicatorInputs
from lcc.indicators.possible import Column, make_cells
from tests.indicators.twenty import AS_OF, REGION, TAGS, YEAR, make_twenty

COMPARISONS = (
    operator.lt,
    operator.le,
    operator.gt,
    operator.ge,
    operator.eq,
    operator.ne,
)
DAYS = st.dates(datetime.date(2024, 12, 20), datetime.date(2025, 1, 10)).map(
    datetime.date.toordinal
)


@given(st.sets(st.integers(0, 6), max_size=4), st.integers(0, 7), st.booleans())
@settings(deadline=None, max_examples=80)
def test_one_value_stands_for_its_cell(points: set[int], value: int, halves: bool) -> None:
    number = value + 0.5 * halves
    cells = make_cells("amount", [float(each) for each in points])
    shown = cells.values[cells.cell_of(number)]
    for point in points:
        for compare in COMPARISONS:
            assert compare(shown, point) == compare(number, point)
    # What may be any amount may be this one; an array and a number have the same cell.
    assert cells.full >> cells.cell_of(number) & 1
    assert cells.masks(Column(np.array([number]), {}))[0] == 1 << cells.cell_of(number)


@given(st.sets(DAYS, max_size=4), DAYS)
@settings(deadline=None, max_examples=80)
def test_no_day_lies_between_two_that_follow(points: set[int], day: int) -> None:
    cells = make_cells("launched", points)
    shown = cells.values[cells.cell_of(day)]
    assert all(compare(shown, p) == compare(day, p) for p in points for compare in COMPARISONS)
    reachable = [value for _, value in cells.choices(cells.full)]
    assert sorted(reachable) == sorted(set(reachable))
    assert all(float(value).is_integer() for value in reachable)


def test_a_word_is_one_of_its_list_or_another() -> None:
    cells = make_cells("kind", ["subsequent", "concession"])
    assert [value for _, value in cells.choices(cells.full)] == [
        "concession", "subsequent", "contract",
    ]  # fmt: skip
    whole = make_cells("size", ["pme", "eti", "ge"])
    assert [value for _, value in whole.choices(whole.full)] == ["eti", "ge", "pme"]
    free = make_cells("procedure", ["MAPA"])
    assert len(free.choices(free.full)) == 2


DEFINITIONS = {
    name: load_indicators()[name]
    for name in ("social-clause", "environmental-criterion", "notified-to-structures")
}


def values_of(inputs: IndicatorInputs) -> pd.DataFrame:
    """Bounds by indicator and way of counting."""
    found = evaluate_indicators(inputs, YEAR, as_of=AS_OF, indicators=DEFINITIONS).values
    return found.set_index(["indicator", "variant"])[["known", "low", "high", "unknown"]]


@given(st.permutations(range(24)))
@settings(deadline=None, max_examples=8)
def test_the_order_of_rows_is_nothing(order: list[int]) -> None:
    register, firms = make_twenty()
    inputs = IndicatorInputs(register=register, firms=firms, region=REGION)
    mixed = replace(
        register,
        contracts=register.contracts.iloc[order].reset_index(drop=True),
        holders=register.holders.iloc[::-1].reset_index(drop=True),
        tags=register.tags.iloc[::-1].reset_index(drop=True),
    )
    pd.testing.assert_frame_equal(values_of(inputs), values_of(replace(inputs, register=mixed)))


@given(st.sampled_from(sorted(TAGS)), st.integers(1, 24), st.booleans())
@settings(deadline=None, max_examples=15)
def test_what_is_learned_never_widens_bounds(tag: str, number: int, value: bool) -> None:
    register, firms = make_twenty()
    inputs = IndicatorInputs(register=register, firms=firms, region=REGION)
    contract = f"C{number:02}"
    stated = register.tags
    if ((stated["contract"] == contract) & (stated["tag"] == tag)).any():
        return
    learned = pd.concat(
        [stated, stated.iloc[:1].assign(contract=contract, tag=tag, value=value)],
        ignore_index=True,
    )
    settled = register.candidates[register.candidates["field"] != tag]
    before = values_of(inputs)
    after = values_of(replace(inputs, register=replace(register, tags=learned, candidates=settled)))
    both = before["low"].notna() & after["low"].notna()
    assert (after["low"][both] >= before["low"][both]).all()
    assert (after["high"][both] <= before["high"][both]).all()
    assert (after["unknown"] <= before["unknown"]).all()


def test_known_lies_between_the_bounds_and_doubling_changes_no_share() -> None:
    register, firms = make_twenty()
    inputs = IndicatorInputs(register=register, firms=firms, region=REGION)
    before = values_of(inputs)
    shown = before.dropna()
    assert (shown["low"] <= shown["known"]).all() and (shown["known"] <= shown["high"]).all()
    names = ("contracts", "holders", "modifications", "tags", "candidates")
    double = {name: _doubled(getattr(register, name)) for name in names}
    twice = values_of(replace(inputs, register=replace(register, **double)))
    shares = before.loc[["social-clause", "environmental-criterion"], ["known", "low", "high"]]
    pd.testing.assert_frame_equal(twice.loc[shares.index, shares.columns], shares)
    counts = before.loc[["notified-to-structures"], ["low", "high"]]
    assert (twice.loc[counts.index, ["low"]] == 2 * counts[["low"]]).all().all()


def _doubled(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table with all its contracts again, under other numbers."""
    named = [each for each in ("contract", "framework", "consultation") if each in frame]
    again = frame.assign(**{name: frame[name] + "bis" for name in named})
    return pd.concat([frame, again], ignore_index=True)
