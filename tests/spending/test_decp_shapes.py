"""The shapes in which contracts come in JSON: all give the same lines, held or streamed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lcc.errors import InputError
from lcc.spending.check import check


def contract(rank: int) -> dict[str, Any]:
    return {
        "id": f"2019A{rank:05d}00",
        "acheteur": {"id": "13001898900017", "nom": "Acheteur"},
        "nature": "Marché",
        "objet": f"Prestation été {rank}",
        "codeCPV": "90910000",
        "dureeMois": 12,
        "dateNotification": "2019-01-15",
        "datePublicationDonnees": "2019-01-20",
        "montant": 50000 + rank,
        "titulaires": [
            {"typeIdentifiant": "SIRET", "id": "73282932000074", "denominationSociale": "T"}
        ],
        "modifications": [],
    }


ONE, TWO, THREE = contract(1), contract(2), contract(3)
ALL = [ONE, TWO, THREE]


def text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


SHAPES = {
    "published-2019": text({"marches": ALL}),
    "published-2022": text({"marches": {"marche": [ONE, TWO], "contrat-concession": [THREE]}}),
    "list-of-one": text({"marches": {"marche": [ONE, TWO], "contrat-concession": THREE}}),
    "list": text(ALL),
    "results": text({"total_count": 3, "results": ALL}),
    "data": text({"data": ALL, "meta": {"page": 1}}),
    "files-in-a-list": text([{"marches": [ONE, TWO]}, {"marches": {"marche": [THREE]}}]),
    "mixed-list": text([ONE, {"marches": [TWO, THREE]}]),
    "one-a-line": "\n".join(map(text, ALL)) + "\n",
    "files-one-a-line": text({"marches": [ONE, TWO]}) + "\n" + text({"marches": [THREE]}),
}


@pytest.fixture(params=["held", "streamed"], autouse=True)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "streamed":
        monkeypatch.setattr("lcc.spending.sources.decp_json.WHOLE_BYTES", 0)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_gives_the_same_contracts(tmp_path: Path, shape: str, encoding: str) -> None:
    path = tmp_path / "m.json"
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    path.write_bytes((mark + SHAPES[shape]).encode(encoding))
    spending = check([path])
    lines = spending.lines
    assert lines["amount_usable_cents"].tolist() == [5_000_100, 5_000_200, 5_000_300]
    assert lines["label"].tolist() == [each["objet"] for each in ALL]
    assert spending.reconciliation["files"][0]["format"] == "decp-json-2019"


def test_a_contract_alone(tmp_path: Path) -> None:
    path = tmp_path / "m.json"
    path.write_text(text(ONE), encoding="utf-8")
    assert check([path]).lines["contract"].tolist() == [ONE["id"]]


@pytest.mark.parametrize(
    "content",
    [
        '{"type": "FeatureCollection", "features": []}',
        '{"results": 3}',
        '{"results": [1, 2]}',
        '{"data": [{"a": 1}]}',
        '{"a": 1}\n{"b": 2}',
        '[{"marches": 3}]',
        text(ONE) + "\n{",
        text(ONE) + "\nsuite",
    ],
)
def test_other_json_is_refused_in_one_message(tmp_path: Path, content: str) -> None:
    path = tmp_path / "m.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        check([path])
    assert "marches" in str(caught.value)
    assert "[columns]" not in str(caught.value)
