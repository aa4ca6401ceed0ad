"""What a page shows of carbon clauses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lcc.report import charts
from lcc.report.blocks import Block
from lcc.report.codes import CODES
from lcc.report.page.base import Sheet

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ClauseBlocks"]


class ClauseBlocks(Sheet):
    """Blocks of carbon clauses."""

    def status(self, code: str) -> str:
        """Return where the follow-up of a clause stands, in words, to follow a colon."""
        return self.say(CODES[f"clause-{code}"]).lower()

    def commitment(self, frame: pd.DataFrame, *, unit: str, subject: str, name: str) -> Block:
        """Return what a clause promised and measured; see `lcc.report.charts.draw_commitment`."""
        return charts.draw_commitment(frame, unit=unit, **self.settings(subject, name))

    def forest(self, frame: pd.DataFrame, *, subject: str, name: str) -> Block:
        """Return effects with their intervals; see `lcc.report.charts.draw_forest`."""
        return charts.draw_forest(frame, **self.settings(subject, name))

    def balance(self, frame: pd.DataFrame, *, limit: float, subject: str, name: str) -> Block:
        """Return how alike two groups are; see `lcc.report.charts.draw_balance`."""
        return charts.draw_balance(frame, limit=limit, **self.settings(subject, name))

    def power(
        self,
        frame: pd.DataFrame,
        *,
        present: int,
        subject: str,
        name: str,
        seen: float | None = None,
    ) -> Block:
        """Return what a sample can see; see `lcc.report.charts.draw_power`."""
        return charts.draw_power(frame, present=present, seen=seen, **self.settings(subject, name))
