r"""Weights: points, ranges or ranks, and all the weights they admit.

Points admit one weighting. Ranges admit the part of the simplex :math:`\sum_i w_i = 100` with
:math:`l_i \le w_i \le h_i`. Ranks admit :math:`w_1 \ge w_2 \ge \dots \ge w_n \ge 0` with the same
sum; where one weighting stands for the ranks, it is the centre of that set [1]_:

.. math:: w_k = \frac{100}{n} \sum_{i=k}^{n} \frac{1}{i}

References
----------
.. [1] Barron, F. H., Barrett, B. E. (1996). Decision quality using ranked attribute weights.
   Management Science 42(11), 1515-1523. doi:10.1287/mnsc.42.11.1515 (rank order centroid).
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lcc.cost.tender.rule.published import Tender
from lcc.errors import FieldError
from lcc.reading.hand_written import read_hand_written
from lcc.reading.sections import Section

__all__ = [
    "TOTAL_POINTS",
    "ChosenWeights",
    "build_chosen_weights",
    "centroid_of_ranks",
    "draw_weights",
    "load_chosen_weights",
    "settle_weights",
    "weight_limits",
    "weight_vertices",
]

Floats = NDArray[np.float64]

TOTAL_POINTS = 100.0
POINTS_TOLERANCE = 1e-6
SWEEPS = 60
"""Sweeps over all pairs of weights between one draw and its starting point: enough for a start
forgotten, by the comparison with exact sampling in the tests."""

MOST_RANGED = 12
"""Criteria with a range for which all vertices are listed: 12 give at most 24 576."""


@dataclass(frozen=True)
class ChosenWeights:
    """The weights a buyer chose within published ranges, recorded before the opening.

    Attributes
    ----------
    points : mapping of str to float
        Criterion → points, making 100.
    date : date
        Day of the choice.
    by : str
        Who chose.
    """

    points: Mapping[str, float]
    date: datetime.date
    by: str = ""
    file: str = field(default="weights", compare=False)


def load_chosen_weights(path: Path) -> ChosenWeights:
    """Return chosen weights from their TOML file.

    Raises
    ------
    InputError
        If the file cannot be read or is not TOML.
    FieldError
        If a key is unknown, or a number or the date is missing.
    """
    return build_chosen_weights(read_hand_written(path, "chosen weights"), file=path.name)


def build_chosen_weights(content: Mapping[str, object], *, file: str) -> ChosenWeights:
    """Return chosen weights from the content of their file.

    ```toml
    date = 2026-10-30
    by = "Direction des achats"
    [points]
    price = 40
    technique = 60
    ```

    Raises
    ------
    FieldError
        If a key is unknown, or a number or the date is missing.
    """
    given = Section(content, file)
    points = given.section("points")
    chosen = ChosenWeights(
        points={key: points.number(key, above=0, maximum=TOTAL_POINTS) for key in points.content},
        date=given.date("date"),
        by=given.text("by", ""),
        file=file,
    )
    given.close()
    return chosen


def centroid_of_ranks(ranks: int) -> Floats:
    """Return the weights at the centre of all those that respect an order, first rank first.

    Examples
    --------
    >>> centroid_of_ranks(3).round(2).tolist()
    [61.11, 27.78, 11.11]
    """
    steps = 1.0 / np.arange(1, ranks + 1)
    return np.asarray(TOTAL_POINTS / ranks * np.cumsum(steps[::-1])[::-1])


def weight_limits(tender: Tender) -> tuple[Floats, Floats]:
    """Return the least and most points of each criterion, shape (criteria,).

    For ranks: least and most a criterion of that rank can have.
    """
    if tender.weighting == "ranks":
        rank = np.array([each.rank or 1 for each in tender.criteria], dtype=np.float64)
        first, last = rank == 1, len(tender.criteria)
        return np.where(first, TOTAL_POINTS / last, 0.0), TOTAL_POINTS / rank
    low = [each.weight or (each.weight_range or (0.0, 0.0))[0] for each in tender.criteria]
    high = [each.weight or (each.weight_range or (0.0, 0.0))[1] for each in tender.criteria]
    if tender.weighting == "ranges":
        ranges = [each.weight_range or (each.weight or 0.0,) * 2 for each in tender.criteria]
        low, high = [each[0] for each in ranges], [each[1] for each in ranges]
    return np.array(low), np.array(high)


def settle_weights(tender: Tender, chosen: ChosenWeights | None = None) -> dict[str, float]:
    """Return the points of each criterion that an evaluation uses.

    Parameters
    ----------
    tender : Tender
        The rule: stated points; for ranks, the centre of the weights they admit.
    chosen : ChosenWeights, optional
        The buyer's choice within published ranges.

    Raises
    ------
    FieldError
        If ranges are published and no weight within them was chosen, or the choice leaves a range,
        forgets a criterion or does not make 100.
    """
    if chosen is None:
        if tender.weighting == "ranks":
            weights = centroid_of_ranks(len(tender.criteria))
            return {each.key: float(weights[(each.rank or 1) - 1]) for each in tender.criteria}
        open_ranges = [each.key for each in tender.criteria if each.weight is None]
        if open_ranges:
            raise FieldError(
                "the rule publishes a range and no weight was chosen within it",
                file=tender.file,
                field="criteria.weight",
                found=f"no weight for {', '.join(open_ranges)}",
                expected="one weight within each range, chosen before the bids are opened",
                remedy="record the choice, with its date, in a file of chosen weights",
            )
        return {each.key: float(each.weight or 0.0) for each in tender.criteria}
    keys = [each.key for each in tender.criteria]
    if set(chosen.points) != set(keys):
        raise FieldError(
            "the chosen weights are not those of the criteria",
            file=chosen.file,
            field="points",
            found=", ".join(chosen.points),
            expected=", ".join(keys),
        )
    low, high = weight_limits(tender)
    points = np.array([chosen.points[key] for key in keys])
    outside = (points < low - POINTS_TOLERANCE) | (points > high + POINTS_TOLERANCE)
    if tender.weighting == "ranks":
        order = np.argsort([each.rank or 1 for each in tender.criteria])
        outside |= bool((np.diff(points[order]) > POINTS_TOLERANCE).any())
    if outside.any():
        at = int(np.argmax(outside))
        raise FieldError(
            "a chosen weight leaves what the rule publishes",
            file=chosen.file,
            field=f"points.{keys[at]}",
            found=f"{points[at]:g}",
            expected=f"{low[at]:g} to {high[at]:g}"
            + (", in the published order" if tender.weighting == "ranks" else ""),
        )
    if abs(points.sum() - TOTAL_POINTS) > POINTS_TOLERANCE:
        raise FieldError(
            "the chosen weights do not make 100 %",
            file=chosen.file,
            field="points",
            found=f"{points.sum():g}",
            expected="100",
        )
    return dict(zip(keys, points.tolist(), strict=True))


def draw_weights(tender: Tender, draws: int, rng: np.random.Generator) -> Floats:
    """Return weights drawn evenly among all those the rule admits, shape (draws, criteria).

    Ranks: points on the simplex, sorted. Ranges: a Gibbs walk that moves two weights at a time,
    each chain from its own random vertex; the even distribution is the one it leaves unchanged.
    """
    count = len(tender.criteria)
    if tender.weighting == "ranks":
        spread = rng.dirichlet(np.ones(count), size=draws) * TOTAL_POINTS
        ordered = -np.sort(-spread, axis=1)
        return ordered[:, [(each.rank or 1) - 1 for each in tender.criteria]]
    low, high = weight_limits(tender)
    free = np.flatnonzero(high > low)
    vertices = weight_vertices(tender)
    weights = vertices[rng.integers(len(vertices), size=draws)]
    if free.size < 2:
        return weights
    pairs = [(i, j) for rank, i in enumerate(free) for j in free[rank + 1 :]]
    for _ in range(SWEEPS if len(pairs) > 1 else 1):
        for i, j in pairs:
            both = weights[:, i] + weights[:, j]
            least = np.maximum(low[i], both - high[j])
            most = np.minimum(high[i], both - low[j])
            weights[:, i] = least + (most - least) * rng.random(draws)
            weights[:, j] = both - weights[:, i]
    return weights


def weight_vertices(tender: Tender) -> Floats:
    """Return the corners of the set of admissible weights, shape (vertices, criteria).

    Totals being linear in the weights (but for the rounding of marks), what holds at every corner
    holds for every admissible weighting.
    """
    count = len(tender.criteria)
    if tender.weighting == "ranks":
        corners = np.tril(np.ones((count, count))) * (
            TOTAL_POINTS / np.arange(1, count + 1)[:, None]
        )
        return corners[:, [(each.rank or 1) - 1 for each in tender.criteria]]
    low, high = weight_limits(tender)
    free = np.flatnonzero(high > low)
    if free.size == 0:
        return low[None, :].copy()
    if free.size > MOST_RANGED:
        raise FieldError(
            "too many criteria have a range",
            file=tender.file,
            field="criteria.weight_range",
            found=str(free.size),
            expected=f"at most {MOST_RANGED}",
        )
    found: set[tuple[float, ...]] = set()
    for at in free:
        others = [each for each in free if each != at]
        for ends in product((0, 1), repeat=len(others)):
            corner = low.copy()
            corner[others] = [
                high[i] if end else low[i] for i, end in zip(others, ends, strict=True)
            ]
            corner[at] = TOTAL_POINTS - corner.sum() + corner[at]
            if low[at] - POINTS_TOLERANCE <= corner[at] <= high[at] + POINTS_TOLERANCE:
                found.add(tuple(np.round(corner, 9)))
    return np.array(sorted(found))
