"""What reports open beside a map: contracts and their ends, targets, the date of reading."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from lcc.budget.grid.contract_ends import load_contract_ends, read_contract_ends
from lcc.budget.trajectory.targets import Target, read_targets
from lcc.carbon.result import CarbonMap
from lcc.carbon.study import DEMO_MAPPING, demo_files, is_demo
from lcc.errors import FieldError
from lcc.spending.check import check
from lcc.tables import demo_path, schema

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["open_contract_ends", "open_targets", "read_as_of"]

DEMO_TARGETS = "cibles.csv"


def read_as_of(text: str, year: int) -> date:
    """Return the date of reading: as written (2025-01-31), else the last day of a budget year.

    Never today's: the same inputs give the same report.

    Raises
    ------
    FieldError
        If the text is no date.
    """
    if not text:
        return date(year, 12, 31)
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise FieldError(
            "the date of reading is no date",
            field="as_of",
            found=text,
            expected="a date such as 2025-01-31, or nothing for the end of the budget year",
        ) from error


def open_contract_ends(path: str | Path, carbon: CarbonMap) -> pd.DataFrame:
    """Return contracts and their ends from a file; of the demonstration; else none, all unknown.

    Parameters
    ----------
    path : path
        File that `lcc reports` wrote (``contrats.csv``); empty for the demonstration's own, or for
        none where the map is another's.
    carbon : CarbonMap
    """
    if str(path):
        return load_contract_ends(path)
    if is_demo(carbon):
        mapping = demo_path(DEMO_MAPPING)
        return read_contract_ends(check(demo_files(), mapping=mapping), carbon)
    nothing: pd.DataFrame = schema("contract_end").arrow().empty_table().to_pandas()
    return nothing


def open_targets(path: str | Path, carbon: CarbonMap) -> tuple[Target, ...]:
    """Return the targets of a file; of the demonstration, for its map; else none."""
    if str(path):
        return read_targets(path, carbon)
    return read_targets(demo_path(DEMO_TARGETS), carbon) if is_demo(carbon) else ()
