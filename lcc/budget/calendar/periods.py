r"""Periods of a contract: firm, renewals, options, each with its last day; pure functions.

With *s* the first day and :math:`n` a number of months, the last day is
:math:`s + n` months − 1 day, by the calendar: where the month reached has no such day, the day
after which one is counted off is its last (30 January + 1 month: 28 February, so 27 February). The
ends of renewals are counted from *s* too, never from the end before, so that no day is lost on the
way. With :math:`f` the firm months, :math:`r` those of a renewal, :math:`k` renewals and :math:`o`
months of options, periods end at :math:`f, f + r, …, f + k r`, and options at :math:`f + k r + o`.

The duration that essential data state holds renewals and options (Table Schema of the essential
data, field `dureeMois`): where nothing else is stated, it gives the latest end, and the end of the
firm period is unknown. A renewal is tacit unless the contract says otherwise (code de la commande
publique, R2112-4).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from lcc.errors import FieldError

__all__ = ["REASONS", "ContractPeriods", "PeriodError", "calc_last_day", "find_periods"]

REASONS = {
    "start-unknown": ("début inconnu", "the first day is not known"),
    "date-implausible": ("date invraisemblable", "the date is implausible"),
    "duration-unknown": ("durée inconnue", "the duration is not known"),
    "duration-not-positive": ("durée nulle ou négative", "the duration is not positive"),
    "duration-implausible": ("durée invraisemblable", "the duration is implausible"),
    "renewals-without-firm-period": (
        "reconductions sans durée ferme",
        "renewals are stated without a firm period",
    ),
    "periods-disagree": (
        "la durée n'est pas la somme des périodes",
        "the duration is not the sum of the periods",
    ),
    "prolonged-shorter": (
        "la dernière modification dit une durée plus courte : totale, ou ajoutée",
        "the last modification states a shorter duration: the whole, or what is added",
    ),
    "end-before-start": ("fin avant le début", "the end is before the start"),
}
"""Why the end of a contract is not known, in French and in English."""

POSITIVE = ("firm_months", "duration_months")


class PeriodError(FieldError):
    """The periods of a contract cannot be told; `reason` is one of `REASONS`."""

    reason = ""


def _refuse(reason: str, found: str = "") -> PeriodError:
    error = PeriodError(REASONS[reason][1], field="periods", found=found or None)
    error.reason = reason
    return error


@dataclass(frozen=True)
class ContractPeriods:
    """When a contract begins, and when each of its periods ends.

    Attributes
    ----------
    start : datetime.date
        First day of performance, else the notification.
    months : tuple of int
        Months from the start to the end of each period: the firm one, then renewals. One number
        only where no renewal is stated.
    firm_known : bool
        Whether the first of them is the firm period, and not the whole duration.
    option_months : int
        Months that options may add after the last period.
    renewal_kind : {"tacit", "express"}
    kind_stated : bool
        Whether that is stated, and not the silence of the contract.
    confirmed : int or None
        Renewals decided so far; None where nobody says.
    notice_months : int
        Months before the end of a period by which a renewal is decided.
    notice_stated : bool
        Whether that is stated, and not the default.
    """

    start: date
    months: tuple[int, ...]
    firm_known: bool = False
    option_months: int = 0
    renewal_kind: str = "tacit"
    kind_stated: bool = False
    confirmed: int | None = None
    notice_months: int = 0
    notice_stated: bool = False

    @property
    def ends(self) -> tuple[date, ...]:
        """Last day of each period."""
        return tuple(calc_last_day(self.start, each) for each in self.months)

    @property
    def firm_end(self) -> date | None:
        """Last day of the firm period; None where it is not known."""
        return self.ends[0] if self.firm_known else None

    @property
    def latest_end(self) -> date:
        """Last day with every renewal and every option used."""
        return calc_last_day(self.start, self.whole_months)

    @property
    def whole_months(self) -> int:
        """Months from the start to the latest end."""
        return self.months[-1] + self.option_months

    @property
    def renewals(self) -> int | None:
        """Renewals that may follow the firm period; None where it is not known."""
        return len(self.months) - 1 if self.firm_known else None

    def decision_day(self, rank: int) -> date:
        """Return the day by which the renewal after a period is decided, never before the start.

        Parameters
        ----------
        rank : int
            Rank of the period that ends, 0 being the firm one.
        """
        months = self.months[rank] - self.notice_months
        return calc_last_day(self.start, months) if months > 0 else self.start

    def last_day(self, as_of: date) -> date:
        """Return the day on which a contract ends for good, as far as is known on a day.

        Every renewal and option is used (the silence of a contract renews it), unless an express
        renewal that was due by that day is known not to have been decided.
        """
        if self.renewal_kind == "express" and self.confirmed is not None:
            undecided = self.confirmed < len(self.months) - 1
            if undecided and self.ends[self.confirmed] <= as_of:
                return self.ends[self.confirmed]
        return self.latest_end

    def running_period(self, as_of: date) -> int | None:
        """Return the rank of the first period that ends after a day; None where all have ended.

        An express renewal that was not decided ends the contract with the period before it.
        """
        last = len(self.months) - 1
        if self.renewal_kind == "express" and self.confirmed is not None:
            # A period that still runs is followed by a renewal that may yet be decided.
            ended = [rank for rank, end in enumerate(self.ends) if end <= as_of]
            if ended and self.confirmed <= ended[-1]:
                return None
        running = [rank for rank, end in enumerate(self.ends) if end > as_of]
        return min(running) if running and running[0] <= last else None

    def is_presumed(self, as_of: date) -> bool:
        """Tell whether a contract runs on a day only if a renewal nobody states was decided."""
        rank = self.running_period(as_of)
        return (
            rank is not None
            and rank > 0
            and self.renewal_kind == "express"
            and (self.confirmed is None or self.confirmed < rank)
        )


@lru_cache(maxsize=20_000)
def calc_last_day(start: date, months: int) -> date:
    """Return the last day of a number of months, the first one being counted.

    Parameters
    ----------
    start : datetime.date
        First day.
    months : int
        Months, at least one.

    Raises
    ------
    PeriodError
        If the number is not positive, or the day is beyond the calendar.

    Examples
    --------
    >>> calc_last_day(date(2024, 1, 1), 12), calc_last_day(date(2024, 1, 31), 1)
    (datetime.date(2024, 12, 31), datetime.date(2024, 2, 28))
    """
    from dateutil.relativedelta import relativedelta

    if months < 1:
        raise _refuse("duration-not-positive", str(months))
    try:
        end: date = start + relativedelta(months=months) - timedelta(days=1)
    except (ValueError, OverflowError):
        raise _refuse("duration-implausible", f"{start}, {months}") from None
    return end


def find_periods(
    stated: Mapping[str, Any],
    *,
    notice_months: int,
    years: tuple[int, int] = (2000, 2060),
    longest_months: int = 1188,
    prolonged_months: int | None = None,
) -> ContractPeriods:
    """Return the periods of a contract, of what is stated of it.

    Parameters
    ----------
    stated : mapping
        Fields of schema `contract`; what is missing or None is unknown: `start_date`,
        `notification_date`, `duration_months`, `firm_months`, `renewals`, `renewal_months`,
        `renewal_kind`, `renewals_confirmed`, `notice_months`, `option_months`.
    notice_months : int
        Notice of a contract that states none.
    years : tuple of int
        First and last year in which a contract may begin.
    longest_months : int
        Duration above which it is a mistake.
    prolonged_months : int, optional
        Whole duration after the last modification that states one. Shorter than the firm period
        (or than the whole, where no firm period is known), it may be what is added: refused.

    Raises
    ------
    PeriodError
        If they cannot be told; nothing is guessed.
    """
    start = _find_start(stated, years)
    counts = {
        name: _count(stated.get(name))
        for name in (
            *("duration_months", "firm_months", "renewals", "renewal_months", "option_months"),
            *("renewals_confirmed", "notice_months"),
        )
    }
    for name in POSITIVE:
        if (count := counts[name]) is not None and count < 1:
            raise _refuse("duration-not-positive", str(count))
    for name in ("renewals", "option_months", "renewals_confirmed", "notice_months"):
        if (count := counts[name]) is not None and count < 0:
            raise _refuse("duration-not-positive", str(count))
    for value in counts.values():
        # A renewal lasts a month at least: their count is bounded as months are.
        if value is not None and value > longest_months:
            raise _refuse("duration-implausible", str(value))
    months, firm_known = _count_months(counts)
    option = counts["option_months"] or 0
    if prolonged_months is not None:
        months, option = _prolong(months, option, prolonged_months)
    for each in (*months, months[-1] + option):
        calc_last_day(start, each)
    kind = stated.get("renewal_kind")
    notice = counts["notice_months"]
    return ContractPeriods(
        start=start,
        months=months,
        firm_known=firm_known,
        option_months=option,
        renewal_kind=str(kind) if kind else "tacit",
        kind_stated=bool(kind),
        confirmed=counts["renewals_confirmed"],
        notice_months=notice_months if notice is None else notice,
        notice_stated=notice is not None,
    )


def _find_start(stated: Mapping[str, Any], years: tuple[int, int]) -> date:
    """Return the first day of performance, else the notification."""
    found = stated.get("start_date") or stated.get("notification_date")
    if not isinstance(found, date):
        raise _refuse("start-unknown")
    day = date(found.year, found.month, found.day)
    if not years[0] <= day.year <= years[1]:
        raise _refuse("date-implausible", day.isoformat())
    end = stated.get("end_date")
    if isinstance(end, date) and date(end.year, end.month, end.day) < day:
        raise _refuse("end-before-start", f"{day} – {end}")
    return day


def _count(value: Any) -> int | None:
    """Return a cell as a whole number; None where it is empty."""
    return None if value is None or value != value else int(value)  # noqa: PLR0124


def _count_months(counts: Mapping[str, int | None]) -> tuple[tuple[int, ...], bool]:
    """Return the months to the end of each period, and whether the first is the firm one."""
    if counts["renewals"]:
        return _count_renewed(counts, counts["renewals"]), True
    whole, firm = counts["duration_months"], counts["firm_months"]
    option = counts["option_months"] or 0
    if firm is None and whole is None:
        raise _refuse("duration-unknown")
    if firm is None and whole is not None:
        if whole <= option:
            raise _refuse("periods-disagree", f"{option} ≥ {whole}")
        return (whole - option,), counts["renewals"] == 0
    if firm is not None and whole is not None and whole not in (firm, firm + option):
        if counts["renewals"] == 0 or whole - option < firm:
            raise _refuse("periods-disagree", f"{firm} + {option} ≠ {whole}")
        # What follows the firm period is not stated: it is one period, up to the whole.
        return (firm, whole - option), True
    return (firm or 0,), True


def _count_renewed(counts: Mapping[str, int | None], renewals: int) -> tuple[int, ...]:
    """Return the months to the end of the firm period and of each renewal."""
    whole, firm, each = (
        counts[name] for name in ("duration_months", "firm_months", "renewal_months")
    )
    option = counts["option_months"] or 0
    if each is None and firm is not None and whole is not None:
        # What is left after the firm period and the options, in equal parts.
        each, rest = divmod(whole - option - firm, renewals)
        if each < 1 or rest:
            raise _refuse("periods-disagree", f"{firm} + {renewals} × ? ≠ {whole}")
    if each is not None and each < 1:
        raise _refuse("duration-not-positive", str(each))
    if firm is None and whole is not None and each is not None:
        firm = whole - option - renewals * each
        if firm < 1:
            raise _refuse("periods-disagree", f"{renewals} × {each} ≥ {whole}")
    if firm is None or each is None:
        raise _refuse("renewals-without-firm-period", str(renewals))
    last = firm + renewals * each
    if whole is not None and whole not in (last, last + option):
        raise _refuse("periods-disagree", f"{firm} + {renewals} × {each} + {option} ≠ {whole}")
    return tuple(firm + rank * each for rank in range(renewals + 1))


def _prolong(months: tuple[int, ...], option: int, whole: int) -> tuple[tuple[int, ...], int]:
    """Return the periods under a new whole duration: the last one moves, options then included."""
    if whole < 1:
        raise _refuse("duration-not-positive", str(whole))
    if whole == months[-1] + option:
        return months, option
    if whole < months[0]:
        raise _refuse("prolonged-shorter", f"{whole} < {months[0]}")
    return (*(each for each in months[:-1] if each < whole), whole), 0
