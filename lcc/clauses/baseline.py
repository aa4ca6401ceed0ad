r"""Effect of a contract against its own baseline, with errors that measurements share.

The measured emissions :math:`M = \sum_k E_k` are set against what the same work would have emitted
at the baseline, :math:`B \sum_k W_k`. Errors are mean-one lognormals (`lcc.uncertainty.shared`):
each measurement has a share :math:`\omega` of its own, the rest belongs to the method and is shared
by all measurements that use it. The baseline's error is its own, unless the contract states that
it shares the method's, whose part then cancels. With the exact relative covariances :math:`C` of
the two totals,

.. math:: \sigma^2 = \ln(1 + C_{MM}) + \ln(1 + C_{BB}) - 2 \ln(1 + C_{MB})

and the interval of the ratio is :math:`\frac{M}{B W} e^{\pm z \sigma}`. It is exact for one
measurement; a sum of several is taken for one lognormal (Fenton-Wilkinson).

References
----------
Fenton, L. F. (1960), IRE Trans. Commun. Syst. 8(1), 57-67; Limpert et al. (2001), BioScience 51(5).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from lcc.clauses.contract import ClauseContract
from lcc.clauses.measurements import Measurement
from lcc.uncertainty.lognormal import calc_log_sd
from lcc.uncertainty.shared import Component, SharedErrors

__all__ = ["BaselineEffect", "calc_baseline_effect", "calc_level_interval", "calc_log_ratio_sd"]

Floats = NDArray[np.float64]
KG_PER_TONNE = 1000


@dataclass(frozen=True)
class BaselineEffect:
    """What accepted measurements say against the baseline.

    Attributes
    ----------
    measurements : int
        Number of periods used.
    work : float
        Units of work, or years.
    measured_tco2e, unchanged_tco2e : float
        Emissions measured, and those of the same work at the baseline.
    avoided_tco2e : float
        Their difference; positive where fewer were emitted.
    effect, low, high : float
        Relative effect with its 95 % interval: -0.1 is 10 % less.
    log_ratio, log_sd : float
        The same on the logarithm.
    probability_lower : float
        Probability that less was emitted than at the baseline.
    cancels : bool
        Whether the contract states that baseline and measurements share the method's error.
    method : str
        Method of the last measurement.
    method_log_sd : float
        Part of the ratio's error, on the logarithm, that all contracts of the method share.
    """

    measurements: int
    work: float
    measured_tco2e: float
    unchanged_tco2e: float
    avoided_tco2e: float
    effect: float
    low: float
    high: float
    log_ratio: float
    log_sd: float
    probability_lower: float
    cancels: bool
    method: str = ""
    method_log_sd: float = 0.0


def calc_log_ratio_sd(
    emissions: Floats,
    log_sd: Floats,
    methods: Sequence[str],
    own_share: float,
    baseline_log_sd: float,
    baseline_method: str | None,
) -> float:
    """Return the standard deviation of the logarithm of measured over baseline emissions.

    Parameters
    ----------
    emissions : array, shape (measurements,)
        Kilograms.
    log_sd : array, shape (measurements,)
        Standard deviation of the logarithm of each measurement.
    methods : sequence of str
        Method of each.
    own_share : float
        Share of the variance that is each measurement's own, from 0 to 1.
    baseline_log_sd : float
        The same of the baseline.
    baseline_method : str or None
        Method whose error the baseline shares; None where its error is its own.
    """  # fmt: skip
    names: list[str | None] = [each.strip().casefold() for each in methods]
    names.append(None if baseline_method is None else baseline_method.strip().casefold())
    codes = {name: rank for rank, name in enumerate(dict.fromkeys(names))}
    count, every = len(emissions), np.append(log_sd, baseline_log_sd)
    own, shared = math.sqrt(own_share) * every, math.sqrt(1 - own_share) * every
    errors = SharedErrors(
        [
            Component(np.arange(count + 1), own),
            Component(np.array([codes[name] for name in names]), shared),
        ]
    )
    weights = np.zeros((2, count + 1))
    weights[0, :count] = emissions / emissions.sum()
    weights[1, count] = 1.0
    covariance = weights @ np.expm1(errors.log_covariance()) @ weights.T
    logs = np.log1p(covariance)
    return math.sqrt(max(0.0, logs[0, 0] + logs[1, 1] - 2 * logs[0, 1]))


def calc_baseline_effect(
    contract: ClauseContract, measurements: Sequence[Measurement], level: float = 0.95
) -> BaselineEffect | None:
    """Return the effect of accepted measurements against the baseline; None where there is none.

    Parameters
    ----------
    contract : ClauseContract
    measurements : sequence of Measurement
        Of this contract; those not accepted are left out.
    level : float
        Probability of the interval.
    """
    used = [each for each in measurements if each.accepted and each.contract == contract.key]
    emissions = np.array([each.emissions_kgco2e for each in used])
    if not used or emissions.sum() <= 0:
        return None
    work = sum(each.work for each in used)
    baseline = contract.baseline
    log_sd = calc_log_ratio_sd(
        emissions,
        calc_log_sd(np.array([each.error_cv for each in used])),
        [each.method for each in used],
        contract.plan.own_share,
        baseline.log_sd,
        baseline.method if baseline.shares_method_error else None,
    )
    expected = baseline.value * work
    log_ratio = math.log(float(emissions.sum()) / expected)
    normal = NormalDist()
    reach = normal.inv_cdf(0.5 + level / 2) * log_sd
    certain = 1.0 if log_ratio < 0 else 0.0
    lower = normal.cdf(-log_ratio / log_sd) if log_sd > 0 else certain
    return BaselineEffect(
        measurements=len(used),
        work=work,
        measured_tco2e=float(emissions.sum()) / KG_PER_TONNE,
        unchanged_tco2e=expected / KG_PER_TONNE,
        avoided_tco2e=(expected - float(emissions.sum())) / KG_PER_TONNE,
        effect=math.expm1(log_ratio),
        low=math.expm1(log_ratio - reach),
        high=math.expm1(log_ratio + reach),
        log_ratio=log_ratio,
        log_sd=log_sd,
        probability_lower=lower,
        cancels=baseline.shares_method_error,
        method=used[-1].method,
        method_log_sd=_calc_shared_part(contract, emissions, used),
    )


def _calc_shared_part(
    contract: ClauseContract, emissions: Floats, used: Sequence[Measurement]
) -> float:
    """Return the loading of the ratio on its method: measured, less baseline where it cancels."""
    log_sd = calc_log_sd(np.array([each.error_cv for each in used]))
    measured = float(emissions @ log_sd / emissions.sum())
    baseline = contract.baseline
    less = baseline.log_sd if baseline.shares_method_error else 0.0
    return math.sqrt(1 - contract.plan.own_share) * (measured - less)


def calc_level_interval(measurement: Measurement, level: float = 0.95) -> tuple[float, float]:
    """Return the bounds of a measured level: its median times or over a lognormal's reach."""
    reach = NormalDist().inv_cdf(0.5 + level / 2) * float(calc_log_sd(measurement.error_cv))
    return measurement.level * math.exp(-reach), measurement.level * math.exp(reach)
