"""What all reports of families share: made once by `lcc reports`, opened by each report.

The rank of a family asks draws of all families, and what it may buy together with others asks all
contracts: a report that computed either would take as long for one row as for all of them.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from lcc.budget.opportunities.study import find_opportunities
from lcc.carbon.ranks import rank_groups
from lcc.carbon.result import CarbonMap
from lcc.errors import InputError
from lcc.tables import load_table, schema, write_table

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "POOLING_FILE",
    "RANKS_FILE",
    "open_family_pooling",
    "open_family_ranks",
    "pool_families",
    "rank_families",
    "write_common",
]

RANKS_FILE = "rangs.csv"
POOLING_FILE = "regroupements.csv"
RANKS, POOLING = "family_rank", "family_pooling"

TOP = 10
"""First ranks whose probability a report tells (a judgement: what a director's list holds)."""


def rank_families(carbon: CarbonMap, year: int) -> pd.DataFrame:
    """Return the families of a year by falling emissions, with how sure their rank is.

    Parameters
    ----------
    carbon : CarbonMap
    year : int

    Returns
    -------
    pandas.DataFrame
        Schema `family_rank`; no row where no family has a factor.
    """
    covered = carbon.table("family", year)
    if not ((covered["coverage"] > 0) & covered["group"].notna()).any():
        return _empty(RANKS)
    table = rank_groups(carbon, "family", year, k=(1, TOP), top=TOP).table
    frame = table.assign(
        family=table["group"],
        ranked=len(table),
        top=TOP,
        p_first=table["p_top_1"],
        p_top=table[f"p_top_{TOP}"],
    )
    return frame[schema(RANKS).names]


def pool_families(
    carbon: CarbonMap, contracts: pd.DataFrame, year: int, as_of: date
) -> pd.DataFrame:
    """Return what each family may buy together with others, from the contracts that were paid.

    Parameters
    ----------
    carbon : CarbonMap
        Made by family and contract.
    contracts : pandas.DataFrame
        Schema `contract_end`.
    year : int
    as_of : date
        Day of reading.

    Returns
    -------
    pandas.DataFrame
        Schema `family_pooling`: one row per candidate and family that has a contract in it.
    """
    if not len(contracts):
        return _empty(POOLING)
    found = find_opportunities(as_of=as_of, carbon=carbon, contracts=contracts, year=year)
    members = found.members[["candidate", "family"]].dropna().drop_duplicates()
    frame = found.candidates.drop(columns="family").merge(members, on="candidate")
    frame = frame.sort_values(["family", "candidate"]).reset_index(drop=True)
    return frame[schema(POOLING).names]


def write_common(
    folder: Path, carbon: CarbonMap, contracts: pd.DataFrame, year: int, as_of: date
) -> tuple[Path, Path]:
    """Write what all reports of families share into a folder; return the two files."""
    import pyarrow as pa

    paths = folder / RANKS_FILE, folder / POOLING_FILE
    frames = rank_families(carbon, year), pool_families(carbon, contracts, year, as_of)
    for path, frame, name in zip(paths, frames, (RANKS, POOLING), strict=True):
        form = schema(name).arrow()
        write_table(pa.Table.from_pandas(frame, schema=form, preserve_index=False), path)
    return paths


def open_family_ranks(path: str | Path, carbon: CarbonMap, year: int) -> pd.DataFrame:
    """Return the ranks of families from the file of `write_common`; without one, computed."""
    return _load(path, RANKS) if str(path) else rank_families(carbon, year)


def open_family_pooling(
    path: str | Path, carbon: CarbonMap, contracts: pd.DataFrame, year: int, as_of: date
) -> pd.DataFrame:
    """Return purchases to make together from the file of `write_common`; without one, computed."""
    return _load(path, POOLING) if str(path) else pool_families(carbon, contracts, year, as_of)


def _load(path: str | Path, name: str) -> pd.DataFrame:
    source = Path(path)
    if not source.is_file():
        raise InputError(
            "what reports share is not there",
            file=source.name,
            expected=f"{RANKS_FILE}, {POOLING_FILE}, that `lcc reports` writes beside its map",
        )
    frame: pd.DataFrame = load_table(source, name).to_pandas()
    return frame


def _empty(name: str) -> pd.DataFrame:
    frame: pd.DataFrame = schema(name).arrow().empty_table().to_pandas()
    return frame
