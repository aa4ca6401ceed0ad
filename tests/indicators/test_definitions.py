"""Definitions as data, and the language of their conditions."""

from __future__ import annotations

import datetime
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from lcc.errors import FieldError, TableError
from lcc.indicators.definitions import (
    load_indicators,
    load_targets,
    load_variants,
    targets_of,
)
from lcc.indicators.evaluate import evaluate_indicators
from lcc.indicators.expression import parse_condition
from lcc.indicators.inputs import IndicatorInputs
from lcc.tables import data_path
from tests.indicators.registers import RegisterMaker, known_firms


class TestTables:
    def test_all_indicators_of_contracts_of_the_scheme_are_there(self) -> None:
        numbers = {each.number for each in load_indicators().values()}
        assert {"1", "2", "5", "7", "8", "10", "11", "12", "13"} <= numbers

    def test_each_has_its_sentence_its_source_and_what_is_left_open(self) -> None:
        for each in load_indicators().values():
            assert each.sentence_fr and each.sentence_en and each.source
            if each.from_contracts:
                assert each.reason_fr and each.reason_en
                assert each.status in ("published", "judgement")

    def test_thresholds_and_targets_of_the_scheme(self) -> None:
        # SMART 2023: > 40 k€ on the economic axis, > 90 000 € for clauses and considerations.
        thresholds = {name: each.threshold_eur for name, each in load_indicators().items()}
        assert thresholds["sme-awardees"] == thresholds["local-awardees"] == 40_000
        assert thresholds["social-clause"] == thresholds["environmental-consideration"] == 90_000
        goals = {
            (each.indicator, each.variant): (each.value, each.valid_from) for each in load_targets()
        }
        assert goals["social-clause", "published"] == (0.3, None)
        assert goals["environmental-consideration", "launched-from-2026"] == (
            1.0,
            datetime.date(2026, 1, 1),
        )
        assert goals["insertion-hours-performed", "published"] == (
            400_000,
            datetime.date(2025, 1, 1),
        )

    def test_a_target_holds_from_its_year_on(self) -> None:
        asked = (load_targets(), "environmental-consideration", "launched-from-2026")
        assert not targets_of(*asked, 2025)
        assert len(targets_of(*asked, 2026)) == 1

    def test_the_perimeter_of_a_target_has_the_day_of_the_target(self) -> None:
        target = next(each for each in load_targets() if each.date_of == "launch")
        assert target.variant is not None and target.valid_from is not None
        condition = load_variants()[target.variant].condition
        assert condition == f'launched >= "{target.valid_from.isoformat()}"'

    def test_a_new_indicator_is_a_row_and_one_expression(self, tmp_path: Path) -> None:
        table = data_path("procurement_map", "indicators.csv").read_text(encoding="utf-8")
        row = (
            'large-innovative,,management,Innovants,Innovative,share,,"innovative or kind == '
            '""concession""",1000000,contract,true,consultation,share,whole,Phrase,Sentence,'
            "Délibération,judgement,,"
        )
        path = tmp_path / "own.csv"
        path.write_text(f"{table.splitlines()[0]}\n{row}\n", encoding="utf-8")
        maker = RegisterMaker()
        for name, amount, innovative in (("A", 2e6, True), ("B", 3e6, False), ("C", 10.0, True)):
            maker.add(
                name, amount_eur=amount, innovative=innovative, notification_date="2025-03-01"
            )
        found = evaluate_indicators(
            IndicatorInputs(maker.make()), 2025, indicators=load_indicators(path)
        ).values
        assert found["variant"].tolist() == ["published", "consultation"]
        # A counts, B does not, C is not above a million.
        assert found["known"].tolist() == [0.5, 0.5]
        assert found["written"].tolist() == ["50\u00a0%", "50\u00a0%"]

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            (("counts", "social_clauze"), "social_clause"),
            (("variants", "publised"), "publised"),
            (("counted", ""), "counted"),
        ],
    )
    def test_a_row_that_cannot_be_computed_is_refused(
        self, tmp_path: Path, change: tuple[str, str], message: str
    ) -> None:
        import csv

        with data_path("procurement_map", "indicators.csv").open(encoding="utf-8") as stream:
            rows = [row for row in csv.DictReader(stream) if row["indicator"] == "social-clause"]
        rows[0][change[0]] = change[1]
        path = tmp_path / "own.csv"
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        with pytest.raises(FieldError, match=message):
            load_indicators(path)

    def test_an_unknown_method_is_refused(self) -> None:
        strange = replace(load_indicators()["social-clause"], method="guess")
        with pytest.raises(FieldError, match="guess"):
            evaluate_indicators(
                IndicatorInputs(RegisterMaker().make()), 2025, indicators={"x": strange}
            )

    def test_a_table_with_an_axis_that_is_none_is_refused(self, tmp_path: Path) -> None:
        table = data_path("procurement_map", "indicators.csv").read_text(encoding="utf-8")
        path = tmp_path / "own.csv"
        path.write_text(table.replace(",economic,", ",economy,"), encoding="utf-8")
        with pytest.raises(TableError, match="axis"):
            load_indicators(path)


