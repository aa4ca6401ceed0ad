"""Codes of indicators, and what they mean in French; see `lcc.report.codes`."""

from __future__ import annotations

from typing import Final

__all__ = ["INDICATOR_CODES"]

INDICATOR_CODES: Final = {
    "indicator-held": "tenu",
    "indicator-missed": "manqué",
    "indicator-undecided": "indécis",
    "indicator-no-target": "sans objectif",
    "indicator-hours": "h",
    "indicator-fte": "ETP",
    "indicator-eur": "€",
    "unit-share": "% de ce qui est compté",
    "unit-hours": "heures",
    "unit-fte": "équivalents temps plein",
    "unit-contracts": "marchés",
    "unit-sessions": "sessions",
    "unit-eur": "euros",
    "unit-growth": "% d'une année à l'autre",
    "indicator-counts": "compte",
    "indicator-does-not": "ne compte pas",
    "indicator-unknown": "inconnu",
    "indicator-perimeter": "peut être hors champ",
    "indicator-outside": "hors champ",
    "indicator-yes": "oui",
    "indicator-no": "non",
    "indicator-not-concerned": "rien d'acheté",
    "indicator-reuse": "réemploi",
    "indicator-recycled": "matières recyclées",
    "indicator-no-register": "aucun registre de contrats",
    "indicator-no-hours": "aucune table d'heures d'insertion",
    "indicator-no-payments": "aucun paiement",
    "indicator-no-training": "aucune table de sessions",
    "indicator-no-actions": "aucune table d'actions",
    "indicator-no-programme": "aucun programme d'achats",
    "indicator-no-agec": "aucune table d'achats AGEC",
    "indicator-no-row-of-the-year": "aucune ligne de l'année",
    "indicator-no-row-of-both-years": "aucune ligne d'une des deux années",
    "indicator-no-ceiling": "des heures non renseignées, que rien ne borne",
    "indicator-truncation-inferred": "tronqué : une déduction des chiffres publiés",
    "indicator-weighed-in-euros": "pesé en euros",
    "indicator-perimeter-may-be-empty": "champ vide, ou qui peut l'être",
    "indicator-bounds-may-be-wide": "bornes sûres, peut-être pas les plus serrées",
    "indicator-role-read-as-own": "rôle non renseigné, lu comme un achat propre",
    "indicator-consultation-not-stated": "consultation non renseignée : le contrat en est une",
    "indicator-holder-not-stated": "titulaires non renseignés",
    "indicator-holders-disputed": "titulaires sur lesquels des sources se contredisent",
    "indicator-no-day-to-cut": "une table par année : rien n'en est retiré au jour du compte",
    "indicator-region-not-given": "aucune région d'intérêt",
}
