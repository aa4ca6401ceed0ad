"""Needs made by hand, for the tests of opportunities."""

from __future__ import annotations

from datetime import date
from typing import Any

from dateutil.relativedelta import relativedelta

from lcc.budget.opportunities.needs import Need

AS_OF = date(2024, 12, 31)
OWN_ID, OTHER_ID = "20009320100016", "21590163800019"


def need(number: str, **more: Any) -> Need:
    """Return a contract of the sports directorate that ends on 31 March 2026, prepared 9 months
    before; `launch_by` and `end` go together unless both are given.
    """
    facts: dict[str, Any] = {
        "origin": "own",
        "buyer_id": OWN_ID,
        "buyer_name": None,
        "number": number,
        "label": f"Produits d'entretien {number}",
        "family": "13.06",
        "cpv": None,
        "directorate": "Sports",
        "procedure": number,
        "start": date(2022, 4, 1),
        "end": date(2026, 3, 31),
    } | more
    if "launch_by" not in facts:
        end = facts["end"]
        facts["launch_by"] = None if end is None else end - relativedelta(months=9)
    return Need(**facts)


def other(number: str, **more: Any) -> Need:
    """Return a contract of another buyer, without a directorate."""
    return need(number, **{"origin": "neighbour", "buyer_id": OTHER_ID, "directorate": None} | more)
