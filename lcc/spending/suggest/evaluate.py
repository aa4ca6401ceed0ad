"""How right suggestions are, on titles of buyers that the model did not learn from.

The reference is the family of the code that the buyer gave: rough itself. Each buyer is on one side
only, titles that stand on both sides are taken out of what is learnt, and calibration is fitted on
the other folds. Intervals resample whole buyers [1]_: titles of one buyer are alike.

References
----------
.. [1] Cameron, A. C., Gelbach, J. B., Miller, D. L. (2008). Bootstrap-based improvements for
   inference with clustered errors. Review of Economics and Statistics 90(3), 414-427.
   doi:10.1162/rest.90.3.414. Variant: pairs cluster bootstrap, percentile interval.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lcc.errors import FieldError
from lcc.spending.suggest.calibrate import apply_calibration, fit_calibration
from lcc.spending.suggest.labels import list_families
from lcc.spending.suggest.train import (
    CodedTitles,
    Evidence,
    gather_evidence,
    list_segments,
    score_held_out,
    split_groups,
)
from lcc.spending.suggest.words import suggest_families
from lcc.uncertainty.reliability import Reliability, measure_reliability

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Evaluation", "evaluate_suggestions"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

RESAMPLES = 1_000
THRESHOLDS = (0.5, 0.6, 0.7, 0.8, 0.9)
ENOUGH_TITLES = 30
"""Titles from which the accuracy of one family or code is worth stating."""


@dataclass(frozen=True)
class Evaluation:
    """What held-out titles say of the suggestions.

    Attributes
    ----------
    accuracy : pandas.DataFrame
        One row per level (`family`, `segment`), method (`model`, `words`: labels compared,
        `majority`: always the commonest of the other folds) and rank (1: first, 3: among three):
        `accuracy`, `low`, `high` (95 %, over buyers).
    gain : tuple of float
        Accuracy of the model beyond the majority's at the first place, with its interval.
    reliability, segment_reliability : Reliability
        Of the first family's probability, and of the first segment's.
    thresholds : pandas.DataFrame
        `threshold`, `share` of titles whose first family reaches it, `accuracy`, `titles`.
    by_family : pandas.DataFrame
        `family`, `label_fr`, `titles`, `buyers`, `accuracy` (absent under 30 titles).
    by_division : pandas.DataFrame
        The same by the first two digits of the buyers' codes, where the codes are known.
    counts : dict
        `titles`, `buyers`, `repeated`, `families`, `families_enough` and `groups_enough` (three
        digits) with 30 titles, `several_families`: share of the repeated titles that are coded as
        several families: what no model could get right.
    """

    accuracy: pd.DataFrame
    gain: tuple[float, float, float]
    reliability: Reliability
    segment_reliability: Reliability
    thresholds: pd.DataFrame
    by_family: pd.DataFrame
    by_division: pd.DataFrame
    counts: dict[str, Any]


def evaluate_suggestions(coded: CodedTitles, *, folds: int = 5, seed: int = 0) -> Evaluation:
    """Return the accuracy and the calibration of suggestions on held-out buyers.

    Parameters
    ----------
    coded : CodedTitles
        Titles with the family of the buyer's code.
    folds : int
        How many times buyers are held out, at least 2.
    seed : int
        Of the solver and of the resampling.

    Raises
    ------
    FieldError
        If there are too few titles, families or folds.
    """
    if folds < 2:
        raise FieldError("buyers are held out twice at least", field="folds", found=str(folds))
    evidence = gather_evidence(coded)
    if len(evidence.titles) < 10 * folds or len(set(evidence.family.tolist())) < 2:
        raise FieldError(
            "there are too few coded titles to try suggestions on",
            field="title",
            found=f"{len(evidence.titles)} distinct titles of "
            f"{len(set(evidence.family.tolist()))} families",
            expected=f"at least {10 * folds} titles of two families",
            remedy="give more files with codes",
        )
    order, probability, majority = _hold_out(evidence, folds, seed)
    tried = evidence.select(order)
    words = _try_words(tried)
    return _sum_up(coded, tried, probability, words, majority, seed)


def _hold_out(evidence: Evidence, folds: int, seed: int) -> tuple[Integers, Floats, Integers]:
    """Return the rows tried, their probabilities, and the commonest family of what was learnt."""
    scores, places, common = [], [], []
    for learnt, tried in split_groups(evidence, folds):
        scores.append(score_held_out(evidence, learnt, tried, seed))
        places.append(tried)
        most = int(np.bincount(evidence.family[learnt]).argmax())
        common.append(np.full(len(tried), most, dtype=np.int64))
    probability = []
    segments = list_segments()
    for fold in range(folds):
        others = [rank for rank in range(folds) if rank != fold]
        calibration = fit_calibration(
            np.concatenate([scores[rank][0] for rank in others]),
            np.concatenate([scores[rank][1] for rank in others]),
            evidence.family[np.concatenate([places[rank] for rank in others])],
            segments,
        )
        probability.append(apply_calibration(calibration, *scores[fold], segments))
    return np.concatenate(places), np.concatenate(probability), np.concatenate(common)


def _try_words(tried: Evidence) -> Integers:
    """Return three families per title by comparison with labels alone; -1 where there is none."""
    place = {family: rank for rank, family in enumerate(sorted(list_families()))}
    found = suggest_families(dict.fromkeys(tried.titles))
    by_title = found.groupby("title")["family"].agg(list).to_dict()
    rows = []
    for title in tried.titles:
        families = [place[family] for family in by_title.get(title, [])][:3]
        rows.append([*families, *[-1] * (3 - len(families))])
    return np.array(rows, dtype=np.int64)


def _sum_up(
    coded: CodedTitles,
    tried: Evidence,
    probability: Floats,
    words: Integers,
    majority: Integers,
    seed: int,
) -> Evaluation:
    import pandas as pd

    segments = list_segments()
    best = np.argsort(-probability, axis=1, kind="stable")[:, :3]
    members = (segments[:, None] == np.arange(int(segments.max()) + 1)).astype(np.float64)
    in_segment = probability @ members
    hits = {
        ("family", "model", 1): best[:, 0] == tried.family,
        ("family", "model", 3): (best == tried.family[:, None]).any(axis=1),
        ("family", "words", 1): words[:, 0] == tried.family,
        ("family", "words", 3): (words == tried.family[:, None]).any(axis=1),
        ("family", "majority", 1): majority == tried.family,
        ("segment", "model", 1): in_segment.argmax(axis=1) == segments[tried.family],
        ("segment", "words", 1): (words[:, 0] >= 0)
        & (segments[words[:, 0]] == segments[tried.family]),
        ("segment", "majority", 1): segments[majority] == segments[tried.family],
    }
    resample = _Resample(tried.buyers, seed)
    accuracy = pd.DataFrame(
        [(*key, *resample.interval(hit.astype(np.float64))) for key, hit in hits.items()],
        columns=["level", "method", "rank", "accuracy", "low", "high"],
    )
    first = hits["family", "model", 1]
    gained = first.astype(np.float64) - hits["family", "majority", 1]
    top = np.clip(probability.max(axis=1), 0, 1)
    names = sorted(list_families())
    codes = _codes_of(coded, tried)
    return Evaluation(
        accuracy=accuracy,
        gain=resample.interval(gained),
        reliability=measure_reliability(top, first),
        segment_reliability=measure_reliability(
            np.clip(in_segment.max(axis=1), 0, 1), hits["segment", "model", 1]
        ),
        thresholds=_try_thresholds(top, first),
        by_family=_by([names[each] for each in tried.family], tried.buyers, first, "family").assign(
            label_fr=lambda table: [list_families()[each][1] for each in table["family"]]
        ),
        by_division=_by([code[:2] for code in codes], tried.buyers, first, "division"),
        counts=_count(tried, codes, len(coded.titles)),
    )


def _try_thresholds(top: Floats, first: NDArray[np.bool_]) -> pd.DataFrame:
    import pandas as pd

    rows = []
    for threshold in THRESHOLDS:
        above = top >= threshold
        right = float(first[above].mean()) if above.any() else float("nan")
        rows.append((threshold, float(above.mean()), right, int(above.sum())))
    return pd.DataFrame(rows, columns=["threshold", "share", "accuracy", "titles"])


def _by(
    names: Sequence[str], buyers: Sequence[str], first: NDArray[np.bool_], column: str
) -> pd.DataFrame:
    """Return titles, buyers and accuracy by a name; the rare ones without accuracy."""
    import pandas as pd

    frame = pd.DataFrame({column: names, "buyer": buyers, "right": first.astype(np.float64)})
    table = (
        frame[frame[column] != ""]
        .groupby(column)
        .agg(titles=("right", "size"), buyers=("buyer", "nunique"), accuracy=("right", "mean"))
        .reset_index()
    )
    table["accuracy"] = table["accuracy"].where(table["titles"] >= ENOUGH_TITLES)
    return table.sort_values(["titles", column], ascending=[False, True], ignore_index=True)


def _codes_of(coded: CodedTitles, tried: Evidence) -> list[str]:
    """Return a code of each tried title, empty where codes are not known."""
    if coded.codes is None:
        return [""] * len(tried.titles)
    return [coded.codes[row] or "" for row in tried.rows]


def _count(tried: Evidence, codes: Sequence[str], rows: int) -> dict[str, Any]:
    families = np.bincount(tried.family)
    groups: dict[str, int] = {}
    for code in codes:
        if code:
            groups[code[:3]] = groups.get(code[:3], 0) + 1
    held: dict[str, set[int]] = {}
    for key, family in zip(tried.keys, tried.family.tolist(), strict=True):
        held.setdefault(key, set()).add(family)
    several = [key for key, each in held.items() if len(each) > 1]
    return {
        "rows": rows,
        "titles": len(tried.titles),
        "repeated": tried.repeated,
        "buyers": len(set(tried.buyers) - {""}),
        "families": int((families > 0).sum()),
        "families_enough": int((families >= ENOUGH_TITLES).sum()),
        "groups": len(groups),
        "groups_enough": sum(count >= ENOUGH_TITLES for count in groups.values()),
        "several_families": len(several),
        "distinct_words": len(held),
    }


class _Resample:
    """Means over titles whose buyers are drawn again and again."""

    def __init__(self, buyers: Sequence[str], seed: int) -> None:
        # A title whose buyer is not known is a buyer of its own; so are those of a single buyer,
        # held out one by one: drawing it again and again would say nothing.
        alone = len(set(buyers)) == 1
        names = [f"?{rank}" if alone or not name else name for rank, name in enumerate(buyers)]
        self._group = np.unique(np.array(names, dtype=object).astype(str), return_inverse=True)[1]
        count = int(self._group.max()) + 1
        rng = np.random.default_rng(seed)
        self._drawn = rng.multinomial(count, np.full(count, 1 / count), size=RESAMPLES)
        self._sizes = np.bincount(self._group)

    def interval(self, figures: Floats) -> tuple[float, float, float]:
        """Return a mean and its 95 % interval."""
        sums = np.bincount(self._group, figures)
        means = (self._drawn @ sums) / (self._drawn @ self._sizes)
        low, high = np.quantile(means, [0.025, 0.975])
        return float(figures.mean()), float(low), float(high)
