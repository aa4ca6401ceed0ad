"""Prior, measurements and posterior of families' factors, drawn together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
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

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["draw_posterior"]

LABEL_CHARACTERS: Final = 26
LANE: Final = 0.16
"""Height of the lane of one measurement; a family's prior and posterior have lanes of their own."""

BAR: Final = 0.2
GAP: Final = 0.34
TICKS: Final = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20)
HUNDREDTH: Final = Decimal("0.01")
TENTH: Final = Decimal("0.1")


def draw_posterior(
    table: pd.DataFrame,
    measurements: pd.DataFrame,
    *,
    subject: str,
    language: str = "fr",
    context: Context = Context(),
    demo: bool = False,
    name: str = "posterior",
) -> Chart:
    """Return factors before measurements, the measurements, and the factors after.

    Parameters
    ----------
    table : pandas.DataFrame
        One row per family: `family`, `label` (or `label_fr`, `label_en`), `contracts` (measured),
        `multiplier` (what the factor is times), `low`, `high`, `prior_low`, `prior_high` (95 %
        intervals of it, after and before), above 0.
    measurements : pandas.DataFrame
        `family`, `measurement_id` (empty rows are no measurement), `ratio` (measured over the
        factor before), `low`, `high`.
    subject, context, language, demo, name
        As in `draw_ranking`.
    """
    table = with_label(table, language, "family", "contracts", "multiplier", "low", "high")
    shown = table.assign(
        factor_multiplier=table["multiplier"], factor_interval="", prior_interval=""
    )
    data = Table(
        shown,
        ["label", "contracts", "factor_multiplier", "factor_interval", "prior_interval"],
        subject,
        headings={
            "label": translate("Famille d'achat", language),
            "contracts": translate("Marchés mesurés", language),
        },
        language=language,
        name=name,
    )
    rows = data.rows()
    points: dict[str, list[dict[str, Any]]] = {}
    for each in measurements.to_dict("records"):
        if each["measurement_id"]:
            points.setdefault(str(each["family"]), []).append(each)
    return Chart.told(
        title=_find(rows, language),
        subject=subject,
        unit=translate("facteur d'avant = 1, intervalles à 95 %", language),
        drawn=_alternative(rows, language),
        svg=_draw(rows, points, language=language, demo=demo),
        data=data,
        context=context,
        language=language,
        name=name,
    )


def _write(value: float, language: str) -> str:
    step = HUNDREDTH if value < 10 else TENTH
    return fmt.format_number(value, language=language, step=step)


def _tell(row: Mapping[str, Any], language: str) -> str:
    names = ("multiplier", "low", "high")
    factor, low, high = (_write(float(row[each]), language) for each in names)
    return f"×{fmt.NO_BREAK}{factor} [{low} – {high}]"


def _find(rows: Sequence[dict[str, Any]], language: str) -> str:
    """Return how many factors change, interval included, and which changes most."""
    if not rows:
        return tell_nothing(language)
    moved = [row for row in rows if row["high"] < 1 or row["low"] > 1]
    said = {
        "count": fmt.format_count(len(moved), language=language),
        "total": fmt.format_count(len(rows), language=language),
    }
    if not moved and len(rows) == 1:
        return translate(
            "Le facteur de {name} n'est pas démenti : {factor}",
            language,
            name=quote(rows[0]["label"], language),
            factor=_tell(rows[0], language),
        )
    if not moved:
        return translate(
            "Aucun des {total} facteurs mesurés n'est démenti, intervalle compris", language, **said
        )
    most = max(moved, key=lambda row: max(row["multiplier"], 1 / row["multiplier"]))
    said |= {"name": quote(most["label"], language), "factor": _tell(most, language)}
    if len(rows) == 1:
        return translate("Le facteur de {name} change : {factor}", language, **said)
    if len(moved) == 1:
        return translate(
            "Sur {total} facteurs mesurés, un seul change, intervalle compris, celui de {name} : "
            "{factor}",
            language,
            **said,
        )
    return translate(
        "{count} facteurs mesurés sur {total} changent, intervalle compris ; le plus, celui de "
        "{name} : {factor}",
        language,
        **said,
    )


def _alternative(rows: Sequence[dict[str, Any]], language: str) -> str:
    if not rows:
        return ""
    told = [
        translate(
            "{name} {factor}, avant [{low} – {high}], marchés mesurés : {count}",
            language,
            name=row["label"],
            factor=_tell(row, language),
            low=_write(float(row["prior_low"]), language),
            high=_write(float(row["prior_high"]), language),
            count=fmt.format_count(row["contracts"], language=language),
        )
        for row in rows
    ]
    return translate(
        "Facteur de chaque famille après les mesures, celui d'avant valant 1 : {rows}.",
        language,
        rows=" ; ".join(told),
    )


