"""What a bidder is told of the outcome: its own marks, the winner's total and marks, no more.

A letter holds what its reader needs to compute its own marks again. Unit prices of another bidder
are a business secret (Conseil d'État, 30 March 2016, n° 375529), and what a third bidder offered is
told to nobody: of it, a letter holds at most the best value a published formula refers to.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lcc.cost.tender.bids.bid import Bid
from lcc.cost.tender.documents.cost_detail import cost_detail, cost_table
from lcc.cost.tender.documents.formula_words import formula_text, symbol_values
from lcc.cost.tender.documents.justification_letter import draft_letter
from lcc.cost.tender.documents.missing_words import MISSING_WORDS, problem_words
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
from lcc.cost.tender.evaluation.results import BidResult, LotResult, TenderResult
from lcc.errors import FieldError
from lcc.forms.safe_names import safe_name
from lcc.wording import date_text, number_text, rounding_text, unit_text

__all__ = [
    "bidder_letter",
    "bidder_letters",
    "low_bid_letters",
    "regularisation_letter",
    "regularisation_letters",
    "unsuccessful",
]

DRAFT = "Projet de courrier, à relire et à signer par l'acheteur"
PROVISIONAL = (
    "classement provisoire : ne pas envoyer avant la décision de l'acheteur sur chaque offre"
)
LEVELS = {"contract": "propre au marché", "company": "portant sur l'entreprise", None: "non dit"}


def unsuccessful(lot: LotResult) -> list[BidResult]:
    """Return the bids of a lot whose bidders are to be told they were not chosen.

    None as long as no bid, or more than one, stands first; nor a bid that the buyer still has to
    decide on, nor another bid of the winner itself.
    """
    if len(lot.winners) != 1:
        return []
    winner = lot.result(lot.winners[0])
    return [
        each
        for each in lot.results
        if each.status != "to-be-regularised" and _family(each.bid) != _family(winner.bid)
    ]


def bidder_letters(result: TenderResult) -> dict[str, dict[str, Any]]:
    """Return the letter to each unsuccessful bidder, by a name that is safe for a file."""
    letters: dict[str, dict[str, Any]] = {}
    for lot in result.lots:
        for each in unsuccessful(lot):
            letters[_file_name("lettre", lot, each, letters)] = bidder_letter(result, lot, each)
    return letters


def low_bid_letters(result: TenderResult) -> dict[str, dict[str, Any]]:
    """Return the draft asking each suspected bidder to justify its price, by a safe name."""
    letters: dict[str, dict[str, Any]] = {}
    for lot in result.lots:
        for flag in lot.waiting_flags:
            own = lot.result(flag.bid)
            draft = draft_letter(result.tender, own.bid, flag)
            name = _file_name("justification-prix", lot, own, letters)
            letters[name] = {**draft, "stamp": result.stamp}
    return letters


def regularisation_letters(result: TenderResult) -> dict[str, dict[str, Any]]:
    """Return the draft asking each incomplete bidder for what is missing, by a safe name."""
    letters: dict[str, dict[str, Any]] = {}
    for lot in result.lots:
        for each in lot.results:
            if each.status == "to-be-regularised":
                name = _file_name("regularisation", lot, each, letters)
                letters[name] = regularisation_letter(result, lot, each)
    return letters


def bidder_letter(result: TenderResult, lot: LotResult, own: BidResult) -> dict[str, Any]:
    """Return the letter to an unsuccessful bidder as document content.

    Parameters
    ----------
    result : TenderResult
        The evaluation.
    lot : LotResult
        The lot.
    own : BidResult
        The bid of the reader.

    Raises
    ------
    FieldError
        If the lot has no winner, or more than one: nothing can be announced.
    """
    if len(lot.winners) != 1:
        raise FieldError(
            "no letter can be written as long as one bid alone does not stand first",
            field="winners",
            found=", ".join(lot.winners) or "no bid is marked",
            expected="one winner",
            remedy="record the buyer's decision between bids of equal rank",
        )
    winner = lot.result(lot.winners[0])
    sections = [
        section("Objet", [_subject(result, lot, own)]),
        section("Décision", _outcome(lot, own, winner)),
        section("Notes", _marks(result, lot, own, winner)),
        section("Calcul de vos notes", _computation(result, lot, own)),
        section("Montant de votre offre", _amount(result, own)),
        section("Données retenues de votre offre", _data(result, own)),
        section("Détail du calcul sur la durée étudiée", _detail(result, own)),
        section("Motifs du choix de l'offre retenue", _reasons()),
        section("Suite de la procédure et recours", _remedies()),
    ]
    return document(
        "Information d'un candidat non retenu",
        f"{result.tender.consultation.reference} – {DRAFT}"
        + (f" ; {PROVISIONAL}" if _undecided(lot) else ""),
        sections,
        stamp=result.stamp,
    )


def regularisation_letter(result: TenderResult, lot: LotResult, own: BidResult) -> dict[str, Any]:
    """Return the letter that asks a bidder for what its bid lacks, as document content."""
    lacking = []
    for each in own.missing:
        words = f"{each.label} ({MISSING_WORDS.get(each.kind, each.kind)})"
        why = problem_words(result.tender, each)
        lacking.append(f"{words} : {why}." if why else f"{words}.")
    sections = [
        section("Objet", [_subject(result, lot, own)]),
        section(
            "Ce qui manque",
            [
                text(
                    "Votre offre est incomplète sur les points suivants. Rien n'a été complété à "
                    "votre place et aucune décision n'est prise à ce stade."
                ),
                items(lacking),
            ],
        ),
        section(
            "Délai",
            [
                text(
                    "En application de l'article R2152-2 du code de la commande publique, "
                    "l'acheteur vous autorise à régulariser votre offre avant le [date et heure à "
                    "fixer par l'acheteur, les mêmes pour tous les candidats concernés], sans "
                    "modifier ses caractéristiques substantielles. Sans réponse, votre offre "
                    "pourra être écartée par une décision motivée."
                ),
                text("[Date, nom et qualité du signataire]"),
            ],
        ),
    ]
    return document(
        "Demande de régularisation d'une offre",
        f"{result.tender.consultation.reference} – {DRAFT}",
        sections,
        stamp=result.stamp,
    )


def _undecided(lot: LotResult) -> bool:
    """Tell whether the buyer still has to decide on a bid of the lot, which may change it all."""
    waiting = any(each.status == "to-be-regularised" for each in lot.results)
    return waiting or bool(lot.waiting_flags)


def _subject(result: TenderResult, lot: LotResult, own: BidResult) -> Part:
    consultation = result.tender.consultation
    return facts(
        [
            ("Acheteur", consultation.buyer),
            ("Consultation", f"{consultation.reference} : {consultation.title}"),
            ("Lot", lot.label),
            ("Candidat", own.name),
            ("Variante", "oui" if own.bid.variant_of else ""),
            ("Empreinte de la règle publiée (SHA-256)", result.hash),
        ]
    )


def _outcome(lot: LotResult, own: BidResult, winner: BidResult) -> list[Part]:
    """Say what became of the bid, and who was chosen."""
    if own.status == "scored":
        said = (
            f"Votre offre n'est pas retenue. Elle est classée au rang {own.rank} sur "
            f"{len(lot.scored)} offres notées."
        )
    else:
        said = f"Votre offre n'est pas retenue : elle est {own.status_text}."
        if own.decision is not None:
            by = f" ({own.decision.by})" if own.decision.by else ""
            said += (
                f" Décision du {date_text(own.decision.date)}{by}, motivée ainsi : "
                f"{own.decision.reason}"
            )
    price: str | float = "" if winner.amount is None else winner.amount.compared_eur
    return [
        text(said),
        facts(
            [
                ("Attributaire", winner.name),
                ("Montant comparé de l'offre retenue (€ HT)", price),
                ("Total de l'offre retenue (points)", number_text(winner.total_points or 0.0)),
            ]
        ),
    ]


def _marks(result: TenderResult, lot: LotResult, own: BidResult, winner: BidResult) -> list[Part]:
    """Return the table of the reader's marks beside the winner's."""
    scored = own.status == "scored"
    rows: list[Row] = []
    for each in result.tender.criteria:
        row: dict[str, str | int | float] = {
            "label": each.label,
            "weight": lot.weights[each.key],
            "winner": winner.scores[each.key].points,
        }
        if scored:
            row["own"] = own.scores[each.key].points
        rows.append(row)
    total: dict[str, str | int | float] = {
        "label": "Total",
        "weight": sum(lot.weights.values()),
        "winner": winner.total_points or 0.0,
    }
    if scored:
        total["own"] = own.total_points or 0.0
    decimals = result.tender.decimals
    columns = [
        column("label", "Critère"),
        column("weight", "Points du critère", numeric=True, decimals=2),
        *([column("own", "Vos points", numeric=True, decimals=decimals)] if scored else []),
        column("winner", "Points de l'offre retenue", numeric=True, decimals=decimals),
    ]
    caption = "Vos notes et celles de l'offre retenue" if scored else "Notes de l'offre retenue"
    return [table(caption, columns, [*rows, total])]


def _computation(result: TenderResult, lot: LotResult, own: BidResult) -> list[Part]:
    """Return, criterion by criterion, all that gives the reader's marks again."""
    if own.status != "scored":
        return []
    parts: list[Part] = []
    for each in result.tender.criteria:
        score = own.scores[each.key]
        if score.reason:
            parts.append(text(f"« {each.label} » : {score.reason}"))
            if score.exact_points == 0:
                continue
        references = lot.references.get(each.key, {})
        values = symbol_values(each, score, lot.weights[each.key], references)
        unit = "" if score.unit == "points" else f", valeurs comparées en {unit_text(score.unit)}"
        parts.append(text(f"Critère « {each.label} »{unit} :"))
        parts.append(formula(formula_text(each)))
        parts.append(
            table(
                f"Calcul de votre note, critère « {each.label} »",
                [
                    column("symbol", "Symbole"),
                    column("said", "Signification"),
                    column("value", "Valeur", numeric=True),
                ],
                [
                    *(_step(symbol, said, value) for symbol, said, value in values),
                    _step("N", "votre note avant arrondi", score.exact_points),
                    _step("N", "votre note", score.points),
                ],
            )
        )
        comment = own.bid.comments.get(each.key)
        if comment:
            parts.append(text(f"« {each.label} », appréciation de votre offre : {comment}"))
    parts.append(
        text(
            f"Chaque note est arrondie {rounding_text(result.tender.decimals)}, la demie vers le "
            "haut ; le total est la somme des notes arrondies. Les formules et les données "
            "communes sont dans l'annexe de la consultation."
        )
    )
    return parts


