"""Measurements one after the other: how far the interval of the total narrows with each."""

from __future__ import annotations

from collections.abc import Sequence
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
    shorten,
    write_share,
    write_tick,
)
from lcc.report.charts.finding import join_clauses, tell_nothing
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

__all__ = ["draw_gain_steps"]

LABEL_CHARACTERS: Final = 44
LEAST_TOLD: Final = 0.005
"""Share under which a difference does not show in whole per cent."""


def draw_gain_steps(
    table: pd.DataFrame,
    *,
    subject: str,
    central: float,
    today: tuple[float, float],
    bound: tuple[float, float],
    bound_share: float,
    families: bool = False,
    language: str = "fr",
    context: Context = Context(),
    demo: bool = False,
    name: str = "gain-steps",
    limit: int = 20,
) -> Chart:
    """Return the interval of a total today, after each measurement, and at best.

    Parameters
    ----------
    table : pandas.DataFrame
        One row per measurement, in order: `label`, `low_tco2e_after`, `high_tco2e_after` (interval
        after this one and those before, tonnes of CO2 equivalent), `reached_share` (part of the
        width gone, 0 to 1).
    subject, context, language, demo, name
        As in `draw_ranking`.
    central : float
        Central value of the total.
    today, bound : (float, float)
        Its interval before any measurement, and after the best choice there could be.
    bound_share : float
        Part of the width that no choice within the same budget takes away more than.
    families : bool
        True where families are measured, not contracts.
    limit : int
        Measurements drawn at most.
    """
    frame = with_label(table, language, "reached_share")
    frame = frame.assign(low_tco2e=frame["low_tco2e_after"], high_tco2e=frame["high_tco2e_after"])
    frame = frame.assign(emissions_tco2e=central)
    data = Table(
        frame,
        ["label", "interval", "reached_share"],
        subject,
        limit=limit,
        headings={
            "label": translate("Famille mesurée" if families else "Marché mesuré", language),
            "interval": translate("Intervalle du total ensuite (tCO2e)", language),
        },
        language=language,
        name=name,
    )
    rows = data.rows()
    return Chart.told(
        title=_find(rows, bound_share, families, language),
        subject=subject,
        unit="tCO2e",
        drawn=_alternative(rows, central, today, language),
        svg=_draw(rows[:limit], central, today, bound, bound_share, language=language, demo=demo),
        data=data,
        context=context,
        language=language,
        name=name,
    )


def _find(rows: Sequence[dict[str, Any]], bound_share: float, families: bool, language: str) -> str:
    """Return what the measurements take off the interval, and what others could at most."""
    if not rows:
        return tell_nothing(language)
    reached = float(rows[-1]["reached_share"])
    first = float(rows[0]["reached_share"])
    said = {
        "count": fmt.format_count(len(rows), language=language),
        "share": write_share(reached, language),
        "first": write_share(first, language),
        "bound": write_share(bound_share, language),
    }
    if len(rows) == 1:
        told = (
            translate("Mesurer cette famille réduirait l'intervalle de {share}", language, **said)
            if families
            else translate("Mesurer ce marché réduirait l'intervalle de {share}", language, **said)
        )
    else:
        told = (
            translate(
                "Mesurer ces {count} familles réduirait l'intervalle de {share}, dont {first} "
                "dès la première",
                language,
                **said,
            )
            if families
            else translate(
                "Mesurer ces {count} marchés réduirait l'intervalle de {share}, dont {first} dès "
                "le premier",
                language,
                **said,
            )
        )
    best = (
        translate("aucun autre choix ne ferait mieux d'un point", language)
        if bound_share - reached < LEAST_TOLD
        else translate("le meilleur choix possible ne ferait pas plus de {bound}", language, **said)
    )
    return join_clauses([told, best], language)


def _alternative(
    rows: Sequence[dict[str, Any]], central: float, today: tuple[float, float], language: str
) -> str:
    if not rows:
        return ""
    told = [
        translate(
            "après {label} : {interval}",
            language,
            label=shorten(str(row["label"]), LABEL_CHARACTERS),
            interval=_bounds(central, row["low_tco2e"], row["high_tco2e"], language),
        )
        for row in rows
    ]
    return translate(
        "Intervalle à 95 % du total, aujourd'hui {today}, puis mesure après mesure : {told}.",
        language,
        today=_bounds(central, *today, language),
        told=" ; ".join(told),
    )


def _bounds(central: float, low: float, high: float, language: str) -> str:
    return fmt.format_interval(central, low, high, language=language, with_value=False)


def _draw(
    rows: Sequence[dict[str, Any]],
    central: float,
    today: tuple[float, float],
    bound: tuple[float, float],
    bound_share: float,
    *,
    language: str,
    demo: bool,
) -> str:
    height_in = 1.5 + 0.36 * (len(rows) + 2) if rows else EMPTY_HEIGHT_IN
    with draw_page(height_in, demo=demo, language=language) as (figure, axes):
        if not rows:
            say_nothing_drawn(axes, language)
            return render_svg(figure)
        intervals = [today, *((row["low_tco2e"], row["high_tco2e"]) for row in rows), bound]
        names = [
            translate("Aujourd'hui", language),
            *(
                f"{place}. {wrap_label(row['label'], LABEL_CHARACTERS, 1)}"
                for place, row in enumerate(rows, 1)
            ),
            translate("Meilleur autre choix, au plus", language),
        ]
        shares = [None, *(float(row["reached_share"]) for row in rows), bound_share]
        last = len(intervals) - 1
        for edge in today:
            axes.axvline(edge, color=COLOURS["grey"], linewidth=1, linestyle=(0, (3, 3)))
        axes.axvline(central, color=COLOURS["soft"], linewidth=1.2, zorder=1)
        for place, (low, high) in enumerate(intervals):
            _draw_interval(axes, place, low, high, first=place == 0, last=place == last)
            if shares[place] is not None:
                text = fmt.format_percent(shares[place], language=language)
                axes.annotate(f"−{text}" if text[:1].isdigit() else text, (1.0, place),
                              xycoords=("axes fraction", "data"), xytext=(8, 0),
                              textcoords="offset points", va="center", fontsize=9.5,
                              fontweight="bold" if place < last else "normal",
                              color=COLOURS["ink"] if place < last else COLOURS["soft"],
                              annotation_clip=False)  # fmt: skip
        margin = 0.04 * (today[1] - today[0] or 1.0)
        axes.set_xlim(min(each[0] for each in intervals) - margin,
                      max(each[1] for each in intervals) + margin)  # fmt: skip
        axes.set_ylim(last + 0.6, -0.6)
        axes.axhline(last - 0.5, color=COLOURS["grey"], linewidth=0.8)
        axes.set_yticks(range(len(names)), names)
        hide_frame(axes, grid="x")
        axes.locator_params(axis="x", nbins=6)
        axes.xaxis.set_major_formatter(lambda x, _: write_tick(x, language))
        axes.set_xlabel(
            translate(
                "Émissions du total (tCO2e), intervalle à 95 % ; trait : valeur centrale", language
            )
        )
        return render_svg(figure)


def _draw_interval(
    axes: Axes, place: int, low: float, high: float, *, first: bool, last: bool
) -> None:
    """Draw one interval: grey today, full after a measurement, hollow for the bound."""
    colour = COLOURS["grey"] if first else COLOURS["bar"]
    axes.barh(
        place,
        high - low,
        left=low,
        height=0.5,
        color="white" if last else colour,
        edgecolor=COLOURS["bar"] if last else colour,
        linewidth=1.4 if last else 0,
        linestyle=(0, (4, 2)) if last else "-",
        zorder=2,
    )
