"""Filled forms read back: nothing completed, nothing guessed, every refusal with its cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from stdnum.fr.siret import is_valid as is_siret

from lcc.cost.tender.bids.bid import Bid, Evidence, bid_key
from lcc.cost.tender.bids.forms import (
    BID_SHEET,
    DOCUMENT_COLUMN,
    EVIDENCE_WORDS,
    LEVEL_COLUMN,
    NOTE_COLUMN,
    VALUE_COLUMN,
    FormRow,
    bid_form,
    form_identity,
    form_rows,
    wants_document,
)
from lcc.cost.tender.rule.published import Field, Tender
from lcc.errors import FieldError, InputError
from lcc.forms.workbook import (
    IDENTITY_SHEET,
    FormCell,
    read_book,
    read_identity,
    read_number,
    read_rows,
    read_words,
    safe_text,
)
from lcc.wording import range_text

__all__ = ["check_identity", "check_rows", "read_bid_form"]

ADDITION_CHARACTERS = 200
ADDITIONS_MAX = 20
"""How much of what was written outside the cells to fill in is told."""

REMEDY_FRESH = "fill in a fresh copy of the form that came with the consultation"


def read_bid_form(path: Path, tender: Tender, *, any_rule: bool = False) -> Bid:
    """Return the bid of a filled form; its key is the file's name.

    A value that cannot be taken (formula, text, number that is none) is left out of the bid and
    named in its `problems`; a value left empty stays empty.

    Parameters
    ----------
    path : Path
        The workbook.
    tender : Tender
        The rule the form answers.
    any_rule : bool
        Whether a form of another version of the rule is read all the same (for a simulation); its
        rows must still be those of the form.

    Raises
    ------
    InputError
        If the file is no form, is broken or dangerous.
    FieldError
        If the form is of another consultation, rule or lot, or its fixed cells were changed.
    """
    book = read_book(path, (BID_SHEET, IDENTITY_SHEET))
    sheets = book.sheets
    identity = read_identity(sheets[IDENTITY_SHEET])
    lot = identity.get("lot") or None
    check_identity(identity, tender, path.name, "bid", any_rule=any_rule)
    rows = read_rows(sheets[BID_SHEET], path.name)
    parts = form_rows(tender, lot)
    same = identity.get("rule_hash") == safe_text(tender.hash)
    every = [each for part in parts.values() for each in part]
    check_rows(rows, every, path.name, limits=same)

    notes = _additions(sheets[BID_SHEET], book.others, tender, lot) if same else []
    reading = _Reading(path.name, rows, notes)
    name = reading.words("bid:name", VALUE_COLUMN, "dénomination du candidat", "bid:name")
    if not name:
        # A bid without a name is still a bid: it is known by its file.
        said = "n'a pas pu être lue" if "bid:name" in reading.problems else "est laissée vide"
        notes.append(f"La dénomination du candidat {said} ; le nom du fichier en tient lieu.")
    base = ""
    if tender.variants.admitted:
        base = reading.words("bid:variant_of", VALUE_COLUMN, "variante", "bid:variant_of")
    siret = "".join(reading.words("bid:siret", VALUE_COLUMN, "SIRET", "bid:siret").split())
    if siret and not is_siret(siret):
        notes.append(f"Le numéro SIRET « {siret[:20]} » n'est pas valide.")
    # Nothing that is asked for depends on these answers: they are told, not missed.
    notes += [
        f"{error.field} : réponse non lue, à examiner ; trouvé : {error.found}"
        for error in reading.problems.values()
    ]
    unit_prices = {}
    for each in parts["prices"]:
        key = each.key.partition(":")[2]
        wanted = f"a price in {each.unit}, before tax"
        unit_prices[key] = reading.number(each, wanted, f"unit-price:{key}", each.unit)
    values: dict[str, float | None] = {}
    evidence: dict[str, Evidence] = {}
    for each in parts["fields"]:
        field = tender.fields[each.key.partition(":")[2]]
        wanted = f"a number in {each.unit}, {range_text(field.minimum, field.maximum)}"
        values[field.key] = reading.number(each, wanted, f"value:{field.key}", field.unit)
        given = reading.evidence(each.key, field) if wants_document(field) else None
        if given is not None:
            evidence[field.key] = given
    return Bid(
        key=bid_key(path.stem),
        name=name or path.stem,
        values=values,
        unit_prices=unit_prices,
        evidence=evidence,
        file=path.name,
        variant_of=bid_key(Path(base).stem) if base else None,
        lot=lot,
        consultation=identity.get("consultation"),
        rule_hash=identity.get("rule_hash"),
        siret=siret,
        notes=tuple(notes),
        problems=reading.problems,
    )


class _Reading:
    """The reading of one form's answers: what cannot be taken becomes a problem, not an end."""

    def __init__(self, file: str, rows: Mapping[str, Sequence[FormCell]], notes: list[str]) -> None:
        self.file = file
        self.rows = rows
        self.notes = notes
        self.problems: dict[str, FieldError] = {}

    def words(self, key: str, column: int, field: str, about: str) -> str:
        """Return the text of a cell; empty where it could not be taken."""
        try:
            return read_words(_cell(self.rows, key, column), self.file, field)
        except FieldError as error:
            self.problems[about] = error
            return ""

    def number(self, each: FormRow, expected: str, about: str, unit: str) -> float | None:
        """Return the number of a row; None where it is empty or could not be taken."""
        cell = _cell(self.rows, each.key, VALUE_COLUMN)
        try:
            value, note = read_number(cell, self.file, each.label, expected, unit)
        except FieldError as error:
            self.problems[about] = error
            return None
        if note:
            self.notes.append(note)
        return value

    def evidence(self, key: str, field: Field) -> Evidence | None:
        """Return what is attached for a field; None where nothing is."""
        about = f"evidence:{field.key}"
        level = self.words(key, LEVEL_COLUMN, f"portée du justificatif, {field.label}", about)
        document = self.words(key, DOCUMENT_COLUMN, f"document, {field.label}", about)
        if not level and not document:
            return None
        place = _cell(self.rows, key, LEVEL_COLUMN).place
        known, problem = _evidence_level(level, place, self.file, field.label)
        if problem is not None:
            self.problems[about] = problem
        return Evidence(known, document)


