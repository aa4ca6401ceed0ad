"""Contracts of the essential data (DECP), whatever their layout, as raw lines.

The layout of 2019 (`titulaires: [{…}]`) and that of 2022 (`titulaires: [{"titulaire": {…}}]`) are
told apart by the record's own shape, never by a schema: the schema of 2022 lets records of 2019
through. Both, in JSON and in XML, come down to the same fields here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Any

import pyarrow as pa

from lcc.errors import InputError
from lcc.reading.dialect import (
    CanonicalText,
    canonical_decimal,
    date_reader,
    guess_decimal,
    is_ambiguous,
    normalise_header,
    settle_number,
)
from lcc.spending.raw import RawBatcher

__all__ = [
    "ContractBatches",
    "NumberReader",
    "add_contract",
    "canonical",
    "is_concession",
    "is_contract",
    "is_framework",
    "is_nothing",
    "is_subsequent",
    "layout_of",
    "named_framework",
    "record_text",
    "trimmed",
    "unwrap",
    "written_amounts",
]

LAYOUT_2022_KEYS = (
    "techniques",
    "considerationsSociales",
    "considerationsEnvironnementales",
    "modalitesExecution",
    "typesPrix",
    "typeGroupementOperateurs",
    "sousTraitanceDeclaree",
)
CONCESSION_KEYS = ("autoriteConcedante", "valeurGlobale", "concessionnaires")
EMPTY: tuple[Any, ...] = (None, "", [])
"""What converters write for a field that a record does not have."""
CONTRACT_KEYS = ("acheteur", "autoriteConcedante", "montant", "valeurGlobale", "titulaires")
FRAMEWORK = re.compile(r"accords?cadres?")
SUBSEQUENT = "subsequent"
NOTHING = frozenset(
    {"", "nc", "nd", "na", "cdl", "inx", "mq", "neant", "aucun", "sansobjet", "null", "none", "0"}
)
"""What is written where there is nothing to say, without accents, spaces or points."""
AMOUNT_KEYS = ("montant", "valeurGlobale")
SCIENTIFIC = re.compile(r"[+-]?\d+(\.\d+)?[eE][+-]?\d{1,9}")
READ_DATE = date_reader(None)
DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
FOUND_CHARACTERS = 200
MAX_EXPONENT = 30
"""Decimal exponents beyond this stay as written: `1e999999` must not become a million digits."""


class ContractBatches:
    """Turns contracts, as objects, into batches of raw lines; the layout is the first's."""

    def __init__(self, name: str, records: Callable[[], Iterable[tuple[Any, str]]]) -> None:
        self.name = name
        self.layout = ""
        self._records = records

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the lines of the contracts, in batches of `raw_schema()`.

        Raises
        ------
        InputError
            If there is no contract at all.
        """
        batcher = RawBatcher()
        read_number = NumberReader(self._amounts)
        row = 0
        for row, (record, text) in enumerate(self._records(), start=1):
            if is_contract(record):
                self.layout = self.layout or layout_of(record)
                add_contract(batcher, row, record, read_number, text=text)
            else:
                batcher.add(
                    row,
                    {
                        "record_text": text,
                        "read_code": "record-not-a-contract",
                        "read_found": text[:FOUND_CHARACTERS],
                        "kind": "award",
                    },
                )
            if batcher.full:
                yield batcher.flush()
        if row == 0:
            raise InputError(
                "the file lists no contract",
                file=self.name,
                found="an empty list",
                expected="at least one contract",
                remedy="export the file again, or leave it out",
            )
        yield batcher.flush()

    def _amounts(self) -> Iterator[str]:
        """Yield the amounts written as text, in one more reading of the file."""
        yield from written_amounts(record for record, _ in self._records())


def written_amounts(records: Iterable[Any]) -> Iterator[str]:
    """Yield the amounts that contracts write as text."""
    for record in records:
        if not is_contract(record):
            continue
        for each in (record, *unwrap(record.get("modifications"), "modification")):
            if isinstance(each, dict):
                yield from (each[key] for key in AMOUNT_KEYS if isinstance(each.get(key), str))


class NumberReader:
    """Reads published numbers; the file's other amounts say what a doubtful mark is.

    Parameters
    ----------
    amounts : callable
        Returns the amounts of the file written as text; called only where one is doubtful.
    """

    def __init__(self, amounts: Callable[[], Iterable[str]]) -> None:
        self._amounts = amounts

    @cached_property
    def decimal(self) -> str | None:
        """Decimal mark of the file's amounts; None where nothing shows it."""
        return guess_decimal(self._amounts())

    def __call__(self, value: Any) -> str | None:
        """Return a published number, `1 234,50 €` written `1234.50`; other text as found."""
        text = canonical(value)
        if text is None or text.isdigit():
            return text
        if SCIENTIFIC.fullmatch(text):
            text = canonical(Decimal(text)) or text
        if not isinstance(value, str) or type(value) is CanonicalText:
            return settle_number(text)
        return canonical_decimal(text, self.decimal if is_ambiguous(text) else None)


