"""Purchases that may be made together, planted across directorates and two invented communes.

Each case says what it is: planted, to be found as one candidate; or a decoy, whose contracts must
not be brought together. Amounts are drawn from a stream of their own.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

import numpy as np

from demo.identity import BUYER_SIRET, Supplier, fictitious_siret
from demo.registers import HEADER

__all__ = ["OPPORTUNITY_TITLES", "opportunity_files"]

OPPORTUNITY_TITLES = {
    "marches_directions.csv": "Marchés de directions, à côté du registre : achats à regrouper",
    "marches_voisins.json": "Données essentielles, format 2022 : deux communes voisines",
    "opportunites_plantees.csv": "Regroupements plantés et leurres, à trouver et à écarter",
}

COMMUNES = {
    "A": ("Commune d'Orsival (fictive)", fictitious_siret(9701)),
    "B": ("Commune de Brémont (fictive)", fictitious_siret(9702)),
}
FIRMS = {
    rank: Supplier(name, fictitious_siret(9500 + rank))
    for rank, name in enumerate(
        (
            "Embellie Hygiène (fictive)",
            "Lessive du Marais (fictive)",
            "Canopée Élagage (fictive)",
            "Mesure et Débit (fictive)",
            "Godet Location (fictive)",
            "Réseau Mobile (fictive)",
            "Assurances de la Sourde (fictives)",
        ),
        1,
    )
}
OTHER = 0
"""A firm of its own, that holds no other contract."""

UNKNOWN_EUR = 999_999_999.0
"""A filler: what platforms write where no amount is known."""


@dataclass(frozen=True)
class Case:
    """One contract of a case; `buyer` is `own`, or the letter of a commune."""

    case: str
    buyer: str
    number: str
    title: str
    cpv: str
    family: str
    directorate: str
    start: str
    months: int
    firm: int
    role: str = "propre"
    kind: str = "marché"
    consultation: str = ""
    framework: str = ""


SPORT, CULTURE, ROADS = "Direction des sports", "Direction de la culture", "Direction de la voirie"
BUILDINGS, CLEANING = "Direction du patrimoine bâti", "Direction de la propreté"
NATURE, WATER = "Direction de la nature et du paysage", "Direction de l'eau et de l'assainissement"
POWER, LAW = "Direction de l'énergie", "Direction juridique"
GENERAL, BUYING = "Direction générale", "Direction des achats"

CASES = (
    # Planted: one candidate each.
    Case("P1", "own", "2022F9001", "Produits d'entretien et d'hygiène des piscines", "39830000",
         "13.06", SPORT, "2022-04-01", 48, 1),
    Case("P1", "own", "2022F9002", "Produits d'entretien des médiathèques et musées", "39830000",
         "13.06", CULTURE, "2022-06-15", 47, OTHER),
    Case("P2", "own", "2024S9003", "Diagnostic de vulnérabilité aux vagues de chaleur, gymnases",
         "90713000", "18.05", SPORT, "2024-10-01", 18, OTHER),
    Case("P2", "own", "2024S9004", "Diagnostic de vulnérabilité aux vagues de chaleur, bureaux",
         "90713000", "18.05", BUILDINGS, "2024-11-01", 18, OTHER),
    Case("P3", "own", "2022S9005", "Blanchisserie du linge des piscines", "98310000", "14.03",
         SPORT, "2022-03-01", 48, 2),
    Case("P3", "A", "2022-11", "Nettoyage du linge des écoles et des crèches", "98310000", "14.03",
         "", "2022-05-01", 48, OTHER),
    Case("P3", "B", "2023-04", "Location et entretien de linge", "98310000", "14.03",
         "", "2023-07-01", 36, OTHER),
    Case("P4", "own", "2022S9006", "Élagage des arbres d'alignement", "77340000", "15.02",
         NATURE, "2022-01-15", 48, 3),
    Case("P4", "B", "2022-02", "Taille et élagage des arbres de la commune", "77340000", "15.02",
         "", "2022-03-01", 47, 3),
    Case("P5", "own", "2021F9007", "Mini-pelles et chargeurs", "43200000", "10.02",
         ROADS, "2021-11-01", 48, 5),
    Case("P5", "own", "2022F9008", "Nacelles et engins de levage", "43200000", "10.02",
         CLEANING, "2022-02-01", 48, OTHER),
    Case("P5", "A", "2022-03", "Engins de chantier du centre technique", "43200000", "10.02",
         "", "2022-01-10", 48, 5),
    Case("P6", "B", "2022-17", "Services de télécommunications fixes et mobiles", "64200000",
         "11.07", "", "2022-06-01", 48, 6),
    Case("P7", "own", "2022F9009", "Débitmètres et sondes, réseau d'assainissement", "38421110",
         "10.06", WATER, "2022-08-01", 46, 4),
    Case("P7", "own", "2022F9010", "Armoires de comptage, bâtiments", "31213100",
         "10.03", POWER, "2022-09-01", 46, 4),
    Case("P8", "own", "2022S9011", "Assurance des œuvres et des musées", "66510000", "19.03",
         CULTURE, "2022-01-01", 48, OTHER),
    Case("P8", "own", "2023S9012", "Assurances, groupement de commandes du territoire", "66510000",
         "19.03", LAW, "2023-01-01", 60, 7, role="membre", kind="accord-cadre"),
    # Decoys: never together.
    Case("L1-dates", "own", "2021F9101", "Électroménager des vestiaires", "39700000", "13.07",
         SPORT, "2021-11-01", 48, OTHER),
    Case("L1-dates", "own", "2022F9102", "Électroménager des offices", "39700000", "13.07",
         CULTURE, "2022-07-01", 48, OTHER),
    Case("L2-lots", "own", "2022F9103L1", "Petit outillage - Lot 1 ateliers de voirie", "44510000",
         "10.05", ROADS, "2022-03-01", 48, OTHER, consultation="C2022F9103"),
    Case("L2-lots", "own", "2022F9103L2", "Petit outillage - Lot 2 ateliers du bâti", "44510000",
         "10.05", BUILDINGS, "2022-03-01", 48, 1, consultation="C2022F9103"),
    Case("L3-groupement", "own", "2022F9104", "Bois déchiqueté, groupement de commandes",
         "09111400", "09.09", POWER, "2022-05-01", 48, OTHER, role="membre"),
    Case("L3-groupement", "A", "2022-21", "Fourniture de bois déchiqueté", "09111400", "09.09",
         "", "2022-05-01", 48, OTHER),
    Case("L4-centrale", "own", "2022F9105", "Trousses de secours pour les communes membres",
         "33600000", "20.04", BUYING, "2022-04-01", 48, OTHER, role="centrale d'achat",
         kind="accord-cadre"),
    Case("L4-centrale", "B", "2022-23", "Trousses de secours", "33600000", "20.04",
         "", "2022-04-01", 48, OTHER),
    Case("L5-subsequents", "own", "2022S9106", "Courrier et colis, accord-cadre", "64110000",
         "19.08", GENERAL, "2022-04-01", 48, OTHER, kind="accord-cadre"),
    Case("L5-subsequents", "own", "2024S9107", "Courrier des bibliothèques", "64110000", "19.08",
         CULTURE, "2024-04-01", 24, OTHER, kind="marché subséquent", framework="2022S9106"),
    Case("L5-subsequents", "own", "2024S9108", "Courrier des équipements sportifs", "64110000",
         "19.08", SPORT, "2024-04-01", 24, OTHER, kind="marché subséquent", framework="2022S9106"),
    Case("L6-voisins", "A", "2022-31", "Fruits et légumes des cantines", "15300000", "16.02",
         "", "2022-04-01", 48, OTHER),
    Case("L6-voisins", "B", "2022-32", "Fruits et légumes", "15300000", "16.02",
         "", "2022-04-01", 48, OTHER),
    Case("L7-baux", "own", "2022S9109", "Location de bureaux, place du Marché", "70310000", "21.01",
         CULTURE, "2022-04-01", 48, OTHER),
    Case("L7-baux", "own", "2022S9110", "Location de bureaux, quartier de la Gare", "70310000",
         "21.01", SPORT, "2022-04-01", 48, OTHER),
    Case("L8-sans-duree", "A", "2022-41", "Produits d'entretien des écoles", "39830000", "13.06",
         "", "2022-04-01", 0, OTHER),
)  # fmt: skip

PROGRAMMED = ("P6", "programme.csv", "B2025-081")
"""The need of the programme that the commune's contract may be met with."""

