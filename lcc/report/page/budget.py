"""What a page shows of the climate budget."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lcc.report import charts
from lcc.report.blocks import Block
from lcc.report.charts import Context
from lcc.report.charts.finding import join_clauses
from lcc.report.page.base import Sheet

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["BudgetBlocks"]


class BudgetBlocks(Sheet):
    """Blocks of the climate budget."""

    def ratings(self, frame: pd.DataFrame, *, subject: str, name: str) -> Block:
        """Return spending and emissions by rating; see `lcc.report.charts.draw_ratings`."""
        return charts.draw_ratings(frame, **self.settings(subject, name))

    def heat(
        self, frame: pd.DataFrame, *, subject: str, name: str, by: str = "segment", limit: int = 40
    ) -> Block:
        """Return stakes by purchase and issue; see `lcc.report.charts.draw_heat`."""
        settings = self.settings(subject, name)
        source = self.say("grille de lecture du projet et décisions de l'acheteur (jugements)")
        settings["context"] = Context(source)
        return charts.draw_heat(frame, by=by, limit=limit, **settings)

    def path(
        self,
        frame: pd.DataFrame,
        *,
        subject: str,
        name: str,
        projection: str = "constant",
        measure: str = "Émissions (tCO2e)",
        effects: pd.DataFrame | None = None,
    ) -> Block:
        """Return emissions against targets, or say there is none; see `draw_path`."""
        if not len(frame):
            return self.text("{title} : aucune cible n'est donnée.", title=self.say(subject))
        return charts.draw_path(
            frame,
            projection=projection,
            measure=measure,
            effects=effects,
            **self.settings(subject, name),
        )

    def structures(self, codes: Sequence[str]) -> list[str]:
        """Return the kinds of structures of the social economy, from codes between spaces."""
        kinds = {
            "ea-esat": self.say("entreprises adaptées, ESAT"),
            "siae": self.say("structures d'insertion"),
            "resource-centre": self.say("ressourceries"),
            "social-company": self.say("entreprises solidaires"),
        }
        return [
            join_clauses((kinds[each] for each in text.split()), self.language) for text in codes
        ]

    def frontier(self, frame: pd.DataFrame, *, subject: str, name: str) -> Block:
        """Return cost against tonnes avoided; see `lcc.report.charts.draw_frontier`."""
        return charts.draw_frontier(frame, **self.settings(subject, name))

    def wedges(
        self, frame: pd.DataFrame, emissions: pd.DataFrame, *, subject: str, name: str
    ) -> Block:
        """Return what each lever takes off; see `lcc.report.charts.draw_wedges`."""
        return charts.draw_wedges(frame, emissions, **self.settings(subject, name))

    def strip(
        self, frame: pd.DataFrame, *, subject: str, name: str, threshold: float = 0.9
    ) -> Block:
        """Return how often each lever is in the plan; see `lcc.report.charts.draw_strip`."""
        return charts.draw_strip(frame, threshold=threshold, **self.settings(subject, name))
