"""The tables of `lcc`: one Table Schema file per table is the single truth.

Reading, checking and publishing all take their columns, types and constraints from
`lcc/schemas/NAME.json` (Table Schema, https://specs.frictionlessdata.io/table-schema/). Reference
tables are CSV files beside a `datapackage.json` that gives title, source, licence and SHA-256.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv
from pyarrow import parquet

from lcc.errors import ROWS_SHOWN, FieldError, TableError
from lcc.files import atomic_path, sha256

__all__ = [
    "Field",
    "Schema",
    "data_path",
    "demo_path",
    "disarm_cell",
    "load_reference",
    "load_table",
    "schema",
    "write_columns",
    "write_table",
]

ARROW_TYPES: dict[str, pa.DataType] = {
    "string": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
}
"""Table Schema type → Arrow type. Amounts are integers of cents, never numbers."""


@dataclass(frozen=True)
class Field:
    """One column of a table, as its Table Schema file declares it."""

    name: str
    type: str
    description: str
    constraints: dict[str, Any]
    title: str = ""
    """Header of the column in French, in tables that people edit."""
    words: dict[str, str] = dataclasses.field(default_factory=dict)
    """French word → code, for a list of words."""

    @property
    def arrow_type(self) -> pa.DataType:
        """Arrow type that holds the column."""
        return ARROW_TYPES[self.type]


@dataclass(frozen=True)
class Schema:
    """The schema of one table."""

    name: str
    title: str
    fields: tuple[Field, ...]
    primary_key: tuple[str, ...]

    @property
    def names(self) -> list[str]:
        """Names of the columns, in order."""
        return [field.name for field in self.fields]

    def arrow(self) -> pa.Schema:
        """Arrow schema of the table."""
        return pa.schema([pa.field(field.name, field.arrow_type) for field in self.fields])


@cache
def schema(name: str) -> Schema:
    """Return the schema called `name` (file `lcc/schemas/NAME.json`)."""
    text = (files("lcc") / "schemas" / f"{name}.json").read_text(encoding="utf-8")
    content = json.loads(text)
    key = content.get("primaryKey", [])
    return Schema(
        name=name,
        title=content["title"],
        fields=tuple(
            Field(
                name=each["name"],
                type=each["type"],
                description=each["description"],
                constraints=each.get("constraints", {}),
                title=each.get("title", each["name"]),
                words=each.get("words", {}),
            )
            for each in content["fields"]
        ),
        primary_key=(key,) if isinstance(key, str) else tuple(key),
    )


def data_path(*parts: str) -> Path:
    """Return the path of shipped data, such as ``data_path("emission_factors", "gwp.csv")``.

    In a wheel the data folders lie in `lcc/_data`; in a checkout, beside the package.
    """
    package = Path(str(files("lcc")))
    shipped = package / "_data"
    root = shipped if shipped.is_dir() else package.parent
    return root.joinpath(*parts)


def demo_path(*parts: str) -> Path:
    """Return the path of a file of the embedded demonstration."""
    return data_path("procurement_map", "demo", *parts)


@cache
def load_reference(folder: str, name: str) -> pa.Table:
    """Return a shipped reference table, checked against its schema and its checksum.

    Parameters
    ----------
    folder : str
        `emission_factors` or `procurement_map`.
    name : str
        Resource name in the folder's `datapackage.json`.

    Raises
    ------
    TableError
        If the package does not know the table, or the table breaks its checksum or schema.
    """
    package = json.loads(data_path(folder, "datapackage.json").read_text(encoding="utf-8"))
    resource = next((each for each in package["resources"] if each["name"] == name), None)
    if resource is None:
        raise TableError(
            f"no table called {name}",
            file=f"{folder}/datapackage.json",
            expected=", ".join(each["name"] for each in package["resources"]),
        )
    path = data_path(folder, resource["path"])
    digest = sha256(path)
    if digest != resource["hash"].removeprefix("sha256:"):
        raise TableError(
            "the table is not the one that was published: its checksum differs",
            file=str(path),
            found=digest,
            expected=resource["hash"],
            remedy="reinstall the package, or pass your own table as a file instead of editing it",
        )
    return load_table(path, resource["schema_name"])


def load_table(path: Path, schema_name: str, *, newer: Collection[str] = ()) -> pa.Table:
    """Return a CSV table checked against a schema: header, types, constraints, key.

    Parameters
    ----------
    path : Path
        CSV file, UTF-8, comma-separated, with a header; empty cells are nulls.
    schema_name : str
        Name of the schema in `lcc/schemas`.
    newer : collection of str
        Columns that files of older versions do not have: empty where the file has none of them.

    Raises
    ------
    TableError
        On the first constraint that does not hold, naming file, rows and field.
    """
    form = schema(schema_name)
    try:
        table = arrow_csv.read_csv(
            path,
            parse_options=arrow_csv.ParseOptions(newlines_in_values=True),
            convert_options=arrow_csv.ConvertOptions(
                column_types=form.arrow(), strings_can_be_null=True, null_values=[""]
            ),
        )
    except (pa.ArrowInvalid, FileNotFoundError) as error:
        raise TableError(
            "the table cannot be read", file=str(path), found=str(error), expected=form.title
        ) from error
    if table.column_names == [name for name in form.names if name not in newer]:
        for name in newer:
            field = form.arrow().field(name)
            table = table.append_column(field, pa.nulls(len(table), field.type))
        table = table.select(form.names)
    if table.column_names != form.names:
        raise TableError(
            "the header is not the schema's",
            file=str(path),
            rows=[1],
            found=", ".join(table.column_names),
            expected=", ".join(form.names),
        )
    for field in form.fields:
        _check_field(table[field.name], field, path)
    if form.primary_key:
        _check_key(table, form.primary_key, path)
    return table


def _check_field(column: pa.ChunkedArray, field: Field, path: Path) -> None:
    """Raise where a column breaks one of its field's constraints."""
    rules = field.constraints
    checks: list[tuple[str, pa.ChunkedArray]] = []
    if rules.get("required"):
        checks.append(("a value in every row", pc.is_null(column)))
    if "enum" in rules:
        allowed = pa.array(rules["enum"], type=column.type)
        broken = pc.and_(pc.is_valid(column), pc.invert(pc.is_in(column, value_set=allowed)))
        checks.append((" | ".join(map(str, rules["enum"])), broken))
    if "pattern" in rules:
        whole = re.compile(rules["pattern"])
        broken = pa.chunked_array(
            [[v is not None and not whole.fullmatch(v) for v in column.to_pylist()]],
            type=pa.bool_(),
        )
        checks.append((rules["pattern"], broken))
    if "minimum" in rules:
        checks.append((f"at least {rules['minimum']}", pc.less(column, rules["minimum"])))
    if "maximum" in rules:
        checks.append((f"at most {rules['maximum']}", pc.greater(column, rules["maximum"])))
    for expected, broken in checks:
        rows = pc.indices_nonzero(broken.combine_chunks()).to_pylist()
        if rows:
            raise TableError(
                "a value does not fit its field",
                file=str(path),
                rows=[row + 2 for row in rows],
                field=field.name,
                found=", ".join(str(column[row].as_py()) for row in rows[:ROWS_SHOWN]),
                expected=expected,
            )


