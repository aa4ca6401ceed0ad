"""Price basis of a ratio per euro: valuation, tax, year. A conversion names what it needs.

A euro at purchaser prices holds less product than a euro at basic prices (margins), a euro TTC
less than a euro HT (VAT), a euro of 2025 less than a euro of 2023 (prices). A ratio and a spend
meet on one basis, or the code raises.

References
----------
.. [1] European Commission et al. (2009). System of National Accounts 2008, 6.49-6.69: basic,
   producers' and purchasers' prices.
.. [2] Ecodex (2026). FIGARO monetary emission factors, version 2026.5, purchaser-price factors.
   doi:10.5281/zenodo.23157020
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from lcc.carbon.prices import deflate
from lcc.errors import UnitError

__all__ = ["Margin", "PriceBasis", "calc_emissions_kgco2e", "calc_purchaser_ratio", "convert_ratio"]

Valuation = Literal["basic", "purchaser"]
Tax = Literal["HT", "TTC"]

EUR_PER_KEUR = 1000
PERCENT = 100


@dataclass(frozen=True)
class PriceBasis:
    """What one euro of a ratio or of a spend means."""

    valuation: Valuation
    tax: Tax
    year: int

    def __str__(self) -> str:
        return f"{self.tax} at {self.valuation} prices of {self.year}"


@dataclass(frozen=True)
class Margin:
    """What a euro at purchaser prices holds of a product and of margins.

    Attributes
    ----------
    price_ratio : float
        Euros at basic prices in one euro at purchaser prices.
    margin_kgco2e_per_keur : float
        Kilograms of CO2e of the trade and transport margins in 1000 euros at purchaser prices.
    data_year : int
        Year of those 1000 euros.
    """

    product: str
    price_ratio: float
    margin_kgco2e_per_keur: float
    data_year: int


def calc_purchaser_ratio(ratio_kgco2e_per_eur: float, margin: Margin) -> float:
    r"""Return a ratio per euro at purchaser prices from a ratio per euro at basic prices.

    .. math:: f_{purchaser} = f_{basic} \cdot r + m / 1000

    with the rebasing ratio :math:`r` and the margin term :math:`m` (kgCO2e per 1000 EUR) of [2]_.

    Parameters
    ----------
    ratio_kgco2e_per_eur : float
        Kilograms of CO2e per euro at basic prices.
    margin : Margin
        Row of the margins table for the same product.
    """
    return ratio_kgco2e_per_eur * margin.price_ratio + margin.margin_kgco2e_per_keur / EUR_PER_KEUR


def convert_ratio(
    ratio_kgco2e_per_eur: float,
    given: PriceBasis,
    wanted: PriceBasis,
    *,
    margin: Margin | None = None,
    vat_pct: float | None = None,
    index: str | None = None,
) -> float:
    """Return a ratio per euro on another basis.

    Each difference between the two bases needs its piece, named: `margin` for the valuation,
    `vat_pct` for the tax, `index` for the year. Margins apply to euros HT, at the ratio's own year:
    their term, per euro of their own year, is brought there by the index.

    Parameters
    ----------
    ratio_kgco2e_per_eur : float
        Kilograms of CO2e per euro of `given`.
    given, wanted : PriceBasis
        Basis of the ratio, and basis asked for.
    margin : Margin, optional
        Row of the margins table for the product.
    vat_pct : float, optional
        Rate of VAT, in percent, at least 0.
    index : str, optional
        Name of a price index (`lcc.carbon.prices.index_level`).

    Raises
    ------
    UnitError
        If a needed piece is not named.
    """
    ratio = ratio_kgco2e_per_eur
    if given.tax != wanted.tax and vat_pct is None:
        raise _missing(given, wanted, "name the rate of VAT: vat_pct=")
    with_tax = 1 + (vat_pct or 0) / PERCENT
    if (given.tax, wanted.tax) == ("TTC", "HT"):
        ratio *= with_tax
    if given.valuation != wanted.valuation:
        if margin is None:
            raise _missing(
                given, wanted, "name the margins of the product (table margins_figaro): margin="
            )
        if given.tax == wanted.tax == "TTC":
            raise _missing(given, wanted, "margins are per euro HT: convert the tax first")
        margin = _margin_of_year(margin, given, wanted, index)
        if wanted.valuation == "purchaser":
            ratio = calc_purchaser_ratio(ratio, margin)
        else:
            ratio = (ratio - margin.margin_kgco2e_per_keur / EUR_PER_KEUR) / margin.price_ratio
    if (given.tax, wanted.tax) == ("HT", "TTC"):
        ratio /= with_tax
    if given.year != wanted.year:
        if index is None:
            raise _missing(given, wanted, "name a price index, such as index='cpi-fr'")
        ratio *= deflate(index, given.year, wanted.year).value
    return ratio


def calc_emissions_kgco2e(
    spend_eur: float, spend: PriceBasis, ratio_kgco2e_per_eur: float, ratio: PriceBasis
) -> float:
    """Return spend times ratio, in kilograms of CO2e, when both are on one basis.

    Parameters
    ----------
    spend_eur : float
        Amount, in euros of `spend`.
    ratio_kgco2e_per_eur : float
        Kilograms of CO2e per euro of `ratio`.

    Raises
    ------
    UnitError
        If the two bases differ: convert the ratio first, naming what it needs.
    """
    if spend != ratio:
        raise _missing(
            ratio, spend, "convert the ratio to the basis of the spend first (convert_ratio)"
        )
    return spend_eur * ratio_kgco2e_per_eur


def _margin_of_year(
    margin: Margin, given: PriceBasis, wanted: PriceBasis, index: str | None
) -> Margin:
    """Return a margin with its term per euro of the ratio's year, by the index named."""
    if margin.data_year == given.year:
        return margin
    if index is None:
        raise _missing(given, wanted, "margins are of another year: name a price index, index=")
    moved = deflate(index, margin.data_year, given.year).value
    return replace(
        margin,
        margin_kgco2e_per_keur=margin.margin_kgco2e_per_keur * moved,
        data_year=given.year,
    )


def _missing(found: PriceBasis, expected: PriceBasis, remedy: str) -> UnitError:
    return UnitError(
        "a ratio per euro does not serve euros of another basis",
        found=str(found),
        expected=str(expected),
        remedy=remedy,
    )
