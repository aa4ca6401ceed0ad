r"""Bonus and malus of a period, and the probability that the true value is on the other side.

The margin is the committed level minus the measured one: positive is good. In points it is a share
of the baseline, :math:`g = 100\,(c - m)/b`, in tonnes :math:`(c - m)\,W/1000`, with c the committed
level, m the measured one, b the baseline, W the work. Inside the dead band nothing is due; beyond
it only the excess counts (a tier is due whole from its margin on). Margins are compared with
thresholds to 9 decimals, so that binary rounding decides no payment. Caps in euros and in
share of the invoiced amount both apply: the lower one holds.

The contract pays on the measured value; the doubt of the measurement is told beside it. The true
level is taken as lognormal around the measured one (its median), the baseline and the commitment
as the numbers written in the contract.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from lcc.clauses.contract import ClauseContract, PaymentRule, calc_committed
from lcc.clauses.forms import form_periods
from lcc.clauses.measurements import Measurement
from lcc.uncertainty.lognormal import calc_log_sd

__all__ = [
    "Payment",
    "calc_margin_points",
    "calc_payment",
    "calc_period_payment",
    "calc_side_doubt",
]

KG_PER_TONNE = 1000
PERCENT = 100
DECIMALS = 9
"""Decimals of a margin in points that mean something; beyond is binary rounding."""


@dataclass(frozen=True)
class Payment:
    """What one period gives rise to.

    Attributes
    ----------
    margin_points, margin_tco2e : float
        Committed minus measured, positive is good; points are per cent of the baseline.
    amount_eur : float or None
        Bonus (positive) or malus (negative); None where it cannot be told, see `reason`.
    uncapped_eur : float or None
        The same before caps.
    capped : bool
    side : str
        `bonus`, `malus` or `neutral`: on which side of the thresholds the measured value is.
    probability_other_side : float
        Probability that the true value is not on that side.
    reason : str
        Why there is no amount.
    """

    margin_points: float
    margin_tco2e: float
    amount_eur: float | None
    uncapped_eur: float | None
    capped: bool
    side: str
    probability_other_side: float
    reason: str = ""


def calc_margin_points(committed: float, measured: float, baseline: float) -> float:
    """Return committed minus measured, in per cent of the baseline; positive is good."""
    return round(PERCENT * (committed - measured) / baseline, DECIMALS)


def calc_payment(
    rule: PaymentRule, margin_points: float, margin_tco2e: float, invoiced_eur: float | None
) -> tuple[float | None, float, bool, str]:
    """Return amount, amount before caps, whether a cap holds, and why there is no amount.

    Parameters
    ----------
    rule : PaymentRule
    margin_points, margin_tco2e : float
        Positive where less was emitted than promised.
    invoiced_eur : float or None
        Amount invoiced over the period, without VAT; needed by a cap in share.
    """
    due = _calc_due(rule, margin_points, margin_tco2e)
    share = rule.bonus_cap_share if due > 0 else rule.malus_cap_share
    in_euros = rule.bonus_cap_eur if due > 0 else rule.malus_cap_eur
    if due == 0:
        return 0.0, 0.0, False, ""
    if share is not None and invoiced_eur is None:
        return None, due, False, "no-invoiced-amount"
    caps = [
        each for each in (in_euros, share and share * (invoiced_eur or 0.0)) if each is not None
    ]
    if share == 0:
        caps.append(0.0)
    limit = min(caps, default=math.inf)
    amount = math.copysign(min(abs(due), limit), due)
    return amount, due, abs(due) > limit, ""


def _calc_due(rule: PaymentRule, margin_points: float, margin_tco2e: float) -> float:
    """Return what is due before caps."""
    if abs(margin_points) <= rule.dead_band_points:
        return 0.0
    if rule.kind == "tiers":
        if margin_points > 0:
            reached = [each for each in rule.tiers if 0 < each.from_points <= margin_points]
            return reached[-1].amount_eur if reached else 0.0
        reached = [each for each in rule.tiers if margin_points <= each.from_points < 0]
        return reached[0].amount_eur if reached else 0.0
    beyond = 1 - rule.dead_band_points / abs(margin_points)
    counted = (margin_points if rule.kind == "per-point" else margin_tco2e) * beyond
    return counted * (rule.bonus_eur if counted > 0 else rule.malus_eur)


def calc_side_doubt(
    contract: ClauseContract, committed: float, measured: float, log_sd: float
) -> tuple[str, float]:
    """Return the side of a measured level, and the probability that the true one is elsewhere.

    Thresholds are the edges of the dead band around the committed level; without a dead band there
    are two sides, and the neutral one is empty.
    """
    rule = contract.payment
    band = (rule.dead_band_points if rule else 0.0) / PERCENT * contract.baseline.value
    low, high = committed - band, committed + band
    side = "bonus" if measured < low else "malus" if measured > high else "neutral"
    below_low = _probability_below(low, measured, log_sd)
    below_high = _probability_below(high, measured, log_sd)
    there = {
        "bonus": below_low,
        "malus": 1 - below_high,
        "neutral": below_high - below_low if band > 0 else float(log_sd == 0),
    }[side]
    return side, min(1.0, max(0.0, 1 - there))


def _probability_below(threshold: float, measured: float, log_sd: float) -> float:
    from statistics import NormalDist

    if threshold <= 0:
        return 0.0
    if log_sd == 0 or measured == 0:
        return 1.0 if measured <= threshold else 0.0
    return NormalDist().cdf(math.log(threshold / measured) / log_sd)


def calc_period_payment(contract: ClauseContract, measurement: Measurement) -> Payment:
    """Return what a measured period gives rise to under the contract's rule.

    Points and tiers are paid by period of the measurement plan: a measurement of other dates gives
    no amount, with the reason `other-period`.
    """
    committed = calc_committed(contract, measurement.start, measurement.end)
    measured = measurement.level
    margin_points = calc_margin_points(committed, measured, contract.baseline.value)
    margin_tco2e = (committed - measured) * measurement.work / KG_PER_TONNE
    side, doubt = calc_side_doubt(
        contract, committed, measured, float(calc_log_sd(measurement.error_cv))
    )
    if contract.payment is None:
        return Payment(margin_points, margin_tco2e, None, None, False, side, doubt, "no-rule")
    if not measurement.accepted:
        return Payment(margin_points, margin_tco2e, None, None, False, side, doubt, "pending")
    whole = (measurement.start, measurement.end) in form_periods(contract)
    if contract.payment.kind != "per-tonne" and not whole:
        # Points and tiers are sums per period of the contract: twelve months are not twelve sums.
        return Payment(margin_points, margin_tco2e, None, None, False, side, doubt, "other-period")
    amount, uncapped, capped, reason = calc_payment(
        contract.payment, margin_points, margin_tco2e, measurement.invoiced_eur
    )
    return Payment(margin_points, margin_tco2e, amount, uncapped, capped, side, doubt, reason)
