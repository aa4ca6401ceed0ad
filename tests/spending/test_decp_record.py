"""One contract, however it is written: its frameworks, modifications and considerations.

The contracts are invented; every expected amount is one of those written in the test.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from lcc.spending.check import Spending, check

BUYER = "13001898900017"
HOLDERS = ("73282932000074", "44306184100047")


def holder(rank: int = 0) -> dict[str, str]:
    return {"typeIdentifiant": "SIRET", "id": HOLDERS[rank], "denominationSociale": f"T{rank}"}


def of_2019(number: str = "2019A0000100", **changes: Any) -> dict[str, Any]:
    return {
        "id": number,
        "acheteur": {"id": BUYER, "nom": "Acheteur"},
        "nature": "Marché",
        "objet": "Nettoyage des locaux",
        "codeCPV": "90910000",
        "dureeMois": 12,
        "dateNotification": "2019-01-15",
        "datePublicationDonnees": "2019-01-20",
        "montant": 50000,
        "titulaires": [holder()],
        "modifications": [],
        **changes,
    }


def of_2022(number: str = "2024A00001", **changes: Any) -> dict[str, Any]:
    return {
        **of_2019(number, titulaires=[{"titulaire": holder()}]),
        "dateNotification": "2024-01-15",
        "datePublicationDonnees": "2024-01-20",
        "techniques": {"technique": ["Sans objet"]},
        "modalitesExecution": {"modaliteExecution": ["Sans objet"]},
        "considerationsSociales": {"considerationSociale": ["Clause sociale", "Critère social"]},
        "considerationsEnvironnementales": {
            "considerationEnvironnementale": ["Pas de considération environnementale"]
        },
        **changes,
    }


def write_json(path: Path, records: list[dict[str, Any]], wrapped: bool) -> Path:
    listed: Any = {"marche": records} if wrapped else records
    path.write_text(json.dumps({"marches": listed}, ensure_ascii=False), encoding="utf-8")
    return path


def write_xml(path: Path, records: list[dict[str, Any]]) -> Path:
    """Write the same records in the XML of the DECP: each list wraps its items by their name."""
    items = {"titulaires": "titulaire", "modifications": "modification"}
    root = ElementTree.Element("marches")

    def add(parent: ElementTree.Element, name: str, value: Any) -> None:
        if isinstance(value, list) and name in items:
            inside = ElementTree.SubElement(parent, name)
            for each in value:
                add(inside, items[name], each.get(items[name], each))
        elif isinstance(value, list):
            for each in value:
                add(parent, name, each)
        else:
            element = ElementTree.SubElement(parent, name)
            if isinstance(value, dict):
                for key, inner in value.items():
                    add(element, key, inner)
            else:
                element.text = str(value)

    for record in records:
        add(root, "marche", record)
    path.write_bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))
    return path


def checked(folder: Path, *records: dict[str, Any], wrapped: bool = False) -> Spending:
    return check([write_json(folder / "m.json", list(records), wrapped)])


def codes(spending: Spending) -> dict[str, int]:
    return spending.reconciliation["files"][0]["codes"]


@pytest.mark.parametrize("year", ["2019", "2022"])
def test_json_and_xml_of_the_same_contracts_give_the_same(tmp_path: Path, year: str) -> None:
    modification = {"dateNotificationModification": "2024-06-01", "montant": 60000}
    if year == "2019":
        # The second number is a later state of the first: 70 000 € remain, and 60 000 €.
        records = [
            of_2019(),
            of_2019("2019A0000101", montant=70000),
            of_2019("2019B0000100", modifications=[modification]),
        ]
        expected = [7_000_000, 6_000_000]
    else:
        # Two numbers, two contracts, whatever their last digits.
        records = [
            of_2022("2024A00000"),
            of_2022("2024A00001", montant=70000, objet="Autre"),
            of_2022("2024B", modifications=[{"modification": modification}]),
        ]
        expected = [5_000_000, 7_000_000, 6_000_000]
    one = check([write_json(tmp_path / "m.json", records, year == "2022")])
    if year == "2022":
        records[2]["modifications"] = [modification]
    two = check([write_xml(tmp_path / "m.xml", records)])
    columns = [name for name in one.lines.columns if name not in ("line_id", "source_file")]
    assert one.lines[columns].equals(two.lines[columns])
    assert list(one.lines["amount_usable_cents"]) == expected
    assert one.reconciliation["files"][0]["format"] == f"decp-json-{year}"
    assert two.reconciliation["files"][0]["format"] == f"decp-xml-{year}"
    assert codes(one) == codes(two)


# Framework agreements


@pytest.mark.parametrize(
    "named", ["NC", "nc", "CDL", "INX", "MQ", "N/A", "", None, "F1", f"{BUYER}F1", "Sans objet"]
)
def test_a_framework_that_names_no_other_is_a_ceiling(tmp_path: Path, named: str | None) -> None:
    record = of_2022("F1", techniques={"technique": ["Accord-cadre"]}, idAccordCadre=named)
    spending = checked(tmp_path, record, wrapped=True)
    assert spending.lines["kind"].tolist() == ["ceiling"]


@pytest.mark.parametrize(
    "technique",
    ["Accord cadre", "ACCORD-CADRE", "Accord\u2011cadre", "Accords-cadres", "AccordCadre"],
)
def test_a_framework_however_it_is_spelt(tmp_path: Path, technique: str) -> None:
    record = of_2022(techniques={"technique": ["Concours", technique]})
    assert checked(tmp_path, record, wrapped=True).lines["kind"].tolist() == ["ceiling"]
    old = of_2019(nature=technique)
    assert checked(tmp_path, old).lines["kind"].tolist() == ["ceiling"]


def test_a_subsequent_contract_is_spending(tmp_path: Path) -> None:
    techniques = {"technique": ["Accord-cadre"]}
    named = of_2022("S1", techniques=techniques, idAccordCadre="F1")
    said = of_2022("S2", techniques=techniques, nature="Marché subséquent", objet="Autre")
    spending = checked(tmp_path, named, said, wrapped=True)
    assert spending.lines["kind"].tolist() == ["award", "award"]


@pytest.mark.parametrize("named", ["F1", f"{BUYER}F1", f"{BUYER}-F1", f"{BUYER} F1"])
def test_a_framework_is_found_by_its_number_or_unique_identifier(
    tmp_path: Path, named: str
) -> None:
    framework = of_2022("F1", objet="Cadre", montant=4_000_000)
    spending = checked(tmp_path, framework, of_2022("S1", idAccordCadre=named), wrapped=True)
    assert spending.lines["kind"].tolist() == ["ceiling", "award"]


def test_frameworks_of_the_table(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    header = "uid,id,acheteur_id,titulaire_id,montant,dateNotification,techniques,idAccordCadre"
    rows = [
        f'1,F1,{BUYER},{HOLDERS[0]},50000,2024-01-15,"Concours, Accord cadre",NC',
        f"2,F2,{BUYER},{HOLDERS[0]},50001,2024-01-16,Accord-cadre,{BUYER}F2",
        f"3,S1,{BUYER},{HOLDERS[0]},50002,2024-01-17,Accord-cadre,{BUYER}F2",
    ]
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    assert check([path]).lines["kind"].tolist() == ["ceiling", "ceiling", "award"]


# Modifications


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        # As text, 01/10 comes before 05/06.
        ("05/06/2023", "01/10/2023"),
        ("2023-06-05", "01/10/2023"),
        ("05/06/2023", "2023-10-01+02:00"),
        ("NC", "01/10/2023"),
    ],
)
def test_modifications_apply_in_the_order_of_their_dates(
    tmp_path: Path, earlier: str, later: str
) -> None:
    changes = [
        {"dateNotificationModification": later, "montant": 300_000},
        {"dateNotificationModification": earlier, "montant": 200_000},
    ]
    spending = checked(tmp_path, of_2019(modifications=changes))
    assert spending.lines["amount_usable_cents"].tolist() == [30_000_000]
    row = spending.connection.execute("SELECT modification_date FROM work").fetchone()
    assert row == ("2023-10-01",)


def test_names_of_fields_are_read_without_their_spaces(tmp_path: Path) -> None:
    record = of_2019(
        acheteur={" id": BUYER, "nom ": "Acheteur"},
        titulaires=[{"id ": HOLDERS[1], " typeIdentifiant": "SIRET"}],
        modifications=[{"dateNotificationModification ": "2019-05-01", " montant ": 60_000}],
    )
    spending = checked(tmp_path, record)
    row = spending.lines.iloc[0]
    assert (row["buyer_id"], row["supplier_id"]) == (BUYER, HOLDERS[1])
    assert row["amount_usable_cents"] == 6_000_000
    assert codes(spending)["field-name-spaces"] == 1


# Considerations


def test_considerations_are_read(tmp_path: Path) -> None:
    row = checked(tmp_path, of_2022(), wrapped=True).lines.iloc[0]
    assert row["social_considerations"] == "Clause sociale; Critère social"
    assert row["environmental_considerations"] == "Pas de considération environnementale"


@pytest.mark.parametrize(
    "value", [None, {}, [], "", {"considerationSociale": []}, {"considerationSociale": ["NC"]}]
)
def test_considerations_not_filled_are_not_none_at_all(tmp_path: Path, value: Any) -> None:
    spending = checked(tmp_path, of_2022(considerationsSociales=value), wrapped=True)
    assert spending.lines["social_considerations"].tolist() == [None]
    assert codes(spending) == {"consideration-not-stated": 1}


def test_the_format_of_2019_has_no_considerations(tmp_path: Path) -> None:
    assert codes(checked(tmp_path, of_2019())) == {}


def test_lines_written_before_the_considerations_are_read(tmp_path: Path) -> None:
    from pyarrow import parquet

    checked(tmp_path, of_2019()).write(tmp_path / "out")
    table = parquet.read_table(tmp_path / "out" / "lines.parquet")
    old = tmp_path / "lines.parquet"
    parquet.write_table(
        table.drop_columns(["social_considerations", "environmental_considerations"]), old
    )
    again = check([old])
    assert again.lines["amount_usable_cents"].tolist() == [5_000_000]
    assert again.lines["social_considerations"].tolist() == [None]
