"""What a measurement costs and how precise it is: a user's table, else what is published.

Nobody publishes what a measurement costs, and nothing is assumed: without a table a budget counts
measurements. A precision is that of the factors of a physical measurement, which the library holds
(table `measurement_precision`, a judgement on each segment of families).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from lcc.reading.edited import EditedTable, read_edited
from lcc.tables import load_reference

__all__ = ["MeasurementOptions", "Option", "read_measurement_options", "segment_precision"]

LARGEST_CV = 1.0
"""Coefficient of variation from which a figure is no measurement: it misses by its own size."""

SEGMENT_DIGITS = 2

OTHER_KIND = "monetary"
"""Kind of error where no family is known: no better than a ratio in euros."""


@dataclass(frozen=True)
class Option:
    """One measurement that can be made.

    Attributes
    ----------
    cost_eur : float or None
        None where nobody said.
    precision_cv : float
        Coefficient of variation of the figure.
    covered_share : float
        Share of the contract, or of the family, that is measured, above 0 and at most 1.
    reason : str
        Where cost and precision come from; "" for the project's judgement on the segment.
    shared : str
        What its error shares with other measurements: the segment whose published factors it
        borrows; "" where the precision is yours, or that of the supplier's own accounts.
    """

    cost_eur: float | None
    precision_cv: float
    covered_share: float
    reason: str
    shared: str = ""


@dataclass(frozen=True)
class MeasurementOptions:
    """The rows of a table `measurement_option`, by contract and by family or segment."""

    file: str = ""
    contracts: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    families: Mapping[str, dict[str, Any]] = field(default_factory=dict)

    def choose(self, contract: str | None, family: str | None) -> Option:
        """Return the measurement of a contract, or of a family where no contract is given.

        The row of the contract wins over that of its family, and that over its segment's.
        """
        segment = (family or "")[:SEGMENT_DIGITS]
        row: dict[str, Any] = {}
        if contract is not None and contract in self.contracts:
            row = self.contracts[contract]
        elif family is not None and family in self.families:
            row = self.families[family]
        elif segment in self.families:
            row = self.families[segment]
        precision = row.get("precision_cv")
        return Option(
            row.get("cost_eur"),
            segment_precision(segment) if precision is None else precision,
            row.get("covered_share") or 1.0,
            row.get("reason") or "",
            segment if precision is None and _borrows(segment) else "",
        )


def segment_precision(segment: str) -> float:
    """Return the coefficient of variation of a physical measurement in a segment of families."""
    return _errors()[_kinds().get(segment, OTHER_KIND)]


def read_measurement_options(path: Path | str, contracts: set[str]) -> MeasurementOptions:
    """Return the measurements of a table that people keep (CSV or XLSX, `measurement_option`).

    Parameters
    ----------
    path : path
    contracts : set of str
        Contracts that the map holds.

    Raises
    ------
    InputError
        If the file cannot be read, or its columns are not those of the schema.
    FieldError
        If a cell does not fit: a cost below zero, a precision of zero or above 100 %, a share of
        zero or above the whole, a contract or a family that is not known, two rows on one thing.
    """
    table = read_edited(path, "measurement_option")
    families = set(load_reference("procurement_map", "families")["family"].to_pylist())
    found: dict[str, dict[str, dict[str, Any]]] = {"contract": {}, "family": {}}
    for number, record in table:
        kind, scope = record["scope_kind"], record["scope"]
        known = contracts if kind == "contract" else families
        if scope not in known:
            raise table.error(
                "a measurement is of something the map does not know",
                number,
                "Marché ou famille",
                found=scope,
                expected=", ".join(sorted(known)[:5]) + " …",
                remedy="write the number as the map does, or take the row out",
            )
        _check_numbers(table, number, record)
        found[kind][scope] = record
    return MeasurementOptions(table.file, found["contract"], found["family"])


def _check_numbers(table: EditedTable, row: int, record: dict[str, Any]) -> None:
    """Raise where a number of a row has no sense."""
    cost, precision, share = (
        record[name] for name in ("cost_eur", "precision_cv", "covered_share")
    )
    if cost is not None and cost < 0:
        raise table.error(
            "a measurement costs nothing or something",
            row,
            "Coût (€)",
            found=f"{cost:g}",
            expected="euros of at least 0, or nothing where it is not known",
        )
    if precision is not None and not 0 < precision <= LARGEST_CV:
        raise table.error(
            "a measurement has an error, and one smaller than what it measures",
            row,
            "Précision",
            found=f"{precision:g}",
            expected="a coefficient of variation above 0 and at most 1, such as 0,10 or 10 %",
            remedy="leave the cell empty to take the published error of the segment",
        )
    if share is not None and not 0 < share <= 1:
        raise table.error(
            "a measurement covers a part, at most the whole",
            row,
            "Part mesurée",
            found=f"{share:g}",
            expected="a share above 0 and at most 1, such as 0,8 or 80 %",
        )


def _borrows(segment: str) -> bool:
    """Tell whether measurements in a segment take one set of published physical factors."""
    return _kinds().get(segment, OTHER_KIND) != OTHER_KIND


@cache
def _errors() -> dict[str, float]:
    rows = load_reference("emission_factors", "error_default").to_pylist()
    return {row["error_kind"]: row["error_cv"] for row in rows}


@cache
def _kinds() -> dict[str, str]:
    rows = load_reference("procurement_map", "measurement_precision").to_pylist()
    return {row["segment"]: row["error_kind"] for row in rows}
