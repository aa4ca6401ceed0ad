"""The robustness study, made before the opening on simulated bids and kept out of the report.

Bids are simulated from ranges the buyer states; nothing of a real bid enters. The study answers:
does each criterion weigh what it says, how often would another formula or another weight choose
another winner, how often is the cheapest bid chosen. It is a document apart, never a part of the
analysis of the bids: marks explained by simulations are marks that were not announced.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lcc.cost.tender.comparison.weights import draw_weights, settle_weights, weight_limits
from lcc.cost.tender.evaluation.evaluate import Marks, sort_bids
from lcc.cost.tender.firmness.simulation import Simulation
from lcc.cost.tender.rule.published import Criterion, Robustness, Tender
from lcc.cost.tender.rule.scoring import FORMULAS, formula_of
from lcc.errors import FieldError
from lcc.uncertainty.draws import make_generator
from lcc.wording import number_text

__all__ = ["CriterionSpread", "FormulaTrial", "RobustnessStudy", "study_robustness"]

Floats = NDArray[np.float64]

USUAL_FORMULAS: tuple[tuple[str, dict[str, float]], ...] = (
    ("proportional", {}),
    ("proportional-power", {"exponent": 2.0}),
    ("linear-multiple", {"multiple": 2.0}),
    ("linear-multiple", {"multiple": 3.0}),
)
"""Formulas a criterion is compared with where the rule names none."""

PARAMETER_WORDS = {"exponent": "n", "multiple": "k", "bounds": "bornes", "expression": "N"}
"""Parameters of formulas, as the annex writes them."""

SHIFT_POINTS = 5.0
"""Points moved between two criteria, to see how much a weighting by points matters."""


@dataclass(frozen=True)
class FormulaTrial:
    """How often another formula of one criterion chooses another winner.

    Attributes
    ----------
    criterion : str
    formula : str
        Name, with its parameters.
    change_share : float
        Share of the simulated consultations in which the first bids are not the same.
    """

    criterion: str
    formula: str
    change_share: float


@dataclass(frozen=True)
class CriterionSpread:
    """What a criterion weighs in fact.

    Attributes
    ----------
    criterion, label : str
    weight : float
        Points stated.
    spread : float
        Mean difference between the best and the worst mark of a consultation, in points.
    effective_weight : float
        Share of this criterion in the sum of all spreads, in points of 100.
    first_share : float
        Share of the consultations whose winner has the best mark on this criterion.
    """

    criterion: str
    label: str
    weight: float
    spread: float
    effective_weight: float
    first_share: float


@dataclass(frozen=True)
class RobustnessStudy:
    """What simulated consultations tell of a rule.

    Attributes
    ----------
    rule_hash : str
        Rule studied.
    consultations, bids, seed : int
    criteria : tuple of CriterionSpread
    formulas : tuple of FormulaTrial
    weight_changes : tuple of (str, float)
        Other weighting, in French → share of the consultations whose winner changes.
    cheapest_share : float or None
        Share of the consultations won by the lowest amount; None where no amount is compared.
    undefined : int
        Simulated consultations left out because a formula was not defined there.
    ranges : mapping of str to (float, float)
        What was simulated.
    """

    title: str
    reference: str
    rule_hash: str
    consultations: int
    bids: int
    seed: int
    criteria: tuple[CriterionSpread, ...]
    formulas: tuple[FormulaTrial, ...]
    weight_changes: tuple[tuple[str, float], ...]
    cheapest_share: float | None
    undefined: int
    ranges: Mapping[str, tuple[float, float]]

    def to_json(self) -> dict[str, Any]:
        """Return the study as a mapping."""
        return {
            "rule_hash": self.rule_hash,
            "consultations": self.consultations,
            "bids": self.bids,
            "seed": self.seed,
            "ranges": {key: list(each) for key, each in self.ranges.items()},
            "criteria": [vars(each) for each in self.criteria],
            "formulas": [vars(each) for each in self.formulas],
            "weight_changes": [
                {"weights": words, "change_share": share} for words, share in self.weight_changes
            ],
            "cheapest_share": self.cheapest_share,
            "undefined": self.undefined,
            "part_of_the_analysis_report": False,
        }

    def document(self) -> dict[str, Any]:
        """Return the content of the study's own document, in French."""
        facts = [
            ["Consultation", f"{self.reference} : {self.title}"],
            ["Règle étudiée (SHA-256)", self.rule_hash],
            ["Consultations simulées", number_text(self.consultations)],
            ["Offres dans chacune", number_text(self.bids)],
            ["Germe des tirages", str(self.seed)],
            *(
                [name, f"de {number_text(low)} à {number_text(high)}"]
                for name, (low, high) in self.ranges.items()
            ),
        ]
        if self.undefined:
            facts.append(
                ["Consultations laissées de côté (formule non définie)",
                 number_text(self.undefined)]
            )  # fmt: skip
        weighed = [
            {
                "criterion": each.label,
                "weight": each.weight,
                "spread": each.spread,
                "effective": each.effective_weight,
                "first": 100 * each.first_share,
            }
            for each in self.criteria
        ]
        labels = {each.criterion: each.label for each in self.criteria}
        formulas = [
            {
                "criterion": labels[each.criterion],
                "formula": each.formula,
                "change": 100 * each.change_share,
            }
            for each in self.formulas
        ]
        weights = [
            {"weights": words, "change": 100 * share} for words, share in self.weight_changes
        ]
        change = {"key": "change", "heading": "Attributaire changé (%)", "numeric": True,
                  "decimals": 1}  # fmt: skip
        sections: list[dict[str, Any]] = [
            {
                "heading": "Ce qu'est cette étude",
                "parts": [
                    {
                        "kind": "text",
                        "text": "Elle est faite avant l'ouverture des plis, sur des offres tirées "
                        "au hasard entre les bornes ci-dessous, toutes également probables. "
                        "Aucune offre reçue n'y entre. Elle aide à choisir la règle ; elle ne "
                        "note aucune offre, n'est pas publiée avec la règle et n'entre pas dans "
                        "le rapport d'analyse.",
                    },
                    {"kind": "facts", "rows": facts},
                ],
            },
            {
                "heading": "Ce que chaque critère pèse vraiment",
                "parts": [
                    {
                        "kind": "text",
                        "text": "Un critère ne pèse que par les écarts de notes qu'il donne. Le "
                        "poids effectif est sa part dans la somme des écarts entre la "
                        "meilleure et la moins bonne note.",
                    },
                    {
                        "kind": "table",
                        "caption": "Poids annoncé et poids effectif, en points",
                        "columns": [
                            {"key": "criterion", "heading": "Critère", "numeric": False},
                            {"key": "weight", "heading": "Poids annoncé", "numeric": True},
                            {"key": "spread", "heading": "Écart moyen", "numeric": True},
                            {"key": "effective", "heading": "Poids effectif", "numeric": True},
                            {
                                "key": "first",
                                "heading": "Attributaire premier sur le critère (%)",
                                "numeric": True,
                                "decimals": 1,
                            },
                        ],
                        "rows": weighed,
                    },
                ],
            },
            {
                "heading": "Autres formules",
                "parts": [
                    {
                        "kind": "table",
                        "caption": "Part des consultations simulées où une autre formule "
                        "change l'attributaire",
                        "columns": [
                            {"key": "criterion", "heading": "Critère", "numeric": False},
                            {"key": "formula", "heading": "Formule essayée", "numeric": False},
                            change,
                        ],
                        "rows": formulas,
                    }
                ],
            },
            {
                "heading": "Autres poids",
                "parts": [
                    {
                        "kind": "table",
                        "caption": "Part des consultations simulées où d'autres poids changent "
                        "l'attributaire",
                        "columns": [
                            {"key": "weights", "heading": "Poids essayés", "numeric": False},
                            change,
                        ],
                        "rows": weights,
                    }
                ],
            },
        ]
        if self.cheapest_share is not None:
            share = number_text(100 * self.cheapest_share, 1)
            sections[1]["parts"].append(
                {
                    "kind": "text",
                    "text": f"L'offre au montant le plus bas est retenue dans {share} % des "
                    "consultations simulées.",
                }
            )
        return {
            "title": "Étude de robustesse, hors rapport d'analyse",
            "subtitle": f"{self.reference} : {self.title}",
            "stamp": "hors rapport d'analyse",
            "language": "fr",
            "sections": sections,
        }


