"""The consultation annex: what bidders must know to compute their own marks, as document content.

It is made from the tender's file by the code that will mark the bids; a carbon criterion was
annulled for want of a stated method (Conseil d'État, 15 February 2013, n° 363921).
"""

from __future__ import annotations

from typing import Any

from lcc.cost.tender.documents.annex_study import study_sections
from lcc.cost.tender.documents.carbon_terms import factor_sections
from lcc.cost.tender.documents.formula_words import (
    KIND_WORDS,
    compared_words,
    formula_text,
    symbols_of,
)
from lcc.cost.tender.documents.parts import (
    Part,
    Row,
    column,
    document,
    facts,
    formula,
    items,
    section,
    table,
    text,
)
from lcc.cost.tender.documents.worked_example import Example, work_example
from lcc.cost.tender.rule.published import Criterion, Tender
from lcc.cost.tender.rule.scoring import degenerate_cases, formula_of
from lcc.law.cases import case_against
from lcc.wording import (
    date_text,
    number_text,
    quantity_text,
    range_text,
    rounding_text,
    unit_text,
)

__all__ = ["annex_content"]

PURCHASES = {"supplies": "fournitures", "services": "services", "works": "travaux"}
EVALUATED = ("life-cycle-cost", "co2-tonnes", "co2-euros", "co2-discount")


def annex_content(tender: Tender) -> dict[str, Any]:
    """Return the annex of a consultation as document content.

    Parameters
    ----------
    tender : Tender
        The rule; what it keeps unpublished (ranges of simulated bids, estimate) is never read.

    Raises
    ------
    FieldError, UnitError
        If the rule's own worked example cannot be computed: the method would not work.
    """
    consultation = tender.consultation
    example = work_example(tender, tender.lots[0])
    model = example.comparison.model
    sections = [
        section("Objet de l'annexe", [*_purpose(tender)]),
        section("Critères et pondération", [*_criteria(tender)]),
        *(
            section(f"Critère « {each.label} »", [*_criterion(tender, each)])
            for each in tender.criteria
        ),
        section("Montant comparé", [*_amount(tender)]),
        section("Données et justificatifs demandés", [*_fields(tender)]),
        section("Ce qui n'est pas accepté", [*_refused(tender)]),
        *(study_sections(tender, model.study) if model is not None else []),
        *(factor_sections(tender, model) if model is not None else []),
        section("Arrondis, total et égalités", [*_rounding(tender)]),
        section("Exemple de notation", [*_example(tender, example)]),
        section("Empreinte de la règle", [*_hash(tender)]),
    ]
    return document(
        "Annexe : méthode d'évaluation des offres",
        f"{consultation.reference} – {consultation.title}",
        sections,
    )


def _purpose(tender: Tender) -> list[Part]:
    consultation = tender.consultation
    kind = PURCHASES[consultation.purchase_kind]
    agreed = "standardisées" if consultation.purchase_kind == "supplies" else "standardisés"
    standard = f" {agreed}" if consultation.standardised else ""
    years = consultation.contract_years
    lots = " ; ".join(each.label for each in consultation.lots)
    return [
        text(
            "Cette annexe dit comment chaque offre sera notée. Elle est établie à partir du "
            "fichier même qui servira à l'évaluation : aucune autre donnée, aucune autre formule "
            "et aucun autre critère ne seront employés."
        ),
        facts(
            [
                ("Acheteur", consultation.buyer),
                ("Consultation", consultation.reference),
                ("Objet", consultation.title),
                ("Lancement", date_text(consultation.launched)),
                ("Nature de l'achat", kind + standard),
                ("Durée du marché", quantity_text(years, "an") if years else ""),
                ("Lots", f"{lots} (chaque lot est évalué séparément)" if lots else ""),
                ("Empreinte de la règle (SHA-256)", tender.hash),
            ]
        ),
    ]


