"""Price indices and energy prices: what a euro of another year, or a litre, was worth."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from lcc.errors import FieldError, MissingFactorError
from lcc.tables import load_reference

__all__ = [
    "DEFAULT_INDEX",
    "OWN_INDEX",
    "EnergyPrice",
    "Level",
    "check_own_index",
    "deflate",
    "energy_price",
    "energy_series",
    "index_level",
    "name_own_index",
    "nearest_year",
]

FOLDER = "emission_factors"
DEFAULT_INDEX = "cpi-fr"
PERCENT = 100

OWN_INDEX = "own "
"""How the name of an index that a study gives begins; its levels follow: the name is the index, so
that a manifest that states the name states the index."""


@dataclass(frozen=True)
class Level:
    """Level of an index in a year.

    Attributes
    ----------
    value : float
        Index, in its own base.
    held : bool
        Whether the year lies beyond the index, which is then held at its nearest year.
    """

    value: float
    held: bool


@dataclass(frozen=True)
class EnergyPrice:
    """Price of an energy in a year, without VAT.

    Attributes
    ----------
    price_eur_per_unit : float
        Current euros of `year` per `unit`, without VAT (excise included where the series has it).
    year_rule : str
        ``published``, ``deflated``, ``carried-back`` or ``held``: how the year was reached.
    index_name : str
        What carried the price there; empty for a published year.
    error_cv : float
        Spread of a public buyer's price around the series, as a coefficient of variation.
    quality : int
        Best quality score a quantity guessed from this price may have: 1 best, 5 worst.
    """

    price_series: str
    year: int
    price_eur_per_unit: float
    unit: str
    year_rule: str
    index_name: str
    error_cv: float
    quality: int


@cache
def _indices() -> dict[str, dict[int, float]]:
    """Return the published indices, by name and year."""
    levels: dict[str, dict[int, float]] = {}
    for row in load_reference(FOLDER, "price_index").to_pylist():
        levels.setdefault(row["index_name"], {})[row["year"]] = row["value"]
    return levels


@cache
def _prices() -> dict[str, dict[int, float]]:
    """Return the published energy prices without VAT, by series and year."""
    prices: dict[str, dict[int, float]] = {}
    for row in load_reference(FOLDER, "energy_price").to_pylist():
        without_vat = row["price_eur_per_unit"] / (1 + row["vat_pct"] / PERCENT)
        prices.setdefault(row["price_series"], {})[row["year"]] = without_vat
    return prices


@cache
def energy_series() -> dict[str, dict[str, Any]]:
    """Return the descriptions of the energy price series, by name."""
    rows = load_reference(FOLDER, "energy_series").to_pylist()
    return {row["price_series"]: row for row in rows}


def nearest_year(known: Iterable[int], year: int) -> int:
    """Return the last known year up to `year`, or the first known one where all are later."""
    years = sorted(known)
    return max((each for each in years if each <= year), default=years[0])


def index_level(index_name: str, year: int) -> Level:
    """Return the level of a price index, or of an energy price series, in a year.

    Beyond its years an index is held at the nearest one, and the result says so.

    Parameters
    ----------
    index_name : str
        ``cpi-fr``, ``gdp-deflator-fr``, the name of an energy price series, or that of an index of
        the study's own (`name_own_index`).
    year : int
        Calendar year.

    Raises
    ------
    MissingFactorError
        If no index has this name.
    """
    if index_name in _indices() or index_name.startswith(OWN_INDEX):
        levels = _indices().get(index_name) or _own_levels(index_name)
        nearest = nearest_year(levels, year)
        return Level(levels[nearest], held=nearest != year)
    if index_name in _prices():
        price = energy_price(index_name, year)
        return Level(price.price_eur_per_unit, held=price.year_rule == "held")
    raise MissingFactorError(
        f"no price index called {index_name}",
        found=index_name,
        expected=", ".join([*_indices(), *_prices()]),
        remedy="name one of these indices",
    )


def name_own_index(levels: Mapping[int, float]) -> str:
    """Return the name of an index that a study gives, which holds its levels.

    Parameters
    ----------
    levels : mapping of int to float
        Level by calendar year, in a base of its own.

    Raises
    ------
    FieldError
        If there is no level, or one is not a positive number.

    Examples
    --------
    >>> name_own_index({2025: 110, 2024: 100})
    'own 2024=100.0 2025=110.0'
    """
    if not levels or not all(math.isfinite(each) and each > 0 for each in levels.values()):
        raise FieldError(
            "the levels of a price index are positive numbers, by year",
            field="levels",
            found=", ".join(f"{year}: {level}" for year, level in levels.items()) or "none",
            expected="such as 2024: 100, 2025: 102.1",
        )
    return OWN_INDEX + " ".join(f"{year}={float(levels[year])!r}" for year in sorted(levels))


def check_own_index(index_name: str) -> None:
    """Raise unless a name is that of an index of a study's own.

    Raises
    ------
    MissingFactorError
        If it is not as `name_own_index` writes it.
    """
    _own_levels(index_name)


@cache
def _own_levels(index_name: str) -> dict[int, float]:
    """Return the levels that the name of a study's own index holds."""
    parts = (each.partition("=") for each in index_name.removeprefix(OWN_INDEX).split())
    try:
        levels = {int(year): float(level) for year, _, level in parts}
        if name_own_index(levels) != index_name:
            raise ValueError(index_name)
    except ValueError as error:
        raise MissingFactorError(
            f"no price index called {index_name}",
            found=index_name,
            expected="such as own 2024=100.0 2025=102.1, as name_own_index writes it",
        ) from error
    return levels


