"""The whole-cost questionnaire: a form with one column per alternative, and its reading back.

The questions are rows of `procurement_map/whole_cost_questions.csv`; each says which field of a
life-cycle-cost study its answer fills (`questionnaire_study`). An answer left empty is no zero: it
is listed, and a required one stops the reading.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any

from lcc.errors import FieldError, InputError, first_of
from lcc.forms.workbook import (
    IDENTITY_SHEET,
    FormCell,
    read_book,
    read_identity,
    read_number,
    read_rows,
    read_words,
)
from lcc.tables import load_reference
from lcc.wording import range_text, unit_text

__all__ = [
    "Answers",
    "Question",
    "questionnaire_form",
    "read_questionnaire",
    "whole_cost_questions",
    "write_questionnaire",
]

SHEET = "Questionnaire"
LAYOUT = "2"
FIRST_ANSWER_COLUMN = 5
ALTERNATIVES_MAX = 12
FRENCH_DATE = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})")


@dataclass(frozen=True)
class Question:
    """One question, as the table holds it.

    Attributes
    ----------
    question : str
        Identifier.
    scope : str
        `study` where it is asked once, `alternative` where it is asked of each.
    answer : str
        `text`, `number`, `date` or `choice`.
    unit : str
        Unit of a number, as shown.
    item, kind, category, field : str
        What the answer becomes: item (or energy), its kind and category, and the field it fills.
    choices : tuple of str
        Words admitted.
    """

    question: str
    group: str
    group_fr: str
    scope: str
    answer: str
    label_fr: str
    unit: str
    item: str
    kind: str
    category: str
    field: str
    required: bool
    minimum: float | None
    maximum: float | None
    choices: tuple[str, ...]
    help_fr: str


@dataclass(frozen=True)
class Answers:
    """What a filled questionnaire says.

    Attributes
    ----------
    study : mapping of str to object
        Question → answer, for those asked once; an empty answer is absent.
    alternatives : tuple of mapping of str to object
        The same for each alternative, in order.
    sources : mapping of str to str
        Question → source of its answers, as given.
    places : mapping of str to str
        Question, or `rank/question` for an alternative → cell, for messages.
    notes : tuple of str
        In French, what was understood while reading.
    file : str
        Name of the file.
    """

    study: Mapping[str, Any]
    alternatives: tuple[Mapping[str, Any], ...]
    sources: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    file: str = "questionnaire"

    def place(self, question: str, rank: int | None = None) -> str:
        """Return the cell of an answer, for a message; the question where it is not known."""
        key = question if rank is None else f"{rank}/{question}"
        return self.places.get(key, key)


@cache
def whole_cost_questions() -> tuple[Question, ...]:
    """Return the questions of the shipped table, in order."""
    table = load_reference("procurement_map", "whole_cost_questions")
    texts = [each.name for each in fields(Question) if each.type == "str"]
    return tuple(
        Question(
            required=row["required"],
            minimum=row["minimum"],
            maximum=row["maximum"],
            choices=tuple(filter(None, (row["choices"] or "").split(" | "))),
            **{name: row[name] or "" for name in texts},
        )
        for row in table.to_pylist()
    )


def questionnaire_form(alternatives: int = 4) -> bytes:
    """Return the questionnaire as a workbook; the same bytes every time.

    Parameters
    ----------
    alternatives : int
        Number of columns to fill in, from 1 to 12.

    Raises
    ------
    FieldError
        If there are more alternatives than columns, or none.
    """
    from lcc.forms.layout import (
        add_sheet,
        finish_sheet,
        new_book,
        write_cell,
        write_guide,
        write_header,
        write_heading,
        write_title,
    )
    from lcc.forms.workbook import workbook_bytes

    if not 1 <= alternatives <= ALTERNATIVES_MAX:
        raise FieldError(
            "a questionnaire compares a few alternatives",
            field="alternatives",
            found=str(alternatives),
            expected=f"1 to {ALTERNATIVES_MAX}",
        )
    book = new_book("Questionnaire sur le coût global")
    sheet = add_sheet(book, SHEET, [52, 18, 44, *[20] * alternatives, 44])
    source_column = FIRST_ANSWER_COLUMN + alternatives
    write_title(sheet, 1, "Questionnaire sur le coût global d'un achat")
    row, group = 2, ""
    for each in whole_cost_questions():
        if each.group != group:
            group = each.group
            row += 1
            write_heading(sheet, row, each.group_fr)
            row += 1
            columns = (
                ["Réponse (à remplir)", *[""] * (alternatives - 1)]
                if each.scope == "study"
                else [f"Solution {rank} (à remplir)" for rank in range(1, alternatives + 1)]
            )
            heads = ("Question", "Unité", "Aide", *columns, "Source de la réponse (à remplir)")
            write_header(sheet, row, heads)
        row += 1
        write_cell(sheet, row, 1, f"question:{each.question}")
        label = f"{each.label_fr} (obligatoire)" if each.required else each.label_fr
        write_cell(sheet, row, 2, label)
        write_cell(sheet, row, 3, unit_text(each.unit) if each.unit else "")
        write_cell(sheet, row, 4, each.help_fr)
        for column in _answer_columns(each, alternatives):
            _open_answer(sheet, row, column, each)
        _open_text(sheet, row, source_column)
    finish_sheet(sheet, frozen="C3")
    write_guide(book, _guide())
    return workbook_bytes(book, _identity(alternatives))


def write_questionnaire(path: Path, alternatives: int = 4) -> None:
    """Write the questionnaire, `.xlsx`; see `questionnaire_form`.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    from lcc.files import atomic_path

    content = questionnaire_form(alternatives)
    with atomic_path(path) as beside:
        beside.write_bytes(content)


