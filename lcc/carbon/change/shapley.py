r"""Exact share of each factor in the change of a product: the Shapley value.

With :math:`e = x_1 x_2 \dots x_n`, the change from year 0 to year 1 is shared among the factors by
letting them change one after the other, and taking the mean over all orders [1]_, [2]_:

.. math:: \Delta_k = \sum_{T \subseteq N \setminus k} \frac{|T|!\,(n - |T| - 1)!}{n!}
   (x_k^1 - x_k^0) \prod_{i \in T} x_i^1 \prod_{i \notin T, i \ne k} x_i^0

The parts add up to the change, no order is preferred, and going back changes every sign. As they
are polynomials, factors that are zero, appear or turn negative (credit notes) need no limit, unlike
logarithmic means [3]_; and they are linear in the last factor of each year, the intensity, so that
errors of emissions pass through them exactly.

References
----------
.. [1] Shapley, L. S. (1953). A value for n-person games. Contributions to the Theory of Games II,
   Annals of Mathematics Studies 28, 307-317. doi:10.1515/9781400881970-018
.. [2] Sun, J. W. (1998). Changes in energy consumption and energy intensity: a complete
   decomposition model. Energy Economics 20(1), 85-100. doi:10.1016/S0140-9883(97)00012-1
.. [3] Ang, B. W. (2015). LMDI decomposition approach: a guide for implementation. Energy Policy 86,
   233-238. doi:10.1016/j.enpol.2015.07.007
"""

from __future__ import annotations

from itertools import combinations
from math import factorial

import numpy as np
from numpy.typing import NDArray

__all__ = ["calc_shapley_effects", "calc_shapley_weights"]

Floats = NDArray[np.float64]


def calc_shapley_weights(before: Floats, after: Floats) -> tuple[Floats, Floats]:
    """Return what each factor's effect takes of the last factor of each year.

    The product is that of the given factors and of one more, the last: the effect of factor *k* is
    ``weights_before[k] * last_before + weights_after[k] * last_after``.

    Parameters
    ----------
    before, after : array, shape (factors, products)
        Factors other than the last, in the two years.

    Returns
    -------
    weights_before, weights_after : array, shape (factors + 1, products)
        The last row is the effect of the last factor. Over all rows they sum to minus the product
        of `before`, and to the product of `after`.
    """
    known = before.shape[0]
    count = known + 1
    weights_before = np.zeros((count, *before.shape[1:]))
    weights_after = np.zeros((count, *before.shape[1:]))
    for factor in range(count):
        others = [each for each in range(count) if each != factor]
        for size in range(count):
            share = factorial(size) * factorial(count - size - 1) / factorial(count)
            for changed in combinations(others, size):
                rest = [
                    after[each] if each in changed else before[each]
                    for each in others
                    if each != known
                ]
                product = share * np.prod(np.array(rest).reshape(-1, *before.shape[1:]), axis=0)
                if factor == known:
                    weights_before[known] -= product
                    weights_after[known] += product
                else:
                    side = weights_after if known in changed else weights_before
                    side[factor] += product * (after[factor] - before[factor])
    return weights_before, weights_after


def calc_shapley_effects(before: Floats, after: Floats) -> Floats:
    """Return the effect of each factor on its product, shape (factors, products).

    Parameters
    ----------
    before, after : array, shape (factors, products)
        All factors, in the two years.
    """
    first, second = calc_shapley_weights(before[:-1], after[:-1])
    return np.asarray(first * before[-1] + second * after[-1], dtype=np.float64)
