"""A carbon clause over time: band of the baseline, path promised, points measured."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lcc.report import format as fmt
from lcc.report.blocks import Table
from lcc.report.catalogue import translate
from lcc.report.charts.chart import (
    COLOURS,
    Chart,
    Context,
    draw_page,
    render_svg,
    write_tick,
)
from lcc.report.charts.finding import tell_nothing
from lcc.report.charts.labels import (
    EMPTY_HEIGHT_IN,
    choose_amounts,
    hide_frame,
    say_nothing_drawn,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["draw_commitment"]

BASELINE, COMMITTED, MEASURED, PENDING = "baseline", "committed", "measured", "pending"


def draw_commitment(
    table: pd.DataFrame,
    *,
    unit: str,
    subject: str,
    language: str = "fr",
    context: Context = Context(),
    demo: bool = False,
    name: str = "commitment",
) -> Chart:
    """Return what was promised and measured over time, from the baseline.

    Parameters
    ----------
    table : pandas.DataFrame
        `kind` (`baseline`, `committed`, `measured`, `pending`), `date`, `date_end` (dates),
        `level`, `level_low`, `level_high` (in `unit`).
    unit : str
        Unit of the levels, such as kgCO2e/km.
    subject, context, language, demo, name
        As in `draw_ranking`.
    """
    columns = ["kind", "date", "date_end", "level", "level_low", "level_high"]
    frame = table.reindex(columns=columns)
    data = Table(frame, columns, subject, language=language, name=name)
    rows = data.rows()
    finding = _find(rows, unit, language)
    context = replace(context, year=_span(rows, language))
    return Chart.told(
        title=finding,
        subject=subject,
        unit=unit,
        drawn=_alternative(rows, unit, language),
        svg=_draw(rows, unit, language=language, demo=demo),
        data=data,
        context=context,
        language=language,
        name=name,
    )


def _of(rows: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [row for row in rows if row["kind"] == kind]


def _span(rows: list[dict[str, Any]], language: str) -> str:
    """Return the first and the last day drawn."""
    days = [row[each] for row in rows for each in ("date", "date_end")]
    known = sorted(each for each in days if not fmt.is_missing(each))
    if not known:
        return ""
    first, last = (fmt.format_date(each, language=language) for each in (known[0], known[-1]))
    return f"{first} – {last}"


def _find(rows: list[dict[str, Any]], unit: str, language: str) -> str:
    """Return whether the last measurement keeps the promise, as far as its interval allows."""
    if not _of(rows, BASELINE):
        return tell_nothing(language)
    measured, promised = _of(rows, MEASURED), _of(rows, COMMITTED)
    if not measured:
        return translate("Aucune mesure acceptée : l'engagement n'est pas vérifié", language)
    if not promised:
        return translate("Aucun engagement chiffré : rien n'est à tenir", language)
    last = measured[-1]
    limit = _promised_on(promised, last)
    amounts = choose_amounts([last["level"], limit], language=language, unit=unit)
    said = {"level": amounts.write(last["level"]), "limit": amounts.write(limit)}
    low, high = (
        last["level"] if fmt.is_missing(last[each]) else last[each]
        for each in ("level_low", "level_high")
    )
    if high <= limit:
        told = translate(
            "La dernière mesure tient l'engagement : {level} pour {limit} promis", language, **said
        )
    elif last["level"] <= limit:
        told = translate(
            "La dernière mesure tient l'engagement ({level} pour {limit}), mais son intervalle le "
            "dépasse",
            language,
            **said,
        )
    elif low <= limit:
        told = translate(
            "La dernière mesure manque l'engagement ({level} pour {limit}), mais son intervalle le "
            "contient",
            language,
            **said,
        )
    else:
        told = translate(
            "La dernière mesure manque l'engagement : {level} pour {limit} promis", language, **said
        )
    return told


def _alternative(rows: list[dict[str, Any]], unit: str, language: str) -> str:
    base, measured = _of(rows, BASELINE), _of(rows, MEASURED)
    if not base:
        return ""
    amounts = choose_amounts([base[0]["level"]], language=language, unit=unit)
    promised = _of(rows, COMMITTED)
    below = sum(row["level"] <= _promised_on(promised, row) for row in measured)
    return translate(
        "Émissions par unité d'ouvrage, de {first} à {last} : référence {baseline} ; "
        "{below} des {count} mesures acceptées sont sous le trait de l'engagement.",
        language,
        first=fmt.format_date(base[0]["date"], language=language),
        last=fmt.format_date(base[0]["date_end"], language=language),
        baseline=amounts.write(base[0]["level"]),
        below=fmt.format_count(below, language=language),
        count=fmt.format_count(len(measured), language=language),
    )


def _promised_on(path: list[dict[str, Any]], row: dict[str, Any]) -> float:
    """Return the level of the path drawn at the middle of a measured period."""
    import numpy as np

    middle = row["date"] + (row["date_end"] - row["date"]) / 2
    days: list[int] = []
    levels: list[float] = []
    for each in path:
        days += [each["date"].toordinal(), each["date_end"].toordinal()]
        levels += [each["level"]] * 2
    return float(np.interp(middle.toordinal(), days, levels)) if days else float("inf")


def _draw(rows: list[dict[str, Any]], unit: str, *, language: str, demo: bool) -> str:
    base = _of(rows, BASELINE)
    with draw_page(3.7 if base else EMPTY_HEIGHT_IN, demo=demo, language=language) as (
        figure,
        axes,
    ):
        if not base:
            say_nothing_drawn(axes, language)
            return render_svg(figure)
        first, last = base[0]["date"], base[0]["date_end"]
        _draw_baseline(axes, base[0])
        _draw_path(axes, _of(rows, COMMITTED))
        for kind, colour in ((MEASURED, COLOURS["main"]), (PENDING, COLOURS["fourth"])):
            _draw_points(axes, _of(rows, kind), colour, hollow=kind == PENDING)
        _set_axes(axes, rows, first, last, language)
        axes.set_ylabel(unit)
        _draw_key(figure, rows, language)
        return render_svg(figure)


def _draw_baseline(axes: Axes, row: dict[str, Any]) -> None:
    ends = [row["date"], row["date_end"]]
    axes.fill_between(
        ends, [row["level_low"]] * 2, [row["level_high"]] * 2, color=COLOURS["pale"], linewidth=0
    )
    axes.plot(ends, [row["level"]] * 2, color=COLOURS["soft"], linewidth=1.3, zorder=2)


def _draw_path(axes: Axes, path: list[dict[str, Any]]) -> None:
    dates: list[Any] = []
    levels: list[float] = []
    for row in path:
        dates += [row["date"], row["date_end"]]
        levels += [row["level"]] * 2
    axes.plot(dates, levels, color=COLOURS["third"], linewidth=2.4, zorder=3)


def _draw_points(axes: Axes, points: list[dict[str, Any]], colour: str, *, hollow: bool) -> None:
    for row in points:
        middle = row["date"] + (row["date_end"] - row["date"]) / 2
        axes.plot(
            [middle] * 2, [row["level_low"], row["level_high"]], color=colour, linewidth=2,
            alpha=0.6, zorder=4,
        )  # fmt: skip
        axes.plot(
            [row["date"], row["date_end"]], [row["level"]] * 2, color=colour, linewidth=1,
            alpha=0.6, zorder=4,
        )  # fmt: skip
        axes.scatter(
            [middle], [row["level"]], s=52, zorder=5, facecolor="white" if hollow else colour,
            edgecolor=colour, linewidth=1.6,
        )  # fmt: skip


def _set_axes(axes: Axes, rows: list[dict[str, Any]], first: Any, last: Any, language: str) -> None:
    from datetime import date

    low = min(row["level_low"] for row in rows)
    high = max(row["level_high"] for row in rows)
    margin = 0.08 * ((high - low) or high)
    axes.set_ylim(max(0.0, low - margin), high + margin)
    axes.set_xlim(first, last)
    years = [date(year, 1, 1) for year in range(first.year, last.year + 2)]
    shown = [day for day in years if first <= day <= last]
    # matplotlib counts days from 1970.
    places = [float((day - date(1970, 1, 1)).days) for day in shown]
    if places:
        axes.set_xticks(places, [str(day.year) for day in shown], ha="left")
    hide_frame(axes, grid="y")
    for place in places:
        axes.axvline(place, color=COLOURS["grey"], linewidth=0.8, zorder=1)
    axes.yaxis.set_major_formatter(lambda y, _: write_tick(y, language))
    axes.locator_params(axis="y", nbins=6)


def _draw_key(figure: Any, rows: list[dict[str, Any]], language: str) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    def point(colour: str, *, hollow: bool) -> Line2D:
        return Line2D(
            [], [], linestyle="none", marker="o", markersize=7, markeredgecolor=colour,
            markerfacecolor="white" if hollow else colour,
        )  # fmt: skip

    entries: list[tuple[str, Any, str]] = [
        (
            BASELINE,
            Patch(color=COLOURS["pale"]),
            translate("Référence et son intervalle", language),
        ),
        (
            COMMITTED,
            Line2D([], [], color=COLOURS["third"], linewidth=2.4),
            translate("Engagement", language),
        ),
        (
            MEASURED,
            point(COLOURS["main"], hollow=False),
            translate("Mesure et son intervalle à 95 %", language),
        ),
        (
            PENDING,
            point(COLOURS["fourth"], hollow=True),
            translate("En attente de vérification", language),
        ),
    ]
    held = [(handle, label) for kind, handle, label in entries if _of(rows, kind)]
    handles, labels = zip(*held, strict=True)
    figure.legend(handles, labels, loc="outside upper left", ncols=4, fontsize=9, columnspacing=1.2)
