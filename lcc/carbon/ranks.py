r"""Ranks of a map's groups with their probability: families, suppliers, contracts, directorates.

What groups share (the source of their ratios, a product, a price) moves them together and leaves
their order as it is; what they do not share (a family's bridge, a code's rule, single lines) leaves
it open (`lcc.uncertainty.ranks`). A group is said to be among the first only as far as its
probability allows, in words whose limits are those of the IPCC [1]_.

What makes the difference of two groups is told by the variance of :math:`A/a - B/b`, *a* and *b*
the central figures, with one kind of error in doubt at a time: with :math:`w = t_A/a - t_B/b` the
difference of the shares of the terms,

.. math:: V_c = w^\top (e^{K^c} - 1) w, \qquad
          V_c^{alone} = \frac{t_A^\top (e^{K^c} - 1) t_A}{a^2}
                      + \frac{t_B^\top (e^{K^c} - 1) t_B}{b^2}

:math:`V_c` is the variance of the logarithm of their ratio to first order; what of
:math:`V_c^{alone}` it lacks cancels between them.

References
----------
.. [1] Mastrandrea, M. D. et al. (2010). Guidance Note for Lead Authors of the IPCC Fifth Assessment
   Report on Consistent Treatment of Uncertainties. IPCC, table 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lcc.carbon.kilograms import COMPONENTS
from lcc.carbon.result import ABC_LIMITS, CarbonMap
from lcc.errors import FieldError
from lcc.uncertainty.choice import probability_interval
from lcc.uncertainty.ranks import Comparison, calc_ranks, compare_totals
from lcc.uncertainty.shared import SharedErrors
from lcc.units import KG_PER_TONNE

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["LIKELIHOODS", "GroupComparison", "Ranks", "rank_groups", "say_likelihood"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

LIKELIHOODS = (("established", 0.95), ("likely", 0.66), ("open", 0.33))
"""Words → least probability, of [1]_: 0.95 is its « extremely likely », 0.66 its « likely », under
0.33 is its « unlikely ». That they rule who is said to lead is the project's judgement."""

RANKS_TOLD = 30
"""First ranks whose probability is told one by one."""

SHARES_TOLD = 200
"""Largest groups for which the interval of the cumulated share is told."""

ROUNDING = 1e-12

WHY_ASIDE = {"not-covered": "without a factor", "cancelled": "purchases and credit notes cancel"}
"""Reason of a group without a rank → words."""

LINE = "line"
"""Kind of the errors that no two lines share."""


@dataclass(frozen=True)
class GroupComparison:
    """Two groups side by side.

    Attributes
    ----------
    first, second : str
        Their keys.
    labels_fr, labels_en : tuple of str
        Their names.
    chances : Comparison
        Probability that the first is larger; ratio; difference in tCO2e.
    causes : pandas.DataFrame
        `component` (kind of error), `alone_share` (share of the variance of both, had they shared
        nothing), `ratio_share` (share of the variance of their ratio), `cancelled_share` (what of
        this kind they share, so that it cancels; 1 all of it, negative where it adds up); by
        falling `ratio_share`.
    """

    first: str
    second: str
    labels_fr: tuple[str, str]
    labels_en: tuple[str, str]
    chances: Comparison
    causes: pd.DataFrame


