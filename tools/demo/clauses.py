"""Carbon clauses of the synthetic métropole: three contracts, measurements, comparable contracts.

Every figure is drawn or chosen by the author; none is a statistic. The clause is made to lower
intensities by about a tenth, more or less by contract, and all contracts to improve a little
without it, so that before and after says more than what the clause did.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["CLAUSE_TITLES", "clause_files"]

CLAUSE_TITLES = {
    "clauses/voirie-enrobes.toml": "Marché à clause carbone : réfection de chaussées",
    "clauses/collecte-dechets.toml": "Marché à clause carbone : collecte des déchets",
    "clauses/repas-scolaires.toml": "Marché à clause carbone : restauration scolaire",
    "clauses/mesures.csv": "Mesures périodiques des marchés à clause carbone",
    "clauses/resultats_seve.csv": "Résultats d'éco-comparateur routier, base et variante",
    "clauses/comparables.csv": "Marchés comparables, avec et sans clause carbone",
    "clauses/usages.csv": "Usage des clauses par marché et note d'exécution",
}

CLAUSE_EFFECT_LOG = -0.13
COMMON_CHANGE_LOG = -0.03
SCATTER_LOG = 0.08
PAIR_LOG = 0.05

FAMILIES = (
    ("02.01", "t", 61.0, 30_000.0, range(9100, 9108)),
    ("06.01", "t", 24.0, 26_000.0, range(9110, 9117)),
    ("16.06", "repas", 2.1, 900_000.0, range(9120, 9127)),
)
"""Families, and orders of magnitude chosen by the author."""

NAMES = ("Ardoise", "Brumaire", "Colvert", "Dolmen", "Estuaire", "Fougère", "Garance", "Houblon")

CLAUSES_USED = (
    # clause, family prefix, chance of being used, mean grade
    ("carbon-follow-up", "", 0.30, 3.4),
    ("carbon-bonus-malus", "", 0.12, 2.8),
    ("progress-plan", "", 0.45, 2.6),
    ("warm-asphalt", "02.01", 0.70, 4.2),
    ("reclaimed-asphalt", "02.01", 0.60, 3.8),
    ("collection-vehicles", "06.01", 0.55, 3.5),
    ("route-optimisation", "06.01", 0.40, 2.9),
    ("school-meals-plant", "16.06", 0.65, 4.0),
    ("food-waste", "16.06", 0.70, 3.1),
)


def clause_files(folder: Path, seed: int) -> dict[str, str]:
    """Return the texts of the files, by path in the demonstration.

    Parameters
    ----------
    folder : Path
        Folder of the fixed files (contracts).
    seed : int
        Seed of a generator of their own: the rest of the demonstration does not move with them.
    """
    rng = np.random.default_rng([seed, 4])
    comparables = _comparables(rng)
    texts = {
        name: (folder / Path(name).name).read_text(encoding="utf-8")
        for name in CLAUSE_TITLES
        if name.endswith(".toml")
    }
    texts["clauses/mesures.csv"] = _text(_measurements(rng))
    texts["clauses/resultats_seve.csv"] = _text(_seve(rng))
    texts["clauses/comparables.csv"] = _text(comparables)
    texts["clauses/usages.csv"] = _text(_usage(rng, comparables))
    return texts


def _text(rows: Sequence[Mapping[str, Any]]) -> str:
    head = ";".join(rows[0])
    return "\n".join([head, *(";".join(map(_cell, row.values())) for row in rows)]) + "\n"


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, float):
        # Never three decimals: 2,069 could be read as two thousand.
        decimals = 0 if value.is_integer() else 4 if abs(value) < 10 else 2
        return f"{value:.{decimals}f}".replace(".", ",")
    return value.isoformat() if isinstance(value, date) else str(value)


def _comparables(rng: np.random.Generator) -> list[dict[str, Any]]:
    """Return some forty contracts, a third of them with the clause, alike in all else."""
    rows = []
    for family, unit, intensity, work, numbers in FAMILIES:
        suppliers = list(numbers)
        for rank in range(15):
            clause = rank % 3 == 0
            size = work * float(np.exp(rng.normal(0, 0.45)))
            start = date(2023, 1, 1) + timedelta(days=int(rng.integers(0, 700)))
            before = intensity * float(np.exp(rng.normal(0, SCATTER_LOG)))
            change = COMMON_CHANGE_LOG + (CLAUSE_EFFECT_LOG if clause else 0.0)
            after = before * float(np.exp(change + rng.normal(0, PAIR_LOG)))
            supplier = suppliers[int(rng.integers(len(suppliers)))]
            rows.append(
                {
                    "Marché": f"DEMO-{family.replace('.', '')}-{rank + 1:02d}",
                    "Clause carbone": clause,
                    "Famille d'achat": family,
                    "Titulaire": f"{NAMES[supplier % 10]} {family} (fictif)",
                    "Unité d'ouvrage": unit,
                    "Ouvrage par an": round(size, -2),
                    "Début": start,
                    "Durée (ans)": float(rng.choice([3.0, 4.0, 4.0, 4.0, 5.0])),
                    "Intensité avant (kgCO2e/unité)": before,
                    "Intensité (kgCO2e/unité)": after,
                    "Méthode avant": "relevés de carburant et de matières",
                    "Méthode": "relevés de carburant et de matières",
                    "Périmètre modifié": False if rng.random() > 0.05 else None,
                    "Source": "donnée fictive, tirée au sort",
                }
            )
    return rows


def _measurements(rng: np.random.Generator) -> list[dict[str, Any]]:
    """Return the measurements of collection (half-years) and of meals (years)."""
    rows = []
    shares = (0.985, 0.960, 0.925, 0.900, 0.855)
    for rank, share in enumerate(shares):
        first = date(2024 + rank // 2, 1 if rank % 2 == 0 else 7, 1)
        last = date(first.year, 6, 30) if rank % 2 == 0 else date(first.year, 12, 31)
        work = round(13_000 * float(np.exp(rng.normal(0, 0.03))))
        rows.append(
            _measurement("DEMO-CARBONE-02", first, last, work, "t", 24.6 * share * work / 1000,
                         0.06, "consommations relevées par véhicule", 118.0 * work,
                         verified=rank < 4)
        )  # fmt: skip
    for rank, share in enumerate((0.99, 0.93)):
        year = 2024 + rank
        work = round(880_000 * float(np.exp(rng.normal(0, 0.02))), -2)
        rows.append(
            _measurement("DEMO-CARBONE-03", date(year, 1, 1), date(year, 12, 31), work, "repas",
                         2.15 * share * work / 1000, 0.18, "fiches recettes × facteurs",
                         5.4 * work, verified=True)
        )  # fmt: skip
    return rows


def _measurement(
    contract: str, first: date, last: date, work: float, unit: str, tonnes: float,
    uncertainty: float, method: str, invoiced: float, *, verified: bool,
) -> dict[str, Any]:  # fmt: skip
    return {
        "Marché": contract,
        "Début de période": first,
        "Fin de période": last,
        "Quantité d'ouvrage": float(work),
        "Unité de la quantité": unit,
        "Émissions": round(tonnes, 1),
        "Unité des émissions": "tCO2e",
        "Incertitude (± %, à 95 %)": f"{round(100 * uncertainty)} %",
        "Méthode": method,
        "Justificatif": f"rapport fictif {first.year}-{first.month:02d}, p. 3",
        "Montant facturé HT (€)": round(float(invoiced), -2),
        "Vérifié par": "bureau de contrôle fictif" if verified else None,
        "Vérifié le": last + timedelta(days=45) if verified else None,
        "Commentaire": "donnée fictive",
    }


def _seve(rng: np.random.Generator) -> list[dict[str, Any]]:
    """Return results of the road works, base and variant of each year."""
    rows = []
    for rank, share in enumerate((0.94, 0.885)):
        year = 2024 + rank
        work = round(31_000 * float(np.exp(rng.normal(0, 0.04))), -2)
        for solution, factor in (("base", 1.0), ("variante", share)):
            base = solution == "base"
            rows.append(
                {
                    "Marché": "DEMO-CARBONE-01",
                    "Solution": solution,
                    "Début de période": date(year, 1, 1),
                    "Fin de période": date(year, 12, 31),
                    "Quantité d'ouvrage": float(work),
                    "Unité de la quantité": "t",
                    "Émissions de GES (tCO2e)": round(0.0615 * factor * work, 1),
                    "Énergie (MJ)": float(round(830 * factor * work, -3)),
                    "Granulats naturels (t)": float(round((0.93 if base else 0.74) * work, -1)),
                    "Agrégats d'enrobés (t)": float(round((0.02 if base else 0.21) * work, -1)),
                    "Transport (t.km)": float(round((62 if base else 55) * work, -2)),
                    "Version de SEVE": "4.0",
                    "Incertitude (± %, à 95 %)": "8 %",
                    "Justificatif": f"résultat fictif {year}",
                    "Montant facturé HT (€)": float(round(96 * work, -2)),
                    "Vérifié par": "maître d'œuvre fictif",
                    "Vérifié le": date(year + 1, 2, 10),
                }
            )
    return rows


def _usage(
    rng: np.random.Generator, comparables: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return which contract has which clause, and how it was carried out."""
    contracts = [(row["Marché"], row["Famille d'achat"], row["Clause carbone"])
                 for row in comparables]  # fmt: skip
    contracts += [
        (f"DEMO-CARBONE-0{rank}", family, True)
        for rank, family in enumerate(("02.01", "06.01", "16.06"), 1)
    ]
    rows = []
    for contract, family, has_carbon in contracts:
        for clause, prefix, chance, mean in CLAUSES_USED:
            if not family.startswith(prefix):
                continue
            drawn = bool(rng.random() < chance)
            used: bool | None = has_carbon if clause == "carbon-follow-up" else drawn
            if clause != "carbon-follow-up" and rng.random() < 0.12:
                used = None
            graded = used is True and rng.random() < 0.6
            grade = int(np.clip(round(rng.normal(mean, 0.9)), 1, 5)) if graded else None
            rows.append(
                {
                    "Marché": contract,
                    "Clause": clause,
                    "Famille d'achat": family,
                    "Utilisée": used,
                    "Note d'exécution (1 à 5)": grade,
                    "Notée par": "direction fictive" if graded else None,
                    "Notée le": date(2026, 3, 31) if graded else None,
                    "Commentaire": None,
                }
            )
    return rows
