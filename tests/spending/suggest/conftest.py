"""A small town of coded titles, and the models made of it once."""

from __future__ import annotations

import pytest

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


@pytest.fixture(scope="session")
def model(coded: CodedTitles) -> SuggestionModel:
    """The model of that town."""
    return train_model(coded)


@pytest.fixture(scope="session")
def labels_only() -> SuggestionModel:
    """The model without any title."""
    return train_model()
