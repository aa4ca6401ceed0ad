"""Reliability of probabilities: how often what was forecast happened."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from lcc.report import format as fmt
from lcc.report.blocks import Table
from lcc.report.catalogue import translate
from lcc.report.charts.chart import COLOURS, Chart, Context, draw_figure, render_svg
from lcc.report.charts.finding import tell_nothing
from lcc.report.charts.labels import EMPTY_HEIGHT_IN, hide_frame, say_nothing_drawn

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["draw_reliability"]

COLUMNS = ("low", "high", "mean_forecast", "observed", "low_observed", "high_observed", "count")
TICKS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


def draw_reliability(
    table: pd.DataFrame,
    *,
    subject: str,
    language: str = "fr",
    context: Context = Context(),
    demo: bool = False,
    name: str = "reliability",
) -> Chart:
    """Return the share that happened by the probability forecast, beside how many forecasts.

    A point on the diagonal is well calibrated; the line through a point is the interval at 95 % of
    its share. The finding counts the bins whose interval does not reach the diagonal.

    Parameters
    ----------
    table : pandas.DataFrame
        One row per bin of forecasts: `low`, `high` (bounds of the bin), `mean_forecast`,
        `observed`, `low_observed`, `high_observed` (all 0 to 1), `count`; what
        `lcc.uncertainty.reliability.measure_reliability` gives as `bins`.
    subject, language, context, demo, name
        As in `draw_ranking`.
    """
    frame = table.reindex(columns=list(COLUMNS))
    frame = frame[frame["count"] > 0].sort_values("mean_forecast")
    shown = ["mean_forecast", "observed", "low_observed", "high_observed", "forecasts"]
    data = Table(
        frame.assign(forecasts=frame["count"]), shown, subject, language=language, name=name
    )
    rows = frame.to_dict("records")
    return Chart.told(
        title=_find(rows, language),
        subject=subject,
        unit=translate("part des cas (%)", language),
        drawn=_describe(rows, language),
        svg=_draw(rows, language=language, demo=demo),
        data=data,
        context=context,
        language=language,
        name=name,
    )


def _misses(row: dict[str, Any]) -> bool:
    """Tell whether the interval of a bin leaves the diagonal out."""
    return not row["low_observed"] <= row["mean_forecast"] <= row["high_observed"]


def _find(rows: Sequence[dict[str, Any]], language: str) -> str:
    if not rows:
        return tell_nothing(language)
    total = math.fsum(row["count"] for row in rows)
    distance = (
        math.fsum(row["count"] * abs(row["observed"] - row["mean_forecast"]) for row in rows)
        / total
    )
    missed = sum(_misses(row) for row in rows)
    said = {
        "missed": fmt.format_count(missed, language=language),
        "bins": fmt.format_count(len(rows), language=language),
        "distance": fmt.format_number(100 * distance, language=language, step=Decimal("0.1")),
    }
    if not missed:
        return translate(
            "Les probabilités tiennent : aucune classe ne s'écarte de ce qui est arrivé au-delà "
            "du hasard ({distance} points en moyenne)",
            language,
            **said,
        )
    if missed == 1:
        return translate(
            "Une classe de probabilités sur {bins} s'écarte de ce qui est arrivé au-delà du "
            "hasard ({distance} points en moyenne)",
            language,
            **said,
        )
    return translate(
        "{missed} classes de probabilités sur {bins} s'écartent de ce qui est arrivé au-delà du "
        "hasard ({distance} points en moyenne)",
        language,
        **said,
    )


def _describe(rows: Sequence[dict[str, Any]], language: str) -> str:
    if not rows:
        return ""
    told = [
        translate(
            "{forecast} annoncés, {observed} observés",
            language,
            forecast=fmt.format_percent(row["mean_forecast"], language=language),
            observed=fmt.format_percent(row["observed"], language=language),
        )
        for row in rows
    ]
    return translate(
        "Part observée selon la probabilité annoncée, avec son intervalle à 95 %, et nombre de "
        "prévisions. {told}.",
        language,
        told=" ; ".join(told),
    )


def _draw(rows: Sequence[dict[str, Any]], *, language: str, demo: bool) -> str:
    with draw_figure(4.2 if rows else EMPTY_HEIGHT_IN, demo=demo, language=language) as figure:
        if not rows:
            say_nothing_drawn(figure.add_subplot(), language)
            return render_svg(figure)
        left, right = figure.subplots(1, 2, width_ratios=[1.35, 1])
        _draw_shares(left, rows, language)
        _draw_counts(right, rows, language)
        for axes in (left, right):
            axes.set_xlim(-0.02, 1.02)
            axes.set_xticks(TICKS)
            axes.xaxis.set_major_formatter(lambda x, _: fmt.format_percent(x, language=language))
            axes.set_xlabel(translate("Probabilité annoncée", language))
        return render_svg(figure)


def _draw_shares(axes: Axes, rows: Sequence[dict[str, Any]], language: str) -> None:
    axes.plot([0, 1], [0, 1], color=COLOURS["grey"], linewidth=1.2, linestyle=(0, (4, 3)))
    for row in rows:
        place = row["mean_forecast"]
        colour = COLOURS["fourth"] if _misses(row) else COLOURS["main"]
        axes.plot([place, place], [row["low_observed"], row["high_observed"]],
                  color=colour, linewidth=2, zorder=2)  # fmt: skip
        axes.scatter([place], [row["observed"]], s=34, color=colour, zorder=3)
    axes.set_ylim(-0.02, 1.02)
    axes.set_yticks(TICKS)
    axes.yaxis.set_major_formatter(lambda y, _: fmt.format_percent(y, language=language))
    hide_frame(axes, grid="y")
    axes.set_ylabel(translate("Part observée", language))


def _draw_counts(axes: Axes, rows: Sequence[dict[str, Any]], language: str) -> None:
    for row in rows:
        width = row["high"] - row["low"]
        axes.bar(
            row["low"] + width / 2, row["count"], width=0.86 * width, color=COLOURS["bar"], zorder=2
        )
    hide_frame(axes, grid="y")
    axes.locator_params(axis="y", nbins=5, integer=True)
    axes.yaxis.set_major_formatter(lambda y, _: fmt.format_count(y, language=language))
    axes.set_ylabel(translate("Nombre de prévisions", language))
