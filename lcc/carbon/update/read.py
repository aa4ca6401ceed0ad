"""Suppliers' measurements as people keep them, and their acceptance by name."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from lcc.errors import FieldError
from lcc.reading.edited import read_edited
from lcc.tables import schema

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["accept_measurements", "read_measured"]

TABLE = "measurement"


def read_measured(path: Path | str) -> pd.DataFrame:
    """Return the measurements of a table of schema `measurement`, each with its `row`.

    The table is what `lcc clause` writes (`mesures.csv`) or one kept by hand
    (`lcc table supplier-measurements`).

    Raises
    ------
    InputError, FieldError
        If the table, its header or a cell cannot be read, or two rows have one name.
    """
    import pandas as pd

    table = read_edited(path, TABLE)
    columns = [*schema(TABLE).names, "row"]
    records = [{**record, "row": number} for number, record in table]
    return pd.DataFrame(records, columns=columns).astype(object)


def accept_measurements(
    records: pd.DataFrame, names: Iterable[str], by: str, on: datetime.date
) -> pd.DataFrame:
    """Return measurements of which some are accepted: by whom, on which day.

    Raises
    ------
    FieldError
        If a name is no measurement's, or nobody is said to accept them.
    """
    asked = list(dict.fromkeys(names))
    if not asked:
        return records
    if not by.strip():
        raise FieldError(
            "nobody is said to accept a measurement",
            field="by",
            found="nothing",
            expected="a name: it stays beside the figure",
        )
    known = set(records["measurement_id"])
    if unknown := [each for each in asked if each not in known]:
        raise FieldError(
            "no measurement has this name",
            field="accept",
            found=", ".join(unknown),
            expected=", ".join(sorted(known)),
        )
    chosen = records["measurement_id"].isin(asked)
    accepted = records.copy()
    accepted.loc[chosen, "status"] = "accepted"
    accepted.loc[chosen, "accepted_by"] = by.strip()
    accepted.loc[chosen, "accepted_on"] = on
    return accepted
