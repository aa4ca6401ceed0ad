r"""Two sides of a map in the same euros: what was bought, without what it cost more.

A *stratum* is what one way of calculating makes of a group: group, family, method, unit and price
series; its *parts* are its members (suppliers, contracts), one where none are told apart. The
volume of a stratum is its spending in euros of the base year, the earlier of the two:

- where quantities are known (physical factors, suppliers' data), the volume follows them: spending
  of the base year times the ratio of the quantities (an index of unit values);
- where a price series turned euros into a quantity, it is the index: the very one of the map;
- elsewhere, the price index of the map, or the one that the study gives.

Where a stratum is counted in units, its parts share its volume by their units: a supplier that
sells the same kilowatt hour dearer is no other purchase.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lcc.carbon.change.view import View
from lcc.carbon.prices import deflate, index_level, name_own_index
from lcc.carbon.result import CarbonMap
from lcc.errors import FieldError
from lcc.units import CENTS_PER_EUR

__all__ = ["EURO", "OWN_QUANTITY", "Parts", "Strata", "Stratum", "gather_strata", "name_index"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

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
    """What one way of calculating makes of a group; apart, what a declared perimeter leaves out."""

    group: str | None
    family: str
    method: str
    unit: str
    price_series: str | None
    outside: bool = False


@dataclass(frozen=True)
class Parts:
    """What each member of each stratum is of it, on both sides.

    Attributes
    ----------
    stratum, member : array of int, shape (parts,)
        Stratum, and code of the member in the view.
    cells : array of int, shape (cells,)
        Part of each cell, -1 as in `Strata.cells`.
    spend_eur, volume_eur, kgco2e : array, shape (2, parts)
    present : array of bool, shape (2, parts)
    same_factor : array of bool, shape (parts,)
        Whether the very same rows of the factor tables serve both sides.
    """

    stratum: Integers
    member: Integers
    cells: Integers
    spend_eur: Floats
    volume_eur: Floats
    kgco2e: Floats
    present: Flags
    same_factor: Flags


@dataclass(frozen=True)
class Strata:
    """Spending and emissions of two sides, stratum by stratum.

    Attributes
    ----------
    years : tuple of int
        Before and after.
    keys : tuple of Stratum
    cells : array of int, shape (cells,)
        Stratum of each cell of the dimension; -1 where the cell is of neither side, out of scope or
        not covered.
    second : array of bool, shape (cells,)
        Whether the cell is of the side after.
    spend_eur : array, shape (2, strata)
        Covered spending before and after, in euros of each year.
    volume_eur : array, shape (2, strata)
        The same in euros of the base year.
    kgco2e : array, shape (2, strata)
        Emissions before and after.
    present : array of bool, shape (2, strata)
        Whether the side has cells in the stratum.
    index_names : tuple of str
        Index of each stratum.
    same_factor : array of bool, shape (strata,)
        Whether the very same rows of the factor tables serve both sides.
    held : frozenset of str
        Indices that do not reach one of the years, and were held there.
    parts : Parts
    """

    years: tuple[int, int]
    keys: tuple[Stratum, ...]
    cells: Integers
    second: Flags
    spend_eur: Floats
    volume_eur: Floats
    kgco2e: Floats
    present: Flags
    index_names: tuple[str, ...]
    same_factor: Flags
    held: frozenset[str]
    parts: Parts

    @cached_property
    def groups(self) -> tuple[Integers, list[str | None]]:
        """Group of each stratum, by its rank in the names beside."""
        names: dict[str | None, int] = {}
        codes = [names.setdefault(each.group, len(names)) for each in self.keys]
        return np.array(codes, dtype=np.int64), list(names)


def gather_strata(carbon: CarbonMap, view: View, index: str) -> Strata:
    """Return two sides of a map, stratum by stratum, in euros of the earlier year.

    Parameters
    ----------
    carbon : CarbonMap
    view : View
        Its cells, by group and member.
    index : str
        Name of the index of what has neither quantities nor a price series.
    """
    cells = carbon.cells[view.dimension]
    kilograms = carbon.emissions(view.dimension).kgco2e
    factors = carbon.factors.to_pylist()
    kinds, kind_of, source_of = _number_factors(factors)
    factor = np.asarray(cells["factor_key"].fill_null(-1).to_numpy(), dtype=np.int64)
    inside = view.sides.any(axis=0) & (factor >= 0)
    kept = np.flatnonzero(inside)
    way = np.array([*kind_of, 0], dtype=np.int64)[factor[kept]]
    outside = (view.declared[kept] >= 0).astype(np.int64)
    codes = (view.group[kept] * max(1, len(kinds)) + way) * 2 + outside
    found, stratum = np.unique(codes, return_inverse=True)
    keys = tuple(
        Stratum(view.group_names[group], *kinds[kind], bool(apart))
        for group, kind, apart in _split(found, len(kinds))
    )
    members = max(1, len(view.member_names))
    pairs, part = np.unique(stratum * members + view.member[kept], return_inverse=True)
    sides = view.sides[:, kept]
    sources = np.array([*source_of, 0], dtype=np.int64)[factor[kept]]
    cents = np.asarray(cells["spend_cents"].to_numpy(), dtype=np.float64)[kept]
    quantity = np.asarray(cells["quantity"].fill_null(0.0).to_numpy(), dtype=np.float64)[kept]

    def sum_by(places: Integers, values: Floats, size: int) -> Floats:
        return np.array(
            [np.bincount(places[side], values[side], minlength=size) for side in sides]
        ).reshape(2, size)

    ones = np.ones(kept.size)
    spend = sum_by(stratum, cents, len(keys)) / CENTS_PER_EUR
    quantities = sum_by(stratum, quantity, len(keys))
    volume, names, held = _calc_volumes(keys, spend, quantities, view.years, index)
    whole = pairs // members
    part_spend = sum_by(part, cents, pairs.size) / CENTS_PER_EUR
    part_quantity = sum_by(part, quantity, pairs.size)
    share = _share_volumes(keys, whole, (quantities, part_quantity), (spend, part_spend))
    places = np.full((2, factor.size), -1, dtype=np.int64)
    places[:, kept] = stratum, part
    return Strata(
        years=view.years,
        keys=keys,
        cells=places[0],
        second=view.sides[1],
        spend_eur=spend,
        volume_eur=volume,
        kgco2e=sum_by(stratum, kilograms[kept], len(keys)),
        present=sum_by(stratum, ones, len(keys)) > 0,
        index_names=names,
        same_factor=_find_same(stratum, sources, sides, len(keys)),
        held=held,
        parts=Parts(
            stratum=whole,
            member=pairs % members,
            cells=places[1],
            spend_eur=part_spend,
            volume_eur=volume[:, whole] * share,
            kgco2e=sum_by(part, kilograms[kept], pairs.size),
            present=sum_by(part, ones, pairs.size) > 0,
            same_factor=_find_same(part, sources, sides, pairs.size),
        ),
    )


def _split(codes: Integers, kinds: int) -> list[tuple[int, int, int]]:
    """Return group, way of calculating and whether apart of each code of a stratum."""
    places, apart = np.divmod(codes, 2)
    groups, ways = np.divmod(places, max(1, kinds))
    return list(zip(groups.tolist(), ways.tolist(), apart.tolist(), strict=True))


def _number_factors(
    factors: Sequence[Mapping[str, Any]],
) -> tuple[list[tuple[str, str, str, str | None]], list[int], list[int]]:
    """Return the ways of calculating, and the way and the row of the tables of each factor."""
    kinds: dict[tuple[str, str, str, str | None], int] = {}
    rows: dict[str, int] = {}
    kind_of, row_of = [], []
    for each in factors:
        kind = (each["family"], each["method"], each["unit"], each["price_series"])
        kind_of.append(kinds.setdefault(kind, len(kinds)))
        row_of.append(rows.setdefault(str(each["factor_id"]), len(rows)))
    return list(kinds), kind_of, row_of


def _find_same(places: Integers, sources: Integers, sides: Flags, size: int) -> Flags:
    """Return where the same rows of the factor tables serve both sides."""
    width = int(sources.max(initial=0)) + 1
    first, last = (np.unique(places[side] * width + sources[side]) for side in sides)
    both = np.intersect1d(first, last, assume_unique=True)
    counts = [np.bincount(each // width, minlength=size) for each in (first, last, both)]
    return np.asarray((counts[0] == counts[2]) & (counts[1] == counts[2]), dtype=bool)


def _calc_volumes(
    keys: Sequence[Stratum],
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


def _share_volumes(
    keys: Sequence[Stratum],
    whole: Integers,
    quantities: tuple[Floats, Floats],
    spend: tuple[Floats, Floats],
) -> Floats:
    """Return the shares of parts in volumes: by units where there are some, else by euros.

    Parameters
    ----------
    keys, whole
        Strata, and the one of each part.
    quantities, spend : tuple of arrays
        Of strata, and of parts.
    """
    in_units = np.array([each.unit != EURO for each in keys], dtype=bool)[whole]
    by_unit = in_units & (quantities[0][:, whole] > 0)
    amount = np.where(by_unit, quantities[1], spend[1])
    of = np.where(by_unit, quantities[0][:, whole], spend[0][:, whole])
    return np.divide(amount, of, out=np.zeros(amount.shape), where=of != 0)
