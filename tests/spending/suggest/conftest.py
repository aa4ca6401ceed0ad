"""A small town of coded titles, and the models made of it once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lcc.spending.suggest import train
from lcc.spending.suggest.labels import PRODUCT, read_labels
from lcc.spending.suggest.model import SuggestionModel
from lcc.spending.suggest.train import CodedTitles, train_model

WHAT = {
    "14.01": ["Nettoyage des vitres", "Nettoyage des locaux", "Entretien ménager des bureaux"],
    "09.01": ["Fourniture d'électricité", "Achat d'énergie électrique", "Électricité des sites"],
    "15.02": ["Élagage des arbres", "Abattage et élagage", "Taille des arbres d'alignement"],
    "11.01": ["Achat d'ordinateurs", "Ordinateurs portables", "Purchase of laptops"],
}
WHERE = ("écoles", "mairie", "stade", "gymnases", "crèches", "piscine")


@pytest.fixture(scope="session")
def coded() -> CodedTitles:
    """72 titles of four families and twelve buyers, written for these tests."""
    rows = [
        (f"{what} {where}", family, f"{buyer:09d}")
        for family, texts in WHAT.items()
        for rank, what in enumerate(texts)
        for buyer, where in enumerate(WHERE, start=6 * (rank % 2))
    ]
    titles, families, buyers = (list(each) for each in zip(*rows, strict=True))
    return CodedTitles(titles, families, buyers)


@pytest.fixture(scope="module")
def few_labels(labels_only: SuggestionModel) -> Iterator[None]:
    """Leave out the labels of CPV codes while training: nineteen in twenty, and most of the time.

    The model of labels alone is made before, of all of them.
    """
    kept = tuple(each for each in read_labels() if each.kind != PRODUCT)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(train, "read_labels", lambda: kept)
        train.clear_labels()
        yield
    train.clear_labels()


@pytest.fixture(scope="module")
def model(few_labels: None, coded: CodedTitles) -> SuggestionModel:
    """The model of that town."""
    return train_model(coded)


@pytest.fixture(scope="session")
def labels_only() -> SuggestionModel:
    """The model without any title."""
    return train_model()


PAYMENTS = """date;exercice;montant_ht;objet;cpv;marche;siret_fournisseur
2024-03-01;2024;1000,00;Nettoyage des vitres;;M1;
2024-04-01;2024;2000,00;NETTOYAGE DES VITRES;;M2;
2024-05-01;2024;4000,00;Élagage des platanes;77211500;M3;
2024-06-01;2024;8000,00;Choses et autres;;M4;
"""

MAPPING = """[file]
kind = "payment"

[columns]
date = "date"
budget_year = "exercice"
amount_ht = "montant_ht"
label = "objet"
cpv = "cpv"
contract = "marche"
supplier_id = "siret_fournisseur"
"""


@pytest.fixture
def payments(tmp_path: Path) -> Path:
    """Four payments: two cleanings without a code, one coded, one that says nothing."""
    path = tmp_path / "paiements.csv"
    path.write_text(PAYMENTS, encoding="utf-8")
    (tmp_path / "mapping.toml").write_text(MAPPING, encoding="utf-8")
    return path
