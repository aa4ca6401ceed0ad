"""What follows from the figures: up to three decisions, each derived by a stated rule.

Nothing is invented: a decision is a row that another table of the account holds, chosen in this
order, one of each kind.

1. `target-missed`: a target that is missed whatever the unknowns, the farthest in relative terms.
2. `target-undecided`: a target that the unknowns leave open, the fewest contracts to check first.
3. `clause-in-renewals`: the family with most tonnes under contracts that end within 18 months.
4. `measure-family`: the family whose emissions are least sure, by the width of their interval.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["DECISIONS", "MOST_DECISIONS", "propose_decisions"]

DECISIONS = ("target-missed", "target-undecided", "clause-in-renewals", "measure-family")
MOST_DECISIONS = 3

COLUMNS = (
    "code",
    "subject",
    "label_fr",
    "label_en",
    "unit",
    "low",
    "high",
    "target",
    "count",
    "tonnes",
    "day",
)


def propose_decisions(
    *,
    values: pd.DataFrame,
    names: pd.DataFrame,
    checks: pd.DataFrame,
    leverage: pd.DataFrame,
    families: pd.DataFrame,
    until: datetime.date,
    most: int = MOST_DECISIONS,
) -> pd.DataFrame:
    """Return the decisions that the figures call for, by the rules above.

    Parameters
    ----------
    values : pandas.DataFrame
        Schema `indicator_value`: published variants of the year.
    names : pandas.DataFrame
        `indicator`, `label_fr`, `label_en`.
    checks : pandas.DataFrame
        Schema `indicator_check`: contracts to check by hand.
    leverage : pandas.DataFrame
        As `rank_leverage`: shown families only.
    families : pandas.DataFrame
        Shown families: `group`, labels, `emissions_tco2e`, `low_tco2e`, `high_tco2e`.
    until : date
        Last day of the window of `leverage`.
    most : int

    Returns
    -------
    pandas.DataFrame
        `code`, `subject` (indicator or family), labels, `unit`, `low`, `high`, `target`, `count`
        (contracts), `tonnes` (of the family), `day`; at most `most` rows.
    """
    import pandas as pd

    labels = names.set_index("indicator")[["label_fr", "label_en"]].to_dict("index")
    found = [
        _missed(values, labels),
        _undecided(values, labels, checks),
        _renewals(leverage, families, until),
        _unsure(families),
    ]
    rows = [row for row in found if row is not None][:most]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype({"day": object})


def _missed(values: pd.DataFrame, labels: dict[str, Any]) -> dict[str, Any] | None:
    if not len(values):
        return None
    missed = values[(values["state"] == "missed") & values["high"].notna()]
    if not len(missed):
        return None
    gap = (missed["target"] - missed["high"]).abs() / missed["target"].abs()
    return _target_row("target-missed", missed.loc[gap.idxmax()], labels)


def _undecided(
    values: pd.DataFrame, labels: dict[str, Any], checks: pd.DataFrame
) -> dict[str, Any] | None:
    if not len(values):
        return None
    open_ = values[values["state"] == "undecided"]
    served = [set(each.split()) for each in checks["settles"]] if len(checks) else []
    asked = [
        (sum(each in settles for settles in served), rank)
        for rank, each in open_["indicator"].items()
    ]
    asked = [each for each in asked if each[0]]
    if not asked:
        return None
    count, rank = min(asked)
    return {**_target_row("target-undecided", open_.loc[rank], labels), "count": count}


def _target_row(code: str, row: pd.Series, labels: dict[str, Any]) -> dict[str, Any]:
    indicator = str(row["indicator"])
    return {
        "code": code,
        "subject": indicator,
        **labels.get(indicator, {"label_fr": indicator, "label_en": indicator}),
        "unit": row["unit"],
        "low": row["low"],
        "high": row["high"],
        "target": row["target"],
    }


def _renewals(
    leverage: pd.DataFrame, families: pd.DataFrame, until: datetime.date
) -> dict[str, Any] | None:
    if not len(leverage):
        return None
    held = leverage[(leverage["leverage_tco2e"] > 0) & leverage["family"].isin(families["group"])]
    if not len(held):
        return None
    row = held.sort_values(["leverage_tco2e", "family"], ascending=[False, True]).iloc[0]
    return {
        "code": "clause-in-renewals",
        "subject": row["family"],
        "label_fr": row["label_fr"],
        "label_en": row["label_en"],
        "count": int(row["contracts_ending"]),
        # Tonnes of the contracts that end are often those of one supplier: they are not told.
        "tonnes": float(families.set_index("group").loc[row["family"], "emissions_tco2e"]),
        "day": until,
    }


def _unsure(families: pd.DataFrame) -> dict[str, Any] | None:
    if not len(families):
        return None
    known = families[families["group"].notna() & families["high_tco2e"].notna()]
    if not len(known):
        return None
    width = known["high_tco2e"] - known["low_tco2e"]
    row = known.loc[width.idxmax()]
    return {
        "code": "measure-family",
        "subject": row["group"],
        "label_fr": row["label_fr"],
        "label_en": row["label_en"],
        "low": float(row["low_tco2e"]),
        "high": float(row["high_tco2e"]),
    }
