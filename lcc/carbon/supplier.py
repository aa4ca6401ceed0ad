"""Suppliers' own factors: a user's table, checked before it replaces what the library says."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from lcc.errors import TableError, UnitError
from lcc.tables import load_reference, load_table
from lcc.units import is_unit, unit_ratio

__all__ = ["EURO", "load_supplier_factors"]

EURO = "EUR"

NEWER = ("contract",)
"""Column that tables of older versions do not have: their factors are of all contracts."""

EXPECTED = "one factor per supplier, contract if any, family and kind of unit"


def load_supplier_factors(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a table of suppliers' factors (schema `supplier_factor`).

    Each row gets `located`: whether its family keeps the grid average in the total, so that the
    supplier's own figure only stands beside it. A row with a contract serves the lines of that
    contract alone, before one of the supplier without a contract.

    Raises
    ------
    TableError
        If the table breaks its schema, names a family or a unit that does not exist, gives a
        supplier two factors that would serve the same lines, or gives per euro what can only stand
        beside the grid average per kWh.
    """
    families = {
        row["family"]: bool(row["location_based"])
        for row in load_reference("procurement_map", "families").to_pylist()
    }
    table = load_table(path, "supplier_factor", newer=NEWER)
    rows: list[dict[str, Any]] = table.to_pylist()
    known_units: dict[tuple[str, str | None, str], list[tuple[int, str]]] = {}
    for number, row in enumerate(rows, start=2):
        family, unit = row["family"], row["unit"]
        if family not in families:
            near = get_close_matches(family, families, n=1)
            raise _refuse(
                "no family has this code",
                path,
                [number],
                ("family", family, "a code of procurement_map/families.csv"),
                f"did you mean {near[0]}?" if near else None,
            )
        row["located"] = families[family]
        if row["located"] and unit == EURO:
            raise _refuse(
                "this family stays at the grid average: a supplier's figure per euro has no place",
                path,
                [number],
                ("unit", unit, "kWh"),
                "give the supplier's factor per kWh; it is shown beside the total",
            )
        if unit != EURO and not is_unit(unit):
            raise _refuse(
                "no such unit",
                path,
                [number],
                ("unit", unit, "EUR, or a unit of the lines such as kWh, litre, m³, tonne"),
            )
        if row["located"] and row["contract"]:
            raise _refuse(
                "this family stays at the grid average: the figure of one contract has no place",
                path,
                [number],
                ("contract", row["contract"], "nothing"),
                "give the supplier's factor, without a contract; it is shown beside the total",
            )
        others = known_units.setdefault((row["supplier_id"], row["contract"], family), [])
        twin = next((each for each in others if _same_kind(each[1], unit)), None)
        if twin is not None:
            raise _refuse(
                "two factors of one supplier would serve the same lines",
                path,
                [twin[0], number],
                ("unit", f"{twin[1]}, {unit}", EXPECTED),
                "keep one of the two rows",
            )
        others.append((number, unit))
    return rows


def _same_kind(unit: str, other: str) -> bool:
    """Whether two units measure the same thing."""
    if EURO in (unit, other):
        return unit == other
    try:
        unit_ratio(unit, other)
    except UnitError:
        return False
    return True


def _refuse(
    problem: str,
    path: Path,
    rows: Iterable[int],
    facts: tuple[str, str, str],
    remedy: str | None = None,
) -> TableError:
    field, found, expected = facts
    return TableError(
        problem,
        file=str(path),
        rows=list(rows),
        field=field,
        found=found,
        expected=expected,
        remedy=remedy,
    )
