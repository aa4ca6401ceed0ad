"""Payments of the synthetic métropole: contracts, concessions, and what is bought without one."""

from __future__ import annotations

import csv
import datetime as dt
import math

import numpy as np

from demo.contracts import Contract, Plan
from demo.identity import BANK, LA_POSTE, UGAP, Supplier, fictitious_siret
from demo.lines import Line, ttc_cents
from demo.profiles import FOLDER, YEARS, Concession, Segment

__all__ = ["concession_lines", "contract_lines", "other_lines"]

FAMILY_SHARE = 0.68
"""Share of the lines under contract that carry the métropole's own family code."""

CPV_SHARE = 0.45
"""Share of the lines under contract whose export repeats the contract's CPV code."""

SEASON = {
    "T": (5, 6, 7, 8, 8, 9, 9, 6, 9, 10, 11, 14),
    "S": (7, 8, 8, 8, 8, 9, 8, 6, 8, 9, 9, 12),
    "F": (6, 7, 8, 8, 8, 8, 7, 5, 9, 10, 11, 13),
    "energy": (13, 12, 11, 8, 6, 5, 5, 5, 6, 8, 10, 11),
}
ENERGY = ("electricite", "electriciteeau", "electriciteass", "gaz", "chaleur")
UGAP_SEGMENTS = ("micro", "mobilier", "vehicules", "fournitures", "logiciels")


def contract_lines(rng: np.random.Generator, plans: list[Plan], count: int) -> list[Line]:
    """Return about `count` payments that share out the plans; their sum is the plans' sum."""
    pull = np.array([plan.amount_eur**0.35 for plan in plans])
    per_plan = pull / pull.sum() * max(0, count - len(plans))
    lines: list[Line] = []
    for plan, mean in zip(plans, per_plan, strict=True):
        number = 1 + int(rng.poisson(min(mean, 40.0)))
        parts = rng.lognormal(0.0, 0.8, number)
        parts /= parts.sum()
        cents = [round(plan.amount_eur * 100 * float(part)) for part in parts]
        lines += [_contract_line(rng, plan, amount) for amount in cents if amount > 0]
    return lines


def _contract_line(rng: np.random.Generator, plan: Plan, cents: int) -> Line:
    contract, segment = plan.contract, plan.contract.segment
    payee = _payee(rng, contract)
    line = Line(
        year=plan.year,
        date=_date(rng, contract, plan.year),
        budget=segment.budget,
        account=segment.accounts[0 if rng.random() < 0.65 else -1],
        function=segment.functions[int(rng.integers(len(segment.functions)))],
        label=_label(rng, contract),
        payee=payee,
        directorate=segment.directorate,
        ht_cents=cents,
        ttc_cents=ttc_cents(cents, segment.vat_pct, segment.budget),
        contract=contract.number,
        lot=contract.lot,
        family=segment.family if rng.random() < FAMILY_SHARE else "",
        cpv=contract.cpv if rng.random() < CPV_SHARE else "",
        segment=segment.key,
    )
    if contract.framework:
        line.order = f"BC{plan.year % 100}{int(rng.integers(1, 99999)):05d}"
    if segment.unit:
        _measure(rng, line, segment)
        if segment.key == "electricite":
            line.green = "O" if contract.extra.get("green") else "N"
    line.without_ht = segment.vat_pct == 20 and bool(rng.random() < 0.03)
    if payee is UGAP:
        # A purchase through the central body refers to its own catalogue, not to a contract.
        line.contract, line.order, line.cpv = "", f"UGAP{int(rng.integers(10**6)):06d}", ""
    return line


def _payee(rng: np.random.Generator, contract: Contract) -> Supplier:
    if contract.segment.key in UGAP_SEGMENTS and rng.random() < 0.3:
        return UGAP
    if contract.segment.key == "courrier":
        return LA_POSTE
    if len(contract.suppliers) > 1 and rng.random() < 0.35:
        return contract.suppliers[int(rng.integers(1, len(contract.suppliers)))]
    return contract.suppliers[0]


def _date(rng: np.random.Generator, contract: Contract, year: int) -> dt.date:
    months = contract.months_active(year)
    key = "energy" if contract.segment.key in ENERGY else contract.segment.kind
    odds = np.array([SEASON[key][month - 1] for month in months], dtype=float)
    month = months[int(rng.choice(len(months), p=odds / odds.sum()))]
    if month == 12 and contract.segment.accounts[0].startswith("6") and rng.random() < 0.12:
        # Complementary period: orders of the operating section are charged to the year past.
        return dt.date(year + 1, 1, int(rng.integers(4, 29)))
    return dt.date(year, month, int(rng.integers(2, 29)))


