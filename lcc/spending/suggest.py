"""Purchasing families suggested from a title, for lines without any code: never assigned.

A concession carries no CPV, and many payments carry a title only. The title's words are compared
with the labels of the CPV codes that lead to each family, the family's own label and a short list
of words of the trade (`family_words`). The suggestions are for a human, with the words that led to
them.

Words are stemmed by Snowball and weighed by Okapi BM25 [1]_ over the labels. A family's score is
the sum of its best label of each kind, so that a family of many codes is not favoured.

Measured on the 4 182 distinct pairs of title and CPV of the collected contract files (2018–2024):
the family of the buyer's own CPV is the first suggestion for 36 %, among the first three for 52 %
(its segment: 55 % and 75 %; by chance one family in 142). Buyers' codes are themselves often rough:
the general code 45000000 for a lot of masonry. A suggestion opens a choice and never closes it.

References
----------
.. [1] Robertson and Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond, 2009,
   section 3. DOI 10.1561/1500000019. Variant: 1 is added inside the logarithm of the rarity, so
   that a word held by most labels weighs little and never counts against.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import log
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from lcc.spending.classify import compile_codes
from lcc.tables import load_reference

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["suggest_families"]

SATURATION = 1.2
"""k1 of BM25: how soon a repeated word adds nothing. The reference's usual value."""

LENGTH_WEIGHT = 0.75
"""b of BM25: how far a long label is held to be less precise. The reference's usual value."""

_STOPS = (
    "a afin ainsi apres au aux avec c ce ces cette chez d dans de des du en entre est et etc ete "
    "eu html il ils l la le les leur leurs lors lot lots n no non notamment numero o on ou par pas "
    "pendant plus pour qu que qui s sa sans se ses si son sont sous suite sur tous tout toute "
    "toutes un une vers y marche marches accord cadre consultation objet relatif relative relatifs "
    "relatives commune communes communaute ville departement region metropole agglomeration annee "
    "annees bon bons commande commandes groupement procedure tranche dsp "
    "delegation concession affermage public publics publique publiques"
)

STOP_WORDS = frozenset(_STOPS.split())
"""French words, accents removed, that say nothing of what is bought."""


@dataclass(frozen=True)
class _Index:
    """Labels by word, ready to be scored."""

    owners: list[tuple[str, int]]
    """Family and kind (own label, words of the trade, CPV label) of each label."""
    postings: dict[str, list[tuple[int, float]]]
    """Word → (label, weight of the word in that label)."""
    labels: dict[str, tuple[str, str]]
    """Family → its French and English labels."""


def suggest_families(titles: Iterable[str | None], *, count: int = 3) -> pd.DataFrame:
    """Return, for each title, the purchasing families its words point to, the likeliest first.

    Nothing is assigned: the table is for a human to choose from.

    Parameters
    ----------
    titles : iterable of str
        Titles of contracts or lines, in French; nulls have no suggestion.
    count : int
        How many families to propose per title, at least 1.

    Returns
    -------
    pandas.DataFrame
        One row per suggestion: `title`, `rank` (1 is the likeliest), `family`, `label_fr`,
        `label_en`, `score` (comparable within one title only), `words` (the words that led to it,
        the heaviest first, separated by spaces). A title without a known word has no row.

    Raises
    ------
    ValueError
        If `count` is below 1.
    """
    import pandas as pd

    if count < 1:
        raise ValueError(f"count must be at least 1, found {count}")
    index = _build_index()
    rows = []
    for title in titles:
        if title is None:
            continue
        for rank, (family, score, words) in enumerate(_score(title, index, count), start=1):
            rows.append((title, rank, family, *index.labels[family], score, " ".join(words)))
    columns = ["title", "rank", "family", "label_fr", "label_en", "score", "words"]
    return pd.DataFrame(rows, columns=columns)


