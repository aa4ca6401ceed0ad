"""Rows of the tables of values and members, as every quantity gives them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from lcc.indicators.quantities.sums import Limits
from lcc.tables import schema

__all__ = ["Row", "get", "is_missing", "member_row", "number", "value_row"]

Row = dict[str, Any]


def value_row(
    indicator: str,
    variant: str,
    year: int,
    unit: str,
    limits: Limits,
    *,
    counted: float | None = None,
    not_counted: float | None = None,
    note: str | None = None,
) -> Row:
    """Return one row of schema `indicator_value`; targets are set by who gathers the rows."""
    row: Row = dict.fromkeys(schema("indicator_value").names)
    row.update(
        indicator=indicator,
        variant=variant,
        year=year,
        unit=unit,
        known=limits.known,
        low=limits.low,
        high=limits.high,
        counted=limits.stated if counted is None else counted,
        not_counted=not_counted,
        unknown=limits.unknown,
        state="no-target",
        note=note,
    )
    return row


def member_row(
    indicator: str,
    variant: str,
    year: int,
    member: str,
    outcome: str,
    **facts: Any,
) -> Row:
    """Return one row of schema `indicator_member`."""
    row: Row = dict.fromkeys(schema("indicator_member").names)
    row.update(
        indicator=indicator,
        variant=variant,
        year=year,
        member=member,
        outcome=outcome,
        weight=1.0,
    )
    row.update({name: value for name, value in facts.items() if not is_missing(value)})
    return row


def is_missing(value: object) -> bool:
    """Tell whether a cell of a frame is empty: None, NaN, NaT, NA."""
    if isinstance(value, float):
        return math.isnan(value)
    return value is None or type(value).__name__ in ("NAType", "NaTType")


def get(record: Mapping[str, Any], name: str) -> Any:
    """Return a cell of a record, None where it is empty or there is no such column."""
    value = record.get(name)
    return None if is_missing(value) else value


def number(record: Mapping[str, Any], name: str) -> float | None:
    """Return a number of a record, None where it is empty."""
    value = get(record, name)
    return None if value is None else float(value)
