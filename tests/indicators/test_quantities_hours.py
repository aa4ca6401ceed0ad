"""Insertion hours: sums, contracts, women's share, and what cannot be true of them.

Every expected figure is worked out by hand beside it.
"""

from __future__ import annotations

import datetime
import sys
from pathlib import Path

import pytest

from lcc.indicators.book import ContractBook
from lcc.indicators.quantities.hours import (
    count_hour_contracts,
    hour_members,
    hours_growth,
    sum_hours,
    women_share,
)
from lcc.indicators.quantities.problems import check_hours

sys.path.insert(0, str(Path(__file__).parent))
from quantity_frames import book, ledger, register

HELD = [
    {"contract": "M1", "duration_months": 36},
    {"contract": "M2", "duration_months": 6},
    {"contract": "M3", "duration_months": 12, "label": "Nettoyage"},
]


def bounds(found):
    return found.low, found.high


class TestSums:
    def test_hours_that_are_not_stated_are_zero_or_more(self):
        hours = ledger(("M1", 2024, "F", 100, 90), ("M1", 2024, "H", 100, None))
        found = sum_hours(hours, book(HELD), 2024)
        assert (found.known, found.low, found.high) == (90, 90, None)
        assert (found.stated, found.unknown) == (1, 1)

    def test_at_most_those_contracted_is_a_reading_of_its_own(self):
        hours = ledger(("M1", 2024, "F", 100, 90), ("M1", 2024, "H", 110, None))
        found = sum_hours(hours, book(HELD), 2024, variant="at-most-contracted")
        assert bounds(found) == (90, 90 + 110)

    def test_staff_and_length_bound_what_is_not_stated(self):
        # 6 months of 2 people: 6 / 12 × 2 × 1 607 = 1 607 h, of which 90 are stated.
        hours = ledger(("M2", 2024, "F", 100, 90, 2), ("M2", 2024, "H", None, None, 2))
        assert bounds(sum_hours(hours, book(HELD), 2024)) == (90, 1607)
        # The legal year is a parameter: at 1 820 h a year, 1 820.
        assert bounds(sum_hours(hours, book(HELD), 2024, hours_per_fte=1820)) == (90, 1820)

    def test_two_empty_cells_share_the_room_under_the_ceiling(self):
        hours = ledger(("M2", 2024, "F", 0, None, 2), ("M2", 2024, "H", 0, None, 2))
        assert bounds(sum_hours(hours, book(HELD), 2024)) == (0, 1607)

    def test_rows_that_disagree_leave_the_hours_between_them(self):
        hours = ledger(("M1", 2024, "F", 100, 90), ("M1", 2024, "F", 100, 130))
        found = sum_hours(hours, book(HELD), 2024)
        assert bounds(found) == (90, 130) and found.unknown == 1

    def test_rows_that_agree_are_counted_once(self):
        hours = ledger(("M1", 2024, "F", 100, 90), ("M1", 2024, "F", None, 90))
        assert bounds(sum_hours(hours, book(HELD), 2024)) == (90, 90)

    def test_a_negative_figure_is_no_figure(self):
        hours = ledger(("M1", 2024, "F", 100, -5), ("M2", 2024, "F", 100, 40))
        found = sum_hours(hours, book(HELD), 2024)
        assert bounds(found) == (40, None)

    def test_hours_that_cannot_be_true_stay_in_the_sum(self):
        # 5 000 h by one person in a year: listed, not dropped.
        hours = ledger(("M1", 2024, "F", 100, 5000, 1))
        assert bounds(sum_hours(hours, book(HELD), 2024)) == (5000, 5000)

    def test_a_ledger_without_the_year_says_nothing_of_it(self):
        found = sum_hours(ledger(("M1", 2023, "F", 100, 90)), book(HELD), 2024)
        assert (found.known, found.low, found.high) == (None, 0, None)

    def test_contracted_hours_are_another_thing(self):
        hours = ledger(("M1", 2024, "F", 100, 90), ("M2", 2024, "H", 60, None))
        found = sum_hours(hours, book(HELD), 2024, column="planned_hours")
        assert bounds(found) == (160, 160)


