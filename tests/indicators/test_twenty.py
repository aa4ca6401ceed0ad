"""Every indicator, in every way of counting, on the register of `twenty.py`.

The perimeters are worked out below in words; what counts is read off the tags and firms of
`twenty.py`. The share is then formed by the rule of the two bounds: at least, with all that may be
« no » in and « no »; at most, with all that may be « yes » in and « yes ».
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import pandas as pd
import pytest

from lcc.indicators.definitions import load_indicators
from lcc.indicators.evaluate import Indicators, evaluate_indicators
from lcc.indicators.inputs import IndicatorInputs
from tests.indicators.twenty import (
    AS_OF,
    E1,
    FIRMS,
    G1,
    P1,
    P2,
    P3,
    REGION,
    S1,
    TAGS,
    U1,
    YEAR,
    make_twenty,
)


def contracts(text: str) -> set[str]:
    """Contracts named by their numbers."""
    return {f"C{number}" for number in text.split()}


# Without a threshold, concessions in. C14 may have been notified in 2025 or later. C09 and C10 are
# under a framework agreement, C16 is for others, C20 was notified before, C21 and C24 after.
ALL = contracts("01 02 03 04 05 06 07 08 11 12 13 15 17 18 19 22 23")
# Above 90 000: less C03 (exactly), C04, C06, C11 (85 000 when notified) and C22; C12 has no amount
# and C17 is at 80 000 or 100 000: they may be in.
ABOVE_90 = contracts("01 02 05 07 08 13 15 18 19 23")
MAY_90 = contracts("12 14 17")
# Above 40 000, without the concession C15: less C04 (exactly); both amounts of C17 are above.
ABOVE_40 = contracts("01 02 03 05 06 07 08 11 13 17 18 19 22 23")
MAY_40 = contracts("12 14")
# Launched in 2025 and notified by the day of the account: less C02 and C15 (launched in 2024), plus
# C21; C13 may have been launched in 2024 or before, C14 may not have been notified yet.
LAUNCHED = contracts("21")
NOT_LAUNCHED = contracts("02 15")
MAY_BE_LAUNCHED = contracts("13 14")

Perimeters = dict[str, tuple[set[str], set[str]]]


def perimeters(
    inside: set[str], maybe: set[str], *, under: set[str], modified: set[str]
) -> Perimeters:
    """Ways of counting that start from one perimeter: (surely in, may be in)."""
    launched = (inside | LAUNCHED) - NOT_LAUNCHED
    return {
        "published": (inside, maybe),
        "consultation": (inside, maybe),
        "contract": (inside, maybe),
        "firms": (inside, maybe),
        # 95 000 since October 2025; the change of June 2026 is later than the account.
        "modified": (inside | modified, maybe),
        "launched": (launched - MAY_BE_LAUNCHED, maybe | MAY_BE_LAUNCHED),
        # C09 (100 000) and C10 (50 000) in place of C08, or beside it.
        "subsequent": ((inside - {"C08"}) | under, maybe),
        "every-agreement": (inside | under, maybe),
        "without-concessions": (inside - {"C15"}, maybe),
        "with-concessions": (inside | {"C15"}, maybe),
        # C16 is an award of the central body.
        "for-others": (inside | {"C16"}, maybe),
        # Nothing notified in 2025 was launched from 2026 on: C13 was before its notification.
        "launched-from-2026": (set(), set()),
    }


AT_90 = perimeters(ABOVE_90, MAY_90, under={"C09"}, modified={"C11"})
AT_90["all-contracts"] = (ALL, {"C14"})
AT_40 = perimeters(ABOVE_40, MAY_40, under={"C09", "C10"}, modified=set())
AT_40["all-contracts"] = (ALL - {"C15"}, {"C14"})
AT_0 = perimeters(ALL, {"C14"}, under={"C09", "C10"}, modified=set())
AT_0["above-90000"] = (ABOVE_90, MAY_90)
FREE = perimeters(ALL - {"C15"}, {"C14"}, under={"C09", "C10"}, modified=set())

WHERE = {
    "sme-awardees": AT_40,
    "local-awardees": AT_40,
    "social-clause": AT_90,
    "social-consideration": AT_0,
    "environmental-consideration": AT_90,
    "environmental-criterion": AT_90,
    "pcaet-link": AT_0,
    "whole-cost-criterion": AT_0,
    "carbon-clause": AT_0,
    "long-insertion-path": AT_0,
    "reserved-contracts": AT_0,
    "notified-to-structures": AT_0,
    "esus-awardees": FREE,
    "social-economy-awardees": FREE,
    "insertion-awardees": FREE,
}

HOLDERS = {
    "C01": [P1], "C02": [G1], "C03": [P2], "C04": [P1], "C05": [P1], "C06": [E1],
    "C07": [P1, G1], "C08": [P2], "C09": [P2], "C10": [P2], "C11": [P3], "C12": [P3],
    "C13": [E1], "C14": [G1], "C15": [G1], "C16": [E1], "C17": [P1], "C18": [P2],
    "C19": [P1, U1], "C20": [P1], "C21": [S1], "C22": [S1], "C23": ["nobody named"], "C24": [P1],
}  # fmt: skip
"""Contractors and co-contractors: the subcontractor P3 of C07 is none."""

YES, NO, OUT = "yes", "no", "out"
CRITERION = "environmental_criterion"


def answer(tag: str, contract: str) -> set[str]:
    """What a tag of a contract may be."""
    yes, no = TAGS[tag]
    if tag == "pcaet_link" and contract not in yes.split():
        # A consideration linked with the plan: where there is surely none, there is no link.
        considered = answer("environmental_clause", contract), answer(CRITERION, contract)
        no = contract if considered == ({NO}, {NO}) else no
    return {YES} if contract in yes.split() else {NO} if contract in no.split() else {YES, NO}


def firm_answer(indicator: str, firm: str) -> set[str]:
    """What a firm may be to an indicator of awards."""
    facts = FIRMS.get(firm, {})
    fact, wanted = {
        "sme-awardees": ("size", "pme"),
        "local-awardees": ("region", REGION),
        "esus-awardees": ("esus", True),
        "social-economy-awardees": ("social_economy", True),
        "insertion-awardees": ("structure", "siae"),
        "notified-to-structures": ("structure", "siae"),
    }[indicator]
    value = facts.get(fact)
    return {YES, NO} if value is None else {YES if value == wanted else NO}


def either(answers: list[set[str]]) -> set[str]:
    """What several parts are together: yes if any is, in if any is."""
    folded = {OUT}
    for each in answers:
        folded = {max(one, other, key=(OUT, NO, YES).index) for one in folded for other in each}
    return folded


def contract_answers(indicator: str, contract: str) -> list[tuple[object, set[str]]]:
    """What counts of a contract that is in: (whose, what it may be)."""
    if indicator == "notified-to-structures":
        return [(contract, either([firm_answer(indicator, f) for f in HOLDERS[contract]]))]
    if indicator.endswith("awardees"):
        return [((contract, f), firm_answer(indicator, f)) for f in HOLDERS[contract]]
    if indicator.startswith("environmental"):
        clause = answer("environmental_clause", contract)
        criterion = answer(CRITERION, contract)
        if indicator == "environmental-consideration":
            return [(contract, either([clause, criterion]))]
        # Of those with a consideration, which have the criterion.
        return [
            (
                contract,
                {YES if b == YES else NO if a == YES else OUT for a in clause for b in criterion},
            )
        ]
    if indicator == "social-consideration":
        tags = ("social_clause", "social_criterion", "reserved")
        return [(contract, either([answer(tag, contract) for tag in tags]))]
    tag = {
        "social-clause": "social_clause",
        "pcaet-link": "pcaet_link",
        "whole-cost-criterion": "whole_cost_criterion",
        "carbon-clause": "carbon_clause",
        "long-insertion-path": "long_insertion_path",
        "reserved-contracts": "reserved",
    }[indicator]
    return [(contract, answer(tag, contract))]


def expected_units(indicator: str, variant: str) -> dict[object, set[str]]:
    """Every unit and what it may be."""
    inside, maybe = WHERE[indicator][variant]
    units: dict[object, list[set[str]]] = {}
    for contract in sorted(inside | maybe):
        for whose, may in contract_answers(indicator, contract):
            reached = may | ({OUT} if contract in maybe - inside else set())
            key = whose
            if variant == "contract":
                key = contract
            elif variant == "firms":
                key = whose[1] if isinstance(whose, tuple) else whose
            elif variant == "consultation":
                key = "X" if contract in ("C05", "C06") else contract
            units.setdefault(key, []).append(reached)
    return {key: either(parts) for key, parts in units.items()}


def cases() -> Iterator[tuple[str, str]]:
    """Every indicator of contracts in every way of counting it has."""
    for name, each in load_indicators().items():
        if each.from_contracts:
            yield from ((name, variant) for variant in each.variant_names)


@pytest.fixture(scope="module")
def found() -> Indicators:
    """The account of 2025."""
    register, firms = make_twenty()
    inputs = IndicatorInputs(register=register, firms=firms, region=REGION)
    return evaluate_indicators(inputs, YEAR, as_of=AS_OF)


def row_of(found: Indicators, indicator: str, variant: str) -> pd.Series:
    """The row of values of an indicator in a way of counting."""
    values = found.values
    rows = values[(values["indicator"] == indicator) & (values["variant"] == variant)]
    assert len(rows) == 1
    return rows.iloc[0]


@pytest.mark.parametrize(("indicator", "variant"), list(cases()))
def test_each_indicator_in_each_way_of_counting(
    found: Indicators, indicator: str, variant: str
) -> None:
    units = expected_units(indicator, variant)
    yes = sum(each == {YES} for each in units.values())
    no = sum(each == {NO} for each in units.values())
    may_no = sum(NO in each for each in units.values() if len(each) > 1)
    may_yes = sum(YES in each for each in units.values() if len(each) > 1)
    unknown = sum(len(each) > 1 for each in units.values())
    row = row_of(found, indicator, variant)
    assert (row["counted"], row["not_counted"], row["unknown"]) == (yes, no, unknown)
    if load_indicators()[indicator].method == "count":
        assert (row["known"], row["low"], row["high"]) == (yes, yes, yes + may_yes)
        return
    if not units:
        assert row[["known", "low", "high"]].isna().all()
        return
    # All perimeters that are not empty hold a contract surely in: no division by zero.
    assert yes + no > 0
    assert row["known"] == float(Fraction(yes, yes + no))
    assert row["low"] == float(Fraction(yes, yes + no + may_no))
    assert row["high"] == float(Fraction(yes + may_yes, yes + no + may_yes))


class TestWorkedOut:
    """The same, counted by hand to the end."""

    @pytest.mark.parametrize(
        ("variant", "known", "low", "high"),
        [
            # Awards: C01 C03 C05 C07/P1 C08 C11 C17 C18 C19/P1 C22 to SMEs (10); C02 C06 C07/G1
            # C13 not (4); C19/U1 and the holder of C23 unknown; C12/P3 (SME) and C14/G1 (large)
            # may be in.
            ("published", (10, 14), (10, 17), (13, 17)),
            # C04 and C12 come in, both SMEs.
            ("all-contracts", (12, 16), (12, 19), (14, 18)),
            # C07 and C19 count once, by P1; C02 C06 C13 do not; C23 unknown.
            ("contract", (10, 13), (10, 15), (12, 15)),
            # P1 P2 P3 S1; E1 G1; U1 and the one nobody names.
            ("firms", (4, 6), (4, 8), (6, 8)),
            # No amount crosses 40 000.
            ("modified", (10, 14), (10, 17), (13, 17)),
            # Less C02 (large); C21 (SME) comes in; C13 (intermediate) may be in.
            ("launched", (11, 13), (11, 17), (14, 16)),
            # C09 and C10 in place of C08, all to P2.
            ("subsequent", (11, 15), (11, 18), (14, 18)),
            ("every-agreement", (12, 16), (12, 19), (15, 19)),
            # C15 comes in, to G1; C16, to E1.
            ("with-concessions", (10, 15), (10, 18), (13, 18)),
            ("for-others", (10, 15), (10, 18), (13, 18)),
        ],
    )
    def test_small_firms(
        self,
        found: Indicators,
        variant: str,
        known: tuple[int, int],
        low: tuple[int, int],
        high: tuple[int, int],
    ) -> None:
        row = row_of(found, "sme-awardees", variant)
        expected = [float(Fraction(*each)) for each in (known, low, high)]
        assert row[["known", "low", "high"]].tolist() == expected

    @pytest.mark.parametrize(
        ("variant", "known", "low", "high"),
        [
            # Yes: C01 C05 C15. No: C02 C08 C19 C23. Unknown: C07 C13 C18. C12 (no), C14 and C17
            # (yes) may be in: at least, C12 is and the others are not; at most, the reverse.
            ("published", (3, 7), (3, 11), (8, 12)),
            # C03 C04 C11 C17 C22 come in with yes, C06 and C12 with no.
            ("all-contracts", (8, 14), (8, 17), (12, 18)),
            # C06 is in the consultation of C05, which counts.
            ("consultation", (3, 7), (3, 11), (8, 12)),
            # C11 comes in with yes.
            ("modified", (4, 8), (4, 12), (9, 13)),
            # Less C02 (no) and C15 (yes), plus C21 (no); C13 may be out besides.
            ("launched", (2, 6), (2, 10), (7, 11)),
            # C09 (yes) in place of C08 (no); C10 is below the threshold.
            ("subsequent", (4, 7), (4, 11), (9, 12)),
            ("every-agreement", (4, 8), (4, 12), (9, 13)),
            ("without-concessions", (2, 6), (2, 10), (7, 11)),
            # C16 comes in with no.
            ("for-others", (3, 8), (3, 12), (8, 13)),
        ],
    )
    def test_social_clause(
        self,
        found: Indicators,
        variant: str,
        known: tuple[int, int],
        low: tuple[int, int],
        high: tuple[int, int],
    ) -> None:
        row = row_of(found, "social-clause", variant)
        expected = [float(Fraction(*each)) for each in (known, low, high)]
        assert row[["known", "low", "high"]].tolist() == expected

    def test_criterion_of_those_with_a_consideration(self, found: Indicators) -> None:
        # C01 and C05 have it; C15 has the clause alone; C08 has the clause and may have it; C07
        # says nothing: out, no or yes; C18 has no criterion and may have the clause: out or no.
        row = row_of(found, "environmental-criterion", "published")
        assert row[["known", "low", "high"]].tolist() == [2 / 3, 2 / 6, 4 / 5]

    def test_social_considerations_of_all_contracts(self, found: Indicators) -> None:
        # As the clause, in all contracts: 8 yes; C02 has the criterion; C06 C08 C19 C23 have
        # nothing; C07 C13 C18 (clause) and C12 (criterion) are open, C14 (yes) may be in.
        row = row_of(found, "social-consideration", "published")
        assert row[["known", "low", "high"]].tolist() == [9 / 13, 9 / 17, 14 / 18]

    def test_counts(self, found: Indicators) -> None:
        expected = {
            # C05; C07 says nothing.
            ("whole-cost-criterion", "published"): (1, 2),
            # C01, and the concession C15.
            ("carbon-clause", "published"): (2, 2),
            ("carbon-clause", "without-concessions"): (1, 1),
            # C22; C05 and C14 say nothing.
            ("long-insertion-path", "published"): (1, 3),
            # C21 was launched in 2025 and notified in 2026.
            ("reserved-contracts", "published"): (1, 1),
            ("reserved-contracts", "launched"): (2, 2),
            # C22, to S1; the co-contractor of C19 and the holder of C23 are not known.
            ("notified-to-structures", "published"): (1, 3),
            ("notified-to-structures", "above-90000"): (0, 2),
        }
        for (indicator, variant), (low, high) in expected.items():
            row = row_of(found, indicator, variant)
            assert (row["low"], row["high"]) == (low, high), (indicator, variant)

    def test_members_say_what_each_contract_is_and_what_would_settle_it(
        self, found: Indicators
    ) -> None:
        members = found.members
        rows = members[
            (members["indicator"] == "social-clause") & (members["variant"] == "published")
        ]
        told = {row["member"]: (row["outcome"], row["missing"]) for row in rows.to_dict("records")}
        assert told == {
            **dict.fromkeys(("C01", "C05", "C15"), ("counts", "")),
            **dict.fromkeys(("C02", "C08", "C19", "C23"), ("does-not", "")),
            **dict.fromkeys(("C07", "C13", "C18"), ("unknown", "social_clause")),
            "C12": ("perimeter", "amount_eur"),
            "C14": ("perimeter", "notification_date"),
            "C17": ("perimeter", "amount_eur"),
        }
        # The eleven others are outside, in number only.
        assert row_of(found, "social-clause", "published")["outside"] == 24 - len(told)

    def test_the_target_of_2026_is_on_contracts_launched_from_2026(self) -> None:
        register, firms = make_twenty()
        inputs = IndicatorInputs(register=register, firms=firms, region=REGION)
        account = evaluate_indicators(inputs, 2026, as_of=AS_OF)
        # Notified in 2026: C21 (launched in 2025, no consideration) and C24 (launched in 2026, with
        # one); C14, without one, may have been notified in 2026 but was launched in 2025.
        row = row_of(account, "environmental-consideration", "launched-from-2026")
        assert (row["low"], row["high"], row["target"], row["state"]) == (1, 1, 1, "held")
        row = row_of(account, "environmental-consideration", "published")
        assert (row["low"], row["high"], row["state"]) == (1 / 3, 1 / 2, "no-target")
        row = row_of(account, "environmental-consideration", "all-contracts")
        assert (row["high"], row["target"], row["state"]) == (1 / 2, 1, "missed")
