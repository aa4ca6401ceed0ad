r"""Shared errors: everything that borrows the same figure is wrong together.

A *term* is what one error model distinguishes (in the map: a source, a product, a family's bridge
and a code's rule, combined). Its error is a product of mean-one lognormals, one per *component*;
two terms that hold the same key in a component share that component's error. With loadings
:math:`\sigma_{ik}` of term *i* in component *k* and keys :math:`\kappa_{ik}`, the covariance of the
logarithms is

.. math:: K_{ij} = \sum_k \sigma_{ik}\sigma_{jk} \, R^k_{\kappa_{ik} \kappa_{jk}}

where :math:`R^k` is one for a key with itself and, unless a study states a correlation, zero for
two keys; and, the multipliers being lognormal with mean one, their covariance is exactly
:math:`e^{K_{ij}} - 1`. A total :math:`T = \sum_i t_i M_i` is linear in them, so its mean is
:math:`\sum_i t_i` and its variance :math:`t^\top (e^K - 1) t`, without approximation.

References
----------
.. [1] Limpert et al. (2001), BioScience 51(5), 341-352 (product and moments of lognormals).
.. [2] Heijungs, R. (2020). On the number of Monte Carlo runs in comparative probabilistic LCA.
   Int. J. Life Cycle Assess. 25, 394-402. doi:10.1007/s11367-019-01698-4 (common draws).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lcc.uncertainty.lognormal import calc_interval, calc_normal_interval

__all__ = ["MIXED_SHARE", "Component", "Interval", "SharedErrors"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

MIXED_SHARE = 0.05
"""Share of terms of the minor sign from which a total is taken for a difference (a judgement)."""

BLOCK_VALUES = 4_000_000
"""Numbers held at once while drawing: 32 MB of floats."""


@dataclass(frozen=True)
class Component:
    """One kind of shared error.

    Attributes
    ----------
    keys : array of int, shape (terms,)
        What each term shares; equal keys share one error.
    log_sd : array, shape (terms,)
        Loading of each term: standard deviation of the logarithm of this component, at least 0.
    correlation : array, shape (keys, keys), optional
        Of the errors of the keys, which are then its ranks; positive semi-definite, ones on the
        diagonal (`lcc.uncertainty.covariance`). Without it, errors of two keys are independent.
    """

    keys: Integers
    log_sd: Floats
    correlation: Floats | None = None

    def pair(self, first: Integers, second: Integers) -> Floats:
        """Return the correlation of the errors of pairs of terms, by their ranks."""
        if self.correlation is None:
            return np.asarray(self.keys[first] == self.keys[second], dtype=np.float64)
        return np.asarray(self.correlation[self.keys[first], self.keys[second]])


@dataclass(frozen=True)
class Interval:
    """Mean, variance and bounds of some totals, in the unit of the totals."""

    mean: Floats
    variance: Floats
    low: Floats
    high: Floats


class SharedErrors:
    """The error model of a set of terms.

    Parameters
    ----------
    components : sequence of Component
        All of the same number of terms.

    Raises
    ------
    ValueError
        If two components differ in their number of terms, or there is none.
    """

    def __init__(self, components: Sequence[Component]) -> None:
        if len({component.keys.shape for component in components}) != 1:
            raise ValueError("components describe the same terms, one key and one loading each")
        self._components = tuple(_number_keys(component) for component in components)
        self.terms = int(self._components[0].keys.size)

    def loading(self, component: int) -> Floats:
        """Return the loading of each term in a component, by its rank, shape (terms,)."""
        return self._components[component].log_sd

    @property
    def components(self) -> int:
        """Number of components."""
        return len(self._components)

    def keys(self, component: int) -> Integers:
        """Return what each term shares in a component, from 0, shape (terms,)."""
        return np.asarray(self._components[component].keys, dtype=np.int64)

    def component(self, component: int) -> Component:
        """Return keys, loadings and correlation of a component, by its rank."""
        return self._components[component]

    def part(self, component: int) -> SharedErrors:
        """Return the model in which one component alone is in doubt, by its rank."""
        return SharedErrors([self._components[component]])

    def select(self, terms: Integers) -> SharedErrors:
        """Return the error model of some of the terms, in the order given."""
        return SharedErrors(
            [
                Component(each.keys[terms], each.log_sd[terms], each.correlation)
                for each in self._components
            ]
        )

    def without(self, component: int, terms: NDArray[np.bool_]) -> SharedErrors:
        """Return the model in which one component of some terms is known: its loading is zero."""
        held = self._components[component]
        known = np.where(terms, 0.0, held.log_sd)
        return self.replace(component, Component(held.keys, known, held.correlation))

    def replace(self, component: int, other: Component) -> SharedErrors:
        """Return the model with another component in the place of one, by its rank."""
        parts = list(self._components)
        parts[component] = other
        return SharedErrors(parts)

    def part_log_covariance(self, component: int, rows: Integers) -> Floats:
        """Return what one component makes of `log_covariance`, some of its rows."""
        held = self._components[component]
        loads = held.log_sd
        same = held.pair(rows[:, None], np.arange(self.terms)[None, :])
        return np.asarray(same * (loads[rows, None] * loads[None, :]))

    def log_covariance(self) -> Floats:
        """Covariance of the logarithms of the multipliers, shape (terms, terms)."""
        total = np.zeros((self.terms, self.terms))
        ranks = np.arange(self.terms)
        for component in self._components:
            same = component.pair(ranks[:, None], ranks[None, :])
            total += same * (component.log_sd[:, None] * component.log_sd[None, :])
        return total

    def log_variance(self) -> Floats:
        """Variance of the logarithm of each multiplier, shape (terms,)."""
        return np.asarray(sum(component.log_sd**2 for component in self._components))

    def calc_moments(
        self, totals: Floats, own_variance: Floats | None = None
    ) -> tuple[Floats, Floats]:
        """Return the exact mean and variance of linear totals.

        Parameters
        ----------
        totals : array, shape (groups, terms)
            Central contribution of each term to each group.
        own_variance : array, shape (groups,), optional
            Variance that nothing shares, such as errors of single lines.

        Returns
        -------
        mean, variance : array, shape (groups,)
        """
        covariance = np.expm1(self.log_covariance())
        variance = np.einsum("gt,gt->g", totals @ covariance, totals)
        if own_variance is not None:
            variance = variance + own_variance
        return totals.sum(axis=1), np.maximum(variance, 0.0)

    def calc_covariance(self, totals: Floats, own_variance: Floats | None = None) -> Floats:
        """Return the exact covariance of linear totals with each other, shape (groups, groups).

        Parameters
        ----------
        totals, own_variance
            As in `calc_moments`; what nothing shares is on the diagonal alone.
        """
        covariance = totals @ np.expm1(self.log_covariance()) @ totals.T
        if own_variance is not None:
            covariance = covariance + np.diag(own_variance)
        return np.asarray((covariance + covariance.T) / 2)

    def calc_interval(
        self, totals: Floats, own_variance: Floats | None = None, level: float = 0.95
    ) -> Interval:
        """Return the interval of each group in closed form.

        By Fenton-Wilkinson's moments: one lognormal of the exact mean and variance where the terms
        of a group have one sign (`lognormal.calc_interval`; docs/uncertainty.md says where it is
        good, `draw_interval` is for where it is not); normal where terms of the other sign weigh
        more than `MIXED_SHARE` of it: a difference may be negative.
        """
        mean, variance = self.calc_moments(totals, own_variance)
        return _bound(mean, variance, np.abs(totals).sum(axis=1), level)

    def calc_sparse_interval(
        self,
        groups: Integers,
        terms: Integers,
        values: Floats,
        count: int,
        own_variance: Floats,
        level: float = 0.95,
    ) -> Interval:
        """Return the interval of many groups of few terms each, as `calc_interval` would.

        The same closed form, summed over the pairs of terms that meet in a group: many groups by
        many terms are never laid out in full.

        Parameters
        ----------
        groups, terms : array of int, shape (entries,)
            Group and term of each entry; each pair occurs once.
        values : array, shape (entries,)
            Central contribution.
        count : int
            Number of groups.
        own_variance : array, shape (count,)
            Variance that nothing shares.
        """
        order = np.argsort(groups, kind="stable")
        group, term, value = groups[order], terms[order], values[order]
        sizes = np.bincount(group, minlength=count)
        starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
        variance = np.array(own_variance, dtype=np.float64)
        # Pairs are taken by their distance in the group: no more of them are held than entries.
        for lag in range(int(sizes.max(initial=0))):
            first = np.flatnonzero(np.arange(group.size) - starts[group] + lag < sizes[group])
            second = first + lag
            logs = self._pair_logs(term[first], term[second])
            part = value[first] * value[second] * np.expm1(logs) * (2.0 if lag else 1.0)
            variance += np.bincount(group[first], part, minlength=count)
        mean = np.asarray(np.bincount(group, value, minlength=count), dtype=np.float64)
        gross = np.asarray(np.bincount(group, np.abs(value), minlength=count), dtype=np.float64)
        return _bound(mean, np.maximum(variance, 0.0), gross, level)

    def draw_multipliers(
        self, draws: int, rng: np.random.Generator
    ) -> Iterator[NDArray[np.float64]]:
        """Yield the multipliers in blocks, each of shape (draws of the block, terms).

        The standard normals of all components are drawn in one stream, so that the same generator
        gives the same draws however the totals are grouped: differences and ranks use common
        numbers.
        """
        loadings = self._loading_matrix()
        centre = 0.5 * self.log_variance()
        rows = max(1, BLOCK_VALUES // max(1, self.terms, loadings.shape[0]))
        for start in range(0, draws, rows):
            size = min(rows, draws - start)
            logs = rng.standard_normal((size, loadings.shape[0])) @ loadings
            logs -= centre
            yield np.exp(logs, out=logs)

    def own_log_sd(self, totals: Floats, own_variance: Floats) -> Floats:
        r"""Return the loading of the error that nothing shares, shape (groups,).

        A total times a mean-one lognormal of this loading has `own_variance` more of variance, with
        *m* and *v* its mean and variance without: :math:`\sigma^2 = \ln(1 + w / (m^2 + v))`.
        """
        if not np.any(own_variance > 0):
            return np.zeros(len(totals))
        mean, variance = self.calc_moments(totals)
        second = mean**2 + variance
        ratio = np.divide(own_variance, second, out=np.zeros_like(second), where=second > 0)
        return np.asarray(np.sqrt(np.log1p(ratio)))

    def draw_totals(
        self,
        totals: Floats,
        draws: int,
        rng: np.random.Generator,
        own_variance: Floats | None = None,
    ) -> Floats:
        """Return draws of the totals, shape (draws, groups).

        Errors of single lines enter as one mean-one lognormal per group that adds exactly
        `own_variance` to the variance.
        """
        drawn = np.concatenate(
            [multipliers @ totals.T for multipliers in self.draw_multipliers(draws, rng)]
        )
        if own_variance is not None and np.any(own_variance > 0):
            log_sd = self.own_log_sd(totals, own_variance)
            logs = rng.standard_normal(drawn.shape) * log_sd - log_sd**2 / 2
            drawn *= np.exp(logs)
        return drawn

    def draw_interval(
        self,
        totals: Floats,
        draws: int,
        rng: np.random.Generator,
        own_variance: Floats | None = None,
        level: float = 0.95,
    ) -> Interval:
        """Return the interval of each group by draws; the mean stays the exact one."""
        drawn = self.draw_totals(totals, draws, rng, own_variance)
        tails = [(1 - level) / 2, (1 + level) / 2]
        low, high = np.quantile(drawn, tails, axis=0)
        return Interval(totals.sum(axis=1), drawn.var(axis=0, ddof=1), low, high)

    def _pair_logs(self, first: Integers, second: Integers) -> Floats:
        """Return the covariance of the logarithms of pairs of terms."""
        logs = np.zeros(first.size)
        for component in self._components:
            same = component.pair(first, second)
            logs += same * component.log_sd[first] * component.log_sd[second]
        return logs

    def _loading_matrix(self) -> Floats:
        """Return the loadings of the terms on independent standard normals, shape (keys, terms)."""
        blocks = []
        for component in self._components:
            if component.correlation is None:
                block = np.zeros((int(component.keys.max(initial=-1)) + 1, self.terms))
                block[component.keys, np.arange(self.terms)] = component.log_sd
            else:
                # R = L Lᵀ by its eigenvalues, for it may be singular.
                values, vectors = np.linalg.eigh(component.correlation)
                factor = vectors * np.sqrt(np.maximum(values, 0.0))
                block = factor.T[:, component.keys] * component.log_sd
            blocks.append(block[np.any(block != 0, axis=1)])
        return np.concatenate(blocks)


def _number_keys(component: Component) -> Component:
    """Return a component whose keys are the ranks of those that it holds."""
    held, keys = np.unique(component.keys, return_inverse=True)
    correlation = component.correlation
    if correlation is not None:
        correlation = correlation[np.ix_(held, held)]
    return Component(keys, component.log_sd, correlation)


def _bound(mean: Floats, variance: Floats, gross: Floats, level: float) -> Interval:
    """Return the bounds of totals, of which `gross` is the sum without signs."""
    low, high = calc_interval(mean, variance, level)
    mixed = gross - np.abs(mean) > 2 * MIXED_SHARE * gross
    normal_low, normal_high = calc_normal_interval(mean, variance, level)
    return Interval(
        mean, variance, np.where(mixed, normal_low, low), np.where(mixed, normal_high, high)
    )