class TestGrowth:
    def growth(self, *rows, **given):
        hours = ledger(*rows)
        years = (sum_hours(hours, book(HELD), year, **given) for year in (2022, 2021))
        return hours_growth(*years)

    def test_the_published_years_grow_by_9_9_per_cent(self):
        found = self.growth(("M1", 2021, "F", 0, 340_723), ("M1", 2022, "F", 0, 374_408))
        assert round(100 * found.known, 1) == 9.9 and found.low == found.high == found.known

    def test_what_is_missing_bounds_it(self):
        # 2021: 100 to 150 h; 2022: 110 to 160 h. 110/150 − 1 to 160/100 − 1.
        rows = [("M1", 2021, "F", 0, 100), ("M1", 2021, "H", 50, None),
                ("M1", 2022, "F", 0, 110), ("M1", 2022, "H", 50, None)]  # fmt: skip
        found = self.growth(*rows, variant="at-most-contracted")
        assert bounds(found) == (pytest.approx(110 / 150 - 1), pytest.approx(0.6))
        # Nothing bounds them as published: « above −100 % » holds of any growth, and is no bound.
        free = self.growth(*rows)
        assert bounds(free) == (None, None) and free.known == pytest.approx(0.1)

    def test_from_a_year_without_hours_there_is_none(self):
        found = self.growth(("M1", 2022, "F", 0, 110))
        assert found.known is None and found.high is None


class TestClausesWithoutRow:
    hours = ledger(("M1", 2024, "F", 100, 90))

    def test_a_clause_without_a_row_may_have_hours(self):
        found = sum_hours(self.hours, book(HELD, ("M1", "M3")), 2024, variant="with-clauses")
        assert bounds(found) == (90, None) and found.unknown == 1
        as_published = sum_hours(self.hours, book(HELD, ("M1", "M3")), 2024)
        assert bounds(as_published) == (90, 90)

    @pytest.mark.parametrize(
        ("facts", "may"),
        [
            ({"notification_date": datetime.date(2025, 1, 2)}, False),
            ({"notification_date": datetime.date(2021, 1, 2), "duration_months": 12}, False),
            ({"notification_date": datetime.date(2021, 1, 2), "duration_months": 40}, True),
            ({"notification_date": datetime.date(2021, 1, 2)}, True),
            ({"notification_date": None}, True),
        ],
    )
    def test_only_where_the_contract_may_run_in_the_year(self, facts, may):
        held = book([*HELD, {"contract": "M9", **facts}], ("M9",))
        found = sum_hours(self.hours, held, 2024, variant="with-clauses")
        assert found.unknown == int(may)

    def test_the_member_says_what_is_missing(self):
        held = book(HELD, ("M3",))
        rows = hour_members(
            self.hours, held, 2024, "x", column="performed_hours", variant="with-clauses"
        )
        silent = next(each for each in rows if each["member"] == "M3")
        assert (silent["outcome"], silent["missing"]) == ("unknown", "performed_hours")
        assert silent["label"] == "Nettoyage"


class TestContracts:
    def test_counted_not_counted_unknown(self):
        # M1 has hours; M2 has zero of them, all stated; M3 does not say.
        hours = ledger(
            ("M1", 2024, "F", 100, 90), ("M1", 2024, "H", 100, None),
            ("M2", 2024, "F", 100, 0), ("M3", 2024, "F", 100, None),
        )  # fmt: skip
        (value,), members = count_hour_contracts(hours, book(HELD), 2024, "x")
        assert (value["known"], value["low"], value["high"]) == (1, 1, 2)
        assert (value["counted"], value["not_counted"], value["unknown"]) == (1, 1, 1)
        assert {each["member"]: each["outcome"] for each in members} == {
            "M1": "counts", "M2": "does-not", "M3": "unknown",
        }  # fmt: skip

    def test_one_number_of_two_buyers_is_two_contracts(self):
        hours = ledger(("M1", 2024, "F", 100, 90), ("M1", 2024, "F", 100, 80))
        hours["buyer_id"] = ["20009320100016", "21590163800019"]
        (value,), _ = count_hour_contracts(hours, book(HELD), 2024, "x")
        assert value["known"] == 2


