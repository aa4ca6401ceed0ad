"""One way to open what indicators are computed from, and to compute them: files, or the demo."""

from __future__ import annotations

import datetime
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lcc.errors import FieldError
from lcc.indicators.definitions import read_targets
from lcc.indicators.evaluate import Indicators, evaluate_indicators
from lcc.indicators.inputs import HOURS_PER_FTE, IndicatorInputs
from lcc.indicators.quantities.problems import (
    check_actions,
    check_agec,
    check_hours,
    gather_problems,
)
from lcc.indicators.quantities.tables import (
    read_actions,
    read_agec_purchases,
    read_hours,
    read_programme,
    read_training,
    sort_tables,
)
from lcc.reading.dialect import split_list
from lcc.register.demonstration import DEMO_REGION
from lcc.register.firms import check_region, read_firms
from lcc.register.index import name_contracts
from lcc.register.open import DEMO_REGISTER, open_register
from lcc.register.register import empty_table
from lcc.tables import demo_path, load_reference

if TYPE_CHECKING:
    import pandas as pd

    from lcc.register.register import Register

__all__ = ["IndicatorStudy", "check_inputs", "main_year", "open_indicators"]

DEMO: dict[str, tuple[str, ...]] = {
    "registers": DEMO_REGISTER,
    "firms": ("entreprises.csv",),
    "payments": ("paiements.csv",),
    "hours": ("heures_insertion.csv", "heures_facilitateur.csv"),
    "programme": ("programme.csv",),
    "training": ("formations.csv",),
    "actions": ("actions.csv",),
    "agec": ("agec.csv",),
}
"""What is given → files of the demonstration."""
DEMO_MAPPING = "correspondance.toml"

LEAST_SHARE_OF_A_YEAR = 0.1
"""Below this share of the fullest year's notifications, a year is that of stray dates (a judgement,
the same as for the years of a map)."""

FILES_NAMED = 4

Paths = str | Path | Sequence[str | Path]


@dataclass(frozen=True)
class IndicatorStudy:
    """What was read, and the indicators of one year.

    Attributes
    ----------
    inputs : IndicatorInputs
    year : int
    as_of : date or None
        Day of the account.
    found : Indicators
        Values and members.
    problems : pandas.DataFrame
        Schema `register_problem`: what sources have wrong, and where they disagree.
    sources : mapping of str to tuple of str
        What was given (registers, firms, payments, hours …) → names of the files read.
    demonstration : bool
        Whether it is the embedded demonstration.
    """

    inputs: IndicatorInputs
    year: int
    as_of: datetime.date | None
    found: Indicators
    problems: pd.DataFrame
    sources: Mapping[str, tuple[str, ...]]
    demonstration: bool

    @property
    def files(self) -> tuple[str, ...]:
        """Names of all files read, in order."""
        return tuple(name for names in self.sources.values() for name in names)

    def named_files(self, *kinds: str) -> str:
        """Return the names of the files of some kinds, or of all, for a source line."""
        names = [name for kind in kinds or self.sources for name in self.sources.get(kind, ())]
        more = " …" if len(names) > FILES_NAMED else ""
        return ", ".join(names[:FILES_NAMED]) + more


