"""Which cells each cause of a change takes kilograms from, and how much of each."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lcc.carbon.change.shapley import calc_shapley_weights
from lcc.carbon.change.view import View
from lcc.carbon.change.volumes import EURO, Strata, Stratum
from lcc.carbon.kilograms import BY_FAMILY

__all__ = [
    "CAUSES",
    "READINGS",
    "SHARED_BY",
    "find_seen",
    "list_causes",
    "list_readings",
    "measure_parts",
    "set_apart",
    "weigh_cells",
]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

CAUSES: Final = ("perimeter", "price", "volume", "mix", "method", "factors", "real")
"""Causes of a change, in the order in which they are told."""

SHARED_BY: Final[Mapping[str, str]] = {"supplier": "suppliers", "contract": "contracts"}
"""Dimension whose shares within families are told → the cause that they are."""

READINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "observed": CAUSES,
    "same-perimeter": CAUSES[1:],
    "purchases": ("volume", "mix", "real"),
    "real": ("real",),
}
"""What is left of a change → causes it holds. `purchases`: after price, method, factors and
perimeter; `real`: after volume and mix too."""

OWN_CAUSES: Final = ("price", "factors", "real")
"""Causes of a change of intensity."""

SAME: Final = 1e-9
"""Relative difference under which two intensities are one: rounding only."""

OWN_METHOD: Final = "supplier"
"""Method of calculation of what suppliers measured."""

DECLARED: Final = "declared"
"""Why a stratum is left apart: its perimeter was declared to change."""


def list_causes(within: str = "") -> tuple[str, ...]:
    """Return the causes of a change, with that of the shares within families where it is told."""
    if not within:
        return CAUSES
    place = CAUSES.index("mix") + 1
    return (*CAUSES[:place], SHARED_BY[within], *CAUSES[place:])


def list_readings(within: str = "") -> dict[str, tuple[str, ...]]:
    """Return what is left of a change, and the causes it holds; see `READINGS`."""
    if not within:
        return dict(READINGS)
    causes, own = list_causes(within), SHARED_BY[within]
    return {
        name: tuple(
            each
            for each in causes
            if each in READINGS[name] or (each == own and "mix" in READINGS[name])
        )
        for name in READINGS
    }


def set_apart(view: View, strata: Strata) -> list[str]:
    """Return why each stratum is left out of volume, mix and intensity; empty where it is not."""
    inside = np.array([not each.outside for each in strata.keys], dtype=bool)
    group, names = strata.groups
    count = len(names)
    bought = [_list_bought(view, side) for side in (0, 1)]
    present = _sum_by(group, strata.present * inside, count)
    volume = _sum_by(group, strata.volume_eur * inside, count)
    unit, units = _number_units(strata.keys, view.by)
    whole = _sum_by(unit, strata.volume_eur * inside, units)[:, unit]
    priceless = (strata.present & ((strata.volume_eur == 0) | (whole == 0))).any(axis=0)
    reasons = []
    for place in range(len(strata.keys)):
        here = present[:, group[place]] > 0
        if not inside[place]:
            reasons.append(DECLARED)
        elif not here.all():
            other = int(here[0])
            absent = "gone" if other else "new"
            reasons.append("coverage" if names[group[place]] in bought[other] else absent)
        elif (volume[:, group[place]] <= 0).any():
            reasons.append("net-credit")
        elif priceless[place]:
            reasons.append("no-price")
        else:
            reasons.append("")
    return reasons


def find_seen(strata: Strata, apart: Sequence[str]) -> Flags:
    """Return the strata that suppliers' own data tell on both sides."""
    seen = [
        key.method == OWN_METHOD and not reason and bool(here.all())
        for key, reason, here in zip(strata.keys, apart, strata.present.T, strict=True)
    ]
    return np.array(seen, dtype=bool)


def _list_bought(view: View, side: int) -> set[str | None]:
    """Return the groups that a side buys from, covered or not, inside the perimeter."""
    chosen = view.sides[side] & (view.declared < 0)
    return {view.group_names[code] for code in np.unique(view.group[chosen])}


def _number_units(keys: Sequence[Stratum], by: str) -> tuple[Integers, int]:
    """Return the number of what a share of the whole is taken of: a group, or a family in it."""
    numbers: dict[Hashable, int] = {}
    codes = [
        numbers.setdefault(
            (each.group if by == "family" else (each.group, each.family), each.outside),
            len(numbers),
        )
        for each in keys
    ]
    return np.array(codes, dtype=np.int64), len(numbers)


def _sum_by(codes: Integers, values: Floats, count: int) -> Floats:
    """Return the sums of columns by code, shape (2, count)."""
    return np.array([np.bincount(codes, row, minlength=count) for row in values]).reshape(2, count)


