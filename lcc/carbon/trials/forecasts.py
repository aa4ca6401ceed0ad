"""Probabilities against truths: how much happens of what is said to happen in 7 cases of 10.

A map gives few forecasts that are neither sure nor excluded. So worlds are made around it: the
spending of each family is times a number drawn for the world, ranks are forecast from the central
figures of that world, then one truth is drawn, line by line, and ranked. Truth and forecast are of
one world; forecasts that all draws agree on are counted apart.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lcc.carbon.result import CarbonMap
from lcc.carbon.trials.coverage import bound_year
from lcc.carbon.trials.truths import AS_STATED, Departure, draw_totals
from lcc.carbon.trials.world import World
from lcc.uncertainty.ranks import calc_ranks
from lcc.uncertainty.shared import Component, SharedErrors

__all__ = ["Forecasts", "try_ranks"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

AMOUNT_LOG_SD = 0.5
"""Spread of the spending of a family between worlds: enough for any of the large to lead."""

PAIRS_APART = 3
"""Pairs are of families at most so many ranks apart: those of which there is a doubt."""

PAIRED = 40
"""Families, by falling emissions, of which pairs are made."""


@dataclass(frozen=True)
class Forecasts:
    """Probabilities and what happened.

    Attributes
    ----------
    chances : array, shape (forecasts,)
    outcomes : array of bool, shape (forecasts,)
    kinds : array of str, shape (forecasts,)
        `top-K`: is this family among the K largest; `pair`: does the first emit more.
    sure : int
        Forecasts that all draws agreed on, of which none is among the above.
    missed : int
        How many of these did not come true.
    """

    chances: Floats
    outcomes: NDArray[np.bool_]
    kinds: NDArray[np.str_]
    sure: int
    missed: int


def try_ranks(
    carbon: CarbonMap,
    world: World,
    year: int,
    worlds: int,
    seed: int,
    *,
    k: tuple[int, ...] = (1, 5, 10, 20),
    draws: int = 1_000,
    independent: bool = False,
    departure: Departure = AS_STATED,
) -> Forecasts:
    """Return forecasts of ranks, one per kind and world, and what happened.

    Parameters
    ----------
    carbon : CarbonMap
    world : World
        Its lines.
    year : int
    worlds : int
    seed : int
    k : tuple of int
    draws : int
        Draws of each forecast.
    independent : bool
        True to forecast as if every line drew all its errors for itself: the mistake to show.
    departure : Departure
        In what the truth is otherwise than stated.
    """
    bounds = bound_year(carbon, year)
    lines = world.select(world.year == year)
    rng = np.random.default_rng(seed)
    count = len(bounds.groups)
    true = draw_totals(lines, [(bounds.place(lines.family), count)], worlds, rng, departure)[0]
    errors, totals, own = _state(carbon, year, bounds.groups, independent)
    scale = np.exp(rng.standard_normal((worlds, count)) * AMOUNT_LOG_SD)
    chances: list[float] = []
    outcomes: list[bool] = []
    kinds: list[str] = []
    sure = missed = 0
    for number, factor in enumerate(scale):
        central = totals * factor[:, None]
        pair = _choose_pair(central.sum(axis=1), rng)
        found = calc_ranks(
            errors, central, own * factor**2, k=k, draws=draws, seed=seed + number + 1,
            first_ranks=1, pairs=[pair], threads=1,
        )  # fmt: skip
        happened = true[number] * factor
        larger = (happened[:, None] < happened[None, :]).sum(axis=1)
        within = larger[:, None] < np.array(k)
        agreed = (found.within == 0) | (found.within == 1)
        sure += int(agreed.sum())
        missed += int((within != (found.within > 0.5))[agreed].sum())
        for place, each in enumerate(k):
            held = np.flatnonzero(~agreed[:, place])
            if held.size:
                # The more open, the more often asked: else most would be near 0.
                open_to = found.within[held, place] * (1 - found.within[held, place])
                chosen = int(rng.choice(held, p=open_to / open_to.sum()))
                chances.append(float(found.within[chosen, place]))
                outcomes.append(bool(within[chosen, place]))
                kinds.append(f"top-{each}")
        chances.append(float(np.clip(found.pairs[0], 0.0, 1.0)))
        outcomes.append(bool(happened[pair[0]] > happened[pair[1]]))
        kinds.append("pair")
    return Forecasts(np.array(chances), np.array(outcomes), np.array(kinds), sure, missed)


def _state(
    carbon: CarbonMap, year: int, names: tuple[str, ...], independent: bool
) -> tuple[SharedErrors, Floats, Floats]:
    """Return the errors, totals and own variances of families that ranks are forecast from."""
    emissions = carbon.emissions("family")
    rank = {name: place for place, name in enumerate(names)}
    families = carbon.cells["family"]["family"].to_pylist()
    groups = np.array([rank.get(each, -1) for each in families], dtype=np.int64)
    groups[~carbon.choose_cells("family", year, None)] = -1
    totals = emissions.calc_totals(groups, len(names))
    if not independent:
        met = np.flatnonzero(totals.any(axis=0))
        own = emissions.calc_own_variance(groups, len(names))
        return emissions.errors.select(met), totals[:, met], own
    inside = groups >= 0
    variance = emissions.independent_variance[inside]
    summed = np.bincount(groups[inside], variance, minlength=len(names))
    nothing = SharedErrors([Component(np.arange(len(names)), np.zeros(len(names)))])
    return nothing, np.diag(totals.sum(axis=1)), np.asarray(summed, dtype=np.float64)


def _choose_pair(means: Floats, rng: np.random.Generator) -> tuple[int, int]:
    """Return two families near in rank, in an order that says nothing."""
    order = np.argsort(-means, kind="stable")
    first = int(rng.integers(0, min(PAIRED, means.size) - PAIRS_APART))
    second = first + 1 + int(rng.integers(0, PAIRS_APART))
    pair = (int(order[first]), int(order[second]))
    return pair if rng.random() < 0.5 else pair[::-1]
