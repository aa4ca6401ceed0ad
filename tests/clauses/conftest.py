"""A contract, its measurements and contracts to compare with, small enough to follow by hand."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from lcc.clauses.contract import ClauseContract
from lcc.clauses.contract_file import build_clause
from lcc.clauses.measurements import Measurement

CONTENT: dict[str, Any] = {
    "contract": {
        "id": "24M01",
        "title": "Collecte",
        "supplier": "Collectes SARL",
        "supplier_siret": "73282932000074",
        "family": "06.01",
        "start": datetime.date(2024, 1, 1),
        "end": datetime.date(2026, 12, 31),
        "work_unit": "km",
        "clause": "carbon-follow-up",
    },
    "baseline": {
        "value": 1.0,
        "unit": "kgCO2e/km",
        "method": "relevés",
        "source": "marché précédent, rapport 2023, p. 4",
        "year": 2023,
    },
    "commitment": {
        "steps": [
            {"date": datetime.date(2024, 1, 1), "reduction": 0.05},
            {"date": datetime.date(2025, 1, 1), "reduction": 0.10},
        ]
    },
    "measurement": {
        "every_months": 12,
        "due_days": 60,
        "who": "titulaire",
        "evidence": "factures de carburant",
        "method": "cuves",
    },
}

HEADER = (
    "Marché;Début de période;Fin de période;Quantité d'ouvrage;Unité de la quantité;Émissions;"
    "Unité des émissions;Intensité;Unité de l'intensité;Incertitude (± %, à 95 %);Méthode;"
    "Justificatif;Montant facturé HT (€);Vérifié par;Vérifié le"
)
ROW_2024 = (
    "24M01;01/01/2024;31/12/2024;100000;km;94;tCO2e;;;10 %;cuves;factures;500000;contrôle;"
    "15/02/2025"
)
ROW_2025 = (
    "24M01;01/01/2025;31/12/2025;100;Mm;85000;kgCO2e;;;10 %;cuves;factures;500000;contrôle;"
    "15/02/2026"
)


@pytest.fixture
def make_contract() -> Callable[..., ClauseContract]:
    """Return the contract, some sections changed: `make(baseline={"value": 2.0})`."""

    def make(**changes: dict[str, Any]) -> ClauseContract:
        content = deepcopy(CONTENT)
        for section, values in changes.items():
            content.setdefault(section, {}).update(values)
        return build_clause(content, "clause.toml")

    return make


@pytest.fixture
def contract(make_contract: Callable[..., ClauseContract]) -> ClauseContract:
    return make_contract()


@pytest.fixture
def measurement() -> Callable[..., Measurement]:
    """Return a measured and verified year: `measurement(2024, level=0.94)`."""

    def make(year: int, level: float, *, work: float = 100_000, **changes: Any) -> Measurement:
        values: dict[str, Any] = {
            "contract": "24M01",
            "start": datetime.date(year, 1, 1),
            "end": datetime.date(year, 12, 31),
            "work": work,
            "emissions_kgco2e": level * work,
            "error_cv": 0.05,
            "method": "cuves",
            "evidence": "factures",
            "invoiced_eur": 500_000.0,
            "verified_by": "contrôle",
            "verified_on": datetime.date(year + 1, 2, 15),
        }
        return Measurement(**(values | changes))

    return make


@pytest.fixture
def write_table(tmp_path: Path) -> Callable[..., Path]:
    """Return the path of a table of measurements made of some rows."""

    def write(*rows: str, header: str = HEADER, name: str = "mesures.csv") -> Path:
        path = tmp_path / name
        path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
        return path

    return write
