"""Planning back from the end of a contract: the last day on which each step may begin.

The days of each step are rows of `procedure_steps`: least periods of the code where their status
says `legal`, the project's own judgement elsewhere. Which procedure is followed is told by the
dated rules of the day of launch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from lcc.errors import FieldError
from lcc.law.dated import load_dated_rules
from lcc.law.judge import ContractFacts, judge_contract
from lcc.spending.classify import compile_codes
from lcc.tables import load_reference

__all__ = [
    "PROCEDURES",
    "LaunchPlan",
    "Step",
    "calc_step_days",
    "find_procedure",
    "load_steps",
    "plan_launch",
    "purchase_of_family",
]

LAUNCH = "receipt"
"""Step on whose first day the consultation is launched: the notice or the request is sent."""

PROCEDURES = {
    "formal": ("procédure formalisée", "formal procedure"),
    "adapted": ("procédure adaptée", "adapted procedure"),
    "no-publicity": ("sans publicité ni mise en concurrence", "without publicity"),
    "concession": ("concession", "concession"),
    "subsequent": ("marché subséquent", "subsequent contract"),
    "unknown": ("procédure inconnue", "procedure unknown"),
}
"""Procedures in French and in English; where none is known, steps are those of a formal one."""

OF_THEIR_OWN = ("concession", "subsequent")
"""Kinds of contracts whose procedure no threshold decides."""

FORMAL = ("formal-procedure-supplies-services", "formal-procedure-works")
FORMAL_OF_OTHERS = {
    "state": ("formal-procedure-supplies-services-state", "formal-procedure-works"),
    "contracting-entity": (
        "formal-procedure-supplies-services-entities",
        "formal-procedure-works",
    ),
}
FREE = ("no-publicity-supplies-services", "no-publicity-works")


@dataclass(frozen=True)
class Step:
    """A step of a procedure; columns of `procedure_steps`."""

    procedure: str
    rank: int
    step: str
    label_fr: str
    label_en: str
    days: int
    legal_days: int | None
    status: str
    reason_fr: str
    reason_en: str
    source: str | None
    locator: str | None


@dataclass(frozen=True)
class LaunchPlan:
    """Last days on which each step may begin, for a contract to begin on a day.

    Attributes
    ----------
    needed : datetime.date
        First day of the contract to come.
    procedure : str
        One of `PROCEDURES`.
    steps : tuple of Step
    days : tuple of datetime.date
        Last day on which each of them may begin.
    """

    needed: date
    procedure: str
    steps: tuple[Step, ...]
    days: tuple[date, ...]

    @property
    def census_by(self) -> date:
        """Last day on which the need may be expressed."""
        return self.days[0]

    @property
    def launch_by(self) -> date:
        """Last day on which the consultation may be launched."""
        return next(
            day for step, day in zip(self.steps, self.days, strict=True) if step.step == LAUNCH
        )


@cache
def load_steps(procedure: str) -> tuple[Step, ...]:
    """Return the steps of a procedure, in order; those of a formal one where it is unknown.

    Raises
    ------
    FieldError
        If there is no such procedure.
    """
    if procedure not in PROCEDURES:
        raise FieldError(
            "no procedure of this name",
            field="procedure",
            found=procedure,
            expected=", ".join(PROCEDURES),
        )
    wanted = "formal" if procedure == "unknown" else procedure
    rows = load_reference("procurement_map", "procedure_steps").to_pylist()
    steps = (Step(**row) for row in rows if row["procedure"] == wanted)
    return tuple(sorted(steps, key=lambda each: each.rank))


def calc_step_days(needed: date, days: Sequence[int]) -> tuple[date, ...]:
    r"""Return the last day on which each step may begin.

    Step *i* begins at :math:`d - \sum_{j \ge i} n_j`, *d* being the day needed and :math:`n_j` the
    calendar days of step *j*.

    Examples
    --------
    >>> calc_step_days(date(2025, 1, 31), [20, 10])
    (datetime.date(2025, 1, 1), datetime.date(2025, 1, 21))
    """
    return tuple(needed - timedelta(days=sum(days[rank:])) for rank in range(len(days)))


def find_procedure(
    day: date,
    amount_eur: float | None,
    *,
    purchase: str | None = None,
    kind: str | None = None,
    buyer_kind: str = "local-authority",
) -> str:
    """Return the procedure of a need launched on a day, by the dated rules of that day.

    Parameters
    ----------
    day : datetime.date
        Day of the launch.
    amount_eur : float or None
        Estimated amount of the whole need excl. VAT, in euros; None where it is not known. Nought
        or less says nothing of a need, and is not known either.
    purchase : {"supplies-services", "works"}, optional
        What is bought; None leaves both open.
    kind : str, optional
        `concession` or `subsequent` for one; any other is a contract.
    buyer_kind : {"local-authority", "contracting-entity", "state"}

    Returns
    -------
    str
        `concession`, `subsequent`, `formal`, `adapted`, `no-publicity`; `unknown` where the amount
        or the kind of purchase leaves it open.
    """
    if kind in OF_THEIR_OWN:
        return str(kind)
    if amount_eur is None or not amount_eur > 0:
        return "unknown"
    names = (*FORMAL_OF_OTHERS.get(buyer_kind, FORMAL), *FREE)
    rules = tuple(each for each in load_dated_rules() if each.rule in names)
    facts = ContractFacts(
        kind="contract",
        purchase=purchase,
        amount_eur=amount_eur,
        need_low_eur=amount_eur,
        need_high_eur=amount_eur,
        launch_date=day,
        buyer_kind=buyer_kind,
    )
    answers = {
        each.rule: each.applies for each in judge_contract(facts, rules) if each.in_scope != "no"
    }
    formal = {answer for rule, answer in answers.items() if rule not in FREE}
    free = {answer for rule, answer in answers.items() if rule in FREE}
    if formal == {"yes"}:
        return "formal"
    if formal != {"no"}:
        return "unknown"
    return "no-publicity" if free == {"yes"} else "adapted" if free == {"no"} else "unknown"


def plan_launch(
    needed: date,
    amount_eur: float | None,
    *,
    purchase: str | None = None,
    kind: str | None = None,
    buyer_kind: str = "local-authority",
) -> LaunchPlan:
    """Return when each step must begin for a contract to begin on a day.

    The procedure is that of the day on which a formal procedure would be launched.

    Parameters
    ----------
    needed : datetime.date
        First day of the contract to come.
    amount_eur, purchase, kind, buyer_kind
        As in `find_procedure`.
    """
    first = str(kind) if kind in OF_THEIR_OWN else "formal"
    day = _plan(needed, first).launch_by
    found = find_procedure(day, amount_eur, purchase=purchase, kind=kind, buyer_kind=buyer_kind)
    return _plan(needed, found)


def _plan(needed: date, procedure: str) -> LaunchPlan:
    steps = load_steps(procedure)
    days = calc_step_days(needed, [each.days for each in steps])
    return LaunchPlan(needed, procedure, steps, days)


def purchase_of_family(family: str | None) -> str | None:
    """Return `works` or `supplies-services` where the CPV codes of a family are of one kind.

    Examples
    --------
    >>> purchase_of_family("13.01"), purchase_of_family(None)
    ('supplies-services', None)
    """
    return _purchases().get(family or "")


@cache
def _purchases() -> dict[str, str]:
    """Return each family whose CPV codes are all of division 45, or none of them."""
    import pyarrow as pa

    from lcc.law.judge import purchase_of_cpv

    codes = load_reference("procurement_map", "cpv")["code8"].to_pylist()
    rules = compile_codes(pa.table({"nomenclature": ["cpv"] * len(codes), "code": codes}))
    kinds: dict[str, set[str | None]] = {}
    for family, code in zip(rules["family"].to_pylist(), codes, strict=True):
        if family is not None:
            kinds.setdefault(family, set()).add(purchase_of_cpv(code))
    return {family: str(next(iter(found))) for family, found in kinds.items() if len(found) == 1}
