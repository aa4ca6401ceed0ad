r"""Carbon value paths: what a tonne of CO2 equivalent is worth to the community, year by year.

A path is a few published anchors in constant euros of a stated year. Everything between and beyond
them is a choice, which the path carries and says: how it is read between its anchors, what it does
after the last one, whether it may be used before the first.

An anchor stands at 1 January of its year: 2030.5 is the middle of 2030. What is asked for is the
date of the emission, not that of a payment.

Shipped paths, and paths of one's own, are made by `lcc.cost.externalities.carbon_paths`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from typing import Final, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lcc.carbon.prices import deflate
from lcc.errors import FieldError, MissingFactorError
from lcc.tables import load_reference
from lcc.wording import number_text

__all__ = [
    "BEFORE_RULES",
    "BEYOND_RULES",
    "INTERPOLATIONS",
    "Before",
    "Beyond",
    "CarbonPath",
    "Interpolation",
]

FOLDER = "emission_factors"
Floats = NDArray[np.float64]
Interpolation = Literal["constant-growth", "linear", "step"]
Beyond = Literal["growing", "flat"]
Before = Literal["refuse", "first"]

INTERPOLATIONS: Final = ("constant-growth", "linear", "step")
BEYOND_RULES: Final = ("growing", "flat")
BEFORE_RULES: Final = ("refuse", "first")

BETWEEN_FR: Final = {
    "constant-growth": "croissance constante entre les repères",
    "linear": "ligne droite entre les repères",
    "step": "palier de chaque repère jusqu'au suivant",
}


@dataclass(frozen=True)
class CarbonPath:
    """A carbon value path: anchors, and the rules that fill the years between and beyond them.

    Attributes
    ----------
    name : str
        ``fr-2019``, ``fr-2025`` or a name of one's own.
    anchor_years : tuple of float
        Calendar years, increasing.
    anchor_eur_per_tco2e : tuple of float
        Value at each anchor, in constant euros of `price_year`, at least 0.
    price_year : int
        Year of the euros.
    source : str
        Publisher and title.
    interpolation : {"constant-growth", "linear", "step"}
        Between two anchors: same yearly growth, straight line, or the earlier anchor's value.
    beyond : {"growing", "flat"}
        After the last anchor: at `growth_beyond_per_year`, or at the last value.
    before : {"refuse", "first"}
        Before the first anchor: an error, or the first value.
    growth_per_year : float, optional
        Growth that the source states for the path, as a fraction.
    published_price_year : int, optional
        Year of the euros as published, where the path was brought to another year.
    conversion : str
        What brought it there (an index, or a stated ratio); empty as published.
    conversion_ratio : float
        Euros of `price_year` that make one euro of `published_price_year`.
    doubtful_years : tuple of int
        Anchors recalled and not found again in a source.

    Raises
    ------
    FieldError
        If anchors are missing, out of order, negative or not numbers, a rule is unknown, or a
        growth is asked for that cannot be derived.
    """

    name: str
    anchor_years: tuple[float, ...]
    anchor_eur_per_tco2e: tuple[float, ...]
    price_year: int
    source: str
    interpolation: Interpolation = "constant-growth"
    beyond: Beyond = "growing"
    before: Before = "refuse"
    growth_per_year: float | None = None
    published_price_year: int | None = None
    conversion: str = ""
    conversion_ratio: float = 1.0
    doubtful_years: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        _check_rule("interpolation", self.interpolation, INTERPOLATIONS)
        _check_rule("beyond", self.beyond, BEYOND_RULES)
        _check_rule("before", self.before, BEFORE_RULES)
        self._check_anchors()
        if not self.source.strip():
            raise self._problem(
                "a carbon value needs a source", "source", "nothing", "who publishes it, and where"
            )
        if self.beyond == "growing" and self.growth_per_year is None:
            last = self.anchor_eur_per_tco2e[-2:]
            if len(last) < 2 or min(last) == 0:
                raise self._problem(
                    "the growth beyond the last anchor cannot be derived",
                    "beyond",
                    "growing",
                    "two last anchors above zero, or a stated growth_per_year",
                    "state the growth, or choose beyond = flat",
                )
        if self.growth_per_year is not None and not -1 < self.growth_per_year < 1:
            raise self._problem(
                "a yearly growth is a fraction",
                "growth_per_year",
                f"{self.growth_per_year}",
                "a number such as 0.032 for 3.2 %",
            )

    def _check_anchors(self) -> None:
        """Raise where the anchors do not make a path."""
        years, values = self.anchor_years, self.anchor_eur_per_tco2e
        if not years or len(years) != len(values):
            raise self._problem(
                "a path has one value per anchor year, and one anchor at least",
                "anchors",
                f"{len(years)} years, {len(values)} values",
                "as many values as years",
            )
        if not all(map(math.isfinite, (*years, *values))):
            raise self._problem("an anchor is not a number", "anchors", f"{values}", "numbers")
        if any(later <= earlier for earlier, later in pairwise(years)):
            raise self._problem(
                "anchor years do not increase", "anchors", _join(years), "increasing years"
            )
        if min(values) < 0 or (self.interpolation == "constant-growth" and min(values) == 0):
            raise self._problem(
                "a value does not fit the path",
                "anchors",
                _join(values),
                "values above zero" if min(values) == 0 else "values of at least zero",
                "choose linear or step for a path that starts at zero" if min(values) == 0 else "",
            )

    def _problem(
        self, text: str, field: str, found: str, expected: str, remedy: str = ""
    ) -> FieldError:
        return FieldError(
            f"carbon path {self.name}: {text}",
            field=field,
            found=found,
            expected=expected,
            remedy=remedy or None,
        )

    @property
    def growth_beyond_per_year(self) -> float:
        r"""Yearly growth after the last anchor, as a fraction: stated, else of the last interval.

        .. math:: g = (V_n / V_{n-1})^{1 / (y_n - y_{n-1})} - 1

        Zero where the path stays flat.
        """
        if self.beyond == "flat":
            return 0.0
        if self.growth_per_year is not None:
            return self.growth_per_year
        (start, end), (low, high) = self.anchor_years[-2:], self.anchor_eur_per_tco2e[-2:]
        return float((high / low) ** (1 / (end - start)) - 1)

    def value_eur_per_tco2e(self, years: ArrayLike) -> Floats:
        r"""Return the value of a tonne at calendar years, in constant euros of `price_year`.

        Between anchors *i* and *j*, with :math:`s = (y - y_i) / (y_j - y_i)`:

        .. math:: V_i (V_j / V_i)^s \;\text{(constant growth)}, \quad
           V_i + s (V_j - V_i) \;\text{(linear)}, \quad V_i \;\text{(step)}

        and after the last one, :math:`V_n (1 + g)^{y - y_n}`.

        Parameters
        ----------
        years : array_like, any shape
            Decimal calendar years of the emissions: 2030.5 is the middle of 2030.

        Returns
        -------
        array of float, same shape
            Euros of `price_year` per tonne of CO2 equivalent.

        Raises
        ------
        FieldError
            If a year is not a number, or lies before the first anchor and `before` is ``refuse``.
        """
        dates = np.asarray(years, dtype=np.float64)
        if not np.isfinite(dates).all():
            raise self._problem("a year is not a number", "years", "nan", "calendar years")
        first, last = self.anchor_years[0], self.anchor_years[-1]
        if self.before == "refuse" and (dates < first).any():
            raise self._problem(
                "no value is published before the first anchor",
                "years",
                f"{float(dates.min()):g}",
                f"years from {first:g} on",
                "use a path that covers these years, or state before = first to hold the first "
                "value back in time",
            )
        anchors, values = np.array(self.anchor_years), np.array(self.anchor_eur_per_tco2e)
        inside = np.clip(dates, first, last)
        place = np.searchsorted(anchors, inside, side="right") - 1
        after = np.minimum(place + 1, anchors.size - 1)
        # On the last anchor there is nothing after it: the share is zero over any span.
        span = np.where(after > place, anchors[after] - anchors[place], 1.0)
        share = (inside - anchors[place]) / span
        read = values[place]
        if self.interpolation == "constant-growth":
            read = read * (values[after] / read) ** share
        elif self.interpolation == "linear":
            read = read + share * (values[after] - read)
        growth = self.growth_beyond_per_year
        if growth:
            read = read * (1 + growth) ** np.maximum(dates - last, 0.0)
        return np.asarray(read, dtype=np.float64)

    def in_price_year(self, year: int, index: str) -> CarbonPath:
        r"""Return the path in constant euros of another year, by one general price index.

        .. math:: V' = V \cdot I_{year} / I_{price\_year}

        An index that stops before a year is never held at its last level here: that would be a
        guess about inflation inside every result.

        Parameters
        ----------
        year : int
            Year of the euros asked for.
        index : str
            ``gdp-deflator-fr`` or ``cpi-fr`` (table ``price_index``); never an energy price.

        Raises
        ------
        FieldError
            If the path was already brought to another year, or the index does not know one of the
            two years.
        MissingFactorError
            If no general price index has this name.
        """
        if year == self.price_year:
            return self
        known = _index_years().get(index)
        if known is None:
            raise MissingFactorError(
                f"carbon path {self.name}: no general price index called {index}",
                field="price_index",
                found=index,
                expected=", ".join(_index_years()),
                remedy="name one of these; a carbon value never follows an energy price",
            )
        outside = [each for each in (self.price_year, year) if each not in known]
        if outside:
            raise self._problem(
                f"index {index} does not know the year of the euros",
                "price_index",
                _join(outside),
                f"years {min(known)} to {max(known)}",
                f"state amounts in euros of {max(known)} at the latest, choose an index that "
                "reaches further, or state price_ratio and price_ratio_source",
            )
        ratio = deflate(index, year, self.price_year).value
        return self.rebased(year, ratio, index)

    def rebased(self, year: int, ratio: float, source: str) -> CarbonPath:
        """Return the path in euros of another year, by a ratio that its user states.

        For years that no shipped index reaches.

        Parameters
        ----------
        year : int
            Year of the euros asked for.
        ratio : float
            Euros of `year` that make one euro of `price_year`; above 0.
        source : str
            Name of the index, or where the ratio comes from.

        Raises
        ------
        FieldError
            If the ratio is not a number above zero, has no source, or the path was already brought
            to another year.
        """
        if self.conversion:
            raise self._problem(
                f"the path was already brought to euros of {self.price_year} by {self.conversion}",
                "price_index",
                source,
                "one conversion, from the euros of the publication",
                "start again from the published path",
            )
        if not (math.isfinite(ratio) and ratio > 0) or not source.strip():
            raise self._problem(
                "a ratio of euros needs a number above zero and a source",
                "price_index",
                f"{ratio}, {source or 'no source'}",
                "a ratio such as 1.05, and where it comes from",
            )
        return replace(
            self,
            anchor_eur_per_tco2e=tuple(value * ratio for value in self.anchor_eur_per_tco2e),
            price_year=year,
            published_price_year=self.price_year,
            conversion=source,
            conversion_ratio=ratio,
        )

    def describe(self, *, exact: bool = False) -> str:
        """Return one French sentence: source, euros, interpolation, and what lies beyond.

        Parameters
        ----------
        exact : bool
            Whether the ratio of euros and the growth are written in full, for a reader who has to
            compute the same values.
        """
        ratio = self.conversion_ratio if exact else round(self.conversion_ratio, 4)
        first, last = self.anchor_years[0], self.anchor_years[-1]
        euros = f"valeurs en euros constants de {self.price_year} par tonne de CO2e"
        if self.conversion:
            euros += (
                f" (publiées en euros de {self.published_price_year}, × "
                f"{number_text(ratio)} : {self.conversion})"
            )
        growth = 100 * self.growth_beyond_per_year
        shown = growth if exact else round(growth, 2)
        after = f"après {last:g} : " + (
            f"croissance de {number_text(shown)} % par an"
            if self.beyond == "growing"
            else "dernière valeur maintenue"
        )
        start = f"avant {first:g} : " + (
            "refusé" if self.before == "refuse" else "première valeur maintenue"
        )
        parts = [euros, BETWEEN_FR[self.interpolation], after, start]
        if self.doubtful_years:
            parts.append(f"repère cité de mémoire, à vérifier : {_join(self.doubtful_years)}")
        anchors = _join(self.anchor_years)
        return f"Trajectoire {self.name} ({self.source} ; repères {anchors}) : " + (
            " ; ".join(parts) + "."
        )


@cache
def _index_years() -> dict[str, frozenset[int]]:
    """Return the years of each general price index."""
    years: dict[str, set[int]] = {}
    for row in load_reference(FOLDER, "price_index").to_pylist():
        years.setdefault(row["index_name"], set()).add(row["year"])
    return {name: frozenset(each) for name, each in years.items()}


def _check_rule(field: str, found: str, expected: tuple[str, ...]) -> None:
    """Raise where a rule is not one of those that exist."""
    if found not in expected:
        raise FieldError(
            "no such rule for a carbon value path",
            field=field,
            found=str(found),
            expected=" | ".join(expected),
        )


def _join(numbers: tuple[float, ...] | list[int]) -> str:
    return ", ".join(f"{each:g}" for each in numbers)
