"""Codes that are no purchase put their lines out of scope, with the reason."""

from __future__ import annotations

from pathlib import Path

from lcc.spending.check import check

LINES = """date;montant_ht;cpv;famille;objet
2024-03-01;100,00;70122200;;Achat d'un terrain
2024-03-02;200,00;66113000;;Emprunt
2024-03-03;300,00;30199770;;Titres-restaurant
2024-03-04;400,00;45233140;;Travaux routiers
2024-03-05;500,00;66113000;19.04;Frais de dossier
2024-03-06;600,00;;;Sans code
"""

MAPPING = """
[file]
kind = "payment"
[columns]
date = "date"
amount_ht = "montant_ht"
cpv = "cpv"
family = "famille"
label = "objet"
"""


def test_land_loans_and_vouchers_are_no_purchases(tmp_path: Path) -> None:
    lines, mapping = tmp_path / "lignes.csv", tmp_path / "lignes.toml"
    lines.write_text(LINES, encoding="utf-8")
    mapping.write_text(MAPPING, encoding="utf-8")
    found = check([lines], mapping=mapping).lines.sort_values("source_row")
    assert list(found["scope"]) == ["out", "out", "out", "in", "in", "in"]
    assert list(found["scope_reason"])[:3] == ["land", "debt", "staff-benefits"]
    # Nothing is lost: 2 100.00 EUR in all, of which 600.00 out of scope.
    assert found["amount_declared_cents"].sum() == 210_000
    assert found.loc[found["scope"] == "out", "amount_declared_cents"].sum() == 60_000
