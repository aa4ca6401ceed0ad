"""A criterion's formula in symbols and words, and what each symbol is worth for a bid."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lcc.cost.tender.evaluation.results import CriterionScore
from lcc.cost.tender.rule.published import Criterion, Tender
from lcc.cost.tender.rule.scoring import formula_of
from lcc.wording import number_text, unit_text

__all__ = ["KIND_WORDS", "compared_words", "formula_text", "symbol_values", "symbols_of"]

KIND_WORDS = {
    "price": "prix",
    "life-cycle-cost": "coût du cycle de vie",
    "jury": "note d'un jury",
    "co2-tonnes": "émissions de gaz à effet de serre, en tonnes",
    "co2-euros": "prix augmenté de la valeur des émissions",
    "co2-discount": "prix diminué de la valeur des réductions d'émissions",
    "measured": "valeur mesurée",
}
"""Kind of criterion → what it compares, in French."""

PARAMETER_OF = {
    "n": ("exponent",),
    "S": ("scale",),
    "k": ("multiple",),
}
"""Symbol → parameter of the rule it stands for."""


def formula_text(criterion: Criterion) -> str:
    """Return the formula of a criterion in symbols, for the direction it compares in."""
    formula = formula_of(criterion)
    if formula.name == "expression":
        return f"N = {criterion.parameters.get('expression', '')}"
    lower = criterion.better == "lower" and criterion.kind != "jury"
    return formula.text if lower else formula.text_higher


def symbols_of(criterion: Criterion) -> list[tuple[str, str]]:
    """Return each symbol that stands in the formula, and what it means."""
    words = set(re.findall(r"[A-Za-z]\w*", formula_text(criterion)))
    return [(symbol, said) for symbol, said in formula_of(criterion).where if symbol in words]


def symbol_values(
    criterion: Criterion,
    score: CriterionScore,
    weight: float,
    references: Mapping[str, float],
) -> list[tuple[str, str, float]]:
    """Return symbol, meaning and value of all that a bid's mark is computed from, the mark apart.

    Parameters
    ----------
    criterion : Criterion
        The criterion.
    score : CriterionScore
        What the bid is worth on it.
    weight : float
        Points of the criterion.
    references : mapping of str to float
        `P_min`, `P_max`, `P_mean` of the bids marked.
    """
    bounds = criterion.parameters.get("bounds")
    low, high = bounds if isinstance(bounds, tuple) else (None, None)
    known: dict[str, object] = {
        "W": weight,
        "P": score.value,
        "B": low,
        "H": high,
        "n_max": references.get("P_max"),
        **references,
    }
    for symbol, names in PARAMETER_OF.items():
        known[symbol] = next(
            (criterion.parameters[name] for name in names if name in criterion.parameters), None
        )
    if criterion.kind == "jury":
        known |= {"n": score.value, "S": criterion.scale}
    return [
        (symbol, said, float(value))
        for symbol, said in symbols_of(criterion)
        if isinstance(value := known.get(symbol), int | float)
    ]


def compared_words(tender: Tender, criterion: Criterion) -> str:
    """Return the sentence that says what a criterion compares."""
    match criterion.kind:
        case "jury":
            scale = number_text(criterion.scale or 0.0)
            return (
                f"La valeur notée est la note du jury, de 0 à {scale}. {criterion.method}".strip()
            )
        case "measured":
            field = tender.fields[str(criterion.field)]
            better = "basse" if criterion.better == "lower" else "haute"
            return (
                f"La valeur comparée est « {field.label} », en {unit_text(field.unit)}, donnée par "
                f"l'offre ; la plus {better} est la meilleure. {criterion.method}"
            ).strip()
        case "life-cycle-cost":
            with_them = (
                "externalités comprises" if criterion.externalities else "sans les externalités"
            )
            return (
                f"La valeur comparée est le coût du cycle de vie de l'offre, {with_them}, calculé "
                "par la méthode annoncée ; le plus bas est le meilleur."
            )
        case "price":
            return f"La valeur comparée est {_price_words(tender, criterion)}."
        case _:
            return _carbon_words(tender, criterion)


def _price_words(tender: Tender, criterion: Criterion) -> str:
    if criterion.basis == "dqe":
        return (
            "le montant hors taxes de l'offre : somme des prix unitaires multipliés par les "
            "quantités estimées publiées"
        )
    field = tender.fields[str(criterion.field)]
    return f"« {field.label} », en {unit_text(field.unit)}"


def _carbon_words(tender: Tender, criterion: Criterion) -> str:
    """Say what a criterion on emissions compares."""
    if criterion.tonnes == "study":
        tonnes = "les émissions de l'offre calculées par la méthode annoncée"
    else:
        field = tender.fields[str(criterion.tonnes)]
        tonnes = f"« {field.label} », en {unit_text(field.unit)}"
    if criterion.kind == "co2-tonnes":
        return (
            f"Valeur comparée, en tonnes de CO2e sur la durée du marché : {tonnes}. La plus basse "
            "est la meilleure."
        )
    price = f"{number_text(criterion.eur_per_tco2e or 0.0)} €/tCO2e"
    amount = _price_words(tender, criterion)
    if criterion.kind == "co2-euros":
        return (
            f"La valeur comparée est {amount}, augmentée des émissions multipliées par {price}. "
            f"Émissions : {tonnes}."
        )
    reduction = f"réductions d'émissions propres au marché : {tonnes}"
    if criterion.reference_tco2e is not None:
        reduction = (
            f"réductions d'émissions : référence de {number_text(criterion.reference_tco2e)} tCO2e "
            f"moins les émissions de l'offre, jamais sous zéro ; émissions : {tonnes}"
        )
    return (
        f"La valeur comparée est {amount}, diminuée, pour la comparaison seulement, des réductions "
        f"d'émissions multipliées par {price} ; le prix payé reste celui de l'offre. "
        f"{reduction[0].upper()}{reduction[1:]}."
    )
