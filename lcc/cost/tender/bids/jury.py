"""The jury's marks: a form with one row per bid, and its reading back; the same in TOML.

No bid can hold its own marks: they come from the buyer's file.

```toml
[marks.offre-a]
technique = 14.5                   # on the scale the criterion publishes
[comments.offre-a]
technique = "Plan de tournées détaillé ; remplacement sous deux heures."
```
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from lcc.cost.tender.bids.bid import Bid, read_numbers, tell_bids
from lcc.cost.tender.bids.forms import form_identity
from lcc.cost.tender.rule.published import Criterion, Tender
from lcc.errors import FieldError, InputError
from lcc.reading.hand_written import read_hand_written
from lcc.reading.sections import Section
from lcc.wording import number_text

__all__ = ["JURY_SHEET", "JuryMarks", "build_jury", "jury_form", "load_jury", "with_jury"]

JURY_SHEET = "Jury"
FIRST_MARK_COLUMN = 4


@dataclass(frozen=True)
class JuryMarks:
    """What the jury gave.

    Attributes
    ----------
    marks : mapping of str to mapping of str to float or None
        Bid → criterion → mark on the criterion's scale; None where none was given.
    comments : mapping of str to mapping of str to str
        Bid → criterion → appreciation in words.
    file : str
        Name of the file they come from.
    places : mapping of str to mapping of str to str
        Bid → criterion → cell of its mark, in a workbook; a field of TOML is named by its keys.
    notes : tuple of str
        In French, what was understood while reading.
    """

    marks: Mapping[str, Mapping[str, float | None]] = field(default_factory=dict)
    comments: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    file: str = ""
    places: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def jury_form(tender: Tender, bids: Sequence[Bid], lot: str | None = None) -> bytes:
    """Return the form of the jury's marks for the bids of a lot: same input, same bytes.

    Raises
    ------
    InputError
        If no criterion is marked by a jury, or no bid is there.
    """
    from lcc.forms.layout import (
        add_number,
        add_sheet,
        finish_sheet,
        new_book,
        open_cell,
        write_cell,
        write_guide,
        write_header,
        write_title,
    )
    from lcc.forms.workbook import workbook_bytes

    criteria = jury_criteria(tender)
    marked = [bid for bid in bids if bid.lot == lot]
    if not criteria or not marked:
        raise InputError(
            "there is nothing for a jury to mark",
            file=tender.file,
            found=f"{len(criteria)} criteria of kind jury, {len(marked)} bids",
            expected="at least one of each",
        )
    consultation = tender.consultation
    book = new_book(f"Notes du jury – {consultation.title}")
    sheet = add_sheet(book, JURY_SHEET, [18, 40, *(18, 60) * len(criteria)])
    write_title(sheet, 1, f"Notes du jury – {consultation.reference} – {consultation.title}")
    headings = ["Offre", "Candidat"]
    for each in criteria:
        scale = number_text(each.scale or 0)
        headings += [f"{each.label} : note sur {scale}", f"{each.label} : appréciation"]
    write_header(sheet, 3, headings)
    for row, bid in enumerate(marked, 4):
        write_cell(sheet, row, 1, f"mark:{bid.key}")
        write_cell(sheet, row, 2, bid.key)
        write_cell(sheet, row, 3, bid.name)
        for rank, each in enumerate(criteria):
            column = FIRST_MARK_COLUMN + 2 * rank
            prompt = f"{each.label} : note de 0 à {number_text(each.scale or 0)}."
            add_number(sheet, open_cell(sheet, row, column), prompt, 0, each.scale)
            open_cell(sheet, row, column + 1, text=True)
    finish_sheet(sheet, frozen="D4")
    write_guide(
        book,
        [
            (
                "Noter les offres",
                [
                    "Une note par offre et par critère, sur l'échelle publiée ; la note se saisit "
                    "telle quelle, sans formule.",
                    "Chaque note s'accompagne d'une appréciation : elle est reprise dans le "
                    "courrier adressé au candidat et dans le dossier complet.",
                    "Une note laissée vide reste vide et rien ne la remplace : l'évaluation "
                    "s'arrête tant qu'une offre à noter n'a pas la sienne.",
                ],
            ),
            *(
                (f"Critère « {each.label} »", [each.method or "Méthode : voir l'annexe."])
                for each in criteria
            ),
        ],
    )
    return workbook_bytes(book, form_identity(tender, lot, "jury"))


def load_jury(
    path: Path, tender: Tender, bids: Sequence[Bid], *, any_rule: bool = False
) -> JuryMarks:
    """Return the jury's marks from the buyer's file: the form (`.xlsx`) or TOML.

    Raises
    ------
    InputError
        If the file cannot be read.
    FieldError
        If a bid or a criterion is unknown, or a mark is no number or off its scale.
    """
    if path.suffix.casefold() == ".xlsx":
        return _read_form(path, tender, bids, any_rule)
    return build_jury(read_hand_written(path, "a jury's marks"), tender, bids, file=path.name)


def build_jury(
    content: Mapping[str, object], tender: Tender, bids: Sequence[Bid], *, file: str = "jury"
) -> JuryMarks:
    """Return the jury's marks from the content of their file.

    Raises
    ------
    FieldError
        If a bid or a criterion is unknown, or a mark is no number or off its scale.
    """
    top = Section(content, file)
    marks, comments = top.section("marks"), top.section("comments")
    read_marks: dict[str, dict[str, float | None]] = {}
    read_comments: dict[str, dict[str, str]] = {}
    for section in (marks, comments):
        _check_bids(section, bids)
    for bid in marks.content:
        given = marks.section(bid)
        read_marks[bid] = read_numbers(given)
        for key, mark in read_marks[bid].items():
            _check_mark(tender, key, mark, file, f"marks.{bid}.{key}")
    for bid in comments.content:
        given = comments.section(bid)
        read_comments[bid] = {key: given.text(key, "") for key in given.content}
        for key in read_comments[bid]:
            _find_criterion(tender, key, file, f"comments.{bid}.{key}")
    top.close()
    return JuryMarks(read_marks, read_comments, file)


def with_jury(bids: Iterable[Bid], jury: JuryMarks) -> list[Bid]:
    """Return the bids with the jury's marks; a bid that the file leaves out is as it was."""
    told = {*jury.marks, *jury.comments, *jury.places}
    return [
        replace(
            bid,
            jury={**bid.jury, **jury.marks.get(bid.key, {})},
            comments={**bid.comments, **jury.comments.get(bid.key, {})},
            jury_file=jury.file,
            jury_places=jury.places.get(bid.key, {}),
        )
        if bid.key in told or not bid.jury_file
        else bid
        for bid in bids
    ]