def _step(symbol: str, said: str, value: float) -> Row:
    """Return one line of a computation; as a text, so that no figure of it is rounded away."""
    return {"symbol": symbol, "said": said, "value": number_text(value)}


def _detail(result: TenderResult, own: BidResult) -> list[Part]:
    """Return what the study makes of the reader's own bid."""
    rows = cost_detail(result.tender, own.bid) if own.status == "scored" else []
    if not rows:
        return []
    return [cost_table(result.tender, "Votre offre, poste par poste", rows)]


def _amount(result: TenderResult, own: BidResult) -> list[Part]:
    """Return how the reader's own amount is made of its own unit prices."""
    if own.amount is None:
        return []
    lines = {line.key: line for line in result.tender.quantities_of(own.bid.lot)}
    rows: list[Row] = [
        {
            "label": lines[key].label,
            "unit": unit_text(lines[key].unit),
            "quantity": number_text(lines[key].quantity),
            "price": number_text(own.bid.unit_prices[key] or 0.0),
            "amount": amount,
        }
        for key, amount in own.amount.lines_eur.items()
    ]
    parts = []
    if rows:
        columns = [
            column("label", "Désignation"),
            column("unit", "Unité"),
            column("quantity", "Quantité estimée", numeric=True),
            column("price", "Votre prix unitaire (€ HT)", numeric=True),
            column("amount", "Montant (€ HT)", numeric=True, decimals=2),
        ]
        parts.append(table("Votre offre de prix", columns, rows))
    labels = {part.key: part for part in result.tender.parts}
    entries = [("Montant de base (€ HT)", own.amount.base_eur)]
    for key, amount in own.amount.parts_eur.items():
        counted = "pris en compte" if labels[key].compared else "non pris en compte"
        entries.append((f"{labels[key].label} (€ HT, {counted})", amount))
    return [*parts, facts([*entries, ("Montant comparé (€ HT)", own.amount.compared_eur)])]


