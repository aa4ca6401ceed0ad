"""What registers and tables say of the scheme: contracts, indicators, checks, quality."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lcc.indicators.checks import propose_joint_checks
from lcc.indicators.definitions import PUBLISHED, load_indicators, read_targets
from lcc.indicators.evaluate import evaluate_indicators
from lcc.indicators.inputs import IndicatorInputs
from lcc.indicators.opening import check_inputs
from lcc.indicators.quantities.problems import gather_problems
from lcc.indicators.quantities.tables import (
    read_actions,
    read_agec_purchases,
    read_hours,
    read_programme,
    read_training,
)
from lcc.register.decp.quality import summarise_quality
from lcc.register.firms import read_firms
from lcc.register.index import name_contracts
from lcc.register.open import open_register
from lcc.register.register import Register, empty_table
from lcc.register.settle import settle
from lcc.yearly.money import Money
from lcc.yearly.state import State, limit_register
from lcc.yearly.study import YearlyStudy

if TYPE_CHECKING:
    import pandas as pd

    from lcc.register.firms import Firms

__all__ = ["YEARS_SHOWN", "Scheme", "gather_scheme"]

READERS = {
    "hours": read_hours,
    "programme": read_programme,
    "training": read_training,
    "actions": read_actions,
    "agec": read_agec_purchases,
}
"""Tables of the scheme, as `IndicatorInputs` names them."""

YEARS_SHOWN = 3
"""Years of the evaluation view: the scheme asks for one over its three first years in 2026."""


@dataclass(frozen=True)
class Scheme:
    """Contracts and indicators of a year.

    Attributes
    ----------
    register : Register
        As it stood on the day.
    firms : Firms or None
    frames : dict of str to pandas.DataFrame
        `indicator_value` (three years), `indicator_member`, `checks`, `join`, `quality`,
        `problems`.
    names : pandas.DataFrame
        `indicator`, `number`, `axis`, `label_fr`, `label_en`.
    members : pandas.DataFrame
        Schema `indicator_member`: of all three years.
    """

    register: Register
    firms: Firms | None
    frames: dict[str, pd.DataFrame]
    names: pd.DataFrame
    members: pd.DataFrame


def gather_scheme(study: YearlyStudy, state: State, money: Money) -> Scheme:
    """Return what registers and tables say of the scheme on the day of an account.

    Raises
    ------
    InputError, FieldError
        If a file cannot be read, or a table that people keep does not fit.
    """
    import pandas as pd

    opened = (
        open_register(list(study.registers), mapping=study.register_mapping)
        if study.registers
        else settle(())
    )
    register = limit_register(opened, state.as_of)
    lines = money.spending.lines
    firms = None
    if study.firms is not None:
        named = {*register.firm_ids, *lines["supplier_id"].dropna()}
        firms = read_firms([study.firms], only=named)
    given = {name: read(paths) for name, read in READERS.items() if (paths := getattr(study, name))}
    noted = empty_table("register_problem")
    if "hours" in given:
        given["hours"], noted = name_contracts(given["hours"], register)
    inputs = IndicatorInputs(
        register=register,
        firms=firms,
        payments=lines,
        **given,
        region=study.region or None,
        hours_per_fte=study.hours_per_fte,
        as_of=state.as_of,
        targets=None if study.indicator_targets is None else read_targets(study.indicator_targets),
    )
    last = evaluate_indicators(inputs, state.year)
    # Years before are shown as their publisher counts them; ways of counting stand side by side in
    # the year of the account.
    found = [
        evaluate_indicators(inputs, year, variants=[PUBLISHED])
        for year in range(state.year - YEARS_SHOWN + 1, state.year)
    ]
    values = pd.concat(
        [*(_leave_unknown(each.values, register) for each in found), last.values], ignore_index=True
    )
    frames = {
        "indicator_value": values if study.registers else _without_register(values),
        "indicator_member": last.members,
        "checks": propose_joint_checks(last.members, last.values, width=study.check_width),
        "join": inputs.joined.summary if inputs.joined is not None else pd.DataFrame(),
        "quality": summarise_quality(register),
        "problems": gather_problems(check_inputs(inputs), noted),
        "hours": given.get("hours", pd.DataFrame()),
    }
    names = pd.DataFrame(
        [
            {
                "indicator": each.indicator,
                "number": each.number,
                "axis": each.axis,
                "label_fr": each.label_fr,
                "label_en": each.label_en,
            }
            for each in load_indicators().values()
        ]
    )
    members = pd.concat([*(each.members for each in found), last.members], ignore_index=True)
    return Scheme(register, firms, frames, names, members)


def _leave_unknown(values: pd.DataFrame, register: Register) -> pd.DataFrame:
    """Return the indicators of a year, unknown where the register holds no contract of it.

    A register that begins later says nothing of that year: its counts are not zero.
    """
    notified = register.contracts["notification_date"]
    if notified.isna().any() or {each.year for each in notified} & set(values["year"]):
        return values
    definitions = load_indicators()
    bare = values["indicator"].map(lambda each: definitions[each].from_contracts).astype(bool)
    left = values.copy()
    left.loc[bare, ["known", "low", "high"]] = float("nan")
    left.loc[bare, "written"] = None
    return left


def _without_register(values: pd.DataFrame) -> pd.DataFrame:
    """Return values where those of contracts are unknown: without a register, none is zero."""
    blind = values["indicator"].isin(
        [name for name, each in load_indicators().items() if each.from_contracts]
    )
    figures = ["known", "low", "high", "gap_low", "gap_high"]
    emptied = values.copy()
    emptied.loc[blind, figures] = float("nan")
    emptied.loc[blind, "written"] = None
    emptied.loc[blind, "state"] = emptied.loc[blind, "state"].mask(
        emptied.loc[blind, "target"].notna(), "undecided"
    )
    emptied.loc[blind, "note"] = "no-register"
    return emptied
