"""Rank-probability strip: how probable each rank is for each group."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from lcc.errors import FieldError
from lcc.report import format as fmt
from lcc.report.blocks import Table
from lcc.report.catalogue import translate
from lcc.report.charts.chart import (
    COLOURS,
    Chart,
    Context,
    draw_page,
    render_svg,
    write_share,
)
from lcc.report.charts.finding import quote, tell_nothing
from lcc.report.charts.labels import (
    EMPTY_HEIGHT_IN,
    clean_label,
    ink_on,
    say_nothing_drawn,
    with_label,
    wrap_label,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["draw_rank_strip"]

LABEL_CHARACTERS: Final = 38
TOLERANCE: Final = 1e-6
"""By how much probabilities may miss their sum: rounding, not a forgotten rank."""

LEAST_WRITTEN: Final = 0.005
"""Probability under which a cell stays without a figure."""

PROBABLE: Final = 0.5


@dataclass(frozen=True)
class Standing:
    """The ranks of one group: probability of each, and the mean of the ranks."""

    label: str
    probabilities: Mapping[int, float]
    expected: float


def draw_rank_strip(
    table: pd.DataFrame,
    *,
    subject: str,
    order: str = "",
    language: str = "fr",
    context: Context = Context(),
    demo: bool = False,
    name: str = "rank-strip",
    limit: int = 15,
    ranks: int = 10,
) -> Chart:
    """Return the probability of each rank for each group, the best expected rank first.

    Parameters
    ----------
    table : pandas.DataFrame
        One row per group and rank: `label` (or `label_fr`, `label_en`; `group` where two labels
        are the same), `rank` (from 1), `probability` (0 to 1). A rank that a group lacks has
        probability zero. `lcc.uncertainty.choice.rank_probabilities` gives such probabilities.
    order : str
        What the first rank means, a message. By default « rang 1 : émet le plus ».
    subject, language, context, demo, name
        As in `draw_ranking`.
    limit : int
        Groups drawn at most.
    ranks : int
        Ranks drawn each in a column; those beyond are one column.

    Raises
    ------
    FieldError
        Where a probability is not between 0 and 1, a rank is not a whole number from 1, a group
        has a rank twice, the probabilities of a group do not sum to one, or those of a rank sum
        to more.
    """
    table = with_label(table, language, "rank", "probability")
    standings = _read(table)
    expected = {each.label: each.expected for each in standings}
    frame = table.assign(
        expected_rank=[expected[clean_label(each)] for each in table["label"]]
    ).sort_values(["expected_rank", "label", "rank"], kind="stable")
    data = Table(
        frame,
        ["label", "rank", "probability", "expected_rank"],
        subject,
        limit=4 * limit,
        language=language,
        name=name,
    )
    finding = _find(standings, language)
    unit = translate("probabilité de chaque rang", language)
    return Chart.told(
        title=finding,
        subject=subject,
        unit=unit,
        context=context,
        drawn=_describe(standings, language),
        svg=_draw(
            standings[:limit],
            ranks,
            translate(order, language) if order else translate("rang 1 : émet le plus", language),
            language=language,
            demo=demo,
        ),
        data=data,
        language=language,
        name=name,
    )


def _read(table: pd.DataFrame) -> list[Standing]:
    """Return the groups by their expected rank, or refuse what no probabilities can be."""
    groups: dict[str, dict[int, float]] = {}
    per_rank: dict[int, float] = {}
    for row, each in enumerate(table[["label", "rank", "probability"]].to_dict("records"), 1):
        rank, probability = each["rank"], each["probability"]
        if fmt.is_missing(rank) or float(rank) < 1 or not float(rank).is_integer():
            raise FieldError(
                "a rank is not a whole number from 1", rows=[row], field="rank",
                found=str(rank), expected="1, 2, 3 …",
            )  # fmt: skip
        if fmt.is_missing(probability) or not -TOLERANCE <= float(probability) <= 1 + TOLERANCE:
            raise FieldError(
                "a probability is not between 0 and 1", rows=[row], field="probability",
                found=str(probability), expected="a share of the draws, 0 to 1",
            )  # fmt: skip
        held = groups.setdefault(clean_label(each["label"]), {})
        if int(rank) in held:
            raise FieldError(
                "a group has one rank twice", rows=[row], field="rank",
                found=f"rank {int(rank)} of {each['label']}", expected="one row per group and rank",
                remedy="give groups of the same name a column `group` that tells them apart",
            )  # fmt: skip
        held[int(rank)] = float(probability)
        per_rank[int(rank)] = per_rank.get(int(rank), 0.0) + float(probability)
    for label, held in groups.items():
        total = math.fsum(held.values())
        if abs(total - 1) > TOLERANCE * max(1, len(held)):
            raise FieldError(
                "the probabilities of a group's ranks do not sum to one", field="probability",
                found=f"{total:.6g} for {label}", expected="1",
                remedy="give every rank of the group, or divide by the sum knowingly",
            )  # fmt: skip
    for rank, total in per_rank.items():
        if total > 1 + TOLERANCE * max(1, len(groups)):
            raise FieldError(
                "more than one group has a rank in the same draw", field="probability",
                found=f"rank {rank} sums to {total:.6g} over the groups", expected="1 at most",
            )  # fmt: skip
    standings = [
        Standing(label, held, math.fsum(rank * each for rank, each in held.items()))
        for label, held in groups.items()
    ]
    return sorted(standings, key=lambda each: (each.expected, each.label))


def _find(standings: Sequence[Standing], language: str) -> str:
    if not standings:
        return tell_nothing(language)
    leaders = sorted(standings, key=lambda each: -each.probabilities.get(1, 0.0))
    first = leaders[0]
    chance = first.probabilities.get(1, 0.0)
    if len(standings) == 1:
        return translate("{first} est seul : aucun rang n'est disputé", language,
                         first=quote(first.label, language))  # fmt: skip
    second = leaders[1]
    values = {
        "first": quote(first.label, language),
        "chance": write_share(chance, language),
        "second": quote(second.label, language),
        "other": write_share(second.probabilities.get(1, 0.0), language),
    }
    if not chance:
        return translate("Aucun de ces groupes n'est au premier rang", language)
    if chance > PROBABLE:
        return translate(
            "{first} est au premier rang avec une probabilité de {chance}", language, **values
        )
    return translate(
        "Le premier rang n'est pas établi : {first} l'a dans {chance} des cas, {second} dans "
        "{other}",
        language,
        **values,
    )


def _describe(standings: Sequence[Standing], language: str) -> str:
    if not standings:
        return ""
    return translate(
        "Bande des probabilités de rang de {count} groupes. Rangs moyens : {ranks}.",
        language,
        count=fmt.format_count(len(standings), language=language),
        ranks=" ; ".join(f"{each.label} ({write_rank(each.expected, language)})"
                         for each in standings[:5]),
    )  # fmt: skip


def write_rank(rank: float, language: str) -> str:
    """Return a mean rank, to a tenth."""
    return fmt.format_number(rank, language=language, step=Decimal("0.1"))


def _draw(
    standings: Sequence[Standing], ranks: int, order: str, *, language: str, demo: bool
) -> str:
    height_in = 1.2 + 0.36 * len(standings) if standings else EMPTY_HEIGHT_IN
    with draw_page(height_in, demo=demo, language=language) as (figure, axes):
        if not standings:
            say_nothing_drawn(axes, language)
            return render_svg(figure)
        last = max(max(each.probabilities) for each in standings)
        columns = [str(rank) for rank in range(1, min(last, ranks) + 1)]
        if last > ranks:
            columns.append(f"> {ranks}")
        for place, each in enumerate(standings):
            cells = [each.probabilities.get(rank, 0.0) for rank in range(1, min(last, ranks) + 1)]
            if last > ranks:
                beyond = (p for rank, p in each.probabilities.items() if rank > ranks)
                cells.append(math.fsum(beyond))
            _draw_row(axes, place, cells, language)
            axes.text(
                len(columns) + 0.15,
                place,
                write_rank(each.expected, language),
                ha="center",
                va="center",
                fontsize=9.5,
                fontweight="bold",
            )
        axes.set_xlim(-0.5, len(columns) + 0.7)
        axes.set_ylim(len(standings) - 0.5, -0.5)
        ticks = [*range(len(columns)), len(columns) + 0.15]
        axes.set_xticks(ticks, [*columns, translate("moyen", language)])
        axes.xaxis.tick_top()
        axes.xaxis.set_label_position("top")
        axes.set_xlabel(translate("Rang ({order})", language, order=order))
        axes.set_yticks(
            range(len(standings)),
            [wrap_label(each.label, LABEL_CHARACTERS, 1) for each in standings],
        )
        axes.tick_params(axis="both", length=0)
        for spine in axes.spines.values():
            spine.set_visible(False)
        return render_svg(figure)


def _draw_row(axes: Axes, place: int, cells: Sequence[float], language: str) -> None:
    from matplotlib.colors import LinearSegmentedColormap, to_hex
    from matplotlib.patches import Rectangle

    shades: Any = LinearSegmentedColormap.from_list(
        "lcc", ["#f4f6f8", COLOURS["second"], COLOURS["main"]]
    )
    for rank, probability in enumerate(cells):
        colour = to_hex(shades(min(1.0, max(0.0, probability))))
        axes.add_patch(
            Rectangle(
                (rank - 0.48, place - 0.44),
                0.96,
                0.88,
                facecolor=colour,
                edgecolor=COLOURS["pale"],
                linewidth=0.6,
            )
        )
        if probability >= LEAST_WRITTEN:
            axes.text(
                rank,
                place,
                fmt.format_percent(probability, language=language),
                ha="center",
                va="center",
                fontsize=8.5,
                color=ink_on(colour),
            )
