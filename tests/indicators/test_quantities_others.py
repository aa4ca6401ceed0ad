"""Euros paid, AGEC purchases, sessions, actions, programme: hand calculations beside each."""

from __future__ import annotations

import datetime
import sys
from pathlib import Path

import pandas as pd
import pytest

from lcc.errors import FieldError, InputError
from lcc.indicators.definitions import load_indicators
from lcc.indicators.evaluate import evaluate_indicators
from lcc.indicators.expression import parse_condition
from lcc.indicators.inputs import IndicatorInputs
from lcc.indicators.quantities import METHODS
from lcc.indicators.quantities.agec import agec_members, agec_states, agec_table
from lcc.indicators.quantities.euros import FirmFacts, paid_by_firm, share_of_euros
from lcc.indicators.quantities.facts import ask_firm
from lcc.indicators.quantities.problems import check_actions, check_agec
from lcc.indicators.quantities.programme import share_appraised
from lcc.indicators.quantities.scheme import action_progress, count_sessions
from lcc.indicators.quantities.tables import (
    read_actions,
    read_agec_purchases,
    read_hours,
    read_programme,
    read_training,
    sort_tables,
)
from lcc.register.join import join_payments
from lcc.tables import demo_path, load_reference

sys.path.insert(0, str(Path(__file__).parent))
from quantity_frames import frame, ledger, payments, register


class Firms:
    """A register of firms as the indicators ask it."""

    def __init__(self, **sizes: object) -> None:
        self.sizes = sizes

    def find(self, firm: str) -> dict[str, object] | None:
        return {"size": self.sizes[firm]} if firm in self.sizes else None

    def region(self, firm: str) -> str | None:
        return None


SME = ask_firm(parse_condition('size == "pme"'))
FIRMS = Firms(a="pme", b="ge", c=None)


def sme_share(lines, variant="published", held=None):
    join = join_payments(lines, held or register([{"contract": "M1"}]))
    paid = paid_by_firm(lines, join, 2024)
    facts = FirmFacts(FIRMS, SME)
    (row,), members = share_of_euros(paid[variant], facts, "sme-euros", 2024, variant=variant)
    return row, members


