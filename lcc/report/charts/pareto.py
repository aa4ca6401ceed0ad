"""Pareto chart: groups from the largest, and how few of them make most of the whole."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from lcc.errors import FieldError
from lcc.report import format as fmt
from lcc.report.blocks import Table
from lcc.report.catalogue import translate
from lcc.report.charts.chart import (
    COLOURS,
    Chart,
    Context,
    draw_figure,
    render_svg,
    write_share,
    write_tick,
)
from lcc.report.charts.finding import (
    quote,
    tell_left_out,
    tell_no_emissions,
)
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

__all__ = ["count_to_share", "cumulate_shares", "draw_pareto"]

LABEL_CHARACTERS: Final = 36
ROUNDING: Final = 1e-12
FIGURES_AT: Final = 1.34
"""Where on the axis of shares their figures end: right of the whole, in a column."""

SURE: Final = 0.95
"""Probability from which a group is said to be of those that make the share, or not to be."""

SPREAD_FROM: Final = 0.6
"""Share of the groups from which they are said to be spread, not concentrated."""


def cumulate_shares(masses: Sequence[float]) -> list[float]:
    """Return the share of the whole that the first, the first two … make, 1 being the whole.

    Parameters
    ----------
    masses : sequence of float
        Positive figures, in the order in which they are added; any unit.
    """
    total = sum(masses)
    shares, sum_so_far = [], 0.0
    for mass in masses:
        sum_so_far += mass
        shares.append(sum_so_far / total)
    return shares


def count_to_share(cumulated: Sequence[float], share: float) -> int | None:
    """Return how many groups it takes to reach a share of the whole; None where all do not.

    Parameters
    ----------
    cumulated : sequence of float
        Cumulated shares, from the largest group; see `cumulate_shares`.
    share : float
        Share to reach, 1 being the whole.
    """
    reached = (rank for rank, each in enumerate(cumulated, 1) if each >= share - ROUNDING)
    return next(reached, None)


HATCHED: Final[Any] = {"facecolor": "none", "edgecolor": "white", "linewidth": 0, "hatch": "////"}
"""A bar of which it is not established whether it is of those that make the share."""


@dataclass(frozen=True)
class Found:
    """What a Pareto chart finds: groups in all, how few make the share, and what they make."""

    total: int
    count: int
    made: float
    fewest: int | None
    most: int | None
    groups: str


def draw_pareto(
    table: pd.DataFrame,
    *,
    subject: str,
    groups: str = "",
    share: float = 0.8,
    language: str = "fr",
    context: Context = Context(),
    demo: bool = False,
    name: str = "pareto",
    limit: int = 20,
) -> Chart:
    """Return the groups that emit most and the share of emissions that they make together.

    Groups without emissions, or with less than none (credit notes), take no part in the shares;
    their number is said.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns `label` (or `label_fr`, `label_en`), `emissions_tco2e` (tonnes of CO2 equivalent);
        where known `low_tco2e`, `high_tco2e`, and `cumulated_low`, `cumulated_high`: interval of
        the share of emissions made by the group and all larger ones (0 to 1); and `p_class_a`:
        probability that the group is of the largest that make the share. Bars of which it says
        neither yes nor no are hatched.
    groups : str
        What the groups are, in the plural, a message: « fournisseurs ». By default « groupes ».
    share : float
        Share of emissions to reach, drawn as a line.
    subject, language, context, demo, name
        As in `draw_ranking`.
    limit : int
        Groups drawn at most; the others are one bar.

    Raises
    ------
    FieldError
        Where `share` is not between 0 and 1.
    """
    if not 0 < share < 1:
        raise FieldError(
            "a share of the whole was asked that no number of groups can be said to make",
            field="share",
            found=str(share),
            expected="a number between 0 and 1",
        )
    table = with_label(table, language, "emissions_tco2e")
    ranked = table[table["emissions_tco2e"] > 0].sort_values(
        ["emissions_tco2e", "label"], ascending=[False, True], kind="stable"
    )
    masses = [float(each) for each in ranked["emissions_tco2e"]]
    cumulated = cumulate_shares(masses)
    total = sum(masses)
    ranked = ranked.assign(
        share_of_emissions=[each / total for each in masses], cumulated_share=cumulated
    )
    wanted = ["label", "emissions_tco2e", "interval", "share_of_emissions", "cumulated_share",
              "cumulated_low", "cumulated_high", "p_class_a"]  # fmt: skip
    data = Table(
        ranked,
        [
            each
            for each in wanted
            if each in ranked or (each == "interval" and "low_tco2e" in ranked)
        ],
        subject,
        limit=limit,
        language=language,
        name=name,
    )
    rows = data.rows()
    called = translate(groups, language) if groups else translate("groupes", language)
    finding, found = _find(rows, share, called, language)
    finding = tell_left_out(finding, table["emissions_tco2e"], language)
    unit = translate("tCO2e et part des émissions", language)
    drawn = _describe(rows, len(table) - len(rows), found, language)
    return Chart.told(
        title=finding,
        subject=subject,
        unit=unit,
        context=context,
        drawn=drawn,
        svg=_draw(_gather(rows, limit, language), share, found, language=language, demo=demo),
        data=data,
        language=language,
        name=name,
    )


def _find(
    rows: Sequence[dict[str, Any]], share: float, groups: str, language: str
) -> tuple[str, Found | None]:
    """Return the finding in words, and its figures."""
    if not rows:
        return tell_no_emissions(language), None
    cumulated = [float(row["cumulated_share"]) for row in rows]
    count = count_to_share(cumulated, share) or len(rows)
    fewest = most = None
    if "cumulated_low" in rows[0] and "cumulated_high" in rows[0]:
        fewest, most = (
            count_to_share([math.nan if fmt.is_missing(row[each]) else float(row[each])
                            for row in rows], share)
            for each in ("cumulated_high", "cumulated_low")
        )  # fmt: skip
    found = Found(len(rows), count, cumulated[count - 1], fewest, most, groups)
    values = {
        "count": fmt.format_count(count, language=language),
        "total": fmt.format_count(len(rows), language=language),
        "share": write_share(found.made, language),
        "target": write_share(share, language),
        "groups": groups,
        "first": quote(rows[0]["label"], language),
    }
    if len(rows) == 1:
        return translate("{first} fait toutes les émissions", language, **values), found
    if count == 1:
        finding = translate(
            "{first} fait seul {share} des émissions de {total} {groups}",
            language,
            **values,
        )
    elif count > SPREAD_FROM * len(rows):
        finding = translate(
            "Il faut {count} {groups} sur {total} pour atteindre {target} des émissions",
            language,
            **values,
        )
    else:
        finding = translate(
            "{count} {groups} sur {total} font {share} des émissions", language, **values
        )
    if fewest is None or most is None or fewest == most:
        return finding, found
    return (
        translate(
            "{finding} (de {fewest} à {most} pour {share}, compte tenu du doute)",
            language,
            finding=finding,
            fewest=fmt.format_count(fewest, language=language),
            most=fmt.format_count(most, language=language),
            share=write_share(share, language),
        ),
        found,
    )


def belong_to_head(row: Mapping[str, Any]) -> str | None:
    """Tell whether a group is of those that make the share: `sure`, `open`, `not`; None unknown."""
    probability = row.get("p_class_a")
    if probability is None or fmt.is_missing(probability):
        return None
    return "sure" if probability >= SURE else "open" if probability > 1 - SURE else "not"


def _describe(
    rows: Sequence[dict[str, Any]], left_out: int, found: Found | None, language: str
) -> str:
    if found is None:
        return ""
    told = translate(
        "Barres des {groups}, du plus au moins émetteur, et part cumulée des émissions. Les "
        "premiers : {first}.",
        language,
        groups=found.groups,
        first=" ; ".join(
            f"{row['label']} ({fmt.format_percent(row['cumulated_share'], language=language)})"
            for row in rows[:3]
        ),
    )
    belongs = [belong_to_head(row) for row in rows]
    if None not in belongs:
        told += " " + translate(
            "Groupes dont l'appartenance à ceux-là est établie : {sure} ; ouverte : {unsure}.",
            language,
            sure=fmt.format_count(belongs.count("sure"), language=language),
            unsure=fmt.format_count(belongs.count("open"), language=language),
        )
    if not left_out:
        return told
    count = fmt.format_count(left_out, language=language)
    return f"{told} " + translate(
        "Sans émissions, ou négatives, hors du cumul : {count}.", language, count=count
    )


def _gather(rows: Sequence[dict[str, Any]], limit: int, language: str) -> list[dict[str, Any]]:
    """Return the rows to draw, those beyond the limit as one."""
    if len(rows) <= limit:
        return list(rows)
    others = rows[limit:]
    count = fmt.format_count(len(others), language=language)
    return [
        *rows[:limit],
        {
            "label": translate("Tous les autres ({count})", language, count=count),
            "emissions_tco2e": sum(row["emissions_tco2e"] for row in others),
            "cumulated_share": 1.0,
            "others": True,
        },
    ]


def _draw(
    rows: Sequence[dict[str, Any]],
    share: float,
    found: Found | None,
    *,
    language: str,
    demo: bool,
) -> str:
    height_in = 1.15 + 0.33 * max(len(rows), 2) if rows else EMPTY_HEIGHT_IN
    with draw_figure(height_in, demo=demo, language=language) as figure:
        if found is None:
            say_nothing_drawn(figure.add_subplot(), language)
            return render_svg(figure)
        left, right = figure.subplots(1, 2, sharey=True, width_ratios=[1.35, 1])
        _draw_bars(left, rows, found.count, language)
        _draw_shares(right, rows, share, language)
        left.set_ylim(max(len(rows), 2) - 0.4, -0.6)
        left.set_yticks(
            range(len(rows)),
            [wrap_label(row["label"], LABEL_CHARACTERS, 1) for row in rows],
            fontsize=9.5,
        )
        if any(belong_to_head(row) for row in rows):
            _draw_key(figure, share, language)
        if found.count < len(rows):
            for axes in (left, right):
                # Above this line stand the groups that make the share.
                axes.axhline(found.count - 0.5, color=COLOURS["fourth"], linewidth=1.2, zorder=1)
        return render_svg(figure)


def _draw_key(figure: Figure, share: float, language: str) -> None:
    """Say above the drawing what the three kinds of bar are."""
    from matplotlib.patches import Patch

    said = {"share": write_share(share, language)}
    hatched: dict[str, Any] = {**HATCHED, "facecolor": COLOURS["main"]}
    figure.legend(
        handles=[
            Patch(label=translate("fait partie des {share}", language, **said),
                  facecolor=COLOURS["main"]),
            Patch(label=translate("peut en faire partie", language), **hatched),
            Patch(label=translate("n'en fait pas partie", language), facecolor=COLOURS["second"]),
        ],
        loc="outside upper left", ncols=3, fontsize=9.5, handlelength=1.2, handleheight=1.0,
        columnspacing=1.6, borderaxespad=0.3,
    )  # fmt: skip


def _draw_bars(axes: Axes, rows: Sequence[dict[str, Any]], count: int, language: str) -> None:
    reach = 0.0
    for place, row in enumerate(rows):
        mass, end = float(row["emissions_tco2e"]), float(row["emissions_tco2e"])
        bounds = (row.get("low_tco2e"), row.get("high_tco2e"))
        belongs = belong_to_head(row) or ("sure" if place < count else "not")
        colour = COLOURS["second" if belongs == "not" else "main"]
        others = bool(row.get("others"))
        axes.barh(
            place, mass, height=0.62, color="white" if others else colour,
            edgecolor=COLOURS["soft"] if others else colour, zorder=2,
        )  # fmt: skip
        if belongs == "open":
            axes.barh(place, mass, height=0.62, zorder=3, **HATCHED)
        low, high = (None, None) if any(map(fmt.is_missing, bounds)) else bounds
        if low is not None and high is not None:
            axes.plot([low, high], [place, place], color=COLOURS["ink"], linewidth=1.5, zorder=4)
            end = max(mass, float(high))
        axes.annotate(
            fmt.format_number(mass, language=language, step=fmt.choose_step(mass, low, high)),
            (end, place), xytext=(4, 0), textcoords="offset points", va="center", fontsize=9,
        )  # fmt: skip
        reach = max(reach, end)
    axes.set_xlim(0, 1.24 * reach)
    hide_frame(axes, grid="x")
    axes.locator_params(axis="x", nbins=4)
    axes.xaxis.set_major_formatter(lambda x, _: write_tick(x, language))
    axes.set_xlabel(translate("Émissions (tCO2e)", language))


def _draw_shares(axes: Axes, rows: Sequence[dict[str, Any]], share: float, language: str) -> None:
    shares = [float(row["cumulated_share"]) for row in rows]
    places = range(len(rows))
    for place, row in enumerate(rows):
        bounds = (row.get("cumulated_low"), row.get("cumulated_high"))
        low, high = bounds
        if low is not None and high is not None and not any(map(fmt.is_missing, bounds)):
            axes.plot([low, high], [place, place], color=COLOURS["grey"], linewidth=4, zorder=2)
    axes.plot(shares, places, color=COLOURS["ink"], linewidth=1.2, zorder=3)
    axes.scatter(shares, places, s=20, color=COLOURS["ink"], zorder=4)
    for place, each in enumerate(shares):
        axes.text(
            FIGURES_AT,
            place,
            fmt.format_percent(each, language=language),
            ha="right",
            va="center",
            fontsize=9,
        )
    axes.axvline(share, color=COLOURS["fourth"], linewidth=1.2, linestyle=(0, (4, 3)), zorder=1)
    axes.set_xlim(0, FIGURES_AT)
    hide_frame(axes, grid="x")
    axes.tick_params(axis="y", labelleft=False)
    axes.set_xticks([0.0, share])
    axes.xaxis.set_major_formatter(lambda x, _: fmt.format_percent(x, language=language))
    axes.set_xlabel(translate("Part cumulée des émissions", language))
