"""Distribution of a difference in cost: how often each of two solutions is the cheaper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from lcc.report import format as fmt
from lcc.report.blocks import Table
from lcc.report.catalogue import translate
from lcc.report.charts.chart import (
    COLOURS,
    PALETTE,
    Chart,
    Context,
    draw_page,
    render_svg,
    shorten,
    write_share,
)
from lcc.report.charts.finding import is_same, quote, tell_nothing
from lcc.report.charts.labels import (
    EMPTY_HEIGHT_IN,
    Amounts,
    choose_amounts,
    clean_label,
    hide_frame,
    say_nothing_drawn,
    set_scale,
    spread_places,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Annotation

__all__ = ["draw_difference"]

FIRST_COLOUR: Final = PALETTE[0]
SECOND_COLOUR: Final = PALETTE[1]
QUANTILES: Final = (0.05, 0.25, 0.5, 0.75, 0.95)
MARKED: Final = (0.05, 0.5, 0.95)
CLASSES: Final = 50
TAIL: Final = 0.005
"""Share of draws at each end that may fall outside the frame, where they would stretch it."""

STRETCH: Final = 1.6
"""How many times wider than its middle a distribution is drawn whole."""

LABEL_CHARACTERS: Final = 30

UNDECIDED: Final = 0.6
"""Share of draws under which none of two is said to be the cheaper: little more than a toss."""


@dataclass(frozen=True)
class Shares:
    """Shares of the draws on each side of zero, and the quantiles."""

    first: float
    second: float
    equal: float
    quantiles_eur: dict[float, float]
    draws: int


def draw_difference(
    table: pd.DataFrame,
    *,
    labels: tuple[str, str],
    subject: str,
    language: str = "fr",
    context: Context = Context(),
    demo: bool = False,
    name: str = "difference",
) -> Chart:
    """Return the distribution of the cost of one solution minus that of another.

    Left of zero the first is the cheaper, right of it the second; the share of draws on each side
    is written there. Below, the central 90 % and the median. The data beside are quantiles.

    Parameters
    ----------
    table : pandas.DataFrame
        One row per draw: `difference`, the cost of the first minus that of the second, euros.
        Missing draws are left out and counted in no share.
    labels : (str, str)
        Names of the first and of the second.
    subject, context, language, demo, name
        As in `draw_ranking`.
    """
    import numpy as np
    import pandas as pd

    # A table of no row may have lost its column.
    draws = table if len(table) else table.reindex(columns=["difference"])
    values = draws["difference"].dropna().to_numpy(dtype=float)
    values = values[np.isfinite(values)]
    first, second = (clean_label(each) for each in labels)
    shares = _count_shares(values)
    frame = pd.DataFrame(
        {
            "quantile": list(shares.quantiles_eur),
            "difference": list(shares.quantiles_eur.values()),
        }
    )
    amounts = choose_amounts(
        [shares.quantiles_eur[each] for each in MARKED] if shares.draws else [0.0],
        language=language,
    )
    words = _tell_shares(shares, first, second, language)
    data = Table(
        frame, ["quantile", "difference"], subject, note=words, language=language, name=name
    )
    finding = _find(shares, first, second, amounts)
    unit = translate("euros", language)
    return Chart.told(
        title=finding,
        subject=subject,
        unit=unit,
        drawn=_alternative(shares, first, second, amounts),
        svg=_draw(values, shares, first, second, amounts, demo=demo),
        data=data,
        context=context,
        language=language,
        name=name,
    )


def _count_shares(values: Any) -> Shares:
    import numpy as np

    count = len(values)
    if not count:
        return Shares(0.0, 0.0, 0.0, {}, 0)
    first, second = int((values < 0).sum()), int((values > 0).sum())
    levels = np.quantile(values, QUANTILES)
    return Shares(
        first=first / count,
        second=second / count,
        equal=(count - first - second) / count,
        quantiles_eur={share: float(each) for share, each in zip(QUANTILES, levels, strict=True)},
        draws=count,
    )


def _list_sides(shares: Shares, first: str, second: str) -> list[tuple[str, float]]:
    """Return each with its share of the draws, the larger first."""
    return sorted(((first, shares.first), (second, shares.second)), key=lambda each: -each[1])


def _tell_shares(
    shares: Shares, first: str, second: str, language: str, *, others: bool = False
) -> str:
    """Return the share of each; `others` leaves out the larger, which the finding says."""
    if not shares.draws:
        return ""
    said = [
        translate(
            "« {label} » est moins chère dans {share} des tirages.",
            language,
            label=label,
            share=fmt.format_percent(share, language=language),
        )
        for label, share in _list_sides(shares, first, second)[1 if others else 0 :]
    ]
    if shares.equal:
        said.append(
            translate(
                "Les coûts sont égaux dans {share} des tirages.",
                language,
                share=fmt.format_percent(shares.equal, language=language),
            )
        )
    return " ".join(said)


def _find(shares: Shares, first: str, second: str, amounts: Amounts) -> str:
    """Return how often the one that is more often the cheaper is, and by how much."""
    language = amounts.language
    if not shares.draws:
        return tell_nothing(language)
    names = (quote(first, language), quote(second, language))
    if is_same(shares.equal, 1.0):
        return translate(
            "{first} et {second} coûtent autant dans tous les tirages",
            language,
            first=names[0],
            second=names[1],
        )
    if shares.first < shares.second:
        names = (names[1], names[0])
    most = max(shares.first, shares.second)
    said = {
        "name": names[0],
        "other": names[1],
        "share": write_share(most, language),
        "gap": amounts.write(abs(shares.quantiles_eur[0.5])),
    }
    if most < UNDECIDED:
        return translate(
            "Rien ne départage {name} et {other} : la première est la moins chère dans {share} des "
            "tirages",
            language,
            **said,
        )
    return translate(
        "{name} est moins chère que {other} dans {share} des tirages, de {gap} en médiane",
        language,
        **said,
    )


def _alternative(shares: Shares, first: str, second: str, amounts: Amounts) -> str:
    language = amounts.language
    if not shares.draws:
        return ""
    return translate(
        "Distribution, sur {draws} tirages, du coût de « {first} » moins celui de « {second} ». "
        "{words} Médiane {median} ; neuf tirages sur dix entre {low} et {high}.",
        language,
        draws=fmt.format_count(shares.draws, language=language),
        first=first,
        second=second,
        words=_tell_shares(shares, first, second, language, others=True),
        median=amounts.write(shares.quantiles_eur[0.5], signed=True),
        low=amounts.write(shares.quantiles_eur[0.05], signed=True),
        high=amounts.write(shares.quantiles_eur[0.95], signed=True),
    )


def _draw(
    values: Any, shares: Shares, first: str, second: str, amounts: Amounts, *, demo: bool
) -> str:
    language = amounts.language
    height_in = 4.0 if shares.draws else EMPTY_HEIGHT_IN
    with draw_page(height_in, demo=demo, language=language) as (figure, axes):
        if not shares.draws:
            say_nothing_drawn(axes, language)
            return render_svg(figure)
        edges = _choose_edges(values)
        tallest = _draw_classes(axes, values, edges)
        axes.set_ylim(-0.30 * tallest, 1.06 * tallest)
        low, high = edges[0], edges[-1]
        axes.set_xlim(low - 0.02 * (high - low), high + 0.02 * (high - low))
        hide_frame(axes, grid="x")
        axes.set_yticks([])
        set_scale(axes.xaxis, amounts)
        axes.axhline(0, color=COLOURS["grey"], linewidth=1, zorder=3)
        if low <= 0 <= high:
            axes.plot([0, 0], [0, 1.06 * tallest], color=COLOURS["ink"], linewidth=1.3, zorder=4)
        _write_sides(axes, shares, first, second, language)
        axes.set_xlabel(_name_axis(values, edges, first, second, amounts))
        texts = _draw_quantiles(axes, shares, tallest, amounts)
        _spread_texts(figure, axes, texts)
        return render_svg(figure)


def _name_axis(
    values: Any, edges: Sequence[float], first: str, second: str, amounts: Amounts
) -> str:
    language = amounts.language
    name = translate(
        "Coût de « {first} » moins coût de « {second} » ({unit}), {draws} tirages",
        language,
        first=shorten(first, LABEL_CHARACTERS),
        second=shorten(second, LABEL_CHARACTERS),
        unit=amounts.name,
        draws=fmt.format_count(len(values), language=language),
    )
    outside = float(((values < edges[0]) | (values > edges[-1])).mean())
    if not outside:
        return name
    said = translate(
        "{share} des tirages sont hors du cadre",
        language,
        share=fmt.format_percent(outside, language=language, decimals=1),
    )
    return f"{name}\n{said}"


def _choose_edges(values: Any) -> list[float]:
    """Return the limits of the classes: equal widths, zero being a limit and no class's inside."""
    import numpy as np

    low, high = float(values.min()), float(values.max())
    inner_low, inner_high = (float(each) for each in np.quantile(values, (TAIL, 1 - TAIL)))
    if high - low > STRETCH * (inner_high - inner_low) > 0:
        low, high = inner_low, inner_high
    spread = (high - low) or abs(high) or 1.0
    # Zero is the line that counts: it is shown unless the distribution would shrink to a spike.
    if low > 0 and low < 2 * spread:
        low = 0.0
    elif high < 0 and -high < 2 * spread:
        high = 0.0
    width = ((high - low) or spread) / CLASSES
    start, stop = np.floor(low / width + 1e-9), np.ceil(high / width - 1e-9)
    if stop - start < CLASSES / 2:
        # A single value, or nearly: it stands in the middle of a frame of the usual width.
        middle = round((start + stop) / 2)
        start, stop = middle - CLASSES // 2, middle + CLASSES // 2
    return [float(each) * width for each in np.arange(start, stop + 1)]


