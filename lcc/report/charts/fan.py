"""Fan: a projection as bands of its quantiles, after the years observed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from lcc.errors import FieldError
from lcc.report import format as fmt
from lcc.report.blocks import Table, colon
from lcc.report.catalogue import translate
from lcc.report.charts.chart import (
    COLOURS,
    Chart,
    Context,
    draw_page,
    render_svg,
)
from lcc.report.charts.finding import tell_nothing
from lcc.report.charts.labels import (
    EMPTY_HEIGHT_IN,
    Amounts,
    choose_amounts,
    hide_frame,
    say_nothing_drawn,
    set_scale,
    spread_places,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["draw_fan"]

MEDIAN: Final = 0.5
PAIRED: Final = 1e-9
SHADES: Final = ("#dbe9f1", "#a9cbdd", "#6fa8c4", "#4b94b8")
"""Bands from the widest to the narrowest, the darker the nearer to the median."""

LINE_PT: Final = 12.0


@dataclass(frozen=True)
class Fan:
    """A projection: years, the median of each, and bands from the widest (share, low, high)."""

    years: Sequence[int]
    median: Sequence[float]
    bands: Sequence[tuple[float, Sequence[float], Sequence[float]]]


def draw_fan(
    table: pd.DataFrame,
    observed: pd.DataFrame | None = None,
    *,
    subject: str,
    unit: str = "tCO2e",
    measure: str = "",
    language: str = "fr",
    context: Context = Context(),
    demo: bool = False,
    name: str = "fan",
) -> Chart:
    """Return a projection as bands between pairs of quantiles, with its median, from zero.

    Parameters
    ----------
    table : pandas.DataFrame
        One row per year and quantile: `year`, `quantile` (0 to 1), `projected` (in `unit`). Every
        year has the same quantiles: 0.5, and others by pairs around it (0.025 with 0.975).
    observed : pandas.DataFrame, optional
        One row per year observed: `year`, `emissions_tco2e`, and where known `low_tco2e`,
        `high_tco2e` (in `unit`).
    unit : str
        `€`, shown as €, k€, M€ or Md€ by size, or any other unit, shown as it is.
    measure : str
        What is projected, a message. By default « Émissions ».
    subject, language, context, demo, name
        As in `draw_ranking`.

    Raises
    ------
    FieldError
        Where a quantile is not between 0 and 1, has no pair, or is missing in some year; where
        the median is missing; where a higher quantile is the lower figure.
    """
    fan = _read(table)
    seen = _read_observed(observed)
    data = Table(
        table.sort_values(["year", "quantile"], kind="stable") if len(table) else table,
        ["year", "quantile", "projected"],
        subject,
        headings={"projected": translate("Projection ({unit})", language, unit=unit)},
        limit=40,
        language=language,
        name=name,
    )
    reached = [*fan.median, *(each for _, low, high in fan.bands for each in (*low, *high))]
    reached += [float(row["emissions_tco2e"]) for row in seen]
    amounts = choose_amounts(reached, language=language, unit=unit, apart=False)
    finding = _find(fan, seen, amounts)
    return Chart.told(
        title=finding,
        subject=subject,
        unit=unit,
        context=context,
        drawn=_describe(fan, seen, amounts),
        spoken_unit="euros" if unit in fmt.EURO_DIVISORS else unit,
        svg=_draw(
            fan,
            seen,
            translate(measure, language) if measure else translate("Émissions", language),
            amounts,
            demo=demo,
        ),
        data=data,
        language=language,
        name=name,
    )


def _read(table: pd.DataFrame) -> Fan:
    """Return the projection, or refuse quantiles that make no bands."""
    if not len(table):
        return Fan([], [], [])
    wrong = [
        row
        for row, each in enumerate(table["quantile"], 1)
        if fmt.is_missing(each) or not 0 < float(each) < 1
    ]
    if wrong:
        raise FieldError(
            "a quantile is not between 0 and 1", rows=wrong, field="quantile",
            found=str(table["quantile"].iloc[wrong[0] - 1]), expected="0.025, 0.5, 0.975 …",
        )  # fmt: skip
    years = sorted({int(each) for each in table["year"]})
    quantiles = sorted({float(each) for each in table["quantile"]})
    held = {
        (int(row["year"]), float(row["quantile"])): float(row["projected"])
        for row in table.to_dict("records")
        if not fmt.is_missing(row["projected"])
    }
    lacking = [(year, q) for year in years for q in quantiles if (year, q) not in held]
    if lacking or len(held) != len(table):
        year, quantile = lacking[0] if lacking else (years[0], quantiles[0])
        raise FieldError(
            "a year of the projection lacks a quantile, or has one twice", field="quantile",
            found=f"{len(table)} rows; {quantile:g} of {year}",
            expected=f"{len(years) * len(quantiles)} rows: each quantile once in every year",
        )  # fmt: skip
    unpaired = [q for q in quantiles if not any(abs(q + other - 1) < PAIRED for other in quantiles)]
    if unpaired or MEDIAN not in quantiles:
        raise FieldError(
            "the quantiles do not make bands around a median", field="quantile",
            found=", ".join(f"{each:g}" for each in quantiles),
            expected="0.5, and the others by pairs that sum to one",
        )  # fmt: skip
    for year in years:
        for below, above in pairwise(quantiles):
            if held[year, below] > held[year, above]:
                raise FieldError(
                    "a higher quantile is the lower figure", field="projected",
                    found=f"{year}: {held[year, below]:g} at {below:g}, "
                    f"{held[year, above]:g} at {above:g}",
                    expected="figures that rise with their quantile",
                )  # fmt: skip
    return Fan(
        years,
        [held[year, MEDIAN] for year in years],
        [
            (
                quantiles[-1 - rank] - low,
                [held[year, low] for year in years],
                [held[year, quantiles[-1 - rank]] for year in years],
            )
            for rank, low in enumerate(quantiles)
            if low < MEDIAN
        ],
    )


def _read_observed(observed: pd.DataFrame | None) -> list[dict[str, Any]]:
    if observed is None or not len(observed):
        return []
    known = observed[observed["emissions_tco2e"].notna()]
    records: list[dict[str, Any]] = known.assign(year=known["year"].astype(int)).to_dict("records")
    return sorted(records, key=lambda row: int(row["year"]))


def _find(fan: Fan, seen: Sequence[dict[str, Any]], amounts: Amounts) -> str:
    language = amounts.language
    if not fan.years:
        return tell_nothing(language)
    values: dict[str, object] = {"year": fan.years[-1], "median": amounts.write(fan.median[-1])}
    if not fan.bands:
        return translate("{median} en {year} dans la projection médiane", language, **values)
    share, low, high = fan.bands[0]
    values |= {
        "low": amounts.write_bare(low[-1]),
        "high": amounts.write_bare(high[-1]),
        "share": fmt.format_percent(share, language=language),
    }
    if seen:
        last = float(seen[-1]["emissions_tco2e"])
        # What was observed has its own doubt, where it is known.
        ends = [seen[-1].get(each) for each in ("low_tco2e", "high_tco2e")]
        known = [
            last,
            *(float(each) for each in ends if each is not None and not fmt.is_missing(each)),
        ]
        values["observed"] = seen[-1]["year"]
        # Half of what is outside the widest band is on each side of it.
        values["beyond"] = fmt.format_percent(1 - (1 - share) / 2, language=language, decimals=1)
        if high[-1] < min(known):
            return translate(
                "En {year}, moins qu'en {observed} dans au moins {beyond} des cas : "
                "{median} [{low} ; {high}]",
                language,
                **values,
            )
        if low[-1] > max(known):
            return translate(
                "En {year}, plus qu'en {observed} dans au moins {beyond} des cas : "
                "{median} [{low} ; {high}]",
                language,
                **values,
            )
        return translate(
            "De {observed} à {year}, le sens n'est pas établi : {median} [{low} ; {high}]",
            language,
            **values,
        )
    return translate(
        "En {year}, {median} [{low} ; {high}] dans {share} des cas", language, **values
    )


def _describe(fan: Fan, seen: Sequence[dict[str, Any]], amounts: Amounts) -> str:
    language = amounts.language
    if not fan.years:
        return ""
    bands = ", ".join(fmt.format_percent(share, language=language) for share, _, _ in fan.bands)
    told = translate(
        "Éventail de {first} à {last} : médiane {median} la dernière année ; bandes : {bands}.",
        language,
        first=fan.years[0],
        last=fan.years[-1],
        median=amounts.write(fan.median[-1]),
        bands=bands or "–",
    )
    if not seen:
        return told
    return f"{told} " + translate(
        "Observé en {year} : {figure}.",
        language,
        year=seen[-1]["year"],
        figure=amounts.write(float(seen[-1]["emissions_tco2e"])),
    )


def _draw(
    fan: Fan, seen: Sequence[dict[str, Any]], measure: str, amounts: Amounts, *, demo: bool
) -> str:
    language = amounts.language
    with draw_page(3.7 if fan.years else EMPTY_HEIGHT_IN, demo=demo, language=language) as (
        figure,
        axes,
    ):
        if not fan.years:
            say_nothing_drawn(axes, language)
            return render_svg(figure)
        for rank, (_, low, high) in enumerate(fan.bands):
            shade = SHADES[min(rank, len(SHADES) - 1)]
            if len(fan.years) > 1:
                axes.fill_between(fan.years, low, high, color=shade, linewidth=0, zorder=1)
            else:
                axes.plot([fan.years[0]] * 2, [low[0], high[0]], color=shade, linewidth=16,
                          solid_capstyle="butt", zorder=1)  # fmt: skip
        axes.plot(fan.years, fan.median, color=COLOURS["main"], linewidth=2, zorder=3)
        axes.scatter(fan.years[-1:], fan.median[-1:], s=22, color=COLOURS["main"], zorder=4)
        _draw_observed(axes, seen, amounts)
        years = [*(int(row["year"]) for row in seen), *fan.years]
        first, last = min(years), max(years)
        step = math.ceil((last - first + 1) / 12)
        ticks = range(last, first - 1, -step)
        axes.set_xticks(list(ticks), [str(year) for year in ticks])
        room = 0.6 if last == first else 0.04 * (last - first)
        axes.set_xlim(first - room, last + room)
        bounds = [each for _, low, high in fan.bands for each in (*low, *high)]
        shown = [*bounds, *fan.median, *(float(row["emissions_tco2e"]) for row in seen)]
        for row in seen:
            ends = (row.get("low_tco2e"), row.get("high_tco2e"))
            shown += [float(end) for end in ends if end is not None and not fmt.is_missing(end)]
        low_end, high_end = min(0.0, *shown), max(0.0, *shown)
        axes.set_ylim(low_end * 1.05, (high_end or 1.0) * 1.08)
        hide_frame(axes, grid="y")
        set_scale(axes.yaxis, amounts, ticks=5)
        axes.set_ylabel(f"{measure} ({amounts.name})")
        axes.set_xlabel(translate("Exercice", language))
        # The names of bands stand in the margin, which the layout keeps free for them.
        _name_bands(figure, axes, fan, amounts)
        return render_svg(figure)


def _draw_observed(axes: Axes, seen: Sequence[dict[str, Any]], amounts: Amounts) -> None:
    if not seen:
        return
    years = [int(row["year"]) for row in seen]
    values = [float(row["emissions_tco2e"]) for row in seen]
    axes.plot(years, values, color=COLOURS["ink"], linewidth=1.3, zorder=4)
    axes.scatter(years, values, s=30, color=COLOURS["ink"], zorder=5)
    for row in seen:
        low, high = row.get("low_tco2e"), row.get("high_tco2e")
        if low is not None and high is not None and not any(map(fmt.is_missing, (low, high))):
            place = [int(row["year"])] * 2
            axes.plot(place, [low, high], color=COLOURS["ink"], linewidth=1.5, zorder=4)
    tops = (values[0], seen[0].get("low_tco2e"), seen[0].get("high_tco2e"))
    ends = [float(each) for each in tops if each is not None and not fmt.is_missing(each)]
    axes.annotate(
        translate("observé", amounts.language),
        (years[0], max(ends)),
        xytext=(-8, 4),
        textcoords="offset points",
        fontsize=9,
    )


def _name_bands(figure: Figure, axes: Axes, fan: Fan, amounts: Amounts) -> None:
    """Write at the right the median, and the ends of each band at the last year."""
    language = amounts.language
    named = [(fan.median[-1], translate("médiane {figure}", language,
                                        figure=amounts.write_bare(fan.median[-1])))]  # fmt: skip
    for share, low, high in fan.bands:
        said = fmt.format_percent(share, language=language)
        named += [
            (high[-1], f"{said}{colon(language)}{amounts.write_bare(high[-1])}"),
            (low[-1], f"{said}{colon(language)}{amounts.write_bare(low[-1])}"),
        ]
    figure.draw_without_rendering()
    low_end, high_end = axes.get_ylim()
    per_px = (high_end - low_end) / axes.get_window_extent().height
    gap = LINE_PT * figure.dpi / 72 * per_px
    places = spread_places([value for value, _ in named], gap, low_end, high_end)
    for (value, text), place in zip(named, places, strict=True):
        axes.annotate(
            text,
            (1.0, value),
            xycoords=axes.get_yaxis_transform(),
            xytext=(8, (place - value) / per_px * 72 / figure.dpi),
            textcoords="offset points",
            va="center",
            fontsize=8.5,
            fontweight="bold" if value == fan.median[-1] and text == named[0][1] else "normal",
            annotation_clip=False,
        )
