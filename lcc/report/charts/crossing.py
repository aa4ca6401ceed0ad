"""Two groupings crossed: rows by columns, the darker the more emissions."""

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
    shorten,
    write_share,
)
from lcc.report.charts.finding import calc_share, is_same, quote, tell_no_emissions, write_total
from lcc.report.charts.labels import ink_on

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["draw_crossing"]


def draw_crossing(
    table: pd.DataFrame,
    *,
    rows: str,
    columns: str,
    subject: str,
    language: str = "fr",
    context: Context = Context(),
    demo: bool = False,
    name: str = "crossing",
    limit: int = 8,
) -> Chart:
    """Return emissions by two groupings, as a grid of shaded cells with their figure.

    Parameters
    ----------
    table : pandas.DataFrame
        One row per pair, with the columns named by `rows` and `columns` (labels) and
        `emissions_tco2e` (tonnes of CO2 equivalent).
    rows, columns : str
        The two columns of `table` to cross.
    subject, context, language, demo, name
        As in `draw_ranking`.
    limit : int
        Largest rows and columns shown; the CSV holds all.
    """
    import pandas as pd

    kept = table[[rows, columns, "emissions_tco2e"]].dropna()
    grid = kept.pivot_table(
        index=rows, columns=columns, values="emissions_tco2e", aggfunc="sum", sort=True
    )
    grid = grid.loc[grid.sum(axis=1).sort_values(ascending=False, kind="stable").index]
    grid = grid[grid.sum().sort_values(ascending=False, kind="stable").index]
    shown = grid.iloc[:limit, :limit]
    data = Table(
        kept.sort_values(["emissions_tco2e", rows, columns], ascending=[False, True, True]),
        [rows, columns, "emissions_tco2e"],
        subject,
        limit=limit * 2,
        language=language,
        name=name,
    )
    cells = [[None if pd.isna(each) else float(each) for each in row] for row in shown.to_numpy()]
    finding = _find(kept, rows, columns, language)
    unit = "tCO2e"
    return Chart.told(
        title=finding,
        subject=subject,
        unit=unit,
        drawn=_alternative(shown, language),
        svg=_draw(cells, list(shown.index), list(shown.columns), language=language, demo=demo),
        data=data,
        context=context,
        language=language,
        name=name,
    )


def _find(table: pd.DataFrame, rows: str, columns: str, language: str) -> str:
    """Return the heaviest pair and its share, or that several are as heavy."""
    sums = table.groupby([rows, columns], sort=True)["emissions_tco2e"].sum()
    if not len(sums):
        return tell_no_emissions(language)
    most, total = float(sums.max()), float(sums.sum())
    if most <= 0:
        return translate("Aucune case n'a d'émissions positives", language)
    pairs = [pair for pair, mass in sums.items() if is_same(float(mass), most)]
    if len(pairs) > 1:
        return translate(
            "{count} cases sont à égalité au premier rang, {figure} chacune",
            language,
            count=fmt.format_count(len(pairs), language=language),
            figure=fmt.format_tonnes(most, language=language),
        )
    share = calc_share(most, total) if float(sums.min()) >= 0 else None
    figure = fmt.format_tonnes(most, language=language)
    part = (
        translate(
            "{share} des {total} croisées",
            language,
            share=write_share(share, language),
            total=write_total(total, language),
        )
        if share is not None
        else figure
    )
    return translate(
        "La case la plus lourde croise {row} et {column} : {part}",
        language,
        row=quote(pairs[0][0], language),
        column=quote(pairs[0][1], language),
        part=part,
    )


def _alternative(grid: Any, language: str) -> str:
    if grid.empty:
        return ""
    heaviest = [
        translate(
            "{label}, {tonnes}",
            language,
            label=label,
            tonnes=fmt.format_tonnes(float(mass), language=language),
        )
        for label, mass in grid.sum(axis=1).items()
    ]
    return translate(
        "Grille des émissions, {rows} lignes sur {columns} colonnes. Par ligne : {heaviest}.",
        language,
        rows=fmt.format_count(len(grid), language=language),
        columns=fmt.format_count(len(grid.columns), language=language),
        heaviest=" ; ".join(heaviest),
    )


def write_cell(mass_tco2e: float, language: str) -> str:
    """Return a mass with two significant digits: a cell carries no interval to show more."""
    step = fmt.choose_step(mass_tco2e).scaleb(1) if mass_tco2e else None
    return fmt.format_number(mass_tco2e, language=language, step=step)


def _draw(
    cells: list[list[float | None]],
    rows: list[Any],
    columns: list[Any],
    *,
    language: str,
    demo: bool,
) -> str:
    from matplotlib.colors import LinearSegmentedColormap, to_hex
    from matplotlib.patches import Rectangle

    shades = LinearSegmentedColormap.from_list(
        "lcc", ["#edf4f8", COLOURS["second"], COLOURS["main"]]
    )
    most = max((each for row in cells for each in row if each is not None), default=1.0) or 1.0
    with draw_page(1.7 + 0.42 * max(len(rows), 1), demo=demo, language=language) as (figure, axes):
        for y, row in enumerate(cells):
            for x, value in enumerate(row):
                depth = 0.0 if value is None else max(0.0, value / most) ** 0.5
                colour = "#ffffff" if value is None else to_hex(shades(depth))
                axes.add_patch(
                    Rectangle(
                        (x - 0.48, y - 0.46),
                        0.96,
                        0.92,
                        facecolor=colour,
                        edgecolor=COLOURS["pale"] if value is None else "none",
                    )
                )
                axes.text(
                    x,
                    y,
                    "–" if value is None else write_cell(value, language),
                    ha="center",
                    va="center",
                    fontsize=9,
                    color=ink_on(colour),
                )
        axes.set_xlim(-0.5, len(columns) - 0.5)
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.set_xticks(
            range(len(columns)),
            [shorten(str(each), 30) for each in columns],
            rotation=32,
            ha="left",
            rotation_mode="anchor",
            fontsize=9,
        )
        axes.xaxis.tick_top()
        axes.set_yticks(range(len(rows)), [shorten(str(each), 34) for each in rows])
        axes.tick_params(axis="both", length=0)
        for spine in axes.spines.values():
            spine.set_visible(False)
        axes.set_xlabel(translate("Émissions (tCO2e) ; « – » : aucune", language), fontsize=9.5)
        axes.xaxis.set_label_position("bottom")
        return render_svg(figure)
