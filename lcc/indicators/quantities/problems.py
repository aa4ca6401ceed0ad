"""What cannot be true in the tables beside the register: listed with its source, never changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from lcc.indicators.inputs import HOURS_PER_FTE
from lcc.indicators.quantities.ledger import (
    MONTHS_PER_YEAR,
    HourEntry,
    ledger_entries,
)
from lcc.indicators.quantities.rows import get, number
from lcc.register.problems import problem_row
from lcc.tables import schema

if TYPE_CHECKING:
    import pandas as pd

    from lcc.indicators.book import ContractBook

__all__ = ["check_actions", "check_agec", "check_hours", "gather_problems"]

Problem = dict[str, Any]
COLUMNS = ("planned_hours", "performed_hours")


def check_hours(
    hours: pd.DataFrame, book: ContractBook, *, hours_per_fte: float = HOURS_PER_FTE
) -> pd.DataFrame:
    """Return what is wrong in a ledger of insertion hours (schema `register_problem`).

    Codes: `hours-negative`; `hours-disagree` (rows of one contract, year and sex that differ, in
    one file or two); `hours-stated-twice` (the same figures twice in one file);
    `hours-above-limit`, where the hours of a year exceed min(12, months) / 12 × staff × hours of a
    full-time year, or those of all years months / 12 × staff × hours (staff as the ledger states
    it; the longest duration the register states); `hours-unknown-contract`;
    `hours-before-notification`. The rows stay as they are, and in the sums.

    Parameters
    ----------
    hours : pandas.DataFrame
        Schema `insertion_hours`.
    book : ContractBook
        Contracts, durations, dates of notification.
    hours_per_fte : float
        Hours of a full-time year.
    """
    return _table(_hour_problems(hours, book, hours_per_fte))


def _hour_problems(
    hours: pd.DataFrame, book: ContractBook, hours_per_fte: float
) -> Iterator[Problem]:
    entries = ledger_entries(hours)
    grouped: dict[tuple[str | None, str], list[HourEntry]] = {}
    for entry in entries:
        yield from _entry_problems(entry)
        grouped.setdefault((entry.buyer_id, entry.contract), []).append(entry)
    for (buyer_id, contract), group in grouped.items():
        rows = book.find(buyer_id, contract)
        if not rows:
            yield _problem(
                "hours-unknown-contract", group[0].rows[0], "contract", found=contract,
                expected="un marché du registre",
            )  # fmt: skip
            continue
        yield from _limit_problems(group, book.longest(rows), hours_per_fte)
        yield from _early_problems(group, rows)


def _entry_problems(entry: HourEntry) -> Iterator[Problem]:
    """Yield negative figures, and rows of one key that say the same thing or another."""
    for row in entry.rows:
        for column in (*COLUMNS, "staff"):
            value = number(row, column)
            if value is not None and value < 0:
                yield _problem(
                    "hours-negative", row, column, found=value, expected="zéro ou plus",
                )  # fmt: skip
    for rank, other in enumerate(entry.rows[1:], 1):
        before = entry.rows[:rank]
        differing = [
            (column, first)
            for column in COLUMNS
            if (first := _first_stating(before, column)) is not None
            and number(other, column) not in (None, number(first, column))
        ]
        for column, first in differing:
            yield _problem(
                "hours-disagree", first, column, found=number(first, column),
                other=other, other_found=number(other, column),
                expected="un chiffre par marché, exercice et sexe",
            )  # fmt: skip
        # Two files that agree, or of which one states what the other leaves empty, are no problem.
        if not differing and get(before[0], "source_file") == get(other, "source_file"):
            yield _problem(
                "hours-stated-twice", before[0], "contract", found=entry.contract,
                other=other, other_found=entry.contract,
                expected="une ligne par marché, exercice et sexe",
            )  # fmt: skip


def _first_stating(rows: Sequence[Problem], column: str) -> Problem | None:
    return next((row for row in rows if number(row, column) is not None), None)


def _limit_problems(
    group: list[HourEntry], months: float | None, hours_per_fte: float
) -> Iterator[Problem]:
    """Yield hours that the staff of the contract cannot have performed in its length.

    The staff is that of the year; all years are compared where each states its own.
    """
    years = sorted({int(each.rows[0]["year"]) for each in group})
    length = MONTHS_PER_YEAR if months is None else min(MONTHS_PER_YEAR, months)
    spans: list[tuple[str, list[HourEntry], float]] = [
        (str(year), [each for each in group if each.rows[0]["year"] == year], length)
        for year in years
    ]
    staffed = [any(each.staff is not None for each in entries) for _, entries, _ in spans]
    if months is not None and len(years) > 1 and all(staffed):
        spans.append((f"{years[0]}-{years[-1]}", group, months))
    for span, entries, span_months in spans:
        staff = max((each.staff for each in entries if each.staff is not None), default=None)
        if staff is None or staff < 0:
            continue
        limit = span_months / MONTHS_PER_YEAR * staff * hours_per_fte
        for column in COLUMNS:
            total = sum(max(each.stated(column), default=0.0) for each in entries)
            if total > limit:
                yield _problem(
                    "hours-above-limit", entries[0].rows[0], column,
                    found=f"{_plain(total)} h ({span})",
                    expected=f"at most {_plain(limit)} h: {_plain(span_months)} months × "
                    f"{_plain(staff)} people × {_plain(hours_per_fte)} h a year",
                )  # fmt: skip


def _early_problems(group: list[HourEntry], rows: list[dict[str, Any]]) -> Iterator[Problem]:
    """Yield hours performed in a year before that of the notification."""
    days = [day for each in rows if (day := get(each, "notification_date")) is not None]
    if len(days) < len(rows):
        return
    first_day = min(days)
    for entry in group:
        year = int(entry.rows[0]["year"])
        if year < first_day.year and max(entry.performed, default=0.0) > 0:
            yield _problem(
                "hours-before-notification", entry.rows[0], "performed_hours",
                found=f"{_plain(max(entry.performed))} h ({year})",
                expected=f"{first_day.year} or later: notified on {first_day.isoformat()}",
            )  # fmt: skip


def check_agec(purchases: pd.DataFrame, categories: Iterable[str] = ()) -> pd.DataFrame:
    """Return what is wrong in purchases per AGEC category (schema `register_problem`).

    Codes: `agec-negative`; `agec-part-above-spend`; `agec-parts-above-spend` (reused and recycled
    together); `agec-disagree` (two rows of one year and category); `agec-unknown-category`.

    Parameters
    ----------
    purchases : pandas.DataFrame
        Schema `agec_purchase`.
    categories : iterable of str
        Categories that the quotas name; empty: any is taken.
    """
    return _table(_agec_problems(purchases, set(categories)))


def _agec_problems(purchases: pd.DataFrame, categories: set[str]) -> Iterator[Problem]:
    parts = ("reused_eur", "recycled_eur")
    first: dict[tuple[int, str], dict[str, Any]] = {}
    for row in purchases.to_dict("records"):
        category, spend = str(row["category"]), number(row, "spend_eur")
        stated = {name: value for name in parts if (value := number(row, name)) is not None}
        for name, value in {"spend_eur": spend, **stated}.items():
            if value is not None and value < 0:
                yield _problem("agec-negative", row, name, found=value,
                               expected="zéro ou plus")  # fmt: skip
        if spend is not None and spend >= 0:
            over = [name for name, value in stated.items() if value > spend]
            for name in over:
                yield _problem("agec-part-above-spend", row, name, found=stated[name],
                               expected=f"at most the spending, {_plain(spend)}")  # fmt: skip
            if not over and sum(stated.values()) > spend:
                yield _problem("agec-parts-above-spend", row, "reused_eur, recycled_eur",
                               found=" + ".join(_plain(each) for each in stated.values()),
                               expected=f"at most the spending, {_plain(spend)}")  # fmt: skip
        if categories and category not in categories:
            yield _problem("agec-unknown-category", row, "category", found=category,
                           expected="une catégorie de la table agec_quotas")  # fmt: skip
        before = first.setdefault((int(row["year"]), category), row)
        names = ("spend_eur", *parts)
        if before is not row:
            name = next((n for n in names if number(before, n) != number(row, n)), "category")
            yield _problem("agec-disagree", before, name,
                           found=get(before, name), other=row, other_found=get(row, name),
                           expected="une ligne par exercice et catégorie")  # fmt: skip


def check_actions(actions: pd.DataFrame) -> pd.DataFrame:
    """Return what is wrong in the actions of a scheme (schema `register_problem`).

    Codes: `action-share-outside` (a progress below 0 or above 1); `actions-disagree` (two rows of
    one action and day that differ); `action-done-below-one` (an action said done whose progress
    is below 1).
    """
    return _table(_action_problems(actions))


def _action_problems(actions: pd.DataFrame) -> Iterator[Problem]:
    first: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in actions.to_dict("records"):
        share = number(row, "progress")
        if share is not None and not 0 <= share <= 1:
            yield _problem("action-share-outside", row, "progress", found=share,
                           expected="de 0 à 1 (0 % à 100 %)")  # fmt: skip
        if get(row, "state") == "done" and share is not None and share < 1:
            yield _problem("action-done-below-one", row, "progress", found=share,
                           other=row, other_found="done",
                           expected="1, ou un autre état")  # fmt: skip
        before = first.setdefault((str(row["code"]), get(row, "as_of")), row)
        if before is not row and number(before, "progress") != share:
            yield _problem("actions-disagree", before, "progress",
                           found=get(before, "progress"), other=row, other_found=share,
                           expected="une ligne par action et par jour")  # fmt: skip


def gather_problems(*tables: pd.DataFrame) -> pd.DataFrame:
    """Return several tables of problems as one."""
    import pandas as pd

    held = [each for each in tables if len(each)]
    return pd.concat(held, ignore_index=True) if held else _table(())


def _problem(
    code: str,
    row: dict[str, Any],
    field: str,
    *,
    found: object,
    other: dict[str, Any] | None = None,
    other_found: object = None,
    expected: str | None = None,
) -> Problem:
    named = get(row, "contract") or get(row, "category") or get(row, "code")
    return problem_row(
        code,
        key=(get(row, "buyer_id"), named),
        field=field,
        found=_told(found),
        source=_source(row),
        other_found=None if other is None else _told(other_found),
        other=(None, None) if other is None else _source(other),
        expected=expected,
    )


def _source(row: dict[str, Any]) -> tuple[str | None, int | None]:
    rank = number(row, "source_row")
    return get(row, "source_file"), None if rank is None else int(rank)


def _told(value: object) -> object:
    return _plain(value) if isinstance(value, float) else value


def _plain(value: float) -> str:
    """Return a figure as plain text, whole numbers without decimals."""
    return f"{value:.10g}"


def _table(problems: Iterable[Problem]) -> pd.DataFrame:
    import pyarrow as pa

    frame: pd.DataFrame = pa.Table.from_pylist(
        list(problems), schema=schema("register_problem").arrow()
    ).to_pandas()
    return frame
