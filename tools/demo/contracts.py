"""Contracts of the synthetic métropole: frameworks, lots, subsequent contracts, and their plan."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import numpy as np

from demo.identity import Supplier
from demo.profiles import YEARS, Segment

__all__ = ["Contract", "Plan", "make_contracts", "spend_plan"]

FIRST_DAY = dt.date(2018, 10, 1)
"""First day of publication of the essential data: no contract before it is in the files."""

YEAR_LEVEL = {2022: 0.95, 2023: 1.0, 2024: 1.05}
"""Level of spending of each year against the mean."""


@dataclass
class Contract:
    """One contract, as it was awarded."""

    number: str
    segment: Segment
    title: str
    cpv: str
    suppliers: list[Supplier]
    start: dt.date
    months: int
    framework: bool = False
    parent: str = ""
    lot: str = ""
    with_advance: bool = False
    weight: float = 1.0
    paid_eur: dict[int, float] = field(default_factory=dict)
    amount_eur: float = 0.0
    extra: dict[str, object] = field(default_factory=dict)

    @property
    def end(self) -> dt.date:
        """Last day of performance."""
        months = self.start.year * 12 + self.start.month - 1 + self.months
        return dt.date(months // 12, months % 12 + 1, 1) - dt.timedelta(days=1)

    def months_active(self, year: int) -> list[int]:
        """Return the months of a year in which the contract runs."""
        first = max(1, (self.start.year - year) * 12 + self.start.month)
        last = min(12, (self.end.year - year) * 12 + self.end.month)
        return list(range(first, last + 1))


@dataclass(frozen=True)
class Plan:
    """What is paid on one contract in one year, in euros without VAT."""

    contract: Contract
    year: int
    amount_eur: float


def make_contracts(
    rng: np.random.Generator, segments: tuple[Segment, ...], suppliers: list[Supplier]
) -> list[Contract]:
    """Return the contracts of all segments, numbered in the order of their start."""
    contracts: list[Contract] = []
    for segment in segments:
        contracts += _segment_contracts(rng, segment, _pool(rng, segment, suppliers))
    contracts.sort(key=lambda each: (each.start, each.title, each.cpv))
    _number(contracts)
    return contracts


def spend_plan(
    rng: np.random.Generator, segments: tuple[Segment, ...], contracts: list[Contract]
) -> list[Plan]:
    """Return what each contract is paid each year; the years of a segment keep to its size."""
    plans = []
    for segment in segments:
        own = [
            each for each in contracts if each.segment is segment and not each.extra.get("empty")
        ]
        for year in YEARS:
            total = segment.eur_per_year * YEAR_LEVEL[year] * float(rng.normal(1.0, 0.04))
            active = [(each, len(each.months_active(year))) for each in own]
            weights = np.array([each.weight * months for each, months in active])
            for (each, months), weight in zip(active, weights, strict=True):
                if months:
                    amount = total * float(weight) / float(weights.sum())
                    each.paid_eur[year] = amount
                    plans.append(Plan(each, year, amount))
    for each in contracts:
        _price(rng, each)
    return plans


def _pool(
    rng: np.random.Generator, segment: Segment, suppliers: list[Supplier]
) -> list[tuple[Supplier, float]]:
    """Return the suppliers of a segment with their share of its contracts (few take most)."""
    able = [each for each in suppliers if each.trade == segment.kind]
    size = min(len(able), max(2, round(segment.contracts * 0.6)))
    # The first of the list are the large groups: they bid everywhere.
    rank = np.arange(1, len(able) + 1)
    odds = 1.0 / (rank + 12.0)
    chosen = rng.choice(len(able), size=size, replace=False, p=odds / odds.sum())
    shares = 1.0 / np.arange(1, size + 1) ** 0.8
    shares /= shares.sum()
    return [(able[int(index)], float(share)) for index, share in zip(chosen, shares, strict=True)]


def _segment_contracts(
    rng: np.random.Generator, segment: Segment, pool: list[tuple[Supplier, float]]
) -> list[Contract]:
    shares = np.array([share for _, share in pool])
    found: list[Contract] = []
    lots_left = 0
    frame: Contract | None = None
    for rank in range(segment.contracts):
        supplier = pool[int(rng.choice(len(pool), p=shares))][0]
        if rank == 0:
            start, months = dt.date(2021, int(rng.integers(1, 12)), 1), max(60, segment.months)
        else:
            start, months = _dates(rng, segment)
        contract = Contract(
            number="",
            segment=segment,
            title=segment.label,
            cpv=segment.cpv[int(rng.integers(len(segment.cpv)))],
            suppliers=[supplier],
            start=start,
            months=months,
            weight=float(rng.lognormal(0.0, 1.1)),
        )
        if segment.style == "subsequent":
            if frame is None:
                frame = contract
                contract.framework = True
                contract.extra["empty"] = True
                contract.title = f"{segment.label} : accord-cadre"
                contract.weight = 0.0
            else:
                contract.extra["frame"] = frame
                contract.title = f"{segment.label} : marché subséquent n° {rank}"
                if rank == 1:
                    contract.start, contract.months = frame.start, frame.months
                elif contract.start < frame.start:
                    contract.start = frame.start
        elif segment.style == "lot":
            if lots_left == 0:
                lots_left = int(rng.integers(2, 8))
                operation, total, first = _place(rng), lots_left, contract
            contract.start, contract.months = first.start, first.months
            contract.extra["operation"] = first
            contract.lot = str(total - lots_left + 1)
            contract.title = f"{segment.label}, {operation} - Lot {contract.lot}"
            lots_left -= 1
        else:
            contract.framework = segment.style == "framework" and bool(rng.random() < 0.85)
            contract.title = f"{segment.label}, {_place(rng)}"
        _group(rng, contract, pool)
        contract.with_advance = segment.kind == "T" and bool(rng.random() < 0.16)
        found.append(contract)
    return found


def _group(
    rng: np.random.Generator, contract: Contract, pool: list[tuple[Supplier, float]]
) -> None:
    """Give some contracts co-contractors."""
    likely = {"T": 0.22, "S": 0.12, "F": 0.03}[contract.segment.kind]
    if len(pool) > 3 and rng.random() < likely:
        others = [each for each, _ in pool if each not in contract.suppliers]
        size = int(rng.integers(1, 4))
        picked = rng.choice(len(others), size=min(size, len(others)), replace=False)
        contract.suppliers += [others[int(index)] for index in picked]


def _dates(rng: np.random.Generator, segment: Segment) -> tuple[dt.date, int]:
    """Return start and months of a contract that runs at some time in the three years."""
    months = max(4, round(segment.months * float(rng.uniform(0.7, 1.15))))
    earliest = max(-38, 2 - months)
    index = int(rng.integers(earliest, 34))
    start = dt.date(2022 + index // 12, index % 12 + 1, int(rng.integers(1, 28)))
    return max(start, FIRST_DAY), months


PLACES = [
    "secteur Nord",
    "secteur Sud",
    "secteur Est",
    "secteur Ouest",
    "commune de Brémont",
    "commune d'Orsival",
    "commune de Haute-Lande",
    "quartier des Tanneurs",
    "boulevard des Acacias",
    "parc des Étangs",
    "site de la Verrerie",
    "îlot Saint-Aubin",
    "rue du Vieux-Moulin",
    "plaine des Forges",
    "zone de la Garenne",
    "commune de Trémilly",
    "quartier de la Gare",
    "place du Marché-aux-Herbes",
    "canal de la Sourde",
]


def _place(rng: np.random.Generator) -> str:
    return PLACES[int(rng.integers(len(PLACES)))]


def _number(contracts: list[Contract]) -> None:
    """Give numbers by year of start; the lots of one operation share their root."""
    ranks: dict[int, int] = {}
    roots: dict[int, str] = {}
    for each in contracts:
        first = each.extra.get("operation", each)
        root = roots.get(id(first))
        if root is None:
            year = each.start.year
            ranks[year] = ranks.get(year, 0) + 1
            root = roots[id(first)] = f"{year}{each.segment.kind}{ranks[year]:04d}"
        each.number = f"{root}L{each.lot}" if each.lot else root
    for each in contracts:
        frame = each.extra.get("frame")
        if isinstance(frame, Contract):
            each.parent = frame.number


def _price(rng: np.random.Generator, contract: Contract) -> None:
    """Set the awarded amount: what is paid in the years seen, carried to the whole duration."""
    seen = sum(len(contract.months_active(year)) for year in contract.paid_eur)
    paid = sum(contract.paid_eur.values())
    if not seen:
        monthly = contract.segment.eur_per_year / 12
        contract.amount_eur = round(monthly * contract.months * 1.5, -3)
        return
    whole = paid / seen * contract.months
    if contract.framework:
        # A ceiling leaves room: the calls of a framework reach a part of it.
        contract.amount_eur = max(1000.0, round(whole * float(rng.uniform(1.3, 3.0)), -3))
    else:
        contract.amount_eur = round(whole * float(rng.uniform(0.97, 1.06)), 2)
