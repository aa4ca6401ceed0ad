"""What the money of a year says of the climate: maps, posts, budget, leverage, trajectory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lcc.budget.grid.contract_ends import read_contract_ends
from lcc.budget.grid.leverage import list_contracts, rank_leverage, window_end
from lcc.budget.trajectory.follow import follow_trajectory
from lcc.budget.trajectory.targets import read_targets
from lcc.carbon.posts.make import make_posts
from lcc.carbon.posts.result import BegesPosts
from lcc.carbon.result import CarbonMap
from lcc.carbon.study import main_years
from lcc.errors import FieldError
from lcc.register.register import Register
from lcc.yearly.money import Money
from lcc.yearly.state import State
from lcc.yearly.study import YearlyStudy

if TYPE_CHECKING:
    import datetime

    import pandas as pd

__all__ = ["Climate", "check_year", "complete_ends", "gather_climate"]


@dataclass(frozen=True)
class Climate:
    """Tables of a year's map and budget, before anything is protected.

    Attributes
    ----------
    frames : dict of str to pandas.DataFrame
        `families`, `directorates`, `contracts`, `leverage`, `posts`, `years`, `uncovered`,
        `out_of_scope`, `budget`, `ratings`, `targets`; one without data has no row.
    posts : BegesPosts
        Regulatory posts of the year.
    until : date
        Last day of the window in which contracts that end are read.
    """

    frames: dict[str, pd.DataFrame]
    posts: BegesPosts
    until: datetime.date


def gather_climate(money: Money, study: YearlyStudy, state: State, register: Register) -> Climate:
    """Return the tables that a year's map, accounts and contracts give.

    What the lists of contracts beside the payments do not say of a contract, the register does.
    """
    import pandas as pd

    carbon, year = money.carbon, state.year
    ends = complete_ends(read_contract_ends(money.spending, carbon), register)
    uncovered, outside = carbon.uncovered(), carbon.out_of_scope()
    trend = carbon.table("year")
    posts = make_posts(carbon, year, physical=study.physical)
    frames = {
        "families": carbon.table("family", year),
        "directorates": carbon.table("directorate", year),
        "contracts": list_contracts(carbon, ends, year=year),
        "leverage": rank_leverage(carbon, ends, as_of=state.as_of, year=year),
        "posts": posts.table(),
        "years": trend[trend["group"].isin([str(each) for each in _whole_years(carbon, year)])],
        "uncovered": uncovered[uncovered["year"] == year],
        "out_of_scope": outside[outside["year"] == year],
        "budget": pd.DataFrame(),
        "ratings": pd.DataFrame(),
        "targets": _follow(carbon, study),
    }
    crossing = money.crossing
    if crossing is not None and year in crossing.years:
        frames["budget"] = crossing.summary(year)
        frames["ratings"] = crossing.table("rating", year)
    return Climate(frames, posts, window_end(state.as_of))


def check_year(carbon: CarbonMap, year: int, file: str) -> None:
    """Refuse a year that no payment is of.

    Raises
    ------
    FieldError
        If the payments hold no line of the year.
    """
    if year not in carbon.years:
        raise FieldError(
            "no payment of the study is of this year",
            file=file,
            field="year",
            found=str(year),
            expected=", ".join(map(str, carbon.years)),
            remedy="give the payments of the year in [spending] files, or ask for another --year",
        )


def complete_ends(ends: pd.DataFrame, register: Register) -> pd.DataFrame:
    """Return contracts and their ends, completed by the register where they say nothing.

    A number that several contracts of the register have says nothing. The last day is start of
    performance (else notification) plus duration, minus one day, as in `read_contract_ends`.

    Parameters
    ----------
    ends : pandas.DataFrame
        Schema `contract_end`.
    register : Register
    """
    import pandas as pd

    alone = register.contracts.drop_duplicates("contract", keep=False)
    known = alone.set_index("contract").to_dict("index")
    rows = []
    for row in ends.to_dict("records"):
        facts = known.get(row["contract"], {})
        for name in ("label", "start_date", "duration_months"):
            stated = facts.get(name)
            if name == "start_date" and pd.isna(stated):
                stated = facts.get("notification_date")
            if pd.isna(row[name]) and stated is not None and not pd.isna(stated):
                row[name] = stated
        months = row["duration_months"]
        if pd.isna(row["end_date"]) and not pd.isna(row["start_date"]) and not pd.isna(months):
            last = pd.Timestamp(row["start_date"]) + pd.DateOffset(months=int(months), days=-1)
            row["end_date"] = last.date() if months else None
        rows.append(row)
    completed = pd.DataFrame(rows, columns=ends.columns)
    return completed.astype({"duration_months": "Int64", "end_date": object, "start_date": object})


def _whole_years(carbon: CarbonMap, year: int) -> Sequence[int]:
    """Return the years of the map worth comparing, up to that of the account."""
    return [each for each in main_years(carbon) if each <= year]


def _follow(carbon: CarbonMap, study: YearlyStudy) -> pd.DataFrame:
    import pandas as pd

    if study.targets is None:
        return pd.DataFrame()
    found: pd.DataFrame = follow_trajectory(carbon, read_targets(study.targets, carbon)).scope()
    return found
