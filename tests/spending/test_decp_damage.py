"""Damaged, hostile and foreign files: one clear message, never a traceback, never half a result."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from lcc.errors import InputError
from lcc.spending.check import check


def contract(**changes: Any) -> dict[str, Any]:
    """Return a valid contract of the 2019 layout, invented."""
    return {
        "id": "2019A0000100",
        "acheteur": {"id": "13001898900017", "nom": "Acheteur"},
        "nature": "Marché",
        "objet": "Nettoyage des locaux",
        "codeCPV": "90910000",
        "dureeMois": 12,
        "dateNotification": "2019-01-15",
        "datePublicationDonnees": "2019-01-20",
        "montant": 50000,
        "titulaires": [
            {"typeIdentifiant": "SIRET", "id": "73282932000074", "denominationSociale": "Titulaire"}
        ],
        "modifications": [],
        **changes,
    }


def write(path: Path, *records: Any) -> Path:
    path.write_text(json.dumps({"marches": list(records)}, ensure_ascii=False), encoding="utf-8")
    return path


def refused(path: Path, *facts: str) -> None:
    with pytest.raises(InputError) as caught:
        check([path])
    message = str(caught.value)
    for fact in (path.name, "expected:", "remedy:", *facts):
        assert fact in message


def test_no_file(tmp_path: Path) -> None:
    refused(tmp_path / "absent.json", "No such file")


def test_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "vide.json"
    path.write_bytes(b" \n")
    refused(path, "empty")


def test_half_a_json(tmp_path: Path) -> None:
    whole = write(tmp_path / "demi.json", contract(), contract(id="2019A0000200"))
    whole.write_bytes(whole.read_bytes()[:-150])
    refused(whole, "cannot be read to its end", "line 1, column")


def test_json_in_latin_1(tmp_path: Path) -> None:
    path = tmp_path / "latin.json"
    path.write_bytes(json.dumps({"marches": [contract()]}, ensure_ascii=False).encode("cp1252"))
    refused(path, "byte", "UTF-8")


@pytest.mark.parametrize(
    "content",
    [
        '{"a": 1}',
        '{"marches": []}',
        '{"marches": {}}',
        '{"marches": 3}',
        "[1, 2",
        '{"marches": null}',
    ],
)
def test_json_of_something_else(tmp_path: Path, content: str) -> None:
    path = tmp_path / "autre.json"
    path.write_text(content, encoding="utf-8")
    refused(path, "found:")


def test_a_mark_of_byte_order_is_no_damage(tmp_path: Path) -> None:
    path = write(tmp_path / "bom.json", contract())
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert check([path]).reconciliation["files"][0]["rows_kept"] == 1


def test_what_is_not_a_contract_is_set_aside_with_its_text(tmp_path: Path) -> None:
    path = write(tmp_path / "mele.json", contract(), "bonjour", {"x": 1}, 7, None, [])
    spending = check([path])
    account = spending.reconciliation["files"][0]
    assert account["rows_read"] == 6
    assert account["rows_kept"] == 1
    assert set(spending.quarantine["code"]) == {"record-not-a-contract"}
    assert '{"x": 1}' in set(spending.quarantine["record_text"])


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        ("NC", "amount-unreadable"),
        (None, "amount-unreadable"),
        ("", "amount-unreadable"),
        ([1], "amount-unreadable"),
        (True, "amount-unreadable"),
        (0, "amount-below-one"),
        (-5, "amount-below-one"),
        ("0,5", "amount-below-one"),
    ],
)
def test_amounts_that_cannot_be_used(tmp_path: Path, amount: Any, code: str) -> None:
    spending = check([write(tmp_path / "m.json", contract(montant=amount))])
    assert list(spending.quarantine["code"]) == [code]


@pytest.mark.parametrize(
    ("amount", "cents"),
    [
        ("50 000,25", 5_000_025),
        ("50000.25", 5_000_025),
        (50000.25, 5_000_025),
        ("1\u202f234", 123_400),
        ("12 000,00 €", 1_200_000),
        ("12\u00a0000,00\u00a0€", 1_200_000),
        ("12.000,00", 1_200_000),
        ("2.234.567,89", 223_456_789),
        ("2,234,567.89", 223_456_789),
        (0.1 + 50000, 5_000_010),
        (1234.565, 123_457),
    ],
)
def test_amounts_in_french_or_plain_writing(tmp_path: Path, amount: Any, cents: int) -> None:
    spending = check([write(tmp_path / "m.json", contract(montant=amount))])
    assert list(spending.lines["amount_declared_cents"]) == [cents]


AMBIGUOUS = ("12,000", "1.200", "12.000", "1,234 €", "-1.200")


@pytest.mark.parametrize("amount", AMBIGUOUS)
def test_an_amount_with_two_readings_is_not_guessed(tmp_path: Path, amount: str) -> None:
    path = write(tmp_path / "m.json", contract(montant=amount), contract(id="X00", montant="500"))
    spending = check([path])
    assert list(spending.quarantine["code"]) == ["amount-ambiguous"]
    assert next(iter(spending.quarantine["found"])).lstrip("'") == amount


@pytest.mark.parametrize(
    ("other", "amount", "cents"),
    [
        # The other amount of the file shows which mark is decimal.
        ("50 000,25", "12,000", 1_200),
        ("50 000,25", "12.000", 1_200_000),
        ("50000.25", "12,000", 1_200_000),
        ("50000.25", "12.000", 1_200),
    ],
)
@pytest.mark.parametrize("streamed", [False, True])
def test_the_other_amounts_of_a_file_tell_its_decimal_mark(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    other: str,
    amount: str,
    cents: int,
    streamed: bool,
) -> None:
    if streamed:
        monkeypatch.setattr("lcc.spending.sources.decp_json.WHOLE_BYTES", 0)
    path = write(
        tmp_path / "m.json", contract(montant=amount), contract(id="X00", objet="y", montant=other)
    )
    assert list(check([path]).lines["amount_declared_cents"]) == [cents, 5_000_025]


def test_a_number_of_json_has_no_dialect(tmp_path: Path) -> None:
    # The point of a JSON number is decimal (RFC 8259, section 6).
    path = write(tmp_path / "m.json", contract())
    path.write_text(path.read_text(encoding="utf-8").replace("50000", "12.345"), encoding="utf-8")
    assert list(check([path]).lines["amount_declared_cents"]) == [1_235]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [(["12.000"], []), (["12.000", "50000.5"], [1_200, 5_000_050])],
)
def test_ambiguous_amounts_of_the_table(
    tmp_path: Path, rows: list[str], expected: list[int]
) -> None:
    path = tmp_path / "t.csv"
    lines = [
        f"{rank},A{rank},13001898900017,73282932000074,{amount},2024-01-15,90910000,12"
        for rank, amount in enumerate(rows)
    ]
    path.write_text("\n".join([TABLE_HEADER, *lines]) + "\n", encoding="utf-8")
    assert list(check([path]).lines["amount_declared_cents"]) == expected


def test_numbers_beyond_measure_neither_crash_nor_grow(tmp_path: Path) -> None:
    path = tmp_path / "grand.json"
    text = json.dumps({"marches": [contract(montant=123456.5)]})
    path.write_text(text.replace("123456.5", "1e999999"), encoding="utf-8")
    spending = check([path])
    assert list(spending.quarantine["code"]) == ["amount-unreadable"]


def test_deep_nesting_does_not_crash(tmp_path: Path) -> None:
    deep: Any = "x"
    for _ in range(500):
        deep = [deep]
    path = write(tmp_path / "profond.json", contract(objet=deep))
    assert check([path]).reconciliation["files"][0]["rows_read"] == 1


def test_hostile_names_stay_text(tmp_path: Path) -> None:
    hostile = "'; DROP TABLE work; --"
    path = tmp_path / 'it\'s "quoted".json'
    write(path, contract(objet=hostile, id="=HYPERLINK(1)"))
    spending = check([path])
    assert list(spending.lines["label"]) == [hostile]
    spending.write(tmp_path / "sortie d'essai")
    assert (tmp_path / "sortie d'essai" / "lines.parquet").stat().st_size > 0


def test_quarantine_holds_no_formula(tmp_path: Path) -> None:
    path = write(tmp_path / "f.json", "=cmd|'/c calc'!A0", contract(montant="@SUM(1)"))
    spending = check([path])
    spending.write(tmp_path / "out")
    text = (tmp_path / "out" / "quarantine.csv").read_text(encoding="utf-8")
    assert "'@SUM(1)" in text
    assert ",@SUM" not in text
    assert ",=" not in text


XML = """<?xml version="1.0" encoding="{encoding}"?>
<marches><marche><id>2019A0000100</id><acheteur><id>13001898900017</id><nom>Ville d’Été</nom>
</acheteur><nature>Marché</nature><objet>{objet}</objet><codeCPV>90910000</codeCPV>
<dureeMois>12</dureeMois><dateNotification>2019-01-15</dateNotification><montant>50000.5</montant>
<titulaires><titulaire><typeIdentifiant>SIRET</typeIdentifiant><id>73282932000074</id></titulaire>
</titulaires></marche></marches>"""


def test_xml_is_read_in_the_encoding_it_declares(tmp_path: Path) -> None:
    path = tmp_path / "m.xml"
    path.write_bytes(XML.format(encoding="cp1252", objet="Été").encode("cp1252"))
    spending = check([path])
    assert list(spending.lines["label"]) == ["Été"]
    assert list(spending.lines["amount_declared_cents"]) == [5_000_050]


def test_json_and_xml_of_one_contract_give_the_same_line(tmp_path: Path) -> None:
    (tmp_path / "m.xml").write_text(XML.format(encoding="UTF-8", objet="x"), encoding="utf-8")
    write(tmp_path / "m.json", contract(objet="x", montant=50000.5, datePublicationDonnees=None))
    one = check([tmp_path / "m.xml"]).lines
    two = check([tmp_path / "m.json"]).lines
    same = ["kind", "date", "amount_usable_cents", "cpv", "supplier_id", "contract", "label"]
    assert one[same].equals(two[same])


def test_entities_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "bombe.xml"
    bomb = '<!DOCTYPE marches [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><marches>'
    path.write_text(
        XML.format(encoding="UTF-8", objet="&b;").replace("<marches>", bomb), encoding="utf-8"
    )
    refused(path, "document type")


def test_files_outside_are_never_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret", encoding="utf-8")
    path = tmp_path / "xxe.xml"
    entity = f'<!DOCTYPE marches [<!ENTITY x SYSTEM "{secret.as_uri()}">]><marches>'
    path.write_text(
        XML.format(encoding="UTF-8", objet="&x;").replace("<marches>", entity), encoding="utf-8"
    )
    refused(path, "document type")


def test_nesting_without_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "profond.xml"
    path.write_text("<marches>" + "<a>" * 100 + "</a>" * 100 + "</marches>", encoding="utf-8")
    refused(path, "nested")


def test_half_an_xml(tmp_path: Path) -> None:
    path = tmp_path / "demi.xml"
    path.write_text(XML.format(encoding="UTF-8", objet="x")[:-40], encoding="utf-8")
    refused(path, "line")


def test_a_zip_of_one_file_is_read(tmp_path: Path) -> None:
    inside = write(tmp_path / "m.json", contract())
    path = tmp_path / "m.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(inside, "../../m.json")
    spending = check([path])
    assert list(spending.lines["line_id"]) == ["m.zip#1"]
    assert spending.reconciliation["files"][0]["format"] == "decp-json-2019-zip"


def test_zip_bombs_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "bombe.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("m.json", b" " * (200 << 20))
    refused(path, "once unpacked")


def test_zips_of_many_files_or_of_zips_are_refused(tmp_path: Path) -> None:
    many = tmp_path / "many.zip"
    with zipfile.ZipFile(many, "w") as archive:
        archive.writestr("a.json", "{}")
        archive.writestr("b.json", "{}")
    refused(many, "2 files")
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("a.json", "{}")
    outer = tmp_path / "outer.zip"
    with zipfile.ZipFile(outer, "w") as archive:
        archive.writestr("a.zip", inner.getvalue())
    refused(outer, "archive within")
    broken = tmp_path / "broken.zip"
    broken.write_bytes(outer.read_bytes()[:60])
    refused(broken)


TABLE_HEADER = "uid,id,acheteur_id,titulaire_id,montant,dateNotification,codeCPV,dureeMois"


def test_a_table_with_a_header_alone(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(TABLE_HEADER + "\n", encoding="utf-8")
    refused(path, "header and no row")


def test_a_table_row_of_the_wrong_width_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    good = "1,A,13001898900017,73282932000074,50000,2024-01-15,90910000,12"
    path.write_text(f"{TABLE_HEADER}\n{good}\n1,2,3\n", encoding="utf-8")
    spending = check([path])
    assert list(spending.quarantine["code"]) == ["record-unreadable"]
    assert list(spending.quarantine["source_row"]) == [3]
    assert list(spending.lines["source_row"]) == [2]


def test_a_table_in_the_wrong_encoding(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    good = "1,A,13001898900017,73282932000074,50000,2024-01-15,90910000,12"
    path.write_bytes(f"{TABLE_HEADER}\n{good}\n{good}é\n".encode("cp1252"))
    refused(path, "UTF-8")


def test_a_file_too_large_to_hold_gives_the_same_lines(
    real_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = real_data / "decp"
    files = [
        folder / "json_2019" / "decp_21590163800019_2019-01-01_2021-12-31.json",
        folder / "json_2022" / "eclaireur_raw_fixture.json",
        folder / "schema" / "exemples_officiels" / "marches_concessions.json",
    ]
    query = "SELECT * EXCLUDE (line_id, source_row) FROM line ORDER BY ALL"
    held = [check([file]).connection.execute(query).fetchall() for file in files]
    monkeypatch.setattr("lcc.spending.sources.decp_json.WHOLE_BYTES", 0)
    streamed = [check([file]).connection.execute(query).fetchall() for file in files]
    assert streamed == held


@pytest.mark.parametrize(
    "content", ['{"marches": [{"id": 1}, {"id": ', '{"a": 1}', '{"marches": 3}']
)
def test_damage_is_named_in_large_files_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str
) -> None:
    monkeypatch.setattr("lcc.spending.sources.decp_json.WHOLE_BYTES", 0)
    path = tmp_path / "grand.json"
    path.write_text(content, encoding="utf-8")
    refused(path, "found:")


@pytest.mark.parametrize("end", ["", "]", "]} suite", "]}}", ",]}"])
def test_what_follows_the_last_contract_matters(tmp_path: Path, end: str) -> None:
    path = tmp_path / "fin.json"
    path.write_text('{"marches": [' + json.dumps(contract()) + end, encoding="utf-8")
    refused(path, "line 1, column")


def test_the_quarantine_shows_the_text_as_it_was_written(tmp_path: Path) -> None:
    text = '{ "id":"X",  "montant" : 0.10, "acheteur":{"id":"13001898900017"} }'
    path = tmp_path / "brut.json"
    path.write_text('{"note": [1, {"a": 2}], "marches": [\n' + text + "\n]}", encoding="utf-8")
    assert list(check([path]).quarantine["record_text"]) == [text]
