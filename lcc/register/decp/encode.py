"""A contract of the register as a record of the essential data, and what it lacks for one.

Nothing is made up: a field that the register does not state, or states otherwise than the format
allows, is left out and named.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lcc.register.decp.considerations import list_considerations, tags_of
from lcc.register.decp.fields import LAYOUT_WRITTEN, TAG_FIELDS, Group, Leaf, load_layout
from lcc.register.decp.gather import object_of

__all__ = ["Gap", "encode_contract", "fault_of"]

SEPARATOR = "; "
PUBLICATION = "publication_date"
TO_ANSWER = "oui ou non, pour chacune"
PATTERNS = {
    "^[0-9]{14}$": "14 chiffres",
    "^[0-9]{8}(-[0-9])?$": "8 chiffres, puis la clé si on la donne (39130000-2)",
}
LIMIT_WORDS = {
    "minItems": "{} au moins",
    "minLength": "{} caractère(s) au moins",
    "maxLength": "{} caractères au plus",
    "minimum": "{} au moins",
    "maximum": "{} au plus",
}
KINDS = {
    "date": "AAAA-MM-JJ",
    "boolean": "oui ou non",
    "number": "un nombre",
    "integer": "un nombre entier",
    "string": "un texte",
}
"""What a field asks for, in the words of a table that people complete."""


@dataclass(frozen=True)
class Gap:
    """What keeps a contract out of the format.

    Attributes
    ----------
    field : str
        Path in the format.
    column : str or None
        Column of the register.
    reason : {"missing", "not-in-format", "number-made", "no-place"}
    found, expected : str or None
    refuses : bool
        Whether the contract cannot be written without it.
    """

    field: str
    column: str | None
    reason: str
    found: str | None = None
    expected: str | None = None
    refuses: bool = True


def encode_contract(
    facts: Mapping[str, Any], *, published_on: datetime.date | None = None
) -> tuple[dict[str, Any], list[Gap]]:
    """Return a contract as a record of the layout of 2022, and what it lacks.

    Parameters
    ----------
    facts : mapping
        One contract, as `gather_contracts` yields it.
    published_on : datetime.date, optional
        Day of this publication, for what has not been published before.
    """
    name = object_of(facts)
    gaps: list[Gap] = []
    if facts.get("number_made"):
        facts = {**facts, "contract": facts.get("published_number")}
        gaps.append(Gap("id", "contract", "number-made", facts["contract"], "un numéro à lui"))
    record = _object(facts, load_layout(LAYOUT_WRITTEN, name), name, published_on, gaps, "")
    gaps += [
        Gap("actesSousTraitance", "holders", "no-place", each["holder_id"] or each["name"],
            "un acte de sous-traitance", refuses=False)
        for each in facts.get("unplaced", ())
    ]  # fmt: skip
    return record, gaps


def _object(
    facts: Mapping[str, Any],
    group: Group,
    name: str,
    published_on: datetime.date | None,
    gaps: list[Gap],
    place: str,
) -> dict[str, Any]:
    """Return one object of a group, and add what it lacks to `gaps`."""
    record: dict[str, Any] = {}
    for leaf in group.leaves:
        path = f"{place}{leaf.name}"
        is_tags = leaf.table == TAG_FIELDS
        if is_tags:
            value: Any = list_considerations(facts["tags"], leaf, name)
            column: str | None = ", ".join(sorted(_unknown_tags(facts["tags"], leaf, name))) or None
        else:
            column = leaf.column
            stated = facts.get(column or "")
            if stated is None and column == PUBLICATION:
                stated = published_on
            value = _published(stated, leaf)
        if value is None:
            if leaf.required:
                asked = TO_ANSWER if is_tags else _asked(leaf)
                gaps.append(Gap(path, column, "missing", None, asked))
            continue
        fault = fault_of(value, leaf)
        if fault is not None:
            words = (
                LIMIT_WORDS[fault[0]].format(fault[1]) if fault[0] in LIMIT_WORDS else _asked(leaf)
            )
            gaps.append(Gap(path, column, "not-in-format", _shown(value), words))
        _put(record, leaf, value)
    for each in group.groups:
        listed = facts.get(each.part) or []
        path = f"{place}{each.name}"
        if len(listed) < max(each.min_items, 1):
            if each.required and each.min_items:
                gaps.append(Gap(path, each.part, "missing", None, f"au moins {each.min_items}"))
            continue
        below = f"{path}[].{each.wrapper}." if each.wrapped else f"{path}[]."
        items = [_object(row, each, name, published_on, gaps, below) for row in listed]
        record[each.name] = [{each.wrapper: item} for item in items] if each.wrapped else items
    return record


def _unknown_tags(tags: Mapping[str, bool], leaf: Leaf, name: str) -> set[str]:
    return set(tags_of(leaf.path[0], name)) - set(tags)


def _published(value: Any, leaf: Leaf) -> Any:
    """Return a value of the register as the format writes it; None where there is none."""
    if value is None:
        return None
    if leaf.kind == "date":
        return value.isoformat() if isinstance(value, datetime.date) else str(value)
    if leaf.kind == "number":
        return int(value) if float(value).is_integer() else float(value)
    if leaf.kind in ("integer", "boolean"):
        return int(value) if leaf.kind == "integer" else bool(value)
    words = {code: word for word, code in leaf.codes.items()}
    if leaf.kind == "list":
        return [words.get(each, each) for each in str(value).split(SEPARATOR) if each] or None
    return words.get(value, value)


def _put(record: dict[str, Any], leaf: Leaf, value: Any) -> None:
    for name in leaf.path[:-1]:
        record = record.setdefault(name, {})
    record[leaf.path[-1]] = value


def fault_of(value: Any, leaf: Leaf) -> tuple[str, str] | None:
    """Return the rule of a field that a value of its type breaks, and what the rule expects.

    Rules are named as JSON Schema does: minItems, uniqueItems, enum, pattern, minLength,
    maxLength, minimum, maximum.
    """
    limits = leaf.limits
    words = value if isinstance(value, list) else [value] if leaf.values else []
    length = len(value) if isinstance(value, str | list) else 0
    number = value if isinstance(value, int | float) and not isinstance(value, bool) else None
    text = value if isinstance(value, str) and not leaf.values else None
    rules = [
        ("minItems", isinstance(value, list) and length < limits.get("min_items", 0), "min_items"),
        ("uniqueItems", leaf.unique and len(set(map(str, words))) < len(words), None),
        ("enum", any(each not in leaf.values for each in words), None),
        ("pattern", text is not None and not re.search(leaf.pattern or "", text), None),
        ("minLength", text is not None and length < limits.get("min_length", 0), "min_length"),
        ("maxLength", text is not None and length > limits.get("max_length", length), "max_length"),
        ("minimum", number is not None and number < limits.get("minimum", number), "minimum"),
        ("maximum", number is not None and number > limits.get("maximum", number), "maximum"),
    ]
    for rule, broken, limit in rules:
        if broken:
            return rule, f"{limits[limit]:g}" if limit else " | ".join(
                leaf.values
            ) or leaf.pattern or ""
    return None


def _asked(leaf: Leaf) -> str:
    """Return what a field asks for, in few words."""
    if leaf.values:
        return " | ".join(leaf.values)
    if leaf.pattern in PATTERNS:
        return PATTERNS[leaf.pattern]
    low, longest = leaf.limits.get("minimum"), leaf.limits.get("max_length")
    more = "" if low is None else f", {low:g} au moins"
    more += "" if longest is None else f", {longest:g} caractères au plus"
    return f"{KINDS.get(leaf.kind, leaf.kind)}{more}"


def _shown(value: Any) -> str:
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value)
