"""Physical data of the synthetic métropole, as its energy monitoring exports them."""

from __future__ import annotations

from typing import Any

import numpy as np

from demo.contracts import Contract
from demo.lines import Line
from demo.profiles import YEARS

__all__ = ["COLUMNS_FR", "physical_rows"]

COLUMNS_FR = (
    "Identifiant",
    "Exercice",
    "Site ou compteur",
    "Poste BEGES",
    "Énergie ou produit",
    "Quantité",
    "Unité",
    "Remplace",
    "Dépense remplacée",
    "Part couverte",
    "Ensemble",
    "Document source",
    "Qualité",
    "Incertitude ± à 95 %",
)
"""Headers of the table of physical posts."""

STREAM = 4
"""Draws of this file alone: adding it changed no other."""

METERED_SHARE = "65 %"
"""Part of the electricity spending that the meters followed stand for."""

AGENTS = 2_340
COMMUTING_KM_PER_AGENT = 3_900


def physical_rows(
    seed: int, contracts: list[Contract], lines: list[Line], inventory: list[list[Any]]
) -> list[list[Any]]:
    """Return meters, fuel cards and a survey, year by year.

    Electricity is that of the inventory, by kind of site; gas and fuel are what the contracts that
    sell most of them were paid for, a little beside what their unit price would give.
    """
    rng = np.random.default_rng([seed, STREAM])
    rows: list[list[Any]] = [list(COLUMNS_FR)]
    for year in YEARS:
        rows += _meter_rows(inventory, year)
        rows += _contract_rows(rng, contracts, lines, year)
        commuting = round(AGENTS * COMMUTING_KM_PER_AGENT * float(rng.normal(1, 0.02)))
        rows.append(
            [
                f"TRAJETS-{year}",
                year,
                "Tous les agents",
                "3.3",
                "car-diesel",
                commuting,
                "véhicule.km",
                "rien",
                "",
                "",
                "",
                f"Enquête de mobilité {year} (synthétique)",
                "estimé",
                "30 %",
            ]
        )
    return rows


def _meter_rows(inventory: list[list[Any]], year: int) -> list[list[Any]]:
    """Return the electricity of a year, by kind of site or plant: one batch of meters."""
    sums: dict[str, int] = {}
    for row in inventory[1:]:
        if row[0] == year and row[1] in ("Site", "Installation") and row[4] == "Électricité":
            name = row[3].partition(" n° ")[0]
            sums[name] = sums.get(name, 0) + row[5]
    return [
        [
            f"ELEC-{year}-{rank:02d}",
            year,
            name,
            "2.1",
            "electricity-fr",
            kwh,
            "kWh",
            "famille",
            "09.01",
            METERED_SHARE,
            f"Compteurs {year}",
            f"Suivi énergétique {year} (synthétique)",
            "relevé",
            "",
        ]
        for rank, (name, kwh) in enumerate(sorted(sums.items()), 1)
    ]


def _contract_rows(
    rng: np.random.Generator, contracts: list[Contract], lines: list[Line], year: int
) -> list[list[Any]]:
    """Return what the contracts that sell most gas and most fuel delivered in a year."""
    rows = []
    paid_eur: dict[str, float] = {}
    for line in lines:
        if line.year == year:
            paid_eur[line.contract] = paid_eur.get(line.contract, 0.0) + line.ht_cents / 100
    for name, family, post, product, unit in (
        ("GAZ", "09.02", "1.1", "natural-gas-gcv", "MWh PCS"),
        ("CARBURANT", "09.05", "1.2", "diesel", "litres"),
    ):
        sellers = [
            each
            for each in contracts
            if each.segment.family == family and paid_eur.get(each.number, 0.0) > 0
        ]
        drawn = float(rng.normal(1.04, 0.03))
        if not sellers:
            continue
        seller = max(sellers, key=lambda each: paid_eur[each.number])
        quantity = drawn * paid_eur[seller.number] / seller.segment.eur_per_unit
        shown = round(quantity / 1000) if unit.startswith("M") else round(quantity)
        rows.append(
            [
                f"{name}-{year}",
                year,
                seller.number,
                post,
                product,
                shown,
                unit,
                "marché",
                seller.number,
                "",
                "",
                f"Bilan annuel du fournisseur {year} (synthétique)",
                "facturé",
                "",
            ]
        )
    return rows
