"""Indicators in euros paid: no person's amounts between their bounds."""

from __future__ import annotations

import pandas as pd

from lcc.publication.euros import limit_euro_indicators

FIRMS = [f"{rank:09d}00011" for rank in range(1, 9)]
PERSON = "90000000100017"
IN_EUROS = ("sme-euros", "local-euros")


def members(local: dict[str, str], sme: dict[str, str]) -> pd.DataFrame:
    """What each supplier is to both indicators; each was paid 1 000 € more than the one before."""
    paid = {name: 1000.0 * rank for rank, name in enumerate([*FIRMS, PERSON], 1)}
    rows = [
        (indicator, name, outcomes.get(name, "counts"), paid[name])
        for indicator, outcomes in (("local-euros", local), ("sme-euros", sme))
        for name in paid
    ]
    frame = pd.DataFrame(rows, columns=["indicator", "member", "outcome", "weight"])
    return frame.assign(variant="published", year=2024)


VALUES = pd.DataFrame(
    [
        (indicator, variant, year)
        for indicator in (*IN_EUROS, "social-clause")
        for variant in ("published", "all-payments")
        for year in (2023, 2024)
    ],
    columns=["indicator", "variant", "year"],
)


def kept(members: pd.DataFrame) -> set[tuple[str, str, int]]:
    found = limit_euro_indicators(VALUES, members, IN_EUROS, FIRMS)
    return set(found[found["indicator"].isin(IN_EUROS)].itertuples(index=False, name=None))


def test_a_person_alone_outside_the_region_is_not_told() -> None:
    """Spending less what counts and what is unknown would be its 9 000 €."""
    others = members({PERSON: "does-not"}, dict.fromkeys(FIRMS[:3], "does-not"))
    assert kept(others) == {("sme-euros", "published", 2024)}


def test_two_indicators_do_not_give_a_person_by_difference() -> None:
    """The same three firms do not count in either, and the person in one of both.

    What does not count is 6 000 € in one and 15 000 € in the other: the difference is the person.
    """
    firms = dict.fromkeys(FIRMS[:3], "does-not")
    found = kept(members({**firms, PERSON: "does-not"}, firms))
    assert len(found) < 2


def test_with_firms_alone_the_published_variant_of_the_year_stays() -> None:
    frame = members({}, dict.fromkeys(FIRMS[:1], "does-not"))
    frame = frame[frame["member"] != PERSON]
    assert kept(frame) == {(name, "published", 2024) for name in IN_EUROS}


def test_other_indicators_stay_and_years_without_suppliers_go() -> None:
    found = limit_euro_indicators(VALUES, members({}, {}).head(0), IN_EUROS, FIRMS)
    assert set(found["indicator"]) == {"social-clause"} and len(found) == 4
