"""The full record of an evaluation, for the buyer and the judge: everything, and every reason.

It holds the unit prices of all bidders: it is not a document to pass on. The study of robustness on
simulated bids is made before the opening and kept apart; nothing of it stands here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lcc.cost.tender.documents.cost_detail import cost_detail, cost_table
from lcc.cost.tender.documents.formula_words import compared_words, formula_text, symbols_of
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
from lcc.wording import date_text, number_text, unit_text

__all__ = ["full_record"]

DECISION_WORDS = {
    "regularise": "demander la régularisation",
    "set-aside": "écarter l'offre",
    "reject-abnormally-low": "rejeter l'offre comme anormalement basse",
    "keep": "garder l'offre",
}
LEVELS = {"contract": "propre au marché", "company": "portant sur l'entreprise", None: "non dit"}


def full_record(result: TenderResult) -> dict[str, Any]:
    """Return the full record of an evaluation as document content."""
    consultation = result.tender.consultation
    sections = [
        section("Règle appliquée", [*_rule(result)]),
        section("Décisions de l'acheteur", [*_decisions(result)]),
    ]
    for lot in result.lots:
        name = f" – lot {lot.label or lot.lot}" if lot.lot else ""
        sections += [
            section(f"Offres reçues{name}", [*_received(lot)]),
            section(f"Offres incomplètes{name}", [*_incomplete(result, lot)]),
            section(f"Notes et classement{name}", [*_marks(result, lot)]),
            section(f"Valeurs comparées{name}", [*_values(result, lot)]),
            section(f"Détail du calcul sur la durée étudiée{name}", [*_detail(result, lot)]),
            section(f"Appréciations du jury{name}", [*_comments(result, lot)]),
            section(f"Prix{name}", [*_prices(result, lot)]),
            section(f"Données et justificatifs des offres{name}", [*_data(result, lot)]),
            section(f"Offres soupçonnées d'être anormalement basses{name}", [*_flags(lot)]),
            section(f"Remarques{name}", [*_notes(lot)]),
        ]
    return document(
        "Dossier complet d'évaluation des offres",
        f"{consultation.reference} – {consultation.title} – document réservé à l'acheteur et au "
        "juge : il contient les prix unitaires de tous les candidats",
        sections,
        stamp=result.stamp,
    )


def _rule(result: TenderResult) -> list[Part]:
    """Return what rule was applied, and what differs from the published one."""
    consultation = result.tender.consultation
    published = "aucune règle figée n'a été donnée" if result.frozen_hash is None else (
        "la même" if result.frozen_hash == result.hash else result.frozen_hash
    )  # fmt: skip
    parts = [
        facts(
            [
                ("Acheteur", consultation.buyer),
                ("Consultation", f"{consultation.reference} : {consultation.title}"),
                ("Lancement", date_text(consultation.launched)),
                ("Empreinte de la règle appliquée (SHA-256)", result.hash),
                ("Règle publiée", published),
                ("Mention", result.stamp or ""),
            ]
        )
    ]
    if result.changes:
        parts.append(
            table(
                "Ce qui diffère de la règle publiée",
                [
                    column("field", "Champ"),
                    column("was", "Publié"),
                    column("is", "Appliqué"),
                ],
                [
                    {"field": each.field, "was": _shown(each.was), "is": _shown(each.is_now)}
                    for each in result.changes
                ],
            )
        )
    if result.chosen_weights is not None:
        chosen = result.chosen_weights
        points = " ; ".join(
            f"{result.tender.criterion(key).label} {number_text(value)}"
            for key, value in chosen.points.items()
        )
        by = f" par {chosen.by}" if chosen.by else ""
        parts.append(text(f"Poids choisis le {date_text(chosen.date)}{by} : {points}."))
    for each in result.tender.criteria:
        parts.append(text(f"Critère « {each.label} ». {compared_words(result.tender, each)}"))
        parts.append(formula(formula_text(each), symbols_of(each)))
    notes = [*result.tender.notes, *result.notes]
    return [*parts, *([items(notes)] if notes else [])]


def _shown(value: Any) -> str:
    if value is None:
        return "absent"
    return number_text(value) if isinstance(value, int | float) else str(value)


def _decisions(result: TenderResult) -> list[Part]:
    if not result.decisions:
        return [text("Aucune décision enregistrée : aucune offre n'est écartée.")]
    rows: list[Row] = [
        {
            "bid": each.bid,
            "decision": DECISION_WORDS[each.decision],
            "date": date_text(each.date),
            "by": each.by,
            "reason": each.reason,
            "file": each.file,
        }
        for each in sorted(result.decisions, key=lambda each: (each.date, each.bid))
    ]
    return [
        table(
            "Décisions, par date",
            [
                column("bid", "Offre"),
                column("decision", "Décision"),
                column("date", "Date"),
                column("by", "Par"),
                column("reason", "Motif"),
                column("file", "Fichier"),
            ],
            rows,
        )
    ]


def _received(lot: LotResult) -> list[Part]:
    rows: list[Row] = [
        {
            "key": each.key,
            "name": each.name,
            "received": date_text(each.bid.received) if each.bid.received else "non renseigné",
            "variant": each.bid.variant_of or "",
            "status": each.status_text,
            "file": each.bid.file,
        }
        for each in sorted(lot.results, key=lambda each: each.key)
    ]
    return [
        table(
            "Offres reçues",
            [
                column("key", "Offre"),
                column("name", "Candidat"),
                column("received", "Reçue le"),
                column("variant", "Variante de"),
                column("status", "État"),
                column("file", "Fichier"),
            ],
            rows,
        )
    ]


def _incomplete(result: TenderResult, lot: LotResult) -> list[Part]:
    """Return what each bid lacks, and why what it gave could not be taken."""
    rows: list[Row] = [
        {
            "bid": each.key,
            "kind": MISSING_WORDS.get(missing.kind, missing.kind),
            "label": missing.label,
            "problem": problem_words(result.tender, missing) or "rien n'est donné",
        }
        for each in lot.results
        for missing in each.missing
    ]
    if not rows:
        return []
    return [
        table(
            "Ce qui manque aux offres",
            [
                column("bid", "Offre"),
                column("kind", "Nature"),
                column("label", "Donnée"),
                column("problem", "Constat"),
            ],
            rows,
        ),
        text("Rien n'a été complété. Chaque offre est à régulariser ou à écarter par l'acheteur."),
    ]


def _marks(result: TenderResult, lot: LotResult) -> list[Part]:
    """Return the table of marks, the best bid first, and what made the first lead."""
    criteria = result.tender.criteria
    decimals = result.tender.decimals
    columns = [
        column("rank", "Rang", numeric=True),
        column("key", "Offre"),
        column("name", "Candidat"),
        *(
            column(
                f"points:{each.key}",
                f"{each.label} (sur {number_text(lot.weights[each.key])})",
                numeric=True,
                decimals=decimals,
            )
            for each in criteria
        ),
        column("total", "Total", numeric=True, decimals=decimals),
    ]
    rows: list[Row] = [
        {
            "rank": each.rank or 0,
            "key": each.key,
            "name": each.name,
            **{f"points:{key}": score.points for key, score in each.scores.items()},
            "total": each.total_points or 0.0,
        }
        for each in lot.scored
    ]
    if not rows:
        return [text("Aucune offre n'est notée.")]
    lead = [
        f"{result.tender.criterion(key).label} : {_signed(points)}"
        for key, points in lot.lead().items()
    ]
    first = " ; ".join(f"{each.key}, {each.name}" for each in lot.scored if each.rank == 1)
    parts = [table("Notes des offres", columns, rows), text(f"Classée première : {first}.")]
    if lead:
        parts.append(text("Écart entre la première et la deuxième offre, critère par critère :"))
        parts.append(items(lead))
    return parts


def _signed(points: float) -> str:
    plural = "s" if abs(points) >= 2 else ""
    return f"{'+' if points > 0 else ''}{number_text(points)} point{plural}"


def _values(result: TenderResult, lot: LotResult) -> list[Part]:
    """Return the values compared, the marks before rounding, and what the formulas refer to."""
    rows: list[Row] = [
        {
            "key": each.key,
            "criterion": result.tender.criterion(key).label,
            "value": score.value,
            "unit": unit_text(score.unit),
            "exact": score.exact_points,
            "points": score.points,
        }
        for each in lot.scored
        for key, score in each.scores.items()
    ]
    references: list[Row] = [
        {"criterion": result.tender.criterion(key).label, "symbol": symbol, "value": value}
        for key, each in lot.references.items()
        for symbol, value in each.items()
    ]
    reasons = [
        f"Offre {each.key}, critère « {result.tender.criterion(key).label} » : {score.reason}"
        for each in lot.scored
        for key, score in each.scores.items()
        if score.reason
    ]
    if not rows:
        return []
    return [
        table(
            "Valeurs comparées et notes avant arrondi",
            [
                column("key", "Offre"),
                column("criterion", "Critère"),
                column("value", "Valeur", numeric=True, decimals=4),
                column("unit", "Unité"),
                column("exact", "Note avant arrondi", numeric=True, decimals=6),
                column("points", "Note", numeric=True, decimals=result.tender.decimals),
            ],
            rows,
        ),
        *([text("Points qui ne sont pas donnés :"), items(reasons)] if reasons else []),
        table(
            "Références des formules",
            [
                column("criterion", "Critère"),
                column("symbol", "Symbole"),
                column("value", "Valeur", numeric=True, decimals=4),
            ],
            references,
        ),
    ]


def _detail(result: TenderResult, lot: LotResult) -> list[Part]:
    """Return what the study makes of each bid that is marked, item by item."""
    rows: list[Row] = [
        {"key": each.key, **row}
        for each in lot.scored
        for row in cost_detail(result.tender, each.bid)
    ]
    if not rows:
        return []
    return [cost_table(result.tender, "Offres, poste par poste", rows, bid=True)]


def _comments(result: TenderResult, lot: LotResult) -> list[Part]:
    rows: list[Row] = [
        {
            "key": each.key,
            "criterion": result.tender.criterion(key).label,
            "mark": "" if each.bid.jury.get(key) is None else number_text(each.bid.jury[key] or 0),
            "comment": each.bid.comments.get(key, ""),
        }
        for each in lot.results
        for key in dict.fromkeys([*each.bid.jury, *each.bid.comments])
    ]
    if not rows:
        return []
    return [
        table(
            "Notes et appréciations du jury",
            [
                column("key", "Offre"),
                column("criterion", "Critère"),
                column("mark", "Note du jury"),
                column("comment", "Appréciation"),
            ],
            rows,
        )
    ]


def _prices(result: TenderResult, lot: LotResult) -> list[Part]:
    """Return unit prices, their amounts, and the amount compared, of every bid."""
    labels = {line.key: line for line in result.tender.quantities}
    lines: list[Row] = [
        {
            "key": each.key,
            "label": labels[key].label,
            "price": _or_blank(price),
            "unit": f"€/{unit_text(labels[key].unit)}",
            "quantity": number_text(labels[key].quantity),
            "amount": _or_blank(None if price is None else price * labels[key].quantity),
        }
        for each in lot.results
        for key, price in each.bid.unit_prices.items()
    ]
    amounts: list[Row] = [
        {
            "key": each.key,
            "base": each.amount.base_eur,
            "parts": each.amount.compared_eur - each.amount.base_eur,
            "compared": each.amount.compared_eur,
        }
        for each in lot.results
        if each.amount is not None
    ]
    parts = []
    if lines:
        columns = [
            column("key", "Offre"),
            column("label", "Désignation"),
            column("price", "Prix unitaire HT", numeric=True, decimals=4),
            column("unit", "Unité"),
            column("quantity", "Quantité estimée", numeric=True),
            column("amount", "Montant (€ HT)", numeric=True, decimals=2),
        ]
        parts.append(table("Prix unitaires : secret des affaires", columns, lines))
    if amounts:
        columns = [
            column("key", "Offre"),
            column("base", "Base (€ HT)", numeric=True, decimals=2),
            column("parts", "Options et tranches comparées (€ HT)", numeric=True, decimals=2),
            column("compared", "Montant comparé (€ HT)", numeric=True, decimals=2),
        ]
        parts.append(table("Montants", columns, amounts))
    return parts


def _or_blank(value: float | None) -> float | str:
    """Return a number, or words where there is none: no blank cell is a zero."""
    return "non renseigné" if value is None else value


def _data(result: TenderResult, lot: LotResult) -> list[Part]:
    """Return values and evidence of every bid."""
    rows: list[Row] = []
    for each in lot.results:
        for key, field in result.tender.fields_of(lot.lot).items():
            given = each.bid.evidence.get(key)
            rows.append(
                {
                    "key": each.key,
                    "label": field.label,
                    "value": _or_blank(each.bid.values.get(key)),
                    "unit": unit_text(field.unit),
                    "document": given.document if given is not None else "",
                    "level": LEVELS.get(given.level, "") if given is not None else "",
                }
            )
    if not rows:
        return []
    return [
        table(
            "Données des offres",
            [
                column("key", "Offre"),
                column("label", "Donnée"),
                column("value", "Valeur", numeric=True, decimals=4),
                column("unit", "Unité"),
                column("document", "Document joint"),
                column("level", "Portée"),
            ],
            rows,
        )
    ]


def _flags(lot: LotResult) -> list[Part]:
    parts: list[Part] = []
    for each in lot.flags:
        parts.append(text(f"Offre {each.bid}. {each.conclusion}"))
        parts.append(items(each.signs))
    return parts


def _notes(lot: LotResult) -> list[Part]:
    notes = [*lot.notes, *_bid_notes(lot.results)]
    return [items(notes)] if notes else []


def _bid_notes(results: Sequence[BidResult]) -> list[str]:
    return [f"Offre {each.key} : {note}" for each in results for note in each.notes]
