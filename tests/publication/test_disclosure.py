"""The disclosure rule attacked: differencing, hierarchies, linked tables, years, own knowledge.

The attacks here are written apart from the engine: dense linear programs over the published cells,
or enumeration; none of its functions is used to judge it.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from lcc.errors import FieldError
from lcc.publication.disclosure import (
    Dimension,
    DisclosureError,
    Protected,
    load_disclosure_rule,
    protect,
)
from lcc.publication.disclosure.audit import audit, find_intervals
from lcc.publication.disclosure.rule import count_people_at_least
from lcc.publication.disclosure.suppress import Suppression

FAMILY = [Dimension("segment"), Dimension("family", "segment")]
SHARE = 0.2
"""protection-share of `disclosure_rules.csv`, written here by hand."""


def table(rows: Sequence[tuple[Any, ...]], *names: str) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["supplier", "person", *names])


def sole_trader_alone() -> pd.DataFrame:
    """A sole trader alone in family A1; firms in the other families of segment A, and in B."""
    return table(
        [
            ("Jeanne", True, "A", "A1", 1000.0, 0.30),
            ("Un SA", False, "A", "A2", 5000.0, 0.90),
            ("Deux SA", False, "A", "A3", 7000.0, 2.10),
            ("Trois SA", False, "A", "A4", 3000.0, 0.30),
            ("Quatre SA", False, "B", "B1", 9000.0, 0.90),
            ("Cinq SA", False, "B", "B2", 8000.0, 0.80),
        ],
        "segment", "family", "spend_eur", "tco2e",
    )  # fmt: skip


def cell(found: Protected, **key: Any) -> pd.Series:
    chosen = found.cells
    for name in found.layout.dimensions:
        value = key.get(name)
        chosen = chosen[chosen[name].isna() if value is None else chosen[name] == value]
    assert len(chosen) == 1
    return chosen.iloc[0]


def attack(
    contributions: pd.DataFrame,
    cells: pd.DataFrame,
    dimensions: Sequence[str],
    values: Sequence[str],
    target: dict[str, Any],
    supplier: str | None = None,
) -> tuple[float, float]:
    """Return least and most of the first value over a target, by a program over the shown cells.

    The attacker knows what is shown, its own part, and the ratios between values in every finest
    cell. Written with one dense matrix over the records of the contributions, grouped.
    """
    frame = contributions.copy()
    if supplier is not None:
        frame.loc[frame["supplier"] == supplier, list(values)] = 0.0
    finest = frame.groupby(list(dimensions), sort=True)[list(values)].sum().reset_index()
    amounts = finest[list(values)].to_numpy()

    def holds(key: dict[str, Any]) -> np.ndarray:
        inside = np.ones(len(finest), dtype=bool)
        for name, value in key.items():
            if not pd.isna(value):
                inside &= (finest[name] == value).to_numpy()
        return inside

    rows, right = [], []
    for _, row in cells[cells["protection"] == "shown"].iterrows():
        inside = holds({name: row[name] for name in dimensions})
        for rank in range(len(values)):
            # Unknown: by what each finest cell is multiplied; all ones is the truth.
            rows.append(np.where(inside, amounts[:, rank], 0.0))
            right.append(rows[-1].sum())
    goal = np.where(holds(target), amounts[:, 0], 0.0)
    ends = []
    for sign in (1, -1):
        scale = max(1.0, float(np.abs(goal).max()))
        found = linprog(
            sign * goal / scale,
            A_eq=np.array(rows) / scale if rows else None,
            b_eq=np.array(right) / scale if rows else None,
            bounds=(0, 1e6),
        )
        assert found.status == 0, found.message
        ends.append(sign * found.fun * scale)
    return ends[0], ends[1]


class TestRule:
    def test_thresholds_are_those_of_the_table(self) -> None:
        rule = load_disclosure_rule()
        # Insee, Manuel de protection des tableaux: 3 units, 85 %; the others are our judgement.
        assert (rule.fewest_suppliers, rule.largest_share) == (3, 0.85)
        assert (rule.protection_share, rule.fewest_people) == (SHARE, 5)
        assert len(rule.sentences["fr"]) == len(rule.sentences["en"]) == 6

    def test_people_are_counted_by_the_hours_one_can_make(self) -> None:
        rule = load_disclosure_rule()
        # One person's year is 1 607 h: 6 428 = 4 × 1 607 may be four people, one hour more five.
        assert [count_people_at_least(h, rule) for h in (0, 1607, 6428, 6429)] == [0, 1, 4, 5]

    @pytest.mark.parametrize(
        ("people", "amounts", "masked"),
        [
            ((True,), (10.0,), True),
            ((None,), (10.0,), True),
            ((False,), (10.0,), False),
            ((True, False), (10.0, 90.0), True),
            ((True, False, False), (10.0, 50.0, 40.0), False),
            # The person makes 90 % of 100.
            ((True, False, False), (90.0, 5.0, 5.0), True),
            # Of the 50 left when the largest other takes off its own, the person makes 45 = 90 %.
            ((True, False, False), (45.0, 50.0, 5.0), True),
            # A firm makes 90 %, two others share the rest: each keeps half of what is left.
            ((True, False, False), (5.0, 90.0, 5.0), False),
            ((False, False), (10.0, 90.0), False),
        ],
    )
    def test_a_cell_is_masked_for_persons_only(
        self, people: tuple[bool | None, ...], amounts: tuple[float, ...], masked: bool
    ) -> None:
        rows = [(f"S{i}", p, "F", a) for i, (p, a) in enumerate(zip(people, amounts, strict=True))]
        found = protect(table(rows, "family", "spend_eur"), [Dimension("family")], ["spend_eur"])
        assert (cell(found, family="F")["protection"] == "primary") is masked

    def test_who_is_not_named_may_be_a_person_and_is_one_unit(self) -> None:
        rows = table([(None, False, "F", 10.0), (None, False, "F", 5.0)], "family", "eur")
        found = protect(rows, [Dimension("family")], ["eur"])
        assert cell(found, family="F")["protection"] == "primary"

    def test_a_credit_note_does_not_make_a_unit(self) -> None:
        rows = table(
            [("P", True, "F", 100.0), ("A", False, "F", 40.0), ("A", False, "F", -40.0),
             ("B", False, "F", 10.0)],
            "family", "eur",
        )  # fmt: skip
        found = protect(rows, [Dimension("family")], ["eur"])
        assert cell(found, family="F")["protection"] == "primary"


class TestAttack:
    def test_a_total_does_not_give_the_sole_trader_back(self) -> None:
        frame = sole_trader_alone()
        found = protect(frame, FAMILY, ["spend_eur", "tco2e"])
        row = cell(found, segment="A", family="A1")
        assert row["protection"] == "primary"
        assert pd.isna(row["spend_eur"]) and pd.isna(row["tco2e"])
        # Totals stay, since a masked total would tell nobody anything of use.
        assert cell(found)["spend_eur"] == 33_000.0
        assert cell(found, segment="A")["spend_eur"] == 16_000.0
        low, high = attack(
            frame, found.cells, ["segment", "family"], ["spend_eur", "tco2e"], {"family": "A1"}
        )
        assert low <= 800.0 and high >= 1200.0

    def test_one_more_cell_would_not_do(self) -> None:
        """By hand: with A2 alone masked beside A1, euros and tonnes are two equations.

        a + b = 6000 and 0.3 a + 0.18 b = 1200 (kg) give a = 1000 exactly: factors are public.
        """
        frame = sole_trader_alone()
        cells = protect(frame, FAMILY, ["spend_eur", "tco2e"]).cells.copy()
        cells["protection"] = np.where(cells["family"].isin(["A1", "A2"]), "masked", "shown")
        low, high = attack(
            frame, cells, ["segment", "family"], ["spend_eur", "tco2e"], {"family": "A1"}
        )
        assert low == pytest.approx(1000.0, abs=1e-3) and high == pytest.approx(1000.0, abs=1e-3)

    @pytest.mark.parametrize("intruder", ["Un SA", "Deux SA", "Trois SA", "Quatre SA", None])
    def test_nobody_subtracts_itself(self, intruder: str | None) -> None:
        frame = sole_trader_alone()
        found = protect(frame, FAMILY, ["spend_eur", "tco2e"])
        low, high = attack(
            frame, found.cells, ["segment", "family"], ["spend_eur", "tco2e"], {"family": "A1"},
            intruder,
        )  # fmt: skip
        assert low <= 800.0 + 1e-6 and high >= 1200.0 - 1e-6

    def test_two_persons_do_not_give_each_other_away(self) -> None:
        """Each alone in a family of a segment: the segment's total less itself is the other."""
        rows = table(
            [("P", True, "A", "A1", 100.0), ("Q", True, "A", "A2", 200.0),
             ("X", False, "A", "A3", 300.0), ("Y", False, "A", "A4", 400.0)],
            "segment", "family", "eur",
        )  # fmt: skip
        found = protect(rows, FAMILY, ["eur"])
        for intruder, family, amount in (("P", "A2", 200.0), ("Q", "A1", 100.0)):
            low, high = attack(
                rows, found.cells, ["segment", "family"], ["eur"], {"family": family}, intruder
            )
            assert low <= amount * 0.8 + 1e-6 and high >= amount * 1.2 - 1e-6

    def test_a_persons_two_families_are_not_given_together(self) -> None:
        """Both masked, all else of the segment shown, their sum would be the person's whole."""
        rows = table(
            [("P", True, "A", "A1", 100.0), ("P", True, "A", "A2", 200.0),
             *((f"X{i}", False, "A", f"A{i}", 300.0 + i) for i in range(3, 7))],
            "segment", "family", "eur",
        )  # fmt: skip
        found = protect(rows, FAMILY, ["eur"])
        shown = found.cells[found.cells["protection"] == "shown"]
        left = 300.0 + sum(300.0 + i for i in range(3, 7))
        families = shown[shown["family"].notna()]["eur"].sum()
        assert left - families > 300.0
        for family, amount in (("A1", 100.0), ("A2", 200.0)):
            low, high = attack(
                rows, found.cells, ["segment", "family"], ["eur"], {"family": family}
            )
            assert low <= 0.8 * amount + 1e-6 and high >= 1.2 * amount - 1e-6

    def test_years_do_not_give_a_year_back(self) -> None:
        """The sum over years less the year that is shown is the year that is masked."""
        rows = table(
            [("P", True, "F1", 2024, 100.0), ("A", False, "F1", 2025, 500.0),
             ("B", False, "F1", 2025, 400.0), ("C", False, "F1", 2025, 300.0),
             *((f"X{i}", False, "F2", year, 1000.0 + i) for i in range(3) for year in (2024, 2025)),
             *((f"Z{i}", False, "F3", year, 900.0 + i) for i in range(3) for year in (2024, 2025))],
            "family", "year", "eur",
        )  # fmt: skip
        found = protect(rows, [Dimension("family"), Dimension("year")], ["eur"])
        assert cell(found, family="F1", year=2024)["protection"] == "primary"
        low, high = attack(
            rows, found.cells, ["family", "year"], ["eur"], {"family": "F1", "year": 2024}
        )
        assert low <= 80.0 + 1e-6 and high >= 120.0 - 1e-6

    def test_linked_tables_are_protected_together(self) -> None:
        """Alone by directorate, hidden by family: the table by directorate must not tell."""
        rows = table(
            [("P", True, "F1", "D1", 100.0), ("A", False, "F1", "D2", 500.0),
             ("B", False, "F1", "D2", 400.0), ("C", False, "F2", "D2", 300.0),
             ("D", False, "F2", "D3", 350.0), ("E", False, "F2", "D4", 250.0)],
            "family", "directorate", "eur",
        )  # fmt: skip
        found = protect(
            rows, [Dimension("family"), Dimension("directorate")], ["eur"],
            tables=[["family"], ["directorate"]],
        )  # fmt: skip
        # The crossing is not published.
        both = found.cells["family"].notna() & found.cells["directorate"].notna()
        assert not both.any()
        assert cell(found, directorate="D1")["protection"] == "primary"
        low, high = attack(
            rows, found.cells, ["family", "directorate"], ["eur"], {"directorate": "D1"}
        )
        assert low <= 80.0 + 1e-6 and high >= 120.0 - 1e-6

    def test_rounding_gives_nothing_more(self) -> None:
        """Amounts are published to the cent; the program takes them as exact, which tells more."""
        frame = sole_trader_alone().assign(spend_eur=lambda each: each["spend_eur"] + 0.004)
        found = protect(frame, FAMILY, ["spend_eur", "tco2e"])
        low, high = attack(
            frame, found.cells, ["segment", "family"], ["spend_eur", "tco2e"], {"family": "A1"}
        )
        assert low <= 800.1 and high >= 1199.9

    def test_what_was_shown_before_is_known_and_what_was_masked_stays(self) -> None:
        frame = sole_trader_alone()
        first = protect(frame, FAMILY, ["spend_eur"])
        masked = set(first.cells.loc[first.cells["protection"] != "shown", "family"].dropna())
        again = protect(frame, FAMILY, ["spend_eur"], before=first.published())
        assert masked <= set(again.cells.loc[again.cells["protection"] != "shown", "family"])
        everything = first.cells.assign(protection="shown")
        with pytest.raises(DisclosureError, match="published before"):
            protect(frame, FAMILY, ["spend_eur"], before=everything)


