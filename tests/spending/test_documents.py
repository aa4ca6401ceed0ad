"""Orders to collect, unknown words: what no purchase is, and what is not understood."""

from __future__ import annotations

from pathlib import Path

import pytest

from lcc.spending.check import Spending, check

HEADER = "Exercice;Date de mandat;Compte;Sens;Tiers;Objet;Type de pièce;R/O;Montant TTC"


def check_lines(folder: Path, *lines: str) -> Spending:
    path = folder / "m.csv"
    path.write_text("\n".join((HEADER, *lines)) + "\n", encoding="utf-8")
    return check(path)


def rows_with(spending: Spending, code: str) -> list[int]:
    found = spending.findings
    return sorted(found[found["code"] == code]["source_row"])


@pytest.mark.parametrize(
    ("sense", "document"),
    [("R", "Mandat"), ("Recette", ""), ("", "Titre"), ("", "Titre de recette"), ("R", "Titre")],
)
def test_revenue_is_no_purchase(tmp_path: Path, sense: str, document: str) -> None:
    """1 200.00 / 1.2 bought; 600.00 collected, and never in the map."""
    spending = check_lines(
        tmp_path,
        "2023;12/03/2023;60632;D;A;Vis;Mandat;R;1 200,00",
        f"2023;12/03/2023;60632;{sense};A;Remboursement;{document};R;600,00",
    )
    lines = spending.lines
    assert lines["kind"].tolist() == ["payment", "revenue"]
    assert lines["scope"].tolist() == ["in", "out"]
    assert lines.query("scope == 'in'")["amount_usable_cents"].tolist() == [1_000_00]
    assert rows_with(spending, "revenue-order") == [3]


def test_unknown_words_are_flagged(tmp_path: Path) -> None:
    spending = check_lines(
        tmp_path,
        "2023;12/03/2023;60632;D;A;Vis;Mandat;R;1 200,00",
        "2023;12/03/2023;60632;D;A;Clous;Pièce Z;R;1 200,00",
        "2023;12/03/2023;60632;D;A;Bois;Mandat;Mixte Z;1 200,00",
    )
    assert rows_with(spending, "document-type-unknown") == [3]
    assert rows_with(spending, "entry-type-unknown") == [4]
    assert spending.lines["amount_usable_cents"].tolist() == [1_000_00] * 3


def test_unknown_sense_is_set_aside(tmp_path: Path) -> None:
    spending = check_lines(tmp_path, "2023;12/03/2023;60632;Z;A;Vis;Mandat;R;1 200,00")
    assert rows_with(spending, "kind-unknown") == [2]
