"""Contracts of a register or of a map, each with its periods, and what comes next for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from lcc.budget.calendar.periods import REASONS, ContractPeriods, PeriodError, find_periods
from lcc.budget.calendar.steps import LaunchPlan, plan_launch, purchase_of_family
from lcc.law.judge import purchase_of_cpv
from lcc.law.thresholds import load_threshold
from lcc.register.decp.judge import judge_amount, threshold
from lcc.register.settle import frame_records
from lcc.spending.classify import compile_codes
from lcc.spending.rules.dates import DAYS_OF_YEARS, DAYS_PER_YEAR

if TYPE_CHECKING:
    import pandas as pd

    from lcc.register.register import Register

__all__ = [
    "FINAL",
    "KINDS",
    "LATE",
    "PROLONGED",
    "PlannedContract",
    "find_stated_periods",
    "list_planned",
    "main_directorates",
    "map_name",
    "reason_words",
]

MONTHS_PER_YEAR = 12
LONGEST_AHEAD_YEARS = 30
"""Years after the last plausible year of notification in which a start may still lie."""

KINDS = {
    "end": ("fin", "end"),
    "renewal": ("reconduction", "renewal"),
    "option": ("options", "options"),
    "whole": ("fin, reconductions non dites", "end, renewals not stated"),
    "one-off": ("fin d'opération", "end of a one-off"),
}
"""What comes at the end of the running period, in French and in English."""


LATE = ("launch-late", "need-late", "decision-late")
"""States of an entry that is late."""

FINAL = ("end", "whole")
"""What ends for good, as far as is known, and is to be replaced."""

PROLONGED = ("renewal", "option")
"""What may go on."""


@dataclass(frozen=True)
class PlannedContract:
    """A contract of the calendar.

    Attributes
    ----------
    key : str
        Contract, as the map names it.
    facts : mapping
        Fields of schema `contract`, None where they are not known.
    periods : ContractPeriods or None
        None where its end is not known.
    reason : str
        Why it is not; one of `lcc.budget.calendar.periods.REASONS`.
    found : str
        What was found instead.
    """

    key: str
    facts: Mapping[str, Any] = field(repr=False)
    periods: ContractPeriods | None = None
    reason: str = ""
    found: str = ""

    @property
    def purchase(self) -> str | None:
        """Supplies or services, or works, where that is known."""
        return purchase_of_cpv(self.facts.get("cpv")) or purchase_of_family(
            self.facts.get("family")
        )

    @property
    def one_off(self) -> bool:
        """Whether nothing need replace it: works under no framework and without renewals.

        A judgement: such a contract builds something, and ends when it stands. A need that names it
        says otherwise.
        """
        renewed = self.periods is not None and bool(self.periods.renewals)
        return self.facts.get("kind") == "contract" and self.purchase == "works" and not renewed

    def rank(self, as_of: date) -> int | None:
        """Return the rank of the running period; None where none runs or none is known."""
        return None if self.periods is None else self.periods.running_period(as_of)

    def next_end(self, as_of: date) -> date | None:
        """Return the end of the running period, else that of the options."""
        if self.periods is None:
            return None
        rank = self.periods.running_period(as_of)
        if rank is not None:
            return self.periods.ends[rank]
        latest = self.periods.latest_end
        renewed = self.periods.ends[-1] <= as_of
        return latest if renewed and self.periods.option_months and latest > as_of else None

    def kind(self, as_of: date) -> str:
        """Return what comes at the end of the running period: a key of `KINDS`."""
        periods, rank = self.periods, self.rank(as_of)
        if periods is None or rank is None:
            return "end"
        if rank < len(periods.months) - 1:
            return "renewal"
        if periods.option_months:
            return "option"
        if self.one_off:
            return "one-off"
        return "end" if periods.firm_known else "whole"

    def decision_day(self, as_of: date) -> date | None:
        """Return the day by which the next renewal is decided; None where none follows."""
        rank = self.rank(as_of)
        if self.periods is None or rank is None or rank >= len(self.periods.months) - 1:
            return None
        return self.periods.decision_day(rank)

    def plan(self, as_of: date, buyer_kind: str) -> LaunchPlan | None:
        """Return when another contract must be launched, to begin when this period ends."""
        end = self.next_end(as_of)
        if end is None:
            return None
        return plan_launch(
            end + timedelta(days=1),
            self.facts.get("need_eur"),
            purchase=self.purchase,
            kind=self.facts.get("kind"),
            buyer_kind=buyer_kind,
        )


def list_planned(
    contracts: pd.DataFrame,
    register: Register | None = None,
    *,
    notice_months: int | None = None,
    known: Iterable[str] = (),
) -> tuple[PlannedContract, ...]:
    """Return the contracts of a register, then those that only the map knows, with their periods.

    Parameters
    ----------
    contracts : pandas.DataFrame
        Schema `contract_end`: contracts of the map.
    register : Register, optional
        What states firm periods, renewals and options.
    notice_months : int, optional
        Notice of contracts that state none; the judgement `renewal-notice` by default.
    known : iterable of str
        Names of contracts in the map, besides those of `contracts`.

    Notes
    -----
    Durations of 360, 365, 366 (or a multiple) are days, as `duration-in-days` reads them; years
    outside those of `date-too-early` and durations above `duration-implausible` are mistakes
    (`procurement_map/rules.csv`).
    """
    notice = (
        round(load_threshold("renewal-notice").value) if notice_months is None else notice_months
    )
    keys = frozenset(each for each in contracts["contract"] if isinstance(each, str))
    names = keys.union(known)
    found: dict[str, PlannedContract] = {}
    if register is not None:
        prolonged = _prolonged_months(register)
        for row in _with_needs(_with_families(frame_records(register.contracts))):
            key = map_name(row, names)
            if key in found:
                # Two buyers may give one number to two contracts.
                key = f"{row.get('buyer_id') or row.get('source_file')} {row['contract']}"
            whole = prolonged.get((row.get("buyer_id"), row["contract"]))
            found.setdefault(key, _plan_contract(key, row, notice, whole))
    first = contracts[contracts["contract"].notna()].drop_duplicates("contract")
    mains = main_directorates(contracts)
    for row in frame_records(first):
        key = str(row["contract"])
        facts = row | {"directorate": mains.get(key)}
        planned = found.get(key)
        if planned is None or (planned.periods is None and planned.reason == "duration-unknown"):
            again = _plan_contract(key, facts | _stated(planned), notice, None)
            found[key] = again
        elif not planned.facts.get("directorate") or not planned.facts.get("label"):
            filled = {name: facts[name] for name in ("directorate", "label")}
            found[key] = PlannedContract(
                key, filled | _stated(planned), planned.periods, planned.reason, planned.found
            )
    return tuple(found.values())


def find_stated_periods(
    rows: Sequence[Mapping[str, Any]], register: Register
) -> dict[tuple[Any, str], ContractPeriods]:
    """Return the periods of contracts of a register by buyer and number, where they can be told.

    Parameters
    ----------
    rows : sequence of mapping
        Contracts of the register, fields of schema `contract`.
    register : Register
        Whose modifications may prolong them.
    """
    prolonged = _prolonged_months(register)
    keys = [(row["buyer_id"], str(row["contract"])) for row in rows]
    planned = [
        _plan_contract(key[1], row, 0, prolonged.get(key))
        for key, row in zip(keys, rows, strict=True)
    ]
    return {
        key: each.periods
        for key, each in zip(keys, planned, strict=True)
        if each.periods is not None
    }


def _stated(planned: PlannedContract | None) -> dict[str, Any]:
    return (
        {}
        if planned is None
        else {name: value for name, value in planned.facts.items() if value is not None}
    )


def _plan_contract(
    key: str, row: Mapping[str, Any], notice: int, whole: int | None
) -> PlannedContract:
    """Return a contract with its periods, or with the reason why they are not known."""
    facts = dict(row)
    for name in ("duration_months", "firm_months"):
        facts[name] = _undo_days(facts.get(name), facts.get("amount_eur"))
    try:
        periods = find_periods(
            facts,
            notice_months=notice,
            years=(
                int(threshold("date-too-early")),
                int(threshold("date-too-late")) + LONGEST_AHEAD_YEARS,
            ),
            longest_months=int(threshold("duration-implausible")),
            prolonged_months=_undo_days(whole, facts.get("amount_eur")),
        )
    except PeriodError as error:
        return PlannedContract(key, facts, None, error.reason, error.found or "")
    return PlannedContract(key, facts, periods)


def _undo_days(months: Any, amount_eur: Any) -> int | None:
    """Return a duration in months where it was typed in days (rule `duration-in-days`)."""
    if months is None:
        return None
    small = amount_eur is not None and float(amount_eur) < threshold("duration-in-days")
    if int(months) in DAYS_OF_YEARS and small:
        return max(1, round(int(months) * MONTHS_PER_YEAR / DAYS_PER_YEAR))
    return int(months)


def _prolonged_months(register: Register) -> dict[tuple[Any, str], int]:
    """Return the whole duration after the last modification that states one, by contract."""
    rows = [
        row
        for row in frame_records(register.modifications)
        if row["duration_months"] is not None and row["duration_months"] > 0
    ]
    rows.sort(key=lambda row: (row["notification_date"] or date.min, row["modification"] or 0))
    return {(row["buyer_id"], row["contract"]): int(row["duration_months"]) for row in rows}


def _with_families(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return contracts with the family their CPV code leads to, where they state none."""
    import pyarrow as pa

    codes = [str(row["cpv"] or "").partition("-")[0].strip() for row in rows]
    distinct = sorted({code for code in codes if code})
    asked = pa.table(
        {"nomenclature": pa.array(["cpv"] * len(distinct)), "code": pa.array(distinct, pa.string())}
    )
    led = compile_codes(asked)
    families = dict(zip(led["code"].to_pylist(), led["family"].to_pylist(), strict=True))
    return [
        {**row, "family": row["family"] or families.get(code)}
        for row, code in zip(rows, codes, strict=True)
    ]


