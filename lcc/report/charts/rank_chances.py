"""Ranks with their doubt: between which ranks each group is, and whether it is among the first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from lcc.report import format as fmt
from lcc.report.blocks import Table
from lcc.report.catalogue import translate
from lcc.report.charts.chart import COLOURS, Chart, Context, draw_page, render_svg
from lcc.report.charts.finding import join_clauses, quote, tell_nothing
from lcc.report.charts.labels import (
    EMPTY_HEIGHT_IN,
    clean_label,
    hide_frame,
    say_nothing_drawn,
    with_label,
    wrap_label,
)
from lcc.report.columns.ranks import tell_chance

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["draw_rank_chances", "tell_leaders"]

LABEL_CHARACTERS: Final = 38
RANKS_DRAWN: Final = 30
DARKEST: Final = 0.5
"""Probability of one rank from which its cell is as dark as it gets."""

LEADS: Final = {"established": 0.95, "likely": 0.66}
"""Least probability of the first rank to be said to hold it; see `lcc.report.rank_codes`."""


def draw_rank_chances(
    table: pd.DataFrame,
    chances: pd.DataFrame,
    *,
    top: int,
    subject: str,
    language: str = "fr",
    context: Context = Context(),
    demo: bool = False,
    name: str = "rank-chances",
    limit: int = 15,
) -> Chart:
    """Return the interval of each group's rank, shaded by probability, the largest group first.

    Parameters
    ----------
    table : pandas.DataFrame
        One row per group by falling emissions: `group`, `label` (or `label_fr`, `label_en`),
        `emissions_tco2e`, `low_tco2e`, `high_tco2e`, `rank`, `expected_rank`, `rank_low`,
        `rank_high`, `p_top_1`, `p_top_K` (K being `top`), `leading`.
    chances : pandas.DataFrame
        Probability of each rank: `group`, `rank`, `probability`.
    top : int
        How many first ranks the last column is about.
    subject, language, context, demo, name
        As in `draw_ranking`.
    limit : int
        Groups drawn at most.
    """
    table = with_label(table, language, "rank", "p_top_1", f"p_top_{top}")
    frame = table.assign(
        p_first=table["p_top_1"],
        p_top=table[f"p_top_{top}"],
        rank_interval=table.get("rank_low"),
    )
    wanted = ["label", "emissions_tco2e", "interval", "rank", "rank_interval", "p_first"]
    wanted += ["p_top", "leading"] if 1 < top < len(table) else []
    headings = {"p_top": translate("Parmi les {top} premiers", language, top=top)}
    data = Table(frame, wanted, subject, limit, headings=headings, language=language, name=name)
    rows = data.rows()
    held: dict[str, dict[int, float]] = {}
    for group, rank, probability in zip(
        chances["group"], chances["rank"], chances["probability"], strict=True
    ):
        held.setdefault(str(group), {})[int(rank)] = float(probability)
    return Chart.told(
        title=tell_leaders(rows, top, language),
        subject=subject,
        unit=translate("rang, et probabilité (%)", language),
        context=context,
        drawn=_describe(rows, language),
        svg=_draw(rows[:limit], held, top if len(rows) > top else 0, language, demo=demo),
        data=data,
        language=language,
        name=name,
    )


def tell_leaders(rows: Sequence[Mapping[str, Any]], top: int, language: str) -> str:
    """Return who leads, as far as its probability allows, and how many of the first are sure.

    Parameters
    ----------
    rows : sequence of mapping
        Groups by falling emissions: `label`, `p_top_1`, `leading`.
    top : int
        Number of first ranks that `leading` is about.
    """
    if not rows:
        return tell_nothing(language)
    if len(rows) == 1:
        name = quote(rows[0]["label"], language)
        return translate("{first} est seul : aucun rang n'est disputé", language, first=name)
    ordered = sorted(rows, key=lambda row: -float(row["p_top_1"]))
    first, second = ordered[:2]
    said = {
        "first": quote(first["label"], language),
        "chance": tell_chance(first["p_top_1"], language),
        "second": quote(second["label"], language),
        "other": tell_chance(second["p_top_1"], language),
    }
    chance = float(first["p_top_1"])
    if chance >= LEADS["established"]:
        leader = translate("{first} vient en tête (probabilité {chance})", language, **said)
    elif chance >= LEADS["likely"]:
        leader = translate("{first} vient probablement en tête ({chance})", language, **said)
    else:
        leader = translate(
            "Le premier rang n'est pas établi : {first} l'a dans {chance} des cas, {second} dans "
            "{other}",
            language,
            **said,
        )
    if top == 1 or len(rows) <= top:
        return leader
    counts = {
        word: fmt.format_count(sum(row["leading"] == word for row in rows), language=language)
        for word in ("established", "likely")
    }
    return join_clauses(
        [
            leader,
            translate(
                "parmi les {top} premiers, établis : {sure}, probables : {likely}",
                language,
                top=top,
                sure=counts["established"],
                likely=counts["likely"],
            ),
        ],
        language,
    )


def _describe(rows: Sequence[Mapping[str, Any]], language: str) -> str:
    if not rows:
        return ""
    told = [
        translate(
            "{name} : rang {low} à {high}",
            language,
            name=clean_label(row["label"]),
            low=fmt.format_count(row["rank_low"], language=language),
            high=fmt.format_count(row["rank_high"], language=language),
        )
        for row in rows[:5]
    ]
    return translate(
        "Intervalle à 95 % du rang de {count} groupes, du plus au moins émetteur. {told}.",
        language,
        count=fmt.format_count(len(rows), language=language),
        told=" ; ".join(told),
    )


def _draw(
    rows: Sequence[Mapping[str, Any]],
    chances: Mapping[str, Mapping[int, float]],
    top: int,
    language: str,
    *,
    demo: bool,
) -> str:
    height_in = 1.25 + 0.34 * max(len(rows), 2) if rows else EMPTY_HEIGHT_IN
    with draw_page(height_in, demo=demo, language=language) as (figure, axes):
        if not rows:
            say_nothing_drawn(axes, language)
            return render_svg(figure)
        last = min(max(int(row["rank_high"]) for row in rows), RANKS_DRAWN)
        last = max(last, min(top + 1, RANKS_DRAWN), len(rows) if len(rows) < RANKS_DRAWN else 2)
        for place, row in enumerate(rows):
            _draw_row(axes, place, row, chances.get(str(row["group"]), {}), last)
        room = 0.16 * last
        if top:
            for place, row in enumerate(rows):
                _write_chance(axes, last + 0.5 + room / 2, place, row, language)
            axes.axvline(top + 0.5, color=COLOURS["fourth"], linewidth=1.2,
                         linestyle=(0, (4, 3)), zorder=3)  # fmt: skip
            axes.text(last + 0.5 + room / 2, -0.85, translate("≤ {top}", language, top=top),
                      ha="center", va="bottom", fontsize=9, color=COLOURS["soft"])  # fmt: skip
        axes.set_xlim(0.4, last + 0.5 + (room if top else 0))
        axes.set_ylim(max(len(rows), 2) - 0.4, -0.7)
        axes.set_yticks(
            range(len(rows)),
            [wrap_label(row["label"], LABEL_CHARACTERS, 1) for row in rows],
            fontsize=9.5,
        )
        axes.set_xticks(_choose_ticks(last))
        hide_frame(axes, grid="x")
        axes.xaxis.tick_top()
        axes.xaxis.set_label_position("top")
        axes.set_xlabel(
            translate("Rang (1 : émet le plus) ; à droite, probabilité d'être des {top} premiers",
                      language, top=top)
            if top
            else translate("Rang (1 : émet le plus)", language)
        )  # fmt: skip
        return render_svg(figure)


def _choose_ticks(last: int) -> list[int]:
    """Return the ranks to write: all of few, else the first and every fifth."""
    return list(range(1, last + 1)) if last <= 12 else [1, *range(5, last + 1, 5)]


def _draw_row(
    axes: Axes, place: int, row: Mapping[str, Any], chances: Mapping[int, float], last: int
) -> None:
    """Draw the cells of a group's ranks, its interval and its mean rank."""
    from matplotlib.colors import LinearSegmentedColormap, to_hex
    from matplotlib.patches import Rectangle

    shades: Any = LinearSegmentedColormap.from_list(
        "lcc", ["#eef2f5", COLOURS["second"], COLOURS["main"]]
    )
    low, high = int(row["rank_low"]), int(row["rank_high"])
    for rank in range(low, min(high, last) + 1):
        share = min(1.0, chances.get(rank, 0.0) / DARKEST)
        axes.add_patch(
            Rectangle((rank - 0.5, place - 0.34), 1.0, 0.68, facecolor=to_hex(shades(share)),
                      edgecolor="white", linewidth=0.6, zorder=2)
        )  # fmt: skip
    if high > last:
        axes.annotate("", (last + 0.62, place), xytext=(last + 0.2, place), zorder=4,
                      arrowprops={"arrowstyle": "->", "color": COLOURS["soft"]})  # fmt: skip
    expected = float(row["expected_rank"])
    if expected <= last + 0.5:
        axes.scatter([expected], [place], s=22, color="white", edgecolor=COLOURS["ink"],
                     linewidth=1.2, zorder=5)  # fmt: skip


def _write_chance(
    axes: Axes, column: float, place: int, row: Mapping[str, Any], language: str
) -> None:
    """Write the probability of being among the first, in bold where it is established."""
    axes.text(
        column,
        place,
        tell_chance(row["p_top"], language),
        ha="center",
        va="center",
        fontsize=9,
        fontweight="bold" if row["leading"] == "established" else "normal",
        color=COLOURS["soft"] if row["leading"] == "unlikely" else COLOURS["ink"],
    )