def _weight(tender: Tender, criterion: Criterion) -> str:
    """Return the weight of a criterion, as published."""
    if tender.weighting == "ranks":
        return f"rang {criterion.rank}"
    if criterion.weight_range is not None:
        low, high = criterion.weight_range
        points = f"de {number_text(low)} à {number_text(high)} points"
        return points if criterion.weight is None else (
            f"{number_text(criterion.weight)} points ({points})"
        )  # fmt: skip
    return f"{number_text(criterion.weight or 0)} points"


def _criteria(tender: Tender) -> list[Part]:
    """Return the table of criteria, and what ranges or ranks mean."""
    rows: list[Row] = [
        {
            "label": each.label,
            "weight": _weight(tender, each),
            "kind": KIND_WORDS[each.kind],
            "environment": "oui" if each.environmental or each.externalities else "non",
            "why": each.justification,
        }
        for each in tender.criteria
    ]
    columns = [
        column("label", "Critère"),
        column("weight", "Pondération"),
        column("kind", "Ce qui est comparé"),
        column("environment", "Environnement"),
    ]
    if any(each.justification for each in tender.criteria):
        columns.append(column("why", "Lien avec le marché"))
    parts = [table("Critères d'attribution, sur 100 points", columns, rows)]
    if tender.weighting == "ranks":
        parts.append(
            text(
                "Les critères sont classés par ordre décroissant d'importance, la pondération "
                f"n'étant pas possible : {tender.weighting_justification} Pour noter, chaque rang "
                "reçoit la moyenne de tous les poids qui respectent cet ordre."
            )
        )
    if tender.weighting == "ranges":
        parts.append(
            text(
                "Là où une fourchette est annoncée, l'acheteur fixe le poids à l'intérieur de la "
                "fourchette, pour un total de 100, et enregistre ce choix avec sa date avant "
                "l'ouverture des plis."
            )
        )
    return parts


def _criterion(tender: Tender, criterion: Criterion) -> list[Part]:
    """Return how one criterion is marked: value, formula, parameters, special cases, evidence."""
    used = formula_of(criterion)
    bounds = criterion.parameters.get("bounds")
    low, high = bounds if isinstance(bounds, tuple) else ("", "")
    parameters = [
        ("Points du critère (W)", _weight(tender, criterion)),
        ("Borne basse (B)", low if isinstance(low, str) else number_text(low)),
        ("Borne haute (H)", high if isinstance(high, str) else number_text(high)),
        *(
            (label, number_text(value))
            for name, label in (
                ("multiple", "Multiple annoncé (k)"),
                ("exponent", "Puissance annoncée (n)"),
            )
            if isinstance(value := criterion.parameters.get(name), float)
        ),
        ("Note la plus haute du jury (S)", number_text(criterion.scale) if criterion.scale else ""),
        (
            "Valeur de la tonne",
            f"{number_text(criterion.eur_per_tco2e)} €/tCO2e" if criterion.eur_per_tco2e else "",
        ),
        ("Justificatif demandé", criterion.evidence),
    ]
    return [
        text(compared_words(tender, criterion)),
        text(f"{used.label}. {used.sentence}"),
        formula(formula_text(criterion), symbols_of(criterion)),
        facts(parameters),
        items(
            f"{case[0].upper()}{case[1:]} : {said}." for case, said in degenerate_cases(criterion)
        ),
    ]


