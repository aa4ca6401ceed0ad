"""Training: from coded titles and labels to a model, the same bytes for the same titles.

A linear support vector machine, one family against the others [1]_, over terms of titles; its
scores are added to what the labels say, and both are calibrated on titles of buyers that were held
out. What was measured before choosing is in docs/suggestions.md.

References
----------
.. [1] Fan, R.-E., Chang, K.-W., Hsieh, C.-J., Wang, X.-R., Lin, C.-J. (2008). LIBLINEAR: a library
   for large linear classification. JMLR 9, 1871-1874. Variant: squared hinge loss, dual problem.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lcc.errors import FieldError
from lcc.spending.suggest.calibrate import (
    FEW_TITLES,
    LABELS_ONLY,
    Calibration,
    fit_calibration,
)
from lcc.spending.suggest.features import Terms, Vocabulary, build_vocabulary, read_terms
from lcc.spending.suggest.labels import OWN, PRODUCT, TRADE, list_families, read_labels
from lcc.spending.suggest.model import SuggestionModel
from lcc.spending.suggest.text import clean_title
from lcc.spending.suggest.words import weigh_labels

__all__ = [
    "CodedTitles",
    "Evidence",
    "clear_labels",
    "gather_evidence",
    "label_scores",
    "list_segments",
    "score_held_out",
    "split_groups",
    "train_model",
]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

TITLES_PER_FAMILY = 500
"""Distinct titles a family learns from at most, drawn by the seed: beyond, the time grows and the
accuracy does not."""

LABEL_WEIGHTS = {OWN: 1.0, TRADE: 1.0, PRODUCT: 0.3}
"""What a label counts for beside a title, by kind. Of CPV labels, by held-out buyers, 0.05, 0.15
and 0.3 differ by under two points and 1 is worse; a family's own words, few, count as a title."""

COST = 0.3
"""*C* of the machine: 0.1, 0.3 and 1 differ by under two points by held-out buyers."""

TOLERANCE = 1e-2
FOLDS = 5
CALIBRATION_FOLDS = 3
ENOUGH_TITLES = 200
"""Coded titles under which the calibration is that of the public files: fewer cannot give one."""

MANY_TITLES = 20_000
"""Titles from which one third of the buyers is held out once, not three times in turn; and how many
of theirs are tried, drawn by the seed: 20 000 leave four parameters no doubt."""

LABEL_SCALE = 10.0
"""Label scores are divided by it, to be of the size of title scores."""


@dataclass(frozen=True)
class CodedTitles:
    """Titles with the family their code leads to.

    Attributes
    ----------
    titles : sequence of str
        As written.
    families : sequence of str
        Family of each.
    buyers : sequence of str
        Who wrote it (SIREN or name; empty where unknown): what is held out together.
    activities : sequence of str or None, optional
        NAF code of the supplier.
    codes : sequence of str or None, optional
        Code that led to the family, to tell accuracy by.
    """

    titles: Sequence[str]
    families: Sequence[str]
    buyers: Sequence[str]
    activities: Sequence[str | None] | None = None
    codes: Sequence[str | None] | None = None


@dataclass(frozen=True)
class Evidence:
    """Distinct titles, in one order, ready to learn from.

    Attributes
    ----------
    titles : tuple of str
        Cleaned.
    terms : list of tuple of str
    stems : list of list of str
    family : array of int
        Place of each title's family among all families.
    buyers : tuple of str
    rows : tuple of int
        Where each title stands among those given.
    repeated : int
        Rows left out: the same words coded as the same family.
    """

    titles: tuple[str, ...]
    terms: list[tuple[str, ...]]
    stems: list[list[str]]
    family: Integers
    buyers: tuple[str, ...]
    rows: tuple[int, ...]
    repeated: int

    def select(self, rows: Integers) -> Evidence:
        """Return some of the titles."""
        return replace(
            self,
            titles=tuple(self.titles[row] for row in rows),
            terms=[self.terms[row] for row in rows],
            stems=[self.stems[row] for row in rows],
            family=self.family[rows],
            buyers=tuple(self.buyers[row] for row in rows),
            rows=tuple(self.rows[row] for row in rows),
        )

    @property
    def keys(self) -> list[str]:
        """Stems of each title as one text: what makes two titles one."""
        return [" ".join(each) for each in self.stems]


