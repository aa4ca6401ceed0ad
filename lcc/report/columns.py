"""What each column of a table is called, and how its cells are written.

Labels are the French terms of the project's glossary; the catalogue holds the English ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from lcc.report import format as fmt
from lcc.report.catalogue import translate

__all__ = ["COLUMNS", "Column", "describe_column"]

Writer = Callable[[Mapping[str, Any], str, str], str]
"""(row, column name, language) → text of the cell."""


@dataclass(frozen=True)
class Column:
    """How one column is shown.

    Parameters
    ----------
    label : str
        French heading, a message of the catalogue.
    write : callable
        Writes the cell.
    numeric : bool
        True where cells align on the right.
    """

    label: str
    write: Writer
    numeric: bool = True

    def heading(self, language: str) -> str:
        """Return the heading in the language."""
        return translate(self.label, language)


def _text(row: Mapping[str, Any], name: str, language: str) -> str:
    return fmt.format_text(row[name], language=language)


CODES: Final = {
    "no-code-known": "aucun code ne donne la famille",
    "no-year": "exercice inconnu",
    "no-factor": "aucun facteur pour cette famille et cet exercice",
    "supplier": "Donnée fournisseur",
    "physical": "Facteur physique",
    "price-derived": "Prix converti en quantité",
    "monetary": "Ratio monétaire",
}
"""Codes found in tables, in French."""


def _message(row: Mapping[str, Any], name: str, language: str) -> str:
    text = fmt.format_text(row[name], language=language)
    return translate(CODES.get(text, text), language)


def _count(row: Mapping[str, Any], name: str, language: str) -> str:
    return fmt.format_count(row[name], language=language)


def _number(row: Mapping[str, Any], name: str, language: str) -> str:
    return fmt.format_number(row[name], language=language)


def _rounded(row: Mapping[str, Any], name: str, language: str) -> str:
    value = row[name]
    step = None if fmt.is_missing(value) or not value else fmt.choose_step(value).scaleb(1)
    return fmt.format_number(value, language=language, step=step)


def _year(row: Mapping[str, Any], name: str, language: str) -> str:
    value = row[name]
    return fmt.missing_text(language) if fmt.is_missing(value) else str(int(value))


def _thousand_euros(row: Mapping[str, Any], name: str, language: str) -> str:
    value = row[name]
    if fmt.is_missing(value):
        return fmt.missing_text(language)
    thousands = float(value) / 1000
    step = Decimal("0.1") if 0 < abs(thousands) < 10 else Decimal(1)
    return fmt.format_number(thousands, language=language, step=step)


def _cents(row: Mapping[str, Any], name: str, language: str) -> str:
    value = row[name]
    if fmt.is_missing(value):
        return fmt.missing_text(language)
    # Reconciliation is to the cent: nothing is rounded here.
    return fmt.format_number(Decimal(int(value)) / 100, language=language, step=Decimal("0.01"))


def _percent(row: Mapping[str, Any], name: str, language: str) -> str:
    return fmt.format_percent(row[name], language=language)


def _quality(row: Mapping[str, Any], name: str, language: str) -> str:
    value = row[name]
    if fmt.is_missing(value):
        return fmt.missing_text(language)
    return fmt.format_number(value, language=language, step=Decimal("0.1"))


def _tonnes(row: Mapping[str, Any], name: str, language: str) -> str:
    value = row[name]
    if row.get("covered_eur") == 0:
        return translate("non couvert", language)
    if fmt.is_missing(value):
        return fmt.missing_text(language)
    bounds = (row.get("low_tco2e"), row.get("high_tco2e"))
    low, high = (None, None) if any(map(fmt.is_missing, bounds)) else bounds
    return fmt.format_number(value, language=language, step=fmt.choose_step(value, low, high))


def _interval(row: Mapping[str, Any], name: str, language: str) -> str:
    if row.get("covered_eur") == 0:
        return fmt.missing_text(language)
    return fmt.format_interval(
        row.get("emissions_tco2e"),
        row.get("low_tco2e"),
        row.get("high_tco2e"),
        language=language,
        with_value=False,
    )


COLUMNS: Final[dict[str, Column]] = {
    "group": Column("Code", _text, numeric=False),
    "label": Column("Libellé", _text, numeric=False),
    "family": Column("Famille d'achat", _text, numeric=False),
    "family_label": Column("Famille d'achat", _text, numeric=False),
    "supplier": Column("Fournisseur", _text, numeric=False),
    "contract": Column("Marché", _text, numeric=False),
    "directorate": Column("Direction", _text, numeric=False),
    "year": Column("Exercice", _year, numeric=False),
    "lines": Column("Lignes", _count),
    "spend_eur": Column("Dépense du périmètre (k€ HT)", _thousand_euros),
    "covered_eur": Column("Dépense couverte (k€ HT)", _thousand_euros),
    "uncovered_eur": Column("Non couvert (k€ HT)", _thousand_euros),
    "amount_eur": Column("Montant (k€ HT)", _thousand_euros),
    "coverage": Column("Part couverte", _percent),
    "share": Column("Part", _percent),
    "share_of_spend": Column("Part de la dépense", _percent),
    "share_of_emissions": Column("Part des émissions", _percent),
    "emissions_tco2e": Column("Émissions (tCO2e)", _tonnes),
    "market_tco2e": Column("Avec le facteur du fournisseur (tCO2e)", _tonnes),
    "interval": Column("Intervalle à 95 %", _interval),
    "doubt_tco2e": Column("Étendue de l'intervalle (tCO2e)", _rounded),
    "intensity_kgco2e_per_eur": Column("Intensité carbone (kgCO2e/€ HT)", _rounded),
    "share_supplier": Column("Donnée fournisseur", _percent),
    "share_physical": Column("Facteur physique", _percent),
    "share_price_derived": Column("Prix converti en quantité", _percent),
    "share_monetary": Column("Ratio monétaire", _percent),
    "quality": Column("Qualité (1 à 5)", _quality),
    "abc_class": Column("Classe ABC", _text, numeric=False),
    "factor_id": Column("Facteur d'émission", _text, numeric=False),
    "source": Column("Source", _text, numeric=False),
    "source_version": Column("Version", _text, numeric=False),
    "version": Column("Version", _text, numeric=False),
    "locator": Column("Repère dans la source", _text, numeric=False),
    "licence": Column("Licence", _text, numeric=False),
    "value": Column("Valeur", _number),
    "kgco2e_per_unit": Column("kgCO2e par unité", _number),
    "factor_cv": Column("Erreur du facteur (coefficient de variation)", _percent),
    "bridge_cv": Column("Erreur du rapprochement (coefficient de variation)", _percent),
    "factors": Column("Facteurs", _count),
    "file": Column("Fichier", _text, numeric=False),
    "rows_read": Column("Lignes lues", _count),
    "rows_kept": Column("Lignes gardées", _count),
    "rows_quarantined": Column("Lignes écartées", _count),
    "amount_read_cents": Column("Montant lu (€)", _cents),
    "amount_kept_cents": Column("Montant gardé (€)", _cents),
    "amount_quarantined_cents": Column("Montant écarté (€)", _cents),
    "unit": Column("Unité", _text, numeric=False),
    "reason": Column("Motif", _message, numeric=False),
    "category": Column("Catégorie", _message, numeric=False),
    "method": Column("Méthode de calcul", _message, numeric=False),
}


def describe_column(name: str, language: str, sample: object = None) -> Column:
    """Return how to show a column; one that the registry does not know is shown by its type."""
    known = COLUMNS.get(name)
    if known is not None:
        return known
    if name == f"label_{language}" or name in {"label_fr", "label_en"}:
        return COLUMNS["label"]
    if name.endswith("_cents"):
        return Column(name.removesuffix("_cents"), _cents)
    if name.endswith("_eur"):
        return Column(name, _thousand_euros)
    if isinstance(sample, (int, float)) and not isinstance(sample, bool):
        return Column(name, _number)
    return Column(name, _text, numeric=False)