def _amount(tender: Tender) -> list[Part]:
    """Return the estimated quantities, and which options, tranches and variants are compared."""
    labels = {each.key: each.label for each in tender.parts}
    lots = {each.key: each.label for each in tender.consultation.lots}
    parts: list[Part] = []
    if tender.quantities:
        columns = [
            column("label", "Désignation"),
            column("quantity", "Quantité estimée", numeric=True),
            column("unit", "Unité"),
        ]
        if lots:
            columns.append(column("lot", "Lot"))
        if labels:
            columns.append(column("part", "Option ou tranche"))
        rows: list[Row] = [
            {
                "label": each.label,
                "quantity": number_text(each.quantity),
                "unit": unit_text(each.unit),
                "lot": lots.get(str(each.lot), "tous"),
                "part": labels.get(str(each.part), "base"),
            }
            for each in tender.quantities
        ]
        keys = [each["key"] for each in columns]
        rows = [{key: row[key] for key in keys} for row in rows]
        parts.append(table("Quantités estimées, sur la durée du marché", columns, rows))
        parts.append(
            text(
                "Ces quantités servent à comparer les offres ; elles n'engagent pas sur les "
                "quantités commandées. Chaque ligne reçoit un prix unitaire hors taxes."
            )
        )
    stated = [
        f"{each.label} : {'prise en compte' if each.compared else 'non prise en compte'} dans la "
        "comparaison"
        for each in tender.parts
    ]
    if stated:
        parts.append(items(stated))
    variants = "Les variantes ne sont pas admises."
    if tender.variants.admitted:
        variants = (
            "Les variantes sont admises et notées comme les offres de base. "
            f"{tender.variants.requirements}"
        ).strip()
    return [*parts, text(variants)]


def _fields(tender: Tender) -> list[Part]:
    """Return the table of what each bid must give, and how to give it."""
    if not tender.fields:
        return []
    lots = {each.key: each.label for each in tender.consultation.lots}
    levels = {"contract": "propre au marché", None: ""}
    rows: list[Row] = [
        {
            "label": each.label + (f" (lot {lots[each.lot]})" if each.lot in lots else ""),
            "unit": unit_text(each.unit),
            "required": "oui" if each.required else "non",
            "limits": range_text(each.minimum, each.maximum),
            "evidence": each.evidence
            or ("document justificatif" if each.evidence_level else "aucun"),
            "level": levels.get(each.evidence_level, str(each.evidence_level)),
        }
        for each in tender.fields.values()
    ]
    return [
        table(
            "Données demandées dans le formulaire d'offre",
            [
                column("label", "Donnée"),
                column("unit", "Unité"),
                column("required", "Obligatoire"),
                column("limits", "Valeurs admises"),
                column("evidence", "Justificatif à joindre"),
                column("level", "Portée du justificatif"),
            ],
            rows,
        ),
        text(
            "Les données se donnent dans le formulaire joint à la consultation, dans l'unité "
            "indiquée. Une valeur retenue dans l'offre engage le titulaire pendant l'exécution."
        ),
    ]


def _refused(tender: Tender) -> list[Part]:
    """Return what earns nothing, what is asked again, and what makes a form unusable."""
    entries = [
        "Une donnée obligatoire laissée vide n'est jamais complétée : l'offre est à régulariser ou "
        "à écarter, et l'acheteur décide par une décision motivée et datée.",
        "Une cellule qui contient une formule ou un texte à la place d'un nombre n'est pas lue.",
        "Le formulaire d'une autre consultation, ou d'une autre version de la règle, est refusé.",
    ]
    proven = [each.label for each in tender.fields.values() if each.evidence_level == "contract"]
    if proven:
        case = case_against("company-level")
        entries.insert(
            0,
            "Un certificat, un label, une politique ou un bilan établi à l'échelle de l'entreprise "
            f"n'apporte aucun point et ne prouve aucune donnée ({' ; '.join(proven)}) ; une valeur "
            "ainsi appuyée ne sert pas de référence aux notes des autres offres. Les "
            f"critères se rapportent à l'objet du marché. {case.holding_fr} ({case.citation})",
        )
    if any(each.kind in EVALUATED for each in tender.criteria):
        entries.append(
            "Une compensation d'émissions, ou une réduction obtenue hors de l'exécution du marché, "
            "n'est pas comptée."
        )
    return [items(entries)]