@dataclass(frozen=True)
class _Labels:
    """Labels as documents with what each counts for, and as weights of stems."""

    terms: list[tuple[str, ...]]
    family: Integers
    counts_for: Floats
    stems: tuple[str, ...]
    weights: Floats


def train_model(coded: CodedTitles | Evidence | None = None, *, seed: int = 0) -> SuggestionModel:
    """Return a model trained on coded titles and on the labels of all families.

    Parameters
    ----------
    coded : CodedTitles or Evidence, optional
        What to learn from; without it, labels alone.
    seed : int
        Which titles are kept where a family has too many, and the order of the solver.

    Raises
    ------
    FieldError
        If titles are given but none is usable, all are of one family, or a family does not exist.
    """
    labels = _read_label_documents()
    if coded is None:
        # Nothing to learn from: what labels say is all there is.
        nothing = Vocabulary((), np.zeros(0))
        count = len(_names())
        empty = np.zeros((0, count))
        return _assemble(
            nothing, empty, np.zeros(count), labels, _default_calibration(LABELS_ONLY), None
        )
    evidence = coded if isinstance(coded, Evidence) else gather_evidence(coded)
    if len(set(evidence.family.tolist())) < 2:
        raise FieldError(
            "titles of a single family teach nothing",
            field="family",
            found=", ".join(sorted({_names()[place] for place in evidence.family})) or "no title",
            expected="coded titles of at least two families",
            remedy="train on more files, or without any: the labels of all families are known",
        )
    # Probabilities are those of all titles, not of the few that are learnt from.
    calibration, held_out = _calibrate(evidence, seed)
    kept = _cap(evidence.family, seed)
    evidence = evidence if len(kept) == len(evidence.titles) else evidence.select(kept)
    vocabulary, coefficients, intercept = _fit(evidence.terms, evidence.family, labels, seed)
    model = _assemble(vocabulary, coefficients, intercept, labels, calibration, evidence)
    return replace(model, about={**model.about, "held_out_by": held_out, "seed": seed})


def gather_evidence(coded: CodedTitles) -> Evidence:
    """Return distinct titles: the same words coded as the same family count once.

    Raises
    ------
    FieldError
        If no title holds a word, or a family does not exist.
    """
    place = {family: rank for rank, family in enumerate(_names())}
    unknown = sorted(set(coded.families) - set(place))
    if unknown:
        raise FieldError(
            "titles are coded as families that do not exist",
            field="family",
            found=", ".join(unknown[:5]),
            expected="codes of procurement_map/families.csv",
        )
    read = read_terms(coded.titles, coded.activities)
    first: dict[tuple[str, str, tuple[str, ...]], int] = {}
    order = sorted(
        range(len(coded.titles)),
        key=lambda row: (read.stems[row], coded.families[row], coded.buyers[row]),
    )
    for row in order:
        if read.stems[row]:
            key = (" ".join(read.stems[row]), coded.families[row], read.terms[row])
            first.setdefault(key, row)
    rows = list(first.values())
    if not rows:
        raise FieldError(
            "no title holds a word to learn from",
            field="title",
            found=f"{len(coded.titles)} titles, all empty or without a word",
            expected="titles that say what is bought",
            remedy="check which column of the file is the label",
        )
    return _evidence(coded, read, rows, place)


def _evidence(
    coded: CodedTitles, read: Terms, rows: Sequence[int], place: dict[str, int]
) -> Evidence:
    return Evidence(
        titles=tuple(clean_title(coded.titles[row]) for row in rows),
        terms=[read.terms[row] for row in rows],
        stems=[read.stems[row] for row in rows],
        family=np.array([place[coded.families[row]] for row in rows], dtype=np.int64),
        buyers=tuple(coded.buyers[row] for row in rows),
        rows=tuple(rows),
        repeated=len(coded.titles) - len(rows),
    )


