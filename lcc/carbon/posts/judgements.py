"""Why each family lies in its posts, and how many tonnes rest on which judgement."""

from __future__ import annotations

from typing import Any

import numpy as np

from lcc.carbon.posts.inventory import Inventory
from lcc.tables import load_reference
from lcc.units import CENTS_PER_EUR, KG_PER_TONNE

__all__ = ["list_judgements"]

CONFIDENCES = ("low", "medium", "high")


def list_judgements(inventory: Inventory, nomenclature: str) -> list[dict[str, Any]]:
    """Return one row per family, post and rule of the year, the heaviest first.

    Parameters
    ----------
    inventory : Inventory
        Rows of the year.
    nomenclature : str
        `2022` or `2016`.
    """
    shares = inventory.shares
    families = inventory.cells["family"].to_pylist()
    cents = inventory.cells["spend_cents"].to_pylist()
    kilograms = inventory.kept * inventory.weight
    sums: dict[tuple[str, str, str], list[float]] = {}
    # Quantities have no family: their post is what their row says.
    for rank in np.flatnonzero(inventory.weight > 0):
        cell = int(shares.cell[rank])
        if families[cell] is not None:
            key = (families[cell], str(shares.post[rank]), str(shares.reason[rank]))
            found = sums.setdefault(key, [0.0, 0.0])
            found[0] += float(kilograms[rank]) / KG_PER_TONNE
            if shares.principal[rank] and inventory.this_year[rank]:
                found[1] += cents[cell] / CENTS_PER_EUR
    known = {
        (row["family"], row[f"post_{nomenclature}"]): row
        for row in load_reference("procurement_map", "family_post").to_pylist()
    }
    rows = [
        {
            "family": family,
            "part": known[family, post]["part"],
            "post": post,
            "confidence": _tell_confidence(known[family, post], rule),
            "reason": known[family, post]["reason"],
            "rule": rule,
            "tco2e": tonnes,
            "spend_eur": spend_eur,
        }
        for (family, post, rule), (tonnes, spend_eur) in sums.items()
    ]
    return sorted(rows, key=lambda row: (-abs(row["tco2e"]), row["family"], row["post"]))


def _tell_confidence(row: dict[str, Any], rule: str) -> str:
    """Return how sure a post is: the less sure of the post and, where guessed, of the section."""
    told: str = row["confidence"]
    if rule != "usual-section" or row["default_confidence"] is None:
        return told
    return min(told, str(row["default_confidence"]), key=CONFIDENCES.index)
