"""Columns: ranks with their probability, and how reliable probabilities are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from lcc.report import format as fmt
from lcc.report.catalogue import translate
from lcc.report.codes import CODES
from lcc.report.columns.writers import Column, Writer, write_count, write_percent

__all__ = ["LEAST_TOLD", "RANKS", "tell_chance", "write_chance", "write_words"]

LEAST_TOLD: Final = 0.01
"""Probability under which, and from one less it over which, only the bound is told."""


def tell_chance(probability: float | None, language: str) -> str:
    """Return a probability that comes from draws: all of them agreeing proves no certainty."""
    if probability is None or fmt.is_missing(probability):
        return fmt.missing_text(language)
    if probability < LEAST_TOLD:
        return f"<{fmt.NO_BREAK}{fmt.format_percent(LEAST_TOLD, language=language)}"
    if probability > 1 - LEAST_TOLD:
        return f">{fmt.NO_BREAK}{fmt.format_percent(1 - LEAST_TOLD, language=language)}"
    return fmt.format_percent(probability, language=language)


def write_chance(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write a probability that comes from draws."""
    return tell_chance(row[name], language)


def write_rank_interval(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write between which ranks a group is."""
    low, high = row.get("rank_low"), row.get("rank_high")
    if low is None or high is None or fmt.is_missing(low) or fmt.is_missing(high):
        return fmt.missing_text(language)
    first, last = (fmt.format_count(each, language=language) for each in (low, high))
    return first if first == last else translate("{first} à {last}", language, first=first,
                                                 last=last)  # fmt: skip


def write_words(prefix: str) -> Writer:
    """Return a writer of a code in words, by the codes that start alike."""

    def write(row: Mapping[str, Any], name: str, language: str) -> str:
        if fmt.is_missing(row[name]):
            return fmt.missing_text(language)
        return translate(CODES.get(f"{prefix}-{row[name]}", str(row[name])), language)

    return write


RANKS: Final[dict[str, Column]] = {
    "rank_interval": Column("Rang, intervalle à 95 %", write_rank_interval),
    "p_first": Column("Premier", write_chance),
    "p_top": Column("Parmi les premiers", write_chance),
    "p_above_next": Column("Dépasse le suivant", write_chance),
    "p_class_a": Column("De ceux qui font 80 %", write_chance),
    "leading": Column("Parmi les premiers ?", write_words("leading"), numeric=False),
    "not_ranked": Column("Sans rang", write_words("not-ranked"), numeric=False),
    "rank_cause": Column("Ce qui est en doute", write_words("cause"), numeric=False),
    "ratio_share": Column("Part du doute sur l'ordre", write_percent),
    "cancelled_share": Column("Part commune, sans effet sur l'ordre", write_percent),
    "mean_forecast": Column("Probabilité annoncée", write_percent),
    "observed": Column("Part observée", write_percent),
    "low_observed": Column("Part observée, borne basse", write_percent),
    "high_observed": Column("Part observée, borne haute", write_percent),
    "forecasts": Column("Nombre de prévisions", write_count),
}
"""Name of a column → how it is shown."""
