"""The ratings of a study: what was decided, what is by default, and which row wins.

A row says something of the lines whose account begins with its account, whose function begins with
its function, and that are of its operation and its budget year where it names them. Of the rows
that fit a line, on one axis and one scale, the first of this order wins:

1. a decision before a default, even one of another scale that the correspondence brings over;
2. a row that names the operation before one that does not;
3. the longest account;
4. the longest function (the leading 90 or 93 of a budget voted by function is not counted);
5. a row that names the budget year before one that does not.

Two rows that stand equal in all five are refused, both named. A line no row fits is undefined,
which is not neutral. Defaults that rest on a function are of M57 alone: M14 numbers its own.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from lcc.budget.accounts.chart import shipped_chart
from lcc.budget.accounts.table import Accounts
from lcc.budget.ratings.scales import (
    DEFAULT_AXIS,
    DEFAULT_SCALE,
    SCALES,
    UNDEFINED,
    convert_rating,
    ratings_of,
)
from lcc.errors import FieldError, first_of
from lcc.reading.edited import EditedTable, read_edited
from lcc.tables import load_reference

__all__ = ["RatedLine", "Rating", "RatingBook", "known_codes", "read_ratings", "shipped_ratings"]

DEFAULTS_FILE = "default_ratings.csv"
FUNCTIONAL_DIGITS = 2


@dataclass(frozen=True)
class RatedLine:
    """What a rating may depend on; `function_ref` is the reference function."""

    account: str
    function: str | None = None
    function_ref: str | None = None
    operation: str | None = None
    budget_year: int | None = None
    nomenclature: str | None = None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> RatedLine:
        """Return what a row of accounts or of a crossing says."""
        return cls(
            account=row["account"] or "",
            function=row["function"],
            function_ref=row["function_ref"],
            operation=row["operation"],
            budget_year=row["budget_year"],
            nomenclature=row["nomenclature"],
        )


@dataclass(frozen=True)
class Rating:
    """One row: what it is of, what it says, who says so."""

    account: str
    function: str
    operation: str | None
    budget_year: int | None
    nomenclature: str | None
    axis: str
    scale: str
    rating: str
    origin: str
    decided_by: str | None
    decided_on: datetime.date | None
    reason: str | None
    file: str
    row: int

    def order(self, line: RatedLine) -> tuple[int, int, int, int] | None:
        """Return the place of the row in the order above, None where it does not fit a line.

        Decisions are heard before defaults by `RatingBook.rate`.
        """
        if not line.account.startswith(self.account):
            return None
        for own, its in (
            (self.operation, line.operation),
            (self.budget_year, line.budget_year),
            (self.nomenclature, line.nomenclature),
        ):
            if own is not None and own != its:
                return None
        digits = len(self.function)
        reference = line.function_ref or line.function or ""
        if digits and not reference.startswith(self.function):
            if not (line.function or "").startswith(self.function):
                return None
            digits -= FUNCTIONAL_DIGITS
        return (
            int(self.operation is not None),
            len(self.account),
            digits,
            int(self.budget_year is not None),
        )


@dataclass(frozen=True)
class RatingBook:
    """The rows of a study, and the defaults that are shipped."""

    rows: tuple[Rating, ...]

    @cached_property
    def _sorted(self) -> dict[tuple[str, str, str, bool], list[Rating]]:
        """Rows by origin, axis, scale asked for, and whether they are of that scale."""
        found: dict[tuple[str, str, str, bool], list[Rating]] = {}
        for row in self.rows:
            for scale in SCALES:
                place = (row.origin, row.axis, scale, row.scale == scale)
                found.setdefault(place, []).append(row)
        return found

    def rate(
        self, line: RatedLine, *, scale: str = DEFAULT_SCALE, axis: str = DEFAULT_AXIS
    ) -> tuple[str | None, str, Rating | None]:
        """Return the rating of a line, its origin, and the row that gives it.

        Parameters
        ----------
        line : RatedLine
        scale, axis : str
            Scale the rating is wanted on, and axis. Rows of another scale are heard where none of
            this one fits, decisions before defaults, through the correspondence; what it does not
            bring over says nothing.

        Returns
        -------
        rating : str or None
            None where the scale has no word for what nobody judged.
        origin : {"decision", "default", "none"}
        row : Rating or None

        Raises
        ------
        FieldError
            If two rows stand equal.
        """
        for origin in ("decision", "default"):
            for own in (True, False):
                found = _find_first(self._sorted.get((origin, axis, scale, own), ()), line)
                if found is not None:
                    rating = convert_rating(found.rating, found.scale, scale)
                    if rating is not None:
                        return rating, origin, found
        return (UNDEFINED if UNDEFINED in ratings_of(scale) else None), "none", None


def _find_first(rows: Iterable[Rating], line: RatedLine) -> Rating | None:
    """Return the row that wins for a line, None where none fits."""
    best: tuple[int, int, int, int] | None = None
    found: list[Rating] = []
    for row in rows:
        place = row.order(line)
        if place is None or (best is not None and place < best):
            continue
        if place == best:
            found.append(row)
        else:
            best, found = place, [row]
    if len(found) > 1:
        raise _tie(found, line.account, line.function)
    return found[0] if found else None


def _tie(found: list[Rating], account: str, function: str | None) -> FieldError:
    return FieldError(
        "two ratings stand equal for one line of the budget",
        file=found[0].file,
        rows=[each.row for each in found],
        field="rating",
        found=", ".join(f"{each.rating} (account {each.account or 'all'}, function "
                        f"{each.function or 'all'}, {each.file} row {each.row})"
                        for each in found),
        expected=f"one rating for account {account}, function {function or 'none'}",
        remedy="make one of the two more specific, or remove it",
    )  # fmt: skip


def shipped_ratings() -> RatingBook:
    """Return the ratings by default: the project's own judgement, few."""
    rows = load_reference("procurement_map", "default_ratings").to_pylist()
    return RatingBook(
        tuple(
            Rating(
                account=each["account"] or "",
                function=each["function"] or "",
                operation=None,
                budget_year=None,
                nomenclature=each["nomenclature"],
                axis=each["axis"],
                scale=each["scale"],
                rating=each["rating"],
                origin="default",
                decided_by=None,
                decided_on=None,
                reason=each["reason"],
                file=DEFAULTS_FILE,
                row=number,
            )
            for number, each in enumerate(rows, 2)
        )
    )