def read_questionnaire(path: Path) -> Answers:
    """Return the answers of a filled questionnaire.

    Raises
    ------
    InputError
        If the file is no questionnaire, is broken or dangerous, or describes no alternative.
    FieldError
        If an answer cannot be taken, or a required one is missing; the cell is named, and how many
        others there are.
    """
    sheets = read_book(path, (SHEET, IDENTITY_SHEET)).sheets
    alternatives = _check_identity(read_identity(sheets[IDENTITY_SHEET]), path.name)
    rows = {
        key.partition(":")[2]: row
        for key, row in read_rows(sheets[SHEET], path.name).items()
        if key.startswith("question:")
    }
    gone = [each.label_fr for each in whole_cost_questions() if each.question not in rows]
    if gone:
        raise InputError(
            "rows of the questionnaire are gone",
            file=path.name,
            found="missing: " + ", ".join(gone[:5]),
            expected=f"{len(whole_cost_questions())} questions",
            remedy="fill in a fresh copy of the questionnaire",
        )
    reading = _Reading(path.name, rows, alternatives)
    answers = reading.read()
    if reading.problems:
        raise first_of(reading.problems)
    return answers


class _Reading:
    """The reading of one questionnaire: answers, and every problem on the way."""

    def __init__(
        self, file: str, rows: Mapping[str, Sequence[FormCell]], alternatives: int
    ) -> None:
        self.file = file
        self.rows = rows
        self.alternatives = alternatives
        self.problems: list[FieldError] = []
        self.notes: list[str] = []
        self.places: dict[str, str] = {}
        self.sources: dict[str, str] = {}

    def read(self) -> Answers:
        """Return the answers; what could not be taken is in `problems`."""
        study: dict[str, Any] = {}
        columns: list[dict[str, Any]] = [{} for _ in range(self.alternatives)]
        for each in whole_cost_questions():
            source = self._take(each, FIRST_ANSWER_COLUMN + self.alternatives, text=True)
            if source:
                self.sources[each.question] = source
            for rank, column in enumerate(_answer_columns(each, self.alternatives)):
                key = each.question if each.scope == "study" else f"{rank}/{each.question}"
                self.places[key] = self._cell(each, column).place
                answer = self._take(each, column)
                if answer is not None:
                    (study if each.scope == "study" else columns[rank])[each.question] = answer
        used = [rank for rank, column in enumerate(columns) if column]
        if not used and not self.problems:
            raise InputError(
                "the questionnaire describes no alternative",
                file=self.file,
                found="empty columns",
                expected="at least one column filled in",
            )
        self._require(study, columns, used)
        moved = {
            f"{new}/{question}": self.places[f"{old}/{question}"]
            for new, old in enumerate(used)
            for question in (q.question for q in whole_cost_questions() if q.scope != "study")
        }
        return Answers(
            study=study,
            alternatives=tuple(columns[rank] for rank in used),
            sources=self.sources,
            places={**self.places, **moved},
            notes=tuple(self.notes),
            file=self.file,
        )

    def _require(
        self, study: Mapping[str, Any], columns: Sequence[Mapping[str, Any]], used: list[int]
    ) -> None:
        """Note each required answer that is missing."""
        refused = {(each.field or "").partition(" ")[0] for each in self.problems}
        for each in whole_cost_questions():
            if not each.required:
                continue
            places = [(self.places[each.question], study)] if each.scope == "study" else [
                (self.places[f"{rank}/{each.question}"], columns[rank]) for rank in used
            ]  # fmt: skip
            for place, given in places:
                if each.question not in given and place not in refused:
                    self.problems.append(
                        FieldError(
                            "a required answer is missing",
                            file=self.file,
                            field=f"{place} ({each.label_fr})",
                            found="an empty cell",
                            expected=_expected(each),
                            remedy="answer it, 0 where there is none; empty the whole column "
                            "where the alternative is not studied",
                        )
                    )

    def _cell(self, question: Question, column: int) -> FormCell:
        row = self.rows[question.question]
        if len(row) >= column:
            return row[column - 1]
        return FormCell(place=f"{row[0].place}, column {column}")

    def _take(self, question: Question, column: int, *, text: bool = False) -> Any:
        """Return the answer of a cell, None where it is empty or could not be taken."""
        cell = self._cell(question, column)
        if cell.empty:
            return None
        try:
            if text or question.answer == "text":
                return read_words(cell, self.file, question.label_fr) or None
            if question.answer == "date":
                return self._date(cell, question)
            if question.answer == "choice":
                return self._choice(cell, question)
            return self._number(cell, question)
        except FieldError as error:
            self.problems.append(error)
            return None

    def _number(self, cell: FormCell, question: Question) -> float | None:
        number, note = read_number(
            cell, self.file, question.label_fr, _expected(question), question.unit
        )
        if note:
            self.notes.append(note)
        low = question.minimum is not None and number is not None and number < question.minimum
        high = question.maximum is not None and number is not None and number > question.maximum
        if low or high:
            raise self._refuse(cell, question, "the number is out of its limits")
        return number

    def _choice(self, cell: FormCell, question: Question) -> str:
        word = read_words(cell, self.file, question.label_fr)
        known = {each.casefold(): each for each in question.choices}
        if word.casefold() not in known:
            raise self._refuse(cell, question, "the answer is none of the words offered")
        return known[word.casefold()]

    def _date(self, cell: FormCell, question: Question) -> datetime.date:
        if isinstance(cell.value, datetime.datetime):
            return cell.value.date()
        text = read_words(cell, self.file, question.label_fr)
        french = FRENCH_DATE.fullmatch(text)
        try:
            if french is not None:
                day, month, year = (int(part) for part in french.groups())
                return datetime.date(year, month, day)
            return datetime.date.fromisoformat(text)
        except ValueError as error:
            raise self._refuse(cell, question, "the answer is no date") from error

    def _refuse(self, cell: FormCell, question: Question, problem: str) -> FieldError:
        return FieldError(
            problem,
            file=self.file,
            field=f"{cell.place} ({question.label_fr})",
            found=str(cell.value)[:80],
            expected=_expected(question),
        )


