"""Labels of charts: cleaned, wrapped, spread so that none covers another, readable on a colour."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, Literal

from lcc.report import format as fmt
from lcc.report.catalogue import translate, typeset
from lcc.report.charts.chart import COLOURS, WIDTH_IN, write_tick

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure
    from matplotlib.text import Annotation, Text
    from matplotlib.transforms import Bbox

__all__ = [
    "EMPTY_HEIGHT_IN",
    "TOTAL_MARK",
    "Amounts",
    "choose_amounts",
    "clean_label",
    "draw_legend",
    "fits_inside",
    "hide_frame",
    "ink_on",
    "make_room",
    "overlaps_any",
    "say_nothing_drawn",
    "set_scale",
    "spread_places",
    "with_label",
    "wrap_label",
]

EMPTY_HEIGHT_IN: Final = 1.4
"""Height of a drawing that has nothing to draw, in inches."""

BREAKING: Final = re.compile(r"[ \t\r\n\f\v\x85\u2028\u2029]+")
UNBROKEN: Final = "\u00a0\u202f"
"""Spaces that break a line, and those that do not, which French figures hold."""

NOTHING: Final = 1e-3
"""Share of the step under which an amount is what rounding left of zero."""

CUT: Final = re.compile("[ ,;:\u00a0\u202f]+…$")
"""What a cut label leaves before its ellipsis."""

MARGINS_PX: Final = 24.0
"""What the layout leaves free around the axes and between them and their names, in pixels."""

LEGEND_CHARACTER_IN: Final = 0.083
LEGEND_HANDLE_IN: Final = 0.5
"""Width of a character and of a patch with its spaces, in a legend, in inches."""


TOTAL_MARK: Final[Any] = {
    "marker": "D",
    "markersize": 7,
    "color": COLOURS["ink"],
    "markeredgecolor": "white",
    "markeredgewidth": 1.3,
    "linestyle": "none",
}
"""The diamond that marks a net total."""


@dataclass(frozen=True)
class Amounts:
    """How the amounts of one chart are written: in one unit, each with the digits of tables.

    Parameters
    ----------
    unit : str
        `€`, `k€`, `M€`, `Md€`, or another unit, named as it is.
    step : Decimal
        Power of ten of the unit to round to; small amounts keep three digits of their own.
    language : {"fr", "en"}
    """

    unit: str
    step: Decimal
    language: str

    @property
    def divisor(self) -> float:
        """Return how many euros make one unit; 1 for a unit that is not of euros."""
        return fmt.EURO_DIVISORS.get(self.unit, 1.0)

    def _step(self, scaled: float) -> Decimal:
        """Return the step of one amount; what is next to nothing beside the largest is nothing.

        Tonnes keep three digits, as in tables. Euros side by side keep one step, but where it would
        leave one digit of a small amount.
        """
        told = self.unit in fmt.EURO_DIVISORS and abs(scaled) >= 10 * float(self.step)
        if told or abs(scaled) < float(self.step) * NOTHING:
            return self.step
        return min(self.step, fmt.choose_step(scaled))

    @property
    def name(self) -> str:
        """Return the unit as an axis names it."""
        if self.unit in fmt.EURO_DIVISORS:
            return fmt.name_euros(self.unit, language=self.language)
        return self.unit

    def write(self, value: float | None, *, signed: bool = False) -> str:
        """Return an amount with its unit; `signed` writes a plus before a gain."""
        if value is None or fmt.is_missing(value):
            return fmt.missing_text(self.language)
        step = self._step(value / self.divisor)
        if self.unit in fmt.EURO_DIVISORS:
            text = fmt.format_euros(value, language=self.language, unit=self.unit, step=step)
        else:
            number = fmt.format_number(value, language=self.language, step=step)
            text = f"{number}{fmt.NO_BREAK}{self.unit}".strip()
        rises = signed and not text.startswith("-") and value > 0
        return f"+{text}" if rises else text

    def write_bare(self, value: float) -> str:
        """Return an amount without its unit, for where the axis names it."""
        scaled = value / self.divisor
        return fmt.format_number(scaled, language=self.language, step=self._step(scaled))


def choose_amounts(
    values: Sequence[float | None], *, language: str, unit: str = "€", apart: bool = True
) -> Amounts:
    """Return how to write amounts side by side.

    Parameters
    ----------
    values : sequence of float or None
        Amounts, in euros, or in `unit` where it is another.
    language : {"fr", "en"}
    unit : str
        `€` to choose among €, k€, M€ and Md€; any other unit is kept.
    apart : bool
        True to keep as many digits as tell two different amounts apart, five at most.
    """
    kept = [float(each) for each in values if each is not None and not fmt.is_missing(each)]
    largest = max(kept, key=abs, default=0.0)
    if unit in fmt.EURO_DIVISORS:
        return Amounts(*fmt.choose_euros(kept if apart else [largest]), language)
    step = fmt.choose_apart(kept) if apart else fmt.choose_step(largest)
    return Amounts(unit, step, language)


def with_label(table: pd.DataFrame, language: str, *needed: str) -> pd.DataFrame:
    """Return a table with one column `label`, in the language, that tells its groups apart.

    A label that two groups share is followed by the group, so that they are not added together.

    Parameters
    ----------
    table : pandas.DataFrame
        Column `label`, or `label_fr` and `label_en`; `group` where two labels may be the same.
    language : {"fr", "en"}
    *needed : str
        Columns that a table without rows is given, as it may have lost them all.
    """
    if not len(table):
        return table.reindex(columns=[*dict.fromkeys([*table.columns, "label", *needed])])
    own = "label" if "label" in table else f"label_{language}"
    labels = table[own] if own in table else table["label_fr"]
    table = table.assign(label=[str(each) for each in labels])
    if "group" not in table:
        return table
    groups = table.groupby("label")["group"].nunique()
    shared = set(groups[groups > 1].index)
    return table.assign(
        label=[
            f"{label} ({group})" if label in shared else label
            for label, group in zip(table["label"], table["group"], strict=True)
        ]
    )


def clean_label(text: object) -> str:
    """Return a label on one line, without the signs that no drawing may hold."""
    line = BREAKING.sub(" ", str(text)).strip(" ")
    return "".join(each for each in line if each.isprintable() or each in UNBROKEN)


def wrap_label(text: object, characters: int, lines: int = 2) -> str:
    """Return a label on at most `lines` lines, cut with an ellipsis where it is longer."""
    wrapped = textwrap.wrap(
        typeset(clean_label(text)),
        characters,
        max_lines=lines,
        placeholder="…",
        break_on_hyphens=False,
    )
    return CUT.sub("…", "\n".join(wrapped))


def spread_places(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Return places at least `gap` apart, between `low` and `high`, nearest to those wanted.

    The sum of squared moves is the least: by the shift q_i = p_i − i · gap the problem is an
    isotonic regression with bounds. Where the range is too short, the gap shrinks.

    Parameters
    ----------
    wanted : sequence of float
        Places, in any order and unit.
    gap : float
        Least distance between two neighbours, in the same unit.
    low, high : float
        Bounds.

    References
    ----------
    M. J. Best, N. Chakravarti, *Active set algorithms for isotonic regression; a unifying
    framework*, Mathematical Programming 47, 1990: pool adjacent violators; bounds by clipping.
    """
    count = len(wanted)
    if not count:
        return []
    gap = min(gap, (high - low) / max(1, count - 1))
    order = sorted(range(count), key=lambda rank: wanted[rank])
    pools: list[list[float]] = []
    for place, rank in enumerate(order):
        pools.append([wanted[rank] - place * gap, 1.0])
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            mean, size = pools.pop()
            before, weight = pools[-1]
            pools[-1] = [(before * weight + mean * size) / (weight + size), weight + size]
    shifted = [mean for mean, size in pools for _ in range(int(size))]
    top = high - (count - 1) * gap
    places = [0.0] * count
    for place, rank in enumerate(order):
        places[rank] = min(max(shifted[place], low), max(low, top)) + place * gap
    return places


