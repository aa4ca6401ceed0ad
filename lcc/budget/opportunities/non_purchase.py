"""Purchases that may not need to be made: reuse, repair, share, rent, extend, or do without.

Alternatives are those of the project's table `non_purchase`, by family; what the buyer spends on
the family says what is at stake, not what would be spared. Where the family is near a category of
article 58 of the AGEC law, the shares that the law asks of the year stand beside: as a reference,
since a category is narrower than a family.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lcc.budget.opportunities.words import family_label
from lcc.tables import load_reference

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ALTERNATIVES", "list_alternatives"]

ALTERNATIVES = ("avoid", "reuse", "repair", "extend", "share", "rent")
"""Kinds of alternatives: first what buys nothing."""

COLUMNS = [
    "family", "label_fr", "label_en", "alternative", "spend_eur", "emissions_tco2e", "low_tco2e",
    "high_tco2e", "contracts_ending", "condition_fr", "condition_en", "reasoning_fr",
    "reasoning_en", "to_know_fr", "to_know_en", "agec_category", "reuse_share", "recycled_share",
    "source", "locator", "status",
]  # fmt: skip


def list_alternatives(
    families: pd.DataFrame, year: int, ending: Mapping[str, int] | None = None
) -> pd.DataFrame:
    """Return the alternatives to what a buyer buys, family by family.

    Parameters
    ----------
    families : pandas.DataFrame
        See `lcc.budget.grid.leverage.measure_families`: what each family weighs in the year.
    year : int
        Year whose shares of the AGEC law are shown.
    ending : mapping of str to int, optional
        Family → number of its contracts that end in the window, when the question is asked anew.

    Returns
    -------
    pandas.DataFrame
        One row per family and alternative: euros and tonnes of the whole family in the year with
        their interval, `contracts_ending`, when the alternative may serve, why, what must be known
        to decide, its source or that it is a judgement; the families that emit most first. A
        family that the buyer does not buy has no row.
    """
    import pandas as pd

    quotas = _quotas(year)
    rows: list[dict[str, Any]] = []
    weighed = {row["family"]: row for row in families.to_dict("records") if row["spend_eur"] > 0}
    for row in load_reference("procurement_map", "non_purchase").to_pylist():
        measured = weighed.get(row["family"])
        if measured is None:
            continue
        reuse, recycled = quotas.get(row["agec_category"], (None, None))
        rows.append(
            {
                **row,
                "label_fr": family_label(row["family"], "fr"),
                "label_en": family_label(row["family"], "en"),
                **{
                    name: measured[name]
                    for name in ("spend_eur", "emissions_tco2e", "low_tco2e", "high_tco2e")
                },
                "contracts_ending": (ending or {}).get(row["family"], 0),
                "reuse_share": reuse,
                "recycled_share": recycled,
            }
        )
    table = pd.DataFrame(rows, columns=COLUMNS)
    rank = {name: place for place, name in enumerate(ALTERNATIVES)}
    table = table.assign(order=[rank[each] for each in table["alternative"]])
    table = table.sort_values(
        ["emissions_tco2e", "family", "order"], ascending=[False, True, True], kind="stable"
    )
    return table.drop(columns="order").reset_index(drop=True)


def _quotas(year: int) -> dict[str, tuple[float | None, float | None]]:
    """Return the shares reused and recycled that the law asks of a year, by category."""
    found: dict[str, tuple[float | None, float | None]] = {}
    rows: Sequence[dict[str, Any]] = load_reference("procurement_map", "agec_quotas").to_pylist()
    for row in sorted(rows, key=lambda each: each["year_from"]):
        if row["year_from"] <= year:
            found[row["category"]] = (row["reuse_share"], row["recycled_share"])
    return found
