"""Reference of clauses and criteria, crossed with their use, their execution and their effect."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lcc.clauses.baseline import BaselineEffect
from lcc.clauses.common_error import calc_common_sd
from lcc.clauses.comparables import name_of
from lcc.clauses.contract import ClauseContract
from lcc.clauses.paired import calc_mean_effect
from lcc.errors import FieldError, first_of
from lcc.reading.edited import EditedTable, read_edited
from lcc.tables import load_reference

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "cross_reference",
    "load_clauses",
    "own_wordings",
    "pool_effects",
    "rate_usage",
    "read_usage",
    "suits_family",
]

ALL_FAMILIES = "*"


def load_clauses(own: Path | str | None = None) -> pd.DataFrame:
    """Return the reference, one row per clause and issue.

    Parameters
    ----------
    own : path, optional
        The user's table of the same schema (`clause`): its rows replace those of the same clause
        and issue, and may add others. There stands the user's own wording, which is never shipped.
    """
    import pandas as pd

    shipped = load_reference("procurement_map", "clauses").to_pylist()
    rows = {(each["clause_id"], each["issue"]): each for each in shipped}
    if own is not None:
        for _, record in read_edited(own, "clause"):
            rows[record["clause_id"], record["issue"]] = record
    return pd.DataFrame(list(rows.values()))


def own_wordings(clauses: pd.DataFrame) -> dict[str, str]:
    """Return the user's own wording of each clause that has one; several issues' are joined."""
    held: dict[str, list[str]] = {}
    for row in clauses.to_dict("records"):
        text = row["wording"]
        if isinstance(text, str) and text.strip():
            held.setdefault(row["clause_id"], []).append(text.strip())
    return {clause: "\n".join(dict.fromkeys(texts)) for clause, texts in held.items()}


def suits_family(families: str, family: str) -> bool:
    """Tell whether a clause's families hold one: by its code, its segment, or `*`."""
    held = families.split()
    return ALL_FAMILIES in held or family in held or family.partition(".")[0] in held


def read_usage(path: Path | str, clauses: pd.DataFrame) -> EditedTable:
    """Return the table of use, its clauses and families checked.

    Raises
    ------
    FieldError
        If a clause is not in the reference, a family does not exist, a contract stands in two
        families, or a clause that is not used is graded.
    InputError
        If the file cannot be read.
    """
    table = read_edited(path, "clause_usage")
    titles = {each.name: each.title for each in table.schema.fields}
    known = set(clauses["clause_id"])
    families = set(load_reference("procurement_map", "families")["family"].to_pylist())
    problems: list[FieldError] = []
    of_contract: dict[str, tuple[int, str]] = {}
    for row, record in table:
        first, family = of_contract.setdefault(record["contract"], (row, record["family"]))
        checks = [
            ("clause_id", record["clause_id"] in known, "a clause of the reference"),
            ("family", record["family"] in families, "a code of procurement_map/families.csv"),
            ("family", record["family"] == family, f"{family}, as in row {first}"),
            (
                "grade",
                record["grade"] is None or record["used"] is True,
                "no grade where the clause is not used",
            ),
        ]
        problems += [
            table.error(
                "the row does not fit the reference", row, titles[name], found=record[name],
                expected=expected,
            )
            for name, good, expected in checks
            if not good
        ]  # fmt: skip
    if problems:
        raise first_of(problems)
    return table


def rate_usage(usage: EditedTable) -> pd.DataFrame:
    """Return one row per clause and family: rate of use, grade, and the numbers behind them.

    Columns: `clause_id`, `family`, `used` (contracts that have it), `stated` (contracts for which
    it is known), `unknown`, `rate` (used over stated; missing where nothing is stated),
    `at_least`, `at_most` (the rate if no unknown had it, or all), `graded`, `grade`.
    """
    import pandas as pd

    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for _, record in usage:
        groups.setdefault((record["clause_id"], record["family"]), []).append(record)
    rows = [
        {"clause_id": clause, "family": family, **_count(found)}
        for (clause, family), found in sorted(groups.items())
    ]
    columns = ["clause_id", "family", *_count([])]
    return pd.DataFrame(rows, columns=columns)


