"""The synthetic métropole's programming: renewals of its contracts, census of needs of 18 months.

Every row is invented. Both tables have some of the damage such tables have: renewals without a firm
period, a duration of nought, sums that disagree, unknown families, needs expressed twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np

from demo.contracts import Contract
from demo.identity import BUYER_SIRET

__all__ = ["PROGRAMMING_TITLES", "programming_tables"]

PROGRAMMING_TITLES = {
    "reconductions.csv": "Durées fermes, reconductions et tranches optionnelles des marchés",
    "recensement.csv": "Recensement des besoins de 2025 et du premier semestre 2026",
}

Rows = list[list[Any]]

AS_OF = date(2024, 12, 31)
LAST = date(2026, 6, 30)
RENEWAL_MONTHS = 12
MOST_RENEWALS = 3

NEW_NEEDS = (
    ("Réemploi et reconditionnement d'ordinateurs portables", "11.01", "Direction du numérique"),
    ("Location de vélos à assistance électrique pour les agents", "08.08",
     "Direction des moyens généraux"),
    ("Végétalisation de cours et de places", "02.05", "Direction de la nature et du paysage"),
    ("Rénovation énergétique de gymnases", "01.04", "Direction du patrimoine bâti"),
    ("Étude de réduction des emballages livrés", "18.04", "Direction des achats"),
    ("Collecte des biodéchets en apport volontaire", "06.01", "Direction des déchets"),
)  # fmt: skip


def programming_tables(seed: int, contracts: Sequence[Contract]) -> dict[str, Rows]:
    """Return the tables by file name.

    Parameters
    ----------
    seed : int
        Seed of a generator of their own: the rest of the demonstration does not move with them.
    contracts : sequence of Contract
        Contracts that are renewed, and that needs follow.
    """
    rng = np.random.default_rng([seed, 73])
    return {
        "reconductions.csv": _periods(rng, contracts),
        "recensement.csv": _census(rng, contracts),
    }


def _periods(rng: np.random.Generator, contracts: Sequence[Contract]) -> Rows:
    """Return the periods of the contracts that still run; a third state none."""
    rows: Rows = [
        ["SIRET de l'acheteur", "Marché", "Durée ferme (mois)", "Reconductions",
         "Durée d'une reconduction (mois)", "Mode de reconduction", "Reconductions décidées",
         "Préavis de reconduction (mois)", "Tranches optionnelles (mois)"]
    ]  # fmt: skip
    for each in contracts:
        if each.end <= AS_OF or each.parent or rng.random() < 0.33:
            continue
        most = min(MOST_RENEWALS, (each.months - RENEWAL_MONTHS) // RENEWAL_MONTHS)
        works = each.segment.family.startswith(("01", "02", "03"))
        if most > 0 and not works and rng.random() < 0.7:
            renewals, months = 1 + int(rng.integers(most)), RENEWAL_MONTHS
            firm = each.months - renewals * months
            express = rng.random() < 0.3
            done = sum(
                _months_later(each.start, firm + rank * months) <= AS_OF for rank in range(renewals)
            )
            told = done if express and rng.random() < 0.7 else ""
            notice = (3, 4, 6, "")[int(rng.integers(4))]
            rows.append([
                BUYER_SIRET, each.number, firm, renewals, months,
                "expresse" if express else "tacite" if rng.random() < 0.7 else "", told, notice, "",
            ])  # fmt: skip
        elif works and each.months > 18 and rng.random() < 0.4:
            option = (6, 12)[int(rng.integers(2))]
            rows.append([BUYER_SIRET, each.number, each.months - option, 0, "", "", "", "", option])
        else:
            rows.append([BUYER_SIRET, each.number, each.months, 0, "", "", "", "", ""])
    _damage_periods(rows)
    return rows


def _damage_periods(rows: Rows) -> None:
    """Spoil some rows as people do."""
    renewed = [row for row in rows[1:] if row[3] and row[3] != 0]
    spoiled = ((2, ""), (4, ""), (2, 0), (4, 5), (3, "deux"))
    for row, (rank, text) in zip(renewed, spoiled, strict=False):
        row[rank] = text
        if rank == 2 and text == "":
            row[4] = ""
    # A contract that no other file knows.
    rows.append([BUYER_SIRET, "2024Z9999", 12, 3, 12, "tacite", "", "", ""])


def _census(rng: np.random.Generator, contracts: Sequence[Contract]) -> Rows:
    """Return needs: two in five of the contracts that end are followed, some are new."""
    rows: Rows = [
        ["Besoin", "Objet", "Famille d'achat", "Direction", "Montant estimé HT (€)",
         "Lancement prévu", "Durée prévue (mois)", "CPV", "Marché remplacé", "Expertise insertion",
         "Source"]
    ]  # fmt: skip
    ending = [each for each in contracts if AS_OF < each.end <= LAST and not each.parent]
    for each in ending:
        if rng.random() > 0.4:
            continue
        launch = each.end - timedelta(days=int(rng.integers(120, 260)))
        launch = max(launch, AS_OF + timedelta(days=5 + int(rng.integers(60))))
        stated = rng.random() < 0.7
        rows.append(
            _need(
                len(rows),
                each.segment.label,
                each.segment.family,
                each.segment.directorate,
                int(round(each.amount_eur, -3)),
                launch,
                each.months,
                each.number if stated else "",
            )
        )
    for rank, (label, family, directorate) in enumerate(NEW_NEEDS):
        launch = date(2025, 3, 1) + timedelta(days=60 * rank)
        amount = int(rng.integers(40, 900)) * 1_000
        rows.append(_need(len(rows), label, family, directorate, amount, launch, 24, ""))
    _damage_census(rows)
    return rows


def _damage_census(rows: Rows) -> None:
    """Spoil some needs as people do."""
    rows[3][2] = "99.07"
    rows[5][2] = "B12-INFO"
    rows[7][2] = ""
    rows[9][5] = ""
    rows[11][4] = ""
    rows[13][8] = "2021X0000"
    rows[15][4] = -5000
    rows.append([*rows[6]])
    launch = date(2025, 9, 1)
    size = len(rows)
    rows.append(
        _need(size, "Mobilier de bureau et sièges", "03.01",
              "Direction des moyens généraux", 240_000, launch, 36, "")
    )  # fmt: skip
    hostile = "Nettoyage des vitres\nEND:VEVENT\nBEGIN:VEVENT; étages, verrières"
    rows.append(
        _need(size + 1, hostile, "14.01", "Direction des moyens généraux", 130_000, launch, 24, "")
    )
    rows.append(
        _need(size + 2, "=HYPERLINK(\"https://exemple.invalid\")", "14.01",
              "Direction des moyens généraux", 20_000, launch, 12, "")
    )  # fmt: skip


def _need(
    rank: int,
    label: str,
    family: str,
    directorate: str,
    amount_eur: int,
    launch: date,
    months: int,
    follows: str,
) -> list[Any]:
    return [
        f"N2025-{rank:03d}", label, family, directorate, amount_eur, launch.isoformat(), months, "",
        follows, "", "recensement de décembre 2024",
    ]  # fmt: skip


def _months_later(start: date, months: int) -> date:
    """Return the day some months after the first of a contract, by whole months."""
    total = start.year * 12 + start.month - 1 + months
    return date(total // 12, total % 12 + 1, min(start.day, 28))