class TestEuros:
    def test_an_unknown_size_may_count_with_all_its_euros(self):
        # 50 to a small firm, 30 to a large one, 20 to two that nobody knows: 50 % to 70 %; 62.5 %
        # of the 80 that are known.
        row, members = sme_share(payments(
            {"supplier_id": "a", "eur": 50}, {"supplier_id": "b", "eur": 30},
            {"supplier_id": "c", "eur": 15}, {"supplier_id": "z", "eur": 5},
        ))  # fmt: skip
        assert (row["low"], row["high"]) == (pytest.approx(0.5), pytest.approx(0.7))
        assert row["known"] == pytest.approx(0.625)
        assert (row["counted"], row["not_counted"], row["unknown"]) == (50, 30, 20)
        assert {each["member"]: each["outcome"] for each in members} == {
            "a": "counts", "b": "does-not", "c": "unknown", "z": "unknown",
        }  # fmt: skip

    def test_credit_notes_are_netted_firm_by_firm(self):
        # c: 15 − 15 = 0, which bounds nothing: 50 / 80 either way.
        row, _ = sme_share(payments(
            {"supplier_id": "a", "eur": 50}, {"supplier_id": "b", "eur": 30},
            {"supplier_id": "c", "eur": 15}, {"supplier_id": "c", "eur": -15},
        ))  # fmt: skip
        assert row["low"] == row["high"] == pytest.approx(0.625)

    def test_establishments_of_one_firm_have_one_size(self):
        # 100 − 20 of one unknown firm, 120 to a small one: at least 120 / 200, at most all of it.
        lines = payments(
            {"supplier_id": "12345678900011", "eur": 100},
            {"supplier_id": "12345678900029", "eur": -20},
            {"supplier_id": "a", "eur": 120},
        )
        row, members = sme_share(lines)
        assert (row["low"], row["high"]) == (pytest.approx(0.6), pytest.approx(1.0))
        assert len(members) == 3 and row["unknown"] == 80
        # Of a region, each establishment has its own: 120 − 20 at least, 120 + 100 at most.
        join = join_payments(lines, register([{"contract": "M1"}]))
        paid = paid_by_firm(lines, join, 2024)["published"]
        facts = FirmFacts(FIRMS, SME, of_places=True)
        (row,), _ = share_of_euros(paid, facts, "x", 2024)
        assert (row["low"], row["high"]) == (pytest.approx(0.5), pytest.approx(1.1))

    def test_what_is_no_payment_on_an_own_contract_is_left_out(self):
        held = register([
            {"contract": "M1"}, {"contract": "DSP", "kind": "concession"},
            {"contract": "CAM", "buyer_role": "central-body"},
        ])  # fmt: skip
        lines = payments(
            {"supplier_id": "a", "eur": 50},
            {"supplier_id": "b", "eur": 999, "contract": "DSP"},
            {"supplier_id": "b", "eur": 999, "contract": "CAM"},
            {"supplier_id": "b", "eur": 999, "contract": None},
            {"supplier_id": "b", "eur": 999, "kind": "award"},
            {"supplier_id": "b", "eur": 999, "kind": "concession"},
            {"supplier_id": "b", "eur": 999, "scope": "out"},
            {"supplier_id": "b", "eur": 999, "budget_year": 2023},
            {"supplier_id": "b", "eur": 50, "contract": "not-held"},
        )
        assert sme_share(lines, held=held)[0]["low"] == pytest.approx(0.5)
        only_held = sme_share(lines, "held-contracts", held)[0]
        assert only_held["low"] == pytest.approx(1.0)
        # 50 / (50 + 50 + 999) and 50 / (50 + 50 + 2 × 999).
        assert sme_share(lines, "all-payments", held)[0]["low"] == pytest.approx(50 / 1099)
        assert sme_share(lines, "with-others", held)[0]["low"] == pytest.approx(50 / 2098)

    def test_subcontractors_are_in_as_published_and_out_in_a_variant(self):
        lines = payments(
            {"supplier_id": "b", "eur": 60, "role": "contractor"},
            {"supplier_id": "b", "eur": 20, "role": "co-contractor"},
            {"supplier_id": "a", "eur": 20, "role": "subcontractor"},
        )
        assert sme_share(lines)[0]["low"] == pytest.approx(0.2)
        assert sme_share(lines, "contractors-only")[0]["high"] == 0

    def test_lines_without_a_firm_are_not_one_firm(self):
        row, members = sme_share(
            payments({"supplier_id": None, "eur": 40}, {"supplier_id": None, "eur": 60})
        )
        assert (row["low"], row["high"]) == (0, 1)
        assert [each["missing"] for each in members] == ["supplier_id"] * 2

    def test_without_payments_or_region_nothing_is_known(self):
        definition = load_indicators()["local-euros"]
        values, _ = METHODS["euros-share"](definition, IndicatorInputs(register()), 2024)
        assert {each["note"] for each in values} == {"no-payments"}
        given = IndicatorInputs(register(), payments=payments({"supplier_id": "a", "eur": 1}))
        values, _ = METHODS["euros-share"](definition, given, 2024)
        assert {each["note"] for each in values} == {"region-not-given"}
        assert {each["known"] for each in values} == {None}


class TestFacts:
    def test_a_fact_that_is_empty_is_asked_of_every_value(self):
        ask = ask_firm(parse_condition('size == "pme" or esus'))
        assert ask({"size": "pme", "esus": None}) is True
        assert ask({"size": "ge", "esus": None}) is None
        assert ask({"size": "ge", "esus": False}) is False
        assert ask({"size": None, "esus": False}) is None

    def test_an_unknown_structure_may_be_none(self):
        ask = ask_firm(parse_condition('structure in ("ea", "esat", "siae")'))
        assert ask({"structure": "none"}) is False and ask({"structure": None}) is None


