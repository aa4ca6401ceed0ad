"""The bidder's form, made from the tender: one sheet to fill in, one that explains.

The sheet « Offre » asks for who bids, the unit prices of the estimated quantities, and the value,
limits and evidence of each field of the rule. Its first, hidden column holds the key of each row; a
hidden sheet holds the consultation and the hash of the rule the form answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lcc.cost.tender.rule.published import Field, QuantityLine, Tender
from lcc.errors import FieldError
from lcc.forms.safe_names import safe_name
from lcc.forms.workbook import PERCENT_UNITS
from lcc.wording import date_text, quantity_text, range_text, unit_text

__all__ = [
    "BID_SHEET",
    "EVIDENCE_WORDS",
    "FormRow",
    "bid_form",
    "compared_lines",
    "form_identity",
    "form_rows",
    "wants_document",
    "write_bid_forms",
]

BID_SHEET = "Offre"
LAYOUT = "1"
"""Layout of the form; a form of another layout is refused rather than misread."""

EVIDENCE_WORDS = {"contract": "marché", "company": "entreprise"}
"""Level of a document → the word the bidder chooses."""

WIDTHS = (46, 16, 20, 24, 42, 20, 36)
VALUE_COLUMN, NOTE_COLUMN, LEVEL_COLUMN, DOCUMENT_COLUMN = 4, 5, 7, 8

HEADINGS_PRICES = ("Désignation", "Unité", "Prix unitaire HT (à remplir)", "Quantité estimée",
                   "Observation")  # fmt: skip
HEADINGS_FIELDS = ("Donnée demandée", "Unité", "Valeur (à remplir)", "Valeurs admises",
                   "Justificatif demandé", "Portée du justificatif (à remplir)",
                   "Document joint : nom et page (à remplir)")  # fmt: skip


@dataclass(frozen=True)
class FormRow:
    """One row of the form that the bidder fills in.

    Attributes
    ----------
    key : str
        Kind and key, such as `field:consumption`, as the hidden column holds it.
    label, unit, note, remark : str
        What the locked cells say; `note` is the quantity of a price, the limits of a field.
    """

    key: str
    label: str
    unit: str = ""
    note: str = ""
    remark: str = ""

    @property
    def fixed(self) -> dict[int, str]:
        """Column → text that must come back unchanged: it says what the number means."""
        return {2: self.label, 3: self.unit, NOTE_COLUMN: self.note}


def form_rows(tender: Tender, lot: str | None) -> dict[str, list[FormRow]]:
    """Return the rows of the form of a lot, by part: identification, prices, fields."""
    who = [
        FormRow("bid:name", "Dénomination du candidat (ou du mandataire)"),
        FormRow("bid:siret", "Numéro SIRET (14 chiffres)"),
    ]
    if tender.variants.admitted:
        who.append(FormRow("bid:variant_of", "Variante de l'offre (vide pour une offre de base)"))
    return {
        "identification": who,
        "prices": [_price_row(tender, each) for each in tender.quantities_of(lot)],
        "fields": [_field_row(each) for each in tender.fields_of(lot).values()],
    }


def compared_lines(tender: Tender, lot: str | None) -> list[QuantityLine]:
    """Return the lines whose unit price is required: those that enter the comparison."""
    compared = {part.key for part in tender.parts if part.compared}
    return [
        line for line in tender.quantities_of(lot) if line.part is None or line.part in compared
    ]


def wants_document(field: Field) -> bool:
    """Tell whether a document goes with a field: one is described, or its reach is."""
    return bool(field.evidence or field.evidence_level)


def form_identity(tender: Tender, lot: str | None, form: str = "bid") -> dict[str, str]:
    """Return what the hidden sheet of a form says."""
    return {
        "form": form,
        "layout": LAYOUT,
        "consultation": tender.consultation.reference,
        "rule_hash": tender.hash,
        "lot": lot or "",
    }


def bid_form(tender: Tender, lot: str | None = None) -> bytes:
    """Return the bidder's form as a workbook: the same tender gives the same bytes.

    Parameters
    ----------
    tender : Tender
        The rule.
    lot : str, optional
        Key of the lot, where the consultation has lots.

    Raises
    ------
    FieldError
        If the lot is none of the consultation's.
    """
    from lcc.forms.layout import (
        add_choice,
        add_number,
        add_sheet,
        finish_sheet,
        new_book,
        open_cell,
        write_cell,
        write_guide,
        write_header,
        write_heading,
        write_title,
    )
    from lcc.forms.workbook import workbook_bytes

    if lot not in tender.lots:
        raise FieldError(
            "the consultation has no such lot",
            file=tender.file,
            field="lot",
            found=str(lot),
            expected=", ".join(str(each) for each in tender.lots),
        )
    consultation = tender.consultation
    book = new_book(f"Offre – {consultation.title}")
    sheet = add_sheet(book, BID_SHEET, WIDTHS)
    parts = form_rows(tender, lot)

    write_title(sheet, 1, f"Formulaire d'offre – {consultation.title}")
    facts = [
        ("Acheteur", consultation.buyer),
        ("Consultation", consultation.reference),
        *([("Lot", _lot_label(tender, lot))] if lot is not None else []),
        ("Empreinte de la règle", tender.hash),
    ]
    row = 2
    for label, text in facts:
        write_cell(sheet, row, 2, label)
        write_cell(sheet, row, 3, text).alignment = _unwrapped()
        row += 1

    row += 1
    write_heading(sheet, row, "1. Identification du candidat")
    row += 1
    write_header(sheet, row, ("Renseignement", "", "Réponse (à remplir)"))
    for each in parts["identification"]:
        row += 1
        _write_fixed(sheet, row, each)
        open_cell(sheet, row, VALUE_COLUMN, text=True)

    rank = 2
    if parts["prices"]:
        row += 2
        write_heading(sheet, row, f"{rank}. Prix unitaires")
        rank += 1
        row += 1
        write_header(sheet, row, HEADINGS_PRICES)
        for each in parts["prices"]:
            row += 1
            _write_fixed(sheet, row, each)
            cell = open_cell(sheet, row, VALUE_COLUMN)
            cell.number_format = "#,##0.00####"
            add_number(sheet, cell, f"{each.label} : prix hors taxes, en {each.unit}.", 0, None)
    if parts["fields"]:
        row += 2
        write_heading(sheet, row, f"{rank}. Engagements et données de l'offre")
        row += 1
        write_header(sheet, row, HEADINGS_FIELDS)
        for each in parts["fields"]:
            row += 1
            _write_fixed(sheet, row, each)
            field = tender.fields[each.key.partition(":")[2]]
            cell = open_cell(sheet, row, VALUE_COLUMN)
            prompt = f"{each.label}, en {each.unit} : {range_text(field.minimum, field.maximum)}."
            add_number(sheet, cell, prompt, field.minimum, field.maximum)
            if wants_document(field):
                add_choice(
                    sheet,
                    open_cell(sheet, row, LEVEL_COLUMN, text=True),
                    "« marché » : le document porte sur les prestations de ce marché ; "
                    "« entreprise » : il porte sur l'entreprise en général.",
                    list(EVIDENCE_WORDS.values()),
                )
                open_cell(sheet, row, DOCUMENT_COLUMN, text=True)
    finish_sheet(sheet)
    write_guide(book, _guide(tender, lot))
    return workbook_bytes(book, form_identity(tender, lot))


def write_bid_forms(tender: Tender, folder: Path) -> list[Path]:
    """Write the bidder's form of each lot, `offre.xlsx` or `offre-LOT.xlsx`; return their paths.

    Raises
    ------
    OutputError
        If a file cannot be written.
    """
    from lcc.files import atomic_path

    written = []
    for lot in tender.lots:
        name = "offre.xlsx" if lot is None else f"offre-{safe_name(lot, 'lot')}.xlsx"
        content = bid_form(tender, lot)
        with atomic_path(folder / name) as beside:
            beside.write_bytes(content)
        written.append(folder / name)
    return written


def _price_row(tender: Tender, line: QuantityLine) -> FormRow:
    part = next((each for each in tender.parts if each.key == line.part), None)
    observation = ""
    if part is not None:
        counted = "prise en compte" if part.compared else "non prise en compte"
        observation = f"{part.label} : {counted} dans la comparaison des offres."
    return FormRow(
        f"price:{line.key}",
        line.label,
        f"€/{unit_text(line.unit)}",
        quantity_text(line.quantity, line.unit),
        observation,
    )


def _field_row(field: Field) -> FormRow:
    limits = range_text(field.minimum, field.maximum)
    evidence = field.evidence or ("Document justificatif" if field.evidence_level else "")
    if field.evidence_level == "contract":
        evidence += " (portant sur ce marché ; un document portant sur l'entreprise en général ne "
        evidence += "compte pas)"
    return FormRow(
        f"field:{field.key}",
        field.label if field.required else f"{field.label} (facultatif)",
        unit_text(field.unit),
        limits,
        evidence,
    )


def _write_fixed(sheet: Any, row: int, each: FormRow) -> None:
    """Write the locked cells of a row."""
    from lcc.forms.layout import write_cell

    write_cell(sheet, row, 1, each.key)
    for column, text in (*each.fixed.items(), (6, each.remark)):
        if text:
            write_cell(sheet, row, column, text)


def _lot_label(tender: Tender, lot: str | None) -> str:
    return next((each.label for each in tender.consultation.lots if each.key == lot), str(lot))


def _unwrapped() -> Any:
    from openpyxl.styles import Alignment

    return Alignment(wrap_text=False, vertical="top")


def _guide(tender: Tender, lot: str | None) -> Sequence[tuple[str, Sequence[str]]]:
    """Return what the sheet « Mode d'emploi » says."""
    consultation = tender.consultation
    fields = tender.fields_of(lot).values()
    required = [
        *(f"prix unitaire, {each.label}" for each in compared_lines(tender, lot)),
        *(each.label for each in fields if each.required),
    ]
    proven = [each.label for each in fields if each.evidence_level == "contract"]
    filling = [
        "Remplissez uniquement les cellules encadrées à fond clair de la feuille « Offre ». Les "
        "autres cellules sont verrouillées : elles décrivent ce que la règle publiée demande.",
        "Saisissez chaque nombre tel quel, avec une virgule décimale, sans unité ni formule. Un "
        "résultat de calcul se recopie sous forme de nombre : une cellule qui contient une formule "
        "est refusée, car son résultat dépend du poste sur lequel le fichier est ouvert.",
        "L'unité de chaque réponse est celle qui est écrite sur sa ligne.",
        "Enregistrez le fichier au format .xlsx, sans macro et sans mot de passe à l'ouverture.",
    ]
    if any(each.unit.strip() in PERCENT_UNITS for each in tender.fields_of(lot).values()):
        filling.append(
            "Une réponse demandée en % se saisit en pour cent : 3,2 pour 3,2 %. Le signe % est "
            "admis ; il est nécessaire pour une valeur inférieure à 0,2 %."
        )
    if tender.quantities_of(lot):
        filling.append(
            "Les prix unitaires sont en euros hors taxes. Les quantités estimées sont publiées "
            "pour comparer les offres ; le montant comparé est la somme des prix unitaires "
            "multipliés par ces quantités."
        )
    if tender.variants.admitted:
        filling.append(
            "Une variante se présente dans un formulaire distinct, en indiquant le nom du fichier "
            "de l'offre de base. "
            + (
                f"Exigences minimales : {tender.variants.requirements}"
                if tender.variants.requirements
                else ""
            )
        )
    incomplete = [
        "Une réponse laissée vide reste vide : elle n'est jamais complétée à votre place, ni "
        "remplacée par zéro ou par une moyenne.",
        "L'acheteur décide de demander la régularisation d'une offre incomplète ou de l'écarter ; "
        "sa décision est motivée et datée.",
    ]
    if required:
        incomplete.insert(0, f"Réponses obligatoires : {' ; '.join(required)}.")
    evidence = [
        "Pour chaque donnée accompagnée d'un justificatif, indiquez le document joint et sa "
        "portée : « marché » s'il porte sur les prestations de ce marché, « entreprise » s'il "
        "porte sur l'entreprise en général.",
    ]
    if proven:
        evidence.append(
            "Les critères se rapportent à l'objet du marché. Un certificat, une politique ou un "
            "bilan établi à l'échelle de l'entreprise ne vaut donc pas justificatif et n'apporte "
            f"aucun point, pour : {' ; '.join(proven)}."
        )
    identity = [
        f"Ce formulaire répond à la consultation {consultation.reference}, lancée le "
        f"{date_text(consultation.launched)}, et à elle seule.",
        f"L'empreinte de la règle (SHA-256) est {tender.hash}. Elle figure aussi dans l'annexe de "
        "la consultation et dans l'évaluation : si la règle change, l'empreinte change, et un "
        "formulaire d'une autre règle est refusé.",
    ]
    return [
        ("Remplir le formulaire", filling),
        ("Offre incomplète", incomplete),
        ("Justificatifs", evidence),
        ("Règle de la consultation", identity),
    ]
