"""Measurements as the model reads them: logarithms against the map, with their errors."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lcc.carbon.update.compare import Compared
from lcc.carbon.update.parameters import Learning
from lcc.uncertainty.hierarchy import Readings
from lcc.uncertainty.lognormal import calc_log_sd
from lcc.uncertainty.shared import SharedErrors

__all__ = ["TermPrior", "error_log_sd", "make_readings", "own_share"]

Floats = NDArray[np.float64]


class TermPrior:
    """The logarithms of the multipliers of a map's terms, before measurements.

    Attributes
    ----------
    mean : array, shape (terms,)
    covariance : array, shape (terms, terms)
    """

    def __init__(self, errors: SharedErrors) -> None:
        self.covariance = errors.log_covariance()
        self.mean = -np.diag(self.covariance) / 2

    def offset(self, weights: Floats) -> float:
        r"""Return what a figure of several terms has beyond the mean of their logarithms.

        The logarithm of a weighted sum of lognormals of mean one is taken as normal, of mean
        :math:`-\ln(1 + V)/2` (Fenton-Wilkinson, `lcc.uncertainty.lognormal`), and to first order it
        moves with the weighted logarithms; zero where there is one term.
        """
        held = np.flatnonzero(weights)
        part = weights[held]
        variance = float(part @ np.expm1(self.covariance[np.ix_(held, held)]) @ part)
        return -math.log1p(variance) / 2 - float(part @ self.mean[held])

    def distance(self, compared: Compared, log_sd: float, learning: Learning) -> float:
        """Return how far a measurement is from what was expected, in standard deviations."""
        # The spread is itself in doubt: what is usual is judged before any measurement tells it.
        weights, spread = compared.weights, learning.spread(learn=True)
        between = spread.variance * learning.relative_spread(compared.euro_share) ** 2
        between += spread.selection_log_sd**2
        expected = float(weights @ self.mean) + self.offset(weights) - between / 2
        variance = float(weights @ self.covariance @ weights) + between + log_sd**2
        return (math.log(compared.ratio) - log_sd**2 / 2 - expected) / math.sqrt(variance)


def error_log_sd(record: Mapping[str, Any], learning: Learning) -> float:
    """Return the standard deviation of the logarithm of a measurement's error."""
    return float(calc_log_sd(max(float(record["error_cv"]), learning.least_cv)))


def own_share(record: Mapping[str, Any], learning: Learning) -> float:
    """Return the share of the error variance that no other measurement by the method has.

    Whatever is stated, the least error of a measurement is its own, up to the share of one that
    says nothing: errors wholly common, of unequal sizes, would tell each other to the last digit.
    """
    stated = record.get("own_share")
    if stated is None:
        return learning.own_share
    least = float(calc_log_sd(learning.least_cv) / error_log_sd(record, learning)) ** 2
    return max(float(stated), min(least, learning.own_share))


def make_readings(
    records: Sequence[Mapping[str, Any]],
    compared: Sequence[Compared],
    contracts: Sequence[int],
    prior: TermPrior,
    learning: Learning,
) -> Readings:
    """Return measurements as the model reads them.

    Parameters
    ----------
    records : sequence of mapping
        Rows of schema `measurement`.
    compared : sequence of Compared
        The same beside the map.
    contracts : sequence of int
        Rank of the contract and family of each, from 0.
    """
    log_sd = np.array([error_log_sd(each, learning) for each in records])
    families = [str(each["family"]) for each in records]
    ranks = np.array(contracts, dtype=np.int64)
    euros = np.bincount(ranks, [each.euro_share for each in compared]) / np.bincount(ranks)
    # What has no method shares its error with nothing else.
    methods = [
        str(each["method"]).strip().casefold() if each["method"] else f"\n{rank}"
        for rank, each in enumerate(records)
    ]
    return Readings(
        logs=np.array(
            [
                math.log(each.ratio) - sd**2 / 2 - prior.offset(each.weights)
                for each, sd in zip(compared, log_sd, strict=True)
            ]
        ),
        weights=np.array([each.weights for each in compared]),
        contracts=ranks,
        families=_rank(families),
        methods=_rank(methods),
        log_sd=log_sd,
        own_share=np.array([own_share(each, learning) for each in records]),
        relative=np.array([learning.relative_spread(float(each)) for each in euros]),
    )


def _rank(names: Sequence[str]) -> NDArray[np.int64]:
    """Return the rank of each name among those met."""
    ranks = {name: rank for rank, name in enumerate(dict.fromkeys(names))}
    return np.array([ranks[name] for name in names], dtype=np.int64)