QUOTAS = pd.DataFrame(
    [("textiles", 2024, 0.08, 0.20), ("textiles", 2027, 0.15, 0.25), ("mobilier", 2024, 0.2, None),
     ("velos", 2024, None, None), ("textiles", 2030, 0.15, 0.30)],
    columns=["category", "year_from", "reuse_share", "recycled_share"],
)  # fmt: skip


def purchases(*rows):
    names = ("year", "category", "spend_eur", "reused_eur", "recycled_eur")
    return frame("agec_purchase", [dict(zip(names, each, strict=True)) for each in rows])


class TestAgec:
    def state(self, *rows, year=2024):
        return {each.category: each for each in agec_states(purchases(*rows), QUOTAS, year)}

    def test_textiles_of_2024_are_8_and_20_per_cent(self):
        # 100 of which 9 reused (≥ 8 %) and 19 recycled (< 20 %): the second quota is missed.
        met = self.state((2024, "textiles", 100, 9, 19))["textiles"]
        assert met.met == {"reuse": True, "recycled": False} and met.meets is False
        assert self.state((2024, "textiles", 100, 8, 20))["textiles"].meets is True

    def test_the_quota_is_that_of_the_year(self):
        # 8 and 20 % hold the steps of 2024, not those of 2027 (15 and 25 %).
        row = ("textiles", 100, 8, 20)
        assert self.state((2026, *row), year=2026)["textiles"].meets is True
        assert self.state((2027, *row), year=2027)["textiles"].meets is False
        # Before 2024 no quota was collected.
        assert self.state((2023, *row), year=2023)["textiles"].meets is None

    def test_what_is_not_known_stays_so(self):
        found = self.state(
            (2024, "textiles", 100, None, 30),
            (2024, "mobilier", 100, 30, 0),
            (2024, "velos", 9, 9, 0),
        )
        assert found["textiles"].met == {"reuse": None, "recycled": True}
        assert (found["textiles"].low["reuse"], found["textiles"].high["reuse"]) == (0, 1)
        assert found["mobilier"].met == {"reuse": True, "recycled": None}
        assert found["velos"].meets is None
        # A quota that is missed decides, whatever the other.
        assert self.state((2024, "mobilier", 100, 10, 0))["mobilier"].meets is False

    def test_outcomes_and_what_would_settle_them(self):
        states = agec_states(
            purchases((2024, "textiles", 100, 8, 20), (2024, "velos", 0, 0, 0),
                      (2024, "fournitures", 10, 1, 1)),
            QUOTAS, 2024,
        )  # fmt: skip
        members = {each["member"]: each for each in agec_members(states, "x", 2024)}
        assert {name: each["outcome"] for name, each in members.items()} == {
            "textiles": "counts",
            # Not in the table: bought or not, nobody says.
            "mobilier": "perimeter",
            # Nothing was bought.
            "velos": "outside",
            # Not a name the quotas have.
            "fournitures": "perimeter",
        }
        assert members["mobilier"]["missing"] == "spend_eur"
        assert members["fournitures"]["missing"] == "category"
        declared = agec_members(states, "x", 2024, variant="declared-categories")
        assert "mobilier" not in {each["member"] for each in declared}

    def test_impossible_amounts_bound_nothing_and_are_listed(self):
        rows = purchases((2024, "textiles", 100, 120, 0), (2024, "mobilier", 100, 60, 60),
                         (2024, "velos", -1, 0, 0))  # fmt: skip
        textiles, furniture, _ = agec_states(rows, QUOTAS, 2024)
        assert textiles.met["reuse"] is None and textiles.met["recycled"] is False
        assert furniture.low == {"reuse": 0, "recycled": 0} and furniture.high["reuse"] == 1
        found = check_agec(rows, QUOTAS["category"])
        assert list(found["code"]) == [
            "agec-part-above-spend", "agec-parts-above-spend", "agec-negative",
        ]  # fmt: skip
        assert found["source_row"].tolist() == [2, 3, 4]

    def test_rows_that_disagree_leave_the_category_open(self):
        rows = purchases((2024, "textiles", 100, 8, 20), (2024, "textiles", 100, 8, 10))
        assert {s.category: s for s in agec_states(rows, QUOTAS, 2024)}["textiles"].meets is None
        row = check_agec(rows).iloc[0]
        assert (row["code"], row["found"], row["other_found"]) == ("agec-disagree", "20", "10")

    def test_a_category_nobody_knows_is_listed(self):
        found = check_agec(purchases((2024, "textile", 1, 0, 0)), QUOTAS["category"])
        assert list(found["code"]) == ["agec-unknown-category"]

    def test_the_table_has_a_row_per_category_and_quota(self):
        table = agec_table(agec_states(purchases((2024, "textiles", 100, 9, 19)), QUOTAS, 2024))
        assert len(table) == 6
        assert table["met"].tolist()[:2] == ["yes", "no"]

    def test_the_quotas_shipped_are_taken(self):
        quotas = load_reference("procurement_map", "agec_quotas").to_pandas()
        states = agec_states(purchases((2024, "textiles", 100, 8, 20)), quotas, 2024)
        assert len(states) == 17 and states[0].meets is True


