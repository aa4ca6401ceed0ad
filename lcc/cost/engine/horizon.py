"""Lives of different length: the rules that make alternatives comparable.

- ``common-horizon``: all alternatives over the period of the study, with renewals and residual
  values;
- ``contract-term``: the same, the period being the term of the contract;
- ``least-common-multiple``: each alternative over its own life, again and again until all end
  together; prices keep their growth from the base date;
- ``annuity``: each alternative over its own life, compared by equivalent annual cost. It agrees
  with the former only where renewals are identical in real terms.

References
----------
.. [1] Newnan, D. G., Eschenbach, T. G., Lavelle, J. P. (2012). Engineering Economic Analysis,
   11th edition, chapters 5 and 6 (analysis periods, least common multiple, annuity).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from lcc.cost.engine.inputs import Term, Values, within
from lcc.cost.engine.timing import Clock
from lcc.cost.rates.discounting import months_between
from lcc.cost.study import Study
from lcc.errors import FieldError

__all__ = ["OWN_LIFE_RULES", "common_multiple_years", "make_clocks", "service_delay_years"]

Floats = NDArray[np.float64]

OWN_LIFE_RULES = ("least-common-multiple", "annuity")
"""Rules that look at the life of each alternative."""

MAX_COMMON_YEARS = 1000


def service_delay_years(study: Study) -> float:
    """Return the years from the base date to the start of service, in whole months."""
    start = study.service_date or study.base_date
    return months_between(study.base_date, start) / 12


def common_multiple_years(lives: list[float], *, file: str = "") -> int:
    """Return the least common multiple of lives in whole years.

    Raises
    ------
    FieldError
        If a life is not a whole number of years, or the multiple is beyond any meaning.
    """
    whole = [round(life) for life in lives]
    if any(abs(life - each) > 1e-9 or each < 1 for life, each in zip(lives, whole, strict=True)):
        raise FieldError(
            "a least common multiple is one of whole years",
            file=file or None,
            field="alternatives.life_years",
            found=", ".join(f"{life:g}" for life in lives),
            expected="whole numbers of years",
            remedy="round the lives, or use horizon_rule = “annuity” or “common-horizon”",
        )
    years = math.lcm(*whole)
    if years > MAX_COMMON_YEARS:
        raise FieldError(
            "the lives have no common multiple that means anything",
            file=file or None,
            field="study.horizon_rule",
            found=f"{years} years",
            expected=f"at most {MAX_COMMON_YEARS}",
            remedy="use horizon_rule = “annuity” or “common-horizon”",
        )
    return years


def make_clocks(
    study: Study, values: Values, lives: dict[str, Term | None], rule: str
) -> dict[str, Clock]:
    """Return one clock per alternative, by its key; alternatives of one horizon share a clock.

    Parameters
    ----------
    study : Study
    values : Values
    lives : mapping of str to Term
        Life of each alternative, in years of service.
    rule : str
        One of `lcc.cost.study.HORIZON_RULES`.

    Raises
    ------
    FieldError
        If the rule needs lives that are not stated.
    """
    delay = service_delay_years(study)
    if rule not in OWN_LIFE_RULES:
        period = values["period"]
        if np.min(period) < delay - 1e-9:
            raise FieldError(
                "the period of study ends before service begins",
                file=study.file,
                field="study.period_years",
                found=f"{float(np.min(period)):g} years from the base date",
                expected=f"at least {delay:g}: the period includes construction",
                remedy="lengthen the period, or bring service_date forward",
            )
        clock = Clock("period", study.base_date, delay, period, study.discounting)
        return dict.fromkeys(study.keys, clock)
    missing = [key for key, term in lives.items() if term is None]
    if missing:
        raise FieldError(
            f"the rule {rule} needs the life of every alternative",
            file=study.file,
            field="alternatives.life_years",
            found=f"none for {', '.join(missing)}",
            expected="life_years",
            remedy="state life_years, or use horizon_rule = “common-horizon”",
        )
    years: dict[str, Floats | float] = {}
    for key, term in lives.items():
        assert term is not None
        try:
            years[key] = within(term.value(values), "life_years", "years", above=0)
        except FieldError as error:
            where = f"{key}.{error.field}"
            raise error.located(file=study.file, field=where) from error
    if rule == "annuity":
        return {
            key: Clock(("life", key), study.base_date, delay, life + delay, study.discounting)
            for key, life in years.items()
        }
    if delay > 0 or any(np.ndim(life) for life in years.values()):
        raise FieldError(
            "a least common multiple needs lives that are certain and start at the base date",
            file=study.file,
            field="study.horizon_rule",
            found="an uncertain life" if delay == 0 else f"service {delay:g} years later",
            expected="certain lives, service_date equal to base_date",
            remedy="use horizon_rule = “annuity” or “common-horizon”",
        )
    plain = {key: float(life) for key, life in years.items()}
    common = common_multiple_years(list(plain.values()), file=study.file)
    return {
        key: Clock(
            ("life", key),
            study.base_date,
            0.0,
            life,
            study.discounting,
            cycles=round(common / life),
        )
        for key, life in plain.items()
    }
