r"""What measurements of some contracts teach of all: one Gaussian conditioning on logarithms.

Errors of the map are lognormals of mean one, shared by keys (`lcc.uncertainty.shared`): the
logarithms :math:`L` of the multipliers of its terms are Gaussian, of covariance :math:`K` and mean
:math:`-K_{tt}/2`. A contract *j* of a family *f* differs from it by

.. math:: u_j = \delta_j + b_f, \quad \delta_j \sim N(-\tau^2/2, \tau^2), \quad
          b_f \sim N(-\beta^2/2, \beta^2)

:math:`\tau` being the spread between contracts and :math:`\beta` what sending figures says of those
that send them (greener ones do more readily), both of mean one. A measurement *m* of value *v*, the
mean of what the truth may be, against a prior figure *p* is

.. math:: y_m = \ln(v_m/p_m) - s_m^2/2 = \sum_t w_{mt} L_t + u_{j(m)} + \varepsilon_m

with errors of standard deviation :math:`s_m`, of which a part is common to one method. All is
Gaussian once :math:`\tau` is known: mean and covariance given *y* are those of the normal linear
model [1]_. Unknown, :math:`\tau` has a half-normal prior [2]_, its median the stated spread, and
is integrated on a fixed grid; it is one number for all families, as is the map's error of a line,
times what is stated of each contract's way of counting.

With one term this is the hierarchical model of one family: contracts shrink towards it, and it
moves towards them.

References
----------
.. [1] Lindley, D. V. & Smith, A. F. M. (1972). Bayes estimates for the linear model. J. R. Stat.
   Soc. B 34, 1-41. doi:10.1111/j.2517-6161.1972.tb00885.x
.. [2] Gelman, A. (2006). Prior distributions for variance parameters in hierarchical models.
   Bayesian Analysis 1(3), 515-534. doi:10.1214/06-BA117A (half-normal, few groups).
.. [3] Box, G. E. P. (1980). Sampling and Bayes' inference in scientific modelling and robustness.
   J. R. Stat. Soc. A 143, 383-430. doi:10.2307/2982063 (prior predictive check).
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr
from scipy.stats import chi2

__all__ = [
    "HALF_NORMAL_MEDIAN",
    "LogMixture",
    "Posterior",
    "Readings",
    "Spread",
    "calc_conflict",
    "condition_logs",
    "fit_family",
]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

HALF_NORMAL_MEDIAN = NormalDist().inv_cdf(0.75)
"""Median of a half-normal of scale one."""

NODES = 96
"""Points of the grid of spreads; the tests compare it with one ten times finer."""

REACH = 4.5
"""Scales up to which the spread is looked for; beyond lies 7 millionths of its prior."""

BISECTIONS = 48
"""Halvings of an interval of logarithms: beyond them it is rounding."""

BLOCK_VALUES = 4_000_000
"""Numbers held at once: 32 MB of floats."""


@dataclass(frozen=True)
class Readings:
    """Measurements as logarithms against a prior figure.

    Attributes
    ----------
    logs : array, shape (n,)
        Logarithm of measured over prior, less half the variance of the measurement's error.
    weights : array, shape (n, terms)
        Share of each term in what was measured; rows sum to one.
    contracts, families, methods : array of int, shape (n,)
        Whose measurement it is; equal numbers share the contract's difference, the family's
        selection, the error of one method.
    log_sd : array, shape (n,)
        Standard deviation of the logarithm of each measurement's error, above 0.
    own_share : array, shape (n,)
        Share of that error's variance that no other measurement by the method has, 0 to 1.
    relative : array, shape (contracts,), optional
        Spread of each contract relative to the one that is stated or learnt; by default one.
    """

    logs: Floats
    weights: Floats
    contracts: Integers
    families: Integers
    methods: Integers
    log_sd: Floats
    own_share: Floats
    relative: Floats | None = None

    def relative_spread(self) -> Floats:
        """Return the spread of each contract relative to the common one."""
        count = int(self.contracts.max(initial=-1)) + 1
        return np.ones(count) if self.relative is None else self.relative

    def contract_matrix(self) -> Floats:
        """Return which contract each reading is of, shape (n, contracts)."""
        return np.eye(int(self.contracts.max(initial=-1)) + 1)[self.contracts]

    def family_of_contract(self) -> Integers:
        """Return the family of each contract."""
        families = np.zeros(int(self.contracts.max(initial=-1)) + 1, dtype=np.int64)
        families[self.contracts] = self.families
        return families

    def error_covariance(self) -> Floats:
        """Return the covariance of the errors of measurement, shape (n, n)."""
        own, common = self.own_share * self.log_sd**2, np.sqrt(1 - self.own_share) * self.log_sd
        same = self.methods[:, None] == self.methods[None, :]
        return np.asarray(np.diag(own) + same * np.outer(common, common))


@dataclass(frozen=True)
class Spread:
    """What is taken for the differences between contracts.

    Attributes
    ----------
    log_sd : float
        Spread between contracts: standard deviation of logarithms, above 0; the median of its prior
        where it is learnt.
    selection_log_sd : float
        Standard deviation of the difference between those that send figures and the others.
    learn : bool
        Whether the measurements say what the spread is; else it is `log_sd`.
    """

    log_sd: float
    selection_log_sd: float = 0.0
    learn: bool = False

    @property
    def variance(self) -> float:
        """Expected variance between contracts: where the spread is learnt, wider than its median's.

        The mean square of a half-normal law is the square of its scale.
        """
        return (self.log_sd / (HALF_NORMAL_MEDIAN if self.learn else 1.0)) ** 2

    def nodes(self, count: int = NODES) -> tuple[Floats, Floats]:
        """Return spreads and their prior probabilities."""
        if not self.learn:
            return np.array([self.log_sd]), np.ones(1)
        scale = self.log_sd / HALF_NORMAL_MEDIAN
        points = (np.arange(count) + 0.5) * (REACH * scale / count)
        density = np.exp(-0.5 * (points / scale) ** 2)
        return np.asarray(points), np.asarray(density / density.sum())


@dataclass(frozen=True)
class LogMixture:
    """Multipliers whose logarithms are mixtures of normals, one normal per spread.

    Attributes
    ----------
    weights : array, shape (nodes,)
    means, variances : array, shape (nodes, quantities)
    """

    weights: Floats
    means: Floats
    variances: Floats

    def log_mean(self) -> Floats:
        """Return the mean of each logarithm."""
        return np.asarray(self.weights @ self.means)

    def log_variance(self) -> Floats:
        """Return the variance of each logarithm."""
        spread = self.means - self.log_mean()
        return np.asarray(self.weights @ (self.variances + spread**2))

    def factor_mean(self) -> Floats:
        """Return the mean of each multiplier."""
        return np.asarray(self.weights @ np.exp(self.means + self.variances / 2))

    def probability_below(self, multipliers: Floats) -> Floats:
        """Return the probability that each multiplier is below a value, above 0.

        Of truths drawn from the model these probabilities are uniform: what calibration asks.
        """
        return self._below(np.log(multipliers))

    def _below(self, logs: Floats) -> Floats:
        """Return the probability that each logarithm is below a value."""
        gap = logs - self.means
        sd = np.sqrt(self.variances)
        known = sd == 0
        below = ndtr(gap / np.where(known, 1.0, sd))
        if known.any():
            below = np.where(known, gap >= 0, below)
        return np.asarray(self.weights @ below, dtype=np.float64)

    def interval(self, level: float = 0.95) -> tuple[Floats, Floats]:
        """Return the bounds of the central interval of each multiplier."""
        tails = ((1 - level) / 2, (1 + level) / 2)
        return self._bound(tails[0]), self._bound(tails[1])

    def _bound(self, probability: float) -> Floats:
        """Return the multipliers below which a probability lies, by bisection."""
        sd = np.sqrt(self.variances)
        reach = abs(NormalDist().inv_cdf(probability)) + 1
        low = (self.means - reach * sd).min(axis=0)
        high = (self.means + reach * sd).max(axis=0)
        for _ in range(BISECTIONS):
            middle = (low + high) / 2
            under = self._below(middle) < probability
            low, high = np.where(under, middle, low), np.where(under, high, middle)
        return np.asarray(np.exp((low + high) / 2), dtype=np.float64)


@dataclass(frozen=True)
class Posterior:
    """What terms and contracts are, given the measurements.

    Attributes
    ----------
    spreads, weights : array, shape (nodes,)
        Grid of spreads and their probabilities given the measurements.
    targets : LogMixture
        The quantities asked for.
    covariance : array, shape (quantities, quantities)
        Covariance of their logarithms, the spread integrated.
    influence : array, shape (quantities, n)
        By how much the mean of each logarithm moves where a reading moves by one, on average over
        the spreads: the weight of each reading.
    log_likelihood : float
        Logarithm of the density of the measurements under the prior.
    """

    spreads: Floats
    weights: Floats
    targets: LogMixture
    covariance: Floats
    influence: Floats
    log_likelihood: float

    def predict(self, rank: int, relative: float = 1.0) -> LogMixture:
        """Return a contract not measured whose family is the quantity of a rank."""
        added = (relative * self.spreads[:, None]) ** 2
        return LogMixture(
            self.weights,
            self.targets.means[:, [rank]] - added / 2,
            self.targets.variances[:, [rank]] + added,
        )

    def own_weight(self, error_variance: float, relative: float = 1.0) -> float:
        r"""Return how much of a contract's estimate is its own figure, the rest its family's.

        .. math:: E[\tau^2 / (\tau^2 + s^2)]
        """
        own = (relative * self.spreads) ** 2
        return float(self.weights @ (own / (own + error_variance)))


def condition_logs(
    mean: Floats,
    covariance: Floats,
    readings: Readings,
    spread: Spread,
    targets: Floats | None = None,
    nodes: int = NODES,
) -> Posterior:
    """Return what linear quantities of terms and contracts are, given measurements.

    Parameters
    ----------
    mean, covariance : array, shape (terms,) and (terms, terms)
        Prior of the logarithms of the multipliers.
    readings : Readings
        At least one.
    spread : Spread
    targets : array, shape (quantities, terms + contracts), optional
        Weights of terms, then of the contracts' own differences, in each quantity; by default every
        term, then every contract's difference.
    nodes : int
        Points of the grid of spreads.

    Raises
    ------
    ValueError
        If a reading is not finite, or the covariance is not one: not symmetric, or negative in some
        direction.
    """
    _check(covariance, readings)
    grid, prior = spread.nodes(nodes)
    owners = readings.contract_matrix()
    terms, contracts = mean.size, owners.shape[1]
    wanted = np.eye(terms + contracts) if targets is None else targets
    of_terms, of_contracts = wanted[:, :terms], wanted[:, terms:]
    selection = _selection(readings, spread)
    fixed = _fixed(covariance, readings, spread)
    scaled = readings.relative_spread()
    same = (owners * scaled**2) @ owners.T
    crossed = of_terms @ covariance @ readings.weights.T + of_contracts @ selection @ owners.T
    own = (of_contracts * scaled**2) @ owners.T
    before = of_terms @ covariance @ of_terms.T + of_contracts @ selection @ of_contracts.T
    own_before = (of_contracts * scaled**2) @ of_contracts.T
    centre, start = readings.weights @ mean, of_terms @ mean
    blocks = []
    count, quantities = readings.logs.size, wanted.shape[0]
    rows = max(1, BLOCK_VALUES // (count * (count + quantities)))
    for first in range(0, grid.size, rows):
        squared = grid[first : first + rows, None, None] ** 2
        shift = -(squared[:, :, 0] * scaled**2 + spread.selection_log_sd**2) / 2
        factor = np.linalg.cholesky(fixed + squared * same)
        away = readings.logs - centre - shift @ owners.T
        gap = np.linalg.solve(factor, away[:, :, None])[:, :, 0]
        gain = np.linalg.solve(factor, (crossed + squared * own).swapaxes(1, 2))
        logs = -0.5 * (gap**2).sum(axis=1) - 0.5 * count * np.log(2 * np.pi)
        logs -= np.log(np.diagonal(factor, axis1=1, axis2=2)).sum(axis=1)
        means = start + shift @ of_contracts.T + np.einsum("gnq,gn->gq", gain, gap)
        blocks.append((logs, means, gain, np.linalg.solve(factor.swapaxes(1, 2), gain)))
    logs, means = (np.concatenate([block[rank] for block in blocks]) for rank in (0, 1))
    total = np.log(prior) + logs
    weights = np.exp(total - total.max())
    evidence = float(total.max() + np.log(weights.sum()))
    weights /= weights.sum()
    drop = np.concatenate([(gain**2).sum(axis=1) for _, _, gain, _ in blocks])
    variances = np.diag(before) + np.outer(grid**2, np.diag(own_before)) - drop
    mixture = LogMixture(weights, means, np.maximum(variances, 0.0))
    apart = (means - mixture.log_mean()) * np.sqrt(weights)[:, None]
    whole = before + float(weights @ grid**2) * own_before + apart.T @ apart
    influence, held = np.zeros((quantities, count)), 0
    for logs, _, gain, pull in blocks:
        share = weights[held : held + logs.size]
        flat = (gain * np.sqrt(share)[:, None, None]).reshape(-1, quantities)
        whole -= flat.T @ flat
        influence += np.einsum("g,gnq->qn", share, pull)
        held += logs.size
    return Posterior(grid, weights, mixture, whole, influence, evidence)


def _selection(readings: Readings, spread: Spread) -> Floats:
    """Return the covariance that selection gives to contracts of one family."""
    families = readings.family_of_contract()
    same = families[:, None] == families[None, :]
    return np.asarray(spread.selection_log_sd**2 * same, dtype=np.float64)


def _fixed(covariance: Floats, readings: Readings, spread: Spread) -> Floats:
    """Return the part of the readings' covariance that no spread enters."""
    owners = readings.contract_matrix()
    shared = owners @ _selection(readings, spread) @ owners.T
    prior = readings.weights @ covariance @ readings.weights.T
    return np.asarray(prior + shared + readings.error_covariance())


