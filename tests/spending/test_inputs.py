"""What is given to the check: files twice, columns it does not read."""

from __future__ import annotations

import json
import logging
import shutil
from pathlib import Path

import pytest

from lcc.errors import InputError
from lcc.spending.check import check

TEXT = (
    "Exercice;Date de mandat;Compte;Tiers;Objet;Observations;Montant TTC;Visa\n"
    "2023;12/03/2023;60632;A;Vis;;120,00;x\n"
)


def write(folder: Path, name: str, text: str = TEXT) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


class TestSameFileTwice:
    def test_under_another_name(self, tmp_path: Path) -> None:
        first = write(tmp_path, "mandats.csv")
        second = Path(shutil.copy(first, tmp_path / "mandats copie.csv"))
        with pytest.raises(InputError, match="given twice") as raised:
            check([first, second])
        assert "mandats.csv" in str(raised.value)
        assert "mandats copie.csv" in str(raised.value)

    def test_under_the_same_name(self, tmp_path: Path) -> None:
        path = write(tmp_path, "mandats.csv")
        with pytest.raises(InputError, match="given twice"):
            check([path, path])

    @pytest.mark.parametrize("name", ["marches.json", "budget.xml", "mandats.parquet"])
    def test_of_any_format(self, tmp_path: Path, name: str) -> None:
        path = write(tmp_path, name, "{}")
        with pytest.raises(InputError, match="given twice"):
            check([path, Path(shutil.copy(path, tmp_path / "copie"))])

    def test_files_of_one_size_are_two_files(self, tmp_path: Path) -> None:
        spending = check(
            [write(tmp_path, "a.csv"), write(tmp_path, "b.csv", TEXT.replace("Vis;", "Cle;"))]
        )
        # 2 × 120.00 / 1.2
        assert spending.lines["amount_usable_cents"].sum() == 200_00


class TestColumnsIgnored:
    def test_named_in_the_order_of_the_file(
        self, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.WARNING):
            spending = check(write(tmp_path, "m.csv"))
        (account,) = spending.reconciliation["files"]
        assert account["columns_ignored"] == ["Observations", "Visa"]
        assert "columns not read: Observations, Visa" in caplog.text
        # The file is no less clean for it: only the rate is assumed, and that is another matter.
        assert set(account["codes"]) == {"nomenclature-assumed", "vat-rate-assumed"}

    def test_none_where_all_are_read(self, tmp_path: Path) -> None:
        text = "Exercice;Compte;Tiers;Objet;Montant HT\n2023;60632;A;Vis;120,00\n"
        spending = check(write(tmp_path, "m.csv", text))
        assert spending.reconciliation["files"][0]["columns_ignored"] == []
        assert spending.clean

    def test_written_beside_the_lines(self, tmp_path: Path) -> None:
        check(write(tmp_path, "m.csv")).write(tmp_path / "out")
        written = json.loads((tmp_path / "out" / "reconciliation.json").read_text("utf-8"))
        assert written["files"][0]["columns_ignored"] == ["Observations", "Visa"]


def test_stated_amounts_leave_a_file_clean(tmp_path: Path) -> None:
    """HT beside TTC is no damage: the difference is named, by a flag, and nothing was repaired."""
    text = (
        "Exercice;Date de mandat;Compte;Tiers;Objet;Montant HT;Montant TTC\n"
        "2023;12/03/2023;60632;A;Vis;100,00;120,00\n"
    )
    spending = check(write(tmp_path, "m.csv", text))
    assert spending.clean
    assert spending.findings.query("code == 'ht-stated'")["adjustment_cents"].tolist() == [-20_00]