def study_robustness(tender: Tender, lot: str | None = None) -> RobustnessStudy:
    """Return the study of a rule on simulated bids.

    Parameters
    ----------
    tender : Tender
        With a robustness section: number of consultations and of bids, seed, and a range for all
        that criteria compare.
    lot : str, optional
        The lot studied; the first where there are several.

    Raises
    ------
    FieldError
        If the tender has no such section, or a range that is needed is missing.
    """
    settings = tender.robustness
    if settings is None:
        raise FieldError(
            "the tender has no section of simulated bids",
            file=tender.file,
            field="robustness",
            found="nothing",
            expected="[robustness], with ranges of what bids may offer",
        )
    lot = lot if lot is not None else tender.lots[0]
    simulated = Simulation(tender, settings, lot)
    weights = _central_weights(tender)
    base = simulated.mark(tender, weights)
    first = _first(tender, base)
    formulas = []
    for criterion in tender.criteria:
        for other in _other_formulas(tender, criterion, settings):
            changed = replace(
                tender,
                criteria=tuple(
                    other if each.key == criterion.key else each for each in tender.criteria
                ),
            )
            if simulated.defined(changed):
                winners = _first(changed, simulated.mark(changed, weights))
                share = float((winners != first).any(axis=1).mean())
                formulas.append(FormulaTrial(criterion.key, _say_formula(other), share))
    changes = []
    for words, others in _other_weights(tender, weights, simulated.count, settings.seed):
        winners = _first(tender, simulated.mark(tender, others))
        changes.append((words, float((winners != first).any(axis=1).mean())))
    return RobustnessStudy(
        title=tender.consultation.title,
        reference=tender.consultation.reference,
        rule_hash=tender.hash,
        consultations=simulated.count,
        bids=settings.bids,
        seed=settings.seed,
        criteria=_spreads(tender, weights, base, first),
        formulas=tuple(formulas),
        weight_changes=tuple(changes),
        cheapest_share=simulated.cheapest_share(first),
        undefined=settings.consultations - simulated.count,
        ranges=simulated.ranges,
    )


