"""What one directorate should know: its tonnes, its contracts, its gap, and where it has a hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lcc.budget.grid.leverage import (
    WINDOW_MONTHS,
    list_contracts,
    list_ending,
    rank_leverage,
    window_end,
)
from lcc.budget.grid.reading_grid import load_grid, load_social_potential
from lcc.budget.tonnes import list_cells, measure_groups, number_groups
from lcc.budget.trajectory.follow import follow_trajectory
from lcc.budget.trajectory.targets import Target
from lcc.carbon.result import CarbonMap
from lcc.errors import FieldError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Directorate", "describe_directorate"]


@dataclass(frozen=True)
class Directorate:
    """The tables of one directorate's report.

    Attributes
    ----------
    name : str
    year : int
    as_of, until : date
        Window of the contracts that end: after the first, up to the second.
    row : pandas.Series
        Its row of `CarbonMap.table`.
    rank, count : int
        Its rank by tonnes among the directorates.
    families : pandas.DataFrame
        See `rank_leverage`, by falling tonnes.
    leverage : pandas.DataFrame
        The same, by falling leverage; families with something at stake or unknown.
    contracts, ending, undated : pandas.DataFrame
        See `list_contracts` and `list_ending`.
    grid : pandas.DataFrame
        Cells of the reading grid of its families, the family that emits most first.
    years : pandas.DataFrame
        `year`, `emissions_tco2e`, `low_tco2e`, `high_tco2e`.
    gaps, required : pandas.DataFrame
        See `Trajectory`; empty where the directorate has no target.
    """

    name: str
    year: int
    as_of: date
    until: date
    row: pd.Series
    rank: int
    count: int
    families: pd.DataFrame
    leverage: pd.DataFrame
    contracts: pd.DataFrame
    ending: pd.DataFrame
    undated: pd.DataFrame
    grid: pd.DataFrame
    years: pd.DataFrame
    gaps: pd.DataFrame
    required: pd.DataFrame


def describe_directorate(
    carbon: CarbonMap,
    name: str,
    *,
    year: int,
    as_of: date,
    contracts: pd.DataFrame,
    targets: Sequence[Target] = (),
    own_grid: str | Path = "",
    months: int = WINDOW_MONTHS,
) -> Directorate:
    """Return the tables of one directorate's report.

    Parameters
    ----------
    carbon : CarbonMap
        Made by `family`, `contract` and `directorate`.
    name : str
        The directorate, as the files write it.
    year : int
        Budget year.
    as_of : date
    contracts : pandas.DataFrame
        Schema `contract_end`.
    targets : sequence of Target
        Those of other scopes are left aside.
    own_grid : path, optional
        The buyer's own cells of the reading grid.
    months : int

    Raises
    ------
    FieldError
        If the map holds no such year or directorate.
    """
    table = carbon.table("directorate", year)
    chosen = table[table["group"] == name]
    if not len(chosen):
        raise FieldError(
            "the map holds no such directorate in this year",
            field="directorate",
            found=name,
            expected=", ".join(str(each) for each in table["group"].dropna()),
        )
    grid = load_grid(own_grid or None)
    choices: dict[str, Any] = {"year": year, "directorate": name}
    leverage = rank_leverage(carbon, contracts, as_of=as_of, months=months, grid=grid, **choices)
    families = leverage.sort_values("emissions_tco2e", ascending=False, kind="stable")
    listed = list_contracts(carbon, contracts, **choices)
    ending, undated = list_ending(listed, as_of, months)
    order = {family: rank for rank, family in enumerate(families["family"])}
    cells = grid[grid["family"].isin(order)]
    cells = cells.sort_values("family", key=lambda each: each.map(order), kind="stable")
    own = [each for each in targets if each.scope_kind == "directorate" and each.scope == name]
    trajectory = follow_trajectory(carbon, own)
    return Directorate(
        name=name,
        year=year,
        as_of=as_of,
        until=window_end(as_of, months),
        row=chosen.iloc[0],
        # Purchases that name no directorate are none to be ranked.
        rank=int(table.loc[: chosen.index[0], "group"].notna().sum()),
        count=int(table["group"].notna().sum()),
        families=families.reset_index(drop=True),
        leverage=leverage[leverage["leverage_at_most_tco2e"] > 0].reset_index(drop=True),
        contracts=listed[listed["contract"].notna()].reset_index(drop=True),
        ending=ending,
        undated=undated,
        grid=cells.merge(load_social_potential(), on="family", how="left"),
        years=_measure_years(carbon, name),
        gaps=trajectory.gaps,
        required=trajectory.required,
    )


def _measure_years(carbon: CarbonMap, name: str) -> pd.DataFrame:
    """Return the emissions of a directorate, year by year."""
    import pandas as pd

    from lcc.carbon.study import main_years

    keys = list_cells(carbon, "directorate", "group_key", "budget_year")
    years = main_years(carbon)
    groups = number_groups(keys, [(name, year) for year in years])
    found = measure_groups(carbon, "directorate", groups, len(years))
    frame = pd.DataFrame(
        {
            "year": years,
            "emissions_tco2e": found.mean,
            "low_tco2e": found.low,
            "high_tco2e": found.high,
        }
    )
    return frame[np.bincount(groups[groups >= 0], minlength=len(years)) > 0]