def weigh_cells(view: View, strata: Strata, apart: Sequence[str]) -> Floats:
    """Return how much of the kilograms of each cell each cause takes, shape (causes, cells)."""
    causes = list_causes(view.within)
    weights = np.zeros((len(causes), strata.cells.size))
    if not strata.keys:
        return weights
    whole, volume, coefficient = _weigh_strata(causes, view, strata, apart)
    taken = _take_parts(strata, volume, coefficient)
    own = _weigh_parts(causes, view, strata, volume, taken)
    cells = np.flatnonzero(strata.cells >= 0)
    side = strata.second[cells].astype(np.int64)
    weights[:, cells] = (whole + own[0])[:, side, strata.cells[cells]]
    weights[:, cells] += own[1][:, side, strata.parts.cells[cells]]
    return weights


def measure_parts(view: View, strata: Strata, apart: Sequence[str]) -> dict[str, Floats]:
    """Return the kilograms that each part adds by its share and by its own intensity, by cause.

    Shares are told against the mean of their stratum: what passes from one member to another of the
    same intensity adds nothing to either. Summed over parts, the causes are those of the change.
    """
    causes = list_causes(view.within)
    if not strata.keys:
        return dict.fromkeys((SHARED_BY[view.within], *OWN_CAUSES), np.zeros(0))
    _, volume, coefficient = _weigh_strata(causes, view, strata, apart)
    taken = _take_parts(strata, volume, coefficient)
    mean = _divide(strata.kgco2e, volume).mean(axis=0)[strata.parts.stratum]
    shares = taken.coefficient * np.diff(taken.share, axis=0)[0]
    moved = taken.coefficient * taken.share.mean(axis=0) * np.diff(taken.intensity, axis=0)[0]
    stray = np.where(taken.stray, strata.parts.kgco2e, 0.0)
    stray = taken.coefficient * np.diff(_divide(stray, volume[:, strata.parts.stratum]), axis=0)[0]
    found = {cause: np.where(taken.cause == cause, moved, 0.0) for cause in OWN_CAUSES}
    found["real"] = found["real"] + stray
    return {
        SHARED_BY[view.within]: shares * (taken.intensity.mean(axis=0) - mean),
        **found,
    }


def _weigh_strata(
    causes: Sequence[str], view: View, strata: Strata, apart: Sequence[str]
) -> tuple[Floats, Floats, Floats]:
    """Return what volume, mix, method and perimeter take of the kilograms of strata.

    Returns
    -------
    weights : array, shape (causes, 2, strata)
    volume : array, shape (2, strata)
        Volumes of the strata that are not left apart, in euros of the base year.
    coefficient : array, shape (strata,)
        What a change of intensity is multiplied by.
    """
    kept = np.array([not each for each in apart], dtype=bool)
    volume = np.where(kept, strata.volume_eur, 0.0)
    unit, units = _number_units(strata.keys, view.by)
    inside = _sum_by(unit, volume, units)[:, unit]
    total = volume.sum(axis=1)[:, None] * np.ones(volume.shape)
    share = _divide(inside, total)
    part = _divide(volume, inside)
    # What a side lacks whole has no parts of its own: it takes those of the other side.
    part = np.where(inside != 0, part, part[::-1])
    first, last = calc_shapley_weights(
        np.array([total[0], share[0], part[0]]), np.array([total[1], share[1], part[1]])
    )
    # Likewise the intensity of a stratum that a side lacks.
    first, last = (
        np.where(volume[0] != 0, first, 0.0) + np.where(volume[1] != 0, 0.0, last),
        np.where(volume[1] != 0, last, 0.0) + np.where(volume[0] != 0, 0.0, first),
    )
    weights = np.zeros((len(causes), *volume.shape))
    for rank, cause in enumerate(("volume", "mix", "method")):
        weights[causes.index(cause)] = _divide(np.array([first[rank], last[rank]]), volume)
    outside = np.broadcast_to(np.array([[-1.0], [1.0]]), volume.shape)
    weights[causes.index("perimeter")] = np.where(kept, 0.0, outside)
    return weights, volume, np.where(kept, last[3], 0.0)


