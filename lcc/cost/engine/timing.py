r"""When things happen: arrays of times, weights and discount times, for one draw or many.

Times are years from the base date. Arrays have the shape (draws or 1, events): what does not depend
on an uncertain input has one row that serves all draws. An event after the horizon keeps its place
and a weight of zero.

Rules of time
-------------
- A recurring flow of service year *k* falls at the end of that year, in its middle or at its
  beginning, as the study's convention says; a last part of a year counts for its part.
- A purchase is renewed at *k* times its life while strictly before the horizon: one that would fall
  exactly there is not bought.
- A life starts when the purchase is in use: at its date, or at the start of service if that is
  later.

References
----------
.. [1] Fuller, S. K., Petersen, S. R. (1996). NIST Handbook 135, chapters 2 and 3.
"""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from lcc.cost.rates.annuities import MONTHS_PER_YEAR
from lcc.cost.rates.discounting import CONVENTIONS, years_by_calendar
from lcc.errors import FieldError

__all__ = ["SAME_MOMENT", "Clock", "Timing", "column"]

Floats = NDArray[np.float64]

SAME_MOMENT = 1e-9
"""Years under which two times are one."""

MAX_EVENTS = 100_000
"""Events of one item from which a period or a life cannot be meant."""

MAX_EVENTS_OF_DRAWS = 50_000_000
"""The same times draws: an array of this size takes 400 MB."""


def column(number: Floats | float) -> Floats:
    """Return a number or draws of it as a column, shape (draws or 1, 1)."""
    return np.asarray(number, dtype=np.float64).reshape(-1, 1)


@dataclass(frozen=True)
class Timing:
    """Events of one item.

    Attributes
    ----------
    key : hashable
        Equal for equal events within one evaluation, so that sums over them are formed once.
    times, weights, discount_times : array, shape (draws or 1, events)
        Years from the base date; share of the item's amount that falls there; years it is
        discounted over.
    """

    key: Hashable
    times: Floats
    weights: Floats
    discount_times: Floats


