"""Results of SEVE, the eco-comparator of road works, as measurements of a clause.

SEVE compares a base solution and a variant by indicators: energy (MJ), greenhouse gases (tCO2e),
natural aggregates, reclaimed asphalt, reused soil, recycled materials (t), transport (t.km). The
table read here holds them by name, one row per solution, typed in or copied from the tool's report:
the exact format of the tool's own export could not be verified, so none is assumed.

References
----------
SEVE, *Méthodologie et sources*, version 4.0, Routes de France, February 2022, section 3.2;
*Documentation Seve 3.0*, page 7.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lcc.clauses.contract import ClauseContract
from lcc.clauses.measurements import Measurement, make_measurement
from lcc.errors import FieldError, LccError, first_of
from lcc.reading.dialect import normalise_header
from lcc.reading.edited import EditedTable, read_edited
from lcc.tables import schema

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["INDICATORS", "compare_solutions", "is_seve_table", "read_seve"]

INDICATORS = {
    "emissions_tco2e": "tCO2e",
    "energy_mj": "MJ",
    "natural_aggregates_t": "t",
    "reclaimed_asphalt_t": "t",
    "reused_soil_t": "t",
    "recycled_materials_t": "t",
    "transport_tkm": "t.km",
}
"""Indicator → unit."""


def is_seve_table(path: Path) -> bool:
    """Tell whether a file is a table of SEVE results: its header says so.

    One that names solutions is meant as such, even where its header is not complete: reading it
    will say what is missing.
    """
    try:
        read_edited(path, "seve_result")
    except FieldError:
        return True
    except LccError as error:
        return "solution" in map(normalise_header, (error.found or "").split(","))
    return True


def read_seve(path: Path | str, contracts: Sequence[ClauseContract]) -> list[Measurement]:
    """Return the variants of a table of SEVE results as measurements.

    A variant is what was done; the base solution beside it must be there, as a measurement that
    compares with nothing says nothing, but the baseline of the clause stays that of the contract.

    Raises
    ------
    FieldError
        If a variant has no base solution of the same period, or as for any measurement.
    """
    table = read_edited(path, "seve_result")
    known = {each.key: each for each in contracts}
    edited = replace(table, schema=schema("clause_measurement"))
    bases = {
        (each["contract"], each["period_start"]) for _, each in table if each["solution"] == "base"
    }
    problems: list[FieldError] = []
    found = []
    for row, record in table:
        if record["solution"] != "variant":
            continue
        try:
            if (record["contract"], record["period_start"]) not in bases:
                raise _no_base(table, row)
            found.append(make_measurement(edited, row, _as_measurement(record), known))
        except FieldError as error:
            problems.append(error)
    if problems:
        raise first_of(problems)
    return found


def _no_base(table: EditedTable, row: int) -> FieldError:
    return table.error(
        "the base solution of this variant is missing",
        row,
        "Solution",
        found="variant",
        expected="a row “base” of the same contract and period",
    )


def _as_measurement(record: dict[str, Any]) -> dict[str, Any]:
    version = record["version"]
    return {
        **record,
        "emissions": record["emissions_tco2e"],
        "emissions_unit": "tCO2e",
        "method": f"SEVE {version}" if version else "SEVE",
    }


def compare_solutions(path: Path | str) -> pd.DataFrame:
    """Return every indicator of base and variant, one row per contract, period and indicator.

    Columns: `contract`, `period_start`, `indicator`, `unit`, `base`, `variant`, `change` (a share;
    missing where the base is zero or an indicator is).
    """
    import pandas as pd

    table = read_edited(path, "seve_result")
    pairs: dict[tuple[Any, Any], dict[str, dict[str, Any]]] = {}
    for _, record in table:
        key = (record["contract"], record["period_start"])
        pairs.setdefault(key, {})[record["solution"]] = record
    rows = []
    for (contract, start), both in sorted(pairs.items()):
        if len(both) < 2:
            continue
        for name, unit in INDICATORS.items():
            base, variant = both["base"][name], both["variant"][name]
            known = base is not None and variant is not None and base > 0
            rows.append(
                {
                    "contract": contract,
                    "period_start": start,
                    "indicator": name,
                    "unit": unit,
                    "base": base,
                    "variant": variant,
                    "change": variant / base - 1 if known else None,
                }
            )
    columns = ["contract", "period_start", "indicator", "unit", "base", "variant", "change"]
    return pd.DataFrame(rows, columns=columns)
