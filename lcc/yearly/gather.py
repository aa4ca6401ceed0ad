"""Everything one year says, gathered on a day: the one function behind `lcc bilan`.

What is dated after the day does not count. What a study has no file for is left without a row, and
the page says so: nothing is filled in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lcc.carbon.study import is_demo
from lcc.clauses.contract_file import open_clause
from lcc.clauses.evaluation import evaluate_clause
from lcc.clauses.measurements import Measurement
from lcc.clauses.uploads import read_measurements
from lcc.errors import FieldError
from lcc.files import describe_file
from lcc.indicators.definitions import PUBLISHED
from lcc.register.register import Register
from lcc.units import CENTS_PER_EUR
from lcc.version import __version__
from lcc.yearly.account import Yearly
from lcc.yearly.climate import Climate, check_year, gather_climate
from lcc.yearly.comparison import compare_with_last_year
from lcc.yearly.decisions import propose_decisions
from lcc.yearly.money import Money, list_contributions, open_money
from lcc.yearly.posts import share_posts
from lcc.yearly.protection import (
    Shown,
    bar_families,
    hide_perimeter,
    is_one_person,
    leave_out_ending,
    list_public_awards,
    mask_rows,
    protect_indicators,
    protect_purchases,
)
from lcc.yearly.scheme import gather_scheme
from lcc.yearly.state import State, choose_day, decide_state
from lcc.yearly.study import YearlyStudy
from lcc.yearly.trials import list_trials

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CONTRACTS_SHOWN", "default_account_year", "gather_year"]

CONTRACTS_SHOWN = 10
"""Contracts that a page lists, those with most tonnes first."""


def default_account_year(study: YearlyStudy) -> int:
    """Return the year of an account for which none is asked: the last of the study's accounts.

    Raises
    ------
    FieldError
        If the study gives no accounts.
    """
    from lcc.budget.accounts.table import read_accounts

    if not study.accounts:
        raise FieldError(
            "the year of the account is not given",
            file=study.file,
            field="year",
            expected="--year 2025, or accounts in the study: the last of them is taken",
        )
    return max(int(each) for each in read_accounts(list(study.accounts)).years)


def gather_year(study: YearlyStudy, year: int = 0, as_of: str = "") -> Yearly:
    """Return the account of a year as it stands on a day.

    Parameters
    ----------
    study : YearlyStudy
        As `open_study`.
    year : int
        Budget year; 0 for the last of the study's accounts.
    as_of : str
        Day it is read (2026-03-31); by default that on which the accounts were adopted, else the
        last day of the year. Never today's.

    Raises
    ------
    InputError
        If a file cannot be read.
    FieldError
        If the year or the day does not fit, or no payment is of the year.
    """
    chosen = year or default_account_year(study)
    day = choose_day(as_of, chosen, study.accounts_final)
    money = open_money(study, day)
    check_year(money.carbon, chosen, study.file)
    state = decide_state(
        chosen, day, accounts_years=money.accounts_years, accounts_final=study.accounts_final
    )
    scheme = gather_scheme(study, state, money)
    climate = gather_climate(money, study, state, scheme.register)
    contributions = list_contributions(money.carbon, scheme.firms)
    shown = protect_purchases(contributions, chosen, posts=share_posts(climate.posts))
    hidden = shown.hidden["family"]
    values = protect_indicators(
        scheme.frames["indicator_value"], scheme.members, contributions, scheme.frames["hours"]
    )
    frames = {
        **climate.frames,
        "contributions": contributions,
        "families": mask_rows(climate.frames["families"], "group", hidden),
        "family_bars": bar_families(money.carbon, chosen, climate.frames["families"], hidden),
        "directorates": mask_rows(
            climate.frames["directorates"], "group", shown.hidden["directorate"]
        ),
        "contracts": _list_heaviest(
            climate.frames["contracts"],
            scheme.register,
            list_public_awards(scheme.register, contributions, study.buyer.siret),
        ),
        "posts": mask_rows(climate.frames["posts"], "post", shown.hidden["post"]),
        "leverage": _leave_out(climate.frames["leverage"], "family", hidden),
        "uncovered": _by_reason(climate.frames["uncovered"]),
        "trials": list_trials(study.tests),
        "clauses": _follow_clauses(study, state),
        **scheme.frames,
        "indicator_value": values,
        **compare_with_last_year(study, state, money.carbon),
    }
    frames |= hide_perimeter(frames, contributions, (chosen - 1, chosen))
    bare = contributions[(contributions["year"] == chosen) & (contributions["covered_eur"] == 0)]
    frames["decisions"] = propose_decisions(
        values=values[(values["year"] == chosen) & (values["variant"] == PUBLISHED)],
        names=scheme.names,
        checks=scheme.frames["checks"],
        leverage=leave_out_ending(
            frames["leverage"],
            contributions[contributions["year"] == chosen],
            _ending(climate, state),
        ),
        families=_leave_out(climate.frames["families"], "group", hidden),
        until=climate.until,
    )
    return Yearly(
        state=state,
        study=study.choices() | {"demo": study.demo or is_demo(money.carbon)},
        carbon=money.carbon,
        register=scheme.register,
        frames=frames,
        facts=_tell(money, shown, climate)
        | {"previous": study.previous is not None, "uncovered_masked": is_one_person(bare)},
        manifest=_describe(study, money),
    )


def _list_heaviest(
    contracts: pd.DataFrame, register: Register, public: frozenset[str]
) -> pd.DataFrame:
    """Return the contracts that weigh most in tonnes, with what the register publishes of them.

    What was paid under them is left out (`lcc.yearly.protection`); what was awarded is public.
    """
    named = contracts[contracts["contract"].notna()].head(CONTRACTS_SHOWN)
    stated = register.contracts.drop_duplicates("contract", keep=False)
    table = named[["contract", "label", "family", "end_date"]].merge(
        stated[["contract", "kind", "amount_eur"]], on="contract", how="left"
    )
    awarded = table["amount_eur"].where(table["contract"].isin(public))
    return (
        table.drop(columns="amount_eur")
        .astype({"label": object})
        .rename(columns={"kind": "contract_kind"})
        .assign(awarded_eur=awarded)
    )


def _ending(climate: Climate, state: State) -> frozenset[str]:
    """Return the contracts that end in the window of the decisions."""
    table = climate.frames["contracts"]
    ends = table[table["contract"].notna() & table["end_date"].notna()]
    return frozenset(
        contract
        for contract, end in zip(ends["contract"], ends["end_date"], strict=True)
        if state.as_of < end <= climate.until
    )


def _leave_out(table: pd.DataFrame, key: str, hidden: frozenset[str]) -> pd.DataFrame:
    """Return the rows of a table whose group is not masked."""
    return table[~table[key].fillna("").isin(hidden)].reset_index(drop=True)


def _by_reason(uncovered: pd.DataFrame) -> pd.DataFrame:
    """Return spending without a factor by reason: its families may be masked, their sum is not."""
    return uncovered.groupby("reason", as_index=False)[["lines", "spend_eur"]].sum()


def _follow_clauses(study: YearlyStudy, state: State) -> pd.DataFrame:
    """Return where each contract with a carbon clause stands on the day, by what was measured."""
    import pandas as pd

    if not study.clauses:
        return pd.DataFrame()
    contracts = [open_clause(each) for each in study.clauses]
    measured = [
        _as_on(each, state)
        for each in read_measurements(list(study.measurements), contracts)
        if each.end <= state.as_of
    ]
    found = evaluate_clause(contracts, measured, study.comparable, as_of=state.as_of)
    effects = found.effects_table()
    kept = [
        each
        for each in ("contract", "measured_tco2e", "unchanged_tco2e", "effect", "effect_low",
                     "effect_high")
        if each in effects
    ]  # fmt: skip
    # Contractors are left out: the page says where a clause stands, not who holds the contract.
    status = found.status_table().drop(columns="supplier")
    return status.merge(effects[kept], on="contract", how="left")


def _as_on(measurement: Measurement, state: State) -> Measurement:
    """Return a measurement as it stood on the day: what was verified later was still pending."""
    if measurement.verified_on is None or measurement.verified_on <= state.as_of:
        return measurement
    return replace(measurement, verified_by="", verified_on=None)


def _tell(money: Money, shown: Shown, climate: Climate) -> dict[str, Any]:
    """Return the single facts of an account."""
    return {
        "later_lines": money.later_lines,
        "later_eur": money.later_cents / CENTS_PER_EUR,
        "posts_tco2e": float(climate.posts.total()["tco2e"].iloc[0]),
        "masked": {name: shown.count(name) for name in sorted(shown.hidden)},
        "rule": {language: list(each) for language, each in sorted(shown.rule.items())},
        "until": climate.until.isoformat(),
    }


def _describe(study: YearlyStudy, money: Money) -> dict[str, Any]:
    """Return what an account was made of: files with their checksums, the manifest of its map."""
    files: Mapping[str, Any] = {
        name: [describe_file(each) for each in paths if each.is_file()]
        for name, paths in study.files().items()
    }
    return {
        "software": f"lcc {__version__}",
        "inputs": {name: each for name, each in files.items() if each},
        "map": money.carbon.manifest,
    }
