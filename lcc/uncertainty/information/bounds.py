r"""How much the best choice of measurements could take away: certified bounds from above.

No choice within a budget takes away more than what is returned, whatever the data; proofs are in
docs/method.md. With *h*, *f*, *Q*, *b*, *N* of `budget`, `knapsack(v)` the value of the fractional
knapsack of items of value *v* (Dantzig: by falling value per cost, the last one in part), and *O*
any choice that the budget buys:

**In place of the estimates.** For any set *S*, with :math:`\rho_g(S)` what *g* adds to it,

.. math:: h(O) \le h(S) + \sum_{s \in S} (-\rho_s^{min})^+
          + \mathrm{knapsack}_{g \notin S} \big( (\rho_g(S) + n_g)^+ \big)

where :math:`\rho^{min}_s` is the least that *s* can add to anything and :math:`n_g` bounds its
negative covariances; both are zero where no covariance is negative and no measurement is coarser
than the estimate, and it is then the bound of [1]_ and [2]_. The least over the steps of a greedy
choice is taken. Beside it, with measurements made in part, :math:`0 \le z \le 1`,

.. math:: h(O) \le \max_z \sum_g z_g (2 b_g - \ell_g - N_g) - z^\top Q z
          \le F(z) + \mathrm{knapsack}(\nabla F(z)) - \nabla F(z)^\top z

for any *z*, *F* being concave: closer where many contracts share one factor. The least is told.

**With what figures teach.** *f* is not submodular. With :math:`D = \text{lines} + N > 0`, and
:math:`Q` positive, for any vector *u*

.. math:: f(O) \le u^\top Q u + \mathrm{knapsack}\big( (b - Q u)_g^2 / D_g \big)

the least over *u* being the perspective relaxation of best-subset regression [3]_; a few steps of
Frank and Wolfe [4]_ come near it, each a bound. It holds as well for what *O* adds to a set *S*
already measured, whose own gain is then added. The least of both is taken, and of what measuring
all candidates would take away.

References
----------
.. [1] Leskovec, J., et al. (2007). Cost-effective outbreak detection in networks. KDD '07,
   420-429, section 3.2. doi:10.1145/1281192.1281239
.. [2] Nemhauser, G. L., Wolsey, L. A., Fisher, M. L. (1978). An analysis of approximations for
   maximizing submodular set functions - I. Math. Programming 14, 265-294. doi:10.1007/BF01588971
.. [3] Pilanci, M., Wainwright, M. J., El Ghaoui, L. (2015). Sparse learning via Boolean
   relaxations. Math. Programming 151, 63-87. doi:10.1007/s10107-015-0894-1
.. [4] Frank, M., Wolfe, P. (1956). An algorithm for quadratic programming. Naval Research
   Logistics Quarterly 3, 95-110. doi:10.1002/nav.3800030109
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lcc.uncertainty.information.budget import calc_set_gain
from lcc.uncertainty.information.preposterior import Candidates

__all__ = ["bound_gain", "bound_learned", "bound_replaced", "fill_knapsack"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

STEPS = 12
"""Steps of Frank and Wolfe: the bound holds after each, and more of them take little off."""

CONCAVE_STEPS = 100
LEAST_GAP = 1e-3
"""Steps for h, each far cheaper, and the part of the bound at which more would tell nothing."""

LEAST_EIGENVALUE = 1e-12
"""Part of the largest eigenvalue below which one is the rounding of a sum."""


def bound_gain(
    candidates: Candidates,
    cost: Floats,
    budget: float,
    chosen: Integers,
    *,
    learning: bool = False,
) -> float:
    """Return what no choice within a budget can take away of the variance more than.

    Parameters
    ----------
    candidates : Candidates
    cost : array, shape (candidates,)
        At least 0.
    budget : float
        At least 0.
    chosen : array of int
        Candidates of a good choice, in the order they were taken: the better it is, the closer
        the bound.
    learning : bool
        True to count what figures teach.
    """
    bound = bound_learned if learning else bound_replaced
    return bound(candidates, cost, budget, chosen)


def fill_knapsack(values: Floats, cost: Floats, budget: float) -> tuple[float, Floats]:
    """Return the best value of items that may be taken in part, and how much of each is taken.

    Items of no positive value, and those the budget does not buy whole, are left out.
    """
    taken = np.zeros(values.size)
    usable = np.flatnonzero((values > 0) & (cost <= budget * (1 + 1e-12)))
    worth = np.divide(
        values[usable], cost[usable], out=np.full(usable.size, np.inf), where=cost[usable] > 0
    )
    order = usable[np.argsort(-worth, kind="stable")]
    before = np.concatenate([[0.0], np.cumsum(cost[order])[:-1]]) if order.size else np.zeros(0)
    room = np.divide(budget - before, cost[order], out=np.ones(order.size), where=cost[order] > 0)
    taken[order] = np.clip(room, 0.0, 1.0)
    return float(values @ taken), taken


def bound_replaced(candidates: Candidates, cost: Floats, budget: float, chosen: Integers) -> float:
    """Return the bound in place of the estimates, the least over the steps of a choice."""
    up, down = np.maximum(candidates.terms, 0.0), np.maximum(-candidates.terms, 0.0)
    along = np.maximum(candidates.multipliers, 0.0)
    against = along - candidates.multipliers
    ups, downs = up.sum(axis=0), down.sum(axis=0)
    # Terms of two signs, or errors that a study says move against each other, make covariances
    # negative: their negative parts, and their positive ones, are bounded without laying them out.
    offset = up @ (along @ downs + against @ ups) + down @ (along @ ups + against @ downs)
    joined = up @ (along @ ups + against @ downs) + down @ (along @ downs + against @ ups)
    own = candidates.spread - candidates.lines
    alone = candidates.replaced()
    least = alone - 2 * np.maximum(joined - own, 0.0)
    spared = np.maximum(-least, 0.0)
    gains, total, penalty = np.array(alone), 0.0, 0.0
    outside = np.ones(len(candidates), dtype=bool)
    bounds = []
    for step in range(len(chosen) + 1):
        values = np.where(outside, gains + offset, 0.0)
        bounds.append(total + penalty + fill_knapsack(values, cost, budget)[0])
        if step < len(chosen):
            each = int(chosen[step])
            total += float(gains[each])
            penalty += float(spared[each])
            outside[each] = False
            gains = gains - 2 * candidates.column(each)
    return min(*bounds, _relax_replaced(candidates, cost, budget, chosen))


def _relax_replaced(candidates: Candidates, cost: Floats, budget: float, chosen: Integers) -> float:
    """Return the bound of h where measurements may be made in part: a concave program."""
    alone = 2 * candidates.with_total - candidates.lines - candidates.noise
    taken = np.zeros(len(candidates))
    taken[np.asarray(chosen, dtype=np.int64)] = 1.0
    best = np.inf
    for _ in range(CONCAVE_STEPS):
        moved = candidates.multipliers @ (candidates.terms.T @ taken)
        joined = candidates.terms @ moved
        slope = alone - 2 * joined
        value, corner = fill_knapsack(slope, cost, budget)
        gap = value - float(slope @ taken)
        best = min(best, float(taken @ (alone - joined)) + gap)
        step = corner - taken
        across = candidates.terms.T @ step
        curve = float(across @ (candidates.multipliers @ across))
        taken = taken + step * (min(1.0, gap / (2 * curve)) if curve > 0 else 1.0)
        if gap <= LEAST_GAP * abs(best):
            break
    return best


def bound_learned(candidates: Candidates, cost: Floats, budget: float, chosen: Integers) -> float:
    """Return the bound with what figures teach."""
    # What emits nothing has no noise, and takes nothing away.
    speaking = np.flatnonzero(candidates.noise > 0)
    place = np.full(len(candidates), -1)
    place[speaking] = np.arange(speaking.size)
    chosen = place[np.asarray(chosen, dtype=np.int64)]
    candidates, cost = candidates.select(speaking), cost[speaking]
    roots, vectors = np.linalg.eigh(candidates.multipliers)
    kept = roots > LEAST_EIGENVALUE * max(float(roots.max(initial=0.0)), 0.0)
    latent = candidates.terms @ (vectors[:, kept] * np.sqrt(roots[kept]))
    noise = candidates.lines + candidates.noise
    whole = _relax(latent, candidates.with_total, noise, cost, budget)
    bounds = [candidates.variance, _measure_all(latent, candidates.with_total, noise), whole]
    if len(chosen):
        # The same once the choice is measured: what is left to explain is smaller.
        block = latent[chosen]
        known = block @ block.T + np.diag(noise[chosen])
        weights = np.linalg.solve(known, candidates.with_total[chosen])
        left = candidates.with_total - latent @ (block.T @ weights)
        precision = np.eye(latent.shape[1]) + block.T @ (block / noise[chosen, None])
        spread, turned = np.linalg.eigh(precision)
        after = latent @ (turned / np.sqrt(spread))
        others = np.ones(len(candidates), dtype=bool)
        others[chosen] = False
        added = _relax(after[others], left[others], noise[others], cost[others], budget)
        bounds.append(calc_set_gain(candidates, chosen, learning=True) + added)
    return min(bounds)


def _measure_all(latent: Floats, moved: Floats, noise: Floats) -> float:
    """Return what measuring all candidates takes away, what figures teach counted."""
    return float(moved @ _solve(latent, moved, 1 / noise))


def _solve(latent: Floats, moved: Floats, weights: Floats) -> Floats:
    """Return (diag(1 / weights) + latent latentᵀ)⁻¹ moved, where a weight of 0 gives 0."""
    inner = np.eye(latent.shape[1]) + latent.T @ (latent * weights[:, None])
    weighted = weights * moved
    back = latent @ np.linalg.solve(inner, latent.T @ weighted)
    return np.asarray(weighted - weights * back)


def _relax(latent: Floats, moved: Floats, noise: Floats, cost: Floats, budget: float) -> float:
    """Return the least bound over some steps of Frank and Wolfe."""
    if not moved.size:
        return 0.0
    usable = cost <= budget * (1 + 1e-12)
    spent = cost[usable].sum()
    start = 1.0 if spent <= budget else budget / spent
    taken = np.where(usable, start, 0.0)
    best = np.inf
    for step in range(STEPS):
        answer = _solve(latent, moved, taken / noise)
        projected = latent.T @ answer
        rest = moved - latent @ projected
        value, corner = fill_knapsack(rest**2 / noise, cost, budget)
        best = min(best, float(projected @ projected) + value)
        taken = taken + 2 / (step + 3) * (corner - taken)
    return best
