"""The chart of bounds: what it says in words, whatever is not known."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd
import pytest

from lcc.report import charts
from lcc.report.columns.indicators import (
    write_indicator_code,
    write_measured,
    write_range,
    write_unsure,
    write_where_given,
)

sys.path.insert(0, str(Path(__file__).parent))
from image_frames import bounds_table

COLUMNS = ["label", "known", "low", "high", "target", "unknown", "state", "counted", "not_counted"]
SOCIAL = ("Clause sociale", 3 / 7, 0.3, 0.6, 0.3, 3, "held", 3, 4)
"""Scenario S5: ten contracts, 3 yes, 4 no, 3 empty: 42.9 % known, 30.0 to 60.0 %."""


def title(*rows, columns=COLUMNS, **settings):
    made = charts.draw_bounds(pd.DataFrame(rows, columns=columns), subject="Titre", **settings)
    return made.title.replace("\u00a0", " ").replace("\u202f", " ")


def test_one_indicator_says_its_bounds_what_is_missing_and_the_target():
    assert title(SOCIAL) == (
        "« Clause sociale » : au moins 30,0 %, au plus 60,0 % ; non renseignés : 3 sur 10 ; "
        "l'objectif de 30,0 % est tenu à coup sûr"
    )
    assert title(SOCIAL, language="en") == (
        "“Clause sociale”: at least 30.0%, at most 60.0%; not stated: 3 of 10; "
        "the target of 30.0% is surely held"
    )


@pytest.mark.parametrize(
    ("state", "said"),
    [("missed", "est manqué à coup sûr"), ("undecided", "on ne peut dire si l'objectif")],
)
def test_a_target_is_held_or_missed_only_whatever_the_unknowns(state, said):
    assert said in title((*SOCIAL[:6], state, 3, 4))


def test_an_exact_indicator_has_one_figure():
    assert title(("A", 0.5, 0.5, 0.5, None, 0, None, 2, 2)) == "« A » : 50,0 %"


def test_hours_without_upper_bound_say_so():
    row = ("Heures", 374_408, 374_408, None, 400_000, 4, "undecided", 70, None)
    said = title(row, unit="hours")
    assert said.startswith("« Heures » : au moins 374 408 h, sans borne haute ; non renseignés : 4")
    assert "si l'objectif de 400 000 h est tenu" in said


def test_readings_of_one_indicator_are_one_range():
    rows = [SOCIAL, ("Tous", 4 / 9, 4 / 14, 9 / 14, None, 5, None, 4, 5)]
    assert title(*rows, readings_of="Clause sociale") == (
        "« Clause sociale » : de 28,6 % au moins à 64,3 % au plus selon les 2 lectures"
    )


def test_several_indicators_are_counted():
    rows = [SOCIAL, ("B", 0.5, 0.4, 0.5, 1.0, 1, "missed", 1, 1),
            ("C", 0.5, 0.5, 0.5, None, 0, None, 1, 1)]  # fmt: skip
    assert title(*rows) == (
        "Sur 2 objectifs, tenus à coup sûr : 1 ; manqués à coup sûr : 1 ; indécis : 0 ; "
        "connus exactement : 1 sur 3"
    )
    assert title(rows[2], ("D", 0.5, 0.4, 0.6, None, 1, None, 1, 1)) == (
        "Connus exactement : 1 sur 2"
    )


def test_nothing_known_is_not_zero():
    row = ("A", None, None, None, None, None, None, None, None)
    assert title(row) == "Rien n'est connu : aucune des données nécessaires n'est là"
    chart = charts.draw_bounds(pd.DataFrame(), subject="T")
    assert chart.alt == "Rien à dessiner\u00a0: le tableau est vide."


def test_the_alternative_names_every_row_and_the_table_holds_it():
    chart = charts.draw_bounds(bounds_table(), subject="T", context=charts.Context("essai"))
    for text in ("30,0", "objectif 100,0", "n.d.", "essai"):
        assert text in chart.alt
    assert len((chart.csv() or "").splitlines()) == 7


def test_the_same_table_gives_the_same_bytes():
    first, second = (charts.draw_bounds(bounds_table(), subject="T").svg for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("write", "row", "name", "said"),
    [
        (write_measured, {"low": 0.3, "unit": "share"}, "low", "30,0 %"),
        (write_measured, {"low": 232.0, "unit": "fte"}, "low", "232 ETP"),
        (write_measured, {"low": 47.0, "unit": "contracts"}, "low", "47"),
        (write_measured, {"low": None}, "low", "n.d."),
        (write_range, {"low": 0.3, "high": 0.6}, "low", "30,0 – 60,0 %"),
        (write_range, {"low": 5.0, "high": None, "unit": "hours"}, "low", "≥ 5 h"),
        (write_range, {"low": 0.5, "high": 0.5}, "low", "50,0 %"),
        (write_range, {"low": None, "high": 0.2, "unit": "growth"}, "low", "≤ +20,0 %"),
        (write_range, {"low": None, "high": None, "known": 0.1}, "low", "sans borne"),
        (write_range, {"low": None, "high": None, "known": None}, "low", "n.d."),
        (write_unsure, {"unknown": 3.0}, "unknown", "3"),
        (write_unsure, {"unknown": 2e6, "note": "weighed-in-euros"}, "unknown", "2,00 M€"),
        (write_unsure, {"unknown": 2e6, "note": "weighed-in-euros x"}, "unknown", "2,00 M€"),
        (write_where_given, {"target": None}, "target", "–"),
        (write_where_given, {"written": "232"}, "written", "232"),
        (write_indicator_code, {"state": "no-target"}, "state", "–"),
        (write_indicator_code, {"state": "missed"}, "state", "manqué"),
        (
            write_indicator_code,
            {"note": "role-read-as-own holder-not-stated"},
            "note",
            "rôle non renseigné, lu comme un achat propre, titulaires non renseignés",
        ),
    ],
)
def test_cells_are_written_in_their_unit(write, row, name, said):
    assert write(row, name, "fr").replace("\u00a0", " ").replace("\u202f", " ") == said
