"""What to check by hand: enough whatever is found, and no more than need be."""

from __future__ import annotations

from itertools import combinations, product

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lcc.errors import FieldError
from lcc.indicators.bounds import Outcome, bound_share
from lcc.indicators.checks import propose_checks, propose_joint_checks
from lcc.indicators.evaluate import evaluate_indicators
from lcc.indicators.inputs import IndicatorInputs
from lcc.indicators.widths import KINDS, Open, fewest_checks, worst_width
from tests.indicators.registers import RegisterMaker, frame

WORDS = {"out": Outcome.OUT, "no": Outcome.IN_NO, "yes": Outcome.IN_YES}
SMALL = st.builds(
    Open,
    st.integers(0, 2),
    st.integers(0, 2),
    st.tuples(*[st.integers(0, 2)] * 4).filter(lambda kinds: sum(kinds) <= 5),
)


def outcome_sets(units: Open) -> list[frozenset[Outcome]]:
    """The open units, one by one."""
    return [
        frozenset(WORDS[word] for word in kind)
        for kind, count in zip(KINDS, units.kinds, strict=True)
        for _ in range(count)
    ]


def width_after(units: Open, chosen: tuple[int, ...]) -> float:
    """The greatest width after some units are known, all answers tried one by one."""
    sets = outcome_sets(units)
    sure = [frozenset({Outcome.IN_YES})] * units.yes + [frozenset({Outcome.IN_NO})] * units.no
    worst = 0.0
    for answers in product(*(sets[each] for each in chosen)):
        known = dict(zip(chosen, answers, strict=True))
        left = [
            frozenset({known[rank]}) if rank in known else each for rank, each in enumerate(sets)
        ]
        bounds = bound_share([*sure, *left])
        if bounds.low is not None and bounds.high is not None:
            worst = max(worst, bounds.high - bounds.low)
    return worst


@given(SMALL, st.sampled_from((0.0, 0.1, 0.25, 0.34, 0.5)))
@settings(max_examples=60, deadline=None)
def test_a_share_needs_as_many_checks_as_all_sets_tried_say(units: Open, width: float) -> None:
    total = sum(units.kinds)
    smallest = next(
        size
        for size in range(total + 1)
        if any(
            width_after(units, some) <= width + 1e-9 for some in combinations(range(total), size)
        )
    )
    found, proof = fewest_checks(units, width)
    assert (sum(found), proof) == (smallest, "exact")


@given(SMALL)
@settings(max_examples=30, deadline=None)
def test_the_worst_width_is_that_of_all_answers(units: Open) -> None:
    starts = [sum(units.kinds[:rank]) for rank in range(4)]
    for checked in product(*(range(each + 1) for each in units.kinds)):
        chosen = tuple(
            start + rank
            for start, count in zip(starts, checked, strict=True)
            for rank in range(count)
        )
        assert worst_width(units, checked) == pytest.approx(width_after(units, chosen))


@given(
    st.tuples(st.integers(0, 30), st.integers(0, 30), st.tuples(*[st.integers(0, 9)] * 4)),
    st.sampled_from((0.02, 0.1, 0.3)),
)
@settings(max_examples=20, deadline=None)
def test_the_greedy_way_is_enough_and_seldom_asks_for_more(
    drawn: tuple[int, int, tuple[int, int, int, int]], width: float
) -> None:
    import lcc.indicators.widths as module

    units = Open(*drawn)
    greedy = module._greedy(units, width + 1e-12)
    assert worst_width(units, greedy) <= width + 1e-9
    tried = (
        each
        for each in product(*(range(count + 1) for count in units.kinds))
        if sum(each) < sum(greedy)
    )
    better = [sum(each) for each in tried if worst_width(units, each) <= width + 1e-12]
    # Compared with the optimum by trying all: two more at the most, in what was drawn.
    assert sum(greedy) - min(better, default=sum(greedy)) <= 2


MAY = st.sampled_from(("yes", "no", "no yes", "out no", "out yes", "out no yes"))
JOINT = st.lists(st.tuples(MAY, MAY), min_size=1, max_size=5)


def worst_of(sets: list[frozenset[Outcome]], chosen: tuple[int, ...]) -> float:
    """The greatest width after some contracts are known, all answers tried one by one."""
    worst = 0.0
    for answers in product(*(sets[each] for each in chosen)):
        known = dict(zip(chosen, answers, strict=True))
        bounds = bound_share(
            [frozenset({known[rank]}) if rank in known else s for rank, s in enumerate(sets)]
        )
        if bounds.low is not None and bounds.high is not None:
            worst = max(worst, bounds.high - bounds.low)
    return worst


