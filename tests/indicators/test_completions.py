"""Bounds are those of all completions, counted one by one (tests/indicators/completions.py)."""

from __future__ import annotations

import dataclasses
import datetime
from itertools import combinations, product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lcc.indicators import blocks
from lcc.indicators.bounds import Outcome, bound_count, bound_ratio, bound_share
from lcc.indicators.definitions import load_indicators
from lcc.indicators.evaluate import evaluate_indicators
from lcc.indicators.inputs import IndicatorInputs
from tests.indicators import completions as own
from tests.indicators.registers import BUYER, RegisterMaker, known_firms

OUTCOMES = st.frozensets(st.sampled_from(list(Outcome)), min_size=1)
YEAR = 2025
FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
FIRMS = ("11111111100011", "22222222200022", "33333333300033")


class TestBoundsOfFreeUnits:
    @given(st.lists(st.tuples(OUTCOMES, st.integers(0, 3)), max_size=6))
    @FEW
    def test_share_and_count_are_those_of_all_completions(
        self, units: list[tuple[frozenset[Outcome], int]]
    ) -> None:
        outcomes = [each for each, _ in units]
        weights = [float(weight) for _, weight in units]
        pairs = set()
        for chosen in product(*outcomes):
            yes = sum(w for each, (_, w) in zip(chosen, units, strict=True) if each == 2)
            pairs.add((yes, sum(w for each, (_, w) in zip(chosen, units, strict=True) if each > 0)))
        share, count = bound_share(outcomes, weights), bound_count(outcomes, weights)
        assert (count.low, count.high) == own.bounds(pairs, share=False)
        low, high = own.bounds(pairs, share=True)
        assert own.same(low, share.low) and own.same(high, share.high)
        assert share.undefined == any(d == 0 for _, d in pairs)

    @given(
        st.lists(
            st.frozensets(
                st.tuples(st.integers(0, 3), st.integers(0, 3)).filter(lambda p: p[0] <= p[1]),
                min_size=1,
                max_size=4,
            ),
            max_size=5,
        )
    )
    @FEW
    def test_ratio_of_blocks_is_that_of_all_completions(
        self, blocks: list[frozenset[tuple[int, int]]]
    ) -> None:
        from collections import Counter

        pairs = {(sum(n for n, _ in each), sum(d for _, d in each)) for each in product(*blocks)}
        low, high = own.bounds(pairs, share=True)
        found = bound_ratio(Counter(blocks))
        assert own.same(low, found[0]) and own.same(high, found[1])


TAGS = ("social_clause", "environmental_clause", "environmental_criterion", "carbon_clause")
VALUES: dict[str, tuple[Any, ...]] = {
    "amount": own.AMOUNTS,
    "notified": own.DAYS,
    "launched": own.DAYS,
    "kind": own.KINDS,
    "role": own.ROLES,
    **dict.fromkeys(TAGS, (True, False)),
}
FIRM_VALUES: dict[str, tuple[Any, ...]] = {"size": own.SIZES, "structure": own.STRUCTURES}
MOST_COMPLETIONS = 300

CONTRACT = st.fixed_dictionaries(
    {
        **{name: st.sampled_from(values) for name, values in VALUES.items()},
        "stated": st.sets(st.sampled_from(own.AMOUNTS), max_size=2),
        "modified": st.one_of(st.none(), st.sampled_from(own.AMOUNTS)),
        "modified_on": st.one_of(st.none(), st.sampled_from(own.DAYS)),
        "under": st.booleans(),
        "consultation": st.sampled_from((None, "A", "B")),
        "awards": st.lists(st.sampled_from(FIRMS), min_size=1, max_size=2, unique=True),
        "elsewhere": st.lists(st.sampled_from(FIRMS), max_size=2, unique=True),
    }
)
FIRM = st.fixed_dictionaries(
    {name: st.sampled_from(values) for name, values in FIRM_VALUES.items()}
)