def _check_key(table: pa.Table, key: tuple[str, ...], path: Path) -> None:
    """Raise where two rows share a primary key."""
    seen: dict[tuple[Any, ...], int] = {}
    for row, values in enumerate(zip(*(table[name].to_pylist() for name in key), strict=True)):
        first = seen.setdefault(values, row)
        if first != row:
            raise TableError(
                "two rows have the same key",
                file=str(path),
                rows=[first + 2, row + 2],
                field=", ".join(key),
                found=", ".join(map(str, values)),
                expected="one row per key",
            )


FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""First characters that make a spreadsheet run a text as a formula (OWASP, CSV injection)."""


def disarm_cell(text: str) -> str:
    """Return a text as a spreadsheet will show it, never run it: an apostrophe goes before."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def write_table(table: pa.Table, path: Path) -> None:
    """Write a table beside, then rename it: `.csv` (UTF-8, comma) or `.parquet`.

    In CSV, a text that a spreadsheet would run as a formula gets an apostrophe before it.

    Raises
    ------
    FieldError
        If the extension is neither.
    OutputError
        If the file cannot be written.
    """
    if path.suffix not in (".csv", ".parquet"):
        raise FieldError(
            "a table is written as CSV or Parquet",
            field="out",
            found=path.name,
            expected="a name ending in .csv or .parquet",
        )
    with atomic_path(path) as beside:
        write_columns(table, beside, path.suffix)


def write_columns(table: pa.Table, path: Path, suffix: str) -> None:
    """Write a table to a path as it stands, in the format of a suffix, `.csv` or `.parquet`."""
    if suffix == ".parquet":
        parquet.write_table(table, path, compression="zstd")
    else:
        arrow_csv.write_csv(_disarm(table), path)


def _disarm(table: pa.Table) -> pa.Table:
    """Return a table whose texts no spreadsheet runs."""
    for rank, field in enumerate(table.schema):
        if pa.types.is_string(field.type) and _may_run(table[field.name]):
            cells = table[field.name].to_pylist()
            safe = pa.array([cell and disarm_cell(cell) for cell in cells], type=field.type)
            table = table.set_column(rank, field, safe)
    return table


def _may_run(column: pa.ChunkedArray) -> bool:
    """Return whether a spreadsheet would run a text of a column."""
    first = pc.is_in(pc.utf8_slice_codeunits(column, 0, 1), value_set=pa.array(FORMULA_STARTS))
    return bool(pc.any(first).as_py())