class TestProtected:
    def test_the_public_is_not_told_which_cells_are_primary(self) -> None:
        found = protect(sole_trader_alone(), FAMILY, ["spend_eur"])
        assert set(found.published()["protection"]) == {"shown", "masked"}
        assert found.masked == (found.published()["protection"] == "masked").sum() > 1

    def test_without_persons_nothing_is_masked(self) -> None:
        frame = sole_trader_alone().assign(person=False)
        assert protect(frame, FAMILY, ["spend_eur", "tco2e"]).masked == 0

    def test_the_order_of_rows_changes_nothing(self) -> None:
        frame = sole_trader_alone()
        turned = frame.sample(frac=1, random_state=3).reset_index(drop=True)
        pd.testing.assert_frame_equal(
            protect(frame, FAMILY, ["spend_eur", "tco2e"]).cells,
            protect(turned, FAMILY, ["spend_eur", "tco2e"]).cells,
        )

    def test_intervals_of_the_audit_are_those_of_the_attack(self) -> None:
        frame = sole_trader_alone()
        found = protect(frame, FAMILY, ["spend_eur", "tco2e"])
        told = find_intervals(found.layout, found.suppression, [[0, 1]])
        row = told[(told["family"] == "A1") & (told["value"] == "spend_eur")].iloc[0]
        low, high = attack(
            frame, found.cells, ["segment", "family"], ["spend_eur", "tco2e"], {"family": "A1"}
        )
        assert row["low"] == pytest.approx(low, abs=0.01)
        assert row["high"] == pytest.approx(high, abs=0.01)

    def test_the_audit_refuses_what_the_rule_alone_would_mask(self) -> None:
        found = protect(sole_trader_alone(), FAMILY, ["spend_eur", "tco2e"])
        primary = found.suppression.primary
        alone = Suppression(primary, primary)
        assert not audit(found.layout, alone, [[0, 1]], load_disclosure_rule())
        assert audit(found.layout, found.suppression, [[0, 1]], load_disclosure_rule())


