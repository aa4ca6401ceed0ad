"""What suppliers of the synthetic métropole say they emitted, with the damage such tables have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from demo.contracts import Contract
from demo.lines import Line

__all__ = ["COLUMNS_FR", "MEASUREMENT_TITLES", "measurement_rows"]

MEASUREMENT_TITLES = {
    "mesures_fournisseurs.csv": "Mesures de fournisseurs, inventées, avec leurs défauts",
}

COLUMNS_FR = (
    "Mesure",
    "Marché",
    "SIRET du titulaire",
    "Famille d'achat",
    "Début",
    "Fin",
    "Quantité",
    "Unité",
    "Valeur",
    "Unité de la valeur",
    "Erreur (CV)",
    "Méthode",
    "Qualité",
    "Justificatif",
    "Statut",
    "Facturé HT (€)",
    "Remarque",
)
"""Headers of schema `measurement`, those that people fill in."""

STREAM = 71
"""Draws of this file alone: adding it changed no other."""

YEAR = 2024
ACCEPTED, PENDING = "acceptée", "en attente"

INTENSITY = {"06.01": 0.55, "07.02": 0.30, "02.01": 0.20}
"""Kilograms per euro from which figures are drawn: the author's choice, nobody's measurement."""

KG_PER_LITRE = 3.02
SPREAD = 0.25
"""Spread between the contracts of a family, as they are drawn."""

METHODS = {
    "06.01": "consommations relevées par véhicule",
    "07.02": "kilomètres et consommations par ligne",
    "02.01": "bilan matières, énergie et transport du chantier",
    "09.05": "livraisons × facteur du fournisseur",
}


def measurement_rows(
    seed: int, contracts: Sequence[Contract], lines: Sequence[Line]
) -> list[list[Any]]:
    """Return measurements of a dozen contracts in four families, damage included.

    Parameters
    ----------
    seed : int
    contracts : sequence of Contract
    lines : sequence of Line
        Before damage: what was really spent.
    """
    desk = _Desk(np.random.default_rng([seed, STREAM]), contracts, lines)
    return [list(COLUMNS_FR), *_waste(desk), *_buses(desk), *_roads(desk), *_fuels(desk)]


class _Desk:
    """Where measurements are written: contracts, what they were paid, draws."""

    def __init__(
        self, rng: np.random.Generator, contracts: Sequence[Contract], lines: Sequence[Line]
    ) -> None:
        self.rng, self.contracts = rng, contracts
        self.spent: dict[str, float] = {}
        for line in lines:
            if line.year == YEAR:
                self.spent[line.contract] = self.spent.get(line.contract, 0.0) + line.ht_cents / 100

    def largest(self, family: str, count: int) -> list[Contract]:
        """Return the contracts of a family that were paid most; none where there are too few."""
        found = [
            each
            for each in self.contracts
            if each.segment.family == family and self.spent.get(each.number, 0.0) > 0
        ]
        found.sort(key=lambda each: (-self.spent[each.number], each.number))
        return found[:count] if len(found) >= count else []

    def draw_kg(self, contract: Contract, times: float = 1.0) -> float:
        """Return the kilograms of a contract."""
        ratio = INTENSITY[contract.segment.family] * float(np.exp(self.rng.normal(0, SPREAD)))
        return ratio * times * self.spent[contract.number]

    def tonnes(self, contract: Contract, times: float = 1.0) -> str:
        """Return the tonnes of a contract, as written."""
        return _french(self.draw_kg(contract, times) / 1000)

    def per_work(
        self, contract: Contract, unit: str, eur_per_unit: float, decimals: int = 2
    ) -> list[Any]:
        """Return a measurement per unit of work."""
        work = round(self.spent[contract.number] / eur_per_unit)
        value = _french(self.draw_kg(contract) / work, decimals)
        return self.row(contract, "", value, f"kgCO2e/{unit}", quantity=(str(work), unit))

    def row(
        self,
        contract: Contract,
        mark: str,
        value: str,
        unit: str,
        *,
        cv: str = "0,08",
        quantity: tuple[str, str] = ("", ""),
        method: str | None = None,
        document: str | None = None,
        status: str = ACCEPTED,
        invoiced: bool = False,
        note: str = "donnée fictive",
    ) -> list[Any]:
        """Return one measurement."""
        family = contract.segment.family
        return [
            f"{contract.number}:{YEAR}{mark}",
            contract.number,
            contract.suppliers[0].siret,
            family,
            f"{YEAR}-01-01",
            f"{YEAR}-12-31",
            *quantity,
            value,
            unit,
            cv,
            METHODS[family] if method is None else method,
            2,
            f"rapport fictif {contract.number}, p. 4" if document is None else document,
            status,
            _french(self.spent[contract.number]) if invoiced else "",
            note,
        ]


def _waste(desk: _Desk) -> list[list[Any]]:
    """Return waste collection: a total, per euro, per tonne, one dearer and greener, a typo."""
    found = desk.largest("06.01", 4)
    if not found:
        return []
    first, second, third, greener = found
    per_euro = desk.draw_kg(second) / desk.spent[second.number]
    lost = desk.row(first, "-x", "812", "tCO2e")
    lost[1] = f"{first.number}X"
    return [
        desk.row(first, "", desk.tonnes(first), "tCO2e", invoiced=True),
        desk.row(second, "", _french(per_euro, 3), "kgCO2e/EUR", cv="0,15"),
        desk.per_work(third, "t", 95),
        desk.row(
            greener,
            "",
            desk.tonnes(greener, 0.55),
            "tCO2e",
            cv="0,06",
            note="donnée fictive : bennes au biogaz, prix plus haut que le marché précédent",
        ),
        lost,
    ]


def _buses(desk: _Desk) -> list[list[Any]]:
    """Return school buses: a total sent twice alike, per kilometre, two that disagree."""
    found = desk.largest("07.02", 3)
    if not found:
        return []
    twice, once, two = found
    same, told = desk.tonnes(twice), desk.draw_kg(two) / 1000
    return [
        desk.row(twice, "", same, "tCO2e"),
        desk.row(twice, "-bis", same, "tCO2e", document="courriel fictif du titulaire"),
        desk.per_work(once, "km", 3.1, 3),
        desk.row(two, "-A", _french(told), "tCO2e"),
        desk.row(two, "-B", _french(1.7 * told), "tCO2e", method="forfait par élève"),
    ]


def _roads(desk: _Desk) -> list[list[Any]]:
    """Return roads: per tonne, kilograms written as tonnes, a zero, no method, one waiting."""
    found = desk.largest("02.01", 5)
    if not found:
        return []
    good, thousandfold, zero, bare, waiting = found
    return [
        desk.per_work(good, "t", 110),
        desk.row(thousandfold, "", _french(desk.draw_kg(thousandfold)), "tCO2e"),
        desk.row(zero, "", "0", "tCO2e", note="donnée fictive : chantier dit neutre"),
        desk.row(bare, "", desk.tonnes(bare), "tCO2e", method=""),
        desk.row(waiting, "", desk.tonnes(waiting), "tCO2e", status=PENDING),
    ]


def _fuels(desk: _Desk) -> list[list[Any]]:
    """Return fuels: per litre, as they are delivered; per tonne, to which no litre converts."""
    return [
        desk.row(each, "", value, unit, cv="0,05")
        for each, (value, unit) in zip(
            desk.largest("09.05", 2),
            ((_french(KG_PER_LITRE), "kgCO2e/litre"), ("3580", "kgCO2e/t")),
            strict=False,
        )
    ]


def _french(value: float, decimals: int = 2) -> str:
    """Return a number with a decimal comma."""
    return f"{value:.{decimals}f}".replace(".", ",")
