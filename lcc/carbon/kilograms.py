r"""Kilograms from cells: pure functions from exact sums to emissions and their errors.

A cell's emissions are :math:`e = q f`, with *q* its euros or its quantity and *f* the factor as
applied. Its error is a product of mean-one lognormals that other cells share: the source (part
:math:`\rho` of the factor's log-variance), the product (the rest), the price where one turned euros
into a quantity, the family's bridge and the code's rule; and, where euros were counted, one error
per line that nothing shares: a measured quantity is what it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from lcc.uncertainty.covariance import ErrorMatrix, correlate_errors
from lcc.uncertainty.lognormal import calc_log_sd
from lcc.uncertainty.shared import Component, SharedErrors
from lcc.units import CENTS_PER_EUR

__all__ = ["COMPONENTS", "METHODS", "Emissions", "calc_emissions"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

METHODS = ("supplier", "physical", "price-derived", "monetary")
"""Methods of calculation, the best first."""

COMPONENTS = ("source", "product", "price", "bridge", "rule")
"""Kinds of error that cells share, in the order of the error model."""

BY_FAMILY = ("price-derived", "monetary")
"""Methods that take euros for the mix of a family: a line may lie anywhere around it."""

NO_KEY = ""
"""Key of a component that does not apply: its loading is zero."""


@dataclass(frozen=True)
class Emissions:
    """Emissions of cells and their error model.

    Attributes
    ----------
    kgco2e : array, shape (cells,)
        Central emissions; zero where no factor applies.
    line_variance : array, shape (cells,)
        Variance, in kg², that the errors of single lines add.
    independent_variance : array, shape (cells,)
        Variance, in kg², if every line drew all its errors for itself: the mistake to avoid,
        kept to show how far it is from the truth.
    terms : array of int, shape (cells,)
        Term of the error model each cell belongs to.
    errors : SharedErrors
        Error model over the terms.
    method : array of int, shape (cells,)
        Rank of each cell's method in `METHODS`; -1 where no factor applies.
    quality : array, shape (cells,)
        Quality score of the factor; 0 where there is none.
    component_keys : tuple of tuple of str, shape (components, terms)
        What each term shares in each of `COMPONENTS`; empty where the component does not apply.
    """

    kgco2e: Floats
    line_variance: Floats
    independent_variance: Floats
    terms: Integers
    errors: SharedErrors
    method: Integers
    quality: Floats
    component_keys: tuple[tuple[str, ...], ...]

    def calc_totals(self, groups: Integers, count: int, weights: Floats | None = None) -> Floats:
        """Return the contribution of each term to each group, in kg, shape (count, terms).

        Parameters
        ----------
        groups : array of int, shape (cells,)
            Group of each cell, from 0; negative where the cell is in none.
        count : int
            Number of groups.
        weights : array, shape (cells,), optional
            Share of each cell to count.
        """
        kilograms = self.kgco2e if weights is None else self.kgco2e * weights
        totals = np.zeros((count, self.errors.terms))
        inside = groups >= 0
        np.add.at(totals, (groups[inside], self.terms[inside]), kilograms[inside])
        return totals

    def calc_own_variance(self, groups: Integers, count: int) -> Floats:
        """Return the variance of each group that comes from errors of single lines, in kg²."""
        inside = groups >= 0
        weighted = np.bincount(groups[inside], self.line_variance[inside], minlength=count)
        return np.asarray(weighted, dtype=np.float64)


def calc_emissions(
    cells: pa.Table,
    factors: pa.Table,
    rule_cv: dict[str, float],
    line_cv: float,
    correlations: Mapping[str, Any] | None = None,
) -> Emissions:
    """Return the emissions of cells, and their error model.

    Parameters
    ----------
    cells : pa.Table
        Schema `cell`.
    factors : pa.Table
        Schema `applied_factor`; a factor's key is its rank.
    rule_cv : dict
        Coefficient of variation of each code rule.
    line_cv : float
        Coefficient of variation of a single line around its family's factor.
    correlations : mapping, optional
        What a study states of errors that move together: `component`, `keys`, `correlation`,
        `log_sd` (`lcc.carbon.correlations`).
    """
    rows = factors.to_pylist()
    pairs, pair_of_cell = _distinct_pairs(cells)
    keys = np.array([key for key, _ in pairs], dtype=np.int64)[pair_of_cell]
    known = keys >= 0
    value = _pick(rows, keys, "kgco2e_per_unit")
    in_euros = np.array([*(row["unit"] == "EUR" for row in rows), False])[keys]
    amount = np.where(
        in_euros, _floats(cells["spend_cents"]) / CENTS_PER_EUR, _floats(cells["quantity"])
    )
    squares = np.where(
        in_euros,
        _floats(cells["spend_cents_squared"]) / CENTS_PER_EUR**2,
        _floats(cells["quantity_squared"]),
    )
    described = [_describe(rows, pair, rule_cv) for pair in pairs]
    term_of_pair, components, component_keys = _merge_terms(described)
    errors = SharedErrors(components)
    if correlations is not None:
        errors = _correlate(errors, component_keys, correlations)
    terms = term_of_pair[pair_of_cell]
    growth = np.exp(errors.log_variance()[terms])
    by_family = np.array([*(row["method"] in BY_FAMILY for row in rows), False])[keys]
    own = np.where(by_family, np.log1p(line_cv**2), 0.0)
    squared = np.where(known, squares * value**2, 0.0)
    methods = np.array([*(METHODS.index(row["method"]) for row in rows), -1], dtype=np.int64)
    return Emissions(
        kgco2e=np.where(known, amount * value, 0.0),
        line_variance=squared * growth * np.expm1(own),
        independent_variance=squared * (growth * np.exp(own) - 1),
        terms=terms,
        errors=errors,
        method=methods[keys],
        quality=_pick(rows, keys, "quality"),
        component_keys=component_keys,
    )


def _distinct_pairs(cells: pa.Table) -> tuple[list[tuple[int, str | None]], Integers]:
    """Return the distinct (factor key or -1, code rule) of the cells, and each cell's rank."""
    rule = cells["code_rule"].combine_chunks().dictionary_encode()
    names = [*rule.dictionary.to_pylist(), None]
    rule_key = np.asarray(rule.indices.fill_null(len(names) - 1).to_numpy(), dtype=np.int64)
    factor_key = np.asarray(cells["factor_key"].fill_null(-1).to_numpy(), dtype=np.int64)
    codes, rank = np.unique((factor_key + 1) * len(names) + rule_key, return_inverse=True)
    pairs = [(int(code // len(names)) - 1, names[int(code % len(names))]) for code in codes]
    return pairs, np.asarray(rank, dtype=np.int64)


def _describe(
    rows: list[dict[str, Any]], pair: tuple[int, str | None], rule_cv: dict[str, float]
) -> tuple[tuple[str, float], ...]:
    """Return key and loading of each component of one (factor, rule)."""
    key, rule = pair
    if key < 0:
        return ((NO_KEY, 0.0),) * len(COMPONENTS)
    row = rows[key]
    factor = float(calc_log_sd(row["factor_cv"]))
    # A measured quantity is what it is, whatever code brought the line here: the code's error is
    # one of euros taken for a family's mix.
    by_code = rule_cv.get(rule, 0.0) if rule is not None and row["method"] in BY_FAMILY else 0.0
    return (
        (row["source"], sqrt(row["source_share"]) * factor),
        (row["product"], sqrt(1 - row["source_share"]) * factor),
        (row["price_series"] or NO_KEY, float(calc_log_sd(row["price_cv"] or 0.0))),
        (row["bridge_rule"] or NO_KEY, float(calc_log_sd(row["bridge_cv"]))),
        (rule or NO_KEY, float(calc_log_sd(by_code))),
    )


def _merge_terms(
    described: list[tuple[tuple[str, float], ...]],
) -> tuple[Integers, list[Component], tuple[tuple[str, ...], ...]]:
    """Merge pairs that agree in every key and loading into one term of the error model."""
    first: dict[tuple[tuple[str, float], ...], int] = {}
    terms = np.array([first.setdefault(each, len(first)) for each in described], dtype=np.int64)
    components = []
    for rank in range(len(COMPONENTS)):
        names: dict[str, int] = {}
        components.append(
            Component(
                keys=np.array([names.setdefault(each[rank][0], len(names)) for each in first]),
                log_sd=np.array([each[rank][1] for each in first]),
            )
        )
    keys = tuple(tuple(each[rank][0] for each in first) for rank in range(len(COMPONENTS)))
    return terms, components, keys


def _correlate(
    errors: SharedErrors, keys: tuple[tuple[str, ...], ...], stated: Mapping[str, Any]
) -> SharedErrors:
    """Return the error model with what a study states: of sources, or of families' bridges."""
    rank = COMPONENTS.index(stated["component"])
    names = list(keys[rank])
    if stated["component"] == "bridge":
        # A bridge is FAMILY:METHOD: those of a family that is named have one error.
        named = set(stated["keys"])
        names = [family if (family := key.split(":")[0]) in named else key for key in names]
    log_sd = stated["log_sd"]
    matrix = ErrorMatrix(
        tuple(stated["keys"]),
        np.array(stated["correlation"], dtype=np.float64),
        None if log_sd is None else np.array(log_sd, dtype=np.float64),
    )
    return correlate_errors(errors, rank, names, matrix)


def _floats(column: pa.ChunkedArray) -> Floats:
    """Return a column as floats, nulls as zero."""
    return np.asarray(column.cast(pa.float64()).fill_null(0.0).to_numpy(), dtype=np.float64)


def _pick(rows: list[dict[str, Any]], keys: Integers, name: str) -> Floats:
    """Return one number of the factor of each cell, zero where there is no factor."""
    values = np.array([*(row[name] or 0.0 for row in rows), 0.0], dtype=np.float64)
    return np.asarray(values[keys])
