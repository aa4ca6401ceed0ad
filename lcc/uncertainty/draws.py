"""Draws of named inputs: one stream per name, so that what bids share is drawn once for all.

The stream of an input depends on the seed and on its name alone. Adding, removing or reordering
inputs changes no other draw, and two studies that name an input alike see the same values of it:
differences between them are differences of the studies (common random numbers [1]_).

References
----------
.. [1] Heijungs, R. (2020). On the number of Monte Carlo runs in comparative probabilistic LCA.
   Int. J. Life Cycle Assess. 25, 394-402. doi:10.1007/s11367-019-01698-4
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from lcc.errors import FieldError
from lcc.uncertainty.distributions import Distribution

__all__ = ["draw_inputs", "make_generator", "uniform_inputs"]

Floats = NDArray[np.float64]


def make_generator(name: str, seed: int) -> np.random.Generator:
    """Return the generator of one named input.

    The first 128 bits of the SHA-256 of ``"seed:name"`` feed NumPy's seed sequence: the same on
    every machine and in every process, unlike Python's own hash.

    Parameters
    ----------
    name : str
        Name of the input.
    seed : int
        At least 0.

    Raises
    ------
    FieldError
        If the seed is not a whole number of at least 0.
    """
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise FieldError("a seed is a whole number of at least 0", field="seed", found=repr(seed))
    # A text read from a damaged file may hold what UTF-8 has no bytes for.
    text = f"{seed}:{name}".encode("utf-8", "surrogatepass")
    entropy = int.from_bytes(sha256(text).digest()[:16], "little")
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence(entropy)))


def draw_inputs(
    distributions: Mapping[str, Distribution], draws: int, seed: int
) -> dict[str, Floats]:
    """Return independent draws of each input.

    Parameters
    ----------
    distributions : mapping of str to Distribution
        Inputs by name.
    draws : int
        At least 1.
    seed : int
        At least 0.

    Returns
    -------
    dict of str to array, shape (draws,)
        In the order of `distributions`, each in the unit of its input.

    Raises
    ------
    FieldError
        If `draws` or `seed` is out of its range.
    """
    _check_draws(draws)
    return {
        name: each.draw(make_generator(name, seed), draws) for name, each in distributions.items()
    }


def uniform_inputs(names: Iterable[str], draws: int, seed: int) -> dict[str, Floats]:
    """Return independent uniforms in [0, 1) for each name, by the rules of `draw_inputs`."""
    _check_draws(draws)
    return {name: make_generator(name, seed).random(draws) for name in names}


def _check_draws(draws: int) -> None:
    if isinstance(draws, bool) or not isinstance(draws, int | np.integer) or draws < 1:
        raise FieldError(
            "the number of draws is a whole number of at least 1",
            field="draws",
            found=repr(draws),
        )
