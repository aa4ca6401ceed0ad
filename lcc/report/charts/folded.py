"""A chart with further tables below it, each behind a disclosure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from lcc.report.blocks import Table
from lcc.report.charts.chart import Chart

__all__ = ["FoldedChart"]


@dataclass(frozen=True)
class FoldedChart(Chart):
    """A chart below which further tables unfold.

    Parameters
    ----------
    folded : sequence of (str, Table)
        What each table is called, and the table; one without rows is left out.
    parts : bool
        True where these tables are parts of the chart's own data: its CSV holds them too.
    """

    folded: Sequence[tuple[str, Table]] = ()
    parts: bool = False

    def html(self) -> str:
        """Return the figure, then one element that unfolds per table."""
        kind = ' class="part"' if self.parts else ""
        parts = [
            f"<details{kind}><summary>{escape(heading)}</summary>{table.html()}</details>"
            for heading, table in self.folded
            if len(table.frame)
        ]
        return super().html() + "".join(parts)
