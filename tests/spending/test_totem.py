"""TOTEM accounts: the published pairs, Montpellier 2018, damage."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from lcc.errors import InputError
from lcc.spending.check import check
from lcc.spending.mapping import load_mapping
from lcc.spending.sources import open_source
from lcc.spending.sources.totem import Totem, section_of

SECTIONS = {"fonctionnement": "operating", "investissement": "capital"}
MONTPELLIER = "spending/montpellier_CA_2018_totem_M57.xml"
PAIRS = (
    "DOCBUDG-21560134500014-CFU-BP-2023",
    "DOCBUDG-21560046100010-056025-CA-2021-01032022000000",
)


def rows_of(path: Path, mapping: Any = None) -> list[dict[str, Any]]:
    """Return the lines that have an account."""
    rows = pa.Table.from_batches(list(Totem(path, mapping).batches())).to_pylist()
    return [row for row in rows if row["read_code"] is None]


class TestPublishedPairs:
    """The pairs of document and expected table of yatotem2scdl (163 and 196 rows)."""

    @pytest.fixture(params=PAIRS)
    def pair(
        self, request: pytest.FixtureRequest, real_data: Path
    ) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
        folder = real_data / "spending" / "yatotem2scdl" / request.param
        with (folder / "expected.csv").open(encoding="utf-8", newline="") as stream:
            expected = list(csv.DictReader(stream))
        return rows_of(folder / "totem.xml"), expected

    def test_every_row_agrees(
        self, pair: tuple[list[dict[str, Any]], list[dict[str, str]]]
    ) -> None:
        rows, expected = pair
        assert len(rows) == len(expected)
        for row, line in zip(rows, expected, strict=True):
            assert row["account"] == line["BGT_NATURE"]
            assert (row["function"] or "") == line["BGT_FONCTION"]
            assert (row["operation"] or "") == line["BGT_OPERATION"]
            assert (row["chapter"] or "") == line["BGT_CONTNAT"]
            assert (row["kind"] == "revenue") == (line["BGT_CODRD"] == "recette")
            assert (row["entry_type"] == "non-cash") == (line["BGT_OPBUDG"] == "ordre")
            assert Decimal(row["amount_ttc"]) == Decimal(line["BGT_MTREAL"] or 0)
            assert row["budget_year"] == line["BGT_ANNEE"]
            assert row["buyer_id"] == line["BGT_SIRET"]
            assert row["buyer_name"] == line["BGT_NOM"]
            # The expected table leaves the section of lines without a chapter empty.
            if line["BGT_SECTION"]:
                assert row["section"] == SECTIONS[line["BGT_SECTION"]]

    def test_rows_read_reconcile(self, real_data: Path) -> None:
        for name, count in zip(PAIRS, (163, 196), strict=True):
            path = real_data / "spending" / "yatotem2scdl" / name / "totem.xml"
            (entry,) = check([path]).reconciliation["files"]
            assert entry["format"] == "totem"
            assert entry["rows_kept"] == entry["rows_read"] - entry["rows_quarantined"] == count


class TestMontpellier:
    """Figures of the README beside the file."""

    def test_real_expenditure_by_chapter(self, real_data: Path) -> None:
        rows = rows_of(real_data / MONTPELLIER)
        assert len(rows) == 1697
        real = [r for r in rows if r["kind"] == "account" and r["entry_type"] == "real"]
        assert sum(Decimal(row["amount_ttc"]) for row in real) == Decimal("410624337.33")
        chapters = {"60": "18231711.60", "61": "22156824.80", "62": "25619443.30",
                    "20": "16495456.17", "21": "22314987.36", "23": "30198889.11",
                    "64": "156144079.37"}  # fmt: skip
        for chapter, expected in chapters.items():
            total = sum(Decimal(r["amount_ttc"]) for r in real if r["account"].startswith(chapter))
            assert total == Decimal(expected), chapter

    def test_purchases_by_leaf_account(self, real_data: Path) -> None:
        """107 045 056.81 €, of which advances (238) 1 600 000.00, once; the rest out, by reason."""
        con = check([real_data / MONTPELLIER]).connection
        query = "SELECT sum(amount_declared_cents) FROM line WHERE "
        purchases = con.execute(query + "scope = 'in'").fetchone()
        assert purchases == (107_045_056_81,)
        advances = con.execute(query + "scope = 'in' AND account LIKE '238%'").fetchone()
        assert advances == (1_600_000_00,)
        for account, cents in (
            ("204", 13_276_792_83),
            ("6216", 12_958_612_60),
            ("211", 1_736_850_10),
        ):
            found = con.execute(
                query + "scope = 'out' AND kind = 'account' AND starts_with(account, $1)"
                " AND scope_reason <> 'non-cash'",
                [account],
            ).fetchone()
            assert found == (cents,), account


def document(lines: str, *, nomenclature: str = "M57-M57", kind: str = "09") -> str:
    return f"""<?xml version="1.0" encoding="ISO-8859-1"?>
