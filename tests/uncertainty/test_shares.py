"""Shares of a variance: they add up to one, match enumeration by hand, and match SALib.

The brute force below knows nothing of the closed form: it takes the value of each set of known
errors (the variance of the conditional mean, by the product of lognormal moments over all pairs),
and averages marginal contributions over all orders (Shapley, L. S. (1953), A value for n-person
games, Contributions to the Theory of Games II, 307-317).
"""

from __future__ import annotations

import math
import warnings
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lcc.uncertainty.information.shares import LINES, share_by_error, share_by_group
from lcc.uncertainty.shared import Component, SharedErrors


def make_errors(keys, loads):
    """Return an error model of components given by keys and loadings."""
    return SharedErrors(
        [Component(np.array(k), np.array(s, dtype=float)) for k, s in zip(keys, loads, strict=True)]
    )


def enumerate_shapley(keys, loads, totals, lines):
    """Return the Shapley effect of each player by its definition, and the variance."""
    terms = range(len(totals))
    players = sorted({(c, keys[c][i]) for c in range(len(keys)) for i in terms if loads[c][i] > 0})
    players += [("line", i) for i in terms if lines[i] > 0]

    def worth(known):
        value = 0.0
        for i in terms:
            for j in terms:
                logs = sum(
                    loads[c][i] * loads[c][j]
                    for c in range(len(keys))
                    if keys[c][i] == keys[c][j] and (c, keys[c][i]) in known
                )
                value += totals[i] * totals[j] * math.expm1(logs)
            if ("line", i) in known:
                logs = sum(loads[c][i] ** 2 for c in range(len(keys)) if (c, keys[c][i]) in known)
                value += lines[i] * math.exp(logs)
        return value

    count = len(players)
    effects = {}
    for player in players:
        others = [each for each in players if each != player]
        effects[player] = sum(
            math.factorial(size)
            * math.factorial(count - size - 1)
            / math.factorial(count)
            * (worth({*chosen, player}) - worth(set(chosen)))
            for size in range(count)
            for chosen in combinations(others, size)
        )
    return effects, worth(set(players)), worth


KEYS = ((0, 0, 1), (0, 1, 2), (0, 0, 0))
LOADS = ((0.5, 0.3, 0.4), (0.6, 0.2, 0.0), (0.1, 0.7, 0.2))
TOTALS = (3.0, -1.0, 2.0)
WITHOUT_ERRORS = (0.4, 0.0, 0.3)
"""Variance of lines where their multipliers are known."""


def line_variance(loads, lines):
    """Return what the lines add, the mean square of their multiplier in it."""
    return np.array(lines) * np.exp((np.array(loads) ** 2).sum(axis=0))


def test_shares_are_those_of_the_definition():
    effects, variance, worth = enumerate_shapley(KEYS, LOADS, TOTALS, WITHOUT_ERRORS)
    found = share_by_error(
        make_errors(KEYS, LOADS), np.array(TOTALS), line_variance(LOADS, WITHOUT_ERRORS)
    )
    assert found.variance == pytest.approx(variance, rel=1e-12)
    players = {
        (int(c), int(k)): rank
        for rank, (c, k) in enumerate(zip(found.component, found.key, strict=True))
    }
    everything = set(effects)
    for (c, k), rank in players.items():
        mine = {e for e in effects if e[0] == "line"} if c == LINES else {(c, k)}
        assert found.shapley[rank] == pytest.approx(sum(effects[e] for e in mine) / variance)
        assert found.first[rank] == pytest.approx(worth(mine) / variance)
        assert found.total[rank] == pytest.approx(1 - worth(everything - mine) / variance)
    assert len(players) == len([e for e in effects if e[0] != "line"]) + 1


def test_by_hand_two_errors_of_one_term():
    """T = 10·A·B, cv 0.5 and 0.2: V/100 = 1.25 × 1.04 − 1 = 0.30 = 0.25 + 0.04 + 0.01.

    The interaction 0.01 goes to both by halves: 0.255/0.30 and 0.045/0.30.
    """
    loads = (
        (math.sqrt(math.log(1.25)),),
        (math.sqrt(math.log(1.04)),),
    )
    found = share_by_error(make_errors(((0,), (0,)), loads), np.array([10.0]))
    assert found.variance == pytest.approx(30.0)
    assert found.first == pytest.approx([0.25 / 0.30, 0.04 / 0.30])
    assert found.shapley == pytest.approx([0.255 / 0.30, 0.045 / 0.30])
    assert found.total == pytest.approx([0.26 / 0.30, 0.05 / 0.30])


@st.composite
def models(draw):
    terms = draw(st.integers(1, 6))
    components = draw(st.integers(1, 5))
    number = st.floats(0.0, 0.9)
    keys = [draw(st.lists(st.integers(0, 2), min_size=terms, max_size=terms))
            for _ in range(components)]  # fmt: skip
    loads = [draw(st.lists(number, min_size=terms, max_size=terms)) for _ in range(components)]
    totals = draw(st.lists(st.floats(-5, 9), min_size=terms, max_size=terms))
    lines = draw(st.lists(st.floats(0, 2), min_size=terms, max_size=terms))
    return keys, loads, np.array(totals), np.array(lines)


