"""Essential data written from a register: what validates, what is refused, bytes."""

from __future__ import annotations

import csv
import datetime
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lcc.register.decp.validate import validate_decp
from lcc.register.decp.write import build_export, write_decp
from lcc.register.open import open_register
from lcc.register.register import Register, empty_table, make_table
from lcc.register.settle import frame_records

BUYER = "21590163800019"
FIRM, OTHER, THIRD = "73282932000074", "42166441800066", "55204599900869"
DAY = datetime.date(2024, 3, 1)
PUBLISHED = datetime.date(2024, 3, 20)
SCHEMAS = ("schema_decp_v2.0.3.json", "schema_decp_v2.0.4.json")

CONTRACT: dict[str, Any] = {
    "buyer_id": BUYER, "contract": "24M01", "kind": "contract", "nature": "Marché",
    "label": "Mobilier", "cpv": "39130000-2", "procedure": "Procédure adaptée",
    "notification_date": DAY, "publication_date": PUBLISHED, "duration_months": 24,
    "amount_eur": 120000.5, "techniques": "Sans objet", "modalities": "Tranches; Bons de commande",
    "innovative": False, "ccag": "Travaux", "offers_received": 3, "advance_granted": True,
    "advance_rate": 0.05, "grouping": "solidary", "subcontracting_declared": True,
    "place_code": "59170", "place_type": "Code postal", "price_types": "Définitif ferme",
    "price_form": "Mixte", "source_file": "registre.csv", "source_row": 2,
}  # fmt: skip
CONCESSION: dict[str, Any] = {
    "buyer_id": BUYER, "contract": "DSP1", "kind": "concession",
    "nature": "Délégation de service public", "label": "Transports",
    "procedure": "Procédure négociée ouverte", "notification_date": DAY,
    "publication_date": PUBLISHED, "start_date": DAY, "duration_months": 84, "amount_eur": 2e9,
    "public_subsidy_eur": 0.0,
}  # fmt: skip
TAGS = ("social_clause", "social_criterion", "reserved", "environmental_clause",
        "environmental_criterion")  # fmt: skip


def firm(number: str, identifier: str, **fields: Any) -> dict[str, Any]:
    return {"buyer_id": BUYER, "contract": number, "rank": 1, "role": "contractor",
            "holder_id": identifier, "id_type": "SIRET", "modification": 0, **fields}  # fmt: skip


def say(number: str, **values: bool) -> list[dict[str, Any]]:
    stated = {**dict.fromkeys(TAGS, False), **values}
    return [{"buyer_id": BUYER, "contract": number, "tag": tag, "value": value}
            for tag, value in stated.items()]  # fmt: skip


def make_register(**tables: list[dict[str, Any]]) -> Register:
    """A register made by hand: one contract and one concession, each field stated."""
    default = {
        "contracts": [CONTRACT, CONCESSION],
        "holders": [firm("24M01", FIRM), firm("DSP1", FIRM)],
        "tags": [*say("24M01", social_clause=True), *say("DSP1", reserved=True)],
        "modifications": [
            {"buyer_id": BUYER, "contract": "24M01", "modification": 1, "notification_date": DAY,
             "publication_date": PUBLISHED, "amount_eur": 130000.0,
             "holders": f"SIRET:{FIRM}; SIRET:{THIRD}"},
        ],
        "subcontracts": [
            {"buyer_id": BUYER, "contract": "24M01", "act": 1, "change": 0, "holder_id": OTHER,
             "id_type": "SIRET", "duration_months": 3, "notification_date": DAY,
             "publication_date": PUBLISHED, "amount_eur": 9000.0, "price_variation": "Ferme"},
            {"buyer_id": BUYER, "contract": "24M01", "act": 1, "change": 1,
             "notification_date": DAY, "publication_date": PUBLISHED, "amount_eur": 9500.0},
        ],
        "executions": [
            {"buyer_id": BUYER, "contract": "DSP1", "year_rank": 1, "publication_date": PUBLISHED,
             "investment_eur": 15.3, "price_rank": 1, "price_label": "Plein", "price_eur": 1.7},
        ],
    } | tables  # fmt: skip
    names = {"contracts": "contract", "holders": "contract_holder", "tags": "contract_tag",
             "modifications": "contract_modification", "subcontracts": "contract_subcontract",
             "executions": "contract_execution"}  # fmt: skip
    frames = {name: make_table(rows, names[name]) for name, rows in default.items()}
    return Register(
        candidates=empty_table("contract_candidate"),
        problems=empty_table("register_problem"),
        **frames,
    )


def change(**fields: Any) -> Register:
    """The register with one contract, some of its fields being others."""
    return make_register(contracts=[{**CONTRACT, **fields}], executions=[])


