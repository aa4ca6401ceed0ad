"""What a page shows of ranks: their probability, who leads, how reliable probabilities are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lcc.report import charts
from lcc.report.blocks import Block
from lcc.report.page.base import Sheet

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["RankBlocks"]


class RankBlocks(Sheet):
    """Blocks of ranks and probabilities."""

    def reliability(self, frame: pd.DataFrame, *, subject: str, name: str) -> Block:
        """Return how often what was forecast happened; see `draw_reliability`."""
        return charts.draw_reliability(frame, **self.settings(subject, name))