class TestConditions:
    def test_logic(self) -> None:
        condition = parse_condition(
            '(amount > 90000 or kind in ("framework", "concession")) and not reserved'
        )
        base = {"amount": 90_000.0, "kind": "contract", "reserved": False}
        assert not condition(base)
        assert condition({**base, "amount": 90_000.01})
        assert condition({**base, "kind": "concession"})
        assert not condition({**base, "kind": "concession", "reserved": True})
        assert condition.constants["amount"] == {90_000.0}
        assert condition.constants["kind"] == {"framework", "concession"}

    @pytest.mark.parametrize(
        "text",
        [
            'launched >= date("2026-01-01")',
            'launched >= "2026-01-01"',
            '"2026-01-01" <= launched',
            '"2026-01-01" <= launched <= "2027-01-01"',
        ],
    )
    def test_days(self, text: str) -> None:
        condition = parse_condition(text)
        assert condition({"launched": datetime.date(2026, 1, 1).toordinal()})
        assert not condition({"launched": datetime.date(2025, 12, 31).toordinal()})

    def test_a_parameter_is_given_by_the_study(self) -> None:
        condition = parse_condition("region == region_of_interest", {"region_of_interest": "32"})
        assert condition({"region": "32"}) and not condition({"region": "11"})
        with pytest.raises(FieldError, match="region_of_interest"):
            parse_condition("region == region_of_interest")

    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("social_clauze", "did you mean social_clause"),
            ("amount > limit", "limit"),
            ("amount", "amount"),
            ("social_clause == 1", "social_clause"),
            ('amount > "90000"', "'90000'"),
            ("launched > 2026", "2026"),
            ('launched > "next year"', "next year"),
            ('kind < "contract"', "kind"),
            ("amount > 1e13", "too large"),
            ("amount > -1", "- *1|-1"),
            ("90000 > 40000", "90000"),
            ("amount + 1 > 3", "amount"),
            ("__import__('os').system('true')", "import"),
            ("().__class__", "class"),
            ("[x for x in (1,)]", "x"),
            ("lambda: 1", "lambda"),
            ("reserved and", "reserved and"),
            ("not " * 200 + "reserved", "longer than"),
        ],
    )
    def test_anything_else_is_refused(self, text: str, found: str) -> None:
        with pytest.raises(FieldError, match=found) as error:
            parse_condition(text, file="indicators.csv", field="counts")
        assert error.value.file == "indicators.csv" and error.value.expected

    def test_deep_parentheses_end_in_a_message(self) -> None:
        with pytest.raises(FieldError):
            parse_condition("(" * 190 + "reserved" + ")" * 190 + " and x")