class TestDamage:
    def test_an_empty_dimension_is_refused(self) -> None:
        frame = sole_trader_alone()
        frame.loc[0, "family"] = None
        with pytest.raises(FieldError, match="null means the total") as caught:
            protect(frame, FAMILY, ["spend_eur"])
        assert caught.value.field == "family"

    def test_a_missing_column_is_named(self) -> None:
        with pytest.raises(FieldError, match="lack a column") as caught:
            protect(sole_trader_alone(), FAMILY, ["hours"])
        assert caught.value.field == "hours"

    def test_a_family_of_two_segments_is_refused(self) -> None:
        frame = sole_trader_alone()
        frame.loc[1, "family"] = "B1"
        with pytest.raises(FieldError, match="two parents"):
            protect(frame, FAMILY, ["spend_eur"])

    def test_a_table_by_an_unknown_dimension_is_refused(self) -> None:
        with pytest.raises(FieldError, match="not declared"):
            protect(sole_trader_alone(), FAMILY, ["spend_eur"], tables=[["year"]])


@st.composite
def small_tables(draw: st.DrawFn) -> pd.DataFrame:
    """Up to 3 segments of families, a few suppliers, some of them persons."""
    families = draw(st.integers(2, 5))
    suppliers = draw(st.integers(2, 5))
    persons = draw(st.lists(st.sampled_from([True, False, False]), min_size=5, max_size=5))
    pairs = draw(
        st.lists(
            st.tuples(st.integers(0, suppliers - 1), st.integers(0, families - 1)),
            min_size=3, max_size=9, unique=True,
        )
    )  # fmt: skip
    rows = [
        (f"S{s}", persons[s], f"G{f % 2}", f"G{f % 2}.{f}", float(draw(st.integers(1, 50)) * 10))
        for s, f in pairs
    ]
    frame = table(rows, "segment", "family", "eur")
    return frame.assign(kg=frame["eur"] * (1 + frame["family"].str[-1].astype(int)) / 10)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(small_tables())
