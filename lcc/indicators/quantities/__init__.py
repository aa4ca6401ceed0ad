"""Quantities: what an indicator measures beside contracts, each a method its definition names.

A method takes the definition, the inputs and the year, and gives rows of values and of members.
Where the table it needs is not given, nothing is known: the row says so, and is never zero.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from typing import Any

from lcc.indicators.bounds import Outcome, bound_share
from lcc.indicators.definitions import Indicator
from lcc.indicators.expression import parse_condition
from lcc.indicators.inputs import IndicatorInputs
from lcc.indicators.quantities.agec import agec_members, agec_states
from lcc.indicators.quantities.euros import FirmFacts, share_of_euros
from lcc.indicators.quantities.facts import ask_firm
from lcc.indicators.quantities.hours import (
    count_hour_contracts,
    fte_of_hours,
    hour_members,
    hours_growth,
    sum_hours,
    women_share,
)
from lcc.indicators.quantities.programme import share_appraised
from lcc.indicators.quantities.rows import Row, value_row
from lcc.indicators.quantities.scheme import action_progress, count_sessions
from lcc.indicators.quantities.sums import Limits
from lcc.tables import load_reference

__all__ = ["METHODS"]

Method = Callable[[Indicator, IndicatorInputs, int], tuple[list[Row], list[Row]]]

NOTHING = Limits(None, None, None, 0, 0)
REACHABLE = {
    "counts": frozenset({Outcome.IN_YES}),
    "does-not": frozenset({Outcome.IN_NO}),
    "unknown": frozenset({Outcome.IN_YES, Outcome.IN_NO}),
    "perimeter": frozenset({Outcome.OUT, Outcome.IN_YES, Outcome.IN_NO}),
    "outside": frozenset({Outcome.OUT}),
}
"""What a member is → the outcomes it can have."""


def _nothing(indicator: Indicator, year: int, note: str) -> tuple[list[Row], list[Row]]:
    """Return what is said where a table is not given: nothing is known."""
    return [
        value_row(indicator.indicator, each, year, indicator.unit, NOTHING, note=note)
        for each in indicator.variant_names
    ], []


def _hours(indicator: Indicator, inputs: IndicatorInputs, year: int) -> tuple[list[Row], list[Row]]:
    """Return hours of a column, or their full-time equivalents, or women's share of them."""
    if inputs.hours is None:
        return _nothing(indicator, year, "no-hours")
    values, members = [], []
    for variant in indicator.variant_names:
        column = indicator.counts or "performed_hours"
        given: dict[str, Any] = {
            "column": "planned_hours" if variant == "contracted" else column,
            "variant": variant,
            "hours_per_fte": inputs.hours_per_fte,
        }
        make = women_share if indicator.method == "women-share" else sum_hours
        limits = make(inputs.hours, inputs.book, year, **given)
        note = None if limits.stated else "no-row-of-the-year"
        note = "no-ceiling" if limits.stated and limits.high is None else note
        if indicator.method == "fte":
            limits, note = fte_of_hours(limits, inputs.hours_per_fte), note or "truncation-inferred"
        values.append(
            value_row(indicator.indicator, variant, year, indicator.unit, limits, note=note)
        )
        members += hour_members(
            inputs.hours, inputs.book, year, indicator.indicator,
            column=given["column"], variant=variant,
        )  # fmt: skip
    return values, members


def _growth(
    indicator: Indicator, inputs: IndicatorInputs, year: int
) -> tuple[list[Row], list[Row]]:
    """Return the growth of hours since the year before."""
    if inputs.hours is None:
        return _nothing(indicator, year, "no-hours")
    values = []
    for variant in indicator.variant_names:
        given: dict[str, Any] = {
            "column": indicator.counts or "performed_hours",
            "variant": variant,
            "hours_per_fte": inputs.hours_per_fte,
        }
        after, before = (
            sum_hours(inputs.hours, inputs.book, each, **given) for each in (year, year - 1)
        )
        limits = hours_growth(after, before)
        if not (after.stated and before.stated):
            limits, note = NOTHING, "no-row-of-both-years"
        else:
            note = "no-ceiling" if None in (after.high, before.high) else ""
        values.append(
            value_row(indicator.indicator, variant, year, indicator.unit, limits, note=note or None)
        )
    return values, []


def _hour_contracts(
    indicator: Indicator, inputs: IndicatorInputs, year: int
) -> tuple[list[Row], list[Row]]:
    hours = inputs.hours
    if hours is None:
        return _nothing(indicator, year, "no-hours")
    return _gather(
        indicator,
        lambda variant: count_hour_contracts(
            hours, inputs.book, year, indicator.indicator, variant=variant
        ),
    )


