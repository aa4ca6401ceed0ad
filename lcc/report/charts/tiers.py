"""Digital footprint by tier, each bar made of manufacture, use, and what spending tells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from lcc.report import format as fmt
from lcc.report.blocks import Table, colon
from lcc.report.catalogue import translate
from lcc.report.charts.chart import (
    PALETTE,
    Chart,
    Context,
    draw_figure,
    render_svg,
    write_share,
)
from lcc.report.charts.finding import (
    calc_share,
    find_lead,
    join_clauses,
    join_words,
    quote,
    tell_nothing,
    write_total,
)
from lcc.report.charts.labels import (
    EMPTY_HEIGHT_IN,
    choose_amounts,
    draw_legend,
    say_nothing_drawn,
    set_scale,
)
from lcc.report.charts.parts import Bars, settle_bars
from lcc.report.codes import CODES

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["PHASE_COLOURS", "draw_tiers"]

PHASE_COLOURS: Final = {
    "manufacture": PALETTE[0],
    "use": PALETTE[1],
    "spending": PALETTE[5],
}
"""Colour of each phase, in the order of the stack."""


def draw_tiers(
    table: pd.DataFrame,
    totals: pd.DataFrame,
    *,
    subject: str,
    language: str = "fr",
    context: Context = Context(),
    demo: bool = False,
    name: str = "tiers",
) -> Chart:
    """Return the footprint of each tier, its phases stacked, its total and interval at the end.

    Parameters
    ----------
    table : pandas.DataFrame
        One row per tier and phase: `tier`, `phase` (codes), `emissions_tco2e`, `low_tco2e`,
        `high_tco2e` (tonnes of CO2 equivalent).
    totals : pandas.DataFrame
        One row per tier: `tier`, and the same measures of all its phases together, in the order of
        the bars.
    subject, language, context, demo, name
        As in `draw_ranking`.
    """
    data = Table(
        table.assign(digital_tier=table["tier"], digital_phase=table["phase"]),
        ["digital_tier", "digital_phase", "emissions_tco2e", "interval", "kgco2e_per_agent"]
        if table["kgco2e_per_agent"].notna().any()
        else ["digital_tier", "digital_phase", "emissions_tco2e", "interval"],
        subject,
        language=language,
        name=name,
    )
    rows = [{**row, "label": _say(str(row["tier"]), language)} for row in totals.to_dict("records")]
    parts: dict[str, dict[str, float]] = {str(row["tier"]): {} for row in rows}
    for row in table.to_dict("records"):
        parts[str(row["tier"])][str(row["phase"])] = float(row["emissions_tco2e"])
    return Chart.told(
        title=_find(rows, parts, language),
        subject=subject,
        unit=translate("tCO2e, intervalle à 95 %", language),
        drawn=_alternative(rows, parts, language),
        svg=_draw(rows, parts, language=language, demo=demo),
        data=data,
        context=context,
        language=language,
        name=name,
    )


def _say(code: str, language: str) -> str:
    return translate(CODES.get(f"digital-{code}", code), language)


def _find(
    rows: Sequence[Mapping[str, Any]], parts: Mapping[str, Mapping[str, float]], language: str
) -> str:
    """Return which tier weighs most, and manufacture against use over all equipment."""
    if not rows:
        return tell_nothing(language)
    lead = find_lead(rows)
    total = sum(float(row["emissions_tco2e"]) for row in rows)
    names = [quote(row["label"], language) for row in lead.rows]
    share = calc_share(float(lead.rows[0]["emissions_tco2e"]), total)
    if len(names) > 1:
        first = translate(
            "{names} pèsent le plus, sans qu'on puisse les départager",
            language,
            names=join_words(names, language),
        )
    else:
        first = translate(
            "{name} : {share} des {total} du numérique",
            language,
            name=names[0],
            share=write_share(share, language),
            total=write_total(total, language),
        )
    made, used = (
        sum(each.get(phase, 0.0) for each in parts.values()) for phase in ("manufacture", "use")
    )
    if made <= 0 or used <= 0:
        return first
    equipment = translate(
        "les équipements : {made} de fabrication, {used} d'électricité",
        language,
        made=write_total(made, language),
        used=write_total(used, language),
    )
    return join_clauses([first, equipment], language)


def _alternative(
    rows: Sequence[Mapping[str, Any]], parts: Mapping[str, Mapping[str, float]], language: str
) -> str:
    if not rows:
        return ""
    told = []
    for row in rows:
        figures = [
            f"{_say(phase, language)} {fmt.format_tonnes(value, language=language)}"
            for phase, value in parts[str(row["tier"])].items()
        ]
        told.append(f"{row['label']}{colon(language)}{', '.join(figures)}")
    return translate(
        "Barres de l'empreinte numérique par tiers, chacune faite de ses phases. {tiers}.",
        language,
        tiers=" ; ".join(told),
    )


def _draw(
    rows: Sequence[Mapping[str, Any]],
    parts: Mapping[str, Mapping[str, float]],
    *,
    language: str,
    demo: bool,
) -> str:
    height_in = 1.5 + 0.55 * len(rows) if rows else EMPTY_HEIGHT_IN
    with draw_figure(height_in, demo=demo, language=language) as figure:
        axes = figure.add_subplot()
        if not rows:
            say_nothing_drawn(axes, language)
            return render_svg(figure)
        held = [phase for phase in PHASE_COLOURS if any(each.get(phase) for each in parts.values())]
        draw_legend(figure, [(_say(phase, language), PHASE_COLOURS[phase]) for phase in held])
        values = [float(row["emissions_tco2e"]) for row in rows]
        amounts = choose_amounts(values, language=language, unit="tCO2e")
        bars = Bars(
            axes,
            [str(row["label"]) for row in rows],
            [PHASE_COLOURS[phase] for phase in held],
            [[parts[str(row["tier"])].get(phase) for phase in held] for row in rows],
            [
                (
                    float(row["emissions_tco2e"]),
                    fmt.format_interval(
                        row["emissions_tco2e"],
                        row["low_tco2e"],
                        row["high_tco2e"],
                        language=language,
                    ),
                )
                for row in rows
            ],
            amounts.write_bare,
        )
        bars.draw()
        set_scale(axes.xaxis, amounts)
        axes.set_xlabel(
            translate("Émissions (tCO2e) ; au bout de la barre, l'intervalle à 95 %", language)
        )
        settle_bars(figure, [bars])
        return render_svg(figure)
