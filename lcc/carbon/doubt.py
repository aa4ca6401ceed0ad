r"""Where doubt comes from: which shared errors make an interval, what knowing them would change.

A total is :math:`T = \sum_i t_i \prod_c M_{c,i}`, its multipliers independent lognormals of mean
one, shared by the terms that hold the same key of a component (`lcc.uncertainty.shared`), plus the
errors of single lines. For one key *c* (a source, a product, a price, a bridge, a rule), with
:math:`K^c` its part of the covariance of the logarithms, two shares of the variance are exact and
closed:

.. math:: S_c = \frac{t^\top (e^{K^c} - 1) t}{V}, \qquad
          S^T_c = 1 - \frac{t^\top (e^{K - K^c} - 1) t + w_{\sim c}}{V}

:math:`S_c` is the first-order index: the variance of the total where *c* alone is in doubt. The
total index :math:`S^T_c` is the part of the variance that goes away, on average, once *c* is known
(the expected variance of the total given all the rest, since :math:`E[M_c] = 1`). The variance
:math:`w` of single lines holds the square of their shared multiplier, so a known *c* divides a
line's part by :math:`e^{\sigma_c^2}`. Total indices add up to more than one where errors multiply.

Between both lies the Shapley effect, which shares the interactions equally among the errors that
make them: these add up to one (`lcc.uncertainty.information.shares`).

References
----------
.. [1] Sobol', I. M. (2001). Global sensitivity indices for nonlinear mathematical models.
   Math. Comput. Simul. 55, 271-280. doi:10.1016/S0378-4754(00)00270-6 (both indices).
.. [2] Homma, T. & Saltelli, A. (1996). Importance measures in global sensitivity analysis of
   nonlinear models. Reliab. Eng. Syst. Saf. 52, 1-17. doi:10.1016/0951-8320(96)00002-6 (total).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lcc.carbon.factors import factor_label
from lcc.carbon.kilograms import COMPONENTS
from lcc.carbon.result import CarbonMap
from lcc.tables import load_reference
from lcc.uncertainty.information.shares import LINES, share_by_term
from lcc.uncertainty.shared import Interval, SharedErrors
from lcc.units import KG_PER_TONNE

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["LINE", "decompose_doubt"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

LINE = "line"
"""Component of the errors that no two lines share."""


@dataclass(frozen=True)
class _Total:
    """One total: the terms it holds, their kilograms, their errors, the variance of single lines.

    `own` is the variance of single lines by term.
    """

    terms: Integers
    kilograms: Floats
    errors: SharedErrors
    own: Floats

    def interval(self, errors: SharedErrors, own: Floats) -> Interval:
        return errors.calc_interval(self.kilograms[None, :], np.array([own.sum()]))


def decompose_doubt(
    carbon: CarbonMap, year: int | None = None, family: str | None = None
) -> pd.DataFrame:
    """Return what makes the interval of a total: one row per error that its lines share.

    Parameters
    ----------
    carbon : CarbonMap
    year : int, optional
        Only this budget year.
    family : str, optional
        Only this purchasing family, or this segment.

    Returns
    -------
    pandas.DataFrame
        `component` (`source`, `product`, `price`, `bridge`, `rule`, `line`), `key`, `method` (of a
        bridge; empty for the others), `label_fr`, `label_en`, `first_share`, `shapley_share` (they
        add up to 1) and `total_share` (indices above, 0 to 1), `alone_low_tco2e` and
        `alone_high_tco2e` (interval if this error alone were in doubt), `low_tco2e` and
        `high_tco2e` (interval if it were known),
        `narrowed_share` (how much of the interval's width goes away then); by falling
        `total_share`. Empty where nothing is in doubt.

    Raises
    ------
    FieldError
        If the map holds no such year.
    """
    total = _gather(carbon, "family", carbon.choose_cells("family", year, family))
    names = carbon.emissions().component_keys
    shares = share_by_term(total.errors, total.kilograms, total.own).shapley
    whole = total.interval(total.errors, total.own)
    rows: list[tuple[str, str, tuple[float, ...]]] = []
    for rank, component in enumerate(COMPONENTS):
        keys = np.array([names[rank][term] for term in total.terms], dtype=object)
        loads = total.errors.loading(rank)
        for key in sorted(set(keys[loads > 0])):
            held = keys == key
            effect = float(shares[rank, held].sum())
            rows.append((component, str(key), (effect, *_isolate(total, whole, rank, held))))
    if total.own.sum() > 0:
        effect = float(shares[LINES].sum())
        rows.append((LINE, "", (effect, *_isolate_lines(total, whole))))
    return _tabulate(rows, float(whole.variance.sum()), carbon)


def _gather(carbon: CarbonMap, by: str, chosen: NDArray[np.bool_]) -> _Total:
    """Return the total of chosen cells, over the terms that are in it."""
    found = carbon.emissions(by)
    kilograms = found.calc_totals(np.where(chosen, 0, -1), 1)[0]
    own = np.asarray(
        np.bincount(found.terms[chosen], found.line_variance[chosen], minlength=found.errors.terms),
        dtype=np.float64,
    )
    terms = np.flatnonzero((kilograms != 0) | (own > 0))
    return _Total(terms, kilograms[terms], found.errors.select(terms), own[terms])


def _isolate(
    total: _Total, whole: Interval, rank: int, held: NDArray[np.bool_]
) -> tuple[float, ...]:
    """Return the indices and the intervals of one key: alone in doubt, then known."""
    loads = np.where(held, total.errors.loading(rank), 0.0)
    alone = np.expm1(loads[:, None] * loads[None, :])
    first = float(total.kilograms @ alone @ total.kilograms)
    own = total.own * np.exp(-(loads**2))
    rest = total.interval(total.errors.without(rank, held), own)
    only = total.errors.select(np.flatnonzero(held))
    for other in range(len(COMPONENTS)):
        if other != rank:
            only = only.without(other, np.ones(only.terms, dtype=bool))
    shown = only.calc_interval(total.kilograms[None, held])
    fixed = total.kilograms[~held].sum()
    return (first, *_compare(whole, rest, (shown.low[0] + fixed, shown.high[0] + fixed)))


def _isolate_lines(total: _Total, whole: Interval) -> tuple[float, ...]:
    """Return the same of the errors of single lines, were shared errors to stay as they are."""
    rest = total.interval(total.errors, np.zeros_like(total.own))
    known = total.errors
    for rank in range(len(COMPONENTS)):
        known = known.without(rank, np.ones(known.terms, dtype=bool))
    # Where no multiplier is in doubt, a line's part is not enlarged by their squares.
    own = total.own * np.exp(-total.errors.log_variance())
    alone = total.interval(known, own)
    return (float(own.sum()), *_compare(whole, rest, (alone.low[0], alone.high[0])))


def _compare(whole: Interval, rest: Interval, alone: tuple[float, float]) -> tuple[float, ...]:
    """Return variance that goes away, bounds alone, bounds of the rest, share of the width."""
    narrowed = _narrow(whole, rest.high - rest.low)
    bounds = (alone[0], alone[1], rest.low[0], rest.high[0])
    return (
        float(whole.variance[0] - rest.variance[0]),
        *(float(each) / KG_PER_TONNE for each in bounds),
        float(narrowed[0]),
    )


def _narrow(whole: Interval, width: Floats) -> Floats:
    """Return how much of the width of an interval goes away, 0 where it has none."""
    full = float(whole.high[0] - whole.low[0])
    return np.asarray(1 - width / full) if full > 0 else np.zeros(width.shape)


def _tabulate(
    rows: Sequence[tuple[str, str, tuple[float, ...]]], variance: float, carbon: CarbonMap
) -> pd.DataFrame:
    """Return the rows as a table, named for people, by falling share."""
    import pandas as pd

    columns = [
        *("component", "key", "method", "label_fr", "label_en", "first_share", "shapley_share"),
        "total_share",
        *("alone_low_tco2e", "alone_high_tco2e", "low_tco2e", "high_tco2e", "narrowed_share"),
    ]
    table = pd.DataFrame(
        [
            (
                component,
                key,
                _tell_method(key) if component == "bridge" else "",
                *_name(component, key, carbon),
                first / variance,
                effect,
                gone / variance,
                *more,
            )
            for component, key, (effect, first, gone, *more) in rows
            if variance > 0
        ],
        columns=columns,
    )
    order = ["total_share", "component", "key"]
    return table.sort_values(order, ascending=[False, True, True]).reset_index(drop=True)


def _tell_method(bridge: str) -> str:
    """Return the method a bridge serves: FAMILY:METHOD or FAMILY:METHOD:UNIT."""
    return bridge.split(":")[1] if ":" in bridge else ""


def _name(component: str, key: str, carbon: CarbonMap) -> tuple[str, str]:
    """Return what an error is of, in French and in English."""
    if component in {"product", "bridge"}:
        column = "product" if component == "product" else "bridge_rule"
        held = carbon.factors[column].to_pylist().index(key)
        label = factor_label(carbon.factors["factor_id"][held].as_py())
        return label["label_fr"], label["label_en"]
    found = NAMERS.get(component, dict)().get(key)
    if component == "rule" and found is None:
        nomenclature, _, code = key.partition(":")
        return (f"{nomenclature.upper()} {code}",) * 2
    return found or (key, key)


@cache
def _name_sources() -> dict[str, tuple[str, str]]:
    rows = load_reference("emission_factors", "source").to_pylist()
    names = {row["source_key"]: f"{row['publisher']}, {row['title']}" for row in rows}
    return {key: (name, name) for key, name in names.items()}


@cache
def _name_prices() -> dict[str, tuple[str, str]]:
    rows = load_reference("emission_factors", "energy_series").to_pylist()
    return {row["price_series"]: (row["label_fr"], row["label_en"]) for row in rows}


NAMERS: dict[str, Callable[[], dict[str, tuple[str, str]]]] = {
    "source": _name_sources,
    "price": _name_prices,
}
"""Component → names of its keys."""
