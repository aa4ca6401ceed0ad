r"""Measures of an alternative against a base case: savings, ratios, paybacks, rates of return.

Differences are savings: what the base costs minus what the alternative costs, positive where the
alternative is cheaper. A measure that is undefined is a reason, never a number.

References
----------
.. [1] Fuller, S. K., Petersen, S. R. (1996). NIST Handbook 135, chapter 6 (NS, SIR, AIRR, payback).
.. [2] Norstrom, C. J. (1972). A sufficient condition for a unique nonnegative internal rate of
   return. Journal of Financial and Quantitative Analysis 7(3), 1835-1839. doi:10.2307/2329806
.. [3] Lin, S. A. Y. (1976). The modified internal rate of return and investment criterion. The
   Engineering Economist 21(4), 237-247. doi:10.1080/00137917608902796
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lcc.cost.rates.annuities import calc_future_value, calc_present_factor

__all__ = [
    "REASONS",
    "Figure",
    "Payback",
    "RateOfReturn",
    "calc_abatement_cost",
    "calc_airr",
    "calc_benefit_cost_ratio",
    "calc_irr",
    "calc_mirr",
    "calc_payback",
    "calc_sir",
    "is_same_tonnes",
]

Floats = NDArray[np.float64]

NEGLIGIBLE_SHARE = 1e-3
"""Share of the base's cost under which an extra investment is taken for none (a judgement): the
ratio of a saving to almost nothing is a number without meaning (22 513 in a published report)."""

NEGLIGIBLE_EUR = 1e-9
NEGLIGIBLE_TCO2E = 1e-12

SAME_TONNES_SHARE = 1e-3
"""Share of the larger of two emissions under which they are taken for equal (a judgement): no
factor is known so well, and euros over such a difference are a number without meaning."""

LOWEST_RATE, HIGHEST_RATE = -0.999, 1000.0
RATES_TRIED = 801
SAME_RATE = 1e-7
ZERO_SHARE = 1e-12
"""Share of the sum of all flows' worth under which a worth is zero but for rounding."""
NEAR_SHARE = 0.5
"""The same, above which a worth turns too far from zero to hide a root between tried rates."""

REASONS = {
    "reference": "the reference itself",
    "own-lives": "each alternative has its own horizon: compare annual costs",
    "no-extra-investment": "no extra investment to pay back",
    "less-investment": "the alternative asks for less investment than the reference",
    "no-positive-ratio": "the savings-to-investment ratio is not above zero",
    "never": "never paid back within the study",
    "paid-back-then-lost": "paid back, then lost again within the study",
    "no-saving": "no saving at any date",
    "no-sign-change": "all flows have the same sign",
    "no-root": "no rate makes the flows worth nothing",
    "several": "several rates make the flows worth nothing",
    "no-tonnes-avoided": "the alternative avoids no tonne",
    "same-emissions": "the two emit the same, but for a thousandth",
    "cheaper-and-cleaner": "the cheaper of the two emits less too",
    "not-covered": "no item has a factor: emissions are not known",
    "no-cost": "no extra cost to compare benefits with",
    "no-inflow": "no income to reinvest",
    "no-outflow": "no outlay to finance",
    "no-period": "no year to spread a cost over",
}
"""Code of each reason why a measure is undefined, and what it means."""


@dataclass(frozen=True)
class Figure:
    """A number, or the reason why there is none.

    Attributes
    ----------
    value : float or None
    reason : str
        Key of `REASONS`; empty where there is a number.
    """

    value: float | None = None
    reason: str = ""


@dataclass(frozen=True)
class Payback:
    """When cumulated savings have paid the extra cost back for good.

    Attributes
    ----------
    year : int or None
        First year at whose end cumulated savings are at least zero and stay so.
    reason : str
        Key of `REASONS` where there is none.
    first_year : int or None
        First year at least zero, even if it is lost again later.
    interpolated_years : float or None
        The same as `year`, within the year, as if its saving came evenly.
    """

    year: int | None
    reason: str = ""
    first_year: int | None = None
    interpolated_years: float | None = None


