"""Purchases that may be made together: contracts on the line of time, by candidate and by unit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from lcc.errors import FieldError
from lcc.report import format as fmt
from lcc.report.blocks import Table
from lcc.report.catalogue import translate
from lcc.report.charts.chart import COLOURS, Chart, Context, draw_page, render_svg, shorten
from lcc.report.charts.labels import (
    EMPTY_HEIGHT_IN,
    clean_label,
    hide_frame,
    say_nothing_drawn,
    with_label,
)
from lcc.report.charts.timeline import read_day

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["draw_overlaps"]

ROWS_DRAWN: Final = 32
"""Contracts drawn at most: candidates beyond are in the table."""

LABEL_CHARACTERS: Final = 52
HEADING_CHARACTERS: Final = 78
BAR: Final = 0.56
ROW_IN: Final = 0.235
MONTHS_BEFORE: Final = 12
MONTHS_AFTER: Final = 3

FILLS: Final = {
    "own": COLOURS["main"],
    "neighbour": COLOURS["third"],
    "joint": COLOURS["grey"],
    "programme": COLOURS["fourth"],
}
"""Who buys, or that the contract is shared already → its colour."""


def draw_overlaps(
    table: pd.DataFrame,
    *,
    as_of: date,
    subject: str,
    language: str = "fr",
    context: Context = Context(),
    demo: bool = False,
    name: str = "overlaps",
    rows: int = ROWS_DRAWN,
) -> Chart:
    """Return candidates, each as the contracts it brings together, on one line of time.

    Parameters
    ----------
    table : pandas.DataFrame
        One row per contract or need, in the order of the candidates: `candidate` (what tells them
        apart), `heading` (of the candidate), `label` (or `label_fr`, `label_en`), `buyer`
        (directorate, or buyer), `kind` (`own`, `neighbour`, `joint`, `programme`), `start_date`,
        `end_date`, `launch_by` (dates; the first two are missing for a need without a contract).
    as_of : datetime.date
        Day of the report.
    subject, language, context, demo, name
        As in `draw_ranking`.
    rows : int
        Contracts drawn at most; the first candidate is drawn whole.

    Raises
    ------
    FieldError
        Where a kind is none of the four.
    """
    needed = ("candidate", "heading", "buyer", "kind", "start_date", "end_date", "launch_by")
    frame = with_label(table, language, *needed)
    wrong = sorted({str(each) for each in frame["kind"]} - set(FILLS))
    if wrong:
        raise FieldError(
            "a contract is of no kind that is drawn",
            field="kind",
            found=", ".join(wrong),
            expected=", ".join(FILLS),
        )
    listed = frame.to_dict("records")
    shown = _choose(listed, rows)
    candidates = list(dict.fromkeys(row["candidate"] for row in listed))
    drawn = len(dict.fromkeys(row["candidate"] for row in shown))
    finding = _find(listed, len(candidates), as_of, language)
    data = Table(
        frame,
        ["heading", "buyer", "label", "start_date", "end_date", "launch_by"],
        subject,
        headings={
            "heading": translate("Regroupement", language),
            "buyer": translate("Direction ou acheteur", language),
            "start_date": translate("Début", language),
            "end_date": translate("Échéance", language),
            "launch_by": translate("Préparation à engager le", language),
        },
        limit=40,
        language=language,
        name=name,
    )
    return Chart.told(
        title=finding,
        subject=subject,
        unit="",
        context=context,
        drawn=_describe(shown, drawn, len(candidates), as_of, language),
        svg=_draw(shown, as_of, language=language, demo=demo),
        data=data,
        language=language,
        name=name,
    )


def _choose(listed: list[dict[Any, Any]], most: int) -> list[dict[Any, Any]]:
    """Return whole candidates, as many as are drawn; the first one in any case."""
    shown: list[dict[Any, Any]] = []
    for candidate in dict.fromkeys(row["candidate"] for row in listed):
        members = [row for row in listed if row["candidate"] == candidate]
        if shown and len(shown) + len(members) > most:
            break
        shown += members[:most]
    return shown


def _find(listed: list[dict[Any, Any]], count: int, as_of: date, language: str) -> str:
    if not count:
        return translate("Aucun achat à regrouper dans la fenêtre", language)
    first: dict[Any, date] = {}
    for row in listed:
        if not fmt.is_missing(row["launch_by"]) and row["kind"] != "joint":
            day = read_day(row["launch_by"])
            first[row["candidate"]] = min(day, first.get(row["candidate"], day))
    ahead = sorted(day for day in first.values() if day > as_of)
    number = fmt.format_count(count, language=language)
    if not ahead:
        if count == 1:
            return translate(
                "Un regroupement possible, dont la préparation aurait dû commencer", language
            )
        return translate(
            "{count} regroupements possibles, dont la préparation aurait dû commencer",
            language,
            count=number,
        )
    decided = fmt.format_date(ahead[0], language=language)
    if count == 1:
        return translate(
            "Un regroupement possible, à décider avant le {day}", language, day=decided
        )
    return translate(
        "{count} regroupements possibles ; le prochain est à décider avant le {day}",
        language,
        count=number,
        day=decided,
    )


def _describe(
    shown: list[dict[Any, Any]], drawn: int, count: int, as_of: date, language: str
) -> str:
    if not shown:
        return ""
    told = translate(
        "Une barre par contrat, du début à l'échéance, groupées par regroupement ; un losange "
        "marque le jour où la préparation doit commencer, un trait le {day}.",
        language,
        day=fmt.format_date(as_of, language=language),
    )
    headings = list(dict.fromkeys(str(row["heading"]) for row in shown))
    told += " " + translate(
        "Regroupements dessinés : {names}.", language, names="; ".join(headings)
    )
    if drawn < count:
        told += " " + translate(
            "Les autres, {count}, sont dans le tableau.",
            language,
            count=fmt.format_count(count - drawn, language=language),
        )
    return told


def _draw(shown: list[dict[Any, Any]], as_of: date, *, language: str, demo: bool) -> str:
    groups = list(dict.fromkeys(row["candidate"] for row in shown))
    places: list[tuple[float, dict[Any, Any]]] = []
    headings: list[tuple[float, str]] = []
    place = 0.0
    for candidate in groups:
        members = [row for row in shown if row["candidate"] == candidate]
        headings.append((place, str(members[0]["heading"])))
        for row in members:
            place += 1.0
            places.append((place, row))
        place += 1.35
    height_in = EMPTY_HEIGHT_IN if not shown else 1.15 + ROW_IN * (place + 1)
    with draw_page(height_in, demo=demo, language=language) as (figure, axes):
        if not shown:
            say_nothing_drawn(axes, language)
            return render_svg(figure)
        first, last = _span([row for _, row in places], as_of)
        axes.set_xlim(first, last)
        axes.set_ylim(place - 0.6, -0.9)
        for at, row in places:
            _draw_row(axes, at, row, first, last)
        for at, heading in headings:
            # Set from the left edge of the picture: a heading is longer than a label.
            axes.annotate(
                shorten(clean_label(heading), HEADING_CHARACTERS),
                (first, at), xytext=(3, 0), textcoords="offset points", ha="left", va="center",
                fontsize=9, fontweight="bold", zorder=6,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.2},
            )  # fmt: skip
        axes.axvline(as_of.toordinal(), color=COLOURS["ink"], linewidth=1.1, zorder=4)
        axes.set_yticks(
            [at for at, _ in places],
            [shorten(clean_label(_name(row)), LABEL_CHARACTERS) for _, row in places],
            fontsize=8.5,
        )
        _name_years(axes, first, last)
        hide_frame(axes, grid="x")
        _draw_legend(figure, {str(row["kind"]) for _, row in places}, as_of, language)
        return render_svg(figure)


def _name(row: dict[Any, Any]) -> str:
    """Return what a row is called: who buys, then what."""
    buyer = "" if fmt.is_missing(row["buyer"]) else str(row["buyer"])
    return f"{buyer}" if buyer else str(row["label"])


def _span(rows: Sequence[dict[Any, Any]], as_of: date) -> tuple[int, int]:
    """Return the first and the last day drawn, as numbers: what matters is ahead."""
    from dateutil.relativedelta import relativedelta

    days = [
        read_day(row[each])
        for row in rows
        for each in ("launch_by", "end_date")
        if not fmt.is_missing(row[each]) and row["kind"] != "joint"
    ]
    first = min([as_of, *days]) - relativedelta(months=MONTHS_AFTER)
    first = max(first, as_of - relativedelta(months=MONTHS_BEFORE))
    last = max([as_of, *days]) + relativedelta(months=MONTHS_AFTER)
    return first.toordinal(), last.toordinal()


def _draw_row(axes: Axes, at: float, row: dict[Any, Any], first: int, last: int) -> None:
    """Draw one contract: its bar, within the days drawn, and the day of preparation."""
    colour = FILLS[str(row["kind"])]
    if not fmt.is_missing(row["end_date"]):
        start = first
        if not fmt.is_missing(row["start_date"]):
            start = max(first, read_day(row["start_date"]).toordinal())
        end = min(read_day(row["end_date"]).toordinal() + 1, last)
        if end > start:
            axes.barh(at, end - start, left=start, height=BAR, color=colour, alpha=0.88,
                      linewidth=0, zorder=2)  # fmt: skip
    if not fmt.is_missing(row["launch_by"]) and row["kind"] != "joint":
        launch = read_day(row["launch_by"]).toordinal()
        # A day before those drawn stands at their edge.
        axes.plot(
            [max(launch, first)], [at], marker="D" if launch >= first else "<", markersize=6,
            color=COLOURS["ink"], markeredgecolor="white", markeredgewidth=1.1, zorder=5,
            clip_on=False,
        )  # fmt: skip


def _name_years(axes: Axes, first: int, last: int) -> None:
    """Name each quarter, and each year once, above the drawing."""
    marks = [
        date(year, month, 1)
        for year in range(date.fromordinal(first).year, date.fromordinal(last).year + 1)
        for month in (1, 4, 7, 10)
        if first <= date(year, month, 1).toordinal() <= last
    ]
    texts = []
    for rank, day in enumerate(marks):
        named = rank == 0 or day.month == 1
        texts.append(f"{day.month:02d}\n{day.year}" if named else f"{day.month:02d}\n ")
    axes.set_xticks([day.toordinal() for day in marks], texts, fontsize=8.5)
    axes.xaxis.set_ticks_position("top")


def _draw_legend(figure: Any, kinds: set[str], as_of: date, language: str) -> None:
    """Say above the drawing what its colours and marks are; only those that are there."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    words = {
        "own": translate("Contrat de cet acheteur", language),
        "neighbour": translate("D'un autre acheteur", language),
        "joint": translate("Déjà partagé, à rejoindre", language),
    }
    handles: list[Any] = [
        Patch(facecolor=FILLS[each], label=word) for each, word in words.items() if each in kinds
    ]
    handles.append(
        Line2D([], [], color=COLOURS["ink"], marker="D", linestyle="none",
               label=translate("Préparation à engager", language))
    )  # fmt: skip
    handles.append(
        Line2D([], [], color=COLOURS["ink"], linewidth=1.1,
               label=fmt.format_date(as_of, language=language))
    )  # fmt: skip
    figure.legend(
        handles=handles, loc="outside upper left", ncols=3, fontsize=9, handlelength=1.4,
        columnspacing=1.5,
    )  # fmt: skip
