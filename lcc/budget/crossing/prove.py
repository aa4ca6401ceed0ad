"""Proof that the crossing reconciles: rows and columns to the accounts, to the cent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from lcc.budget.crossing.keys import AccountKey
from lcc.errors import ROWS_SHOWN, LccError

__all__ = ["MARGINS", "prove_reconciled"]

MARGINS = ("section", "scope_reason", "family", "post", "rating", "rating_origin", "explained")
"""Columns whose sums must each make the whole."""


def prove_reconciled(
    table: pa.Table, expected: Mapping[AccountKey, int] | None, aside: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Return how the crossing reconciles, once it is proved that it does.

    Parameters
    ----------
    table : pa.Table
        Schema `crossing`.
    expected : mapping, optional
        What the accounts hold, in cents, by year, budget, account and function; None where there
        are no accounts: the lines are then their own total.
    aside : sequence of mapping
        Lines that are not in the table, with the reason.

    Returns
    -------
    dict
        Totals in cents: `accounts_cents`, `crossing_cents`, `explained_cents`,
        `unexplained_plus_cents`, `unexplained_minus_cents`, `unclassified_cents` (purchases without
        a family), `default_cents`, `decided_cents`, `unrated_cents`, `purchases_cents`,
        `set_aside_cents`, by margin `margins`, and `aside`.

    Raises
    ------
    LccError
        If a row or a column does not make what the accounts hold: a fault of the program.
    """
    rows = table.select(
        [*("budget_year", "budget", "account", "function"), *MARGINS, "executed_cents"]
    ).to_pylist()
    total = sum(row["executed_cents"] for row in rows)
    if expected is not None:
        _prove_rows(rows, expected)
    margins: dict[str, dict[str, int]] = {}
    for name in MARGINS:
        sums: dict[str, int] = defaultdict(int)
        for row in rows:
            value = row[name]
            sums["" if value is None else str(value)] += row["executed_cents"]
        if sum(sums.values()) != total:
            raise _broken(name, sum(sums.values()), total)
        margins[name] = dict(sorted(sums.items()))

    def add(**wanted: Any) -> int:
        return sum(
            row["executed_cents"]
            for row in rows
            if all(row[name] == value for name, value in wanted.items())
        )

    gaps = [row["executed_cents"] for row in rows if not row["explained"]]
    accounts = sum(expected.values()) if expected is not None else None
    return {
        "accounts_cents": accounts,
        "crossing_cents": total,
        "explained_cents": add(explained=True),
        "unexplained_plus_cents": sum(each for each in gaps if each > 0),
        "unexplained_minus_cents": sum(each for each in gaps if each < 0),
        "unexplained_rows": len(gaps),
        "purchases_cents": add(scope_reason=None),
        "set_aside_cents": total - add(scope_reason=None),
        "unclassified_cents": add(scope_reason=None, family=None, explained=True),
        "decided_cents": add(rating_origin="decision"),
        "default_cents": add(rating_origin="default"),
        "unrated_cents": add(rating_origin="none"),
        "margins": margins,
        "aside": [dict(each) for each in aside],
        "proved": True,
    }


def _prove_rows(rows: Sequence[Mapping[str, Any]], expected: Mapping[AccountKey, int]) -> None:
    """Raise where the rows of an account and function do not make what the accounts hold."""
    found: dict[AccountKey, int] = defaultdict(int)
    for row in rows:
        key = (row["budget_year"], row["budget"], row["account"], row["function"])
        found[key] += row["executed_cents"]
    wrong = [key for key in {*found, *expected} if found.get(key, 0) != expected.get(key, 0)]
    if wrong:
        named = ", ".join(
            f"account {key[2]}, function {key[3]}: {found.get(key, 0)} for {expected.get(key, 0)}"
            for key in sorted(wrong, key=str)[:ROWS_SHOWN]
        )
        raise LccError(
            "the crossing does not reconcile to the accounts",
            field="executed_cents",
            found=f"{named} cents ({len(wrong)} in all)",
            expected="the accounts, to the cent",
            remedy="report this with the files: it is a fault of the program",
        )


def _broken(name: str, found: int, total: int) -> LccError:
    return LccError(
        "a margin of the crossing does not make its total",
        field=name,
        found=f"{found} cents",
        expected=f"{total} cents",
        remedy="report this with the files: it is a fault of the program",
    )
