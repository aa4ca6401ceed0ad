"""One way to open an account: its working folder, or the demonstration gathered on the spot."""

from __future__ import annotations

from pathlib import Path

from lcc.yearly.account import Yearly
from lcc.yearly.gather import gather_year
from lcc.yearly.store import WORK_FOLDER, load_yearly
from lcc.yearly.study import open_study

__all__ = ["open_account"]


def open_account(folder: str | Path = "", year: int = 0, as_of: str = "") -> Yearly:
    """Return the account of a folder, or that of the demonstration.

    Parameters
    ----------
    folder : path
        Folder that `lcc bilan` wrote, or its working folder; empty for the demonstration.
    year, as_of
        As in `gather_year`, for the demonstration.

    Raises
    ------
    InputError
        If the folder holds no account.
    """
    if not str(folder):
        return gather_year(open_study(), year, as_of)
    inside = Path(folder) / WORK_FOLDER
    return load_yearly(inside if inside.is_dir() else folder)