def deflate(index_name: str, price_year: int, year: int) -> Level:
    r"""Return how many euros of `price_year` buy what one euro of `year` buys.

    .. math:: I_{price\_year} / I_{year}

    A ratio per euro of `price_year` times this is a ratio per euro of `year`. Before its first
    year, an index of the study's own follows consumer prices: it may be of the last years only.

    Parameters
    ----------
    index_name : str
        Name of the index.
    price_year, year : int
        Calendar years.
    """
    before, after = _follow(index_name, price_year), _follow(index_name, year)
    return Level(before.value / after.value, held=before.held or after.held)


def _follow(index_name: str, year: int) -> Level:
    """Return the level of an index; one of the study's own follows consumer prices before it."""
    if not index_name.startswith(OWN_INDEX) or year >= (first := min(_own_levels(index_name))):
        return index_level(index_name, year)
    step = deflate(DEFAULT_INDEX, year, first)
    return Level(index_level(index_name, first).value * step.value, held=step.held)


def energy_price(price_series: str, year: int, *, index: str | None = None) -> EnergyPrice:
    """Return the price of an energy in a year, without VAT.

    Outside the years of the series, the nearest published price follows what the series names in
    `extend_by` (an index, or another series closer to this energy).

    Parameters
    ----------
    price_series : str
        Name of the series (table ``energy_series``).
    year : int
        Calendar year.
    index : str, optional
        Price index to follow in place of the one the series names; a series that follows another
        energy keeps following it.

    Raises
    ------
    MissingFactorError
        If no series has this name.
    """
    known = _prices().get(price_series)
    if known is None:
        raise MissingFactorError(
            f"no energy price series called {price_series}",
            found=price_series,
            expected=", ".join(_prices()),
            remedy="name one of these series",
        )
    series = energy_series()[price_series]
    nearest = nearest_year(known, year)
    price, rule, index_name = known[nearest], "published", ""
    if nearest != year:
        index_name = str(series["extend_by"])
        if index is not None and index_name not in _prices():
            index_name = index
        step = deflate(index_name, nearest, year)
        price = price / step.value
        rule = "held" if step.held else ("deflated" if year > nearest else "carried-back")
    return EnergyPrice(
        price_series=price_series,
        year=year,
        price_eur_per_unit=price,
        unit=str(series["unit"]),
        year_rule=rule,
        index_name=index_name,
        error_cv=series["error_cv"],
        quality=series["quality"],
    )
