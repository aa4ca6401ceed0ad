"""Tables that people keep beside the register: hours, programme, sessions, actions, purchases.

Each is read by its schema (`lcc.reading.edited`), and each row keeps the file and the row it comes
from. A cell that does not fit its column refuses the table; a figure that fits and cannot be true
is listed by `lcc.indicators.quantities.problems`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lcc.errors import InputError
from lcc.reading.edited import read_edited
from lcc.tables import schema

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "READERS",
    "read_actions",
    "read_agec_purchases",
    "read_hours",
    "read_programme",
    "read_training",
    "sort_tables",
]

Paths = Path | str | Sequence[Path | str]


def read_hours(paths: Paths) -> pd.DataFrame:
    """Return insertion hours per contract, year and sex (schema `insertion_hours`).

    Raises
    ------
    InputError, FieldError
        As `lcc.reading.edited.read_edited`.
    """
    return _read(paths, "insertion_hours")


def read_training(paths: Paths) -> pd.DataFrame:
    """Return sessions of training and information (schema `training_session`).

    Raises
    ------
    InputError, FieldError
        As `lcc.reading.edited.read_edited`.
    """
    return _read(paths, "training_session")


def read_actions(paths: Paths) -> pd.DataFrame:
    """Return the actions of the scheme and their progress (schema `action`).

    Raises
    ------
    InputError, FieldError
        As `lcc.reading.edited.read_edited`.
    """
    return _read(paths, "action")


def read_programme(paths: Paths) -> pd.DataFrame:
    """Return the purchasing programme (schema `programmed_contract`).

    Raises
    ------
    InputError, FieldError
        As `lcc.reading.edited.read_edited`.
    """
    return _read(paths, "programmed_contract")


def read_agec_purchases(paths: Paths) -> pd.DataFrame:
    """Return purchases per product category of the AGEC act (schema `agec_purchase`).

    Raises
    ------
    InputError, FieldError
        As `lcc.reading.edited.read_edited`.
    """
    return _read(paths, "agec_purchase")


READERS = {
    "hours": "insertion_hours",
    "programme": "programmed_contract",
    "actions": "action",
    "agec": "agec_purchase",
    "training": "training_session",
}
"""What a table is → its schema; tried in this order, the most demanding header first."""


def sort_tables(paths: Sequence[Path | str]) -> dict[str, tuple[Path, ...]]:
    """Return which table each file is, told by its header: hours, actions and others.

    Raises
    ------
    InputError
        If a file cannot be read, or its header is that of none.
    FieldError
        If a cell does not fit the table the header tells.
    """
    found: dict[str, tuple[Path, ...]] = {}
    for path in map(Path, paths):
        kind = _recognise(path)
        found[kind] = (*found.get(kind, ()), path)
    return found


def _recognise(path: Path) -> str:
    refused: list[InputError] = []
    for kind, name in READERS.items():
        try:
            read_edited(path, name)
        except InputError as error:
            if error.field is None:
                # Not the header: the file itself cannot be read.
                raise
            refused.append(error)
        else:
            return kind
    raise InputError(
        "the header is that of no table kept beside the register",
        file=path.name,
        rows=[1],
        found=refused[0].found,
        expected=" | ".join(schema(name).title for name in READERS.values()),
        remedy="see docs/indicators.md for the columns of each",
    )


def _read(paths: Paths, name: str) -> pd.DataFrame:
    """Return the rows of one table or several, each with its file and row."""
    import pandas as pd

    given = [paths] if isinstance(paths, Path | str) else list(paths)
    frames = []
    for each in given:
        table = read_edited(each, name)
        frame = table.to_arrow().to_pandas(date_as_object=True)
        frames.append(frame.assign(source_file=table.file, source_row=list(table.rows)))
    if frames:
        return pd.concat(frames, ignore_index=True)
    empty: pd.DataFrame = schema(name).arrow().empty_table().to_pandas()
    return empty.assign(source_file=None, source_row=None)
