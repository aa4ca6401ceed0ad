"""Ends of contracts that a list of 2019 writes with the rank of their last modification."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from lcc.budget.grid.contract_ends import read_contract_ends
from tests.budget.small_maps import furniture, make_spending

BUYER = "20009320100016"


def record(number: str, **more: Any) -> dict[str, Any]:
    """Return a contract of the layout of 2019."""
    return {
        "id": number,
        "uid": BUYER + number,
        "_type": "Marché",
        "acheteur": {"id": BUYER, "nom": "Métropole"},
        "nature": "Marché",
        "objet": f"Mobilier {number[:-2]}",
        "codeCPV": "39100000-3",
        "procedure": "Procédure adaptée",
        "lieuExecution": {"code": "59", "typeCode": "Code département", "nom": "Nord"},
        "dureeMois": 24,
        "dateNotification": "2023-01-01",
        "datePublicationDonnees": "2023-01-15",
        "montant": 50_000.0,
        "formePrix": "Ferme",
        "titulaires": [
            {"typeIdentifiant": "SIRET", "id": "55210055400013", "denominationSociale": "Firme"}
        ],
        "modifications": [],
    } | more


def ends_of(folder: Path, *records: dict[str, Any], paid: tuple[str, ...]) -> pd.Series[Any]:
    path = folder / "marches_2019.json"
    path.write_text(json.dumps({"marches": list(records)}, ensure_ascii=False), encoding="utf-8")
    payments = [furniture(1_000, contract=each, directorate="Eau") for each in paid]
    spending, carbon = make_spending(folder, *payments, also=(path,))
    return read_contract_ends(spending, carbon).set_index("contract")["end_date"]


def test_payments_write_the_number_without_its_rank(tmp_path: Path) -> None:
    found = ends_of(
        tmp_path,
        record("2023F000100"),
        record("2023F000201", dureeMois=36),
        record("2023F000300"),
        record("2023F000600"),
        # Two objects under one shorter number are two contracts.
        record("2023F000400"),
        record("2023F000401", objet="Chauffage"),
        # A number that stands as such is not another's without its rank.
        record("2023F000700"),
        record("2023F0007", dureeMois=12),
        # A number of its own, whose last figures are no rank.
        record("2023F0512"),
        paid=("2023F0001", "2023F0002", "2023F000300", "2023F0004", "2023F05", "2023F0007"),
    )
    assert found["2023F0001"] == date(2024, 12, 31)
    assert found["2023F0002"] == date(2025, 12, 31)
    assert found["2023F000300"] == date(2024, 12, 31)
    assert found["2023F0007"] == date(2023, 12, 31)
    assert found["2023F0004"] is None and found["2023F05"] is None


def test_a_file_that_does_not_rank_its_numbers(tmp_path: Path) -> None:
    # One number in three ends in 00: the last figures are those of a sequence.
    rows = [record(number) for number in ("2023F000100", "2023F000201", "2023F000302")]
    found = ends_of(tmp_path, *rows, paid=("2023F0001", "2023F0003"))
    assert found.isna().all()
