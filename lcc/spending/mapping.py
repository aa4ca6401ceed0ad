"""Mapping files: which column of a user's own table holds which field, in which dialect."""

from __future__ import annotations

import codecs
import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lcc.errors import FieldError, InputError
from lcc.tables import schema

__all__ = [
    "AMOUNT_FIELDS",
    "KINDS",
    "MAPPABLE_FIELDS",
    "ColumnMapping",
    "closest",
    "load_mapping",
]

MAPPABLE_FIELDS = tuple(
    name
    for name in schema("raw").names
    if name not in ("source_file", "source_row", "part", "parts", "record_text")
    and not name.startswith("read_")
)
"""Fields of a raw record that a column or a constant may fill."""

AMOUNT_FIELDS = ("amount_ttc", "amount_ht")
"""Either is enough; where both are given, `amount_ttc` is the declared amount."""

KINDS = tuple(
    next(each for each in schema("line").fields if each.name == "kind").constraints["enum"]
)
"""Kinds of amount a file may hold."""

VAT_REGIMES = tuple(
    next(each for each in schema("line").fields if each.name == "vat_regime").constraints["enum"]
)

FORMATS = ("csv", "xlsx", "parquet")
FILE_KEYS = (
    "format",
    "encoding",
    "delimiter",
    "decimal",
    "dates",
    "sheet",
    "header_row",
    "kind",
    "nomenclature",
)
TABLES = ("file", "columns", "constants", "values", "budgets")


@dataclass(frozen=True)
class ColumnMapping:
    """What a mapping file says; every part may be empty.

    Attributes
    ----------
    name : str
        Name of the mapping file, for messages.
    columns : mapping of str to tuple of str
        Field → names of the column, the first that the file has being taken.
    constants : mapping of str to str
        Field → the value of every row.
    values : mapping of str to mapping of str to str
        Field → text in the file → value of the field.
    budgets : mapping of str to str
        Budget → VAT regime.
    header_row : int or None
        Row of the header as a spreadsheet numbers it; looked for when None.
    """

    name: str = "mapping"
    format: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    decimal: str | None = None
    dates: str | None = None
    sheet: str | None = None
    header_row: int | None = None
    kind: str | None = None
    nomenclature: str | None = None
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    budgets: Mapping[str, str] = field(default_factory=dict)


