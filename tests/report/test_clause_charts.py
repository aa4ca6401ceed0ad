"""Charts of carbon clauses: what they say in words, what they hold, what they do with nothing."""

from __future__ import annotations

import datetime
import math

import pandas as pd
import pytest

from lcc.report import charts

NAN = math.nan


def day(year: int, month: int = 1, number: int = 1) -> datetime.date:
    return datetime.date(year, month, number)


PATH = pd.DataFrame(
    [
        ("baseline", day(2024), day(2025, 12, 31), 1.0, 0.9, 1.1),
        ("committed", day(2024), day(2024, 12, 31), 0.95, 0.95, 0.95),
        ("committed", day(2025), day(2025, 12, 31), 0.90, 0.90, 0.90),
        ("measured", day(2024), day(2024, 12, 31), 0.94, 0.85, 1.03),
        ("measured", day(2025), day(2025, 12, 31), 0.92, 0.84, 1.00),
    ],
    columns=["kind", "date", "date_end", "level", "level_low", "level_high"],
)
EFFECTS = pd.DataFrame(
    [("Un", -0.10, -0.15, -0.05, 8), ("Deux", -0.02, -0.10, 0.06, 5), ("Trois", 0.01, NAN, NAN, 1)],
    columns=["label", "effect", "effect_low", "effect_high", "contracts"],
)
BALANCE = pd.DataFrame(
    [("size", 0.80, 0.30), ("year", -0.10, 0.0), ("duration", math.inf, NAN)],
    columns=["characteristic", "smd_before", "smd_matched"],
)
POWER = pd.DataFrame(
    [(-0.1, 5, 0.4), (-0.1, 10, 0.85), (-0.05, 5, 0.1), (-0.05, 10, 0.3)],
    columns=["effect", "contracts", "power"],
)


def test_commitment_counts_what_holds_the_promise():
    # 0.94 ≤ 0.95 holds; 0.92 > 0.90 does not.
    chart = charts.draw_commitment(
        PATH, unit="kgCO2e/km", subject="Titre", context=charts.Context("x")
    )
    assert "1 des 2 mesures" in chart.alt and "01/01/2024" in chart.alt and "x" in chart.alt
    assert "kgCO2e/km" in chart.alt and chart.svg.startswith("<svg")
    assert len((chart.csv() or "").splitlines()) == 6


def test_forest_counts_what_is_sure():
    chart = charts.draw_forest(EFFECTS, subject="Titre")
    assert "Sur 3 effets, seul celui de «\u00a0Un\u00a0» est sous zéro" in chart.alt
    assert "-10,0" in chart.alt.replace("\u2212", "-") and "Trois" in chart.alt
    english = charts.draw_forest(EFFECTS, subject="Title", language="en")
    assert "Of 3 effects, only that of “Un” is below zero" in english.alt


def test_ticks_of_a_forest_are_written_as_finely_as_they_stand():
    # From -2 % to +0.5 % with seven ticks at most, the step is half a per cent.
    narrow = pd.DataFrame(
        [("Un", -0.01, -0.02, 0.005, 8)],
        columns=["label", "effect", "effect_low", "effect_high", "contracts"],
    )
    svg = charts.draw_forest(narrow, subject="T").svg.replace("\u00a0", " ")
    ticks = ["-2,0 %", "-1,5 %", "-1,0 %", "-0,5 %", "0,0 %", "0,5 %"]
    assert all(f"<!-- {each} -->" in svg for each in ticks)
    # From -15 % to +6 %: whole per cents, five apart.
    svg = charts.draw_forest(EFFECTS, subject="T").svg.replace("\u00a0", " ")
    assert all(f"<!-- {each} -->" in svg for each in ["-15 %", "-10 %", "-5 %", "0 %", "5 %"])


def test_forest_names_estimators_in_the_language():
    frame = EFFECTS.head(1).drop(columns="label").assign(estimator="matched")
    assert "Marchés appariés" in charts.draw_forest(frame, subject="T").alt
    assert "Matched contracts" in charts.draw_forest(frame, subject="T", language="en").alt


def test_balance_counts_what_is_left_in_the_pairs():
    chart = charts.draw_balance(BALANCE, limit=0.25, subject="Titre")
    assert "0,80 → 0,30" in chart.alt and "Au-delà de 0,25 dans les paires\u00a0: 1." in chart.alt


def test_power_says_how_many_it_takes():
    chart = charts.draw_power(POWER, present=7, subject="Titre")
    assert "10 marchés" in chart.alt and "plus que le graphique" in chart.alt and "(7 " in chart.alt


@pytest.mark.parametrize(
    "draw",
    [
        lambda: charts.draw_commitment(pd.DataFrame(), unit="kg", subject="T"),
        lambda: charts.draw_forest(pd.DataFrame(), subject="T"),
        lambda: charts.draw_balance(pd.DataFrame(), limit=0.25, subject="T"),
        lambda: charts.draw_power(pd.DataFrame(), present=0, subject="T"),
    ],
)
def test_nothing_is_said_to_be_nothing(draw):
    assert draw().alt == "Rien à dessiner\u00a0: le tableau est vide."


def test_same_table_same_bytes():
    first = charts.draw_commitment(PATH, unit="kg", subject="T", demo=True)
    assert first.svg == charts.draw_commitment(PATH, unit="kg", subject="T", demo=True).svg
