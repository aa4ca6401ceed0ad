"""What a page shows of the climate budget; `lcc.report.page.Page` is made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lcc.report import charts

if TYPE_CHECKING:
    import pandas as pd

    from lcc.report.blocks import Block

__all__ = ["PlanBlocks"]


class PlanBlocks:
    """Charts of an action plan."""

    def _settings(self, title: str, name: str) -> dict[str, Any]:
        raise NotImplementedError

    def frontier(self, frame: pd.DataFrame, *, title: str, name: str) -> Block:
        """Return cost against tonnes avoided; see `lcc.report.charts.draw_frontier`."""
        return charts.draw_frontier(frame, **self._settings(title, name))

    def wedges(
        self, frame: pd.DataFrame, emissions: pd.DataFrame, *, title: str, name: str
    ) -> Block:
        """Return what each lever takes off; see `lcc.report.charts.draw_wedges`."""
        return charts.draw_wedges(frame, emissions, **self._settings(title, name))

    def strip(self, frame: pd.DataFrame, *, title: str, name: str, threshold: float = 0.9) -> Block:
        """Return how often each lever is in the plan; see `lcc.report.charts.draw_strip`."""
        return charts.draw_strip(frame, threshold=threshold, **self._settings(title, name))
