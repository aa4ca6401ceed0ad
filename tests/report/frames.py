"""Synthetic tables in the form of a map's tables; every figure is made up for the tests."""

from __future__ import annotations

import pandas as pd

FAMILIES = [
    ("31.02", "Collecte des déchets ménagers", "Household waste collection", 41.2e6, 18_400, 0.35),
    (
        "10.01",
        "Travaux de voirie et réseaux divers",
        "Road and utility works",
        88.1e6,
        27_900,
        0.40,
    ),
    ("22.01", "Électricité", "Electricity", 19.5e6, 4_310, 0.12),
    ("22.03", "Carburants", "Fuels", 6.8e6, 14_900, 0.10),
    ("40.01", "Prestations informatiques", "IT services", 24.0e6, 2_960, 0.55),
    ("40.02", "Matériel informatique", "IT hardware", 7.9e6, 3_350, 0.50),
    ("12.01", "Construction de bâtiments", "Building construction", 61.7e6, 15_600, 0.42),
    ("51.03", "Repas et restauration collective", "Catering", 9.9e6, 6_720, 0.38),
    (
        "60.02",
        "Études et conseil en urbanisme et aménagement durable",
        "Urban planning advice",
        18.2e6,
        1_480,
        0.60,
    ),
    ("33.01", "Eau : exploitation des usines", "Water plants operation", 12.3e6, 3_040, 0.45),
    ("70.01", "Nettoyage des locaux", "Cleaning of premises", 8.4e6, 1_090, 0.52),
    ("15.04", "Enrobés et matériaux de voirie", "Asphalt and road materials", 5.1e6, 6_150, 0.22),
]


def ratings_table() -> pd.DataFrame:
    """Return spending and emissions by chapter and rating: 75 M€, 60 of which nobody rated."""
    rows = [
        ("61 Services extérieurs", "unfavourable", 10e6, 9_000.0),
        ("61 Services extérieurs", "undefined", 20e6, 4_000.0),
        ("64 Charges de personnel", "undefined", 40e6, None),
        ("23 Immobilisations en cours", "very-favourable", 5e6, 1_000.0),
        ("23 Immobilisations en cours", None, -1e3, None),
    ]
    return pd.DataFrame(rows, columns=["label", "rating", "eur", "tco2e"])


def map_table(scale: float = 1.0) -> pd.DataFrame:
    """Return a table with the columns of a map."""
    rows = []
    for rank, (code, fr, en, spend, mass, error) in enumerate(FAMILIES):
        covered = spend * (0.9 if rank % 3 else 1.0)
        physical = 0.7 if code.startswith("22") else 0.05 * (rank % 3)
        supplier = 0.1 if rank % 5 == 0 else 0.0
        rows.append(
            {
                "group": code,
                "label_fr": fr,
                "label_en": en,
                "lines": 900 - 41 * rank,
                "spend_eur": spend * scale,
                "covered_eur": covered * scale,
                "uncovered_eur": (spend - covered) * scale,
                "coverage": covered / spend,
                "emissions_tco2e": mass * scale,
                "low_tco2e": mass * scale * (1 - error),
                "high_tco2e": mass * scale * (1 + 1.3 * error),
                "intensity_kgco2e_per_eur": 1000 * mass / covered,
                "share_supplier": supplier,
                "share_physical": physical,
                "share_price_derived": 0.1,
                "share_monetary": 0.9 - physical - supplier,
                "quality": 2.0 + rank % 3,
                "abc_class": "A" if mass > 10_000 else "B" if mass > 3_000 else "C",
            }
        )
    return pd.DataFrame(rows)


def year_table() -> pd.DataFrame:
    """Return one row per year."""
    return pd.DataFrame(
        {
            "group": ["2021", "2022", "2023"],
            "label_fr": ["2021", "2022", "2023"],
            "label_en": ["2021", "2022", "2023"],
            "spend_eur": [3.0e8, 3.1e8, 3.2e8],
            "emissions_tco2e": [98_000.0, 104_000.0, 101_000.0],
            "low_tco2e": [71_000.0, 76_000.0, 74_000.0],
            "high_tco2e": [131_000.0, 138_000.0, 134_000.0],
            "intensity_kgco2e_per_eur": [0.33, 0.34, 0.32],
        }
    )


def coverage_table() -> pd.DataFrame:
    """Return what becomes of spending."""
    return pd.DataFrame(
        {
            "category": ["Dépense couverte", "Non couvert", "Hors périmètre", "Écarté"],
            "amount_eur": [291e6, 18.4e6, 122e6, 4.2e6],
        }
    )


def crossing_table() -> pd.DataFrame:
    """Return emissions of directorates by families; a third of the pairs do not exist."""
    directorates = ["Direction des déchets", "Voirie", "Bâtiments", "Numérique", "Eau", "Mobilité"]
    return pd.DataFrame(
        [
            {"directorate": where, "family": fr, "emissions_tco2e": mass * (1 + i) / (3 + j * j)}
            for i, where in enumerate(directorates)
            for j, (_, fr, _, _, mass, _) in enumerate(FAMILIES)
            if (i + j) % 3
        ]
    )
