"""Suggestions: up to three families per title, with probability and the words behind each.

What a word adds to a family's score, beside what it adds to families on average, is its
contribution: it may speak for or against. A title without a word that is known, or whose words
point nowhere, is *unknown*: it gets no family. Where the family is unsure and its segment is not,
the segment is said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lcc.spending.suggest.calibrate import apply_calibration
from lcc.spending.suggest.features import ACTIVITY, Terms, build_vocabulary, read_terms
from lcc.spending.suggest.labels import list_families, read_labels
from lcc.spending.suggest.model import SuggestionModel
from lcc.spending.suggest.text import clean_title
from lcc.spending.suggest.train import LABEL_SCALE, label_scores
from lcc.tables import load_reference

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Prediction", "predict_families", "suggest"]

Floats = NDArray[np.float64]

UNKNOWN_BELOW = 0.10
"""Probability of the likeliest family under which none is said, unless the segment is sure. A
judgement: nine times in ten it would be wrong."""

KNOWN_SHARE = 0.25
"""Share of a title's words that must be known, a judgement: one known word among gibberish does not
make a title."""

FAMILY_SURE = 0.5
SEGMENT_SURE = 0.8
"""Under the one for its family and above the other for its segment, a title gets the segment."""

MINUS = "\u2212"
STATES = ("family", "segment", "unknown")
REASONS_SHOWN = 3
SMALLEST_CONTRIBUTION = 0.05
EXPLAINED = 0.05
"""Probability from which a family's reasons are told."""
BLOCK = 5_000
"""Titles whose probabilities are held at once: 6 MB."""


@dataclass(frozen=True)
class Prediction:
    """Probabilities of some titles.

    Attributes
    ----------
    probability : array, shape (titles, families)
        Rows add up to one. Those of unknown titles are what the model would say, and mean nothing.
    segment_probability : array, shape (titles, segments)
        Sums of the probabilities of the families of a segment.
    state : list of str
        `family`, `segment` or `unknown`.
    reason : list of str
        Why a title is unknown: `no-word`, `no-known-word`, `few-known-words`, `too-uncertain`;
        else empty.
    """

    probability: Floats
    segment_probability: Floats
    state: list[str]
    reason: list[str]


def predict_families(
    model: SuggestionModel,
    titles: Sequence[str | None],
    activities: Sequence[str | None] | None = None,
) -> Prediction:
    """Return the probability of every family for every title.

    Parameters
    ----------
    model : SuggestionModel
    titles : sequence of str or None
    activities : sequence of str or None, optional
        NAF code of each title's supplier.
    """
    read = read_terms(titles, activities)
    return _predict(model, read, model.vocabulary.weigh(read.terms), _known_stems(model))


def suggest(
    model: SuggestionModel,
    titles: Sequence[str | None],
    *,
    count: int = 3,
    activities: Sequence[str | None] | None = None,
    language: str = "fr",
) -> pd.DataFrame:
    """Return, for each title, the likeliest families with the reasons; nothing is assigned.

    Parameters
    ----------
    model : SuggestionModel
        From `train_model` or `load_model`.
    titles : sequence of str or None
        As written; an empty or absent one is unknown.
    count : int
        Families per title, 1 to 3.
    activities : sequence of str or None, optional
        NAF code of each title's supplier.
    language : str
        Of the labels and of the decimal mark: `fr` or `en`.

    Returns
    -------
    pandas.DataFrame
        One row per title, in order: `title` (cleaned), `state`, `unknown_reason`, `segment`,
        `segment_label`, `segment_probability`; for *k* from 1 to 3 `family_k`, `label_k`,
        `probability_k`, `reasons_k` (words with their signed contributions); `nearest` (the coded
        title or label of the first family that is most alike). Empty where there is none.

    Raises
    ------
    ValueError
        If `count` is not 1, 2 or 3.
    """
    import pandas as pd

    if not 1 <= count <= REASONS_SHOWN:
        raise ValueError(f"count must be 1, 2 or 3, found {count}")
    # Titles come again from contract to contract: each is asked once.
    suppliers = [None] * len(titles) if activities is None else activities
    pairs = list(zip(titles, suppliers, strict=True))
    place = {pair: rank for rank, pair in enumerate(dict.fromkeys(pairs))}
    asked = list(place)
    neighbours = _Neighbours(model, language)
    explain = _Reasons(model, language)
    known = _known_stems(model)
    segments = model.segment_names
    blocks: list[pd.DataFrame] = []
    for start in range(0, max(len(asked), 1), BLOCK):
        chosen = [title for title, _ in asked[start : start + BLOCK]]
        read = read_terms(chosen, [activity for _, activity in asked[start : start + BLOCK]])
        weighed = model.vocabulary.weigh(read.terms)
        found = _predict(model, read, weighed, known)
        best = _best(found.probability, count)
        told = np.take_along_axis(found.probability, best, axis=1) >= EXPLAINED
        told[[state == "unknown" for state in found.state]] = False
        texts = explain.tell(read, weighed, best, told)
        nearest = neighbours.find(read, best[:, 0])
        blocks.append(_tell(model, segments, chosen, found, best, texts, nearest, language))
    every = pd.concat(blocks, ignore_index=True)
    return every.iloc[[place[pair] for pair in pairs]].reset_index(drop=True)


