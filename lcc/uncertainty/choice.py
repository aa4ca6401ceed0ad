r"""Choice between options under doubt: who is cheapest, by how much, and what knowing is worth.

All functions take `costs`, one row per draw and one column per option, the lowest being the best;
a row holds the costs of all options under the same draw of what they share. Any unit, the same for
all. Ties are exact ones: round to the cent first where rounding errors might break a tie.

References
----------
.. [1] Raiffa, H., Schlaifer, R. (1961). Applied Statistical Decision Theory. Harvard University,
   chapter 4 (opportunity loss, expected value of perfect information).
.. [2] Strong, M., Oakley, J. E. (2013). An efficient method for computing single-parameter partial
   expected value of perfect information. Medical Decision Making 33(6), 755-766.
   doi:10.1177/0272989X12465123
.. [3] Strong, M., Oakley, J. E., Brennan, A. (2014). Estimating multiparameter partial expected
   value of perfect information from a probabilistic sensitivity analysis sample. Medical Decision
   Making 34(3), 311-326. doi:10.1177/0272989X13505910
.. [4] Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference.
   JASA 22(158), 209-212. doi:10.1080/01621459.1927.10502953
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lcc.errors import FieldError

__all__ = [
    "difference_quantiles",
    "evppi",
    "expected_rank",
    "expected_value_of_perfect_information",
    "probability_interval",
    "probability_lowest",
    "probability_standard_error",
    "rank_probabilities",
    "regret",
]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def probability_lowest(costs: ArrayLike) -> Floats:
    """Return the probability that each option is the cheapest.

    Options that tie in a draw share it equally, so that the probabilities add up to 1.

    Parameters
    ----------
    costs : array, shape (draws, options)
        Finite.

    Returns
    -------
    array, shape (options,)

    Raises
    ------
    FieldError
        If `costs` has another shape, is empty, or holds what is not a finite number.
    """
    return np.asarray(_share_lowest(_check_costs(costs)).mean(axis=0))


def probability_standard_error(costs: ArrayLike) -> Floats:
    r"""Return the standard error of `probability_lowest` from the number of draws.

    .. math:: \sqrt{\frac{1}{n^2} \sum_i (s_i - p)^2}

    with :math:`s_i` the share of draw *i*; without ties this is :math:`\sqrt{p(1-p)/n}`. It is 0
    where an option was the cheapest in no draw, or in all: `probability_interval` then says what
    the draws leave open.

    Returns
    -------
    array, shape (options,)
    """
    shares = _share_lowest(_check_costs(costs))
    return np.asarray(shares.std(axis=0) / np.sqrt(shares.shape[0]))


def probability_interval(
    probability: ArrayLike, draws: int, level: float = 0.95
) -> tuple[Floats, Floats]:
    r"""Return the interval of a probability estimated from independent draws.

    Wilson's [4]_, never empty: with :math:`z` the normal quantile,

    .. math:: \frac{p + z^2/2n \pm z \sqrt{p(1-p)/n + z^2/4n^2}}{1 + z^2/n}

    Parameters
    ----------
    probability : float or array
        Estimated probabilities, between 0 and 1.
    draws : int
        Number of draws they come from, at least 1.
    level : float
        Probability inside, strictly between 0 and 1.

    Returns
    -------
    low, high : array
        Same shape as `probability`, ``0 <= low <= probability <= high <= 1``.

    Raises
    ------
    ValueError
        If a probability, the number of draws or the level is out of its range.
    """
    share = np.asarray(probability, dtype=np.float64)
    if not np.all((share >= 0) & (share <= 1)):
        raise ValueError("a probability is a number between 0 and 1")
    if draws < 1 or not 0 < level < 1:
        raise ValueError("draws are at least 1 and a level is strictly between 0 and 1")
    z = NormalDist().inv_cdf(0.5 + level / 2)
    centre = (share + z**2 / (2 * draws)) / (1 + z**2 / draws)
    reach = z * np.sqrt(share * (1 - share) / draws + (z / (2 * draws)) ** 2) / (1 + z**2 / draws)
    # At 0 and at 1 a bound is the probability itself, which rounding may miss.
    return (
        np.asarray(np.clip(centre - reach, 0.0, share)),
        np.asarray(np.clip(centre + reach, share, 1.0)),
    )


def rank_probabilities(costs: ArrayLike) -> Floats:
    """Return the probability of each rank for each option.

    Options that tie over several ranks take each of them with equal probability. Rows and columns
    add up to 1; the first column is `probability_lowest`.

    Returns
    -------
    array, shape (options, ranks)
        As many ranks as options; the first is the cheapest.
    """
    table = _check_costs(costs)
    draws, options = table.shape
    # For a count of cheaper options and a number of options in the tie: the share of each rank.
    cheaper, tied, rank = np.ogrid[0:options, 0 : options + 1, 0:options]
    held = (rank >= cheaper) & (rank < cheaper + tied)
    shares = np.divide(held, tied, out=np.zeros(held.shape), where=held)
    result = np.empty((options, options))
    for option in range(options):
        below, equal = _count_ranks(table, option)
        counts = np.bincount(
            below * (options + 1) + equal, minlength=options * (options + 1)
        ).reshape(options, options + 1)
        result[option] = np.einsum("ct,ctr->r", counts, shares) / draws
    return result


def expected_rank(costs: ArrayLike) -> Floats:
    """Return the mean rank of each option, from 1; options that tie take the mean of their ranks.

    Returns
    -------
    array, shape (options,)
    """
    table = _check_costs(costs)
    ranks = np.empty(table.shape[1])
    for option in range(table.shape[1]):
        below, equal = _count_ranks(table, option)
        ranks[option] = np.mean(below + (equal + 1) / 2)
    return ranks


def difference_quantiles(
    costs: ArrayLike, base: int, levels: Sequence[float] = (0.05, 0.5, 0.95)
) -> Floats:
    """Return quantiles of what each option costs more than the option `base`.

    Quantiles of the difference, draw by draw: not differences of quantiles, which would leave out
    what the options share.

    Parameters
    ----------
    costs : array, shape (draws, options)
        Finite.
    base : int
        Column of the option the others are compared with.
    levels : sequence of float
        Between 0 and 1.

    Returns
    -------
    array, shape (options, levels)
        In the unit of `costs`; zeros for `base`; negative where the option is cheaper.

    Raises
    ------
    FieldError
        If `costs` is not what `probability_lowest` takes, or `base` is no column of it.
    """
    table = _check_costs(costs)
    _check_option(base, table, "base")
    return np.quantile(table - table[:, [base]], list(levels), axis=0).T


def regret(costs: ArrayLike) -> Floats:
    """Return the expected opportunity loss of choosing each option [1]_.

    What it costs on average more than the cheapest of its draw.

    Returns
    -------
    array, shape (options,)
        At least 0, in the unit of `costs`.
    """
    table = _check_costs(costs)
    return np.asarray((table - table.min(axis=1, keepdims=True)).mean(axis=0))


def expected_value_of_perfect_information(costs: ArrayLike, chosen: int | None = None) -> float:
    r"""Return what knowing every input before choosing would save on average [1]_.

    .. math:: E[C_{chosen}] - E[\min_j C_j]

    An upper bound of what any study, test or measurement made before the choice is worth.

    Parameters
    ----------
    costs : array, shape (draws, options)
        Finite.
    chosen : int, optional
        Column of the option chosen without knowing; by default the one of lowest mean cost.

    Returns
    -------
    float
        At least 0, in the unit of `costs`.
    """
    losses = regret(costs)
    if chosen is None:
        return float(losses.min())
    _check_option(chosen, np.asarray(costs), "chosen")
    return float(losses[chosen])


def evppi(costs: ArrayLike, values: ArrayLike, classes: int | None = None) -> float:
    r"""Return what knowing one input before choosing would save on average.

    .. math:: \min_j E[C_j] - E_x\left[\min_j E[C_j \mid x]\right]

    Conditional means by classes of equal numbers of draws, ordered by the input [2]_ (or by its
    values, where it has no more than there are classes). The minimum over noisy means takes noise
    for information [3]_: so the choice in each class is made on one half of its draws and valued
    on the other, both ways. The estimate is thus the mean saving of a rule one could follow: on
    average slightly low rather than high, and never above the value of perfect information.

    Parameters
    ----------
    costs : array, shape (draws, options)
        Finite.
    values : array, shape (draws,)
        Draws of the input, finite.
    classes : int, optional
        At least 1 and at most half the draws; by default the cubic root of the draws, which
        balances coarse classes against noisy choices.

    Returns
    -------
    float
        At least 0, in the unit of `costs`.

    Raises
    ------
    FieldError
        If `costs` is not what `probability_lowest` takes, `values` has another length or holds
        what is not a finite number, or `classes` is out of its range.
    """
    table = _check_costs(costs)
    draws, options = table.shape
    given = np.asarray(values, dtype=np.float64)
    if given.shape != (draws,) or not np.all(np.isfinite(given)):
        raise FieldError(
            "an input has one finite value per draw",
            field="values",
            found=f"shape {given.shape}, {np.count_nonzero(~np.isfinite(given))} not finite",
            expected=f"shape ({draws},)",
        )
    if classes is None:
        classes = max(1, min(draws // 2, round(draws ** (1 / 3))))
    elif not 1 <= classes <= draws // 2:
        raise FieldError(
            "the number of classes is between 1 and half the draws",
            field="classes",
            found=str(classes),
            expected=f"1 to {draws // 2}",
        )
    if draws < 2 or options == 1:
        return 0.0
    order = np.argsort(given, kind="stable")
    known, rank_known = np.unique(given[order], return_inverse=True)
    group = rank_known if known.size <= classes else np.arange(draws) * classes // draws
    # Neighbours go to opposite halves: both halves of a class see the same range of the input.
    half = np.arange(draws) % 2
    cells = 2 * group + half
    # Savings against the option chosen without knowing: what options share cancels out.
    savings = table[order] - table[order][:, [int(table.mean(axis=0).argmin())]]
    sums = np.stack(
        [
            np.bincount(cells, weights=column, minlength=2 * int(group.max()) + 2)
            for column in savings.T
        ]
    ).reshape(options, -1, 2)
    rule = sums.argmin(axis=0)[:, ::-1]
    saved = -float(np.take_along_axis(sums, rule[None], axis=0).sum()) / draws
    return float(max(0.0, saved))


def _check_costs(costs: ArrayLike) -> Floats:
    table = np.asarray(costs, dtype=np.float64)
    if table.ndim != 2 or 0 in table.shape:
        raise FieldError(
            "costs are a table of draws by options",
            field="costs",
            found=f"shape {table.shape}",
            expected="at least one draw and one option",
        )
    bad = ~np.isfinite(table)
    if bad.any():
        raise FieldError(
            "a cost is not a finite number",
            rows=[int(each) + 1 for each in np.flatnonzero(bad.any(axis=1))],
            field="option " + ", ".join(str(each + 1) for each in np.flatnonzero(bad.any(axis=0))),
            found=f"{np.count_nonzero(bad)} of {table.size} costs",
            expected="finite numbers",
            remedy="look at the inputs of these draws, or give options a cost in every draw",
        )
    return table


def _check_option(option: int, table: NDArray[np.float64], field: str) -> None:
    if not 0 <= option < table.shape[1]:
        raise FieldError(
            "an option does not exist",
            field=field,
            found=str(option),
            expected=f"0 to {table.shape[1] - 1}",
        )


def _share_lowest(table: Floats) -> Floats:
    """Return the share of each draw that goes to each option, shape (draws, options)."""
    lowest = table == table.min(axis=1, keepdims=True)
    return np.asarray(lowest / lowest.sum(axis=1, keepdims=True))


def _count_ranks(table: Floats, option: int) -> tuple[Integers, Integers]:
    """Return, per draw, how many options are cheaper than one and how many tie with it."""
    own = table[:, [option]]
    return (table < own).sum(axis=1), (table == own).sum(axis=1)
