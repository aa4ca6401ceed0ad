"""What a page shows of indicators."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lcc.report import charts
from lcc.report.blocks import Block
from lcc.report.page.base import Sheet

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["IndicatorBlocks"]


class IndicatorBlocks(Sheet):
    """Blocks of indicators."""

    def bounds(
        self,
        frame: pd.DataFrame,
        *,
        subject: str,
        name: str,
        unit: str = "share",
        readings_of: str = "",
    ) -> Block:
        """Return indicators with their bounds; see `lcc.report.charts.draw_bounds`."""
        return charts.draw_bounds(
            frame, unit=unit, readings_of=readings_of, **self.settings(subject, name)
        )
