"""What a page shows beside its tables: sums of one person, and the cause that would tell one."""

from __future__ import annotations

import pandas as pd
import pytest

from lcc.carbon.map import map_carbon
from lcc.publication.disclosure import DisclosureError
from lcc.tables import demo_path
from lcc.yearly.money import CONTRIBUTION, list_contributions
from lcc.yearly.protection import (
    MASKED,
    hide_perimeter,
    is_one_person,
    leave_out_ending,
    mask_rows,
    protect_indicators,
    protect_purchases,
)

COLUMNS = ["year", "family", "directorate", "supplier", "person", "spend_eur", "covered_eur",
           "emissions_tco2e"]  # fmt: skip


def contributions(*rows):
    """Return rows of (year, family, supplier, person, euros), each tonne being 1 000 €."""
    return pd.DataFrame(
        [
            (year, family, "D", supplier, person, euros, euros, euros / 1000)
            for year, family, supplier, person, euros in rows
        ],
        columns=COLUMNS,
    )


FIRMS = [
    (2025, "a", "s1", False, 900.0),
    (2025, "a", "s2", False, 800.0),
    (2025, "a", "s3", False, 700.0),
    (2025, "b", "s4", False, 600.0),
    (2025, "b", "s5", False, 500.0),
]
PARTS = pd.DataFrame({"family": ["a", "b", "p"], "post": ["4.5"] * 3, "part": [1.0] * 3})


def test_firms_alone_are_shown():
    shown = protect_purchases(contributions(*FIRMS), 2025, posts=PARTS)
    assert {name: len(each) for name, each in shown.hidden.items()} == {
        "family": 0,
        "directorate": 0,
        "post": 0,
    }


def test_a_person_alone_in_a_family_is_masked_with_another():
    rows = contributions(*FIRMS, (2025, "p", "s6", True, 400.0))
    shown = protect_purchases(rows, 2025, posts=PARTS)
    assert "p" in shown.hidden["family"] and len(shown.hidden["family"]) >= 2
    assert all(shown.rule[language] for language in ("fr", "en"))


def test_who_may_be_a_person_counts_as_one():
    rows = contributions(*FIRMS, (2025, "p", "s6", None, 400.0))
    assert "p" in protect_purchases(rows, 2025, posts=PARTS).hidden["family"]


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([], False),
        (FIRMS[:1], False),
        ([(2025, "p", "s6", True, 400.0)], True),
        ([*FIRMS, (2025, "p", "s6", True, 400.0)], False),
    ],
)
def test_a_sum_of_one_person(rows, found):
    assert is_one_person(contributions(*rows)) is found


