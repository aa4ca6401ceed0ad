"""Ratings: which row wins, what is refused, the table that is handed out, the green annex."""

from __future__ import annotations

import datetime
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from lcc.budget.accounts.table import read_accounts
from lcc.budget.ratings.annex import annex_gaps, find_concerned, make_annex
from lcc.budget.ratings.book import (
    RatedLine,
    RatingBook,
    known_codes,
    read_ratings,
    shipped_ratings,
)
from lcc.budget.ratings.scales import axes_of, convert_rating, labels_of, ratings_of
from lcc.budget.ratings.template import list_ratings, write_template
from lcc.errors import FieldError, OutputError

sys.path.insert(0, str(Path(__file__).parent))
from conftest import Document, line

TODAY = datetime.date(2025, 6, 30)
HEADER = "Compte (début);Fonction (début);Opération;Exercice;Axe;Échelle;Cotation;Origine;"
HEADER += "Décidé par;Décidé le;Motif\n"
CODES = {
    "accounts": {"2151", "2152", "2313", "60612", "60622", "6156", "66111"},
    "functions": {"020", "845", "90845", "87"},
}


def rating(
    account: str,
    word: str,
    *,
    function: str = "",
    operation: str = "",
    year: str = "",
    axis: str = "",
    scale: str = "",
    origin: str = "",
    who: str = "Conseil",
    when: str = "12/02/2025",
    why: str = "délibération",
) -> str:
    cells = (account, function, operation, year, axis, scale, word, origin, who, when, why)
    return ";".join(cells) + "\n"


@pytest.fixture
def table(tmp_path: Path) -> Callable[..., Path]:
    def write(*rows: str) -> Path:
        path = tmp_path / "cotations.csv"
        path.write_text(HEADER + "".join(rows), encoding="utf-8")
        return path

    return write


def read(path: Path | None, **codes: Any) -> Any:
    return read_ratings(path, today=TODAY, **{**CODES, **codes})


def rate(
    book: RatingBook,
    account: str,
    function: str | None = None,
    reference: str | None = None,
    operation: str | None = None,
    year: int | None = None,
    plan: str = "M57",
    **asked: str,
) -> Any:
    line = RatedLine(account, function, reference, operation, year, plan)
    return book.rate(line, **asked)


class TestScales:
    def test_words_of_the_two_scales(self) -> None:
        assert list(labels_of("i4ce").values()) == [
            *("Très favorable", "Plutôt favorable", "Neutre", "Défavorable", "Indéfini"),
        ]
        assert list(labels_of("statutory").values()) == ["Favorable", "Neutre", "Défavorable"]

    def test_undefined_is_not_neutral(self) -> None:
        assert convert_rating("undefined", "i4ce", "statutory") is None
        assert convert_rating("neutral", "i4ce", "statutory") == "neutral"
        assert convert_rating("rather-favourable", "i4ce", "statutory") == "favourable"

    def test_every_rating_of_a_scale_is_brought_over_or_said_not_to_be(self) -> None:
        said = {each for each in ratings_of("i4ce") if convert_rating(each, "i4ce", "statutory")}
        assert set(ratings_of("i4ce")) - said == {"undefined"}

    def test_axes_by_year(self) -> None:
        """Mitigation from 2024, biodiversity from 2025, the others from 2027."""
        assert axes_of(2023) == []
        assert axes_of(2024) == ["mitigation"]
        assert axes_of(2025) == axes_of(2026) == ["mitigation", "biodiversity"]
        assert len(axes_of(2027)) == 6

    def test_unknown_scale(self) -> None:
        with pytest.raises(FieldError, match="no scale") as caught:
            ratings_of("stars")
        assert "i4ce" in str(caught.value)