def _score(title: str, index: _Index, count: int) -> list[tuple[str, float, list[str]]]:
    """Return the best families with their score and the words behind it, the best first."""
    words = dict.fromkeys(_split_words(title))
    scores: defaultdict[int, float] = defaultdict(float)
    for stem, _ in words:
        for label, weight in index.postings.get(stem, ()):
            scores[label] += weight
    best: dict[tuple[str, int], tuple[float, int]] = {}
    for label, score in scores.items():
        owner = index.owners[label]
        if owner not in best or score > best[owner][0]:
            best[owner] = (score, label)
    totals: defaultdict[str, float] = defaultdict(float)
    sources: defaultdict[str, list[int]] = defaultdict(list)
    for (family, _), (score, label) in best.items():
        totals[family] += score
        sources[family].append(label)
    ranked = sorted(totals, key=lambda family: (-totals[family], family))[:count]
    return [(family, totals[family], _explain(words, sources[family], index)) for family in ranked]


def _explain(words: Iterable[tuple[str, str]], labels: Sequence[int], index: _Index) -> list[str]:
    """Return the words of a title that labels share, the heaviest first."""
    shared = []
    for stem, word in words:
        weights = dict(index.postings.get(stem, ()))
        weight = sum(weights.get(label, 0.0) for label in labels)
        if weight > 0:
            shared.append((-weight, word))
    return [word for _, word in sorted(shared)]


def _split_words(text: str) -> list[tuple[str, str]]:
    """Return the words of a text as (stem, word), stop words and numbers left out."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe"))
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    words = [word for word in re.findall(r"[a-z]+", plain) if word not in STOP_WORDS]
    return list(zip(_stem(words), words, strict=True))


def _stem(words: Sequence[str]) -> list[str]:
    """Return the stems of French words."""
    return list(_stemmer().stemWords(list(words)))


@cache
def _stemmer() -> Any:
    """Return Snowball's French stemmer."""
    import snowballstemmer

    return snowballstemmer.stemmer("french")


@cache
def _build_index() -> _Index:
    """Return the labels of families, CPV codes and words of the trade, weighed by BM25."""
    table = load_reference("procurement_map", "families")
    labels = {
        family: (fr, en)
        for family, segment, fr, en in zip(
            *(table[name].to_pylist() for name in ("family", "segment", "label_fr", "label_en")),
            strict=True,
        )
        if segment is not None
    }
    own = [(family, fr) for family, (fr, _) in labels.items()]
    kinds = (own, _read_trade_words(), _read_cpv_labels())
    owners = [(family, kind) for kind, texts in enumerate(kinds) for family, _ in texts]
    documents = [[stem for stem, _ in _split_words(text)] for texts in kinds for _, text in texts]
    return _Index(owners, _weigh(documents), labels)


def _read_trade_words() -> list[tuple[str, str]]:
    """Return (family, words) of the trade."""
    table = load_reference("procurement_map", "family_words")
    return list(zip(table["family"].to_pylist(), table["words"].to_pylist(), strict=True))


def _read_cpv_labels() -> list[tuple[str, str]]:
    """Return (family, label) of every CPV code that leads to a family."""
    table = load_reference("procurement_map", "cpv")
    codes = table["code8"].to_pylist()
    rules = compile_codes(pa.table({"nomenclature": ["cpv"] * len(codes), "code": codes}))
    return [
        (family, label)
        for family, label in zip(
            rules["family"].to_pylist(), table["label_fr"].to_pylist(), strict=True
        )
        if family is not None
    ]


def _weigh(documents: Sequence[Sequence[str]]) -> dict[str, list[tuple[int, float]]]:
    """Return the BM25 weight of each word in each document."""
    lengths = [len(document) for document in documents]
    mean = sum(lengths) / len(lengths)
    holders: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    for number, document in enumerate(documents):
        counts: Mapping[str, int] = {word: document.count(word) for word in set(document)}
        for word, times in counts.items():
            holders[word].append((number, times))
    weights = {}
    for word, found in holders.items():
        rarity = log(1 + (len(documents) - len(found) + 0.5) / (len(found) + 0.5))
        weights[word] = [
            (
                number,
                rarity
                * times
                * (SATURATION + 1)
                / (
                    times
                    + SATURATION * (1 - LENGTH_WEIGHT + LENGTH_WEIGHT * lengths[number] / mean)
                ),
            )
            for number, times in found
        ]
    return weights
