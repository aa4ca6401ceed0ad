"""Blocks of suggestions: sentence and table in both languages."""

from __future__ import annotations

import pandas as pd
import pytest

from lcc.report.page import open_page

TOLD = pd.DataFrame(
    {
        "title": ["Nettoyage", "Divers", "Travaux"],
        "state": ["family", "unknown", "segment"],
        "segment_label": ["Propreté", None, "Bâtiment"],
        "label_1": ["Nettoyage de locaux", None, "Gros œuvre"],
        "probability_1": [0.999, None, 0.4],
        "reasons_1": ["nettoyage +7,8", None, "travaux +0,4"],
        "spend_eur": [12_000.0, 5_000.0, 1_000.0],
        "decision": ["14.01", None, None],
    }
)


@pytest.mark.parametrize(
    ("language", "told"), [("fr", "3 objets sans code"), ("en", "3 titles without a code")]
)
def test_the_sentence_counts_what_is_decided(language: str, told: str) -> None:
    text = open_page(language=language).suggested(TOLD).html()
    assert told in text.replace("\u00a0", " ")
    assert "1 " in text


def test_the_table_never_shows_a_certain_suggestion() -> None:
    page = open_page()
    html = page.suggestions(TOLD, caption="Lignes sans code", name="sans-code").html()
    assert ">\u00a099" in html.replace("&gt;", ">").replace("&nbsp;", "\u00a0")
    assert "inconnu" in html
    assert "nettoyage +7,8" in html


def test_nothing_without_a_code_is_said() -> None:
    assert "Toutes les lignes ont un code" in open_page().suggested(TOLD.head(0)).html()