def _count(found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    used = sum(each["used"] is True for each in found)
    stated = sum(each["used"] is not None for each in found)
    grades = [each["grade"] for each in found if each["grade"] is not None]
    total = len(found)
    return {
        "used": used,
        "stated": stated,
        "unknown": total - stated,
        "rate": used / stated if stated else math.nan,
        "at_least": used / total if total else math.nan,
        "at_most": (used + total - stated) / total if total else math.nan,
        "graded": len(grades),
        "grade": sum(grades) / len(grades) if grades else math.nan,
    }


def pool_effects(
    contracts: Iterable[ClauseContract], effects: Mapping[str, BaselineEffect | None]
) -> pd.DataFrame:
    """Return what is known of the effect of each clause in each family.

    The mean of the contracts' log ratios to their own baseline, every contract counting once, with
    the interval of `lcc.clauses.common_error`, which holds the scatter between contracts, their
    measurements' own errors, and the error of a method they share. Of one contract
    alone: its own interval, of its measurements only.

    Columns: `clause_id`, `family`, `effect_contracts`, `effect`, `effect_low`,
    `effect_high`.
    """
    import pandas as pd

    groups: dict[tuple[str, str], list[BaselineEffect]] = {}
    for contract in contracts:
        found = effects.get(contract.key)
        if contract.clause and found is not None:
            groups.setdefault((contract.clause, contract.family), []).append(found)
    rows = []
    for (clause, family), each in sorted(groups.items()):
        common = calc_common_sd(
            (name_of(one.method), one.method_log_sd / len(each)) for one in each
        )
        pooled = calc_mean_effect(np.array([one.log_ratio for one in each]), common_sd=common)
        alone = len(each) == 1
        rows.append(
            {
                "clause_id": clause,
                "family": family,
                "effect_contracts": len(each),
                "effect": pooled.effect,
                "effect_low": each[0].low if alone else pooled.low,
                "effect_high": each[0].high if alone else pooled.high,
            }
        )
    columns = ["clause_id", "family", "effect_contracts", "effect", "effect_low", "effect_high"]
    return pd.DataFrame(rows, columns=columns)


def cross_reference(
    clauses: pd.DataFrame,
    usage: EditedTable | None = None,
    known: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return the crossed evaluation: clause × family, with use, execution and known effect.

    One row per clause and family in which it was used or measured, and one without family for a
    clause that never was; `issues` lists what the clause serves. A clause of which nothing is known
    says so: `effect_contracts` is 0 and its effect missing.

    Parameters
    ----------
    clauses : pandas.DataFrame
        The reference, as `load_clauses` gives it.
    usage : EditedTable, optional
        As `read_usage` gives it.
    known : pandas.DataFrame, optional
        As `pool_effects` gives it.
    """
    import pandas as pd

    heads = (
        clauses.groupby("clause_id", sort=False)
        .agg(
            label_fr=("label_fr", "first"),
            label_en=("label_en", "first"),
            kind=("kind", "first"),
            families=("families", "first"),
            issues=("issue", " ".join),
        )
        .reset_index()
    )
    rates = rate_usage(usage) if usage is not None else None
    keys = ["clause_id", "family"]
    parts = [each for each in (rates, known) if each is not None and len(each)]
    if not parts:
        crossed = pd.DataFrame(columns=keys)
    elif len(parts) == 1:
        crossed = parts[0]
    else:
        crossed = parts[0].merge(parts[1], on=keys, how="outer")
    table = heads.merge(crossed, on="clause_id", how="left")
    columns = [*_count([]), "effect_contracts", "effect", "effect_low", "effect_high"]
    for name in columns:
        if name not in table:
            table[name] = math.nan
    for name in ("used", "stated", "unknown", "graded", "effect_contracts"):
        table[name] = table[name].fillna(0).astype(int)
    suits = [
        not isinstance(family, str) or suits_family(families, family)
        for families, family in zip(table["families"], table["family"], strict=True)
    ]
    return table.assign(suits_family=suits)[
        [*heads.columns, "family", "suits_family", *columns]
    ].sort_values(["clause_id", "family"], kind="stable", ignore_index=True)
