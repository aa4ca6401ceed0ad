"""What each column of a table is called, and how its cells are written.

Labels are the French terms of the project's glossary; the catalogue holds the English ones. A name
means one thing in all tables: where two subjects would use it for two, one of them takes another.
"""

from __future__ import annotations

from typing import Final

from lcc.report.columns.budget import BUDGET
from lcc.report.columns.changes import CHANGES
from lcc.report.columns.clauses import CLAUSES
from lcc.report.columns.contracts import CONTRACTS
from lcc.report.columns.costs import COSTS
from lcc.report.columns.digital import DIGITAL
from lcc.report.columns.indicators import INDICATORS
from lcc.report.columns.learning import LEARNING
from lcc.report.columns.measuring import MEASURING
from lcc.report.columns.opportunities import OPPORTUNITIES
from lcc.report.columns.programme import PROGRAMME
from lcc.report.columns.ranks import RANKS
from lcc.report.columns.spending import SPENDING
from lcc.report.columns.suggestions import SUGGESTIONS
from lcc.report.columns.writers import (
    Column,
    write_cents,
    write_number,
    write_text,
    write_thousand_euros,
)
from lcc.report.columns.yearly import YEARLY

__all__ = ["COLUMNS", "Column", "describe_column"]

COLUMNS: Final[dict[str, Column]] = (
    BUDGET
    | CHANGES
    | CLAUSES
    | CONTRACTS
    | COSTS
    | DIGITAL
    | INDICATORS
    | LEARNING
    | MEASURING
    | OPPORTUNITIES
    | PROGRAMME
    | RANKS
    | SPENDING
    | SUGGESTIONS
    | YEARLY
)


def describe_column(name: str, language: str, sample: object = None) -> Column:
    """Return how to show a column; one that the registry does not know is shown by its type."""
    known = COLUMNS.get(name)
    if known is not None:
        return known
    if name == f"label_{language}" or name in {"label_fr", "label_en"}:
        return COLUMNS["label"]
    if name.endswith("write_cents"):
        return Column(name.removesuffix("write_cents"), write_cents)
    if name.endswith("_eur"):
        return Column(name, write_thousand_euros)
    if isinstance(sample, (int, float)) and not isinstance(sample, bool):
        return Column(name, write_number)
    return Column(name, write_text, numeric=False)
