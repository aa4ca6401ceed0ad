"""Decisions: each from a row, in the stated order; the expected ones are chosen by hand."""

from __future__ import annotations

from datetime import date

import pandas as pd

from lcc.yearly.decisions import propose_decisions

NAMES = pd.DataFrame(
    {"indicator": ["a", "b", "c"], "label_fr": ["A", "B", "C"], "label_en": ["a", "b", "c"]}
)
FAMILIES = pd.DataFrame(
    {
        "group": ["01.01", "02.01", None],
        "label_fr": ["Un", "Deux", "Non renseigné"],
        "label_en": ["One", "Two", "Not stated"],
        # Widths 4, 9 and 100: the last has no family to be measured.
        "emissions_tco2e": [3.5, 4.0, 50.0],
        "low_tco2e": [1.0, 1.0, 0.0],
        "high_tco2e": [5.0, 10.0, 100.0],
    }
)
LEVERAGE = pd.DataFrame(
    {
        "family": ["01.01", "02.01"],
        "label_fr": ["Un", "Deux"],
        "label_en": ["One", "Two"],
        "contracts_ending": [2, 1],
        "leverage_tco2e": [3.0, 1.0],
    }
)
CHECKS = pd.DataFrame({"contract": ["x", "y", "z"], "settles": ["b c", "b", "b"]})


def value(indicator, state, low, high, target):
    return {
        "indicator": indicator, "unit": "share", "state": state, "low": low, "high": high,
        "target": target,
    }  # fmt: skip


def decide(*values, checks=CHECKS, leverage=LEVERAGE, families=FAMILIES):
    columns = ["indicator", "unit", "state", "low", "high", "target"]
    found = propose_decisions(
        values=pd.DataFrame(list(values), columns=columns),
        names=NAMES,
        checks=checks,
        leverage=leverage,
        families=families,
        until=date(2027, 9, 30),
    )
    return list(zip(found["code"], found["subject"], strict=True)), found


def test_one_of_each_kind_in_order():
    chosen, table = decide(
        # a misses by 10 % of its target, b and c are open: c has fewest contracts to check.
        value("a", "missed", 0.2, 0.27, 0.3),
        value("b", "undecided", 0.2, 0.4, 0.3),
        value("c", "undecided", 0.2, 0.4, 0.3),
    )
    assert chosen == [
        ("target-missed", "a"),
        ("target-undecided", "c"),
        ("clause-in-renewals", "01.01"),
    ]
    assert list(table["count"].dropna()) == [1, 2]
    # Of the family, 3.5, not the 3.0 of its contracts that end: they may be of one supplier.
    assert list(table["tonnes"].dropna()) == [3.5]


def test_the_farthest_in_relative_terms_is_missed_first():
    chosen, _ = decide(value("a", "missed", 0.0, 0.27, 0.3), value("b", "missed", 0.0, 0.5, 1.0))
    assert chosen[0] == ("target-missed", "b")


def test_what_holds_asks_for_nothing():
    chosen, _ = decide(value("a", "held", 0.4, 0.5, 0.3))
    assert chosen == [("clause-in-renewals", "01.01"), ("measure-family", "02.01")]


def test_nothing_is_invented():
    chosen, _ = decide(
        checks=CHECKS.iloc[:0], leverage=LEVERAGE.iloc[:0], families=FAMILIES.iloc[:0]
    )
    assert chosen == []
