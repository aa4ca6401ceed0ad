r"""Sensitivity of one output to uncertain inputs: one at a time, and shares of its variance.

`tornado` moves one input at a time from a low to a high quantile, the others at their centre: it
says how far the output goes, and sees no interaction. `sobol` shares the variance of the output
among the inputs, all moving together.

References
----------
.. [1] Eschenbach, T. G. (1992). Spiderplots versus tornado diagrams for sensitivity analysis.
   Interfaces 22(6), 40-46. doi:10.1287/inte.22.6.40
.. [2] Sobol, I. M. (2001). Global sensitivity indices for nonlinear mathematical models and their
   Monte Carlo estimates. Mathematics and Computers in Simulation 55(1-3), 271-280.
   doi:10.1016/S0378-4754(00)00270-6
.. [3] Saltelli, A., Annoni, P., Azzini, I., Campolongo, F., Ratto, M., Tarantola, S. (2010).
   Variance based sensitivity analysis of model output. Computer Physics Communications 181(2),
   259-270. doi:10.1016/j.cpc.2009.09.018
.. [4] Jansen, M. J. W. (1999). Analysis of variance designs for model output. Computer Physics
   Communications 117(1-2), 35-43. doi:10.1016/S0010-4655(98)00154-4
.. [5] Owen, A. B. (2020). On dropping the first Sobol' point. arXiv:2008.08051
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lcc.errors import FieldError
from lcc.uncertainty.distributions import Distribution

__all__ = ["SobolIndices", "SobolRow", "Tornado", "TornadoRow", "sobol", "tornado"]

Floats = NDArray[np.float64]
Function = Callable[[dict[str, Floats]], Floats]

CONSTANT_RANGE = 1e-12
"""Range over size under which an output is constant but for rounding."""

HALF_STEP = 2.0**-31
"""Half the step of the quasi-random numbers, multiples of 2^-30 from 0: no quantile is infinite."""


@dataclass(frozen=True)
class TornadoRow:
    """What moving one input does.

    Attributes
    ----------
    input : str
        Its name.
    low_input, high_input : float
        Quantiles of the input, in its unit.
    low_output, high_output : float
        Output at these, all other inputs at their centre: `low_output` belongs to `low_input` and
        may be the greater of the two.
    swing : float
        Range of the output over the low, central and high input, at least 0: an output that goes
        up on both sides has a swing too.
    """

    input: str
    low_input: float
    high_input: float
    low_output: float
    high_output: float
    swing: float


@dataclass(frozen=True)
class Tornado:
    """Rows by decreasing swing; `level` is the probability between low and high input."""

    central_output: float
    level: float
    rows: tuple[TornadoRow, ...]


@dataclass(frozen=True)
class SobolRow:
    """Shares of the variance of the output that one input explains.

    Attributes
    ----------
    input : str
        Its name.
    first : float or None
        Alone. An estimate: it may be slightly under 0.
    total : float or None
        With all its interactions.
    first_half_width, total_half_width : float or None
        Of their confidence intervals.
    reason : str or None
        Why the indices are undefined (then all four are None): `constant-output`, or
        `variance-not-sampled` where too few points were drawn to see the output vary.
    """

    input: str
    first: float | None
    first_half_width: float | None
    total: float | None
    total_half_width: float | None
    reason: str | None = None


@dataclass(frozen=True)
class SobolIndices:
    """Rows in the order of the inputs, and what they were estimated from.

    Attributes
    ----------
    rows : tuple of SobolRow
    output_mean, output_sd : float
        Of the output, over the two independent samples.
    base_points : int
        Points of each sample.
    evaluations : int
        Evaluations of the function: base points × (inputs + 2).
    level : float
        Probability inside the confidence intervals.
    seed : int
    """

    rows: tuple[SobolRow, ...]
    output_mean: float
    output_sd: float
    base_points: int
    evaluations: int
    level: float
    seed: int


def tornado(
    function: Function,
    distributions: Mapping[str, Distribution],
    centrals: Mapping[str, float] | None = None,
    level: float = 0.9,
) -> Tornado:
    """Return what moving each input alone does to the output [1]_.

    One call of `function`, for all 2 k + 1 cases at once.

    Parameters
    ----------
    function : callable
        Takes a dict of arrays of one shape (n,) by input; returns the output, shape (n,).
    distributions : mapping of str to Distribution
        The k inputs to move.
    centrals : mapping of str to float, optional
        Central value of inputs; those that are not named in it are at their mean. Names without a
        distribution are passed to `function` as constants.
    level : float
        Probability between the low and the high value of an input, strictly between 0 and 1.

    Raises
    ------
    FieldError
        If there is no input, or `function` returns another shape or what is not a finite number.
    """
    _check_inputs(distributions)
    middle = {name: each.mean for name, each in distributions.items()} | dict(centrals or {})
    cases = 2 * len(distributions) + 1
    inputs = {name: np.full(cases, value, dtype=np.float64) for name, value in middle.items()}
    for rank, (name, each) in enumerate(distributions.items()):
        inputs[name][2 * rank + 1 : 2 * rank + 3] = each.bounds(level)
    outputs = _evaluate(function, inputs, cases)
    centre = float(outputs[0])
    rows = []
    for rank, name in enumerate(distributions):
        low, high = (2 * rank + 1, 2 * rank + 2)
        reached = (centre, float(outputs[low]), float(outputs[high]))
        swing = max(reached) - min(reached)
        bounds = (float(inputs[name][low]), float(inputs[name][high]))
        rows.append(TornadoRow(name, *bounds, *reached[1:], swing))
    rows.sort(key=lambda row: (-row.swing, row.input))
    return Tornado(centre, level, tuple(rows))


def sobol(
    function: Function,
    distributions: Mapping[str, Distribution],
    n: int = 1024,
    *,
    seed: int,
    level: float = 0.95,
) -> SobolIndices:
    r"""Return first-order and total Sobol indices [2]_ of the output, by SALib.

    With *A* and *B* two independent samples, and :math:`A_B^{(i)}` the sample *A* whose input *i*
    is that of *B*,

    .. math::
       S_i = \frac{1}{nV} \sum f(B) (f(A_B^{(i)}) - f(A)), \quad
       T_i = \frac{1}{2nV} \sum (f(A) - f(A_B^{(i)}))^2

    (Saltelli 2010 [3]_, table 2, estimator b; Jansen 1999 [4]_, estimator f of the same table),
    *V* the variance over both samples, the output standardised first. Points are of a scrambled
    Sobol sequence, brought to each distribution by its quantiles: inputs are independent.
    Half-widths are the normal quantile times the standard deviation of 100 resamples.

    Parameters
    ----------
    function : callable
        Takes a dict of arrays of one shape by input; returns the output, same shape. Called once,
        with n × (k + 2) points of k inputs.
    distributions : mapping of str to Distribution
        The k inputs.
    n : int
        Points of each sample, a power of 2 (the sequence is balanced only then [5]_).
    seed : int
        At least 0.
    level : float
        Probability inside the confidence intervals, strictly between 0 and 1.

    Raises
    ------
    FieldError
        If there is no input, `n` is not a power of 2 or `seed` is negative, or `function` returns
        another shape or what is not a finite number.
    """
    _check_inputs(distributions)
    _check_sampling(n, seed, level)
    names = list(distributions)
    count = n * (len(names) + 2)
    problem = {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0]] * len(names)}
    rng = np.random.default_rng(seed)
    # SALib is slow to import, and warns of what is checked here.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from SALib.analyze import sobol as analysis
        from SALib.sample import sobol as sampling

        points = sampling.sample(problem, n, calc_second_order=False, seed=rng)
    inputs = {
        name: distributions[name].ppf(np.minimum(points[:, rank] + HALF_STEP, 1 - HALF_STEP))
        for rank, name in enumerate(names)
    }
    del points
    outputs = _evaluate(function, inputs, count)
    step = len(names) + 2
    both = np.concatenate([outputs[::step], outputs[step - 1 :: step]])
    reason = None
    if _is_constant(outputs):
        reason = "constant-output"
    elif _is_constant(both):
        reason = "variance-not-sampled"
    if reason is None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # A generator and not a seed: SALib takes a seed of 0 for none.
            found = analysis.analyze(
                problem, outputs, calc_second_order=False, conf_level=level, seed=rng
            )
        columns = zip(found["S1"], found["S1_conf"], found["ST"], found["ST_conf"], strict=True)
        rows = tuple(
            SobolRow(name, float(first), float(first_width), float(total), float(total_width))
            for name, (first, first_width, total, total_width) in zip(names, columns, strict=True)
        )
    else:
        rows = tuple(SobolRow(name, None, None, None, None, reason) for name in names)
    return SobolIndices(rows, float(both.mean()), float(both.std()), n, count, level, seed)


def _check_inputs(distributions: Mapping[str, Distribution]) -> None:
    if not distributions:
        raise FieldError(
            "no input has a distribution",
            field="distributions",
            remedy="state a distribution for at least one input of the study",
        )


def _check_sampling(n: int, seed: int, level: float) -> None:
    if n < 2 or n & (n - 1):
        raise FieldError(
            "the number of points is a power of 2",
            field="n",
            found=str(n),
            remedy=f"ask for {2 ** max(1, (max(n, 1) - 1).bit_length())}",
        )
    if seed < 0:
        raise FieldError("a seed is a whole number of at least 0", field="seed", found=str(seed))
    if not 0 < level < 1:
        raise FieldError("a level is strictly between 0 and 1", field="level", found=str(level))


def _evaluate(function: Function, inputs: dict[str, Floats], count: int) -> Floats:
    outputs = np.asarray(function(inputs), dtype=np.float64)
    if outputs.shape != (count,):
        raise FieldError(
            "the function returns one output per case",
            field="function",
            found=f"shape {outputs.shape}",
            expected=f"shape ({count},)",
        )
    bad = np.flatnonzero(~np.isfinite(outputs))
    if bad.size:
        raise FieldError(
            "an output is not a finite number",
            rows=[int(each) + 1 for each in bad],
            field="function",
            found=f"{bad.size} of {count} outputs",
            expected="finite numbers",
            remedy="narrow the distributions to where the study is defined",
        )
    return outputs


def _is_constant(outputs: Floats) -> bool:
    return bool(np.ptp(outputs) <= CONSTANT_RANGE * np.abs(outputs).max())
