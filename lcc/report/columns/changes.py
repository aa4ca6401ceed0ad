"""Columns: what changed between years, and what was published beside what is recomputed."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from lcc.report import format as fmt
from lcc.report.catalogue import translate
from lcc.report.codes import CODES
from lcc.report.columns.writers import (
    Column,
    Writer,
    write_day,
    write_text,
    write_thousand_euros,
    write_tonnes,
)

__all__ = ["CHANGES"]


def write_codes(prefix: str) -> Writer:
    """Return a writer of one or more codes in words; a value of the data stands as it is."""

    def write(row: Mapping[str, Any], name: str, language: str) -> str:
        codes = "" if fmt.is_missing(row[name]) else str(row[name])
        words = [CODES.get(f"{prefix}-{each}") for each in codes.split()]
        if not words or None in words:
            return codes or "–"
        return ", ".join(translate(each, language) for each in words if each)

    return write


def write_change_interval(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write the interval of a change."""
    low, high = row.get("low_tco2e"), row.get("high_tco2e")
    if fmt.is_missing(low) or fmt.is_missing(high) or low == high:
        return "–"
    # Where the change itself cannot be seen, its bounds still say what it may be.
    value = 0.0 if fmt.is_missing(row.get("change_tco2e")) else row.get("change_tco2e")
    return fmt.format_interval(value, low, high, language=language, with_value=False)


def write_figure(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write a figure with its own unit, in the row's `unit`; it stays apart from its neighbour."""
    value, unit = row[name], str(row["unit"])
    if fmt.is_missing(value):
        return fmt.missing_text(language)
    beside = [float(each) for each in _list_figures(row)]
    if unit == "EUR":
        shown, step = fmt.choose_euros(beside)
        return fmt.format_euros(value, language=language, unit=shown, step=step)
    if unit == "share":
        return fmt.format_percent(value, language=language, decimals=1)
    step = Decimal(1) if float(value).is_integer() else fmt.choose_apart(beside)
    return f"{fmt.format_number(value, language=language, step=step)}{fmt.NO_BREAK}{unit}"


def _list_figures(row: Mapping[str, Any]) -> list[Any]:
    """Return the figures that stand side by side in a row."""
    both = (row.get("published"), row.get("recomputed"))
    return [each for each in both if not fmt.is_missing(each)]


def write_relative(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write a relative difference, with its sign and one decimal."""
    value = row[name]
    if fmt.is_missing(value):
        return fmt.missing_text(language)
    text = fmt.format_percent(value, language=language, decimals=1)
    return f"+{text}" if value > 0 and not text.startswith("<") else text


CHANGES: Final[dict[str, Column]] = {
    "cause": Column("Cause", write_codes("change"), numeric=False),
    "change_tco2e": Column("Changement (tCO2e)", write_tonnes),
    "change_interval": Column("Intervalle à 95 %", write_change_interval),
    "change_eur": Column("Changement (k€ HT courants)", write_thousand_euros),
    "change_detail": Column("Précision", write_codes("change"), numeric=False),
    "before_tco2e": Column("Avant (tCO2e)", write_tonnes),
    "after_tco2e": Column("Après (tCO2e)", write_tonnes),
    "perimeter_tco2e": Column("Périmètre (tCO2e)", write_tonnes),
    "price_tco2e": Column("Prix (tCO2e)", write_tonnes),
    "volume_tco2e": Column("Volume (tCO2e)", write_tonnes),
    "mix_tco2e": Column("Nature des achats (tCO2e)", write_tonnes),
    "suppliers_tco2e": Column("Choix des fournisseurs (tCO2e)", write_tonnes),
    "contracts_tco2e": Column("Choix des marchés (tCO2e)", write_tonnes),
    "method_tco2e": Column("Mode de calcul (tCO2e)", write_tonnes),
    "factors_tco2e": Column("Ratios d'une autre année (tCO2e)", write_tonnes),
    "real_tco2e": Column("Fournisseurs et mesures (tCO2e)", write_tonnes),
    "group_label": Column("Famille", write_text, numeric=False),
    "perimeter_fact": Column("Ce qui change", write_codes("perimeter"), numeric=False),
    "perimeter_key": Column("Nom ou numéro", write_text, numeric=False),
    "perimeter_direction": Column("Sens", write_codes("perimeter"), numeric=False),
    "perimeter_reason": Column("Motif", write_text, numeric=False),
    "before_eur": Column("Avant (k€ HT)", write_thousand_euros),
    "after_eur": Column("Après (k€ HT)", write_thousand_euros),
    "change_reading": Column("Ce qui reste", write_codes("change"), numeric=False),
    "relative": Column("Écart relatif", write_relative),
    "figure": Column("Chiffre", write_codes("figure"), numeric=False),
    "published": Column("Publié", write_figure),
    "recomputed": Column("Recalculé par la méthode d'aujourd'hui", write_figure),
    "published_on": Column("Publié le", write_day, numeric=False),
    "restated_cause": Column("Ce qui a changé", write_codes("restated"), numeric=False),
    "change_kind": Column("Nature du changement", write_codes("method"), numeric=False),
    "change_what": Column("Élément", write_text, numeric=False),
    "method_before": Column("Avant", write_text, numeric=False),
    "method_after": Column("Maintenant", write_text, numeric=False),
}
"""Name of a column → how it is shown."""
