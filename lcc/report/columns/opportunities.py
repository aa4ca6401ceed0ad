"""Columns: purchases to make together, scattered ones, alternatives to buying."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from lcc.report import format as fmt
from lcc.report.columns.writers import (
    Column,
    write_count,
    write_day,
    write_message,
    write_percent,
    write_text,
    write_thousand_euros,
)

__all__ = ["OPPORTUNITIES"]


def write_expected(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write tonnes that are not paid yet, with their interval."""
    value = row[name]
    if fmt.is_missing(value):
        return fmt.missing_text(language)
    bounds = (row.get("unpaid_low_tco2e"), row.get("unpaid_high_tco2e"))
    mass = fmt.format_number(value, language=language, step=fmt.choose_step(value, *bounds))
    interval = fmt.format_interval(value, *bounds, language=language, with_value=False)
    return f"{mass}{fmt.NO_BREAK}{interval}"


OPPORTUNITIES: Final[dict[str, Column]] = {
    "pool_what": Column("Achat à regrouper", write_text, numeric=False),
    "pool_action": Column("Comment", write_message, numeric=False),
    "pool_reason": Column("Pourquoi", write_text, numeric=False),
    "decide_by": Column("À décider avant le", write_day, numeric=False),
    "awarded_eur_per_year": Column("Non payé (k€/an)", write_thousand_euros),
    "paid_eur": Column("Payé (k€ HT)", write_thousand_euros),
    "unpaid_tco2e": Column("Du non payé (tCO2e)", write_expected),
    "saving_low_eur": Column("Économie attendue, au moins (k€)", write_thousand_euros),
    "saving_high_eur": Column("Économie attendue, au plus (k€)", write_thousand_euros),
    "saving_source": Column("Qui l'attend", write_text, numeric=False),
    "orders": Column("Commandes", write_count),
    "suppliers": Column("Fournisseurs", write_count),
    "median_order_eur": Column("Commande médiane (k€ HT)", write_thousand_euros),
    "threshold_eur": Column("Seuil dépassé (k€ HT)", write_thousand_euros),
    "threshold_rule": Column("Ce qu'il demande", write_message, numeric=False),
    "other_way": Column("Autre voie", write_message, numeric=False),
    "other_what": Column("Famille et autre voie", write_text, numeric=False),
    "condition": Column("Quand", write_text, numeric=False),
    "reasoning": Column("Raison d'y penser", write_text, numeric=False),
    "to_know": Column("À savoir pour décider", write_text, numeric=False),
    "reuse_share": Column("Part réemployée demandée (AGEC)", write_percent),
    "other_basis": Column("Origine", write_text, numeric=False),
}
