"""One line of the finance export, and how it is written."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from demo.identity import BUYER_SIRET, Supplier
from demo.profiles import BUDGET_PLAN, RECOVERED

__all__ = ["COLUMNS", "NON_CASH", "Line", "line_cells", "number_lines", "ttc_cents"]

NON_CASH = "Ordre"
COLUMNS = (
    "SIRET collectivité",
    "Exercice",
    "N° mandat",
    "Date mandat",
    "Budget",
    "Nomenclature",
    "Section",
    "Chapitre",
    "Nature",
    "Fonction",
    "Libellé",
    "Tiers",
    "SIRET tiers",
    "Rôle",
    "Marché",
    "Lot",
    "Bon de commande",
    "Direction",
    "Famille",
    "CPV",
    "Montant HT",
    "Montant TTC",
    "Régime TVA",
    "Quantité",
    "Unité",
    "Énergie verte",
    "Type écriture",
    "Type pièce",
)


@dataclass
class Line:
    """One line of the export; `overrides` holds what damage wrote over its cells."""

    year: int
    date: dt.date
    budget: str
    account: str
    function: str
    label: str
    payee: Supplier
    directorate: str
    ht_cents: int
    ttc_cents: int
    chapter: str = ""
    contract: str = ""
    lot: str = ""
    order: str = ""
    family: str = ""
    cpv: str = ""
    regime: str = ""
    quantity: str = ""
    unit: str = ""
    green: str = ""
    entry: str = "Réel"
    piece: str = "Mandat"
    role: str = ""
    mandate: str = ""
    segment: str = ""
    without_ht: bool = False
    overrides: dict[str, str] = field(default_factory=dict)
    injected: list[tuple[str, str, str]] = field(default_factory=list)
    cells_added: int = 0

    @property
    def capital(self) -> bool:
        """Whether the line belongs to the capital section."""
        return not self.account.startswith(("6", "7"))

    def budget_chapter(self) -> str:
        """Return the chapter: given, or that of the account."""
        if self.chapter:
            return self.chapter
        if self.capital:
            return "204" if self.account.startswith("204") else self.account[:2]
        return "65" if self.account.startswith("65") else "011"


def number_lines(lines: list[Line]) -> list[Line]:
    """Return the lines in the order of the export, each with the number of its order."""
    lines.sort(
        key=lambda each: (
            each.year,
            each.date,
            each.budget,
            each.contract,
            each.account,
            each.payee.siret,
            each.ttc_cents,
            each.label,
        )
    )
    counters: dict[tuple[int, str], int] = {}
    for each in lines:
        key = (each.year, each.budget)
        counters[key] = counters.get(key, 0) + 1
        each.mandate = f"{each.budget[:3]}{each.year % 100}-{counters[key]:05d}"
    return lines


def line_cells(line: Line) -> list[str]:
    """Return the cells of a line as the export writes them."""
    values = {
        "SIRET collectivité": BUYER_SIRET,
        "Exercice": str(line.year),
        "N° mandat": line.mandate,
        "Date mandat": line.date.strftime("%d/%m/%Y"),
        "Budget": line.budget,
        "Nomenclature": BUDGET_PLAN[line.budget],
        "Section": "Investissement" if line.capital else "Fonctionnement",
        "Chapitre": line.budget_chapter(),
        "Nature": line.account,
        "Fonction": line.function,
        "Libellé": line.label,
        "Tiers": line.payee.name,
        "SIRET tiers": line.payee.siret,
        "Rôle": line.role,
        "Marché": line.contract,
        "Lot": line.lot,
        "Bon de commande": line.order,
        "Direction": line.directorate,
        "Famille": line.family,
        "CPV": line.cpv,
        "Montant HT": "" if line.without_ht else _amount(line.ht_cents),
        "Montant TTC": _amount(line.ttc_cents),
        "Régime TVA": line.regime,
        "Quantité": line.quantity,
        "Unité": line.unit,
        "Énergie verte": line.green,
        "Type écriture": line.entry,
        "Type pièce": line.piece,
    }
    values.update(line.overrides)
    cells = [values[name] for name in COLUMNS]
    if line.cells_added > 0:
        cells.insert(10, "x")
    elif line.cells_added < 0:
        del cells[len(cells) + line.cells_added :]
    return cells


def ttc_cents(ht_cents: int, vat_pct: float, budget: str) -> int:
    """Return the amount charged to the budget: with VAT, unless the budget recovers it."""
    return ht_cents if budget in RECOVERED else round(ht_cents * (1 + vat_pct / 100))


def _amount(cents: int) -> str:
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100},{abs(cents) % 100:02d}"
