r"""From items to dated flows: each flow an amount, its events, the level of its price.

A flow keeps amount and events apart. Its present value is the amount times one sum over events,

.. math:: A \sum_j w_j\, L(t_j)\, (1+d)^{-\tau_j}

with weights *w*, price levels *L* and discount times :math:`\tau`. Flows that share events and
price share the sum, so ten thousand draws of twenty items cost a few sums and one product each.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lcc.cost.annuities import calc_uniform_factor
from lcc.cost.compiled import CompiledItem, Emission
from lcc.cost.inputs import Values
from lcc.cost.study import Escalation
from lcc.cost.timing import SAME_MOMENT, Clock, Timing, column

__all__ = ["Flow", "place_flows"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Flow:
    """Euros and kilograms that fall at the same events.

    Attributes
    ----------
    amount : float or array, shape (draws,)
        Euros per event weight, at base-date price; costs positive, income negative.
    price_time : array or None
        Where the price is fixed before the event (residual on escalated cost): that time.
    level : {"own", "general"}
        Whether the price follows the item's growth, or general prices.
    """

    item: str
    category: str
    investment: bool
    amount: Floats | float
    timing: Timing
    escalation: Escalation
    price_at: str = "base-date"
    level: str = "own"
    price_time: Floats | None = None
    emissions: tuple[Emission, ...] = ()

    @property
    def price_key(self) -> Hashable:
        """What tells one price level from another, at equal events."""
        if self.level == "general":
            return "general"
        fixed = None if self.price_time is None else self.price_time.tobytes()
        return (self.escalation.key, self.escalation.growth, self.price_at, fixed)


def place_flows(compiled: CompiledItem, clock: Clock, values: Values) -> Iterator[Flow]:
    """Yield the flows of an item on a clock.

    Parameters
    ----------
    compiled : CompiledItem
    clock : Clock
        Horizon and conventions of the alternative.
    values : Values
        Values of the inputs, numbers or draws.
    """
    kind = compiled.item.kind
    if kind in ("purchase", "replacement"):
        yield from _place_purchase(compiled, clock, values)
    elif kind == "loan":
        yield from _place_loan(compiled, clock, values)
    else:
        yield _place_simple(compiled, clock, values)


def _amount(compiled: CompiledItem, values: Values) -> Floats | float:
    return 0.0 if compiled.amount is None else compiled.amount.value(values)


def _start(compiled: CompiledItem, clock: Clock, values: Values) -> tuple[Floats | float, Hashable]:
    """Return the years to the first occurrence, and the names of what they depend on."""
    if compiled.at is None:
        return (clock.delay if compiled.item.counted_from == "service" else 0.0), None
    years = compiled.at.value(values)
    shift = clock.delay if compiled.item.counted_from == "service" else 0.0
    return years + shift, compiled.at.names


def _place_simple(compiled: CompiledItem, clock: Clock, values: Values) -> Flow:
    """Return the flow of a one-off, recurring, residual, disposal, revenue or lease item."""
    item = compiled.item
    sign = -1.0 if item.kind in ("revenue", "residual") else 1.0
    dated = compiled.at is not None
    if item.kind == "one-off" or (dated and item.kind != "recurring"):
        at, name = _start(compiled, clock, values)
        timing = clock.once(at, item.phases, name)
    elif item.kind in ("residual", "disposal"):
        timing = clock.at_end()
    else:
        timing = clock.recurring(
            every_years=item.every_years,
            first_year=item.first_year,
            last_year=item.last_year,
            per=item.per,
            amounts=item.amounts_eur,
            in_advance=item.kind == "lease",
        )
    return Flow(
        item=item.name,
        category=item.category,
        investment=item.investment,
        amount=sign * _amount(compiled, values),
        timing=timing,
        escalation=compiled.escalation,
        price_at=compiled.price_at,
        emissions=compiled.emissions,
    )


def _place_purchase(compiled: CompiledItem, clock: Clock, values: Values) -> Iterator[Flow]:
    """Yield what a purchase costs, what its renewals cost, and what is left of it."""
    item = compiled.item
    life = None if compiled.life is None else compiled.life.value(values)
    life_names = () if compiled.life is None else compiled.life.names
    at, names = _start(compiled, clock, values)
    if item.kind == "replacement" and compiled.at is None and life is not None:
        at, names = at + life, life_names
    first = Flow(
        item=item.name,
        category=item.category,
        investment=item.investment,
        amount=_amount(compiled, values),
        timing=clock.once(at, item.phases, names),
        escalation=compiled.escalation,
        price_at=compiled.price_at,
        emissions=compiled.emissions,
    )
    yield first
    renewal = first.amount if compiled.replacement is None else compiled.replacement.value(values)
    renewed = life is not None and item.replaced
    begins = clock.in_use(at, item.phases)
    if renewed:
        assert life is not None
        yield Flow(
            item=item.name,
            category="replacement" if item.category == "acquisition" else item.category,
            investment=item.investment,
            amount=renewal,
            timing=clock.renewals(begins, life, name=(names, life_names)),
            escalation=compiled.escalation,
            price_at=compiled.price_at,
            emissions=compiled.emissions,
        )
    if item.residual is not None:
        yield _residual_flow(compiled, clock, values, (begins, life, renewal))


def _residual_flow(
    compiled: CompiledItem,
    clock: Clock,
    values: Values,
    bought: tuple[Floats | float, Floats | float | None, Floats | float],
) -> Flow:
    """Return what is left of a purchase at the end, an income, counted once."""
    item = compiled.item
    begins, life, renewal = bought
    residual = item.residual
    assert residual is not None
    renewed = life is not None and item.replaced
    last = clock.last_purchase(begins, life, renewed=renewed)
    age = clock.horizon - last
    number = 0.0 if compiled.residual is None else compiled.residual.value(values)
    # A purchase that begins its life after the end was not made.
    made = age >= 0
    if residual.method == "linear":
        assert life is not None
        share = np.clip(1 - age / column(life), 0.0, 1.0)
    elif residual.method == "declining":
        share = (1 - column(number)) ** np.maximum(age, 0.0)
    else:
        share = column(number)
    worth = np.where(made, share, 0.0)[:, 0]
    if residual.method == "market":
        amount: Floats = -worth
    else:
        # The unit last bought is the first one, or one at the price of a renewal.
        first = last <= column(begins) + SAME_MOMENT
        price = np.where(first[:, 0], _amount(compiled, values), renewal)
        amount = -worth * price
    fixed = residual.on == "escalated" and residual.method != "market"
    return Flow(
        item=item.name,
        category="residual",
        investment=item.investment,
        amount=amount,
        timing=clock.at_end(),
        escalation=compiled.escalation,
        price_at=compiled.price_at,
        level="general" if residual.on == "first" or residual.method == "market" else "own",
        price_time=np.maximum(last, 0.0) if fixed else None,
    )


def _place_loan(compiled: CompiledItem, clock: Clock, values: Values) -> Iterator[Flow]:
    """Yield the receipt of a loan, its yearly payments, and what is still owed at the end.

    Payments are fixed in current euros. A debt that outlives the study is repaid at its end.
    """
    item = compiled.item
    assert item.loan is not None and compiled.loan_rate is not None
    start, names = _start(compiled, clock, values)
    at, rate = column(start), column(compiled.loan_rate.value(values))
    term, repayment = item.loan.term_years, item.loan.repayment
    number = np.arange(1, term + 1, dtype=np.float64)[None, :]
    paid = _owed(repayment, rate, number - 1, term) * (1 + rate) - _owed(
        repayment, rate, number, term
    )
    due = at + number
    whole = np.clip(np.floor(clock.horizon - at + SAME_MOMENT), 0, term)
    owed = np.where(whole < term, _owed(repayment, rate, whole, term), 0.0)
    times = _side_by_side(at, due, clock.horizon)
    weights = _side_by_side(-np.ones_like(at), paid, owed)
    key = ("loan", item.name, repayment, term, names, compiled.loan_rate)
    yield Flow(
        item=item.name,
        category=item.category,
        investment=item.investment,
        amount=_amount(compiled, values),
        timing=clock.dated(times, weights, key),
        escalation=compiled.escalation,
    )


def _side_by_side(*blocks: Floats) -> Floats:
    """Return blocks of events beside each other, each row repeated where another has more."""
    rows = max(len(each) for each in blocks)
    return np.hstack([np.broadcast_to(each, (rows, each.shape[1])) for each in blocks])


def _owed(repayment: str, rate: Floats, paid: Floats, term: int) -> Floats:
    """Return the share of a loan still owed after so many yearly payments."""
    left = term - paid
    if repayment == "bullet":
        return np.where(left > 0, 1.0, 0.0)
    if repayment == "linear":
        return np.asarray(left / term)
    return np.asarray(calc_uniform_factor(rate, left) / calc_uniform_factor(rate, float(term)))