<DocumentBudgetaire xmlns="http://www.minefi.gouv.fr/cp/demat/docbudgetaire">
<EnTeteDocBudgetaire><LibelleColl V="MÉTROPOLE"/><IdColl V="20009320100016"/></EnTeteDocBudgetaire>
<Budget><EnTeteBudget><LibelleEtab V="Eau &amp; assainissement"/><IdEtab V="20009320100017"/>
<Nomenclature V="{nomenclature}"/></EnTeteBudget>
<BlocBudget><NatDec V="{kind}"/><Exer V="2023"/></BlocBudget>{lines}</Budget>
</DocumentBudgetaire>"""


LINE = """<LigneBudget><Nature V="6061"/><ContNat V="011"/><CodRD V="D"/><MtReal V="120.00"/>
<OpBudg V="0"/></LigneBudget>"""


def write(folder: Path, text: str, encoding: str = "latin-1") -> Path:
    path = folder / "comptes.xml"
    path.write_bytes(text.encode(encoding))
    return path


class TestOwnDocuments:
    def test_recognised_by_its_root(self, tmp_path: Path) -> None:
        assert open_source(write(tmp_path, document(LINE))).format == "totem"

    def test_accents_and_text_of_the_line(self, tmp_path: Path) -> None:
        (row,) = rows_of(write(tmp_path, document(LINE)))
        assert row["buyer_name"] == "MÉTROPOLE"
        assert row["budget"] == "Eau & assainissement"
        assert row["record_text"].startswith('<LigneBudget><Nature V="6061"/>')

    def test_water_budget_is_already_without_vat(self, tmp_path: Path) -> None:
        """M49 budgets of water are assumed to recover VAT: 120.00 stays 120.00, flagged."""
        path = write(tmp_path, document(LINE, nomenclature="M49-M49_D"))
        spending = check([path])
        assert rows_of(path)[0]["nomenclature"] == "M49"
        assert spending.lines["amount_usable_cents"].tolist() == [120_00]
        assert "vat-regime-assumed" in spending.lines["codes"][0]

    def test_mapping_states_the_regime(self, tmp_path: Path) -> None:
        path = write(tmp_path, document(LINE, nomenclature="M49-M49_D"))
        mapping = load_mapping({"budgets": {"Eau & assainissement": "final"}})
        spending = check([path], mapping=mapping)
        # 120.00 / 1.2
        assert spending.lines["amount_usable_cents"].tolist() == [100_00]

    def test_totals_repeated_under_the_accounts_are_no_records(self, tmp_path: Path) -> None:
        total = '<LigneBudget><ChapitreNature V="011"/><MtReal V="120.00"/></LigneBudget>'
        path = write(tmp_path, document(LINE + total))
        assert len(rows_of(path)) == 1
        # They are read and set aside, so that every line of the document is accounted for.
        spending = check([path])
        account = spending.reconciliation["files"][0]
        assert (account["rows_read"], account["rows_kept"]) == (2, 1)
        assert account["amount_read_cents"] == 24_000
        assert account["amount_quarantined_cents"] == 12_000
        assert list(spending.quarantine["code"]) == ["read-without-account"]

    def test_non_cash_and_revenue_are_visible_and_no_purchase(self, tmp_path: Path) -> None:
        lines = (
            LINE
            + LINE.replace('OpBudg V="0"', 'OpBudg V="1"')
            + LINE.replace('"D"', '"R"').replace("6061", "7068")
        )
        spending = check([write(tmp_path, document(lines))])
        reasons = spending.connection.execute("SELECT scope_reason FROM line").fetchall()
        assert reasons == [(None,), ("non-cash",), ("revenue",)]

    def test_budget_as_voted_is_refused(self, tmp_path: Path) -> None:
        text = document(LINE.replace("MtReal", "MtPrev"), kind="01")
        with pytest.raises(InputError, match="voted") as raised:
            rows_of(write(tmp_path, text))
        assert "budget primitif" in str(raised.value)

    def test_no_line(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match="no line"):
            rows_of(write(tmp_path, document("")))

    @pytest.mark.parametrize("keep", [200, 500, -20])
    def test_half_a_document(self, tmp_path: Path, keep: int) -> None:
        with pytest.raises(InputError, match="cut short"):
            rows_of(write(tmp_path, document(LINE)[:keep]))

    def test_entities_are_refused(self, tmp_path: Path) -> None:
        bomb = '<!DOCTYPE a [<!ENTITY b "xxxxxxxxxx"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>'
        text = document(LINE).replace("<DocumentBudgetaire", bomb + "<DocumentBudgetaire", 1)
        with pytest.raises(InputError, match="refused"):
            rows_of(write(tmp_path, text))

    def test_encoding_other_than_stated(self, tmp_path: Path) -> None:
        text = document(LINE).replace("ISO-8859-1", "UTF-8")
        with pytest.raises(InputError):
            rows_of(write(tmp_path, text, "latin-1"))


@pytest.mark.parametrize(
    ("account", "chapter", "section"),
    [
        ("60612", "011", "operating"),
        ("2315", "23", "capital"),
        ("6811", "042", "operating"),
        ("2802", "040", "capital"),
        ("1641", None, "capital"),
        ("023", "023", "operating"),
        ("021", "021", "capital"),
    ],
)
def test_sections_of_the_plan_of_accounts(account: str, chapter: str | None, section: str) -> None:
    assert section_of(account, chapter) == section
