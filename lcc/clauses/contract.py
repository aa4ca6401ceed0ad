"""A contract with a carbon clause, as data: baseline, commitment, measurement plan, payment."""

from __future__ import annotations

import datetime
import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Baseline",
    "ClauseContract",
    "Commitment",
    "MeasurementPlan",
    "PaymentRule",
    "Step",
    "Tier",
    "calc_committed",
]

Floats = NDArray[np.float64]
DAYS_PER_YEAR = 365.25


@dataclass(frozen=True)
class Baseline:
    """What the work emitted before the clause, or would emit without it.

    Attributes
    ----------
    value : float
        Kilograms of CO2 equivalent per unit of work (`intensity`) or per year (`absolute`).
    unit : str
        Unit as written, for people.
    kilograms_per_unit : float
        What a number in that unit is multiplied by to be in the unit of `value`.
    log_sd : float
        Standard deviation of the logarithm, read from the interval; 0 where none is given.
    low, high : float or None
        Bounds, in the unit of `value`.
    interval : str
        What interval it is.
    method, source : str
    year : int
    shares_method_error : bool
        Whether the error of its method is that of the measurements, so that it cancels in the
        ratio; never supposed, only stated.
    """

    value: float
    unit: str
    kilograms_per_unit: float
    log_sd: float
    low: float | None
    high: float | None
    interval: str
    method: str
    source: str
    year: int
    shares_method_error: bool = False


@dataclass(frozen=True)
class Step:
    """One dated point of a commitment: from this day, this share of the baseline."""

    date: datetime.date
    share_of_baseline: float


@dataclass(frozen=True)
class Commitment:
    """The trajectory promised, as shares of the baseline.

    `path` says what holds between two dates: the last one reached (`steps`), or a straight line
    from the baseline on the first day of the contract (`linear`).
    """

    path: Literal["steps", "linear"]
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class MeasurementPlan:
    """Who measures what, how often, with which proof."""

    every_months: int
    due_days: int
    who: str
    evidence: str
    method: str
    own_share: float
    """Share of a measurement's error variance that no other measurement shares; 0: wholly the
    method's."""
    quality: int


@dataclass(frozen=True)
class Tier:
    """A sum due from a gap on: positive gaps are better than the commitment."""

    from_points: float
    amount_eur: float


@dataclass(frozen=True)
class PaymentRule:
    """Bonus and malus.

    `per-point`: euros per percentage point of the baseline off the commitment; `per-tonne`: euros
    per tonne; `tiers`: sums by gap in points. Caps in euros and in share of the amount invoiced,
    the lower of the two; `dead_band_points` pays nothing within it, and only the excess beyond it.
    """

    kind: Literal["per-point", "per-tonne", "tiers"]
    bonus_eur: float = 0.0
    malus_eur: float = 0.0
    tiers: tuple[Tier, ...] = ()
    dead_band_points: float = 0.0
    bonus_cap_eur: float | None = None
    bonus_cap_share: float | None = None
    malus_cap_eur: float | None = None
    malus_cap_share: float | None = None


@dataclass(frozen=True)
class ClauseContract:
    """A contract with a carbon clause; see docs/clauses.md for its file."""

    key: str
    title: str
    supplier: str
    supplier_id: str
    family: str
    start: datetime.date
    end: datetime.date
    basis: Literal["intensity", "absolute"]
    work_unit: str
    baseline: Baseline
    commitment: Commitment
    plan: MeasurementPlan
    payment: PaymentRule | None
    clause: str
    yearly_work: float | None = None
    buyer: str = ""
    file: str = field(default="", compare=False)
    note: str = ""
    demonstration: bool = False

    @property
    def value_unit(self) -> str:
        """Unit of every level of this contract, such as kgCO2e/km."""
        return f"kgCO2e/{self.work_unit if self.basis == 'intensity' else 'an'}"

    @property
    def years(self) -> float:
        """Duration in years, both days included."""
        return ((self.end - self.start).days + 1) / DAYS_PER_YEAR

    @property
    def hash(self) -> str:
        """SHA-256 of what a measurement is judged by: a form of another version is refused."""
        content = asdict(self)
        for name in ("file", "note", "title"):
            content.pop(name)
        text = json.dumps(content, sort_keys=True, default=str, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


def calc_committed(contract: ClauseContract, start: datetime.date, end: datetime.date) -> float:
    """Return the level promised over a period: the mean of its days, in `contract.value_unit`.

    Parameters
    ----------
    contract : ClauseContract
    start, end : date
        First and last day of the period.
    """
    days = np.arange(start.toordinal(), end.toordinal() + 1)
    return float(_daily_shares(contract, days).mean()) * contract.baseline.value


def _daily_shares(contract: ClauseContract, days: NDArray[np.int64]) -> Floats:
    steps = contract.commitment.steps
    dates = np.array([each.date.toordinal() for each in steps])
    shares = np.array([each.share_of_baseline for each in steps])
    if contract.commitment.path == "linear":
        first = contract.start.toordinal()
        if dates[0] > first:
            dates, shares = np.insert(dates, 0, first), np.insert(shares, 0, 1.0)
        return np.asarray(np.interp(days, dates, shares))
    # Before the first date nothing is promised yet: the baseline stands.
    reached = np.searchsorted(dates, days, side="right")
    return np.concatenate([[1.0], shares])[reached]
