"""Trajectory: observed emissions, their projection as a fan, the path of the targets, the gap."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from lcc.report import format as fmt
from lcc.report.blocks import Table
from lcc.report.catalogue import translate
from lcc.report.charts.chart import (
    COLOURS,
    PALETTE,
    Chart,
    Context,
    draw_figure,
    render_svg,
    tidy,
    write_tick,
)
from lcc.report.charts.finding import open_sentence, span_years, tell_nothing

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["TRANSFER", "draw_path"]

TRANSFER: Final = "transfert d'une cible territoriale"
"""What a target made for a territory is called wherever it is shown against purchases."""

HIGHEST: Final = 1.9
"""How far above the observed and the targets the axis goes: a trend's fan may leave it."""

COLUMNS: Final = (
    "year",
    "kind_of_year",
    "emissions_tco2e",
    "interval",
    "target_tco2e",
    "gap_tco2e",
    "gap_interval",
    "probability_held",
)


def draw_path(
    table: pd.DataFrame,
    *,
    subject: str,
    language: str = "fr",
    context: Context = Context(),
    demo: bool = False,
    name: str = "path",
    projection: str = "constant",
    measure: str = "Émissions (tCO2e)",
    effects: pd.DataFrame | None = None,
) -> Chart:
    """Return emissions against the path of their targets, year by year.

    Parameters
    ----------
    table : pandas.DataFrame
        One scope, one row per year: `year`, `observed` (else projected), `emissions_tco2e`,
        `low_tco2e`, `high_tco2e`, `target_tco2e` (missing where there is none), `stated` (else
        interpolated), `gap_tco2e`, `gap_low_tco2e`, `gap_high_tco2e`, `probability_held`, `origin`
        (``own``, or ``territorial``: said on the drawing, in the text and in the subject).
    subject, language, context, demo, name
        As in `draw_ranking`.
    projection : str
        How the projected years were made: ``constant``, ``growth`` or ``trend``.
    measure : str
        What the tonnes are: emissions, or committed emissions where they come from awards alone.
    effects : pandas.DataFrame, optional
        `year`, `effect`, `tco2e`: what is price, volume, mix, factor revision. Drawn below where it
        is given.
    """
    frame = table.sort_values("year").reset_index(drop=True)
    transfer = bool((frame["origin"] == "territorial").any()) if len(frame) else False
    if transfer:
        subject = f"{subject} ({translate(TRANSFER, language)})"
    kinds = ["observed" if each else "projected" for each in frame["observed"]]
    told = frame.assign(kind_of_year=kinds)
    data = Table(told, COLUMNS, subject, language=language, name=name)
    rows = data.rows()
    finding = _find(rows, projection, language)
    unit = translate("tCO2e, intervalle à 95 %", language)
    context = replace(context, year=_span(rows, language))
    return Chart.told(
        title=finding,
        subject=subject,
        unit=unit,
        drawn=_alternative(rows, transfer, measure, language),
        svg=_draw(
            rows, transfer, projection, measure, effects=effects, language=language, demo=demo
        ),
        data=data,
        context=context,
        language=language,
        name=name,
    )