def check_identity(
    identity: Mapping[str, str],
    tender: Tender,
    file: str,
    form: str,
    *,
    any_rule: bool = False,
) -> None:
    """Raise where a workbook is not the form of this rule.

    Raises
    ------
    FieldError
        Naming what the form says it is and what was expected.
    """
    lot = identity.get("lot") or None
    expected = {name: safe_text(text) for name, text in form_identity(tender, lot, form).items()}
    problems = {
        "form": "the workbook is another form",
        "layout": "the form is of another version of this software",
        "consultation": "the form answers another consultation",
        "rule_hash": "the form answers another version of the rule",
    }
    for name, problem in problems.items():
        if identity.get(name) != expected[name] and not (any_rule and name == "rule_hash"):
            raise FieldError(
                problem,
                file=file,
                field=name,
                found=identity.get(name) or "nothing",
                expected=expected[name],
                remedy="evaluate it under the rule it answers, or as a simulation that says so"
                if name == "rule_hash"
                else REMEDY_FRESH,
            )
    if lot not in tender.lots:
        raise FieldError(
            "the form is for a lot the consultation does not have",
            file=file,
            field="lot",
            found=str(lot),
            expected=", ".join(str(each) for each in tender.lots),
            remedy=REMEDY_FRESH,
        )


def check_rows(
    rows: Mapping[str, Sequence[FormCell]],
    expected: Sequence[FormRow],
    file: str,
    *,
    limits: bool = True,
) -> None:
    """Raise where a row of the form is gone, or a cell that says what a number means was changed.

    Parameters
    ----------
    rows : mapping of str to sequence of FormCell
        Rows found, by key.
    expected : sequence of FormRow
        Rows sent.
    file : str
        For messages.
    limits : bool
        Whether quantities and limits must be the same too: those of another rule may differ.

    Raises
    ------
    InputError
        If a row is gone.
    FieldError
        If a fixed cell is not the one that was sent: a price per tonne may have become one per kg.
    """
    gone = [each.label for each in expected if each.key not in rows]
    if gone:
        raise InputError(
            "rows of the form are gone",
            file=file,
            found="missing: " + ", ".join(gone[:5]),
            expected=f"{len(expected)} rows to fill in",
            remedy=REMEDY_FRESH,
        )
    for each in expected:
        for column, text in each.fixed.items():
            if column == NOTE_COLUMN and not limits:
                continue
            cell = _cell(rows, each.key, column)
            found = "" if cell.value is None else str(cell.value)
            if cell.formula or found.strip() != safe_text(text).strip():
                raise FieldError(
                    "a fixed cell of the form was changed",
                    file=file,
                    field=f"{cell.place} ({each.label})",
                    found=found[:80] or "nothing",
                    expected=text or "nothing",
                    remedy=REMEDY_FRESH,
                )


def _cell(rows: Mapping[str, Sequence[FormCell]], key: str, column: int) -> FormCell:
    """Return the cell of a row; an empty one where the row is shorter."""
    row = rows[key]
    if len(row) >= column:
        return row[column - 1]
    return FormCell(place=f"{row[0].place}, column {column}")


def _additions(
    rows: Sequence[Sequence[FormCell]], others: Sequence[str], tender: Tender, lot: str | None
) -> list[str]:
    """Return what was written outside the cells to fill in: a reservation may hide there."""
    from io import BytesIO

    import openpyxl

    sent = openpyxl.load_workbook(BytesIO(bid_form(tender, lot)))
    texts = {str(cell.value).strip() for row in sent[BID_SHEET].iter_rows() for cell in row}
    answers = (VALUE_COLUMN, LEVEL_COLUMN, DOCUMENT_COLUMN)
    notes = []
    for row in rows:
        keyed = isinstance(row[0].value, str) if row else False
        for rank, cell in enumerate(row, 1):
            written = str(cell.value).strip()
            if cell.empty or written in texts or (keyed and rank in answers):
                continue
            notes.append(
                f"{cell.place} : écrit hors des cellules à remplir, à examiner : "
                f"« {written[:ADDITION_CHARACTERS]} »."
            )
    added = [name for name in others if name not in sent.sheetnames]
    if added:
        notes.append(f"Feuilles ajoutées au formulaire, non lues : {', '.join(added)}.")
    return notes[:ADDITIONS_MAX]


def _evidence_level(
    word: str, place: str, file: str, label: str
) -> tuple[str | None, FieldError | None]:
    """Return the level a bidder chose for a document, and the error of a word that is none."""
    levels = {shown: level for level, shown in EVIDENCE_WORDS.items()}
    if not word:
        return None, None
    level = levels.get(word.casefold())
    if level is not None:
        return level, None
    return None, FieldError(
        "the reach of the evidence is none of the words offered",
        file=file,
        field=f"{place} ({label})",
        found=word[:80],
        expected=" | ".join(levels),
        remedy="choose a word of the list",
    )
