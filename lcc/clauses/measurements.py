"""Periodic measurements of contracts: converted once, or refused with their row."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import NormalDist
from typing import Any

from lcc.clauses.contract import DAYS_PER_YEAR, ClauseContract
from lcc.errors import FieldError, UnitError, first_of
from lcc.reading.edited import EditedTable
from lcc.units import product_ratio, unit_ratio

__all__ = ["REACH_95", "Measurement", "check_periods", "make_measurement"]

REACH_95 = NormalDist().inv_cdf(0.975)
"""Standard deviations from the middle to the bound of a 95 % interval."""


@dataclass(frozen=True)
class Measurement:
    """One measured period of one contract.

    Attributes
    ----------
    contract : str
    start, end : date
        First and last day.
    work : float
        Units of work done; for a baseline per year, years.
    emissions_kgco2e : float
    error_cv : float
        Coefficient of variation: the stated half-width at 95 % over 1.96.
    method, evidence : str
    invoiced_eur : float or None
    verified_by : str
    verified_on : date or None
    file : str
    row : int
        Row of the spreadsheet.
    """

    contract: str
    start: datetime.date
    end: datetime.date
    work: float
    emissions_kgco2e: float
    error_cv: float
    method: str
    evidence: str
    invoiced_eur: float | None = None
    verified_by: str = ""
    verified_on: datetime.date | None = None
    file: str = ""
    row: int = 0

    @property
    def level(self) -> float:
        """Kilograms of CO2 equivalent per unit of work, or per year."""
        return self.emissions_kgco2e / self.work

    @property
    def accepted(self) -> bool:
        """Whether somebody verified it; it counts for nothing before."""
        return bool(self.verified_by) and self.verified_on is not None


def make_measurement(
    table: EditedTable,
    row: int,
    record: Mapping[str, Any],
    contracts: Mapping[str, ClauseContract],
) -> Measurement:
    """Return the measurement of a record of schema `clause_measurement`.

    Raises
    ------
    FieldError
        Naming file, row, field, what was found and what was expected.
    """

    def refuse(problem: str, name: str, expected: str, remedy: str | None = None) -> FieldError:
        found = record.get(name)
        return table.error(
            problem,
            row,
            table.title(name),
            found="nothing" if found is None else found,
            expected=expected,
            remedy=remedy,
        )

    contract = contracts.get(record["contract"])
    if contract is None:
        raise refuse(
            "the measurement is of another contract",
            "contract",
            ", ".join(contracts) or "a contract",
            "give the file of that contract too, or correct its identifier",
        )
    start, end = record["period_start"], record["period_end"]
    if end < start:
        raise refuse("the period ends before it starts", "period_end", f"{start} or later")
    outside = "period_start" if start < contract.start else "period_end"
    if start < contract.start or end > contract.end:
        raise refuse(
            "the measurement is outside the contract's dates",
            outside,
            f"between {contract.start} and {contract.end}",
        )
    work = _read_work(record, contract, refuse, (start, end))
    return Measurement(
        contract=contract.key,
        start=start,
        end=end,
        work=work,
        emissions_kgco2e=_read_emissions(record, contract, refuse, work),
        error_cv=record["uncertainty"] / REACH_95,
        method=record["method"],
        evidence=record["evidence"],
        invoiced_eur=record.get("invoiced_eur"),
        verified_by=record.get("verified_by") or "",
        verified_on=_read_verified(record, refuse, end),
        file=table.file,
        row=row,
    )


def _read_work(
    record: Mapping[str, Any],
    contract: ClauseContract,
    refuse: Any,
    period: tuple[datetime.date, datetime.date],
) -> float:
    """Return units of work; for a baseline per year, years."""
    if contract.basis == "absolute":
        return ((period[1] - period[0]).days + 1) / DAYS_PER_YEAR
    quantity = record.get("quantity")
    if quantity is None or quantity <= 0:
        raise refuse("the quantity of work is missing", "quantity", "a number above 0")
    unit = record.get("quantity_unit") or ""
    try:
        return float(quantity * unit_ratio(unit, contract.work_unit))
    except UnitError as error:
        raise refuse(
            "the unit of the quantity does not convert",
            "quantity_unit",
            contract.work_unit,
            "give the quantity in the unit of work of the contract",
        ) from error


def _read_emissions(
    record: Mapping[str, Any], contract: ClauseContract, refuse: Any, work: float
) -> float:
    """Return kilograms, from the emissions of the period or from an intensity."""
    emissions, intensity = record.get("emissions"), record.get("intensity")
    if (emissions is None) == (intensity is None):
        raise refuse(
            "emissions or intensity: one of the two is expected",
            "emissions",
            "one of the two columns filled",
            "leave the other one empty",
        )
    name, target = ("emissions", "kgCO2e")
    if emissions is None:
        name, target = "intensity", contract.value_unit
    unit = record.get(f"{name}_unit") or ""
    if not unit:
        raise refuse("the unit is missing", f"{name}_unit", target)
    try:
        ratio = product_ratio((unit,), target)
    except UnitError as error:
        raise refuse("the unit does not convert", f"{name}_unit", target) from error
    return float(record[name] * ratio) * (1.0 if name == "emissions" else work)


def _read_verified(
    record: Mapping[str, Any], refuse: Any, end: datetime.date
) -> datetime.date | None:
    by, on = record.get("verified_by"), record.get("verified_on")
    if on is not None and not by:
        raise refuse("nobody is said to have verified it", "verified_by", "a name")
    if by and on is None:
        raise refuse("the date of the verification is missing", "verified_on", "a date")
    if on is not None and on < end:
        raise refuse("it was verified before the period ended", "verified_on", f"{end} or later")
    return on if isinstance(on, datetime.date) else None


def check_periods(found: Sequence[Measurement]) -> None:
    """Raise where two measurements of one contract share a day.

    Raises
    ------
    FieldError
        Naming both rows.
    """
    ordered = sorted(found, key=lambda each: (each.contract, each.start, each.end))
    problems = []
    for before, after in pairwise(ordered):
        if before.contract == after.contract and after.start <= before.end:
            where = "" if before.file == after.file else f" in {before.file}"
            problems.append(
                FieldError(
                    "two periods of one contract overlap",
                    file=after.file,
                    rows=sorted({before.row, after.row}) if not where else [after.row],
                    field="Début de période",
                    found=f"{after.start} to {after.end}; row {before.row}{where}: "
                    f"{before.start} to {before.end}",
                    expected=f"a period of {after.contract} that starts after {before.end}",
                    remedy="keep one measurement per day",
                )
            )
    if problems:
        raise first_of(problems)