class TestSessions:
    def sessions(self):
        day = datetime.date
        rows = [
            {"date": day(2024, 3, 1), "kind": "training", "theme": "social-clauses"},
            {"date": day(2024, 4, 1), "kind": "information", "theme": "environment"},
            {"date": day(2024, 5, 1), "kind": "action", "theme": "social-clauses"},
            {"date": None, "kind": "training", "theme": "social-clauses"},
            {"date": day(2024, 6, 1), "kind": None, "theme": None},
            {"date": day(2023, 6, 1), "kind": "training", "theme": "social-clauses"},
        ]
        labelled = [{"label": f"s{rank}", **each} for rank, each in enumerate(rows)]
        return frame("training_session", labelled)

    def test_on_social_clauses(self):
        # s0 counts; s3 may be of the year; s4 may be a session on social clauses.
        (row,), members = count_sessions(self.sessions(), "x", 2024)
        assert (row["known"], row["low"], row["high"], row["unknown"]) == (1, 1, 3, 2)
        assert {each["member"]: each["missing"] for each in members} == {
            "s0": None, "s3": "date", "s4": "kind theme",
        }  # fmt: skip

    def test_on_any_theme(self):
        (row,), _ = count_sessions(self.sessions(), "x", 2024, variant="all-themes")
        assert (row["low"], row["high"]) == (2, 4)

    def test_actions_are_another_count(self):
        (row,), _ = count_sessions(self.sessions(), "x", 2024, kinds=("action",))
        assert (row["low"], row["high"]) == (1, 2)


class TestDayOfTheAccount:
    """Contract, payments, sessions and hours of 2024, read on 30 June 2024 and on no day."""

    def values(self, as_of):
        day = datetime.date
        inputs = IndicatorInputs(
            register([{"contract": "M1"}]),
            payments=payments(
                {"supplier_id": "a", "eur": 50, "date": day(2024, 3, 1)},
                {"supplier_id": "a", "eur": 10, "date": None},
                {"supplier_id": "b", "eur": 40, "date": day(2024, 7, 1)},
            ),
            firms=FIRMS,
            hours=ledger(("M1", 2024, "F", 100, 90)),
            training=frame(
                "training_session",
                [
                    {"label": each.isoformat(), "date": each, "kind": "training",
                     "theme": "social-clauses"}
                    for each in (day(2024, 6, 30), day(2024, 7, 1))
                ],
            ),
            actions=frame(
                "action",
                [{"code": "A", "label": "…", "progress": 0.2, "as_of": day(2024, 1, 1)},
                 {"code": "A", "label": "…", "progress": 0.8, "as_of": day(2024, 9, 1)}],
            ),
            as_of=as_of,
        )  # fmt: skip
        found = evaluate_indicators(inputs, 2024, variants=["published"]).values
        return found.set_index("indicator")

    def test_what_is_dated_later_does_not_count(self):
        cut, whole = self.values(datetime.date(2024, 6, 30)), self.values(None)
        low = {name: (cut.loc[name, "low"], whole.loc[name, "low"]) for name in cut.index}
        # 60 € of 60 to a small firm on the day; 60 of 100 in the end. A line without a date stays.
        assert low["sme-euros"] == (pytest.approx(1.0), pytest.approx(0.6))
        assert low["training-sessions"] == (1, 2)
        assert low["action-progress"] == (pytest.approx(0.2), pytest.approx(0.8))

    def test_a_table_of_years_has_no_day_to_be_cut_by_and_says_so(self):
        notes = {
            day.month: self.values(day).loc["insertion-hours-performed", "note"]
            for day in (datetime.date(2024, 6, 30), datetime.date(2024, 12, 31))
        }
        assert notes[6] == "no-day-to-cut" and pd.isna(notes[12])


