"""Ways of writing one contract number; what must not be taken for one."""

from __future__ import annotations

import pytest

from lcc.register.numbers import compact_number, lot_number, plain_number, split_lot, with_lot


@pytest.mark.parametrize("other", ["2021 S 0045", "2021-S-0045", "2021s0045", "2021.S/0045"])
def test_separators_and_case_do_not_matter(other: str) -> None:
    assert compact_number(other) == compact_number("2021S0045")


def test_zeros_before_figures_are_dropped_part_by_part() -> None:
    assert plain_number("2021-0045") == plain_number("2021-45") == "2021-45"
    # The parts stay apart: 2021-45 is not 202-145, though their figures are the same.
    assert plain_number("202-145") != plain_number("2021-45")
    assert plain_number("2021-00") == "2021-0"


@pytest.mark.parametrize(
    "text", ["2021T0045L2", "2021T0045-L02", "2021T0045 lot 2", "2021T0045 Lot n° 2"]
)
def test_a_lot_is_split_from_its_number(text: str) -> None:
    root, lot = split_lot(text)
    assert (compact_number(root), lot) == ("2021t0045", "2")
    assert plain_number(text) == "2021-t-45-l-2"


def test_a_number_without_lot_has_none() -> None:
    # « FOURL2 » has no figure before its L: its end is no lot.
    for text in ("2021T0045", "FOURL2", "2021"):
        assert split_lot(text) == (text, "")


def test_a_lot_is_added_once() -> None:
    assert with_lot("2021-45", "Lot n° 03") == "2021-45L3"
    assert with_lot("2021T0045L3", "3") == "2021T0045L3"
    assert lot_number("00") == "00"
