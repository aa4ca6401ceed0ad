r"""One measurement beside what the map says of the same contract, family and days.

A figure of a whole period, and one per unit of work where the payments hold no quantity, are
compared with the map's kilograms of the same spending: that invoiced over the period where it is
stated, else all the contract was paid in the year, by days. Payments of the contract that the map
has in another family are taken to emit as much per euro, and keep that family's factor, unless that
family has a figure of its own for these days: each is then of its own payments. A figure
per euro is compared with the map's kilograms per euro; one per unit of work, where lines hold
quantities, with its kilograms per unit. In every case what comes out is a ratio, measured over map,
and the terms of the error model it speaks of.
"""

from __future__ import annotations

import calendar
import datetime
import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lcc.carbon.kilograms import BY_FAMILY, METHODS, Emissions
from lcc.carbon.result import CarbonMap
from lcc.errors import UnitError
from lcc.units import CENTS_PER_EUR, is_unit, product_ratio, unit_ratio

__all__ = ["BASES", "Compared", "ContractCells", "NotComparableError", "compare_measurement"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

BASES = ("total", "per-euro", "per-unit")
"""What a measurement's value is per: nothing (the period), a euro, a unit of work."""

LEAST_OF_YEAR = 0.5
"""Share of a year's days from which a figure that holds more of another year is of this one too."""

EURO = "EUR"
MASS = "kgCO2e"


class NotComparableError(Exception):
    """A measurement that cannot stand beside the map, with the code of the reason."""

    def __init__(self, reason: str, detail: str = "") -> None:
        self.reason, self.detail = reason, detail
        super().__init__(f"{reason}: {detail}")


@dataclass(frozen=True)
class Compared:
    """A measurement beside the map.

    Attributes
    ----------
    basis : str
        One of `BASES`.
    cells : array of int
        Cells of the contract that it speaks of, in the years it touches.
    years : tuple of int
        Years that take the figure: those of which it holds half the days or more, if any, else all
        it touches. It says something of the others through the model.
    measured_kgco2e, prior_kgco2e : float
        What was measured, and what the map says, of the same spending or quantity.
    weights : array, shape (terms,)
        Share of each term in the prior figure.
    by_days : bool
        Whether a year's payments were divided by days for want of what was invoiced.
    euro_share : float
        Share of the prior figure that the map counts in euros.
    family_share : float
        Share, in its family on the map, of what was invoiced where that is stated, else of what the
        contract was paid in the years it touches, payments of families that have a figure of their
        own left out.
    """

    basis: str
    cells: Integers
    years: tuple[int, ...]
    measured_kgco2e: float
    prior_kgco2e: float
    weights: Floats
    by_days: bool
    euro_share: float
    family_share: float

    @property
    def ratio(self) -> float:
        """Measured over prior."""
        return self.measured_kgco2e / self.prior_kgco2e


class ContractCells:
    """The cells of a map by contract, laid out for many look-ups."""

    def __init__(self, carbon: CarbonMap) -> None:
        self.emissions: Emissions = carbon.emissions("contract")
        cells = carbon.cells["contract"]
        self.keys = cells["group_key"].to_pylist()
        self.families = cells["family"].to_pylist()
        self.year = np.asarray(cells["budget_year"].fill_null(0).to_numpy(), dtype=np.int64)
        self.years = frozenset(self.year.tolist())
        self.spend_eur = _floats(cells["spend_cents"]) / CENTS_PER_EUR
        self.quantity = _floats(cells["quantity"])
        keys = [-1 if each is None else each for each in cells["factor_key"].to_pylist()]
        self.factor_key = np.array(keys, dtype=np.int64)
        self.factors = carbon.factors.to_pylist()
        self._by_contract: dict[str, list[int]] = {}
        for rank, (key, reason) in enumerate(
            zip(self.keys, cells["scope_reason"].to_pylist(), strict=True)
        ):
            if key is not None and reason is None:
                self._by_contract.setdefault(key, []).append(rank)

    def find(self, contract: str) -> str:
        """Return the map's key of a contract: its number, after a buyer's where there are several.

        Raises
        ------
        NotComparableError
            If the map holds no such contract, or several buyers have one of this number.
        """
        if contract in self._by_contract:
            return contract
        found = [key for key in self._by_contract if key.endswith(f" {contract}")]
        if len(found) != 1:
            raise NotComparableError("contract-not-in-map", ", ".join(found))
        return found[0]

    def of(self, key: str, family: str) -> Integers:
        """Return the in-scope cells of a contract and a family."""
        ranks = [rank for rank in self._by_contract[key] if self.families[rank] == family]
        return np.array(ranks, dtype=np.int64)

    def spend_of(self, key: str, shares: Mapping[int, float], apart: Collection[str] = ()) -> float:
        """Return what a contract was paid in some years, each taken by its share.

        In any family, but those that are measured apart.
        """
        return sum(
            float(self.spend_eur[rank]) * shares.get(int(self.year[rank]), 0.0)
            for rank in self._by_contract[key]
            if self.families[rank] not in apart
        )

    def families_of(self, key: str) -> list[str]:
        """Return the families a contract has spending in."""
        found = {self.families[rank] for rank in self._by_contract[key]}
        return sorted(each for each in found if each is not None)

    def factor(self, cell: int) -> Mapping[str, Any]:
        """Return the factor applied to a cell."""
        row: Mapping[str, Any] = self.factors[self.factor_key[cell]]
        return row


def compare_measurement(
    record: Mapping[str, Any], held: ContractCells, apart: Collection[str] = ()
) -> Compared:
    """Return a measurement beside what the map says of the same.

    Parameters
    ----------
    record : mapping
        Row of schema `measurement`.
    held : ContractCells
    apart : collection of str
        Families of the contract that have a figure of their own for these days: their payments are
        no part of what this one is of.

    Raises
    ------
    NotComparableError
        With the code of the reason.
    """
    mass, per = _split_unit(str(record["unit"]))
    key = held.find(str(record["contract"]))
    family = str(record["family"])
    cells = held.of(key, family)
    if not cells.size:
        raise NotComparableError("family-not-in-contract", ", ".join(held.families_of(key)))
    shares = dict(_year_shares(record["period_start"], record["period_end"]))
    cells = cells[np.isin(held.year[cells], list(shares))]
    if not cells.size:
        raise NotComparableError("period-not-in-map", f"{min(shares)} – {max(shares)}")
    cells = cells[held.factor_key[cells] >= 0]
    if not cells.size:
        raise NotComparableError("not-covered")
    if any(held.factor(cell)["method"] == METHODS[0] for cell in cells):
        raise NotComparableError("already-measured")
    kilograms = held.emissions.kgco2e[cells]
    physical = np.array([held.factor(cell)["unit"] != EURO for cell in cells])
    by_days, invoiced_eur = False, None
    if per == EURO:
        basis = BASES[1]
        spend_eur = float(held.spend_eur[cells].sum())
        measured, prior = record["value"] * mass * spend_eur, float(kilograms.sum())
    elif per and physical.any():
        basis = BASES[2]
        cells, kilograms = cells[physical], kilograms[physical]
        measured = record["value"] * mass * _sum_quantity(held, cells, per)
        prior = float(kilograms.sum())
    else:
        basis = BASES[0]
        missing = [year for year in shares if year not in held.years]
        if missing and not record.get("spend_eur"):
            # The figure is of years that the map lacks too: it would seem larger than it is.
            raise NotComparableError("period-not-in-map", f"{missing[0]} – {missing[-1]}")
        measured = record["value"] * mass * (_read_work(record, per) if per else 1.0)
        paid_eur = held.spend_of(key, shares, apart)
        prior, by_days = _prior_of_period(record, held, cells, paid_eur, shares)
        invoiced_eur = record.get("spend_eur")
    weights = np.bincount(
        held.emissions.terms[cells], kilograms, minlength=held.emissions.errors.terms
    )
    # Credit notes leave a contract nothing to compare with, or less than nothing: no emissions, or
    # no euros or quantity for what a value is per.
    if not (0 < prior < math.inf and 0 < measured < math.inf) or (weights < 0).any():
        raise NotComparableError("nothing-to-compare")
    counted = np.isin(held.emissions.method[cells], [METHODS.index(each) for each in BY_FAMILY])
    euro_share = float(np.abs(kilograms[counted]).sum() / np.abs(kilograms).sum())
    found = sorted(set(held.year[cells].tolist()))
    years = tuple(year for year in found if shares[year] >= LEAST_OF_YEAR) or tuple(found)
    share = weights / weights.sum()
    # Of what was invoiced, where it is stated; else of all the contract was paid.
    part = dict.fromkeys(found, 1.0) if not invoiced_eur else shares
    whole_eur = float(invoiced_eur or held.spend_of(key, part, apart))
    here_eur = sum(float(held.spend_eur[cell]) * part[int(held.year[cell])] for cell in cells)
    # A figure per unit is of the quantities alone, wherever the other payments lie.
    even = basis != BASES[2] and whole_eur > 0
    family_share = min(here_eur / whole_eur, 1.0) if even else 1.0
    return Compared(
        basis, cells, years, float(measured), prior, share, by_days, euro_share, family_share
    )


def _split_unit(unit: str) -> tuple[float, str]:
    """Return how many kilograms the numerator is, and what it is per."""
    numerator, _, per = (part.strip() for part in unit.partition("/"))
    try:
        mass = product_ratio((numerator,), MASS)
    except UnitError as error:
        raise NotComparableError("unit-not-convertible", unit) from error
    if not per:
        return mass, ""
    try:
        return mass / product_ratio((per,), EURO), EURO
    except UnitError as error:
        if not is_unit(per):
            raise NotComparableError("unit-not-convertible", unit) from error
    return mass, per


def _read_work(record: Mapping[str, Any], per: str) -> float:
    """Return the work done over the period, in the unit that the value is per."""
    quantity, unit = record.get("quantity"), record.get("quantity_unit")
    if quantity is None or not quantity or not unit:
        raise NotComparableError("no-quantity", per)
    try:
        return float(quantity) * unit_ratio(str(unit), per)
    except UnitError as error:
        raise NotComparableError("unit-not-convertible", f"{unit}, {per}") from error


def _sum_quantity(held: ContractCells, cells: Integers, per: str) -> float:
    """Return the quantity of cells, in the unit that the value is per."""
    total = 0.0
    for cell in cells:
        unit = str(held.factor(cell)["unit"])
        try:
            total += float(held.quantity[cell]) * unit_ratio(unit, per)
        except UnitError as error:
            raise NotComparableError("unit-not-convertible", f"{per}, {unit}") from error
    return total


def _prior_of_period(
    record: Mapping[str, Any],
    held: ContractCells,
    cells: Integers,
    paid_eur: float,
    shares: Mapping[int, float],
) -> tuple[float, bool]:
    """Return the map's kilograms of the period's spending, and whether days were counted."""
    part = np.array([shares[int(year)] for year in held.year[cells]])
    kilograms = float((held.emissions.kgco2e[cells] * part).sum())
    here_eur = float((held.spend_eur[cells] * part).sum())
    invoiced_eur = record.get("spend_eur")
    if here_eur <= 0:
        return kilograms, bool((part < 1).any())
    if invoiced_eur:
        return kilograms * float(invoiced_eur) / here_eur, False
    return kilograms * paid_eur / here_eur, bool((part < 1).any())


def _year_shares(start: datetime.date, end: datetime.date) -> Iterator[tuple[int, float]]:
    """Yield each year of a period with the share of its days that lie in it."""
    for year in range(start.year, end.year + 1):
        first = max(start, datetime.date(year, 1, 1))
        last = min(end, datetime.date(year, 12, 31))
        yield year, ((last - first).days + 1) / (366 if calendar.isleap(year) else 365)


def _floats(column: Any) -> Floats:
    return np.asarray(column.cast("double").fill_null(0.0).to_numpy(), dtype=np.float64)