class TestActions:
    def actions(self, *rows):
        names = ("code", "progress", "as_of", "state")
        made = [{"label": "…", **dict(zip(names, each, strict=False))} for each in rows]
        return frame("action", made)

    def test_the_mean_of_what_was_stated_last(self):
        # a: 80 % (its last), b: 40 %, c: not stated. (0.8 + 0.4) / 3 = 40 %; + 1 / 3 = 73.3 %.
        rows = self.actions(
            ("a", 0.2, datetime.date(2023, 12, 31)), ("a", 0.8, datetime.date(2024, 12, 31)),
            ("b", 0.4, datetime.date(2023, 12, 31)), ("c", None, datetime.date(2024, 12, 31)),
        )  # fmt: skip
        (row,), _ = action_progress(rows, "x", 2024)
        assert row["known"] == pytest.approx(0.6)
        assert (row["low"], row["high"]) == (pytest.approx(0.4), pytest.approx(2.2 / 3))
        # At the end of 2023, a was at 20 %, and c was not stated.
        (before,), _ = action_progress(rows, "x", 2023)
        assert before["low"] == pytest.approx(0.6 / 3)

    def test_shares_that_cannot_be_and_rows_that_disagree(self):
        day = datetime.date(2024, 12, 31)
        rows = self.actions(
            ("a", 1.2, day), ("b", 0.5, day), ("b", 0.9, day), ("c", 0.5, day, "done")
        )
        (row,), members = action_progress(rows, "x", 2024)
        assert row["unknown"] == 2 and len(members) == 3
        found = check_actions(rows)
        assert sorted(found["code"]) == [
            "action-done-below-one",
            "action-share-outside",
            "actions-disagree",
        ]
        pair = found[found["code"] == "actions-disagree"].iloc[0]
        assert (pair["found"], pair["other_found"]) == ("0.5", "0.9")


class TestProgramme:
    def test_an_empty_answer_is_unknown(self):
        # In the year: yes, no, empty. Perhaps in the year: yes. 1/4 … worked out below.
        day = datetime.date(2024, 6, 1)
        rows = frame(
            "programmed_contract",
            [
                {"need": "1", "label": "a", "planned_date": day, "insertion_appraisal": True},
                {"need": "2", "label": "b", "planned_date": day, "insertion_appraisal": False},
                {"need": "3", "label": "c", "planned_date": day, "insertion_appraisal": None},
                {"need": "4", "label": "d", "planned_date": None, "insertion_appraisal": True},
                {"need": "5", "label": "e", "planned_date": day.replace(year=2023)},
            ],
        )
        (row,), members = share_appraised(rows, "x", 2024)
        # Known: 1 of 2. At least: 3 says no and 4 is of another year: 1 of 3. At most: 3 of 4.
        assert (row["known"], row["low"], row["high"]) == (0.5, pytest.approx(1 / 3), 0.75)
        assert {each["member"]: each["outcome"] for each in members} == {
            "1": "counts", "2": "does-not", "3": "unknown", "4": "perimeter",
        }  # fmt: skip


