"""Yearly trend with its 95 % interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from lcc.report import format as fmt
from lcc.report.blocks import Table, colon
from lcc.report.catalogue import translate
from lcc.report.charts.change import (
    LARGEST_STEPS,
    Step,
    describe_steps,
    draw_steps,
    list_causes,
    read_steps,
    tabulate_steps,
)
from lcc.report.charts.chart import (
    COLOURS,
    Context,
    draw_figure,
    render_svg,
    write_tick,
)
from lcc.report.charts.finding import (
    calc_share,
    join_clauses,
    read_bounds,
    span_years,
    tell_change,
    tell_no_emissions,
)
from lcc.report.charts.folded import FoldedChart

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["draw_trend"]

TREND_IN = 3.3
STABLE = 0.005
"""Relative change under which a figure hardly moves: per cent would write it as zero."""

MORE_DIGITS = 2
"""Digits at most that labels are given beyond those that their interval allows."""

CLOSE_ENOUGH = 0.2
"""Share by which the change that labels show may miss the one that is said: a judgement."""

COVERAGE_MOVED = 0.05
"""Change in the share of spending covered from which it is said beside that of the tonnes."""


def draw_trend(
    table: pd.DataFrame,
    *,
    subject: str,
    decomposition: pd.DataFrame | None = None,
    language: str = "fr",
    context: Context = Context(),
    demo: bool = False,
    name: str = "trend",
) -> FoldedChart:
    """Return the emissions of each year, with their 95 % interval, from zero.

    Where what changed between years is known, it is drawn below, cause by cause.

    Parameters
    ----------
    table : pandas.DataFrame
        One row per year, in column `group` or `year`, with `emissions_tco2e`, `low_tco2e`,
        `high_tco2e` (tonnes of CO2 equivalent).
    decomposition : pandas.DataFrame, optional
        One row per pair of years and cause: `from_year`, `to_year`, `label` (or `label_fr`,
        `label_en`), `change` (tonnes of CO2 equivalent), and where known `change_low`,
        `change_high` (its 95 % interval). The changes of a pair add up to the difference of its
        two years. The last three pairs are drawn; a table below holds all.
    subject, context, language, demo, name
        As in `draw_ranking`.

    Raises
    ------
    FieldError
        Where the causes do not add up to the difference, or name a year that is not shown.
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
    context = replace(context, year=span_years(frame["year"]), coverage=_cover(rows))
    emissions_tco2e = {int(row["year"]): float(row["emissions_tco2e"]) for row in rows}
    steps = read_steps(decomposition, emissions_tco2e, language)
    finer = _count_finer(rows)
    finding = _find(rows, finer, language)
    unit = translate("tCO2e, intervalle à 95 %", language)
    drawn = f"{_alternative(rows, finer, language)} {describe_steps(steps, language)}".strip()
    folded = []
    if decomposition is not None and steps:
        changes = tabulate_steps(decomposition, subject, language=language, name=f"{name}-causes")
        folded.append((translate("Ce qui a changé d'une année à l'autre", language), changes))
    return FoldedChart.told(
        title=finding,
        subject=subject,
        unit=unit,
        drawn=drawn,
        svg=_draw(rows, finer, steps[-LARGEST_STEPS:], language=language, demo=demo),
        folded=folded,
        data=data,
        context=context,
        language=language,
        name=name,
    )


def _cover(rows: Sequence[dict[str, Any]]) -> float | None:
    """Return the share of the spending of some years that is covered, None where not known."""
    if not rows or not all(
        name in row and not fmt.is_missing(row[name])
        for row in rows
        for name in ("covered_eur", "spend_eur")
    ):
        return None
    return calc_share(
        sum(row["covered_eur"] for row in rows), sum(row["spend_eur"] for row in rows)
    )


def _count_finer(rows: Sequence[dict[str, Any]]) -> int:
    """Return how many more digits the labels need to show about the change that is said.

    Labels of two digits may read 360 and 340 for a fall of 4 %.
    """
    if not rows or min(rows[0]["emissions_tco2e"], rows[-1]["emissions_tco2e"]) <= 0:
        return 0

    def read(row: dict[str, Any], finer: int) -> float:
        step = float(_choose_step(row, finer))
        return round(float(row["emissions_tco2e"]) / step) * step

    change = rows[-1]["emissions_tco2e"] / rows[0]["emissions_tco2e"] - 1
    if abs(change) < STABLE:
        return 0
    for finer in range(MORE_DIGITS):
        first, last = (read(row, finer) for row in (rows[0], rows[-1]))
        if first and abs(last / first - 1 - change) <= CLOSE_ENOUGH * abs(change):
            return finer
    return MORE_DIGITS


def _choose_step(row: dict[str, Any], finer: int) -> Decimal:
    step = fmt.choose_step(row["emissions_tco2e"], row["low_tco2e"], row["high_tco2e"])
    return step.scaleb(-finer)


