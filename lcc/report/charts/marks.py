"""Marks of the bids of a tender: points by criterion, stacked to each bid's total."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from lcc.report import format as fmt
from lcc.report.blocks import Table
from lcc.report.catalogue import translate
from lcc.report.charts.chart import (
    PALETTE,
    Chart,
    Context,
    draw_page,
    render_svg,
    write_tick,
)
from lcc.report.charts.finding import is_same, join_words, quote, tell_nothing
from lcc.report.charts.labels import (
    EMPTY_HEIGHT_IN,
    clean_label,
    draw_legend,
    say_nothing_drawn,
    with_label,
)
from lcc.report.charts.parts import Bars, has_both_signs, settle_bars

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["draw_marks"]

HUNDREDTH: Final = Decimal("0.01")
"""Marks are written to the hundredth, as they are in a record of evaluation."""


def draw_marks(
    table: pd.DataFrame,
    *,
    subject: str,
    language: str = "fr",
    context: Context = Context(),
    demo: bool = False,
    name: str = "marks",
) -> Chart:
    """Return the marks of each bid, as points stacked by criterion, the highest total first.

    A bid that has no mark for one criterion has no total: what it has is drawn, the missing
    criterion is said, and it comes after those that are complete.

    Parameters
    ----------
    table : pandas.DataFrame
        One row per bid and criterion: `label` (the bid; or `label_fr`, `label_en`), `criterion`
        (its name), `points` (weighted points, missing where there is no mark). Criteria keep the
        order they come in.
    subject, context, language, demo, name
        As in `draw_ranking`.
    """
    table = with_label(table, language, "criterion", "points")
    data = Table(
        table,
        ["label", "criterion", "points"],
        subject,
        headings={"label": translate("Offre", language)},
        language=language,
        name=name,
    )
    criteria = list(dict.fromkeys(str(each) for each in table["criterion"]))
    marks: dict[str, dict[str, float]] = {}
    for label, criterion, points in table[["label", "criterion", "points"]].itertuples(index=False):
        row = marks.setdefault(str(label), {})
        if not fmt.is_missing(points):
            row[str(criterion)] = row.get(str(criterion), 0.0) + float(points)
    totals = {
        label: sum(row.values()) if len(row) == len(criteria) else None
        for label, row in marks.items()
    }
    ranked = sorted(
        marks,
        key=lambda label: (totals[label] is None, -(totals[label] or sum(marks[label].values()))),
    )
    finding = _find(ranked, totals, language)
    unit = translate("points pondérés", language)
    drawn = _alternative(ranked, criteria, marks, totals, language)
    return Chart.told(
        title=finding,
        subject=subject,
        unit=unit,
        drawn=drawn,
        svg=_draw(ranked, criteria, marks, totals, language=language, demo=demo),
        data=data,
        context=context,
        language=language,
        name=name,
    )


def _write(points: float | None, language: str) -> str:
    return fmt.format_number(points, language=language, step=HUNDREDTH)


def _find(ranked: Sequence[str], totals: dict[str, float | None], language: str) -> str:
    """Return which bid has the highest total, and by how much."""
    if not ranked:
        return tell_nothing(language)
    complete = [(label, total) for label in ranked if (total := totals[label]) is not None]
    if not complete:
        return translate("Aucune offre n'a toutes ses notes", language)
    most = complete[0][1]
    first = [quote(label, language) for label, total in complete if is_same(total, most)]
    points = _write(most, language)
    if len(first) > 1:
        return translate(
            "{names} ont la même note totale, la plus haute : {points} points",
            language,
            names=join_words(first, language),
            points=points,
        )
    if len(complete) == 1:
        return translate(
            "Une seule offre complète, {name} : {points} points",
            language,
            name=first[0],
            points=points,
        )
    if _write(complete[1][1], language) == points:
        return translate(
            "{name} a la note totale la plus haute, de moins d'un centième de point sur {second}",
            language,
            name=first[0],
            second=quote(complete[1][0], language),
        )
    return translate(
        "{name} a la note totale la plus haute : {points} points, {gap} de plus que {second}",
        language,
        name=first[0],
        points=points,
        gap=_write(most - complete[1][1], language),
        second=quote(complete[1][0], language),
    )


def _alternative(
    ranked: Sequence[str],
    criteria: Sequence[str],
    marks: dict[str, dict[str, float]],
    totals: dict[str, float | None],
    language: str,
) -> str:
    if not ranked:
        return ""
    said = []
    for label in ranked:
        missing = [each for each in criteria if each not in marks[label]]
        if missing:
            said.append(
                translate(
                    "{label}, sans note pour : {criteria}",
                    language,
                    label=label,
                    criteria=", ".join(missing),
                )
            )
        else:
            said.append(
                translate(
                    "{label}, {points} points",
                    language,
                    label=label,
                    points=_write(totals[label], language),
                )
            )
    return translate(
        "Notes des offres ({count}), empilées par critère : {criteria}. Totaux : {totals}.",
        language,
        count=fmt.format_count(len(ranked), language=language),
        criteria=", ".join(criteria),
        totals=" ; ".join(said),
    )


def _draw(
    ranked: Sequence[str],
    criteria: Sequence[str],
    marks: dict[str, dict[str, float]],
    totals: dict[str, float | None],
    *,
    language: str,
    demo: bool,
) -> str:
    height_in = 1.5 + 0.5 * max(len(ranked), 2) if ranked else EMPTY_HEIGHT_IN
    with draw_page(height_in, demo=demo, language=language) as (figure, axes):
        if not ranked:
            say_nothing_drawn(axes, language)
            return render_svg(figure)
        rows = [[marks[label].get(each) for each in criteria] for label in ranked]
        written = [
            _write(totals[label], language)
            if totals[label] is not None
            else translate("incomplet", language)
            for label in ranked
        ]
        colours = [PALETTE[rank % len(PALETTE)] for rank in range(len(criteria))]
        bars = Bars(
            axes,
            ranked,
            colours,
            rows,
            [(totals[label], text) for label, text in zip(ranked, written, strict=True)],
            lambda points: _write(points, language),
            label_characters=28,
        )
        bars.draw()
        axes.xaxis.set_major_formatter(lambda x, _: write_tick(x, language))
        axes.locator_params(axis="x", nbins=8)
        axes.set_xlabel(translate("Points", language))
        net = any(has_both_signs(row) for row in rows)
        total = translate("Total net", language) if net else None
        settle_bars(figure, [bars])
        if total or not bars.name_parts([clean_label(each) for each in criteria]):
            draw_legend(figure, list(zip(criteria, colours, strict=True)), total=total)
            settle_bars(figure, [bars])
        return render_svg(figure)