def frames():
    causes = ["perimeter", "price", "volume", "mix", "method", "factors", "real"]
    steps = pd.DataFrame(
        {
            "from_year": 2024,
            "to_year": 2025,
            "cause": causes,
            "change_tco2e": [0.4, 0.0, 1.0, 2.0, 0.0, 0.0, 0.0],
            "low_tco2e": [0.1, 0.0, 0.5, -3.0, 0.0, 0.0, 0.0],
            "high_tco2e": [0.9, 0.0, 1.5, 7.0, 0.0, 0.0, 0.0],
            "change_eur": [400.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
            "detail": ["new", "", "", "", "", "", ""],
        }
    )
    readings = pd.DataFrame({"reading": ["observed", "same-perimeter", "purchases", "real"]})
    return {"steps": steps, "readings": readings}


def both_years(*more):
    return contributions(*FIRMS, *((2024, *each[1:]) for each in FIRMS), *more)


def test_what_one_person_alone_brought_is_told_with_the_mix():
    # p is bought in 2025 only, of one sole trader: its tonnes would be the perimeter's.
    given = frames()
    found = hide_perimeter(given, both_years((2025, "p", "s6", True, 400.0)), (2024, 2025))
    steps = found["steps"].set_index("cause")
    assert "perimeter" not in steps.index
    assert "same-perimeter" not in set(found["readings"]["reading"])
    assert tuple(steps.loc["mix", ["change_tco2e", "low_tco2e", "high_tco2e"]]) == pytest.approx(
        (2.4, -2.9, 7.9)
    )
    assert found["steps"]["change_tco2e"].sum() == pytest.approx(
        given["steps"]["change_tco2e"].sum()
    )


def test_what_firms_brought_stays_apart():
    rows = both_years((2025, "p", "s7", False, 400.0))
    found = hide_perimeter(frames(), rows, (2024, 2025))
    pd.testing.assert_frame_equal(found["steps"], frames()["steps"])


def test_masked_rows_keep_what_they_are_of_and_come_last():
    table = pd.DataFrame(
        {"group": ["x", "y", "z"], "label_fr": ["X", "Y", "Z"], "spend_eur": [3.0, 2.0, 1.0]}
    )
    found = mask_rows(table, "group", frozenset({"x"}))
    assert list(found["group"]) == ["y", "z", "x"]
    last = found.iloc[-1]
    assert (last["label_fr"], last["protection"]) == ("X", MASKED)
    assert pd.isna(last["spend_eur"])


def test_a_total_that_gives_a_person_away_says_what_to_give():
    # Two suppliers, neither known to be a firm: whoever is one of them knows the other.
    rows = contributions((2025, "a", "s1", None, 900.0), (2025, "b", "s2", None, 800.0))
    with pytest.raises(DisclosureError, match="the total of 2025") as caught:
        protect_purchases(rows, 2025, posts=PARTS)
    assert "2 suppliers, 2 of whom" in str(caught.value)
    assert "[registers] firms" in str(caught.value)


@pytest.mark.parametrize(
    ("ending", "kept"),
    [
        # Three firms' contracts end, one goes on: firms' amounts are public.
        ({"m1", "m2", "m3"}, ["a"]),
        # The person's contract alone ends: its tonnes would be the decision's.
        ({"m4"}, []),
        # The person's alone goes on: the family less what ends would be its own.
        ({"m1", "m2", "m3", "m5"}, []),
        # It ends with two others: three suppliers, none of 85 %.
        ({"m2", "m3", "m4"}, ["a"]),
    ],
)
def test_what_ends_tells_no_person(ending, kept):
    rows = contributions(
        *FIRMS[:3], (2025, "a", "p1", True, 400.0), (2025, "a", "s1", False, 50.0)
    ).assign(contract=["m1", "m2", "m3", "m4", "m5"])
    leverage = pd.DataFrame({"family": ["a"], "contracts_ending": [len(ending)]})
    if ending == {"m1", "m2", "m3"}:
        rows = rows[rows["contract"] != "m4"]
    found = leave_out_ending(leverage, rows, frozenset(ending))
    assert list(found["family"]) == kept


def test_an_indicator_in_euros_that_tells_a_person_is_masked_for_page_and_open_data():
    """400 € to a person of no region known, all others local: what is unknown would be it."""
    rows = contributions(*FIRMS, (2025, "p", "p1", True, 400.0))
    members = rows.assign(
        indicator="local-euros", variant="published", member=rows["supplier"], label=None,
        weight=rows["spend_eur"], outcome=rows["person"].map({True: "unknown", False: "counts"}),
    )  # fmt: skip
    values = pd.DataFrame(
        [("local-euros", each, 2025, 0.9, 1.0, 400.0, None) for each in ("published", "other")],
        columns=["indicator", "variant", "year", "low", "high", "unknown", "note"],
    )
    (shown,) = protect_indicators(values, members, rows, pd.DataFrame()).to_dict("records")
    assert shown["note"] == "masked" and shown["variant"] == "published"
    assert all(pd.isna(shown[name]) for name in ("low", "high", "unknown"))


def test_public_accounts_tell_of_no_person():
    """Accounts name no supplier and are public by law: nothing of them is masked."""
    carbon = map_carbon([demo_path("comptes_2024.xml")], ("family", CONTRIBUTION))
    rows = list_contributions(carbon)
    assert len(rows) > 5 and set(rows["person"]) == {False} and rows["supplier"].notna().all()
    shown = protect_purchases(rows, 2024, posts=PARTS.iloc[:0])
    assert not any(shown.hidden.values())