@dataclass(frozen=True)
class RateOfReturn:
    """The internal rate of return, if there is one.

    Attributes
    ----------
    rate_per_year : float or None
        The one root; None where there is none, or several.
    roots_per_year : tuple of float
        All roots found, increasing.
    sign_changes : int
        Changes of sign of the flows: at most so many roots (Descartes).
    reason : str
        ``no-sign-change``, ``no-root`` or ``several``.
    """

    rate_per_year: float | None
    roots_per_year: tuple[float, ...]
    sign_changes: int
    reason: str = ""


def calc_sir(
    operational_savings_eur: float, extra_investment_eur: float, base_cost_eur: float = 0.0
) -> Figure:
    r"""Return the savings-to-investment ratio.

    .. math:: SIR = \frac{PV(\text{savings in operation})}{PV(\text{extra investment})}

    The investment side is first cost, renewals, residual value and disposal, alternative minus
    base; everything else is operation.

    Parameters
    ----------
    operational_savings_eur, extra_investment_eur : float
        Present values.
    base_cost_eur : float
        Life-cycle cost of the base, which tells a negligible investment.

    References
    ----------
    [1]_, chapter 6.
    """
    threshold = max(NEGLIGIBLE_SHARE * abs(base_cost_eur), NEGLIGIBLE_EUR)
    if abs(extra_investment_eur) <= threshold:
        return Figure(reason="no-extra-investment")
    if extra_investment_eur < 0:
        return Figure(reason="less-investment")
    return Figure(operational_savings_eur / extra_investment_eur)


def calc_airr(sir: Figure, reinvestment_rate_per_year: float, years: float) -> Figure:
    r"""Return the adjusted internal rate of return: :math:`(1+r)\, SIR^{1/N} - 1`.

    Parameters
    ----------
    sir : Figure
    reinvestment_rate_per_year : float
        Rate savings are reinvested at; the discount rate by default of the method.
    years : float
        Study period.

    References
    ----------
    [1]_, chapter 6.
    """
    if sir.value is None:
        return Figure(reason=sir.reason)
    if years <= 0:
        return Figure(reason="no-period")
    if sir.value <= 0:
        return Figure(reason="no-positive-ratio")
    return Figure((1 + reinvestment_rate_per_year) * sir.value ** (1 / years) - 1)


def calc_payback(savings_eur: ArrayLike) -> Payback:
    """Return when savings have paid the extra cost back, on the difference with the base.

    Parameters
    ----------
    savings_eur : array_like, shape (years + 1,)
        Savings of year 0, 1 … (base minus alternative): discounted ones give the discounted
        payback, plain ones the simple payback.

    References
    ----------
    [1]_, chapter 6.
    """
    cumulated = np.cumsum(np.asarray(savings_eur, dtype=np.float64))
    scale = float(np.max(np.abs(cumulated), initial=0.0))
    paid = cumulated >= -1e-9 * max(scale, 1.0)
    if scale == 0.0:
        return Payback(None, "no-saving")
    first = int(np.argmax(paid)) if paid.any() else None
    if first is None or not paid[-1]:
        return Payback(None, "never" if first is None else "paid-back-then-lost", first)
    lost = np.flatnonzero(~paid)
    year = int(lost[-1]) + 1 if lost.size else 0
    inside: float | None = 0.0
    if year > 0:
        before, after = cumulated[year - 1], cumulated[year]
        inside = year - 1 + float(-before / (after - before))
    return Payback(year, "", first, inside)