@st.composite
def registers(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Contracts and firms, some facts of which are then forgotten."""
    contracts = draw(st.lists(CONTRACT, min_size=1, max_size=4))
    firms = draw(st.lists(FIRM, min_size=3, max_size=3))
    places = [
        *product(range(len(contracts)), VALUES),
        *((place, name) for place in (-1, -2, -3) for name in FIRM_VALUES),
    ]
    for place, name in draw(st.lists(st.sampled_from(places), max_size=5, unique=True)):
        if place < 0:
            firms[place][name] = None
        else:
            contracts[place][name] = None
    for each in contracts:
        if len(each["stated"]) == 2:
            each["amount"] = None
        if each["under"] and each is not contracts[0]:
            each["kind"] = None
    return contracts, firms


def is_disputed(contract: dict[str, Any]) -> bool:
    """Tell whether two lists of holders contradict each other: neither holds the other."""
    one, other = set(contract["awards"]), set(contract["elsewhere"])
    return not one <= other and not other <= one


def possible_holders(contract: dict[str, Any]) -> list[list[str]]:
    """Return the sets of firms that may hold a contract: one list, and what the other names."""
    if not is_disputed(contract):
        return [contract["awards"]]
    one, other = set(contract["awards"]), set(contract["elsewhere"])
    return [
        sorted(known | set(more))
        for known, rest in ((one, other - one), (other, one - other))
        for size in range(len(rest) + 1)
        for more in combinations(sorted(rest), size)
    ]


def build_world(
    contracts: list[dict[str, Any]], firms: list[dict[str, Any]], as_of: datetime.date | None
) -> dict[Any, tuple[Any, ...]]:
    """Return variable → what it may be."""
    world: dict[Any, tuple[Any, ...]] = {}
    for rank, each in enumerate(contracts):
        for name, values in VALUES.items():
            world[rank, name] = values if each[name] is None else (each[name],)
        if len(each["stated"]) == 2:
            world[rank, "amount"] = tuple(sorted(each["stated"]))
        if each["under"] and rank:
            world[rank, "kind"] = ("subsequent",)
        # A modification of unknown day may or may not have been notified by the day of the account.
        told = each["modified"] is not None
        doubt = told and each["modified_on"] is None and as_of is not None
        applies = told and (as_of is None or doubt or each["modified_on"] <= as_of)
        world[rank, "held"] = tuple(possible_holders(each))
        world[rank, "applies"] = (True, False) if doubt else (applies,)
    for rank, each in enumerate(firms):
        for name, values in FIRM_VALUES.items():
            world[FIRMS[rank], name] = values if each[name] is None else (each[name],)
    return world


def read_world(contracts: list[dict[str, Any]], values: dict[Any, Any]) -> list[dict[str, Any]]:
    """Return contracts of which all is known, or nothing where dates cannot be."""
    found = []
    for rank, each in enumerate(contracts):
        known = {name: values[rank, name] for name in VALUES}
        stated = each["launched"] is not None and each["notified"] is not None
        if not stated and known["launched"] > known["notified"]:
            return []
        known["amount_modified"] = each["modified"] if values[rank, "applies"] else known["amount"]
        known["followed"] = rank == 0 and any(other["under"] for other in contracts[1:])
        known["consultation"] = each["consultation"]
        known["awards"] = [
            {"id": firm, "size": values[firm, "size"], "structure": values[firm, "structure"]}
            for firm in values[rank, "held"]
        ]
        found.append(known)
    return found


@given(
    registers(),
    st.sampled_from((None, datetime.date(2026, 3, 31), datetime.date(2025, 6, 30))),
    st.sampled_from(sorted(own.SETS)),
    st.sampled_from((blocks.MOST_WORK, 1, 8)),
)
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
def test_evaluation_is_that_of_all_completions(
    drawn: tuple[list[dict[str, Any]], list[dict[str, Any]]],
    as_of: datetime.date | None,
    name: str,
    most_work: int,
) -> None:
    contracts, firms = drawn
    world = build_world(contracts, firms, as_of)
    size = 1
    for values in world.values():
        size *= len(values)
    if size > MOST_COMPLETIONS:
        return
    maker = RegisterMaker()
    for rank, each in enumerate(contracts):
        maker.contracts.append(
            {"buyer_id": BUYER, "contract": str(rank), "amount_eur": each["amount"],
             "notification_date": each["notified"], "launch_date": each["launched"],
             "kind": each["kind"], "buyer_role": each["role"],
             "consultation": each["consultation"],
             "framework": "0" if each["under"] and rank else None}
        )  # fmt: skip
        if len(each["stated"]) == 2:
            maker.disagree(str(rank), "amount_eur", *map(str, sorted(each["stated"])))
        maker.tags += [
            {"buyer_id": BUYER, "contract": str(rank), "tag": tag, "value": each[tag]}
            for tag in TAGS
            if each[tag] is not None
        ]
        maker.holders += [
            {"buyer_id": BUYER, "contract": str(rank), "rank": place, "role": "contractor",
             "holder_id": firm, "modification": 0}
            for place, firm in enumerate(each["awards"], 1)
            if not is_disputed(each) or firm in each["elsewhere"]
        ]  # fmt: skip
        if is_disputed(each):
            one, other = set(each["awards"]), set(each["elsewhere"])
            maker.dispute(str(rank), sorted(one - other), sorted(other - one))
        if each["modified"] is not None:
            date = each["modified_on"]
            maker.modify(str(rank), 1, date and date.isoformat(), each["modified"])
    inputs = IndicatorInputs(
        register=maker.make(),
        firms=known_firms(dict(zip(FIRMS, firms, strict=True))),
        role_where_not_stated=None,
        region="32",
    )
    definitions = {name: load_indicators()[name]}
    # With little work allowed, blocks are reduced before they are enumerated.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "MOST_WORK", most_work)
        found = evaluate_indicators(inputs, YEAR, as_of=as_of, indicators=definitions).values
    complete = [known for values in own.complete(world) if (known := read_world(contracts, values))]
    for row in found.to_dict("records"):
        pairs = {
            own.evaluate(known, row["indicator"], row["variant"], YEAR, as_of) for known in complete
        }
        share = definitions[row["indicator"]].method == "share"
        low, high = own.bounds(pairs, share=share)
        where = f"{row['indicator']} {row['variant']}: {sorted(pairs)} {row}"
        if "bounds-may-be-wide" in str(row["note"]):
            assert most_work < blocks.MOST_WORK and row["low"] <= low and high <= row["high"], where
        else:
            assert own.same(low, row["low"]) and own.same(high, row["high"]), where


@pytest.mark.parametrize(
    ("field", "values", "expected"),
    [
        # Two amounts of today, 80 000 € and 100 000 €, about the threshold of 90 000 €.
        ("amount_now_eur", ("80000.00", "100000.00"), (0.0, 1.0)),
        ("amount_now_eur", ("100000.00", "120000.00"), (1.0, 1.0)),
        # Of modifications that sources contradict, any amount may be the last.
        ("modification", ("2025-05-01 / 80000.00", "2025-05-01 / 100000.00"), (0.0, 1.0)),
    ],
)
def test_a_disputed_amount_of_today_is_not_the_notified_one(
    field: str, values: tuple[str, str], expected: tuple[float, float]
) -> None:
    maker = RegisterMaker()
    maker.add("A", amount_eur=95_000.0, notification_date="2025-03-01", yes="social_clause")
    maker.disagree("A", field, *values)
    inputs = IndicatorInputs(register=maker.make())
    counted = dataclasses.replace(load_indicators()["social-clause"], method="count")
    found = evaluate_indicators(
        inputs, YEAR, variants=["modified"], indicators={"social-clause": counted}
    ).values
    (row,) = found.to_dict("records")
    assert (row["low"], row["high"]) == expected


def test_a_weight_is_zero_or_more() -> None:
    from lcc.errors import FieldError

    with pytest.raises(FieldError, match=r"0 or more"):
        bound_share([frozenset({Outcome.IN_YES})], [-1.0])