def _label(rng: np.random.Generator, contract: Contract) -> str:
    words = {"T": "Situation n°", "S": "Prestation n°", "F": "Livraison n°"}
    number = int(rng.integers(1, 30))
    return f"{words[contract.segment.kind]} {number} - {contract.segment.label}"


def _measure(rng: np.random.Generator, line: Line, segment: Segment) -> None:
    """Give most lines of a measured segment their physical quantity."""
    if rng.random() > 0.78:
        return
    price = segment.eur_per_unit * float(rng.normal(1.0, 0.06))
    quantity = line.ht_cents / 100 / price
    if segment.unit == "u":
        line.quantity = str(max(1, math.floor(quantity + 0.5)))
    elif quantity >= 100:
        line.quantity = f"{quantity:.0f}"
    else:
        line.quantity = f"{quantity:.2f}".replace(".", ",")
    line.unit = segment.unit


def concession_lines(
    rng: np.random.Generator, concessions: tuple[Concession, ...], operators: list[Supplier]
) -> list[Line]:
    """Return the monthly payments to the operators of concessions."""
    lines = []
    for rank, each in enumerate(concessions):
        for year in YEARS:
            shares = rng.dirichlet(np.full(12, 60.0))
            level = {2022: 0.98, 2023: 1.0, 2024: 1.02}[year]
            for month in range(1, 13):
                cents = round(each.eur_per_year * level * 100 * float(shares[month - 1]))
                line = Line(
                    year=year,
                    date=dt.date(year, month, int(rng.integers(5, 28))),
                    budget=each.budget,
                    account=each.account,
                    function=each.function,
                    label=f"Contribution mensuelle - {each.label}",
                    payee=operators[rank],
                    directorate=each.directorate,
                    ht_cents=cents,
                    ttc_cents=ttc_cents(cents, each.vat_pct, each.budget),
                    contract=concession_number(rank, each),
                    family=each.family if rng.random() < 0.92 else "",
                    segment=each.key,
                )
                if each.unit:
                    tonnes = cents / 100 / each.eur_per_unit
                    line.quantity, line.unit = f"{tonnes:.0f}", each.unit
                lines.append(line)
    return lines


def concession_number(rank: int, concession: Concession) -> str:
    """Return the number of a concession."""
    return f"{concession.start[:4]}DSP{rank + 1:03d}"


def other_lines(rng: np.random.Generator, suppliers: list[Supplier], share: float) -> list[Line]:
    """Return what is paid without a contract: wages, debt, transfers, and small purchases."""
    lines = []
    with (FOLDER / "others.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter=";"))
    for rank, row in enumerate(rows):
        fixed = Supplier(row["payee"], fictitious_siret(9000 + rank)) if row["payee"] else None
        number = max(1, round(int(row["lines_per_year"]) * share))
        monthly = int(row["lines_per_year"]) == 12
        for year in YEARS:
            parts = rng.dirichlet(np.full(number, 80.0 if monthly else 1.2))
            for index, part in enumerate(parts):
                cents = round(float(row["meur_per_year"]) * 1e8 * float(part))
                if cents <= 0:
                    continue
                month = index % 12 + 1 if monthly else int(rng.integers(1, 13))
                lines.append(
                    Line(
                        year=year,
                        date=dt.date(year, month, int(rng.integers(2, 28))),
                        budget=row["budget"],
                        account=row["account"],
                        chapter=row["chapter"],
                        function=row["function"],
                        label=row["label"],
                        payee=fixed or suppliers[int(rng.integers(len(suppliers)))],
                        directorate=row["directorate"],
                        ht_cents=cents,
                        ttc_cents=ttc_cents(cents, float(row["vat_pct"]), row["budget"]),
                        piece=row["piece"] or "Mandat",
                        segment=row["key"],
                    )
                )
    lines += _card_lines(rng, share)
    return lines


def _card_lines(rng: np.random.Generator, share: float) -> list[Line]:
    """Return the monthly statements of the purchasing cards: the payee is the bank."""
    lines = []
    accounts = ("6068", "60632", "6182", "6234")
    for year in YEARS:
        for month in range(1, 13):
            for account in accounts[: max(1, round(len(accounts) * share))]:
                cents = round(float(rng.lognormal(7.6, 0.6)) * 100)
                lines.append(
                    Line(
                        year=year,
                        date=dt.date(year, month, 28),
                        budget="PRINCIPAL",
                        account=account,
                        function="020",
                        label="Relevé d'opérations de carte d'achat",
                        payee=BANK,
                        directorate="Direction des moyens généraux",
                        ht_cents=cents,
                        ttc_cents=ttc_cents(cents, 20.0, "PRINCIPAL"),
                        segment="carte",
                        injected=[("payee-bank-card", "payee_id", "relevé de carte d'achat")],
                    )
                )
    return lines
