"""Effects side by side with their interval: a forest plot."""

from __future__ import annotations

import math
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
)
from lcc.report.charts.finding import quote, tell_nothing
from lcc.report.charts.labels import (
    EMPTY_HEIGHT_IN,
    hide_frame,
    say_nothing_drawn,
    with_label,
    wrap_label,
)
from lcc.report.codes import CODES

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["draw_forest"]

LABEL_CHARACTERS = 30
TICK_STEPS: Final = [1, 2, 5, 10]
"""Steps of the ticks, times a power of ten: each is written exactly with that power's decimals."""

DECIMALS: Final = (1, 2, 3, 4)
"""Decimals of a percentage, the fewest that tell a bound from zero."""

MATCHED: Final = "matched"
"""The comparison that the others are read against."""


def draw_forest(
    table: pd.DataFrame,
    *,
    subject: str,
    language: str = "fr",
    context: Context = Context(),
    demo: bool = False,
    name: str = "forest",
) -> Chart:
    """Return relative effects as points with their 95 % interval, around no effect.

    Parameters
    ----------
    table : pandas.DataFrame
        `label` (or `label_fr`, `label_en`, or `estimator`, a code), `effect`, `effect_low`,
        `effect_high` (shares; bounds may be missing), `contracts` (how many the effect is of).
    subject, context, language, demo, name
        As in `draw_ranking`.
    """
    if "estimator" in table and "label" not in table:
        codes = [CODES.get(f"clause-{each}", str(each)) for each in table["estimator"]]
        table = table.assign(label=[translate(each, language) for each in codes])
    table = with_label(table, language, "effect", "effect_low", "effect_high", "contracts")
    columns = ["label", "effect", "effect_low", "effect_high", "contracts"]
    data = Table(table, columns, subject, language=language, name=name)
    rows = [row for row in data.rows() if not fmt.is_missing(row["effect"])]
    finding = _find(rows, language)
    unit = translate("% d'émissions, intervalle à 95 %", language)
    return Chart.told(
        title=finding,
        subject=subject,
        unit=unit,
        drawn=_alternative(rows, language),
        svg=_draw(rows, language=language, demo=demo),
        data=data,
        context=context,
        language=language,
        name=name,
    )


def _bounded(row: dict[str, Any]) -> bool:
    return not (fmt.is_missing(row["effect_low"]) or fmt.is_missing(row["effect_high"]))


def _write(share: float, language: str, decimals: int = 1) -> str:
    text = fmt.format_percent(share, language=language, decimals=decimals)
    return f"+{text}" if share > 0 else text


def _tell(row: dict[str, Any], language: str) -> str:
    if not _bounded(row):
        return _write(row["effect"], language)
    ends = (row["effect"], row["effect_low"], row["effect_high"])
    # A bound that is not zero is not written as zero: whether it is decides what is said.
    decimals = next(
        (each for each in DECIMALS if all(round(100 * end, each) for end in ends if end)),
        DECIMALS[-1],
    )
    effect, low, high = (_write(end, language, decimals) for end in ends)
    return f"{effect} [{low} ; {high}]"


def _find(rows: list[dict[str, Any]], language: str) -> str:
    """Return which effects stand apart from zero; that of matched contracts where it is given."""
    if not rows:
        return tell_nothing(language)
    matched = [row for row in rows if row.get("estimator") == MATCHED and _bounded(row)]
    alone = matched or (rows if len(rows) == 1 else [])
    if alone:
        return _tell_one(alone[0], language)
    return _tell_sides(rows, language)


def _tell_sides(rows: list[dict[str, Any]], language: str) -> str:
    """Return how many effects stand apart from zero, on each side."""
    bounded = [row for row in rows if _bounded(row)]
    below = [row for row in bounded if row["effect_high"] < 0]
    above = [row for row in bounded if row["effect_low"] > 0]
    said = {
        "below": fmt.format_count(len(below), language=language),
        "above": fmt.format_count(len(above), language=language),
        "count": fmt.format_count(len(rows), language=language),
        "name": quote((below + above)[0]["label"], language) if below or above else "",
    }
    if not bounded:
        return translate("Aucun des {count} effets n'a d'intervalle", language, **said)
    if not below and not above:
        return translate("Aucun des {count} effets ne se distingue de zéro", language, **said)
    if below and above:
        return translate(
            "Effets sous zéro, intervalle compris : {below} sur {count} ; au-dessus : {above}",
            language,
            **said,
        )
    if len(below + above) == 1:
        return (
            translate(
                "Sur {count} effets, seul celui de {name} est sous zéro, intervalle compris",
                language,
                **said,
            )
            if below
            else translate(
                "Sur {count} effets, seul celui de {name} est au-dessus de zéro, intervalle "
                "compris",
                language,
                **said,
            )
        )
    return (
        translate("{below} effets sur {count} sont sous zéro, intervalle compris", language, **said)
        if below
        else translate(
            "{above} effets sur {count} sont au-dessus de zéro, intervalle compris",
            language,
            **said,
        )
    )


