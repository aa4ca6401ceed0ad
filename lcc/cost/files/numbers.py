"""Numbers, products, growths and origins of a study's file."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from lcc.cost.files.price_basis import PriceBasisOfStudy
from lcc.cost.rates.discounting import Basis
from lcc.cost.rates.escalation import Growth
from lcc.cost.study import Escalation, Number, Origin, Product
from lcc.errors import FieldError
from lcc.reading.sections import Section, is_number
from lcc.uncertainty.distributions import Distribution, parse_distribution

__all__ = [
    "FileContext",
    "read_escalation",
    "read_number",
    "read_origin",
    "read_product",
    "read_rate",
]

STATUSES = ("published", "user", "illustrative", "judgement")
NEARLY_ALL = 1 - 1e-6
"""Share of a distribution that must lie within the limits of its field."""

HIGHEST_RATE = 1.0
"""Yearly rate above which a percentage was meant (a judgement): prices that double in a year can be
told by an index."""

LOWEST_FIRST_LEVEL = 0.5
"""Level of an index at the end of its first year under which rates were meant (a judgement)."""


def read_number(
    given: Section,
    key: str,
    default: float | None = None,
    *,
    minimum: float = -math.inf,
    above: float = -math.inf,
) -> Number:
    """Return a number or a distribution within limits; without a default, a missing one raises."""
    if given.has(key) and isinstance(given.content[key], Mapping):
        return _read_distribution(given.content[key], given, key, minimum, above)
    return given.number(key, default, minimum=minimum, above=above)


def _read_distribution(
    value: Any, given: Section, key: str, minimum: float, above: float, maximum: float = math.inf
) -> Number:
    field_name = f"{given.where}{key}"
    parsed = parse_distribution(value, file=given.file, field=field_name)
    if isinstance(parsed, Distribution):
        low, high = parsed.bounds(NEARLY_ALL)
        if low < minimum or low <= above:
            limit = above if above > -math.inf else minimum
            raise given.error(
                "a part of the distribution lies outside the field",
                key,
                expected=f"draws above {limit:g}",
                remedy="narrow the distribution, or take one that cannot be negative (lognormal)",
            )
        if high > maximum:
            raise given.error(
                "a part of the distribution lies outside the field",
                key,
                expected=f"draws of at most {maximum:g}",
                remedy="narrow the distribution",
            )
    return parsed


def read_rate(given: Section, key: str, default: float | None = None) -> Number:
    """Return a yearly rate: a fraction above -1, or a distribution of it.

    Raises
    ------
    FieldError
        If it is above 1: a percentage was meant.
    """
    rate = read_number(given, key, default, above=-1)
    if (rate if isinstance(rate, float) else rate.mean) > HIGHEST_RATE:
        raise given.error(
            "a yearly rate is a fraction",
            key,
            expected="0.03 for 3 %",
            remedy="divide a percentage by 100",
        )
    return rate


def read_product(
    given: Section,
    key: str,
    default: Product | None = None,
    *,
    minimum: float = -math.inf,
    maximum: float = math.inf,
    above: float = -math.inf,
) -> Product | None:
    """Return numbers and names of parameters that are multiplied; None where there is none."""
    if not given.has(key):
        return default
    value = given.content[key]
    parts = value if isinstance(value, list | tuple) else [value]
    found: list[Number | str] = []
    for part in parts:
        if isinstance(part, str) and part.strip():
            found.append(part.strip())
        elif isinstance(part, Mapping):
            found.append(_read_distribution(part, given, key, minimum, above, maximum))
        elif is_number(part) and minimum <= float(part) <= maximum and float(part) > above:
            found.append(float(part))
        else:
            raise given.error(
                "the number does not fit",
                key,
                expected="a number"
                + (f" above {above:g}" if above > -math.inf else "")
                + (f" of at least {minimum:g}" if minimum > -math.inf else "")
                + (f" and at most {maximum:g}" if maximum < math.inf else "")
                + ", a distribution, the name of a parameter, or a list of these to multiply",
            )
    if not found:
        raise given.error("the list is empty", key, expected="at least one number or name")
    return tuple(found)


def read_origin(given: Section) -> Origin:
    """Return where a figure comes from."""
    return Origin(
        given.text("source", ""),
        given.choice("status", STATUSES, "user"),
        given.text("note", ""),
    )


@dataclass(frozen=True)
class FileContext:
    """What the reader of a price or an item knows of its study."""

    file: str
    basis: PriceBasisOfStudy
    price_basis: Basis
    series: Mapping[str, Escalation] = field(default_factory=dict)
    alternative: str = ""

    def share_paid(self) -> float:
        """Return the share of an investment that no compensation fund refunds."""
        return 1 - self.basis.fctva_rate

    def basis_ratio(self, given: Section) -> float:
        """Return what an amount of the section is multiplied by to be on the study's basis."""
        return self.basis.ratio(
            given.whole("price_year", self.basis.price_year, minimum=1900, maximum=9999),
            given.choice("tax", ("HT", "TTC"), self.basis.tax_basis),
            given.number("vat_rate", minimum=0, maximum=1) if given.has("vat_rate") else None,
            file=self.file,
            field=given.where.rstrip("."),
        )

    def escalation(self, given: Section, key: str) -> Escalation:
        """Return the growth of a price: its own, or that of a series it names."""
        if given.has("series"):
            return self._named(given, "series")
        if not given.has("escalation"):
            return Escalation()
        section = given.section("escalation")
        if section.has("series"):
            found = self._named(section, "series")
            section.close()
            return found
        found = read_escalation(section, self, key)
        section.close()
        return found

    def _named(self, given: Section, key: str) -> Escalation:
        name = given.choice(key, tuple(self.series))
        return self.series[name]


