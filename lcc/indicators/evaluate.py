"""Values of the indicators of one year, with what each contract is to each of them."""

from __future__ import annotations

import datetime
import importlib
import importlib.util
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from lcc.errors import FieldError
from lcc.indicators.definitions import (
    Indicator,
    Target,
    load_indicators,
    load_targets,
    load_variants,
    targets_of,
)
from lcc.indicators.facts import gather_facts
from lcc.indicators.inputs import IndicatorInputs
from lcc.indicators.measure import Members, list_members, measure_contracts
from lcc.indicators.targets import judge_value, write_value
from lcc.register.register import empty_table
from lcc.tables import schema

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Indicators", "Method", "evaluate_indicators", "load_methods"]

Rows = list[dict[str, Any]]
Method = Callable[[Indicator, IndicatorInputs, int], tuple[Rows, Rows]]
"""A quantity: (definition, inputs, year) → rows of values and of members.

A row of values needs `variant`, `unit`, `known`, `low`, `high` and what else its schema
(`indicator_value`) has to say; targets, gaps, state and writing are added here.
"""

QUANTITIES = "lcc.indicators.quantities"


@dataclass(frozen=True)
class Indicators:
    """Values of the indicators of one year.

    Attributes
    ----------
    values : pandas.DataFrame
        Schema `indicator_value`: one row per indicator and variant.
    members : pandas.DataFrame
        Schema `indicator_member`: what each contract (or firm, line …) is to each; those outside
        are in number only, in `values`.
    """

    values: pd.DataFrame
    members: pd.DataFrame


def load_methods() -> Mapping[str, Method]:
    """Return the quantities by name of method."""
    if importlib.util.find_spec(QUANTITIES) is None:
        return {}
    found: Mapping[str, Method] = importlib.import_module(QUANTITIES).METHODS
    return found


def evaluate_indicators(
    inputs: IndicatorInputs,
    year: int,
    *,
    as_of: datetime.date | None = None,
    variants: Sequence[str] | None = None,
    indicators: Mapping[str, Indicator] | None = None,
    targets: Sequence[Target] | None = None,
) -> Indicators:
    """Return every indicator of a year: known, at least, at most, and who makes it so.

    Parameters
    ----------
    inputs : IndicatorInputs
        Register, firms and what else there is.
    year : int
        Year of the account.
    as_of : datetime.date, optional
        Day of the account: what is dated later does not count (see `IndicatorInputs.as_of`, which
        holds where this is left out).
    variants : sequence of str, optional
        Ways of counting wanted; those each definition names when left out.
    indicators : optional
        Definitions; the project's table when left out.
    targets : optional
        Targets; those of the inputs when left out, else the scheme's.

    Raises
    ------
    FieldError
        If a definition names a method that does not exist.
    """
    definitions = load_indicators() if indicators is None else indicators
    goals = targets if targets is not None else inputs.targets
    goals = load_targets() if goals is None else goals
    methods = load_methods()
    values: Rows = []
    members: list[pd.DataFrame] = []
    pieces: list[Members] = []
    day = inputs.as_of if as_of is None else as_of
    # What was looked up once (contracts, payments joined) does not depend on the day.
    inputs = inputs.read_on(day)
    facts = gather_facts(inputs, day)
    for indicator in definitions.values():
        if indicator.from_contracts:
            for name in indicator.variant_names:
                if variants is None or name in variants:
                    row, rows = measure_contracts(
                        indicator, load_variants()[name], facts, year, day, inputs.region
                    )
                    values.append(_finish(row, indicator, goals))
                    pieces += [] if rows is None else [rows]
            continue
        if indicator.method not in methods:
            raise FieldError(
                "an indicator names a method that does not exist",
                file="indicators.csv",
                field=f"{indicator.indicator}.method",
                found=indicator.method,
                expected=", ".join(("share", "count", *methods)),
            )
        found, listed = methods[indicator.method](_narrow(indicator, variants), inputs, year)
        names = set(variants or (each["variant"] for each in found))
        values += [
            _finish({"indicator": indicator.indicator, "year": year, **each}, indicator, goals)
            for each in found
            if each["variant"] in names
        ]
        members.append(
            _frame(
                "indicator_member",
                [
                    {"indicator": indicator.indicator, "year": year, **each}
                    for each in listed
                    if each["variant"] in names
                ],
            )
        )
    of_contracts = list_members(pieces, facts, year)
    return Indicators(_frame("indicator_value", values), _join([of_contracts, *members]))


def _narrow(indicator: Indicator, variants: Sequence[str] | None) -> Indicator:
    """Return a definition with the ways of counting wanted: the others would be thrown away."""
    if variants is None:
        return indicator
    kept = [each for each in indicator.variant_names if each in variants]
    return replace(indicator, variants=" ".join(kept))


def _finish(row: dict[str, Any], indicator: Indicator, targets: Sequence[Target]) -> dict[str, Any]:
    """Return a row of values with target, gaps, state and writing."""
    year, variant, unit = row["year"], row["variant"], row["unit"]
    judged = judge_value(row, targets_of(targets, indicator.indicator, variant, year))
    if judged.get("written") is None:
        least, most = (write_value(row.get(name), indicator, unit) for name in ("low", "high"))
        judged["written"] = least if least == most else None
    return judged


def _frame(schema_name: str, rows: Rows) -> pd.DataFrame:
    """Return rows as a frame of a schema."""
    import pyarrow as pa

    table = pa.Table.from_pylist(rows, schema=schema(schema_name).arrow())
    frame: pd.DataFrame = table.to_pandas()
    return frame


def _join(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the members of all indicators."""
    import pandas as pd

    filled = [each for each in frames if len(each)]
    return pd.concat(filled, ignore_index=True) if filled else empty_table("indicator_member")
