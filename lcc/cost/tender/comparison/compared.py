"""What each criterion compares, for all bids together: euros, tonnes, measures, a jury's marks.

A bid becomes an alternative of the life-cycle-cost study the rule publishes: its fields are the
alternative's own parameters, its compared amount the parameter `price`. What bids share (prices of
energy, hours, rates, carbon value) is one input with one draw; what a bid states is its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lcc.cost.engine.inputs import Input
from lcc.cost.engine.model import Evaluation as CostEvaluation
from lcc.cost.engine.model import Model
from lcc.cost.files.study import build_study
from lcc.cost.tender.bids.bid import Bid
from lcc.cost.tender.comparison.amounts import Amount, calc_amount, price_basis
from lcc.cost.tender.rule.published import Criterion, Field, Tender
from lcc.errors import FieldError
from lcc.uncertainty.distributions import Distribution
from lcc.units import KG_PER_TONNE

__all__ = [
    "ERROR_FORMS",
    "PRICE",
    "CarbonPrices",
    "Comparison",
    "check_study",
    "company_level",
    "fields_in_template",
    "stated_distribution",
    "trial_model",
    "unit_of",
]

Floats = NDArray[np.float64]
CarbonPrices = Mapping[str, Floats | float]
"""Criterion → carbon value or notional price in place of the published one, in euros per tonne."""

ERROR_FORMS = ("lognormal_cv", "normal_cv", "uniform_share")
"""Errors a field may have: coefficient of variation, or half-width as a share of the value."""

PRICE = "price"
"""Parameter of the template that holds the compared amount of the bid."""


def unit_of(criterion: Criterion, tender: Tender) -> str:
    """Return the unit of what a criterion compares."""
    if criterion.kind == "co2-tonnes":
        return "tCO2e"
    if criterion.kind == "measured":
        return tender.fields[str(criterion.field)].unit
    return "points" if criterion.kind == "jury" else "EUR"


def fields_in_template(tender: Tender) -> list[str]:
    """Return the fields that the template's items name, in the tender's order."""
    named: set[str] = set()

    def walk(value: Any) -> None:
        if isinstance(value, str):
            named.add(value)
        elif isinstance(value, Mapping):
            for each in value.values():
                walk(each)
        elif isinstance(value, list | tuple):
            for each in value:
                walk(each)

    walk(tender.template or {})
    return [key for key in tender.fields if key in named]


def stated_distribution(field: Field, value: float, *, file: str) -> Distribution | None:
    """Return the distribution of the true value behind a stated one; its mean is the stated one.

    Parameters
    ----------
    field : Field
        With ``{"lognormal_cv": cv}``, ``{"normal_cv": cv}`` or ``{"uniform_share": share}``.
    value : float
        As stated, in the field's unit. A negative value takes a normal error: no lognormal is
        negative.
    file : str
        Name of the tender's file, for messages.

    Raises
    ------
    FieldError
        If the error is of no known form or its number out of range.
    """
    if not field.distribution:
        return None
    where = f"fields.{field.key}.distribution"
    form, number = next(iter(field.distribution.items()))
    plain = isinstance(number, int | float) and not isinstance(number, bool)
    if len(field.distribution) != 1 or form not in ERROR_FORMS or not plain or not number >= 0:
        raise FieldError(
            "the error of a field is one number of at least 0, of a known form",
            file=file,
            field=where,
            found=str(dict(field.distribution)),
            expected=" | ".join(f"{{ {each} = 0.1 }}" for each in ERROR_FORMS),
        )
    if form == "uniform_share":
        reach = abs(value) * float(number)
        return Distribution("uniform", (value - reach, value + reach))
    if form == "lognormal_cv" and value >= 0:
        return Distribution("lognormal", (value, float(number)))
    return Distribution("normal", (value, abs(value) * float(number)))


@dataclass(frozen=True)
class Comparison:
    """The bids of one lot, ready to be compared for one value of the inputs or for many.

    Attributes
    ----------
    bids : tuple of Bid
        In the order of the last axis of all arrays.
    amounts : tuple of Amount or None
        Compared amount of each.
    model : Model or None
        The study with one alternative per bid; None where the rule has none.
    inputs : mapping of str to Input
        Everything that may be drawn or moved: the study's inputs, and ``BID.parameters.FIELD`` for
        fields that criteria compare without a study.
    """

    tender: Tender
    bids: tuple[Bid, ...]
    amounts: tuple[Amount | None, ...]
    model: Model | None
    inputs: Mapping[str, Input]

    @classmethod
    def build(cls, tender: Tender, bids: Sequence[Bid]) -> Comparison:
        """Return the comparison of complete bids of one lot.

        Raises
        ------
        FieldError, UnitError
            If a bid lacks a value that is compared, or the study cannot be built with it.
        """
        amounts = tuple(calc_amount(tender, bid) for bid in bids)
        model = _build_model(tender, bids, amounts) if _needs_study(tender) and bids else None
        inputs = dict(model.inputs) if model is not None else {}
        for bid, amount in zip(bids, amounts, strict=True):
            price = f"{bid.key}.parameters.{PRICE}"
            if amount is not None and price not in inputs:
                label = f"{bid.name} : prix comparé"
                inputs[price] = Input(price, label, "EUR", amount.compared_eur, None, shared=False)
            for field in _compared_fields(tender, bid):
                name = f"{bid.key}.parameters.{field.key}"
                value = bid.values.get(field.key)
                if name not in inputs and value is not None:
                    inputs[name] = Input(
                        name,
                        f"{bid.name} : {field.label}",
                        field.unit,
                        value,
                        stated_distribution(field, value, file=tender.file),
                        shared=False,
                    )
        return cls(tender, tuple(bids), amounts, model, inputs)

    @property
    def uncertain(self) -> dict[str, Input]:
        """Inputs that have a distribution, by name."""
        return {name: each for name, each in self.inputs.items() if each.distribution is not None}

    def evaluate(
        self,
        values: Mapping[str, Floats | float] | None = None,
        *,
        carbon_prices: CarbonPrices | None = None,
    ) -> dict[str, Floats]:
        """Return what each criterion compares.

        Parameters
        ----------
        values : mapping of str to float or array, shape (draws,)
            Values of some inputs; the others keep their central one.
        carbon_prices : mapping of str to float or array, shape (draws,), optional
            Criterion → euros per tonne in place of the published ones.

        Returns
        -------
        dict of str to array, shape (draws, bids)
            Criterion → euros, tonnes, measures or marks of the jury; one row where nothing is
            drawn.

        Raises
        ------
        FieldError
            If a jury's mark is missing or off its scale, or an input does not exist.
        """
        given = dict(values or {})
        prices = dict(carbon_prices or {})
        rows = max([1, *(np.size(each) for each in (*given.values(), *prices.values()))])
        cost = None
        if self.model is not None:
            known = {name: each for name, each in given.items() if name in self.model.inputs}
            cost = self.model.evaluate(known)
        compared = {}
        for criterion in self.tender.criteria:
            found = self._compare(criterion, given, cost, prices.get(criterion.key))
            compared[criterion.key] = np.array(
                np.broadcast_to(found, (rows, len(self.bids))), dtype=np.float64
            )
        return compared

    def emitted_tonnes(self, criterion: Criterion) -> Floats:
        """Return the tonnes of each bid at central values, shape (bids,).

        For a notional discount on reductions stated as such, the reductions with their sign turned:
        differences between bids are those of emissions.
        """
        cost = self.model.evaluate() if self.model is not None else None
        tonnes = self._tonnes(criterion, {}, cost)[0]
        stated = criterion.kind == "co2-discount" and criterion.reference_tco2e is None
        return np.asarray(-tonnes if stated else tonnes)

    def _compare(
        self,
        criterion: Criterion,
        values: Mapping[str, Floats | float],
        cost: CostEvaluation | None,
        carbon_price: Floats | float | None,
    ) -> Floats:
        """Return what one criterion compares, shape (rows or 1, bids)."""
        match criterion.kind:
            case "jury":
                found = np.array([[_jury_mark(bid, criterion) for bid in self.bids]])
            case "measured":
                found = self._field(str(criterion.field), values)
            case "co2-tonnes":
                found = self._tonnes(criterion, values, cost)
            case "life-cycle-cost":
                assert cost is not None
                found = cost.compared_eur(externalities=criterion.externalities)
            case "price":
                found = self._price(values)
            case _:
                price = criterion.eur_per_tco2e if carbon_price is None else carbon_price
                tonnes = self._counted_tonnes(criterion, self._tonnes(criterion, values, cost))
                found = self._price(values) + tonnes * np.reshape(np.asarray(price), (-1, 1))
        return found

    def _counted_tonnes(self, criterion: Criterion, tonnes: Floats) -> Floats:
        """Return the tonnes an amount is moved by: added as emitted, taken off as reduced."""
        if criterion.kind == "co2-euros":
            return tonnes
        reduction = tonnes
        if criterion.reference_tco2e is not None:
            reduction = np.maximum(criterion.reference_tco2e - tonnes, 0.0)
        proven = [company_level(self.tender, bid, criterion) is None for bid in self.bids]
        return -np.where(np.array(proven), reduction, 0.0)

    def _price(self, values: Mapping[str, Floats | float]) -> Floats:
        """Return compared amounts."""
        columns = []
        for bid, amount in zip(self.bids, self.amounts, strict=True):
            assert amount is not None
            given = values.get(f"{bid.key}.parameters.{PRICE}", amount.compared_eur)
            columns.append(np.reshape(np.asarray(given, dtype=np.float64), -1))
        return _stack(columns)

    def _field(self, name: str, values: Mapping[str, Floats | float]) -> Floats:
        columns = []
        for bid in self.bids:
            given = values.get(f"{bid.key}.parameters.{name}", bid.values.get(name))
            if given is None:
                raise FieldError(
                    "a bid lacks a value that is compared",
                    file=bid.file or bid.key,
                    field=f"values.{name}",
                    found="nothing",
                    expected=self.tender.fields[name].label,
                    remedy="make the field required, or ask the bidder",
                )
            columns.append(np.reshape(np.asarray(given, dtype=np.float64), -1))
        return _stack(columns)

    def _tonnes(
        self,
        criterion: Criterion,
        values: Mapping[str, Floats | float],
        cost: CostEvaluation | None,
    ) -> Floats:
        if criterion.tonnes == "study":
            assert cost is not None
            return cost.emissions_tco2e
        name = str(criterion.tonnes)
        kilograms = self.tender.fields[name].unit == "kgCO2e"
        return self._field(name, values) / (KG_PER_TONNE if kilograms else 1)


def company_level(tender: Tender, bid: Bid, criterion: Criterion) -> Field | None:
    """Return the first field of a criterion that a bid proves only for the company as a whole.

    Criteria on tonnes and measures only: a cost that is not proven is asked for again instead.
    """
    if criterion.kind not in ("co2-tonnes", "co2-discount", "measured"):
        return None
    names = [criterion.field] if criterion.kind == "measured" else [criterion.tonnes]
    if criterion.tonnes == "study":
        names = [*fields_in_template(tender)]
    for name in names:
        field = tender.fields.get(str(name))
        if field is None or field.evidence_level != "contract":
            continue
        given = bid.evidence.get(field.key)
        if given is None or not given.document or given.level == "company":
            return field
    return None


def check_study(tender: Tender) -> None:
    """Raise where the study and the template of a rule cannot be computed for a bid.

    A bid in the middle of its limits is tried, so that an unknown unit or name is found when the
    rule is read, and not when the bids are.

    Raises
    ------
    FieldError, UnitError
        As the study's reader and the engine do; or if the template names an optional field.
    """
    named = fields_in_template(tender)
    for name in named:
        if not tender.fields[name].required:
            raise FieldError(
                "the template names a field that a bid may leave empty",
                file=tender.file,
                field=f"fields.{name}.required",
                found="false",
                expected="true, since a cost is computed from it",
            )
    for field in tender.fields.values():
        stated_distribution(field, _middle(field), file=tender.file)
    for lot in tender.lots:
        model = trial_model(tender, lot)
        if model is not None:
            model.evaluate()


def trial_model(tender: Tender, lot: str | None) -> Model | None:
    """Return the study with one bid in the middle of its limits; None where the rule has none."""
    if tender.study is None or tender.template is None or not _needs_study(tender):
        return None
    values = {name: _middle(field) for name, field in tender.fields_of(lot).items()}
    bid = Bid("essai", "Essai", values, lot=lot)
    amount = Amount(1.0, 1.0, {}, {}) if price_basis(tender)[0] != "none" else None
    return _build_model(tender, [bid], [amount])


def _middle(field: Field) -> float:
    """Return a value within the limits of a field."""
    if field.minimum is not None and field.maximum is not None:
        return (field.minimum + field.maximum) / 2
    if field.minimum is not None:
        return field.minimum + 1.0
    return field.maximum - 1.0 if field.maximum is not None else 1.0


def _needs_study(tender: Tender) -> bool:
    return any(each.basis == "study" or each.tonnes == "study" for each in tender.criteria)


def _build_model(tender: Tender, bids: Sequence[Bid], amounts: Sequence[Amount | None]) -> Model:
    """Return the study with one alternative per bid."""
    assert tender.study is not None and tender.template is not None
    named = fields_in_template(tender)
    alternatives = []
    for bid, amount in zip(bids, amounts, strict=True):
        parameters: dict[str, Any] = dict(tender.template.get("parameters", {}))
        for name in named:
            field, value = tender.fields[name], bid.values.get(name)
            if value is None or name == PRICE:
                continue
            distribution = stated_distribution(field, value, file=tender.file)
            parameters[name] = {
                "value": value if distribution is None else distribution.to_mapping(),
                "unit": field.unit,
                "label": field.label,
            }
        if amount is not None:
            parameters[PRICE] = {"value": amount.compared_eur, "unit": "EUR", "label": "Prix"}
        alternatives.append(
            {**tender.template, "key": bid.key, "label": bid.name, "parameters": parameters}
        )
    study = build_study({**tender.study, "alternatives": alternatives}, file=tender.file)
    return Model(study)


def _compared_fields(tender: Tender, bid: Bid) -> list[Field]:
    """Return the fields that criteria compare, directly or through the study."""
    names = {each.field for each in tender.criteria if each.basis == "field"}
    names |= {each.tonnes for each in tender.criteria}
    fields = tender.fields_of(bid.lot)
    return [fields[name] for name in fields if name in names]


def _jury_mark(bid: Bid, criterion: Criterion) -> float:
    mark = bid.jury.get(criterion.key)
    scale = float(criterion.scale or 0.0)
    if mark is None or not 0 <= mark <= scale:
        raise FieldError(
            "the jury gave no mark" if mark is None else "a mark of the jury is off its scale",
            file=bid.jury_file or "the jury's marks",
            field=bid.jury_places.get(criterion.key, f"marks.{bid.key}.{criterion.key}"),
            found="nothing" if mark is None else f"{mark:g}",
            expected=f"a mark from 0 to {scale:g} for « {criterion.label} », bid {bid.key} "
            f"({bid.name[:60]})",
            remedy="complete the jury's marks, or record the decision that sets the bid aside",
        )
    return mark


def _stack(columns: Sequence[Floats]) -> Floats:
    """Return columns of one row or of all rows side by side."""
    rows = max(each.size for each in columns)
    return np.column_stack([np.broadcast_to(each, (rows,)) for each in columns])
