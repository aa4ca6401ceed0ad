"""A contract on the line of time, above the rules whose periods its launch crosses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from lcc.report import format as fmt
from lcc.report.blocks import Table
from lcc.report.catalogue import translate
from lcc.report.charts.chart import (
    COLOURS,
    Chart,
    Context,
    draw_page,
    render_svg,
    write_alternative,
)
from lcc.report.charts.finding import tell_nothing
from lcc.report.charts.labels import (
    EMPTY_HEIGHT_IN,
    fits_inside,
    hide_frame,
    ink_on,
    say_nothing_drawn,
    wrap_label,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.text import Text

__all__ = ["draw_timeline", "read_day"]

LABEL_CHARACTERS: Final = 30
MARGIN_DAYS: Final = 200
LONGEST_DAYS: Final = 8 * 366
"""Days drawn at most: a contract of thirty years would leave its launch no room."""

BAR: Final = 0.62
FILLS: Final = {
    "required": COLOURS["main"],
    "target": COLOURS["second"],
    "refused": COLOURS["fourth"],
    "allowed": COLOURS["pale"],
    "conditional": "#c9d3dd",
    "none": "#f4f6f8",
    "information": COLOURS["pale"],
}
"""What a rule asks → its colour; what is asked is darker than what is not."""


@dataclass(frozen=True)
class Span:
    """Days drawn."""

    first: date
    last: date

    def clip(self, start: object, end: object) -> tuple[int, int] | None:
        """Return two days within the drawing, as numbers; None where nothing of them is."""
        low = self.first if fmt.is_missing(start) else max(read_day(start), self.first)
        high = self.last if fmt.is_missing(end) else min(read_day(end), self.last)
        return (low.toordinal(), high.toordinal() + 1) if low <= high else None


def draw_timeline(
    moments: pd.DataFrame,
    periods: pd.DataFrame,
    *,
    subject: str,
    language: str = "fr",
    context: Context = Context(),
    demo: bool = False,
    name: str = "timeline",
) -> Chart:
    """Return the days of a contract above the periods of rules.

    Parameters
    ----------
    moments : pandas.DataFrame
        `kind` (`launch`, `launch-window`, `notification`, `performance`, `modification`), `date`,
        `date_end` (dates; the latter for a window and for the performance).
    periods : pandas.DataFrame
        `rule`, `label` (or `label_fr`, `label_en`), `text` (likewise; a few characters), `effect`
        (`required`, `target`, `refused`, `allowed`, `conditional`, `none`), `date`, `date_end`
        (missing: without limit): the periods of each rule.
    subject, language, context, demo, name
        As in `draw_ranking`.
    """
    days = moments.to_dict("records")
    rules = [_with_texts(row, language) for row in periods.to_dict("records")]
    span = _span(days)
    shown = (
        [] if span is None else [row for row in rules if span.clip(row["date"], row["date_end"])]
    )
    finding = _find(days, shown, language)
    data = Table(
        periods.assign(label=[row["label"] for row in rules], text=[row["text"] for row in rules]),
        ["label", "text", "date", "date_end"],
        subject,
        headings={
            "label": translate("Règle", language),
            "text": translate("Ce qu'elle dit", language),
            "date": translate("Depuis le", language),
        },
        language=language,
        name=name,
    )
    return Chart(
        title=finding,
        subject=subject,
        unit="",
        context=context,
        alt=write_alternative(
            finding, _describe(days, shown, language), "", context, language=language
        ),
        svg=_draw(days, shown, span, language=language, demo=demo),
        data=data,
        language=language,
        name=name,
    )


def _with_texts(row: dict[Any, Any], language: str) -> dict[Any, Any]:
    """Return a period with its label and its text in the language."""
    told = {each: row.get(each, row.get(f"{each}_{language}")) for each in ("label", "text")}
    return row | told


def read_day(value: Any) -> date:
    """Return a day; a timestamp is one too."""
    return date(value.year, value.month, value.day)


def _span(days: list[dict[Any, Any]]) -> Span | None:
    """Return the days to draw: those of the contract, with a margin; None where it has none."""
    known = [
        read_day(row[each])
        for row in days
        for each in ("date", "date_end")
        if not fmt.is_missing(row[each])
    ]
    if not known:
        return None
    first = min(known).toordinal() - MARGIN_DAYS
    last = min(max(known).toordinal() + MARGIN_DAYS, first + LONGEST_DAYS)
    return Span(date.fromordinal(first), date.fromordinal(last))


def _launch(days: list[dict[Any, Any]]) -> tuple[date, date] | None:
    """Return the first and the last possible day of launch."""
    for row in days:
        if row["kind"] == "launch":
            return read_day(row["date"]), read_day(row["date"])
        if row["kind"] == "launch-window":
            return read_day(row["date"]), read_day(row["date_end"])
    return None


def _changed(rules: list[dict[Any, Any]], first: date, last: date) -> list[str]:
    """Return the labels of the rules that change between two days."""
    changed = [
        str(row["label"])
        for row in rules
        if not fmt.is_missing(row["date"]) and first < read_day(row["date"]) <= last
    ]
    return list(dict.fromkeys(changed))


def _find(days: list[dict[Any, Any]], rules: list[dict[Any, Any]], language: str) -> str:
    """Return what the launch decides."""
    window = _launch(days)
    if not days:
        return tell_nothing(language)
    if window is None:
        return translate("Le jour du lancement n'est pas connu, ni borné", language)
    first, last = (fmt.format_date(day, language=language) for day in window)
    if window[0] == window[1]:
        return translate(
            "Consultation lancée le {day} : les règles de ce jour", language, day=first
        )
    changed = _changed(rules, *window)
    values = {"first": first, "last": last}
    if not changed:
        return translate(
            "Lancement entre le {first} et le {last} : aucune règle n'a changé entre ces jours",
            language,
            **values,
        )
    if len(changed) == 1:
        return translate(
            "Lancement entre le {first} et le {last} : une règle a changé entre ces jours",
            language,
            **values,
        )
    return translate(
        "Lancement entre le {first} et le {last} : {count} règles ont changé entre ces jours",
        language,
        count=fmt.format_count(len(changed), language=language),
        **values,
    )


def _describe(days: list[dict[Any, Any]], rules: list[dict[Any, Any]], language: str) -> str:
    """Return what the drawing shows, for who does not see it."""
    window = _launch(days)
    if not days:
        return ""
    told = translate(
        "Une ligne par règle, découpée en périodes, sous la ligne du contrat.", language
    )
    if window is None:
        return told
    held = [
        f"{row['label']} ({row['text']})"
        for row in rules
        if (fmt.is_missing(row["date"]) or read_day(row["date"]) <= window[1])
        and (fmt.is_missing(row["date_end"]) or read_day(row["date_end"]) >= window[0])
    ]
    says = translate(
        "Au jour du lancement, ou aux jours possibles : {rules}.", language, rules=", ".join(held)
    )
    return f"{told} {says}"


def _draw(
    days: list[dict[Any, Any]],
    rules: list[dict[Any, Any]],
    span: Span | None,
    *,
    language: str,
    demo: bool,
) -> str:
    names = list(dict.fromkeys(str(row["rule"]) for row in rules))
    height_in = EMPTY_HEIGHT_IN if span is None else 1.75 + 0.42 * (len(names) + 1)
    with draw_page(height_in, demo=demo, language=language) as (figure, axes):
        if span is None:
            say_nothing_drawn(axes, language)
            return render_svg(figure)
        axes.set_xlim(span.first.toordinal(), span.last.toordinal() + 1)
        axes.set_ylim(len(names) + 0.6, -0.75)
        window = _launch(days)
        texts = [
            each
            for row in rules
            if (each := _draw_period(axes, names.index(str(row["rule"])) + 1, row, span, window))
        ]
        _draw_contract(axes, days, span, len(names), language)
        labels = {str(row["rule"]): str(row["label"]) for row in rules}
        axes.set_yticks(
            range(len(names) + 1),
            [
                translate("Le contrat", language),
                *(wrap_label(labels[each], LABEL_CHARACTERS, 2) for each in names),
            ],
            fontsize=9,
        )
        axes.get_yticklabels()[0].set_fontweight("bold")
        years = range(span.first.year + 1, span.last.year + 1)
        axes.set_xticks([date(year, 1, 1).toordinal() for year in years], [str(y) for y in years])
        axes.xaxis.set_ticks_position("top")
        hide_frame(axes, grid="x")
        _draw_legend(figure, days, rules, language)
        figure.canvas.draw()
        for text, left, right in texts:
            start, end = (axes.transData.transform((day, 0))[0] for day in (left, right))
            text.set_visible(fits_inside(text, start, end))
        return render_svg(figure)


def _draw_period(
    axes: Axes, place: int, row: dict[Any, Any], span: Span, window: tuple[date, date] | None
) -> tuple[Text, int, int] | None:
    """Draw one period of a rule; return its text and the days it lies between.

    Where lines of the launch cross it, the text lies in the largest part between them.
    """
    days = span.clip(row["date"], row["date_end"])
    if days is None:
        return None
    colour = FILLS.get(str(row["effect"]), COLOURS["pale"])
    axes.barh(
        place, days[1] - days[0], left=days[0], height=BAR, color=colour, edgecolor="white",
        linewidth=1.6, zorder=2,
    )  # fmt: skip
    edges = {day.toordinal() for day in window or () if days[0] < day.toordinal() < days[1]}
    parts = list(pairwise(sorted({*days, *edges})))
    within = max(parts, key=lambda part: part[1] - part[0])
    text = axes.text(
        sum(within) / 2, place, str(row["text"]), ha="center", va="center", fontsize=8.5,
        color=ink_on(colour), zorder=5,
    )  # fmt: skip
    return text, *within


def _draw_contract(
    axes: Axes, days: list[dict[Any, Any]], span: Span, rows: int, language: str
) -> None:
    """Draw the line of the contract, and its launch across all rules."""
    for row in days:
        bounds = span.clip(row["date"], row["date_end"])
        at = read_day(row["date"]).toordinal()
        if row["kind"] == "performance" and bounds:
            axes.barh(
                0, bounds[1] - bounds[0], left=bounds[0], height=0.2, color=COLOURS["grey"],
                zorder=2,
            )  # fmt: skip
        elif row["kind"] == "launch-window" and bounds:
            axes.axvspan(
                bounds[0], bounds[1], facecolor=COLOURS["third"], alpha=0.3, zorder=1, linewidth=0,
            )  # fmt: skip
            for edge in bounds:
                axes.axvline(edge, color=COLOURS["third"], linewidth=1.6, zorder=4)
        elif row["kind"] == "launch":
            axes.axvline(at, color=COLOURS["third"], linewidth=2.2, zorder=4)
        elif row["kind"] == "modification":
            axes.plot([at], [0], marker="|", markersize=11, color=COLOURS["ink"], zorder=6)
        elif row["kind"] == "notification":
            axes.plot(
                [at], [0], marker="D", markersize=7, color=COLOURS["ink"],
                markeredgecolor="white", markeredgewidth=1.2, zorder=7,
            )  # fmt: skip


def _draw_legend(
    figure: Any, days: list[dict[Any, Any]], rules: list[dict[Any, Any]], language: str
) -> None:
    """Say above the drawing what its marks and colours are; only those that are there."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    kinds = {str(row["kind"]) for row in days}
    effects = {str(row["effect"]) for row in rules}
    third, ink = COLOURS["third"], COLOURS["ink"]
    marks: list[tuple[str, Any]] = [
        (
            "launch",
            Line2D([], [], color=third, linewidth=2.2, label=translate("Lancement", language)),
        ),
        (
            "launch-window",
            Patch(facecolor=third, alpha=0.35,
                  label=translate("Jours possibles du lancement", language)),
        ),
        (
            "notification",
            Line2D([], [], color=ink, marker="D", linestyle="none",
                   label=translate("Notification", language)),
        ),
        ("performance", Patch(facecolor=COLOURS["grey"], label=translate("Exécution", language))),
        (
            "modification",
            Line2D([], [], color=ink, marker="|", markersize=11, linestyle="none",
                   label=translate("Avenant", language)),
        ),
    ]  # fmt: skip
    words = {
        "required": translate("Exigé", language),
        "target": translate("Objectif", language),
        "refused": translate("Refusé", language),
        "allowed": translate("Admis", language),
        "conditional": translate("Sous condition", language),
        "none": translate("Rien d'exigé", language),
    }
    handles = [handle for kind, handle in marks if kind in kinds]
    handles += [
        Patch(facecolor=FILLS[each], edgecolor=COLOURS["grey"], linewidth=0.5, label=word)
        for each, word in words.items()
        if each in effects
    ]
    figure.legend(
        handles=handles,
        loc="outside upper left",
        ncols=4,
        fontsize=9,
        handlelength=1.4,
        columnspacing=1.6,
    )
