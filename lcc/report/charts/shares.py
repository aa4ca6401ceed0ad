"""Shares: how emissions were computed, and what part of spending the map covers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from lcc.report import format as fmt
from lcc.report.blocks import Table, colon
from lcc.report.catalogue import translate
from lcc.report.charts.chart import COLOURS, Chart, Context, draw_page, render_svg, shorten
from lcc.report.columns import COLUMNS

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["METHODS", "draw_coverage", "draw_methods"]

METHODS: Final = ("share_supplier", "share_physical", "share_price_derived", "share_monetary")
METHOD_COLOURS: Final = (COLOURS["ink"], COLOURS["main"], COLOURS["second"], COLOURS["third"])
COVERAGE_COLOURS: Final = (COLOURS["main"], COLOURS["third"], COLOURS["grey"], COLOURS["fourth"])
LEAST_SHARE_WRITTEN: Final = 0.06


def draw_methods(
    table: pd.DataFrame,
    *,
    subject: str,
    language: str = "fr",
    context: Context = Context(),
    demo: bool = False,
    name: str = "methods",
    limit: int = 12,
) -> Chart:
    """Return the share of emissions computed by each method, one bar per group.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns `label` (or `label_fr`, `label_en`), `emissions_tco2e` and the four shares of
        emissions, 1 being the whole: `share_supplier`, `share_physical`, `share_price_derived`,
        `share_monetary`.
    subject, context, language, demo, name, limit
        As in `draw_ranking`.
    """
    frame = table[table["emissions_tco2e"].fillna(0) != 0].sort_values(
        "emissions_tco2e", ascending=False, kind="stable"
    )
    data = Table(
        frame,
        ["label", "emissions_tco2e", *METHODS],
        subject,
        limit=limit,
        language=language,
        name=name,
    )
    rows = data.rows()[:limit]
    weights = frame["emissions_tco2e"]
    total = float(weights.sum())
    shares = [
        float((frame[each].fillna(0) * weights).sum()) / total if total else 0.0 for each in METHODS
    ]
    alt = translate(
        "Part des émissions par méthode de calcul, en % de tCO2e : {shares}. {source}",
        language,
        shares=" ; ".join(
            f"{COLUMNS[each].heading(language)} {fmt.format_percent(share, language=language)}"
            for each, share in zip(METHODS, shares, strict=True)
        ),
        source=context.cite(language),
    ).strip()
    with draw_page(1.35 + 0.36 * max(len(rows), 1), demo=demo, language=language) as (
        figure,
        axes,
    ):
        for place, row in enumerate(rows):
            stack_bar(axes, place, [row[each] for each in METHODS], METHOD_COLOURS, language)
        axes.set_yticks(range(len(rows)), [shorten(str(row["label"]), 44) for row in rows])
        axes.set_ylim(len(rows) - 0.4, -0.6)
        finish_shares(
            axes, [COLUMNS[each].heading(language) for each in METHODS], METHOD_COLOURS, language
        )
        axes.set_xlabel(translate("Part des émissions (%)", language))
        svg = render_svg(figure)
    return Chart(
        title=subject,
        subject=subject,
        unit="",
        context=context,
        alt=alt,
        svg=svg,
        data=data,
        language=language,
        name=name,
    )


def draw_coverage(
    table: pd.DataFrame,
    *,
    subject: str,
    language: str = "fr",
    context: Context = Context(),
    demo: bool = False,
    name: str = "coverage",
) -> Chart:
    """Return what becomes of spending: covered, not covered, out of scope, set aside.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns `category` (a message) and `amount_eur` (euros), at most four rows, in order.
    subject, context, language, demo, name
        As in `draw_ranking`.
    """
    total = float(table["amount_eur"].sum())
    frame = table.assign(share=[each / total if total else 0.0 for each in table["amount_eur"]])
    data = Table(frame, ["category", "amount_eur", "share"], subject, language=language, name=name)
    rows = data.rows()
    words = [
        f"{translate(str(row['category']), language)}{colon(language)}"
        f"{fmt.format_euros(row['amount_eur'], language=language)} "
        f"({fmt.format_percent(row['share'], language=language)})"
        for row in rows
    ]
    alt = translate(
        "Répartition de {total} de dépense, en euros. {words}. {source}",
        language,
        total=fmt.format_euros(total, language=language),
        words=" ; ".join(words),
        source=context.cite(language),
    ).strip()
    with draw_page(1.9, demo=demo, language=language) as (figure, axes):
        stack_bar(axes, 0, [row["share"] for row in rows], COVERAGE_COLOURS, language, height=0.8)
        axes.set_yticks([])
        axes.set_ylim(0.5, -0.5)
        finish_shares(axes, words, COVERAGE_COLOURS, language, columns=2)
        axes.spines["left"].set_visible(False)
        axes.set_xlabel(translate("Part de la dépense (%)", language))
        svg = render_svg(figure)
    return Chart(
        title=subject,
        subject=subject,
        unit="",
        context=context,
        alt=alt,
        svg=svg,
        data=data,
        language=language,
        name=name,
    )


def stack_bar(
    axes: Axes,
    place: int,
    shares: Sequence[Any],
    colours: Sequence[str],
    language: str,
    *,
    height: float = 0.62,
) -> None:
    """Draw one bar of stacked shares, writing those wide enough to hold their text."""
    start = 0.0
    for share, colour in zip(shares, colours, strict=False):
        width = 0.0 if fmt.is_missing(share) else float(share)
        axes.barh(
            place, width, left=start, height=height, color=colour, edgecolor="white", linewidth=0.8
        )
        if width >= LEAST_SHARE_WRITTEN:
            pale = colour in {COLOURS["third"], COLOURS["grey"], COLOURS["second"]}
            axes.text(
                start + width / 2,
                place,
                fmt.format_percent(width, language=language),
                ha="center",
                va="center",
                fontsize=9,
                color=COLOURS["ink"] if pale else "white",
            )
        start += width


def finish_shares(
    axes: Axes,
    labels: Sequence[str],
    colours: Sequence[str],
    language: str,
    *,
    columns: int = 4,
) -> None:
    """Set the axis in per cent and the legend above."""
    from matplotlib.patches import Patch

    axes.set_xlim(0, 1)
    axes.xaxis.set_major_formatter(lambda x, _: fmt.format_percent(round(x, 6), language=language))
    axes.tick_params(axis="both", length=0)
    axes.spines["bottom"].set_visible(False)
    axes.figure.legend(
        handles=[
            Patch(color=colour, label=label) for label, colour in zip(labels, colours, strict=False)
        ],
        loc="outside upper left",
        ncols=columns,
        fontsize=9.5,
        handlelength=1.0,
        handleheight=1.0,
        columnspacing=1.6,
        borderaxespad=0.3,
    )
