"""Columns: what a yearly account shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from lcc.report import format as fmt
from lcc.report.columns.changes import write_codes
from lcc.report.columns.writers import (
    Column,
    write_count,
    write_percent,
    write_tenths_of_percent,
    write_text,
    write_thousand_euros,
)

__all__ = ["YEARLY"]


def write_effect_interval(row: Mapping[str, Any], name: str, language: str) -> str:
    """Write the interval of a clause's effect: [-11,3 % – 6,5 %]."""
    bounds = ("effect_low", "effect_high")
    if any(fmt.is_missing(row.get(each)) for each in bounds):
        return "–"
    return f"[{' – '.join(write_tenths_of_percent(row, each, language) for each in bounds)}]"


YEARLY: Final[dict[str, Column]] = {
    "decision": Column("À décider", write_text, numeric=False),
    "basis": Column("Parce que", write_text, numeric=False),
    "awarded_eur": Column(
        "Montant notifié, ou valeur de la concession (k€ HT)", write_thousand_euros
    ),
    "contract_kind": Column("Type de contrat", write_codes("kind"), numeric=False),
    "effect_interval": Column("Intervalle à 95 %", write_effect_interval),
    "controlled": Column("Contrôlés", write_count),
    "in_order": Column("En règle", write_count),
    "at_fault": Column("En défaut", write_count),
    "share_in_order_known": Column("En règle, sur les contrôlés", write_percent),
}
