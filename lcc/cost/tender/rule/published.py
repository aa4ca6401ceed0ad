"""What a consultation publishes: criteria, weights, formulas, quantities, fields, parts."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = [
    "KINDS",
    "Consultation",
    "Criterion",
    "Field",
    "Lot",
    "Part",
    "QuantityLine",
    "Robustness",
    "Tender",
    "Variants",
]

KINDS = (
    "price",
    "life-cycle-cost",
    "jury",
    "co2-tonnes",
    "co2-euros",
    "co2-discount",
    "measured",
)
"""What a criterion may compare."""

Parameter = float | tuple[float, float] | str


@dataclass(frozen=True)
class Lot:
    """One lot: evaluated alone, never averaged with another."""

    key: str
    label: str


@dataclass(frozen=True)
class Consultation:
    """The consultation itself.

    Attributes
    ----------
    launched : date
        Day it was launched; decides which rules hold.
    purchase_kind : str
        `supplies`, `services` or `works`.
    standardised : bool
        Whether it buys standardised supplies or services.
    contract_years : float or None
        Duration of the contract, in years.
    lots : tuple of Lot
        Empty where there is one lot only.
    """

    reference: str
    title: str
    buyer: str
    launched: datetime.date
    purchase_kind: str
    standardised: bool = False
    contract_years: float | None = None
    lots: tuple[Lot, ...] = ()


@dataclass(frozen=True)
class Criterion:
    """One award criterion.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    formula : str
        Name of a formula of `scoring.FORMULAS`.
    parameters : mapping
        Parameters of the formula, by name: numbers, pairs of bounds, an expression.
    weight : float or None
        Points stated, on 100; None where only a range or a rank is.
    weight_range : (float, float) or None
        Least and most points the buyer may choose before opening the bids.
    rank : int or None
        Place in the decreasing order of importance, 1 first, where no weight is possible.
    basis : str
        Of the amount compared: `field` (the bidder's price), `dqe` (unit prices times published
        quantities) or `study` (the life-cycle cost).
    field : str or None
        Field compared (price or measured criterion).
    tonnes : str or None
        Where the tonnes come from, for a CO2 criterion: `study`, or the name of a field.
    better : str
        `lower` or `higher`: which value is the better one.
    scale : float or None
        Highest mark the jury may give; of an expression, the mark it gives at most.
    externalities : bool
        Whether the life-cycle cost compared counts the externalities.
    eur_per_tco2e : float or None
        Carbon value (`co2-euros`) or notional price (`co2-discount`), euros per tonne.
    reference_tco2e : float or None
        Emissions that reductions are counted from (`co2-discount` with tonnes emitted).
    environmental : bool
        Whether it takes the environment into account (R2152-7).
    evidence : str
        What the bidder must attach.
    justification : str
        Why the criterion relates to the contract.
    method : str
        How the jury marks, or the value is measured.
    """

    key: str
    label: str
    kind: str
    formula: str
    parameters: Mapping[str, Parameter] = dataclasses.field(default_factory=dict)
    weight: float | None = None
    weight_range: tuple[float, float] | None = None
    rank: int | None = None
    basis: str = "field"
    field: str | None = None
    tonnes: str | None = None
    better: str = "lower"
    scale: float | None = None
    externalities: bool = False
    eur_per_tco2e: float | None = None
    reference_tco2e: float | None = None
    environmental: bool = False
    evidence: str = ""
    justification: str = ""
    method: str = ""


@dataclass(frozen=True)
class QuantityLine:
    """One line of the estimated quantities (DQE).

    Attributes
    ----------
    quantity : float
        Published quantity over the whole contract, in `unit`.
    lot : str or None
        Lot it belongs to; all lots where None.
    part : str or None
        Option or tranche it belongs to; the base where None.
    """

    key: str
    label: str
    quantity: float
    unit: str
    lot: str | None = None
    part: str | None = None


@dataclass(frozen=True)
class Field:
    """One value each bid must give.

    Attributes
    ----------
    unit : str
        Unit the value is read in.
    minimum, maximum : float or None
        Limits of the value, inclusive.
    evidence : str
        What must be attached; empty where nothing is.
    evidence_level : str or None
        `contract` where only evidence on this contract counts.
    distribution : mapping
        Error of the stated value, such as ``{"lognormal_cv": 0.1}``; empty where none is stated.
    lot : str or None
        Lot it is asked for; all lots where None.
    """

    key: str
    label: str
    unit: str
    required: bool = True
    minimum: float | None = None
    maximum: float | None = None
    evidence: str = ""
    evidence_level: str | None = None
    distribution: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    lot: str | None = None


@dataclass(frozen=True)
class Part:
    """An option or a tranche.

    Attributes
    ----------
    kind : str
        `option`, `firm-tranche` or `optional-tranche`.
    compared : bool
        Whether its amount enters the comparison, as the rule states.
    field : str or None
        Field that gives its amount; None where its lines of the estimated quantities do.
    """

    key: str
    label: str
    kind: str
    compared: bool
    field: str | None = None


@dataclass(frozen=True)
class Variants:
    """Whether variants are admitted, and what they must keep to."""

    admitted: bool = False
    requirements: str = ""


@dataclass(frozen=True)
class Robustness:
    """Simulated bids of the study made before the opening; no part of the published rule.

    Attributes
    ----------
    consultations : int
        Number of consultations simulated.
    bids : int
        Bids in each.
    seed : int
        Seed of the draws.
    ranges : mapping of str to (float, float)
        Field → lowest and highest value simulated, in the field's unit.
    amounts : (float, float) or None
        Lowest and highest total of the estimated quantities simulated, in euros.
    estimate_eur : float or None
        The buyer's own estimate of the amount compared, with which low bids are compared.
    tonnes : (float, float) or None
        Lowest and highest emissions simulated, where no field gives them.
    jury : mapping of str to (float, float)
        Jury criterion → lowest and highest mark simulated.
    formulas : mapping of str to tuple of mapping
        Criterion → other formulas to compare, each with its parameters.
    """

    consultations: int = 2000
    bids: int = 5
    seed: int = 20260101
    ranges: Mapping[str, tuple[float, float]] = dataclasses.field(default_factory=dict)
    amounts: tuple[float, float] | None = None
    estimate_eur: float | None = None
    tonnes: tuple[float, float] | None = None
    jury: Mapping[str, tuple[float, float]] = dataclasses.field(default_factory=dict)
    formulas: Mapping[str, tuple[Mapping[str, Any], ...]] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True)
class Tender:
    """The rule of a consultation, checked.

    Attributes
    ----------
    weighting : str
        `points`, `ranges` or `ranks`.
    weighting_justification : str
        Why no weight is possible, where there are ranks.
    decimals : int
        Decimals each mark is rounded to, halves up, before marks are added.
    tie_break : str or None
        Criterion whose mark decides between equal totals; the buyer decides where None.
    study : mapping or None
        Sections of a life-cycle-cost study without alternatives, as `study_file` reads them.
    template : mapping or None
        The alternative every bid fills.
    content : mapping
        The file as read, from which the hash is made.
    hash : str
        SHA-256 of the canonical rule, in hexadecimal.
    notes : tuple of str
        In French, what the checks accept with a remark.
    """

    consultation: Consultation
    criteria: tuple[Criterion, ...]
    quantities: tuple[QuantityLine, ...] = ()
    fields: Mapping[str, Field] = dataclasses.field(default_factory=dict)
    parts: tuple[Part, ...] = ()
    variants: Variants = dataclasses.field(default_factory=Variants)
    weighting: str = "points"
    weighting_justification: str = ""
    decimals: int = 2
    tie_break: str | None = None
    study: Mapping[str, Any] | None = None
    template: Mapping[str, Any] | None = None
    robustness: Robustness | None = None
    content: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    hash: str = ""
    file: str = "tender"
    notes: tuple[str, ...] = ()

    def criterion(self, key: str) -> Criterion:
        """Return the criterion of a key (KeyError where there is none)."""
        for each in self.criteria:
            if each.key == key:
                return each
        raise KeyError(key)

    def quantities_of(self, lot: str | None) -> tuple[QuantityLine, ...]:
        """Return the lines of the estimated quantities of a lot."""
        return tuple(each for each in self.quantities if each.lot in (None, lot))

    def fields_of(self, lot: str | None) -> dict[str, Field]:
        """Return the fields asked for a lot, by name."""
        return {key: each for key, each in self.fields.items() if each.lot in (None, lot)}

    @property
    def lots(self) -> tuple[str | None, ...]:
        """Keys of the lots; one None where the consultation has a single lot."""
        return tuple(lot.key for lot in self.consultation.lots) or (None,)