class TestReaders:
    @pytest.mark.parametrize(
        ("read", "name", "count"),
        [
            (read_hours, "heures_insertion.csv", 1602),
            (read_programme, "programme.csv", 96),
            (read_training, "formations.csv", 34),
            (read_actions, "actions.csv", 57),
            (read_agec_purchases, "agec.csv", 17),
        ],
    )
    def test_the_demonstration_is_read_with_its_rows(self, read, name, count):
        found = read(demo_path(name))
        assert len(found) == count
        assert found["source_file"].unique().tolist() == [name]
        assert found["source_row"].tolist() == list(range(2, count + 2))

    def test_two_ledgers_are_read_as_one_table(self):
        found = read_hours(
            [demo_path("heures_insertion.csv"), demo_path("heures_facilitateur.csv")]
        )
        assert found["source_file"].nunique() == 2 and found["staff"].notna().any()

    def test_tables_are_told_by_their_header(self):
        names = ("actions.csv", "agec.csv", "formations.csv", "programme.csv",
                 "heures_insertion.csv", "heures_facilitateur.csv")  # fmt: skip
        found = sort_tables([demo_path(name) for name in names])
        assert {kind: [each.name for each in paths] for kind, paths in found.items()} == {
            "actions": ["actions.csv"], "agec": ["agec.csv"], "training": ["formations.csv"],
            "programme": ["programme.csv"],
            "hours": ["heures_insertion.csv", "heures_facilitateur.csv"],
        }  # fmt: skip

    def test_a_header_of_no_table_is_refused(self):
        with pytest.raises(InputError, match=r"cibles\.csv"):
            sort_tables([demo_path("cibles.csv")])

    def test_a_file_that_is_not_there_is_said_so(self):
        with pytest.raises(InputError, match="cannot be read"):
            sort_tables(["nowhere.csv"])

    def test_a_word_outside_the_list_is_refused(self, tmp_path):
        path = tmp_path / "heures.csv"
        path.write_text("Marché;Exercice;Sexe\nM1;2024;X\n", encoding="utf-8")
        with pytest.raises(FieldError) as caught:
            read_hours(path)
        said = str(caught.value)
        assert "heures.csv" in said and "row 2" in said and "X" in said and "F | H" in said

    def test_a_column_that_is_missing_is_named(self, tmp_path):
        path = tmp_path / "heures.csv"
        path.write_text("Contrat;Heures\nM1;3\n", encoding="utf-8")
        with pytest.raises(InputError, match="Contrat"):
            read_hours(path)

    def test_french_decimals_and_percentages(self, tmp_path):
        path = tmp_path / "actions.csv"
        path.write_text("Action;Intitulé;Avancement\nA1;x;59 %\nA2;y;0,5\n", encoding="utf-8")
        assert read_actions(path)["progress"].tolist() == [0.59, 0.5]


class TestDefinitions:
    def test_every_quantity_names_a_method_and_every_method_is_named(self):
        named = {each.method for each in load_indicators().values() if not each.from_contracts}
        assert named == set(METHODS)

    def test_every_variant_of_a_quantity_has_a_label(self):
        labels = set(load_reference("procurement_map", "quantity_variants")["variant"].to_pylist())
        used = {
            name
            for each in load_indicators().values()
            if not each.from_contracts
            for name in each.variant_names
        }
        assert used == labels

    def test_the_target_of_hours_and_the_truncation_are_said(self):
        # 374 408 h: below 400 000 by 25 592; 232 equivalents, written so.
        inputs = IndicatorInputs(
            register([{"contract": "M1"}]), hours=ledger(("M1", 2025, "F", None, 374_408))
        )
        values = evaluate_indicators(inputs, 2025).values
        values = values[values["variant"] == "published"].set_index("indicator")
        hours = values.loc["insertion-hours-performed"]
        assert (hours["target"], hours["gap_low"], hours["state"]) == (400_000, -25_592, "missed")
        fte = values.loc["insertion-fte"]
        assert (fte["known"], fte["note"], fte["written"]) == (232, "truncation-inferred", "232")
        # The target does not hold before 2025.
        before = evaluate_indicators(inputs, 2024).values.set_index("indicator")
        assert pd.isna(before.loc["insertion-hours-performed", "target"]).all()

    def test_what_is_not_given_is_not_zero(self):
        values = evaluate_indicators(IndicatorInputs(register()), 2024).values
        quantities = values[values["note"].fillna("").str.startswith("no-")]
        assert len(quantities) > 20
        assert quantities[["known", "low", "high"]].isna().all(axis=None)
