"""Costs and emissions by category, side by side: where the euros go and where the tonnes come from.

Both panels come from one table, so that a category has the same colour and the same row in both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from lcc.report import format as fmt
from lcc.report.blocks import Table, colon
from lcc.report.catalogue import translate
from lcc.report.charts.chart import (
    COLOURS,
    PALETTE,
    Chart,
    Context,
    draw_figure,
    render_svg,
    write_share,
)
from lcc.report.charts.finding import calc_share, is_same, join_words, quote, tell_nothing
from lcc.report.charts.labels import (
    EMPTY_HEIGHT_IN,
    Amounts,
    choose_amounts,
    draw_legend,
    say_nothing_drawn,
    set_scale,
    with_label,
)
from lcc.report.charts.parts import Bars, settle_bars
from lcc.report.codes import CODES

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["CATEGORY_COLOURS", "draw_stack", "sum_cells"]

CATEGORY_COLOURS: Final = {
    "acquisition": PALETTE[0],
    "replacement": PALETTE[3],
    "financing": PALETTE[6],
    "energy": PALETTE[1],
    "maintenance": PALETTE[2],
    "operation": PALETTE[5],
    "end-of-life": PALETTE[8],
    "carbon": PALETTE[9],
    "residual": PALETTE[7],
    "revenue": PALETTE[4],
    "carbon-in-prices": COLOURS["grey"],
}
"""Colour of each category, in the order of the stack: what is bought, used, ended, got back."""

Cells = dict[str, dict[str, float]]
"""Label → category → amount."""


def draw_stack(
    table: pd.DataFrame,
    *,
    subject: str,
    language: str = "fr",
    context: Context = Context(),
    demo: bool = False,
    name: str = "stack",
) -> Chart:
    """Return costs and emissions by category, one bar per solution in each of two panels.

    Costs that come back (residual values, revenues) are drawn left of zero; the net total is
    written at the end of the bar, and marked by a diamond where parts of both signs make it.
    Where no row has tonnes, there is one panel.

    Parameters
    ----------
    table : pandas.DataFrame
        Any number of rows per solution and category, which are summed: `label` (or `label_fr`,
        `label_en`), `category` (a code of `CATEGORY_COLOURS`, or a name), `eur` (euros), `tco2e`
        (tonnes of CO2 equivalent, missing where there is none).
    subject, context, language, demo, name
        As in `draw_ranking`.
    """
    kept = with_label(table, language, "category", "eur", "tco2e")
    kept = kept[kept["eur"].notna() | kept["tco2e"].notna()]
    data = Table(
        kept,
        ["label", "category", "eur", "tco2e"],
        subject,
        limit=60,
        headings={
            "label": translate("Solution", language),
            "category": translate("Poste de coût", language),
        },
        language=language,
        name=name,
    )
    labels = list(dict.fromkeys(str(each) for each in kept["label"]))
    euros, tonnes = (sum_cells(kept, labels, each) for each in ("eur", "tco2e"))
    categories = _order_categories(kept["category"])
    finding = _find(euros, tonnes, language)
    unit = (
        translate("euros et tCO2e", language)
        if kept["tco2e"].notna().any()
        else translate("euros", language)
    )
    return Chart.told(
        title=finding,
        subject=subject,
        unit=unit,
        drawn=_alternative(labels, euros, tonnes, language),
        svg=_draw(labels, categories, euros, tonnes, language=language, demo=demo),
        data=data,
        context=context,
        language=language,
        name=name,
    )


def sum_cells(
    table: pd.DataFrame, labels: Sequence[str], column: str, by: str = "category"
) -> Cells:
    """Return the sums of a column, by label and category, what is missing left out."""
    cells: Cells = {label: {} for label in labels}
    for label, category, value in table[["label", by, column]].itertuples(index=False):
        if not fmt.is_missing(value):
            row = cells[str(label)]
            row[str(category)] = row.get(str(category), 0.0) + float(value)
    return cells


def _order_categories(found: Any) -> dict[str, str]:
    """Return category → colour, those known first and in their order."""
    names = list(dict.fromkeys(str(each) for each in found))
    unknown = [each for each in names if each not in CATEGORY_COLOURS]
    spare = [each for key, each in CATEGORY_COLOURS.items() if key not in names] or [
        COLOURS["grey"]
    ]
    colours = {key: colour for key, colour in CATEGORY_COLOURS.items() if key in names}
    return colours | {each: spare[rank % len(spare)] for rank, each in enumerate(unknown)}


def _name(category: str, language: str) -> str:
    return translate(CODES.get(category, category), language)


def _totals(cells: Cells) -> dict[str, float | None]:
    return {label: sum(row.values()) if row else None for label, row in cells.items()}


def _find(euros: Cells, tonnes: Cells, language: str) -> str:
    """Return which solution costs least and which emits least; for one alone, its largest part."""
    costs = {label: total for label, total in _totals(euros).items() if total is not None}
    masses = {label: total for label, total in _totals(tonnes).items() if total is not None}
    if not costs:
        return tell_nothing(language)
    if len(costs) == 1:
        return _tell_largest(next(iter(costs)), euros, language)
    cheapest = _list_least(costs)
    said = {
        "name": quote(cheapest[0], language),
        "names": join_words([quote(each, language) for each in cheapest], language),
        "total": choose_amounts(list(costs.values()), language=language).write(costs[cheapest[0]]),
    }
    cost = (
        translate("Au calcul central, {name} coûte le moins ({total})", language, **said)
        if len(cheapest) == 1
        else translate(
            "Au calcul central, {names} coûtent autant, et le moins ({total})", language, **said
        )
    )
    # Whoever has no tonnes told may emit less than all the others.
    cleanest = _list_least(masses) if set(masses) == set(costs) else []
    if len(cleanest) != 1:
        return cost
    written = choose_amounts(list(masses.values()), language=language, unit="tCO2e")
    said = {
        "cost": cost,
        "name": quote(cleanest[0], language),
        "mass": written.write(masses[cleanest[0]]),
    }
    if cheapest == cleanest:
        return translate("{cost} et émet le moins ({mass})", language, **said)
    return translate("{cost}, {name} émet le moins ({mass})", language, **said)


def _list_least(totals: Mapping[str, float]) -> list[str]:
    """Return those that have the least total: one, or several that are equal."""
    least = min(totals.values())
    return [label for label, total in totals.items() if is_same(total, least)]


def _tell_largest(label: str, euros: Cells, language: str) -> str:
    """Return the part of a solution's cost that weighs most, or its total where parts offset."""
    parts = euros[label]
    total = sum(parts.values())
    name = quote(label, language)
    amounts = choose_amounts([total], language=language)
    most = max(parts.values())
    leaders = [each for each, part in parts.items() if is_same(part, most)]
    share = calc_share(most, total) if min(parts.values()) >= 0 else None
    if share is None or len(leaders) > 1:
        return translate("{name} coûte {total}", language, name=name, total=amounts.write(total))
    return translate(
        "{part} fait {share} du coût de {name}, {total}",
        language,
        part=quote(_name(leaders[0], language), language),
        share=write_share(share, language),
        name=name,
        total=amounts.write(total),
    )


