"""What a page may show of the purchases: amounts that would give a person away are masked.

Families, directorates, regulatory posts and the contracts that weigh most are tables drawn from the
same payments: they are protected together, so that none gives back what another masks. What is
masked is masked with all its figures; charts show the masked families as one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lcc.budget.tonnes import list_cells, measure_groups, number_groups
from lcc.carbon.posts.result import UNCLASSIFIED, BegesPosts
from lcc.carbon.result import CarbonMap
from lcc.publication.disclosure import Dimension, protect

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "CONTRACTS_SHOWN",
    "MASKED",
    "MASKED_LABELS",
    "Shown",
    "bar_families",
    "mask_rows",
    "protect_purchases",
    "share_posts",
]

MASKED = "masked"
MASKED_LABELS = {
    "label_fr": "Familles masquées (secret)",
    "label_en": "Masked families (confidential)",
}
CONTRACTS_SHOWN = 10
"""Contracts that a page lists by tonnes."""

UNSTATED = ""
"""Value of a dimension that a payment does not state."""

OTHERS = "\x00others"
"""Contracts that a page does not list, together; no number is written so."""

VALUES = ("spend_eur", "covered_eur", "emissions_tco2e")
KEPT = ("group", "family", "post", "contract", "label", "label_fr", "label_en", "end_date")
"""Columns that say what a row is of, and stay where its figures are masked."""


@dataclass(frozen=True)
class Shown:
    """Which rows of each table may be shown.

    Attributes
    ----------
    hidden : mapping of str to frozenset of str
        By dimension (`family`, `directorate`, `post`, `contract`), the groups that are masked.
    rule : mapping of str to tuple of str
        The rule in sentences, by language.
    """

    hidden: Mapping[str, frozenset[str]]
    rule: Mapping[str, tuple[str, ...]]

    def count(self, dimension: str) -> int:
        """Return how many groups of a dimension are masked."""
        return len(self.hidden[dimension])


def protect_purchases(
    contributions: pd.DataFrame,
    year: int,
    *,
    posts: pd.DataFrame,
    contracts: Sequence[str],
) -> Shown:
    """Return which groups of each table of a year's purchases are masked.

    Parameters
    ----------
    contributions : pandas.DataFrame
        As `list_contributions`.
    year : int
    posts : pandas.DataFrame
        As `share_posts`: what of each family goes to which post.
    contracts : sequence of str
        Contracts that a page lists.

    Raises
    ------
    DisclosureError
        If no masking protects the persons.
    """
    import pandas as pd

    rows = contributions[contributions["year"] == year].copy()
    for name in ("family", "directorate", "contract"):
        rows[name] = rows[name].fillna(UNSTATED)
    listed = set(contracts)
    rows["contract"] = rows["contract"].where(rows["contract"].isin(listed), OTHERS)
    rows = rows.merge(posts, on="family", how="left")
    rows["post"] = rows["post"].fillna(UNSTATED)
    part = rows["part"].fillna(1.0)
    for name in VALUES:
        rows[name] = rows[name] * part
    dimensions = ("family", "directorate", "post", "contract")
    found = protect(
        rows[["supplier", "person", *dimensions, *VALUES]],
        [Dimension(each) for each in dimensions],
        VALUES,
        tables=[["family", "contract"], ["directorate"], ["post"]],
        # The total stands first on the page, whatever is masked below it.
        before=pd.DataFrame([{**dict.fromkeys(dimensions), "protection": "shown"}]),
    )
    cells = found.cells
    hidden = {}
    for name in dimensions:
        others = [each for each in dimensions if each != name]
        alone = cells[cells[name].notna() & cells[others].isna().all(axis=1)]
        hidden[name] = frozenset(alone.loc[alone["protection"] != "shown", name]) - {OTHERS}
    return Shown(hidden, {language: tuple(each) for language, each in found.rule.items()})


def share_posts(posts: BegesPosts) -> pd.DataFrame:
    """Return what part of each family's emissions goes to which regulatory post.

    Returns
    -------
    pandas.DataFrame
        `family` (empty where none is known), `post`, `part` (parts of a family add up to 1).
    """
    import numpy as np
    import pandas as pd

    inventory = posts.inventory
    cell = inventory.shares.cell
    purchases = cell < inventory.quantities_from
    kilograms = np.abs(inventory.emissions.kgco2e[cell] * inventory.shares.share)
    frame = pd.DataFrame(
        {
            "family": inventory.cells["family"].to_pandas().reindex(cell).to_numpy(),
            "post": [each or UNCLASSIFIED for each in inventory.shares.post],
            "part": kilograms,
        }
    )[purchases & inventory.this_year]
    frame["family"] = frame["family"].where(frame["family"].notna(), UNSTATED)
    summed = frame.groupby(["family", "post"], as_index=False)["part"].sum()
    whole = summed.groupby("family")["part"].transform("sum")
    return summed[summed["part"] > 0].assign(part=summed["part"] / whole)


def mask_rows(table: pd.DataFrame, key: str, hidden: frozenset[str]) -> pd.DataFrame:
    """Return a table whose hidden rows hold no figure, with a column `protection`.

    `protection` is `shown` or `masked`; of a masked row only what it is of stays. Masked rows come
    last, by name: their place would tell their size.
    """
    covered = table[key].fillna(UNSTATED).isin(hidden)
    masked = table.loc[covered, [each for each in table.columns if each in KEPT]]
    by = "label_fr" if "label_fr" in masked else key
    masked = masked.sort_values(by, kind="stable").reindex(columns=table.columns)
    import pandas as pd

    parts = [
        table[~covered].assign(protection="shown"),
        masked.assign(protection=MASKED),
    ]
    return pd.concat([each for each in parts if len(each)] or parts[:1], ignore_index=True)


def bar_families(
    carbon: CarbonMap, year: int, families: pd.DataFrame, hidden: frozenset[str]
) -> pd.DataFrame:
    """Return the table of families, the masked ones as one row whose figures are their sums.

    The sum is no secret: it is what the total leaves of the families shown. Its interval counts the
    errors they share once.

    Parameters
    ----------
    carbon : CarbonMap
    year : int
    families : pandas.DataFrame
        `CarbonMap.table("family", year)`.
    hidden : frozenset of str
        Families that are masked.
    """
    import pandas as pd

    covered = families["group"].fillna(UNSTATED).isin(hidden)
    shown = families[~covered]
    if not covered.any():
        return shown.reset_index(drop=True)
    rows = list_cells(carbon, "family", "family", "budget_year")
    keys = [each[1] == year and (each[0] or UNSTATED) in hidden for each in rows]
    interval = measure_groups(carbon, "family", number_groups(keys, [True]), 1)
    merged: dict[str, Any] = {
        name: families.loc[covered, name].sum()
        for name in ("lines", "spend_eur", "covered_eur", "uncovered_eur")
    }
    tonnes = float(interval.mean[0])
    merged |= {
        "group": MASKED,
        **MASKED_LABELS,
        "emissions_tco2e": tonnes,
        "low_tco2e": float(interval.low[0]),
        "high_tco2e": float(interval.high[0]),
        "intensity_kgco2e_per_eur": (
            tonnes * 1000 / merged["covered_eur"] if merged["covered_eur"] else float("nan")
        ),
    }
    table = pd.concat([shown, pd.DataFrame([merged])], ignore_index=True)
    return table.sort_values("emissions_tco2e", ascending=False, kind="stable", ignore_index=True)
