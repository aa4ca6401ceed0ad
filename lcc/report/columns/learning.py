"""Columns: what is learnt from suppliers' measurements."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from lcc.report import format as fmt
from lcc.report.columns.changes import write_codes
from lcc.report.columns.ranks import write_chance
from lcc.report.columns.writers import (
    Column,
    Writer,
    write_hundredths,
    write_percent,
    write_text,
    write_tonnes,
)

__all__ = ["LEARNING"]

HUNDREDTH: Final = Decimal("0.01")


def _write_factor_bounds(prefix: str) -> Writer:
    """Return a writer of an interval of multipliers."""

    def write(row: Mapping[str, Any], name: str, language: str) -> str:
        bounds = [row.get(f"{prefix}{end}") for end in ("low", "high")]
        if any(map(fmt.is_missing, bounds)):
            return fmt.missing_text(language)
        low, high = (fmt.format_number(each, language=language, step=HUNDREDTH) for each in bounds)
        return f"[{low} – {high}]"

    return write


def _write_tonne_bounds(prefix: str, middle: str) -> Writer:
    """Return a writer of an interval of tonnes."""

    def write(row: Mapping[str, Any], name: str, language: str) -> str:
        low, high = (row.get(f"{prefix}{end}_tco2e") for end in ("low", "high"))
        return fmt.format_interval(row.get(middle), low, high, language=language, with_value=False)

    return write


LEARNING: Final[dict[str, Column]] = {
    "factor_multiplier": Column("Facteur (fois celui d'avant)", write_hundredths),
    "factor_interval": Column("Intervalle à 95 %", _write_factor_bounds("")),
    "prior_interval": Column("Intervalle d'avant", _write_factor_bounds("prior_")),
    "new_interval": Column("Marché non mesuré", _write_factor_bounds("new_")),
    "doubt_removed": Column("Doute levé", write_percent),
    "conflict_probability": Column("Probabilité de mesures aussi éloignées", write_chance),
    "before_bounds": Column("Intervalle d'avant", _write_tonne_bounds("before_", "before_tco2e")),
    "after_bounds": Column("Intervalle d'après", _write_tonne_bounds("after_", "after_tco2e")),
    "measurement_id": Column("Mesure", write_text, numeric=False),
    "measured_ratio": Column("Mesuré sur attendu de la carte", write_hundredths),
    "measured_method": Column("Méthode de mesure", write_text, numeric=False),
    "document": Column("Justificatif", write_text, numeric=False),
    "measured_basis": Column("Valeur donnée", write_codes("learning"), numeric=False),
    "factor_weight": Column("Poids dans le facteur", write_percent),
    "fate": Column("Sort", write_codes("learning"), numeric=False),
    "fate_reason": Column("Motif", write_codes("learning"), numeric=False),
    "said_value": Column("Valeur", write_text, numeric=False),
    "map_tco2e": Column("Par la carte (tCO2e)", write_tonnes),
    "supplier_tco2e": Column("Mesuré (tCO2e)", write_tonnes),
    "supplier_bounds": Column(
        "Intervalle à 95 %", _write_tonne_bounds("measured_", "measured_tco2e")
    ),
    "expected_tco2e": Column("Attendu du marché (tCO2e)", write_tonnes),
    "own_weight": Column("Poids de son propre chiffre", write_percent),
    "monetary_tco2e": Column("Sans la mesure (tCO2e)", write_tonnes),
    "measured_step_tco2e": Column("Prix +10 %, mesuré (tCO2e)", write_tonnes),
    "monetary_step_tco2e": Column("Prix +10 %, sans la mesure (tCO2e)", write_tonnes),
}
