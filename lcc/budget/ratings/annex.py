"""The green annex of the budget: accounts concerned, by rating and axis, for a year's own list.

Art. 191 of the finance law for 2024. The list of accounts and the axes counted are dated rows
(`green_annex_accounts`, `rating_axes`); what is known to be missing from the list is said.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lcc.budget.accounts.table import Accounts
from lcc.budget.ratings.book import RatedLine, RatingBook
from lcc.budget.ratings.scales import axes_of
from lcc.tables import load_reference

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ANNEX_COLUMNS", "annex_gaps", "find_concerned", "make_annex"]

ALL = "*"
STATUTORY = "statutory"
FAMILIES = {"M41": "M4", "M42": "M4", "M43": "M4", "M44": "M4", "M49": "M4"}
"""Instructions of the M4 family → their common name in the list."""

ANNEX_COLUMNS = (
    "budget_year",
    "axis",
    "account",
    "label_fr",
    "favourable_cents",
    "neutral_cents",
    "unfavourable_cents",
    "not_rated_cents",
    "default_cents",
    "total_cents",
    "list_confidence",
)
"""Columns of the annex, in order."""


def find_concerned(nomenclature: str | None, account: str, year: int) -> tuple[bool, str | None]:
    """Return whether the annex of a year concerns an account of the capital section, and how sure.

    The longest prefix of the year's list wins. The second value is the confidence of that row, None
    where no row says anything.
    """
    name = FAMILIES.get(nomenclature or "", nomenclature)
    fitting = [
        row
        for row in _list_of(year)
        if row["nomenclature"] == name
        and (row["prefix"] == ALL or account.startswith(row["prefix"]))
    ]
    if not fitting:
        return False, None
    best = max(fitting, key=lambda row: 0 if row["prefix"] == ALL else len(row["prefix"]))
    return bool(best["concerned"]), str(best["confidence"])


def annex_gaps(year: int, language: str = "fr") -> list[str]:
    """Return what is known to be missing from the list of a year."""
    rows = load_reference("procurement_map", "green_annex_gaps").to_pylist()
    return [row[f"gap_{language}"] for row in rows if _holds(row, year)]


def make_annex(accounts: Accounts, book: RatingBook, year: int) -> pd.DataFrame:
    """Return the green annex of a budget year: one row per axis and account concerned.

    Parameters
    ----------
    accounts : Accounts
        Of that year.
    book : RatingBook
        Ratings; those of the I4CE scale are brought over by the correspondence.
    year : int
        Budget year: its own list of accounts and its own axes. Before 2024 there is no annex and no
        row.

    Returns
    -------
    pandas.DataFrame
        `budget_year`, `axis`, `account`, `label_fr`, `favourable_cents`, `neutral_cents`,
        `unfavourable_cents`, `not_rated_cents` (the four make `total_cents`), `default_cents` (of
        them, rated by default), `total_cents`, `list_confidence`.
    """
    import pandas as pd

    lines = [row for row in accounts.expenditure(year) if row["section"] == "capital"]
    rows: list[dict[str, Any]] = []
    for axis in axes_of(year) if _list_of(year) else []:
        rows += _rate_axis(lines, book, axis, year)
    return pd.DataFrame(rows, columns=list(ANNEX_COLUMNS))


def _rate_axis(
    lines: Sequence[Mapping[str, Any]], book: RatingBook, axis: str, year: int
) -> list[dict[str, Any]]:
    sums: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    facts: dict[str, tuple[str | None, str | None]] = {}
    for row in lines:
        concerned, confidence = find_concerned(row["nomenclature"], row["account"], year)
        if not concerned:
            continue
        rating, origin, _ = book.rate(RatedLine.of(row), scale=STATUTORY, axis=axis)
        cents = row["realised_cents"] or 0
        found = sums[row["account"]]
        found[f"{(rating or 'not_rated')}_cents"] += cents
        found["total_cents"] += cents
        if origin == "default":
            found["default_cents"] += cents
        facts[row["account"]] = (row["label_fr"], confidence)
    return [
        {
            **dict.fromkeys(ANNEX_COLUMNS, 0),
            **sums[account],
            "budget_year": year,
            "axis": axis,
            "account": account,
            "label_fr": facts[account][0],
            "list_confidence": facts[account][1],
        }
        for account in sorted(sums)
    ]


def _list_of(year: int) -> list[dict[str, Any]]:
    rows = load_reference("procurement_map", "green_annex_accounts").to_pylist()
    return [row for row in rows if _holds(row, year)]


def _holds(row: Mapping[str, Any], year: int) -> bool:
    last = row["last_year"]
    return bool(row["first_year"] <= year and (last is None or year <= last))