def split_groups(evidence: Evidence, folds: int = FOLDS) -> Iterator[tuple[Integers, Integers]]:
    """Yield the rows to learn from and the rows to try, each buyer on one side.

    Titles that stand on both sides are taken out of what is learnt. Where fewer than twice as many
    buyers as folds are known, each title is its own group.
    """
    import pandas as pd
    from sklearn.model_selection import GroupKFold

    keys = pd.factorize(np.array(evidence.keys, dtype=object), sort=True)[0]
    groups = keys
    if _has_buyers(evidence, folds):
        groups = pd.factorize(np.array(evidence.buyers, dtype=object), sort=True)[0]
    for learnt, tried in GroupKFold(folds).split(np.zeros(len(keys)), groups=groups):
        on_both = np.isin(keys[learnt], keys[tried])
        yield np.asarray(learnt[~on_both]), np.asarray(tried)


def label_scores(stems: Sequence[Sequence[str]], known: Sequence[str], weights: Floats) -> Floats:
    """Return what the labels say for each family, of titles given by their stems."""
    from scipy.sparse import csr_matrix

    place = {stem: rank for rank, stem in enumerate(known)}
    places: list[int] = []
    ends = [0]
    for each in stems:
        places += sorted({place[stem] for stem in each if stem in place})
        ends.append(len(places))
    held = csr_matrix(
        (np.ones(len(places)), np.array(places, dtype=np.int64), np.array(ends, dtype=np.int64)),
        shape=(len(stems), len(known)),
    )
    return np.asarray(held @ weights) / LABEL_SCALE


def score_held_out(
    evidence: Evidence, learnt: Integers, tried: Integers, seed: int = 0
) -> tuple[Floats, Floats]:
    """Return title and label scores of some titles, from a machine trained on others."""
    labels = _read_label_documents()
    vocabulary, coefficients, intercept = _fit(
        [evidence.terms[row] for row in learnt], evidence.family[learnt], labels, seed
    )
    titles = vocabulary.weigh(evidence.terms[row] for row in tried)
    stems = [evidence.stems[row] for row in tried]
    return (
        np.asarray(titles @ coefficients) + intercept,
        label_scores(stems, labels.stems, labels.weights),
    )


def _has_buyers(evidence: Evidence, folds: int) -> bool:
    return len(set(evidence.buyers) - {""}) >= 2 * folds


def _calibrate(evidence: Evidence, seed: int) -> tuple[Calibration, str]:
    """Return the calibration by held-out titles, and what was held out together."""
    if len(evidence.titles) < ENOUGH_TITLES:
        return _default_calibration(FEW_TITLES), "nothing"
    scores: list[tuple[Floats, Floats]] = []
    rows: list[Integers] = []
    rng = np.random.default_rng(seed)
    for learnt, tried in split_groups(evidence, CALIBRATION_FOLDS):
        some = tried
        if len(tried) > MANY_TITLES:
            some = np.sort(rng.choice(tried, MANY_TITLES, replace=False))
        kept = learnt[_cap(evidence.family[learnt], seed)]
        scores.append(score_held_out(evidence, kept, some, seed))
        rows.append(some)
        if len(evidence.titles) >= MANY_TITLES:
            break
    found = fit_calibration(
        np.concatenate([titles for titles, _ in scores]),
        np.concatenate([said for _, said in scores]),
        evidence.family[np.concatenate(rows)],
        list_segments(),
    )
    return found, "buyer" if _has_buyers(evidence, CALIBRATION_FOLDS) else "title"


def _cap(family: Integers, seed: int) -> Integers:
    """Return the rows of at most so many titles per family, drawn by the seed, in order."""
    counts = np.bincount(family)
    if counts.max() <= TITLES_PER_FAMILY:
        return np.arange(len(family))
    drawn = np.random.default_rng(seed).permutation(len(family))
    order = drawn[np.argsort(family[drawn], kind="stable")]
    starts = np.repeat(np.cumsum(counts) - counts, counts)
    kept: Integers = order[np.arange(len(order)) - starts < TITLES_PER_FAMILY]
    return np.sort(kept)


