"""Targets held, missed or undecided; values as a publisher writes them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from lcc.errors import FieldError
from lcc.indicators.definitions import Target, load_indicators, read_targets, targets_of
from lcc.indicators.targets import judge_value, write_value

THIRTY = Target("x", 0.3, "share", "at-least", None, None, None, "year", "", "", "")
AT_MOST = replace(THIRTY, comparison="at-most")


@pytest.mark.parametrize(
    ("target", "low", "high", "state"),
    [
        (THIRTY, 0.3, 0.6, "held"),  # at least 30 %, whatever the unknowns
        (THIRTY, 0.286, 0.643, "undecided"),
        (THIRTY, 0.1, 0.2999, "missed"),
        (THIRTY, 0.4, None, "held"),  # nothing bounds it from above
        (THIRTY, None, None, "undecided"),
        (AT_MOST, 0.1, 0.3, "held"),
        (AT_MOST, 0.31, 0.5, "missed"),
        (AT_MOST, None, 0.5, "undecided"),
    ],
)
def test_a_target_is_judged_by_both_bounds(
    target: Target, low: float | None, high: float | None, state: str
) -> None:
    row = judge_value({"low": low, "high": high}, [target])
    assert (row["state"], row["target"]) == (state, 0.3)
    assert row["gap_low"] == (None if low is None else pytest.approx(low - 0.3))


def test_of_two_targets_the_most_demanding_is_compared() -> None:
    row = judge_value({"low": 0.35, "high": 0.35}, [THIRTY, replace(THIRTY, value=0.4)])
    assert (row["target"], row["state"]) == (0.4, "missed")
    assert judge_value({"low": 1.0, "high": 1.0}, [])["state"] == "no-target"


@pytest.mark.parametrize(
    ("rounding", "value", "unit", "text"),
    [
        # 66,2 %, 55 % and 232 are how the scheme writes; 374 408 h / 1 607 = 232.98 is cut.
        ("one-decimal", 0.6621, "share", "66,2\u00a0%"),
        ("one-decimal", 0.66250000001, "share", "66,3\u00a0%"),
        ("one-decimal", 0.6625, "share", "66,3\u00a0%"),  # half up, not to the even figure
        ("whole", 0.55, "share", "55\u00a0%"),
        ("whole", 0.125, "share", "13\u00a0%"),
        ("truncated", 374_408 / 1_607, "fte", "232"),
        ("whole", 1234.0, "contracts", "1\u202f234"),
        ("none", 0.5, "share", None),
        ("whole", None, "share", None),
    ],
)
def test_a_value_is_written_as_its_publisher_does(
    rounding: str, value: float | None, unit: str, text: str | None
) -> None:
    indicator = replace(load_indicators()["social-clause"], rounding=rounding)
    assert write_value(value, indicator, unit) == text


class TestOwn:
    """Targets of a buyer, kept by hand."""

    HEAD = "Indicateur;Objectif;Unité;Sens;Date qui décide;Objectif en une phrase;Source\n"

    def write(self, folder: Path, row: str) -> Path:
        path = folder / "objectifs.csv"
        path.write_text(self.HEAD + row, encoding="utf-8")
        return path

    def test_they_replace_those_of_the_scheme(self, tmp_path: Path) -> None:
        row = "social-clause;25 %;share;au moins;année;Un quart des contrats;Délibération fictive\n"
        targets = read_targets(self.write(tmp_path, row))
        (target,) = targets
        assert (target.value, target.comparison, target.date_of) == (0.25, "at-least", "year")
        assert target.sentence_en == target.sentence_fr == "Un quart des contrats"
        assert targets_of(targets, "social-clause", "published", 2025) == (target,)
        assert not targets_of(targets, "insertion-hours-performed", "published", 2025)

    def test_a_table_without_rows_sets_none(self, tmp_path: Path) -> None:
        assert read_targets(self.write(tmp_path, "")) == ()

    @pytest.mark.parametrize(
        ("row", "field"),
        [
            ("clause-sociale;25 %;share;au moins;année;Un quart;Source\n", "indicator"),
            ("social-clause;25;contracts;au moins;année;Un quart;Source\n", "unit"),
            ("social-clause;25 %;share;au mieux;année;Un quart;Source\n", "Sens"),
        ],
    )
    def test_what_is_not_counted_has_no_target(self, tmp_path: Path, row: str, field: str) -> None:
        with pytest.raises(FieldError, match="objectifs") as caught:
            read_targets(self.write(tmp_path, row))
        assert field in str(caught.value) and "2" in str(caught.value)
