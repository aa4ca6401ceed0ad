"""Map of families: spending against carbon intensity, each disc as large as its tonnes."""

from __future__ import annotations

import math
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
    write_tick,
)
from lcc.report.charts.finding import (
    quote,
    tell_left_out,
    tell_no_emissions,
)
from lcc.report.charts.labels import (
    EMPTY_HEIGHT_IN,
    say_nothing_drawn,
    with_label,
    wrap_label,
)
from lcc.report.charts.points import frame_log_axes, name_line, name_points

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.transforms import Bbox

__all__ = ["draw_intensity_map"]

LARGEST_PT: Final = 24.0
SMALLEST_PT: Final = 2.4
"""Radius of the largest disc, and the least that is still seen, in points."""

NAME_CHARACTERS: Final = 40


def draw_intensity_map(
    table: pd.DataFrame,
    *,
    subject: str,
    language: str = "fr",
    context: Context = Context(),
    demo: bool = False,
    name: str = "intensity-map",
    labelled: int = 16,
) -> Chart:
    """Return covered spending against carbon intensity, on logarithmic axes.

    The area of a disc is proportional to its tonnes, but for the smallest, which stay visible.
    Along a slanted line the tonnes are the same: t = 1 000 × M€ × kgCO2e/€. Where a mean is drawn,
    it is the sum of the tonnes over the sum of the covered spending of the table.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns `label` (or `label_fr`, `label_en`), `covered_eur` (euros), `emissions_tco2e`, and
        where known `low_tco2e`, `high_tco2e` (tonnes of CO2 equivalent). Rows without spending or
        without emissions have no place on such axes; their number is said.
    subject, language, context, demo, name
        As in `draw_ranking`.
    labelled : int
        Discs named at most, where there is room: those that emit most.
    """
    table = with_label(table, language, "covered_eur", "emissions_tco2e")
    kept = table[(table["covered_eur"] > 0) & (table["emissions_tco2e"] > 0)].sort_values(
        ["emissions_tco2e", "label"], ascending=[False, True], kind="stable"
    )
    intensities = 1000 * kept["emissions_tco2e"] / kept["covered_eur"]
    kept = kept.assign(intensity_kgco2e_per_eur=intensities)
    wanted = ["label", "covered_eur", "intensity_kgco2e_per_eur", "emissions_tco2e", "interval"]
    data = Table(
        kept,
        [each for each in wanted if each != "interval" or "low_tco2e" in kept],
        subject,
        limit=20,
        language=language,
        name=name,
    )
    rows = data.rows()
    mass_tco2e = sum(row["emissions_tco2e"] for row in rows)
    spend_eur = sum(row["covered_eur"] for row in rows)
    mean = 1000 * mass_tco2e / spend_eur if rows else 0.0
    finding = _find(rows, mass_tco2e, spend_eur, language)
    finding = tell_left_out(finding, table["emissions_tco2e"], language)
    unit = translate("kgCO2e par euro HT, k€ HT et tCO2e", language)
    drawn = _describe(rows, mean, len(table) - len(kept), language)
    return Chart.told(
        title=finding,
        subject=subject,
        unit=unit,
        context=context,
        drawn=drawn,
        svg=_draw(rows, mean, labelled, language=language, demo=demo),
        data=data,
        language=language,
        name=name,
    )


def _find(
    rows: Sequence[dict[str, Any]], mass_tco2e: float, spend_eur: float, language: str
) -> str:
    """Return which group weighs most beyond its spending, and whether its interval allows it."""
    if not rows:
        return tell_no_emissions(language)
    if len(rows) == 1:
        return translate(
            "{first} émet {intensity} de dépense couverte",
            language,
            first=quote(rows[0]["label"], language),
            intensity=fmt.format_intensity(rows[0]["intensity_kgco2e_per_eur"], language=language),
        )

    def expected(row: dict[str, Any]) -> float:
        # What the spending of the group would emit at the mean intensity.
        return float(mass_tco2e * row["covered_eur"] / spend_eur)

    first = max(rows, key=lambda row: row["emissions_tco2e"] - expected(row))
    values = {
        "first": quote(first["label"], language),
        "mass": write_share(first["emissions_tco2e"] / mass_tco2e, language),
        "spend": write_share(first["covered_eur"] / spend_eur, language),
    }
    if first["emissions_tco2e"] - expected(first) <= 1e-9 * mass_tco2e:
        return translate("Chaque euro émet autant, quel que soit le groupe", language)
    if values["mass"] == values["spend"]:
        # The first is the one most beyond its spending: none is a point beyond it.
        return translate(
            "Les émissions suivent la dépense : aucun groupe ne pèse un point de plus que la "
            "sienne",
            language,
        )
    finding = translate(
        "{first} pèse plus que sa dépense : {spend} des euros, {mass} des tonnes",
        language,
        **values,
    )
    low = first.get("low_tco2e")
    if low is not None and not fmt.is_missing(low) and float(low) <= expected(first):
        return translate(
            "{finding}, un écart que l'intervalle n'établit pas", language, finding=finding
        )
    return finding


