"""Columns: families suggested for titles without a code."""

from __future__ import annotations

from typing import Final

from lcc.report.columns.ranks import write_chance, write_words
from lcc.report.columns.writers import Column, write_text

__all__ = ["SUGGESTIONS"]

SUGGESTIONS: Final[dict[str, Column]] = {
    "suggested_title": Column("Objet sans code", write_text, numeric=False),
    "suggestion_state": Column("Ce qui peut en être dit", write_words("suggestion"), numeric=False),
    "suggested_segment": Column("Segment proposé", write_text, numeric=False),
    "suggested_family": Column("Famille proposée", write_text, numeric=False),
    "suggestion_chance": Column("Probabilité de la famille", write_chance),
    "suggestion_reasons": Column("Mots pour (+) et contre (−)", write_text, numeric=False),
}
"""Name of a column → how it is shown."""