def _fit(
    terms: Sequence[tuple[str, ...]], family: Integers, labels: _Labels, seed: int
) -> tuple[Vocabulary, Floats, Floats]:
    """Return vocabulary, coefficients (terms, families) and intercepts of the machine."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.svm import LinearSVC

    documents = [*terms, *labels.terms]
    vocabulary = build_vocabulary(documents)
    machine = LinearSVC(C=COST, tol=TOLERANCE, dual=True, random_state=seed)
    weights = np.concatenate([np.ones(len(terms)), labels.counts_for])
    with warnings.catch_warnings():
        # Stopping a little early moves scores by less than their calibration.
        warnings.simplefilter("ignore", ConvergenceWarning)
        machine.fit(
            vocabulary.weigh(documents),
            np.concatenate([family, labels.family]),
            sample_weight=weights,
        )
    coefficients = np.ascontiguousarray(machine.coef_.T).astype(np.float32).astype(np.float64)
    return vocabulary, coefficients, np.asarray(machine.intercept_, dtype=np.float64)


def _assemble(
    vocabulary: Vocabulary,
    coefficients: Floats,
    intercept: Floats,
    labels: _Labels,
    calibration: Calibration,
    evidence: Evidence | None,
) -> SuggestionModel:
    about: dict[str, Any] = {
        "titles": 0 if evidence is None else len(evidence.titles),
        "repeated": 0 if evidence is None else evidence.repeated,
        "buyers": 0 if evidence is None else len(set(evidence.buyers) - {""}),
        "families_with_titles": 0 if evidence is None else len(set(evidence.family.tolist())),
        "labels": len(labels.terms),
        "held_out_by": "nothing",
    }
    return SuggestionModel(
        families=_names(),
        vocabulary=vocabulary,
        coefficients=coefficients,
        intercept=intercept,
        label_stems=labels.stems,
        label_weights=labels.weights,
        calibration=calibration,
        titles=() if evidence is None else evidence.titles,
        title_family=np.zeros(0, dtype=np.int64) if evidence is None else evidence.family,
        about=about,
    )


@cache
def _names() -> tuple[str, ...]:
    return tuple(sorted(list_families()))


@cache
def list_segments() -> Integers:
    """Return the segment of each family, families in order and segments numbered in order."""
    named = [list_families()[family][0] for family in _names()]
    place = {name: rank for rank, name in enumerate(sorted(set(named)))}
    return np.array([place[name] for name in named], dtype=np.int64)


def _default_calibration(figures: tuple[float, float, float, float]) -> Calibration:
    title_scale, label_scale, noise, inside = figures
    count = len(_names())
    return Calibration(
        title_scale, label_scale, np.full(count, noise), inside, np.full(count, 1 / count)
    )


def clear_labels() -> None:
    """Forget the labels read: what a test asks for that changes them."""
    _read_label_documents.cache_clear()


@cache
def _read_label_documents() -> _Labels:
    """Return the labels as documents, and as weights of stems."""
    place = {family: rank for rank, family in enumerate(_names())}
    labels = read_labels()
    read = read_terms([each.text for each in labels])
    distinct: dict[tuple[tuple[str, ...], int], float] = {}
    for terms, each in zip(read.terms, labels, strict=True):
        if terms:
            key = (terms, place[each.family])
            distinct[key] = max(distinct.get(key, 0.0), LABEL_WEIGHTS[each.kind])
    weighed = weigh_labels()
    stems = tuple(sorted(weighed))
    weights = np.zeros((len(stems), len(place)))
    for row, stem in enumerate(stems):
        for family, weight in weighed[stem].items():
            weights[row, place[family]] = weight
    return _Labels(
        terms=[terms for terms, _ in distinct],
        family=np.array([family for _, family in distinct], dtype=np.int64),
        counts_for=np.array(list(distinct.values())),
        stems=stems,
        weights=weights.astype(np.float32).astype(np.float64),
    )
