"""Words of the account's page: what cannot be seen is no zero, one contract is not « contrats »."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from lcc.report.page import open_page


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def reading(change: float, low: float, high: float) -> dict[str, float]:
    return {"change_tco2e": change, "low_tco2e": low, "high_tco2e": high}


@pytest.mark.parametrize(
    ("given", "shown", "said"),
    [
        # No central change and an interval on both sides: ratios per euro alone.
        (reading(0.0, -41_000.0, 41_000.0), "ne se voit pas", "les ratios en euros n'en montrent"),
        # The rounding of a sum is no measured change either.
        (reading(1e-9, -41_000.0, 41_000.0), "ne se voit pas", "entre -41 000 et 41 000 tCO2e"),
        (reading(-900.0, -2_000.0, 100.0), "900 tCO2e", "le sens n'est pas sûr"),
        (reading(-900.0, -1_000.0, -800.0), "900 tCO2e", "depuis 2024"),
        # Nothing is unsure: last year's quantities, this year's quantities.
        (reading(0.0, 0.0, 0.0), "0 tCO2e", "depuis 2024"),
    ],
)
def test_a_real_change_that_nothing_shows_is_no_zero(given, shown, said):
    _, value, note = open_page()._real_change(given, 2024)
    assert plain(value) == shown and said in plain(note)


@pytest.mark.parametrize(
    ("language", "count", "said"),
    [
        ("fr", 1, "un marché prend fin d'ici le 30/09/2027, dans une famille qui pèse 8 300 tCO2e"),
        ("fr", 2, "2 marchés prennent fin d'ici le 30/09/2027"),
        ("en", 1, "one contract ends by 30 Sep 2027, in a family that weighs 8,300 tCO2e"),
        ("en", 2, "2 contracts end by 30 Sep 2027"),
    ],
)
def test_a_decision_counts_its_contracts(language, count, said):
    row = {
        "code": "clause-in-renewals", "label_fr": "Gaz", "label_en": "Gas", "count": count,
        "tonnes": 8_300.0, "day": date(2027, 9, 30),
    }  # fmt: skip
    _, basis = open_page(language=language)._decide(row)
    assert plain(basis).startswith(said)


def test_a_year_without_a_target_names_the_next():
    row = {
        "label": "Heures", "unit": "hours", "low": 374_408.0, "known": 374_408.0,
        "high": 374_408.0, "target": None, "next_target": 400_000.0, "next_year": 2025,
    }  # fmt: skip
    _, _, note = open_page()._target(row)
    assert plain(note) == "objectif 400 000 h à partir de 2025"


def test_lines_dated_later_are_told_or_said_to_be_none():
    page = open_page()
    assert "Aucune ligne" in page.later_lines(date(2025, 6, 26), 0, 0.0).text()
    assert "7 777,77" in plain(page.later_lines(date(2025, 6, 26), 1, 7_777.77).text())


def test_where_figures_were_published_stands_under_the_table():
    frame = pd.DataFrame(
        {
            "figure": ["emissions", "emissions"], "scope": ["", ""], "label_fr": ["", ""],
            "label_en": ["", ""], "unit": ["tCO2e", "tCO2e"], "published": [44.0, 45.0],
            "recomputed": [43.0, 43.0], "relative": [-0.02, -0.04],
            "cause": ["not-kept", "not-kept"], "published_on": [date(2025, 6, 30), None],
            "source": ["bilan, page 3", "annexe {x}"],
        }
    )  # fmt: skip
    table = open_page().restated(frame, caption="Titre", name="t")
    assert "Publié : bilan, page 3, 30/06/2025 ; annexe {x}." in plain(table.note)
    assert table.columns == ["figure", "published", "recomputed", "relative", "restated_cause"]
