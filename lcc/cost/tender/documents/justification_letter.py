"""The letter that asks a bidder to justify a price that looks too low."""

from __future__ import annotations

from typing import Any

from lcc.cost.tender.bids.bid import Bid
from lcc.cost.tender.evaluation.abnormal import AbnormalFlag
from lcc.cost.tender.rule.published import Tender
from lcc.wording import number_text, unit_text

__all__ = ["draft_letter"]

TOPICS = (
    "le mode de fabrication des produits, les modalités de la prestation ou le procédé de "
    "construction ;",
    "les solutions techniques retenues, ou les conditions exceptionnellement favorables dont vous "
    "disposez ;",
    "l'originalité de l'offre ;",
    "le respect des règles de l'environnement, sociales et du travail applicables là où le marché "
    "s'exécute, y compris par vos sous-traitants ;",
    "le cas échéant, une aide d'État obtenue.",
)
"""What a bidder may invoke (R2152-3), in our own words."""


def draft_letter(tender: Tender, bid: Bid, flag: AbnormalFlag) -> dict[str, Any]:
    """Return the content of the letter that asks a bidder to justify its price.

    It tells the bidder's own figures only: neither the other bids nor the estimate, which are
    secret before the award.

    Returns
    -------
    dict
        Title, subtitle, language and sections: a document content.
    """
    consultation = tender.consultation
    lines = {line.key: line for line in tender.quantities_of(bid.lot)}
    lots = {each.key: each.label for each in consultation.lots}
    asked = [
        "la décomposition de votre prix : main-d'œuvre, matériels, fournitures, sous-traitance, "
        "frais généraux, marge ;",
        "les justifications correspondantes, pièces à l'appui, y compris pour la part que vous "
        "envisagez de sous-traiter.",
    ]
    sections: list[dict[str, Any]] = [
        {
            "heading": "Objet",
            "parts": [
                {
                    "kind": "facts",
                    "rows": [
                        ["Consultation", f"{consultation.reference} : {consultation.title}"],
                        ["Acheteur", consultation.buyer],
                        ["Candidat", bid.name],
                        *([["Lot", lots.get(bid.lot, bid.lot)]] if bid.lot else []),
                        ["Montant de votre offre", f"{number_text(flag.amount_eur, 2)} € HT"],
                    ],
                },
                {
                    "kind": "text",
                    "text": "Le montant de votre offre paraît bas au regard des prestations "
                    "demandées. En application des articles L2152-6 et R2152-3 du code de la "
                    "commande publique, nous vous demandons de le justifier. Cette demande ne "
                    "préjuge d'aucune décision : votre offre reste examinée avec les autres.",
                },
            ],
        },
        {
            "heading": "Ce qui est demandé",
            "parts": [{"kind": "list", "items": asked}],
        },
        {
            "heading": "Ce que vous pouvez invoquer",
            "parts": [{"kind": "list", "items": list(TOPICS)}],
        },
        {
            "heading": "Délai et suite",
            "parts": [
                {
                    "kind": "text",
                    "text": "Répondez par le profil d'acheteur avant le [date et heure à fixer par "
                    "l'acheteur]. Sans réponse, ou si vos justifications ne suffisent pas à "
                    "écarter le soupçon d'un prix manifestement sous-évalué et de nature à "
                    "compromettre la bonne exécution du marché, l'offre sera rejetée par une "
                    "décision motivée.",
                },
                {"kind": "text", "text": "[Date, nom et qualité du signataire]"},
            ],
        },
    ]
    if flag.lines:
        own = [
            f"{lines[key].label} : {number_text(float(bid.unit_prices[key] or 0.0))} "
            f"€/{unit_text(lines[key].unit)}"
            for key in flag.lines
        ]
        sections[1]["parts"] += [
            {"kind": "text", "text": "Nous vous demandons en particulier le détail de ces prix :"},
            {"kind": "list", "items": own},
        ]
    return {
        "title": "Demande de justification du prix",
        "subtitle": "Projet de lettre, à relire et à signer par l'acheteur",
        "stamp": None,
        "language": "fr",
        "sections": sections,
    }
