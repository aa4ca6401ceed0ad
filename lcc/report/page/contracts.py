"""What a page shows of one contract: what is known of it, and the rules of its own day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lcc.report import charts
from lcc.report.blocks import Block, Figures, Text
from lcc.report.codes import CODES
from lcc.report.columns.contracts import write_field, write_value
from lcc.report.page.base import Sheet

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ContractBlocks"]

HEADED = ("amount_eur", "notification_date")
"""Fields of a contract that its page shows first, large."""


def lower_first(text: str) -> str:
    """Return a text that goes on in a sentence: an acronym keeps its capitals.

    Examples
    --------
    >>> lower_first("Code CPV"), lower_first("CCAG")
    ('code CPV', 'CCAG')
    """
    return text if text[1:2].isupper() else f"{text[:1].lower()}{text[1:]}"


class ContractBlocks(Sheet):
    """Blocks of the page of one contract."""

    def contract_figures(
        self, identity: pd.DataFrame, considerations: pd.DataFrame, rules: pd.DataFrame
    ) -> Figures:
        """Return the contract in figures: amount, notification, tags stated, rules that applied.

        Parameters
        ----------
        identity : pandas.DataFrame
            Columns `field`, `value`, `state`, `stated`.
        considerations : pandas.DataFrame
            Column `state`: `yes`, `no`, `unknown` or `disagree`.
        rules : pandas.DataFrame
            Column `applies`: `yes`, `no` or `unknown`.
        """
        rows = {row["field"]: row for row in identity.to_dict("records")}
        figures = [
            (
                write_field(rows[name], "field", self.language),
                write_value(rows[name], "value", self.language)
                if rows[name]["state"] == "known"
                else self.say("inconnu"),
                "" if rows[name]["state"] == "known" else self._why_unknown(rows[name]["state"]),
            )
            for name in HEADED
        ]
        stated = int(considerations["state"].isin(["yes", "no"]).sum())
        disputed = int((considerations["state"] == "disagree").sum())
        applied, unsettled = (int((rules["applies"] == each).sum()) for each in ("yes", "unknown"))
        figures += [
            (
                self.say("Étiquettes renseignées"),
                self.say("{stated} sur {count}", stated=stated, count=len(considerations)),
                self.say("{count} en désaccord", count=disputed) if disputed else "",
            ),
            (
                self.say("Règles qui s'appliquaient"),
                self.count(applied),
                self.say("{count} non déterminées", count=unsettled) if unsettled else "",
            ),
        ]
        return Figures(figures, language=self.language, name="chiffres")

    def contract_fields(self, identity: pd.DataFrame) -> Block:
        """Return the fields that a source states, those on which sources disagree among them."""
        shown = identity[identity["state"] != "unknown"]
        return self.table(
            shown.assign(field_value=shown["value"]),
            ["field", "field_value"],
            caption=self.say("Ce que les sources disent du contrat"),
            name="identite",
        )

    def contract_unknown(self, identity: pd.DataFrame) -> Text | None:
        """Return the fields that no source states, in a sentence; None where there is none."""
        rows = identity[identity["state"] == "unknown"].to_dict("records")
        if not rows:
            return None
        names = [lower_first(write_field(row, "field", self.language)) for row in rows]
        return self.text("Aucune source ne le dit : {fields}.", fields=", ".join(names))

    def contract_holders(self, holders: pd.DataFrame) -> Block:
        """Return the firms of the contract.

        Parameters
        ----------
        holders : pandas.DataFrame
            Columns of the schema `contract_holder`.
        """
        shown = holders.assign(holder_role=holders["role"])
        later = shown["modification"].fillna(0) > 0
        columns = ["name", "holder_id", "holder_role"]
        if later.any():
            shown = shown.assign(since_modification=shown["modification"].where(later))
            columns.append("since_modification")
        return self.table(
            shown, columns, caption=self.say("Titulaires et sous-traitants"), name="titulaires"
        )

    def contract_modifications(self, modifications: pd.DataFrame) -> Block:
        """Return the modifications of the contract; columns of `contract_modification`."""
        shown = modifications.assign(
            notified=modifications["notification_date"],
            amount_after_eur=modifications["amount_eur"],
            months_after=modifications["duration_months"],
        )
        return self.table(
            shown,
            ["modification", "notified", "amount_after_eur", "months_after"],
            caption=self.say("Avenants"),
            name="avenants",
            note=self.say(
                "Un avenant ne change pas les règles qui s'appliquaient à la consultation."
            ),
        )

    def contract_tags(self, considerations: pd.DataFrame) -> Block:
        """Return what is stated of each tag; « unknown » is never « no »."""
        shown = considerations.assign(
            tag_state=considerations["state"],
            stated_by=considerations[f"stated_{self.language}"].replace("", "–"),
        )
        return self.table(
            shown,
            ["label", "tag_state", "stated_by"],
            caption=self.say("Considérations, étiquette par étiquette"),
            headings={"label": self.say("Étiquette")},
            name="considerations",
            note=self.say("Une étiquette vide est inconnue : elle ne veut pas dire non."),
        )

    def contract_timeline(self, moments: pd.DataFrame, periods: pd.DataFrame) -> Block:
        """Return the contract above the rules; see `lcc.report.charts.draw_timeline`."""
        return charts.draw_timeline(
            moments,
            periods,
            **self.settings(self.say("Le contrat et les règles, dans le temps"), "frise"),
        )

    def contract_rules(self, rules: pd.DataFrame) -> Block:
        """Return how the rules of its day applied, and why.

        Parameters
        ----------
        rules : pandas.DataFrame
            Columns `topic`, `outcome`, `source`, and `sentence`, `why`, `confidence` in both
            languages.
        """
        return self.table(
            rules.assign(
                rule_answer=rules["outcome"],
                why=rules[f"because_{self.language}"].replace(
                    "", self.say("Quel que soit le montant.")
                ),
            ),
            ["label", "rule_answer", "date_used", "why"],
            caption=self.say("Quelle règle s'appliquait, et pourquoi"),
            headings={"label": self.say("Règle")},
            name="regles",
            note=self.say(
                "Les seuils portent sur le besoin estimé au lancement, qu'aucun registre ne "
                "contient : le montant notifié, lots de la consultation compris, en tient lieu. "
                "Jour retenu : le lancement, ou la notification pour les données essentielles. "
                "Non déterminé : les réponses possibles diffèrent."
            ),
        )

    def contract_sources(self, rules: pd.DataFrame) -> Block:
        """Return what the rules say, where they come from and how sure they are."""
        return self.table(
            rules.assign(sentence=rules[f"sentence_{self.language}"], rule_source=rules["source"]),
            ["label", "sentence", "rule_source"],
            caption=self.say("Ce que disent ces règles, et d'où elles viennent"),
            headings={"label": self.say("Règle")},
            name="sources-des-regles",
        )

    def contract_demands(self, demands: pd.DataFrame) -> Block | None:
        """Return what the rules of its day demanded against what is stated; None for nothing.

        Parameters
        ----------
        demands : pandas.DataFrame
            Columns `applies`, `met`, and `sentence`, `tags` in both languages.
        """
        asked = demands[demands["met"] != "not-demanded"]
        if not len(asked):
            return None
        shown = asked.assign(
            tags_wanted=asked[f"tags_{self.language}"],
            rule_answer=asked["applies"],
            demand_met=asked["met"],
        )
        return self.table(
            shown,
            ["label", "rule_answer", "tags_wanted", "demand_met"],
            caption=self.say("Ce qui était exigé, et ce qui est renseigné"),
            headings={"label": self.say("Règle")},
            name="exigences",
            note=self.say("À vérifier : l'étiquette est vide, ou la règle n'est pas certaine."),
        )

    def contract_indicators(self, members: pd.DataFrame) -> Block:
        """Return what the contract is to each published indicator.

        Parameters
        ----------
        members : pandas.DataFrame
            Columns `label_fr`, `label_en`, `membership` (`counts`, `does-not`, `unknown`,
            `perimeter`, `outside`) and `missing` (fields or tags, separated by spaces).
        """
        if not len(members):
            return self.text(
                "La notification n'est pas connue : l'année où ce contrat compte ne l'est pas."
            )
        return self.table(
            members.assign(to_settle=members["missing"]),
            ["label", "membership", "to_settle"],
            caption=self.say("Ce que le contrat est pour chaque indicateur publié"),
            headings={"label": self.say("Indicateur")},
            name="indicateurs",
            note=self.say(
                "Compté comme publié, l'année de sa notification ; les autres périmètres sont dans "
                "le carnet des indicateurs."
            ),
        )

    def contract_emissions(self, years: pd.DataFrame) -> Block:
        """Return what was paid and emitted under the contract, year by year."""
        if not len(years):
            return self.text(
                "La carte ne nomme pas ce contrat : cela ne dit pas que rien n'a été payé."
            )
        return self.table(
            years,
            ["year", "spend_eur", "coverage", "emissions_tco2e", "interval"],
            caption=self.say("Ce qui a été payé et émis sous ce contrat"),
            name="emissions",
        )

    def contract_lead(self, demands: pd.DataFrame) -> Text:
        """Return in one sentence what was demanded and is not met, or not known."""
        counts = {each: int((demands["met"] == each).sum()) for each in ("yes", "no", "unknown")}
        if not sum(counts.values()):
            return self.text(
                "Aucune règle de la table n'exigeait une considération sociale ou environnementale "
                "au jour de ce contrat.",
                kind="lead",
            )
        return self.text(
            "Sur {count} exigences possibles au jour de ce contrat : {yes} renseignées, {no} "
            "absentes, {unknown} à vérifier.",
            kind="lead",
            count=sum(counts.values()),
            **counts,
        )

    def _why_unknown(self, state: str) -> str:
        """Return why a field is not known, in words."""
        return self.say(CODES[f"tag-{state}"])
