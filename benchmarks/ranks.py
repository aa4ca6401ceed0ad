"""Ranks of 5 000 suppliers over 10 000 draws, against drawing and sorting the totals alone.

Usage: python benchmarks/ranks.py [--groups 5000] [--draws 10000] [--runs 5]

The floor draws the same multipliers and errors of groups, makes the totals by one product of
matrices in single precision, and sorts each draw's totals: values alone, no ranks, no counts. Same
blocks, one thread per core. Medians of runs in turn after one that is not counted.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from threadpoolctl import threadpool_limits

from lcc.uncertainty.ranks import DRAWS_PER_BLOCK, calc_ranks
from lcc.uncertainty.shared import Component, SharedErrors

SEED = 20261127
TERMS = 200


def make_model(groups: int) -> tuple[SharedErrors, np.ndarray, np.ndarray]:
    """Return an error model of the size of a map's, and suppliers of one to five terms each."""
    rng = np.random.default_rng(SEED)
    errors = SharedErrors(
        [
            Component(rng.integers(0, 5, TERMS), np.full(TERMS, 0.2)),
            Component(rng.integers(0, 63, TERMS), np.full(TERMS, 0.2)),
            Component(np.arange(TERMS), np.full(TERMS, 0.34)),
        ]
    )
    totals = np.zeros((groups, TERMS))
    for row in totals:
        count = rng.integers(1, 6)
        row[rng.choice(TERMS, count, replace=False)] = rng.lognormal(8, 2, count)
    return errors, totals, (0.2 * totals.sum(axis=1)) ** 2


def run_floor(errors: SharedErrors, totals: np.ndarray, own: np.ndarray, draws: int) -> None:
    """Draw, multiply and sort, block by block."""
    single = np.ascontiguousarray(totals.T, dtype=np.float32)
    log_sd = errors.own_errors(totals, own).log_sd.astype(np.float32)

    def run(block: int) -> None:
        rng = np.random.default_rng([SEED, block])
        multipliers = np.concatenate(list(errors.draw_multipliers(DRAWS_PER_BLOCK, rng)))
        drawn = multipliers.astype(np.float32) @ single
        drawn *= np.exp(rng.standard_normal(drawn.shape, dtype=np.float32) * log_sd)
        drawn.sort(axis=1)

    with threadpool_limits(1, "blas"), ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(run, range(draws // DRAWS_PER_BLOCK)))


def time_call(call: Callable[[], object]) -> tuple[float, float]:
    """Return the seconds of a call, and those of the processors."""
    start, worked = time.perf_counter(), time.process_time()
    call()
    return time.perf_counter() - start, time.process_time() - worked


def main() -> None:
    """Time ranks and floor in turn, and say seconds, ratio and peak memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--groups", type=int, default=5000)
    parser.add_argument("--draws", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=5)
    asked = parser.parse_args()
    errors, totals, own = make_model(asked.groups)
    calls: dict[str, Callable[[], object]] = {
        "floor": lambda: run_floor(errors, totals, own, asked.draws),
        "ranks": lambda: calc_ranks(errors, totals, own, draws=asked.draws, seed=SEED),
    }
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in calls}
    for turn in range(asked.runs + 1):
        for name, call in calls.items():
            seconds = time_call(call)
            if turn:
                times[name].append(seconds)
    for name, measured in times.items():
        seconds, worked = (statistics.median(each) for each in zip(*measured, strict=True))
        sys.stdout.write(f"{name}: {seconds:.2f} s, {worked:.2f} processor s\n")
    ratio = statistics.median(each[1] for each in times["ranks"]) / statistics.median(
        each[1] for each in times["floor"]
    )
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    sys.stdout.write(
        f"{asked.groups} groups × {asked.draws} draws: ranks over floor {ratio:.2f} (processor), "
        f"least {min(each[0] for each in times['ranks']):.2f} s; peak {peak_mb:.0f} MB\n"
    )


if __name__ == "__main__":
    main()