class TestWhichRowWins:
    def test_what_nobody_rated_is_undefined_and_on_the_other_scale_not_rated(self) -> None:
        book = shipped_ratings()
        assert rate(book, "6156") == ("undefined", "none", None)
        assert rate(book, "6156", scale="statutory") == (None, "none", None)

    def test_a_default_is_marked_so(self) -> None:
        assert rate(shipped_ratings(), "60622")[:2] == ("unfavourable", "default")

    def test_a_decision_wins_over_a_longer_default(self, table: Callable[..., Path]) -> None:
        book = read(table(rating("60", "Neutre")))
        assert rate(book, "60622")[:2] == ("neutral", "decision")

    def test_the_order(self, table: Callable[..., Path]) -> None:
        """Operation, then account, then function, then year: written out, row by row."""
        book = read(
            table(
                rating("2", "Neutre"),
                rating("215", "Défavorable"),
                rating("215", "Plutôt favorable", function="845"),
                rating("2151", "Neutre", year="2023"),
                rating("2151", "Indéfini"),
                rating("", "Très favorable", operation="TRAM"),
            )
        )
        assert rate(book, "2313", year=2024)[0] == "neutral"
        assert rate(book, "2152", "020", year=2024)[0] == "unfavourable"
        assert rate(book, "2152", "845", year=2024)[0] == "rather-favourable"
        # A longer account before a function; the year last.
        assert rate(book, "2151", "845", year=2024)[0] == "undefined"
        assert rate(book, "2151", "845", year=2023)[0] == "neutral"
        assert rate(book, "2151", "845", operation="TRAM", year=2023)[0] == "very-favourable"
        assert rate(book, "6156", "020", operation="TRAM")[0] == "very-favourable"

    def test_a_function_is_the_same_in_its_two_spellings(self, table: Callable[..., Path]) -> None:
        for spelled in ("845", "90845"):
            book = read(table(rating("2151", "Neutre", function=spelled)))
            assert rate(book, "2151", "90845", "845")[0] == "neutral"
            assert rate(book, "2151", "90020", "020")[1] == "none"

    def test_two_rows_that_stand_equal_are_both_named(self, table: Callable[..., Path]) -> None:
        book = read(
            table(
                rating("2151", "Neutre", function="845"),
                rating("2151", "Défavorable", function="90845"),
            )
        )
        with pytest.raises(FieldError, match="stand equal") as caught:
            rate(book, "2151", "90845", "845")
        assert caught.value.rows == (2, 3)
        assert "neutral" in str(caught.value) and "unfavourable" in str(caught.value)

    def test_a_default_by_function_is_of_m57_alone(self) -> None:
        """M57 numbers public transport 82; M14 numbers town planning so."""
        book = shipped_ratings()
        assert rate(book, "2188", "821")[0] == "rather-favourable"
        assert rate(book, "2188", "822", plan="M14")[1] == "none"
        assert rate(book, "1641", plan="M14")[0] == "neutral"

    def test_a_decision_on_one_scale_is_heard_before_a_default_on_the_other(
        self, table: Callable[..., Path]
    ) -> None:
        default = rating(
            "2151", "Défavorable", scale="statutory", origin="Par défaut", who="", when="", why=""
        )
        book = read(table(rating("2151", "Très favorable"), default))
        assert rate(book, "2151", scale="statutory")[:2] == ("favourable", "decision")

    def test_the_two_scales_and_the_axes_are_apart(self, table: Callable[..., Path]) -> None:
        book = read(
            table(
                rating("2151", "Très favorable"),
                rating("2151", "Neutre", scale="Annexe verte"),
                rating("2151", "Défavorable", axis="Biodiversité"),
            )
        )
        assert rate(book, "2151")[0] == "very-favourable"
        assert rate(book, "2151", scale="statutory")[0] == "neutral"
        assert rate(book, "2151", scale="statutory", axis="biodiversity")[0] == "unfavourable"
        assert rate(book, "2151", axis="water")[1] == "none"


class TestBadInput:
    @pytest.mark.parametrize(
        ("row", "field", "told"),
        [
            (rating("9999", "Neutre"), "account", "an account that does not exist"),
            (rating("2151", "Neutre", function="7777"), "function", "does not exist"),
            (rating("2151", "Plutôt favorable", scale="statutory"), "rating", "outside its scale"),
            (rating("2151", "Favorable"), "rating", "outside its scale"),
            (rating("2151", "Neutre", who=""), "decided_by", "who decided, when and why"),
            (rating("2151", "Neutre", when=""), "decided_on", "who decided, when and why"),
            (rating("2151", "Neutre", why=""), "reason", "who decided, when and why"),
            (rating("2151", "Neutre", when="01/07/2025"), "decided_on", "in the future"),
        ],
    )
    def test_is_named_and_nothing_is_taken(
        self, table: Callable[..., Path], row: str, field: str, told: str
    ) -> None:
        with pytest.raises(FieldError) as caught:
            read(table(rating("2152", "Neutre"), row))
        assert told in str(caught.value)
        assert (caught.value.field, caught.value.rows) == (field, (3,))
        assert caught.value.file == "cotations.csv"

    def test_a_word_of_no_scale(self, table: Callable[..., Path]) -> None:
        with pytest.raises(FieldError) as caught:
            read(table(rating("2151", "Excellent")))
        assert "Très favorable" in str(caught.value)

    def test_the_same_lines_twice(self, table: Callable[..., Path]) -> None:
        with pytest.raises(FieldError, match="two rows say something of the same thing") as caught:
            read(table(rating("2151", "Neutre"), rating("2151", "Défavorable")))
        assert caught.value.rows == (2, 3)

    def test_a_default_needs_nobody(self, table: Callable[..., Path]) -> None:
        row = rating("2151", "Neutre", origin="Par défaut", who="", when="", why="")
        assert rate(read(table(row)), "2151")[:2] == ("neutral", "default")

    def test_a_default_that_somebody_decided_is_named(self, table: Callable[..., Path]) -> None:
        # A prefilled row whose Origine was left: the decision would be told as a default.
        with pytest.raises(FieldError, match="write Décision under Origine") as caught:
            read(table(rating("2151", "Neutre", origin="Par défaut")))
        assert caught.value.rows == (2,)