def _tell_one(row: dict[str, Any], language: str) -> str:
    said = {"name": quote(row["label"], language), "effect": _tell(row, language)}
    if not _bounded(row):
        return translate("{name} : {effect}, sans intervalle", language, **said)
    if row["effect_high"] < 0 or row["effect_low"] > 0:
        return translate("{name} : {effect}, l'effet se distingue de zéro", language, **said)
    return translate("{name} : {effect}, l'effet ne se distingue pas de zéro", language, **said)


def _alternative(rows: list[dict[str, Any]], language: str) -> str:
    if not rows:
        return ""
    return translate(
        "Effet de chaque ligne : {effects}.",
        language,
        effects=" ; ".join(f"{row['label']} {_tell(row, language)}" for row in rows),
    )


def _draw(rows: list[dict[str, Any]], *, language: str, demo: bool) -> str:
    height_in = 1.2 + 0.52 * max(2, len(rows)) if rows else EMPTY_HEIGHT_IN
    with draw_page(height_in, demo=demo, language=language) as (figure, axes):
        if not rows:
            say_nothing_drawn(axes, language)
            return render_svg(figure)
        edges = [0.0]
        for row in rows:
            edges.append(row["effect"])
            edges += [row["effect_low"], row["effect_high"]] if _bounded(row) else []
        low, high = min(edges), max(edges)
        margin = 0.06 * ((high - low) or 0.1)
        axes.set_xlim(low - margin, high + margin)
        axes.set_ylim(len(rows) - 0.5, -0.6)
        axes.axvline(0, color=COLOURS["ink"], linewidth=1.2, zorder=2)
        for place, row in enumerate(rows):
            _draw_row(axes, place, row, language)
        labels = [wrap_label(row["label"], LABEL_CHARACTERS) for row in rows]
        axes.set_yticks(range(len(rows)), labels)
        hide_frame(axes, grid="x")
        _set_ticks(axes, language)
        axes.set_xlabel(translate("Effet sur les émissions par unité d'ouvrage (95 %)", language))
        return render_svg(figure)


def _set_ticks(axes: Axes, language: str) -> None:
    """Set ticks at even steps, written with the decimals that their step needs."""
    from matplotlib.ticker import MaxNLocator

    low, high = axes.get_xlim()
    ticks = MaxNLocator(nbins=7, steps=TICK_STEPS).tick_values(low, high)
    step_percent = 100 * float(ticks[1] - ticks[0])
    decimals = max(0, -math.floor(math.log10(step_percent) + 1e-9))
    shown = [float(each) for each in ticks if low <= each <= high]
    axes.set_xticks(
        shown,
        [fmt.format_percent(each, language=language, decimals=decimals) for each in shown],
    )


def _draw_row(axes: Axes, place: int, row: dict[str, Any], language: str) -> None:
    sure = _bounded(row) and (row["effect_high"] < 0 or row["effect_low"] > 0)
    colour = COLOURS["main"] if sure else COLOURS["soft"]
    if _bounded(row):
        ends = [row["effect_low"], row["effect_high"]]
        axes.plot(ends, [place] * 2, color=colour, linewidth=2.6, zorder=3, solid_capstyle="butt")
    axes.scatter([row["effect"]], [place], s=64, color=colour, zorder=4, edgecolor="white")
    text = _tell(row, language)
    if not fmt.is_missing(row["contracts"]):
        count = fmt.format_count(row["contracts"], language=language)
        text += f"   n = {count}"
    # At the right of the drawing, in one column, where no interval can run through it.
    axes.annotate(
        text,
        (1.01, place),
        xycoords=("axes fraction", "data"),
        va="center",
        fontsize=9,
        color=COLOURS["ink"] if sure else COLOURS["soft"],
        annotation_clip=False,
    )
