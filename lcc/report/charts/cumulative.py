"""Cumulative cost year by year: which solution overtakes the reference, and when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from lcc.report import format as fmt
from lcc.report.blocks import Table, colon
from lcc.report.catalogue import translate
from lcc.report.charts.chart import (
    COLOURS,
    PALETTE,
    Chart,
    Context,
    draw_page,
    render_svg,
    shorten,
    write_tick,
)
from lcc.report.charts.finding import is_same, join_clauses, join_words, quote, tell_nothing
from lcc.report.charts.labels import (
    EMPTY_HEIGHT_IN,
    Amounts,
    choose_amounts,
    clean_label,
    hide_frame,
    overlaps_any,
    say_nothing_drawn,
    set_scale,
    spread_places,
    with_label,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Annotation
    from matplotlib.transforms import Bbox

__all__ = ["draw_cumulative"]

DASHES: Final = ((0, ()), (0, (6, 2)), (0, (2, 1.5)))
"""Dashes of the lines beyond the colours of the palette: full, long, short."""

LABEL_CHARACTERS: Final = 32
LEAD_PT: Final = 26
LINE_HEIGHT_PT: Final = 12.5
CALENDAR_FROM: Final = 1900
"""From here on a year is one of the calendar, not a number of years since the base date."""

MARK_OFFSETS_PT: Final = ((0, 11), (0, -12), (16, 9), (-16, 9), (16, -9), (-16, -9))


@dataclass(frozen=True)
class Line:
    """One solution: its points in order of time, how it is drawn, and its payback if it has one."""

    label: str
    years: tuple[float, ...]
    costs_eur: tuple[float, ...]
    colour: str
    dash: Any
    is_reference: bool
    has_payback: bool
    payback_year: float | None

    def cost_at(self, year: float) -> float:
        """Return the cumulative cost at a year, in euros, along the line drawn."""
        import numpy as np

        return float(np.interp(year, self.years, self.costs_eur))


def draw_cumulative(
    table: pd.DataFrame,
    *,
    subject: str,
    paybacks: Mapping[str, float | None] | None = None,
    reference: str | None = None,
    measure: str = "",
    language: str = "fr",
    context: Context = Context(),
    demo: bool = False,
    name: str = "cumulative",
) -> Chart:
    """Return the cumulative cost of each solution, as lines named at their end.

    Parameters
    ----------
    table : pandas.DataFrame
        One row per solution and year: `label` (or `label_fr`, `label_en`), `year` (years since
        the base date, or of the calendar), `cumulative_eur` (euros). Solutions are drawn in the
        order they come.
    paybacks : mapping of str to float or None, optional
        Label → payback against the reference, in years since the first year of the table; None
        or NaN where there is none. A solution that is not in it says nothing of a payback.
    reference : str, optional
        Label of the solution the others are compared with, drawn as a dashed line.
    measure : str
        Name of the vertical axis, a message; by default « Coût cumulé ».
    subject, context, language, demo, name
        As in `draw_ranking`.
    """
    kept = with_label(table, language, "year", "cumulative_eur")
    kept = kept[kept["cumulative_eur"].notna() & kept["year"].notna()]
    order = {label: rank for rank, label in enumerate(dict.fromkeys(kept["label"]))}
    kept = kept.assign(_rank=kept["label"].map(order)).sort_values(["_rank", "year"], kind="stable")
    kept = kept.drop(columns="_rank")
    data = Table(
        kept,
        ["label", "year", "cumulative_eur"],
        subject,
        limit=60,
        headings={"label": translate("Solution", language), "year": translate("Année", language)},
        language=language,
        name=name,
    )
    lines = _read_lines(kept, paybacks or {}, reference)
    ends = [line.costs_eur[-1] for line in lines]
    amounts = choose_amounts(ends, language=language)
    finding = _find(lines, amounts, language)
    unit = translate("euros", language)
    return Chart.told(
        title=finding,
        subject=subject,
        unit=unit,
        drawn=_alternative(lines, amounts, language),
        svg=_draw(lines, amounts, measure, language=language, demo=demo),
        data=data,
        context=context,
        language=language,
        name=name,
    )


def _read_lines(
    table: pd.DataFrame, paybacks: Mapping[str, float | None], reference: str | None
) -> list[Line]:
    lines: list[Line] = []
    rank = 0
    for label, rows in table.groupby("label", sort=False):
        is_reference = label == reference
        payback = paybacks.get(label)
        lines.append(
            Line(
                label=str(label),
                years=tuple(float(each) for each in rows["year"]),
                costs_eur=tuple(float(each) for each in rows["cumulative_eur"]),
                colour=COLOURS["soft"] if is_reference else PALETTE[rank % len(PALETTE)],
                dash=(0, (5, 2)) if is_reference else DASHES[rank // len(PALETTE) % len(DASHES)],
                is_reference=is_reference,
                has_payback=label in paybacks and not is_reference,
                payback_year=None if fmt.is_missing(payback) else payback,
            )
        )
        rank += not is_reference
    return lines


def _find(lines: Sequence[Line], amounts: Amounts, language: str) -> str:
    """Return which solution has cost least at the end, by how much, and when it pays back."""
    if not lines:
        return tell_nothing(language)
    ranked = sorted(lines, key=lambda line: line.costs_eur[-1])
    first = ranked[0]
    said = {
        "name": quote(first.label, language),
        "amount": amounts.write(first.costs_eur[-1]),
    }
    if len(ranked) == 1:
        return translate("{name} aura coûté {amount}", language, **said)
    level = [line for line in ranked if is_same(line.costs_eur[-1], first.costs_eur[-1])]
    if len(level) > 1:
        names = join_words([quote(line.label, language) for line in level], language)
        return translate(
            "Au calcul central, {names} coûtent autant à la fin : {amount}",
            language,
            names=names,
            amount=said["amount"],
        )
    reference = next((line for line in ranked if line.is_reference), None)
    other = ranked[1] if reference is None or first.is_reference else reference
    said["gap"] = fmt.format_euros(other.costs_eur[-1] - first.costs_eur[-1], language=language)
    said["other"] = quote(other.label, language)
    if first.is_reference:
        return translate(
            "Au calcul central, la référence reste la moins chère : {gap} de moins que {other}",
            language,
            **said,
        )
    if reference is None:
        return translate(
            "Au calcul central, {name} est la moins chère à la fin : {gap} de moins que {other}",
            language,
            **said,
        )
    told = translate(
        "Au calcul central, {name} est la moins chère à la fin : {gap} de moins que la référence",
        language,
        **said,
    )
    return join_clauses(
        [told, _tell_payback(first, language) if first.has_payback else ""], language
    )


def _alternative(lines: Sequence[Line], amounts: Amounts, language: str) -> str:
    if not lines:
        return ""
    years = [year for line in lines for year in line.years]
    first, last = (
        str(int(each)) if each.is_integer() else write_tick(each, language)
        for each in (min(years), max(years))
    )
    told = " ; ".join(
        f"{line.label}{colon(language)}{amounts.write(line.costs_eur[-1])}"
        + (f", {_tell_payback(line, language)}" if line.has_payback else "")
        for line in lines
    )
    return translate(
        "Coût cumulé de chaque solution, de l'année {first} à l'année {last}. À la fin : {ends}.",
        language,
        first=first,
        last=last,
        ends=told,
    )


def _tell_payback(line: Line, language: str) -> str:
    if line.payback_year is None:
        return translate("pas de retour sur la période", language)
    if line.payback_year == 0:
        return translate("retour immédiat", language)
    return translate(
        "retour en {years}", language, years=fmt.format_years(line.payback_year, language=language)
    )


def _draw(
    lines: Sequence[Line], amounts: Amounts, measure: str, *, language: str, demo: bool
) -> str:
    height_in = max(4.3, 1.3 + 0.42 * len(lines)) if lines else EMPTY_HEIGHT_IN
    with draw_page(height_in, demo=demo, language=language) as (figure, axes):
        if not lines:
            say_nothing_drawn(axes, language)
            return render_svg(figure)
        for line in lines:
            axes.plot(
                line.years,
                line.costs_eur,
                color=line.colour,
                linewidth=1.8 if line.is_reference else 2.4,
                linestyle=line.dash,
                marker="o" if len(line.years) == 1 else None,
                solid_capstyle="round",
                zorder=2 if line.is_reference else 3,
            )
        _set_axes(axes, lines, amounts, measure, language)
        _name_lines(figure, axes, lines, amounts, language)
        _mark_paybacks(axes, lines, language)
        return render_svg(figure)


def _set_axes(
    axes: Axes, lines: Sequence[Line], amounts: Amounts, measure: str, language: str
) -> None:
    from matplotlib.ticker import MaxNLocator

    first = min(line.years[0] for line in lines)
    last = max(line.years[-1] for line in lines)
    axes.set_xlim(first, last if last > first else first + 1)
    low = min(0.0, *(min(line.costs_eur) for line in lines))
    high = max(0.0, *(max(line.costs_eur) for line in lines))
    room = 0.06 * (high - low) or 1.0
    axes.set_ylim(low - (room if low < 0 else 0), high + room)
    hide_frame(axes, grid="y")
    axes.axhline(0, color=COLOURS["grey"], linewidth=1, zorder=1)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=11, integer=True, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(lambda year, _: str(round(year)))
    set_scale(axes.yaxis, amounts)
    axes.set_xlabel(
        translate("Année", language)
        if first >= CALENDAR_FROM
        else translate("Années depuis la date de base", language)
    )
    name = translate(measure, language) if measure else translate("Coût cumulé", language)
    axes.set_ylabel(f"{clean_label(name)} ({amounts.name})")


def _name_lines(
    figure: Figure, axes: Axes, lines: Sequence[Line], amounts: Amounts, language: str
) -> None:
    """Write each name at the end of its line, moved apart where ends are close, tied by a lead."""
    from matplotlib.transforms import blended_transform_factory

    beside = blended_transform_factory(axes.transAxes, axes.transData)
    names: list[Annotation] = []
    facts: list[Annotation] = []
    for line in lines:
        said = [amounts.write(line.costs_eur[-1])]
        if line.is_reference:
            said.append(translate("référence", language))
        elif line.has_payback:
            said.append(_tell_payback(line, language))
        styled: list[tuple[list[Annotation], str, dict[str, Any]]] = [
            (names, shorten(clean_label(line.label), LABEL_CHARACTERS), {"fontweight": "bold"}),
            (facts, " · ".join(said), {"color": COLOURS["soft"]}),
        ]
        for kind, text, style in styled:
            kind.append(
                axes.annotate(
                    text,
                    (1.0, line.costs_eur[-1]),
                    xycoords=beside,
                    xytext=(LEAD_PT, 0),
                    textcoords="offset points",
                    va="center",
                    fontsize=9,
                    annotation_clip=False,
                    **style,
                )
            )
    # The layout is settled before names are moved: it needs to know how wide they are.
    figure.draw_without_rendering()
    box = axes.get_window_extent()
    pixel_pt = 72 / figure.dpi
    half = LINE_HEIGHT_PT / pixel_pt
    ends = [float(axes.transData.transform((0, line.costs_eur[-1]))[1]) for line in lines]
    places = spread_places(ends, 2 * half + 4, box.y0 + half, box.y1 - half)
    for rank, line in enumerate(lines):
        move_pt = (places[rank] - ends[rank]) * pixel_pt
        names[rank].set_position((LEAD_PT, move_pt + LINE_HEIGHT_PT / 2))
        facts[rank].set_position((LEAD_PT, move_pt - LINE_HEIGHT_PT / 2))
        axes.annotate(
            "",
            xy=(1.0, line.costs_eur[-1]),
            xycoords=beside,
            xytext=(LEAD_PT - 3, move_pt),
            textcoords="offset points",
            arrowprops={
                "arrowstyle": "-",
                "color": line.colour,
                "linewidth": 1.2,
                "shrinkA": 0,
                "shrinkB": 0,
            },
            annotation_clip=False,
        )


def _mark_paybacks(axes: Axes, lines: Sequence[Line], language: str) -> None:
    """Mark where a solution has paid itself back, and write the year where there is room."""
    taken: list[Bbox] = []
    inside = axes.get_window_extent()
    for line in lines:
        if not line.has_payback or line.payback_year is None:
            continue
        year = line.years[0] + line.payback_year
        if not line.years[0] <= year <= line.years[-1]:
            continue
        cost = line.cost_at(year)
        axes.plot(
            [year],
            [cost],
            marker="o",
            markersize=9,
            markerfacecolor="white",
            markeredgecolor=line.colour,
            markeredgewidth=2.2,
            linestyle="none",
            clip_on=False,
            zorder=5,
        )
        at_once = line.payback_year == 0
        for across, up in MARK_OFFSETS_PT:
            text = axes.annotate(
                translate("immédiat", language)
                if at_once
                else fmt.format_years(line.payback_year, language=language),
                (year, cost),
                # On the vertical axis there is room on the right only.
                xytext=(max(across, 4) if at_once else across, up),
                textcoords="offset points",
                ha="left" if at_once else "center",
                va="center",
                fontsize=9,
                fontweight="bold",
                zorder=6,
            )
            text.set_bbox({"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 0.8})
            box = text.get_window_extent()
            fits = inside.x0 <= box.x0 and box.x1 <= inside.x1 and inside.y0 <= box.y0
            if fits and not overlaps_any(box, taken):
                taken.append(box)
                break
            text.remove()
