"""Ranked bars with their 95 % interval."""

from __future__ import annotations

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
from lcc.report.charts.finding import calc_share, read_bounds, tell_lead
from lcc.report.charts.labels import make_room, wrap_label
from lcc.report.charts.rank_chances import tell_leaders

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["draw_ranking"]

LABEL_CHARACTERS = 44


def draw_ranking(
    table: pd.DataFrame,
    *,
    subject: str,
    language: str = "fr",
    context: Context = Context(),
    demo: bool = False,
    name: str = "ranking",
    limit: int = 15,
) -> Chart:
    """Return the groups that emit most, as horizontal bars with their 95 % interval.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns `label` (or `label_fr`, `label_en`), `emissions_tco2e`, `low_tco2e`, `high_tco2e`
        (tonnes of CO2 equivalent); one row per group. Where known, `p_top_1`, the probability that
        it emits most: it says who leads, where intervals alone leave it open.
    subject : str
        What the chart shows; its title is the finding, which the chart makes of the figures.
    context : Context
        Source, year and coverage of the figures.
    language : {"fr", "en"}
    demo : bool
        True to say on the image that the data are a demonstration.
    name : str
        Name of the CSV.
    limit : int
        Bars at most.
    """
    covered = table[table["emissions_tco2e"].notna()]
    ranked = covered.sort_values(
        ["emissions_tco2e", "group" if "group" in covered else covered.columns[0]],
        ascending=[False, True],
    )
    data = Table(
        ranked,
        ["label", "emissions_tco2e", "interval"],
        subject,
        limit=limit,
        language=language,
        name=name,
    )
    everything = data.rows()
    rows = everything[:limit]
    total = float(covered["emissions_tco2e"].sum())
    finding = _tell(everything, language)
    unit = translate("tCO2e, intervalle à 95 %", language)
    drawn = _alternative(rows, len(covered), total, language)
    return Chart.told(
        title=finding,
        subject=subject,
        unit=unit,
        drawn=drawn,
        svg=_draw(rows, language=language, demo=demo),
        data=data,
        context=context,
        language=language,
        name=name,
    )


def _tell(rows: list[dict[str, Any]], language: str) -> str:
    """Return who leads: by its probability where it is known, else by the intervals."""
    known = [row for row in rows if not fmt.is_missing(row.get("p_top_1"))]
    return tell_leaders(known, 1, language) if len(known) > 1 else tell_lead(rows, language)


def _alternative(rows: list[dict[str, Any]], groups: int, total_tco2e: float, language: str) -> str:
    if not rows:
        return ""
    shown = sum(row["emissions_tco2e"] for row in rows)
    first = rows[0]
    return translate(
        "Barres classées de {shown} groupes sur {groups}. Le premier, « {first} » : {figure}. Les "
        "groupes montrés font {share} du total.",
        language,
        shown=len(rows),
        groups=fmt.format_count(groups, language=language),
        first=first["label"],
        figure=fmt.format_interval(
            first["emissions_tco2e"], first["low_tco2e"], first["high_tco2e"], language=language
        ),
        share=fmt.format_percent(calc_share(shown, total_tco2e), language=language),
    )


def _draw(rows: list[dict[str, Any]], *, language: str, demo: bool) -> str:
    with draw_page(1.1 + 0.36 * max(len(rows), 1), demo=demo, language=language) as (
        figure,
        axes,
    ):
        places = list(range(len(rows)))
        values = [row["emissions_tco2e"] for row in rows]
        axes.barh(places, values, height=0.62, color=COLOURS["bar"], zorder=2)
        bounds = [read_bounds(row) for row in rows]
        reach = max([*values, *(high for _, high in bounds)], default=1.0) or 1.0
        texts = []
        for place, row, (low, high) in zip(places, rows, bounds, strict=True):
            axes.plot([low, high], [place, place], color=COLOURS["ink"], linewidth=1.5, zorder=4)
            figure_text = fmt.format_number(
                row["emissions_tco2e"],
                language=language,
                step=fmt.choose_step(row["emissions_tco2e"], low, high),
            )
            texts.append(
                axes.annotate(
                    figure_text,
                    (max(high, row["emissions_tco2e"]), place),
                    xytext=(5, 0),
                    textcoords="offset points",
                    va="center",
                    fontsize=9.5,
                )
            )
        axes.set_yticks(places, [wrap_label(row["label"], LABEL_CHARACTERS, 1) for row in rows])
        axes.tick_params(axis="y", length=0)
        axes.tick_params(axis="x", length=0)
        axes.invert_yaxis()
        axes.set_ylim(len(rows) - 0.4, -0.6)
        low_end = min([0.0, *values, *(low for low, _ in bounds)])
        axes.set_xlim(low_end, max(reach, 0.0))
        axes.grid(axis="x")
        axes.spines["bottom"].set_visible(False)
        axes.xaxis.set_major_formatter(lambda x, _: write_tick(x, language))
        axes.locator_params(axis="x", nbins=6)
        axes.set_xlabel(
            translate("Émissions (tCO2e) ; le trait donne l'intervalle à 95 %", language)
        )
        make_room(figure, axes, texts)
        return render_svg(figure)
