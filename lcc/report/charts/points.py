"""Names beside points, each at the first place around its point that covers nothing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import product
from typing import TYPE_CHECKING, Any, Final

from lcc.report.charts.chart import COLOURS, write_tick
from lcc.report.charts.labels import overlaps_any, wrap_label

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.transforms import Bbox

__all__ = ["frame_log_axes", "name_line", "name_points"]

PLACES: Final = (
    (1.0, 0.0, "left"),
    (-1.0, 0.0, "right"),
    (0.7, 0.7, "left"),
    (-0.7, 0.7, "right"),
    (0.7, -0.7, "left"),
    (-0.7, -0.7, "right"),
    (0.0, 1.0, "center"),
    (0.0, -1.0, "center"),
)
"""Directions from a point in which its name may stand, and the side of the name that faces it."""

GAP_PT: Final = 3.0
WIDE: Final = 300.0
"""Ratio of the ends of an axis from which only powers of ten are marked."""

LINE_NAMED_PX: Final = 110.0
"""Length from which a line is named, in pixels."""

LINE_PULL_PX: Final = 12.0
"""How far within the axes the name of a line begins, in pixels."""

NARROW: Final = 20
"""Characters of a line where a name has two of them."""


def name_points(
    axes: Axes,
    names: Sequence[str],
    places: Sequence[tuple[float, float]],
    radii_pt: Sequence[float],
    *,
    fontsize: float = 9.0,
    avoid: Sequence[Bbox] = (),
) -> list[Bbox]:
    """Write the names of points where there is room, the first first; return all boxes taken.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Axes whose layout is settled.
    names : sequence of str
        Names of the first points; "" for one that is not to be named.
    places : sequence of (float, float)
        Points, in the unit of the axes.
    radii_pt : sequence of float
        Radius of the mark of each point, in points of 1/72 inch.
    fontsize : float
        Size of the names, in points.
    avoid : sequence of matplotlib.transforms.Bbox
        Boxes already taken, in pixels.
    """
    inside = axes.get_window_extent()
    scale = axes.figure.dpi / 72
    centres: Any = axes.transData.transform(list(places)) if len(places) else []
    discs = [(x, y, r * scale) for (x, y), r in zip(centres, radii_pt, strict=True)]
    taken = list(avoid)
    for name, place, radius in zip(names, places, radii_pt, strict=False):
        narrow = wrap_label(name, NARROW)
        told = [name, narrow] if "\n" in narrow else [name] * bool(name)
        for text_told, (across, up, side) in product(told, PLACES):
            reach = radius + GAP_PT
            text = axes.annotate(
                text_told,
                place,
                xytext=(across * reach, up * reach),
                textcoords="offset points",
                ha=side,
                va="center" if abs(up) < 1 else "bottom" if up > 0 else "top",
                linespacing=1.05,
                fontsize=fontsize,
                zorder=6,
            )
            box = text.get_window_extent()
            fits = inside.x0 <= box.x0 and box.x1 <= inside.x1
            fits = fits and inside.y0 <= box.y0 and box.y1 <= inside.y1
            if fits and not overlaps_any(box, taken) and not _covers_disc(box, discs):
                taken.append(box)
                break
            text.remove()
    return taken


def name_line(
    axes: Axes,
    name: str,
    ends: Sequence[tuple[float, float]],
    places: Sequence[tuple[float, float]],
    taken: list[Bbox],
) -> None:
    """Write what a slanted line is along it, at the first end that covers no point and no name.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Logarithmic axes whose layout is settled.
    name : str
        Text; it is left out where neither end has room.
    ends : sequence of (float, float)
        The two ends of the line within the axes, the one to try first being the first.
    places : sequence of (float, float)
        Points, in the unit of the axes.
    taken : list of matplotlib.transforms.Bbox
        Boxes of names, in pixels; that of the text is added.
    """
    points: Any = axes.transData.transform(list(places)) if len(places) else []
    for here, there in (ends, tuple(reversed(ends))):
        (x0, y0), (x1, y1) = axes.transData.transform([here, there])
        length = math.hypot(x1 - x0, y1 - y0)
        if length < LINE_NAMED_PX:
            return
        # A little inside the axes; the text runs from the left to the right, towards the middle.
        pull = LINE_PULL_PX / length
        inside = (x0 + pull * (x1 - x0), y0 + pull * (y1 - y0))
        x, y = axes.transData.inverted().transform(inside)
        angle = math.degrees(math.atan2(y1 - y0, x1 - x0))
        rightwards = x1 > x0
        text = axes.annotate(
            name,
            (float(x), float(y)),
            xytext=(0, 2),
            textcoords="offset points",
            rotation=angle if rightwards else angle + 180,
            rotation_mode="anchor",
            ha="left" if rightwards else "right",
            va="bottom",
            fontsize=8,
            color=COLOURS["soft"],
            zorder=1,
        )
        box = text.get_window_extent()
        if not overlaps_any(box, taken) and not any(box.contains(*each) for each in points):
            taken.append(box)
            return
        text.remove()


def frame_log_axes(axes: Axes, language: str) -> None:
    """Dress a plane of points on logarithmic axes: a grid and figures, no frame and no marks.

    Ticks stand at 1, 2 and 5 where an axis spans few powers of ten.
    """
    from matplotlib.ticker import LogLocator, NullLocator

    axes.tick_params(axis="both", which="both", length=0)
    axes.grid(which="major")
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(lambda value, _: write_tick(value, language))
        low, high = axis.get_view_interval()
        steps = (1.0, 2.0, 5.0) if high / low < WIDE else (1.0,)
        axis.set_major_locator(LogLocator(base=10, subs=steps, numticks=12))
        axis.set_minor_locator(NullLocator())


def _covers_disc(box: Bbox, discs: Sequence[tuple[float, float, float]]) -> bool:
    """Tell whether a box covers any part of a disc: its nearest point is within the radius."""
    return any(
        (min(max(x, box.x0), box.x1) - x) ** 2 + (min(max(y, box.y0), box.y1) - y) ** 2
        < (0.97 * radius) ** 2
        for x, y, radius in discs
    )
