"""Size, form and place of firms, from a local extract of the register of firms (SIRENE).

Nothing is asked of any service. What the extract does not say is unknown: no size is guessed from a
name, no place from another establishment of the firm.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from stdnum.eu import vat
from stdnum.fr import siren as siren_number
from stdnum.fr import siret as siret_number
from stdnum.fr import tva

from lcc.errors import FieldError
from lcc.reading.dialect import normalise_text
from lcc.register.firm_files import read_firm_rows
from lcc.register.problems import problem_row
from lcc.register.register import empty_table, make_table
from lcc.register.settle import frame_records
from lcc.spending.identifiers import SEPARATORS
from lcc.tables import load_reference

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "OUTSIDE",
    "SOLE_TRADERS",
    "Firms",
    "check_region",
    "no_firms",
    "read_firms",
    "region_of_place",
]

OUTSIDE = "outside"
"""Region of a firm without a French identifier, or of a territory that is in no region."""

SOLE_TRADERS = "1"
"""First figure of the legal categories of persons who trade in their own name (INSEE, level I)."""

OF_THE_FIRM = ("name", "size", "size_year", "legal_form", "social_economy", "esus", "structure")
"""Facts of the whole firm; the others are of one establishment."""

FOREIGN_TYPES = ("UE", "HORS-UE", "RIDET", "TAHITI", "FRWF", "IREP")
"""Types of identifier of the essential data given to firms outside the regions of France."""

SIREN_DIGITS = 9
SIRET_DIGITS = 14
PLACE_CHARACTERS = 5
CORSICA = "20"
CORSICA_REGION = "94"
OVERSEAS = "97"
IN_NO_REGION = ("975", "977", "978", "98")
"""First characters of communes and postcodes of territories that are in no region (INSEE, Code
officiel géographique, collectivités d'outre-mer); 98000 is Monaco."""

POSTCODES_IN_NO_REGION = ("97133", "97150")
"""Saint-Barthélemy and Saint-Martin keep the postcodes of Guadeloupe, of which they were part."""


@dataclass(frozen=True)
class Firms:
    """Firms of an extract.

    Attributes
    ----------
    table : pandas.DataFrame
        Schema `firm`: one row per row of the extract, the region derived where it was not stated.
    problems : pandas.DataFrame
        Schema `register_problem`: cells that do not fit, rows that disagree.
    files : tuple of str
        Names of the files.
    """

    table: pd.DataFrame
    problems: pd.DataFrame = field(default_factory=lambda: empty_table("register_problem"))
    files: tuple[str, ...] = ()

    @cached_property
    def _by_siret(self) -> dict[str, dict[str, Any]]:
        return _merged(self.table, "siret")

    @cached_property
    def _by_siren(self) -> dict[str, dict[str, Any]]:
        return _merged(self.table, "siren")

    @cached_property
    def _seats(self) -> dict[str, dict[str, Any]]:
        rows = self.table.loc[self.table["siret"].isna()]
        return _merged(rows, "siren")

    def find(self, identifier: str | None) -> dict[str, Any] | None:
        """Return what is known of a firm, by SIRET then by SIREN; None where it is not listed.

        Of another establishment, only what is of the whole firm is taken: not its place.

        Parameters
        ----------
        identifier : str or None
            SIRET, SIREN or French VAT number, spaces allowed. A SIRET whose check sum is wrong is
            looked for as it stands only.
        """
        siret, siren = _french(identifier)
        exact = self._by_siret.get(siret) if siret else None
        firm = self._by_siren.get(siren) if siren else None
        if exact is None and firm is None:
            return None
        found: dict[str, Any] = dict.fromkeys(self.table.columns)
        if firm is not None:
            found |= {name: firm[name] for name in ("siren", *OF_THE_FIRM)}
            seat = self._seats.get(siren)
            if not siret and seat is not None:
                found |= seat
        if exact is not None:
            found |= {name: value for name, value in exact.items() if value is not None}
        return found

    def fact(self, identifier: str | None, name: str) -> Any:
        """Return one fact of a firm (a column of `firm`); None where it is not known."""
        found = self.find(identifier)
        return None if found is None else found[name]

    def size(self, identifier: str | None) -> str | None:
        """Return `pme`, `eti` or `ge`; None where it is not known."""
        size: str | None = self.fact(identifier, "size")
        return size

    def region(self, identifier: str | None, id_type: str | None = None) -> str | None:
        """Return the region (two figures) of an establishment; None where it is not known.

        `outside` for a firm of another country or of a French territory outside the regions, as
        the type of its identifier or a valid VAT number of another country says.
        """
        if is_foreign(identifier, id_type):
            return OUTSIDE
        region: str | None = self.fact(identifier, "region")
        return region

    def is_person(self, identifier: str | None) -> bool | None:
        """Return whether a firm is a sole trader, by its legal category; None where unknown."""
        form = self.fact(identifier, "legal_form")
        return None if form is None else str(form).startswith(SOLE_TRADERS)


def no_firms() -> Firms:
    """Return the extract that lists no firm: every size, form and place is unknown."""
    return Firms(empty_table("firm"))


def read_firms(
    paths: Path | str | Sequence[Path | str], *, only: Collection[str] | None = None
) -> Firms:
    """Return the firms of one or several extracts.

    Parameters
    ----------
    paths : path or sequence of path
        An own table (schema `firm`, French headers, CSV or XLSX), or files of SIRENE as published
        (`StockUniteLegale`, `StockEtablissement`; CSV or Parquet), which may have millions of rows.
    only : collection of str, optional
        SIRET and SIREN of interest: other firms are not kept. Needed for the published files.

    Raises
    ------
    InputError
        If a file cannot be read, names no firm by SIRET or SIREN, or is too large to be read whole.
    """
    files = [Path(paths)] if isinstance(paths, str | Path) else [Path(each) for each in paths]
    wanted = None if only is None else {_french(each)[1] for each in only} - {""}
    rows: list[dict[str, Any]] = []
    problems: list[dict[str, Any]] = []
    for path in files:
        found, noted = read_firm_rows(path, wanted)
        rows += found
        problems += noted
    for row in rows:
        if row["siret"] and not row["siren"]:
            row["siren"] = row["siret"][:SIREN_DIGITS]
        row["region"] = _region(row, problems)
    _check(rows, problems)
    return Firms(
        make_table(rows, "firm"),
        make_table(problems, "register_problem"),
        tuple(each.name for each in files),
    )


def is_foreign(identifier: str | None, id_type: str | None = None) -> bool:
    """Tell whether an identifier is of a firm outside the regions of France."""
    if id_type is not None and id_type.strip().upper() in FOREIGN_TYPES:
        return True
    text = SEPARATORS.sub("", identifier or "").upper()
    return text[:2].isalpha() and not text.startswith("FR") and bool(vat.is_valid(text))


def region_of_place(commune: str | None, postcode: str | None = None) -> str | None:
    """Return the region of a commune, else of a postcode; None where neither tells one.

    `outside` for a territory that is in no region.

    The postcode is less sure: a few run over the border of a department.

    References
    ----------
    INSEE, Code officiel géographique: the first two characters of a commune's code (three
    overseas) are its department, each department being in one region.
    """
    for place, is_postcode in ((commune, False), (postcode, True)):
        text = (place or "").strip().upper()
        if len(text) != PLACE_CHARACTERS:
            continue
        if is_postcode and text.startswith(CORSICA):
            return CORSICA_REGION
        if text.startswith(IN_NO_REGION) or (is_postcode and text in POSTCODES_IN_NO_REGION):
            return OUTSIDE
        department = text[:3] if text.startswith(OVERSEAS) else text[:2]
        if (found := _regions().get(department)) is not None:
            return found
    return None


def check_region(region: str, *, file: str | None = None) -> None:
    """Raise where a region of interest is none; a department is often given in its place.

    Parameters
    ----------
    region : str
        Code of the region (INSEE, Code officiel géographique).
    file : str, optional
        Name of the file that gives it, for the message.

    Raises
    ------
    FieldError
        If no region has this code.
    """
    names = {
        row["region"]: row["region_name"]
        for row in load_reference("procurement_map", "departments").to_pylist()
    }
    if region not in names:
        of_department = _regions().get(region)
        raise FieldError(
            "no region has this code",
            file=file,
            field="region",
            found=region,
            expected=", ".join(f"{code} {name}" for code, name in sorted(names.items())),
            remedy=f"{region} is a department, of region {of_department}"
            if of_department
            else None,
        )


def _region(row: Mapping[str, Any], problems: list[dict[str, Any]]) -> str | None:
    """Return the region that a row states, else that of its place; None where they differ."""
    stated, of_commune = _stated_region(row, problems), region_of_place(row["commune"])
    if stated is None:
        return of_commune or region_of_place(None, row["postcode"])
    if of_commune is None or of_commune == stated:
        return stated
    source = (row["source_file"], row["source_row"])
    problems.append(
        problem_row(
            "firms-disagree",
            field="region",
            found=stated,
            source=source,
            other_found=f"{of_commune} ({row['commune']})",
            other=source,
        )
    )
    return None


def _stated_region(row: Mapping[str, Any], problems: list[dict[str, Any]]) -> str | None:
    """Return the code of the region that a row states by its code or its name."""
    text = row["region"]
    if not text or text == OUTSIDE:
        return text or None
    code = _region_names().get(normalise_text(text)) or text.strip().zfill(2)
    if code in _region_names().values():
        return code
    problems.append(
        problem_row(
            "cell-unreadable",
            field="region",
            found=text,
            source=(row["source_file"], row["source_row"]),
            expected="32, Hauts-de-France …",
        )
    )
    return None


@cache
def _region_names() -> Mapping[str, str]:
    rows = load_reference("procurement_map", "departments").to_pylist()
    return MappingProxyType({normalise_text(row["region_name"]): row["region"] for row in rows})


@cache
def _regions() -> Mapping[str, str]:
    rows = load_reference("procurement_map", "departments").to_pylist()
    return MappingProxyType({row["department"]: row["region"] for row in rows})


def _french(identifier: str | None) -> tuple[str, str]:
    """Return the SIRET and the SIREN that an identifier gives, each empty where it gives none."""
    text = SEPARATORS.sub("", identifier or "").upper()
    if len(text) == SIRET_DIGITS and text.isdigit():
        return text, text[:SIREN_DIGITS] if siret_number.is_valid(text) else ""
    if len(text) == SIREN_DIGITS and siren_number.is_valid(text):
        return "", text
    if text.startswith("FR") and tva.is_valid(text):
        return "", text[-SIREN_DIGITS:]
    return "", ""


def _merged(table: pd.DataFrame, key: str) -> dict[str, dict[str, Any]]:
    """Return what the rows of each firm state together; null where they disagree."""
    found: dict[str, dict[str, Any]] = {}
    for row in frame_records(table):
        if not row[key]:
            continue
        known = found.setdefault(row[key], dict.fromkeys(row) | {"_": set()})
        for name, value in row.items():
            if value is None or name in known["_"]:
                continue
            if known[name] is None:
                known[name] = value
            elif known[name] != value and name not in ("source_file", "source_row", "name"):
                known[name] = None
                known["_"].add(name)
    return {one: {k: v for k, v in row.items() if k != "_"} for one, row in found.items()}


def _check(rows: list[dict[str, Any]], problems: list[dict[str, Any]]) -> None:
    """List identifiers that are none, and rows of one firm that disagree."""
    first: dict[tuple[str, str], dict[str, Any]] = {}
    noted: set[tuple[str, str]] = set()
    for row in rows:
        source = (row["source_file"], row["source_row"])
        for name, judge in (("siret", siret_number), ("siren", siren_number)):
            if row[name] and not judge.is_valid(row[name]):
                problems.append(
                    problem_row("identifier-invalid", field=name, found=row[name], source=source)
                )
                break
        for name in OF_THE_FIRM[1:]:
            key = (row["siren"] or "", name)
            if not key[0] or row[name] is None or key in noted:
                continue
            known = first.setdefault(key, row)
            if known[name] != row[name]:
                noted.add(key)
                problems.append(
                    problem_row(
                        "firms-disagree",
                        field=name,
                        found=known[name],
                        source=(known["source_file"], known["source_row"]),
                        other_found=row[name],
                        other=source,
                    )
                )
