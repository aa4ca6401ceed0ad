"""A life-cycle-cost study as data: dates, rates, prices, alternatives and their items.

These classes hold what a study says and nothing that follows from it; `lcc.cost.files.study` makes
them from a file, `lcc.cost.engine.model` computes. A *number* is a float or a distribution; a
*product* is numbers and names of parameters multiplied together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal

from lcc.cost.externalities.carbon_value import CarbonPath
from lcc.cost.externalities.double_counting import Correction
from lcc.cost.rates.annuities import PriceDate
from lcc.cost.rates.discounting import Basis, Convention, RateBands
from lcc.cost.rates.escalation import CONSTANT_REAL, Growth
from lcc.uncertainty.distributions import Distribution

__all__ = [
    "CATEGORY_OF_KIND",
    "HORIZON_RULES",
    "INVESTMENT_KINDS",
    "KINDS",
    "STAGES",
    "Alternative",
    "Discount",
    "Escalation",
    "ExternalitySettings",
    "Factor",
    "Item",
    "Loan",
    "Number",
    "Origin",
    "Parameter",
    "Price",
    "Product",
    "Residual",
    "Study",
]

Number = float | Distribution
Product = tuple[Number | str, ...]
HorizonRule = Literal["common-horizon", "contract-term", "least-common-multiple", "annuity"]
Tax = Literal["HT", "TTC"]
Stage = Literal["production", "use", "end-of-life", "whole", "avoided"]

STAGES: Final = ("production", "use", "end-of-life", "whole", "avoided")

HORIZON_RULES: Final = ("common-horizon", "contract-term", "least-common-multiple", "annuity")

CATEGORY_OF_KIND: Final[dict[str, str]] = {
    "purchase": "acquisition",
    "one-off": "operation",
    "recurring": "operation",
    "replacement": "replacement",
    "residual": "residual",
    "disposal": "end-of-life",
    "revenue": "revenue",
    "loan": "financing",
    "lease": "financing",
}
"""Kind of item → category it is shown under unless it says otherwise."""

KINDS: Final = tuple(CATEGORY_OF_KIND)

INVESTMENT_KINDS: Final = frozenset({"purchase", "replacement", "residual", "disposal"})
"""Kinds whose costs are investment in SIR and AIRR; loans and leases never are."""


@dataclass(frozen=True)
class Origin:
    """Where a figure comes from: published source, the user's own, or an illustration."""

    source: str = ""
    status: str = "user"
    note: str = ""


@dataclass(frozen=True)
class Parameter:
    """A named quantity: hours, kilometres, power. Shared by all alternatives, or one's own."""

    name: str
    value: Number
    unit: str = ""
    label: str = ""
    label_en: str = ""
    origin: Origin = Origin()


@dataclass(frozen=True)
class Escalation:
    """Growth of a price, and the number behind it.

    Attributes
    ----------
    growth : Growth
    rate_per_year : Number
        The constant rate, or what is added to each year of a list.
    key : str
        Name of the input that holds the number; what shares the key shares the draw.
    """

    growth: Growth = CONSTANT_REAL
    rate_per_year: Number = 0.0
    key: str = ""


@dataclass(frozen=True)
class Price:
    """A price per unit, shared by all alternatives.

    Attributes
    ----------
    value : Number
        In `unit`, on the tax basis and in the price year of the file; `to_basis` brings it to
        those of the study.
    to_basis : float
        Multiplier from the price's own tax basis and year to the study's.
    carbon_component_eur_per_tco2e : float, optional
        Carbon price that the price already contains, on the price's own tax basis and year; None
        where it was not declared.
    taxed_kgco2e_per_unit : float, optional
        Kilograms per unit that this component is paid on, where they are not all those of the
        factor: a tax on combustion leaves out what comes before it.
    """

    name: str
    value: Number
    unit: str
    escalation: Escalation = Escalation()
    price_at: PriceDate = "base-date"
    to_basis: float = 1.0
    carbon_component_eur_per_tco2e: float | None = None
    taxed_kgco2e_per_unit: float | None = None
    label: str = ""
    label_en: str = ""
    origin: Origin = Origin()


@dataclass(frozen=True)
class Factor:
    """Emissions per unit of a quantity, shared by all alternatives."""

    name: str
    value: Number
    unit: str
    change_per_year: Number = 0.0
    stage: Stage = "whole"
    factor_id: str = ""
    label: str = ""
    label_en: str = ""
    origin: Origin = Origin()


@dataclass(frozen=True)
class Residual:
    """What is left of a purchase at the end of the study.

    Attributes
    ----------
    method : {"linear", "declining", "fraction", "market"}
        Share of the life that remains; value times ``(1 - rate)^age``; stated share; stated amount.
    on : {"first", "escalated", "re-escalated"}
        Price the share applies to: that of the base date, that of the purchase, or the purchase's
        with its growth continued to the end.
    """

    method: Literal["linear", "declining", "fraction", "market"] = "linear"
    on: Literal["first", "escalated", "re-escalated"] = "first"
    rate_per_year: Product = (0.0,)
    fraction: Product = (0.0,)
    amount_eur: Product = (0.0,)


