"""Faults of essential data, by our own table of fields and by the official schemas."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lcc.errors import InputError
from lcc.register.decp.validate import validate_decp
from lcc.register.open import open_register

SCHEMAS = {"2019": "v1.5.0/marches.json", "2022": "v2/schema_decp_v2.0.3.json"}
INVALID = {
    "json_2019/data.gouv.fr_pes_2019-04-05.json": 68,
    "json_2019/marches-publics.info_2019-03-07.json": 148,
    "json_2019/e-marchespublics_2019-04-03.json": 17,
    "json_2019/decp_21590163800019_2019-01-01_2021-12-31.json": 159,
    "json_2022/decp-59920013600241-2024-07-09-01.json": 5,
    "json_2022/eclaireur_raw_fixture.json": 20,
}
"""Invalid records as the README of the collected files counts them (jsonschema, one at a time)."""


def official(real_data: Path, layout: str) -> Path:
    return real_data / "decp" / "schema" / SCHEMAS[layout]


@pytest.mark.parametrize(("file", "count"), INVALID.items())
class TestRealFiles:
    def test_our_own_table_finds_the_records_known_to_be_invalid(
        self, real_data: Path, file: str, count: int
    ) -> None:
        assert validate_decp(real_data / "decp" / file)["record"].nunique() == count

    def test_and_so_does_the_official_schema(self, real_data: Path, file: str, count: int) -> None:
        layout = "2019" if "2019/" in file else "2022"
        found = validate_decp(real_data / "decp" / file, schema=official(real_data, layout))
        assert found["record"].nunique() == count


class TestLayout:
    def test_a_document_of_2019_is_no_valid_one_of_2022(self, real_data: Path) -> None:
        """The trap of the README: the schema of 2022 lets it through with one or two errors."""
        path = real_data / "decp" / "json_2019" / "e-marchespublics_2019-04-03.json"
        found = validate_decp(path, schema=official(real_data, "2022"))
        assert len(found) == 470 and set(found["rule"]) == {"layout"}

    def test_layouts_mixed_in_one_file_are_said(self, tmp_path: Path) -> None:
        records = [
            {"id": "1", "titulaires": [{"titulaire": {}}]},
            {"id": "2", "titulaires": [{"id": "1"}]},
        ]
        path = tmp_path / "m.json"
        path.write_text(json.dumps({"marches": records}), encoding="utf-8")
        found = validate_decp(path)
        assert found.iloc[-1]["rule"] == "layout" and found.iloc[-1]["found"] == "2019 + 2022"

    def test_a_list_where_2022_wants_two_is_said(self, tmp_path: Path) -> None:
        path = tmp_path / "m.json"
        records = [{"id": "1", "titulaires": [{"titulaire": {}}]}]
        path.write_text(json.dumps({"marches": records}), encoding="utf-8")
        found = validate_decp(path)
        assert found.iloc[-1]["rule"] == "shape" and found.iloc[-1]["field"] == "marches"


def example(real_data: Path) -> dict[str, Any]:
    path = real_data / "decp/schema/exemples_officiels/marches_avec_modifications.json"
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    content["marches"]["marche"] = content["marches"]["marche"][:1]
    return content


DAMAGE: list[tuple[str, Any, str]] = [
    ("montant", "575000", "type"),
    ("montant", 0, "minimum"),
    ("montant", True, "type"),
    ("dureeMois", 1.5, "type"),
    ("tauxAvance", 1.2, "maximum"),
    ("nature", "Accord-cadre", "enum"),
    ("codeCPV", "4500000", "pattern"),
    ("id", "x" * 17, "maxLength"),
    ("id", "", "minLength"),
    ("titulaires", [], "minItems"),
    ("techniques", {"technique": ["Concours", "Concours"]}, "uniqueItems"),
    ("techniques", {"technique": []}, "minItems"),
    ("acheteur", {}, "required"),
    ("modifications", [{}], "required"),
    ("inconnu", 1, "additionalProperties"),
    ("objet", None, "type"),
]


@pytest.mark.parametrize(("field", "value", "rule"), DAMAGE)
def test_each_kind_of_damage_is_named_alike(
    real_data: Path, tmp_path: Path, field: str, value: Any, rule: str
) -> None:
    content = example(real_data)
    content["marches"]["marche"][0][field] = value
    path = tmp_path / "m.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    for schema in (None, official(real_data, "2022")):
        found = validate_decp(path, schema=schema)
        assert set(found["rule"]) == {rule}, schema
        assert set(found["record"]) == {1} and found["contract"].iloc[0] in ("TEST2022", value)


def test_a_field_taken_away_is_required(real_data: Path, tmp_path: Path) -> None:
    content = example(real_data)
    [record] = content["marches"]["marche"]
    content["marches"]["marche"] = [
        {name: value for name, value in record.items() if name != field} for field in record
    ]
    path = tmp_path / "m.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    ours = validate_decp(path)["record"].tolist()
    theirs = validate_decp(path, schema=official(real_data, "2022"))["record"].tolist()
    # One fault where the field is required, none where it is not.
    assert ours == theirs == sorted(set(ours))
    # Of 30 fields, 24 are required (schema 2.0.3).
    assert len(ours) == 24


ID = {"id": {"type": "string"}}


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object"},
        [],
        {"definitions": {"marche": {"properties": ID}}},
        {"definitions": {"marche": {"properties": []}, "contrat-concession": {}}},
        {"definitions": {"marche": {"properties": ID, "type": "?"}, "contrat-concession": {}}},
        # Nothing is fetched from elsewhere.
        {
            "definitions": {
                "marche": {"properties": {"montant": {"$ref": "http://127.0.0.1:9/x.json"}}},
                "contrat-concession": {},
            }
        },
    ],
)
def test_a_schema_of_something_else_is_refused(tmp_path: Path, schema: Any) -> None:
    form, data = tmp_path / "s.json", tmp_path / "m.json"
    form.write_text(json.dumps(schema), encoding="utf-8")
    data.write_text('{"marches": [{"montant": 1}]}', encoding="utf-8")
    with pytest.raises(InputError, match="no schema of the essential data"):
        validate_decp(data, schema=form)


def test_a_record_nested_without_end_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "m.json"
    deep = '{"a": ' * 900 + "1" + "}" * 900
    path.write_text(f'{{"marches": [{{"montant": 1, "acheteur": {deep}}}]}}', encoding="utf-8")
    assert list(validate_decp(path)["rule"]) == ["shape"]


@pytest.mark.parametrize("code", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings(real_data: Path, tmp_path: Path, code: str) -> None:
    """JSON is exchanged in UTF-8 (RFC 8259); XML says what it is in."""
    path, xml = tmp_path / "m.json", tmp_path / "m.xml"
    path.write_text(json.dumps(example(real_data)), encoding=code)
    assert list(validate_decp(path)["rule"]) == (["encoding"] if code == "utf-16" else [])
    assert len(open_register([path]).contracts) == 1
    source = real_data / "decp/schema/exemples_officiels/Marche.xml"
    # Nothing may stand before a declaration; without one, spaces may stand before the first tag.
    start = '<?xml version="1.0" encoding="utf-16"?>' if code == "utf-16" else "\n" * 9
    xml.write_text(start + source.read_text(encoding="utf-8"), encoding=code)
    assert len(validate_decp(xml)) == 0


def test_xml_is_checked_in_the_shape_of_json(tmp_path: Path) -> None:
    path = tmp_path / "m.xml"
    path.write_text(
        "<marches><marche><id>1</id><acheteur><id>21590163800019</id></acheteur>"
        "<techniques><technique>Concours</technique></techniques><montant>beaucoup</montant>"
        "<marcheInnovant>oui</marcheInnovant><titulaires><titulaire><typeIdentifiant>SIRET"
        "</typeIdentifiant><id>73282932000074</id></titulaire></titulaires></marche></marches>",
        encoding="utf-8",
    )
    found = validate_decp(path)
    wrong = found[found["rule"] != "required"]
    assert list(zip(wrong["field"], wrong["rule"], wrong["found"], strict=True)) == [
        ("montant", "type", "beaucoup")
    ]
    # Of the 24 required fields (schema 2.0.3) six are stated.
    assert (found["rule"] == "required").sum() == 24 - 6
