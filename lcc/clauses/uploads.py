"""Measurements as they come in: tables, filled forms, results of SEVE, told by the file itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from lcc.clauses.contract import ClauseContract
from lcc.clauses.forms import is_form, read_form
from lcc.clauses.measurements import Measurement, check_periods, make_measurement
from lcc.clauses.seve import is_seve_table, read_seve
from lcc.errors import FieldError, first_of
from lcc.reading.edited import read_edited

__all__ = ["read_measurements"]


def read_measurements(
    paths: Iterable[Path | str], contracts: Sequence[ClauseContract]
) -> list[Measurement]:
    """Return the measurements of some files, in order of contract and period.

    Parameters
    ----------
    paths : iterable of path
        Tables (CSV, XLSX) of schema `clause_measurement`, filled forms of the contracts, or tables
        of SEVE results; which one is told by the file itself.
    contracts : sequence of ClauseContract
        The contracts measured.

    Raises
    ------
    FieldError
        If a row is of no contract, lies outside its dates, does not convert, or two periods
        overlap: the first, with the count of the others. Nothing is taken from any file then.
    InputError
        If a file cannot be read.
    """
    known = {each.key: each for each in contracts}
    found: list[Measurement] = []
    for path in map(Path, paths):
        if is_form(path):
            found += read_form(path, contracts)
        elif is_seve_table(path):
            found += read_seve(path, contracts)
        else:
            found += _read_table(path, known)
    check_periods(found)
    return sorted(found, key=lambda each: (each.contract, each.start))


def _read_table(path: Path, contracts: Mapping[str, ClauseContract]) -> list[Measurement]:
    table = read_edited(path, "clause_measurement")
    problems: list[FieldError] = []
    found = []
    for row, record in table:
        try:
            found.append(make_measurement(table, row, record, contracts))
        except FieldError as error:
            problems.append(error)
    if problems:
        raise first_of(problems)
    return found
