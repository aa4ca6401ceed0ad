"""Definitions of the indicators: rows of data, with at most one expression each."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from lcc.errors import FieldError
from lcc.indicators.expression import PARAMETERS, parse_condition
from lcc.reading.edited import read_edited
from lcc.tables import load_reference, load_table

__all__ = [
    "PUBLISHED",
    "Indicator",
    "Target",
    "Variant",
    "load_indicators",
    "load_targets",
    "load_variants",
    "read_targets",
    "targets_of",
]

PUBLISHED = "published"
"""Variant that reads each indicator as its publisher's text does."""

CONTRACT_METHODS = ("share", "count")
"""Methods computed from contracts by two expressions; any other is a quantity."""


@dataclass(frozen=True)
class Indicator:
    """One row of `indicators.csv`; columns are described in its schema (`indicator`)."""

    indicator: str
    number: str | None
    axis: str
    label_fr: str
    label_en: str
    method: str
    perimeter: str | None
    counts: str | None
    threshold_eur: float | None
    counted: str | None
    concessions: bool | None
    variants: str | None
    unit: str
    rounding: str
    sentence_fr: str
    sentence_en: str
    source: str
    status: str
    reason_fr: str | None
    reason_en: str | None

    @property
    def variant_names(self) -> tuple[str, ...]:
        """Variants shown, the published one first."""
        return (PUBLISHED, *(each for each in (self.variants or "").split() if each != PUBLISHED))

    @property
    def from_contracts(self) -> bool:
        """Whether it is a share or a count of contracts, by expressions."""
        return self.method in CONTRACT_METHODS


@dataclass(frozen=True)
class Variant:
    """One row of `indicator_variants.csv` (schema `indicator_variant`)."""

    variant: str
    label_fr: str
    label_en: str
    threshold: str
    unit: str
    amount: str
    year_of: str
    frameworks: str
    concessions: str
    for_others: bool
    condition: str | None
    reason_fr: str
    reason_en: str


@dataclass(frozen=True)
class Target:
    """One row of `indicator_targets.csv` (schema `indicator_target`)."""

    indicator: str
    value: float
    unit: str
    comparison: str
    variant: str | None
    valid_from: datetime.date | None
    valid_to: datetime.date | None
    date_of: str
    sentence_fr: str
    sentence_en: str
    source: str

    def holds_in(self, year: int) -> bool:
        """Tell whether the target holds on some day of a year."""
        starts = self.valid_from is None or self.valid_from.year <= year
        return starts and (self.valid_to is None or self.valid_to.year >= year)


@cache
def load_indicators(path: Path | None = None) -> Mapping[str, Indicator]:
    """Return the indicators by name, in order.

    Parameters
    ----------
    path : Path, optional
        Own table of the same schema; the project's when left out.

    Raises
    ------
    TableError
        If the table is not valid.
    FieldError
        If an expression cannot be read, or a variant does not exist.
    """
    records = _read(path, "indicators", "indicator")
    file = "indicators.csv" if path is None else path.name
    known = load_variants()
    for row, record in enumerate(records, 2):
        each = Indicator(**record)
        _check(each, known, file, row)
    return {record["indicator"]: Indicator(**record) for record in records}


@cache
def load_variants(path: Path | None = None) -> Mapping[str, Variant]:
    """Return the ways of counting by name, in order.

    Raises
    ------
    TableError, FieldError
        As `load_indicators`.
    """
    records = _read(path, "indicator_variants", "indicator_variant")
    for record in records:
        parse_condition(record["condition"], file="indicator_variants.csv", field="condition")
    return {record["variant"]: Variant(**record) for record in records}


@cache
def load_targets(path: Path | None = None) -> Sequence[Target]:
    """Return the targets of all indicators.

    Raises
    ------
    TableError
        If the table is not valid.
    """
    records = _read(path, "indicator_targets", "indicator_target")
    return tuple(Target(**record) for record in records)


def read_targets(path: Path | str) -> Sequence[Target]:
    """Return the targets of a buyer, from a table kept by hand: they replace the scheme's.

    Parameters
    ----------
    path : path
        CSV or XLSX, French headers (`lcc table indicator-targets`); without rows: no target.

    Raises
    ------
    InputError
        If the file cannot be read.
    FieldError
        If a cell does not fit, or an indicator, a variant or its unit does not exist.
    """
    table = read_edited(path, "indicator_target")
    definitions, variants = load_indicators(), load_variants()
    for row, record in table:
        indicator = definitions.get(record["indicator"])
        expected = {
            "indicator": tuple(definitions),
            "unit": () if indicator is None else (indicator.unit,),
            "variant": (None, *variants, *(indicator.variant_names if indicator else ())),
        }
        for field, known in expected.items():
            if record[field] not in known:
                raise table.error(
                    "a target is of nothing that is counted",
                    row,
                    field,
                    found=record[field],
                    expected=", ".join(each for each in known if each),
                )
    return tuple(
        Target(**record | {"sentence_en": record["sentence_en"] or record["sentence_fr"]})
        for _, record in table
    )


def targets_of(
    targets: Sequence[Target], indicator: str, variant: str, year: int
) -> Sequence[Target]:
    """Return the targets set on a variant of an indicator that hold in a year."""
    return tuple(
        each
        for each in targets
        if each.indicator == indicator
        and (each.variant or PUBLISHED) == variant
        and each.holds_in(year)
    )


def _read(path: Path | None, name: str, schema_name: str) -> list[dict[str, Any]]:
    table = (
        load_reference("procurement_map", name) if path is None else load_table(path, schema_name)
    )
    records: list[dict[str, Any]] = table.to_pylist()
    return records


def _check(each: Indicator, known: Mapping[str, Variant], file: str, row: int) -> None:
    """Raise where a definition cannot be computed."""
    parameters = dict.fromkeys(PARAMETERS, "")
    if each.from_contracts:
        for field in ("perimeter", "counts"):
            parse_condition(getattr(each, field), parameters, file=file, field=field)
        missing = [
            field for field in ("counts", "counted", "concessions") if getattr(each, field) is None
        ]
        if missing:
            raise FieldError(
                "an indicator of contracts does not say how it counts",
                file=file,
                rows=[row],
                field=", ".join(missing),
                found="nothing",
                expected="an expression, contract or award, true or false",
            )
    strange = [name for name in each.variant_names if name not in known]
    if strange and each.from_contracts:
        raise FieldError(
            "a variant does not exist",
            file=file,
            rows=[row],
            field="variants",
            found=", ".join(strange),
            expected=", ".join(known),
        )
