r"""Official discount rates, dated: what a state tells its own services to discount by.

None of them binds a French local authority in a tender: the buyer states its rate in the
consultation. They are there to be named, compared and swept.

References
----------
.. [1] France Stratégie (2021). Guide de l'évaluation socioéconomique des investissements publics,
   complément opérationnel I, Révision du taux d'actualisation. Validated on 21 October 2021.
.. [2] HM Treasury. The Green Book, annex A6 (editions of 2022 and February 2026).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from lcc.errors import FieldError, MissingFactorError
from lcc.tables import load_reference

__all__ = ["OfficialRate", "calc_risk_adjusted_rate", "list_official_rates", "load_official_rate"]

FOLDER = "emission_factors"


@dataclass(frozen=True)
class OfficialRate:
    """An official discount rate, constant or by bands.

    Attributes
    ----------
    until_years : tuple of float
        Last year of each band, from the base date; the last one is infinite.
    rates_per_year : tuple of float
        Rate of each band, as a fraction.
    basis : {"real", "nominal"}
        Of constant euros, or of current ones.
    valid_from : str
        Date, month or year.
    risk_free_per_year, risk_premium_per_year : float or None
        Parts of a rate that its source builds up.
    """

    name: str
    label_fr: str
    label_en: str
    until_years: tuple[float, ...]
    rates_per_year: tuple[float, ...]
    basis: Literal["real", "nominal"]
    valid_from: str
    geography: str
    confidence: str
    source: str
    note: str
    risk_free_per_year: float | None
    risk_premium_per_year: float | None

    @property
    def is_constant(self) -> bool:
        """Whether one rate holds for all years."""
        return len(self.rates_per_year) == 1


def calc_risk_adjusted_rate(
    risk_free_per_year: float, risk_premium_per_year: float, beta: float
) -> float:
    r"""Return a discount rate built from its parts: :math:`r_f + \beta \varphi`.

    Parameters
    ----------
    risk_free_per_year, risk_premium_per_year : float
        Fractions: 0.012 and 0.02 in France since 2021 [1]_.
    beta : float
        Sensitivity of the project's benefits to growth; 1 by convention where it is not known.

    Raises
    ------
    FieldError
        If one of them is not a number.
    """
    parts = (risk_free_per_year, risk_premium_per_year, beta)
    if not all(map(math.isfinite, parts)):
        raise FieldError(
            "a discount rate is built from numbers",
            field="rate_per_year",
            found=", ".join(map(str, parts)),
            expected="risk-free rate, premium and beta",
        )
    return risk_free_per_year + beta * risk_premium_per_year


def list_official_rates() -> tuple[str, ...]:
    """Return the names of the shipped official rates."""
    return tuple(_rates())


def load_official_rate(name: str) -> OfficialRate:
    """Return an official discount rate by its name.

    Parameters
    ----------
    name : str
        ``fr-2021`` [1]_, ``fr-2005``, ``fr-1985``, ``uk-green-book`` [2]_, ``us-femp-2024`` or
        ``us-femp-2024-nominal``.

    Raises
    ------
    MissingFactorError
        If no rate has this name.
    """
    bands = _rates().get(name)
    if bands is None:
        raise MissingFactorError(
            f"no official discount rate called {name}",
            field="discount",
            found=name,
            expected=", ".join(_rates()),
            remedy="name one of these, or state rate_per_year with its source",
        )
    first = bands[0]
    return OfficialRate(
        name=name,
        label_fr=first["label_fr"],
        label_en=first["label_en"],
        until_years=tuple(
            math.inf if band["until_year"] is None else float(band["until_year"]) for band in bands
        ),
        rates_per_year=tuple(band["rate_per_year"] for band in bands),
        basis=first["basis"],
        valid_from=first["valid_from"],
        geography=first["geography"],
        confidence=first["confidence"],
        source=f"{first['source']}, {first['source_version']}",
        note=first["note"] or "",
        risk_free_per_year=first["risk_free_per_year"],
        risk_premium_per_year=first["risk_premium_per_year"],
    )


@cache
def _rates() -> dict[str, list[dict[str, Any]]]:
    """Return the bands of each rate, in order."""
    rates: dict[str, list[dict[str, Any]]] = {}
    for row in load_reference(FOLDER, "discount_rate").to_pylist():
        rates.setdefault(row["rate_name"], []).append(row)
    return {name: sorted(rows, key=lambda row: row["band"]) for name, rows in rates.items()}
