"""What units are to an indicator: the set of outcomes each can have.

An indicator under a way of counting is a *question*: one condition says what is in the perimeter
(year, threshold, agreements, concessions, on whose behalf, and the indicator's own), another what
counts. Contracts alike in what they may be are one pattern, whose reachable outcomes are found
once, by enumeration of the values of its facts: conditions that hang together (an amount compared
with two thresholds, a criterion that implies a consideration) stay exact.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lcc.indicators.bounds import Outcome
from lcc.indicators.definitions import Indicator, Variant
from lcc.indicators.expression import (
    AWARD_FACTS,
    HOLDS,
    Condition,
    join_conditions,
    parse_condition,
)
from lcc.indicators.facts import FIELDS, Facts
from lcc.indicators.possible import Cells, Column, make_cells

__all__ = ["Pattern", "Patterns", "Question", "ask", "field_of", "find_patterns"]

UNITS_OF_AWARDS = ("award", "firm")

DAYS = ("launched", "notified")
"""A consultation is launched before its contract is notified, or the same day."""

AWARD_UNITS = ("award", "firm")
"""What is counted once that awards alone make up."""

MOST_SEARCHED = 10
"""Unknown facts among which the smallest set that settles a pattern is searched for."""


@dataclass(frozen=True)
class Question:
    """An indicator under a way of counting, in one year.

    Attributes
    ----------
    perimeter, counts : Condition
        What is in, and what of it counts.
    cells : mapping of str to Cells
        The values the two tell apart, for each fact they name.
    unit : str
        What is counted once: contract, consultation, award, firm.
    modified : bool
        Whether the amount is that after modifications.
    """

    perimeter: Condition
    counts: Condition
    cells: Mapping[str, Cells]
    unit: str
    modified: bool

    @property
    def of_awards(self) -> bool:
        """Whether awards, rather than contracts, have outcomes."""
        return self.unit in UNITS_OF_AWARDS or any(name in AWARD_FACTS for name in self.cells)

    def outcome(self, values: Mapping[str, Any]) -> Outcome:
        """Return the outcome of a contract (or award) whose facts are all known."""
        if not self.perimeter(values):
            return Outcome.OUT
        return Outcome.IN_YES if self.counts(values) else Outcome.IN_NO


@dataclass(frozen=True)
class Pattern:
    """What contracts (or awards) alike in what they may be are to a question.

    Attributes
    ----------
    masks : mapping of str to int
        Fact → the cells it may be in, as bits.
    ordered : bool
        Whether the day of launch must not be after that of notification: one of them is not stated.
    """

    question: Question
    masks: Mapping[str, int]
    ordered: bool

    @cached_property
    def completions(self) -> tuple[tuple[dict[str, int], Outcome], ...]:
        """Every completion: the cell of each fact, and the outcome."""
        names, cells = list(self.masks), self.question.cells
        found = []
        for chosen in product(*(cells[name].choices(self.masks[name]) for name in names)):
            picked = dict(zip(names, (cell for cell, _ in chosen), strict=True))
            if self.ordered and picked[DAYS[0]] > picked[DAYS[1]]:
                continue
            values = dict(zip(names, (value for _, value in chosen), strict=True))
            found.append((picked, self.question.outcome(values)))
        return tuple(found)

    @cached_property
    def outcomes(self) -> frozenset[Outcome]:
        """What is reachable."""
        return frozenset(outcome for _, outcome in self.completions)

    @property
    def open_facts(self) -> tuple[str, ...]:
        """Facts of which more than one value is possible."""
        return tuple(name for name, mask in self.masks.items() if mask & (mask - 1))

    @cached_property
    def table(self) -> tuple[tuple[str, ...], dict[tuple[int, ...], Outcome]]:
        """The unknown facts on which the outcome depends, and the outcome for each of their cells.

        Where days hang together none may decide alone: then all unknown facts are given.
        """
        names = tuple(name for name in self.open_facts if self._matters(name))
        if not self._decides(names):
            names = self.open_facts
        return names, {
            tuple(cells[name] for name in names): outcome for cells, outcome in self.completions
        }

    def joint_cells(self, names: tuple[str, ...]) -> list[dict[str, int]]:
        """Return the cells that some facts can be in together."""
        kept = self._joint.get(names)
        if kept is None:
            seen = {tuple(cells[name] for name in names) for cells, _ in self.completions}
            kept = self._joint[names] = [
                dict(zip(names, each, strict=True)) for each in sorted(seen)
            ]
        return kept

    def settling(self) -> tuple[str, ...]:
        """Return the smallest set of unknown facts that, once known, settles the outcome."""
        if len(self.outcomes) == 1:
            return ()
        names = self.table[0]
        if len(names) <= MOST_SEARCHED:
            for size in range(1, len(names)):
                for some in combinations(names, size):
                    if self._decides(some):
                        return some
        return names

    @cached_property
    def _joint(self) -> dict[tuple[str, ...], list[dict[str, int]]]:
        return {}

    def _decides(self, names: Sequence[str]) -> bool:
        """Tell whether the outcome is settled by some facts."""
        seen: dict[tuple[int, ...], Outcome] = {}
        return all(
            seen.setdefault(tuple(cells[name] for name in names), outcome) == outcome
            for cells, outcome in self.completions
        )

    def _matters(self, name: str) -> bool:
        """Tell whether two completions that differ in one fact alone have different outcomes."""
        return not self._decides([each for each in self.masks if each != name])


@dataclass(frozen=True)
class Patterns:
    """The patterns of a question, and which one each row has.

    Attributes
    ----------
    rows : numpy.ndarray
        Pattern of each contract (or award).
    found : sequence of Pattern
        Patterns.
    """

    rows: NDArray[np.int64]
    found: Sequence[Pattern]

    def outcomes(self) -> list[frozenset[Outcome]]:
        """Return what each pattern can be."""
        return [each.outcomes for each in self.found]


def ask(
    indicator: Indicator,
    variant: Variant,
    year: int,
    *,
    as_of: datetime.date | None = None,
    region: str | None = None,
) -> Question:
    """Return the question of an indicator under a way of counting, in one year.

    Raises
    ------
    FieldError
        If an expression cannot be read, or names the region of interest and none is given.
    """
    parameters = {} if region is None else {"region_of_interest": region}
    parts = [*_year(variant, year, as_of)]
    if variant.threshold == "own" and indicator.threshold_eur is not None:
        parts.append(f"amount > {indicator.threshold_eur!r}")
    if variant.frameworks == "framework":
        parts.append('kind != "subsequent"')
    elif variant.frameworks == "subsequent":
        parts.append('not (kind == "framework" and followed)')
    if variant.concessions == "out" or (variant.concessions == "own" and not indicator.concessions):
        parts.append('kind != "concession"')
    if not variant.for_others:
        parts.append('role != "central-body"')
    perimeter = join_conditions(
        *(parse_condition(each) for each in parts),
        parse_condition(
            variant.condition, parameters, file="indicator_variants.csv", field=variant.variant
        ),
        parse_condition(
            indicator.perimeter, parameters, file="indicators.csv", field=indicator.indicator
        ),
    )
    counts = parse_condition(
        indicator.counts, parameters, file="indicators.csv", field=indicator.indicator
    )
    unit = (indicator.counted or "contract") if variant.unit == "own" else variant.unit
    if unit in UNITS_OF_AWARDS or not (perimeter.names | counts.names).isdisjoint(AWARD_FACTS):
        perimeter = join_conditions(perimeter, parse_condition(HOLDS))
    constants = dict(join_conditions(perimeter, counts).constants)
    if all(day in constants for day in DAYS):
        # One scale of days, on which a launch and a notification can be compared.
        both = constants[DAYS[0]] | constants[DAYS[1]]
        constants |= dict.fromkeys(DAYS, both)
    return Question(
        perimeter=perimeter,
        counts=counts,
        cells={name: make_cells(name, constants[name]) for name in sorted(constants)},
        unit=unit,
        modified=variant.amount == "modified",
    )


def _year(variant: Variant, year: int, as_of: datetime.date | None) -> Iterator[str]:
    """Yield the conditions that put a contract in a year, as of a day."""
    fact = "notified" if variant.year_of == "notification" else "launched"
    yield f'{fact} >= "{year:04}-01-01"'
    yield f'{fact} <= "{year:04}-12-31"'
    if as_of is not None and (fact == "launched" or as_of < datetime.date(year, 12, 31)):
        yield f'notified <= "{as_of.isoformat()}"'


def find_patterns(question: Question, facts: Facts) -> Patterns:
    """Return the patterns of contracts, or of awards where the question is about awards."""
    masks = _contract_masks(question, facts)
    if question.of_awards:
        masks = {name: each[facts.awards.contract] for name, each in masks.items()}
        for name in question.cells:
            if name in AWARD_FACTS:
                masks[name] = facts.masks(question.cells[name])
    count = len(facts.awards.contract) if question.of_awards else len(facts.contracts)
    codes = np.zeros(count, dtype=np.int64)
    for each in masks.values():
        different, ranks = np.unique(each, return_inverse=True)
        codes = codes * len(different) + ranks
        _, codes = np.unique(codes, return_inverse=True)
    _, first, rows = np.unique(codes, return_index=True, return_inverse=True)
    ordered = masks.pop(ORDERED, None)
    return Patterns(
        rows=rows,
        found=[
            Pattern(
                question,
                {name: int(each[row]) for name, each in masks.items()},
                ordered is not None and bool(ordered[row]),
            )
            for row in first.tolist()
        ],
    )


ORDERED = "launched before notified"
"""Column of masks that says whether the order of two days still bears on what is unknown."""


def _contract_masks(question: Question, facts: Facts) -> dict[str, NDArray[np.int64]]:
    """Return what each fact of each contract may be."""
    masks = {}
    for name, cells in question.cells.items():
        if name in AWARD_FACTS:
            continue
        masks[name] = facts.masks(cells, modified=name == "amount" and question.modified)
    launched, notified = (facts.columns[name] for name in DAYS)
    free_launch, free_notice = (_is_free(each) for each in (launched, notified))
    if DAYS[0] in masks:
        latest = _extreme(notified, max)
        _limit(masks[DAYS[0]], question.cells[DAYS[0]], free_launch, latest, below=True)
    if DAYS[1] in masks:
        earliest = _extreme(launched, min)
        _limit(masks[DAYS[1]], question.cells[DAYS[1]], free_notice, earliest, below=False)
    if all(day in masks for day in DAYS):
        masks[ORDERED] = (free_launch | free_notice).astype(np.int64)
    return masks


def _is_free(column: Column) -> NDArray[np.bool_]:
    """Return the rows of which nothing is stated."""
    free = ~column.is_known
    free[list(column.several)] = False
    return free


def _extreme(column: Column, choose: Any) -> NDArray[np.float64]:
    """Return the latest or earliest of the days stated; not a number where none is."""
    days = column.known.astype(float).copy()
    for row, values in column.several.items():
        days[row] = choose(values)
    return days


def _limit(
    masks: NDArray[np.int64],
    cells: Cells,
    free: NDArray[np.bool_],
    other: NDArray[np.float64],
    *,
    below: bool,
) -> None:
    """Take from days of which nothing is stated those the other day makes impossible."""
    rows = np.flatnonzero(free & ~np.isnan(other))
    if not len(rows):
        return
    ranks = cells.ranks(other[rows])
    one = np.int64(1)
    allowed = (one << (ranks + 1)) - 1 if below else ~((one << ranks) - 1)
    # The cell of a stated day holds at least that day.
    masks[rows] = (masks[rows] & allowed) | (one << ranks)


def field_of(fact: str) -> str:
    """Return the field of the register that states a fact."""
    return FIELDS.get(fact, fact)
