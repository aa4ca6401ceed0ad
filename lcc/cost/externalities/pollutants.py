r"""Operational lifetime cost of a road vehicle by Directive 2009/33/EC. HISTORICAL.

Directive (EU) 2019/1161 removed this method; it is kept for comparison, and for bids that were
judged by it. Nothing is discounted. Emissions are costed in euros of 2007; the energy in the euros
of the price given, which the Directive wants without tax and the same for every fuel: the lower of
petrol's and diesel's per unit of energy.

Unit trap: the Directive costs CO2 per KILOGRAM and the other three per GRAM.

References
----------
.. [1] Directive 2009/33/EC of 23 April 2009, article 6 and annex, tables 1 to 3. OJ L 120,
   15.5.2009. Method repealed by Directive (EU) 2019/1161.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lcc.errors import FieldError, MissingFactorError
from lcc.tables import load_reference
from lcc.units import unit_ratio

__all__ = [
    "DirectiveCost",
    "PollutantCosts",
    "calc_directive_cost",
    "load_fuel_energy_mj",
    "load_lifetime_km",
    "load_pollutant_costs",
]

FOLDER = "emission_factors"
Number = float | NDArray[np.float64]
Bound = Literal["low", "high"]
BOUNDS = ("low", "high")

MJ_PER_KWH = 3.6
"""Megajoules in a kilowatt hour, by definition."""


@dataclass(frozen=True)
class PollutantCosts:
    """Cost of emissions, in euros of `price_year`: CO2 by the kilogram, the others by the gram."""

    co2_eur_per_kg: float
    nox_eur_per_g: float
    nmhc_eur_per_g: float
    pm_eur_per_g: float
    price_year: int


@dataclass(frozen=True)
class DirectiveCost:
    """Undiscounted cost over the life of a vehicle, post by post.

    Attributes
    ----------
    energy_eur : float or array
        In the euros of the energy price.
    co2_eur, nox_eur, nmhc_eur, pm_eur : float or array
        In euros of `emission_price_year`.
    emission_price_year : int
        2007 for the Directive's own costs.
    """

    energy_eur: Number
    co2_eur: Number
    nox_eur: Number
    nmhc_eur: Number
    pm_eur: Number
    emission_price_year: int

    @property
    def emissions_eur(self) -> Number:
        """Cost of the four emissions."""
        return self.co2_eur + self.nox_eur + self.nmhc_eur + self.pm_eur

    @property
    def total_eur(self) -> Number:
        """Energy and emissions, added as the Directive adds them, whatever their price years."""
        return self.energy_eur + self.emissions_eur


def calc_directive_cost(
    lifetime_km: Number,
    energy_mj_per_km: Number,
    energy_price_eur_per_kwh: Number,
    co2_kg_per_km: Number,
    nox_g_per_km: Number,
    nmhc_g_per_km: Number,
    pm_g_per_km: Number,
    *,
    travelled_km: Number = 0.0,
    costs: PollutantCosts | None = None,
) -> DirectiveCost:
    r"""Return the operational lifetime cost of a vehicle by the historical Directive method.

    .. math:: K \cdot \frac{e}{3.6} \cdot p, \quad K \cdot m_i \cdot c_i

    with *K* the kilometres left, *e* the energy per kilometre, *p* its price, :math:`m_i` the
    emissions per kilometre and :math:`c_i` their unit costs.

    Parameters
    ----------
    lifetime_km : float or array
        Kilometres over the whole life (`load_lifetime_km`).
    energy_mj_per_km : float or array
        Energy per kilometre (litres per kilometre × `load_fuel_energy_mj`).
    energy_price_eur_per_kwh : float or array
        One price for all fuels, without tax.
    co2_kg_per_km : float or array
        KILOGRAMS of CO2 per kilometre.
    nox_g_per_km, nmhc_g_per_km, pm_g_per_km : float or array
        GRAMS per kilometre.
    travelled_km : float or array
        Kilometres already driven, taken off the lifetime.
    costs : PollutantCosts, optional
        Unit costs; by default those of the annex, with its lower cost of CO2.

    Raises
    ------
    FieldError
        If an argument is negative or not a number, or the vehicle has no kilometres left.

    References
    ----------
    [1]_, article 6.
    """
    given = {
        "lifetime_km": lifetime_km,
        "energy_mj_per_km": energy_mj_per_km,
        "energy_price_eur_per_kwh": energy_price_eur_per_kwh,
        "co2_kg_per_km": co2_kg_per_km,
        "nox_g_per_km": nox_g_per_km,
        "nmhc_g_per_km": nmhc_g_per_km,
        "pm_g_per_km": pm_g_per_km,
        "travelled_km": travelled_km,
        "kilometres left": lifetime_km - travelled_km,
    }
    for name, value in given.items():
        # Not-a-number is not at least zero either.
        if not np.all(np.greater_equal(value, 0)):
            raise FieldError(
                "a vehicle of Directive 2009/33/EC is described by numbers of at least zero",
                field=name,
                found=str(value),
                expected="a number of at least 0",
            )
    unit = costs if costs is not None else load_pollutant_costs()
    left_km = lifetime_km - travelled_km
    return DirectiveCost(
        energy_eur=left_km * energy_mj_per_km / MJ_PER_KWH * energy_price_eur_per_kwh,
        co2_eur=left_km * co2_kg_per_km * unit.co2_eur_per_kg,
        nox_eur=left_km * nox_g_per_km * unit.nox_eur_per_g,
        nmhc_eur=left_km * nmhc_g_per_km * unit.nmhc_eur_per_g,
        pm_eur=left_km * pm_g_per_km * unit.pm_eur_per_g,
        emission_price_year=unit.price_year,
    )


@cache
def load_pollutant_costs(bound: Bound = "low") -> PollutantCosts:
    """Return the unit costs of the annex, table 2: CO2 at its lower or its higher cost.

    Parameters
    ----------
    bound : {"low", "high"}
        Which end of the range of CO2, 0.03 to 0.04 EUR/kg; the others have one cost.

    Raises
    ------
    FieldError
        If the bound is neither.
    """
    _check_bound(bound)
    rows = {row["pollutant"]: row for row in load_reference(FOLDER, "pollutant_cost").to_pylist()}

    def cost(pollutant: str, unit: str) -> float:
        row = rows[pollutant]
        return float(row[f"{bound}_eur_per_unit"]) * unit_ratio(unit, row["unit"])

    return PollutantCosts(
        co2_eur_per_kg=cost("CO2", "kilogram"),
        nox_eur_per_g=cost("NOx", "gram"),
        nmhc_eur_per_g=cost("NMHC", "gram"),
        pm_eur_per_g=cost("PM", "gram"),
        price_year=rows["CO2"]["price_year"],
    )


def load_lifetime_km(category: str) -> int:
    """Return the kilometres over the life of a vehicle, by the annex, table 3.

    Parameters
    ----------
    category : str
        ``car``, ``light-commercial``, ``heavy-goods``, ``bus``, or a category of the European type
        approval: M1, M2, M3, N1, N2, N3.

    Raises
    ------
    MissingFactorError
        If the annex has no such category.
    """
    rows = load_reference(FOLDER, "vehicle_lifetime").to_pylist()
    for row in rows:
        if category in (row["vehicle_category"], *row["eu_categories"].split()):
            return int(row["lifetime_km"])
    raise MissingFactorError(
        f"Directive 2009/33/EC gives no lifetime for {category}",
        field="category",
        found=category,
        expected=", ".join(f"{row['vehicle_category']} ({row['eu_categories']})" for row in rows),
    )


def load_fuel_energy_mj(fuel: str, *, bound: Bound | None = None) -> float:
    """Return the megajoules in a litre (or a normal cubic metre) of fuel, by the annex, table 1.

    Parameters
    ----------
    fuel : str
        ``diesel``, ``petrol``, ``natural-gas``, ``lpg``, ``ethanol``, ``biodiesel``, ``emulsion``
        (per litre, but natural gas per Nm3) or ``hydrogen`` (per Nm3).
    bound : {"low", "high"}, optional
        Needed for natural gas, which the annex gives as a range.

    Raises
    ------
    MissingFactorError
        If the annex has no such fuel.
    FieldError
        If the annex gives a range and no bound is chosen.
    """
    rows: dict[str, dict[str, Any]] = {
        row["fuel"]: row for row in load_reference(FOLDER, "fuel_energy_content").to_pylist()
    }
    if fuel not in rows:
        raise MissingFactorError(
            f"Directive 2009/33/EC gives no energy content for {fuel}",
            field="fuel",
            found=fuel,
            expected=", ".join(rows),
        )
    row = rows[fuel]
    if bound is None and row["low_mj_per_unit"] != row["high_mj_per_unit"]:
        raise FieldError(
            f"Directive 2009/33/EC gives a range for {fuel}",
            field="bound",
            found="nothing",
            expected=f"low ({row['low_mj_per_unit']:g}) or high ({row['high_mj_per_unit']:g}) "
            f"MJ per {row['unit']}",
            remedy="choose one, and say so",
        )
    _check_bound(bound or "low")
    return float(row[f"{bound or 'low'}_mj_per_unit"])


def _check_bound(bound: str) -> None:
    """Raise where a bound is neither of the two."""
    if bound not in BOUNDS:
        raise FieldError(
            "no such end of a range", field="bound", found=str(bound), expected=" | ".join(BOUNDS)
        )
