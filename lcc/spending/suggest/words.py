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

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import log
from typing import TYPE_CHECKING

from lcc.spending.suggest.labels import list_families, read_labels
from lcc.spending.suggest.text import split_words, stem_words

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["suggest_families", "weigh_labels"]

SATURATION = 1.2
"""k1 of BM25: how soon a repeated word adds nothing. The reference's usual value."""

LENGTH_WEIGHT = 0.75
"""b of BM25: how far a long label is held to be less precise. The reference's usual value."""


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
    """Return the words of a text as (stem, word)."""
    words = split_words(text)
    return list(zip(stem_words(words), words, strict=True))


@cache
def _build_index() -> _Index:
    """Return the French labels of families, CPV codes and the trade, weighed by BM25."""
    labels = {family: (fr, en) for family, (_, fr, en) in list_families().items()}
    french = [each for each in read_labels() if each.language == "fr"]
    owners = [(each.family, each.kind) for each in french]
    documents = [[stem for stem, _ in _split_words(each.text)] for each in french]
    return _Index(owners, _weigh(documents), labels)


@cache
def weigh_labels() -> dict[str, dict[str, float]]:
    """Return how much each stem speaks for each family: its best BM25 weight per kind of label.

    Summed over the stems of a title it bounds the score of `suggest_families` from above, and it is
    linear: what a classifier of titles can be added to. Labels in English are weighed apart.
    """
    found: dict[str, dict[str, float]] = {}
    for language in ("fr", "en"):
        spoken = [each for each in read_labels() if each.language == language]
        documents = [stem_words(split_words(each.text)) for each in spoken]
        best: dict[tuple[str, str, int], float] = {}
        for stem, postings in _weigh(documents).items():
            for place, weight in postings:
                key = (stem, spoken[place].family, spoken[place].kind)
                best[key] = max(best.get(key, 0.0), weight)
        sums: dict[str, dict[str, float]] = {}
        for (stem, family, _), weight in best.items():
            held = sums.setdefault(stem, {})
            held[family] = held.get(family, 0.0) + weight
        for stem, held in sums.items():
            families = found.setdefault(stem, {})
            for family, weight in held.items():
                families[family] = max(families.get(family, 0.0), weight)
    return found


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