def unwrap(value: Any, key: str) -> list[Any]:
    """Return the items of a list published plain, wrapped by `key`, or as a single item.

    Spaces around the names of fields are taken away.
    """
    if value is None or value == "":
        return []
    if isinstance(value, dict):
        value = trimmed(value)
        return unwrap(value[key], key) if key in value else [value]
    if isinstance(value, (list, tuple)):
        return [each for item in value for each in unwrap(item, key)]
    return [value]


def canonical(value: Any) -> str | None:
    """Return a published scalar as text; a number as a plain decimal with a point."""
    if isinstance(value, str):
        return value.strip() or None
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal):
        exponent = value.adjusted() if value.is_finite() else MAX_EXPONENT + 1
        return format(value, "f") if abs(exponent) <= MAX_EXPONENT else str(value)
    return json.dumps(value, ensure_ascii=False, default=str)


def layout_of(record: Mapping[str, Any]) -> str:
    """Return `2019` or `2022`, from the shape of the record.

    A field that only the layout of 2022 has decides: converters also write the contractors of 2022
    without the object that wraps each.
    """
    if any(record.get(key) not in EMPTY for key in LAYOUT_2022_KEYS):
        return "2022"
    for list_name, item in (("titulaires", "titulaire"), ("concessionnaires", "concessionnaire")):
        holders = record.get(list_name)
        # XML wraps the holders in both layouts, which shows nothing.
        if isinstance(holders, list) and holders:
            first = holders[0]
            return "2022" if isinstance(first, dict) and item in first else "2019"
    return "2019"


def is_concession(record: Mapping[str, Any]) -> bool:
    """Whether a record is a concession, by what it states: a field left empty says nothing."""
    return any(record.get(key) not in EMPTY for key in CONCESSION_KEYS)


def is_contract(record: Any) -> bool:
    """Whether an object found where contracts are listed looks like one."""
    return isinstance(record, dict) and any(key in record for key in CONTRACT_KEYS)


def record_text(record: Any) -> str:
    """Return the record as one line of JSON, for the quarantine."""
    try:
        return json.dumps(record, ensure_ascii=False, default=_plain_number)
    except RecursionError:
        return "(record nested too deeply to be shown)"


def _plain_number(value: Any) -> Any:
    """Write a decimal as the number it was, or as text where a float would change it."""
    if isinstance(value, Decimal) and value.is_finite():
        nearest = float(value)
        if Decimal(repr(nearest)) == value:
            return nearest
    return str(value)


def add_contract(
    batcher: RawBatcher,
    row: int,
    record: Mapping[str, Any],
    read_number: Callable[[Any], str | None],
    *,
    text: str,
) -> None:
    """Add one contract's lines, one per contractor in force, to `batcher`.

    Every line repeats the contract's amount: the check shares it. Modifications are read in date
    order, each field keeping the last value stated.
    """
    record = trimmed(record)
    concession = is_concession(record)
    common = _common_fields(record, concession, read_number)
    holder = "concessionnaire" if concession else "titulaire"
    holders = unwrap(record.get(f"{holder}s"), holder)
    modifications = sorted(
        (each for each in unwrap(record.get("modifications"), "modification") if _is_map(each)),
        key=_modification_date,
    )
    if modifications:
        common["modification_count"] = str(len(modifications))
        common["modification_date"] = _modification_date(modifications[-1]) or None
        for each in modifications:
            amount = read_number(each.get("valeurGlobale" if concession else "montant"))
            duration = read_number(each.get("dureeMois"))
            common["modified_amount"] = amount or common.get("modified_amount")
            common["modified_duration_months"] = duration or common.get("modified_duration_months")
            holders = unwrap(each.get(f"{holder}s"), holder) or holders
    _add_lines(batcher, row, common, holders, text)


def _add_lines(
    batcher: RawBatcher,
    row: int,
    common: dict[str, str | None],
    holders: Sequence[Any],
    text: str,
) -> None:
    """Add one line per contractor; the first carries the record's text."""
    lines = [each for each in holders if _is_map(each)] or [{}]
    role = ("contractor" if len(lines) == 1 else "co-contractor") if holders else None
    for part, each in enumerate(lines, start=1):
        values: dict[str, object] = dict(common)
        values["record_text"] = text if part == 1 else None
        values["supplier_id"] = canonical(each.get("id"))
        values["supplier_id_type"] = canonical(each.get("typeIdentifiant"))
        values["supplier_name"] = canonical(each.get("denominationSociale"))
        values["role"] = role
        batcher.add(row, values, part, len(lines))