def read_ratings(
    path: Path | str | None,
    *,
    accounts: Collection[str],
    functions: Collection[str] = (),
    today: datetime.date | None = None,
) -> RatingBook:
    """Return the ratings of a table people edit, with those by default behind them.

    Parameters
    ----------
    path : path, optional
        CSV or XLSX, schema `rating`; None for the defaults alone.
    accounts, functions : collection of str
        Codes that exist, in the chart or in the accounts; a row must be of one of them.
    today : date, optional
        Day no decision may be later than; by default the day it is.

    Raises
    ------
    InputError
        If the table cannot be read.
    FieldError
        If a row is of an account or function that does not exist, rates outside its scale, claims a
        decision without who, when and why, or decides in the future; or if two rows say something
        of the same lines. Nothing is taken from such a table.
    """
    shipped = shipped_ratings()
    if path is None:
        return shipped
    table = read_edited(path, "rating")
    day = today or datetime.date.today()
    problems: list[FieldError] = []
    rows: list[Rating] = []
    for number, record in table:
        if record["rating"] is None:
            continue
        row = _read_row(record, table.file, number)
        problems += _judge_row(row, table, accounts, functions, day)
        rows.append(row)
    if problems:
        raise first_of(problems)
    return RatingBook((*rows, *_not_repeated(shipped.rows, rows)))


