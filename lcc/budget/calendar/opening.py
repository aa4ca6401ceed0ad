"""What a calendar is opened from beside a map: a register, a census of needs, the demonstration."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from lcc.budget.calendar.calendar import Calendar, make_calendar
from lcc.budget.calendar.needs import read_needs
from lcc.budget.grid.leverage import WINDOW_MONTHS
from lcc.carbon.result import CarbonMap
from lcc.carbon.study import is_demo
from lcc.reading.dialect import split_list
from lcc.register.open import demo_register_files, open_register
from lcc.register.register import Register
from lcc.tables import demo_path, schema

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["DEMO_NEEDS", "DEMO_PERIODS", "demo_periods_files", "open_calendar"]

DEMO_NEEDS = "recensement.csv"
DEMO_PERIODS = "reconductions.csv"


def demo_periods_files() -> list[Path]:
    """Return the files that state contracts and their periods in the demonstration."""
    return [*demo_register_files(), demo_path(DEMO_PERIODS)]


def open_calendar(
    carbon: CarbonMap | None,
    contracts: pd.DataFrame | None = None,
    *,
    as_of: date,
    year: int | None,
    registers: Sequence[Path | str] | str | Register = (),
    needs: Path | str = "",
    months: int = WINDOW_MONTHS,
    directorate: str = "",
    notice_months: int | None = None,
    buyer_kind: str = "local-authority",
    allow_empty: bool = False,
) -> Calendar:
    """Return the programming calendar from files; of the demonstration for its map.

    Parameters
    ----------
    carbon, as_of, year, months, notice_months, buyer_kind, allow_empty
        As in `lcc.budget.calendar.calendar.make_calendar`.
    contracts : pandas.DataFrame, optional
        Schema `contract_end`; without it, contracts are those of the registers alone, and one that
        several directorates share counts for the one that ordered it.
    registers : sequence of path, text, or Register
        What states periods; the demonstration's for its map, else none. A text may hold several,
        separated by `;`.
    needs : path
        Census of needs; empty: the demonstration's for its map, else none.
    directorate : str
        The only one to show; empty: all.

    Raises
    ------
    InputError, FieldError
        If a file cannot be read; as `make_calendar`.
    """
    demo = carbon is not None and is_demo(carbon)
    register: Register | None
    if isinstance(registers, Register):
        register, own = registers, demo
    else:
        stated = split_list(registers) if isinstance(registers, str) else tuple(registers)
        files = list(stated) or (demo_periods_files() if demo else [])
        register, own = open_register(files) if files else None, demo and not stated
    census = str(needs) or (str(demo_path(DEMO_NEEDS)) if own else "")
    if contracts is None:
        contracts = schema("contract_end").arrow().empty_table().to_pandas()
    return make_calendar(
        carbon,
        contracts,
        as_of=as_of,
        year=year,
        register=register,
        needs=read_needs(census) if census else None,
        months=months,
        directorate=directorate or None,
        notice_months=notice_months,
        buyer_kind=buyer_kind,
        allow_empty=allow_empty,
    )