def _draw_classes(axes: Axes, values: Any, edges: Sequence[float]) -> float:
    """Draw the classes, each in the colour of its side, and return the height of the tallest."""
    import numpy as np

    width = edges[1] - edges[0]
    counts, _ = np.histogram(values[values != 0], bins=np.asarray(edges))
    heights = [float(each) / len(values) for each in counts]
    middles = [edge + width / 2 for edge in edges[:-1]]
    colours = [FIRST_COLOUR if middle < 0 else SECOND_COLOUR for middle in middles]
    equal = float((values == 0).mean())
    if equal:
        # Equal costs are on no side: their own class stands astride the line.
        heights, middles, colours = [*heights, equal], [*middles, 0.0], [*colours, COLOURS["grey"]]
    axes.bar(
        middles, heights, width=width, color=colours, edgecolor="white", linewidth=0.5, zorder=2
    )
    return max(heights) or 1.0


def _draw_quantiles(
    axes: Axes, shares: Shares, tallest: float, amounts: Amounts
) -> list[Annotation]:
    """Draw below the axis the central 90 % as a line and the median as a dot, and name them."""
    level, cap = -0.09 * tallest, 0.025 * tallest
    low, median, high = (shares.quantiles_eur[each] for each in MARKED)
    ink: dict[str, Any] = {"color": COLOURS["ink"], "linewidth": 2.2, "zorder": 4}
    axes.plot([low, high], [level, level], **ink)
    for each in (low, high):
        axes.plot([each, each], [level - cap, level + cap], **ink)
    axes.plot([median], [level], "o", color=COLOURS["ink"], markersize=7, zorder=5)
    return [
        axes.annotate(
            f"{amounts.write(value, signed=True)}\n"
            f"{fmt.format_percent(share, language=amounts.language)}",
            (value, level),
            xytext=(0, -8),
            textcoords="offset points",
            ha="center",
            va="top",
            fontsize=8.5,
            linespacing=1.2,
            zorder=5,
        )
        for share, value in zip(MARKED, (low, median, high), strict=True)
    ]


