"""Headers as finance software abbreviates them; what each means is plain to a controller."""

from __future__ import annotations

from pathlib import Path

import pytest

from lcc.spending.check import check
from lcc.spending.sources.headers import conventional_columns, guess_kind

EXPECTED = {
    "chapter": ("Chap.", "Chap", "N° chapitre", "Chapitre n°", "CHAPITRE", "Ch."),
    "entry_type": (
        "R/O",
        "Réel / Ordre",
        "Op. d'ordre",
        "Ordre (O/N)",
        "Opération d’ordre (oui/non)",
    ),
    "vat_regime": ("Autoliquidation", "Autoliquidation TVA", "Autoliq.", "TVA autoliq. (O/N)"),
    "budget": ("Budget annexe", "BA", "Code budget"),
    "kind": ("Sens", "Dépense/Recette", "Sens (D/R)"),
    "role": ("Sous-traitance", "Sous-traitant (O/N)", "Rôle"),
    "account": ("Art.", "Imputation budgétaire", "Imput.", "N° article", "Cpte", "Compte n°"),
    "contract": ("Marché n°", "N° marché", "Nº marché", "Référence du marché", "Réf. marché"),
    "amount_ttc": ("Mandaté TTC", "Réalisé TTC", "Mt TTC (€)", "Montant TTC en €", "TTC mandaté"),
    "amount_ht": ("Mandaté HT", "Réalisé HT", "Mt HT (€)", "Montant HT en euros"),
    "date": ("Dt mandat", "Date du mandat"),
    "budget_year": ("Exer.", "Exercice"),
}


@pytest.mark.parametrize(
    ("field", "header"), [(field, each) for field, names in EXPECTED.items() for each in names]
)
def test_header_is_recognised(field: str, header: str) -> None:
    assert conventional_columns([header], "payment") == {field: 0}


@pytest.mark.parametrize("header", ["Montant (k€)", "Montant TVA", "Observations", "N° tiers"])
def test_header_that_means_something_else(header: str) -> None:
    """Thousands of euros are no euros; a number of payee is no name."""
    assert conventional_columns([header], "payment") == {}


def test_the_whole_word_goes_before_its_abbreviation() -> None:
    assert conventional_columns(["Chap.", "Chapitre"], "payment") == {"chapter": 1}


def test_a_chapter_tells_payments_from_contracts() -> None:
    assert guess_kind(["Date", "Chap.", "Montant TTC"]) == "payment"
    assert guess_kind(["Date", "Objet", "Montant TTC"]) is None


def test_non_cash_chapter_under_an_abbreviated_header(tmp_path: Path) -> None:
    """Of 120 000 and 50 000 TTC on 2315, the second is an entry of chapter 041: 100 000 HT."""
    path = tmp_path / "m.csv"
    path.write_text(
        "Exercice;Date de mandat;Chap.;Compte;N° marché;Tiers;Objet;Montant TTC\n"
        "2023;12/03/2023;23;2315;M1;BTP;Situation;120 000,00\n"
        "2023;12/03/2023;041;2315;M1;BTP;Solde;50 000,00\n",
        encoding="utf-8",
    )
    lines = check(path).lines
    assert lines.query("scope == 'in'")["amount_usable_cents"].tolist() == [100_000_00]
    assert lines["scope"].tolist() == ["in", "out"]
