"""The fields of the essential data, layout by layout, as the tables of the package list them.

Reading, writing and checking walk the same tree: a record is a group of fields, whose lists are
groups in turn. Nothing of the format is said in code but the names of its lists.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from lcc.register.register import TABLES
from lcc.tables import load_reference, schema

__all__ = [
    "CONCESSION",
    "CONTRACT",
    "LAYOUT_WRITTEN",
    "TAG_FIELDS",
    "Group",
    "Leaf",
    "load_layout",
]

CONTRACT, CONCESSION = "marche", "contrat-concession"
LAYOUT_WRITTEN = "2022"

PARTS = {
    "titulaires": ("holders", "titulaire"),
    "concessionnaires": ("holders", "concessionnaire"),
    "modifications": ("modifications", "modification"),
    "actesSousTraitance": ("subcontracts", "acteSousTraitance"),
    "modificationsActesSousTraitance": ("changes", "modificationActeSousTraitance"),
    "donneesExecution": ("executions", "donneesAnnuelles"),
    "tarifs": ("prices", "tarif"),
}
"""List of a record → its name here, and the name of the object that wraps each of its items: always
in the layout of 2022, only in XML in that of 2019."""
LIMITS = ("minimum", "maximum", "min_length", "max_length", "min_items")
TAG_FIELDS = "tags"
"""Table named for lists of considerations."""


@dataclass(frozen=True)
class Leaf:
    """One field that holds a value, or a list of words.

    Attributes
    ----------
    path : tuple of str
        Names from the object that is read down to the field; two where another object holds it.
    type : str
        JSON type: string, integer, number, boolean, array (of words).
    required : bool
    pattern : str or None
        What the text must contain.
    limits : mapping of str to float
        `minimum`, `maximum`, `min_length`, `max_length`, `min_items`, where stated.
    unique : bool
        Whether no word of a list may stand twice.
    values : tuple of str
        Its words, as published; empty where any text will do.
    codes : mapping of str to str
        Word → code of ours, where there is one.
    table, column : str or None
        Where it goes; None where other fields say the same.
    kind : str
        Type of that column (`string`, `integer`, `number`, `boolean`, `date`), or `list`.
    """

    path: tuple[str, ...]
    type: str
    required: bool
    pattern: str | None
    limits: Mapping[str, float]
    unique: bool
    values: tuple[str, ...]
    codes: Mapping[str, str]
    table: str | None
    column: str | None
    kind: str

    @property
    def name(self) -> str:
        """Names separated by points."""
        return ".".join(self.path)

    def pick(self, record: Mapping[str, Any]) -> Any:
        """Return what a record holds at the path; None where it holds nothing."""
        value: Any = record
        for name in self.path:
            if not isinstance(value, Mapping):
                return None
            value = value.get(name)
        return value


@dataclass(frozen=True)
class Group:
    """A record, or the items of one of its lists."""

    name: str
    """Name of the list; empty for the record itself."""
    part: str
    """Name of the list here."""
    wrapper: str | None
    """Object that wraps an item where it may be wrapped."""
    wrapped: bool
    """Whether the layout wraps items in JSON."""
    required: bool
    min_items: int
    unique: bool
    leaves: tuple[Leaf, ...]
    groups: tuple[Group, ...]

    @property
    def names(self) -> frozenset[str]:
        """Names that an object of the group may have."""
        return frozenset({leaf.path[0] for leaf in self.leaves} | {g.name for g in self.groups})


@cache
def load_layout(layout: str, name: str) -> Group:
    """Return the fields of a kind of record in a layout.

    Parameters
    ----------
    layout : {"2019", "2022"}
    name : {"marche", "contrat-concession"}
    """
    table = load_reference("procurement_map", "decp_fields").to_pylist()
    rows = {row["path"]: row for row in table if row["layout"] == layout and row["object"] == name}
    return _group("", "", rows)


@cache
def _words() -> Mapping[str, tuple[tuple[str, str | None], ...]]:
    """Return the words of each enumeration, in their order, with their codes."""
    listed: dict[str, list[tuple[str, str | None]]] = {}
    for row in load_reference("procurement_map", "decp_values").to_pylist():
        listed.setdefault(row["enumeration"], []).append((row["value"], row["code"]))
    return {name: tuple(words) for name, words in listed.items()}


def _group(path: str, prefix: str, rows: Mapping[str, Mapping[str, Any]]) -> Group:
    """Return the group of a list, `prefix` being what stands before the names of its fields."""
    name = path.rpartition(".")[2]
    part, wrapper = PARTS.get(name, ("", None))
    inner = f"{prefix}{wrapper}"
    wrapped = wrapper is not None and rows.get(inner, {}).get("type") == "object"
    if wrapped:
        prefix = f"{inner}."
    leaves: list[Leaf] = []
    groups: list[Group] = []
    for each, row in rows.items():
        below = each.removeprefix(prefix)
        if not each.startswith(prefix) or not below or "[]" in below or (wrapped and each == inner):
            continue
        names = tuple(below.split("."))
        if row["type"] == "array" and row["enumeration"] is None:
            groups.append(_group(each, f"{each}[].", rows))
        elif row["type"] != "object":
            held = [rows[f"{prefix}{names[0]}"]] if len(names) > 1 else []
            leaves.append(_leaf(names, row, all(each["required"] for each in [row, *held])))
    row = rows.get(path, {})
    return Group(
        name=name,
        part=part,
        wrapper=wrapper,
        wrapped=wrapped,
        required=bool(row.get("required", True)),
        min_items=int(row.get("min_items") or 0),
        unique=bool(row.get("unique_items")),
        leaves=tuple(leaves),
        groups=tuple(groups),
    )


def _leaf(names: tuple[str, ...], row: Mapping[str, Any], required: bool) -> Leaf:
    words = _words().get(row["enumeration"] or "", ())
    return Leaf(
        path=names,
        type=row["type"],
        required=required,
        pattern=row["pattern"],
        limits={name: row[name] for name in LIMITS if row[name] is not None},
        unique=bool(row["unique_items"]),
        values=tuple(word for word, _ in words),
        codes={word: code for word, code in words if code},
        table=row["table"],
        column=row["column"],
        kind="list" if row["type"] == "array" else _kind(row),
    )


def _kind(row: Mapping[str, Any]) -> str:
    """Return the type of the column a field goes to."""
    if row["column"] is None:
        return str(row["type"])
    fields = schema(TABLES[row["table"]]).fields
    return next(field.type for field in fields if field.name == row["column"])
