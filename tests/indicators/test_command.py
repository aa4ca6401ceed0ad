"""The command `lcc indicators`."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

REGISTER = """\
Marché;Type de contrat;Montant notifié HT (€);Date de notification;Date de lancement;Objet
A;marché;150000;01/05/2025;01/02/2025;Voirie
B;marché;120000;01/05/2025;01/02/2025;=HYPERLINK("x")
C;marché;90000;01/05/2025;01/02/2025;Mobilier
D;marché;;01/05/2025;01/02/2025;Nettoyage
"""
TAGS = "Marché;Clause sociale;Clause environnementale\nA;oui;oui\nB;;non\nC;oui;\nD;non;oui\n"


def write_register(folder: Path) -> tuple[Path, Path]:
    """Write a small register and its tags."""
    register, tags = folder / "registre.csv", folder / "etiquettes.csv"
    register.write_text(REGISTER, encoding="utf-8")
    tags.write_text(TAGS, encoding="utf-8")
    return register, tags


def test_values_members_and_checks_are_told_and_written(
    run: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    paths = write_register(tmp_path)
    code, out, _ = run(
        "indicators", *paths, "--year", "2025", "--check", "social-clause", "--out", "tables"
    )
    assert code == 1
    # Above 90 000: A yes, B unknown; C is not; D (no) has no amount. 1/1 known; at least 1/3 (B
    # and D no), at most 2/2.
    assert "Contracts with a social clause: 100.0 %, 33.3 % – 100.0 % (2 unknown)" in out
    assert "target 30.0 %: held" in out
    assert "2 contract(s) to check by hand for bounds within 0.05" in out
    assert "  B: Social clause\n" in out and "  D: amount\n" in out
    # What is not known says what would tell it.
    assert "Awardees located in the region: not known (no --region)" in out
    assert "Insertion hours performed: not known (no --hours)" in out
    folder = tmp_path / "tables"
    with (folder / "indicateurs.csv").open(encoding="utf-8") as stream:
        rows = {(row["indicator"], row["variant"]): row for row in csv.DictReader(stream)}
    assert rows["social-clause", "published"]["low"].startswith("0.333")
    # No threshold: C (yes) and D (no) are in.
    assert float(rows["social-clause", "all-contracts"]["low"]) == 0.5
    assert rows["local-awardees", "published"]["note"] == "region-not-given"
    checks = (folder / "a-verifier.csv").read_text(encoding="utf-8-sig").splitlines()
    assert checks[0].startswith("Rang;") and len(checks) == 3
    # The table is for people: tags, fields and indicators by their French names.
    assert any("Clause sociale;Contrats avec clause sociale;prouvée" in each for each in checks)
    # A text that a spreadsheet would run is disarmed in every table.
    for path in folder.iterdir():
        text = path.read_text(encoding="utf-8-sig")
        assert ";=HYPERLINK" not in text and '"=HYPERLINK' not in text, path.name


def test_a_register_that_is_not_there_ends_in_a_message(
    run: Callable[..., tuple[int, str, str]],
) -> None:
    code, _, errors = run("indicators", "absent.csv", "--year", "2025")
    assert code == 2 and "absent.csv" in errors