def test_no_attacker_comes_near_a_persons_amount(frame: pd.DataFrame) -> None:
    """Every masked cell the rule names, every attacker: what persons received stays open."""
    found = protect(frame, FAMILY, ["eur", "kg"])
    named = found.cells[found.cells["protection"] == "primary"]
    for (_, row), intruder in itertools.product(
        named.iterrows(), [None, *sorted(frame["supplier"].unique())]
    ):
        target = {name: row[name] for name in ("segment", "family") if pd.notna(row[name])}
        inside = frame[frame["supplier"] != intruder]
        for name, value in target.items():
            inside = inside[inside[name] == value]
        persons = inside.loc[inside["person"], "eur"].sum()
        if not persons:
            continue
        low, high = attack(
            frame, found.cells, ["segment", "family"], ["eur", "kg"], target, intruder
        )
        actual = inside["eur"].sum()
        assert low <= actual - SHARE * persons + 1e-4
        assert high >= actual + SHARE * persons - 1e-4


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(small_tables())
def test_what_is_shown_is_true_and_adds_up(frame: pd.DataFrame) -> None:
    cells = protect(frame, FAMILY, ["eur", "kg"]).cells
    shown = cells[cells["protection"] == "shown"]
    for _, row in shown.iterrows():
        inside = frame
        for name in ("segment", "family"):
            if pd.notna(row[name]):
                inside = inside[inside[name] == row[name]]
        assert row["eur"] == pytest.approx(inside["eur"].sum())
        assert row["kg"] == pytest.approx(inside["kg"].sum())
    assert cells[cells["protection"] != "shown"][["eur", "kg"]].isna().all().all()