def ink_on(colour: str) -> str:
    """Return white or ink, whichever contrasts more on a colour (WCAG 2.1, contrast ratio)."""

    def luminance(code: str) -> float:
        parts = [int(code[start : start + 2], 16) / 255 for start in (1, 3, 5)]
        red, green, blue = (
            part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    light, ink = luminance(colour) + 0.05, luminance(COLOURS["ink"]) + 0.05
    return "white" if 1.05 / light > light / ink else COLOURS["ink"]


def fits_inside(text: Text | Annotation, left: float, right: float, padding: float = 3.0) -> bool:
    """Tell whether a text lies between two places of the page, in pixels."""
    box = text.get_window_extent()
    return bool(box.x0 >= left + padding and box.x1 <= right - padding)


def overlaps_any(box: Bbox, others: Sequence[Bbox]) -> bool:
    """Tell whether a box covers any other."""
    return any(box.overlaps(other) for other in others)


def draw_legend(
    figure: Figure, entries: Sequence[tuple[str, str]], *, total: str | None = None
) -> None:
    """Write names with their colour above the drawing, in as many columns as fit.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    entries : sequence of (str, str)
        Name and colour.
    total : str, optional
        What the diamond on each bar is.
    """
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    names = [clean_label(name) for name, _ in entries]
    handles: list[Patch | Line2D] = [
        Patch(facecolor=colour, label=name)
        for name, (_, colour) in zip(names, entries, strict=True)
    ]
    if total is not None:
        names.append(total)
        handles.append(Line2D([], [], label=total, **TOTAL_MARK))
    if not names:
        return
    figure.legend(
        handles=handles,
        loc="outside upper left",
        ncols=_count_columns([len(name) for name in names]),
        fontsize=9.5,
        handlelength=1.0,
        handleheight=1.0,
        columnspacing=1.6,
        borderaxespad=0.3,
    )


def _count_columns(lengths: Sequence[int]) -> int:
    """Return how many columns fit the page, names going down each column in turn."""
    count = len(lengths)
    for columns in range(count, 1, -1):
        # As the library deals them out: the first columns take one more where it does not divide.
        size, more = divmod(count, columns)
        starts = [rank * size + min(rank, more) for rank in range(columns + 1)]
        widths = [
            max(lengths[start:stop]) * LEGEND_CHARACTER_IN + LEGEND_HANDLE_IN
            for start, stop in pairwise(starts)
        ]
        if sum(widths) <= WIDTH_IN:
            return columns
    return 1


def hide_frame(axes: Axes, *, grid: Literal["x", "y"]) -> None:
    """Leave of the frame only the lines of the grid along one axis."""
    axes.tick_params(axis="both", which="both", length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.grid(axis=grid)


def set_scale(axis: Axis, amounts: Amounts, *, ticks: int = 6) -> None:
    """Write the ticks of an axis in the unit of its amounts."""
    from matplotlib.ticker import MaxNLocator

    divisor, language = amounts.divisor, amounts.language
    # Units are powers of ten of one another: ticks round in euros are round in the unit shown.
    axis.set_major_locator(MaxNLocator(nbins=ticks, steps=[1, 2, 2.5, 5, 10]))
    axis.set_major_formatter(lambda value, _: write_tick(value / divisor, language))


def make_room(figure: Figure, axes: Axes, texts: Sequence[Annotation]) -> None:
    """Lengthen an axis to the right until the figures written beside its bars are inside.

    The width of the axes is that of the page without the names on its left: the layout, which
    takes most of the time of a drawing, is not needed for that.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    axes : matplotlib.axes.Axes
        The only axes of the figure, whose ticks and limits are set.
    texts : sequence of matplotlib.text.Annotation
        Figures that start on the right of a place.
    """
    names = [each.get_window_extent().width for each in axes.get_yticklabels()]
    width = figure.bbox.width - max(names, default=0.0) - MARGINS_PX
    low, high = axes.get_xlim()
    for each in texts:
        gap = each.xyann[0] * figure.dpi / 72 + 2
        free = max(width - each.get_window_extent().width - gap, width / 4)
        high = max(high, low + (each.xy[0] - low) * width / free)
    axes.set_xlim(low, high)


def say_nothing_drawn(axes: Axes, language: str) -> None:
    """Write in the place of a drawing that there is nothing to draw."""
    axes.set_axis_off()
    axes.text(
        0.5,
        0.5,
        translate("Rien à dessiner : le tableau est vide.", language),
        ha="center",
        va="center",
        transform=axes.transAxes,
        color=COLOURS["soft"],
    )
