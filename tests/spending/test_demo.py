"""The demonstration: it is what its generator makes, and everything injected into it is found.

The list of what was injected (`injected.csv`) is written by `tools/demo`, which imports nothing of
the package; the check knows nothing of the list.
"""

from __future__ import annotations

import csv
import hashlib
import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from lcc.spending.check import Spending, check
from lcc.tables import data_path

DEMO = data_path("procurement_map", "demo")
ROOT = Path(__file__).resolve().parents[2]
GENERATOR = ROOT / "tools" / "make_demo.py"
CONTRACT_FILES = ("marches.json", "marches_2019.json", "marches_centimes.json")
SHARED_YEARS = (2022, 2023, 2024)


def read_rows(name: str, encoding: str = "utf-8", delimiter: str = ",") -> list[dict[str, str]]:
    with (DEMO / name).open(encoding=encoding, newline="") as stream:
        return list(csv.DictReader(stream, delimiter=delimiter))


@pytest.fixture(scope="module")
def payments() -> Spending:
    return check(DEMO / "paiements.csv", mapping=DEMO / "correspondance.toml")


@pytest.fixture(scope="module")
def contracts() -> Spending:
    return check([DEMO / name for name in CONTRACT_FILES])


@pytest.fixture(scope="module")
def found(payments: Spending, contracts: Spending) -> dict[tuple[str, int], set[str]]:
    codes: dict[tuple[str, int], set[str]] = defaultdict(set)
    for spending in (payments, contracts):
        rows = spending.connection.execute("SELECT source_file, source_row, code FROM finding")
        for name, row, code in rows.fetchall():
            codes[(Path(name).name, row)].add(code)
    return codes


def test_everything_injected_is_found(found: dict[tuple[str, int], set[str]]) -> None:
    injected = [row for row in read_rows("injected.csv") if row["expected_code"]]
    missed = [
        f"{row['file']} row {row['row']}: {row['kind_of_damage']} → {row['expected_code']}"
        for row in injected
        if row["expected_code"] not in found[(row["file"], int(row["row"]))]
    ]
    assert len(injected) > 400
    assert not missed, "\n".join(missed)


def test_variants_of_writing_raise_no_finding(found: dict[tuple[str, int], set[str]]) -> None:
    # `ht-stated` says where the amount without VAT comes from: it names no damage.
    harmless = ("enumeration-accents", "number-as-text")
    for row in read_rows("injected.csv"):
        if row["kind_of_damage"] in harmless:
            codes = found[(row["file"], int(row["row"]))]
            assert not codes - {"framework-ceiling", "modification"}, row


@pytest.mark.parametrize(
    "code",
    [
        "amount-unreadable",
        "cpv-check-digit",
        "cpv-unknown",
        "cpv-unreadable",
        "date-too-early",
        "date-too-late",
        "duplicate-across-files",
        "duration-in-days",
        "duplicate-record",
        "publication-before-notification",
        "record-unreadable",
        "siret-cleaned",
        "superseded-state",
        "supplier-siret-checksum",
        "supplier-siret-length",
        "test-record",
        "text-damaged",
    ],
)
def test_nothing_else_is_found(code: str, found: dict[tuple[str, int], set[str]]) -> None:
    """Where nothing was injected, these rules stay silent: La Poste's SIRET included."""
    rows = {
        (row["file"], int(row["row"]))
        for row in read_rows("injected.csv")
        if row["expected_code"] == code
    }
    assert {place for place, codes in found.items() if code in codes} == rows


def test_lines_and_records_are_counted(payments: Spending, contracts: Spending) -> None:
    """What is read is what the files hold, counted here without the package."""
    read = {
        Path(each["file"]).name: each["rows_read"]
        for spending in (payments, contracts)
        for each in spending.reconciliation["files"]
    }
    text = (DEMO / "paiements.csv").read_text(encoding="cp1252")
    assert read["paiements.csv"] == text.count("\n") - 1
    document = json.loads((DEMO / "marches.json").read_text(encoding="utf-8"))["marches"]
    records = len(document["marche"]) + len(document["contrat-concession"])
    assert read["marches.json"] == records
    for name in CONTRACT_FILES[1:]:
        content = json.loads((DEMO / name).read_text(encoding="utf-8"))
        assert read[name] == len(content["marches"])


def test_to_the_cent(payments: Spending, contracts: Spending) -> None:
    for spending in (payments, contracts):
        for each in spending.reconciliation["files"]:
            assert (
                each["amount_read_cents"]
                == each["amount_kept_cents"] + each["amount_quarantined_cents"]
            )
            assert each["rows_read"] == each["rows_kept"] + each["rows_quarantined"]


@pytest.mark.parametrize("year", SHARED_YEARS)
def test_size_is_that_of_the_model_case(payments: Spending, year: int) -> None:
    """About 450 M€ a year through contracts, over 1 bn€ with concessions (mission)."""
    through, concessions, whole = payments.connection.execute(
        """
        SELECT
            sum(amount_usable_cents) FILTER (contract NOT LIKE '%DSP%') / 100,
            sum(amount_usable_cents) FILTER (contract LIKE '%DSP%') / 100,
            sum(amount_usable_cents) / 100
        FROM line WHERE scope = 'in' AND budget_year = $year
        """,
        {"year": year},
    ).fetchone()
    assert 400e6 < through < 500e6
    assert concessions > 500e6
    assert 0.99e9 < whole < 1.15e9


