"""The contractor's form: one sheet of periods to fill in, one that explains; read without trust.

A hidden sheet says which contract it is of, and the hash of what the measurements are judged by:
a form of another contract, or of the same contract before it was amended, is refused.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from lcc.clauses.contract import ClauseContract
from lcc.clauses.measurements import Measurement, make_measurement
from lcc.errors import FieldError, InputError, LccError, first_of
from lcc.forms.workbook import (
    IDENTITY_SHEET,
    FormCell,
    read_book,
    read_identity,
    read_number,
    read_rows,
    read_words,
)
from lcc.reading.edited import EditedTable
from lcc.tables import schema
from lcc.wording import date_text, number_text, unit_text

__all__ = ["FORM_SHEET", "clause_form", "form_periods", "is_form", "read_form", "write_form"]

FORM_SHEET = "Mesures"
FORM_KIND = "clause-measurements"
LAYOUT = "1"
PERIODS_MAX = 60
COLUMNS = ("quantity", "emissions", "uncertainty", "method", "evidence", "invoiced_eur")
"""What is filled in, from the fourth column on."""

WIDTHS = (16, 16, 20, 20, 18, 30, 42, 20)
FIRST_ANSWER = 4
REMEDY = "fill in the form made from the contract's present file (lcc clause form)"


def form_periods(contract: ClauseContract) -> list[tuple[datetime.date, datetime.date]]:
    """Return the periods to be measured, one after the other, to the end of the contract."""
    periods: list[tuple[datetime.date, datetime.date]] = []
    start = contract.start
    while start <= contract.end and len(periods) < PERIODS_MAX:
        rank = len(periods) + 1
        following = _add_months(contract.start, rank * contract.plan.every_months)
        end = min(contract.end, following - datetime.timedelta(days=1))
        periods.append((start, end))
        start = following
    return periods


def _add_months(day: datetime.date, months: int) -> datetime.date:
    from dateutil.relativedelta import relativedelta

    moved: datetime.date = day + relativedelta(months=months)
    return moved


def form_identity(contract: ClauseContract) -> dict[str, str]:
    """Return what the hidden sheet says."""
    return {
        "form": FORM_KIND,
        "layout": LAYOUT,
        "contract": contract.key,
        "contract_hash": contract.hash,
    }


def clause_form(contract: ClauseContract) -> bytes:
    """Return the contractor's form as a workbook: the same contract gives the same bytes."""
    from lcc.forms.layout import (
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

    book = new_book(f"Mesures carbone – {contract.title}")
    sheet = add_sheet(book, FORM_SHEET, WIDTHS)
    write_title(sheet, 1, f"Mesures carbone – {contract.title}")
    row = 2
    for label, text in _facts(contract):
        write_cell(sheet, row, 2, label)
        write_cell(sheet, row, 4, text)
        sheet.merge_cells(start_row=row, start_column=2, end_row=row, end_column=3)
        sheet.merge_cells(start_row=row, start_column=4, end_row=row, end_column=9)
        row += 1
    row += 1
    write_heading(sheet, row, "Une ligne par période mesurée")
    row += 1
    write_header(sheet, row, _headings(contract))
    frozen = f"D{row + 1}"
    for start, end in form_periods(contract):
        row += 1
        write_cell(sheet, row, 1, f"period:{start.isoformat()}:{end.isoformat()}")
        write_cell(sheet, row, 2, _day(start))
        write_cell(sheet, row, 3, _day(end))
        for column, name in enumerate(COLUMNS, FIRST_ANSWER):
            words = name in ("method", "evidence")
            cell = open_cell(sheet, row, column, text=words)
            if not words:
                add_number(sheet, cell, _prompt(name, contract), 0, None)
    finish_sheet(sheet, frozen=frozen)
    write_guide(book, _guide(contract))
    return workbook_bytes(book, form_identity(contract))


def write_form(contract: ClauseContract, path: Path | str) -> Path:
    """Write the contractor's form.

    Raises
    ------
    FieldError
        If the name does not end in `.xlsx`.
    OutputError
        If the file cannot be written.
    """
    from lcc.files import atomic_path

    target = Path(path)
    if target.suffix.lower() != ".xlsx":
        raise FieldError(
            "a form is a workbook", field="out", found=target.name, expected="a name in .xlsx"
        )
    content = clause_form(contract)
    with atomic_path(target) as beside:
        beside.write_bytes(content)
    return target


def is_form(path: Path) -> bool:
    """Tell whether a file is a form made here: it has the hidden sheet."""
    if path.suffix.lower() != ".xlsx":
        return False
    try:
        read_book(path, (IDENTITY_SHEET,))
    except LccError:
        return False
    return True


def read_form(path: Path | str, contracts: Sequence[ClauseContract]) -> list[Measurement]:
    """Return the measurements of a filled form; rows left empty are periods not measured yet.

    A form carries no verification: who fills it in does not verify it. Its measurements wait until
    the buyer's own table says that they are accepted.

    Raises
    ------
    InputError
        If the workbook is broken or dangerous, or rows are gone.
    FieldError
        If the form is of another contract or another version of it, or an answer cannot be taken:
        the first, with the count of the others. Nothing is taken from such a form.
    """
    source = Path(path)
    book = read_book(source, (FORM_SHEET, IDENTITY_SHEET))
    contract = _identify(read_identity(book.sheets[IDENTITY_SHEET]), contracts, source.name)
    rows = read_rows(book.sheets[FORM_SHEET], source.name)
    wanted = {
        f"period:{start.isoformat()}:{end.isoformat()}": (start, end)
        for start, end in form_periods(contract)
    }
    gone = [key for key in wanted if key not in rows]
    if gone:
        raise InputError(
            "rows of the form are gone",
            file=source.name,
            found="missing: " + ", ".join(each.removeprefix("period:") for each in gone[:5]),
            expected=f"{len(wanted)} periods",
            remedy=REMEDY,
        )
    table = EditedTable(source.name, schema("clause_measurement"), (), ())
    problems: list[FieldError] = []
    found = []
    for key, period in wanted.items():
        cells = _answers(rows[key])
        if all(cell.empty for cell in cells.values()):
            continue
        try:
            record = _read_record(cells, contract, period, source.name)
            row = _row_number(rows[key][0])
            found.append(make_measurement(table, row, record, {contract.key: contract}))
        except FieldError as error:
            problems.append(error)
    if problems:
        raise first_of(problems)
    return found


def _identify(
    identity: dict[str, str], contracts: Sequence[ClauseContract], file: str
) -> ClauseContract:
    """Return the contract a form is of."""

    def refuse(problem: str, field: str, expected: str) -> FieldError:
        found = identity.get(field) or "nothing"
        return FieldError(
            problem, file=file, field=field, found=found, expected=expected, remedy=REMEDY
        )

    if identity.get("form") != FORM_KIND:
        raise refuse("the workbook is another form", "form", FORM_KIND)
    if identity.get("layout") != LAYOUT:
        raise refuse("the form is of another version of this software", "layout", LAYOUT)
    keys = [each.key for each in contracts]
    contract = next((each for each in contracts if each.key == identity.get("contract")), None)
    if contract is None:
        raise refuse("the form is of another contract", "contract", ", ".join(keys))
    if identity.get("contract_hash") != contract.hash:
        raise refuse("the form is of another version of the contract", "contract_hash",
                     contract.hash)  # fmt: skip
    return contract


def _answers(row: Sequence[FormCell]) -> dict[str, FormCell]:
    return {
        name: row[column - 1]
        if len(row) >= column
        else FormCell(place=f"{row[0].place}, column {column}")
        for column, name in enumerate(COLUMNS, FIRST_ANSWER)
    }


def _row_number(cell: FormCell) -> int:
    return int("".join(filter(str.isdigit, cell.place.rpartition("!")[2])) or 0)


def _read_record(
    cells: dict[str, FormCell],
    contract: ClauseContract,
    period: tuple[datetime.date, datetime.date],
    file: str,
) -> dict[str, Any]:
    """Return a record of schema `clause_measurement` from the answers of a row."""
    titles = dict(zip(COLUMNS, _headings(contract)[2:], strict=True))
    record: dict[str, Any] = {"contract": contract.key}
    record["period_start"], record["period_end"] = period
    for name, cell in cells.items():
        if name in ("method", "evidence"):
            record[name] = read_words(cell, file, titles[name])
            continue
        unit = "%" if name == "uncertainty" else ""
        expected = _prompt(name, contract)
        record[name], _ = read_number(cell, file, titles[name], expected, unit)
        if record[name] is not None and record[name] < 0:
            raise FieldError(
                "a negative number has no meaning here",
                file=file,
                field=f"{cell.place} ({titles[name]})",
                found=number_text(record[name]),
                expected="at least 0",
            )
    optional = {"invoiced_eur"} | ({"quantity"} if contract.basis == "absolute" else set())
    for name in COLUMNS:
        if name not in optional and record[name] in (None, ""):
            raise FieldError(
                "an answer is missing in a row that was begun",
                file=file,
                field=f"{cells[name].place} ({titles[name]})",
                found="nothing",
                expected=_prompt(name, contract),
            )
    record["uncertainty"] /= 100
    record["quantity_unit"], record["emissions_unit"] = contract.work_unit, "tCO2e"
    return record


def _day(day: datetime.date) -> str:
    return day.strftime("%d/%m/%Y")


def _facts(contract: ClauseContract) -> Iterator[tuple[str, str]]:
    yield "Marché", f"{contract.key} – {contract.title}"
    yield "Titulaire", f"{contract.supplier} (SIRET {contract.supplier_id})"
    yield "Dates", f"du {date_text(contract.start)} au {date_text(contract.end)}"
    unit = f"kgCO2e/{unit_text(contract.work_unit) if contract.basis == 'intensity' else 'an'}"
    yield "Référence", f"{number_text(float(f'{contract.baseline.value:.6g}'))} {unit}"
    yield "Méthode prévue", contract.plan.method
    yield "Qui mesure", contract.plan.who
    yield "Empreinte du marché", contract.hash


def _headings(contract: ClauseContract) -> tuple[str, ...]:
    unit = unit_text(contract.work_unit)
    return (
        "Début",
        "Fin",
        f"Quantité d'ouvrage ({unit})",
        "Émissions de la période (tCO2e)",
        "Incertitude (± %, à 95 %)",
        "Méthode",
        "Justificatif joint : nom et page",
        "Montant facturé HT (€)",
    )


def _prompt(name: str, contract: ClauseContract) -> str:
    return {
        "quantity": f"Quantité réalisée, en {unit_text(contract.work_unit)}.",
        "emissions": "Émissions de la période, en tonnes de CO2 équivalent.",
        "uncertainty": "Demi-largeur de l'intervalle à 95 %, en pour cent : 10 pour ± 10 %.",
        "method": "Méthode de mesure.",
        "evidence": "Document joint.",
        "invoiced_eur": "Montant facturé sur la période, hors taxes, en euros.",
    }[name]


def _guide(contract: ClauseContract) -> list[tuple[str, Sequence[str]]]:
    return [
        (
            "Remplir le formulaire",
            [
                "Remplissez uniquement les cellules encadrées à fond clair de la feuille "
                "« Mesures », une ligne par période. Une ligne laissée entièrement vide est une "
                "période non mesurée.",
                "Saisissez chaque nombre tel quel, avec une virgule décimale, sans unité ni "
                "formule : une cellule qui contient une formule est refusée.",
                f"La quantité est en {unit_text(contract.work_unit)}, les émissions en tonnes de "
                "CO2 équivalent, l'incertitude en pour cent.",
                f"Justificatif attendu : {contract.plan.evidence}",
                f"Chaque mesure est due dans les {contract.plan.due_days} jours qui suivent la fin "
                "de sa période.",
            ],
        ),
        (
            "Ce qu'il advient des mesures",
            [
                "Une mesure reçue est conservée et montrée ; elle n'est utilisée qu'après "
                "vérification par l'acheteur.",
                "Une mesure négative, hors des dates du marché ou dont la période en recouvre une "
                "autre est refusée, et rien n'en est calculé.",
            ],
        ),
        (
            "Version du marché",
            [
                "L'empreinte (SHA-256) identifie la référence, l'engagement et la règle de "
                "paiement. Si le marché est modifié, demandez un nouveau formulaire."
            ],
        ),
    ]
