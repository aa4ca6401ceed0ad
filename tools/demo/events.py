"""What happens to payments: advances, direct payments, credit notes, accruals, cancellations."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np

from demo.contracts import Contract
from demo.identity import BANK, Supplier
from demo.lines import NON_CASH, Line, ttc_cents
from demo.profiles import RECOVERED

__all__ = ["apply_events"]

FCTVA_ACCOUNTS = ("2", "615221", "615231", "615232")


def apply_events(
    rng: np.random.Generator,
    lines: list[Line],
    contracts: list[Contract],
    suppliers: list[Supplier],
    share: float,
) -> list[Line]:
    """Return the lines with the events of budget execution; real purchases keep their total."""

    def count(number: int) -> int:
        return max(2, round(number * share))

    added: list[Line] = []
    added += _advances(rng, lines, contracts)
    added += _direct_payments(rng, lines, suppliers, count(160))
    added += _credit_notes(rng, lines, count(240))
    added += _cancellations(rng, lines, count(80))
    added += _accruals(rng, lines, count(180))
    added += _retentions(rng, lines, count(60))
    added += _penalties(rng, lines, count(40))
    _assign_claims(rng, lines, count(60))
    for each in lines + added:
        if not each.regime and each.budget in RECOVERED:
            each.regime = "Récupérée"
        elif not each.regime and each.account.startswith(FCTVA_ACCOUNTS):
            each.regime = "FCTVA"
    return lines + added


def _plain(line: Line) -> bool:
    return bool(line.contract) and line.piece == "Mandat" and not line.role and not line.injected


def _pick(
    rng: np.random.Generator, lines: list[Line], number: int, floor_eur: float = 500.0
) -> list[Line]:
    """Return lines drawn without replacement among the plain ones, never the largest."""
    eligible = [
        line for line in lines if _plain(line) and floor_eur * 100 < line.ht_cents < 80_000_000
    ]
    size = min(number, len(eligible))
    return [eligible[int(i)] for i in rng.choice(len(eligible), size=size, replace=False)]


def _advances(rng: np.random.Generator, lines: list[Line], contracts: list[Contract]) -> list[Line]:
    """Pay an advance on 238, then recover it by a non-cash entry as the works proceed."""
    by_contract: dict[str, list[Line]] = {}
    for line in lines:
        if line.capital and line.contract and line.account.startswith("23"):
            by_contract.setdefault(line.contract, []).append(line)
    added = []
    for contract in contracts:
        own = sorted(by_contract.get(contract.number, []), key=lambda each: each.date)
        if not contract.with_advance or len(own) < 3 or contract.start.year < 2022:
            continue
        largest = max(own[1:], key=lambda each: each.ht_cents)
        advance = round(largest.ht_cents * 0.3)
        if advance < 100_000 or largest.date <= own[0].date:
            continue
        charged = ttc_cents(advance, contract.segment.vat_pct, largest.budget)
        first = own[0]
        added.append(
            replace(
                first,
                account="238",
                ht_cents=advance,
                ttc_cents=charged,
                label=f"Avance - {contract.segment.label}",
                piece="Avance",
                quantity="",
                unit="",
                payee=contract.suppliers[0],
                without_ht=False,
            )
        )
        largest.ht_cents -= advance
        largest.ttc_cents -= charged
        largest.quantity = largest.unit = ""
        for account, sign in ((largest.account, 1), ("238", -1)):
            added.append(
                replace(
                    largest,
                    account=account,
                    chapter="041",
                    ht_cents=sign * advance,
                    ttc_cents=sign * charged,
                    label=f"Récupération d'avance - {contract.segment.label}",
                    entry=NON_CASH,
                    without_ht=False,
                )
            )
    return added


def _direct_payments(
    rng: np.random.Generator, lines: list[Line], suppliers: list[Supplier], number: int
) -> list[Line]:
    """Pay a subcontractor directly; the main contractor's invoice carries the VAT of both."""
    builders = [each for each in suppliers if each.trade == "T"]
    added = []
    works = [line for line in lines if line.segment and line.account.startswith(("23", "213"))]
    for line in _pick(rng, works, number, 20_000.0):
        share = float(rng.uniform(0.12, 0.4))
        sub_cents = round(line.ht_cents * share)
        payee = builders[int(rng.integers(len(builders)))]
        if payee.siret == line.payee.siret:
            continue
        added.append(
            replace(
                line,
                payee=payee,
                ht_cents=sub_cents,
                ttc_cents=sub_cents,
                role="Sous-traitant",
                regime="Autoliquidation",
                label=f"Paiement direct - {line.label}",
                quantity="",
                unit="",
                without_ht=False,
            )
        )
        line.ht_cents -= sub_cents
        line.ttc_cents -= sub_cents
        line.without_ht = False
        line.label = f"{line.label} (TVA du sous-traitant comprise)"
    return added


