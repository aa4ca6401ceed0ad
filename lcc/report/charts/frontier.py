"""Efficient frontier of a plan: the least cost of ever more tonnes avoided, by whole plans."""

from __future__ import annotations

from collections.abc import Mapping
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
    write_tick,
)
from lcc.report.charts.finding import is_same, join_clauses, open_sentence, tell_nothing
from lcc.report.charts.labels import (
    EMPTY_HEIGHT_IN,
    choose_amounts,
    hide_frame,
    say_nothing_drawn,
    set_scale,
)

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["draw_frontier"]

STATED: Final = 1.0
"""Tightness of the budgets as stated."""

APART: Final = 0.07
"""Share of the width under which the incremental cost of a step is not written."""


def draw_frontier(
    table: pd.DataFrame,
    *,
    subject: str,
    language: str = "fr",
    context: Context = Context(),
    demo: bool = False,
    name: str = "frontier",
) -> Chart:
    """Return cost against tonnes avoided, one point per plan, with the cost of each step by tonne.

    Parameters
    ----------
    table : pandas.DataFrame
        One row per plan: `tightness` (1: budgets as stated), `avoided_tco2e` (tonnes of CO2
        equivalent), `present_eur` (euros), `eur_per_tco2e_avoided` (of the step from the plan
        before), `levers`. Rows without a plan have no tonnes, and are not drawn.
    subject, context, language, demo, name
        As in `draw_ranking`.
    """
    found = table[table["avoided_tco2e"].notna()].sort_values("avoided_tco2e", kind="stable")
    data = Table(
        found,
        ["tightness", "avoided_tco2e", "present_eur", "eur_per_tco2e_avoided", "levers"],
        subject,
        language=language,
        name=name,
    )
    rows = data.rows()
    last = bool(table["avoided_tco2e"].isna().any())
    finding = _find(rows, language, impossible=last)
    unit = translate("euros actualisés et tCO2e", language)
    return Chart.told(
        title=finding,
        subject=subject,
        unit=unit,
        drawn=_alternative(rows, language, impossible=last),
        svg=_draw(rows, language=language, demo=demo),
        data=data,
        context=context,
        language=language,
        name=name,
    )


def _per_tonne(row: Mapping[str, Any], language: str) -> str:
    value = row["eur_per_tco2e_avoided"]
    if fmt.is_missing(value):
        return ""
    step = fmt.choose_step(value).scaleb(1) if abs(value) >= 100 else fmt.choose_step(value)
    return f"{fmt.format_number(value, language=language, step=step)}{fmt.NO_BREAK}€/t"


def _find(rows: list[dict[str, Any]], language: str, *, impossible: bool) -> str:
    """Return what the budgets as stated cost, and what the tonnes beyond them would."""
    if not rows:
        return tell_nothing(language)
    amounts = choose_amounts([row["present_eur"] for row in rows], language=language)
    places = [place for place, row in enumerate(rows) if is_same(row["tightness"], STATED)]
    place = places[-1] if places else 0
    row = rows[place]
    said = {
        "cost": amounts.write(abs(row["present_eur"])),
        "tonnes": fmt.format_tonnes(row["avoided_tco2e"], language=language),
    }
    if not places:
        first = ""
    elif row["present_eur"] > 0:
        first = translate(
            "Tenir les budgets coûte {cost} et évite {tonnes} en tout", language, **said
        )
    elif row["present_eur"] < 0:
        first = translate(
            "Tenir les budgets rapporte {cost} et évite {tonnes} en tout", language, **said
        )
    else:
        first = translate(
            "Tenir les budgets ne coûte rien et évite {tonnes} en tout", language, **said
        )
    beyond = [each for each in rows[place + 1 :] if _per_tonne(each, language)]
    costs = list(dict.fromkeys(_per_tonne(each, language) for each in beyond))
    if len(costs) > 1:
        then = translate(
            "aller plus loin coûte de {low} à {high}",
            language,
            low=_per_tonne(min(beyond, key=_step_cost), language),
            high=_per_tonne(max(beyond, key=_step_cost), language),
        )
    elif costs and _step_cost(beyond[0]) < 0:
        then = translate("aller plus loin rapporte {cost}", language, cost=costs[0].lstrip("-"))
    elif costs:
        then = translate("aller plus loin coûte {cost}", language, cost=costs[0])
    elif impossible:
        then = translate("aucun plan ne peut aller au-delà", language)
    else:
        then = ""
    alone = (
        translate("Un seul plan", language)
        if len(rows) == 1
        else translate("Aucun de ces plans n'est celui des budgets donnés", language)
    )
    told = join_clauses([first, then], language) or alone
    return open_sentence(told)


