"""10 000 draws for all families, against drawing the multipliers and one matrix product."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import numpy as np

import lcc
from lcc.tables import data_path

DRAWS = 10_000
REPEATS = 7

demo = data_path("procurement_map", "demo")
carbon = lcc.map_carbon(demo / "paiements.csv", mapping=demo / "correspondance.toml")
emissions = carbon.emissions()
families = carbon.cells["family"]["family"].combine_chunks().dictionary_encode().indices
groups = np.asarray(families.fill_null(-1).to_numpy())
count = int(groups.max()) + 1
totals = emissions.calc_totals(groups, count)
loadings = emissions.errors._loading_matrix()


def measure(work: Callable[[], object]) -> float:
    """Return the median seconds of some repeats."""
    spent = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        work()
        spent.append(time.perf_counter() - start)
    return float(np.median(spent))


def draw_and_multiply() -> object:
    """Draw the multipliers of every term at once, and multiply: the least there is to do."""
    rng = np.random.default_rng(1)
    logs = rng.standard_normal((DRAWS, loadings.shape[0])) @ loadings
    return np.exp(logs - emissions.errors.log_variance() / 2) @ totals.T


print(
    json.dumps(
        {
            "families": count,
            "terms": emissions.errors.terms,
            "floor_s": measure(draw_and_multiply),
            "draws_s": measure(lambda: carbon.arrow_table(draws=DRAWS)),
        }
    )
)
