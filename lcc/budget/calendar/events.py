"""Events of a calendar, and the iCalendar file (RFC 5545) that agendas read.

Escaping, folding and the form of the file are those of the library `icalendar`; here stand what an
event says and what makes it the same event next time. The identifier (UID) is made of buyer,
contract or need, kind and rank of the period: when a date moves, the agenda moves its event.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from lcc.budget.calendar.entries import PlannedContract
from lcc.budget.calendar.steps import PROCEDURES
from lcc.wording import date_text, number_text

if TYPE_CHECKING:
    from lcc.budget.calendar.calendar import Calendar

__all__ = ["EVENT_KINDS", "CalendarEvent", "list_events", "read_calendar_dates", "write_calendar"]

PRODUCER = "-//lcc//programmation des achats//FR"
DOMAIN = "lcc.invalid"
"""Right-hand side of identifiers: a reserved name (RFC 2606), no machine's."""

EVENT_KINDS = {
    "decision": ("Décider de la reconduction", "Decide on the renewal"),
    "launch": ("Lancer la consultation au plus tard", "Launch the consultation by"),
    "end": ("Fin du marché", "End of the contract"),
    "period-end": ("Fin de période", "End of a period"),
    "need": ("Lancement prévu", "Planned launch"),
}
"""Kinds of events, in French and in English."""

CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
LONGEST_TITLE = 200


@dataclass(frozen=True)
class CalendarEvent:
    """An all-day event.

    Attributes
    ----------
    uid : str
        Identifier, the same as long as the contract, the kind and the period are.
    kind : str
        One of `EVENT_KINDS`.
    day : datetime.date
    summary, description : str
    category : str
        Directorate; empty where none is known.
    """

    uid: str
    kind: str
    day: date
    summary: str
    description: str
    category: str


def list_events(
    calendar: Calendar, *, language: str = "fr", public: bool = False
) -> tuple[CalendarEvent, ...]:
    """Return the events of a calendar, in order of time.

    Parameters
    ----------
    calendar : Calendar
    language : {"fr", "en"}
    public : bool
        Only what a published programme tells: launches of needs, without amounts or contracts.

    Returns
    -------
    tuple of CalendarEvent
        Decisions on renewals, last days to launch what replaces a contract that ends, ends of
        contracts and of periods, launches of needs. Days after the window are not listed; days
        before it are where they are late.
    """
    found = list(_need_events(calendar, language, public))
    if not public:
        planned = {each.key: each for each in calendar.planned}
        for row in calendar.entries.to_dict("records"):
            contract = planned[row["contract"]]
            row["buyer_id"] = contract.facts.get("buyer_id") or ""
            found += _entry_events(row, language)
            found += _later_events(row, contract, calendar, language)
    found.sort(key=lambda each: (each.day, each.kind, each.uid))
    return tuple(found)


def write_calendar(
    events: Iterable[CalendarEvent], as_of: date, *, alarm_days: int | None = None
) -> bytes:
    """Return an iCalendar file: all-day events, the same bytes for the same events.

    Parameters
    ----------
    events : iterable of CalendarEvent
    as_of : datetime.date
        Day of reading: the stamp of every event (no clock is read).
    alarm_days : int, optional
        Days before each event at which an agenda reminds of it; None for no reminder.
    """
    import icalendar

    book = icalendar.Calendar()
    book.add("prodid", PRODUCER)
    book.add("version", "2.0")
    book.add("calscale", "GREGORIAN")
    book.add("method", "PUBLISH")
    stamp = datetime.combine(as_of, time(), UTC)
    for each in events:
        event = icalendar.Event()
        event.add("uid", each.uid)
        event.add("dtstamp", stamp)
        event.add("dtstart", each.day)
        event.add("dtend", each.day + timedelta(days=1))
        event.add("summary", _plain(each.summary))
        event.add("description", _plain(each.description))
        if each.category:
            event.add("categories", [_plain(each.category)])
        event.add("transp", "TRANSPARENT")
        if alarm_days is not None:
            alarm = icalendar.Alarm()
            alarm.add("action", "DISPLAY")
            alarm.add("description", _plain(each.summary))
            alarm.add("trigger", timedelta(days=-alarm_days))
            event.add_component(alarm)
        book.add_component(event)
    content: bytes = book.to_ical()
    return content


def read_calendar_dates(content: bytes) -> dict[str, date]:
    """Return the day of each event of an iCalendar file, by identifier.

    Parameters
    ----------
    content : bytes
        From `write_calendar`.
    """
    import icalendar

    book = icalendar.Calendar.from_ical(content)
    return {str(each["uid"]): each.decoded("dtstart") for each in book.walk("VEVENT")}


