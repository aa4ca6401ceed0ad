"""Items made ready for computing: every number a term, every unit settled once.

What an item says is checked here against units, prices and factors, before any year or draw.
"""

from __future__ import annotations

from dataclasses import dataclass

from lcc.cost.engine.inputs import InputTable, Term
from lcc.cost.externalities.double_counting import check_double_counting
from lcc.cost.study import Alternative, Escalation, Factor, Item, Price, Product
from lcc.errors import FieldError, UnitError
from lcc.units import KG_PER_TONNE, product_ratio

__all__ = ["CompiledItem", "Emission", "compile_item"]

ONE = Term(1.0, ())

FIELD_WORDS = {
    "amount_eur": ("montant", "amount"),
    "quantity": ("quantité", "quantity"),
    "price_eur_per_unit": ("prix unitaire", "unit price"),
    "emissions_kgco2e": ("émissions", "emissions"),
    "at_year": ("année", "year"),
    "life_years": ("durée de vie", "life"),
    "replacement_eur": ("prix de renouvellement", "renewal price"),
    "residual": ("valeur résiduelle", "residual value"),
    "rate_per_year": ("taux du prêt", "rate of the loan"),
}
"""Field of an item → what its number is, in French and in English."""


@dataclass(frozen=True)
class Emission:
    """Kilograms of CO2e per occurrence of an item, and how the factor moves.

    Attributes
    ----------
    kg : Term
        Kilograms of CO2e per occurrence (per year or month for recurring items).
    change : str
        Name of the input that holds the yearly change of the factor; empty for none.
    avoided : bool
        Shown apart: never subtracted from emissions, never valued.
    component : Term or None
        Carbon cost that the price already contains, in euros per occurrence at base-date price.
    """

    kg: Term
    change: str
    avoided: bool
    component: Term | None = None

    @property
    def component_eur_per_tco2e(self) -> float | None:
        """The carbon component, where it is paid on the very kilograms that are counted."""
        if self.component is None or self.component.names != self.kg.names or not self.kg.ratio:
            return None
        return self.component.ratio / self.kg.ratio * KG_PER_TONNE


@dataclass(frozen=True)
class CompiledItem:
    """An item whose numbers are terms."""

    item: Item
    escalation: Escalation
    price_at: str
    amount: Term | None
    emissions: tuple[Emission, ...]
    renewal_emissions: tuple[Emission, ...]
    at: Term | None
    life: Term | None
    replacement: Term | None
    residual: Term | None
    loan_rate: Term | None


def compile_item(item: Item, alternative: Alternative, table: InputTable) -> CompiledItem:
    """Return an item whose numbers are terms, its inputs registered.

    Raises
    ------
    FieldError
        If a name is no parameter, or an energy price under a carbon path does not say what it
        already contains.
    UnitError
        If quantity, price and factor do not agree.
    """
    maker = _Maker(item, alternative, table)
    replacement = maker.money(item.replacement_eur, "replacement_eur")
    price = table.study.prices[item.price] if item.price is not None else None
    return CompiledItem(
        item=item,
        escalation=price.escalation if price is not None else item.escalation,
        price_at=price.price_at if price is not None else item.price_at,
        amount=maker.paid(maker.amount(price)),
        emissions=tuple(maker.emissions(price)),
        renewal_emissions=tuple(maker.emissions(price, replacement)),
        at=maker.optional(item.at_year, "at_year", "year"),
        life=maker.optional(item.life_years, "life_years", "year"),
        replacement=maker.paid(replacement),
        residual=maker.residual(),
        loan_rate=maker.optional(item.loan.rate_per_year, "rate_per_year", "")
        if item.loan is not None
        else None,
    )


