r"""How far the objects of two purchases are alike: cosine of their weighed words.

Words are stemmed by Snowball (French) and weighed by their rarity among the titles compared,
:math:`w = \ln(1 + N / n)` for a word that *n* of *N* titles hold; a word counts once in a title.
The similarity of two titles is the cosine of their weights, 0 to 1 (the vector-space model [1]_).

References
----------
.. [1] Manning, Raghavan and Schütze, Introduction to Information Retrieval, 2008, sections 6.2
   and 6.3.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lcc.reading.dialect import normalise_text
from lcc.spending.suggest.text import stem_words

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

__all__ = ["TitleIndex", "split_title"]

_STOPS = (
    "a au aux avec d dans de des du en entre est et l la le les leur leurs lot lots n no numero o "
    "ou par pas pour qu que s sa se ses son sont sous sur un une accord accords cadre marche "
    "marches consultation objet relatif relative relatifs relatives commune communes ville "
    "metropole communaute agglomeration departement region annee annees bon bons commande "
    "commandes prestation prestations the of and for"
)
STOP_WORDS = frozenset(_STOPS.split())
"""French words, accents removed, that say nothing of what is bought."""

ROWS_PER_BLOCK = 1_000
"""Titles compared with all others at once."""


def split_title(title: str | None) -> tuple[str, ...]:
    """Return the stems of the words of a title, each once, in order; none for no title."""
    return () if title is None else _split(title)


@lru_cache(maxsize=100_000)
def _split(title: str) -> tuple[str, ...]:
    words = re.findall(r"[a-z]{2,}", normalise_text(title.replace("œ", "oe")))
    kept = [each for each in words if each not in STOP_WORDS]
    return tuple(dict.fromkeys(stem_words(kept)))


class TitleIndex:
    """Titles ready to be compared.

    Parameters
    ----------
    titles : sequence of str or None
        Titles; those without a word are like no other.
    """

    def __init__(self, titles: Sequence[str | None]) -> None:
        from scipy.sparse import csr_matrix

        self.words = [split_title(each) for each in titles]
        columns: dict[str, int] = {}
        places: list[int] = []
        starts = [0]
        for words in self.words:
            places += [columns.setdefault(each, len(columns)) for each in words]
            starts.append(len(places))
        held = np.bincount(places, minlength=len(columns)) if places else np.zeros(0)
        weights = np.log1p(len(titles) / np.maximum(held, 1))[places] if places else np.zeros(0)
        shape = (len(titles), max(1, len(columns)))
        matrix: csr_matrix = csr_matrix((weights, places, starts), shape=shape, dtype=np.float64)
        norms = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
        scale = np.repeat(1.0 / np.maximum(norms, 1e-300), np.diff(starts))
        self.matrix = csr_matrix((weights * scale, places, starts), shape=shape)

    def similarity(self, one: int, other: int) -> float:
        """Return the cosine of two titles, 0 to 1."""
        return float((self.matrix[[one]] @ self.matrix[[other]].T).sum())

    def similarities(self, numbers: Sequence[int]) -> NDArray[np.float64]:
        """Return the cosine of each of some titles with each, shape (titles, titles)."""
        chosen = self.matrix[list(numbers)]
        return np.asarray((chosen @ chosen.T).todense())

    def share(self, one: int, other: int) -> int:
        """Return how many words two titles share."""
        return len(set(self.words[one]) & set(self.words[other]))

    def like(
        self, numbers: Sequence[int], least: float, shared_words: int
    ) -> Iterator[tuple[int, list[int]]]:
        """Yield each of some titles with those before it, among them, that it is like.

        Parameters
        ----------
        numbers : sequence of int
            Ranks of the titles to compare, rising.
        least : float
            Least cosine.
        shared_words : int
            Least number of words in common.
        """
        chosen = self.matrix[list(numbers)]
        transposed = chosen.T.tocsr()
        for start in range(0, len(numbers), ROWS_PER_BLOCK):
            block = (chosen[start : start + ROWS_PER_BLOCK] @ transposed).tocsr()
            for row in range(block.shape[0]):
                here = slice(block.indptr[row], block.indptr[row + 1])
                places = block.indices[here]
                near = places[(block.data[here] >= least) & (places < start + row)]
                number = numbers[start + row]
                before = [numbers[each] for each in sorted(near.tolist())]
                yield (
                    number,
                    [each for each in before if self.share(number, each) >= shared_words],
                )