def _columns() -> list[str]:
    names = ["title", "state", "unknown_reason", "segment", "segment_label", "segment_probability"]
    for rank in range(1, REASONS_SHOWN + 1):
        names += [f"family_{rank}", f"label_{rank}", f"probability_{rank}", f"reasons_{rank}"]
    return [*names, "nearest"]


def _tell(
    model: SuggestionModel,
    segments: Sequence[str],
    titles: Sequence[str | None],
    found: Prediction,
    best: NDArray[np.int64],
    texts: Sequence[Sequence[str]],
    nearest: Sequence[str],
    language: str,
) -> pd.DataFrame:
    """Return what is said of some titles, column by column; nothing of unknown ones."""
    import pandas as pd

    said = np.array([state != "unknown" for state in found.state], dtype=bool)

    def choose(names: Sequence[str], places: NDArray[np.int64]) -> NDArray[Any]:
        chosen: NDArray[Any] = np.array(names, dtype=object)[places]
        chosen[~said] = None
        return chosen

    segment = found.segment_probability.argmax(axis=1)
    labels = _segment_labels(language)
    told: dict[str, Any] = {
        "title": [clean_title(title) for title in titles],
        "state": found.state,
        "unknown_reason": [reason or None for reason in found.reason],
        "segment": choose(segments, segment),
        "segment_label": choose([labels[name] for name in segments], segment),
        "segment_probability": np.where(said, found.segment_probability.max(axis=1), np.nan),
    }
    names = [list_families()[family][1 if language == "fr" else 2] for family in model.families]
    for rank in range(1, REASONS_SHOWN + 1):
        shown = rank <= best.shape[1]
        place = best[:, min(rank, best.shape[1]) - 1]
        sure = np.take_along_axis(found.probability, place[:, None], axis=1)[:, 0]
        told |= {
            f"family_{rank}": choose(model.families, place) if shown else None,
            f"label_{rank}": choose(names, place) if shown else None,
            f"probability_{rank}": np.where(said & shown, sure, np.nan),
            f"reasons_{rank}": [each[rank - 1] or None for each in texts] if shown else None,
        }
    told["nearest"] = [
        each if each and one else None for each, one in zip(nearest, said, strict=True)
    ]
    texts_of = {name: object for name in told if "probability" not in name}
    return pd.DataFrame(told, columns=_columns(), index=range(len(titles))).astype(texts_of)


@cache
def _segment_labels(language: str) -> dict[str, str]:
    """Return the label of each segment, by its code."""
    table = load_reference("procurement_map", "families")
    names = zip(table["family"].to_pylist(), table[f"label_{language}"].to_pylist(), strict=True)
    return dict(names)


def _known_stems(model: SuggestionModel) -> frozenset[str]:
    return frozenset(model.label_stems).union(model.vocabulary.terms)


def _predict(
    model: SuggestionModel, read: Terms, weighed: Any, known: frozenset[str]
) -> Prediction:
    title_scores = np.asarray(weighed @ model.coefficients) + model.intercept
    said = label_scores(read.stems, model.label_stems, model.label_weights)
    segments = model.segments
    probability = apply_calibration(model.calibration, title_scores, said, segments)
    members = (segments[:, None] == np.arange(len(model.segment_names))).astype(np.float64)
    in_segment = probability @ members
    tops = zip(probability.max(axis=1).tolist(), in_segment.max(axis=1).tolist(), strict=True)
    state, reason = [], []
    for stems, (family, segment) in zip(read.stems, tops, strict=True):
        why = _doubt(stems, known)
        if not why and family < UNKNOWN_BELOW and segment < SEGMENT_SURE:
            why = "too-uncertain"
        by_segment = family < FAMILY_SURE and segment >= SEGMENT_SURE
        state.append("unknown" if why else "segment" if by_segment else "family")
        reason.append(why)
    return Prediction(probability, in_segment, state, reason)


def _doubt(stems: Sequence[str], known: frozenset[str]) -> str:
    """Return why the words of a title say nothing, empty where they may."""
    if not stems:
        return "no-word"
    held = sum(stem in known for stem in stems)
    if not held:
        return "no-known-word"
    return "few-known-words" if held / len(stems) < KNOWN_SHARE else ""


def _best(probability: Floats, count: int) -> NDArray[np.int64]:
    """Return the likeliest families of each title, ties in the order of families."""
    left, chosen = probability.copy(), []
    for _ in range(count):
        place = left.argmax(axis=1)
        chosen.append(place)
        np.put_along_axis(left, place[:, None], -1.0, axis=1)
    return np.stack(chosen, axis=1).astype(np.int64)


