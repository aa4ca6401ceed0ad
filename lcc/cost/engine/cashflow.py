r"""From items to dated flows: each flow an amount, its events, the level of its price.

A flow keeps amount and events apart. Its present value is the amount times one sum over events,

.. math:: A \sum_j w_j\, L(t_j)\, (1+d)^{-\tau_j}

with weights *w*, price levels *L* and discount times :math:`\tau`. Flows that share events and
price share the sum, so ten thousand draws of twenty items cost a few sums and one product each.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lcc.cost.engine.compiled import CompiledItem, Emission
from lcc.cost.engine.inputs import Values, within
from lcc.cost.engine.timing import SAME_MOMENT, Clock, Timing, column
from lcc.cost.rates.annuities import MONTHS_PER_YEAR, calc_uniform_factor
from lcc.cost.study import Escalation

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
    price_origin : array or None
        With a first-year price, the time it is the price of; the first event where None.
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
    price_origin: Floats | None = None
    emissions: tuple[Emission, ...] = ()

    @cached_property
    def price_key(self) -> Hashable:
        """What tells one price level from another, at equal events."""
        if self.level == "general":
            return "general"
        times = (self.price_time, self.price_origin)
        fixed = tuple(None if each is None else each.tobytes() for each in times)
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
    """Return the years to the first occurrence, and what tells them from others."""
    item = compiled.item
    shift = clock.delay if item.counted_from == "service" else 0.0
    if compiled.at is not None:
        years = within(compiled.at.value(values), "at_year", "years", minimum=0)
        return years + shift, (compiled.at.names, shift)
    if item.kind == "replacement" and compiled.life is not None:
        # What is replaced has been in use since service began.
        return max(shift, clock.delay) + _life(compiled, values), (compiled.life.names, "life")
    return shift, None


def _life(compiled: CompiledItem, values: Values) -> Floats | float:
    assert compiled.life is not None
    return within(compiled.life.value(values), "life_years", "years", above=0)


def _price_origin(
    compiled: CompiledItem, clock: Clock, first: Floats | float | None
) -> Floats | None:
    """Return the time that a first-year price is the price of; None for the first event.

    One price cannot have two levels at one date: a named one is that of the first year of service,
    whatever it prices. An amount of one item is the price of its first payment.
    """
    if compiled.price_at != "first-year":
        return None
    if compiled.item.price is not None:
        return column(clock.first_year_end)
    return None if first is None else np.minimum(column(first), clock.horizon)


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
        price_origin=_price_origin(compiled, clock, None),
        emissions=compiled.emissions,
    )


def _place_purchase(compiled: CompiledItem, clock: Clock, values: Values) -> Iterator[Flow]:
    """Yield what a purchase costs, what its renewals cost, and what is left of it."""
    item = compiled.item
    at, names = _start(compiled, clock, values)
    origin = _price_origin(compiled, clock, at + item.phases[0][0] / MONTHS_PER_YEAR)
    first = Flow(
        item=item.name,
        category=item.category,
        investment=item.investment,
        amount=_amount(compiled, values),
        timing=clock.once(at, item.phases, names, before_end=item.kind == "replacement"),
        escalation=compiled.escalation,
        price_at=compiled.price_at,
        price_origin=origin,
        emissions=compiled.emissions,
    )
    yield first
    life = None if compiled.life is None else _life(compiled, values)
    renewal = first.amount if compiled.replacement is None else compiled.replacement.value(values)
    if life is not None and item.replaced:
        assert compiled.life is not None
        yield replace(
            first,
            category="replacement" if item.category == "acquisition" else item.category,
            amount=renewal,
            timing=clock.renewals(
                clock.in_use(at, item.phases),
                life,
                name=(names, item.phases, compiled.life.names),
            ),
            emissions=compiled.renewal_emissions,
        )
    if item.residual is not None:
        yield _residual_flow(compiled, clock, values, (at, life, renewal, origin))


def _residual_flow(
    compiled: CompiledItem,
    clock: Clock,
    values: Values,
    bought: tuple[Floats | float, Floats | float | None, Floats | float, Floats | None],
) -> Flow:
    """Return what is left of a purchase at the end, an income, counted once."""
    item = compiled.item
    at, life, renewal, origin = bought
    begins = clock.in_use(at, item.phases)
    residual = item.residual
    assert residual is not None
    renewed = life is not None and item.replaced
    last = clock.last_purchase(begins, life, renewed=renewed)
    age = clock.horizon - last
    number = 0.0 if compiled.residual is None else compiled.residual.value(values)
    # A purchase that begins its life after the end was not made, nor a replacement at the end.
    made = age > SAME_MOMENT if item.kind == "replacement" else age >= 0
    if residual.method == "linear":
        assert life is not None
        share = np.clip(1 - age / column(life), 0.0, 1.0)
    elif residual.method == "declining":
        lost = within(column(number), "residual.rate_per_year", "a share", minimum=0, maximum=1)
        share = (1 - lost) ** np.maximum(age, 0.0)
    else:
        share = column(number)
    worth = np.where(made, share, 0.0)[:, 0]
    # The unit last bought is the first one, or one at the price of a renewal.
    first = last <= column(begins) + SAME_MOMENT
    if residual.method == "market":
        amount: Floats = -worth
    else:
        amount = -worth * np.where(first[:, 0], _amount(compiled, values), renewal)
    paid = np.where(first, column(at) + clock.last_month(item.phases), last)
    # What is not made has no price either.
    paid = np.minimum(paid, clock.horizon)
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
        price_time=clock.repeat(paid) if fixed else None,
        price_origin=origin,
    )


def _place_loan(compiled: CompiledItem, clock: Clock, values: Values) -> Iterator[Flow]:
    """Yield the receipt of a loan, its payments, and what is still owed at the end.

    Payments are fixed in current euros; the rate of a period is the yearly one in proportion. A
    debt that outlives the study is repaid at its end, with the interest since the last payment.
    """
    item = compiled.item
    assert item.loan is not None and compiled.loan_rate is not None
    start, names = _start(compiled, clock, values)
    at = column(start)
    yearly = within(column(compiled.loan_rate.value(values)), "rate_per_year", "a rate", above=-1)
    steps, repayment = item.loan.payments_per_year, item.loan.repayment
    rate, term = yearly / steps, item.loan.term_years * steps
    number = np.arange(1, term + 1, dtype=np.float64)[None, :]
    paid = _owed(repayment, rate, number - 1, term) * (1 + rate) - _owed(
        repayment, rate, number, term
    )
    left = (clock.horizon - at) * steps
    whole = np.clip(np.floor(left + SAME_MOMENT), 0, term)
    interest = (1 + rate) ** np.maximum(left - whole, 0.0)
    open_debt = (left > -SAME_MOMENT) & (whole < term)
    owed = np.where(open_debt, _owed(repayment, rate, whole, term) * interest, 0.0)
    times = _side_by_side(at, at + number / steps, clock.horizon)
    weights = _side_by_side(-np.ones_like(at), paid, owed)
    # Equal terms under equal names may still begin at two dates, in two alternatives.
    begins = names if np.ndim(start) else float(start)
    key = ("loan", item.name, repayment, steps, term, begins, compiled.loan_rate)
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
    """Return the share of a loan still owed after so many payments."""
    left = term - paid
    if repayment == "bullet":
        return np.where(left > 0, 1.0, 0.0)
    if repayment == "linear":
        return np.asarray(left / term)
    return np.asarray(calc_uniform_factor(rate, left) / calc_uniform_factor(rate, float(term)))
