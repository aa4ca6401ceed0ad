"""The layout is told by the record's shape. Counts of rows: README of data/decp."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lcc.spending.sources.decp_record import is_concession, layout_of, unwrap


def records(path: Path) -> list[dict[str, Any]]:
    listed = json.loads(path.read_text(encoding="utf-8"))["marches"]
    if isinstance(listed, list):
        return listed
    return [*unwrap(listed.get("marche"), ""), *unwrap(listed.get("contrat-concession"), "")]


@pytest.mark.parametrize(
    ("file", "layout", "rows"),
    [
        ("json_2019/data.gouv.fr_pes_2019-04-05.json", "2019", 1148),
        ("json_2019/marches-publics.info_2019-03-07.json", "2019", 4509),
        ("json_2019/e-marchespublics_2019-04-03.json", "2019", 470),
        ("json_2019/decp_21590163800019_2019-01-01_2021-12-31.json", "2019", 159),
        ("json_2022/decp-59920013600241-2024-07-09-01.json", "2022", 5),
        ("json_2022/eclaireur_raw_fixture.json", "2022", 20),
    ],
)
def test_layout_of_real_files(real_data: Path, file: str, layout: str, rows: int) -> None:
    """How many are invalid by the schema of their layout: tests/register/test_decp_validate.py."""
    found = records(real_data / "decp" / file)
    assert len(found) == rows
    assert {layout_of(record) for record in found} == {layout}


def test_an_empty_field_makes_no_concession() -> None:
    empty = {"autoriteConcedante": None, "valeurGlobale": "", "concessionnaires": []}
    assert not is_concession({"acheteur": {"id": "1"}, "montant": 5, **empty})
    assert is_concession({**empty, "valeurGlobale": 0})


def test_a_list_may_be_plain_wrapped_or_single() -> None:
    one = {"id": "1"}
    assert unwrap([one], "titulaire") == [one]
    assert unwrap([{"titulaire": one}], "titulaire") == [one]
    assert unwrap({"titulaire": [one, one]}, "titulaire") == [one, one]
    assert unwrap({"titulaire": one}, "titulaire") == [one]
    assert unwrap(one, "titulaire") == [one]
    assert unwrap(None, "titulaire") == []
    assert unwrap("", "titulaire") == []


@pytest.mark.parametrize(
    ("record", "layout"),
    [
        ({"titulaires": [{"titulaire": {"id": "1"}}]}, "2022"),
        ({"titulaires": [{"id": "1"}]}, "2019"),
        # As converters write the layout of 2022: the contractors without their wrapper.
        ({"titulaires": [{"id": "1"}], "considerationsSociales": {}}, "2022"),
        ({"titulaires": {"titulaire": {"id": "1"}}, "techniques": {}}, "2022"),
        ({"titulaires": {"titulaire": {"id": "1"}}}, "2019"),
        # As tables turned into JSON have it: the fields of all layouts, most of them empty.
        ({"titulaires": [{"id": "1"}], "considerationsSociales": None, "ccag": ""}, "2019"),
    ],
)
def test_a_field_of_2022_decides_before_the_shape_of_the_contractors(
    record: dict[str, Any], layout: str
) -> None:
    assert layout_of(record) == layout