class TestWhatIsUnknown:
    def test_scenario_s5(self) -> None:
        # Scenario S5: ten contracts above 90 k€, 3 yes, 4 no, 3 empty; four smaller: 1 yes, 1 no,
        # 2 empty. 3/7 = 42.9 %, 3/10, 6/10; 4/9 = 44.4 %, 4/14 = 28.6 %, 9/14 = 64.3 %.
        maker = RegisterMaker()
        for rank, (amount, tag) in enumerate(
            [(1e5, True)] * 3 + [(1e5, False)] * 4 + [(1e5, None)] * 3
            + [(9e4, True), (9e4, False), (5e4, None), (1e4, None)]
        ):  # fmt: skip
            stated = {"yes" if tag else "no": "social_clause"} if tag is not None else {}
            maker.add(f"{rank}", amount_eur=amount, notification_date="2025-05-01", **stated)
        values = evaluate_indicators(IndicatorInputs(maker.make()), 2025).values
        rows = values[values["indicator"] == "social-clause"].set_index("variant")
        shown = rows[["known", "low", "high"]].mul(100).round(1)
        assert shown.loc["published"].tolist() == [42.9, 30.0, 60.0]
        assert shown.loc["all-contracts"].tolist() == [44.4, 28.6, 64.3]
        assert rows.loc["published", "unknown"] == 3
        # At least 30.0 %: the target is held whatever the three say.
        assert rows.loc["published", "state"] == "held"
        assert pd.isna(rows.loc["published", "written"])

    def test_awards_of_a_contract_of_unknown_amount_are_in_or_out_together(self) -> None:
        # A (small, large) may be in, B (large) is: 1/3 or 0/1. Taken one by one the small firm
        # alone could be in: 1/2.
        maker = RegisterMaker()
        maker.add("A", held="10000000100019 30000000100017", notification_date="2025-05-01")
        maker.add("B", held="30000000200015", amount_eur=1e5, notification_date="2025-05-01")
        firms = known_firms(
            {
                "10000000100019": {"size": "pme"},
                "30000000100017": {"size": "ge"},
                "30000000200015": {"size": "ge"},
            }
        )
        values = evaluate_indicators(
            IndicatorInputs(maker.make(), firms), 2025, variants=["published"]
        ).values.set_index("indicator")
        row = values.loc["sme-awardees"]
        assert (row["low"], row["high"]) == (0.0, 1 / 3)

    def test_what_fills_the_field_of_an_amount_is_no_amount(self) -> None:
        # A (100 000 €) is above 90 000 and has the clause. Of the seven others, which have none,
        # nobody knows: nought, one euro, fillers, decp.info's 12 311 111 111, a filler beside an
        # amount. 1/1 known, 1/8 if all are above, 1/1 if none is.
        maker = RegisterMaker()
        day = "2025-05-01"
        maker.add("A", amount_eur=1e5, notification_date=day, yes="social_clause")
        fillers = (0.0, 1.0, 9_999_999.0, 123_456_789.0, 4.2e9, 12_311_111_111.0)
        for rank, amount in enumerate(fillers):
            maker.add(f"F{rank}", amount_eur=amount, notification_date=day, no="social_clause")
        maker.add("D", notification_date=day, no="social_clause")
        maker.disagree("D", "amount_eur", "12311111111.0", "50000.0")
        values = evaluate_indicators(IndicatorInputs(maker.make()), 2025).values
        rows = values[values["indicator"] == "social-clause"].set_index("variant")
        row = rows.loc["published"]
        assert (row["known"], row["low"], row["high"]) == (1, 1 / 8, 1)
        assert row["unknown"] == 7

    def test_a_modification_that_states_no_amount_leaves_it_open(self) -> None:
        # 100 000 € when notified, then a filler: above 90 000 or not, once modified.
        maker = RegisterMaker()
        maker.add("A", amount_eur=1e5, notification_date="2025-05-01", yes="social_clause")
        maker.modify("A", 1, "2025-06-01", 12_311_111_111.0)
        values = evaluate_indicators(IndicatorInputs(maker.make()), 2025).values
        rows = values[values["indicator"] == "social-clause"].set_index("variant")
        assert rows.loc["published", "unknown"] == 0 and rows.loc["modified", "unknown"] == 1

    def test_a_launch_is_not_after_a_notification(self) -> None:
        # Neither day is known; an account of 2025 as of 2024 cannot hold a contract launched in
        # 2025, as it would have been notified before.
        maker = RegisterMaker()
        maker.add("A", amount_eur=1e5, yes="social_clause")
        maker.add("B", amount_eur=1e5, yes="social_clause", notification_date="2024-05-01")
        values = evaluate_indicators(
            IndicatorInputs(maker.make()), 2025, as_of=datetime.date(2024, 12, 31)
        ).values
        row = values[
            (values["indicator"] == "social-clause") & (values["variant"] == "launched")
        ].iloc[0]
        assert row["outside"] == 2

    def test_without_an_extract_of_firms_nothing_is_known_of_them(self) -> None:
        maker = RegisterMaker()
        for rank in range(30):
            # Consortia that hang together two by two: too many to be enumerated.
            held = f"1000000{rank:02}00019 1000000{(rank + 1) % 30:02}00019"
            maker.add(f"{rank}", held=held, amount_eur=1e5, notification_date="2025-05-01")
        values = evaluate_indicators(IndicatorInputs(maker.make()), 2025).values
        rows = values[values["variant"] == "published"].set_index("indicator")
        row = rows.loc["notified-to-structures"]
        # None or all of them: reached by all firms being structures, or none.
        assert (row["low"], row["high"], row["unknown"]) == (0, 30, 30) and pd.isna(row["note"])
        assert (rows.loc["sme-awardees", "low"], rows.loc["sme-awardees", "high"]) == (0, 1)
        # No region of interest is given: the indicator is there, and says why it has no value.
        local = rows.loc["local-awardees"]
        assert local["note"] == "region-not-given" and local[["low", "high"]].isna().all()

    def test_the_same_contract_twice_is_refused(self) -> None:
        maker = RegisterMaker()
        maker.add("A")
        maker.add("A")
        with pytest.raises(FieldError, match="twice"):
            evaluate_indicators(IndicatorInputs(maker.make()), 2025)

    def test_a_role_that_is_not_stated_is_read_as_own_and_said(self) -> None:
        maker = RegisterMaker()
        maker.add("A", amount_eur=1e5, notification_date="2025-05-01", buyer_role=None)
        register = maker.make()
        read, unread = (
            evaluate_indicators(
                IndicatorInputs(register, role_where_not_stated=role), 2025, variants=["published"]
            )
            for role in ("own", None)
        )
        told = [
            each.members.set_index("indicator")
            .loc["social-clause", ["outcome", "missing"]]
            .tolist()
            for each in (read, unread)
        ]
        assert told == [
            ["unknown", "social_clause"],
            ["perimeter", "buyer_role social_clause"],
        ]
        assert "role-read-as-own" in read.values.set_index("indicator").loc["social-clause", "note"]