def calc_conflict(mean: Floats, covariance: Floats, readings: Readings, spread: Spread) -> float:
    """Return how likely measurements at least this far from the prior were, before they came.

    The tail of the prior predictive distribution of their squared distance (Box [3]_), the spread
    integrated over its prior. Small: prior and measurements disagree, and one of them is wrong.
    """
    # Of the covariance what the readings see is enough: a few rows of some hundreds.
    _check(readings.weights @ covariance @ readings.weights.T, readings)
    grid, prior = spread.nodes()
    owners = readings.contract_matrix()
    squared = grid[:, None, None] ** 2
    scaled = readings.relative_spread()
    shift = -(squared[:, :, 0] * scaled**2 + spread.selection_log_sd**2) / 2
    same = (owners * scaled**2) @ owners.T
    factor = np.linalg.cholesky(_fixed(covariance, readings, spread) + squared * same)
    away = readings.logs - readings.weights @ mean - shift @ owners.T
    gap = np.linalg.solve(factor, away[:, :, None])
    return float(prior @ chi2.sf((gap[:, :, 0] ** 2).sum(axis=1), readings.logs.size))


def fit_family(
    log_sd: float,
    ratios: Floats,
    error_log_sd: Floats,
    spread: Spread,
    own_share: Floats | float = 1.0,
    methods: Integers | None = None,
    nodes: int = NODES,
) -> Posterior:
    """Return a family alone and its measured contracts: rank 0 the family, then each contract.

    Parameters
    ----------
    log_sd : float
        Doubt of the family's factor before, as a standard deviation of its logarithm.
    ratios : array, shape (n,)
        Measured over prior, one contract each, above 0.
    error_log_sd : array, shape (n,)
        Error of each measurement, above 0.
    spread : Spread
    own_share : float or array
        Share of each error's variance that is its own.
    methods : array of int, optional
        Method of each measurement; by default each has its own.
    """
    count = ratios.size
    ranks = np.arange(count)
    readings = Readings(
        logs=np.log(ratios) - error_log_sd**2 / 2,
        weights=np.ones((count, 1)),
        contracts=ranks,
        families=np.zeros(count, dtype=np.int64),
        methods=ranks if methods is None else methods,
        log_sd=error_log_sd,
        own_share=np.broadcast_to(np.asarray(own_share, dtype=np.float64), (count,)),
    )
    targets = np.eye(1 + count)
    targets[1:, 0] = 1.0
    prior = np.array([-(log_sd**2) / 2])
    return condition_logs(prior, np.array([[log_sd**2]]), readings, spread, targets, nodes)


def _check(covariance: Floats, readings: Readings) -> None:
    values = (readings.logs, readings.log_sd, readings.weights)
    if not readings.logs.size or not all(np.isfinite(each).all() for each in values):
        raise ValueError("readings are finite numbers, at least one")
    if not (readings.log_sd > 0).all():
        raise ValueError("a measurement has an error above zero")
    size = float(np.abs(covariance).max(initial=0.0))
    if not np.allclose(covariance, covariance.T, atol=1e-9 * size):
        raise ValueError("a covariance is symmetric")
    # A factor of Cholesky exists where no eigenvalue is negative: a tenth of the time they take.
    try:
        np.linalg.cholesky(covariance + 1e-9 * max(size, 1.0) * np.eye(len(covariance)))
    except np.linalg.LinAlgError:
        raise ValueError("a covariance is not negative in any direction") from None
