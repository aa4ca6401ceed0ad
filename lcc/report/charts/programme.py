"""Programme of purchases: the periods of each contract, what is decided and what is launched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from lcc.errors import FieldError
from lcc.report import format as fmt
from lcc.report.blocks import Table
from lcc.report.catalogue import translate
from lcc.report.charts.calendar import list_months, place_day, write_month
from lcc.report.charts.chart import COLOURS, Chart, Context, draw_page, render_svg
from lcc.report.charts.labels import (
    EMPTY_HEIGHT_IN,
    hide_frame,
    say_nothing_drawn,
    with_label,
    wrap_label,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["draw_programme"]

LABEL_CHARACTERS: Final = 40
GROUP_CHARACTERS: Final = 46
BEFORE_MONTHS: Final = 6
AFTER_MONTHS: Final = 12
ROW_IN: Final = 0.235
BAR: Final = 0.6
TICK_MONTHS: Final = 3

FILLS: Final = {
    "firm": COLOURS["main"],
    "renewal": COLOURS["second"],
    "whole": COLOURS["grey"],
    "option": "white",
}
"""Kind of period → its colour; options are hatched besides."""

FINAL: Final = ("end", "whole")
PROLONGED: Final = ("renewal", "option")
LATE: Final = ("launch-late", "need-late", "decision-late")


@dataclass(frozen=True)
class Frame:
    """Months drawn, and the days of the window."""

    months: Sequence[date]
    as_of: date
    until: date

    def place(self, day: date) -> float:
        """Return where the end of a day stands, kept within the drawing."""
        return min(max(place_day(day, self.months), 0.0), float(len(self.months)))

    def holds(self, day: date) -> bool:
        """Tell whether a day is within the drawing."""
        return 0.0 <= place_day(day, self.months) <= len(self.months)


def draw_programme(
    entries: pd.DataFrame,
    periods: pd.DataFrame,
    *,
    as_of: date,
    until: date,
    subject: str,
    language: str = "fr",
    context: Context = Context(),
    demo: bool = False,
    name: str = "programme",
    limit: int = 24,
) -> Chart:
    """Return the contracts of a programme, each with its periods on the line of time.

    Parameters
    ----------
    entries : pandas.DataFrame
        One row per contract of which a period ends in the window: `contract`, `label` (or
        `label_fr`, `label_en`), `directorate`, `kind` (`end`, `renewal`, `option`, `whole`,
        `one-off`: what comes at the end of the running period), `next_end_date`,
        `decision_date`, `launch_by` (dates, or none), `state` (`launch-late`, `need-late`,
        `decision-late`, `notice-past`, `on-time`), `emissions_tco2e`, `spend_eur`.
    periods : pandas.DataFrame
        `contract`, `kind` (`firm`, `renewal`, `option`, `whole`), `start_date`, `end_date`.
    as_of, until : datetime.date
        The window: after the first, up to the second.
    subject, language, context, demo, name
        As in `draw_ranking`.
    limit : int
        Contracts drawn at most: those that emit most, by directorate.

    Raises
    ------
    FieldError
        If the window ends before it begins, or a period does.
    """
    if until <= as_of:
        raise FieldError(
            "the window ends before it begins",
            field="until",
            found=f"{as_of} – {until}",
            expected="a day after the day of reading",
        )
    turned = [row for row in periods.to_dict("records") if row["end_date"] < row["start_date"]]
    if turned:
        raise FieldError(
            "a period ends before it begins",
            field="end_date",
            found=f"{turned[0]['contract']}: {turned[0]['start_date']} – {turned[0]['end_date']}",
        )
    frame = with_label(entries, language, "contract", "directorate", "kind", "state")
    drawn = _choose(frame, limit)
    finding = _find(frame, until, language)
    return Chart.told(
        title=finding,
        subject=subject,
        unit="",
        context=context,
        drawn=_describe(frame, drawn, as_of, language),
        svg=_draw(drawn, periods, _frame(as_of, until), language=language, demo=demo),
        data=Table(
            frame,
            ["contract", "label", "directorate", "programme_kind", "next_end_date",
             "decision_date", "launch_by", "programme_state"],
            subject,
            limit=25,
            language=language,
            name=name,
        ),
        language=language,
        name=name,
    )  # fmt: skip


def _frame(as_of: date, until: date) -> Frame:
    """Return the months drawn: some before the day of reading, a year after the window."""
    from dateutil.relativedelta import relativedelta

    first = as_of - relativedelta(months=BEFORE_MONTHS)
    months = (until.year - first.year) * 12 + until.month - first.month + AFTER_MONTHS
    return Frame(list_months(first, months), as_of, until)


def _choose(frame: pd.DataFrame, limit: int) -> pd.DataFrame:
    """Return the contracts that emit most, the directorates that emit most among them first."""
    if not len(frame):
        return frame
    kept = frame.sort_values(
        ["emissions_tco2e", "spend_eur"], ascending=False, kind="stable", na_position="last"
    ).head(limit)
    named = kept.assign(directorate=kept["directorate"].fillna(""))
    weight = named.groupby("directorate")["emissions_tco2e"].transform("sum")
    named = named.assign(weight=-weight)
    return named.sort_values(["weight", "directorate", "next_end_date"], kind="stable")


def _find(frame: pd.DataFrame, until: date, language: str) -> str:
    last = fmt.format_date(until, language=language)
    if not len(frame):
        return translate("Aucun marché connu ne se termine d'ici au {last}", language, last=last)
    ending = int(frame["kind"].isin(FINAL).sum())
    late = int(frame["state"].isin(LATE).sum())
    values = {
        "ending": fmt.format_count(ending, language=language),
        "others": fmt.format_count(int(frame["kind"].isin(PROLONGED).sum()), language=language),
        "late": fmt.format_count(late, language=language),
        "last": last,
    }
    if late:
        return translate(
            "D'ici au {last} : {ending} marchés à remplacer, {others} à reconduire ou prolonger ; "
            "en retard : {late}",
            language,
            **values,
        )
    return translate(
        "D'ici au {last} : {ending} marchés à remplacer, {others} à reconduire ou prolonger, aucun "
        "en retard",
        language,
        **values,
    )


def _describe(frame: pd.DataFrame, drawn: pd.DataFrame, as_of: date, language: str) -> str:
    if not len(frame):
        return ""
    if frame["emissions_tco2e"].isna().all():
        return translate(
            "Une ligne par marché, groupée par direction : période ferme, reconductions, tranches "
            "optionnelles, jour où décider, jour où lancer la consultation ; trait au {day}. "
            "Marchés dessinés : {drawn} sur {count}.",
            language,
            day=fmt.format_date(as_of, language=language),
            drawn=fmt.format_count(len(drawn), language=language),
            count=fmt.format_count(len(frame), language=language),
        )
    return translate(
        "Une ligne par marché, groupée par direction : période ferme, reconductions, tranches "
        "optionnelles, jour où décider, jour où lancer la consultation ; trait au {day}. Marchés "
        "dessinés, les plus émetteurs : {drawn} sur {count}.",
        language,
        day=fmt.format_date(as_of, language=language),
        drawn=fmt.format_count(len(drawn), language=language),
        count=fmt.format_count(len(frame), language=language),
    )


def _draw(
    drawn: pd.DataFrame, periods: pd.DataFrame, frame: Frame, *, language: str, demo: bool
) -> str:
    groups = list(dict.fromkeys(drawn["directorate"])) if len(drawn) else []
    rows = len(drawn) + len(groups)
    height_in = 1.25 + ROW_IN * rows if rows else EMPTY_HEIGHT_IN
    with draw_page(height_in, demo=demo, language=language) as (figure, axes):
        if not rows:
            say_nothing_drawn(axes, language)
            return render_svg(figure)
        parts = {
            contract: list(part.to_dict("records"))
            for contract, part in periods.groupby("contract", sort=False)
        }
        names: list[tuple[str, bool]] = []
        kinds: set[str] = set()
        for group in groups:
            told = group or translate("Direction non renseignée", language)
            names.append((wrap_label(told, GROUP_CHARACTERS, 1), True))
            for row in drawn[drawn["directorate"] == group].to_dict("records"):
                place = len(names)
                kinds |= _draw_periods(axes, place, parts.get(row["contract"], []), frame)
                kinds |= _draw_marks(axes, place, row, frame)
                names.append((wrap_label(row["label"], LABEL_CHARACTERS, 1), False))
        axes.set_ylim(rows - 0.4, -0.7)
        axes.set_yticks(range(rows), [text for text, _ in names], fontsize=8.5)
        for tick, (_, heading) in zip(axes.get_yticklabels(), names, strict=True):
            if heading:
                tick.set_fontweight("bold")
                tick.set_color(COLOURS["main"])
        _draw_time(axes, frame, language)
        _draw_legend(figure, kinds, language)
        return render_svg(figure)


def _draw_periods(
    axes: Axes, place: int, periods: Sequence[dict[str, Any]], frame: Frame
) -> set[str]:
    """Draw the periods of a contract; return their kinds."""
    kinds = set()
    for each in periods:
        start, end = frame.place(each["start_date"]), frame.place(each["end_date"])
        if end <= start:
            continue
        kind = str(each["kind"])
        axes.barh(
            place, end - start, left=start, height=BAR, color=FILLS[kind], zorder=2,
            edgecolor=COLOURS["third"] if kind == "option" else "white",
            hatch="////" if kind == "option" else None, linewidth=0.9,
        )  # fmt: skip
        kinds.add(kind)
    return kinds


def _draw_marks(axes: Axes, place: int, row: dict[str, Any], frame: Frame) -> set[str]:
    """Mark the days to decide and to launch, and those that are past; return what was marked."""
    late = row["state"] in LATE
    look: dict[str, Any] = {
        "s": 30,
        "zorder": 5,
        "clip_on": False,
        "facecolor": "white" if late else COLOURS["ink"],
        "edgecolor": COLOURS["fourth"] if late else "white",
        "linewidth": 1.5 if late else 0.8,
    }
    kinds = set()
    if not fmt.is_missing(row["decision_date"]):
        axes.scatter([frame.place(row["decision_date"])], [place], marker="D", **look)
        kinds |= {"decision", "late"} if late else {"decision"}
    if row["kind"] in FINAL and not fmt.is_missing(row["launch_by"]):
        marker = "^" if frame.holds(row["launch_by"]) else "<"
        axes.scatter([frame.place(row["launch_by"])], [place], marker=marker, **look)
        kinds |= {"launch", "late"} if late else {"launch"}
    return kinds


def _draw_time(axes: Axes, frame: Frame, language: str) -> None:
    """Draw the months, the day of reading and the end of the window."""
    named = [
        (rank, month)
        for rank, month in enumerate(frame.months)
        if (month.month - 1) % TICK_MONTHS == 0
    ]
    texts, year = [], None
    for _, month in named:
        told = str(month.year) if month.year != year else " "
        year = month.year
        texts.append(f"{write_month(month, language, width='LLL')}\n{told}")
    axes.set_xlim(0, len(frame.months))
    axes.set_xticks([rank for rank, _ in named], texts, fontsize=8.5)
    axes.xaxis.set_ticks_position("top")
    hide_frame(axes, grid="x")
    axes.axvline(frame.place(frame.as_of), color=COLOURS["ink"], linewidth=1.4, zorder=4)
    axes.axvline(
        frame.place(frame.until), color=COLOURS["ink"], linewidth=1.1, zorder=4, linestyle="--"
    )


def _draw_legend(figure: Any, kinds: set[str], language: str) -> None:
    """Say above the drawing what its bars and marks are; only those that are there."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    ink, fourth = COLOURS["ink"], COLOURS["fourth"]

    def patch(kind: str, label: str) -> tuple[str, Any]:
        edge = COLOURS["third"] if kind == "option" else "white"
        hatch = "////" if kind == "option" else None
        return kind, Patch(facecolor=FILLS[kind], edgecolor=edge, hatch=hatch, label=label)

    def mark(kind: str, marker: str, colour: str, label: str) -> tuple[str, Any]:
        fill = "white" if kind == "late" else colour
        return kind, Line2D(
            [], [], color=colour, marker=marker, linestyle="none", markersize=6,
            markerfacecolor=fill, markeredgewidth=1.5, label=label,
        )  # fmt: skip

    handles = [
        patch("firm", translate("Période ferme", language)),
        patch("renewal", translate("Reconductions", language)),
        patch("option", translate("Tranches optionnelles", language)),
        patch("whole", translate("Durée totale, périodes non dites", language)),
        mark("decision", "D", ink, translate("Décider de la reconduction", language)),
        mark("launch", "^", ink, translate("Lancer au plus tard", language)),
        mark("late", "s", fourth, translate("Signe creux : en retard", language)),
        (
            "",
            Line2D([], [], color=ink, linewidth=1.4, label=translate("Jour de lecture", language)),
        ),
        (
            "",
            Line2D(
                [],
                [],
                color=ink,
                linewidth=1.1,
                linestyle="--",
                label=translate("Fin de la fenêtre", language),
            ),
        ),
    ]
    figure.legend(
        handles=[handle for kind, handle in handles if not kind or kind in kinds],
        loc="outside upper left",
        ncols=4,
        fontsize=8.5,
        handlelength=1.3,
        columnspacing=1.3,
        borderaxespad=0.3,
    )
