"""Tables of an account as a page shows them: what comes first, and three years side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lcc.indicators.definitions import PUBLISHED, load_targets
from lcc.indicators.shown import checks_shown, values_shown
from lcc.yearly.account import Yearly
from lcc.yearly.protection import list_public_awards

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "MAIN_INDICATORS",
    "checks_to_show",
    "main_targets",
    "published_years",
    "real_change",
    "start_tonnes",
]

MAIN_INDICATORS = ("social-clause", "environmental-consideration", "insertion-hours-performed")
"""The three targets of the scheme: 30 %, 100 %, 400 000 hours."""


def main_targets(account: Yearly, language: str) -> list[dict[str, Any]]:
    """Return the indicators of the three targets, as the way of counting that has a target.

    Where the year has none, the published way, with the first target of a later year: `next_target`
    and `next_year`, None where there is none.
    """
    values = account.found.values
    rows = []
    for indicator in MAIN_INDICATORS:
        own = values[values["indicator"] == indicator]
        aimed = own[own["target"].notna()]
        ways = list(aimed["variant"]) or [PUBLISHED]
        way = PUBLISHED if PUBLISHED in ways else ways[0]
        shown = values_shown(own, language, variant=way).to_dict("records")
        later = {} if len(aimed) else _next_target(indicator, account.year)
        rows += [{str(name): value for name, value in each.items()} | later for each in shown]
    return rows


def _next_target(indicator: str, year: int) -> dict[str, Any]:
    """Return the first target of an indicator that starts after a year."""
    starts = [
        (each.valid_from.year, each.value)
        for each in load_targets()
        if each.indicator == indicator and each.valid_from and each.valid_from.year > year
    ]
    if not starts:
        return {"next_target": None, "next_year": None}
    first, target = min(starts)
    return {"next_target": target, "next_year": first}


def checks_to_show(account: Yearly, language: str) -> pd.DataFrame:
    """Return the contracts to check first; an awarded amount only where it is public."""
    # It asks a study for its indicators alone, and an account has them under the same name.
    study: Any = account
    checks = checks_shown(study, language, width=float(account.study["check_width"]))
    public = list_public_awards(
        account.register, account.contributions, str(account.study["buyer"]["siret"])
    )
    return checks.assign(amount_eur=checks["amount_eur"].where(checks["contract"].isin(public)))


def published_years(account: Yearly, language: str) -> pd.DataFrame:
    """Return the indicators of the last years, as their publisher counts them, with `label`."""
    return values_shown(account.values, language)


def real_change(account: Yearly) -> dict[str, Any] | None:
    """Return what is left of the change since last year once its other causes are taken away.

    None where last year is not known.
    """
    table = account.table("readings")
    if not len(table):
        return None
    rows = table[table["reading"] == "real"].to_dict("records")
    return {str(name): value for name, value in rows[0].items()}


def start_tonnes(account: Yearly) -> float:
    """Return the tonnes the steps of the change start from: published, else recomputed."""
    this_year = float(account.carbon.total(account.year)["emissions_tco2e"].iloc[0])
    return this_year - float(account.table("steps")["change_tco2e"].sum())
