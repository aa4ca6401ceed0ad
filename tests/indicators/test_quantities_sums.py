"""Bounds of sums and shares: those of all completions, enumerated."""

from __future__ import annotations

import math
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lcc.indicators.quantities.sums import (
    Term,
    bound_mean,
    bound_part,
    bound_sum,
    bound_weighted,
)

FEW = settings(max_examples=60, deadline=None)
WHOLE = st.integers(0, 6)
TERMS = st.tuples(WHOLE, WHOLE).map(lambda pair: Term(float(min(pair)), float(max(pair))))
SIDES = st.sampled_from([True, False, None])


def values(term: Term) -> list[float]:
    """Both ends of a term: a share is monotone in each term, so no value between adds a bound."""
    return sorted({term.low, term.high})


class TestSums:
    @FEW
    @given(st.lists(TERMS, max_size=5))
    def test_the_bounds_are_those_of_all_completions(self, terms):
        every = [sum(each) for each in product(*(values(term) for term in terms))]
        found = bound_sum(terms)
        assert (found.low, found.high) == (min(every), max(every))
        assert found.unknown == sum(not each.known for each in terms)

    def test_a_term_without_limit_leaves_no_upper_bound(self):
        found = bound_sum([Term.of(100.0), Term(0.0, None)])
        assert (found.known, found.low, found.high) == (100.0, 100.0, None)

    def test_nothing_at_all_is_zero_and_nothing_known_is_not(self):
        assert bound_sum([]).known == 0.0
        assert bound_sum([Term(0.0, 5.0)]).known is None


class TestPart:
    @FEW
    @given(st.lists(st.tuples(TERMS, SIDES), min_size=1, max_size=5))
    def test_the_bounds_are_those_of_all_completions(self, terms):
        shares = []
        for amounts in product(*(values(term) for term, _ in terms)):
            sides = product(*([True, False] if side is None else [side] for _, side in terms))
            for chosen in sides:
                whole = sum(amounts)
                if whole:
                    part = sum(each for each, side in zip(amounts, chosen, strict=True) if side)
                    shares.append(part / whole)
        found = bound_part(terms)
        if not shares:
            assert found.low is None and found.high is None
        else:
            assert found.low == pytest.approx(min(shares))
            assert found.high == pytest.approx(max(shares))

    def test_women_of_300_hours(self):
        # 100 h of women, 150 of men, 50 of unknown sex: 100 / 300 to 150 / 300; known 100 / 250.
        found = bound_part([(Term.of(100), True), (Term.of(150), False), (Term.of(50), None)])
        assert found.known == pytest.approx(0.4)
        assert (found.low, found.high) == (pytest.approx(1 / 3), pytest.approx(0.5))

    def test_hours_of_men_that_nothing_bounds_leave_no_lower_bound(self):
        # 100 / (100 + 150 + x): as near to zero as one likes; at most 100 / 250.
        found = bound_part([(Term.of(100), True), (Term.of(150), False), (Term(0.0, None), False)])
        assert (found.low, found.high) == (0.0, pytest.approx(0.4))

    def test_hours_of_nobody_are_no_share(self):
        assert bound_part([(Term.of(0), True), (Term.of(0), False)]).low is None


class TestWeighted:
    @FEW
    @given(st.lists(st.tuples(st.integers(-3, 9), SIDES), max_size=6))
    def test_the_bounds_are_those_of_all_completions(self, weights):
        total = sum(each for each, _ in weights)
        found = bound_weighted([(float(each), side) for each, side in weights])
        if total <= 0:
            assert (found.known, found.low, found.high) == (None, None, None)
            return
        sides = product(*([True, False] if side is None else [side] for _, side in weights))
        shares = [
            sum(each for (each, _), side in zip(weights, chosen, strict=True) if side) / total
            for chosen in sides
        ]
        assert found.low == pytest.approx(min(shares))
        assert found.high == pytest.approx(max(shares))

    def test_a_credit_note_of_an_unknown_firm(self):
        # 60 counts, 50 does not, a note of -10 may: 100 in all. At least 50 %, at most 60 %.
        found = bound_weighted([(60.0, True), (50.0, False), (-10.0, None)])
        assert (found.low, found.high) == (pytest.approx(0.5), pytest.approx(0.6))
        assert found.known == pytest.approx(60 / 110)


class TestMean:
    @FEW
    @given(st.lists(st.one_of(st.none(), st.sampled_from([0.0, 0.25, 1.0])), max_size=6))
    def test_the_bounds_are_those_of_all_completions(self, shares):
        found = bound_mean(shares)
        if not shares:
            assert found.low is None
            return
        ends = [[0.0, 1.0] if each is None else [each] for each in shares]
        means = [math.fsum(each) / len(shares) for each in product(*ends)]
        assert (found.low, found.high) == (pytest.approx(min(means)), pytest.approx(max(means)))

    def test_28_actions_of_which_two_say_nothing(self):
        # 26 at 60 %: 15.6 / 28 = 55.7 % at least, (15.6 + 2) / 28 = 62.9 % at most.
        found = bound_mean([0.6] * 26 + [None, None])
        assert found.known == pytest.approx(0.6)
        assert (round(found.low, 3), round(found.high, 3)) == (0.557, 0.629)