@dataclass(frozen=True)
class Ranks:
    """Groups of a map by falling emissions, and how sure their order is.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per group that can be ranked: `group`, `label_fr`, `label_en`, `spend_eur`,
        `covered_eur`, `coverage`, `emissions_tco2e`, `low_tco2e`, `high_tco2e`, `rank` (1 the
        largest), `expected_rank`, `rank_low`, `rank_high` (95 %), for each K asked `p_top_K` with
        `p_top_K_low` and `p_top_K_high` (what the number of draws leaves open), `p_above_next`,
        `leading` (`established`, `likely`, `open`, `unlikely`: is it among the `top` largest?),
        `abc_class`, `p_class_a` (that it belongs to the largest that make 80 % of the tonnes),
        `cumulated_low`, `cumulated_high` (95 % interval of the share of the tonnes that the group
        and those before it make; empty from the 201st).
    chances : pandas.DataFrame
        Probability of each of the first ranks: `group`, `label_fr`, `label_en`, `rank`,
        `probability`; ranks of probability zero are left out.
    not_ranked : pandas.DataFrame
        Groups that no rank can be given: `group`, `label_fr`, `label_en`, `lines`, `spend_eur`,
        `reason` (`not-covered`: no factor; `cancelled`: purchases and credit notes that leave
        nothing; `not-stated`: lines that name no group).
    by : str
    year : int or None
    top : int
    k : tuple of int
    draws, seed : int
    """

    table: pd.DataFrame
    chances: pd.DataFrame
    not_ranked: pd.DataFrame
    by: str
    year: int | None
    top: int
    k: tuple[int, ...]
    draws: int
    seed: int
    _errors: SharedErrors = field(repr=False, compare=False)
    _totals: Floats = field(repr=False, compare=False)
    _own: Floats = field(repr=False, compare=False)

    def compare(self, first: str, second: str) -> GroupComparison:
        """Return the probability that one group emits more than another, and why.

        Parameters
        ----------
        first, second : str
            Keys of two groups of `table`.

        Raises
        ------
        FieldError
            If one of them is not ranked, or both are one.
        """
        keys = self.table["group"].tolist()
        for name in (first, second):
            if name not in keys:
                aside = self.not_ranked.set_index("group")["reason"].get(name)
                raise FieldError(
                    "this group has no rank",
                    field="compare",
                    found=name + (f" ({WHY_ASIDE[aside]})" if aside in WHY_ASIDE else ""),
                    expected=", ".join(map(str, keys[:10])) + (" …" if len(keys) > 10 else ""),
                )
        if first == second:
            raise FieldError(
                "a group is compared with another", field="compare", found=f"{first} twice"
            )
        places = [keys.index(first), keys.index(second)]
        totals, own = self._totals[places] / KG_PER_TONNE, self._own[places] / KG_PER_TONNE**2
        rows = self.table.iloc[places]
        return GroupComparison(
            first,
            second,
            tuple(rows["label_fr"]),
            tuple(rows["label_en"]),
            compare_totals(self._errors, totals, own, draws=self.draws, seed=self.seed),
            _explain(self._errors, totals, own),
        )


def say_likelihood(probability: float, draws: int) -> str:
    """Return the word for a probability, as far as the number of draws proves it.

    Returns
    -------
    {"established", "likely", "open", "unlikely"}
    """
    low, high = probability_interval(min(max(probability, 0.0), 1.0), draws)
    for word, least in LIKELIHOODS[:-1]:
        if low >= least:
            return word
    word, least = LIKELIHOODS[-1]
    return word if high >= least else "unlikely"


