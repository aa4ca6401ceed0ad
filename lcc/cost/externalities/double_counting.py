r"""Externalities beside prices: counted once, and in one unit.

An energy price may already contain a price of carbon (a tax component, allowances). The whole value
of a tonne on top of such a price counts the same harm twice. Two corrections exist; either is right
and both together are wrong. With a price *p*, emissions *f* per unit, the value *V* of a tonne and
the component *c* that the price contains, per tonne:

.. math:: (p - c f) + V f \;=\; p + (V - c) f

The left side takes the component out of the price (``subtract-from-price``), the right side adds
only what the price does not hold yet (``difference``). Totals agree; what is shown as cost and what
is shown as externality does not. They agree as long as both are applied to the amounts of the same
date: take the component out after prices have grown, not before.

References
----------
.. [1] I4CE (2018). Point Climat n° 56, La contribution climat-énergie en France: 44.60 EUR per
   tonne of CO2 inside the taxes on fuels; still so in 2024 (connaissancedesenergies.org).
.. [2] IPCC, assessment reports 4, 5 and 6, working group I: global warming potentials over 100
   years (table ``gwp``).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lcc.errors import FieldError, MissingFactorError, UnitError
from lcc.tables import load_reference
from lcc.units import KG_PER_TONNE

__all__ = [
    "CORRECTIONS",
    "CorrectedCarbon",
    "Correction",
    "calc_co2e_kg",
    "calc_net_carbon_value",
    "calc_net_price",
    "check_double_counting",
    "choose_gwp_set",
    "correct_double_counting",
    "describe_correction",
]

FOLDER = "emission_factors"
Floats = NDArray[np.float64]
Correction = Literal["subtract-from-price", "difference"]

CORRECTIONS: Final = ("subtract-from-price", "difference")

CORRECTIONS_FR: Final = {
    "subtract-from-price": "la composante carbone est retirée du prix de l'énergie, et la valeur "
    "du carbone est comptée en entier",
    "difference": "le prix de l'énergie est gardé tel quel, et seule la part de la valeur du "
    "carbone qu'il ne contient pas est ajoutée",
}

REFERENCE_GAS: Final = "CO2"
"""The gas that all warming potentials are relative to: one, by definition, in any set."""


@dataclass(frozen=True)
class CorrectedCarbon:
    """Price and carbon cost of a unit of energy, after one correction.

    Attributes
    ----------
    price_eur_per_unit : array
        Price to count; net of its carbon component under ``subtract-from-price``.
    carbon_eur_per_unit : array
        Carbon cost to add; net of that component under ``difference``, where it may be negative:
        the price then holds more than the value.
    correction : str
        The one that was applied.
    """

    price_eur_per_unit: Floats
    carbon_eur_per_unit: Floats
    correction: Correction

    @property
    def total_eur_per_unit(self) -> Floats:
        """Price and carbon cost together: the same under both corrections."""
        return self.price_eur_per_unit + self.carbon_eur_per_unit


def calc_net_price(
    price_eur_per_unit: ArrayLike,
    component_eur_per_tco2e: ArrayLike,
    taxed_kgco2e_per_unit: ArrayLike,
) -> Floats:
    r"""Return a price without the carbon component it contains: :math:`p - c f / 1000`.

    Parameters
    ----------
    price_eur_per_unit, component_eur_per_tco2e, taxed_kgco2e_per_unit : array_like
        Price; what it holds per tonne, in the same euros and on the same tax basis (with VAT in a
        price with VAT); kilograms that this component is paid on. They broadcast.
    """
    component = np.asarray(component_eur_per_tco2e, dtype=np.float64)
    emitted = np.asarray(taxed_kgco2e_per_unit, dtype=np.float64) / KG_PER_TONNE
    return np.asarray(np.asarray(price_eur_per_unit, dtype=np.float64) - component * emitted)


def calc_net_carbon_value(
    shadow_eur_per_tco2e: ArrayLike, component_eur_per_tco2e: ArrayLike
) -> Floats:
    r"""Return what the value of a tonne adds to a price that contains some of it: :math:`V - c`."""
    shadow = np.asarray(shadow_eur_per_tco2e, dtype=np.float64)
    return np.asarray(shadow - np.asarray(component_eur_per_tco2e, dtype=np.float64))


def correct_double_counting(
    price_eur_per_unit: ArrayLike,
    shadow_eur_per_tco2e: ArrayLike,
    component_eur_per_tco2e: ArrayLike,
    factor_kgco2e_per_unit: ArrayLike,
    *,
    correction: str,
    taxed_kgco2e_per_unit: ArrayLike | None = None,
) -> CorrectedCarbon:
    """Return the price and the carbon cost of a unit, with its carbon component counted once.

    Arguments broadcast, so that a whole study of draws and years is one call.

    Parameters
    ----------
    price_eur_per_unit : array_like
        Price at the date of the use, growth included.
    shadow_eur_per_tco2e : array_like
        Value of a tonne at that date, in the same euros.
    component_eur_per_tco2e : array_like
        Carbon price the energy price contains, in the same euros and on the same tax basis.
    factor_kgco2e_per_unit : array_like
        Emissions that the study counts per unit.
    correction : {"subtract-from-price", "difference"}
        The one correction to apply.
    taxed_kgco2e_per_unit : array_like, optional
        Emissions that the component is paid on, where they are not all those counted (a tax on
        combustion leaves out what comes before it); by default `factor_kgco2e_per_unit`.

    Raises
    ------
    FieldError
        If the correction is neither of the two.
    """
    if correction not in CORRECTIONS:
        raise _unknown_correction(correction)
    price = np.asarray(price_eur_per_unit, dtype=np.float64)
    factor = np.asarray(factor_kgco2e_per_unit, dtype=np.float64)
    taxed = factor if taxed_kgco2e_per_unit is None else taxed_kgco2e_per_unit
    net_price = calc_net_price(price, component_eur_per_tco2e, taxed)
    carbon = np.asarray(shadow_eur_per_tco2e, dtype=np.float64) * factor / KG_PER_TONNE
    if correction == "subtract-from-price":
        return CorrectedCarbon(net_price, carbon, "subtract-from-price")
    return CorrectedCarbon(price, carbon - (price - net_price), "difference")


def check_double_counting(
    component_eur_per_tco2e: float | None,
    *,
    price: str,
    carbon_path: str,
    price_eur_per_unit: float | None = None,
    taxed_kgco2e_per_unit: float | None = None,
    file: str | None = None,
) -> float:
    """Return the declared carbon component of an energy price, or refuse to go on without it.

    To be called wherever a price and an emission factor meet the same quantity under a carbon
    value. Zero is a declaration: the price holds no carbon price.

    Parameters
    ----------
    component_eur_per_tco2e : float or None
        What was declared; None where nothing was.
    price, carbon_path : str
        Names of the price and of the path, for the message.
    price_eur_per_unit, taxed_kgco2e_per_unit : float, optional
        Central values; where both are given, a component that exceeds the price holding it is
        refused.
    file : str, optional
        File of the study.

    Raises
    ------
    FieldError
        If nothing was declared, the component is negative or no number, or it is more than the
        price.
    """
    field = f"prices.{price}.carbon_component_eur_per_tco2e"
    if component_eur_per_tco2e is None:
        raise FieldError(
            f"the price {price} may already contain a price of carbon, and the path {carbon_path} "
            "would count it a second time",
            file=file,
            field=field,
            found="nothing",
            expected="euros per tonne of CO2e contained in this price; 0 where it holds none",
            remedy="declare the component (in France, the carbon part of the taxes on fuels has "
            "been 44.60 since 2018), or 0 with the reason in the source",
        )
    if not (math.isfinite(component_eur_per_tco2e) and component_eur_per_tco2e >= 0):
        raise FieldError(
            f"the carbon component of the price {price} is no price",
            file=file,
            field=field,
            found=f"{component_eur_per_tco2e}",
            expected="a number of at least 0, in euros per tonne",
        )
    if price_eur_per_unit is not None and taxed_kgco2e_per_unit is not None:
        inside = component_eur_per_tco2e * taxed_kgco2e_per_unit / KG_PER_TONNE
        if inside > price_eur_per_unit:
            raise FieldError(
                f"the carbon component is more than the price {price} that contains it",
                file=file,
                field=field,
                found=f"{inside:g} EUR of carbon in {price_eur_per_unit:g} EUR per unit",
                expected="a part of the price",
                remedy="check the units: euros per TONNE of CO2e, kilograms per unit of energy",
            )
    return component_eur_per_tco2e


def describe_correction(correction: str) -> str:
    """Return one French sentence that says which correction was applied.

    Raises
    ------
    FieldError
        If the correction is neither of the two.
    """
    if correction not in CORRECTIONS:
        raise _unknown_correction(correction)
    return f"Double compte évité : {CORRECTIONS_FR[correction]}."


def _unknown_correction(found: str) -> FieldError:
    return FieldError(
        "a carbon component is counted once: one of two corrections applies",
        field="externalities.double_counting",
        found=str(found),
        expected=" | ".join(CORRECTIONS),
        remedy="name one; applying both, or none, counts the component zero times or twice",
    )


def choose_gwp_set(stated: Iterable[str | None]) -> str:
    """Return the one set of warming potentials that several figures share.

    Parameters
    ----------
    stated : iterable of str or None
        Set of each figure, such as ``AR5``; None where it names none.

    Raises
    ------
    UnitError
        If a figure names no set, an unknown one, or two figures name different sets.
    """
    names = list(stated)
    known = tuple(dict.fromkeys(name for name, _ in _potentials()))
    if not names or any(name not in known for name in names):
        raise UnitError(
            "gases do not add up without a named set of warming potentials",
            field="gwp_set",
            found=", ".join(sorted({str(name or "nothing") for name in names})) or "nothing",
            expected=" | ".join(known),
            remedy="name the set that the figures were made with",
        )
    if len(set(names)) > 1:
        raise UnitError(
            "figures made with different sets of warming potentials do not add up",
            field="gwp_set",
            found=", ".join(sorted({str(name) for name in names})),
            expected="one set",
            remedy="bring each figure back to kilograms of each gas, and use one set",
        )
    return str(names[0])


def calc_co2e_kg(gases_kg: Mapping[str, float], gwp_set: str) -> float:
    r"""Return kilograms of CO2 equivalent of several gases, by one named set of potentials.

    .. math:: \sum_g m_g \, GWP_{100, g}

    Carbon dioxide counts for one in any set; a gas that the set does not hold is never taken from
    another. Biogenic CO2 is in no set: it is counted apart.

    Parameters
    ----------
    gases_kg : mapping
        Gas, as in table ``gwp`` → kilograms.
    gwp_set : str
        ``AR4``, ``AR5``, ``AR6`` or ``base-carbone`` [2]_.

    Raises
    ------
    UnitError
        If the set is not named or not known.
    MissingFactorError
        If the set does not hold one of the gases.
    FieldError
        If a mass is not a number.
    """
    name = choose_gwp_set([gwp_set])
    total = 0.0
    for gas, mass_kg in gases_kg.items():
        if not math.isfinite(mass_kg):
            raise FieldError(
                f"the mass of {gas} is not a number", field=gas, found=str(mass_kg), expected="kg"
            )
        potential = 1.0 if gas == REFERENCE_GAS else _potentials().get((name, gas))
        if potential is None:
            held = [gas for each, gas in _potentials() if each == name]
            raise MissingFactorError(
                f"the set {name} holds no warming potential for {gas}",
                field="gases_kg",
                found=gas,
                expected=", ".join(dict.fromkeys([REFERENCE_GAS, *held])),
                remedy="name the gas as the set does, or use a set that holds it for all gases",
            )
        total += mass_kg * potential
    return total


@cache
def _potentials() -> dict[tuple[str, str], float]:
    """Return the warming potentials over 100 years, by set and gas."""
    rows = load_reference(FOLDER, "gwp").to_pylist()
    return {(row["gwp_set"], row["gas"]): float(row["gwp100"]) for row in rows}
