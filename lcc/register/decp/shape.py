"""Records as plain JSON values: numbers as numbers, and XML shaped as its layout is in JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from lcc.reading.dialect import CanonicalText
from lcc.register.decp.decode import list_items
from lcc.register.decp.fields import Group, Leaf
from lcc.register.decp.values import BOOLEANS
from lcc.spending.sources.decp_record import unwrap

__all__ = ["plain_json", "shape_xml"]


def plain_json(value: Any) -> Any:
    """Return a value of the streaming readers as the JSON module would give it."""
    if isinstance(value, Mapping):
        return {key: plain_json(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain_json(each) for each in value]
    if isinstance(value, Decimal) or type(value) is CanonicalText:
        return _number(str(value))
    return value


def _number(text: str) -> int | float | str:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    if not number.is_finite() or abs(number.adjusted()) > 300:
        return text
    whole = number == number.to_integral_value() and "." not in text and "E" not in text.upper()
    return int(number) if whole else float(number)


def shape_xml(record: Mapping[str, Any], group: Group) -> dict[str, Any]:
    """Return a record read from XML as its layout writes it in JSON.

    XML has neither numbers nor lists of one: both are taken from the format. A text that is no
    number stays a text, for the check to name.
    """
    shaped: dict[str, Any] = {}
    lists = {each.name: each for each in group.groups}
    leaves: dict[str, list[Leaf]] = {}
    for leaf in group.leaves:
        leaves.setdefault(leaf.path[0], []).append(leaf)
    for name, value in record.items():
        if name in lists:
            below = lists[name]
            items = [
                shape_xml(each, below) if isinstance(each, Mapping) else each
                for each in list_items(value, below)
            ]
            shaped[name] = [{below.wrapper: each} for each in items] if below.wrapped else items
        elif isinstance(value, Mapping):
            shaped[name] = dict(_inner(value, leaves.get(name, [])))
        else:
            shaped[name] = _typed(value, next(iter(leaves.get(name, [])), None))
    return shaped


def _inner(value: Mapping[str, Any], leaves: list[Leaf]) -> Iterator[tuple[str, Any]]:
    """Yield the fields of an object within a record."""
    known = {leaf.path[-1]: leaf for leaf in leaves if len(leaf.path) > 1}
    for name, each in value.items():
        leaf = known.get(name)
        if leaf is not None and leaf.kind == "list":
            yield name, unwrap(each, name)
        else:
            yield name, _typed(each, leaf)


def _typed(value: Any, leaf: Leaf | None) -> Any:
    if not isinstance(value, str) or leaf is None:
        return value
    if leaf.type == "boolean":
        return BOOLEANS.get(value.casefold(), value)
    return _number(value) if leaf.type in ("integer", "number") else value