class _Maker:
    """Makes the terms of one item."""

    def __init__(self, item: Item, alternative: Alternative, table: InputTable) -> None:
        self.item = item
        self.alternative = alternative
        self.table = table
        self.study = table.study
        escalation = item.escalation
        if escalation.key:
            self._register_growth(escalation, item.name, item.label_en or item.name)

    def _register_growth(self, escalation: Escalation, label: str, label_en: str) -> None:
        """Register the number behind a growth, named after the series or after what grows."""
        if not escalation.key:
            return
        name = escalation.growth.name
        self.table.add(
            escalation.key,
            escalation.rate_per_year,
            label=f"Évolution du prix : {name or label}",
            label_en=f"Growth of the price: {name or label_en}",
            unit="1/year",
            shared=escalation.key.startswith(("series.", "prices.")),
        )

    def optional(self, product: Product | None, key: str, target: str) -> Term | None:
        """Return a product as a term, or None."""
        if product is None:
            return None
        return self._term(product, target, key)

    def _term(
        self, product: Product, target: str | list[str], key: str, unit: str | None = None
    ) -> Term:
        field = f"{self.alternative.key}.{self.item.name}.{key}"
        what, what_en = FIELD_WORDS[key.partition(".")[0]]
        name_en = self.item.label_en or self.item.name
        option_en = self.alternative.label_en or self.alternative.label
        return self.table.term(
            product,
            target,
            alternative=self.alternative,
            field=field,
            label=f"{self.alternative.label} : {self.item.name}, {what}",
            label_en=f"{option_en}: {name_en}, {what_en}",
            unit=unit,
        )

    @property
    def recurs(self) -> bool:
        """Whether a quantity may be stated per year (or month)."""
        return self.item.kind in ("recurring", "revenue", "lease")

    def money(self, product: Product | None, key: str) -> Term | None:
        """Return euros per occurrence on the basis of the study, or None."""
        if product is None:
            return None
        targets = ["EUR", f"EUR/{self.item.per}"] if self.recurs else ["EUR"]
        return self._term(product, targets, key).scaled(self.item.to_basis)

    def paid(self, cost: Term | None) -> Term | None:
        """Return what is left of a cost when the compensation fund has refunded its share."""
        return None if cost is None else cost.scaled(self.item.share_paid)

    def amount(self, price: Price | None) -> Term | None:
        """Return euros per occurrence at base-date price."""
        if self.item.amounts_eur:
            # The timing carries the amounts of each year.
            return ONE.scaled(self.item.to_basis)
        if price is not None:
            label = price.label or price.name
            self._register_growth(price.escalation, label, price.label_en or label)
            name = self.table.add(
                f"prices.{price.name}",
                price.value,
                label=label,
                label_en=price.label_en,
                unit=price.unit,
            )
            quantity = self._quantity(self._per(price.unit, "EUR", f"prices.{price.name}.unit"))
            return quantity.times(Term(price.to_basis, (name,)))
        if self.item.price_eur_per_unit is not None:
            unit = self.item.price_unit
            if unit:
                quantity = self._quantity(self._per(unit, "EUR", "price_unit"))
            else:
                counted = self._counted()
                above, *below = counted.split("/")
                unit = f"{'*'.join(['EUR', *below])}/{above}"
                quantity = self._quantity(counted)
            each = self._term(self.item.price_eur_per_unit, unit, "price_eur_per_unit")
            return quantity.times(each).scaled(self.item.to_basis)
        return self.money(self.item.amount_eur, "amount_eur")

    def _counted(self) -> str:
        """Return what the quantity counts, without the period it is counted over."""
        unit = self.item.unit or "item"
        head, _, period = unit.rpartition("/")
        try:
            timed = bool(head) and self.recurs and product_ratio((period,), self.item.per) > 0
        except UnitError:
            timed = False
        return head.strip() if timed else unit

    def _quantity(self, unit: str) -> Term:
        """Return the quantity in a unit, or in that unit per year (or month) where it recurs."""
        targets = [f"{unit}/{self.item.per}", unit] if self.recurs else [unit]
        own = self.item.unit
        numbers = any(not isinstance(part, str) for part in self.item.quantity)
        names = any(isinstance(part, str) for part in self.item.quantity)
        if numbers and not names and not own:
            own = unit
        return self._term(self.item.quantity, targets, "quantity", own or None)

    def _per(self, unit: str, above: str, field: str) -> str:
        """Return what a unit such as ``EUR/kWh`` is per."""
        head, slash, rest = unit.partition("/")
        if head.strip() not in (above, "€" if above == "EUR" else above) or not slash:
            raise FieldError(
                f"a unit {above} per something is expected here",
                file=self.study.file,
                field=field,
                found=unit,
                expected=f"such as {above}/kWh",
            )
        # Per kW per year is per kW times year.
        return rest.strip().replace("/", "*")

    def emissions(self, price: Price | None, renewal: Term | None = None) -> list[Emission]:
        """Return the kilograms of an item, with the guard against counting carbon twice.

        Parameters
        ----------
        price : Price or None
        renewal : Term, optional
            Euros that a factor per euro applies to, where a renewal costs something else.
        """
        found = []
        if self.item.emissions_kgco2e is not None:
            targets = ["kgCO2e", f"kgCO2e/{self.item.per}"] if self.recurs else ["kgCO2e"]
            kg = self._term(self.item.emissions_kgco2e, targets, "emissions_kgco2e")
            avoided = self.item.emissions_stage == "avoided"
            # What a price contains is taken off once: with the factor, where there is one.
            inside = None if self.item.factor is not None else self._component(kg, price)
            found.append(Emission(kg, "", avoided, inside))
        if self.item.factor is not None:
            factor = self.study.factors[self.item.factor]
            kg = self._factor_kg(factor, renewal)
            change = ""
            if factor.change_per_year != 0.0:
                change = self.table.add(
                    f"factors.{factor.name}.change",
                    factor.change_per_year,
                    label=factor.label or factor.name,
                    label_en=factor.label_en,
                    unit="1/year",
                )
            component = self._component(kg, price)
            found.append(Emission(kg, change, factor.stage == "avoided", component))
        return found

    def _factor_kg(self, factor: Factor, renewal: Term | None) -> Term:
        name = self.table.add(
            f"factors.{factor.name}",
            factor.value,
            label=factor.label or factor.name,
            label_en=factor.label_en,
            unit=factor.unit,
        )
        per = self._per(factor.unit, "kgCO2e", f"factors.{factor.name}.unit")
        if per == "EUR" and not self.item.quantity:
            amount = renewal or self.amount(None)
            assert amount is not None
            return amount.times(Term(1.0, (name,)))
        return self._quantity(per).times(Term(1.0, (name,)))

    def _component(self, kg: Term, price: Price | None) -> Term | None:
        """Return the carbon cost inside a price, in euros per occurrence.

        Raises
        ------
        FieldError
            If a price meets a factor under a carbon path and does not say what it contains.
        """
        if self.study.externalities is None:
            return None
        energy = self.item.category == "energy"
        if price is None:
            if energy and self._costs:
                raise self._unnamed_price()
            return None
        if price.carbon_component_eur_per_tco2e is None and not (energy or self.item.factor):
            return None
        stated = check_double_counting(
            price.carbon_component_eur_per_tco2e,
            price=price.name,
            carbon_path=self.study.externalities.path.name,
            file=self.study.file or None,
        )
        inside = (self._taxed(price) or kg).scaled(stated * price.to_basis / KG_PER_TONNE)
        amount = self.amount(price)
        assert amount is not None
        paid, contained = self.table.central(amount), self.table.central(inside)
        if 0 < paid < contained:
            raise FieldError(
                f"the carbon component is more than the price {price.name} that contains it",
                file=self.study.file or None,
                field=f"prices.{price.name}.carbon_component_eur_per_tco2e",
                found=f"{contained:g} EUR of carbon in {paid:g} EUR paid for "
                f"{self.alternative.key}.{self.item.name}",
                expected="a part of the price",
                remedy="check the units: euros per TONNE of CO2e; where the component is not paid "
                "on all the kilograms of the factor, state taxed_kgco2e_per_unit",
            )
        return inside

    @property
    def _costs(self) -> bool:
        item = self.item
        amounts = (item.amount_eur, item.amounts_eur or None, item.price_eur_per_unit)
        return any(each is not None for each in amounts)

    def _unnamed_price(self) -> FieldError:
        assert self.study.externalities is not None
        return FieldError(
            "this energy may already be paid with a price of carbon, and the path "
            f"{self.study.externalities.path.name} would count it a second time",
            file=self.study.file or None,
            field=f"{self.alternative.key}.{self.item.name}.price",
            found="a cost that does not say how much carbon it contains",
            expected="price = the name of a price under [prices]",
            remedy="declare the price there, with its carbon_component_eur_per_tco2e (0 where it "
            "holds none)",
        )

    def _taxed(self, price: Price | None) -> Term | None:
        """Return the kilograms a price's carbon component is paid on, where they are stated."""
        if price is None or price.taxed_kgco2e_per_unit is None:
            return None
        per = self._per(price.unit, "EUR", f"prices.{price.name}.unit")
        return self._quantity(per).scaled(price.taxed_kgco2e_per_unit)

    def residual(self) -> Term | None:
        """Return the number of a residual value: a rate, a share or an amount."""
        residual = self.item.residual
        if residual is None or residual.method == "linear":
            return None
        if residual.method == "market":
            return self.money(residual.amount_eur, "residual.amount_eur")
        if residual.method == "declining":
            return self._term(residual.rate_per_year, "", "residual.rate_per_year")
        return self._term(residual.fraction, "", "residual.fraction")