def jury_criteria(tender: Tender) -> list[Criterion]:
    """Return the criteria a jury marks, in the order of the rule."""
    return [each for each in tender.criteria if each.kind == "jury"]


def _read_form(path: Path, tender: Tender, bids: Sequence[Bid], any_rule: bool) -> JuryMarks:
    """Return the marks of a filled form."""
    from lcc.cost.tender.bids.form_reading import check_identity
    from lcc.forms.workbook import (
        IDENTITY_SHEET,
        FormCell,
        read_book,
        read_identity,
        read_number,
        read_rows,
        read_words,
    )

    sheets = read_book(path, (JURY_SHEET, IDENTITY_SHEET)).sheets
    identity = read_identity(sheets[IDENTITY_SHEET])
    check_identity(identity, tender, path.name, "jury", any_rule=any_rule)
    rows = {
        key.partition(":")[2]: row
        for key, row in read_rows(sheets[JURY_SHEET], path.name).items()
        if key.startswith("mark:")
    }
    _check_bids(Section(dict.fromkeys(rows), path.name, f"{JURY_SHEET}!A."), bids)
    marks: dict[str, dict[str, float | None]] = {}
    comments: dict[str, dict[str, str]] = {}
    places: dict[str, dict[str, str]] = {}
    notes: list[str] = []
    for bid, row in rows.items():
        marks[bid], comments[bid], places[bid] = {}, {}, {}
        for rank, each in enumerate(jury_criteria(tender)):
            column = FIRST_MARK_COLUMN + 2 * rank
            cells = [*row, *[FormCell(f"{row[0].place}, after its end")] * (column + 1 - len(row))]
            mark, note = read_number(
                cells[column - 1], path.name, f"{bid}, {each.label}", f"0 to {each.scale:g}"
            )
            _check_mark(tender, each.key, mark, path.name, cells[column - 1].place)
            marks[bid][each.key], places[bid][each.key] = mark, cells[column - 1].place
            comments[bid][each.key] = read_words(cells[column], path.name, f"{bid}, {each.label}")
            notes.extend([note] if note else [])
    return JuryMarks(marks, comments, path.name, places, tuple(notes))


def _check_bids(section: Section, bids: Sequence[Bid]) -> None:
    known = [bid.key for bid in bids]
    for bid in section.content:
        if bid not in known:
            raise section.error(
                "the marks name a bid that is not there", bid, expected=tell_bids(bids)
            )


def _find_criterion(tender: Tender, key: str, file: str, where: str) -> Criterion:
    known = {each.key: each for each in jury_criteria(tender)}
    if key not in known:
        raise FieldError(
            "the jury marks no such criterion",
            file=file,
            field=where,
            found=key,
            expected=", ".join(known) or "none",
        )
    return known[key]


def _check_mark(tender: Tender, key: str, mark: float | None, file: str, where: str) -> None:
    scale = _find_criterion(tender, key, file, where).scale or 0.0
    if mark is not None and not 0 <= mark <= scale:
        raise FieldError(
            "the mark is off the published scale",
            file=file,
            field=f"{where} ({key})" if key not in where else where,
            found=f"{mark:g}",
            expected=f"0 to {scale:g}",
        )
