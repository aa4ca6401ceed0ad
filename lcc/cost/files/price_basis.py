"""Price year and tax basis of a study: prices of another basis are converted by name, or refused.

References
----------
.. [1] Code général des collectivités territoriales, articles L1615-1 and following (FCTVA).
"""

from __future__ import annotations

from dataclasses import dataclass

from lcc.carbon.prices import index_level
from lcc.errors import FieldError

__all__ = ["PriceBasisOfStudy", "convert_price_year"]


def convert_price_year(
    given_year: int, wanted_year: int, index: str, *, file: str = "", field: str = "price_year"
) -> float:
    """Return how many euros of `wanted_year` buy what one euro of `given_year` bought.

    Raises
    ------
    FieldError
        If the index does not know one of the two years: a held index would be a guess.
    """
    before, after = index_level(index, given_year), index_level(index, wanted_year)
    for year, level in ((given_year, before), (wanted_year, after)):
        if level.held:
            raise FieldError(
                f"the index {index} does not know the year {year}",
                file=file or None,
                field=field,
                found=str(year),
                expected="a year of the index",
                remedy="choose another price year for the study, or state the price in its year",
            )
    return after.value / before.value


@dataclass(frozen=True)
class PriceBasisOfStudy:
    """What one euro of a study means: its year, its tax, what of the tax comes back.

    Attributes
    ----------
    price_year : int
    tax_basis : {"HT", "TTC"}
        TTC where VAT is a cost of the buyer.
    index : str or None
        Price index that brings other years to `price_year`; None refuses them.
    fctva_rate : float
        Share of investment including VAT that the compensation fund refunds [1]_.
    """

    price_year: int
    tax_basis: str = "HT"
    index: str | None = None
    fctva_rate: float = 0.0

    def ratio(
        self,
        price_year: int,
        tax: str,
        vat_rate: float | None,
        *,
        file: str = "",
        field: str = "",
    ) -> float:
        """Return what an amount of another basis is multiplied by.

        Parameters
        ----------
        price_year : int
            Year of the amount's euros.
        tax : {"HT", "TTC"}
            Whether the amount holds VAT.
        vat_rate : float or None
            Rate of VAT, as a fraction.

        Raises
        ------
        FieldError
            If the year differs and no index is named, or the tax differs and no rate is stated.
        """
        ratio = 1.0
        if price_year != self.price_year:
            if self.index is None:
                raise FieldError(
                    "prices of two years do not add",
                    file=file or None,
                    field=f"{field}.price_year",
                    found=str(price_year),
                    expected=f"{self.price_year}, the price year of the study",
                    remedy="name a price_index in [study], or state the price in the study's year",
                )
            ratio *= convert_price_year(
                price_year, self.price_year, self.index, file=file, field=f"{field}.price_year"
            )
        if tax != self.tax_basis:
            if vat_rate is None:
                raise FieldError(
                    "a price HT and a price TTC do not add",
                    file=file or None,
                    field=f"{field}.tax",
                    found=tax,
                    expected=f"{self.tax_basis}, the tax basis of the study",
                    remedy="state vat_rate, or give the price on the basis of the study",
                )
            ratio *= 1 + vat_rate if self.tax_basis == "TTC" else 1 / (1 + vat_rate)
        return ratio
