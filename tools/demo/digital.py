"""Digital equipment of the synthetic métropole: lots by kind, directorate and year of purchase."""

from __future__ import annotations

from typing import Any

import numpy as np

from demo.profiles import YEARS

__all__ = ["DIGITAL_TITLES", "digital_rows"]

DIGITAL_TITLES = {"parc_numerique.csv": "Parc numérique 2024 : équipements, âges, consommations"}

HEADER = [
    "Identifiant",
    "Exercice",
    "Équipement",
    "Libellé",
    "Direction ou site",
    "Nombre",
    "Année d'achat",
    "Durée de vie prévue (ans)",
    "Taille ou classe",
    "Électricité (kWh/an par unité)",
    "Puissance (W)",
    "Heures par an",
    "Part en service",
    "PUE du local",
    "Incertitude ± à 95 %",
    "Fabrication déclarée (kgCO2e par unité)",
    "Propriété",
    "Marché",
    "Document source",
    "Qualité",
]

PARKS: tuple[tuple[str, int, tuple[float, ...], str, str, float | None], ...] = (
    ("Ordinateur portable", 3100, (0.24, 0.22, 0.2, 0.15, 0.1, 0.06, 0.03), "5", "", 32.0),
    ("Ordinateur de bureau", 900, (0.06, 0.1, 0.14, 0.17, 0.17, 0.14, 0.12, 0.1), "6", "", 130.0),
    ("Écran", 4300, (0.13, 0.14, 0.15, 0.16, 0.14, 0.11, 0.09, 0.08), "", "24 pouces", 38.0),
    ("Smartphone", 2000, (0.34, 0.31, 0.22, 0.1, 0.03), "3", "", None),
    ("Téléphone à touches", 210, (0.2, 0.3, 0.3, 0.2), "", "", None),
    ("Tablette", 420, (0.25, 0.3, 0.25, 0.2), "4", "10 pouces", None),
    ("Téléphone fixe", 1800, (0.0, 0.05, 0.1, 0.2, 0.2, 0.15, 0.15, 0.1, 0.05), "", "", None),
    ("Imprimante", 160, (0.1, 0.15, 0.2, 0.2, 0.15, 0.1, 0.1), "", "A4", 60.0),
    ("Vidéoprojecteur", 140, (0.1, 0.15, 0.2, 0.2, 0.15, 0.1, 0.1), "", "", 95.0),
    ("Télévision", 85, (0.15, 0.2, 0.2, 0.2, 0.15, 0.1), "", "55 pouces", 240.0),
    ("Switch", 380, (0.1, 0.15, 0.2, 0.2, 0.15, 0.1, 0.1), "8", "48 ports", 420.0),
    ("Borne Wi-Fi", 610, (0.1, 0.2, 0.25, 0.2, 0.15, 0.1), "", "", 95.0),
    ("Box internet", 130, (0.2, 0.25, 0.25, 0.2, 0.1), "", "", None),
)
"""Kind, units, share of each age from 0 on, lifetime, size, kWh a year (measured), all invented."""

DIRECTORATES = (
    "Direction générale",
    "Direction de la voirie",
    "Direction de l'eau",
    "Direction des déchets",
    "Direction de la culture",
)


def digital_rows(seed: int, scale: float = 1.0) -> list[list[Any]]:
    """Return the equipment of the last year, by kind, directorate and year of purchase.

    With the damage an inventory brings: a lot listed twice, a consumption of a month and one in
    MWh, an age that is not known, a rent without its contract.
    """
    rng = np.random.default_rng([seed, 74])
    year = YEARS[-1]
    rows: list[list[Any]] = []

    def add(
        kind: str, label: str, place: str, count: int, bought: int | str, **more: object
    ) -> None:
        number = len(rows) + 1
        rows.append(
            [
                f"NUM{number:04d}",
                year,
                kind,
                label,
                place,
                count,
                bought,
                more.get("life", ""),
                more.get("size", ""),
                more.get("kwh", ""),
                more.get("power", ""),
                more.get("hours", ""),
                more.get("share", ""),
                more.get("pue", ""),
                more.get("error", ""),
                more.get("made", ""),
                more.get("owner", "en propriété"),
                more.get("contract", ""),
                more.get("document", f"Gestion de parc, export du 31/12/{year} (synthétique)"),
                more.get("quality", ""),
            ]
        )

    for kind, units, ages, life, size, kwh in PARKS:
        for age, part in enumerate(ages):
            total = round(units * scale * part)
            parts = rng.multinomial(total, rng.dirichlet(np.full(len(DIRECTORATES), 8.0)))
            for place, count in zip(DIRECTORATES, parts, strict=True):
                if not count:
                    continue
                facts: dict[str, object] = {"life": life, "size": size}
                if kwh is not None:
                    level = kwh * (1 + 0.03 * age) * float(rng.normal(1, 0.05))
                    facts |= {"kwh": _comma(level), "quality": "estimé", "error": "20 %"}
                add(
                    kind, f"Lot {kind.lower()} {year - age}", place, int(count), year - age, **facts
                )
    for rank, bought in enumerate((year, year - 1, year - 3, year - 5, year - 7)):
        # The two newest lots came with a maker's sheet; no open factor tells the others.
        sheet = {"made": 1180 + 90 * rank, "document": "Fiche du fabricant (synthétique)"}
        add(
            "Serveur",
            f"Lot serveur {bought}",
            "Salle serveurs",
            max(1, round((22, 38, 46, 50, 24)[rank] * scale)),
            bought,
            power=280 + 15 * rank,
            hours=8760,
            pue="1,65",
            quality="relevé",
            **(sheet if rank < 2 else {}),
        )
    add("Baie de stockage", "Stockage central", "Salle serveurs", 6, year - 3,
        kwh=9200, pue="1,65", quality="relevé")  # fmt: skip
    add("Copieur", "Copieurs d'étage", "Direction générale", max(1, round(255 * scale)), year - 2,
        kwh=310, quality="déclaré", owner="loué")  # fmt: skip
    add("Ordinateur portable", "Postes des partenaires", "Direction générale",
        max(1, round(40 * scale)), year - 1, owner="fourni avec un service")  # fmt: skip
    # The damage: each is found by a rule, and set aside or named.
    first = rows[0]
    rows.append([f"NUM{len(rows) + 1:04d}", *first[1:]])
    add("Écran", "Écrans de la régie", "Direction de la culture", max(1, round(60 * scale)),
        year - 2, kwh="3,1", quality="relevé")  # fmt: skip
    add("Ordinateur de bureau", "Postes de dessin", "Direction de la voirie",
        max(1, round(35 * scale)), year - 4, kwh="0,18", quality="relevé")  # fmt: skip
    add("Tablette", "Tablettes retrouvées", "Direction de l'eau", max(1, round(25 * scale)), "")
    return [HEADER, *rows]


def _comma(number: float) -> str:
    return f"{number:.1f}".replace(".", ",")
