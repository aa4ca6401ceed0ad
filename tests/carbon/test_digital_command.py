"""The command `lcc digital`: what it writes, says, and refuses."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from lcc.carbon.map import map_carbon
from lcc.carbon.store import write_map
from lcc.carbon.study import REPORT_DIMENSIONS
from lcc.cli import main
from lcc.errors import FieldError
from lcc.reading.edited import write_edited

ROW: dict[str, Any] = {
    "entry": "N1", "year": 2023, "kind": "laptop", "label": "A", "count": 100,
    "purchase_year": 2023, "lifetime_years": 5, "owner": "owned", "document": "Parc",
}  # fmt: skip


@pytest.fixture
def parc(tmp_path: Path) -> Path:
    return write_edited([ROW], "digital_equipment", tmp_path / "parc.csv")


def test_equipment_alone(parc: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = ["digital", str(parc), "--agents", "50", "--keep", "laptop=7", "--out", str(out)]
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 0, result.output
    # 100 × (182.6 / 5 + 1.7) kg = 3.8 t, 76 kg for each of 50; 100 × 182.6 + 170 kg = 18.4 t.
    assert "2023, amortised: 3.8 tCO2e" in result.output
    assert "76 kgCO2e per agent" in result.output
    # Each view has its lines under it, with their intervals.
    purchases, _, amortised = result.output.partition("2023, amortised")
    assert "  terminals × manufacture: 18.3 tCO2e [" in purchases
    assert "  terminals × manufacture: 3.7 tCO2e [" in amortised
    # 182.6 × 100 × (1/5 - 1/7) kg.
    assert "Laptop kept 7 years, amortised: 1.0 tCO2e avoided a year" in result.output
    assert "equipment alone" in result.output
    names = {path.name for path in out.iterdir()}
    assert {
        "tiers-et-phases.csv", "tiers-et-phases.svg", "tiers-et-phases.txt", "equipements.csv",
        "ages.csv", "ages.svg", "electricite.csv", "duree-de-vie.csv", "leviers-numeriques.csv",
    } <= names  # fmt: skip
    assert "rapprochement.csv" not in names
    assert "démonstration" not in (out / "tiers-et-phases.txt").read_text(encoding="utf-8")


def test_with_the_folder_of_a_map_and_in_english(
    parc: Path, tmp_path: Path, payments: Callable[..., tuple[Path, Path]]
) -> None:
    spending, mapping = payments(
        {"amount_ht": 1000.10, "family": "11.01", "contract": "M1"},
        {"amount_ht": 5000.25, "family": "11.07", "contract": "M2"},
    )
    folder = write_map(map_carbon(spending, REPORT_DIMENSIONS, mapping=mapping), tmp_path / "carte")
    command = [
        "digital", str(parc), str(folder), "--left-out", "M2", "--language", "en",
        "--out", str(tmp_path / "out"),
    ]  # fmt: skip
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 0, result.output
    with (tmp_path / "out" / "reconciliation.csv").open(encoding="utf-8-sig") as stream:
        rows = {(row["family"], row["view"]): row for row in csv.DictReader(stream)}
    assert rows["11.01", "purchases"]["by_inventory_cents"] == "100010"
    assert rows["11.07", "amortised"]["not_counted_cents"] == "500025"
    assert "not counted: 5,000 € of 11.07 Telecommunication services, " in result.output
    assert "(contract M2, left out by --left-out)" in result.output
    assert (tmp_path / "out" / "map-with-inventory.csv").is_file()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--keep", "laptop"], "NAME=NUMBER"),
        (["--keep", "laptop=7", "--keep", "laptop=8"], "stands twice"),
        (["--keep", "laptop=4"], "more than 5 years"),
        (["--cost", "laptop=10"], "a kind under keep"),
        (["--year", "2019"], "2023"),
        (["--left-out", "M1"], "an inventory alone"),
    ],
)
def test_what_cannot_be_asked(parc: Path, tmp_path: Path, more: list[str], said: str) -> None:
    result = CliRunner().invoke(main, ["digital", str(parc), *more, "--out", str(tmp_path / "o")])
    assert isinstance(result.exception, FieldError)
    assert said in str(result.exception)


def test_what_is_set_aside_is_noted(tmp_path: Path) -> None:
    rows = [ROW | {"kwh_per_year": 3.0, "quality": "metered"}]
    path = write_edited(rows, "digital_equipment", tmp_path / "parc.csv")
    result = CliRunner().invoke(main, ["digital", str(path), "--out", str(tmp_path / "o")])
    assert result.exit_code == 1
    said = "N1 (row 2): consumption of a month, it seems: 3 kWh, expected: 5 – 900 kWh"
    assert said in result.output


def test_findings_are_sentences_with_english_figures(
    tmp_path: Path, payments: Callable[..., tuple[Path, Path]]
) -> None:
    spending, mapping = payments({"amount_ht": 51760.40, "family": "11.01", "contract": "M5"})
    path = write_edited([ROW | {"purchase_year": 2022}], "digital_equipment", tmp_path / "parc.csv")
    command = ["digital", str(path), str(spending), "--mapping", str(mapping)]
    result = CliRunner().invoke(main, [*command, "--out", str(tmp_path / "o")])
    assert result.exit_code == 1, result.output
    assert (
        "11.01 Computers, tablets, screens and peripherals: spending without a purchase in the "
        "inventory: counted in euros: 51,760.40 €" in result.output
    )
    assert "M5: one contract outweighs all others" in result.output
    assert "51,760 € / 51,760 €" in result.output


def test_a_blank_inventory(tmp_path: Path) -> None:
    out = tmp_path / "parc.xlsx"
    result = CliRunner().invoke(main, ["table", "digital-equipment", "--out", str(out)])
    assert result.exit_code == 0, result.output
    assert "Équipement (required)" in result.output
    assert "Fabrication déclarée (kgCO2e par unité)" in result.output
    assert out.is_file()