@pytest.mark.parametrize("year", SHARED_YEARS)
def test_accounts_hold_what_the_payments_hold(year: int) -> None:
    """Accounts that no damage touches (it is done to lines under contract), summed here."""
    untouched = ("6132", "614", "6281", "65748", "64111", "739211")
    paid = dict.fromkeys(untouched, 0)
    for row in read_rows("paiements.csv", "cp1252", ";"):
        key = (row["Budget"], row["Exercice"], row["Marché"])
        if key == ("PRINCIPAL", str(year), "") and row["Nature"] in paid:
            paid[row["Nature"]] += int(row["Montant TTC"].replace(",", ""))
    booked = dict.fromkeys(untouched, 0)
    for line in (DEMO / f"comptes_{year}.xml").read_text(encoding="iso-8859-1").splitlines():
        account = line.partition('Nature V="')[2].partition('"')[0]
        if account in booked:
            amount = line.partition('MtReal V="')[2].partition('"')[0]
            booked[account] += int(amount.replace(".", ""))
    assert booked == paid
    assert min(paid.values()) > 0


def test_identifiers_are_fictitious_but_valid() -> None:
    """Luhn's sum computed by hand; the two real bodies named aside."""

    def luhn(digits: str) -> int:
        doubled = [int(d) * (2 if i % 2 else 1) for i, d in enumerate(reversed(digits))]
        return sum(value - 9 if value > 9 else value for value in doubled)

    damaged = {
        int(row["row"]) for row in read_rows("injected.csv") if "siret" in row["kind_of_damage"]
    }
    for rank, row in enumerate(read_rows("paiements.csv", "cp1252", ";"), 2):
        siret = row["SIRET tiers"]
        if rank in damaged or row["Type pièce"] is None or siret is None or len(siret) != 14:
            continue
        if row["Tiers"] == "La Poste":
            assert sum(map(int, siret)) % 5 == 0
        elif row["Tiers"] != "UGAP":
            assert siret.startswith("0000") and luhn(siret) % 10 == 0


def test_package_lists_every_file_with_its_checksum() -> None:
    package = json.loads((DEMO / "datapackage.json").read_text(encoding="utf-8"))
    listed = {each["path"]: each for each in package["resources"]}
    files = [path for path in DEMO.rglob("*") if path.is_file()]
    shipped = {path.relative_to(DEMO).as_posix() for path in files}
    shipped -= {"README.md", "datapackage.json"}
    assert set(listed) == shipped
    for name, each in listed.items():
        content = (DEMO / name).read_bytes()
        assert each["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
        assert each["bytes"] == len(content)
    assert sum(path.stat().st_size for path in files) < 8e6
    assert "Données de démonstration" in (DEMO / "README.md").read_text(encoding="utf-8")


def test_undamaged_contracts_are_valid(real_data: Path) -> None:
    """Records nothing happened to fit the ministry's schemas, but for tags left empty (null)."""
    validators = pytest.importorskip("jsonschema").validators
    damaged = {(row["file"], int(row["row"])) for row in read_rows("injected.csv")}
    schemas = {
        "marches.json": "v2/schema_decp_v2.0.3.json",
        "marches_2019.json": "v1.5.0/marches.json",
    }
    for name, path in schemas.items():
        form = json.loads((real_data / "decp" / "schema" / path).read_text(encoding="utf-8"))
        validator = validators.validator_for(form)(form)
        content = json.loads((DEMO / name).read_text(encoding="utf-8"))["marches"]
        records = content["marche"] if isinstance(content, dict) else content
        sound = [
            record
            for rank, record in enumerate(records, 1)
            # The doubles of another platform lack the fields that the format of 2019 has not.
            if (name, rank) not in damaged and ("ccag" in record or name != "marches.json")
        ]
        whole = (
            {"marche": sound, "contrat-concession": content["contrat-concession"]}
            if isinstance(content, dict)
            else sound
        )
        errors = [
            error.message
            for error in validator.iter_errors({"marches": whole})
            if error.message != "None is not of type 'object'"
        ]
        assert len(sound) > 500
        assert not errors, errors[:3]


@pytest.mark.skipif(not GENERATOR.exists(), reason="the generator is not shipped in the wheel")
class TestGenerator:
    @staticmethod
    def make(folder: Path, *options: str) -> dict[str, bytes]:
        command = [sys.executable, str(GENERATOR), str(folder), *options]
        subprocess.run(command, check=True, capture_output=True)
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}

    def test_same_seed_same_bytes(self, tmp_path: Path) -> None:
        first = self.make(tmp_path / "a", "--scale", "0.05")
        assert first == self.make(tmp_path / "b", "--scale", "0.05")
        other = self.make(tmp_path / "c", "--scale", "0.05", "--seed", "7")
        assert other["paiements.csv"] != first["paiements.csv"]

    def test_shipped_data_are_what_it_makes(self, tmp_path: Path) -> None:
        made = self.make(tmp_path / "full")
        different = [name for name in made if made[name] != (DEMO / name).read_bytes()]
        assert not different

    def test_generator_and_checker_share_no_code(self) -> None:
        sources = [GENERATOR, *sorted((GENERATOR.parent / "demo").glob("*.py"))]
        assert len(sources) > 10
        for path in sources:
            words = path.read_text(encoding="utf-8")
            assert "import lcc" not in words and "from lcc" not in words, path.name