@pytest.fixture
def schemas(real_data: Path) -> list[Path]:
    return [real_data / "decp" / "schema" / "v2" / name for name in SCHEMAS]


def refusals(register: Register, **options: Any) -> list[tuple[str, str, str]]:
    export = build_export(register, **options)
    rows = frame_records(export.refusals)
    return [(each["field"], each["reason"], each["effect"]) for each in rows]


class TestValid:
    def test_the_whole_of_a_register_made_by_hand(
        self, tmp_path: Path, schemas: list[Path]
    ) -> None:
        out = tmp_path / "e.json"
        export = write_decp(make_register(), out)
        assert (export.written, export.refused, len(export.refusals)) == (2, 0, 0)
        assert len(validate_decp(out)) == 0
        for each in schemas:
            assert len(validate_decp(out, schema=each)) == 0

    def test_fields_as_the_format_writes_them(self) -> None:
        document = build_export(make_register()).document["marches"]
        contract, concession = document["marche"][0], document["contrat-concession"][0]
        assert contract["acheteur"] == {"id": BUYER} and contract["montant"] == 120000.5
        assert contract["typeGroupementOperateurs"] == "Solidaire"
        assert contract["modalitesExecution"] == {
            "modaliteExecution": ["Tranches", "Bons de commande"]
        }
        assert contract["considerationsSociales"] == {"considerationSociale": ["Clause sociale"]}
        assert contract["considerationsEnvironnementales"] == {
            "considerationEnvironnementale": ["Pas de considération environnementale"]
        }
        assert contract["modifications"][0]["modification"]["titulaires"] == [
            {"titulaire": {"typeIdentifiant": "SIRET", "id": each}} for each in (FIRM, THIRD)
        ]
        acts = contract["modificationsActesSousTraitance"]
        assert acts[0]["modificationActeSousTraitance"]["montant"] == 9500
        assert "idAccordCadre" not in contract and "origineUE" not in contract
        assert concession["valeurGlobale"] == 2_000_000_000
        assert concession["considerationsSociales"] == {
            "considerationSociale": ["Concession réservée"]
        }
        years = concession["donneesExecution"][0]["donneesAnnuelles"]
        assert years["tarifs"] == [{"tarif": {"intituleTarif": "Plein", "tarif": 1.7}}]

    def test_the_official_examples(
        self, tmp_path: Path, schemas: list[Path], real_data: Path
    ) -> None:
        examples = sorted((real_data / "decp/schema/exemples_officiels").iterdir())
        for rank, source in enumerate(examples):
            out = tmp_path / f"{rank}.json"
            export = write_decp(open_register([source]), out)
            assert export.written > 0
            assert len(validate_decp(out)) == 0
            for each in schemas:
                assert len(validate_decp(out, schema=each)) == 0

    def test_the_demonstration(
        self, tmp_path: Path, schemas: list[Path], demo_register: Register
    ) -> None:
        """By 2.0.3: what it lets through, 2.0.4 does (it drops `uniqueItems`, no more)."""
        out = tmp_path / "demo.json"
        assert write_decp(demo_register, out).written > 500
        assert len(validate_decp(out)) == 0
        assert len(validate_decp(out, schema=schemas[0])) == 0


