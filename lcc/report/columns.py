"""What each column of a table is called, and how its cells are written.

Labels are the French terms of the project's glossary; the catalogue holds the English ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from lcc.report import format as fmt
from lcc.report.catalogue import translate
from lcc.report.codes import CODES

__all__ = ["COLUMNS", "Column", "describe_column"]

Writer = Callable[[Mapping[str, Any], str, str], str]
"""(row, column name, language) → text of the cell."""

SHARES: Final = ("_per_year", "_rate", "carbon_growth_beyond")
"""How the names of conventions end that chose a share."""


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


def _message(row: Mapping[str, Any], name: str, language: str) -> str:
    text = fmt.format_text(row[name], language=language)
    return translate(CODES.get(text, text), language)


def _yes(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write a truth in words."""
    if fmt.is_missing(row[name]):
        return fmt.missing_text(language)
    return translate(CODES["yes" if row[name] else "no"], language)


def _convention(row: Mapping[str, Any], name: str, language: str) -> str:
    return translate(CODES.get(f"convention-{row[name]}", str(row[name])), language)


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


def _amount(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write a figure to the unit, or to three digits where it is smaller than a hundred."""
    value = row[name]
    if fmt.is_missing(value):
        return fmt.missing_text(language)
    return fmt.format_number(value, language=language, step=min(Decimal(1), fmt.choose_step(value)))


def _hundredths(row: Mapping[str, Any], name: str, language: str) -> str:
    return fmt.format_number(row[name], language=language, step=Decimal("0.01"))


def _tenths_of_percent(row: Mapping[str, Any], name: str, language: str) -> str:
    return fmt.format_percent(row[name], language=language, decimals=1)


def _choice(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write what a convention chose, held as text: a date, a share, a code or a sentence."""
    convention, value = str(row.get("convention")), str(row[name])
    if convention.endswith("_date"):
        return fmt.format_date(date.fromisoformat(value), language=language)
    if convention.endswith(SHARES):
        return fmt.format_percent(float(value), language=language, decimals=1)
    return _message(row, name, language)


def _duration(row: Mapping[str, Any], name: str, language: str) -> str:
    return fmt.format_years(row[name], language=language)


def _payback(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write a duration; none at all is where nothing more was to be paid back."""
    if row[name] == 0:
        return translate("immédiat", language)
    return _duration(row, name, language)


def _or_reason(write: Writer) -> Writer:
    """Return a writer that, where there is no figure, writes the reason its row gives.

    The reason, a code or a sentence, stands in the column of the same name, its unit of time left
    out, that ends in `_reason`: `irr_reason` for `irr_per_year`.
    """

    def write_or_explain(row: Mapping[str, Any], name: str, language: str) -> str:
        if not fmt.is_missing(row[name]):
            return write(row, name, language)
        stems = (name, name.removesuffix("_per_year"), name.removesuffix("_year"))
        reasons = [row.get(f"{stem}_reason") for stem in stems]
        code = next((str(each) for each in reasons if each and not fmt.is_missing(each)), "")
        return translate(CODES.get(code, code), language) or fmt.missing_text(language)

    return write_or_explain


def _percent(row: Mapping[str, Any], name: str, language: str) -> str:
    return fmt.format_percent(row[name], language=language)


def _quality(row: Mapping[str, Any], name: str, language: str) -> str:
    value = row[name]
    if fmt.is_missing(value):
        return fmt.missing_text(language)
    return fmt.format_number(value, language=language, step=Decimal("0.1"))


def _tonnes(row: Mapping[str, Any], name: str, language: str) -> str:
    value = row[name]
    if row.get("covered_eur") == 0 or row.get(f"{name}_reason") == "not-covered":
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
    "status": Column("Nature", _message, numeric=False),
    "convention": Column("Convention", _convention, numeric=False),
    "choice": Column("Choix", _choice, numeric=False),
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
    # Costs
    "alternative": Column("Solution", _text, numeric=False),
    "item": Column("Ligne de coût", _text, numeric=False),
    "eur": Column("Coût (€)", _amount),
    "tco2e": Column("Émissions (tCO2e)", _number),
    "present_eur": Column("Coût actualisé (€)", _amount),
    "cumulative_eur": Column("Coût cumulé (€)", _amount),
    "compared_eur": Column("Coût comparé (€)", _amount),
    "investment_eur": Column("Investissement (€)", _amount),
    "operation_eur": Column("Fonctionnement (€)", _amount),
    "carbon_cost_eur": Column("Coût du carbone (€)", _amount),
    "carbon_in_prices_eur": Column("Carbone déjà dans les prix (€)", _amount),
    "lcc_eur": Column("Coût du cycle de vie (€)", _amount),
    "lcc_with_externalities_eur": Column("Coût du cycle de vie avec externalités (€)", _amount),
    "eac_eur": Column("Annuité équivalente (€/an)", _or_reason(_amount)),
    "horizon_years": Column("Horizon", _duration),
    "avoided_tco2e": Column("Émissions évitées (tCO2e)", _number),
    "net_savings_eur": Column("Gain net (€)", _or_reason(_amount)),
    "net_savings_with_externalities_eur": Column(
        "Gain net avec externalités (€)", _or_reason(_amount)
    ),
    "sir": Column("Gains par euro investi (SIR)", _or_reason(_hundredths)),
    "benefit_cost_ratio": Column("Avantages sur coûts", _or_reason(_hundredths)),
    "airr_per_year": Column("Rendement annuel ajusté (AIRR)", _or_reason(_tenths_of_percent)),
    "irr_per_year": Column("Taux de rendement interne (TRI)", _or_reason(_tenths_of_percent)),
    "mirr_per_year": Column("TRI modifié", _or_reason(_tenths_of_percent)),
    "simple_payback_year": Column("Retour simple", _or_reason(_payback)),
    "discounted_payback_year": Column("Retour actualisé", _or_reason(_payback)),
    "payback_with_externalities_year": Column(
        "Retour actualisé avec externalités", _or_reason(_payback)
    ),
    "eur_per_tco2e_avoided": Column("Coût par tonne évitée (€/tCO2e)", _or_reason(_amount)),
    "carbon_price_eur_per_tco2e": Column("Prix du carbone (€/tCO2e)", _or_reason(_amount)),
    "date": Column("Date", _text, numeric=False),
    "carbon_eur_per_tco2e": Column("Valeur du carbone (€/tCO2e)", _amount),
    "cheapest": Column("La moins chère", _text, numeric=False),
    "saved_tco2e": Column("Émissions de moins que la référence (tCO2e)", _tonnes),
    "discount_rate_per_year": Column("Taux d'actualisation", _tenths_of_percent),
    # Doubt
    "mean_eur": Column("Moyenne (€)", _amount),
    "q5_eur": Column("5 % des tirages sous (€)", _amount),
    "q50_eur": Column("Médiane (€)", _amount),
    "q95_eur": Column("95 % des tirages sous (€)", _amount),
    "difference_q5_eur": Column("Écart à la référence, 5 % sous (€)", _amount),
    "difference_q50_eur": Column("Écart à la référence, médiane (€)", _amount),
    "difference_q95_eur": Column("Écart à la référence, 95 % sous (€)", _amount),
    "probability_cheapest": Column("Probabilité d'être la moins chère", _percent),
    "probability_cleanest": Column("Probabilité d'émettre le moins", _percent),
    "quantile": Column("Part des tirages en dessous", _percent, numeric=False),
    "difference": Column("Écart de coût (€)", _amount),
    "input": Column("Donnée d'entrée", _text, numeric=False),
    "low_input_text": Column("Valeur basse", _text, numeric=False),
    "high_input_text": Column("Valeur haute", _text, numeric=False),
    "low_output": Column("Résultat, entrée basse", _amount),
    "high_output": Column("Résultat, entrée haute", _amount),
    "swing": Column("Amplitude", _amount),
    "first": Column("Effet propre (indice de Sobol)", _hundredths),
    "total": Column("Effet total (indice de Sobol)", _hundredths),
    "x": Column("Abscisse", _number),
    "y": Column("Ordonnée", _number),
    # Plan
    "scope": Column("Portée", _message, numeric=False),
    "start_year": Column("Début", _year, numeric=False),
    "median_start_year": Column("Début médian", _year, numeric=False),
    "one_off_eur": Column("Coût ponctuel (€)", _amount),
    "recurring_eur_per_year": Column("Coût récurrent (€/an)", _amount),
    "baseline_tco2e": Column("Sans le plan (tCO2e)", _amount),
    "planned_tco2e": Column("Avec le plan (tCO2e)", _amount),
    "budget_tco2e": Column("Budget carbone (tCO2e)", _amount),
    "slack_tco2e": Column("Marge (tCO2e)", _amount),
    "excess_tco2e": Column("Dépassement (tCO2e)", _amount),
    "mean_excess_tco2e": Column("Dépassement moyen (tCO2e)", _amount),
    "lost_tco2e": Column("Tonnes perdues sans lui (tCO2e)", _amount),
    "extra_eur": Column("Surcoût du plan sans lui (€)", _or_reason(_amount)),
    "replaced_by": Column("Remplacé par", _message, numeric=False),
    "tightness": Column("Effort (1 : budgets fixés)", _hundredths),
    "step_tco2e": Column("Tonnes de plus (tCO2e)", _amount),
    "step_eur": Column("Coût de plus (€)", _amount),
    "levers": Column("Leviers", _count),
    "side": Column("Sens", _message, numeric=False),
    "delta_tco2e": Column("Pas (tCO2e par an)", _amount),
    "difference_eur": Column("Écart de coût (€)", _amount),
    "eur_per_tco2e": Column("Coût marginal (€/tCO2e)", _amount),
    "probability_in_plan": Column("Probabilité d'être retenu", _percent),
    "probability_held": Column("Probabilité de tenir le budget", _percent),
    "in_nominal_plan": Column("Dans le plan nominal", _yes, numeric=False),
    "no_regret": Column("Sans regret", _yes, numeric=False),
    "set": Column("Ensemble", _count, numeric=False),
    "rule": Column("Règle", _message, numeric=False),
    "of": Column("De", _text, numeric=False),
    "plan": Column("Plan", _message, numeric=False),
    "draws": Column("Tirages", _count),
    # Tenders
    "bid": Column("Offre", _text, numeric=False),
    "criterion": Column("Critère", _text, numeric=False),
    "weight": Column("Pondération", _number),
    "mark": Column("Note", _hundredths),
    "points": Column("Points", _hundredths),
    "total_points": Column("Total des points", _hundredths),
    "rank": Column("Rang", _count),
    "probability_first": Column("Probabilité d'être classée première", _percent),
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
