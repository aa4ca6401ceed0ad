"""Columns: what explains a doubt, what to measure next, significant contracts."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from lcc.report import format as fmt
from lcc.report.catalogue import translate
from lcc.report.codes import CODES
from lcc.report.columns.changes import write_codes
from lcc.report.columns.ranks import write_chance
from lcc.report.columns.writers import (
    Column,
    write_count,
    write_percent,
    write_tenths_of_percent,
    write_text,
    write_thousand_euros,
)

__all__ = ["MEASURING"]

LEAST_SHARE: Final = 0.001
"""Share that one decimal of a percentage still shows."""


def write_gain(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write a share of an interval with one decimal; what that does not show is told as little."""
    value = row[name]
    if not fmt.is_missing(value) and abs(value) < LEAST_SHARE:
        least = fmt.format_percent(LEAST_SHARE, language=language, decimals=1)
        return f"<{fmt.NO_BREAK}{least}"
    return fmt.format_percent(value, language=language, decimals=1)


def write_tonnes_worth(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write tonnes that knowing is worth, with two digits; less than one as such."""
    value = row[name]
    if fmt.is_missing(value):
        return fmt.missing_text(language)
    if value < 1:
        return f"<{fmt.NO_BREAK}1"
    step = max(Decimal(1), fmt.choose_step(value).scaleb(1))
    return fmt.format_number(value, language=language, step=step)


def write_end(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write the end of a contract and the months to it; an end that is not known as such."""
    months = row[name]
    if fmt.is_missing(months):
        return translate(CODES["measuring-unknown"], language)
    day = fmt.format_date(row["end_date"], language=language).replace(" ", fmt.NO_BREAK)
    if months <= 0:
        return translate("{day} (échu)", language, day=day)
    count = fmt.format_count(int(months), language=language)
    return translate("{day} ({count} mois)", language, day=day, count=count)


def write_ranks(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write between which ranks a contract is."""
    low, high = (fmt.format_count(row[each], language=language) for each in ("rank_low", name))
    return low if low == high else f"{low} – {high}"


def write_threshold(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write the threshold of a condition in its unit."""
    value = row[name]
    if row["unit"] == "months":
        return fmt.format_count(value, language=language)
    return fmt.format_percent(value, language=language, decimals=1 if value < LEAST_TENTH else 0)


LEAST_TENTH: Final = 0.1

MEASURING: Final[dict[str, Column]] = {
    "step": Column("Ordre", write_count),
    "first_share": Column("Seule", write_tenths_of_percent),
    "shapley_share": Column("Avec sa part des interactions", write_tenths_of_percent),
    "known_share": Column("Si elle était connue", write_tenths_of_percent),
    "variance_share": Column("Part de la variance du total", write_tenths_of_percent),
    "alone_narrowed_share": Column("Gain, seul", write_gain),
    "reached_share": Column("Gain cumulé", write_gain),
    "precision_cv": Column("Erreur de la mesure", write_percent),
    "covered_share": Column("Part mesurée", write_percent),
    "measuring_eur": Column("Coût de la mesure (k€)", write_thousand_euros),
    "probability_largest": Column("Parmi les plus gros", write_chance),
    "rank_high": Column("Rang, intervalle à 95 %", write_ranks),
    "list_gain_tco2e": Column("Valeur pour le choix des plus gros (tCO2e)", write_tonnes_worth),
    "probability_changes": Column("Probabilité de changer ce choix", write_chance),
    "months_left": Column("Échéance", write_end, numeric=False),
    "conditions": Column("Inscrit comme", write_codes("measuring"), numeric=False),
    "list_condition": Column("Condition", write_codes("measuring"), numeric=False),
    "threshold": Column("Seuil", write_threshold),
    "threshold_unit": Column("Grandeur", write_codes("measuring"), numeric=False),
    "rule_reason": Column("Motif", write_text, numeric=False, spoken="fr"),
}
"""Name of a column → how it is shown."""