def _euros(indicator: Indicator, inputs: IndicatorInputs, year: int) -> tuple[list[Row], list[Row]]:
    """Return the share of euros paid to firms that fulfil the definition's condition."""
    if inputs.payments is None:
        return _nothing(indicator, year, "no-payments")
    regions = {} if inputs.region is None else {"region_of_interest": inputs.region}
    if not regions and "region_of_interest" in (indicator.counts or ""):
        return _nothing(indicator, year, "region-not-given")
    condition = parse_condition(indicator.counts, regions, field="counts")
    paid = inputs.paid_by_firm(year, indicator.variant_names)
    # The other facts are of the whole firm.
    facts = FirmFacts(inputs.firms, ask_firm(condition), of_places="region" in condition.names)
    return _gather(
        indicator,
        lambda variant: share_of_euros(
            paid[variant],
            facts,
            indicator.indicator,
            year,
            variant=variant,
            missing=" ".join(sorted(condition.names)),
        ),
    )


def _sessions(
    indicator: Indicator, inputs: IndicatorInputs, year: int
) -> tuple[list[Row], list[Row]]:
    training = inputs.training
    if training is None:
        return _nothing(indicator, year, "no-training")
    kinds = tuple((indicator.counts or "").split())
    return _gather(
        indicator,
        lambda variant: count_sessions(
            training, indicator.indicator, year, kinds=kinds, variant=variant, as_of=inputs.as_of
        ),
    )


def _progress(
    indicator: Indicator, inputs: IndicatorInputs, year: int
) -> tuple[list[Row], list[Row]]:
    if inputs.actions is None:
        return _nothing(indicator, year, "no-actions")
    return action_progress(inputs.actions, indicator.indicator, year, as_of=inputs.as_of)


def _programme(
    indicator: Indicator, inputs: IndicatorInputs, year: int
) -> tuple[list[Row], list[Row]]:
    programme = inputs.programme
    if programme is None:
        return _nothing(indicator, year, "no-programme")
    return _gather(
        indicator,
        lambda variant: share_appraised(programme, indicator.indicator, year, variant=variant),
    )


def _agec(indicator: Indicator, inputs: IndicatorInputs, year: int) -> tuple[list[Row], list[Row]]:
    """Return the share of the categories bought that meet every quota of the year."""
    if inputs.agec is None:
        return _nothing(indicator, year, "no-agec")
    quotas = load_reference("procurement_map", "agec_quotas").to_pandas()
    states = agec_states(inputs.agec, quotas, year)
    values, members = [], []
    for variant in indicator.variant_names:
        rows = agec_members(states, indicator.indicator, year, variant=variant)
        found = bound_share([REACHABLE[each["outcome"]] for each in rows])
        limits = Limits(found.known, found.low, found.high, int(found.counted), int(found.unknown))
        values.append(
            value_row(
                indicator.indicator, variant, year, indicator.unit, limits,
                not_counted=found.not_counted,
            )
        )  # fmt: skip
        members += [each for each in rows if each["outcome"] != "outside"]
    return values, members


def _gather(
    indicator: Indicator, make: Callable[[str], tuple[list[Row], list[Row]]]
) -> tuple[list[Row], list[Row]]:
    """Return the rows of all variants of an indicator."""
    values: list[Row] = []
    members: list[Row] = []
    for variant in indicator.variant_names:
        found, rows = make(variant)
        values += found
        members += rows
    return values, members


def _of_whole_years(method: Method) -> Method:
    """Return a method that says where a table of years has no day to cut it by.

    On a day before the end of the year, what its rows hold may be later than that day.
    """

    def measure(
        indicator: Indicator, inputs: IndicatorInputs, year: int
    ) -> tuple[list[Row], list[Row]]:
        values, members = method(indicator, inputs, year)
        if inputs.as_of is None or inputs.as_of >= datetime.date(year, 12, 31):
            return values, members
        return [
            row
            if row["low"] is None and row["known"] is None
            else row | {"note": " ".join(filter(None, (row["note"], "no-day-to-cut")))}
            for row in values
        ], members

    return measure


METHODS: Mapping[str, Method] = {
    "hours": _of_whole_years(_hours),
    "fte": _of_whole_years(_hours),
    "women-share": _of_whole_years(_hours),
    "hour-contracts": _of_whole_years(_hour_contracts),
    "hours-growth": _of_whole_years(_growth),
    "euros-share": _euros,
    "sessions": _sessions,
    "action-progress": _progress,
    "programme": _programme,
    "agec": _of_whole_years(_agec),
}
"""Name of a method, as `indicators.csv` writes it → the function that computes it."""
