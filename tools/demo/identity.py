"""Who is who in the synthetic métropole: invented names, fictitious identifiers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = [
    "BANK",
    "BUYER_NAME",
    "BUYER_SIRET",
    "LA_POSTE",
    "UGAP",
    "Supplier",
    "fictitious_siret",
    "make_suppliers",
]

FICTITIOUS_PREFIX = "0000"
"""First digits of every invented identifier: no establishment in service bears them."""

BUYER_NAME = "Métropole de Valmarais"

FIRST = [
    "Alvéole",
    "Brumaire",
    "Cardinal",
    "Dolmen",
    "Estuaire",
    "Fougère",
    "Garance",
    "Houblon",
    "Indigo",
    "Jonquille",
    "Kaolin",
    "Lisière",
    "Mésange",
    "Noroît",
    "Ormeau",
    "Pivoine",
    "Quartz",
    "Ruisseau",
    "Sarcelle",
    "Tilleul",
    "Ubac",
    "Verveine",
    "Yourte",
    "Zéphyr",
    "Ardoise",
    "Bruyère",
    "Colvert",
    "Druide",
    "Épicéa",
    "Falaise",
    "Genévrier",
    "Hêtre",
    "Iris",
    "Jachère",
    "Lagune",
    "Menhir",
    "Nacre",
    "Osier",
    "Pinède",
    "Roselière",
    "Sorbier",
    "Tourbe",
    "Varech",
    "Alizé",
    "Boréal",
    "Cyprès",
    "Dune",
    "Embrun",
]
TRADES = {
    "T": ("Travaux", "Bâtiment", "Réseaux", "Génie civil", "Constructions", "Terrassements", "TP"),
    "S": ("Services", "Conseil", "Ingénierie", "Environnement", "Maintenance", "Propreté", "Étude"),
    "F": ("Équipements", "Distribution", "Fournitures", "Industrie", "Négoce", "Matériel"),
}
FORMS = ("SAS", "SARL", "SA", "SCOP", "EURL")


@dataclass(frozen=True)
class Supplier:
    """A company or body that is paid."""

    name: str
    siret: str
    trade: str = "S"


def luhn_sum(digits: str) -> int:
    """Return the Luhn sum of a string of digits."""
    total = 0
    for rank, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if rank % 2 else 1)
        total += value - 9 if value > 9 else value
    return total


def fictitious_siret(number: int, office: int = 1) -> str:
    """Return a SIRET that passes the Luhn sum, in the fictitious range.

    Parameters
    ----------
    number : int
        Rank of the company, from 0 to 9 999.
    office : int
        Rank of the establishment, from 0 to 999.
    """
    stem = f"{FICTITIOUS_PREFIX}{number:04d}"
    siren = next(f"{stem}{digit}" for digit in range(10) if luhn_sum(f"{stem}{digit}") % 10 == 0)
    return next(
        f"{siren}{office:04d}{digit}"
        for digit in range(10)
        if luhn_sum(f"{siren}{office:04d}{digit}") % 10 == 0
    )


BUYER_SIRET = fictitious_siret(9999)
BANK = Supplier("Banque Mutuelle de Valmarais (fictive)", fictitious_siret(9998))
# Two real bodies are named because the rules of checking single them out; their lines are invented.
UGAP = Supplier("UGAP", "77605646700587")
# Establishments of La Poste follow another sum: the plain sum of the digits is a multiple of five.
LA_POSTE = Supplier("La Poste", "35600000049837")


def make_suppliers(rng: np.random.Generator, count: int) -> list[Supplier]:
    """Return `count` invented companies with distinct names and identifiers."""
    names: set[str] = set()
    suppliers = []
    trades = list(TRADES)
    while len(suppliers) < count:
        trade = trades[int(rng.choice(3, p=[0.4, 0.4, 0.2]))]
        words = TRADES[trade]
        name = (
            f"{FIRST[int(rng.integers(len(FIRST)))]} {words[int(rng.integers(len(words)))]} "
            f"{FORMS[int(rng.choice(5, p=[0.5, 0.25, 0.12, 0.05, 0.08]))]}"
        )
        if name in names:
            continue
        names.add(name)
        rank = len(suppliers) + 1
        suppliers.append(Supplier(name, fictitious_siret(rank, int(rng.integers(1, 9))), trade))
    return suppliers
