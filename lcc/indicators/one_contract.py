"""What one contract is to each published indicator: it counts, does not, or may."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from lcc.indicators.definitions import PUBLISHED, Indicator, load_indicators
from lcc.indicators.evaluate import evaluate_indicators
from lcc.indicators.expression import PARAMETERS
from lcc.indicators.inputs import IndicatorInputs

if TYPE_CHECKING:
    from lcc.register.firms import Firms
    from lcc.register.register import Register

__all__ = ["contract_in_indicators"]

COLUMNS = ["indicator", "label_fr", "label_en", "membership", "missing"]
SEVERITY = ("counts", "unknown", "perimeter", "does-not", "outside")
"""Of several awards of one contract, what is said of the contract: the first of these."""


def contract_in_indicators(
    register: Register,
    contract: pd.Series,
    *,
    firms: Firms | None = None,
    region: str | None = None,
) -> pd.DataFrame:
    """Return what a contract is to each indicator of contracts, counted as published.

    Only what hangs together with it is read: its consultation, its framework agreement, the orders
    under it. The year is that of its notification; without one, no row.

    Parameters
    ----------
    register : Register
        The whole register.
    contract : pandas.Series
        Row of the contract (schema `contract`).
    firms : Firms, optional
        Size, region and status of firms; without it, unknown.
    region : str, optional
        Region of interest; without it, indicators that name it are left out.

    Returns
    -------
    pandas.DataFrame
        `indicator`, `label_fr`, `label_en`, `membership` (`counts`, `does-not`, `unknown`,
        `perimeter`, `outside`) and `missing` (fields or tags that would settle it).
    """
    notified = contract["notification_date"]
    if notified is None or pd.isna(notified):
        return pd.DataFrame(columns=COLUMNS)
    near = _around(register, contract)
    wanted = {
        name: each
        for name, each in load_indicators().items()
        if each.from_contracts and (region is not None or not _names_a_region(each))
    }
    inputs = IndicatorInputs(near, firms=firms, region=region)
    found = evaluate_indicators(
        inputs, pd.Timestamp(notified).year, variants=[PUBLISHED], indicators=wanted
    )
    members = found.members
    mine = members[[contract["contract"] in str(each).split("; ") for each in members["contracts"]]]
    rows = []
    for name, each in wanted.items():
        of_it = mine[mine["indicator"] == name]
        said = [word for word in SEVERITY if word in set(of_it["outcome"])]
        words = " ".join(of_it["missing"].dropna()).split()
        rows.append(
            (name, each.label_fr, each.label_en, said[0] if said else "outside",
             " ".join(dict.fromkeys(words)))
        )  # fmt: skip
    return pd.DataFrame(rows, columns=COLUMNS)


def _names_a_region(indicator: Indicator) -> bool:
    """Tell whether an indicator needs the region of interest."""
    return any(
        parameter in (text or "")
        for parameter in PARAMETERS
        for text in (indicator.perimeter, indicator.counts)
    )


def _around(register: Register, contract: pd.Series) -> Register:
    """Return the contracts that hang together with one, with what is stated of them."""
    every = register.contracts
    same_buyer = (every["buyer_id"] == contract["buyer_id"]) | (
        every["buyer_id"].isna() & pd.isna(contract["buyer_id"])
    )
    keep = every["contract"] == contract["contract"]
    for field, value in (
        ("consultation", contract["consultation"]),
        ("contract", contract["framework"]),
        ("framework", contract["framework"]),
        ("framework", contract["contract"]),
    ):
        if value is not None and not pd.isna(value):
            keep |= every[field] == value
    contracts = every[keep & same_buyer]
    numbers = set(contracts["contract"])

    def restrict(table: pd.DataFrame) -> pd.DataFrame:
        return table[table["contract"].isin(numbers)]

    return replace(
        register,
        contracts=contracts.reset_index(drop=True),
        holders=restrict(register.holders).reset_index(drop=True),
        modifications=restrict(register.modifications).reset_index(drop=True),
        tags=restrict(register.tags).reset_index(drop=True),
        candidates=restrict(register.candidates).reset_index(drop=True),
        problems=restrict(register.problems).reset_index(drop=True),
    )