class _Reasons:
    """What each word of a title adds to a family's score, beside the mean over families."""

    def __init__(self, model: SuggestionModel, language: str) -> None:
        scale = model.calibration
        terms = model.vocabulary.places
        self._stem = {stem: place for place, stem in enumerate(model.label_stems)}
        # A stem of labels that is a term too is one reason: it has the term's number.
        new = [stem for stem in model.label_stems if stem not in terms]
        self._names = [*model.vocabulary.terms, *new]
        numbers = terms | {stem: len(terms) + place for place, stem in enumerate(new)}
        self._number = np.array([numbers[stem] for stem in model.label_stems], dtype=np.int64)
        order = sorted(range(len(self._names)), key=self._names.__getitem__)
        self._order = np.empty(len(order), dtype=np.int64)
        self._order[order] = np.arange(len(order))
        coefficients, weights = model.coefficients, model.label_weights
        self._coefficients = scale.title_scale * (
            coefficients - coefficients.mean(axis=1, keepdims=True)
        )
        self._weights = (
            scale.label_scale * (weights - weights.mean(axis=1, keepdims=True)) / LABEL_SCALE
        )
        self._mark = "," if language == "fr" else "."

    def tell(
        self, read: Terms, weighed: Any, best: NDArray[np.int64], told: NDArray[np.bool_]
    ) -> list[list[str]]:
        """Return the reasons of each title's families, as text; of those to be told only."""
        owner, number, added = self._add_up(read, weighed, best)
        spelled = [
            dict(zip(stems, words, strict=True))
            for words, stems in zip(read.words, read.stems, strict=True)
        ]
        texts = [[""] * best.shape[1] for _ in spelled]
        for rank in range(best.shape[1]):
            size = np.abs(added[:, rank])
            kept = np.flatnonzero(told[owner, rank] & (size >= SMALLEST_CONTRIBUTION))
            heavy = kept[np.lexsort((self._order[number[kept]], -size[kept], owner[kept]))]
            # The place of each within its title: the heaviest are said.
            whose = owner[heavy]
            place = np.arange(len(heavy)) - np.searchsorted(whose, whose)
            heavy = heavy[place < REASONS_SHOWN]
            for row, term, value in zip(
                owner[heavy].tolist(),
                number[heavy].tolist(),
                added[heavy, rank].tolist(),
                strict=True,
            ):
                said = f"{self._spell(self._names[term], spelled[row])} {value:+.1f}"
                before = texts[row][rank]
                texts[row][rank] = f"{before} ; {said}" if before else said
        return [
            [each.replace(".", self._mark).replace("-", MINUS) for each in row] for row in texts
        ]

    def _add_up(
        self, read: Terms, weighed: Any, best: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
        """Return each title's reasons: title, number of the reason, what it adds to each family."""
        find = self._stem.get
        held = [
            [place for place in map(find, dict.fromkeys(stems)) if place is not None]
            for stems in read.stems
        ]
        rows = np.arange(len(best))
        by_title = np.repeat(rows, np.diff(weighed.indptr))
        by_label = np.repeat(rows, [len(each) for each in held])
        places = np.array(list(chain.from_iterable(held)), dtype=np.int64)
        terms = weighed.indices
        owner = np.concatenate([by_title, by_label])
        number = np.concatenate([terms, self._number[places]])
        added = np.concatenate(
            [
                weighed.data[:, None] * self._coefficients[terms[:, None], best[by_title]],
                self._weights[places[:, None], best[by_label]],
            ]
        )
        order = np.lexsort((number, owner))
        owner, number, added = owner[order], number[order], added[order]
        first = np.ones(len(order), dtype=bool)
        first[1:] = (owner[1:] != owner[:-1]) | (number[1:] != number[:-1])
        starts = np.flatnonzero(first)
        if len(starts):
            added = np.add.reduceat(added, starts, axis=0)
        return owner[starts], number[starts], added

    @staticmethod
    def _spell(term: str, spelled: dict[str, str]) -> str:
        if term.startswith(ACTIVITY):
            return f"NAF {term.removeprefix(ACTIVITY)}"
        return " ".join(spelled.get(stem, stem) for stem in term.split())


class _Neighbours:
    """The coded titles and the labels of each family, to find the one most alike a title."""

    def __init__(self, model: SuggestionModel, language: str) -> None:
        labels = [each for each in read_labels() if each.language == language]
        place = {family: rank for rank, family in enumerate(model.families)}
        self._texts = [*model.titles, *(each.text for each in labels)]
        family = [*model.title_family.tolist(), *(place[each.family] for each in labels)]
        terms = read_terms(self._texts).terms
        self._vocabulary = build_vocabulary(terms)
        self._documents = self._vocabulary.weigh(terms)
        self._family = np.array(family, dtype=np.int64)

    def find(self, read: Terms, families: NDArray[np.int64]) -> list[str]:
        """Return the nearest text of each title's first family; empty where none is alike."""
        weighed = self._vocabulary.weigh(read.terms)
        nearest = [""] * len(families)
        for family in np.unique(families):
            rows = np.flatnonzero(families == family)
            held = np.flatnonzero(self._family == family)
            if not len(held):
                continue
            alike = np.asarray((weighed[rows] @ self._documents[held].T).todense())
            chosen = alike.argmax(axis=1)
            for row, each, value in zip(rows, chosen, alike.max(axis=1), strict=True):
                if value > 0:
                    nearest[row] = self._texts[held[each]]
        return nearest
