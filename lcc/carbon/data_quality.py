"""How good the data are: what rests on which quality of factor, and which lines were flagged.

The quality of a factor is a score from 1 (measured by the supplier) to 5 (very approximate), a
column of the factor tables. Shares are of what moved: a credit note counts with its size, so that
it cannot make a part more than the whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lcc.carbon.result import CarbonMap
from lcc.tables import load_reference
from lcc.units import CENTS_PER_EUR, KG_PER_TONNE

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["FLAGS", "QUALITY_CLASSES", "count_flags", "measure_quality"]

FLAGS = "flags"
"""Dimension of a map whose groups are the rules that repaired or flagged a line."""

QUALITY_CLASSES = (1, 2, 3, 4, 5)
NO_FACTOR = 0


def measure_quality(
    carbon: CarbonMap, year: int | None = None, family: str | None = None
) -> pd.DataFrame:
    """Return spending and emissions by quality of the factor they rest on.

    Parameters
    ----------
    carbon : CarbonMap
    year : int, optional
        Only this budget year.
    family : str, optional
        Only this purchasing family, or this segment.

    Returns
    -------
    pandas.DataFrame
        `quality_class` (1 to 5; empty for spending without a factor), `lines`, `spend_eur`,
        `share_of_spend`, `emissions_tco2e`, `share_of_emissions` (0 to 1, of amounts without their
        sign); classes that hold no line are left out.

    Raises
    ------
    FieldError
        If the map holds no such year.
    """
    import pandas as pd

    chosen = carbon.choose_cells("family", year, family)
    cells, found = carbon.cells["family"], carbon.emissions()
    covered = np.asarray(cells["factor_key"].is_valid().to_numpy(zero_copy_only=False))
    frame = pd.DataFrame(
        {
            "quality_class": np.where(covered, found.quality, NO_FACTOR).astype(int),
            "lines": cells["line_count"].to_numpy(),
            "spend_eur": cells["spend_cents"].to_numpy() / CENTS_PER_EUR,
            "emissions_tco2e": found.kgco2e / KG_PER_TONNE,
        }
    )[chosen]
    moved = frame[["spend_eur", "emissions_tco2e"]].abs().groupby(frame["quality_class"]).sum()
    sums = frame.groupby("quality_class")[["lines", "spend_eur", "emissions_tco2e"]].sum()
    for name, share in (("spend_eur", "share_of_spend"), ("emissions_tco2e", "share_of_emissions")):
        whole = moved[name].sum()
        sums[share] = moved[name] / whole if whole > 0 else np.nan
    # Spending without a factor comes last: it has no quality, not the worst one.
    order = sorted(sums.index, key=lambda each: (each == NO_FACTOR, each))
    sums = sums.loc[order].reset_index()
    classes = sums["quality_class"].astype("Int64")
    sums["quality_class"] = classes.where(classes != NO_FACTOR)
    columns = ["quality_class", "lines", "spend_eur", "share_of_spend"]
    return sums[[*columns, "emissions_tco2e", "share_of_emissions"]]


def count_flags(
    carbon: CarbonMap, year: int | None = None, family: str | None = None
) -> pd.DataFrame:
    """Return how many lines each rule of the check repaired or flagged.

    A line may have met several rules; it counts once for each.

    Returns
    -------
    pandas.DataFrame
        `code`, `label_fr`, `label_en` (the rule's sentence), `treatment` (`flag` or `repair`),
        `lines`, `share_of_lines` (0 to 1, of the lines chosen), `spend_eur`; flags first, then by
        falling number of lines.

    Raises
    ------
    FieldError
        If the map holds no such year, or was not made by `flags`.
    """
    carbon.emissions(FLAGS)
    chosen = carbon.choose_cells(FLAGS, year, family)
    cells = carbon.cells[FLAGS].to_pandas()[chosen]
    codes = cells.assign(code=cells["group_key"].str.split(" ")).explode("code")
    codes = codes[codes["code"].notna()]
    sums = codes.groupby("code", as_index=False)[["line_count", "spend_cents"]].sum()
    rules = load_reference("procurement_map", "rules").to_pandas()
    rules = rules.rename(
        columns={"sentence_fr": "label_fr", "sentence_en": "label_en", "severity": "treatment"}
    )
    table = sums.merge(rules[["code", "label_fr", "label_en", "treatment"]], on="code", how="left")
    lines = int(cells["line_count"].sum())
    table = table.assign(
        lines=table["line_count"].astype(int),
        share_of_lines=table["line_count"] / lines if lines else np.nan,
        spend_eur=table["spend_cents"] / CENTS_PER_EUR,
    )
    table = table.sort_values(["treatment", "lines", "code"], ascending=[True, False, True])
    columns = ["code", "label_fr", "label_en", "treatment", "lines", "share_of_lines", "spend_eur"]
    found: pd.DataFrame = table[columns].reset_index(drop=True)
    return found