@settings(max_examples=60, deadline=None)
@given(models())
def test_shapley_effects_add_up_to_one_and_lie_between_first_and_total(model):
    keys, loads, totals, lines = model
    errors = make_errors(keys, loads)
    found = share_by_error(errors, totals, lines)
    _, variance = errors.calc_moments(totals[None, :], np.array([lines.sum()]))
    assert found.variance == pytest.approx(variance[0], rel=1e-9, abs=1e-9)
    if found.variance > 1e-9:
        assert found.shapley.sum() == pytest.approx(1.0, abs=1e-12)
        if (totals >= 0).all():
            assert (found.first <= found.shapley + 1e-12).all()
            assert (found.shapley <= found.total + 1e-12).all()


def test_correlated_sources_share_what_they_make_together():
    """Two terms of 1 t, one source each, log sd s, correlation r: V = 2(e^{s²} − 1 + e^{rs²} − 1).

    One component alone: what the sources make together goes to both by halves, a half of V each.
    """
    errors = SharedErrors(
        [Component(np.array([0, 1]), np.full(2, 0.4), np.array([[1.0, 0.5], [0.5, 1.0]]))]
    )
    found = share_by_error(errors, np.ones(2))
    assert found.variance == pytest.approx(2 * (math.expm1(0.16) + math.expm1(0.08)))
    assert found.shapley == pytest.approx([0.5, 0.5])


def test_many_terms_in_blocks_are_one_sum():
    rng = np.random.default_rng(3)
    terms = 700
    errors = make_errors(
        [rng.integers(0, 30, terms) for _ in range(5)],
        [rng.uniform(0, 0.4, terms) for _ in range(5)],
    )
    totals = rng.lognormal(0, 1, terms)
    found = share_by_error(errors, totals, totals**2 / 50)
    _, variance = errors.calc_moments(totals[None, :], np.array([(totals**2).sum() / 50]))
    assert found.variance == pytest.approx(variance[0], rel=1e-12)
    assert found.shapley.sum() == pytest.approx(1.0, abs=1e-12)


def test_nothing_in_doubt_has_no_share():
    found = share_by_error(make_errors(((0, 1),), ((0.0, 0.0),)), np.array([1.0, 2.0]))
    assert found.variance == 0
    assert found.shapley.size == 0
    assert share_by_group(np.zeros(2), 0.0).tolist() == [0.0, 0.0]


def test_what_does_not_fit_is_refused():
    errors = make_errors(((0, 1),), ((0.1, 0.2),))
    with pytest.raises(ValueError, match="one contribution"):
        share_by_error(errors, np.array([1.0]))
    with pytest.raises(ValueError, match="at least 0"):
        share_by_error(errors, np.array([1.0, 1.0]), np.array([1.0, -1.0]))


def test_salib_finds_the_same_first_total_and_second_order_indices():
    """The model as a function of five standard normals, by SALib (Saltelli 2010; Jansen 1999)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from SALib.analyze import sobol as analysis
        from SALib.sample import sobol as sampling
    from scipy.stats import norm

    keys, loads = ((0, 0), (0, 1), (0, 0)), ((0.5, 0.3), (0.4, 0.6), (0.2, 0.4))
    totals = np.array([3.0, 2.0])
    names = ["source", "first", "second", "rule"]
    problem = {"num_vars": 4, "names": names, "bounds": [[0.0, 1.0]] * 4}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        points = sampling.sample(problem, 2**14, calc_second_order=True, seed=20261127)
    z = norm.ppf(np.clip(points, 2.0**-31, 1 - 2.0**-31))
    loading = np.array([[0.5, 0.4, 0.0, 0.2], [0.3, 0.0, 0.6, 0.4]])
    outputs = np.exp(z @ loading.T - (loading**2).sum(axis=1) / 2) @ totals
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sobol = analysis.analyze(problem, outputs, calc_second_order=True, num_resamples=2, seed=1)
    found = share_by_error(make_errors(keys, loads), totals)
    assert found.component.tolist() == [0, 1, 1, 2]
    assert found.first == pytest.approx(sobol["S1"], abs=0.015)
    assert found.total == pytest.approx(sobol["ST"], abs=0.015)
    # The model has parts of up to three errors; half of each pair and what is left of the triples.
    pairs = np.nan_to_num(sobol["S2"])
    pairs = pairs + pairs.T
    triples = sobol["ST"] - sobol["S1"] - pairs.sum(axis=1)
    by_salib = sobol["S1"] + pairs.sum(axis=1) / 2 + triples / 3
    assert found.shapley == pytest.approx(by_salib, abs=0.015)


def test_shares_of_groups_are_the_shapley_value_of_the_game_of_partial_sums():
    rng = np.random.default_rng(5)
    factor = rng.normal(size=(4, 3))
    covariance = factor @ factor.T
    whole = covariance.sum()

    def worth(chosen):
        return covariance[np.ix_(chosen, chosen)].sum() if chosen else 0.0

    for player in range(4):
        others = [each for each in range(4) if each != player]
        value = sum(
            math.factorial(size)
            * math.factorial(3 - size)
            / math.factorial(4)
            * (worth([*chosen, player]) - worth(list(chosen)))
            for size in range(4)
            for chosen in combinations(others, size)
        )
        shares = share_by_group(covariance.sum(axis=0), whole)
        assert shares[player] == pytest.approx(value / whole)
    assert shares.sum() == pytest.approx(1.0)
