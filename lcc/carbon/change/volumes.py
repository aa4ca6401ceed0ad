r"""Two years of a map in the same euros: what was bought, without what it cost more.

A *stratum* is what one way of calculating makes of a group: group, family, method, unit and price
series. Its volume is its spending in euros of the base year, the earlier of the two:

- where quantities are known (physical factors, suppliers' data), the volume follows them: spending
  of the base year times the ratio of the quantities (an index of unit values);
- where a price series turned euros into a quantity, it is the index: the very one of the map;
- elsewhere, the price index of the map, or the one that the study gives.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lcc.carbon.prices import deflate, index_level, name_own_index
from lcc.carbon.result import CarbonMap
from lcc.errors import FieldError
from lcc.units import CENTS_PER_EUR

__all__ = ["EURO", "OWN_QUANTITY", "Strata", "Stratum", "gather_strata", "name_index"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

EURO = "EUR"
"""Unit of ratios per euro."""

OWN_QUANTITY = "own-quantity"
"""Name of the index where the buyer's own quantities say what was bought."""


def name_index(index: str | Mapping[int, float] | None, default: str, years: Sequence[int]) -> str:
    """Return the name of the index that was named or given by its levels, the default by default.

    Raises
    ------
    FieldError
        If an index of the study's own lacks one of the years, or a level is not positive.
    MissingFactorError
        If no index has this name.
    """
    if index is None or isinstance(index, str):
        name = index or default
        index_level(name, min(years))
        return name
    missing = [each for each in years if each not in index]
    if missing:
        raise FieldError(
            "the price index has no level for a year compared",
            field="index",
            found=", ".join(map(str, sorted(index))),
            expected=", ".join(map(str, sorted(years))),
        )
    return name_own_index(index)


class Stratum(NamedTuple):
    """What one way of calculating makes of a group."""

    group: str | None
    family: str
    method: str
    unit: str
    price_series: str | None


@dataclass(frozen=True)
class Strata:
    """Spending and emissions of two years, stratum by stratum.

    Attributes
    ----------
    years : tuple of int
        Before and after.
    keys : tuple of Stratum
    cells : array of int, shape (cells,)
        Stratum of each cell of the dimension; -1 where the cell is of neither year, out of scope or
        not covered.
    second : array of bool, shape (cells,)
        Whether the cell is of the year after.
    spend_eur : array, shape (2, strata)
        Covered spending before and after, in euros of each year.
    volume_eur : array, shape (2, strata)
        The same in euros of the base year.
    kgco2e : array, shape (2, strata)
        Emissions before and after.
    present : array of bool, shape (2, strata)
        Whether the year has cells in the stratum.
    index_names : tuple of str
        Index of each stratum.
    same_factor : array of bool, shape (strata,)
        Whether the very same rows of the factor tables serve both years.
    held : frozenset of str
        Indices that do not reach one of the years, and were held there.
    """

    years: tuple[int, int]
    keys: tuple[Stratum, ...]
    cells: Integers
    second: NDArray[np.bool_]
    spend_eur: Floats
    volume_eur: Floats
    kgco2e: Floats
    present: NDArray[np.bool_]
    index_names: tuple[str, ...]
    same_factor: NDArray[np.bool_]
    held: frozenset[str]


def gather_strata(carbon: CarbonMap, by: str, before: int, after: int, index: str) -> Strata:
    """Return two years of a map, stratum by stratum, in euros of the earlier year.

    Parameters
    ----------
    carbon : CarbonMap
    by : str
        Dimension of the map.
    before, after : int
        Budget years of the map.
    index : str
        Name of the index of what has neither quantities nor a price series.
    """
    emissions = carbon.emissions(by)
    cells = carbon.cells[by]
    chosen = [carbon.choose_cells(by, year, None) for year in (before, after)]
    factor_keys = cells["factor_key"].to_pylist()
    groups = cells["family" if by == "family" else "group_key"].to_pylist()
    factors = carbon.factors.to_pylist()
    keys: dict[Stratum, int] = {}
    places = np.full(len(factor_keys), -1, dtype=np.int64)
    rows: list[tuple[set[str], set[str]]] = []
    for rank in np.flatnonzero(chosen[0] | chosen[1]):
        if factor_keys[rank] is None:
            continue
        factor = factors[factor_keys[rank]]
        place = keys.setdefault(_name_stratum(groups[rank], factor), len(keys))
        if place == len(rows):
            rows.append((set(), set()))
        places[rank] = place
        rows[place][int(chosen[1][rank])].add(str(factor["factor_id"]))
    cents = np.asarray(cells["spend_cents"].to_numpy(), dtype=np.float64)
    quantity = np.asarray(cells["quantity"].fill_null(0.0).to_numpy(), dtype=np.float64)
    size = len(keys)

    def sum_by(values: Floats) -> Floats:
        return np.array(
            [
                np.bincount(places[kept], values[kept], minlength=size)
                for kept in (each & (places >= 0) for each in chosen)
            ]
        )

    spend = sum_by(cents) / CENTS_PER_EUR
    quantities = sum_by(quantity)
    volume, names, held = _calc_volumes(list(keys), spend, quantities, (before, after), index)
    return Strata(
        years=(before, after),
        keys=tuple(keys),
        cells=places,
        second=chosen[1],
        spend_eur=spend,
        volume_eur=volume,
        kgco2e=sum_by(emissions.kgco2e),
        present=sum_by(np.ones(places.size)) > 0,
        index_names=names,
        same_factor=np.array([first == second for first, second in rows], dtype=bool),
        held=held,
    )


def _name_stratum(group: str | None, factor: dict[str, Any]) -> Stratum:
    return Stratum(
        group, factor["family"], factor["method"], factor["unit"], factor["price_series"]
    )


def _calc_volumes(
    keys: list[Stratum],
    spend: Floats,
    quantities: Floats,
    years: tuple[int, int],
    index: str,
) -> tuple[Floats, tuple[str, ...], frozenset[str]]:
    """Return volumes in euros of the earlier year, the index of each stratum, those held."""
    base = int(years[1] < years[0])
    other = 1 - base
    volume, names, held = spend.copy(), [], set()
    for place, key in enumerate(keys):
        known = quantities[:, place]
        if key.unit != EURO and np.all(known > 0) and spend[base, place] > 0:
            volume[other, place] = spend[base, place] * known[other] / known[base]
            names.append(OWN_QUANTITY)
            continue
        name = key.price_series or index
        step = deflate(name, years[base], years[other])
        volume[other, place] = spend[other, place] * step.value
        names.append(name)
        if step.held:
            held.add(name)
    return volume, tuple(names), frozenset(held)
