"""The synthetic métropole's scheme: programme, sessions, actions, AGEC purchases, a second ledger.

Every row is invented. Each table has some of the damage such tables have: empty cells, rows that
disagree, figures that cannot be true; the reader must list it and compute with what is left.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np

from demo.contracts import Contract

__all__ = ["SCHEME_TITLES", "scheme_tables"]

SCHEME_TITLES = {
    "programme.csv": "Programme d'achats 2023-2025 : besoins et expertise insertion",
    "formations.csv": "Sessions de formation et d'information, actions 2022-2024",
    "actions.csv": "Actions du schéma et leur avancement, fin 2023 et fin 2024",
    "agec.csv": "Achats par catégorie de la loi AGEC, 2023 et 2024",
    "heures_facilitateur.csv": "Second relevé d'heures d'insertion, en désaccord avec le premier",
}

Rows = list[list[Any]]

SESSIONS = (
    ("Clauses sociales : les repérer dans un projet d'achat", "clauses sociales"),
    ("Réserver un marché : cadre et exemples", "clauses sociales"),
    ("Suivre les heures d'insertion pendant l'exécution", "clauses sociales"),
    ("Rencontre avec les structures d'insertion", "clauses sociales"),
    ("Coût du cycle de vie : prise en main", "environnement"),
    ("Critères environnementaux de fond", "environnement"),
    ("Accès des petites entreprises : allotir", "économie"),
    ("Atelier réemploi du mobilier", "environnement"),
)

ACTIONS = (
    ("Économique", "Publier la programmation des achats"),
    ("Économique", "Allotir selon le tissu des entreprises"),
    ("Économique", "Raccourcir les délais de paiement"),
    ("Économique", "Tenir des permanences pour les petites entreprises"),
    ("Économique", "Mesurer la part versée aux petites entreprises"),
    ("Économique", "Simplifier les dossiers de candidature"),
    ("Économique", "Ouvrir des marchés d'innovation"),
    ("Social", "Examiner chaque besoin pour l'insertion"),
    ("Social", "Tenir le tableau des heures d'insertion"),
    ("Social", "Réserver des lots aux structures adaptées"),
    ("Social", "Ouvrir des parcours longs et qualifiants"),
    ("Social", "Suivre la part des femmes dans les heures"),
    ("Social", "Recenser les achats équitables possibles"),
    ("Social", "Contrôler les conditions de travail des chaînes d'approvisionnement"),
    ("Environnemental", "Cartographier le carbone des achats"),
    ("Environnemental", "Écrire un référentiel de clauses"),
    ("Environnemental", "Essayer le coût du cycle de vie sur des marchés choisis"),
    ("Environnemental", "Suivre les clauses carbone"),
    ("Environnemental", "Relever les achats issus du réemploi"),
    ("Environnemental", "Réduire les emballages livrés"),
    ("Environnemental", "Verdir le parc de véhicules"),
    ("Environnemental", "Mesurer l'empreinte numérique"),
    ("Environnemental", "Écarter les substances préoccupantes"),
    ("Pilotage", "Réunir le comité de suivi"),
    ("Pilotage", "Publier un bilan annuel"),
    ("Pilotage", "Former les acheteurs"),
    ("Pilotage", "Relier les outils de suivi"),
    ("Pilotage", "Échanger avec les communes"),
)
"""Twenty-eight actions, as many as the model scheme has; the wording is the author's."""

AGEC = (
    # category, spend in euros, share reused, share recycled; None: not stated
    ("textiles", 412_000, 0.11, 0.24),
    ("mobilier-interieur", 868_000, 0.23, 0.09),
    ("mobilier-urbain", 1_540_000, 0.06, None),
    ("informatique-telephonie", 2_310_000, 0.17, 0.0),
    ("collecte-dechets", 690_000, 0.0, 0.42),
    ("articles-sportifs", None, None, None),
    ("batiments-modulaires", 0, 0.0, 0.0),
)


def scheme_tables(
    seed: int, contracts: Sequence[Contract], hours: Sequence[Sequence[Any]]
) -> dict[str, Rows]:
    """Return the tables by file name.

    Parameters
    ----------
    seed : int
        Seed of a generator of their own: the rest of the demonstration does not move with them.
    contracts : sequence of Contract
        What the needs of the programme look like.
    hours : sequence of rows
        The first ledger of insertion hours, header included.
    """
    rng = np.random.default_rng([seed, 7])
    return {
        "programme.csv": _programme(rng, contracts),
        "formations.csv": _sessions(rng),
        "actions.csv": _actions(rng),
        "agec.csv": _agec(rng),
        "heures_facilitateur.csv": _second_ledger(hours),
    }


