"""Proof that the crossing reconciles: rows and columns to the accounts, to the cent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from lcc.budget.crossing.keys import AccountKey
from lcc.errors import ROWS_SHOWN, LccError

__all__ = ["ACCOUNT_KEY", "MARGINS", "prove_reconciled", "sum_cents"]

ACCOUNT_KEY = ("budget_year", "budget", "account", "function")
"""Columns at which rows are compared with the accounts."""

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
    total = pc.sum(table["executed_cents"]).as_py() or 0
    if expected is not None:
        _prove_rows(sum_cents(table, ACCOUNT_KEY), expected)
    margins: dict[str, dict[str, int]] = {}
    for name in MARGINS:
        sums = {
            "" if key[0] is None else str(key[0]): cents
            for key, cents in sum_cents(table, (name,)).items()
        }
        if sum(sums.values()) != total:
            raise _broken(name, sum(sums.values()), total)
        margins[name] = dict(sorted(sums.items()))
    gaps = table.filter(pc.invert(table["explained"]))["executed_cents"].to_pylist()
    bought = margins["scope_reason"].get("", 0)
    unnamed = sum_cents(table, ("scope_reason", "family", "explained"))
    origins = margins["rating_origin"]
    return {
        "accounts_cents": sum(expected.values()) if expected is not None else None,
        "crossing_cents": total,
        "explained_cents": total - sum(gaps),
        "unexplained_plus_cents": sum(each for each in gaps if each > 0),
        "unexplained_minus_cents": sum(each for each in gaps if each < 0),
        "unexplained_rows": len(gaps),
        "purchases_cents": bought,
        "set_aside_cents": total - bought,
        "unclassified_cents": unnamed.get((None, None, True), 0),
        "decided_cents": origins.get("decision", 0),
        "default_cents": origins.get("default", 0),
        "unrated_cents": origins.get("none", 0),
        "margins": margins,
        "aside": [dict(each) for each in aside],
        "proved": True,
    }


def sum_cents(table: pa.Table, names: Sequence[str]) -> dict[tuple[Any, ...], int]:
    """Return the executed cents of a crossing, by the values of some columns."""
    summed = table.group_by(list(names)).aggregate([("executed_cents", "sum")])
    keys = zip(*(summed[name].to_pylist() for name in names), strict=True)
    return dict(zip(keys, summed["executed_cents_sum"].to_pylist(), strict=True))


def _prove_rows(found: Mapping[tuple[Any, ...], int], expected: Mapping[AccountKey, int]) -> None:
    """Raise where the rows of an account and function do not make what the accounts hold."""
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
