"""The tables of fields against the official schemas they are transcribed from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lcc.register.decp.fields import CONCESSION, CONTRACT, load_layout
from lcc.register.register import TABLES
from lcc.tables import load_reference, schema

FILES = {"2019": "v1.5.0/marches.json", "2022": "v2/schema_decp_v2.0.3.json"}
LIMITS = {
    "pattern": "pattern",
    "minimum": "minimum",
    "maximum": "maximum",
    "minLength": "min_length",
    "maxLength": "max_length",
    "minItems": "min_items",
    "uniqueItems": "unique_items",
}


def rows() -> list[dict[str, Any]]:
    return load_reference("procurement_map", "decp_fields").to_pylist()


def words() -> dict[str, list[str]]:
    listed: dict[str, list[str]] = {}
    for row in load_reference("procurement_map", "decp_values").to_pylist():
        listed.setdefault(row["enumeration"], []).append(row["value"])
    return listed


def read_schema(real_data: Path, layout: str) -> dict[str, Any]:
    path = real_data / "decp" / "schema" / FILES[layout]
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def follow(node: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in node:
        target: Any = root
        for part in node["$ref"][2:].split("/"):
            target = target[part]
        node = target
    return node


def find(root: dict[str, Any], name: str, path: str) -> tuple[dict[str, Any], bool]:
    """Return what the official schema says at a path of ours, and whether it is required."""
    node, required = follow(root["definitions"][name], root), True
    for part in path.split("."):
        key, _, item = part.partition("[]")
        required = key in node.get("required", ())
        node = follow(node["properties"][key], root)
        if part.endswith("[]"):
            node = follow(node["items"], root)
        assert item == ""
    return node, required


def count_fields(node: dict[str, Any], root: dict[str, Any]) -> int:
    """Return how many named fields there are below a node."""
    node = follow(node, root)
    below = sum(1 + count_fields(each, root) for each in node.get("properties", {}).values())
    return below + (count_fields(node["items"], root) if "items" in node else 0)


@pytest.mark.parametrize("layout", FILES)
class TestTranscription:
    def test_every_field_is_as_the_official_schema_says(self, real_data: Path, layout: str) -> None:
        root, listed = read_schema(real_data, layout), words()
        for row in rows():
            if row["layout"] != layout:
                continue
            node, required = find(root, row["object"], row["path"])
            assert row["required"] == required, row["field_id"]
            for theirs, ours in LIMITS.items():
                assert row[ours] == node.get(theirs), (row["field_id"], theirs)
            items = follow(node.get("items", {}), root)
            enumeration = node.get("enum") or items.get("enum")
            stated = listed[row["enumeration"]] if row["enumeration"] else None
            assert stated == enumeration, row["field_id"]
            if "type" in node:
                assert row["type"] == node["type"], row["field_id"]

    def test_no_field_is_left_out(self, real_data: Path, layout: str) -> None:
        root = read_schema(real_data, layout)
        for name in (CONTRACT, CONCESSION):
            ours = [r for r in rows() if r["layout"] == layout and r["object"] == name]
            assert len(ours) == count_fields(root["definitions"][name], root)

    def test_only_the_layout_of_2022_is_closed(self, real_data: Path, layout: str) -> None:
        root = read_schema(real_data, layout)
        closed = [
            root["definitions"][name].get("additionalProperties") for name in (CONTRACT, CONCESSION)
        ]
        assert closed == ([False, False] if layout == "2022" else [None, None])


def test_every_field_goes_to_a_column_that_exists() -> None:
    for row in rows():
        if row["column"] is not None:
            assert row["column"] in schema(TABLES[row["table"]]).names, row["field_id"]
        elif row["table"] is None and row["type"] not in ("object", "array"):
            # Said by other fields: buyer and number; the kind of record.
            assert row["path"] in ("uid", "_type")


def test_a_price_and_what_holds_it_have_one_name() -> None:
    for layout, wrapped in (("2019", False), ("2022", True)):
        years = next(g for g in load_layout(layout, CONCESSION).groups if g.part == "executions")
        prices = years.groups[0]
        assert prices.wrapped == wrapped
        assert {leaf.column for leaf in prices.leaves} == {"price_label", "price_eur"}
