r"""Titles as numbers: stems, pairs of stems, and the activity of the supplier where it is known.

A term *t* of a title weighs its rarity, and a title is brought to length one:

.. math:: x_t = \frac{w_t}{\sqrt{\sum_u w_u^2}}, \qquad w_t = 1 + \ln\frac{1 + N}{1 + n_t}

with *N* documents and :math:`n_t` of them holding the term (tf-idf of [1]_, smoothed; how often a
title repeats a word says nothing here, so presence stands for frequency).

References
----------
.. [1] Salton and Buckley, Term-weighting approaches in automatic text retrieval, Information
   Processing & Management 24(5), 1988, 513-523. doi:10.1016/0306-4573(88)90021-0
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lcc.spending.suggest.text import split_words, stem_words

__all__ = ["ACTIVITY", "Terms", "Vocabulary", "build_vocabulary", "read_terms"]

Floats = NDArray[np.float64]

ACTIVITY = "naf:"
"""Before the division of a supplier's activity: a term that no title can hold."""

DIVISION_DIGITS = 2
HELD_TWICE = 2
"""A term of one document alone teaches the classifier that document, not the family."""

LARGEST_VOCABULARY = 60_000
"""Terms kept, the most frequent first: their coefficients for 142 families take 34 MB."""


@dataclass(frozen=True)
class Terms:
    """What each title holds.

    Attributes
    ----------
    words : list of list of str
        Words of each title as written (accents and case dropped), in order.
    stems : list of list of str
        Their stems.
    terms : list of tuple of str
        Distinct terms of each title: stems, pairs of stems, activity.
    """

    words: list[list[str]]
    stems: list[list[str]]
    terms: list[tuple[str, ...]]


@dataclass(frozen=True)
class Vocabulary:
    """Terms that are known, in alphabetical order, and their rarity."""

    terms: tuple[str, ...]
    rarity: Floats

    @cached_property
    def places(self) -> dict[str, int]:
        """Place of each term."""
        return {term: place for place, term in enumerate(self.terms)}

    def weigh(self, titles: Iterable[Sequence[str]]) -> Any:
        """Return titles as rows of length one over the known terms: a sparse matrix of SciPy."""
        counts = _mark(titles, self.places)
        counts.data = self.rarity[counts.indices]
        lengths = np.sqrt(np.asarray(counts.multiply(counts).sum(axis=1)).ravel())
        scale = np.divide(1.0, lengths, out=np.zeros_like(lengths), where=lengths > 0)
        counts.data *= np.repeat(scale, np.diff(counts.indptr))
        return counts


def read_terms(
    titles: Sequence[str | None], activities: Sequence[str | None] | None = None
) -> Terms:
    """Return the words, stems and terms of titles.

    Parameters
    ----------
    titles : sequence of str or None
        As written.
    activities : sequence of str, optional
        NAF code of each title's supplier, None where unknown; its division counts.
    """
    words = [split_words(title) for title in titles]
    distinct = list(dict.fromkeys(chain.from_iterable(words)))
    stem_of = dict(zip(distinct, stem_words(distinct), strict=True))
    stems = [[stem_of[word] for word in each] for each in words]
    terms = [
        tuple(dict.fromkeys((*each, *(f"{one} {other}" for one, other in pairwise(each)))))
        for each in stems
    ]
    if activities is not None:
        terms = [
            (*each, f"{ACTIVITY}{activity[:DIVISION_DIGITS]}") if activity else each
            for each, activity in zip(terms, activities, strict=True)
        ]
    return Terms(words, stems, terms)


def build_vocabulary(titles: Sequence[Sequence[str]]) -> Vocabulary:
    """Return the terms that at least two titles hold, with their rarity."""
    held = Counter(chain.from_iterable(titles))
    common = [(-count, term) for term, count in held.items() if count >= HELD_TWICE]
    kept = sorted(term for _, term in sorted(common)[:LARGEST_VOCABULARY])
    counts = np.array([held[term] for term in kept], dtype=np.float64)
    return Vocabulary(tuple(kept), 1 + np.log((1 + len(titles)) / (1 + counts)))


def _mark(titles: Iterable[Sequence[str]], known: dict[str, int]) -> Any:
    """Return a sparse matrix of ones where a title holds a term."""
    from scipy.sparse import csr_matrix

    places: list[int] = []
    ends = [0]
    find = known.get
    for terms in titles:
        held = [place for place in map(find, terms) if place is not None]
        held.sort()
        places += held
        ends.append(len(places))
    return csr_matrix(
        (np.ones(len(places)), np.array(places, dtype=np.int64), np.array(ends, dtype=np.int64)),
        shape=(len(ends) - 1, len(known)),
    )
