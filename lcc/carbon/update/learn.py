r"""The joint update: every error that terms share, given all measurements at once.

The logarithms of the map's multipliers are sums of parts that keys share: a source, a product, a
price, a bridge, a rule. Measurements are conditioned on together, so that one of them narrows its
own family most, other families of its product less, and those of its source a little
(`lcc.uncertainty.hierarchy`). A family's factor is told without the part of the rule that led a
line to it: that part says something of the code, not of the family.

What the next map is to hold must fit its own model, in which keys are independent. The parts of a
factor are then what it still shares with each key,

.. math:: Cov(F, Z_c \mid y) / \sqrt{Var(Z_c \mid y)}

and its bridge's is what is left of its variance: each factor's own variance is exact, that of sums
is near (measured in `docs/learning.md`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lcc.carbon.kilograms import COMPONENTS, Emissions
from lcc.carbon.update.compare import Compared
from lcc.carbon.update.parameters import Learning
from lcc.carbon.update.readings import TermPrior, make_readings
from lcc.uncertainty.hierarchy import Posterior, Readings, Spread, condition_logs
from lcc.uncertainty.shared import Component, SharedErrors

__all__ = ["SHARED_PARTS", "Layout", "Learnt", "learn_together"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

SHARED_PARTS = ("source", "product", "price")
"""Parts of a factor that other factors may share; what is left is its bridge's."""

TINY = 1e-300
"""Keeps a variance that rounding made zero from dividing."""

RULE = COMPONENTS.index("rule")


@dataclass(frozen=True)
class Layout:
    """Where each quantity stands among those that are updated together.

    Attributes
    ----------
    terms : int
        Ranks from 0: the terms of the map.
    factor_of_term : array of int, shape (terms,)
        Rank of the factor of each term, its rule left out.
    parts : dict
        (component, key) → rank of that key's error, of standard deviation one.
    contracts : int
        Rank of the first contract; they follow in order.
    others : dict
        (contract, term) → rank of what that contract pays for by that term in years not measured.
    size : int
    """

    terms: int
    factor_of_term: Integers
    parts: Mapping[tuple[str, str], int]
    contracts: int
    others: Mapping[tuple[int, int], int]
    size: int


@dataclass(frozen=True)
class Learnt:
    """The joint update of a map.

    Attributes
    ----------
    layout : Layout
    prior : TermPrior
    posterior : Posterior
        Of all quantities of the layout.
    readings : Readings
    spread : Spread
    offsets : array, shape (contracts,)
        What a contract's figure has beyond the mean of its terms' logarithms.
    loadings : array, shape (components, terms)
        Prior standard deviation of each component of each term.
    component_keys : tuple of tuple of str
        Keys of the same.
    """

    layout: Layout
    prior: TermPrior
    posterior: Posterior
    readings: Readings
    spread: Spread
    offsets: Floats
    loadings: Floats
    component_keys: tuple[tuple[str, ...], ...]

    @cached_property
    def means(self) -> Floats:
        """Mean of each quantity's multiplier."""
        return self.posterior.targets.factor_mean()

    @cached_property
    def bounds(self) -> tuple[Floats, Floats]:
        """95 % interval of each quantity's multiplier."""
        return self.posterior.targets.interval()

    def factor_log_sd(self, term: int) -> float:
        """Return the doubt of a term's factor before, its rule left out."""
        parts = np.delete(self.loadings[:, term], RULE)
        return float(np.sqrt((parts**2).sum()))

    def next_parts(self, term: int) -> dict[str, float]:
        """Return the parts of a term's factor after, for a model whose keys are independent.

        Returns
        -------
        dict
            `source`, `product`, `price`, `bridge`: standard deviations of logarithms whose squares
            add up to the variance of the factor's logarithm.
        """
        rank = int(self.layout.factor_of_term[term])
        covariance = self.posterior.covariance
        left = float(covariance[rank, rank])
        parts: dict[str, float] = {}
        for name in SHARED_PARTS:
            component = COMPONENTS.index(name)
            key = (name, self.component_keys[component][term])
            shared = 0.0
            if self.loadings[component, term] > 0:
                part = self.layout.parts[key]
                held = max(float(covariance[part, part]), TINY)
                shared = max(0.0, float(covariance[rank, part])) / float(np.sqrt(held))
            parts[name] = min(shared, float(np.sqrt(left)))
            left = max(0.0, left - parts[name] ** 2)
        return {**parts, "bridge": float(np.sqrt(left))}