def _alternative(labels: Sequence[str], euros: Cells, tonnes: Cells, language: str) -> str:
    costs = {label: total for label, total in _totals(euros).items() if total is not None}
    if not costs:
        return ""
    amounts = choose_amounts(list(costs.values()), language=language)
    masses = {label: total for label, total in _totals(tonnes).items() if total is not None}
    weights = choose_amounts(list(masses.values()), language=language, unit="tCO2e")
    told = []
    for label, total in costs.items():
        parts = euros[label]
        first = max(parts, key=lambda category: parts[category])
        figures = [amounts.write(total)]
        if label in masses:
            figures.append(weights.write(masses[label]))
        if parts[first] > 0:
            figures.append(
                translate(
                    "premier poste {category}, {part}",
                    language,
                    category=_name(first, language),
                    part=amounts.write(parts[first]),
                )
            )
        told.append(f"{label}{colon(language)}{', '.join(figures)}")
    return translate(
        "Barres des coûts et des émissions par poste. {solutions}.",
        language,
        solutions=" ; ".join(told),
    )


def _draw(
    labels: Sequence[str],
    categories: Mapping[str, str],
    euros: Cells,
    tonnes: Cells,
    *,
    language: str,
    demo: bool,
) -> str:
    height_in = 1.6 + 0.5 * len(labels) if labels else EMPTY_HEIGHT_IN
    with draw_figure(height_in, demo=demo, language=language) as figure:
        if not labels:
            say_nothing_drawn(figure.add_subplot(), language)
            return render_svg(figure)
        panels: list[tuple[Cells, Amounts, str]] = [
            (euros, _form(euros, "€", language), translate("Coût", language))
        ]
        if any(tonnes.values()):
            panels.append(
                (tonnes, _form(tonnes, "tCO2e", language), translate("Émissions", language))
            )
        drawn: list[Axes] = list(figure.subplots(1, len(panels), sharey=True, squeeze=False)[0])
        net = any(
            value < 0 for cells, *_ in panels for row in cells.values() for value in row.values()
        )
        draw_legend(
            figure,
            [(_name(category, language), colour) for category, colour in categories.items()],
            total=translate("Total net", language) if net else None,
        )
        bars = []
        for axes, (cells, amounts, what) in zip(drawn, panels, strict=True):
            totals = _totals(cells)
            each = Bars(
                axes,
                labels,
                list(categories.values()),
                [[cells[label].get(category) for category in categories] for label in labels],
                [(totals[label], amounts.write(totals[label])) for label in labels],
                amounts.write_bare,
            )
            each.draw()
            set_scale(axes.xaxis, amounts, ticks=4 if len(panels) > 1 else 7)
            axes.set_xlabel(f"{what} ({amounts.name})")
            bars.append(each)
        settle_bars(figure, bars)
        return render_svg(figure)


def _form(cells: Cells, unit: str, language: str) -> Amounts:
    return choose_amounts(list(_totals(cells).values()), language=language, unit=unit)