class TestTemplate:
    @pytest.fixture
    def accounts(self, document: Document) -> Any:
        return read_accounts(
            document(
                line("6156", "100"),
                line("60622", "20"),
                line("6156", "900", Fonction="845"),
                line("2313", "500", Fonction="87"),
                line("6811", "9999", OpBudg="1"),
            )
        )

    def test_the_largest_first_with_what_holds_today(self, accounts: Any) -> None:
        rows = list_ratings(accounts)
        assert [(row["account"], row["realised_eur"]) for row in rows[:3]] == [
            *(("6156", 1000.0), ("2313", 500.0), ("60622", 20.0)),
        ]
        assert (rows[2]["rating"], rows[2]["origin"]) == ("unfavourable", "default")
        assert rows[0]["rating"] is None
        # Defaults by function follow as rows of their own.
        assert any(row.get("function") == "87" for row in rows[3:])

    @pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
    def test_what_is_handed_out_is_read_back_and_changes_nothing(
        self, accounts: Any, tmp_path: Path, suffix: str
    ) -> None:
        path = write_template(accounts, tmp_path / f"cotations{suffix}")
        codes = known_codes(accounts)
        book = read_ratings(path, today=TODAY, **codes)
        shipped = shipped_ratings()
        for row in accounts.expenditure():
            place = (row["account"], row["function"], row["function_ref"])
            assert rate(book, *place)[:2] == rate(shipped, *place)[:2]

    def test_a_list_of_words_is_offered(self, accounts: Any, tmp_path: Path) -> None:
        path = write_template(accounts, tmp_path / "cotations.xlsx")
        sheet = load_workbook(path).active
        offered = [str(each.formula1) for each in sheet.data_validations.dataValidation]
        assert any("Très favorable" in each for each in offered)

    def test_a_table_filled_in_is_never_overwritten(self, accounts: Any, tmp_path: Path) -> None:
        write_template(accounts, tmp_path / "cotations.csv")
        with pytest.raises(OutputError, match="already there"):
            write_template(accounts, tmp_path / "cotations.csv")


class TestGreenAnnex:
    def test_the_list_of_2024(self) -> None:
        collected = "2031 2111 2115 2128 21312 21318 21351 21352 2138 2151 2152 21821 21828 2312"
        for account in [*collected.split(), "2313"]:
            assert find_concerned("M57", account, 2024) == (True, "medium")
        assert find_concerned("M57", "2315", 2024) == (True, "recalled")
        assert find_concerned("M57", "2188", 2024) == (False, None)
        assert find_concerned("M57", "2031", 2023) == (False, None)
        assert find_concerned("M49", "2315", 2024) == (False, None)

    def test_from_2025_all_but_loans(self) -> None:
        for plan in ("M57", "M49"):
            assert find_concerned(plan, "2188", 2025)[0]
            assert not find_concerned(plan, "1641", 2026)[0]
            assert find_concerned(plan, "1675", 2026) == (True, "judgement")

    def test_what_is_missing_is_said(self) -> None:
        assert any("15" in gap and "17" in gap for gap in annex_gaps(2024))
        assert not any("17 comptes" in gap for gap in annex_gaps(2025))

    def test_rows_make_their_total_by_hand(
        self, document: Document, table: Callable[..., Path]
    ) -> None:
        path = document(
            line("2151", "100.00", Fonction="845"),
            line("2151", "30.00", Fonction="87"),
            line("2313", "7.00"),
            line("2188", "1000.00"),
            line("6156", "1000.00"),
            line("1641", "1000.00"),
        )
        accounts = read_accounts(path)
        book = read(table(rating("2151", "Défavorable", function="845")), **known_codes(accounts))
        annex = make_annex(accounts, book, 2024).set_index("account")
        assert list(annex.index) == ["2151", "2313"]
        road = annex.loc["2151"]
        # 100 decided; 30 of function 87 favourable by default; nobody rated the building.
        assert (road["unfavourable_cents"], road["favourable_cents"]) == (10_000, 3_000)
        assert (road["default_cents"], road["total_cents"]) == (3_000, 13_000)
        assert annex.loc["2313", "not_rated_cents"] == annex.loc["2313", "total_cents"] == 700

    def test_each_axis_of_the_year_has_its_rows(self, document: Document) -> None:
        accounts = read_accounts(document(line("2188", "5"), line("1641", "9"), year=2025))
        annex = make_annex(accounts, shipped_ratings(), 2025)
        assert list(annex["axis"]) == ["mitigation", "biodiversity"]
        assert set(annex["account"]) == {"2188"}

    def test_before_2024_there_is_none(self, document: Document) -> None:
        accounts = read_accounts(document(line("2151", "5"), year=2018))
        assert make_annex(accounts, shipped_ratings(), 2018).empty