def learn_together(
    emissions: Emissions,
    records: Sequence[Mapping[str, Any]],
    compared: Sequence[Compared],
    contracts: Sequence[int],
    others: Sequence[tuple[int, int]],
    learning: Learning,
) -> Learnt:
    """Return all terms, factors and contracts given the measurements.

    Parameters
    ----------
    emissions : Emissions
        Of the map by contract.
    records, compared : sequence
        Measurements that are used, and the same beside the map.
    contracts : sequence of int
        Rank of the contract and family of each measurement, from 0.
    others : sequence of (int, int)
        Contracts, by rank, with a term that they also pay for in years that were not measured.
    learning : Learning
    """
    prior = TermPrior(emissions.errors)
    readings = make_readings(records, compared, contracts, prior, learning)
    count = int(readings.contracts.max()) + 1
    loadings = np.array([emissions.errors.loading(rank) for rank in range(len(COMPONENTS))])
    errors, factor_of_term, parts = _extend(emissions, loadings)
    covariance = errors.log_covariance()
    terms, states = emissions.errors.terms, errors.terms
    mean = -np.diag(covariance) / 2
    mean[list(parts.values())] = 0.0
    layout = Layout(
        terms=terms,
        factor_of_term=factor_of_term,
        parts=parts,
        contracts=states,
        others={pair: states + count + rank for rank, pair in enumerate(others)},
        size=states + count + len(others),
    )
    targets = np.zeros((layout.size, states + count))
    targets[:states, :states] = np.eye(states)
    offsets = np.zeros(count)
    for contract in range(count):
        weights = readings.weights[readings.contracts == contract].mean(axis=0)
        targets[states + contract, :terms] = weights
        targets[states + contract, states + contract] = 1.0
        offsets[contract] = prior.offset(weights)
    for (contract, term), rank in layout.others.items():
        targets[rank, term] = 1.0
        targets[rank, states + contract] = 1.0
    widened = Readings(
        **{
            **readings.__dict__,
            "weights": np.pad(readings.weights, ((0, 0), (0, states - terms))),
        }
    )
    spread = learning.spread(learn=_can_learn(readings, learning))
    posterior = condition_logs(mean, covariance, widened, spread, targets)
    return Learnt(
        layout, prior, posterior, readings, spread, offsets, loadings, emissions.component_keys
    )


def _can_learn(readings: Readings, learning: Learning) -> bool:
    """Return whether contracts of one family are enough to tell their spread."""
    families = readings.family_of_contract()
    return bool(families.size - np.unique(families).size >= learning.learn_from)


def _extend(
    emissions: Emissions, loadings: Floats
) -> tuple[SharedErrors, Integers, dict[tuple[str, str], int]]:
    """Return the error model with factors (terms without their rule) and single keys beside."""
    names = emissions.component_keys
    terms = emissions.errors.terms
    first: dict[tuple[Any, ...], int] = {}
    factor = np.zeros(terms, dtype=np.int64)
    for term in range(terms):
        described = tuple(
            (names[rank][term], loadings[rank, term])
            for rank in range(len(COMPONENTS))
            if rank != RULE
        )
        factor[term] = first.setdefault(described, len(first))
    shown = np.array([int(np.flatnonzero(factor == rank)[0]) for rank in range(len(first))])
    alone = [
        (rank, key)
        for rank, name in enumerate(COMPONENTS)
        if name in SHARED_PARTS
        for key in sorted({names[rank][term] for term in range(terms) if loadings[rank, term] > 0})
    ]
    components = []
    for rank in range(len(COMPONENTS)):
        held = emissions.errors.component(rank)
        place = dict(zip(names[rank], held.keys, strict=True))
        # Of a key of another component the loading is zero: any number serves.
        codes = [*held.keys, *held.keys[shown], *(place.get(key, 0) for _, key in alone)]
        loads = [
            *loadings[rank],
            *(0.0 if rank == RULE else loadings[rank, term] for term in shown),
            *(1.0 if rank == own else 0.0 for own, _ in alone),
        ]
        components.append(
            Component(
                np.array(codes, dtype=np.int64),
                np.array(loads, dtype=np.float64),
                held.correlation,
            )
        )
    start = terms + len(first)
    parts = {(COMPONENTS[rank], key): start + place for place, (rank, key) in enumerate(alone)}
    return SharedErrors(components), factor + terms, parts
