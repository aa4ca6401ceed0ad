r"""Why no plan holds the budgets: the least excess, and the rules that would have to give.

The elastic program lets every budget be exceeded and minimises the sum of the tonnes above them
[1]_. Its value is zero exactly where a plan exists. The rules (exclusions, needs, first and last
years, limits) are then left out one at a time, and each program solved again: a rule that makes it
feasible alone is a relaxation set of one. Where none does, rules are put back one at a time into
the program without any, and stay where it remains feasible (deletion filter): what is left out is
a set of which no part would do.

References
----------
.. [1] Chinneck, J. W. (2008). Feasibility and infeasibility in optimization: algorithms and
   computational methods. Springer.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from lcc.budget.plan.assemble import NOTHING, Relaxed, list_exclusions
from lcc.budget.plan.plan import Plan, plain_records

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Infeasibility", "explain_infeasible"]

DEFAULT_SECONDS: Final = 60.0


@dataclass(frozen=True)
class Rule:
    """One rule that may give: its kind, what it is of, and how to leave it out."""

    kind: str
    of: str
    relax: Callable[[Relaxed], Relaxed]


@dataclass(frozen=True)
class Infeasibility:
    """What would have to give.

    Attributes
    ----------
    plan : Plan
        The plan of least excess, whatever it costs.
    excess_tco2e : float
        Least sum of the yearly excesses; 0 where a plan exists.
    without_rules_tco2e : float
        The same with every rule left out: above 0, levers are not enough whatever the rules.
    sets : tuple of tuple of (str, str)
        Sets of rules (kind, of) that make the budgets feasible when left out, none of which has a
        part that would do: each alone; or, where none does alone, one set.
    complete : bool
        False where time was over before every rule was tried and settled: other sets may exist, and
        a rule that was not settled is not named.
    """

    plan: Plan
    excess_tco2e: float
    without_rules_tco2e: float
    sets: tuple[tuple[tuple[str, str], ...], ...]
    complete: bool

    @property
    def proven(self) -> bool:
        """Whether less excess was proven impossible; else it is the least found in the time."""
        return self.plan.solution.status != "time-limit"

    def excess(self) -> pd.DataFrame:
        """Return one row per budget exceeded: `year`, `scope`, `budget_tco2e`, `excess_tco2e`."""
        frame = self.plan.emissions()
        frame = frame[frame["budget_tco2e"].notna()]
        frame = frame.assign(excess_tco2e=-frame["slack_tco2e"].astype(float))
        over = frame[frame["excess_tco2e"] > self._tolerance()]
        columns = ["year", "scope", "budget_tco2e", "planned_tco2e", "excess_tco2e"]
        return over[columns].reset_index(drop=True)

    def relaxations(self) -> pd.DataFrame:
        """Return one row per rule of each set: `set`, `rule` (its kind), `of`."""
        import pandas as pd

        rows = [(rank, kind, of) for rank, each in enumerate(self.sets, 1) for kind, of in each]
        return pd.DataFrame(rows, columns=["set", "rule", "of"])

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values, ready for JSON."""
        return {
            "excess_tco2e": self.excess_tco2e,
            "proven": self.proven,
            "excess": plain_records(self.excess()),
            "without_rules_tco2e": self.without_rules_tco2e,
            "relaxations": plain_records(self.relaxations()),
            "complete": self.complete,
        }

    def _tolerance(self) -> float:
        return 1e-6 * max(1.0, float(self.plan.problem.baseline_tco2e.sum(axis=0).max()))


