"""The one registry of units, and the conversions that need a choice named.

Quantities are checked on small tables (one row per distinct unit), never per line.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from lcc.errors import UnitError

if TYPE_CHECKING:
    import pint

__all__ = [
    "CENTS_PER_EUR",
    "KG_PER_TONNE",
    "is_unit",
    "product_ratio",
    "registry",
    "unit_ratio",
]

CENTS_PER_EUR = 100
KG_PER_TONNE = 1000

FRENCH_UNITS = {
    "litre": "litre",
    "litres": "litre",
    "l": "litre",
    "t": "metric_ton",
    "tonne": "metric_ton",
    "tonnes": "metric_ton",
    "m2": "metre ** 2",
    "m²": "metre ** 2",
    "m3": "metre ** 3",
    "m³": "metre ** 3",
    "heure": "hour",
    "heures": "hour",
    "an": "year",
    "ans": "year",
    "année": "year",
    "mois": "month",
    "€": "EUR",
    "h": "hour",
    "wh": "watt_hour",
    "nm3": "metre ** 3",
    "unité": "item",
    "unités": "item",
    "u": "item",
    "pce": "item",
    "repas": "meal",
    "nuit": "night",
    "nuits": "night",
    "kwh": "kilowatt_hour",
    "mwh": "megawatt_hour",
    "gwh": "gigawatt_hour",
    "kg": "kilogram",
    "km": "kilometre",
    "unité.an": "item * year",
    "véhicule.km": "vehicle * kilometre",
    "passager.km": "passenger * kilometre",
    "t.km": "metric_ton * kilometre",
    "kwh pci": "kilowatt_hour",
    "kwh pcs": "kilowatt_hour_gross",
    "mwh pci": "megawatt_hour",
    "mwh pcs": "megawatt_hour_gross",
}
"""Spellings met in French files, in lower case → the registry's unit. Exports write capitals."""

UNIT_TEXT = re.compile(r"[^\W\d_][^\W_]{0,20}([ ./*][^\W\d_][^\W_]{0,20}){0,3}[²³]?")
"""What a unit may look like: no text of a file is handed to the parser as an expression."""

COUNTED = ("item", "vehicle")
"""Units that only count things."""

COMPOUND_PART = re.compile(r"(?:(?P<number>1|1[0]+) ?)?(?P<name>[^\W\d_][\w ².³]{0,40}|€)")
"""One part of a compound unit: a name, with a power of ten before it (`100 km`)."""


@cache
def registry() -> pint.UnitRegistry[float]:
    """Return the one pint registry, with the counted units of purchases added.

    A kWh by gross calorific value (PCS) does not convert to one by net calorific value (PCI): the
    ratio depends on the fuel, so the choice must be made by name where it is made.
    """
    import pint

    units: pint.UnitRegistry[float] = pint.UnitRegistry(on_redefinition="ignore")
    for name in ("item", "meal", "night", "passenger", "vehicle", "kilowatt_hour_gross", "EUR"):
        units.define(f"{name} = [{name}]")
    units.define("megawatt_hour_gross = 1000 * kilowatt_hour_gross")
    units.define("kilogram_co2e = [mass_co2e] = kgCO2e")
    units.define("tonne_co2e = 1000 * kgCO2e = tCO2e")
    return units


@cache
def _compound(text: str) -> tuple[float, Any]:
    """Return the factor and the unit that a compound text stands for."""
    import pint

    units = registry()
    whole = units.Quantity(1.0)
    pieces = re.split(r"([*·/])", text)
    for place in range(0, len(pieces), 2):
        part = COMPOUND_PART.fullmatch(pieces[place].strip())
        if part is None:
            raise _no_unit(text)
        try:
            each = units.Quantity(float(part["number"] or 1), _spell(part["name"]))
            whole = whole / each if place and pieces[place - 1] == "/" else whole * each
        except (pint.PintError, AttributeError) as error:
            # Not known, or one that does not multiply (degrees Celsius, decibels).
            raise _no_unit(text) from error
    return float(whole.magnitude), whole.units


def _no_unit(text: str) -> UnitError:
    return UnitError(
        "this is no unit",
        found=text,
        expected="a unit such as kWh, litre, km, heure/an, EUR/kWh, kgCO2e/litre, litre/100 km",
    )


@cache
def product_ratio(units: tuple[str, ...], target: str) -> float:
    """Return what a product of numbers in `units` is multiplied by to be in `target`.

    Units are compounds, such as `EUR/kWh`, `heure/an`, `kWh/km` or `litre/100 km`, each part in the
    registry's spelling or a French one. Counted units (`item`, `vehicle`) are numbers of things:
    1000 items of 0.1 kW draw kilowatts.

    Parameters
    ----------
    units : tuple of str
        Units of the factors; an empty text is a plain number.
    target : str
        Unit asked for.

    Raises
    ------
    UnitError
        If a unit is unknown, or the product does not convert into `target`.
    """
    import pint

    ratio, left = 1.0, registry().Unit("dimensionless")
    for text in filter(None, units):
        number, unit = _compound(text)
        ratio, left = ratio * number, left * unit
    number, right = _compound(target) if target else (1.0, registry().Unit("dimensionless"))
    for counted in COUNTED:
        left /= registry().Unit(counted) ** left.dimensionality.get(f"[{counted}]", 0)
        right /= registry().Unit(counted) ** right.dimensionality.get(f"[{counted}]", 0)
    try:
        return ratio / number * float(registry().Quantity(1.0, left).to(right).magnitude)
    except pint.DimensionalityError as error:
        given = " × ".join(filter(None, units))
        raise UnitError(
            f"{given or 'a plain number'} does not convert to {target or 'a plain number'}",
            found=given or "no unit",
            expected=target or "no unit",
            remedy="give the quantity in the unit of its price and of its factor",
        ) from error


@cache
def unit_ratio(unit: str, target: str) -> float:
    """Return how many `target` make one `unit`.

    Parameters
    ----------
    unit, target : str
        Units, in the registry's spelling or a French one (`m³`, `tonnes`, `kWh PCS`).

    Raises
    ------
    UnitError
        If a unit is unknown, or the two do not convert into each other.
    """
    if unit == target:
        # Nothing to convert; and nothing heavy to import for it.
        return 1.0
    import pint

    units = registry()
    try:
        ratio = units.Quantity(1.0, _spell(unit)).to(_spell(target))
    except (pint.UndefinedUnitError, pint.DimensionalityError, AttributeError) as error:
        raise UnitError(
            f"{unit} does not convert to {target}",
            found=unit,
            expected=target,
            remedy="give the quantity in a unit of the factor, or add a factor for this unit",
        ) from error
    return float(ratio.magnitude)


def is_unit(text: str) -> bool:
    """Tell whether a text names a unit the registry knows, in any of its spellings."""
    import pint

    try:
        registry().Unit(registry().Quantity(1.0, _spell(text)).units)
    except (UnitError, pint.UndefinedUnitError, AttributeError):
        return False
    return True


def _spell(text: str) -> str:
    """Return the registry's spelling of a unit.

    Raises
    ------
    UnitError
        If the text does not look like a unit.
    """
    known = FRENCH_UNITS.get(text.strip().casefold())
    if known is None and not UNIT_TEXT.fullmatch(text.strip()):
        raise UnitError(
            "this is no unit",
            found=text,
            expected="a unit such as kWh, litre, m³, tonne",
        )
    return known or text.strip()
