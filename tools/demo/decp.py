"""Essential data of the contracts: records of the 2019 and of the 2022 format."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from demo.contracts import Contract
from demo.identity import BUYER_NAME, BUYER_SIRET, Supplier
from demo.payments import concession_number
from demo.profiles import Concession

__all__ = [
    "Record",
    "concession_records",
    "contract_records",
    "tag_contracts",
    "text_2019",
    "text_2022",
]

LAST_2019 = dt.date(2021, 12, 31)
"""Contracts notified up to this day are in the file of the 2019 format."""

LAST_DAY = dt.date(2025, 1, 31)
NO_SOCIAL = "Pas de considération sociale"
NO_ENVIRONMENT = "Pas de considération environnementale"


@dataclass
class Record:
    """One record of a file, and the damage done to it."""

    content: dict[str, Any]
    layout: str
    contract: Contract | None = None
    kind: str = "marche"
    injected: list[tuple[str, str, str]] = field(default_factory=list)


def tag_contracts(rng: np.random.Generator, contracts: list[Contract]) -> None:
    """Give each contract its considerations; None is a tag left empty, not a "no"."""
    for each in contracts:
        later = each.start.year >= 2022
        likely_env = {"T": 0.45, "S": 0.5, "F": 0.35}[each.segment.kind] + (0.2 if later else 0)
        likely_social = {"T": 0.4, "S": 0.3, "F": 0.08}[each.segment.kind]
        environment: list[str] | None = [NO_ENVIRONMENT]
        if rng.random() < likely_env:
            environment = ["Clause environnementale"]
            if rng.random() < 0.5:
                environment.append("Critère environnemental")
        if rng.random() < 0.12:
            environment = None
        social: list[str] | None = [NO_SOCIAL]
        if each.segment.key == "espacesnaturels":
            social = ["Marché réservé"]
        elif rng.random() < likely_social:
            social = ["Clause sociale"]
            if rng.random() < 0.2:
                social.append("Critère social")
        if rng.random() < 0.12:
            social = None
        each.extra["environment"], each.extra["social"] = environment, social
        if each.segment.key.startswith("electricite"):
            each.extra["green"] = bool(rng.random() < 0.6)


def contract_records(
    rng: np.random.Generator, contracts: list[Contract]
) -> tuple[list[Record], list[Record]]:
    """Return the records of the 2019 and of the 2022 format."""
    old = [each for each in contracts if each.start <= LAST_2019]
    new = [each for each in contracts if each.start > LAST_2019]
    return [_record_2019(rng, each) for each in old], [_record_2022(rng, each) for each in new]


def _published(rng: np.random.Generator, contract: Contract) -> dt.date:
    return min(contract.start + dt.timedelta(days=int(rng.integers(8, 58))), LAST_DAY)


def _procedure(rng: np.random.Generator, contract: Contract) -> str:
    if contract.amount_eur < 90_000:
        return "Procédure adaptée"
    if contract.segment.kind == "T" and contract.amount_eur < 5_000_000:
        return "Procédure adaptée"
    return "Appel d'offres ouvert" if rng.random() < 0.88 else "Procédure avec négociation"


def _modifications(rng: np.random.Generator, contract: Contract) -> list[tuple[dt.date, float]]:
    """Return the modifications of a contract: date and new amount, in date order."""
    if contract.framework or rng.random() > 0.11:
        return []
    amount, found = contract.amount_eur, []
    for rank in range(int(rng.integers(1, 3))):
        date = contract.start + dt.timedelta(days=int(rng.integers(60, 240)) * (rank + 1))
        amount = round(amount * float(rng.uniform(1.01, 1.12)), 2)
        if date < LAST_DAY:
            found.append((date, amount))
    return found


def _record_2022(rng: np.random.Generator, contract: Contract) -> Record:
    published = _published(rng, contract)
    framework = contract.framework
    works = {"T": "Travaux", "F": "Fournitures courantes et services"}
    mode = "Marchés subséquents" if contract.extra.get("empty") else "Bons de commande"
    content: dict[str, Any] = {
        "id": contract.number,
        "acheteur": {"id": BUYER_SIRET},
        "nature": "Marché",
        "objet": contract.title,
        "codeCPV": contract.cpv if rng.random() < 0.6 else contract.cpv[:8],
        "techniques": {"technique": ["Accord-cadre" if framework else "Sans objet"]},
        "modalitesExecution": {"modaliteExecution": [mode if framework else "Sans objet"]},
    }
    if contract.parent:
        content["idAccordCadre"] = contract.parent
    content |= {
        "marcheInnovant": bool(rng.random() < 0.02),
        "ccag": works.get(contract.segment.kind, "Fournitures courantes et services"),
        "offresRecues": int(rng.integers(1, 9)),
        "attributionAvance": contract.with_advance,
        "tauxAvance": 0.3 if contract.with_advance else 0.0,
        "typeGroupementOperateurs": "Conjoint"
        if len(contract.suppliers) > 1
        else "Pas de groupement",
        "sousTraitanceDeclaree": False,
        "procedure": _procedure(rng, contract),
        "lieuExecution": {"code": "99", "typeCode": "Code département"},
        "dureeMois": contract.months,
        "dateNotification": contract.start.isoformat(),
        "datePublicationDonnees": published.isoformat(),
        "montant": contract.amount_eur,
        "typesPrix": {"typePrix": ["Définitif révisable"]},
        "formePrix": "Unitaire" if framework else "Forfaitaire",
        "titulaires": [{"titulaire": _titulaire(each)} for each in contract.suppliers],
        "considerationsSociales": _tags("considerationSociale", contract.extra["social"]),
        "considerationsEnvironnementales": _tags(
            "considerationEnvironnementale", contract.extra["environment"]
        ),
    }
    changes = _modifications(rng, contract)
    if changes:
        content["modifications"] = [
            {
                "modification": {
                    "id": rank,
                    "dateNotificationModification": date.isoformat(),
                    "datePublicationDonneesModification": (
                        date + dt.timedelta(days=20)
                    ).isoformat(),
                    "montant": amount,
                }
            }
            for rank, (date, amount) in enumerate(changes, 1)
        ]
    return Record(content, "2022", contract)


def _titulaire(supplier: Supplier) -> dict[str, str]:
    return {"typeIdentifiant": "SIRET", "id": supplier.siret}


def _tags(name: str, values: object) -> dict[str, Any] | None:
    """Return a list of considerations; a tag left empty is null, as platforms leave it."""
    return {name: values} if values is not None else None


def _record_2019(rng: np.random.Generator, contract: Contract) -> Record:
    nature = "Marché"
    if contract.framework:
        nature = "Accord-cadre"
    elif contract.parent:
        nature = "Marché subséquent"
    # The last two characters of an identifier of this format number the modification.
    number = f"{contract.number}00"
    content: dict[str, Any] = {
        "id": number,
        "uid": f"{BUYER_SIRET}{number}",
        "_type": "Marché",
        "acheteur": {"id": BUYER_SIRET, "nom": BUYER_NAME},
        "nature": nature,
        "objet": contract.title,
        "codeCPV": contract.cpv,
        "procedure": _procedure(rng, contract),
        "lieuExecution": {"code": "99", "typeCode": "Code département", "nom": "Valmarais"},
        "dureeMois": contract.months,
        "dateNotification": contract.start.isoformat(),
        "datePublicationDonnees": _published(rng, contract).isoformat(),
        "montant": contract.amount_eur,
        "formePrix": "Révisable" if rng.random() < 0.7 else "Ferme",
        "titulaires": [
            _titulaire(each) | {"denominationSociale": each.name} for each in contract.suppliers
        ],
        "modifications": [
            {
                "objetModification": "Travaux et prestations supplémentaires",
                "dateNotificationModification": date.isoformat(),
                "datePublicationDonneesModification": (date + dt.timedelta(days=20)).isoformat(),
                "montant": amount,
            }
            for date, amount in _modifications(rng, contract)
        ],
    }
    return Record(content, "2019", contract)


def concession_records(
    concessions: tuple[Concession, ...], operators: list[Supplier]
) -> list[Record]:
    """Return the records of the concessions, in the 2022 format: they bear no CPV code."""
    records = []
    for rank, each in enumerate(concessions):
        start = dt.date.fromisoformat(each.start)
        years = each.months / 12
        content = {
            "id": concession_number(rank, each),
            "autoriteConcedante": {"id": BUYER_SIRET},
            "nature": each.nature,
            "objet": each.label,
            "procedure": "Procédure négociée ouverte",
            "dureeMois": each.months,
            "dateSignature": start.isoformat(),
            "datePublicationDonnees": max(
                start + dt.timedelta(days=40), dt.date(2019, 1, 15)
            ).isoformat(),
            "dateDebutExecution": (start + dt.timedelta(days=31)).isoformat(),
            "valeurGlobale": round(each.turnover_eur * years),
            "montantSubventionPublique": round(each.eur_per_year * years),
            "donneesExecution": [
                {
                    "donneesAnnuelles": {
                        "datePublicationDonneesExecution": f"{year + 1}-06-30",
                        "depensesInvestissement": round(each.turnover_eur * 0.08),
                        "tarifs": [{"tarif": {"intituleTarif": "Tarif principal", "tarif": 1.7}}],
                    }
                }
                for year in (2022, 2023)
            ],
            "concessionnaires": [{"concessionnaire": _titulaire(operators[rank])}],
            "considerationsSociales": {"considerationSociale": ["Clause sociale"]},
            "considerationsEnvironnementales": {
                "considerationEnvironnementale": [
                    "Clause environnementale" if each.turnover_eur > 1e7 else NO_ENVIRONMENT
                ]
            },
        }
        records.append(Record(content, "2022", kind="contrat-concession"))
    return records


def text_2019(records: list[Record]) -> str:
    """Return the file of the 2019 format, one record a line."""
    return '{"marches":[\n' + _lines(records) + "\n]}\n"


def text_2022(records: list[Record]) -> str:
    """Return the file of the 2022 format, contracts then concessions, one record a line."""
    contracts = [each for each in records if each.kind == "marche"]
    concessions = [each for each in records if each.kind != "marche"]
    return (
        '{"marches":{"marche":[\n'
        + _lines(contracts)
        + '\n],"contrat-concession":[\n'
        + _lines(concessions)
        + "\n]}}\n"
    )


def _lines(records: list[Record]) -> str:
    return ",\n".join(
        json.dumps(each.content, ensure_ascii=False, separators=(",", ":")) for each in records
    )
