"""Headers: the names columns go by in the files of French public buyers, and what they tell.

The names are data: `procurement_map/column_names.csv`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from lcc.errors import InputError
from lcc.spending.sources.dialect import normalise_header
from lcc.tables import load_reference

__all__ = [
    "AWARD_KINDS",
    "conventional_columns",
    "conventional_headers",
    "guess_kind",
    "no_rows",
    "unique_names",
]

AWARD_KINDS = ("award", "ceiling", "concession")
"""Kinds of amount of a list of contracts."""


@cache
def conventional_headers() -> tuple[tuple[str, str, str], ...]:
    """Return (field, header, kind) in order of preference."""
    return tuple(
        (row["field"] or "", row["header"], row["kind"] or "")
        for row in load_reference("procurement_map", "column_names").to_pylist()
    )


def unique_names(header: Sequence[str]) -> list[str]:
    """Return the names of the columns, those that occur twice being numbered `Nom (1)`, `Nom (2)`.

    Blank names become `column 3`, by their rank.
    """
    names = [
        each.strip().strip("\ufeff") or f"column {rank}" for rank, each in enumerate(header, 1)
    ]
    counts: dict[str, int] = {}
    unique = []
    for name in names:
        counts[name] = counts.get(name, 0) + 1
        unique.append(f"{name} ({counts[name]})" if names.count(name) > 1 else name)
    return unique


def guess_kind(header: Sequence[str]) -> str | None:
    """Return the kind most headers vote for, those that mean one thing only in one kind of file."""
    meanings: dict[str, set[str]] = {}
    for _, name, kind in conventional_headers():
        meanings.setdefault(name, set()).add(kind)
    votes = {"payment": 0, "award": 0}
    for name in header:
        kinds = meanings.get(normalise_header(name), set())
        if len(kinds) == 1 and "" not in kinds:
            votes[next(iter(kinds))] += 1
    if votes["payment"] == votes["award"]:
        return None
    return max(votes, key=lambda kind: votes[kind])


def conventional_columns(header: Sequence[str], kind: str) -> dict[str, int]:
    """Return the field → rank of the column, for the headers a file of this kind uses."""
    place = {normalise_header(re.sub(r" \(1\)$", "", n)): i for i, n in enumerate(header)}
    contract_list = kind in AWARD_KINDS
    columns: dict[str, int] = {}
    for name, spelled, only in conventional_headers():
        if only and (only == "award") != contract_list:
            continue
        if name and name not in columns and spelled in place:
            index = place[spelled]
            if index not in columns.values():
                columns[name] = index
    return columns


def no_rows(file: str, header: Sequence[str]) -> InputError:
    """Return the error of a table that has a header and nothing under it."""
    return InputError(
        "the file has a header and no rows",
        file=file,
        found="columns: " + ", ".join(header),
        expected="at least one row under the header",
        remedy="export it again with its rows",
    )
