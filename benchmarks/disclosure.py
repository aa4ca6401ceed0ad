"""Protecting a métropole's purchases: by family and by directorate, against the rule alone.

15 000 drawn contributions of 3 000 suppliers (4 % sole traders, 10 % of unknown legal form) to
110 families, in segments of eight, and 20 directorates; amounts are lognormal. Shapes: `usual`
(families of like size: little is masked), `uneven` (most families small: a fifth of the cells
is masked). The floor lays the table out and judges every cell by the rule, nothing else.

Usage: python benchmarks/disclosure.py [SHAPE …]
"""

from __future__ import annotations

import json
import sys
import time

import numpy as np
import pandas as pd

from lcc.publication.disclosure import Dimension, load_disclosure_rule, protect
from lcc.publication.disclosure.cells import lay_out
from lcc.publication.disclosure.rule import is_sensitive

FAMILIES, DIRECTORATES, SUPPLIERS, ROWS = 110, 20, 3_000, 15_000
SHAPES = {"usual": 0.5, "uneven": 1.5}
DIMENSIONS = [Dimension("segment"), Dimension("family", "segment"), Dimension("directorate")]
VALUES = ["spend_eur", "emissions_tco2e"]
TABLES = [["family"], ["directorate"]]


def make_contributions(steepness: float, seed: int = 1) -> pd.DataFrame:
    """Return one row per supplier, family and directorate.

    Parameters
    ----------
    steepness : float
        Exponent by which families are chosen less the higher their rank.
    seed : int
    """
    rng = np.random.default_rng(seed)

    def choose(number: int, exponent: float, size: int) -> np.ndarray:
        weight = np.arange(1, number + 1) ** -exponent
        return rng.choice(number, size, p=weight / weight.sum())

    supplier = choose(SUPPLIERS, 0.6, ROWS)
    supplier[:SUPPLIERS] = np.arange(SUPPLIERS)
    # Seven purchases in ten are of the family the supplier mostly sells.
    home = choose(FAMILIES, steepness, SUPPLIERS)
    family = np.where(rng.random(ROWS) < 0.7, home[supplier], choose(FAMILIES, steepness, ROWS))
    kind = rng.random(SUPPLIERS)
    person = np.select([kind < 0.04, kind < 0.14], [True, None], False)
    euros = rng.lognormal(8.5, 1.8, ROWS).round(2)
    frame = pd.DataFrame(
        {
            "supplier": [f"s{each:04d}" for each in supplier],
            "person": pd.Series(person[supplier], dtype=object),
            "family": [f"f{each:03d}" for each in family],
            "segment": [f"g{each // 8:02d}" for each in family],
            "directorate": [f"d{each:02d}" for each in choose(DIRECTORATES, 0.5, ROWS)],
            "spend_eur": euros,
            "emissions_tco2e": euros * rng.uniform(1e-4, 1e-3, FAMILIES)[family],
        }
    )
    keys = ["supplier", "person", "segment", "family", "directorate"]
    return frame.groupby(keys, dropna=False, as_index=False)[VALUES].sum()


def judge(contributions: pd.DataFrame) -> int:
    """Return how many cells the rule names: what must be worked out in any case."""
    layout, rule = lay_out(contributions, DIMENSIONS, VALUES, TABLES), load_disclosure_rule()
    return sum(is_sensitive(layout, each, rule) for each in layout.members)


def main() -> None:
    """Measure and print one line per shape."""
    for name in sys.argv[1:] or list(SHAPES):
        contributions = make_contributions(SHAPES[name])
        start = time.perf_counter()
        named = judge(contributions)
        floor = time.perf_counter() - start
        start = time.perf_counter()
        found = protect(contributions, DIMENSIONS, VALUES, tables=TABLES)
        taken = time.perf_counter() - start
        print(
            json.dumps(
                {"shape": name, "rows": len(contributions), "cells": len(found.cells),
                 "named": named, "masked": found.masked, "floor_s": round(floor, 2),
                 "protect_s": round(taken, 1), "ratio": round(taken / floor, 1)}
            ),
            flush=True,
        )  # fmt: skip


if __name__ == "__main__":
    main()
