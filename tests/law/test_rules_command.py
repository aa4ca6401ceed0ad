"""`lcc rules`: the rules of a day, what changed, a contract judged; exit codes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., tuple[int, str, str]]

HEADERS = "SIRET de l'acheteur;Marché;Type de contrat;Objet;Consultation;CPV;Date de lancement;"
LAST_HEADERS = "Date de notification;Montant notifié HT (€);Clause sociale;Marché réservé"


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.fixture
def register(tmp_path: Path) -> Path:
    """A register of two contracts: one launched before 22 August 2026, one on that day."""
    lines = [
        HEADERS + LAST_HEADERS,
        "00009999400014;AVANT;marché;Voirie;C1;45233120-6;21/08/2026;02/11/2026;95000,00;;",
        "00009999400014;JOUR;marché;Voirie;C2;45233120-6;22/08/2026;02/11/2026;95000,00;;",
    ]
    path = tmp_path / "registre.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


class TestRulesOfADay:
    def test_on_the_first_of_september_2026(self, run: Run) -> None:
        code, said, _ = run("rules", "--date", "2026-09-01")
        said = plain(said)
        assert code == 0
        assert "Règles du 01/09/2026" in said
        # Thresholds of 2026, rules of 22 August, with source and confidence.
        assert "60 000 € HT" in said and "216 000 € HT" in said and "5 404 000 € HT" in said
        assert "221 000" not in said and "140 000" not in said
        assert "Le prix ne peut plus être le seul critère." in said
        assert "confiance : haute sur le mois" in said and "décret 2025-1386" in said

    def test_in_english_for_one_kind_of_purchase_and_buyer(self, run: Run) -> None:
        code, said, _ = run(
            "rules", "--date", "2026-08-21", "--applies-to", "supplies-services",
            "--buyer-kind", "contracting-entity", "--language", "en",
        )  # fmt: skip
        assert code == 0 and "€432,000" in said and "€216,000" not in said
        assert "The price may be the only criterion" in said and "confidence: high" in said
        assert "5,404,000" not in said

    def test_what_changed(self, run: Run) -> None:
        code, said, _ = run("rules", "--date", "2026-09-01", "--since", "2026-04-01")
        changes = plain(said).partition("Ce qui a changé depuis le 01/04/2026")[2]
        assert code == 0 and "22/08/2026" in changes and "01/04/2026  " not in changes
        assert "avant : Aucun critère environnemental n'est exigé." in changes
        said = run("rules", "--date", "2026-05-02", "--since", "2026-05-01")[1]
        assert said.rstrip().endswith("rien")

    def test_days_out_of_order(self, run: Run) -> None:
        code, _, told = run("rules", "--date", "2026-01-01", "--since", "2026-04-01")
        assert code == 2 and "not in order" in told


class TestAContract:
    def test_on_the_day_of_the_rule_something_is_to_be_checked(
        self, run: Run, register: Path
    ) -> None:
        code, said, _ = run("rules", "--contract", "JOUR", register)
        said = plain(said)
        assert code == 1
        assert "Critère environnemental : s'applique" in said
        assert "Consultation lancée le 22/08/2026" in said
        assert "Critère environnemental (Critère environnemental) : à vérifier" in said
        assert "concession" not in said.lower().partition("publicité")[0]

    def test_on_the_day_before_only_the_target_of_the_scheme_holds(
        self, run: Run, register: Path
    ) -> None:
        code, said, _ = run("rules", "--contract", "AVANT", register)
        said = plain(said)
        assert "Critère environnemental : rien d'exigé" in said
        # 95 000 € > 90 000 €, launched in 2026: the scheme's own target.
        assert "Objectif environnemental du SMART : s'applique" in said
        assert code == 1

    def test_of_the_demonstration(self, run: Run) -> None:
        code, said, _ = run("rules", "--contract", "2024T0080", "--language", "en")
        assert code == 0 and "2024T0080: " in said
        assert "Launch not stated: between 2022-06-05" in said
        assert "Nothing that tags say was demanded." in said

    def test_what_is_refused(self, run: Run, register: Path) -> None:
        code, _, told = run("rules", "--contract", "JAMAIS", register)
        assert code == 2 and "JAMAIS" in told
        code, _, told = run("rules", "--contract", "JOUR", "--date", "2026-01-01", register)
        assert code == 2 and "own date" in told
        code, _, told = run("rules", register)
        assert code == 2 and "--contract" in told
