"""Yearly trend with its 95 % interval."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lcc.report import format as fmt
from lcc.report.blocks import Table, colon
from lcc.report.catalogue import translate
from lcc.report.charts.bars import write_tick
from lcc.report.charts.chart import COLOURS, Chart, Context, draw_page, render_svg

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["draw_trend"]


def draw_trend(
    table: pd.DataFrame,
    *,
    subject: str,
    language: str = "fr",
    context: Context = Context(),
    demo: bool = False,
    name: str = "trend",
) -> Chart:
    """Return the emissions of each year, with their 95 % interval, from zero.

    Parameters
    ----------
    table : pandas.DataFrame
        One row per year, in column `group` or `year`, with `emissions_tco2e`, `low_tco2e`,
        `high_tco2e` (tonnes of CO2 equivalent).
    subject, context, language, demo, name
        As in `draw_ranking`.
    """
    frame = table.assign(year=table["year"] if "year" in table else table["group"])
    frame = frame[frame["emissions_tco2e"].notna()]
    frame = frame.assign(year=frame["year"].astype(int)).sort_values("year")
    columns = [
        each
        for each in ("year", "spend_eur", "emissions_tco2e", "interval", "intensity_kgco2e_per_eur")
        if each in frame or each == "interval"
    ]
    data = Table(frame, columns, subject, language=language, name=name)
    rows = data.rows()
    return Chart(
        title=subject,
        subject=subject,
        unit="",
        alt=_alternative(rows, context.cite(language), language),
        svg=_draw(rows, language=language, demo=demo),
        data=data,
        context=context,
        language=language,
        name=name,
    )


def _alternative(rows: list[dict[str, Any]], source: str, language: str) -> str:
    unit = fmt.tonnes_unit(max((row["emissions_tco2e"] for row in rows), default=0.0))
    figures = " ; ".join(
        f"{row['year']}{colon(language)}"
        + fmt.format_interval(
            row["emissions_tco2e"],
            row["low_tco2e"],
            row["high_tco2e"],
            tonnes=unit,
            language=language,
        )
        for row in rows
    )
    if len(rows) < 2:
        finding = translate("Une seule année.", language)
    elif separated(rows[0], rows[-1]):
        finding = translate(
            "Les intervalles de la première et de la dernière année ne se recouvrent pas.", language
        )
    else:
        finding = translate(
            "Les intervalles de la première et de la dernière année se "
            "recouvrent : l'évolution n'est pas établie.",
            language,
        )
    return translate(
        "Émissions par exercice, en tCO2e avec intervalle à 95 %. {figures}. {finding} {source}",
        language,
        figures=figures,
        finding=finding,
        source=source,
    ).strip()


def separated(first: dict[str, Any], last: dict[str, Any]) -> bool:
    """Tell whether two intervals have no value in common."""
    return bool(first["high_tco2e"] < last["low_tco2e"] or last["high_tco2e"] < first["low_tco2e"])


def _draw(rows: list[dict[str, Any]], *, language: str, demo: bool) -> str:
    with draw_page(3.3, demo=demo, language=language) as (figure, axes):
        years = [row["year"] for row in rows]
        values = [row["emissions_tco2e"] for row in rows]
        axes.plot(years, values, color=COLOURS["second"], linewidth=1.6, zorder=2)
        for row in rows:
            axes.plot(
                [row["year"]] * 2,
                [row["low_tco2e"], row["high_tco2e"]],
                color=COLOURS["main"],
                linewidth=2.2,
                solid_capstyle="butt",
                alpha=0.55,
                zorder=2,
            )
            axes.annotate(
                fmt.format_number(
                    row["emissions_tco2e"],
                    language=language,
                    step=fmt.choose_step(
                        row["emissions_tco2e"], row["low_tco2e"], row["high_tco2e"]
                    ),
                ),
                (row["year"], row["emissions_tco2e"]),
                xytext=(8, 9),
                textcoords="offset points",
                va="center",
                fontweight="bold",
            )
        axes.scatter(years, values, s=52, color=COLOURS["main"], zorder=3)
        axes.set_xticks(years, [str(year) for year in years])
        axes.set_xlim(min(years, default=0) - 0.35, max(years, default=1) + 0.5)
        lowest = min([0.0, *(row["low_tco2e"] for row in rows)])
        axes.set_ylim(lowest, 1.08 * max([row["high_tco2e"] for row in rows], default=1.0))
        axes.tick_params(axis="both", length=0)
        axes.grid(axis="y")
        axes.spines["left"].set_visible(False)
        axes.yaxis.set_major_formatter(lambda y, _: write_tick(y, language))
        axes.locator_params(axis="y", nbins=5)
        axes.set_xlabel(translate("Exercice", language))
        axes.set_ylabel(translate("Émissions (tCO2e)", language))
        return render_svg(figure)
