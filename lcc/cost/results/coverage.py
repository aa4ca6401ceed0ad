"""What the tonnes of a study cover: whether any item has emissions, and which energy has none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lcc.cost.study import Item, Study

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["covers_emissions", "list_uncounted_energy"]


def _emits(item: Item, study: Study) -> bool:
    """Tell whether an item has kilograms of its own; those avoided elsewhere are none."""
    stated = item.emissions_kgco2e is not None and item.emissions_stage != "avoided"
    return stated or (item.factor is not None and study.factors[item.factor].stage != "avoided")


def covers_emissions(study: Study) -> bool:
    """Tell whether any item of any alternative has a factor or kilograms.

    Where none has, tonnes of zero would say that nothing is emitted: they are not known.
    """
    return any(_emits(item, study) for each in study.alternatives for item in each.items)


def list_uncounted_energy(study: Study) -> pd.DataFrame:
    """Return the energy items that have neither factor nor kilograms, in the order of the study.

    Returns
    -------
    DataFrame
        Columns `alternative` (key), `item` (name in the study), `label_fr` and `label_en`
        (alternative and item).
    """
    import pandas as pd

    rows = [
        (
            each.key,
            item.name,
            f"{each.label} : {item.name}",
            f"{each.label_en or each.label}: {item.label_en or item.name}",
        )
        for each in study.alternatives
        for item in each.items
        if item.category == "energy" and item.factor is None and item.emissions_kgco2e is None
    ]
    return pd.DataFrame(rows, columns=["alternative", "item", "label_fr", "label_en"])