def known_codes(
    accounts: Accounts | None, stated: Iterable[Mapping[str, str | None]] = ()
) -> dict[str, set[str]]:
    """Return the accounts and functions that exist, as `read_ratings` takes them.

    Those of the accounts and their charts, of what the lines state, and of M57.
    """
    codes, functions = set(), set()
    for each in stated:
        codes.add(each["account"])
        functions.add(each["function"])
    charts = [shipped_chart()]
    if accounts is not None:
        charts += [each for each in accounts.charts.values() if each]
        codes |= set(accounts.lines["account"].to_pylist())
        for name in ("function", "function_ref"):
            functions |= set(accounts.lines[name].to_pylist())
    for chart in charts:
        codes |= set(chart.accounts)
        functions |= set(chart.functions)
    return {
        "accounts": {each for each in codes if each},
        "functions": {each for each in functions if each},
    }


def _read_row(record: Mapping[str, Any], file: str, number: int) -> Rating:
    return Rating(
        account=record["account"] or "",
        function=record["function"] or "",
        operation=record["operation"],
        budget_year=record["budget_year"],
        nomenclature=None,
        axis=record["axis"] or DEFAULT_AXIS,
        scale=record["scale"] or DEFAULT_SCALE,
        rating=record["rating"],
        origin=record["origin"] or "decision",
        decided_by=record["decided_by"],
        decided_on=record["decided_on"],
        reason=record["reason"],
        file=file,
        row=number,
    )


def _judge_row(
    row: Rating,
    table: EditedTable,
    accounts: Collection[str],
    functions: Collection[str],
    today: datetime.date,
) -> list[FieldError]:
    """Return what is wrong with a row."""
    problems = []
    for field, prefix, known in (
        ("account", row.account, accounts),
        ("function", row.function, functions),
    ):
        if prefix and not any(each.startswith(prefix) for each in known):
            problems.append(
                table.error(
                    f"a rating is of {'an' if field == 'account' else 'a'} {field} that does not "
                    "exist",
                    row.row,
                    field,
                    found=prefix,
                    expected="a code of the chart of accounts or of the accounts, or its first "
                    "digits",
                    remedy="correct the code; a spreadsheet may have dropped a leading zero",
                )
            )
    if row.rating not in ratings_of(row.scale):
        problems.append(
            table.error(
                "a rating is outside its scale",
                row.row,
                "rating",
                found=row.rating,
                expected=f"{', '.join(ratings_of(row.scale))} (scale {row.scale})",
            )
        )
    if row.origin != "decision":
        if row.decided_by is not None or row.decided_on is not None:
            problems.append(
                table.error(
                    "a row filed as by default says who decided it, or when",
                    row.row,
                    "origin",
                    found="Par défaut",
                    expected="Décision, where somebody decided",
                    remedy="write Décision under Origine, or clear Décidé par and Décidé le",
                )
            )
        return problems
    missing = [
        name
        for name, value in (
            ("decided_by", row.decided_by),
            ("decided_on", row.decided_on),
            ("reason", row.reason),
        )
        if value is None
    ]
    if missing:
        problems.append(
            table.error(
                "a decision does not say who decided, when and why",
                row.row,
                missing[0],
                found=f"nothing in {', '.join(missing)}",
                expected="decided_by, decided_on, reason",
                remedy="fill them in, or mark the row as by default",
            )
        )
    if row.decided_on is not None and row.decided_on > today:
        problems.append(
            table.error(
                "a rating was decided in the future",
                row.row,
                "decided_on",
                found=row.decided_on.isoformat(),
                expected=f"{today.isoformat()} at the latest",
            )
        )
    return problems


def _not_repeated(shipped: Iterable[Rating], rows: Iterable[Rating]) -> list[Rating]:
    """Return the shipped defaults that the table does not itself give by default.

    The template hands the defaults out: a row left as it was is the same row, not a tie.
    """
    given = {
        (each.account, each.function, each.axis, each.scale)
        for each in rows
        if each.origin == "default" and each.operation is None and each.budget_year is None
    }
    return [
        each
        for each in shipped
        if (each.account, each.function, each.axis, each.scale) not in given
    ]
