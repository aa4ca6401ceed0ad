"""Draws of a tender's life-cycle costs, against the bare random numbers and against a loop.

10 000 draws × 10 bids × 30 years × 20 items: each item's quantity is the bid's own input, prices,
their growths, the discount rate and the carbon value are shared. The floor draws the same random
numbers with NumPy and multiplies quantities by prices once; the loop calls the public deterministic
function once per draw: a few calls are timed and scaled up to all the draws.
"""

from __future__ import annotations

import json
import resource
import time
from collections.abc import Callable
from datetime import date
from statistics import median
from typing import Any

import numpy as np

from lcc.cost.engine.model import Model
from lcc.cost.files.study import build_study, load_study
from lcc.cost.results.doubt import draw_costs
from lcc.cost.results.result import cost_study
from lcc.cost.study import Study
from lcc.tables import data_path

DRAWS, BIDS, YEARS, ITEMS = 10_000, 10, 30, 20
PRICES = 5
LOOPED = 20
RUNS = 7


def make_study(*, uncertain: bool = True) -> dict[str, Any]:
    """Return the sections of the study."""

    def about(mean: float, cv: float) -> Any:
        return {"normal": [mean, cv * mean]} if uncertain else mean

    prices = {
        f"energy-{rank}": {
            "value": about(0.1 + 0.02 * rank, 0.1),
            "unit": "EUR/kWh",
            "escalation": {"rate_per_year": about(0.01, 0.3)},
            "carbon_component_eur_per_tco2e": 10.0,
        }
        for rank in range(PRICES)
    }
    bids = [
        {
            "key": f"bid-{bid}",
            "items": [
                {
                    "name": f"item {rank}",
                    "kind": "recurring",
                    "category": "energy",
                    "quantity": about(1000.0 + 10 * bid + rank, 0.05),
                    "unit": "kWh/year",
                    "price": f"energy-{rank % PRICES}",
                    "factor": "grid",
                }
                for rank in range(ITEMS)
            ],
        }
        for bid in range(BIDS)
    ]
    return {
        "study": {"title": "Essai", "base_date": date(2026, 1, 1), "period_years": YEARS,
                  "price_year": 2023},
        "discount": {"rate_per_year": about(0.032, 0.1)},
        "prices": prices,
        "factors": {"grid": {"value": about(0.052, 0.05), "unit": "kgCO2e/kWh",
                             "source": "essai"}},
        "externalities": {"carbon_path": "fr-2025", "double_counting": "difference",
                          "multiplier": about(1.0, 0.2)},
        "alternatives": bids,
    }  # fmt: skip


def floor(model: Model) -> float:
    """Draw the same numbers with NumPy, and multiply quantities by prices once."""
    rng = np.random.default_rng(1)
    drawn = {
        name: rng.normal(each.central, 1.0, DRAWS)
        for name, each in model.inputs.items()
        if each.distribution is not None
    }
    quantities = [values for name, values in drawn.items() if name.endswith(".quantity")]
    price = drawn["prices.energy-0"]
    total = np.zeros(DRAWS)
    for values in quantities:
        total += values * price
    return float(total[0])


def floor_by_year(model: Model) -> float:
    """Do the same, then spread each product over every year: a table of all flows."""
    floor(model)
    years, quantities = np.ones((DRAWS, YEARS)), np.ones((DRAWS, 1))
    return float(sum((quantities * years)[0, 0] for _ in range(BIDS * ITEMS)))


def time_median(function: Callable[[], Any]) -> float:
    """Return median seconds of some calls after one that is not counted."""
    function()
    taken = []
    for _ in range(RUNS):
        start = time.perf_counter()
        function()
        taken.append(time.perf_counter() - start)
    return median(taken)


def loop(study: Study) -> float:
    """Return the seconds that one call of the deterministic function per draw would take."""
    start = time.perf_counter()
    for _ in range(LOOPED):
        cost_study(study)
    return (time.perf_counter() - start) / LOOPED * DRAWS


def main() -> None:
    """Measure and print."""
    study = build_study(make_study())
    model = Model(study)
    small = load_study(data_path("procurement_map", "contracts", "eclairage-public.toml"))
    vectorised = time_median(lambda: draw_costs(model, DRAWS))
    numbers = time_median(lambda: floor(model))
    by_year = time_median(lambda: floor_by_year(model))
    looped = loop(study)
    one = time_median(lambda: cost_study(small).measures)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        json.dumps(
            {
                "draws_s": round(vectorised, 4),
                "floor_s": round(numbers, 4),
                "over_floor": round(vectorised / numbers, 2),
                "floor_by_year_s": round(by_year, 4),
                "over_floor_by_year": round(vectorised / by_year, 2),
                "loop_s": round(looped, 1),
                "loop_over_draws": round(looped / vectorised),
                "peak_mb": round(peak),
                "one_study_ms": round(1000 * one, 2),
            }
        )
    )


if __name__ == "__main__":
    main()
