"""Columns: what studies of cost and tenders show."""

from __future__ import annotations

from typing import Final

from lcc.report.columns.writers import (
    Column,
    or_reason,
    write_amount,
    write_count,
    write_duration,
    write_hundredths,
    write_number,
    write_payback,
    write_percent,
    write_tenths_of_percent,
    write_text,
    write_tonnes,
)

__all__ = ["COSTS"]

COSTS: Final[dict[str, Column]] = {
    # Costs
    "alternative": Column("Solution", write_text, numeric=False),
    "item": Column("Ligne de coût", write_text, numeric=False),
    "eur": Column("Coût (€)", write_amount),
    "tco2e": Column("Émissions (tCO2e)", write_number),
    "present_eur": Column("Coût actualisé (€)", write_amount),
    "cumulative_eur": Column("Coût cumulé (€)", write_amount),
    "compared_eur": Column("Coût comparé (€)", write_amount),
    "investment_eur": Column("Investissement (€)", write_amount),
    "operation_eur": Column("Fonctionnement (€)", write_amount),
    "carbon_cost_eur": Column("Coût du carbone (€)", write_amount),
    "carbon_in_prices_eur": Column("Carbone déjà dans les prix (€)", write_amount),
    "lcc_eur": Column("Coût du cycle de vie (€)", write_amount),
    "lcc_with_externalities_eur": Column(
        "Coût du cycle de vie avec externalités (€)", write_amount
    ),
    "eac_eur": Column("Annuité équivalente (€/an)", or_reason(write_amount)),
    "horizon_years": Column("Horizon", write_duration),
    "avoided_tco2e": Column("Émissions évitées (tCO2e)", write_number),
    "net_savings_eur": Column("Gain net (€)", or_reason(write_amount)),
    "net_savings_with_externalities_eur": Column(
        "Gain net avec externalités (€)", or_reason(write_amount)
    ),
    "sir": Column("Gains par euro investi (SIR)", or_reason(write_hundredths)),
    "benefit_cost_ratio": Column("Avantages sur coûts", or_reason(write_hundredths)),
    "airr_per_year": Column("Rendement annuel ajusté (AIRR)", or_reason(write_tenths_of_percent)),
    "irr_per_year": Column("Taux de rendement interne (TRI)", or_reason(write_tenths_of_percent)),
    "mirr_per_year": Column("TRI modifié", or_reason(write_tenths_of_percent)),
    "simple_payback_year": Column("Retour simple", or_reason(write_payback)),
    "discounted_payback_year": Column("Retour actualisé", or_reason(write_payback)),
    "payback_with_externalities_year": Column(
        "Retour actualisé avec externalités", or_reason(write_payback)
    ),
    "eur_per_tco2e_avoided": Column("Coût par tonne évitée (€/tCO2e)", or_reason(write_amount)),
    "carbon_price_eur_per_tco2e": Column("Prix du carbone (€/tCO2e)", or_reason(write_amount)),
    "date": Column("Date", write_text, numeric=False),
    "carbon_eur_per_tco2e": Column("Valeur du carbone (€/tCO2e)", write_amount),
    "cheapest": Column("La moins chère", write_text, numeric=False),
    "saved_tco2e": Column("Émissions de moins que la référence (tCO2e)", write_tonnes),
    "discount_rate_per_year": Column("Taux d'actualisation", write_tenths_of_percent),
    # Doubt
    "mean_eur": Column("Moyenne (€)", write_amount),
    "q5_eur": Column("5 % des tirages sous (€)", write_amount),
    "q50_eur": Column("Médiane (€)", write_amount),
    "q95_eur": Column("95 % des tirages sous (€)", write_amount),
    "difference_q5_eur": Column("Écart à la référence, 5 % sous (€)", write_amount),
    "difference_q50_eur": Column("Écart à la référence, médiane (€)", write_amount),
    "difference_q95_eur": Column("Écart à la référence, 95 % sous (€)", write_amount),
    "probability_cheapest": Column("Probabilité d'être la moins chère", write_percent),
    "probability_cleanest": Column("Probabilité d'émettre le moins", write_percent),
    "quantile": Column("Part des tirages en dessous", write_percent, numeric=False),
    "difference": Column("Écart de coût (€)", write_amount),
    "input": Column("Donnée d'entrée", write_text, numeric=False),
    "low_input_text": Column("Valeur basse", write_text, numeric=False),
    "high_input_text": Column("Valeur haute", write_text, numeric=False),
    "low_output": Column("Résultat, entrée basse", write_amount),
    "high_output": Column("Résultat, entrée haute", write_amount),
    "swing": Column("Amplitude", write_amount),
    "first": Column("Effet propre (indice de Sobol)", write_hundredths),
    "total": Column("Effet total (indice de Sobol)", write_hundredths),
    "x": Column("Abscisse", write_number),
    "y": Column("Ordonnée", write_number),
    # Tenders
    "bid": Column("Offre", write_text, numeric=False),
    "criterion": Column("Critère", write_text, numeric=False),
    "weight": Column("Pondération", write_number),
    "mark": Column("Note", write_hundredths),
    "points": Column("Points", write_hundredths),
    "total_points": Column("Total des points", write_hundredths),
    "rank": Column("Rang", write_count),
    "probability_first": Column("Probabilité d'être classée première", write_percent),
}
