"""Short ways to write a study in a test."""

from __future__ import annotations

from datetime import date
from typing import Any

from lcc.cost.files.study import build_study
from lcc.cost.results.result import CostResult, cost_study

Content = dict[str, Any]


def content(
    alternatives: dict[str, list[Content]] | list[Content],
    *,
    rate: float | Content = 0.03,
    years: float | Content = 10,
    sections: Content | None = None,
    **study: Any,
) -> Content:
    """Return the sections of a study; alternatives are lists of items, by key."""
    given = (
        [{"key": key, "items": items} for key, items in alternatives.items()]
        if isinstance(alternatives, dict)
        else alternatives
    )
    return {
        "study": {
            "title": "Étude",
            "base_date": date(2025, 1, 1),
            "period_years": years,
            **study,
        },
        "discount": rate if isinstance(rate, dict) and "basis" in rate else {"rate_per_year": rate},
        **(sections or {}),
        "alternatives": given,
    }


def cost(alternatives: Any, **choices: Any) -> CostResult:
    """Return the result of a study written short."""
    return cost_study(build_study(content(alternatives, **choices)))


def item(name: str, kind: str, amount_eur: Any = None, **keys: Any) -> Content:
    """Return an item."""
    given = {} if amount_eur is None else {"amount_eur": amount_eur}
    return {"name": name, "kind": kind, **given, **keys}
