"""A family among its neighbours: the families of the same level, side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lcc.carbon.result import CarbonMap
from lcc.errors import FieldError
from lcc.tables import load_reference
from lcc.units import KG_PER_TONNE

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Neighbours", "compare_neighbours", "name_levels"]

SAME_INTENSITY = 1e-9
"""Relative difference below which two intensities are one: they come from one ratio."""

LEVEL_DIGITS = 2
"""Digits of a family's code that name the level above it."""


@dataclass(frozen=True)
class Neighbours:
    """The families of one level in a year.

    Attributes
    ----------
    level : str
        Two digits.
    label_fr, label_en : str
        Name of the level.
    families : pandas.DataFrame
        Rows of `CarbonMap.table` of the level's families, by falling emissions, with `own` (True
        for the family asked) and `share_of_emissions` (of the level's, 0 to 1; empty where credit
        notes leave none, or nothing is covered).
    intensity_kgco2e_per_eur : float
        Emissions of the level per euro it covers; not a number where it covers none.
    intensity_rank, intensity_tied, intensity_count : int
        Rank of the family by falling intensity (1 where none is higher), how many others share its
        intensity (one ratio serves many families), among how many that have one; 0 where it has
        none.
    """

    level: str
    label_fr: str
    label_en: str
    families: pd.DataFrame
    intensity_kgco2e_per_eur: float
    intensity_rank: int
    intensity_tied: int
    intensity_count: int


def compare_neighbours(carbon: CarbonMap, year: int, family: str) -> Neighbours:
    """Return the families that share the level of one family, in a year.

    Raises
    ------
    FieldError
        If the map holds no such year, or no line of the family in it.
    """
    table = carbon.table("family", year)
    level = family[:LEVEL_DIGITS]
    families = table[table["group"].str.startswith(f"{level}.").fillna(False).astype(bool)]
    if family not in set(families["group"]):
        raise FieldError(
            "the map holds no line of this family in this year",
            field="family",
            found=family,
            expected=", ".join(str(each) for each in table["group"].dropna()[:20]),
        )
    whole = carbon.table("family", year, level)
    emitted, covered_eur = whole["emissions_tco2e"].sum(), whole["covered_eur"].sum()
    known = families.set_index("group")["intensity_kgco2e_per_eur"].dropna()
    own = float(known.get(family, np.nan))
    same = np.isclose(known, own, rtol=SAME_INTENSITY, atol=0.0)
    # With credit notes a part may be more than the whole, or less than nothing: no share then.
    shares = families["emissions_tco2e"] / (emitted if emitted > 0 else np.nan)
    shares = shares.where(shares.between(0, 1) & (families["covered_eur"] != 0))
    names = {
        row["family"]: row for row in load_reference("procurement_map", "families").to_pylist()
    }
    return Neighbours(
        level=level,
        label_fr=names[level]["label_fr"],
        label_en=names[level]["label_en"],
        families=families.assign(
            own=families["group"] == family, share_of_emissions=shares
        ).reset_index(drop=True),
        intensity_kgco2e_per_eur=float(KG_PER_TONNE * emitted / covered_eur)
        if covered_eur
        else np.nan,
        intensity_rank=int(((known > own) & ~same).sum()) + 1 if family in known else 0,
        intensity_tied=max(int(same.sum()) - 1, 0),
        intensity_count=len(known),
    )


def name_levels(families: pd.DataFrame) -> pd.DataFrame:
    """Return families with the name of their level: `domain_fr`, `domain_en`.

    Parameters
    ----------
    families : pandas.DataFrame
        `group`: code of a family, empty where none is known; `label_fr`, `label_en`.

    Returns
    -------
    pandas.DataFrame
        The same rows; what has no family is a level of its own.
    """
    named = {
        row["family"]: row for row in load_reference("procurement_map", "families").to_pylist()
    }
    levels = families["group"].str[:LEVEL_DIGITS]
    return families.assign(
        **{
            f"domain_{language}": [
                named[level][f"label_{language}"] if level in named else label
                for level, label in zip(levels, families[f"label_{language}"], strict=True)
            ]
            for language in ("fr", "en")
        }
    )
