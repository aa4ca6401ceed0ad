"""Essential data read as contracts: every field, considerations, damage, records that repeat."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lcc.errors import InputError
from lcc.register.decp.decode import decode_record
from lcc.register.decp.fields import load_layout
from lcc.register.decp.read import read_decp
from lcc.register.register import Stated
from lcc.register.settle import frame_records, settle
from lcc.spending.sources.decp_record import NumberReader

BUYER = "21590163800019"
"""SIRET of Croix (public), right by its check sum."""
FIRM, OTHER = "73282932000074", "42166441800066"
"""SIRETs of python-stdnum's documentation and of a public record; both right."""

SOCIAL = ("social_clause", "social_criterion", "reserved")


def contract(**fields: Any) -> dict[str, Any]:
    """A contract of the layout of 2022, all required fields stated."""
    return {
        "id": "24M01",
        "acheteur": {"id": BUYER},
        "nature": "Marché",
        "objet": "Mobilier",
        "codeCPV": "39130000",
        "techniques": {"technique": ["Sans objet"]},
        "modalitesExecution": {"modaliteExecution": ["Tranches"]},
        "marcheInnovant": False,
        "ccag": "Pas de CCAG",
        "offresRecues": 3,
        "attributionAvance": True,
        "tauxAvance": 0.05,
        "typeGroupementOperateurs": "Conjoint",
        "sousTraitanceDeclaree": False,
        "procedure": "Appel d'offres ouvert",
        "lieuExecution": {"code": "59170", "typeCode": "Code postal"},
        "dureeMois": 24,
        "dateNotification": "2024-03-01",
        "datePublicationDonnees": "2024-03-20",
        "montant": 120000.5,
        "typesPrix": {"typePrix": ["Définitif révisable"]},
        "formePrix": "Unitaire",
        "titulaires": [{"titulaire": {"typeIdentifiant": "SIRET", "id": FIRM}}],
        "considerationsSociales": {"considerationSociale": ["Clause sociale"]},
        "considerationsEnvironnementales": {
            "considerationEnvironnementale": ["Pas de considération environnementale"]
        },
        **fields,
    }


def old(number: str, **fields: Any) -> dict[str, Any]:
    """A contract of the layout of 2019."""
    return {
        "id": number,
        "acheteur": {"id": BUYER, "nom": "Ville"},
        "nature": "Marché",
        "objet": "Voirie",
        "codeCPV": "45233140-2",
        "procedure": "Procédure adaptée",
        "lieuExecution": {"code": "59170", "typeCode": "Code postal", "nom": "Croix"},
        "dureeMois": 12,
        "dateNotification": "2019-05-02+02:00",
        "datePublicationDonnees": "2019-05-20",
        "montant": 90000,
        "formePrix": "Révisable",
        "titulaires": [
            {"typeIdentifiant": "SIRET", "id": FIRM, "denominationSociale": "Routes SA"}
        ],
        "modifications": [],
        **fields,
    }


