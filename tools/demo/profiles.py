"""What the synthetic métropole buys: the segments and concessions, read from their tables."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

__all__ = ["BUDGET_PLAN", "RECOVERED", "YEARS", "Concession", "Segment", "load_profiles"]

FOLDER = Path(__file__).parent / "data"
YEARS = (2022, 2023, 2024)
BUDGET_PLAN = {"PRINCIPAL": "M57", "EAU": "M49", "ASSAINISSEMENT": "M49", "TRANSPORTS": "M43"}
RECOVERED = ("EAU", "ASSAINISSEMENT", "TRANSPORTS")
"""Budgets that recover VAT: their amounts are without it."""


@dataclass(frozen=True)
class Segment:
    """One kind of purchase, sized and coded."""

    key: str
    label: str
    kind: str
    family: str
    cpv: tuple[str, ...]
    accounts: tuple[str, ...]
    budget: str
    functions: tuple[str, ...]
    directorate: str
    eur_per_year: float
    contracts: int
    unit: str
    eur_per_unit: float
    vat_pct: float
    months: int
    style: str


@dataclass(frozen=True)
class Concession:
    """One concession: what the métropole pays a year, and the operator's turnover."""

    key: str
    label: str
    nature: str
    family: str
    account: str
    budget: str
    function: str
    directorate: str
    eur_per_year: float
    turnover_eur: float
    months: int
    start: str
    vat_pct: float
    unit: str
    eur_per_unit: float
    operator: str


def load_profiles(
    eur_per_year: float, contracts: int
) -> tuple[tuple[Segment, ...], tuple[Concession, ...]]:
    """Return segments and concessions, scaled to a yearly spend and a number of contracts."""
    rows = _read("segments.csv")
    euros = eur_per_year / sum(float(row["meur_per_year"]) for row in rows)
    number = contracts / sum(int(row["contracts"]) for row in rows)
    segments = tuple(
        Segment(
            key=row["key"],
            label=row["label"],
            kind=row["kind"],
            family=row["family"],
            cpv=tuple(row["cpv"].split("|")),
            accounts=tuple(row["accounts"].split("|")),
            budget=row["budget"],
            functions=tuple(row["function"].split("|")),
            directorate=row["directorate"],
            eur_per_year=float(row["meur_per_year"]) * euros,
            contracts=max(1, round(int(row["contracts"]) * number)),
            unit=row["unit"],
            eur_per_unit=float(row["eur_per_unit"] or 0),
            vat_pct=float(row["vat_pct"]),
            months=int(row["months"]),
            style=row["style"],
        )
        for row in rows
    )
    share = contracts / 1482
    concessions = tuple(
        Concession(
            key=row["key"],
            label=row["label"],
            nature=row["nature"],
            family=row["family"],
            account=row["account"],
            budget=row["budget"],
            function=row["function"],
            directorate=row["directorate"],
            eur_per_year=float(row["meur_per_year"]) * 1e6,
            turnover_eur=float(row["turnover_meur"]) * 1e6,
            months=int(row["months"]),
            start=row["start"],
            vat_pct=float(row["vat_pct"]),
            unit=row["unit"],
            eur_per_unit=float(row["eur_per_unit"] or 0),
            operator=row["operator"],
        )
        for row in _read("concessions.csv")
    )
    return segments, concessions[: max(3, round(len(concessions) * min(1.0, share)))]


def _read(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter=";"))
