"""Wedges of a plan: what each lever takes off the emissions, from the baseline to the budget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from lcc.report import format as fmt
from lcc.report.blocks import Table
from lcc.report.catalogue import translate
from lcc.report.charts.chart import (
    COLOURS,
    PALETTE,
    Chart,
    Context,
    draw_page,
    render_svg,
    write_share,
    write_tick,
)
from lcc.report.charts.finding import (
    calc_share,
    is_same,
    join_clauses,
    join_words,
    quote,
    span_years,
    tell_nothing,
)
from lcc.report.charts.labels import (
    EMPTY_HEIGHT_IN,
    clean_label,
    draw_legend,
    hide_frame,
    say_nothing_drawn,
    wrap_label,
)

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["draw_wedges"]

WEDGES: Final = 8
"""Levers drawn by themselves; the others are one wedge."""

LABEL_CHARACTERS: Final = 44

EXCEEDED: Final = 1e-6
"""Relative excess under which a budget is held: the solver's own tolerance."""

YEARS_NAMED: Final = 3
"""Years of exceeded budgets named in the title; more of them are counted."""


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
    finding = _find(rows, ranked, by_lever, language)
    unit = "tCO2e"
    context = replace(context, year=span_years(years), coverage=None)
    return Chart.told(
        title=finding,
        subject=subject,
        unit=unit,
        drawn=_alternative(rows, ranked, by_lever, language),
        svg=_draw(rows, years, ranked, by_lever, language=language, demo=demo),
        data=data,
        context=context,
        language=language,
        name=name,
    )


def _list_exceeded(rows: list[dict[str, Any]]) -> list[int]:
    """Return the years whose budget the plan exceeds."""
    return [
        int(row["year"])
        for row in rows
        if not fmt.is_missing(row["budget_tco2e"])
        and row["planned_tco2e"] > row["budget_tco2e"] * (1 + EXCEEDED)
    ]


def _find(
    rows: list[dict[str, Any]],
    ranked: Sequence[str],
    by_lever: dict[str, dict[int, float]],
    language: str,
) -> str:
    """Return whether the plan holds its budgets, and which lever avoids most."""
    if not rows or not ranked:
        return tell_nothing(language)
    over = _list_exceeded(rows)
    last = rows[-1]
    said = {
        "tonnes": fmt.format_tonnes(
            last["baseline_tco2e"] - last["planned_tco2e"], language=language
        ),
        "last": int(last["year"]),
        "years": join_words([str(each) for each in over], language),
        "count": fmt.format_count(len(over), language=language),
    }
    if over and len(over) <= YEARS_NAMED:
        first = translate("Le plan dépasse son budget en {years}", language, **said)
    elif over:
        first = translate("Le plan dépasse son budget pendant {count} années", language, **said)
    elif all(fmt.is_missing(row["budget_tco2e"]) for row in rows):
        first = translate("Le plan évite {tonnes} en {last}, sans budget à tenir", language, **said)
    else:
        first = translate(
            "Le plan tient tous ses budgets et évite {tonnes} en {last}", language, **said
        )
    sums = {label: sum(by_lever[label].values()) for label in ranked}
    leaders = [label for label in ranked if is_same(sums[label], sums[ranked[0]])]
    share = calc_share(sums[ranked[0]], sum(sums.values())) if min(sums.values()) >= 0 else None
    if len(leaders) > 1 or share is None or len(ranked) == 1:
        return first
    told = translate(
        "{name} fait {share} des tonnes évitées",
        language,
        name=quote(leaders[0], language),
        share=write_share(share, language),
    )
    return join_clauses([first, told], language)


def _alternative(
    rows: list[dict[str, Any]],
    ranked: Sequence[str],
    by_lever: dict[str, dict[int, float]],
    language: str,
) -> str:
    if not rows or not ranked:
        return ""
    first, last = rows[0], rows[-1]
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
        "Émissions de {first} à {last} : sans le plan {before}, avec le plan {after} la dernière "
        "année. Leviers qui évitent le plus sur la durée : {told}.",
        language,
        first=str(int(first["year"])),
        last=str(int(last["year"])),
        before=fmt.format_tonnes(last["baseline_tco2e"], language=language),
        after=fmt.format_tonnes(last["planned_tco2e"], language=language),
        told=told,
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
            (translate("Sans le plan", language), years[-1], base[-1], (-4, 7), "right"),
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
