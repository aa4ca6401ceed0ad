"""Columns: ranks with their probability, and how reliable probabilities are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from lcc.report import format as fmt
from lcc.report.catalogue import translate
from lcc.report.codes import CODES
from lcc.report.columns.writers import Column, write_count, write_percent

__all__ = ["LEAST_TOLD", "RANKS", "tell_chance"]

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


def write_leading(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write in words whether a group is among the first."""
    if fmt.is_missing(row[name]):
        return fmt.missing_text(language)
    return translate(CODES.get(f"leading-{row[name]}", str(row[name])), language)


RANKS: Final[dict[str, Column]] = {
    "mean_forecast": Column("Probabilité annoncée", write_percent),
    "observed": Column("Part observée", write_percent),
    "low_observed": Column("Part observée, borne basse", write_percent),
    "high_observed": Column("Part observée, borne haute", write_percent),
    "forecasts": Column("Nombre de prévisions", write_count),
}
"""Name of a column → how it is shown."""
