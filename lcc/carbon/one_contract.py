"""What a map holds of one contract: what was paid and emitted, year by year."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from lcc.carbon.result import CarbonMap

__all__ = ["contract_emissions"]

COLUMNS = [
    "year", "spend_eur", "covered_eur", "coverage", "emissions_tco2e", "low_tco2e", "high_tco2e",
]  # fmt: skip


def contract_emissions(
    carbon: CarbonMap, contract: str, buyer_id: str | None = None
) -> pd.DataFrame:
    """Return what was spent under a contract and what that emitted, one row per year it has any.

    Parameters
    ----------
    carbon : CarbonMap
        Made by `contract`.
    contract : str
        Number of the contract, as the payments name it.
    buyer_id : str, optional
        SIRET of its buyer: a map of several buyers has it before the number.

    Returns
    -------
    pandas.DataFrame
        `year`, `spend_eur`, `covered_eur` (euros excl. VAT), `coverage` (0 to 1),
        `emissions_tco2e` with its interval at 95 %. No row: the map names no such contract, which
        does not say that nothing was paid.

    Raises
    ------
    FieldError
        If the map was not made by contract.
    """
    keys = [contract] if buyer_id is None else [contract, f"{buyer_id} {contract}"]
    rows = []
    for year in carbon.years:
        table = carbon.table("contract", year)
        found = table[table["group"].isin(keys)].assign(year=year)
        rows.append(found.reindex(columns=COLUMNS))
    held = [each for each in rows if len(each)]
    return pd.concat(held, ignore_index=True) if held else pd.DataFrame(columns=COLUMNS)
