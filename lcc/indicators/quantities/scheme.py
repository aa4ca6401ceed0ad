"""How far the scheme itself has come: sessions held, progress of its actions."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from lcc.indicators.quantities.rows import Row, get, member_row, number, value_row
from lcc.indicators.quantities.sums import Limits, bound_mean

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["action_progress", "count_sessions", "last_statements"]

SESSIONS = ("training", "information")
SOCIAL = "social-clauses"


def count_sessions(
    sessions: pd.DataFrame,
    indicator: str,
    year: int,
    *,
    kinds: tuple[str, ...] = SESSIONS,
    variant: str = "published",
    as_of: datetime.date | None = None,
) -> tuple[list[Row], list[Row]]:
    """Return how many sessions were held in a year, and which.

    Parameters
    ----------
    sessions : pandas.DataFrame
        Schema `training_session`.
    indicator, year
        Of the rows made.
    kinds : tuple of str
        Kinds that count: training and information, or actions.
    variant : {"published", "all-themes"}
        `published` counts those on social clauses, as the definition says.
    as_of : date, optional
        Sessions dated later are left out.
    """
    members = []
    for row in sessions.to_dict("records"):
        tests = {
            "date": None
            if (day := get(row, "date")) is None
            else day.year == year and (as_of is None or day <= as_of),
            "kind": None if (kind := get(row, "kind")) is None else kind in kinds,
        }
        if variant == "published":
            theme = get(row, "theme")
            tests["theme"] = None if theme is None else theme == SOCIAL
        if False in tests.values():
            continue
        missing = [name for name, holds in tests.items() if holds is None]
        members.append(
            member_row(
                indicator,
                variant,
                year,
                str(row["label"]),
                "unknown" if missing else "counts",
                label=row["label"],
                missing=" ".join(missing) or None,
                source_file=get(row, "source_file"),
                source_row=get(row, "source_row"),
            )
        )
    unsure = sum(each["outcome"] == "unknown" for each in members)
    sure = len(members) - unsure
    limits = Limits(float(sure), float(sure), float(sure + unsure), sure, unsure)
    return [value_row(indicator, variant, year, "sessions", limits)], members


def last_statements(actions: pd.DataFrame, day: datetime.date) -> list[list[dict[str, Any]]]:
    """Return for each action the rows of its latest statement that is not after a day.

    More than one where rows of one day differ. A row without a date is older than any other; an
    action stated only after the day has a row without progress, since it was not known then.
    """
    found: dict[str, list[dict[str, Any]]] = {}
    for row in actions.to_dict("records"):
        code, stated = str(row["code"]), get(row, "as_of")
        before = found.setdefault(code, [])
        if stated is not None and stated > day:
            continue
        last = get(before[0], "as_of") if before else None
        if before and _rank(stated) < _rank(last):
            continue
        if before and _rank(stated) > _rank(last):
            before.clear()
        before.append(row)
    late = {str(row["code"]): row for row in actions.to_dict("records")}
    return [
        rows or [late[code] | {"progress": None, "as_of": None}] for code, rows in found.items()
    ]


def _rank(day: datetime.date | None) -> datetime.date:
    return datetime.date.min if day is None else day


def action_progress(
    actions: pd.DataFrame, indicator: str, year: int, *, as_of: datetime.date | None = None
) -> tuple[list[Row], list[Row]]:
    """Return the mean progress of the actions of a scheme at the end of a year, 0 to 1.

    mean = Σ progress / number of actions. Progress that is not stated, on which rows disagree, or
    that is not a share lies between 0 and 1. The scheme published 59 % for its 28 actions at the
    end of 2022, without saying how: the plain mean is this project's reading.

    Parameters
    ----------
    actions : pandas.DataFrame
        Schema `action`.
    indicator, year
        Of the rows made.
    as_of : date, optional
        Day of the statement, the end of the year where it is not given.
    """
    day = min(as_of or datetime.date.max, datetime.date(year, 12, 31))
    shares, members = [], []
    for rows in last_statements(actions, day):
        stated = {number(row, "progress") for row in rows}
        share = next(iter(stated)) if len(stated) == 1 else None
        if share is not None and not 0 <= share <= 1:
            share = None
        shares.append(share)
        first = rows[0]
        members.append(
            member_row(
                indicator,
                "published",
                year,
                str(first["code"]),
                "unknown" if share is None else "counts",
                label=get(first, "label"),
                weight=share,
                missing="progress" if share is None else None,
                source_file=get(first, "source_file"),
                source_row=get(first, "source_row"),
            )
        )
    return [value_row(indicator, "published", year, "share", bound_mean(shares))], members
