"""Names beside points, each at the first place around its point that covers nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from lcc.report.charts.labels import overlaps_any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["name_points"]

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

GAP_PT: Final = 4.0
HALF_LINE_PT: Final = 5.0


def name_points(
    axes: Axes,
    names: Sequence[str],
    places: Sequence[tuple[float, float]],
    radii_pt: Sequence[float],
    *,
    fontsize: float = 9.0,
) -> list[bool]:
    """Write the names of points where there is room, the first first; tell which were written.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Axes whose layout is settled.
    names : sequence of str
        Names, at most one per point; "" for a point that is not to be named.
    places : sequence of (float, float)
        Points, in the unit of the axes.
    radii_pt : sequence of float
        Radius of the mark of each point, in points of 1/72 inch.
    fontsize : float
        Size of the names, in points.
    """
    from matplotlib.transforms import Bbox

    inside = axes.get_window_extent()
    scale = axes.figure.dpi / 72
    centres = axes.transData.transform(list(places)) if len(places) else []
    marks = [
        Bbox.from_extents(
            # A square within a disc leaves its corners free, where names may come close.
            x - 0.8 * radius * scale,
            y - 0.8 * radius * scale,
            x + 0.8 * radius * scale,
            y + 0.8 * radius * scale,
        )
        for (x, y), radius in zip(centres, radii_pt, strict=True)
    ]
    taken: list[Any] = []
    written = []
    for name, place, radius in zip(names, places, radii_pt, strict=False):
        written.append(False)
        for across, up, side in PLACES if name else ():
            reach = radius + GAP_PT
            text = axes.annotate(
                name,
                place,
                xytext=(across * reach, up * (reach + (HALF_LINE_PT if not across else 0))),
                textcoords="offset points",
                ha=side,
                va="center",
                fontsize=fontsize,
                zorder=6,
            )
            box = text.get_window_extent()
            fits = inside.x0 <= box.x0 and box.x1 <= inside.x1
            fits = fits and inside.y0 <= box.y0 and box.y1 <= inside.y1
            if fits and not overlaps_any(box, [*taken, *marks]):
                taken.append(box)
                written[-1] = True
                break
            text.remove()
    return written
