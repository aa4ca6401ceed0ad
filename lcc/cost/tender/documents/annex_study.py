"""What the annex says of the life-cycle cost: the method, and every figure with its source.

R2152-9 lists the costs that may be counted and R2152-10 asks that the method and the data expected
of bidders be stated in the consultation: this is where they are.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from lcc.cost.study import Escalation, Item, Origin, Product, Study
from lcc.cost.tender.documents.carbon_terms import (
    carbon_formula,
    taxed_emissions,
)
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
from lcc.cost.tender.documents.study_words import (
    number_words,
    percent_words,
    rate_words,
    shown_names,
    with_unit,
)
from lcc.cost.tender.rule.published import Tender
from lcc.uncertainty.distributions import Distribution
from lcc.wording import counted_unit, date_text, number_text, unit_text

__all__ = ["study_sections"]

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
COST_SYMBOLS = [
    ("CCV", "coût du cycle de vie à la date de base, en euros"),
    ("F_t", "dépenses moins recettes à l'instant t, en euros"),
    ("d", "taux d'actualisation par an"),
    ("t", "années écoulées depuis la date de base"),
]
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


def _method(tender: Tender, study: Study) -> list[Part]:
    """Return the parts on what is counted, over what time, and how it is discounted."""
    yearly = rate_words(study.discount.rate_per_year)
    if study.discount.bands is not None:
        bands = study.discount.bands
        yearly = " ; ".join(
            f"{percent_words(rate)} jusqu'à l'année {number_text(until)}"
            for until, rate in zip(bands.until_years, bands.rates_per_year, strict=True)
        )
    basis = "hors inflation (réel)" if study.price_basis == "real" else "inflation comprise"
    counted = any(each.externalities for each in tender.criteria)
    inflation = study.inflation_per_year
    return [
        text(
            "Le coût du cycle de vie est la somme actualisée des coûts de l'offre, de l'achat à la "
            "fin de vie, moins les recettes et la valeur résiduelle. L'article R2152-9 du code de "
            "la commande publique permet de compter l'acquisition, l'utilisation, la maintenance "
            "et la fin de vie, ainsi que les externalités environnementales dont la valeur "
            "monétaire peut être déterminée et vérifiée. L'article R2152-10 demande d'annoncer les "
            "données à fournir et la méthode : les voici."
        ),
        *_formulas(tender, study),
        facts(
            [
                ("Date de base", date_text(study.base_date)),
                ("Mise en service", date_text(study.service_date or study.base_date)),
                ("Durée étudiée", with_unit(study.period_years, "year")),
                ("Règle de durée", HORIZONS[study.horizon_rule]),
                ("Place des flux", CONVENTIONS[study.discounting]),
                ("Taux d'actualisation", f"{yearly}, {basis}"),
                ("Source du taux", _origin(study.discount.origin)),
                ("Inflation", rate_words(inflation) if inflation else ""),
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


def _formulas(tender: Tender, study: Study) -> list[Part]:
    """Return the formula of each life-cycle cost compared: with the carbon, and without it."""
    costs = [each for each in tender.criteria if each.kind == "life-cycle-cost"]
    parts = []
    if any(not each.externalities for each in costs):
        parts.append(formula("CCV = Σ F_t ÷ (1 + d)^t", COST_SYMBOLS))
    if any(each.externalities for each in costs):
        if parts:
            parts.append(text("Pour un critère qui compte les externalités :"))
        words, symbols = carbon_formula(study)
        parts.append(formula(words, [*COST_SYMBOLS, *symbols]))
        taxed = taxed_emissions(study)
        if taxed:
            parts.append(text(taxed))
    if study.horizon_rule == "annuity":
        parts.append(
            formula(
                "A = CCV × d ÷ (1 − (1 + d)^−N), ou CCV ÷ N si d = 0",
                [("A", "valeur comparée, en euros par an"), ("N", "durée étudiée, en années")],
            )
        )
    return parts


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
                ("Durée étudiée", with_unit(study.period_years, "year")),
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
                "amount": _amount(study, labels, each),
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
        f"« {each.label or each.name} » : {with_unit(each.value, each.unit)}, commun à toutes les "
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


def _amount(study: Study, labels: Mapping[str, str], item: Item) -> str:
    """Say in words what an item costs, and what it emits."""
    said = []
    prices, factors = shown_names(study.prices), shown_names(study.factors)
    if item.amounts_eur:
        years = " ; ".join(number_text(each) for each in item.amounts_eur)
        said.append(f"{years} € selon l'année de service")
    if item.amount_eur is not None:
        amount = _product(labels, item.amount_eur)
        said.append(f"{amount} €" if _plain(item.amount_eur) else amount)
    if item.quantity:
        quantity = _product(labels, item.quantity)
        if _plain(item.quantity) and item.unit:
            quantity += f" {counted_unit(_central(item.quantity), item.unit)}".rstrip()
        if item.price is not None:
            quantity += f" × prix « {prices[item.price]} »"
        elif item.price_eur_per_unit is not None:
            price = _product(labels, item.price_eur_per_unit)
            unit = item.price_unit or f"EUR/{item.unit or 'item'}"
            quantity += f" × {price} {unit_text(unit)}"
        said.append(quantity)
    if said and item.to_basis != 1:
        said[-1] += _basis_words(study, item.to_basis)
    if item.factor is not None:
        said.append(f"émissions : même quantité × facteur « {factors[item.factor]} »")
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
        said.append(f"{_years(labels, item.at_year)} après {start}")
    elif item.kind == "disposal":
        said.append("à la fin de la durée étudiée")
    elif item.kind in ("purchase", "one-off", "loan"):
        said.append("à la date de base")
    if item.life_years is not None:
        life = _years(labels, item.life_years)
        kept = "remplacé à chaque fin de vie" if item.replaced else "non remplacé"
        said.append(f"durée de vie : {life}, {kept}")
    return " ; ".join(said)


def _product(labels: Mapping[str, str], product: Product) -> str:
    """Say a product in words: numbers, and what the names stand for."""
    return " × ".join(
        f"« {labels.get(part, part)} »" if isinstance(part, str) else number_words(part)
        for part in product
    )


def _basis_words(study: Study, ratio: float) -> str:
    """Say what brings an amount to the euros and the tax of the study; empty where nothing has."""
    return f" × {number_text(ratio)}, en {_euros(study)}" if ratio != 1 else ""


def _years(labels: Mapping[str, str], product: Product) -> str:
    """Say a length in years: a number of years, or the data that give it."""
    if len(product) == 1 and not isinstance(product[0], str):
        return with_unit(product[0], "year")
    words = _product(labels, product)
    return f"{words} {counted_unit(_central(product), 'year')}" if _plain(product) else (
        f"{words} (en années)"
    )  # fmt: skip


def _central(product: Product) -> float:
    """Return what the numbers of a product multiply to, each at its mean."""
    return math.prod(
        each.mean if isinstance(each, Distribution) else each
        for each in product
        if not isinstance(each, str)
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
            "value": with_unit(each.value, each.unit),
            "source": _origin(each.origin),
        }
        for each in study.parameters.values()
    ]
    names = shown_names(study.prices)
    prices: list[Row] = [
        {
            "name": names[key],
            "value": with_unit(each.value, each.unit) + _basis_words(study, each.to_basis),
            "at": PRICE_DATES[each.price_at],
            "growth": _growth(each.escalation),
            "carbon": ""
            if each.carbon_component_eur_per_tco2e is None
            else f"{number_text(each.carbon_component_eur_per_tco2e)} €/tCO2e"
            + _basis_words(study, each.to_basis),
            "source": _origin(each.origin),
        }
        for key, each in study.prices.items()
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
    return f"{name}{rate_words(rate)} par an, {basis}"


def _origin(origin: Origin) -> str:
    parts = [origin.source, STATUSES.get(origin.status, origin.status), origin.note]
    return " ; ".join(part for part in parts if part)
