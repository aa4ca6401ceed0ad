"""Spending and emissions by climate rating, side by side: what was rated, and what was not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from lcc.report.blocks import Table
from lcc.report.catalogue import translate
from lcc.report.charts.chart import (
    COLOURS,
    Chart,
    Context,
    draw_figure,
    render_svg,
    write_share,
)
from lcc.report.charts.finding import calc_share, is_same, join_clauses, open_sentence, tell_nothing
from lcc.report.charts.labels import (
    EMPTY_HEIGHT_IN,
    choose_amounts,
    draw_legend,
    say_nothing_drawn,
    set_scale,
    with_label,
)
from lcc.report.charts.parts import Bars, settle_bars
from lcc.report.charts.stack import sum_cells
from lcc.report.codes import CODES
from lcc.report.format import format_percent

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["RATING_COLOURS", "draw_ratings"]

RATING_COLOURS: Final = {
    "very-favourable": "#0b5c7a",
    "favourable": "#0b5c7a",
    "rather-favourable": "#5ba3c4",
    "neutral": "#c9b458",
    "unfavourable": "#a8402f",
    "undefined": COLOURS["grey"],
    "not-rated": COLOURS["soft"],
}
"""Colour of each rating, the best first; what nobody judged is grey, and last, what nobody
looked at darker."""

FAVOURABLE: Final = ("very-favourable", "favourable", "rather-favourable")
UNRATED: Final = ("undefined", "not-rated")
HALF: Final = 0.5
"""Share from which what nobody rated is said first."""


def draw_ratings(
    table: pd.DataFrame,
    *,
    subject: str,
    language: str = "fr",
    context: Context = Context(),
    demo: bool = False,
    name: str = "ratings",
    limit: int = 8,
) -> Chart:
    """Return spending and emissions by rating, one bar per group in each of two panels.

    Where no row has tonnes, there is one panel.

    Parameters
    ----------
    table : pandas.DataFrame
        Any number of rows per group and rating, which are summed: `label` (or `label_fr`,
        `label_en`), `rating` (a code of `RATING_COLOURS`; missing is `not-rated`), `eur` (euros),
        `tco2e` (tonnes of CO2 equivalent, missing where there is none).
    subject, context, language, demo, name
        As in `draw_ranking`.
    limit : int
        Largest groups drawn; the CSV holds all.
    """
    kept = with_label(table, language, "rating", "eur", "tco2e")
    kept = kept[kept["eur"].notna()].assign(rating=kept["rating"].fillna("not-rated"))
    data = Table(
        kept.assign(amount_eur=kept["eur"], emissions_tco2e=kept["tco2e"]),
        ["label", "rating", "amount_eur", "emissions_tco2e"],
        subject,
        limit=40,
        headings={"amount_eur": "Dépense réelle (k€)"},
        language=language,
        name=name,
    )
    sizes = kept.groupby("label", sort=False)["eur"].sum().sort_values(ascending=False)
    labels = [str(each) for each in sizes.index[:limit]]
    drawn = kept[kept["label"].isin(labels)]
    euros, tonnes = (sum_cells(drawn, labels, each, "rating") for each in ("eur", "tco2e"))
    finding = _find(kept, language)
    # Real expenditure is more than the purchases whose coverage the page knows.
    context = replace(context, coverage=None)
    unit = translate("euros et tCO2e", language)
    return Chart.told(
        title=finding,
        subject=subject,
        unit=unit,
        drawn=_alternative(kept, labels, language),
        svg=_draw(labels, euros, tonnes, language=language, demo=demo),
        data=data,
        context=context,
        language=language,
        name=name,
    )


def _name(rating: str, language: str) -> str:
    return translate(CODES.get(rating, rating), language)


def _find(table: pd.DataFrame, language: str) -> str:
    """Return what part of spending is rated unfavourable, what part nobody rated."""
    if table.empty:
        return tell_nothing(language)
    by_rating = table.groupby("rating")["eur"].sum()
    total = float(by_rating.sum())
    if not by_rating.any():
        return translate("Aucune dépense", language)
    bad, none, good = (
        calc_share(sum(float(by_rating.get(each, 0.0)) for each in ratings), total)
        for ratings in (("unfavourable",), UNRATED, FAVOURABLE)
    )
    if bad is None or none is None or good is None or float(by_rating.min()) < 0:
        return translate("Des montants négatifs empêchent de dire la part des cotations", language)
    said = {
        "bad": write_share(bad, language),
        "none": write_share(none, language),
        "good": write_share(good, language),
    }
    if is_same(none, 1.0):
        return translate("Aucune dépense n'est cotée", language)
    rated = (
        translate("aucune dépense n'est cotée favorable ni défavorable", language)
        if not bad and not good
        else ""
    ) or translate(
        "{bad} de la dépense réelle est cotée défavorable, {good} favorable à un degré ou un autre",
        language,
        **said,
    )
    unrated = translate("{none} n'est pas cotée", language, **said) if none else ""
    clauses = [unrated, rated] if none > HALF else [rated, unrated]
    return open_sentence(join_clauses(clauses, language))


def _alternative(table: pd.DataFrame, labels: Sequence[str], language: str) -> str:
    if table.empty:
        return ""
    by_rating = table.groupby("rating")["eur"].sum()
    total = float(by_rating.sum())
    parts = [
        f"{_name(rating, language)} {format_percent(by_rating[rating] / total, language=language)}"
        for rating in RATING_COLOURS
        if rating in by_rating and total
    ]
    return translate(
        "Barres de la dépense réelle et des émissions par cotation climat, pour {labels}. De la "
        "dépense : {parts}.",
        language,
        labels=", ".join(labels),
        parts=", ".join(parts),
    )


def _draw(
    labels: Sequence[str],
    euros: Mapping[str, Mapping[str, float]],
    tonnes: Mapping[str, Mapping[str, float]],
    *,
    language: str,
    demo: bool,
) -> str:
    height_in = 1.7 + 0.5 * len(labels) if labels else EMPTY_HEIGHT_IN
    with draw_figure(height_in, demo=demo, language=language) as figure:
        if not labels:
            say_nothing_drawn(figure.add_subplot(), language)
            return render_svg(figure)
        present = {rating for cells in (euros, tonnes) for row in cells.values() for rating in row}
        ratings = [rating for rating in RATING_COLOURS if rating in present]
        panels = [(euros, "€", translate("Dépense réelle", language))]
        if any(tonnes.values()):
            panels.append((tonnes, "tCO2e", translate("Émissions", language)))
        drawn: list[Axes] = list(figure.subplots(1, len(panels), sharey=True, squeeze=False)[0])
        draw_legend(figure, [(_name(each, language), RATING_COLOURS[each]) for each in ratings])
        bars = []
        for axes, (cells, unit, what) in zip(drawn, panels, strict=True):
            totals = {label: sum(row.values()) if row else None for label, row in cells.items()}
            amounts = choose_amounts(list(totals.values()), language=language, unit=unit)
            each = Bars(
                axes,
                labels,
                [RATING_COLOURS[rating] for rating in ratings],
                [[cells[label].get(rating) for rating in ratings] for label in labels],
                [
                    (totals[label], "–" if totals[label] is None else amounts.write(totals[label]))
                    for label in labels
                ],
                amounts.write_bare,
            )
            each.draw()
            set_scale(axes.xaxis, amounts, ticks=4 if len(panels) > 1 else 7)
            axes.set_xlabel(f"{what} ({amounts.name})")
            bars.append(each)
        settle_bars(figure, bars)
        return render_svg(figure)