def _data(result: TenderResult, own: BidResult) -> list[Part]:
    """Return the values and documents of the reader's own bid."""
    rows: list[Row] = []
    for key, field in result.tender.fields_of(own.bid.lot).items():
        value, given = own.bid.values.get(key), own.bid.evidence.get(key)
        rows.append(
            {
                "label": field.label,
                "value": "non renseigné" if value is None else number_text(value),
                "unit": unit_text(field.unit),
                "document": given.document if given is not None else "",
                "level": LEVELS.get(given.level, "") if given is not None else "",
            }
        )
    if not rows:
        return []
    return [
        table(
            "Données de votre offre",
            [
                column("label", "Donnée"),
                column("value", "Valeur"),
                column("unit", "Unité"),
                column("document", "Document joint"),
                column("level", "Portée"),
            ],
            rows,
        )
    ]


def _reasons() -> list[Part]:
    return [
        text(
            "[Caractéristiques et avantages de l'offre retenue, sans aucune information couverte "
            "par le secret des affaires : à compléter par l'acheteur.]"
        )
    ]


def _remedies() -> list[Part]:
    return [
        text(
            "Le marché ne sera pas signé avant le [date à fixer par l'acheteur selon le délai de "
            "suspension applicable]. Cette décision peut être contestée devant le [juridiction "
            "compétente, adresse], notamment par un référé précontractuel avant la signature du "
            "marché (article L551-1 du code de justice administrative)."
        ),
        text("[Date, nom et qualité du signataire]"),
    ]


def _family(bid: Bid) -> str:
    """Return the key of the base bid of a bidder."""
    return bid.variant_of or bid.key


def _file_name(kind: str, lot: LotResult, own: BidResult, taken: Mapping[str, object]) -> str:
    """Return a name that is safe for a file and not taken yet."""
    parts = [kind, lot.lot, own.key] if lot.lot else [kind, own.key]
    name = "-".join(safe_name(str(part)) for part in parts)
    # Two lots may differ by characters that no file name holds: no letter may replace another.
    return name if name not in taken else f"{name}-{len(taken) + 1}"
