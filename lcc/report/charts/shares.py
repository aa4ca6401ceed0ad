"""Shares: how emissions were computed, and what part of spending the map covers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from lcc.report import format as fmt
from lcc.report.blocks import Table, colon
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
from lcc.report.charts.finding import (
    calc_share,
    is_same,
    join_words,
    open_sentence,
    quote,
    tell_no_emissions,
)
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
    finding = open_sentence(_find_method(shares, total, language))
    unit = translate("% des émissions", language)
    drawn = translate(
        "Part des émissions par méthode de calcul : {shares}.",
        language,
        shares=" ; ".join(
            f"{COLUMNS[each].heading(language)} {fmt.format_percent(share, language=language)}"
            for each, share in zip(METHODS, shares, strict=True)
        ),
    )
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
    return Chart.told(
        title=finding,
        subject=subject,
        unit=unit,
        context=context,
        drawn=drawn if rows else "",
        svg=svg,
        data=data,
        language=language,
        name=name,
    )


def _find_method(shares: Sequence[float], total_tco2e: float, language: str) -> str:
    """Return which method most emissions come from."""
    if not total_tco2e:
        return tell_no_emissions(language)
    if total_tco2e < 0 or any(calc_share(each, 1.0) is None for each in shares):
        return translate(
            "Des émissions négatives empêchent de dire la part de chaque méthode", language
        )
    most = max(shares)
    leaders = [each for each, share in zip(METHODS, shares, strict=True) if is_same(share, most)]
    figure = write_share(most, language)
    if not most:
        return translate("La méthode de calcul n'est pas dite", language)
    if len(leaders) > 1:
        names = [COLUMNS[each].heading(language).lower() for each in leaders]
        return translate(
            "Méthodes à égalité, {share} des émissions chacune : {names}",
            language,
            share=figure,
            names=join_words(names, language),
        )
    told = {
        "share_supplier": translate(
            "{share} des émissions viennent de données de fournisseurs", language, share=figure
        ),
        "share_physical": translate(
            "{share} des émissions viennent de quantités mesurées", language, share=figure
        ),
        "share_price_derived": translate(
            "{share} des émissions viennent de prix convertis en quantités", language, share=figure
        ),
        "share_monetary": translate(
            "{share} des émissions viennent de ratios monétaires", language, share=figure
        ),
    }[leaders[0]]
    if leaders[0] == "share_monetary" and is_same(most, 1.0):
        return translate("Toutes les émissions viennent de ratios monétaires", language)
    return told


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
    finding = open_sentence(_find_coverage(rows, language))
    unit = translate("% de la dépense", language)
    # The coverage of the page is the finding here, or that of another whole.
    context = replace(context, coverage=None)
    drawn = translate(
        "Répartition de {total} de dépense : {words}.",
        language,
        total=fmt.format_euros(total, language=language),
        words=" ; ".join(words),
    )
    with draw_page(1.9, demo=demo, language=language) as (figure, axes):
        stack_bar(axes, 0, [row["share"] for row in rows], COVERAGE_COLOURS, language, height=0.8)
        axes.set_yticks([])
        axes.set_ylim(0.5, -0.5)
        finish_shares(axes, words, COVERAGE_COLOURS, language, columns=2)
        axes.spines["left"].set_visible(False)
        axes.set_xlabel(translate("Part de la dépense (%)", language))
        svg = render_svg(figure)
    return Chart.told(
        title=finding,
        subject=subject,
        unit=unit,
        context=context,
        drawn=drawn if rows else "",
        svg=svg,
        data=data,
        language=language,
        name=name,
    )


def _find_coverage(rows: Sequence[dict[str, Any]], language: str) -> str:
    """Return the share of spending that has a factor, or the largest part where none is told."""
    amounts = {str(row["category"]): row["amount_eur"] for row in rows}
    if not rows or not any(amounts.values()):
        return translate("Aucune dépense", language)
    covered, uncovered = amounts.get("Dépense couverte"), amounts.get("Non couvert")
    if covered is not None and uncovered is not None:
        return _tell_covered(covered, uncovered, language)
    first = max(rows, key=lambda row: row["amount_eur"])
    share = calc_share(first["amount_eur"], sum(amounts.values()))
    name = quote(translate(str(first["category"]), language), language)
    if share is None or sum(is_same(each, first["amount_eur"]) for each in amounts.values()) > 1:
        return translate("Aucune part de la dépense ne domine", language)
    return translate(
        "{name} : {share} de la dépense",
        language,
        name=name,
        share=write_share(share, language),
    )


def _tell_covered(covered: float, uncovered: float, language: str) -> str:
    """Return the share of the spending in scope that has a factor."""
    share = calc_share(covered, covered + uncovered)
    if share is None:
        return translate("Des montants négatifs empêchent de dire la part couverte", language)
    if not uncovered:
        return translate("Toute la dépense du périmètre a un facteur d'émission", language)
    if not covered:
        return translate("Aucune dépense du périmètre n'a de facteur d'émission", language)
    return translate(
        "{share} de la dépense du périmètre a un facteur d'émission ; sans facteur : {amount}",
        language,
        share=write_share(share, language),
        amount=fmt.format_euros(uncovered, language=language),
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
