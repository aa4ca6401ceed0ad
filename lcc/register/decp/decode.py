"""One record of the essential data as nested rows: every field of the format, typed, none lost."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lcc.register.decp.considerations import read_considerations
from lcc.register.decp.fields import CONCESSION, CONTRACT, TAG_FIELDS, Group, load_layout
from lcc.register.decp.values import Notes, read_leaf
from lcc.spending.sources.decp_record import (
    canonical,
    is_concession,
    is_framework,
    is_subsequent,
    layout_of,
    named_framework,
    trimmed,
)

__all__ = [
    "Record",
    "decode_record",
    "latest_amount",
    "list_items",
    "number_modifications",
    "object_of_record",
    "record_kind",
]

OTHER_NAMES = {
    "dateNotificationModification": "dateSignatureModification",
    "dateSignatureModification": "dateNotificationModification",
}
"""The same date of a modification in the other kind of record: published for one another."""
UNDATED = datetime.date.max


@dataclass
class Record:
    """One record: what it states, as nested rows, and what is wrong with it.

    Attributes
    ----------
    name : {"marche", "contrat-concession"}
    layout : {"2019", "2022"}
    row : int
        Rank of the record in its file.
    facts : dict
        Column of the contract → value; also `tags` (tag → yes or no) and lists of rows: `holders`,
        `modifications` (each with `holders`), `subcontracts`, `changes`, `executions` (each with
        `prices`).
    notes : Notes
    """

    name: str
    layout: str
    row: int
    facts: dict[str, Any]
    notes: Notes


def decode_record(
    record: Mapping[str, Any], row: int, read_number: Callable[[Any], str | None]
) -> Record:
    """Return a published record as nested rows.

    Parameters
    ----------
    record : mapping
        The record, of either layout, from JSON or XML.
    row : int
        Its rank in the file.
    read_number : callable
        Returns a published number as plain text.
    """
    record = trimmed(record)
    name, layout = object_of_record(record), layout_of(record)
    notes = Notes()
    group = load_layout(layout, name)
    # A buyer written as a plain identifier, without its object.
    for key in ("acheteur", "autoriteConcedante"):
        if isinstance(record.get(key), str | int):
            record = {**record, key: {"id": record[key]}}
    facts = _object(record, group, name, read_number, notes, "")
    _name_framework(facts, notes)
    facts["kind"] = record_kind(facts, name)
    number_modifications(facts["modifications"], notes)
    facts["amount_now_eur"] = latest_amount(facts["modifications"])
    return Record(name, layout, row, facts, notes)


def object_of_record(record: Mapping[str, Any]) -> str:
    """Return which kind of record it is, by its own fields."""
    return CONCESSION if is_concession(record) else CONTRACT


def _object(
    record: Mapping[str, Any],
    group: Group,
    name: str,
    read_number: Callable[[Any], str | None],
    notes: Notes,
    prefix: str,
) -> dict[str, Any]:
    """Return one object of a group as a row, its lists being rows below it."""
    facts: dict[str, Any] = {} if prefix else {"tags": {}}
    record = _plain_objects(record, group, notes, prefix)
    for leaf in group.leaves:
        # A list of words may stand without the object that wraps it.
        raw = record.get(leaf.path[0]) if leaf.kind == "list" else leaf.pick(record)
        if leaf.table == TAG_FIELDS:
            facts["tags"].update(read_considerations(raw, leaf, name, notes))
        elif leaf.column is not None:
            called = f"{prefix}{leaf.column}"
            if raw is None and leaf.path[-1] in OTHER_NAMES:
                raw = record.get(OTHER_NAMES[leaf.path[-1]])
                if raw is not None:
                    notes.add(
                        "field-of-other-record", called, OTHER_NAMES[leaf.path[-1]], leaf.name
                    )
            facts[leaf.column] = read_leaf(raw, leaf, read_number, notes, called)
    for each in group.groups:
        listed = facts.setdefault(each.part, [])
        below = f"{prefix}{each.part}."
        for item in list_items(record.get(each.name), each):
            if isinstance(item, Mapping):
                row = _object(item, each, name, read_number, notes, below)
                if each.part == "holders" and row in listed:
                    notes.add("holder-repeated", below.rstrip("."), row["holder_id"])
                else:
                    listed.append(row)
            else:
                notes.add("value-unreadable", below.rstrip("."), item, each.name)
    notes.unknown_fields += _unknown(record, group)
    return facts


def _plain_objects(
    record: Mapping[str, Any], group: Group, notes: Notes, prefix: str
) -> dict[str, Any]:
    """Return a record whose objects are objects: taken out of a list of one, else noted."""
    plain = {key: trimmed(v) if isinstance(v, dict) else v for key, v in record.items()}
    for name in sorted({leaf.path[0] for leaf in group.leaves if len(leaf.path) > 1}):
        held = plain.get(name)
        if isinstance(held, list) and len(held) == 1 and isinstance(held[0], dict):
            plain[name] = trimmed(held[0])
        elif held in (None, "", []) or isinstance(held, dict):
            continue
        elif all(leaf.kind != "list" for leaf in group.leaves if leaf.path[0] == name):
            notes.add("value-unreadable", f"{prefix}{name}", canonical(held), "un objet")
    return plain


def list_items(value: Any, group: Group) -> Iterator[Any]:
    """Yield the items of a list of a record, plain or wrapped, or written without its list."""
    if value is None or value == "":
        return
    if isinstance(value, list | tuple):
        for each in value:
            yield from list_items(each, group)
    elif isinstance(value, dict):
        fields = trimmed(value)
        inner = fields.get(group.wrapper) if group.wrapper else None
        # A price is called like the object that holds it: other names tell them apart.
        if group.wrapper in fields and (
            isinstance(inner, dict | list) or not fields.keys() & group.names
        ):
            yield from list_items(inner, group)
        else:
            yield fields
    else:
        yield value


def _unknown(record: Mapping[str, Any], group: Group) -> list[str]:
    """Return the names that the format does not know, of an object that holds some."""
    place = f"{group.name}[]." if group.name else ""
    known = group.names | set(OTHER_NAMES)
    found = [f"{place}{key}" for key in record if key not in known]
    inside: dict[str, set[str]] = {}
    for leaf in group.leaves:
        if len(leaf.path) > 1:
            inside.setdefault(leaf.path[0], set()).add(leaf.path[1])
    for key, names in inside.items():
        held = record.get(key)
        if isinstance(held, dict):
            found += [f"{place}{key}.{each}" for each in held if each not in names]
    return found


def _name_framework(facts: dict[str, Any], notes: Notes) -> None:
    """Forget a framework agreement that is the contract itself, or nothing."""
    stated = facts.get("framework")
    named = named_framework(stated, facts.get("buyer_id"), facts.get("contract"))
    if stated is not None and named is None:
        notes.add("framework-names-none", "framework", stated, "un autre contrat")
    facts["framework"] = named


def record_kind(facts: Mapping[str, Any], name: str) -> str | None:
    """Return what a contract is: contract, framework, subsequent or concession; None unknown.

    A contract that names its framework agreement is under it. One whose nature or techniques say
    « accord-cadre » is one. One that states neither techniques nor a nature of 2019 is unknown.
    """
    if name == CONCESSION:
        return "concession"
    nature, techniques = facts.get("nature"), facts.get("techniques")
    if facts.get("framework") is not None or is_subsequent(nature):
        return "subsequent"
    if is_framework(nature, (techniques or "").split("; "), None):
        return "framework"
    if "techniques" in facts:
        return "contract" if techniques is not None else None
    return "contract" if nature is not None else None


def number_modifications(modifications: list[dict[str, Any]], notes: Notes) -> None:
    """Give each modification the number it states, or its rank where it states none of its own."""
    numbers = [each.get("modification") for each in modifications]
    stated = [number for number in numbers if number is not None]
    if len(stated) == len(numbers) == len(set(stated)) and all(each >= 1 for each in stated):
        return
    if stated:
        shown = ", ".join(str(number) for number in numbers)
        notes.add("modification-number", "modifications.modification", shown, "1, 2, 3 …")
    for rank, each in enumerate(modifications, start=1):
        each["modification"] = rank


def latest_amount(modifications: list[dict[str, Any]]) -> float | None:
    """Return the amount of the last modification, by date, that states one; None if none does."""
    dated = sorted(
        modifications,
        key=lambda each: each.get("notification_date") or each.get("publication_date") or UNDATED,
    )
    amounts = [each["amount_eur"] for each in dated if each.get("amount_eur") is not None]
    return amounts[-1] if amounts else None
