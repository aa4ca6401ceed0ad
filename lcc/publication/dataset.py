"""A published table: its rows, its Table Schema in French and English, its bytes."""

from __future__ import annotations

import csv
import datetime
import io
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np

from lcc.errors import FieldError
from lcc.publication.neutral import neutralise

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Dataset", "PublishedField", "csv_bytes", "open_schema", "plain_rows", "table_schema"]


@dataclass(frozen=True)
class PublishedField:
    """One column of a published table.

    Attributes
    ----------
    name : str
        Header of the published column.
    column : str
        Column of the frame it comes from.
    type : str
        Type of Table Schema.
    title, title_en, description, description_en : str
        What it is, in French and in English.
    unit : str
        Unit; empty where it has none.
    decimals : int or None
        Decimals a number is rounded to; None: as it is.
    constraints : mapping
        Constraints of Table Schema.
    """

    name: str
    column: str
    type: str
    title: str
    title_en: str
    description: str
    description_en: str
    unit: str = ""
    decimals: int | None = None
    constraints: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Form:
    """What a published table looks like: file `lcc/schemas/open_NAME.json`."""

    name: str
    path: str
    title: str
    title_en: str
    description: str
    description_en: str
    fields: tuple[PublishedField, ...]
    primary_key: tuple[str, ...]
    foreign_keys: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class Dataset:
    """A table to publish.

    Attributes
    ----------
    form : Form
        Its schema (`open_schema`).
    rows : pandas.DataFrame
        One column per field, by the field's `column`.
    masked : int
        Cells masked in it.
    """

    form: Form
    rows: pd.DataFrame
    masked: int = 0


@cache
def open_schema(name: str) -> Form:
    """Return the form of a published table, from `lcc/schemas/open_NAME.json`."""
    source = files("lcc") / "schemas" / f"open_{name}.json"
    content = json.loads(source.read_text(encoding="utf-8"))
    return Form(
        name=content["resource"],
        path=f"{content['resource']}.csv",
        title=content["title"],
        title_en=content["title_en"],
        description=content["description"],
        description_en=content["description_en"],
        fields=tuple(
            PublishedField(
                name=each["name"],
                column=each.get("column", each["name"]),
                type=each["type"],
                title=each["title"],
                title_en=each["title_en"],
                description=each["description"],
                description_en=each["description_en"],
                unit=each.get("unit", ""),
                decimals=each.get("decimals"),
                constraints=each.get("constraints", {}),
            )
            for each in content["fields"]
        ),
        primary_key=tuple(content.get("primaryKey", ())),
        foreign_keys=tuple(content.get("foreignKeys", ())),
    )


def table_schema(form: Form, present: Sequence[str]) -> dict[str, Any]:
    """Return the Table Schema of a published table.

    Parameters
    ----------
    form : Form
        The table.
    present : sequence of str
        Names of the tables published with it: keys that refer to others are left out.

    References
    ----------
    Table Schema, https://specs.frictionlessdata.io/table-schema/; `title_en`, `description_en` and
    `unit` are properties of our own, which the specification allows.
    """
    described = []
    for each in form.fields:
        one: dict[str, Any] = {
            "name": each.name,
            "type": each.type,
            "title": each.title,
            "description": each.description,
            "title_en": each.title_en,
            "description_en": each.description_en,
        }
        if each.unit:
            one["unit"] = each.unit
        if each.constraints:
            one["constraints"] = dict(each.constraints)
        described.append(one)
    content: dict[str, Any] = {
        "name": form.name,
        "title": form.title,
        "title_en": form.title_en,
        "description": form.description,
        "fields": described,
        "missingValues": [""],
    }
    if form.primary_key:
        content["primaryKey"] = list(form.primary_key)
    keys = [dict(each) for each in form.foreign_keys if each["reference"]["resource"] in present]
    if keys:
        content["foreignKeys"] = keys
    return content


def plain_rows(dataset: Dataset) -> list[list[Any]]:
    """Return the rows of a table as published: None, bool, int, float, or neutralised text.

    Raises
    ------
    FieldError
        If the frame lacks a column, or a value is not of its field's type.
    """
    form, frame = dataset.form, dataset.rows
    missing = [each.column for each in form.fields if each.column not in frame.columns]
    if missing:
        raise FieldError(
            "a table to publish lacks columns",
            file=form.path,
            field=", ".join(missing),
            found=", ".join(map(str, frame.columns)),
            expected=", ".join(each.column for each in form.fields),
        )
    columns = [
        [_plain(value, each, form.path) for value in frame[each.column].tolist()]
        for each in form.fields
    ]
    return [list(row) for row in zip(*columns, strict=True)]


def csv_bytes(dataset: Dataset) -> bytes:
    """Return a table as CSV: UTF-8, comma, CRLF, quotes doubled (RFC 4180), texts neutralised."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([each.name for each in dataset.form.fields])
    for row in plain_rows(dataset):
        writer.writerow([_csv_cell(value) for value in row])
    return out.getvalue().encode("utf-8")


def _csv_cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        # Never in powers of ten: some spreadsheets read these as texts.
        return np.format_float_positional(value, trim="-")
    return str(value)


def _plain(value: Any, form: PublishedField, file: str) -> Any:
    """Return a value of a frame as a plain one of its field's type; None where it is null."""
    import pandas as pd

    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, float) and math.isnan(value):
        return None
    found: Any = None
    if form.type == "string":
        found = neutralise(str(value)) or None
    elif form.type == "boolean" and not isinstance(value, str):
        found = bool(value)
    elif form.type == "date" and isinstance(value, datetime.date):
        found = (value.date() if isinstance(value, datetime.datetime) else value).isoformat()
    elif form.type in ("integer", "number", "year") and not isinstance(value, str | bool):
        number = float(value)
        if form.type == "number" and math.isfinite(number):
            found = round(number, form.decimals) if form.decimals is not None else number
            found = found or 0.0
        elif number.is_integer():
            found = int(number)
    if found is None and not (form.type == "string" and value == ""):
        raise FieldError(
            "a value to publish is not of its field's type",
            file=file,
            field=form.name,
            found=repr(value)[:80],
            expected=form.type,
        )
    return found
