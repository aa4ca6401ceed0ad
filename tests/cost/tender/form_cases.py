"""A small tender, and forms filled in and damaged as people do it."""

from __future__ import annotations

import copy
import io
import warnings
import zipfile
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl

from lcc.cost.tender.bids.forms import bid_form
from lcc.cost.tender.publication.tender_file import Tender, build_tender

CONTENT: dict[str, Any] = {
    "consultation": {
        "reference": "2026-COLLECTE-01",
        "title": "Collecte des déchets ménagers",
        "buyer": "Métropole d'exemple",
        "launched": date(2026, 10, 1),
        "purchase_kind": "services",
        "contract_years": 7,
    },
    "criteria": [
        {
            "key": "price",
            "label": "Prix",
            "kind": "price",
            "weight": 40,
            "formula": "proportional",
            "basis": "dqe",
            "justification": "Coût de la prestation.",
        },
        {
            "key": "technique",
            "label": "Valeur technique",
            "kind": "jury",
            "weight": 35,
            "scale": 20,
            "method": "Moyenne des notes des trois membres du jury.",
            "justification": "Continuité du service.",
        },
        {
            "key": "carbon",
            "label": "Émissions du service",
            "kind": "co2-tonnes",
            "weight": 25,
            "formula": "proportional",
            "tonnes": "emissions",
            "evidence": "Note de calcul",
            "justification": "Émissions des tournées de ce marché.",
        },
    ],
    "quantities": [
        {"key": "levee", "label": "Levée de bac", "quantity": 120000, "unit": "item"},
        {"key": "tonne", "label": "Tonne collectée", "quantity": 8000, "unit": "tonne"},
    ],
    "fields": {
        "emissions": {
            "label": "Émissions du service",
            "unit": "tCO2e",
            "minimum": 0,
            "maximum": 5000,
            "evidence": "Note de calcul sur les tournées du marché",
            "evidence_level": "contract",
        },
        "consumption": {
            "label": "Consommation (en tournée)",
            "unit": "litre/km",
            "minimum": 0,
            "maximum": 2,
        },
        "noise": {"label": "Bruit", "unit": "dB", "required": False},
    },
}


STUDY: dict[str, Any] = {
    "study": {
        "study": {
            "key": "collecte",
            "title": "Collecte",
            "base_date": date(2026, 10, 1),
            "period_years": 7,
            "price_basis": "real",
            "price_year": 2023,
            "tax_basis": "HT",
            "discounting": "end-of-year",
        },
        "discount": {"rate_per_year": 0.032, "basis": "real", "source": "Taux de l'acheteur, 2021"},
        "parameters": {
            "distance": {
                "value": 50000,
                "unit": "km/year",
                "label": "Distance parcourue",
                "source": "Relevé des tournées 2025",
            }
        },
        "prices": {
            "diesel": {
                "value": 1.5,
                "unit": "EUR/litre",
                "label": "Gazole",
                "escalation": {"rate_per_year": 0.01, "basis": "real"},
                "carbon_component_eur_per_tco2e": 44.6,
                "source": "Marché de carburants 2025",
            }
        },
        "factors": {
            "diesel": {
                "value": 3.1,
                "unit": "kgCO2e/litre",
                "stage": "use",
                "label": "Gazole, amont compris",
                "source": "Base d'exemple, 2025, ligne 12",
            }
        },
        "externalities": {"carbon_path": "fr-2025", "double_counting": "difference"},
    },
    "template": {
        "items": [
            {"name": "Prestation", "kind": "one-off", "amount_eur": "price"},
            {
                "name": "Carburant",
                "kind": "recurring",
                "category": "energy",
                "quantity": ["consumption", "distance"],
                "price": "diesel",
                "factor": "diesel",
            },
        ]
    },
}
"""A study and a template: the fuel each bid states it burns, over the distance that all drive."""

COLLECTION: dict[str, Any] = {
    **copy.deepcopy(CONTENT),
    **STUDY["study"],
    "template": STUDY["template"],
    "criteria": [
        CONTENT["criteria"][0],
        CONTENT["criteria"][1],
        {**CONTENT["criteria"][2], "tonnes": "study"},
    ],
    "fields": {
        "consumption": {
            "label": "Consommation en tournée",
            "unit": "litre/km",
            "minimum": 0,
            "maximum": 2,
            "evidence": "Essai sur un circuit du marché",
            "evidence_level": "contract",
        }
    },
}
"""The refuse-collection tender: price on the estimated quantities, a jury, tonnes by the study."""


def make_tender(**changes: Any) -> Tender:
    """Return the tender, some of its sections changed."""
    return build_tender({**copy.deepcopy(CONTENT), **changes}, file="collecte.toml", check=False)


FILLED: dict[str, object] = {
    "bid:name": "Entreprise A",
    "price:levee": 0.5,
    "price:tonne": 5.25,
    "field:emissions": 410,
    "field:consumption": 0.42,
}
"""Row of the form → what the bidder types in its value cell."""


def fill(
    form: bytes,
    path: Path,
    values: Mapping[str, object] = FILLED,
    *,
    sheet: str = "Offre",
    column: int = 4,
    change: Callable[[Any], None] | None = None,
) -> Path:
    """Fill in a form as a bidder would, by the key of its rows, and save it."""
    book = openpyxl.load_workbook(io.BytesIO(form))
    page = book[sheet]
    rows = {page.cell(row, 1).value: row for row in range(1, page.max_row + 1)}
    for key, value in values.items():
        page.cell(rows[key], column).value = value
    if change is not None:
        change(page)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book.save(path)
    return path


def fill_bid(
    tender: Tender, path: Path, changes: Mapping[str, object] | None = None, **others: Any
) -> Path:
    """Fill in the bidder's form; a change to None leaves the cell empty."""
    values = {**FILLED, **(changes or {})}
    return fill(bid_form(tender), path, values, **others)


def row_of(page: Any, key: str) -> int:
    """Return the number of the row that has a key."""
    return next(row for row in range(1, page.max_row + 1) if page.cell(row, 1).value == key)


def rewrite_member(source: Path, target: Path, name: str, change: Callable[[bytes], bytes]) -> Path:
    """Copy a workbook, one of its parts changed."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.namelist():
            content = old.read(member)
            new.writestr(member, change(content) if member == name else content)
    return target