class Clock:
    """Makes the timings of one alternative.

    Parameters
    ----------
    key : hashable
        Name of this clock among those of an evaluation.
    base_date : date
    delay_years : float
        From the base date to the start of service.
    horizon_years : float or array, shape (draws,)
        From the base date to the end of the study.
    convention : str
        One of `lcc.cost.rates.discounting.CONVENTIONS`.
    cycles : int
        How many times the whole chain is lived (least common multiple of lives).
    """

    def __init__(
        self,
        key: Hashable,
        base_date: date,
        delay_years: float,
        horizon_years: Floats | float,
        convention: str,
        cycles: int = 1,
    ) -> None:
        self.key = key
        self.base_date = base_date
        self.delay = delay_years
        self.horizon = column(horizon_years)
        self.convention = convention
        self.cycles = cycles
        self._known: dict[Hashable, Timing] = {}

    @property
    def length_years(self) -> Floats:
        """Years of the whole chain, all cycles, shape (draws or 1,)."""
        return (self.horizon * self.cycles)[:, 0]

    def once(
        self,
        at: Floats | float,
        phases: tuple[tuple[float, float], ...] = ((0.0, 1.0),),
        name: Hashable = None,
        *,
        before_end: bool = False,
    ) -> Timing:
        """Return the events of something that happens once, in one payment or by phases.

        With `before_end`, it does not happen where it would begin at the very horizon.
        """
        key = (self.key, "once", _name(at, name), phases, before_end)
        if key not in self._known:
            months = np.array([[month for month, _ in phases]])
            shares = np.array([[share for _, share in phases]])
            times = column(at) + months / MONTHS_PER_YEAR
            if before_end:
                shares = np.where(column(at) < self.horizon - SAME_MOMENT, shares, 0.0)
            self._known[key] = self._finish(key, times, shares, times)
        return self._known[key]

    def dated(self, times: Floats, weights: Floats, name: Hashable) -> Timing:
        """Return events at stated times with stated weights, shape (draws or 1, events)."""
        key = (self.key, "dated", name)
        if key not in self._known:
            self._known[key] = self._finish(key, times, weights, times)
        return self._known[key]

    def at_end(self) -> Timing:
        """Return the one event of the end of the study."""
        key = (self.key, "end")
        if key not in self._known:
            times = self.horizon
            self._known[key] = self._finish(key, times, np.ones_like(times), times)
        return self._known[key]

    def recurring(
        self,
        *,
        every_years: int = 1,
        first_year: int | None = None,
        last_year: int | None = None,
        per: str = "year",
        amounts: tuple[float, ...] = (),
        in_advance: bool = False,
    ) -> Timing:
        """Return the events of something that recurs, counted in years of service.

        Parameters
        ----------
        every_years : int
            Years between two occurrences; above one, only whole occurrences count.
        first_year, last_year : int, optional
            Years of service of the first (by default `every_years`) and of the last.
        per : {"year", "month"}
            Whether the amount is one of a year or of a month.
        amounts : tuple of float
            Amount of each year of service, in place of one amount.
        in_advance : bool
            Whether it is due at the beginning of its period, whatever the convention.
        """
        key = (
            self.key, "recurring", every_years, first_year, last_year, per, amounts, in_advance,
        )  # fmt: skip
        if key not in self._known:
            place = 0.0 if in_advance else CONVENTIONS[self.convention]
            steps = MONTHS_PER_YEAR if per == "month" else 1
            service = self.horizon - self.delay
            count = self._count(float(np.max(service, initial=0.0)) * steps, len(service))
            number = np.arange(1, count + 1, dtype=np.float64)[None, :]
            begin = (number - 1) / steps
            weights = np.clip((service - begin) * steps, 0.0, 1.0)
            weights[weights < SAME_MOMENT] = 0.0
            if every_years > 1:
                weights = np.floor(weights + SAME_MOMENT)
            year = np.ceil(number / steps)
            first = first_year or every_years
            wanted = (year >= first) & ((year - first) % every_years == 0)
            if last_year is not None:
                wanted &= year <= last_year
            times = self.delay + begin + weights / steps * place
            weights = weights * wanted
            if amounts:
                weights = weights * self._by_year(amounts, year[0], weights)
            self._known[key] = self._finish(key, times, weights, times)
        return self._known[key]

    def renewals(
        self, start: Floats | float, life: Floats | float, *, name: Hashable = None
    ) -> Timing:
        """Return the renewals of a purchase: at start + k × life, strictly before the horizon."""
        key = (self.key, "renewals", _name(start, (name, "start")), _name(life, (name, "life")))
        if key not in self._known:
            begin, years = column(start), column(life)
            room = np.maximum(self.horizon - begin, 0.0)
            most = float(np.max(np.ceil(room / years - SAME_MOMENT), initial=1.0)) - 1
            count = self._count(most, max(len(room), len(years)))
            times = begin + np.arange(1, count + 1)[None, :] * years
            weights = np.where(times < self.horizon - SAME_MOMENT, 1.0, 0.0)
            self._known[key] = self._finish(key, times, weights, times)
        return self._known[key]

    def last_purchase(
        self, start: Floats | float, life: Floats | float | None, *, renewed: bool
    ) -> Floats:
        """Return when the unit in use at the horizon began its life, shape (draws or 1, 1)."""
        begin = column(start)
        if life is None or not renewed:
            return begin
        years = column(life)
        room = np.maximum(self.horizon - begin, 0.0)
        bought = np.maximum(np.ceil(room / years - SAME_MOMENT) - 1, 0.0)
        return np.asarray(begin + bought * years)

    @property
    def first_year_end(self) -> float:
        """Time of the flows of the first year of service."""
        return self.delay + CONVENTIONS[self.convention]

    @staticmethod
    def last_month(phases: tuple[tuple[float, float], ...]) -> float:
        """Return the years from the first payment of a phased purchase to its last."""
        return max(month for month, _ in phases) / MONTHS_PER_YEAR

    def in_use(self, at: Floats | float, phases: tuple[tuple[float, float], ...]) -> Floats | float:
        """Return when a purchase begins its life: its last phase, or service if that is later."""
        done = np.asarray(at) + self.last_month(phases)
        later = np.maximum(done, self.delay)
        return float(later) if later.ndim == 0 else later

    def repeat(self, times: Floats) -> Floats:
        """Return times of one life, then those of each later one of the chain."""
        shifts = [self.horizon * cycle for cycle in range(self.cycles)]
        return np.concatenate([times + shift for shift in shifts], axis=1)

    def _finish(self, key: Hashable, times: Floats, weights: Floats, due: Floats) -> Timing:
        """Drop what lies beyond the horizon, repeat the chain, and count calendar days."""
        weights = np.where(times <= self.horizon + SAME_MOMENT, weights, 0.0)
        if self.cycles > 1:
            times = self.repeat(times)
            weights = np.concatenate([weights] * self.cycles, axis=1)
            due = times
        if self.convention == "calendar-date":
            due = years_by_calendar(self.base_date, times)
        return Timing(key, times, weights, due)

    @staticmethod
    def _count(number: float, draws: int) -> int:
        """Return a number of events, refusing what can only be a mistake."""
        most = min(MAX_EVENTS, MAX_EVENTS_OF_DRAWS // draws)
        if not number < most:
            raise FieldError(
                "this makes too many events",
                field="period_years",
                found=f"{number:g} events of one item",
                expected=f"under {most}",
                remedy="shorten the period, or lengthen the shortest life"
                + (" drawn, or take fewer draws" if draws > 1 else ""),
            )
        return max(math.ceil(number - SAME_MOMENT), 0)

    def _by_year(self, amounts: tuple[float, ...], year: Floats, weights: Floats) -> Floats:
        """Return the amount of each event's year of service."""
        used = year[np.any(weights > 0, axis=0)]
        needed = int(used.max(initial=0))
        if needed > len(amounts):
            raise FieldError(
                "the amounts by year are fewer than the years of service",
                field="amounts_eur",
                found=f"{len(amounts)} amounts",
                expected=f"{needed}",
                remedy="complete the list, or state last_year",
            )
        padded = np.array([*amounts, *[0.0] * max(0, int(year.max(initial=0)) - len(amounts))])
        return np.asarray(padded[year.astype(np.int64) - 1][None, :])


def _name(number: Floats | float, name: Hashable) -> Hashable:
    """Return what tells one number from another: its value, or the name of its draws."""
    return float(number) if np.ndim(number) == 0 else ("draws", name)
