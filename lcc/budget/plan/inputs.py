"""Carbon budgets and the emissions without a plan: read, checked against each other, or refused."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from lcc.errors import FieldError, first_of
from lcc.reading.edited import EditedTable, read_edited

if TYPE_CHECKING:
    import pandas as pd

    from lcc.carbon.result import CarbonMap

__all__ = [
    "Baseline",
    "Budget",
    "baseline_from_map",
    "load_baseline",
    "load_budgets",
    "make_baseline",
]

Floats = NDArray[np.float64]

PARTS: Final = ("family", "contract")
"""Kinds of scope that levers act on; their rows do not overlap."""

KINDS: Final = ("all", *PARTS, "directorate")

COLUMNS: Final = ("scope_kind", "scope", "year", "emissions_tco2e", "low_tco2e", "high_tco2e")

ROUNDING: Final = 1e-6
"""Share of the total by which its parts may exceed it."""


@dataclass(frozen=True)
class Budget:
    """One row of the carbon budgets; `scope` is empty for all purchases."""

    year: int
    scope: str
    budget_tco2e: float
    row: int
    file: str


@dataclass(frozen=True)
class Baseline:
    """Emissions without the plan, by scope and year.

    Attributes
    ----------
    years : tuple of int
        Every year from the first to the last.
    scopes : tuple of (str, str)
        Kind and code of each part, in order.
    emissions_tco2e, low_tco2e, high_tco2e : array, shape (scopes, years)
        Bounds of the 95 % interval; the figure itself where none is stated.
    rest_tco2e : array, shape (years,)
        What the total holds beyond the parts; no lever acts on it.
    file : str
        Name of the file, or of what the figures come from.
    """

    years: tuple[int, ...]
    scopes: tuple[tuple[str, str], ...]
    emissions_tco2e: Floats
    low_tco2e: Floats
    high_tco2e: Floats
    rest_tco2e: Floats
    file: str = "baseline"

    def table(self) -> pd.DataFrame:
        """Return one row per part and year, in the columns that `make_baseline` takes."""
        import pandas as pd

        rows = [
            (kind, scope, year, self.emissions_tco2e[p, y], self.low_tco2e[p, y],
             self.high_tco2e[p, y])
            for p, (kind, scope) in enumerate(self.scopes)
            for y, year in enumerate(self.years)
        ]  # fmt: skip
        totals = self.emissions_tco2e.sum(axis=0) + self.rest_tco2e
        rows += [("all", "", year, totals[y], None, None) for y, year in enumerate(self.years)]
        return pd.DataFrame(rows, columns=list(COLUMNS))


def load_budgets(path: Path | str) -> tuple[Budget, ...]:
    """Return the yearly carbon budgets of a table (schema `carbon_budget`).

    Raises
    ------
    InputError, FieldError
        If the table cannot be read, a cell does not fit, a family's budget names no family, or two
        rows have one year and scope.
    """
    return read_budgets(read_edited(path, "carbon_budget"))


def read_budgets(table: EditedTable) -> tuple[Budget, ...]:
    """Return the budgets of a table already read; see `load_budgets`."""
    problems: list[FieldError] = []
    seen: dict[tuple[int, str], int] = {}
    budgets = []
    for row, record in table:
        kind, scope = record["scope_kind"] or "all", record["scope"] or ""
        if (kind == "family") != bool(scope):
            problems.append(
                table.error("a budget of a family names it, one of all purchases names none", row,
                            "Code de la portée", found=f"{kind} {scope}".strip(),
                            expected="ensemble without a code, or famille with one")
            )  # fmt: skip
        first = seen.setdefault((record["year"], scope), row)
        if first != row:
            problems.append(
                table.error("two budgets of one year and scope", [first, row], "Année",
                            found=f"{record['year']} {scope}".strip(), expected="one row")
            )  # fmt: skip
        budgets.append(Budget(record["year"], scope, record["budget_tco2e"], row, table.file))
    if problems:
        raise first_of(problems)
    if not budgets:
        raise FieldError(
            "no carbon budget", file=table.file, field="Année", expected="one per year"
        )
    return tuple(sorted(budgets, key=lambda each: (each.year, each.scope)))


def load_baseline(path: Path | str) -> Baseline:
    """Return the emissions without a plan, of a table (schema `plan_baseline`).

    Raises
    ------
    InputError, FieldError
        If the table cannot be read, or breaks the rules of `make_baseline`.
    """
    table = read_edited(path, "plan_baseline")
    return _make([dict(each) for each in table.records], list(table.rows), table.file)


def make_baseline(frame: pd.DataFrame, *, file: str = "baseline") -> Baseline:
    """Return the emissions without a plan, of a table as a trajectory makes it.

    Parameters
    ----------
    frame : pandas.DataFrame
        `scope_kind` (all, family, contract, directorate), `scope`, `year`, `emissions_tco2e`, and
        `low_tco2e`, `high_tco2e` where they are known. Rows of families and contracts are parts
        that do not overlap: a contract that has its own row is not in its family's. Rows `all`,
        where given, are the total; what it holds beyond the parts stays as it is. Rows of
        directorates are another cut of the same tonnes, and not used.
    file : str
        Where the figures come from, for errors.

    Raises
    ------
    FieldError
        If a column is missing, two rows have one scope and year, a family stands beside its own
        segment, a part lacks a year, figures are negative or outside their interval, or parts
        exceed the total.
    """
    missing = [each for each in COLUMNS[:4] if each not in frame]
    if missing:
        raise FieldError("a column is missing", file=file, field=", ".join(missing),
                         found=", ".join(map(str, frame.columns)))  # fmt: skip
    held = [each for each in COLUMNS if each in frame]
    records = []
    for each in frame[held].to_dict("records"):
        record = dict.fromkeys(COLUMNS) | {str(key): value for key, value in each.items()}
        records.append(
            {
                key: None if isinstance(value, float) and math.isnan(value) else value
                for key, value in record.items()
            }
        )
    return _make(records, list(range(1, len(records) + 1)), file)


def _make(records: list[dict[str, Any]], rows: Sequence[int], file: str) -> Baseline:
    problems: list[FieldError] = []
    found: dict[tuple[str, str], dict[int, tuple[float, float, float]]] = {}
    first_row: dict[tuple[str, str, int], int] = {}
    for row, record in zip(rows, records, strict=True):
        if record["scope_kind"] not in KINDS or None in (record["year"], record["emissions_tco2e"]):
            problems.append(
                FieldError("a row of the baseline is not complete", file=file, rows=[row],
                           field="scope_kind, year, emissions_tco2e",
                           found=f"{record['scope_kind']}, {record['year']}, "
                           f"{record['emissions_tco2e']}", expected=" | ".join(KINDS))
            )  # fmt: skip
            continue
        kind, scope = str(record["scope_kind"]), str(record["scope"] or "")
        year, value = int(record["year"]), float(record["emissions_tco2e"])
        if kind == "directorate":
            continue
        low = value if record["low_tco2e"] is None else float(record["low_tco2e"])
        high = value if record["high_tco2e"] is None else float(record["high_tco2e"])
        first = first_row.setdefault((kind, scope, year), row)
        if first != row:
            problems.append(
                FieldError("a scope stands twice in the baseline", file=file, rows=[first, row],
                           field="scope", found=f"{kind} {scope} {year}", expected="one row")
            )  # fmt: skip
        if not (0 <= value < math.inf and low <= value <= high):
            problems.append(
                FieldError("emissions do not fit their interval", file=file, rows=[row],
                           field="emissions_tco2e", found=f"{low} ≤ {value} ≤ {high}",
                           expected="0 ≤ low ≤ emissions ≤ high")
            )  # fmt: skip
        if kind in PARTS and not scope:
            problems.append(
                FieldError("a part has no code", file=file, rows=[row], field="scope", found=kind)
            )
        found.setdefault((kind, "" if kind == "all" else scope), {})[year] = (value, low, high)
    parts = sorted(each for each in found if each[0] in PARTS)
    codes = {scope for kind, scope in parts if kind == "family"}
    for scope in sorted(codes):
        above = scope.partition(".")[0]
        if above != scope and above in codes:
            problems.append(
                FieldError("a family stands beside the segment that holds it: it counts twice",
                           file=file, field="scope", found=f"{above} and {scope}",
                           expected="families, or their segment",
                           remedy="take one of the two out")
            )  # fmt: skip
    years = sorted({year for each in found.values() for year in each})
    span = list(range(years[0], years[-1] + 1)) if years else []
    for key in [*parts, *(each for each in found if each[0] == "all")]:
        lacking = [year for year in span if year not in found[key]]
        if lacking:
            problems.append(
                FieldError("a scope lacks years of the baseline", file=file, field="year",
                           found=f"{' '.join(key).strip()}: nothing for "
                           + ", ".join(map(str, lacking)),
                           expected=f"{span[0]} to {span[-1]}")
            )  # fmt: skip
    if not parts:
        problems.append(
            FieldError("the baseline has no family and no contract", file=file, field="scope_kind",
                       expected="rows `family` or `contract`")
        )  # fmt: skip
    if problems:
        raise first_of(problems)
    return _add_up(found, parts, span, file)


def _add_up(
    found: Mapping[tuple[str, str], Mapping[int, tuple[float, float, float]]],
    parts: list[tuple[str, str]],
    span: list[int],
    file: str,
) -> Baseline:
    """Return the baseline of parts checked one by one, checked against its total."""
    values = np.array([[found[key][year] for year in span] for key in parts])
    total = found.get(("all", ""))
    sums = values[:, :, 0].sum(axis=0)
    rest = np.zeros(len(span))
    if total is not None:
        rest = np.array([total[year][0] for year in span]) - sums
        over = [year for year, each, own in zip(span, rest, sums, strict=True)
                if each < -ROUNDING * max(1.0, own)]  # fmt: skip
        if over:
            raise FieldError(
                "parts of the baseline exceed its total",
                file=file,
                field="scope_kind",
                found=", ".join(map(str, over)),
                remedy="take a contract that has its own rows out of its family",
            )
        rest = np.maximum(rest, 0.0)
    return Baseline(tuple(span), tuple(parts), values[:, :, 0], values[:, :, 1], values[:, :, 2],
                    rest, file)  # fmt: skip


def baseline_from_map(
    carbon_map: CarbonMap,
    years: Sequence[int],
    *,
    year: int | None = None,
    contracts: Sequence[str] = (),
) -> Baseline:
    """Return a constant baseline: the emissions of one year of a map, repeated.

    Parameters
    ----------
    carbon_map : CarbonMap
    years : sequence of int
        Years of the plan.
    year : int, optional
        Year of the map; by default its last.
    contracts : sequence of str
        Contracts that levers act on: each becomes a part of its own, taken out of its families. The
        map was then made by contract.

    Raises
    ------
    FieldError
        If the map holds no such year, or no such contract.
    """
    year = carbon_map.years[-1] if year is None else year
    families = {
        str(each["group"]): each
        for each in carbon_map.table(by="family", year=year).to_dict("records")
        if each["group"] is not None and not math.isnan(each["emissions_tco2e"] or math.nan)
    }
    parts: dict[tuple[str, str], tuple[float, float, float]] = {
        ("family", code): (row["emissions_tco2e"], row["low_tco2e"], row["high_tco2e"])
        for code, row in families.items()
    }
    held: dict[str, tuple[float, float, float]] = {}
    for code in families if contracts else ():
        table = carbon_map.table(by="contract", year=year, family=code)
        mine = table[table["group"].isin(list(contracts)) & (table["emissions_tco2e"] > 0)]
        for row in mine.to_dict("records"):
            low, high = row["low_tco2e"], row["high_tco2e"]
            own = (row["emissions_tco2e"], low, high)
            total = parts["family", code]
            left = max(0.0, total[0] - own[0])
            part = left / total[0] if total[0] else 0.0
            parts["family", code] = (left, total[1] * part, total[2] * part)
            # Bounds add as if the families of one contract were wrong together: the widest reading.
            before = held.get(str(row["group"]), (0.0, 0.0, 0.0))
            held[str(row["group"])] = (before[0] + own[0], before[1] + low, before[2] + high)
    unknown = sorted(set(contracts) - set(held))
    if unknown:
        raise FieldError("the map holds no such contract", field="contracts",
                         found=", ".join(unknown))  # fmt: skip
    parts |= {("contract", code): each for code, each in held.items()}
    keys = sorted(parts)
    values = np.array([parts[key] for key in keys])
    spread = np.repeat(values[:, None, :], len(years), axis=1)
    return Baseline(
        tuple(years), tuple(keys), spread[:, :, 0], spread[:, :, 1], spread[:, :, 2],
        np.zeros(len(years)), file=f"carte {year}",
    )  # fmt: skip
