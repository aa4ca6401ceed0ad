r"""Errors after measurements: what terms share is no longer a sum over keys, but one covariance.

Once measurements are known (`lcc.uncertainty.hierarchy`), the errors of a source, of a product and
of a bridge are tied to each other: what one of them is not, another must be. Multipliers stay
lognormal of mean one around the updated figures, with covariance :math:`e^{Q_{ij}} - 1`, *Q* being
the covariance of the logarithms given the measurements.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lcc.errors import FieldError
from lcc.uncertainty.shared import Component, SharedErrors

__all__ = ["KnownErrors"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


class KnownErrors(SharedErrors):
    """The error model of terms whose logarithms have a given covariance.

    Serves wherever `SharedErrors` does, but to separate its components: they are tied.

    Parameters
    ----------
    covariance : array, shape (terms, terms)
        Of the logarithms of the multipliers; no direction of it is negative, but by rounding.
    """

    def __init__(self, covariance: Floats) -> None:
        self._covariance: Floats = (covariance + covariance.T) / 2
        size = float(np.abs(self._covariance).max(initial=0.0))
        try:
            np.linalg.cholesky(self._covariance + 1e-9 * size * np.eye(len(covariance)))
        except np.linalg.LinAlgError:
            loadings = self._loading_matrix()
            self._covariance = loadings.T @ loadings
        # One component per term: what the base class asks of keys alone.
        variance = np.maximum(np.diag(self._covariance), 0.0)
        own = Component(np.arange(len(covariance)), np.sqrt(variance))
        super().__init__([own])

    def loading(self, component: int) -> Floats:
        """Refuse to tell components apart."""
        raise _refuse()

    def without(self, component: int, terms: NDArray[np.bool_]) -> SharedErrors:
        """Refuse to tell components apart."""
        raise _refuse()

    def select(self, terms: Integers) -> KnownErrors:
        """Return the error model of some of the terms, in the order given."""
        return KnownErrors(self._covariance[np.ix_(terms, terms)])

    def log_covariance(self) -> Floats:
        """Covariance of the logarithms of the multipliers, shape (terms, terms)."""
        return self._covariance

    def _pair_logs(self, first: Integers, second: Integers) -> Floats:
        """Return the covariance of the logarithms of pairs of terms."""
        return np.asarray(self._covariance[first, second])

    def _loading_matrix(self) -> Floats:
        """Return the loadings of the terms on independent standard normals, shape (keys, terms)."""
        values, vectors = np.linalg.eigh(self._covariance)
        kept = values > max(float(values.max(initial=0.0)), 1e-30) * 1e-12
        return np.asarray((vectors[:, kept] * np.sqrt(values[kept])).T)


def _refuse() -> FieldError:
    return FieldError(
        "after measurements the errors of sources, products and bridges are tied",
        field="component",
        expected="the map before the measurements, to tell where doubt comes from",
        remedy="ask the map that was updated, or one made again with the table of family updates",
    )
