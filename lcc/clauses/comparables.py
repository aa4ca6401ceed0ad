"""Comparable contracts: read from a table, joined by the evaluated ones, on logarithms."""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lcc.clauses.contract import ClauseContract
from lcc.clauses.measurements import REACH_95, Measurement
from lcc.errors import FieldError, UnitError, first_of
from lcc.reading.edited import read_edited
from lcc.tables import load_reference
from lcc.uncertainty.lognormal import calc_log_sd
from lcc.units import is_unit, unit_ratio

__all__ = [
    "CHARACTERISTICS",
    "ComparedContract",
    "align_units",
    "characteristics_of",
    "compared_from_contract",
    "merge_contracts",
    "name_of",
    "read_comparables",
    "stratum_of",
]

Floats = NDArray[np.float64]

CHARACTERISTICS = ("size", "duration", "year")
"""What neighbours are found by: ln of yearly work, ln of duration, date of start in years."""

DAYS_PER_YEAR = 365.25


@dataclass(frozen=True)
class ComparedContract:
    """One contract as it is compared.

    `intensity` and `intensity_before` are kilograms of CO2 equivalent per unit of work; the second
    is None where nothing is known of before. `method_log_sd` and `before_log_sd` are the parts of
    their errors, on the logarithm, that all contracts of one method share; None where none is
    stated. `shares_before` says that the error before is that of the same-named method after.
    """

    key: str
    clause: bool
    family: str
    supplier: str
    work_unit: str
    yearly_work: float
    start: datetime.date
    duration_years: float
    intensity: float
    intensity_before: float | None
    method: str
    method_before: str
    scope_changed: bool | None
    method_log_sd: float | None = None
    before_log_sd: float | None = None
    shares_before: bool = False

    @property
    def log_change(self) -> float:
        """Logarithm of after over before; NaN where nothing is known of before."""
        if not self.intensity_before:
            return math.nan
        return math.log(self.intensity / self.intensity_before)


def read_comparables(path: Path | str) -> list[ComparedContract]:
    """Return the contracts of a table of schema `comparable_contract`.

    Raises
    ------
    FieldError
        If a family or a unit does not exist, or a quantity or an intensity is zero: a ratio needs
        both.
    InputError
        If the table cannot be read.
    """
    table = read_edited(path, "comparable_contract")
    families = set(load_reference("procurement_map", "families")["family"].to_pylist())
    titles = {each.name: each.title for each in table.schema.fields}
    problems: list[FieldError] = []
    found = []
    for row, record in table:
        checks = [
            ("family", record["family"] in families, "a code of procurement_map/families.csv"),
            ("work_unit", is_unit(record["work_unit"]), "a unit such as kWh, km, t, m², repas"),
            ("yearly_work", record["yearly_work"] > 0, "above 0"),
            ("intensity", record["intensity"] > 0, "above 0"),
            ("intensity_before", record["intensity_before"] != 0, "above 0, or empty"),
        ]
        wrong = [(name, expected) for name, good, expected in checks if not good]
        problems += [
            table.error(
                "the value does not fit a comparison", row, titles[name], found=record[name],
                expected=expected,
            )
            for name, expected in wrong
        ]  # fmt: skip
        if not wrong:
            shared = _shared_log_sd(record["uncertainty"], record["own_share"])
            before = record["method_before"] or ""
            same = name_of(before) == name_of(record["method"])
            found.append(
                ComparedContract(
                    key=record["contract"],
                    clause=record["clause"],
                    family=record["family"],
                    supplier=record["supplier"],
                    work_unit=record["work_unit"],
                    yearly_work=record["yearly_work"],
                    start=record["start"],
                    duration_years=record["duration_years"],
                    intensity=record["intensity"],
                    intensity_before=record["intensity_before"],
                    method=record["method"],
                    method_before=before,
                    scope_changed=record["scope_changed"],
                    method_log_sd=shared,
                    before_log_sd=shared if same else None,
                    shares_before=same,
                )
            )
    if problems:
        raise first_of(problems)
    return found


