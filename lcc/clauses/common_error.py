r"""Errors of method that contracts have in common: they do not shrink with the number of contracts.

Contracts measured by one method err together. On the logarithm a comparison is a weighted sum of
levels; with loadings :math:`\ell_i` (weight times the part of the logarithm's standard deviation
that the method shares, `lcc.uncertainty.shared`) and methods m,

.. math:: \sigma_c^2 = \sum_m \Big(\sum_{i \in m} \ell_i\Big)^2

so that what both sides of a comparison share cancels, and what only one side has stays whole. The
scatter s between n differences knows nothing of it. Both are joined as an observed and a stated
uncertainty are ([1]_, G.4.1, the second with infinite degrees of freedom):

.. math:: u^2 = s^2/n + \sigma_c^2, \qquad \nu = (n-1) \, \frac{u^4}{(s^2/n)^2}

References
----------
.. [1] JCGM 100:2008, Evaluation of measurement data - Guide to the expression of uncertainty in
   measurement (GUM), annex G.4.1 (Welch-Satterthwaite formula).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np

from lcc.clauses.comparables import ComparedContract, name_of
from lcc.uncertainty.shared import Component, SharedErrors

__all__ = ["after_terms", "before_terms", "calc_common_sd"]

Term = tuple[str, float]
"""Method, and weight times standard deviation of the logarithm."""


def calc_common_sd(terms: Iterable[Term]) -> float:
    """Return the standard deviation that methods give to a weighted sum of logarithms.

    Parameters
    ----------
    terms : iterable of (str, float)
        Key of a method, and its signed loading; equal keys share one error.
    """
    held = [(key, load) for key, load in terms if load]
    if not held:
        return 0.0
    codes = {key: rank for rank, key in enumerate(dict.fromkeys(key for key, _ in held))}
    keys = np.array([codes[key] for key, _ in held])
    loads = np.array([load for _, load in held])
    errors = SharedErrors([Component(keys, np.abs(loads))])
    signs = np.sign(loads)
    return math.sqrt(max(0.0, float(signs @ errors.log_covariance() @ signs)))


def after_terms(contracts: Sequence[ComparedContract], weight: float) -> list[Term]:
    """Return the loadings of the levels measured, each contract with one weight."""
    return [(name_of(each.method), weight * (each.method_log_sd or 0.0)) for each in contracts]


def before_terms(contracts: Sequence[ComparedContract], weight: float) -> list[Term]:
    """Return the loadings of the levels before; their method's error is another one unless said."""
    return [
        (
            name_of(each.method_before) if each.shares_before else f"before:{each.method_before}",
            weight * (each.before_log_sd or 0.0),
        )
        for each in contracts
    ]