class TestRefused:
    @pytest.mark.parametrize(
        ("fields", "path"),
        [
            ({"nature": None}, "nature"),
            ({"cpv": None}, "codeCPV"),
            ({"amount_eur": None}, "montant"),
            ({"buyer_id": None}, "acheteur.id"),
            ({"place_type": None}, "lieuExecution.typeCode"),
            ({"publication_date": None}, "datePublicationDonnees"),
            ({"innovative": None}, "marcheInnovant"),
        ],
    )
    def test_what_is_missing_is_named_and_never_made_up(
        self, fields: dict[str, Any], path: str
    ) -> None:
        found = refusals(change(**fields))
        assert (path, "missing", "contract-refused") in found
        rows = frame_records(build_export(change(**fields)).refusals)
        assert all(each["expected"] for each in rows)
        assert build_export(change(**fields)).document == {"marches": {"marche": []}}

    @pytest.mark.parametrize(
        ("fields", "path", "words"),
        [
            ({"amount_eur": 0.0}, "montant", "1 au moins"),
            ({"nature": "Accord-cadre"}, "nature", "Marché de partenariat"),
            ({"cpv": "391300"}, "codeCPV", "8 chiffres"),
            ({"contract": "12345678901234567"}, "id", "16 caractères au plus"),
            ({"label": "x" * 1001}, "objet", "1000 caractères au plus"),
            ({"advance_rate": 1.2}, "tauxAvance", "1 au plus"),
            ({"buyer_id": "2159016380001"}, "acheteur.id", "14 chiffres"),
            ({"techniques": "Sans objet; Autre"}, "techniques.technique", "Concours"),
        ],
    )
    def test_what_the_format_does_not_allow_is_named(
        self, fields: dict[str, Any], path: str, words: str
    ) -> None:
        """In words that a buyer can act upon, not as a pattern or a bare number."""
        rows = frame_records(build_export(change(**fields)).refusals)
        found = next(each for each in rows if each["field"] == path)
        assert (found["reason"], found["effect"]) == ("not-in-format", "contract-refused")
        assert words in found["expected"]

    def test_an_unknown_tag_is_not_published_as_no(self) -> None:
        """A published list is complete: leaving a tag out would say no to it."""
        known = [each for each in say("24M01", social_clause=True) if each["tag"] != "reserved"]
        register = replace(change(), tags=make_table(known, "contract_tag"))
        rows = frame_records(build_export(register).refusals)
        assert [(each["field"], each["column"], each["expected"]) for each in rows] == [
            ("considerationsSociales.considerationSociale", "reserved", "oui ou non, pour chacune")
        ]

    def test_a_number_of_ours_is_not_published(self) -> None:
        found = build_export(
            change(contract="24M01~ab", published_number="24M01", number_made=True)
        )
        rows = frame_records(found.refusals)
        assert next((each["field"], each["reason"], each["found"]) for each in rows) == (
            "id", "number-made", "24M01",
        )  # fmt: skip
        assert found.written == 0

    def test_a_nested_field_is_named_with_its_place(self) -> None:
        act = {"buyer_id": BUYER, "contract": "24M01", "act": 1, "change": 0, "holder_id": OTHER,
               "id_type": "SIRET"}  # fmt: skip
        register = replace(change(), subcontracts=make_table([act], "contract_subcontract"))
        assert (
            "actesSousTraitance[].acteSousTraitance.montant",
            "missing",
            "contract-refused",
        ) in (refusals(register))

    def test_a_subcontractor_without_an_act_is_left_out_and_said(self) -> None:
        firms = [firm("24M01", FIRM), firm("24M01", THIRD, role="subcontractor")]
        register = replace(change(), holders=make_table(firms, "contract_holder"))
        assert refusals(register) == [("actesSousTraitance", "no-place", "part-left-out")]
        assert build_export(register).written == 1

    def test_a_foreign_identifier_may_hold_a_semicolon(self) -> None:
        row = {
            "buyer_id": BUYER,
            "contract": "24M01",
            "modification": 1,
            "notification_date": DAY,
            "publication_date": PUBLISHED,
            "holders": f"HORS-UE:A; B; SIRET:{FIRM}",
        }
        register = replace(change(), modifications=make_table([row], "contract_modification"))
        [record] = build_export(register).document["marches"]["marche"]
        assert record["modifications"][0]["modification"]["titulaires"] == [
            {"titulaire": {"typeIdentifiant": "HORS-UE", "id": "A; B"}},
            {"titulaire": {"typeIdentifiant": "SIRET", "id": FIRM}},
        ]

    def test_the_day_of_this_publication_is_for_what_was_not_published(self) -> None:
        day = datetime.date(2026, 11, 27)
        fresh = build_export(change(publication_date=None), published_on=day)
        assert fresh.document["marches"]["marche"][0]["datePublicationDonnees"] == "2026-11-27"
        kept = build_export(change(), published_on=day)
        assert kept.document["marches"]["marche"][0]["datePublicationDonnees"] == "2024-03-20"


class TestFile:
    def test_refusals_stand_beside_in_french(self, tmp_path: Path) -> None:
        out = tmp_path / "donnees.json"
        write_decp(change(amount_eur=None, label="=1+1"), out)
        text = (tmp_path / "donnees.refus.csv").read_text(encoding="utf-8-sig")
        listed = list(csv.DictReader(text.splitlines(), delimiter=";"))
        assert listed[0]["Champ"] == "montant" and listed[0]["Motif"] == "absent"
        assert listed[0]["Effet"] == "marché non écrit" and listed[0]["Fichier"] == "registre.csv"
        # A spreadsheet must not run what a register says.
        assert listed[0]["Objet"] == "'=1+1"

    def test_the_same_register_gives_the_same_bytes(self, tmp_path: Path) -> None:
        first, second = tmp_path / "a.json", tmp_path / "b.json"
        register = make_register()
        write_decp(register, first)
        turned = replace(register, contracts=register.contracts.iloc[::-1])
        write_decp(turned, second)
        assert first.read_bytes() == second.read_bytes()
        assert json.loads(first.read_text(encoding="utf-8"))["marches"].keys() == {
            "marche", "contrat-concession",
        }  # fmt: skip
