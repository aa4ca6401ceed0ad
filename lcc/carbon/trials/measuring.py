"""What measurements are said to take away of the doubt of a total, against truths.

`lcc.carbon.worth` predicts, before anything is measured, the variance that is left on average. Here
truths are drawn, the contracts of the list are measured with their stated precision, the total is
estimated as the two answers say (figures in place of estimates; with all they teach, linearly), and
what is left of its error is compared with what was predicted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lcc.carbon.measurement_options import MeasurementOptions
from lcc.carbon.measurement_plan import plan_measurements
from lcc.carbon.result import CarbonMap
from lcc.carbon.trials.truths import AS_STATED, Departure, draw_totals
from lcc.carbon.trials.world import World
from lcc.carbon.worth import weigh_measurements
from lcc.uncertainty.information.budget import calc_set_gain
from lcc.units import KG_PER_TONNE

__all__ = ["Realised", "try_measurements"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Realised:
    """What was left of the variance of a total, beside what was predicted.

    Attributes
    ----------
    measured : int
        Contracts measured.
    predicted, realised, error : float
        Share of the total's variance that is left with figures in place of estimates: predicted,
        found over the truths, and the standard deviation of what was found.
    predicted_learned, realised_learned, error_learned : float
        The same with what the figures teach.
    bias_tco2e : float
        Mean of truth less estimate, figures in place.
    truths : int
    """

    measured: int
    predicted: float
    realised: float
    error: float
    predicted_learned: float
    realised_learned: float
    error_learned: float
    bias_tco2e: float
    truths: int


def try_measurements(
    carbon: CarbonMap,
    world: World,
    year: int,
    count: int,
    truths: int,
    seed: int,
    departure: Departure = AS_STATED,
) -> Realised:
    """Return what the first measurements of the list leave, predicted and found.

    Parameters
    ----------
    carbon : CarbonMap
        By contract.
    world : World
        Its lines.
    year : int
    count : int
        Measurements made, of whole contracts.
    truths, seed : int
    departure : Departure
    """
    worth = weigh_measurements(carbon, "contract", year)
    plan = plan_measurements(worth, count=count)
    names = plan.steps["group"].to_list()
    rank = {name: place for place, name in enumerate(worth.table["group"])}
    ranks = np.array([rank[name] for name in names], dtype=np.int64)
    lines = world.select(world.year == year)
    place = {name: number for number, name in enumerate(names)}
    groups = np.array([place.get(str(each), -1) for each in lines.contract], dtype=np.int64)
    rng = np.random.default_rng(seed)
    whole = (np.zeros(len(lines), dtype=np.int64), 1)
    total, parts = (
        each / KG_PER_TONNE
        for each in draw_totals(lines, [whole, (groups, len(names))], truths, rng, departure)
    )
    chosen = worth.candidates.select(ranks)
    precision = plan.steps["precision_cv"].to_numpy(float)
    # Measurements that borrow the published factors of one segment miss together.
    families = worth.table["family"].to_numpy()[ranks]
    keys = [
        MeasurementOptions().choose(None, family).shared or name
        for name, family in zip(names, families, strict=True)
    ]
    _, key = np.unique(keys, return_inverse=True)
    missed = rng.standard_normal((truths, int(key.max(initial=-1)) + 1))[:, key]
    read = parts * (1 + precision * missed)
    apart = read - chosen.mean
    shared = chosen.covariance() + np.diag(chosen.lines + chosen.noise)
    pull = np.linalg.solve(shared, chosen.with_total)
    left = {
        False: total[:, 0] - worth.mean_tco2e - apart.sum(axis=1),
        True: total[:, 0] - worth.mean_tco2e - apart @ pull,
    }
    found = {}
    for learning, rest in left.items():
        gain = calc_set_gain(worth.candidates, ranks, learning=learning)
        squares = (rest - rest.mean()) ** 2 / worth.variance
        found[learning] = (
            1 - gain / worth.variance,
            float(squares.mean()),
            float(squares.std(ddof=1) / np.sqrt(truths)),
        )
    return Realised(len(names), *found[False], *found[True], float(left[False].mean()), truths)