def rank_groups(
    carbon: CarbonMap,
    by: str = "family",
    year: int | None = None,
    family: str | None = None,
    k: Sequence[int] = (1, 5, 10),
    draws: int = 10_000,
    seed: int | None = None,
    *,
    top: int = 10,
    errors: SharedErrors | None = None,
    cumulated: bool = True,
) -> Ranks:
    """Return the groups of a map by falling emissions, with the probability of their ranks.

    Parameters
    ----------
    carbon : CarbonMap
    by : str
        Dimension the map was made by.
    year : int, optional
        Only this budget year.
    family : str, optional
        Only this purchasing family, or this segment.
    k : sequence of int
        Numbers of first ranks whose probability is asked; `top` is always among them.
    draws : int
        At least 100.
    seed : int, optional
        By default that of the map.
    top : int
        Number of first ranks that `leading` is about, at least 1.
    errors : SharedErrors, optional
        Error model over the terms of the map (`carbon.emissions(by).errors`) instead of its own.
    cumulated : bool
        False to spare the draws of `cumulated_low` and `cumulated_high`, which then stay empty.

    Raises
    ------
    FieldError
        If the map was not made by this dimension or holds no such year, no group has a factor, or
        a number is out of its range.
    """
    if draws < 100 or top < 1:
        raise FieldError(
            "a choice of the ranking is out of its range",
            field="draws" if draws < 100 else "top",
            found=str(draws if draws < 100 else top),
            expected="at least 100 draws" if draws < 100 else "at least 1",
        )
    whole = carbon.table(by, year, family)
    stated = whole["group"].notna() & (whole["group"] != "")
    # A quantity may have emissions and no euro; what is left of euros may be zero.
    ranked = stated & ((whole["coverage"] > 0) | (whole["emissions_tco2e"] != 0))
    table = whole[ranked].reset_index(drop=True)
    if not len(table):
        raise FieldError(
            "no group can be ranked: none has a factor",
            field="by",
            found=f"{by}: {len(whole)} groups",
            remedy="look at what is not covered (lcc.load_map(…).uncovered())",
        )
    model, totals, own = _gather(carbon, by, year, family, table["group"].tolist(), errors)
    asked = tuple(sorted({*map(int, k), top}))
    chosen = int(carbon.manifest["settings"]["seed"]) if seed is None else seed
    found = calc_ranks(
        model, totals, own, k=asked, draws=draws, seed=chosen, share=ABC_LIMITS[0],
        first_ranks=RANKS_TOLD,
    )  # fmt: skip
    low, high = found.bound_within()
    within = {
        name: values[:, place]
        for place, each in enumerate(asked)
        for name, values in (
            (f"p_top_{each}", found.within),
            (f"p_top_{each}_low", low),
            (f"p_top_{each}_high", high),
        )
    }
    place = asked.index(top)
    bounds = (
        _bound_shares(model, totals, own, draws, chosen)
        if cumulated
        else np.full((2, len(totals)), np.nan)
    )
    columns = [
        *("group", "label_fr", "label_en", "spend_eur", "covered_eur", "coverage"),
        *("emissions_tco2e", "low_tco2e", "high_tco2e"),
    ]
    shown = table[columns].assign(
        rank=found.rank,
        expected_rank=found.expected_rank,
        rank_low=found.rank_low,
        rank_high=found.rank_high,
        **within,
        p_above_next=found.above_next,
        leading=[say_likelihood(each, draws) for each in found.within[:, place]],
        abc_class=table["abc_class"],
        p_class_a=found.head,
        cumulated_low=bounds[0],
        cumulated_high=bounds[1],
    )
    return Ranks(
        table=shown,
        chances=_list_chances(table, found.first_ranks),
        not_ranked=_list_not_ranked(whole[~ranked], stated[~ranked]),
        by=by,
        year=year,
        top=top,
        k=asked,
        draws=draws,
        seed=chosen,
        _errors=model,
        _totals=totals,
        _own=own,
    )


def _gather(
    carbon: CarbonMap,
    by: str,
    year: int | None,
    family: str | None,
    keys: list[str],
    errors: SharedErrors | None,
) -> tuple[SharedErrors, Floats, Floats]:
    """Return the error model, and totals and own variance of groups."""
    emissions = carbon.emissions(by)
    if errors is not None and errors.terms != emissions.errors.terms:
        raise FieldError(
            "an error model is of the terms of the map",
            field="errors",
            found=f"{errors.terms} terms",
            expected=f"{emissions.errors.terms} (carbon.emissions({by!r}).errors)",
        )
    chosen = carbon.choose_cells(by, year, family)
    place = {key: rank for rank, key in enumerate(keys)}
    column = carbon.cells[by]["family" if by == "family" else "group_key"].to_pylist()
    groups = np.array([place.get(key, -1) for key in column], dtype=np.int64)
    groups[~chosen] = -1
    # All terms, met or not: two years of a map then have the same draws.
    model = emissions.errors if errors is None else errors
    totals = emissions.calc_totals(groups, len(keys))
    return model, totals, emissions.calc_own_variance(groups, len(keys))