def _spread_texts(figure: Figure, axes: Axes, texts: Sequence[Annotation]) -> None:
    """Move the names of close quantiles apart."""
    figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in texts]
    page = axes.get_window_extent()
    widest = max(box.width for box in boxes)
    wanted = [(box.x0 + box.x1) / 2 for box in boxes]
    places = spread_places(wanted, widest + 6, page.x0 + widest / 2, page.x1 - widest / 2)
    for text, place, start in zip(texts, places, wanted, strict=True):
        text.set_position(((place - start) * 72 / figure.dpi, -8))


def _write_sides(axes: Axes, shares: Shares, first: str, second: str, language: str) -> None:
    """Write above the drawing, on its own side, how often each solution is the cheaper."""
    for x, side, label, share, colour in (
        (0.0, "left", first, shares.first, FIRST_COLOUR),
        (1.0, "right", second, shares.second, SECOND_COLOUR),
    ):
        away = {"left": 1, "right": -1}[side]
        cheaper = translate(
            "« {label} » moins chère", language, label=shorten(label, LABEL_CHARACTERS)
        )
        for text, up, style in (
            (fmt.format_percent(share, language=language), 24, {"fontsize": 16, "weight": "bold"}),
            (cheaper, 9, {"fontsize": 9.5}),
        ):
            axes.annotate(
                text,
                (x, 1.0),
                xycoords="axes fraction",
                xytext=(away * 12, up),
                textcoords="offset points",
                ha=side,
                annotation_clip=False,
                **style,
            )
        # A bar of the side's colour ties the words to the drawing.
        axes.annotate(
            "",
            (x + away * 0.004, 1.0),
            xycoords="axes fraction",
            xytext=(0, 37),
            textcoords="offset points",
            arrowprops={
                "arrowstyle": "-",
                "color": colour,
                "linewidth": 5,
                "shrinkA": 0,
                "shrinkB": 6,
            },
            annotation_clip=False,
        )
    if shares.equal:
        for text, up, size in (
            (fmt.format_percent(shares.equal, language=language), 24, 16.0),
            (translate("coûts égaux", language), 9, 9.5),
        ):
            axes.annotate(
                text,
                (0.5, 1.0),
                xycoords="axes fraction",
                xytext=(0, up),
                textcoords="offset points",
                ha="center",
                annotation_clip=False,
                fontsize=size,
            )
