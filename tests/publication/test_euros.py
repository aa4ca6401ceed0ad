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
    return frame.assign(variant="published", year=2024, label=None)


VALUES = pd.DataFrame(
    [
        (indicator, variant, year, 0.25, 0.5, None)
        for indicator in (*IN_EUROS, "social-clause")
        for variant in ("published", "all-payments")
        for year in (2023, 2024)
    ],
    columns=["indicator", "variant", "year", "low", "high", "note"],
)


def kept(members: pd.DataFrame, purchases: pd.DataFrame | None = None) -> set[tuple[str, str, int]]:
    """Indicators in euros that show a figure."""
    found = limit_euro_indicators(VALUES, members, IN_EUROS, FIRMS, purchases=purchases)
    own = found[found["indicator"].isin(IN_EUROS)]
    assert set(own["variant"]) <= {"published"}
    masked = own["note"] == "masked"
    assert own.loc[masked, ["low", "high"]].isna().all(axis=None)
    shown = own.loc[~masked, ["indicator", "variant", "year"]]
    return set(shown.itertuples(index=False, name=None))


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
    shown = found[found["note"] != "masked"]
    assert set(shown["indicator"]) == {"social-clause"} and len(shown) == 4
    assert len(found[found["note"] == "masked"]) == 4


def test_the_total_of_purchases_less_the_indicators_is_no_person() -> None:
    """Firms alone are in the indicators; a person was paid 9 000 € beside them.

    All purchases are published: less what counts, does not and is unknown, they leave the 9 000 €.
    """
    frame = members({}, dict.fromkeys(FIRMS[:1], "does-not"))
    frame = frame[frame["member"] != PERSON]
    paid = frame[frame["indicator"] == IN_EUROS[0]]
    purchases = pd.DataFrame({"supplier": paid["member"], "spend_eur": paid["weight"]})
    beside = pd.DataFrame({"supplier": [PERSON], "spend_eur": [9000.0]})
    assert kept(frame, purchases.assign(year=2024)) == {(n, "published", 2024) for n in IN_EUROS}
    assert kept(frame, pd.concat([purchases, beside]).assign(year=2024)) == set()


def test_each_year_is_judged_by_its_own_suppliers() -> None:
    """In 2023 the person is alone in what does not count, in 2024 it is not."""
    before = members({PERSON: "does-not"}, {PERSON: "does-not"}).assign(year=2023)
    after = members({}, dict.fromkeys(FIRMS[:1], "does-not"))
    after = after[after["member"] != PERSON]
    found = kept(pd.concat([before, after]))
    assert found == {(name, "published", 2024) for name in IN_EUROS}


def test_two_suppliers_in_all_show_nothing() -> None:
    """The total itself would be two suppliers', one of them a person."""
    frame = members({}, {})
    assert kept(frame[frame["member"].isin([FIRMS[0], PERSON])]) == set()
