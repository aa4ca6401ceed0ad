"""What the annex says of the life-cycle cost: the method, and every figure with its source.

R2152-9 lists the costs that may be counted and R2152-10 asks that the method and the data expected
of bidders be stated in the consultation: this is where they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lcc.cost.externalities.double_counting import describe_correction
from lcc.cost.study import Escalation, Item, Number, Origin, Product, Study
from lcc.cost.tender.documents.parts import (
    Part,
    Row,
    column,
    facts,
    formula,
    items,
    section,
    table,
    text,
)
from lcc.cost.tender.rule.published import Tender
from lcc.cost.wording import date_text, number_text, unit_text
from lcc.uncertainty.distributions import Distribution

__all__ = ["factor_sections", "study_sections"]

CONVENTIONS = {
    "end-of-year": "les flux d'une année sont placés à sa fin (t = 1, 2, 3 …)",
    "mid-year": "les flux d'une année sont placés en son milieu (t = 0,5 ; 1,5 ; 2,5 …)",
    "beginning-of-year": "les flux d'une année sont placés à son début (t = 0, 1, 2 …)",
    "calendar-date": "les flux sont placés à leur date ; t est le nombre de jours divisé par 365",
}
HORIZONS = {
    "common-horizon": "durée commune à toutes les offres ; ce qui vit moins longtemps est remplacé",
    "contract-term": "durée du marché",
    "least-common-multiple": "plus petit multiple commun des durées de vie",
    "annuity": "coût annuel équivalent sur la durée de vie de chaque offre",
}
PRICE_DATES = {
    "base-date": "prix à la date de base",
    "first-year": "prix de la première année",
}
STATUSES = {
    "published": "donnée publiée",
    "user": "donnée de l'acheteur",
    "illustrative": "valeur d'exemple",
    "judgement": "estimation de l'acheteur",
}
KINDS = {
    "purchase": "achat",
    "one-off": "dépense unique",
    "recurring": "dépense périodique",
    "replacement": "remplacement",
    "residual": "valeur résiduelle",
    "disposal": "fin de vie",
    "revenue": "recette",
    "loan": "emprunt",
    "lease": "location",
}
RESIDUALS = {
    "linear": "part de la durée de vie qui reste",
    "declining": "dégressive",
    "fraction": "part annoncée du prix",
    "market": "valeur de marché annoncée",
}
PRICE = "price"


def study_sections(tender: Tender, study: Study) -> list[dict[str, Any]]:
    """Return the sections on the life-cycle cost of a rule.

    Parameters
    ----------
    tender : Tender
        The rule.
    study : Study
        Its study, filled with invented bids: what all bids share is read from it.
    """
    costed = any(each.kind == "life-cycle-cost" for each in tender.criteria)
    title = "Coût du cycle de vie" if costed else "Calcul des émissions"
    method = _method(tender, study) if costed else _emissions(study)
    return [
        section(f"{title} : méthode", method),
        section(f"{title} : postes comptés", [*_items(tender, study)]),
        section(f"{title} : données communes à toutes les offres", [*_data(study)]),
    ]


def factor_sections(study: Study) -> list[dict[str, Any]]:
    """Return the sections on emission factors and on the carbon value."""
    return [
        section("Facteurs d'émission", [*_factors(study)]),
        section("Valeur du carbone", [*_carbon(study)]),
    ]


def _method(tender: Tender, study: Study) -> list[Part]:
    """Return the parts on what is counted, over what time, and how it is discounted."""
    yearly = _rate(study.discount.rate_per_year)
    if study.discount.bands is not None:
        bands = study.discount.bands
        yearly = " ; ".join(
            f"{_percent(rate)} jusqu'à l'année {number_text(until)}"
            for until, rate in zip(bands.until_years, bands.rates_per_year, strict=True)
        )
    basis = "hors inflation (réel)" if study.price_basis == "real" else "inflation comprise"
    counted = any(each.externalities for each in tender.criteria)
    return [
        text(
            "Le coût du cycle de vie est la somme actualisée des coûts de l'offre, de l'achat à la "
            "fin de vie, moins les recettes et la valeur résiduelle. L'article R2152-9 du code de "
            "la commande publique permet de compter l'acquisition, l'utilisation, la maintenance "
            "et la fin de vie, ainsi que les externalités environnementales dont la valeur "
            "monétaire peut être déterminée et vérifiée. L'article R2152-10 demande d'annoncer les "
            "données à fournir et la méthode : les voici."
        ),
        formula(
            "CCV = Σ F_t ÷ (1 + d)^t",
            [
                ("CCV", "coût du cycle de vie à la date de base, en euros"),
                ("F_t", "dépenses moins recettes à l'instant t"),
                ("d", "taux d'actualisation par an"),
                ("t", "années écoulées depuis la date de base"),
            ],
        ),
        facts(
            [
                ("Date de base", date_text(study.base_date)),
                ("Mise en service", date_text(study.service_date or study.base_date)),
                ("Durée étudiée", f"{_number(study.period_years)} ans"),
                ("Règle de durée", HORIZONS[study.horizon_rule]),
                ("Place des flux", CONVENTIONS[study.discounting]),
                ("Taux d'actualisation", f"{yearly}, {basis}"),
                ("Source du taux", _origin(study.discount.origin)),
                ("Inflation", _rate(study.inflation_per_year) if study.inflation_per_year else ""),
                ("Euros", _euros(study)),
                (
                    "Externalités",
                    "comptées dans la valeur comparée" if counted else "non comptées en euros",
                ),
            ]
        ),
        text(
            "La valeur résiduelle, quand un poste en prévoit une, est comptée une seule fois, à la "
            "fin de la durée étudiée. Un bien est remplacé à chaque fin de vie qui tombe "
            "strictement avant la fin de la durée étudiée."
        ),
    ]


def _emissions(study: Study) -> list[Part]:
    """Return the parts on emissions, where no cost is compared."""
    return [
        text(
            "Les émissions de chaque offre sont calculées par l'acheteur, de la même façon pour "
            "toutes, à partir des données que l'offre donne et des données communes ci-dessous."
        ),
        formula(
            "E = Σ Q × f ÷ 1000",
            [
                ("E", "émissions de l'offre sur la durée étudiée, en tonnes de CO2e"),
                ("Q", "quantité d'un poste sur la durée étudiée"),
                ("f", "facteur d'émission du poste, en kilogrammes de CO2e par unité"),
            ],
        ),
        facts(
            [
                ("Date de base", date_text(study.base_date)),
                ("Mise en service", date_text(study.service_date or study.base_date)),
                ("Durée étudiée", f"{_number(study.period_years)} ans"),
            ]
        ),
    ]


def _euros(study: Study) -> str:
    tax = "hors taxes" if study.tax_basis == "HT" else "toutes taxes comprises"
    kind = "constants" if study.price_basis == "real" else "courants ; prix de départ"
    return f"euros {kind} de {study.price_year}, {tax}"


def _items(tender: Tender, study: Study) -> list[Part]:
    """Return the table of the items that every bid fills."""
    alternative = study.alternatives[0]
    labels = {
        **{key: each.label or key for key, each in study.parameters.items()},
        **{key: each.label or key for key, each in alternative.parameters.items()},
        **{key: each.label for key, each in tender.fields.items()},
    }
    rows: list[Row] = []
    for each in alternative.items:
        rows.append(
            {
                "item": each.name,
                "kind": KINDS[each.kind],
                "amount": _amount(labels, each),
                "when": _when(labels, each),
                "growth": _item_growth(each),
            }
        )
    named = [
        f"« {field.label} » : donnée de l'offre, en {unit_text(field.unit)}"
        for key, field in tender.fields.items()
        if key in alternative.parameters
    ]
    own = [
        f"« {each.label or each.name} » : {_with_unit(each.value, each.unit)}, commun à toutes les "
        "offres"
        for key, each in alternative.parameters.items()
        if key not in tender.fields and key != PRICE
    ]
    priced = any(PRICE in product for each in alternative.items for product in _products(each))
    price = ["« Prix » : montant comparé de l'offre"] if priced else []
    return [
        table(
            "Postes comptés, les mêmes pour toutes les offres",
            [
                column("item", "Poste"),
                column("kind", "Nature"),
                column("amount", "Montant ou quantité × prix"),
                column("when", "Quand"),
                column("growth", "Évolution du prix"),
            ],
            rows,
        ),
        items([*named, *price, *own]),
    ]


def _amount(labels: Mapping[str, str], item: Item) -> str:
    """Say in words what an item costs, and what it emits."""
    said = []
    if item.amounts_eur:
        years = " ; ".join(number_text(each) for each in item.amounts_eur)
        said.append(f"{years} € selon l'année de service")
    if item.amount_eur is not None:
        amount = _product(labels, item.amount_eur)
        said.append(f"{amount} €" if _plain(item.amount_eur) else amount)
    if item.quantity:
        quantity = _product(labels, item.quantity)
        if _plain(item.quantity) and item.unit:
            quantity += f" {unit_text(item.unit)}"
        if item.price is not None:
            quantity += f" × prix « {item.price} »"
        elif item.price_eur_per_unit is not None:
            price = _product(labels, item.price_eur_per_unit)
            unit = item.price_unit or f"EUR/{item.unit or 'item'}"
            quantity += f" × {price} {unit_text(unit)}"
        said.append(quantity)
    if item.factor is not None:
        said.append(f"émissions : même quantité × facteur « {item.factor} »")
    if item.emissions_kgco2e is not None:
        kg = _product(labels, item.emissions_kgco2e)
        said.append(f"émissions : {kg} kgCO2e")
    if item.residual is not None:
        said.append(f"valeur résiduelle : {RESIDUALS[item.residual.method]}")
    return " ; ".join(said)


def _when(labels: Mapping[str, str], item: Item) -> str:
    """Say in words when an item falls."""
    if item.at_year is None and item.kind in ("recurring", "revenue", "lease"):
        every = "chaque mois" if item.per == "month" else "chaque année"
        if item.every_years > 1:
            every = f"tous les {item.every_years} ans"
        first = f" à partir de l'année {item.first_year} de service" if item.first_year else ""
        last = f" jusqu'à l'année {item.last_year}" if item.last_year else ""
        return every + first + last
    said = []
    if item.at_year is not None:
        start = "la mise en service" if item.counted_from == "service" else "la date de base"
        said.append(f"{_product(labels, item.at_year)} an(s) après {start}")
    elif item.kind == "disposal":
        said.append("à la fin de la durée étudiée")
    elif item.kind in ("purchase", "one-off", "loan"):
        said.append("à la date de base")
    if item.life_years is not None:
        life = _product(labels, item.life_years)
        kept = "remplacé à chaque fin de vie" if item.replaced else "non remplacé"
        said.append(f"durée de vie {life} an(s), {kept}")
    return " ; ".join(said)


def _product(labels: Mapping[str, str], product: Product) -> str:
    """Say a product in words: numbers, and what the names stand for."""
    return " × ".join(
        f"« {labels.get(part, part)} »" if isinstance(part, str) else _number(part)
        for part in product
    )


def _products(item: Item) -> list[Product]:
    """Return the products of an item that a bid may enter."""
    residual = item.residual.amount_eur if item.residual is not None else ()
    stated = [item.amount_eur, item.price_eur_per_unit, item.replacement_eur, item.quantity]
    return [each for each in (*stated, residual) if each]


def _plain(product: Product) -> bool:
    return all(not isinstance(part, str) for part in product)


def _data(study: Study) -> list[Part]:
    """Return the tables of prices and quantities that all bids share."""
    parameters: list[Row] = [
        {
            "name": each.label or each.name,
            "value": _with_unit(each.value, each.unit),
            "source": _origin(each.origin),
        }
        for each in study.parameters.values()
    ]
    prices: list[Row] = [
        {
            "name": f"« {each.name} » {each.label}".strip(),
            "value": _with_unit(each.value, each.unit),
            "at": PRICE_DATES[each.price_at],
            "growth": _growth(each.escalation),
            "carbon": ""
            if each.carbon_component_eur_per_tco2e is None
            else f"{number_text(each.carbon_component_eur_per_tco2e)} €/tCO2e",
            "source": _origin(each.origin),
        }
        for each in study.prices.values()
    ]
    parts = []
    if parameters:
        parts.append(
            table(
                "Quantités communes",
                [
                    column("name", "Donnée"),
                    column("value", "Valeur"),
                    column("source", "Source"),
                ],
                parameters,
            )
        )
    if prices:
        parts.append(
            table(
                "Prix communs",
                [
                    column("name", "Prix"),
                    column("value", "Valeur"),
                    column("at", "Date du prix"),
                    column("growth", "Évolution"),
                    column("carbon", "Prix du carbone déjà compris"),
                    column("source", "Source"),
                ],
                prices,
            )
        )
    if parts:
        parts.append(
            text(
                "Ces données sont les mêmes pour toutes les offres : aucune offre ne peut les "
                "changer."
            )
        )
    return parts


def _factors(study: Study) -> list[Part]:
    """Return the table of emission factors, each with source, version and locator."""
    if not study.factors:
        return []
    library = _library(tuple(each.factor_id for each in study.factors.values() if each.factor_id))
    rows: list[Row] = []
    for each in study.factors.values():
        row = library.get(each.factor_id, {})
        rows.append(
            {
                "name": f"« {each.name} » {each.label}".strip(),
                "value": _with_unit(each.value, each.unit),
                "change": _rate(each.change_per_year) if each.change_per_year else "constant",
                "id": each.factor_id or "propre à la consultation",
                "source": str(row.get("source") or each.origin.source),
                "version": str(row.get("source_version") or ""),
                "locator": str(row.get("locator") or ""),
            }
        )
    return [
        table(
            "Facteurs d'émission, les mêmes pour toutes les offres",
            [
                column("name", "Facteur"),
                column("value", "Valeur"),
                column("change", "Évolution par an"),
                column("id", "Identifiant"),
                column("source", "Source"),
                column("version", "Version"),
                column("locator", "Emplacement"),
            ],
            rows,
        ),
        text(
            "Les émissions d'une offre sont ses quantités multipliées par ces facteurs ; la même "
            "quantité sert au coût et aux émissions."
        ),
    ]


def _library(identifiers: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """Return the rows of the physical factor library that a study uses."""
    if not identifiers:
        return {}
    from lcc.carbon.factors import PHYSICAL, load_factors

    rows = load_factors(PHYSICAL).to_pylist()
    return {row["factor_id"]: row for row in rows if row["factor_id"] in identifiers}


def _carbon(study: Study) -> list[Part]:
    """Return the parts on the carbon value path and on the guard against counting twice."""
    if study.externalities is None:
        return []
    path = study.externalities.path
    return [
        text(path.describe()),
        table(
            "Valeurs publiées de la tonne de CO2e",
            [
                column("year", "Année"),
                column("value", f"Euros de {path.price_year} par tCO2e", numeric=True, decimals=2),
            ],
            [
                {"year": f"{year:g}", "value": value}
                for year, value in zip(path.anchor_years, path.anchor_eur_per_tco2e, strict=True)
            ],
        ),
        text(describe_correction(study.externalities.double_counting)),
    ]


def _item_growth(item: Item) -> str:
    """Say how the price of an item grows, where it has one."""
    if item.price is not None:
        return "celle du prix"
    priced = item.amount_eur is not None or item.amounts_eur or item.price_eur_per_unit is not None
    return _growth(item.escalation) if priced else "sans prix"


def _growth(escalation: Escalation) -> str:
    """Say how a price grows."""
    growth = escalation.growth
    name = f"série « {growth.name} » : " if growth.name else ""
    basis = "au-delà de l'inflation" if growth.basis == "real" else "inflation comprise"
    if growth.index:
        levels = " ; ".join(number_text(each) for each in growth.index)
        return f"{name}indice {levels} à la fin des années 1 à {len(growth.index)}, {basis}"
    rate = escalation.rate_per_year
    if not isinstance(rate, Distribution) and rate == 0:
        return f"{name}suit l'inflation" if growth.basis == "real" else f"{name}montant fixe"
    return f"{name}{_rate(rate)} par an, {basis}"


def _origin(origin: Origin) -> str:
    parts = [origin.source, STATUSES.get(origin.status, origin.status), origin.note]
    return " ; ".join(part for part in parts if part)


def _number(number: Number) -> str:
    """Write a number; of a distribution, the mean that is used to mark."""
    if isinstance(number, Distribution):
        return f"{number_text(number.mean)} (valeur retenue)"
    return number_text(number)


def _with_unit(number: Number, unit: str) -> str:
    """Write a number with its unit; of a distribution, the mean that is used to mark."""
    mean = number.mean if isinstance(number, Distribution) else number
    used = " (valeur retenue)" if isinstance(number, Distribution) else ""
    return f"{number_text(mean)} {unit_text(unit)}{used}"


def _rate(number: Number) -> str:
    value = number.mean if isinstance(number, Distribution) else number
    return _percent(value)


def _percent(rate: float) -> str:
    return f"{number_text(round(100 * rate, 6))} %"