def read_escalation(
    given: Section, context: FileContext, key: str, *, name: str = ""
) -> Escalation:
    """Return a growth: one rate, yearly rates, or a cumulative index; exactly one of the three."""
    stated = [each for each in ("rate_per_year", "rates_per_year", "index") if given.has(each)]
    basis = cast(Basis, given.choice("basis", ("real", "nominal"), context.price_basis))
    if len(stated) != 1:
        raise FieldError(
            "a growth is stated one way",
            file=given.file,
            field=given.where.rstrip("."),
            found=", ".join(stated) or "nothing",
            expected="rate_per_year, or rates_per_year (a list of yearly rates), or index "
            "(a cumulative index, 1 at the base date)",
        )
    if stated == ["rate_per_year"]:
        return Escalation(Growth(basis, (), name), read_rate(given, "rate_per_year"), key)
    values = given.content[stated[0]]
    if not isinstance(values, list | tuple) or not values or not all(map(is_number, values)):
        raise given.error("a list of numbers is expected here", stated[0], expected="[0.02, 0.01]")
    if stated == ["rates_per_year"]:
        if max(values) > HIGHEST_RATE:
            raise given.error(
                "a yearly rate is a fraction",
                "rates_per_year",
                expected="0.03 for 3 %",
                remedy="divide percentages by 100; a cumulative index is stated as index",
            )
        index = []
        level = 1.0
        for rate in values:
            level *= 1 + float(rate)
            index.append(level)
    else:
        index = [float(each) for each in values]
        if 0 <= index[0] < LOWEST_FIRST_LEVEL:
            raise given.error(
                "an index is 1 at the base date, and cannot fall so low in a year",
                "index",
                expected="levels such as 1.03 at the end of years 1, 2 …",
                remedy="state yearly rates as rates_per_year",
            )
    if not all(level > 0 for level in index):
        raise given.error(
            "a price level is above zero",
            stated[0],
            expected="rates above -1 (0.02 is 2 %), or index levels such as 1.03",
        )
    shift = read_number(given, "shift_per_year", 0.0, above=-1)
    return Escalation(Growth(basis, tuple(index), name), shift, key)