def _rounding(tender: Tender) -> list[Part]:
    decimals = tender.decimals
    said = rounding_text(decimals)
    half = "0,5" if decimals == 0 else "0," + "0" * decimals + "5"
    tie = "À total égal, les offres ont le même rang et l'acheteur décide par une décision motivée."
    if tender.tie_break is not None:
        label = tender.criterion(tender.tie_break).label
        tie = f"À total égal, la meilleure note au critère « {label} » l'emporte."
    return [
        text(
            f"Chaque note est arrondie {said}, la demie étant arrondie vers le haut ({half} compte "
            "pour une unité du dernier chiffre). Les valeurs comparées ne sont pas arrondies. Le "
            "total est la somme des notes arrondies."
        ),
        text(tie),
    ]


def _example(tender: Tender, example: Example) -> list[Part]:
    """Return the tables of the worked example."""
    values: list[Row] = []
    marks: list[Row] = []
    names = [each.name for each in example.bids]
    for each in tender.criteria:
        if each.kind == "jury":
            compared = f"{each.label} (note sur {number_text(each.scale or 0)})"
        else:
            compared = f"{each.label} ({_unit(tender, each)})"
        values.append(
            {"label": compared, **dict(zip(names, example.values[each.key], strict=True))}
        )
        marks.append(
            {
                "label": f"{each.label} (sur {number_text(example.points[each.key])})",
                **dict(zip(names, example.marks[each.key], strict=True)),
            }
        )
    marks.append({"label": "Total", **dict(zip(names, example.totals, strict=True))})
    heads = [
        column("label", "Critère"),
        *(column(name, name, numeric=True, decimals=2) for name in names),
    ]
    shown = [
        column("label", "Critère"),
        *(column(name, name, numeric=True, decimals=tender.decimals) for name in names),
    ]
    between = (
        [text("Les poids de cet exemple sont au milieu de ce que la règle admet.")]
        if tender.weighting != "points"
        else []
    )
    return [
        text(
            "Les trois offres de cet exemple sont inventées : leurs valeurs, choisies à partir des "
            "seules limites publiées, ne disent rien de ce que l'acheteur attend. Les notes sont "
            "calculées par le programme qui notera les offres."
        ),
        *between,
        *([_inputs(tender, example)] if tender.fields or tender.quantities else []),
        table("Valeurs comparées de l'exemple", heads, values),
        table("Notes de l'exemple, en points", shown, marks),
    ]


def _inputs(tender: Tender, example: Example) -> Part:
    """Return what the invented bids offer."""
    names = [each.name for each in example.bids]
    lot = example.bids[0].lot
    rows: list[Row] = []
    for line in tender.quantities_of(lot):
        prices = [each.unit_prices.get(line.key) for each in example.bids]
        if all(price is not None for price in prices):
            label = f"{line.label} (€/{unit_text(line.unit)})"
            shown = [number_text(price or 0) for price in prices]
            rows.append({"label": label, **dict(zip(names, shown, strict=True))})
    for key, field in tender.fields_of(lot).items():
        shown = [number_text(each.values[key] or 0) for each in example.bids]
        label = f"{field.label} ({unit_text(field.unit)})"
        rows.append({"label": label, **dict(zip(names, shown, strict=True))})
    heads = [column("label", "Donnée"), *(column(name, name, numeric=True) for name in names)]
    return table("Offres inventées de l'exemple", heads, rows)


def _unit(tender: Tender, criterion: Criterion) -> str:
    from lcc.cost.tender.comparison.compared import unit_of

    return unit_text(unit_of(criterion, tender))


def _hash(tender: Tender) -> list[Part]:
    return [
        text(
            "L'empreinte ci-dessous est calculée sur la règle publiée. Elle figure aussi dans le "
            "formulaire d'offre et figurera dans l'évaluation : si une valeur de la règle change, "
            "l'empreinte change. Une évaluation faite sous une autre règle est refusée ; forcée, "
            "elle porte partout la mention « simulation, non opposable »."
        ),
        {"kind": "code", "text": tender.hash},
    ]