def open_indicators(
    registers: Paths = "",
    firms: Paths = "",
    payments: Paths = "",
    hours: Paths = "",
    programme: Paths = "",
    training: Paths = "",
    actions: Paths = "",
    agec: Paths = "",
    *,
    others: Paths = "",
    mapping: str | Path = "",
    payments_mapping: str | Path = "",
    year: int = 0,
    as_of: str | datetime.date = "",
    region: str = "",
    hours_per_fte: float = HOURS_PER_FTE,
    targets: str | Path = "",
) -> IndicatorStudy:
    """Return the indicators of a year, from files or, without any register, of the demonstration.

    Parameters
    ----------
    registers, firms, payments, hours, programme, training, actions, agec : path or paths
        Files, a text holding several separated by `;`. What is not given is not known.
    others : path or paths
        Tables of hours, programme, sessions, actions, AGEC purchases, told by their header.
    mapping, payments_mapping : path
        Own headers of the register; of the payments.
    year : int
        Year; 0 for the last one that holds more than stray notifications.
    as_of : date or text
        Day of the account (2026-03-31): what is dated later does not count; empty: all counts.
    region : str
        Region of interest, its INSEE code (32: Hauts-de-France), not a department's; empty: that
        of the demonstration, for its register, else not given.
    hours_per_fte : float
        Hours of a full-time year, above zero.
    targets : path
        The buyer's own targets (`lcc table indicator-targets`); empty: those of the scheme.

    Raises
    ------
    InputError, FieldError
        If a file cannot be read or does not fit its schema, or a parameter is no date, no year or
        no number above zero.
    """
    given = {
        "registers": registers, "firms": firms, "payments": payments, "hours": hours,
        "programme": programme, "training": training, "actions": actions, "agec": agec,
    }  # fmt: skip
    told = sort_tables(_split(others))
    paths = {name: (*_split(each), *told.get(name, ())) for name, each in given.items()}
    demonstration = not paths["registers"]
    if demonstration:
        paths = {
            name: paths[name] or tuple(demo_path(file) for file in files)
            for name, files in DEMO.items()
        }
        region = region or DEMO_REGION
        payments_mapping = payments_mapping or ("" if _split(payments) else demo_path(DEMO_MAPPING))
    day = _read_day(as_of)
    if not 0 < hours_per_fte < math.inf:
        raise FieldError(
            "a full-time year has hours",
            field="hours_per_fte",
            found=str(hours_per_fte),
            expected="a number above zero, such as 1607",
        )
    if region:
        check_region(region)
    register = open_register(paths["registers"], mapping=mapping or None)
    lines = _read_payments(paths["payments"], payments_mapping)
    wanted = _named_firms(register, lines)
    told_hours = _read(paths["hours"], read_hours)
    noted = empty_table("register_problem")
    if told_hours is not None:
        told_hours, noted = name_contracts(told_hours, register)
    inputs = IndicatorInputs(
        register=register,
        firms=read_firms(list(paths["firms"]), only=wanted) if paths["firms"] else None,
        payments=lines,
        hours=told_hours,
        programme=_read(paths["programme"], read_programme),
        training=_read(paths["training"], read_training),
        actions=_read(paths["actions"], read_actions),
        agec=_read(paths["agec"], read_agec_purchases),
        region=region or None,
        hours_per_fte=hours_per_fte,
        as_of=day,
        targets=read_targets(targets) if targets else None,
    )
    chosen = year or main_year(register, day)
    return IndicatorStudy(
        inputs=inputs,
        year=chosen,
        as_of=day,
        found=evaluate_indicators(inputs, chosen),
        problems=gather_problems(check_inputs(inputs), noted),
        sources={name: tuple(each.name for each in every) for name, every in paths.items()},
        demonstration=demonstration,
    )


def check_inputs(inputs: IndicatorInputs) -> pd.DataFrame:
    """Return all that is wrong in the inputs (schema `register_problem`), table by table."""
    tables = [inputs.register.problems]
    if inputs.firms is not None:
        tables.append(inputs.firms.problems)
    if inputs.hours is not None:
        hours_per_fte = inputs.hours_per_fte
        tables.append(check_hours(inputs.hours, inputs.book, hours_per_fte=hours_per_fte))
    if inputs.actions is not None:
        tables.append(check_actions(inputs.actions))
    if inputs.agec is not None:
        quotas = load_reference("procurement_map", "agec_quotas")
        tables.append(check_agec(inputs.agec, quotas["category"].to_pylist()))
    return gather_problems(*tables)


def main_year(register: Register, as_of: datetime.date | None = None) -> int:
    """Return the last year that holds more than stray notifications, of those made by a day.

    Raises
    ------
    FieldError
        If no contract has a day of notification, or all were notified later.
    """
    days = register.contracts["notification_date"].dropna()
    counts = Counter(
        int(each.year)
        for each in days
        if as_of is None or (each.year, each.month, each.day) <= as_of.timetuple()[:3]
    )
    if not counts:
        raise FieldError(
            "no contract says when it was notified",
            field="year",
            found="no day of notification",
            remedy="give the year",
        )
    most = max(counts.values())
    return max(each for each, count in counts.items() if count >= LEAST_SHARE_OF_A_YEAR * most)


def _split(paths: Paths) -> tuple[Path, ...]:
    if isinstance(paths, Path):
        return (paths,)
    if isinstance(paths, str):
        return tuple(map(Path, split_list(paths)))
    return tuple(Path(each) for each in paths)


def _read(
    paths: tuple[Path, ...], read: Callable[[Sequence[Path | str]], pd.DataFrame]
) -> pd.DataFrame | None:
    return read(list(paths)) if paths else None


def _read_payments(paths: tuple[Path, ...], mapping: str | Path) -> pd.DataFrame | None:
    if not paths:
        return None
    from lcc.spending.check import check

    lines: pd.DataFrame = check(list(paths), mapping=mapping or None).lines
    return lines


def _named_firms(register: Register, payments: pd.DataFrame | None) -> set[str]:
    """Return the firms that contracts or payments name: of a large extract, only these are kept."""
    named = register.firm_ids
    return named if payments is None else named | set(payments["supplier_id"].dropna())


def _read_day(day: str | datetime.date) -> datetime.date | None:
    if isinstance(day, datetime.date):
        return day
    if not day:
        return None
    try:
        return datetime.date.fromisoformat(day)
    except ValueError as error:
        raise FieldError(
            "the day of the account is no date",
            field="as_of",
            found=day,
            expected="a date such as 2026-03-31, or nothing",
        ) from error
