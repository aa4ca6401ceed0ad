"""A year beside the last: as published, at constant method, and why they differ."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lcc.carbon.change import compare_years
from lcc.carbon.method import compare_methods
from lcc.carbon.restate import find_published_tonnes, read_published, restate
from lcc.carbon.result import CarbonMap
from lcc.carbon.store import load_map
from lcc.errors import InputError
from lcc.yearly.state import State
from lcc.yearly.store import MAP_FOLDER, WORK_FOLDER
from lcc.yearly.study import YearlyStudy

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["compare_with_last_year", "open_previous_map"]

FRAMES = ("steps", "readings", "compared", "restated", "methods")


def compare_with_last_year(
    study: YearlyStudy, state: State, carbon: CarbonMap
) -> dict[str, pd.DataFrame]:
    """Return the change since last year, last year restated, and what changed in method.

    Parameters
    ----------
    study : YearlyStudy
        `previous` is the folder of last year's account, `published` the table of its figures.
    state : State
    carbon : CarbonMap
        Map of this year's account: last year in it is at constant method.

    Returns
    -------
    dict of str to pandas.DataFrame
        `steps` (causes of the change; where last year was published, what is counted otherwise
        since stands first), `readings`, `compared` (both years at constant method), `restated`,
        `methods`; empty where last year is not known.
    """
    import pandas as pd

    frames = {name: pd.DataFrame() for name in FRAMES}
    before = state.year - 1
    if before not in carbon.years:
        return frames
    change = compare_years(carbon, before, state.year)
    frames |= {"steps": change.steps, "readings": change.readings, "compared": change.years}
    previous = None if study.previous is None else open_previous_map(study.previous)
    if previous is not None:
        frames["methods"] = compare_methods(previous.manifest, carbon.manifest)
        frames["restated"] = _of_all(restate(previous, carbon, before))
    if study.published is not None:
        manifest = None if previous is None else previous.manifest
        figures = read_published(study.published)
        frames["restated"] = _of_all(restate(figures, carbon, before, previous=manifest))
    published = find_published_tonnes(frames["restated"])
    if published is not None:
        frames["steps"] = change.steps_from(published)
    return frames


def _of_all(restated: pd.DataFrame) -> pd.DataFrame:
    """Return the figures of all purchases: those of a family may be masked, in either year."""
    return restated[restated["scope"].isna() | (restated["scope"] == "")].reset_index(drop=True)


def open_previous_map(folder: Path) -> CarbonMap:
    """Return the map of last year's account from its folder: the output, or its working folder.

    Raises
    ------
    InputError
        If the folder holds no account.
    """
    for home in (folder / WORK_FOLDER, folder):
        if (home / MAP_FOLDER).is_dir():
            return load_map(home / MAP_FOLDER)
    raise InputError(
        "this folder does not hold the account of last year",
        file=folder.name,
        expected=f"the folder that `lcc bilan` wrote: it holds {WORK_FOLDER}/{MAP_FOLDER}",
    )