def _with_needs(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return contracts with `need_eur`: the sum of the lots of their consultation.

    Lots are one need (code de la commande publique, R2121-1); it is unknown where the amount of one
    of them is.
    """
    sums: dict[Any, float | None] = {}
    for row in rows:
        if row["consultation"] and row["kind"] != "subsequent":
            key, amount = (row["buyer_id"], row["consultation"]), _amount(row)
            before = sums.get(key, 0.0)
            sums[key] = None if before is None or amount is None else before + amount
    return [
        {**row, "need_eur": sums.get((row["buyer_id"], row["consultation"]), _amount(row))}
        for row in rows
    ]


def _amount(row: Mapping[str, Any]) -> float | None:
    """Return the amount of a contract; None where none is stated, or one that fills a field."""
    amount = row["amount_now_eur"] or row["amount_eur"]
    if amount is None or judge_amount(float(amount), row["kind"]) is not None:
        return None
    return float(amount)


def map_name(row: Mapping[str, Any], known: Set[str]) -> str:
    """Return the name a map gives to a contract of the register; its number where it has none.

    A map names it by its number as published, after its buyer where it holds several.

    Parameters
    ----------
    row : mapping
        `contract` and, where they are known, `published_number`, `buyer_id`, `buyer_name`.
    known : set of str
        Names of contracts in the map.
    """
    number = str(row["contract"])
    for stated in dict.fromkeys((number, row.get("published_number"))):
        for prefix in (None, row.get("buyer_id"), row.get("buyer_name")):
            name = f"{prefix} {stated}" if prefix else stated
            if stated and name in known:
                return str(name)
    return number


def main_directorates(contracts: pd.DataFrame) -> dict[str, str]:
    """Return the directorate that spends most under each contract."""
    held = contracts[contracts["contract"].notna() & contracts["directorate"].notna()]
    sums = held.groupby(["contract", "directorate"], as_index=False)["spend_eur"].sum()
    sums = sums.sort_values(["spend_eur", "directorate"], ascending=[False, True])
    first = sums.drop_duplicates("contract")
    return dict(zip(first["contract"], first["directorate"], strict=True))


def reason_words(planned: PlannedContract, language: str) -> str:
    """Return why the end of a contract is not known, in words."""
    place = 0 if language == "fr" else 1
    told = REASONS[planned.reason][place] if planned.reason else ""
    return f"{told} ({planned.found})" if planned.found else told
