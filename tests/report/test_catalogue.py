"""Every message exists in both languages, and the glossary's terms are the glossary's."""

from __future__ import annotations

import re
import sys
from importlib.resources import files
from pathlib import Path

import pytest

from lcc.report.catalogue import load_catalogue, translate, typeset
from lcc.report.columns import COLUMNS

sys.path.insert(0, str(Path(__file__).parent))
from messages import used_messages

GLOSSARY = {
    "Famille d'achat": "Purchasing family",
    "Dépense couverte": "Covered spending",
    "Non couvert": "Not covered",
    "Hors périmètre": "Out of scope",
    "Émissions (tCO2e)": "Emissions (tCO2e)",
    "Émissions engagées (estimation)": "Committed emissions (estimate)",
    "Intervalle à 95 %": "95 % interval",
    "Intensité carbone": "Carbon intensity",
    "Facteur d'émission": "Emission factor",
    "Ratio monétaire": "Monetary factor",
    "Facteur physique": "Physical factor",
    "Donnée fournisseur": "Supplier data",
    "Méthode de calcul": "Calculation method",
    "Exercice": "Budget year",
}
"""Copied from the project's glossary, French and English columns."""

PLACES = re.compile(r"\{\w+\}")


@pytest.mark.parametrize("message", sorted(used_messages()))
def test_every_message_used_has_its_english(message):
    assert message in load_catalogue("en"), f"no English for: {message}"


def test_no_message_is_left_over():
    assert set(load_catalogue("en")) <= used_messages()


def test_no_message_stands_twice():
    source = files("lcc").joinpath("report/locales/en/LC_MESSAGES/lcc.po").read_text("utf-8")
    written = re.findall(r"^msgid ((?:.+\n)+?)(?=msgstr)", source, re.MULTILINE)
    assert sorted(written) == sorted(set(written))


@pytest.mark.parametrize(("french", "english"), sorted(load_catalogue("en").items()))
def test_a_translation_keeps_the_places_of_its_figures(french, english):
    assert sorted(PLACES.findall(french)) == sorted(PLACES.findall(english))


@pytest.mark.parametrize(("french", "english"), sorted(GLOSSARY.items()))
def test_terms_are_those_of_the_glossary(french, english):
    assert french in used_messages()
    assert translate(french, "en") == english
    assert translate(french, "fr") == typeset(french)


@pytest.mark.parametrize("name", sorted(COLUMNS))
def test_every_column_has_a_heading_in_both_languages(name):
    column = COLUMNS[name]
    assert column.heading("fr") and column.heading("en")
    assert column.label in load_catalogue("en")


def test_french_signs_do_not_break_from_their_word():
    assert typeset("Non : « oui » à 95 % ; quoi ?") == (
        "Non\u00a0: «\u00a0oui\u00a0» à 95\u00a0%\u00a0; quoi\u00a0?"
    )


def test_a_label_of_the_data_comes_back_as_it_is():
    assert translate("Voirie", "en") == "Voirie"
