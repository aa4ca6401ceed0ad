"""What a page shows of costs and tenders."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lcc.report import charts
from lcc.report.blocks import Block, Text
from lcc.report.conclusion import tell_conclusion
from lcc.report.page.base import Sheet

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CostBlocks"]


class CostBlocks(Sheet):
    """Blocks of costs and tenders."""

    def conclusion(self, found: Mapping[str, Any], labels: Mapping[str, str]) -> Text:
        """Return what a study concludes; see `lcc.report.conclusion.tell_conclusion`."""
        told = tell_conclusion(found, labels, language=self.language)
        return Text(told, "lead", language=self.language)

    def cumulative(
        self,
        frame: pd.DataFrame,
        *,
        subject: str,
        name: str,
        paybacks: Mapping[str, float | None] | None = None,
        reference: str | None = None,
        measure: str = "",
    ) -> Block:
        """Return cumulative costs by year; see `lcc.report.charts.draw_cumulative`."""
        return charts.draw_cumulative(
            frame,
            paybacks=paybacks,
            reference=reference,
            measure=measure,
            **self.settings(subject, name),
        )

    def stack(self, frame: pd.DataFrame, *, subject: str, name: str) -> Block:
        """Return costs and emissions by category; see `lcc.report.charts.draw_stack`."""
        return charts.draw_stack(frame, **self.settings(subject, name))

    def tornado(
        self,
        frame: pd.DataFrame,
        *,
        central: float,
        subject: str,
        name: str,
        measure: str = "",
        unit: str = "€",
        limit: int = 12,
        signed: bool = False,
    ) -> Block:
        """Return the swing each input gives a result; see `lcc.report.charts.draw_tornado`."""
        return charts.draw_tornado(
            frame,
            central=central,
            measure=measure,
            unit=unit,
            limit=limit,
            signed=signed,
            **self.settings(subject, name),
        )

    def difference(
        self, frame: pd.DataFrame, *, labels: tuple[str, str], subject: str, name: str
    ) -> Block:
        """Return the draws of a difference in cost; see `lcc.report.charts.draw_difference`."""
        return charts.draw_difference(frame, labels=labels, **self.settings(subject, name))

    def break_even_map(
        self,
        frame: pd.DataFrame,
        *,
        x_label: str,
        y_label: str,
        labels: tuple[str, str],
        subject: str,
        name: str,
        point: tuple[float, float] | None = None,
    ) -> Block:
        """Return where each of two is the cheaper; see `lcc.report.charts.draw_break_even_map`."""
        return charts.draw_break_even_map(
            frame,
            x_label=x_label,
            y_label=y_label,
            labels=labels,
            point=point,
            **self.settings(subject, name),
        )

    def marks(self, frame: pd.DataFrame, *, subject: str, name: str) -> Block:
        """Return the marks of bids by criterion; see `lcc.report.charts.draw_marks`."""
        return charts.draw_marks(frame, **self.settings(subject, name))
