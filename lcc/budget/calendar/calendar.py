"""The programming calendar: what ends, what is decided, what is launched, and by whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from lcc.budget.calendar.entries import FINAL, LATE, PlannedContract, list_planned
from lcc.budget.calendar.needs import Census, check_needs
from lcc.budget.calendar.sums import family_labels, sum_directorates, sum_families
from lcc.budget.grid.leverage import WINDOW_MONTHS, list_contracts, window_end
from lcc.errors import FieldError
from lcc.reading.dialect import normalise_text
from lcc.reading.edited import EditedTable

if TYPE_CHECKING:
    import pandas as pd

    from lcc.carbon.result import CarbonMap
    from lcc.register.register import Register

__all__ = ["Calendar", "list_periods", "make_calendar"]

ENTRY_COLUMNS = (
    "contract", "label", "directorate", "family", "family_fr", "family_en", "kind", "start_date",
    "firm_end_date", "next_end_date", "renewal_kind", "decision_date", "latest_end_date",
    "procedure", "census_by", "launch_by", "state", "presumed", "follow", "follow_link",
    "spend_eur", "emissions_tco2e", "period",
)  # fmt: skip
UNDATED_COLUMNS = (
    "contract", "label", "directorate", "family", "reason", "found", "spend_eur",
    "emissions_tco2e",
)  # fmt: skip


@dataclass(frozen=True)
class Calendar:
    """What a programme of purchases is made from.

    Attributes
    ----------
    as_of, until : datetime.date
        The window: after the first, up to the second.
    months : int
        Its length.
    year : int or None
        Budget year of the euros and tonnes; None without a map.
    directorate : str or None
        The only one shown.
    entries : pandas.DataFrame
        Contracts of which a period ends in the window, or whose next renewal is decided in it, late
        ones first, then by end: `contract`,
        `label`, `directorate`, `family`, `kind` (`end`, `renewal`, `option`, `whole`, `one-off`),
        `start_date`, `firm_end_date`, `next_end_date`, `renewal_kind`, `decision_date`,
        `latest_end_date`, `procedure`, `census_by`, `launch_by`, `state` (`launch-late`,
        `need-late`, `decision-late`; `notice-past`: tacitly renewed; `on-time`), `presumed`,
        `follow` (a need; empty: none is declared; None: no census, or none is called for),
        `follow_link`, `spend_eur`, `emissions_tco2e` (of the year; not a number without a map),
        `period` (rank of the one that runs, 0 being the firm one).
    undated : pandas.DataFrame
        Contracts whose end is not known, with the reason.
    census : Census or None
    planned : tuple of PlannedContract
        All contracts.
    by_directorate, by_family : pandas.DataFrame
        `group`, `contracts_ending`, `ending_eur`, `ending_tco2e`, `contracts_renewable`,
        `renewable_eur`, `renewable_tco2e`, `late`, `without_follow`, `contracts_unknown`; families
        with `label_fr` and `label_en`.
    """

    as_of: date
    until: date
    months: int
    year: int | None
    directorate: str | None
    entries: pd.DataFrame
    undated: pd.DataFrame
    census: Census | None
    planned: tuple[PlannedContract, ...]
    by_directorate: pd.DataFrame
    by_family: pd.DataFrame

    @property
    def late(self) -> pd.DataFrame:
        """Entries that are late."""
        return self.entries[self.entries["state"].isin(LATE)]

    @property
    def without_follow(self) -> pd.DataFrame:
        """Contracts that end in the window and that no need follows; none without a census."""
        ending = self.entries["kind"].isin(FINAL)
        return self.entries[ending & (self.entries["follow"] == "")]

    @property
    def problems(self) -> pd.DataFrame:
        """What is wrong in the census; nothing without one."""
        import pandas as pd

        if self.census is None:
            return pd.DataFrame(columns=["need", "code", "severity", "found", "expected"])
        return self.census.problems

    @property
    def new_needs(self) -> pd.DataFrame:
        """Needs of the window that follow no contract."""
        needs = self.needs
        return needs[needs["contract"].isna()]

    @property
    def needs(self) -> pd.DataFrame:
        """Needs to be launched in the window (and, for one directorate, its own)."""
        import numpy as np
        import pandas as pd

        if self.census is None:
            return pd.DataFrame(columns=["need", "planned_date", "contract", "directorate"])
        needs = self.census.needs
        inside = [
            isinstance(day, date) and self.as_of < day <= self.until
            for day in needs["planned_date"]
        ]
        # An array of truths: an empty list would choose no column.
        needs = needs[np.array(inside, dtype=bool)]
        if self.directorate is not None:
            own = normalise_text(self.directorate)
            asking = [normalise_text(str(each or "")) == own for each in needs["directorate"]]
            needs = needs[np.array(asking, dtype=bool)]
        return needs.reset_index(drop=True)


def list_periods(calendar: Calendar) -> pd.DataFrame:
    """Return the periods of the contracts of a calendar, one row each.

    Returns
    -------
    pandas.DataFrame
        `contract`, `kind` (`firm`, `renewal`, `option`; `whole` where no firm period is stated),
        `start_date`, `end_date` (first and last day).
    """
    import pandas as pd

    shown = set(calendar.entries["contract"])
    rows = []
    for each in calendar.planned:
        periods = each.periods
        if each.key not in shown or periods is None:
            continue
        start = periods.start
        for rank, end in enumerate(periods.ends):
            first = "firm" if periods.firm_known else "whole"
            rows.append((each.key, "renewal" if rank else first, start, end))
            start = end + timedelta(days=1)
        if periods.option_months:
            rows.append((each.key, "option", start, periods.latest_end))
    columns = ["contract", "kind", "start_date", "end_date"]
    return pd.DataFrame(rows, columns=columns, dtype=object)


def make_calendar(
    carbon: CarbonMap | None,
    contracts: pd.DataFrame,
    *,
    as_of: date,
    year: int | None,
    register: Register | None = None,
    needs: EditedTable | None = None,
    months: int = WINDOW_MONTHS,
    directorate: str | None = None,
    notice_months: int | None = None,
    buyer_kind: str = "local-authority",
    allow_empty: bool = False,
) -> Calendar:
    """Return the programming calendar of a map, a register and a census of needs.

    Parameters
    ----------
    carbon : CarbonMap or None
        Made by `contract` (and `directorate`, for one); without it no contract has a weight.
    contracts : pandas.DataFrame
        Schema `contract_end`.
    as_of : datetime.date
        Day of reading.
    year : int or None
        Budget year whose euros and tonnes are taken; None without a map.
    register : Register, optional
        What states periods; without it, the whole durations of the map's own files.
    needs : EditedTable, optional
        Census of needs (`lcc.budget.calendar.needs.read_needs`).
    months : int
        Length of the window.
    directorate : str, optional
        Only what this one spends under contracts, by its part of the year's spending.
    notice_months : int, optional
        Notice of contracts that state none.
    buyer_kind : {"local-authority", "contracting-entity", "state"}
    allow_empty : bool
        True to return a calendar of nothing where no end is known, for a page that shows more.

    Raises
    ------
    FieldError
        If no contract has a known end and there is no census, the window is not positive, the map
        holds no such year or directorate, or the needs follow another nomenclature.
    """
    import pandas as pd

    if months < 1:
        raise FieldError(
            "a calendar needs a window", field="months", found=str(months), expected="1 or more"
        )
    weights = _read_weights(carbon, contracts, year, directorate)
    planned = list_planned(
        contracts, register, notice_months=notice_months, known=map(str, weights.index)
    )
    dated = any(each.periods is not None for each in planned)
    if not dated and needs is None and not allow_empty:
        raise FieldError(
            "no contract has a known end: there is nothing to plan",
            field="duration_months",
            found=f"{len(planned)} contracts, none with a first day and a duration",
            expected="essential data, or a register with durations (--register), or a census of "
            "needs (--needs)",
        )
    planned = tuple(_with_family(each, weights) for each in planned)
    shown = planned
    if directorate is not None:
        own = normalise_text(directorate)
        shown = tuple(
            each
            for each in planned
            if each.key in weights.index
            or normalise_text(str(each.facts.get("directorate") or "")) == own
        )
    census = (
        None if needs is None else check_needs(needs, planned, as_of=as_of, buyer_kind=buyer_kind)
    )
    until = window_end(as_of, months)
    rows = [
        _entry(each, as_of, census, weights, buyer_kind)
        for each in shown
        if _is_due(each, as_of, until)
    ]
    rows.sort(key=lambda row: (row["state"] not in LATE, row["next_end_date"], row["contract"]))
    entries = pd.DataFrame(rows, columns=list(ENTRY_COLUMNS), dtype=object)
    undated = pd.DataFrame(
        [_undated(each, weights) for each in shown if each.periods is None],
        columns=list(UNDATED_COLUMNS),
        dtype=object,
    )
    return Calendar(
        as_of=as_of,
        until=until,
        months=months,
        year=year,
        directorate=directorate,
        entries=_as_numbers(entries),
        undated=_as_numbers(undated),
        census=census,
        planned=planned,
        by_directorate=sum_directorates(contracts, entries, undated, year, directorate),
        by_family=sum_families(entries, undated),
    )


def _read_weights(
    carbon: CarbonMap | None, contracts: pd.DataFrame, year: int | None, directorate: str | None
) -> pd.DataFrame:
    """Return family, euros and tonnes of each contract of the map, by contract."""
    import pandas as pd

    if carbon is None or year is None:
        nothing = pd.DataFrame(columns=["family", "spend_eur", "emissions_tco2e"])
        nothing.attrs["unknown"] = True
        return nothing
    listed = list_contracts(carbon, contracts, year=year, directorate=directorate)
    return listed[listed["contract"].notna()].set_index("contract")


def _as_numbers(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.astype({"spend_eur": float, "emissions_tco2e": float})


def _with_family(planned: PlannedContract, weights: pd.DataFrame) -> PlannedContract:
    """Return a contract with the family that weighs most in it, where it states none."""
    if planned.facts.get("family") or planned.key not in weights.index:
        return planned
    family = weights.at[planned.key, "family"]
    facts = {**planned.facts, "family": family if isinstance(family, str) else None}
    return PlannedContract(planned.key, facts, planned.periods, planned.reason, planned.found)


def _weigh(planned: PlannedContract, weights: pd.DataFrame) -> dict[str, Any]:
    """Return what a contract weighs in the year: zero where nothing was paid under it.

    Without a map, it is not known: not a number.
    """
    names = ("spend_eur", "emissions_tco2e")
    if planned.key not in weights.index:
        return dict.fromkeys(names, float("nan") if weights.attrs.get("unknown") else 0.0)
    return {name: float(weights.at[planned.key, name]) for name in names}


def _is_due(planned: PlannedContract, as_of: date, until: date) -> bool:
    """Tell whether a period of a contract ends in the window, or its renewal is decided in it."""
    days = (planned.next_end(as_of), planned.decision_day(as_of))
    return days[0] is not None and any(day is not None and as_of < day <= until for day in days)


def _entry(
    planned: PlannedContract,
    as_of: date,
    census: Census | None,
    weights: pd.DataFrame,
    buyer_kind: str,
) -> dict[str, Any]:
    facts, periods = planned.facts, planned.periods
    plan = planned.plan(as_of, buyer_kind)
    if periods is None or plan is None:
        raise ValueError(planned.key)
    kind, decision = planned.kind(as_of), planned.decision_day(as_of)
    need = None if census is None else census.follow(planned.key)
    if kind == "one-off" and need is not None:
        kind = "end" if periods.firm_known else "whole"
    labels = family_labels().get(facts.get("family") or "", ("", ""))
    return {
        "contract": planned.key,
        "label": facts.get("label") or planned.key,
        "directorate": facts.get("directorate"),
        "family": facts.get("family"),
        "family_fr": labels[0] or None,
        "family_en": labels[1] or None,
        "kind": kind,
        "start_date": periods.start,
        "firm_end_date": periods.firm_end,
        "next_end_date": planned.next_end(as_of),
        "renewal_kind": periods.renewal_kind if kind == "renewal" else None,
        "decision_date": decision,
        "latest_end_date": periods.latest_end,
        "procedure": plan.procedure,
        "census_by": plan.census_by,
        "launch_by": plan.launch_by,
        "state": _state(planned, kind, plan.launch_by, need, as_of),
        "presumed": periods.is_presumed(as_of),
        # A renewal needs no need to follow it.
        "follow": str(need["need"])
        if need is not None
        else None
        if census is None or kind not in FINAL
        else "",
        "follow_link": None if need is None else str(need["link"]),
        **_weigh(planned, weights),
        "period": planned.rank(as_of),
    }


def _state(planned: PlannedContract, kind: str, launch_by: date, need: Any, as_of: date) -> str:
    """Return whether an entry is late, and in what."""
    periods, rank = planned.periods, planned.rank(as_of)
    decision = planned.decision_day(as_of)
    if periods is not None and rank is not None and decision is not None:
        if decision >= as_of or (periods.confirmed or 0) > rank:
            return "on-time"
        # Nobody need decide for a tacit renewal: past the notice, it is acquired.
        return "decision-late" if periods.renewal_kind == "express" else "notice-past"
    if kind not in FINAL:
        return "on-time"
    planned_date = None if need is None else need["planned_date"]
    if planned_date is not None:
        return "need-late" if planned_date > launch_by else "on-time"
    return "launch-late" if launch_by < as_of else "on-time"


def _undated(planned: PlannedContract, weights: pd.DataFrame) -> dict[str, Any]:
    facts = planned.facts
    return {
        "contract": planned.key,
        "label": facts.get("label") or planned.key,
        "directorate": facts.get("directorate"),
        "family": facts.get("family"),
        "reason": planned.reason,
        "found": planned.found,
        **_weigh(planned, weights),
    }