def calc_irr(flows_eur: ArrayLike, times_years: ArrayLike | None = None) -> RateOfReturn:
    r"""Return the internal rate of return: the rates at which flows are worth nothing.

    .. math:: \sum_j F_j (1+r)^{-t_j} = 0, \quad r > -1

    Roots lie between changes of sign of the worth, from -99.9 % to 100 000 % a year, refined by
    SciPy's `brentq`; a double root, where the worth touches zero, is an extremum refined by
    `minimize_scalar`.

    Parameters
    ----------
    flows_eur : array_like, shape (flows,)
        Income positive.
    times_years : array_like, optional
        Years of each flow; 0, 1, 2 … by default.

    References
    ----------
    Descartes' rule of signs; [2]_.
    """
    flows = np.asarray(flows_eur, dtype=np.float64)
    times = np.asarray(np.arange(len(flows)) if times_years is None else times_years, float)
    order = np.argsort(times, kind="stable")
    flows, times = flows[order], times[order]
    signs = np.sign(flows[np.abs(flows) > NEGLIGIBLE_EUR])
    changes = int(np.count_nonzero(np.diff(signs)))
    if changes == 0:
        return RateOfReturn(None, (), 0, "no-sign-change")
    found: list[float] = []
    for root in sorted(_Worth(flows, times).find_roots(changes)):
        if not found or root - found[-1] > SAME_RATE * (1 + abs(root)):
            found.append(root)
    if len(found) == 1:
        return RateOfReturn(found[0], tuple(found), changes)
    return RateOfReturn(None, tuple(found), changes, "several" if found else "no-root")


class _Worth:
    """What flows in order of time are worth at a rate, and the rates at which it is nothing."""

    def __init__(self, flows: Floats, times: Floats) -> None:
        self.flows = flows / np.max(np.abs(flows))
        self.sizes = np.abs(self.flows)
        self.since, self.until = times - times[0], times[-1] - times

    def __call__(self, rate: float) -> float:
        return float(self._weigh(rate) @ self.flows)

    def relative(self, rate: float) -> float:
        """Return the worth as a share of what all flows are worth without their signs."""
        weights = self._weigh(rate)
        return float(weights @ self.flows / (weights @ self.sizes))

    def _weigh(self, rate: float) -> Floats:
        # At the first date, or at the last where the rate is negative: nothing overflows.
        growth = 1.0 + rate
        return np.asarray(growth**self.until if growth < 1 else growth**-self.since)

    def _relative_on(self, rates: Floats) -> Floats:
        logs = np.log1p(rates)[:, None]
        weights = np.exp(np.where(logs < 0, logs * self.until, -logs * self.since))
        return np.asarray(weights @ self.flows / (weights @ self.sizes))

    def find_roots(self, changes: int) -> list[float]:
        """Return the roots of flows that change their sign so many times."""
        if changes == 1:
            # One root at most, and a change of sign on each side of it.
            tried = np.array([LOWEST_RATE, HIGHEST_RATE])
        else:
            logs = np.linspace(math.log1p(LOWEST_RATE), math.log1p(HIGHEST_RATE), RATES_TRIED)
            tried = np.expm1(logs)
        shares = self._relative_on(tried)
        signs = np.where(np.abs(shares) <= ZERO_SHARE, 0.0, np.sign(shares))
        roots = _middles_of_zeros(tried, signs)
        for place in np.flatnonzero(signs[:-1] * signs[1:] < 0):
            roots.append(self._between(tried[place], tried[place + 1]))
        # Others come in pairs (Descartes), and hide between three points of one sign.
        if changes - len(roots) >= 2:
            heights = np.abs(shares)
            low = (heights[1:-1] < heights[:-2]) & (heights[1:-1] < heights[2:])
            alike = (signs[:-2] == signs[1:-1]) & (signs[1:-1] == signs[2:]) & (signs[1:-1] != 0)
            for place in np.flatnonzero(low & alike & (heights[1:-1] < NEAR_SHARE)) + 1:
                roots += self._hidden(tried[place - 1], tried[place + 1], signs[place])
        return roots

    def _between(self, low: float, high: float) -> float:
        from scipy.optimize import brentq

        return float(brentq(self, low, high, xtol=1e-14))

    def _hidden(self, low: float, high: float, sign: float) -> list[float]:
        """Return the double root, or the two roots, between rates of one sign."""
        from scipy.optimize import minimize_scalar

        extremum = minimize_scalar(
            lambda rate: sign * self.relative(rate),
            bounds=(low, high),
            method="bounded",
            options={"xatol": 1e-12},
        )
        turn = float(extremum.x)
        if abs(extremum.fun) <= ZERO_SHARE:
            return [turn]
        return [] if extremum.fun > 0 else [self._between(low, turn), self._between(turn, high)]