class TestWhatCannotBeRight:
    """Amounts that a rule says cannot be right, and sources that disagree, leave things open."""

    def outcomes(self, maker: RegisterMaker, indicator: str, variant: str = "published", **given):
        found = evaluate_indicators(
            IndicatorInputs(maker.make(), firms=given.pop("firms", None)),
            2025, variants=[variant], **given,
        )  # fmt: skip
        rows = found.members[found.members["indicator"] == indicator]
        row = found.values.set_index("indicator").loc[indicator]
        return dict(zip(rows["member"], rows["outcome"], strict=True)), row

    def test_an_amount_that_cannot_be_right_is_not_known(self) -> None:
        # Rules of procurement_map/rules.csv: stand-in, filler, figures in order, nil, one euro, too
        # large; a framework agreement without a ceiling says 0.
        wrong = (12_311_111_111.0, 999_999_999.0, 123_456_789.0, 0.0, 1.0, 4e9)
        maker = RegisterMaker()
        for rank, amount in enumerate(wrong):
            maker.add(f"W{rank}", amount_eur=amount, yes="social_clause",
                      notification_date="2025-03-01")  # fmt: skip
        maker.add("F", kind="framework", amount_eur=0.0, notification_date="2025-03-01")
        maker.add("R", amount_eur=90_001.0, no="social_clause", notification_date="2025-03-01")
        members, row = self.outcomes(maker, "social-clause")
        assert {name for name, each in members.items() if each == "perimeter"} == {
            *(f"W{rank}" for rank in range(len(wrong))), "F",
        }  # fmt: skip
        # R alone is surely in: none counts, up to the six and the framework of eight.
        assert (row["known"], row["low"], row["high"]) == (0, 0, pytest.approx(7 / 8))

    def test_of_two_amounts_one_of_which_cannot_be_right_none_is_chosen(self) -> None:
        maker = RegisterMaker()
        maker.add("A", yes="social_clause", notification_date="2025-03-01")
        maker.disagree("A", "amount_eur", "999999999", "200000")
        assert self.outcomes(maker, "social-clause")[0] == {"A": "perimeter"}

    @pytest.mark.parametrize(
        ("now", "changes", "as_of", "expected"),
        [
            # Two sources say 95 000 and 80 000 € today: above 90 000 € or not.
            (None, {"amount_now_eur": ("95000", "80000")}, None, "perimeter"),
            # They do not agree on the modifications: the amount after them is not known.
            (None, {"modification": ("2025-05-01 / 95000.00", "?")}, None, "perimeter"),
            # An amount of today, on no day: it is that; on a day, it may be later.
            (95_000.0, {}, None, "counts"),
            (95_000.0, {}, datetime.date(2025, 12, 31), "perimeter"),
        ],
    )
    def test_the_amount_of_today(self, now, changes, as_of, expected) -> None:
        maker = RegisterMaker()
        maker.add("A", yes="social_clause", amount_eur=80_000.0, amount_now_eur=now,
                  notification_date="2025-03-01")  # fmt: skip
        for name, values in changes.items():
            maker.disagree("A", name, *values)
        members, _ = self.outcomes(maker, "social-clause", "modified", as_of=as_of)
        assert members == {"A": expected}
        # As notified it is below, whatever came later.
        assert self.outcomes(maker, "social-clause")[0] == {}

    def test_a_modification_whose_amount_cannot_be_right_leaves_it_open(self) -> None:
        maker = RegisterMaker()
        maker.add("A", yes="social_clause", amount_eur=80_000.0, notification_date="2025-03-01")
        maker.modify("A", 1, "2025-05-01", 999_999_999.0)
        assert self.outcomes(maker, "social-clause", "modified")[0] == {"A": "perimeter"}

    def test_a_holder_on_whom_sources_disagree_may_hold_nothing(self) -> None:
        # Both name the firm 1, small; one of them names 2, large, too, the other 3, small.
        sirets = {"11111111100011": "pme", "22222222200022": "ge", "33333333300033": "pme"}
        one, two, three = sirets
        maker = RegisterMaker()
        maker.add("A", amount_eur=50_000.0, notification_date="2025-03-01", held=one)
        maker.disagree("A", "holder_id", two, three)
        firms = known_firms({siret: {"size": size} for siret, size in sirets.items()})
        members, row = self.outcomes(maker, "sme-awardees", firms=firms)
        assert members == {f"A / {one}": "counts", f"A / {two}": "perimeter",
                           f"A / {three}": "perimeter"}  # fmt: skip
        # One or two small ones of one to three awards: 1/2 (with the large one) to 1.
        assert (row["known"], row["low"], row["high"]) == (1, 0.5, 1)

    def test_what_one_establishment_states_another_may_leave_open(self) -> None:
        # Four establishments of one firm, of which the extract states two structures: the last is
        # of any, though its size, which nobody knows, is that of all.
        stated = {"11111111100011": "siae", "11111111100029": "ea", "11111111100037": "ea"}
        maker = RegisterMaker()
        for rank, siret in enumerate((*stated, "11111111100045")):
            maker.add(str(rank), amount_eur=50_000.0, notification_date="2025-03-01", held=siret)
        own = replace(
            load_indicators()["sme-awardees"],
            counts='size == "pme" and structure == "siae" or size == "ge" and structure == "ea"',
        )
        firms = known_firms({siret: {"structure": each} for siret, each in stated.items()})
        found = evaluate_indicators(
            IndicatorInputs(maker.make(), firms=firms), 2025,
            variants=["published"], indicators={"sme-awardees": own},
        ).values.iloc[0]  # fmt: skip
        # Neither small nor large: none. Large: the two that are EA, and the last if it is one.
        assert (found["low"], found["high"]) == (0, 3 / 4)

    def test_no_link_with_a_plan_without_a_consideration(self) -> None:
        # The scheme counts considerations linked with the plan: what has none has no such link.
        maker = RegisterMaker()
        maker.add("A", no="environmental_clause environmental_criterion",
                  notification_date="2025-03-01")  # fmt: skip
        maker.add("B", no="environmental_clause", notification_date="2025-03-01")
        maker.add("C", no="environmental_clause environmental_criterion",
                  notification_date="2025-03-01")  # fmt: skip
        maker.disagree("C", "pcaet_link", "true", "false")
        members, _ = self.outcomes(maker, "pcaet-link")
        assert members == {"A": "does-not", "B": "unknown", "C": "unknown"}

    @pytest.mark.parametrize("region", ["3", "Hauts-de-France", "99"])
    def test_a_region_that_does_not_exist_is_refused(self, region) -> None:
        with pytest.raises(FieldError, match="32"):
            IndicatorInputs(RegisterMaker().make(), region=region)

    def test_a_framework_on_which_sources_disagree_may_be_followed(self) -> None:
        maker = RegisterMaker()
        maker.add("F", kind="framework", yes="carbon_clause", notification_date="2025-03-01")
        maker.add("S", kind=None, no="carbon_clause", notification_date="2025-03-01")
        maker.disagree("S", "framework", "F", "G")
        members, _ = self.outcomes(maker, "carbon-clause", "subsequent")
        assert members == {"F": "perimeter", "S": "does-not"}
