"""What a page shows of opportunities: to buy together, to gather, not to buy."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from lcc.report import charts
from lcc.report import format as fmt
from lcc.report.blocks import Block, Text
from lcc.report.catalogue import translate
from lcc.report.codes import CODES
from lcc.report.page.base import Sheet

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["OpportunityBlocks"]

ACTIONS = {"pool": "pool-together", "join": "pool-join"}
ASKED = ("condition", "reasoning", "to_know")
"""What is told of an alternative, in both languages."""

RULES = {
    "no-publicity-supplies-services": "threshold-publicity",
    "formal-procedure-supplies-services": "threshold-formal",
}


class OpportunityBlocks(Sheet):
    """Blocks of opportunities."""

    def pooling(
        self, candidates: pd.DataFrame, *, caption: str, name: str, limit: int | None = 15
    ) -> Block:
        """Return purchases that may be made together, as a table.

        Parameters
        ----------
        candidates : pandas.DataFrame
            `candidate`, `family`, `label_fr`, `label_en`, `action`, `launch_by`,
            euros and tonnes, `score`, `reason_fr`, `reason_en`; columns of amounts that no row has
            are left out.
        """
        if not len(candidates):
            return self.text(
                "{title} : aucun achat à regrouper dans la fenêtre.", title=self.say(caption)
            )
        frame = candidates.assign(
            pool_what=self._number(candidates),
            pool_action=candidates["action"].map(ACTIONS),
            decide_by=candidates["launch_by"],
            paid_eur=candidates["spend_eur"],
            interval="",
        ).drop(columns=["label_fr", "label_en"])
        paid, ahead = ["paid_eur", "emissions_tco2e"], ["awarded_eur_per_year", "unpaid_tco2e"]
        savings = ["saving_low_eur", "saving_high_eur", "saving_source"]
        held = [each for each in (*paid, *ahead, *savings) if frame[each].notna().any()]
        if "emissions_tco2e" in held:
            held.insert(held.index("emissions_tco2e") + 1, "interval")
        columns = [
            *("pool_what", "pool_action", "decide_by"),
            *held,
        ]
        note = self.say(
            "Ce qui est acheté, pas ce qui serait économisé : aucun gain n'est supposé. Payé : "
            "dans l'exercice ; non payé : notifié, par an. L'un ne s'ajoute pas à l'autre."
        )
        return self.table(frame, columns, caption=caption, name=name, limit=limit, note=note)

    def pooling_reasons(
        self, candidates: pd.DataFrame, *, caption: str, name: str, limit: int | None = 15
    ) -> Block | None:
        """Return why purchases may be made together, as a table; None where there are none.

        Parameters
        ----------
        candidates : pandas.DataFrame
            `candidate`, `family`, `label_fr`, `label_en`, `reason_fr`, `reason_en`.
        """
        if not len(candidates):
            return None
        frame = candidates.assign(
            pool_what=self._number(candidates), pool_reason=candidates[f"reason_{self.language}"]
        )
        return self.table(
            frame, ["pool_what", "pool_reason"], caption=caption, name=name, limit=limit
        )

    def pooling_timeline(
        self,
        members: pd.DataFrame,
        candidates: pd.DataFrame,
        *,
        as_of: date,
        subject: str,
        name: str,
        rows: int = 32,
    ) -> Block:
        """Return the contracts of candidates on the line of time; see `draw_overlaps`.

        Parameters
        ----------
        members, candidates : pandas.DataFrame
            One row per contract or need, one per candidate; those still to be decided are drawn.
        """
        kept = candidates[~candidates["late"].astype(bool)]
        named = dict(zip(kept["candidate"], self._number(kept), strict=True))
        told = members[members["candidate"].isin(named)]
        frame = told.assign(
            heading=told["candidate"].map(named),
            buyer=[self._name_buyer(row) for row in told.to_dict("records")],
            kind=told["origin"].mask(told["part"] == "joint", "joint"),
        )
        return charts.draw_overlaps(frame, as_of=as_of, rows=rows, **self.settings(subject, name))

    def scattered(self, frame: pd.DataFrame, *, caption: str, name: str) -> Block:
        """Return purchases made by many small orders, as a table, or say there are none.

        Parameters
        ----------
        frame : pandas.DataFrame
            `family`, `label_fr`, `label_en`, `directorate`, `orders`, `suppliers`, `spend_eur`,
            `median_order_eur`, tonnes.
        """
        if not len(frame):
            return self.text("{title} : rien à signaler.", title=self.say(caption))
        shown = frame.assign(paid_eur=frame["spend_eur"], interval="")
        columns = [
            *("label", "directorate", "orders", "suppliers", "paid_eur", "median_order_eur"),
            *("emissions_tco2e", "interval"),
        ]
        note = self.say(
            "Un accord-cadre ou un catalogue commun est-il possible ? D'une famille non ventilée, "
            "voir d'abord ce qui y est acheté."
        )
        return self.table(shown, columns, caption=caption, name=name, note=note)

    def family_thresholds(self, frame: pd.DataFrame, *, caption: str, name: str) -> Block:
        """Return families whose sum outside contracts passes a threshold, or say there are none.

        Parameters
        ----------
        frame : pandas.DataFrame
            `label_fr`, `label_en`, `orders`, `suppliers`, `spend_eur`, `threshold_eur`, `rule`.
        """
        if not len(frame):
            return self.text("{title} : rien à signaler.", title=self.say(caption))
        shown = frame.assign(
            threshold_rule=frame["rule"].map(RULES),
            paid_eur=frame["spend_eur"],
        )
        columns = [
            *("label", "orders", "suppliers", "paid_eur", "threshold_eur", "threshold_rule"),
        ]  # fmt: skip
        note = self.say(
            "Un cumul au-delà d'un seuil est une question, pas une faute : le besoin s'apprécie "
            "par fournitures ou services homogènes (code de la commande publique, R2121-6), et "
            "pour les travaux par opération (R2121-5)."
        )
        return self.table(shown, columns, caption=caption, name=name, note=note)

    def alternatives(
        self, frame: pd.DataFrame, *, caption: str, name: str, limit: int | None = 15
    ) -> Block:
        """Return alternatives to buying new, as a table, or say there are none.

        Parameters
        ----------
        frame : pandas.DataFrame
            `label_fr`, `label_en`, `alternative`, `spend_eur`, tonnes, `contracts_ending`,
            `reuse_share`.
        """
        if not len(frame):
            return self.text("{title} : rien à signaler.", title=self.say(caption))
        shown = frame.assign(
            other_way=[f"alternative-{each}" for each in frame["alternative"]],
            paid_eur=frame["spend_eur"],
            interval="",
        )
        quotas = ["reuse_share"] if frame["reuse_share"].notna().any() else []
        columns = [
            *("label", "other_way", "paid_eur", "emissions_tco2e", "interval"),
            *("contracts_ending", *quotas),
        ]
        note = self.say(
            "Euros et tonnes de toute la famille : ce que l'autre voie éviterait n'est pas chiffré."
        )
        return self.table(shown, columns, caption=caption, name=name, limit=limit, note=note)

    def alternative_reasons(
        self, frame: pd.DataFrame, *, caption: str, name: str, limit: int | None = 15
    ) -> Block | None:
        """Return when and why each alternative may serve, as a table; None where there are none.

        Parameters
        ----------
        frame : pandas.DataFrame
            As `alternatives` takes, with `condition_LANGUAGE`, `reasoning_LANGUAGE`,
            `to_know_LANGUAGE`, `source`, `status`.
        """
        if not len(frame):
            return None
        own = self.say("jugement du projet")
        colon = "\u00a0: " if self.language == "fr" else ": "
        rows = frame.to_dict("records")
        shown = frame.assign(
            other_what=[
                row[f"label_{self.language}"]
                + colon
                + translate(CODES[f"alternative-{row['alternative']}"], self.language)
                for row in rows
            ],
            # Where in it, the table of the command says.
            other_basis=[own if row["status"] == "judgement" else row["source"] for row in rows],
            **{each: frame[f"{each}_{self.language}"] for each in ASKED},
        )
        columns = ["other_what", *ASKED, "other_basis"]
        return self.table(shown, columns, caption=caption, name=name, limit=limit)

    def opportunity_notes(self, notes: Sequence[Any]) -> Text | None:
        """Return what could not be looked at (`text_fr`, `text_en` of each); None if nothing."""
        told = " ".join(str(getattr(each, f"text_{self.language}")) for each in notes)
        return Text(told, "warning", language=self.language) if told else None

    def _number(self, frame: pd.DataFrame) -> list[str]:
        """Return the number of each candidate and what it is about: its family, with its code."""
        parts = zip(
            frame["candidate"], frame["family"], frame[f"label_{self.language}"], strict=True
        )
        return [
            f"{rank}. {label}" if fmt.is_missing(code) else f"{rank}. {code} {label}"
            for rank, code, label in parts
        ]

    def _name_buyer(self, row: dict[str, Any]) -> str:
        """Return who asks for a need: the directorate of this buyer, else the buyer's name."""
        if not fmt.is_missing(row["directorate"]):
            who = str(row["directorate"])
        elif not fmt.is_missing(row["buyer_name"]):
            who = str(row["buyer_name"])
        else:
            number = "" if fmt.is_missing(row["buyer_id"]) else str(row["buyer_id"])
            who = self.say("Acheteur {number}", number=number)
        if row["origin"] == "programme":
            return self.say("besoin {number}, {who}", who=who, number=row["contract"])
        return f"{row['contract']}, {who}"
