"""Columns: what the programming calendar shows: contracts that end, needs, what is published."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from lcc.report import format as fmt
from lcc.report.catalogue import translate
from lcc.report.columns.writers import (
    Column,
    write_count,
    write_day,
    write_rounded,
    write_text,
    write_thousand_euros,
)

__all__ = ["PROGRAMME"]


def write_kind(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write what comes at the end of the running period."""
    words = {
        "end": translate("fin", language),
        "renewal": translate("reconduction", language),
        "option": translate("tranches optionnelles", language),
        "whole": translate("fin (reconductions non dites)", language),
        "one-off": translate("fin d'opération", language),
    }
    return words.get(str(row["kind"]), fmt.missing_text(language))


def write_state(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write whether an entry is late, and in what."""
    words = {
        "launch-late": translate("lancement en retard", language),
        "need-late": translate("besoin trop tardif", language),
        "decision-late": translate("décision en retard", language),
        "notice-past": translate("préavis passé, reconduit", language),
        "on-time": translate("dans les temps", language),
    }
    return words.get(str(row["state"]), fmt.missing_text(language))


def write_procedure(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write a procedure."""
    words = {
        "formal": translate("procédure formalisée", language),
        "adapted": translate("procédure adaptée", language),
        "no-publicity": translate("sans publicité ni mise en concurrence", language),
        "concession": translate("concession (procédure)", language),
        "subsequent": translate("marché subséquent", language),
        "unknown": translate("procédure inconnue", language),
    }
    return words.get(str(row["procedure"]), fmt.missing_text(language))


def write_follow(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write the need that follows a contract, and whether that is inferred."""
    need = row["follow"]
    if fmt.is_missing(need):
        return fmt.missing_text(language)
    if not need:
        return translate("sans suite déclarée", language)
    if row["follow_link"] == "inferred":
        return translate("{need} (déduit)", language, need=need)
    return str(need)


def write_reason(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write why the end of a contract is not known."""
    words = {
        "start-unknown": translate("début inconnu", language),
        "date-implausible": translate("date invraisemblable", language),
        "duration-unknown": translate("durée inconnue", language),
        "duration-not-positive": translate("durée nulle ou négative", language),
        "duration-implausible": translate("durée invraisemblable", language),
        "renewals-without-firm-period": translate("reconductions sans durée ferme", language),
        "prolonged-shorter": translate(
            "la dernière modification dit une durée plus courte : totale, ou ajoutée", language
        ),
        "periods-disagree": translate("la durée n'est pas la somme des périodes", language),
        "end-before-start": translate("fin avant le début", language),
    }
    told = words.get(str(row["reason"]), fmt.missing_text(language))
    return f"{told} ({row['found']})" if row["found"] else told


def write_need_problem(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write what is wrong in a need."""
    words = {
        "family-unknown": translate("code famille inconnu", language),
        "family-missing": translate("code famille absent", language),
        "family-rough": translate("code de segment, pas de famille", language),
        "family-inconsistent": translate("le code ne va pas avec l'objet", language),
        "date-missing": translate("date de lancement absente", language),
        "date-implausible": translate("date invraisemblable", language),
        "date-past": translate("lancement prévu déjà passé", language),
        "amount-missing": translate("montant absent : procédure inconnue", language),
        "amount-not-positive": translate("montant nul ou négatif", language),
        "need-twice": translate("besoin exprimé deux fois", language),
        "follows-unknown": translate("marché remplacé inconnu", language),
        "launch-too-late": translate("lancement trop tardif", language),
    }
    return words.get(str(row["code"]), str(row["code"]))


def write_stated(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write what stands in a need, a day as the language does."""
    text = fmt.format_text(row[name], language=language)
    try:
        return fmt.format_date(date.fromisoformat(text), language=language)
    except ValueError:
        return text


def write_severity(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write whether a need must be corrected, or looked at."""
    if row["severity"] == "error":
        return translate("à corriger", language)
    return translate("à vérifier", language)


def write_origin(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write what a line of the published programme is."""
    words = {
        "new": translate("besoin nouveau", language),
        "renewed": translate("remplace un marché", language),
        "recurring": translate("marché récurrent", language),
    }
    return words.get(str(row["origin"]), fmt.missing_text(language))


PROGRAMME: Final[dict[str, Column]] = {
    "programme_kind": Column("À l'échéance", write_kind, numeric=False),
    "programme_state": Column("Situation", write_state, numeric=False),
    "programme_procedure": Column("Procédure à suivre", write_procedure, numeric=False),
    "programme_follow": Column("Besoin qui suit", write_follow, numeric=False),
    "programme_reason": Column("Pourquoi l'échéance est inconnue", write_reason, numeric=False),
    "programme_origin": Column("Nature du besoin", write_origin, numeric=False),
    "firm_end_date": Column("Fin ferme", write_day, numeric=False),
    "next_end_date": Column("Fin de la période", write_day, numeric=False),
    "latest_end_date": Column("Fin au plus tard", write_day, numeric=False),
    "decision_date": Column("Décider avant le", write_day, numeric=False),
    "census_by": Column("Exprimer le besoin avant le", write_day, numeric=False),
    "launch_by": Column("Lancer avant le", write_day, numeric=False),
    "act_by": Column("Agir avant le", write_day, numeric=False),
    "ending_tco2e": Column("À remplacer (tCO2e/an)", write_rounded),
    "contracts_renewable": Column("Marchés à reconduire", write_count),
    "renewable_eur": Column("Dépense à reconduire (k€ HT)", write_thousand_euros),
    "renewable_tco2e": Column("À reconduire (tCO2e/an)", write_rounded),
    "without_follow": Column("Sans suite déclarée", write_count),
    "contracts_unknown": Column("Échéances inconnues", write_count),
    "need": Column("Besoin", write_text, numeric=False),
    "need_problem": Column("Constat sur le besoin", write_need_problem, numeric=False),
    "need_severity": Column("À faire", write_severity, numeric=False),
    "need_found": Column("Trouvé", write_stated, numeric=False, spoken="fr"),
    "need_expected": Column("Ce qui conviendrait", write_stated, numeric=False, spoken="fr"),
    "planned_date": Column("Lancement prévu", write_day, numeric=False),
    "quarter": Column("Trimestre de lancement", write_text, numeric=False),
    "programme_family": Column("Libellé de la famille", write_text, numeric=False),
}
