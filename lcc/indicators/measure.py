"""One indicator of contracts under one way of counting: its values and its members."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lcc.indicators.bounds import (
    Bounds,
    Choices,
    Outcome,
    bound_count,
    bound_ratio,
    bound_share,
)
from lcc.indicators.definitions import Indicator, Variant
from lcc.indicators.expression import PARAMETERS
from lcc.indicators.facts import Facts
from lcc.indicators.outcomes import Question, ask
from lcc.indicators.units import Units, count_masks, find_units, mask_of, outcomes_of
from lcc.register.register import empty_table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["NOTES", "Members", "list_members", "measure_contracts"]

NOTES = {
    "region-not-given": "the region of interest is not given: nothing is computed",
    "perimeter-may-be-empty": "some completion leaves nothing in the perimeter: it has no share",
    "bounds-may-be-wide": "too much hangs together to be enumerated: the bounds hold, and may be "
    "wider than need be",
    "role-read-as-own": "contracts whose record does not say for whom are read as the buyer's own",
    "consultation-not-stated": "a contract whose consultation is not stated is one by itself",
    "holder-not-stated": "a contract of which no holder is stated is one award",
    "holders-disputed": "firms that not all sources name may hold the contract or not",
}
"""Code of what a reader must know of a value → what it says."""

COUNTS, DOES_NOT, OUTSIDE = (
    mask_of([each]) for each in (Outcome.IN_YES, Outcome.IN_NO, Outcome.OUT)
)
OUTCOME_WORDS = np.array(
    [
        "counts"
        if mask == COUNTS
        else "does-not"
        if mask == DOES_NOT
        else "outside"
        if mask in (0, OUTSIDE)
        else "perimeter"
        if mask & OUTSIDE
        else "unknown"
        for mask in range(8)
    ],
    dtype=object,
)
"""Outcomes as bits → the word of `indicator_member`."""

MAY_WORDS = np.array(
    [
        " ".join(
            word
            for each, word in zip(Outcome, ("out", "no", "yes"), strict=True)
            if mask >> each & 1
        )
        for mask in range(8)
    ],
    dtype=object,
)
"""Outcomes as bits → the words of the column `may`."""


@dataclass(frozen=True)
class Members:
    """Units of an indicator under a way of counting that are, or may be, in its perimeter.

    Attributes
    ----------
    rows : numpy.ndarray
        First contract of each.
    names, contracts, missing, masks : numpy.ndarray
        As `Units`.
    """

    indicator: str
    variant: str
    rows: NDArray[np.int64]
    names: NDArray[Any]
    contracts: NDArray[Any]
    missing: NDArray[Any]
    masks: NDArray[np.int64]


def measure_contracts(
    indicator: Indicator,
    variant: Variant,
    facts: Facts,
    year: int,
    as_of: datetime.date | None,
    region: str | None,
) -> tuple[dict[str, Any], Members | None]:
    """Return the row of values of an indicator under a way of counting, and its members.

    Raises
    ------
    FieldError
        If an expression cannot be read.
    """
    row: dict[str, Any] = {
        "indicator": indicator.indicator,
        "variant": variant.variant,
        "year": year,
        "unit": indicator.unit,
    }
    texts = f"{indicator.perimeter} {indicator.counts} {variant.condition}"
    if region is None and any(name in texts for name in PARAMETERS):
        return {**row, "note": "region-not-given"}, None
    question = ask(indicator, variant, year, as_of=as_of, region=region)
    units = find_units(question, facts)
    bounds = _bound(units, share=indicator.method == "share")
    row |= {
        "known": bounds.known,
        "low": bounds.low,
        "high": bounds.high,
        "counted": bounds.counted,
        "not_counted": bounds.not_counted,
        "unknown": bounds.unknown,
        "outside": bounds.outside,
        "note": " ".join(_notes(indicator, variant, question, units, facts, bounds)) or None,
    }
    return row, _members(indicator, variant, units)


def _bound(units: Units, *, share: bool) -> Bounds:
    """Return the bounds of a share or of a count."""
    counts = count_masks(units.masks)
    counts[OUTSIDE] += units.outside
    outcomes = [outcomes_of(mask) for mask in counts]
    # Units that can be the same choose the same at either bound: they weigh together as one.
    weights = [float(each) for each in counts.values()]
    found = (bound_share if share else bound_count)(outcomes, weights)
    if units.blocks is None:
        return found
    blocks = units.blocks
    if not share:
        return replace(found, low=_sum(blocks.low, min), high=_sum(blocks.high, max))
    if blocks.is_whole:
        low, high = bound_ratio(blocks.low)
        empty = all((0, 0) in pairs for pairs in blocks.low)
        return replace(found, low=low, high=high, undefined=empty)
    # Where all that suits a bound is outside, what may enter has the share of an extreme; `found`
    # has it, as no unit can then be what would change it.
    low, high = bound_ratio(blocks.low)[0], bound_ratio(blocks.high)[1]
    return replace(
        found,
        low=found.low if low is None else low,
        high=found.high if high is None else high,
    )


def _sum(blocks: Choices, choose: Callable[[Iterable[int]], int]) -> float:
    """Return the least or greatest number of units that count."""
    return float(sum(count * choose(n for n, _ in pairs) for pairs, count in blocks.items()))


def _notes(
    indicator: Indicator,
    variant: Variant,
    question: Question,
    units: Units,
    facts: Facts,
    bounds: Bounds,
) -> Iterator[str]:
    """Yield the codes of what a reader must know."""
    if indicator.method == "share" and bounds.undefined:
        yield "perimeter-may-be-empty"
    if units.blocks is not None and units.blocks.enclosing:
        yield "bounds-may-be-wide"
    concerned = units.rows[OUTCOME_WORDS[units.masks] != "outside"]
    if not variant.for_others and facts.roles_read[concerned].any():
        yield "role-read-as-own"
    if question.unit == "consultation" and (
        facts.contracts["consultation"].iloc[concerned].isna().any()
    ):
        yield "consultation-not-stated"
    if question.of_awards and facts.awards.unheld[concerned].any():
        yield "holder-not-stated"
    if question.of_awards and facts.awards.is_disputed[concerned].any():
        yield "holders-disputed"


def _members(indicator: Indicator, variant: Variant, units: Units) -> Members:
    """Return what each unit is, but for those outside."""
    words = OUTCOME_WORDS[units.masks]
    kept = np.flatnonzero(words != "outside")
    return Members(
        indicator=indicator.indicator,
        variant=variant.variant,
        rows=units.rows[kept],
        names=units.names[kept],
        contracts=units.contracts[kept],
        missing=units.missing[kept],
        masks=units.masks[kept],
    )


def list_members(pieces: Sequence[Members], facts: Facts, year: int) -> pd.DataFrame:
    """Return the members of several indicators as one table (schema `indicator_member`)."""
    import pandas as pd

    filled = [each for each in pieces if len(each.rows)]
    if not filled:
        return empty_table("indicator_member")
    rows = np.concatenate([each.rows for each in filled])
    masks = np.concatenate([each.masks for each in filled])
    lengths = [len(each.rows) for each in filled]
    stated = facts.contracts
    return pd.DataFrame(
        {
            "indicator": np.repeat([each.indicator for each in filled], lengths),
            "variant": np.repeat([each.variant for each in filled], lengths),
            "year": year,
            "buyer_id": stated["buyer_id"].array.take(rows),
            "member": np.concatenate([each.names for each in filled]),
            "contracts": np.concatenate([each.contracts for each in filled]),
            "label": stated["label"].array.take(rows),
            "outcome": OUTCOME_WORDS[masks],
            "may": MAY_WORDS[masks],
            "weight": 1.0,
            "missing": np.concatenate([each.missing for each in filled]),
            "amount_eur": stated["amount_eur"].to_numpy()[rows],
            "source_file": stated["source_file"].array.take(rows),
            "source_row": stated["source_row"].to_numpy()[rows],
        }
    )
