"""Targets: a list of years and what emissions must be by then, read and checked against a map."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lcc.budget.tonnes import list_cells
from lcc.carbon.result import CarbonMap
from lcc.errors import FieldError
from lcc.reading.edited import EditedTable, read_edited
from lcc.tables import load_reference

__all__ = ["Target", "list_scopes", "read_targets"]

ONE_PER_SCOPE = ("measure", "reference_year", "reference_tco2e", "price_year", "interpolation")
"""What all rows of one scope say alike: a path has one rule."""

DEFAULTS = {"interpolation": "linear"}


@dataclass(frozen=True)
class Target:
    """The targets of one scope, in the order of their years.

    Attributes
    ----------
    scope_kind : str
        ``all``, ``family`` (or segment) or ``directorate``.
    scope : str
        Code of the family or segment, name of the directorate; empty for all.
    measure : str
        ``reduction`` (share of the reference year), ``tonnes`` (tCO2e) or ``intensity`` (kgCO2e
        per euro of `price_year`).
    years, values : tuple
        Stated years, rising, and what is stated.
    origins : tuple of str
        ``own`` or ``territorial``, year by year.
    reference_year : int or None
    reference_tco2e : float or None
        Stated emissions of the reference year; None to take the map's.
    price_year : int or None
    interpolation : str
        ``linear`` or ``constant-rate``.
    sources : tuple of str
        Documents that set the targets.
    """

    scope_kind: str
    scope: str
    measure: str
    years: tuple[int, ...]
    values: tuple[float, ...]
    origins: tuple[str, ...]
    reference_year: int | None = None
    reference_tco2e: float | None = None
    price_year: int | None = None
    interpolation: str = "linear"
    sources: tuple[str, ...] = ()

    @property
    def origin(self) -> str:
        """``territorial`` where any of the targets was made for the territory, else ``own``."""
        return "territorial" if "territorial" in self.origins else "own"


def list_scopes(carbon: CarbonMap, kind: str) -> list[str]:
    """Return the families, or the directorates, of a map; one empty name for ``all``."""
    if kind == "all":
        return [""]
    by, column = ("family", "family") if kind == "family" else (kind, "group_key")
    return sorted({str(row[0]) for row in list_cells(carbon, by, column) if row[0] is not None})


def read_targets(path: Path | str, carbon: CarbonMap) -> tuple[Target, ...]:
    """Return the targets of a table (CSV or XLSX, schema `target`), one `Target` per scope.

    Raises
    ------
    InputError
        If the file cannot be read or its columns are not those of the schema.
    FieldError
        If a cell does not fit; two rows are about one scope and year; the years of a scope are out
        of order; a reduction is above one; rows of one scope differ in measure, reference, prices
        or interpolation; a family or directorate is not known; a reduction has no reference year,
        or one that neither the map nor the table gives a figure for; an intensity has no price
        year.
    """
    table = read_edited(path, "target")
    if not len(table):
        raise FieldError(
            "the table holds no target",
            file=table.file,
            rows=[2],
            found="nothing",
            expected="one row per scope and year",
        )
    scopes: dict[tuple[str, str], list[tuple[int, dict[str, Any]]]] = {}
    for number, read in table:
        record = {**read, **{name: read[name] or word for name, word in DEFAULTS.items()}}
        _check_row(table, number, record, carbon)
        key = (record["scope_kind"], record["scope"] or "")
        scopes.setdefault(key, []).append((number, record))
    return tuple(_build(table, key, rows) for key, rows in scopes.items())


def _check_row(table: EditedTable, number: int, record: dict[str, Any], carbon: CarbonMap) -> None:
    """Raise where a row is wrong by itself."""
    kind, scope = record["scope_kind"], record["scope"] or ""
    if kind == "family":
        # A family without spending is known all the same; a segment is one too.
        known = load_reference("procurement_map", "families")["family"].to_pylist()
    else:
        known = list_scopes(carbon, kind)
    if scope not in known:
        raise table.error(
            "a target is about something the map does not know",
            number,
            "Famille ou direction",
            found=scope or "nothing",
            expected=", ".join(known[:20]) or "nothing, for all purchases",
        )
    if record["measure"] == "reduction":
        if record["value"] > 1:
            raise table.error(
                "nothing can be reduced by more than all of it",
                number,
                "Valeur",
                found=f"{record['value']:g}",
                expected="a share from 0 to 1 (0,40 or 40 %)",
            )
        if record["reference_year"] is None:
            raise table.error(
                "a reduction is against a year",
                number,
                "Année de référence",
                found="nothing",
                expected="the year whose emissions are to be reduced",
            )
    if record["measure"] == "intensity" and record["price_year"] is None:
        raise table.error(
            "an intensity is per euro of a year",
            number,
            "Euros constants de",
            found="nothing",
            expected="the year of the constant euros",
        )
    if record["measure"] == "intensity" and record["reference_tco2e"] is not None:
        raise table.error(
            "stated tonnes are no intensity",
            number,
            "Émissions de référence (tCO2e)",
            found=record["reference_tco2e"],
            expected="nothing: the path starts at the map's reference year, or at the first target",
        )
    reference = record["reference_year"]
    if reference is None:
        return
    if reference not in carbon.years and record["reference_tco2e"] is None:
        raise table.error(
            "the emissions of the reference year are not known",
            number,
            "Année de référence",
            found=str(reference),
            expected=f"a year of the map ({', '.join(map(str, carbon.years))}), or the emissions "
            "of that year in the column « Émissions de référence (tCO2e) »",
            remedy="state these emissions, by the same method where there is one, or map that year",
        )
    if record["year"] <= reference:
        raise table.error(
            "a target lies after its reference year",
            number,
            "Exercice",
            found=str(record["year"]),
            expected=f"after {reference}",
        )


def _build(
    table: EditedTable, key: tuple[str, str], rows: list[tuple[int, dict[str, Any]]]
) -> Target:
    numbers = [number for number, _ in rows]
    records = [record for _, record in rows]
    titles = {field.name: field.title for field in table.schema.fields}
    for name in ONE_PER_SCOPE:
        said = [record[name] for record in records]
        if len(set(said)) > 1:
            raise table.error(
                "the targets of one scope follow one rule",
                numbers,
                titles[name],
                found=", ".join(str(each) for each in dict.fromkeys(said)),
                expected="the same in every row of the scope",
                remedy="make two tables, one per rule",
            )
    years = [record["year"] for record in records]
    if years != sorted(years):
        raise table.error(
            "the years of a scope are out of order",
            numbers,
            titles["year"],
            found=", ".join(map(str, years)),
            expected=", ".join(map(str, sorted(years))),
            remedy="sort the rows by year, and check that no year is mistyped",
        )
    first = records[0]
    return Target(
        scope_kind=key[0],
        scope=key[1],
        years=tuple(years),
        values=tuple(float(record["value"]) for record in records),
        origins=tuple(record["origin"] for record in records),
        sources=tuple(dict.fromkeys(record["source"] for record in records)),
        **{name: first[name] for name in ONE_PER_SCOPE},
    )
