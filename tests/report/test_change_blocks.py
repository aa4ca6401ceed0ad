"""What pages say of changes: causes in words, published beside recomputed, nothing to tell."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from lcc.errors import FieldError
from lcc.report.page import open_page

NOTHING = float("nan")

STEPS = pd.DataFrame(
    [
        ("perimeter", 0.0, 0.0, 0.0, 0.0, ""),
        ("price", 0.0, 0.0, 0.0, 12_000.0, "held:cpi-fr"),
        ("volume", 29.0, 20.0, 40.0, 20_000.0, ""),
        ("mix", -30.0, -70.0, 10.0, 0.0, ""),
        ("method", 0.0, 0.0, 0.0, 0.0, ""),
        ("factors", -4.0, -5.0, -3.0, 0.0, ""),
        ("real", 0.0, -6.0, 6.0, 0.0, ""),
    ],
    columns=["cause", "change_tco2e", "low_tco2e", "high_tco2e", "change_eur", "detail"],
).assign(from_year=2023, to_year=2024)


def plain(text: str) -> str:
    """Return a text, its unbreakable spaces as others."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def test_causes_that_could_not_change_anything_are_left_out() -> None:
    shown = open_page().name_steps(STEPS)
    assert [plain(each) for each in shown["label"]] == [
        "Prix",
        # The index stops before 2024: what is called volume says that it holds inflation.
        "Volume, inflation comprise (indice arrêté)",
        "Nature des achats",
        "Ratios publiés pour une autre année",
        "Fournisseurs et mesures (évolution réelle)",
    ]
    known = open_page().name_steps(STEPS.assign(detail=""))
    assert plain(known["label"].iloc[1]) == "Volume, en euros constants"
    # A zero by construction has no interval; a zero that is not known has one.
    assert pd.isna(shown["change_low"].iloc[0])
    assert shown["change_low"].iloc[-1] == -6.0


def test_the_waterfall_ends_where_the_causes_lead() -> None:
    chart = open_page().change(STEPS, 160.0, subject="Émissions", name="change")
    text = plain(chart.text())
    assert "155" in text and "2024" in text
    restated = pd.concat(
        [STEPS.head(1).assign(cause="restatement", change_tco2e=26.0, low_tco2e=NOTHING), STEPS]
    )
    chart = open_page(language="en").change(restated, 134.0, subject="Émissions", name="change")
    text = plain(chart.text())
    assert "2023 (as published)" in text and "Same budget year, recomputed" in text


@pytest.mark.parametrize("language", ["fr", "en"])
def test_an_index_held_is_never_said_to_add_no_tonne(language: str) -> None:
    page = open_page(language=language)
    reached = STEPS.assign(detail="")
    sure = plain(page.change_note(reached, "cpi-fr").text())
    held = plain(page.change_note(STEPS, "own 2023=1.0").text())
    left = reached.assign(change_tco2e=STEPS["change_tco2e"].mask(STEPS["cause"] == "price", 3.0))
    other = plain(page.change_note(left, "cpi-fr").text())
    told = {"fr": "n'ajoute aucune tonne", "en": "adds no tonne"}[language]
    index = {"fr": "indice des prix à la consommation", "en": "index of consumer prices"}[language]
    assert told in sure and index in sure
    assert told not in held and index.partition(" ")[2] in held
    assert {"fr": "de l'étude", "en": "of the study"}[language] in held
    assert told not in other and {"fr": "autre indice", "en": "another index"}[language] in other
    # The table names volume as the chart does: it is not « in constant euros ».
    words = {"fr": "inflation comprise", "en": "inflation included"}[language]
    table = plain(page.change_steps(STEPS, caption="Causes", name="causes").html())
    assert words in table and "held:" not in table
    assert words not in plain(page.change_steps(reached, caption="Causes", name="causes").html())


