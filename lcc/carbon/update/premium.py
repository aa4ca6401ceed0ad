"""What the price would have said of contracts that are measured.

A factor per euro takes a dearer contract for a larger one: at ten percent more, ten percent more
tonnes. A measured contract emits what it emits, unless its figure is itself per euro.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from lcc.carbon.kilograms import BY_FAMILY, METHODS
from lcc.carbon.result import CarbonMap
from lcc.carbon.update.compare import ContractCells
from lcc.carbon.update.contracts import Measured
from lcc.units import KG_PER_TONNE

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["PRICE_STEP", "compare_prices"]

PRICE_STEP = 0.10
"""Rise in price whose effect is shown."""

COLUMNS = [
    *("contract", "label_fr", "label_en", "family", "year", "spend_eur", "measured_tco2e"),
    *("monetary_tco2e", "difference_tco2e", "measured_step_tco2e", "monetary_step_tco2e"),
]


def compare_prices(
    carbon: CarbonMap, held: ContractCells, measured: Sequence[Measured]
) -> pd.DataFrame:
    """Return measured contracts as measured and as the map without their measurements has them.

    Returns
    -------
    pandas.DataFrame
        One row per contract, family and year measured: `contract`, `label_fr`, `label_en`,
        `family`, `year`, `spend_eur`, `measured_tco2e`, `monetary_tco2e` (of the map before, of the
        same lines), `difference_tco2e` (the first less the second), `measured_step_tco2e` and
        `monetary_step_tco2e` (what a price ten percent higher would add to each). Only lines that
        the map counts in euros make the last one rise.
    """
    import pandas as pd

    labels = carbon.labels.get("contract", {})
    by_family = [METHODS.index(name) for name in BY_FAMILY]
    rows = []
    for each in measured:
        name = labels.get(each.contract, each.contract)
        for year, cells in each.cells.items():
            tonnes = held.emissions.kgco2e[cells] / KG_PER_TONNE
            counted = tonnes[np.isin(held.emissions.method[cells], by_family)].sum()
            taken = float(tonnes.sum()) * each.pooled[year].ratio
            per_euro = sum(
                share
                for (_, share, _), rank in zip(
                    each.pooled[year].errors, each.pooled[year].ranks, strict=True
                )
                if each.compared[rank].basis == "per-euro"
            )
            rows.append(
                {
                    "contract": each.contract,
                    "label_fr": name,
                    "label_en": name,
                    "family": each.family,
                    "year": year,
                    "spend_eur": float(held.spend_eur[cells].sum()),
                    "measured_tco2e": taken,
                    "monetary_tco2e": float(tonnes.sum()),
                    "difference_tco2e": taken - float(tonnes.sum()),
                    "measured_step_tco2e": PRICE_STEP * per_euro * taken,
                    "monetary_step_tco2e": PRICE_STEP * float(counted),
                }
            )
    return pd.DataFrame(rows, columns=COLUMNS)
