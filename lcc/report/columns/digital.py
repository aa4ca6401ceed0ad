"""Columns: what the digital footprint shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from lcc.report import format as fmt
from lcc.report.catalogue import translate
from lcc.report.codes import CODES
from lcc.report.columns.writers import (
    Column,
    write_cents,
    write_count,
    write_duration,
    write_number,
    write_percent,
    write_text,
    write_yes,
)

__all__ = ["DIGITAL"]


def write_digital_code(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write the words of a code of the digital footprint."""
    text = fmt.format_text(row[name], language=language)
    return translate(CODES.get(f"digital-{text}", text), language)


def write_fact(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write a fact, or a dash where the finding needs none."""
    text = row[name]
    return "–" if fmt.is_missing(text) or text == "" else write_text(row, name, language)


DIGITAL: Final[dict[str, Column]] = {
    "digital_tier": Column("Tiers", write_digital_code, numeric=False),
    "digital_phase": Column("Phase", write_digital_code, numeric=False),
    "digital_view": Column("Vue", write_digital_code, numeric=False),
    "digital_step": Column("Étape", write_digital_code, numeric=False),
    "digital_basis": Column("Comment l'usage est connu", write_digital_code, numeric=False),
    "digital_finding": Column("Constat", write_digital_code, numeric=False),
    "digital_treatment": Column("Comptée", write_digital_code, numeric=False),
    "digital_reason": Column("Raison", write_text, numeric=False, spoken="fr"),
    "digital_found": Column("Trouvé", write_fact, numeric=False, spoken="fr"),
    "digital_expected": Column("Attendu", write_fact, numeric=False, spoken="fr"),
    "digital_entry": Column("Identifiant", write_text, numeric=False),
    "digital_rows": Column("Lignes", write_fact, numeric=False),
    "digital_set_aside": Column("Écarté du calcul", write_yes, numeric=False),
    "age_years": Column("Âge (ans)", write_count),
    "digital_units": Column("Unités", write_count),
    "digital_bought_units": Column("Achetées dans l'année", write_count),
    "beyond_lifetime": Column("Au-delà de leur durée de vie", write_percent),
    "beyond_lifetime_units": Column("Unités au-delà de leur durée de vie", write_count),
    "untold_units": Column("Sans facteur de fabrication", write_count),
    "manufacture_tco2e": Column("Fabrication (tCO2e)", write_number),
    "use_tco2e": Column("Usage (tCO2e)", write_number),
    "kgco2e_per_agent": Column("Par agent (kgCO2e)", write_number),
    "kwh": Column("Électricité (kWh)", write_count),
    "digital_spend_cents": Column("Dépense (€ HT)", write_cents),
    "by_inventory_cents": Column("Remplacée par l'inventaire (€ HT)", write_cents),
    "by_spend_cents": Column("Comptée par la dépense (€ HT)", write_cents),
    "not_counted_cents": Column("Non comptée (€ HT)", write_cents),
    "in_map_tco2e": Column("Dans la carte (tCO2e)", write_number),
    "kept_tco2e": Column("Gardé (tCO2e)", write_number),
    "inventory_tco2e": Column("Fabrication de l'inventaire (tCO2e)", write_number),
    "digital_lifetime_years": Column("Durée de vie", write_duration),
    "digital_kept_years": Column("Gardés", write_duration),
    "extra_electricity_tco2e": Column("Électricité de plus (tCO2e/an)", write_number),
}
"""Name of a column → how it is shown."""