OWN_OFFICE = fictitious_siret(9999, 2)
"""Another establishment of the métropole itself: in the neighbours' file, and no neighbour."""


def opportunity_files(seed: int) -> dict[str, list[list[Any]] | str]:
    """Return the own register's rows, the neighbours' essential data and the answers, by file.

    Parameters
    ----------
    seed : int
        Seed of the demonstration.
    """
    rng = np.random.default_rng([seed, 72])
    amounts = {
        each.number: float(round(rng.uniform(4e4, 4e5), -2)) if each.number != "2022-03"
        else UNKNOWN_EUR
        for each in CASES
    }  # fmt: skip
    own = [_own_row(each, amounts[each.number]) for each in CASES if each.buyer == "own"]
    records = [_record(each, amounts[each.number]) for each in CASES if each.buyer != "own"]
    # One record stands twice, one is of the métropole itself.
    records.append(records[1])
    records.append(records[0] | {"id": "2022-90", "acheteur": {"id": OWN_OFFICE}})
    lines = ",\n".join(
        json.dumps(each, ensure_ascii=False, separators=(",", ":")) for each in records
    )
    return {
        "marches_directions.csv": [HEADER, *own],
        "marches_voisins.json": '{"marches":{"marche":[\n' + lines + "\n]}}\n",
        "opportunites_plantees.csv": _answers(),
    }