class TestWomen:
    def test_hours_of_unknown_sex(self):
        # 300 h: 100 of women, 150 of men, 50 of either. 33.3 % to 50 %; 40 % of what is known.
        hours = ledger(
            ("M1", 2024, "F", 0, 100), ("M1", 2024, "H", 0, 150), ("M2", 2024, None, 0, 50)
        )
        found = women_share(hours, book(HELD), 2024)
        assert found.known == pytest.approx(0.4)
        assert bounds(found) == (pytest.approx(1 / 3), pytest.approx(0.5))

    def test_an_empty_cell_leaves_one_side_open(self):
        hours = ledger(("M1", 2024, "F", 120, 100), ("M1", 2024, "H", 200, None))
        assert bounds(women_share(hours, book(HELD), 2024)) == (0, 1)
        # At most 200 h of men: 100 / 300 at least, and all of it at most.
        read = women_share(hours, book(HELD), 2024, variant="at-most-contracted")
        assert bounds(read) == (pytest.approx(1 / 3), 1)


class TestProblems:
    def problem(self, hours, code, **facts):
        found = check_hours(hours, book(HELD))
        rows = found[found["code"] == code].to_dict("records")
        assert len(rows) == 1, found[["code", "found"]]
        for name, value in facts.items():
            assert rows[0][name] == value, name
        return rows[0]

    def test_hours_above_length_and_staff(self):
        # 6 months × 1 person: 803.5 h in a year.
        row = self.problem(
            ledger(("M2", 2024, "F", 100, 900, 1)), "hours-above-limit",
            contract="M2", field="performed_hours", source_file="heures.csv", source_row=2,
        )  # fmt: skip
        assert "900 h (2024)" in row["found"] and "803.5" in row["expected"]

    def test_both_sexes_together_are_above(self):
        self.problem(
            ledger(("M2", 2024, "F", 1, 500, 1), ("M2", 2024, "H", 1, 500, 1)), "hours-above-limit"
        )

    def test_all_years_together_are_above(self):
        # 6 months in all × 1 person: 803.5 h; 500 + 500 over two years.
        row = self.problem(
            ledger(("M2", 2023, "F", 1, 500, 1), ("M2", 2024, "F", 1, 500, 1)), "hours-above-limit"
        )
        assert "1000 h (2023-2024)" in row["found"]

    def test_a_modification_that_lengthens_is_heard(self):
        held = register(HELD)
        held.modifications.loc[0, ["contract", "duration_months"]] = ["M2", 12]
        hours = ledger(("M2", 2024, "F", 100, 900, 1))
        found = check_hours(hours, ContractBook.of(held))
        assert not len(found)

    def test_without_staff_nothing_is_above(self):
        assert not len(check_hours(ledger(("M2", 2024, "F", 9e6, 9e6)), book(HELD)))

    def test_negative_hours(self):
        self.problem(ledger(("M1", 2024, "F", 10, -35)), "hours-negative", found="-35")

    def test_rows_that_disagree_are_both_shown(self):
        hours = ledger(("M1", 2024, "F", 100, 90), ("M1", 2024, "F", 100, 130))
        hours.loc[1, "source_file"] = "autre.csv"
        self.problem(
            hours, "hours-disagree", found="90", other_found="130",
            source_file="heures.csv", other_file="autre.csv", source_row=2, other_row=3,
        )  # fmt: skip
        # Nothing is overwritten.
        assert list(hours["performed_hours"]) == [90, 130]

    def test_two_files_that_agree_are_no_problem_and_one_that_repeats_is(self):
        hours = ledger(("M1", 2024, "F", 100, 90), ("M1", 2024, "F", 100, 90))
        self.problem(hours, "hours-stated-twice", source_row=2, other_row=3)
        hours.loc[1, "source_file"] = "autre.csv"
        assert not len(check_hours(hours, book(HELD)))

    def test_a_contract_that_the_register_does_not_hold(self):
        self.problem(ledger(("X9", 2024, "F", 10, 10)), "hours-unknown-contract", found="X9")

    def test_hours_before_the_notification(self):
        row = self.problem(ledger(("M1", 2016, "F", 10, 10)), "hours-before-notification")
        assert "2023-01-15" in row["expected"]

    def test_hours_contracted_before_are_none(self):
        assert not len(check_hours(ledger(("M1", 2016, "F", 10, None)), book(HELD)))
