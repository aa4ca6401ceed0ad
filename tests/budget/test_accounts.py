"""Accounts: the published pairs, Montpellier 2018, charts, damage."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from pyarrow import parquet

from lcc.budget.accounts.chart import load_chart
from lcc.budget.accounts.scdl import SCDL_COLUMNS, to_scdl
from lcc.budget.accounts.table import Accounts, read_accounts
from lcc.errors import FieldError, InputError
from lcc.tables import load_reference

sys.path.insert(0, str(Path(__file__).parent))
from conftest import Document, line

MONTPELLIER = "spending/montpellier_CA_2018_totem_M57.xml"
CHARTS = "nomenclature/m57"
MOHON = "DOCBUDG-21560134500014-CFU-BP-2023"
CRACH = "DOCBUDG-21560046100010-056025-CA-2021-01032022000000"
LABELS = ("BGT_NATURE_LABEL", "BGT_CONTNAT_LABEL", "BGT_FONCTION_LABEL")


def read_pair(data: Path, name: str, chart: str) -> tuple[Accounts, list[dict[str, str]]]:
    folder = data / "spending" / "yatotem2scdl" / name
    with (folder / "expected.csv").open(encoding="utf-8", newline="") as stream:
        expected = list(csv.DictReader(stream))
    return read_accounts(folder / "totem.xml", charts=[data / CHARTS / chart]), expected


class TestPublishedPairs:
    """The pairs of document and expected table of yatotem2scdl: an oracle that is not ours."""

    @pytest.mark.parametrize(
        ("name", "chart", "rows"),
        [
            (MOHON, "planDeCompte_2024_M57_A.xml", 163),
            (CRACH, "planDeCompte_2018_M57.xml", 196),
        ],
    )
    def test_codes_and_amounts_are_the_expected_ones(
        self, real_data: Path, name: str, chart: str, rows: int
    ) -> None:
        accounts, expected = read_pair(real_data, name, chart)
        found = to_scdl(accounts).to_pylist()
        assert len(found) == len(expected) == rows
        assert list(expected[0]) == list(SCDL_COLUMNS)
        for row, wanted in zip(found, expected, strict=True):
            for column in SCDL_COLUMNS:
                if column in LABELS:
                    continue
                text, other = row[column] or "", wanted[column]
                if column.startswith(("BGT_MT", "BGT_CRED")) and text and other:
                    # One table writes 592, the other 592.00: the amount is one.
                    assert Decimal(text) == Decimal(other), (row["BGT_NATURE"], column)
                else:
                    assert text == other, (row["BGT_NATURE"], column)

    def test_labels_of_a_chart_of_the_documents_own_plan(self, real_data: Path) -> None:
        accounts, expected = read_pair(real_data, MOHON, "planDeCompte_2024_M57_A.xml")
        pairs = list(zip(to_scdl(accounts).to_pylist(), expected, strict=True))
        differing = {
            wanted["BGT_NATURE"]
            for row, wanted in pairs
            if (row["BGT_NATURE_LABEL"] or "") != wanted["BGT_NATURE_LABEL"]
        }
        # The expected table writes a dash and an apostrophe otherwise than the chart of 2024.
        assert differing == {"60612", "60631"}
        assert all(
            (row["BGT_CONTNAT_LABEL"] or "") == wanted["BGT_CONTNAT_LABEL"] for row, wanted in pairs
        )
        assert "the document is of M57_A 2023" in accounts.notes[0]

    def test_labels_of_m14_where_a_chart_has_them(self, real_data: Path) -> None:
        """45 of the 184 M14 accounts have their label in none of the supplied charts."""
        accounts, expected = read_pair(real_data, CRACH, "planDeCompte_2018_M57.xml")
        same = {
            wanted["BGT_NATURE"]: row["BGT_NATURE_LABEL"] == wanted["BGT_NATURE_LABEL"]
            for row, wanted in zip(to_scdl(accounts).to_pylist(), expected, strict=True)
        }
        assert (len(same), sum(same.values())) == (184, 139)

    def test_no_label_is_guessed_from_another_instruction(self, real_data: Path) -> None:
        accounts = read_accounts(real_data / "spending" / "yatotem2scdl" / CRACH / "totem.xml")
        assert accounts.lines["label_fr"].null_count == 196
        assert "no chart of accounts of M14" in accounts.notes[0]


class TestMontpellier:
    """Ville de Montpellier 2018; figures of the README beside the file."""

    @pytest.fixture(scope="class")
    def accounts(self, real_data: Path) -> Accounts:
        chart = real_data / CHARTS / "planDeCompte_2018_M57.xml"
        return read_accounts(real_data / MONTPELLIER, charts=[chart])

    def test_sums(self, accounts: Accounts) -> None:
        assert accounts.total_cents("real-expenditure") == 410_624_337_33
        assert accounts.total_cents("purchases") == 107_045_056_81
        rows = accounts.summary(2018).set_index("part")["realised_cents"]
        assert rows["purchases"] + rows["set-aside"] == rows["real-expenditure"]

    def test_what_is_set_aside_by_reason_and_root(self, accounts: Accounts) -> None:
        rows = accounts.set_aside().set_index("account_root")
        wanted = {
            "204": ("subsidy", 13_276_792_83),
            "6216": ("shared-staff", 12_958_612_60),
            "211": ("land", 1_736_850_10),
        }
        for root, (reason, cents) in wanted.items():
            assert rows.loc[root, "scope_reason"] == reason
            assert rows.loc[root, "realised_cents"] == cents
        assert rows["realised_cents"].sum() == 410_624_337_33 - 107_045_056_81

    def test_advances_count_once(self, accounts: Accounts) -> None:
        advances = [row for row in accounts.expenditure() if row["account"].startswith("238")]
        assert sum(row["realised_cents"] for row in advances) == 1_600_000_00
        assert {row["scope_reason"] for row in advances} == {None}

    def test_the_chart_of_its_own_year_labels_every_account(self, accounts: Accounts) -> None:
        assert accounts.notes == ()
        assert accounts.lines["label_fr"].null_count == 0

    def test_the_command_tells_them(
        self, real_data: Path, run: Callable[..., tuple[int, str, str]], tmp_path: Path
    ) -> None:
        chart = real_data / CHARTS / "planDeCompte_2018_M57.xml"
        code, out, err = run(
            "accounts", real_data / MONTPELLIER, "--chart", chart, "--out", tmp_path / "b.csv"
        )
        assert code == 0, err
        for amount in (
            *("410,624,337.33", "107,045,056.81", "13,276,792.83"),
            *("12,958,612.60", "1,736,850.10"),
        ):
            assert amount in out
        lines = (tmp_path / "b.csv").read_text(encoding="utf-8").splitlines()
        assert len(lines) == 1 + 1697


class TestLines:
    def test_every_amount_is_in_exact_cents_and_absent_is_not_zero(
        self, document: Document
    ) -> None:
        path = document(
            line("60612", "0.1", MtPrev="1234567890.29", MtRAR3112="-3.00", CredOuv="2")
        )
        (row,) = read_accounts(path).lines.to_pylist()
        assert row["realised_cents"] == 10
        assert row["voted_cents"] == 123_456_789_029
        assert (row["carried_over_cents"], row["opened_cents"]) == (-300, 200)
        assert row["proposed_cents"] is None and row["carried_in_cents"] is None

    def test_reference_function_of_a_budget_voted_by_function(self, document: Document) -> None:
        path = document(
            line("2315", "1", Fonction="90845", ContFon="908"), line("6156", "1", Fonction="930")
        )
        rows = read_accounts(path).lines.to_pylist()
        # Voted by nature, 930 is itself a reference function.
        assert [row["function_ref"] for row in rows] == ["845", "930"]

    def test_the_budget_table_sums_what_shares_its_keys(self, document: Document) -> None:
        path = document(
            line("6156", "1.25"),
            line("6156", "2.50"),
            line("6156", "4", Fonction="510"),
            line("6156", "8", OpBudg="1"),
        )
        table = read_accounts(path).table(["account", "function"])
        assert sorted(table["realised_cents"]) == [375, 400, 800]
        assert table["opened_cents"].isna().all()

    def test_a_budget_as_voted_has_a_table_and_nothing_realised(self, document: Document) -> None:
        accounts = read_accounts(document(line("6156", None, MtPrev="10"), decision="01"))
        assert accounts.lines["voted_cents"].to_pylist() == [1000]
        assert accounts.rows() == []

    def test_parquet_holds_every_column(
        self, document: Document, run: Callable[..., tuple[int, str, str]], tmp_path: Path
    ) -> None:
        path = document(line("6156", "10"))
        code, _, err = run("accounts", path, "--out", tmp_path / "b.parquet")
        assert code == 0, err
        (row,) = parquet.read_table(tmp_path / "b.parquet").to_pylist()
        assert (row["account"], row["realised_cents"]) == ("6156", 1000)


class TestDamage:
    def test_an_amount_that_is_no_number(self, document: Document) -> None:
        with pytest.raises(FieldError, match="no number") as caught:
            read_accounts(document(line("6156", "12,5")))
        assert (caught.value.field, caught.value.rows) == ("MtReal", (1,))

    @pytest.mark.parametrize("euros", ["1e30", "99999999999999999", "-10000000000000"])
    def test_an_amount_larger_than_any_budget(self, document: Document, euros: str) -> None:
        with pytest.raises(FieldError, match="larger than any budget") as caught:
            read_accounts(document(line("6156", euros)))
        assert caught.value.found == euros and caught.value.rows == (1,)

    def test_a_budget_of_no_year(self, document: Document) -> None:
        path = document(line("6156", "1"))
        path.write_text(
            path.read_text(encoding="utf-8").replace('<Exer V="2024"/>', ""), encoding="utf-8"
        )
        with pytest.raises(FieldError, match="of no year") as caught:
            read_accounts(path)
        assert (caught.value.field, caught.value.found) == ("Exer", "nothing")

    def test_one_file_twice_and_files_of_one_name(self, document: Document, tmp_path: Path) -> None:
        """Finance software calls every export the same: folders tell them apart."""
        path = document(line("6156", "1"))
        with pytest.raises(InputError, match="given twice"):
            read_accounts([path, tmp_path / "." / path.name])
        for folder, year in (("ville", 2024), ("copie", 2024), ("avant", 2023)):
            (tmp_path / folder).mkdir()
            other = document(line("6156", "1"), name="autre.xml", year=year)
            other.replace(tmp_path / folder / "totem.xml")
        files = {each: tmp_path / each / "totem.xml" for each in ("ville", "copie", "avant")}
        with pytest.raises(InputError, match="count twice") as caught:
            read_accounts([files["ville"], files["copie"]])
        assert "copie/totem.xml" in str(caught.value) and "ville/totem.xml" in str(caught.value)
        accounts = read_accounts([files["ville"], files["avant"]])
        assert accounts.lines["source_file"].to_pylist() == ["ville/totem.xml", "avant/totem.xml"]
        # Labels are of 2024: only the older of the two has a note that says so.
        assert [each for each in accounts.notes if "ville" in each] == []
        assert any("avant/totem.xml: labels are those of" in each for each in accounts.notes)

    def test_neither_expenditure_nor_revenue(self, document: Document) -> None:
        with pytest.raises(FieldError, match="neither expenditure nor revenue"):
            read_accounts(document(line("6156", "1", CodRD="X")))

    def test_the_same_budget_and_year_twice(self, document: Document) -> None:
        paths = [document(line("6156", "1"), name=name) for name in ("a.xml", "b.xml")]
        with pytest.raises(InputError, match="count twice") as caught:
            read_accounts(paths)
        assert "a.xml" in str(caught.value) and "b.xml" in str(caught.value)

    def test_no_line_with_an_account(self, document: Document) -> None:
        with pytest.raises(InputError, match="no line of a budget"):
            read_accounts(document())

    def test_missing_files(self, document: Document, tmp_path: Path) -> None:
        with pytest.raises(InputError, match="cannot be read"):
            read_accounts(tmp_path / "nowhere.xml")
        with pytest.raises(InputError, match="chart of accounts cannot be read"):
            read_accounts(document(line("6156", "1")), charts=[tmp_path / "nowhere.xml"])

    def test_accounts_are_no_chart(self, document: Document) -> None:
        path = document(line("6156", "1"))
        with pytest.raises(InputError, match="no chart of accounts"):
            load_chart(path)

    def test_an_account_in_no_chart_is_named(self, document: Document) -> None:
        accounts = read_accounts(document(line("61569", "1")))
        assert any("61569" in note for note in accounts.notes)


class TestShippedLabels:
    def test_they_are_those_of_the_official_chart(self, real_data: Path) -> None:
        chart = load_chart(real_data / CHARTS / "planDeCompte_2024_M57_D.xml")
        rows = load_reference("procurement_map", "account_labels").to_pylist()
        shipped = {row["code"]: row["label_fr"] for row in rows if row["kind"] == "nature"}
        assert shipped == chart.accounts
        functions = {row["code"]: row["label_fr"] for row in rows if row["kind"] == "function"}
        assert functions == chart.functions
        assert {(row["plan"], row["plan_year"]) for row in rows} == {("M57_D", 2024)}
