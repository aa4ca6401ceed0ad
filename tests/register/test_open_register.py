"""Files of all kinds opened as one register: the demonstration, real files, the command."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from lcc.cli import main
from lcc.cli.registers import JOINED, TABLES
from lcc.errors import InputError
from lcc.register.firms import Firms, read_firms
from lcc.register.open import demo_firms, open_register
from lcc.register.register import Register
from lcc.register.settle import frame_records
from lcc.register.tags import tag_table
from lcc.tables import demo_path, schema

HOSTILE = "=HYPERLINK("


@pytest.fixture(scope="module")
def demo(demo_register: Register) -> Register:
    return demo_register


@pytest.fixture(scope="module")
def firms() -> Firms:
    return read_firms(demo_firms())


class TestDemonstration:
    def test_each_contract_is_one_row_whatever_its_sources(self, demo: Register) -> None:
        # The table of tags lists each contract but the concessions and those bought for others
        # (18 and 6 rows of the register that bear DSP or CA in their number).
        with demo_path("etiquettes.csv").open(encoding="utf-8", newline="") as stream:
            tagged = {row["Marché"] for row in csv.DictReader(stream, delimiter=";")}
        with demo_path("registre.csv").open(encoding="cp1252", newline="") as stream:
            own = [row["Marché"] for row in csv.DictReader(stream, delimiter=";")]
        others = [each for each in own if "DSP" in each or "CA" in each]
        assert len(demo.contracts) == len(tagged) + len(others)
        assert demo.contracts["contract"].is_unique
        kinds = demo.contracts["kind"].value_counts()
        assert kinds["concession"] == sum("DSP" in each for each in others)
        assert not len(demo.problems.loc[demo.problems["code"] == "framework-not-in-register"])

    def test_roles_and_frameworks_of_the_traps(self, demo: Register) -> None:
        rows = {each["contract"]: each for each in frame_records(demo.contracts)}
        central = [each for each in rows.values() if each["buyer_role"] == "central-body"]
        assert len(central) == 6
        parents = {each["framework"] for each in rows.values() if each["kind"] == "subsequent"}
        assert parents
        assert all(rows[each]["kind"] == "framework" for each in parents)

    def test_amounts_in_cents_are_disagreements_and_no_amount(self, demo: Register) -> None:
        # Sixty contracts of an older platform state cents: a hundred times the register's amount.
        rows = demo.problems.loc[
            (demo.problems["code"] == "sources-disagree")
            & (demo.problems["source_file"] == "marches_centimes.json")
            & (demo.problems["field"] == "amount_eur")
        ]
        ratios = [
            round(float(each["found"]) / float(each["other_found"])) for each in frame_records(rows)
        ]
        with demo_path("registre.csv").open(encoding="cp1252", newline="") as stream:
            own = list(csv.DictReader(stream, delimiter=";"))
        stated = {each["Marché"].replace(" ", "") for each in own if each["Montant notifié HT (€)"]}
        records = json.loads(demo_path("marches_centimes.json").read_text(encoding="utf-8"))
        # The last two figures of a number of 2019 rank the modification.
        both = [each["id"] for each in records["marches"] if each["id"][:-2] in stated]
        assert set(ratios) == {100}
        assert len(ratios) == len(both) > 50
        known = demo.contracts.set_index("contract")["amount_eur"]
        assert known.loc[rows["contract"]].isna().all()

    def test_what_the_register_has_wrong_is_listed(self, demo: Register) -> None:
        own = demo.problems.loc[demo.problems["source_file"] == "registre.csv"]
        codes = own["code"].value_counts()
        # As `tools/demo/registers.py` spoils them.
        assert codes["tag-outside-enumeration"] == 4
        assert codes["cell-unreadable"] == 2
        assert codes["number-written-differently"] == 12
        assert set(own.loc[own["code"] == "cell-unreadable", "found"]) == {"31/02/2023"}

    def test_a_tag_is_never_made_of_an_empty_cell(self, demo: Register) -> None:
        with demo_path("etiquettes.csv").open(encoding="utf-8", newline="") as stream:
            empty = {
                row["Marché"]
                for row in csv.DictReader(stream, delimiter=";")
                if not row["Lien PCAET"]
            }
        stated = demo.tags.loc[demo.tags["tag"] == "pcaet_link", "contract"]
        assert empty
        assert not empty & set(stated)

    def test_firms_of_contracts_have_sizes_persons_and_gaps(
        self, demo: Register, firms: Firms
    ) -> None:
        holders = demo.holders["holder_id"].dropna().unique()
        sizes = {firms.size(each) for each in holders}
        assert sizes == {"pme", "eti", "ge", None}
        assert {firms.is_person(each) for each in holders} == {True, False, None}
        assert not len(firms.problems)

    def test_a_sole_trader_is_alone_in_a_family(self, demo: Register, firms: Firms) -> None:
        families = demo.contracts.dropna(subset=["family"]).merge(
            demo.holders, on=["buyer_id", "contract"]
        )
        suppliers = families.groupby("family")["holder_id"].unique()
        alone = [each[0] for each in suppliers if len(each) == 1]
        assert any(firms.is_person(each) for each in alone)

    def test_written_tables_are_read_back_as_the_same_register(
        self, demo: Register, tmp_path: Path
    ) -> None:
        from lcc.reading.edited import write_edited

        number = 150
        contracts = frame_records(demo.contracts)[-number:]
        write_edited(contracts, "contract", tmp_path / "contrats.csv")
        write_edited(tag_table(demo)[-number:], "tag_table", tmp_path / "etiquettes.csv")
        again = open_register([tmp_path / "contrats.csv", tmp_path / "etiquettes.csv"])
        assert set(again.problems["code"]) <= {"framework-not-in-register"}
        where = ["source_file", "source_row"]
        first = [
            {name: value for name, value in row.items() if name not in where} for row in contracts
        ]
        second = [
            {name: value for name, value in row.items() if name not in where}
            for row in frame_records(again.contracts)
        ]
        assert first == second
        columns = ["contract", "tag", "value"]
        kept = demo.tags.loc[demo.tags["contract"].isin([each["contract"] for each in contracts])]
        assert set(kept[columns].itertuples(index=False)) == set(
            again.tags[columns].itertuples(index=False)
        )


class TestMixes:
    def test_files_are_told_apart_by_what_they_hold(self, tmp_path: Path) -> None:
        record = {"id": "A1", "acheteur": {"id": "00000009100058"}, "nature": "Marché"}
        data = tmp_path / "donnees.txt"
        data.write_text(json.dumps({"marches": {"marche": [record]}}), encoding="utf-8")
        own = tmp_path / "registre.csv"
        own.write_text("Marché;Lancement\nA1;01/02/2024\n", encoding="utf-8")
        tags = tmp_path / "etiquettes.csv"
        tags.write_text("Marché;Marché réservé\nA1;oui\n", encoding="utf-8")
        register = open_register([tags, data, own])
        (row,) = frame_records(register.contracts)
        assert (row["buyer_id"], str(row["launch_date"])) == ("00000009100058", "2024-02-01")
        (tag,) = frame_records(register.tags)
        assert (tag["tag"], tag["buyer_id"]) == ("reserved", "00000009100058")
        assert register.files == ("etiquettes.csv", "donnees.txt", "registre.csv")

    def test_a_mapping_fits_one_of_the_tables_at_least(self, tmp_path: Path) -> None:
        own = tmp_path / "registre.csv"
        own.write_text("Code;Lancement\nA1;01/02/2024\n", encoding="utf-8")
        tags = tmp_path / "etiquettes.csv"
        tags.write_text("Marché;Réservé\nA1;oui\n", encoding="utf-8")
        register = open_register([own, tags], mapping={"columns": {"contract": "Code"}})
        assert len(register.tags) == len(register.contracts) == 1
        with pytest.raises(InputError, match="lacks a column") as caught:
            open_register([own, tags], mapping={"columns": {"contract": "Code", "lot": "N"}})
        assert caught.value.field == "lot"

    def test_no_file_or_a_missing_one_is_said(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match="no file"):
            open_register([])
        with pytest.raises(InputError, match=r"absent\.csv"):
            open_register([tmp_path / "absent.csv"])


class TestRealFiles:
    @pytest.mark.parametrize("folder", ["json_2019", "json_2022", "csv"])
    def test_they_open_and_lose_no_number(self, real_data: Path, folder: str) -> None:
        files = sorted((real_data / "decp" / folder).glob("*"))
        if not files:
            pytest.skip(f"no {folder} among the real files")
        smallest = min(files, key=lambda each: each.stat().st_size)
        register = open_register([smallest])
        assert len(register.contracts)
        assert register.contracts["contract"].notna().all()
        key = ["buyer_id", "contract"]
        assert not register.contracts.duplicated(key).any()
        # Nothing that nobody states is a tag.
        assert register.tags["value"].isin([True, False]).all()


class TestCommand:
    def run(self, *arguments: object) -> tuple[int, str]:
        found = CliRunner().invoke(main, ["register", *map(str, arguments)])
        return found.exit_code, found.output

    def test_it_says_what_is_known_and_writes_the_tables(self, tmp_path: Path) -> None:
        own = tmp_path / "registre.csv"
        own.write_text(
            "Marché;Notification;Titulaire;SIRET du titulaire;Clause sociale;Montant\n"
            'A1;01/02/2024;"=HYPERLINK(""https://exemple.invalid"")";00000004200077;oui;100\n'
            "A2;01/03/2024;Bêta;00000014100036;;200\n",
            encoding="utf-8",
        )
        tags = tmp_path / "etiquettes.csv"
        tags.write_text("Marché;Clause sociale\nA1;non\nA3;oui\n", encoding="utf-8")
        paid = tmp_path / "paiements.csv"
        paid.write_text(
            "Exercice;Date mandat;Chapitre;Nature;Libellé;Tiers;SIRET tiers;Marché;Montant HT;"
            "Montant TTC\n"
            "2024;05/03/2024;011;6288;Prestation;Bêta;00000014100036;A2;100,00;120,00\n"
            "2024;06/03/2024;011;6288;Prestation;Bêta;00000014100036;;50,00;60,00\n",
            encoding="utf-8",
        )
        out = tmp_path / "sortie"
        code, text = self.run(own, tags, "--firms", demo_firms(), "--payments", paid, "--out", out)
        assert code == 1, text
        assert "2 contract(s)" in text
        assert "social_clause: 0 yes, 0 no, 2 unknown" in text
        assert "1 × sources-disagree" in text
        assert "1 × contract-not-in-register" in text
        assert "size of" in text
        assert "matched, number: 1 line(s), 100.00 €" in text
        assert "unmatched, no-number: 1 line(s), 50.00 €" in text
        written = sorted(each.name for each in out.iterdir())
        assert written == [
            "contrats.csv",
            "desaccords.csv",
            "entreprises.csv",
            "etiquettes.csv",
            "marches_sans_paiement.csv",
            "modifications.csv",
            "paiements_non_rapproches.csv",
            "paiements_rapproches.csv",
            "problemes.csv",
            "problemes_entreprises.csv",
            "rapprochement.csv",
            "titulaires.csv",
        ]
        for each in out.iterdir():
            with each.open(encoding="utf-8-sig", newline="") as stream:
                cells = [cell for row in csv.reader(stream, delimiter=";") for cell in row]
            assert not [cell for cell in cells if cell.startswith(HOSTILE)], each.name
        differing = (out / "desaccords.csv").read_text(encoding="utf-8-sig")
        assert ";social_clause;oui;" in differing and ";social_clause;non;" in differing
        holders = (out / "titulaires.csv").read_text(encoding="utf-8-sig")
        assert f"'{HOSTILE}" in holders

    def test_columns_and_words_of_the_tables_are_french(self) -> None:
        for _, name in {**TABLES, **JOINED}.values():
            for field in schema(name).fields:
                assert field.title != field.name, (name, field.name)
                if "enum" in field.constraints:
                    assert set(field.words.values()) == set(field.constraints["enum"]), name

    def test_a_register_in_order_is_clean(self, tmp_path: Path) -> None:
        own = tmp_path / "registre.csv"
        own.write_text("Marché;Notification\nA1;01/02/2024\n", encoding="utf-8")
        code, text = self.run(own)
        assert (code, text.splitlines()[0]) == (0, "1 contract(s): 1 kind unknown")
