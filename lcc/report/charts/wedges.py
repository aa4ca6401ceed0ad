"""Wedges of a plan: what each lever takes off the emissions, from the baseline to the budget."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from lcc.report import format as fmt
from lcc.report.blocks import Table
from lcc.report.catalogue import translate
from lcc.report.charts.bars import write_tick
from lcc.report.charts.chart import COLOURS, PALETTE, Chart, Context, draw_page, render_svg
from lcc.report.charts.labels import (
    EMPTY_HEIGHT_IN,
    clean_label,
    draw_legend,
    hide_frame,
    say_nothing_drawn,
    tidy,
    wrap_label,
)

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["draw_wedges"]

WEDGES: Final = 8
"""Levers drawn by themselves; the others are one wedge."""

LABEL_CHARACTERS: Final = 44


def draw_wedges(
    table: pd.DataFrame,
    emissions: pd.DataFrame,
    *,
    subject: str,
    language: str = "fr",
    context: Context = Context(),
    demo: bool = False,
    name: str = "wedges",
) -> Chart:
    """Return stacked wedges of tonnes avoided, between the baseline and what is left.

    The vertical axis does not start at zero, and says so: a wedge is read by its thickness.

    Parameters
    ----------
    table : pandas.DataFrame
        One row per lever and year: `label`, `year`, `avoided_tco2e` (tonnes of CO2 equivalent).
    emissions : pandas.DataFrame
        One row per year: `year`, `baseline_tco2e`, `planned_tco2e`, `budget_tco2e` (missing where
        there is none); rows whose `scope` is not « all » are left out.
    subject, context, language, demo, name
        As in `draw_ranking`.
    """
    if "scope" in emissions:
        emissions = emissions[emissions["scope"] == "all"]
    years = sorted(int(each) for each in emissions["year"])
    by_lever: dict[str, dict[int, float]] = {}
    for label, year, avoided in table[["label", "year", "avoided_tco2e"]].itertuples(index=False):
        row = by_lever.setdefault(clean_label(label), {})
        row[int(year)] = row.get(int(year), 0.0) + float(avoided)
    ranked = sorted(by_lever, key=lambda label: (-sum(by_lever[label].values()), label))
    data = Table(
        emissions.sort_values("year"),
        ["year", "baseline_tco2e", "planned_tco2e", "budget_tco2e", "slack_tco2e"],
        subject,
        language=language,
        name=name,
    )
    rows = data.rows()
    return Chart(
        title=subject,
        subject=subject,
        unit="",
        alt=tidy(_alternative(rows, ranked, by_lever, context.cite(language), language)),
        svg=_draw(rows, years, ranked, by_lever, language=language, demo=demo),
        data=data,
        context=context,
        language=language,
        name=name,
    )


def _alternative(
    rows: list[dict[str, Any]],
    ranked: Sequence[str],
    by_lever: dict[str, dict[int, float]],
    source: str,
    language: str,
) -> str:
    if not rows or not ranked:
        return translate("Rien à dessiner : le tableau est vide.", language)
    first, last = rows[0], rows[-1]
    over = [str(int(r["year"])) for r in rows if not fmt.is_missing(r["budget_tco2e"])
            and r["planned_tco2e"] > r["budget_tco2e"] * (1 + 1e-6)]  # fmt: skip
    finding = (
        translate("Budgets dépassés en {years}.", language, years=", ".join(over))
        if over
        else translate("Tous les budgets sont tenus.", language)
    )
    told = " ; ".join(
        translate(
            "{label}, {tonnes}",
            language,
            label=label,
            tonnes=fmt.format_tonnes(sum(by_lever[label].values()), language=language),
        )
        for label in ranked[:WEDGES]
    )
    return translate(
        "Émissions de {first} à {last}, en tCO2e : sans le plan {before}, avec le plan {after} la "
        "dernière année. {finding} Leviers qui évitent le plus sur la durée : {told}. {source}",
        language,
        first=str(int(first["year"])),
        last=str(int(last["year"])),
        before=fmt.format_tonnes(last["baseline_tco2e"], language=language),
        after=fmt.format_tonnes(last["planned_tco2e"], language=language),
        finding=finding,
        told=told,
        source=source,
    )


def _draw(
    rows: list[dict[str, Any]],
    years: list[int],
    ranked: Sequence[str],
    by_lever: dict[str, dict[int, float]],
    *,
    language: str,
    demo: bool,
) -> str:
    height_in = 5.6 if rows and ranked else EMPTY_HEIGHT_IN
    with draw_page(height_in, demo=demo, language=language) as (figure, axes):
        if not rows or not ranked:
            say_nothing_drawn(axes, language)
            return render_svg(figure)
        base = [float(row["baseline_tco2e"]) for row in rows]
        left = [float(row["planned_tco2e"]) for row in rows]
        drawn = [(label, [by_lever[label].get(year, 0.0) for year in years])
                 for label in ranked[:WEDGES]]  # fmt: skip
        others = ranked[WEDGES:]
        if others:
            label = translate("{count} autres leviers", language, count=len(others))
            drawn.append((label, [sum(by_lever[each].get(y, 0.0) for each in others)
                                  for y in years]))  # fmt: skip
        colours = [*PALETTE[:WEDGES], COLOURS["grey"]][: len(drawn)]
        if others:
            colours[-1] = COLOURS["grey"]
        top = list(base)
        for (_, values), colour in zip(drawn, colours, strict=True):
            under = [each - by for each, by in zip(top, values, strict=True)]
            axes.fill_between(years, under, top, color=colour, linewidth=0.6, edgecolor="white")
            top = under
        axes.plot(years, base, color=COLOURS["ink"], linewidth=1.6, linestyle=(0, (4, 3)))
        axes.plot(years, left, color=COLOURS["ink"], linewidth=2.2)
        budgets = [(int(r["year"]), float(r["budget_tco2e"])) for r in rows
                   if not fmt.is_missing(r["budget_tco2e"])]  # fmt: skip
        axes.scatter(
            [year for year, _ in budgets], [value for _, value in budgets], marker="_", s=420,
            color=COLOURS["fourth"], linewidth=2.6, zorder=4,
        )  # fmt: skip
        lowest = min([*left, *(value for _, value in budgets)])
        room = max(base) - lowest or 1.0
        axes.set_ylim(max(0.0, lowest - 0.12 * room), max(base) + 0.14 * room)
        axes.set_xlim(years[0] - 0.3, years[-1] + 0.3)
        axes.set_xticks(years, [str(year) for year in years])
        for text, year, value, shift, side in (
            (translate("Sans le plan", language), years[0], base[0], (2, 7), "left"),
            (translate("Avec le plan", language), years[-1], left[-1], (-4, -17), "right"),
        ):
            axes.annotate(text, (year, value), xytext=shift, textcoords="offset points", ha=side,
                          fontweight="bold")  # fmt: skip
        if budgets:
            year, value = budgets[len(budgets) // 2]
            axes.annotate(translate("Budget carbone", language), (year, value), xytext=(-14, -15),
                          textcoords="offset points", ha="right", fontweight="bold",
                          color=COLOURS["fourth"])  # fmt: skip
        hide_frame(axes, grid="y")
        axes.yaxis.set_major_formatter(lambda y, _: write_tick(y, language))
        axes.locator_params(axis="y", nbins=6)
        axes.set_ylabel(translate("Émissions (tCO2e), axe coupé", language))
        draw_legend(
            figure,
            [(wrap_label(label, LABEL_CHARACTERS, 1), colour)
             for (label, _), colour in zip(drawn, colours, strict=True)],
        )  # fmt: skip
        return render_svg(figure)
