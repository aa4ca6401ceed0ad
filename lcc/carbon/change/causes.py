"""Which cells each cause of a change takes kilograms from, and how much of each."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lcc.carbon.change.shapley import calc_shapley_weights
from lcc.carbon.change.volumes import EURO, Strata, Stratum
from lcc.carbon.kilograms import BY_FAMILY
from lcc.carbon.result import CarbonMap

__all__ = ["CAUSES", "READINGS", "set_apart", "weigh_cells"]

Floats = NDArray[np.float64]

CAUSES: Final = ("perimeter", "price", "volume", "mix", "method", "factors", "real")
"""Causes of a change, in the order in which they are told."""

READINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "observed": CAUSES,
    "same-perimeter": CAUSES[1:],
    "purchases": ("volume", "mix", "real"),
    "real": ("real",),
}
"""What is left of a change → causes it holds. `purchases`: after price, method, factors and
perimeter; `real`: after volume and mix too."""

SAME: Final = 1e-9
"""Relative difference under which two intensities are one: rounding only."""


def set_apart(carbon: CarbonMap, by: str, strata: Strata) -> list[str]:
    """Return why each stratum is left out of volume, mix and intensity; empty where it is not."""
    groups = [each.group for each in strata.keys]
    bought = [_gather_groups(carbon, by, strata, second) for second in (False, True)]
    present = _sum_by(groups, strata.present.astype(float))
    volume = _sum_by(groups, strata.volume_eur)
    units = _sum_by([_unit(each, by) for each in strata.keys], strata.volume_eur)
    reasons = []
    for place, key in enumerate(strata.keys):
        here = present[key.group] > 0
        inside = strata.present[:, place]
        unit = units[_unit(key, by)]
        if not here.all():
            other = int(here[0])
            absent = "gone" if other else "new"
            reasons.append("coverage" if key.group in bought[other] else absent)
        elif (volume[key.group] <= 0).any():
            reasons.append("net-credit")
        elif (inside & ((strata.volume_eur[:, place] == 0) | (unit == 0))).any():
            reasons.append("no-price")
        else:
            reasons.append("")
    return reasons


def _gather_groups(carbon: CarbonMap, by: str, strata: Strata, second: bool) -> set[str | None]:
    """Return the groups that a year buys from, covered or not."""
    cells = carbon.cells[by]
    chosen = carbon.choose_cells(by, strata.years[int(second)], None)
    names = cells["family" if by == "family" else "group_key"].to_pylist()
    return {names[rank] for rank in np.flatnonzero(chosen)}


def _unit(key: Stratum, by: str) -> Hashable:
    """Return what shares of the whole are taken of: the group, or a family within it."""
    return key.group if by == "family" else (key.group, key.family)


def _sum_by(names: Sequence[Hashable], values: Floats) -> dict[Hashable, Floats]:
    """Return the sums of columns by name, each of shape (2,)."""
    sums: dict[Hashable, Floats] = {}
    for place, name in enumerate(names):
        sums[name] = sums.get(name, np.zeros(2)) + values[:, place]
    return sums


def weigh_cells(strata: Strata, apart: Sequence[str], by: str) -> Floats:
    """Return how much of the kilograms of each cell each cause takes, shape (causes, cells)."""
    kept = np.array([not each for each in apart], dtype=bool)
    volume = np.where(kept, strata.volume_eur, 0.0)
    units = _sum_by([_unit(each, by) for each in strata.keys], volume)
    inside = np.array([units[_unit(each, by)] for each in strata.keys]).reshape(-1, 2).T
    total = volume.sum(axis=1)[:, None] * np.ones(volume.shape)
    share = _divide(inside, total)
    part = _divide(volume, inside)
    # What a year lacks whole has no parts of its own: it takes those of the other year.
    part = np.where(inside != 0, part, part[::-1])
    first, last = calc_shapley_weights(
        np.array([total[0], share[0], part[0]]), np.array([total[1], share[1], part[1]])
    )
    # Likewise the intensity of a stratum that a year lacks.
    first, last = (
        np.where(volume[0] != 0, first, 0.0) + np.where(volume[1] != 0, 0.0, last),
        np.where(volume[1] != 0, last, 0.0) + np.where(volume[0] != 0, 0.0, first),
    )
    effects = np.zeros((len(CAUSES), *volume.shape))
    for rank, cause in enumerate(("volume", "mix", "method")):
        effects[CAUSES.index(cause)] = [first[rank], last[rank]]
    for place, cause in enumerate(_name_intensities(strata)):
        effects[CAUSES.index(cause), :, place] = first[3, place], last[3, place]
    effects = _divide(effects, np.broadcast_to(volume, effects.shape))
    outside = np.broadcast_to(np.array([[-1.0], [1.0]]), volume.shape)
    effects[CAUSES.index("perimeter")] = np.where(kept, 0.0, outside)
    if not strata.keys:
        return np.zeros((len(CAUSES), strata.cells.size))
    found = effects[:, strata.second.astype(int), strata.cells]
    return np.where(strata.cells >= 0, found, 0.0)


def _name_intensities(strata: Strata) -> list[str]:
    """Return the cause of a change of each stratum's kilograms per constant euro."""
    intensity = _divide(strata.kgco2e, strata.volume_eur)
    same = np.isclose(intensity[0], intensity[1], rtol=SAME, atol=0.0)
    causes = []
    for place, key in enumerate(strata.keys):
        if key.method in BY_FAMILY and not strata.same_factor[place]:
            causes.append("factors")
        elif key.unit == EURO and strata.same_factor[place] and not same[place]:
            # One ratio per euro in both years: what differs is how it followed prices.
            causes.append("price")
        else:
            causes.append("real")
    return causes


def _divide(part: Floats, whole: Floats) -> Floats:
    """Return part / whole, zero where the whole is."""
    return np.divide(part, whole, out=np.zeros(part.shape), where=whole != 0)
