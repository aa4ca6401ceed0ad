"""French and English text of figures: the only place where anything is rounded.

French: decimal comma, U+202F between thousands, U+00A0 before units and signs. A figure that comes
with an interval is rounded to two significant digits of the half-width of that interval (the
usage of JCGM 100:2008, *Guide to the expression of uncertainty in measurement*, 7.2.6: one to two
digits of the uncertainty, and the estimate to the same place).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from babel.dates import format_date as babel_date
from babel.numbers import format_decimal

from lcc.errors import FieldError

__all__ = [
    "LANGUAGES",
    "choose_apart",
    "choose_euros",
    "choose_step",
    "format_count",
    "format_date",
    "format_euros",
    "format_intensity",
    "format_interval",
    "format_number",
    "format_percent",
    "format_text",
    "format_tonnes",
    "format_years",
    "missing_text",
    "name_euros",
]

LANGUAGES: Final = ("fr", "en")
NO_BREAK: Final = "\u00a0"
SIGNIFICANT_DIGITS: Final = 3
INTERVAL_DIGITS: Final = 2
DIGITS_TO_TELL_APART: Final = 5
KILOTONNES_FROM_T: Final = 100_000.0

EURO_SCALES: Final = ((1e9, "Md€", "bn"), (1e6, "M€", "m"), (1e4, "k€", "k"), (0.0, "€", ""))
"""Least amount, French unit, English suffix; 1 234 € stays in euros, 12 340 € becomes 12,3 k€."""

EURO_DIVISORS: Final = {"Md€": 1e9, "M€": 1e6, "k€": 1e3, "€": 1.0}


def missing_text(language: str = "fr") -> str:
    """Return what stands where there is no figure: never a zero, never an empty cell."""
    return "n.d." if check_language(language) == "fr" else "n/a"


def check_language(language: str) -> str:
    """Return the language if there is a catalogue for it.

    Raises
    ------
    FieldError
        For any other language.
    """
    if language not in LANGUAGES:
        raise FieldError(
            "the reports are not written in this language",
            field="language",
            found=repr(language),
            expected=" or ".join(LANGUAGES),
        )
    return language


def choose_step(value: float, low: float | None = None, high: float | None = None) -> Decimal:
    """Return the power of ten to which a figure is rounded.

    Parameters
    ----------
    value : float
        The figure, in any unit.
    low, high : float, optional
        Its 95 % interval, in the same unit. Without it, three significant digits are kept.
    """
    if low is not None and high is not None and math.isfinite(high - low) and high > low:
        spread, digits = Decimal(repr(float(high - low))) / 2, INTERVAL_DIGITS
    elif value and math.isfinite(value):
        spread, digits = Decimal(repr(abs(float(value)))), SIGNIFICANT_DIGITS
    else:
        return Decimal(1)
    return Decimal(1).scaleb(spread.adjusted() - digits + 1)


def is_missing(value: object) -> bool:
    """Tell whether there is no figure: None, NaN, NA."""
    if value is None or type(value).__name__ in {"NAType", "NaTType"}:
        return True
    return isinstance(value, float) and math.isnan(value)


def format_number(
    value: float | Decimal | None, *, language: str = "fr", step: Decimal | None = None
) -> str:
    """Return a number in words of the language, rounded to a multiple of `step`.

    Parameters
    ----------
    value : float or Decimal or None
        The number; None and NaN give the sign of a missing figure.
    language : {"fr", "en"}
    step : Decimal, optional
        Power of ten; by default three significant digits.

    Examples
    --------
    >>> format_number(12345.6, language="en")
    '12,300'
    """
    check_language(language)
    if value is None or is_missing(value):
        return missing_text(language)
    step = choose_step(float(value)) if step is None else step
    exact = value if isinstance(value, Decimal) else Decimal(repr(float(value)))
    if not exact.is_finite():
        return "∞" if exact > 0 else "-∞"
    rounded = (exact / step).to_integral_value(ROUND_HALF_UP) * step
    if rounded == 0:
        rounded = Decimal(0)
    exponent = step.as_tuple().exponent
    decimals = max(0, -exponent) if isinstance(exponent, int) else 0
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    return str(format_decimal(rounded, format=pattern, locale=language))


def format_count(value: int | float | None, *, language: str = "fr") -> str:
    """Return a count, to the unit: rows, lines, contracts are counted, never rounded."""
    return format_number(value, language=language, step=Decimal(1))


def format_euros(
    amount_eur: float | None,
    *,
    language: str = "fr",
    unit: str | None = None,
    step: Decimal | None = None,
) -> str:
    """Return an amount in euros with its unit: €, k€, M€ or Md€, by its size.

    Parameters
    ----------
    amount_eur : float or None
        Amount, in euros.
    language : {"fr", "en"}
    unit : {"€", "k€", "M€", "Md€"}, optional
        Unit to use whatever the size, so that a column keeps one unit; then rounded to 1 of it
        (0.1 for millions and billions).
    step : Decimal, optional
        Power of ten of the unit to round to, as `choose_euros` returns it.

    Examples
    --------
    >>> format_euros(12_345_678, language="en")
    '€12.3m'
    """
    check_language(language)
    if amount_eur is None or is_missing(amount_eur):
        return missing_text(language)
    if unit is None:
        unit = euros_unit(amount_eur)
        if unit == "€" and step is None:
            step = Decimal(1)
    elif step is None:
        step = Decimal("0.1") if unit in {"M€", "Md€"} else Decimal(1)
    scaled = amount_eur / EURO_DIVISORS[unit]
    if step is None:
        step = min(choose_step(scaled), Decimal(1))
    text = format_number(scaled, language=language, step=step)
    if language == "fr":
        return f"{text}{NO_BREAK}{unit}"
    suffix = next(each for _, name, each in EURO_SCALES if name == unit)
    sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
    return f"{sign}€{digits}{suffix}"


def euros_unit(amount_eur: float) -> str:
    """Return the unit in which an amount reads best: €, k€, M€ or Md€."""
    size = abs(amount_eur) if math.isfinite(amount_eur) else 0.0
    return next(each for least, each, _ in EURO_SCALES if size >= least)


def choose_euros(amounts_eur: Iterable[float | None]) -> tuple[str, Decimal]:
    """Return the unit and the step in which amounts shown side by side stay apart.

    The unit is that of the largest. Three of its digits are kept, and up to five where fewer
    would write two different amounts alike.

    Parameters
    ----------
    amounts_eur : iterable of float or None
        Amounts, in euros; those missing are left out.
    """
    kept = [
        float(each)
        for each in amounts_eur
        if each is not None and not is_missing(each) and math.isfinite(each)
    ]
    most = max((abs(each) for each in kept), default=0.0)
    unit = euros_unit(most)
    if not most:
        return unit, Decimal(1)
    step = choose_apart([each / EURO_DIVISORS[unit] for each in kept])
    # Whole units at most: nobody writes 1 230 for 1 234 euros.
    return unit, min(step, Decimal(1))


def choose_apart(values: Iterable[float]) -> Decimal:
    """Return the step at which figures shown side by side stay apart.

    Three digits of the largest, and up to five where fewer would write two different figures alike.

    Parameters
    ----------
    values : iterable of float
        Figures of one unit, none of them missing.
    """
    kept = [float(each) for each in values if math.isfinite(each)]
    step = choose_step(max(kept, key=abs, default=0.0))
    finest = step.scaleb(SIGNIFICANT_DIGITS - DIGITS_TO_TELL_APART)

    def count(step: Decimal) -> int:
        return len({(Decimal(repr(v)) / step).to_integral_value(ROUND_HALF_UP) for v in kept})

    apart = count(finest)
    while step > finest and count(step) < apart:
        step = step.scaleb(-1)
    return step


def name_euros(unit: str, *, language: str = "fr") -> str:
    """Return the name of a unit on an axis: k€ in French, €k in English."""
    if check_language(language) == "fr":
        return unit
    return f"€{next(each for _, name, each in EURO_SCALES if name == unit)}"


def format_tonnes(
    mass_tco2e: float | None,
    low_tco2e: float | None = None,
    high_tco2e: float | None = None,
    *,
    language: str = "fr",
    unit: str | None = None,
) -> str:
    """Return a mass of greenhouse gases with its unit, rounded to what its interval allows.

    Parameters
    ----------
    mass_tco2e : float or None
        Mass, in tonnes of CO2 equivalent.
    low_tco2e, high_tco2e : float, optional
        Its 95 % interval, in the same unit: sets the rounding, and is not shown.
    language : {"fr", "en"}
    unit : {"tCO2e", "ktCO2e"}, optional
        Unit to use whatever the size; by default kilotonnes from 100 000 t.
    """
    check_language(language)
    if mass_tco2e is None or is_missing(mass_tco2e):
        return missing_text(language)
    unit = unit or tonnes_unit(mass_tco2e)
    scale = 1000.0 if unit == "ktCO2e" else 1.0
    step = choose_step(
        mass_tco2e / scale,
        None if low_tco2e is None else low_tco2e / scale,
        None if high_tco2e is None else high_tco2e / scale,
    )
    return f"{format_number(mass_tco2e / scale, language=language, step=step)}{NO_BREAK}{unit}"


def tonnes_unit(mass_tco2e: float) -> str:
    """Return the unit in which a mass reads best: tCO2e, or ktCO2e from 100 000 t."""
    return "ktCO2e" if abs(mass_tco2e) >= KILOTONNES_FROM_T else "tCO2e"


def format_interval(
    value: float | None,
    low: float | None,
    high: float | None,
    *,
    tonnes: str | None = None,
    language: str = "fr",
    with_value: bool = True,
    finer: int = 0,
) -> str:
    """Return a mass with its 95 % interval, all three rounded to the same place.

    Parameters
    ----------
    value, low, high : float or None
        Central value and bounds, in tonnes of CO2 equivalent.
    tonnes : {"tCO2e", "ktCO2e"}, optional
        Unit to use whatever the size; by default kilotonnes from 100 000 t. Bounds alone are
        in tonnes.
    language : {"fr", "en"}
    with_value : bool
        False to write the bounds alone.
    finer : int
        Digits more than the interval allows, for a change that they would hide.

    Examples
    --------
    >>> format_interval(12_345, 8_123, 18_912, language="en").replace(NO_BREAK, " ")
    '12,300 tCO2e [8,100 – 18,900]'
    """
    check_language(language)
    if value is None or low is None or high is None or any(map(is_missing, (value, low, high))):
        return missing_text(language)
    unit = tonnes or (tonnes_unit(value) if with_value else "tCO2e")
    scale = 1000.0 if unit == "ktCO2e" else 1.0
    value, low, high = value / scale, low / scale, high / scale
    step = choose_step(value, low, high).scaleb(-finer)
    central, first, last = (
        format_number(each, language=language, step=step) for each in (value, low, high)
    )
    bounds = f"[{first}{NO_BREAK}–{NO_BREAK}{last}]"
    if not with_value:
        return bounds
    return f"{central}{NO_BREAK}{unit} {bounds}"


def format_percent(share: float | None, *, language: str = "fr", decimals: int = 0) -> str:
    """Return a share as a percentage; a share that is not whole is never shown as 0 or 100 %.

    Parameters
    ----------
    share : float or None
        Share, 1 being the whole.
    language : {"fr", "en"}
    decimals : int
        Decimals of the percentage.
    """
    check_language(language)
    if share is None or is_missing(share):
        return missing_text(language)
    space = NO_BREAK if language == "fr" else ""
    step = Decimal(1).scaleb(-decimals)
    percent = Decimal(repr(float(share))) * 100
    sign = ""
    if 0 < percent < step / 2:
        sign, percent = f"<{NO_BREAK}", step
    elif 100 - step / 2 <= percent < 100:
        sign, percent = f">{NO_BREAK}", 100 - step
    return f"{sign}{format_number(percent, language=language, step=step)}{space}%"


def format_intensity(intensity_kgco2e_per_eur: float | None, *, language: str = "fr") -> str:
    """Return a carbon intensity, in kgCO2e per euro, with two significant digits."""
    check_language(language)
    if intensity_kgco2e_per_eur is None or is_missing(intensity_kgco2e_per_eur):
        return missing_text(language)
    step = choose_step(intensity_kgco2e_per_eur).scaleb(1) if intensity_kgco2e_per_eur else None
    text = format_number(intensity_kgco2e_per_eur, language=language, step=step)
    return f"{text}{NO_BREAK}kgCO2e/€"


def format_years(years: float | None, *, language: str = "fr") -> str:
    """Return a duration in years, to a tenth where it is not whole: 7 ans, 7,4 ans, 1,5 an."""
    check_language(language)
    if years is None or is_missing(years):
        return missing_text(language)
    step = Decimal(1) if float(years).is_integer() else Decimal("0.1")
    text = format_number(years, language=language, step=step)
    if language == "fr":
        # French counts in the plural from two.
        return f"{text}{NO_BREAK}{'ans' if abs(years) >= 2 else 'an'}"
    return f"{text}{NO_BREAK}{'year' if text == '1' else 'years'}"


def format_date(day: date | None, *, language: str = "fr") -> str:
    """Return a date: 31/03/2026 in French, 31 Mar 2026 in English."""
    check_language(language)
    if day is None or is_missing(day):
        return missing_text(language)
    if language == "fr":
        return str(babel_date(day, format="dd/MM/yyyy", locale="fr"))
    return str(babel_date(day, format="d MMM yyyy", locale="en"))


def format_text(value: object, *, language: str = "fr") -> str:
    """Return any other value as text: what is missing says so."""
    if is_missing(value) or value == "":
        return missing_text(language)
    if isinstance(value, bool):
        return {"fr": ("non", "oui"), "en": ("no", "yes")}[check_language(language)][value]
    if isinstance(value, date):
        return format_date(value, language=language)
    return str(value)