@dataclass(frozen=True)
class Loan:
    """Terms of a loan, fixed in current euros.

    Attributes
    ----------
    rate_per_year : Product
        Nominal yearly rate: that of a period is its part in proportion, as lenders count.
    term_years : int
    repayment : {"annuity", "linear", "bullet"}
    payments_per_year : int
        1, 2, 4 or 12.
    """

    rate_per_year: Product
    term_years: int
    repayment: Literal["annuity", "linear", "bullet"] = "annuity"
    payments_per_year: int = 1


@dataclass(frozen=True)
class Item:
    """One line of an alternative: dated costs, with the quantity and the emissions behind them.

    Attributes
    ----------
    amount_eur : Product, optional
        Euros per occurrence (per year or per month for recurring items); None where the amount is a
        quantity times a price.
    amounts_eur : tuple of float
        Euros by year of service, instead of one amount.
    quantity : Product
        What is bought, used or emitted; `unit` is that of the plain numbers in it.
    at_year : Product, optional
        Years from the base date (or from service) to the first occurrence.
    to_basis : float
        Multiplier from the item's own tax basis and price year to the study's; 1 where a named
        price has its own.
    share_paid : float
        Share of the cost that no compensation fund refunds.
    phases : tuple of (months, share)
        Phased construction: months after `at_year`, and shares that add up to one.
    """

    name: str
    kind: str
    category: str
    investment: bool
    label_en: str = ""
    amount_eur: Product | None = None
    amounts_eur: tuple[float, ...] = ()
    quantity: Product = ()
    unit: str = ""
    price: str | None = None
    price_eur_per_unit: Product | None = None
    price_unit: str = ""
    factor: str | None = None
    emissions_kgco2e: Product | None = None
    emissions_stage: Stage = "production"
    at_year: Product | None = None
    counted_from: Literal["base", "service"] = "base"
    life_years: Product | None = None
    replaced: bool = True
    replacement_eur: Product | None = None
    phases: tuple[tuple[float, float], ...] = ((0.0, 1.0),)
    residual: Residual | None = None
    every_years: int = 1
    first_year: int | None = None
    last_year: int | None = None
    per: Literal["year", "month"] = "year"
    escalation: Escalation = Escalation()
    price_at: PriceDate = "base-date"
    to_basis: float = 1.0
    share_paid: float = 1.0
    loan: Loan | None = None
    asset: str = ""
    origin: Origin = Origin()


@dataclass(frozen=True)
class Alternative:
    """One way to meet the need."""

    key: str
    label: str
    items: tuple[Item, ...]
    label_en: str = ""
    life_years: Product | None = None
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    origin: Origin = Origin()


@dataclass(frozen=True)
class Discount:
    """The discount rate: one number, or bands; on the basis of the study."""

    rate_per_year: Number = 0.0
    bands: RateBands | None = None
    given_basis: Basis = "real"
    origin: Origin = Origin()


@dataclass(frozen=True)
class ExternalitySettings:
    """The carbon value, in euros of the study's price year, and the guard chosen.

    Attributes
    ----------
    path : CarbonPath
    double_counting : {"subtract-from-price", "difference"}
    multiplier : Number
        Of the whole path, for doubt and for sensitivity; 1 as published.
    """

    path: CarbonPath
    double_counting: Correction
    multiplier: Number = 1.0


@dataclass(frozen=True)
class Study:
    """A whole study; see `lcc.cost.files.study` for its file."""

    key: str
    title: str
    base_date: date
    period_years: Number
    alternatives: tuple[Alternative, ...]
    discount: Discount
    price_year: int
    service_date: date | None = None
    title_en: str = ""
    horizon_rule: HorizonRule = "common-horizon"
    price_basis: Basis = "real"
    tax_basis: Tax = "HT"
    fctva_rate: float = 0.0
    discounting: Convention = "end-of-year"
    inflation_per_year: Number | None = None
    reference: str = ""
    illustrative: bool = False
    note: str = ""
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    prices: Mapping[str, Price] = field(default_factory=dict)
    factors: Mapping[str, Factor] = field(default_factory=dict)
    externalities: ExternalitySettings | None = None
    file: str = ""
    source_text: str = field(default="", repr=False, compare=False)

    @property
    def keys(self) -> tuple[str, ...]:
        """Keys of the alternatives, in order."""
        return tuple(each.key for each in self.alternatives)

    def alternative(self, key: str) -> Alternative:
        """Return an alternative by its key."""
        return next(each for each in self.alternatives if each.key == key)
