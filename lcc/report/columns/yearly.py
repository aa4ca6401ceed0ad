"""Columns: what a yearly account shows."""

from __future__ import annotations

from typing import Final

from lcc.report.columns.changes import write_codes
from lcc.report.columns.writers import (
    Column,
    write_count,
    write_percent,
    write_text,
    write_thousand_euros,
)

__all__ = ["YEARLY"]

YEARLY: Final[dict[str, Column]] = {
    "decision": Column("À décider", write_text, numeric=False),
    "basis": Column("Parce que", write_text, numeric=False),
    "awarded_eur": Column(
        "Montant notifié, ou valeur de la concession (k€ HT)", write_thousand_euros
    ),
    "contract_kind": Column("Type de contrat", write_codes("kind"), numeric=False),
    "controlled": Column("Contrôlés", write_count),
    "in_order": Column("En règle", write_count),
    "at_fault": Column("En défaut", write_count),
    "share_in_order_known": Column("En règle, sur les contrôlés", write_percent),
}
