"""The inventory of digital equipment: a table people keep, checked row by row.

A cell that cannot be true refuses the table. What can be true and should not be believed without a
look (electricity of a month typed for a year, one lot listed twice) is set aside and named: the
rest is computed, and the report says what was left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lcc.carbon.digital.kinds import Kind, find_kind, kinds, suggest_kind
from lcc.carbon.readings import HALF_WIDTH, read_published_error
from lcc.errors import FieldError, InputError, first_of
from lcc.reading.dialect import normalise_text
from lcc.reading.edited import EditedTable, read_edited
from lcc.wording import number_text

__all__ = ["DigitalInventory", "Equipment", "Finding", "check_equipment", "read_equipment"]

SCHEMA = "digital_equipment"
WATTS_PER_KILOWATT = 1000
KILOWATTS_PER_MEGAWATT = 1000
MONTHS_PER_YEAR = 12


@dataclass(frozen=True)
class Equipment:
    """One checked row: units of one kind that came in one year.

    Attributes
    ----------
    entry, label, directorate, contract, document, owner : str
        As the row says; empty where it says nothing.
    row : int
        Number of the row in its table.
    year : int
        Year whose end the row describes.
    kind : str
        Code of `procurement_map/digital_kinds.csv`.
    count : int
        Units.
    age_years : int or None
        Whole years since they came; None where the row does not say.
    lifetime_years : float
        Years they are meant to be kept.
    lifetime_stated : bool
        Whether the row states them, or the kind.
    kwh_per_year : float or None
        Electricity of one unit, in kWh a year; None where none is stated or believed.
    use_share, pue : float
        Share in use; electricity of the room over that of the equipment.
    pue_stated : bool
        Whether the row states the latter.
    error_cv : float
        Coefficient of variation of the electricity, the same error for all rows of one document.
    manufacture_kgco2e : float or None
        Manufacture of one unit by its maker's sheet.
    """

    entry: str
    row: int
    year: int
    kind: str
    label: str
    directorate: str
    count: int
    age_years: int | None
    lifetime_years: float
    lifetime_stated: bool
    kwh_per_year: float | None
    use_share: float
    pue: float
    pue_stated: bool
    error_cv: float
    manufacture_kgco2e: float | None
    owner: str
    contract: str
    document: str

    @property
    def about(self) -> Kind:
        """What the table says of its kind."""
        return kinds()[self.kind]

    @property
    def tells_manufacture(self) -> bool:
        """Whether its manufacture is counted: the buyer's, by a maker's sheet or a factor."""
        told = self.manufacture_kgco2e is not None or self.about.manufacture_product is not None
        return told and self.owner != "service"

    @property
    def beyond_lifetime(self) -> bool:
        """Whether the units are kept longer than meant."""
        return self.age_years is not None and self.age_years >= self.lifetime_years


@dataclass(frozen=True)
class Finding:
    """Something to look at.

    Attributes
    ----------
    code : str
        What it is; see `lcc.report.codes`.
    entry : str
        Row of the inventory, by its name; a family, for findings of spending.
    rows : tuple of int
        Rows of the table.
    found, expected : str
        The facts, in French figures; empty where the code says all.
    set_aside : bool
        Whether something was left out of the figures for it.
    """

    code: str
    entry: str
    rows: tuple[int, ...]
    found: str
    expected: str
    set_aside: bool


@dataclass(frozen=True)
class DigitalInventory:
    """What an inventory holds.

    Attributes
    ----------
    file : str
        Name of the file.
    equipment : tuple of Equipment
        Rows that count.
    findings : tuple of Finding
        What to look at, by row, each with the year it is of in `years_of_findings`.
    years_of_findings : tuple of int
        Same length.
    """

    file: str
    equipment: tuple[Equipment, ...]
    findings: tuple[Finding, ...]
    years_of_findings: tuple[int, ...]

    @property
    def years(self) -> list[int]:
        """Years the inventory describes, in order."""
        return sorted({each.year for each in self.equipment})

    def of_year(self, year: int) -> tuple[Equipment, ...]:
        """Return the rows of one year.

        Raises
        ------
        FieldError
            If there is none.
        """
        found = tuple(each for each in self.equipment if each.year == year)
        if not found:
            raise FieldError(
                "the inventory does not describe this year",
                file=self.file,
                field="Exercice",
                found=str(year),
                expected=", ".join(map(str, self.years)),
                remedy="name another year, or add its rows",
            )
        return found

    def findings_of(self, year: int) -> tuple[Finding, ...]:
        """Return what to look at in the rows of one year."""
        pairs = zip(self.findings, self.years_of_findings, strict=True)
        return tuple(finding for finding, of in pairs if of == year)


def read_equipment(path: Path | str) -> DigitalInventory:
    """Return the inventory of a table (schema `digital_equipment`), CSV or XLSX, checked.

    Raises
    ------
    InputError
        If the file cannot be read, or its header is not the schema's.
    FieldError
        If a cell does not fit; if a kind does not exist; if a purchase is later than the year the
        row describes; if a row states both of two ways to say one thing and they differ; if power
        comes without hours; if an estimate states no error; if a PUE is given to what is in no
        server room: the first, with the count of the others.
    """
    return check_equipment(read_edited(path, SCHEMA))


def check_equipment(table: EditedTable) -> DigitalInventory:
    """Return the inventory of a table already read; see `read_equipment`."""
    problems: list[FieldError] = []
    equipment: list[Equipment] = []
    for row, record in table:
        found = list(_refuse(table, row, record))
        problems += found
        if not found:
            equipment.append(_make(row, record))
    if problems:
        raise first_of(problems)
    if not equipment:
        raise InputError(
            "the inventory lists no equipment",
            file=table.file,
            found="a header alone",
            expected="one row per lot",
        )
    findings: list[Finding] = []
    years: list[int] = []
    kept: list[Equipment] = []
    for each, repeated in _find_repeated(equipment):
        if repeated is not None:
            findings.append(repeated)
            years.append(each.year)
            continue
        believed, doubts = _judge(each)
        kept.append(believed)
        findings += doubts
        years += [each.year] * len(doubts)
    return DigitalInventory(table.file, tuple(kept), tuple(findings), tuple(years))


def _refuse(table: EditedTable, row: int, record: dict[str, Any]) -> Iterator[FieldError]:
    """Yield what cannot be true within one row."""

    def error(problem: str, name: str, **facts: str | None) -> FieldError:
        return table.error(problem, row, table.title(name), **facts)

    kind = find_kind(record["kind"])
    if kind is None:
        near = suggest_kind(record["kind"])
        yield error(
            "no kind of equipment has this name",
            "kind",
            found=record["kind"],
            expected=", ".join(each.label_fr for each in kinds().values()),
            remedy=f"did you mean {near}?" if near else "use one of these words",
        )
    year, bought, age = record["year"], record["purchase_year"], record["age_years"]
    if bought is not None and bought > year:
        yield error(
            "equipment is bought after the year it is listed in",
            "purchase_year",
            found=f"{bought}, inventory of {year}",
            expected=f"{year} or before",
            remedy="correct one of the two years",
        )
    if age is not None and age != int(age):
        yield error(
            "an age is in whole years",
            "age_years",
            found=f"{age}",
            expected="0 for the year of the inventory, 1 for the year before …",
            remedy="give the year of purchase",
        )
    elif age is not None and bought is not None and year - bought != age:
        yield error(
            "age and year of purchase disagree",
            "age_years",
            found=f"{age:g} years, bought in {bought}, inventory of {year}",
            expected=f"{year - bought}",
            remedy="keep one of the two",
        )
    power, hours = record["power_w"], record["hours_per_year"]
    if (power is None) != (hours is None):
        yield error(
            "power says nothing without hours, nor hours without power",
            "power_w" if hours is None else "hours_per_year",
            found="power alone" if hours is None else "hours alone",
            expected="both, or kWh a year",
            remedy="fill in the other cell",
        )
    if power is not None and record["kwh_per_year"] is not None:
        yield error(
            "electricity is stated twice",
            "kwh_per_year",
            found=f"{record['kwh_per_year']:g} kWh a year, and {power:g} W",
            expected="kWh a year, or power and hours",
            remedy="keep one of the two",
        )
    stated = record["kwh_per_year"] is not None or power is not None
    if stated and record["quality"] is None:
        yield error(
            "electricity says how it is known",
            "quality",
            found="nothing",
            expected="relevé, déclaré or estimé",
            remedy="fill in the cell",
        )
    if stated and record["quality"] == "estimated" and record["error_95"] is None:
        yield error(
            "an estimate states its error",
            "error_95",
            found="nothing",
            expected="half-width of the 95 % interval, such as 20 %",
            remedy="fill in the cell",
        )
    if record["manufacture_kgco2e"] == 0:
        yield error(
            "nothing is made without emissions",
            "manufacture_kgco2e",
            found="0",
            expected="kgCO2e per unit, as the maker's sheet says; empty for the factor of the kind",
            remedy="empty the cell",
        )
    if record["pue"] is not None and kind is not None and kinds()[kind].tier != "data-centres":
        yield error(
            "a PUE is of a server room",
            "pue",
            found=f"{record['pue']:g} for {kinds()[kind].label_fr}",
            expected="equipment of data centres",
            remedy="empty the cell",
        )


def _make(row: int, record: dict[str, Any]) -> Equipment:
    """Return a row that can be true as equipment."""
    kind = find_kind(record["kind"]) or ""
    age = record["age_years"]
    if record["purchase_year"] is not None:
        age = record["year"] - record["purchase_year"]
    kwh = record["kwh_per_year"]
    if record["power_w"] is not None and record["hours_per_year"] is not None:
        kwh = record["power_w"] * record["hours_per_year"] / WATTS_PER_KILOWATT
    published = None if record["error_95"] is None else 100 * record["error_95"]
    return Equipment(
        entry=record["entry"],
        row=row,
        year=record["year"],
        kind=kind,
        label=record["label"] or "",
        directorate=record["directorate"] or "",
        count=record["count"],
        age_years=None if age is None else int(age),
        lifetime_years=record["lifetime_years"] or kinds()[kind].lifetime_years,
        lifetime_stated=record["lifetime_years"] is not None,
        kwh_per_year=kwh,
        use_share=1.0 if record["use_share"] is None else record["use_share"],
        pue=record["pue"] or 1.0,
        pue_stated=record["pue"] is not None,
        error_cv=read_published_error(published, HALF_WIDTH) or 0.0,
        manufacture_kgco2e=record["manufacture_kgco2e"],
        owner=record["owner"],
        contract=record["contract"] or "",
        document=record["document"],
    )


def _find_repeated(
    equipment: Sequence[Equipment],
) -> Iterator[tuple[Equipment, Finding | None]]:
    """Yield each row, and what says that it is one met before."""
    seen: dict[tuple[object, ...], Equipment] = {}
    for each in equipment:
        key = (
            each.year,
            each.kind,
            normalise_text(each.document),
            normalise_text(each.label),
            normalise_text(each.directorate),
            each.age_years,
            each.owner,
        )
        first = seen.setdefault(key, each)
        if first is each or not each.label:
            yield each, None
            continue
        yield (
            each,
            Finding(
                "equipment-twice",
                each.entry,
                (first.row, each.row),
                f"{number_text(each.count)} × {each.label}",
                f"= {first.entry}",
                set_aside=True,
            ),
        )


def _judge(each: Equipment) -> tuple[Equipment, list[Finding]]:
    """Return a row without what is not believed, and what to look at."""
    findings = []

    def note(code: str, found: str = "", expected: str = "", *, set_aside: bool = False) -> None:
        findings.append(Finding(code, each.entry, (each.row,), found, expected, set_aside))

    kind, kwh = each.about, each.kwh_per_year
    if kwh is not None and not kind.kwh_min <= kwh <= kind.kwh_max:
        if kind.kwh_min <= kwh * KILOWATTS_PER_MEGAWATT <= kind.kwh_max and kwh < 1:
            code = "electricity-in-mwh"
        elif kind.kwh_min <= kwh * MONTHS_PER_YEAR <= kind.kwh_max:
            code = "electricity-of-a-month"
        else:
            code = "electricity-not-believed"
        note(
            code,
            f"{number_text(kwh)} kWh",
            f"{number_text(kind.kwh_min)} – {number_text(kind.kwh_max)} kWh",
            set_aside=True,
        )
        each = replace(each, kwh_per_year=None, error_cv=0.0)
    if each.age_years is None:
        note("age-not-known")
    if each.owner == "rented" and not each.contract:
        note("rented-without-contract")
    if each.kwh_per_year is not None and kind.tier == "data-centres" and not each.pue_stated:
        note("no-pue")
    return each, findings