def _bound_shares(
    errors: SharedErrors, totals: Floats, own: Floats, draws: int, seed: int
) -> tuple[Floats, Floats]:
    """Return the 95 % interval of the share that the first groups make of what is positive."""
    bounds = np.full((2, len(totals)), np.nan)
    positive = int((totals.sum(axis=1) > 0).sum())
    told = min(positive, SHARES_TOLD)
    if not told:
        return bounds[0], bounds[1]
    # By falling emissions: the first are the positive ones.
    parts = np.concatenate([totals[:told], totals[told:positive].sum(axis=0, keepdims=True)])
    variances = np.append(own[:told], own[told:positive].sum())
    drawn = errors.draw_totals(parts, draws, np.random.default_rng(seed), variances)
    # What may be negative in a draw makes no share of what is positive in it.
    cumulated = np.cumsum(np.maximum(drawn, 0.0), axis=1)
    shares = cumulated[:, :told] / np.maximum(cumulated[:, -1:], np.finfo(float).tiny)
    bounds[:, :told] = np.quantile(shares, [0.025, 0.975], axis=0)
    return bounds[0], bounds[1]


def _list_chances(table: pd.DataFrame, chances: Floats) -> pd.DataFrame:
    """Return the probabilities of ranks, one row each."""
    import pandas as pd

    groups, ranks = np.nonzero(chances)
    names = table[["group", "label_fr", "label_en"]].iloc[groups].reset_index(drop=True)
    return pd.concat(
        [names, pd.DataFrame({"rank": ranks + 1, "probability": chances[groups, ranks]})], axis=1
    )


def _list_not_ranked(rest: pd.DataFrame, stated: pd.Series) -> pd.DataFrame:
    left = rest["covered_eur"].ne(0) | rest["uncovered_eur"].ne(0)
    reasons = np.where(left, "not-covered", "cancelled")
    reasons = np.where(stated, reasons, "not-stated")
    columns = ["group", "label_fr", "label_en", "lines", "spend_eur"]
    listed = rest[columns].assign(reason=reasons)
    return listed.sort_values("spend_eur", ascending=False).reset_index(drop=True)


def _explain(errors: SharedErrors, totals: Floats, own: Floats) -> pd.DataFrame:
    """Return which kinds of error leave the order of two totals open, and which cancel."""
    import pandas as pd

    means = totals.sum(axis=1)
    # Shares where both are positive: what moves both in proportion changes no order.
    scale = means if np.all(means > 0) else np.ones(2)
    parts = totals / scale[:, None]
    apart = parts[0] - parts[1]
    rows: list[tuple[str, float, float]] = []
    for rank, component in enumerate(COMPONENTS):
        covariance = np.expm1(errors.part(rank).log_covariance())
        alone = sum(float(each @ covariance @ each) for each in parts)
        together = max(0.0, float(apart @ covariance @ apart))
        if alone > 0:
            # What is left of two equal parts is rounding.
            rows.append((component, alone, together if together > ROUNDING * alone else 0.0))
    lines = float((own / scale**2).sum())
    if lines > 0:
        rows.append((LINE, lines, lines))
    alone_sum = sum(alone for _, alone, _ in rows)
    ratio_sum = sum(together for _, _, together in rows)
    frame = pd.DataFrame(
        [
            (
                component,
                alone / alone_sum,
                together / ratio_sum if ratio_sum > 0 else 0.0,
                1 - together / alone,
            )
            for component, alone, together in rows
        ],
        columns=["component", "alone_share", "ratio_share", "cancelled_share"],
    )
    return frame.sort_values("ratio_share", ascending=False, kind="stable").reset_index(drop=True)