def _describe(rows: Sequence[dict[str, Any]], mean: float, left_out: int, language: str) -> str:
    if not rows:
        return ""
    strongest = max(rows, key=lambda row: row["intensity_kgco2e_per_eur"])
    richest = max(rows, key=lambda row: row["covered_eur"])
    told = translate(
        "Carte de {count} groupes : dépense couverte et intensité carbone, échelles "
        "logarithmiques, aire en tonnes ; moyenne {mean}. La plus forte dépense est {richest} "
        "({spend}), la plus forte intensité {strongest} ({intensity}).",
        language,
        count=fmt.format_count(len(rows), language=language),
        mean=fmt.format_intensity(mean, language=language),
        richest=quote(richest["label"], language),
        spend=fmt.format_euros(richest["covered_eur"], language=language),
        strongest=quote(strongest["label"], language),
        intensity=fmt.format_intensity(strongest["intensity_kgco2e_per_eur"], language=language),
    )
    if not left_out:
        return told
    count = fmt.format_count(left_out, language=language)
    return f"{told} " + translate(
        "Sans dépense ou sans émissions positives, hors de la carte : {count}.",
        language,
        count=count,
    )


def _draw(
    rows: Sequence[dict[str, Any]], mean: float, labelled: int, *, language: str, demo: bool
) -> str:
    with draw_page(5.4 if rows else EMPTY_HEIGHT_IN, demo=demo, language=language) as (
        figure,
        axes,
    ):
        if not rows:
            say_nothing_drawn(axes, language)
            return render_svg(figure)
        axes.set_xscale("log")
        axes.set_yscale("log")
        places = [(row["covered_eur"] / 1000, row["intensity_kgco2e_per_eur"]) for row in rows]
        most = max(row["emissions_tco2e"] for row in rows)
        radii = [
            max(SMALLEST_PT, LARGEST_PT * math.sqrt(row["emissions_tco2e"] / most)) for row in rows
        ]
        axes.set_xlim(min(x for x, _ in places) / 2.2, max(x for x, _ in places) * 3.5)
        axes.set_ylim(min(y for _, y in places) / 2, max(y for _, y in places) * 2)
        for place, radius in zip(places, radii, strict=True):
            axes.scatter(
                [place[0]],
                [place[1]],
                s=(2 * radius) ** 2,
                color=COLOURS["bar"],
                alpha=0.75,
                edgecolor="white",
                linewidth=0.8,
                zorder=3,
            )
        mean_line = axes.axhline(mean, color=COLOURS["fourth"], linewidth=1.1, zorder=2)
        frame_log_axes(axes, language)
        axes.set_xlabel(translate("Dépense couverte (k€ HT), échelle logarithmique", language))
        axes.set_ylabel(translate("Intensité (kgCO2e/€ HT), échelle logarithmique", language))
        # The layout is settled before texts are placed: they need to know where things are.
        figure.draw_without_rendering()
        mean_text = axes.annotate(
            translate(
                "moyenne {mean}", language, mean=fmt.format_intensity(mean, language=language)
            ),
            (0.0, mean),
            xycoords=axes.get_yaxis_transform(),
            xytext=(3, 3),
            textcoords="offset points",
            ha="left",
            fontsize=8.5,
            color=COLOURS["fourth"],
        )
        names = [wrap_label(row["label"], NAME_CHARACTERS, 1) for row in rows[:labelled]]
        taken = name_points(
            axes,
            names,
            places,
            radii,
            avoid=[
                mean_text.get_window_extent(),
                mean_line.get_window_extent().padded(1),
            ],
        )
        _draw_tonnes(axes, places, taken, language)
        return render_svg(figure)


def _draw_tonnes(
    axes: Axes, places: Sequence[tuple[float, float]], taken: list[Bbox], language: str
) -> None:
    """Draw lines of equal tonnes, each named at its lower end, else at its upper, if at all."""
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    # tonnes = thousand euros × kilograms per euro
    first, last = math.ceil(math.log10(left * bottom)), math.floor(math.log10(right * top))
    for power in range(first, last + 1):
        tonnes = 10.0**power
        axes.plot(
            [left, right],
            [tonnes / left, tonnes / right],
            color=COLOURS["grey"],
            linewidth=0.9,
            linestyle=(0, (4, 3)),
            zorder=1,
        )
        low, high = min(right, tonnes / bottom), max(left, tonnes / top)
        name = f"{write_tick(tonnes, language)}{fmt.NO_BREAK}tCO2e"
        name_line(axes, name, [(low, tonnes / low), (high, tonnes / high)], places, taken)
