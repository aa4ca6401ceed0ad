"""The table of ratings to fill in, prefilled with the accounts, the largest first."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

from lcc.budget.accounts.table import Accounts
from lcc.budget.ratings.book import RatedLine, RatingBook, shipped_ratings
from lcc.budget.ratings.scales import DEFAULT_AXIS, DEFAULT_SCALE
from lcc.files import refuse_existing
from lcc.reading.edited import write_edited
from lcc.units import CENTS_PER_EUR

__all__ = ["list_ratings", "write_template"]


def list_ratings(
    accounts: Accounts,
    book: RatingBook | None = None,
    *,
    scale: str = DEFAULT_SCALE,
    axis: str = DEFAULT_AXIS,
) -> list[dict[str, Any]]:
    """Return one row per account of real expenditure, the largest first, then what is more precise.

    A row carries the rating its account has today where one holds for the whole of it, and its
    origin; an account nobody rated has an empty rating. Ratings of a function, an operation or a
    year follow as they are.
    """
    rated = book or shipped_ratings()
    cents: dict[str, int] = defaultdict(int)
    labels: dict[str, str | None] = {}
    plans: dict[str, str | None] = {}
    for row in accounts.expenditure():
        cents[row["account"]] += row["realised_cents"] or 0
        labels[row["account"]] = row["label_fr"] or row["own_label"]
        plans[row["account"]] = row["nomenclature"]
    whole = RatingBook(
        tuple(
            each
            for each in rated.rows
            if not each.function and each.operation is None and each.budget_year is None
        )
    )
    rows: list[dict[str, Any]] = []
    for account in sorted(cents, key=lambda each: (-cents[each], each)):
        rating, _, found = whole.rate(
            RatedLine(account, nomenclature=plans[account]), scale=scale, axis=axis
        )
        rows.append(
            {
                "account": account,
                "axis": axis,
                "scale": scale,
                "rating": rating if found else None,
                "origin": found.origin if found else None,
                "decided_by": found.decided_by if found else None,
                "decided_on": found.decided_on if found else None,
                "reason": found.reason if found else None,
                "label": labels[account],
                "realised_eur": cents[account] / CENTS_PER_EUR,
            }
        )
    rows += [
        {
            "account": each.account or None,
            "function": each.function or None,
            "operation": each.operation,
            "budget_year": each.budget_year,
            "axis": each.axis,
            "scale": each.scale,
            "rating": each.rating,
            "origin": each.origin,
            "decided_by": each.decided_by,
            "decided_on": each.decided_on,
            "reason": each.reason,
        }
        for each in rated.rows
        if each not in whole.rows and each.nomenclature in (None, *plans.values())
    ]
    return rows


def write_template(
    accounts: Accounts,
    path: Path | str,
    book: RatingBook | None = None,
    *,
    scale: str = DEFAULT_SCALE,
    axis: str = DEFAULT_AXIS,
) -> Path:
    """Write the table to fill in, CSV or XLSX; a file that stands there is left as it is.

    Raises
    ------
    OutputError
        If the file exists already, or cannot be written.
    """
    target = Path(path)
    refuse_existing(target, "the table of ratings")
    return write_edited(list_ratings(accounts, book, scale=scale, axis=axis), "rating", target)
