"""Balance of two groups: standardised differences before matching and within the pairs."""

from __future__ import annotations

import math
from decimal import Decimal
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
    write_tick,
)
from lcc.report.charts.finding import join_words, quote, tell_nothing
from lcc.report.charts.labels import EMPTY_HEIGHT_IN, hide_frame, say_nothing_drawn
from lcc.report.codes import CODES

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

__all__ = ["draw_balance"]

LEAST_SPAN = 0.45
HUNDREDTH: Final = Decimal("0.01")

NAMED = 3
"""Characteristics named in the title; more of them are counted."""


def draw_balance(
    table: pd.DataFrame,
    *,
    limit: float,
    subject: str,
    language: str = "fr",
    context: Context = Context(),
    demo: bool = False,
    name: str = "balance",
) -> Chart:
    """Return how alike two groups are, characteristic by characteristic.

    Parameters
    ----------
    table : pandas.DataFrame
        `characteristic` (a code), `smd_before`, `smd_matched` (standardised mean differences).
    limit : float
        Size from which a difference counts.
    subject, context, language, demo, name
        As in `draw_ranking`.
    """
    columns = ["characteristic", "smd_before", "smd_matched"]
    data = Table(table.reindex(columns=columns), columns, subject, language=language, name=name)
    rows = [
        {**row, "label": _name(row["characteristic"], language)}
        for row in data.rows()
        if not fmt.is_missing(row["smd_before"])
    ]
    finding = _find(rows, limit, language)
    unit = translate("écarts types", language)
    return Chart.told(
        title=finding,
        subject=subject,
        unit=unit,
        drawn=_alternative(rows, limit, language),
        svg=_draw(rows, limit, language=language, demo=demo),
        data=data,
        context=context,
        language=language,
        name=name,
    )


def _name(code: Any, language: str) -> str:
    return translate(CODES.get(f"clause-{code}", str(code)), language)


def _find(rows: list[dict[str, Any]], limit: float, language: str) -> str:
    """Return in what the matched contracts still differ."""
    if not rows:
        return tell_nothing(language)
    known = [row for row in rows if not fmt.is_missing(row["smd_matched"])]
    if not known:
        return translate("Aucune paire : la ressemblance n'est pas mesurée", language)
    beyond = [row for row in known if abs(row["smd_matched"]) > limit]
    said = {
        "names": join_words([quote(row["label"], language) for row in beyond], language),
        "count": fmt.format_count(len(beyond), language=language),
        "total": fmt.format_count(len(known), language=language),
        "limit": _write(limit, language),
    }
    if not beyond:
        return translate(
            "Les marchés appariés se ressemblent : sur {total}, aucun trait ne s'écarte de plus "
            "de {limit} écart type",
            language,
            **said,
        )
    if len(beyond) <= NAMED:
        return translate("Les marchés appariés diffèrent encore par {names}", language, **said)
    return translate(
        "Les marchés appariés diffèrent encore par {count} traits sur {total}", language, **said
    )


def _alternative(rows: list[dict[str, Any]], limit: float, language: str) -> str:
    if not rows:
        return ""
    beyond = [row for row in rows if abs(row["smd_matched"]) > limit]
    return translate(
        "Écarts standardisés entre marchés avec et sans clause, avant appariement puis dans les "
        "paires : {gaps}. Au-delà de {limit} dans les paires : {count}.",
        language,
        gaps=" ; ".join(
            f"{row['label']} {_write(row['smd_before'], language)} → "
            f"{_write(row['smd_matched'], language)}"
            for row in rows
        ),
        count=fmt.format_count(len(beyond), language=language),
        limit=_write(limit, language),
    )


def _write(value: float, language: str) -> str:
    return fmt.format_number(value, language=language, step=HUNDREDTH)


def _draw(rows: list[dict[str, Any]], limit: float, *, language: str, demo: bool) -> str:
    height_in = 1.35 + 0.45 * max(2, len(rows)) if rows else EMPTY_HEIGHT_IN
    with draw_page(height_in, demo=demo, language=language) as (figure, axes):
        if not rows:
            say_nothing_drawn(axes, language)
            return render_svg(figure)
        values = [row[each] for row in rows for each in ("smd_before", "smd_matched")]
        sizes = [abs(each) for each in values if not fmt.is_missing(each) and math.isfinite(each)]
        span = 1.12 * max([LEAST_SPAN, *sizes])
        axes.axvspan(-limit, limit, color=COLOURS["pale"], linewidth=0, zorder=0)
        axes.axvline(0, color=COLOURS["ink"], linewidth=1.1, zorder=1)
        for place, row in enumerate(rows):
            # What is infinite stands at the edge.
            before, matched = (
                None if fmt.is_missing(row[each]) else max(-span, min(span, row[each]))
                for each in ("smd_before", "smd_matched")
            )
            if before is not None and matched is not None:
                axes.annotate(
                    "", (matched, place), xytext=(before, place), zorder=2,
                    arrowprops={"arrowstyle": "-", "color": COLOURS["grey"], "linewidth": 1.6},
                )  # fmt: skip
            if before is not None:
                axes.scatter(
                    [before], [place], s=60, facecolor="white", edgecolor=COLOURS["fourth"],
                    linewidth=1.8, zorder=3, clip_on=False,
                )  # fmt: skip
            if matched is not None:
                axes.scatter(
                    [matched], [place], s=60, color=COLOURS["main"], zorder=4, clip_on=False
                )
        axes.set_xlim(-span, span)
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.set_yticks(range(len(rows)), [row["label"] for row in rows])
        hide_frame(axes, grid="x")
        axes.xaxis.set_major_formatter(lambda x, _: write_tick(x, language))
        axes.locator_params(axis="x", nbins=7)
        axes.set_xlabel(
            translate(
                "Écart standardisé des moyennes ; zone grise : moins de {limit}",
                language,
                limit=_write(limit, language),
            )
        )
        _draw_key(figure, language)
        return render_svg(figure)


def _draw_key(figure: Figure, language: str) -> None:
    from matplotlib.lines import Line2D

    def point(colour: str, face: str) -> Line2D:
        return Line2D(
            [], [], linestyle="none", marker="o", markersize=7, markeredgecolor=colour,
            markerfacecolor=face,
        )  # fmt: skip

    figure.legend(
        [point(COLOURS["fourth"], "white"), point(COLOURS["main"], COLOURS["main"])],
        [translate("Avant appariement", language), translate("Dans les paires", language)],
        loc="outside upper left",
        ncols=2,
        fontsize=9.5,
    )
