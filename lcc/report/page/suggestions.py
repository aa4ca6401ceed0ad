"""What a page shows of titles without a code: the families suggested for them, never assigned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lcc.report.blocks import Block, Text
from lcc.report.page.base import Sheet

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["SuggestionBlocks"]


class SuggestionBlocks(Sheet):
    """Blocks of suggestions."""

    def suggested(self, frame: pd.DataFrame) -> Text:
        """Return how many titles have no code, and what can be said of them.

        Parameters
        ----------
        frame : pandas.DataFrame
            What `lcc.suggest` gives: `state`, and `decision` where people have decided.
        """
        if not len(frame):
            return self.text("Toutes les lignes ont un code qui mène à une famille.")
        states = frame["state"].value_counts()
        decided = frame["decision"].notna().sum() if "decision" in frame else 0
        return self.text(
            "{count} objets sans code : {families} ont une famille proposée, {segments} un segment "
            "seul, {unknown} restent inconnus ; {decided} sont décidés, les autres restent non "
            "couverts.",
            count=self.count(len(frame)),
            families=self.count(states.get("family", 0)),
            segments=self.count(states.get("segment", 0)),
            unknown=self.count(states.get("unknown", 0)),
            decided=self.count(decided),
        )

    def suggestions(
        self, frame: pd.DataFrame, *, caption: str, name: str, limit: int = 15
    ) -> Block:
        """Return titles with the first family suggested, its probability and the words behind it.

        Parameters
        ----------
        frame : pandas.DataFrame
            What `lcc.suggest` gives, with `spend_eur` where it is known.
        caption, name : str
            Of the table and of its file.
        limit : int
            Rows shown; the file holds all.
        """
        shown = frame.assign(
            suggested_title=frame["title"],
            suggestion_state=frame["state"],
            suggested_segment=frame["segment_label"],
            suggested_family=frame["label_1"],
            suggestion_chance=frame["probability_1"],
            suggestion_reasons=frame["reasons_1"],
        )
        columns = [
            *("suggested_title", "suggestion_state", "suggested_segment", "suggested_family"),
            *("suggestion_chance", "suggestion_reasons"),
        ]
        if "spend_eur" in frame:
            columns.insert(1, "spend_eur")
        return self.table(shown, columns, caption=caption, name=name, limit=limit)