def _find(rows: list[dict[str, Any]], finer: int, language: str) -> str:
    """Return how the last year compares with the first, as far as their intervals allow."""
    if not rows:
        return tell_no_emissions(language)
    first, last = rows[0], rows[-1]
    unit = fmt.tonnes_unit(max(abs(row["emissions_tco2e"]) for row in rows))
    before, after = (_write_year(row, unit, finer, language) for row in (first, last))
    said: dict[str, object] = {
        "first": first["year"],
        "last": last["year"],
        "before": before,
        "after": after,
    }
    if len(rows) == 1:
        return translate("Une seule année, {last} : {after}", language, **said)
    change = tell_change(first["emissions_tco2e"], last["emissions_tco2e"], language)
    said["change"] = change
    if change and abs(last["emissions_tco2e"] / first["emissions_tco2e"] - 1) < STABLE:
        told = translate(
            "De {first} à {last}, le chiffre central varie de moins de {most}",
            language,
            **said,
            most=fmt.format_percent(2 * STABLE, language=language),
        )
    elif not (_bounded(first) and _bounded(last)):
        told = translate(
            "De {first} à {last}, les émissions passent de {before} à {after}, sans intervalle "
            "connu",
            language,
            **said,
        )
    elif not separated(first, last):
        said["move"] = change or f"{before} → {after}"
        told = translate(
            "De {first} à {last}, {move} au chiffre central, mais les intervalles se recouvrent : "
            "l'évolution n'est pas établie",
            language,
            **said,
        )
    elif not change:
        told = translate(
            "De {first} à {last}, les émissions passent de {before} à {after}", language, **said
        )
    elif last["emissions_tco2e"] < first["emissions_tco2e"]:
        said["size"] = change.lstrip("-")
        told = translate(
            "De {first} à {last}, les émissions baissent de {size}, intervalles disjoints",
            language,
            **said,
        )
    else:
        said["size"] = change.lstrip("+")
        told = translate(
            "De {first} à {last}, les émissions montent de {size}, intervalles disjoints",
            language,
            **said,
        )
    return join_clauses([told, _tell_coverage(first, last, language)], language)


def _tell_coverage(first: dict[str, Any], last: dict[str, Any], language: str) -> str:
    """Return how coverage moved between two years, where it moved enough to show in tonnes."""
    before, after = _cover([first]), _cover([last])
    if before is None or after is None or abs(after - before) < COVERAGE_MOVED:
        return ""
    return translate(
        "la couverture passe de {before} à {after}",
        language,
        before=fmt.format_percent(before, language=language),
        after=fmt.format_percent(after, language=language),
    )


def _bounded(row: dict[str, Any]) -> bool:
    return not (fmt.is_missing(row["low_tco2e"]) or fmt.is_missing(row["high_tco2e"]))


def _write_year(row: dict[str, Any], unit: str, finer: int, language: str) -> str:
    if not _bounded(row):
        return fmt.format_tonnes(row["emissions_tco2e"], unit=unit, language=language)
    return fmt.format_interval(
        row["emissions_tco2e"],
        row["low_tco2e"],
        row["high_tco2e"],
        tonnes=unit,
        language=language,
        finer=finer,
    )


def _alternative(rows: list[dict[str, Any]], finer: int, language: str) -> str:
    if not rows:
        return ""
    unit = fmt.tonnes_unit(max(abs(row["emissions_tco2e"]) for row in rows))
    figures = " ; ".join(
        f"{row['year']}{colon(language)}{_write_year(row, unit, finer, language)}" for row in rows
    )
    return translate("Émissions par exercice : {figures}.", language, figures=figures)


def separated(first: dict[str, Any], last: dict[str, Any]) -> bool:
    """Tell whether two intervals have no value in common."""
    return bool(first["high_tco2e"] < last["low_tco2e"] or last["high_tco2e"] < first["low_tco2e"])


def _draw(
    rows: list[dict[str, Any]], finer: int, steps: Sequence[Step], *, language: str, demo: bool
) -> str:
    below_in = 0.75 + 0.34 * len(list_causes(steps)) if steps else 0.0
    with draw_figure(TREND_IN + below_in, demo=demo, language=language) as figure:
        grid = figure.add_gridspec(
            1 + bool(steps),
            max(1, len(steps)),
            height_ratios=[TREND_IN, below_in][: 1 + bool(steps)],
        )
        axes = figure.add_subplot(grid[0, :])
        panels = [figure.add_subplot(grid[1, rank]) for rank in range(len(steps))]
        if steps:
            draw_steps(panels, steps, language)
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
                    step=_choose_step(row, finer),
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
        reached = [bound for row in rows for bound in read_bounds(row)]
        lowest, highest = min([0.0, *reached]), max([0.0, *reached])
        room = 0.08 * (highest - lowest) or 1.0
        axes.set_ylim(lowest - (room if lowest < 0 else 0.0), highest + room)
        axes.tick_params(axis="both", length=0)
        axes.grid(axis="y")
        axes.spines["left"].set_visible(False)
        axes.yaxis.set_major_formatter(lambda y, _: write_tick(y, language))
        axes.locator_params(axis="y", nbins=5)
        axes.set_xlabel(translate("Exercice", language))
        axes.set_ylabel(translate("Émissions (tCO2e)", language))
        return render_svg(figure)
