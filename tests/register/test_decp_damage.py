"""Documents damaged at random: each is read to its end, and what is wrong is listed."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from lcc.errors import InputError
from lcc.register.decp import repeats
from lcc.register.decp.quality import control_quality
from lcc.register.decp.read import read_decp
from lcc.register.decp.validate import validate_decp
from lcc.register.decp.write import write_decp
from lcc.register.settle import settle

FIRM = {"titulaire": {"typeIdentifiant": "SIRET", "id": "73282932000074"}}
CONTRACT: dict[str, Any] = {
    "id": "24M01",
    "acheteur": {"id": "21590163800019"},
    "objet": "Mobilier",
    "codeCPV": "39130000",
    "techniques": {"technique": ["Sans objet"]},
    "marcheInnovant": False,
    "offresRecues": 3,
    "lieuExecution": {"code": "59170", "typeCode": "Code postal"},
    "dureeMois": 24,
    "dateNotification": "2024-03-01",
    "montant": 120000.5,
    "titulaires": [FIRM],
    "considerationsSociales": {"considerationSociale": ["Clause sociale"]},
    "modifications": [{"modification": {"id": 1, "montant": 5, "titulaires": [FIRM]}}],
    "actesSousTraitance": [{"acteSousTraitance": {"id": 1, "sousTraitant": {"id": "x"}}}],
}
CONCESSION: dict[str, Any] = {
    "id": "DSP1",
    "autoriteConcedante": {"id": "21590163800019"},
    "valeurGlobale": 2e6,
    "concessionnaires": [{"concessionnaire": {"typeIdentifiant": "SIRET", "id": "1"}}],
    "donneesExecution": [
        {"donneesAnnuelles": {"tarifs": [{"tarif": {"intituleTarif": "Plein", "tarif": 1.7}}]}}
    ],
}
SCRAPS: list[Any] = [
    None, "", "NC", "test", 0, -1, 1e308, 10**400, True, [], {}, [[]], [None], {"id": None},
    {"id": {"id": []}}, "\ud800", "9" * 40, "1e999999", "31/12/2024", [1, "a", {}], "é" * 2000,
    float("inf"), float("nan"),
]  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return where something stands in a document."""
    found = [path] if path else []
    items: Any = value.items() if isinstance(value, dict) else ()
    if isinstance(value, list):
        items = enumerate(value)
    for key, each in items:
        found += places(each, (*path, key))
    return found


DOCUMENT = {"marche": [CONTRACT, CONTRACT], "contrat-concession": [CONCESSION]}
PLACES = [each for each in places(DOCUMENT) if len(each) > 2]


def spoil(changes: list[tuple[tuple[Any, ...], Any]]) -> dict[str, Any]:
    # Through JSON: nothing is shared between its parts.
    document = json.loads(json.dumps(DOCUMENT))
    for path, scrap in changes:
        place: Any = document
        try:
            for key in path[:-1]:
                place = place[key]
            place[path[-1]] = copy.deepcopy(scrap)
        except (TypeError, KeyError, IndexError):
            continue
    return {"marches": document}


@given(st.lists(st.tuples(st.sampled_from(PLACES), st.sampled_from(SCRAPS)), max_size=4))
@settings(
    max_examples=20, deadline=None, derandomize=True,
    phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck),
)  # fmt: skip
def test_nothing_raises(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[tuple[Any, ...], Any]]
) -> None:
    folder = tmp_path_factory.mktemp("damage")
    path = folder / "m.json"
    path.write_text(json.dumps(spoil(changes)), encoding="utf-8")
    stated = read_decp(path)
    assert 1 <= len(stated.contracts) <= 3
    register = settle([stated], [path])
    write_decp(register, folder / "out.json")
    assert len(validate_decp(folder / "out.json")) == 0
    assert len(validate_decp(path)) > 0
    assert len(control_quality(register)) > 0


@pytest.mark.parametrize(
    ("field", "value", "column", "expected"),
    [
        # As some converters write them: an object in a list of one, a list without its object.
        ("acheteur", [{"id": "21590163800019"}], "buyer_id", "21590163800019"),
        ("acheteur", "21590163800019", "buyer_id", "21590163800019"),
        ("techniques", ["Accord-cadre"], "techniques", "Accord-cadre"),
        ("techniques", "Accord-cadre", "techniques", "Accord-cadre"),
    ],
)
def test_shapes_of_converters_are_read(
    tmp_path: Path, field: str, value: Any, column: str, expected: str
) -> None:
    path = tmp_path / "m.json"
    record = {**CONTRACT, field: value}
    path.write_text(json.dumps({"marches": {"marche": [record]}}), encoding="utf-8")
    assert read_decp(path).contracts[column].tolist() == [expected]


def test_an_object_that_is_none_is_listed(tmp_path: Path) -> None:
    path = tmp_path / "m.json"
    record = {**CONTRACT, "lieuExecution": "Croix"}
    path.write_text(json.dumps({"marches": {"marche": [record]}}), encoding="utf-8")
    problems = read_decp(path).problems
    found = problems[problems["field"] == "lieuExecution"].iloc[0]
    assert (found["code"], found["found"]) == ("value-unreadable", "Croix")


def test_a_broken_file_is_refused_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "m.json"
    path.write_text('{"marches": {"marche": [{"id": "1", "montant": 5}', encoding="utf-8")
    with pytest.raises(InputError, match="cannot be read to its end"):
        read_decp(path)


LONG = "Fourniture et livraison de produits d'entretien pour les écoles, lot "


@pytest.mark.parametrize(("start", "amounts"), [("Lot ", True), (LONG, True), (LONG, False)])
def test_many_without_a_number_are_not_each_compared_with_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, start: str, amounts: bool
) -> None:
    """Objects that begin alike, one firm, 0 € for all: whatever 600 records have in common."""
    compared: list[int] = []
    real = repeats._sameness

    def counting(first: Any, second: Any) -> str | None:
        compared.append(second.row)
        return real(first, second)

    monkeypatch.setattr(repeats, "_sameness", counting)
    path = tmp_path / "m.json"
    records = [
        {**CONTRACT, "id": "", "objet": f"{start}{each // 2:03}",
         "montant": 1000 + each // 2 if amounts else 0}
        for each in range(600)
    ]  # fmt: skip
    path.write_text(json.dumps({"marches": {"marche": records}}), encoding="utf-8")
    assert len(read_decp(path).contracts["contract"].unique()) == 300
    # Each with its own double, and with no other of the 600.
    assert len(compared) == 300


@pytest.mark.parametrize("order", [1, -1])
def test_an_object_cut_short_is_found_in_any_order(tmp_path: Path, order: int) -> None:
    cut, whole, other = LONG, f"{LONG}1, hygiène", f"{LONG[:-4]}hors écoles"
    records = [{**CONTRACT, "id": "", "objet": each} for each in (cut, whole, other)][::order]
    path = tmp_path / "m.json"
    path.write_text(json.dumps({"marches": {"marche": records}}), encoding="utf-8")
    found = read_decp(path).contracts
    assert set(found["label"]) == {whole, other}