def _answer_columns(question: Question, alternatives: int) -> Iterator[int]:
    """Yield the columns a question is answered in."""
    count = 1 if question.scope == "study" else alternatives
    yield from range(FIRST_ANSWER_COLUMN, FIRST_ANSWER_COLUMN + count)


def _expected(question: Question) -> str:
    """Say what an answer should be."""
    if question.answer == "choice":
        return " | ".join(question.choices)
    if question.answer == "date":
        return "a date, such as 31/12/2026"
    if question.answer == "text":
        return "a text"
    unit = f" in {unit_text(question.unit)}" if question.unit else ""
    return f"a number{unit}, {range_text(question.minimum, question.maximum)}"


def _open_answer(sheet: Any, row: int, column: int, question: Question) -> None:
    """Open the cell of an answer, with its limits."""
    from lcc.forms.layout import add_choice, add_number, open_cell

    cell = open_cell(sheet, row, column, text=question.answer in ("text", "choice"))
    if question.answer == "number":
        unit = f", en {unit_text(question.unit)}" if question.unit else ""
        limits = range_text(question.minimum, question.maximum)
        prompt = f"{question.label_fr}{unit} : {limits}."
        add_number(sheet, cell, prompt, question.minimum, question.maximum)
    elif question.answer == "choice":
        add_choice(sheet, cell, question.label_fr, question.choices)
    elif question.answer == "date":
        cell.number_format = "dd/mm/yyyy"