def _firm(case: Case) -> Supplier:
    """Return who holds a contract."""
    if case.firm != OTHER:
        return FIRMS[case.firm]
    rank = [each.number for each in CASES].index(case.number)
    return Supplier(f"Titulaire {rank + 1} (fictif)", fictitious_siret(9520 + rank))


def _own_row(case: Case, amount_eur: float) -> list[Any]:
    day = dt.date.fromisoformat(case.start)
    firm = _firm(case)
    cells = {
        "SIRET de l'acheteur": BUYER_SIRET,
        "Marché": case.number,
        "Rôle de l'acheteur": case.role,
        "Type de contrat": case.kind,
        "Objet": case.title,
        "Consultation": case.consultation or ("" if case.framework else f"C{case.number}"),
        "Lot": case.number.partition("L")[2] if case.consultation else "",
        "Accord-cadre": case.framework,
        "CPV": case.cpv,
        "Famille d'achat": case.family,
        "Direction": case.directorate,
        "Date de notification": day.strftime("%d/%m/%Y"),
        "Début d'exécution": day.strftime("%d/%m/%Y"),
        "Durée (mois)": case.months,
        "Montant notifié HT (€)": f"{amount_eur:.2f}".replace(".", ","),
        "Groupement": "pas de groupement",
        "SIRET du titulaire": firm.siret,
        "Titulaire": firm.name,
    }
    return [cells.get(name, "") for name in HEADER]


def _record(case: Case, amount_eur: float) -> dict[str, Any]:
    """Return a record of the 2022 format; a duration that is not known is left out."""
    content: dict[str, Any] = {
        "id": case.number,
        "acheteur": {"id": COMMUNES[case.buyer][1]},
        "nature": "Marché",
        "objet": case.title,
        "codeCPV": case.cpv,
        "techniques": {"technique": ["Sans objet"]},
        "modalitesExecution": {"modaliteExecution": ["Sans objet"]},
        "procedure": "Procédure adaptée",
        "lieuExecution": {"code": "99", "typeCode": "Code département"},
        "dureeMois": case.months,
        "dateNotification": case.start,
        "datePublicationDonnees": case.start,
        "montant": amount_eur,
        "typesPrix": {"typePrix": ["Définitif révisable"]},
        "formePrix": "Unitaire",
        "titulaires": [{"titulaire": {"typeIdentifiant": "SIRET", "id": _firm(case).siret}}],
    }
    if not case.months:
        del content["dureeMois"]
    return content


def _answers() -> list[list[Any]]:
    """Return each contract with its case: planted together, or a decoy."""
    rows: list[list[Any]] = [["cas", "nature", "fichier", "acheteur", "numero"]]
    for each in CASES:
        own = each.buyer == "own"
        # The shared contract of a case to join is no member of it.
        nature = "à rejoindre" if each.case == "P8" and each.role == "membre" else (
            "planté" if each.case.startswith("P") else "leurre"
        )  # fmt: skip
        rows.append(
            [
                each.case,
                nature,
                "marches_directions.csv" if own else "marches_voisins.json",
                BUYER_SIRET if own else COMMUNES[each.buyer][1],
                each.number,
            ]
        )
    rows.append([PROGRAMMED[0], "planté", PROGRAMMED[1], BUYER_SIRET, PROGRAMMED[2]])
    return rows