Read = Callable[..., Stated]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Read records of either layout."""

    def reader(*records: Any) -> Stated:
        path = tmp_path / "decp.json"
        layout_2022 = any("techniques" in each or "considerationsSociales" in each
                          for each in records)  # fmt: skip
        kinds = ("marche", "contrat-concession")
        listed: Any = list(records)
        if layout_2022:
            listed = {kinds["valeurGlobale" in records[0]]: listed}
        path.write_text(json.dumps({"marches": listed}), encoding="utf-8")
        return read_decp(path)

    return reader


def row(stated: Stated, table: str = "contracts") -> dict[str, Any]:
    records = frame_records(getattr(stated, table))
    assert len(records) == 1
    return records[0]


def codes(stated: Stated) -> list[str]:
    return sorted(stated.problems["code"])


def tags(stated: Stated) -> dict[str, bool]:
    return dict(zip(stated.tags["tag"], stated.tags["value"], strict=True))


class TestFields:
    def test_every_field_of_2022(self, read: Read) -> None:
        stated = read(contract(idAccordCadre="23AC9", origineUE=0.8, origineFrance=0.5))
        found = row(stated)
        expected = {
            "buyer_id": BUYER, "contract": "24M01", "kind": "subsequent", "nature": "Marché",
            "label": "Mobilier", "framework": "23AC9", "cpv": "39130000",
            "procedure": "Appel d'offres ouvert",
            "notification_date": datetime.date(2024, 3, 1),
            "publication_date": datetime.date(2024, 3, 20),
            "duration_months": 24, "amount_eur": 120000.5, "techniques": "Sans objet",
            "modalities": "Tranches", "innovative": False, "ccag": "Pas de CCAG",
            "offers_received": 3, "advance_granted": True, "advance_rate": 0.05,
            "grouping": "joint", "subcontracting_declared": False, "place_code": "59170",
            "place_type": "Code postal", "price_types": "Définitif révisable",
            "price_form": "Unitaire", "origin_eu_share": 0.8, "origin_france_share": 0.5,
            "layout": "2022", "source_file": "decp.json", "source_row": 1,
        }  # fmt: skip
        assert {name: found[name] for name in expected} == expected
        assert {name for name, value in found.items() if value is not None} == set(expected)
        assert codes(stated) == []

    def test_names_and_price_of_2019(self, read: Read) -> None:
        stated = read(old("201901MA00"))
        found = row(stated)
        assert (found["buyer_name"], found["place_name"]) == ("Ville", "Croix")
        # « Forme du prix » of 2019 says how the price varies: in 2022 that is its type.
        assert (found["price_types"], found["price_form"]) == ("Révisable", None)
        assert found["notification_date"] == datetime.date(2019, 5, 2)
        assert row(stated, "holders")["name"] == "Routes SA"
        assert len(stated.tags) == 0

    def test_modifications_bring_firms_and_amounts(self, read: Read) -> None:
        changes = [
            {"modification": {
                "id": 2, "dateNotificationModification": "2025-02-01",
                "datePublicationDonneesModification": "2025-02-10", "montant": 150000,
            }},
            {"modification": {
                "id": 1, "dateNotificationModification": "2024-09-01",
                "datePublicationDonneesModification": "2024-09-10", "montant": 130000,
                "dureeMois": 30,
                "titulaires": [
                    {"titulaire": {"typeIdentifiant": "SIRET", "id": FIRM}},
                    {"titulaire": {"typeIdentifiant": "SIRET", "id": OTHER}},
                ],
            }},
        ]  # fmt: skip
        stated = read(contract(modifications=changes))
        found = {each["modification"]: each for each in frame_records(stated.modifications)}
        assert found[1]["duration_months"] == 30 and found[2]["duration_months"] is None
        assert found[1]["holders"] == f"SIRET:{FIRM}; SIRET:{OTHER}"
        # The last by date, whatever the order of the list.
        assert row(stated)["amount_now_eur"] == 150000 and row(stated)["amount_eur"] == 120000.5
        holders = {each["holder_id"]: each for each in frame_records(stated.holders)}
        assert (holders[FIRM]["modification"], holders[OTHER]["modification"]) == (0, 1)

    def test_acts_of_subcontracting_with_their_changes(self, read: Read) -> None:
        act = {
            "id": 4, "sousTraitant": {"typeIdentifiant": "SIRET", "id": OTHER}, "dureeMois": 6,
            "dateNotification": "2024-05-01", "datePublicationDonnees": "2024-05-09",
            "montant": 10000, "variationPrix": "Ferme",
        }  # fmt: skip
        change = {
            "id": 4, "montant": 12000, "datePublicationDonnees": "2024-09-09",
            "dateNotificationModificationSousTraitance": "2024-09-01",
        }  # fmt: skip
        stated = read(
            contract(
                sousTraitanceDeclaree=True,
                actesSousTraitance=[{"acteSousTraitance": act}],
                modificationsActesSousTraitance=[{"modificationActeSousTraitance": change}],
            )
        )
        first, second = frame_records(stated.subcontracts)
        assert (first["act"], first["change"], first["amount_eur"]) == (4, 0, 10000)
        assert (first["holder_id"], first["price_variation"]) == (OTHER, "Ferme")
        assert (second["act"], second["change"], second["amount_eur"]) == (4, 1, 12000)
        roles = dict(zip(stated.holders["holder_id"], stated.holders["role"], strict=True))
        assert roles == {FIRM: "contractor", OTHER: "subcontractor"}

    def test_a_concession_with_its_years(self, read: Read) -> None:
        year = {
            "datePublicationDonneesExecution": "2025-06-01", "depensesInvestissement": 15.3,
            "tarifs": [
                {"tarif": {"intituleTarif": "Plein", "tarif": 1.7}},
                {"tarif": {"intituleTarif": "Réduit", "tarif": 0.9}},
            ],
        }  # fmt: skip
        stated = read(
            {
                "id": "DSP1", "autoriteConcedante": {"id": BUYER},
                "nature": "Concession de service", "objet": "Transports",
                "procedure": "Procédure négociée ouverte", "dureeMois": 84,
                "dateSignature": "2018-04-01", "datePublicationDonnees": "2018-05-01",
                "dateDebutExecution": "2018-06-01", "valeurGlobale": 2e9,
                "montantSubventionPublique": 1e6,
                "donneesExecution": [{"donneesAnnuelles": year}],
                "concessionnaires": [{"concessionnaire": {"typeIdentifiant": "SIRET", "id": FIRM}}],
                "considerationsSociales": {"considerationSociale": ["Concession réservée"]},
            }
        )  # fmt: skip
        found = row(stated)
        assert (found["kind"], found["amount_eur"]) == ("concession", 2e9)
        assert found["start_date"] == datetime.date(2018, 6, 1)
        prices = [(e["year_rank"], e["price_rank"], e["price_label"], e["price_eur"])
                  for e in frame_records(stated.executions)]  # fmt: skip
        assert prices == [(1, 1, "Plein", 1.7), (1, 2, "Réduit", 0.9)]
        assert tags(stated) == {"social_clause": False, "social_criterion": False, "reserved": True}


class TestKind:
    @pytest.mark.parametrize(
        ("fields", "kind"),
        [
            ({}, "contract"),
            ({"techniques": {"technique": ["Concours", "Accord-cadre"]}}, "framework"),
            ({"techniques": None}, None),
            ({"idAccordCadre": "23AC9"}, "subsequent"),
            # A contract that names itself, or nothing, is under no framework.
            ({"idAccordCadre": "24M01"}, "contract"),
            ({"idAccordCadre": "NC"}, "contract"),
        ],
    )
    def test_of_2022(self, read: Read, fields: dict[str, Any], kind: str | None) -> None:
        assert row(read(contract(**fields)))["kind"] == kind

    @pytest.mark.parametrize(
        ("nature", "kind"),
        [
            ("Marché", "contract"),
            ("Accord-cadre", "framework"),
            ("Marché subséquent", "subsequent"),
            ("Contrat", None),
        ],
    )
    def test_of_2019(self, read: Read, nature: str, kind: str | None) -> None:
        assert row(read(old("201901MA00", nature=nature)))["kind"] == kind


class TestConsiderations:
    @pytest.mark.parametrize(
        ("words", "known"),
        [
            (["Clause sociale"], {"social_clause": True, "social_criterion": False,
                                  "reserved": False}),
            (["Pas de considération sociale"], dict.fromkeys(SOCIAL, False)),
            (["Marché réservé", "Critère social"], {"social_clause": False,
                                                    "social_criterion": True, "reserved": True}),
            ([], {}),
            (None, {}),
            (["NC"], {}),
            # Contradiction: nothing is known.
            (["Pas de considération sociale", "Clause sociale"], {}),
            # A word that is none might be any of the others.
            (["Clause sociale", "Clause verte"], {"social_clause": True}),
            # Accents and case do not matter.
            (["clause SOCIALE"], {"social_clause": True, "social_criterion": False,
                                  "reserved": False}),
        ],
    )  # fmt: skip
    def test_a_list_that_is_stated_is_complete(
        self, read: Read, words: list[str] | None, known: dict[str, bool]
    ) -> None:
        value = None if words is None else {"considerationSociale": words}
        found = tags(read(contract(considerationsSociales=value)))
        assert {tag: value for tag, value in found.items() if tag in SOCIAL} == known

    def test_a_contradiction_is_listed(self, read: Read) -> None:
        words = ["Pas de considération sociale", "Clause sociale"]
        stated = read(contract(considerationsSociales={"considerationSociale": words}))
        found = row(stated, "problems")
        assert found["code"] == "considerations-contradict"
        assert "Clause sociale" in found["found"] and "Pas de" in found["found"]


class TestDamage:
    def test_a_word_outside_the_list_is_unknown_and_named(self, read: Read) -> None:
        stated = read(contract(procedure="Appel d'offre ouverte"))
        found = row(stated, "problems")
        assert row(stated)["procedure"] is None
        assert found["code"] == "value-outside-enumeration"
        assert (found["field"], found["found"]) == ("procedure", "Appel d'offre ouverte")
        assert "Dialogue compétitif" in found["expected"]
        assert "« Appel d'offres ouvert »" in found["remedy"]

    def test_a_word_written_otherwise_is_understood(self, read: Read) -> None:
        stated = read(contract(procedure="Appel d offres ouvert"))
        assert row(stated)["procedure"] == "Appel d'offres ouvert"
        assert codes(stated) == ["value-spelling"]

    @pytest.mark.parametrize(
        ("fields", "column", "value", "code"),
        [
            ({"montant": "NC"}, "amount_eur", None, "value-not-stated"),
            ({"montant": "beaucoup"}, "amount_eur", None, "value-unreadable"),
            ({"montant": "1 234,50 €"}, "amount_eur", 1234.5, None),
            ({"montant": 12311111111}, "amount_eur", 12311111111, "amount-sentinel"),
            ({"montant": 99999999}, "amount_eur", 99999999, "amount-placeholder"),
            ({"montant": 6666666.67}, "amount_eur", 6666666.67, None),
            ({"montant": 1234567}, "amount_eur", 1234567, "amount-sequence"),
            ({"montant": 4e9}, "amount_eur", 4e9, "amount-above-limit"),
            ({"montant": 1}, "amount_eur", 1, "amount-symbolic"),
            ({"dureeMois": 1.5}, "duration_months", None, "value-unreadable"),
            ({"offresRecues": 0}, "offers_received", 0, "value-out-of-range"),
            ({"dateNotification": "2024-02-30"}, "notification_date", None, "value-unreadable"),
            ({"dateNotification": "0021-02-03"}, "notification_date", None, "date-impossible"),
            ({"marcheInnovant": "test"}, "innovative", None, "value-unreadable"),
            ({"marcheInnovant": "oui"}, "innovative", True, None),
            ({"codeCPV": "39130000-5"}, "cpv", "39130000-5", "cpv-check-digit"),
            ({"codeCPV": "39139999"}, "cpv", "39139999", "cpv-unknown"),
            ({"codeCPV": "NC"}, "cpv", None, "value-not-stated"),
            ({"acheteur": {"id": "215 901 638\u00a000019"}}, "buyer_id", "21590163800019",
             "value-spelling"),
            ({"acheteur": {"id": "2159016380001"}}, "buyer_id", "2159016380001",
             "buyer-siret-length"),
        ],
    )  # fmt: skip
    def test_each_is_kept_or_unknown_and_listed(
        self, read: Read, fields: dict[str, Any], column: str, value: Any, code: str | None
    ) -> None:
        """Limits: QUALITY_RULES 2, 5, 14–17; check digit 2 of 39130000 (CPV 2008)."""
        stated = read(contract(**fields))
        assert row(stated)[column] == value
        assert codes(stated) == ([code] if code else [])

    def test_a_firm_called_nc_is_no_firm(self, read: Read) -> None:
        """Else all firms that nobody names would be one."""
        stated = read(
            contract(titulaires=[{"titulaire": {"id": "NC", "typeIdentifiant": "SIRET"}}])
        )
        assert row(stated, "holders")["holder_id"] is None
        assert codes(stated) == ["supplier-missing", "value-not-stated"]

    def test_firms_and_amounts_of_modifications_are_judged(self, read: Read) -> None:
        change = {
            "id": 1,
            "montant": 12311111111,
            "titulaires": [
                {"titulaire": {"typeIdentifiant": "SIRET", "id": each}} for each in (FIRM, "1234")
            ],
        }
        stated = read(contract(modifications=[{"modification": change}]))
        found = {(p["code"], p["field"], p["found"]) for p in frame_records(stated.problems)}
        assert found == {
            ("amount-sentinel", "modifications.amount_eur", "12311111111.00"),
            ("supplier-siret-length", "modifications.holders.holder_id", "1234"),
        }

    def test_contractors_of_2022_without_their_wrapper_lose_nothing(self, read: Read) -> None:
        """As converters write them: the considerations are read all the same."""
        plain = [{"typeIdentifiant": "SIRET", "id": FIRM}]
        assert tags(read(contract(titulaires=plain))) == tags(read(contract()))
        assert codes(read(contract(titulaires=plain))) == []

    def test_an_amount_of_nought_is_a_framework_without_ceiling_or_no_amount(
        self, read: Read
    ) -> None:
        framework = {"techniques": {"technique": ["Accord-cadre"]}}
        assert codes(read(contract(montant=0))) == ["amount-below-one", "value-out-of-range"]
        assert "ceiling-below-one" in codes(read(contract(montant=0, **framework)))

    def test_a_field_the_format_does_not_know_is_listed_once_per_file(self, read: Read) -> None:
        stated = read(contract(source="x"), contract(id="24M02", source="y"))
        found = row(stated, "problems")
        assert (found["code"], found["field"]) == ("field-not-in-format", "source")
        assert found["found"] == "2 enregistrement(s)" and found["contract"] is None

    def test_what_is_no_contract_is_listed(self, read: Read) -> None:
        stated = read(contract(), {"note": "fin"})
        assert len(stated.contracts) == 1 and codes(stated) == ["record-not-a-contract"]

    def test_a_file_of_something_else_is_refused(self, tmp_path: Path) -> None:
        for content, fact in (("a;b\n1;2\n", "no essential data"), ('{"marches": []}', "empty")):
            path = tmp_path / "x.json"
            path.write_text(content, encoding="utf-8")
            with pytest.raises(InputError, match=fact):
                read_decp(path)


class TestRepeats:
    def test_a_record_twice_counts_once(self, read: Read) -> None:
        stated = read(contract(), contract(datePublicationDonnees="2024-04-20"))
        assert len(stated.contracts) == 1 and len(stated.holders) == 1
        # The day of first publication does not move (schema 1.5.0, datePublicationDonnees).
        assert row(stated)["publication_date"] == datetime.date(2024, 3, 20)
        assert codes(stated) == ["record-repeated"]

    def test_one_record_per_contractor_is_one_contract(self, read: Read) -> None:
        second = [{"titulaire": {"typeIdentifiant": "SIRET", "id": OTHER}}]
        stated = read(contract(), contract(titulaires=second))
        assert row(stated)["amount_eur"] == 120000.5
        assert set(stated.holders["holder_id"]) == {FIRM, OTHER}
        assert set(stated.holders["role"]) == {"co-contractor"}
        assert codes(stated) == ["record-per-contractor"]

    def test_a_modification_published_anew_is_one_contract(self, read: Read) -> None:
        change = {
            "id": 1, "dateNotificationModification": "2024-09-01", "montant": 130000,
            "datePublicationDonneesModification": "2024-09-10",
        }  # fmt: skip
        stated = read(
            contract(), contract(montant=130000, modifications=[{"modification": change}])
        )
        assert row(stated)["amount_eur"] == 120000.5
        assert row(stated)["amount_now_eur"] == 130000
        assert codes(stated) == ["record-published-again"]

    def test_a_modification_published_twice_is_one(self, read: Read) -> None:
        """Else the export would state it twice, under one number."""

        def modified(*rows: tuple[int, int, str, str]) -> dict[str, Any]:
            names = (
                "id",
                "montant",
                "dateNotificationModification",
                "datePublicationDonneesModification",
            )
            listed = [{"modification": dict(zip(names, each, strict=True))} for each in rows]
            return contract(modifications=listed)

        one = (1, 130000, "2024-09-01", "2024-09-10")
        again = (1, 130000, "2024-09-01", "2024-12-10")
        stated = read(modified(one), modified(again, (2, 140000, "2024-12-01", "2024-12-10")))
        found = frame_records(stated.modifications)
        assert [(each["modification"], each["amount_eur"]) for each in found] == [
            (1, 130000),
            (2, 140000),
        ]
        assert found[0]["publication_date"] == datetime.date(2024, 9, 10)
        # Two under one number are both kept, and said.
        other = read(modified(one), modified((1, 150000, "2024-11-01", "2024-11-10")))
        assert other.modifications["modification"].tolist() == [1, 2]
        assert "modification-number" in codes(other)

    def test_a_contradiction_tells_both_values(self, read: Read) -> None:
        stated = read(contract(), contract(procedure="Dialogue compétitif"))
        settled = settle([stated], ["decp.json"])
        assert row_of(settled.contracts)["procedure"] is None
        assert set(settled.candidates["value"]) == {"Appel d'offres ouvert", "Dialogue compétitif"}
        assert row_of(settled.contracts)["amount_eur"] == 120000.5

    def test_lots_under_one_number_stay_apart(self, read: Read) -> None:
        stated = read(
            contract(objet="Lot 1", montant=50000), contract(objet="Lot 2", montant=70000)
        )
        numbers = list(stated.contracts["contract"])
        assert len(set(numbers)) == 2 and all(each.startswith("24M01~") for each in numbers)
        assert set(stated.contracts["published_number"]) == {"24M01"}
        assert stated.contracts["amount_eur"].sum() == 120000
        assert codes(stated) == ["contract-id-shared"] * 2

    def test_lots_of_one_firm_alike_but_for_the_amount_stay_apart(self, read: Read) -> None:
        assert len(read(contract(montant=50000), contract(montant=70000)).contracts) == 2

    def test_lots_of_one_firm_and_one_ceiling_stay_apart(self, read: Read) -> None:
        """Croix gives 000000000000 to several, some at 0 €."""
        lots = [contract(id="000000000000", objet=f"Lot {each}", montant=0) for each in (1, 2)]
        assert len(read(*lots).contracts) == 2

    def test_an_object_cut_short_is_the_same(self, read: Read) -> None:
        long = "Fourniture et pose de panneaux occultants pour les entrées de la ville"
        stated = read(contract(objet=long), contract(objet=long[:60]))
        assert row(stated)["label"] == long and "record-repeated" in codes(stated)

    def test_numbers_made_do_not_depend_on_the_order(self, read: Read) -> None:
        lots = [contract(objet=f"Lot {each}", montant=50000 + each) for each in range(3)]
        first, second = read(*lots), read(*reversed(lots))
        assert set(first.contracts["contract"]) == set(second.contracts["contract"])

    def test_contracts_without_a_number_are_all_kept(self, read: Read) -> None:
        stated = read(contract(id=""), contract(id=None, objet="Autre", montant=3e5))
        assert len(set(stated.contracts["contract"])) == 2
        assert stated.contracts["published_number"].isna().all()
        assert codes(stated) == ["contract-missing"] * 2

    def test_2019_numbers_end_with_the_rank_of_the_modification(self, read: Read) -> None:
        """Schema 1.5.0, IdentifiantMarche: 2018 723 00, then 2018 723 01."""
        change = {
            "objetModification": "Avenant", "dateNotificationModification": "2019-11-01",
            "datePublicationDonneesModification": "2019-11-05",
        }  # fmt: skip
        stated = read(old("201872300"), old("201872301", montant=95000, modifications=[change]))
        found = row(stated)
        assert (found["contract"], found["amount_eur"]) == ("201872300", 90000)
        assert found["amount_now_eur"] == 95000
        assert codes(stated) == ["modification-as-record"]

    def test_2019_lots_that_end_alike_stay_apart(self, read: Read) -> None:
        assert len(read(old("201872301"), old("201872302", montant=95000)).contracts) == 2
        assert len(read(old("201872300"), old("201872301", montant=95000)).contracts) == 2

    @pytest.mark.parametrize("amount", [0, 1, "NC", 9999999])
    def test_2019_lots_without_an_amount_stay_apart(self, read: Read, amount: Any) -> None:
        """One firm, one object, one day and no amount: three lots as well as one contract."""
        lots = [old(f"20187230{each}", montant=amount) for each in (0, 1, 2)]
        assert len(read(*lots).contracts) == 3

    def test_2019_numbers_of_one_contract_published_without_its_modification(
        self, read: Read
    ) -> None:
        """As PES does (2019A01500 to 2019A01504, 208 230.34 € each, one firm)."""
        stated = read(old("2019A01500"), old("2019A01501"), old("2019A01502"))
        assert row(stated)["amount_eur"] == 90000 and len(stated.modifications) == 0
        assert codes(stated) == ["modification-as-record"] * 2


def row_of(frame: Any) -> dict[str, Any]:
    records = frame_records(frame)
    assert len(records) == 1
    return records[0]


NUMBER = NumberReader(lambda: [])
LOST = ("value-unreadable", "value-outside-enumeration", "value-not-stated", "date-impossible",
        "framework-names-none")  # fmt: skip


def count_raw(record: dict[str, Any], layout: str, name: str) -> int:
    """Return how many fields of the format a record of JSON states, lists of records apart."""
    return sum(
        leaf.pick(record) not in (None, "")
        for leaf in load_layout(layout, name).leaves
        if leaf.column is not None
    )


class TestRealFiles:
    @pytest.mark.parametrize(
        "file",
        [
            "json_2019/data.gouv.fr_pes_2019-04-05.json",
            "json_2019/e-marchespublics_2019-04-03.json",
            "json_2019/decp_21590163800019_2019-01-01_2021-12-31.json",
        ],
    )
    def test_every_field_stated_is_read_or_listed(self, real_data: Path, file: str) -> None:
        records = json.loads((real_data / "decp" / file).read_text(encoding="utf-8"))["marches"]
        for each in records:
            clean = {key.strip(): value for key, value in each.items()}
            place = clean.get("lieuExecution")
            if isinstance(place, dict):
                clean["lieuExecution"] = {k.strip(): v for k, v in place.items()}
            read = decode_record(each, 1, NUMBER)
            top = {leaf.column for leaf in load_layout(read.layout, read.name).leaves}
            kept = sum(read.facts.get(column) is not None for column in top if column)
            lost = sum(p.code in LOST and p.field in top for p in read.notes.problems)
            assert kept + lost == count_raw(clean, read.layout, read.name)
            assert len(read.facts["holders"]) + sum(
                p.code == "holder-repeated" for p in read.notes.problems
            ) == len([t for t in clean["titulaires"] if t])

    @pytest.mark.parametrize(
        ("file", "records"),
        [
            ("json_2019/data.gouv.fr_pes_2019-04-05.json", 1148),
            ("json_2019/marches-publics.info_2019-03-07.json", 4509),
            ("json_2019/e-marchespublics_2019-04-03.json", 470),
            ("json_2019/decp_21590163800019_2019-01-01_2021-12-31.json", 159),
            ("json_2022/decp-59920013600241-2024-07-09-01.json", 5),
            ("json_2022/eclaireur_raw_fixture.json", 20),
        ],
    )
    def test_every_record_is_a_contract_or_joined_to_one(
        self, real_data: Path, file: str, records: int
    ) -> None:
        """Records counted in the README of the collected files."""
        stated = read_decp(real_data / "decp" / file)
        joined = stated.problems["code"].isin(
            ["record-repeated", "record-per-contractor", "record-published-again",
             "modification-as-record"]
        ).sum()  # fmt: skip
        keys = stated.contracts[["buyer_id", "contract"]].drop_duplicates()
        assert len(keys) + joined == records
        # Settling joins none of them: 2019007003 of AWS has other firms and another amount than
        # 2019007000, and the two figures at its end rank no modification of it.
        assert len(settle([stated], [file]).contracts) == len(keys)
