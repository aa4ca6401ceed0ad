"""`lcc update` on the demonstration: what is used, what is not and why, what it leaves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lcc.carbon.result import CarbonMap
from lcc.carbon.store import write_map
from lcc.tables import demo_path, load_table

Run = Callable[..., tuple[int, str, str]]
MEASUREMENTS = demo_path("mesures_fournisseurs.csv")
PLANTED = {
    "contract-not-in-map": 1,
    "measurements-disagree": 2,
    "implausible": 1,
    "zero-value": 1,
    "no-method": 1,
    "pending": 1,
    "unit-not-convertible": 1,
}
"""Damage of `tools/demo/measurements.py`."""


@pytest.fixture(scope="module")
def folder(demo_map: CarbonMap, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the demonstration's map."""
    return write_map(demo_map, tmp_path_factory.mktemp("carte") / "carte")


def test_the_demonstration_and_its_damage(run: Run, folder: Path, tmp_path: Path) -> None:
    code, out, err = run("update", MEASUREMENTS, folder, "--year", "2024", "--out", "out")
    assert code == 1
    for reason, count in PLANTED.items():
        assert err.count(f": {reason}") == count, reason
    assert "17 measurements: 8 used" in out and "the same as" in out
    # What stands beside a figure of a whole contract is no figure of the map's.
    assert "by the family's factor on the same euros" in out and " on the map, ×" not in out
    assert "for the next map" in out
    where = tmp_path / "out"
    updates = load_table(where / "familles_mises_a_jour.csv", "family_update").to_pylist()
    assert {row["family"] for row in updates if row["contracts"]} == {
        "02.01", "06.01", "07.02", "09.05"
    }  # fmt: skip
    factors = load_table(where / "facteurs_fournisseurs.csv", "supplier_factor").to_pylist()
    assert {row["unit"] for row in factors} == {"EUR", "litres"}
    assert "<svg" in (where / "familles.svg").read_text(encoding="utf-8")
    assert "avant" in (where / "familles.txt").read_text(encoding="utf-8")
    written = {path.name for path in where.iterdir()}
    assert {"mesures.csv", "familles.csv", "marches.csv", "poids.csv", "prix.csv"} <= written


def test_accepted_by_name(run: Run, folder: Path, tmp_path: Path) -> None:
    text = MEASUREMENTS.read_text(encoding="utf-8").splitlines()
    wanted = next(line for line in text if ":2024-A;" in line)
    other = next(line for line in text if ":2024-B;" in line)
    table = tmp_path / "mesures.csv"
    table.write_text("\n".join([text[0], wanted, other]), encoding="utf-8")
    name = wanted.partition(";")[0]
    accept = ("--accept", name, "--by", "Mme Martin", "--on", "2025-03-01")
    code, out, err = run("update", table, folder, "--out", "out", *accept, "--language", "en")
    assert code == 1 and f"{name}: " in out and "1 used" in out
    assert err.count("measurements-disagree") == 1
    judged = (tmp_path / "out" / "mesures.csv").read_text(encoding="utf-8")
    assert "Mme Martin" in judged and "2025-03-01" in judged
    code, _, err = run("update", table, folder, "--out", "out", "--accept", name)
    assert code == 2 and "nobody is said to accept" in err
    code, _, err = run("update", table, folder, "--out", "out", "--by", "Mme Martin")
    assert code == 2 and "nothing is said to be accepted" in err


def test_nothing_used_and_nothing_left(run: Run, folder: Path, tmp_path: Path) -> None:
    text = MEASUREMENTS.read_text(encoding="utf-8").splitlines()
    table = tmp_path / "mesures.csv"
    zero = next(line for line in text if ";0;tCO2e" in line)
    table.write_text("\n".join([text[0], zero]), encoding="utf-8")
    code, out, err = run("update", table, folder, "--out", "out")
    assert code == 1 and "no measurement is used" in out
    assert "zero-value" in err and "life-cycle figure" in err
    assert not (tmp_path / "out" / "familles_mises_a_jour.csv").exists()
    # An acceptance that changes nothing is said to.
    named = ("--accept", zero.partition(";")[0], "--by", "Mme Martin")
    _, _, err = run("update", table, folder, "--out", "out", *named)
    assert "not used, though Mme Martin accepted it: " in err
    # A clean table: nothing is noted.
    good = next(line for line in text if line.endswith(";donnée fictive") and ";tCO2e;" in line)
    table.write_text("\n".join([text[0], good]), encoding="utf-8")
    assert run("update", table, folder, "--out", "out")[0] == 0


def test_a_blank_table_is_given(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("table", "supplier-measurements", "--out", "mesures.csv")
    assert code == 0 and "Unité de la valeur (required)" in out
    assert (tmp_path / "mesures.csv").read_text("utf-8-sig").startswith("Mesure;Marché;SIRET")


def test_every_reason_has_words_and_a_remedy() -> None:
    from lcc.carbon.update.judge import REASONS
    from lcc.cli.updates import REMEDIES
    from lcc.report.codes import CODES

    assert set(REMEDIES) == set(REASONS)
    assert {f"learning-{each}" for each in REASONS} <= set(CODES)