def _programme(rng: np.random.Generator, contracts: Sequence[Contract]) -> Rows:
    """Return needs like the contracts of three years; half are appraised, a sixth do not say."""
    rows: Rows = [
        ["Besoin", "Objet", "Famille d'achat", "Direction", "Montant estimé HT (€)",
         "Lancement prévu", "Expertise insertion", "Source"]
    ]  # fmt: skip
    eligible = [each for each in contracts if each.start.year in (2022, 2023, 2024)]
    picked = sorted(int(i) for i in rng.choice(len(eligible), size=min(96, len(eligible)),
                                               replace=False))  # fmt: skip
    for rank, place in enumerate(picked, 1):
        each = eligible[place]
        planned = each.start.replace(day=1) + timedelta(days=365)
        answer = ("oui", "non", "")[int(rng.choice(3, p=[0.52, 0.32, 0.16]))]
        launch = "" if rng.random() < 0.04 else planned.isoformat()
        estimate = "" if rng.random() < 0.08 else int(round(each.amount_eur, -3))
        rows.append([
            f"B{planned.year}-{rank:03d}", each.segment.label, each.segment.family,
            each.segment.directorate, estimate, launch, answer, f"programmation {planned.year}",
        ])  # fmt: skip
    return rows


def _sessions(rng: np.random.Generator) -> Rows:
    rows: Rows = [["Date", "Nature", "Thème", "Intitulé", "Participants", "Public", "Source"]]
    for rank in range(34):
        label, theme = SESSIONS[int(rng.integers(len(SESSIONS)))]
        day = date(2022, 1, 10) + timedelta(days=int(rng.integers(0, 3 * 365 - 20)))
        kind = ("formation", "information", "action")[int(rng.choice(3, p=[0.5, 0.3, 0.2]))]
        rows.append([
            "" if rng.random() < 0.05 else day.strftime("%d/%m/%Y"),
            "" if rng.random() < 0.06 else kind,
            "" if rng.random() < 0.08 else theme,
            f"{label} ({rank + 1})",
            "" if rng.random() < 0.1 else int(rng.integers(6, 42)),
            ("acheteurs", "directions opérationnelles", "élus")[int(rng.integers(3))],
            "feuilles de présence",
        ])  # fmt: skip
    return rows


def _actions(rng: np.random.Generator) -> Rows:
    rows: Rows = [["Action", "Axe", "Intitulé", "Avancement", "État", "Situation au", "Source"]]
    for rank, (axis, label) in enumerate(ACTIONS, 1):
        before = int(rng.choice([0, 10, 25, 40, 50, 60, 75, 90]))
        after = min(100, before + int(rng.choice([0, 10, 15, 25, 40])))
        for progress, day in ((before, "31/12/2023"), (after, "31/12/2024")):
            state = "à venir" if progress == 0 else "réalisée" if progress == 100 else "en cours"
            told = "" if rng.random() < 0.06 else f"{progress} %"
            rows.append([f"A{rank:02d}", axis, label, told, state, day, "revue des actions"])
    # Damage: a share above 100 %, and a second review that says otherwise.
    rows[20][3] = "120 %"
    rows.append([*rows[10][:3], "95 %", "en cours", rows[10][5], "note de la direction"])
    return rows


def _agec(rng: np.random.Generator) -> Rows:
    rows: Rows = [
        ["Exercice", "Catégorie", "Dépense HT (€)", "Dont réemploi HT (€)", "Dont recyclé HT (€)",
         "Source"]
    ]  # fmt: skip
    for year in (2023, 2024):
        for category, spend, reused, recycled in AGEC:
            drift = float(rng.uniform(0.85, 1.15)) if year == 2023 else 1.0
            euros = None if spend is None else round(spend * drift)
            parts = [
                "" if share is None or euros is None else round(euros * share)
                for share in (reused, recycled)
            ]
            rows.append([year, category, "" if euros is None else euros, *parts, "déclaration"])
    # Damage: parts above the whole, a category nobody knows, a row that says otherwise.
    rows.append([2024, "espaces-verts", 120_000, 90_000, 55_000, "déclaration"])
    rows.append([2024, "fournitures diverses", 33_000, 0, 0, "tableur du service"])
    rows.append([2024, "collecte-dechets", 690_000, 0, 310_500, "tableur du service"])
    return rows


def _second_ledger(hours: Sequence[Sequence[Any]]) -> Rows:
    """Return what a facilitator noted of some contracts of 2024, with the staff of each."""
    rows: Rows = [
        ["Marché", "Exercice", "Sexe", "Heures prévues", "Heures réalisées", "Effectif", "Source"]
    ]
    known = [row for row in hours[1:] if row[1] == 2024]
    empty = [row for row in known if row[4] == ""]
    source = "relevé du facilitateur"
    for number, year, sex, planned, _ in empty[:4]:
        # What the first ledger leaves empty.
        staff = 1 + planned // 800
        rows.append([number, year, sex, planned, round(0.9 * planned), staff, source])
    told = [row for row in known if row[4] != "" and row[4] > 200]
    if len(told) >= 4:
        number, year, sex, planned, done = told[0]
        rows.append([number, year, sex, planned, done + 60, 4, source])
        number, year, sex, planned, done = told[1]
        rows.append([number, year, sex, planned, done, 4, source])
        number, year = told[2][:2]
        rows.append([number, year, "", 120, 95, "", source])
        number, year, sex, planned, _ = told[3]
        rows.append([number, 2025, sex, planned, 5200, 2, source])
    rows.append(["2024S9999", 2024, "F", 80, 76, 1, source])
    if told:
        rows.append([told[-1][0], 2016, "H", 150, 150, 2, source])
        rows.append([told[-1][0], 2025, "H", 90, -35, 2, source])
    return rows
