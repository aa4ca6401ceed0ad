"""Scenario S5: the steering committee of 31 March 2026, with small files written here.

Fourteen contracts count: ten above 90 000 €, of which one concession and one framework whose two
subsequent contracts do not count beside it; four smaller. A contract that the buyer awarded as a
central purchasing body, and communes pay, is of others.
"""

from __future__ import annotations

import csv
from pathlib import Path

NET = '=HYPERLINK("http://exemple.invalid","net")'
"""A supplier whose name a spreadsheet would run."""

PERSON = "Ida Perrin, formatrice"
PERSON_FAMILY_CPV = "80500000"
AFTER_EUR = 7_777.77
"""Paid after the day of reading: not counted."""


def luhn(digits: str) -> str:
    """Return digits with the one that makes their Luhn sum a multiple of ten."""
    total = 0
    for rank, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (2 if rank % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return digits + str(-total % 10)


def siret(rank: int) -> str:
    """Return a fictitious SIRET, both check digits right."""
    return luhn(luhn(f"{70_000_000 + rank:08d}") + "0001")


BUYER = siret(0)
"""Fictitious, as all firms."""

FIRMS = {
    "Mobilier Un": (siret(1), "5499"),
    "Mobilier Deux": (siret(2), "5710"),
    "Mobilier Trois": (siret(3), "5710"),
    NET: (siret(4), "5710"),
    "Nettoyage Un": (siret(5), "5499"),
    "Nettoyage Deux": (siret(6), "5710"),
    "Nettoyage Trois": (siret(7), "5710"),
    "Logiciels Un": (siret(8), "5710"),
    "Logiciels Deux": (siret(9), "5710"),
    "Logiciels Trois": (siret(10), "5710"),
    PERSON: (siret(11), "1000"),
}

PAID_2024 = [
    # payee, CPV, contract, directorate, euros
    ("Mobilier Un", "39100000", "C01", "Patrimoine", 40_000),
    ("Mobilier Deux", "39100000", "C02", "Patrimoine", 30_000),
    ("Mobilier Trois", "39100000", "C03", "Patrimoine", 20_000),
    (NET, "39100000", "D1", "Patrimoine", 10_000),
    ("Nettoyage Un", "90910000", "C04", "Propreté", 60_000),
    ("Nettoyage Deux", "90910000", "C05", "Propreté", 50_000),
    ("Nettoyage Trois", "90910000", "C06", "Propreté", 40_000),
    ("Logiciels Un", "72260000", "C07", "Numérique", 25_000),
    ("Logiciels Deux", "72260000", "C08", "Numérique", 20_000),
    ("Logiciels Trois", "72260000", "D2", "Numérique", 15_000),
    (PERSON, PERSON_FAMILY_CPV, "D3", "Numérique", 5_000),
]
"""315 000 € in 2024; the same in 2025, everything 10 % dearer: 346 500 €."""

CONTRACTS = [
    # number, role, kind, framework, holder, awarded euros, social clause
    ("C01", "propre", "marché", "", "Mobilier Un", 120_000, "oui"),
    ("C02", "propre", "marché", "", "Mobilier Deux", 95_000, "oui"),
    ("C03", "propre", "marché", "", "Mobilier Trois", 91_000, "non"),
    ("C04", "propre", "marché", "", "Nettoyage Un", 300_000, "non"),
    ("C05", "propre", "marché", "", "Nettoyage Deux", 200_000, "non"),
    ("C06", "propre", "marché", "", "Nettoyage Trois", 150_000, "non"),
    ("C07", "propre", "marché", "", "Logiciels Un", 100_000, ""),
    ("C08", "propre", "marché", "", "Logiciels Deux", 99_000, ""),
    ("C09", "propre", "concession", "", "Nettoyage Un", 5_000_000, "oui"),
    ("C10", "propre", "accord-cadre", "", "Mobilier Un", 400_000, ""),
    # Not beside their framework: with them it would count three times.
    ("C10-1", "propre", "marché subséquent", "C10", "Mobilier Un", 110_000, "oui"),
    ("C10-2", "propre", "marché subséquent", "C10", "Mobilier Un", 130_000, "non"),
    ("D1", "propre", "marché", "", NET, 50_000, "oui"),
    ("D2", "propre", "marché", "", "Logiciels Trois", 60_000, "non"),
    ("D3", "propre", "marché", "", PERSON, 20_000, ""),
    ("D4", "propre", "marché", "", "Nettoyage Deux", 45_000, ""),
    # Awarded for communes, which pay it.
    ("CAM1", "centrale d'achat", "marché", "", "Logiciels Un", 900_000, "non"),
]

HOURS = [("C01", 200_000), ("C02", 100_000), ("C09", 74_000), ("D1", 308), ("C10-1", 100)]
"""374 408 hours performed in 2025, those the scheme published for 2022."""

MAPPING = """
[file]
kind = "payment"
nomenclature = "M57"
delimiter = ";"
decimal = "."
dates = "%Y-%m-%d"
[columns]
""" + "\n".join(
    f'{name} = "{name}"'
    for name in (
        "date", "budget_year", "amount_ht", "cpv", "directorate", "contract", "payee_name",
        "payee_id", "label",
    )
)  # fmt: skip

STUDY = f"""
[buyer]
name = "Métropole d'essai"
siret = "{BUYER}"

[accounts]
final = false

[spending]
files = ["paiements.csv"]
mapping = "correspondance.toml"

[prices]
levels = {{ 2024 = 100.0, 2025 = 110.0 }}

[registers]
files = ["registre.csv"]
firms = "entreprises.csv"

[scheme]
hours = "heures.csv"

[previous]
published = "chiffres.csv"

[indicators]
region = "32"
"""


def write_rows(path: Path, header: str, rows: list[tuple[object, ...]]) -> None:
    """Write a table, `;` between cells."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, delimiter=";")
        writer.writerow(header.split(";"))
        writer.writerows(rows)


def write_study(folder: Path) -> Path:
    """Write the files of the scenario and return the study."""
    payments: list[tuple[object, ...]] = []
    for year, price in ((2024, 1.0), (2025, 1.1)):
        for rank, (payee, cpv, contract, directorate, euros) in enumerate(PAID_2024):
            payments.append(
                (f"{year}-06-{rank + 1:02d}", year, f"{euros * price:.2f}", cpv, directorate,
                 contract, payee, FIRMS[payee][0], f"facture {rank}")
            )  # fmt: skip
    payments.append(
        ("2026-04-15", 2025, f"{AFTER_EUR:.2f}", "39100000", "Patrimoine", "C01", "Mobilier Un",
         FIRMS["Mobilier Un"][0], "facture tardive")
    )  # fmt: skip
    write_rows(
        folder / "paiements.csv",
        "date;budget_year;amount_ht;cpv;directorate;contract;payee_name;payee_id;label",
        payments,
    )
    (folder / "correspondance.toml").write_text(MAPPING, encoding="utf-8")
    write_rows(
        folder / "registre.csv",
        "SIRET de l'acheteur;Marché;Rôle de l'acheteur;Type de contrat;Objet;Accord-cadre;"
        "Date de notification;Durée (mois);Montant notifié HT (€);SIRET du titulaire;Titulaire;"
        "Clause sociale",
        [
            (BUYER, number, role, kind, f"Objet de {number}", framework, "2025-03-10", 24,
             f"{euros},00", FIRMS[holder][0], holder, social)
            for number, role, kind, framework, holder, euros, social in CONTRACTS
        ]
        # Notified after the day of reading: not counted.
        + [
            (BUYER, "T01", "propre", "marché", "Trop tard", "", "2026-04-02", 24, "200000,00",
             FIRMS["Mobilier Un"][0], "Mobilier Un", "oui")
        ],
    )  # fmt: skip
    write_rows(
        folder / "entreprises.csv",
        "SIRET;SIREN;Dénomination;Catégorie d'entreprise;Catégorie juridique;Code postal;Région",
        [
            (number, number[:9], f"'{name}" if name.startswith("=") else name, "PME", form,
             "59000", "32")
            for name, (number, form) in FIRMS.items()
        ],
    )  # fmt: skip
    write_rows(
        folder / "heures.csv",
        "Marché;Exercice;Sexe;Heures prévues;Heures réalisées",
        [(number, 2025, "", hours, hours) for number, hours in HOURS],
    )
    write_rows(
        folder / "chiffres.csv",
        "Exercice;Chiffre;Valeur;Unité;Publié le;Source",
        [(2024, "émissions", "44,0", "tCO2e", "2025-06-30", "bilan 2024, page 3")],
    )
    study = folder / "bilan.toml"
    study.write_text(STUDY, encoding="utf-8")
    return study
