"""Tables of the site: what is shown in each cell, and the value that a machine sorts by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from lcc.report import format as fmt
from lcc.report.blocks import Table
from lcc.report.columns import Column, describe_column

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Bar", "Cell", "Heading", "SiteTable", "make_table", "rank_rows"]

UNSORTED: Final = ("interval",)
"""Columns that repeat another in other words."""


@dataclass(frozen=True)
class Bar:
    """A bar below a figure, in hundredths of the widest: its end, and its interval if it has one.

    Parameters
    ----------
    width, low, high : str
        Ready to be written as SVG lengths; `low` is empty where there is no interval.
    """

    width: str
    low: str = ""
    span: str = ""


@dataclass(frozen=True)
class Cell:
    """A cell: its text, the value it sorts by, its form."""

    text: str
    value: str
    numeric: bool
    bar: Bar | None = None


@dataclass(frozen=True)
class Heading:
    """The head of a column: `sort` is `number`, `text`, or empty where it sorts by nothing."""

    text: str
    numeric: bool
    sort: str
    order: str = ""


@dataclass(frozen=True)
class SiteTable:
    """A table of the site, ready for its template."""

    headings: list[Heading]
    rows: list[dict[str, Any]] = field(default_factory=list)


def rank_rows(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a table in the order of the site: by falling tonnes, then by `group`."""
    return table.sort_values(["emissions_tco2e", "group"], ascending=[False, True])


def make_table(
    frame: pd.DataFrame,
    columns: Sequence[str],
    hrefs: Mapping[str, str],
    *,
    language: str,
    headings: Mapping[str, str] | None = None,
    sorted_by: str = "",
    bars: str = "",
    whiskers: bool = False,
) -> SiteTable:
    """Return a table whose first column leads to the reports.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per report, in the order shown; `group` is the key of its report.
    columns : sequence of str
        Columns shown; the first heads its row.
    hrefs : mapping of str to str
        Address of each report, by key.
    language : {"fr", "en"}
    headings : mapping of str to str, optional
        Headings, in the language, that replace those of the registry.
    sorted_by : str
        Column whose figures fall from row to row.
    bars : str
        Column of tonnes drawn as bars: below the name, or below the figure where it has whiskers.
    whiskers : bool
        True to draw the 95 % interval on the bars.
    """
    records = Table(frame, columns, "", language=language).rows()
    sample = records[0] if records else {}
    form = {name: describe_column(name, language, sample.get(name)) for name in columns}
    said = headings or {}
    top = max((_number(row.get("high_tco2e")) for row in records), default=0.0) or 1.0
    barred = bars if whiskers else columns[0]
    rows = []
    for row in records:
        bar = _bar(row, bars, top, whiskers) if bars else None
        rows.append(
            {
                "href": hrefs.get(str(row["group"]), ""),
                "cells": [
                    _cell(row, name, form[name], language, bar if name == barred else None)
                    for name in columns
                ],
            }
        )
    return SiteTable(
        [
            Heading(
                said.get(name) or form[name].heading(language),
                form[name].numeric,
                "" if name in UNSORTED else "number" if form[name].numeric else "text",
                "descending" if name == sorted_by else "",
            )
            for name in columns
        ],
        rows,
    )


def _cell(row: Mapping[str, Any], name: str, form: Column, language: str, bar: Bar | None) -> Cell:
    value = row.get(name)
    plain = "" if fmt.is_missing(value) else f"{value:.9g}" if _is_number(value) else str(value)
    return Cell(form.write(row, name, language), plain, form.numeric, bar)


def _bar(row: Mapping[str, Any], name: str, top: float, whiskers: bool) -> Bar | None:
    mass = row.get(name)
    if fmt.is_missing(mass):
        return None
    width = _share(mass, top)
    low, high = row.get("low_tco2e"), row.get("high_tco2e")
    if not whiskers or fmt.is_missing(low) or fmt.is_missing(high):
        return Bar(f"{width:.1f}")
    start, end = _share(low, top), _share(high, top)
    return Bar(f"{width:.1f}", f"{start:.1f}", f"{end - start:.1f}")


def _share(mass_tco2e: Any, top_tco2e: float) -> float:
    return min(100.0, max(0.0, 100 * float(mass_tco2e) / top_tco2e))


def _number(value: Any) -> float:
    return 0.0 if fmt.is_missing(value) else float(value)


def _is_number(value: object) -> bool:
    return hasattr(value, "__float__") and not isinstance(value, bool | str)
