"""The buyer's own register and tables of tags: rows that fit are read, the others are listed."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from lcc.errors import FieldError, InputError
from lcc.register.draft import draft_register_mapping
from lcc.register.headers import register_fields
from lcc.register.own import read_own_register, read_register_table, read_tags
from lcc.register.problems import problem_codes
from lcc.register.register import tag_names
from lcc.register.settle import frame_records
from lcc.tables import load_reference, schema

HEADER = "Marché;Date de notification;Montant notifié HT (€);SIRET du titulaire;Clause sociale"
SIRET = "00000004200077"
"""Fictitious, and right: from the right 7, 14 (5), 0, 0, 0, 4, 4 add up to 20 (Luhn)."""


def write(folder: Path, *rows: str, header: str = HEADER, name: str = "registre.csv") -> Path:
    path = folder / name
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def test_cells_take_the_types_of_their_fields(tmp_path: Path) -> None:
    path = write(tmp_path, f"2024-01;31/12/2024;1 234,50;{SIRET};oui")
    stated = read_register_table(path)
    (row,) = frame_records(stated.contracts)
    assert row["contract"] == "2024-01"
    assert row["notification_date"] == datetime.date(2024, 12, 31)
    assert row["amount_eur"] == 1234.5
    assert row["kind"] is None
    assert (row["source_file"], row["source_row"]) == ("registre.csv", 2)
    (holder,) = frame_records(stated.holders)
    assert (holder["holder_id"], holder["role"], holder["id_type"]) == (
        SIRET,
        "contractor",
        "SIRET",
    )
    (tag,) = frame_records(stated.tags)
    assert (tag["tag"], tag["value"]) == ("social_clause", True)
    assert not len(stated.problems)


def test_an_empty_tag_is_unknown_and_has_no_row(tmp_path: Path) -> None:
    path = write(tmp_path, "2024-01;31/12/2024;1;;", "2024-02;31/12/2024;1;;non")
    tags = frame_records(read_register_table(path).tags)
    assert [(each["contract"], each["value"]) for each in tags] == [("2024-02", False)]


def test_one_bad_cell_is_listed_and_unknown_and_the_rest_is_kept(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "2024-01;31/02/2024;12;;oui",
        "2024-02;01/03/2024;douze;;à voir",
        ";01/03/2024;5;;",
        "2024-04;01/03/2024;5;;;12",
    )
    stated = read_register_table(path)
    rows = {each["contract"]: each for each in frame_records(stated.contracts)}
    assert list(rows) == ["2024-01", "2024-02"]
    assert rows["2024-01"]["notification_date"] is None
    assert rows["2024-01"]["amount_eur"] == 12
    assert rows["2024-02"]["amount_eur"] is None
    problems = {
        (each["code"], each["source_row"], each["field"]): each
        for each in frame_records(stated.problems)
    }
    assert set(problems) == {
        ("cell-unreadable", 2, "notification_date"),
        ("cell-unreadable", 3, "amount_eur"),
        ("tag-outside-enumeration", 3, "social_clause"),
        ("contract-number-missing", 4, "contract"),
        ("row-too-wide", 5, None),
    }
    tag = problems["tag-outside-enumeration", 3, "social_clause"]
    assert (tag["contract"], tag["found"], tag["expected"]) == ("2024-02", "à voir", "oui | non")
    assert [each["contract"] for each in frame_records(stated.tags)] == ["2024-01"]


def test_a_doubt_is_neither_yes_nor_no(tmp_path: Path) -> None:
    path = write(tmp_path, "1;31/12/2024;1;;oui ?", "2;31/12/2024;1;;(non)", "3;31/12/2024;1;;Oui.")
    stated = read_register_table(path)
    assert [each["contract"] for each in frame_records(stated.tags)] == ["3"]
    assert stated.problems["code"].tolist() == ["tag-outside-enumeration"] * 2


@pytest.mark.parametrize("word", ["Total", "TOTAL GÉNÉRAL", "Sous-total", "Totaux :"])
def test_a_row_of_totals_is_no_contract(tmp_path: Path, word: str) -> None:
    path = write(tmp_path, "2024-01;31/12/2024;10;;", f"{word};;10;;", "TOTAL-2024-1;;1;;")
    stated = read_register_table(path)
    assert stated.contracts["contract"].tolist() == ["2024-01", "TOTAL-2024-1"]
    (problem,) = frame_records(stated.problems)
    assert (problem["code"], problem["source_row"]) == ("contract-number-missing", 3)


def test_a_number_too_long_to_be_one_is_a_bad_cell(tmp_path: Path) -> None:
    path = write(tmp_path, f"1;01/01/2024;{10**30}", header="Marché;Lancement;Durée (mois)")
    stated = read_register_table(path)
    assert stated.contracts["duration_months"].isna().all()
    assert stated.problems["code"].tolist() == ["cell-unreadable"]


def test_lots_that_share_a_number_are_contracts_of_their_own(tmp_path: Path) -> None:
    header = "Marché;Lot;Date de notification"
    path = write(tmp_path, "2024-07;1;01/03/2024", "2024-07;02;01/03/2024", header=header)
    stated = read_register_table(path)
    rows = frame_records(stated.contracts)
    assert [each["contract"] for each in rows] == ["2024-07L1", "2024-07L2"]
    assert {each["published_number"] for each in rows} == {"2024-07"}
    (problem,) = frame_records(stated.problems)
    assert problem["code"] == "number-of-lots"
    assert problem["other_found"] == "2024-07L1, 2024-07L2"


def test_identifiers_that_are_none_stay_as_written_and_are_listed(tmp_path: Path) -> None:
    header = "SIRET de l'acheteur;Marché;SIRET du titulaire;SIRET des cotraitants"
    # A spreadsheet drops the zeros at the start: seven digits are left.
    path = write(
        tmp_path, f"{SIRET};2024-01;4200077;000 000 042 00077, 00000004200078", header=header
    )
    stated = read_register_table(path)
    ids = [(each["holder_id"], each["role"]) for each in frame_records(stated.holders)]
    assert ids == [
        ("4200077", "contractor"),
        (SIRET, "co-contractor"),
        ("00000004200078", "co-contractor"),
    ]
    found = [(each["field"], each["found"]) for each in frame_records(stated.problems)]
    assert found == [("holder_id", "4200077"), ("co_holder_ids", "00000004200078")]


def test_a_wrong_buyer_is_listed_once(tmp_path: Path) -> None:
    header = "SIRET de l'acheteur;Marché;Lancement"
    path = write(tmp_path, *(f"123;{rank};01/01/2024" for rank in range(3)), header=header)
    stated = read_register_table(path)
    assert stated.contracts["buyer_id"].tolist() == ["123"] * 3
    assert [each["source_row"] for each in frame_records(stated.problems)] == [2]


def test_own_headers_are_read_by_a_mapping(tmp_path: Path) -> None:
    path = tmp_path / "registre.csv"
    path.write_text(
        "Registre au 1er janvier;;\nCode;Signé le;Insertion\n"
        "A-1;03/15/2024;présente\nA-2;15/03/2024;absente\n",
        encoding="utf-8",
    )
    mapping = tmp_path / "registre.toml"
    mapping.write_text(
        '[file]\ndates = "%m/%d/%Y"\n[columns]\ncontract = "Code"\n'
        'notification_date = "Signé le"\nsocial_clause = "Insertion"\n'
        f'[constants]\nbuyer_id = "{SIRET}"\n'
        '[values.social_clause]\n"présente" = "oui"\n"absente" = "non"\n',
        encoding="utf-8",
    )
    stated = read_own_register(path, mapping)
    rows = frame_records(stated.contracts)
    assert [each["notification_date"] for each in rows] == [datetime.date(2024, 3, 15), None]
    assert {each["buyer_id"] for each in rows} == {SIRET}
    assert [each["value"] for each in frame_records(stated.tags)] == [True, False]
    # Month first, as the mapping says: the fifteenth month is listed, and never read day first.
    (problem,) = frame_records(stated.problems)
    assert (problem["found"], problem["source_row"]) == ("15/03/2024", 4)


@pytest.mark.parametrize(
    ("mapping", "error", "facts"),
    [
        ({"columns": {"contract": "Code"}}, InputError, ("Code", "contract", "Marché")),
        ({"columns": {"contrat": "Marché"}}, FieldError, ("contrat", "contract")),
        ({"file": {"kind": "payment"}}, FieldError, ("kind", "register")),
        ({"file": {"sheet": "x"}, "columns": {"lot": "Lot"}}, InputError, ("lot", "Lot")),
    ],
)
def test_a_mapping_that_does_not_fit_is_refused(
    tmp_path: Path, mapping: dict[str, dict[str, str]], error: type[Exception], facts: tuple[str]
) -> None:
    path = write(tmp_path, "2024-01;31/12/2024;1;;")
    with pytest.raises(error) as caught:
        read_register_table(path, mapping)
    assert all(each in str(caught.value) for each in facts)


def test_a_sheet_is_read_by_its_name_or_refused(tmp_path: Path) -> None:
    book = Workbook()
    book.active.title = "Notes"
    book.active["A1"] = "rien"
    sheet = book.create_sheet("Marchés")
    sheet.append(["Marché", "Date de notification"])
    sheet.append(["2024-01", datetime.date(2024, 3, 1)])
    path = tmp_path / "registre.xlsx"
    book.save(path)
    (row,) = frame_records(read_register_table(path, {"file": {"sheet": "Marchés"}}).contracts)
    assert row["notification_date"] == datetime.date(2024, 3, 1)
    with pytest.raises(InputError, match="no such sheet") as caught:
        read_register_table(path, {"file": {"sheet": "2023"}})
    assert caught.value.found == "Notes, Marchés"


def test_a_table_of_tags_adds_no_contract(tmp_path: Path) -> None:
    header = "Marché;Année de notification;Montant notifié HT;Clause sociale;Lien PCAET"
    path = write(tmp_path, "2024-01;2024;5;oui;", header=header)
    for stated in (read_register_table(path), read_tags(path)):
        assert not len(stated.contracts)
        assert [each["tag"] for each in frame_records(stated.tags)] == ["social_clause"]
        assert not len(stated.problems)
    with pytest.raises(InputError, match="no register of contracts"):
        read_own_register(path)


def test_a_register_may_be_read_for_its_tags_alone(tmp_path: Path) -> None:
    path = write(tmp_path, "2024-01;31/12/2024;1;;oui")
    assert not len(read_tags(path).contracts)
    assert len(read_own_register(path).contracts) == 1


@pytest.mark.parametrize(
    ("text", "problem", "fact"),
    [
        ("", "empty", "registre.csv"),
        ("Code;Objet\n1;x\n", "which contract", "[columns]"),
        ("Marché;Exercice;Heures\n1;2024;5\n", "neither a register", "Heures"),
        ("N° marché;Contrat;Lancement\n1;1;01/01/2024\n", "two columns", "Contrat"),
    ],
)
def test_a_table_that_is_none_is_refused(
    tmp_path: Path, text: str, problem: str, fact: str
) -> None:
    path = tmp_path / "registre.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=problem) as caught:
        read_register_table(path)
    assert fact in str(caught.value)


def test_tags_need_a_column_of_a_tag(tmp_path: Path) -> None:
    path = write(tmp_path, "1;01/01/2024", header="Marché;Lancement")
    with pytest.raises(InputError, match="no column of a tag"):
        read_tags(path)


def test_a_column_nobody_knows_is_said(tmp_path: Path) -> None:
    path = write(tmp_path, "1;01/01/2024;12", header="Marché;Lancement;Étage")
    (problem,) = frame_records(read_register_table(path).problems)
    assert (problem["code"], problem["found"]) == ("column-not-used", "Étage")


def test_a_title_of_the_schema_goes_before_another_header(tmp_path: Path) -> None:
    path = write(
        tmp_path, "1;01/01/2024;Achats;Voirie", header="Marché;Lancement;Service;Direction"
    )
    stated = read_register_table(path)
    assert stated.contracts["directorate"].tolist() == ["Voirie"]
    assert [each["found"] for each in frame_records(stated.problems)] == ["Service"]


def test_headers_and_codes_of_the_tables_exist() -> None:
    fields = set(register_fields())
    rows = load_reference("procurement_map", "register_headers").to_pylist()
    assert {row["field"] for row in rows if row["field"]} <= fields
    assert problem_codes()["sources-disagree"]["remedy_en"]


def test_the_table_to_complete_has_every_tag() -> None:
    labels = load_reference("procurement_map", "contract_tags").to_pylist()
    columns = {each.name: each.title for each in schema("tag_table").fields}
    assert {row["tag"]: row["label_fr"] for row in labels}.items() <= columns.items()
    assert len(columns) == len(tag_names()) + 2


def own_headers(folder: Path) -> Path:
    """Return a register whose headers are a buyer's own, below a title, « marché » in its cells."""
    path = folder / "suivi.csv"
    rows = (
        "Suivi des marchés",
        "",
        "Réf. interne;Service;Durée (mois);Type",
        "25-001;Voirie;4;marché",
    )
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


def test_a_cell_that_says_market_is_no_header(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="row 3") as caught:
        read_own_register(own_headers(tmp_path))
    assert "Réf. interne" in str(caught.value) and "--register" in str(caught.value)


def test_a_drafted_mapping_reads_the_table_once_the_contract_is_named(tmp_path: Path) -> None:
    path = own_headers(tmp_path)
    draft = draft_register_mapping(path)
    assert 'directorate = "Service"' in draft and "# needed: contract" in draft
    assert all(name in draft for name in register_fields())
    mapping = tmp_path / "registre.toml"
    mapping.write_text(
        draft.replace('# field = "Réf. interne"', 'contract = "Réf. interne"').replace(
            '# field = "Type"', 'kind = "Type"'
        ),
        encoding="utf-8",
    )
    (row,) = frame_records(read_own_register(path, mapping).contracts)
    assert (row["contract"], row["directorate"], row["duration_months"]) == ("25-001", "Voirie", 4)


def test_an_empty_table_has_no_draft(tmp_path: Path) -> None:
    path = tmp_path / "vide.csv"
    path.write_text("\n", encoding="utf-8")
    with pytest.raises(InputError, match="empty"):
        draft_register_mapping(path)
