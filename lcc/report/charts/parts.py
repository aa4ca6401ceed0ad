"""Bars made of parts: stacked on each side of zero, with the net total marked and written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from lcc.report import format as fmt
from lcc.report.charts.chart import COLOURS
from lcc.report.charts.labels import TOTAL_MARK, fits_inside, hide_frame, ink_on, wrap_label

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Annotation, Text

__all__ = ["Bars", "has_both_signs", "settle_bars"]

BAR_HEIGHT: Final = 0.62
TOTAL_GAP_PT: Final = 7.0
PADDING_PX: Final = 3.0


@dataclass
class Bars:
    """Stacked bars of one panel, one a row.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
    labels : sequence of str
        Name of each bar.
    colours : sequence of str
        Colour of each part.
    rows : sequence of sequence of float or None
        Parts of each bar, in the order of `colours`; None and NaN are not drawn.
    totals : sequence of (float or None, str)
        Net total of each bar, and how it is written at its end.
    write : callable
        Writes a part inside it, where it is wide enough.
    label_characters : int
        Longest line of a name; a name has two lines at most.
    """

    axes: Axes
    labels: Sequence[str]
    colours: Sequence[str]
    rows: Sequence[Sequence[float | None]]
    totals: Sequence[tuple[float | None, str]]
    write: Callable[[float], str]
    label_characters: int = 24
    _parts: list[tuple[Text, float, float]] = field(default_factory=list)
    _totals: list[tuple[Annotation, float]] = field(default_factory=list)
    _marks: list[tuple[float, int]] = field(default_factory=list)
    _low: float = 0.0

    def draw(self) -> None:
        """Draw the bars and their names; `settle_bars` then makes the texts fit."""
        for place, row in enumerate(self.rows):
            right = self._draw_bar(place, row)
            total, text = self.totals[place]
            if total is not None:
                self._mark_total(place, total)
            self._totals.append(
                (
                    self.axes.annotate(
                        text,
                        (right, place),
                        xytext=(TOTAL_GAP_PT, 0),
                        textcoords="offset points",
                        va="center",
                        fontsize=9.5,
                        fontweight="bold",
                    ),
                    right,
                )
            )
        hide_frame(self.axes, grid="x")
        if self._low < 0:
            self.axes.axvline(0, color=COLOURS["ink"], linewidth=1.0, zorder=4)
        names = [wrap_label(label, self.label_characters) for label in self.labels]
        self.axes.set_yticks(range(len(names)), names, linespacing=1.15)
        # A lone bar is no thicker than one of two.
        spare = 0.2 if len(names) == 1 else 0.0
        self.axes.set_ylim(len(names) - 0.45 + spare, -0.55 - spare)
        furthest = max((right for _, right in self._totals), default=0.0)
        self.axes.set_xlim(self._low * 1.04, furthest or (0.0 if self._low else 1.0))

    def _draw_bar(self, place: int, row: Sequence[float | None]) -> float:
        """Draw the parts of a bar, and return where it ends on the right."""
        left = right = 0.0
        for value, colour in zip(row, self.colours, strict=True):
            if value is None or fmt.is_missing(value) or not value:
                continue
            start = right if value > 0 else left
            self.axes.barh(
                place,
                value,
                left=start,
                height=BAR_HEIGHT,
                color=colour,
                edgecolor="white",
                linewidth=0.9,
                zorder=2,
            )
            middle = start + value / 2
            text = self.axes.text(
                middle,
                place,
                self.write(value),
                ha="center",
                va="center",
                fontsize=8.5,
                color=ink_on(colour),
                zorder=3,
            )
            self._parts.append((text, min(start, start + value), max(start, start + value)))
            left, right = min(left, start + value), max(right, start + value)
        self._low = min(self._low, left)
        return right

    def _mark_total(self, place: int, total: float) -> None:
        # Where nothing comes back the bar ends at its total: a mark would say nothing more.
        if has_both_signs(self.rows[place]):
            self.axes.plot([total], [place], clip_on=False, zorder=6, **TOTAL_MARK)
            self._marks.append((total, place))

    def make_room(self) -> None:
        """Lengthen the axis until every total is inside; the layout must be settled."""
        low, _ = self.axes.get_xlim()
        width = self.axes.get_window_extent().width
        gap = TOTAL_GAP_PT * self.axes.figure.dpi / 72 + PADDING_PX
        high = low
        for text, right in self._totals:
            free = max(width - text.get_window_extent().width - gap, 0.25 * width)
            high = max(high, low + (right - low) * width / free)
        if high > low:
            self.axes.set_xlim(low, high)

    def prune(self) -> None:
        """Remove the texts wider than their part, and those that the mark of a total covers."""
        marks: Any = self.axes.transData.transform(self._marks) if self._marks else []
        kept = []
        for text, start, end in self._parts:
            (left, _), (right, _) = self.axes.transData.transform([(start, 0), (end, 0)])
            box = text.get_window_extent().expanded(1.6, 1.0)
            covered = any(box.contains(x, y) for x, y in marks)
            if covered or not fits_inside(text, left, right, PADDING_PX):
                text.remove()
            else:
                kept.append((text, start, end))
        self._parts = kept

    def name_parts(self, names: Sequence[str]) -> bool:
        """Write the name of each part above it, over the first bar; False where one lacks room.

        Parameters
        ----------
        names : sequence of str
            One per colour. The layout must be settled.
        """
        texts = []
        start = 0.0
        for name, value in zip(names, self.rows[0], strict=True):
            if value is None or value <= 0:
                break
            (left, _), (right, _) = self.axes.transData.transform([(start, 0), (start + value, 0)])
            text = self.axes.annotate(
                name,
                (start + value / 2, -BAR_HEIGHT / 2),
                xytext=(0, 4),
                textcoords="offset points",
                ha="center",
                va="bottom",
                fontsize=9.5,
                color=COLOURS["soft"],
            )
            texts.append(text)
            start += value
            if not fits_inside(text, left, right, 0.0):
                break
        else:
            return True
        for each in texts:
            each.remove()
        return False


def has_both_signs(row: Sequence[float | None]) -> bool:
    """Tell whether a bar has a part left of zero, so that it does not end at its total."""
    return any(value is not None and value < 0 for value in row)


def settle_bars(figure: Figure, panels: Sequence[Bars]) -> None:
    """Settle the layout of a figure, then make the texts of its panels fit."""
    figure.draw_without_rendering()
    for each in panels:
        each.make_room()
    figure.draw_without_rendering()
    for each in panels:
        each.prune()