def _final(rows: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Return the last stated year: the gap that counts."""
    stated = [row for row in rows if row["stated"] and not fmt.is_missing(row["target_tco2e"])]
    return stated[-1] if stated else None


def _tell_gap(row: dict[str, Any], language: str) -> str:
    gap = fmt.format_interval(
        row["gap_tco2e"], row["gap_low_tco2e"], row["gap_high_tco2e"], language=language
    )
    return translate("Écart {year} : {gap}", language, year=row["year"], gap=gap)


def _tell_probability(row: dict[str, Any], language: str) -> str:
    return translate(
        "Probabilité que la cible soit tenue : {share}",
        language,
        share=_write_probability(row["probability_held"], language),
    )


def _write_probability(share: float, language: str) -> str:
    """Write a probability; draws that all agree prove no certainty."""
    if not fmt.is_missing(share) and share < 0.01:
        return translate(
            "moins de {share}", language, share=fmt.format_percent(0.01, language=language)
        )
    if not fmt.is_missing(share) and share > 0.99:
        return translate(
            "plus de {share}", language, share=fmt.format_percent(0.99, language=language)
        )
    return fmt.format_percent(share, language=language)


def _span(rows: list[dict[str, Any]], language: str) -> str:
    """Return the years drawn, and the last one observed."""
    span = span_years(row["year"] for row in rows)
    observed = [row["year"] for row in rows if row["observed"]]
    if not observed or observed[-1] == rows[-1]["year"]:
        return span
    return translate("{span}, observé jusqu'à {last}", language, span=span, last=observed[-1])


def _find(rows: list[dict[str, Any]], projection: str, language: str) -> str:
    """Return whether the last stated target is held, as far as the interval of the gap allows."""
    if not rows:
        return tell_nothing(language)
    final = _final(rows)
    if final is None:
        return translate("Aucune cible n'est donnée pour ces années", language)
    gap, low, high = (final[each] for each in ("gap_tco2e", "gap_low_tco2e", "gap_high_tco2e"))
    if fmt.is_missing(gap):
        return translate(
            "L'écart à la cible de {year} n'est pas connu", language, year=final["year"]
        )
    known = not (fmt.is_missing(low) or fmt.is_missing(high))
    figure = (
        fmt.format_interval(gap, low, high, language=language)
        if known
        else fmt.format_tonnes(gap, language=language)
    )
    margin = fmt.format_interval(-gap, -high, -low, language=language) if known else ""
    said = {
        "year": final["year"],
        "gap": figure,
        "margin": margin,
        "share": _write_probability(final["probability_held"], language),
    }
    if not known:
        told = translate("l'écart à la cible de {year} est de {gap}", language, **said)
    elif low > 0:
        told = (
            translate("la cible de {year} est dépassée de {gap}", language, **said)
            if final["observed"]
            else translate("la cible de {year} serait dépassée de {gap}", language, **said)
        )
    elif high < 0:
        told = (
            translate("la cible de {year} est tenue, avec {margin} de marge", language, **said)
            if final["observed"]
            else translate(
                "la cible de {year} serait tenue, avec {margin} de marge", language, **said
            )
        )
    elif fmt.is_missing(final["probability_held"]):
        told = translate(
            "rien ne dit si la cible de {year} est tenue : écart de {gap}", language, **said
        )
    else:
        told = translate(
            "la cible de {year} n'est ni sûrement tenue ni sûrement manquée (probabilité de la "
            "tenir : {share})",
            language,
            **said,
        )
    if final["observed"] or not known:
        return open_sentence(told)
    start = {
        "constant": translate("À volumes et facteurs constants", language),
        "growth": translate("Avec la croissance de dépense donnée", language),
        "trend": translate("Si la tendance se prolonge", language),
    }[projection]
    return f"{start}, {told}"


def _alternative(rows: list[dict[str, Any]], transfer: bool, measure: str, language: str) -> str:
    if not rows:
        return ""
    final = _final(rows)
    observed = [row for row in rows if row["observed"]]
    first = ""
    if observed:
        first = translate(
            "Dernier exercice observé, {year} : {figure}.",
            language,
            year=observed[-1]["year"],
            figure=fmt.format_interval(
                observed[-1]["emissions_tco2e"],
                observed[-1]["low_tco2e"],
                observed[-1]["high_tco2e"],
                tonnes="tCO2e",
                language=language,
            ),
        )
    told = f"{_tell_gap(final, language)}. {_tell_probability(final, language)}." if final else ""
    label = translate("La cible est le transfert d'une cible territoriale.", language)
    message = translate(
        "{measure}, observées et projetées, et chemin des cibles. {observed} {gap} {transfer}",
        language,
        measure=translate(measure, language),
        observed=first,
        gap=told,
        transfer=label if transfer else "",
    )
    return tidy(message)


def _draw(
    rows: list[dict[str, Any]],
    transfer: bool,
    projection: str,
    measure: str,
    *,
    effects: pd.DataFrame | None,
    language: str,
    demo: bool,
) -> str:
    has_effects = effects is not None and len(effects) > 0
    with draw_figure(6.6 if has_effects else 4.4, demo=demo, language=language) as figure:
        if has_effects:
            axes, below = figure.subplots(2, 1, height_ratios=[2.2, 1])
            _draw_effects(below, effects, language)
        else:
            axes = figure.add_subplot()
        _draw_years(axes, rows, transfer, projection, language)
        axes.set_ylabel(translate(measure, language))
        return render_svg(figure)


def _draw_years(
    axes: Axes, rows: list[dict[str, Any]], transfer: bool, projection: str, language: str
) -> None:
    observed = [row for row in rows if row["observed"]]
    future = ([observed[-1]] if observed else []) + [row for row in rows if not row["observed"]]
    aimed = [row for row in rows if not fmt.is_missing(row["target_tco2e"])]
    final = _final(rows)
    sizes = [row["high_tco2e"] for row in observed]
    sizes += [row["target_tco2e"] for row in aimed] + [row["emissions_tco2e"] for row in rows]
    widest = max([row["high_tco2e"] for row in rows], default=1.0)
    top = min(1.06 * widest, HIGHEST * max(sizes, default=1.0)) or 1.0
    if len(future) > 1:
        years = [row["year"] for row in future]
        axes.fill_between(
            years,
            [max(0.0, row["low_tco2e"]) for row in future],
            [min(row["high_tco2e"], 1.5 * top) for row in future],
            color=COLOURS["second"],
            alpha=0.22,
            linewidth=0,
            zorder=1,
        )
        axes.annotate(
            translate("Intervalle à 95 %", language),
            (years[0], min(future[0]["high_tco2e"], top)),
            xytext=(6, -5),
            textcoords="offset points",
            va="top",
            fontsize=8.5,
            color=COLOURS["soft"],
        )
        central = [row["emissions_tco2e"] for row in future]
        axes.plot(years, central, color=COLOURS["second"], linewidth=1.8, zorder=2)
    for row in observed:
        axes.plot(
            [row["year"]] * 2,
            [row["low_tco2e"], row["high_tco2e"]],
            color=COLOURS["main"],
            linewidth=2.2,
            alpha=0.55,
            solid_capstyle="butt",
            zorder=3,
        )
    axes.plot(
        [row["year"] for row in observed],
        [row["emissions_tco2e"] for row in observed],
        color=COLOURS["main"],
        linewidth=1.6,
        marker="o",
        markersize=7,
        zorder=4,
    )
    axes.plot(
        [row["year"] for row in aimed],
        [row["target_tco2e"] for row in aimed],
        color=COLOURS["fourth"],
        linewidth=2.0,
        linestyle=(0, (4, 2)),
        zorder=4,
    )
    stated = [row for row in aimed if row["stated"]]
    axes.plot(
        [row["year"] for row in stated],
        [row["target_tco2e"] for row in stated],
        color=COLOURS["fourth"],
        linestyle="none",
        marker="D",
        markersize=7,
        zorder=5,
    )
    first, last = rows[0]["year"] if rows else 0, rows[-1]["year"] if rows else 1
    # The names and the gap stand on the right of the last year.
    axes.set_xlim(first - 0.4, last + max(1.0, 0.62 * (last - first)))
    axes.set_ylim(0, top)
    _name_lines(axes, rows, final, transfer, projection, top, language)
    axes.set_xticks([row["year"] for row in rows], [str(row["year"]) for row in rows])
    axes.tick_params(axis="both", length=0)
    axes.grid(axis="y")
    axes.spines["left"].set_visible(False)
    axes.yaxis.set_major_formatter(lambda y, _: write_tick(y, language))
    axes.locator_params(axis="y", nbins=6)
    if widest > top:
        axes.annotate(
            translate("l'intervalle dépasse le cadre", language),
            (last, top),
            xytext=(-4, -5),
            textcoords="offset points",
            ha="right",
            va="top",
            fontsize=8.5,
            style="italic",
            color=COLOURS["soft"],
        )


def _name_lines(
    axes: Axes,
    rows: list[dict[str, Any]],
    final: dict[str, Any] | None,
    transfer: bool,
    projection: str,
    top: float,
    language: str,
) -> None:
    """Write the name of each line at its end, and the gap between them, without overlap."""
    if not rows:
        return
    last = rows[-1]
    texts: list[tuple[float, str, str, str]] = []
    words = {
        "constant": translate("Projection : volumes et facteurs constants", language),
        "growth": translate("Projection : dépense en croissance donnée", language),
        "trend": translate("Projection : tendance prolongée", language),
    }
    if not last["observed"]:
        texts.append((last["emissions_tco2e"], words[projection], COLOURS["main"], "normal"))
    if final is not None:
        gap = f"{_tell_gap(final, language)}\n{_tell_probability(final, language)}"
        middle = (final["emissions_tco2e"] + final["target_tco2e"]) / 2
        texts.append((middle, gap, COLOURS["ink"], "bold"))
        target = fmt.format_tonnes(final["target_tco2e"], language=language)
        name = translate("Cible {year} : {target}", language, year=final["year"], target=target)
        if transfer:
            name += f"\n({translate(TRANSFER, language)})"
        texts.append((final["target_tco2e"], name, COLOURS["fourth"], "normal"))
        axes.annotate(
            "",
            (final["year"] + 0.12, final["emissions_tco2e"]),
            xytext=(final["year"] + 0.12, final["target_tco2e"]),
            arrowprops={"arrowstyle": "<->", "color": COLOURS["ink"], "linewidth": 1.1},
            zorder=6,
        )
    _place_texts(axes, texts, last["year"] + 0.3, top)


def _place_texts(
    axes: Axes, texts: list[tuple[float, str, str, str]], x: float, top: float
) -> None:
    """Write texts from top to bottom beside the drawing, each near its height, none on another."""
    line = top * 0.049
    ordered = sorted(enumerate(texts), key=lambda each: (-each[1][0], each[0]))
    heights = [_wrap(text).count("\n") * line + 1.35 * line for _, (_, text, _, _) in ordered]
    places: list[float] = []
    ceiling = top
    for (_, (wanted, _, _, _)), height in zip(ordered, heights, strict=True):
        place = min(wanted, ceiling - height / 2)
        places.append(place)
        ceiling = place - height / 2
    # What fell below the axis is pushed up again, from the bottom.
    floor = 0.0
    for rank in range(len(places) - 1, -1, -1):
        places[rank] = max(places[rank], floor + heights[rank] / 2)
        floor = places[rank] + heights[rank] / 2
    for (_, (_, text, colour, weight)), place in zip(ordered, places, strict=True):
        axes.text(
            x,
            place,
            _wrap(text),
            va="center",
            fontsize=9,
            color=colour,
            fontweight=weight,
            linespacing=1.2,
            zorder=7,
        )


def _wrap(text: str) -> str:
    from textwrap import wrap

    return "\n".join(part for line in text.split("\n") for part in wrap(line, 30))


def _draw_effects(axes: Axes, effects: Any, language: str) -> None:
    """Draw what each effect added or took away, side by side, year by year."""
    names = list(dict.fromkeys(effects["effect"]))
    years = sorted({int(each) for each in effects["year"]})
    width = 0.8 / max(1, len(names))
    for rank, effect in enumerate(names):
        part = effects[effects["effect"] == effect]
        places = [years.index(int(each)) - 0.4 + (rank + 0.5) * width for each in part["year"]]
        colour = PALETTE[rank % len(PALETTE)]
        axes.bar(places, part["tco2e"], width=0.9 * width, color=colour, label=str(effect))
        for place, tonnes in zip(places, part["tco2e"], strict=True):
            step = fmt.choose_step(tonnes).scaleb(1) if tonnes else Decimal(1)
            axes.annotate(
                fmt.format_number(tonnes, language=language, step=step),
                (place, tonnes),
                xytext=(0, 3 if tonnes >= 0 else -3),
                textcoords="offset points",
                ha="center",
                va="bottom" if tonnes >= 0 else "top",
                fontsize=8,
            )
    axes.axhline(0, color=COLOURS["ink"], linewidth=0.9)
    axes.margins(y=0.25)
    axes.set_xticks(range(len(years)), [str(each) for each in years])
    axes.tick_params(axis="both", length=0)
    axes.yaxis.set_major_formatter(lambda y, _: write_tick(y, language))
    axes.locator_params(axis="y", nbins=4)
    axes.set_ylabel(translate("Effets (tCO2e)", language))
    axes.legend(
        ncols=min(3, len(names)), fontsize=8.5, loc="lower left", bbox_to_anchor=(-0.1, 1.02)
    )