def _negative(line: Line, share: float, piece: str, label: str) -> Line:
    return replace(
        line,
        ht_cents=-round(line.ht_cents * share),
        ttc_cents=-round(line.ttc_cents * share),
        piece=piece,
        label=label,
        **_share_quantity(line, -share),
    )


def _share_quantity(line: Line, share: float) -> dict[str, str]:
    """Return quantity and unit of a line that takes back or repeats a share of another.

    What is counted (vehicles) is taken back whole or not at all.
    """
    if not line.quantity or (line.unit == "u" and abs(share) != 1):
        return {"quantity": "", "unit": ""}
    quantity = float(line.quantity.replace(",", ".")) * share
    written = f"{quantity:.0f}" if line.unit == "u" else f"{quantity:.2f}".replace(".", ",")
    return {"quantity": written, "unit": line.unit}


def _credit_notes(rng: np.random.Generator, lines: list[Line], number: int) -> list[Line]:
    added = []
    for line in _pick(rng, lines, number):
        note = _negative(line, float(rng.uniform(0.02, 0.3)), "Avoir", f"Avoir sur {line.label}")
        note.date = _later(rng, line.date, line.year, 60)
        added.append(note)
    return added


def _cancellations(rng: np.random.Generator, lines: list[Line], number: int) -> list[Line]:
    """Cancel an order issued by mistake: the order, its cancellation, and the good one stay."""
    added = []
    for line in _pick(rng, lines, number):
        wrong = replace(line, label=f"{line.label} (imputation erronée)")
        cancelled = _negative(wrong, 1.0, "Annulation", f"Annulation - {line.label}")
        cancelled.date = _later(rng, line.date, line.year, 30)
        added += [wrong, cancelled]
    return added


def _accruals(rng: np.random.Generator, lines: list[Line], number: int) -> list[Line]:
    """Charge to the year a service not yet invoiced, and reverse it in the next."""
    added = []
    operating = [line for line in lines if not line.capital and line.date.month <= 3]
    for line in _pick(rng, operating, number):
        if line.date.year != line.year:
            continue
        estimate = round(line.ht_cents * float(rng.normal(1.0, 0.04)))
        charged = round(estimate * line.ttc_cents / line.ht_cents)
        share = estimate / line.ht_cents
        base = replace(line, without_ht=False, **_share_quantity(line, share))
        added.append(
            replace(
                base,
                ht_cents=-estimate,
                ttc_cents=-charged,
                date=dt.date(line.year, 1, 15),
                piece="Contre-passation",
                label=f"Contre-passation - {line.label}",
                **_share_quantity(line, -share),
            )
        )
        if line.year > 2022:
            added.append(
                replace(
                    base,
                    year=line.year - 1,
                    ht_cents=estimate,
                    ttc_cents=charged,
                    date=dt.date(line.year - 1, 12, 31),
                    piece="Rattachement",
                    label=f"Rattachement - {line.label}",
                )
            )
    for line in _pick(rng, [each for each in operating if each.year == 2024], number // 3):
        if line.date.year == line.year:
            added.append(
                replace(
                    line,
                    date=dt.date(2024, 12, 31),
                    piece="Rattachement",
                    label=f"Rattachement - {line.label}",
                )
            )
    return added


def _retentions(rng: np.random.Generator, lines: list[Line], number: int) -> list[Line]:
    """Hold back a twentieth of an invoice for works, and release it within the year or later."""
    added = []
    works = [line for line in lines if line.account.startswith(("23", "213")) and line.year < 2024]
    for line in _pick(rng, works, number, 10_000.0):
        label = f"Retenue de garantie - {line.label}"
        held = _negative(line, 0.05, "Retenue de garantie", label)
        held.quantity = held.unit = ""
        released = replace(
            held,
            year=line.year + 1,
            date=dt.date(line.year + 1, line.date.month, line.date.day),
            ht_cents=-held.ht_cents,
            ttc_cents=-held.ttc_cents,
            label=f"Libération de retenue de garantie - {line.label}",
        )
        added += [held, released]
    return added


def _penalties(rng: np.random.Generator, lines: list[Line], number: int) -> list[Line]:
    added = []
    for line in _pick(rng, lines, number, 5_000.0):
        share = float(rng.uniform(0.005, 0.03))
        added.append(_negative(line, share, "Pénalité", f"Pénalité de retard - {line.label}"))
        # Penalties bear no VAT, and give back no quantity.
        added[-1].quantity = added[-1].unit = ""
        added[-1].ttc_cents = added[-1].ht_cents
        added[-1].without_ht = False
    return added


def _assign_claims(rng: np.random.Generator, lines: list[Line], number: int) -> None:
    """Pay the bank to which the contractor has assigned its claim."""
    for line in _pick(rng, lines, number):
        line.injected = [("payee-bank-claim", "payee_id", f"créance cédée par {line.payee.name}")]
        line.payee = BANK


def _later(rng: np.random.Generator, date: dt.date, year: int, days: int) -> dt.date:
    later = date + dt.timedelta(days=int(rng.integers(5, days)))
    return min(later, max(date, dt.date(year, 12, 31)))