def explain_infeasible(plan: Plan, *, seconds: float = DEFAULT_SECONDS) -> Infeasibility:
    """Return why no plan holds the budgets, and what would have to give.

    Parameters
    ----------
    plan : Plan
        Feasible or not: where it is, the excess is zero and there is nothing to relax.
    seconds : float
        Time for all searches together.
    """
    until = time.perf_counter() + seconds
    each_search = max(0.5, seconds / 6)
    elastic = plan.solve_again(excess=True, seconds=each_search)
    least = _excess(elastic)
    rules = list_rules(plan)
    if least == 0:
        return Infeasibility(elastic, 0.0, 0.0, (), complete=True)
    everything = NOTHING
    for rule in rules:
        everything = rule.relax(everything)
    free = plan.solve_again(relaxed=everything, excess=True, seconds=each_search)
    if _excess(free) > 0:
        return Infeasibility(elastic, least, _excess(free), (), complete=_settled(free))
    singles, complete = [], True
    for rule in rules:
        if time.perf_counter() > until:
            complete = False
            break
        left = max(0.2, min(each_search, until - time.perf_counter()))
        tried = plan.solve_again(relaxed=rule.relax(NOTHING), excess=True, seconds=left)
        complete &= _settled(tried)
        if _excess(tried) == 0:
            singles.append(((rule.kind, rule.of),))
    if singles or not complete:
        return Infeasibility(elastic, least, 0.0, tuple(singles), complete)
    kept = list(rules)
    for rule in rules:
        if time.perf_counter() > until:
            complete = False
            break
        others = [each for each in kept if each is not rule]
        relaxed = NOTHING
        for other in others:
            relaxed = other.relax(relaxed)
        left = max(0.2, min(each_search, until - time.perf_counter()))
        tried = plan.solve_again(relaxed=relaxed, excess=True, seconds=left)
        complete &= _settled(tried)
        if _excess(tried) == 0:
            kept = others
    found = (tuple((each.kind, each.of) for each in kept),)
    return Infeasibility(elastic, least, 0.0, found, complete)


def list_rules(plan: Plan) -> list[Rule]:
    """Return every rule of a plan that may give, by kind then by code."""
    first, last = plan.baseline.years[0], plan.baseline.years[-1]
    rules = []
    for pair in list_exclusions(plan.levers):
        rules.append(Rule("exclusion", " / ".join(pair), _adder("exclusions", pair)))
    for lever in plan.levers:
        for need in lever.requires:
            pair = (lever.lever_id, need)
            rules.append(Rule("requirement", " → ".join(pair), _adder("requirements", pair)))
    for lever in plan.levers:
        if lever.earliest_year is not None and lever.earliest_year > first:
            of = f"{lever.lever_id} ({lever.earliest_year})"
            rules.append(Rule("earliest-year", of, _adder("earliest", lever.lever_id)))
    for lever in plan.levers:
        if lever.latest_year is not None and lever.latest_year < last:
            of = f"{lever.lever_id} ({lever.latest_year})"
            rules.append(Rule("latest-year", of, _adder("latest", lever.lever_id)))
    limited = {each.scope for each in plan.levers if each.scope_limit_share is not None}
    rules += [Rule("scope-limit", of, _adder("scope_limits", of)) for of in sorted(limited)]
    paced = {each.scope for each in plan.levers if each.scope_starts_per_year is not None}
    rules += [Rule("scope-starts", of, _adder("scope_starts", of)) for of in sorted(paced)]
    if plan.settings.starts_per_year is not None:
        rules.append(
            Rule("starts-per-year", str(plan.settings.starts_per_year),
                 lambda relaxed: replace(relaxed, starts=True))
        )  # fmt: skip
    return rules


def _adder(field: str, item: Any) -> Callable[[Relaxed], Relaxed]:
    def relax(relaxed: Relaxed) -> Relaxed:
        changed: Any = {field: getattr(relaxed, field) | {item}}
        return replace(relaxed, **changed)

    return relax


def _settled(plan: Plan) -> bool:
    """Tell whether a search proved what it says: no excess, or that there is none without."""
    return _excess(plan) == 0 or plan.solution.status != "time-limit"


def _excess(plan: Plan) -> float:
    """Return the least excess, zero under what a computer's numbers leave."""
    if plan.solution.starts is None:
        return float(np.inf)
    return float(plan.problem.excess(plan.solution.starts).sum())
