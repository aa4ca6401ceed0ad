"""Words of a title: damage of encoding mended, accents and case dropped, stems for French.

Titles come from many tools: HTML tags and entities, UTF-8 read as cp1252, tabs, control signs, lot
and contract numbers, street addresses. What says nothing of what is bought is left out.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Any

__all__ = [
    "STOP_WORDS",
    "TITLE_CHARACTERS",
    "clean_title",
    "fold_text",
    "split_words",
    "stem_words",
    "title_key",
]

TITLE_CHARACTERS = 500
"""How much of a title is read: objects of contracts say what is bought in their first lines, and a
cell of 100 000 characters is an accident."""

MOST_LAYERS = 8
"""How often a text may have been escaped or misread; what is deeper stays as it is."""

_STOPS = (
    "a afin ainsi apres au aux avec c ce ces cette chez d dans de des du en entre est et etc ete "
    "eu html il ils l la le les leur leurs lors lot lots n no non notamment numero o on ou par pas "
    "pendant plus pour qu que qui s sa sans se ses si son sont sous suite sur tous tout toute "
    "toutes un une vers y marche marches accord cadre consultation objet relatif relative relatifs "
    "relatives commune communes communaute ville departement region metropole agglomeration annee "
    "annees bon bons commande commandes groupement procedure tranche dsp "
    "delegation concession affermage public publics publique publiques http https www com"
)
_ENGLISH_STOPS = (
    "an and are as at be by for from in is its not of or other related than the to with"
)

STOP_WORDS = frozenset(f"{_STOPS} {_ENGLISH_STOPS}".split())
"""French and English words, accents removed, that say nothing of what is bought."""

_TAG = re.compile(r"<[^<>]{0,80}>")
_ADDRESS = re.compile(
    r"\b\d+\s?(?:bis|ter)?,?\s(?:rue|avenue|boulevard|allee|chemin|impasse|quai|cours|route)"
    r"(?:\s(?:de|du|des|la|le|les|l|d))*\s[a-z]+"
)
"""Number, kind of street and its name, in folded text: « 12 rue de la Gare »."""

_ACCENT = re.compile("[\u0300-\u036f]")
"""Accents that NFKD takes off Latin letters."""

_DIGIT = re.compile("[0-9]")
_WORD = re.compile(r"[a-z]{2,}")
_KEPT = re.compile(r"[a-z0-9]+")
_MISREAD = re.compile("[ÃÂâ][\u0080-\u00bf\u0152-\u2122]")
"""Two characters that UTF-8 leaves where it was read as cp1252."""


def clean_title(title: str | None) -> str:
    r"""Return a title as people read it: one line, no tag, no control sign, encoding mended.

    One that is absent (None, or NaN as pandas writes it) is empty.

    Examples
    --------
    >>> clean_title("ENTRETIEN DES <b>VOIES</b>&nbsp;<br />\x00")
    'ENTRETIEN DES VOIES'
    >>> clean_title("CrÃ¨che municipale")
    'Crèche municipale'
    """
    if not isinstance(title, str):
        return ""
    text = title[: 2 * TITLE_CHARACTERS]
    # Damage comes in layers (`&amp;lt;`): a title cleaned once must stay as it is, for what people
    # decide on in a table is what is looked for in the lines.
    for _ in range(MOST_LAYERS):
        before = text
        if "<" in text or "&" in text:
            text = html.unescape(_TAG.sub(" ", text))
        if _MISREAD.search(text):
            text = _mend(text)
        if text == before:
            break
    if not text.isprintable():
        text = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(text.split())[:TITLE_CHARACTERS]


def _mend(text: str) -> str:
    """Return a text whose UTF-8 was read as cp1252 as it was meant, where that explains it all."""
    try:
        return text.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return text


def fold_text(title: str | None) -> str:
    """Return a cleaned title in lower case without accents."""
    text = clean_title(title)
    if not text.isascii():
        # Compatible forms first: some unfold into capitals (« № »).
        text = _ACCENT.sub("", unicodedata.normalize("NFKD", text))
    text = text.casefold()
    return text if text.isascii() else text.replace("œ", "oe").replace("æ", "ae")


def title_key(title: str) -> str:
    """Return what two spellings of one title share: words and numbers, in order.

    Numbers stay: lot 3 and lot 4 of one contract are two things.

    Examples
    --------
    >>> title_key("=Réfection d'un  TROTTOIR – lot 3")
    'refection d un trottoir lot 3'
    """
    return " ".join(_KEPT.findall(fold_text(title)))


def split_words(title: str | None) -> list[str]:
    """Return the words of a title in order: no number, no address, no word that says nothing.

    Examples
    --------
    >>> split_words("Marché n° 2024-12, lot 3 : repas scolaires, 12 rue de la Gare")
    ['repas', 'scolaires']
    """
    text = fold_text(title)
    if _DIGIT.search(text):
        text = _ADDRESS.sub(" ", text)
    return [word for word in _WORD.findall(text) if word not in STOP_WORDS]


def stem_words(words: Iterable[str]) -> list[str]:
    """Return the stems of words, by Snowball's French rules; English ones lose their plural too."""
    return [_stem(word) for word in words]


@lru_cache(maxsize=200_000)
def _stem(word: str) -> str:
    """Return one stem: words come again and again, and the rules are slow."""
    return str(_stemmer().stemWord(word))


@cache
def _stemmer() -> Any:
    """Return Snowball's French stemmer."""
    import snowballstemmer

    return snowballstemmer.stemmer("french")
