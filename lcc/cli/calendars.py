"""Command of the programming calendar: calendar."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lcc.cli.opening import open_with_contracts
from lcc.cli.options import EXIT_CLEAN, EXIT_NOTED, LANGUAGE, MAPPING, SETTINGS

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd

    from lcc.budget.calendar.calendar import Calendar
    from lcc.budget.calendar.needs import Census

__all__ = ["calendar_command"]

PATH = click.Path(path_type=Path)
ENTRIES, EVENTS, PICTURE = "calendrier.csv", "calendrier.ics", "calendrier.svg"
PUBLISHED, UNKNOWN, PROBLEMS = "programme_publie.csv", "echeances-inconnues.csv", "besoins.csv"
SHOWN = 5

LATE_WORDS = {
    "launch-late": "past the last day to launch",
    "decision-late": "past the last day to decide on an express renewal",
    "need-late": "whose need is planned after the last day to launch, past or to come",
}
"""States of a contract that is late, in the order in which they are counted."""


@click.command("calendar")
@click.argument("inputs", nargs=-1, metavar="[FILE…|MAP]")
@click.option(
    "--register", "registers", multiple=True, type=PATH,
    help="What states firm periods, renewals and options: register, essential data. Repeat it.",
)  # fmt: skip
@click.option("--needs", type=PATH, help="Census of needs (CSV or XLSX).")
@click.option("--year", type=int, default=0, help="Budget year; by default the last whole one.")
@click.option(
    "--as-of", default="",
    help="Day from which contracts ending are read (2025-01-31); by default the end of the year.",
)  # fmt: skip
@click.option(
    "--months", type=click.IntRange(1), default=18, show_default=True, help="Length of the window."
)
@click.option("--directorate", default="", help="Only what this directorate spends.")
@click.option(
    "--notice", type=click.IntRange(0),
    help="Months of notice of contracts that state none; by default a judgement of the project.",
)  # fmt: skip
@click.option(
    "--buyer-kind", type=click.Choice(["local-authority", "contracting-entity", "state"]),
    default="local-authority", show_default=True,
    help="What the buyer is; a local authority is a contracting entity for its networks.",
)  # fmt: skip
@click.option(
    "--alarm",
    type=click.IntRange(0, 366),
    help="Days before each event at which agendas remind of it.",
)
@click.option(
    "--public", is_flag=True,
    help="An agenda for publication: launches of needs only, no contract and no amount.",
)  # fmt: skip
@click.option("--bands", is_flag=True, help="Give bands of amounts in the published programme.")
@MAPPING
@SETTINGS
@LANGUAGE
@click.option("--out", type=PATH, required=True, help="Folder for tables, picture and agenda.")
def calendar_command(
    inputs: tuple[str, ...],
    registers: tuple[Path, ...],
    needs: Path | None,
    year: int,
    as_of: str,
    months: int,
    directorate: str,
    notice: int | None,
    buyer_kind: str,
    alarm: int | None,
    public: bool,
    bands: bool,
    mapping: Path | None,
    settings: Path | None,
    language: str,
    out: Path,
) -> None:
    """Write the programming calendar: contracts that end, renewals to decide, needs to launch.

    From files or from a map (folder or table); without either, the demonstration. Exit code 1 where
    something is late, a contract's end is not known or a need is to be corrected.
    """
    from lcc.budget.calendar.events import list_events, write_calendar
    from lcc.budget.calendar.opening import open_calendar
    from lcc.budget.calendar.programme import list_programme
    from lcc.budget.opening import read_as_of
    from lcc.carbon.study import default_year, is_demo
    from lcc.files import make_folder, write_bytes

    carbon, contracts = open_with_contracts(inputs, settings, mapping)
    year = year or default_year(carbon)
    calendar = open_calendar(
        carbon, contracts, as_of=read_as_of(as_of, year), year=year, registers=registers,
        needs=needs or "", months=months, directorate=directorate, notice_months=notice,
        buyer_kind=buyer_kind,
    )  # fmt: skip
    make_folder(out)
    events = list_events(calendar, language=language, public=public)
    write_bytes(out / EVENTS, write_calendar(events, calendar.as_of, alarm_days=alarm))
    _write(list_programme(calendar, with_bands=bands), "published_programme", out / PUBLISHED)
    if not public:
        _write(calendar.entries, "calendar_entry", out / ENTRIES)
        _write(_told(calendar), "calendar_unknown", out / UNKNOWN)
        if calendar.census is not None:
            _write(_problems(calendar.census), "need_problem", out / PROBLEMS)
        _draw(calendar, language, out / PICTURE, demo=is_demo(carbon))
    _tell(calendar, len(events))
    click.echo(f"→ {out}")
    census = calendar.census
    wrong = census is not None and bool((census.problems["severity"] == "error").any())
    noted = wrong or len(calendar.late) > 0 or len(calendar.undated) > 0
    sys.exit(EXIT_NOTED if noted else EXIT_CLEAN)


def _write(frame: pd.DataFrame, schema: str, path: Path) -> None:
    from lcc.reading.edited import write_edited
    from lcc.register.settle import frame_records

    rounded = frame.round({"spend_eur": 2, "emissions_tco2e": 3})
    write_edited(frame_records(rounded), schema, path)


def _told(calendar: Calendar) -> pd.DataFrame:
    """Return the contracts whose end is not known, the reason in French as its table is."""
    from lcc.budget.calendar.entries import reason_words

    words = {each.key: reason_words(each, "fr") for each in calendar.planned}
    undated = calendar.undated
    return undated.assign(reason=[words[each] for each in undated["contract"]])


def _problems(census: Census) -> pd.DataFrame:
    """Return what is wrong in the census, in French as its table is."""
    from lcc.budget.calendar.needs import PROBLEMS as WORDS

    problems = census.problems
    return problems.assign(problem=[WORDS[code][1] for code in problems["code"]])


def _draw(calendar: Calendar, language: str, path: Path, *, demo: bool) -> None:
    """Write the picture, and its text beside."""
    from lcc.budget.calendar.calendar import list_periods
    from lcc.files import write_text
    from lcc.report.charts import draw_programme
    from lcc.report.page import open_page

    page = open_page(language=language, demo=demo)
    chart = draw_programme(
        calendar.entries, list_periods(calendar), as_of=calendar.as_of, until=calendar.until,
        subject=page.say("Calendrier de programmation"), language=language, demo=demo,
    )  # fmt: skip
    write_text(path, chart.svg)
    write_text(path.with_suffix(".txt"), f"{chart.subject}\n{chart.alt}\n")


def _state(row: dict[str, Any], day: date, calendar: Calendar) -> str:
    """Return in what a contract is late, with the day that was, or will be, missed."""
    if row["state"] == "decision-late":
        return f"to decide by {day}, not decided"
    if row["state"] == "launch-late":
        return f"to launch by {day}, not launched"
    need = calendar.census.follow(row["contract"]) if calendar.census is not None else None
    planned = "" if need is None else f" planned on {need['planned_date']},"
    return f"its need {row['follow']} is{planned} after {day}, the last day to launch"


def _tell(calendar: Calendar, events: int) -> None:
    """Say what is late first, then counts."""
    late = calendar.late
    click.echo(
        f"after {calendar.as_of}, up to {calendar.until}; euros and tonnes of {calendar.year}"
    )
    heaviest = late.sort_values("emissions_tco2e", ascending=False, kind="stable")
    states = late["state"].value_counts()
    told = [f"{states[state]} {words}" for state, words in LATE_WORDS.items() if state in states]
    click.echo(f"{len(late)} contract(s) late{': ' if told else ''}{', '.join(told)}")
    for row in heaviest.head(SHOWN).to_dict("records"):
        day = row["launch_by"] if row["decision_date"] is None else row["decision_date"]
        click.echo(
            f"  {row['contract']} {row['label']}: {_state(row, day, calendar)}, for an end on "
            f"{row['next_end_date']}, {row['emissions_tco2e']:,.0f} tCO2e a year"
        )
    if len(late) > SHOWN:
        click.echo(f"  … {len(late) - SHOWN} more")
    counts = calendar.entries["kind"].value_counts()
    ending = int(counts.get("end", 0) + counts.get("whole", 0))
    click.echo(
        f"{len(calendar.entries)} contract(s) of which a period ends: {ending} for good, "
        f"{int(counts.get('renewal', 0))} renewal(s), {int(counts.get('option', 0))} option(s), "
        f"{int(counts.get('one-off', 0))} one-off works"
    )
    census = calendar.census
    if census is not None:
        errors = int((census.problems["severity"] == "error").sum())
        click.echo(
            f"{census.count} need(s): {len(calendar.needs)} to launch in the window, "
            f"{len(calendar.new_needs)} of them new, {errors} error(s) to correct; "
            f"{len(calendar.without_follow)} contract(s) end that no need follows"
        )
    if len(calendar.undated):
        click.echo(f"{len(calendar.undated)} contract(s) whose end is not known ({UNKNOWN})")
    click.echo(f"{events} event(s) in {EVENTS}")
