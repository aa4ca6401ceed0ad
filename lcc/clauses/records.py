"""What evaluations leave behind: the measurements table, and suppliers' factors made of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from lcc.clauses.contract import ClauseContract
from lcc.clauses.measurements import REACH_95, Measurement
from lcc.tables import schema, write_table
from lcc.uncertainty.lognormal import calc_log_sd
from lcc.uncertainty.shared import Component, SharedErrors

__all__ = ["measurement_records", "supplier_factors", "write_pending", "write_records"]


def measurement_records(
    contracts: Sequence[ClauseContract], measurements: Iterable[Measurement]
) -> pa.Table:
    """Return the measurements as a table of schema `measurement`: accepted and pending.

    Those of a contract whose baseline is per year are left out: without work done they give no
    factor.
    """
    known = {each.key: each for each in contracts}
    rows = []
    for each in measurements:
        contract = known[each.contract]
        if contract.basis != "intensity":
            continue
        rows.append(
            {
                "measurement_id": f"{each.contract}:{each.start.isoformat()}",
                "contract": each.contract,
                "supplier_id": contract.supplier_id,
                "family": contract.family,
                "period_start": each.start,
                "period_end": each.end,
                "quantity": each.work,
                "quantity_unit": contract.work_unit,
                "value": each.level,
                "unit": contract.value_unit,
                "error_cv": each.error_cv,
                "own_share": contract.plan.own_share,
                "method": each.method,
                "quality": contract.plan.quality,
                "document": each.evidence,
                "status": "accepted" if each.accepted else "pending",
                "clause_id": contract.clause or None,
                "spend_eur": each.invoiced_eur,
                "accepted_by": each.verified_by or None,
                "accepted_on": each.verified_on,
            }
        )
    return pa.Table.from_pylist(rows, schema=schema("measurement").arrow())


def supplier_factors(records: pa.Table) -> pa.Table:
    """Return suppliers' factors of schema `supplier_factor`, from accepted measurements.

    One per supplier, family and unit: emissions over work. Errors of one method and contract are
    shared, those of others are not (`lcc.uncertainty.shared`); the quality is the worst one used.
    """
    groups: dict[tuple[str, str, str], list[dict[str, object]]] = {}
    for row in records.to_pylist():
        if row["status"] == "accepted":
            key = (row["supplier_id"], row["family"], row["quantity_unit"])
            groups.setdefault(key, []).append(row)
    rows = []
    for (supplier, family, unit), found in sorted(groups.items()):
        work = np.array([each["quantity"] for each in found], dtype=float)
        emissions = work * np.array([each["value"] for each in found], dtype=float)
        rows.append(
            {
                "supplier_id": supplier,
                "family": family,
                "unit": unit,
                "kgco2e_per_unit": float(emissions.sum() / work.sum()),
                "error_cv": _pooled_cv(found, emissions),
                "quality": max(int(str(each["quality"])) for each in found),
                "source": " ; ".join(dict.fromkeys(str(each["method"]) for each in found)),
                "locator": " ; ".join(dict.fromkeys(str(each["document"]) for each in found)),
            }
        )
    return pa.Table.from_pylist(rows, schema=schema("supplier_factor").arrow())


def _pooled_cv(found: Sequence[dict[str, object]], emissions: np.ndarray) -> float:
    """Return the coefficient of variation of a sum of emissions, errors of one method shared."""
    if emissions.sum() <= 0:
        return 0.0
    log_sd = calc_log_sd(np.array([each["error_cv"] for each in found], dtype=float))
    own = np.array([each["own_share"] for each in found], dtype=float)
    names = [(each["contract"], str(each["method"]).strip().casefold()) for each in found]
    codes = {name: rank for rank, name in enumerate(dict.fromkeys(names))}
    errors = SharedErrors(
        [
            Component(np.arange(len(found)), np.sqrt(own) * log_sd),
            Component(np.array([codes[name] for name in names]), np.sqrt(1 - own) * log_sd),
        ]
    )
    mean, variance = errors.calc_moments(emissions[None, :])
    return float(np.sqrt(variance[0]) / mean[0])


def write_records(records: pa.Table, folder: Path) -> tuple[Path, Path]:
    """Write `mesures.csv` and `facteurs_fournisseurs.csv`; return their paths.

    The second is what `lcc.toml` takes as `supplier_factors`.
    """
    measured, factors = folder / "mesures.csv", folder / "facteurs_fournisseurs.csv"
    write_table(records, measured)
    write_table(supplier_factors(records), factors)
    return measured, factors


def write_pending(
    contracts: Sequence[ClauseContract], measurements: Iterable[Measurement], path: Path | str
) -> int:
    """Write the measurements that wait as a table to verify; return how many there are.

    The buyer fills in « Vérifié par » and « Vérifié le » and gives this table instead of the
    contractor's form. Nothing is written where nothing waits.

    Raises
    ------
    FieldError, OutputError
        If the name ends in neither `.csv` nor `.xlsx`, or the file cannot be written.
    """
    from lcc.reading.edited import write_edited

    known = {each.key: each for each in contracts}
    rows = [
        {
            "contract": each.contract,
            "period_start": each.start,
            "period_end": each.end,
            "quantity": each.work if known[each.contract].basis == "intensity" else None,
            "quantity_unit": known[each.contract].work_unit,
            "emissions": each.emissions_kgco2e,
            "emissions_unit": "kgCO2e",
            "uncertainty": each.error_cv * REACH_95,
            "method": each.method,
            "evidence": each.evidence,
            "invoiced_eur": each.invoiced_eur,
        }
        for each in measurements
        if not each.accepted
    ]
    if rows:
        write_edited(rows, "clause_measurement", path)
    return len(rows)
