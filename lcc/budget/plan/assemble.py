"""From levers, budgets and a baseline to the numbers of a plan; what fits nothing is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lcc.budget.plan.inputs import Baseline, Budget
from lcc.budget.plan.levers import Lever
from lcc.budget.plan.problem import BudgetRow, Problem, calc_discount_factors, calc_ramp
from lcc.errors import FieldError, first_of

__all__ = ["Relaxed", "assemble_problem", "check_inputs", "close_out", "list_exclusions"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Relaxed:
    """Rules left out, to see what would have to give.

    Attributes
    ----------
    exclusions : frozenset of (str, str)
        Pairs of codes, in order, whose exclusion is lifted.
    requirements : frozenset of (str, str)
        Levers and the needs that are lifted.
    earliest, latest : frozenset of str
        Levers that may start from the first year, to the last year.
    scope_limits, scope_starts : frozenset of str
        Codes of scopes whose limit is lifted.
    starts : bool
        Whether the limit on all starts of a year is lifted.
    out : frozenset of str
        Levers taken out.
    """

    exclusions: frozenset[tuple[str, str]] = frozenset()
    requirements: frozenset[tuple[str, str]] = frozenset()
    earliest: frozenset[str] = frozenset()
    latest: frozenset[str] = frozenset()
    scope_limits: frozenset[str] = frozenset()
    scope_starts: frozenset[str] = frozenset()
    starts: bool = False
    out: frozenset[str] = field(default=frozenset())


NOTHING = Relaxed()


def check_inputs(levers: Sequence[Lever], budgets: Sequence[Budget], baseline: Baseline) -> None:
    """Refuse what does not fit together.

    Raises
    ------
    FieldError
        If a lever acts on a scope that the baseline does not hold, may start only outside its
        years, or two levers have one code; if a budget is of a year or a family that the baseline
        does not hold: the first, with the count of the others.
    """
    problems = []
    known = set(baseline.scopes)
    span = f"{baseline.years[0]} to {baseline.years[-1]}"
    seen: set[str] = set()
    for lever in levers:
        if lever.lever_id in seen:
            problems.append(
                lever.error("two levers have one code", "Levier", found=lever.lever_id,
                            expected="one row per code", remedy="rename one of the two")
            )  # fmt: skip
        seen.add(lever.lever_id)
        if (lever.scope_kind, lever.scope) not in known:
            kinds = sorted(code for kind, code in known if kind == lever.scope_kind)
            problems.append(
                lever.error(
                    "a lever acts on a scope that the baseline does not hold",
                    "Code de la portée",
                    found=f"{lever.scope_kind} {lever.scope}",
                    expected=", ".join(kinds[:12]) + (" …" if len(kinds) > 12 else "")
                    or f"a baseline with rows `{lever.scope_kind}`",
                    remedy="correct the code, or add the scope to the baseline",
                )
            )
        if (lever.earliest_year or baseline.years[0]) > baseline.years[-1] or (
            lever.latest_year or baseline.years[-1]
        ) < baseline.years[0]:
            problems.append(
                lever.error("a lever may start only outside the years of the baseline",
                            "Début au plus tôt", found=f"{lever.earliest_year or 'any year'}"
                            f" to {lever.latest_year or 'any year'}", expected=span,
                            remedy="correct the years, or lengthen the baseline")
            )  # fmt: skip
    for budget in budgets:
        if budget.year not in baseline.years:
            problems.append(
                FieldError("a budget is of a year that the baseline does not hold",
                           file=budget.file, rows=[budget.row], field="Année",
                           found=str(budget.year), expected=span,
                           remedy="take the budget out, or lengthen the baseline")
            )  # fmt: skip
        if budget.scope and ("family", budget.scope) not in known:
            problems.append(
                FieldError("a budget is of a family that the baseline does not hold",
                           file=budget.file, rows=[budget.row], field="Code de la portée",
                           found=budget.scope,
                           expected=", ".join(sorted(c for k, c in known if k == "family")[:12])
                           or "a baseline with families",
                           remedy="correct the code, or add the family to the baseline")
            )  # fmt: skip
    if problems:
        raise first_of(problems)


def assemble_problem(
    levers: Sequence[Lever],
    budgets: Sequence[Budget],
    baseline: Baseline,
    *,
    discount_rate_per_year: float,
    base_year: int,
    starts_per_year: int | None = None,
    relaxed: Relaxed = NOTHING,
    abatements: Mapping[str, float] | None = None,
    costs: Mapping[str, tuple[float, float]] | None = None,
    emissions_tco2e: Floats | None = None,
) -> Problem:
    """Return the numbers of a plan.

    Parameters
    ----------
    levers : sequence of Lever
        Checked by `check_inputs` with the rest; taken in the order of their codes.
    budgets, baseline
    discount_rate_per_year : float
    base_year : int
        Year of the present values.
    starts_per_year : int, optional
        How many levers may start in one year, all scopes together.
    relaxed : Relaxed
        Rules left out.
    abatements : mapping of str to float, optional
        Abatements by lever instead of those stated.
    costs : mapping of str to (float, float), optional
        One-off and recurring costs by lever instead of those stated.
    emissions_tco2e : array, optional
        Baseline instead of the stated one, shape (scopes, years).
    """
    out = close_out(levers, relaxed)
    levers = sorted(
        (each for each in levers if each.lever_id not in out), key=lambda each: each.lever_id
    )
    rank = {each.lever_id: place for place, each in enumerate(levers)}
    years = baseline.years
    emitted = baseline.emissions_tco2e if emissions_tco2e is None else emissions_tco2e
    scopes = {key: place for place, key in enumerate(baseline.scopes)}
    factors = calc_discount_factors(years, discount_rate_per_year, base_year)
    lever_of, start_of, shares, tonnes, amounts = [], [], [], [], []
    for place, lever in enumerate(levers):
        amount = lever.abatement if abatements is None else abatements[lever.lever_id]
        one_off, recurring = (
            (lever.one_off_eur, lever.recurring_eur_per_year)
            if costs is None
            else costs[lever.lever_id]
        )
        first = years[0] if lever.earliest_year is None else lever.earliest_year
        last = years[-1] if lever.latest_year is None else lever.latest_year
        first = years[0] if lever.lever_id in relaxed.earliest else first
        last = years[-1] if lever.lever_id in relaxed.latest else last
        for start, year in enumerate(years):
            if not first <= year <= last:
                continue
            since = np.arange(len(years)) - start
            effect = amount * calc_ramp(since, lever.ramp_years, lever.life_years)
            alive = (since >= 0) & (since < (lever.life_years or len(years) + 1))
            lever_of.append(place)
            start_of.append(start)
            shares.append(np.zeros(len(years)) if lever.in_tonnes else effect)
            tonnes.append(effect if lever.in_tonnes else np.zeros(len(years)))
            amounts.append(one_off * factors[start] + recurring * float(factors[alive].sum()))
    shape = (len(lever_of), len(years))
    floor = np.zeros_like(emitted)
    for lever in levers:
        if lever.scope_limit_share is not None and lever.scope not in relaxed.scope_limits:
            own = scopes[lever.scope_kind, lever.scope]
            floor[own] = np.maximum(floor[own], (1.0 - lever.scope_limit_share) * emitted[own])
    return Problem(
        years=years,
        baseline_tco2e=emitted,
        floor_tco2e=floor,
        scope=np.array([scopes[each.scope_kind, each.scope] for each in levers], dtype=np.int64),
        lever=np.array(lever_of, dtype=np.int64),
        start=np.array(start_of, dtype=np.int64),
        share=np.array(shares).reshape(shape),
        tonnes=np.array(tonnes).reshape(shape),
        cost_eur=np.array(amounts, dtype=float),
        budgets=tuple(_budget_row(each, baseline, scopes) for each in budgets),
        exclusive=tuple(
            (rank[one], rank[other])
            for one, other in list_exclusions(levers)
            if one in rank and other in rank and (one, other) not in relaxed.exclusions
        ),
        requires=tuple(
            (rank[each.lever_id], rank[need])
            for each in levers
            for need in each.requires
            if need in rank and (each.lever_id, need) not in relaxed.requirements
        ),
        start_limits=_start_limits(levers, starts_per_year, relaxed),
    )


def close_out(levers: Sequence[Lever], relaxed: Relaxed) -> set[str]:
    """Return the levers taken out, and those that need them."""
    out = set(relaxed.out)
    while True:
        more = {
            each.lever_id
            for each in levers
            for need in each.requires
            if need in out and (each.lever_id, need) not in relaxed.requirements
        } - out
        if not more:
            return out
        out |= more


def list_exclusions(levers: Sequence[Lever]) -> list[tuple[str, str]]:
    """Return each pair of levers that exclude each other, once, whichever says so."""
    pairs = {
        (min(each.lever_id, other), max(each.lever_id, other))
        for each in levers
        for other in each.exclusive_with
    }
    return sorted(pairs)


def _budget_row(
    budget: Budget, baseline: Baseline, scopes: Mapping[tuple[str, str], int]
) -> BudgetRow:
    year = baseline.years.index(budget.year)
    if budget.scope:
        return BudgetRow(budget.scope, np.array([scopes["family", budget.scope]]), year,
                         budget.budget_tco2e, budget.budget_tco2e)  # fmt: skip
    rest = float(baseline.rest_tco2e[year])
    return BudgetRow("all", np.arange(len(scopes)), year, budget.budget_tco2e - rest,
                     budget.budget_tco2e)  # fmt: skip


def _start_limits(
    levers: Sequence[Lever], starts_per_year: int | None, relaxed: Relaxed
) -> tuple[tuple[NDArray[np.int64], int], ...]:
    limits: list[tuple[NDArray[np.int64], int]] = []
    if starts_per_year is not None and not relaxed.starts:
        limits.append((np.arange(len(levers)), starts_per_year))
    stated: dict[tuple[str, str], int] = {}
    for lever in levers:
        if lever.scope_starts_per_year is not None and lever.scope not in relaxed.scope_starts:
            key = (lever.scope_kind, lever.scope)
            stated[key] = min(lever.scope_starts_per_year, stated.get(key, 10**9))
    for key, most in sorted(stated.items()):
        mine = [p for p, each in enumerate(levers) if (each.scope_kind, each.scope) == key]
        limits.append((np.array(mine), most))
    return tuple(limits)
