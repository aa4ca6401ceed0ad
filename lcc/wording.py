"""Numbers, units, limits and dates as forms, letters and annexes write them, in French."""

from __future__ import annotations

import datetime
import re

from babel.dates import format_date
from babel.numbers import format_decimal, format_scientific

__all__ = [
    "counted_unit",
    "date_text",
    "number_text",
    "quantity_text",
    "range_text",
    "rounding_text",
    "unit_text",
]

LOCALE = "fr"

UNIT_WORDS = {
    "item": "unité",
    "hour": "h",
    "year": "an",
    "month": "mois",
    "day": "jour",
    "EUR": "€",
    "eur": "€",
    "metric_ton": "tonne",
    "kilowatt_hour": "kWh",
    "megawatt_hour": "MWh",
    "kilowatt_hour_gross": "kWh PCS",
    "kilometre": "km",
    "vehicle": "véhicule",
    "passenger": "passager",
    "meal": "repas",
    "night": "nuit",
    "dimensionless": "sans unité",
    "": "sans unité",
}
"""Units as the registry spells them → as a French reader does; others are already read so."""

COUNTED = ("unité", "tonne", "an", "jour", "litre", "véhicule", "passager", "nuit")
"""Words of units that take an s."""

LARGEST_PLAIN = 1e15
SIGNIFICANT = 12
DECIMALS = 12


def number_text(number: float, decimals: int | None = None) -> str:
    r"""Return a number in French: decimal comma, narrow no-break space between thousands.

    Parameters
    ----------
    number : float
        The number.
    decimals : int, optional
        Decimals shown; as many as the number has, within twelve figures, when left out.

    Examples
    --------
    >>> number_text(120000.5)
    '120\u202f000,5'
    """
    if decimals is None:
        if number != 0 and not 1e-6 <= abs(number) < LARGEST_PLAIN:
            return format_scientific(number, locale=LOCALE)
        # No more figures than a number of the file has: 0.1 + 0.2 is 0,3.
        number, pattern = float(f"{number:.{SIGNIFICANT}g}"), f"#,##0.{'#' * DECIMALS}"
    else:
        pattern = "#,##0" + (f".{'0' * decimals}" if decimals else "")
    text = str(format_decimal(number, format=pattern, locale=LOCALE))
    return re.sub("^-", "\u2212", text)


def unit_text(unit: str) -> str:
    """Return a unit as a French reader spells it."""
    parts = re.split(r"([ ./*]+)", unit.strip())
    return "".join(UNIT_WORDS.get(part, part) for part in parts) or UNIT_WORDS[""]


def quantity_text(number: float, unit: str) -> str:
    r"""Return a number with its unit: a word that takes one in the plural, no unit unsaid.

    Examples
    --------
    >>> quantity_text(20, "item"), quantity_text(1.5, "year"), quantity_text(0.53, "")
    ('20 unités', '1,5 an', '0,53')
    """
    counted = counted_unit(number, unit)
    return f"{number_text(number)} {counted}" if counted else number_text(number)


def counted_unit(number: float, unit: str) -> str:
    """Return a unit as it follows a number: in the plural from two on, empty where there is none.

    Of a ratio, what is counted takes the plural, not what it is counted by: « 2 unités/an ».
    """
    words = unit_text(unit)
    if words == UNIT_WORDS[""]:
        return ""
    first = re.split(r"[ ./*]", words, maxsplit=1)[0]
    plural = "s" if abs(number) >= 2 and first in COUNTED else ""
    return f"{first}{plural}{words[len(first) :]}"


def range_text(minimum: float | None, maximum: float | None) -> str:
    """Return in words the limits of a value."""
    if minimum is not None and maximum is not None:
        return f"de {number_text(minimum)} à {number_text(maximum)}"
    if minimum is not None:
        return f"au moins {number_text(minimum)}"
    if maximum is not None:
        return f"au plus {number_text(maximum)}"
    return "sans limite"


def rounding_text(decimals: int) -> str:
    """Return to what a mark is rounded, such as « à 2 décimales »."""
    if decimals == 0:
        return "à l'unité"
    return f"à {decimals} décimale{'s' if decimals > 1 else ''}"


def date_text(day: datetime.date) -> str:
    """Return a date in French words, such as « 1er octobre 2026 »."""
    number = "1er" if day.day == 1 else str(day.day)
    return f"{number} {format_date(day, 'MMMM y', locale=LOCALE)}"
