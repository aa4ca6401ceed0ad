"""Words of titles: what damage they survive."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lcc.spending.suggest.text import (
    TITLE_CHARACTERS,
    clean_title,
    split_words,
    stem_words,
    title_key,
)


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("Réfection d'un trottoir", ["refection", "trottoir"]),
        ("ENTRETIEN DES <b>VOIES</b>&nbsp;<br />", ["entretien", "voies"]),
        ("CrÃ¨che municipale", ["creche", "municipale"]),
        ("Lâ€™eau potable", ["eau", "potable"]),
        ("Œuvres d'art", ["oeuvres", "art"]),
        ("Toiture, 12 bis rue de la Gare", ["toiture"]),
        ("2 allée des Tilleuls : élagage", ["elagage"]),
        ("Supply of laptops for the schools", ["supply", "laptops", "schools"]),
        ('=HYPERLINK("http://exemple.fr";"gaz")', ["hyperlink", "exemple", "fr", "gaz"]),
        ("gaz\x00naturel\x1b[31m", ["gaz", "naturel"]),
        ("2024-0012 n° 3", []),
        (None, []),
        (float("nan"), []),
    ],
)
def test_words_of_a_title(title: str | None, words: list[str]) -> None:
    assert split_words(title) == words


def test_a_hundred_thousand_characters_are_read_up_to_a_bound() -> None:
    title = "nettoyage " * 10_000
    assert len(clean_title(title)) <= TITLE_CHARACTERS
    assert set(split_words(title)) == {"nettoyage"}


def test_plurals_share_a_stem_and_numbers_stay_in_keys() -> None:
    assert stem_words(["tablets", "trottoirs"]) == stem_words(["tablet", "trottoir"])
    assert title_key("École – LOT 3") == title_key("ecole lot 3") != title_key("école lot 4")


@pytest.mark.parametrize(
    "title",
    [
        "a &amp;amp;lt;b&gt; c",
        "Entretien <<b>b> voirie",
        "CrÃƒÂ¨che",
        "gaz & cie" * 100,
        "№ 3 ㎡ Ⅳ",
    ],
)
def test_layers_of_damage_go_at_once(title: str) -> None:
    # What stands in the table people decide on is looked for in the lines: both have one key.
    cleaned = clean_title(title)
    assert clean_title(cleaned) == cleaned
    assert title_key(cleaned) == title_key(title)


def test_capitals_that_signs_unfold_into_are_kept() -> None:
    assert title_key("Lot № 3") == "lot no 3"


PIECES = st.sampled_from(
    ["&", "amp;", "lt;", "gt;", "<", ">", "b", "Ã", "¨", " ", "é", "\x00", "3"]
)


@settings(deadline=None, max_examples=40)
@given(st.lists(PIECES, max_size=40).map("".join))
def test_any_text_is_cleaned_once_and_for_all(title: str) -> None:
    cleaned = clean_title(title)
    assert cleaned.isprintable()
    assert clean_title(cleaned) == cleaned
    assert title_key(cleaned) == title_key(title)
