"""PES Aller payment orders: own small files, by the element names and codes of the schema."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from lcc.errors import InputError
from lcc.spending.check import check
from lcc.spending.mapping import load_mapping
from lcc.spending.sources import open_source
from lcc.spending.sources.pes import Pes

PARTY = (
    '<Tiers><InfoTiers><NatIdTiers V="01"/><IdTiers V="55208131766522"/><Nom V="EDF"/>'
    '</InfoTiers><CpteBancaire><IBAN V="FR7600000"/></CpteBancaire></Tiers>'
)
PERSON = (
    '<Tiers><InfoTiers><NatIdTiers V="04"/><IdTiers V="160017512345678"/><Nom V="DURAND"/>'
    '<Prenom V="Anne"/></InfoTiers></Tiers>'
)


def line(amount: str, *, nature: str = "60612", more: str = "", party: str = PARTY) -> str:
    return (
        "<LigneDePiece><BlocLignePiece><InfoLignePce>"
        f'<IdLigne V="1"/><Nature V="{nature}"/><Fonction V="020"/><TVAIntraCom V="0"/>'
        f'<MtHT V="{amount}"/>{more}</InfoLignePce></BlocLignePiece>{party}</LigneDePiece>'
    )


def order(*lines: str, kind: str = "01", nature: str = "01") -> str:
    return (
        f'<Piece><BlocPiece><InfoPce><IdPce V="1"/><TypPce V="{kind}"/><NatPce V="{nature}"/>'
        f'<Obj V="Électricité"/></InfoPce></BlocPiece>{"".join(lines)}</Piece>'
    )


def slip(*orders: str, kind: str = "01") -> str:
    return (
        '<Bordereau><BlocBordereau><Exer V="2023"/><IdBord V="7"/>'
        f'<DteBordEm V="2023-03-12"/><TypBord V="{kind}"/></BlocBordereau>'
        f"{''.join(orders)}</Bordereau>"
    )


def write(folder: Path, *slips: str, domain: str = "PES_DepenseAller") -> Path:
    path = folder / "PESALR2.xml"
    path.write_text(
        '<?xml version="1.0" encoding="ISO-8859-1"?>'
        '<n:PES_Aller xmlns:n="http://www.minefi.gouv.fr/cp/helios/pes_v2/Rev0/aller">'
        '<EnTetePES><DteStr V="2023-03-13"/><IdColl V="20009320100016"/><CodBud V="00"/>'
        '<LibelleColBud V="BUDGET PRINCIPAL"/></EnTetePES>'
        f"<{domain}>{''.join(slips)}</{domain}></n:PES_Aller>",
        encoding="latin-1",
    )
    return path


def rows_of(path: Path) -> list[dict[str, Any]]:
    return pa.Table.from_batches(list(Pes(path).batches())).to_pylist()


def test_one_payment_order(tmp_path: Path) -> None:
    path = write(tmp_path, slip(order(line("120.00"))))
    assert open_source(path).format == "pes"
    (row,) = rows_of(path)
    expected = {
        "kind": "payment",
        "date": "2023-03-12",
        "budget_year": "2023",
        "amount_ttc": "120.00",
        "amount_ht": None,
        "buyer_id": "20009320100016",
        "budget": "BUDGET PRINCIPAL",
        "account": "60612",
        "function": "020",
        "section": "operating",
        "payee_id": "55208131766522",
        "payee_name": "EDF",
        "label": "Électricité",
        "entry_type": "real",
        "document_type": "order",
    }
    assert {name: row[name] for name in expected} == expected
    # 120.00 / 1.2
    assert check([path]).lines["amount_usable_cents"].tolist() == [100_00]


def test_vat_stated_makes_the_amount_without_it(tmp_path: Path) -> None:
    path = write(tmp_path, slip(order(line("100.00", more='<MtTVA V="20.00"/>'))))
    (row,) = rows_of(path)
    assert (row["amount_ht"], row["amount_ttc"]) == ("100.00", None)
    assert check([path]).lines["amount_usable_cents"].tolist() == [100_00]


def test_nil_vat_says_nothing(tmp_path: Path) -> None:
    (row,) = rows_of(write(tmp_path, slip(order(line("120.00", more='<MtTVA V="0.00"/>')))))
    assert row["amount_ttc"] == "120.00"


@pytest.mark.parametrize(
    ("kind", "nature", "document_type", "entry_type", "amount"),
    [
        ("01", "01", "order", "real", "12.00"),
        ("02", "06", "cancellation", "real", "-12.00"),
        ("10", "01", "accrual", "real", "12.00"),
        ("02", "10", "reversal", "real", "-12.00"),
        ("09", "14", "advance", "real", "12.00"),
        ("09", "12", "retention", "real", "12.00"),
        ("03", "02", "order", "non-cash", "12.00"),
        ("04", "02", "order", "non-cash", "12.00"),
        ("01", "18", "order", "non-cash", "12.00"),
    ],
)
def test_codes(
    tmp_path: Path, kind: str, nature: str, document_type: str, entry_type: str, amount: str
) -> None:
    """Codes of TypPce and NatPce as the module's docstring sources them."""
    (row,) = rows_of(write(tmp_path, slip(order(line("12.00"), kind=kind, nature=nature))))
    found = (row["document_type"], row["entry_type"], row["amount_ttc"])
    assert found == (document_type, entry_type, amount)


def test_cancellation_slip_is_negative_and_nets(tmp_path: Path) -> None:
    path = write(
        tmp_path, slip(order(line("120.00"))), slip(order(line("36.00"), line("-12.00")), kind="02")
    )
    assert [row["amount_ttc"] for row in rows_of(path)] == ["120.00", "-36.00", "-12.00"]
    # (120 − 36 − 12) / 1.2
    assert check([path]).lines["amount_usable_cents"].sum() == 60_00


def test_private_data_are_not_kept(tmp_path: Path) -> None:
    """Neither social security numbers nor bank accounts reach the lines or their text."""
    (row,) = rows_of(write(tmp_path, slip(order(line("12.00", party=PERSON + PARTY)))))
    assert row["payee_id"] is None
    assert row["payee_name"] == "Anne DURAND"
    assert "160017512345678" not in row["record_text"]
    assert "FR7600000" not in row["record_text"]


def test_several_slips_orders_and_lines_keep_their_headers(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        slip(order(line("1.00"), line("2.00")), order(line("3.00"), nature="14")),
        slip(order(line("4.00"))),
    )
    rows = rows_of(path)
    assert [row["source_row"] for row in rows] == [1, 2, 3, 4]
    assert [row["document_type"] for row in rows] == ["order", "order", "advance", "order"]


def test_revenue_orders_are_no_purchase(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        slip(order(line("12.00").replace("InfoLignePce", "InfoLignePiece"))),
        domain="PES_RecetteAller",
    )
    assert check([path]).lines["scope"].tolist() == ["out"]


def test_mapping_states_regime_and_plan(tmp_path: Path) -> None:
    path = write(tmp_path, slip(order(line("120.00"))))
    mapping = load_mapping(
        {"file": {"nomenclature": "M14"}, "budgets": {"Budget principal": "recovered"}}
    )
    lines = check([path], mapping=mapping).lines
    assert lines["amount_usable_cents"].tolist() == [120_00]
    assert lines["nomenclature"].tolist() == ["M14"]


def test_attachments_alone(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no payment order"):
        rows_of(write(tmp_path, domain="PES_PJ"))


def test_half_a_file(tmp_path: Path) -> None:
    path = write(tmp_path, slip(order(line("120.00"))))
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(InputError, match="cut short"):
        rows_of(path)