@given(JOINT, st.sampled_from((0.0, 0.2, 0.34)))
@settings(max_examples=60, deadline=None)
def test_a_joint_list_is_enough_for_each_and_close_to_the_smallest(
    drawn: list[tuple[str, str]], width: float
) -> None:
    names = ("a", "b")
    values = frame(
        "indicator_value",
        [{"indicator": n, "variant": "published", "year": 2025, "unit": "share"} for n in names],
    )
    members = frame(
        "indicator_member",
        [
            {"indicator": name, "variant": "published", "year": 2025, "member": str(contract),
             "contracts": str(contract), "outcome": "unknown", "may": may[rank], "weight": 1.0,
             "missing": "x"}
            for rank, name in enumerate(names)
            for contract, may in enumerate(drawn)
        ],
    )  # fmt: skip
    asked = propose_joint_checks(members, values, width=width)["contract"]
    chosen = tuple(sorted(int(each) for each in asked))
    sets = [
        [frozenset(WORDS[word] for word in may[rank].split()) for may in drawn] for rank in (0, 1)
    ]
    assert all(worst_of(each, chosen) <= width + 1e-9 for each in sets)
    smallest = next(
        size
        for size in range(len(drawn) + 1)
        if any(
            all(worst_of(each, some) <= width + 1e-9 for each in sets)
            for some in combinations(range(len(drawn)), size)
        )
    )
    assert len(chosen) - smallest <= 2


class TestProposals:
    def test_scenario_s5(self) -> None:
        # Ten in, three open: the width is 3/10. Within 5 %: all three. Within 10 %: two of them,
        # the largest contracts first. Within 30 %: none.
        maker = RegisterMaker()
        for rank in range(10):
            tags = {"yes": "social_clause"} if rank < 3 else {"no": "social_clause"}
            maker.add(
                f"{rank}", amount_eur=1e5 + rank, notification_date="2025-05-01",
                **(tags if rank < 7 else {}),
            )  # fmt: skip
        found = evaluate_indicators(IndicatorInputs(maker.make()), 2025)
        asked = {
            width: propose_checks(found.members, found.values, "social-clause", width=width)
            for width in (0.05, 0.1, 0.3)
        }
        assert [each["contract"].tolist() for each in asked.values()] == [
            ["9", "8", "7"], ["9", "8"], [],
        ]  # fmt: skip
        assert set(asked[0.05]["proof"]) == {"exact"}
        assert set(asked[0.05]["missing"]) == {"social_clause"}

    def test_one_contract_may_settle_several_indicators(self) -> None:
        # A says nothing of either tag, B of one, C of the other; half of the three may stay open.
        maker = RegisterMaker()
        common = {"amount_eur": 1e5, "notification_date": "2025-05-01"}
        maker.add("A", **common)
        maker.add("B", yes="environmental_clause environmental_criterion", **common)
        maker.add("C", yes="social_clause", **common)
        maker.add("D", yes="social_clause environmental_clause environmental_criterion", **common)
        found = evaluate_indicators(IndicatorInputs(maker.make()), 2025)
        names = ["social-clause", "environmental-consideration"]
        asked = propose_joint_checks(found.members, found.values, names, width=0.25)
        assert asked["contract"].tolist() == ["A"]
        assert asked["settles"].tolist() == ["social-clause environmental-consideration"]
        assert asked["proof"].tolist() == ["greedy"]
        whole = propose_joint_checks(found.members, found.values, names, width=0)
        assert set(whole["contract"]) == {"A", "B", "C"} and whole["contract"].iloc[0] == "A"

    def test_weights_with_a_fixed_denominator_take_the_largest_first(self) -> None:
        # 100 of 200 known; 60, 30 and 10 open: 0.5 wide. Without 60 it is 0.2 wide, and no other
        # one contract brings it there.
        values = frame("indicator_value", [
            {"indicator": "euros", "variant": "published", "year": 2025, "unit": "share"}
        ])  # fmt: skip
        rows = [("K", "counts", 100.0), ("L", "unknown", 60.0), ("M", "unknown", 30.0),
                ("N", "unknown", 10.0)]  # fmt: skip
        members = frame("indicator_member", [
            {"indicator": "euros", "variant": "published", "year": 2025, "member": name,
             "outcome": outcome, "weight": weight, "missing": "size"}
            for name, outcome, weight in rows
        ])  # fmt: skip
        asked = propose_checks(members, values, "euros", width=0.2)
        assert asked["contract"].tolist() == ["L"] and asked["proof"].tolist() == ["exact"]
        loose = pd.concat([members, members.iloc[3:].assign(outcome="perimeter", member="P")])
        asked = propose_checks(loose, values, "euros", width=0.2)
        assert set(asked["contract"]) == {"L", "P"} and set(asked["proof"]) == {"sufficient"}

    def test_a_count_takes_what_may_count(self) -> None:
        maker = RegisterMaker()
        for rank in range(4):
            maker.add(f"{rank}", amount_eur=float(rank), notification_date="2025-05-01")
        found = evaluate_indicators(IndicatorInputs(maker.make()), 2025)
        asked = propose_checks(found.members, found.values, "carbon-clause", width=1)
        assert asked["contract"].tolist() == ["3", "2", "1"]

    @pytest.mark.parametrize(
        ("name", "width", "message"), [("social-clause", -1, "width"), ("x", 0.1, "x, published")]
    )
    def test_what_makes_no_sense_is_refused(self, name: str, width: float, message: str) -> None:
        maker = RegisterMaker()
        found = evaluate_indicators(IndicatorInputs(maker.make()), 2025)
        with pytest.raises(FieldError, match=message):
            propose_checks(found.members, found.values, name, width=width)