def _central_weights(tender: Tender) -> Floats:
    """Return the weights the study starts from; the middle of ranges without a stated weight."""
    if tender.weighting == "ranges" and any(each.weight is None for each in tender.criteria):
        low, high = weight_limits(tender)
        room = high - low
        return np.asarray(low + room * (100.0 - low.sum()) / room.sum())
    settled = settle_weights(tender)
    return np.array([settled[each.key] for each in tender.criteria])


def _other_formulas(tender: Tender, criterion: Criterion, settings: Robustness) -> list[Criterion]:
    """Return a criterion under other formulas: those the rule names to try, or the usual ones."""
    named = settings.formulas.get(criterion.key)
    if named is not None:
        return [_with_formula(tender, criterion, dict(each)) for each in named]
    if criterion.kind == "jury":
        other = "jury-best" if criterion.formula == "jury-scale" else "jury-scale"
        return [replace(criterion, formula=other)]
    usual = []
    for name, parameters in USUAL_FORMULAS:
        known = name == criterion.formula and parameters == dict(criterion.parameters)
        if not known and (criterion.better == "lower" or FORMULAS[name].text_higher):
            usual.append(replace(criterion, formula=name, parameters=dict(parameters)))
    return usual


def _with_formula(tender: Tender, criterion: Criterion, given: dict[str, Any]) -> Criterion:
    """Return a criterion under a formula that the robustness section names."""
    name = given.pop("formula", None)
    if name not in FORMULAS or set(given) != set(FORMULAS[str(name)].parameters) - {"scale"}:
        raise FieldError(
            "a formula to try is not one that is known, with its parameters",
            file=tender.file,
            field=f"robustness.formulas.{criterion.key}",
            found=f"{name} {given}",
            expected="; ".join(
                f"{each.name} ({', '.join(each.parameters) or 'no parameter'})"
                for each in FORMULAS.values()
            ),
        )
    parameters = {
        key: tuple(map(float, value)) if isinstance(value, list | tuple) else
        value if isinstance(value, str) else float(value)
        for key, value in given.items()
    }  # fmt: skip
    return replace(criterion, formula=str(name), parameters=parameters)  # type: ignore[arg-type]


def _say_formula(criterion: Criterion) -> str:
    """Return a formula and its parameters in French."""
    parameters = []
    for name, value in criterion.parameters.items():
        words = number_text(value) if isinstance(value, float) else str(value)
        if isinstance(value, tuple):
            words = " à ".join(map(number_text, value))
        parameters.append(f"{PARAMETER_WORDS.get(name, name)} = {words}")
    label = formula_of(criterion).label
    return f"{label} ({', '.join(parameters)})" if parameters else label


def _other_weights(
    tender: Tender, weights: Floats, count: int, seed: int
) -> list[tuple[str, Floats]]:
    """Return other weightings: those the rule admits, or a few points moved between criteria."""
    if tender.weighting != "points":
        rng = make_generator("robustness.weights", seed)
        return [("tirés parmi tous ceux que la règle admet", draw_weights(tender, count, rng))]
    others = []
    for gains, more in enumerate(tender.criteria):
        for loses, less in enumerate(tender.criteria):
            if gains == loses or weights[loses] <= SHIFT_POINTS:
                continue
            moved = weights.copy()
            moved[gains] += SHIFT_POINTS
            moved[loses] -= SHIFT_POINTS
            words = f"{number_text(SHIFT_POINTS)} points de « {less.label} » à « {more.label} »"
            others.append((words, moved))
    return others


def _first(tender: Tender, marks: Marks) -> NDArray[np.bool_]:
    return np.asarray(sort_bids(tender, marks) == 1)


def _spreads(
    tender: Tender, weights: Floats, marks: Marks, first: NDArray[np.bool_]
) -> tuple[CriterionSpread, ...]:
    """Return what each criterion weighs in fact."""
    spread = (marks.points.max(axis=1) - marks.points.min(axis=1)).mean(axis=0)
    total = float(spread.sum())
    best = marks.points == marks.points.max(axis=1, keepdims=True)
    winner_best = (best & first[:, :, None]).any(axis=1).mean(axis=0)
    return tuple(
        CriterionSpread(
            criterion=each.key,
            label=each.label,
            weight=float(weights[place]),
            spread=float(spread[place]),
            effective_weight=100.0 * float(spread[place]) / total if total > 0 else 0.0,
            first_share=float(winner_best[place]),
        )
        for place, each in enumerate(tender.criteria)
    )
