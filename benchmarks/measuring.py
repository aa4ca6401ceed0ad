"""What to measure next among 2 000 contracts: the whole list, its bound, and where the time goes.

Contracts are drawn: 1 to 6 of 300 (source, product, price, bridge, rule) terms each, of lognormal
size, with errors of lines. The floor is one product of the contracts' terms by the covariance of
the terms: nothing that ranks contracts by their covariance can do with less.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from lcc.uncertainty.information.bounds import bound_gain
from lcc.uncertainty.information.budget import choose_measurements
from lcc.uncertainty.information.decisions import value_for_list
from lcc.uncertainty.information.preposterior import prepare_candidates
from lcc.uncertainty.information.shares import share_by_error, share_by_group
from lcc.uncertainty.shared import Component, SharedErrors

CONTRACTS, TERMS, COUNT, SEED = 2_000, 300, 50, 20261127


def make_contracts() -> dict[str, Any]:
    """Return the terms of made-up contracts and their errors."""
    rng = np.random.default_rng(SEED)
    keys = (4, 120, 12, 140, 60)
    spread = (0.25, 0.3, 0.1, 0.35, 0.3)
    errors = SharedErrors(
        [
            Component(rng.integers(0, count, TERMS), rng.uniform(0, 2 * wide, TERMS))
            for count, wide in zip(keys, spread, strict=True)
        ]
    )
    groups = np.zeros((CONTRACTS, TERMS))
    for row in groups:
        held = rng.choice(TERMS, rng.integers(1, 7), replace=False)
        row[held] = rng.lognormal(3, 1.6, held.size)
    own = (groups**2).sum(axis=1) * rng.uniform(0.01, 0.25, CONTRACTS)
    return {"errors": errors, "groups": groups, "own": own}


def take(function: Callable[[], Any], times: int = 5) -> tuple[float, Any]:
    """Return the best time of a function over some runs, and what it gives."""
    best, found = np.inf, None
    for _ in range(times):
        start = time.perf_counter()
        found = function()
        best = min(best, time.perf_counter() - start)
    return best, found


def main() -> None:
    """Print times in seconds, and their ratio to the floor, as JSON."""
    made = make_contracts()
    errors, groups, own = made["errors"], made["groups"], made["own"]
    covariance = np.expm1(errors.log_covariance())
    cost = np.ones(CONTRACTS)

    def prepare() -> Any:
        return prepare_candidates(
            errors, groups, own, np.zeros(TERMS), 0.0, np.full(CONTRACTS, 0.1), np.ones(CONTRACTS)
        )

    floor, _ = take(lambda: groups @ covariance)
    times = {"floor: one product": floor}
    times["covariances and gains"], candidates = take(prepare)
    lines = np.bincount(groups.argmax(axis=1), own, minlength=TERMS)
    times["shares by error"], _ = take(lambda: share_by_error(errors, groups.sum(axis=0), lines))
    times["shares by contract"], _ = take(
        lambda: share_by_group(candidates.with_total, candidates.variance)
    )
    shares = {}
    for learning, name in ((False, "replaced"), (True, "learned")):
        times[f"choice of {COUNT}, {name}"], chosen = take(
            lambda learning=learning: choose_measurements(
                candidates, cost, COUNT, learning=learning
            )
        )
        times[f"bound, {name}"], bound = take(
            lambda learning=learning, ranks=chosen.ranks: bound_gain(
                candidates, cost, COUNT, ranks, learning=learning
            ),
            2,
        )
        shares[name] = [chosen.gain / candidates.variance, bound / candidates.variance]
    times["worth for the list of 20"], _ = take(
        lambda: value_for_list(candidates.mean, candidates.spread, np.full(CONTRACTS, 0.1), 20)
    )
    whole = sum(each for name, each in times.items() if "floor" not in name)
    told = {name: {"s": round(each, 4), "floors": round(each / floor, 1)}
            for name, each in times.items()}  # fmt: skip
    told["all of it"] = {"s": round(whole, 3), "floors": round(whole / floor, 1)}
    json.dump({"times": told, "variance taken away, and bound": shares}, sys.stdout, indent=2)


if __name__ == "__main__":
    main()
