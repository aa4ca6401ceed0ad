"""Factors that measurements updated: what `lcc update` leaves to the next map, read back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lcc.errors import TableError
from lcc.tables import FORMULA_STARTS, load_reference, load_table
from lcc.uncertainty.lognormal import calc_cv

if TYPE_CHECKING:
    from lcc.carbon.result import CarbonMap

__all__ = [
    "LEARNT",
    "describe_learnt",
    "join_names",
    "list_learnt",
    "load_family_updates",
    "plain_name",
    "update_factor",
]

LEARNT = "lcc update"
"""How the document of an updated factor begins; its measurements follow."""

SEPARATOR = " ; "
PARTS = ("source_log_sd", "product_log_sd", "price_log_sd", "bridge_log_sd")
ROUNDING = 1e-3


def load_family_updates(path: Path) -> dict[str, dict[str, Any]]:
    """Return the updates of families (schema `family_update`), by row of `family_factor`.

    Raises
    ------
    TableError
        If the table breaks its schema, names a row that does not exist, or has parts that do not
        add up to its doubt.
    """
    known = {
        row["rule_id"]: row
        for row in load_reference("procurement_map", "family_factor").to_pylist()
    }
    rows: list[dict[str, Any]] = load_table(path, "family_update").to_pylist()
    for number, row in enumerate(rows, start=2):
        if row["bridge_rule"] not in known:
            raise TableError(
                "no family has this factor",
                file=str(path),
                rows=[number],
                field="bridge_rule",
                found=row["bridge_rule"],
                expected="a rule of procurement_map/family_factor.csv",
                remedy="run lcc update again: the table was made for another version",
            )
        if row["product"] != known[row["bridge_rule"]]["product"]:
            raise TableError(
                "this family has another factor now: what was learnt is of the one before",
                file=str(path),
                rows=[number],
                field="product",
                found=row["product"],
                expected=str(known[row["bridge_rule"]]["product"]),
                remedy="run lcc update again on a map without family_updates",
            )
        parts = sum(row[name] ** 2 for name in PARTS) ** 0.5
        if abs(parts - row["log_sd"]) > ROUNDING:
            raise TableError(
                "the parts of a doubt do not add up to it",
                file=str(path),
                rows=[number],
                field="log_sd",
                found=f"{row['log_sd']:.4f}",
                expected=f"{parts:.4f}, the root of the sum of squares of {', '.join(PARTS)}",
                remedy="run lcc update again rather than edit its table",
            )
    return {row["bridge_rule"]: row for row in rows}


def update_factor(
    facts: dict[str, Any], updates: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """Return the facts of an applied factor, updated where its family's row has an update.

    The factor keeps its origin; its document names the measurements it was updated from.
    """
    row = updates.get(str(facts["bridge_rule"]))
    if row is None:
        return facts
    shared = row["source_log_sd"] ** 2 + row["product_log_sd"] ** 2
    changed = {
        "kgco2e_per_unit": facts["kgco2e_per_unit"] * row["multiplier"],
        "factor_cv": float(calc_cv(shared**0.5)),
        "source_share": row["source_log_sd"] ** 2 / shared if shared > 0 else 0.0,
        "bridge_cv": float(calc_cv(row["bridge_log_sd"])),
        "document": SEPARATOR.join((LEARNT, *str(row["measurements"]).split(SEPARATOR))),
    }
    if facts.get("price_cv") is not None:
        changed["price_cv"] = float(calc_cv(row["price_log_sd"]))
    return facts | changed


def list_learnt(carbon: CarbonMap) -> set[str]:
    """Return the measurements that the factors of a map were updated from."""
    learnt: set[str] = set()
    for text in carbon.factors["document"].unique().to_pylist():
        if text and text.startswith(LEARNT):
            learnt |= set(text.split(SEPARATOR)[1:])
    return learnt


def describe_learnt(names: Iterable[str]) -> str:
    """Return the document of a factor updated from measurements: their names."""
    return join_names([LEARNT, *names])


def join_names(names: Iterable[str]) -> str:
    """Return names in one cell, each once; a semicolon in a name is a comma."""
    return SEPARATOR.join(dict.fromkeys(map(plain_name, names)))


def plain_name(name: str) -> str:
    """Return a name that stands beside others in one cell, and that no spreadsheet runs."""
    return " ".join(name.replace(";", ",").split()).lstrip("'" + "".join(FORMULA_STARTS))