@dataclass(frozen=True)
class _Taken:
    """Shares and intensities of the parts of strata, on both sides.

    Attributes
    ----------
    coefficient : array, shape (parts,)
        That of the part's stratum.
    volume_eur, share, intensity : array, shape (2, parts)
    known : array of bool, shape (2, parts)
        Whether the part has a volume, and so an intensity of its own.
    borrowed : array of bool, shape (2, parts)
        Whether its intensity is that of its stratum on this side, else that of the other side.
    stray : array of bool, shape (2, parts)
        Whether it has kilograms without a volume.
    cause : array of str, shape (parts,)
        Cause of a change of its intensity.
    """

    coefficient: Floats
    volume_eur: Floats
    share: Floats
    intensity: Floats
    known: Flags
    borrowed: Flags
    stray: Flags
    cause: NDArray[np.str_]


def _take_parts(strata: Strata, volume: Floats, coefficient: Floats) -> _Taken:
    """Return shares and intensities of parts."""
    parts = strata.parts
    of = parts.stratum
    mine = np.where(volume[:, of] != 0, parts.volume_eur, 0.0)
    known = mine != 0
    ratio = np.array([each.method in BY_FAMILY for each in strata.keys], dtype=bool)[of]
    # A ratio is the family's, whoever sells: a member that a side lacks would have had that side's.
    borrowed = ratio & ~known
    intensity = _divide(parts.kgco2e, mine)
    intensity = np.where(borrowed, _divide(strata.kgco2e, volume)[:, of], intensity)
    intensity = np.where(known | borrowed, intensity, intensity[::-1])
    return _Taken(
        coefficient=coefficient[of],
        volume_eur=mine,
        share=_divide(mine, volume[:, of]),
        intensity=intensity,
        known=known,
        borrowed=borrowed,
        stray=~known & (parts.kgco2e != 0),
        cause=_name_intensities(strata, ratio, intensity),
    )


def _weigh_parts(
    causes: Sequence[str], view: View, strata: Strata, volume: Floats, taken: _Taken
) -> tuple[Floats, Floats]:
    r"""Return what shares within strata and intensities take, by stratum and by part.

    With *k* the coefficient of a stratum's change of intensity, :math:`U_u` the share of a part in
    its volume and :math:`I_u` the part's own intensity,

    .. math:: k (I^1 - I^0) = k \sum_u \frac{I_u^0 + I_u^1}{2} \Delta U_u
              + k \sum_u \frac{U_u^0 + U_u^1}{2} \Delta I_u

    Returns
    -------
    by_stratum, by_part : array, shape (causes, 2, strata) and (causes, 2, parts)
        Weights of kilograms.
    """
    of, mine = strata.parts.stratum, taken.volume_eur
    by_stratum = np.zeros((len(causes), *volume.shape))
    by_part = np.zeros((len(causes), *mine.shape))
    signed = taken.coefficient * np.array([[-1.0], [1.0]])
    turned = signed * taken.share.mean(axis=0)
    effects = [
        (causes.index(cause), np.where(taken.cause == cause, turned, 0.0)) for cause in OWN_CAUSES
    ]
    if view.within:
        change = taken.coefficient * np.diff(taken.share, axis=0)[0]
        effects.append((causes.index(SHARED_BY[view.within]), change / 2 * np.ones((2, 1))))
    for rank, effect in effects:
        for side in (0, 1):
            here, known, lent = effect[side], taken.known[side], taken.borrowed[side]
            by_part[rank, side] += _divide(np.where(known, here, 0.0), mine[side])
            sums = np.bincount(of, np.where(lent, here, 0.0), minlength=volume.shape[1])
            by_stratum[rank, side] += _divide(np.asarray(sums, dtype=np.float64), volume[side])
            # Another member's own factor is what it would have been: that of the other side.
            moved = np.where(~known & ~lent, here, 0.0)
            by_part[rank, 1 - side] += _divide(moved, mine[1 - side])
    # Kilograms without a share (euros that cancel) have no intensity: theirs is all that they are.
    by_part[causes.index("real")] += _divide(np.where(taken.stray, signed, 0.0), volume[:, of])
    return by_stratum, by_part


def _name_intensities(strata: Strata, ratio: Flags, intensity: Floats) -> NDArray[np.str_]:
    """Return the cause of a change of each part's kilograms per constant euro."""
    of = strata.parts.stratum
    same = np.isclose(intensity[0], intensity[1], rtol=SAME, atol=0.0)
    per_euro = np.array([each.unit == EURO for each in strata.keys], dtype=bool)[of]
    one_row = np.where(ratio, strata.same_factor[of], strata.parts.same_factor)
    # One ratio per euro on both sides: what differs is how it followed prices.
    followed = per_euro & one_row & ~same
    return np.select([ratio & ~one_row, followed], ["factors", "price"], "real")


def _divide(part: Floats, whole: Floats) -> Floats:
    """Return part / whole, zero where the whole is."""
    return np.divide(part, whole, out=np.zeros(part.shape), where=whole != 0)
