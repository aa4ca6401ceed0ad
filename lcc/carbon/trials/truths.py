r"""One draw of everything that may be wrong: the kilograms of each line, as they may truly be.

Where the error model holds, line *l* of term *i* truly emits

.. math:: e_l \, \prod_k e^{\sigma_{ik} z_{k\kappa_{ik}} - \sigma_{ik}^2/2} \;
          e^{\sigma_l z_l - \sigma_l^2/2}

with one standard normal *z* per key of each kind of error and one per line. A `Departure` says in
what the truth is otherwise than the model states.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.special import gammaincinv, ndtr

from lcc.carbon.kilograms import COMPONENTS
from lcc.carbon.trials.world import World

__all__ = ["AS_STATED", "Departure", "draw_terms", "draw_totals"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

SHAPES = ("lognormal", "gamma", "student")
STUDENT_DEGREES = 4
"""Of freedom: few enough for heavy tails, enough for logarithms to have a variance."""

BLOCK_VALUES = 4_000_000
"""Numbers held at once: 32 MB of floats."""

SOURCE, PRODUCT, BRIDGE = (COMPONENTS.index(name) for name in ("source", "product", "bridge"))


@dataclass(frozen=True)
class Departure:
    """In what the truth is otherwise than the error model states; by default in nothing.

    Attributes
    ----------
    source_share : float, optional
        Share of a factor's log-variance that all factors of its source have in common.
    bridge_correlation : float, optional
        Between the errors of bridges of two families; those of one family are then one.
    shape : {"lognormal", "gamma", "student"}
        Of every error: lognormal; gamma of the same mean and variance; Student's of 4 degrees of
        freedom on the logarithms, of the same median and variance of logarithms.
    bias : mapping of str to float
        Family → what its truth is times.
    lines_shared_by : {"", "contract", "supplier"}
        Whose lines of one family have one error between them, instead of one each.
    anew_each_year : bool
        Whether that error is another every year; by default it lasts.
    """

    source_share: float | None = None
    bridge_correlation: float | None = None
    shape: str = "lognormal"
    bias: Mapping[str, float] = field(default_factory=dict)
    lines_shared_by: str = ""
    anew_each_year: bool = False


AS_STATED = Departure()


def draw_terms(
    world: World, truths: int, rng: np.random.Generator, departure: Departure = AS_STATED
) -> Floats:
    """Return the multiplier of each term in each truth, shape (truths, terms)."""
    loads = world.loadings.copy()
    if departure.source_share is not None:
        factor = np.sqrt(loads[SOURCE] ** 2 + loads[PRODUCT] ** 2)
        loads[SOURCE] = np.sqrt(departure.source_share) * factor
        loads[PRODUCT] = np.sqrt(1 - departure.source_share) * factor
    multipliers = np.ones((truths, loads.shape[1]))
    for rank, (names, sd) in enumerate(zip(world.keys, loads, strict=True)):
        correlation = departure.bridge_correlation if rank == BRIDGE else None
        shared = list(names) if correlation is None else [name.split(":")[0] for name in names]
        _, keys = np.unique(np.array(shared, dtype=np.str_), return_inverse=True)
        normals = _draw_normals((truths, int(keys.max()) + 1), rng, departure.shape)
        if correlation is not None:
            common = _draw_normals((truths, 1), rng, departure.shape)
            normals = np.sqrt(correlation) * common + np.sqrt(1 - correlation) * normals
        multipliers *= _shape_errors(normals[:, keys], sd, departure.shape)
    return multipliers


def draw_totals(
    world: World,
    groupings: Sequence[tuple[Integers, int]],
    truths: int,
    rng: np.random.Generator,
    departure: Departure = AS_STATED,
    terms: Floats | None = None,
) -> list[Floats]:
    """Return the true kilograms of groups of lines, one array (truths, groups) per grouping.

    Parameters
    ----------
    world : World
    groupings : sequence of (array of int of shape (lines,), int)
        Group of each line, from 0, negative where it is in none; and how many groups there are.
    truths : int
    rng : Generator
    departure : Departure
    terms : array, shape (truths, terms), optional
        Multipliers of terms already drawn (`draw_terms`).
    """
    multipliers = draw_terms(world, truths, rng, departure) if terms is None else terms
    biased = np.array([departure.bias.get(each, 1.0) for each in world.family])
    central = world.kgco2e * biased
    matrices = [_sum_matrix(*grouping) for grouping in groupings]
    parts: list[list[Floats]] = [[] for _ in groupings]
    for first, errors in _draw_line_errors(world, truths, rng, departure):
        lines = errors * multipliers[first : first + len(errors), world.terms] * central
        for part, matrix in zip(parts, matrices, strict=True):
            part.append(lines @ matrix)
    return [np.concatenate(part) for part in parts]


def _draw_line_errors(
    world: World, truths: int, rng: np.random.Generator, departure: Departure
) -> Iterator[tuple[int, Floats]]:
    """Yield the first truth of a block, and the own errors of lines, shape (rows, lines)."""
    owners = np.arange(len(world))
    if departure.lines_shared_by:
        by = getattr(world, departure.lines_shared_by)
        pairs = np.char.add(np.char.add(world.family, "\n"), by)
        if departure.anew_each_year:
            pairs = np.char.add(np.char.add(pairs, "\n"), world.year.astype(np.str_))
        # Lines that name nobody keep their own.
        pairs = np.where(by == "", np.char.add("\t", owners.astype(np.str_)), pairs)
        _, owners = np.unique(pairs, return_inverse=True)
    count = int(owners.max(initial=-1)) + 1
    rows = max(1, BLOCK_VALUES // max(1, len(world)))
    for first in range(0, truths, rows):
        size = min(rows, truths - first)
        normals = _draw_normals((size, count), rng, departure.shape)[:, owners]
        yield first, _shape_errors(normals, world.line_log_sd, departure.shape)


def _draw_normals(size: tuple[int, int], rng: np.random.Generator, shape: str) -> Floats:
    """Return numbers of mean 0 and variance 1: normal, or Student's."""
    if shape == "student":
        scale = np.sqrt((STUDENT_DEGREES - 2) / STUDENT_DEGREES)
        return np.asarray(rng.standard_t(STUDENT_DEGREES, size) * scale)
    return rng.standard_normal(size)


def _shape_errors(normals: Floats, log_sd: Floats, shape: str) -> Floats:
    """Return multipliers of the loadings of their columns."""
    if shape != "gamma":
        return np.asarray(np.exp(normals * log_sd - log_sd**2 / 2))
    errors = np.ones(normals.shape)
    # Columns of one loading are one inverse: a gamma of mean one and variance exp(s²) - 1.
    for each in np.unique(log_sd[log_sd > 0]):
        held = log_sd == each
        size = 1 / np.expm1(each**2)
        errors[:, held] = gammaincinv(size, ndtr(normals[:, held])) / size
    return errors


def _sum_matrix(groups: Integers, count: int) -> csr_array:
    """Return the matrix that sums lines by group, shape (lines, groups)."""
    inside = np.flatnonzero(groups >= 0)
    ones = np.ones(inside.size)
    return csr_array((ones, (inside, groups[inside])), shape=(groups.size, count))