def compared_from_contract(
    contract: ClauseContract, measurements: Sequence[Measurement]
) -> ComparedContract | None:
    """Return an evaluated contract as one to compare; None without accepted measurement.

    Its intensity is emissions over work; before is its baseline; its size the work of a year as its
    file states it, else as measured.
    """
    used = [each for each in measurements if each.accepted and each.contract == contract.key]
    if not used or contract.basis != "intensity":
        return None
    work = sum(each.work for each in used)
    emissions = sum(each.emissions_kgco2e for each in used)
    days = sum((each.end - each.start).days + 1 for each in used)
    if emissions <= 0:
        return None
    share = math.sqrt(1 - contract.plan.own_share)
    weighted = sum(each.emissions_kgco2e * float(calc_log_sd(each.error_cv)) for each in used)
    baseline = contract.baseline
    return ComparedContract(
        key=contract.key,
        clause=True,
        family=contract.family,
        supplier=contract.supplier,
        work_unit=contract.work_unit,
        yearly_work=contract.yearly_work or work / days * DAYS_PER_YEAR,
        start=contract.start,
        duration_years=contract.years,
        intensity=emissions / work,
        intensity_before=contract.baseline.value,
        method=used[-1].method,
        method_before=baseline.method,
        scope_changed=None,
        method_log_sd=share * weighted / emissions,
        before_log_sd=share * baseline.log_sd if baseline.interval else None,
        shares_before=baseline.shares_method_error,
    )


def merge_contracts(
    listed: Sequence[ComparedContract], evaluated: Mapping[str, ComparedContract]
) -> list[ComparedContract]:
    """Return all contracts to compare; an evaluated one replaces its row of the table.

    What the table alone knows (change of scope) is kept.
    """
    rows = {each.key: each for each in listed}
    merged = []
    for each in listed:
        merged.append(evaluated.get(each.key, each))
    merged += [each for key, each in evaluated.items() if key not in rows]
    return [_keep_scope(each, rows.get(each.key)) for each in merged]


def _keep_scope(each: ComparedContract, row: ComparedContract | None) -> ComparedContract:
    if row is None or each.scope_changed is not None:
        return each
    return replace(each, scope_changed=row.scope_changed)


def _shared_log_sd(uncertainty: float | None, own_share: float | None) -> float | None:
    """Return the part of an error that its method shares: all of it unless a part is said own."""
    if uncertainty is None:
        return None
    return math.sqrt(1 - (own_share or 0.0)) * float(calc_log_sd(uncertainty / REACH_95))


def name_of(text: str) -> str:
    """Return a name as it is compared: case and spaces do not tell two apart."""
    return " ".join(text.casefold().split())


def align_units(contracts: Sequence[ComparedContract]) -> list[ComparedContract]:
    """Return the contracts, those of a family whose units convert in one and the same unit."""
    known: dict[str, list[str]] = {}
    aligned = []
    for each in contracts:
        units = known.setdefault(each.family, [])
        own = each.work_unit.strip()
        for unit in units:
            try:
                ratio = unit_ratio(own, unit)
            except UnitError:
                continue
            before = each.intensity_before
            aligned.append(
                replace(
                    each,
                    work_unit=unit,
                    yearly_work=each.yearly_work * ratio,
                    intensity=each.intensity / ratio,
                    intensity_before=None if before is None else before / ratio,
                )
            )
            break
        else:
            units.append(own)
            aligned.append(replace(each, work_unit=own))
    return aligned


def stratum_of(each: ComparedContract) -> tuple[str, str]:
    """Return what must be equal: family and unit of work, units aligned by `align_units`."""
    return each.family, each.work_unit


def characteristics_of(contracts: Sequence[ComparedContract]) -> Floats:
    """Return the characteristics of contracts, shape (contracts, `CHARACTERISTICS`)."""
    return np.array(
        [
            [
                math.log(each.yearly_work),
                math.log(each.duration_years),
                each.start.toordinal() / DAYS_PER_YEAR,
            ]
            for each in contracts
        ],
        dtype=float,
    ).reshape(len(contracts), len(CHARACTERISTICS))