def _plain(text: str) -> str:
    """Return a text without control characters, which no line of the format may hold."""
    return CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def _one_line(text: object) -> str:
    """Return a title on one line, shortened."""
    line = " ".join(_plain(str(text)).split())
    return line if len(line) <= LONGEST_TITLE else f"{line[: LONGEST_TITLE - 1].rstrip()}…"


def _uid(*parts: object) -> str:
    digest = hashlib.sha256("\x1f".join(map(str, parts)).encode()).hexdigest()
    return f"{digest[:24]}@{DOMAIN}"


def _entry_events(row: dict[str, Any], language: str) -> Iterable[CalendarEvent]:
    final = row["kind"] in ("end", "whole")
    ends = final or row["kind"] == "one-off"
    days = [("end" if ends else "period-end", row["next_end_date"])]
    # A decision that is past is shown where somebody must still take it.
    if row["decision_date"] is not None and row["state"] != "notice-past":
        days.append(("decision", row["decision_date"]))
    if final and not row["follow"]:
        days.append(("launch", row["launch_by"]))
    for kind, day in days:
        yield _event(row, kind, day, row["period"], language)


def _later_events(
    row: dict[str, Any], planned: PlannedContract, calendar: Calendar, language: str
) -> Iterable[CalendarEvent]:
    """Yield the ends and decisions of the window that come after the running period."""
    periods = planned.periods
    if periods is None or row["period"] is None:
        return
    for rank in range(row["period"] + 1, len(periods.months)):
        last = rank == len(periods.months) - 1
        days = [("end" if last and not periods.option_months else "period-end", periods.ends[rank])]
        if not last:
            days.append(("decision", periods.decision_day(rank)))
        for kind, day in days:
            if calendar.as_of < day <= calendar.until:
                yield _event(row, kind, day, rank, language)


def _event(
    row: dict[str, Any], kind: str, day: date, rank: int | None, language: str
) -> CalendarEvent:
    """Return an event of a contract, for a period of it."""
    place = 0 if language == "fr" else 1
    colon = " : " if language == "fr" else ": "
    return CalendarEvent(
        uid=_uid(row["buyer_id"], row["contract"], kind, rank),
        kind=kind,
        day=day,
        summary=f"{EVENT_KINDS[kind][place]}{colon}{row['contract']}, {_one_line(row['label'])}",
        description="\n".join(_describe(row, language)),
        category=row["directorate"] or "",
    )


def _describe(row: dict[str, Any], language: str) -> Sequence[str]:
    """Return what an event says of its contract, line by line."""
    french = language == "fr"
    place = 0 if french else 1

    def write_day(day: date) -> str:
        return date_text(day) if french else day.isoformat()

    late = {"launch-late": ("En retard", "Late"), "need-late": ("Besoin trop tardif", "Late need")}
    lines = [
        late.get(row["state"], ("", ""))[place],
        f"{row['family'] or ''} {row['family_fr' if french else 'family_en'] or ''}".strip(),
        ("Procédure : " if french else "Procedure: ") + PROCEDURES[row["procedure"]][place],
        ("Expression du besoin au plus tard le " if french else "Need expressed by ")
        + write_day(row["census_by"]),
        ("Lancement au plus tard le " if french else "Launched by ") + write_day(row["launch_by"]),
    ]
    if row["spend_eur"] > 0:
        euros = number_text(round(row["spend_eur"]))
        tonnes = number_text(round(row["emissions_tco2e"]))
        lines.append(
            f"{euros} € HT et {tonnes} tCO2e par an"
            if french
            else f"€{round(row['spend_eur']):,} excl. VAT and {round(row['emissions_tco2e']):,} "
            "tCO2e a year"
        )
    if row["presumed"]:
        lines.append(
            "Reconduction expresse supposée : aucune décision n'est connue"
            if french
            else "Express renewal presumed: no decision is known"
        )
    return [each for each in lines if each]


def _need_events(calendar: Calendar, language: str, public: bool) -> Iterable[CalendarEvent]:
    place = 0 if language == "fr" else 1
    for row in calendar.needs.to_dict("records"):
        title = f"{EVENT_KINDS['need'][place]} : {row['need']}, {_one_line(row['label'])}"
        told = [PROCEDURES[row["procedure"]][place]]
        if row["contract"] and not public:
            told.append(
                f"Remplace {row['contract']}" if language == "fr" else f"Follows {row['contract']}"
            )
        yield CalendarEvent(
            uid=_uid(row["buyer_id"] or "", row["need"], "need"),
            kind="need",
            day=row["planned_date"],
            summary=title if language == "fr" else title.replace(" : ", ": ", 1),
            description="\n".join(told),
            category=row["directorate"] or "",
        )
