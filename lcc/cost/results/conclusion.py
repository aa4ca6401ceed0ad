"""What a study concludes, as values: which alternative is cheapest, by how much, how sure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lcc.uncertainty import choice

if TYPE_CHECKING:
    from lcc.cost.results.doubt import CostDraws
    from lcc.cost.results.result import CostResult

__all__ = ["Conclusion", "Verdict", "conclude_study"]


@dataclass(frozen=True)
class Verdict:
    """The cheapest alternative, at market prices or with the value of carbon.

    Attributes
    ----------
    key : str
        The cheapest.
    against : str
        What it is compared with: the reference; where it is the reference itself, the next one.
        Empty in a study of one alternative.
    saved_eur : float
        What it costs less than `against`: present euros, or euros a year under the rule `annuity`.
    saved_tco2e : float or None
        What it emits less than `against`; None where emissions are not covered, or each
        alternative has its own horizon.
    probability : float or None
        Probability that it is the cheapest; None where nothing is uncertain.
    """

    key: str
    against: str
    saved_eur: float
    saved_tco2e: float | None
    probability: float | None


@dataclass(frozen=True)
class Conclusion:
    """What a study concludes.

    Attributes
    ----------
    reference : str
        Key of the reference.
    per_year : bool
        Whether what is saved is euros a year.
    market : Verdict
        At market prices.
    with_carbon : Verdict or None
        With the value of carbon; None where the study has none.
    """

    reference: str
    per_year: bool
    market: Verdict
    with_carbon: Verdict | None

    @property
    def last(self) -> Verdict:
        """The verdict with carbon where there is one, else that at market prices."""
        return self.with_carbon or self.market


def conclude_study(result: CostResult, doubt: CostDraws | None = None) -> Conclusion:
    """Return which alternative is cheapest, by how much and how surely.

    Parameters
    ----------
    result : CostResult
    doubt : CostDraws, optional
        Draws of the same study; without it, or where nothing is uncertain, no probability.
    """
    valued = result.study.externalities is not None
    return Conclusion(
        reference=result.reference,
        per_year=result.study.horizon_rule == "annuity",
        market=_judge(result, doubt, externalities=False),
        with_carbon=_judge(result, doubt, externalities=True) if valued else None,
    )


def _judge(result: CostResult, doubt: CostDraws | None, *, externalities: bool) -> Verdict:
    ranking = result.ranking_with_externalities if externalities else result.ranking
    cheapest, others = ranking[0], ranking[1:]
    against = result.reference if cheapest != result.reference else next(iter(others), "")
    if not against:
        return Verdict(cheapest, "", 0.0, None, None)
    keys = result.keys
    costs = result.evaluation.compared_eur(externalities=externalities)[0]
    own, other = result.measures[cheapest].emissions_tco2e, result.measures[against].emissions_tco2e
    known = own is not None and other is not None and result.study.horizon_rule != "annuity"
    probability = None
    if doubt is not None and doubt.values:
        drawn = doubt.evaluation.compared_eur(externalities=externalities)
        shares = choice.probability_lowest(np.ascontiguousarray(drawn))
        probability = float(shares[keys.index(cheapest)])
    saved_eur = float(costs[keys.index(against)] - costs[keys.index(cheapest)])
    saved_tco2e = (other or 0.0) - (own or 0.0) if known else None
    return Verdict(cheapest, against, saved_eur, saved_tco2e, probability)