def _draw(
    rows: Sequence[dict[str, Any]],
    points: Mapping[str, Sequence[dict[str, Any]]],
    *,
    language: str,
    demo: bool,
) -> str:
    depths = [2 * BAR + LANE * len(points.get(str(row["family"]), ())) + GAP for row in rows]
    height_in = 1.7 + 0.95 * sum(depths) if rows else EMPTY_HEIGHT_IN
    with draw_page(height_in, demo=demo, language=language) as (figure, axes):
        if not rows:
            say_nothing_drawn(axes, language)
            return render_svg(figure)
        axes.set_xscale("log")
        axes.axvline(1, color=COLOURS["ink"], linewidth=1.1, zorder=2)
        top, places, edges = 0.0, [], [1.0]
        for row, depth in zip(rows, depths, strict=True):
            mine = points.get(str(row["family"]), ())
            edges += [row[each] for each in ("low", "high", "prior_low", "prior_high")]
            edges += [each[bound] for each in mine for bound in ("low", "high")]
            _draw_family(axes, top, row, mine, language)
            places.append(top + (depth - GAP) / 2)
            top += depth
        axes.set_ylim(top - GAP / 2, -GAP / 2)
        axes.set_xlim(min(edges) / 1.12, max(edges) * 1.12)
        axes.set_yticks(
            places,
            [
                wrap_label(f"{row['family']}{fmt.NO_BREAK}· {row['label']}", LABEL_CHARACTERS, 3)
                for row in rows
            ],
        )
        hide_frame(axes, grid="x")
        low, high = axes.get_xlim()
        ticks = [each for each in TICKS if low <= each <= high]
        axes.set_xticks(ticks, [f"×{fmt.NO_BREAK}{_tick(each, language)}" for each in ticks])
        axes.minorticks_off()
        axes.set_xlabel(
            translate("Facteur, celui d'avant valant 1 (échelle logarithmique)", language)
        )
        _draw_key(figure, language)
        return render_svg(figure)


def _tick(value: float, language: str) -> str:
    step = Decimal(1) if value >= 1 else TENTH if value >= 0.1 else HUNDREDTH
    return fmt.format_number(value, language=language, step=step)


def _draw_family(
    axes: Axes,
    top: float,
    row: Mapping[str, Any],
    mine: Sequence[Mapping[str, Any]],
    language: str,
) -> None:
    """Draw one family downwards: the factor before, each measurement, the factor after."""
    place = top + BAR / 2
    axes.barh([place], [row["prior_high"] - row["prior_low"]], left=[row["prior_low"]],
              height=BAR * 0.8, color=COLOURS["pale"], edgecolor=COLOURS["grey"],
              linewidth=0.8, zorder=3)  # fmt: skip
    place += BAR / 2
    for each in sorted(mine, key=lambda each: float(each["ratio"])):
        place += LANE / 2
        axes.plot([each["low"], each["high"]], [place] * 2, color=COLOURS["fourth"],
                  linewidth=1.3, zorder=4)  # fmt: skip
        axes.scatter([each["ratio"]], [place], s=20, color=COLOURS["fourth"], zorder=5)
        place += LANE / 2
    place += BAR / 2
    axes.plot([row["low"], row["high"]], [place] * 2, color=COLOURS["main"], linewidth=5,
              zorder=4, solid_capstyle="butt")  # fmt: skip
    axes.scatter([row["multiplier"]], [place], s=52, marker="D", color=COLOURS["main"],
                 edgecolor="white", linewidth=1.2, zorder=6)  # fmt: skip
    axes.annotate(
        _tell(row, language),
        (1.01, place),
        xycoords=("axes fraction", "data"),
        va="center",
        fontsize=9,
        color=COLOURS["ink"],
        annotation_clip=False,
    )


def _draw_key(figure: Figure, language: str) -> None:
    """Draw what the three marks are."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    entries = [
        (
            translate("avant les mesures", language),
            Patch(facecolor=COLOURS["pale"], edgecolor=COLOURS["grey"]),
        ),
        (
            translate("mesure d'un marché", language),
            Line2D([], [], color=COLOURS["fourth"], marker="o", markersize=4.5, linewidth=1.3),
        ),
        (
            translate("après les mesures", language),
            Line2D([], [], color=COLOURS["main"], marker="D", markersize=6, linewidth=4),
        ),
    ]
    figure.legend(
        handles=[handle for _, handle in entries],
        labels=[name for name, _ in entries],
        loc="outside upper left",
        ncols=len(entries),
        fontsize=9.5,
        columnspacing=1.6,
        borderaxespad=0.3,
        frameon=False,
    )
