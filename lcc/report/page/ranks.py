"""What a page shows of ranks: their probability, who leads, how reliable probabilities are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lcc.report import charts
from lcc.report import format as fmt
from lcc.report.blocks import Block, Text
from lcc.report.charts.finding import join_words, quote
from lcc.report.charts.labels import with_label
from lcc.report.charts.rank_chances import tell_leaders
from lcc.report.columns.ranks import tell_chance
from lcc.report.page.base import Sheet

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["RankBlocks"]

NAMED = 5
"""Groups beyond the first that are named at most."""

LEFT_OPEN = "open"


class RankBlocks(Sheet):
    """Blocks of ranks and probabilities."""

    def first_ranks(self, frame: pd.DataFrame, *, top: int) -> Text:
        """Return who leads and who is among the first, as far as the probability allows.

        Parameters
        ----------
        frame : pandas.DataFrame
            `Ranks.table` of `lcc.rank_groups`: `label_fr`, `label_en`, `p_top_1`, `p_top_K`,
            `leading`.
        top : int
            The K of `leading`.
        """
        rows = with_label(frame, self.language, "p_top_1", "leading").to_dict("records")
        parts = [tell_leaders(rows, top, self.language)]
        near = [row for row in rows[top:] if row["leading"] != "unlikely"]
        if near:
            names = [quote(row["label"], self.language) for row in near[:NAMED]]
            others = len(near) - len(names)
            if others > 0:
                names.append(self.say("{count} autres", count=self.count(others)))
            parts.append(
                self.say(
                    "Au-delà du rang {top}, peuvent en être : {names}",
                    top=top,
                    names=join_words(names, self.language),
                )
            )
        fragile = [row for row in rows[:top] if row["leading"] in (LEFT_OPEN, "unlikely")]
        if fragile and len(rows) > top:
            names = [
                f"{quote(row['label'], self.language)} "
                f"({tell_chance(row[f'p_top_{top}'], self.language)})"
                for row in fragile[:NAMED]
            ]
            parts.append(
                self.say("N'y sont pas établis : {names}", names=join_words(names, self.language))
            )
        told = ". ".join(part.rstrip(".") for part in parts if part)
        return Text(f"{told}.", "lead", language=self.language)

    def rank_chances(
        self,
        frame: pd.DataFrame,
        chances: pd.DataFrame,
        *,
        top: int,
        subject: str,
        name: str,
        limit: int = 15,
    ) -> Block:
        """Return between which ranks each group is; see `draw_rank_chances`."""
        return charts.draw_rank_chances(
            frame, chances, top=top, limit=limit, **self.settings(subject, name)
        )

    def rank_table(
        self, frame: pd.DataFrame, *, top: int, caption: str, name: str, limit: int = 15
    ) -> Block:
        """Return ranks with their probability, as a table."""
        shown = frame.assign(
            p_first=frame["p_top_1"], p_top=frame[f"p_top_{top}"], rank_interval=frame["rank_low"]
        )
        columns = [
            *("rank", "group", "label", "emissions_tco2e", "interval", "rank_interval"),
            *("p_first", "p_top", "leading"),
        ]
        return self.table(
            shown,
            columns,
            caption=caption,
            name=name,
            limit=limit,
            note=self.say(
                "Établi : 95 % ou plus ; probable : 66 % ou plus ; peu probable : moins de 33 %. "
                "Le rang est celui des émissions moyennes."
            ),
            headings={"p_top": self.say("Parmi les {top} premiers", top=top)},
        )

    def not_ranked(self, frame: pd.DataFrame, *, caption: str, name: str) -> Block:
        """Return groups that no rank can be given, and why; a sentence where there is none."""
        if not len(frame):
            return self.text("Tous les groupes ont un rang.")
        return self.table(
            frame.assign(not_ranked=frame["reason"], group=frame["group"].fillna("–")),
            ["group", "label", "lines", "spend_eur", "not_ranked"],
            caption=caption,
            name=name,
        )

    def compared(
        self,
        names: tuple[str, str],
        probability: float,
        ratio: tuple[float, float, float],
    ) -> Text:
        """Return which of two groups emits more, and how sure that is.

        Parameters
        ----------
        names : (str, str)
            Of the two, in the language of the page.
        probability : float
            That the first emits more.
        ratio : (float, float, float)
            Median and bounds of first over second; not numbers where it has no meaning.
        """
        first, second = (quote(name, self.language) for name in names)
        said = {"chance": tell_chance(probability, self.language), "first": first, "second": second}
        if fmt.is_missing(ratio[0]):
            return self.text(
                "{first} émet plus que {second} avec une probabilité de {chance}.",
                kind="lead",
                **said,
            )
        central, low, high = (self.number(each) for each in ratio)
        return self.text(
            "{first} émet plus que {second} avec une probabilité de {chance} : {central} fois "
            "autant, entre {low} et {high} fois.",
            kind="lead",
            central=central,
            low=low,
            high=high,
            **said,
        )

    def rank_causes(self, frame: pd.DataFrame, *, caption: str, name: str) -> Block:
        """Return what leaves the order of two groups open, and what they share."""
        return self.table(
            frame.assign(rank_cause=frame["component"]),
            ["rank_cause", "ratio_share", "cancelled_share"],
            caption=caption,
            name=name,
        )

    def reliability(self, frame: pd.DataFrame, *, subject: str, name: str) -> Block:
        """Return how often what was forecast happened; see `draw_reliability`."""
        return charts.draw_reliability(frame, **self.settings(subject, name))