def _middles_of_zeros(tried: Floats, signs: Floats) -> list[float]:
    """Return the middle of each run of rates at which the worth is zero."""
    zeros = np.flatnonzero(signs == 0)
    runs = np.split(zeros, np.flatnonzero(np.diff(zeros) > 1) + 1)
    return [float(tried[run[len(run) // 2]]) for run in runs if run.size]


def calc_mirr(
    flows_eur: ArrayLike, finance_rate_per_year: float, reinvestment_rate_per_year: float
) -> Figure:
    r"""Return the modified internal rate of return.

    .. math:: \left(\frac{FV(\text{inflows}, r)}{PV(\text{outflows}, f)}\right)^{1/N} - 1

    Parameters
    ----------
    flows_eur : array_like, shape (years + 1,)
        Income positive, one flow a year, the first undiscounted.
    finance_rate_per_year, reinvestment_rate_per_year : float

    References
    ----------
    [3]_.
    """
    flows = np.asarray(flows_eur, dtype=np.float64)
    years = len(flows) - 1
    if years < 1:
        return Figure(reason="no-period")
    times = np.arange(years + 1)
    inflow, outflow = np.maximum(flows, 0.0), np.maximum(-flows, 0.0)
    future = float(inflow @ calc_future_value(reinvestment_rate_per_year, years - times))
    present = float(outflow @ calc_present_factor(finance_rate_per_year, times))
    if present <= NEGLIGIBLE_EUR:
        return Figure(reason="no-outflow")
    if future <= NEGLIGIBLE_EUR:
        return Figure(reason="no-inflow")
    return Figure((future / present) ** (1 / years) - 1)


def calc_benefit_cost_ratio(
    operational_savings_eur: float,
    avoided_externalities_eur: float,
    extra_investment_eur: float,
    base_cost_eur: float = 0.0,
) -> Figure:
    """Return the benefit-cost ratio: savings and avoided externalities over extra investment.

    SIR with the value of what others no longer bear; defined where SIR is.
    """
    return calc_sir(
        operational_savings_eur + avoided_externalities_eur, extra_investment_eur, base_cost_eur
    )


def is_same_tonnes(first_tco2e: float, second_tco2e: float) -> bool:
    """Tell whether two emissions are taken for equal: within a thousandth of the larger."""
    larger = max(abs(first_tco2e), abs(second_tco2e))
    return abs(first_tco2e - second_tco2e) <= max(SAME_TONNES_SHARE * larger, NEGLIGIBLE_TCO2E)


def calc_abatement_cost(extra_cost_eur: float, base_tco2e: float, own_tco2e: float) -> Figure:
    """Return euros per tonne avoided: extra life-cycle cost over tonnes avoided.

    Undefined where the alternative saves both: a negative quotient would rank it the lower the more
    tonnes it avoids. What it saves stands in euros and in tonnes.

    Parameters
    ----------
    extra_cost_eur : float
        Life-cycle cost of the alternative minus that of the base, without externalities.
    base_tco2e, own_tco2e : float
        Tonnes of the base and of the alternative, undiscounted.
    """
    if is_same_tonnes(base_tco2e, own_tco2e) or own_tco2e > base_tco2e:
        return Figure(reason="no-tonnes-avoided")
    if extra_cost_eur < 0:
        return Figure(reason="cheaper-and-cleaner")
    return Figure(extra_cost_eur / (base_tco2e - own_tco2e))
