"""Synthetic tables for the images of charts; every figure is made up for the tests."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
from frames import map_table

DOMAINS = {"10": "Voirie", "12": "Bâtiments", "22": "Énergie", "31": "Déchets", "40": "Numérique",
           "51": "Restauration", "60": "Études", "33": "Eau", "70": "Nettoyage",
           "15": "Voirie"}  # fmt: skip


def pareto_table() -> pd.DataFrame:
    """Return families with the interval of their cumulated share."""
    frame = map_table().sort_values("emissions_tco2e", ascending=False)
    shares = frame["emissions_tco2e"].cumsum() / frame["emissions_tco2e"].sum()
    return frame.assign(
        cumulated_low=0.88 * shares, cumulated_high=[min(1.0, 1.08 * each) for each in shares]
    )


def treemap_table() -> pd.DataFrame:
    """Return families in their domains, some of them tiny."""
    frame = map_table()
    small = pd.DataFrame(
        {
            "group": [f"60.{rank}" for rank in range(10, 30)],
            "label_fr": [f"Petite famille numéro {rank}" for rank in range(20)],
            "label_en": [f"Small family number {rank}" for rank in range(20)],
            "emissions_tco2e": [900.0 - 40 * rank for rank in range(20)],
        }
    )
    frame = pd.concat([frame, small], ignore_index=True)
    return frame.assign(domain=[DOMAINS[code[:2]] for code in frame["group"]])


def causes_table() -> pd.DataFrame:
    """Return what changed between two years: 104 000 to 101 000, two causes unsure."""
    rows = [
        ("Volume des achats", 6_200.0, 3_100.0, 9_300.0),
        ("Prix", -1_800.0, -4_100.0, 500.0),
        ("Composition des achats entre familles", -5_400.0, -8_000.0, -2_800.0),
        ("Révision des facteurs", -2_000.0, -3_900.0, -100.0),
    ]
    return pd.DataFrame(rows, columns=["label", "change", "change_low", "change_high"])


def fan_table() -> pd.DataFrame:
    """Return a projection that falls by a twentieth a year, the wider the further."""
    spread = {0.025: -1.96, 0.1: -1.28, 0.25: -0.67, 0.5: 0.0, 0.75: 0.67, 0.9: 1.28, 0.975: 1.96}
    return pd.DataFrame(
        [
            {
                "year": 2024 + step,
                "quantile": quantile,
                "projected": 101_000 * 0.95**step * (1 + 0.05 * score * (step + 1) ** 0.5),
            }
            for step in range(7)
            for quantile, score in spread.items()
        ]
    )


def rank_table(count: int = 8, draws: int = 400) -> pd.DataFrame:
    """Return how often each family has each rank, over draws with errors of a third."""
    frame = map_table().sort_values("emissions_tco2e", ascending=False).head(count)
    errors = np.random.default_rng(2026).normal(0.0, 0.33, (draws, count))
    masses = frame["emissions_tco2e"].to_numpy() * np.exp(errors)
    ranks = (-masses).argsort(axis=1).argsort(axis=1)
    return pd.DataFrame(
        [
            {"label": label, "rank": rank + 1, "probability": (ranks[:, place] == rank).mean()}
            for place, label in enumerate(frame["label_fr"])
            for rank in range(count)
        ]
    )


AS_OF = date(2026, 11, 26)


def contracts_table() -> pd.DataFrame:
    """Return contracts that end in the window, beyond it, before it, or on an unknown day."""
    rows = [
        (
            "Collecte des ordures ménagères, lot 1",
            date(2027, 3, 31),
            date(2029, 3, 31),
            6_100.0,
            14.2e6,
        ),
        ("Enrobés et gravillons", date(2027, 3, 31), None, 4_900.0, 6.1e6),
        ("Fourniture d'électricité", date(2026, 12, 31), None, 3_800.0, 18.0e6),
        ("Carburants en vrac", date(2027, 9, 30), date(2028, 3, 31), 3_100.0, 2.4e6),
        ("Restauration scolaire", date(2027, 8, 31), date(2028, 8, 31), 2_700.0, 5.2e6),
        ("Maintenance des chaufferies", date(2027, 12, 31), None, 900.0, 3.3e6),
        ("Postes de travail et écrans", date(2028, 2, 29), date(2028, 5, 15), 640.0, 2.0e6),
        ("Nettoyage des locaux", date(2027, 3, 15), None, 310.0, 2.9e6),
        ("Études de programmation", date(2027, 6, 30), None, None, 0.4e6),
        ("Hors fenêtre", date(2029, 6, 30), None, 9_999.0, 9.0e6),
        ("Déjà échu", date(2026, 11, 26), None, 9_999.0, 9.0e6),
        ("Sans échéance", None, None, 120.0, 0.2e6),
    ]
    columns = ["label", "end_date", "options_end_date", "emissions_tco2e", "spend_eur"]
    return pd.DataFrame(rows, columns=columns).astype(
        {"end_date": object, "options_end_date": object}
    )


def decomposition_table() -> pd.DataFrame:
    """Return what changed in `year_table`: 98 000 to 104 000, then to 101 000."""
    first = pd.DataFrame(
        [
            ("Volume des achats", 5_200.0, 2_500.0, 7_900.0),
            ("Prix", 3_300.0, 1_000.0, 5_600.0),
            ("Composition des achats entre familles", -2_500.0, -5_100.0, 100.0),
        ],
        columns=["label", "change", "change_low", "change_high"],
    )
    parts = [first.assign(from_year=2021, to_year=2022),
             causes_table().assign(from_year=2022, to_year=2023)]  # fmt: skip
    return pd.concat(parts, ignore_index=True)
