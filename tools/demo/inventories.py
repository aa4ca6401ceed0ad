"""Physical inventory, insertion hours and tags of the synthetic métropole."""

from __future__ import annotations

from typing import Any

import numpy as np

from demo.contracts import Contract
from demo.profiles import YEARS

__all__ = ["insertion_rows", "inventory_rows", "tag_rows"]

SITES = ("Hôtel métropolitain", "Piscine", "Médiathèque", "Centre technique", "Musée", "Gymnase")
VEHICLES = (
    ("Voiture thermique", "litres", 780.0, 11_000.0),
    ("Voiture électrique", "kWh", 2_050.0, 11_500.0),
    ("Utilitaire gazole", "litres", 1_450.0, 15_000.0),
    ("Benne à ordures", "litres", 12_500.0, 21_000.0),
    ("Poids lourd", "litres", 7_800.0, 24_000.0),
)
EQUIPMENT = (
    ("Ordinateur portable", 3_100),
    ("Ordinateur de bureau", 900),
    ("Écran", 4_300),
    ("Téléphone mobile", 2_200),
    ("Serveur", 180),
    ("Imprimante multifonction", 260),
)
PLANTS = (
    ("Station d'épuration des Prés-Bas", "kWh", 14_500_000.0),
    ("Usine d'eau potable de la Sourde", "kWh", 9_800_000.0),
    ("Éclairage public", "kWh", 17_000_000.0),
)


def inventory_rows(rng: np.random.Generator, share: float) -> list[list[Any]]:
    """Return the yearly quantities per site, vehicle type and equipment."""
    rows: list[list[Any]] = [
        ["Exercice", "Type", "Identifiant", "Libellé", "Énergie ou grandeur", "Quantité", "Unité"]
    ]
    for year in YEARS:
        trend = 1.0 - 0.03 * (year - YEARS[0])
        for rank in range(1, max(4, round(60 * share)) + 1):
            kind = SITES[rank % len(SITES)]
            area = 600 + 9_000 * float(np.random.default_rng(rank).random())
            power = area * 62 * trend * float(rng.normal(1, 0.04))
            heat = area * 95 * trend * float(rng.normal(1, 0.06))
            water = area * 0.42 * float(rng.normal(1, 0.05))
            name, site = f"{kind} n° {rank}", f"SITE{rank:03d}"
            fuel = "Chaleur de réseau" if rank % 5 == 0 else "Gaz naturel"
            unit = "kWh" if rank % 5 == 0 else "kWh PCS"
            rows.append([year, "Site", site, name, "Surface", round(area), "m2"])
            rows.append([year, "Site", site, name, "Électricité", round(power), "kWh"])
            rows.append([year, "Site", site, name, fuel, round(heat), unit])
            rows.append([year, "Site", site, name, "Eau", round(water), "m3"])
        for name, unit, quantity in PLANTS:
            amount = round(quantity * trend * float(rng.normal(1, 0.02)))
            rows.append([year, "Installation", "", name, "Électricité", amount, unit])
        for rank in range(1, max(5, round(140 * share)) + 1):
            name, unit, quantity, distance = VEHICLES[rank % len(VEHICLES)]
            level = float(rng.lognormal(0, 0.25)) * trend
            plate, energy = f"VEH{rank:04d}", "Électricité" if unit == "kWh" else "Carburant"
            rows.append([year, "Véhicule", plate, name, energy, round(quantity * level), unit])
            rows.append([year, "Véhicule", plate, name, "Distance", round(distance * level), "km"])
        for name, number in EQUIPMENT:
            amount = round(number * float(rng.normal(1, 0.03)))
            rows.append([year, "Numérique", "", name, "Parc", amount, "unités"])
    return rows


def insertion_rows(rng: np.random.Generator, contracts: list[Contract]) -> list[list[Any]]:
    """Return contracted and performed insertion hours, per contract, year and sex."""
    rows: list[list[Any]] = [["Marché", "Exercice", "Sexe", "Heures prévues", "Heures réalisées"]]
    for each in contracts:
        social = each.extra.get("social")
        if not isinstance(social, list) or social[0] not in ("Clause sociale", "Marché réservé"):
            continue
        for year, paid in sorted(each.paid_eur.items()):
            hours = paid * (0.02 if social[0] == "Marché réservé" else 0.0032)
            if hours < 35:
                continue
            women = float(rng.beta(2.2, 6.0 if each.segment.kind == "T" else 3.0))
            for sex, part in (("F", women), ("H", 1 - women)):
                planned = round(hours * part)
                done: int | str = round(planned * float(rng.normal(1.02, 0.18)))
                if rng.random() < 0.05:
                    done = ""
                rows.append([each.number, year, sex, planned, done])
    return rows


def tag_rows(rng: np.random.Generator, contracts: list[Contract]) -> list[list[Any]]:
    """Return the tags followed by contract; an empty cell is unknown, never "no"."""
    rows: list[list[Any]] = [
        [
            "Marché",
            "Année de notification",
            "Montant notifié HT",
            "Clause sociale",
            "Clause environnementale",
            "Critère environnemental",
            "Lien PCAET",
            "Critère de coût global",
            "Clause carbone",
        ]
    ]
    for each in contracts:
        social, environment = each.extra["social"], each.extra["environment"]
        clause = _said(environment, "Clause environnementale")
        rows.append(
            [
                each.number,
                each.start.year,
                f"{each.amount_eur:.2f}".replace(".", ","),
                _said(social, "Clause sociale"),
                clause,
                _said(environment, "Critère environnemental"),
                _draw(rng, 0.22 if clause == "oui" else 0.04, 0.25),
                _draw(rng, 0.08, 0.3),
                _draw(rng, 0.03, 0.1),
            ]
        )
    return rows


def _said(tags: object, wanted: str) -> str:
    if not isinstance(tags, list):
        return ""
    return "oui" if wanted in tags else "non"


def _draw(rng: np.random.Generator, likely: float, empty: float) -> str:
    if rng.random() < empty:
        return ""
    return "oui" if rng.random() < likely else "non"