def load_mapping(
    source: ColumnMapping | Mapping[str, Any] | str | Path | None,
    *,
    fields: tuple[str, ...] = MAPPABLE_FIELDS,
) -> ColumnMapping:
    """Return a checked mapping from a TOML file, or from the same content as a dictionary.

    Parameters
    ----------
    source : ColumnMapping, mapping, str, Path or None
        Path of a TOML file, its content, or a mapping already loaded; None gives the empty one.
    fields : tuple of str
        Fields that a column or a constant may fill; those of a spending line unless stated.

    Raises
    ------
    InputError
        If the file cannot be read or is not TOML.
    FieldError
        If a table, key, field or value is not one that exists; the closest ones are named.
    """
    if source is None:
        return ColumnMapping()
    if isinstance(source, ColumnMapping):
        return source
    if isinstance(source, Mapping):
        return _build(dict(source), "mapping", fields)
    path = Path(source)
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise InputError(
            "the mapping file cannot be read",
            file=path.name,
            found=error.strerror or str(error),
            expected="a TOML file with a table [columns]",
            remedy="check the path, or draft one with `lcc mapping FILE`",
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(
            "the mapping file is not TOML",
            file=path.name,
            found=str(error),
            expected='lines such as amount_ttc = "Montant TTC" under [columns], in UTF-8',
            remedy="correct the line named, or draft a mapping with `lcc mapping FILE`",
        ) from error
    return _build(content, path.name, fields)


def closest(word: str, known: tuple[str, ...] | list[str]) -> str:
    """Return the sentence that proposes the known words nearest to `word`."""
    lower = {each.casefold(): each for each in known}
    near = difflib.get_close_matches(word.casefold(), list(lower), n=3, cutoff=0.5)
    if not near:
        return "one of: " + ", ".join(known)
    return "did you mean " + " or ".join(lower[each] for each in near) + "?"


def _build(content: dict[str, Any], name: str, fields: tuple[str, ...]) -> ColumnMapping:
    for table, keys in content.items():
        _check_known(table, TABLES, name, "a table of the mapping")
        if not isinstance(keys, dict):
            raise FieldError(
                f"{table} must be a table",
                file=name,
                field=table,
                found=repr(keys),
                expected=f"a line [{table}] with its keys under it",
            )
    head = content.get("file", {})
    for key in head:
        _check_known(key, FILE_KEYS, name, "a key of [file]")
    for table in ("columns", "constants", "values"):
        for key in content.get(table, {}):
            _check_known(key, fields, name, f"a field of [{table}]")
    _check_head(head, name)
    budgets = _texts(content.get("budgets", {}), name, "budgets")
    for budget, regime in budgets.items():
        _check_known(regime, VAT_REGIMES, name, f"a VAT regime (budget {budget})")
    columns = {
        key: _column_names(value, key, name) for key, value in content.get("columns", {}).items()
    }
    constants = _texts(content.get("constants", {}), name, "constants")
    if "kind" in constants and fields is MAPPABLE_FIELDS:
        _check_known(constants["kind"], KINDS, name, "a kind of amount")
    values = {
        key: _texts(value, name, f"values.{key}")
        for key, value in content.get("values", {}).items()
    }
    texts = {key: str(value) for key, value in head.items() if key != "header_row"}
    return ColumnMapping(
        name=name,
        header_row=head.get("header_row"),
        columns=columns,
        constants=constants,
        values=values,
        budgets=budgets,
        **texts,
    )


def _check_known(word: str, known: tuple[str, ...], file: str, what: str) -> None:
    if word not in known:
        raise FieldError(
            f"{word} is not {what}",
            file=file,
            field=word,
            found=word,
            expected=closest(word, known),
            remedy="`lcc mapping FILE` lists the fields (--register: those of a register)",
        )


def _check_head(head: dict[str, Any], name: str) -> None:
    """Raise where a key of [file] has a value that cannot be used."""
    allowed: dict[str, tuple[str, ...]] = {
        "format": FORMATS,
        "kind": KINDS,
        "decimal": (",", "."),
    }
    for key, known in allowed.items():
        if key in head:
            _check_known(str(head[key]), known, name, f"a value of {key}")
    delimiter = head.get("delimiter")
    if delimiter is not None and (not isinstance(delimiter, str) or len(delimiter) != 1):
        raise FieldError(
            "the delimiter is one character",
            file=name,
            field="delimiter",
            found=repr(delimiter),
            expected='";", ",", "|" or "\\t"',
        )
    row = head.get("header_row")
    if row is not None and (not isinstance(row, int) or isinstance(row, bool) or row < 1):
        raise FieldError(
            "the header's row is a number from 1",
            file=name,
            field="header_row",
            found=repr(row),
            expected="the row number the spreadsheet shows",
        )
    if "encoding" in head:
        try:
            codecs.lookup(str(head["encoding"]))
        except LookupError as error:
            raise FieldError(
                "unknown encoding",
                file=name,
                field="encoding",
                found=str(head["encoding"]),
                expected="utf-8, cp1252, latin-1, utf-16 …",
            ) from error


def _column_names(value: object, key: str, name: str) -> tuple[str, ...]:
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not names or not all(isinstance(n, str) for n in names):
        raise FieldError(
            "a field is mapped to the name of a column",
            file=name,
            field=key,
            found=repr(value),
            expected='a text such as "Montant TTC", or a list of such texts',
        )
    return tuple(names)


def _texts(table: object, name: str, where: str) -> dict[str, str]:
    if not isinstance(table, dict):
        raise FieldError(
            f"[{where}] must be a table",
            file=name,
            field=where,
            found=repr(table),
            expected=f"a line [{where}] with its keys under it",
        )
    for key, value in table.items():
        if isinstance(value, (dict, list)):
            raise FieldError(
                f"{key} of [{where}] must be a text",
                file=name,
                field=key,
                found=repr(value),
                expected="a text between quotes",
            )
    # TOML writes its booleans in lower case; so do the fields.
    return {
        key: str(value).lower() if isinstance(value, bool) else str(value)
        for key, value in table.items()
    }
