"""`lcc publish` on the files of scenario S5: the sole trader is in no file, and totals are true."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from lcc.cli import main
from lcc.yearly.gather import gather_year
from lcc.yearly.open_data import REFUSALS_FILE
from lcc.yearly.store import WORK_FOLDER, load_yearly, write_yearly
from lcc.yearly.study import open_study

sys.path.insert(0, str(Path(__file__).parents[1] / "yearly"))
from scenario_s5 import FIRMS, NET, PERSON, write_study

FAMILY = "19.05"
"""Family of the sole trader, alone in it: training."""


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of an account, as `lcc bilan` leaves it, without its page."""
    study = open_study(write_study(tmp_path_factory.mktemp("etude")))
    folder = tmp_path_factory.mktemp("bilan")
    write_yearly(gather_year(study, 2025, "2026-03-31"), folder / WORK_FOLDER)
    return folder


@pytest.fixture(scope="module")
def told(out: Path) -> str:
    """What the command says; the small contract of the person is left out, so exit code 1."""
    result = CliRunner().invoke(
        main, ["publish", str(out), "--base-url", "https://exemple.invalid/2025", "--check"]
    )
    assert result.exit_code == 1, result.output
    return result.output


@pytest.fixture(scope="module")
def folder(out: Path, told: str) -> Path:
    assert told
    return out / "donnees-ouvertes"


def texts(folder: Path) -> Iterator[tuple[str, str]]:
    """Text of every file; of a workbook, that of its parts."""
    import zipfile

    for path in sorted(folder.rglob("*")):
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as archive:
                for name in archive.namelist():
                    yield f"{path.name}/{name}", archive.read(name).decode("utf-8")
        elif path.is_file():
            yield path.name, path.read_text(encoding="utf-8")


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    content = (folder / name).read_bytes().decode("utf-8")
    return list(csv.DictReader(io.StringIO(content, newline="")))


class TestPublish:
    def test_all_files_are_there_and_valid(self, folder: Path, told: str) -> None:
        assert {each.name for each in folder.iterdir()} >= {
            "indicateurs.csv", "indicateurs-marches.csv", "carbone-par-famille.csv",
            "carbone-par-direction.csv", "heures-insertion.csv", "marches.csv", "decp-2022.json",
            "controle-qualite.csv", "datapackage.json", "catalogue.jsonld", "LISEZMOI.md",
            "tableaux.xlsx", "schemas",
        }  # fmt: skip
        assert "valid for frictionless" in told and "left out: 1" in told

    def test_the_sole_trader_is_in_no_file(self, folder: Path) -> None:
        """Paid 5 500 € in 2025 on a contract of 20 000 €: under 40 000 € no law publishes it."""
        number = FIRMS[PERSON][0]
        for name, text in texts(folder):
            for secret in (number, number[:9], PERSON, "Objet de D3", "5500.0", ">5500<", ",5500,"):
                assert secret not in text, (name, secret)

    def test_its_family_is_masked_and_totals_do_not_give_it_back(self, folder: Path) -> None:
        table = rows(folder, "carbone-par-famille.csv")
        (own,) = [row for row in table if row["famille"] == FAMILY]
        assert own["etat"] == "masque" and own["depense_eur"] == own["emissions_tco2e"] == ""
        (total,) = [row for row in table if not row["famille"]]
        # 315 000 € of 2024, 10 % dearer.
        assert float(total["depense_eur"]) == pytest.approx(346_500.0)
        for name, key in (
            ("carbone-par-famille.csv", "famille"), ("carbone-par-direction.csv", "direction"),
        ):  # fmt: skip
            table = [row for row in rows(folder, name) if row[key]]
            shown = sum(float(row["depense_eur"] or 0) for row in table)
            assert sum(row["etat"] == "masque" for row in table) >= 2
            assert 346_500.0 - shown > 2 * 5_500.0

    def test_page_and_open_data_mask_the_same(self, out: Path, folder: Path) -> None:
        from lcc.yearly.store import load_yearly

        account = load_yearly(out / WORK_FOLDER)
        for name, table in (("famille", "families"), ("direction", "directorates")):
            page = account.table(table)
            masked = set(page.loc[page["protection"] == "masked", "group"])
            published = rows(folder, f"carbone-par-{name}.csv")
            assert {row[name] for row in published if row["etat"] == "masque"} == masked

    def test_page_and_open_data_show_the_same_indicators(self, out: Path, folder: Path) -> None:
        """The page is made of the account's values; what is masked there has no figure here."""
        values = load_yearly(out / WORK_FOLDER).values
        masked = values[values["note"] == "masked"]
        found = rows(folder, "indicateurs.csv")
        figures = ("connu", "au_moins", "au_plus", "comptent", "ne_comptent_pas", "inconnues")
        hidden = [row for row in found if row["etat"] == "masque"]
        assert all(not row[name] for row in hidden for name in figures)
        assert sorted((row["indicateur"], int(row["annee"])) for row in hidden) == sorted(
            zip(masked["indicator"], masked["year"], strict=True)
        )
        assert len(found) == len(values)
        assert {row["variante"] for row in found if row["indicateur"].endswith("-euros")} == {
            "published"
        }

    def test_no_awardee_is_told_by_contract(self, folder: Path) -> None:
        told = {row["indicateur"] for row in rows(folder, "indicateurs-marches.csv")}
        assert "social-clause" in told
        assert not any(each.endswith(("-awardees", "-euros", "-hours")) for each in told)

    def test_what_keeps_a_contract_out_is_told_to_the_buyer_alone(
        self, out: Path, folder: Path, told: str
    ) -> None:
        count = len((out / WORK_FOLDER / REFUSALS_FILE).read_text("utf-8-sig").splitlines()) - 1
        assert REFUSALS_FILE not in {each.name for each in folder.rglob("*")}
        if "not in the essential data" in told:
            assert count > 0 and "lack or misstate" in told
        written = told.split("essential data: ")[1].split(" contracts", maxsplit=1)[0]
        assert f"{written} contrats. Hors du fichier" in (folder / "LISEZMOI.md").read_text("utf-8")

    def test_no_spreadsheet_runs_a_name(self, folder: Path) -> None:
        for name, text in texts(folder):
            assert f",{NET}" not in text and f'"{NET}' not in text, name

    def test_addresses_are_those_asked_for(self, folder: Path) -> None:
        catalogue = json.loads((folder / "catalogue.jsonld").read_text(encoding="utf-8"))
        assert catalogue["@id"] == "https://exemple.invalid/2025/catalogue.jsonld"

    def test_a_second_run_gives_the_same_bytes(self, out: Path, folder: Path) -> None:
        before = {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
        CliRunner().invoke(
            main, ["publish", str(out), "--base-url", "https://exemple.invalid/2025"]
        )
        after = {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
        assert before == after

    def test_hours_that_no_sex_is_stated_for_are_the_contracts_own(self, folder: Path) -> None:
        found = [row for row in rows(folder, "heures-insertion.csv") if not row["marche"]]
        # 200 000 + 100 000 + 74 000 + 308 + 100.
        assert [row["heures_realisees"] for row in found if not row["sexe"]] == ["374408"]


class TestRefused:
    def test_a_folder_without_an_account(self, tmp_path: Path) -> None:
        result = CliRunner().invoke(main, ["publish", str(tmp_path)])
        assert "the folder holds no account" in str(result.exception)
        assert "lcc bilan" in str(result.exception)

    def test_an_address_that_is_none(self, out: Path) -> None:
        result = CliRunner().invoke(main, ["publish", str(out), "--base-url", "exemple"])
        assert "not one of the web" in str(result.exception)