@st.composite
def linked_contributions(draw: st.DrawFn) -> pd.DataFrame:
    """A few suppliers over families and directorates, whose crossing is not published."""
    triples = draw(
        st.lists(
            st.tuples(st.integers(0, 4), st.integers(0, 2), st.integers(0, 2)),
            min_size=4, max_size=9, unique=True,
        )
    )  # fmt: skip
    person = draw(st.integers(0, 4))
    rows = [
        (f"S{s}", s == person, f"F{f}", f"D{d}", float(draw(st.integers(1, 50)) * 10))
        for s, f, d in triples
    ]
    return table(rows, "family", "directorate", "eur")


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(linked_contributions())
def test_linked_tables_tell_no_person_even_together(frame: pd.DataFrame) -> None:
    """Named cells, and crossings of few suppliers that no table shows, to every attacker."""
    found = protect(
        frame, [Dimension("family"), Dimension("directorate")], ["eur"],
        tables=[["family"], ["directorate"]],
    )  # fmt: skip
    crossings = frame.groupby(["family", "directorate"])
    targets = [
        {"family": family, "directorate": directorate}
        for (family, directorate), rows in crossings
        if rows["person"].any() and rows["supplier"].nunique() < 3
    ]
    named = found.cells[found.cells["protection"] == "primary"]
    targets += [
        {name: row[name] for name in ("family", "directorate") if pd.notna(row[name])}
        for _, row in named.iterrows()
    ]
    for target, intruder in itertools.product(targets, [None, *sorted(set(frame["supplier"]))]):
        inside = frame[frame["supplier"] != intruder]
        for name, value in target.items():
            inside = inside[inside[name] == value]
        persons = inside.loc[inside["person"], "eur"].sum()
        if not persons:
            continue
        low, high = attack(frame, found.cells, ["family", "directorate"], ["eur"], target, intruder)
        assert low <= inside["eur"].sum() - SHARE * persons + 1e-4
        assert high >= inside["eur"].sum() + SHARE * persons - 1e-4
