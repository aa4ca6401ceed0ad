"""Columns: what carbon clauses show."""

from __future__ import annotations

from typing import Final

from lcc.report.columns.writers import (
    Column,
    or_reason,
    write_amount,
    write_clause_code,
    write_count,
    write_hundredths,
    write_number,
    write_percent,
    write_quality,
    write_tenths_of_percent,
    write_text,
)

__all__ = ["CLAUSES"]

CLAUSES: Final[dict[str, Column]] = {
    "kind": Column("Nature", write_clause_code, numeric=False),
    "date_end": Column("Jusqu'au", write_text, numeric=False),
    "level": Column("Niveau (kgCO2e par unité)", write_hundredths),
    "level_low": Column("Borne basse (kgCO2e par unité)", write_hundredths),
    "level_high": Column("Borne haute (kgCO2e par unité)", write_hundredths),
    "estimator": Column("Comparaison", write_clause_code, numeric=False),
    "effect": Column("Effet", or_reason(write_tenths_of_percent)),
    "effect_low": Column("Effet, borne basse à 95 %", write_tenths_of_percent),
    "effect_high": Column("Effet, borne haute à 95 %", write_tenths_of_percent),
    "contracts": Column("Marchés", write_count),
    "measurements": Column("Mesures acceptées", write_count),
    "measured_tco2e": Column("Mesuré (tCO2e)", write_number),
    "probability_lower": Column("Probabilité d'émettre moins qu'à la référence", write_percent),
    "common_error": Column("Erreur de méthode commune (± %, à 95 %)", write_tenths_of_percent),
    "power": Column("Puissance", write_percent),
    "needed": Column("Marchés nécessaires", write_count),
    "characteristic": Column("Caractéristique", write_clause_code, numeric=False),
    "smd_before": Column("Écart standardisé avant appariement", write_hundredths),
    "smd_matched": Column("Écart standardisé dans les paires", write_hundredths),
    "severity": Column("Gravité", write_clause_code, numeric=False),
    "what": Column("Constat", write_text, numeric=False),
    "period_start": Column("Début de période", write_text, numeric=False),
    "period_end": Column("Fin de période", write_text, numeric=False),
    "committed": Column("Engagement", write_hundredths),
    "measured": Column("Mesure", write_hundredths),
    "margin_points": Column("Marge sur l'engagement (points de la référence)", write_hundredths),
    "margin_tco2e": Column("Marge sur l'engagement (tCO2e)", write_number),
    "unchanged_tco2e": Column("À la référence (tCO2e)", write_number),
    "payment_eur": Column("Bonus ou malus (€)", or_reason(write_amount)),
    "probability_other_side": Column("Probabilité d'être de l'autre côté du seuil", write_percent),
    "clause_status": Column("État du suivi", write_clause_code, numeric=False),
    "due": Column("Mesures dues", write_count),
    "accepted": Column("Acceptées", write_count),
    "pending": Column("En attente", write_count),
    "late": Column("En retard", write_count),
    "clause_id": Column("Clause", write_text, numeric=False),
    "rate": Column("Taux d'usage", write_percent),
    "used": Column("Utilisée dans", write_count),
    "stated": Column("Marchés renseignés", write_count),
    "unknown": Column("Non renseigné", write_count),
    "grade": Column("Note d'exécution (1 à 5)", write_quality),
    "graded": Column("Marchés notés", write_count),
    "effect_contracts": Column("Marchés mesurés", write_count),
}