def _common_fields(
    record: Mapping[str, Any], concession: bool, read_number: Callable[[Any], str | None]
) -> dict[str, str | None]:
    """Return the fields all lines of a contract share, under their names here."""
    buyer = record.get("autoriteConcedante" if concession else "acheteur")
    buyer = trimmed(buyer) if isinstance(buyer, dict) else {"id": buyer}
    techniques = unwrap(record.get("techniques"), "technique")
    framework_id = named_framework(
        canonical(record.get("idAccordCadre")),
        canonical(buyer.get("id")),
        canonical(record.get("id")),
    )
    if concession:
        kind = "concession"
    elif is_framework(canonical(record.get("nature")), techniques, framework_id):
        kind = "ceiling"
    else:
        kind = "award"
    return {
        "kind": kind,
        "buyer_id": canonical(buyer.get("id")),
        "buyer_name": canonical(buyer.get("nom")),
        "contract": canonical(record.get("id")),
        "procurement_nature": canonical(record.get("nature")),
        "framework_id": framework_id,
        "label": canonical(record.get("objet")),
        "cpv": canonical(record.get("codeCPV")),
        "date": canonical(record.get("dateSignature" if concession else "dateNotification")),
        "publication_date": canonical(record.get("datePublicationDonnees")),
        "start_date": canonical(record.get("dateDebutExecution")),
        "duration_months": read_number(record.get("dureeMois")),
        "amount_ht": read_number(record.get("valeurGlobale" if concession else "montant")),
        "modification_count": None,
        "modification_date": None,
        "modified_amount": None,
        "modified_duration_months": None,
        "social_considerations": _listed(
            record.get("considerationsSociales"), "considerationSociale"
        ),
        "environmental_considerations": _listed(
            record.get("considerationsEnvironnementales"), "considerationEnvironnementale"
        ),
    }


def named_framework(framework: str | None, buyer: str | None, contract: str | None) -> str | None:
    """Return the framework agreement a contract names, None where it names none but itself."""
    if framework is None:
        return None
    own = (contract, f"{buyer}{contract}")
    if framework in own or _plain(framework) in {*map(_plain, filter(None, own)), *NOTHING}:
        return None
    return framework


def is_framework(nature: str | None, techniques: Iterable[Any], framework: str | None) -> bool:
    """Whether a contract is a framework agreement: its nature in 2019, a technique in 2022.

    A contract that names its framework agreement, or says it is a subsequent one, is none.
    """
    if framework is not None or is_subsequent(nature):
        return False
    return any(
        isinstance(name, str) and FRAMEWORK.match(_plain(name)) for name in (nature, *techniques)
    )


def is_subsequent(nature: str | None) -> bool:
    """Whether a contract's nature says that it is under a framework agreement."""
    return SUBSEQUENT in _plain(nature or "")


def is_nothing(text: str) -> bool:
    """Whether a text says that there is nothing to say: “NC”, “sans objet”, a lone zero."""
    return _plain(text) in NOTHING


@lru_cache(maxsize=4096)
def _plain(text: str) -> str:
    return normalise_header(text)


def _listed(value: Any, item: str) -> str | None:
    """Return the values of a list as text; None where none is stated."""
    named = (canonical(each) for each in unwrap(value, item) if isinstance(each, str))
    return "; ".join(each for each in named if each and _plain(each) not in NOTHING) or None


def _modification_date(modification: Mapping[str, Any]) -> str:
    """Return the date that orders modifications, `2024-12-31`; empty where none can be read."""
    for name in (
        "dateNotificationModification",
        "dateSignatureModification",
        "datePublicationDonneesModification",
    ):
        text = READ_DATE(canonical(modification.get(name)) or "")
        if DATE.fullmatch(text):
            return text
    return ""


def trimmed(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an object without spaces around the names of its fields."""
    if not _any_padded(tuple(fields)):
        return fields
    return {key.strip(): value for key, value in fields.items()}


@lru_cache(maxsize=64)
def _any_padded(keys: tuple[str, ...]) -> bool:
    """Whether a name has spaces around it; the records of a file mostly have the same names."""
    return any(key != key.strip() for key in keys)


def _is_map(value: Any) -> bool:
    return isinstance(value, dict)