def _step_cost(row: Mapping[str, Any]) -> float:
    return float(row["eur_per_tco2e_avoided"])


def _alternative(rows: list[dict[str, Any]], language: str, *, impossible: bool) -> str:
    if not rows:
        return ""
    amounts = choose_amounts([row["present_eur"] for row in rows], language=language)
    said = [
        translate(
            "{tonnes} évitées pour {cost}",
            language,
            tonnes=fmt.format_tonnes(row["avoided_tco2e"], language=language),
            cost=amounts.write(row["present_eur"]),
        )
        for row in rows
    ]
    steps = [_per_tonne(row, language) for row in rows if _per_tonne(row, language)]
    return translate(
        "Plan le moins cher pour des budgets de plus en plus serrés ({count} plans) : {points}. "
        "Coût de la tonne de plus, d'un plan au suivant : {steps}. {end}",
        language,
        count=fmt.format_count(len(rows), language=language),
        points=" ; ".join(said),
        steps=" ; ".join(steps) or fmt.missing_text(language),
        end=translate("Au-delà, aucun plan ne tient les budgets.", language) if impossible else "",
    )


def _draw(rows: list[dict[str, Any]], *, language: str, demo: bool) -> str:
    height_in = 4.4 if rows else EMPTY_HEIGHT_IN
    with draw_page(height_in, demo=demo, language=language) as (figure, axes):
        if not rows:
            say_nothing_drawn(axes, language)
            return render_svg(figure)
        tonnes = [float(row["avoided_tco2e"]) for row in rows]
        costs = [float(row["present_eur"]) for row in rows]
        amounts = choose_amounts(costs, language=language, apart=False)
        axes.axhline(0, color=COLOURS["soft"], linewidth=1.0, zorder=1)
        axes.plot(tonnes, costs, color=COLOURS["second"], linewidth=1.8, zorder=2)
        axes.scatter(tonnes, costs, s=42, color=COLOURS["main"], zorder=3)
        width = (max(tonnes) - min(tonnes)) or 1.0
        height = (max(costs) - min(costs)) or 1.0
        written = None
        for before, row in pairwise(rows):
            middle = (before["avoided_tco2e"] + row["avoided_tco2e"]) / 2
            text = _per_tonne(row, language)
            if not text or (written is not None and middle - written < APART * width):
                continue
            written = middle
            axes.annotate(
                text,
                (middle, (before["present_eur"] + row["present_eur"]) / 2),
                xytext=(-7, 9),
                textcoords="offset points",
                ha="right",
                fontsize=8.5,
                color=COLOURS["soft"],
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0},
                zorder=2.5,
            )
        for row in rows:
            if abs(float(row["tightness"]) - STATED) < 1e-9:
                axes.scatter(
                    [row["avoided_tco2e"]], [row["present_eur"]], s=120, marker="D",
                    color=COLOURS["third"], edgecolor="white", linewidth=1.3, zorder=4,
                )  # fmt: skip
                axes.annotate(
                    translate("Budgets fixés", language),
                    (row["avoided_tco2e"], row["present_eur"]),
                    xytext=(10, -14),
                    textcoords="offset points",
                    fontweight="bold",
                )
        hide_frame(axes, grid="y")
        axes.set_xlim(min(tonnes) - 0.12 * width, max(tonnes) + 0.06 * width)
        axes.set_ylim(min(costs) - 0.08 * height, max(costs) + 0.08 * height)
        set_scale(axes.yaxis, amounts)
        axes.xaxis.set_major_formatter(lambda x, _: write_tick(x, language))
        axes.locator_params(axis="x", nbins=7)
        axes.set_xlabel(translate("Tonnes évitées sur la durée du plan (tCO2e)", language))
        axes.set_ylabel(
            translate(
                "Coût actualisé du plan ({unit})",
                language,
                unit=fmt.name_euros(amounts.unit, language=language),
            )
        )
        return render_svg(figure)
