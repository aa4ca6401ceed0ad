"""What an update leaves in a folder: tables to read, and two that the next map takes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from lcc.carbon.supplier import EURO
from lcc.carbon.update.apply import Update
from lcc.carbon.update.contracts import Measured, pool_errors
from lcc.carbon.updated import join_names
from lcc.errors import UnitError
from lcc.files import make_folder
from lcc.tables import schema, write_table
from lcc.uncertainty.lognormal import calc_cv
from lcc.units import unit_ratio
from lcc.version import __version__

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["FAMILY_UPDATES", "SUPPLIER_FACTORS", "family_updates", "supplier_rows", "write_update"]

FAMILY_UPDATES = "familles_mises_a_jour.csv"
SUPPLIER_FACTORS = "facteurs_fournisseurs.csv"

NAMES = {
    "judged": "mesures.csv",
    "families": "familles.csv",
    "factors": "facteurs.csv",
    "contracts": "marches.csv",
    "weights": "poids.csv",
    "total": "total.csv",
    "premium": "prix.csv",
}


def family_updates(update: Update) -> pa.Table:
    """Return what measurements changed in the factors of families (schema `family_update`)."""
    every = [record for each in update.measured for record in each.records]
    learnt = join_names(update.judged.learnt_names())
    rows = [
        {
            **{name: row[name] for name in schema("family_update").names if name in row},
            "measurements": learnt,
            "documents": join_names(
                str(each["document"])
                for each in every
                if each["family"] == row["family"] and each["document"]
            )
            or None,
            "version": __version__,
        }
        for row in update.factors.to_dict("records")
    ]
    rows.sort(key=lambda row: str(row["bridge_rule"]))
    return pa.Table.from_pylist(rows, schema=schema("family_update").arrow())


def supplier_rows(update: Update) -> pa.Table:
    """Return the measured contracts' own factors (schema `supplier_factor`).

    One per contract, family and unit: emissions over euros, or over the quantity where the map
    counts it, in the last year measured. The next map applies it to that contract's lines of the
    family, in all years, and takes no more doubt than the measurements state; other contracts of
    the supplier keep their family's factor.
    """
    held = update.judged.held
    rows: list[dict[str, Any]] = []
    for each in update.measured:
        year = max(each.cells)
        cells, pooled = each.cells[year], each.pooled[year]
        log_sd = pool_errors(pooled, pooled, same_contract=True) ** 0.5
        for unit, ratios in _group_units(str(held.factor(cell)["unit"]) for cell in cells):
            chosen = [cell for cell in cells if held.factor(cell)["unit"] in ratios]
            amounts = held.spend_eur if unit == EURO else held.quantity
            amount = sum(
                float(amounts[cell]) * ratios[str(held.factor(cell)["unit"])] for cell in chosen
            )
            kilograms = float(held.emissions.kgco2e[chosen].sum()) * pooled.ratio
            if amount <= 0 or kilograms <= 0:
                continue
            rows.append(
                {
                    "supplier_id": str(each.records[0]["supplier_id"]),
                    "family": each.family,
                    "unit": unit,
                    "kgco2e_per_unit": kilograms / amount,
                    "error_cv": float(calc_cv(log_sd)),
                    "quality": max(int(one["quality"]) for one in each.records),
                    "source": each.document(),
                    "locator": None,
                    "contract": _number(each),
                }
            )
    rows.sort(key=lambda row: tuple(str(row[name]) for name in ORDER))
    return pa.Table.from_pylist(rows, schema=schema("supplier_factor").arrow())


def _group_units(units: Iterable[str]) -> list[tuple[str, dict[str, float]]]:
    """Return one unit of each kind, with what every unit of that kind is of it."""
    groups: dict[str, dict[str, float]] = {}
    for unit in sorted(set(units)):
        for held, ratios in groups.items():
            if EURO in (unit, held):
                continue
            with suppress(UnitError):
                ratios[unit] = unit_ratio(unit, held)
                break
        else:
            groups[unit] = {unit: 1.0}
    return list(groups.items())


ORDER = ("supplier_id", "contract", "family", "unit")


def _number(each: Measured) -> str:
    """Return a contract's number as its payments give it: the map puts the buyer's before it.

    Where the measurement names the contract by the map's key, the buyer's number (SIREN or SIRET)
    is taken off.
    """
    stated = str(each.records[0]["contract"])
    return re.sub(r"^(\d{9}|\d{14}) ", "", stated)


def write_update(update: Update, folder: Path) -> list[Path]:
    """Write the tables of an update; return the paths of the two that the next map takes.

    These, `familles_mises_a_jour.csv` and `facteurs_fournisseurs.csv`, are what `lcc.toml` names as
    `family_updates` and `supplier_factors`. They are not written where no measurement is used.

    Raises
    ------
    OutputError
        If a table cannot be written.
    """
    make_folder(folder)
    for name, file in NAMES.items():
        frame = update.judged.frame if name == "judged" else getattr(update, name)
        write_table(_to_arrow(frame), folder / file)
    if update.learnt is None:
        return []
    paths = [folder / FAMILY_UPDATES, folder / SUPPLIER_FACTORS]
    write_table(family_updates(update), paths[0])
    write_table(supplier_rows(update), paths[1])
    return paths


def _to_arrow(frame: pd.DataFrame) -> pa.Table:
    """Return a frame as an Arrow table; columns without a single value are texts."""
    table = pa.Table.from_pandas(frame, preserve_index=False)
    for rank, field in enumerate(table.schema):
        if pa.types.is_null(field.type):
            table = table.set_column(rank, field.name, pa.nulls(len(table), pa.string()))
    return table
