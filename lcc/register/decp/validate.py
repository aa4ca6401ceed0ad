"""Faults of a file of essential data against its format, by record and field: `validate_decp`.

The layout is decided before anything is checked: the official schemas of 2022 let a document of
2019 through with one or two errors, since the properties of the other shape are never reached.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lcc.errors import InputError
from lcc.register.decp.decode import object_of_record
from lcc.register.decp.encode import fault_of
from lcc.register.decp.fields import Group, Leaf, load_layout
from lcc.register.decp.read import open_records
from lcc.register.decp.shape import plain_json, shape_xml
from lcc.register.decp.values import clean_text
from lcc.register.register import make_table
from lcc.spending.sources import decp_xml
from lcc.spending.sources.decp_json import UTF16_MARKS
from lcc.spending.sources.decp_record import is_contract, layout_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["validate_decp", "validate_record"]

TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
}
SHOWN = 200
HEAD_BYTES = 1 << 16
DRAFT = "http://json-schema.org/draft-07/schema#"
"""That of the official schemas, for one that does not say."""
MARK_2022 = "considerationsSociales"
"""A field that only the layout of 2022 has."""
CLOSED = ("2022",)
"""Layouts whose records may have no other field; within their lists others are let through."""
KEYS = {"marche": "acheteur", "contrat-concession": "autoriteConcedante"}
Fault = tuple[str, str, Any, str]
"""Field, rule, what was found, what was expected."""


def validate_decp(path: Path | str, *, schema: Path | str | None = None) -> pd.DataFrame:
    """Return the faults of a file of essential data, by record and field (schema `decp_fault`).

    Parameters
    ----------
    path : path
        JSON or XML, of either layout. XML is checked in the shape its layout has in JSON.
    schema : path, optional
        Official JSON Schema to check against in place of the package's own table of fields. A
        record of another layout than the schema's has one fault, `layout`, and is not checked
        further.

    Raises
    ------
    InputError
        If the file or the schema cannot be read.

    References
    ----------
    139bercy/format-commande-publique, schemas 1.5.0 and 2.0.3, from which `decp_fields` is
    transcribed; JSON Schema, https://json-schema.org (names of the rules).
    """
    path = Path(path)
    official = None if schema is None else _Official(Path(schema))
    rows: list[dict[str, Any]] = []
    head = _head(path)
    is_xml = decp_xml.sniff(path, head)
    layouts: set[str] = set()
    for rank, read in enumerate(open_records(path), start=1):
        common: dict[str, Any] = {"record": rank}
        if not is_contract(read):
            rows.append(_row(common, ("", "shape", read, "marche | contrat-concession")))
            continue
        name, layout = object_of_record(read), layout_of(read)
        layouts.add(layout)
        group = load_layout(layout, name)
        try:
            record = shape_xml(read, group) if is_xml else plain_json(read)
        except RecursionError:
            rows.append(_row(common, ("", "shape", "objets emboîtés sans fin", "huit niveaux")))
            continue
        buyer = record.get(KEYS[name])
        common |= {
            "object": name,
            "layout": layout,
            "buyer_id": _text(buyer.get("id") if isinstance(buyer, dict) else buyer),
            "contract": _text(record.get("id")),
        }
        if official is None:
            faults = validate_record(record, group, closed=layout in CLOSED)
        elif layout != official.layout:
            faults = iter([("", "layout", layout, official.layout)])
        else:
            faults = official.faults(record, name)
        rows += [_row(common, fault) for fault in faults]
    if not is_xml:
        rows += [
            _row({"layout": "/".join(sorted(layouts))}, each) for each in _envelope(head, layouts)
        ]
    return make_table(rows, "decp_fault")


def validate_record(
    record: Mapping[str, Any], group: Group, place: str = "", *, closed: bool = False
) -> Iterator[Fault]:
    """Yield the faults of one record, in its JSON shape, against the fields of its layout.

    A fault is the field, the rule (`required`, `type`, `additionalProperties`, or one that
    `lcc.register.decp.encode.fault_of` names), what was found and what was expected. `closed`
    records may have no other field than the format's.
    """
    told: set[str] = set()
    for leaf in group.leaves:
        for fault in _leaf_faults(record, leaf, place):
            # An object that is missing is one fault, however many fields it would hold.
            if fault[0] not in told:
                told.add(fault[0])
                yield fault
    if closed:
        for name in record:
            if name not in group.names:
                yield f"{place}{name}", "additionalProperties", record[name], "aucun"
    for each in group.groups:
        yield from _list_faults(record, each, place)


def _leaf_faults(record: Mapping[str, Any], leaf: Leaf, place: str) -> Iterator[Fault]:
    field = f"{place}{leaf.name}"
    holder: Any = record
    for name in leaf.path[:-1]:
        holder = holder.get(name) if isinstance(holder, Mapping) else None
    if not isinstance(holder, Mapping):
        if leaf.required or holder is not None:
            field = f"{place}{leaf.path[0]}"
            yield field, "required" if holder is None else "type", holder, "object"
        return
    if leaf.path[-1] not in holder:
        if leaf.required:
            yield field, "required", None, leaf.type
        return
    value = holder[leaf.path[-1]]
    typed = isinstance(value, TYPES[leaf.type])
    if isinstance(value, bool) and leaf.type != "boolean":
        typed = False
    if leaf.type == "integer" and isinstance(value, float) and value.is_integer():
        typed = True
    if not typed:
        yield field, "type", value, leaf.type
        return
    fault = fault_of(value, leaf)
    if fault is not None:
        yield field, fault[0], value, fault[1]


def _list_faults(record: Mapping[str, Any], group: Group, place: str) -> Iterator[Fault]:
    field = f"{place}{group.name}"
    if group.name not in record:
        if group.required:
            yield field, "required", None, "array"
        return
    listed = record[group.name]
    if not isinstance(listed, list):
        yield field, "type", listed, "array"
        return
    if len(listed) < group.min_items:
        yield field, "minItems", listed, f"{group.min_items}"
    told = [json.dumps(each, sort_keys=True, default=str) for each in listed]
    if group.unique and len(set(told)) < len(told):
        yield field, "uniqueItems", listed, "aucun élément en double"
    for rank, listed_item in enumerate(listed):
        here, item = f"{field}[{rank}]", listed_item
        if group.wrapped:
            here = f"{here}.{group.wrapper}"
            item = item.get(group.wrapper) if isinstance(item, Mapping) else None
        if isinstance(item, Mapping):
            yield from validate_record(item, group, f"{here}.")
        else:
            yield here, "required" if item is None else "type", listed_item, "object"


class _Official:
    """An official JSON Schema, applied to one record at a time."""

    def __init__(self, path: Path) -> None:
        from jsonschema.exceptions import SchemaError
        from jsonschema.validators import validator_for
        from referencing import Registry

        self.path = path
        self.validators: dict[str, Any] = {}
        try:
            content = json.loads(path.read_text(encoding="utf-8-sig"))
            definitions = content["definitions"]
            self.layout = "2022" if MARK_2022 in definitions["marche"]["properties"] else "2019"
            if not KEYS.keys() <= definitions.keys():
                raise KeyError(*sorted(KEYS.keys() - definitions.keys()))
            kind = validator_for({"$schema": content.get("$schema", DRAFT)})
            kind.check_schema({"definitions": definitions})
            for name in KEYS:
                root = {"definitions": definitions, "allOf": [{"$ref": f"#/definitions/{name}"}]}
                # Nothing is fetched: what a schema refers to is in it, or cannot be resolved.
                self.validators[name] = kind(root, registry=Registry())
        except (OSError, ValueError, KeyError, TypeError, AttributeError, SchemaError) as error:
            raise self._refusal(str(error)) from error

    def faults(self, record: Mapping[str, Any], name: str) -> Iterator[Fault]:
        """Yield the faults of a record against the definition of its kind."""
        from referencing.exceptions import Unresolvable

        try:
            found = list(self.validators[name].iter_errors(record))
        except (Unresolvable, re.error) as error:
            raise self._refusal(str(error)) from error
        for each in sorted(found, key=lambda fault: list(map(str, fault.absolute_path))):
            yield _json_path(each.absolute_path), each.validator, each.instance, each.message

    def _refusal(self, found: str) -> InputError:
        return InputError(
            "this is no schema of the essential data",
            file=self.path.name,
            found=found[:SHOWN],
            expected="a JSON Schema with the definitions marche and contrat-concession",
            remedy="give schema_decp_v2.0.3.json or another of format-commande-publique",
        )


def _json_path(parts: Any) -> str:
    text = ""
    for each in parts:
        text += f"[{each}]" if isinstance(each, int) else f".{each}" if text else str(each)
    return text


def _head(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(HEAD_BYTES)


def _envelope(head: bytes, layouts: set[str]) -> Iterator[Fault]:
    """Yield what is wrong around the records: the format wants `{"marches": …}` in UTF-8."""
    if head.startswith(UTF16_MARKS):
        yield "", "encoding", "UTF-16", "UTF-8 (RFC 8259)"
        return
    text = head.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    compact = "".join(text.split())
    if layouts == {"2022"}:
        wanted = ('{"marches":{"marche":[', '{"marches":{"contrat-concession":[')
        if not compact.startswith(wanted):
            yield "marches", "shape", compact[:40], '{"marches": {"marche": […]}}'
    elif layouts == {"2019"} and not compact.startswith('{"marches":['):
        yield "marches", "shape", compact[:40], '{"marches": […]}'
    elif len(layouts) > 1:
        yield "marches", "layout", " + ".join(sorted(layouts)), "un seul format par fichier"


def _text(value: Any) -> str | None:
    return None if value is None else clean_text(str(value))


def _row(common: Mapping[str, Any], fault: Fault) -> dict[str, Any]:
    field, rule, found, expected = fault
    shown = found if isinstance(found, str) or found is None else json.dumps(
        found, ensure_ascii=False, default=str
    )  # fmt: skip
    return {
        **common,
        "field": clean_text(field) or None,
        "rule": rule,
        "found": None if shown is None else clean_text(shown[:SHOWN]),
        "expected": clean_text(expected[:SHOWN]),
    }
