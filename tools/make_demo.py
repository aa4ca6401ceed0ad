"""Make the demonstration: a synthetic métropole, from a fixed seed.

Run as `python tools/make_demo.py procurement_map/demo`; the same arguments give the same bytes.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

from demo.accounts import totem_text
from demo.clauses import CLAUSE_TITLES, clause_files
from demo.contracts import make_contracts, spend_plan
from demo.damage_contracts import damage_contracts, split_cents
from demo.damage_payments import damage_payments
from demo.decp import concession_records, contract_records, tag_contracts, text_2019, text_2022
from demo.digital import DIGITAL_TITLES, digital_rows
from demo.events import apply_events
from demo.identity import Supplier, fictitious_siret, make_suppliers
from demo.inventories import insertion_rows, inventory_rows, tag_rows
from demo.lines import number_lines
from demo.measurements import MEASUREMENT_TITLES, measurement_rows
from demo.opportunities import OPPORTUNITY_TITLES, opportunity_files
from demo.payments import concession_lines, contract_lines, other_lines
from demo.physical import physical_rows
from demo.profiles import FOLDER, YEARS, load_profiles
from demo.programming import PROGRAMMING_TITLES, programming_tables
from demo.registers import firm_rows, register_rows
from demo.scheme import SCHEME_TITLES, scheme_tables
from demo.write import csv_text, injected_rows, package_text, payments_text, write_text

__all__ = ["make_demo"]

SEED = 20_231_001
CONTRACT_SPEND_EUR_PER_YEAR = 450e6
CONTRACTS = 1_482
SUPPLIERS = 640
CONTRACT_LINES = 15_700

TITLES = {
    "paiements.csv": "Mandats de paiement 2022-2024 (export financier)",
    "correspondance.toml": "Correspondance des colonnes de l'export financier",
    "marches.json": "Données essentielles, format 2022 : marchés et concessions",
    "marches_2019.json": "Données essentielles, format 2019 : marchés plus anciens",
    "marches_centimes.json": "Données essentielles, format 2019 : montants en centimes",
    "comptes_2022.xml": "Compte administratif 2022 du budget principal (TOTEM)",
    "comptes_2023.xml": "Compte administratif 2023 du budget principal (TOTEM)",
    "comptes_2024.xml": "Compte administratif 2024 du budget principal (TOTEM)",
    "cotations.csv": "Cotations climat du budget, décisions fictives",
    "inventaires.csv": "Inventaire physique : sites, véhicules, parc numérique",
    "postes_physiques.csv": "Postes physiques du BEGES : compteurs, carburants, enquête",
    "heures_insertion.csv": "Heures d'insertion par marché, exercice et sexe",
    "etiquettes.csv": "Étiquettes par marché : clauses, critères, PCAET, coût global",
    "registre.csv": "Registre de l'acheteur : lancements, consultations, rôles, accords-cadres",
    "entreprises.csv": "Extrait fictif du répertoire des entreprises : taille, forme, lieu, ESS",
    "cibles.csv": "Cibles fictives : ensemble (transfert territorial), familles, directions",
    "injected.csv": "Défauts injectés, et règle qui doit les trouver",
    "leviers.csv": "Leviers d'un plan d'actions, tous illustratifs",
    "budgets_carbone.csv": "Budgets carbone annuels 2027-2035, illustratifs",
    "bilan.toml": "Étude du bilan annuel : les fichiers qu'il réunit, le vote des comptes",
    "chiffres_publies_2023.csv": "Chiffres fictifs publiés au bilan 2023, d'une méthode d'alors",
    **SCHEME_TITLES,
    **PROGRAMMING_TITLES,
    **CLAUSE_TITLES,
    **DIGITAL_TITLES,
    **MEASUREMENT_TITLES,
    **OPPORTUNITY_TITLES,
}

COPIED = (
    "correspondance.toml",
    "cotations.csv",
    "cibles.csv",
    "leviers.csv",
    "budgets_carbone.csv",
    "bilan.toml",
    "chiffres_publies_2023.csv",
)
"""Files of the demonstration that are written by hand."""


def make_demo(folder: Path, seed: int = SEED, scale: float = 1.0) -> None:
    """Write the demonstration into a folder.

    Parameters
    ----------
    folder : Path
        Folder to write to; created where missing.
    seed : int
        Seed of the one random generator.
    scale : float
        Size against the full one, in (0, 1]: spend, contracts, lines and damage follow it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    segments, concessions = load_profiles(
        CONTRACT_SPEND_EUR_PER_YEAR * scale, round(CONTRACTS * scale)
    )
    suppliers = make_suppliers(rng, max(60, round(SUPPLIERS * scale)))
    operators = [
        Supplier(each.operator, fictitious_siret(8000 + rank))
        for rank, each in enumerate(concessions)
    ]
    contracts = make_contracts(rng, segments, suppliers)
    plans = spend_plan(rng, segments, contracts)
    tag_contracts(rng, contracts)

    lines = contract_lines(rng, plans, round(CONTRACT_LINES * scale))
    lines = apply_events(rng, lines, contracts, suppliers, scale)
    lines += concession_lines(rng, concessions, operators)
    lines += other_lines(rng, suppliers, scale)
    lines = number_lines(lines)
    accounts = {year: totem_text(lines, year) for year in YEARS}
    old, new = contract_records(rng, contracts)
    inventory = inventory_rows(rng, scale)
    hours = insertion_rows(rng, contracts)
    tags = tag_rows(rng, contracts)
    physical = physical_rows(seed, contracts, lines, inventory)
    register = register_rows(seed, contracts, concessions, operators, suppliers)
    firms = firm_rows(seed, contracts, suppliers, operators)
    measurements = measurement_rows(seed, contracts, lines)

    # The accounts above hold what was spent; the damage below is done to the exports alone.
    lines = damage_payments(rng, lines, scale)
    old, new = damage_contracts(rng, old, new, scale)
    old, cents = split_cents(old, round(60 * scale))
    new += concession_records(concessions, operators)

    write_text(folder / "paiements.csv", payments_text(lines), "cp1252")
    write_text(folder / "marches.json", text_2022(new))
    write_text(folder / "marches_2019.json", text_2019(old))
    write_text(folder / "marches_centimes.json", text_2019(cents))
    for year, text in accounts.items():
        write_text(folder / f"comptes_{year}.xml", text, "iso-8859-1")
    write_text(folder / "inventaires.csv", csv_text(inventory))
    write_text(folder / "postes_physiques.csv", csv_text(physical))
    write_text(folder / "heures_insertion.csv", csv_text(hours))
    write_text(folder / "etiquettes.csv", csv_text(tags))
    write_text(folder / "registre.csv", csv_text(register), "cp1252")
    write_text(folder / "entreprises.csv", csv_text(firms))
    write_text(folder / "parc_numerique.csv", csv_text(digital_rows(seed, scale)))
    write_text(folder / "mesures_fournisseurs.csv", csv_text(measurements))
    for name, rows in scheme_tables(seed, contracts, hours).items():
        write_text(folder / name, csv_text(rows))
    for name, rows in programming_tables(seed, contracts).items():
        write_text(folder / name, csv_text(rows))
    for name, content in opportunity_files(seed).items():
        write_text(folder / name, content if isinstance(content, str) else csv_text(content))
    write_text(folder / "injected.csv", csv_text(injected_rows(lines, old, new, cents), ","))
    for name in COPIED:
        (folder / name).write_bytes((FOLDER / name).read_bytes())
    (folder / "clauses").mkdir(exist_ok=True)
    for name, text in clause_files(FOLDER, seed).items():
        write_text(folder / name, text)
    write_text(folder / "README.md", (FOLDER / "LISEZMOI.md").read_text(encoding="utf-8"))
    write_text(folder / "datapackage.json", package_text(folder, TITLES.items(), seed))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--scale", type=float, default=1.0)
    arguments = parser.parse_args()
    make_demo(arguments.folder, arguments.seed, arguments.scale)
