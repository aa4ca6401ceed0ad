"""Spending against emissions, on logarithmic axes, with lines of equal intensity."""

from __future__ import annotations

from collections.abc import Sequence
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
    write_share,
)
from lcc.report.charts.finding import (
    calc_share,
    count_half,
    quote,
    tell_left_out,
    tell_no_emissions,
)
from lcc.report.charts.labels import wrap_label
from lcc.report.charts.points import frame_log_axes, name_line, name_points

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.transforms import Bbox

__all__ = ["draw_scatter"]

INTENSITIES_KGCO2E_PER_EUR: Final = (0.1, 0.3, 1.0)
"""Lines drawn as a scale for the eye; not figures of the map."""

RADIUS_PT: Final = 3.6
NAME_CHARACTERS: Final = 40


def draw_scatter(
    table: pd.DataFrame,
    *,
    subject: str,
    language: str = "fr",
    context: Context = Context(),
    demo: bool = False,
    name: str = "scatter",
    labelled: int = 14,
) -> Chart:
    """Return covered spending against emissions, one point per group, both axes logarithmic.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns `label` (or `label_fr`, `label_en`), `covered_eur` (euros), `emissions_tco2e`
        (tonnes of CO2 equivalent).
    subject, context, language, demo, name
        As in `draw_ranking`.
    labelled : int
        Points named: those that emit most.
    """
    kept = table[(table["covered_eur"] > 0) & (table["emissions_tco2e"] > 0)].sort_values(
        "emissions_tco2e", ascending=False, kind="stable"
    )
    data = Table(
        kept,
        ["label", "covered_eur", "emissions_tco2e", "intensity_kgco2e_per_eur"],
        subject,
        limit=20,
        language=language,
        name=name,
    )
    rows = data.rows()
    finding = tell_left_out(_find(rows, language), table["emissions_tco2e"], language)
    unit = translate("tCO2e et euros HT", language)
    return Chart.told(
        title=finding,
        subject=subject,
        unit=unit,
        drawn=_alternative(rows, language),
        svg=_draw(rows, labelled, language=language, demo=demo),
        data=data,
        context=context,
        language=language,
        name=name,
    )


def _find(rows: list[dict[str, Any]], language: str) -> str:
    """Return what part of spending makes most of the emissions."""
    if not rows:
        return tell_no_emissions(language)
    ranked = sorted(rows, key=lambda row: -row["emissions_tco2e"])
    if len(rows) == 1:
        intensity = 1000 * rows[0]["emissions_tco2e"] / rows[0]["covered_eur"]
        return translate(
            "Un seul émetteur, {name} : {figure}",
            language,
            name=quote(rows[0]["label"], language),
            figure=fmt.format_intensity(intensity, language=language),
        )
    half = count_half(row["emissions_tco2e"] for row in ranked) or 1
    if half == len(ranked):
        # Nobody stands out: the first of all says more than all of them.
        half = 1
    emitted, spent = (
        write_share(
            calc_share(sum(row[each] for row in ranked[:half]), sum(row[each] for row in ranked)),
            language,
        )
        for each in ("emissions_tco2e", "covered_eur")
    )
    if half == 1:
        return translate(
            "{name} : {emitted} des émissions pour {spent} de la dépense couverte",
            language,
            name=quote(ranked[0]["label"], language),
            emitted=emitted,
            spent=spent,
        )
    return translate(
        "Les {half} plus gros émetteurs sur {count} font {emitted} des émissions avec {spent} de "
        "la dépense couverte",
        language,
        half=fmt.format_count(half, language=language),
        count=fmt.format_count(len(ranked), language=language),
        emitted=emitted,
        spent=spent,
    )


def _alternative(rows: list[dict[str, Any]], language: str) -> str:
    if not rows:
        return ""
    strongest = max(rows, key=lambda row: row["emissions_tco2e"] / row["covered_eur"])
    richest = max(rows, key=lambda row: row["covered_eur"])
    return translate(
        "Nuage de {count} points, dépense couverte et émissions, échelles logarithmiques. La plus "
        "forte dépense est « {richest} » ({spend}) ; la plus forte intensité est « {strongest} » "
        "({intensity}).",
        language,
        count=fmt.format_count(len(rows), language=language),
        richest=richest["label"],
        spend=fmt.format_euros(richest["covered_eur"], language=language),
        strongest=strongest["label"],
        intensity=fmt.format_intensity(
            1000 * strongest["emissions_tco2e"] / strongest["covered_eur"], language=language
        ),
    )


def _draw(rows: list[dict[str, Any]], labelled: int, *, language: str, demo: bool) -> str:
    with draw_page(5.0, demo=demo, language=language) as (figure, axes):
        axes.set_xscale("log")
        axes.set_yscale("log")
        spend_keur = [row["covered_eur"] / 1000 for row in rows] or [1.0]
        mass_tco2e = [row["emissions_tco2e"] for row in rows] or [1.0]
        left, right = min(spend_keur) / 1.6, max(spend_keur) * 3
        bottom, top = min(mass_tco2e) / 1.8, max(mass_tco2e) * 2.2
        axes.set_xlim(left, right)
        axes.set_ylim(bottom, top)
        _draw_intensities(axes)
        axes.scatter(
            [row["covered_eur"] / 1000 for row in rows],
            [row["emissions_tco2e"] for row in rows],
            s=46,
            color=COLOURS["main"],
            alpha=0.85,
            edgecolor="white",
            linewidth=0.7,
            zorder=3,
        )
        frame_log_axes(axes, language)
        axes.set_xlabel(translate("Dépense couverte (k€ HT), échelle logarithmique", language))
        axes.set_ylabel(translate("Émissions (tCO2e), échelle logarithmique", language))
        # The layout is settled before texts are placed: they need to know where things are.
        figure.draw_without_rendering()
        places = [(row["covered_eur"] / 1000, row["emissions_tco2e"]) for row in rows]
        names = [wrap_label(row["label"], NAME_CHARACTERS, 1) for row in rows[:labelled]]
        taken = name_points(
            axes,
            names,
            places,
            [RADIUS_PT] * len(rows),
        )
        _name_intensities(axes, places, taken, language)
        return render_svg(figure)


def _draw_intensities(axes: Axes) -> None:
    left, right = axes.get_xlim()
    for intensity in INTENSITIES_KGCO2E_PER_EUR:
        # tonnes = thousand euros × kilograms per euro
        axes.plot(
            [left, right],
            [left * intensity, right * intensity],
            color=COLOURS["grey"],
            linewidth=1,
            linestyle=(0, (4, 3)),
            zorder=1,
        )


def _name_intensities(
    axes: Axes, places: Sequence[tuple[float, float]], taken: list[Bbox], language: str
) -> None:
    """Write each intensity along its line, where the line comes in, else where it leaves."""
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    for intensity in INTENSITIES_KGCO2E_PER_EUR:
        first, last = max(left, bottom / intensity), min(right, top / intensity)
        if first < last:
            ends = [(first, first * intensity), (last, last * intensity)]
            name = fmt.format_intensity(intensity, language=language)
            name_line(axes, name, ends, places, taken)