def _open_text(sheet: Any, row: int, column: int) -> None:
    from lcc.forms.layout import open_cell

    open_cell(sheet, row, column, text=True)


def _identity(alternatives: int) -> dict[str, str]:
    return {"form": "whole-cost", "layout": LAYOUT, "alternatives": str(alternatives)}


def _check_identity(identity: Mapping[str, str], file: str) -> int:
    """Return the number of columns of a questionnaire, or raise where it is another form."""
    count = identity.get("alternatives", "")
    alternatives = int(count) if re.fullmatch("[0-9]{1,2}", count) else 0
    if identity != _identity(alternatives) or not 1 <= alternatives <= ALTERNATIVES_MAX:
        raise InputError(
            "the workbook is not the whole-cost questionnaire, or is one of another version",
            file=file,
            found=", ".join(f"{name} {text}" for name, text in identity.items())[:200] or "nothing",
            expected=f"form whole-cost, layout {LAYOUT}",
            remedy="fill in a fresh copy of the questionnaire",
        )
    return alternatives


def _guide() -> Sequence[tuple[str, Sequence[str]]]:
    """Return what the sheet « Mode d'emploi » says."""
    return [
        (
            "À quoi sert ce questionnaire",
            [
                "Il recueille ce qu'un achat coûte de la commande à la fin de vie, carbone "
                "compris, pour plusieurs solutions à comparer. Ses réponses deviennent une étude "
                "de coût du cycle de vie.",
                "Le schéma des achats responsables et la charte Relations fournisseurs et achats "
                "responsables demandent d'apprécier le coût global ; la formulation des questions "
                "est propre à cet outil.",
            ],
        ),
        (
            "Remplir",
            [
                "Une colonne par solution ; commencez par la situation actuelle prolongée, à "
                "laquelle les autres sont comparées. Laissez vides les colonnes inutiles.",
                "Tous les montants sont en euros hors taxes de l'année de prix indiquée, "
                "sans inflation.",
                "Une réponse vide n'est pas un zéro : le coût n'est pas compté, et l'étude le "
                "signale. Écrivez 0 lorsqu'il n'y a pas de coût.",
                "Saisissez des nombres, avec une virgule décimale, sans unité ni formule. Un taux "
                "se saisit en pour cent : 3,2 pour 3,2 %. Le signe % est admis ; il est nécessaire "
                "pour un taux inférieur à 0,2 %.",
                "Indiquez dans la dernière colonne d'où vient chaque chiffre : devis, facture, "
                "relevé, contrat, base de données (nom, version, année).",
            ],
        ),
        (
            "Ce qui n'est pas demandé",
            [
                "L'amortissement comptable : l'achat et ses remplacements sont déjà comptés à leur "
                "date.",
                "Le prix du carbone en plus du prix de l'énergie, sans dire ce que ce prix en "
                "contient déjà : il serait compté deux fois.",
            ],
        ),
    ]