def test_published_figures_keep_their_digits_and_their_units() -> None:
    frame = pd.DataFrame(
        [
            ("emissions", "", "tCO2e", 300_000.0, 334_754.8, 0.1158, "method"),
            ("covered-spend", "", "EUR", 1_046_800_000.0, 1_053_000_000.0, 0.0059, "data"),
            ("coverage", "", "share", 0.95, NOTHING, NOTHING, "other-perimeter"),
            ("heures d'insertion", "", "heures", 374_408.0, NOTHING, NOTHING, "not-in-map"),
        ],
        columns=["figure", "scope", "unit", "published", "recomputed", "relative", "cause"],
    ).assign(label_fr="", label_en="", published_on=date(2025, 6, 30), source="Bilan 2023")
    table = open_page().restated(frame, caption="Publié", name="restated")
    html = plain(table.html())
    for told in (
        "300 000 tCO2e",
        "335 000 tCO2e",
        "+11,6 %",
        "1,047 Md€",
        "1,053 Md€",
        "95,0 %",
        "374 408 heures",
        "autre périmètre : écart sans objet",
        "la carte ne le recalcule pas",
        "30/06/2025",
    ):
        assert told in html, told
    none = open_page().restated(frame.head(0), caption="Publié", name="restated")
    assert "aucun chiffre publié" in plain(none.text())


def test_methods_in_words_and_none_changed() -> None:
    page = open_page()
    frame = pd.DataFrame(
        [("factors", "emission_factors/monetary_fr.csv", "2018", "2023")],
        columns=["kind", "what", "before", "after"],
    )
    html = plain(page.method_changes(frame, caption="Ce qui a changé", name="method").html())
    assert "Facteurs d'émission" in html.replace("&#x27;", "'") and "2018" in html
    none = page.method_changes(frame.head(0), caption="Ce qui a changé", name="method")
    assert "rien n'a changé" in plain(none.text())


def test_readings_and_groups_are_told_in_words() -> None:
    page = open_page()
    readings = pd.DataFrame(
        [("observed", -5.0, -40.0, 30.0, -0.03), ("real", 0.0, -6.0, 6.0, 0.0)],
        columns=["reading", "change_tco2e", "low_tco2e", "high_tco2e", "share"],
    )
    html = plain(page.change_readings(readings, caption="Lecture", name="readings").html())
    assert (
        "Évolution observée" in html
        and "une baisse réelle si elle est négative" in html
        and "-3,0 %" in html
    )
    # Nothing could show what is real: never 0, and what it may be.
    assert "l'évolution réelle ne se voit pas" in html.replace("&#x27;", "'").lower()
    assert "[-6,0 – 6,0]" in html
    unseen = STEPS.assign(detail=STEPS["detail"].mask(STEPS["cause"] == "real", "unseen"))
    drawn = plain(page.change(unseen, 160.0, subject="Émissions", name="change").text())
    assert "(évolution réelle) : ne se voit pas" in drawn
    told = plain(page.change_steps(unseen, caption="Ce qui a changé", name="steps").html())
    assert "ne se voit pas" in told and "[-6,0 – 6,0]" in told
    steps = plain(page.change_steps(STEPS, caption="Ce qui a changé", name="steps").html())
    assert "Nature des achats" in steps and "held" not in steps
    groups = pd.DataFrame(
        [("13.01", "Mobilier", 120.0, 80.0, -40.0, -60.0, -20.0, "new")],
        columns=[
            *("group", "label_fr", "before_tco2e", "after_tco2e", "change_tco2e"),
            *("low_tco2e", "high_tco2e", "detail"),
        ],
    )
    causes = ("perimeter", "price", "volume", "mix", "method", "factors", "real")
    groups = groups.assign(**dict.fromkeys([f"{each}_tco2e" for each in causes], 0.0))
    groups = groups.assign(mix_tco2e=-40.0)
    html = plain(page.change_groups(groups, caption="Ce qui a changé", name="groups").html())
    assert "achats nouveaux" in html and "Nature des achats (tCO2e)" in html
    assert "Volume (tCO2e)" not in html


def test_causes_that_do_not_lead_anywhere_are_refused() -> None:
    broken = STEPS.assign(change_tco2e=NOTHING)
    with pytest.raises(FieldError, match="needs every one of its figures"):
        open_page().change(broken, 160.0, subject="Émissions", name="change")
